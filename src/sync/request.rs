//! What a comparison is asked for, and which objects the fast answer is enough for.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::AppRef;
use super::absence::Doubts;
use super::moving::Former;
use crate::cluster::{Cluster, Discovery, StatusPart};
use crate::object::redact::Redactor;
use crate::object::{Object, options};
use crate::plan::admission::Mutators;
use crate::plan::applyset::{GroupKind, Scope};
use crate::plan::{Fast, Mutations, fast};

/// What to compare.
pub struct Request<'a> {
    pub cluster: &'a Cluster,
    pub discovery: &'a Discovery,
    pub app: &'a AppRef,
    /// The id of the app's ApplySet.
    pub set: Arc<str>,
    /// With their namespaces settled and the member label set.
    pub desired: &'a [Object],
    /// What the parent records; `None` when there is no parent yet.
    pub recorded: Option<&'a Scope>,
    /// Recorded kinds that discovery lacks and that may not be gone.
    pub doubts: &'a Doubts,
    /// Kinds of which a person says that nothing is left where they cannot be read.
    pub assumed_gone: &'a BTreeSet<GroupKind>,
    /// What parents of the same app in other namespaces record.
    pub former: &'a [Former],
    /// Ask the server about every object.
    pub exact: bool,
    pub mutations: Mutations,
    pub mutators: &'a Mutators,
    /// Keep both sides of what differs, whole, for a unified diff.
    pub keep_live: bool,
    pub redactor: &'a Redactor,
}

impl Request<'_> {
    /// Whether the fast answer is enough to call a live object in sync with the desired one at `n`.
    pub(super) fn is_surely_in_sync(&self, n: usize, live: &Object) -> bool {
        let desired = &self.desired[n];
        let is_open = self.exact
            || self.mutations(desired) == Mutations::Counted
            || self.is_open(desired, live);
        !is_open && matches!(fast(desired, live), Fast::InSync)
    }

    /// Whether an apply may do what no manifest tells: admission came since the last one, or the kind has no subresource for its status.
    pub(super) fn is_open(&self, desired: &Object, live: &Object) -> bool {
        let has_status = desired.value.get("status").is_some();
        if !has_status && self.mutators.are_none() {
            return false;
        }
        let gvk = desired.gvk();
        let Some(api) = self.discovery.get(&gvk) else {
            return true;
        };
        (has_status && api.status == StatusPart::Content)
            || self.mutators.may_change(&gvk.group, &api.plural, live)
    }

    /// Whether what admission adds to this object is drift, by what the app or the object says.
    pub(super) fn mutations(&self, desired: &Object) -> Mutations {
        match options::includes_mutations(desired) {
            true => Mutations::Counted,
            false => self.mutations,
        }
    }
}
