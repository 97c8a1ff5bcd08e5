//! What the server itself says of an object that ownership records leave open.

use super::apply::apply_or_force;
use super::compare::{Live, Request, Resource, resource};
use crate::cluster::{ApiResource, ApplyFailure, ApplyOptions, Cluster, FieldConflict};
use crate::error::Reason;
use crate::object::Object;
use crate::plan::{ResourceStatus, changes, local_prediction};

/// Asks the server what an apply would make of a suspect.
pub(super) async fn ask(request: &Request<'_>, n: usize, live: Live, object: &Object) -> Resource {
    let desired = &request.desired[n];
    let mut answer = Resource {
        live: Some(live),
        ..resource(desired, n, ResourceStatus::Modified)
    };
    let Some(api) = request.discovery.get(&answer.gvk) else {
        return answer;
    };
    let failure = match dry_run(request.cluster, api, desired, &mut answer.conflicts).await {
        Ok(predicted) => {
            answer.changes = changes(object, &predicted);
            if answer.changes.is_empty() {
                answer.status = ResourceStatus::InSync;
            } else if request.keep_live {
                answer.sides = Some(Box::new((object.clone(), predicted)));
            }
            return answer;
        }
        Err(failure) => failure,
    };
    match failure {
        ApplyFailure::DryRunUnsupported { webhook, .. } => {
            predict_locally(
                &mut answer,
                desired,
                object,
                format!("webhook `{webhook}` refuses dry runs"),
            );
        }
        ApplyFailure::Other { error } if error.reason() == Reason::Forbidden => {
            predict_locally(
                &mut answer,
                desired,
                object,
                "the account may not dry-run".to_owned(),
            );
        }
        ApplyFailure::Immutable { error } => {
            predict_locally(
                &mut answer,
                desired,
                object,
                "the server refuses to change an immutable field".to_owned(),
            );
            answer.status = ResourceStatus::Modified;
            answer.error = Some(error);
        }
        ApplyFailure::Conflict { error, .. }
        | ApplyFailure::NamespaceMissing { error }
        | ApplyFailure::NotServed { error }
        | ApplyFailure::Other { error } => {
            answer.status = ResourceStatus::Unknown;
            answer.error = Some(error);
        }
    }
    answer
}

/// The object as an apply would leave it; `held` becomes what others hold of it.
async fn dry_run(
    cluster: &Cluster,
    api: &ApiResource,
    desired: &Object,
    held: &mut Vec<FieldConflict>,
) -> std::result::Result<Object, ApplyFailure> {
    let options = ApplyOptions {
        dry_run: true,
        force: false,
    };
    let tell = |conflicts: &[FieldConflict]| {
        *held = conflicts.to_vec();
        true
    };
    apply_or_force(cluster, api, desired, options, tell).await
}

fn predict_locally(answer: &mut Resource, desired: &Object, live: &Object, why: String) {
    answer.changes = changes(live, &local_prediction(desired, live));
    answer.not_exact = Some(why);
    if answer.changes.is_empty() {
        answer.status = ResourceStatus::InSync;
    }
}
