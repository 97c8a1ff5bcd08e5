//! The law of drift: where the server's own answer is "modified", the fast answer never says "in sync". Random edits of an
//! app of many kinds, both answers, and now and then a third opinion from `kubectl diff --server-side`.
//!
//! `PUSHBOAT_EDITS` says how many edits, `PUSHBOAT_SEED` which; a run without is always the same one.

pub(super) mod edits;
mod objects;

use super::plane;
use crate::support::scene::{MEMBER, config_map};
use crate::support::{Finished, Scene, eventually, is_long, within};
use edits::{Random, edit};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// How many edits go between two answers: few enough that each answer has objects of both kinds.
const BATCH: usize = 25;

/// How long the server may take to answer by a definition that was just changed.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

#[test]
fn the_fast_answer_is_never_greener_than_the_exact_one() {
    let default = if is_long() { 1_000 } else { 400 };
    let (n_edits, seed) = (
        number("PUSHBOAT_EDITS", default),
        number("PUSHBOAT_SEED", 1),
    );
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
    let mut definition_moved = true;
    let start = Instant::now();
    while n_done < n_edits {
        let mut log = Vec::new();
        while log.len() < BATCH {
            let path = &paths[random.below(paths.len())];
            log.extend(edit(plane(), path, &mut random));
        }
        n_done += u64::try_from(log.len()).unwrap();
        n_batches += 1;
        // What healed the definition of the batch before may still be on its way, too.
        let moves_now = log.iter().any(|edit| edit.contains(DEFINITIONS));
        let moves = moves_now || definition_moved;
        definition_moved = moves_now;
        let kind_is_served = settled(&namespace);
        let ask_kubectl = kind_is_served && n_batches % 4 == 0;
        let told = format!("seed {seed}, batch {n_batches}, edits:\n{}", log.join("\n"));
        let exact = agreed(moves, &told, || Round::ask(&scene, &objects, ask_kubectl));
        n_modified += drifted(&exact).len();
        n_clean += exact.len() - drifted(&exact).len();
        heal(&scene, &objects, &exact);
    }
    agreed(definition_moved, "healed", || {
        Round::ask(&scene, &objects, true)
    });
    scene.expect_clean();
    eprintln!(
        "{n_done} edits in {n_batches} batches: {n_clean} objects in sync, {n_modified} not, {:?}",
        start.elapsed()
    );
}

const DEFINITIONS: &str = " /apis/apiextensions.k8s.io/";

type Statuses = BTreeMap<String, String>;

/// What is said of one world: `Kind/name` to status, and what kubectl says is different.
#[derive(Debug)]
struct Round {
    fast: Statuses,
    exact: Statuses,
    kubectl: Option<Result<BTreeSet<String>, Finished>>,
}

impl Round {
    fn ask(scene: &Scene, objects: &[Value], ask_kubectl: bool) -> Self {
        let (fast, exact) = (statuses(scene, &[]), statuses(scene, &["--exact"]));
        // kubectl has no answer for an object that the server cannot try, whatever else it was asked.
        let can = ask_kubectl && !exact.values().any(|status| status == REFUSED);
        let kubectl = can.then(|| kubectl_diff(scene, objects));
        Self {
            fast,
            exact,
            kubectl,
        }
    }

    /// Whether any object of this kind has this status.
    fn is_any(&self, kind: &str, status: &str) -> bool {
        let mut all = self.exact.iter();
        all.any(|(key, has)| key.starts_with(kind) && has == status)
    }

    fn agree(&self) -> bool {
        let kubectl_agrees = match &self.kubectl {
            None => true,
            Some(Ok(theirs)) => *theirs == drifted(&self.exact),
            // It also tries what is missing, and has no answer for anything when an edited definition refuses that.
            Some(Err(_)) => self.is_any("", "Missing") && self.is_any(DEFINITION, "Modified"),
        };
        self.fast == self.exact && kubectl_agrees
    }
}

/// An edit of this kind changes what the server takes.
const DEFINITION: &str = "CustomResourceDefinition/";

fn drifted(statuses: &Statuses) -> BTreeSet<String> {
    let drifted = statuses.iter().filter(|(_, status)| *status != "InSync");
    drifted.map(|(key, _)| key.clone()).collect()
}

/// The answer on which all agree. In a world that stands still they do so at once; a definition that was changed reaches the
/// handlers of requests some time after its own answer and after discovery, and they are asked again until it has.
#[track_caller]
fn agreed(moves: bool, told: &str, ask: impl Fn() -> Round) -> Statuses {
    let patience = if moves { PATIENCE } else { Duration::ZERO };
    let mut last = None;
    let answer = within(patience, || {
        let round = ask();
        if round.agree() {
            return Some(round.exact);
        }
        last = Some(round);
        None
    });
    answer.unwrap_or_else(|| panic!("{last:#?}\n{told}"))
}

/// Waits until discovery has what the definition says; tells whether the custom kind is served.
fn settled(namespace: &str) -> bool {
    let group = format!("{namespace}.example.com");
    let path = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/vessels.{group}");
    let kinds = eventually("discovery follows the definition", || {
        let wanted = match plane().request("GET", &path, None).ok()? {
            (404, _) => BTreeSet::new(),
            (_, body) => kinds_of(&serde_json::from_str(&body).ok()?)?,
        };
        (plane().kinds_served(&group, "v1") == wanted).then_some(wanted)
    });
    kinds.contains("Vessel")
}

/// The kinds that a definition serves; nothing while the server has not taken it in.
fn kinds_of(definition: &Value) -> Option<BTreeSet<String>> {
    let is_going = !definition["metadata"]["deletionTimestamp"].is_null();
    if is_going || definition["spec"]["names"] != definition["status"]["acceptedNames"] {
        return None;
    }
    let is_served = definition["spec"]["versions"]
        .as_array()?
        .iter()
        .any(|version| version["name"] == "v1" && version["served"] == true);
    let kind = definition["spec"]["names"]["kind"].as_str()?;
    Some(is_served.then(|| kind.to_string()).into_iter().collect())
}

/// Brings everything back. An edit may make an object that no apply can correct, such as a list with one name under two
/// keys: the server says so in the dry run already, and such an object is deleted first.
fn heal(scene: &Scene, objects: &[Value], exact: &Statuses) {
    for object in objects {
        let key = format!(
            "{}/{}",
            object["kind"].as_str().unwrap(),
            object["metadata"]["name"].as_str().unwrap()
        );
        if exact[&key] == REFUSED {
            let path = path_of(scene, object) + "?propagationPolicy=Background";
            plane().request("DELETE", &path, None).unwrap();
        }
    }
    scene.synced(&["--force-conflicts", "--adopt"]); // a label that was edited names another app
}

/// In place of the status of what the server refuses to change.
const REFUSED: &str = "refused";

/// `Kind/name` to status, for all objects of the answer.
fn statuses(scene: &Scene, more: &[&str]) -> Statuses {
    let diff = scene.diff(more);
    let text = |resource: &Value, field: &str| resource[field].as_str().unwrap().to_string();
    diff.resources()
        .iter()
        .map(|r| {
            let status = match r["error"]["reason"].as_str() {
                Some("invalid" | "webhook") => REFUSED.to_owned(),
                _ => text(r, "status"),
            };
            (format!("{}/{}", text(r, "kind"), text(r, "name")), status)
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

/// What kubectl would say is different, as `Kind/name`; what it says where it has no answer.
fn kubectl_diff(scene: &Scene, objects: &[Value]) -> Result<BTreeSet<String>, Finished> {
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
    if answer.code > 1 {
        return Err(answer);
    }
    // Fields that a new schema prunes are gone from both sides; only the generation tells that they were stored.
    let is_change = |line: &str| {
        let is_head = line.starts_with("+++ ") || line.starts_with("--- ");
        let edit = line.strip_prefix(['+', '-']).filter(|_| !is_head);
        edit.is_some_and(|text| !text.trim_start().starts_with("generation: "))
    };
    let names = answer
        .stdout
        .split("\ndiff ")
        .filter(|file| file.lines().skip(1).any(is_change))
        .filter_map(|file| file.lines().next())
        .filter_map(|line| line.split('/').next_back());
    // GROUP.VERSION.KIND.NAMESPACE.NAME, where the group and the name may have dots of their own.
    Ok(names
        .map(|name| {
            objects
                .iter()
                .map(|o| key_in_file(o, name))
                .find_map(|key| key)
                .unwrap_or_else(|| name.to_string())
        })
        .collect())
}

fn key_in_file(object: &Value, file: &str) -> Option<String> {
    let text = |pointer: &str| object.pointer(pointer).unwrap().as_str().unwrap();
    let (kind, name) = (text("/kind"), text("/metadata/name"));
    let is_it = file.contains(&format!(".{kind}.")) && file.ends_with(&format!(".{name}"));
    is_it.then(|| format!("{kind}/{name}"))
}
