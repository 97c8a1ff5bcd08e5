//! How two commits stand to each other. Who may replace whom is decided in `plan`.

/// How a commit stands to one that was deployed before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lineage {
    Same,
    /// It contains the one before.
    Newer,
    /// The one before contains it.
    Older,
    /// Neither contains the other.
    Apart,
    /// With the reason why that cannot be known here.
    Unknown(String),
}
