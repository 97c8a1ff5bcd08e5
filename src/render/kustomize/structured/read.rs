//! Tokens and comments to a document.
//!
//! Comments wait until the token they belong to is looked at; the next value that takes comments gets all that came up until
//! then. Blocks take none: what stands above them belongs to their first value.

use std::collections::HashSet;

use super::comments::{self, Comment, Part};
use super::item::{Comments, Document, Item, Kind, Mapping, Tag, short};
use crate::object::yaml::{Limits, Style, TAGS, Token, TokenKind, plain_tag, tokens};

/// What short tags may grow to: a `%TAG` line can make every one of them long.
const TAG_BYTES: usize = 16 << 20;

/// The first document of a text.
#[derive(Debug)]
pub enum Text {
    Document(Box<Document>),
    /// Nothing, or comments alone.
    Empty,
}

/// Reads a text's first document; nothing for a text that is no YAML.
pub fn read(text: &str) -> Option<Text> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = tokens(text, &Limits::default())?;
    let comments = comments::find(text, &mut found.tokens);
    let mut reader = Reader {
        tokens: found.tokens,
        is_complete: found.is_complete,
        next: 0,
        comments: comments.into_iter().peekable(),
        waiting: Comments::default(),
        stem: None,
        anchors: HashSet::new(),
        tags: vec![
            ("!".to_owned(), "!".to_owned()),
            ("!!".to_owned(), TAGS.to_owned()),
        ],
        tag_bytes: 0,
    };
    reader.document()
}

struct Reader {
    tokens: Vec<Token>,
    is_complete: bool,
    next: usize,
    comments: std::iter::Peekable<std::vec::IntoIter<Comment>>,
    /// Comments that came up and have no value yet.
    waiting: Comments,
    /// The head of a block that is an item of a list.
    stem: Option<String>,
    anchors: HashSet<String>,
    /// `%TAG` lines: short and long.
    tags: Vec<(String, String)>,
    tag_bytes: usize,
}

/// What may stand before a value.
#[derive(Default)]
struct Properties {
    anchor: Option<String>,
    tag: Option<String>,
}

/// Where a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Flow,
    Block,
    /// A list need not be indented here.
    BlockValue,
}

fn add(to: &mut String, text: &str) {
    if !to.is_empty() {
        to.push('\n');
    }
    to.push_str(text);
}

fn empty() -> Item {
    let (text, style) = (String::new(), Style::Plain);
    Item::new(Kind::Scalar { text, style }, Tag::Read("!!null"))
}

impl Reader {
    /// The next token; its comments come up. The real program has two more in hand by then and fails with them.
    fn peek(&mut self) -> Option<&TokenKind> {
        if !self.is_complete && self.next + 2 >= self.tokens.len() {
            return None;
        }
        let token = self.tokens.get(self.next)?;
        while let Some(comment) = self.comments.next_if(|comment| {
            let is_kept = comment.part == Part::Head && token.kind == TokenKind::BlockEnd;
            comment.at <= token.start.index && !is_kept
        }) {
            match comment.part {
                Part::Head => add(&mut self.waiting.head, &comment.text),
                Part::Line => add(&mut self.waiting.line, &comment.text),
                Part::Foot => add(&mut self.waiting.foot, &comment.text),
            }
        }
        Some(&token.kind)
    }

    fn is_at(&mut self, kinds: &[TokenKind]) -> Option<bool> {
        self.peek().map(|next| kinds.contains(next))
    }

    fn skip(&mut self) {
        self.next += 1;
    }

    fn take_comments(&mut self) -> Comments {
        self.stem = None;
        std::mem::take(&mut self.waiting)
    }

    fn document(&mut self) -> Option<Text> {
        if *self.peek()? != TokenKind::StreamStart {
            return None;
        }
        self.skip();
        let mut head = String::new();
        let mut is_marked = true;
        match self.peek()? {
            TokenKind::StreamEnd => return Some(Text::Empty),
            TokenKind::Version | TokenKind::TagDirective { .. } | TokenKind::DocumentStart => {
                self.directives()?;
            }
            _ => {
                head = self.document_head();
                is_marked = false;
            }
        }
        let ends = [
            TokenKind::DocumentStart,
            TokenKind::DocumentEnd,
            TokenKind::StreamEnd,
            TokenKind::Version,
        ];
        let is_empty = match self.peek()? {
            TokenKind::TagDirective { .. } => true,
            kind => ends.contains(kind),
        };
        let root = if is_empty && is_marked {
            empty()
        } else {
            self.value(Where::Block)?
        };
        self.peek()?;
        let mut last = self.take_comments();
        if last.foot.is_empty() {
            last.foot = last.head;
        }
        let foot = last.foot;
        Some(Text::Document(Box::new(Document { root, head, foot })))
    }

    fn directives(&mut self) -> Option<()> {
        loop {
            match self.peek()? {
                TokenKind::Version => self.skip(),
                TokenKind::TagDirective { handle, prefix } => {
                    let tag = (handle.clone(), prefix.clone());
                    self.tags.insert(0, tag);
                    self.skip();
                }
                TokenKind::DocumentStart => {
                    self.skip();
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    /// Comments at the top up to their last empty line are about the whole document.
    fn document_head(&mut self) -> String {
        let waiting = &mut self.waiting.head;
        let bytes = waiting.as_bytes();
        for at in (1..bytes.len()).rev() {
            if bytes[at] != b'\n' {
                continue;
            }
            let end = if at + 1 == bytes.len() {
                at
            } else if bytes[at - 1] == b'\n' {
                at - 1
            } else {
                continue;
            };
            let rest = waiting.split_off(at + 1);
            let mut head = std::mem::replace(waiting, rest);
            head.truncate(end);
            return head;
        }
        String::new()
    }

    fn value(&mut self, place: Where) -> Option<Item> {
        if let TokenKind::Alias(name) = self.peek()? {
            let name = name.clone();
            if !self.anchors.contains(&name) {
                return None;
            }
            let comments = self.take_comments();
            self.skip();
            let item = Item::new(Kind::Alias(name), Tag::Open);
            return Some(with_comments(item, comments));
        }
        let properties = self.properties()?;
        if let Some(anchor) = &properties.anchor {
            self.anchors.insert(anchor.clone());
        }
        let mut item = match self.peek()? {
            TokenKind::BlockEntry if place == Where::BlockValue => self.flush_list(),
            TokenKind::Scalar { .. } => self.scalar(properties.tag.as_deref()),
            TokenKind::FlowSequenceStart => self.flow_list(),
            TokenKind::FlowMappingStart => self.flow_map(),
            TokenKind::BlockSequenceStart if place != Where::Flow => self.block_list(),
            TokenKind::BlockMappingStart if place != Where::Flow => self.block_map(),
            _ if properties.anchor.is_some() || properties.tag.is_some() => Some(empty()),
            _ => None,
        }?;
        item.anchor = properties.anchor.map(Into::into);
        if let Some(tag) = properties.tag.filter(|tag| tag != "!") {
            item.tag = Tag::Written(short(&tag).into());
        }
        Some(item)
    }

    fn properties(&mut self) -> Option<Properties> {
        let mut found = Properties::default();
        loop {
            match self.peek()? {
                TokenKind::Anchor(name) if found.anchor.is_none() => {
                    found.anchor = Some(name.clone());
                }
                TokenKind::Tag { handle, suffix } if found.tag.is_none() => {
                    let (handle, suffix) = (handle.clone(), suffix.clone());
                    found.tag = Some(self.long_tag(&handle, suffix)?);
                }
                _ => return Some(found),
            }
            self.skip();
        }
    }

    fn long_tag(&mut self, handle: &str, suffix: String) -> Option<String> {
        if handle.is_empty() {
            return Some(suffix);
        }
        let (_, long) = self.tags.iter().find(|(short, _)| short == handle)?;
        self.tag_bytes += long.len();
        if self.tag_bytes > TAG_BYTES {
            return None;
        }
        Some(format!("{long}{suffix}"))
    }

    fn scalar(&mut self, tag: Option<&str>) -> Option<Item> {
        let comments = self.take_comments();
        let Some(TokenKind::Scalar { text, style }) =
            self.tokens.get(self.next).map(|token| &token.kind)
        else {
            return None;
        };
        let (text, style) = (text.clone(), *style);
        let is_written = tag.is_some_and(|tag| tag != "!");
        let tag = match (style, &*text) {
            _ if is_written => "",
            (Style::Plain, "<<") => "!!merge",
            (Style::Plain, text) => plain_tag(text),
            _ => "!!str",
        };
        self.skip();
        let item = Item::new(Kind::Scalar { text, style }, Tag::Read(tag));
        Some(with_comments(item, comments))
    }

    /// The value after an indicator, or nothing where one of `ends` follows.
    fn value_or_nothing(&mut self, ends: &[TokenKind], place: Where) -> Option<Item> {
        if self.is_at(ends)? {
            return Some(empty());
        }
        self.value(place)
    }

    /// The value of a key that was read, or nothing where no `:` follows.
    fn mapped(&mut self, ends: &[TokenKind], place: Where) -> Option<Item> {
        if !self.is_at(&[TokenKind::Value])? {
            return Some(empty());
        }
        self.skip();
        self.value_or_nothing(ends, place)
    }

    /// A list at the indent of its key.
    fn flush_list(&mut self) -> Option<Item> {
        let ends = [
            TokenKind::BlockEntry,
            TokenKind::Key,
            TokenKind::Value,
            TokenKind::BlockEnd,
        ];
        Some(list(self.entries(&ends)?, false))
    }

    fn block_list(&mut self) -> Option<Item> {
        let stem = self.stem.take();
        self.skip();
        let items = self.entries(&[TokenKind::BlockEntry, TokenKind::BlockEnd])?;
        if !self.is_at(&[TokenKind::BlockEnd])? {
            return None;
        }
        self.skip();
        Some(with_head(list(items, false), stem))
    }

    fn entries(&mut self, ends: &[TokenKind]) -> Option<Vec<Item>> {
        let mut items = Vec::new();
        while self.is_at(&[TokenKind::BlockEntry])? {
            self.entry()?;
            items.push(self.value_or_nothing(ends, Where::Block)?);
        }
        Some(items)
    }

    /// Goes over a `-`. What was above it is about all of a block that follows.
    fn entry(&mut self) -> Option<()> {
        let above = self.waiting.head.len();
        self.skip();
        if above == 0 {
            return Some(());
        }
        let blocks = [TokenKind::BlockSequenceStart, TokenKind::BlockMappingStart];
        if self.is_at(&blocks)? {
            let rest = self.waiting.head.get(above + 1..).unwrap_or_default();
            let rest = rest.to_owned();
            self.waiting.head.truncate(above);
            self.stem = Some(std::mem::replace(&mut self.waiting.head, rest));
        }
        Some(())
    }

    fn block_map(&mut self) -> Option<Item> {
        let stem = self.stem.take();
        let ends = [TokenKind::Key, TokenKind::Value, TokenKind::BlockEnd];
        let mut entries: Vec<(Item, Item)> = Vec::new();
        self.skip();
        loop {
            let mut key = match self.peek()? {
                TokenKind::BlockEnd => break,
                TokenKind::Key => {
                    self.skip();
                    self.value_or_nothing(&ends, Where::BlockValue)?
                }
                _ => return None,
            };
            if let Some((before, _)) = entries.last_mut()
                && !key.foot().is_empty()
            {
                before.set_foot(key.take_foot());
            }
            let value = self.mapped(&ends, Where::BlockValue)?;
            entries.push(entry(key, value));
        }
        let mut comments = self.take_comments();
        if let Some((key, _)) = entries.last_mut()
            && !comments.foot.is_empty()
        {
            key.set_foot(std::mem::take(&mut comments.foot));
        }
        comments.head = stem.unwrap_or_default();
        self.skip();
        Some(with_comments(map(entries, false), comments))
    }

    fn flow_list(&mut self) -> Option<Item> {
        let head = self.take_comments().head;
        self.skip();
        let mut items = Vec::new();
        while !self.is_at(&[TokenKind::FlowSequenceEnd])? {
            self.separator(items.is_empty())?;
            match self.peek()? {
                TokenKind::FlowSequenceEnd => break,
                TokenKind::Key => items.push(self.pair()?),
                _ => items.push(self.value(Where::Flow)?),
            }
        }
        let mut comments = self.take_comments();
        comments.head = head;
        self.skip();
        Some(with_comments(list(items, true), comments))
    }

    /// Goes over the comma before every part of a flow but the first.
    fn separator(&mut self, is_first: bool) -> Option<()> {
        if !is_first {
            if !self.is_at(&[TokenKind::FlowEntry])? {
                return None;
            }
            self.skip();
        }
        Some(())
    }

    /// `a: b` as an item of a flow list.
    fn pair(&mut self) -> Option<Item> {
        self.skip();
        let ends = [
            TokenKind::Value,
            TokenKind::FlowEntry,
            TokenKind::FlowSequenceEnd,
        ];
        let key = if self.is_at(&ends)? {
            // The real program goes over what it found, whatever it was.
            self.skip();
            empty()
        } else {
            self.value(Where::Flow)?
        };
        let value = self.mapped(&ends[1..], Where::Flow)?;
        self.peek()?;
        Some(map(vec![entry(key, value)], true))
    }

    fn flow_map(&mut self) -> Option<Item> {
        let head = self.take_comments().head;
        let ends = [
            TokenKind::Value,
            TokenKind::FlowEntry,
            TokenKind::FlowMappingEnd,
        ];
        self.skip();
        let mut entries = Vec::new();
        while !self.is_at(&[TokenKind::FlowMappingEnd])? {
            self.separator(entries.is_empty())?;
            match self.peek()? {
                TokenKind::FlowMappingEnd => break,
                TokenKind::Key => {
                    self.skip();
                    let key = self.value_or_nothing(&ends, Where::Flow)?;
                    let value = self.mapped(&ends[1..], Where::Flow)?;
                    entries.push(entry(key, value));
                }
                _ => {
                    let key = self.value(Where::Flow)?;
                    self.peek()?;
                    entries.push(entry(key, empty()));
                }
            }
        }
        let mut comments = self.take_comments();
        comments.head = head;
        self.skip();
        Some(with_comments(map(entries, true), comments))
    }
}

/// A value's foot stands below its key.
fn entry(mut key: Item, mut value: Item) -> (Item, Item) {
    if key.foot().is_empty() && !value.foot().is_empty() {
        key.set_foot(value.take_foot());
    }
    (key, value)
}

fn list(items: Vec<Item>, is_flow: bool) -> Item {
    Item::new(Kind::Sequence { items, is_flow }, Tag::Read("!!seq"))
}

fn map(entries: Vec<(Item, Item)>, is_flow: bool) -> Item {
    let map = Mapping { entries, is_flow };
    Item::new(Kind::Mapping(map), Tag::Read("!!map"))
}

fn with_head(item: Item, head: Option<String>) -> Item {
    let comments = Comments {
        head: head.unwrap_or_default(),
        ..Comments::default()
    };
    with_comments(item, comments)
}

fn with_comments(mut item: Item, comments: Comments) -> Item {
    if comments != Comments::default() {
        item.comments = Some(Box::new(comments));
    }
    item
}
