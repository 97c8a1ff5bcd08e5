//! A rollback deploys what git confirms. Whoever may write Secrets in an app's namespace may write its history, and gains nothing by it.

use super::plane;
use crate::support::scene::{config_map, entry_info, reasons};
use crate::support::{Finished, Scene};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};
use std::io::{Read, Write};

/// Two releases, both committed.
fn released(name: &str) -> Scene<'static> {
    let scene = Scene::new(plane(), name, &[config_map("one", "1")]);
    scene.synced(&[]);
    scene.put(&config_map("one", "2"));
    scene.repo.commit("two");
    scene.synced(&[]);
    scene
}

fn value(scene: &Scene) -> Value {
    scene.live("configmaps/one")["data"]["key"].clone()
}

fn admin(scene: &Scene) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": scene.namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "namespace": scene.namespace, "name": "mallory"}],
    })
}

fn admin_exists(scene: &Scene) -> bool {
    let path = format!(
        "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/{}",
        scene.namespace
    );
    scene.plane.request("GET", &path, None).unwrap().0 == 200
}

/// Changes what an entry holds and says, as somebody may who may write Secrets.
fn forge(scene: &Scene, id: u64, change: impl Fn(&mut Vec<Value>, &mut Value)) {
    let secret = scene.entry(id);
    let packed = secret["data"]["manifests.json.gz"].as_str().unwrap();
    let mut text = String::new();
    let packed = BASE64_STANDARD.decode(packed).unwrap();
    flate2::read::GzDecoder::new(&packed[..])
        .read_to_string(&mut text)
        .unwrap();
    let mut objects: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut info = entry_info(&secret).unwrap();
    change(&mut objects, &mut info);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    for object in &objects {
        writeln!(encoder, "{object}").unwrap();
    }
    let packed = BASE64_STANDARD.encode(encoder.finish().unwrap());
    let patch = json!({
        "metadata": {"annotations": {"pushboat.dev/info": info.to_string()}},
        "data": {"manifests.json.gz": packed},
    });
    scene.edit(
        "secret",
        secret["metadata"]["name"].as_str().unwrap(),
        "mallory",
        &patch,
    );
}

#[track_caller]
fn expect_refused(answer: &Finished) {
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(reasons(&answer.json()).contains("guard"), "{answer:?}");
    assert!(answer.stdout.contains("--trust-records"), "{answer:?}");
}

#[test]
fn an_entry_that_somebody_changed_is_shown_and_not_deployed() {
    let scene = released("trust-forged");
    forge(&scene, 1, |objects, _| {
        objects[0]["data"] = json!({"key": "evil"});
        objects.push(admin(&scene));
        objects.push(json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": {"name": "planted", "namespace": scene.namespace},
            "data": {"password": BASE64_STANDARD.encode("hunter2hunter2")},
        }));
    });
    let answer = scene.app("rollback", &["1", "--yes", "-o", "json"]);
    expect_refused(&answer);
    let told = format!(
        "ClusterRoleBinding/{} gives ClusterRole/cluster-admin to ServiceAccount",
        scene.namespace
    );
    assert!(answer.stdout.contains(&told), "{answer:?}");
    assert!(
        answer.stderr.contains(&format!("RIGHTS GROW: {told}")),
        "{answer:?}"
    );
    assert!(
        answer.stderr.contains("data.key: \"1\" → evil"),
        "{answer:?}"
    );
    assert!(answer.stderr.contains("only in the entry"), "{answer:?}");
    for secret in ["hunter2hunter2", &BASE64_STANDARD.encode("hunter2hunter2")] {
        assert!(!answer.stdout.contains(secret) && !answer.stderr.contains(secret));
    }
    assert!(!admin_exists(&scene));
    assert_eq!(value(&scene), "2");
    assert_eq!(scene.app("rollback", &["1", "--dry-run"]).code, 1);
    scene
        .app("rollback", &["1", "--yes", "--trust-records"])
        .expect_code(0);
    assert!(admin_exists(&scene));
    assert_eq!(value(&scene), "evil");
}

#[test]
fn a_commit_that_nobody_merged_confirms_nothing() {
    let scene = released("trust-unmerged");
    let repo = &scene.repo;
    // A pull request that the clone has fetched.
    repo.git(&["checkout", "--quiet", "-b", "pull"]);
    scene.put(&admin(&scene));
    let commit = repo.commit("evil");
    repo.git(&["update-ref", "refs/remotes/origin/pull", &commit]);
    repo.git(&["checkout", "--quiet", "main"]);
    repo.git(&["branch", "--quiet", "-D", "pull"]);
    forge(&scene, 1, |objects, info| {
        objects.push(admin(&scene));
        info["revision"] = json!(commit);
    });
    let answer = scene.app("rollback", &["1", "--yes", "-o", "json"]);
    expect_refused(&answer);
    assert!(answer.stdout.contains(&commit[..7]), "{answer:?}");
    assert!(!admin_exists(&scene));
}

#[test]
fn without_a_commit_that_says_so_a_rollback_must_be_told() {
    let scene = released("trust-nogit");
    scene.put(&config_map("one", "dirty"));
    scene.synced(&[]);
    scene.put(&config_map("one", "4"));
    scene.repo.commit("four");
    scene.synced(&[]);
    // From a working tree.
    let answer = scene.app("rollback", &["--yes", "-o", "json"]);
    expect_refused(&answer);
    assert!(
        answer.stderr.contains("data.key: \"2\" → dirty"),
        "{answer:?}"
    );
    // A clone that does not have the commit; the repository's identity is the one of its remote.
    let origin = scene.repo.git(&["remote", "get-url", "origin"]);
    std::fs::remove_dir_all(scene.repo.path().join(".git")).unwrap();
    scene
        .repo
        .git(&["init", "--quiet", "--initial-branch=main"]);
    scene.repo.git(&["remote", "add", "origin", origin.trim()]);
    scene.repo.commit("another history");
    let answer = scene.app("rollback", &["1", "--yes", "-o", "json"]);
    expect_refused(&answer);
    assert!(
        answer.stderr.contains("what the repository holds now"),
        "{answer:?}"
    );
    assert_eq!(value(&scene), "4");
    scene
        .app("rollback", &["1", "--yes", "--trust-records"])
        .expect_code(0);
    assert_eq!(value(&scene), "1");
}

#[test]
fn an_entry_is_confirmed_by_the_app_as_it_was_declared_then_or_as_it_is_now() {
    let scene = released("trust-declared");
    let file = format!("clusters/test/{}.yaml", scene.namespace);
    // The path has another name since.
    let (old, new) = (
        format!("apps/{}", scene.namespace),
        format!("apps/{}-moved", scene.namespace),
    );
    scene.repo.git(&["mv", &old, &new]);
    scene.repo.replace(
        &file,
        &format!("\"path\": \"{old}\""),
        &format!("\"path\": \"{new}\""),
    );
    scene.repo.commit("moved");
    scene.app("rollback", &["--yes"]).expect_code(0);
    assert_eq!(value(&scene), "1");
}

#[test]
fn rights_that_grow_are_told_also_where_git_confirms_them() {
    let scene = Scene::new(plane(), "trust-rights", &[config_map("one", "1")]);
    scene.put(&admin(&scene));
    scene.repo.commit("admin");
    scene.synced(&[]);
    scene.take(&admin(&scene));
    scene.repo.commit("no admin");
    scene.synced(&["--prune"]);
    assert!(!admin_exists(&scene));
    let answer = scene.app("rollback", &["--yes"]).expect_code(0);
    assert!(
        answer.stderr.contains("rights grow: ClusterRoleBinding/"),
        "{answer:?}"
    );
    assert!(admin_exists(&scene));
}
