//! Guards against mass deletion: each has its own flag, and without it nothing at all is deleted.

use super::plane;
use crate::support::scene::{config_map, definition, reasons};
use crate::support::{Event, Finished, Scene};
use serde_json::{Value, json};

fn maps(n: usize) -> Vec<Value> {
    (0..n)
        .map(|n| config_map(&format!("map-{n:02}"), "x"))
        .collect()
}

/// Syncs `members` objects, takes the first `removed` away, and syncs with these flags.
fn shrink(
    name: &str,
    members: usize,
    removed: usize,
    flags: &[&str],
) -> (Scene<'static>, Finished) {
    let objects = maps(members);
    let scene = Scene::new(plane(), name, &objects);
    scene.synced(&[]);
    for object in &objects[..removed] {
        scene.take(object);
    }
    scene.mark();
    let answer = scene.sync(&[flags, &["-o", "json"]].concat());
    (scene, answer)
}

fn n_deletes(scene: &Scene) -> usize {
    scene
        .changes()
        .iter()
        .filter(|c| c.starts_with("delete"))
        .count()
}

#[track_caller]
fn expect_guard(scene: &Scene, answer: &Finished) {
    assert_eq!((answer.code, n_deletes(scene)), (1, 0), "{answer:?}");
    assert!(reasons(&answer.json()).contains("guard"), "{answer:?}");
}

#[test]
fn up_to_ten_objects_go_without_a_question() {
    let (scene, answer) = shrink("guard-ten", 12, 10, &["--prune"]);
    assert_eq!((answer.code, n_deletes(&scene)), (0, 10), "{answer:?}");
}

#[test]
fn more_than_ten_and_more_than_a_third_or_so_is_refused() {
    let (scene, answer) = shrink("guard-many", 20, 11, &["--prune"]);
    expect_guard(&scene, &answer);
    assert!(
        answer.stdout.contains("--max-prune"),
        "the way out is named: {answer:?}"
    );
    scene.synced(&["--prune", "--max-prune", "11"]);
    assert_eq!(n_deletes(&scene), 11);
}

#[test]
fn of_forty_objects_twelve_may_go_and_thirteen_may_not() {
    let (scene, answer) = shrink("guard-twelve", 40, 12, &["--prune"]);
    assert_eq!((answer.code, n_deletes(&scene)), (0, 12), "{answer:?}");
    let (scene, answer) = shrink("guard-thirteen", 40, 13, &["--prune"]);
    expect_guard(&scene, &answer);
}

#[test]
fn the_limit_can_be_a_share_and_can_be_lower() {
    let (scene, answer) = shrink("guard-share", 20, 11, &["--prune", "--max-prune", "60%"]);
    assert_eq!((answer.code, n_deletes(&scene)), (0, 11), "{answer:?}");
    let (scene, answer) = shrink("guard-lower", 8, 3, &["--prune", "--max-prune", "2"]);
    expect_guard(&scene, &answer);
}

#[test]
fn an_empty_app_deletes_nothing_unless_empty_is_allowed() {
    let (scene, answer) = shrink("guard-empty", 3, 3, &["--prune"]);
    assert_eq!(n_deletes(&scene), 0, "{answer:?}");
    assert_ne!(answer.code, 0, "{answer:?}");
    assert!(
        (answer.stdout.clone() + &answer.stderr).contains("--allow-empty"),
        "{answer:?}"
    );
    scene.synced(&["--prune", "--allow-empty"]);
    assert_eq!(n_deletes(&scene), 3);
}

#[test]
fn max_prune_does_not_stand_in_for_allow_empty() {
    let (scene, answer) = shrink("guard-both", 3, 3, &["--prune", "--max-prune", "100%"]);
    assert_ne!(answer.code, 0);
    assert_eq!(n_deletes(&scene), 0, "{answer:?}");
}

#[test]
fn a_repository_lowers_the_limit_and_only_the_user_raises_it() {
    let (scene, answer) = shrink("guard-repo", 15, 11, &[]);
    assert_eq!((answer.code, n_deletes(&scene)), (1, 0), "{answer:?}");
    let sync = |max: &str, home: Option<&std::path::Path>| {
        scene
            .repo
            .write("pushboat.yaml", &format!("maxPrune: {max}\n"));
        let args = ["app", "sync", &scene.namespace, "--yes", "--prune"];
        let call = scene.pushboat(&args);
        match home {
            Some(home) => call.home(home).run(),
            None => call.run(),
        }
    };
    let raised = sync("1000", None);
    assert_eq!((raised.code, n_deletes(&scene)), (1, 0), "{raised:?}");
    assert!(
        raised
            .stderr
            .contains("`maxPrune: 1000` of pushboat.yaml is not honoured"),
        "{raised:?}"
    );
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".config/pushboat");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.yaml"), "maxPrune: 100%\n").unwrap();
    let lowered = sync("3", Some(home.path()));
    assert_eq!((lowered.code, n_deletes(&scene)), (1, 0), "{lowered:?}");
    let allowed = sync("1000", Some(home.path()));
    assert_eq!((allowed.code, n_deletes(&scene)), (0, 11), "{allowed:?}");
}

#[test]
fn who_allows_empty_allows_the_whole_set_at_any_size() {
    let flags = ["--prune", "--allow-empty"];
    let (scene, answer) = shrink("guard-whole", 15, 15, &flags);
    assert_eq!((answer.code, n_deletes(&scene)), (0, 15), "{answer:?}");
}

fn claim(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    })
}

fn volume(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name},
        "spec": {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/tmp/nothing"}},
    })
}

/// The deletes of this name that pushboat asked for, wherever.
fn deletes_of(name: &str) -> usize {
    let events = plane().audit_from(0);
    let is_it =
        |e: &&Event| e.verb == "delete" && e.name == name && e.agent.starts_with("pushboat");
    events.iter().filter(is_it).count()
}

/// Kinds that take data or whole worlds along go only when their very name was said.
#[test]
fn a_precious_object_is_deleted_only_when_confirmed_by_name() {
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "precious-namespace"}});
    let gems = definition("gems", "Gem", "precious.example.com");
    let precious = [
        namespace,
        claim("precious-data"),
        volume("precious-volume"),
        gems,
    ];
    // Each waits for what nobody on a bare API server ends.
    std::thread::scope(|scope| {
        for object in &precious {
            scope.spawn(|| is_deleted_only_when_confirmed(object));
        }
    });
}

fn is_deleted_only_when_confirmed(object: &Value) {
    let (kind, name) = (
        object["kind"].as_str().unwrap(),
        object["metadata"]["name"].as_str().unwrap(),
    );
    let confirmed = format!("{kind}/{name}");
    let objects = [
        config_map("one", "1"),
        config_map("two", "2"),
        object.clone(),
    ];
    let scene = Scene::new(plane(), "guard-precious", &objects);
    scene.synced(&[]);
    scene.take(object);
    scene.take(&config_map("two", "2"));
    let answer = scene.sync(&["--prune"]).expect_code(1);
    assert_eq!(deletes_of(name), 0, "{kind}");
    let said = answer.stdout.clone() + &answer.stderr;
    assert!(said.contains(&confirmed), "{kind}: {answer:?}");
    scene.sync(&[
        "--prune",
        "--confirm-prune",
        &format!("{kind}/something-else"),
    ]);
    assert_eq!(deletes_of(name), 0, "{kind}");
    // Nobody takes the finalizers of these kinds off on a bare API server: the delete is asked for, its end is not
    // waited for.
    let answer = scene.sync(&["--prune", "--confirm-prune", &confirmed, "--timeout", "5s"]);
    assert_eq!(deletes_of(name), 1, "{kind}: {answer:?}");
}

/// What was asked to go and did not is no success, for as long as `app diff` says that it is left over.
#[test]
fn what_stays_for_want_of_a_confirmation_ends_with_one_and_is_no_work() {
    let data = claim("left-data");
    let scene = Scene::new(
        plane(),
        "guard-left",
        &[config_map("one", "1"), data.clone()],
    );
    scene.synced(&[]);
    scene.take(&data);
    for more in [&["--dry-run"][..], &[], &[]] {
        scene.mark();
        let answer = scene
            .sync(&[&["--prune", "-o", "json"], more].concat())
            .expect_code(1);
        let app = &answer.json()["apps"][0];
        let message = app["message"].as_str().unwrap();
        assert!(message.contains("--confirm-prune"), "{answer:?}");
        let rows = app["resources"].as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == "left-data").unwrap();
        assert_eq!(row["outcome"], "Kept", "{answer:?}");
    }
    assert_eq!(scene.writes().len(), 0, "the last one found nothing to do");
    let history = scene.app("history", &[]).expect_code(0).stdout;
    assert!(!history.contains("Failed"), "{history}");
    scene.app("diff", &[]).expect_code(1);
    scene.declare(&json!({"automated": {"prune": true}}));
    scene.sync(&[]).expect_code(1);
}
