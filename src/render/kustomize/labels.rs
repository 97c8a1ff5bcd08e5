//! `labels`, `commonLabels` and `commonAnnotations`: keys set in maps.

use super::config::Tables;
use super::fieldspec::{FieldSpec, Make, Specs, walk};
use super::kustomization::Labels;
use super::node::{self, NodeExt};
use super::set::ResourceSet;
use super::shared;
use crate::error::{Error, Result};
use crate::object::yaml::Node;

/// Sets the pairs in the maps that the specs lead to; values that are there are overwritten.
pub fn apply(set: &mut ResourceSet, pairs: &[(String, String)], specs: &Specs) -> Result<()> {
    if pairs.is_empty() {
        return Ok(());
    }
    for resource in set.items_mut() {
        let gvk = resource.id.gvk.clone();
        let values: Vec<(&str, Node)> = pairs
            .iter()
            .map(|(key, value)| {
                let value = resource.shared.share(node::string(value.clone()));
                (key.as_str(), value)
            })
            .collect();
        resource.edit(|object| {
            specs.of(&gvk).try_for_each(|spec| {
                walk(object, spec, Make::Map, &mut |map| {
                    if !map.is_map() {
                        return Err(Error::render(format!(
                            "wrong node kind: expected MappingNode but got {}",
                            map.kind_name()
                        )));
                    }
                    for (key, value) in &values {
                        match map.get_mut(key) {
                            Some(field) => shared::overwrite(field, value),
                            None => map.set(key, value.clone()),
                        }
                    }
                    Ok(())
                })
            })
        })?;
    }
    Ok(())
}

/// The specs of one entry of `labels`.
pub fn specs_of(entry: &Labels, tables: &Tables) -> Result<Specs> {
    let mut specs = Specs(entry.fields.clone());
    specs.merge(tables.labels.0.clone())?;
    if entry.include_selectors {
        specs.merge(tables.common_labels.0.clone())?;
        return Ok(specs);
    }
    if entry.include_templates {
        specs.merge(tables.template_labels.0.clone())?;
    }
    if entry.include_claim_templates {
        specs.merge(tables.claim_template_labels.0.clone())?;
    }
    specs.merge(vec![FieldSpec::new(
        Default::default(),
        "metadata/labels",
        true,
    )])?;
    Ok(specs)
}
