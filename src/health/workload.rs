//! Deployments and what is like them; autoscalers and disruption budgets, which watch over them.

use super::view::{Condition, View};
use super::{Health, Status};

const STALE: &str = "waits for the controller to see the newest spec";

/// Only `apps/v1` has the fields that the rules read.
fn other_version(view: &View<'_>) -> Option<Health> {
    (view.version() != "v1")
        .then(|| Health::unknown(format!("no rule for version `{}`", view.version())))
}

pub fn deployment(view: &View<'_>) -> Health {
    if let Some(unknown) = other_version(view) {
        return unknown;
    }
    if view.flag("/spec/paused") {
        return Health::suspended("is paused");
    }
    if view.is_stale() {
        return Health::progressing(STALE);
    }
    let progressing = view.condition("Progressing");
    if let Some(condition) =
        progressing.filter(|condition| condition.reason == "ProgressDeadlineExceeded")
    {
        return Health::degraded(format!(
            "exceeded its progress deadline: {}",
            condition.message
        ));
    }
    let updated = view.count("/status/updatedReplicas");
    let (replicas, available) = (
        view.count("/status/replicas"),
        view.count("/status/availableReplicas"),
    );
    if let Some(wanted) = view
        .number("/spec/replicas")
        .filter(|wanted| updated < *wanted)
    {
        return Health::progressing(format!("{updated} of {wanted} replicas are updated"));
    }
    if replicas > updated {
        return Health::progressing(format!(
            "{} old replicas are not gone yet",
            replicas - updated
        ));
    }
    if available < updated {
        return Health::progressing(format!(
            "{available} of {updated} updated replicas are available"
        ));
    }
    Health::healthy()
}

pub fn stateful_set(view: &View<'_>) -> Health {
    if let Some(unknown) = other_version(view) {
        return unknown;
    }
    if view.count("/status/observedGeneration") == 0 || view.is_stale() {
        return Health::progressing(STALE);
    }
    let wanted = view.number("/spec/replicas");
    let ready = view.count("/status/readyReplicas");
    if let Some(wanted) = wanted.filter(|wanted| ready < *wanted) {
        return Health::progressing(format!("{ready} of {wanted} replicas are ready"));
    }
    match view.text("/spec/updateStrategy/type") {
        "RollingUpdate" if view.at("/spec/updateStrategy/rollingUpdate").is_some() => {
            let updated = view.count("/status/updatedReplicas");
            let partition = view.number("/spec/updateStrategy/rollingUpdate/partition");
            match wanted.zip(partition) {
                Some((wanted, partition)) if updated < wanted - partition => Health::progressing(
                    format!("{updated} of {} replicas are updated", wanted - partition),
                ),
                _ => Health::healthy(),
            }
        }
        "OnDelete" => Health::healthy(),
        _ if view.text("/status/updateRevision") != view.text("/status/currentRevision") => {
            Health::progressing(format!(
                "{} replicas are updated",
                view.count("/status/updatedReplicas")
            ))
        }
        _ => Health::healthy(),
    }
}

pub fn daemon_set(view: &View<'_>) -> Health {
    if let Some(unknown) = other_version(view) {
        return unknown;
    }
    if view.is_stale() {
        return Health::progressing(STALE);
    }
    if view.text("/spec/updateStrategy/type") == "OnDelete" {
        return Health::healthy();
    }
    let wanted = view.count("/status/desiredNumberScheduled");
    let updated = view.count("/status/updatedNumberScheduled");
    let available = view.count("/status/numberAvailable");
    if updated < wanted {
        return Health::progressing(format!("{updated} of {wanted} pods are updated"));
    }
    if available < wanted {
        return Health::progressing(format!("{available} of {wanted} pods are available"));
    }
    Health::healthy()
}

pub fn replica_set(view: &View<'_>) -> Health {
    if let Some(unknown) = other_version(view) {
        return unknown;
    }
    if view.is_stale() {
        return Health::progressing(STALE);
    }
    if let Some(failure) = view.condition("ReplicaFailure").filter(Condition::is_true) {
        return Health::degraded(failure.why());
    }
    let available = view.count("/status/availableReplicas");
    match view.number("/spec/replicas") {
        Some(wanted) if available < wanted => {
            Health::progressing(format!("{available} of {wanted} replicas are available"))
        }
        _ => Health::healthy(),
    }
}

/// Where version 1 keeps its conditions, as JSON.
const CONDITIONS_V1: &str = "autoscaling.alpha.kubernetes.io/conditions";

pub fn autoscaler(view: &View<'_>) -> Health {
    let parsed;
    let conditions: Vec<Condition<'_>> = match view.version() {
        "v1" => {
            let text = view.annotation(CONDITIONS_V1).unwrap_or("[]");
            parsed = match serde_json::from_str::<Vec<serde_json::Value>>(text) {
                Ok(conditions) => conditions,
                // The parser's words would quote the annotation.
                Err(_) => return Health::unknown("its conditions are no JSON list"),
            };
            parsed.iter().map(Condition::new).collect()
        }
        "v2" => view.conditions().collect(),
        other => return Health::unknown(format!("no rule for version `{other}`")),
    };
    // The reason counts whatever the status is: it stands there only while it is so.
    if let Some(failed) = conditions
        .iter()
        .find(|condition| is_autoscaling_failure(condition))
    {
        return Health::degraded(failed.why());
    }
    let is_scaling = |condition: &&Condition<'_>| {
        matches!(condition.kind, "AbleToScale" | "ScalingLimited") && condition.is_true()
    };
    match conditions.iter().find(is_scaling) {
        Some(condition) => Health::new(Status::Healthy, condition.message),
        None => Health::progressing("waits to autoscale"),
    }
}

fn is_autoscaling_failure(condition: &Condition<'_>) -> bool {
    matches!(
        (condition.kind, condition.reason),
        ("AbleToScale", "FailedGetScale" | "FailedUpdateScale")
            | (
                "ScalingActive",
                "FailedGetResourceMetric"
                    | "FailedGetObjectMetric"
                    | "FailedGetPodsMetric"
                    | "FailedGetExternalMetric"
                    | "FailedComputeMetricsReplicas"
                    | "InvalidSelector"
            )
    )
}

pub fn disruption_budget(view: &View<'_>) -> Health {
    let mut conditions = view.conditions().peekable();
    if conditions.peek().is_none() {
        return Health::progressing("waits for its status");
    }
    match conditions
        .find(|condition| condition.is_false() && condition.reason != "InsufficientPods")
    {
        Some(condition) => Health::degraded(condition.why()),
        None => Health::healthy(),
    }
}
