//! The merge itself: a patch onto an object, field by field.

use std::collections::{HashMap, HashSet};

use super::{ListMerge, Schema, unique};
use crate::error::{Error, Result};
use crate::object::yaml::{Node, NodeKind, Style};
use crate::render::kustomize::node::NodeExt;
use crate::render::kustomize::{emit, typed};

const DIRECTIVE: &str = "$patch";

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
fn value(target: Option<Node>, patch: Option<&Node>, schema: Schema<'_>) -> Result<Option<Node>> {
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
        && old.style != Style::Plain
    {
        new.style = old.style;
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

fn same_kind(target: &Node, patch: &Node) -> Result<()> {
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
        return Ok(target.map(|target| without_empty_nulls(target, schema)));
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
    let new: Vec<&(Node, Node)> = patches
        .iter()
        .filter(|(key, _)| key.text() != Some(DIRECTIVE) && !in_target(key))
        .collect();
    for (key, child) in own {
        let name = key.text().unwrap_or_default();
        let change = patch.get(name);
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

/// Wherever a patch is merged, the target's fields whose null is spelled as nothing vanish.
fn without_empty_nulls(mut target: Node, schema: Schema<'_>) -> Node {
    drop_empty_nulls(&mut target, schema);
    target
}

fn drop_empty_nulls(node: &mut Node, schema: Schema<'_>) {
    match &mut node.kind {
        NodeKind::Scalar(_) => {}
        NodeKind::Mapping(entries) => {
            entries.retain(|(_, child)| !(child.is_null() && child.text() == Some("")));
            for (key, child) in entries {
                drop_empty_nulls(child, schema.field(key.text().unwrap_or_default()));
                settle_type(child);
            }
        }
        NodeKind::Sequence(items) => {
            if let ListMerge::Keys(keys) = schema.list() {
                let schema = schema.items();
                let keys = unique::keys_in_use(&keys, items.iter());
                *items = unique::collapse(std::mem::take(items), &keys).items;
                items
                    .iter_mut()
                    .for_each(|item| drop_empty_nulls(item, schema));
            }
        }
    }
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
    match patch.get(DIRECTIVE) {
        None => Ok(Directive::Merge),
        Some(word) => parse_directive(word),
    }
}

fn parse_directive(word: &Node) -> Result<Directive> {
    match word.text().unwrap_or_default() {
        "merge" => Ok(Directive::Merge),
        "replace" => Ok(Directive::Replace),
        "delete" => Ok(Directive::Delete),
        other => Err(Error::render(format!(
            "unknown patch strategy '{other}' (line {} of the patch)",
            word.line
        ))),
    }
}

fn list(target: Option<Node>, patch: Option<&Node>, schema: Schema<'_>) -> Result<Option<Node>> {
    let Some(patch) = patch else {
        return Ok(target.map(|target| without_empty_nulls(target, schema)));
    };
    if patch.is_null() {
        return Ok(None);
    }
    match schema.list() {
        ListMerge::Replace => Ok(Some(patch.clone())),
        ListMerge::Set => Ok(Some(set(target, patch))),
        ListMerge::Keys(keys) => keyed(target, patch, &keys, schema.items()),
    }
}

/// The patch's scalars, then those of the target that are not among them.
fn set(target: Option<Node>, patch: &Node) -> Node {
    let mut merged = patch.clone();
    let Some(items) = merged.items_mut() else {
        return merged;
    };
    let mut unique: Vec<Node> = Vec::with_capacity(items.len());
    let theirs = target
        .as_ref()
        .and_then(NodeExt::items)
        .cloned()
        .unwrap_or_default();
    for item in items.drain(..).chain(theirs) {
        if !unique.iter().any(|known| known.text() == item.text()) {
            unique.push(item);
        }
    }
    *items = unique;
    merged
}

/// What an item of the patch stands for.
enum Side<'a> {
    /// An item of the target and its change.
    Both(Node, &'a Node),
    New(&'a Node),
}

fn keyed(
    target: Option<Node>,
    patch: &Node,
    keys: &[&str],
    schema: Schema<'_>,
) -> Result<Option<Node>> {
    let (directive, changes) = list_directive(patch)?;
    if directive == Directive::Delete {
        return Ok(None);
    }
    let mut merged = patch.clone();
    let own = match target {
        Some(Node {
            kind: NodeKind::Sequence(items),
            ..
        }) if directive == Directive::Merge => items,
        _ => Vec::new(),
    };
    let keys = &unique::keys_in_use(keys, own.iter().chain(changes.iter().copied()));
    let own = unique::collapse(own, keys);
    let nameless = |item: &&Node| !keys.iter().any(|key| has_key(item, key));
    if keys.len() == 1 && changes.iter().any(nameless) {
        // What the real program does with an item that says not which one it is: the whole list goes.
        merged.kind = NodeKind::Sequence(Vec::new());
        return Ok(Some(merged));
    }
    let items = if keys.len() == 1 {
        by_one_key(own, &changes, keys[0], schema)?
    } else {
        by_keys(own.items, &changes, keys, schema)?
    };
    merged.kind = NodeKind::Sequence(items);
    Ok(Some(merged))
}

pub(super) fn has_key(item: &Node, key: &str) -> bool {
    item.get(key).is_some_and(|value| !value.is_null())
}

/// The directive that stands as an item of its own, and the other items.
fn list_directive(patch: &Node) -> Result<(Directive, Vec<&Node>)> {
    let mut directive = Directive::Merge;
    let mut changes = Vec::new();
    for item in patch.items().into_iter().flatten() {
        match (item.entries().map(Vec::len), item.get(DIRECTIVE)) {
            (Some(1), Some(word)) => directive = parse_directive(word)?,
            _ => changes.push(item),
        }
    }
    Ok((directive, changes))
}

/// The patch's items first, each merged with its match, then the other items of the target.
fn by_one_key(
    own: unique::Collapsed,
    changes: &[&Node],
    key: &str,
    schema: Schema<'_>,
) -> Result<Vec<Node>> {
    let position: HashMap<String, usize> = own
        .items
        .iter()
        .enumerate()
        .map(|(n, item)| (item.text_at(&[key]).to_owned(), n))
        .collect();
    let repeated = own.repeated;
    let mut own: Vec<Option<Node>> = own.items.into_iter().map(Some).collect();
    let mut sides = Vec::with_capacity(changes.len());
    let mut seen = HashSet::with_capacity(changes.len());
    for &change in changes {
        let name = change.text_at(&[key]);
        if !seen.insert(name) {
            continue;
        }
        let matching = position.get(name).and_then(|&n| own[n].take());
        sides.push(match matching {
            Some(item) => Side::Both(item, change),
            None => Side::New(change),
        });
    }
    let mut items = Vec::with_capacity(sides.len() + own.len());
    for side in sides {
        items.extend(match side {
            // `$patch: replace` in an item of a keyed list has no effect in the real program.
            Side::Both(item, change)
                if directive(change)? == Directive::Replace
                    || repeated.contains(change.text_at(&[key])) =>
            {
                Some(without_empty_nulls(item, schema))
            }
            Side::Both(item, change) => value(Some(item), Some(change), schema)?,
            Side::New(change) => added(change, schema, Lists::Merged)?,
        });
    }
    items.extend(
        own.into_iter()
            .flatten()
            .map(|item| without_empty_nulls(item, schema)),
    );
    Ok(items)
}

/// What becomes of the directives of a list that the object does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lists {
    /// Where only the list is new they stay in it, as if they were items.
    Raw,
    /// Where what it stands in is new too, they are followed.
    Merged,
}

/// What a part of the patch gives where the object has nothing: to the real program it is merged into itself.
fn added(patch: &Node, schema: Schema<'_>, lists: Lists) -> Result<Option<Node>> {
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
            for (key, child) in entries {
                let name = key.text().unwrap_or_default();
                if name != DIRECTIVE
                    && let Some(child) = added(child, schema.field(name), Lists::Merged)?
                {
                    kept.push((key.clone(), child));
                }
            }
            new.kind = NodeKind::Mapping(kept);
        }
        NodeKind::Sequence(items) => match schema.list() {
            ListMerge::Replace => {}
            ListMerge::Set => new = set(None, patch),
            ListMerge::Keys(keys) => {
                let mut changes: Vec<&Node> = items.iter().collect();
                if lists == Lists::Merged {
                    let (directive, others) = list_directive(patch)?;
                    if directive == Directive::Delete {
                        return Ok(None);
                    }
                    changes = others;
                }
                new.kind = NodeKind::Sequence(added_items(&changes, &keys, schema.items())?);
            }
        },
    }
    Ok(Some(new))
}

/// The items of a new list with keys; those without any stay as they are.
fn added_items(changes: &[&Node], keys: &[&str], schema: Schema<'_>) -> Result<Vec<Node>> {
    let keys = unique::keys_in_use(keys, changes.iter().copied());
    let mut items: Vec<Node> = Vec::with_capacity(changes.len());
    for change in changes {
        let is_named = keys.iter().any(|key| has_key(change, key));
        let is_known = |items: &[Node]| {
            keys.len() == 1 && items.iter().any(|item| is_same(item, change, &keys))
        };
        if !is_named {
            let is_nulled = keys.iter().any(|key| change.get(key).is_some());
            items.extend((!is_nulled).then(|| (*change).clone()));
        } else if !is_known(&items) {
            items.extend(added(change, schema, Lists::Merged)?);
        }
    }
    Ok(items)
}

/// Whether two items of a list with several keys are one: no key differs where both have it, and one is equal.
fn agree(a: &Node, b: &Node, keys: &[&str]) -> bool {
    let mut any = false;
    for key in keys {
        if has_key(a, key) && has_key(b, key) {
            if a.text_at(&[key]) != b.text_at(&[key]) {
                return false;
            }
            any = true;
        }
    }
    any
}

/// Whether two items have the same keys with the same values.
fn is_same(a: &Node, b: &Node, keys: &[&str]) -> bool {
    keys.iter()
        .all(|key| has_key(a, key) == has_key(b, key) && a.text_at(&[key]) == b.text_at(&[key]))
}

/// New items first in the patch's order, then the target's items in theirs, merged in place.
///
/// An item of the patch that only half agrees with one of the target, because a key is missing on one side, does nothing.
fn by_keys(
    own: Vec<Node>,
    changes: &[&Node],
    keys: &[&str],
    schema: Schema<'_>,
) -> Result<Vec<Node>> {
    let mut items = Vec::with_capacity(own.len() + changes.len());
    for change in changes {
        let is_named = keys.iter().any(|key| has_key(change, key));
        if is_named && !own.iter().any(|item| agree(item, change, keys)) {
            items.extend(added(change, schema, Lists::Merged)?);
        }
    }
    for item in own {
        let change = changes.iter().find(|change| is_same(&item, change, keys));
        let has_effect = |change: &Node| -> Result<bool> {
            Ok(match directive(change)? {
                Directive::Merge => true,
                Directive::Replace => false,
                Directive::Delete => keys.iter().all(|key| has_key(change, key)),
            })
        };
        match change {
            Some(change) if has_effect(change)? => {
                items.extend(value(Some(item), Some(change), schema)?)
            }
            Some(_) | None => items.push(without_empty_nulls(item, schema)),
        }
    }
    Ok(items)
}
