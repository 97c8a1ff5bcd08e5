//! Where a replacement target's path leads: in an object's nodes, and in the items of a text.
//!
//! How a path is written is [`super::path`]'s business. The two trees differ in what becomes of a null and of a text within a
//! text: see [`Tree`].

use regex::Regex;

use super::node::{self, NodeExt};
use super::path::{Create, condition, index, is_bracketed};
use super::structured;
use crate::error::{Error, Result};
use crate::object::yaml::{Node, NodeKind, Style};

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
    fn is_scalar(&self) -> bool;
    fn is_map(&self) -> bool;
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

    /// Goes on in the value of a field.
    fn visit_value(
        &mut self,
        rest: &[String],
        create: Create,
        found: Found<'_, Self>,
    ) -> Result<usize> {
        visit(self, rest, create, found)
    }
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
    if key.is_empty() && value.is_scalar() {
        return visit(value, rest, create, found);
    }
    if key.is_empty() || !value.is_map() {
        return Err(wrong_kind("MappingNode", value));
    }
    let missing = (create != Create::Nothing).then(|| create.before(rest.first()));
    match value.field_mut(key, missing) {
        Some(child) => child.visit_value(rest, create, found),
        None => Ok(0),
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
    let pattern = Regex::new(wanted)
        .map_err(|_| Error::render("a value in brackets of a path is no regular expression"))?;
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
    pattern: &Regex,
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

    fn is_scalar(&self) -> bool {
        NodeExt::is_scalar(self)
    }

    fn is_map(&self) -> bool {
        NodeExt::is_map(self)
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
        visit(self, path, create, found)
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
