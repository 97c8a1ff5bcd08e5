//! What a sync would do, tried on the servers where they can try it.
//!
//! It writes nothing, not even records: every request in here is a read or a dry run. It ends as the sync would: what cannot be tried
//! because it builds on this very sync stands or falls with what it builds on, and every other failure is one.

use std::collections::BTreeMap;

use super::admission::admit;
use super::apply::{Applied, Policy};
use super::compare::Resource;
use super::history;
use super::namespace::ensure_namespace;
use super::prepare::Prepared;
use super::prune::{Pruned, preview};
use super::run::{Run, Step, Synced, is_nothing_to_do, writes};
use super::stages::{DEFINITION, apply_all, served_versions};
use crate::error::{Error, Result};
use crate::object::{Gvk, Key, Object};
use crate::plan::ResourceStatus;

/// Tries every write and tells it as if it were done.
pub(super) async fn dry_run(prepared: &Prepared, run: &Run<'_>, synced: &mut Synced) -> Result<()> {
    let namespace = ensure_namespace(prepared, run).await?;
    if prepared.parent.is_some() && !is_nothing_to_do(prepared, run.options) {
        // What keeps a sync from its first write.
        let history = history::list(&prepared.cluster, &prepared.app).await?;
        admit(prepared.parent.as_ref(), &history.entries, run)?;
    }
    let policy = Policy {
        force_conflicts: run.options.force_conflicts,
        adopt: run.options.adopt,
        dry_run: true,
        rewriting: run.options.rewriting,
    };
    let makers = Makers::of(prepared, namespace.as_ref());
    let (later, now): (Vec<&Resource>, Vec<&Resource>) = writes(prepared)
        .into_iter()
        .partition(|resource| makers.of_resource(resource).is_some());
    // Definitions first: whether their objects can be tried depends on them.
    let (definitions, others): (Vec<&Resource>, Vec<&Resource>) = now
        .into_iter()
        .partition(|resource| resource.key.kind == DEFINITION);
    for resources in [definitions, others] {
        apply_all(prepared, run, None, &resources, policy, synced).await;
    }
    for resource in later {
        let step = made(makers.of_resource(resource), synced);
        match &step {
            Step::Failed(error) => run.events.failed(&resource.key, error),
            _ => run.events.applied(&resource.key, Applied::Created),
        }
        synced.steps.push((resource.key.clone(), step));
    }
    synced.pruned = match synced.all_applied() {
        true => preview(prepared, run.options),
        // As a sync that did not succeed as a whole.
        false => Pruned {
            n_left: prepared.comparison.n_surplus(),
            ..Pruned::default()
        },
    };
    synced.steps.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(())
}

/// What has to be made before something can be tried.
#[derive(Debug, Clone)]
enum Maker {
    /// An object of this sync.
    Object(Key),
    /// The sync itself, before its first object.
    Sync,
}

/// Who makes the namespaces and kinds that are not there yet.
struct Makers<'a> {
    namespaces: BTreeMap<&'a str, Maker>,
    kinds: BTreeMap<Gvk, Maker>,
}

impl<'a> Makers<'a> {
    fn of(prepared: &'a Prepared, namespace: Option<&'a Object>) -> Self {
        let mut namespaces = BTreeMap::new();
        namespaces.extend(namespace.map(|namespace| (namespace.name(), Maker::Sync)));
        let mut kinds = BTreeMap::new();
        for resource in &prepared.comparison.resources {
            let Some(object) = resource.desired.and_then(|n| prepared.desired.get(n)) else {
                continue;
            };
            let is_new = resource.status == ResourceStatus::Missing;
            if is_new && resource.key.group.is_empty() && resource.key.kind == "Namespace" {
                namespaces.insert(object.name(), Maker::Object(resource.key.clone()));
            }
            if resource.key.kind == DEFINITION {
                let versions = served_versions(object).into_iter();
                let new = versions.filter(|gvk| prepared.discovery.get(gvk).is_none());
                kinds.extend(new.map(|gvk| (gvk, Maker::Object(resource.key.clone()))));
            }
        }
        Self { namespaces, kinds }
    }

    /// What an object that is not there, or of a kind that is not served, waits for; nothing where it can be tried.
    fn of_resource(&self, resource: &Resource) -> Option<&Maker> {
        match resource.live {
            Some(_) => None,
            None => self
                .kinds
                .get(&resource.gvk())
                .or_else(|| self.namespaces.get(resource.key.namespace.as_str())),
        }
    }
}

/// What becomes of an object that stands or falls with its maker.
fn made(maker: Option<&Maker>, synced: &Synced) -> Step {
    let Some(Maker::Object(key)) = maker else {
        return Step::Applied(Applied::Created);
    };
    let failed = synced.failures().find(|(failed, _)| *failed == key);
    match failed {
        None => Step::Applied(Applied::Created),
        Some((_, error)) => {
            let text = format!("it needs `{key}`, which fails");
            Step::Failed(Error::new(error.reason(), text).during(crate::error::During::Write))
        }
    }
}
