//! The parent of an app's ApplySet (KEP-3659): what may have been applied where, so that nothing applied is ever unfindable.
//!
//! Widened before the first apply, narrowed only after the last successful prune.

use serde_json::json;

use super::AppRef;
use crate::cluster::{ApplyOptions, Cluster, Deleted, Preconditions, Propagation};
use crate::error::{Error, Reason, Result};
use crate::object::{Object, labels};
use crate::plan::applyset::Scope;

/// Whether the last sync came to its end.
const PHASE: &str = "pushboat.dev/phase";

/// How far the sync that last wrote the parent came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Widened; objects may be applied or not.
    InProgress,
    /// Everything in scope is a member that is still desired, or was kept on purpose.
    Done,
}

impl Phase {
    fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Done => "Done",
        }
    }
}

/// The parent as it stands in the cluster.
#[derive(Debug, Clone)]
pub struct Parent {
    pub scope: Scope,
    pub phase: Phase,
    pub object: Object,
}

/// Reads the parent of `app`; refuses another tool's, another repository's and another app's unless `adopt`.
pub async fn read(cluster: &Cluster, app: &AppRef, adopt: bool) -> Result<Option<Parent>> {
    let found = cluster.get(&super::history::resource(), &app.records_namespace, &app.record_name()).await?;
    let Some(object) = found else { return Ok(None) };
    if !adopt {
        refuse_foreign(app, &object)?;
    }
    let group_kinds = object.annotation(labels::APPLYSET_GROUP_KINDS).unwrap_or_default();
    let namespaces = object.annotation(labels::APPLYSET_NAMESPACES).unwrap_or_default();
    let scope = Scope::parse(group_kinds, namespaces);
    let phase = match object.annotation(PHASE) {
        Some("Done") => Phase::Done,
        _ => Phase::InProgress,
    };
    Ok(Some(Parent { scope, phase, object }))
}

fn refuse_foreign(app: &AppRef, object: &Object) -> Result<()> {
    let refuse = |what: String| {
        let message = format!(
            "Secret `{}` in namespace `{}` of cluster `{}` {what}",
            object.name(),
            object.namespace(),
            app.cluster
        );
        Err(Error::new(Reason::Guard, message).hint("rename the app, or take the set over with `--adopt`"))
    };
    let tooling = object.annotation(labels::APPLYSET_TOOLING).unwrap_or_default();
    if !tooling.starts_with("pushboat/") {
        return refuse(if tooling.is_empty() {
            "is not an ApplySet parent of pushboat".to_owned()
        } else {
            format!("is the ApplySet parent of another tool, `{tooling}`")
        });
    }
    for (annotation, ours, what) in
        [(labels::REPO, &app.repo, "repository"), (labels::APP, &app.name, "app"), (labels::CLUSTER, &app.cluster, "cluster folder")]
    {
        let theirs = object.annotation(annotation).unwrap_or_default();
        if theirs != ours {
            return refuse(format!("belongs to {what} `{theirs}`, not `{ours}`"));
        }
    }
    let id = object.label(labels::APPLYSET_ID).unwrap_or_default();
    if id != app.applyset_id() {
        return refuse(format!("has the ApplySet id `{id}`, which is not the one of its name and namespace"));
    }
    Ok(())
}

/// Writes the parent with exactly this scope.
pub async fn write(cluster: &Cluster, app: &AppRef, scope: &Scope, phase: Phase) -> Result<Parent> {
    let parent = Object::new(json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": app.record_name(),
            "namespace": app.records_namespace,
            "labels": {
                "app.kubernetes.io/managed-by": "pushboat",
                labels::APPLYSET_ID: app.applyset_id(),
            },
            "annotations": {
                labels::APPLYSET_TOOLING: format!("pushboat/v{}", env!("CARGO_PKG_VERSION")),
                labels::APPLYSET_GROUP_KINDS: scope.format_group_kinds(),
                labels::APPLYSET_NAMESPACES: scope.format_namespaces(&app.records_namespace),
                labels::REPO: app.repo,
                labels::CLUSTER: app.cluster,
                labels::APP: app.name,
                PHASE: phase.as_str(),
            },
        },
    }));
    let options = ApplyOptions { force: true, ..ApplyOptions::default() };
    let object = cluster.apply(&super::history::resource(), &parent, options).await.map_err(|failure| {
        failure.error().clone().context(format!("failed to write the parent record of app `{}`", app.display()))
    })?;
    Ok(Parent { scope: scope.clone(), phase, object })
}

/// Removes the parent: the last record to go.
pub async fn delete(cluster: &Cluster, parent: &Parent) -> Result<Deleted> {
    let preconditions = Preconditions {
        uid: parent.object.uid().to_owned(),
        resource_version: parent.object.resource_version().to_owned(),
    };
    let resource = super::history::resource();
    cluster.delete(&resource, &parent.object.key(), &preconditions, Propagation::Background).await
}
