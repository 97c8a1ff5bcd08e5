//! The model of a text that is YAML: values with all that makes them look as they do.
//!
//! It knows neither how a text becomes items nor how they are written.

use crate::object::yaml::{Node, NodeKind, Style, TAGS};

/// A value, with its looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub kind: Kind,
    pub tag: Tag,
    pub anchor: Option<Box<str>>,
    /// Boxed: most items have none.
    pub comments: Option<Box<Comments>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Scalar {
        text: String,
        style: Style,
    },
    Sequence {
        items: Vec<Item>,
        is_flow: bool,
    },
    Mapping(Mapping),
    /// `*name`.
    Alias(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping {
    pub entries: Vec<(Item, Item)>,
    pub is_flow: bool,
}

/// What a value is said to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    /// A value that was made: whatever its text says.
    Open,
    /// What its text or its quotes said when it was read. It stays when the text changes.
    Read(&'static str),
    /// The same, for a value that came from an object.
    Kept(Box<str>),
    /// Written in the text.
    Written(Box<str>),
}

/// Comments around a value; each may have several lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comments {
    pub head: String,
    pub line: String,
    pub foot: String,
}

/// A text's document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub root: Item,
    pub head: String,
    pub foot: String,
}

impl Tag {
    /// The short form.
    pub fn name(&self) -> &str {
        match self {
            Self::Open => "",
            Self::Read(name) => name,
            Self::Kept(name) | Self::Written(name) => name,
        }
    }
}

impl Item {
    pub fn new(kind: Kind, tag: Tag) -> Self {
        Self {
            kind,
            tag,
            anchor: None,
            comments: None,
        }
    }

    pub fn scalar(text: impl Into<String>) -> Self {
        let (text, style) = (text.into(), Style::Plain);
        Self::new(Kind::Scalar { text, style }, Tag::Open)
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            Kind::Sequence { .. } | Kind::Mapping(_) | Kind::Alias(_) => None,
        }
    }

    pub fn foot(&self) -> &str {
        self.comments
            .as_ref()
            .map_or("", |comments| &*comments.foot)
    }

    pub fn set_foot(&mut self, foot: String) {
        if !foot.is_empty() || self.comments.is_some() {
            self.comments.get_or_insert_default().foot = foot;
        }
    }

    pub fn take_foot(&mut self) -> String {
        self.comments
            .as_mut()
            .map(|comments| std::mem::take(&mut comments.foot))
            .unwrap_or_default()
    }

    /// A value of an object on its way into a text.
    pub fn of(node: &Node) -> Self {
        let kind = match &node.kind {
            NodeKind::Scalar(scalar) => {
                let text = scalar.text.clone();
                // Texts that transformers made have no quotes in the real program.
                let is_made = node.line == 0 && scalar.style == Style::DoubleQuoted;
                if is_made && node.tag.is_none() {
                    let style = Style::Plain;
                    return Self::new(Kind::Scalar { text, style }, Tag::Read("!!str"));
                }
                let style = scalar.style;
                Kind::Scalar { text, style }
            }
            NodeKind::Sequence(items) => Kind::Sequence {
                items: items.iter().map(Self::of).collect(),
                is_flow: false,
            },
            NodeKind::Mapping(entries) => Kind::Mapping(Mapping {
                entries: entries
                    .iter()
                    .map(|(key, value)| (Self::of(key), Self::of(value)))
                    .collect(),
                is_flow: false,
            }),
        };
        let tag = match &node.tag {
            Some(tag) => Tag::Kept(short(tag).into()),
            None => Tag::Open,
        };
        Self::new(kind, tag)
    }
}

/// `!!name` for the tags that have that form.
pub fn short(tag: &str) -> String {
    match tag.strip_prefix(TAGS) {
        Some(name) => format!("!!{name}"),
        None => tag.to_owned(),
    }
}
