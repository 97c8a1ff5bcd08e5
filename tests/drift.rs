//! Drift: the fast answer against the exact one, who made it, what is never shown, and lists of many pages.

mod edits;
mod objects;
mod secrets;

use crate::support::faultline::{Phase, Rule, Verb};
use crate::support::scene::{MEMBER, config_map, deployment};
use crate::support::{ControlPlane, Faultline, Scene, eventually};
use edits::{Random, edit};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

fn plane() -> &'static ControlPlane {
    ControlPlane::shared()
}

/// How many edits go between two answers: few enough that each answer has objects of both kinds.
const BATCH: usize = 25;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

fn seed() -> u64 {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    number("PUSHBOAT_SEED", u64::from(now.subsec_nanos()))
}

/// The contract's law: where the server's own answer is "modified", the fast answer never says "in sync". Both are held
/// against a third opinion, `kubectl diff --server-side`.
#[test]
fn the_fast_answer_is_never_greener_than_the_exact_one() {
    let (n_edits, seed) = (number("PUSHBOAT_EDITS", 1_000), seed());
    eprintln!("PUSHBOAT_SEED={seed} PUSHBOAT_EDITS={n_edits}");
    let namespace = plane().namespace("drift");
    let objects = objects::objects(&namespace);
    let scene = Scene::at(plane(), &namespace, &objects);
    scene.synced(&[]);
    scene.expect_clean();
    let paths: Vec<String> = objects
        .iter()
        .map(|object| path_of(&scene, object))
        .collect();
    let mut random = Random(seed);
    let (mut n_done, mut n_modified, mut n_clean, mut n_batches) = (0, 0, 0, 0);
    let start = Instant::now();
    while n_done < n_edits {
        let mut log = Vec::new();
        while log.len() < BATCH {
            let path = &paths[random.below(paths.len())];
            log.extend(edit(plane(), path, &mut random));
        }
        n_done += u64::try_from(log.len()).unwrap();
        n_batches += 1;
        let lost_kind = log
            .iter()
            .any(|edit| edit.starts_with("DELETE /apis/apiextensions"));
        if lost_kind {
            settled(&format!("{namespace}.example.com"));
        }
        let (fast, exact) = (statuses(&scene, &[]), statuses(&scene, &["--exact"]));
        assert_eq!(fast, exact, "seed {seed}, edits:\n{}", log.join("\n"));
        let drifted: BTreeSet<_> = exact
            .iter()
            .filter(|(_, status)| *status != "InSync")
            .map(|(key, _)| key.clone())
            .collect();
        n_modified += drifted.len();
        n_clean += exact.len() - drifted.len();
        // kubectl has no answer for kinds that are not served, whatever else it was asked.
        let kubectl_can = !lost_kind && !exact.values().any(|status| status == "Unknown");
        if n_batches % 4 == 0 && kubectl_can {
            let theirs = kubectl_diff(&scene, &objects);
            assert_eq!(drifted, theirs, "seed {seed}, edits:\n{}", log.join("\n"));
        }
        heal(&scene, &objects, &exact);
    }
    scene.expect_clean();
    eprintln!(
        "{n_done} edits in {n_batches} batches: {n_clean} objects in sync, {n_modified} not, {:?}",
        start.elapsed()
    );
}

/// Waits until a deleted definition's group is served no more: both answers must see the same world.
fn settled(group: &str) {
    eventually("the group of a deleted definition goes", || {
        let (_, groups) = plane().request("GET", "/apis", None).ok()?;
        let (status, _) = plane()
            .request("GET", &format!("/apis/{group}/v1"), None)
            .ok()?;
        (status == 404 && !groups.contains(group)).then_some(())
    });
}

/// Brings everything back. An edit may make an object that no apply can correct, such as a list with one name under two
/// keys: the server says so in the dry run already, and such an object is deleted first.
fn heal(scene: &Scene, objects: &[Value], exact: &BTreeMap<String, String>) {
    for object in objects {
        let key = format!(
            "{}/{}",
            object["kind"].as_str().unwrap(),
            object["metadata"]["name"].as_str().unwrap()
        );
        if exact[&key] == "Unknown" {
            let path = path_of(scene, object) + "?propagationPolicy=Background";
            plane().request("DELETE", &path, None).unwrap();
        }
    }
    scene.synced(&["--force-conflicts", "--adopt"]); // a label that was edited names another app
}

/// `Kind/name` to status, for all objects of the answer.
fn statuses(scene: &Scene, more: &[&str]) -> BTreeMap<String, String> {
    let diff = scene.diff(more);
    let text = |resource: &Value, field: &str| resource[field].as_str().unwrap().to_string();
    diff.resources()
        .iter()
        .map(|r| {
            (
                format!("{}/{}", text(r, "kind"), text(r, "name")),
                text(r, "status"),
            )
        })
        .collect()
}

fn path_of(scene: &Scene, object: &Value) -> String {
    let text = |pointer: &str| {
        object
            .pointer(pointer)
            .unwrap()
            .as_str()
            .unwrap()
            .to_string()
    };
    let (version, kind, name) = (text("/apiVersion"), text("/kind"), text("/metadata/name"));
    let root = if version == "v1" {
        "/api/v1".to_string()
    } else {
        format!("/apis/{version}")
    };
    let plural = match kind.to_lowercase().as_str() {
        kind if kind.ends_with("class") => format!("{kind}es"),
        kind if kind.ends_with('s') => format!("{kind}es"),
        kind if kind.ends_with("cy") => format!("{}ies", &kind[..kind.len() - 1]),
        kind => format!("{kind}s"),
    };
    match kind.as_str() {
        "ClusterRole" | "ClusterRoleBinding" | "PriorityClass" | "CustomResourceDefinition" => {
            format!("{root}/{plural}/{name}")
        }
        _ => format!("{root}/namespaces/{}/{plural}/{name}", scene.namespace),
    }
}

/// What kubectl would say is different, as `Kind/name`.
fn kubectl_diff(scene: &Scene, objects: &[Value]) -> BTreeSet<String> {
    let desired: Vec<Value> = objects
        .iter()
        .map(|object| {
            let mut object = object.clone();
            object["metadata"]["labels"][MEMBER] = json!(scene.id());
            object
        })
        .collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": desired}).to_string();
    let path = std::env::var("PATH").unwrap();
    let args = [
        "diff",
        "--server-side",
        "--field-manager=pushboat",
        "--force-conflicts",
        "-n",
        &scene.namespace,
        "-f",
        "-",
    ];
    let answer = scene
        .plane
        .try_kubectl_with(&args, &list, &[("PATH", &path)]);
    assert!(answer.code <= 1, "{answer:?}");
    let names = answer
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("diff "))
        .filter_map(|line| line.split('/').next_back());
    // GROUP.VERSION.KIND.NAMESPACE.NAME, where the group and the name may have dots of their own.
    names
        .map(|name| {
            objects
                .iter()
                .map(|o| key_in_file(o, name))
                .find_map(|key| key)
                .unwrap_or_else(|| name.to_string())
        })
        .collect()
}

fn key_in_file(object: &Value, file: &str) -> Option<String> {
    let text = |pointer: &str| object.pointer(pointer).unwrap().as_str().unwrap();
    let (kind, name) = (text("/kind"), text("/metadata/name"));
    let is_it = file.contains(&format!(".{kind}.")) && file.ends_with(&format!(".{name}"));
    is_it.then(|| format!("{kind}/{name}"))
}

#[test]
fn an_edit_is_shown_with_its_path_both_values_and_who_made_it_when() {
    let scene = Scene::new(plane(), "drift-writer", &[deployment("web", "web:1", 2)]);
    scene.synced(&[]);
    scene.edit(
        "deployment",
        "web",
        "night-shift",
        &json!({"spec": {"replicas": 5}}),
    );
    scene.plane.kubectl(&[
        "-n",
        &scene.namespace,
        "set",
        "image",
        "deployment/web",
        "main=web:9",
    ]);
    let diff = scene.diff(&[]);
    let changes = diff.resource("Deployment", "web")["changes"]
        .as_array()
        .unwrap();
    let change = |path: &str| {
        changes
            .iter()
            .find(|c| c["path"] == path)
            .unwrap_or_else(|| panic!("{path} in {changes:?}"))
    };
    let replicas = change("spec.replicas");
    assert_eq!(
        (&replicas["op"], &replicas["live"], &replicas["desired"]),
        (&json!("replace"), &json!(5), &json!(2))
    );
    let writer = &replicas["lastWriter"];
    assert_eq!(
        (&writer["manager"], &writer["operation"]),
        (&json!("night-shift"), &json!("Update"))
    );
    let time = writer["time"].as_str().unwrap();
    assert!(time.len() == 20 && time.ends_with('Z'), "{time}");
    let image = change("spec.template.spec.containers[name=main].image");
    assert_eq!(image["lastWriter"]["manager"], "kubectl-set");
    assert_eq!(changes.len(), 2, "{changes:?}");
    let text = scene.app("diff", &[]).expect_code(1).stdout;
    for part in ["spec.replicas", "night-shift", "web:9"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let unified = scene
        .app("diff", &["--format", "unified"])
        .expect_code(1)
        .stdout;
    assert!(
        unified.contains("replicas: 5") && unified.contains("replicas: 2"),
        "{unified}"
    );
}

#[test]
fn a_change_by_a_subresource_names_it() {
    let scene = Scene::new(plane(), "drift-scale", &[deployment("web", "web:1", 2)]);
    scene.synced(&[]);
    scene.plane.kubectl(&[
        "-n",
        &scene.namespace,
        "scale",
        "deployment/web",
        "--replicas=4",
    ]);
    let diff = scene.diff(&[]);
    let change = &diff.resource("Deployment", "web")["changes"][0];
    assert_eq!(
        (
            &change["lastWriter"]["manager"],
            &change["lastWriter"]["subresource"]
        ),
        (&json!("kubectl"), &json!("scale")),
        "{change}"
    );
}

#[test]
fn a_deleted_object_is_missing_and_a_diff_writes_nothing() {
    let scene = Scene::new(
        plane(),
        "drift-gone",
        &[config_map("one", "1"), config_map("two", "2")],
    );
    scene.synced(&[]);
    scene
        .plane
        .kubectl(&["-n", &scene.namespace, "delete", "configmap", "one"]);
    scene.mark();
    for more in [&[][..], &["--exact"]] {
        let diff = scene.diff(more);
        assert_eq!(
            diff.drifted().into_iter().collect::<Vec<_>>(),
            ["ConfigMap/one Missing"]
        );
    }
    assert_eq!(scene.writes().len(), 0);
}

/// Controllers write all the while. What one wrote after the list was read stands in the server's dry run already, and is
/// no drift.
#[test]
fn what_is_written_between_the_list_and_the_dry_run_is_no_drift() {
    let (scene, proxy) = raced("drift-race", |namespace| {
        let annotated = ["annotate", "configmap", "busy", "example.com/seen=yes"];
        plane().kubectl(&[&["-n", namespace][..], &annotated].concat());
    });
    let diff = scene.diff(&["--exact"]);
    assert_eq!((diff.code, diff.sync()), (0, "Synced"), "{}", diff.app);
    // Only what moved is read once more, and its answer needs no second dry run.
    let again: Vec<_> = proxy
        .journal()
        .into_iter()
        .filter(|entry| entry.verb == Verb::Get && entry.path.contains("/configmaps/"))
        .map(|entry| entry.path)
        .collect();
    assert!(
        matches!(again.as_slice(), [path] if path.ends_with("/busy")),
        "{again:?}"
    );
}

#[test]
fn what_is_deleted_between_the_list_and_the_dry_run_is_missing() {
    let (scene, _proxy) = raced("drift-race-gone", |namespace| {
        plane().kubectl(&["-n", namespace, "delete", "configmap", "busy"]);
    });
    let diff = scene.diff(&["--exact"]);
    let expected = BTreeSet::from(["ConfigMap/busy Missing".to_string()]);
    assert_eq!(diff.drifted(), expected, "{}", diff.app);
}

/// A synced app of two objects behind a proxy that calls `between` just before the first dry run of `busy`.
fn raced(
    name: &str,
    between: impl Fn(&str) + Send + Sync + 'static,
) -> (Scene<'static>, Faultline) {
    let objects = [config_map("busy", "1"), config_map("idle", "1")];
    let scene = Scene::new(plane(), name, &objects);
    scene.synced(&[]);
    let proxy = Faultline::before(plane());
    let namespace = scene.namespace.clone();
    let first = Rule::on(&[Verb::Patch])
        .dry_run(true)
        .path("/busy$")
        .first(1);
    proxy.rule(first.hook(Phase::BeforeForward, move |_| between(&namespace)));
    (scene.through(proxy.kubeconfig()), proxy)
}

#[test]
fn a_sync_that_succeeded_leaves_nothing_to_say_whatever_the_notation() {
    let mut web = deployment("web", "web:1", 1);
    web["spec"]["template"]["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": "1000m", "memory": "1024Mi"}, "limits": {"cpu": 2, "memory": "2147483648"}});
    web["spec"]["template"]["spec"]["containers"][0]["env"] =
        json!([{"name": "EMPTY", "value": ""}]);
    web["spec"]["template"]["spec"]["securityContext"] = json!({});
    web["spec"]["template"]["spec"]["nodeSelector"] = json!({});
    web["metadata"]["creationTimestamp"] = Value::Null;
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "both"},
        "data": {"a": "YQ=="}, "stringData": {"b": "bee"},
    });
    let scene = Scene::new(plane(), "drift-notation", &[web, secret]);
    scene.synced(&[]);
    scene.expect_clean();
    scene.mark();
    scene.synced(&[]);
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn a_list_of_many_pages_is_read_to_its_end() {
    let objects: Vec<_> = (0..620)
        .map(|n| config_map(&format!("map-{n:03}"), "x"))
        .collect();
    let scene = Scene::new(plane(), "drift-pages", &objects);
    scene.synced(&[]);
    scene.mark();
    let diff = scene.diff(&[]);
    assert_eq!((diff.sync(), diff.resources().len()), ("Synced", 620));
    let lists: Vec<_> = scene
        .events()
        .into_iter()
        .filter(|e| e.verb == "list" && e.resource == "configmaps")
        .collect();
    assert_eq!(
        lists.len(),
        3,
        "{:?}",
        lists.iter().map(|e| &e.uri).collect::<Vec<_>>()
    );
    assert!(lists[0].uri.contains("limit=") && lists[1].uri.contains("continue="));
    assert!(
        !lists.iter().any(|e| e.uri.contains("resourceVersion=0")),
        "a stale answer is no answer"
    );
    scene.edit(
        "configmap",
        "map-003",
        "kubectl-edit",
        &json!({"data": {"key": "y"}}),
    );
    scene.edit(
        "configmap",
        "map-611",
        "kubectl-edit",
        &json!({"data": {"key": "y"}}),
    );
    scene
        .plane
        .kubectl(&["-n", &scene.namespace, "delete", "configmap", "map-600"]);
    let drifted: Vec<_> = scene.diff(&[]).drifted().into_iter().collect();
    assert_eq!(
        drifted,
        [
            "ConfigMap/map-003 Modified",
            "ConfigMap/map-600 Missing",
            "ConfigMap/map-611 Modified"
        ]
    );
}

#[test]
fn a_repository_with_uncommitted_changes_says_so() {
    let scene = Scene::new(plane(), "drift-dirty", &[config_map("one", "1")]);
    assert_eq!(scene.diff(&[]).app["dirty"], false);
    scene.put(&config_map("one", "2"));
    assert_eq!(scene.diff(&[]).app["dirty"], true);
}
