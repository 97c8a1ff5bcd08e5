//! `pushboat app delete`: takes apps off their clusters.

use std::sync::Arc;

use clap::builder::NonEmptyStringValueParser;

use super::again::{Again, Asking};
use super::assume_args::AssumeArgs;
use super::claims::Own;
use super::execute::{empty, left, pruned_rows, row};
use super::orphans;
use super::pipeline::{self, Target};
use super::prune_args::{ConfirmArgs, Confirmations};
use super::question::{self, Consent, Missing};
use super::show;
use crate::cli::args::SelectArgs;
use crate::cli::context::Context;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::plan::replacement::Rewriting;
use crate::report::{
    AppSync, DiffFormat, DiffReport, ErrorView, Outcome, Report, ResourceSync, SyncReport,
    SyncResult, count,
};
use crate::sync::delete::{Cascade, DeletedApp, Deleting, delete, preview};
use crate::sync::events::Events;
use crate::sync::foreign::Sharing;
use crate::sync::inhabitants::told;
use crate::sync::prepare::{self, Prepared};
use crate::sync::run::Options;

/// Delete apps: their objects and what pushboat remembers of them
///
/// Deletes what pushboat itself applied, nothing else. Namespaces, volumes and CustomResourceDefinitions stay unless confirmed by name.
/// The Application in the repository is left to you.
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::APP_DELETE)]
pub(crate) struct Args {
    #[command(flatten)]
    select: SelectArgs,

    /// Do not ask
    #[arg(short = 'y', long)]
    yes: bool,

    /// Confirm by name a cluster that `cluster.yaml` marks with `confirm: name`, where `--yes` is not enough; repeatable
    #[arg(long = "confirm", value_name = "CLUSTER", value_parser = NonEmptyStringValueParser::new())]
    confirmed: Vec<String>,

    /// Delete the objects too; with `false` they stay and belong to no app any more
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    cascade: bool,

    /// Only show what would be deleted
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    confirm: ConfirmArgs,

    #[command(flatten)]
    assume: AssumeArgs,
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    let answers = compared(context, &args).await?;
    let options = args.options();
    let mut confirmations = Confirmations::default();
    for (_, answer) in &answers {
        confirmations.add(answer.as_ref().ok().map(|prepared| (prepared, &options)));
    }
    confirmations.warn(context);
    let consent = Consent {
        yes: args.yes,
        names: args.confirmed.iter().cloned().collect(),
    };
    consent.warn_of_idle(context, answers.iter().map(|(target, _)| &target.cluster));
    if !args.dry_run && !agreed(context, &args, &consent, &answers).await? {
        context.ui().status("nothing was deleted");
        return Ok(Exit::No);
    }
    let progress = context.progress();
    let mut apps = Vec::new();
    for (target, answer) in answers {
        let events = Events::new(&target.cluster.name, &target.app.name, progress.sink());
        apps.push(match answer {
            Err(error) => failed(&target, &error),
            Ok(mut prepared) => one(context, &args, &target, &mut prepared, &events).await,
        });
    }
    progress.finish();
    context.show(&SyncReport::new("delete", args.dry_run, apps))
}

impl Args {
    fn options(&self) -> Options {
        Options {
            prune: self.cascade,
            guards: self.confirm.guards(),
            force_conflicts: false,
            rewriting: Rewriting::default(),
            create_namespace: false,
            wait: None,
            wait_until: None,
            dry_run: self.dry_run,
            undo_rollback: false,
            adopt: false,
            sharing: Sharing::default(),
            without_lock: false,
            history_limit: 0,
        }
    }

    fn cascade(&self) -> Cascade {
        if self.cascade {
            Cascade::Members
        } else {
            Cascade::RecordsOnly
        }
    }
}

/// Shows what goes and what stays, and asks. Apps of which nothing is there are nothing to ask about.
async fn agreed(
    context: &Context,
    args: &Args,
    consent: &Consent,
    answers: &[(Target, Result<Prepared>)],
) -> Result<bool> {
    let options = args.options();
    let mut missing = Missing::default();
    let (mut names, mut n_deleted, mut n_kept) = (Vec::new(), 0, 0);
    let mut plan = Vec::new();
    for (target, answer) in answers {
        match answer {
            Ok(prepared) if prepared.parent.is_some() => {
                let would_be = preview(prepared, args.cascade(), &options);
                n_deleted += would_be.pruned.deleted.len();
                n_kept += prepared.comparison.extras.len() - would_be.pruned.deleted.len();
                names.push(target.display());
                missing.want(&target.cluster, consent);
                let source = (String::new(), false);
                let mut app = show::drift(context, target, source, prepared, &options);
                let deleted = would_be.pruned.deleted.into_iter().collect();
                if !args.yes {
                    app.notes.extend(told(prepared, &deleted).await);
                }
                plan.push(app);
            }
            Ok(_) => {}
            Err(error) => plan.push(show::failed(target, error)),
        }
    }
    if missing.is_empty() {
        return Ok(true);
    }
    if args.cascade {
        let plan = DiffReport::new(plan, DiffFormat::Path);
        context.ui().plan(&plan.text(&context.ui().err_screen()));
    }
    let kept = match n_kept {
        0 => String::new(),
        n => format!(", and keep {}", count(n, "object")),
    };
    let (names, n_deleted) = (names.join(", "), count(n_deleted, "object"));
    let question = format!("delete {names} with {n_deleted}{kept}?");
    question::ask_text(context, &question, &missing).await
}

/// The apps with everything that they have on their clusters, and what other apps want of it.
async fn compared(context: &Arc<Context>, args: &Args) -> Result<Vec<(Target, Result<Prepared>)>> {
    let assumed_gone = args.assume.kinds();
    let ask = move |context: Arc<Context>, target: Target, keep| {
        let assumed_gone = assumed_gone.clone();
        async move {
            let repository = context.repository()?;
            let cluster = context.connect(&target.cluster).await?;
            let options = prepare::Options {
                assumed_gone: &assumed_gone,
                ..context.preparing()
            };
            let mut prepared =
                pipeline::compare(&repository, &cluster, &target, Vec::new(), options).await?;
            prepared.settle_where_recorded().await;
            let own = Own::of(&prepared, keep);
            Ok((prepared, own))
        }
    };
    let targets = targets(context, args).await?;
    pipeline::check_writable(context, args.dry_run)?;
    let (parallelism, purpose) = (context.parallelism(), args.confirm.purpose());
    let answers = pipeline::each_with_claims(context, targets, parallelism, purpose, ask).await?;
    let answers = answers.into_iter().map(|(target, answer)| {
        let answer = answer.map(|(prepared, view)| Prepared {
            claims: view.claims,
            ..prepared
        });
        (target, answer)
    });
    Ok(answers.collect())
}

/// The declared apps that are selected, and those named as `CLUSTER/APP` that no file declares any more.
async fn targets(context: &Arc<Context>, args: &Args) -> Result<Vec<(Target, Option<Error>)>> {
    let mut select = args.select.clone();
    let repository = context.repository()?;
    let undeclared = orphans::take_undeclared(&repository, &mut select.apps);
    let mut targets = match (undeclared.is_empty(), select.apps.is_empty()) {
        (false, true) => Vec::new(),
        (true, _) | (_, false) => pipeline::selected(context, &select)?,
    };
    for name in undeclared {
        targets.push((orphans::named(context, &name).await?, None));
    }
    Ok(targets)
}

async fn one(
    context: &Context,
    args: &Args,
    target: &Target,
    prepared: &mut Prepared,
    events: &Events,
) -> AppSync {
    let (options, cascade) = (args.options(), args.cascade());
    if args.yes || args.dry_run {
        // Nobody saw the plan.
        let would_be = preview(prepared, cascade, &options);
        let deleted = would_be.pruned.deleted.into_iter().collect();
        for told in told(prepared, &deleted).await {
            events.warning(&told);
        }
    }
    if args.dry_run {
        let would_be = preview(prepared, cascade, &options);
        return report(target, prepared, &would_be, true);
    }
    let locker = context.locker(None);
    let deleting = Deleting {
        cascade,
        options: &options,
        locker: &locker,
        events,
        interrupt: context.interruption(),
        confirm: &Again {
            context,
            target,
            asking: Asking::unless(args.yes),
            source: (String::new(), false),
        },
    };
    let deleted = delete(prepared, &deleting).await;
    report(target, prepared, &deleted, false)
}

fn report(target: &Target, prepared: &Prepared, deleted: &DeletedApp, dry_run: bool) -> AppSync {
    let errors: Vec<&Error> = deleted
        .error
        .iter()
        .chain(deleted.pruned.errors())
        .collect();
    let worst: Exit = errors.iter().map(|error| error.exit()).collect();
    let n_waiting = deleted.pruned.n_unconfirmed + deleted.pruned.n_unproved;
    let worst = match n_waiting {
        0 => worst,
        _ if dry_run => worst,
        _ => worst.worst(Exit::No),
    };
    let error = errors.first().copied().map(ErrorView::from);
    let pruned = &deleted.pruned;
    let released = deleted
        .released
        .iter()
        .filter(|key| !pruned.kept.iter().any(|(kept, _)| kept == *key))
        .map(|key| ResourceSync {
            message: "it stays and belongs to no app any more".to_owned(),
            ..row(key, Outcome::Kept)
        });
    AppSync {
        result: match worst {
            Exit::Ok => SyncResult::Succeeded,
            Exit::Interrupted => SyncResult::Interrupted,
            Exit::No | Exit::Unanswered => SyncResult::Failed,
        },
        message: match &prepared.parent {
            None => "nothing of it is in this cluster".to_owned(),
            Some(_) if deleted.records_removed => String::new(),
            Some(_) if n_waiting > 0 => left(pruned),
            Some(_) => "its records stay until everything is deleted".to_owned(),
        },
        error,
        resources: pruned_rows(pruned).chain(released).collect(),
        ..empty(target)
    }
}

fn failed(target: &Target, error: &Error) -> AppSync {
    AppSync {
        error: Some(ErrorView::from(error)),
        ..empty(target)
    }
}
