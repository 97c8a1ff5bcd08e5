//! Reads typed values out of YAML nodes and collects every problem with its file, line and column.
//!
//! It never stops at the first problem: a reader gets defaults for what could not be read and the caller decides what the
//! collected problems mean. It knows no particular document.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Deref;

use serde_json::Value;

use crate::error::{Error, Location};
use crate::object::display::display;
use crate::object::yaml::{Dialect, Node, NodeKind, to_json};

/// A value and the place it was read from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Spanned<T> {
    pub value: T,
    pub line: u32,
    pub column: u32,
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// One file being read, and what was found wrong in it.
pub(crate) struct Reader<'a> {
    pub file: &'a str,
    problems: RefCell<Vec<Error>>,
}

impl<'a> Reader<'a> {
    pub fn new(file: &'a str) -> Self {
        Self {
            file,
            problems: RefCell::default(),
        }
    }

    /// Records a problem at `node`.
    pub fn problem(&self, node: &Node, message: impl Into<String>) {
        self.push(Error::config(message), node);
    }

    pub fn push(&self, error: Error, node: &Node) {
        let error = error.at(self.file, node.line, node.column);
        self.problems.borrow_mut().push(error);
    }

    pub fn into_problems(self) -> Vec<Error> {
        self.problems.into_inner()
    }

    /// The value of a node by the rules of `kubectl`; a problem and `None` when it has none.
    pub fn json(&self, node: &Node) -> Option<Value> {
        match to_json(node, self.file, Dialect::Kubectl) {
            Ok(value) => Some(value),
            Err(error) => {
                self.push(error, node);
                None
            }
        }
    }

    /// Opens the mapping `node`, called `path` in messages.
    pub fn fields<'r>(&'r self, path: &str, node: &'r Node) -> Option<Fields<'r>> {
        let NodeKind::Mapping(entries) = &node.kind else {
            self.problem(node, format!("`{path}` must be a mapping"));
            return None;
        };
        let mut left: BTreeMap<&str, (&Node, &Node)> = BTreeMap::new();
        for (key, value) in entries {
            match key.text() {
                // A repeated key: the last wins, and the loader has warned.
                Some(text) => {
                    left.insert(text, (key, value));
                }
                None => self.problem(key, format!("a key of `{path}` is not text")),
            }
        }
        Some(Fields {
            reader: self,
            path: path.to_owned(),
            node,
            left,
        })
    }
}

/// The fields of one mapping that nobody asked for yet.
pub(crate) struct Fields<'r> {
    reader: &'r Reader<'r>,
    path: String,
    pub node: &'r Node,
    left: BTreeMap<&'r str, (&'r Node, &'r Node)>,
}

impl<'r> Fields<'r> {
    /// The full name of a field of this mapping.
    pub fn name(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// The node under `key`; an explicit null counts as absent.
    pub fn take(&mut self, key: &str) -> Option<&'r Node> {
        let (_, value) = self.left.remove(key)?;
        (!is_null(value)).then_some(value)
    }

    /// Fields that are read and have no effect here.
    pub fn accept(&mut self, keys: &[&str]) {
        self.left.retain(|key, _| !keys.contains(key));
    }

    pub fn map(&mut self, key: &str) -> Option<Self> {
        let name = self.name(key);
        let node = self.take(key)?;
        self.reader.fields(&name, node)
    }

    pub fn items(&mut self, key: &str) -> Vec<(String, &'r Node)> {
        let name = self.name(key);
        let Some(node) = self.take(key) else {
            return Vec::new();
        };
        let NodeKind::Sequence(items) = &node.kind else {
            self.reader
                .problem(node, format!("`{name}` must be a list"));
            return Vec::new();
        };
        items
            .iter()
            .enumerate()
            .map(|(n, item)| (format!("{name}[{n}]"), item))
            .collect()
    }

    pub fn text(&mut self, key: &str) -> Option<Spanned<String>> {
        let name = self.name(key);
        let node = self.take(key)?;
        text(self.reader, &name, node)
    }

    pub fn texts(&mut self, key: &str) -> Vec<Spanned<String>> {
        let items = self.items(key);
        items
            .iter()
            .filter_map(|(name, node)| text(self.reader, name, node))
            .collect()
    }

    pub fn text_map(&mut self, key: &str) -> BTreeMap<String, String> {
        let Some(mut fields) = self.map(key) else {
            return BTreeMap::new();
        };
        let keys: Vec<&str> = fields.left.keys().copied().collect();
        keys.into_iter()
            .filter_map(|key| Some((key.to_owned(), fields.text(key)?.value)))
            .collect()
    }

    pub fn flag(&mut self, key: &str) -> Option<bool> {
        let name = self.name(key);
        let node = self.take(key)?;
        let value = self.reader.json(node)?;
        if !value.is_boolean() {
            self.reader
                .problem(node, format!("`{name}` must be true or false"));
        }
        value.as_bool()
    }

    pub fn integer(&mut self, key: &str) -> Option<Spanned<i64>> {
        let name = self.name(key);
        let node = self.take(key)?;
        let value = self.reader.json(node)?;
        let Some(value) = value.as_i64() else {
            self.reader
                .problem(node, format!("`{name}` must be a whole number"));
            return None;
        };
        Some(spanned(node, value))
    }

    /// Refuses by name what nobody asked for: `unsupported` fields are known but not honoured, all others are unknown.
    ///
    /// An unsupported field that is empty (`helm: {}`) counts as absent.
    pub fn finish(self, unsupported: &[&str], known: &[&str]) {
        for (key, (key_node, value)) in &self.left {
            let name = display(&self.name(key)).into_owned();
            if unsupported.contains(key) {
                if !is_empty(value) {
                    let error = Error::config(format!("`{name}` is not supported yet"));
                    self.reader.push(error.unsupported(), key_node);
                }
                continue;
            }
            let mut error = Error::config(format!("unknown field `{name}`"));
            if let Some(near) = super::near::nearest(key, known.iter().chain(unsupported).copied())
            {
                error = error.hint(format!("did you mean `{near}`?"));
            }
            self.reader.push(error, key_node);
        }
    }

    pub fn keys(&self) -> impl Iterator<Item = (&'r str, &'r Node)> {
        self.left.iter().map(|(key, (node, _))| (*key, *node))
    }
}

fn text(reader: &Reader<'_>, name: &str, node: &Node) -> Option<Spanned<String>> {
    match reader.json(node)? {
        Value::String(value) => Some(spanned(node, value)),
        other => {
            let what = match other {
                Value::Null => "nothing",
                Value::Bool(_) => "a boolean (put it in quotes)",
                Value::Number(_) => "a number (put it in quotes)",
                Value::String(_) => "text",
                Value::Array(_) => "a list",
                Value::Object(_) => "a mapping",
            };
            reader.problem(node, format!("`{name}` must be text, it is {what}"));
            None
        }
    }
}

pub(crate) fn spanned<T>(node: &Node, value: T) -> Spanned<T> {
    Spanned {
        value,
        line: node.line,
        column: node.column,
    }
}

impl<T> Spanned<T> {
    /// The place, in `file`.
    pub fn at(&self, file: &str) -> Location {
        Location {
            file: file.to_owned(),
            line: self.line,
            column: self.column,
        }
    }
}

/// Whether a node is null: `~`, `null` or nothing at all.
pub(crate) fn is_null(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Scalar(scalar) => {
            node.tag.is_none()
                && scalar.style == crate::object::yaml::Style::Plain
                && matches!(scalar.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
        }
        NodeKind::Sequence(_) | NodeKind::Mapping(_) => false,
    }
}

pub(crate) fn is_empty(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Scalar(_) => is_null(node),
        NodeKind::Sequence(items) => items.is_empty(),
        NodeKind::Mapping(entries) => entries.is_empty(),
    }
}
