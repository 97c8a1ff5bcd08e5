//! Cases that no collection has: generations, deletion, the usual conditions, final failures.

use serde_json::{Value, json};

use super::*;
use crate::object::Key;

fn object(api_version: &str, kind: &str, content: Value) -> Object {
    let mut object = content;
    object["apiVersion"] = json!(api_version);
    object["kind"] = json!(kind);
    Object::new(object)
}

fn shown(object: &Object) -> &'static str {
    health(object).map_or("none", |health| health.status.as_str())
}

fn check(api_version: &str, kind: &str, content: Value, expected: &str) {
    assert_eq!(shown(&object(api_version, kind, content)), expected);
}

#[test]
fn a_deployment_goes_through_its_stages() {
    let deployment = |status: Value| json!({"metadata": {"generation": 2}, "spec": {"replicas": 3}, "status": status});
    let counts = |updated: u8, replicas: u8, available: u8| {
        deployment(
            json!({"observedGeneration": 2, "updatedReplicas": updated, "replicas": replicas, "availableReplicas": available}),
        )
    };
    check(
        "apps/v1",
        "Deployment",
        deployment(json!({"observedGeneration": 1})),
        "Progressing",
    );
    check("apps/v1", "Deployment", counts(1, 3, 3), "Progressing");
    check("apps/v1", "Deployment", counts(3, 4, 4), "Progressing");
    check("apps/v1", "Deployment", counts(3, 3, 2), "Progressing");
    check("apps/v1", "Deployment", counts(3, 3, 3), "Healthy");
    check(
        "apps/v1",
        "Deployment",
        json!({"spec": {"paused": true}}),
        "Suspended",
    );
    check("apps/v1beta1", "Deployment", json!({}), "Unknown");
}

#[test]
fn what_is_being_deleted_is_progressing_but_for_a_hook() {
    let metadata = json!({"deletionTimestamp": "t"});
    check(
        "v1",
        "ConfigMap",
        json!({"metadata": metadata}),
        "Progressing",
    );
    let metadata = json!({"deletionTimestamp": "t", "finalizers": [HOOK_FINALIZER]});
    check("v1", "ConfigMap", json!({"metadata": metadata}), "none");
}

#[test]
fn kinds_without_a_rule_have_no_health() {
    check(
        "v1",
        "Namespace",
        json!({"status": {"phase": "Active"}}),
        "none",
    );
    check(
        "v1",
        "Node",
        json!({"status": {"conditions": [{"type": "Ready", "status": "False"}]}}),
        "none",
    );
    check(
        "argoproj.io/v1alpha1",
        "Application",
        json!({"status": {"conditions": [{"type": "Ready", "status": "False"}]}}),
        "none",
    );
    check(
        "example.com/v1",
        "Widget",
        json!({"status": {"conditions": [{"type": "Other", "status": "True"}]}}),
        "none",
    );
}

#[test]
fn unknown_kinds_are_judged_by_the_usual_conditions() {
    let widget = |status: Value| json!({"metadata": {"generation": 2}, "status": status});
    let condition = |kind: &str, status: &str| json!({"type": kind, "status": status});
    let cases = [
        (
            json!({"conditions": [condition("Ready", "True")]}),
            "Healthy",
        ),
        (
            json!({"conditions": [condition("Ready", "False")]}),
            "Progressing",
        ),
        (
            json!({"conditions": [condition("Ready", "Unknown")]}),
            "Progressing",
        ),
        (
            json!({"conditions": [condition("Ready", "True"), condition("Reconciling", "True")]}),
            "Progressing",
        ),
        (
            json!({"conditions": [condition("Ready", "False"), condition("Stalled", "True")]}),
            "Degraded",
        ),
        (
            json!({"observedGeneration": 1, "conditions": [condition("Ready", "True")]}),
            "Progressing",
        ),
        (
            json!({"conditions": [{"type": "Ready", "status": "True", "observedGeneration": 1}]}),
            "Progressing",
        ),
    ];
    for (status, expected) in cases {
        check("example.com/v1", "Widget", widget(status), expected);
    }
}

fn check_final(api_version: &str, kind: &str, content: Value, expected: Option<&str>) {
    assert_eq!(
        final_failure(&object(api_version, kind, content)).as_deref(),
        expected
    );
}

#[test]
fn waiting_ends_where_it_cannot_help() {
    let deadline = json!([{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "m"}]);
    let deployment = |seen: u8| json!({"metadata": {"generation": 2}, "status": {"observedGeneration": seen, "conditions": deadline}});
    check_final(
        "apps/v1",
        "Deployment",
        deployment(2),
        Some("ProgressDeadlineExceeded: m"),
    );
    check_final("apps/v1", "Deployment", deployment(1), None);
    let failed = json!({"status": {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "m"}]}});
    check_final("batch/v1", "Job", failed, Some("BackoffLimitExceeded: m"));
    let waiting = |reason: &str| json!({"status": {"phase": "Pending", "containerStatuses": [{"name": "c", "state": {"waiting": {"reason": reason, "message": "m"}}}]}});
    check_final(
        "v1",
        "Pod",
        waiting("InvalidImageName"),
        Some("container `c`: InvalidImageName: m"),
    );
    check_final("v1", "Pod", waiting("ImagePullBackOff"), None);
    let stalled =
        json!({"status": {"conditions": [{"type": "Stalled", "status": "True", "reason": "R"}]}});
    check_final("example.com/v1", "Widget", stalled, Some("R"));
    check_final("v1", "ConfigMap", json!({}), None);
}

#[test]
fn the_worst_object_names_the_app() {
    let key = |kind: &str, name: &str| Key {
        kind: kind.into(),
        name: name.into(),
        ..Key::default()
    };
    let objects: Vec<(Key, Health)> = [
        ("Pod", "a", Status::Healthy),
        ("Pod", "b", Status::Degraded),
        ("Pod", "c", Status::Progressing),
        ("Pod", "d", Status::Degraded),
    ]
    .map(|(kind, name, status)| (key(kind, name), Health::new(status, "")))
    .into();
    let health = worst(objects.iter().map(|(key, health)| (key, health)));
    assert_eq!(
        health,
        Health::new(Status::Degraded, "caused by Pod/b, Pod/d")
    );
    assert_eq!(worst([]), Health::new(Status::Healthy, ""));
}
