//! What pushboat remembers in a cluster: whose it is, what other versions wrote, and what somebody else did to it.

use super::plane;
use crate::support::Scene;
use crate::support::scene::config_map;
use serde_json::{Value, json};

/// The history Secrets of a namespace, parts included.
fn revisions(scene: &Scene) -> Vec<Value> {
    let mut secrets = scene.live("secrets")["items"].as_array().unwrap().clone();
    secrets.retain(|secret| secret["type"] == "pushboat.dev/revision");
    secrets
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap()
}

/// Changes the live record of an app by hand.
fn patch_parent(scene: &Scene, metadata: &Value) {
    patch_secret(scene, &scene.record(), metadata);
}

fn patch_secret(scene: &Scene, name: &str, metadata: &Value) {
    scene.edit(
        "secret",
        name,
        "kubectl-edit",
        &json!({"metadata": metadata}),
    );
}

fn annotation(scene: &Scene, key: &str) -> Value {
    let parent = scene.live(&format!("secrets/{}", scene.record()));
    parent["metadata"]["annotations"][key].clone()
}

/// `app history -o json`, newest first, as `ID RESULT`.
fn history(scene: &Scene) -> Vec<String> {
    let document = scene.app("history", &["-o", "json"]).expect_code(0).json();
    let rows = document["apps"][0]["revisions"].as_array().unwrap().clone();
    let row = |row: &Value| format!("{} {}", row["id"], row["result"].as_str().unwrap());
    rows.iter().map(row).collect()
}

fn without_remote(scene: &Scene) {
    scene.repo.git(&["remote", "remove", "origin"]);
}

#[test]
fn a_repository_without_a_name_of_its_own_reads_and_writes_nothing() {
    let scene = Scene::new(plane(), "records-nameless", &[config_map("one", "1")]);
    without_remote(&scene);
    scene.app("diff", &[]).expect_code(1);
    scene.sync(&["--dry-run"]).expect_code(0);
    for args in [
        &["sync", "--yes"][..],
        &["delete", "--yes"],
        &["rollback", "--yes"],
    ] {
        let answer = scene.app(args[0], &args[1..]).expect_code(2);
        assert!(answer.stderr.contains("`repoID: repo-"), "{answer:?}");
    }
    assert_eq!(scene.writes().len(), 0);
    let answer = scene.sync(&[]).expect_code(2);
    let line = answer
        .stderr
        .split('`')
        .find(|part| part.starts_with("repoID: "));
    scene.repo.write("pushboat.yaml", line.unwrap());
    scene.synced(&[]);
    scene.expect_clean();
    assert!(
        line.unwrap()
            .ends_with(annotation(&scene, "pushboat.dev/repo").as_str().unwrap())
    );
}

#[test]
fn a_record_that_names_the_repository_by_its_folder_is_taken_for_the_same_app() {
    let objects = [config_map("one", "1"), config_map("two", "2")];
    let scene = Scene::new(plane(), "records-folder", &objects);
    scene.synced(&[]);
    let folder = scene
        .repo
        .path()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    let old = json!({"annotations": {"pushboat.dev/repo": format!("folder/{folder}"), "pushboat.dev/check": null}});
    patch_parent(&scene, &old);
    without_remote(&scene);
    scene.app("diff", &[]).expect_code(0);
    scene
        .repo
        .write("pushboat.yaml", "repoID: records-folder-test\n");
    scene.app("diff", &[]).expect_code(0);
    scene.take(&objects[1]);
    scene.synced(&["--prune"]);
    assert!(!scene.exists("configmaps/two"));
    assert_eq!(
        annotation(&scene, "pushboat.dev/repo"),
        "records-folder-test"
    );
    patch_parent(
        &scene,
        &json!({"annotations": {"pushboat.dev/repo": "folder/another"}}),
    );
    scene.sync(&[]).expect_code(1);
}

#[test]
fn two_repositories_in_folders_of_one_name_do_not_prune_each_other() {
    let one = Scene::new(plane(), "records-twins", &[config_map("one", "1")]);
    one.repo
        .write("pushboat.yaml", "repoID: records-twin-one\n");
    without_remote(&one);
    one.synced(&[]);
    // The same app from a repository of its own; only the id tells them apart.
    let two = Scene::at(plane(), &one.namespace, &[config_map("two", "2")]);
    two.repo
        .write("pushboat.yaml", "repoID: records-twin-two\n");
    without_remote(&two);
    two.sync(&["--prune"]).expect_code(1);
    assert!(one.exists("configmaps/one") && !one.exists("configmaps/two"));
}

#[test]
fn apps_whose_names_begin_alike_keep_histories_apart() {
    let scene = Scene::new(plane(), "records-alike", &[config_map("one", "0")]);
    let other = format!("{}.v2", scene.namespace);
    let file = |app: &str| format!("clusters/test/{app}.yaml");
    let text = std::fs::read_to_string(scene.repo.path().join(file(&scene.namespace))).unwrap();
    let path = format!("apps/{}", scene.namespace);
    let text = text
        .replace(
            &format!("\"name\": \"{}\"", scene.namespace),
            &format!("\"name\": \"{other}\""),
        )
        .replace(&path, &format!("apps/{other}"));
    scene.repo.write(&file(&other), &text);
    scene.repo.write(
        &format!("apps/{other}/two.yaml"),
        &config_map("two", "0").to_string(),
    );
    for n in 1..4 {
        scene.put(&config_map("one", &n.to_string()));
        scene.repo.write(
            &format!("apps/{other}/two.yaml"),
            &config_map("two", &n.to_string()).to_string(),
        );
        scene.repo.commit(&n.to_string());
        scene.run(&["app", "sync", "--all", "--yes"]).expect_code(0);
    }
    assert_eq!(
        history(&scene),
        ["3 Succeeded", "2 Succeeded", "1 Succeeded"]
    );
    assert_eq!(revisions(&scene).len(), 6);
    scene
        .run(&["app", "rollback", &other, "1", "--yes"])
        .expect_code(0);
    assert_eq!(scene.live("configmaps/two")["data"]["key"], "1");
    assert_eq!(scene.live("configmaps/one")["data"]["key"], "3");
}

#[test]
fn an_entry_that_this_version_cannot_read_is_kept_and_its_id_is_not_given_again() {
    let scene = Scene::new(plane(), "records-word", &[config_map("one", "1")]);
    scene.synced(&[]);
    scene.put(&config_map("one", "2"));
    scene.synced(&[]);
    let newer = revisions(&scene)
        .into_iter()
        .find(|secret| name(secret).ends_with(".v2"))
        .unwrap();
    let info = newer["metadata"]["annotations"]["pushboat.dev/info"]
        .as_str()
        .unwrap();
    let info = info.replace("\"Succeeded\"", "\"Paused\"");
    patch_secret(
        &scene,
        name(&newer),
        &json!({"annotations": {"pushboat.dev/info": info}}),
    );
    assert_eq!(history(&scene), ["2 Unreadable", "1 Succeeded"]);
    let answer = scene.app("rollback", &["2", "--yes"]).expect_code(2);
    assert!(answer.stderr.contains("Paused"), "{answer:?}");
    scene.app("rollback", &["--yes"]).expect_code(2);
    scene.put(&config_map("one", "3"));
    scene.synced(&[]);
    assert_eq!(
        history(&scene),
        ["3 Succeeded", "2 Unreadable", "1 Succeeded"]
    );
    let kept = scene.live(&format!("secrets/{}", name(&newer)));
    assert_eq!(kept["data"], newer["data"], "it was not written over");
}

#[test]
fn an_entry_with_the_largest_of_all_ids_stops_no_sync() {
    let scene = Scene::new(plane(), "records-largest", &[config_map("one", "1")]);
    scene.synced(&[]);
    let first = revisions(&scene).remove(0);
    let info = first["metadata"]["annotations"]["pushboat.dev/info"]
        .as_str()
        .unwrap();
    let info = info.replace("\"id\":1", &format!("\"id\":{}", u64::MAX));
    patch_secret(
        &scene,
        name(&first),
        &json!({"annotations": {"pushboat.dev/info": info}}),
    );
    scene.put(&config_map("one", "2"));
    scene.synced(&[]);
    assert_eq!(history(&scene), ["2 Succeeded", "1 Unreadable"]);
    assert_eq!(revisions(&scene).len(), 2);
}

/// One of each thing that 0.1.0 wrote otherwise: Secrets named after the app, an unkeyed digest, no field that came later, a record
/// without a check value that names the repository by its folder.
#[test]
fn records_of_the_first_version_are_read_and_go_on() {
    let scene = Scene::new(plane(), "records-first", &[config_map("one", "1")]);
    scene.synced(&[]);
    scene.put(&config_map("one", "2"));
    scene.synced(&[]);
    for secret in revisions(&scene) {
        as_first_version(&scene, secret);
    }
    let folder = scene
        .repo
        .path()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    as_written_by_pushboat(&scene, &folder);
    scene.expect_clean();
    assert_eq!(history(&scene), ["2 Succeeded", "1 Succeeded"]);
    scene.synced(&[]);
    assert_ne!(annotation(&scene, "pushboat.dev/check"), Value::Null);
    scene.mark();
    scene.synced(&[]);
    assert_eq!(scene.writes().len(), 0, "in sync is in sync");
    scene.app("rollback", &["1", "--yes"]).expect_code(0);
    assert_eq!(scene.live("configmaps/one")["data"]["key"], "1");
    let key = scene.live(&format!("secrets/{}", scene.record()))["data"]["digestKey"].clone();
    assert_eq!(
        key.as_str().map(str::len),
        Some(44),
        "a new key for the record of 0.1.0"
    );
    let newest = scene.entry(4)["metadata"]["annotations"]["pushboat.dev/info"].clone();
    let newest: Value = serde_json::from_str(newest.as_str().unwrap()).unwrap();
    let digest = newest["digest"].as_str().unwrap();
    assert!(digest.starts_with("hmac-sha256:"), "{digest}");
    assert!(
        !newest["held"][0].is_null(),
        "what was rolled back is held: {newest}"
    );
    assert!(
        !newest.to_string().contains("9f86d081884c7d65"),
        "nor is an old digest kept: {newest}"
    );
    scene.put(&config_map("one", "3"));
    scene.synced(&[]);
    assert_eq!(history(&scene).len(), 5);
    scene.app("delete", &["--yes"]).expect_code(0);
    assert!(revisions(&scene).is_empty(), "old names go too");
}

/// The same Secret under the name that 0.1.0 gave it.
fn as_first_version(scene: &Scene, mut secret: Value) {
    let path = scene.path(&format!("secrets/{}", name(&secret)));
    scene.plane.request("DELETE", &path, None).unwrap();
    let info = secret["metadata"]["annotations"]["pushboat.dev/info"]
        .as_str()
        .unwrap();
    let mut info: Value = serde_json::from_str(info).unwrap();
    let known = [
        "id",
        "revision",
        "dirty",
        "path",
        "by",
        "startedAt",
        "finishedAt",
        "result",
        "created",
        "configured",
        "pruned",
        "failed",
        "objects",
        "parts",
        "tool",
    ];
    info.as_object_mut()
        .unwrap()
        .retain(|key, _| known.contains(&key.as_str()));
    info["digest"] = json!("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
    secret["metadata"] = json!({
        "name": format!("{}.v{}", scene.record(), info["id"]),
        "labels": secret["metadata"]["labels"],
        "annotations": {"pushboat.dev/info": info.to_string(), "pushboat.dev/app": scene.namespace},
    });
    scene.plane.create(&scene.path("secrets"), &secret);
}

/// Writes the parent as 0.1.0 did, by an apply of pushboat's own.
fn as_written_by_pushboat(scene: &Scene, folder: &str) {
    let live = scene.live(&format!("secrets/{}", scene.record()));
    let mut annotations = live["metadata"]["annotations"].clone();
    let known = |key: &String| {
        let later = [
            "pushboat.dev/app",
            "pushboat.dev/repo",
            "pushboat.dev/cluster",
            "pushboat.dev/phase",
        ];
        key.starts_with("applyset.kubernetes.io/") || later.contains(&key.as_str())
    };
    annotations
        .as_object_mut()
        .unwrap()
        .retain(|key, _| known(key));
    annotations["pushboat.dev/repo"] = json!(format!("folder/{folder}"));
    let parent = json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {
            "name": scene.record(), "namespace": scene.namespace,
            "labels": live["metadata"]["labels"], "annotations": annotations,
        },
    });
    let path = scene.path(&format!(
        "secrets/{}?fieldManager=pushboat&force=true",
        scene.record()
    ));
    let (status, body) = scene.plane.request("PATCH", &path, Some(&parent)).unwrap();
    assert_eq!(status, 200, "{body}");
}

/// An app of a ConfigMap and of a Secret that git then drops: only the record knows where the Secret is.
fn with_a_leftover(name: &str) -> Scene<'static> {
    let scene = Scene::new(plane(), name, &[config_map("one", "1"), secret("left")]);
    scene.synced(&[]);
    scene.take(&secret("left"));
    scene
}

fn secret(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"a": "b"}})
}

const KINDS: &str = "applyset.kubernetes.io/contains-group-kinds";

/// Whatever was done to the record, the leftover is seen at once, stays until the record is whole again, and can be pruned then.
#[track_caller]
fn expect_found(scene: &Scene, what: &str) {
    let diff = scene.diff(&[]);
    assert_eq!(
        diff.status("Secret", "left"),
        "Extra",
        "{what}: {}",
        diff.app
    );
    let answer = scene.sync(&["--prune"]);
    assert!(
        scene.exists("secrets/left") || answer.code == 0,
        "{what}: {answer:?}"
    );
    scene.sync(&["--prune"]).expect_code(0);
    assert!(!scene.exists("secrets/left"), "{what}");
    scene.expect_clean();
    scene.mark();
    scene.synced(&["--prune"]);
    assert_eq!(scene.writes().len(), 0, "{what}");
}

#[test]
fn a_record_that_was_edited_to_a_smaller_scope_hides_nothing() {
    let scene = with_a_leftover("records-edited");
    patch_parent(&scene, &json!({"annotations": {KINDS: "ConfigMap"}}));
    let diff = scene.diff(&[]);
    assert_eq!(diff.code, 2, "it is not whole: {}", diff.app);
    scene.sync(&["--prune"]).expect_code(1);
    assert!(scene.exists("secrets/left"), "nothing is pruned by it");
    expect_found(&scene, "edited");
}

#[test]
fn a_record_that_was_deleted_hides_nothing() {
    let scene = with_a_leftover("records-deleted");
    let path = scene.path(&format!("secrets/{}", scene.record()));
    scene.plane.request("DELETE", &path, None).unwrap();
    scene.sync(&["--prune"]).expect_code(1);
    assert!(scene.exists("secrets/left"), "nothing is pruned without it");
    expect_found(&scene, "deleted");
}

#[test]
fn a_record_that_was_restored_from_an_older_state_hides_nothing() {
    for is_replaced in [true, false] {
        let name = if is_replaced {
            "records-replaced"
        } else {
            "records-restored"
        };
        let scene = Scene::new(plane(), name, &[config_map("one", "1")]);
        scene.synced(&[]);
        let path = scene.path(&format!("secrets/{}", scene.record()));
        let mut old = plane().get(&path);
        scene.put(&secret("left"));
        scene.synced(&[]);
        scene.take(&secret("left"));
        old["metadata"]
            .as_object_mut()
            .unwrap()
            .retain(|key, _| matches!(key.as_str(), "name" | "labels" | "annotations"));
        if is_replaced {
            let (status, body) = plane().request("PUT", &path, Some(&old)).unwrap();
            assert_eq!(status, 200, "{body}");
        } else {
            plane().request("DELETE", &path, None).unwrap();
            plane().create(&scene.path("secrets"), &old);
        }
        expect_found(&scene, name);
    }
}

#[test]
fn a_record_with_another_id_or_fewer_namespaces_hides_nothing() {
    let scene = with_a_leftover("records-id");
    patch_parent(
        &scene,
        &json!({"labels": {"applyset.kubernetes.io/id": "applyset-x-v1"}}),
    );
    expect_found(&scene, "another id");
    let other = plane().namespace("records-far");
    let mut far = config_map("far", "x");
    far["metadata"]["namespace"] = json!(other);
    let scene = Scene::new(
        plane(),
        "records-near",
        &[config_map("one", "1"), far.clone()],
    );
    scene.synced(&[]);
    scene.take(&far);
    let no = json!({"annotations": {"applyset.kubernetes.io/additional-namespaces": ""}});
    patch_parent(&scene, &no);
    assert_eq!(scene.diff(&[]).status("ConfigMap", "far"), "Extra");
    scene.sync(&["--prune"]).expect_code(1);
    scene.synced(&["--prune"]);
    let path = format!("/api/v1/namespaces/{other}/configmaps/far");
    assert_eq!(plane().request("GET", &path, None).unwrap().0, 404);
}

/// Gives the app's cluster folder another name; the server stays the same.
fn rename_folder(scene: &Scene, from: &str, to: &str) {
    let clusters = scene.repo.path().join("clusters");
    std::fs::rename(clusters.join(from), clusters.join(to)).unwrap();
}

fn with_context(scene: &Scene, folder: &str) {
    let file = format!("clusters/{folder}/cluster.yaml");
    scene.repo.write(&file, "context: test\n");
}

#[test]
fn a_renamed_cluster_folder_is_the_same_app_without_adopting() {
    let objects = [config_map("one", "1"), config_map("two", "2")];
    let scene = Scene::new(plane(), "records-renamed", &objects);
    scene.synced(&[]);
    rename_folder(&scene, "test", "f11");
    with_context(&scene, "f11");
    let diff = scene.app("diff", &[]).expect_code(0);
    assert!(diff.said().contains("folder test -> f11"), "{diff:?}");
    let asked = scene.app("sync", &[]).expect_code(2);
    assert!(asked.said().contains("folder test -> f11"), "{asked:?}");
    scene.take(&objects[1]);
    let answer = scene.sync(&["--prune"]).expect_code(0);
    assert!(answer.said().contains("folder test -> f11"), "{answer:?}");
    assert!(!scene.exists("configmaps/two"), "pruned as ever");
    assert_eq!(annotation(&scene, "pushboat.dev/cluster"), "f11");
    let again = scene.app("diff", &[]).expect_code(0);
    assert!(!again.said().contains("folder test"), "{again:?}");
}

#[test]
fn two_folders_of_one_server_that_both_declare_the_app_are_told_so() {
    let scene = Scene::new(plane(), "records-two-folders", &[config_map("one", "1")]);
    scene.synced(&[]);
    let file = format!("{}.yaml", scene.namespace);
    let text =
        std::fs::read_to_string(scene.repo.path().join("clusters/test").join(&file)).unwrap();
    scene.repo.write(&format!("clusters/f11/{file}"), &text);
    with_context(&scene, "f11");
    let name = format!("f11/{}", scene.namespace);
    let answer = scene.run(&["app", "sync", &name, "--yes", "--prune"]);
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.said().contains("both declare"), "{answer:?}");
    assert!(!answer.said().contains("--adopt"), "{answer:?}");
    assert_eq!(annotation(&scene, "pushboat.dev/cluster"), "test");
}

#[test]
fn what_is_adopted_from_another_repository_is_said_and_ends_well() {
    let one = Scene::new(
        plane(),
        "records-adopt",
        &[config_map("one", "1"), config_map("theirs", "1")],
    );
    one.synced(&[]);
    let objects = [config_map("one", "2")];
    let two = Scene::of(
        plane(),
        &one.namespace,
        "https://git.example/teams/adopter.git",
        &objects,
    );
    two.sync(&["--prune"]).expect_code(1);
    let answer = two.sync(&["--prune", "--adopt"]).expect_code(1);
    assert!(
        answer.said().contains("taken over from repository"),
        "{answer:?}"
    );
    assert!(
        two.exists("configmaps/theirs"),
        "not in the run that takes it over"
    );
    assert_eq!(two.live("configmaps/one")["data"]["key"], "2");
    two.synced(&["--prune"]);
    assert!(!two.exists("configmaps/theirs"));
    let three = Scene::of(
        plane(),
        &one.namespace,
        "https://git.example/teams/third.git",
        &objects,
    );
    let answer = three.sync(&["--adopt"]).expect_code(0);
    assert!(
        answer.said().contains("taken over from repository"),
        "{answer:?}"
    );
}

/// An app with a Deployment-like object of its own namespace and a cluster-scoped one, then with another destination.
fn moved(name: &str) -> (Scene<'static>, String) {
    let shared = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": format!("{name}-role")}, "rules": []});
    let scene = Scene::new(plane(), name, &[config_map("one", "1"), shared]);
    scene.synced(&[]);
    let new = plane().namespace(&format!("{name}-new"));
    set_namespace(&scene, &scene.namespace, &new);
    (scene, new)
}

fn set_namespace(scene: &Scene, from: &str, to: &str) {
    let file = format!("clusters/test/{}.yaml", scene.namespace);
    let (from, to) = (
        format!("\"namespace\": \"{from}\""),
        format!("\"namespace\": \"{to}\""),
    );
    scene.repo.replace(&file, &from, &to);
}

fn is_there(namespace: &str, place: &str) -> bool {
    let path = format!("/api/v1/namespaces/{namespace}/{place}");
    plane().request("GET", &path, None).unwrap().0 == 200
}

#[test]
fn an_app_that_moves_to_another_namespace_takes_its_objects_and_its_history_along() {
    let (scene, new) = moved("records-move");
    let diff = scene.diff(&[]);
    let extra = diff
        .resources()
        .iter()
        .find(|r| r["status"] == "Extra")
        .unwrap();
    assert_eq!(
        (&extra["namespace"], &extra["name"]),
        (&json!(scene.namespace), &json!("one"))
    );
    assert_eq!(
        history(&scene),
        ["1 Succeeded"],
        "before the first sync there"
    );
    let answer = scene.sync(&[]).expect_code(1);
    assert!(answer.said().contains("--prune"), "{answer:?}");
    assert!(is_there(&new, "configmaps/one") && scene.exists("configmaps/one"));
    scene.mark();
    scene.sync(&[]).expect_code(1);
    assert_eq!(scene.writes().len(), 0, "what is left is no work");
    scene.synced(&["--prune"]);
    assert!(!scene.exists("configmaps/one"));
    assert_eq!(
        history(&scene),
        ["3 Succeeded", "2 Succeeded", "1 Succeeded"]
    );
    scene.expect_clean();
    let left = scene.live("secrets")["items"].as_array().unwrap().clone();
    assert!(
        left.iter()
            .all(|secret| !name(secret).starts_with("pushboat.")),
        "{left:?}"
    );
}

#[test]
fn an_app_that_moves_and_back_loses_nothing() {
    let (scene, new) = moved("records-return");
    scene.sync(&[]).expect_code(1);
    set_namespace(&scene, &new, &scene.namespace);
    let diff = scene.diff(&[]);
    let extra = diff
        .resources()
        .iter()
        .find(|r| r["status"] == "Extra")
        .unwrap();
    assert_eq!(extra["namespace"], json!(new), "{}", diff.app);
    scene.synced(&["--prune"]);
    assert!(scene.exists("configmaps/one") && !is_there(&new, "configmaps/one"));
    assert!(!is_there(&new, &format!("secrets/{}", scene.record())));
    scene.expect_clean();
}

#[test]
fn an_app_that_moved_and_was_not_synced_since_is_deleted_where_it_is() {
    let (scene, new) = moved("records-move-delete");
    scene.app("delete", &["--yes"]).expect_code(0);
    assert!(!scene.exists("configmaps/one"));
    assert!(!scene.exists(&format!("secrets/{}", scene.record())));
    assert!(!is_there(&new, &format!("secrets/{}", scene.record())));
}

/// The record of a version before this one, moved by that version: two parents that do not know each other.
#[test]
fn two_parents_that_do_not_know_each_other_are_both_found() {
    let (scene, new) = moved("records-strangers");
    let old = scene.live(&format!("secrets/{}", scene.record()));
    let path = scene.path(&format!("secrets/{}", scene.record()));
    plane().request("DELETE", &path, None).unwrap();
    for secret in revisions(&scene) {
        let path = scene.path(&format!("secrets/{}", name(&secret)));
        plane().request("DELETE", &path, None).unwrap();
    }
    scene.sync(&["--adopt"]).expect_code(0);
    let mut old = old;
    let metadata = old["metadata"].as_object_mut().unwrap();
    metadata.retain(|key, _| matches!(key.as_str(), "name" | "labels" | "annotations"));
    plane().create(&scene.path("secrets"), &old);
    let path = format!("/api/v1/namespaces/{new}/secrets/{}", scene.record());
    let no_check = json!({"metadata": {"annotations": {"pushboat.dev/check": null}}});
    let merge = "application/merge-patch+json";
    plane()
        .request_as("PATCH", &path, merge, Some(&no_check))
        .unwrap();
    let diff = scene.diff(&[]);
    assert_eq!(
        diff.resources()
            .iter()
            .filter(|r| r["status"] == "Extra")
            .count(),
        1,
        "{}",
        diff.app
    );
}

/// The move is cut at each of its writes; the next run finishes it.
#[test]
fn a_move_that_is_killed_at_any_write_is_finished_by_the_next_sync() {
    let (scene, _) = moved("records-move-kill");
    let proxy = crate::support::Faultline::before(plane());
    let mut at = scene.namespace.clone();
    let to = [
        plane().namespace("records-kill-a"),
        plane().namespace("records-kill-b"),
    ];
    set_namespace(&scene, &destination(&scene), &at);
    for n in 1.. {
        scene.synced(&["--prune"]);
        let next = to[n % 2].clone();
        set_namespace(&scene, &at, &next);
        let died = killed(&scene, &proxy, n);
        scene.synced(&["--prune"]);
        assert!(is_there(&next, "configmaps/one"), "write {n}");
        assert!(!is_there(&at, "configmaps/one"), "write {n}");
        assert!(
            !is_there(&at, &format!("secrets/{}", scene.record())),
            "write {n}"
        );
        scene.expect_clean();
        at = next;
        if !died {
            assert!(n > 8, "{n} writes");
            break;
        }
    }
}

fn destination(scene: &Scene) -> String {
    let file = scene
        .repo
        .path()
        .join(format!("clusters/test/{}.yaml", scene.namespace));
    let app: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    app["spec"]["destination"]["namespace"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Starts a sync through the proxy and kills it after the nth write was done; returns whether it died.
fn killed(scene: &Scene, proxy: &crate::support::Faultline, n: usize) -> bool {
    use crate::support::faultline::{Phase, Rule, Victim};
    let victim = Victim::default();
    proxy.heal();
    proxy.rule(Rule::write().nth(n).kill(Phase::AfterAnswer, &victim));
    let running = scene
        .pushboat(&["app", "sync", &scene.namespace, "--yes", "--prune"])
        .kubeconfig(proxy.kubeconfig())
        .start();
    victim.store(running.pid(), std::sync::atomic::Ordering::SeqCst);
    running.wait().code == 137
}

/// An app whose Application file left the repository; an app of another name takes one of its two objects.
#[test]
fn an_app_that_left_the_repository_is_listed_handed_over_and_deleted() {
    let objects = [config_map("taken", "1"), config_map("left", "1")];
    let scene = Scene::new(plane(), "records-orphan", &objects);
    scene.synced(&[]);
    let (old, new) = (
        scene.namespace.clone(),
        format!("{}-renamed", scene.namespace),
    );
    let file = format!("clusters/test/{old}.yaml");
    let text = std::fs::read_to_string(scene.repo.path().join(&file)).unwrap();
    scene.repo.remove(&file);
    let rows = |args: &[&str]| -> Vec<Value> {
        let all = [&["app", "list", "-o", "json"], args].concat();
        let apps = scene.run(&all).expect_code(0).json()["apps"].clone();
        let mut apps = apps.as_array().unwrap().clone();
        apps.retain(|app| app["name"].as_str().unwrap().starts_with(&old));
        apps
    };
    let listed = rows(&["--orphaned"]);
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(
        (&listed[0]["name"], &listed[0]["orphaned"]),
        (&json!(old), &json!(true))
    );
    // The same app under another name, without one of the objects.
    let text = text.replace(
        &format!("\"name\": \"{old}\""),
        &format!("\"name\": \"{new}\""),
    );
    scene
        .repo
        .write(&format!("clusters/test/{new}.yaml"), &text);
    scene.take(&config_map("left", "1"));
    let (before, id) = (scene.live("configmaps/taken"), format!("test/{old}"));
    scene
        .run(&["app", "delete", &id, "--yes", "--dry-run"])
        .expect_code(0);
    scene.run(&["app", "sync", &new, "--yes"]).expect_code(0);
    let after = scene.live("configmaps/taken");
    assert_eq!(before["metadata"]["uid"], after["metadata"]["uid"]);
    assert_ne!(
        before["metadata"]["labels"], after["metadata"]["labels"],
        "handed over"
    );
    scene.run(&["app", "delete", &id, "--yes"]).expect_code(0);
    assert!(scene.exists("configmaps/taken") && !scene.exists("configmaps/left"));
    assert!(!scene.exists(&format!("secrets/{}", scene.record())));
    assert!(rows(&["--orphaned"]).is_empty());
    let none = scene.run(&["app", "delete", &id, "--yes"]).expect_code(2);
    assert!(none.said().contains("no record"), "{none:?}");
}

#[test]
fn what_a_renamed_app_wants_is_never_deleted_with_the_old_name() {
    let scene = Scene::new(plane(), "records-rename", &[config_map("one", "1")]);
    scene.synced(&[]);
    let (old, new) = (scene.namespace.clone(), format!("{}-new", scene.namespace));
    let file = format!("clusters/test/{old}.yaml");
    let text = std::fs::read_to_string(scene.repo.path().join(&file)).unwrap();
    scene.repo.remove(&file);
    let text = text.replace(
        &format!("\"name\": \"{old}\""),
        &format!("\"name\": \"{new}\""),
    );
    scene
        .repo
        .write(&format!("clusters/test/{new}.yaml"), &text);
    scene
        .run(&["app", "delete", &format!("test/{old}"), "--yes"])
        .expect_code(0);
    assert!(scene.exists("configmaps/one"), "the new name wants it");
    scene.run(&["app", "sync", &new, "--yes"]).expect_code(0);
}

/// A branch for each environment: one repository, one server, the same app from folders that the other branch does not have.
#[test]
fn the_same_app_of_another_branch_has_not_moved_here() {
    let scene = Scene::new(plane(), "records-branch", &[config_map("one", "1")]);
    scene.synced(&[]);
    let new = plane().namespace("records-branch-two");
    set_namespace(&scene, &scene.namespace, &new);
    rename_folder(&scene, "test", "two");
    with_context(&scene, "two");
    scene.synced(&["--prune"]);
    assert!(scene.exists("configmaps/one") && is_there(&new, "configmaps/one"));
    let app = format!("two/{}", scene.namespace);
    scene.run(&["app", "delete", &app, "--yes"]).expect_code(0);
    assert!(scene.exists("configmaps/one"));
}
