//! Whose an object is: the member label counts where pushboat's own apply set it, and a label that was taken off is put back.

use super::plane;
use crate::support::faultline::{Phase, Rule, Verb};
use crate::support::scene::{MEMBER, config_map};
use crate::support::{Faultline, Scene, eventually};
use serde_json::{Value, json};

/// An app, and an object of another app that runs in its namespace and that somebody labelled as a member of the first.
fn relabelled(name: &str) -> (Scene<'static>, Scene<'static>) {
    let shop = Scene::new(
        plane(),
        &format!("{name}-shop"),
        &[config_map("goods", "1")],
    );
    let mut vault = config_map("vault", "1");
    vault["metadata"]["namespace"] = json!(shop.namespace);
    let bank = Scene::new(
        plane(),
        &format!("{name}-bank"),
        &[vault, config_map("own", "1")],
    );
    shop.synced(&[]);
    bank.synced(&[]);
    relabel(&shop.namespace, "vault", &shop.id());
    (shop, bank)
}

fn relabel(namespace: &str, name: &str, set: &str) {
    let label = format!("{MEMBER}={set}");
    plane().kubectl(&[
        "-n",
        namespace,
        "label",
        "configmap",
        name,
        "--overwrite",
        &label,
    ]);
}

fn label_of(scene: &Scene, name: &str) -> Value {
    scene.live(&format!("configmaps/{name}"))["metadata"]["labels"][MEMBER].clone()
}

#[test]
fn another_apps_object_that_was_relabelled_is_not_pruned_and_goes_back() {
    let (shop, bank) = relabelled("member");
    let answer = shop.sync(&["--prune", "-o", "json"]);
    assert!(shop.exists("configmaps/vault"), "{answer:?}");
    assert!(
        answer.stdout.contains("somebody else set its member label"),
        "{answer:?}"
    );
    for more in [&[][..], &["--exact"]] {
        let diff = bank.diff(more);
        let vault = diff.resource("ConfigMap", "vault");
        assert_eq!(vault["status"], "Modified", "{}", diff.app);
        let path = format!("metadata.labels['{MEMBER}']");
        assert_eq!(vault["changes"][0]["path"], json!(path), "{}", diff.app);
        assert_eq!(
            vault["changes"][0]["lastWriter"]["manager"],
            "kubectl-label"
        );
    }
    bank.synced(&[]);
    assert_eq!(label_of(&shop, "vault"), json!(bank.id()));
    bank.expect_clean();
    shop.expect_clean();
}

#[test]
fn deleting_an_app_writes_nothing_to_what_was_relabelled() {
    for cascade in ["true", "false"] {
        let (shop, bank) = relabelled("member-delete");
        shop.mark();
        shop.app("delete", &["--yes", "--cascade", cascade])
            .expect_code(0);
        let written = shop.changes();
        let is_vault = |change: &String| change.ends_with("configmaps/vault");
        assert!(!written.iter().any(is_vault), "{written:?}");
        assert_eq!(shop.exists("configmaps/goods"), cascade == "false");
        bank.synced(&[]);
        assert_eq!(label_of(&shop, "vault"), json!(bank.id()));
    }
}

#[test]
fn an_object_that_is_relabelled_while_it_is_about_to_be_deleted_stays() {
    let scene = Scene::new(
        plane(),
        "member-race",
        &[config_map("one", "1"), config_map("two", "1")],
    );
    scene.synced(&[]);
    scene.take(&config_map("two", "1"));
    let proxy = Faultline::before(plane());
    let (namespace, id) = (scene.namespace.clone(), scene.id());
    let rule = Rule::on(&[Verb::Delete]).path("configmaps/two$").nth(1);
    proxy.rule(rule.hook(Phase::BeforeForward, move |_| {
        // To another set and back by hand: the label says the same, and nobody applied it.
        relabel(&namespace, "two", "applyset-other-v1");
        relabel(&namespace, "two", &id);
    }));
    let args = ["app", "sync", &scene.namespace, "--yes", "--prune"];
    let answer = scene.pushboat(&args).kubeconfig(proxy.kubeconfig()).run();
    answer.expect_code(1);
    assert!(scene.exists("configmaps/two"));
}

#[test]
fn a_label_that_was_written_by_hand_is_pushboats_own_after_the_next_sync() {
    let two = config_map("two", "1");
    let scene = Scene::new(
        plane(),
        "member-back",
        &[config_map("one", "1"), two.clone()],
    );
    scene.synced(&[]);
    // The same value over it changes no owner.
    relabel(&scene.namespace, "one", &scene.id());
    relabel(&scene.namespace, "two", "applyset-other-v1");
    relabel(&scene.namespace, "two", &scene.id());
    assert_eq!(scene.diff(&[]).code, 0);
    scene.mark();
    scene.synced(&[]);
    assert!(!scene.changes().contains(&"patch configmaps/one".to_owned()));
    assert!(scene.changes().contains(&"patch configmaps/two".to_owned()));
    scene.mark();
    scene.synced(&[]);
    assert_eq!(scene.writes().len(), 0);
    scene.take(&two);
    scene.synced(&["--prune"]);
    assert!(!scene.exists("configmaps/two"));
}

#[test]
fn a_label_that_was_taken_off_is_drift_at_its_own_path() {
    let scene = Scene::new(
        plane(),
        "member-off",
        &[config_map("one", "1"), config_map("two", "1")],
    );
    scene.synced(&[]);
    plane().kubectl(&[
        "-n",
        &scene.namespace,
        "label",
        "configmap",
        "one",
        &format!("{MEMBER}-"),
    ]);
    for more in [&[][..], &["--exact"]] {
        let diff = scene.diff(more);
        let one = diff.resource("ConfigMap", "one");
        let path = format!("metadata.labels['{MEMBER}']");
        assert_eq!(
            (&one["status"], &one["changes"][0]["path"]),
            (&json!("Modified"), &json!(path))
        );
    }
    scene.synced(&[]);
    assert_eq!(label_of(&scene, "one"), json!(scene.id()));
    scene.expect_clean();
}

/// Takes the member label off every ConfigMap of a namespace as it is written.
fn strip_labels(namespace: &str) -> Vec<Value> {
    let name = format!("strip-{namespace}");
    let kind = |kind: &str, spec: Value| {
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
            "metadata": {"name": name}, "spec": spec})
    };
    let removal = format!(
        "[JSONPatch{{op: \"remove\", path: \"/metadata/labels/\" + jsonpatch.escapeKey(\"{MEMBER}\")}}]"
    );
    let policy = kind(
        "MutatingAdmissionPolicy",
        json!({
            "matchConstraints": {
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"],
                    "operations": ["CREATE", "UPDATE"]}],
            },
            "matchConditions": [{"name": "labelled", "expression":
                format!("has(object.metadata.labels) && \"{MEMBER}\" in object.metadata.labels")}],
            "failurePolicy": "Fail",
            "reinvocationPolicy": "Never",
            "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": removal}}],
        }),
    );
    vec![
        policy,
        kind(
            "MutatingAdmissionPolicyBinding",
            json!({"policyName": name}),
        ),
    ]
}

#[test]
fn a_sync_that_cannot_keep_the_label_fails_and_names_the_object() {
    let scene = Scene::new(plane(), "member-strip", &[config_map("one", "1")]);
    scene.synced(&[]);
    let policies = strip_labels(&scene.namespace);
    for policy in &policies {
        plane().kubectl_apply(&policy.to_string());
    }
    let mut probe = config_map("probe", "1");
    probe["metadata"]["labels"] = json!({MEMBER: "x"});
    eventually("the policy is in force", || {
        let path = scene.path("configmaps") + "?dryRun=All";
        let (_, body) = plane().request("POST", &path, Some(&probe)).ok()?;
        let made: Value = serde_json::from_str(&body).ok()?;
        made["metadata"]["labels"][MEMBER].is_null().then_some(())
    });
    scene.edit(
        "configmap",
        "one",
        "kubectl-edit",
        &json!({"data": {"key": "2"}}),
    );
    for more in [&[][..], &["--exact"]] {
        let diff = scene.diff(more);
        let changes = diff.resource("ConfigMap", "one")["changes"].to_string();
        assert!(changes.contains(MEMBER), "{}", diff.app);
    }
    let answer = scene.sync(&[]).expect_code(1);
    assert!(
        answer
            .said()
            .contains(&format!("`ConfigMap/{}/one`", scene.namespace)),
        "{answer:?}"
    );
    assert_eq!(scene.live("configmaps/one")["data"]["key"], "1");
    for more in [&[][..], &["--exact"]] {
        let diff = scene.diff(more);
        let changes = diff.resource("ConfigMap", "one")["changes"].clone();
        let path = format!("metadata.labels['{MEMBER}']");
        assert_eq!(changes[0]["path"], json!(path), "{}", diff.app);
        assert_eq!(changes.as_array().unwrap().len(), 1, "{}", diff.app);
    }
    scene.put(&config_map("new", "1"));
    let answer = scene.sync(&[]).expect_code(1);
    assert!(
        answer
            .said()
            .contains(&format!("`ConfigMap/{}/new`", scene.namespace)),
        "{answer:?}"
    );
    for policy in policies.iter().rev() {
        let kind = policy["kind"].as_str().unwrap();
        plane().kubectl(&["delete", kind, policy["metadata"]["name"].as_str().unwrap()]);
    }
    let path = scene.path("configmaps") + "?dryRun=All";
    eventually("the policy is gone", || {
        let (_, body) = plane().request("POST", &path, Some(&probe)).ok()?;
        let made: Value = serde_json::from_str(&body).ok()?;
        made["metadata"]["labels"][MEMBER].is_string().then_some(())
    });
    scene.synced(&[]);
    scene.expect_clean();
}
