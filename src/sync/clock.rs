//! Time as a parameter, so that leases and histories can be tested without waiting.

use std::time::Duration;

/// The two clocks that records need.
pub trait Clock: Send + Sync {
    /// Wall time, for people.
    fn now(&self) -> jiff::Timestamp;

    /// Time since boot that also counts while the machine sleeps: the only clock a lease may trust.
    fn boottime(&self) -> Duration;
}

#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[cfg(any(target_os = "linux", target_os = "android"))]
const BOOT_CLOCK: rustix::time::ClockId = rustix::time::ClockId::Boottime;
/// macOS's monotonic clock counts while the machine sleeps.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const BOOT_CLOCK: rustix::time::ClockId = rustix::time::ClockId::Monotonic;

impl Clock for SystemClock {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    fn boottime(&self) -> Duration {
        let time = rustix::time::clock_gettime(BOOT_CLOCK);
        Duration::new(
            u64::try_from(time.tv_sec).unwrap_or_default(),
            u32::try_from(time.tv_nsec).unwrap_or_default(),
        )
    }
}

/// A time as Kubernetes writes it: RFC 3339 in UTC, whole seconds.
pub fn rfc3339(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A time as Leases want it (`MicroTime`).
pub fn rfc3339_micro(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_times_as_the_api_server_does() {
        let time: jiff::Timestamp = "2026-01-02T03:04:05.678901234Z".parse().expect("a time");
        assert_eq!(rfc3339(time), "2026-01-02T03:04:05Z");
        assert_eq!(rfc3339_micro(time), "2026-01-02T03:04:05.678901Z");
    }
}
