//! Who holds a lock, and whether that process may still be at work. It sends nothing.

use std::time::Duration;

use serde_json::Value;

use super::lease::{DURATION, Locker};
use crate::object::Object;

/// No lease is respected for longer without renewal, whatever duration somebody wrote into it.
const LONGEST: Duration = Duration::from_secs(60);

/// This process, in a way that tells others on the same host whether it is still alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub user: String,
    pub host: String,
    pub boot_id: String,
    pub pid: u32,
    /// Clock ticks after boot; with the pid it names one process for the life of a boot.
    pub start_time: u64,
    /// Tells apart the locks that one process takes: two folders may name one app of one cluster.
    pub number: u32,
}

impl Holder {
    /// `user@host boot pid start`, as the Lease's `holderIdentity`; `user@host#number` from the second lock of a process on.
    pub fn identity(&self) -> String {
        let number = match self.number {
            0 => String::new(),
            number => format!("#{number}"),
        };
        format!(
            "{}@{}{number} {} {} {}",
            self.user, self.host, self.boot_id, self.pid, self.start_time
        )
    }

    fn parse(identity: &str) -> Option<Self> {
        let mut words = identity.rsplitn(4, ' ');
        let start_time = words.next()?.parse().ok()?;
        let pid = words.next()?.parse().ok()?;
        let boot_id = words.next()?.to_owned();
        let (user, host) = words.next()?.rsplit_once('@')?;
        let (host, number) = match host.rsplit_once('#') {
            Some((host, number)) => (host, number.parse().ok()?),
            None => (host, 0),
        };
        Some(Self {
            user: user.to_owned(),
            host: host.to_owned(),
            boot_id,
            pid,
            start_time,
            number,
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

/// What the machine says about one of its process numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// It runs since then, in the unit of [`Holder::start_time`].
    Running(u64),
    /// A process of this number is there, and nothing more may be known of it.
    Hidden,
    Gone,
}

/// Tells whether processes of this host still run.
pub trait Processes: Send + Sync {
    fn look(&self, pid: u32) -> Process;
}

/// What is known of a holder from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It runs on this machine.
    Running,
    /// It ran on this machine and is gone.
    Dead,
    /// Another machine, or a process that this one does not show: only a lease that is not renewed tells.
    Unknown,
}

/// What is known of the holder of this identity.
pub fn life(identity: &str, locker: &Locker) -> Life {
    let own = &locker.holder;
    let here = Holder::parse(identity).filter(|holder| {
        holder.host == own.host && holder.boot_id == own.boot_id && !holder.boot_id.is_empty()
    });
    let Some(holder) = here else {
        return Life::Unknown;
    };
    match locker.processes.look(holder.pid) {
        Process::Running(since) if since == holder.start_time => Life::Running,
        Process::Running(_) | Process::Gone => Life::Dead,
        Process::Hidden => Life::Unknown,
    }
}

/// Whether a lease that exists may be taken: nobody holds it, we do (a repeated request), its holder is a dead process of this
/// host and boot, or it was seen unrenewed for its whole duration. The wall clock has no say. `seen` is a version of the lease and
/// when it was first seen.
pub fn may_take(
    lease: &Object,
    identity: &str,
    locker: &Locker,
    seen: Option<&(String, Duration)>,
) -> bool {
    if identity.is_empty() || identity == locker.holder.identity() {
        return true;
    }
    match life(identity, locker) {
        Life::Running => false,
        Life::Dead => true,
        Life::Unknown => seen.is_some_and(|(version, since)| {
            version == lease.resource_version()
                && locker.clock.boottime() >= *since + duration(lease)
        }),
    }
}

/// How long a lease lives without renewal.
pub fn duration(lease: &Object) -> Duration {
    let seconds = lease
        .value
        .pointer("/spec/leaseDurationSeconds")
        .and_then(Value::as_u64);
    seconds.map_or(DURATION, Duration::from_secs).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::sync::Clock;

    struct FixedClock(Duration);

    impl Clock for FixedClock {
        fn now(&self) -> jiff::Timestamp {
            jiff::Timestamp::UNIX_EPOCH
        }
        fn boottime(&self) -> Duration {
            self.0
        }
    }

    /// Every process number gives this answer.
    struct Says(Process);

    impl Processes for Says {
        fn look(&self, _: u32) -> Process {
            self.0
        }
    }

    fn holder(host: &str) -> Holder {
        Holder {
            user: "anna".into(),
            host: host.into(),
            boot_id: "b1".into(),
            pid: 7,
            start_time: 70,
            number: 0,
        }
    }

    fn check(identity: &str, process: Process, unrenewed_for: Option<u64>, expected: bool) {
        check_lease(30, identity, process, unrenewed_for, expected);
    }

    fn check_lease(
        duration: u64,
        identity: &str,
        process: Process,
        unrenewed_for: Option<u64>,
        expected: bool,
    ) {
        let locker = Locker {
            holder: Holder {
                pid: 1,
                start_time: 10,
                ..holder("laptop")
            },
            processes: Arc::new(Says(process)),
            clock: Arc::new(FixedClock(Duration::from_secs(1000))),
            wait: Duration::ZERO,
            until: None,
        };
        let lease = Object::new(
            json!({"metadata": {"resourceVersion": "5"}, "spec": {"leaseDurationSeconds": duration}}),
        );
        let seen =
            unrenewed_for.map(|seconds| ("5".to_owned(), Duration::from_secs(1000 - seconds)));
        assert_eq!(
            may_take(&lease, identity, &locker, seen.as_ref()),
            expected,
            "{identity} {process:?}"
        );
    }

    #[test]
    fn takes_a_free_lease() {
        check("", Process::Gone, None, true);
    }

    #[test]
    fn takes_over_at_once_from_a_dead_process_of_this_host() {
        let identity = holder("laptop").identity();
        check(&identity, Process::Gone, None, true);
        check(&identity, Process::Running(99), None, true);
    }

    #[test]
    fn waits_for_a_living_process_of_this_host_however_long() {
        let identity = holder("laptop").identity();
        check(&identity, Process::Running(70), Some(900), false);
    }

    #[test]
    fn a_process_that_the_machine_does_not_show_is_judged_by_its_renewals() {
        let identity = holder("laptop").identity();
        check(&identity, Process::Hidden, None, false);
        check(&identity, Process::Hidden, Some(29), false);
        check(&identity, Process::Hidden, Some(30), true);
    }

    #[test]
    fn takes_over_from_another_host_only_after_a_whole_duration_without_renewal() {
        let identity = holder("ci").identity();
        check(&identity, Process::Gone, None, false);
        check(&identity, Process::Gone, Some(29), false);
        check(&identity, Process::Gone, Some(30), true);
    }

    #[test]
    fn no_lease_holds_others_up_for_more_than_a_minute_without_renewal() {
        let identity = holder("ci").identity();
        check_lease(86_400, &identity, Process::Gone, Some(59), false);
        check_lease(86_400, &identity, Process::Gone, Some(60), true);
        check_lease(6, &identity, Process::Gone, Some(6), true);
    }

    #[test]
    fn two_locks_of_one_process_are_two_holders() {
        let (first, mut second) = (holder("laptop"), holder("laptop"));
        second.number = 1;
        assert_ne!(first.identity(), second.identity());
        assert_eq!(Holder::parse(&second.identity()), Some(second));
        assert_eq!(Holder::parse(&first.identity()), Some(first));
    }

    #[test]
    fn names_the_holder_for_people() {
        let identity = holder("ci").identity();
        assert_eq!(Holder::describe(&identity), "anna@ci (process 7)");
        assert_eq!(Holder::describe("kubectl-edit"), "kubectl-edit");
    }
}
