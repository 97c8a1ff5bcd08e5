//! What a sync would do, tried on the servers where they can try it.
//!
//! It writes nothing, not even records: every request in here is a read or a dry run.

use std::collections::BTreeSet;

use super::apply::{Applied, Policy};
use super::compare::Resource;
use super::prepare::Prepared;
use super::prune::preview;
use super::run::{Run, Step, Synced, writes};
use super::stages::apply_all;
use crate::cluster::ApiResource;
use crate::error::{Reason, Result};
use crate::plan::ResourceStatus;

/// Tries every write and tells it as if it were done.
pub(super) async fn dry_run(prepared: &Prepared, run: &Run<'_>, synced: &mut Synced) -> Result<()> {
    let policy = Policy {
        force_conflicts: run.options.force_conflicts,
        adopt: run.options.adopt,
        dry_run: true,
        rewriting: run.options.rewriting,
    };
    let new = new_namespaces(prepared, run).await?;
    let (later, todo): (Vec<&Resource>, Vec<&Resource>) = writes(prepared)
        .into_iter()
        .partition(|resource| new.contains(resource.key.namespace.as_str()));
    apply_all(prepared, run, None, &todo, policy, synced).await;
    synced.steps.extend(
        later
            .iter()
            .map(|resource| (resource.key.clone(), Step::Applied(Applied::Created))),
    );
    synced.pruned = preview(prepared, run.options);
    // What cannot be tried because it builds on this very sync is not a failure of it.
    for (_, step) in &mut synced.steps {
        if matches!(step, Step::Failed(error) if error.reason() == Reason::Config) {
            *step = Step::Applied(Applied::Created);
        }
    }
    synced.steps.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(())
}

/// The namespaces that this sync would make: a server cannot try anything in them yet.
async fn new_namespaces<'a>(prepared: &'a Prepared, run: &Run<'_>) -> Result<BTreeSet<&'a str>> {
    let missing = prepared
        .comparison
        .resources
        .iter()
        .filter(|resource| resource.status == ResourceStatus::Missing);
    let of_app = missing
        .filter(|resource| resource.key.group.is_empty() && resource.key.kind == "Namespace");
    let mut new: BTreeSet<&str> = of_app.map(|resource| resource.key.name.as_str()).collect();
    let own = prepared.app.namespace.as_str();
    if run.options.create_namespace
        && !own.is_empty()
        && prepared
            .cluster
            .get(&ApiResource::namespace(), "", own)
            .await?
            .is_none()
    {
        new.insert(own);
    }
    Ok(new)
}
