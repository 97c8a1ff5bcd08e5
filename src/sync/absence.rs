//! Whether kinds that a record names and discovery lacks are gone, or only not served for the moment.
//!
//! A kind that is gone took its objects along; one that is not served keeps them in the store, where nobody sees them. An ordinary run
//! asks nothing here: each kind that it needs is listed. The judgement is `plan::absence`'s.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::compare::{Resource, live};
use super::prepare::{Depth, Prepared};
use crate::cluster::{ApiResource, Cluster, Discovery, ListOptions};
use crate::error::{Error, Reason, Result};
use crate::object::{Gvk, Key, Object};
use crate::plan::ResourceStatus;
use crate::plan::absence::{Definition, Unavailable, doubt};
use crate::plan::applyset::{GroupKind, Scope};

/// Kinds of the record that discovery lacks and that are not proved gone, each with what stands in the way of the proof.
pub type Doubts = BTreeMap<GroupKind, Error>;

/// What was found out about kinds that discovery lacks.
pub struct Found {
    /// Newer than the one that lacked them, where it could be read.
    pub discovery: Option<Arc<Discovery>>,
    pub doubts: Doubts,
}

/// The recorded kinds that discovery does not list. Those of a group that does not answer are doubted anyhow.
pub fn missing(
    recorded: &Scope,
    discovery: &Discovery,
    assumed_gone: &BTreeSet<GroupKind>,
) -> BTreeSet<GroupKind> {
    let kinds = recorded.group_kinds.iter().filter(|kind| {
        is_missing(discovery, kind)
            && !discovery.broken_groups.contains_key(&kind.group)
            && !assumed_gone.contains(kind)
    });
    kinds.cloned().collect()
}

fn is_missing(discovery: &Discovery, kind: &GroupKind) -> bool {
    discovery.preferred(&kind.group, &kind.kind).is_none()
}

/// Whether every kind that is desired is listed, belongs to a group that does not answer, or comes with the objects.
pub fn are_known(discovery: &Discovery, desired: &[Object]) -> bool {
    desired.iter().all(|object| {
        let gvk = object.gvk();
        discovery.preferred(&gvk.group, &gvk.kind).is_some()
            || discovery.broken_groups.contains_key(&gvk.group)
            || desired.iter().any(|other| defines(other, &gvk))
    })
}

/// Asks what has become of these kinds: two answers of a server that says it is ready must lack them, no definition may define them, and
/// no APIService of their group may be silent.
pub async fn find_out(cluster: &Cluster, missing: &BTreeSet<GroupKind>) -> Found {
    let mut found = Found {
        discovery: None,
        doubts: Doubts::new(),
    };
    let mut left = missing.clone();
    for _ in 0..2 {
        match cluster.ready_discovery().await {
            Ok(discovery) => {
                left.retain(|kind| is_missing(&discovery, kind));
                found.discovery = Some(discovery);
            }
            Err(error) => {
                found.doubts = all(&left, &error);
                return found;
            }
        }
        if left.is_empty() {
            return found;
        }
    }
    found.doubts = match futures::join!(definitions(cluster, &left), unavailable(cluster)) {
        (Ok(definitions), Ok(unavailable)) => left
            .iter()
            .filter_map(|kind| {
                let doubt = doubt(kind, &definitions, &unavailable)?;
                let message = format!("`{kind}` is not served: {}", doubt.describe());
                let error = Error::new(Reason::Discovery, message).hint(doubt.hint());
                Some((kind.clone(), error))
            })
            .collect(),
        (Err(error), _) | (_, Err(error)) => all(&left, &error),
    };
    found
}

/// The same obstacle for all of them.
fn all(kinds: &BTreeSet<GroupKind>, error: &Error) -> Doubts {
    let doubts = kinds
        .iter()
        .map(|kind| (kind.clone(), unproved(kind, error)));
    doubts.collect()
}

fn unproved(kind: &GroupKind, error: &Error) -> Error {
    let message = format!("`{kind}` is not served, and whether it is gone cannot be proved");
    let error = match error.reason() {
        Reason::Internal | Reason::Invalid => error.clone().because(Reason::Discovery),
        _ => error.clone(),
    };
    let is_forbidden = error.reason() == Reason::Forbidden;
    let error = error.context(message);
    if is_forbidden {
        error.hint(format!(
            "let the account `get` the path `/readyz`, and `list` and `get` CustomResourceDefinitions and APIServices; or, if you know that the kind and its objects are gone, pass `--assume-gone {kind}`"
        ))
    } else {
        error.hint(format!(
            "run again; if you know that the kind and its objects are gone, pass `--assume-gone {kind}`"
        ))
    }
}

/// The definitions that could be those of the kinds. All are listed by name, which ends in the group; only those of these groups are read.
async fn definitions(cluster: &Cluster, kinds: &BTreeSet<GroupKind>) -> Result<Vec<Definition>> {
    let resource = ApiResource::known(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        false,
    );
    let options = ListOptions {
        metadata_only: true,
        ..ListOptions::default()
    };
    let is_of = |name: &str, kind: &GroupKind| {
        let group = name.split_once('.').map(|(_, group)| group);
        group == Some(kind.group.as_str())
    };
    let could_be = |object: Object| {
        let name = object.name().to_owned();
        kinds.iter().any(|kind| is_of(&name, kind)).then_some(name)
    };
    let mut definitions = Vec::new();
    for name in cluster.list_all(&resource, &options, could_be).await? {
        if let Some(object) = cluster.get(&resource, "", &name).await? {
            definitions.push(Definition::of(&object));
        }
    }
    Ok(definitions)
}

async fn unavailable(cluster: &Cluster) -> Result<Vec<Unavailable>> {
    let resource = ApiResource::known(
        "apiregistration.k8s.io/v1",
        "APIService",
        "apiservices",
        false,
    );
    let options = ListOptions::default();
    cluster
        .list_all(&resource, &options, |object| Unavailable::of(&object))
        .await
}

/// The object of a kind that was doubted when it was compared and is served since then; nothing where it stands as it was compared.
pub(super) async fn look_again(
    prepared: &Prepared,
    resource: &Resource,
) -> Result<Option<Resource>> {
    let kind = GroupKind::new(&resource.key.group, &resource.key.kind);
    let Some(api) = prepared.discovery.get(&resource.gvk()) else {
        return Ok(None);
    };
    if !prepared.doubts.contains_key(&kind) {
        return Ok(None);
    }
    let set: Arc<str> = prepared.app.applyset_id().into();
    let (namespace, name) = (&resource.key.namespace, &resource.key.name);
    let found = prepared.cluster.get(api, namespace, name).await?;
    Ok(Some(Resource {
        status: match &found {
            Some(_) => ResourceStatus::Modified,
            None => ResourceStatus::Missing,
        },
        live: found.map(|object| live(&object, &set)),
        error: None,
        ..resource.clone()
    }))
}

/// The desired objects that this run may write. One that could not be looked for is not applied, and so neither widens the record nor counts
/// as deployed: a kind or namespace that the account may not list would stand there for ever.
pub(super) fn within_reach(prepared: &Prepared) -> Cow<'_, [Object]> {
    let is_out_of_reach = |resource: &&Resource| {
        let kind = GroupKind::new(&resource.key.group, &resource.key.kind);
        resource.status == ResourceStatus::Unknown
            && resource.live.is_none()
            && !prepared.doubts.contains_key(&kind)
    };
    let resources = prepared.comparison.resources.iter();
    let out: BTreeSet<usize> = resources
        .filter(is_out_of_reach)
        .filter_map(|resource| resource.desired)
        .collect();
    if out.is_empty() {
        return Cow::Borrowed(&prepared.desired);
    }
    let objects = prepared.desired.iter().enumerate();
    let within = objects.filter(|(n, _)| !out.contains(n));
    Cow::Owned(within.map(|(_, object)| object.clone()).collect())
}

/// Compares again when kinds that were doubted are served since: a sync that repaired their definition then knows all members. A member
/// that turns up only now was in no plan, and leaves the comparison as it was.
pub(super) async fn compare_again(prepared: &mut Prepared) {
    let is_open = |kind| is_missing(&prepared.discovery, kind);
    if prepared.doubts.is_empty() || prepared.doubts.keys().any(is_open) {
        return;
    }
    let before = std::mem::take(&mut prepared.comparison);
    let doubts = prepared.doubts.clone();
    prepared.compare(Depth::default()).await;
    let known: BTreeSet<Key> = before.extras.iter().map(Object::key).collect();
    let extras = &prepared.comparison.extras;
    if extras.iter().any(|extra| !known.contains(&extra.key())) {
        prepared.comparison = before;
        prepared.doubts = doubts;
    }
}

/// Why a desired object's kind cannot be listed.
pub(super) enum Unserved {
    /// Its definition comes with the app.
    Missing,
    Unknown(Error),
}

/// Why the kind of a desired object cannot be listed, if so.
pub(super) fn unserved(
    discovery: &Discovery,
    doubts: &Doubts,
    desired: &[Object],
    object: &Object,
) -> Option<Unserved> {
    let gvk = object.gvk();
    if discovery.get(&gvk).is_some() {
        return None;
    }
    if let Some(why) = discovery.broken_groups.get(&gvk.group) {
        let message = format!("the API group `{}` does not answer: {why}", gvk.group);
        let error = Error::new(Reason::Discovery, message);
        return Some(Unserved::Unknown(error));
    }
    if let Some(doubt) = doubts.get(&GroupKind::new(&gvk.group, &gvk.kind)) {
        return Some(Unserved::Unknown(doubt.clone()));
    }
    if desired.iter().any(|other| defines(other, &gvk)) {
        return Some(Unserved::Missing);
    }
    let served: Vec<String> = discovery
        .versions(&gvk.group, &gvk.kind)
        .iter()
        .map(|resource| resource.gvk.api_version())
        .collect();
    let message = format!("`{}` {} is not served by the cluster", object.name(), gvk);
    let mut error = Error::config(message);
    if let Some(origin) = &object.origin {
        error = error.at(origin.file.clone(), origin.line, origin.column);
    }
    Some(Unserved::Unknown(if served.is_empty() {
        error.hint("install its CustomResourceDefinition first, or add it to the app")
    } else {
        error.hint(format!(
            "the cluster serves {} as {}",
            gvk.kind,
            served.join(", ")
        ))
    }))
}

/// Whether `object` is the CustomResourceDefinition of `gvk`.
pub(crate) fn defines(object: &Object, gvk: &Gvk) -> bool {
    object.kind() == "CustomResourceDefinition"
        && object
            .value
            .pointer("/spec/group")
            .and_then(|group| group.as_str())
            == Some(&gvk.group)
        && object
            .value
            .pointer("/spec/names/kind")
            .and_then(|kind| kind.as_str())
            == Some(&gvk.kind)
}
