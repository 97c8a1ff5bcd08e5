//! `buildMetadata`: where objects came from and what ran over them, as annotations and a label.

use super::node::{self, NodeExt};
use super::resource::{Instance, Resource, Source};
use crate::object::yaml::Node;

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

/// Writes the origin annotation.
pub fn write_origin(resource: &mut Resource) {
    let text = match &resource.source {
        Source::File(path) => format!("path: {path}\n"),
        Source::Generated(instance) => instance_text(instance, "", ""),
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
    let mut text = format!(
        "{first}configuredIn: {}\n{indent}configuredBy:\n{indent}  apiVersion: {}\n{indent}  kind: {}\n",
        instance.configured_in, instance.api_version, instance.kind
    );
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
