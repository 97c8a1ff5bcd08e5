//! A dry run ends as the sync would.

use super::plane;
use crate::support::Scene;
use crate::support::scene::{config_map, definition, rejected};
use serde_json::{Value, json};

/// Outcome of each object, by kind and name, and how the run ended.
fn outcomes(scene: &Scene<'_>, more: &[&str]) -> (i32, Vec<String>) {
    let answer = scene.sync(&[more, &["-o", "json"]].concat());
    let document = answer.json();
    let rows = document["apps"][0]["resources"].as_array().unwrap();
    let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
    let row = |row| format!("{} {}", text(row, "name"), text(row, "outcome"));
    (answer.code, rows.iter().map(row).collect())
}

fn custom(group: &str, spec: Value) -> Value {
    json!({"apiVersion": format!("{group}/v1"), "kind": "Dial", "metadata": {"name": "one"}, "spec": spec})
}

#[test]
fn a_kind_that_nobody_serves_is_a_failure_and_one_that_the_app_defines_is_not() {
    let scene = Scene::new(plane(), "dry", &[config_map("cfg", "1")]);
    let group = format!("{}.example.com", scene.namespace);
    scene.put(&custom(&group, json!({"size": 1})));
    let answer = outcomes(&scene, &["--dry-run"]);
    assert_eq!(
        answer,
        (1, vec!["cfg Created".to_owned(), "one Failed".to_owned()])
    );
    let crd = definition("dials", "Dial", &group);
    let name = format!("dials.{group}");
    // A definition that the server refuses takes its objects along.
    let mut broken = crd.clone();
    broken["spec"]["names"]["plural"] = json!("others");
    scene.put(&broken);
    let (code, rows) = outcomes(&scene, &["--dry-run"]);
    assert_eq!(code, 1);
    assert!(rows.contains(&"one Failed".to_owned()), "{rows:?}");
    scene.put(&crd);
    let answer = outcomes(&scene, &["--dry-run"]);
    let all = [
        format!("{name} Created"),
        "cfg Created".to_owned(),
        "one Created".to_owned(),
    ];
    let mut expected: Vec<String> = all.into();
    expected.sort_by_key(|row| !row.starts_with("cfg"));
    assert_eq!(answer.0, 0, "{answer:?}");
    assert!(
        expected.iter().all(|row| answer.1.contains(row)),
        "{answer:?}"
    );
    scene.synced(&[]);
    // What only the changed definition allows cannot be tried before.
    let mut wider = crd;
    let spec = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties";
    wider.pointer_mut(spec).unwrap()["more"] = json!({"type": "string"});
    scene.put(&wider);
    scene.put(&custom(&group, json!({"size": 1, "more": "yes"})));
    let answer = scene.sync(&["--dry-run"]).expect_code(0);
    assert!(answer.stderr.contains("could not be tried"), "{answer:?}");
    scene.synced(&[]);
}

#[test]
fn a_namespace_that_is_not_there_fails_unless_the_sync_makes_it() {
    let namespace = "dry-absent";
    let scene = Scene::at(plane(), namespace, &[config_map("one", "1")]);
    for how in [&["--dry-run"][..], &[]] {
        scene.sync(how).expect_code(2);
    }
    scene.declare(&json!({"syncOptions": ["CreateNamespace=true"]}));
    scene.sync(&["--dry-run"]).expect_code(0);
    let mut elsewhere = config_map("two", "1");
    elsewhere["metadata"]["namespace"] = json!(format!("{namespace}-b"));
    scene.put(&elsewhere);
    let (code, rows) = outcomes(&scene, &["--dry-run"]);
    assert_eq!(
        (code, rows),
        (1, vec!["one Created".to_owned(), "two Failed".to_owned()])
    );
    let path = format!("/api/v1/namespaces/{namespace}");
    assert_eq!(plane().request("GET", &path, None).unwrap().0, 404);
}

#[test]
fn after_a_failure_nothing_is_said_to_be_pruned_and_what_was_rolled_back_stays_so() {
    let (gone, kept) = (config_map("gone", "1"), config_map("kept", "1"));
    let scene = Scene::new(plane(), "dry-prune", &[gone.clone(), kept]);
    scene.synced(&[]);
    scene.take(&gone);
    scene.put(&rejected("bad"));
    for how in [&["--prune", "--dry-run"][..], &["--prune"]] {
        let (code, rows) = outcomes(&scene, how);
        assert_eq!(code, 1);
        assert!(!rows.iter().any(|row| row.ends_with("Pruned")), "{rows:?}");
    }
    assert!(scene.exists("configmaps/gone"));
    scene.take(&rejected("bad"));
    scene.put(&config_map("kept", "2"));
    scene.put(&gone);
    scene.repo.commit("two");
    scene.synced(&[]);
    scene.app("rollback", &["--yes"]).expect_code(0);
    for how in [&["--dry-run"][..], &[]] {
        let said = scene.sync(how).expect_code(1).said();
        assert!(said.contains("rolled back"), "{said}");
    }
}
