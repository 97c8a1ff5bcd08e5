//! What is done after a failed attempt, as a pure function: the classes R0 to R7, and how long to wait.
//!
//! It sends nothing and sleeps nowhere; `send` asks it after every attempt.

use std::time::Duration;

/// What a request does to the cluster when it is sent twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Read,
    /// Sending it again leaves the cluster as sending it once: apply.
    Idempotent,
    /// The same under preconditions: a conflict is the answer and is not tried again. Delete.
    Conditional,
    /// Anything else; after an unknown outcome it is read back.
    Other,
}

/// How an attempt ended, as far as the next step depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Not a byte of the request reached the server.
    NeverSent,
    /// The server may or may not have done it.
    Lost,
    /// The server's certificate or address is wrong: trying again cannot help.
    Untrusted,
    Answered {
        status: u16,
        /// `reason` of the Status in the body, if there is one.
        reason: String,
        /// `message` of the Status in the body, if there is one.
        message: String,
        has_field_conflict: bool,
        retry_after: Option<Duration>,
        is_status: bool,
    },
}

/// The rows of the retry table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// R0
    NeverSent,
    /// R1
    Unknown,
    /// R2
    ToldToWait,
    /// R3
    Transient,
    /// R4
    PlainConflict,
    /// R5
    Unauthorized,
    /// R6
    Expired,
    /// R7, good answers among them.
    Final,
}

/// Texts of a 500 that pass by themselves: a webhook or a conversion webhook that did not answer, etcd electing.
const TRANSIENT: [&str; 8] = [
    "failed calling webhook",
    "failed to call webhook",
    "conversion webhook for",
    "etcdserver: leader changed",
    "etcdserver: no leader",
    "etcdserver: request timed out",
    "etcdserver: too many requests",
    "raft proposal dropped",
];

const OTHER_UID: &str = "metadata.uid: ";

/// Whether an answer says that the object is not the one that was read: made anew since, or another cluster's.
pub fn is_other_object(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Answered {
            status: 409 | 422,
            message,
            ..
        } => message.contains(OTHER_UID) || message.to_ascii_lowercase().contains("uid mismatch"),
        Outcome::Answered { .. } | Outcome::NeverSent | Outcome::Lost | Outcome::Untrusted => false,
    }
}

/// The class of an outcome, by the table alone; whether it is retried is [`Attempts::next`]'s decision.
pub fn class(outcome: &Outcome) -> Class {
    let (status, reason, message) = match outcome {
        Outcome::NeverSent => return Class::NeverSent,
        Outcome::Lost => return Class::Unknown,
        Outcome::Untrusted => return Class::Final,
        Outcome::Answered {
            status,
            reason,
            message,
            ..
        } => (*status, reason.as_str(), message.as_str()),
    };
    let Outcome::Answered {
        has_field_conflict,
        retry_after,
        is_status,
        ..
    } = outcome
    else {
        return Class::Final;
    };
    match status {
        429 => Class::ToldToWait,
        401 => Class::Unauthorized,
        409 if !has_field_conflict && reason == "Conflict" => Class::PlainConflict,
        // So a server answers an apply that was decided for an object of another UID.
        422 if message.contains(OTHER_UID) => Class::PlainConflict,
        410 => Class::Expired,
        500 if TRANSIENT.iter().any(|text| message.contains(text)) => Class::Transient,
        500..=599 if retry_after.is_some() => Class::ToldToWait,
        502..=504 => Class::Unknown,
        500 if matches!(reason, "Timeout" | "ServerTimeout") || !is_status => Class::Unknown,
        _ => Class::Final,
    }
}

/// How often and how long one request has been tried.
#[derive(Debug, Clone, Copy)]
pub struct Attempts {
    /// How long nothing but R0 is put up with.
    patience: Duration,
    /// Attempts that ended, of any class.
    pub n: u32,
    /// Attempts that ended in the class of the last one.
    pub n_same: u32,
    last: Option<Class>,
    /// Every attempt so far was R0.
    only_never_sent: bool,
    /// An earlier attempt may have been executed by the server.
    pub maybe_done: bool,
}

/// What `send` does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Wait at least this long, at most `upper` (full jitter), then try again.
    Retry { lower: Duration, upper: Duration },
    /// Renew the credentials, then try again at once.
    Refresh,
    /// Hand the outcome to the caller.
    GiveUp,
}

const BASE: Duration = Duration::from_millis(100);
const CAP: Duration = Duration::from_secs(5);
/// The longest `Retry-After` that is believed.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// 30 s of nothing but R0 is `unreachable`; other classes give up only after this long as well.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// No request of unknown outcome is repeated for longer.
const LIMIT: Duration = Duration::from_secs(120);
/// How long a port that refuses is tried.
const REFUSED: Duration = Duration::from_secs(2);
const TRIES: u32 = 5;
const WAITS: u32 = 12;

impl Default for Attempts {
    fn default() -> Self {
        Self::new(PATIENCE)
    }
}

impl Attempts {
    pub fn new(patience: Duration) -> Self {
        Self {
            patience,
            n: 0,
            n_same: 0,
            last: None,
            only_never_sent: false,
            maybe_done: false,
        }
    }

    /// A server where nobody listens, and that has not answered in this run, is not one that restarts.
    pub fn lose_patience(&mut self) {
        self.patience = self.patience.min(REFUSED);
    }

    /// Counts an ended attempt and decides. `elapsed` is the time since the first attempt began.
    pub fn next(&mut self, outcome: &Outcome, effect: Effect, elapsed: Duration) -> Next {
        let class = class(outcome);
        self.n += 1;
        self.n_same = if self.last == Some(class) {
            self.n_same + 1
        } else {
            1
        };
        self.only_never_sent = (self.n == 1 || self.only_never_sent) && class == Class::NeverSent;
        self.last = Some(class);
        if class == Class::Unknown {
            self.maybe_done = true;
        }
        let longest = backoff(self.n_same);
        let backoff = Next::Retry {
            lower: Duration::ZERO,
            upper: longest,
        };
        let is_safe = effect != Effect::Other;
        let again = |condition: bool| if condition { backoff } else { Next::GiveUp };
        match class {
            Class::NeverSent if elapsed < self.patience => Next::Retry {
                lower: Duration::ZERO,
                upper: longest.min(self.patience.saturating_sub(elapsed)),
            },
            Class::NeverSent => Next::GiveUp,
            Class::Unknown => again(is_safe && self.is_patient(elapsed)),
            // Answers about everything else wait for a read.
            Class::ToldToWait if effect == Effect::Read && elapsed >= PATIENCE => Next::GiveUp,
            Class::ToldToWait => self.wait(outcome, effect),
            Class::Transient => again(is_safe && self.n_same < TRIES && elapsed < self.patience),
            Class::PlainConflict => again(effect == Effect::Idempotent && self.n_same < TRIES),
            Class::Unauthorized if self.n_same == 1 => Next::Refresh,
            Class::Unauthorized | Class::Expired | Class::Final => Next::GiveUp,
        }
    }

    /// At least 6 tries and 30 s, at most 120 s: an API server that restarts is back within that time.
    fn is_patient(&self, elapsed: Duration) -> bool {
        elapsed < LIMIT && (self.n_same <= TRIES || elapsed < self.patience)
    }

    fn wait(&self, outcome: &Outcome, effect: Effect) -> Next {
        let Outcome::Answered {
            status,
            retry_after,
            ..
        } = outcome
        else {
            return Next::GiveUp;
        };
        if self.n_same > WAITS || (effect == Effect::Other && *status != 429) {
            return Next::GiveUp;
        }
        let lower = retry_after.unwrap_or(Duration::ZERO).min(MAX_WAIT);
        Next::Retry {
            lower,
            upper: lower.max(backoff(self.n_same)).min(MAX_WAIT),
        }
    }

    /// Nothing of the request ever left this machine.
    pub fn never_reached(&self) -> bool {
        self.only_never_sent
    }
}

/// The upper bound before the n-th repetition, which counts from 1.
fn backoff(n: u32) -> Duration {
    BASE.saturating_mul(1 << n.saturating_sub(1).min(10))
        .min(CAP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_that_is_told_to_wait_gives_up_after_its_patience() {
        let wait = Outcome::Answered {
            status: 429,
            reason: String::new(),
            message: String::new(),
            has_field_conflict: false,
            retry_after: Some(Duration::from_secs(30)),
            is_status: true,
        };
        let mut read = Attempts::default();
        let first = read.next(&wait, Effect::Read, Duration::ZERO);
        assert!(matches!(first, Next::Retry { lower, .. } if lower == MAX_WAIT));
        assert_eq!(read.next(&wait, Effect::Read, PATIENCE), Next::GiveUp);
        let mut write = Attempts::default();
        let next = write.next(&wait, Effect::Idempotent, PATIENCE);
        assert!(matches!(next, Next::Retry { .. }));
    }

    #[test]
    fn a_port_that_refuses_is_tried_for_two_seconds() {
        let mut attempts = Attempts::default();
        attempts.lose_patience();
        let next = |attempts: &mut Attempts, millis| {
            let elapsed = Duration::from_millis(millis);
            attempts.next(&Outcome::NeverSent, Effect::Read, elapsed)
        };
        assert!(matches!(next(&mut attempts, 1900), Next::Retry { .. }));
        assert_eq!(next(&mut attempts, 2000), Next::GiveUp);
        let mut others = Attempts::default();
        assert!(matches!(next(&mut others, 2000), Next::Retry { .. }));
    }

    fn answered(status: u16, reason: &str, message: &str) -> Outcome {
        Outcome::Answered {
            status,
            reason: reason.to_owned(),
            message: message.to_owned(),
            has_field_conflict: false,
            retry_after: None,
            is_status: !reason.is_empty(),
        }
    }

    fn check(outcome: &Outcome, expected: Class) {
        assert_eq!(class(outcome), expected, "{outcome:?}");
    }

    #[test]
    fn each_outcome_has_its_class() {
        check(&Outcome::NeverSent, Class::NeverSent);
        check(&Outcome::Lost, Class::Unknown);
        check(&answered(504, "Timeout", ""), Class::Unknown);
        check(&answered(500, "ServerTimeout", ""), Class::Unknown);
        check(&answered(502, "", ""), Class::Unknown);
        check(&answered(429, "", ""), Class::ToldToWait);
        check(
            &answered(
                500,
                "InternalError",
                "Internal error occurred: failed calling webhook \"a\"",
            ),
            Class::Transient,
        );
        check(
            &answered(500, "InternalError", "etcdserver: leader changed"),
            Class::Transient,
        );
        check(&answered(409, "Conflict", ""), Class::PlainConflict);
        check(&answered(409, "AlreadyExists", ""), Class::Final);
        check(&answered(401, "Unauthorized", ""), Class::Unauthorized);
        check(&answered(410, "Expired", ""), Class::Expired);
        for status in [
            200, 201, 301, 302, 307, 308, 400, 403, 404, 405, 413, 415, 422,
        ] {
            check(&answered(status, "x", ""), Class::Final);
        }
        check(&answered(500, "InternalError", "boom"), Class::Final);
    }

    #[test]
    fn a_503_with_retry_after_is_told_to_wait() {
        let mut outcome = answered(503, "", "");
        if let Outcome::Answered { retry_after, .. } = &mut outcome {
            *retry_after = Some(Duration::from_secs(3600));
        }
        check(&outcome, Class::ToldToWait);
        let next = Attempts::default().next(&outcome, Effect::Read, Duration::ZERO);
        assert_eq!(
            next,
            Next::Retry {
                lower: MAX_WAIT,
                upper: MAX_WAIT
            }
        );
        let next = Attempts::default().next(&outcome, Effect::Other, Duration::ZERO);
        assert_eq!(next, Next::GiveUp);
    }

    #[test]
    fn a_write_that_is_not_idempotent_is_never_repeated_after_an_unknown_outcome() {
        let mut attempts = Attempts::default();
        let next = attempts.next(&Outcome::Lost, Effect::Other, Duration::ZERO);
        assert_eq!(next, Next::GiveUp);
        assert!(attempts.maybe_done);
    }

    #[test]
    fn thirty_seconds_of_nothing_sent_is_the_end() {
        let mut attempts = Attempts::default();
        for second in 0..30 {
            let next = attempts.next(
                &Outcome::NeverSent,
                Effect::Other,
                Duration::from_secs(second),
            );
            assert!(matches!(next, Next::Retry { .. }), "after {second} s");
        }
        let next = attempts.next(&Outcome::NeverSent, Effect::Other, PATIENCE);
        assert_eq!(next, Next::GiveUp);
        assert!(attempts.never_reached());
    }

    #[test]
    fn credentials_are_renewed_once() {
        let mut attempts = Attempts::default();
        let unauthorized = answered(401, "Unauthorized", "");
        assert_eq!(
            attempts.next(&unauthorized, Effect::Other, Duration::ZERO),
            Next::Refresh
        );
        assert_eq!(
            attempts.next(&unauthorized, Effect::Other, Duration::ZERO),
            Next::GiveUp
        );
    }

    #[test]
    fn waits_grow_to_five_seconds() {
        assert_eq!(backoff(1), Duration::from_millis(100));
        assert_eq!(backoff(3), Duration::from_millis(400));
        assert_eq!(backoff(40), CAP);
    }
}
