//! What the account may not list: it is not applied, and it leaves no mark in the record that nobody could get rid of.

use super::plane;
use crate::support::Scene;
use crate::support::scene::{config_map, reasons};
use serde_json::{Value, json};
use std::path::PathBuf;

/// A kubeconfig whose user may do all this in one namespace, and nothing anywhere else.
fn account(namespace: &str, verbs: &[&str], resources: &[&str]) -> PathBuf {
    let user = format!("{namespace}-bot");
    let kubeconfig = plane().kubeconfig_for(&user, "bots");
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "bot", "namespace": namespace},
        "rules": [{"apiGroups": ["*"], "resources": resources, "verbs": verbs}],
    });
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "bot", "namespace": namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "bot"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    });
    plane().kubectl_apply(&role.to_string());
    plane().kubectl_apply(&binding.to_string());
    kubeconfig
}

fn cluster_role(name: &str) -> Value {
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": []})
}

/// One slip into git costs one failed sync, and nothing when git is as it was before.
#[track_caller]
fn check_slip(scene: &Scene, slip: &[Value]) {
    for object in slip {
        scene.put(object);
    }
    let answer = scene.sync(&["-o", "json"]);
    assert_ne!(answer.code, 0, "{answer:?}");
    assert!(reasons(&answer.json()).contains("forbidden"), "{answer:?}");
    for object in slip {
        scene.take(object);
    }
    let diff = scene.diff(&[]);
    assert_eq!((diff.code, diff.sync()), (0, "Synced"), "{}", diff.app);
    let drop = config_map("drop", "1");
    scene.take(&drop);
    scene.synced(&["--prune"]);
    assert!(!scene.exists("configmaps/drop"));
    scene.put(&drop);
    scene.synced(&[]);
}

#[test]
fn a_kind_or_namespace_that_may_not_be_listed_leaves_no_mark_in_the_record() {
    let objects = [config_map("keep", "1"), config_map("drop", "1")];
    let scene = Scene::new(plane(), "reach-slip", &objects);
    let kubeconfig = account(&scene.namespace, &["*"], &["*"]);
    let scene = scene.through(kubeconfig);
    scene.synced(&[]);
    check_slip(&scene, &[cluster_role("reach-slip")]);
    let other = plane().namespace("reach-other");
    let mut away = config_map("away", "1");
    away["metadata"]["namespace"] = json!(other);
    check_slip(&scene, &[away]);
    let many: Vec<_> = (0..6)
        .map(|n| cluster_role(&format!("reach-slip-{n}")))
        .collect();
    check_slip(&scene, &many);
}

/// The first sync of an app, where no record says anything yet.
#[test]
fn a_first_sync_applies_nothing_of_what_may_be_read_but_not_listed() {
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "mine"}, "stringData": {"a": "b"}});
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "mine"}, "spec": {}});
    let objects = [config_map("keep", "1"), secret, quota.clone()];
    let scene = Scene::new(plane(), "reach-first", &objects);
    let namespace = scene.namespace.clone();
    let kubeconfig = account(&namespace, &["*"], &["nothing"]);
    let reader = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "bot", "namespace": namespace},
        "rules": [
            {"apiGroups": ["*"], "resources": ["secrets", "configmaps", "leases", "namespaces"], "verbs": ["*"]},
            {"apiGroups": [""], "resources": ["resourcequotas"], "verbs": ["get", "create", "patch"]},
        ],
    });
    plane().kubectl_apply(&reader.to_string());
    let scene = scene.through(kubeconfig);
    assert_ne!(scene.sync(&[]).code, 0);
    assert!(scene.exists("configmaps/keep"), "the rest is applied");
    assert!(!scene.exists("resourcequotas/mine"));
    scene.take(&quota);
    scene.synced(&["--prune"]);
    scene.expect_clean();
}

/// A record of an earlier version, or of an account that might list more: a person may say that nothing is there.
#[test]
fn a_recorded_kind_that_may_not_be_listed_is_let_go_at_a_persons_word() {
    let objects = [config_map("keep", "1"), config_map("drop", "1")];
    let scene = Scene::new(plane(), "reach-word", &objects);
    let role = cluster_role("reach-word");
    scene.put(&role);
    scene.synced(&[]);
    scene.take(&role);
    plane().kubectl(&["delete", "clusterrole", "reach-word"]);
    let kubeconfig = account(&scene.namespace, &["*"], &["*"]);
    let scene = scene.through(kubeconfig);
    let kind = "ClusterRole.rbac.authorization.k8s.io";
    scene.take(&config_map("drop", "1"));
    let answer = scene.sync(&["--prune"]).expect_code(2);
    let flag = format!("--assume-gone {kind}");
    assert!(answer.said().contains(&flag), "{answer:?}");
    assert!(scene.exists("configmaps/drop"), "{answer:?}");
    scene.synced(&["--prune", "--assume-gone", kind]);
    assert!(!scene.exists("configmaps/drop"));
    scene.expect_clean();
}
