//! `pushboat app list`: every app, where it goes and how it does.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::claims::{Own, Purpose, View};
use super::orphans;
use super::pipeline::{self, Ready, Target};
use super::show;
use crate::cli::args::SelectArgs;
use crate::cli::context::Context;
use crate::error::Result;
use crate::exit::Exit;
use crate::repo::cluster::KnownCluster;
use crate::repo::glob;
use crate::repo::remote::without_credentials;
use crate::report::{AppList, AppRow, ErrorView, Format, Shown};

/// List apps with their sync status and health
///
/// Without names all apps are listed. `-o name` asks no cluster.
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::APP_LIST)]
pub(crate) struct Args {
    #[command(flatten)]
    select: SelectArgs,

    /// Only apps that no file declares any more, by the records that they left in the clusters
    #[arg(long, conflicts_with_all = ["selector", "project"])]
    orphaned: bool,
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    if args.orphaned {
        let rows = orphaned(context, &args.select.apps, &BTreeSet::new()).await?;
        return context.show(&AppList::new(rows));
    }
    let is_everything = args.select.apps.is_empty()
        && args.select.selector.is_none()
        && args.select.project.is_empty();
    let select = args.select.or_all();
    if context.format() == Format::Name {
        let targets = pipeline::selected(context, &select)?;
        let rows = targets.iter().map(|(target, error)| match error {
            Some(error) => failed(target, error),
            None => declared(target),
        });
        return context.show(&AppList::new(rows.collect()));
    }
    let ask = |context: Arc<Context>, target: Target, keep| async move {
        let ready = pipeline::ready(&context, &target, context.preparing()).await?;
        Ok((row(&target, &ready), Own::of(&ready.prepared, keep)))
    };
    let targets = pipeline::selected(context, &select)?;
    let asked: BTreeSet<String> = targets
        .iter()
        .map(|(it, _)| it.cluster.name.clone())
        .collect();
    let parallelism = context.parallelism();
    let answers =
        pipeline::each_with_claims(context, targets, parallelism, Purpose::Show, ask).await?;
    let rows = answers.into_iter().map(|(target, answer)| match answer {
        Ok((row, view)) => with_shared(row, &view),
        Err(error) => failed(&target, &error),
    });
    let mut rows: Vec<AppRow> = rows.collect();
    if is_everything {
        rows.extend(orphaned(context, &[], &asked).await?);
    }
    context.show(&AppList::new(rows))
}

/// The apps that no file declares any more, on the selected clusters. A cluster that was `asked` has told its trouble already.
async fn orphaned(
    context: &Arc<Context>,
    names: &[String],
    asked: &BTreeSet<String>,
) -> Result<Vec<AppRow>> {
    let repository = context.repository()?;
    let clusters = &context.global().cluster;
    let is_selected = |name: &&str| {
        clusters.is_empty() || clusters.iter().any(|wanted| glob::matches(wanted, name))
    };
    let folders: Vec<KnownCluster> = repository
        .folders()
        .filter(is_selected)
        .map(|name| repository.known(name))
        .collect();
    let looks = folders.iter().map(|known| {
        let repository = &repository;
        async move {
            let cluster = context.connect(known).await?;
            orphans::of_cluster(context, repository, &cluster, known).await
        }
    });
    let answers = futures::future::join_all(looks).await;
    let mut rows = Vec::new();
    for (known, answer) in folders.iter().zip(answers) {
        match answer {
            Ok(orphans) => rows.extend(orphans.iter().map(|orphan| orphan_row(&orphan.target))),
            Err(_) if asked.contains(&known.name) => {}
            Err(error) => context.fail(&error),
        }
    }
    let is_named = |row: &AppRow| {
        let id = format!("{}/{}", row.cluster, row.name);
        let mut names = names.iter();
        names.any(|name| glob::matches(name, &row.name) || glob::matches(name, &id))
    };
    rows.retain(|row| names.is_empty() || is_named(row));
    Ok(rows)
}

fn orphan_row(target: &Target) -> AppRow {
    AppRow {
        orphaned: true,
        conditions: vec!["Orphaned".to_owned()],
        ..declared(target)
    }
}

fn row(target: &Target, ready: &Ready) -> AppRow {
    AppRow {
        sync: Some(show::sync(&ready.prepared)),
        health: Some(show::health(&ready.prepared)),
        conditions: show::conditions(&ready.prepared),
        shown: ready.rendered.shown(),
        error: show::unread(&ready.prepared),
        ..declared(target)
    }
}

/// Each other app that wants an object of this one is named once.
fn with_shared(mut row: AppRow, view: &View) -> AppRow {
    let others: BTreeSet<String> = view
        .shared()
        .map(|shared| shared.other.to_string())
        .collect();
    let conditions = others
        .iter()
        .map(|other| format!("SharedResource({other})"));
    row.conditions.extend(conditions);
    row
}

fn failed(target: &Target, error: &crate::error::Error) -> AppRow {
    AppRow {
        error: Some(ErrorView::from(error)),
        ..declared(target)
    }
}

/// What the repository alone says.
fn declared(target: &Target) -> AppRow {
    let app = &target.app;
    AppRow {
        cluster: target.cluster.name.clone(),
        name: app.name.clone(),
        namespace: target.namespace(),
        project: app.project.clone(),
        sync: None,
        health: None,
        sync_policy: show::policy(app).to_owned(),
        conditions: Vec::new(),
        repo: without_credentials(&app.source.repo_url),
        path: app.source.path.value.clone(),
        target_revision: target.target_revision(),
        shown: Shown::default(),
        orphaned: false,
        error: None,
    }
}
