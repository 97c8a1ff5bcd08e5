//! Inner states as the words that documents carry.

use serde::{Serialize, Serializer};

use crate::health;
use crate::plan::ResourceStatus;

/// A state that documents write as one word.
pub trait Word {
    fn word(&self) -> &'static str;
}

impl Word for ResourceStatus {
    fn word(&self) -> &'static str {
        self.as_str()
    }
}

impl Word for health::Status {
    fn word(&self) -> &'static str {
        self.as_str()
    }
}

pub fn word<W: Word, S: Serializer>(value: &W, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(value.word())
}

/// `null` for what is not known or does not apply.
pub fn option<W: Word, S: Serializer>(value: &Option<W>, serializer: S) -> Result<S::Ok, S::Error> {
    value.as_ref().map(Word::word).serialize(serializer)
}

/// For tables: the word, or a dash.
pub fn shown<W: Word>(value: Option<W>) -> &'static str {
    value.map_or("-", |value| value.word())
}
