//! Field paths of replacements: `spec.containers.[name=web].env.0.value`, with `*` for every item.
//!
//! Sources and targets read a path by different rules, as in the real program: a source's `[name=web]` is exact and `-` is its
//! last item; a target's `[name=web]` is a pattern that need not begin the text, and only targets know `*`. Where a target's path
//! leads is [`super::visit`]'s business.

use super::node::NodeExt;
use crate::error::{Error, Result};
use crate::object::yaml::{Node, NodeKind};

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

    /// What must be made so that the next part can lead into it.
    pub fn before(self, next: Option<&String>) -> Self {
        match next {
            _ if self == Self::Nothing => self,
            None => self,
            // An empty part leads nowhere else.
            Some(part) if part.is_empty() => self,
            Some(part) if index(part).is_some() || is_bracketed(part) => Self::List,
            Some(_) => Self::Map,
        }
    }
}

/// Splits a path at dots. A dot after a backslash or inside brackets does not split, and one at the very beginning says nothing.
pub fn split(path: &str) -> Vec<String> {
    let mut plain: Vec<String> = Vec::new();
    for part in path.strip_prefix('.').unwrap_or(path).split('.') {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::yaml::{Limits, parse as parse_yaml};

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
}
