//! `app sync` against a real API server: what it writes, what it leaves alone, and what it says.
//!
//! Pruning, other managers, history, the lock and whole-app deletion are in the files below `sync/`.

mod absence;
mod claims;
mod delete;
mod dry_run;
mod guards;
mod handover;
mod history;
mod input;
mod lock;
mod managers;
mod marks;
mod membership;
mod older;
mod prune;
mod question;
mod reach;
mod records;
mod replace;
mod rollback;
mod trouble;
mod trust;
mod wait;

use crate::support::scene::{MEMBER, config_map, definition, deployment, reasons, rejected};
use crate::support::{ControlPlane, Scene, pushboat};
use serde_json::{Value, json};

fn plane() -> &'static ControlPlane {
    ControlPlane::shared()
}

#[test]
fn a_first_sync_makes_the_namespace_and_everything_in_it() {
    let objects = [config_map("one", "1"), deployment("web", "web:1", 2)];
    let scene = Scene::at(plane(), "sync-first-of-all", &objects);
    scene.declare(&json!({"syncOptions": ["CreateNamespace=true"]}));
    let before = scene.diff(&[]);
    assert_eq!((before.code, before.sync()), (1, "OutOfSync"));
    assert_eq!(before.status("Deployment", "web"), "Missing");
    scene.synced(&[]);
    assert_eq!(scene.live("configmaps/one")["data"], json!({"key": "1"}));
    assert_eq!(scene.live("apps/v1/deployments/web")["spec"]["replicas"], 2);
    scene.expect_clean();
}

#[test]
fn without_create_namespace_an_absent_namespace_is_an_error_that_says_what_to_set() {
    let scene = Scene::at(plane(), "sync-nobody-made-it", &[config_map("one", "1")]);
    let answer = scene.sync(&[]);
    assert_ne!(answer.code, 0, "{answer:?}");
    assert!(answer.said().contains("CreateNamespace=true"), "{answer:?}");
    assert_eq!(scene.changes(), [""; 0]);
}

#[test]
fn every_write_is_a_strict_server_side_apply_by_pushboat() {
    let scene = Scene::new(plane(), "sync-manager", &[config_map("one", "1")]);
    scene.synced(&[]);
    let writes = scene.writes();
    let apply = writes.iter().find(|e| e.resource == "configmaps").unwrap();
    assert_eq!((apply.verb.as_str(), apply.name.as_str()), ("patch", "one"));
    for part in ["fieldManager=pushboat", "fieldValidation=Strict"] {
        assert!(apply.uri.contains(part), "{}", apply.uri);
    }
    let live = scene.live("configmaps/one");
    let managers: Vec<_> = live["metadata"]["managedFields"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    assert_eq!(managers.len(), 1, "{live}");
    assert_eq!(
        (&managers[0]["manager"], &managers[0]["operation"]),
        (&json!("pushboat"), &json!("Apply"))
    );
    assert_eq!(live["metadata"]["labels"][MEMBER], json!(scene.id()));
    let annotations = live["metadata"].get("annotations");
    assert_eq!(
        annotations, None,
        "no last-applied, which would keep a copy of a Secret"
    );
}

#[test]
fn the_parent_has_the_format_that_every_applyset_tool_reads() {
    let scene = Scene::new(
        plane(),
        "sync-parent",
        &[config_map("one", "1"), deployment("web", "web:1", 1)],
    );
    scene.synced(&[]);
    let parent = scene.live(&format!("secrets/{}", scene.record()));
    let (labels, annotations) = (
        &parent["metadata"]["labels"],
        &parent["metadata"]["annotations"],
    );
    assert_eq!(labels["applyset.kubernetes.io/id"], json!(scene.id()));
    let tooling = annotations["applyset.kubernetes.io/tooling"]
        .as_str()
        .unwrap();
    assert!(tooling.starts_with("pushboat/"), "{tooling}");
    assert_eq!(
        annotations["applyset.kubernetes.io/contains-group-kinds"],
        "ConfigMap,Deployment.apps"
    );
    assert_eq!(
        annotations["applyset.kubernetes.io/additional-namespaces"],
        ""
    );
}

#[test]
fn kubectl_refuses_to_apply_into_a_set_of_ours() {
    let scene = Scene::new(plane(), "sync-kubectl", &[config_map("one", "1")]);
    scene.synced(&[]);
    let set = format!("--applyset=secret/{}", scene.record());
    let args = [
        "apply",
        "--server-side",
        "-n",
        &scene.namespace,
        "--prune",
        &set,
        "-f",
        "-",
    ];
    let answer = scene.plane.try_kubectl_with(
        &args,
        &config_map("two", "2").to_string(),
        &[("KUBECTL_APPLYSET", "true")],
    );
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.stderr.contains("pushboat"), "{answer:?}");
    assert!(scene.exists("configmaps/one") && !scene.exists("configmaps/two"));
}

#[test]
fn a_second_sync_writes_nothing_at_all() {
    let scene = Scene::new(
        plane(),
        "sync-again",
        &[config_map("one", "1"), deployment("web", "web:1", 1)],
    );
    scene.synced(&[]);
    scene.mark();
    scene.synced(&[]);
    let writes: Vec<_> = scene.writes().iter().map(|e| e.uri.clone()).collect();
    assert_eq!(writes, [""; 0]);
}

#[test]
fn an_update_sends_one_patch_for_the_one_object_that_differs() {
    let objects: Vec<_> = (0..9)
        .map(|n| config_map(&format!("map-{n}"), "old"))
        .collect();
    let scene = Scene::new(plane(), "sync-update", &objects);
    scene.synced(&[]);
    scene.put(&config_map("map-4", "new"));
    let diff = scene.diff(&[]);
    assert_eq!(
        diff.drifted().into_iter().collect::<Vec<_>>(),
        ["ConfigMap/map-4 Modified"]
    );
    let change = &diff.resource("ConfigMap", "map-4")["changes"][0];
    assert_eq!(
        (
            &change["path"],
            &change["op"],
            &change["live"],
            &change["desired"]
        ),
        (
            &json!("data.key"),
            &json!("replace"),
            &json!("old"),
            &json!("new")
        )
    );
    scene.mark();
    scene.synced(&[]);
    assert_eq!(scene.changes(), ["patch configmaps/map-4"]);
    assert_eq!(scene.live("configmaps/map-4")["data"]["key"], "new");
}

#[test]
fn a_field_that_is_removed_from_the_repository_goes_away() {
    let mut object = config_map("one", "1");
    object["data"]["extra"] = json!("x");
    let scene = Scene::new(plane(), "sync-field", &[object]);
    scene.synced(&[]);
    scene.edit(
        "configmap",
        "one",
        "other-tool",
        &json!({"data": {"theirs": "y"}}),
    );
    scene.put(&config_map("one", "1"));
    scene.synced(&[]);
    assert_eq!(
        scene.live("configmaps/one")["data"],
        json!({"key": "1", "theirs": "y"})
    );
}

#[test]
fn a_dry_run_writes_nothing_and_says_what_it_would_do() {
    let scene = Scene::new(
        plane(),
        "sync-dry",
        &[config_map("one", "1"), config_map("two", "2")],
    );
    scene.sync(&["--dry-run"]).expect_code(0);
    assert_eq!(scene.writes().len(), 0, "{:?}", scene.writes());
    scene.synced(&[]);
    scene.put(&config_map("one", "new"));
    scene.take(&config_map("two", "2"));
    scene.mark();
    let answer = scene.sync(&["--dry-run", "--prune"]);
    assert_eq!(scene.writes().len(), 0, "{:?}", scene.writes());
    let said = answer.stdout.clone() + &answer.stderr;
    assert!(said.contains("one") && said.contains("two"), "{answer:?}");
    assert_eq!(scene.live("configmaps/one")["data"]["key"], "1");
}

#[test]
fn a_dry_run_into_a_namespace_that_is_not_there_writes_nothing_either() {
    let scene = Scene::at(plane(), "sync-dry-nowhere", &[config_map("one", "1")]);
    scene.declare(&json!({"syncOptions": ["CreateNamespace=true"]}));
    scene.sync(&["--dry-run"]).expect_code(0);
    assert_eq!(scene.writes().len(), 0, "{:?}", scene.writes());
}

#[test]
fn without_a_terminal_nothing_is_asked_and_nothing_is_done() {
    let scene = Scene::new(plane(), "sync-ask", &[config_map("one", "1")]);
    let answer = scene.app("sync", &[]).expect_code(2);
    assert!(answer.stderr.contains("--yes"), "{answer:?}");
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn a_definition_and_its_objects_come_in_one_sync() {
    let group = "one-sync.example.com";
    let ship = json!({"apiVersion": format!("{group}/v1"), "kind": "Ship", "metadata": {"name": "ferry"}, "spec": {"color": "red"}});
    let scene = Scene::new(
        plane(),
        "sync-crd",
        &[definition("ships", "Ship", group), ship],
    );
    let before = scene.diff(&[]);
    assert_eq!(
        (before.code, before.status("Ship", "ferry")),
        (1, "Missing")
    );
    scene.synced(&[]);
    let live = scene.live(&format!("{group}/v1/ships/ferry"));
    assert_eq!(live["spec"], json!({"color": "red", "size": 1}));
    scene.expect_clean();
    scene.mark();
    scene.synced(&[]);
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn objects_go_in_the_order_of_their_waves() {
    let wave = |name: &str, wave: &str| {
        let mut object = config_map(name, "x");
        object["metadata"]["annotations"] = json!({"argocd.argoproj.io/sync-wave": wave});
        object
    };
    let scene = Scene::new(
        plane(),
        "sync-waves",
        &[wave("a", "5"), wave("b", "-1"), wave("c", "0")],
    );
    scene.synced(&[]);
    let writes = scene.writes();
    let order: Vec<_> = writes
        .iter()
        .filter(|e| e.resource == "configmaps")
        .map(|e| e.name.as_str())
        .collect();
    assert_eq!(order, ["b", "c", "a"]);
}

#[test]
fn a_later_wave_does_not_start_when_an_earlier_one_failed() {
    let mut broken = rejected("broken");
    broken["metadata"]["annotations"] = json!({"argocd.argoproj.io/sync-wave": "-1"});
    let scene = Scene::new(plane(), "sync-stop", &[broken, config_map("late", "x")]);
    scene.sync(&[]).expect_code(1);
    assert!(!scene.exists("configmaps/late"));
}

#[test]
fn every_answer_is_a_document_with_a_version() {
    let scene = Scene::new(plane(), "sync-json", &[config_map("one", "1")]);
    let check = |verb: &str, more: &[&str], kind: Option<&str>| -> Value {
        let answer = scene
            .app(verb, &[more, &["-o", "json"]].concat())
            .expect_code(0);
        let document = answer.json();
        assert_eq!(document["schemaVersion"], "pushboat.dev/v1", "{verb}");
        if let Some(kind) = kind {
            assert_eq!(document["kind"], kind, "{verb}");
        }
        assert!(document["kind"].is_string(), "{verb}: {document}");
        document
    };
    check("sync", &["--yes"], None);
    check("sync", &["--yes"], None);
    check("diff", &[], Some("DiffReport"));
    for verb in ["list", "get", "resources", "tree", "history"] {
        check(verb, &[], None);
    }
    let yaml = scene.app("diff", &["-o", "yaml"]).expect_code(0);
    assert!(
        yaml.stdout.starts_with("schemaVersion: pushboat.dev/v1\n"),
        "{yaml:?}"
    );
    let dry = scene.sync(&["--dry-run", "-o", "json"]).expect_code(0);
    assert_eq!(dry.json()["schemaVersion"], "pushboat.dev/v1");
}

#[test]
fn drift_is_one_and_a_question_that_cannot_be_answered_is_two() {
    let scene = Scene::new(plane(), "sync-codes", &[config_map("one", "1")]);
    scene.app("diff", &[]).expect_code(1);
    scene.app("diff", &["--exit-zero"]).expect_code(0);
    scene.synced(&[]);
    scene.app("diff", &[]).expect_code(0);
    let unknown = scene
        .run(&["app", "diff", "nothing-like-this", "-o", "json"])
        .expect_code(2);
    assert!(
        unknown.stderr.contains("nothing-like-this")
            || unknown.stdout.contains("nothing-like-this"),
        "{unknown:?}"
    );
    scene.run(&["app", "diff", "--no-such-flag"]).expect_code(2);
    let none = pushboat(&["app", "diff", "x"]).run();
    none.expect_code(2);
}

#[test]
fn an_object_that_the_server_rejects_is_named_and_the_others_are_applied() {
    let objects = [config_map("fine", "1"), rejected("broken")];
    let scene = Scene::new(plane(), "sync-reject", &objects);
    let answer = scene.sync(&["-o", "json"]).expect_code(1);
    assert!(reasons(&answer.json()).contains("invalid"), "{answer:?}");
    assert!(
        answer.stdout.contains("configmap-broken.yaml"),
        "the file is named: {answer:?}"
    );
    assert!(scene.exists("configmaps/fine") && !scene.exists("configmaps/broken"));
    let answer = scene.sync(&[]).expect_code(1);
    assert!((answer.stdout + &answer.stderr).contains("broken"));
}

#[test]
fn an_unknown_field_is_refused_by_name() {
    let mut object = deployment("web", "web:1", 1);
    object["spec"]["replicsa"] = json!(3);
    let scene = Scene::new(plane(), "sync-strict", &[object]);
    let answer = scene.sync(&["-o", "json"]).expect_code(1);
    assert!(answer.stdout.contains("replicsa"), "{answer:?}");
    assert!(reasons(&answer.json()).contains("invalid"), "{answer:?}");
    assert!(!scene.exists("apps/v1/deployments/web"));
}

#[test]
fn one_command_syncs_many_apps_and_one_bad_app_costs_only_itself() {
    let good = Scene::new(plane(), "sync-good", &[config_map("one", "1")]);
    let bad = plane().namespace("sync-bad");
    let text = std::fs::read_to_string(
        good.repo
            .path()
            .join(format!("clusters/test/{}.yaml", good.namespace)),
    )
    .unwrap();
    good.repo.write(
        &format!("clusters/test/{bad}.yaml"),
        &text.replace(&good.namespace, &bad),
    );
    good.repo.write(
        &format!("apps/{bad}/one.yaml"),
        &rejected("one").to_string(),
    );
    let answer = good
        .run(&["app", "sync", "--all", "--yes", "-o", "json"])
        .expect_code(1);
    assert!(good.exists("configmaps/one"), "{answer:?}");
    assert!(answer.stdout.contains(&bad), "{answer:?}");
}
