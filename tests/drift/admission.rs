//! Admission that changes objects: what it adds is nobody's drift, what it makes of a field that git sets is.

use super::plane;
use crate::support::scene::config_map;
use crate::support::{Scene, eventually};
use serde_json::{Value, json};

/// Changes every ConfigMap of a namespace as it is written, by the fields of this apply configuration.
fn policy(namespace: &str, content: &str) -> Vec<Value> {
    let name = format!("change-{namespace}");
    let kind = |kind: &str, spec: Value| {
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
            "metadata": {"name": name}, "spec": spec})
    };
    let spec = json!({
        "matchConstraints": {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
            "resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"],
                "operations": ["CREATE", "UPDATE"]}],
        },
        "failurePolicy": "Fail",
        "reinvocationPolicy": "Never",
        "mutations": [{"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": content}}],
    });
    let binding = kind(
        "MutatingAdmissionPolicyBinding",
        json!({"policyName": name}),
    );
    vec![kind("MutatingAdmissionPolicy", spec), binding]
}

/// Puts a policy in force, or another content of it.
fn enforce(scene: &Scene<'_>, content: &str, pointer: &str) {
    for object in policy(&scene.namespace, content) {
        plane().kubectl_apply(&object.to_string());
    }
    let path = scene.path("configmaps") + "?dryRun=All";
    let probe = config_map("probe", "1");
    eventually("the policy is in force", || {
        let (_, body) = plane().request("POST", &path, Some(&probe)).ok()?;
        let made: Value = serde_json::from_str(&body).ok()?;
        made.pointer(pointer)
            .is_some_and(|value| value == "changed")
            .then_some(())
    });
}

fn lift(scene: &Scene<'_>) {
    for object in policy(&scene.namespace, "").iter().rev() {
        let kind = object["kind"].as_str().unwrap();
        plane().kubectl(&["delete", kind, object["metadata"]["name"].as_str().unwrap()]);
    }
}

/// Both answers, which must be one.
#[track_caller]
fn answer(scene: &Scene<'_>) -> (i32, String, Value) {
    let [fast, exact] = [&[][..], &["--exact"]].map(|more| {
        let diff = scene.diff(more);
        let one = diff.resource("ConfigMap", "one");
        (diff.code, diff.sync().to_owned(), one["changes"].clone())
    });
    assert_eq!(fast, exact);
    fast
}

#[track_caller]
fn expect_included(scene: &Scene<'_>) {
    let (code, sync, changes) = answer(scene);
    assert_eq!((code, sync.as_str()), (1, "OutOfSync"));
    let changes = changes.to_string();
    assert!(changes.contains("metadata.labels.added"), "{changes}");
}

const ADDED: &str = "Object{metadata: Object.metadata{labels: {\"added\": \"changed\"}}}";
const CHANGED: &str = "Object{data: {\"key\": \"changed\"}}";

#[test]
fn what_admission_adds_is_no_drift_and_what_it_makes_of_gits_fields_is() {
    let scene = Scene::new(plane(), "admission", &[config_map("one", "1")]);
    scene.synced(&[]);
    enforce(&scene, ADDED, "/metadata/labels/added");
    assert_eq!(answer(&scene), (0, "Synced".to_owned(), json!([])));
    // Where something else differs, what a sync adds along with it is shown as well.
    scene.put(&config_map("one", "2"));
    let (code, _, changes) = answer(&scene);
    let paths: Vec<&str> = changes
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["path"].as_str().unwrap())
        .collect();
    assert_eq!(
        (code, &paths[..]),
        (1, &["data.key", "metadata.labels.added"][..])
    );
    assert_eq!(
        (&changes[0]["cause"], &changes[1]["cause"]),
        (&json!("git"), &json!("server"))
    );
    let text = scene.app("diff", &[]).expect_code(1).stdout;
    assert_eq!(text.matches("by the server").count(), 1, "{text}");
    scene.put(&config_map("one", "1"));

    let included = json!({"argocd.argoproj.io/compare-options": "IncludeMutationWebhook=true"});
    let mut one = config_map("one", "1");
    one["metadata"]["annotations"] = included.clone();
    scene.put(&one);
    expect_included(&scene);
    scene.put(&config_map("one", "1"));
    scene.annotate(&included);
    expect_included(&scene);
    scene.declare(&json!({}));

    enforce(&scene, CHANGED, "/data/key");
    let (code, sync, changes) = answer(&scene);
    assert_eq!((code, sync.as_str()), (1, "OutOfSync"), "{changes}");
    assert_eq!(changes[0]["path"], "data.key");
    // Once written, the server's own dry run says that nothing would change.
    scene.synced(&[]);
    assert_eq!(answer(&scene).0, 0);
    lift(&scene);
}
