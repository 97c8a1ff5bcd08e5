//! Field paths of replacements: `spec.containers.[name=web].env.0.value`, with `*` for every item.
//!
//! Sources and targets read a path by different rules, as in the real program: a source's `[name=web]` is exact and `-` is its
//! last item; a target's `[name=web]` is a pattern that need not begin the text, and only targets know `*`.

use regex::Regex;

use super::node::{self, NodeExt};
use super::structured;
use crate::error::{Error, Result};
use crate::object::yaml::{Node, NodeKind, Style};

/// What is made at the end of a path that is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Create {
    Nothing,
    Scalar,
    Map,
    List,
}

impl Create {
    /// The kind of a value that is to be put there.
    pub fn like(value: &Node) -> Self {
        match value.kind {
            NodeKind::Scalar(_) => Self::Scalar,
            NodeKind::Sequence(_) => Self::List,
            NodeKind::Mapping(_) => Self::Map,
        }
    }

    fn node(self) -> Node {
        match self {
            Self::Map => node::empty_map(),
            Self::List => node::empty_list(),
            Self::Scalar | Self::Nothing => Node::plain(""),
        }
    }

    /// What must be made so that the next part can lead into it.
    pub fn before(self, next: Option<&String>) -> Self {
        match next {
            _ if self == Self::Nothing => self,
            None => self,
            Some(part) if index(part).is_some() || is_bracketed(part) => Self::List,
            Some(_) => Self::Map,
        }
    }
}

/// Splits a path at dots. A dot after a backslash or inside brackets does not split.
pub fn split(path: &str) -> Vec<String> {
    let mut plain: Vec<String> = Vec::new();
    for part in path.split('.') {
        match plain.last_mut() {
            Some(last) if last.ends_with('\\') => {
                last.pop();
                last.push('.');
                last.push_str(part);
            }
            _ => plain.push(part.to_owned()),
        }
    }
    let mut parts = Vec::with_capacity(plain.len());
    let mut plain = plain.into_iter();
    while let Some(mut part) = plain.next() {
        if part.starts_with('[') && !part.ends_with(']') {
            for more in plain.by_ref() {
                part.push('.');
                part.push_str(&more);
                if more.ends_with(']') {
                    break;
                }
            }
            if !part.contains('=') {
                part = part.trim_matches(['[', ']']).to_owned();
            }
        }
        parts.push(part);
    }
    parts
}

pub fn index(part: &str) -> Option<usize> {
    let number: i64 = part.parse().ok()?;
    usize::try_from(number).ok()
}

pub fn is_bracketed(part: &str) -> bool {
    part.starts_with('[') && part.ends_with(']')
}

/// Field and value of `[field=value]`.
pub fn condition(part: &str) -> Result<(&str, &str)> {
    let inner = part
        .strip_prefix('[')
        .and_then(|part| part.strip_suffix(']'));
    inner
        .and_then(|inner| inner.split_once('='))
        .ok_or_else(|| {
            Error::render(format!(
                "`{part}` in a path must be `[field=value]`, or a key with a dot in it"
            ))
        })
}

fn wrong_kind(wanted: &str, node: &Node) -> Error {
    Error::render(format!(
        "wrong node kind: expected {wanted} but got {}",
        node.kind_name()
    ))
}

/// The items of a list; a null has none.
fn items(node: &Node) -> Result<&[Node]> {
    match &node.kind {
        NodeKind::Sequence(items) => Ok(items),
        _ if node.is_null() => Ok(&[]),
        NodeKind::Scalar(_) | NodeKind::Mapping(_) => Err(wrong_kind("SequenceNode", node)),
    }
}

fn items_mut(node: &mut Node) -> Result<&mut Vec<Node>> {
    if !matches!(node.kind, NodeKind::Sequence(_)) {
        return Err(wrong_kind("SequenceNode", node));
    }
    node.items_mut()
        .ok_or_else(|| Error::internal("a list without items"))
}

/// Where a part of a source's path leads.
enum Child {
    /// An empty part stays where it is.
    Here,
    Entry(usize),
    Item(usize),
}

fn child(node: &Node, part: &str) -> Result<Option<Child>> {
    let item = |index: Option<usize>| Ok(index.map(Child::Item));
    if part.is_empty() {
        return Ok(Some(Child::Here));
    }
    if part == "-" {
        return item(items(node)?.len().checked_sub(1));
    }
    if part == "*" {
        return Err(Error::render("a source's path has no `*`"));
    }
    if let Ok(number) = part.parse::<i64>() {
        let index = usize::try_from(number)
            .map_err(|_| Error::render(format!("array index {number} cannot be negative")))?;
        return item(Some(index).filter(|index| *index < items(node).map_or(0, <[Node]>::len)));
    }
    if is_bracketed(part) {
        let (field, value) = condition(part)?;
        return item(items(node)?.iter().position(|item| {
            let found = if field.is_empty() {
                Some(item)
            } else {
                item.get(field)
            };
            found.and_then(Node::text) == Some(value)
        }));
    }
    match node.entries() {
        Some(entries) => {
            let found = entries.iter().position(|(key, _)| key.text() == Some(part));
            Ok(found.map(Child::Entry))
        }
        None if node.is_null() => Ok(None),
        None => Err(wrong_kind("MappingNode", node)),
    }
}

/// The node at the end of a source's path.
pub fn find<'a>(node: &'a Node, path: &[String]) -> Result<Option<&'a Node>> {
    let mut here = node;
    for part in path {
        let next = match (child(here, part.trim())?, &here.kind) {
            (None, _) => None,
            (Some(Child::Here), _) => Some(here),
            (Some(Child::Entry(n)), NodeKind::Mapping(entries)) => entries.get(n).map(|(_, v)| v),
            (Some(Child::Item(n)), NodeKind::Sequence(items)) => items.get(n),
            (Some(_), _) => None,
        };
        match next {
            Some(next) => here = next,
            None => return Ok(None),
        }
    }
    Ok(Some(here))
}

/// The same, to be written to.
pub fn find_mut<'a>(node: &'a mut Node, path: &[String]) -> Result<Option<&'a mut Node>> {
    let Some((part, rest)) = path.split_first() else {
        return Ok(Some(node));
    };
    let Some(child) = child(node, part.trim())? else {
        return Ok(None);
    };
    if matches!(child, Child::Here) {
        return find_mut(node, rest);
    }
    let next = match (child, &mut node.kind) {
        (Child::Entry(n), NodeKind::Mapping(entries)) => entries.get_mut(n).map(|(_, v)| v),
        (Child::Item(n), NodeKind::Sequence(items)) => items.get_mut(n),
        (Child::Here | Child::Entry(_) | Child::Item(_), _) => None,
    };
    next.map_or(Ok(None), |next| find_mut(next, rest))
}

/// What happens to a node that was found.
pub type Found<'a> = &'a mut dyn FnMut(&mut Node) -> Result<()>;

/// Calls `found` on every node at a target's path and says how many there were. Missing ones are made where that is wanted.
pub fn visit(node: &mut Node, path: &[String], create: Create, found: Found<'_>) -> Result<usize> {
    let Some((part, rest)) = path.split_first() else {
        found(node)?;
        return Ok(1);
    };
    if part == "*" {
        let mut n = 0;
        if !node.is_null() {
            for item in items_mut(node)? {
                n += visit(item, rest, create, found)?;
            }
        }
        return Ok(n);
    }
    if node.is_null() {
        if create == Create::Nothing {
            return Ok(0);
        }
        *node = create.before(Some(part)).node();
    }
    if let Some(index) = index(part) {
        in_index(node, index, rest, create, found)
    } else if is_bracketed(part) {
        in_items(node, part, rest, create, found)
    } else {
        in_field(node, part, rest, create, found)
    }
}

fn in_field(
    node: &mut Node,
    key: &str,
    rest: &[String],
    create: Create,
    found: Found<'_>,
) -> Result<usize> {
    if key.is_empty() && node.is_scalar() {
        return visit(node, rest, create, found);
    }
    if key.is_empty() || !node.is_map() {
        return Err(wrong_kind("MappingNode", node));
    }
    let child = if create == Create::Nothing {
        node.get_mut(key)
    } else {
        node.entry_or(key, || create.before(rest.first()).node())
    };
    child.map_or(Ok(0), |child| visit(child, rest, create, found))
}

fn in_index(
    node: &mut Node,
    index: usize,
    rest: &[String],
    create: Create,
    found: Found<'_>,
) -> Result<usize> {
    let items = items_mut(node)?;
    let len = items.len();
    if index == len && create != Create::Nothing {
        items.push(create.before(rest.first()).node());
    }
    match items.get_mut(index) {
        Some(item) => visit(item, rest, create, found),
        None => Err(Error::render(format!(
            "index {index} specified but only {len} elements found"
        ))),
    }
}

fn in_items(
    node: &mut Node,
    part: &str,
    rest: &[String],
    create: Create,
    found: Found<'_>,
) -> Result<usize> {
    let (field, value) = condition(part)?;
    let items = items_mut(node)?;
    let pattern = Regex::new(value)
        .map_err(|_| Error::render(format!("`{value}` is no regular expression")))?;
    let mut n = matching(items, field, &pattern, rest, create, found)?;
    if n == 0 && create != Create::Nothing {
        items.push(made_item(field, value));
        n = matching(items, field, &pattern, rest, create, found)?;
        if n == 0 {
            return Err(Error::render(format!(
                "the item made for `{part}` does not match it"
            )));
        }
    }
    Ok(n)
}

fn matching(
    items: &mut [Node],
    field: &str,
    pattern: &Regex,
    rest: &[String],
    create: Create,
    found: Found<'_>,
) -> Result<usize> {
    let mut n = 0;
    for item in items {
        if field.is_empty() {
            if pattern.is_match(&shown(item)) {
                // What follows in the path is not looked at.
                found(item)?;
                n += 1;
            }
        } else if item
            .get(field)
            .is_some_and(|value| pattern.is_match(&shown(value)))
        {
            n += visit(item, rest, create, found)?;
        }
    }
    Ok(n)
}

/// The YAML text of a node, with the quotes it was written with: that is what patterns are held against.
fn shown(node: &Node) -> String {
    match &node.kind {
        NodeKind::Scalar(scalar) if scalar.style == Style::Plain || node.line == 0 => {
            scalar.text.trim().to_owned()
        }
        NodeKind::Scalar(_) | NodeKind::Sequence(_) | NodeKind::Mapping(_) => {
            structured::shown(node)
        }
    }
}

fn made_item(key: &str, value: &str) -> Node {
    if key.is_empty() {
        return Node::plain(value);
    }
    let mut item = node::empty_map();
    item.set(key, Node::plain(value));
    item
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::yaml::{Limits, parse as parse_yaml};

    fn check(text: &str, path: &str, create: bool, expected: Option<&str>) {
        let mut node = parse_yaml(text.as_bytes(), "r.yaml", &Limits::default())
            .expect("parses")
            .documents
            .remove(0);
        let path = split(path);
        let create = if create {
            Create::Scalar
        } else {
            Create::Nothing
        };
        let count = visit(&mut node, &path, create, &mut |node| {
            node.set_text("new".to_owned());
            Ok(())
        });
        let after = match count {
            Ok(n) if n > 0 => Some(
                super::super::typed::to_value(&node)
                    .expect("types")
                    .to_string(),
            ),
            Ok(_) | Err(_) => None,
        };
        assert_eq!(after.as_deref(), expected);
    }

    #[test]
    fn items_are_found_by_a_pattern_that_is_not_anchored() {
        check(
            "[{name: two, v: 1}]",
            "[name=t].v",
            false,
            Some(r#"[{"name":"two","v":"new"}]"#),
        );
        check(
            "{a: [{b: x}, y]}",
            "a.[=x]",
            false,
            Some(r#"{"a":["new","y"]}"#),
        );
        check(
            "{a: [x, yx]}",
            "a.[=x]",
            false,
            Some(r#"{"a":["new","new"]}"#),
        );
    }

    #[test]
    fn keys_with_dots_stand_in_brackets_or_are_escaped() {
        check("{a.b/c: 1}", "[a.b/c]", false, Some(r#"{"a.b/c":"new"}"#));
        check("{a.b: 1}", r"a\.b", false, Some(r#"{"a.b":"new"}"#));
    }

    #[test]
    fn missing_fields_are_made_on_request() {
        check(
            "{}",
            "a.[name=x].v",
            true,
            Some(r#"{"a":[{"name":"x","v":"new"}]}"#),
        );
        check("{a: [1]}", "a.1", true, Some(r#"{"a":[1,"new"]}"#));
        check("{a: [1]}", "a.2", true, None);
        check("{}", "a.b", false, None);
        check("{a: []}", "a.[b=^$].c", true, None);
    }

    #[test]
    fn a_source_names_its_item_exactly() {
        let node = parse_yaml(
            b"a: [{b: two, c: 1}, {b: t, c: 2}]",
            "r.yaml",
            &Limits::default(),
        )
        .expect("parses")
        .documents
        .remove(0);
        let text = |path: &str| {
            let found = find(&node, &split(path)).expect("a path");
            found.and_then(Node::text).map(str::to_owned)
        };
        assert_eq!(text("a.[b=t].c").as_deref(), Some("2"));
        assert_eq!(text("a.-.b").as_deref(), Some("t"));
        assert_eq!(text("a.[b=x].c"), None);
        assert!(find(&node, &split("a.*.c")).is_err());
    }

    #[test]
    fn a_star_stands_for_every_item() {
        check(
            "{a: [{v: 1}, {v: 2}]}",
            "a.*.v",
            false,
            Some(r#"{"a":[{"v":"new"},{"v":"new"}]}"#),
        );
    }
}
