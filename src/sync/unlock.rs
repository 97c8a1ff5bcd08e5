//! Takes a lock from its holder because a person says so, and notes in the Lease who did it and why.
//!
//! A holder that may still be at work learns of it at its next renewal: until it has surely stopped, the Lease stays taken.

use std::time::Duration;

use serde_json::Value;

use super::AppRef;
use super::clock::rfc3339_micro;
use super::holder::life;
use super::lease::{DURATION, Holder, Life, Locker, resource, text};
use crate::cluster::Cluster;
use crate::error::{Error, Reason, Result};
use crate::object::Object;

const BY: &str = "pushboat.dev/unlocked-by";
const AT: &str = "pushboat.dev/unlocked-at";
const FROM: &str = "pushboat.dev/unlocked-from";
const WHY: &str = "pushboat.dev/unlock-reason";

/// A lock that somebody holds.
#[derive(Debug, Clone)]
pub struct Locked {
    pub holder: String,
    pub since: String,
    pub renewed: String,
    pub life: Life,
    lease: Object,
}

/// Who holds the lock of an app; `None` when nobody does.
pub async fn look(cluster: &Cluster, app: &AppRef, locker: &Locker) -> Result<Option<Locked>> {
    let found = cluster
        .get(&resource(), &app.records_namespace, &app.record_name())
        .await?;
    let held = found.filter(|lease| !text(lease, "holderIdentity").is_empty());
    Ok(held.map(|lease| {
        let identity = text(&lease, "holderIdentity");
        Locked {
            holder: Holder::describe(identity),
            since: text(&lease, "acquireTime").to_owned(),
            renewed: text(&lease, "renewTime").to_owned(),
            life: life(identity, locker),
            lease,
        }
    }))
}

/// Takes the lock from this holder. Returns after what time the next run gets it: none where the holder is dead.
pub async fn unlock(
    cluster: &Cluster,
    app: &AppRef,
    locker: &Locker,
    locked: &Locked,
    reason: &str,
) -> Result<Duration> {
    let identity = text(&locked.lease, "holderIdentity").to_owned();
    let by = format!("{}@{}", locker.holder.user, locker.holder.host);
    let (next, after) = match locked.life {
        Life::Dead => (String::new(), Duration::ZERO),
        // Names no process, so it is judged by its renewals, of which there are none.
        Life::Running | Life::Unknown => (format!("unlocked by {by}"), DURATION),
    };
    let now = rfc3339_micro(locker.clock.now());
    let resource = resource();
    let mut lease = locked.lease.clone();
    // A holder that lives renews the lease all the while.
    for _ in 0..10 {
        for (name, value) in [(BY, &by), (AT, &now), (FROM, &identity)] {
            lease.set_annotation(name, value);
        }
        lease.set_annotation(WHY, reason);
        lease.value["spec"]["holderIdentity"] = Value::from(next.as_str());
        lease.value["spec"]["leaseDurationSeconds"] = Value::from(DURATION.as_secs());
        lease.value["spec"]["renewTime"] = Value::from(now.as_str());
        if cluster.replace(&resource, &lease).await?.is_some() {
            return Ok(after);
        }
        let found = cluster
            .get(&resource, lease.namespace(), lease.name())
            .await?;
        match found {
            Some(found) if text(&found, "holderIdentity") == identity => lease = found,
            Some(_) | None => {
                let text = format!(
                    "the lock of app `{}` changed hands meanwhile, and nothing was done",
                    app.display()
                );
                return Err(Error::new(Reason::Conflict, text).hint("look who holds it now"));
            }
        }
    }
    Err(Error::new(Reason::Conflict, "the lease keeps changing"))
}
