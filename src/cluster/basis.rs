//! What an apply goes by: how the object was when it was decided, and what becomes of the decision when it is not so any more.

use serde_json::Value;

use crate::error::Result;
use crate::object::Object;

/// A version of an object. An apply that carries it is refused by the server where the object is another one or changed since, also with
/// force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub uid: String,
    pub resource_version: String,
}

impl Seen {
    pub fn of(object: &Object) -> Self {
        Self {
            uid: object.uid().to_owned(),
            resource_version: object.resource_version().to_owned(),
        }
    }
}

/// What is to be done about an object that is not as it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The decision holds for the object as it is now, or for its absence.
    Apply,
    /// It is as it should be: an earlier attempt was done and its answer lost.
    Done,
    /// Somebody else decided otherwise.
    Changed,
}

/// Judges the object as it is now. The second argument says whether an earlier attempt of this apply may have been done.
pub type Judge<'a> = dyn Fn(Option<&Object>, bool) -> Result<Verdict> + Send + Sync + 'a;

/// What an apply goes by.
pub struct Basis<'a> {
    /// `None`: the object was not there.
    pub seen: Option<Seen>,
    pub judge: &'a Judge<'a>,
}

/// The object as it is sent: with the version it is to be applied to.
pub fn over(object: &Object, seen: Option<&Seen>) -> Value {
    let mut value = object.value.clone();
    if let Some(seen) = seen {
        value["metadata"]["uid"] = Value::from(seen.uid.as_str());
        value["metadata"]["resourceVersion"] = Value::from(seen.resource_version.as_str());
    }
    value
}
