//! Where the engine tells what happens: one value per app, given down to every step.

use std::sync::Arc;

use super::apply;
use super::event::{Applied, Event, EventKind, Finished};
use crate::error::Error;
use crate::health::{Health, Status};
use crate::object::Key;

/// Stamps events with their app and hands them to a reader. Cheap to clone.
#[derive(Clone)]
pub struct Events {
    cluster: String,
    app: String,
    sink: Arc<dyn Fn(Event) + Send + Sync>,
}

impl Events {
    pub fn new(cluster: &str, app: &str, sink: Arc<dyn Fn(Event) + Send + Sync>) -> Self {
        Self {
            cluster: cluster.to_owned(),
            app: app.to_owned(),
            sink,
        }
    }

    fn send(&self, kind: EventKind) {
        (self.sink)(Event {
            cluster: self.cluster.clone(),
            app: self.app.clone(),
            kind,
        });
    }

    pub fn started(&self, n_steps: usize) {
        self.send(EventKind::AppStarted { n_steps });
    }

    pub fn locked(&self) {
        self.send(EventKind::Locked);
    }

    pub fn waiting_for_lock(&self, holder: &str, since: &str) {
        self.send(EventKind::LockWaiting {
            holder: holder.to_owned(),
            since: since.to_owned(),
        });
    }

    pub fn phase(&self, phase: &str, wave: i64) {
        self.send(EventKind::PhaseChanged {
            phase: phase.to_owned(),
            wave,
        });
    }

    pub fn applied(&self, key: &Key, applied: apply::Applied) {
        let outcome = match applied {
            apply::Applied::Created => Applied::Created,
            apply::Applied::Configured => Applied::Configured,
            apply::Applied::Replaced => Applied::Replaced,
            apply::Applied::Unchanged => Applied::Unchanged,
        };
        self.send(EventKind::Applied {
            key: key.clone(),
            outcome,
        });
    }

    pub fn failed(&self, key: &Key, error: &Error) {
        self.send(EventKind::Applied {
            key: key.clone(),
            outcome: Applied::Failed {
                error: error.clone(),
            },
        });
    }

    pub fn pruned(&self, key: &Key) {
        self.send(EventKind::Pruned { key: key.clone() });
    }

    pub fn kept(&self, key: &Key, why: &str) {
        self.send(EventKind::PruneKept {
            key: key.clone(),
            why: why.to_owned(),
        });
    }

    pub fn health_changed(&self, key: &Key, from: Option<Status>, health: &Health) {
        let (to, message) = (health.status, health.message.clone());
        self.send(EventKind::HealthChanged {
            key: key.clone(),
            from,
            to,
            message,
        });
    }

    pub fn waiting_for(&self, n_objects: usize) {
        self.send(EventKind::WaitingFor { n_objects });
    }

    pub fn warning(&self, text: &str) {
        self.send(EventKind::Warning {
            text: text.to_owned(),
        });
    }

    pub fn finished(&self, finished: Finished) {
        self.send(EventKind::AppFinished { outcome: finished });
    }
}
