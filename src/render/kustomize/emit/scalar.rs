//! How a text is written: plain, quoted or as a block, and where it is folded.

use super::Writer;
use super::marks::{escape, hints, is_break};
use super::words::is_not_a_string;

/// Texts are folded at the first space after this column.
const WIDTH: usize = 80;

/// The style a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// What stands in a text, as far as it limits the styles.
#[derive(Debug, Default)]
struct Traits {
    indicators: bool,
    line_breaks: bool,
    special: bool,
    leading_space: bool,
    trailing_space: bool,
    edge_break: bool,
    break_space: bool,
    space_break: bool,
}

/// What a text between quotes becomes that is read with next-line characters in it: one is a blank, of several all but the first
/// are line breaks, and the blanks around them go.
fn fold_next_lines(text: &str) -> String {
    let mut parts = text.split('\u{85}').peekable();
    let mut folded = String::with_capacity(text.len());
    let mut is_first = true;
    let mut breaks = 0;
    while let Some(part) = parts.next() {
        let part = if is_first {
            part
        } else {
            part.trim_start_matches(' ')
        };
        is_first = false;
        if !part.is_empty() {
            push_breaks(&mut folded, breaks);
            breaks = 0;
        }
        match parts.peek() {
            Some(_) => {
                folded.push_str(part.trim_end_matches(' '));
                breaks += 1;
            }
            None => folded.push_str(part),
        }
    }
    push_breaks(&mut folded, breaks);
    folded
}

fn push_breaks(text: &mut String, breaks: usize) {
    match breaks {
        0 => {}
        1 => text.push(' '),
        more => text.extend(std::iter::repeat_n('\n', more - 1)),
    }
}

fn is_blank_or_break(c: char) -> bool {
    c == ' ' || c == '\t' || is_break(c)
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && c != '\u{feff}'
}

impl Traits {
    fn of(text: &str) -> Self {
        let mut traits = Self {
            indicators: text.starts_with("---") || text.starts_with("..."),
            ..Self::default()
        };
        let mut after_blank = true;
        let (mut after_space, mut after_break) = (false, false);
        let mut chars = text.chars().peekable();
        let mut first = true;
        while let Some(c) = chars.next() {
            let last = chars.peek().is_none();
            let before_blank = chars.peek().is_none_or(|&next| is_blank_or_break(next));
            traits.indicators |= if first {
                starts_structure(c, before_blank)
            } else {
                (c == ':' && before_blank) || (c == '#' && after_blank)
            };
            traits.special |= !is_printable(c);
            traits.line_breaks |= is_break(c);
            if c == ' ' {
                traits.leading_space |= first;
                traits.trailing_space |= last;
                traits.break_space |= after_break;
            } else if is_break(c) {
                traits.edge_break |= first || last;
                traits.space_break |= after_space;
            }
            (after_space, after_break) = (c == ' ', is_break(c));
            after_blank = is_blank_or_break(c);
            first = false;
        }
        traits
    }

    fn allows(&self, style: Style) -> bool {
        match style {
            Style::Plain => {
                !(self.indicators
                    || self.line_breaks
                    || self.special
                    || self.leading_space
                    || self.trailing_space
                    || self.edge_break)
            }
            Style::Single => !(self.break_space || self.space_break || self.special),
            Style::Literal => !(self.trailing_space || self.space_break || self.special),
            Style::Double => true,
        }
    }
}

/// Whether a first character would start something else than a plain text.
fn starts_structure(c: char, before_blank: bool) -> bool {
    match c {
        '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
        | '@' | '`' => true,
        '?' | ':' | '-' => before_blank,
        _ => false,
    }
}

/// A plain word of safe characters, the usual case.
fn is_simple(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'))
}

/// Whether a value that is this text needs neither quotes nor a block.
pub fn is_plain(text: &str) -> bool {
    choose(text, false) == Style::Plain
}

fn choose(text: &str, as_key: bool) -> Style {
    if as_key && text == "<<" {
        // No object of kustomize has such a key; read back without quotes it would merge.
        return Style::Double;
    }
    if is_simple(text) {
        return if is_not_a_string(text) {
            Style::Double
        } else {
            Style::Plain
        };
    }
    let traits = Traits::of(text);
    let wanted = if text.contains('\n') {
        Style::Literal
    } else if is_not_a_string(text) {
        Style::Double
    } else {
        Style::Plain
    };
    let wanted = if as_key && traits.line_breaks {
        Style::Double
    } else {
        wanted
    };
    match wanted {
        Style::Literal if as_key || !traits.allows(Style::Literal) => Style::Double,
        Style::Plain if traits.allows(Style::Plain) => Style::Plain,
        Style::Plain | Style::Single if traits.allows(Style::Single) => Style::Single,
        Style::Plain | Style::Single => Style::Double,
        style @ (Style::Literal | Style::Double) => style,
    }
}

impl Writer {
    /// Writes a text; continuation lines stand at `indent`. Keys are never folded.
    pub(super) fn text(&mut self, text: &str, indent: usize, as_key: bool) {
        // A next-line character is folded on kustomize's way through JSON.
        let folded;
        let text = if text.contains('\u{85}') {
            folded = fold_next_lines(text);
            &folded
        } else {
            text
        };
        match choose(text, as_key) {
            Style::Plain => self.flow_text(text, indent, as_key, None),
            Style::Single => self.flow_text(text, indent, as_key, Some('\'')),
            Style::Double => self.double_quoted(text, indent, as_key),
            Style::Literal => self.literal(text, indent),
        }
    }

    /// Plain or single-quoted text.
    fn flow_text(&mut self, text: &str, indent: usize, as_key: bool, quote: Option<char>) {
        self.extend(quote);
        if text.is_ascii() && quote.is_none() && (as_key || self.column() + text.len() <= WIDTH) {
            self.out.push_str(text);
            return;
        }
        let (mut spaces, mut breaks) = (false, false);
        let mut chars = text.chars().peekable();
        let mut first = true;
        while let Some(c) = chars.next() {
            if c == ' ' {
                let inside = quote.is_none() || (!first && chars.peek().is_some());
                // The column is counted from the start of the line: it is asked last, and only where a line may end.
                let may_fold = !as_key && !spaces && inside && chars.peek() != Some(&' ');
                let folds = may_fold && self.column() > WIDTH;
                if folds {
                    self.new_line(indent);
                } else {
                    self.out.push(' ');
                }
                spaces = true;
            } else if is_break(c) {
                self.out.push(c);
                breaks = true;
            } else {
                if breaks {
                    self.pad(indent);
                }
                if Some(c) == quote {
                    self.out.push(c);
                }
                self.out.push(c);
                (spaces, breaks) = (false, false);
            }
            first = false;
        }
        self.extend(quote);
    }

    fn double_quoted(&mut self, text: &str, indent: usize, as_key: bool) {
        self.out.push('"');
        // After a byte order mark at the start, kustomize escapes all that follows.
        let escape_all = text.starts_with('\u{feff}');
        let mut spaces = false;
        let mut chars = text.chars().peekable();
        let mut first = true;
        while let Some(c) = chars.next() {
            if escape_all || !is_printable(c) || is_break(c) || c == '"' || c == '\\' {
                escape(c, &mut self.out);
                spaces = false;
            } else if c == ' ' {
                let may_fold = !as_key && !spaces && !first && chars.peek().is_some();
                let folds = may_fold && self.column() > WIDTH;
                if folds {
                    self.new_line(indent);
                    if chars.peek() == Some(&' ') {
                        self.out.push('\\');
                    }
                } else {
                    self.out.push(' ');
                }
                spaces = true;
            } else {
                self.out.push(c);
                spaces = false;
            }
            first = false;
        }
        self.out.push('"');
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.out.push('|');
        self.out.extend(hints(text));
        self.out.push('\n');
        for line in text.split_inclusive(is_break) {
            if !line.starts_with(is_break) {
                self.pad(indent);
            }
            self.out.push_str(line);
        }
        if text.ends_with(is_break) {
            // The caller ends the line.
            self.out.pop();
        }
    }
}
