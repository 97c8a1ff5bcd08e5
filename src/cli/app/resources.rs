//! `pushboat app resources`: the objects of apps, one a line.

use std::sync::Arc;

use super::{pipeline, show};
use crate::cli::args::SelectArgs;
use crate::cli::context::Context;
use crate::error::Result;
use crate::exit::Exit;
use crate::report::{AppResources, ErrorView, ResourceList};

/// List the objects of apps with their sync status and health
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::APP_RESOURCES)]
pub(crate) struct Args {
    #[command(flatten)]
    select: SelectArgs,
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    let answers = pipeline::each(context, &args.select, |context, target| async move {
        let ready = pipeline::ready(&context, &target, context.preparing()).await?;
        Ok(show::rows(&ready.prepared))
    })
    .await?;
    let apps = answers.into_iter().map(|(target, answer)| {
        let (resources, error) = match answer {
            Ok(rows) => (rows, None),
            Err(error) => (Vec::new(), Some(ErrorView::from(&error))),
        };
        AppResources {
            cluster: target.cluster.name,
            name: target.app.name.clone(),
            error,
            resources,
        }
    });
    context.show(&ResourceList {
        apps: apps.collect(),
    })
}
