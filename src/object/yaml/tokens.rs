//! The scanner's tokens with their places, for those who must know more of a text than its values: where comments can stand.
//!
//! It checks the text as the loader does and stops at the first error; what to make of the tokens is the caller's business.

use std::panic::{self, AssertUnwindSafe};

use libyaml_safer::{Encoding, Mark, Scanner, TokenData};

use super::build::{Ending, scalar_style};
use super::parse::refuse_many_directives;
use super::text::{self, Chunks};
use super::{Limits, Style};

/// A place in the text: byte, line and column, all from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    pub index: usize,
    pub line: usize,
    pub column: usize,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenKind {
    StreamStart,
    StreamEnd,
    Version,
    TagDirective { handle: String, prefix: String },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    Tag { handle: String, suffix: String },
    Scalar { text: String, style: Style },
}

/// A token and where it begins and ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub kind: TokenKind,
    pub start: Place,
    pub end: Place,
}

/// The tokens of the first document and a few after them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tokens {
    pub tokens: Vec<Token>,
    /// False where the scanner met an error after these.
    pub is_complete: bool,
}

/// How far the tokens go on behind the document: readers look ahead.
const AHEAD: usize = 4;

/// Scans the first document of `text`. `None` for a text that no YAML text can be.
pub fn tokens(text: &str, limits: &Limits) -> Option<Tokens> {
    if text.len() > limits.file_bytes {
        return None;
    }
    text::check(text, "").ok()?;
    refuse_many_directives(text, "").ok()?;
    let (text, ending) = match Ending::of(text) {
        (text, Ending::AddedAfterBlanks) => (text.trim_end_matches(' '), Ending::AsWritten),
        found => found,
    };
    let mut scanner = Scanner::new();
    scanner.set_encoding(Encoding::Utf8);
    scanner.set_input(Chunks::new(text, ending == Ending::Added));
    let mut reader = Reader {
        limits,
        bytes: text.len(),
        depth: 0,
        has_content: false,
        behind: 0,
        found: Tokens::default(),
    };
    while reader.behind < AHEAD {
        // The scanner panics on a few malformed inputs.
        let next = panic::catch_unwind(AssertUnwindSafe(|| Scanner::scan(&mut scanner)));
        let Ok(Ok(token)) = next else {
            return Some(reader.found);
        };
        if !reader.take(
            kind(token.data),
            place(token.start_mark),
            place(token.end_mark),
        ) {
            return Some(reader.found);
        }
    }
    reader.found.is_complete = true;
    Some(reader.found)
}

struct Reader<'a> {
    limits: &'a Limits,
    bytes: usize,
    depth: usize,
    has_content: bool,
    /// Tokens since the document ended.
    behind: usize,
    found: Tokens,
}

impl Reader<'_> {
    /// False where it is too much.
    fn take(&mut self, kind: TokenKind, start: Place, end: Place) -> bool {
        match kind {
            TokenKind::BlockSequenceStart
            | TokenKind::BlockMappingStart
            | TokenKind::FlowSequenceStart
            | TokenKind::FlowMappingStart => self.depth += 1,
            TokenKind::BlockEnd | TokenKind::FlowSequenceEnd | TokenKind::FlowMappingEnd => {
                self.depth = self.depth.saturating_sub(1);
            }
            _ => {}
        }
        let is_end = match kind {
            TokenKind::StreamEnd | TokenKind::DocumentEnd => true,
            TokenKind::DocumentStart => std::mem::replace(&mut self.has_content, true),
            TokenKind::StreamStart | TokenKind::Version | TokenKind::TagDirective { .. } => false,
            _ => {
                self.has_content = true;
                false
            }
        };
        if kind == TokenKind::StreamEnd {
            self.behind = AHEAD;
        } else if self.behind > 0 || is_end {
            self.behind += 1;
        }
        let kind = self.without_added_newline(kind, end);
        self.found.tokens.push(Token { kind, start, end });
        self.depth <= self.limits.depth && self.found.tokens.len() <= self.limits.nodes
    }

    /// Takes back the newline that only the scanner needed behind a block scalar.
    fn without_added_newline(&self, kind: TokenKind, end: Place) -> TokenKind {
        match kind {
            TokenKind::Scalar {
                mut text,
                style: style @ (Style::Literal | Style::Folded),
            } if end.index > self.bytes => {
                if text.ends_with('\n') {
                    text.pop();
                }
                TokenKind::Scalar { text, style }
            }
            kind => kind,
        }
    }
}

fn place(mark: Mark) -> Place {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Place {
        index: number(mark.index),
        line: number(mark.line),
        column: number(mark.column),
    }
}

fn kind(data: TokenData) -> TokenKind {
    match data {
        TokenData::StreamStart { .. } => TokenKind::StreamStart,
        TokenData::StreamEnd => TokenKind::StreamEnd,
        TokenData::VersionDirective { .. } => TokenKind::Version,
        TokenData::TagDirective { handle, prefix } => TokenKind::TagDirective { handle, prefix },
        TokenData::DocumentStart => TokenKind::DocumentStart,
        TokenData::DocumentEnd => TokenKind::DocumentEnd,
        TokenData::BlockSequenceStart => TokenKind::BlockSequenceStart,
        TokenData::BlockMappingStart => TokenKind::BlockMappingStart,
        TokenData::BlockEnd => TokenKind::BlockEnd,
        TokenData::FlowSequenceStart => TokenKind::FlowSequenceStart,
        TokenData::FlowSequenceEnd => TokenKind::FlowSequenceEnd,
        TokenData::FlowMappingStart => TokenKind::FlowMappingStart,
        TokenData::FlowMappingEnd => TokenKind::FlowMappingEnd,
        TokenData::BlockEntry => TokenKind::BlockEntry,
        TokenData::FlowEntry => TokenKind::FlowEntry,
        TokenData::Key => TokenKind::Key,
        TokenData::Value => TokenKind::Value,
        TokenData::Alias { value } => TokenKind::Alias(value),
        TokenData::Anchor { value } => TokenKind::Anchor(value),
        TokenData::Tag { handle, suffix } => TokenKind::Tag { handle, suffix },
        TokenData::Scalar { value, style } => TokenKind::Scalar {
            text: value,
            style: scalar_style(style),
        },
    }
}
