//! Where a rollback goes, and what it holds afterwards.

use super::plane;
use crate::support::Finished;
use crate::support::Scene;
use crate::support::scene::{config_map, deployment, entry_info, reasons, rejected};
use serde_json::{Value, json};

/// A release: one ConfigMap with this value, committed.
fn release(scene: &Scene, value: &str) -> String {
    scene.put(&config_map("one", value));
    scene.repo.commit(value)
}

/// Releases that were deployed one after the other.
fn released(name: &str, values: &[&str]) -> Scene<'static> {
    let scene = Scene::new(plane(), name, &[]);
    for value in values {
        release(&scene, value);
        scene.synced(&[]);
    }
    scene
}

fn value(scene: &Scene) -> Value {
    scene.live("configmaps/one")["data"]["key"].clone()
}

fn history(scene: &Scene) -> Vec<Value> {
    let document = scene.app("history", &["-o", "json"]).expect_code(0).json();
    let mut rows = document["apps"][0]["revisions"].as_array().unwrap().clone();
    rows.reverse();
    rows
}

#[track_caller]
fn expect_held(answer: &Finished) {
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(reasons(&answer.json()).contains("guard"), "{answer:?}");
    assert!(answer.stdout.contains("--undo-rollback"), "{answer:?}");
}

#[test]
fn after_a_failed_release_a_rollback_goes_to_the_good_one_before_it() {
    let scene = released("back-failed", &["1", "2"]);
    scene.put(&rejected("broken"));
    release(&scene, "3");
    scene.sync(&[]).expect_code(1);
    assert_eq!(value(&scene), "3", "half of it is live");
    let answer = scene.app("rollback", &["--yes"]).expect_code(0);
    assert_eq!(value(&scene), "2", "{answer:?}");
    assert!(answer.stderr.contains("rollback goes here"), "{answer:?}");
    assert!(
        answer.stderr.contains("newest") && answer.stderr.contains("earlier"),
        "{answer:?}"
    );
    // The failed content is held, the good one before it is not.
    expect_held(&scene.sync(&["-o", "json"]));
    assert_eq!(value(&scene), "2");
    scene.take(&rejected("broken"));
    release(&scene, "2");
    scene.synced(&[]);
    assert_eq!(value(&scene), "2");
}

#[test]
fn a_second_rollback_goes_further_back_and_never_to_what_was_rolled_back() {
    let scene = released("back-twice", &["1", "2", "3"]);
    scene.app("rollback", &["--yes"]).expect_code(0);
    assert_eq!(value(&scene), "2");
    scene.app("rollback", &["--yes"]).expect_code(0);
    assert_eq!(value(&scene), "1");
    let answer = scene.app("rollback", &["--yes"]).expect_code(2);
    assert!(answer.stdout.contains("rolled back by 5"), "{answer:?}");
    assert_eq!(value(&scene), "1");
    let verdicts: Vec<_> = history(&scene)
        .iter()
        .map(|row| row["verdict"].clone())
        .collect();
    assert_eq!(
        verdicts,
        [
            "same as the newest",
            "rolled back by 5",
            "rolled back by 5",
            "rolled back by 5",
            "newest"
        ]
    );
}

#[test]
fn a_release_whose_wait_timed_out_was_deployed_all_the_same() {
    let scene = Scene::new(plane(), "back-timeout", &[deployment("web", "web:1", 1)]);
    scene.sync(&["--wait", "--timeout", "1s"]).expect_code(1);
    scene.put(&deployment("web", "web:2", 1));
    scene.repo.commit("two");
    scene.synced(&[]);
    let rows = history(&scene);
    assert_eq!(
        (&rows[0]["result"], &rows[0]["applied"]),
        (&json!("Failed"), &json!(true))
    );
    // The rollback waits in vain too, and its hold stands from its first write on.
    scene
        .app("rollback", &["--yes", "--wait", "--timeout", "1s"])
        .expect_code(1);
    let image = |scene: &Scene| {
        let web = scene.live("apps/v1/deployments/web");
        web["spec"]["template"]["spec"]["containers"][0]["image"].clone()
    };
    assert_eq!(image(&scene), "web:1");
    expect_held(&scene.sync(&["-o", "json"]));
    assert_eq!(image(&scene), "web:1");
}

#[test]
fn a_rollback_that_finds_everything_as_it_should_be_holds_all_the_same() {
    let scene = released("back-nothing", &["1", "2"]);
    // A person was faster.
    scene.edit(
        "configmap",
        "one",
        "kubectl-edit",
        &json!({"data": {"key": "1"}}),
    );
    scene.app("rollback", &["--yes"]).expect_code(0);
    assert_eq!(value(&scene), "1");
    expect_held(&scene.sync(&["-o", "json"]));
    assert_eq!(history(&scene).len(), 3);
    scene.mark();
    scene.app("rollback", &["1", "--yes"]).expect_code(0);
    assert_eq!(scene.writes().len(), 0, "the newest entry says it already");
}

#[test]
fn a_rollback_that_is_tried_again_is_one_entry_more_and_no_further_release() {
    let scene = Scene::new(plane(), "back-retry", &[deployment("web", "web:1", 1)]);
    scene.declare(&json!({"retry": {"limit": 2, "backoff": {"duration": "100ms"}}}));
    scene.repo.commit("retry");
    scene.synced(&[]);
    scene.put(&deployment("web", "web:2", 1));
    scene.repo.commit("two");
    scene.synced(&[]);
    scene
        .app("rollback", &["--yes", "--wait", "--timeout", "2s"])
        .expect_code(1);
    assert_eq!(history(&scene).len(), 3);
    expect_held(&scene.sync(&["-o", "json"]));
    // A release that came to no end is gone to only when somebody says so, with a warning.
    scene.put(&rejected("broken"));
    scene.repo.commit("broken");
    scene.sync(&[]).expect_code(1);
    let answer = scene.app("rollback", &["4", "--dry-run"]);
    assert!(answer.stderr.contains("came to no end"), "{answer:?}");
}

#[test]
fn other_content_ends_the_hold_and_the_same_after_it_goes_through() {
    let scene = released("back-ends", &["1", "2"]);
    scene.app("rollback", &["--yes"]).expect_code(0);
    expect_held(&scene.sync(&["-o", "json"]));
    // A release that fails half-way is no change that the hold waited for.
    scene.put(&rejected("broken"));
    release(&scene, "3");
    scene.sync(&[]).expect_code(1);
    scene.take(&rejected("broken"));
    release(&scene, "2");
    expect_held(&scene.sync(&["-o", "json"]));
    release(&scene, "4");
    scene.synced(&[]);
    release(&scene, "2");
    scene.synced(&[]);
    assert_eq!(value(&scene), "2");
}

#[test]
fn a_rollback_of_a_rollback_holds_what_the_first_one_brought() {
    let scene = released("back-forth", &["1", "2"]);
    scene.app("rollback", &["--yes"]).expect_code(0);
    scene.app("rollback", &["2", "--yes"]).expect_code(0);
    assert_eq!(value(&scene), "2");
    scene.synced(&[]);
    release(&scene, "1");
    expect_held(&scene.sync(&["-o", "json"]));
    scene.synced(&["--undo-rollback"]);
    assert_eq!(value(&scene), "1");
}

#[test]
fn what_older_versions_recorded_leads_to_the_same_release() {
    let scene = released("back-old", &["1", "2", "3"]);
    // The first was closed as failed because its wait timed out; no entry has the newer fields.
    for (id, result) in [(1, "Failed"), (2, "Failed"), (3, "Failed")] {
        as_older_version(&scene, id, result, u64::from(id == 3));
    }
    scene.app("rollback", &["--yes"]).expect_code(0);
    assert_eq!(value(&scene), "2");
}

/// Rewrites what an entry says, as version 0.1.0 would have written it.
fn as_older_version(scene: &Scene, id: u64, result: &str, failed: u64) {
    let secret = scene.entry(id);
    let mut info = entry_info(&secret).unwrap();
    (info["result"], info["failed"]) = (json!(result), json!(failed));
    for newer in ["applied", "held"] {
        info.as_object_mut().unwrap().remove(newer);
    }
    let name = secret["metadata"]["name"].as_str().unwrap();
    let patch = json!({"metadata": {"annotations": {"pushboat.dev/info": info.to_string()}}});
    scene.edit("secret", name, "pushboat", &patch);
}
