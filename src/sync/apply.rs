//! One object to the cluster: server-side apply, conflicts, and what became of it.
//!
//! Writing an object over, and deleting it for its successor, is `replace`'s.

use std::time::Duration;

use super::compare::{Live, Resource};
use super::interrupt::Interrupt;
use super::repeat::{self, changed_hands, judge, overtaken};
use super::replace::{self, GONE_WITHIN};
use crate::cluster::{
    ApiResource, ApplyFailure, ApplyOptions, Basis, Cluster, FieldConflict, Seen,
};
use crate::error::{Error, Reason, Result};
use crate::object::{Key, Object, labels};
use crate::plan::owners::{Owner, OwnerKind};
use crate::plan::ownership::{NO_APPLY, own_mark};
use crate::plan::replacement::{Rewriting, is_written_over};
use crate::plan::takeover::{Reach, may_take};

/// What an apply did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    Created,
    Configured,
    Unchanged,
    /// Deleted and created anew, because an immutable field changed and that was asked for.
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
    /// Take objects over from other tools, with the fields that these wrote.
    pub adopt: bool,
    pub dry_run: bool,
    /// What the app asks for beside what each object does.
    pub rewriting: Rewriting,
}

/// Applies one object. `compared` is what the comparison saw and the plan showed.
pub async fn apply(
    cluster: &Cluster,
    resource: &ApiResource,
    object: &Object,
    compared: &Resource,
    policy: Policy,
    interrupt: &Interrupt,
) -> Result<Applied> {
    let live = compared.live.as_ref();
    let mut before = live.map(|live| live.resource_version.clone());
    if live.is_some_and(|live| live.deletion.is_some()) && !policy.dry_run {
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
    let reach = reach(compared, policy);
    let before_it = live.filter(|_| before.is_some());
    match send(cluster, resource, object, before_it, policy, reach).await {
        Ok(after) if !keeps_label(object, &after) => Err(without_label(object)),
        Ok(after) => Ok(match before {
            None => Applied::Created,
            // A dry run leaves the version as it is, and is asked only about what differs.
            Some(version) if version == after.resource_version() && !policy.dry_run => {
                Applied::Unchanged
            }
            Some(_) => Applied::Configured,
        }),
        Err(ApplyFailure::Immutable { error }) => {
            if !replace::is_due(compared, object, policy.rewriting) {
                return Err(replace::advise(error, object, policy.rewriting));
            }
            if policy.dry_run {
                return Ok(Applied::Replaced);
            }
            replace::recreate(cluster, resource, object, compared, interrupt).await
        }
        Err(failure) => Err(explain(failure, object)),
    }
}

/// Whether the server left the member label as it was applied.
fn keeps_label(object: &Object, after: &Object) -> bool {
    let label = labels::APPLYSET_PART_OF;
    object.label(label).is_none() || object.label(label) == after.label(label)
}

fn without_label(object: &Object) -> Error {
    let text = format!(
        "the cluster took the label `{}` off `{}` as it was written: without it the object is found and pruned by nobody",
        labels::APPLYSET_PART_OF,
        object.key()
    );
    Error::new(Reason::Webhook, text)
        .hint("let the mutating webhook or policy that strips labels leave this one alone")
}

async fn send(
    cluster: &Cluster,
    resource: &ApiResource,
    object: &Object,
    live: Option<&Live>,
    policy: Policy,
    reach: Reach,
) -> std::result::Result<Object, ApplyFailure> {
    let options = ApplyOptions {
        dry_run: policy.dry_run,
        force: policy.force_conflicts,
    };
    let mut own = live.map_or(Some(NO_APPLY), |live| Some(live.mark.as_ref()?.own));
    let mut seen = live.map(repeat::seen);
    if is_written_over(object, policy.rewriting)
        && let Some(after) = replace::write_over(cluster, resource, object, options).await?
    {
        if policy.dry_run {
            // An apply after it would be tried on what is there now.
            return Ok(after);
        }
        own = Some(own_mark(&after));
        seen = Some(Seen::of(&after));
    }
    let judge = |found: Option<&Object>, maybe_done| match changed_hands(object, live, found) {
        Some(error) => Err(error),
        None => Ok(judge(object, own, found, maybe_done)),
    };
    let basis = Basis {
        seen,
        judge: &judge,
    };
    // Only what people and clients wrote is taken back unasked; the fields of another controller are its own.
    let may_force = |conflicts: &[FieldConflict]| takeable(conflicts, reach);
    apply_or_force(cluster, resource, object, options, Some(&basis), may_force).await
}

/// Applies, and where fields of others stand in the way once more with force if `may_force` says so of them.
pub(super) async fn apply_or_force(
    cluster: &Cluster,
    resource: &ApiResource,
    object: &Object,
    options: ApplyOptions,
    basis: Option<&Basis<'_>>,
    may_force: impl FnOnce(&[FieldConflict]) -> bool,
) -> std::result::Result<Object, ApplyFailure> {
    let forced = ApplyOptions {
        force: true,
        ..options
    };
    let apply = async |options| match basis {
        Some(basis) => cluster.apply_by(resource, object, options, basis).await,
        None => cluster.apply(resource, object, options).await,
    };
    match apply(options).await {
        Err(ApplyFailure::Conflict { conflicts, .. }) if may_force(&conflicts) => {
            apply(forced).await
        }
        answer => answer,
    }
}

/// What is taken over from a tool is taken with the fields that the tool wrote.
fn reach(compared: &Resource, policy: Policy) -> Reach {
    let is_tracked = |owner: &Owner| owner.kind == OwnerKind::ArgoApp;
    if policy.adopt || compared.taken_from.iter().any(is_tracked) {
        Reach::Deployers
    } else {
        Reach::Persons
    }
}

fn takeable(conflicts: &[FieldConflict], reach: Reach) -> bool {
    !conflicts.is_empty()
        && conflicts
            .iter()
            .all(|conflict| reach.holds(&conflict.manager))
}

pub(super) fn explain(failure: ApplyFailure, object: &Object) -> Error {
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
        ApplyFailure::Changed { .. } => overtaken(object),
        ApplyFailure::NamespaceMissing { error } => error.hint(format!(
            "add the Namespace `{}` to the app, or set the sync option `CreateNamespace=true`",
            object.namespace()
        )),
        ApplyFailure::Immutable { error }
        | ApplyFailure::DryRunUnsupported { error, .. }
        | ApplyFailure::NotServed { error }
        | ApplyFailure::Other { error } => error,
    }
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

    #[test]
    fn a_label_that_does_not_stay_is_a_failure() {
        let labelled =
            |labels: serde_json::Value| Object::new(json!({"metadata": {"labels": labels}}));
        let ours = labelled(json!({labels::APPLYSET_PART_OF: "a"}));
        assert!(keeps_label(&ours, &ours));
        assert!(keeps_label(&labelled(json!({})), &ours));
        for after in [json!({}), json!({labels::APPLYSET_PART_OF: "b"})] {
            assert!(!keeps_label(&ours, &labelled(after)));
        }
    }

    #[test]
    fn no_conflict_is_taken_when_one_manager_is_a_controller() {
        let conflict = |manager: &str| FieldConflict {
            manager: manager.into(),
            field: ".spec.replicas".into(),
        };
        let (person, tool) = (conflict("kubectl-edit"), conflict("helm"));
        let controller = conflict("some-operator");
        assert!(takeable(std::slice::from_ref(&person), Reach::Persons));
        assert!(!takeable(&[person.clone(), tool.clone()], Reach::Persons));
        assert!(takeable(&[person.clone(), tool], Reach::Deployers));
        assert!(!takeable(&[person, controller], Reach::Deployers));
        assert!(!takeable(&[], Reach::Deployers));
    }
}
