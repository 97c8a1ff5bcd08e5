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

/// One field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub path: FieldPath,
    pub op: Op,
    pub live: Option<Value>,
    pub desired: Option<Value>,
    pub last_writer: Option<Writer>,
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
