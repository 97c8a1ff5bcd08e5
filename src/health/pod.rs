//! Pods.

use serde_json::Value;

use super::view::View;
use super::{Health, Status};
use crate::object::labels;

const IGNORE_RESTART_POLICY: &str = "argocd.argoproj.io/ignore-restart-policy";

pub fn pod(view: &View<'_>) -> Health {
    let is_hook = view.annotation(labels::ARGO_HOOK).is_some();
    // A Pod that is restarted for ever is a service; one that is not is a task, which is done only when it ends.
    let is_service = view.text("/spec/restartPolicy") == "Always"
        || (!is_hook && view.annotation(IGNORE_RESTART_POLICY) == Some("true"));
    if is_service {
        let stuck: Vec<&str> = view
            .list("/status/containerStatuses")
            .iter()
            .filter_map(stuck)
            .collect();
        if !stuck.is_empty() {
            return Health::degraded(stuck.join(", "));
        }
    }
    match view.text("/status/phase") {
        "Pending" => Health::progressing(view.text("/status/message")),
        "Succeeded" => Health::healthy(),
        "Failed" => Health::degraded(failure(view)),
        "Running" if is_service => running(view),
        "Running" => Health::progressing("is running"),
        other => Health::unknown(format!("unknown phase `{other}`")),
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// Why a container waits that will not start by waiting.
fn stuck(status: &Value) -> Option<&str> {
    let reason = text(status, "/state/waiting/reason");
    let is_stuck =
        reason.starts_with("Err") || reason.ends_with("Error") || reason.ends_with("BackOff");
    let message = text(status, "/state/waiting/message");
    is_stuck.then_some(if message.is_empty() { reason } else { message })
}

fn running(view: &View<'_>) -> Health {
    if view.condition("Ready").is_some_and(|ready| ready.is_true()) {
        return Health::new(Status::Healthy, view.text("/status/message"));
    }
    let restarted = |status: &&Value| {
        status
            .pointer("/lastState/terminated")
            .is_some_and(Value::is_object)
    };
    match view
        .list("/status/containerStatuses")
        .iter()
        .find(restarted)
    {
        Some(status) => Health::degraded(format!(
            "container `{}` ended and is not ready again: {}",
            text(status, "/name"),
            text(status, "/lastState/terminated/reason")
        )),
        None => Health::progressing("is not ready"),
    }
}

fn failure(view: &View<'_>) -> String {
    let own = view.text("/status/message");
    if !own.is_empty() {
        return own.to_owned();
    }
    let statuses = ["/status/initContainerStatuses", "/status/containerStatuses"];
    let mut containers = statuses.iter().flat_map(|pointer| view.list(pointer));
    let failed = containers.find_map(|status| {
        let ended = status.pointer("/state/terminated")?;
        let reason = text(ended, "/reason");
        let code = ended.get("exitCode").and_then(Value::as_i64).unwrap_or(0);
        let why = match text(ended, "/message") {
            "" if reason == "OOMKilled" => reason.to_owned(),
            "" if code == 0 => return None,
            "" => format!(
                "container `{}` failed with exit code {code}",
                text(status, "/name")
            ),
            message => message.to_owned(),
        };
        Some(why)
    });
    failed.unwrap_or_else(|| "failed".to_owned())
}
