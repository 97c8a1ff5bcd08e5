//! Items to text as the real program writes them: two blanks, lists at the indent of their key, no folding of long lines.
//!
//! Comments are given to a waiting place and written when their turn comes; some are overtaken by later ones, as in the real
//! program. How single scalars look is decided in `scalar`.

use super::item::{Comments, Document, Item, Kind, Mapping, Tag};
use super::scalar::{self, Looks};
use crate::object::yaml::{Style, plain_tag};
use crate::render::kustomize::emit::marks::is_break;

/// Longer keys are written with `? `.
const LONGEST_KEY: usize = 128;

/// Writes a document.
pub fn document(document: &Document) -> String {
    let mut writer = Writer::new();
    if !document.head.is_empty() {
        writer.waiting.head.clone_from(&document.head);
        writer.head();
        writer.line_break();
    }
    writer.root(&document.root);
    writer.finish(&document.foot)
}

/// Writes one value as if it were a document.
pub fn item(item: &Item) -> String {
    let mut writer = Writer::new();
    writer.root(item);
    writer.finish("")
}

/// What a value is a part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Root,
    BlockList,
    FlowList,
    /// A key or a value; a simple key stands on one line.
    Map {
        is_simple_key: bool,
    },
}

/// What is written for a value besides the value.
struct Dress<'a> {
    tag: &'a str,
    must_quote: bool,
}

pub(super) struct Writer {
    pub(super) out: String,
    pub(super) column: usize,
    /// None before the first collection.
    indent: Option<usize>,
    flow: usize,
    /// The last character was a blank.
    pub(super) whitespace: bool,
    /// Nothing but indicators and blanks on this line.
    pub(super) indention: bool,
    /// An empty line goes before what comes at this indent.
    foot_indent: Option<usize>,
    waiting: Comments,
    tail: String,
    key_line: String,
}

impl Writer {
    fn new() -> Self {
        Self {
            out: String::new(),
            column: 0,
            indent: None,
            flow: 0,
            whitespace: true,
            indention: true,
            foot_indent: None,
            waiting: Comments::default(),
            tail: String::new(),
            key_line: String::new(),
        }
    }

    fn finish(mut self, foot: &str) -> String {
        if !foot.is_empty() {
            foot.clone_into(&mut self.waiting.foot);
        }
        // The document's foot always stands apart.
        self.foot_indent = Some(0);
        self.foot();
        self.foot_indent = None;
        self.indent();
        self.out
    }

    pub(super) fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    pub(super) fn line_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
        self.indention = true;
    }

    /// A line break of a text, whatever kind it is.
    pub(super) fn text_break(&mut self, c: char) {
        if c == '\n' {
            self.line_break();
        } else {
            self.out.push(c);
            self.column = 0;
            self.indention = true;
        }
    }

    pub(super) fn indent(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.indention || self.column > indent || self.column == indent && !self.whitespace {
            self.line_break();
        }
        if self.foot_indent == Some(indent) {
            self.line_break();
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.foot_indent = None;
    }

    pub(super) fn indicator(
        &mut self,
        text: &str,
        needs_blank: bool,
        is_blank: bool,
        is_indention: bool,
    ) {
        if needs_blank && !self.whitespace {
            self.put(' ');
        }
        text.chars().for_each(|c| self.put(c));
        self.whitespace = is_blank;
        self.indention = self.indention && is_indention;
    }

    fn word(&mut self, text: &str) {
        text.chars().for_each(|c| self.put(c));
        self.whitespace = false;
        self.indention = false;
    }

    fn comment(&mut self, text: &str) {
        let mut after_break = false;
        let mut has_mark = false;
        for c in text.chars() {
            if is_break(c) {
                self.text_break(c);
                after_break = true;
                has_mark = false;
                continue;
            }
            if after_break {
                self.indent();
            }
            if !has_mark && c != '#' {
                self.put('#');
                self.put(' ');
            }
            has_mark = true;
            self.put(c);
            self.indention = false;
            after_break = false;
        }
        if !after_break {
            self.line_break();
        }
        self.whitespace = true;
    }

    fn remember_foot(&mut self) {
        self.foot_indent = Some(self.indent.unwrap_or(0));
    }

    fn head(&mut self) {
        if !self.tail.is_empty() {
            self.indent();
            let tail = std::mem::take(&mut self.tail);
            self.comment(&tail);
            self.remember_foot();
        }
        if !self.waiting.head.is_empty() {
            self.indent();
            let head = std::mem::take(&mut self.waiting.head);
            self.comment(&head);
        }
    }

    fn line(&mut self) {
        if self.waiting.line.is_empty() {
            return;
        }
        if !self.whitespace {
            self.put(' ');
        }
        let line = std::mem::take(&mut self.waiting.line);
        self.comment(&line);
    }

    /// The comment behind the mark of a block of text, or the end of that line.
    pub(super) fn line_or_break(&mut self) {
        if self.waiting.line.is_empty() {
            self.line_break();
        } else {
            self.line();
        }
    }

    fn foot(&mut self) {
        if self.waiting.foot.is_empty() {
            return;
        }
        self.indent();
        let foot = std::mem::take(&mut self.waiting.foot);
        self.comment(&foot);
        self.remember_foot();
    }

    fn has_after(&self) -> bool {
        let waiting = &self.waiting;
        !(waiting.line.is_empty() && waiting.foot.is_empty() && self.tail.is_empty())
    }

    /// The comments that come up with a value's beginning, or all of a scalar's.
    fn wait_for_start(&mut self, item: &Item, foot: &str) {
        let Some(comments) = &item.comments else {
            return;
        };
        let give = |to: &mut String, text: &str| {
            if !text.is_empty() {
                text.clone_into(to);
            }
        };
        give(&mut self.waiting.head, &comments.head);
        if matches!(item.kind, Kind::Scalar { .. } | Kind::Alias(_)) {
            give(&mut self.waiting.line, &comments.line);
            give(&mut self.waiting.foot, foot);
        }
    }

    /// The comments that come up with a collection's end.
    fn wait_for_end(&mut self, item: &Item, foot: &str) {
        if let Some(comments) = &item.comments {
            if !comments.line.is_empty() {
                self.waiting.line.clone_from(&comments.line);
            }
            if !foot.is_empty() {
                foot.clone_into(&mut self.waiting.foot);
            }
        }
    }

    fn root(&mut self, item: &Item) {
        self.wait_for_start(item, item.foot());
        self.head();
        self.value(item, Within::Root);
    }

    /// A value with the comments that wait for it. In a flow a comma goes before them: whether one did.
    fn value(&mut self, item: &Item, within: Within) -> bool {
        let has_comma = self.flow > 0 && self.has_after();
        self.start(item, within);
        if has_comma {
            self.indicator(",", false, false, false);
        }
        self.line();
        self.foot();
        self.rest(item, within, item.foot());
        has_comma
    }

    /// What of a value stands before its parts; all of it, where it has none.
    fn start(&mut self, item: &Item, within: Within) {
        if let Kind::Alias(name) = &item.kind {
            self.indicator("*", true, false, false);
            self.word(name);
            return;
        }
        let dress = dress(item);
        if let Kind::Scalar { text, style } = &item.kind {
            return self.scalar(item, text, *style, &dress, within);
        }
        self.properties(item, dress.tag);
    }

    fn properties(&mut self, item: &Item, tag: &str) {
        if let Some(anchor) = &item.anchor {
            self.indicator("&", true, false, false);
            self.word(anchor);
        }
        if tag.is_empty() {
            return;
        }
        if let Some(suffix) = tag.strip_prefix("!!") {
            // Long tags are found by their first letter: `!!x` is one, `!x` is not.
            self.tag("!!", suffix);
        } else if let Some(suffix) = tag.strip_prefix('!') {
            self.tag("!", suffix);
        } else {
            self.indicator("!<", true, false, false);
            self.tag_text(tag);
            self.indicator(">", false, false, false);
        }
    }

    fn tag(&mut self, handle: &str, suffix: &str) {
        if !self.whitespace {
            self.put(' ');
        }
        self.word(handle);
        self.tag_text(suffix);
    }

    fn tag_text(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_ascii_alphanumeric() || "-;/?:@&=+$,_.~*'()[]".contains(c) {
                self.put(c);
                continue;
            }
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                format!("%{byte:02X}").chars().for_each(|c| self.put(c));
            }
        }
        self.whitespace = false;
        self.indention = false;
    }

    fn scalar(&mut self, item: &Item, text: &str, style: Style, dress: &Dress<'_>, within: Within) {
        let looks = Looks::of(text);
        let is_simple_key = within
            == Within::Map {
                is_simple_key: true,
            };
        let style = match style {
            Style::Plain if text.contains('\n') => Style::Literal,
            Style::Plain if dress.must_quote => Style::DoubleQuoted,
            style => style,
        };
        let style = looks.style(style, self.flow > 0, is_simple_key, text.is_empty());
        self.properties(item, dress.tag);
        let outer = self.deeper(true, within, false);
        match style {
            Style::Plain => scalar::plain(self, text),
            Style::SingleQuoted => scalar::single_quoted(self, text),
            Style::DoubleQuoted => scalar::double_quoted(self, text),
            Style::Literal => scalar::literal(self, text),
            Style::Folded => scalar::folded(self, text),
        }
        self.indent = outer;
    }

    /// Indents what is in a value, and returns the indent before.
    fn deeper(&mut self, is_flow: bool, within: Within, is_compact: bool) -> Option<usize> {
        let outer = self.indent;
        self.indent = Some(match outer {
            None if is_flow => 2,
            None => 0,
            Some(indent) if within == Within::BlockList => indent + 2,
            Some(indent) => 2 * ((indent + 2) / 2) - if is_compact { 2 } else { 0 },
        });
        outer
    }

    /// The parts of a collection, and its end.
    fn rest(&mut self, item: &Item, within: Within, foot: &str) {
        match &item.kind {
            Kind::Scalar { .. } | Kind::Alias(_) => {}
            Kind::Sequence { items, is_flow } => {
                if self.flow > 0 || *is_flow || items.is_empty() {
                    self.flow_list(item, items, within, foot);
                } else {
                    self.block_list(item, items, within, foot);
                }
            }
            Kind::Mapping(map) => {
                if self.flow > 0 || map.is_flow || map.entries.is_empty() {
                    self.flow_map(item, map, within, foot);
                } else {
                    self.block_map(item, map, within, foot);
                }
            }
        }
    }

    fn block_list(&mut self, list: &Item, items: &[Item], within: Within, foot: &str) {
        let is_value = matches!(within, Within::Map { .. });
        let is_compact = is_value && (self.column == 0 || !self.indention);
        let outer = self.deeper(false, within, is_compact);
        for item in items {
            self.wait_for_start(item, item.foot());
            self.head();
            self.indent();
            self.indicator("-", true, false, true);
            self.value(item, Within::BlockList);
        }
        self.wait_for_end(list, foot);
        self.indent = outer;
    }

    fn flow_list(&mut self, list: &Item, items: &[Item], within: Within, foot: &str) {
        self.indicator("[", true, true, false);
        let outer = self.deeper(true, within, false);
        self.flow += 1;
        let mut has_comma = true;
        for item in items {
            self.wait_for_start(item, item.foot());
            if !has_comma {
                self.indicator(",", false, false, false);
            }
            self.head();
            if self.column == 0 {
                self.indent();
            }
            has_comma = self.value(item, Within::FlowList);
        }
        self.wait_for_end(list, foot);
        self.flow -= 1;
        self.indent = outer;
        if self.column == 0 {
            self.indent();
        }
        self.indicator("]", false, false, false);
        self.line();
        self.foot();
    }

    /// A key's foot comes after its value, before the next key.
    fn wait_for_key(&mut self, key: &Item, tail: &str) {
        self.wait_for_start(key, "");
        let is_passed_on = matches!(key.kind, Kind::Scalar { .. } | Kind::Mapping(_));
        if is_passed_on && !tail.is_empty() {
            tail.clone_into(&mut self.tail);
        }
    }

    fn block_map(&mut self, item: &Item, map: &Mapping, within: Within, foot: &str) {
        let outer = self.deeper(false, within, false);
        let mut tail = "";
        for (key, value) in &map.entries {
            self.wait_for_key(key, tail);
            tail = key.foot();
            self.head();
            self.indent();
            if !self.waiting.line.is_empty() {
                self.key_line = std::mem::take(&mut self.waiting.line);
            }
            let is_simple = is_simple_key(key);
            self.key(key, is_simple);
            self.wait_for_start(value, value.foot());
            if is_simple {
                self.indicator(":", false, false, false);
            } else {
                self.indent();
                self.indicator(":", true, false, true);
            }
            self.key_comment(value);
            self.value(value, VALUE);
        }
        self.wait_for_end(item, foot);
        if !tail.is_empty() {
            tail.clone_into(&mut self.tail);
        }
        self.head();
        self.indent = outer;
    }

    fn key(&mut self, key: &Item, is_simple_key: bool) {
        if !is_simple_key {
            let is_block = self.flow == 0;
            self.indicator("?", true, false, is_block);
        }
        let within = Within::Map { is_simple_key };
        self.start(key, within);
        self.rest(key, within, "");
    }

    /// A comment behind `key:` goes behind a scalar, or before a block.
    fn key_comment(&mut self, value: &Item) {
        if self.key_line.is_empty() {
            return;
        }
        match &value.kind {
            Kind::Scalar { .. } if self.waiting.line.is_empty() => {
                self.waiting.line = std::mem::take(&mut self.key_line);
            }
            Kind::Sequence { is_flow: false, .. }
            | Kind::Mapping(Mapping { is_flow: false, .. }) => {
                std::mem::swap(&mut self.waiting.line, &mut self.key_line);
                self.line();
                std::mem::swap(&mut self.waiting.line, &mut self.key_line);
            }
            Kind::Scalar { .. } | Kind::Alias(_) | Kind::Sequence { .. } | Kind::Mapping(_) => {}
        }
    }

    fn flow_map(&mut self, item: &Item, map: &Mapping, within: Within, foot: &str) {
        self.indicator("{", true, true, false);
        let outer = self.deeper(true, within, false);
        self.flow += 1;
        let mut has_comma = true;
        let mut tail = "";
        for (key, value) in &map.entries {
            self.wait_for_key(key, tail);
            tail = key.foot();
            if !has_comma {
                self.indicator(",", false, false, false);
            }
            self.head();
            if self.column == 0 {
                self.indent();
            }
            let is_simple = is_simple_key(key);
            self.key(key, is_simple);
            self.wait_for_start(value, value.foot());
            self.indicator(":", !is_simple, false, false);
            has_comma = self.value(value, VALUE);
        }
        self.wait_for_end(item, foot);
        if !tail.is_empty() {
            tail.clone_into(&mut self.tail);
        }
        let waits =
            !(self.waiting.head.is_empty() && self.waiting.foot.is_empty() && self.tail.is_empty());
        if waits && !has_comma {
            self.indicator(",", false, false, false);
        }
        self.head();
        self.flow -= 1;
        self.indent = outer;
        self.indicator("}", false, false, false);
        self.line();
        self.foot();
    }
}

const VALUE: Within = Within::Map {
    is_simple_key: false,
};

/// Which tag is written, and whether quotes must stand for it.
fn dress(item: &Item) -> Dress<'_> {
    let tag = item.tag.name();
    let is_written = matches!(item.tag, Tag::Written(_));
    let (is_known, must_quote) = match &item.kind {
        _ if is_written => (false, false),
        Kind::Scalar { style, .. } if tag == "!!str" && *style != Style::Plain => (true, false),
        Kind::Scalar { .. } if tag.is_empty() => (true, false),
        Kind::Scalar { text, .. } => {
            // The real program does not take `<<` for what it is when it writes it.
            let is_read_so = plain_tag(text) == tag;
            (is_read_so || tag == "!!str", tag == "!!str" && !is_read_so)
        }
        Kind::Sequence { .. } => (tag == "!!seq", false),
        Kind::Mapping(_) => (tag == "!!map", false),
        Kind::Alias(_) => (true, false),
    };
    Dress {
        tag: if is_known { "" } else { tag },
        must_quote,
    }
}

fn is_simple_key(key: &Item) -> bool {
    let anchor = key.anchor.as_ref().map_or(0, |anchor| anchor.len());
    let tag = || dress(key).tag.len();
    let length = match &key.kind {
        Kind::Alias(name) => name.len(),
        Kind::Scalar { text, .. } if text.chars().any(is_break) => return false,
        Kind::Scalar { text, .. } => anchor + tag() + text.len(),
        Kind::Sequence { items, .. } if items.is_empty() => anchor + tag(),
        Kind::Mapping(map) if map.entries.is_empty() => anchor + tag(),
        Kind::Sequence { .. } | Kind::Mapping(_) => return false,
    };
    length <= LONGEST_KEY
}
