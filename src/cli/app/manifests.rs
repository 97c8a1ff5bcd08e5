//! `pushboat app manifests`: what an app renders to.

use std::sync::Arc;

use super::pipeline;
use crate::cli::args::SelectArgs;
use crate::cli::context::Context;
use crate::error::Result;
use crate::exit::Exit;
use crate::report::{AppManifests, ErrorView, Manifests};

/// Print what apps render to, Secrets masked
///
/// Asks no cluster: namespaces stand as the repository has them. A masked Secret has no value that an API server takes, so what is
/// printed is for reading and comparing, not for applying: `pushboat app sync` applies.
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::APP_MANIFESTS)]
pub(crate) struct Args {
    #[command(flatten)]
    select: SelectArgs,
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    let mut targets = pipeline::selected(context, &args.select)?;
    // Where an app goes keeps nobody from reading it: only what its file says of its sources does.
    for (target, problem) in &mut targets {
        *problem = target.app.check().err();
    }
    let parallelism = context.parallelism();
    let answers = pipeline::each_of(
        context,
        targets,
        parallelism,
        |context, target| async move {
            let rendered = pipeline::render(&context, &target).await?;
            pipeline::warn_of_unreadable(&context, &rendered);
            let name = (target.cluster.name.clone(), target.app.name.clone());
            Ok(AppManifests::new(
                context.masker(),
                name,
                rendered.shown(),
                &rendered.objects,
            ))
        },
    )
    .await?;
    let apps = answers.into_iter().map(|(target, answer)| {
        answer.unwrap_or_else(|error| {
            AppManifests::failed(
                target.cluster.name,
                target.app.name.clone(),
                ErrorView::from(&error),
            )
        })
    });
    let manifests = Manifests {
        apps: apps.collect(),
    };
    let n_masked = manifests.n_masked();
    // A document of pushboat's own is nothing that kubectl takes.
    let is_for_kubectl = context.format().is_text() && !context.ui().options().stdout_is_terminal;
    if n_masked > 0 && is_for_kubectl {
        let secrets = match n_masked {
            1 => "1 Secret is masked: the API server refuses it".to_owned(),
            n => format!("{n} Secrets are masked: the API server refuses them"),
        };
        context.ui().warn(&format!(
            "{secrets}, so this cannot be applied; `pushboat app sync` applies an app"
        ));
    }
    context.show(&manifests)
}
