//! Which cluster a connection leads to, by the UID of its `kube-system`: every connection that carries a write must show the same one.
//!
//! It sends nothing; `send` asks.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::status::Status;
use super::transport::Answer;

/// The namespace that exists once in every cluster's life.
pub const NAMESPACE: &str = "kube-system";

/// What a connection shows of its cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    Uid(String),
    /// The account may not read it.
    Hidden,
    /// There is no such namespace.
    Absent,
}

impl Shown {
    /// For messages.
    pub fn describe(&self) -> String {
        match self {
            Self::Uid(uid) => format!("the UID `{uid}`"),
            Self::Hidden => "a UID that the account may not read".to_owned(),
            Self::Absent => "no UID, as there is no such namespace".to_owned(),
        }
    }
}

/// What an answer to the question for the namespace shows; nothing when it answers another question.
pub fn shown(answer: &Answer) -> Option<Shown> {
    match answer.status {
        200 => {
            let namespace: Value = serde_json::from_slice(&answer.body).ok()?;
            let text = |pointer| namespace.pointer(pointer).and_then(Value::as_str);
            if text("/metadata/name") != Some(NAMESPACE) {
                return None;
            }
            let uid = text("/metadata/uid").filter(|uid| !uid.is_empty())?;
            Some(Shown::Uid(uid.to_owned()))
        }
        403 => Status::parse(&answer.body).map(|_| Shown::Hidden),
        404 => {
            let status = Status::parse(&answer.body)?;
            status.is_absent(NAMESPACE).then_some(Shown::Absent)
        }
        _ => None,
    }
}

/// What all connections of a run have to show.
#[derive(Debug, Default)]
pub struct Identity {
    /// The UID that `cluster.yaml` records.
    recorded: Option<String>,
    /// What the first connection of the run showed.
    first: Mutex<Option<Shown>>,
    /// Proofs of earlier generations are in doubt.
    generation: AtomicU64,
    /// The server, or what stands before it, closes each connection after one answer.
    answers_once: AtomicBool,
}

/// Whether a connection may carry writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Right,
    /// Nothing tells that it is the wrong one, and nothing that it is the right one. Told once.
    Unproved,
    /// It should have shown this.
    Wrong(Shown),
}

impl Identity {
    pub fn new(recorded: Option<String>) -> Self {
        Self {
            recorded,
            ..Self::default()
        }
    }

    /// What proofs of this moment are worth.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// An answer looked like another cluster's: every connection has to show its cluster anew.
    pub fn doubt(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    pub fn each_answers_once(&self) {
        self.answers_once.store(true, Ordering::Relaxed);
    }

    pub fn answers_once(&self) -> bool {
        self.answers_once.load(Ordering::Relaxed)
    }

    /// Judges what a connection shows. An account that may not read the namespace is believed as long as it is so from the beginning.
    pub fn judge(&self, shown: &Shown) -> Verdict {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = first.is_none();
        let before = first.get_or_insert_with(|| shown.clone());
        if before != shown {
            return Verdict::Wrong(before.clone());
        }
        match (&self.recorded, shown) {
            (Some(recorded), Shown::Uid(uid)) if uid == recorded => Verdict::Right,
            (Some(recorded), Shown::Uid(_) | Shown::Absent) => {
                Verdict::Wrong(Shown::Uid(recorded.clone()))
            }
            (None, Shown::Uid(_)) => Verdict::Right,
            (_, Shown::Hidden) | (None, Shown::Absent) if is_first => Verdict::Unproved,
            (_, Shown::Hidden) | (None, Shown::Absent) => Verdict::Right,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uid(uid: &str) -> Shown {
        Shown::Uid(uid.to_owned())
    }

    fn check(recorded: Option<&str>, shown: &[(Shown, Verdict)]) {
        let identity = Identity::new(recorded.map(str::to_owned));
        for (shown, expected) in shown {
            assert_eq!(&identity.judge(shown), expected, "{shown:?}");
        }
    }

    #[test]
    fn every_connection_must_show_what_is_recorded() {
        let wrong = Verdict::Wrong(uid("a"));
        check(
            Some("a"),
            &[(uid("a"), Verdict::Right), (uid("b"), wrong.clone())],
        );
        check(Some("a"), &[(uid("b"), wrong.clone())]);
        check(Some("a"), &[(Shown::Absent, wrong)]);
    }

    #[test]
    fn without_a_record_every_connection_must_show_what_the_first_showed() {
        let wrong = |first: Shown| Verdict::Wrong(first);
        check(
            None,
            &[
                (uid("a"), Verdict::Right),
                (uid("a"), Verdict::Right),
                (uid("b"), wrong(uid("a"))),
                (Shown::Hidden, wrong(uid("a"))),
                (Shown::Absent, wrong(uid("a"))),
            ],
        );
        check(
            None,
            &[
                (Shown::Hidden, Verdict::Unproved),
                (Shown::Hidden, Verdict::Right),
                (uid("b"), wrong(Shown::Hidden)),
            ],
        );
    }

    #[test]
    fn an_account_that_may_not_read_it_is_believed_also_where_a_uid_is_recorded() {
        let shown = [
            (Shown::Hidden, Verdict::Unproved),
            (Shown::Hidden, Verdict::Right),
        ];
        check(Some("a"), &shown);
    }

    #[test]
    fn only_the_api_server_says_that_the_namespace_is_absent_or_forbidden() {
        let answer = |status: u16, body: &str| Answer {
            status,
            headers: http::HeaderMap::new(),
            body: body.to_owned().into(),
        };
        assert_eq!(shown(&answer(404, "404 page not found")), None);
        assert_eq!(shown(&answer(403, "<html>no</html>")), None);
        assert_eq!(
            shown(&answer(200, r#"{"metadata":{"name":"other","uid":"a"}}"#)),
            None
        );
        let namespace = r#"{"metadata":{"name":"kube-system","uid":"a"}}"#;
        assert_eq!(shown(&answer(200, namespace)), Some(uid("a")));
        let forbidden = r#"{"kind":"Status","reason":"Forbidden","code":403}"#;
        assert_eq!(shown(&answer(403, forbidden)), Some(Shown::Hidden));
    }
}
