//! The one function through which everything goes to an API server: credentials, limits, deadlines, retries, counting.
//!
//! It knows how a request travels and nothing of what it means: answers are handed to the caller's decoder.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher};
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;
use http::header::{HeaderMap, HeaderValue, RETRY_AFTER, WARNING};

use super::api::Stats;
use super::credential::Credentials;
use super::guard::Guard;
use super::identity::Identity;
use super::limit::Limiter;
use super::retry::{Attempts, Class, Effect, Next, Outcome, class, is_other_object};
use super::status::{self, Status, Subject, cut};
use super::stop::Stop;
use super::teller::Teller;
use super::tls;
use super::transport::{Answer, Fault, Timeouts, Transport};
use super::url::ApiPath;
use crate::error::{Error, Reason, Result};

pub const JSON: &str = "application/json";

/// Shorter pauses are not told.
const WORTH_TELLING: Duration = Duration::from_secs(2);

/// More different warnings than this are not kept.
const MAX_WARNINGS: usize = 100;

/// A request as a value.
pub struct Call<'a> {
    pub method: Method,
    pub path: &'a ApiPath,
    pub accept: &'static str,
    pub content_type: &'static str,
    pub body: Bytes,
    pub effect: Effect,
    pub care: Care,
    pub subject: &'a Subject,
}

/// What must be true of a connection before it carries a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// Nothing: what it reads decides no write by itself.
    Read,
    /// The request asks which cluster the connection leads to.
    Identify,
    /// It leads to the right cluster: a read that decides a write.
    Proved,
    /// The same, and the run may still write.
    Write,
}

impl<'a> Call<'a> {
    pub fn get(path: &'a ApiPath, subject: &'a Subject) -> Self {
        Self {
            method: Method::GET,
            path,
            accept: JSON,
            content_type: JSON,
            body: Bytes::new(),
            effect: Effect::Read,
            care: Care::Read,
            subject,
        }
    }

    pub fn write(
        method: Method,
        path: &'a ApiPath,
        body: Vec<u8>,
        effect: Effect,
        subject: &'a Subject,
    ) -> Self {
        Self {
            method,
            body: body.into(),
            effect,
            care: if path.is_dry_run() {
                Care::Read
            } else {
                Care::Write
            },
            ..Self::get(path, subject)
        }
    }
}

/// Why a good answer could not be read.
#[derive(Debug)]
pub enum Broken {
    /// It ends too early: R1.
    Truncated,
    /// It is not what was asked for; the words hold nothing of the body.
    Foreign(String),
}

impl From<serde_json::Error> for Broken {
    fn from(error: serde_json::Error) -> Self {
        if error.is_eof() {
            return Self::Truncated;
        }
        // The parser's words may quote the body; its place does not.
        Self::Foreign(format!(
            "the answer is not the JSON that was expected (line {}, column {})",
            error.line(),
            error.column()
        ))
    }
}

/// How a request ended when the server had its say.
pub enum Reply<T> {
    Done(T),
    Refused(Answer),
    /// A write that is not idempotent was sent, and its answer was lost.
    Unknown(String),
}

/// A reply, and whether an earlier attempt may have been executed already.
pub struct Sent<T> {
    pub reply: Reply<T>,
    pub maybe_done: bool,
}

/// Makes connections with another client certificate.
pub type Rebuild = Box<dyn Fn(&tls::Identity) -> Result<Transport> + Send + Sync>;

/// Everything that is needed to talk to one cluster.
pub struct Line {
    /// `https://host:port`
    pub origin: String,
    /// The path that the server's address itself has, without a slash at its end.
    pub prefix: String,
    pub credentials: Credentials,
    pub headers: HeaderMap,
    pub compress: bool,
    pub timeouts: Timeouts,
    pub deadline: Option<Instant>,
    pub limiter: Limiter,
    pub transport: RwLock<(u64, Transport)>,
    /// Builds the connections anew when a plugin gave another client certificate.
    pub rebuild: Rebuild,
    /// What every connection that carries writes has to show.
    pub identity: Identity,
    pub requests: AtomicU64,
    pub retries: AtomicU64,
    /// It has answered in this run.
    pub answered: AtomicBool,
    pub teller: Teller,
    pub stop: Stop,
    pub warnings: Mutex<BTreeSet<String>>,
}

/// Whether a request waits for its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    Ordinary,
    /// It must not wait behind others, such as the renewal of the lock that these depend on.
    Urgent,
}

/// One use of a line: all share connections, credentials and limits.
#[derive(Clone)]
pub struct Sender {
    pub line: Arc<Line>,
    /// What must hold for writes to go out.
    pub guard: Option<Arc<dyn Guard>>,
    pub lane: Lane,
}

impl Deref for Sender {
    type Target = Line;

    fn deref(&self) -> &Line {
        &self.line
    }
}

/// What is sent when an attempt is repeated.
pub enum Repeat<T> {
    Same,
    Body(Bytes),
    /// Nothing: this is the answer.
    Done(T),
}

/// Decides what a repeated attempt sends.
pub trait Again<T>: Sync {
    /// `conflict`: the server refused the last attempt for a version that is not the current one. `maybe_done`: an earlier attempt may
    /// have been executed.
    fn again(
        &self,
        conflict: bool,
        maybe_done: bool,
    ) -> impl Future<Output = Result<Repeat<T>>> + Send;
}

/// The same bytes as before.
struct Unchanged;

impl<T> Again<T> for Unchanged {
    async fn again(&self, _: bool, _: bool) -> Result<Repeat<T>> {
        Ok(Repeat::Same)
    }
}

/// What is known when the time limit ends a request.
#[derive(Default)]
pub(super) struct Progress {
    /// How the last attempt ended.
    words: String,
    never_reached: bool,
    /// That it waits was told.
    is_told: bool,
}

/// What one attempt came to.
pub(super) struct Attempted {
    pub(super) result: std::result::Result<Answer, Fault>,
    pub(super) used: Option<HeaderValue>,
}

impl Sender {
    /// Sends until there is an answer that counts. `decode` reads a good answer, and may find it truncated.
    pub async fn send<T>(
        &self,
        call: &Call<'_>,
        decode: impl Fn(&Answer) -> std::result::Result<T, Broken> + Send,
    ) -> Result<Sent<T>> {
        self.send_or(call, decode, &Unchanged).await
    }

    /// The same; `again` decides what a repeated attempt sends.
    pub async fn send_or<T>(
        &self,
        call: &Call<'_>,
        decode: impl Fn(&Answer) -> std::result::Result<T, Broken> + Send,
        again: &impl Again<T>,
    ) -> Result<Sent<T>> {
        let start = Instant::now();
        let mut attempts = Attempts::new(self.timeouts.patience);
        let mut progress = Progress::default();
        let mut body = call.body.clone();
        loop {
            let Attempted { result, used } = self.attempt(call, &body, &progress).await?;
            let decoded = match &result {
                Ok(answer) if (200..300).contains(&answer.status) => Some(decode(answer)),
                Ok(_) | Err(_) => None,
            };
            let (outcome, words) = match decoded {
                Some(Ok(value)) => {
                    self.limiter.good();
                    return Ok(done(value, &attempts));
                }
                Some(Err(Broken::Foreign(words))) => {
                    return Err(self.not_understood(&result, call.subject, &words));
                }
                Some(Err(Broken::Truncated)) => {
                    (Outcome::Lost, "the answer was cut off".to_owned())
                }
                None => outcome(&result),
            };
            if matches!(result, Err(Fault::Refused(_))) && !self.has_answered() {
                attempts.lose_patience();
            }
            if is_other_object(&outcome) {
                self.identity.doubt();
            }
            let next = attempts.next(&outcome, call.effect, start.elapsed());
            progress.never_reached = attempts.never_reached();
            match next {
                Next::GiveUp => return self.give_up(call, result, words, &attempts),
                Next::Refresh => {
                    let refresh = self.credentials.refresh(used.as_ref());
                    self.credentials_before_deadline(call.subject, refresh, &progress)
                        .await?;
                }
                Next::Retry { lower, upper } => {
                    progress.words = words;
                    self.pause(call, &result, (lower, upper), &mut progress)
                        .await?;
                }
            }
            self.retries.fetch_add(1, Ordering::Relaxed);
            let conflict = class(&outcome) == Class::PlainConflict;
            match again.again(conflict, attempts.maybe_done).await? {
                Repeat::Same => {}
                Repeat::Body(renewed) => body = renewed,
                Repeat::Done(value) => {
                    return Ok(done(value, &attempts));
                }
            }
        }
    }

    /// Waits before the next attempt, and says so where that takes long.
    async fn pause(
        &self,
        call: &Call<'_>,
        result: &std::result::Result<Answer, Fault>,
        (lower, upper): (Duration, Duration),
        progress: &mut Progress,
    ) -> Result<()> {
        if matches!(result, Ok(answer) if answer.status == 429) {
            self.limiter.halve();
        }
        if lower >= WORTH_TELLING && !std::mem::replace(&mut progress.is_told, true) {
            let server = crate::object::display::display(&self.origin);
            let (action, seconds) = (&call.subject.action, lower.as_secs());
            self.teller.tell(&format!(
                "waiting {seconds}s to {action}: `{server}` asks for that ({})",
                progress.words
            ));
        }
        let pause = self.stop.sleep(jitter(lower, upper));
        if self.before_deadline(call.subject, pause, progress).await? {
            return Ok(());
        }
        let server = crate::object::display::display(&self.origin);
        let last = cut(&progress.words, 300);
        let words = format!("interrupted while waiting for `{server}`; last: {last}");
        Err(call.subject.error(Reason::Interrupted, words))
    }

    /// The end of a request that has no good answer.
    fn give_up<T>(
        &self,
        call: &Call<'_>,
        result: std::result::Result<Answer, Fault>,
        words: String,
        attempts: &Attempts,
    ) -> Result<Sent<T>> {
        let maybe_done = attempts.maybe_done;
        let sent = |reply| Ok(Sent { reply, maybe_done });
        let subject = call.subject;
        let tries = if attempts.n > 1 {
            format!(" ({} attempts)", attempts.n)
        } else {
            String::new()
        };
        let server = crate::object::display::display(&self.origin).into_owned();
        match result {
            Err(Fault::Untrusted(why)) => Err(why
                .error(&self.origin)
                .context(format!("cannot {}", subject.action))
                .during(subject.during)),
            Err(Fault::NeverSent(_) | Fault::Refused(_))
                if attempts.never_reached() || call.effect != Effect::Other =>
            {
                Err(subject
                    .error(
                        Reason::Unreachable,
                        format!("`{server}` cannot be reached: {}{tries}", cut(&words, 300)),
                    )
                    .hint(
                        "check that the server runs, and the address and proxy in the kubeconfig",
                    ))
            }
            Err(Fault::BadBody(words)) => Err(self.bad_body(subject, &words)),
            Err(_) | Ok(_) if maybe_done && call.effect == Effect::Other => {
                sent(Reply::Unknown(words))
            }
            Ok(answer) if (200..300).contains(&answer.status) => {
                Err(subject.error(Reason::Unreachable, format!("`{server}`: {words}{tries}")))
            }
            Ok(answer) => sent(Reply::Refused(answer)),
            Err(Fault::Late(_)) => Err(subject
                .error(
                    Reason::Timeout,
                    format!("`{server}`: {}{tries}", cut(&words, 300)),
                )
                .hint("the server took the connection and did not answer in time")),
            Err(Fault::Lost(_) | Fault::NeverSent(_) | Fault::Refused(_)) => Err(subject.error(
                Reason::Unreachable,
                format!(
                    "the connection to `{server}` broke: {}{tries}",
                    cut(&words, 300)
                ),
            )),
        }
    }

    fn bad_body(&self, subject: &Subject, words: &str) -> Error {
        subject.error(
            Reason::Internal,
            format!(
                "the answer of `{}` was refused: {words}",
                crate::object::display::display(&self.origin)
            ),
        )
    }

    fn not_understood(
        &self,
        result: &std::result::Result<Answer, Fault>,
        subject: &Subject,
        words: &str,
    ) -> Error {
        match result {
            Ok(answer) if !looks_like_json(&answer.body) => {
                status::foreign(answer, &self.origin, subject)
            }
            Ok(_) | Err(_) => subject.error(Reason::Internal, words),
        }
    }

    /// Waits for `future`, but not beyond the command's own time limit.
    pub(super) async fn before_deadline<T>(
        &self,
        subject: &Subject,
        future: impl Future<Output = T>,
        progress: &Progress,
    ) -> Result<T> {
        let Some(deadline) = self.deadline else {
            return Ok(future.await);
        };
        tokio::time::timeout_at(deadline.into(), future)
            .await
            .map_err(|_| self.too_late(subject, progress))
    }

    /// The same for credentials: when the time is up it is their source that did not answer, and not the server.
    pub(super) async fn credentials_before_deadline<T>(
        &self,
        subject: &Subject,
        future: impl Future<Output = Result<T>>,
        progress: &Progress,
    ) -> Result<T> {
        let late = match self.before_deadline(subject, future, progress).await {
            Ok(result) => return result,
            Err(late) => late,
        };
        Err(self.credentials.too_late().unwrap_or(late))
    }

    fn too_late(&self, subject: &Subject, progress: &Progress) -> Error {
        let server = crate::object::display::display(&self.origin);
        let last = cut(&progress.words, 300);
        if progress.never_reached {
            return subject.error(
                Reason::Unreachable,
                format!("`{server}` could not be reached within the time limit: {last}"),
            );
        }
        let last = if last.is_empty() {
            String::new()
        } else {
            format!("; last: {last}")
        };
        subject.error(
            Reason::Timeout,
            format!("`{server}` did not answer within the time limit{last}"),
        )
    }

    /// Whether the server has answered anything in this run.
    fn has_answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }

    pub(super) fn keep_warnings(&self, answer: &Answer, subject: &Subject) {
        if subject.is_secret || !answer.headers.contains_key(WARNING) {
            return;
        }
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        for value in answer.headers.get_all(WARNING) {
            if let Some(text) = value.to_str().ok().and_then(warning_text)
                && warnings.len() < MAX_WARNINGS
            {
                warnings.insert(cut(&text, 500));
            }
        }
    }

    /// Tells something of its own among the server's warnings.
    pub(super) fn warn(&self, text: String) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        warnings.insert(text);
    }

    pub fn stats(&self) -> Stats {
        Stats {
            requests: self.requests.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
        }
    }

    /// The error for a refusal that the caller has no use for.
    pub fn refusal(&self, answer: &Answer, subject: &Subject) -> Error {
        status::refusal(answer, &self.origin, subject)
    }
}

fn done<T>(value: T, attempts: &Attempts) -> Sent<T> {
    Sent {
        reply: Reply::Done(value),
        maybe_done: attempts.maybe_done,
    }
}

/// The outcome for the retry table, and words for a person.
fn outcome(result: &std::result::Result<Answer, Fault>) -> (Outcome, String) {
    let answer = match result {
        Ok(answer) => answer,
        Err(Fault::NeverSent(words) | Fault::Refused(words)) => {
            return (Outcome::NeverSent, words.clone());
        }
        Err(Fault::Lost(words) | Fault::Late(words)) => return (Outcome::Lost, words.clone()),
        Err(Fault::Untrusted(_) | Fault::BadBody(_)) => return (Outcome::Untrusted, String::new()),
    };
    let status = Status::parse(&answer.body);
    let words = format!("the server answered {}", answer.status);
    let is_status = status.is_some();
    let status = status.unwrap_or_default();
    let outcome = Outcome::Answered {
        status: answer.status,
        has_field_conflict: status.has_cause("FieldManagerConflict"),
        retry_after: retry_after(answer, &status),
        reason: status.reason,
        message: status.message,
        is_status,
    };
    (outcome, words)
}

/// `Retry-After` in seconds, or the Status's own number.
fn retry_after(answer: &Answer, status: &Status) -> Option<Duration> {
    let header = answer
        .headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.trim().parse().ok());
    let seconds =
        header.or(Some(status.details.retry_after_seconds).filter(|&seconds| seconds > 0));
    seconds.map(Duration::from_secs)
}

/// The text of `299 - "text"`.
fn warning_text(value: &str) -> Option<String> {
    let start = value.find('"')? + 1;
    let end = value.rfind('"').filter(|&end| end > start)?;
    Some(
        value
            .get(start..end)?
            .replace("\\\"", "\"")
            .replace("\\\\", "\\"),
    )
}

fn looks_like_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// A time between the two, evenly spread. It needs no secrecy, so the hasher's random keys are enough.
fn jitter(lower: Duration, upper: Duration) -> Duration {
    let random = std::hash::RandomState::new().build_hasher().finish();
    let span = upper.saturating_sub(lower).as_micros().max(1);
    let offset = u128::from(random) % span;
    lower + Duration::from_micros(u64::try_from(offset).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_text_of_a_warning() {
        let text = warning_text(r#"299 - "policy/v1beta1 is \"old\"""#);
        assert_eq!(text.as_deref(), Some("policy/v1beta1 is \"old\""));
        assert_eq!(warning_text("299 - \""), None);
    }

    #[test]
    fn jitter_stays_between() {
        let (lower, upper) = (Duration::from_millis(5), Duration::from_millis(9));
        for _ in 0..100 {
            assert!((lower..=upper).contains(&jitter(lower, upper)));
        }
        assert_eq!(jitter(upper, upper), upper);
    }
}
