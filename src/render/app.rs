//! An Application to its desired objects: which files, which tool, and what must be refused before a cluster is asked.
//!
//! Two steps, because the second needs to know which kinds are namespaced: [`desired`] renders, [`settle`] gives every
//! object its namespace and finds objects that stand twice. Neither talks to a cluster.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::bookkeeping;
use super::build_env::BuildEnv;
use super::kustomize::Charts;
use super::scope::Scopes;
use super::template::TemplateTree;
use super::{directory, kustomize};
use crate::error::{Error, Location, Reason, Result};
use crate::object::display::display;
use crate::object::labels::{ARGO_COMPARE_OPTIONS, ARGO_HOOK, HELM_HOOK};
use crate::object::options;
use crate::object::yaml::Limits;
use crate::object::{Gvk, Key, Object};
use crate::repo::application::{Application, Directory, KustomizeOptions};
use crate::repo::checkout::{At, Beside, Checkout, Revision};
use crate::repo::foreign::{self, Foreign, Nothing};
use crate::repo::inventory::Warning;
use crate::repo::tree::{Entry, FileTree, join};
use crate::repo::{glob, names};

/// What makes objects out of an app's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    Directory,
    Kustomize,
}

impl Tool {
    /// The word Argo CD uses for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "Directory",
            Self::Kustomize => "Kustomize",
        }
    }
}

/// How to render.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which files are read.
    pub at: At,
    /// The cluster the app goes to, for templates; empty is the folder's the app stands in.
    pub cluster: String,
}

/// What an app wants, before its namespaces are settled.
#[derive(Debug, Clone)]
pub struct Desired {
    pub objects: Vec<Object>,
    /// A commit id, or `worktree`.
    pub revision: String,
    pub is_dirty: bool,
    /// What is checked out, where that is not what was rendered.
    pub beside: Option<Beside>,
    pub tool: Tool,
    pub warnings: Vec<Warning>,
    /// What may hold objects and cannot be read: nothing is proved to be gone from this app.
    pub unreadable: Vec<Error>,
}

/// Renders an app from the repository.
pub fn desired(
    app: &Application,
    checkout: &Checkout,
    shared: &Shared,
    options: &Options,
) -> Result<Desired> {
    app.check()?;
    let foreign = shared.foreign.as_deref().unwrap_or(&Nothing);
    let revision = checkout.revision_of(app, &options.at, foreign)?;
    let cluster = if options.cluster.is_empty() {
        &app.folder
    } else {
        &options.cluster
    };
    let url = &app.source.repo_url;
    let is_foreign = !checkout.identity().owns(url);
    let mut desired = desired_from(app, cluster, &revision, shared).map_err(|error| {
        let error = if is_foreign {
            foreign::told_at(url, error)
        } else {
            error
        };
        error.context(format!("failed to render app `{}`", app.shown_name()))
    })?;
    if is_foreign {
        let origins = desired
            .objects
            .iter_mut()
            .filter_map(|object| object.origin.as_mut());
        origins.for_each(|origin| origin.file = foreign::shown(url, &origin.file));
        let unreadable = std::mem::take(&mut desired.unreadable).into_iter();
        desired.unreadable = unreadable
            .map(|error| foreign::told_at(url, error))
            .collect();
    }
    Ok(desired)
}

/// Renders an app for a cluster from these files.
pub fn desired_from(
    app: &Application,
    cluster: &str,
    revision: &Revision,
    shared: &Shared,
) -> Result<Desired> {
    let tree = &*revision.tree;
    let path = source_path(app, tree)?;
    refuse_overrides(app, tree, &path)?;
    let Some(plugin) = &app.source.plugin else {
        return desired_in(app, revision, tree, &path, shared);
    };
    let templates = TemplateTree::new(tree, app, plugin, &path, cluster, &revision.id)?;
    // What files say depends on the app here: nothing can be shared.
    let mut desired = desired_in(app, revision, &templates, &path, &shared.unshared())
        .map_err(|error| templates.explain(error))?;
    let unreadable = std::mem::take(&mut desired.unreadable).into_iter();
    desired.unreadable = unreadable.map(|error| templates.explain(error)).collect();
    let origins = desired
        .objects
        .iter_mut()
        .filter_map(|object| object.origin.as_mut());
    origins
        .chain(
            desired
                .warnings
                .iter_mut()
                .map(|warning| &mut warning.location),
        )
        .for_each(|at| templates.settle(at));
    Ok(desired)
}

fn desired_in(
    app: &Application,
    revision: &Revision,
    tree: &dyn FileTree,
    path: &str,
    shared: &Shared,
) -> Result<Desired> {
    let tool = tool(app, tree, path)?;
    let mut warnings = Vec::new();
    let unreadable;
    let mut objects = match tool {
        Tool::Directory => {
            let options = app.source.directory.clone().unwrap_or_default();
            let rendered = directory::render(tree, path, &options, &Limits::default())?;
            warnings.extend(rendered.warnings.into_iter().map(|warning| Warning {
                message: warning.message,
                location: warning.location,
            }));
            unreadable = rendered.unreadable;
            rendered.objects
        }
        Tool::Kustomize => {
            let built = overlay(app, revision, tree, path, shared)?;
            let location = |message| Warning {
                message,
                location: app.location(),
            };
            warnings.extend(built.warnings.into_iter().map(location));
            unreadable = built.dropped;
            built.objects
        }
    };
    let list = app.annotations.get(ARGO_COMPARE_OPTIONS);
    let told = options::told_of_app(list.map_or("", String::as_str));
    warnings.extend(told.into_iter().map(|message| Warning {
        message,
        location: app.location(),
    }));
    for object in &mut objects {
        let fields = bookkeeping::strip(object);
        if !fields.is_empty() {
            warnings.push(left_out(app, object, &fields));
        }
    }
    for object in &objects {
        names::check(object)?;
        refuse_hook(object)?;
        warnings.extend(odd_options(app, object));
    }
    Ok(Desired {
        objects,
        revision: revision.id.clone(),
        is_dirty: revision.is_dirty,
        beside: revision.beside.clone(),
        tool,
        warnings,
        unreadable,
    })
}

fn left_out(app: &Application, object: &Object, fields: &[String]) -> Warning {
    let name = format!("{}/{}", object.kind(), display(object.name()));
    let fields = fields.join(", ");
    let location = object.origin.clone();
    Warning {
        message: format!(
            "`{name}`: left out, as it is the server's: {fields}; remove it from the file"
        ),
        location: location.unwrap_or_else(|| app.location()),
    }
}

/// Builds a kustomization with the app's own options on top.
fn overlay(
    app: &Application,
    revision: &Revision,
    tree: &dyn FileTree,
    path: &str,
    shared: &Shared,
) -> Result<kustomize::Built> {
    let options = app.source.kustomize.clone().unwrap_or_default();
    let options = BuildEnv::new(app, &revision.id).kustomize(&options);
    let overrides = kustomize::SourceOverrides::from(&options);
    let cache = shared.cache_of(tree, &revision.id);
    let build = kustomize::BuildOptions {
        cache: Some(&cache),
        foreign: shared.foreign.as_deref(),
        charts: shared.charts.as_deref(),
        overrides: (options != KustomizeOptions::default()).then_some(&overrides),
        ..kustomize::BuildOptions::default()
    };
    kustomize::build(tree, path, &build)
}

/// What renders of one run share.
#[derive(Default)]
pub struct Shared {
    /// A base that many overlays stand on is read and parsed once.
    caches: Mutex<BTreeMap<String, Arc<kustomize::Cache>>>,
    /// Other repositories; none without.
    foreign: Option<Arc<dyn Foreign>>,
    /// What makes manifests of charts; they are refused without.
    charts: Option<Arc<dyn Charts>>,
}

impl Shared {
    pub fn new(foreign: Arc<dyn Foreign>, charts: Option<Arc<dyn Charts>>) -> Self {
        Self {
            caches: Mutex::default(),
            foreign: Some(foreign),
            charts,
        }
    }

    /// The same with nothing read yet.
    fn unshared(&self) -> Self {
        Self {
            caches: Mutex::default(),
            foreign: self.foreign.clone(),
            charts: self.charts.clone(),
        }
    }

    /// The cache of one tree.
    fn cache_of(&self, tree: &dyn FileTree, id: &str) -> Arc<kustomize::Cache> {
        let name = format!("{} {id}", tree.describe());
        self.caches
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(name)
            .or_default()
            .clone()
    }

    /// Forgets everything, because files changed.
    pub fn clear(&self) {
        self.caches
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// The app's path below the root; the messages are Argo CD's.
fn source_path(app: &Application, tree: &dyn FileTree) -> Result<String> {
    let source = &app.source;
    let wrong = |what: &str| {
        app.error_at(&source.path, format!("{}: {what}", display(&source.path)))
            .because(Reason::Render)
    };
    if source.path.starts_with('/') {
        return Err(wrong("app path is absolute"));
    }
    let path = join("", &source.path).map_err(|_| wrong("app path outside root"))?;
    let entry = tree
        .entry(&path)
        .map_err(|error| error.context(format!("{}: app path cannot be used", display(&path))))?;
    match entry {
        Entry::Directory => Ok(path),
        Entry::File => Err(wrong("app path is not a directory")),
        Entry::Missing => {
            let missing = wrong("app path does not exist");
            Err(match tree.lost_at(&path)? {
                Some(lost) => lost.error().context(missing.message()),
                None => missing.hint(format!("it was looked for in the {}", tree.describe())),
            })
        }
    }
}

/// Argo CD merges these files into the source. Not honouring one silently would render something else.
fn refuse_overrides(app: &Application, tree: &dyn FileTree, path: &str) -> Result<()> {
    let own = format!(".argocd-source-{}.yaml", app.name);
    for name in [".argocd-source.yaml", &own] {
        let file = join(path, name)?;
        if tree.entry(&file)? == Entry::File {
            return Err(Error::render(format!(
                "`{name}` overrides the source of app `{}`, which is not supported yet",
                app.shown_name()
            ))
            .at(file, 1, 0)
            .unsupported()
            .hint("put its values into `spec.source` of the Application"));
        }
    }
    Ok(())
}

/// Which tool renders: an explicit block, else what the files in the path itself say.
fn tool(app: &Application, tree: &dyn FileTree, path: &str) -> Result<Tool> {
    let is_set = |options: &KustomizeOptions| *options != KustomizeOptions::default();
    if app.source.kustomize.as_ref().is_some_and(is_set) {
        return Ok(Tool::Kustomize);
    }
    let is_directory = |options: &Directory| *options != Directory::default();
    if app.source.directory.as_ref().is_some_and(is_directory) {
        return Ok(Tool::Directory);
    }
    // In byte order, and a later hit outranks an earlier one, as Argo CD scans them.
    let names = tree.list(path)?;
    let files = names.iter().filter(|(_, entry)| *entry == Entry::File);
    let last = files
        .map(|(name, _)| name)
        .rfind(|name| glob::is_kustomization(name) || name.ends_with("Chart.yaml"));
    match last {
        None => {
            refuse_lost_kustomization(tree, path)?;
            Ok(Tool::Directory)
        }
        Some(name) if glob::is_kustomization(name) => Ok(Tool::Kustomize),
        Some(name) => Err(Error::render(format!(
            "app `{}` is a Helm chart, which is not supported yet",
            app.shown_name()
        ))
        .unsupported()
        .at(join(path, name)?, 1, 0)),
    }
}

/// The files beside a kustomization that cannot be read are not what it makes of them.
fn refuse_lost_kustomization(tree: &dyn FileTree, path: &str) -> Result<()> {
    for name in kustomize::FILE_NAMES {
        if let Some(lost) = tree.lost_at(&join(path, name)?)? {
            return Err(lost.error());
        }
    }
    Ok(())
}

/// What of Argo CD's annotations on an object has no effect here.
fn odd_options<'a>(app: &'a Application, object: &'a Object) -> impl Iterator<Item = Warning> + 'a {
    let told = options::told(object).into_iter();
    told.map(|text| Warning {
        message: format!("{} `{}`: {text}", object.kind(), display(object.name())),
        location: object.origin.clone().unwrap_or_else(|| app.location()),
    })
}

/// A hook applied as an ordinary object would run at the wrong time, or stay forever. `Skip` is refused with the others:
/// left out of the desired objects, what was applied before would be pruned, which Argo CD never does.
fn refuse_hook(object: &Object) -> Result<()> {
    // Helm's oldest hook is none to Argo CD: CRDs are ordinary objects.
    let is_hook = |key: &str, value: &str| key == ARGO_HOOK || value != "crd-install";
    for key in [ARGO_HOOK, HELM_HOOK] {
        if let Some(value) = object.annotation(key)
            && is_hook(key, value)
        {
            let what = format!(
                "{} `{}` is a hook (`{key}: {}`): hooks are not supported yet",
                object.kind(),
                display(object.name()),
                display(value)
            );
            return Err(at(object, Error::render(what).unsupported()));
        }
    }
    Ok(())
}

/// Gives every object the namespace it goes to and refuses objects that stand twice.
///
/// `scope` says whether the cluster serves a kind namespaced; a kind it does not know is read from a CRD in the same
/// objects, else taken as namespaced.
pub fn settle(
    objects: Vec<Object>,
    scope: &dyn Fn(&Gvk) -> Option<bool>,
    destination_namespace: &str,
) -> Result<Vec<Object>> {
    let scopes = Scopes::of(&objects);
    let mut settled = Vec::with_capacity(objects.len());
    let mut places: BTreeMap<Key, Option<Location>> = BTreeMap::new();
    for mut object in objects {
        let own = object.namespace();
        match scopes.namespace(&object.gvk(), own, scope, destination_namespace) {
            Some(namespace) if namespace == own => {}
            Some(namespace) => {
                let namespace = namespace.to_owned();
                object.set_namespace(&namespace);
            }
            None => {
                let gvk = object.gvk();
                let what = format!("Namespace for {} {gvk} is missing", display(object.name()));
                return Err(at(&object, Error::config(what)).hint(
                    "set `metadata.namespace`, or `spec.destination.namespace` of the Application",
                ));
            }
        }
        let key = object.key();
        if let Some(first) = places.get(&key) {
            return Err(twice(&object, &key, first.as_ref()));
        }
        places.insert(key, object.origin.clone());
        settled.push(object);
    }
    Ok(settled)
}

fn twice(object: &Object, key: &Key, first: Option<&Location>) -> Error {
    let place = |origin: Option<&Location>| {
        origin.map_or_else(|| "a place unknown".to_owned(), ToString::to_string)
    };
    let error = Error::render(format!(
        "`{}` stands twice: {} and {}",
        display(&key.to_string()),
        place(first),
        place(object.origin.as_ref())
    ));
    at(object, error).hint("keep one; two files that describe one object would undo each other")
}

fn at(object: &Object, error: Error) -> Error {
    match &object.origin {
        Some(origin) => error.at(&origin.file, origin.line, origin.column),
        None => error,
    }
}

#[cfg(test)]
#[path = "app_tests.rs"]
mod tests;
