//! Field paths of replacements: `spec.containers.[name=web].env.0.value`, with `*` for every item.

use regex::Regex;

use super::node::{self, NodeExt};
use super::structured;
use crate::error::{Error, Result};
use crate::object::yaml::{Node, NodeKind};

/// One step of a path.
#[derive(Debug, Clone)]
pub enum Step {
    Field(String),
    Index(usize),
    /// `-`: the last item.
    Last,
    /// `*`: every item of a list or map.
    Every,
    /// Items whose field, or which themselves, match a pattern.
    Item {
        key: String,
        value: String,
        pattern: Regex,
    },
}

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
}

/// Splits a path at dots. `\.` and dots inside brackets do not split.
pub fn parse(path: &str) -> Result<Vec<Step>> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut depth = 0_usize;
    let mut chars = path.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek() == Some(&'.') => {
                chars.next();
                part.push('.');
            }
            '[' => {
                depth += 1;
                part.push(c);
            }
            ']' => {
                depth = depth.saturating_sub(1);
                part.push(c);
            }
            '.' if depth == 0 => parts.push(std::mem::take(&mut part)),
            c => part.push(c),
        }
    }
    parts.push(part);
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(|part| step(&part))
        .collect()
}

fn step(part: &str) -> Result<Step> {
    if let Some(inner) = part
        .strip_prefix('[')
        .and_then(|part| part.strip_suffix(']'))
    {
        let Some((key, value)) = inner.split_once('=') else {
            return Ok(Step::Field(inner.to_owned()));
        };
        let pattern = Regex::new(value)
            .map_err(|_| Error::render(format!("`{value}` is no regular expression")))?;
        return Ok(Step::Item {
            key: key.to_owned(),
            value: value.to_owned(),
            pattern,
        });
    }
    Ok(match part {
        "-" => Step::Last,
        "*" => Step::Every,
        _ => match part.parse() {
            Ok(index) if part.bytes().all(|b| b.is_ascii_digit()) => Step::Index(index),
            _ => Step::Field(part.to_owned()),
        },
    })
}

/// The first node at a path; through scalars that hold YAML or JSON too.
pub fn find(node: &Node, path: &[Step]) -> Result<Option<Node>> {
    let Some((step, rest)) = path.split_first() else {
        return Ok(Some(node.clone()));
    };
    match &node.kind {
        NodeKind::Mapping(_) => {
            let key = match step {
                Step::Field(key) => key.clone(),
                Step::Index(index) => index.to_string(),
                Step::Last => "-".to_owned(),
                Step::Every | Step::Item { .. } => return Ok(None),
            };
            node.get(&key).map_or(Ok(None), |child| find(child, rest))
        }
        NodeKind::Sequence(items) => {
            let item = match step {
                Step::Index(index) => items.get(*index),
                Step::Last => items.last(),
                Step::Item { key, pattern, .. } => {
                    items.iter().find(|item| fits(item, key, pattern))
                }
                Step::Every => None,
                Step::Field(key) => {
                    return Err(Error::render(format!(
                        "wrong node kind: expected MappingNode but got SequenceNode at `{key}`"
                    )));
                }
            };
            item.map_or(Ok(None), |item| find(item, rest))
        }
        NodeKind::Scalar(_) => match structured::open(node) {
            Some(inner) => find(&inner.node, path),
            None => Ok(None),
        },
    }
}

fn fits(item: &Node, key: &str, pattern: &Regex) -> bool {
    let value = if key.is_empty() {
        Some(item)
    } else {
        item.get(key)
    };
    value
        .and_then(Node::text)
        .is_some_and(|text| pattern.is_match(text))
}

/// Calls `found` on every node at a path and says how many there were. Missing ones are made where that is wanted.
pub fn visit(
    node: &mut Node,
    path: &[Step],
    create: Create,
    found: &mut dyn FnMut(&mut Node) -> Result<()>,
) -> Result<usize> {
    let Some((step, rest)) = path.split_first() else {
        found(node)?;
        return Ok(1);
    };
    if node.is_null() && create != Create::Nothing {
        *node = container_for(step, create).node();
    }
    match &node.kind {
        NodeKind::Scalar(_) if node.is_null() => Ok(0),
        NodeKind::Scalar(_) => structured::edit(node, |inner| visit(inner, path, create, found)),
        NodeKind::Mapping(_) => in_map(node, step, rest, create, found),
        NodeKind::Sequence(_) => in_list(node, step, rest, create, found),
    }
}

/// What must be made so that `step` can lead into it.
fn container_for(step: &Step, create: Create) -> Create {
    match (create, step) {
        (Create::Nothing, _) => Create::Nothing,
        (_, Step::Field(_)) => Create::Map,
        (_, Step::Index(_) | Step::Last | Step::Every | Step::Item { .. }) => Create::List,
    }
}

fn in_map(
    node: &mut Node,
    step: &Step,
    rest: &[Step],
    create: Create,
    found: &mut dyn FnMut(&mut Node) -> Result<()>,
) -> Result<usize> {
    let key = match step {
        Step::Field(key) => key.clone(),
        Step::Index(index) => index.to_string(),
        Step::Last => "-".to_owned(),
        Step::Every => {
            let mut n = 0;
            for (_, child) in node.entries_mut().into_iter().flatten() {
                n += visit(child, rest, create, found)?;
            }
            return Ok(n);
        }
        Step::Item { key, value, .. } => {
            return Err(Error::render(format!(
                "wrong node kind: expected SequenceNode but got MappingNode at `[{key}={value}]`"
            )));
        }
    };
    let child = if create == Create::Nothing {
        node.get_mut(&key)
    } else {
        let wanted = rest
            .first()
            .map_or(create, |next| container_for(next, create));
        node.entry_or(&key, || wanted.node())
    };
    child.map_or(Ok(0), |child| visit(child, rest, create, found))
}

fn in_list(
    node: &mut Node,
    step: &Step,
    rest: &[Step],
    create: Create,
    found: &mut dyn FnMut(&mut Node) -> Result<()>,
) -> Result<usize> {
    let Some(items) = node.items_mut() else {
        return Ok(0);
    };
    let new = rest
        .first()
        .map_or(create, |next| container_for(next, create));
    match step {
        Step::Every => {
            let mut n = 0;
            for item in items {
                n += visit(item, rest, create, found)?;
            }
            Ok(n)
        }
        Step::Last => match items.last_mut() {
            Some(item) => visit(item, rest, create, found),
            None => Ok(0),
        },
        Step::Index(index) => {
            let len = items.len();
            if *index == len && create != Create::Nothing {
                items.push(new.node());
            }
            match items.get_mut(*index) {
                Some(item) => visit(item, rest, create, found),
                None => Err(Error::render(format!(
                    "index {index} specified but only {len} elements found"
                ))),
            }
        }
        Step::Item {
            key,
            value,
            pattern,
        } => {
            let has_match = items.iter().any(|item| fits(item, key, pattern));
            if !has_match && create != Create::Nothing {
                items.push(made_item(key, value));
            }
            let mut n = 0;
            for item in items.iter_mut().filter(|item| fits(item, key, pattern)) {
                n += visit(item, rest, create, found)?;
            }
            Ok(n)
        }
        Step::Field(key) => Err(Error::render(format!(
            "wrong node kind: expected MappingNode but got SequenceNode at `{key}`"
        ))),
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
        let path = parse(path).expect("path");
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
