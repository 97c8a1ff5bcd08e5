//! Keeps secrets out of what is shown: masks values of changes, and known secret values inside texts of others.
//!
//! What has a place in an object is masked by its place; a server's error text has none, so there the values themselves are
//! looked for, in the encodings they travel in.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::Key;
use super::hex::hex;
use super::labels::LAST_APPLIED;
use super::mask::{Masker, is_secret};
use super::path::{FieldPath, Step};
use crate::error::Error;

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Open,
    /// A map with secret places below it.
    Above,
    Secret,
    /// Secret, and in base64.
    Encoded,
}

fn place(path: &[Step], in_secret: bool) -> Place {
    let fields: Option<Vec<&str>> = path
        .iter()
        .map(|step| match step {
            Step::Field(name) => Some(name.as_str()),
            Step::Index(_) | Step::Item(_) | Step::Value(_) => None,
        })
        .collect();
    let first = match path.first() {
        Some(Step::Field(name)) => name.as_str(),
        _ => "",
    };
    match (first, fields.as_deref()) {
        ("data" | "stringData", _) if !in_secret => Place::Open,
        ("data" | "stringData", Some([_])) => Place::Above,
        ("data", _) => Place::Encoded,
        ("stringData", _) => Place::Secret,
        (_, Some([] | ["metadata"] | ["metadata", "annotations"])) => Place::Above,
        (_, Some(["metadata", "annotations", LAST_APPLIED, ..])) => Place::Secret,
        _ => Place::Open,
    }
}

/// A copy of the value at `path` that may be shown.
pub fn value_at(masker: &Masker, in_secret: bool, path: &FieldPath, value: &Value) -> Value {
    match place(&path.0, in_secret) {
        Place::Open => value.clone(),
        Place::Secret => tag(masker, value, false),
        Place::Encoded => tag(masker, value, true),
        Place::Above => match value {
            Value::Object(map) => Value::Object(
                map.iter()
                    .map(|(key, below)| {
                        let shown = value_at(masker, in_secret, &path.field(key), below);
                        (key.clone(), shown)
                    })
                    .collect(),
            ),
            Value::Null => Value::Null,
            // A map is expected here; anything else may be a secret in the wrong place.
            other => match path.0.first() {
                Some(Step::Field(name)) if name == "metadata" => other.clone(),
                _ => tag(masker, other, false),
            },
        },
    }
}

fn tag(masker: &Masker, value: &Value, is_encoded: bool) -> Value {
    let bytes = match value {
        Value::Null => return Value::Null,
        Value::String(text) if is_encoded => decoded(text),
        Value::String(text) => text.clone().into_bytes(),
        other => other.to_string().into_bytes(),
    };
    Value::String(masker.tag(&bytes))
}

fn decoded(text: &str) -> Vec<u8> {
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD
        .decode(compact)
        .unwrap_or_else(|_| text.as_bytes().to_vec())
}

/// Shorter values stand in too many innocent words; an error about a Secret itself has its quoted parts masked instead.
const SHORTEST: usize = 5;

/// Knows the values of Secrets and takes them out of texts.
#[derive(Clone)]
pub struct Redactor {
    masker: Masker,
    values: BTreeSet<Vec<u8>>,
    /// What to look for and the tag to put there, longest first: twenty forms of each value, made when a text is first shown. Most
    /// runs show none, and a thousand Secrets are 80,000 forms.
    needles: OnceLock<Vec<(String, String)>>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor(..)")
    }
}

impl Redactor {
    pub fn new(masker: &Masker) -> Self {
        Self {
            masker: masker.clone(),
            values: BTreeSet::new(),
            needles: OnceLock::new(),
        }
    }

    /// Knows the Secrets among `objects`.
    pub fn of<'a>(masker: &Masker, objects: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut redactor = Self::new(masker);
        for object in objects {
            redactor.learn(object);
        }
        redactor
    }

    /// An error about the object `key` that may be shown and kept: without known secrets, and about a Secret without anything
    /// that the server quoted.
    pub fn error(&self, key: &Key, error: Error) -> Error {
        if key.group.is_empty() && key.kind == "Secret" {
            error.map_texts(|text| self.text_about_secret(text))
        } else {
            error.map_texts(|text| self.text(text))
        }
    }

    /// Remembers the values of a Secret; does nothing for other objects.
    pub fn learn(&mut self, object: &Value) {
        if !is_secret(object) {
            return;
        }
        for (field, is_encoded) in [("data", true), ("stringData", false)] {
            let Some(Value::Object(map)) = object.get(field) else {
                continue;
            };
            for value in map.values().filter_map(Value::as_str) {
                if is_encoded {
                    self.learn_value(&decoded(value));
                }
                // Badly encoded data is often the plain secret, so the text counts as it stands too.
                self.learn_value(value.as_bytes());
            }
        }
    }

    /// Remembers what a change in a Secret shows.
    pub fn learn_at(&mut self, path: &FieldPath, value: &Value) {
        match (place(&path.0, true), value) {
            (Place::Secret | Place::Encoded, Value::String(text)) => {
                self.learn_value(&decoded(text));
                self.learn_value(text.as_bytes());
            }
            (Place::Above, Value::Object(map)) => {
                for (key, below) in map {
                    self.learn_at(&path.field(key), below);
                }
            }
            _ => {}
        }
    }

    fn learn_value(&mut self, value: &[u8]) {
        if value.len() >= SHORTEST && !self.values.contains(value) {
            self.values.insert(value.to_vec());
            self.needles.take();
        }
    }

    fn needles(&self) -> &[(String, String)] {
        self.needles.get_or_init(|| {
            let mut needles = Vec::new();
            for value in &self.values {
                let tag = self.masker.tag(value);
                let long = forms(value)
                    .into_iter()
                    .filter(|form| form.len() >= SHORTEST);
                needles.extend(long.map(|form| (form, tag.clone())));
            }
            needles.sort_by(|a: &(String, String), b| {
                b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b))
            });
            needles.dedup();
            needles
        })
    }

    /// `text` with every known value, in any of its encodings, as its tag.
    pub fn text(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        for (needle, tag) in self.needles() {
            if shown.contains(needle.as_str()) {
                shown = shown.replace(needle.as_str(), tag);
            }
        }
        shown
    }

    /// Takes copies of the object's own secrets out of its annotations, where other tools like to keep them.
    pub fn annotations(&self, object: &mut Value) {
        if let Some(annotations) = object.pointer_mut("/metadata/annotations") {
            self.value(annotations);
        }
    }

    /// Every string in `value`, keys excepted, through [`Self::text`].
    pub fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(map) => map.values_mut().for_each(|item| self.value(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// A server's words about a Secret: besides known values, everything quoted and every excerpt is taken out, because a
    /// server that refuses a Secret likes to quote it.
    pub fn text_about_secret(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('"') {
            let Some(end) = closing_quote(&rest[at + 1..]) else {
                break;
            };
            let quoted = &rest[at + 1..at + 1 + end];
            shown.push_str(&rest[..at]);
            if is_a_name(quoted) && !self.knows(quoted) {
                shown.push_str(&rest[at..at + end + 2]);
            } else {
                shown.push_str(&self.masker.tag(quoted.as_bytes()));
            }
            rest = &rest[at + end + 2..];
        }
        shown.push_str(rest);
        // The decoder's excerpt: `error found in #10 byte of ...|word":"hunter2"|...`.
        if let Some(at) = shown.find("...|") {
            shown.truncate(at);
            shown.push_str("<masked>");
        }
        self.text(&shown)
    }

    fn knows(&self, text: &str) -> bool {
        self.needles()
            .iter()
            .any(|(needle, _)| text.contains(needle.as_str()))
    }
}

/// Where an unescaped quotation mark closes the text.
fn closing_quote(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let closes = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        closes.then_some(at)
    })
}

/// Kinds, versions and object names that servers quote and that help a reader: `Secret`, `v1`, `app.kubernetes.io`.
fn is_a_name(quoted: &str) -> bool {
    ["Secret", "v1", "secrets", ""].contains(&quoted)
}

/// A value in the encodings that it travels in.
fn forms(value: &[u8]) -> Vec<String> {
    let mut forms = Vec::new();
    if let Ok(text) = std::str::from_utf8(value) {
        forms.extend(text_forms(text));
    }
    let base64 = STANDARD.encode(value);
    forms.extend(base64_inside(value));
    forms.extend([
        STANDARD_NO_PAD.encode(value),
        URL_SAFE.encode(value),
        URL_SAFE_NO_PAD.encode(value),
        hex(value),
        hex(value).to_uppercase(),
        reversed(&base64),
    ]);
    let twice = STANDARD.encode(base64.as_bytes());
    forms.extend([reversed(&twice), STANDARD_NO_PAD.encode(base64.as_bytes())]);
    forms.extend(base64_inside(base64.as_bytes()));
    forms.extend([base64, twice]);
    forms
}

fn text_forms(text: &str) -> Vec<String> {
    let json = Value::from(text).to_string();
    let json = json.trim_matches('"').to_owned();
    let json_twice = Value::from(json.as_str()).to_string();
    vec![
        text.to_owned(),
        text.trim().to_owned(),
        reversed(text),
        format!("{text:?}").trim_matches('"').to_owned(),
        json_twice.trim_matches('"').to_owned(),
        json,
        url(text, true, "%20"),
        url(text, true, "+"),
        url(text, false, "%20"),
    ]
}

fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

/// Percent encoding: of what needs it, or of every byte.
fn url(text: &str, keeps_plain: bool, blank: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' if keeps_plain => {
                char::from(byte).to_string()
            }
            b' ' => blank.to_owned(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// What base64 of a longer text around `value` must contain (`user:password` in a header), for each of the three ways that
/// the value may lie across groups of three bytes.
fn base64_inside(value: &[u8]) -> Vec<String> {
    const LONG_ENOUGH: usize = 8;
    if value.len() < LONG_ENOUGH {
        return Vec::new();
    }
    (0..3)
        .map(|offset| {
            let inner = &value[(3 - offset) % 3..];
            STANDARD.encode(&inner[..inner.len() / 3 * 3])
        })
        .collect()
}
