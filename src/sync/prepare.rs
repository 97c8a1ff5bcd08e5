//! From rendered objects to a comparison: reads the parent, labels the members, compares.

use std::sync::Arc;

use super::AppRef;
use super::compare::{Comparison, Request, compare};
use super::parent::{self, Parent};
use crate::cluster::{Cluster, Discovery};
use crate::error::Result;
use crate::object::{Object, labels};

/// An app, what it should be, and how its cluster differs: everything a report or a sync starts from.
pub struct Prepared {
    pub app: AppRef,
    pub cluster: Cluster,
    pub discovery: Arc<Discovery>,
    /// With namespaces settled and the member label set.
    pub desired: Vec<Object>,
    pub parent: Option<Parent>,
    pub comparison: Comparison,
}

/// How to prepare.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Ask the server about every object, not only about suspects.
    pub exact: bool,
    /// Take over a parent record of somebody else.
    pub adopt: bool,
}

/// Compares settled objects with the cluster.
pub async fn prepare(
    cluster: &Cluster,
    discovery: Arc<Discovery>,
    app: AppRef,
    mut desired: Vec<Object>,
    options: Options,
) -> Result<Prepared> {
    let id = app.applyset_id();
    for object in &mut desired {
        object.set_label(labels::APPLYSET_PART_OF, &id);
    }
    let parent = parent::read(cluster, &app, options.adopt).await?;
    let comparison = compare(&Request {
        cluster,
        discovery: &discovery,
        app: &app,
        desired: &desired,
        recorded: parent.as_ref().map(|parent| &parent.scope),
        exact: options.exact,
    })
    .await;
    Ok(Prepared { app, cluster: cluster.clone(), discovery, desired, parent, comparison })
}
