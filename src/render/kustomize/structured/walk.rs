//! The values at a replacement's path inside a text.
//!
//! The rules are those of `path::visit`, but for what the real program loses in a text: what is written into a null, and into
//! a text within the text.

use regex::Regex;

use super::item::{Item, Kind, Mapping, Tag};
use super::read::{self, Text};
use super::write;
use crate::error::{Error, Result};
use crate::render::kustomize::path::{self, Create};

/// What happens to a value that was found.
pub type Found<'a> = &'a mut dyn FnMut(&mut Item) -> Result<()>;

/// Calls `found` on every value at the path and says how many there were. Missing ones are made where that is wanted.
pub fn visit(item: &mut Item, path: &[String], create: Create, found: Found<'_>) -> Result<usize> {
    let Some((part, rest)) = path.split_first() else {
        found(item)?;
        return Ok(1);
    };
    let is_field = part != "*" && path::index(part).is_none() && !path::is_bracketed(part);
    if item.is_null() {
        return in_null(path, is_field, create, found);
    }
    if part == "*" {
        let mut n = 0;
        for item in items_mut(item)? {
            n += visit(item, rest, create, found)?;
        }
        return Ok(n);
    }
    if let Some(index) = path::index(part) {
        in_index(item, index, rest, create, found)
    } else if path::is_bracketed(part) {
        in_items(item, part, rest, create, found)
    } else {
        in_field(item, part, rest, create, found)
    }
}

/// What is made in a null is thrown away.
fn in_null(path: &[String], is_field: bool, create: Create, found: Found<'_>) -> Result<usize> {
    if is_field && create == Create::Nothing {
        return Ok(0);
    }
    let mut scratch = made(if is_field { Create::Map } else { Create::List });
    visit(&mut scratch, path, create, found)
}

fn made(create: Create) -> Item {
    match create {
        Create::Map => Item::new(Kind::Mapping(Mapping::default()), Tag::Open),
        Create::List => {
            let (items, is_flow) = (Vec::new(), false);
            Item::new(Kind::Sequence { items, is_flow }, Tag::Open)
        }
        Create::Scalar | Create::Nothing => Item::scalar(""),
    }
}

fn wrong_kind(wanted: &str, item: &Item) -> Error {
    let kind = match item.kind {
        Kind::Scalar { .. } => "ScalarNode",
        Kind::Sequence { .. } => "SequenceNode",
        Kind::Mapping(_) => "MappingNode",
        Kind::Alias(_) => "AliasNode",
    };
    Error::render(format!("wrong node kind: expected {wanted} but got {kind}"))
}

fn items_mut(item: &mut Item) -> Result<&mut Vec<Item>> {
    let error = wrong_kind("SequenceNode", item);
    match &mut item.kind {
        Kind::Sequence { items, .. } => Ok(items),
        Kind::Scalar { .. } | Kind::Mapping(_) | Kind::Alias(_) => Err(error),
    }
}

fn in_field(
    item: &mut Item,
    key: &str,
    rest: &[String],
    create: Create,
    found: Found<'_>,
) -> Result<usize> {
    if key.is_empty() && item.text().is_some() {
        return visit(item, rest, create, found);
    }
    let error = wrong_kind("MappingNode", item);
    let entries = match &mut item.kind {
        Kind::Mapping(map) if !key.is_empty() => &mut map.entries,
        _ => return Err(error),
    };
    let position = entries.iter().position(|(k, _)| k.text() == Some(key));
    let position = match position {
        Some(position) => position,
        None if create == Create::Nothing => return Ok(0),
        None => {
            entries.push((Item::scalar(key), made(create.before(rest.first()))));
            entries.len() - 1
        }
    };
    let Some((_, child)) = entries.get_mut(position) else {
        return Ok(0);
    };
    match child.text() {
        Some(text) if !rest.is_empty() => in_text(text, rest, create, found),
        _ => visit(child, rest, create, found),
    }
}

/// A text within the text is looked into, but what is changed there is thrown away.
fn in_text(text: &str, rest: &[String], create: Create, found: Found<'_>) -> Result<usize> {
    match read::read(text) {
        Some(Text::Document(mut document)) => visit(&mut document.root, rest, create, found),
        Some(Text::Empty) => Err(Error::render(
            "wrong node kind: an empty text has no fields",
        )),
        None => Err(Error::render("wrong node kind: a text that is no YAML")),
    }
}

fn in_index(
    item: &mut Item,
    index: usize,
    rest: &[String],
    create: Create,
    found: Found<'_>,
) -> Result<usize> {
    let items = items_mut(item)?;
    let len = items.len();
    if index == len && create != Create::Nothing {
        items.push(made(create.before(rest.first())));
    }
    match items.get_mut(index) {
        Some(item) => visit(item, rest, create, found),
        None => Err(Error::render(format!(
            "index {index} specified but only {len} elements found"
        ))),
    }
}

fn in_items(
    item: &mut Item,
    part: &str,
    rest: &[String],
    create: Create,
    found: Found<'_>,
) -> Result<usize> {
    let (field, value) = path::condition(part)?;
    let items = items_mut(item)?;
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
    items: &mut [Item],
    field: &str,
    pattern: &Regex,
    rest: &[String],
    create: Create,
    found: Found<'_>,
) -> Result<usize> {
    // Patterns are held against the text that would be written, comments and all.
    let fits = |item: &Item| pattern.is_match(write::item(item).trim());
    let mut n = 0;
    for item in items {
        if field.is_empty() {
            if fits(item) {
                // What follows in the path is not looked at.
                found(item)?;
                n += 1;
            }
        } else if let Kind::Mapping(map) = &item.kind
            && let Some((_, value)) = map.entries.iter().find(|(k, _)| k.text() == Some(field))
            && fits(value)
        {
            n += visit(item, rest, create, found)?;
        }
    }
    Ok(n)
}

fn made_item(field: &str, value: &str) -> Item {
    if field.is_empty() {
        return Item::scalar(value);
    }
    let entries = vec![(Item::scalar(field), Item::scalar(value))];
    let is_flow = false;
    Item::new(Kind::Mapping(Mapping { entries, is_flow }), Tag::Open)
}
