//! Hands the fields of people's tools over to pushboat before an apply: asks what the decision needs, and sends it.
//!
//! The decision itself is `plan::handover`'s. The patch changes nothing but `managedFields`; a process that dies after it leaves an
//! object that owns what the next sync gives up.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use serde_json::{Value, json};

use super::AppRef;
use super::history;
use super::lease::Held;
use super::stages::ensure;
use crate::cluster::{ApiResource, ApplyOptions, Cluster};
use crate::error::{Error, Reason, Result};
use crate::object::path::{FieldPath, KeyValue, Step};
use crate::object::{Key, Object};
use crate::plan::{Earlier, Handover, handover, ownership};

/// How often an object that is written all the while is read and decided again.
const ROUNDS: usize = 5;

const DRY_RUN: ApplyOptions = ApplyOptions {
    dry_run: true,
    force: true,
};

/// A handover, and what it was decided from.
#[derive(Debug, Clone)]
pub struct Planned {
    pub handover: Handover,
    earlier: Vec<Object>,
}

/// What the recorded deployments held of these objects, newest first.
pub(super) async fn applied_before(
    cluster: &Cluster,
    app: &AppRef,
    keys: &BTreeSet<Key>,
) -> Result<BTreeMap<Key, Vec<Object>>> {
    let history = history::list(cluster, app).await?;
    let newest_first = history.entries.iter().rev();
    let reads = newest_first.map(|entry| history::manifests(cluster, app, entry));
    let mut found: BTreeMap<Key, Vec<Object>> = BTreeMap::new();
    for objects in join_all(reads).await {
        for object in objects? {
            let key = object.key();
            if keys.contains(&key) {
                found.entry(key).or_default().push(object);
            }
        }
    }
    Ok(found)
}

/// Decides what an apply of `desired` takes along from the owners of `live`.
pub(super) async fn decide(
    cluster: &Cluster,
    api: &ApiResource,
    desired: &Object,
    live: &Object,
    earlier: Vec<Object>,
) -> Option<Planned> {
    let known = Earlier {
        entry: entry_of_newest(cluster, api, desired, live, &earlier).await,
        objects: earlier,
    };
    let mut decided = handover(desired, live, &known, &BTreeSet::new())?;
    if !decided.leftovers.is_empty() {
        let defaults = defaults(cluster, api, live, &decided.leftovers).await;
        decided = handover(desired, live, &known, &defaults)?;
    }
    decided.changes(live).then_some(Planned {
        handover: decided,
        earlier: known.objects,
    })
}

/// What pushboat would own by the newest deployment, where its entry is gone: the server knows the schema, and tells by a dry run.
async fn entry_of_newest(
    cluster: &Cluster,
    api: &ApiResource,
    desired: &Object,
    live: &Object,
    earlier: &[Object],
) -> Option<Value> {
    let newest = earlier.first()?;
    let is_open = !ownership::is_applied_by_pushboat(live)
        && newest.value != desired.value
        && newest.api_version() == desired.api_version();
    if !is_open {
        return None;
    }
    let tried = cluster.apply(api, newest, DRY_RUN).await.ok()?;
    let entries = tried.value.pointer("/metadata/managedFields")?.as_array()?;
    let own = entries.iter().find(|value| {
        ownership::entry(value).is_some_and(|entry| ownership::Entry::is_own_apply(&entry))
    });
    own.cloned()
}

/// Which of these fields the server puts back by itself when they are removed. None where it cannot be asked.
async fn defaults(
    cluster: &Cluster,
    api: &ApiResource,
    live: &Object,
    fields: &[FieldPath],
) -> BTreeSet<FieldPath> {
    let known: Vec<(&FieldPath, String)> = fields
        .iter()
        .filter_map(|path| Some((path, pointer(&live.value, path)?)))
        .collect();
    if known.is_empty() {
        return BTreeSet::new();
    }
    let version = live.resource_version();
    let test = json!({"op": "test", "path": "/metadata/resourceVersion", "value": version});
    let removals = known
        .iter()
        .map(|(_, pointer)| json!({"op": "remove", "path": pointer}));
    let patch: Value = std::iter::once(test).chain(removals).collect();
    let key = live.key();
    let tried = cluster.patch(api, &key, version, &patch, DRY_RUN).await;
    let Ok(Some(without)) = tried else {
        return BTreeSet::new();
    };
    known
        .into_iter()
        .filter(|(_, pointer)| live.value.pointer(pointer) == without.value.pointer(pointer))
        .map(|(path, _)| path.clone())
        .collect()
}

/// Where a field stands in an object, as a JSON pointer; nothing when it is not there.
fn pointer(object: &Value, path: &FieldPath) -> Option<String> {
    let mut pointer = String::new();
    let mut at = object;
    for step in &path.0 {
        let token = match step {
            Step::Field(name) => {
                at = at.get(name)?;
                name.replace('~', "~0").replace('/', "~1")
            }
            Step::Index(n) => {
                at = at.get(n)?;
                n.to_string()
            }
            Step::Item(keys) => {
                let has = |item: &Value, (key, value): &(String, KeyValue)| {
                    item.get(key)
                        .is_some_and(|found| KeyValue::of(found) == *value)
                };
                let items = at.as_array()?;
                let n = items
                    .iter()
                    .position(|item| keys.iter().all(|key| has(item, key)))?;
                at = items.get(n)?;
                n.to_string()
            }
            // An item of a set is its own value: no server puts it there.
            Step::Value(_) => return None,
        };
        pointer.push('/');
        pointer.push_str(&token);
    }
    Some(pointer)
}

/// Sends a handover and returns the object as it is then, if it is there; where it changed since that was decided, decides again.
pub(super) async fn hand_over(
    cluster: &Cluster,
    api: &ApiResource,
    desired: &Object,
    planned: &Planned,
    held: Option<&Held>,
) -> Result<Option<Object>> {
    let key = desired.key();
    let mut next = planned.clone();
    for _ in 0..ROUNDS {
        ensure(held).await?;
        let Handover {
            resource_version, ..
        } = &next.handover;
        let patch = next.handover.patch();
        let options = ApplyOptions::default();
        let sent = cluster.patch(api, &key, resource_version, &patch, options);
        if let Some(after) = sent.await? {
            return Ok(Some(after));
        }
        // Gone, it is created by the apply and has one owner.
        let Some(now) = cluster.get(api, &key.namespace, &key.name).await? else {
            return Ok(None);
        };
        match decide(cluster, api, desired, &now, next.earlier).await {
            Some(again) => next = again,
            None => return Ok(Some(now)),
        }
    }
    let text = format!("`{key}` keeps changing; its fields could not be taken over");
    Err(Error::new(Reason::Conflict, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_the_keys_of_the_items_above_it() {
        let object = json!({"spec": {"a/b": [{"name": "x", "n": 1}, {"name": "y", "n": 2}]}});
        let path = |name: &str| {
            let item = Step::Item(vec![("name".into(), KeyValue::Text(name.into()))]);
            FieldPath::default()
                .field("spec")
                .field("a/b")
                .child(item)
                .field("n")
        };
        let found = pointer(&object, &path("y"));
        assert_eq!(found.as_deref(), Some("/spec/a~1b/1/n"));
        assert_eq!(pointer(&object, &path("z")), None);
    }
}
