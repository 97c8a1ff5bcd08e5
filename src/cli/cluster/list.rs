//! `pushboat cluster list`: every cluster, asked just now.

use std::sync::Arc;
use std::time::Duration;

use crate::cli::context::Context;
use crate::cli::renew;
use crate::cli::repository::Repository;
use crate::cluster::Cluster;
use crate::cluster::probe::{Probe, probe};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::fleet;
use crate::object::display::display;
use crate::repo::cluster::{KnownCluster, KnownClusters};
use crate::repo::glob;
use crate::report::{ClusterList, ClusterRow, Connection, ErrorView, Format};
use crate::sync::clock::rfc3339;

/// How long one cluster may take, unless `--timeout` says otherwise.
pub(super) const LIMIT: Duration = Duration::from_secs(10);

/// List clusters, asking each of them now
///
/// All are asked at once, each with a time limit of its own: one that is gone does not delay the others.
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::CLUSTER_LIST)]
pub(crate) struct Args {}

pub(crate) async fn run(context: &Arc<Context>, _: Args) -> Result<Exit> {
    let repository = context.repository()?;
    repository
        .failures()
        .for_each(|error| context.ui().warn(&error.to_string()));
    let known = selected(context, repository.clusters())?;
    if context.format() == Format::Name {
        let rows = known.iter().map(|known| declared(&repository, known));
        return context.show(&ClusterList::new(rows.collect()));
    }
    let shared = context.clone();
    let answers = fleet::each(
        known.clone(),
        context.parallelism().max(known.len()),
        |known| &known.name,
        move |known| {
            let context = shared.clone();
            async move { ask(&context, &known).await }
        },
    )
    .await;
    let rows = known
        .iter()
        .zip(answers)
        .map(|(known, answer)| match answer {
            Ok(probe) => row(&repository, known, &probe),
            Err(error) => ClusterRow {
                status: Connection::Failed,
                error: Some(ErrorView::from(&error)),
                ..declared(&repository, known)
            },
        });
    let list = ClusterList::new(rows.collect());
    list.warnings
        .iter()
        .for_each(|warning| context.ui().warn(warning));
    context.show(&list)
}

/// The clusters that `--cluster` selects; each exact name must be known.
pub(crate) fn selected(context: &Context, known: &KnownClusters) -> Result<Vec<KnownCluster>> {
    let wanted = &context.global().cluster;
    for name in wanted.iter().filter(|name| !glob::is_glob(name)) {
        known.given(name)?;
    }
    let clusters = known.clusters.iter().filter(|known| {
        wanted.is_empty() || wanted.iter().any(|glob| glob::matches(glob, &known.name))
    });
    let clusters: Vec<KnownCluster> = clusters.cloned().collect();
    context.check_context(clusters.iter().map(|known| known.name.as_str()))?;
    Ok(clusters)
}

/// A cluster that a command names must be one that `--cluster` selects, where both are given.
pub(super) fn check_named(context: &Context, name: &str) -> Result<()> {
    let wanted = &context.global().cluster;
    if wanted.is_empty() || wanted.iter().any(|glob| glob::matches(glob, name)) {
        return Ok(());
    }
    Err(Error::usage(format!(
        "cluster `{}` was named, which `--cluster {}` leaves out",
        display(name),
        display(&wanted.join(","))
    ))
    .hint("`--cluster` (or `PUSHBOAT_CLUSTER`) only filters: leave it out"))
}

/// Asks one cluster who it is and who we are to it.
pub(crate) async fn ask(context: &Context, known: &KnownCluster) -> Result<Probe> {
    let options = context.options_for(known)?;
    let expiring = renew::expiring(context, &options.context)?;
    if let Some(registered) = &expiring {
        renew::check(context, registered)?;
    }
    let answer = probe(&options, context.timeout_or(LIMIT)).await;
    answer.notes.iter().for_each(|note| context.ui().warn(note));
    if let (Some(registered), None) = (&expiring, &answer.error) {
        renew::renew(context, registered, &Cluster::connect(&options).await?).await;
    }
    Ok(answer)
}

pub(super) fn row(repository: &Repository, known: &KnownCluster, probe: &Probe) -> ClusterRow {
    let declared = declared(repository, known);
    ClusterRow {
        server: if probe.server.is_empty() {
            declared.server.clone()
        } else {
            probe.server.clone()
        },
        version: probe.version.clone(),
        status: if probe.error.is_some() {
            Connection::Failed
        } else {
            Connection::Connected
        },
        error: probe.error.as_ref().map(ErrorView::from),
        latency_ms: probe
            .latency
            .and_then(|latency| u64::try_from(latency.as_millis()).ok()),
        auth: probe
            .credential
            .map(|kind| kind.as_str().to_owned())
            .unwrap_or_default(),
        expires: probe.expires.map(rfc3339).unwrap_or_default(),
        uid: probe.kube_system_uid.clone().unwrap_or_default(),
        ..declared
    }
}

/// What is known without asking.
pub(super) fn declared(repository: &Repository, known: &KnownCluster) -> ClusterRow {
    ClusterRow {
        name: known.name.clone(),
        server: known.server.clone().unwrap_or_default(),
        version: String::new(),
        status: Connection::NotAsked,
        error: None,
        latency_ms: None,
        auth: String::new(),
        expires: String::new(),
        n_apps: repository.apps_of(&known.name).count(),
        known_from: known.origin.clone(),
        context: known.context.clone(),
        secret: known.secret.clone().unwrap_or_default(),
        uid: String::new(),
    }
}
