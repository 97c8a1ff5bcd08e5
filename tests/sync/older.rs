//! An older commit does not replace a newer one unasked, and a commit that is checked out is not passed over for a branch behind it.

use super::lock::{free, waiting_in};
use super::plane;
use crate::support::scene::{config_map, reasons, rejected};
use crate::support::{Finished, Scene};
use serde_json::{Value, json};

fn release(scene: &Scene, value: &str) -> String {
    scene.put(&config_map("one", value));
    scene.repo.commit(value)
}

/// Commits with the values 1 and 2, of which the second is deployed. Returns both.
fn deployed(name: &str) -> (Scene<'static>, String, String) {
    let scene = Scene::new(plane(), name, &[]);
    let older = release(&scene, "1");
    let newer = release(&scene, "2");
    scene.synced(&[]);
    (scene, older, newer)
}

fn value(scene: &Scene) -> Value {
    scene.live("configmaps/one")["data"]["key"].clone()
}

fn check_out(scene: &Scene, revision: &str) {
    scene.repo.git(&["checkout", "--quiet", revision]);
}

#[track_caller]
fn expect_guard(answer: &Finished, texts: &[&str]) {
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(reasons(&answer.json()).contains("guard"), "{answer:?}");
    for text in texts {
        assert!(answer.stdout.contains(text), "{text}: {answer:?}");
    }
}

#[test]
fn an_older_commit_stops_before_anything_is_written() {
    let (scene, older, newer) = deployed("older-stops");
    let parent = scene.live(&format!("secrets/{}", scene.record()));
    assert_eq!(
        parent["metadata"]["annotations"]["pushboat.dev/revision"],
        newer.as_str()
    );
    check_out(&scene, &older);
    scene.mark();
    for more in [&["-o", "json"][..], &["--dry-run", "-o", "json"]] {
        expect_guard(
            &scene.sync(more),
            &[&older[..7], &newer[..7], "--allow-older"],
        );
    }
    // Changes that are in no commit make it no newer.
    scene.put(&config_map("one", "dirty"));
    expect_guard(&scene.sync(&["-o", "json"]), &[&newer[..7]]);
    assert_eq!(scene.changes(), [""; 0]);
    assert_eq!(value(&scene), "2");
    scene.repo.git(&["checkout", "--quiet", "--force", &older]);
    scene.synced(&["--allow-older"]);
    assert_eq!(value(&scene), "1");
    // Forward again.
    check_out(&scene, "main");
    scene.synced(&[]);
    assert_eq!(value(&scene), "2");
}

#[test]
fn an_older_commit_with_the_same_content_has_nothing_to_do() {
    let (scene, _, newer) = deployed("older-same");
    scene.repo.write("README.md", "more\n");
    scene.repo.commit("nothing for the app");
    let tip = release(&scene, "3");
    scene.synced(&[]);
    release(&scene, "2");
    scene.synced(&[]);
    check_out(&scene, &newer);
    scene.mark();
    scene.synced(&[]);
    assert_eq!(scene.writes().len(), 0);
    check_out(&scene, &tip);
    expect_guard(&scene.sync(&["-o", "json"]), &["--allow-older"]);
}

#[test]
fn a_newer_commit_that_failed_half_way_counts_too() {
    let (scene, _, newer) = deployed("older-failed");
    scene.put(&rejected("broken"));
    release(&scene, "3");
    scene.sync(&[]).expect_code(1);
    check_out(&scene, &newer);
    expect_guard(&scene.sync(&["-o", "json"]), &["--allow-older", "rollback"]);
    assert_eq!(value(&scene), "3");
}

#[test]
fn a_rollback_goes_back_and_the_next_release_goes_forward() {
    let (scene, older, newer) = deployed("older-rollback");
    release(&scene, "3");
    scene.synced(&[]);
    scene.app("rollback", &["--yes"]).expect_code(0);
    assert_eq!(value(&scene), "2");
    let parent = scene.live(&format!("secrets/{}", scene.record()));
    assert_eq!(
        parent["metadata"]["annotations"]["pushboat.dev/revision"],
        newer.as_str()
    );
    check_out(&scene, &older);
    expect_guard(&scene.sync(&["-o", "json"]), &["--allow-older"]);
    check_out(&scene, "main");
    release(&scene, "4");
    scene.synced(&[]);
    assert_eq!(value(&scene), "4");
}

#[test]
fn a_job_that_waited_for_a_newer_one_stops_too() {
    let (scene, _, newer) = deployed("older-race");
    let newest = release(&scene, "3");
    let folder = tempfile::tempdir().unwrap();
    let late = folder.path().join("late");
    let place = late.to_str().unwrap();
    scene
        .repo
        .git(&["worktree", "add", "--quiet", "--detach", place, &newer]);
    let drifted = json!({"data": {"key": "drifted"}});
    scene.edit("configmap", "one", "kubectl-edit", &drifted);
    let sync = ["app", "sync", &scene.namespace, "--yes", "-o", "json"];
    let running = waiting_in(&scene, &late, &sync);
    scene.synced(&["--no-lock"]);
    free(&scene);
    let answer = running.wait();
    expect_guard(&answer, &[&newer[..7], &newest[..7], "--allow-older"]);
    assert_eq!(value(&scene), "3");
}

#[test]
fn where_the_clone_does_not_know_a_warning_says_so() {
    let (scene, _, newer) = deployed("older-unknown");
    let folder = tempfile::tempdir().unwrap();
    let clone = folder.path().join("clone");
    let from = format!("file://{}", scene.repo.path().display());
    // What is deployed is not in the shallow clone of a branch that went on elsewhere.
    scene
        .repo
        .git(&["checkout", "--quiet", "-b", "elsewhere", "HEAD~1"]);
    let commit = release(&scene, "5");
    scene.repo.git(&[
        "clone",
        "--quiet",
        "--depth",
        "1",
        "--branch",
        "elsewhere",
        &from,
        clone.to_str().unwrap(),
    ]);
    let origin = scene.repo.git(&["remote", "get-url", "origin"]);
    scene.repo.git(&[
        "-C",
        clone.to_str().unwrap(),
        "remote",
        "set-url",
        "origin",
        origin.trim(),
    ]);
    let args = ["app", "sync", &scene.namespace, "--yes"];
    let answer = scene.pushboat(&args).dir(&clone).run().expect_code(0);
    for text in ["is not known", &commit[..7], &newer[..7]] {
        assert!(answer.stderr.contains(text), "{answer:?}");
    }
    assert_eq!(value(&scene), "5");
    // With its whole history it is known to lie apart.
    check_out(&scene, "main");
    let answer = scene.sync(&[]).expect_code(0);
    assert!(answer.stderr.contains("does not contain"), "{answer:?}");
}

/// The app follows `main`.
fn follow_main(scene: &Scene) {
    let file = format!("clusters/test/{}.yaml", scene.namespace);
    scene.repo.replace(
        &file,
        "\"repoURL\": \"\"",
        "\"repoURL\": \"\", \"targetRevision\": \"main\"",
    );
    scene.repo.commit("follow main");
}

#[test]
fn a_branch_that_stands_behind_the_checked_out_commit_is_not_deployed_in_its_place() {
    let scene = Scene::new(plane(), "older-stale", &[config_map("one", "1")]);
    follow_main(&scene);
    scene.synced(&[]);
    let stale = scene.repo.git(&["rev-parse", "HEAD"]);
    check_out(&scene, "--detach");
    let head = release(&scene, "2");
    for place in ["refs/heads/main", "refs/remotes/origin/main"] {
        scene.repo.git(&["update-ref", place, stale.trim()]);
        let answer = scene.sync(&["-o", "json"]);
        expect_guard(
            &answer,
            &[
                &stale[..7],
                &head[..7],
                "--worktree",
                "--revision HEAD",
                "git fetch",
            ],
        );
        assert_eq!(value(&scene), "1");
        scene.repo.git(&["update-ref", "-d", place]);
    }
    scene
        .repo
        .git(&["update-ref", "refs/heads/main", stale.trim()]);
    // To look is no error, and says what it looks at.
    let answer = scene.app("diff", &["-o", "json"]).expect_code(0);
    let notice = answer.json()["apps"][0]["notice"].clone();
    let notice = notice.as_str().unwrap();
    assert!(
        notice.contains("`main`") && notice.contains(&stale[..7]),
        "{notice}"
    );
    assert!(
        notice.contains(&head[..7]) && notice.contains("detached"),
        "{notice}"
    );
    assert!(answer.stderr.contains(notice), "{answer:?}");
    scene.app("diff", &["--worktree"]).expect_code(1);
    scene.synced(&["--revision", "main"]);
    assert_eq!(value(&scene), "1");
    scene.synced(&["--worktree"]);
    assert_eq!(value(&scene), "2");
    scene
        .repo
        .git(&["branch", "--quiet", "--force", "main", &head]);
    scene.synced(&[]);
}

#[test]
fn a_tag_behind_the_checked_out_commit_is_what_was_asked_for() {
    let scene = Scene::new(plane(), "older-tag", &[config_map("one", "1")]);
    scene.repo.git(&["tag", "v1"]);
    let file = format!("clusters/test/{}.yaml", scene.namespace);
    scene.repo.replace(
        &file,
        "\"repoURL\": \"\"",
        "\"repoURL\": \"\", \"targetRevision\": \"v1\"",
    );
    release(&scene, "2");
    scene.synced(&[]);
    assert_eq!(value(&scene), "1");
}
