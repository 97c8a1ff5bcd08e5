//! What the history Secrets of an app say: the entries that this version can read, and those that it cannot, which it keeps. Pure.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::AppRef;
use super::history::{INFO, Info};
use crate::error::{Error, Reason, Result};
use crate::object::Object;
use crate::object::hex::hex;

/// The largest id: whole numbers beyond it are not the same in every program that reads JSON.
const MAX_ID: u64 = (1 << 53) - 1;

/// One entry as it stands in the cluster.
#[derive(Debug, Clone)]
pub struct Entry {
    pub info: Info,
    pub secret: Object,
}

/// An entry of a newer version, or one that somebody edited. It is shown, never overwritten and never trimmed.
#[derive(Debug, Clone)]
pub struct Unreadable {
    /// As far as it can be told.
    pub id: Option<u64>,
    pub started_at: String,
    pub by: String,
    pub why: String,
}

/// All that is recorded of an app's deployments.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Oldest first.
    pub entries: Vec<Entry>,
    pub unreadable: Vec<Unreadable>,
    /// The largest id that any Secret has, by its content or by its name.
    largest: u64,
}

impl History {
    /// Reads the Secrets that hold the first part of each entry.
    pub fn read(secrets: Vec<Object>) -> Self {
        let mut history = Self::default();
        for secret in secrets {
            let by_name = id_of_name(secret.name());
            match read(&secret) {
                Ok(info) => {
                    history.largest = history.largest.max(info.id);
                    history.entries.push(Entry { info, secret });
                }
                Err(unreadable) => {
                    let id = unreadable.id.unwrap_or_default();
                    history.largest = history.largest.max(id);
                    history.unreadable.push(Unreadable {
                        id: unreadable.id.or(by_name),
                        ..unreadable
                    });
                }
            }
            history.largest = history.largest.max(by_name.unwrap_or_default());
        }
        history.entries.sort_by_key(|entry| entry.info.id);
        history.unreadable.sort_by_key(|entry| entry.id);
        history
    }

    /// The id of the next entry: none that any Secret has, whether it can be read or not.
    pub fn next_id(&self) -> Result<u64> {
        if self.largest < MAX_ID {
            return Ok(self.largest + 1);
        }
        let message = format!("the history has an entry {MAX_ID}, and no larger id can be given");
        Err(Error::new(Reason::Guard, message)
            .hint("somebody edited it: delete that Secret, `pushboat app history` shows the entry"))
    }

    /// Whether a Secret of this name holds an entry.
    pub(super) fn has(&self, first_name: &str) -> bool {
        let by_name = id_of_name(first_name);
        let readable = self
            .entries
            .iter()
            .any(|entry| entry.secret.name() == first_name);
        readable || (by_name.is_some() && self.unreadable.iter().any(|entry| entry.id == by_name))
    }

    /// The entry with this id.
    pub fn entry(&self, id: u64, app: &AppRef) -> Result<&Entry> {
        if let Some(entry) = self.entries.iter().find(|entry| entry.info.id == id) {
            return Ok(entry);
        }
        let app = app.display();
        let unreadable = self.unreadable.iter().find(|entry| entry.id == Some(id));
        Err(Error::usage(match unreadable {
            Some(entry) => format!(
                "history entry {id} of app `{app}` cannot be read: {}",
                entry.why
            ),
            None => format!("app `{app}` has no history entry {id}"),
        }))
    }
}

/// The entry that a Secret holds, if this version knows all its words.
fn read(secret: &Object) -> std::result::Result<Info, Unreadable> {
    let text = secret.annotation(INFO);
    let value: Value = text
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let why = match text.map(serde_json::from_str::<Info>) {
        Some(Ok(info)) if (1..=MAX_ID).contains(&info.id) => return Ok(info),
        Some(Ok(info)) => format!("its id {} is out of range", info.id),
        Some(Err(error)) => format!("this version does not understand it: {error}"),
        None => format!("its annotation `{INFO}` is missing"),
    };
    let word = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    Err(Unreadable {
        id: value["id"].as_u64().filter(|id| *id <= MAX_ID),
        started_at: word("startedAt"),
        by: word("by"),
        why,
    })
}

/// `12` of `….v12`, whatever stands before it: earlier versions named the Secrets after the app.
fn id_of_name(name: &str) -> Option<u64> {
    let (_, id) = name.rsplit_once(".v")?;
    id.parse().ok().filter(|id| *id <= MAX_ID)
}

/// The name of an entry's first Secret. It is made of the set's id, not of the app's name: `web` may have a neighbour `web.v2`.
pub(super) fn first_name(app: &AppRef, id: u64) -> String {
    let digest = hex(&Sha256::digest(app.applyset_id())[..10]);
    format!("pushboat.h-{digest}.v{id}")
}

/// The name that the Secret `old` of another set has in the set of `app`; none where no id can be told.
pub(super) fn carried_name(app: &AppRef, old: &str) -> Option<String> {
    let (_, id_and_part) = old.rsplit_once(".v")?;
    let (id, part) = match id_and_part.split_once('.') {
        Some((id, part)) => (id, part.parse().ok()?),
        None => (id_and_part, 0),
    };
    Some(part_name(&first_name(app, id.parse().ok()?), part))
}

/// The name of the Secret with part `part` of the entry whose first one is called `first`.
pub(super) fn part_name(first: &str, part: usize) -> String {
    match part {
        0 => first.to_owned(),
        _ => format!("{first}.{part}"),
    }
}

/// What the annotation says after an update: what this version does not know of it stays.
pub(super) fn merged(old: &str, info: &Info) -> String {
    let fields = |info: &Info| match serde_json::to_value(info) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) | Err(_) => Map::new(),
    };
    let known = serde_json::from_str::<Info>(old).map(|info| fields(&info));
    let mut value: Map<String, Value> = serde_json::from_str(old).unwrap_or_default();
    value.retain(|name, _| !known.as_ref().is_ok_and(|known| known.contains_key(name)));
    value.extend(fields(info));
    Value::Object(value).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn app(name: &str) -> AppRef {
        AppRef {
            cluster: "dev".into(),
            name: name.into(),
            namespace: "shop".into(),
            records_namespace: "shop".into(),
            repo: "git.example/a".into(),
            former_repos: Vec::new(),
            declared_in: std::collections::BTreeSet::new(),
            places: std::sync::Arc::default(),
        }
    }

    fn info(id: u64, result: &str) -> Value {
        json!({
            "id": id, "revision": "worktree", "dirty": false, "path": "apps/web", "by": "ann@host",
            "startedAt": "2026-01-01T00:00:00Z", "result": result, "objects": 1, "parts": 1,
            "digest": "00ff", "tool": "pushboat/v0.1.0",
        })
    }

    fn secret(name: &str, info: Option<&Value>) -> Object {
        let mut secret = Object::new(json!({"metadata": {"name": name}}));
        if let Some(info) = info {
            secret.set_annotation(INFO, &info.to_string());
        }
        secret
    }

    #[test]
    fn what_is_not_understood_is_kept_told_and_counted() {
        let history = History::read(vec![
            secret("pushboat.h-00.v7", Some(&info(7, "Paused"))),
            secret("pushboat.web.v2", Some(&info(2, "Succeeded"))),
            secret("pushboat.h-00.v9", None),
        ]);
        let ids: Vec<u64> = history.entries.iter().map(|entry| entry.info.id).collect();
        assert_eq!(ids, [2]);
        let told: Vec<_> = history.unreadable.iter().map(|e| (e.id, &*e.by)).collect();
        assert_eq!(told, [(Some(7), "ann@host"), (Some(9), "")]);
        assert!(history.unreadable[0].why.contains("Paused"));
        assert_eq!(history.next_id().expect("there is room"), 10);
        let error = history.entry(7, &app("web")).expect_err("unreadable");
        assert!(error.message().contains("cannot be read"), "{error}");
    }

    #[test]
    fn no_id_is_given_twice_and_none_wraps_around() {
        let largest = |id: u64| History::read(vec![secret("x.v1", Some(&info(id, "Failed")))]);
        assert_eq!(largest(41).next_id().expect("there is room"), 42);
        let edited = largest(u64::MAX);
        assert_eq!(edited.next_id().expect("it does not count"), 2);
        assert_eq!((edited.entries.len(), edited.unreadable.len()), (0, 1));
        assert!(largest(MAX_ID).next_id().is_err());
        assert_eq!(History::default().next_id().expect("the first"), 1);
        let renamed = History::read(vec![secret("x.v12", Some(&info(3, "Failed")))]);
        assert_eq!(renamed.next_id().expect("there is room"), 13);
    }

    #[test]
    fn apps_with_names_that_begin_alike_have_names_apart() {
        let (web, other) = (app("web"), app("web.v2"));
        assert_ne!(first_name(&web, 2), other.record_name());
        assert_ne!(first_name(&web, 2), first_name(&other, 2));
        let long = app(&"a".repeat(300));
        assert!(part_name(&first_name(&long, MAX_ID), 99).len() < 70);
        assert_eq!(part_name("x.v1", 2), "x.v1.2");
        let carried = |old: &str| carried_name(&web, old);
        assert_eq!(carried("pushboat.a.v2.v7"), Some(first_name(&web, 7)));
        let part = part_name(&first_name(&web, 7), 3);
        assert_eq!(carried("pushboat.h-00.v7.3"), Some(part));
        assert_eq!(carried("pushboat.web"), None);
    }

    #[test]
    fn an_update_keeps_what_a_newer_version_wrote() {
        let mut newer = info(3, "InProgress");
        newer["mood"] = json!("good");
        newer["held"] = json!(["00ff"]);
        let mut known: Info = serde_json::from_value(newer.clone()).expect("known");
        known.result = crate::sync::history::Outcome::Interrupted;
        known.held.clear();
        let merged: Value =
            serde_json::from_str(&merged(&newer.to_string(), &known)).expect("JSON");
        assert_eq!(merged.get("held"), None, "what it knows is as it says");
        assert_eq!(
            (&merged["mood"], &merged["result"]),
            (&json!("good"), &json!("Interrupted"))
        );
    }
}
