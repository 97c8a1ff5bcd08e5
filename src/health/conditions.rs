//! Rules that many kinds share, made of conditions alone.

use super::Health;
use super::view::View;

/// `Ready` True is Healthy, False Degraded, anything else Progressing.
pub fn ready(view: &View<'_>) -> Health {
    decided_by(view, "Ready")
}

/// The same for a condition of another name.
pub fn decided_by(view: &View<'_>, kind: &str) -> Health {
    match view.condition(kind) {
        Some(condition) if condition.is_true() => {
            Health::new(super::Status::Healthy, condition.message)
        }
        Some(condition) if condition.is_false() => Health::degraded(condition.why()),
        _ => Health::progressing(format!("waits for condition `{kind}`")),
    }
}

/// A kind that nothing is known about: judged by the conditions that controllers agreed on, where it has any.
///
/// `Ready` False alone does not tell a start from a failure, so it is Progressing; only `Stalled` says that it will not come.
pub fn usual(view: &View<'_>) -> Option<Health> {
    let condition = |kind: &str| view.condition(kind);
    let (ready, reconciling, stalled) = (
        condition("Ready"),
        condition("Reconciling"),
        condition("Stalled"),
    );
    if ready.is_none() && reconciling.is_none() && stalled.is_none() {
        return None;
    }
    let is_old = view.at("/status/observedGeneration").is_some() && view.is_stale();
    let is_old_ready = ready
        .and_then(|ready| ready.observed_generation)
        .is_some_and(|seen| seen < view.generation());
    if is_old || is_old_ready {
        return Some(Health::progressing(
            "waits for the controller to see the newest spec",
        ));
    }
    if let Some(stalled) = stalled.filter(|condition| condition.is_true()) {
        return Some(Health::degraded(stalled.why()));
    }
    if let Some(reconciling) = reconciling.filter(|condition| condition.is_true()) {
        return Some(Health::progressing(reconciling.why()));
    }
    match ready {
        Some(ready) if !ready.is_true() => Some(Health::progressing(ready.why())),
        Some(ready) => Some(Health::new(super::Status::Healthy, ready.message)),
        None => Some(Health::healthy()),
    }
}
