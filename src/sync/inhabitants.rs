//! What else lives in a namespace that is about to be deleted: whoever confirms its name should know what goes with it.
//!
//! Metadata only, one list a kind, and only where a namespace really goes. It decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use futures::{FutureExt, StreamExt};

use super::overlap::overlap;
use super::prepare::Prepared;
use crate::cluster::{ApiResource, ListOptions};
use crate::object::{Key, Object, labels};

const IN_FLIGHT: usize = 16;

/// Kinds that live and die with others, or that nobody misses.
const PASSING: [(&str, &str); 4] = [
    ("", "Event"),
    ("events.k8s.io", "Event"),
    ("", "Endpoints"),
    ("discovery.k8s.io", "EndpointSlice"),
];

/// What every namespace is born with.
const NATIVE: [(&str, &str); 2] = [
    ("ServiceAccount", "default"),
    ("ConfigMap", "kube-root-ca.crt"),
];

/// One sentence for each of the namespaces among these objects.
pub async fn told(prepared: &Prepared, deleted: &BTreeSet<Key>) -> Vec<String> {
    let mut sentences = Vec::new();
    let is_namespace = |key: &&Key| key.group.is_empty() && key.kind == "Namespace";
    for key in deleted.iter().filter(is_namespace) {
        sentences.push(look_into(prepared, &key.name).await.describe(&key.name));
    }
    sentences
}

/// Objects that are not the app's, and kinds that could not be looked at.
#[derive(Debug, Default)]
struct Inhabitants {
    by_kind: BTreeMap<String, usize>,
    unread: BTreeSet<String>,
}

impl Inhabitants {
    fn describe(&self, namespace: &str) -> String {
        let n: usize = self.by_kind.values().sum();
        let counts = self.by_kind.iter();
        let counts: Vec<String> = counts.map(|(kind, n)| format!("{n} {kind}")).collect();
        let found = match n {
            0 => format!(
                "namespace `{namespace}` is deleted, and nothing but this app's objects was found in it"
            ),
            1 => format!(
                "namespace `{namespace}` is deleted with 1 object that is not this app's: {}",
                counts.join(", ")
            ),
            n => format!(
                "namespace `{namespace}` is deleted with {n} objects that are not this app's: {}",
                counts.join(", ")
            ),
        };
        if self.unread.is_empty() {
            return found;
        }
        let unread: Vec<&str> = self.unread.iter().map(String::as_str).collect();
        format!("{found}; could not be looked at: {}", unread.join(", "))
    }
}

async fn look_into(prepared: &Prepared, namespace: &str) -> Inhabitants {
    let discovery = &prepared.discovery;
    let mut found = Inhabitants {
        unread: discovery.broken_groups.keys().cloned().collect(),
        ..Inhabitants::default()
    };
    let kinds = discovery.by_group_kind.values();
    let kinds = kinds.filter_map(|versions| versions.first());
    let lists = kinds
        .filter(|kind| is_looked_at(kind))
        .map(|kind| async move { (shown(kind), count(prepared, kind, namespace).await) }.boxed());
    let mut answers = overlap(lists.collect(), IN_FLIGHT);
    while let Some((kind, answer)) = answers.next().await {
        match answer {
            Ok(0) => {}
            Ok(n) => {
                found.by_kind.insert(kind, n);
            }
            Err(_) => {
                found.unread.insert(kind);
            }
        }
    }
    found
}

fn is_looked_at(kind: &ApiResource) -> bool {
    let may = |verb: &str| kind.verbs.iter().any(|found| found == verb);
    let name = (kind.gvk.group.as_str(), kind.gvk.kind.as_str());
    kind.namespaced && may("list") && may("delete") && !PASSING.contains(&name)
}

fn shown(kind: &ApiResource) -> String {
    match kind.gvk.group.as_str() {
        "" => kind.gvk.kind.clone(),
        group => format!("{}.{group}", kind.gvk.kind),
    }
}

async fn count(
    prepared: &Prepared,
    kind: &ApiResource,
    namespace: &str,
) -> crate::error::Result<usize> {
    let options = ListOptions {
        namespace: Some(namespace.to_owned()),
        metadata_only: true,
        ..ListOptions::default()
    };
    let set = prepared.app.applyset_id();
    let keep = |object: Object| is_of_others(&object, &kind.gvk.kind, &set).then_some(());
    let found = prepared.cluster.list_all(kind, &options, keep);
    found.await.map(|found| found.len())
}

/// Whether an object is neither the app's, nor born with the namespace, nor kept by a controller for another object.
fn is_of_others(object: &Object, kind: &str, set: &str) -> bool {
    let is_member = object.label(labels::APPLYSET_PART_OF) == Some(set);
    let is_native = NATIVE.contains(&(kind, object.name()));
    let owners = object.value.pointer("/metadata/ownerReferences");
    let owners = owners.and_then(|list| list.as_array());
    let is_kept = owners
        .into_iter()
        .flatten()
        .any(|owner| owner["controller"] == true);
    // The parent of another app is worth telling; its lock and its history go with it.
    let is_record = matches!(kind, "Secret" | "Lease")
        && object.name().starts_with("pushboat.")
        && object.label(labels::APPLYSET_ID).is_none_or(|id| id == set);
    !(is_member || is_native || is_kept || is_record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn check(kind: &str, metadata: Value, expected: bool) {
        let object = Object::new(json!({"kind": kind, "metadata": metadata}));
        assert_eq!(is_of_others(&object, kind, "own"), expected, "{metadata}");
    }

    #[test]
    fn what_goes_with_the_app_or_with_any_namespace_is_not_counted() {
        check("ConfigMap", json!({"name": "theirs"}), true);
        check("ConfigMap", json!({"name": "kube-root-ca.crt"}), false);
        let member = |set: &str| json!({"name": "a", "labels": {labels::APPLYSET_PART_OF: set}});
        check("ConfigMap", member("own"), false);
        check("ConfigMap", member("theirs"), true);
        let pod = json!({"name": "a", "ownerReferences": [{"controller": true}]});
        check("Pod", pod, false);
        check("Lease", json!({"name": "pushboat.shop"}), false);
        let parent = json!({"name": "pushboat.other", "labels": {labels::APPLYSET_ID: "theirs"}});
        check("Secret", parent, true);
    }

    #[test]
    fn kinds_that_could_not_be_read_are_told() {
        let found = Inhabitants {
            by_kind: [("ConfigMap".to_owned(), 2), ("Job.batch".to_owned(), 1)].into(),
            unread: ["Secret".to_owned()].into(),
        };
        assert_eq!(
            found.describe("shop"),
            "namespace `shop` is deleted with 3 objects that are not this app's: 2 ConfigMap, 1 Job.batch; could not be looked at: Secret"
        );
    }
}
