//! Recorded answers of Argo CD beside ours, for objects of built-in kinds and its default diff.
//!
//! The recorded objects were applied by Argo CD. Its manager is renamed to ours, as if pushboat had applied them, and the local
//! prediction stands in for the server's dry-run.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::ownership::{Element, element};
use super::{changes, local_prediction, typed};
use crate::object::corpus_tests::{corpus, sorted};
use crate::object::yaml::{Dialect, Limits, parse, to_json};
use crate::object::{Object, labels};

/// Where pushboat answers otherwise on purpose, as `case` or `case/Kind/name`, and why.
const DIFFERENT: [(&str, &str); 2] = [
    (
        "git-label-removed-ssa",
        "what git dropped is still live and still ours; a two-way comparison cannot see that",
    ),
    (
        "git-replicas-removed",
        "git gave the field up and `kubectl scale` holds it now, so an apply leaves it; as with ServerSideDiff",
    ),
];

/// Cases about what this part does not decide: ignore rules and tracking.
const NOT_HERE: [&str; 13] = [
    "ignore-jq-error",
    "ignore-jq-syntax",
    "ignore-manager-only",
    "ignore-name",
    "ignore-pointer-escaped",
    "ignore-pointer-index",
    "ignore-whole",
    "label-copied",
    "other-create",
    "rbac-aggregated-ignored",
    "system-ignore",
    "system-ignore-all",
    "track-",
];

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

fn targets(folder: &Path) -> Vec<Object> {
    let text = std::fs::read(folder.join("target.yaml")).unwrap_or_default();
    let parsed = parse(&text, "target.yaml", &Limits::default()).unwrap_or_default();
    let values = parsed
        .documents
        .iter()
        .filter_map(|node| to_json(node, "target.yaml", Dialect::Kubectl).ok());
    values.map(Object::new).collect()
}

/// The live object as if pushboat had applied what Argo CD did, without Argo CD's own mark.
fn adopted(live: &Value) -> Object {
    let mut live = live.clone();
    if let Some(annotations) = live
        .pointer_mut("/metadata/annotations")
        .and_then(Value::as_object_mut)
    {
        annotations.remove("argocd.argoproj.io/tracking-id");
    }
    let last = live
        .pointer("/metadata/annotations")
        .and_then(|annotations| annotations.get(labels::LAST_APPLIED)?.as_str())
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    for entry in live
        .pointer_mut("/metadata/managedFields")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if entry["manager"] == "argocd-controller" && entry.get("subresource").is_none() {
            if let (true, Some(last)) = (entry["operation"] == "Update", &last) {
                entry["fieldsV1"] = applied(&entry["fieldsV1"], last);
            }
            entry["manager"] = labels::MANAGER.into();
            entry["operation"] = "Apply".into();
        }
    }
    Object::new(live)
}

/// The part of a client-side apply's field set that it was given: the rest are defaults, which it owns only because it is no
/// server-side apply.
fn applied(set: &Value, given: &Value) -> Value {
    let Some(set) = set.as_object() else {
        return Value::Null;
    };
    let mut kept = serde_json::Map::new();
    for (key, below) in set {
        let found = match element(key) {
            Some(Element::Own) => Some(given),
            Some(Element::Field(name)) => given.get(name),
            Some(Element::Keys(keys)) => given.as_array().into_iter().flatten().find(|item| {
                keys.iter()
                    .all(|(name, value)| item.get(name).is_none_or(|found| found == value))
            }),
            Some(Element::Value(value)) => given
                .as_array()
                .into_iter()
                .flatten()
                .find(|item| **item == value),
            _ => None,
        };
        if let Some(found) = found {
            kept.insert(key.clone(), applied(below, found));
        }
    }
    Value::Object(kept)
}

fn case_answers(folder: &Path) -> Vec<(String, String, &'static str, String)> {
    let case = json(&folder.join("case.json"));
    let live = json(&folder.join("live.json"));
    let name = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut answers = Vec::new();
    for target in targets(folder)
        .iter()
        .filter(|target| typed::is_typed(target))
    {
        let is_this = |value: &&Value| {
            value["kind"] == target.kind() && value["metadata"]["name"] == target.name()
        };
        let resources = case["default"]["resources"].as_array();
        let recorded = resources
            .into_iter()
            .flatten()
            .find(|r| r["kind"] == target.kind() && r["name"] == target.name());
        let Some(status) = recorded.and_then(|resource| resource["status"].as_str()) else {
            continue;
        };
        let (found, why) = match live.as_array().into_iter().flatten().find(is_this) {
            None => ("OutOfSync", "missing".to_owned()),
            Some(live) => {
                let live = adopted(live);
                let changes = changes(target, (&live, &live), &local_prediction(target, &live));
                let paths: Vec<String> = changes
                    .iter()
                    .map(|change| change.path.to_string())
                    .collect();
                (
                    if changes.is_empty() {
                        "Synced"
                    } else {
                        "OutOfSync"
                    },
                    paths.join(" "),
                )
            }
        };
        answers.push((
            format!("{name}/{}/{}", target.kind(), target.name()),
            status.to_owned(),
            found,
            why,
        ));
    }
    answers
}

#[test]
fn agrees_with_the_recorded_answers() {
    let Some(corpus) = corpus("argo-diff") else {
        eprintln!("skipped: no corpus");
        return;
    };
    let folders = sorted(&corpus);
    let mut wrong = BTreeMap::new();
    let (mut n_right, mut n_different, mut n_not_here) = (0, 0, 0);
    for (name, status, found, why) in folders.iter().flat_map(|folder| case_answers(folder)) {
        let case = name.split('/').next().unwrap_or_default();
        // A name that ends in a dash stands for all cases that begin so.
        let is_listed =
            |listed: &str| case == listed || (listed.ends_with('-') && case.starts_with(listed));
        if NOT_HERE.iter().any(|listed| is_listed(listed)) {
            n_not_here += 1;
        } else if DIFFERENT.iter().any(|(listed, _)| is_listed(listed)) {
            n_different += usize::from(status != found);
            if status == found {
                wrong.insert(name, "is listed as different and is not".to_owned());
            }
        } else if status == found {
            n_right += 1;
        } else {
            wrong.insert(name, format!("{found}, not {status}: {why}"));
        }
    }
    eprintln!(
        "argo-diff: {n_right} alike, {n_different} different on purpose, {n_not_here} decided elsewhere"
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}
