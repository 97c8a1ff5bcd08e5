//! `pushboat app wait`: until apps are healthy.

use std::sync::Arc;
use std::time::Instant;

use super::pipeline::{self, Target};
use super::{show, sync};
use crate::cli::args::SelectArgs;
use crate::cli::context::Context;
use crate::error::Result;
use crate::exit::Exit;
use crate::report::{AppWait, ErrorView, Shown, Sync, WaitReport, Waiting};
use crate::sync::events::Events;
use crate::sync::wait::{self, Waited};

/// Wait until apps are healthy
///
/// Ends as soon as they are, when the time is up (`--timeout`, default 5m), or at once when an object cannot become healthy by itself.
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::APP_WAIT)]
pub(crate) struct Args {
    #[command(flatten)]
    select: SelectArgs,

    /// They must be in sync too
    #[arg(long)]
    sync: bool,
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    let progress = context.progress();
    let sink = progress.sink();
    let needs_sync = args.sync;
    let answers = pipeline::each(context, &args.select, move |context, target| {
        let events = Events::new(&target.cluster.name, &target.app.name, sink.clone());
        async move { one(&context, &target, &events, needs_sync).await }
    })
    .await?;
    progress.finish();
    let apps = answers.into_iter().map(|(target, answer)| {
        answer.unwrap_or_else(|error| AppWait {
            error: Some(ErrorView::from(&error)),
            ..empty(&target)
        })
    });
    context.show(&WaitReport {
        apps: apps.collect(),
    })
}

async fn one(
    context: &Arc<Context>,
    target: &Target,
    events: &Events,
    needs_sync: bool,
) -> Result<AppWait> {
    let started = Instant::now();
    let ready = pipeline::ready(context, target, context.preparing()).await?;
    let prepared = &ready.prepared;
    let waiting = wait::Waiting {
        cluster: &prepared.cluster,
        discovery: &prepared.discovery,
        app: &prepared.app,
        limit: context.timeout_or(sync::WAIT),
        events,
        interrupt: context.interruption(),
        redactor: &prepared.redactor,
    };
    let waited = wait::wait_healthy(&waiting, &prepared.desired).await;
    let sync = show::sync(prepared);
    Ok(AppWait {
        reached: waited.failure.is_none() && (!needs_sync || sync == Sync::Synced),
        sync: needs_sync.then_some(sync),
        health: Some(waited.status()),
        waited_seconds: started.elapsed().as_secs_f64(),
        error: waited.failure.as_ref().map(ErrorView::from),
        waiting_for: open(&waited),
        shown: ready.rendered.shown(),
        ..empty(target)
    })
}

fn open(waited: &Waited) -> Vec<Waiting> {
    let open = waited
        .health
        .iter()
        .filter(|(_, health)| health.status.is_waited_for());
    open.map(|(key, health)| Waiting {
        group: key.group.clone(),
        kind: key.kind.clone(),
        namespace: key.namespace.clone(),
        name: key.name.clone(),
        health: Some(health.status),
        message: health.message.clone(),
    })
    .collect()
}

fn empty(target: &Target) -> AppWait {
    AppWait {
        cluster: target.cluster.name.clone(),
        name: target.app.name.clone(),
        reached: false,
        sync: None,
        health: None,
        waited_seconds: 0.0,
        error: None,
        waiting_for: Vec::new(),
        shown: Shown::default(),
    }
}
