//! `namePrefix` and `nameSuffix`.

use super::budget::Budget;
use super::fieldspec::{FieldSpec, Make, Specs, walk};
use super::node::NodeExt;
use super::resource::Resource;
use super::set::ResourceSet;
use crate::error::Result;

/// How often a part of a name is held for an object, about.
const COPIES: usize = 5;

/// Which end of a name is added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Prefix,
    Suffix,
}

/// Puts `affix` on the fields of every object; the names it had are remembered.
pub fn apply(
    set: &mut ResourceSet,
    affix: &str,
    end: End,
    specs: &Specs,
    budget: &Budget,
) -> Result<()> {
    if affix.is_empty() {
        return Ok(());
    }
    // In the object, in its id, in what it was called before, and as a part of its own.
    budget.spread(COPIES * affix.len(), set.len())?;
    for resource in set.items_mut() {
        if is_skipped(resource) {
            continue;
        }
        let gvk = resource.id.gvk.clone();
        for spec in specs.of(&gvk) {
            if spec.path == "metadata/name" {
                resource.remember();
                match end {
                    End::Prefix => resource.prefixes.push(affix.to_owned()),
                    End::Suffix => resource.suffixes.push(affix.to_owned()),
                }
            }
            put(resource, spec, affix, end)?;
        }
        resource.refresh();
    }
    Ok(())
}

fn put(resource: &mut Resource, spec: &FieldSpec, affix: &str, end: End) -> Result<()> {
    resource.edit(|node| {
        walk(node, spec, Make::Text, &mut |field| {
            let Some(text) = field.text() else {
                return Err(crate::error::Error::render(format!(
                    "wrong node kind: expected ScalarNode but got {}",
                    field.kind_name()
                )));
            };
            let name = match end {
                End::Prefix => format!("{affix}{text}"),
                End::Suffix => format!("{text}{affix}"),
            };
            field.set_text(name);
            Ok(())
        })
    })
}

/// Kinds whose name is not free: what it is called is what it does.
fn is_skipped(resource: &Resource) -> bool {
    match resource.original_kind() {
        "CustomResourceDefinition" | "Namespace" => true,
        "APIService" => resource.id.gvk.group == "apiregistration.k8s.io",
        _ => false,
    }
}
