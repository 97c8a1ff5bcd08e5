//! What the server itself says of an object that ownership records leave open.

use super::apply::apply_or_force;
use super::compare::{Live, Request, Resource, live, resource};
use crate::cluster::{ApiResource, ApplyFailure, ApplyOptions, Cluster};
use crate::error::Reason;
use crate::object::Object;
use crate::plan::{ResourceStatus, changes, local_prediction};

/// How often an object that is written all the while is read again before its answer is taken as it is.
const READ_AGAIN: usize = 3;

/// Asks the server what an apply would make of a suspect. `listed` is how it was seen.
pub(super) async fn ask(request: &Request<'_>, n: usize, live: Live, listed: Object) -> Resource {
    let desired = &request.desired[n];
    let mut answer = Resource {
        live: Some(live),
        ..resource(desired, n, ResourceStatus::Modified)
    };
    let Some(api) = request.discovery.get(&answer.gvk()) else {
        return answer;
    };
    let mut seen = listed;
    match dry_run(request, api, desired, &mut seen, &mut answer).await {
        Ok(Some(predicted)) => {
            answer.changes = changes(&seen, &predicted);
            if answer.changes.is_empty() {
                answer.status = ResourceStatus::InSync;
            } else if request.keep_live {
                answer.sides = Some(Box::new((seen, predicted)));
            }
        }
        Ok(None) => {
            answer.status = ResourceStatus::Missing;
            answer.live = None;
        }
        Err(failure) => refused(&mut answer, desired, &seen, failure),
    }
    answer
}

/// What there is to say of an object that the server does not try.
fn refused(answer: &mut Resource, desired: &Object, seen: &Object, failure: ApplyFailure) {
    match failure {
        ApplyFailure::DryRunUnsupported { webhook, .. } => {
            let why = format!("webhook `{webhook}` refuses dry runs");
            predict_locally(answer, desired, seen, why);
        }
        ApplyFailure::Other { error } if error.reason() == Reason::Forbidden => {
            let why = "the account may not dry-run".to_owned();
            predict_locally(answer, desired, seen, why);
        }
        ApplyFailure::Immutable { error } => {
            let why = "the server refuses to change an immutable field".to_owned();
            predict_locally(answer, desired, seen, why);
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
}

/// The object as an apply would leave it, and in `seen` the same version of it as it runs; nothing when it is gone.
///
/// A controller may write between the list and the dry run, and what it wrote would look like drift. A dry run keeps the
/// version of what it started from, so each answer tells whether both sides are of one moment.
async fn dry_run(
    request: &Request<'_>,
    api: &ApiResource,
    desired: &Object,
    seen: &mut Object,
    answer: &mut Resource,
) -> std::result::Result<Option<Object>, ApplyFailure> {
    let mut predicted = predict(request.cluster, api, desired).await?;
    for _ in 0..READ_AGAIN {
        if predicted.resource_version() == seen.resource_version() {
            break;
        }
        let read = request
            .cluster
            .get(api, desired.namespace(), desired.name());
        let now = match read.await {
            Ok(Some(now)) => now,
            Ok(None) => return Ok(None),
            // It could be listed and tried, and both sides are there: only not of one moment.
            Err(error) if error.reason() == Reason::Forbidden => {
                let why = "it was written meanwhile, and the account may not read it again";
                answer.not_exact = Some(why.to_owned());
                break;
            }
            Err(error) => return Err(ApplyFailure::Other { error }),
        };
        answer.live = Some(live(&now, &request.set));
        *seen = now;
        if predicted.resource_version() != seen.resource_version() {
            predicted = predict(request.cluster, api, desired).await?;
        }
    }
    Ok(Some(predicted))
}

/// The object as an apply would leave it, whoever holds its fields now.
async fn predict(
    cluster: &Cluster,
    api: &ApiResource,
    desired: &Object,
) -> std::result::Result<Object, ApplyFailure> {
    let options = ApplyOptions {
        dry_run: true,
        force: false,
    };
    apply_or_force(cluster, api, desired, options, |_| true).await
}

fn predict_locally(answer: &mut Resource, desired: &Object, live: &Object, why: String) {
    answer.changes = changes(live, &local_prediction(desired, live));
    answer.not_exact = Some(why);
    if answer.changes.is_empty() {
        answer.status = ResourceStatus::InSync;
    }
}
