//! Digests of contents that nobody can check guesses against: keyed with a random key that stands in the data of the parent Secret, so
//! that every machine that may read the record can compare.
//!
//! A digest without a key in it was written by an earlier version. It is sealed when it is read, so it stays comparable.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::object::Object;
use crate::object::hex::hex;

/// Where the key stands in the parent's data.
pub const FIELD: &str = "digestKey";
/// Before the number of the key and the digest.
const SEALED: &str = "hmac-sha256:";

/// The key of an app's record.
#[derive(Clone, PartialEq, Eq)]
pub struct SealKey([u8; 32]);

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(..)")
    }
}

impl SealKey {
    /// `bytes` must be random.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key of a live parent, if it has one.
    pub fn read(parent: &Object) -> Option<Self> {
        let text = parent
            .value
            .pointer(&format!("/data/{FIELD}"))
            .and_then(Value::as_str)?;
        let bytes = STANDARD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// As the parent's data has it.
    pub fn text(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// A digest as records hold it. One that is sealed already stays as it is.
    pub fn seal(&self, digest: &str) -> String {
        if digest.starts_with(SEALED) {
            return digest.to_owned();
        }
        format!("{SEALED}{}:{}", self.number(), hex(&self.mac(digest)))
    }

    /// Whether a digest was sealed with another key: what it stands for cannot be told any more.
    pub fn is_foreign(&self, digest: &str) -> bool {
        let sealed = digest.strip_prefix(SEALED);
        sealed.is_some_and(|rest| !rest.starts_with(&format!("{}:", self.number())))
    }

    /// Tells this key from others, and nothing else.
    fn number(&self) -> String {
        hex(&self.mac("number")[..4])
    }

    fn mac(&self, text: &str) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0)
            .expect("an HMAC key may have any length");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn equal_digests_are_equal_under_one_key_and_tell_nothing_without_it() {
        let (one, other) = (SealKey::new([1; 32]), SealKey::new([2; 32]));
        let sealed = one.seal("00ff");
        assert_eq!(sealed, one.seal("00ff"));
        assert_ne!(sealed, one.seal("00fe"));
        assert_ne!(sealed, other.seal("00ff"));
        assert!(!sealed.contains("00ff"));
        assert_eq!(one.seal(&sealed), sealed, "what is sealed stays");
        assert!(!one.is_foreign(&sealed) && other.is_foreign(&sealed));
        assert!(!one.is_foreign("00ff"), "an earlier version's");
    }

    #[test]
    fn the_key_of_a_parent_is_read_as_it_was_written() {
        let key = SealKey::new([7; 32]);
        let parent = |data: Value| Object::new(json!({"kind": "Secret", "data": data}));
        assert_eq!(
            SealKey::read(&parent(json!({FIELD: key.text()}))),
            Some(key)
        );
        assert_eq!(SealKey::read(&parent(json!({FIELD: "short"}))), None);
        assert_eq!(SealKey::read(&parent(Value::Null)), None);
    }
}
