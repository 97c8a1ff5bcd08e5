//! The merge itself: a patch onto an object, field by field.

use std::collections::HashSet;

use super::Schema;
use super::items::{self, Patch};
use crate::error::{Error, Result};
use crate::object::yaml::{Node, NodeKind, Style};
use crate::render::kustomize::node::NodeExt;
use crate::render::kustomize::{emit, typed};

pub(super) const DIRECTIVE: &str = "$patch";

/// What a patch says about the map or list it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Directive {
    Merge,
    Replace,
    Delete,
}

/// Merges a patch into an object. None when the patch deletes it.
pub fn merge(object: Node, patch: &Node, schema: Schema<'_>) -> Result<Option<Node>> {
    // `$patch: replace` at the top has no effect in the real program.
    if patch.is_map() && directive(patch)? == Directive::Replace {
        return Ok(Some(object));
    }
    value(Some(object), Some(patch), schema)
}

/// The result for one place. None: the field goes.
pub(super) fn value(
    target: Option<Node>,
    patch: Option<&Node>,
    schema: Schema<'_>,
) -> Result<Option<Node>> {
    let real = |node: &Node| !node.is_null();
    let kind = match (
        target.as_ref().filter(|n| real(n)),
        patch.filter(|n| real(n)),
    ) {
        (Some(node), other) => {
            if let Some(other) = other {
                same_kind(node, other)?;
            }
            node
        }
        (None, Some(patch)) => return added(patch, schema, Lists::Raw),
        (None, None) => return Ok(nulls(target, patch)),
    };
    match &kind.kind {
        NodeKind::Mapping(_) => map(target, patch, schema),
        NodeKind::Sequence(_) => list(target, patch, schema),
        NodeKind::Scalar(_) => Ok(match patch {
            Some(patch) if patch.is_null() => None,
            Some(patch) => Some(scalar(target, patch)),
            None => target,
        }),
    }
}

/// The patch's scalar: between quotes if the target's was, and shared with other places if the target's was.
fn scalar(target: Option<Node>, patch: &Node) -> Node {
    let mut scalar = patch.clone();
    let Some(target) = target else {
        return scalar;
    };
    if target.line == 0 {
        scalar.tag = typed::tag_of(&scalar)
            .filter(|tag| !tag.ends_with(":str") && !tag.ends_with(":timestamp"));
        (scalar.line, scalar.column) = (target.line, target.column);
    } else if target.tag.is_none()
        && scalar.tag.is_none()
        && let (NodeKind::Scalar(old), NodeKind::Scalar(new)) = (&target.kind, &mut scalar.kind)
    {
        new.style = match (old.style, new.style) {
            // Written anew, a text of several lines in no style of its own is no longer folded.
            (Style::Plain, Style::Folded) => Style::Literal,
            (Style::Plain, style) | (style, _) => style,
        };
    }
    scalar
}

/// A null that is spelled out stays if the patch does not mention it; everything else goes.
fn nulls(target: Option<Node>, patch: Option<&Node>) -> Option<Node> {
    match patch {
        None => target.filter(|node| node.text().is_some_and(|text| !text.is_empty())),
        Some(_) => None,
    }
}

pub(super) fn same_kind(target: &Node, patch: &Node) -> Result<()> {
    if target.kind_name() == patch.kind_name() {
        return Ok(());
    }
    Err(Error::render(format!(
        "wrong node kind: expected {} but got {} (line {} of the patch)",
        target.kind_name(),
        patch.kind_name(),
        patch.line
    )))
}

fn map(target: Option<Node>, patch: Option<&Node>, schema: Schema<'_>) -> Result<Option<Node>> {
    let Some(patch) = patch else {
        return target
            .map(|target| without_empty_nulls(target, schema))
            .transpose();
    };
    if patch.is_null() {
        return Ok(None);
    }
    let directive = directive(patch)?;
    if directive == Directive::Delete {
        return Ok(None);
    }
    let target = target.filter(|target| !target.is_null() && directive == Directive::Merge);
    let mut merged = match target {
        Some(target) => target,
        None => Node {
            kind: NodeKind::Mapping(Vec::new()),
            tag: None,
            line: patch.line,
            column: patch.column,
        },
    };
    let own = merged.entries_mut().map(std::mem::take).unwrap_or_default();
    let patches = patch.entries().map(Vec::as_slice).unwrap_or_default();
    let mut entries = Vec::with_capacity(own.len() + patches.len());
    let in_target = |key: &Node| own.iter().any(|(known, _)| known.text() == key.text());
    let mut seen = HashSet::new();
    let new: Vec<&(Node, Node)> = patches
        .iter()
        .filter(|(key, _)| key.text() != Some(DIRECTIVE) && !in_target(key))
        .filter(|(key, _)| seen.insert(key.text()) || directive == Directive::Replace)
        .collect();
    for (key, child) in own {
        let name = key.text().unwrap_or_default();
        let change = first(patch, name);
        let child = value(Some(child), change, schema.field(name))?;
        entries.extend(child.map(|mut child| {
            settle_type(&mut child);
            (key, child)
        }));
    }
    for (key, change) in new {
        let name = key.text().unwrap_or_default();
        if let Some(child) = value(None, Some(change), schema.field(name))? {
            entries.push((key.clone(), child));
        }
    }
    merged.kind = NodeKind::Mapping(entries);
    Ok(Some(merged))
}

/// The value under a key of a patch. Of a key that is repeated the real program takes the first one, where the map is merged; a map that
/// is new as a whole fails on output.
fn first<'a>(patch: &'a Node, key: &str) -> Option<&'a Node> {
    let mut entries = patch.entries()?.iter();
    let found = entries.find(|(known, _)| known.text() == Some(key));
    found.map(|(_, value)| value)
}

/// Wherever a patch is merged, the target's fields whose null is spelled as nothing vanish, and its lists with keys are put together anew.
fn without_empty_nulls(mut target: Node, schema: Schema<'_>) -> Result<Node> {
    drop_empty_nulls(&mut target, schema)?;
    Ok(target)
}

fn drop_empty_nulls(node: &mut Node, schema: Schema<'_>) -> Result<()> {
    match &mut node.kind {
        NodeKind::Scalar(_) => {}
        NodeKind::Mapping(entries) => {
            entries.retain(|(_, child)| !(child.is_null() && child.text() == Some("")));
            for (key, child) in entries {
                drop_empty_nulls(child, schema.field(key.text().unwrap_or_default()))?;
                settle_type(child);
            }
        }
        NodeKind::Sequence(items) => {
            if let Some(keys) = schema.list().keys() {
                let own = std::mem::take(items);
                *items = items::merge(own, &Patch::Nothing, &keys, schema.items())?;
            }
        }
    }
    Ok(())
}

/// A value that was made and has no type yet is text from here on, whatever it looks like.
fn settle_type(node: &mut Node) {
    if node.line == 0
        && node.tag.is_none()
        && !node.is_null()
        && let NodeKind::Scalar(scalar) = &mut node.kind
        && scalar.style == Style::Plain
        && emit::is_not_a_string(&scalar.text)
    {
        scalar.style = Style::DoubleQuoted;
    }
}

/// The directive of a patch map.
fn directive(patch: &Node) -> Result<Directive> {
    match first(patch, DIRECTIVE) {
        None => Ok(Directive::Merge),
        Some(word) => parse_directive(word),
    }
}

fn parse_directive(word: &Node) -> Result<Directive> {
    match word.text().unwrap_or_default() {
        "merge" => Ok(Directive::Merge),
        "replace" => Ok(Directive::Replace),
        "delete" => Ok(Directive::Delete),
        _ => Err(Error::render(format!(
            "unknown patch strategy (line {} of the patch)",
            word.line
        ))),
    }
}

fn list(target: Option<Node>, patch: Option<&Node>, schema: Schema<'_>) -> Result<Option<Node>> {
    let Some(patch) = patch else {
        return target
            .map(|target| without_empty_nulls(target, schema))
            .transpose();
    };
    if patch.is_null() {
        return Ok(None);
    }
    match schema.list().keys() {
        None => Ok(Some(patch.clone())),
        Some(keys) => keyed(target, patch, &keys, schema.items()),
    }
}

fn keyed(
    target: Option<Node>,
    patch: &Node,
    keys: &[&str],
    schema: Schema<'_>,
) -> Result<Option<Node>> {
    let (directive, changes) = list_directive(patch)?;
    let items = match (directive, target.map(|target| target.kind)) {
        (Directive::Delete, _) => return Ok(None),
        (Directive::Merge, Some(NodeKind::Sequence(own))) => {
            items::merge(own, &Patch::Items(changes), keys, schema)?
        }
        (Directive::Merge | Directive::Replace, _) => {
            let own = changes.into_iter().cloned().collect();
            items::merge(own, &Patch::Itself, keys, schema)?
        }
    };
    let mut merged = patch.clone();
    merged.kind = NodeKind::Sequence(items);
    Ok(Some(merged))
}

/// What the first item with a directive says, if it says nothing else, and the items without it.
fn list_directive(patch: &Node) -> Result<(Directive, Vec<&Node>)> {
    let items = patch.items().map(Vec::as_slice).unwrap_or_default();
    let first = items
        .iter()
        .find_map(|item| Some((item, item.get(DIRECTIVE)?)));
    let word = match first {
        Some((item, word)) if item.entries().is_some_and(|entries| entries.len() == 1) => word,
        Some(_) | None => return Ok((Directive::Merge, items.iter().collect())),
    };
    let directive = parse_directive(word)?;
    // All that say the same go, and empty items with them.
    let others = items.iter().filter(|item| {
        let says = item.get(DIRECTIVE).and_then(Node::text);
        !items::is_nothing(item) && says != word.text()
    });
    Ok((directive, others.collect()))
}

/// What becomes of the directives of a list that the object does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lists {
    /// Where only the list is new they stay in it, as if they were items.
    Raw,
    /// Where what it stands in is new too, they are followed.
    Merged,
}

/// What a part of the patch gives where the object has nothing: to the real program it is merged into itself.
pub(super) fn added(patch: &Node, schema: Schema<'_>, lists: Lists) -> Result<Option<Node>> {
    if patch.is_null() {
        return Ok(None);
    }
    let mut new = patch.clone();
    match &patch.kind {
        NodeKind::Scalar(_) => {}
        NodeKind::Mapping(entries) => {
            if directive(patch)? == Directive::Delete {
                return Ok(None);
            }
            let mut kept = Vec::with_capacity(entries.len());
            let mut seen = HashSet::new();
            for (key, child) in entries {
                let name = key.text().unwrap_or_default();
                if !seen.insert(name) {
                    // Stays as it is, to be refused on output beside the first.
                    kept.push((key.clone(), child.clone()));
                } else if name != DIRECTIVE
                    && let Some(child) = added(child, schema.field(name), Lists::Merged)?
                {
                    kept.push((key.clone(), child));
                }
            }
            new.kind = NodeKind::Mapping(kept);
        }
        NodeKind::Sequence(items) => match (schema.list().keys(), lists) {
            (None, _) => {}
            (Some(keys), Lists::Merged) => return keyed(None, patch, &keys, schema.items()),
            (Some(keys), Lists::Raw) => {
                let items = items::merge(items.clone(), &Patch::Itself, &keys, schema.items())?;
                new.kind = NodeKind::Sequence(items);
            }
        },
    }
    Ok(Some(new))
}
