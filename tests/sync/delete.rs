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
                o["metadata"]["name"]
                    .as_str()
                    .unwrap()
                    .starts_with(&scene.record())
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
fn a_claim_stays_unless_it_is_confirmed_by_name() {
    let claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    });
    let scene = Scene::new(plane(), "delete-claim", &[config_map("one", "1"), claim]);
    scene.synced(&[]);
    scene.mark();
    let answer = scene.app("delete", &["--yes"]);
    assert!(scene.exists("persistentvolumeclaims/data"), "{answer:?}");
    assert!(
        !scene
            .changes()
            .iter()
            .any(|c| c == "delete persistentvolumeclaims/data")
    );
    assert!(
        (answer.stdout.clone() + &answer.stderr).contains("data"),
        "{answer:?}"
    );
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
