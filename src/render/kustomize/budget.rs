//! How far a build may outgrow what was written: copies of copies double with each line that asks for them.
//!
//! Only what is copied by the large is counted, so that no honest overlay comes near the end of it.

use std::cell::Cell;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::object::yaml::{Node, NodeKind};

/// Bytes that the copies of one build may take, about. Its own tests reach it sooner.
const BYTES: usize = if cfg!(test) { 2 << 20 } else { 64 << 20 };
/// Copies smaller than this are free: as many as there are places to put them cost no more than what is there.
const FREE: usize = 256;
/// A node, with its place in the list or map it stands in.
const NODE: usize = 100;
/// Bytes that names, labels and annotations may add to the objects of one build, and those that generators may put in, about.
const SPREAD: usize = if cfg!(test) { 4 << 20 } else { 256 << 20 };
const GENERATED: usize = if cfg!(test) { 1 << 20 } else { 64 << 20 };
/// Layers that one build may run, each as often as it is reached.
const LAYERS: usize = 5_000;

/// What is left for one build.
#[derive(Debug)]
pub struct Budget {
    bytes: Cell<usize>,
    spread: Cell<usize>,
    generated: Cell<usize>,
    layers: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            bytes: Cell::new(BYTES),
            spread: Cell::new(SPREAD),
            generated: Cell::new(GENERATED),
            layers: Cell::new(LAYERS),
        }
    }
}

impl Budget {
    /// Pays for a copy before it is made.
    pub fn copy(&self, bytes: usize) -> Result<()> {
        if bytes <= FREE {
            return Ok(());
        }
        match self.bytes.get().checked_sub(bytes) {
            Some(left) => {
                self.bytes.set(left);
                Ok(())
            }
            None => Err(Error::render(format!(
                "the build copies more than {} MB from field to field",
                BYTES >> 20
            ))
            .hint("a replacement or patch copies a part into itself again and again")),
        }
    }

    /// Pays for what one field of a kustomization puts into many objects, before it is put there.
    pub fn spread(&self, each: usize, objects: usize) -> Result<()> {
        let left = self.spread.get();
        match left.checked_sub(each.saturating_mul(objects)) {
            Some(left) => {
                self.spread.set(left);
                Ok(())
            }
            None => Err(Error::render(format!(
                "names, labels and annotations add more than {} MB to the objects of one build; here {} KB to each of {objects}",
                SPREAD >> 20,
                each.div_ceil(1 << 10)
            ))
            .hint("shorten them, or split the kustomization into several apps")),
        }
    }

    /// Pays for the content of a generated object before it is made.
    pub fn generated(&self, bytes: usize) -> Result<()> {
        match self.generated.get().checked_sub(bytes) {
            Some(left) => {
                self.generated.set(left);
                Ok(())
            }
            None => Err(Error::render(format!(
                "the generators of one build hold more than {} MB",
                GENERATED >> 20
            ))
            .hint("an API server takes at most about 1 MB an object: split the content, or keep it elsewhere")),
        }
    }

    /// Counts a layer that is about to run.
    pub fn layer(&self) -> Result<()> {
        match self.layers.get().checked_sub(1) {
            Some(left) => {
                self.layers.set(left);
                Ok(())
            }
            None => Err(
                Error::render(format!("more than {LAYERS} layers run in one build")).hint(
                    "bases or components that reach one another by many ways run once for each",
                ),
            ),
        }
    }
}

/// About how many bytes pairs take in a map.
pub fn pairs_size(pairs: &[(String, String)]) -> usize {
    let one = |(key, value): &(String, String)| 2 * NODE + key.len() + value.len();
    pairs.iter().map(one).sum()
}

/// About how many bytes a copy of a node takes.
pub fn size(node: &Node) -> usize {
    NODE + match &node.kind {
        NodeKind::Scalar(scalar) => scalar.text.len(),
        NodeKind::Sequence(items) => items.iter().map(size).sum(),
        NodeKind::Mapping(entries) => entries
            .iter()
            .map(|(key, value)| size(key) + size(value))
            .sum(),
    }
}

/// The same of a value.
pub fn value_size(value: &Value) -> usize {
    NODE + match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(value_size).sum(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| NODE + key.len() + value_size(value))
            .sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spread_is_paid_before_it_is_there() {
        let budget = Budget::default();
        budget.spread(SPREAD / 4, 2).expect("half of it");
        let error = budget
            .spread(SPREAD / 4, 3)
            .expect_err("too much")
            .message();
        assert!(error.contains("to each of 3"), "{error}");
        budget
            .spread(SPREAD / 4, 2)
            .expect("what failed costs nothing");
        budget
            .spread(usize::MAX, usize::MAX)
            .expect_err("no overflow");
    }
}
