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
use crate::sync::history::{Entry, History, Unreadable};
use crate::sync::records;

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
        let app = pipeline::app_ref(&*context.repository()?, &target);
        records::history(&cluster, &app, context.lookups()).await
    })
    .await?;
    let apps = answers.into_iter().map(|(target, answer)| {
        let (revisions, error) = match answer {
            Ok(history) => (rows(&history), None),
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

/// All entries as reports show them, newest first.
pub(super) fn rows(history: &History) -> Vec<HistoryRow> {
    let attempts = attempts(&history.entries, None);
    let entries = history.entries.iter().zip(&attempts);
    let entries = entries.zip(verdicts(&attempts));
    let readable = entries.map(|((entry, attempt), verdict)| row(entry, attempt.reach, verdict));
    let unreadable = history.unreadable.iter().map(unreadable_row);
    let mut rows: Vec<HistoryRow> = readable.chain(unreadable).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.id));
    rows
}

fn unreadable_row(entry: &Unreadable) -> HistoryRow {
    HistoryRow {
        id: entry.id.unwrap_or_default(),
        time: entry.started_at.clone(),
        who: entry.by.clone(),
        revision: String::new(),
        dirty: false,
        result: "Unreadable".to_owned(),
        n_objects: 0,
        n_changed: 0,
        rollback_to: None,
        applied: false,
        verdict: "cannot be read".to_owned(),
        message: entry.why.clone(),
    }
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
