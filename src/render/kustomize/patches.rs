//! `patches`, `patchesStrategicMerge` and `patchesJson6902`: telling the two forms apart and applying them.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::budget::{self, Budget};
use super::fields::Fields;
use super::id::Id;
use super::jsonpatch::{self, Operation};
use super::kustomization::Item;
use super::load::{self, Loader};
use super::node::NodeExt;
use super::resource::{Resource, id_of};
use super::selector::{Matcher, Selector};
use super::set::ResourceSet;
use super::smp::{self, Schema, Schemas};
use super::{text, typed};
use crate::error::{Error, Result};
use crate::object::Gvk;
use crate::object::yaml::Node;

/// One entry of `patches` or `patchesJson6902`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patch {
    pub path: String,
    pub patch: String,
    pub target: Option<Selector>,
    pub allow_name_change: bool,
    pub allow_kind_change: bool,
    pub line: u32,
}

impl Patch {
    pub fn read(node: &Node, name: &str, file: &str) -> Result<Self> {
        let mut fields = Fields::strict(node, name, file)?;
        let patch = Self::take(&mut fields, file, true)?;
        fields.finish()?;
        Ok(Self {
            line: node.line,
            ..patch
        })
    }

    /// Takes the fields of an entry out of a map that may hold others.
    pub fn take(fields: &mut Fields<'_>, file: &str, is_strict: bool) -> Result<Self> {
        let mut patch = Self {
            path: fields.text("path")?,
            patch: fields.text("patch")?,
            ..Self::default()
        };
        if let Some(target) = fields.node("target") {
            patch.target = Some(Selector::read(target, "target", file, is_strict)?);
        }
        if let Some(options) = fields.node("options") {
            let mut options = if is_strict {
                Fields::strict(options, "options", file)?
            } else {
                Fields::lenient(options, "options", file)?
            };
            patch.allow_name_change = options.flag("allowNameChange")?;
            patch.allow_kind_change = options.flag("allowKindChange")?;
            options.finish()?;
        }
        Ok(patch)
    }
}

/// What a patch text holds.
enum Form {
    Merge(Arc<Vec<Node>>),
    Operations(Vec<Operation>),
    Empty,
}

/// Applies one entry of `patches`.
pub fn apply(
    set: &mut ResourceSet,
    patch: &Patch,
    loader: &Loader<'_>,
    root: &str,
    file: &str,
    schemas: &Schemas,
) -> Result<()> {
    let inline = patch.patch.trim();
    let form = match (inline.is_empty(), patch.path.is_empty()) {
        (true, true) => return Err(Error::render("must specify one of patch and path")),
        (false, false) => {
            return Err(Error::render(
                "patch and path can't be set at the same time",
            ));
        }
        (false, true) => form_of(loader, patch.patch.as_bytes(), file, "the inline patch")?,
        (true, false) => form_of_file(loader, root, &patch.path)?,
    };
    match form {
        Form::Empty => Ok(()),
        Form::Operations(operations) => {
            let Some(target) = &patch.target else {
                let shown = shown(patch);
                return Err(Error::render(format!(
                    "must specify a target for JSON patch {shown}"
                )));
            };
            let matcher = target.compile()?;
            for resource in set.items_mut() {
                if matcher.fits_target(resource) {
                    resource.remember();
                    apply_operations(resource, &operations, &loader.budget)?;
                }
            }
            Ok(())
        }
        Form::Merge(documents) => match &patch.target {
            Some(target) => {
                let matcher = target.compile()?;
                apply_to_targets(set, &documents, &matcher, patch, schemas, &loader.budget)
            }
            None => apply_by_id(set, &documents, patch, schemas, Way::Named),
        },
    }
}

fn shown(patch: &Patch) -> String {
    if patch.path.is_empty() {
        // Never its text: it may be that of a Secret.
        "in an inline patch".to_owned()
    } else {
        format!("in `{}`", patch.path)
    }
}

fn form_of_file(loader: &Loader<'_>, root: &str, path: &str) -> Result<Form> {
    let (at, content) = loader.read(root, path)?;
    form_of(loader, &content, &at, path)
}

/// Tries a text as objects and as a JSON patch: exactly one may succeed.
fn form_of(loader: &Loader<'_>, content: &[u8], file: &str, shown: &str) -> Result<Form> {
    let objects = text::objects(content, file).map(|read| {
        loader.dropped.add(&read.dropped);
        read.nodes
    });
    let operations = jsonpatch::read(content, file).map(|patch| {
        let patch = patch?;
        loader.dropped.add(patch.dropped.as_slice());
        Some(patch.operations)
    });
    match (objects, operations) {
        (Ok(objects), Ok(None)) if objects.is_empty() => Ok(Form::Empty),
        (Ok(objects), Ok(Some(operations))) if operations.is_empty() && objects.is_empty() => {
            Ok(Form::Empty)
        }
        (_, Ok(Some(operations))) if operations.is_empty() => Ok(Form::Empty),
        (Ok(objects), Ok(None) | Err(_)) => Ok(Form::Merge(Arc::new(objects))),
        (Err(_), Ok(Some(operations))) => Ok(Form::Operations(operations)),
        (Ok(_), Ok(Some(_))) => Err(Error::render(
            "illegally qualifies as both an SM and JSON patch",
        )),
        (Err(as_object), as_operations) => {
            let start = content.trim_ascii_start();
            let is_list =
                start.starts_with(b"[") || (start.starts_with(b"-") && !start.starts_with(b"---"));
            let cause = match as_operations {
                Err(error) if is_list => error,
                _ => as_object,
            };
            Err(cause.context(format!("unable to parse SM or JSON patch from [{shown}]")))
        }
    }
}

/// Runs operations on an object's JSON.
fn apply_operations(
    resource: &mut Resource,
    operations: &[Operation],
    budget: &Budget,
) -> Result<()> {
    let (line, column) = (resource.node.line, resource.node.column);
    let has_notes = resource.has_notes();
    resource.edit(|node| {
        let mut value = typed::to_value(node)?;
        typed::round_numbers(&mut value);
        if has_notes {
            with_annotations(&mut value);
        }
        jsonpatch::apply(&mut value, operations, budget)?;
        *node = typed::from_value(&value, line.max(1));
        text::merge_keys(node, "")?;
        (node.line, node.column) = (line, column);
        Ok(())
    })?;
    if jsonpatch::writes_over(operations, &["metadata", "annotations"]) {
        resource.drop_notes();
    }
    resource.refresh();
    if !resource.is_named() {
        return Err(resource.blame(Error::render(
            "the JSON patch removed kind or metadata.name",
        )));
    }
    Ok(())
}

/// The real program keeps its notes in annotations, so that a patch finds a map of them to add to.
fn with_annotations(object: &mut Value) {
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        let annotations = metadata.entry("annotations").or_insert(Value::Null);
        if annotations.is_null() {
            *annotations = Value::Object(serde_json::Map::new());
        }
    }
}

fn apply_to_targets(
    set: &mut ResourceSet,
    documents: &[Node],
    matcher: &Matcher,
    patch: &Patch,
    schemas: &Schemas,
    budget: &Budget,
) -> Result<()> {
    let document = match documents {
        [] => return Ok(()),
        [document] => document,
        _ => {
            return Err(Error::render(
                "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field",
            ));
        }
    };
    let mut document = document.clone();
    metadata_anew(&mut document);
    let document = &document;
    let size = budget::size(document);
    // By id: another object that has the name of a selected one by now is changed with it.
    let selected: HashSet<Id> = set
        .items()
        .iter()
        .filter(|resource| matcher.fits_target(resource))
        .map(|resource| resource.id.clone())
        .collect();
    for resource in set.items_mut() {
        if selected.contains(&resource.id) {
            budget.copy(size)?;
            merge_into(resource, document, patch, schemas)?;
            spell_out_version(resource);
        }
    }
    set.drop_empty();
    set.check_ids()
}

/// With a target, and in `patchesStrategicMerge`, the real program writes the patch's metadata anew: labels and annotations as
/// texts, so that a null there deletes nothing, and the name without a type.
fn metadata_anew(document: &mut Node) {
    as_text(document, "labels");
    as_text(document, "annotations");
    for key in ["name", "namespace"] {
        let field = document
            .get_mut("metadata")
            .and_then(|metadata| metadata.get_mut(key));
        if let Some(field) = field.filter(|field| !field.is_null())
            && let Some(text) = field.text().map(str::to_owned)
        {
            field.set_text(text);
        }
    }
}

/// The patch took over the object's version: where there is none, the real program writes that down as null.
fn spell_out_version(resource: &mut Resource) {
    let is_gone = resource.node.is_empty_value();
    if !is_gone && resource.id.gvk.group.is_empty() && resource.id.gvk.version.is_empty() {
        resource.node.set("apiVersion", Node::plain("null"));
    }
}

fn as_text(document: &mut Node, field: &str) {
    let Some(metadata) = document.get_mut("metadata") else {
        return;
    };
    match metadata.get_mut(field) {
        Some(map) if map.is_empty_value() => {
            metadata.remove(field);
        }
        Some(map) => typed::texts(map, false),
        None => {}
    }
}

/// How the real program comes by the object that a patch changes. Where it selects one, it first makes the patch look like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Named,
    Selected,
}

/// Applies each document to the one object that has or had its id.
fn apply_by_id(
    set: &mut ResourceSet,
    documents: &[Node],
    patch: &Patch,
    schemas: &Schemas,
    way: Way,
) -> Result<()> {
    for document in documents {
        let mut document = document.clone();
        if way == Way::Selected {
            metadata_anew(&mut document);
        }
        if patch.allow_name_change || patch.allow_kind_change {
            // The real program notes the permission in an annotation of the patch.
            as_text(&mut document, "annotations");
        }
        let document = &document;
        let mut id = id_of(document);
        id.is_cluster_wide = schemas.is_cluster_scoped(&id.gvk);
        let position = only_one(set, &id)?;
        let before = set.items()[position].digests();
        let resource = set.item_mut(position);
        merge_into(resource, document, patch, schemas)?;
        if way == Way::Selected {
            spell_out_version(resource);
        }
        set.reindex(position, &before);
    }
    set.drop_empty();
    match way {
        Way::Named => Ok(()),
        Way::Selected => set.check_ids(),
    }
}

fn only_one(set: &mut ResourceSet, id: &Id) -> Result<usize> {
    let found = set.with_any_id(id);
    let found: Vec<usize> = found
        .into_iter()
        .filter(|&position| !set.items()[position].node.is_empty_value())
        .collect();
    match found.as_slice() {
        [position] => Ok(*position),
        [] => Err(Error::render(format!(
            "no resource matches strategic merge patch \"{id}\": no matches for Id {id}; failed to find unique target for patch"
        ))),
        _ => Err(Error::render(format!(
            "multiple matches for Id {id}; failed to find unique target for patch"
        ))),
    }
}

/// Merges a document into an object. Name, kind and namespace stay unless their change is allowed.
fn merge_into(
    resource: &mut Resource,
    document: &Node,
    patch: &Patch,
    schemas: &Schemas,
) -> Result<()> {
    let id = resource.id.clone();
    if patch.allow_name_change || patch.allow_kind_change {
        resource.remember();
    }
    // A kind that is not known is merged by the patch's kind.
    let schema = match schemas.of(&id.gvk) {
        Schema::Unknown => schemas.of(&Gvk {
            kind: document.text_at(&["kind"]).to_owned(),
            ..id.gvk.clone()
        }),
        known => known,
    };
    resource.shared.note_patch(&resource.node, document);
    let target = std::mem::replace(&mut resource.node, super::node::empty_map());
    let merged = smp::merge(target, document, schema).map_err(|error| resource.blame(error))?;
    let Some(mut merged) = merged else {
        return Ok(());
    };
    put_back(&mut merged, &id, patch);
    if drops_annotations(document) {
        resource.forget();
    }
    resource.shared.settle_patch(&mut merged);
    resource.node = merged;
    resource.refresh();
    Ok(())
}

/// Whether a patch takes away the annotations that an object has.
fn drops_annotations(document: &Node) -> bool {
    let directive = |node: &Node| matches!(node.text_at(&["$patch"]), "replace" | "delete");
    let Some(metadata) = document.get("metadata") else {
        return false;
    };
    let annotations = metadata.get("annotations");
    directive(metadata) || annotations.is_some_and(|map| map.is_null() || directive(map))
}

fn put_back(object: &mut Node, id: &Id, patch: &Patch) {
    if !patch.allow_kind_change {
        set_back(object, "kind", &id.gvk.kind);
    }
    set_back(object, "apiVersion", &id.gvk.api_version());
    let Some(metadata) = object.entry_or("metadata", super::node::empty_map) else {
        return;
    };
    if !patch.allow_name_change {
        set_back(metadata, "name", &id.name);
    }
    set_back(metadata, "namespace", &id.namespace);
}

/// Writes a text again, between the quotes that are there now; an empty one means the field was not there.
fn set_back(map: &mut Node, key: &str, text: &str) {
    match map.get_mut(key) {
        Some(_) if text.is_empty() => {
            map.remove(key);
        }
        Some(field) => field.set_text(text.to_owned()),
        None if text.is_empty() => {}
        None => map.set(key, super::node::string(text)),
    }
}

/// Applies `patchesStrategicMerge`: inline texts or files, all read before the first is applied.
pub fn apply_strategic_merge(
    set: &mut ResourceSet,
    items: &[Item],
    loader: &Loader<'_>,
    root: &str,
    file: &str,
    schemas: &Schemas,
) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let mut documents = Vec::new();
    for item in items {
        documents.extend(inline_or_file(item, loader, root, file)?);
    }
    if documents.is_empty() {
        return Err(Error::render("patch appears to be empty"));
    }
    apply_by_id(set, &documents, &Patch::default(), schemas, Way::Selected)
}

fn inline_or_file(item: &Item, loader: &Loader<'_>, root: &str, file: &str) -> Result<Vec<Node>> {
    match text::objects(item.text.as_bytes(), file) {
        Ok(read) => {
            loader.dropped.add(&read.dropped);
            return Ok(read.nodes);
        }
        Err(error) if load::is_inline(&item.text) => {
            return Err(error.context("an inline patch").at(file, item.line, 0));
        }
        Err(_) => {}
    }
    let (_, objects) = loader
        .objects(root, &item.text)
        .map_err(|error| error.at(file, item.line, 0))?;
    Ok(objects.nodes.clone())
}

/// Applies one entry of `patchesJson6902`.
pub fn apply_json6902(
    set: &mut ResourceSet,
    patch: &Patch,
    loader: &Loader<'_>,
    root: &str,
    file: &str,
) -> Result<()> {
    let Some(target) = patch
        .target
        .as_ref()
        .filter(|target| !target.name.is_empty())
    else {
        return Err(Error::render("must specify the target name"));
    };
    let (content, at): (Arc<[u8]>, String) = match (patch.patch.is_empty(), patch.path.is_empty()) {
        (true, true) => return Err(Error::render("must specify a json patch or its path")),
        (false, false) => {
            return Err(Error::render(
                "must specify a file path or an inline patch, not both",
            ));
        }
        (false, true) => (patch.patch.as_bytes().into(), file.to_owned()),
        (true, false) => {
            let (at, content) = loader.read(root, &patch.path)?;
            (content, at)
        }
    };
    let read = jsonpatch::read(&content, &at)?.unwrap_or_default();
    loader.dropped.add(read.dropped.as_slice());
    let operations = read.operations;
    if operations.is_empty() {
        return Err(Error::render("patch appears to be empty").at(at, 0, 0));
    }
    let matcher = target.compile()?;
    for resource in set.items_mut() {
        if matcher.fits_target(resource) {
            apply_operations(resource, &operations, &loader.budget)?;
        }
    }
    Ok(())
}
