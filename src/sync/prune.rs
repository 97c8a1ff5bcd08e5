//! Deletes what pushboat applied and nobody wants any more. The decision is `plan::prune`'s; here it is carried out.

use futures::StreamExt;

use super::apply::wait_until_gone;
use super::events::Events;
use super::interrupt::Interrupt;
use super::lease::Held;
use super::prepare::Prepared;
use super::run::Options;
use crate::cluster::{ApiResource, Deleted, Preconditions, Propagation};
use crate::error::{Error, Reason, Result};
use crate::object::{Key, Object};
use crate::plan::prune::{Candidate, PruneInput, decide};

/// How long a deleted object may take to go.
const GONE_WITHIN: std::time::Duration = std::time::Duration::from_secs(60);
const IN_FLIGHT: usize = 16;

/// What a prune needs.
pub struct Pruning<'a> {
    pub prepared: &'a Prepared,
    pub options: &'a Options,
    pub held: Option<&'a Held>,
    pub events: &'a Events,
    pub interrupt: &'a Interrupt,
}

/// What became of the members that are no longer desired.
#[derive(Debug, Default)]
pub struct Pruned {
    pub deleted: Vec<Key>,
    /// Kept on purpose: they stay members.
    pub kept: Vec<Object>,
    /// Why each was kept, for the report.
    pub kept_why: Vec<(Key, String)>,
    pub failed: Vec<(Key, Error)>,
    pub refused: Option<Error>,
    /// Not pruned because pruning was not asked for or not possible in this run.
    pub n_left: usize,
}

impl Pruned {
    pub fn errors(&self) -> impl Iterator<Item = &Error> {
        self.failed.iter().map(|(_, error)| error).chain(&self.refused)
    }

    /// Whether every extra is gone or kept on purpose, so that the parent may be narrowed.
    pub fn is_settled(&self) -> bool {
        self.failed.is_empty() && self.refused.is_none() && self.n_left == 0
    }
}

/// Prunes the extras of a comparison.
pub async fn prune(pruning: &Pruning<'_>) -> Pruned {
    let comparison = &pruning.prepared.comparison;
    let mut pruned = Pruned::default();
    if !pruning.options.prune {
        pruned.n_left = comparison.extras.len();
        pruned.kept = comparison.extras.clone();
        return pruned;
    }
    let plan = decide(&PruneInput {
        extras: &comparison.extras,
        n_members: comparison.n_members,
        n_desired: pruning.prepared.desired.len(),
        scope_errors: &comparison.unread,
        guards: &pruning.options.guards,
    });
    if let Some(guard) = plan.refused {
        pruned.n_left = comparison.extras.len();
        pruned.refused = Some(guard.into());
        return pruned;
    }
    for (key, why) in plan.kept {
        pruned.kept.extend(comparison.extras.iter().find(|object| object.key() == key).cloned());
        pruning.events.kept(&key, &why.to_string());
        pruned.kept_why.push((key, why.to_string()));
    }
    for stage in plan.delete {
        let mut outcomes = futures::stream::iter(stage.iter().map(|candidate| async move {
            (candidate.key.clone(), delete(pruning, candidate).await)
        }))
        .buffer_unordered(IN_FLIGHT);
        while let Some((key, outcome)) = outcomes.next().await {
            match outcome {
                Ok(()) => {
                    pruning.events.pruned(&key);
                    pruned.deleted.push(key);
                }
                Err(error) => {
                    pruning.events.failed(&key, &error);
                    pruned.failed.push((key, error));
                }
            }
        }
        if !pruned.failed.is_empty() {
            break;
        }
    }
    pruned
}

async fn delete(pruning: &Pruning<'_>, candidate: &Candidate) -> Result<()> {
    if pruning.interrupt.is_set() {
        return Err(Error::new(Reason::Interrupted, "interrupted before it was pruned"));
    }
    if let Some(held) = pruning.held {
        held.ensure().await?;
    }
    let key = &candidate.key;
    let discovery = &pruning.prepared.discovery;
    let Some(resource) = discovery.preferred(&key.group, &key.kind) else {
        return Err(Error::new(Reason::Discovery, format!("{} is not served any more", key.kind)));
    };
    delete_checked(pruning, resource, candidate).await.map_err(|error| error.during(crate::error::During::Write))
}

/// Deletes under preconditions; on a change re-reads and decides again, three times.
async fn delete_checked(pruning: &Pruning<'_>, resource: &ApiResource, candidate: &Candidate) -> Result<()> {
    let cluster = &pruning.prepared.cluster;
    let key = &candidate.key;
    let mut version = candidate.resource_version.clone();
    for _ in 0..3 {
        let preconditions = Preconditions { uid: candidate.uid.clone(), resource_version: version };
        match cluster.delete(resource, key, &preconditions, propagation(resource)).await? {
            Deleted::Gone => return Ok(()),
            Deleted::Pending => {
                return wait_until_gone(cluster, resource, key, &candidate.uid, GONE_WITHIN, pruning.interrupt).await;
            }
            Deleted::Changed => {}
        }
        let Some(found) = cluster.get(resource, &key.namespace, &key.name).await? else { return Ok(()) };
        if found.uid() != candidate.uid {
            return Err(Error::new(Reason::Guard, format!("`{key}` is another object now and was left alone")));
        }
        let again = decide(&PruneInput {
            extras: std::slice::from_ref(&found),
            n_members: pruning.prepared.comparison.n_members,
            n_desired: pruning.prepared.desired.len(),
            scope_errors: &[],
            guards: &pruning.options.guards,
        });
        let is_ours = found.label(crate::object::labels::APPLYSET_PART_OF)
            == Some(pruning.prepared.app.applyset_id().as_str());
        if !is_ours || again.delete.is_empty() {
            return Err(Error::new(Reason::Guard, format!("`{key}` changed hands meanwhile and was left alone")));
        }
        version = found.resource_version().to_owned();
    }
    Err(Error::new(Reason::Conflict, format!("`{key}` keeps changing and was not pruned")))
}

/// Kinds that own others go when their dependents are gone, as with Argo CD; for the rest that is a needless wait.
pub fn propagation(resource: &ApiResource) -> Propagation {
    let has_dependents = match resource.gvk.group.as_str() {
        "" => resource.gvk.kind == "ReplicationController",
        "apps" | "batch" => true,
        group => group.contains('.') && !group.ends_with(".k8s.io"),
    };
    if has_dependents { Propagation::Foreground } else { Propagation::Background }
}
