//! How a single scalar is written: which style its text allows, and its escapes and line breaks in that style.

use super::write::Writer;
use crate::object::yaml::Style;
use crate::render::kustomize::emit::marks::{escape, hints, is_break};

/// What a text allows.
#[derive(Debug, Clone, Copy)]
pub struct Looks {
    is_multiline: bool,
    flow_plain: bool,
    block_plain: bool,
    single_quoted: bool,
    block: bool,
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

/// Nothing beyond the first plane is printable to the real program.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// Which kinds of blanks follow each other where.
#[derive(Default)]
struct Blanks {
    at_start: bool,
    space_at_end: bool,
    break_at_end: bool,
    break_space: bool,
    space_break: bool,
}

impl Looks {
    pub fn of(text: &str) -> Self {
        if text.is_empty() {
            return Self {
                is_multiline: false,
                flow_plain: false,
                block_plain: true,
                single_quoted: true,
                block: false,
            };
        }
        let (in_flow, in_block) = indicators(text);
        let blanks = Blanks::of(text);
        let has_tabs = text.contains('\t');
        let is_special = text.chars().any(|c| c != '\t' && !is_printable(c));
        let is_multiline = text.chars().any(is_break);
        let is_framed = blanks.at_start || blanks.space_at_end || blanks.break_at_end;
        let needs_escapes = blanks.space_break || has_tabs || is_special;
        let plain = !(is_framed || blanks.break_space || needs_escapes || is_multiline);
        Self {
            is_multiline,
            flow_plain: plain && !in_flow,
            block_plain: plain && !in_block,
            single_quoted: !(blanks.break_space || needs_escapes),
            block: !(blanks.space_at_end || blanks.space_break || is_special),
        }
    }

    /// The style nearest to the wanted one.
    pub fn style(self, wanted: Style, in_flow: bool, is_key: bool, is_empty: bool) -> Style {
        let mut style = wanted;
        if is_key && self.is_multiline {
            style = Style::DoubleQuoted;
        }
        let plain = if in_flow {
            self.flow_plain
        } else {
            self.block_plain
        };
        if style == Style::Plain && (!plain || is_empty && (in_flow || is_key)) {
            style = Style::SingleQuoted;
        }
        if style == Style::SingleQuoted && !self.single_quoted {
            style = Style::DoubleQuoted;
        }
        let is_block = matches!(style, Style::Literal | Style::Folded);
        if is_block && (!self.block || in_flow || is_key) {
            style = Style::DoubleQuoted;
        }
        style
    }
}

impl Blanks {
    fn of(text: &str) -> Self {
        let mut found = Self::default();
        let (mut after_space, mut after_break) = (false, false);
        for (at, c) in text.char_indices() {
            let is_last = at + c.len_utf8() == text.len();
            let (is_space, is_break) = (c == ' ', is_break(c));
            found.at_start |= at == 0 && (is_space || is_break);
            found.space_at_end |= is_last && is_space;
            found.break_at_end |= is_last && is_break;
            found.break_space |= is_space && after_break;
            found.space_break |= is_break && after_space;
            (after_space, after_break) = (is_space, is_break);
        }
        found
    }
}

/// Whether a text holds what means something in a flow, and outside of one.
fn indicators(text: &str) -> (bool, bool) {
    let mut flow = text.starts_with("---") || text.starts_with("...");
    let mut block = flow;
    let mut after_blank = true;
    let mut chars = text.chars().peekable();
    let mut is_first = true;
    while let Some(c) = chars.next() {
        let before_blank = chars.peek().is_none_or(|c| is_blank(*c));
        match c {
            '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
            | '@' | '`'
                if is_first =>
            {
                (flow, block) = (true, true);
            }
            '-' if is_first && before_blank => (flow, block) = (true, true),
            '?' if is_first => {
                flow = true;
                block |= before_blank;
            }
            ',' | '?' | '[' | ']' | '{' | '}' => flow = true,
            ':' => {
                flow = true;
                block |= before_blank;
            }
            '#' if after_blank => (flow, block) = (true, true),
            _ => {}
        }
        after_blank = is_blank(c) || is_break(c);
        is_first = false;
    }
    (flow, block)
}

pub(super) fn plain(writer: &mut Writer, text: &str) {
    if !text.is_empty() && !writer.whitespace {
        writer.put(' ');
    }
    broken(writer, text, false);
    if !text.is_empty() {
        writer.whitespace = false;
    }
    writer.indention = false;
}

pub(super) fn single_quoted(writer: &mut Writer, text: &str) {
    writer.indicator("'", true, false, false);
    broken(writer, text, true);
    writer.indicator("'", false, false, false);
    writer.whitespace = false;
    writer.indention = false;
}

/// Text in which a line break is an empty line.
fn broken(writer: &mut Writer, text: &str, is_quoted: bool) {
    let mut after_break = false;
    for c in text.chars() {
        if c == ' ' {
            writer.put(c);
            continue;
        }
        if is_break(c) {
            if !after_break && c == '\n' {
                writer.line_break();
            }
            writer.text_break(c);
            after_break = true;
            continue;
        }
        if after_break {
            writer.indent();
        }
        if is_quoted && c == '\'' {
            writer.put('\'');
        }
        writer.put(c);
        writer.indention = false;
        after_break = false;
    }
}

pub(super) fn double_quoted(writer: &mut Writer, text: &str) {
    writer.indicator("\"", true, false, false);
    for c in text.chars() {
        if is_printable(c) && !is_break(c) && !matches!(c, '"' | '\\') {
            writer.put(c);
            continue;
        }
        let start = writer.out.len();
        escape(c, &mut writer.out);
        writer.column += writer.out.len() - start;
    }
    writer.indicator("\"", false, false, false);
    writer.whitespace = false;
    writer.indention = false;
}

/// The mark of a block of text, up to the end of its line.
fn mark(writer: &mut Writer, mark: &str, text: &str) {
    writer.indicator(mark, true, false, false);
    hints(text).for_each(|hint| writer.put(hint));
    writer.line_or_break();
    writer.whitespace = true;
}

pub(super) fn literal(writer: &mut Writer, text: &str) {
    mark(writer, "|", text);
    let mut after_break = true;
    for c in text.chars() {
        if is_break(c) {
            writer.text_break(c);
            after_break = true;
            continue;
        }
        if after_break {
            writer.indent();
        }
        writer.put(c);
        writer.indention = false;
        after_break = false;
    }
}

pub(super) fn folded(writer: &mut Writer, text: &str) {
    mark(writer, ">", text);
    // The real program looks at the beginning of the text for what follows a break.
    let first = text.chars().find(|c| !is_break(*c));
    let starts_in_text = first.is_some_and(|c| !is_blank(c));
    let (mut after_break, mut is_indented) = (true, true);
    for c in text.chars() {
        if is_break(c) {
            if !after_break && !is_indented && c == '\n' && starts_in_text {
                writer.line_break();
            }
            writer.text_break(c);
            after_break = true;
            continue;
        }
        if after_break {
            writer.indent();
            is_indented = is_blank(c);
        }
        writer.put(c);
        writer.indention = false;
        after_break = false;
    }
}
