//! Nodes read from a file to resources, with the history that their internal annotations may carry.

use std::sync::Arc;

use super::accumulate::Walker;
use super::node::NodeExt;
use super::resource::{Previous, Resource, Source};
use crate::error::Location;
use crate::object::yaml::Node;

const INTERNAL: &str = "internal.config.kubernetes.io/";

/// Annotations under the internal domain that never reach the output.
const STRIPPED: &[&str] = &[
    "previousKinds",
    "previousNames",
    "previousNamespaces",
    "prefixes",
    "suffixes",
    "refBy",
    "generatorBehavior",
    "needsHashSuffix",
    "allowNameChange",
    "allowKindChange",
    "path",
    "index",
    "seqindent",
    "id",
    "annotations-migration-resource-id",
    "helm-generated",
];

impl Walker<'_> {
    /// Makes resources of the objects of a file.
    pub fn resources(&self, nodes: &[Node], path: &str) -> Vec<Resource> {
        let source = Arc::new(self.view.of(path));
        let file = self.view.shown(path);
        let resource = |node: &Node| {
            let location = Location {
                file: file.clone(),
                line: node.line,
                column: node.column,
            };
            let mut resource = Resource::new(node.clone(), Source::File(source.clone()), location);
            take_internal(&mut resource);
            if let Some(schemas) = &self.schemas {
                resource.id.is_cluster_wide = schemas.is_cluster_scoped(resource.gvk());
            }
            resource
        };
        nodes.iter().map(resource).collect()
    }
}

/// Reads and drops the annotations that kustomize keeps its own notes in.
pub fn take_internal(resource: &mut Resource) {
    let Some(annotations) = resource.annotations() else {
        return;
    };
    if !annotations
        .entries()
        .is_some_and(|entries| entries.iter().any(|(key, _)| is_internal(key.text())))
    {
        return;
    }
    let list = |name: &str| -> Vec<String> {
        let text = annotations.text_at(&[&format!("{INTERNAL}{name}")]);
        if text.is_empty() {
            Vec::new()
        } else {
            text.split(',').map(str::to_owned).collect()
        }
    };
    let names = list("previousNames");
    let namespaces = list("previousNamespaces");
    let kinds = list("previousKinds");
    let history = names
        .into_iter()
        .zip(namespaces)
        .zip(kinds)
        .map(|((name, namespace), kind)| Previous {
            name,
            namespace,
            kind,
        })
        .collect();
    let (prefixes, suffixes) = (list("prefixes"), list("suffixes"));
    let needs_hash = annotations.text_at(&[&format!("{INTERNAL}needsHashSuffix")]) == "enabled";
    let from_helm = annotations.text_at(&[&format!("{INTERNAL}helm-generated")]) == "true";
    (resource.history, resource.prefixes, resource.suffixes) = (history, prefixes, suffixes);
    resource.needs_hash |= needs_hash;
    resource.from_helm |= from_helm;
    strip(&mut resource.node);
}

/// Drops the annotations that never reach the output.
pub fn strip(object: &mut Node) {
    let annotations = object
        .get_mut("metadata")
        .and_then(|metadata| metadata.get_mut("annotations"));
    if let Some(entries) = annotations.and_then(NodeExt::entries_mut) {
        entries.retain(|(key, _)| !is_internal(key.text()));
    }
}

fn is_internal(key: Option<&str>) -> bool {
    let Some(key) = key else {
        return false;
    };
    match key.strip_prefix(INTERNAL) {
        Some(name) => STRIPPED.contains(&name),
        None => matches!(
            key,
            "config.kubernetes.io/path" | "config.kubernetes.io/index"
        ),
    }
}
