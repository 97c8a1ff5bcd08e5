//! Mutual exclusion: one sync of an app at a time, by a Lease that is renewed while the sync runs.
//!
//! A Lease is not a mutex: a paused process may wake up after another took over. So every attempt of a write asks it first (the cluster
//! is [guarded](Held::guard) by it), and what is written is harmless when late: it names the version it was decided for. Who may take
//! which lease is `holder`'s.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::AppRef;
use super::clock::{Clock, rfc3339_micro};
use super::holder::may_take;
pub use super::holder::{Holder, Life, Process, Processes};
use super::interrupt::Interrupt;
use crate::cluster::{ApiResource, Cluster, Deleted, Guard, Preconditions, Propagation};
use crate::error::{Error, Reason, Result};
use crate::object::Object;

/// How long a lease lives without renewal, as written in the Lease.
pub(super) const DURATION: Duration = Duration::from_secs(30);
/// How often it is renewed.
const RENEW_EVERY: Duration = Duration::from_secs(10);
/// How long a renewal may take before it is sent anew, and how soon that is.
const RENEW_WITHIN: Duration = Duration::from_secs(4);
const RENEW_AGAIN: Duration = Duration::from_secs(1);
/// No write is started when the last renewal is older than this: 10 s of margin for the write itself.
const FRESH: Duration = Duration::from_secs(20);
/// A write under way is given up when the last renewal is older than this: a server drops what its client no longer waits for.
const GIVEN_UP: Duration = Duration::from_secs(27);
/// How often that is looked at, as no timer counts while the machine sleeps.
const LOOK: Duration = Duration::from_secs(1);
/// How long giving the lease back may take.
const GIVE_BACK_WITHIN: Duration = Duration::from_secs(5);
/// How often a waiting sync looks again.
const POLL: Duration = Duration::from_millis(500);
/// How often a lease that changed behind our back is read again before it is left as it is.
const TRIES: usize = 3;

/// What a sync needs to take and keep a lease.
#[derive(Clone)]
pub struct Locker {
    pub holder: Holder,
    pub processes: Arc<dyn Processes>,
    pub clock: Arc<dyn Clock>,
    /// How long to wait for another sync before giving up.
    pub wait: Duration,
    /// When waiting ends in any case, as the command's own time does.
    pub until: Option<Instant>,
}

/// How a lock was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Nobody held it.
    Free,
    /// Somebody held it, living or dead: what was read before may be out of date.
    Busy,
}

/// A lease that this process holds. Dropping it stops the renewal; [`Held::release`] also gives it back.
pub struct Held {
    shared: Arc<Shared>,
    renewal: tokio::task::JoinHandle<()>,
}

struct Shared {
    cluster: Cluster,
    clock: Arc<dyn Clock>,
    identity: String,
    lost: watch::Sender<bool>,
    lease: tokio::sync::Mutex<Object>,
    last_renewal: std::sync::Mutex<Duration>,
}

pub(crate) fn resource() -> ApiResource {
    ApiResource::lease()
}

/// Takes the lease of `app`, waiting for another holder as long as `locker.wait` says, or until somebody wants to stop. `tell` is called
/// once, with the holder and since when it holds, if there is one to wait for.
pub async fn acquire(
    cluster: &Cluster,
    app: &AppRef,
    locker: &Locker,
    interrupt: &Interrupt,
    tell: &(dyn Fn(&str, &str) + Send + Sync),
) -> Result<(Held, Lock)> {
    let deadline = locker.clock.boottime() + locker.wait;
    let (resource, name) = (resource(), app.record_name());
    let mut seen: Option<(String, Duration)> = None;
    let mut lock = Lock::Free;
    let mut told = false;
    loop {
        let before = locker.clock.boottime();
        let read = cluster.get(&resource, &app.records_namespace, &name);
        let lease = tokio::select! {
            lease = read => lease?,
            () = interrupt.wait() => return Err(interrupted(app)),
        };
        let identity = lease
            .as_ref()
            .map_or("", |lease| text(lease, "holderIdentity"));
        if !identity.is_empty() && identity != locker.holder.identity() {
            lock = Lock::Busy;
        }
        let held_by = lease
            .as_ref()
            .filter(|lease| !may_take(lease, identity, locker, seen.as_ref()));
        let Some(held_by) = held_by else {
            match take(cluster, app, locker, lease.as_ref()).await? {
                Some(lease) => return Ok((hold(cluster, locker, lease, before), lock)),
                // Somebody was faster: look again.
                None => lock = Lock::Busy,
            }
            continue;
        };
        let now = locker.clock.boottime();
        let version = held_by.resource_version();
        if seen.as_ref().is_none_or(|(known, _)| known != version) {
            seen = Some((version.to_owned(), now));
        }
        let (holder, since) = (Holder::describe(identity), text(held_by, "acquireTime"));
        let is_late = locker.until.is_some_and(|until| Instant::now() >= until);
        if now >= deadline || is_late {
            return Err(locked(app, &holder, since));
        }
        if !told {
            tell(&holder, since);
            told = true;
        }
        if !interrupt.sleep(POLL).await {
            return Err(interrupted(app));
        }
    }
}

/// Who holds the lease of an app, and since when; `None` when nobody does.
pub async fn holder(cluster: &Cluster, app: &AppRef) -> Result<Option<(String, String)>> {
    let lease = cluster
        .get(&resource(), &app.records_namespace, &app.record_name())
        .await?;
    let held = lease.filter(|lease| !text(lease, "holderIdentity").is_empty());
    Ok(held.map(|lease| {
        (
            Holder::describe(text(&lease, "holderIdentity")),
            text(&lease, "acquireTime").to_owned(),
        )
    }))
}

fn locked(app: &AppRef, holder: &str, since: &str) -> Error {
    let app = app.display();
    let text = format!("app `{app}` is being synced by {holder} since {since}");
    Error::new(Reason::Locked, text).hint(
        "wait for it to end, or wait longer with `--lock-timeout`, which `--timeout` limits; a lease that is not renewed is taken over after 30 s; \
         if its holder hangs, `pushboat app unlock --reason TEXT` takes it",
    )
}

/// An account that may not hold Leases writes nothing, unless it is told to go without.
pub(super) fn without_lease(error: Error) -> Error {
    match error.reason() {
        Reason::Forbidden => error
            .context("the lock could not be taken, so nothing was written")
            .during(crate::error::During::Write)
            .hint("grant `get`, `create` and `update` on Leases, or go without a lock with `--no-lock`"),
        _ => error,
    }
}

fn interrupted(app: &AppRef) -> Error {
    let text = format!(
        "interrupted before the lock of app `{}` was taken",
        app.display()
    );
    Error::new(Reason::Interrupted, text)
}

/// Writes ourselves into the lease, as it was found; `None` when somebody was faster.
async fn take(
    cluster: &Cluster,
    app: &AppRef,
    locker: &Locker,
    found: Option<&Object>,
) -> Result<Option<Object>> {
    let mut next = fresh(app, locker);
    let Some(found) = found else {
        return cluster.create(&resource(), &next).await;
    };
    let transitions = found
        .value
        .pointer("/spec/leaseTransitions")
        .and_then(Value::as_i64)
        .unwrap_or(0);
    // What an unlock noted stays.
    let annotations = found.value.pointer("/metadata/annotations").cloned();
    next.value["metadata"]["annotations"] = annotations.unwrap_or_else(|| json!({}));
    next.value["metadata"]["uid"] = Value::from(found.uid());
    next.value["metadata"]["resourceVersion"] = Value::from(found.resource_version());
    next.value["spec"]["leaseTransitions"] = Value::from(transitions + 1);
    cluster.replace(&resource(), &next).await
}

pub(super) fn text<'a>(lease: &'a Object, field: &str) -> &'a str {
    lease
        .value
        .get("spec")
        .and_then(|spec| spec.get(field))
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn fresh(app: &AppRef, locker: &Locker) -> Object {
    let now = rfc3339_micro(locker.clock.now());
    Object::new(json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": app.record_name(), "namespace": app.records_namespace,
            "labels": {"app.kubernetes.io/managed-by": "pushboat"}},
        "spec": {
            "holderIdentity": locker.holder.identity(),
            "leaseDurationSeconds": DURATION.as_secs(),
            "acquireTime": now,
            "renewTime": now,
            "leaseTransitions": 0,
        },
    }))
}

fn hold(cluster: &Cluster, locker: &Locker, lease: Object, renewed: Duration) -> Held {
    let shared = Arc::new(Shared {
        cluster: cluster.urgent(),
        clock: locker.clock.clone(),
        identity: locker.holder.identity(),
        lost: watch::Sender::new(false),
        lease: tokio::sync::Mutex::new(lease),
        last_renewal: std::sync::Mutex::new(renewed),
    });
    let renewal = tokio::spawn(keep(shared.clone()));
    Held { shared, renewal }
}

/// Renews until the lease is lost. A renewal without an answer is sent anew soon: [`Shared::check`] stops the writes when it has been
/// too long.
async fn keep(shared: Arc<Shared>) {
    let mut pause = RENEW_EVERY;
    while !shared.is_lost() {
        tokio::time::sleep(pause).await;
        pause = match tokio::time::timeout(RENEW_WITHIN, shared.renew()).await {
            Ok(Ok(())) => RENEW_EVERY,
            Ok(Err(_)) | Err(_) => RENEW_AGAIN,
        };
    }
}

impl Shared {
    fn is_lost(&self) -> bool {
        *self.lost.borrow()
    }

    async fn renew(&self) -> Result<()> {
        let mut held = self.lease.lock().await;
        for _ in 0..TRIES {
            let before = self.clock.boottime();
            let mut lease = held.clone();
            lease.value["spec"]["renewTime"] = Value::from(rfc3339_micro(self.clock.now()));
            if let Some(renewed) = self.cluster.replace(&resource(), &lease).await? {
                *held = renewed;
                if let Ok(mut last) = self.last_renewal.lock() {
                    *last = before;
                }
                return Ok(());
            }
            *held = self.still_ours(&lease).await?;
        }
        Err(Error::new(Reason::Conflict, "the lease keeps changing"))
    }

    /// The lease after it changed behind our back: still ours (an earlier answer was lost), or taken.
    async fn still_ours(&self, lease: &Object) -> Result<Object> {
        let found = self
            .cluster
            .get(&resource(), lease.namespace(), lease.name())
            .await?;
        match found {
            Some(found) if text(&found, "holderIdentity") == self.identity => Ok(found),
            Some(_) | None => {
                self.lost.send_replace(true);
                Err(lost())
            }
        }
    }

    /// How long ago the lease was last known to be ours.
    fn age(&self) -> Duration {
        let since = self
            .last_renewal
            .lock()
            .map(|last| *last)
            .unwrap_or_default();
        self.clock.boottime().saturating_sub(since)
    }

    /// Whether a write may start now: the lease is ours and was renewed less than 20 s ago. Asks the server when the last renewal is
    /// too old, as after a suspend.
    async fn check(&self) -> Result<()> {
        if self.is_lost() {
            return Err(lost());
        }
        if self.age() < FRESH {
            return Ok(());
        }
        let renewed = tokio::time::timeout(RENEW_WITHIN, self.renew()).await;
        match renewed {
            Ok(Err(error)) if error.reason() == Reason::LockLost => Err(error),
            Ok(Err(error)) => Err(lost().context(error.message())),
            Ok(Ok(())) | Err(_) if self.age() < FRESH => Ok(()),
            Ok(Ok(())) | Err(_) => Err(lost()),
        }
    }
}

impl Guard for Shared {
    fn check(&self) -> BoxFuture<'_, Result<()>> {
        Self::check(self).boxed()
    }

    fn holds(&self) -> bool {
        !self.is_lost() && self.age() < FRESH
    }

    fn ended(&self) -> BoxFuture<'_, Error> {
        let mut lost = self.lost.subscribe();
        async move {
            while !self.is_lost() && self.age() < GIVEN_UP {
                let left = GIVEN_UP.saturating_sub(self.age());
                let _ = tokio::time::timeout(left.min(LOOK), lost.wait_for(|lost| *lost)).await;
            }
            self::lost()
        }
        .boxed()
    }
}

fn lost() -> Error {
    Error::new(
        Reason::LockLost,
        "the lock of this app was lost: nothing more is written",
    )
    .hint("run the sync again: it goes on from where this one stopped")
}

impl Held {
    /// Whether a step with writes may start; each of its writes is asked again.
    pub async fn ensure(&self) -> Result<()> {
        self.shared.check().await
    }

    /// What lets writes go out only as long as the lease is ours.
    pub fn guard(&self) -> Arc<dyn Guard> {
        self.shared.clone()
    }

    /// Gives the lease back, so that the next sync need not wait.
    pub async fn release(&self) -> Result<()> {
        self.give_back(|lease| {
            let mut free = lease.clone();
            free.value["spec"]["holderIdentity"] = Value::from("");
            free.value["spec"]["renewTime"] = Value::from(rfc3339_micro(self.shared.clock.now()));
            async move {
                Ok(self
                    .shared
                    .cluster
                    .replace(&resource(), &free)
                    .await?
                    .is_some())
            }
        })
        .await
    }

    /// Deletes the lease, as the last that is left of an app.
    pub async fn remove(&self) -> Result<()> {
        self.give_back(|lease| {
            let preconditions = Preconditions {
                uid: lease.uid().to_owned(),
                resource_version: lease.resource_version().to_owned(),
            };
            let (key, cluster) = (lease.key(), &self.shared.cluster);
            async move {
                let background = Propagation::Background;
                let resource = resource();
                let deleted = cluster.delete(&resource, &key, &preconditions, background);
                Ok(match deleted.await? {
                    Deleted::Gone | Deleted::Pending => true,
                    Deleted::Changed => false,
                })
            }
        })
        .await
    }

    /// Ends the renewal and does `last` to the lease as it stands, until it is done or the lease is another's.
    async fn give_back<F>(&self, last: impl Fn(&Object) -> F) -> Result<()>
    where
        F: Future<Output = Result<bool>>,
    {
        self.renewal.abort();
        if self.shared.is_lost() {
            return Ok(());
        }
        let giving = self.try_give_back(last);
        // It expires by itself, so nobody waits long for a server that does not answer.
        tokio::time::timeout(GIVE_BACK_WITHIN, giving)
            .await
            .unwrap_or_else(|_| {
                Err(Error::new(
                    Reason::Timeout,
                    "the server did not answer in time",
                ))
            })
    }

    async fn try_give_back<F>(&self, last: impl Fn(&Object) -> F) -> Result<()>
    where
        F: Future<Output = Result<bool>>,
    {
        let mut lease = self.shared.lease.lock().await.clone();
        for _ in 0..TRIES {
            if last(&lease).await? {
                return Ok(());
            }
            // A renewal may have landed whose answer nobody waited for. Of a lease that is another's nothing is left to give back.
            lease = match self.shared.still_ours(&lease).await {
                Ok(found) => found,
                Err(error) if error.reason() == Reason::LockLost => return Ok(()),
                Err(error) => return Err(error),
            };
        }
        Err(Error::new(Reason::Conflict, "the lease keeps changing"))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}
