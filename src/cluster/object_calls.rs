//! Single objects: get, apply, create, replace, delete.
//!
//! A write whose outcome is unknown is repeated where that is harmless, else the object is read back and the answer decided
//! from what is there.

use std::sync::atomic::{AtomicBool, Ordering};

use http::Method;
use serde_json::{Value, json};

use super::api::{ApiResource, ApplyFailure, ApplyOptions, Deleted, Preconditions, Propagation};
use super::basis::{Basis, Seen, Verdict, over};
use super::failure::apply_failure;
use super::retry::Effect;
use super::send::{Again, Broken, Call, Care, Repeat, Reply, Sender, Sent};
use super::status::{Status, Subject};
use super::transport::Answer;
use super::url::ApiPath;
use crate::error::{Error, Reason, Result};
use crate::object::display::display;
use crate::object::labels::MANAGER;
use crate::object::{Key, Object};

const APPLY: &str = "application/apply-patch+yaml";
const JSON_PATCH: &str = "application/json-patch+json";
/// Attempts to create or replace an object whose outcome stays unknown.
const ROUNDS: u32 = 3;

fn is_secret(resource: &ApiResource) -> bool {
    resource.gvk.group.is_empty() && resource.gvk.kind == "Secret"
}

fn subject(resource: &ApiResource, verb: &str, namespace: &str, name: &str) -> Subject {
    let key = Key {
        group: resource.gvk.group.clone(),
        kind: resource.gvk.kind.clone(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    };
    let action = format!("{verb} `{}`", display(&key.to_string()));
    let subject = match verb {
        "read" => Subject::read(action),
        _ => Subject::write(action),
    };
    subject.secret(is_secret(resource))
}

/// Reads an answer that must be exactly the object that was asked for.
fn exactly<'a>(
    resource: &'a ApiResource,
    namespace: &'a str,
    name: &'a str,
) -> impl Fn(&Answer) -> std::result::Result<Object, Broken> + Send + 'a {
    move |answer| {
        let object = Object::new(serde_json::from_slice(&answer.body)?);
        let is_it = object.kind() == resource.gvk.kind
            && object.api_version() == resource.gvk.api_version()
            && object.name() == name
            && (!resource.namespaced || object.namespace() == namespace);
        if is_it {
            Ok(object)
        } else {
            Err(Broken::Foreign(
                "the server answered with another object".to_owned(),
            ))
        }
    }
}

/// See [`super::Cluster::get`].
pub async fn get(
    sender: &Sender,
    resource: &ApiResource,
    namespace: &str,
    name: &str,
) -> Result<Option<Object>> {
    get_with(sender, resource, namespace, name, Care::Read).await
}

/// The same over a connection of this quality.
pub async fn get_with(
    sender: &Sender,
    resource: &ApiResource,
    namespace: &str,
    name: &str,
    care: Care,
) -> Result<Option<Object>> {
    let subject = subject(resource, "read", namespace, name);
    let path = ApiPath::object(resource, namespace, name)?;
    let call = Call {
        care,
        ..Call::get(&path, &subject)
    };
    let sent = sender
        .send(&call, exactly(resource, namespace, name))
        .await?;
    match sent.reply {
        Reply::Done(object) => Ok(Some(object)),
        Reply::Refused(answer) if is_absent(&answer, name) => Ok(None),
        Reply::Refused(answer) => Err(sender.refusal(&answer, &subject)),
        Reply::Unknown(words) => Err(subject.error(Reason::Unreachable, words)),
    }
}

fn is_absent(answer: &Answer, name: &str) -> bool {
    answer.status == 404 && Status::parse(&answer.body).is_some_and(|status| status.is_absent(name))
}

fn encode(object: &Value) -> Result<Vec<u8>> {
    serde_json::to_vec(object)
        .map_err(|_| Error::internal("an object could not be written as JSON"))
}

/// What a repeated apply goes by.
struct Repeated<'a> {
    sender: &'a Sender,
    resource: &'a ApiResource,
    object: &'a Object,
    basis: Option<&'a Basis<'a>>,
    /// The server refuses what is sent when the object has changed.
    has_version: AtomicBool,
}

impl Again<Option<Object>> for Repeated<'_> {
    async fn again(&self, conflict: bool, maybe_done: bool) -> Result<Repeat<Option<Object>>> {
        let Some(basis) = self.basis else {
            return Ok(Repeat::Same);
        };
        if self.has_version.load(Ordering::Relaxed) && !conflict {
            return Ok(Repeat::Same);
        }
        let (namespace, name) = (self.object.namespace(), self.object.name());
        let read = get_with(self.sender, self.resource, namespace, name, Care::Proved);
        let found = read.await?;
        Ok(match (basis.judge)(found.as_ref(), maybe_done)? {
            Verdict::Changed => Repeat::Done(None),
            Verdict::Done => Repeat::Done(found),
            Verdict::Apply => {
                let seen = found.as_ref().map(Seen::of);
                self.has_version.store(seen.is_some(), Ordering::Relaxed);
                Repeat::Body(encode(&over(self.object, seen.as_ref()))?.into())
            }
        })
    }
}

/// See [`super::Cluster::apply`] and [`super::Cluster::apply_by`].
pub async fn apply(
    sender: &Sender,
    resource: &ApiResource,
    object: &Object,
    options: ApplyOptions,
    basis: Option<&Basis<'_>>,
) -> std::result::Result<Object, ApplyFailure> {
    let other = |error| ApplyFailure::Other { error };
    let (namespace, name) = (object.namespace(), object.name());
    let verb = if options.dry_run { "compare" } else { "apply" };
    let mut subject = subject(resource, verb, namespace, name);
    if options.dry_run {
        // A refused dry run leaves the question open; nothing was to be written.
        subject.during = crate::error::During::Read;
    }
    let mut path = ApiPath::object(resource, namespace, name)
        .map_err(other)?
        .query("fieldManager", MANAGER)
        .query("fieldValidation", "Strict");
    if options.force {
        path = path.query("force", "true");
    }
    if options.dry_run {
        path = path.query("dryRun", "All");
    }
    // A dry run asks about the object as it is now.
    let basis = basis.filter(|_| !options.dry_run);
    let seen = basis.and_then(|basis| basis.seen.as_ref());
    let body = encode(&over(object, seen)).map_err(other)?;
    let mut call = Call::write(Method::PATCH, &path, body, Effect::Idempotent, &subject);
    call.content_type = APPLY;
    let again = Repeated {
        sender,
        resource,
        object,
        basis,
        has_version: seen.is_some().into(),
    };
    let decode = exactly(resource, namespace, name);
    let sent = sender.send_or(&call, |answer| decode(answer).map(Some), &again);
    match sent.await.map_err(other)?.reply {
        Reply::Done(Some(object)) => Ok(object),
        Reply::Done(None) => Err(ApplyFailure::Changed {
            error: subject.error(Reason::Conflict, "somebody else wrote it meanwhile"),
        }),
        Reply::Refused(answer) => Err(apply_failure(&answer, &sender.origin, &subject, namespace)),
        Reply::Unknown(words) => Err(other(subject.error(Reason::Unreachable, words))),
    }
}

/// One try of a write that a 409 answers when it was done before, by us or by another.
enum Tried {
    Done(Object),
    /// A 409 that cannot be of our own making.
    Conflict,
    Refused(Answer),
    /// Done or not: what is there decides.
    Unclear,
}

/// `last` holds the words of the last answer that was lost.
fn tried(sent: Sent<Object>, last: &mut String) -> Tried {
    match sent.reply {
        Reply::Done(object) => Tried::Done(object),
        Reply::Refused(answer) if answer.status != 409 => Tried::Refused(answer),
        Reply::Refused(_) if !sent.maybe_done && last.is_empty() => Tried::Conflict,
        Reply::Refused(_) => Tried::Unclear,
        Reply::Unknown(words) => {
            *last = words;
            Tried::Unclear
        }
    }
}

/// See [`super::Cluster::create`].
pub async fn create(
    sender: &Sender,
    resource: &ApiResource,
    object: &Object,
) -> Result<Option<Object>> {
    let (namespace, name) = (object.namespace(), object.name());
    let subject = subject(resource, "create", namespace, name);
    // The name is checked here too, although it stands only in the body.
    ApiPath::object(resource, namespace, name)?;
    let path = ApiPath::collection(resource, Some(namespace).filter(|_| resource.namespaced))?
        .query("fieldManager", MANAGER)
        .query("fieldValidation", "Strict");
    let body = encode(&object.value)?;
    let mut last = String::new();
    for _ in 0..ROUNDS {
        let call = Call::write(Method::POST, &path, body.clone(), Effect::Other, &subject);
        let sent = sender
            .send(&call, exactly(resource, namespace, name))
            .await?;
        match tried(sent, &mut last) {
            Tried::Done(object) => return Ok(Some(object)),
            Tried::Conflict => return Ok(None),
            Tried::Refused(answer) => return Err(sender.refusal(&answer, &subject)),
            Tried::Unclear => {}
        }
        // It may be there, made by us or by another.
        if let Some(live) = get(sender, resource, namespace, name).await? {
            return Ok(holds(&live.value, &object.value).then_some(live));
        }
    }
    Err(subject.error(Reason::Unreachable, last))
}

/// See [`super::Cluster::replace`].
pub async fn replace(
    sender: &Sender,
    resource: &ApiResource,
    object: &Object,
    options: ApplyOptions,
) -> Result<Option<Object>> {
    let (namespace, name) = (object.namespace(), object.name());
    let subject = subject(resource, "replace", namespace, name);
    if object.resource_version().is_empty() {
        return Err(subject.error(Reason::Internal, "a replacement needs a resourceVersion"));
    }
    let mut path = ApiPath::object(resource, namespace, name)?
        .query("fieldManager", MANAGER)
        .query("fieldValidation", "Strict");
    if options.dry_run {
        path = path.query("dryRun", "All");
    }
    let body = encode(&object.value)?;
    let mut last = String::new();
    for _ in 0..ROUNDS {
        // Its resourceVersion makes a repetition harmless: it is refused when the first one was done.
        let call = Call::write(
            Method::PUT,
            &path,
            body.clone(),
            Effect::Conditional,
            &subject,
        );
        let sent = sender
            .send(&call, exactly(resource, namespace, name))
            .await?;
        match tried(sent, &mut last) {
            Tried::Done(object) => return Ok(Some(object)),
            Tried::Conflict => return Ok(None),
            Tried::Refused(answer) if is_absent(&answer, name) => return Ok(None),
            Tried::Refused(answer) => return Err(sender.refusal(&answer, &subject)),
            Tried::Unclear => {}
        }
        match get(sender, resource, namespace, name).await? {
            None => return Ok(None),
            // Not done: the object is as it was, so the same request may be sent again.
            Some(live) if live.resource_version() == object.resource_version() => {}
            Some(live) => return Ok(holds(&live.value, &object.value).then_some(live)),
        }
    }
    Err(subject.error(Reason::Unreachable, last))
}

/// See [`super::Cluster::patch`].
pub async fn patch(
    sender: &Sender,
    resource: &ApiResource,
    key: &Key,
    resource_version: &str,
    patch: &Value,
    options: ApplyOptions,
) -> Result<Option<Object>> {
    let (namespace, name) = (key.namespace.as_str(), key.name.as_str());
    let mut subject = subject(resource, "patch", namespace, name);
    let mut path = ApiPath::object(resource, namespace, name)?
        .query("fieldManager", MANAGER)
        .query("fieldValidation", "Strict");
    if options.dry_run {
        subject.during = crate::error::During::Read;
        path = path.query("dryRun", "All");
    }
    let body = encode(patch)?;
    let mut call = Call::write(Method::PATCH, &path, body, Effect::Conditional, &subject);
    call.content_type = JSON_PATCH;
    let sent = sender
        .send(&call, exactly(resource, namespace, name))
        .await?;
    let refusal = match sent.reply {
        Reply::Done(object) => return Ok(Some(object)),
        Reply::Refused(answer) if is_absent(&answer, name) => return Ok(None),
        Reply::Refused(answer) if matches!(answer.status, 409 | 422) => {
            sender.refusal(&answer, &subject)
        }
        Reply::Refused(answer) => return Err(sender.refusal(&answer, &subject)),
        Reply::Unknown(words) => return Err(subject.error(Reason::Unreachable, words)),
    };
    // A test that failed is answered like an invalid object: what is there tells the two apart.
    let live = get(sender, resource, namespace, name).await?;
    if live.is_some_and(|live| live.resource_version() == resource_version) {
        return Err(refusal);
    }
    Ok(None)
}

/// Whether `live` holds everything of `wanted`, apart from what the server writes itself.
fn holds(live: &Value, wanted: &Value) -> bool {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) => wanted
            .iter()
            .filter(|(key, _)| {
                !matches!(
                    key.as_str(),
                    "resourceVersion" | "managedFields" | "generation"
                )
            })
            .all(|(key, wanted)| match live.get(key) {
                Some(live) => holds(live, wanted),
                None => wanted.is_null(),
            }),
        (Value::Array(live), Value::Array(wanted)) => {
            live.len() == wanted.len()
                && live
                    .iter()
                    .zip(wanted)
                    .all(|(live, wanted)| holds(live, wanted))
        }
        (live, wanted) => live == wanted,
    }
}

/// See [`super::Cluster::delete`].
pub async fn delete(
    sender: &Sender,
    resource: &ApiResource,
    key: &Key,
    preconditions: &Preconditions,
    propagation: Propagation,
) -> Result<Deleted> {
    let subject = subject(resource, "delete", &key.namespace, &key.name);
    if preconditions.uid.is_empty() || preconditions.resource_version.is_empty() {
        return Err(subject.error(Reason::Internal, "a deletion needs uid and resourceVersion"));
    }
    let path = ApiPath::object(resource, &key.namespace, &key.name)?;
    let policy = match propagation {
        Propagation::Foreground => "Foreground",
        Propagation::Background => "Background",
        Propagation::Orphan => "Orphan",
    };
    let options = json!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": policy,
        "preconditions": {"uid": preconditions.uid, "resourceVersion": preconditions.resource_version}});
    let call = Call::write(
        Method::DELETE,
        &path,
        encode(&options)?,
        Effect::Conditional,
        &subject,
    );
    let Sent { reply, maybe_done } = sender.send(&call, deleted).await?;
    match reply {
        Reply::Done(deleted) => Ok(deleted),
        Reply::Refused(answer) if is_absent(&answer, &key.name) => Ok(Deleted::Gone),
        Reply::Refused(answer) if answer.status == 409 => {
            if maybe_done && is_marked(sender, resource, key, &preconditions.uid).await? {
                return Ok(Deleted::Pending);
            }
            Ok(Deleted::Changed)
        }
        Reply::Refused(answer) => Err(sender.refusal(&answer, &subject)),
        Reply::Unknown(words) => Err(subject.error(Reason::Unreachable, words)),
    }
}

/// An object in the answer is still there; a Status says it is gone.
fn deleted(answer: &Answer) -> std::result::Result<Deleted, Broken> {
    let value: Value = serde_json::from_slice(&answer.body)?;
    match value.get("kind").and_then(Value::as_str) {
        Some("Status") => Ok(Deleted::Gone),
        // Without a mark the server has removed it and shows what it was.
        Some(_) if value.pointer("/metadata/deletionTimestamp").is_none() => Ok(Deleted::Gone),
        Some(_) => Ok(Deleted::Pending),
        None => Err(Broken::Foreign(
            "the answer is neither a Status nor an object".to_owned(),
        )),
    }
}

/// Whether our first request, whose answer was lost, marked this very object.
async fn is_marked(sender: &Sender, resource: &ApiResource, key: &Key, uid: &str) -> Result<bool> {
    let live = get(sender, resource, &key.namespace, &key.name).await?;
    Ok(live.is_some_and(|live| {
        live.uid() == uid && live.value.pointer("/metadata/deletionTimestamp").is_some()
    }))
}

/// Posts an object that asks a question and leaves nothing behind, such as a SelfSubjectReview.
pub async fn review(sender: &Sender, resource: &ApiResource, question: &Value) -> Result<Value> {
    let subject = Subject::read(format!("ask a {}", display(&resource.gvk.kind)));
    let path = ApiPath::collection(resource, None)?;
    ask(sender, &path, &subject, question, Care::Read).await
}

/// See [`super::Cluster::request_token`].
pub async fn request_token(
    sender: &Sender,
    account: &ApiResource,
    namespace: &str,
    name: &str,
    question: &Value,
) -> Result<Value> {
    let subject = subject(account, "ask for a token of", namespace, name).secret(true);
    let path = ApiPath::object(account, namespace, name)?.subresource("token");
    ask(sender, &path, &subject, question, Care::Write).await
}

/// Posts a question. Asking twice changes nothing, so it may be repeated like an idempotent write.
async fn ask(
    sender: &Sender,
    path: &ApiPath,
    subject: &Subject,
    question: &Value,
    care: Care,
) -> Result<Value> {
    let mut call = Call::write(
        Method::POST,
        path,
        encode(question)?,
        Effect::Idempotent,
        subject,
    );
    call.care = care;
    let sent = sender
        .send(&call, |answer| {
            Ok(serde_json::from_slice::<Value>(&answer.body)?)
        })
        .await?;
    match sent.reply {
        Reply::Done(value) if value.get("kind") == question.get("kind") => Ok(value),
        Reply::Done(_) => Err(subject.error(Reason::Internal, "the answer is of another kind")),
        Reply::Refused(answer) => Err(sender.refusal(&answer, subject)),
        Reply::Unknown(words) => Err(subject.error(Reason::Unreachable, words)),
    }
}

/// See [`super::Cluster::get_path`].
pub async fn get_path(sender: &Sender, path: &str) -> Result<Value> {
    let path = ApiPath::raw(path)?;
    let subject = Subject::read(format!("read `{}`", display(path.shown())));
    let sent = sender.send(&Call::get(&path, &subject), any).await?;
    match sent.reply {
        Reply::Done(value) => Ok(value),
        Reply::Refused(answer) => Err(sender.refusal(&answer, &subject)),
        Reply::Unknown(words) => Err(subject.error(Reason::Unreachable, words)),
    }
}

/// JSON as a value; plain text, such as health and logs, as a string. HTML is nobody's answer.
fn any(answer: &Answer) -> std::result::Result<Value, Broken> {
    let content_type = answer
        .headers
        .get(http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if content_type.starts_with("text/plain") {
        return Ok(Value::String(
            String::from_utf8_lossy(&answer.body).into_owned(),
        ));
    }
    Ok(serde_json::from_slice(&answer.body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_that_holds_what_we_sent_is_ours() {
        let wanted = json!({"metadata": {"name": "a", "resourceVersion": "1"}, "spec": {"holderIdentity": "me"}});
        let live = |holder: &str| json!({"metadata": {"name": "a", "resourceVersion": "2", "uid": "u"}, "spec": {"holderIdentity": holder}});
        assert!(holds(&live("me"), &wanted));
        assert!(!holds(&live("you"), &wanted));
    }
}
