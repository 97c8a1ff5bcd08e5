//! Hides what is secret before anything can print it.
//!
//! Values are masked on the way out, never on the way to the server. A masked value shows as `<masked 3f9a01c2>`;
//! the tag is keyed with a random key of the run, so that equal values stay equal and nothing can be guessed from it.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::hex::hex;
use super::labels::LAST_APPLIED;

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

    fn tag_value(&self, value: &Value) -> Value {
        let text = match value {
            Value::String(text) => text.clone().into_bytes(),
            other => other.to_string().into_bytes(),
        };
        Value::String(self.tag(&text))
    }

    /// Returns a copy of `object` that may be shown: Secret values and last-applied annotations are masked.
    ///
    /// `data` is decoded before the tag is taken, so that a value in `stringData` and the same value in `data` have one tag.
    pub fn object(&self, object: &Value) -> Value {
        let mut shown = object.clone();
        if is_secret(object) {
            for field in ["data", "stringData"] {
                if let Some(Value::Object(map)) = shown.get_mut(field) {
                    for value in map.values_mut() {
                        *value = if field == "data" {
                            self.tag_base64(value)
                        } else {
                            self.tag_value(value)
                        };
                    }
                } else if let Some(value) = shown.get_mut(field)
                    && !value.is_null()
                {
                    *value = self.tag_value(value);
                }
            }
        }
        if let Some(Value::Object(annotations)) = shown.pointer_mut("/metadata/annotations") {
            for key in [LAST_APPLIED] {
                if let Some(value) = annotations.get_mut(key) {
                    *value = self.tag_value(value);
                }
            }
        }
        shown
    }

    fn tag_base64(&self, value: &Value) -> Value {
        use base64::Engine;
        let Value::String(text) = value else {
            return self.tag_value(value);
        };
        let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        match base64::engine::general_purpose::STANDARD.decode(compact) {
            Ok(bytes) => Value::String(self.tag(&bytes)),
            Err(_) => self.tag_value(value),
        }
    }
}

/// Whether `object` is a core Secret.
pub fn is_secret(object: &Value) -> bool {
    object.get("kind").and_then(Value::as_str) == Some("Secret")
        && object.get("apiVersion").and_then(Value::as_str) == Some("v1")
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
    fn two_runs_have_different_tags() {
        assert_ne!(
            Masker::new([1; 32]).tag(b"x"),
            Masker::new([2; 32]).tag(b"x")
        );
    }
}
