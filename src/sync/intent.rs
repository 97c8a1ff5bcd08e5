//! What a sync of a comparison would change, as one value: for the question before it, and for asking again when the cluster has
//! changed since. Pure: nothing is sent.

use std::collections::BTreeSet;

use super::compare::Resource;
use super::foreign::refusal;
use super::prepare::Prepared;
use super::prune::decide;
use super::replace::is_due;
use super::run::{Options, writes};
use crate::object::Key;

/// The objects that a sync changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intent {
    /// Created, or changed in place.
    pub written: BTreeSet<Key>,
    /// Deleted and created anew.
    pub replaced: BTreeSet<Key>,
    pub deleted: BTreeSet<Key>,
    /// What changes in the records beside the objects, for people.
    pub records: Vec<String>,
}

impl Intent {
    pub fn of(prepared: &Prepared, options: &Options) -> Self {
        let deletions = if options.prune {
            decide(prepared, &options.guards).delete
        } else {
            Vec::new()
        };
        let is_replaced = |resource: &&Resource| {
            let desired = resource.desired.and_then(|n| prepared.desired.get(n));
            desired.is_some_and(|desired| is_due(resource, desired, options.rewriting))
        };
        let keys = |resources: Vec<&Resource>| {
            let keys = resources.into_iter().map(|resource| resource.key.clone());
            keys.collect()
        };
        let writes = writes(prepared).into_iter();
        let writes = writes.filter(|resource| refusal(prepared, resource, options).is_none());
        let (replaced, written) = writes.partition(is_replaced);
        Self {
            written: keys(written),
            replaced: keys(replaced),
            deleted: deletions.into_iter().map(|it| it.key).collect(),
            records: prepared.record_changes(),
        }
    }

    /// How many objects change.
    pub fn n_changes(&self) -> usize {
        self.written.len() + self.replaced.len() + self.deleted.len()
    }

    /// Whether this takes away something that `shown` does not: what was agreed to does not cover it.
    pub fn exceeds(&self, shown: &Self) -> bool {
        !self.deleted.is_subset(&shown.deleted) || !self.replaced.is_subset(&shown.replaced)
    }
}
