//! Objects that somebody else calls his own: what keeps a sync from taking them, and how a takeover is told.

use super::plane;
use crate::support::Scene;
use crate::support::scene::{config_map, reasons};
use serde_json::{Value, json};

/// The repository's object with other content, as a tool of this manager left it.
fn found(scene: &Scene, manager: &str, metadata: Value) {
    let mut theirs = config_map("one", "theirs");
    for (field, value) in metadata.as_object().unwrap() {
        theirs["metadata"][field] = value.clone();
    }
    let manager = format!("--field-manager={manager}");
    let args = ["-n", &scene.namespace, "create", &manager, "-f", "-"];
    let made = scene.plane.try_kubectl(&args, &theirs.to_string());
    made.expect_code(0);
}

fn value(scene: &Scene) -> Value {
    scene.live("configmaps/one")["data"]["key"].clone()
}

#[test]
fn what_another_tool_marks_as_its_own_is_taken_only_when_told_to() {
    let cases = [
        (
            "mark-helm",
            json!({"annotations": {"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "x"}}),
            "Helm release `x/web`",
            "helm",
        ),
        (
            "mark-flux",
            json!({"labels": {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}}),
            "Flux Kustomization `flux-system/apps`",
            "kustomize-controller",
        ),
        (
            "mark-flux-helm",
            json!({"labels": {"helm.toolkit.fluxcd.io/name": "apps"}}),
            "Flux HelmRelease `apps`",
            "helm-controller",
        ),
        (
            "mark-kapp",
            json!({"labels": {"kapp.k14s.io/app": "1768"}}),
            "kapp app `1768`",
            "kapp",
        ),
        (
            "mark-kluctl",
            json!({"labels": {"kluctl.io/discriminator": "shop"}}),
            "kluctl deployment `shop`",
            "kluctl",
        ),
    ];
    for (name, marks, owner, manager) in cases {
        let scene = Scene::new(plane(), name, &[config_map("one", "ours")]);
        found(&scene, manager, marks);
        let told = scene.diff(&[]).resource("ConfigMap", "one").clone();
        assert_eq!(told["action"], "Refuse", "{told}");
        assert_eq!(told["takenFrom"][0]["kind"], "tool", "{told}");
        for how in [&["--dry-run"][..], &[]] {
            let answer = scene.sync(&[how, &["-o", "json"]].concat()).expect_code(1);
            assert!(reasons(&answer.json()).contains("guard"), "{answer:?}");
            for word in [owner, "--adopt"] {
                assert!(answer.stdout.contains(word), "{name}: {answer:?}");
            }
        }
        assert_eq!(value(&scene), "theirs", "{name}");
        scene.synced(&["--adopt"]);
        assert_eq!(value(&scene), "ours", "{name}");
        scene.put(&config_map("one", "ours too"));
        scene.synced(&[]);
        assert_eq!(value(&scene), "ours too", "{name}: it is ours since");
    }
}

#[test]
fn marks_that_git_has_itself_and_common_labels_keep_nothing_back() {
    let marks = json!({
        "labels": {"app.kubernetes.io/instance": "other", "app.kubernetes.io/managed-by": "Helm", "kapp.k14s.io/app": "1"},
    });
    let mut ours = config_map("one", "ours");
    ours["metadata"]["labels"] = json!({"kapp.k14s.io/app": "1"});
    let scene = Scene::new(plane(), "mark-declared", &[ours]);
    found(&scene, "kubectl-create", marks);
    scene.synced(&[]);
    assert_eq!(value(&scene), "ours");
}

#[test]
fn what_argo_cd_tracks_for_another_app_is_taken_with_a_warning_or_refused() {
    let tracked = |scene: &Scene, app: &str| {
        let id = format!("{app}:/ConfigMap:{}/one", scene.namespace);
        found(
            scene,
            "argocd-controller",
            json!({"annotations": {"argocd.argoproj.io/tracking-id": id}}),
        );
    };
    let shared = Scene::new(plane(), "mark-argo", &[config_map("one", "ours")]);
    tracked(&shared, "somebody-else");
    shared.declare(&json!({"syncOptions": ["FailOnSharedResource=true"]}));
    let answer = shared.sync(&["-o", "json"]).expect_code(1);
    assert!(reasons(&answer.json()).contains("guard"), "{answer:?}");
    assert!(answer.stdout.contains("somebody-else"), "{answer:?}");
    assert_eq!(value(&shared), "theirs");
    // What an object says of itself outranks its app.
    shared.declare(&json!({}));
    let mut careful = config_map("one", "ours");
    careful["metadata"]["annotations"] =
        json!({"argocd.argoproj.io/sync-options": "FailOnSharedResource=true"});
    shared.put(&careful);
    shared.sync(&[]).expect_code(1);
    assert_eq!(value(&shared), "theirs");
    shared.put(&config_map("one", "ours"));
    let answer = shared.sync(&["-o", "json"]).expect_code(0);
    let warnings = answer.json()["apps"][0]["warnings"].to_string();
    assert!(
        warnings.contains("Argo CD app `somebody-else`"),
        "{answer:?}"
    );
    assert_eq!(value(&shared), "ours");

    let own = Scene::new(plane(), "mark-argo-own", &[config_map("one", "ours")]);
    tracked(&own, &own.namespace.clone());
    own.declare(&json!({"syncOptions": ["FailOnSharedResource=true"]}));
    let answer = own.sync(&["-o", "json"]).expect_code(0);
    assert_eq!(answer.json()["apps"][0]["warnings"], json!([]));
}

#[test]
fn an_object_that_is_taken_over_is_marked_with_whose_it_was_and_since_when() {
    let objects = [config_map("one", "ours"), config_map("new", "1")];
    let scene = Scene::new(plane(), "mark-manager", &objects);
    let theirs = config_map("one", "theirs").to_string();
    let args = ["-n", &scene.namespace, "apply", "-f", "-"];
    scene.plane.try_kubectl(&args, &theirs).expect_code(0);
    let diff = scene.diff(&[]);
    let owner = &diff.resource("ConfigMap", "one")["takenFrom"][0];
    assert_eq!(owner["kind"], "manager");
    assert_eq!(owner["name"], "kubectl-client-side-apply");
    assert!(
        owner["since"].as_str().unwrap().starts_with("20"),
        "{owner}"
    );
    assert_eq!(diff.resource("ConfigMap", "new")["takenFrom"], json!([]));
    let text = scene.app("diff", &[]).expect_code(1).stdout;
    let told = "taken over from `kubectl-client-side-apply`, since 20";
    assert!(text.contains(told), "{text}");
    scene.synced(&[]);
    scene.put(&config_map("one", "ours too"));
    let diff = scene.diff(&[]);
    assert_eq!(diff.resource("ConfigMap", "one")["takenFrom"], json!([]));
}
