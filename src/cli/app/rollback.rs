//! `pushboat app rollback`: what was deployed before, exactly, from the cluster's own history.

use std::sync::Arc;

use super::execute::{self, Job};
use super::pipeline::{self, Target};
use super::prune_args::PruneArgs;
use super::sync::HowArgs;
use crate::cli::args::SelectArgs;
use crate::cli::context::Context;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::object::Object;
use crate::sync::AppRef;
use crate::sync::history::{self, Entry, Outcome, digest};
use crate::sync::run::{Source, without_label};

/// Deploy again what was deployed before
///
/// Takes the rendered objects from the history in the cluster: git is not needed and nothing is rendered. The repository then no longer
/// says what runs; the next sync of the same content is held until git changes.
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::APP_ROLLBACK)]
pub(crate) struct Args {
    /// The app; `CLUSTER/APP` where a name is not unique
    app: String,

    /// The history entry to go back to; default: the last good one before the current
    id: Option<u64>,

    #[command(flatten)]
    how: HowArgs,

    #[command(flatten)]
    prune: PruneArgs,
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    let select = SelectArgs {
        apps: vec![args.app.clone()],
        ..SelectArgs::default()
    };
    let targets = pipeline::selected(context, &select)?;
    let [(target, problem)] = targets.as_slice() else {
        return Err(Error::usage(format!(
            "`{}` names {} apps, and a rollback takes one",
            args.app,
            targets.len()
        )));
    };
    if let Some(error) = problem {
        return Err(error.clone());
    }
    let job = job(context, &args, target).await;
    execute::run(context, "rollback", &args.how, vec![(target.clone(), job)]).await
}

async fn job(context: &Arc<Context>, args: &Args, target: &Target) -> Result<Job> {
    let repository = context.repository()?;
    let cluster = context.connect(&target.cluster).await?;
    let app = pipeline::app_ref(&repository, target);
    let entries = history::list(&cluster, &app).await?;
    let entry = choose(&entries, args.id, &app)?;
    let objects = history::manifests(&cluster, &app, entry).await?;
    let objects: Vec<Object> = objects.into_iter().map(without_label).collect();
    let prepared =
        pipeline::compare(&repository, &cluster, target, objects, context.preparing()).await?;
    let left_behind = entries
        .iter()
        .rev()
        .find(|entry| entry.info.result == Outcome::Succeeded);
    let source = Source {
        revision: entry.info.revision.clone(),
        dirty: entry.info.dirty,
        path: entry.info.path.clone(),
        rollback_of: Some(entry.info.id),
        rolled_back_digest: left_behind.map(|entry| entry.info.digest.clone()),
        digest: digest(&prepared.desired),
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
    })
}

/// The entry asked for, else the last that succeeded before the current one.
fn choose<'a>(entries: &'a [Entry], id: Option<u64>, app: &AppRef) -> Result<&'a Entry> {
    let list = || {
        let ids: Vec<String> = entries
            .iter()
            .map(|entry| entry.info.id.to_string())
            .collect();
        format!(
            "`pushboat app history {}` lists {}",
            app.display(),
            ids.join(", ")
        )
    };
    if let Some(id) = id {
        let found = entries.iter().find(|entry| entry.info.id == id);
        return found.ok_or_else(|| {
            Error::usage(format!("app `{}` has no history entry {id}", app.display())).hint(list())
        });
    }
    let mut good = entries
        .iter()
        .rev()
        .filter(|entry| entry.info.result == Outcome::Succeeded);
    let current = good.next();
    let before =
        good.find(|entry| current.is_none_or(|current| current.info.digest != entry.info.digest));
    before.ok_or_else(|| {
        let message = format!(
            "app `{}` has no earlier deployment that succeeded and differs",
            app.display()
        );
        Error::usage(message).hint(list())
    })
}
