//! `buildMetadata`: where objects came from and what ran over them, as annotations and a label.

use std::sync::Arc;

use super::node::{self, NodeExt};
use super::resource::{Instance, Resource, Source};
use crate::object::yaml::Node;
use crate::repo::foreign;

/// The version that the managed-by label speaks of.
pub const VERSION: &str = "kustomize-v5.8.3";

const ORIGIN: &str = "config.kubernetes.io/origin";
const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";

/// `path` as seen from the directory `from`.
pub fn relative(from: &str, path: &str) -> String {
    let from: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut parts = vec![".."; from.len() - common];
    parts.extend(&to[common..]);
    parts.join("/")
}

/// Another repository that a layer stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// As it is cloned.
    pub repo: String,
    /// As the entry says it; may be empty.
    pub revision: String,
}

/// From where the files of a build are seen.
#[derive(Debug, Clone, Default)]
pub struct Viewpoint {
    /// The directory that is built, or the root of another repository.
    pub top: String,
    pub remote: Option<Arc<Remote>>,
}

impl Viewpoint {
    /// Where a file is, as the origin annotation tells it.
    pub fn of(&self, path: &str) -> Place {
        Place {
            path: relative(&self.top, path),
            remote: self.remote.clone(),
        }
    }

    /// A file as a person finds it.
    pub fn shown(&self, path: &str) -> String {
        match &self.remote {
            Some(remote) => foreign::shown(&remote.repo, path),
            None => path.to_owned(),
        }
    }
}

/// A file, and the repository it is in where that is another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub path: String,
    pub remote: Option<Arc<Remote>>,
}

impl Place {
    /// Its repository's lines of an annotation, or none.
    fn remote_text(&self, indent: &str) -> String {
        let Some(remote) = &self.remote else {
            return String::new();
        };
        let mut text = format!("{indent}repo: {}\n", remote.repo);
        if !remote.revision.is_empty() {
            text.push_str(&format!("{indent}ref: {}\n", remote.revision));
        }
        text
    }
}

/// Writes the origin annotation.
pub fn write_origin(resource: &mut Resource) {
    let text = match &resource.source {
        Source::File(place) => format!("path: {}\n{}", place.path, place.remote_text("")),
        Source::Generated(instance) => instance_text(instance, "", ""),
        Source::Unknown => return,
    };
    annotate(&mut resource.node, ORIGIN, text);
}

/// Writes the list of transformers, where there are any.
pub fn write_transformations(resource: &mut Resource) {
    if resource.transformations.is_empty() {
        return;
    }
    let text: String = resource
        .transformations
        .iter()
        .map(|instance| instance_text(instance, "- ", "  "))
        .collect();
    annotate(&mut resource.node, TRANSFORMATIONS, text);
}

fn instance_text(instance: &Instance, first: &str, indent: &str) -> String {
    let mut text = instance.configured_in.remote_text(indent);
    text.push_str(&format!(
        "{indent}configuredIn: {}\n{indent}configuredBy:\n{indent}  apiVersion: {}\n{indent}  kind: {}\n",
        instance.configured_in.path, instance.api_version, instance.kind
    ));
    text.replace_range(..indent.len(), first);
    for (key, value) in [("name", &instance.name), ("namespace", &instance.namespace)] {
        if !value.is_empty() {
            text.push_str(&format!("{indent}  {key}: {value}\n"));
        }
    }
    text
}

fn annotate(object: &mut Node, key: &str, text: String) {
    set_in_metadata(object, "annotations", key, text);
}

/// Writes the managed-by label.
pub fn write_managed_by(resource: &mut Resource) {
    set_in_metadata(
        &mut resource.node,
        "labels",
        "app.kubernetes.io/managed-by",
        VERSION.to_owned(),
    );
}

fn set_in_metadata(object: &mut Node, field: &str, key: &str, text: String) {
    let map = object
        .entry_or("metadata", node::empty_map)
        .and_then(|metadata| metadata.entry_or(field, node::empty_map));
    if let Some(map) = map {
        if !map.is_map() {
            *map = node::empty_map();
        }
        map.set(key, node::string(text));
    }
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn paths_are_seen_from_the_built_directory() {
        assert_eq!(relative("o", "b/r.yaml"), "../b/r.yaml");
        assert_eq!(relative("", "b/r.yaml"), "b/r.yaml");
        assert_eq!(relative("a/b", "a/b/r.yaml"), "r.yaml");
    }
}
