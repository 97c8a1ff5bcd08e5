//! The built-in transformers as objects of `transformers`. None of them uses the default field tables.

use super::accumulate::{Layer, Walker};
use super::budget::Budget;
use super::fields::Fields;
use super::fieldspec::{FieldSpec, Make, Specs, walk};
use super::images::{self, Image};
use super::kustomization::Item;
use super::names::{self, End};
use super::namespace::{self, Namespace, Subjects};
use super::node::NodeExt;
use super::patches::{self, Patch};
use super::plugins::{Plugin, unknown};
use super::replacements::{self, ReplacementEntry};
use super::replicas::{self, Replica};
use super::selector::Selector;
use super::set::ResourceSet;
use super::{hash, labels};
use crate::error::{Error, Result};
use crate::object::yaml::{Limits, Node, parse};

/// Runs one transformer.
pub fn run(
    walker: &mut Walker<'_>,
    set: &mut ResourceSet,
    layer: &Layer<'_>,
    plugin: &Plugin,
) -> Result<()> {
    let mut fields = Fields::lenient(plugin.node(), "transformer", &plugin.file)?;
    let has_specs = fields.node("fieldSpecs").is_some();
    let specs = specs(&mut fields, &plugin.file)?;
    let shared = walker.loader.budget.clone();
    let budget = &*shared;
    match plugin.kind() {
        // The others do nothing without.
        "PrefixTransformer" | "SuffixTransformer" if !has_specs => {
            Err(Error::render("`fieldSpecs` is not expected to be nil"))
        }
        "AnnotationsTransformer" => {
            labels::apply(set, &fields.pairs("annotations")?, &specs, budget)
        }
        "LabelTransformer" => labels::apply(set, &fields.pairs("labels")?, &specs, budget),
        "PrefixTransformer" => {
            names::apply(set, &fields.text("prefix")?, End::Prefix, &specs, budget)
        }
        "SuffixTransformer" => {
            names::apply(set, &fields.text("suffix")?, End::Suffix, &specs, budget)
        }
        "PrefixSuffixTransformer" => {
            names::apply(set, &fields.text("prefix")?, End::Prefix, &specs, budget)?;
            names::apply(set, &fields.text("suffix")?, End::Suffix, &specs, budget)
        }
        "NamespaceTransformer" => move_to(set, &mut fields, plugin, &specs, budget),
        "HashTransformer" => hash::apply(set),
        "ImageTagTransformer" => match fields.node("imageTag") {
            Some(node) => images::apply(
                set,
                &Image::read(node, &plugin.file, false)?,
                &specs,
                true,
                budget,
            ),
            None => Ok(()),
        },
        "ReplicaCountTransformer" => match fields.node("replica") {
            Some(node) => replicas::apply(set, &Replica::read(node, &plugin.file, false)?, &specs),
            None => replicas::apply(set, &Replica::default(), &specs),
        },
        "PatchTransformer" => {
            let patch = Patch::take(&mut fields, &plugin.file, false)?;
            let schemas = walker.schemas.clone().unwrap_or_default();
            patches::apply(
                set,
                &patch,
                &walker.loader,
                layer.root,
                &plugin.file,
                &schemas,
            )
        }
        "PatchStrategicMergeTransformer" => {
            strategic_merge(walker, set, layer, &mut fields, plugin)
        }
        "PatchJson6902Transformer" => json6902(walker, set, layer, &mut fields, plugin),
        "ReplacementTransformer" => replace(walker, set, layer, &mut fields, plugin),
        "ValueAddTransformer" => add_value(walker, set, layer, &mut fields, plugin),
        other => Err(unknown(other)),
    }
}

fn specs(fields: &mut Fields<'_>, file: &str) -> Result<Specs> {
    fields
        .list("fieldSpecs")?
        .iter()
        .map(|node| FieldSpec::read(node, file, false))
        .collect::<Result<_>>()
        .map(Specs)
}

fn move_to(
    set: &mut ResourceSet,
    fields: &mut Fields<'_>,
    plugin: &Plugin,
    specs: &Specs,
    budget: &Budget,
) -> Result<()> {
    let subjects = match fields.text("setRoleBindingSubjects")?.as_str() {
        "" | "defaultOnly" => Subjects::DefaultOnly,
        "allServiceAccounts" => Subjects::AllServiceAccounts,
        "none" => Subjects::None,
        other => {
            return Err(Error::render(format!(
                "invalid value \"{other}\" for setRoleBindingSubjects: must be one of \"\", \"none\", \"defaultOnly\", \"allServiceAccounts\""
            )));
        }
    };
    let step = Namespace {
        namespace: &plugin.resource.id.namespace,
        unset_only: fields.flag("unsetOnly")?,
        subjects,
    };
    namespace::apply(set, &step, specs, budget)
}

fn strategic_merge(
    walker: &Walker<'_>,
    set: &mut ResourceSet,
    layer: &Layer<'_>,
    fields: &mut Fields<'_>,
    plugin: &Plugin,
) -> Result<()> {
    let mut items: Vec<Item> = fields
        .texts("paths")?
        .into_iter()
        .map(|text| Item { text, line: 0 })
        .collect();
    let inline = fields.text("patches")?;
    if !inline.is_empty() {
        items.push(Item {
            text: inline,
            line: 0,
        });
    }
    if items.is_empty() {
        return Err(Error::render("empty file path and empty patch content"));
    }
    let schemas = walker.schemas.clone().unwrap_or_default();
    patches::apply_strategic_merge(
        set,
        &items,
        &walker.loader,
        layer.root,
        &plugin.file,
        &schemas,
    )
}

fn json6902(
    walker: &Walker<'_>,
    set: &mut ResourceSet,
    layer: &Layer<'_>,
    fields: &mut Fields<'_>,
    plugin: &Plugin,
) -> Result<()> {
    let mut patch = Patch {
        path: fields.text("path")?,
        patch: fields.text("jsonOp")?,
        ..Patch::default()
    };
    if let Some(target) = fields.node("target") {
        patch.target = Some(Selector::read(target, "target", &plugin.file, false)?);
    }
    patches::apply_json6902(set, &patch, &walker.loader, layer.root, &plugin.file)
}

fn replace(
    walker: &Walker<'_>,
    set: &mut ResourceSet,
    layer: &Layer<'_>,
    fields: &mut Fields<'_>,
    plugin: &Plugin,
) -> Result<()> {
    let entries = fields
        .list("replacements")?
        .iter()
        .map(|node| ReplacementEntry::read(node, &plugin.file, false))
        .collect::<Result<Vec<_>>>()?;
    replacements::apply(set, &entries, &walker.loader, layer.root, &plugin.file)
}

/// Where `ValueAddTransformer` puts its value.
struct ValueTarget {
    selector: Option<Selector>,
    spec: FieldSpec,
    position: i64,
}

impl ValueTarget {
    fn read(node: &Node, file: &str) -> Result<Self> {
        let mut fields = Fields::lenient(node, "targets", file)?;
        let selector = match fields.node("selector") {
            Some(node) => Some(Selector::read(node, "selector", file, false)?),
            None => None,
        };
        Ok(Self {
            selector,
            spec: FieldSpec::new(Default::default(), &fields.text("fieldPath")?, true),
            position: fields.integer("filePathPosition")?.unwrap_or_default(),
        })
    }

    fn put(&self, set: &mut ResourceSet, value: &str) -> Result<()> {
        let matcher = self.selector.as_ref().map(Selector::compile).transpose()?;
        let step = Namespace {
            namespace: value,
            ..Namespace::default()
        };
        let segments = self.spec.segments.iter();
        let path: Vec<&str> = segments.map(|segment| segment.field.as_str()).collect();
        for resource in set.items_mut() {
            if matcher
                .as_ref()
                .is_some_and(|matcher| !matcher.fits_target(resource))
            {
                continue;
            }
            if self.spec.path == "metadata/namespace" {
                namespace::move_one(resource, &step, &Specs::default())?;
                continue;
            }
            resource.edit(|object| {
                // A null is its spelling here.
                let text = object.at(&path).and_then(Node::text);
                let text = text.unwrap_or_default().to_owned();
                walk(object, &self.spec, Make::Text, &mut |field| {
                    field.set_text(self.inserted(&text, value));
                    Ok(())
                })
            })?;
            resource.refresh();
        }
        Ok(())
    }

    /// The value itself, or the text as a file path with the value as one of its parts.
    fn inserted(&self, text: &str, value: &str) -> String {
        let Some(position) = usize::try_from(self.position)
            .ok()
            .filter(|position| *position > 0)
        else {
            return value.to_owned();
        };
        let is_absolute = text.starts_with('/');
        let mut parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
        parts.insert((position - 1).min(parts.len()), value);
        let joined = parts.join("/");
        if is_absolute {
            format!("/{joined}")
        } else {
            joined
        }
    }
}

fn add_value(
    walker: &Walker<'_>,
    set: &mut ResourceSet,
    layer: &Layer<'_>,
    fields: &mut Fields<'_>,
    plugin: &Plugin,
) -> Result<()> {
    let mut value = fields.text("value")?;
    if value.is_empty() {
        value = layer.root.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let mut targets = Vec::new();
    for node in fields.list("targets")? {
        targets.push(ValueTarget::read(node, &plugin.file)?);
    }
    let path = fields.text("targetFilePath")?;
    if !path.is_empty() {
        let (at, content) = walker.loader.read(layer.root, &path)?;
        let parsed = parse(&content, &at, &Limits::default())?;
        let listed = parsed
            .documents
            .first()
            .and_then(|node| node.get("targets"))
            .and_then(NodeExt::items);
        for node in listed.into_iter().flatten() {
            targets.push(ValueTarget::read(node, &at)?);
        }
    }
    targets
        .iter()
        .try_for_each(|target| target.put(set, &value))
}
