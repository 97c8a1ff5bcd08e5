//! `pushboat app sync`: makes clusters match the repository.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;

use super::assume_args::AssumeArgs;
use super::claims::{Own, View};
use super::execute::{self, Job};
use super::older;
use super::pipeline::{self, Ready, Target};
use super::prune_args::{Confirmations, PruneArgs};
use super::question::Consent;
use crate::cli::args::{SelectArgs, parse_duration};
use crate::cli::context::Context;
use crate::cli::process;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::plan::lineage::{Course, Older};
use crate::plan::prune::{Guards, Unsaid};
use crate::plan::replacement::Rewriting;
use crate::plan::seal::SealKey;
use crate::repo::cluster::KnownCluster;
use crate::repo::servers;
use crate::report::{AppSync, SyncReport};
use crate::sync::admission::course;
use crate::sync::foreign::Sharing;
use crate::sync::history::digest;
use crate::sync::prepare;
use crate::sync::run::{Options, Source, is_nothing_to_do};
use crate::ui::prompt::can_ask;

/// How long `--wait` waits when no `--timeout` says otherwise.
pub(super) const WAIT: Duration = Duration::from_secs(300);

/// Make clusters match the repository
///
/// Shows what would change, asks, applies it with server-side apply in an order that works, and waits for health if told to. What a
/// person or a client changed is taken back; a field that another controller manages stops its object. Objects that are as desired
/// get no request at all.
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::APP_SYNC)]
pub(crate) struct Args {
    #[command(flatten)]
    select: SelectArgs,

    #[command(flatten)]
    pub(super) how: HowArgs,

    #[command(flatten)]
    prune: PruneArgs,

    #[command(flatten)]
    assume: AssumeArgs,

    /// Ask the server about every object, not only about those that ownership records leave open
    #[arg(long)]
    exact: bool,

    /// Take over records and objects of another repository, app or tool
    #[arg(long)]
    adopt: bool,

    /// Sync although this very content was rolled back
    #[arg(long)]
    undo_rollback: bool,

    /// Go back to an older commit than the one that is deployed
    #[arg(long)]
    allow_older: bool,
}

impl Args {
    fn older(&self) -> Older {
        match self.allow_older {
            true => Older::Allowed,
            false => Older::Refused,
        }
    }
}

/// How to write, the same for syncs and rollbacks.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct HowArgs {
    /// Do not ask
    #[arg(short = 'y', long)]
    pub(super) yes: bool,

    /// Confirm by name a cluster that `cluster.yaml` marks with `confirm: name`, where `--yes` is not enough; repeatable
    #[arg(long, value_name = "CLUSTER", value_parser = NonEmptyStringValueParser::new())]
    pub(super) confirm: Vec<String>,

    /// Only ask the servers what would happen
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Wait until everything is healthy; `--timeout` says how long, default 5m
    #[arg(long)]
    wait: bool,

    /// Take fields from other controllers too
    #[arg(long)]
    force_conflicts: bool,

    /// Delete objects and create them anew where a field that changed is immutable; volumes, claims, namespaces and definitions never
    #[arg(long)]
    force: bool,

    /// Write objects over as a whole instead of applying them field by field
    #[arg(long)]
    replace: bool,

    /// How long to wait for another sync of the same app, default 60s
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(super) lock_timeout: Option<Duration>,

    /// Write without a lock, where the account may not hold one
    #[arg(long)]
    no_lock: bool,
}

impl HowArgs {
    /// What was agreed to on the command line.
    pub(super) fn consent(&self) -> Consent {
        Consent {
            yes: self.yes,
            names: self.confirm.iter().cloned().collect(),
        }
    }

    pub(super) fn options(
        &self,
        context: &Context,
        target: &Target,
        prune: &PruneArgs,
    ) -> Result<Options> {
        let repository = context.repository()?;
        let settings = repository.settings();
        let policy = &target.app.policy;
        let declared = policy
            .automated
            .as_ref()
            .is_some_and(|automated| automated.enabled && automated.prune);
        Ok(Options {
            prune: prune.is_wanted(declared),
            guards: Guards {
                unsaid: match policy.options.prune {
                    true => Unsaid::Pruned,
                    false => Unsaid::Kept,
                },
                ..prune.guards(context)?
            },
            force_conflicts: self.force_conflicts || settings.force_conflicts,
            rewriting: Rewriting {
                replace: self.replace || policy.options.replace,
                force: self.force || policy.options.force,
            },
            create_namespace: policy.options.create_namespace,
            wait: self.wait.then(|| context.timeout_or(WAIT)),
            wait_until: context.last_wait(),
            dry_run: self.dry_run,
            undo_rollback: false,
            adopt: false,
            sharing: Sharing {
                is_refused: policy.options.fail_on_shared_resource,
                argo_names: vec![
                    target.app.name.clone(),
                    format!("{}_{}", target.app.namespace, target.app.name),
                ],
            },
            without_lock: self.no_lock,
            history_limit: target.app.revision_history_limit as usize,
        })
    }
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    let targets = pipeline::selected(context, &args.select)?;
    pipeline::check_writable(context, args.how.dry_run)?;
    let consent = args.how.consent();
    let clusters = targets.iter().map(|(target, _)| &target.cluster);
    consent.warn_of_idle(context, clusters.clone());
    // Where nobody can be asked, a cluster that wants its name is refused alone.
    let is_asked = can_ask(context.ui()) && clusters.into_iter().any(|it| consent.wants_name(it));
    if args.how.dry_run || (args.how.yes && !is_asked) {
        return by_cluster(context, &args, targets).await;
    }
    let jobs = jobs(context, &args, targets, context.parallelism()).await?;
    execute::run(context, "sync", &args.how, jobs).await
}

/// Where nobody is asked, no server waits for another: each is compared and written to at its own pace.
async fn by_cluster(context: &Arc<Context>, args: &Args, targets: Selected) -> Result<Exit> {
    let servers = by_server(targets);
    let parallelism = context.parallelism().div_ceil(servers.len().max(1));
    let progress = context.progress();
    let runs = servers.into_iter().map(|targets| {
        let sink = progress.sink();
        async move {
            let jobs = jobs(context, args, targets, parallelism).await?;
            let confirmations = execute::confirmations(&jobs);
            let jobs = args.how.consent().refuse(&args.how, jobs);
            let apps = execute::carry_out(context, &args.how, sink, parallelism, jobs).await?;
            Ok((apps, confirmations))
        }
    });
    let answers = futures::future::join_all(runs).await;
    progress.finish();
    let (mut apps, mut confirmed): (Vec<AppSync>, _) = (Vec::new(), Confirmations::default());
    for answer in answers {
        let (answered, confirmations): (Vec<AppSync>, Confirmations) = answer?;
        apps.extend(answered);
        confirmed.merge(confirmations);
    }
    confirmed.warn(context);
    context.show(&SyncReport::new("sync", args.how.dry_run, apps))
}

type Selected = Vec<(Target, Option<Error>)>;

/// The apps of cluster folders that are known to stand for one server go together: they may want the same objects.
fn by_server(targets: Selected) -> Vec<Selected> {
    let mut clusters: BTreeMap<String, Selected> = BTreeMap::new();
    for (target, problem) in targets {
        let cluster = clusters.entry(target.cluster.name.clone()).or_default();
        cluster.push((target, problem));
    }
    let known = clusters.values().filter_map(|apps| apps.first());
    let known: Vec<KnownCluster> = known.map(|(target, _)| target.cluster.clone()).collect();
    let servers = servers::groups(known).into_iter().map(|group| {
        let apps = group
            .iter()
            .filter_map(|known| clusters.remove(&known.name));
        apps.flatten().collect()
    });
    servers.collect()
}

/// Renders and compares; what keeps an app from being synced is its answer.
async fn jobs(
    context: &Arc<Context>,
    args: &Args,
    targets: Selected,
    parallelism: usize,
) -> Result<Vec<(Target, Result<Job>)>> {
    let (exact, adopt, assumed_gone) = (args.exact, args.adopt, args.assume.kinds());
    let ask = move |context: Arc<Context>, target: Target, keep| {
        let assumed_gone = assumed_gone.clone();
        async move {
            let options = prepare::Options {
                exact,
                adopt,
                assumed_gone: &assumed_gone,
                ..context.preparing()
            };
            let ready = pipeline::ready(&context, &target, options).await?;
            let own = Own::of(&ready.prepared, keep);
            Ok((ready, own))
        }
    };
    let purpose = args.prune.purpose();
    let answers = pipeline::each_with_claims(context, targets, parallelism, purpose, ask).await?;
    let jobs = answers.into_iter().map(|(target, answer)| {
        let job = answer.and_then(|(ready, view)| job(context, args, &target, ready, &view));
        (target, job)
    });
    Ok(jobs.collect())
}

fn job(
    context: &Context,
    args: &Args,
    target: &Target,
    mut ready: Ready,
    view: &View,
) -> Result<Job> {
    if let Some(error) = view.refusal() {
        return Err(error);
    }
    ready.prepared.claims = Arc::clone(&view.claims);
    older::refuse_overlooked(context, target, &ready)?;
    let options = Options {
        undo_rollback: args.undo_rollback,
        adopt: args.adopt,
        ..args.how.options(context, target, &args.prune)?
    };
    let source = Source {
        revision: ready.rendered.revision.clone(),
        dirty: ready.rendered.dirty,
        path: target.app.source.path.value.clone(),
        rollback: None,
        ancestry: older::ancestry(context, target, &ready, args.older())?,
        digest: digest(&ready.prepared.desired),
        fresh_key: SealKey::new(process::random()?),
    };
    let notice = ready.rendered.shown().notice;
    // A sync with nothing to do puts nothing older in place of anything.
    if !is_nothing_to_do(&ready.prepared, &options)
        && let Course::Stop(error) = course(ready.prepared.parent.as_ref(), &source)
    {
        return Err(error);
    }
    Ok(Job {
        prepared: ready.prepared,
        options,
        source,
        notice,
    })
}
