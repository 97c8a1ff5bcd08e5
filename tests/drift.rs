//! Drift: who made it, what is never shown, lists of many pages, and the law that holds the fast answer to the exact one.

mod admission;
mod canaries;
mod extras;
mod law;
mod refused;
mod secrets;
mod takeover;

use crate::support::faultline::{Answer, Phase, Rule, Verb};
use crate::support::scene::{config_map, definition, deployment};
use crate::support::{ControlPlane, Faultline, Scene};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn plane() -> &'static ControlPlane {
    ControlPlane::shared()
}

#[test]
fn an_edit_is_shown_with_its_path_both_values_and_who_made_it_when() {
    let scene = Scene::new(plane(), "drift-writer", &[deployment("web", "web:1", 2)]);
    scene.synced(&[]);
    scene.edit(
        "deployment",
        "web",
        "night-shift",
        &json!({"spec": {"replicas": 5}}),
    );
    scene.plane.kubectl(&[
        "-n",
        &scene.namespace,
        "set",
        "image",
        "deployment/web",
        "main=web:9",
    ]);
    let diff = scene.diff(&[]);
    let changes = diff.resource("Deployment", "web")["changes"]
        .as_array()
        .unwrap();
    let change = |path: &str| {
        changes
            .iter()
            .find(|c| c["path"] == path)
            .unwrap_or_else(|| panic!("{path} in {changes:?}"))
    };
    let replicas = change("spec.replicas");
    assert_eq!(
        (&replicas["op"], &replicas["live"], &replicas["desired"]),
        (&json!("replace"), &json!(5), &json!(2))
    );
    let writer = &replicas["lastWriter"];
    assert_eq!(
        (&writer["manager"], &writer["operation"]),
        (&json!("night-shift"), &json!("Update"))
    );
    let time = writer["time"].as_str().unwrap();
    assert!(time.len() == 20 && time.ends_with('Z'), "{time}");
    let image = change("spec.template.spec.containers[name=main].image");
    assert_eq!(image["lastWriter"]["manager"], "kubectl-set");
    assert_eq!(changes.len(), 2, "{changes:?}");
    let text = scene.app("diff", &[]).expect_code(1).stdout;
    for part in ["spec.replicas", "night-shift", "web:9"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let unified = scene
        .app("diff", &["--format", "unified"])
        .expect_code(1)
        .stdout;
    assert!(
        unified.contains("replicas: 5") && unified.contains("replicas: 2"),
        "{unified}"
    );
}

#[test]
fn a_change_by_a_subresource_names_it() {
    let scene = Scene::new(plane(), "drift-scale", &[deployment("web", "web:1", 2)]);
    scene.synced(&[]);
    scene.plane.kubectl(&[
        "-n",
        &scene.namespace,
        "scale",
        "deployment/web",
        "--replicas=4",
    ]);
    let diff = scene.diff(&[]);
    let change = &diff.resource("Deployment", "web")["changes"][0];
    assert_eq!(
        (
            &change["lastWriter"]["manager"],
            &change["lastWriter"]["subresource"]
        ),
        (&json!("kubectl"), &json!("scale")),
        "{change}"
    );
}

#[test]
fn a_deleted_object_is_missing_and_a_diff_writes_nothing() {
    let scene = Scene::new(
        plane(),
        "drift-gone",
        &[config_map("one", "1"), config_map("two", "2")],
    );
    scene.synced(&[]);
    scene
        .plane
        .kubectl(&["-n", &scene.namespace, "delete", "configmap", "one"]);
    scene.mark();
    for more in [&[][..], &["--exact"]] {
        let diff = scene.diff(more);
        assert_eq!(
            diff.drifted().into_iter().collect::<Vec<_>>(),
            ["ConfigMap/one Missing"]
        );
    }
    assert_eq!(scene.writes().len(), 0);
}

/// Controllers write all the while. What one wrote after the list was read stands in the server's dry run already, and is
/// no drift.
#[test]
fn what_is_written_between_the_list_and_the_dry_run_is_no_drift() {
    let (scene, proxy) = raced("drift-race", |namespace| {
        let annotated = ["annotate", "configmap", "busy", "example.com/seen=yes"];
        plane().kubectl(&[&["-n", namespace][..], &annotated].concat());
    });
    let diff = scene.diff(&["--exact"]);
    assert_eq!((diff.code, diff.sync()), (0, "Synced"), "{}", diff.app);
    // Only what moved is read once more, and its answer needs no second dry run.
    let again: Vec<_> = proxy
        .journal()
        .into_iter()
        .filter(|entry| entry.verb == Verb::Get && entry.path.contains("/configmaps/"))
        .map(|entry| entry.path)
        .collect();
    assert!(
        matches!(again.as_slice(), [path] if path.ends_with("/busy")),
        "{again:?}"
    );
}

#[test]
fn what_cannot_be_read_again_after_it_was_written_is_told_as_not_exact() {
    let (scene, proxy) = raced("drift-race-blind", |namespace| {
        let annotated = ["annotate", "configmap", "busy", "example.com/seen=yes"];
        plane().kubectl(&[&["-n", namespace][..], &annotated].concat());
    });
    let no = Answer::status(403, "Forbidden", "configmaps is forbidden");
    proxy.rule(Rule::on(&[Verb::Get]).path("/configmaps/busy$").answer(no));
    let diff = scene.diff(&["--exact"]);
    let resource = diff.resource("ConfigMap", "busy");
    assert_eq!(
        (diff.code, &resource["error"]),
        (0, &Value::Null),
        "{}",
        diff.app
    );
    let notes = diff.app["notes"].to_string();
    assert!(notes.contains("may not read it again"), "{}", diff.app);
}

#[test]
fn what_is_deleted_between_the_list_and_the_dry_run_is_missing() {
    let (scene, _proxy) = raced("drift-race-gone", |namespace| {
        plane().kubectl(&["-n", namespace, "delete", "configmap", "busy"]);
    });
    let diff = scene.diff(&["--exact"]);
    let expected = BTreeSet::from(["ConfigMap/busy Missing".to_string()]);
    assert_eq!(diff.drifted(), expected, "{}", diff.app);
}

/// A synced app of two objects behind a proxy that calls `between` just before the first dry run of `busy`.
fn raced(
    name: &str,
    between: impl Fn(&str) + Send + Sync + 'static,
) -> (Scene<'static>, Faultline) {
    let objects = [config_map("busy", "1"), config_map("idle", "1")];
    let scene = Scene::new(plane(), name, &objects);
    scene.synced(&[]);
    let proxy = Faultline::before(plane());
    let namespace = scene.namespace.clone();
    let first = Rule::on(&[Verb::Patch])
        .dry_run(true)
        .path("/busy$")
        .first(1);
    proxy.rule(first.hook(Phase::BeforeForward, move |_| between(&namespace)));
    (scene.through(proxy.kubeconfig()), proxy)
}

#[test]
fn a_sync_that_succeeded_leaves_nothing_to_say_whatever_the_notation() {
    let mut web = deployment("web", "web:1", 1);
    web["spec"]["template"]["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": "1000m", "memory": "1024Mi"}, "limits": {"cpu": 2, "memory": "2147483648"}});
    web["spec"]["template"]["spec"]["containers"][0]["env"] =
        json!([{"name": "EMPTY", "value": ""}]);
    web["spec"]["template"]["spec"]["securityContext"] = json!({});
    web["spec"]["template"]["spec"]["nodeSelector"] = json!({});
    web["metadata"]["creationTimestamp"] = Value::Null;
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "both"},
        "data": {"a": "YQ=="}, "stringData": {"b": "bee"},
    });
    let scene = Scene::new(plane(), "drift-notation", &[web, secret]);
    scene.synced(&[]);
    scene.expect_clean();
    scene.mark();
    scene.synced(&[]);
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn a_list_of_many_pages_is_read_to_its_end() {
    let objects: Vec<_> = (0..620)
        .map(|n| config_map(&format!("map-{n:03}"), "x"))
        .collect();
    let scene = Scene::new(plane(), "drift-pages", &objects);
    scene.synced(&[]);
    scene.mark();
    let diff = scene.diff(&[]);
    assert_eq!((diff.sync(), diff.resources().len()), ("Synced", 620));
    let lists: Vec<_> = scene
        .events()
        .into_iter()
        .filter(|e| e.verb == "list" && e.resource == "configmaps")
        .collect();
    assert_eq!(
        lists.len(),
        3,
        "{:?}",
        lists.iter().map(|e| &e.uri).collect::<Vec<_>>()
    );
    assert!(lists[0].uri.contains("limit=") && lists[1].uri.contains("continue="));
    assert!(
        !lists.iter().any(|e| e.uri.contains("resourceVersion=0")),
        "a stale answer is no answer"
    );
    scene.edit(
        "configmap",
        "map-003",
        "kubectl-edit",
        &json!({"data": {"key": "y"}}),
    );
    scene.edit(
        "configmap",
        "map-611",
        "kubectl-edit",
        &json!({"data": {"key": "y"}}),
    );
    scene
        .plane
        .kubectl(&["-n", &scene.namespace, "delete", "configmap", "map-600"]);
    let drifted: Vec<_> = scene.diff(&[]).drifted().into_iter().collect();
    assert_eq!(
        drifted,
        [
            "ConfigMap/map-003 Modified",
            "ConfigMap/map-600 Missing",
            "ConfigMap/map-611 Modified"
        ]
    );
}

#[test]
fn a_repository_with_uncommitted_changes_says_so() {
    let scene = Scene::new(plane(), "drift-dirty", &[config_map("one", "1")]);
    assert_eq!(scene.diff(&[]).app["dirty"], false);
    scene.put(&config_map("one", "2"));
    assert_eq!(scene.diff(&[]).app["dirty"], true);
}

/// A kind without the subresource takes its status from an apply, like any other field.
#[test]
fn status_is_compared_where_an_apply_sets_it() {
    let scene = Scene::new(plane(), "drift-status", &[]);
    let group = format!("{}.example.com", scene.namespace);
    let mut crd = definition("gauges", "Gauge", &group);
    let schema = "/spec/versions/0/schema/openAPIV3Schema/properties";
    crd.pointer_mut(schema).unwrap()["status"] =
        json!({"type": "object", "properties": {"ready": {"type": "boolean"}}});
    let bare = json!({"apiVersion": format!("{group}/v1"), "kind": "Gauge", "metadata": {"name": "one"}, "spec": {"size": 1}});
    let mut object = bare.clone();
    object["status"] = json!({"ready": true});
    scene.put(&crd);
    scene.put(&bare);
    scene.synced(&[]);
    scene.put(&object);
    let expect = |path: &str| {
        for more in [&[][..], &["--exact"]] {
            let diff = scene.diff(more);
            let changes = &diff.resource("Gauge", "one")["changes"];
            assert_eq!(changes[0]["path"], json!(path), "{more:?} {}", diff.app);
        }
    };
    expect("status");
    scene.synced(&[]);
    scene.expect_clean();
    scene.edit(
        &format!("gauges.{group}"),
        "one",
        "kubectl-edit",
        &json!({"status": {"ready": false}}),
    );
    expect("status.ready");
    scene.synced(&[]);
    scene.put(&bare);
    expect("status");
    scene.synced(&[]);
    scene.expect_clean();
}
