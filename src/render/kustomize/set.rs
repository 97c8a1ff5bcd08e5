//! The objects of a layer in their order, with an index by every id they have or had.

use std::collections::HashMap;

use super::generators;
use super::id::Id;
use super::resource::{Behavior, Resource};
use crate::error::{Error, Result};

/// Objects in order. Appending and looking up take constant time.
#[derive(Debug, Clone, Default)]
pub struct ResourceSet {
    items: Vec<Resource>,
    /// Digest of a present or previous id to positions; `None` after the objects were lent out for writing.
    index: Option<HashMap<u64, Vec<usize>>>,
}

impl ResourceSet {
    pub fn items(&self) -> &[Resource] {
        &self.items
    }

    /// Lends the objects out for writing; the index is made anew when it is next asked for.
    pub fn items_mut(&mut self) -> &mut Vec<Resource> {
        self.index = None;
        &mut self.items
    }

    pub fn into_items(self) -> Vec<Resource> {
        self.items
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    fn index(&mut self) -> &mut HashMap<u64, Vec<usize>> {
        let items = &self.items;
        self.index.get_or_insert_with(|| {
            let mut index: HashMap<u64, Vec<usize>> = HashMap::with_capacity(items.len());
            for (position, resource) in items.iter().enumerate() {
                for digest in resource.digests() {
                    index.entry(digest).or_default().push(position);
                }
            }
            index
        })
    }

    /// Positions of the objects that have or had this id.
    pub fn with_any_id(&mut self, id: &Id) -> Vec<usize> {
        let positions = self.index().get(&id.digest()).cloned().unwrap_or_default();
        positions
            .into_iter()
            .filter(|&position| self.items[position].had_id(id))
            .collect()
    }

    /// Adds an object; its id must be new.
    pub fn append(&mut self, resource: Resource) -> Result<()> {
        let digest = resource.id.digest();
        let items = &self.items;
        let taken = self.index.as_ref().and_then(|index| index.get(&digest));
        let taken = match (&self.index, taken) {
            (Some(_), taken) => taken,
            (None, _) => {
                self.index();
                return self.append(resource);
            }
        };
        let clash = taken
            .into_iter()
            .flatten()
            .map(|&position| &items[position])
            .find(|other| other.id.is_same(&resource.id));
        if let Some(other) = clash {
            return Err(registered_twice(&resource, other));
        }
        let position = self.items.len();
        let digests = resource.digests();
        self.items.push(resource);
        for digest in digests {
            self.index().entry(digest).or_default().push(position);
        }
        Ok(())
    }

    pub fn append_all(&mut self, others: Vec<Resource>) -> Result<()> {
        others.into_iter().try_for_each(|other| self.append(other))
    }

    /// Takes in a generated object: adds it, or merges it into the one that has its name.
    pub fn absorb(&mut self, generated: Resource) -> Result<()> {
        let found = self.with_any_id(&generated.id);
        let behavior = generated.behavior;
        match (found.as_slice(), behavior) {
            ([], Behavior::Unspecified | Behavior::Create) => self.append(generated),
            ([], Behavior::Merge | Behavior::Replace) => Err(Error::render(format!(
                "id `{}` does not exist; cannot merge or replace",
                generated.id
            ))),
            (&[position], Behavior::Merge | Behavior::Replace) => {
                // It keeps the old one's ids, present and previous, so the index stays right.
                let old = &self.items[position];
                self.items[position] =
                    generators::onto(generated, old, behavior == Behavior::Merge)?;
                Ok(())
            }
            (&[position], Behavior::Unspecified | Behavior::Create) => Err(Error::render(format!(
                "id `{}` exists ({}); can not use behavior: '{}', behavior must be merge or replace",
                generated.id,
                self.items[position].location,
                behavior.as_str()
            ))),
            _ => Err(Error::render(format!(
                "found multiple objects `{}` that could accept merge",
                generated.id
            ))),
        }
    }

    /// Lends one object out; follow with [`ResourceSet::reindex`] if its ids may have changed.
    pub fn item_mut(&mut self, position: usize) -> &mut Resource {
        &mut self.items[position]
    }

    /// Notes the ids that an object got since it had those of `before`.
    pub fn reindex(&mut self, position: usize, before: &[u64]) {
        let Some(index) = &mut self.index else {
            return;
        };
        for digest in self.items[position].digests() {
            if !before.contains(&digest) {
                index.entry(digest).or_default().push(position);
            }
        }
    }

    /// Two objects that have the same id by now, if there are any.
    pub fn clash(&self) -> Option<(&Resource, &Resource)> {
        let mut seen = HashMap::with_capacity(self.len());
        self.items.iter().find_map(|resource| {
            let other: &Resource = seen.insert(resource.id.digest(), resource)?;
            other.id.is_same(&resource.id).then_some((resource, other))
        })
    }

    /// The real program puts all objects into a new set after some steps, and would not get two of one id into it.
    pub fn check_ids(&self) -> Result<()> {
        match self.clash() {
            Some((resource, other)) => Err(registered_twice(resource, other)),
            None => Ok(()),
        }
    }

    /// Drops the objects that a transformer emptied.
    pub fn drop_empty(&mut self) {
        use super::node::NodeExt;
        if self
            .items
            .iter()
            .any(|resource| resource.node.is_empty_value())
        {
            self.items_mut()
                .retain(|resource| !resource.node.is_empty_value());
        }
    }
}

fn registered_twice(resource: &Resource, other: &Resource) -> Error {
    Error::render(format!(
        "may not add resource with an already registered id: {} (it also stands in {})",
        resource.id, other.location
    ))
    .at(resource.location.file.clone(), resource.location.line, 0)
}
