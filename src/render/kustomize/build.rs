//! The whole build: layers, then what happens once at the end, then the output.

use std::collections::HashSet;
use std::rc::Rc;

use serde_json::Value;

use super::accumulate::{Accumulator, Layer, Walker};
use super::charts::Charts;
use super::id::Id;
use super::kustomization::Kustomization;
use super::load::{Cache, LoadRestrictor, Loader};
use super::metadata::Viewpoint;
use super::overrides::SourceOverrides;
use super::remote::{self, RemoteRoot};
use super::set::ResourceSet;
use super::sort::{self, Order};
use super::{emit, hash, input, metadata, references, typed, vars};
use crate::error::{Error, Result};
use crate::object::{Object, Origin};
use crate::repo::foreign::{self, Foreign, Nothing};
use crate::repo::tree::{Entry, FileTree, join};

/// The deprecated `--reorder` flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reorder {
    /// Not given: by kind, unless `sortOptions` says otherwise.
    #[default]
    Unspecified,
    Legacy,
    None,
}

/// How to build.
#[derive(Clone, Copy, Default)]
pub struct BuildOptions<'a> {
    pub load_restrictor: LoadRestrictor,
    pub reorder: Reorder,
    /// Adds the managed-by label to everything.
    pub managed_by_label: bool,
    /// Shared between builds over one tree, so that a base is read once.
    pub cache: Option<&'a Cache>,
    /// Other repositories and addresses; nothing outside the tree is read without.
    pub foreign: Option<&'a dyn Foreign>,
    /// What an Application's `source.kustomize` changes in the top kustomization.
    pub overrides: Option<&'a SourceOverrides>,
    /// What makes manifests of charts; without it they are refused.
    pub charts: Option<&'a dyn Charts>,
}

/// What a build gave.
#[derive(Debug, Clone, Default)]
pub struct Built {
    /// In output order, with the place of the document each came from.
    pub objects: Vec<Object>,
    /// Things that are odd but no errors.
    pub warnings: Vec<String>,
    /// Where files hold more than is read: objects that are not desired may stand there.
    pub dropped: Vec<Error>,
}

impl Built {
    /// The objects as `kustomize build` prints them.
    pub fn to_yaml(&self) -> String {
        let mut out = String::new();
        for (n, object) in self.objects.iter().enumerate() {
            if n > 0 {
                out.push_str("---\n");
            }
            emit::document(&object.value, &mut out);
        }
        out
    }
}

/// Builds the kustomization in the directory `path` of `tree`.
pub fn build(tree: &dyn FileTree, path: &str, options: &BuildOptions<'_>) -> Result<Built> {
    let own_cache;
    let cache = match options.cache {
        Some(cache) => cache,
        None => {
            own_cache = Cache::default();
            &own_cache
        }
    };
    let loader = Loader {
        tree,
        restrictor: options.load_restrictor,
        cache,
        foreign: options.foreign.unwrap_or(&Nothing),
        budget: Rc::default(),
        dropped: Rc::default(),
    };
    let root = join("", path)?;
    if tree.entry(&root)? != Entry::Directory {
        return Err(Error::render(format!(
            "'{path}' must build at directory: not a directory"
        )));
    }
    let root = tree.real_path(&root)?;
    let file = loader.kustomization(&root)?;
    let file = match options.overrides {
        Some(overrides) => std::sync::Arc::new(overrides.merged_into(&file, tree, &root)?),
        None => file,
    };
    let mut walker = Walker {
        loader,
        charts: options.charts,
        chart_namespace: String::new(),
        metadata: file.build_metadata,
        view: Viewpoint {
            top: root.clone(),
            remote: None,
        },
        remotes: Vec::new(),
        schemas: None,
        warnings: Vec::new(),
    };
    let mut acc = Accumulator::default();
    let chain = [root.clone()];
    let layer = Layer {
        root: &root,
        file: &file,
        chain: &chain,
    };
    walker.run(&mut acc, &layer)?;
    finish(&mut acc, &file, options)?;
    Ok(Built {
        objects: output(acc.set)?,
        warnings: walker.warnings,
        dropped: walker.loader.dropped.take(),
    })
}

/// Builds a directory of another repository, as [`remote::is_remote`] tells one by its text.
pub fn build_remote(entry: &str, options: &BuildOptions<'_>) -> Result<Built> {
    let root = RemoteRoot::parse(entry)?;
    let found = options
        .foreign
        .unwrap_or(&Nothing)
        .repository(&root.wanted)?;
    let options = BuildOptions {
        load_restrictor: LoadRestrictor::RootOnly,
        ..*options
    };
    let url = &root.wanted.url;
    let mut built =
        build(&*found.tree, &root.path, &options).map_err(|error| foreign::told_at(url, error))?;
    let origins = built
        .objects
        .iter_mut()
        .filter_map(|object| object.origin.as_mut());
    origins.for_each(|origin| origin.file = foreign::shown(url, &origin.file));
    if found.moves {
        built
            .warnings
            .push(remote::moving(entry, &root.wanted.revision, &found.commit));
    }
    Ok(built)
}

/// What happens once, after the top layer.
fn finish(acc: &mut Accumulator, file: &Kustomization, options: &BuildOptions<'_>) -> Result<()> {
    let tables = acc.additions.tables();
    hash::apply(&mut acc.set)?;
    references::apply(&mut acc.set, &tables)?;
    vars::substitute(acc, &tables)?;
    check_names(&acc.set)?;
    drop_local_config(&mut acc.set);
    let order = match (&file.sort_options, options.reorder) {
        (Some(wanted), _) => wanted.order()?,
        (None, Reorder::None) => Order::Fifo,
        (None, Reorder::Unspecified | Reorder::Legacy) => Order::legacy(),
    };
    if order != Order::Fifo {
        acc.set.check_ids()?;
    }
    sort::sort(&mut acc.set, &order);
    let wanted = file.build_metadata;
    let managed_by = wanted.managed_by || options.managed_by_label;
    if wanted.origin || wanted.transformers || managed_by {
        for resource in acc.set.items_mut() {
            if wanted.origin {
                metadata::write_origin(resource);
            }
            if wanted.transformers {
                metadata::write_transformations(resource);
            }
            if managed_by {
                metadata::write_managed_by(resource);
            }
        }
    }
    Ok(())
}

/// Local objects too need a name to the end.
fn check_names(set: &ResourceSet) -> Result<()> {
    match set.items().iter().find(|resource| !resource.is_named()) {
        None => Ok(()),
        Some(resource) => Err(resource.blame(Error::render(
            "kind or metadata.name is missing: a patch or replacement emptied it",
        ))),
    }
}

/// Objects marked as local took part in everything, but are no output. The real program drops them by id: one that has the
/// id of another stays.
fn drop_local_config(set: &mut ResourceSet) {
    const LOCAL: &str = "config.kubernetes.io/local-config";
    let is_local = |resource: &super::resource::Resource| {
        resource
            .annotations()
            .and_then(|annotations| annotations.get(LOCAL))
            .is_some_and(|value| value.text() != Some("false"))
    };
    if set.items().iter().any(is_local) {
        // As they are written: what counts as the same is not looked at.
        let others = set.items().iter().filter(|resource| !is_local(resource));
        let ids: HashSet<Id> = others.map(|resource| resource.id.clone()).collect();
        set.items_mut()
            .retain(|resource| !is_local(resource) || ids.contains(&resource.id));
    }
}

/// The objects as JSON, each value typed.
fn output(set: ResourceSet) -> Result<Vec<Object>> {
    let mut objects = Vec::with_capacity(set.len());
    let mut seen = std::collections::HashMap::with_capacity(set.len());
    for mut resource in set.into_items() {
        if let Some(other) = seen.insert(resource.id.digest(), resource.id.clone())
            && other.is_same(&resource.id)
        {
            return Err(resource.blame(Error::render("two objects of the output have the same id")));
        }
        input::strip(&mut resource.node);
        typed::annotations_as_text(&mut resource.node);
        let value = typed::to_value(&resource.node)
            .and_then(|value| check_printable(&value).map(|()| value))
            .map_err(|error| resource.blame(error))?;
        objects.push(Object::with_origin(
            value,
            Origin::clone(&resource.location),
        ));
    }
    Ok(objects)
}

/// Some characters cannot be written as YAML at all.
fn check_printable(value: &Value) -> Result<()> {
    let text = |text: &str| match text
        .chars()
        .find(|&c| matches!(c, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'))
    {
        Some(c) => Err(Error::render(format!(
            "control characters are not allowed: U+{:04X} cannot be written as YAML",
            u32::from(c)
        ))),
        None => Ok(()),
    };
    match value {
        Value::String(value) => text(value),
        Value::Array(items) => items.iter().try_for_each(check_printable),
        Value::Object(map) => map.iter().try_for_each(|(key, value)| {
            text(key)?;
            check_printable(value)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}
