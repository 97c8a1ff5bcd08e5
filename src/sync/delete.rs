//! Takes an app off a cluster: its objects, or only what pushboat remembers of them.
//!
//! The records go last, the parent after the history, so that a delete that was cut short is found and finished by the next one.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, resume_unwind};

use futures::{FutureExt, StreamExt};

use super::again::{Confirm, settle};
use super::clock::rfc3339_micro;
use super::events::Events;
use super::history;
use super::interrupt::Interrupt;
use super::lease::{self, Held, Lock, Locker};
use super::moving;
use super::overlap::overlap;
use super::parent::{self, Content, Parent, Phase};
use super::prepare::Prepared;
use super::prune::{self, Pruned, Pruning};
use super::run::Options;
use crate::cluster::Deleted;
use crate::error::{Error, Reason, Result};
use crate::object::{Key, Object, labels};
use crate::plan::ownership::owns_membership;

const IN_FLIGHT: usize = 16;

/// What a delete takes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cascade {
    /// All members.
    Members,
    /// Only the records; the objects stay and lose the member label.
    RecordsOnly,
}

/// Everything a delete needs from outside.
pub struct Deleting<'a> {
    pub cascade: Cascade,
    /// With the guards that were asked for; they prune where the cascade takes members along.
    pub options: &'a Options,
    pub locker: &'a Locker,
    pub events: &'a Events,
    pub interrupt: &'a Interrupt,
    /// What is asked when the cluster moved on before the lock was ours.
    pub confirm: &'a dyn Confirm,
}

/// How a delete ended.
#[derive(Debug, Default)]
pub struct DeletedApp {
    pub pruned: Pruned,
    /// Objects that stay and are no members any more.
    pub released: Vec<Key>,
    pub records_removed: bool,
    pub error: Option<Error>,
}

/// Deletes an app. `prepared` was made with nothing desired, so every member is an extra.
pub async fn delete(prepared: &mut Prepared, deleting: &Deleting<'_>) -> DeletedApp {
    let mut deleted = DeletedApp::default();
    if let Err(error) = locked(prepared, deleting, &mut deleted).await {
        deleted.error = Some(error);
    }
    deleted
}

async fn locked(
    prepared: &mut Prepared,
    deleting: &Deleting<'_>,
    deleted: &mut DeletedApp,
) -> Result<()> {
    if prepared.parent.is_none() {
        return Ok(());
    }
    let tell = |holder: &str, since: &str| deleting.events.waiting_for_lock(holder, since);
    let (cluster, app) = (prepared.cluster.clone(), prepared.app.clone());
    let (locker, interrupt) = (deleting.locker, deleting.interrupt);
    let (held, lock) = lease::acquire(&cluster, &app, locker, interrupt, &tell).await?;
    prepared.cluster = cluster.guarded(held.guard());
    let work = decided(prepared, deleting, &held, lock, deleted);
    // The lock is given back whatever becomes of the work: a bug must not hold up the next run.
    let result = AssertUnwindSafe(work).catch_unwind().await;
    let given_back = if deleted.records_removed {
        held.remove().await
    } else {
        held.release().await
    };
    result
        .unwrap_or_else(|panic| resume_unwind(panic))
        .and(given_back)
}

/// With the lock: decides again what may have changed, then deletes the members and after them the records.
async fn decided(
    prepared: &mut Prepared,
    deleting: &Deleting<'_>,
    held: &Held,
    lock: Lock,
    deleted: &mut DeletedApp,
) -> Result<()> {
    settle(prepared, deleting.options, deleting.confirm, lock).await?;
    let Some(parent) = &prepared.parent else {
        // Another delete came first.
        deleted.records_removed = true;
        return Ok(());
    };
    let parent = begin(prepared, deleting, held, parent).await?;
    let tell = |holder: &str, since: &str| deleting.events.waiting_for_lock(holder, since);
    let (locker, interrupt) = (deleting.locker, deleting.interrupt);
    let (locks, _) = moving::lock(prepared, locker, interrupt, &tell).await?;
    let mut result = members(prepared, deleting, held, deleted).await;
    let is_complete = result.is_ok() && is_complete(&deleted.pruned);
    if is_complete {
        result = moving::finish(prepared, &BTreeSet::new()).await.map(|_| ());
    }
    moving::release(&locks).await;
    if !is_complete || result.is_err() {
        return result;
    }
    history::remove_all(&prepared.cluster, &prepared.app).await?;
    held.ensure().await?;
    match parent::delete(&prepared.cluster, &parent).await? {
        Deleted::Gone | Deleted::Pending => {}
        Deleted::Changed => {
            let text = "the parent record was changed by somebody and stays";
            return Err(Error::new(Reason::Conflict, text).hint("run the delete again"));
        }
    }
    deleted.records_removed = true;
    Ok(())
}

/// Notes in the parent that members are about to go: a comparison that was made before is out of date then.
async fn begin(
    prepared: &Prepared,
    deleting: &Deleting<'_>,
    held: &Held,
    parent: &Parent,
) -> Result<Parent> {
    refuse_unread(prepared)?;
    held.ensure().await?;
    let content = Content {
        phase: Phase::InProgress,
        since: rfc3339_micro(deleting.locker.clock.now()),
        ..parent.content.clone()
    };
    let (cluster, app) = (&prepared.cluster, &prepared.app);
    parent::write(cluster, app, &content, Some(parent)).await
}

async fn members(
    prepared: &Prepared,
    deleting: &Deleting<'_>,
    held: &Held,
    deleted: &mut DeletedApp,
) -> Result<()> {
    match deleting.cascade {
        Cascade::Members => {
            let pruning = Pruning {
                prepared,
                options: deleting.options,
                held: Some(held),
                events: deleting.events,
                interrupt: deleting.interrupt,
            };
            deleted.pruned = prune::prune(&pruning).await;
        }
        Cascade::RecordsOnly => {}
    }
    release_all(
        prepared,
        held,
        staying(prepared, deleting.cascade, &deleted.pruned),
        deleted,
    )
    .await
}

/// Whether nothing is left to do. What waits for a person is found by the next delete only while label and records stay.
fn is_complete(pruned: &Pruned) -> bool {
    pruned.is_settled() && !pruned.leaves_something()
}

/// What nobody could read might be a member too.
fn refuse_unread(prepared: &Prepared) -> Result<()> {
    match prepared.comparison.unread.first() {
        None => Ok(()),
        Some(error) => Err(error
            .clone()
            .context("not every member could be read, so nothing was deleted")),
    }
}

/// The members that stay when all is done. They must not look like members of a set that is gone. A label that pushboat's own
/// apply did not set is somebody else's to take off: the object may be another app's.
fn staying(prepared: &Prepared, cascade: Cascade, pruned: &Pruned) -> Vec<Key> {
    let extras = prepared.comparison.extras.iter();
    let own = extras.filter(|it| owns_membership(it)).map(Object::key);
    match cascade {
        Cascade::Members if !is_complete(pruned) => Vec::new(),
        Cascade::Members => own
            .filter(|key| pruned.kept.iter().any(|(kept, _)| kept == key))
            .collect(),
        Cascade::RecordsOnly => own.collect(),
    }
}

/// What a delete would do, in the words of one that was done. Sends nothing.
pub fn preview(prepared: &Prepared, cascade: Cascade, options: &Options) -> DeletedApp {
    let mut deleted = DeletedApp::default();
    if prepared.parent.is_none() {
        return deleted;
    }
    deleted.error = refuse_unread(prepared).err();
    if deleted.error.is_some() {
        return deleted;
    }
    if cascade == Cascade::Members {
        deleted.pruned = prune::preview(prepared, options);
    }
    deleted.released = staying(prepared, cascade, &deleted.pruned);
    deleted.records_removed = is_complete(&deleted.pruned);
    deleted
}

/// Takes the member label off objects that stay.
async fn release_all(
    prepared: &Prepared,
    held: &Held,
    keys: Vec<Key>,
    deleted: &mut DeletedApp,
) -> Result<()> {
    let releases = keys.into_iter().map(|key| {
        async move {
            held.ensure().await?;
            release(prepared, &key).await.map(|()| key)
        }
        .boxed()
    });
    let mut answers = overlap(releases.collect(), IN_FLIGHT);
    while let Some(answer) = answers.next().await {
        deleted.released.push(answer?);
    }
    Ok(())
}

async fn release(prepared: &Prepared, key: &Key) -> Result<()> {
    let Some(resource) = prepared.discovery.preferred(&key.group, &key.kind) else {
        let message = format!("`{key}` keeps its member label: its kind is not served any more");
        return Err(Error::new(Reason::Discovery, message));
    };
    for _ in 0..5 {
        let Some(mut object) = prepared
            .cluster
            .get(resource, &key.namespace, &key.name)
            .await?
        else {
            return Ok(());
        };
        let set = object.label(labels::APPLYSET_PART_OF).unwrap_or_default();
        if !moving::sets(prepared).contains(set) || !owns_membership(&object) {
            return Ok(());
        }
        object = super::run::without_label(object);
        if prepared.cluster.replace(resource, &object).await?.is_some() {
            return Ok(());
        }
    }
    Err(Error::new(
        Reason::Conflict,
        format!("`{key}` keeps changing; its member label stays"),
    ))
}
