//! One LIST of a comparison: each object is judged as its page arrives, and dropped when it is in sync.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::compare::{Live, Request, live};
use crate::cluster::{ApiResource, ListOptions};
use crate::error::Result;
use crate::object::{Object, labels};

/// Desired objects of one kind by [`place`].
pub(super) type Index = HashMap<Box<str>, usize>;

/// Writes `namespace/name` into `text`: one text an object, as there may be many. Neither part can hold a `/`.
pub(super) fn place(text: &mut String, object: &Object) {
    text.clear();
    text.push_str(object.namespace());
    text.push('/');
    text.push_str(object.name());
}

/// The namespace of a [`place`].
pub(super) fn namespace_of(place: &str) -> &str {
    place.split_once('/').map_or("", |(namespace, _)| namespace)
}

/// One LIST.
pub(super) struct Job {
    pub(super) resource: ApiResource,
    pub(super) namespace: Option<String>,
    pub(super) labelled: bool,
    /// The set that its members carry the label of.
    pub(super) set: Arc<str>,
    pub(super) index: Arc<Index>,
}

/// What one LIST gave.
#[derive(Default)]
pub(super) struct Found {
    pub(super) matched: Vec<(usize, Live, Option<Box<Object>>)>,
    pub(super) extras: Vec<Object>,
    pub(super) n_members: usize,
}

pub(super) async fn run_job(request: &Request<'_>, job: Job) -> (Job, Result<Found>) {
    let id = &job.set;
    let options = ListOptions {
        namespace: job.namespace.clone(),
        label_selector: job
            .labelled
            .then(|| format!("{}={id}", labels::APPLYSET_PART_OF)),
        // Where nothing of the kind is desired any more, only who owns what matters.
        metadata_only: job.index.is_empty(),
        ..ListOptions::default()
    };
    let found = Mutex::new(Found::default());
    let mut at = String::new();
    let mut on_item = |object: Object| {
        let Ok(mut found) = found.lock() else { return };
        let is_member = object.label(labels::APPLYSET_PART_OF) == Some(&**id);
        found.n_members += usize::from(is_member);
        place(&mut at, &object);
        match job.index.get(at.as_str()) {
            Some(n) => {
                let is_in_sync = request.is_surely_in_sync(*n, &object);
                found.matched.push((
                    *n,
                    live(&object, &request.set),
                    (!is_in_sync).then(|| Box::new(object)),
                ));
            }
            None if is_member => found.extras.push(object),
            None => {}
        }
    };
    let mut on_restart = || {
        if let Ok(mut found) = found.lock() {
            *found = Found::default();
        }
    };
    let listed = request
        .cluster
        .list(&job.resource, &options, &mut on_restart, &mut on_item)
        .await;
    let found = found.into_inner().unwrap_or_default();
    (job, listed.map(|_| found))
}
