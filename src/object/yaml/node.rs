//! A YAML node: structure, text as written, and its place.

/// Where a scalar stood between quotes, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    #[default]
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
    Folded,
}

/// A scalar: its text after unescaping, not yet typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scalar {
    pub text: String,
    pub style: Style,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    Scalar(Scalar),
    Sequence(Vec<Node>),
    /// Entries in source order; keys are nodes because YAML allows any. Duplicates are kept.
    Mapping(Vec<(Node, Node)>),
}

/// A node of a document. Aliases have been replaced by copies of what they stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub kind: NodeKind,
    /// An explicit tag in full (`tag:yaml.org,2002:str`, `!Ref`), if any.
    pub tag: Option<String>,
    /// Both count from 1; 0 for a node that was made, not read.
    pub line: u32,
    pub column: u32,
}

impl Node {
    pub fn new(kind: NodeKind) -> Self {
        Self {
            kind,
            tag: None,
            line: 0,
            column: 0,
        }
    }

    pub fn plain(text: impl Into<String>) -> Self {
        Self::new(NodeKind::Scalar(Scalar {
            text: text.into(),
            style: Style::Plain,
        }))
    }

    pub fn quoted(text: impl Into<String>) -> Self {
        Self::new(NodeKind::Scalar(Scalar {
            text: text.into(),
            style: Style::DoubleQuoted,
        }))
    }

    /// The value under a scalar key, the last one where a key is repeated.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            NodeKind::Mapping(entries) => entries
                .iter()
                .rev()
                .find(|(k, _)| k.text() == Some(key))
                .map(|(_, v)| v),
            NodeKind::Scalar(_) | NodeKind::Sequence(_) => None,
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar(scalar) => Some(&scalar.text),
            NodeKind::Sequence(_) | NodeKind::Mapping(_) => None,
        }
    }
}
