//! History and rollback: what was deployed comes back exactly, and is not undone by the next sync.

use super::plane;
use crate::support::Scene;
use crate::support::scene::{config_map, reasons, rejected};
use serde_json::{Value, json};

/// Three deployments of one object that changes and one that comes later.
fn deployed(name: &str) -> Scene<'static> {
    let scene = Scene::new(plane(), name, &[config_map("one", "1")]);
    scene.synced(&[]);
    scene.put(&config_map("one", "2"));
    scene.repo.commit("two");
    scene.synced(&[]);
    scene.put(&config_map("one", "3"));
    scene.put(&config_map("late", "x"));
    scene.repo.commit("three");
    scene.synced(&[]);
    scene
}

fn value(scene: &Scene) -> String {
    scene.live("configmaps/one")["data"]["key"]
        .as_str()
        .unwrap()
        .to_string()
}

/// The entries of `app history -o json`, oldest first.
fn entries(scene: &Scene) -> Vec<Value> {
    let document = scene.app("history", &["-o", "json"]).expect_code(0).json();
    let mut found = Vec::new();
    collect(&document, &mut found);
    found.sort_by_key(|entry| entry["id"].as_u64());
    found
}

/// Entries are what has an `id` and a `result`, wherever in the document.
fn collect(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(map) if map.contains_key("id") && map.contains_key("result") => {
            found.push(value.clone())
        }
        Value::Object(map) => map.values().for_each(|value| collect(value, found)),
        Value::Array(list) => list.iter().for_each(|value| collect(value, found)),
        _ => {}
    }
}

#[test]
fn the_history_says_what_when_by_whom_and_how_it_ended() {
    let scene = deployed("history-list");
    let commit = scene.repo.commit("third");
    scene.put(&rejected("broken"));
    scene.sync(&[]).expect_code(1);
    let entries = entries(&scene);
    let results: Vec<_> = entries
        .iter()
        .map(|e| (e["id"].as_u64().unwrap(), e["result"].as_str().unwrap()))
        .collect();
    assert_eq!(
        results,
        [
            (1, "Succeeded"),
            (2, "Succeeded"),
            (3, "Succeeded"),
            (4, "Failed")
        ]
    );
    let last = &entries[3];
    assert!(
        commit.starts_with(
            last["revision"]
                .as_str()
                .unwrap()
                .split('-')
                .next()
                .unwrap()
        ) || last["revision"] == "worktree",
        "{last}"
    );
    assert!(last["time"].as_str().unwrap().starts_with("20"), "{last}");
    assert!(last["who"].as_str().unwrap().contains('@'), "{last}");
}

#[test]
fn a_sync_that_changed_nothing_is_not_an_entry() {
    let scene = deployed("history-noop");
    scene.synced(&[]);
    assert_eq!(entries(&scene).len(), 3);
}

#[test]
fn a_history_entry_is_a_secret_of_its_own_type() {
    let scene = deployed("history-secret");
    let secrets = scene.live("secrets");
    let mut revisions = secrets["items"].as_array().unwrap().clone();
    revisions.retain(|secret| secret["type"] == "pushboat.dev/revision");
    assert_eq!(revisions.len(), 3);
    for secret in revisions {
        let name = secret["metadata"]["name"].as_str().unwrap();
        assert!(name.starts_with("pushboat.h-"), "{name}");
    }
}

#[test]
fn only_as_many_entries_stay_as_the_app_says() {
    let scene = Scene::new(plane(), "history-limit", &[config_map("one", "0")]);
    let file = format!("clusters/test/{}.yaml", scene.namespace);
    scene.repo.replace(
        &file,
        "\"syncPolicy\": {}",
        "\"syncPolicy\": {}, \"revisionHistoryLimit\": 3",
    );
    for n in 0..6 {
        scene.put(&config_map("one", &n.to_string()));
        scene.synced(&[]);
    }
    let ids: Vec<_> = entries(&scene)
        .iter()
        .map(|entry| entry["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, [4, 5, 6]);
    let secrets = scene.live("secrets");
    let n_left = secrets["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|s| s["type"] == "pushboat.dev/revision")
        .count();
    assert_eq!(n_left, 3);
}

#[test]
fn a_rollback_brings_back_exactly_what_was_there() {
    let scene = deployed("rollback-exact");
    scene.app("rollback", &["1", "--yes"]);
    assert_eq!(value(&scene), "1");
    assert_eq!(scene.live("configmaps/one")["data"], json!({"key": "1"}));
}

#[test]
fn a_rollback_without_an_id_goes_to_the_deployment_before() {
    let scene = deployed("rollback-last");
    scene.app("rollback", &["--yes"]);
    assert_eq!(value(&scene), "2");
}

#[test]
fn a_rollback_prunes_what_came_later_only_when_told_to() {
    let scene = deployed("rollback-prune");
    let answer = scene.app("rollback", &["2", "--yes"]).expect_code(1);
    assert!(answer.said().contains("--prune"), "{answer:?}");
    assert!(scene.exists("configmaps/late"));
    scene
        .app("rollback", &["2", "--yes", "--prune"])
        .expect_code(0);
    assert!(!scene.exists("configmaps/late"));
    assert_eq!(value(&scene), "2");
}

#[test]
fn a_rollback_can_be_tried_first() {
    let scene = deployed("rollback-dry");
    scene.mark();
    let answer = scene.app("rollback", &["1", "--dry-run"]);
    assert_eq!(scene.writes().len(), 0, "{answer:?}");
    assert!((answer.stdout + &answer.stderr).contains("one"));
    assert_eq!(value(&scene), "3");
}

#[test]
fn without_a_terminal_a_rollback_needs_yes() {
    let scene = deployed("rollback-ask");
    let answer = scene.app("rollback", &["1"]).expect_code(2);
    assert!(answer.stderr.contains("--yes"), "{answer:?}");
    assert_eq!(value(&scene), "3");
}

#[test]
fn a_rollback_to_what_never_was_is_a_usage_error() {
    let scene = deployed("rollback-never");
    let answer = scene.app("rollback", &["77", "--yes"]).expect_code(2);
    assert!(answer.stderr.contains("77"), "{answer:?}");
    assert_eq!(value(&scene), "3");
}

#[test]
fn what_was_rolled_back_is_held_until_the_repository_changes() {
    let scene = deployed("rollback-held");
    scene
        .app("rollback", &["2", "--yes", "--prune"])
        .expect_code(0);
    scene.mark();
    let answer = scene.sync(&["-o", "json"]).expect_code(1);
    assert!(reasons(&answer.json()).contains("guard"), "{answer:?}");
    assert!(answer.stdout.contains("--undo-rollback"), "{answer:?}");
    assert_eq!(scene.changes(), [""; 0]);
    assert_eq!(value(&scene), "2");
    scene.put(&config_map("one", "4"));
    scene.synced(&[]);
    assert_eq!(value(&scene), "4", "a fix in the repository goes through");
}

#[test]
fn what_was_rolled_back_can_be_brought_back_on_purpose() {
    let scene = deployed("rollback-undo");
    scene
        .app("rollback", &["2", "--yes", "--prune"])
        .expect_code(0);
    scene.synced(&["--undo-rollback"]);
    assert_eq!(value(&scene), "3");
    scene.expect_clean();
}

#[test]
fn what_a_rollback_brought_is_itself_an_entry() {
    let scene = deployed("rollback-entry");
    scene
        .app("rollback", &["2", "--yes", "--prune"])
        .expect_code(0);
    let last = entries(&scene).pop().unwrap();
    assert_eq!(
        (&last["id"], &last["rollbackTo"], &last["result"]),
        (&json!(4), &json!(2), &json!("Succeeded"))
    );
}

#[test]
fn manifests_too_large_for_one_secret_are_kept_in_several() {
    let noise = |seed: u64| -> String {
        // Text that does not compress: a linear congruential generator's digits.
        let mut state = seed;
        (0..50_000)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                format!("{:08x}", state >> 32)
            })
            .collect()
    };
    let objects: Vec<_> = (0..6)
        .map(|n| config_map(&format!("large-{n}"), &noise(n)))
        .collect();
    let scene = Scene::new(plane(), "history-large", &objects);
    scene.synced(&[]);
    scene.put(&config_map("large-0", "small"));
    scene.synced(&[]);
    scene.app("rollback", &["1", "--yes"]).expect_code(0);
    assert_eq!(
        scene.live("configmaps/large-0")["data"]["key"],
        json!(noise(0))
    );
}
