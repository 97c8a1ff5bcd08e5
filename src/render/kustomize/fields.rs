//! Strict reading of a kustomization's fields: unknown names, wrong types and where they stand.
//!
//! Field names match in any case and scalars are YAML 1.1, as in the real program.

use serde_json::Value;

use super::node::NodeExt;
use super::{emit, typed};
use crate::error::{Error, Result};
use crate::object::yaml::{Dialect, Node, NodeKind, resolve, to_json};

/// A map whose fields are taken one by one; what is left at the end is unknown.
pub struct Fields<'a> {
    entries: Vec<(String, &'a Node, bool)>,
    /// What the map is called in messages, such as `images`.
    name: &'a str,
    file: &'a str,
    line: u32,
    is_strict: bool,
}

impl<'a> Fields<'a> {
    /// Opens a map whose unknown fields are errors.
    pub fn strict(node: &'a Node, name: &'a str, file: &'a str) -> Result<Self> {
        Self::open(node, name, file, true)
    }

    /// Opens a map whose unknown fields are ignored, such as a transformer written as an object. Where it wants text, a number or
    /// true is its spelling, as Go's libraries have it there.
    pub fn lenient(node: &'a Node, name: &'a str, file: &'a str) -> Result<Self> {
        Self::open(node, name, file, false)
    }

    fn open(node: &'a Node, name: &'a str, file: &'a str, is_strict: bool) -> Result<Self> {
        let mut fields = Self {
            entries: Vec::new(),
            name,
            file,
            line: node.line,
            is_strict,
        };
        match &node.kind {
            NodeKind::Mapping(entries) => {
                for (key, value) in entries {
                    let name = key.text().unwrap_or_default().to_owned();
                    fields.entries.push((name, value, false));
                }
                Ok(fields)
            }
            NodeKind::Scalar(_) if node.is_null() => Ok(fields),
            NodeKind::Scalar(_) | NodeKind::Sequence(_) => Err(fields.wrong(node, "a map")),
        }
    }

    fn wrong(&self, node: &Node, wanted: &str) -> Error {
        wrong(self.name, self.file, node, wanted)
    }

    /// The node of a field that is not null; of a repeated one the last.
    pub fn node(&mut self, field: &str) -> Option<&'a Node> {
        let mut found = None;
        for (name, node, taken) in &mut self.entries {
            if name == field || name.eq_ignore_ascii_case(field) {
                *taken = true;
                found = Some(*node);
            }
        }
        found.filter(|node| !node.is_null())
    }

    /// A text; empty when absent or null.
    pub fn text(&mut self, field: &'a str) -> Result<String> {
        match self.node(field) {
            Some(node) => self.text_of(node, field),
            None => Ok(String::new()),
        }
    }

    fn text_of(&self, node: &Node, field: &str) -> Result<String> {
        if self.is_strict || !node.is_scalar() {
            return text(node, field, self.file);
        }
        Ok(match typed::to_value(node)? {
            Value::String(text) => text,
            Value::Number(number) => emit::number_text(&number),
            Value::Bool(flag) => flag.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
        })
    }

    pub fn flag(&mut self, field: &'a str) -> Result<bool> {
        let Some(node) = self.node(field) else {
            return Ok(false);
        };
        match scalar(node, field, self.file)? {
            Value::Bool(flag) => Ok(flag),
            _ => Err(wrong(field, self.file, node, "true or false")),
        }
    }

    pub fn integer(&mut self, field: &'a str) -> Result<Option<i64>> {
        let Some(node) = self.node(field) else {
            return Ok(None);
        };
        match scalar(node, field, self.file)?.as_i64() {
            Some(number) => Ok(Some(number)),
            None => Err(wrong(field, self.file, node, "an integer")),
        }
    }

    /// The items of a list; none when absent or null.
    pub fn list(&mut self, field: &'a str) -> Result<&'a [Node]> {
        match self.node(field) {
            Some(node) => match node.items() {
                Some(items) => Ok(items),
                None => Err(wrong(field, self.file, node, "a list")),
            },
            None => Ok(&[]),
        }
    }

    pub fn texts(&mut self, field: &'a str) -> Result<Vec<String>> {
        let items = self.list(field)?;
        items.iter().map(|item| self.text_of(item, field)).collect()
    }

    /// A map of texts, sorted by key.
    pub fn pairs(&mut self, field: &'a str) -> Result<Vec<(String, String)>> {
        let Some(node) = self.node(field) else {
            return Ok(Vec::new());
        };
        // Keys take the detour over YAML 1.1: `n` is the key `false`.
        let as_json = to_json(node, self.file, Dialect::Kubectl)?;
        let (Some(map), Some(entries)) = (as_json.as_object(), node.entries()) else {
            return Err(wrong(field, self.file, node, "a map"));
        };
        map.iter()
            .map(|(key, value)| match value {
                Value::String(text) => Ok((key.clone(), text.clone())),
                Value::Null => Ok((key.clone(), String::new())),
                _ => {
                    let at = entries.iter().find(|(k, _)| k.text() == Some(key));
                    let at = at.map_or(node, |(_, value)| value);
                    if !self.is_strict && at.is_scalar() {
                        return Ok((key.clone(), self.text_of(at, field)?));
                    }
                    Err(wrong(
                        &format!("{field}.{key}"),
                        self.file,
                        at,
                        "text: quote it",
                    ))
                }
            })
            .collect()
    }

    /// Ends the reading: an error where a field was not asked for.
    pub fn finish(self) -> Result<()> {
        if !self.is_strict {
            return Ok(());
        }
        match self.entries.iter().find(|(_, _, taken)| !taken) {
            Some((name, node, _)) => Err(Error::render(format!(
                "unknown field `{name}` in `{}`",
                self.name
            ))
            .at(self.file, node.line.max(self.line), 0)),
            None => Ok(()),
        }
    }

    pub fn line(&self) -> u32 {
        self.line
    }
}

fn scalar(node: &Node, field: &str, file: &str) -> Result<Value> {
    match &node.kind {
        NodeKind::Scalar(scalar) => {
            resolve(scalar, node.tag.as_deref(), Dialect::Kubectl).map_err(|message| {
                Error::render(format!("`{field}`: {message}")).at(file, node.line, node.column)
            })
        }
        NodeKind::Sequence(_) | NodeKind::Mapping(_) => Err(wrong(field, file, node, "a scalar")),
    }
}

/// A node as text; null is the empty text, numbers and booleans are errors.
pub fn text(node: &Node, field: &str, file: &str) -> Result<String> {
    match scalar(node, field, file)? {
        Value::String(text) => Ok(text),
        Value::Null => Ok(String::new()),
        _ => Err(wrong(field, file, node, "text: quote it")),
    }
}

fn wrong(field: &str, file: &str, node: &Node, wanted: &str) -> Error {
    Error::render(format!("`{field}` must be {wanted}")).at(file, node.line, node.column)
}
