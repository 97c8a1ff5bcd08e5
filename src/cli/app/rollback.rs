//! `pushboat app rollback`: what was deployed before, exactly, from the cluster's own history.

use std::sync::Arc;

use super::claims::Own;
use super::execute::{self, Job};
use super::pipeline::{self, Target};
use super::prune_args::PruneArgs;
use super::sync::HowArgs;
use super::trust::{self, Trust};
use crate::cli::args::{DestinationArgs, SelectArgs};
use crate::cli::context::Context;
use crate::cli::process;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::object::Object;
use crate::plan::rollback::{Reach, Verdict, verdicts};
use crate::plan::seal::SealKey;
use crate::repo::git::short;
use crate::report::candidates;
use crate::sync::AppRef;
use crate::sync::admission::{Ancestry, attempts, reach};
use crate::sync::history::{self, Entry, History, Info, digest};
use crate::sync::parent;
use crate::sync::prepare;
use crate::sync::records;
use crate::sync::run::{Rollback, Source, without_label};
use crate::sync::taken_over;
use crate::ui::Screen;

/// Deploy again what was deployed before
///
/// Takes the rendered objects from the history in the cluster, and git confirms them: the commit that an entry names must render to what
/// the entry holds. The repository then no longer says what runs; the next sync of the same content is held until git changes.
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::APP_ROLLBACK)]
pub(crate) struct Args {
    /// The app; `CLUSTER/APP` where a name is not unique
    app: String,

    /// The history entry to go back to; default: the newest before the newest whose objects were all applied
    id: Option<u64>,

    /// Deploy an entry also where git does not confirm what it holds
    #[arg(long)]
    trust_records: bool,

    #[command(flatten)]
    destination: DestinationArgs,

    #[command(flatten)]
    how: HowArgs,

    #[command(flatten)]
    prune: PruneArgs,
}

impl Args {
    fn trust(&self) -> Trust {
        match self.trust_records {
            true => Trust::Records,
            false => Trust::Git,
        }
    }
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    pipeline::check_writable(context, args.how.dry_run)?;
    let select = SelectArgs {
        apps: vec![args.app.clone()],
        destination: args.destination.clone(),
        ..SelectArgs::default()
    };
    let targets = pipeline::selected(context, &select)?;
    let [(_, problem)] = targets.as_slice() else {
        return Err(Error::usage(format!(
            "`{}` names {} apps, and a rollback takes one",
            args.app,
            targets.len()
        )));
    };
    if let Some(error) = problem {
        return Err(error.clone());
    }
    let clusters = targets.iter().map(|(target, _)| &target.cluster);
    args.how.consent().warn_of_idle(context, clusters);
    let (how, purpose) = (args.how.clone(), args.prune.purpose());
    let args = Arc::new(args);
    let ask = move |context: Arc<Context>, target: Target, keep| {
        let args = Arc::clone(&args);
        async move {
            let job = job(&context, &args, &target).await?;
            let own = Own::of(&job.prepared, keep);
            Ok((job, own))
        }
    };
    let answers = pipeline::each_with_claims(context, targets, 1, purpose, ask).await?;
    let jobs = answers.into_iter().map(|(target, answer)| {
        let job = answer.map(|(mut job, view)| {
            job.prepared.claims = view.claims;
            job
        });
        (target, job)
    });
    execute::run(context, "rollback", &how, jobs.collect()).await
}

async fn job(context: &Arc<Context>, args: &Args, target: &Target) -> Result<Job> {
    let repository = context.repository()?;
    let cluster = context.connect(&target.cluster).await?;
    let app = pipeline::app_ref(&repository, target);
    let history = records::history(&cluster, &app, context.lookups()).await?;
    let parent = parent::read(&cluster, &app, false).await.ok().flatten();
    let key = parent.and_then(|parent| parent.content.key);
    let entry = choose(&history, args.id, &app, key.as_ref())?;
    if reach(&entry.info) == Reach::Partial {
        let (id, name) = (entry.info.id, target.display());
        context.ui().warn(&format!(
            "entry {id} of `{name}` came to no end: not all of its objects were applied then"
        ));
    }
    if args.id.is_none() {
        show_candidates(context, &history);
    }
    let objects = history::manifests(&cluster, &app, entry).await?;
    let objects: Vec<Object> = objects.into_iter().map(without_label).collect();
    let options = prepare::Options {
        // Whose rights grow is seen on both sides.
        keep_live: true,
        ..context.preparing()
    };
    let mut prepared = pipeline::compare(&repository, &cluster, target, objects, options).await?;
    prepared.taken_over = taken_over::since(&history, entry.info.id);
    trust::check(context, target, &entry.info, &prepared, args.trust()).await?;
    for line in trust::growing_rights(&prepared) {
        context.ui().warn(&format!("rights grow: {line}"));
    }
    let source = Source {
        revision: entry.info.revision.clone(),
        dirty: entry.info.dirty,
        path: entry.info.path.clone(),
        rollback: Some(Rollback {
            to: entry.info.id,
            newest: history.entries.last().map_or(0, |newest| newest.info.id),
        }),
        ancestry: Ancestry::any(),
        digest: digest(&prepared.desired),
        fresh_key: SealKey::new(process::random()?),
    };
    context.ui().status(&format!(
        "rolling `{}` back to {}: {} of {} by {}",
        target.display(),
        entry.info.id,
        entry.info.revision,
        entry.info.started_at,
        entry.info.by
    ));
    Ok(Job {
        prepared,
        options: args.how.options(context, target, &args.prune)?,
        source,
        notice: None,
    })
}

/// The entry asked for, else the target of the history.
fn choose<'a>(
    history: &'a History,
    id: Option<u64>,
    app: &AppRef,
    key: Option<&SealKey>,
) -> Result<&'a Entry> {
    let entries = &history.entries;
    let attempts = attempts(entries, key);
    let verdicts = verdicts(&attempts);
    let found = match id {
        Some(id) => history.entry(id, app),
        None => target(history, &verdicts, app),
    };
    found.map_err(|mut error| {
        for (entry, verdict) in entries.iter().zip(verdicts).rev() {
            let Info {
                id,
                started_at,
                revision,
                ..
            } = &entry.info;
            let what = verdict.text();
            error = error.hint(format!(
                "entry {id} of {started_at}, {}: {what}",
                short(revision)
            ));
        }
        error
    })
}

fn target<'a>(history: &'a History, verdicts: &[Verdict], app: &AppRef) -> Result<&'a Entry> {
    let app = app.display();
    let newest = history.entries.last().map(|entry| entry.info.id);
    let newer = history.unreadable.iter().rfind(|entry| entry.id > newest);
    if let Some(id) = newer.and_then(|entry| entry.id) {
        let message = format!(
            "the newest history entry of app `{app}`, {id}, cannot be read, so nobody knows which one comes before it"
        );
        return Err(Error::usage(message).hint("say which entry to go back to"));
    }
    let target = verdicts.iter().position(|v| *v == Verdict::Target);
    target.and_then(|n| history.entries.get(n)).ok_or_else(|| {
        Error::usage(format!(
            "app `{app}` has no earlier deployment that was applied whole and is not rolled back"
        ))
    })
}

fn show_candidates(context: &Context, history: &History) {
    let screen = Screen {
        color: false,
        ..context.ui().err_screen()
    };
    let table = candidates(&super::history::rows(history), &screen);
    context.ui().status(table.trim_end());
}
