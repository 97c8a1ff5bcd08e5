//! A kustomization file as data: every field, strictly read, with the line it stands in.

use super::fields::{self, Fields};
use super::fieldspec::FieldSpec;
use super::generators::GeneratorArgs;
use super::helm_chart::HelmCharts;
use super::images::Image;
use super::patches::Patch;
use super::replacements::ReplacementEntry;
use super::replicas::Replica;
use super::sort::Order;
use super::vars::Var;
use crate::error::{Error, Location, Result};
use crate::object::yaml::{Limits, Node, parse};

use super::node::NodeExt;

/// A text from a list and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub text: String,
    pub line: u32,
}

/// Whether a file is a kustomization or a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    #[default]
    Kustomization,
    Component,
}

/// One entry of `labels`.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    pub pairs: Vec<(String, String)>,
    pub include_selectors: bool,
    pub include_templates: bool,
    pub include_claim_templates: bool,
    pub fields: Vec<FieldSpec>,
}

/// `buildMetadata`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BuildMetadata {
    pub origin: bool,
    pub transformers: bool,
    pub managed_by: bool,
}

impl BuildMetadata {
    /// Whether anything is asked for: the real program then keeps notes of all of it.
    pub fn any(self) -> bool {
        self.origin || self.transformers || self.managed_by
    }
}

/// The schema that merging follows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenApi {
    pub path: Option<String>,
    pub version: Option<String>,
}

/// A kustomization file.
#[derive(Debug, Clone, Default)]
pub struct Kustomization {
    pub file: String,
    pub role: Role,
    pub resources: Vec<Item>,
    pub components: Vec<Item>,
    pub crds: Vec<Item>,
    pub configurations: Vec<Item>,
    pub open_api: Option<OpenApi>,
    pub name_prefix: String,
    pub name_suffix: String,
    pub namespace: String,
    pub common_labels: Vec<(String, String)>,
    pub labels: Vec<Labels>,
    pub common_annotations: Vec<(String, String)>,
    pub patches_strategic_merge: Vec<Item>,
    pub patches_json6902: Vec<Patch>,
    pub patches: Vec<Patch>,
    pub images: Vec<Image>,
    pub replacements: Vec<ReplacementEntry>,
    pub replicas: Vec<Replica>,
    pub vars: Vec<Var>,
    pub sort_options: Option<SortOptions>,
    pub config_maps: Vec<GeneratorArgs>,
    pub secrets: Vec<GeneratorArgs>,
    pub helm: HelmCharts,
    pub generator_options: super::generators::GeneratorOptions,
    pub generators: Vec<Item>,
    pub transformers: Vec<Item>,
    pub validators: Vec<Item>,
    pub build_metadata: BuildMetadata,
    pub warnings: Vec<String>,
}

/// `sortOptions` as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortOptions {
    order: String,
    legacy: Option<Order>,
    location: Location,
}

impl Kustomization {
    /// Reads the text of a kustomization file.
    pub fn parse(text: &[u8], file: &str) -> Result<Self> {
        let mut parsed = parse(text, file, &Limits::default())?;
        if parsed.documents.is_empty() {
            return Err(empty(file));
        }
        let mut node = parsed.documents.swap_remove(0);
        super::text::merge_keys(&mut node, file)?;
        Self::read(&node, file)
    }

    fn read(node: &Node, file: &str) -> Result<Self> {
        let mut fields = Fields::strict(node, "kustomization", file)?;
        let mut this = Self {
            file: file.to_owned(),
            ..Self::default()
        };
        this.role = role(&mut fields, file)?;
        fields.node("metadata");
        this.read_inputs(&mut fields, file)?;
        this.read_transformers(&mut fields, file)?;
        this.read_generators(&mut fields, file)?;
        this.read_rest(&mut fields, file)?;
        fields.finish()?;
        let says_something = node.entries().is_some_and(|entries| {
            entries.iter().any(|(key, value)| {
                let key = key.text().unwrap_or_default().to_ascii_lowercase();
                !matches!(key.as_str(), "apiversion" | "kind") && !value.is_null()
            })
        });
        if says_something {
            Ok(this)
        } else {
            Err(empty(file))
        }
    }

    fn read_inputs(&mut self, fields: &mut Fields<'_>, file: &str) -> Result<()> {
        self.resources = items(fields, "resources", file)?;
        let bases = items(fields, "bases", file)?;
        self.deprecated(!bases.is_empty(), "bases", "resources");
        self.resources.extend(bases);
        self.components = items(fields, "components", file)?;
        self.crds = items(fields, "crds", file)?;
        self.configurations = items(fields, "configurations", file)?;
        self.generators = items(fields, "generators", file)?;
        self.transformers = items(fields, "transformers", file)?;
        self.validators = items(fields, "validators", file)?;
        if let Some(node) = fields.node("openapi") {
            let mut fields = Fields::lenient(node, "openapi", file)?;
            let mut text = |key: &'static str| {
                let is_there = node.get(key).is_some();
                Ok::<_, Error>(is_there.then_some(fields.text(key)?))
            };
            self.open_api = Some(OpenApi {
                path: text("path")?,
                version: text("version")?,
            });
        }
        Ok(())
    }

    fn read_transformers(&mut self, fields: &mut Fields<'_>, file: &str) -> Result<()> {
        self.name_prefix = fields.text("namePrefix")?;
        self.name_suffix = fields.text("nameSuffix")?;
        self.namespace = fields.text("namespace")?;
        self.common_labels = fields.pairs("commonLabels")?;
        self.deprecated(!self.common_labels.is_empty(), "commonLabels", "labels");
        self.common_annotations = fields.pairs("commonAnnotations")?;
        for node in fields.list("labels")? {
            self.labels.push(Labels::read(node, file)?);
        }
        self.patches_strategic_merge = items(fields, "patchesStrategicMerge", file)?;
        self.deprecated(
            !self.patches_strategic_merge.is_empty(),
            "patchesStrategicMerge",
            "patches",
        );
        for node in fields.list("patchesJson6902")? {
            self.patches_json6902
                .push(Patch::read(node, "patchesJson6902", file)?);
        }
        self.deprecated(
            !self.patches_json6902.is_empty(),
            "patchesJson6902",
            "patches",
        );
        for node in fields.list("patches")? {
            self.patches.push(Patch::read(node, "patches", file)?);
        }
        for node in fields.list("images")? {
            self.images.push(Image::read(node, file, true)?);
        }
        let tags = fields.list("imageTags")?;
        self.deprecated(!tags.is_empty(), "imageTags", "images");
        for node in tags {
            self.images.push(Image::read(node, file, true)?);
        }
        for node in fields.list("replacements")? {
            self.replacements
                .push(ReplacementEntry::read(node, file, true)?);
        }
        for node in fields.list("replicas")? {
            self.replicas.push(Replica::read(node, file, true)?);
        }
        Ok(())
    }

    fn read_generators(&mut self, fields: &mut Fields<'_>, file: &str) -> Result<()> {
        for node in fields.list("configMapGenerator")? {
            self.config_maps
                .push(GeneratorArgs::read(node, "configMapGenerator", file)?);
        }
        for node in fields.list("secretGenerator")? {
            self.secrets
                .push(GeneratorArgs::read(node, "secretGenerator", file)?);
        }
        if let Some(node) = fields.node("generatorOptions") {
            self.generator_options = super::generators::GeneratorOptions::read(node, file)?;
        }
        self.helm = HelmCharts::read(fields, file)?;
        self.deprecated(
            self.helm.is_old,
            "helmChartInflationGenerator",
            "helmCharts",
        );
        Ok(())
    }

    fn read_rest(&mut self, fields: &mut Fields<'_>, file: &str) -> Result<()> {
        for node in fields.list("vars")? {
            self.vars.push(Var::read(node, file)?);
        }
        self.deprecated(!self.vars.is_empty(), "vars", "replacements");
        for word in fields.texts("buildMetadata")? {
            match word.as_str() {
                "originAnnotations" => self.build_metadata.origin = true,
                "transformerAnnotations" => self.build_metadata.transformers = true,
                "managedByLabel" => self.build_metadata.managed_by = true,
                _ => {}
            }
        }
        if let Some(node) = fields.node("sortOptions") {
            self.sort_options = Some(SortOptions::read(node, file)?);
        }
        Ok(())
    }

    fn deprecated(&mut self, is_used: bool, field: &str, instead: &str) {
        if is_used {
            self.warnings.push(format!(
                "{}: `{field}` is deprecated, use `{instead}`",
                self.file
            ));
        }
    }
}

impl Labels {
    fn read(node: &Node, file: &str) -> Result<Self> {
        let mut fields = Fields::strict(node, "labels", file)?;
        let labels = Self {
            pairs: fields.pairs("pairs")?,
            include_selectors: fields.flag("includeSelectors")?,
            include_templates: fields.flag("includeTemplates")?,
            include_claim_templates: fields.flag("includeVolumeClaimTemplates")?,
            fields: fields
                .list("fields")?
                .iter()
                .map(|item| FieldSpec::read(item, file, true))
                .collect::<Result<_>>()?,
        };
        fields.finish()?;
        Ok(labels)
    }
}

fn empty(file: &str) -> Error {
    Error::render("the kustomization file is empty").at(file, 0, 0)
}

fn items<'a>(fields: &mut Fields<'a>, name: &'a str, file: &str) -> Result<Vec<Item>> {
    fields
        .list(name)?
        .iter()
        .map(|node| {
            Ok(Item {
                text: fields::text(node, name, file)?,
                line: node.line,
            })
        })
        .collect()
}

fn role(fields: &mut Fields<'_>, file: &str) -> Result<Role> {
    let kind = fields.text("kind")?;
    let api_version = fields.text("apiVersion")?;
    let role = match kind.as_str() {
        "" | "Kustomization" => Role::Kustomization,
        "Component" => Role::Component,
        _ => {
            let message = format!("kind should be Kustomization or Component, not `{kind}`");
            return Err(Error::render(message).at(file, fields.line(), 0));
        }
    };
    let wanted = match role {
        Role::Kustomization => "kustomize.config.k8s.io/v1beta1",
        Role::Component => "kustomize.config.k8s.io/v1alpha1",
    };
    if !api_version.is_empty() && api_version != wanted {
        let message = format!("apiVersion for {role:?} should be {wanted}, not `{api_version}`");
        return Err(Error::render(message).at(file, fields.line(), 0));
    }
    Ok(role)
}

impl SortOptions {
    fn read(node: &Node, file: &str) -> Result<Self> {
        let mut fields = Fields::strict(node, "sortOptions", file)?;
        let mut this = Self {
            order: fields.text("order")?,
            legacy: None,
            location: Location {
                file: file.to_owned(),
                line: node.line,
                column: node.column,
            },
        };
        if let Some(options) = fields.node("legacySortOptions") {
            let mut options = Fields::strict(options, "legacySortOptions", file)?;
            this.legacy = Some(Order::Legacy {
                first: options.texts("orderFirst")?,
                last: options.texts("orderLast")?,
            });
            options.finish()?;
        }
        fields.finish()?;
        Ok(this)
    }

    /// What they say together; asked of the top layer only.
    pub fn order(&self) -> Result<Order> {
        match (self.order.as_str(), &self.legacy) {
            ("fifo", None) => Ok(Order::Fifo),
            ("legacy", None) => Ok(Order::legacy()),
            ("legacy", Some(order)) => Ok(order.clone()),
            ("fifo", Some(_)) => Err(Error::render(
                "`sortOptions.legacySortOptions` goes with `order: legacy` only",
            )),
            _ => Err(Error::render(
                "the field 'sortOptions.order' must be one of [fifo, legacy]",
            )),
        }
        .map_err(|error| {
            let at = &self.location;
            error.at(at.file.clone(), at.line, at.column)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Kustomization> {
        Kustomization::parse(text.as_bytes(), "kustomization.yaml")
    }

    #[test]
    fn field_names_match_in_any_case_and_unknown_ones_are_refused() {
        assert_eq!(read("NAMEPREFIX: a-").expect("reads").name_prefix, "a-");
        let error = read("resources: []\nnamePrefixx: a-\n").expect_err("refused");
        assert_eq!(error.location().map(|place| place.line), Some(2));
    }

    #[test]
    fn types_are_strict() {
        assert!(read("namespace: n").is_err());
        assert!(read("images: [{name: a, newTag: 1.10}]").is_err());
        assert!(read("commonAnnotations: {a: yes}").is_err());
        assert_eq!(
            read("resources: []\nnamespace: null")
                .expect("reads")
                .namespace,
            ""
        );
    }

    #[test]
    fn a_file_that_says_nothing_is_empty() {
        assert!(read("kind: Kustomization").is_err());
        assert!(read("").is_err());
        assert!(read("resources: []").is_ok());
    }
}
