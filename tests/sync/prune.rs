//! What is no longer in the repository: when it goes, and that nothing else ever does.

use super::plane;
use crate::support::faultline::{Phase, Rule, Verb};
use crate::support::scene::{MEMBER, config_map, definition, reasons};
use crate::support::{ControlPlane, Faultline, Scene};
use serde_json::{Value, json};

fn maps(n: usize) -> Vec<Value> {
    (0..n)
        .map(|n| config_map(&format!("map-{n:02}"), "x"))
        .collect()
}

#[test]
fn what_left_the_repository_stays_and_is_told_unless_pruning_is_asked_for() {
    let objects = maps(3);
    let scene = Scene::new(plane(), "prune-ask", &objects);
    scene.synced(&[]);
    scene.take(&objects[1]);
    let diff = scene.diff(&[]);
    assert_eq!(
        (diff.code, diff.status("ConfigMap", "map-01")),
        (1, "Extra")
    );
    assert_eq!(diff.resource("ConfigMap", "map-01")["requiresPrune"], true);
    let answer = scene.sync(&[]).expect_code(1);
    assert!(answer.said().contains("--prune"), "{answer:?}");
    assert!(scene.exists("configmaps/map-01"));
    scene.put(&config_map("map-00", "new"));
    scene.sync(&[]).expect_code(1);
    scene.mark();
    scene.sync(&[]).expect_code(1);
    assert_eq!(scene.writes().len(), 0, "what is left is no work");
    assert_eq!(scene.diff(&[]).status("ConfigMap", "map-01"), "Extra");
}

#[test]
fn prune_removes_exactly_what_left_the_repository() {
    let objects = maps(8);
    let scene = Scene::new(plane(), "prune-exact", &objects);
    scene
        .plane
        .create(&scene.path("configmaps"), &config_map("foreign", "x"));
    scene.synced(&[]);
    scene.take(&objects[2]);
    scene.take(&objects[5]);
    scene.mark();
    scene.synced(&["--prune"]);
    assert_eq!(
        scene.changes(),
        ["delete configmaps/map-02", "delete configmaps/map-05"]
    );
    assert!(scene.exists("configmaps/foreign"));
    scene.expect_clean();
}

#[test]
fn every_delete_carries_the_uid_and_the_version_that_were_seen() {
    let objects = maps(2);
    let scene = Scene::new(plane(), "prune-uid", &objects);
    scene.synced(&[]);
    let live = scene.live("configmaps/map-00");
    scene.take(&objects[0]);
    scene.synced(&["--prune"]);
    let writes = scene.writes();
    let delete = writes
        .iter()
        .find(|e| e.verb == "delete" && e.resource == "configmaps")
        .unwrap();
    let expected = json!({
        "uid": live["metadata"]["uid"],
        "resourceVersion": live["metadata"]["resourceVersion"],
    });
    assert_eq!(delete.body["preconditions"], expected, "{}", delete.body);
}

#[test]
fn an_app_that_prunes_by_itself_needs_no_flag() {
    let objects = maps(3);
    let scene = Scene::new(plane(), "prune-auto", &objects);
    scene.declare(&json!({"automated": {"prune": true}}));
    scene.synced(&[]);
    scene.take(&objects[0]);
    scene.synced(&[]);
    assert!(!scene.exists("configmaps/map-00"));
    scene.take(&objects[1]);
    scene.sync(&["--no-prune"]).expect_code(1);
    assert!(scene.exists("configmaps/map-01"));
}

#[test]
fn a_kind_of_which_nothing_is_left_is_still_pruned() {
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "last"}, "stringData": {"a": "b"}});
    let scene = Scene::new(
        plane(),
        "prune-kind",
        &[config_map("one", "1"), secret.clone()],
    );
    scene.synced(&[]);
    scene.take(&secret);
    scene.synced(&["--prune"]);
    assert!(!scene.exists("secrets/last"));
    let parent = scene.live(&format!("secrets/{}", scene.record()));
    let scope = &parent["metadata"]["annotations"]["applyset.kubernetes.io/contains-group-kinds"];
    assert_eq!(scope, "ConfigMap", "narrowed after the prune");
}

#[test]
fn a_namespace_that_the_app_left_altogether_is_still_looked_into() {
    let other = plane().namespace("prune-other");
    let mut away = config_map("away", "x");
    away["metadata"]["namespace"] = json!(other);
    let scene = Scene::new(
        plane(),
        "prune-far",
        &[config_map("one", "1"), away.clone()],
    );
    scene.synced(&[]);
    let path = format!("/api/v1/namespaces/{other}/configmaps/away");
    plane().get(&path);
    scene.take(&away);
    assert_eq!(scene.diff(&[]).status("ConfigMap", "away"), "Extra");
    scene.synced(&["--prune"]);
    assert_eq!(plane().request("GET", &path, None).unwrap().0, 404);
}

#[test]
fn an_object_that_forbids_its_pruning_is_kept_by_its_own_word() {
    for (name, annotation) in [
        ("argocd.argoproj.io/sync-options", "Prune=false"),
        ("helm.sh/resource-policy", "keep"),
    ] {
        let mut keep = config_map("keep", "x");
        keep["metadata"]["annotations"] = json!({name: annotation});
        let scene = Scene::new(
            plane(),
            "prune-keep",
            &[config_map("one", "1"), keep.clone()],
        );
        scene.synced(&[]);
        scene.take(&keep);
        scene.sync(&["--prune"]);
        assert!(scene.exists("configmaps/keep"), "{annotation}");
        scene.mark();
        scene.sync(&["--prune"]);
        assert_eq!(
            scene.writes().len(),
            0,
            "{annotation}: what is kept is no work"
        );
    }
}

#[test]
fn an_object_whose_label_somebody_took_off_is_not_ours_any_more() {
    let objects = maps(3);
    let scene = Scene::new(plane(), "prune-label", &objects);
    scene.synced(&[]);
    scene.edit(
        "configmap",
        "map-00",
        "kubectl-edit",
        &json!({"metadata": {"labels": {MEMBER: null}}}),
    );
    scene.take(&objects[0]);
    scene.mark();
    scene.sync(&["--prune"]);
    assert_eq!(scene.changes(), [""; 0]);
    assert!(scene.exists("configmaps/map-00"));
}

#[test]
fn a_label_alone_does_not_make_an_object_ours() {
    let scene = Scene::new(plane(), "prune-forged", &maps(3));
    scene.synced(&[]);
    let mut forged = config_map("forged", "x");
    forged["metadata"]["labels"] = json!({MEMBER: scene.id()});
    scene.plane.create(&scene.path("configmaps"), &forged);
    scene.mark();
    scene.sync(&["--prune"]);
    assert_eq!(scene.changes(), [""; 0]);
    assert!(scene.exists("configmaps/forged"));
}

#[test]
fn an_object_that_a_controller_owns_is_left_to_it() {
    let objects = maps(3);
    let scene = Scene::new(plane(), "prune-owned", &objects);
    scene.synced(&[]);
    let owner = scene.live("configmaps/map-01");
    let reference = json!([{
        "apiVersion": "v1", "kind": "ConfigMap", "name": "map-01", "controller": true, "uid": owner["metadata"]["uid"],
    }]);
    scene.edit(
        "configmap",
        "map-00",
        "some-controller",
        &json!({"metadata": {"ownerReferences": reference}}),
    );
    scene.take(&objects[0]);
    scene.mark();
    scene.sync(&["--prune"]);
    assert!(scene.exists("configmaps/map-00"));
    assert!(!scene.changes().iter().any(|c| c.starts_with("delete")));
}

/// Between the list and the delete somebody else becomes its owner: the delete fails by its version, and then it is seen.
#[test]
fn an_object_that_changes_hands_just_before_its_delete_is_left_alone() {
    let objects = maps(4);
    let scene = Scene::new(plane(), "prune-race", &objects);
    scene.synced(&[]);
    let proxy = Faultline::before(plane());
    let namespace = scene.namespace.clone();
    proxy.rule(
        Rule::on(&[Verb::Delete])
            .path("configmaps/map-00$")
            .first(1)
            .hook(Phase::BeforeForward, move |_| {
                let patch = json!({"metadata": {"labels": {MEMBER: null}}}).to_string();
                plane().kubectl(&[
                    "-n",
                    &namespace,
                    "patch",
                    "configmap",
                    "map-00",
                    "--type=merge",
                    "-p",
                    &patch,
                ]);
            }),
    );
    scene.take(&objects[0]);
    scene.take(&objects[1]);
    let scene = scene.through(proxy.kubeconfig());
    let answer = scene.sync(&["--prune"]).expect_code(1);
    assert!(scene.exists("configmaps/map-00"), "{answer:?}");
    assert!(!scene.exists("configmaps/map-01"), "{answer:?}");
    assert!(answer.said().contains("map-00"), "{answer:?}");
}

/// Between the comparison and the lock somebody spoils the parent: what it says is no ground to delete on any more.
#[test]
fn a_record_that_is_spoilt_just_before_the_sync_writes_prunes_nothing() {
    let objects = maps(4);
    let scene = Scene::new(plane(), "prune-spoilt", &objects);
    scene.synced(&[]);
    let proxy = Faultline::before(plane());
    let (namespace, record) = (scene.namespace.clone(), scene.record());
    proxy.rule(
        Rule::write()
            .path("/leases")
            .first(1)
            .hook(Phase::BeforeForward, move |_| {
                let kinds = "applyset.kubernetes.io/contains-group-kinds=<x>";
                let annotate = ["annotate", "--overwrite", "secret", &record, kinds];
                plane().kubectl(&[&["-n", &namespace], &annotate[..]].concat());
            }),
    );
    scene.take(&objects[0]);
    let scene = scene.through(proxy.kubeconfig());
    let answer = scene.sync(&["--prune", "-o", "json"]);
    assert!(scene.exists("configmaps/map-00"), "{answer:?}");
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(reasons(&answer.json()).contains("guard"), "{answer:?}");
    scene.synced(&["--prune"]);
    assert!(!scene.exists("configmaps/map-00"), "written anew, it holds");
}

/// What was recreated under the same name is another object: its uid says so.
#[test]
fn a_namesake_that_was_created_meanwhile_is_left_alone() {
    let objects = maps(4);
    let scene = Scene::new(plane(), "prune-namesake", &objects);
    scene.synced(&[]);
    let proxy = Faultline::before(plane());
    let namespace = scene.namespace.clone();
    proxy.rule(
        Rule::on(&[Verb::Delete])
            .path("configmaps/map-00$")
            .first(1)
            .hook(Phase::BeforeForward, move |_| {
                plane().kubectl(&["-n", &namespace, "delete", "configmap", "map-00"]);
                plane().create(
                    &format!("/api/v1/namespaces/{namespace}/configmaps"),
                    &config_map("map-00", "theirs"),
                );
            }),
    );
    scene.take(&objects[0]);
    let scene = scene.through(proxy.kubeconfig());
    scene.sync(&["--prune"]).expect_code(1);
    assert_eq!(scene.live("configmaps/map-00")["data"]["key"], "theirs");
}

#[test]
fn a_list_that_is_refused_means_no_delete_anywhere() {
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "mine"}, "stringData": {"a": "b"}});
    let objects = [config_map("one", "1"), config_map("two", "2"), secret];
    let scene = Scene::new(plane(), "prune-blind", &objects);
    scene.synced(&[]);
    let proxy = Faultline::before(plane());
    let no = crate::support::faultline::Answer::status(403, "Forbidden", "secrets is forbidden");
    proxy.rule(
        Rule::on(&[Verb::List])
            .path("/secrets$")
            .query("part-of")
            .answer(no.clone()),
    );
    proxy.rule(
        Rule::on(&[Verb::List])
            .path(&format!("/{}/secrets$|/v1/secrets$", scene.namespace))
            .answer(no),
    );
    scene.take(&objects[0]);
    scene.mark();
    let scene = scene.through(proxy.kubeconfig());
    let answer = scene.sync(&["--prune"]);
    assert_ne!(answer.code, 0, "{answer:?}");
    assert!(
        !scene.changes().iter().any(|c| c.starts_with("delete")),
        "{:?}",
        scene.changes()
    );
    assert!(scene.exists("configmaps/one"));
}

#[test]
fn nothing_is_pruned_when_an_apply_of_the_same_run_failed() {
    let objects = maps(3);
    let scene = Scene::new(plane(), "prune-failed", &objects);
    scene.synced(&[]);
    scene.take(&objects[0]);
    scene.put(&crate::support::scene::rejected("broken"));
    scene.sync(&["--prune"]).expect_code(1);
    assert!(scene.exists("configmaps/map-00"));
    scene.take(&crate::support::scene::rejected("broken"));
    scene.synced(&["--prune"]);
    assert!(!scene.exists("configmaps/map-00"));
}

#[test]
fn a_repository_that_cannot_be_rendered_deletes_nothing() {
    let objects = maps(3);
    let scene = Scene::new(plane(), "prune-render", &objects);
    scene.synced(&[]);
    scene.take(&objects[0]);
    scene
        .repo
        .write(&format!("apps/{}/broken.yaml", scene.namespace), "a: [1\n");
    scene.mark();
    let answer = scene.sync(&["--prune", "-o", "json"]).expect_code(2);
    assert!(reasons(&answer.json()).contains("render"), "{answer:?}");
    assert_eq!(scene.writes().len(), 0);
}

/// With a garbage collector, as custom objects go in the foreground.
#[test]
fn objects_of_a_definition_that_goes_with_them_are_pruned_first() {
    let plane = ControlPlane::shared_full();
    let group = "gone-together.example.com";
    let crd = definition("boats", "Boat", group);
    let boat = json!({"apiVersion": format!("{group}/v1"), "kind": "Boat", "metadata": {"name": "dinghy"}, "spec": {"color": "red"}});
    let scene = Scene::new(
        plane,
        "prune-crd",
        &[config_map("one", "1"), crd.clone(), boat.clone()],
    );
    scene.synced(&[]);
    scene.take(&boat);
    scene.take(&crd);
    let name = format!("CustomResourceDefinition/boats.{group}");
    scene.synced(&["--prune", "--confirm-prune", &name]);
    let path = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/boats.{group}");
    assert_eq!(plane.request("GET", &path, None).unwrap().0, 404);
}
