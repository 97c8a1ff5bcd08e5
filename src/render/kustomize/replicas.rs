//! `replicas`: the number of copies of objects by name.

use super::fields::Fields;
use super::fieldspec::{FieldSpec, Make, Specs, walk};
use super::node::{self, NodeExt};
use super::resource::Resource;
use super::set::ResourceSet;
use crate::error::{Error, Result};
use crate::object::yaml::{Node, NodeKind, Style};

/// One entry of `replicas`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replica {
    pub name: String,
    pub count: i64,
}

impl Replica {
    pub fn read(node: &Node, file: &str, is_strict: bool) -> Result<Self> {
        let mut fields = if is_strict {
            Fields::strict(node, "replicas", file)?
        } else {
            Fields::lenient(node, "replicas", file)?
        };
        let replica = Self {
            name: fields.text("name")?,
            count: fields.integer("count")?.unwrap_or_default(),
        };
        fields.finish()?;
        Ok(replica)
    }
}

/// Sets the count on every object that has or had the name; none at all is an error.
pub fn apply(set: &mut ResourceSet, replica: &Replica, specs: &Specs) -> Result<()> {
    let mut found = false;
    // No index is needed: names and kinds stay as they are.
    for spec in &specs.0 {
        for resource in set.items_mut() {
            if is_meant(resource, replica, spec) {
                found = true;
                let gvk = resource.id.gvk.clone();
                if !spec.selects(&gvk) {
                    // It was of that kind before; now it is not changed.
                    continue;
                }
                resource.edit(|object| {
                    walk(object, spec, Make::Plain, &mut |field| {
                        if !field.is_scalar() {
                            return Err(Error::render(format!(
                                "wrong node kind: expected ScalarNode but got {}",
                                field.kind_name()
                            )));
                        }
                        // What was between quotes stays so.
                        field.set_text(replica.count.to_string());
                        if matches!(&field.kind, NodeKind::Scalar(scalar) if scalar.style == Style::Plain) {
                            field.tag = Some(node::tag("int"));
                        }
                        Ok(())
                    })
                })?;
            }
        }
    }
    if found {
        return Ok(());
    }
    let kinds: Vec<&str> = specs.0.iter().map(|spec| spec.gvk.kind.as_str()).collect();
    Err(Error::render(format!(
        "`replicas`: no object of kind {} has the name `{}`",
        kinds.join(", "),
        replica.name
    )))
}

fn is_meant(resource: &Resource, replica: &Replica, spec: &FieldSpec) -> bool {
    let mut gvk = resource.id.gvk.clone();
    if resource.id.name == replica.name && spec.selects(&gvk) {
        return true;
    }
    resource.history.iter().any(|previous| {
        gvk.kind.clone_from(&previous.kind);
        previous.name == replica.name && spec.selects(&gvk)
    })
}
