//! What the server itself says of an object that ownership records leave open.
//!
//! No dry run can show what an apply gives up after fields were taken over from others: that is worked out here, on top of it.

use super::apply::apply_or_force;
use super::compare::{Before, Live, Mark, Request, Resource, live, resource};
use super::handover::{Planned, decide};
use crate::cluster::{ApiResource, ApplyFailure, ApplyOptions, Cluster};
use crate::error::{Error, Reason};
use crate::object::{Object, labels};
use crate::plan::owners::owners;
use crate::plan::replacement::leftover;
use crate::plan::{Fast, Mutations, ResourceStatus, changes, fast, given_up, local_prediction};

/// How often an object that is written all the while is read again before its answer is taken as it is.
const READ_AGAIN: usize = 3;

/// Asks the server what an apply would make of a suspect. `listed` is how it was seen.
pub(super) async fn ask(
    request: &Request<'_>,
    n: usize,
    live: Live,
    listed: Object,
    before: &Before,
) -> Resource {
    let desired = &request.desired[n];
    let taken_from = owners(desired, &listed, &request.set, &live.set);
    let mut answer = Resource {
        live: Some(live),
        taken_from,
        ..resource(desired, n, ResourceStatus::Modified)
    };
    let Some(api) = request.discovery.get(&answer.gvk()) else {
        return answer;
    };
    if before.unread.contains(&answer.key) {
        answer.not_exact = Some(format!("the history could not be read: {}", before.why));
    }
    let earlier = before.objects.get(&answer.key).cloned().unwrap_or_default();
    let decide = async |seen: &Object| {
        let planned = decide(request.cluster, api, desired, seen, earlier.clone()).await;
        planned.map(Box::new)
    };
    let mut planned = decide(&listed).await;
    let mutations = request.mutations(desired);
    let is_asked =
        request.exact || mutations == Mutations::Counted || request.is_open(desired, &listed);
    let answered = fast(desired, &listed);
    let is_equal = !is_asked && matches!(answered, Fast::Open);
    if is_equal && given_up(desired, listed.clone(), &held(&listed, planned.as_deref())) == listed {
        answer.status = ResourceStatus::InSync;
        return answer;
    }
    let version = listed.resource_version().to_owned();
    let mut seen = listed;
    let tried = dry_run(request, api, desired, &mut seen, &mut answer).await;
    if seen.resource_version() != version {
        planned = decide(&seen).await;
    }
    if let Some(live) = &mut answer.live {
        live.mark = Some(Mark::of(&seen));
    }
    let held = held(&seen, planned.as_deref());
    answer.handover = planned;
    match tried {
        Ok(Some(predicted)) => {
            let predicted = with_label(desired, given_up(desired, predicted, &held));
            answer.changes = changes(desired, (&seen, &held), &predicted);
            answer.sides = Some(Box::new((seen, predicted)));
        }
        Ok(None) => {
            answer.status = ResourceStatus::Missing;
            answer.live = None;
            answer.handover = None;
        }
        Err(failure) => refused(&mut answer, desired, (&seen, &held), failure),
    }
    let mut answer = settled(answer, mutations, request.keep_live);
    // Only for admission that may have come since was it asked at all: where that cannot be asked, ownership is the answer.
    if answered == Fast::InSync && !request.exact && answer.status == ResourceStatus::InSync {
        answer.not_exact = None;
    }
    answer
}

/// What the changes say of the object. Both sides stay only where a report shows them whole.
fn settled(mut answer: Resource, mutations: Mutations, keep_live: bool) -> Resource {
    let is_refused = answer.error.as_ref().map(Error::reason) == Some(Reason::Immutable);
    if answer.status == ResourceStatus::Modified
        && !mutations.are_drift(&answer.changes)
        && !is_refused
    {
        answer.status = ResourceStatus::InSync;
        answer.changes.clear();
        answer.error = None;
    }
    if answer.status != ResourceStatus::Modified || !keep_live {
        answer.sides = None;
    }
    answer
}

/// The live object with the owners that it has when the apply is sent.
fn held(seen: &Object, planned: Option<&Planned>) -> Object {
    match planned {
        Some(planned) => planned.handover.done(seen),
        None => seen.clone(),
    }
}

/// The member label is no part of what webhooks may decide: without it the object is found by nobody.
fn with_label(desired: &Object, mut predicted: Object) -> Object {
    if let Some(label) = desired.label(labels::APPLYSET_PART_OF)
        && predicted.label(labels::APPLYSET_PART_OF) != Some(label)
    {
        predicted.set_label(labels::APPLYSET_PART_OF, label);
    }
    predicted
}

/// What there is to say of an object that the server does not try. `seen` is how it runs, `held` the same with its owners at the apply.
fn refused(
    answer: &mut Resource,
    desired: &Object,
    (seen, held): (&Object, &Object),
    failure: ApplyFailure,
) {
    match failure {
        ApplyFailure::DryRunUnsupported { webhook, .. } => {
            let why = format!("webhook `{webhook}` refuses dry runs");
            predict_locally(answer, desired, (seen, held), why);
        }
        ApplyFailure::Other { error }
            if error.reason() == Reason::Forbidden && !is_refusal(&error) =>
        {
            let why = "the account may not dry-run".to_owned();
            predict_locally(answer, desired, (seen, held), why);
        }
        // What is in the way goes with the owner that is taken over, and only after that can the server try it.
        ApplyFailure::Other { error }
            if error.reason() == Reason::Invalid
                && given_up(desired, seen.clone(), held) != *seen =>
        {
            let why =
                "the server can try it only when other owners gave up their fields".to_owned();
            predict_locally(answer, desired, (seen, held), why);
        }
        ApplyFailure::Immutable { error } => {
            let why = "the server refuses to change an immutable field".to_owned();
            predict_locally(answer, desired, (seen, held), why);
            answer.error = Some(error);
        }
        ApplyFailure::Other { error } if is_refusal(&error) => {
            let why = "the server refuses the change".to_owned();
            predict_locally(answer, desired, (seen, held), why);
            answer.error = Some(match leftover(&error.message(), desired, seen) {
                Some(field) => error.hint(written_over_hint(&field)),
                None => error,
            });
        }
        ApplyFailure::Conflict { error, .. }
        | ApplyFailure::NamespaceMissing { error }
        | ApplyFailure::NotServed { error }
        | ApplyFailure::Changed { error }
        | ApplyFailure::Other { error } => {
            answer.status = ResourceStatus::Unknown;
            answer.error = Some(error);
        }
    }
}

/// Whether the server answered and said no to this change; anything else leaves the question open.
fn is_refusal(error: &Error) -> bool {
    match error.reason() {
        Reason::Invalid
        | Reason::Immutable
        | Reason::Webhook
        | Reason::Quota
        | Reason::TooLarge => true,
        // The account may write the kind, and not give away rights that it has not, or weaken a pod's security.
        Reason::Forbidden => {
            let said = error.message();
            let words = [
                "attempting to grant RBAC permissions",
                "violates PodSecurity",
            ];
            words.iter().any(|text| said.contains(text))
        }
        _ => false,
    }
}

fn written_over_hint(field: &str) -> String {
    format!(
        "the cluster has `{field}` from before, and git does not set it: to let pushboat write the object over as a whole, set \
         `Replace=true` in its annotation `{}`, or pass `--replace`",
        labels::ARGO_SYNC_OPTIONS
    )
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
    apply_or_force(cluster, api, desired, options, None, |_| true).await
}

fn predict_locally(
    answer: &mut Resource,
    desired: &Object,
    (seen, held): (&Object, &Object),
    why: String,
) {
    let predicted = local_prediction(desired, held);
    answer.changes = changes(desired, (seen, held), &predicted);
    answer.not_exact = Some(why);
    answer.sides = Some(Box::new((seen.clone(), predicted)));
}
