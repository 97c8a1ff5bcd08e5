//! Mutual exclusion: one sync of an app at a time, by a Lease that is renewed while the sync runs.
//!
//! A Lease is not a mutex: a paused process may wake up after another took over. So every write asks [`Held::ensure`] first, and
//! what it writes is harmless when late (server-side apply, deletes under preconditions).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::AppRef;
use super::clock::{Clock, rfc3339_micro};
use crate::cluster::{ApiResource, Cluster};
use crate::error::{Error, Reason, Result};
use crate::object::Object;

/// How long a lease lives without renewal, as written in the Lease.
const DURATION: Duration = Duration::from_secs(30);
/// How often it is renewed.
const RENEW_EVERY: Duration = Duration::from_secs(10);
/// No write is started when the last renewal is older than this: 10 s of margin for the write itself.
const FRESH: Duration = Duration::from_secs(20);
/// How often a waiting sync looks again.
const POLL: Duration = Duration::from_millis(500);

/// This process, in a way that tells others on the same host whether it is still alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub user: String,
    pub host: String,
    pub boot_id: String,
    pub pid: u32,
    /// Clock ticks after boot; with the pid it names one process for the life of a boot.
    pub start_time: u64,
}

impl Holder {
    /// `user@host boot pid start`, as the Lease's `holderIdentity`.
    pub fn identity(&self) -> String {
        format!(
            "{}@{} {} {} {}",
            self.user, self.host, self.boot_id, self.pid, self.start_time
        )
    }

    fn parse(identity: &str) -> Option<Self> {
        let mut words = identity.rsplitn(4, ' ');
        let start_time = words.next()?.parse().ok()?;
        let pid = words.next()?.parse().ok()?;
        let boot_id = words.next()?.to_owned();
        let (user, host) = words.next()?.rsplit_once('@')?;
        Some(Self {
            user: user.to_owned(),
            host: host.to_owned(),
            boot_id,
            pid,
            start_time,
        })
    }

    /// For messages: `anna@laptop (process 4711)`.
    pub fn describe(identity: &str) -> String {
        match Self::parse(identity) {
            Some(holder) => format!("{}@{} (process {})", holder.user, holder.host, holder.pid),
            None => identity.to_owned(),
        }
    }
}

/// Tells whether a process of this host still runs.
pub trait Processes: Send + Sync {
    /// Start time of a running process, in the unit of [`Holder::start_time`].
    fn start_time(&self, pid: u32) -> Option<u64>;
}

/// What a sync needs to take and keep a lease.
#[derive(Clone)]
pub struct Locker {
    pub holder: Holder,
    pub processes: Arc<dyn Processes>,
    pub clock: Arc<dyn Clock>,
    /// How long to wait for another sync before giving up.
    pub wait: Duration,
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
    lost: AtomicBool,
    lease: tokio::sync::Mutex<Object>,
    last_renewal: std::sync::Mutex<Duration>,
}

pub(crate) fn resource() -> ApiResource {
    ApiResource::lease()
}

/// Takes the lease of `app`, waiting for another holder as long as `locker.wait` says. `tell` is called once, with the holder and since
/// when it holds, if there is one to wait for.
pub async fn acquire(
    cluster: &Cluster,
    app: &AppRef,
    locker: &Locker,
    tell: &(dyn Fn(&str, &str) + Send + Sync),
) -> Result<Held> {
    let deadline = locker.clock.boottime() + locker.wait;
    let mut seen: Option<(String, Duration)> = None;
    let mut told = false;
    loop {
        let before = locker.clock.boottime();
        match attempt(cluster, app, locker, seen.as_ref()).await? {
            Attempt::Taken(lease) => return Ok(hold(cluster, locker, lease, before)),
            Attempt::Changed => {}
            Attempt::HeldBy {
                identity,
                since,
                resource_version,
            } => {
                let now = locker.clock.boottime();
                if seen
                    .as_ref()
                    .is_none_or(|(version, _)| *version != resource_version)
                {
                    seen = Some((resource_version, now));
                }
                let holder = Holder::describe(&identity);
                if now >= deadline {
                    return Err(locked(app, &holder, &since));
                }
                if !told {
                    tell(&holder, &since);
                    told = true;
                }
                tokio::time::sleep(POLL).await;
            }
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
    Error::new(Reason::Locked, format!("app `{}` is being synced by {holder} since {since}", app.display())).hint(
        "wait for it to end, or wait longer with `--lock-timeout`; a lease that is not renewed is taken over after 30 s",
    )
}

enum Attempt {
    Taken(Object),
    /// Somebody was faster: look again.
    Changed,
    HeldBy {
        identity: String,
        since: String,
        resource_version: String,
    },
}

async fn attempt(
    cluster: &Cluster,
    app: &AppRef,
    locker: &Locker,
    seen: Option<&(String, Duration)>,
) -> Result<Attempt> {
    let Some(lease) = cluster
        .get(&resource(), &app.records_namespace, &app.record_name())
        .await?
    else {
        let lease = fresh(app, locker);
        return Ok(cluster
            .create(&resource(), &lease)
            .await?
            .map_or(Attempt::Changed, Attempt::Taken));
    };
    let identity = text(&lease, "holderIdentity").to_owned();
    if !may_take(&lease, &identity, locker, seen) {
        return Ok(Attempt::HeldBy {
            since: text(&lease, "acquireTime").to_owned(),
            identity,
            resource_version: lease.resource_version().to_owned(),
        });
    }
    let transitions = lease
        .value
        .pointer("/spec/leaseTransitions")
        .and_then(Value::as_i64)
        .unwrap_or(0);
    let mut next = fresh(app, locker);
    next.value["metadata"]["resourceVersion"] = Value::from(lease.resource_version());
    next.value["spec"]["leaseTransitions"] = Value::from(transitions + 1);
    Ok(cluster
        .replace(&resource(), &next)
        .await?
        .map_or(Attempt::Changed, Attempt::Taken))
}

/// Whether a lease that exists may be taken: nobody holds it, we do (a repeated request), its holder is a dead process of this
/// host and boot, or it was seen unrenewed for its whole duration. The wall clock has no say.
fn may_take(
    lease: &Object,
    identity: &str,
    locker: &Locker,
    seen: Option<&(String, Duration)>,
) -> bool {
    if identity.is_empty() || identity == locker.holder.identity() {
        return true;
    }
    if let Some(holder) = Holder::parse(identity)
        && holder.host == locker.holder.host
        && holder.boot_id == locker.holder.boot_id
        && !holder.boot_id.is_empty()
    {
        return locker.processes.start_time(holder.pid) != Some(holder.start_time);
    }
    let seconds = lease
        .value
        .pointer("/spec/leaseDurationSeconds")
        .and_then(Value::as_u64)
        .unwrap_or(DURATION.as_secs());
    seen.is_some_and(|(version, since)| {
        version == lease.resource_version()
            && locker.clock.boottime() >= *since + Duration::from_secs(seconds)
    })
}

fn text<'a>(lease: &'a Object, field: &str) -> &'a str {
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
        cluster: cluster.clone(),
        clock: locker.clock.clone(),
        identity: locker.holder.identity(),
        lost: AtomicBool::new(false),
        lease: tokio::sync::Mutex::new(lease),
        last_renewal: std::sync::Mutex::new(renewed),
    });
    let renewing = shared.clone();
    let renewal = tokio::spawn(async move {
        while !renewing.lost.load(Ordering::Acquire) {
            tokio::time::sleep(RENEW_EVERY).await;
            // A renewal that fails is tried again at the next turn; `check` stops the writes when it has been too long.
            let _ = renewing.renew().await;
        }
    });
    Held { shared, renewal }
}

impl Shared {
    async fn renew(&self) -> Result<()> {
        let before = self.clock.boottime();
        let mut held = self.lease.lock().await;
        let mut lease = held.clone();
        lease.value["spec"]["renewTime"] = Value::from(rfc3339_micro(self.clock.now()));
        if let Some(renewed) = self.cluster.replace(&resource(), &lease).await? {
            *held = renewed;
            if let Ok(mut last) = self.last_renewal.lock() {
                *last = before;
            }
            return Ok(());
        }
        // Changed behind our back: still ours (an earlier answer was lost), or taken.
        let found = self
            .cluster
            .get(&resource(), lease.namespace(), lease.name())
            .await?;
        match found {
            Some(found) if text(&found, "holderIdentity") == self.identity => {
                *held = found;
                Ok(())
            }
            _ => {
                self.lost.store(true, Ordering::Release);
                Err(lost())
            }
        }
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
    /// Whether a write may start now: the lease is ours and was renewed less than 20 s ago.
    fn is_fresh(&self) -> bool {
        let since = self
            .shared
            .last_renewal
            .lock()
            .map(|last| *last)
            .unwrap_or_default();
        let age = self.shared.clock.boottime().saturating_sub(since);
        !self.shared.lost.load(Ordering::Acquire) && age < FRESH
    }

    /// Must be called before each write. Asks the server when the last renewal is too old, as after a suspend.
    pub async fn ensure(&self) -> Result<()> {
        if self.is_fresh() {
            return Ok(());
        }
        if self.shared.lost.load(Ordering::Acquire) {
            return Err(lost());
        }
        self.shared
            .renew()
            .await
            .map_err(|error| match error.reason() {
                Reason::LockLost => error,
                _ => lost().context(error.message()),
            })?;
        if self.is_fresh() { Ok(()) } else { Err(lost()) }
    }

    /// Gives the lease back, so that the next sync need not wait.
    pub async fn release(self) -> Result<()> {
        self.renewal.abort();
        if self.shared.lost.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut lease = self.shared.lease.lock().await.clone();
        lease.value["spec"]["holderIdentity"] = Value::from("");
        lease.value["spec"]["renewTime"] = Value::from(rfc3339_micro(self.shared.clock.now()));
        self.shared
            .cluster
            .replace(&resource(), &lease)
            .await
            .map(|_| ())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct FixedClock(Duration);

    impl Clock for FixedClock {
        fn now(&self) -> jiff::Timestamp {
            jiff::Timestamp::UNIX_EPOCH
        }
        fn boottime(&self) -> Duration {
            self.0
        }
    }

    struct Running(Vec<(u32, u64)>);

    impl Processes for Running {
        fn start_time(&self, pid: u32) -> Option<u64> {
            self.0
                .iter()
                .find(|(running, _)| *running == pid)
                .map(|(_, start)| *start)
        }
    }

    fn holder(host: &str, pid: u32, start_time: u64) -> Holder {
        Holder {
            user: "anna".into(),
            host: host.into(),
            boot_id: "b1".into(),
            pid,
            start_time,
        }
    }

    fn check(identity: &str, running: Vec<(u32, u64)>, unrenewed_for: Option<u64>, expected: bool) {
        let locker = Locker {
            holder: holder("laptop", 1, 10),
            processes: Arc::new(Running(running)),
            clock: Arc::new(FixedClock(Duration::from_secs(1000))),
            wait: Duration::ZERO,
        };
        let lease = Object::new(
            json!({"metadata": {"resourceVersion": "5"}, "spec": {"leaseDurationSeconds": 30}}),
        );
        let seen =
            unrenewed_for.map(|seconds| ("5".to_owned(), Duration::from_secs(1000 - seconds)));
        assert_eq!(
            may_take(&lease, identity, &locker, seen.as_ref()),
            expected,
            "{identity}"
        );
    }

    #[test]
    fn takes_a_free_lease() {
        check("", vec![], None, true);
    }

    #[test]
    fn takes_over_at_once_from_a_dead_process_of_this_host() {
        check(&holder("laptop", 7, 70).identity(), vec![], None, true);
        check(
            &holder("laptop", 7, 70).identity(),
            vec![(7, 99)],
            None,
            true,
        );
    }

    #[test]
    fn waits_for_a_living_process_of_this_host_however_long() {
        check(
            &holder("laptop", 7, 70).identity(),
            vec![(7, 70)],
            Some(900),
            false,
        );
    }

    #[test]
    fn takes_over_from_another_host_only_after_a_whole_duration_without_renewal() {
        check(&holder("ci", 7, 70).identity(), vec![], None, false);
        check(&holder("ci", 7, 70).identity(), vec![], Some(29), false);
        check(&holder("ci", 7, 70).identity(), vec![], Some(30), true);
    }

    #[test]
    fn names_the_holder_for_people() {
        assert_eq!(
            Holder::describe(&holder("ci", 7, 70).identity()),
            "anna@ci (process 7)"
        );
        assert_eq!(Holder::describe("kubectl-edit"), "kubectl-edit");
    }
}
