//! One object on its way through a build: its content, its names so far, and where it came from.

use std::sync::Arc;

use super::id::{self, Id};
use super::metadata::Place;
use super::node::NodeExt;
use super::shared::SharedValues;
use crate::error::{Error, Location, Result};
use crate::object::Gvk;
use crate::object::yaml::Node;

/// A name an object had before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    pub name: String,
    /// The effective one.
    pub namespace: String,
    pub kind: String,
}

/// What a generated object does when one of its name is already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Behavior {
    #[default]
    Unspecified,
    Create,
    Merge,
    Replace,
}

impl Behavior {
    /// Any word that is not known counts as unspecified.
    pub fn parse(text: &str) -> Self {
        match text {
            "create" => Self::Create,
            "merge" => Self::Merge,
            "replace" => Self::Replace,
            _ => Self::Unspecified,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Create => "create",
            Self::Merge => "merge",
            Self::Replace => "replace",
        }
    }
}

/// A generator or transformer as `buildMetadata` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    pub configured_in: Place,
    pub api_version: String,
    pub kind: String,
    pub name: String,
    pub namespace: String,
}

/// Where an object came from, as `buildMetadata: [originAnnotations]` tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    File(Arc<Place>),
    Generated(Arc<Instance>),
    /// A patch took away the annotations that tell it: the next transformer counts as its maker.
    Unknown,
}

/// An object in the making.
#[derive(Debug, Clone)]
pub struct Resource {
    pub node: Node,
    /// Follows the content: call [`Resource::refresh`] after a change that may touch it.
    pub id: Id,
    pub history: Vec<Previous>,
    /// In the order they were put on.
    pub prefixes: Vec<String>,
    pub suffixes: Vec<String>,
    pub needs_hash: bool,
    pub behavior: Behavior,
    /// Set on what a Helm chart gave: the namespace transformer leaves it alone.
    pub from_helm: bool,
    pub source: Source,
    /// Whether the real program keeps something in annotations of it meanwhile: how it was generated, or its source where
    /// `buildMetadata` is asked for.
    pub is_annotated: bool,
    pub location: Location,
    pub transformations: Vec<Arc<Instance>>,
    /// The variables that are bound to it.
    pub vars: Vec<String>,
    /// Labels and annotations that stand in several places.
    pub shared: SharedValues,
}

impl Resource {
    pub fn new(node: Node, source: Source, location: Location) -> Self {
        let id = id_of(&node);
        Self {
            node,
            id,
            history: Vec::new(),
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            needs_hash: false,
            behavior: Behavior::Unspecified,
            from_helm: false,
            is_annotated: matches!(source, Source::Generated(_)),
            source,
            location,
            transformations: Vec::new(),
            vars: Vec::new(),
            shared: SharedValues::default(),
        }
    }

    /// Reads the id again from the content.
    pub fn refresh(&mut self) {
        self.id = Id {
            is_cluster_wide: self.id.is_cluster_wide,
            ..id_of(&self.node)
        };
    }

    pub fn gvk(&self) -> &Gvk {
        &self.id.gvk
    }

    pub fn name(&self) -> &str {
        &self.id.name
    }

    /// Whether it has a kind and, unless it is a list, a name.
    pub fn is_named(&self) -> bool {
        let kind = &self.id.gvk.kind;
        !kind.is_empty() && (!self.id.name.is_empty() || kind.ends_with("List"))
    }

    /// Notes the present name, namespace and kind before they change.
    pub fn remember(&mut self) {
        self.history.push(Previous {
            name: self.id.name.clone(),
            namespace: self.id.effective_namespace().to_owned(),
            kind: self.id.gvk.kind.clone(),
        });
    }

    /// A JSON patch replaced or removed all annotations, and with them what the real program had noted there for `buildMetadata`.
    pub fn drop_notes(&mut self) {
        self.source = Source::Unknown;
        self.is_annotated = false;
        self.transformations.clear();
    }

    /// A strategic merge did: that drops all that the real program keeps in annotations, earlier names and the wish for a hash too.
    pub fn forget(&mut self) {
        self.drop_notes();
        self.history.clear();
        self.prefixes.clear();
        self.suffixes.clear();
        self.needs_hash = false;
        self.behavior = Behavior::Unspecified;
        self.from_helm = false;
    }

    /// Whether the real program would by now have put annotations of its own on it.
    pub fn has_notes(&self) -> bool {
        self.is_annotated
            || self.from_helm
            || self.needs_hash
            || !self.history.is_empty()
            || !self.transformations.is_empty()
    }

    /// The kind it was read with.
    pub fn original_kind(&self) -> &str {
        self.history
            .first()
            .map_or(&self.id.gvk.kind, |previous| &previous.kind)
    }

    /// The name it was read with.
    pub fn original_name(&self) -> &str {
        self.history
            .first()
            .map_or(&self.id.name, |previous| &previous.name)
    }

    /// The effective namespace it was read with.
    pub fn original_namespace(&self) -> &str {
        self.history
            .first()
            .map_or(self.id.effective_namespace(), |previous| {
                &previous.namespace
            })
    }

    /// Whether `wanted` is its id now or was before.
    pub fn had_id(&self, wanted: &Id) -> bool {
        self.had_id_in(wanted, |namespace| {
            namespace == wanted.effective_namespace()
        })
    }

    /// The same in any effective namespace that fits, whatever that of `wanted` is.
    pub fn had_id_in(&self, wanted: &Id, fits: impl Fn(&str) -> bool) -> bool {
        let Id { gvk, name, .. } = &self.id;
        let is = |kind: &str, name: &str, namespace: &str| {
            kind == wanted.gvk.kind && name == wanted.name && fits(namespace)
        };
        gvk.group == wanted.gvk.group
            && gvk.version == wanted.gvk.version
            && (is(&gvk.kind, name, self.id.effective_namespace())
                || self
                    .history
                    .iter()
                    .any(|previous| is(&previous.kind, &previous.name, &previous.namespace)))
    }

    /// The digests of every id it has or had.
    pub fn digests(&self) -> Vec<u64> {
        let mut digests = vec![self.id.digest()];
        for previous in &self.history {
            let digest = id::digest(
                &self.id.gvk,
                &previous.kind,
                &previous.name,
                &previous.namespace,
            );
            if !digests.contains(&digest) {
                digests.push(digest);
            }
        }
        digests
    }

    pub fn labels(&self) -> Option<&Node> {
        self.node.at(&["metadata", "labels"])
    }

    pub fn annotations(&self) -> Option<&Node> {
        self.node.at(&["metadata", "annotations"])
    }

    /// Says on which object an error happened and where it stands.
    pub fn blame(&self, error: Error) -> Error {
        let kind = &self.id.gvk.kind;
        let name = &self.id.name;
        error.context(format!("`{kind}/{name}`")).at(
            self.location.file.clone(),
            self.location.line,
            0,
        )
    }

    /// Runs a step on the content and blames this object for its failure.
    pub fn edit<T>(&mut self, step: impl FnOnce(&mut Node) -> Result<T>) -> Result<T> {
        let done = step(&mut self.node).map_err(|error| self.blame(error))?;
        if !self.shared.is_empty() {
            self.shared.settle(&mut self.node);
        }
        Ok(done)
    }
}

/// The id as the content spells it.
pub fn id_of(node: &Node) -> Id {
    Id {
        gvk: Gvk::new(node.text_at(&["apiVersion"]), node.text_at(&["kind"])),
        name: node.text_at(&["metadata", "name"]).to_owned(),
        namespace: node.text_at(&["metadata", "namespace"]).to_owned(),
        is_cluster_wide: false,
    }
}
