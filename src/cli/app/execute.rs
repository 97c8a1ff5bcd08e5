//! Shows plans, asks once, carries them out, and reports: what syncs and rollbacks share.

use std::sync::Arc;

use super::again::{Again, Asking};
use super::pipeline::Target;
use super::prune_args::Confirmations;
use super::question::{self, Changes};
use super::show;
use super::sync::HowArgs;
use crate::cli::context::Context;
use crate::error::{Error, Reason, Result};
use crate::exit::Exit;
use crate::fleet;
use crate::health::Status;
use crate::object::Key;
use crate::report::{
    AppSync, DiffReport, ErrorView, Outcome, Report, ResourceSync, SyncReport, SyncResult,
};
use crate::sync::apply::Applied;
use crate::sync::event::{Event, Finished};
use crate::sync::events::Events;
use crate::sync::foreign;
use crate::sync::inhabitants::told;
use crate::sync::intent::Intent;
use crate::sync::prepare::Prepared;
use crate::sync::prune::Pruned;
use crate::sync::run::{Options, Run, Source, Step, Synced};

/// One app with its plan.
pub(super) struct Job {
    pub(super) prepared: Prepared,
    pub(super) options: Options,
    pub(super) source: Source,
    /// What is checked out, where that is not what is deployed.
    pub(super) notice: Option<String>,
}

/// Shows, asks, executes and reports.
pub(super) async fn run(
    context: &Arc<Context>,
    operation: &str,
    how: &HowArgs,
    jobs: Vec<(Target, Result<Job>)>,
) -> Result<Exit> {
    confirmations(&jobs).warn(context);
    let changes = Changes::of(&jobs);
    let missing = changes.missing(&how.consent());
    if !how.dry_run && !missing.is_empty() {
        show_plan(context, &jobs).await;
        if !question::ask(context, operation, &changes, &missing).await? {
            context.ui().status("nothing was changed");
            return Ok(Exit::No);
        }
    }
    let progress = context.progress();
    let apps = carry_out(context, how, progress.sink(), context.parallelism(), jobs).await;
    progress.finish();
    context.show(&SyncReport::new(operation, how.dry_run, apps?))
}

/// Which of the names given with `--confirm-prune` confirm something.
pub(super) fn confirmations(jobs: &[(Target, Result<Job>)]) -> Confirmations {
    let mut confirmations = Confirmations::default();
    for (_, job) in jobs {
        let job = job.as_ref().ok();
        confirmations.add(job.map(|job| (&job.prepared, &job.options)));
    }
    confirmations
}

/// Takes events of any app.
pub(super) type Sink = Arc<dyn Fn(Event) + Send + Sync>;

/// Executes jobs that nobody needs to be asked about any more.
pub(super) async fn carry_out(
    context: &Arc<Context>,
    how: &HowArgs,
    sink: Sink,
    parallelism: usize,
    jobs: Vec<(Target, Result<Job>)>,
) -> Result<Vec<AppSync>> {
    let (shared, how) = (context.clone(), how.clone());
    let answers = fleet::each(
        jobs,
        parallelism,
        |(target, _)| &target.cluster.name,
        move |(target, job)| {
            let (context, sink, how) = (shared.clone(), sink.clone(), how.clone());
            async move { Ok(one(&context, sink, &how, target, job).await) }
        },
    )
    .await;
    answers.into_iter().collect()
}

impl Job {
    /// What it would change.
    pub(super) fn intent(&self) -> Intent {
        Intent::of(&self.prepared, &self.options)
    }
}

async fn show_plan(context: &Context, jobs: &[(Target, Result<Job>)]) {
    let mut apps = Vec::new();
    for (target, job) in jobs {
        apps.push(match job {
            Ok(job) => {
                let source = (job.source.revision.clone(), job.source.dirty);
                let mut app = show::drift(context, target, source, &job.prepared, &job.options);
                app.notes
                    .extend(told(&job.prepared, &job.intent().deleted).await);
                app
            }
            Err(error) => show::failed(target, error),
        });
    }
    let plan = DiffReport::new(apps, crate::report::DiffFormat::Path);
    context.ui().plan(&plan.text(&context.ui().err_screen()));
}

/// What a result says beside its objects. Where the repository asks for a higher limit than it may set is told at once.
fn warnings(context: &Context, target: &Target, job: &Job) -> Vec<String> {
    let comparison = &job.prepared.comparison;
    if job.options.prune && !comparison.extras.is_empty() {
        let told = job.options.guards.limit.not_honoured(comparison.n_members);
        told.iter().for_each(|told| context.ui().warn(told));
    }
    let taken = foreign::warnings(&job.prepared, &job.options);
    let dying = show::dying(&job.prepared);
    target
        .redirected()
        .into_iter()
        .chain(taken)
        .chain(dying)
        .collect()
}

async fn one(
    context: &Context,
    sink: Sink,
    how: &HowArgs,
    target: Target,
    job: Result<Job>,
) -> AppSync {
    let events = Events::new(&target.cluster.name, &target.app.name, sink);
    let job = match job {
        Ok(job) => job,
        Err(error) => {
            events.finished(Finished::Failed {
                error: error.clone(),
            });
            return skipped(&target, &error);
        }
    };
    let intent = job.intent();
    events.started(intent.n_changes());
    if how.yes || how.dry_run {
        // Nobody saw the plan.
        for told in told(&job.prepared, &intent.deleted).await {
            events.warning(&told);
        }
    }
    let warnings = warnings(context, &target, &job);
    let locker = context.locker(how.lock_timeout);
    let (cluster, namespace) = (
        job.prepared.cluster.clone(),
        job.prepared.app.namespace.clone(),
    );
    let again = Again {
        context,
        target: &target,
        asking: Asking::unless(how.yes),
        source: (job.source.revision.clone(), job.source.dirty),
    };
    let run = Run {
        options: &job.options,
        source: &job.source,
        locker: &locker,
        events: &events,
        interrupt: context.interruption(),
        confirm: &again,
    };
    let redactor = Arc::clone(&job.prepared.redactor);
    let synced = super::retry::run(
        job.prepared,
        &run,
        target.app.policy.retry.as_ref(),
        context.masker(),
    )
    .await;
    events.finished(finished(&synced));
    for warning in cluster.take_warnings() {
        context.ui().warn(&redactor.words(&warning));
    }
    let stats = cluster.stats();
    AppSync {
        namespace,
        notice: job.notice,
        warnings,
        requests: stats.requests,
        retries: stats.retries,
        ..app_sync(&target, &job.source, &synced)
    }
}

fn finished(synced: &Synced) -> Finished {
    let error = synced
        .error
        .clone()
        .or_else(|| synced.failures().next().map(|(_, error)| error.clone()));
    match error.or_else(|| synced.pruned.errors().next().cloned()) {
        Some(error) if error.reason() == Reason::Interrupted => Finished::Interrupted,
        Some(error) => Finished::Failed { error },
        None => Finished::Succeeded,
    }
}

pub(super) fn empty(target: &Target) -> AppSync {
    AppSync {
        cluster: target.cluster.name.clone(),
        name: target.app.name.clone(),
        namespace: target.namespace(),
        revision: String::new(),
        dirty: false,
        notice: None,
        result: SyncResult::Skipped,
        sync: None,
        health: None,
        history_id: None,
        message: String::new(),
        error: None,
        warnings: target.redirected().into_iter().collect(),
        resources: Vec::new(),
        duration_seconds: 0.0,
        requests: 0,
        retries: 0,
    }
}

fn skipped(target: &Target, error: &Error) -> AppSync {
    AppSync {
        result: SyncResult::Failed,
        error: Some(ErrorView::from(error)),
        ..empty(target)
    }
}

fn app_sync(target: &Target, source: &Source, synced: &Synced) -> AppSync {
    let exit = synced.exit();
    let left = left(&synced.pruned);
    let waited = synced.waited.as_ref();
    let error = synced
        .error
        .as_ref()
        .or(waited.and_then(|waited| waited.failure.as_ref()));
    let error = error
        // What could not be read is why a prune was refused.
        .or(synced.unread.first())
        .or(synced.pruned.refused.as_ref());
    AppSync {
        revision: source.revision.clone(),
        dirty: source.dirty,
        result: match exit {
            Exit::Ok => SyncResult::Succeeded,
            Exit::Interrupted => SyncResult::Interrupted,
            Exit::No | Exit::Unanswered => SyncResult::Failed,
        },
        health: waited.map(crate::sync::wait::Waited::status),
        history_id: synced.history_id,
        message: if synced.nothing_to_do && left.is_empty() {
            "nothing to do".to_owned()
        } else {
            let lines = synced.records.iter().chain(std::iter::once(&left));
            let lines: Vec<&str> = lines
                .map(String::as_str)
                .filter(|line| !line.is_empty())
                .collect();
            lines.join("; ")
        },
        error: error.map(ErrorView::from),
        resources: resources(synced),
        duration_seconds: synced.duration.as_secs_f64(),
        ..empty(target)
    }
}

/// What stays although nobody wants it, and what would let it go.
pub(super) fn left(pruned: &Pruned) -> String {
    let unconfirmed = match pruned.n_unconfirmed {
        0 => None,
        1 => Some(
            "1 object stays until its deletion is confirmed by name (`--confirm-prune`)".into(),
        ),
        n => Some(format!(
            "{n} objects stay until their deletion is confirmed by name (`--confirm-prune`)"
        )),
    };
    let unproved = match pruned.n_unproved {
        0 => None,
        1 => Some("1 object stays, as another app may have a claim to it".to_owned()),
        n => Some(format!(
            "{n} objects stay, as other apps may have a claim to them"
        )),
    };
    match pruned.n_left {
        0 => unconfirmed
            .into_iter()
            .chain(unproved)
            .collect::<Vec<String>>()
            .join("; "),
        1 => "1 object is no longer desired and requires pruning (`--prune`)".to_owned(),
        n => format!("{n} objects are no longer desired and require pruning (`--prune`)"),
    }
}

fn resources(synced: &Synced) -> Vec<ResourceSync> {
    let health = |key: &Key| -> Option<(Status, String)> {
        let health = synced.waited.as_ref()?.health.get(key)?;
        Some((health.status, health.message.clone()))
    };
    let mut rows: Vec<ResourceSync> = synced
        .steps
        .iter()
        .map(|(key, step)| {
            let (outcome, error) = match step {
                Step::Applied(Applied::Created) => (Outcome::Created, None),
                Step::Applied(Applied::Configured) => (Outcome::Configured, None),
                Step::Applied(Applied::Replaced) => (Outcome::Replaced, None),
                Step::Applied(Applied::Unchanged) | Step::InSync => (Outcome::Unchanged, None),
                Step::Failed(error) => (Outcome::Failed, Some(error)),
                Step::Skipped => (Outcome::Skipped, None),
            };
            let mut row = row(key, outcome);
            row.error = error.map(ErrorView::from);
            if let Some((status, message)) = health(key) {
                row.health = Some(status);
                row.message = message;
            }
            row
        })
        .collect();
    // Steps end in the order of the server's answers, which differs from run to run.
    rows.sort_by(|a, b| (&a.kind, &a.namespace, &a.name).cmp(&(&b.kind, &b.namespace, &b.name)));
    rows.extend(pruned_rows(&synced.pruned));
    rows.extend(
        synced
            .pruned
            .failed
            .iter()
            .map(|(key, error)| ResourceSync {
                error: Some(ErrorView::from(error)),
                ..row(key, Outcome::Failed)
            }),
    );
    rows
}

/// What was deleted, and what was kept and why.
pub(super) fn pruned_rows(pruned: &Pruned) -> impl Iterator<Item = ResourceSync> {
    let deleted = pruned.deleted.iter().map(|key| row(key, Outcome::Pruned));
    let kept = pruned.kept.iter().map(|(key, why)| ResourceSync {
        message: why.clone(),
        ..row(key, Outcome::Kept)
    });
    deleted.chain(kept)
}

pub(super) fn row(key: &Key, outcome: Outcome) -> ResourceSync {
    ResourceSync {
        group: key.group.clone(),
        kind: key.kind.clone(),
        namespace: key.namespace.clone(),
        name: key.name.clone(),
        outcome,
        phase: String::new(),
        wave: 0,
        health: None,
        message: String::new(),
        error: None,
        healthy_after_seconds: None,
    }
}
