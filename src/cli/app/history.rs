//! `pushboat app history`: what was deployed, by whom and when.

use std::sync::Arc;

use super::pipeline;
use crate::cli::args::SelectArgs;
use crate::cli::context::Context;
use crate::error::Result;
use crate::exit::Exit;
use crate::plan::rollback::{Reach, Verdict, verdicts};
use crate::report::{AppHistory, ErrorView, HistoryList, HistoryRow};
use crate::sync::admission::attempts;
use crate::sync::history::{Entry, list};

/// Show what was deployed: revision, time, who, result
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::APP_HISTORY)]
pub(crate) struct Args {
    #[command(flatten)]
    select: SelectArgs,
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    let answers = pipeline::each(context, &args.select, |context, target| async move {
        let cluster = context.connect(&target.cluster).await?;
        list(
            &cluster,
            &pipeline::app_ref(&*context.repository()?, &target),
        )
        .await
    })
    .await?;
    let apps = answers.into_iter().map(|(target, answer)| {
        let (revisions, error) = match answer {
            Ok(entries) => (rows(&entries), None),
            Err(error) => (Vec::new(), Some(ErrorView::from(&error))),
        };
        AppHistory {
            cluster: target.cluster.name,
            name: target.app.name.clone(),
            error,
            revisions,
        }
    });
    context.show(&HistoryList {
        apps: apps.collect(),
    })
}

/// The entries as reports show them, newest first.
pub(super) fn rows(entries: &[Entry]) -> Vec<HistoryRow> {
    let attempts = attempts(entries);
    let entries = entries.iter().zip(&attempts).zip(verdicts(&attempts));
    let rows = entries.map(|((entry, attempt), verdict)| row(entry, attempt.reach, verdict));
    rows.rev().collect()
}

fn row(entry: &Entry, reach: Reach, verdict: Verdict) -> HistoryRow {
    let info = &entry.info;
    HistoryRow {
        id: info.id,
        time: info.started_at.clone(),
        who: info.by.clone(),
        revision: info.revision.clone(),
        dirty: info.dirty,
        result: info.result.as_str().to_owned(),
        n_objects: info.objects,
        n_changed: info.created + info.configured + info.pruned,
        rollback_to: info.rollback_of,
        applied: reach == Reach::Whole,
        verdict: verdict.text(),
        message: match info.failed {
            0 => String::new(),
            1 => "1 object failed".to_owned(),
            n => format!("{n} objects failed"),
        },
    }
}
