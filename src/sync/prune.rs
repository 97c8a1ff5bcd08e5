//! Deletes what pushboat applied and nobody wants any more. The decision is `plan::prune`'s; here it is carried out.

use std::collections::{BTreeMap, BTreeSet};

use futures::{FutureExt, StreamExt};

use super::apply::wait_until_gone;
use super::compare::Comparison;
use super::events::Events;
use super::interrupt::Interrupt;
use super::lease::Held;
use super::moving;
use super::overlap::overlap;
use super::prepare::Prepared;
use super::run::Options;
use super::taken_over::taken_from;
use crate::cluster::{ApiResource, Deleted, Preconditions, Propagation};
use crate::error::{Error, Reason, Result};
use crate::object::{Key, Object};
use crate::plan::deletions;
use crate::plan::prune::{Candidate, Evidence, Guards, Kept, PrunePlan, Refused, plan};

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
    /// Kept on purpose, and why: they stay members.
    pub kept: Vec<(Key, String)>,
    pub failed: Vec<(Key, Error)>,
    pub refused: Option<Error>,
    /// Not pruned because pruning was not asked for or not possible in this run.
    pub n_left: usize,
    /// Of those kept: what would go if its deletion were confirmed by name.
    pub n_unconfirmed: usize,
    /// Of those kept: what is not proved to be surplus.
    pub n_unproved: usize,
}

impl Pruned {
    pub fn errors(&self) -> impl Iterator<Item = &Error> {
        self.failed
            .iter()
            .map(|(_, error)| error)
            .chain(&self.refused)
    }

    /// Whether something stays that only its user can let go: by asking for a prune, by confirming it, by mending what cannot be read.
    pub fn leaves_something(&self) -> bool {
        self.n_left > 0 || self.n_unconfirmed > 0 || self.n_unproved > 0
    }

    /// Whether every extra is gone or kept on purpose, so that the parent may be narrowed.
    pub fn is_settled(&self) -> bool {
        self.failed.is_empty() && self.refused.is_none() && self.n_left == 0
    }
}

/// What a prune of this comparison would do. Pure: nothing is sent.
pub fn decide(prepared: &Prepared, guards: &Guards) -> PrunePlan {
    if prepared.comparison.extras.is_empty() || is_taken_over(prepared) {
        return PrunePlan::default();
    }
    plan(&prepared.comparison.extras, &evidence(prepared), guards)
}

/// Whether the record was somebody else's until this run: what is taken over is looked at before it is deleted.
fn is_taken_over(prepared: &Prepared) -> bool {
    let parent = prepared.parent.as_ref();
    parent.is_some_and(|parent| parent.taken_from.is_some())
}

fn evidence(prepared: &Prepared) -> Evidence {
    let comparison = &prepared.comparison;
    let resources = comparison.resources.iter();
    let desired = resources.filter(|resource| resource.desired.is_some());
    Evidence {
        id: prepared.app.applyset_id(),
        former_ids: moving::sets(prepared),
        desired: desired.map(|resource| resource.key.clone()).collect(),
        not_surplus: not_surplus(prepared),
        errors: comparison.unread.iter().map(Error::message).collect(),
        stale_groups: prepared.discovery.broken_groups.keys().cloned().collect(),
        records: records(prepared),
        n_members: comparison.n_members,
        desired_uids: desired_uids(comparison),
    }
}

/// The parents, in every place: they are no members.
fn records(prepared: &Prepared) -> BTreeSet<Key> {
    let former = prepared
        .former
        .iter()
        .map(|former| former.app.parent().key());
    former.chain([prepared.app.parent().key()]).collect()
}

/// Which of the extras are not surplus: another app wants them or may want them, or a rollback must leave them.
fn not_surplus(prepared: &Prepared) -> BTreeMap<Key, Kept> {
    let asking = prepared.app.claimant();
    let extras = prepared.comparison.extras.iter().map(Object::key);
    extras
        .filter_map(|key| {
            let taken_over = || {
                let from = taken_from(&prepared.taken_over, &key)?;
                Some(Kept::TakenOver {
                    from: from.to_owned(),
                })
            };
            let why = Kept::by_claim(&prepared.claims, &key, &asking).or_else(taken_over)?;
            Some((key, why))
        })
        .collect()
}

fn desired_uids(comparison: &Comparison) -> BTreeSet<String> {
    let desired = comparison
        .resources
        .iter()
        .filter(|resource| resource.desired.is_some());
    desired
        .filter_map(|resource| Some(resource.live.as_ref()?.uid.clone()))
        .collect()
}

/// What a sync makes of a member that is no longer desired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Deleted,
    Kept {
        why: String,
    },
    /// It stays because nobody asked for a prune.
    Left,
}

/// What a sync makes of each extra. Pure: nothing is sent.
pub fn fates(prepared: &Prepared, options: &Options) -> BTreeMap<Key, Fate> {
    let plan = decide(prepared, &options.guards);
    let kept = plan.kept.into_iter().map(|(key, why)| {
        let why = why_kept(&key, &why);
        (key, Fate::Kept { why })
    });
    let held = plan.refused.into_iter().flat_map(|refused| {
        let why = refused.guard.describe(refused.candidates.len());
        let fate = if options.prune {
            Fate::Kept { why }
        } else {
            Fate::Left
        };
        let candidates = refused.candidates.into_iter();
        candidates.map(move |candidate| (candidate.key, fate.clone()))
    });
    let fate = if options.prune {
        Fate::Deleted
    } else {
        Fate::Left
    };
    let deleted = plan.delete.into_iter();
    let deleted = deleted.map(|candidate| (candidate.key, fate.clone()));
    kept.chain(held).chain(deleted).collect()
}

/// A guard's refusal as an error.
fn refusal(refused: &Refused) -> Error {
    let n = refused.candidates.len();
    Error::new(Reason::Guard, refused.guard.describe(n)).hint(refused.guard.hint(n))
}

/// Why a member stays, and what would let it go.
fn why_kept(key: &Key, why: &Kept) -> String {
    match why {
        Kept::NotConfirmed => {
            let (kind, name) = (&key.kind, &key.name);
            format!("{}; pass `--confirm-prune {kind}/{name}`", why.describe())
        }
        why => why.describe(),
    }
}

/// What to delete, and what is known of the outcome before the first request: what is kept, or why nothing goes.
fn begin(prepared: &Prepared, options: &Options) -> (Vec<Candidate>, Pruned) {
    let left = |refused| Pruned {
        n_left: prepared.comparison.n_surplus(),
        refused,
        ..Pruned::default()
    };
    if !options.prune || is_taken_over(prepared) {
        return (Vec::new(), left(None));
    }
    let plan = decide(prepared, &options.guards);
    if let Some(refused) = &plan.refused {
        return (Vec::new(), left(Some(refusal(refused))));
    }
    let n_open = plan.kept.iter().filter(|(_, why)| why.is_open()).count();
    let is_unconfirmed = |(_, why): &&(Key, Kept)| *why == Kept::NotConfirmed;
    let n_unconfirmed = plan.kept.iter().filter(is_unconfirmed).count();
    let kept = plan.kept.into_iter().map(|(key, why)| {
        let why = why_kept(&key, &why);
        (key, why)
    });
    let pruned = Pruned {
        kept: kept.collect(),
        n_unconfirmed,
        n_unproved: n_open - n_unconfirmed,
        ..Pruned::default()
    };
    (plan.delete, pruned)
}

/// What a prune would do, in the words of one that was done. Sends nothing.
pub fn preview(prepared: &Prepared, options: &Options) -> Pruned {
    let (candidates, pruned) = begin(prepared, options);
    Pruned {
        deleted: candidates.into_iter().map(|it| it.key).collect(),
        ..pruned
    }
}

/// Prunes the extras of a comparison.
pub async fn prune(pruning: &Pruning<'_>) -> Pruned {
    let (candidates, mut pruned) = begin(pruning.prepared, pruning.options);
    for (key, why) in &pruned.kept {
        pruning.events.kept(key, why);
    }
    let extras = &pruning.prepared.comparison.extras;
    for step in deletions(extras) {
        let step: Vec<&Candidate> = step
            .objects()
            .filter_map(|n| extras.get(n))
            .filter_map(|object| {
                candidates
                    .iter()
                    .find(|candidate| candidate.key == object.key())
            })
            .collect();
        delete_all(pruning, &step, &mut pruned).await;
        if !pruned.failed.is_empty() {
            break;
        }
    }
    pruned
}

async fn delete_all(pruning: &Pruning<'_>, candidates: &[&Candidate], pruned: &mut Pruned) {
    let deletes = candidates.iter().map(|candidate| {
        let candidate = *candidate;
        async move { (candidate.key.clone(), delete(pruning, candidate).await) }.boxed()
    });
    let mut outcomes = overlap(deletes.collect(), IN_FLIGHT);
    while let Some((key, outcome)) = outcomes.next().await {
        match outcome {
            Ok(()) => {
                pruning.events.pruned(&key);
                pruned.deleted.push(key);
            }
            Err(error) => {
                let error = pruning.prepared.redactor.error(&key, error);
                pruning.events.failed(&key, &error);
                pruned.failed.push((key, error));
            }
        }
    }
}

async fn delete(pruning: &Pruning<'_>, candidate: &Candidate) -> Result<()> {
    if pruning.interrupt.is_set() {
        return Err(Error::new(
            Reason::Interrupted,
            "interrupted before it was pruned",
        ));
    }
    if let Some(held) = pruning.held {
        held.ensure().await?;
    }
    let key = &candidate.key;
    let discovery = &pruning.prepared.discovery;
    let Some(resource) = discovery.preferred(&key.group, &key.kind) else {
        return Err(Error::new(
            Reason::Discovery,
            format!("{} is not served any more", key.kind),
        ));
    };
    delete_checked(pruning, resource, candidate)
        .await
        .map_err(|error| error.during(crate::error::During::Write))
}

/// Deletes under preconditions; on a change re-reads and decides again, three times.
async fn delete_checked(
    pruning: &Pruning<'_>,
    resource: &ApiResource,
    candidate: &Candidate,
) -> Result<()> {
    let cluster = &pruning.prepared.cluster;
    let key = &candidate.key;
    let mut version = candidate.resource_version.clone();
    for _ in 0..3 {
        let preconditions = Preconditions {
            uid: candidate.uid.clone(),
            resource_version: version,
        };
        match cluster
            .delete(resource, key, &preconditions, propagation(resource))
            .await?
        {
            Deleted::Gone => return Ok(()),
            Deleted::Pending => {
                return wait_until_gone(
                    cluster,
                    resource,
                    key,
                    &candidate.uid,
                    GONE_WITHIN,
                    pruning.interrupt,
                )
                .await;
            }
            Deleted::Changed => {}
        }
        let Some(found) = cluster.get(resource, &key.namespace, &key.name).await? else {
            return Ok(());
        };
        still_prunable(pruning, &found, candidate)?;
        version = found.resource_version().to_owned();
    }
    Err(Error::new(
        Reason::Conflict,
        format!("`{key}` keeps changing and was not pruned"),
    ))
}

/// Whether an object that changed between list and delete may still go.
fn still_prunable(pruning: &Pruning<'_>, found: &Object, candidate: &Candidate) -> Result<()> {
    let left = |why: &str| {
        let text = format!(
            "`{}` changed meanwhile and was left alone: {why}",
            candidate.key
        );
        Err(Error::new(Reason::Guard, text))
    };
    if found.uid() != candidate.uid {
        return left("it is another object now");
    }
    let evidence = Evidence {
        errors: Vec::new(),
        ..evidence(pruning.prepared)
    };
    let again = plan(
        std::slice::from_ref(found),
        &evidence,
        &pruning.options.guards,
    );
    match again.kept.first() {
        Some((_, why)) => left(&why.describe()),
        None if again.delete.is_empty() => left("a guard holds it back"),
        None => Ok(()),
    }
}

/// Kinds that own others go when their dependents are gone, as with Argo CD; for the rest that is a needless wait.
pub fn propagation(resource: &ApiResource) -> Propagation {
    let has_dependents = match resource.gvk.group.as_str() {
        "" => resource.gvk.kind == "ReplicationController",
        "apps" | "batch" => true,
        group => group.contains('.') && !group.ends_with(".k8s.io"),
    };
    if has_dependents {
        Propagation::Foreground
    } else {
        Propagation::Background
    }
}
