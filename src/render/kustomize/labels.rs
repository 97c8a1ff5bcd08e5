//! `labels`, `commonLabels` and `commonAnnotations`: keys set in maps.

use std::collections::HashMap;

use super::budget::{Budget, pairs_size};
use super::config::Tables;
use super::fieldspec::{FieldSpec, Make, Specs, walk};
use super::kustomization::Labels;
use super::node::{self, Entries, NodeExt};
use super::set::ResourceSet;
use super::shared;
use crate::error::{Error, Result};
use crate::object::yaml::Node;

/// From so many pairs on, the keys of a map are found by an index of them.
const MANY: usize = 16;

/// Sets the pairs in the maps that the specs lead to; values that are there are overwritten.
pub fn apply(
    set: &mut ResourceSet,
    pairs: &[(String, String)],
    specs: &Specs,
    budget: &Budget,
) -> Result<()> {
    if pairs.is_empty() {
        return Ok(());
    }
    let places = |gvk| specs.of(gvk).filter(|spec| spec.create).count();
    let n_places = set.items().iter().map(|resource| places(&resource.id.gvk));
    budget.spread(pairs_size(pairs), n_places.sum())?;
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
                    let kind = map.kind_name();
                    let Some(entries) = map.entries_mut() else {
                        return Err(Error::render(format!(
                            "wrong node kind: expected MappingNode but got {kind}"
                        )));
                    };
                    set_all(entries, &values);
                    Ok(())
                })
            })
        })?;
    }
    Ok(())
}

/// Sets values in a map, in time that grows with the two and not with their product.
fn set_all(entries: &mut Entries, values: &[(&str, Node)]) {
    let mut index: Option<HashMap<String, usize>> = (values.len() > MANY).then(|| {
        let mut index = HashMap::with_capacity(entries.len() + values.len());
        for (n, (key, _)) in entries.iter().enumerate() {
            if let Some(key) = key.text() {
                index.entry(key.to_owned()).or_insert(n);
            }
        }
        index
    });
    for (key, value) in values {
        let place = match &index {
            Some(index) => index.get(*key).copied(),
            None => entries.iter().position(|(k, _)| k.text() == Some(key)),
        };
        match place.and_then(|place| entries.get_mut(place)) {
            Some((_, field)) => shared::overwrite(field, value),
            None => {
                if let Some(index) = &mut index {
                    index.insert((*key).to_owned(), entries.len());
                }
                entries.push((Node::plain(*key), value.clone()));
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_pairs_are_set_as_few_are() {
        let before: Entries = ["k3", "other", "k40", "k3"]
            .map(|key| (Node::plain(key), node::string("old")))
            .into();
        let keys: Vec<String> = (0..50).map(|n| format!("k{n}")).collect();
        let values: Vec<(&str, Node)> = keys
            .iter()
            .chain(&keys[..2])
            .map(|key| (key.as_str(), node::string(format!("new {key}"))))
            .collect();
        let (mut at_once, mut one_by_one) = (before.clone(), before);
        set_all(&mut at_once, &values);
        for value in values.chunks(1) {
            set_all(&mut one_by_one, value);
        }
        assert_eq!(at_once, one_by_one);
        assert_eq!(at_once.len(), 52);
    }
}
