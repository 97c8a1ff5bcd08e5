//! What controllers made of an app's objects: everything below them by owner references.

use std::collections::{BTreeMap, BTreeSet};

use futures::{FutureExt, StreamExt};

use super::overlap::overlap;
use super::prepare::Prepared;
use crate::cluster::{ApiResource, ListOptions};
use crate::error::{Reason, Result};
use crate::object::Object;

/// Kinds that the built-in controllers make. Asking every kind of a cluster with a thousand definitions would take longer than it helps.
const MADE: [(&str, &str); 9] = [
    ("apps", "ReplicaSet"),
    ("apps", "ControllerRevision"),
    ("batch", "Job"),
    ("", "Pod"),
    ("", "PersistentVolumeClaim"),
    ("", "Endpoints"),
    ("discovery.k8s.io", "EndpointSlice"),
    ("", "Secret"),
    ("", "ConfigMap"),
];
const IN_FLIGHT: usize = 16;

/// All descendants of the app's live objects, in the namespaces where these are.
pub async fn list(prepared: &Prepared) -> Result<Vec<Object>> {
    let live = prepared
        .comparison
        .resources
        .iter()
        .filter(|resource| resource.live.is_some());
    let namespaces: BTreeSet<&str> = live
        .map(|resource| resource.key.namespace.as_str())
        .filter(|namespace| !namespace.is_empty())
        .collect();
    let kinds = MADE
        .iter()
        .filter_map(|(group, kind)| prepared.discovery.preferred(group, kind));
    let jobs: Vec<(&ApiResource, &str)> = kinds
        .flat_map(|kind| namespaces.iter().map(move |namespace| (kind, *namespace)))
        .collect();
    let lists = jobs
        .into_iter()
        .map(|(kind, namespace)| owned(prepared, kind, namespace).boxed());
    let mut lists = overlap(lists.collect(), IN_FLIGHT);
    let mut found = Vec::new();
    while let Some(list) = lists.next().await {
        found.extend(list?);
    }
    Ok(descendants(prepared, found))
}

/// The objects of one kind and namespace that have an owner.
async fn owned(
    prepared: &Prepared,
    resource: &ApiResource,
    namespace: &str,
) -> Result<Vec<Object>> {
    let options = ListOptions {
        namespace: Some(namespace.to_owned()),
        ..ListOptions::default()
    };
    let has_owner = |object: &Object| object.value.pointer("/metadata/ownerReferences").is_some();
    let owned = prepared
        .cluster
        .list_all(resource, &options, |object| {
            has_owner(&object).then_some(object)
        })
        .await;
    match owned {
        // What the account may not see is left out of the picture.
        Err(error) if error.reason() == Reason::Forbidden => Ok(Vec::new()),
        answer => answer,
    }
}

fn descendants(prepared: &Prepared, found: Vec<Object>) -> Vec<Object> {
    let live = prepared
        .comparison
        .resources
        .iter()
        .filter_map(|resource| Some(resource.live.as_ref()?.uid.clone()));
    let mut known: BTreeSet<String> = live.collect();
    let mut waiting: BTreeMap<String, Object> = found
        .into_iter()
        .map(|object| (object.uid().to_owned(), object))
        .filter(|(uid, _)| !known.contains(uid))
        .collect();
    let mut descendants = Vec::new();
    loop {
        let next: Vec<String> = waiting
            .iter()
            .filter(|(_, object)| owners(object).any(|owner| known.contains(owner)))
            .map(|(uid, _)| uid.clone())
            .collect();
        if next.is_empty() {
            return descendants;
        }
        for uid in next {
            descendants.extend(waiting.remove(&uid));
            known.insert(uid);
        }
    }
}

fn owners(object: &Object) -> impl Iterator<Item = &str> {
    let list = object
        .value
        .pointer("/metadata/ownerReferences")
        .and_then(|list| list.as_array());
    list.into_iter()
        .flatten()
        .filter_map(|owner| owner["uid"].as_str())
}
