//! Finds the comments of a text and says to which token each belongs.
//!
//! The real program collects them while it scans: a comment behind something is its line comment, one below it and before an
//! empty line its foot, any other the head of what comes next. What "below" means depends on indentation.

use crate::object::yaml::{Place, Style, Token, TokenKind};

/// The real program looks no further than this over blanks.
const LOOK: usize = 512;

/// A comment, and the first token that it may belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    pub part: Part,
    pub text: String,
    /// Where the token begins that it belongs to.
    pub at: usize,
    /// Its own place, with the column counted from 1 for all but line comments.
    start: Place,
    /// The byte after it.
    end: usize,
    /// Where the search began that found it.
    scan: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Head,
    Line,
    Foot,
}

/// The comments of a scanned text. The ends of blocks move to where the comments say that the blocks end.
pub fn find(text: &str, tokens: &mut [Token]) -> Vec<Comment> {
    let mut finder = Finder {
        bytes: text.as_bytes(),
        here: Place::default(),
        newlines: 0,
        indents: Vec::new(),
        flow: 0,
        found: Vec::new(),
    };
    let mut done = 0;
    while done < tokens.len() {
        done = finder.step(tokens, done);
    }
    finder.found
}

struct Finder<'a> {
    bytes: &'a [u8],
    here: Place,
    /// Line breaks since the last character that was no blank.
    newlines: usize,
    /// Columns of the open blocks.
    indents: Vec<usize>,
    flow: usize,
    found: Vec<Comment>,
}

impl Finder<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn indent(&self) -> usize {
        self.indents.last().copied().unwrap_or(0)
    }

    /// The bytes of the line break here, 0 where there is none.
    fn line_break(&self, at: usize) -> usize {
        match self.bytes.get(at..).unwrap_or_default() {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            [b'\r', ..] => 1,
            [0xc2, 0x85, ..] => 2,
            [0xe2, 0x80, 0xa8 | 0xa9, ..] => 3,
            _ => 0,
        }
    }

    fn is_blank(&self, at: usize) -> bool {
        matches!(self.byte(at), b' ' | b'\t')
    }

    /// One character or line break further.
    fn advance(&mut self) {
        let at = self.here.index;
        let width = self.line_break(at);
        if width > 0 {
            self.here = Place {
                index: at + width,
                line: self.here.line + 1,
                column: 0,
            };
            self.newlines += 1;
            return;
        }
        if !self.is_blank(at) {
            self.newlines = 0;
        }
        self.here.column += 1;
        self.here.index += match self.byte(at) {
            0xf0.. => 4,
            0xe0.. => 3,
            0xc0.. => 2,
            _ => 1,
        };
    }

    fn go_to(&mut self, index: usize) {
        while self.here.index < index.min(self.bytes.len()) {
            self.advance();
        }
    }

    /// Takes the tokens that the scanner finds in one go: ends of blocks, then one token with the starts before it. Returns the
    /// first token after them.
    fn step(&mut self, tokens: &mut [Token], first: usize) -> usize {
        let is_end = |token: &Token| token.kind == TokenKind::BlockEnd;
        let ends = tokens[first..].iter().take_while(|token| is_end(token));
        let from = first + ends.count();
        let mut last = from;
        while last + 1 < tokens.len() && is_implied(&tokens[last], &tokens[last + 1]) {
            last += 1;
        }
        let Some(start) = tokens.get(last).map(|token| token.start) else {
            return tokens.len();
        };
        let scan = self.here;
        let known = self.found.len();
        if let Some(before) = first.checked_sub(1) {
            let before = match tokens[before].kind {
                TokenKind::FlowEntry if before > 0 => before - 1,
                _ => before,
            };
            let token = &tokens[before];
            let until = match tokens[last].kind {
                TokenKind::StreamEnd => self.bytes.len(),
                _ => start.index,
            };
            self.gap(until, scan, token.start.index, &token.kind);
        }
        self.ends(&mut tokens[first..from], known, scan);
        let is_separator = match self.byte(start.index) {
            b':' => self.flow == 0,
            b',' => self.flow > 0,
            _ => false,
        };
        let at = match from.checked_sub(1) {
            Some(before) if is_separator => tokens[before].start.index,
            _ => start.index,
        };
        for token in &tokens[from..=last] {
            self.nest(token);
        }
        self.pass(&tokens[last], at);
        last + 1
    }

    /// Blocks and flows that a token opens or closes.
    fn nest(&mut self, token: &Token) {
        match token.kind {
            TokenKind::BlockMappingStart | TokenKind::BlockSequenceStart => {
                self.indents.push(token.start.column);
            }
            TokenKind::FlowSequenceStart | TokenKind::FlowMappingStart => self.flow += 1,
            TokenKind::FlowSequenceEnd | TokenKind::FlowMappingEnd => {
                self.flow = self.flow.saturating_sub(1);
            }
            _ => {}
        }
    }

    /// Goes over a token and takes the line comment behind it.
    fn pass(&mut self, token: &Token, at: usize) {
        match &token.kind {
            TokenKind::StreamStart | TokenKind::StreamEnd => {}
            TokenKind::DocumentStart | TokenKind::DocumentEnd | TokenKind::BlockEntry => {
                self.go_to(token.end.index);
            }
            TokenKind::Version | TokenKind::TagDirective { .. } => {
                self.go_to(token.end.index);
                while self.here.index < self.bytes.len() && self.line_break(self.here.index) == 0 {
                    self.advance();
                }
                self.advance();
            }
            TokenKind::Scalar { style, .. } => {
                self.pass_scalar(token, *style);
                self.line_comment(at);
            }
            _ => {
                self.go_to(token.end.index);
                self.line_comment(at);
            }
        }
    }

    /// The scanner reads on behind plain texts and blocks of text before it knows that they end.
    fn pass_scalar(&mut self, token: &Token, style: Style) {
        match style {
            Style::Plain => {
                self.go_to(token.end.index);
                while self.is_blank(self.here.index) || self.line_break(self.here.index) > 0 {
                    self.advance();
                }
            }
            Style::Literal | Style::Folded => {
                self.go_to(token.start.index);
                while !self.is_blank(self.here.index)
                    && self.line_break(self.here.index) == 0
                    && self.here.index < self.bytes.len()
                {
                    self.advance();
                }
                self.line_comment(token.start.index);
                self.go_to(token.end.index);
                while self.byte(self.here.index) == b' ' {
                    self.advance();
                }
            }
            Style::SingleQuoted | Style::DoubleQuoted => self.go_to(token.end.index),
        }
    }

    fn line_comment(&mut self, at: usize) {
        if self.newlines > 0 {
            return;
        }
        let from = self.here.index;
        let blanks = (0..LOOK).take_while(|n| self.is_blank(from + n)).count();
        if blanks == LOOK || self.byte(from + blanks) != b'#' {
            return;
        }
        self.go_to(from + blanks);
        let start = self.here;
        let text = self.rest_of_line();
        self.found.push(Comment {
            part: Part::Line,
            text,
            at,
            start,
            end: 0,
            scan: 0,
        });
    }

    fn rest_of_line(&mut self) -> String {
        let start = self.here.index;
        while self.here.index < self.bytes.len() && self.line_break(self.here.index) == 0 {
            self.advance();
        }
        String::from_utf8_lossy(self.bytes.get(start..self.here.index).unwrap_or_default())
            .into_owned()
    }

    /// Goes over blanks and comments to the next token.
    fn gap(&mut self, until: usize, scan: Place, token: usize, kind: &TokenKind) {
        while self.here.index < until.min(self.bytes.len()) {
            if self.byte(self.here.index) == b'#' {
                Block::new(self, scan, token, kind).collect(self);
            } else {
                self.advance();
            }
        }
    }

    /// Places the ends of blocks before the comments that stand at their own columns. Blocks that end only because the document
    /// does end here, not where the search began.
    fn ends(&mut self, ends: &mut [Token], known: usize, scan: Place) {
        let before = |place: Place| Place {
            index: place.index.saturating_sub(1),
            ..place
        };
        let mut mark = before(scan);
        let mut is_over = false;
        for end in ends {
            let indent = self.indents.pop().unwrap_or(0);
            if indent <= self.here.column && !is_over {
                is_over = true;
                mark = before(self.here);
            }
            let mut stop = mark.index;
            for comment in self.found[known..].iter().rev() {
                if comment.end < stop {
                    break;
                }
                if comment.start.column == indent + 1 {
                    mark = comment.start;
                }
                stop = comment.scan;
            }
            end.start = mark;
            end.end = mark;
        }
    }
}

/// Whether a token was put before the next one only when that was understood.
fn is_implied(token: &Token, next: &Token) -> bool {
    let starts = matches!(
        token.kind,
        TokenKind::BlockMappingStart | TokenKind::BlockSequenceStart | TokenKind::Key
    );
    starts && token.start.index == next.start.index
}

/// Comment lines that belong together, while they are collected.
struct Block {
    scan: usize,
    at: usize,
    is_after_value: bool,
    text: String,
    start: Place,
    line: usize,
    column: usize,
    /// Where a comment must stand to be the foot of what is above it.
    foot_line: Option<usize>,
    next_indent: usize,
    is_first_gap: bool,
    was_empty: bool,
}

impl Block {
    fn new(finder: &Finder<'_>, scan: Place, token: usize, kind: &TokenKind) -> Self {
        let foot_line = (scan.line > 0).then(|| {
            let below = usize::from(finder.newlines == 0 && finder.here.column > 1);
            (finder.here.line + 1 + below).saturating_sub(finder.newlines)
        });
        Self {
            scan: scan.index,
            at: token,
            is_after_value: *kind == TokenKind::Value,
            text: String::new(),
            start: Place::default(),
            line: finder.here.line,
            column: finder.here.column,
            foot_line,
            next_indent: finder.indent(),
            is_first_gap: finder.newlines <= 1,
            was_empty: false,
        }
    }

    fn collect(mut self, finder: &mut Finder<'_>) {
        let mut ahead = 0;
        while ahead < LOOK {
            self.column += 1;
            let at = finder.here.index + ahead;
            if finder.is_blank(at) {
                ahead += 1;
                continue;
            }
            let byte = finder.byte(at);
            let closes = finder.flow > 0 && matches!(byte, b']' | b'}');
            let is_break = finder.line_break(at) > 0;
            if closes || is_break || byte == 0 {
                self.empty_line(finder, at, closes);
                if !is_break {
                    break;
                }
                self.is_first_gap = false;
                self.was_empty = true;
                self.column = 0;
                self.line += 1;
                ahead += 1;
                continue;
            }
            let is_dedented = self.column - 1 < self.next_indent;
            if !self.text.is_empty() && is_dedented && self.column != self.start.column {
                self.foot(finder, at);
            }
            if byte != b'#' {
                break;
            }
            self.take_line(finder, at);
            // The line break behind it is not looked at again.
            ahead = 1;
        }
        if !self.text.is_empty() {
            finder.found.push(Comment {
                part: Part::Head,
                text: self.text,
                at: self.start.index,
                start: self.start,
                end: finder.here.index + ahead - 1,
                scan: self.scan,
            });
        }
    }

    fn take_line(&mut self, finder: &mut Finder<'_>, at: usize) {
        if self.text.is_empty() {
            self.start = Place {
                index: at,
                line: self.line,
                column: self.column,
            };
        } else {
            self.text.push('\n');
        }
        self.was_empty = false;
        finder.go_to(at);
        self.text.push_str(&finder.rest_of_line());
        self.column = 0;
        self.line = finder.here.line;
        self.next_indent = finder.indent();
    }

    /// An empty line, or the end of the text or of a flow.
    fn empty_line(&mut self, finder: &mut Finder<'_>, at: usize, closes: bool) {
        if !closes && self.was_empty {
            return;
        }
        let is_dedented = self.start.column == 0 || self.start.column - 1 < self.next_indent;
        let is_below = Some(self.start.line) == self.foot_line && !self.is_after_value;
        if closes || self.is_first_gap && (is_below || is_dedented) {
            if !self.text.is_empty() {
                if is_dedented {
                    // It is not about the token before it.
                    self.at = self.start.index;
                }
                self.foot(finder, at);
            }
        } else if !self.text.is_empty() && at < finder.bytes.len() {
            self.text.push('\n');
        }
    }

    /// What was collected is about what stands above it.
    fn foot(&mut self, finder: &mut Finder<'_>, at: usize) {
        finder.found.push(Comment {
            part: Part::Foot,
            text: std::mem::take(&mut self.text),
            at: self.at,
            start: self.start,
            end: at,
            scan: self.scan,
        });
        self.scan = at;
        self.at = at;
    }
}
