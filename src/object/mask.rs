//! Hides what is secret before anything can print it.
//!
//! Values are masked on the way out, never on the way to the server. A masked value shows as `<masked 3f9a01c2>`;
//! the tag is keyed with a random key of the run, so that equal values stay equal and nothing can be guessed from it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha2::Sha256;

use super::hex::hex;
use super::path::{FieldPath, Step};

/// What of a Secret is shown as it is. Anything else at its top is masked: a misspelt `stringData` holds secrets too.
const OPEN_FIELDS: [&str; 5] = ["apiVersion", "kind", "metadata", "type", "immutable"];
/// The same of its metadata.
const OPEN_METADATA: [&str; 14] = [
    "name",
    "generateName",
    "namespace",
    "labels",
    "annotations",
    "finalizers",
    "ownerReferences",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
];
/// Ends of the domains of annotations whose meaning is known and is no secret, on Secrets.
const OPEN_DOMAINS: [&str; 6] = [
    "kubernetes.io",
    "k8s.io",
    "argoproj.io",
    "helm.sh",
    "cert-manager.io",
    "pushboat.dev",
];
/// Annotations in which tools keep a copy of the whole object, beside those whose name begins with `last-applied`.
const COPIES: [&str; 3] = [
    "objectset.rio.cattle.io/applied",
    "kapp.k14s.io/original",
    "kapp.k14s.io/original-diff",
];

/// Masks values with a key that lives as long as the run.
#[derive(Clone)]
pub struct Masker {
    key: [u8; 32],
}

impl std::fmt::Debug for Masker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Masker(..)")
    }
}

impl Masker {
    /// `key` must be random and new for each run; tests pass a fixed one.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The tag shown in place of `text`.
    pub fn tag(&self, text: &[u8]) -> String {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.key)
            .expect("an HMAC key may have any length");
        mac.update(text);
        let digest = mac.finalize().into_bytes();
        format!("<masked {}>", hex(&digest[..4]))
    }

    /// The tag for a value of whatever type; none for null. What is base64 is decoded first, so that a value in `stringData` and the
    /// same value in `data` have one tag.
    fn tag_value(&self, value: &Value, is_encoded: bool) -> Value {
        let bytes = match value {
            Value::Null => return Value::Null,
            Value::String(text) if is_encoded => decoded(text),
            Value::String(text) => text.clone().into_bytes(),
            other => other.to_string().into_bytes(),
        };
        Value::String(self.tag(&bytes))
    }

    /// Returns a copy of `object` that may be shown: what is secret in a Secret is masked, and copies of Secrets in others.
    pub fn object(&self, object: &Value) -> Value {
        self.value_at(is_secret(object), &FieldPath::default(), object)
    }

    /// A copy of the value at `path` of an object that may be shown.
    pub fn value_at(&self, in_secret: bool, path: &FieldPath, value: &Value) -> Value {
        match place(&path.0, in_secret) {
            Place::Open => self.open(value),
            Place::Secret => self.tag_value(value, false),
            Place::Encoded => self.tag_value(value, true),
            Place::Annotation if holds_secret(value) => self.tag_value(value, false),
            Place::Annotation => value.clone(),
            Place::Above => match value {
                Value::Object(map) => Value::Object(
                    map.iter()
                        .map(|(key, below)| {
                            let shown = self.value_at(in_secret, &path.field(key), below);
                            (key.clone(), shown)
                        })
                        .collect(),
                ),
                // A map is expected here; anything else may be a secret in the wrong place.
                other if in_secret => self.tag_value(other, false),
                other => self.open(other),
            },
        }
    }

    /// A copy of a value that is no secret by its place: of Secrets inside it, as templates of other kinds hold them, only what may
    /// be shown.
    fn open(&self, value: &Value) -> Value {
        match value {
            Value::Object(_) if is_secret(value) => self.object(value),
            Value::Object(map) => {
                let shown = |(key, below): (&String, &Value)| (key.clone(), self.open(below));
                Value::Object(map.iter().map(shown).collect())
            }
            Value::Array(items) => items.iter().map(|item| self.open(item)).collect(),
            scalar => scalar.clone(),
        }
    }

    /// A value as one tag; nothing for nothing.
    pub fn whole(&self, value: &Value) -> Value {
        self.tag_value(value, false)
    }

    /// A copy of somebody else's object: what it is stays, every value is masked.
    pub fn stranger(&self, object: &Value) -> Value {
        let mut shown = self.values(object);
        for pointer in [
            "/apiVersion",
            "/kind",
            "/metadata/name",
            "/metadata/namespace",
        ] {
            if let (Some(masked), Some(value)) =
                (shown.pointer_mut(pointer), object.pointer(pointer))
            {
                *masked = value.clone();
            }
        }
        shown
    }

    fn values(&self, value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                let shown = |(key, below): (&String, &Value)| (key.clone(), self.values(below));
                Value::Object(map.iter().map(shown).collect())
            }
            Value::Array(items) => items.iter().map(|item| self.values(item)).collect(),
            scalar => self.tag_value(scalar, false),
        }
    }

    /// A copy of `object` that may be shown, and that every API server refuses if a part of it was masked in a Secret: the masks stand
    /// in `data`, where only base64 is taken, never in `stringData`, where they would become the Secret's values.
    pub fn refusable(&self, object: &Value) -> Value {
        let mut shown = self.object(object);
        if !is_secret(object) || shown == *object {
            return shown;
        }
        let Some(fields) = shown.as_object_mut() else {
            return shown;
        };
        let texts = fields.remove("stringData");
        if !fields
            .get("data")
            .is_some_and(|data| data.is_object() || data.is_string())
        {
            fields.insert("data".to_owned(), Value::Object(Map::new()));
        }
        if let Some(Value::Object(data)) = fields.get_mut("data") {
            if let Some(Value::Object(texts)) = texts {
                data.extend(texts);
            }
            if !data.values().any(Value::is_string) {
                // Only something else is masked; without this the server would take that.
                data.insert("masked".to_owned(), self.tag(b"").into());
            }
        }
        shown
    }
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Open,
    /// A map with secret places below it.
    Above,
    Secret,
    /// Secret, and in base64.
    Encoded,
    /// An annotation that is shown unless it holds a copy of a Secret.
    Annotation,
}

pub(super) fn place(path: &[Step], in_secret: bool) -> Place {
    let field = |n: usize| match path.get(n) {
        Some(Step::Field(name)) => Some(name.as_str()),
        Some(Step::Index(_) | Step::Item(_) | Step::Value(_)) | None => None,
    };
    let is_open = |fields: &[&str], name: &str| !in_secret || fields.contains(&name);
    match (field(0), field(1), field(2), path.len()) {
        (None, _, _, 0) | (Some("metadata"), None, _, 1) => Place::Above,
        (Some("metadata"), Some("annotations"), None, 2) => Place::Above,
        (Some("metadata"), Some("annotations"), Some(key), _) => annotation(key, in_secret),
        (Some("metadata"), Some(name), _, _) if is_open(&OPEN_METADATA, name) => Place::Open,
        (Some("metadata"), ..) if in_secret => Place::Secret,
        (Some(name), ..) if is_open(&OPEN_FIELDS, name) => Place::Open,
        (Some(_), _, _, 1) => Place::Above,
        (Some("data"), ..) => Place::Encoded,
        _ if in_secret => Place::Secret,
        _ => Place::Open,
    }
}

fn annotation(key: &str, in_secret: bool) -> Place {
    let (domain, name) = key.split_once('/').unwrap_or(("", key));
    let is_known = OPEN_DOMAINS.iter().any(|known| {
        let before = domain.strip_suffix(known);
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    });
    let is_copy = name.starts_with("last-applied") || COPIES.contains(&key);
    if is_copy || (in_secret && !is_known) {
        Place::Secret
    } else {
        Place::Annotation
    }
}

/// Whether an annotation holds a Secret as JSON or YAML.
fn holds_secret(value: &Value) -> bool {
    let Value::String(text) = value else {
        return false;
    };
    let after = |text: &str| {
        let rest = text.trim_start_matches(['"', '\'', '\\', ':', ' ']);
        rest.starts_with("Secret")
    };
    let has_kind = text
        .match_indices("kind")
        .any(|(at, word)| after(&text[at + word.len()..]));
    has_kind && (text.contains("data") || text.contains("stringData"))
}

/// The bytes of base64 text; of anything else the text itself.
pub(super) fn decoded(text: &str) -> Vec<u8> {
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD
        .decode(compact)
        .unwrap_or_else(|_| text.as_bytes().to_vec())
}

/// Whether `object` is a core Secret, or was meant as one.
pub fn is_secret(object: &Value) -> bool {
    let text = |field: &str| object.get(field).and_then(Value::as_str);
    text("kind").is_some_and(|kind| kind.eq_ignore_ascii_case("Secret"))
        && text("apiVersion").is_none_or(|version| !version.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_same_value_has_one_tag_in_data_and_string_data() {
        let masker = Masker::new([7; 32]);
        let shown = masker.object(&json!({"apiVersion": "v1", "kind": "Secret",
            "data": {"a": "aHVudGVyMg=="}, "stringData": {"b": "hunter2", "c": "other"}}));
        assert_eq!(shown["data"]["a"], shown["stringData"]["b"]);
        assert_ne!(shown["stringData"]["b"], shown["stringData"]["c"]);
        assert!(
            !shown.to_string().contains("hunter2") && !shown.to_string().contains("aHVudGVyMg")
        );
    }

    #[test]
    fn what_is_misspelt_in_a_secret_is_masked_like_what_is_not() {
        let masker = Masker::new([7; 32]);
        let hidden = |extra: Value| {
            let mut secret =
                json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}});
            let (Value::Object(all), Value::Object(more)) = (&mut secret, extra.clone()) else {
                unreachable!("both are maps");
            };
            all.extend(more);
            let shown = masker.refusable(&secret);
            assert!(!shown.to_string().contains("hunter2"), "{shown}");
            assert!(shown.get("stringData").is_none(), "{shown}");
            let values = shown["data"]
                .as_object()
                .expect("masks stand in data")
                .values();
            assert!(
                values
                    .clone()
                    .any(|value| value.as_str().is_some_and(|it| it.starts_with('<'))),
                "{extra}: {shown}"
            );
        };
        hidden(json!({"stringDatta": {"password": "hunter2"}}));
        hidden(json!({"Data": ["hunter2"]}));
        hidden(json!({"stringdata": "hunter2"}));
        hidden(json!({"stringData": {"password": "hunter2"}}));
        hidden(json!({"stringData": {"password": "hunter2"}, "data": null}));
        hidden(json!({"metadata": {"annotations": {"example.com/pass": "hunter2"}}}));
        hidden(json!({"metadata": {"anotations": {"a": "hunter2"}}}));
        hidden(
            json!({"metadata": {"annotations": {"objectset.rio.cattle.io/applied": "hunter2"}}}),
        );
        hidden(
            json!({"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "hunter2"}}}),
        );
        hidden(json!({"kind": "secret", "stringData": {"password": "hunter2"}}));
    }

    #[test]
    fn what_is_no_secret_stays_as_it_is() {
        let masker = Masker::new([7; 32]);
        for object in [
            json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"}, "metadata": {"annotations": {"a/b": "c"}}}),
            json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "immutable": true, "metadata": {"name": "a", "labels": {"x": "y"},
                "annotations": {"argocd.argoproj.io/sync-wave": "1", "kustomize.config.k8s.io/behavior": "merge"}}}),
        ] {
            assert_eq!(masker.refusable(&object), object);
        }
    }

    #[test]
    fn a_secret_inside_another_object_is_masked() {
        let masker = Masker::new([7; 32]);
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "stringData": {"p": "hunter2"}});
        let outer = json!({"apiVersion": "x/v1", "kind": "Template", "objects": [secret],
            "metadata": {"annotations": {"example.com/copy": secret.to_string()}}});
        assert!(!masker.object(&outer).to_string().contains("hunter2"));
    }

    #[test]
    fn values_of_secrets_are_hidden_at_every_depth() {
        let check = |path: &[&str], value: Value, is_secret: bool, is_hidden: bool| {
            let at = path
                .iter()
                .fold(FieldPath::default(), |at, name| at.field(name));
            let shown = Masker::new([1; 32])
                .value_at(is_secret, &at, &value)
                .to_string();
            assert_eq!(!shown.contains("c2VjcmV0"), is_hidden, "{path:?}: {shown}");
        };
        check(&["data", "a"], json!("c2VjcmV0"), true, true);
        check(&["data"], json!({"a": "c2VjcmV0"}), true, true);
        check(&["data"], json!("c2VjcmV0"), true, true);
        check(&["data", "a", "b"], json!("c2VjcmV0"), true, true);
        check(&["stringData", "a"], json!("c2VjcmV0"), true, true);
        check(&["stringDatta", "a"], json!("c2VjcmV0"), true, true);
        check(
            &["metadata", "annotations", "x/y"],
            json!("c2VjcmV0"),
            true,
            true,
        );
        check(
            &["metadata", "annotations", "x/y"],
            json!("c2VjcmV0"),
            false,
            false,
        );
        check(&[], json!({"data": {"a": "c2VjcmV0"}}), true, true);
        check(&["data", "a"], json!("c2VjcmV0"), false, false);
        check(&["metadata", "labels", "a"], json!("c2VjcmV0"), true, false);
        let annotations = json!({super::super::labels::LAST_APPLIED: "c2VjcmV0"});
        check(&["metadata", "annotations"], annotations, false, true);
    }

    #[test]
    fn two_runs_have_different_tags() {
        assert_ne!(
            Masker::new([1; 32]).tag(b"x"),
            Masker::new([2; 32]).tag(b"x")
        );
    }
}
