//! When waiting is over: an object that cannot become ready by itself any more.

use serde_json::Value;

use super::view::{Condition, View};
use crate::object::Object;

/// Why the object will not become healthy however long one waits; `None` while it may.
///
/// Degraded is not enough: a Pod in a back-off may recover, and a wait that ends too early fails a good roll-out.
pub fn final_failure(object: &Object) -> Option<String> {
    let view = View::new(object);
    if view.is_terminating() {
        return None;
    }
    match (view.group(), view.kind()) {
        ("apps", "Deployment") => deployment(&view),
        ("batch", "Job") => named(view.condition("Failed").filter(Condition::is_true)?),
        ("", "Pod") => pod(&view),
        ("", "PersistentVolumeClaim") if view.text("/status/phase") == "Lost" => {
            Some("its volume is lost".to_owned())
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => definition(&view),
        (group, _) if super::is_builtin_group(group) => None,
        _ => stalled(&view),
    }
}

fn named(condition: Condition<'_>) -> Option<String> {
    let text = match (condition.reason, condition.message) {
        ("", message) => message.to_owned(),
        (reason, "") => reason.to_owned(),
        (reason, message) => format!("{reason}: {message}"),
    };
    Some(text)
}

fn deployment(view: &View<'_>) -> Option<String> {
    // A deadline that passed for an older spec says nothing of the new one.
    if view.is_stale() {
        return None;
    }
    named(
        view.condition("Progressing")
            .filter(|condition| condition.reason == "ProgressDeadlineExceeded")?,
    )
}

fn pod(view: &View<'_>) -> Option<String> {
    if view.text("/status/phase") == "Failed" {
        return Some(super::pod::pod(view).message);
    }
    let statuses = ["/status/initContainerStatuses", "/status/containerStatuses"];
    statuses
        .iter()
        .flat_map(|pointer| view.list(pointer))
        .find_map(|status| {
            let text = |pointer: &str| {
                status
                    .pointer(pointer)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            // An image that cannot be pulled may be pushed later; a name that is none stays so.
            let reason = text("/state/waiting/reason");
            matches!(reason, "InvalidImageName" | "ErrImageNeverPull").then(|| {
                format!(
                    "container `{}`: {reason}: {}",
                    text("/name"),
                    text("/state/waiting/message")
                )
            })
        })
}

fn definition(view: &View<'_>) -> Option<String> {
    let is_final = |condition: &Condition<'_>| {
        matches!(
            (condition.kind, condition.status),
            ("NamesAccepted", "False") | ("NonStructuralSchema", "True")
        )
    };
    named(view.conditions().find(is_final)?)
}

fn stalled(view: &View<'_>) -> Option<String> {
    let condition = view.condition("Stalled").filter(Condition::is_true)?;
    let is_old = view.at("/status/observedGeneration").is_some() && view.is_stale();
    let is_old_condition = condition
        .observed_generation
        .is_some_and(|seen| seen < view.generation());
    if is_old || is_old_condition {
        None
    } else {
        named(condition)
    }
}
