//! Waiting for health, on a control plane whose workloads come to life.

use crate::support::scene::{config_map, deployment, reasons};
use crate::support::{ControlPlane, Scene};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn job(name: &str) -> Value {
    let template = json!({"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "job:1"}]}});
    json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": {"template": template}})
}

/// A Deployment whose pods find no node.
fn homeless(name: &str) -> Value {
    let mut object = deployment(name, "web:1", 1);
    object["spec"]["template"]["spec"]["nodeSelector"] = json!({"planet": "mars"});
    object
}

#[test]
fn a_sync_that_waits_ends_when_everything_is_healthy() {
    let scene = Scene::new(
        ControlPlane::shared_full(),
        "wait-ready",
        &[deployment("web", "web:1", 2), job("once")],
    );
    scene.synced(&["--wait"]);
    assert_eq!(
        scene.live("apps/v1/deployments/web")["status"]["readyReplicas"],
        2
    );
    assert_eq!(scene.live("batch/v1/jobs/once")["status"]["succeeded"], 1);
    scene.app("wait", &[]).expect_code(0);
    let document = scene.app("get", &["-o", "json"]).expect_code(0).stdout;
    assert!(document.contains("\"Healthy\""), "{document}");
    scene.expect_clean();
}

#[test]
fn what_never_becomes_healthy_is_named_with_its_last_condition() {
    let scene = Scene::new(
        ControlPlane::shared_full(),
        "wait-never",
        &[deployment("fine", "web:1", 1), homeless("stuck")],
    );
    let start = Instant::now();
    let answer = scene
        .sync(&["--wait", "--timeout", "6s", "-o", "json"])
        .expect_code(1);
    assert!(
        start.elapsed() < Duration::from_secs(12),
        "{:?}",
        start.elapsed()
    );
    let found = reasons(&answer.json());
    assert!(
        found.contains("unhealthy") || found.contains("timeout"),
        "{found:?}"
    );
    assert!(answer.stdout.contains("stuck"), "{answer:?}");
    let waiting = scene
        .pushboat(&["app", "wait", &scene.namespace, "--timeout", "3s"])
        .run()
        .expect_code(1);
    let said = waiting.stdout + &waiting.stderr;
    assert!(
        said.contains("stuck") && !said.contains("panicked"),
        "{said}"
    );
}

/// The scene of a rollout that the previous generation's health must not pass off as done.
#[test]
fn health_of_the_generation_before_does_not_count() {
    let scene = Scene::new(
        ControlPlane::shared_full(),
        "wait-generation",
        &[deployment("web", "web:1", 2)],
    );
    scene.synced(&["--wait"]);
    scene.put(&homeless("web"));
    scene.sync(&["--wait", "--timeout", "6s"]).expect_code(1);
}

#[test]
fn wait_can_ask_for_being_in_sync_too() {
    let scene = Scene::new(
        ControlPlane::shared_full(),
        "wait-sync",
        &[deployment("web", "web:1", 1)],
    );
    scene.synced(&["--wait"]);
    scene.app("wait", &["--sync"]).expect_code(0);
    scene.put(&deployment("web", "web:1", 2));
    let answer = scene
        .pushboat(&["app", "wait", &scene.namespace, "--sync", "--timeout", "3s"])
        .run();
    answer.expect_code(1);
}

#[test]
fn an_object_whose_health_is_to_be_ignored_delays_nothing_and_counts_for_nothing() {
    let mut ignored = homeless("ignored");
    ignored["metadata"]["annotations"] = json!({
        "argocd.argoproj.io/ignore-healthcheck": "true",
        "argocd.argoproj.io/sync-wave": "-1",
    });
    let scene = Scene::new(
        ControlPlane::shared_full(),
        "wait-ignored",
        &[ignored, deployment("web", "web:1", 1)],
    );
    scene.synced(&["--wait"]);
    scene.app("wait", &[]).expect_code(0);
    let details = scene.app("get", &["-o", "json"]).expect_code(0).json();
    let named = |text: &str| {
        details["resources"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["name"] == text && row["kind"] == "Deployment")
            .unwrap()["health"]
            .clone()
    };
    assert_eq!(
        (&named("ignored"), &details["health"]),
        (&json!("Progressing"), &json!("Healthy"))
    );
}

/// What a person has stopped waits for that person: it holds up no wave and no wait, and it is told as what it is.
#[test]
fn what_is_suspended_holds_nothing_up() {
    let mut suspended = job("on-demand");
    suspended["spec"]["suspend"] = json!(true);
    let mut paused = deployment("paused", "web:1", 1);
    paused["spec"]["paused"] = json!(true);
    let mut later = deployment("later", "web:1", 1);
    later["metadata"]["annotations"] = json!({"argocd.argoproj.io/sync-wave": "1"});
    let scene = Scene::new(
        ControlPlane::shared_full(),
        "wait-suspended",
        &[suspended, paused, later],
    );
    let answer = scene.sync(&["--wait", "--timeout", "30s", "-o", "json"]);
    let document = answer.expect_code(0).json();
    let app = &document["apps"][0];
    assert_eq!(
        (&app["result"], &app["health"]),
        (&json!("Succeeded"), &json!("Suspended"))
    );
    assert!(scene.exists("apps/v1/deployments/later"));
    let waited = scene.app("wait", &["-o", "json"]).expect_code(0).json();
    let app = &waited["apps"][0];
    assert_eq!(
        (&app["reached"], &app["health"]),
        (&json!(true), &json!("Suspended"))
    );
}

#[test]
fn what_is_being_deleted_says_so_with_the_finalizer_that_holds_it() {
    let scene = Scene::new(
        ControlPlane::shared_full(),
        "wait-deleted",
        &[config_map("held", "1")],
    );
    scene.synced(&[]);
    let finalizers = |list: Value| json!({"metadata": {"finalizers": list}});
    let held = finalizers(json!(["example.com/guard"]));
    scene.edit("configmap", "held", "operator", &held);
    let namespace = &scene.namespace;
    scene.plane.kubectl(&[
        "-n",
        namespace,
        "delete",
        "configmap",
        "held",
        "--wait=false",
    ]);
    let said = "being deleted, held by the finalizer `example.com/guard`";
    for (verb, more, code) in [
        ("diff", &[][..], 0),
        ("diff", &["--exact"], 0),
        ("resources", &[], 0),
        ("get", &[], 0),
        ("wait", &["--timeout", "1s"], 1),
    ] {
        let answer = scene.app(verb, more).expect_code(code);
        assert!(answer.said().contains(said), "{verb}: {answer:?}");
    }
    scene.edit("configmap", "held", "operator", &finalizers(json!([])));
}
