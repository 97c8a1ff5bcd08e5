//! `app delete`: everything of the app goes, or only the app's hold on it, and nothing else.

use super::plane;
use crate::support::Scene;
use crate::support::scene::{MEMBER, config_map};
use serde_json::{Value, json};

fn scene(name: &str) -> Scene<'static> {
    let objects: Vec<_> = (0..4)
        .map(|n| config_map(&format!("map-{n}"), "x"))
        .collect();
    let scene = Scene::new(plane(), name, &objects);
    scene
        .plane
        .create(&scene.path("configmaps"), &config_map("foreign", "x"));
    scene.synced(&[]);
    scene.mark();
    scene
}

fn n_records(scene: &Scene) -> usize {
    let count = |list: Value| {
        let items = list["items"].as_array().unwrap().clone();
        items
            .iter()
            .filter(|o| {
                let name = o["metadata"]["name"].as_str().unwrap();
                name.starts_with("pushboat.")
            })
            .count()
    };
    let leases = format!(
        "/apis/coordination.k8s.io/v1/namespaces/{}/leases",
        scene.namespace
    );
    count(scene.live("secrets")) + count(scene.plane.get(&leases))
}

#[test]
fn a_deleted_app_takes_its_objects_and_records_along_and_nothing_else() {
    let scene = scene("delete-all");
    assert!(n_records(&scene) >= 2);
    scene.app("delete", &["--yes"]).expect_code(0);
    for n in 0..4 {
        assert!(!scene.exists(&format!("configmaps/map-{n}")));
    }
    assert!(scene.exists("configmaps/foreign"));
    assert_eq!(n_records(&scene), 0);
    for delete in scene.writes().iter().filter(|e| e.verb == "delete") {
        let preconditions = &delete.body["preconditions"];
        assert!(
            preconditions["uid"].is_string() && preconditions["resourceVersion"].is_string(),
            "{}",
            delete.uri
        );
    }
}

#[test]
fn without_cascade_the_objects_stay_and_belong_to_nobody() {
    let scene = scene("delete-keep");
    scene
        .app("delete", &["--yes", "--cascade", "false"])
        .expect_code(0);
    for n in 0..4 {
        let live = scene.live(&format!("configmaps/map-{n}"));
        assert_eq!(live["metadata"]["labels"].get(MEMBER), None, "{live}");
        assert_eq!(live["data"], json!({"key": "x"}));
    }
    assert_eq!(n_records(&scene), 0);
    scene.synced(&[]);
    scene.expect_clean();
}

#[test]
fn without_a_terminal_and_yes_nothing_is_deleted() {
    let scene = scene("delete-ask");
    let answer = scene.app("delete", &[]).expect_code(2);
    assert!(answer.stderr.contains("--yes"), "{answer:?}");
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn an_app_that_was_deleted_can_be_deleted_again() {
    let scene = scene("delete-twice");
    scene.app("delete", &["--yes"]).expect_code(0);
    scene.mark();
    scene.app("delete", &["--yes"]).expect_code(0);
    assert_eq!(scene.changes(), [""; 0]);
}

#[test]
fn what_waits_for_a_confirmation_stays_findable_until_it_is_confirmed() {
    let claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    });
    let scene = Scene::new(plane(), "delete-claim", &[config_map("one", "1"), claim]);
    scene.synced(&[]);
    scene.mark();
    let answer = scene.app("delete", &["--yes"]).expect_code(1);
    let confirm = "--confirm-prune PersistentVolumeClaim/data";
    assert!(answer.said().contains(confirm), "{answer:?}");
    assert!(!scene.exists("configmaps/one"));
    let kept = scene.live("persistentvolumeclaims/data");
    assert_eq!(kept["metadata"]["labels"][MEMBER], scene.id(), "{kept}");
    assert_eq!(kept["metadata"].get("deletionTimestamp"), None);
    assert!(n_records(&scene) >= 2, "parent and history stay");
    scene.app("delete", &["--yes"]).expect_code(1);
    // Nobody takes it off here, as no controller runs.
    let free = json!({"metadata": {"finalizers": null}});
    scene.edit("pvc", "data", "kubectl-edit", &free);
    scene
        .app(
            "delete",
            &["--yes", "--confirm-prune", "PersistentVolumeClaim/data"],
        )
        .expect_code(0);
    assert!(!scene.exists("persistentvolumeclaims/data"));
    assert_eq!(n_records(&scene), 0);
}

#[test]
fn what_asks_for_its_own_confirmation_is_no_other_case() {
    let mut careful = config_map("careful", "x");
    careful["metadata"]["annotations"] =
        json!({"argocd.argoproj.io/sync-options": "Prune=confirm"});
    let scene = Scene::new(plane(), "delete-careful", &[careful]);
    scene.synced(&[]);
    scene.app("delete", &["--yes"]).expect_code(1);
    assert!(scene.exists("configmaps/careful") && n_records(&scene) >= 2);
    scene
        .app("delete", &["--yes", "--confirm-prune", "ConfigMap/careful"])
        .expect_code(0);
    assert!(!scene.exists("configmaps/careful"));
    assert_eq!(n_records(&scene), 0);
}

#[test]
fn a_dry_run_tells_what_would_go_and_what_would_stay_and_writes_nothing() {
    let claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    });
    let scene = Scene::new(plane(), "delete-dry", &[config_map("one", "1"), claim]);
    scene.synced(&[]);
    scene.mark();
    let told = |cascade: &str| {
        let answer = scene.app("delete", &["--dry-run", "--cascade", cascade, "-o", "json"]);
        let resources = answer.expect_code(0).json()["apps"][0]["resources"].clone();
        let row = |row: &Value| {
            let text = |field: &str| row[field].as_str().unwrap().to_owned();
            (text("name"), text("outcome"), text("message"))
        };
        resources
            .as_array()
            .unwrap()
            .iter()
            .map(row)
            .collect::<Vec<_>>()
    };
    let all = told("true");
    assert_eq!((&*all[0].0, &*all[0].1), ("one", "Pruned"), "{all:?}");
    assert_eq!((&*all[1].0, &*all[1].1), ("data", "Kept"), "{all:?}");
    let confirm = "--confirm-prune PersistentVolumeClaim/data";
    assert!(all[1].2.contains(confirm), "{all:?}");
    let records = told("false");
    assert_eq!(records.len(), 2);
    assert!(records.iter().all(|row| row.1 == "Kept"), "{records:?}");
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn what_says_that_it_outlives_its_app_does() {
    let with = |name: &str, options: &str| {
        let mut object = config_map(name, "1");
        object["metadata"]["annotations"] = json!({"argocd.argoproj.io/sync-options": options});
        object
    };
    let objects = [with("stays", "Delete=false"), with("goes", "Delete=true")];
    let scene = Scene::new(plane(), "delete-outlived", &objects);
    scene.synced(&[]);
    scene.app("delete", &["--yes"]).expect_code(0);
    assert!(!scene.exists("configmaps/goes"));
    let stays = scene.live("configmaps/stays");
    assert_eq!(stays["metadata"]["labels"].get(MEMBER), None, "{stays}");
    assert_eq!(n_records(&scene), 0);
}
