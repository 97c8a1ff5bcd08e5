//! Field specs: which field of which kind a transformer touches, and the walk to it.

use super::fields::Fields;
use super::id::sort_text;
use super::node::{self, NodeExt};
use super::sort;
use crate::error::{Error, Result};
use crate::object::Gvk;
use crate::object::yaml::{Node, NodeKind};

/// A field of a kind. Empty parts of the type match any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldSpec {
    pub gvk: Gvk,
    /// The path as written, `/`-separated.
    pub path: String,
    pub segments: Vec<Segment>,
    /// Whether missing fields are made.
    pub create: bool,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub field: String,
    /// Written with `[]`: this field is never made.
    pub is_list: bool,
}

impl FieldSpec {
    pub fn new(gvk: Gvk, path: &str, create: bool) -> Self {
        Self {
            gvk,
            path: path.to_owned(),
            segments: segments(path),
            create,
        }
    }

    /// Reads `{group, version, kind, path, create}`.
    pub fn read(node: &Node, file: &str, is_strict: bool) -> Result<Self> {
        let mut fields = if is_strict {
            Fields::strict(node, "field spec", file)?
        } else {
            Fields::lenient(node, "field spec", file)?
        };
        let gvk = Gvk {
            group: fields.text("group")?,
            version: fields.text("version")?,
            kind: fields.text("kind")?,
        };
        let path = fields.text("path")?;
        let create = fields.flag("create")?;
        fields.finish()?;
        Ok(Self::new(gvk, &path, create))
    }

    pub fn selects(&self, gvk: &Gvk) -> bool {
        selects(&self.gvk, gvk)
    }
}

/// Whether `pattern`, whose empty parts match anything, fits `gvk`.
pub fn selects(pattern: &Gvk, gvk: &Gvk) -> bool {
    (pattern.kind.is_empty() || pattern.kind == gvk.kind)
        && (pattern.group.is_empty() || pattern.group == gvk.group)
        && (pattern.version.is_empty() || pattern.version == gvk.version)
}

/// Splits at slashes; `\/` is one that belongs to the name.
fn segments(path: &str) -> Vec<Segment> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let mut parts = vec![String::new()];
    let mut chars = path.chars().peekable();
    while let Some(c) = chars.next() {
        let last = parts.len() - 1;
        match c {
            '\\' if chars.peek() == Some(&'/') => {
                chars.next();
                parts[last].push('/');
            }
            '/' => parts.push(String::new()),
            c => parts[last].push(c),
        }
    }
    parts
        .into_iter()
        .map(|part| {
            let field = part.strip_suffix("[]");
            Segment {
                field: field.unwrap_or(&part).trim().to_owned(),
                is_list: field.is_some(),
            }
        })
        .collect()
}

/// What is made at the end of a path that is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Make {
    Nothing,
    Map,
    /// Always text.
    Text,
    /// A scalar that is what it looks like.
    Plain,
}

impl Make {
    fn node(self) -> Node {
        match self {
            Self::Map => node::empty_map(),
            Self::Plain => Node::plain(""),
            Self::Text | Self::Nothing => node::string(""),
        }
    }
}

/// Calls `found` on every field that the spec leads to in an object.
pub fn walk(
    object: &mut Node,
    spec: &FieldSpec,
    make: Make,
    found: &mut dyn FnMut(&mut Node) -> Result<()>,
) -> Result<()> {
    let make = if spec.create { make } else { Make::Nothing };
    step(object, &spec.segments, make, found)
        .map_err(|error| error.context(format!("considering field `{}`", spec.path)))
}

fn step(
    node: &mut Node,
    path: &[Segment],
    make: Make,
    found: &mut dyn FnMut(&mut Node) -> Result<()>,
) -> Result<()> {
    let Some((segment, rest)) = path.split_first() else {
        return found(node);
    };
    if node.is_null() {
        return Ok(());
    }
    match &mut node.kind {
        NodeKind::Sequence(items) => items
            .iter_mut()
            .try_for_each(|item| step(item, path, make, found)),
        NodeKind::Mapping(_) => {
            let Some(field) = enter(node, segment, rest.is_empty(), make)? else {
                return Ok(());
            };
            step(field, rest, make, found)
        }
        NodeKind::Scalar(_) => Err(Error::render(format!(
            "expected sequence or mapping node before `{}`",
            segment.field
        ))),
    }
}

/// The field a step leads to, made where that is wanted.
fn enter<'a>(
    map: &'a mut Node,
    segment: &Segment,
    is_last: bool,
    make: Make,
) -> Result<Option<&'a mut Node>> {
    if segment.field.is_empty() {
        return Err(Error::render("cannot set or create an empty field name"));
    }
    if segment.is_list {
        // What is null where a list is expected becomes an empty one, even if nothing is to be made.
        return Ok(map.get_mut(&segment.field).map(|field| {
            if field.is_null() {
                *field = node::empty_list();
            }
            field
        }));
    }
    if make == Make::Nothing {
        return Ok(map.get_mut(&segment.field));
    }
    let wanted = if is_last { make } else { Make::Map };
    let field = map.entry_or(&segment.field, || wanted.node());
    Ok(field.map(|field| {
        if field.is_null() {
            let line = field.line;
            *field = wanted.node();
            field.line = line;
        }
        field
    }))
}

/// A list of field specs, sorted by type.
#[derive(Debug, Clone, Default)]
pub struct Specs(pub Vec<FieldSpec>);

impl Specs {
    /// The specs that apply to a type, in order.
    pub fn of<'a>(&'a self, gvk: &'a Gvk) -> impl Iterator<Item = &'a FieldSpec> {
        self.0.iter().filter(|spec| spec.selects(gvk))
    }

    /// Adds what is not there yet; the same field with another `create` is an error.
    pub fn merge(&mut self, others: Vec<FieldSpec>) -> Result<()> {
        for other in others {
            let duplicate = self
                .0
                .iter()
                .find(|spec| spec.path == other.path && other.selects(&spec.gvk));
            match duplicate {
                Some(spec) if spec.create != other.create => {
                    return Err(Error::render(format!(
                        "conflicting fieldspecs: `{}` is both created and not created",
                        other.path
                    )));
                }
                Some(_) => {}
                None => self.0.push(other),
            }
        }
        self.0
            .sort_by_cached_key(|spec| (sort::legacy_rank(&spec.gvk.kind), sort_text(&spec.gvk)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::yaml::{Limits, parse};

    fn check(text: &str, path: &str, create: bool, expected: &str) {
        let mut node = parse(text.as_bytes(), "r.yaml", &Limits::default())
            .expect("parses")
            .documents
            .remove(0);
        let spec = FieldSpec::new(Gvk::default(), path, create);
        let result = walk(&mut node, &spec, Make::Text, &mut |node| {
            node.set_text("new".to_owned());
            Ok(())
        });
        let after = match result {
            Ok(()) => super::super::typed::to_value(&node)
                .expect("types")
                .to_string(),
            Err(error) => error.message(),
        };
        assert_eq!(after, expected);
    }

    #[test]
    fn lists_are_passed_through() {
        check(
            "a: [{b: x}, {c: y}, {b: z}]",
            "a/b",
            false,
            r#"{"a":[{"b":"new"},{"c":"y"},{"b":"new"}]}"#,
        );
    }

    #[test]
    fn missing_fields_are_made_only_when_asked_for() {
        check("x: 1", "a/b", false, r#"{"x":1}"#);
        check("x: 1", "a/b", true, r#"{"a":{"b":"new"},"x":1}"#);
        check("a: null", "a/b", true, r#"{"a":{"b":"new"}}"#);
        check("x: 1", "a[]/b", true, r#"{"x":1}"#);
    }

    #[test]
    fn an_escaped_slash_belongs_to_the_name() {
        check("a: {x/y: 1}", r"/a/x\/y", false, r#"{"a":{"x/y":"new"}}"#);
    }

    #[test]
    fn a_scalar_on_the_way_is_an_error() {
        check(
            "a: 1",
            "a/b",
            true,
            "considering field `a/b`: expected sequence or mapping node before `b`",
        );
    }
}
