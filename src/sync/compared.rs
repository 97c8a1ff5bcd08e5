//! What a comparison says of one object. It reads nothing.

use std::sync::Arc;

use super::handover::Planned;
use crate::error::Error;
use crate::health::{self, Health, Status};
use crate::object::redact::Redactor;
use crate::object::{Gvk, Key, Object, labels, options};
use crate::plan::owners::Owner;
use crate::plan::ownership::own_mark;
use crate::plan::ownership::owns_membership;
use crate::plan::takeover::is_relabelled_by_hand;
use crate::plan::{Change, ResourceStatus};

/// What a live object is, beyond its differences.
#[derive(Debug, Clone)]
pub struct Live {
    pub uid: String,
    pub resource_version: String,
    /// How it says that it is being deleted, where it is.
    pub deletion: Option<Box<str>>,
    /// Whether pushboat's own apply set the member label.
    pub is_own_member: bool,
    /// RFC 3339.
    pub created: String,
    /// The ApplySet it says it belongs to; empty when none, or when a person wrote that over the label that pushboat applied.
    pub set: Arc<str>,
    /// What an apply goes by, where the server was asked about the object.
    pub mark: Option<Mark>,
    pub health: Option<Health>,
}

/// A version of a live object, and the mark of pushboat's own entry in its `managedFields`.
#[derive(Debug, Clone)]
pub struct Mark {
    pub resource_version: String,
    pub own: u64,
}

impl Mark {
    pub fn of(object: &Object) -> Self {
        Self {
            resource_version: object.resource_version().to_owned(),
            own: own_mark(object),
        }
    }
}

/// Whether what an object says of itself is a difference of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drift {
    Counted,
    /// It left git, and its compare options say `IgnoreExtraneous`.
    Ignored,
}

/// One object and how it stands.
#[derive(Debug, Clone)]
pub struct Resource {
    pub key: Key,
    /// Of its API group.
    pub version: String,
    /// Index into the desired objects; `None` for extras.
    pub desired: Option<usize>,
    pub status: ResourceStatus,
    pub drift: Drift,
    pub changes: Vec<Change>,
    /// Why the answer did not come from the server's own dry run, if it did not.
    pub not_exact: Option<String>,
    pub error: Option<Error>,
    pub live: Option<Live>,
    /// Whose it is, where a sync takes it over.
    pub taken_from: Vec<Owner>,
    /// The live object and what an apply makes of it, where that was asked for.
    pub sides: Option<Box<(Object, Object)>>,
    /// What is taken from other owners before it is applied.
    pub handover: Option<Box<Planned>>,
}

impl Resource {
    pub fn gvk(&self) -> Gvk {
        Gvk {
            group: self.key.group.clone(),
            version: self.version.clone(),
            kind: self.key.kind.clone(),
        }
    }

    /// Whether a sync sends something for it: because it differs, or because nothing tells any more that pushboat applied it.
    pub fn needs_write(&self) -> bool {
        let is_desired = self.desired.is_some();
        is_desired && (self.status != ResourceStatus::InSync || self.is_disowned())
    }

    /// It is as desired, and pushboat's own entry in `managedFields` is gone or lost the member label.
    pub fn is_disowned(&self) -> bool {
        let is_own = |live: &Live| live.is_own_member;
        self.status == ResourceStatus::InSync && !self.live.as_ref().is_none_or(is_own)
    }
}

/// `own` is the id of the app's ApplySet, which nearly all its objects share.
pub(super) fn live(object: &Object, own: &Arc<str>) -> Live {
    let label = object.label(labels::APPLYSET_PART_OF).unwrap_or_default();
    let set = match label == &**own || !is_relabelled_by_hand(object) {
        true => label,
        // Drift, as any other label that a person edits.
        false => "",
    };
    Live {
        uid: object.uid().to_owned(),
        resource_version: object.resource_version().to_owned(),
        deletion: object.deletion().map(String::into_boxed_str),
        is_own_member: owns_membership(object),
        created: created(object),
        set: if set == &**own {
            Arc::clone(own)
        } else {
            set.into()
        },
        mark: None,
        health: known_health(object),
    }
}

/// Its health, where more than its metadata was read: without a spec and a status nobody knows how it does.
fn known_health(object: &Object) -> Option<Health> {
    let is_whole = |key: &String| !matches!(key.as_str(), "apiVersion" | "kind" | "metadata");
    let fields = object.value.as_object()?;
    let is_known = fields.keys().any(is_whole) || object.deletion().is_some();
    is_known.then(|| health::health(object)).flatten()
}

/// Takes known secrets out of what an object's status says. The words of a healthy one are our own.
pub(super) fn without_secrets(redactor: &Redactor, health: &mut Health) {
    if health.status != Status::Healthy && !health.message.is_empty() {
        health.message = redactor.text(&health.message);
    }
}

/// When an object was created, as the server wrote it.
pub fn created(object: &Object) -> String {
    let time = object
        .value
        .pointer("/metadata/creationTimestamp")
        .and_then(|time| time.as_str());
    time.unwrap_or_default().to_owned()
}

/// A member that is not desired any more.
pub(super) fn extra(object: &Object, own: &Arc<str>) -> Resource {
    Resource {
        desired: None,
        drift: match options::ignores_extraneous(object) {
            true => Drift::Ignored,
            false => Drift::Counted,
        },
        live: Some(live(object, own)),
        ..resource(object, 0, ResourceStatus::Extra)
    }
}

pub(super) fn resource(object: &Object, n: usize, status: ResourceStatus) -> Resource {
    Resource {
        key: object.key(),
        version: object.gvk().version,
        desired: Some(n),
        status,
        drift: Drift::Counted,
        changes: Vec::new(),
        not_exact: None,
        error: None,
        live: None,
        taken_from: Vec::new(),
        sides: None,
        handover: None,
    }
}
