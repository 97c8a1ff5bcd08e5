//! All parents that stand in a cluster, wherever: for an app whose own is not where it should be, and for apps that no file declares.
//!
//! One LIST of Secrets by label, at most once a cluster and run. Where that is forbidden, one in each namespace of the repository's apps.
//! Beside it, what else is asked once a cluster: the admission that may change objects.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::AppRef;
use super::mutators::mutators;
use crate::cluster::{Cluster, Discovery, ListOptions};
use crate::error::{Error, Reason, Result};
use crate::object::{Object, labels};
use crate::plan::admission::Mutators;
use crate::plan::record::Read;

/// What one cluster answered, asked at most once.
type Answer = Arc<OnceCell<Result<Arc<Found>>>>;
type Admission = Arc<OnceCell<Arc<Mutators>>>;

/// What is known of the clusters of a run.
#[derive(Debug, Default)]
pub struct Lookups {
    by_cluster: Mutex<BTreeMap<String, Answer>>,
    admission: Mutex<BTreeMap<String, Admission>>,
}

/// The parents of one cluster, metadata only.
#[derive(Debug, Default)]
pub struct Found {
    pub parents: Vec<Object>,
    /// The namespaces that were looked in, where not all of them could be.
    pub only_in: Option<BTreeSet<String>>,
}

impl Lookups {
    /// The parents of the cluster that the app is on.
    pub async fn find(&self, cluster: &Cluster, app: &AppRef) -> Result<Arc<Found>> {
        self.find_in(cluster, &app.cluster, &app.places).await
    }

    /// The parents of the cluster called `name`; `places` are the namespaces to look in where all of them are forbidden.
    pub async fn find_in(
        &self,
        cluster: &Cluster,
        name: &str,
        places: &BTreeSet<String>,
    ) -> Result<Arc<Found>> {
        let cell = {
            let mut known = self
                .by_cluster
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            known.entry(name.to_owned()).or_default().clone()
        };
        let found = cell.get_or_init(|| async { find(cluster, places).await.map(Arc::new) });
        found.await.clone()
    }

    /// What may change objects as they are written to the cluster that the app is on.
    pub(super) async fn mutators(
        &self,
        cluster: &Cluster,
        discovery: &Discovery,
        app: &AppRef,
    ) -> Arc<Mutators> {
        let cell = {
            let known = self.admission.lock();
            let mut known = known.unwrap_or_else(PoisonError::into_inner);
            known.entry(app.cluster.clone()).or_default().clone()
        };
        let read = || async { Arc::new(mutators(cluster, discovery).await) };
        cell.get_or_init(read).await.clone()
    }
}

async fn find(cluster: &Cluster, places: &BTreeSet<String>) -> Result<Found> {
    match list(cluster, None).await {
        Ok(parents) => {
            return Ok(Found {
                parents,
                only_in: None,
            });
        }
        Err(error) if error.reason() == Reason::Forbidden => {}
        Err(error) => return Err(error.context("cannot look for records of apps")),
    }
    let mut found = Found::default();
    let mut read = BTreeSet::new();
    for place in places {
        match list(cluster, Some(place)).await {
            Ok(parents) => {
                found.parents.extend(parents);
                read.insert(place.clone());
            }
            Err(error) if error.reason() == Reason::Forbidden => {}
            Err(error) => return Err(error.context("cannot look for records of apps")),
        }
    }
    found.only_in = Some(read);
    Ok(found)
}

async fn list(cluster: &Cluster, namespace: Option<&String>) -> Result<Vec<Object>> {
    let options = ListOptions {
        namespace: namespace.cloned(),
        label_selector: Some(labels::APPLYSET_ID.to_owned()),
        metadata_only: true,
        ..ListOptions::default()
    };
    let resource = super::history::resource();
    cluster.list_all(&resource, &options, Some).await
}

impl Found {
    /// The other namespaces in which this very app has a parent: it moved from there. One under another folder may be of another branch of
    /// the repository, and one that names the repository by its folder may be another repository's.
    pub fn places_of(&self, app: &AppRef) -> BTreeSet<String> {
        let name = app.record_name();
        let elsewhere = self
            .parents
            .iter()
            .filter(|parent| parent.name() == name && parent.namespace() != app.records_namespace);
        let is_ours = |parent: &&Object| match app.at(parent.namespace()).parent().read(parent) {
            Read::Ours { renamed, .. } => !renamed
                .iter()
                .any(|it| it.what == "folder" || it.from.starts_with("folder/")),
            Read::Refused { .. } => false,
        };
        let ours = elsewhere.filter(is_ours);
        ours.map(|parent| parent.namespace().to_owned()).collect()
    }

    /// What a reader should know where not everything could be looked at.
    pub fn note(&self, app: &AppRef) -> Option<String> {
        let places = self.only_in.as_ref()?;
        let places: Vec<&str> = places.iter().map(String::as_str).collect();
        Some(format!(
            "this account may not list Secrets in all namespaces: records of app `{}` were looked for only in {}",
            app.display(),
            if places.is_empty() {
                "its own".to_owned()
            } else {
                places.join(", ")
            }
        ))
    }
}

/// Why an app is not found that no file declares.
pub fn not_found(app: &str, found: &Found) -> Error {
    let error = Error::usage(format!(
        "no file declares app `{app}`, and the cluster has no record of it"
    ));
    match &found.only_in {
        None => error,
        Some(places) => {
            let places: Vec<&str> = places.iter().map(String::as_str).collect();
            error.hint(format!(
                "this account may not list Secrets in all namespaces: it was looked for in {}",
                places.join(", ")
            ))
        }
    }
}
