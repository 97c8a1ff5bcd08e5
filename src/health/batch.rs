//! Jobs and CronJobs.

use super::Health;
use super::view::{Condition, View};

/// `Failed` and `Complete` count by their presence: the controller writes them once, and only as true.
pub fn job(view: &View<'_>) -> Health {
    if let Some(failed) = view.condition("Failed") {
        return Health::degraded(failed.why());
    }
    if let Some(suspended) = view.condition("Suspended").filter(Condition::is_true) {
        return Health::suspended(suspended.why());
    }
    let is_done = |condition: &Condition<'_>| matches!(condition.kind, "Complete" | "Suspended");
    match view.conditions().find(is_done) {
        Some(_) => Health::healthy(),
        None => Health::progressing("is running"),
    }
}

/// Degraded only when the last run that ended was not a success.
pub fn cron_job(view: &View<'_>) -> Health {
    if view.flag("/spec/suspend") || view.at("/status").is_none() {
        return if view.flag("/spec/suspend") {
            Health::healthy()
        } else {
            Health::progressing("waits for its status")
        };
    }
    let (scheduled, succeeded) = (
        view.text("/status/lastScheduleTime"),
        view.text("/status/lastSuccessfulTime"),
    );
    let is_unknown =
        scheduled.is_empty() || succeeded.is_empty() || !view.list("/status/active").is_empty();
    // Both are RFC 3339 in UTC, as the server writes them, so they sort as text.
    if !is_unknown && succeeded < scheduled {
        return Health::degraded("its last run did not succeed");
    }
    Health::healthy()
}
