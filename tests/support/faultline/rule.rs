//! Rules: which requests, and what happens to them.

use super::request::{Entry, Verb};
use crate::support::process::kill;
use hyper::StatusCode;
use hyper::body::Bytes;
use regex::Regex;
use rustix::process::Signal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

/// A moment in the life of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The client has sent it, the server has not seen it.
    BeforeForward,
    /// The server has answered, the client does not know.
    AfterAnswer,
    /// The client has been sent the whole answer.
    AfterRelay,
}

/// A whole answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        StatusCode::from_u16(status).unwrap();
        Self {
            status,
            headers: vec![("Content-Type".into(), content_type.into())],
            body: body.into(),
        }
    }

    /// What an API server says when it refuses something.
    pub(crate) fn status(status: u16, reason: &str, message: &str) -> Self {
        let body = serde_json::json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "reason": reason, "message": message, "code": status,
        });
        Self::new(status, "application/json", body.to_string())
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

type Hook = Arc<dyn Fn(&Entry) + Send + Sync>;
type Edit = Arc<dyn Fn(Answer) -> Answer + Send + Sync>;

/// What happens to a request that a rule matches.
#[derive(Clone)]
pub(crate) enum Action {
    /// Wait before the request is forwarded.
    Delay(Duration),
    /// Wait between the server's answer and its relay.
    DelayAnswer(Duration),
    /// Reset the connection; the server never sees the request.
    DropBeforeForward,
    /// Reset the connection when the server has done its work.
    DropAfterForward,
    /// Close the connection after so many bytes of the body.
    Truncate(usize),
    /// Send so many bytes of the body, and then nothing more.
    Stall(usize),
    /// Answer in the server's place.
    Answer(Answer),
    /// Answer in the server's place and forward the request after this time all the same.
    AnswerThenForward(Answer, Duration),
    /// Change the server's answer. The client is not offered compression then.
    Edit(Edit),
    /// Close the idle connection after the answer, without having announced it.
    CloseAfterAnswer,
    /// Call a closure, which may take its time: the request waits for it, except after the relay.
    Hook(Phase, Hook),
}

/// A process that a rule may kill. Its id may become known after the rule was made.
pub(crate) type Victim = Arc<AtomicU32>;

/// Matches requests by what they do, their path and their number, and says what happens to them.
pub(crate) struct Rule {
    verbs: Vec<Verb>,
    path: Option<Regex>,
    query: Option<Regex>,
    dry_run: Option<bool>,
    /// The first and the last match that the rule acts on, counted from 1.
    turns: (usize, usize),
    matches: AtomicUsize,
    pub(super) actions: Vec<Action>,
}

impl Rule {
    /// Matches every request.
    pub(crate) fn any() -> Self {
        Self::on(&[])
    }

    /// Matches what may change something for good: every write but a dry run.
    pub(crate) fn write() -> Self {
        Self::on(&Verb::WRITES).dry_run(false)
    }

    /// Matches these verbs, or all when none is given.
    pub(crate) fn on(verbs: &[Verb]) -> Self {
        Self {
            verbs: verbs.to_vec(),
            path: None,
            query: None,
            dry_run: None,
            turns: (1, usize::MAX),
            matches: AtomicUsize::new(0),
            actions: Vec::new(),
        }
    }

    /// Only where this regular expression is found in the path.
    pub(crate) fn path(mut self, pattern: &str) -> Self {
        self.path = Some(Regex::new(pattern).unwrap());
        self
    }

    /// Only where this regular expression is found in the query.
    pub(crate) fn query(mut self, pattern: &str) -> Self {
        self.query = Some(Regex::new(pattern).unwrap());
        self
    }

    /// Only dry runs, or only what is none.
    pub(crate) fn dry_run(mut self, wanted: bool) -> Self {
        self.dry_run = Some(wanted);
        self
    }

    /// Only the nth match, counted from 1.
    pub(crate) fn nth(mut self, n: usize) -> Self {
        self.turns = (n, n);
        self
    }

    /// Only the first n matches.
    pub(crate) fn first(mut self, n: usize) -> Self {
        self.turns = (1, n);
        self
    }

    /// The nth match and all after it.
    pub(crate) fn from(mut self, n: usize) -> Self {
        self.turns = (n, usize::MAX);
        self
    }

    /// Adds an action; several happen each at its own moment.
    pub(crate) fn act(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }

    pub(crate) fn answer(self, answer: Answer) -> Self {
        self.act(Action::Answer(answer))
    }

    pub(crate) fn edit(self, edit: impl Fn(Answer) -> Answer + Send + Sync + 'static) -> Self {
        self.act(Action::Edit(Arc::new(edit)))
    }

    pub(crate) fn hook(self, phase: Phase, hook: impl Fn(&Entry) + Send + Sync + 'static) -> Self {
        self.act(Action::Hook(phase, Arc::new(hook)))
    }

    /// Kills a process at this moment. What was still to happen to the request does not happen.
    pub(crate) fn kill(self, phase: Phase, victim: &Victim) -> Self {
        let victim = Arc::clone(victim);
        let rule = self.hook(phase, move |_| {
            while victim.load(Ordering::SeqCst) == 0 {
                std::thread::yield_now(); // it has sent a request before its parent wrote its id down
            }
            kill(victim.load(Ordering::SeqCst), Signal::KILL);
        });
        match phase {
            Phase::BeforeForward => rule.act(Action::DropBeforeForward),
            Phase::AfterAnswer => rule.act(Action::DropAfterForward),
            Phase::AfterRelay => rule,
        }
    }

    /// Tells whether it is this rule's turn, and counts.
    pub(super) fn applies(&self, entry: &Entry) -> bool {
        let matches = (self.verbs.is_empty() || self.verbs.contains(&entry.verb))
            && self
                .path
                .as_ref()
                .is_none_or(|path| path.is_match(&entry.path))
            && self
                .query
                .as_ref()
                .is_none_or(|query| query.is_match(&entry.query))
            && self
                .dry_run
                .is_none_or(|wanted| wanted == entry.is_dry_run());
        if !matches {
            return false;
        }
        let turn = self.matches.fetch_add(1, Ordering::SeqCst) + 1;
        (self.turns.0..=self.turns.1).contains(&turn)
    }
}
