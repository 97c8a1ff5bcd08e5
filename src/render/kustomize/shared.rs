//! Labels and annotations that one transformer put in several places of an object: one value to the real program, so that
//! whoever changes it in one place changes it in all.
//!
//! A pair of `commonLabels` lands in `metadata.labels`, in a selector and in a pod template as one node. A patch that sets the
//! label in an outer layer thereby sets the selector too. What replaces a whole map, as a JSON patch does, ends the sharing.

use std::collections::HashMap;

use super::node::NodeExt;
use crate::object::yaml::{Node, NodeKind};

/// The values of an object that stand in several places. A node made by a transformer has no line; its column then is the
/// number of its value, from 1 on.
#[derive(Debug, Clone, Default)]
pub struct SharedValues(Vec<Node>);

fn number(node: &Node) -> Option<usize> {
    match (node.line, node.column) {
        (0, 0) => None,
        (0, column) => usize::try_from(column).ok(),
        _ => None,
    }
}

fn same_content(a: &Node, b: &Node) -> bool {
    a.kind == b.kind && a.tag == b.tag
}

/// Puts a value where one may be: a node that is there keeps its place in the world.
pub fn overwrite(field: &mut Node, value: &Node) {
    field.kind = value.kind.clone();
    field.tag.clone_from(&value.tag);
}

impl SharedValues {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes a value that may be put in several places.
    pub fn share(&mut self, mut value: Node) -> Node {
        value.line = 0;
        value.column = u32::try_from(self.0.len() + 1).unwrap_or(0);
        self.0.push(value.clone());
        value
    }

    /// After a step that may have written in some of the places: the others follow.
    pub fn settle(&mut self, object: &mut Node) {
        let mut written: Vec<(usize, Node)> = Vec::new();
        each(object, &mut |node, number| {
            if let Some(known) = self.0.get(number - 1)
                && !same_content(known, node)
            {
                written.push((number - 1, node.clone()));
            }
        });
        if written.is_empty() {
            return;
        }
        for (position, value) in written {
            self.0[position] = value;
        }
        self.spread(object);
    }

    fn spread(&self, object: &mut Node) {
        each(object, &mut |node, number| {
            if let Some(known) = self.0.get(number - 1) {
                overwrite(node, known);
            }
        });
    }

    /// Notes what a strategic merge patch writes over shared values of the object, in the order in which the real program
    /// goes through both; of several writes the last counts.
    pub fn note_patch(&mut self, object: &Node, patch: &Node) {
        let (Some(own), Some(changes)) = (object.entries(), patch.entries()) else {
            return;
        };
        if patch.get("$patch").is_some() {
            return;
        }
        let mut changed: HashMap<&str, &Node> = HashMap::with_capacity(changes.len());
        for (key, change) in changes {
            if let Some(key) = key.text() {
                changed.entry(key).or_insert(change);
            }
        }
        let mut both: Vec<(&str, &Node, &Node)> = own
            .iter()
            .filter_map(|(key, value)| {
                let key = key.text()?;
                changed.get(key).map(|change| (key, value, *change))
            })
            .collect();
        both.sort_by_key(|(key, _, _)| *key);
        for (_, value, change) in both {
            match number(value) {
                Some(number) if change.is_scalar() && !change.is_null() => {
                    if let Some(known) = self.0.get_mut(number - 1) {
                        overwrite(known, change);
                    }
                }
                _ => self.note_patch(value, change),
            }
        }
    }

    /// After a patch that was noted: every place gets what was written last.
    pub fn settle_patch(&self, object: &mut Node) {
        if !self.is_empty() {
            self.spread(object);
        }
    }
}

/// Visits the shared values of an object.
fn each(node: &mut Node, visit: &mut dyn FnMut(&mut Node, usize)) {
    match &mut node.kind {
        NodeKind::Scalar(_) => {
            if let Some(number) = number(node) {
                visit(node, number);
            }
        }
        NodeKind::Sequence(items) => items.iter_mut().for_each(|item| each(item, visit)),
        NodeKind::Mapping(entries) => entries.iter_mut().for_each(|(_, value)| each(value, visit)),
    }
}
