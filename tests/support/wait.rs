//! Waiting for something to become true, with a limit.

use std::time::{Duration, Instant};

/// Asks until there is an answer, for 30 seconds at most.
///
/// # Panics
/// When the time is over; `what` names what never came.
pub(crate) fn eventually<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    within(Duration::from_secs(30), ask).unwrap_or_else(|| panic!("gave up waiting: {what}"))
}

/// Asks every 20 ms until there is an answer or the time is over.
pub(crate) fn within<T>(limit: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if start.elapsed() > limit {
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
