//! `pushboat app resources`: the objects of apps, one a line.

use std::sync::Arc;

use super::claims::{Own, Purpose, View};
use super::pipeline::{self, Target};
use super::show;
use crate::cli::args::SelectArgs;
use crate::cli::context::Context;
use crate::error::Result;
use crate::exit::Exit;
use crate::report::{AppResources, ErrorView, ResourceList, ResourceRow, Shown};

/// List the objects of apps with their sync status and health
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::APP_RESOURCES)]
pub(crate) struct Args {
    #[command(flatten)]
    select: SelectArgs,
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    let ask = |context: Arc<Context>, target: Target, keep| async move {
        let ready = pipeline::ready(&context, &target, context.preparing()).await?;
        let unread = ready.prepared.comparison.unread.first();
        let unread = unread.map(ErrorView::from);
        let rows = (ready.rendered.shown(), show::rows(&ready.prepared), unread);
        Ok((rows, Own::of(&ready.prepared, keep)))
    };
    let targets = pipeline::selected(context, &args.select)?;
    let parallelism = context.parallelism();
    let answers =
        pipeline::each_with_claims(context, targets, parallelism, Purpose::Show, ask).await?;
    let apps = answers.into_iter().map(|(target, answer)| {
        let (shown, resources, error) = match answer {
            Ok(((shown, rows, unread), view)) => (shown, with_shared(rows, &view), unread),
            Err(error) => (Shown::default(), Vec::new(), Some(ErrorView::from(&error))),
        };
        AppResources {
            cluster: target.cluster.name,
            name: target.app.name.clone(),
            shown,
            error,
            resources,
        }
    });
    context.show(&ResourceList {
        apps: apps.collect(),
    })
}

fn with_shared(mut rows: Vec<ResourceRow>, view: &View) -> Vec<ResourceRow> {
    for shared in view.shared() {
        let key = shared.key.to_string();
        let row = rows.iter_mut().find(|row| row.key() == key);
        if let Some(row) = row {
            row.message = shared.to_string();
        }
    }
    rows
}
