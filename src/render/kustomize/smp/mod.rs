//! Strategic merge patches.

mod builtin;
mod items;
mod merge;
mod openapi;

use crate::object::Gvk;

pub use merge::merge;
pub use openapi::OpenApiDocument;

use builtin::Type;

/// What is known about a place in an object.
#[derive(Debug, Clone, Copy)]
pub enum Schema<'a> {
    /// Nothing: maps are merged, lists replaced.
    Unknown,
    Builtin(Type),
    Custom(openapi::Place<'a>),
}

/// How a list is merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListMerge<'a> {
    Replace,
    /// A set of scalars.
    Set,
    /// Items with these keys.
    Keys(Vec<&'a str>),
}

impl<'a> ListMerge<'a> {
    /// The keys by which items are merged, none for a set; nothing where the list is replaced.
    fn keys(self) -> Option<Vec<&'a str>> {
        match self {
            Self::Replace => None,
            Self::Set => Some(Vec::new()),
            Self::Keys(keys) => Some(keys),
        }
    }
}

/// Where schemas come from: the frozen built-in one, or a document that takes its place.
#[derive(Debug, Clone, Default)]
pub struct Schemas {
    pub custom: Option<std::sync::Arc<OpenApiDocument>>,
}

impl Schemas {
    /// Whether a document of the kustomization's own says that a type has no namespace.
    pub fn is_cluster_scoped(&self, gvk: &Gvk) -> bool {
        let custom = self.custom.as_ref();
        custom.is_some_and(|document| document.is_cluster_scoped(gvk))
    }

    /// The schema of a type; unknown for custom resources.
    pub fn of(&self, gvk: &Gvk) -> Schema<'_> {
        match &self.custom {
            Some(document) => document.of(gvk).map_or(Schema::Unknown, Schema::Custom),
            None => builtin::of(gvk).map_or(Schema::Unknown, Schema::Builtin),
        }
    }
}

impl<'a> Schema<'a> {
    /// The schema of a field of a map.
    pub fn field(self, name: &str) -> Self {
        match self {
            Self::Unknown => Self::Unknown,
            Self::Builtin(of) => of.field(name).map_or(Self::Unknown, Self::Builtin),
            Self::Custom(place) => place.field(name).map_or(Self::Unknown, Self::Custom),
        }
    }

    /// The schema of the items of a list.
    pub fn items(self) -> Self {
        match self {
            Self::Unknown => Self::Unknown,
            Self::Builtin(of) => Self::Builtin(of),
            Self::Custom(place) => place.items().map_or(Self::Unknown, Self::Custom),
        }
    }

    /// How a list here is merged.
    pub fn list(self) -> ListMerge<'a> {
        match self {
            Self::Unknown => ListMerge::Replace,
            Self::Builtin(of) => of.list(),
            Self::Custom(place) => place.list(),
        }
    }
}
