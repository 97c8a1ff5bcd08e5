//! How one object differs from what the repository wants.

use serde_json::{Map, Value, json};

use crate::object::mask::Masker;
use crate::object::path::{FieldPath, Step};

/// What happened to a field, seen from the repository's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Desired, absent live.
    Add,
    /// Live, not desired.
    Remove,
    Replace,
}

impl Op {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }
}

/// Whose doing a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// git sets the field, or dropped what an apply of pushboat had set.
    Git,
    /// The server does it along with the write: admission, a default, an address or a port that it assigns.
    Server,
}

/// Whether what the server alone changes is a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mutations {
    #[default]
    Ignored,
    /// The compare option `IncludeMutationWebhook=true`.
    Counted,
}

impl Mutations {
    /// Whether these changes are drift.
    pub fn are_drift(self, changes: &[Change]) -> bool {
        match self {
            Self::Counted => !changes.is_empty(),
            Self::Ignored => changes.iter().any(|change| change.cause == Cause::Git),
        }
    }
}

/// Who wrote a live field last, by its `managedFields`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer {
    pub manager: String,
    /// `Apply` or `Update`.
    pub operation: String,
    /// Empty for the main resource.
    pub subresource: String,
    /// RFC 3339, as the server wrote it; empty when it did not.
    pub time: String,
}

/// One field that differs. The values are raw: show only what [`Change::masked`] returns.
#[derive(Clone, PartialEq)]
pub struct Change {
    pub path: FieldPath,
    pub op: Op,
    pub live: Option<Value>,
    pub desired: Option<Value>,
    pub cause: Cause,
    pub last_writer: Option<Writer>,
}

impl std::fmt::Debug for Change {
    /// Prints the place only: the values may be a Secret's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Change({} {})", self.op.as_str(), self.path)
    }
}

impl Change {
    /// The same change as it may be shown; `is_secret` says whether the object is a core Secret.
    #[must_use]
    pub fn masked(&self, masker: &Masker, is_secret: bool) -> Self {
        let mask = |value: &Value| masked_at(masker, is_secret, &self.path.0, value);
        Self {
            live: self.live.as_ref().map(mask),
            desired: self.desired.as_ref().map(mask),
            ..self.clone()
        }
    }
}

/// Puts `value` where it stands in an object that is empty otherwise, masks that object, and takes the value out again: so there
/// is one place that knows what is secret.
fn masked_at(masker: &Masker, is_secret: bool, path: &[Step], value: &Value) -> Value {
    let names: Vec<&str> = path
        .iter()
        .map_while(|step| match step {
            Step::Field(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    // Below a list there is nothing that the masker knows.
    if names.len() != path.len() {
        return value.clone();
    }
    let wrapped = names.iter().rev().fold(value.clone(), |inner, name| {
        Value::Object(Map::from_iter([((*name).to_owned(), inner)]))
    });
    let mut object = wrapped;
    if is_secret && let Some(map) = object.as_object_mut() {
        map.insert("apiVersion".to_owned(), json!("v1"));
        map.insert("kind".to_owned(), json!("Secret"));
    }
    let shown = masker.object(&object);
    let found = names
        .iter()
        .try_fold(&shown, |value, name| value.get(*name));
    // A masked whole (`data` that is no map) hides what was below it.
    found
        .cloned()
        .unwrap_or_else(|| Value::String(masker.tag(value.to_string().as_bytes())))
}

/// How one object stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResourceStatus {
    InSync,
    Modified,
    /// Desired, absent in the cluster.
    Missing,
    /// Applied by pushboat, no longer desired.
    Extra,
    /// Could not be read: never counted as any of the others.
    Unknown,
}

impl ResourceStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InSync => "InSync",
            Self::Modified => "Modified",
            Self::Missing => "Missing",
            Self::Extra => "Extra",
            Self::Unknown => "Unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &[&str], value: Value, is_secret: bool, is_hidden: bool) {
        let path = path
            .iter()
            .fold(FieldPath::default(), |path, name| path.field(name));
        let change = Change {
            path,
            op: Op::Replace,
            live: Some(value),
            desired: None,
            cause: Cause::Git,
            last_writer: None,
        };
        let shown = change
            .masked(&Masker::new([1; 32]), is_secret)
            .live
            .map(|value| value.to_string());
        assert_eq!(
            !shown.as_ref().is_some_and(|text| text.contains("c2VjcmV0")),
            is_hidden,
            "{shown:?}"
        );
    }

    #[test]
    fn values_of_secrets_are_hidden_at_every_depth() {
        check(&["data", "a"], json!("c2VjcmV0"), true, true);
        check(&["data"], json!({"a": "c2VjcmV0"}), true, true);
        check(&["data"], json!("c2VjcmV0"), true, true);
        check(&["data", "a", "b"], json!("c2VjcmV0"), true, true);
        check(&["stringData", "a"], json!("c2VjcmV0"), true, true);
        check(&[], json!({"data": {"a": "c2VjcmV0"}}), true, true);
        check(&["data", "a"], json!("c2VjcmV0"), false, false);
        check(&["metadata", "labels", "a"], json!("c2VjcmV0"), true, false);
        let annotations = json!({crate::object::labels::LAST_APPLIED: "c2VjcmV0"});
        check(&["metadata", "annotations"], annotations, false, true);
    }

    #[test]
    fn debug_output_holds_no_value() {
        let change = Change {
            path: FieldPath::default().field("data"),
            op: Op::Add,
            live: None,
            desired: Some(json!("s3cret")),
            cause: Cause::Git,
            last_writer: None,
        };
        assert_eq!(format!("{change:?}"), "Change(add data)");
    }
}
