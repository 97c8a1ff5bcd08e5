//! What an API server says when it refuses: the Status object, read leniently, and the error made of it.
//!
//! Text of a server is cut and escaped before it goes into a message, and left out where it may quote a Secret.

use serde::Deserialize;

use super::transport::Answer;
use crate::error::{During, Error, Reason};
use crate::object::display::display;

/// The longest text of a server that a message holds.
const MAX_WORDS: usize = 500;
/// The longest piece of something that is not an API server's answer.
const MAX_FOREIGN: usize = 120;

/// A `v1.Status`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Status {
    kind: String,
    pub status: String,
    pub message: String,
    pub reason: String,
    pub code: u16,
    #[serde(deserialize_with = "null_as_default")]
    pub details: Details,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Details {
    pub name: String,
    pub group: String,
    pub kind: String,
    #[serde(deserialize_with = "null_as_default")]
    pub causes: Vec<Cause>,
    pub retry_after_seconds: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Cause {
    pub reason: String,
    pub message: String,
    pub field: String,
}

fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Status {
    /// The Status in a body, if the body is one.
    pub fn parse(body: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(body)
            .ok()
            .filter(|status| status.kind == "Status")
    }

    /// Whether it says that exactly this object is not there.
    pub fn is_absent(&self, name: &str) -> bool {
        self.reason == "NotFound" && self.details.name == name
    }

    pub fn has_cause(&self, reason: &str) -> bool {
        self.details
            .causes
            .iter()
            .any(|cause| cause.reason == reason)
    }
}

/// What a request was about, for messages.
#[derive(Debug, Clone)]
pub struct Subject {
    /// What was attempted: `list ConfigMap in namespace shop`.
    pub action: String,
    pub during: During,
    /// The server's words may quote a Secret's value.
    pub is_secret: bool,
}

impl Subject {
    pub fn read(action: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            during: During::Read,
            is_secret: false,
        }
    }

    pub fn write(action: impl Into<String>) -> Self {
        Self {
            during: During::Write,
            ..Self::read(action)
        }
    }

    #[must_use]
    pub fn secret(mut self, is_secret: bool) -> Self {
        self.is_secret = is_secret;
        self
    }

    /// An error about this subject.
    pub fn error(&self, reason: Reason, words: impl std::fmt::Display) -> Error {
        Error::new(reason, format!("cannot {}: {words}", self.action)).during(self.during)
    }
}

/// The server's words, safe to show.
pub fn words(status: &Status, subject: &Subject) -> String {
    if subject.is_secret {
        return hidden_words(status);
    }
    let text = if status.message.is_empty() {
        &status.reason
    } else {
        &status.message
    };
    cut(text, MAX_WORDS)
}

/// For Secrets: the reason and the fields, never a message, because validation errors quote values.
fn hidden_words(status: &Status) -> String {
    let causes = status
        .details
        .causes
        .iter()
        .map(|cause| cause.field.as_str());
    let fields: Vec<String> = causes
        .chain(typed_field(&status.message))
        .filter(|field| !field.is_empty())
        .take(8)
        .map(|field| cut(&without_wrong_keys(field), 100))
        .collect();
    let reason = match (&status.reason, status.code) {
        _ if status.message.contains("illegal base64 data") => {
            "that a value in `data` is not base64".to_owned()
        }
        (reason, code) if reason.is_empty() => format!("code {code}"),
        (reason, _) => cut(reason, 60),
    };
    let words = format!(
        "the server says {reason}; its words are not shown because they may quote the Secret"
    );
    if fields.is_empty() {
        words
    } else {
        format!("{words} (fields: {})", fields.join(", "))
    }
}

/// A field without keys in brackets that no Secret may have: a line of a secret that was read as a key is one.
fn without_wrong_keys(field: &str) -> String {
    let is_key = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    match field.split_once('[') {
        Some((head, rest)) if !rest.strip_suffix(']').is_some_and(is_key) => format!("{head}[…]"),
        _ => field.to_owned(),
    }
}

/// The field in `… Kind=Secret): .data.key: expected string, got …`.
fn typed_field(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("Kind=Secret): ")?;
    let (field, _) = rest.split_once(": ")?;
    (field.starts_with('.') && !field.contains(['"', '=', '{', ' '])).then_some(field)
}

/// `text` escaped and at most `max` characters long.
pub fn cut(text: &str, max: usize) -> String {
    let text = text.trim();
    let mut short: String = text.chars().take(max).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    display(&short).into_owned()
}

/// The reason and the error for an answer that refuses, whatever was asked.
pub fn refusal(answer: &Answer, server: &str, subject: &Subject) -> Error {
    if (300..400).contains(&answer.status) {
        return redirect(answer, subject);
    }
    let Some(status) = Status::parse(&answer.body) else {
        return foreign(answer, server, subject);
    };
    let said = words(&status, subject);
    let reason = reason(answer.status, &status);
    let error = subject.error(reason, said);
    match reason {
        Reason::Forbidden => {
            error.hint("`kubectl auth can-i --list` shows what these credentials may do")
        }
        Reason::Terminating => {
            error.hint("the namespace is being deleted; wait until it is gone, then sync again")
        }
        Reason::Unauthorized => {
            error.hint("log in again, or check the credentials of the kubeconfig's user")
        }
        _ => error,
    }
}

/// Sorts a refusal by code, reason and, where the API gives nothing better, words.
pub fn reason(code: u16, status: &Status) -> Reason {
    let message = status.message.as_str();
    let says = |text: &str| message.contains(text);
    if status.has_cause("NamespaceTerminating") || says("because it is being terminated") {
        return Reason::Terminating;
    }
    if code == 413
        || says("etcdserver: request is too large")
        || says("Request entity too large")
        || (says("Too long: ") && says("may not be more than"))
    {
        return Reason::TooLarge;
    }
    if says("admission webhook \"")
        || says("failed calling webhook")
        || says("failed to call webhook")
        || says("ValidatingAdmissionPolicy '")
    {
        return Reason::Webhook;
    }
    let limit_range = ["minimum ", "maximum "]
        .iter()
        .any(|word| says(word) && says(" usage per "));
    match code {
        401 => Reason::Unauthorized,
        403 if says("exceeded quota") || says("failed quota") || limit_range => Reason::Quota,
        403 => Reason::Forbidden,
        409 => Reason::Conflict,
        422 if is_immutable(status) => Reason::Immutable,
        400 | 415 | 422 => Reason::Invalid,
        404 if status.details.kind == "namespaces" => Reason::Invalid,
        404 => Reason::Discovery,
        429 | 502..=504 => Reason::Unreachable,
        // What the server could not read as the kind's type; it answers 500 for it.
        500 if [
            "field not declared in schema",
            "failed to create typed patch object",
            "failed to convert new object",
            "error decoding from json",
        ]
        .iter()
        .any(|text| says(text)) =>
        {
            Reason::Invalid
        }
        500 if says("database space exceeded") => Reason::TooLarge,
        500 if matches!(status.reason.as_str(), "Timeout" | "ServerTimeout") => Reason::Unreachable,
        _ => Reason::Internal,
    }
}

/// Whether every complaint is about a field that may not change. A complaint of another kind would stay after a replacement.
pub fn is_immutable(status: &Status) -> bool {
    let causes = &status.details.causes;
    if causes.is_empty() {
        return status.reason == "Invalid" && says_immutable(&status.message);
    }
    causes.iter().all(|cause| says_immutable(&cause.message))
}

fn says_immutable(text: &str) -> bool {
    [
        "field is immutable",
        "is immutable after creation",
        "spec is immutable",
        "may not change once set",
        "may not be changed once set",
        "cannot change roleRef",
        "updates to statefulset spec for fields other than",
        "updates to parameters are forbidden",
        "updates to provisioner are forbidden",
        "may not be unset once set",
        "may not be changed",
        "may not be updated",
        "cannot be changed",
        "pod updates may not change fields other than",
        "may not change fields other than",
        "field is immutable when `immutable` is set",
    ]
    .iter()
    .any(|words| text.contains(words))
}

fn redirect(answer: &Answer, subject: &Subject) -> Error {
    let target = answer
        .headers
        .get(http::header::LOCATION)
        .and_then(|location| location.to_str().ok())
        .map(|location| location.split(['?', '#']).next().unwrap_or_default())
        .map(without_user)
        .unwrap_or_default();
    subject
        .error(
            Reason::Config,
            format!(
                "the server redirects to `{}`, which is not followed",
                cut(&target, 200)
            ),
        )
        .hint("set `server` of the kubeconfig's cluster to the API server's own address")
}

/// A URL without user and password.
fn without_user(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}/{path}")
        }
        None => url.to_owned(),
    }
}

/// The error for an answer that no API server gives.
pub fn foreign(answer: &Answer, server: &str, subject: &Subject) -> Error {
    let start = if subject.is_secret {
        String::new()
    } else {
        let text =
            String::from_utf8_lossy(answer.body.get(..2000).unwrap_or(&answer.body)).into_owned();
        let printable: String = text.chars().filter(|c| !c.is_control()).collect();
        let shown = cut(&printable, MAX_FOREIGN);
        if shown.is_empty() {
            shown
        } else {
            format!(": `{shown}`")
        }
    };
    let code = answer.status;
    let reason = match code {
        401 => Reason::Unauthorized,
        403 => Reason::Forbidden,
        413 => Reason::TooLarge,
        429 | 500..=599 => Reason::Unreachable,
        200..=299 => Reason::Internal,
        _ => Reason::Discovery,
    };
    subject
        .error(
            reason,
            format!("`{}` answered {code} with something that does not look like a Kubernetes API{start}", display(server)),
        )
        .hint("check the server's address, and what stands between: a proxy or a load balancer may have answered")
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use serde_json::{Value, json};

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            headers: http::HeaderMap::new(),
            body: Bytes::from(body.to_owned()),
        }
    }

    fn refused(code: u16, reason: &str, message: &str, causes: Value) -> Error {
        let body = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
            "reason": reason, "message": message, "details": {"causes": causes}});
        let subject = Subject::write("apply ConfigMap/a/b");
        refusal(&answer(code, &body.to_string()), "https://a", &subject)
    }

    fn check(code: u16, reason: &str, message: &str, causes: Value, expected: Reason) {
        let error = refused(code, reason, message, causes);
        assert_eq!(error.reason(), expected, "{error}");
    }

    #[test]
    fn sorts_refusals() {
        let none = || json!([]);
        check(
            403,
            "Forbidden",
            "pods is forbidden: exceeded quota: q, requested: pods=1",
            none(),
            Reason::Quota,
        );
        check(
            403,
            "Forbidden",
            "pods \"a\" is forbidden: maximum cpu usage per Container is 1",
            none(),
            Reason::Quota,
        );
        check(
            403,
            "Forbidden",
            "User \"x\" cannot get",
            none(),
            Reason::Forbidden,
        );
        check(
            403,
            "Forbidden",
            "x",
            json!([{"reason": "NamespaceTerminating"}]),
            Reason::Terminating,
        );
        check(
            403,
            "Forbidden",
            "admission webhook \"a.b\" denied the request: no",
            none(),
            Reason::Webhook,
        );
        check(
            422,
            "Invalid",
            "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
            none(),
            Reason::Webhook,
        );
        check(
            413,
            "RequestEntityTooLarge",
            "Request entity too large: limit is 3145728",
            none(),
            Reason::TooLarge,
        );
    }

    #[test]
    fn sorts_what_is_wrong_with_an_object() {
        let none = || json!([]);
        check(
            400,
            "BadRequest",
            "strict decoding error: unknown field \"spec.x\"",
            none(),
            Reason::Invalid,
        );
        check(
            422,
            "Invalid",
            "x",
            json!([{"field": "spec.a", "message": "Invalid value: 1: field is immutable"}]),
            Reason::Immutable,
        );
        check(
            422,
            "Invalid",
            "x",
            json!([{"field": "spec.a", "message": "field is immutable"}, {"field": "spec.b", "message": "Required value"}]),
            Reason::Invalid,
        );
    }

    #[test]
    fn the_words_about_a_secret_are_not_shown() {
        let body = json!({"kind": "Status", "code": 400, "reason": "BadRequest",
            "message": "Secret in version \"v1\" cannot be handled: illegal base64 data: hunter2",
            "details": {"causes": [{"field": "data[key]", "message": "Invalid value: \"hunter2\""}]}});
        let subject = Subject::write("apply Secret/a/b").secret(true);
        let error = refusal(&answer(400, &body.to_string()), "https://a", &subject);
        assert!(!error.report().contains("hunter2"), "{error}");
        assert!(error.report().contains("data[key]"), "{error}");
        let error = refusal(&answer(502, "<html>hunter2"), "https://a", &subject);
        assert!(!error.report().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_page_of_a_load_balancer_is_no_answer_of_an_api_server() {
        let page = format!("<html>\u{1b}[31m{}</html>", "x".repeat(1000));
        let error = refusal(
            &answer(404, &page),
            "https://lb",
            &Subject::read("list Pod"),
        );
        assert!(
            error
                .message()
                .contains("does not look like a Kubernetes API"),
            "{error}"
        );
        assert!(error.message().len() < 320 && !error.message().contains('\u{1b}'));
        assert_eq!(error.exit(), crate::exit::Exit::Unanswered);
    }

    #[test]
    fn a_redirect_is_named_without_query_and_password() {
        let mut answer = answer(302, "");
        answer.headers.insert(
            http::header::LOCATION,
            http::HeaderValue::from_static("https://u:hunter2@evil/login?token=hunter2"),
        );
        let error = refusal(&answer, "https://a", &Subject::read("list Pod"));
        assert_eq!(error.reason(), Reason::Config);
        assert!(error.message().contains("https://evil/login"), "{error}");
        assert!(!error.message().contains("hunter2"), "{error}");
    }

    #[test]
    fn absent_means_that_the_server_names_the_object() {
        let status = |name: &str| {
            Status::parse(
                json!({"kind": "Status", "reason": "NotFound", "details": {"name": name}})
                    .to_string()
                    .as_bytes(),
            )
            .expect("a Status")
        };
        assert!(status("web").is_absent("web"));
        assert!(!status("other").is_absent("web"));
        assert_eq!(Status::parse(b"404 page not found"), None);
        assert_eq!(Status::parse(b"{\"kind\":\"Pod\"}"), None);
    }
}
