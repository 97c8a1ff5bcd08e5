//! Manifests of well-known projects, as published: there, back to clean drift, and in step with kubectl.

use crate::support::program;
use crate::support::scene::MEMBER;
use crate::support::{ControlPlane, Repo, Scene, eventually, finish, pushboat};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

/// These apps bring definitions and cluster-wide rights: a plane for them alone. Its controllers write into everything.
fn plane() -> &'static ControlPlane {
    static PLANE: OnceLock<ControlPlane> = OnceLock::new();
    PLANE.get_or_init(ControlPlane::full)
}

/// The folder of one project, or nothing where the corpus is absent.
fn corpus(project: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let given = std::env::var_os("PUSHBOAT_CORPUS").map(PathBuf::from);
    let places = given.into_iter().chain([
        root.join("../shared/corpus"),
        root.join("../../shared/corpus"),
    ]);
    let found = places
        .map(|place| place.join("real").join(project))
        .find(|place| place.is_dir());
    if found.is_none() {
        crate::support::skipped(&format!("no corpus with {project}"));
    }
    found
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::write(&target, std::fs::read(entry.path()).unwrap()).unwrap(); // not its read-only mode
        }
    }
}

/// An app of this project, at this path within it.
fn scene(project: &str, path: &str, namespace: &str, is_kustomize: bool) -> Option<Scene<'static>> {
    let from = corpus(project)?;
    let scene = Scene::at(plane(), namespace, &[]);
    copy(&from, &scene.repo.path().join("apps").join(project));
    scene.declare(&json!({"syncOptions": ["CreateNamespace=true"]}));
    let file = format!("clusters/test/{namespace}.yaml");
    let own = format!("\"path\": \"apps/{namespace}\"");
    scene
        .repo
        .replace(&file, &own, &format!("\"path\": \"apps/{project}{path}\""));
    if is_kustomize {
        let text = std::fs::read_to_string(scene.repo.path().join(&file)).unwrap();
        let mut application: Value = serde_json::from_str(&text).unwrap();
        application["spec"]["source"]
            .as_object_mut()
            .unwrap()
            .remove("directory");
        scene.repo.write(&file, &application.to_string());
    }
    scene.repo.commit(project);
    Some(scene)
}

fn documents(text: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(text)
        .map(|document| Value::deserialize(document).unwrap());
    documents.filter(|document| !document.is_null()).collect()
}

/// All objects of a folder's YAML files.
fn files(dir: &Path) -> Vec<Value> {
    let mut objects = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            objects.extend(files(&path));
        } else {
            for mut document in documents(&std::fs::read_to_string(path).unwrap()) {
                match document["items"].take() {
                    Value::Array(items) => objects.extend(items),
                    _ => objects.push(without_items(document)),
                }
            }
        }
    }
    objects
}

/// Looking for a field must not leave one behind.
fn without_items(mut document: Value) -> Value {
    document.as_object_mut().unwrap().remove("items");
    document
}

fn kustomized(dir: &Path) -> Vec<Value> {
    let answer = finish(
        Command::new(program("kustomize")).arg("build").arg(dir),
        "",
        Duration::from_secs(60),
    );
    documents(&answer.expect_code(0).stdout)
}

/// kubectl finds nothing to change either, applying as pushboat.
fn expect_kubectl_agrees(scene: &Scene, objects: Vec<Value>, namespace: &[&str]) {
    let items: Vec<Value> = objects
        .into_iter()
        .map(|mut object| {
            object["metadata"]["labels"][MEMBER] = json!(scene.id());
            object
        })
        .collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string();
    let args = [
        "diff",
        "--server-side",
        "--field-manager=pushboat",
        "--force-conflicts",
        "-f",
        "-",
    ];
    let path = std::env::var("PATH").unwrap();
    // It reads first and dry-runs later: what a controller writes in between is a difference to it.
    eventually("kubectl finds nothing to change", || {
        let args = [&args[..], namespace].concat();
        let answer = plane().try_kubectl_with(&args, &list, &[("PATH", &path)]);
        if answer.code != 0 {
            eprintln!("{answer:?}");
        }
        (answer.code == 0).then_some(())
    });
}

/// What pushboat wrote since the mark, wherever: no other test uses this plane's names.
fn writes_since(mark: u64, scene: &Scene) -> Vec<String> {
    let mut events = plane().audit_from(mark);
    events.retain(|e| e.is_write() && !e.is_dry_run() && e.agent.starts_with("pushboat"));
    let own = |e: &&crate::support::Event| {
        !e.name.starts_with("pushboat.") && e.resource != "leases"
            || e.name.contains(&scene.record())
    };
    events
        .iter()
        .filter(own)
        .map(|e| format!("{} {}", e.verb, e.uri))
        .collect()
}

/// First sync, clean both ways, and a second one that writes nothing. The tests of this file take turns: the audit log is
/// read for the whole plane.
fn there_and_clean(scene: &Scene) {
    scene.synced(&[]);
    scene.expect_clean();
    let mark = plane().audit_end();
    scene.synced(&[]);
    assert_eq!(writes_since(mark, scene), [""; 0]);
}

static TURNS: std::sync::Mutex<()> = std::sync::Mutex::new(());

fn turn() -> std::sync::MutexGuard<'static, ()> {
    TURNS
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[test]
fn kube_prometheus_with_its_own_definitions_goes_in_one_sync_and_ten_files_leave_as_ten_objects() {
    let _turn = turn();
    let Some(scene) = scene("kube-prometheus", "", "monitoring", false) else {
        return;
    };
    let folder = scene.repo.path().join("apps/kube-prometheus");
    assert_eq!(files(&folder).len(), 131);
    assert_eq!(scene.diff(&[]).resources().len(), 131);
    there_and_clean(&scene);
    expect_kubectl_agrees(&scene, files(&folder), &[]);

    let mut leaving: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    leaving.retain(|path| {
        path.to_string_lossy().contains("serviceMonitor")
            || path.to_string_lossy().contains("networkPolicy")
    });
    leaving.sort();
    leaving.truncate(10);
    let mut expected = BTreeSet::new();
    for path in &leaving {
        let objects = documents(&std::fs::read_to_string(path).unwrap());
        assert_eq!(objects.len(), 1, "{}", path.display());
        expected.insert(objects[0]["metadata"]["name"].as_str().unwrap().to_string());
        std::fs::remove_file(path).unwrap();
    }
    let mark = plane().audit_end();
    scene.synced(&["--prune"]);
    let mut events = plane().audit_from(mark);
    events.retain(|e| {
        e.is_write()
            && !e.is_dry_run()
            && e.agent.starts_with("pushboat")
            && !e.name.starts_with("pushboat.")
    });
    events.retain(|e| e.resource != "leases");
    assert!(
        events.iter().all(|e| e.verb == "delete"),
        "{:?}",
        events.iter().map(|e| &e.uri).collect::<Vec<_>>()
    );
    assert_eq!(events.len(), 10);
    assert!(events.iter().all(|e| expected.contains(&e.name)));
    scene.expect_clean();
}

#[test]
fn argo_cd_itself_goes_in_one_sync() {
    let _turn = turn();
    let Some(scene) = scene("argo-cd", "/cluster-install", "argocd", true) else {
        return;
    };
    let objects = kustomized(&scene.repo.path().join("apps/argo-cd/cluster-install"));
    assert_eq!(scene.diff(&[]).resources().len(), objects.len());
    there_and_clean(&scene);
    expect_kubectl_agrees(&scene, objects, &["-n", "argocd"]);
}

#[test]
fn a_shop_of_microservices_goes_and_one_service_that_leaves_takes_its_objects_along() {
    let _turn = turn();
    let Some(scene) = scene("microservices-demo", "", "shop", true) else {
        return;
    };
    let folder = scene.repo.path().join("apps/microservices-demo");
    let objects = kustomized(&folder);
    there_and_clean(&scene);
    expect_kubectl_agrees(&scene, objects.clone(), &["-n", "shop"]);

    scene.repo.replace(
        "apps/microservices-demo/base/kustomization.yaml",
        "- adservice.yaml\n",
        "",
    );
    let left = kustomized(&folder);
    let key = |o: &Value| format!("{} {}", o["kind"], o["metadata"]["name"]);
    let left: BTreeSet<_> = left.iter().map(key).collect();
    let n_gone = objects.iter().filter(|o| !left.contains(&key(o))).count();
    assert!(n_gone >= 2);
    let mark = plane().audit_end();
    scene.synced(&["--prune"]);
    let events = plane().audit_from(mark);
    let deletes: Vec<_> = events
        .iter()
        .filter(|e| {
            e.verb == "delete"
                && e.agent.starts_with("pushboat")
                && !e.name.starts_with("pushboat.")
        })
        .collect();
    assert_eq!(deletes.len(), n_gone, "{deletes:?}");
    assert!(deletes.iter().all(|e| e.name.starts_with("adservice")));
    scene.expect_clean();
}

#[test]
fn what_is_rendered_for_a_real_app_is_what_kustomize_builds() {
    let Some(folder) = corpus("argo-cd") else {
        return;
    };
    let repo = Repo::new(&[("pushboat.yaml", "")]);
    copy(&folder, &repo.path().join("apps"));
    let ours = pushboat(&["render", "apps/cluster-install"])
        .dir(repo.path())
        .run()
        .expect_code(0);
    let theirs = kustomized(&repo.path().join("apps/cluster-install"));
    assert_eq!(documents(&ours.stdout), theirs);
}
