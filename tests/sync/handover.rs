//! Objects that others made: whose fields pushboat owns after a sync, and that what git drops later really goes.

use super::plane;
use crate::support::faultline::{Answer, Phase, Rule, Verb};
use crate::support::scene::{config_map, definition, deployment};
use crate::support::{Faultline, Finished, Scene};
use serde_json::{Value, json};

/// Makes an object as a tool of this name does.
fn create_as(scene: &Scene, manager: &str, object: &Value) {
    let manager = format!("--field-manager={manager}");
    let args = ["-n", &scene.namespace, "create", &manager, "-f", "-"];
    let made = scene.plane.try_kubectl(&args, &object.to_string());
    made.expect_code(0);
}

fn kubectl_apply(scene: &Scene, object: &Value) -> Finished {
    let args = ["-n", &scene.namespace, "apply", "-f", "-"];
    let applied = scene.plane.try_kubectl(&args, &object.to_string());
    applied.expect_code(0)
}

/// A Deployment with these fields in its one container.
fn web(container: Value) -> Value {
    let mut web = deployment("web", "web:1", 1);
    for (name, value) in container.as_object().unwrap() {
        web["spec"]["template"]["spec"]["containers"][0][name] = value.clone();
    }
    web
}

fn pod_spec(scene: &Scene) -> Value {
    scene.live("apps/v1/deployments/web")["spec"]["template"]["spec"].clone()
}

/// Both ways of asking call this object modified.
#[track_caller]
fn expect_modified(scene: &Scene, kind: &str, name: &str) -> Vec<String> {
    let paths = |more: &[&str]| {
        let diff = scene.diff(more);
        let resource = diff.resource(kind, name);
        assert_eq!(resource["status"], "Modified", "{more:?} {}", diff.app);
        let changes = resource["changes"].as_array().unwrap();
        let paths = changes
            .iter()
            .map(|it| it["path"].as_str().unwrap().to_owned());
        paths.collect::<Vec<_>>()
    };
    let fast = paths(&[]);
    assert_eq!(fast, paths(&["--exact"]));
    fast
}

/// The field set of a manager's entry of the main resource; null without one.
fn entry_of(live: &Value, manager: &str) -> Value {
    let entries = live["metadata"]["managedFields"].as_array().unwrap();
    let is_it = |entry: &&Value| entry["manager"] == manager && entry["subresource"].is_null();
    let found = entries.iter().find(is_it);
    found.map_or(Value::Null, |entry| entry["fieldsV1"].clone())
}

/// How many patches of fields were sent that are no applies: only those carry the owners.
fn n_handovers(scene: &Scene) -> usize {
    let is_one = |body: &Value| body.is_array();
    scene.writes().iter().filter(|e| is_one(&e.body)).count()
}

#[test]
fn a_variable_of_an_object_that_kubectl_applied_goes_when_git_drops_it() {
    let env = |names: &[&str]| {
        let all: Vec<_> = names
            .iter()
            .map(|name| json!({"name": name, "value": "x"}))
            .collect();
        web(json!({"env": all}))
    };
    let both = env(&["KEEP", "OLD"]);
    let scene = Scene::new(plane(), "take-variable", std::slice::from_ref(&both));
    kubectl_apply(&scene, &both);
    scene.synced(&[]);
    scene.expect_clean();
    scene.put(&env(&["KEEP"]));
    let paths = expect_modified(&scene, "Deployment", "web");
    assert_eq!(
        paths,
        ["spec.template.spec.containers[name=main].env[name=OLD]"]
    );
    scene.synced(&[]);
    let env = &pod_spec(&scene)["containers"][0]["env"];
    assert_eq!(*env, json!([{"name": "KEEP", "value": "x"}]));
    scene.expect_clean();
}

#[test]
fn what_git_dropped_before_the_first_sync_goes_when_kubectl_had_applied_it() {
    let spread = |when: &str| {
        let mut web = deployment("web", "web:1", 1);
        web["spec"]["template"]["spec"]["topologySpreadConstraints"] = json!([{
            "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": when,
            "labelSelector": {"matchLabels": {"app": "web"}},
        }]);
        web
    };
    let scene = Scene::new(plane(), "take-spread", &[spread("ScheduleAnyway")]);
    kubectl_apply(&scene, &spread("DoNotSchedule"));
    expect_modified(&scene, "Deployment", "web");
    scene.synced(&[]);
    let constraints = pod_spec(&scene)["topologySpreadConstraints"].clone();
    assert_eq!(constraints.as_array().unwrap().len(), 1, "{constraints}");
    assert_eq!(constraints[0]["whenUnsatisfiable"], "ScheduleAnyway");
    scene.expect_clean();
}

#[test]
fn a_value_that_becomes_a_reference_is_applied_whoever_made_the_object() {
    let value = web(json!({"env": [{"name": "A", "value": "x"}]}));
    let source = json!({"fieldRef": {"fieldPath": "metadata.name"}});
    let reference = web(json!({"env": [{"name": "A", "valueFrom": source}]}));
    for manager in ["kubectl-create", "kubectl-replace", "helm", "velero-server"] {
        let scene = Scene::new(plane(), "take-value", std::slice::from_ref(&value));
        create_as(&scene, manager, &value);
        scene.synced(&[]);
        // A person writes it again: now they own it, and pushboat does not.
        scene.plane.kubectl(&[
            "-n",
            &scene.namespace,
            "set",
            "env",
            "deployment/web",
            "A=y",
        ]);
        scene.put(&reference);
        let paths = expect_modified(&scene, "Deployment", "web");
        let item = "spec.template.spec.containers[name=main].env[name=A]";
        assert_eq!(
            paths,
            [format!("{item}.value"), format!("{item}.valueFrom")]
        );
        scene.mark();
        scene.sync(&["--dry-run"]).expect_code(0);
        assert_eq!(scene.writes().len(), 0);
        scene.synced(&[]);
        let env = &pod_spec(&scene)["containers"][0]["env"][0];
        assert_eq!(env["value"], Value::Null, "{manager} {env}");
        scene.expect_clean();
    }
}

#[test]
fn what_argo_cd_applied_and_git_drops_goes_and_a_conflict_with_it_stays_one() {
    let mut map = config_map("one", "1");
    map["data"]["drop"] = json!("1");
    let scene = Scene::new(plane(), "take-argo", std::slice::from_ref(&map));
    create_as(&scene, "argocd-controller", &map);
    scene.synced(&[]);
    scene.put(&config_map("one", "1"));
    assert_eq!(expect_modified(&scene, "ConfigMap", "one"), ["data.drop"]);
    scene.synced(&[]);
    assert_eq!(scene.live("configmaps/one")["data"], json!({"key": "1"}));
    scene.edit(
        "configmap",
        "one",
        "argocd-controller",
        &json!({"data": {"key": "2"}}),
    );
    let answer = scene.sync(&[]).expect_code(1);
    assert!(answer.said().contains("argocd-controller"), "{answer:?}");
}

#[test]
fn a_first_sync_applies_a_reference_where_kubectl_had_applied_a_value() {
    let scene = Scene::new(plane(), "take-reference", &[]);
    kubectl_apply(&scene, &web(json!({"env": [{"name": "A", "value": "x"}]})));
    let source = json!({"fieldRef": {"fieldPath": "metadata.name"}});
    scene.put(&web(json!({"env": [{"name": "A", "valueFrom": source}]})));
    expect_modified(&scene, "Deployment", "web");
    scene.synced(&[]);
    scene.expect_clean();
}

#[test]
fn what_the_server_put_beside_a_dropped_field_goes_with_it() {
    let probe = json!({"httpGet": {"path": "/", "port": 80}});
    let mut before = web(json!({
        "livenessProbe": probe,
        "volumeMounts": [{"name": "files", "mountPath": "/files"}],
        "ports": [{"containerPort": 80}],
    }));
    before["spec"]["template"]["spec"]["volumes"] =
        json!([{"name": "files", "configMap": {"name": "files"}}]);
    let mut after = web(json!({
        "volumeMounts": [{"name": "files", "mountPath": "/files"}],
        "ports": [{"containerPort": 81}],
    }));
    after["spec"]["template"]["spec"]["volumes"] = json!([{"name": "files", "emptyDir": {}}]);
    let scene = Scene::new(plane(), "take-defaults", &[before.clone()]);
    create_as(&scene, "kubectl-create", &before);
    scene.synced(&[]);
    scene.put(&after);
    expect_modified(&scene, "Deployment", "web");
    scene.synced(&[]);
    let spec = pod_spec(&scene);
    let container = &spec["containers"][0];
    assert_eq!(container["livenessProbe"], Value::Null, "{spec}");
    assert_eq!(
        container["ports"],
        json!([{"containerPort": 81, "protocol": "TCP"}])
    );
    assert_eq!(spec["volumes"], json!([{"name": "files", "emptyDir": {}}]));
    scene.expect_clean();
}

#[test]
fn exactly_the_fields_of_the_manifest_change_hands() {
    let ours = web(json!({}));
    let scene = Scene::new(plane(), "take-exactly", std::slice::from_ref(&ours));
    let mut theirs = web(json!({"imagePullPolicy": "Never"}));
    theirs["metadata"]["annotations"] = json!({"note": "of a person"});
    create_as(&scene, "kubectl-create", &theirs);
    scene.plane.kubectl(&[
        "-n",
        &scene.namespace,
        "scale",
        "deployment/web",
        "--replicas=1",
    ]);
    scene.plane.kubectl(&[
        "-n",
        &scene.namespace,
        "rollout",
        "restart",
        "deployment/web",
    ]);
    scene.edit(
        "deployment",
        "web",
        "mesh",
        &json!({"spec": {"revisionHistoryLimit": 3}}),
    );
    let before = scene.live("apps/v1/deployments/web");
    scene.synced(&[]);
    let live = scene.live("apps/v1/deployments/web");
    let left = entry_of(&live, "kubectl-create");
    let container =
        &left["f:spec"]["f:template"]["f:spec"]["f:containers"]["k:{\"name\":\"main\"}"];
    assert!(
        container["f:image"].is_null() && container["f:imagePullPolicy"].is_object(),
        "{left}"
    );
    assert!(
        left["f:metadata"]["f:annotations"]["f:note"].is_object(),
        "{left}"
    );
    for manager in ["mesh", "kubectl-rollout"] {
        assert_eq!(entry_of(&live, manager), entry_of(&before, manager));
    }
    assert_eq!(live["metadata"]["annotations"]["note"], "of a person");
    scene.expect_clean();
    // Nor does it go when something else is dropped.
    scene.put(&deployment("web", "web:2", 1));
    scene.synced(&[]);
    let live = scene.live("apps/v1/deployments/web");
    assert_eq!(live["metadata"]["annotations"]["note"], "of a person");
    assert_eq!(
        pod_spec(&scene)["containers"][0]["imagePullPolicy"],
        "Never"
    );
}

#[test]
fn a_field_that_a_person_took_over_still_goes_when_git_drops_it() {
    let mut map = config_map("one", "1");
    map["data"]["drop"] = json!("1");
    let scene = Scene::new(plane(), "take-back", &[map.clone(), config_map("two", "1")]);
    scene.synced(&[]);
    scene.edit(
        "configmap",
        "one",
        "kubectl-edit",
        &json!({"data": {"drop": "2", "mine": "3"}}),
    );
    scene.put(&config_map("one", "1"));
    assert_eq!(expect_modified(&scene, "ConfigMap", "one"), ["data.drop"]);
    scene.synced(&[]);
    assert_eq!(
        scene.live("configmaps/one")["data"],
        json!({"key": "1", "mine": "3"})
    );
    scene.expect_clean();
}

#[test]
fn an_object_without_managed_fields_is_written_once_and_then_both_removals_work() {
    let mut map = config_map("one", "1");
    map["data"]["drop"] = json!("1");
    let whole = config_map("whole", "1");
    let scene = Scene::new(
        plane(),
        "take-cleared",
        &[map.clone(), whole.clone(), config_map("rest", "1")],
    );
    scene.synced(&[]);
    for name in ["one", "whole"] {
        scene.edit(
            "configmap",
            name,
            "cleaner",
            &json!({"metadata": {"managedFields": [{}]}}),
        );
    }
    let before = scene.live("configmaps/one");
    let diff = scene.diff(&[]);
    assert_eq!((diff.code, diff.sync()), (0, "Synced"), "{}", diff.app);
    assert!(
        diff.app["notes"].to_string().contains("writes them once"),
        "{}",
        diff.app
    );
    scene.mark();
    scene.synced(&[]);
    let live = scene.live("configmaps/one");
    assert_eq!(live["data"], before["data"]);
    let managers: Vec<_> = live["metadata"]["managedFields"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    assert_eq!(managers.len(), 1, "{live}");
    assert_eq!(managers[0]["manager"], "pushboat");
    scene.mark();
    scene.synced(&[]);
    assert_eq!(scene.writes().len(), 0, "once");
    scene.put(&config_map("one", "1"));
    scene.take(&whole);
    assert_eq!(expect_modified(&scene, "ConfigMap", "one"), ["data.drop"]);
    scene.synced(&["--prune"]);
    assert_eq!(scene.live("configmaps/one")["data"], json!({"key": "1"}));
    assert!(!scene.exists("configmaps/whole"));
    scene.expect_clean();
}

#[test]
fn what_git_dropped_while_managed_fields_were_empty_goes_too() {
    let mut map = config_map("one", "1");
    map["data"]["drop"] = json!("1");
    let before = web(json!({"env": [{"name": "A", "value": "x"}, {"name": "B", "value": "x"}]}));
    let scene = Scene::new(plane(), "take-emptied", &[map, before]);
    scene.synced(&[]);
    let empty = json!({"metadata": {"managedFields": [{}]}});
    scene.edit("configmap", "one", "cleaner", &empty);
    scene.edit("deployment", "web", "cleaner", &empty);
    // Another one writes first, and the server gives it everything else.
    scene.edit(
        "configmap",
        "one",
        "some-operator",
        &json!({"data": {"theirs": "1"}}),
    );
    scene.put(&config_map("one", "1"));
    scene.put(&web(json!({"env": [{"name": "A", "value": "x"}]})));
    assert_eq!(expect_modified(&scene, "ConfigMap", "one"), ["data.drop"]);
    expect_modified(&scene, "Deployment", "web");
    scene.synced(&[]);
    assert_eq!(
        scene.live("configmaps/one")["data"],
        json!({"key": "1", "theirs": "1"})
    );
    let env = pod_spec(&scene)["containers"][0]["env"].clone();
    assert_eq!(env, json!([{"name": "A", "value": "x"}]));
    scene.expect_clean();
}

#[test]
fn what_the_server_gave_to_everybody_before_the_first_apply_is_taken_back() {
    let mut map = config_map("one", "1");
    map["data"]["drop"] = json!("1");
    let scene = Scene::new(plane(), "take-first", &[map.clone()]);
    create_as(&scene, "kubectl-create", &map);
    scene.edit(
        "configmap",
        "one",
        "cleaner",
        &json!({"metadata": {"managedFields": [{}]}}),
    );
    let label = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "one", "labels": {"a": "b"}}});
    let args = [
        "-n",
        &scene.namespace,
        "apply",
        "--server-side",
        "--field-manager=other",
        "-f",
        "-",
    ];
    scene
        .plane
        .try_kubectl(&args, &label.to_string())
        .expect_code(0);
    let owned = entry_of(&scene.live("configmaps/one"), "before-first-apply");
    assert!(owned["f:data"]["f:drop"].is_object(), "{owned}");
    scene.synced(&[]);
    let live = scene.live("configmaps/one");
    assert!(
        entry_of(&live, "before-first-apply")["f:data"]["f:drop"].is_null(),
        "{live}"
    );
    scene.put(&config_map("one", "1"));
    expect_modified(&scene, "ConfigMap", "one");
    scene.synced(&[]);
    assert_eq!(scene.live("configmaps/one")["data"], json!({"key": "1"}));
}

#[test]
fn a_secret_loses_the_key_that_kubectl_applied_as_text() {
    let secret = |data: Value| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": data});
    let scene = Scene::new(plane(), "take-secret", &[secret(json!({"a": "1"}))]);
    kubectl_apply(&scene, &secret(json!({"a": "1", "b": "2"})));
    assert!(expect_modified(&scene, "Secret", "s").contains(&"data.b".to_owned()));
    scene.synced(&[]);
    assert_eq!(scene.live("secrets/s")["data"], json!({"a": "MQ=="}));
    scene.expect_clean();
}

#[test]
fn fields_of_a_custom_kind_go_with_and_without_a_schema() {
    let group = format!("{}.example.com", plane().namespace("take-kind"));
    let typed = definition("boats", "Boat", &group);
    let mut free = definition("rafts", "Raft", &group);
    free["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = json!({
        "type": "object", "x-kubernetes-preserve-unknown-fields": true,
    });
    for definition in [&typed, &free] {
        plane().kubectl_apply(&definition.to_string());
    }
    for plural in ["boats", "rafts"] {
        let name = format!("crd/{plural}.{group}");
        plane().kubectl(&[
            "wait",
            "--for=condition=Established",
            &name,
            "--timeout=30s",
        ]);
    }
    let boat = |kind: &str, spec: Value| {
        let version = format!("{group}/v1");
        json!({"apiVersion": version, "kind": kind, "metadata": {"name": "x"}, "spec": spec})
    };
    let full = json!({"size": 2, "color": "red", "ports": [{"name": "a", "port": 1}, {"name": "b", "port": 2}]});
    let less = json!({"size": 2, "ports": [{"name": "a", "port": 1}]});
    for (kind, plural) in [("Boat", "boats"), ("Raft", "rafts")] {
        let scene = Scene::new(plane(), "take-custom", &[boat(kind, full.clone())]);
        create_as(&scene, "kubectl-create", &boat(kind, full.clone()));
        scene.synced(&[]);
        scene.put(&boat(kind, less.clone()));
        expect_modified(&scene, kind, "x");
        scene.synced(&[]);
        let path = format!("/apis/{group}/v1/namespaces/{}/{plural}/x", scene.namespace);
        assert_eq!(plane().get(&path)["spec"], less, "{kind}");
        scene.expect_clean();
    }
}

#[test]
fn a_process_that_dies_between_the_two_writes_leaves_what_the_next_sync_finishes() {
    let mut map = config_map("one", "1");
    map["data"]["drop"] = json!("1");
    let scene = Scene::new(plane(), "take-crash", &[config_map("one", "1")]);
    kubectl_apply(&scene, &map);
    let proxy = Faultline::before(plane());
    let no = Answer::status(403, "Forbidden", "not now");
    proxy.rule(
        Rule::on(&[Verb::Patch])
            .path("configmaps/one$")
            .dry_run(false)
            .nth(2)
            .answer(no),
    );
    let broken = scene.app_sync_with(&proxy.kubeconfig());
    assert_ne!(broken.code, 0, "{broken:?}");
    let live = scene.live("configmaps/one");
    assert_eq!(live["data"], map["data"], "nothing but the owners changed");
    let owned = entry_of(&live, "pushboat");
    assert!(owned["f:data"]["f:drop"].is_object(), "{live}");
    expect_modified(&scene, "ConfigMap", "one");
    scene.synced(&[]);
    assert_eq!(scene.live("configmaps/one")["data"], json!({"key": "1"}));
    scene.expect_clean();
}

#[test]
fn an_object_that_changed_since_it_was_compared_is_decided_again() {
    let mut map = config_map("one", "1");
    map["data"]["drop"] = json!("1");
    let scene = Scene::new(plane(), "take-race", &[config_map("one", "1")]);
    kubectl_apply(&scene, &map);
    let proxy = Faultline::before(plane());
    let namespace = scene.namespace.clone();
    let rule = Rule::on(&[Verb::Patch])
        .path("configmaps/one$")
        .dry_run(false)
        .nth(1);
    proxy.rule(rule.hook(Phase::BeforeForward, move |_| {
        let patch = json!({"data": {"late": "1"}}).to_string();
        plane().kubectl(&[
            "-n",
            &namespace,
            "patch",
            "configmap",
            "one",
            "--type=merge",
            "-p",
            &patch,
        ]);
    }));
    scene.app_sync_with(&proxy.kubeconfig()).expect_code(0);
    let live = scene.live("configmaps/one");
    assert_eq!(live["data"], json!({"key": "1", "late": "1"}));
    assert!(
        entry_of(&live, "kubectl-patch")["f:data"]["f:late"].is_object(),
        "{live}"
    );
    scene.expect_clean();
}

#[test]
fn owners_are_changed_only_where_others_hold_what_git_sets() {
    let adopted = config_map("adopted", "1");
    let scene = Scene::new(
        plane(),
        "take-cost",
        &[config_map("new", "1"), adopted.clone()],
    );
    kubectl_apply(&scene, &adopted);
    scene.mark();
    scene.synced(&[]);
    assert_eq!(n_handovers(&scene), 1);
    assert_eq!(
        scene.changes(),
        [
            "patch configmaps/adopted",
            "patch configmaps/adopted",
            "patch configmaps/new"
        ]
    );
    let writes = scene.writes();
    let patch = writes.iter().find(|event| event.body.is_array()).unwrap();
    assert_eq!(patch.body[0]["op"], "test");
    assert_eq!(patch.body[0]["path"], "/metadata/resourceVersion");
    scene.mark();
    scene.diff(&[]);
    let n_tries = scene
        .events()
        .iter()
        .filter(|event| event.is_dry_run())
        .count();
    assert_eq!(
        n_tries, 0,
        "an adopted object costs nothing once it is in sync"
    );
    scene.put(&config_map("adopted", "2"));
    scene.mark();
    scene.synced(&[]);
    assert_eq!(n_handovers(&scene), 0, "it has one owner now");
}
