//! Other managers of the same objects: whose fields are taken back, whose are left, and whose sets are refused.

use super::plane;
use crate::support::Scene;
use crate::support::scene::{MEMBER, config_map, deployment, reasons};
use serde_json::json;

/// Makes `manager` own the replicas by an apply of its own.
fn scale_as(scene: &Scene, manager: &str, replicas: u32) {
    let mine = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": scene.namespace},
        "spec": {"replicas": replicas},
    });
    let manager = format!("--field-manager={manager}");
    let args = [
        "apply",
        "--server-side",
        "--force-conflicts",
        &manager,
        "-f",
        "-",
    ];
    scene
        .plane
        .try_kubectl(&args, &mine.to_string())
        .expect_code(0);
}

fn replicas(scene: &Scene) -> u64 {
    scene.live("apps/v1/deployments/web")["spec"]["replicas"]
        .as_u64()
        .unwrap()
}

#[test]
fn a_field_that_another_controller_took_is_a_conflict_that_names_it() {
    let scene = Scene::new(
        plane(),
        "other-controller",
        &[deployment("web", "web:1", 2), config_map("one", "1")],
    );
    scene.synced(&[]);
    scale_as(&scene, "fancy-autoscaler", 7);
    scene.put(&config_map("one", "2"));
    let answer = scene.sync(&["-o", "json"]).expect_code(1);
    assert!(reasons(&answer.json()).contains("conflict"), "{answer:?}");
    for part in ["fancy-autoscaler", "spec.replicas"] {
        assert!(answer.stdout.contains(part), "{part}: {answer:?}");
    }
    assert_eq!(replicas(&scene), 7, "nothing was forced");
    assert_eq!(
        scene.live("configmaps/one")["data"]["key"],
        "2",
        "the others go on"
    );
    scene.synced(&["--force-conflicts"]);
    assert_eq!(replicas(&scene), 2);
}

#[test]
fn what_a_person_edited_is_taken_back() {
    for manager in [
        "kubectl-edit",
        "kubectl-patch",
        "kubectl-client-side-apply",
        "kubectl",
    ] {
        let scene = Scene::new(plane(), "by-hand", &[deployment("web", "web:1", 2)]);
        scene.synced(&[]);
        scene.edit(
            "deployment",
            "web",
            manager,
            &json!({"spec": {"replicas": 5}}),
        );
        let diff = scene.diff(&[]);
        let change = &diff.resource("Deployment", "web")["changes"][0];
        assert_eq!(
            (diff.code, &change["path"]),
            (1, &json!("spec.replicas")),
            "{}",
            diff.app
        );
        assert_eq!(change["lastWriter"]["manager"], manager);
        scene.synced(&[]);
        assert_eq!(replicas(&scene), 2, "{manager}");
        scene.expect_clean();
    }
}

#[test]
fn what_kubectl_scale_did_is_taken_back() {
    let scene = Scene::new(plane(), "scaled", &[deployment("web", "web:1", 2)]);
    scene.synced(&[]);
    scene.plane.kubectl(&[
        "-n",
        &scene.namespace,
        "scale",
        "deployment/web",
        "--replicas=4",
    ]);
    assert_eq!(scene.diff(&[]).status("Deployment", "web"), "Modified");
    scene.synced(&[]);
    assert_eq!(replicas(&scene), 2);
}

#[test]
fn an_object_that_kubectl_apply_made_is_taken_over_whole() {
    let scene = Scene::new(plane(), "takeover", &[config_map("one", "1")]);
    let mut old = config_map("one", "0");
    old["data"]["stale"] = json!("x");
    let args = ["-n", &scene.namespace, "apply", "-f", "-"];
    scene
        .plane
        .try_kubectl(&args, &old.to_string())
        .expect_code(0);
    scene.synced(&[]);
    let live = scene.live("configmaps/one");
    assert_eq!(
        live["data"],
        json!({"key": "1"}),
        "`stale` went, as kubectl had applied it"
    );
    scene.expect_clean();
}

#[test]
fn fields_that_the_repository_does_not_name_stay_with_their_owners() {
    let scene = Scene::new(plane(), "shared-object", &[deployment("web", "web:1", 2)]);
    scene.synced(&[]);
    scene.edit(
        "deployment",
        "web",
        "mesh",
        &json!({"metadata": {"annotations": {"mesh/injected": "yes"}}}),
    );
    scene.expect_clean();
    scene.put(&deployment("web", "web:2", 2));
    scene.synced(&[]);
    let live = scene.live("apps/v1/deployments/web");
    assert_eq!(live["metadata"]["annotations"]["mesh/injected"], "yes");
}

#[test]
fn an_app_of_the_same_name_from_another_repository_is_refused() {
    let first = Scene::new(plane(), "same-name", &[config_map("one", "1")]);
    first.synced(&[]);
    let second = Scene::of(
        plane(),
        &first.namespace,
        "https://git.example/others/repo.git",
        &[config_map("two", "2")],
    );
    let answer = second.sync(&["--prune", "-o", "json"]).expect_code(1);
    assert!(reasons(&answer.json()).contains("guard"), "{answer:?}");
    assert!(
        answer.stdout.contains("git.example/teams"),
        "the owner is named: {answer:?}"
    );
    assert!(answer.stdout.contains("--adopt"), "{answer:?}");
    assert_eq!(second.writes().len(), 0);
    second.sync(&["--adopt"]);
    assert!(
        second.exists("configmaps/two"),
        "told to, it takes the set over"
    );
    first.sync(&[]).expect_code(1);
}

#[test]
fn another_tools_set_is_refused() {
    let scene = Scene::new(plane(), "other-tool", &[config_map("one", "1")]);
    let parent = json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {
            "name": scene.record(),
            "labels": {"applyset.kubernetes.io/id": scene.id()},
            "annotations": {
                "applyset.kubernetes.io/tooling": "kubectl/v1.36",
                "applyset.kubernetes.io/contains-group-kinds": "ConfigMap",
            },
        },
    });
    scene.plane.create(&scene.path("secrets"), &parent);
    scene.mark();
    let answer = scene.sync(&["-o", "json"]).expect_code(1);
    assert!(reasons(&answer.json()).contains("guard"), "{answer:?}");
    assert!(answer.stdout.contains("kubectl/v1.36"), "{answer:?}");
    assert_eq!(scene.writes().len(), 0);
}

/// Argo CD lets the last one win and the two fight for ever; here the second one is told.
#[test]
fn an_object_of_another_app_is_not_taken_from_it() {
    let first = Scene::new(plane(), "owner", &[config_map("shared", "first")]);
    first.synced(&[]);
    let mut shared = config_map("shared", "second");
    shared["metadata"]["namespace"] = json!(first.namespace);
    let second = Scene::new(plane(), "thief", &[config_map("own", "1"), shared]);
    let answer = second.sync(&[]).expect_code(1);
    let live = first.live("configmaps/shared");
    assert_eq!(live["data"]["key"], "first", "{answer:?}");
    assert_eq!(live["metadata"]["labels"][MEMBER], json!(first.id()));
    assert!(second.exists("configmaps/own"));
}
