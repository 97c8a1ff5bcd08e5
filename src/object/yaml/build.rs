//! Events of the YAML scanner to trees of nodes, under a budget.
//!
//! Built with a stack of its own, never by recursion: depth is checked before anything deep exists.

use std::collections::HashMap;
use std::panic::{self, AssertUnwindSafe};

use libyaml_safer::{Encoding, Event, EventData, Mark, Parser, ScalarStyle};

use super::parse::{Limits, Parsed, Warning};
use super::repeated::repeated;
use super::text::Chunks;
use super::{Node, NodeKind, Scalar, Style};
use crate::error::{Error, Result};

/// Nodes that aliases may always add, however small the file is.
const FREE_ALIAS_NODES: usize = 100_000;
/// Bytes of text that aliases may always add.
const FREE_ALIAS_BYTES: usize = 4 << 20;

pub(super) struct Builder<'a> {
    file: &'a str,
    limits: &'a Limits,
    parser: Parser<Chunks<'a>>,
    ending: Ending,
    /// Where the last event began, for the one error that has no place of its own.
    last: Mark,
    /// Without any `*` in the text no anchor is ever used and none is kept.
    has_aliases: bool,
    /// Open collections, outermost first.
    open: Vec<Open>,
    anchors: HashMap<String, Anchor>,
    parsed: Parsed,
    file_bytes: usize,
    nodes: usize,
    alias_nodes: usize,
    alias_bytes: usize,
}

/// How far a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    Document,
    End,
}

/// A collection whose end has not come yet.
struct Open {
    node: Node,
    anchor: Option<String>,
    /// The key that waits for its value.
    key: Option<Node>,
}

/// What an alias stands for, and what a copy costs.
struct Anchor {
    node: Node,
    cost: Cost,
}

#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    nodes: usize,
    bytes: usize,
    depth: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn new(text: &'a str, file: &'a str, limits: &'a Limits) -> Self {
        let mut parser = Parser::new();
        // It is UTF-8 whatever the first byte; left to guess, the scanner takes many a character for half a mark.
        parser.set_encoding(Encoding::Utf8);
        let (text, ending) = Ending::of(text);
        parser.set_input(Chunks::new(text, ending != Ending::AsWritten));
        Self {
            file,
            limits,
            parser,
            ending,
            last: Mark::default(),
            has_aliases: text.contains('*'),
            open: Vec::new(),
            anchors: HashMap::new(),
            parsed: Parsed::default(),
            file_bytes: text.len(),
            nodes: 0,
            alias_nodes: 0,
            alias_bytes: 0,
        }
    }

    pub(super) fn run(mut self) -> Result<Parsed> {
        self.read(Until::End)?;
        Ok(self.parsed)
    }

    /// The first document, and the line in which more follows.
    pub(super) fn run_first(mut self) -> Result<(Parsed, Option<u32>)> {
        if self.read(Until::Document)? == Until::End {
            return Ok((self.parsed, None));
        }
        let last = self.last;
        let rest = match self.next() {
            Ok(event) if matches!(event.data, EventData::StreamEnd) => None,
            Ok(event) => Some(line(event.start_mark)),
            Err(error) => Some(error.location().map_or(line(last), |at| at.line)),
        };
        Ok((self.parsed, rest))
    }

    /// Says how far it came.
    fn read(&mut self, until: Until) -> Result<Until> {
        let mut documents = 0;
        loop {
            let event = self.next()?;
            let at = event.start_mark;
            match event.data {
                EventData::StreamStart { .. } => {}
                EventData::StreamEnd => return Ok(Until::End),
                EventData::DocumentEnd { .. } if until == Until::Document => return Ok(until),
                EventData::DocumentStart { .. } => {
                    documents += 1;
                    if documents > self.limits.documents {
                        let most = self.limits.documents;
                        return Err(self.error(format!("more than {most} documents"), at));
                    }
                    self.anchors.clear();
                }
                EventData::DocumentEnd { .. } => {}
                EventData::Alias { anchor } => {
                    let node = self.expand(&anchor, at)?;
                    self.place(node, at)?;
                }
                EventData::Scalar {
                    anchor,
                    tag,
                    value: mut text,
                    style,
                    ..
                } => {
                    let style = scalar_style(style);
                    self.drop_added_newline(&mut text, style, event.end_mark);
                    let kind = NodeKind::Scalar(Scalar { text, style });
                    self.count_node(tag.as_deref(), at)?;
                    self.finish(node(kind, tag, at), anchor, at)?;
                }
                EventData::SequenceStart { anchor, tag, .. } => {
                    self.start(node(NodeKind::Sequence(Vec::new()), tag, at), anchor, at)?;
                }
                EventData::MappingStart { anchor, tag, .. } => {
                    self.start(node(NodeKind::Mapping(Vec::new()), tag, at), anchor, at)?;
                }
                EventData::SequenceEnd | EventData::MappingEnd => self.end(at)?,
            }
        }
    }

    /// A `%TAG` line can make every short tag long.
    fn charge_tag(&mut self, tag: Option<&str>, at: Mark) -> Result<()> {
        /// As long as `!!timestamp` in full, and then some.
        const ORDINARY: usize = 64;
        match tag {
            Some(tag) if tag.len() > ORDINARY => {
                let bytes = tag.len();
                self.charge(
                    Cost {
                        bytes,
                        ..Cost::default()
                    },
                    at,
                )
            }
            Some(_) | None => Ok(()),
        }
    }

    fn next(&mut self) -> Result<Event> {
        // The scanner panics on a few malformed inputs (a tag right before a comma); that must stay this file's error.
        let next = panic::catch_unwind(AssertUnwindSafe(|| self.parser.parse()));
        match next {
            Ok(Ok(event)) => {
                self.last = event.start_mark;
                Ok(event)
            }
            Ok(Err(error)) => Err(syntax(&error, self.file)),
            Err(_) => Err(self.error("not valid YAML: it cannot be read on from here", self.last)),
        }
    }

    /// Takes back the newline that only the scanner needed (see [`Ending`]).
    fn drop_added_newline(&self, text: &mut String, style: Style, end: Mark) {
        let is_block = matches!(style, Style::Literal | Style::Folded);
        if !is_block || end.index <= self.file_bytes as u64 {
            return;
        }
        let drops = match self.ending {
            Ending::AsWritten => false,
            Ending::Added => true,
            Ending::AddedAfterBlanks => has_last_line(text),
        };
        if drops && text.ends_with('\n') {
            text.pop();
        }
    }

    fn start(&mut self, node: Node, anchor: Option<String>, at: Mark) -> Result<()> {
        self.count_node(node.tag.as_deref(), at)?;
        if self.open.len() >= self.limits.depth {
            let most = self.limits.depth;
            return Err(self.error(format!("nested deeper than {most} levels"), at));
        }
        self.open.push(Open {
            node,
            anchor,
            key: None,
        });
        Ok(())
    }

    fn end(&mut self, at: Mark) -> Result<()> {
        let Some(open) = self.open.pop() else {
            return Err(self.error("a collection ends that did not start", at));
        };
        if let NodeKind::Mapping(entries) = &open.node.kind {
            warn_repeated(entries, &mut self.parsed.warnings);
        }
        self.finish(open.node, open.anchor, at)
    }

    /// Takes a complete node: remembers it under its anchor and puts it where it belongs.
    fn finish(&mut self, node: Node, anchor: Option<String>, at: Mark) -> Result<()> {
        if let Some(anchor) = anchor
            && self.has_aliases
        {
            let cost = cost(&node);
            self.charge(cost, at)?;
            let node = node.clone();
            self.anchors.insert(anchor, Anchor { node, cost });
        }
        self.place(node, at)
    }

    fn place(&mut self, node: Node, at: Mark) -> Result<()> {
        let Some(open) = self.open.last_mut() else {
            if !is_empty_document(&node) {
                self.parsed.documents.push(node);
            }
            return Ok(());
        };
        match (&mut open.node.kind, open.key.take()) {
            (NodeKind::Sequence(items), _) => items.push(node),
            (NodeKind::Mapping(entries), Some(key)) => entries.push((key, node)),
            (NodeKind::Mapping(_), None) => open.key = Some(node),
            (NodeKind::Scalar(_), _) => {
                return Err(self.error("a value inside a scalar", at));
            }
        }
        Ok(())
    }

    fn expand(&mut self, name: &str, at: Mark) -> Result<Node> {
        let Some(anchor) = self.anchors.get(name) else {
            let within = self
                .open
                .iter()
                .any(|open| open.anchor.as_deref() == Some(name));
            // No name: a value that starts with `*` and was not quoted looks like an alias.
            return Err(if within {
                self.error("an anchor contains itself", at)
            } else {
                self.error("unknown anchor", at)
                    .hint("quote a value that starts with `*`")
            });
        };
        let cost = anchor.cost;
        if self.open.len() + cost.depth > self.limits.depth {
            let most = self.limits.depth;
            let message = format!("an alias nests deeper than {most} levels");
            return Err(self.error(message, at));
        }
        self.charge(cost, at)?;
        Ok(self.anchors[name].node.clone())
    }

    /// Pays for a copy before it is made.
    fn charge(&mut self, cost: Cost, at: Mark) -> Result<()> {
        self.alias_nodes = self.alias_nodes.saturating_add(cost.nodes);
        self.alias_bytes = self.alias_bytes.saturating_add(cost.bytes);
        let factor = self.limits.alias_factor;
        let nodes = FREE_ALIAS_NODES.max(self.nodes.saturating_mul(factor));
        let bytes = FREE_ALIAS_BYTES.max(self.file_bytes.saturating_mul(factor));
        let too_many = self.nodes.saturating_add(self.alias_nodes) > self.limits.nodes;
        let too_long = self.alias_bytes > bytes.min(4 * self.limits.file_bytes);
        if too_many || self.alias_nodes > nodes || too_long {
            return Err(self
                .error("aliases or tags expand to far more than the file holds", at)
                .hint("write the repeated parts out, or split the file"));
        }
        Ok(())
    }

    fn count_node(&mut self, tag: Option<&str>, at: Mark) -> Result<()> {
        self.charge_tag(tag, at)?;
        self.nodes += 1;
        if self.nodes.saturating_add(self.alias_nodes) > self.limits.nodes {
            let most = self.limits.nodes;
            return Err(self
                .error(format!("more than {most} values in one file"), at)
                .hint("split the file"));
        }
        Ok(())
    }

    fn error(&self, message: impl Into<String>, at: Mark) -> Error {
        Error::render(message).at(self.file, line(at), column(at))
    }
}

/// How the text ends. The scanner panics where a block scalar ends without a newline, so it always gets one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    AsWritten,
    Added,
    /// The last line has only blanks, which may still belong to a block scalar.
    AddedAfterBlanks,
}

impl Ending {
    /// The text to scan, and whether a newline must follow it.
    pub(super) fn of(text: &str) -> (&str, Self) {
        let trimmed = text.trim_end_matches(' ');
        match trimmed.chars().next_back() {
            None => (trimmed, Self::AsWritten),
            Some('\n' | '\r') if trimmed.len() == text.len() => (text, Self::AsWritten),
            Some('\n' | '\r') => (text, Self::AddedAfterBlanks),
            Some(_) => (text, Self::Added),
        }
    }
}

/// Whether a block scalar took a last line of blanks with the newline behind it: as a line that is indented further, or as one
/// more break at its end.
fn has_last_line(text: &str) -> bool {
    let above = text.strip_suffix('\n').unwrap_or(text);
    let last = &above[above.rfind('\n').map_or(0, |at| at + 1)..];
    last.bytes().all(|byte| byte == b' ')
}

fn line(mark: Mark) -> u32 {
    u32::try_from(mark.line + 1).unwrap_or(u32::MAX)
}

fn column(mark: Mark) -> u32 {
    u32::try_from(mark.column + 1).unwrap_or(u32::MAX)
}

fn node(kind: NodeKind, tag: Option<String>, at: Mark) -> Node {
    Node {
        kind,
        tag,
        line: line(at),
        column: column(at),
    }
}

pub(super) fn scalar_style(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
        _ => Style::Plain,
    }
}

/// The scanner's complaint in our words, at the place it happened.
fn syntax(error: &libyaml_safer::Error, file: &str) -> Error {
    let mut message = format!("not valid YAML: {}", error.problem());
    if let Some(context) = error.context() {
        message.push(' ');
        message.push_str(context);
        if let (Some(begin), Some(end)) = (error.context_mark(), error.problem_mark())
            && begin.line != end.line
        {
            message.push_str(&format!(" that begins in line {}", line(begin)));
        }
    }
    match error.problem_mark() {
        Some(mark) => Error::render(message).at(file, line(mark), column(mark)),
        None => Error::render(message).at(file, 0, 0),
    }
}

/// Empty, comment-only and `null` documents say nothing.
fn is_empty_document(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Scalar(scalar) => {
            scalar.style == Style::Plain
                && node.tag.is_none()
                && matches!(&*scalar.text, "" | "~" | "null" | "Null" | "NULL")
        }
        NodeKind::Sequence(_) | NodeKind::Mapping(_) => false,
    }
}

fn cost(node: &Node) -> Cost {
    let mut total = Cost {
        nodes: 1,
        bytes: node.tag.as_ref().map_or(0, String::len),
        depth: 0,
    };
    let mut add = |child: &Node| {
        let child = cost(child);
        total.nodes += child.nodes;
        total.bytes += child.bytes;
        total.depth = total.depth.max(child.depth);
    };
    match &node.kind {
        NodeKind::Scalar(scalar) => total.bytes += scalar.text.len(),
        NodeKind::Sequence(items) => {
            items.iter().for_each(&mut add);
            total.depth += 1;
        }
        NodeKind::Mapping(entries) => {
            for (key, value) in entries {
                add(key);
                add(value);
            }
            total.depth += 1;
        }
    }
    total
}

/// Warns of keys that stand twice in one mapping.
fn warn_repeated(entries: &[(Node, Node)], warnings: &mut Vec<Warning>) {
    for (first, again) in repeated(entries) {
        let text = again.text().unwrap_or_default();
        warnings.push(Warning {
            message: format!(
                "key `{text}` stands twice, in lines {} and {}: the last one counts",
                first.line, again.line
            ),
            line: again.line,
            column: again.column,
        });
    }
}
