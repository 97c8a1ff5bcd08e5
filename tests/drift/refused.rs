//! Changes that the server refuses: the object was read, so its drift is told, with the refusal beside it.

use super::plane;
use crate::support::Scene;
use crate::support::scene::{config_map, deployment};
use serde_json::{Value, json};

fn claim(storage: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "none", "resources": {"requests": {"storage": storage}}}})
}

fn stateful_set(storage: &str) -> Value {
    let labels = json!({"app": "db"});
    json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"}, "spec": {
        "serviceName": "db", "replicas": 1, "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "db:1"}]}},
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": storage}}}}]}})
}

fn recreate(options: Option<&str>) -> Value {
    let mut object = deployment("web", "web:1", 1);
    object["spec"]["strategy"] = json!({"type": "Recreate"});
    if let Some(options) = options {
        object["metadata"]["annotations"] = json!({"argocd.argoproj.io/sync-options": options});
    }
    object
}

fn doubled_ports() -> Value {
    let mut object = deployment("ports", "web:1", 1);
    object["spec"]["template"]["spec"]["containers"][0]["ports"] =
        json!([{"containerPort": 80}, {"containerPort": 80, "name": "b"}]);
    object
}

/// What is refused, and the only field of it that git changes.
const REFUSED: [(&str, &str, &str); 4] = [
    ("Deployment", "web", "spec.strategy.type"),
    (
        "Deployment",
        "ports",
        "spec.template.spec.containers[name=main].ports",
    ),
    (
        "PersistentVolumeClaim",
        "data",
        "spec.resources.requests.storage",
    ),
    (
        "StatefulSet",
        "db",
        "spec.volumeClaimTemplates[0].spec.resources.requests.storage",
    ),
];

#[track_caller]
fn expect_refused(scene: &Scene<'_>, more: &[&str]) {
    let diff = scene.diff(more);
    assert_eq!((diff.code, diff.sync()), (1, "OutOfSync"), "{}", diff.app);
    for (kind, name, path) in REFUSED {
        let it = diff.resource(kind, name);
        let expected = (&json!("Modified"), &json!("Refuse"));
        assert_eq!((&it["status"], &it["action"]), expected, "{it}");
        let changes = it["changes"].as_array().unwrap().iter();
        let paths: Vec<&str> = changes.map(|c| c["path"].as_str().unwrap()).collect();
        assert_eq!(paths, [path], "{it}");
        assert!(it["error"]["message"].is_string(), "{it}");
    }
    assert_eq!(diff.status("ConfigMap", "fine"), "InSync");
}

#[test]
fn what_was_read_and_may_not_change_is_modified_with_its_fields_and_the_refusal() {
    let objects = [
        deployment("web", "web:1", 1),
        deployment("ports", "web:1", 1),
        claim("2Gi"),
        stateful_set("1Gi"),
        config_map("fine", "1"),
    ];
    let scene = Scene::new(plane(), "refused", &objects);
    scene.synced(&[]);
    for object in [
        recreate(None),
        doubled_ports(),
        claim("1Gi"),
        stateful_set("2Gi"),
    ] {
        scene.put(&object);
    }
    for more in [&[][..], &["--exact"]] {
        expect_refused(&scene, more);
    }
    let text = scene.app("diff", &[]).expect_code(1).stdout;
    for part in [
        "~ apps/Deployment",
        "spec.strategy.type",
        "Recreate",
        "`Replace=true`",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("could not be read"), "{text}");
    let unified = scene
        .app("diff", &["--format", "unified"])
        .expect_code(1)
        .stdout;
    assert!(unified.contains("+    type: Recreate"), "{unified}");
    let list = scene.app("list", &[]).expect_code(0).stdout;
    assert!(
        list.contains("OutOfSync") && list.contains("Refused"),
        "{list}"
    );
    for how in [&["--dry-run"][..], &[]] {
        let said = scene.sync(how).expect_code(1).said();
        assert!(said.contains("`Replace=true`"), "{said}");
    }
}

#[test]
fn a_write_over_the_whole_object_gets_a_change_through_that_an_apply_does_not() {
    let scene = Scene::new(plane(), "refused-over", &[deployment("web", "web:1", 1)]);
    scene.synced(&[]);
    scene.put(&recreate(Some("Replace=true")));
    let diff = scene.diff(&[]);
    let web = diff.resource("Deployment", "web");
    assert_eq!(
        (&web["action"], &web["error"]),
        (&json!("Update"), &Value::Null),
        "{web}"
    );
    scene.sync(&["--dry-run"]).expect_code(0);
    scene.synced(&[]);
    assert_eq!(
        scene.live("apps/v1/deployments/web")["spec"]["strategy"],
        json!({"type": "Recreate"})
    );
    scene.expect_clean();
}

/// An account may write a kind and not this change of it: nobody gives away rights that they do not have.
#[test]
fn rights_that_the_account_does_not_have_are_a_refusal() {
    let role = |verbs: &[&str]| {
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "reader"},
            "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": verbs}]})
    };
    let scene = Scene::new(plane(), "refused-rights", &[role(&["get"])]);
    scene.synced(&[]);
    let rules = json!([
        {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"], "verbs": ["get", "list", "patch"]},
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]},
    ]);
    let namespace = &scene.namespace;
    let user = json!({"kind": "User", "name": "modest", "apiGroup": "rbac.authorization.k8s.io"});
    for object in [
        json!({"kind": "Role", "metadata": {"name": "modest", "namespace": namespace}, "rules": rules}),
        json!({"kind": "RoleBinding", "metadata": {"name": "modest", "namespace": namespace}, "subjects": [user],
            "roleRef": {"kind": "Role", "name": "modest", "apiGroup": "rbac.authorization.k8s.io"}}),
    ] {
        let mut object = object;
        object["apiVersion"] = json!("rbac.authorization.k8s.io/v1");
        plane().kubectl_apply(&object.to_string());
    }
    scene.put(&role(&["get", "delete"]));
    let kubeconfig = plane().kubeconfig_for("modest", "nobody");
    let diff = scene.through(kubeconfig).diff(&[]);
    let it = diff.resource("Role", "reader");
    assert_eq!(
        (diff.code, &it["action"]),
        (1, &json!("Refuse")),
        "{}",
        diff.app
    );
    assert_eq!(it["error"]["reason"], "forbidden", "{it}");
    assert_eq!(it["changes"].as_array().unwrap().len(), 1, "{it}");
}
