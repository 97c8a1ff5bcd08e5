//! Reading and writing YAML nodes the way kustomize does: scalars keep their text, maps keep their order.
//!
//! It gives no meaning to plain scalars beyond "is it null"; typing is [`super::typed`]'s.

use crate::object::yaml::{Node, NodeKind, Scalar, Style, TAGS};

/// The entries of a map.
pub type Entries = Vec<(Node, Node)>;

pub fn empty_map() -> Node {
    Node::new(NodeKind::Mapping(Vec::new()))
}

pub fn empty_list() -> Node {
    Node::new(NodeKind::Sequence(Vec::new()))
}

/// Readers and writers that every transformer needs.
pub trait NodeExt {
    fn entries(&self) -> Option<&Entries>;
    fn entries_mut(&mut self) -> Option<&mut Entries>;
    fn items(&self) -> Option<&Vec<Node>>;
    fn items_mut(&mut self) -> Option<&mut Vec<Node>>;
    fn get_mut(&mut self, key: &str) -> Option<&mut Node>;
    /// The node at the end of a chain of keys.
    fn at(&self, path: &[&str]) -> Option<&Node>;
    /// The text of the scalar at the end of a chain of keys; empty when there is none or it is null.
    fn text_at(&self, path: &[&str]) -> &str;
    /// Sets a key to a node, in place if it is there.
    fn set(&mut self, key: &str, value: Node);
    /// The value under a key, made when it is missing.
    fn entry_or(&mut self, key: &str, make: impl FnOnce() -> Node) -> Option<&mut Node>;
    fn remove(&mut self, key: &str) -> Option<Node>;
    fn is_null(&self) -> bool;
    fn is_scalar(&self) -> bool;
    fn is_map(&self) -> bool;
    /// A null, an empty map or an empty list.
    fn is_empty_value(&self) -> bool;
    /// Replaces a scalar's text; the quotes stay, an explicit tag goes.
    fn set_text(&mut self, text: String);
    /// `MappingNode`, `SequenceNode` or `ScalarNode`, for messages.
    fn kind_name(&self) -> &'static str;
}

impl NodeExt for Node {
    fn entries(&self) -> Option<&Entries> {
        match &self.kind {
            NodeKind::Mapping(entries) => Some(entries),
            NodeKind::Scalar(_) | NodeKind::Sequence(_) => None,
        }
    }

    fn entries_mut(&mut self) -> Option<&mut Entries> {
        match &mut self.kind {
            NodeKind::Mapping(entries) => Some(entries),
            NodeKind::Scalar(_) | NodeKind::Sequence(_) => None,
        }
    }

    fn items(&self) -> Option<&Vec<Self>> {
        match &self.kind {
            NodeKind::Sequence(items) => Some(items),
            NodeKind::Scalar(_) | NodeKind::Mapping(_) => None,
        }
    }

    fn items_mut(&mut self) -> Option<&mut Vec<Self>> {
        match &mut self.kind {
            NodeKind::Sequence(items) => Some(items),
            NodeKind::Scalar(_) | NodeKind::Mapping(_) => None,
        }
    }

    fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        self.entries_mut()?
            .iter_mut()
            .find(|(k, _)| k.text() == Some(key))
            .map(|(_, value)| value)
    }

    fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    fn text_at(&self, path: &[&str]) -> &str {
        match self.at(path) {
            Some(node) if !node.is_null() => node.text().unwrap_or_default(),
            _ => "",
        }
    }

    fn set(&mut self, key: &str, value: Self) {
        if let Some(found) = self.get_mut(key) {
            *found = value;
        } else if let Some(entries) = self.entries_mut() {
            entries.push((Self::plain(key), value));
        }
    }

    fn entry_or(&mut self, key: &str, make: impl FnOnce() -> Self) -> Option<&mut Self> {
        let entries = self.entries_mut()?;
        let position = match entries.iter().position(|(k, _)| k.text() == Some(key)) {
            Some(position) => position,
            None => {
                entries.push((Self::plain(key), make()));
                entries.len() - 1
            }
        };
        entries.get_mut(position).map(|(_, value)| value)
    }

    fn remove(&mut self, key: &str) -> Option<Self> {
        let entries = self.entries_mut()?;
        let position = entries.iter().position(|(k, _)| k.text() == Some(key))?;
        Some(entries.remove(position).1)
    }

    fn is_null(&self) -> bool {
        match &self.kind {
            NodeKind::Scalar(scalar) => match self.tag.as_deref() {
                Some(tag) => tag == "tag:yaml.org,2002:null",
                None => scalar.style == Style::Plain && is_null_text(&scalar.text),
            },
            NodeKind::Sequence(_) | NodeKind::Mapping(_) => false,
        }
    }

    fn is_scalar(&self) -> bool {
        matches!(self.kind, NodeKind::Scalar(_))
    }

    fn is_map(&self) -> bool {
        matches!(self.kind, NodeKind::Mapping(_))
    }

    fn is_empty_value(&self) -> bool {
        match &self.kind {
            NodeKind::Scalar(_) => self.is_null(),
            NodeKind::Sequence(items) => items.is_empty(),
            NodeKind::Mapping(entries) => entries.is_empty(),
        }
    }

    fn set_text(&mut self, text: String) {
        self.tag = None;
        match &mut self.kind {
            NodeKind::Scalar(scalar) => {
                scalar.text = text;
                if scalar.style == Style::Plain && self.line > 0 {
                    // What it is shows when it is printed, as with any node that was made.
                    (self.line, self.column) = (0, 0);
                }
            }
            kind @ (NodeKind::Sequence(_) | NodeKind::Mapping(_)) => {
                *kind = NodeKind::Scalar(Scalar {
                    text,
                    style: Style::Plain,
                });
            }
        }
    }

    fn kind_name(&self) -> &'static str {
        match self.kind {
            NodeKind::Scalar(_) => "ScalarNode",
            NodeKind::Sequence(_) => "SequenceNode",
            NodeKind::Mapping(_) => "MappingNode",
        }
    }
}

/// The spellings of null.
pub fn is_null_text(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// A value of a type, `int` or another of YAML's, as a transformer creates it.
pub fn typed(name: &str, text: impl Into<String>) -> Node {
    Node {
        tag: Some(tag(name)),
        ..Node::plain(text)
    }
}

/// The tag of one of YAML's types in full.
pub fn tag(name: &str) -> String {
    format!("{TAGS}{name}")
}

/// A string as a transformer creates it: always text, whatever it looks like.
pub fn string(text: impl Into<String>) -> Node {
    Node::quoted(text)
}
