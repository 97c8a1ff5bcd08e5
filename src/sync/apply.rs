//! One object to the cluster: server-side apply, conflicts, replacement, and what became of it.

use std::time::Duration;

use super::compare::Live;
use super::interrupt::Interrupt;
use crate::cluster::{
    ApiResource, ApplyFailure, ApplyOptions, Cluster, Deleted, FieldConflict, Preconditions,
    Propagation,
};
use crate::error::{Error, Reason, Result};
use crate::object::{Key, Object, labels};
use crate::plan::takeover::may_take;

/// How long an object that is being deleted may take to go before its successor is refused.
const GONE_WITHIN: Duration = Duration::from_secs(60);

/// What an apply did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    Created,
    Configured,
    Unchanged,
    /// Deleted and created anew, because its own annotation asks for it and an immutable field changed.
    Replaced,
}

impl Applied {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Configured => "configured",
            Self::Unchanged => "unchanged",
            Self::Replaced => "replaced",
        }
    }
}

/// What an apply may do beyond the ordinary.
#[derive(Debug, Clone, Copy, Default)]
pub struct Policy {
    /// Take fields from controllers too.
    pub force_conflicts: bool,
    pub dry_run: bool,
}

/// Applies one object. `live` is what the comparison saw, if anything.
pub async fn apply(
    cluster: &Cluster,
    resource: &ApiResource,
    object: &Object,
    live: Option<&Live>,
    policy: Policy,
    interrupt: &Interrupt,
) -> Result<Applied> {
    let mut before = live.map(|live| live.resource_version.clone());
    if live.is_some_and(|live| live.is_deleting) && !policy.dry_run {
        wait_until_gone(
            cluster,
            resource,
            &object.key(),
            live.map_or("", |live| &live.uid),
            GONE_WITHIN,
            interrupt,
        )
        .await?;
        before = None;
    }
    match send(cluster, resource, object, policy).await {
        Ok(after) => Ok(match before {
            None => Applied::Created,
            // A dry run leaves the version as it is, and is asked only about what differs.
            Some(version) if version == after.resource_version() && !policy.dry_run => {
                Applied::Unchanged
            }
            Some(_) => Applied::Configured,
        }),
        Err(ApplyFailure::Immutable { error }) if may_replace(object) && !policy.dry_run => {
            replace(cluster, resource, object, error, interrupt).await
        }
        Err(failure) => Err(explain(failure, object)),
    }
}

async fn send(
    cluster: &Cluster,
    resource: &ApiResource,
    object: &Object,
    policy: Policy,
) -> std::result::Result<Object, ApplyFailure> {
    let options = ApplyOptions {
        dry_run: policy.dry_run,
        force: policy.force_conflicts,
    };
    // Only what people and clients wrote is taken back unasked; the fields of another controller are its own.
    apply_or_force(cluster, resource, object, options, takeable).await
}

/// Applies, and where fields of others stand in the way once more with force if `may_force` says so of them.
pub(super) async fn apply_or_force(
    cluster: &Cluster,
    resource: &ApiResource,
    object: &Object,
    options: ApplyOptions,
    may_force: impl FnOnce(&[FieldConflict]) -> bool,
) -> std::result::Result<Object, ApplyFailure> {
    let forced = ApplyOptions {
        force: true,
        ..options
    };
    match cluster.apply(resource, object, options).await {
        Err(ApplyFailure::Conflict { conflicts, .. }) if may_force(&conflicts) => {
            cluster.apply(resource, object, forced).await
        }
        answer => answer,
    }
}

fn takeable(conflicts: &[FieldConflict]) -> bool {
    !conflicts.is_empty() && conflicts.iter().all(|conflict| may_take(&conflict.manager))
}

fn explain(failure: ApplyFailure, object: &Object) -> Error {
    match failure {
        ApplyFailure::Conflict { conflicts, error } => {
            let fields: Vec<String> = conflicts
                .iter()
                .filter(|conflict| !may_take(&conflict.manager))
                .map(|conflict| {
                    format!("`{}` is managed by `{}`", conflict.field, conflict.manager)
                })
                .collect();
            let error = if fields.is_empty() {
                error
            } else {
                Error::new(Reason::Conflict, fields.join(", "))
            };
            error.hint("leave the field out of the repository, or take it with `--force-conflicts`")
        }
        ApplyFailure::NamespaceMissing { error } => error.hint(format!(
            "add the Namespace `{}` to the app, or set the sync option `CreateNamespace=true`",
            object.namespace()
        )),
        ApplyFailure::Immutable { error } if never_replaced(object) => error,
        ApplyFailure::Immutable { error } => error.hint(format!(
            "to let pushboat delete and create it anew, annotate it with `{}: Replace=true`",
            labels::ARGO_SYNC_OPTIONS
        )),
        ApplyFailure::DryRunUnsupported { error, .. }
        | ApplyFailure::NotServed { error }
        | ApplyFailure::Other { error } => error,
    }
}

/// Kinds whose deletion takes data or whole worlds along: never replaced, whatever their annotation says.
fn never_replaced(object: &Object) -> bool {
    matches!(
        object.kind(),
        "PersistentVolumeClaim" | "PersistentVolume" | "Namespace" | "CustomResourceDefinition"
    )
}

fn may_replace(object: &Object) -> bool {
    let options = object
        .annotation(labels::ARGO_SYNC_OPTIONS)
        .unwrap_or_default();
    let asks = options
        .split(',')
        .map(str::trim)
        .any(|option| matches!(option, "Replace=true" | "Force=true"));
    asks && !never_replaced(object)
}

async fn replace(
    cluster: &Cluster,
    resource: &ApiResource,
    object: &Object,
    refused: Error,
    interrupt: &Interrupt,
) -> Result<Applied> {
    let Some(live) = cluster
        .get(resource, object.namespace(), object.name())
        .await?
    else {
        return Err(refused);
    };
    let preconditions = Preconditions {
        uid: live.uid().to_owned(),
        resource_version: live.resource_version().to_owned(),
    };
    match cluster
        .delete(
            resource,
            &object.key(),
            &preconditions,
            Propagation::Background,
        )
        .await?
    {
        Deleted::Changed => {
            return Err(refused.hint("the object changed meanwhile: run the sync again"));
        }
        Deleted::Gone => {}
        Deleted::Pending => {
            wait_until_gone(
                cluster,
                resource,
                &object.key(),
                live.uid(),
                GONE_WITHIN,
                interrupt,
            )
            .await?;
        }
    }
    let options = ApplyOptions::default();
    cluster
        .apply(resource, object, options)
        .await
        .map(|_| Applied::Replaced)
        .map_err(|failure| explain(failure, object))
}

/// Waits until the object with this uid is gone; names the finalizers that hold it when it is not.
pub async fn wait_until_gone(
    cluster: &Cluster,
    resource: &ApiResource,
    key: &Key,
    uid: &str,
    limit: Duration,
    interrupt: &Interrupt,
) -> Result<()> {
    let started = std::time::Instant::now();
    let mut pause = Duration::from_millis(50);
    loop {
        let Some(found) = cluster.get(resource, &key.namespace, &key.name).await? else {
            return Ok(());
        };
        if found.uid() != uid {
            return Ok(());
        }
        if started.elapsed() >= limit {
            let finalizers = found
                .value
                .pointer("/metadata/finalizers")
                .and_then(|list| list.as_array());
            let names: Vec<&str> = finalizers
                .map(|list| list.iter().filter_map(|name| name.as_str()).collect())
                .unwrap_or_default();
            let held = if names.is_empty() {
                String::new()
            } else {
                format!(": held by {}", names.join(", "))
            };
            return Err(Error::new(
                Reason::Timeout,
                format!(
                    "`{key}` is still being deleted after {}s{held}",
                    limit.as_secs()
                ),
            )
            .during(crate::error::During::Write));
        }
        if !interrupt.sleep(pause).await {
            return Err(Error::new(
                Reason::Interrupted,
                format!("interrupted while `{key}` was being deleted"),
            ));
        }
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(kind: &str, options: &str) -> Object {
        Object::new(
            json!({"kind": kind, "metadata": {"annotations": {"argocd.argoproj.io/sync-options": options}}}),
        )
    }

    #[test]
    fn replaces_only_what_asks_for_it_and_never_what_holds_data() {
        assert!(may_replace(&object("Job", "Prune=false, Replace=true")));
        assert!(!may_replace(&object("Job", "Prune=false")));
        assert!(!may_replace(&object(
            "PersistentVolumeClaim",
            "Replace=true"
        )));
    }

    #[test]
    fn no_conflict_is_taken_when_one_manager_is_a_controller() {
        let conflict = |manager: &str| FieldConflict {
            manager: manager.into(),
            field: ".spec.replicas".into(),
        };
        assert!(takeable(&[conflict("kubectl-edit")]));
        assert!(!takeable(&[
            conflict("kubectl-edit"),
            conflict("some-operator")
        ]));
        assert!(!takeable(&[]));
    }
}
