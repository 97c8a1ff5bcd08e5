//! What an Application's `source.kustomize` changes: the top kustomization edited in memory.
//!
//! Argo CD runs `kustomize edit` on a copy of the file, option by option in a fixed order. The edits here have the same
//! outcome, and refuse what that program refuses.

use std::collections::BTreeMap;

use serde_json::Value;

use super::images::Image;
use super::kustomization::{Item, Kustomization, Labels};
use super::patches::Patch;
use super::replicas::Replica;
use super::typed;
use crate::error::{Error, Result};
use crate::repo::application::KustomizeOptions;
use crate::repo::tree::{Entry, FileTree, join};

/// Stands for "as it is in the file" in an image's name, tag or digest.
const KEEP: &str = "*";

/// The options of `source.kustomize`, environment variables already put in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceOverrides {
    pub name_prefix: String,
    pub name_suffix: String,
    pub namespace: String,
    /// `[old=]new[:tag][@digest]`.
    pub images: Vec<String>,
    /// Name and count.
    pub replicas: Vec<(String, i64)>,
    pub common_labels: BTreeMap<String, String>,
    pub force_common_labels: bool,
    pub label_without_selector: bool,
    pub label_include_templates: bool,
    pub common_annotations: BTreeMap<String, String>,
    pub force_common_annotations: bool,
    /// Entries for the file's `patches`, as they would stand there.
    pub patches: Vec<Value>,
    pub components: Vec<String>,
    pub ignore_missing_components: bool,
}

impl From<&KustomizeOptions> for SourceOverrides {
    fn from(options: &KustomizeOptions) -> Self {
        Self {
            name_prefix: options.name_prefix.clone(),
            name_suffix: options.name_suffix.clone(),
            namespace: options.namespace.clone(),
            images: options.images.clone(),
            replicas: options
                .replicas
                .iter()
                .map(|replicas| (replicas.name.clone(), replicas.count))
                .collect(),
            common_labels: options.common_labels.clone(),
            force_common_labels: options.force_common_labels,
            label_without_selector: options.label_without_selector,
            label_include_templates: options.label_include_templates,
            common_annotations: options.common_annotations.clone(),
            force_common_annotations: options.force_common_annotations,
            patches: options.patches.clone(),
            components: options.components.clone(),
            ignore_missing_components: options.ignore_missing_components,
        }
    }
}

impl SourceOverrides {
    /// The kustomization with the options put in, in Argo CD's order.
    pub fn merged_into(
        &self,
        file: &Kustomization,
        tree: &dyn FileTree,
        root: &str,
    ) -> Result<Kustomization> {
        let mut file = file.clone();
        if !self.name_prefix.is_empty() {
            file.name_prefix.clone_from(&self.name_prefix);
        }
        if !self.name_suffix.is_empty() {
            file.name_suffix.clone_from(&self.name_suffix);
        }
        self.set_images(&mut file);
        self.set_replicas(&mut file);
        self.add_labels(&mut file)?;
        add_pairs(
            &mut file.common_annotations,
            &self.common_annotations,
            self.force_common_annotations,
            "annotation",
        )?;
        if !self.namespace.is_empty() {
            file.namespace.clone_from(&self.namespace);
        }
        for patch in &self.patches {
            let node = typed::from_value(patch, 1);
            file.patches.push(Patch::read(
                &node,
                "spec.source.kustomize.patches",
                &file.file,
            )?);
        }
        self.add_components(&mut file, tree, root)?;
        Ok(file)
    }

    /// An image of the same name takes the place of the one in the file; all are sorted by name then.
    fn set_images(&self, file: &mut Kustomization) {
        if self.images.is_empty() {
            return;
        }
        let mut by_name: BTreeMap<String, Image> = BTreeMap::new();
        for image in self.images.iter().map(|text| image(text)) {
            by_name.insert(image.name.clone(), image);
        }
        for known in std::mem::take(&mut file.images) {
            match by_name.get_mut(&known.name) {
                Some(image) => {
                    let kept = [
                        (&mut image.new_name, &known.new_name),
                        (&mut image.new_tag, &known.new_tag),
                        (&mut image.digest, &known.digest),
                    ];
                    for (new, old) in kept {
                        if new == KEEP {
                            new.clone_from(old);
                        }
                    }
                }
                None => {
                    by_name.insert(known.name.clone(), known);
                }
            }
        }
        file.images = by_name.into_values().collect();
    }

    fn set_replicas(&self, file: &mut Kustomization) {
        if self.replicas.is_empty() {
            return;
        }
        let mut by_name: BTreeMap<String, Replica> = file
            .replicas
            .drain(..)
            .map(|replica| (replica.name.clone(), replica))
            .collect();
        for (name, count) in &self.replicas {
            let replica = Replica {
                name: name.clone(),
                count: *count,
            };
            by_name.insert(name.clone(), replica);
        }
        file.replicas = by_name.into_values().collect();
    }

    fn add_labels(&self, file: &mut Kustomization) -> Result<()> {
        if self.common_labels.is_empty() {
            return Ok(());
        }
        if !self.label_without_selector {
            if self.label_include_templates {
                return Err(Error::render(
                    "`labelIncludeTemplates` works only together with `labelWithoutSelector`",
                )
                .hint("set `labelWithoutSelector: true` in `spec.source.kustomize`"));
            }
            let pairs = &mut file.common_labels;
            return add_pairs(
                pairs,
                &self.common_labels,
                self.force_common_labels,
                "label",
            );
        }
        let same = file.labels.iter_mut().find(|entry| {
            !entry.include_selectors && entry.include_templates == self.label_include_templates
        });
        if let Some(entry) = same {
            return add_pairs(
                &mut entry.pairs,
                &self.common_labels,
                self.force_common_labels,
                "label",
            );
        }
        file.labels.push(Labels {
            pairs: self.common_labels.clone().into_iter().collect(),
            include_templates: self.label_include_templates,
            ..Labels::default()
        });
        Ok(())
    }

    fn add_components(
        &self,
        file: &mut Kustomization,
        tree: &dyn FileTree,
        root: &str,
    ) -> Result<()> {
        for component in &self.components {
            let is_known = file.components.iter().any(|item| item.text == *component);
            let is_missing =
                || -> Result<bool> { Ok(tree.entry(&join(root, component)?)? == Entry::Missing) };
            if is_known || (self.ignore_missing_components && is_missing()?) {
                continue;
            }
            file.components.push(Item {
                text: component.clone(),
                line: 0,
            });
        }
        Ok(())
    }
}

/// Adds labels or annotations; one that is there is an error unless forced.
fn add_pairs(
    pairs: &mut Vec<(String, String)>,
    new: &BTreeMap<String, String>,
    force: bool,
    what: &str,
) -> Result<()> {
    for (key, value) in new {
        match pairs.iter_mut().find(|(known, _)| known == key) {
            Some(_) if !force => {
                return Err(
                    Error::render(format!("{what} {key} already in kustomization file")).hint(
                        format!(
                            "set `forceCommon{}s: true` to override it",
                            capitalised(what)
                        ),
                    ),
                );
            }
            Some((_, known)) => known.clone_from(value),
            None => pairs.push((key.clone(), value.clone())),
        }
    }
    pairs.sort();
    Ok(())
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// Reads `[old=]new[:tag][@digest]`. The name is what precedes the first of `=`, `:` and `@`, ports of registries aside.
fn image(text: &str) -> Image {
    let (name, rest) = match text.split_once('=') {
        Some((name, rest)) => (Some(name), rest),
        None => (None, text),
    };
    let (new_name, tag, digest) = super::images::split(rest);
    Image {
        name: name.unwrap_or(new_name).to_owned(),
        new_name: name.map(|_| new_name.to_owned()).unwrap_or_default(),
        new_tag: tag.to_owned(),
        digest: digest.to_owned(),
        ..Image::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::kustomize::{BuildOptions, build};
    use crate::repo::tree::MemoryTree;

    const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n\
        spec: {selector: {matchLabels: {app: web}}, template: {spec: {containers: [{name: web, image: 'nginx:1'}]}}}\n";

    fn render(kustomization: &str, overrides: &SourceOverrides) -> Result<String> {
        let tree: MemoryTree = [
            ("a/kustomization.yaml", kustomization),
            ("a/d.yaml", DEPLOYMENT),
        ]
        .into_iter()
        .collect();
        let options = BuildOptions {
            overrides: Some(overrides),
            ..BuildOptions::default()
        };
        build(&tree, "a", &options).map(|built| built.to_yaml())
    }

    #[test]
    fn options_win_over_the_file() {
        let overrides = SourceOverrides {
            name_prefix: "pre-".to_owned(),
            images: vec!["nginx:app".to_owned()],
            replicas: vec![("web".to_owned(), 3)],
            ..SourceOverrides::default()
        };
        let text = render(
            "resources: [d.yaml]\nnamePrefix: file-\nimages: [{name: nginx, newTag: file}]\n",
            &overrides,
        )
        .expect("builds");
        for expected in ["name: pre-web", "image: nginx:app", "replicas: 3"] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
    }

    #[test]
    fn a_label_of_the_file_is_overridden_only_by_force() {
        let mut overrides = SourceOverrides {
            common_labels: [("team".to_owned(), "a".to_owned())].into(),
            ..SourceOverrides::default()
        };
        let file = "resources: [d.yaml]\ncommonLabels: {team: file}\n";
        assert!(render(file, &overrides).is_err());
        overrides.force_common_labels = true;
        assert!(
            render(file, &overrides)
                .expect("builds")
                .contains("team: a")
        );
    }

    #[test]
    fn labels_without_selector_leave_selectors_alone() {
        let overrides = SourceOverrides {
            common_labels: [("team".to_owned(), "a".to_owned())].into(),
            label_without_selector: true,
            ..SourceOverrides::default()
        };
        let text = render("resources: [d.yaml]\n", &overrides).expect("builds");
        assert_eq!(text.matches("team: a").count(), 1, "{text}");
    }

    #[test]
    fn images_are_read_as_argo_cd_reads_them() {
        let read = |text: &str| {
            let image = image(text);
            (image.name, image.new_name, image.new_tag, image.digest)
        };
        let expected = |parts: [&str; 4]| {
            let [name, new_name, tag, digest] = parts.map(str::to_owned);
            (name, new_name, tag, digest)
        };
        assert_eq!(read("nginx:2"), expected(["nginx", "", "2", ""]));
        assert_eq!(
            read("reg:5000/a=b/c:1@sha256:x"),
            expected(["reg:5000/a", "b/c", "1", "sha256:x"])
        );
    }
}
