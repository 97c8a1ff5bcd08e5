//! Objects that are written over as a whole, and objects that are deleted and created anew: only where that was asked for, and never
//! without being told.

use super::plane;
use crate::support::Scene;
use crate::support::scene::{config_map, reasons};
use serde_json::{Value, json};
use std::time::Duration;

fn with_options(mut object: Value, options: &str) -> Value {
    object["metadata"]["annotations"] = json!({"argocd.argoproj.io/sync-options": options});
    object
}

/// Its `serviceName` cannot be changed.
fn stateful_set(service: &str) -> Value {
    let labels = json!({"app": "db"});
    json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"},
        "spec": {
            "serviceName": service, "replicas": 2, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "db:1"}]}},
        },
    })
}

fn uid(scene: &Scene, place: &str) -> Value {
    scene.live(place)["metadata"]["uid"].clone()
}

const SET: &str = "apps/v1/statefulsets/db";

/// What became of the one object, by a dry run and by a sync, and how each ended.
fn outcomes(scene: &Scene, kind: &str, more: &[&str]) -> [(i32, String); 2] {
    [&["--dry-run"][..], &[]].map(|how| {
        let answer = scene.sync(&[more, how, &["-o", "json"]].concat());
        let document = answer.json();
        let resources = document["apps"][0]["resources"].as_array().unwrap().clone();
        let it = resources.iter().find(|r| r["kind"] == kind).unwrap();
        (answer.code, it["outcome"].as_str().unwrap().to_owned())
    })
}

#[test]
fn an_immutable_change_is_refused_and_says_what_would_let_it_through() {
    for options in ["Prune=true", "Replace=true"] {
        let set = |service| with_options(stateful_set(service), options);
        let scene = Scene::new(plane(), "replace-not", &[set("db")]);
        scene.synced(&[]);
        let before = uid(&scene, SET);
        scene.put(&set("db2"));
        for how in [&["--dry-run"][..], &[]] {
            let answer = scene.sync(&[how, &["-o", "json"]].concat()).expect_code(1);
            assert!(reasons(&answer.json()).contains("immutable"), "{answer:?}");
            assert!(answer.stdout.contains("`Force=true`"), "{answer:?}");
        }
        assert_eq!(uid(&scene, SET), before, "{options}");
        let diff = scene.diff(&[]);
        let told = diff.resource("StatefulSet", "db");
        assert_eq!(told["action"], "Refuse");
        assert!(told["error"].to_string().contains("Force=true"), "{told}");
    }
}

#[test]
fn a_replacement_is_shown_by_every_answer_and_counted_by_the_question() {
    let set = |service| with_options(stateful_set(service), "Force=true");
    let scene = Scene::new(plane(), "replace-force", &[set("db")]);
    scene.synced(&[]);
    let before = uid(&scene, SET);
    scene.put(&set("db2"));
    let diff = scene.diff(&[]);
    assert_eq!(diff.resource("StatefulSet", "db")["action"], "Replace");
    assert_eq!(diff.resource("StatefulSet", "db").get("error"), None);
    let text = scene.app("diff", &[]).expect_code(1).stdout;
    assert!(text.contains("will be replaced"), "{text}");
    let args = ["app", "sync", &scene.namespace];
    let asked = scene.pushboat(&args).limit(Duration::from_secs(60));
    let mut asked = asked.on_terminal();
    asked.expect("sync 1 object of 1 app on test (1 replaced)? [y/N]");
    assert!(
        asked.shown().contains("will be replaced"),
        "{}",
        asked.shown()
    );
    asked.type_line("n");
    asked.wait().expect_code(1);
    assert_eq!(uid(&scene, SET), before);
    let replaced = (0, "Replaced".to_owned());
    assert_eq!(
        outcomes(&scene, "StatefulSet", &[]),
        [replaced.clone(), replaced]
    );
    assert_ne!(uid(&scene, SET), before);
    assert_eq!(scene.live(SET)["spec"]["serviceName"], "db2");
    scene.expect_clean();
}

#[test]
fn a_flag_and_the_application_allow_replacements_too() {
    let scene = Scene::new(plane(), "replace-flag", &[stateful_set("a")]);
    scene.synced(&[]);
    let first = uid(&scene, SET);
    scene.put(&stateful_set("b"));
    scene.synced(&["--force"]);
    let second = uid(&scene, SET);
    assert_ne!(first, second);
    scene.declare(&json!({"syncOptions": ["Force=true"]}));
    scene.put(&stateful_set("c"));
    assert_eq!(
        scene.diff(&[]).resource("StatefulSet", "db")["action"],
        "Replace"
    );
    scene.synced(&[]);
    let third = uid(&scene, SET);
    assert_ne!(second, third);
    scene.put(&with_options(stateful_set("d"), "Force=false"));
    scene.sync(&[]).expect_code(1);
    assert_eq!(uid(&scene, SET), third, "the object has the last word");
}

#[test]
fn what_holds_data_is_never_replaced() {
    let claim = |mode: &str| {
        with_options(
            json!({
                "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
                "spec": {"accessModes": [mode], "resources": {"requests": {"storage": "1Gi"}}},
            }),
            "Force=true,Replace=true",
        )
    };
    let scene = Scene::new(plane(), "replace-never", &[claim("ReadWriteOnce")]);
    scene.synced(&[]);
    let before = uid(&scene, "persistentvolumeclaims/data");
    scene.put(&claim("ReadWriteMany"));
    let failed = (1, "Failed".to_owned());
    assert_eq!(
        outcomes(&scene, "PersistentVolumeClaim", &["--force"]),
        [failed.clone(), failed]
    );
    assert_eq!(uid(&scene, "persistentvolumeclaims/data"), before);
}

#[test]
fn a_binding_with_another_role_is_replaced_and_that_is_told() {
    let binding = |role: &str| {
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "who"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"kind": "User", "name": "ann", "apiGroup": "rbac.authorization.k8s.io"}],
        })
    };
    let scene = Scene::new(plane(), "replace-binding", &[binding("view")]);
    scene.synced(&[]);
    scene.put(&binding("edit"));
    assert_eq!(
        scene.diff(&[]).resource("RoleBinding", "who")["action"],
        "Replace"
    );
    let replaced = (0, "Replaced".to_owned());
    assert_eq!(
        outcomes(&scene, "RoleBinding", &[]),
        [replaced.clone(), replaced]
    );
    let live = scene.live("rbac.authorization.k8s.io/v1/rolebindings/who");
    assert_eq!(live["roleRef"]["name"], "edit");
}

#[test]
fn an_object_that_is_written_over_loses_what_git_does_not_have_and_stays_the_same_object() {
    let map = |value| with_options(config_map("one", value), "Replace=true");
    let scene = Scene::new(plane(), "replace-put", &[map("1")]);
    scene.synced(&[]);
    let before = uid(&scene, "configmaps/one");
    let theirs = json!({"data": {"theirs": "x"}, "metadata": {"finalizers": ["example.com/hold"]}});
    scene.edit("configmap", "one", "other-tool", &theirs);
    scene.put(&map("2"));
    scene.mark();
    scene.sync(&["--dry-run"]).expect_code(0);
    assert_eq!(scene.writes().len(), 0);
    scene.synced(&[]);
    assert_eq!(
        scene.changes(),
        ["patch configmaps/one", "update configmaps/one"]
    );
    let live = scene.live("configmaps/one");
    assert_eq!(live["data"], json!({"key": "2"}));
    assert_eq!(live["metadata"]["uid"], before);
    assert_eq!(
        live["metadata"]["finalizers"],
        json!(["example.com/hold"]),
        "whoever holds it lets it go"
    );
    scene.expect_clean();
    let free = json!({"metadata": {"finalizers": null}});
    scene.edit("configmap", "one", "other-tool", &free);
}

#[test]
fn a_whole_app_can_be_written_over() {
    let scene = Scene::new(plane(), "replace-app", &[config_map("one", "1")]);
    scene.declare(&json!({"syncOptions": ["Replace=true"]}));
    scene.synced(&[]);
    scene.edit(
        "configmap",
        "one",
        "other-tool",
        &json!({"data": {"theirs": "x"}}),
    );
    scene.put(&config_map("one", "2"));
    scene.synced(&[]);
    assert_eq!(scene.live("configmaps/one")["data"], json!({"key": "2"}));
    scene.edit(
        "configmap",
        "one",
        "other-tool",
        &json!({"data": {"theirs": "x"}}),
    );
    scene.declare(&json!({}));
    scene.put(&config_map("one", "3"));
    scene.synced(&["--replace"]);
    assert_eq!(scene.live("configmaps/one")["data"], json!({"key": "3"}));
}
