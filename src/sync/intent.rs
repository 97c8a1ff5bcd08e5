//! What a sync of a comparison would change, as one value: for the question before it, and for asking again when the cluster has
//! changed since. Pure: nothing is sent.

use std::collections::BTreeSet;

use super::prepare::Prepared;
use super::prune::decide;
use super::run::{Options, writes};
use crate::object::Key;

/// The objects that a sync changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intent {
    /// Created, or changed in place.
    pub written: BTreeSet<Key>,
    pub deleted: BTreeSet<Key>,
}

impl Intent {
    pub fn of(prepared: &Prepared, options: &Options) -> Self {
        let deletions = if options.prune {
            decide(prepared, &options.guards).delete
        } else {
            Vec::new()
        };
        Self {
            written: writes(prepared)
                .into_iter()
                .map(|resource| resource.key.clone())
                .collect(),
            deleted: deletions.into_iter().map(|it| it.key).collect(),
        }
    }

    /// How many objects change.
    pub fn n_changes(&self) -> usize {
        self.written.len() + self.deleted.len()
    }

    /// Whether this takes away something that `shown` does not: what was agreed to does not cover it.
    pub fn exceeds(&self, shown: &Self) -> bool {
        !self.deleted.is_subset(&shown.deleted)
    }
}
