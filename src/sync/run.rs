//! One sync of one app, from lock to release.
//!
//! The comparison has been made and shown before; here it is acted on. Records bracket the writes, so that a process that dies between
//! any two requests leaves everything findable and the next run ends in the same state.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::{Duration, Instant};

use futures::FutureExt;

use super::absence::{compare_again, within_reach};
use super::admission::{Ancestry, admit, is_applied, is_said};
use super::again::{Confirm, settle};
use super::apply::Applied;
use super::clock::{rfc3339, rfc3339_micro};
use super::compare::Resource;
use super::events::Events;
use super::foreign::Sharing;
use super::history::{self, Entry, History, Info, Outcome, ScopeText};
use super::interrupt::Interrupt;
use super::lease::{self, Held, Lock, Locker, without_lease};
use super::moving;
use super::namespace::ensure_namespace;
use super::opening::{info, seal_key};
use super::parent::{self, Content, Deployed, Parent, Phase};
use super::prepare::Prepared;
use super::prune::{Pruned, Pruning, decide, preview, prune};
use super::records;
use super::stages::{apply_stages, ensure};
use super::wait::{Waited, Waiting, wait_healthy};
use crate::error::{Error, Reason, Result};
use crate::object::{Key, Object};
use crate::plan::applyset::Scope;
use crate::plan::prune::Guards;
use crate::plan::replacement::Rewriting;
use crate::plan::seal::SealKey;

/// How to sync.
#[derive(Debug, Clone)]
pub struct Options {
    /// Delete members that are no longer desired.
    pub prune: bool,
    pub guards: Guards,
    pub force_conflicts: bool,
    /// What the app or the command line asks for all objects: to be written over, or deleted and created anew.
    pub rewriting: Rewriting,
    /// Create the destination namespace if it is absent.
    pub create_namespace: bool,
    /// Wait this long for health, if at all.
    pub wait: Option<Duration>,
    /// And never longer than until then, so that the records after it can still be written.
    pub wait_until: Option<Instant>,
    /// Send nothing but dry runs.
    pub dry_run: bool,
    /// Sync even though this very content was rolled back.
    pub undo_rollback: bool,
    /// Take objects from the sets of other apps and tools.
    pub adopt: bool,
    pub sharing: Sharing,
    /// Write without the Lease, where the account may not hold one.
    pub without_lock: bool,
    pub history_limit: usize,
}

/// Where the desired objects come from, for the history.
#[derive(Debug, Clone)]
pub struct Source {
    pub revision: String,
    pub dirty: bool,
    pub path: String,
    pub rollback: Option<Rollback>,
    pub ancestry: Ancestry,
    /// Of the rendered objects as the repository has them. It may tell of Secrets: records hold it sealed only.
    pub digest: String,
    /// A new random key, for a record that has none.
    pub fresh_key: SealKey,
}

impl Source {
    /// What the parent says of it.
    fn deployed(&self) -> Deployed {
        Deployed {
            revision: self.revision.clone(),
            dirty: self.dirty,
        }
    }
}

/// What makes a run a rollback.
#[derive(Debug, Clone, Copy)]
pub struct Rollback {
    /// The history entry that is deployed again.
    pub to: u64,
    /// The newest entry when it was chosen.
    pub newest: u64,
}

/// Everything one run needs from outside.
pub struct Run<'a> {
    pub options: &'a Options,
    pub source: &'a Source,
    pub locker: &'a Locker,
    pub events: &'a Events,
    pub interrupt: &'a Interrupt,
    /// What is asked when the cluster moved on before the lock was ours.
    pub confirm: &'a dyn Confirm,
}

/// What became of one object.
#[derive(Debug, Clone)]
pub enum Step {
    Applied(Applied),
    /// In sync already: nothing was sent.
    InSync,
    Failed(Error),
    /// Not tried, because the run had to stop.
    Skipped,
}

/// How a sync ended.
#[derive(Debug, Default)]
pub struct Synced {
    /// Set when nothing was written at all.
    pub nothing_to_do: bool,
    pub history_id: Option<u64>,
    pub steps: Vec<(Key, Step)>,
    pub pruned: Pruned,
    /// What changed in the records beside the objects, for people.
    pub records: Vec<String>,
    pub waited: Option<Waited>,
    /// Parts of the scope that could not be read: what is left over there is not known.
    pub unread: Vec<Error>,
    /// What stopped the run as a whole.
    pub error: Option<Error>,
    pub duration: Duration,
}

impl Synced {
    pub fn failures(&self) -> impl Iterator<Item = (&Key, &Error)> {
        self.steps.iter().filter_map(|(key, step)| match step {
            Step::Failed(error) => Some((key, error)),
            Step::Applied(_) | Step::InSync | Step::Skipped => None,
        })
    }

    pub fn count(&self, applied: Applied) -> usize {
        self.steps
            .iter()
            .filter(|(_, step)| matches!(step, Step::Applied(a) if *a == applied))
            .count()
    }

    /// Whether something other than the cluster's trouble stopped it: trying again would not help.
    pub fn is_held_back(&self) -> bool {
        let held_back = |error: &Error| {
            matches!(
                error.reason(),
                Reason::Guard | Reason::LockLost | Reason::Interrupted
            )
        };
        self.error.as_ref().is_some_and(held_back)
            || self.pruned.refused.is_some()
            || self.failures().any(|(_, error)| held_back(error))
            || (self.pruned.leaves_something() && self.all_applied())
    }

    pub(super) fn all_applied(&self) -> bool {
        self.error.is_none()
            && self
                .steps
                .iter()
                .all(|(_, step)| matches!(step, Step::Applied(_) | Step::InSync))
    }

    /// The worst of everything that went wrong.
    pub fn exit(&self) -> crate::exit::Exit {
        let exit = self.worst_error();
        if self.pruned.leaves_something() {
            exit.worst(crate::exit::Exit::No)
        } else {
            exit
        }
    }

    /// The same without what was left in place, which is no failure.
    fn worst_error(&self) -> crate::exit::Exit {
        let errors = self
            .error
            .iter()
            .chain(self.failures().map(|(_, error)| error))
            .chain(self.pruned.errors())
            .chain(&self.unread)
            .chain(
                self.waited
                    .iter()
                    .filter_map(|waited| waited.failure.as_ref()),
            );
        errors.map(Error::exit).collect()
    }
}

/// Whether a sync of this comparison would write nothing, records included.
pub fn is_nothing_to_do(prepared: &Prepared, options: &Options) -> bool {
    let comparison = &prepared.comparison;
    let Some(parent) = &prepared.parent else {
        return false;
    };
    let stays = prepared.desired.iter().chain(&comparison.extras);
    let stays = prepared.app.scope_of(stays);
    // What could not be read is not narrowed away: a record that names more is as it should be.
    let is_as_it_should_be = match comparison.unread.is_empty() {
        true => parent.content.scope == stays,
        false => parent.content.scope == parent.content.scope.widened(&stays),
    };
    let is_recorded = parent.content.phase == Phase::Done
        && parent.is_current()
        && parent.content.also_in == moving::places(prepared)
        && is_as_it_should_be;
    let prunes = || {
        let plan = decide(prepared, &options.guards);
        !plan.delete.is_empty() || plan.refused.is_some()
    };
    let left = moving::sets_left(prepared, |_| false);
    let mut former = prepared.former.iter();
    is_recorded
        && former.all(|former| left.contains(&former.app.applyset_id()))
        && writes(prepared).is_empty()
        && !(options.prune && prunes())
}

/// Makes the cluster match.
pub async fn run(mut prepared: Prepared, run: &Run<'_>) -> Synced {
    let started = Instant::now();
    let mut synced = Synced::default();
    let result = attempt(&mut prepared, run, &mut synced).await;
    synced.unread = prepared.take_unread(run.options);
    if let Err(error) = result {
        synced.error.get_or_insert(error);
    }
    synced.duration = started.elapsed();
    synced
}

async fn attempt(prepared: &mut Prepared, run: &Run<'_>, synced: &mut Synced) -> Result<()> {
    if run.options.dry_run {
        synced.records = prepared.record_changes();
        super::dry_run::dry_run(prepared, run, synced).await
    } else if is_settled(prepared, run).await? {
        nothing_to_do(prepared, run, synced).await;
        Ok(())
    } else {
        locked(prepared, run, synced).await
    }
}

/// Whether nothing is to be written, not even a record: a rollback that finds every object as it should be is written down all the same,
/// or the next sync would bring back what was rolled back.
async fn is_settled(prepared: &Prepared, run: &Run<'_>) -> Result<bool> {
    if !is_nothing_to_do(prepared, run.options) {
        return Ok(false);
    }
    match run.source.rollback {
        None => Ok(true),
        Some(_) => {
            let history = history::list(&prepared.cluster, &prepared.app).await?;
            Ok(is_said(
                prepared.parent.as_ref(),
                &history.entries,
                run.source,
            ))
        }
    }
}

async fn nothing_to_do(prepared: &Prepared, run: &Run<'_>, synced: &mut Synced) {
    synced.nothing_to_do = true;
    synced.steps = in_sync_steps(prepared);
    synced.pruned = preview(prepared, run.options);
    wait(prepared, run, synced).await;
}

fn in_sync_steps(prepared: &Prepared) -> Vec<(Key, Step)> {
    let desired = prepared
        .comparison
        .resources
        .iter()
        .filter(|resource| resource.desired.is_some());
    desired
        .map(|resource| (resource.key.clone(), Step::InSync))
        .collect()
}

/// The desired objects that a request must be sent for.
pub(super) fn writes(prepared: &Prepared) -> Vec<&Resource> {
    let resources = prepared.comparison.resources.iter();
    resources
        .filter(|resource| resource.needs_write())
        .collect()
}

async fn locked(prepared: &mut Prepared, run: &Run<'_>, synced: &mut Synced) -> Result<()> {
    ensure_namespace(prepared, run).await?;
    let tell = |holder: &str, since: &str| run.events.waiting_for_lock(holder, since);
    let (held, lock) = if run.options.without_lock {
        (None, Lock::Free)
    } else {
        let (cluster, app) = (&prepared.cluster, &prepared.app);
        let lease = lease::acquire(cluster, app, run.locker, run.interrupt, &tell).await;
        let (held, lock) = lease.map_err(without_lease)?;
        (Some(held), lock)
    };
    if let Some(held) = &held {
        prepared.cluster = prepared.cluster.guarded(held.guard());
    }
    let work = decided(prepared, run, held.as_ref(), lock, synced);
    // The lock is given back whatever becomes of the work: a bug must not hold up the next sync.
    let result = AssertUnwindSafe(work).catch_unwind().await;
    if let Some(held) = held
        && let Err(error) = held.release().await
    {
        run.events.warning(&format!(
            "the lock was not given back, it expires by itself: {error}"
        ));
    }
    result.unwrap_or_else(|panic| resume_unwind(panic))
}

/// With the lock: decides again what may have changed, then acts.
async fn decided(
    prepared: &mut Prepared,
    run: &Run<'_>,
    held: Option<&Held>,
    lock: Lock,
    synced: &mut Synced,
) -> Result<()> {
    for lock in [lock, Lock::Busy, Lock::Busy] {
        settle(prepared, run.options, run.confirm, lock).await?;
        if is_settled(prepared, run).await? {
            nothing_to_do(prepared, run, synced).await;
            return Ok(());
        }
        let locks = moved_locks(prepared, run).await?;
        let result = recorded(prepared, run, held, synced).await;
        moving::release(&locks).await;
        match result {
            // The parent was written by somebody since it was read, so nothing else was: decided once more.
            Err(error) if error.reason() == Reason::Conflict && synced.history_id.is_none() => {}
            result => return result,
        }
    }
    let text = "the parent record keeps changing, and nothing was written";
    Err(Error::new(Reason::Conflict, text).hint("find out who else writes it"))
}

/// Takes the locks of the places that the app moved from; where one was busy everything is decided again.
async fn moved_locks(prepared: &mut Prepared, run: &Run<'_>) -> Result<Vec<Held>> {
    if prepared.former.is_empty() || run.options.without_lock {
        return Ok(Vec::new());
    }
    let tell = |holder: &str, since: &str| run.events.waiting_for_lock(holder, since);
    let (locks, lock) = moving::lock(prepared, run.locker, run.interrupt, &tell)
        .await
        .map_err(without_lease)?;
    match settle(prepared, run.options, run.confirm, lock).await {
        Ok(()) => Ok(locks),
        Err(error) => {
            moving::release(&locks).await;
            Err(error)
        }
    }
}

/// Records, writes, records.
async fn recorded(
    prepared: &mut Prepared,
    run: &Run<'_>,
    held: Option<&Held>,
    synced: &mut Synced,
) -> Result<()> {
    ensure(held).await?;
    moving::link(prepared).await?;
    moving::carry_over(prepared).await?;
    let history = settle_history(prepared, run).await?;
    admit(prepared.parent.as_ref(), &history.entries, run)?;
    let id = history.next_id()?;
    records::complete(prepared, run.events, &history).await;
    let within_reach = within_reach(prepared);
    let recorded = prepared.parent.as_ref();
    let scope = recorded.map_or_else(Scope::default, |parent| parent.content.scope.clone());
    let content = Content {
        scope: scope.widened(&prepared.app.scope_of(&*within_reach)),
        phase: Phase::InProgress,
        since: rfc3339_micro(run.locker.clock.now()),
        also_in: moving::places(prepared),
        deployed: Some(run.source.deployed()),
        key: Some(seal_key(prepared, run)),
    };
    ensure(held).await?;
    let (cluster, app) = (&prepared.cluster, &prepared.app);
    let parent = parent::write(cluster, app, &content, recorded).await?;
    synced.records = prepared.record_changes();
    let info = Info {
        scope: Some(ScopeText::from(&content.scope)),
        ..info(
            prepared,
            run,
            &history.entries,
            (id, &seal_key(prepared, run)),
        )
    };
    let mut entry = history::begin(cluster, app, info, &within_reach).await?;
    synced.history_id = Some(entry.info.id);

    apply_stages(prepared, run, held, synced).await;
    compare_again(prepared).await;
    if synced.all_applied() {
        entry.info = is_applied(entry.info);
        if run.options.wait.is_some() {
            // Whoever dies while waiting has deployed all the same.
            let info = entry.info.clone();
            let (cluster, app) = (&prepared.cluster, &prepared.app);
            entry = history::update(cluster, app, &entry, info).await?;
            wait(prepared, run, synced).await;
        }
    }
    prune_extras(prepared, run, held, synced).await;
    let opened = Opened {
        content,
        parent,
        entry,
    };
    close(prepared, run, held, synced, opened).await
}

/// The records of a run that is under way.
struct Opened {
    /// What the parent is to say, and how it was written last.
    content: Content,
    parent: Parent,
    entry: Entry,
}

/// Reads the history; entries still `InProgress` belong to processes that died, since we hold the lock.
async fn settle_history(prepared: &Prepared, run: &Run<'_>) -> Result<History> {
    let mut history = history::list(&prepared.cluster, &prepared.app).await?;
    for entry in &mut history.entries {
        if entry.info.result == Outcome::InProgress {
            run.events.warning(&format!(
                "the sync of {} by {} was interrupted; this one goes on from there",
                entry.info.started_at, entry.info.by
            ));
            let info = Info {
                result: Outcome::Interrupted,
                ..entry.info.clone()
            };
            *entry = history::update(&prepared.cluster, &prepared.app, entry, info).await?;
        }
    }
    Ok(history)
}

async fn wait(prepared: &Prepared, run: &Run<'_>, synced: &mut Synced) {
    let Some(limit) = run.options.wait else {
        return;
    };
    synced.waited = Some(wait_healthy(&waiting(prepared, run, limit), &prepared.desired).await);
}

pub(super) fn waiting<'a>(prepared: &'a Prepared, run: &Run<'a>, limit: Duration) -> Waiting<'a> {
    let left = run
        .options
        .wait_until
        .map(|until| until.saturating_duration_since(Instant::now()));
    let limit = left.map_or(limit, |left| limit.min(left));
    Waiting {
        cluster: &prepared.cluster,
        discovery: &prepared.discovery,
        app: &prepared.app,
        limit,
        events: run.events,
        interrupt: run.interrupt,
        redactor: &prepared.redactor,
    }
}

async fn prune_extras(
    prepared: &Prepared,
    run: &Run<'_>,
    held: Option<&Held>,
    synced: &mut Synced,
) {
    if prepared.comparison.extras.is_empty() {
        return;
    }
    let is_good = synced.all_applied()
        && synced
            .waited
            .as_ref()
            .is_none_or(|waited| waited.failure.is_none());
    if !is_good {
        synced.pruned.n_left = prepared.comparison.n_surplus();
        run.events
            .warning("nothing was pruned, because the sync did not succeed as a whole");
        return;
    }
    let pruning = Pruning {
        prepared,
        options: run.options,
        held,
        events: run.events,
        interrupt: run.interrupt,
    };
    synced.pruned = prune(&pruning).await;
}

/// Narrows the parent if everything went well, closes the history entry, and drops old ones.
async fn close(
    prepared: &Prepared,
    run: &Run<'_>,
    held: Option<&Held>,
    synced: &Synced,
    opened: Opened,
) -> Result<()> {
    let Opened {
        mut content,
        mut parent,
        entry,
    } = opened;
    let (cluster, app) = (&prepared.cluster, &prepared.app);
    let is_good = synced.all_applied() && (synced.pruned.is_settled() || !run.options.prune);
    let scope = if is_good && prepared.comparison.unread.is_empty() {
        let is_left = |object: &&Object| !synced.pruned.deleted.contains(&object.key());
        let left = prepared.comparison.extras.iter().filter(is_left);
        prepared.app.scope_of(prepared.desired.iter().chain(left))
    } else {
        content.scope.clone()
    };
    ensure(held).await?;
    if scope != content.scope {
        content.scope = scope;
        parent = parent::write(cluster, app, &content, Some(&parent)).await?;
    }
    let is_interrupted = synced
        .error
        .as_ref()
        .is_some_and(|error| error.reason() == Reason::Interrupted);
    let info = Info {
        finished_at: Some(rfc3339(run.locker.clock.now())),
        result: match synced.worst_error() {
            crate::exit::Exit::Ok => Outcome::Succeeded,
            _ if is_interrupted => Outcome::Interrupted,
            _ => Outcome::Failed,
        },
        created: synced.count(Applied::Created),
        configured: synced.count(Applied::Configured) + synced.count(Applied::Replaced),
        pruned: synced.pruned.deleted.len(),
        failed: synced.failures().count(),
        scope: Some(ScopeText::from(&content.scope)),
        ..entry.info.clone()
    };
    history::update(cluster, app, &entry, info).await?;
    if is_good && prepared.comparison.unread.is_empty() {
        let is_deleted = |key: &Key| synced.pruned.deleted.contains(key);
        let left = moving::sets_left(prepared, is_deleted);
        content.also_in = moving::finish(prepared, &left).await?;
    }
    if is_good {
        // Last, because after a parent that is done the next sync writes nothing: no entry must stay in progress before it.
        content.phase = Phase::Done;
        parent::write(cluster, app, &content, Some(&parent)).await?;
    }
    history::trim(cluster, app, run.options.history_limit).await
}

/// The label that every member carries must not stand in what is stored and rolled back to: it is set anew on each sync.
pub fn without_label(mut object: Object) -> Object {
    if let Some(serde_json::Value::Object(labels)) = object.value.pointer_mut("/metadata/labels") {
        labels.remove(crate::object::labels::APPLYSET_PART_OF);
    }
    object
}
