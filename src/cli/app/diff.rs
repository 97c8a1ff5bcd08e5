//! `pushboat app diff`: what a sync would change.

use std::sync::Arc;

use clap::ValueEnum;

use super::assume_args::AssumeArgs;
use super::claims::{Own, View};
use super::pipeline::{self, Ready, Target};
use super::prune_args::PruneArgs;
use super::show;
use super::sync::HowArgs;
use crate::cli::args::SelectArgs;
use crate::cli::context::Context;
use crate::error::Result;
use crate::exit::Exit;
use crate::object::Key;
use crate::report::{self, Action, AppDiff, DiffReport};
use crate::sync::prepare;

/// Show how apps differ from their clusters
///
/// Drift is what a sync would change, field by field, with who wrote each field last and when. Nothing is written to any cluster.
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::APP_DIFF)]
pub(crate) struct Args {
    #[command(flatten)]
    select: SelectArgs,

    /// Ask the server about every object, not only about those that ownership records leave open
    #[arg(long)]
    exact: bool,

    #[command(flatten)]
    assume: AssumeArgs,

    /// How changes are shown
    #[arg(long, value_enum, default_value_t = DiffFormat::Path, value_name = "FORM")]
    format: DiffFormat,

    /// End with 0 also when there is drift
    #[arg(long)]
    exit_zero: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DiffFormat {
    /// One line a field
    Path,
    /// One unified YAML diff an object
    Unified,
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    let (exact, keep_live) = (args.exact, args.format == DiffFormat::Unified);
    let assumed_gone = args.assume.kinds();
    let targets = pipeline::selected(context, &args.select)?;
    let ask = move |context: Arc<Context>, target: Target, keep| {
        let assumed_gone = assumed_gone.clone();
        async move {
            let options = prepare::Options {
                exact,
                keep_live,
                assumed_gone: &assumed_gone,
                ..context.preparing()
            };
            let mut ready = pipeline::ready(&context, &target, options).await?;
            let own = Own::of(&ready.prepared, keep);
            ready.prepared.release_desired();
            Ok((diff(&context, &target, &ready, exact)?, own))
        }
    };
    let (parallelism, purpose) = (context.parallelism(), PruneArgs::default().purpose());
    let answers = pipeline::each_with_claims(context, targets, parallelism, purpose, ask).await?;
    // What no sync would do is no drift: the answer is the one that a sync gives.
    let apps = answers.into_iter().map(|(target, answer)| match answer {
        Ok((diff, view)) => match view.refusal() {
            Some(error) => show::failed(&target, &error),
            None => with_kept(diff, &view),
        },
        Err(error) => show::failed(&target, &error),
    });
    let format = match args.format {
        DiffFormat::Path => report::DiffFormat::Path,
        DiffFormat::Unified => report::DiffFormat::Unified,
    };
    let exit = context.show(&DiffReport::new(apps.collect(), format))?;
    Ok(if args.exit_zero && exit == Exit::No {
        Exit::Ok
    } else {
        exit
    })
}

/// What other apps want, or may want, no sync deletes.
fn with_kept(mut diff: AppDiff, view: &View) -> AppDiff {
    let deleted = diff.resources.iter_mut();
    for row in deleted.filter(|row| row.action == Action::Delete) {
        let key = Key {
            group: row.group.clone(),
            kind: row.kind.clone(),
            namespace: row.namespace.clone(),
            name: row.name.clone(),
        };
        if let Some(why) = view.why_kept(&key) {
            (row.action, row.action_reason) = (Action::Keep, why);
        }
    }
    diff
}

/// One app's drift as the report has it, with what a sync without any flag does about it.
fn diff(context: &Context, target: &Target, ready: &Ready, exact: bool) -> Result<AppDiff> {
    let source = (ready.rendered.revision.clone(), ready.rendered.dirty);
    let options = HowArgs::default().options(context, target, &PruneArgs::default())?;
    Ok(AppDiff {
        exact,
        notice: ready.rendered.shown().notice,
        ..show::drift(context, target, source, &ready.prepared, &options)
    })
}
