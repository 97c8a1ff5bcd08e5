//! Apps that no file declares any more, found by the records that they left in a cluster.
//!
//! An app whose file cannot be read is not one of them: what is not known to be gone is not gone.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::pipeline::Target;
use crate::cli::context::Context;
use crate::cli::repository::Repository;
use crate::cluster::Cluster;
use crate::error::Result;
use crate::object::{Object, labels};
use crate::plan::applyset::{record_name, tool_name};
use crate::repo::application::Application;
use crate::repo::checkout::At;
use crate::repo::cluster::KnownCluster;
use crate::repo::glob;
use crate::sync::lookup::{Found, not_found};
use crate::sync::moving;
use crate::sync::prepare::Prepared;

/// An app and the set that its record is the parent of.
pub(super) struct Orphan {
    pub(super) target: Target,
    pub(super) set: String,
}

/// The apps of the repository that have a record in the cluster and no file.
pub(super) async fn of_cluster(
    context: &Context,
    repository: &Repository,
    cluster: &Cluster,
    known: &KnownCluster,
) -> Result<Vec<Orphan>> {
    let found = find(context, repository, cluster, known).await?;
    let parents = found.parents.iter();
    Ok(parents
        .filter_map(|parent| orphan(repository, known, parent))
        .collect())
}

async fn find(
    context: &Context,
    repository: &Repository,
    cluster: &Cluster,
    known: &KnownCluster,
) -> Result<Arc<Found>> {
    let places = repository.places(&known.name);
    context
        .lookups()
        .find_in(cluster, &known.name, &places)
        .await
}

fn orphan(repository: &Repository, known: &KnownCluster, parent: &Object) -> Option<Orphan> {
    let text = |name: &str| parent.annotation(name).unwrap_or_default();
    let (app, folder) = (text(labels::APP), text(labels::CLUSTER));
    let is_record = tool_name(text(labels::APPLYSET_TOOLING)) == labels::MANAGER
        && !app.is_empty()
        && parent.name() == record_name(app);
    // The name of a folder alone may be another repository's.
    let id = repository.id();
    let mut names = id
        .former()
        .iter()
        .filter(|name| !name.starts_with("folder/"));
    let repo = text(labels::REPO);
    let is_ours = repo == id.name() || names.any(|name| name == repo);
    // Another folder may stand in another branch.
    let is_here = folder == known.name;
    let is_declared = repository.may_declare(app, &known.name);
    (is_record && is_ours && is_here && !is_declared).then(|| Orphan {
        target: target(known, app, parent.namespace()),
        set: parent
            .label(labels::APPLYSET_ID)
            .unwrap_or_default()
            .to_owned(),
    })
}

fn target(known: &KnownCluster, app: &str, namespace: &str) -> Target {
    let mut application = Application::default();
    app.clone_into(&mut application.name);
    namespace.clone_into(&mut application.destination.namespace.value);
    Target {
        cluster: known.clone(),
        app: Arc::new(application),
        at: At::Declared,
        declared_for: None,
    }
}

/// Takes the names out of `names` that mean no declared app but one whose record is to be looked for: `CLUSTER/APP`, without a glob.
pub(super) fn take_undeclared(repository: &Repository, names: &mut Vec<String>) -> Vec<String> {
    let is_undeclared = |name: &str| match name.split_once('/') {
        Some((cluster, app)) => {
            !glob::is_glob(name)
                && repository.clusters().get(cluster).is_some()
                && !repository.may_declare(app, cluster)
        }
        None => false,
    };
    let (undeclared, declared) = std::mem::take(names)
        .into_iter()
        .partition(|name| is_undeclared(name));
    *names = declared;
    undeclared
}

/// The app that `name`, a `CLUSTER/APP`, means by its record.
pub(super) async fn named(context: &Context, name: &str) -> Result<Target> {
    let repository = context.repository()?;
    let (cluster, app) = name.split_once('/').unwrap_or_default();
    let known = repository.known(cluster);
    let connected = context.connect(&known).await?;
    let orphans = of_cluster(context, &repository, &connected, &known).await?;
    let mut places = orphans.into_iter().filter(|it| it.target.app.name == app);
    match (places.next(), places.next()) {
        (Some(orphan), _) => Ok(orphan.target),
        (None, _) => {
            let found = find(context, &repository, &connected, &known).await?;
            Err(not_found(name, &found))
        }
    }
}

/// Of the sets that objects carry which this app wants, those of apps that no file declares any more: what another app wants of them is
/// handed over. Nothing is asked where every set is known.
pub(super) async fn free_sets(
    context: &Context,
    target: &Target,
    prepared: &Prepared,
) -> Result<BTreeSet<String>> {
    let own = moving::sets(prepared);
    let resources = prepared.comparison.resources.iter();
    let live = resources.filter_map(|resource| resource.live.as_ref());
    let foreign: BTreeSet<&str> = live
        .map(|live| &*live.set)
        .filter(|set| !set.is_empty() && !own.contains(*set))
        .collect();
    if foreign.is_empty() {
        return Ok(BTreeSet::new());
    }
    let (repository, cluster) = (context.repository()?, &prepared.cluster);
    let orphans = of_cluster(context, &repository, cluster, &target.cluster).await?;
    let sets = orphans.into_iter().map(|orphan| orphan.set);
    Ok(sets.filter(|set| foreign.contains(&**set)).collect())
}
