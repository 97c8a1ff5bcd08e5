//! YAML text to nodes: the budget, and what a file holds.
//!
//! It knows nothing of types: a scalar keeps its text, style and tag.

use super::Node;
use super::build::Builder;
use super::text;
use crate::error::{Error, Result};

/// What a file may cost. Beyond it the file is refused.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one file.
    pub file_bytes: usize,
    /// Nesting.
    pub depth: usize,
    /// Documents of one file.
    pub documents: usize,
    /// Nodes of one file, aliases expanded.
    pub nodes: usize,
    /// Nodes after alias expansion, as a multiple of the nodes written (with a floor for small files).
    pub alias_factor: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 16 << 20,
            depth: 250,
            documents: 10_000,
            // About 150 MB of nodes and a second; 10,000 ordinary objects are a million nodes.
            nodes: 1_500_000,
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
    check_size(text, file, limits)?;
    let text = text::decode(text, file)?;
    refuse_many_directives(&text, file)?;
    Builder::new(&text, file, limits).run()
}

fn check_size(text: &[u8], file: &str, limits: &Limits) -> Result<()> {
    if text.len() <= limits.file_bytes {
        return Ok(());
    }
    let (size, most) = (text.len(), limits.file_bytes);
    let message = format!("the file has {size} bytes, more than the {most} allowed");
    Err(Error::render(message).at(file, 0, 0))
}

/// The first document of a text, as those programs see it that read one and no more.
#[derive(Debug, Clone)]
pub struct First {
    /// `None` when the text is empty.
    pub document: Option<Node>,
    /// The line in which more follows.
    pub rest: Option<u32>,
}

/// Parses the first document of `text`, and looks at nothing behind it.
pub fn parse_first(text: &[u8], file: &str, limits: &Limits) -> Result<First> {
    check_size(text, file, limits)?;
    let text = text::decode(text, file)?;
    refuse_many_directives(&text, file)?;
    let (parsed, rest) = Builder::new(&text, file, limits).run_first()?;
    let document = parsed.documents.into_iter().next();
    Ok(First { document, rest })
}

/// The scanner compares each `%TAG` line with all before it.
pub(super) fn refuse_many_directives(text: &str, file: &str) -> Result<()> {
    const MOST: usize = 100;
    let is_line_start = |at: usize| at == 0 || matches!(text.as_bytes()[at - 1], b'\n' | b'\r');
    let mut directives = text.match_indices('%').filter(|(at, _)| is_line_start(*at));
    match directives.nth(MOST) {
        None => Ok(()),
        Some((at, _)) => {
            let line = text[..at].lines().count() + 1;
            let message = format!("more than {MOST} directives");
            Err(Error::render(message).at(file, text::count(line), 1))
        }
    }
}
