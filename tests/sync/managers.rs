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
    assert_eq!(scene.live("configmaps/one")["data"]["key"], "1");
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

/// Declares a second app in the repository of `scene`, and gives its name.
fn second_app(scene: &Scene, name: &str) -> String {
    let second = plane().namespace(name);
    let file = |app: &str| format!("clusters/{}/{app}.yaml", plane().name());
    let declared = scene.repo.path().join(file(&scene.namespace));
    let declared = std::fs::read_to_string(declared).unwrap();
    let declared = declared.replace(&scene.namespace, &second);
    scene.repo.write(&file(&second), &declared);
    second
}

#[test]
fn an_object_that_moves_to_another_app_of_the_run_is_neither_pruned_nor_made_anew() {
    let mut moved = config_map("moved", "1");
    let one = Scene::new(
        plane(),
        "move-from",
        &[config_map("own", "1"), moved.clone()],
    );
    let two = second_app(&one, "move-to");
    let own = config_map("own", "2");
    one.repo
        .write(&format!("apps/{two}/own.yaml"), &own.to_string());
    let sync = ["app", "sync", "--all", "--yes", "--prune"];
    one.run(&sync).expect_code(0);
    let before = one.live("configmaps/moved");
    one.take(&moved);
    moved["metadata"]["namespace"] = json!(one.namespace);
    one.repo
        .write(&format!("apps/{two}/moved.yaml"), &moved.to_string());
    let answer = one.run(&sync).expect_code(0);
    let after = one.live("configmaps/moved");
    assert_eq!(
        after["metadata"]["uid"], before["metadata"]["uid"],
        "{answer:?}"
    );
    assert_ne!(after["metadata"]["labels"][MEMBER], json!(one.id()));
    one.run(&["app", "diff", "--all"]).expect_code(0);
}

#[test]
fn an_object_that_two_apps_of_one_run_want_is_refused_by_diff_and_sync_alike() {
    let one = Scene::new(plane(), "twice", &[config_map("shared", "first")]);
    let two = second_app(&one, "twice-too");
    let mut shared = config_map("shared", "second");
    shared["metadata"]["namespace"] = json!(one.namespace);
    one.repo
        .write(&format!("apps/{two}/shared.yaml"), &shared.to_string());
    for verb in [&["diff"][..], &["sync", "--yes"]] {
        let args = [&["app"], verb, &["--all", "-o", "json"]].concat();
        let answer = one.run(&args).expect_code(2);
        let document = answer.json();
        for (app, other) in [(&one.namespace, &two), (&two, &one.namespace)] {
            let apps = document["apps"].as_array().unwrap();
            let row = apps.iter().find(|row| row["name"] == **app).unwrap();
            let error = row["error"].to_string();
            assert!(
                error.contains(&format!("is also in app `test/{other}`")),
                "{error}"
            );
            assert!(error.contains(&format!("apps/{app}/")), "{error}");
        }
    }
    assert_eq!(one.writes().len(), 0);
    one.app("diff", &[]).expect_code(1);
}
