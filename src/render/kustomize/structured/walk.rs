//! The items of a text as a tree that a replacement's path leads through.
//!
//! Two things are lost in a text, as in the real program: what is written into a null, and into a text within the text.

use super::item::{Item, Kind, Mapping, Tag};
use super::read::{self, Text};
use super::write;
use crate::error::Result;
use crate::render::kustomize::path::{self, Create};
use crate::render::kustomize::visit::{Found, Tree, visit};

impl Tree for Item {
    fn made(create: Create) -> Self {
        match create {
            Create::Map => Self::new(Kind::Mapping(Mapping::default()), Tag::Open),
            Create::List => {
                let (items, is_flow) = (Vec::new(), false);
                Self::new(Kind::Sequence { items, is_flow }, Tag::Open)
            }
            Create::Scalar | Create::Nothing => Self::scalar(""),
        }
    }

    fn made_text(text: &str) -> Self {
        Self::scalar(text)
    }

    fn field_of(key: &str, value: &str) -> Self {
        let entries = vec![(Self::scalar(key), Self::scalar(value))];
        let is_flow = false;
        Self::new(Kind::Mapping(Mapping { entries, is_flow }), Tag::Open)
    }

    fn is_null(&self) -> bool {
        self.tag.name() == "!!null"
    }

    fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Mapping(_))
    }

    fn scalar_text(&self) -> Option<&str> {
        self.text()
    }

    fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Scalar { .. } => "ScalarNode",
            Kind::Sequence { .. } => "SequenceNode",
            Kind::Mapping(_) => "MappingNode",
            Kind::Alias(_) => "AliasNode",
        }
    }

    /// Comments and all.
    fn shown(&self) -> String {
        write::item(self).trim().to_owned()
    }

    fn items_mut(&mut self) -> Option<&mut Vec<Self>> {
        match &mut self.kind {
            Kind::Sequence { items, .. } => Some(items),
            Kind::Scalar { .. } | Kind::Mapping(_) | Kind::Alias(_) => None,
        }
    }

    fn field(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Mapping(map) => {
                let mut entries = map.entries.iter();
                let found = entries.find(|(k, _)| k.text() == Some(key));
                found.map(|(_, value)| value)
            }
            Kind::Scalar { .. } | Kind::Sequence { .. } | Kind::Alias(_) => None,
        }
    }

    fn field_mut(&mut self, key: &str, missing: Option<Create>) -> Option<&mut Self> {
        let Kind::Mapping(Mapping { entries, .. }) = &mut self.kind else {
            return None;
        };
        let position = entries.iter().position(|(k, _)| k.text() == Some(key));
        let position = match (position, missing) {
            (Some(position), _) => position,
            (None, None) => return None,
            (None, Some(create)) => {
                entries.push((Self::scalar(key), Self::made(create)));
                entries.len() - 1
            }
        };
        entries.get_mut(position).map(|(_, value)| value)
    }

    /// What is made in a null is thrown away, and an empty part empties it.
    fn visit_null(
        &mut self,
        path: &[String],
        create: Create,
        found: Found<'_, Self>,
    ) -> Result<usize> {
        let leads_to_item =
            |part: &String| part == "*" || path::index(part).is_some() || path::is_bracketed(part);
        let kind = match path.first() {
            Some(part) if part.is_empty() && create != Create::Nothing => {
                *self = Self::made(create.before(path.get(1)));
                return visit(&mut self.clone(), path, create, found);
            }
            Some(part) if leads_to_item(part) => Create::List,
            _ if create == Create::Nothing => return Ok(0),
            _ => Create::Map,
        };
        visit(&mut Self::made(kind), path, create, found)
    }

    fn visit_text(
        text: &str,
        rest: &[String],
        create: Create,
        found: Found<'_, Self>,
    ) -> Result<usize> {
        match read::read(text) {
            Some(Text::Document(mut document)) => visit(&mut document.root, rest, create, found),
            Some(Text::Empty) | None => Err(super::no_structure()),
        }
    }
}
