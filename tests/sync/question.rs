//! What a person at a terminal is shown and asked before anything is written, and what counts as an answer.

use super::plane;
use crate::support::scene::config_map;
use crate::support::{OnTerminal, Scene};
use serde_json::json;
use std::time::{Duration, Instant};

/// An app that prunes by itself, with one object that the repository has no more.
fn with_an_extra(name: &str) -> Scene<'static> {
    let objects = [config_map("old", "1"), config_map("stays", "1")];
    let scene = Scene::new(plane(), name, &objects);
    scene.declare(&json!({"automated": {"prune": true}}));
    scene.synced(&[]);
    scene.take(&objects[0]);
    scene
}

fn on_terminal(scene: &Scene, verb: &str, more: &[&str]) -> OnTerminal {
    let args = [&["app", verb, &scene.namespace], more].concat();
    let call = scene.pushboat(&args).limit(Duration::from_secs(60));
    call.on_terminal()
}

#[test]
fn the_plan_says_what_will_be_deleted_and_only_a_yes_deletes_it() {
    let scene = with_an_extra("ask-prune");
    let mut asked = on_terminal(&scene, "sync", &[]);
    asked.expect("sync 1 object of 1 app on test (1 deleted)? [y/N]");
    assert!(
        asked.shown().contains("old  will be deleted"),
        "{}",
        asked.shown()
    );
    asked.type_line("");
    let answer = asked.wait().expect_code(1);
    assert!(answer.stdout.contains("nothing was changed"), "{answer:?}");
    assert!(scene.exists("configmaps/old"), "no answer is a no");
    let diff = scene.diff(&[]);
    assert_eq!(diff.resource("ConfigMap", "old")["action"], "Delete");
    let mut asked = on_terminal(&scene, "sync", &[]);
    asked.expect("[y/N]");
    asked.type_line("y");
    asked.wait().expect_code(0);
    assert!(!scene.exists("configmaps/old"));
}

#[test]
fn what_stays_is_shown_with_its_reason() {
    let mut keep = config_map("keep", "1");
    keep["metadata"]["annotations"] = json!({"argocd.argoproj.io/sync-options": "Prune=false"});
    let scene = Scene::new(plane(), "ask-keep", &[config_map("one", "1"), keep.clone()]);
    scene.declare(&json!({"automated": {"prune": true}}));
    scene.synced(&[]);
    scene.take(&keep);
    scene.put(&config_map("one", "2"));
    let mut asked = on_terminal(&scene, "sync", &[]);
    asked.expect("sync 1 object of 1 app on test (1 written)?");
    let shown = asked.shown();
    assert!(shown.contains("keep  kept: it carries"), "{shown}");
    asked.type_line("n");
    asked.wait().expect_code(1);
    let diff = scene.diff(&[]);
    assert_eq!(diff.resource("ConfigMap", "keep")["action"], "Keep");
}

#[test]
fn a_rollback_says_what_it_deletes() {
    let scene = Scene::new(plane(), "ask-rollback", &[config_map("one", "1")]);
    scene.declare(&json!({"automated": {"prune": true}}));
    scene.synced(&[]);
    scene.put(&config_map("late", "1"));
    scene.synced(&[]);
    let mut asked = on_terminal(&scene, "rollback", &[]);
    asked.expect("(1 deleted)? [y/N]");
    assert!(
        asked.shown().contains("late  will be deleted"),
        "{}",
        asked.shown()
    );
    asked.type_line("no");
    asked.wait().expect_code(1);
    assert!(scene.exists("configmaps/late"));
}

#[test]
fn a_delete_shows_what_goes_and_what_stays() {
    let mut keep = config_map("keep", "1");
    keep["metadata"]["annotations"] = json!({"argocd.argoproj.io/sync-options": "Prune=false"});
    let scene = Scene::new(plane(), "ask-delete", &[config_map("goes", "1"), keep]);
    scene.synced(&[]);
    let mut asked = on_terminal(&scene, "delete", &[]);
    asked.expect("with 1 object, and keep 1 object? [y/N]");
    let shown = asked.shown();
    assert!(
        shown.contains("goes  will be deleted") && shown.contains("keep  kept:"),
        "{shown}"
    );
    asked.type_line("n");
    asked.wait().expect_code(1);
    assert!(scene.exists("configmaps/goes"));
}

#[test]
fn what_was_typed_before_the_question_is_no_answer() {
    let scene = Scene::new(plane(), "ask-ahead", &[config_map("one", "1")]);
    let args = ["app", "sync", &scene.namespace];
    let mut asked = scene.pushboat(&args).input("y\ny\n").on_terminal();
    asked.expect("[y/N]");
    asked.type_line("");
    asked.wait().expect_code(1);
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn a_terminal_that_nobody_watches_is_not_asked() {
    let scene = Scene::new(plane(), "ask-ci", &[config_map("one", "1")]);
    let args = ["app", "sync", &scene.namespace];
    let call = |ci: &str| scene.pushboat(&args).env("CI", ci).on_terminal();
    for ci in ["true", "1", "woodpecker"] {
        let answer = call(ci).wait().expect_code(2);
        assert!(answer.stdout.contains("`--yes`"), "{answer:?}");
    }
    let mut asked = call("false");
    asked.expect("[y/N]");
    asked.type_line("n");
    asked.wait().expect_code(1);
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn the_time_limit_holds_for_the_question_too() {
    let scene = Scene::new(plane(), "ask-timeout", &[config_map("one", "1")]);
    let start = Instant::now();
    let answer = on_terminal(&scene, "sync", &["--timeout", "3s"]).wait();
    let answer = answer.expect_code(2);
    assert!(answer.stdout.contains("nobody answered"), "{answer:?}");
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn only_the_clusters_that_change_are_named() {
    let scene = Scene::new(plane(), "ask-clusters", &[config_map("one", "1")]);
    let other = plane().namespace("ask-clusters-other");
    let declared = scene
        .repo
        .path()
        .join(format!("clusters/test/{}.yaml", scene.namespace));
    let declared = std::fs::read_to_string(declared).unwrap();
    let file = format!("clusters/elsewhere/{other}.yaml");
    scene
        .repo
        .write(&file, &declared.replace(&scene.namespace, &other));
    scene
        .repo
        .write("clusters/elsewhere/cluster.yaml", "context: test\n");
    scene.repo.write(
        &format!("apps/{other}/a.yaml"),
        &config_map("a", "1").to_string(),
    );
    scene.run(&["app", "sync", "--all", "--yes"]).expect_code(0);
    scene.put(&config_map("one", "2"));
    let args = ["app", "sync", "--all"];
    let mut asked = scene.pushboat(&args).on_terminal();
    asked.expect("sync 1 object of 1 app on test (1 written)? [y/N]");
    asked.type_line("y");
    asked.wait().expect_code(0);
}

#[test]
fn a_confirmation_of_nothing_is_told() {
    let scene = with_an_extra("ask-confirm");
    let wrong = scene.sync(&["--confirm-prune", "garbage"]).expect_code(2);
    assert!(wrong.stderr.contains("Namespace/shop"), "{wrong:?}");
    assert!(scene.exists("configmaps/old"));
    let idle = scene.sync(&["--confirm-prune", "Namespace/nonexistent"]);
    let idle = idle.expect_code(0);
    let told = "`--confirm-prune Namespace/nonexistent` confirms nothing";
    assert!(idle.stderr.contains(told), "{idle:?}");
}

/// An app on a cluster that wants to be confirmed by name.
fn on_a_marked_cluster(name: &str) -> Scene<'static> {
    let scene = Scene::new(plane(), name, &[config_map("one", "1")]);
    let file = "clusters/test/cluster.yaml";
    scene.repo.write(file, "context: test\nconfirm: name\n");
    scene
}

#[test]
fn a_marked_cluster_is_not_changed_on_a_yes_alone() {
    let scene = on_a_marked_cluster("ask-name-ci");
    for more in [&[][..], &["-o", "json"]] {
        let answer = scene.sync(more).expect_code(2);
        assert!(answer.said().contains("--confirm test"), "{answer:?}");
    }
    assert_eq!(scene.writes().len(), 0);
    scene.sync(&["--dry-run"]).expect_code(0);
    scene.synced(&["--confirm", "test"]);
    scene.synced(&[]);
    let idle = scene.sync(&["--confirm", "tset"]).expect_code(0);
    assert!(idle.stderr.contains("confirms nothing"), "{idle:?}");
    scene.sync(&["--confirm", ""]).expect_code(2);
    let kept = scene.app("delete", &["--yes"]).expect_code(2);
    assert!(kept.said().contains("--confirm test"), "{kept:?}");
    assert!(scene.exists("configmaps/one"));
    scene
        .app("delete", &["--yes", "--confirm", "test"])
        .expect_code(0);
}

#[test]
fn the_name_of_a_marked_cluster_is_typed() {
    let scene = on_a_marked_cluster("ask-name");
    for more in [&[][..], &["--yes"]] {
        for line in ["y", "yes", "", "tes"] {
            let mut asked = on_terminal(&scene, "sync", more);
            asked.expect("Type `test` to go on:");
            asked.type_line(line);
            asked.wait().expect_code(1);
        }
    }
    assert_eq!(scene.writes().len(), 0);
    let mut asked = on_terminal(&scene, "sync", &[]);
    asked.expect("Type `test` to go on:");
    asked.type_line("test");
    asked.wait().expect_code(0);
    assert!(scene.exists("configmaps/one"));
}

#[test]
fn a_mark_that_is_not_known_is_an_error_and_not_no_mark() {
    let scene = on_a_marked_cluster("ask-name-odd");
    let file = "clusters/test/cluster.yaml";
    scene.repo.write(file, "context: test\nconfirm: naem\n");
    let answer = scene.sync(&[]).expect_code(2);
    assert!(answer.said().contains("naem"), "{answer:?}");
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn who_confirms_the_deletion_of_a_namespace_is_told_what_else_lives_in_it() {
    let scene = Scene::new(plane(), "ask-namespace", &[config_map("one", "1")]);
    let name = format!("{}-more", scene.namespace);
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    let mut ours = config_map("ours", "1");
    ours["metadata"]["namespace"] = json!(name);
    scene.put(&namespace);
    scene.put(&ours);
    scene.synced(&[]);
    let theirs = format!("/api/v1/namespaces/{name}/configmaps");
    scene.plane.create(&theirs, &config_map("theirs", "1"));
    scene.take(&namespace);
    scene.take(&ours);
    let told =
        format!("namespace `{name}` is deleted with 1 object that is not this app's: 1 ConfigMap");
    let confirmed = format!("Namespace/{name}");
    let prune = ["--prune", "--confirm-prune", &confirmed];
    let kept = scene.sync(&["--prune", "--dry-run"]).expect_code(1);
    assert!(!kept.said().contains(&told), "{kept:?}");
    let dry = scene.sync(&[&prune[..], &["--dry-run"]].concat());
    let dry = dry.expect_code(0);
    assert!(dry.stderr.contains(&told), "{dry:?}");
    let mut asked = on_terminal(&scene, "sync", &prune);
    asked.expect("(2 deleted)? [y/N]");
    assert!(asked.shown().contains(&told), "{}", asked.shown());
    asked.type_line("n");
    asked.wait().expect_code(1);
    let delete = ["--dry-run", "--confirm-prune", &confirmed];
    let dry = scene.app("delete", &delete);
    assert!(dry.stderr.contains(&told), "{dry:?}");
}
