//! Takes known secret values out of texts of others: a server's error text has no place that tells what is secret, so the values
//! themselves are looked for, in the encodings they travel in.
//!
//! What has a place in an object is masked by its place, in `mask`.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::Key;
use super::hex::hex;
use super::mask::{Masker, Place, decoded, is_secret, place};
use super::path::{FieldPath, Step};
use crate::error::{Error, Reason};

/// Shorter values stand in too many innocent words; an error about a Secret itself has its quoted parts masked instead.
const SHORTEST: usize = 5;

/// A line of a secret of several lines counts by itself from this length on.
const SHORTEST_LINE: usize = 12;

/// Knows the values of Secrets and takes them out of texts.
pub struct Redactor {
    masker: Masker,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    values: BTreeSet<Vec<u8>>,
    /// Made when a text is first shown: twenty forms of each value. Most runs show none, and a thousand Secrets are 80,000 forms.
    needles: Option<Arc<Needles>>,
}

/// What to look for and the tag to put there, by its first bytes.
type Needles = HashMap<[u8; SHORTEST], Vec<(String, String)>>;

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor(..)")
    }
}

impl Redactor {
    pub fn new(masker: &Masker) -> Self {
        Self {
            masker: masker.clone(),
            known: Mutex::default(),
        }
    }

    /// Knows the Secrets among `objects`.
    pub fn of<'a>(masker: &Masker, objects: impl IntoIterator<Item = &'a Value>) -> Self {
        let redactor = Self::new(masker);
        for object in objects {
            redactor.learn(object);
        }
        redactor
    }

    /// An error about the object `key` that may be shown and kept: without known secrets, and about a Secret without anything
    /// that the server quoted.
    pub fn error(&self, key: &Key, error: Error) -> Error {
        let is_of_others = matches!(error.reason(), Reason::Webhook | Reason::Internal);
        error.map_texts(|text| {
            if key.group.is_empty() && key.kind == "Secret" {
                self.text_about_secret(text)
            } else if is_of_others {
                // It may quote the stored value of an object that is not known here. The object's own name is no credential, however
                // long it is.
                let name = key.to_string();
                let parts = text.split(&name).map(|part| self.words(part));
                parts.collect::<Vec<_>>().join(&name)
            } else {
                self.text(text)
            }
        })
    }

    /// An error about somebody else's object, without anything that the server quoted.
    pub fn quotations(&self, error: Error) -> Error {
        error.map_texts(|text| self.text_about_secret(text))
    }

    /// Remembers the values of a Secret; does nothing for other objects.
    pub fn learn(&self, object: &Value) {
        if is_secret(object) {
            self.learn_at(&FieldPath::default(), object);
        }
    }

    /// Remembers what a change in a Secret shows.
    pub fn learn_at(&self, path: &FieldPath, value: &Value) {
        // Annotations are masked by their place; what they hold are mostly ordinary words.
        if matches!(path.0.first(), Some(Step::Field(name)) if name == "metadata") {
            return;
        }
        match (place(&path.0, true), value) {
            (Place::Above, Value::Object(map)) => {
                for (key, below) in map {
                    self.learn_at(&path.field(key), below);
                }
            }
            (Place::Secret | Place::Encoded | Place::Above, value) => self.learn_values(value),
            (Place::Open | Place::Annotation, _) => {}
        }
    }

    fn learn_values(&self, value: &Value) {
        match value {
            Value::String(text) => {
                // Badly encoded data is often the plain secret, so the text counts as it stands too.
                self.learn_value(&decoded(text));
                self.learn_value(text.as_bytes());
            }
            Value::Object(map) => map.values().for_each(|below| self.learn_values(below)),
            Value::Array(items) => items.iter().for_each(|item| self.learn_values(item)),
            Value::Number(number) => self.learn_value(number.to_string().as_bytes()),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn learn_value(&self, value: &[u8]) {
        let mut known = self.known();
        if value.len() >= SHORTEST && !known.values.contains(value) {
            known.values.insert(value.to_vec());
            known.needles = None;
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn needles(&self) -> Arc<Needles> {
        let mut known = self.known();
        if let Some(needles) = &known.needles {
            return needles.clone();
        }
        let mut needles = Needles::new();
        for value in known.values.iter().flat_map(|value| pieces(value)) {
            let tag = self.masker.tag(value);
            for form in forms(value) {
                if let Some(start) = form.as_bytes().first_chunk() {
                    let of_start = needles.entry(*start).or_default();
                    of_start.push((form, tag.clone()));
                }
            }
        }
        for forms in needles.values_mut() {
            forms.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
            forms.dedup();
        }
        let needles = Arc::new(needles);
        known.needles = Some(needles.clone());
        needles
    }

    /// `text` with every known value, in any of its encodings, as its tag.
    pub fn text(&self, text: &str) -> String {
        let needles = self.needles();
        let mut shown = String::with_capacity(text.len());
        let (mut at, mut copied) = (0, 0);
        while at < text.len() {
            let rest = &text.as_bytes()[at..];
            let found = rest.first_chunk().and_then(|start| needles.get(start));
            let found = found.and_then(|forms| {
                forms
                    .iter()
                    .find(|(form, _)| rest.starts_with(form.as_bytes()))
            });
            match found {
                Some((form, tag)) => {
                    shown.push_str(&text[copied..at]);
                    shown.push_str(tag);
                    at += form.len();
                    copied = at;
                }
                None => at += 1,
            }
        }
        shown.push_str(&text[copied..]);
        shown
    }

    /// Words that may quote what is not known here: without known secrets and without what looks like one.
    pub fn words(&self, text: &str) -> String {
        without_credentials(&self.text(text))
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
        self.text(text) != text
    }
}

/// A value and, where it has several lines, each of them that is long enough to mean something.
fn pieces(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = value.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let is_piece = |line: &&[u8]| line.len() >= SHORTEST_LINE && line.len() < value.len();
    std::iter::once(value).chain(lines.filter(is_piece))
}

/// `text` without words that look like credentials: long, with digits and letters of both cases.
fn without_credentials(text: &str) -> String {
    const LONG: usize = 12;
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
    let is_credential = |word: &str| {
        let has = |test: fn(char) -> bool| word.contains(test);
        word.len() >= LONG
            && has(|c| c.is_ascii_digit())
            && has(|c| c.is_ascii_lowercase())
            && has(|c| c.is_ascii_uppercase())
    };
    let mut shown = String::with_capacity(text.len());
    for piece in text.split_inclusive(|c| !is_part(c)) {
        let word = piece.trim_end_matches(|c| !is_part(c));
        shown.push_str(if is_credential(word) {
            "<hidden>"
        } else {
            word
        });
        shown.push_str(&piece[word.len()..]);
    }
    shown
}

/// Where an unescaped quotation mark closes the text.
pub fn closing_quote(text: &str) -> Option<usize> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn redactor() -> Redactor {
        let key = "-----BEGIN KEY-----\nkestrelLineOfAKey77\n-----END KEY-----\n";
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "stringData": {"p": "old kestrel", "key": key}});
        Redactor::of(&Masker::new([7; 32]), [&secret])
    }

    #[test]
    fn a_value_is_taken_out_wherever_it_stands_and_so_is_each_line_of_it() {
        let redactor = redactor();
        let base64 = STANDARD.encode("old kestrel");
        let text = format!("é old kestrel, {base64}; kestrelLineOfAKey77 and no kestrel é");
        let shown = redactor.text(&text);
        assert_eq!(shown.matches("<masked ").count(), 3, "{shown}");
        assert!(shown.ends_with(" and no kestrel é"), "{shown}");
        assert!(
            !shown.contains("old kestrel") && !shown.contains("LineOf"),
            "{shown}"
        );
        redactor.learn(&json!({"apiVersion": "v1", "kind": "Secret", "data": {"p": STANDARD.encode("live kestrel")}}));
        assert!(
            redactor
                .text("it holds live kestrel")
                .starts_with("it holds <masked ")
        );
    }

    #[test]
    fn a_webhooks_words_lose_what_looks_like_a_credential_and_keep_the_rest() {
        let key = Key {
            group: "apps".into(),
            kind: "Deployment".into(),
            namespace: "shop".into(),
            name: "web".into(),
        };
        let said = "admission webhook \"a.b\" denied: Secret other/login holds kestrelFeather77, image web:1.25-alpine of web-7d9f8c6b5-x2x4z";
        let error = Error::new(Reason::Webhook, said);
        assert_eq!(
            redactor().error(&key, error).message(),
            said.replace("kestrelFeather77", "<hidden>")
        );
    }
}
