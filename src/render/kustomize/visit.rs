//! Where a replacement target's path leads: in an object's nodes, and in the items of a text.
//!
//! How a path is written is [`super::path`]'s business. The two trees differ in what becomes of a null and of a text within a
//! text: see [`Tree`].

use super::node::{self, NodeExt};
use super::path::{Create, condition, index, is_bracketed};
use super::structured;
use crate::error::{Error, Result};
use crate::object::yaml::{Limits, Node, NodeKind, Style, parse};
use crate::render::re2::Pattern;

/// What happens to a value that was found.
pub type Found<'a, T> = &'a mut dyn FnMut(&mut T) -> Result<()>;

/// Values that a path may lead through.
pub trait Tree: Sized {
    /// An empty value of the kind that is missing.
    fn made(create: Create) -> Self;
    fn made_text(text: &str) -> Self;
    /// A map with this one field.
    fn field_of(key: &str, value: &str) -> Self;
    fn is_null(&self) -> bool;
    fn is_map(&self) -> bool;
    /// The text of a scalar.
    fn scalar_text(&self) -> Option<&str>;
    /// `MappingNode`, `SequenceNode` or `ScalarNode`, for messages.
    fn kind_name(&self) -> &'static str;
    /// The text that patterns are held against: as it would be written.
    fn shown(&self) -> String;
    fn items_mut(&mut self) -> Option<&mut Vec<Self>>;
    fn field(&self, key: &str) -> Option<&Self>;
    /// A field of a map, made where it is missing if that is wanted.
    fn field_mut(&mut self, key: &str, missing: Option<Create>) -> Option<&mut Self>;

    /// Goes on in a null.
    fn visit_null(
        &mut self,
        path: &[String],
        create: Create,
        found: Found<'_, Self>,
    ) -> Result<usize>;

    /// Goes on in what a text says. What is changed there is thrown away: only [`structured`] writes it back.
    fn visit_text(
        text: &str,
        rest: &[String],
        create: Create,
        found: Found<'_, Self>,
    ) -> Result<usize>;
}

/// Calls `found` on every value at the path and says how many there were. Missing ones are made where that is wanted.
pub fn visit<T: Tree>(
    value: &mut T,
    path: &[String],
    create: Create,
    found: Found<'_, T>,
) -> Result<usize> {
    let Some((part, rest)) = path.split_first() else {
        found(value)?;
        return Ok(1);
    };
    if value.is_null() {
        return value.visit_null(path, create, found);
    }
    if part == "*" {
        let mut n = 0;
        for item in items_mut(value)? {
            n += visit(item, rest, create, found)?;
        }
        return Ok(n);
    }
    if let Some(index) = index(part) {
        in_index(value, index, rest, create, found)
    } else if is_bracketed(part) {
        in_items(value, part, rest, create, found)
    } else {
        in_field(value, part, rest, create, found)
    }
}

fn wrong_kind(wanted: &str, value: &impl Tree) -> Error {
    let kind = value.kind_name();
    Error::render(format!("wrong node kind: expected {wanted} but got {kind}"))
}

fn items_mut<T: Tree>(value: &mut T) -> Result<&mut Vec<T>> {
    let error = wrong_kind("SequenceNode", value);
    value.items_mut().ok_or(error)
}

fn in_field<T: Tree>(
    value: &mut T,
    key: &str,
    rest: &[String],
    create: Create,
    found: Found<'_, T>,
) -> Result<usize> {
    if key.is_empty() {
        return in_itself(value, rest, create, found);
    }
    if !value.is_map() {
        return Err(wrong_kind("MappingNode", value));
    }
    let missing = (create != Create::Nothing).then(|| create.before(rest.first()));
    match value.field_mut(key, missing) {
        Some(child) => in_value(child, rest, create, found),
        None => Ok(0),
    }
}

fn in_value<T: Tree>(
    value: &mut T,
    rest: &[String],
    create: Create,
    found: Found<'_, T>,
) -> Result<usize> {
    match value.scalar_text() {
        Some(text) if !rest.is_empty() => T::visit_text(text, rest, create, found),
        Some(_) | None => visit(value, rest, create, found),
    }
}

/// An empty part of a path is a scalar without text. Where it is to be made, a scalar is emptied, and what is written goes to a copy.
fn in_itself<T: Tree>(
    value: &mut T,
    rest: &[String],
    create: Create,
    found: Found<'_, T>,
) -> Result<usize> {
    match value.scalar_text() {
        None => Err(wrong_kind("ScalarNode", value)),
        Some("") => in_value(value, rest, create, found),
        Some(_) if create == Create::Nothing => Ok(0),
        Some(_) => {
            let kind = create.before(rest.first());
            *value = T::made(kind);
            in_value(&mut T::made(kind), rest, create, found)
        }
    }
}

fn in_index<T: Tree>(
    value: &mut T,
    index: usize,
    rest: &[String],
    create: Create,
    found: Found<'_, T>,
) -> Result<usize> {
    let items = items_mut(value)?;
    let len = items.len();
    if index == len && create != Create::Nothing {
        items.push(T::made(create.before(rest.first())));
    }
    match items.get_mut(index) {
        Some(item) => visit(item, rest, create, found),
        None => Err(Error::render(format!(
            "index {index} specified but only {len} elements found"
        ))),
    }
}

fn in_items<T: Tree>(
    value: &mut T,
    part: &str,
    rest: &[String],
    create: Create,
    found: Found<'_, T>,
) -> Result<usize> {
    let (field, wanted) = condition(part)?;
    let items = items_mut(value)?;
    let pattern = Pattern::new(wanted)?;
    let mut n = matching(items, field, &pattern, rest, create, found)?;
    if n == 0 && create != Create::Nothing {
        items.push(if field.is_empty() {
            T::made_text(wanted)
        } else {
            T::field_of(field, wanted)
        });
        n = matching(items, field, &pattern, rest, create, found)?;
        if n == 0 {
            return Err(Error::render(format!(
                "the item made for `[{field}=…]` does not match it"
            )));
        }
    }
    Ok(n)
}

fn matching<T: Tree>(
    items: &mut [T],
    field: &str,
    pattern: &Pattern,
    rest: &[String],
    create: Create,
    found: Found<'_, T>,
) -> Result<usize> {
    let fits = |value: &T| pattern.is_match(&value.shown());
    let mut n = 0;
    for item in items {
        if field.is_empty() {
            if fits(item) {
                // What follows in the path is not looked at.
                found(item)?;
                n += 1;
            }
        } else if item.field(field).is_some_and(fits) {
            n += visit(item, rest, create, found)?;
        }
    }
    Ok(n)
}

impl Tree for Node {
    fn made(create: Create) -> Self {
        match create {
            Create::Map => node::empty_map(),
            Create::List => node::empty_list(),
            Create::Scalar | Create::Nothing => Self::plain(""),
        }
    }

    fn made_text(text: &str) -> Self {
        Self::plain(text)
    }

    fn field_of(key: &str, value: &str) -> Self {
        let mut map = node::empty_map();
        map.set(key, Self::plain(value));
        map
    }

    fn is_null(&self) -> bool {
        NodeExt::is_null(self)
    }

    fn is_map(&self) -> bool {
        NodeExt::is_map(self)
    }

    fn scalar_text(&self) -> Option<&str> {
        self.text()
    }

    fn kind_name(&self) -> &'static str {
        NodeExt::kind_name(self)
    }

    /// With the quotes it was written with.
    fn shown(&self) -> String {
        match &self.kind {
            NodeKind::Scalar(scalar) if scalar.style == Style::Plain || self.line == 0 => {
                scalar.text.trim().to_owned()
            }
            NodeKind::Scalar(_) | NodeKind::Sequence(_) | NodeKind::Mapping(_) => {
                structured::shown(self)
            }
        }
    }

    fn items_mut(&mut self) -> Option<&mut Vec<Self>> {
        NodeExt::items_mut(self)
    }

    fn field(&self, key: &str) -> Option<&Self> {
        self.get(key)
    }

    fn field_mut(&mut self, key: &str, missing: Option<Create>) -> Option<&mut Self> {
        match missing {
            None => self.get_mut(key),
            Some(create) => self.entry_or(key, || Self::made(create)),
        }
    }

    /// A null becomes what the path wants to lead through.
    fn visit_null(
        &mut self,
        path: &[String],
        create: Create,
        found: Found<'_, Self>,
    ) -> Result<usize> {
        let part = path.first();
        if create == Create::Nothing || part.is_some_and(|part| part == "*") {
            return Ok(0);
        }
        *self = Self::made(create.before(part));
        match path {
            [part, rest @ ..] if part.is_empty() => in_value(self, rest, create, found),
            _ => visit(self, path, create, found),
        }
    }

    fn visit_text(
        text: &str,
        rest: &[String],
        create: Create,
        found: Found<'_, Self>,
    ) -> Result<usize> {
        let read = parse(text.as_bytes(), "", &Limits::default());
        match read.map(|read| read.documents.into_iter().next()) {
            Ok(Some(mut document)) => visit(&mut document, rest, create, found),
            Ok(None) | Err(_) => Err(structured::no_structure()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::path::split;
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
    fn a_dot_too_many_leads_nowhere_else_or_into_an_empty_text() {
        check("{a: {b: 1}}", ".a.b", false, Some(r#"{"a":{"b":"new"}}"#));
        check("{a: {b: 1}}", "..a.b", false, None);
        check("{a: {b: 1}}", "a..b", true, None);
        check("{a: []}", "a.0.", true, Some(r#"{"a":["new"]}"#));
        check("{a: x}", "a.", false, None);
        check("{}", "a.", true, None);
    }

    #[test]
    fn what_follows_a_text_that_a_pattern_found_is_found_in_a_copy() {
        check("[{v: 'k: 1'}]", "*.v.k", false, Some(r#"[{"v":"k: 1"}]"#));
        check("[{v: ''}]", "*.v.k", false, None);
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
    fn a_star_stands_for_every_item() {
        check(
            "{a: [{v: 1}, {v: 2}]}",
            "a.*.v",
            false,
            Some(r#"{"a":[{"v":"new"},{"v":"new"}]}"#),
        );
    }
}
