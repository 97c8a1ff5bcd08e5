//! An object that is written over as a whole, or deleted and created anew.
//!
//! What asks for it, and what nothing may ask for, is `plan::replacement`'s. Nothing is deleted here that the plan did not show.

use std::time::Duration;

use super::apply::{Applied, explain, wait_until_gone};
use super::compare::Resource;
use super::interrupt::Interrupt;
use crate::cluster::{
    ApiResource, ApplyFailure, ApplyOptions, Cluster, Deleted, Preconditions, Propagation,
};
use crate::error::{During, Error, Reason, Result};
use crate::object::{Object, labels};
use crate::plan::replacement::{Recreation, Rewriting, written_over};

/// How long an object that is being deleted may take to go before its successor is refused.
pub(super) const GONE_WITHIN: Duration = Duration::from_secs(60);
/// How often an object that keeps changing is read again.
const READ_AGAIN: usize = 5;

/// Whether a sync deletes this object and creates it anew: the server does not change it in place, and that is allowed.
pub fn is_due(compared: &Resource, desired: &Object, app: Rewriting) -> bool {
    let is_immutable = |error: &Error| error.reason() == Reason::Immutable;
    compared.live.is_some()
        && compared.error.as_ref().is_some_and(is_immutable)
        && Recreation::of(desired, app) == Recreation::Allowed
}

/// The refusal of an immutable change, with what would let it through.
pub fn advise(refused: Error, desired: &Object, app: Rewriting) -> Error {
    match Recreation::of(desired, app) {
        Recreation::Allowed => refused.hint(
            "the plan did not show that it is deleted and created anew: run the sync again",
        ),
        Recreation::NotAsked => refused.hint(format!(
            "to let pushboat delete it and create it anew, set `Force=true` in its annotation `{}` or in the Application's \
             `syncOptions`, or pass `--force`",
            labels::ARGO_SYNC_OPTIONS
        )),
        Recreation::Never => refused.hint(
            "it is never deleted for that, as data or other objects would go with it: take the change back, or replace it by hand",
        ),
    }
}

/// Writes an object over as a whole, if it is there, and returns it as it is then. A field that may not change is the apply's to refuse, which asks for less.
pub(super) async fn write_over(
    cluster: &Cluster,
    resource: &ApiResource,
    desired: &Object,
    options: ApplyOptions,
) -> std::result::Result<Option<Object>, ApplyFailure> {
    let other = |error| ApplyFailure::Other { error };
    for _ in 0..READ_AGAIN {
        let read = cluster.get(resource, desired.namespace(), desired.name());
        let Some(live) = read.await.map_err(other)? else {
            return Ok(None);
        };
        let object = written_over(desired, &live);
        match cluster.replace_with(resource, &object, options).await {
            Ok(Some(after)) => return Ok(Some(after)),
            Ok(None) => {}
            Err(error) if error.reason() == Reason::Immutable => return Ok(None),
            Err(error) => return Err(other(error)),
        }
    }
    let text = format!("`{}` keeps changing and was not replaced", desired.key());
    Err(other(Error::new(Reason::Conflict, text)))
}

/// Deletes the object that was compared, waits until it is gone, and creates it anew.
pub(super) async fn recreate(
    cluster: &Cluster,
    resource: &ApiResource,
    desired: &Object,
    compared: &Resource,
    interrupt: &Interrupt,
) -> Result<Applied> {
    let key = desired.key();
    let shown = compared.live.as_ref().map_or("", |live| &live.uid);
    let read = cluster.get(resource, &key.namespace, &key.name).await?;
    if let Some(live) = read {
        if live.uid() != shown {
            return Err(changed(desired));
        }
        let preconditions = Preconditions {
            uid: live.uid().to_owned(),
            resource_version: live.resource_version().to_owned(),
        };
        let deleting = cluster.delete(resource, &key, &preconditions, Propagation::Background);
        match deleting.await? {
            Deleted::Changed => return Err(changed(desired)),
            Deleted::Gone => {}
            Deleted::Pending => {
                wait_until_gone(cluster, resource, &key, shown, GONE_WITHIN, interrupt).await?;
            }
        }
    }
    let options = ApplyOptions::default();
    let applied = cluster.apply(resource, desired, options).await;
    applied.map(|_| Applied::Replaced).map_err(|failure| {
        let lost = format!("`{key}` was deleted and could not be created anew");
        explain(failure, desired)
            .context(lost)
            .during(During::Write)
            .hint("the next sync creates it")
    })
}

fn changed(desired: &Object) -> Error {
    let text = format!("`{}` changed meanwhile and was not replaced", desired.key());
    Error::new(Reason::Conflict, text).hint("run the sync again")
}
