//! YAML text to nodes.

use super::Node;
use crate::error::Result;

/// What a file may cost. Beyond it the file is refused (T03).
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one file.
    pub file_bytes: usize,
    /// Nesting.
    pub depth: usize,
    /// Documents of one file.
    pub documents: usize,
    /// Nodes after alias expansion, as a multiple of the nodes written (with a floor for small files).
    pub alias_factor: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 16 << 20,
            depth: 100,
            documents: 10_000,
            alias_factor: 10,
        }
    }
}

/// Something odd that is not an error, such as a repeated key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub message: String,
    pub line: u32,
    pub column: u32,
}

/// The documents of a file, empty ones left out (`None` where a document was empty is not kept).
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    pub documents: Vec<Node>,
    /// A key that stands twice in a mapping: the message names both lines.
    pub warnings: Vec<Warning>,
}

/// Parses all documents of `text`. `file` is only for error messages.
pub fn parse(text: &[u8], file: &str, limits: &Limits) -> Result<Parsed> {
    let _ = (text, file, limits);
    todo!("yaml loader")
}
