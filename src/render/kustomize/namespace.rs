//! `namespace`: moves objects, renames Namespace objects, and fixes the default account in role bindings.

use super::budget::Budget;
use super::fieldspec::{FieldSpec, Make, Specs, walk};
use super::node::{self, NodeExt};
use super::resource::Resource;
use super::set::ResourceSet;
use super::shared;
use crate::error::{Error, Result};
use crate::object::yaml::Node;

/// How often a namespace is held for an object, about.
const COPIES: usize = 5;

/// Which subjects of role bindings get the namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Subjects {
    /// Those named `default`.
    #[default]
    DefaultOnly,
    AllServiceAccounts,
    None,
}

/// What the namespace step does.
#[derive(Debug, Clone, Default)]
pub struct Namespace<'a> {
    pub namespace: &'a str,
    /// Only where none is set.
    pub unset_only: bool,
    pub subjects: Subjects,
}

/// Moves every object into the namespace.
pub fn apply(
    set: &mut ResourceSet,
    step: &Namespace<'_>,
    specs: &Specs,
    budget: &Budget,
) -> Result<()> {
    if step.namespace.is_empty() {
        return Ok(());
    }
    budget.spread(COPIES * step.namespace.len(), set.len())?;
    for resource in set.items_mut() {
        if resource.from_helm {
            continue;
        }
        resource.remember();
        move_one(resource, step, specs)?;
    }
    check_conflicts(set, step.namespace)
}

/// Moves one object. It does not remember where it was.
pub fn move_one(resource: &mut Resource, step: &Namespace<'_>, specs: &Specs) -> Result<()> {
    let gvk = resource.id.gvk.clone();
    let is_cluster_scoped = resource.id.is_cluster_scoped();
    resource.edit(|object| {
        if !is_cluster_scoped {
            let metadata = FieldSpec::new(Default::default(), "metadata/namespace", true);
            walk(object, &metadata, Make::Text, &mut |field| {
                set_field(field, step)
            })?;
        }
        if gvk.kind == "RoleBinding" || gvk.kind == "ClusterRoleBinding" {
            subjects(object, step)?;
        }
        for spec in specs.of(&gvk) {
            let is_namespace_name = spec.gvk.kind == "Namespace" && spec.path == "metadata/name";
            let is_done = spec.path == "metadata/namespace"
                || (is_namespace_name && !gvk.group.is_empty())
                || (spec.path == "subjects/namespace" && gvk.kind.ends_with("RoleBinding"));
            if !is_done {
                walk(object, spec, Make::Text, &mut |field| {
                    set_field(field, step)
                })?;
            }
        }
        Ok(())
    })?;
    resource.refresh();
    Ok(())
}

fn set_field(field: &mut Node, step: &Namespace<'_>) -> Result<()> {
    let Some(text) = field.text() else {
        return Err(Error::render(
            "namespace field specs must target scalar nodes",
        ));
    };
    if !step.unset_only || text.is_empty() || field.is_null() {
        // Text, even if it looks like a number.
        shared::overwrite(field, &node::string(step.namespace));
    }
    Ok(())
}

fn subjects(object: &mut Node, step: &Namespace<'_>) -> Result<()> {
    let Some(subjects) = object.get_mut("subjects").filter(|node| !node.is_null()) else {
        return Ok(());
    };
    let Some(subjects) = subjects.items_mut() else {
        return Err(Error::render("`subjects` is not a list"));
    };
    for subject in subjects {
        if step.subjects != Subjects::None && !subject.is_map() && !subject.is_null() {
            return Err(Error::render(format!(
                "a subject in line {} must be a map",
                subject.line
            )));
        }
        let is_meant = match step.subjects {
            Subjects::None => false,
            Subjects::DefaultOnly => subject.text_at(&["name"]) == "default",
            Subjects::AllServiceAccounts => subject.text_at(&["kind"]) == "ServiceAccount",
        };
        if !is_meant {
            continue;
        }
        if let Some(field) = subject.entry_or("namespace", || node::string("")) {
            set_field(field, step)?;
        }
    }
    Ok(())
}

/// Two objects that had different ids may not end up with one.
fn check_conflicts(set: &ResourceSet, namespace: &str) -> Result<()> {
    match set.clash() {
        None => Ok(()),
        Some((resource, other)) => Err(resource.blame(Error::render(format!(
            "namespace transformation to `{namespace}` produces ID conflict with the object in {}",
            other.location
        )))),
    }
}
