//! How one object differs from what the repository wants.

use serde_json::Value;

use crate::object::path::FieldPath;

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

impl Cause {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Server => "server",
        }
    }
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

/// One field that differs. The values are raw: show only what the report makes of them.
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
    use serde_json::json;

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
