//! What an Application's `source.kustomize` changes: the top kustomization edited in memory.

use std::collections::BTreeMap;

use super::kustomization::Kustomization;
use crate::error::{Error, Result};
use crate::repo::application::KustomizeOptions;
use crate::repo::tree::FileTree;

/// The options of `source.kustomize`, environment variables already put in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceOverrides {
    pub name_prefix: String,
    pub name_suffix: String,
    pub namespace: String,
    /// `[old=]new[:tag][@digest]`.
    pub images: Vec<String>,
    /// Name and count; the count may be text.
    pub replicas: Vec<(String, String)>,
    pub common_labels: BTreeMap<String, String>,
    pub force_common_labels: bool,
    pub label_without_selector: bool,
    pub label_include_templates: bool,
    pub common_annotations: BTreeMap<String, String>,
    pub force_common_annotations: bool,
    pub components: Vec<String>,
    pub ignore_missing_components: bool,
}

impl SourceOverrides {
    /// The kustomization with the options put in, in Argo CD's order.
    pub fn merged_into(
        &self,
        file: &Kustomization,
        _tree: &dyn FileTree,
        _root: &str,
    ) -> Result<Kustomization> {
        if *self != Self::default() {
            return Err(Error::render("source overrides are not supported"));
        }
        Ok(file.clone())
    }
}

impl From<&KustomizeOptions> for SourceOverrides {
    fn from(options: &KustomizeOptions) -> Self {
        let options = options.clone();
        Self {
            name_prefix: options.name_prefix,
            name_suffix: options.name_suffix,
            namespace: options.namespace,
            images: options.images,
            replicas: options.replicas.into_iter().map(|replicas| (replicas.name, replicas.count.to_string())).collect(),
            common_labels: options.common_labels,
            force_common_labels: options.force_common_labels,
            label_without_selector: options.label_without_selector,
            label_include_templates: options.label_include_templates,
            common_annotations: options.common_annotations,
            force_common_annotations: options.force_common_annotations,
            components: options.components,
            ignore_missing_components: options.ignore_missing_components,
        }
    }
}
