//! Objects that left git: which of them are drift, and what is said of them.

use super::plane;
use crate::support::Scene;
use crate::support::scene::{config_map, deployment};
use serde_json::{Value, json};

fn annotated(name: &str, key: &str, value: &str) -> Value {
    let mut object = config_map(name, "1");
    object["metadata"]["annotations"] = json!({key: value});
    object
}

#[test]
fn what_others_own_or_what_is_to_be_ignored_is_no_drift() {
    let ignored = annotated(
        "ignored",
        "argocd.argoproj.io/compare-options",
        "IgnoreExtraneous",
    );
    let (owned, hook) = (config_map("owned", "1"), config_map("hook", "1"));
    let kept = config_map("kept", "1");
    let scene = Scene::new(
        plane(),
        "extras",
        &[kept.clone(), ignored.clone(), owned.clone(), hook.clone()],
    );
    scene.synced(&[]);
    let uid = &scene.live("configmaps/kept")["metadata"]["uid"];
    let owner = json!([{"apiVersion": "v1", "kind": "ConfigMap", "name": "kept", "uid": uid}]);
    scene.edit(
        "configmap",
        "owned",
        "operator",
        &json!({"metadata": {"ownerReferences": owner}}),
    );
    let annotations = json!({"argocd.argoproj.io/hook": "PostSync"});
    scene.edit(
        "configmap",
        "hook",
        "kubectl-edit",
        &json!({"metadata": {"annotations": annotations}}),
    );
    for object in [&ignored, &owned, &hook] {
        scene.take(object);
    }
    for more in [&[][..], &["--exact"]] {
        let diff = scene.diff(more);
        assert_eq!((diff.code, diff.sync()), (0, "Synced"), "{}", diff.app);
        let drifted: Vec<_> = diff.drifted().into_iter().collect();
        assert_eq!(drifted, ["ConfigMap/ignored Extra"]);
    }
    // Nothing needs a prune; asked for one, it takes what nobody else has to do with.
    scene.synced(&[]);
    scene.synced(&["--prune"]);
    assert!(scene.exists("configmaps/owned") && scene.exists("configmaps/hook"));
    assert!(!scene.exists("configmaps/ignored"));
}

#[test]
fn the_health_of_what_left_git_is_its_own_or_not_known() {
    let objects = [deployment("web", "web:1", 1), config_map("kept", "1")];
    let scene = Scene::new(plane(), "extras-health", &objects);
    scene.synced(&[]);
    let health = || {
        let document = scene.app("resources", &["-o", "json"]).json();
        let rows = document["apps"][0]["resources"].as_array().unwrap().clone();
        let row = rows.into_iter().find(|row| row["kind"] == "Deployment");
        let row = row.unwrap();
        (row["health"].clone(), row["message"].clone())
    };
    assert_ne!(health().0, Value::Null);
    scene.take(&objects[0]);
    // Of what is not desired any more only the metadata is read.
    assert_eq!(health(), (Value::Null, json!("")));
}

#[test]
fn an_object_that_is_served_under_two_groups_is_one() {
    let event = |version: &str, fields: [&str; 3]| {
        json!({"apiVersion": version, "kind": "Event", "metadata": {"name": "marker"},
            fields[0]: {"kind": "Namespace", "name": "marker"}, fields[1]: "hello", fields[2]: "r",
            "reason": "Marker", "type": "Normal", "reportingInstance": "r-1", "action": "Mark",
            "eventTime": "2026-01-01T00:00:00.000000Z"})
    };
    let old = event("v1", ["involvedObject", "message", "reportingComponent"]);
    let mut new = event(
        "events.k8s.io/v1",
        ["regarding", "note", "reportingController"],
    );
    let scene = Scene::new(plane(), "groups", &[]);
    let place = json!(scene.namespace);
    let mut old = old;
    (
        old["involvedObject"]["namespace"],
        new["regarding"]["namespace"],
    ) = (place.clone(), place);
    scene.put(&old);
    scene.synced(&[]);
    let uid = scene.live("events/marker")["metadata"]["uid"].clone();
    scene.put(&new);
    scene.synced(&["--prune"]);
    assert_eq!(scene.live("events/marker")["metadata"]["uid"], uid);
    scene.expect_clean();
    scene.mark();
    scene.synced(&["--prune"]);
    assert_eq!(scene.writes().len(), 0);
    // As one object it goes once.
    scene.take(&new);
    let answer = scene
        .sync(&["--prune", "--allow-empty", "-o", "json"])
        .expect_code(0);
    assert_eq!(answer.json()["summary"]["pruned"], 1);
    assert!(!scene.exists("events/marker"));
}
