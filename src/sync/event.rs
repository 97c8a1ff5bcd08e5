//! What a sync tells while it runs. Progress lines and CI logs are readers of it.
//!
//! Every text in here is already safe from secrets; making it safe to print is the reader's part.

use crate::error::Error;
use crate::health::Status;
use crate::object::Key;

/// One thing that happened to one app on one cluster.
#[derive(Debug, Clone)]
pub struct Event {
    pub cluster: String,
    pub app: String,
    pub kind: EventKind,
}

#[derive(Debug, Clone)]
pub enum EventKind {
    /// The plan is made; `n_steps` objects will be written or deleted.
    AppStarted {
        n_steps: usize,
    },
    /// The app's lock is ours.
    Locked,
    /// Somebody else holds the lock, since this time.
    LockWaiting {
        holder: String,
        since: String,
    },
    PhaseChanged {
        phase: String,
        wave: i64,
    },
    Applying {
        key: Key,
    },
    Applied {
        key: Key,
        outcome: Applied,
    },
    Pruned {
        key: Key,
    },
    /// No longer desired, and left in place for this reason.
    PruneKept {
        key: Key,
        why: String,
    },
    HealthChanged {
        key: Key,
        from: Option<Status>,
        to: Status,
        message: String,
    },
    /// So many objects are not healthy yet.
    WaitingFor {
        n_objects: usize,
    },
    Retrying {
        what: String,
        why: String,
    },
    Warning {
        text: String,
    },
    AppFinished {
        outcome: Finished,
    },
}

/// What became of one written object.
#[derive(Debug, Clone)]
pub enum Applied {
    Created,
    Configured,
    /// Deleted and created anew.
    Replaced,
    Unchanged,
    Failed {
        error: Error,
    },
}

/// How an app's sync ended.
#[derive(Debug, Clone)]
pub enum Finished {
    Succeeded,
    Failed { error: Error },
    Interrupted,
}
