//! The crash sweep: pushboat is killed at every write boundary, and one more run puts everything right.
//!
//! For each write of a sync and each of three moments around it (before the server sees it, after the server has done it,
//! after pushboat was told), the process dies there. Checked by the audit log: whatever was ever applied is in the recorded
//! scope and carries the member label, only planned objects are deleted and only under preconditions, and nothing foreign
//! changes. Then one run, by hand, without any repair, must end where an undisturbed sync ends.

use crate::support::faultline::{Phase, Rule, Victim};
use crate::support::scene::{MEMBER, config_map};
use crate::support::{ControlPlane, Event, Faultline, Scene, is_long};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const PHASES: [Phase; 3] = [Phase::BeforeForward, Phase::AfterAnswer, Phase::AfterRelay];
const N_DECOYS: usize = 50;
/// Rounds of a long run, each with another number of objects: more than a thousand kills in all.
const LONG_ROUNDS: usize = 10;

fn rounds() -> usize {
    if is_long() { LONG_ROUNDS } else { 1 }
}

/// The moments at which the nth write is tried: each in a long run, one in turn in a short one.
fn moments(n: usize) -> &'static [Phase] {
    let one = n % PHASES.len();
    if is_long() {
        &PHASES
    } else {
        &PHASES[one..=one]
    }
}

fn plane() -> &'static ControlPlane {
    ControlPlane::shared()
}

/// What both repositories hold, before and after the change that is pushed.
struct Story {
    old: Vec<Value>,
    new: Vec<Value>,
}

impl Story {
    /// Three kept, one changed, three to prune (of one kind nothing stays), six new ones, two of them in another namespace; in later
    /// rounds a few more of what is new and of what is to prune.
    fn new(other: &str, round: usize) -> Self {
        let kept = [
            config_map("kept-a", "x"),
            config_map("kept-b", "x"),
            role("kept-role"),
        ];
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "pruned-secret"}, "stringData": {"a": "b"}});
        let gone = [
            config_map("pruned-a", "x"),
            config_map("pruned-b", "x"),
            secret,
        ];
        let elsewhere = |mut object: Value| {
            object["metadata"]["namespace"] = json!(other);
            object
        };
        let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "new-account"}});
        let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "new-service"}, "spec": {"selector": {"a": "b"}, "ports": [{"port": 80}]}});
        let mut late = config_map("new-late", "x");
        late["metadata"]["annotations"] = json!({"argocd.argoproj.io/sync-wave": "2"});
        let new = [
            config_map("new-a", "x"),
            account,
            service,
            late,
            elsewhere(config_map("new-far", "x")),
            elsewhere(config_map("new-farther", "x")),
        ];
        let more = |what: &str, n: usize| -> Vec<Value> {
            (0..n)
                .map(|n| config_map(&format!("{what}-more-{n}"), "x"))
                .collect()
        };
        let (more_gone, more_new) = (more("pruned", round % 4), more("new", round % 3));
        let changed = |value| [config_map("changed", value)];
        Self {
            old: [&kept[..], &gone, &more_gone, &changed("old")].concat(),
            new: [&kept[..], &new, &more_new, &changed("new")].concat(),
        }
    }
}

/// Nothing here waits for health: nobody makes workloads ready on a bare API server.
fn role(name: &str) -> Value {
    let rules = json!([{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]);
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": name}, "rules": rules})
}

fn fill(scene: &Scene, objects: &[Value]) {
    std::fs::remove_dir_all(scene.repo.path().join("apps")).unwrap();
    objects.iter().for_each(|object| scene.put(object));
}

/// Starts a sync through the proxy and kills it at the nth write; returns whether it died.
fn killed(scene: &Scene, proxy: &Faultline, n: usize, phase: Phase) -> bool {
    let victim: Victim = Arc::new(AtomicU32::new(0));
    proxy.heal();
    proxy.rule(Rule::write().nth(n).kill(phase, &victim));
    let running = scene
        .pushboat(&["app", "sync", &scene.namespace, "--yes", "--prune"])
        .kubeconfig(proxy.kubeconfig())
        .start();
    victim.store(running.pid(), Ordering::SeqCst);
    let answer = running.wait();
    assert!(
        matches!(answer.code, 0 | 137),
        "write {n}, {phase:?}: {answer:?}"
    );
    answer.code == 137
}

/// The writes of a whole undisturbed sync, counted at the proxy.
fn count_writes(scene: &Scene, proxy: &Faultline) -> usize {
    proxy.heal();
    proxy.clear_journal();
    let answer = scene
        .pushboat(&["app", "sync", &scene.namespace, "--yes", "--prune"])
        .kubeconfig(proxy.kubeconfig())
        .run();
    answer.expect_code(0);
    proxy
        .journal()
        .iter()
        .filter(|entry| entry.is_write())
        .count()
}

/// Every object of the two namespaces but the records, without what differs from run to run.
fn state(scene: &Scene, other: &str) -> BTreeMap<String, Value> {
    let kinds = ["configmaps", "secrets", "serviceaccounts", "services"];
    let paths = kinds.map(|kind| format!("/api/v1/namespaces/NAMESPACE/{kind}"));
    let mut state = BTreeMap::new();
    for namespace in [scene.namespace.as_str(), other] {
        for path in paths
            .iter()
            .cloned()
            .chain(["/apis/rbac.authorization.k8s.io/v1/namespaces/NAMESPACE/roles".to_string()])
        {
            let list = plane().get(&path.replace("NAMESPACE", namespace));
            for item in list["items"].as_array().unwrap() {
                let name = item["metadata"]["name"].as_str().unwrap();
                if !name.starts_with("pushboat.") && !name.starts_with("kube-root") {
                    state.insert(
                        format!("{path} {namespace}/{name}")
                            .replace(&scene.namespace, "OWN")
                            .replace(other, "OTHER"),
                        lasting(item, scene, other),
                    );
                }
            }
        }
    }
    state
}

fn lasting(item: &Value, scene: &Scene, other: &str) -> Value {
    let mut metadata = Map::new();
    for field in ["labels", "annotations", "finalizers"] {
        metadata.insert(field.into(), item["metadata"][field].clone());
    }
    let mut spec = item["spec"].clone();
    for field in ["clusterIP", "clusterIPs"] {
        spec.as_object_mut().map(|spec| spec.remove(field));
    }
    let managers: BTreeSet<_> = item["metadata"]["managedFields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["manager"].to_string())
        .collect();
    let text =
        json!({"metadata": metadata, "spec": spec, "data": item["data"], "rules": item["rules"], "managers": managers})
            .to_string();
    serde_json::from_str(
        &text
            .replace(&scene.id(), "ID")
            .replace(&scene.namespace, "OWN")
            .replace(other, "OTHER"),
    )
    .unwrap()
}

/// Objects that are nobody's business: uid and version of each, which any write would change.
fn decoys(scene: &Scene) -> BTreeMap<String, (String, String)> {
    let mut found = BTreeMap::new();
    for kind in ["configmaps", "secrets"] {
        for item in scene.live(kind)["items"].as_array().unwrap() {
            let text = |field: &str| item["metadata"][field].as_str().unwrap().to_string();
            if text("name").starts_with("decoy") {
                found.insert(
                    format!("{kind}/{}", text("name")),
                    (text("uid"), text("resourceVersion")),
                );
            }
        }
    }
    found
}

fn make_decoys(scene: &Scene) {
    let mut items = Vec::new();
    for n in 0..N_DECOYS {
        let mut object = config_map(&format!("decoy-{n}"), "x");
        match n % 5 {
            // Another set's member, one that looks like ours by name, and a forged label with no fields of ours.
            0 => {
                object["metadata"]["labels"] =
                    json!({MEMBER: "applyset-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-v1"})
            }
            1 => object["metadata"]["labels"] = json!({MEMBER: scene.id()}),
            2 => object["metadata"]["labels"] = json!({"app.kubernetes.io/managed-by": "pushboat"}),
            3 => object["kind"] = json!("Secret"),
            _ => {}
        }
        if object["kind"] == "Secret" {
            object["data"] = json!({"key": "eA=="});
        }
        items.push(object);
    }
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string();
    let args = ["-n", &scene.namespace, "create", "-f", "-"];
    plane().try_kubectl(&args, &list).expect_code(0);
    assert_eq!(decoys(scene).len(), N_DECOYS);
}

/// What the audit log must show after any run, dead or alive.
#[track_caller]
fn check_log(
    scene: &Scene,
    other: &str,
    planned: &BTreeSet<&str>,
    scope: &mut Recorded,
    from: u64,
    what: &str,
) {
    let mut events = plane().audit_from(from);
    events.retain(|e| {
        (e.namespace == scene.namespace || e.namespace == other) && e.agent.starts_with("pushboat")
    });
    for event in events.iter().filter(|e| e.is_write() && !e.is_dry_run()) {
        let is_record = event.name.starts_with("pushboat.") || event.resource == "leases";
        if event.verb == "delete" {
            let preconditions = &event.body["preconditions"];
            assert!(
                preconditions["uid"].is_string() && preconditions["resourceVersion"].is_string(),
                "{what}: {event:?}"
            );
            assert!(
                is_record || planned.contains(event.name.as_str()),
                "{what}: deleted {}",
                event.uri
            );
        } else if event.name == scene.record() && event.resource == "secrets" && event.code < 300 {
            scope.read(&event.body);
        } else if !is_record && event.code < 300 && event.resource != "namespaces" {
            let label = event
                .body
                .pointer("/metadata/labels")
                .map(|labels| &labels[MEMBER]);
            assert_eq!(label, Some(&json!(scene.id())), "{what}: {}", event.uri);
            assert!(
                scope.holds(event, &scene.namespace),
                "{what}: {} is outside of {scope:?}",
                event.uri
            );
        }
    }
}

/// The scope as the parent records it.
#[derive(Debug, Default)]
struct Recorded {
    group_kinds: BTreeSet<String>,
    namespaces: BTreeSet<String>,
}

impl Recorded {
    fn read(&mut self, parent: &Value) {
        let words = |name: &str| -> BTreeSet<String> {
            let text = parent["metadata"]["annotations"][format!("applyset.kubernetes.io/{name}")]
                .as_str()
                .unwrap_or_default();
            text.split(',')
                .filter(|word| !word.is_empty())
                .map(String::from)
                .collect()
        };
        self.group_kinds = words("contains-group-kinds");
        self.namespaces = words("additional-namespaces");
    }

    fn holds(&self, event: &Event, own: &str) -> bool {
        let kind = event.body["kind"].as_str().unwrap();
        let group_kind = if event.group.is_empty() {
            kind.to_string()
        } else {
            format!("{kind}.{}", event.group)
        };
        self.group_kinds.contains(&group_kind)
            && (event.namespace == own || self.namespaces.contains(&event.namespace))
    }
}

/// History entries: id and result.
fn results(scene: &Scene) -> BTreeMap<u64, String> {
    let secrets = scene.live("secrets");
    let entries = secrets["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|s| s["type"] == "pushboat.dev/revision");
    let infos = entries.filter_map(|s| s["metadata"]["annotations"]["pushboat.dev/info"].as_str());
    infos
        .map(|info| serde_json::from_str::<Value>(info).unwrap())
        .map(|info| {
            (
                info["id"].as_u64().unwrap(),
                info["result"].as_str().unwrap().to_string(),
            )
        })
        .collect()
}

/// One run after the kill: it succeeds, ends where a quiet run ends, and the one after it has nothing to do.
#[track_caller]
fn check_rerun(scene: &Scene, other: &str, quiet: &BTreeMap<String, Value>, what: &str) {
    let before = results(scene);
    let answer = scene.sync(&["--prune"]);
    assert_eq!(answer.code, 0, "{what}: {answer:?}");
    assert_eq!(&state(scene, other), quiet, "{what}");
    let after = results(scene);
    for (id, result) in &after {
        assert!(
            matches!(result.as_str(), "Succeeded" | "Interrupted"),
            "{what}: {id} {result}"
        );
        if before.get(id).is_some_and(|before| before == "InProgress") {
            // The killed run may have done everything but say so; then nothing was left and its entry is closed later.
            assert_ne!(
                result, "Succeeded",
                "{what}: entry {id} of the dead process"
            );
        }
    }
    scene.mark();
    scene.synced(&["--prune"]);
    let writes: Vec<_> = scene
        .writes()
        .iter()
        .map(|e| format!("{} {}", e.verb, e.uri))
        .collect();
    assert_eq!(
        writes, [""; 0],
        "{what}: the run after next has nothing to do"
    );
}

fn names(objects: &[Value]) -> BTreeSet<String> {
    objects
        .iter()
        .map(|o| o["metadata"]["name"].as_str().unwrap().to_string())
        .collect()
}

#[test]
fn a_sync_killed_at_any_write_loses_nothing_and_the_next_one_finishes_it() {
    let n_died: usize = (0..rounds()).map(sweep).sum();
    eprintln!("{n_died} kills at the writes of syncs with pruning");
}

/// Kills a sync with pruning at each of its writes; returns how often it died.
fn sweep(round: usize) -> usize {
    let other = plane().namespace("kill-other");
    let story = Story::new(&other, round);
    let scene = Scene::new(plane(), "kill", &story.old);
    let proxy = Faultline::before(plane());
    make_decoys(&scene);
    let file = format!("clusters/test/{}.yaml", scene.namespace);
    scene.repo.replace(
        &file,
        "\"syncPolicy\": {}",
        "\"syncPolicy\": {}, \"revisionHistoryLimit\": 3",
    );
    let mut n_writes = 0;
    // The first syncs fill the history, so that each later one also trims it.
    for _ in 0..2 {
        fill(&scene, &story.old);
        scene.synced(&["--prune"]);
        fill(&scene, &story.new);
        n_writes = count_writes(&scene, &proxy);
    }
    assert!(n_writes >= 17, "{n_writes}");
    let (quiet, foreign) = (state(&scene, &other), decoys(&scene));
    let gone: BTreeSet<String> = names(&story.old)
        .difference(&names(&story.new))
        .cloned()
        .collect();
    let planned: BTreeSet<&str> = gone.iter().map(String::as_str).collect();
    let mut n_died = 0;
    for n in 1..=n_writes {
        for &phase in moments(n) {
            let what = format!("killed at write {n} of {n_writes}, {phase:?}");
            fill(&scene, &story.old);
            scene.synced(&["--prune"]);
            fill(&scene, &story.new);
            let from = plane().audit_end();
            let mut scope = Recorded::default();
            scope.read(&scene.live(&format!("secrets/{}", scene.record())));
            n_died += usize::from(killed(&scene, &proxy, n, phase));
            check_rerun(&scene, &other, &quiet, &what);
            check_log(&scene, &other, &planned, &mut scope, from, &what);
            assert_eq!(decoys(&scene), foreign, "{what}");
            let parent = scene.live(&format!("secrets/{}", scene.record()));
            scope.read(&parent);
            let kinds: Vec<_> = scope.group_kinds.iter().map(String::as_str).collect();
            assert_eq!(
                kinds,
                [
                    "ConfigMap",
                    "Role.rbac.authorization.k8s.io",
                    "Service",
                    "ServiceAccount"
                ],
                "{what}: narrowed"
            );
        }
    }
    let n_tried = n_writes * moments(0).len();
    assert!(n_died + 3 >= n_tried, "{n_died} of {n_tried} kills");
    n_died
}

#[test]
fn a_first_sync_killed_at_any_write_leaves_nothing_unfindable() {
    let n_kills: usize = (0..rounds()).map(first_sweep).sum();
    eprintln!("{n_kills} kills at the writes of first syncs");
}

/// Kills a first sync at each of its writes; returns how often.
fn first_sweep(round: usize) -> usize {
    let mut n_writes = 1;
    let mut quiet = BTreeMap::new();
    let mut n = 0;
    while n <= n_writes {
        for &phase in moments(n) {
            let other = plane().namespace("kill-first-other");
            let story = Story::new(&other, round);
            let own = format!("{other}-own");
            let scene = Scene::at(plane(), &own, &story.new);
            scene.declare(&json!({"syncOptions": ["CreateNamespace=true"]}));
            let proxy = Faultline::before(plane());
            if n == 0 {
                n_writes = count_writes(&scene, &proxy);
                quiet = state(&scene, &other);
                break;
            }
            let what = format!("first sync killed at write {n} of {n_writes}, {phase:?}");
            let from = plane().audit_end();
            killed(&scene, &proxy, n, phase);
            check_rerun(&scene, &other, &quiet, &what);
            check_log(
                &scene,
                &other,
                &BTreeSet::new(),
                &mut Recorded::default(),
                from,
                &what,
            );
        }
        n += 1;
    }
    n_writes * moments(0).len()
}
