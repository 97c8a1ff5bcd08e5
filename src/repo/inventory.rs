//! What the repository declares: cluster folders, Applications, AppProjects and ApplicationSets, each with its place.
//!
//! It renders nothing and knows no kubeconfig. A file that cannot be read is a failure of its folder, never the end:
//! the other folders are answered all the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::application::{self, Application};
use super::children::{self, Children, is_wanted};
use super::cluster::{self, ClusterFolder};
use super::reader::Reader;
use super::remote::{Identity, without_credentials};
use super::tree::{Entry, FileTree};
use crate::error::{Error, Location, Reason, Result};
use crate::object::display::display;
use crate::object::yaml::{self, Limits, Node, NodeKind};

const CLUSTERS: &str = "clusters";
const ROOT_APP: &str = "bootstrap/root-app.yaml";

/// Argo CD's kinds that are read.
const KINDS: [&str; 3] = ["Application", "ApplicationSet", "AppProject"];

/// Folders below a cluster's folder that are followed.
const MAX_DEPTH: usize = 32;

/// Everything declared, in the order of the files.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    pub folders: Vec<ClusterFolder>,
    pub apps: Vec<Application>,
    /// Apps of apps: their children stand in `apps`, they themselves apply nothing.
    pub roots: Vec<Application>,
    pub projects: Vec<Declared>,
    pub appsets: Vec<Declared>,
    pub warnings: Vec<Warning>,
    pub failures: Vec<Failure>,
}

/// An object of Argo CD's that is kept as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    pub name: String,
    pub folder: String,
    pub value: Value,
    pub location: Location,
}

/// Something odd that keeps nothing from working.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub message: String,
    pub location: Location,
}

/// A file that could not be read: what it declares is unknown.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The cluster folder it stands in; empty outside `clusters/`.
    pub folder: String,
    pub error: Error,
}

/// Reads `clusters/`, `bootstrap/root-app.yaml`, and the folders of Applications that Applications point to.
pub fn read(tree: &dyn FileTree, identity: &Identity) -> Result<Inventory> {
    for place in [CLUSTERS, ROOT_APP] {
        refuse_left_out(tree, place)?;
    }
    let mut collector = Collector {
        tree,
        identity,
        inventory: Inventory::default(),
        read: BTreeSet::new(),
        followed: BTreeSet::new(),
    };
    if let Some(error) = tree.unreadable(CLUSTERS) {
        return Err(error.because(Reason::Config));
    }
    if tree.entry(CLUSTERS)? == Entry::Directory {
        for (name, entry) in tree.list(CLUSTERS)? {
            let path = format!("{CLUSTERS}/{name}");
            match entry {
                Entry::Directory if !is_hidden(&name) => collector.cluster_folder(&name, &path),
                Entry::File if is_manifest(&name) => collector.file(&path, ""),
                Entry::Missing if !is_hidden(&name) => collector.refuse_unreadable(&name, &path),
                Entry::Directory | Entry::File | Entry::Missing => {}
            }
        }
    }
    collector.bootstrap()?;
    collector.follow_declared();
    collector.sort_out_roots();
    Ok(collector.inventory)
}

impl Inventory {
    /// A word for each kind of declaration that is not used yet, counted.
    pub fn unsupported(&self) -> Option<String> {
        let count = self.appsets.len();
        let first = self.appsets.first()?;
        let noun = if count == 1 {
            "ApplicationSet is"
        } else {
            "ApplicationSets are"
        };
        Some(format!(
            "{count} {noun} not supported yet, the first is `{}` in {}: its apps are missing from every answer",
            display(&first.name),
            first.location
        ))
    }
}

impl Declared {
    /// Of a kind that is not used yet: its apps are in no answer.
    pub fn unsupported(&self) -> Error {
        let name = display(&self.name);
        Error::config(format!("ApplicationSet `{name}` is not supported yet"))
            .unsupported()
            .at(
                self.location.file.clone(),
                self.location.line,
                self.location.column,
            )
    }
}

struct Collector<'a> {
    tree: &'a dyn FileTree,
    identity: &'a Identity,
    inventory: Inventory,
    /// (cluster folder, real path) of the files read: no file counts twice.
    read: BTreeSet<(String, String)>,
    /// (cluster folder, real path) of the folders followed as an app of apps.
    followed: BTreeSet<(String, String)>,
}

impl Collector<'_> {
    fn cluster_folder(&mut self, name: &str, path: &str) {
        let mut folder = ClusterFolder {
            name: name.to_owned(),
            ..ClusterFolder::default()
        };
        if !super::names::is_dns_subdomain(name) {
            self.inventory.warnings.push(Warning {
                message: format!(
                    "`{}` is an unusual name for a cluster: lower-case letters, digits, `-` and `.` are safe everywhere",
                    display(name)
                ),
                location: place(path),
            });
        }
        let file = format!("{path}/cluster.yaml");
        match self.cluster_file(&file) {
            Ok(found) => folder.file = found,
            Err(error) => {
                folder.problem = Some(error.clone().because(Reason::Config));
                self.fail(name, error);
            }
        }
        self.inventory.folders.push(folder);
        self.directory(path, name, 0, &mut BTreeSet::new());
    }

    fn cluster_file(&self, path: &str) -> Result<Option<cluster::ClusterFile>> {
        if !super::layout::is_file(self.tree, path)? {
            return Ok(None);
        }
        let documents = parse(self.tree, path)?.documents;
        let [document] = documents.as_slice() else {
            return Err(Error::config("one document must stand in this file").at(path, 1, 0));
        };
        let (file, problems) = cluster::read_file(document, path);
        super::layout::first(problems)?;
        Ok(Some(file))
    }

    fn directory(&mut self, path: &str, folder: &str, depth: usize, seen: &mut BTreeSet<String>) {
        let listed = self.tree.real_path(path).and_then(|real| {
            // A link back up would go round forever.
            if depth > MAX_DEPTH || !seen.insert(real) {
                return Ok(Vec::new());
            }
            self.tree.list(path)
        });
        let names = match listed {
            Ok(names) => names,
            Err(error) => return self.fail(folder, error),
        };
        if names.is_empty() {
            self.fail_if_lost(path, folder);
        }
        for (name, entry) in names {
            if is_hidden(&name) {
                continue;
            }
            let path = format!("{path}/{name}");
            match entry {
                Entry::Directory => self.directory(&path, folder, depth + 1, seen),
                Entry::File if is_manifest(&name) && !(depth == 0 && is_for_the_cluster(&name)) => {
                    self.file(&path, folder);
                }
                // It was told of already, with what it means.
                Entry::Missing if depth == 0 && name == "cluster.yaml" => {}
                Entry::Missing => self.refuse_unreadable(folder, &path),
                Entry::File => {}
            }
        }
    }

    /// A link that leads nowhere, or out of the repository, may stand for any number of apps.
    fn refuse_unreadable(&mut self, folder: &str, path: &str) {
        if let Some(error) = self.tree.unreadable(path) {
            self.fail(folder, error);
        }
    }

    fn file(&mut self, path: &str, folder: &str) {
        let real = self
            .tree
            .real_path(path)
            .unwrap_or_else(|_| path.to_owned());
        if !self.read.insert((folder.to_owned(), real)) {
            return;
        }
        match parse(self.tree, path) {
            Ok(parsed) => {
                if parsed.documents.is_empty() {
                    self.fail_if_lost(path, folder);
                }
                for warning in parsed.warnings {
                    self.warn(path, warning.line, warning.column, warning.message);
                }
                for document in &parsed.documents {
                    self.document(document, path, folder);
                }
            }
            Err(error) => self.fail(folder, error),
        }
    }

    fn document(&mut self, node: &Node, file: &str, folder: &str) {
        if super::reader::is_null(node) {
            return;
        }
        match application::kind_of(node) {
            Some("Application") => {
                let app = application::read(node, file, folder);
                self.inventory.apps.push(app);
            }
            Some("ApplicationSet") => {
                let declared = declared(node, file, folder);
                self.inventory.appsets.push(declared);
            }
            Some("AppProject") => {
                let declared = declared(node, file, folder);
                self.inventory.projects.push(declared);
            }
            Some(kind) if super::near::nearest(kind, KINDS).is_some() => {
                self.mistyped(kind, node, file, folder);
            }
            Some(_) | None => self.other(node, file, folder),
        }
    }

    /// What was meant to declare something must not be taken for nothing.
    fn mistyped(&mut self, kind: &str, node: &Node, file: &str, folder: &str) {
        let message = format!("Argo CD has no kind `{}`", display(kind));
        let meant = super::near::nearest(kind, KINDS).unwrap_or_default();
        let error = Error::config(message)
            .at(file, node.line, node.column)
            .hint(format!("did you mean `{meant}`?"));
        self.fail(folder, error);
    }

    /// A List of documents, or something that is none of ours.
    fn other(&mut self, node: &Node, file: &str, folder: &str) {
        let kind = node.get("kind").and_then(Node::text);
        if let (Some(kind), Some(items)) = (kind, node.get("items"))
            && kind.ends_with("List")
            && let NodeKind::Sequence(items) = &items.kind
        {
            for item in items {
                self.document(item, file, folder);
            }
            return;
        }
        if kind.is_none_or(str::is_empty)
            && (node.get("apiVersion").is_some() || node.get("metadata").is_some())
        {
            let error = Error::config("a document without `kind`, which may be an Application")
                .at(file, node.line, node.column)
                .hint("write its `kind`, or remove the document");
            return self.fail(folder, error);
        }
        let message = match kind {
            Some(kind) => format!("kind `{}` is not read here and ignored", display(kind)),
            None => "a document without `kind` is ignored".to_owned(),
        };
        self.warn(file, node.line, node.column, message);
    }

    fn bootstrap(&mut self) -> Result<()> {
        match super::layout::is_file(self.tree, ROOT_APP) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => {
                self.fail("", error);
                return Ok(());
            }
        }
        let n_before = self.inventory.apps.len();
        self.file(ROOT_APP, "");
        let roots = self.inventory.apps.split_off(n_before);
        for root in roots {
            self.follow(&root);
            self.inventory.roots.push(root);
        }
        Ok(())
    }

    /// Reads the folder of Applications that an app of apps points to.
    fn follow(&mut self, root: &Application) {
        if let Err(error) = self.follow_folder(root) {
            let error = error.context(format!(
                "cannot follow `{}`, an app of apps",
                root.shown_name()
            ));
            self.fail(&root.folder, error);
        }
    }

    /// Follows every app of apps, those that others declare included, and tells which are none for a reason.
    fn follow_declared(&mut self) {
        let mut at = 0;
        while let Some(app) = self.inventory.apps.get(at) {
            at += 1;
            if self.is_root(app) {
                continue;
            }
            let app = app.clone();
            match children::look(self.tree, self.identity, &app) {
                Children::None => {}
                Children::Followed => self.follow(&app),
                Children::NotFollowed { file, why } => {
                    let message = format!(
                        "app `{}` holds Applications that are not followed: {why}",
                        app.shown_name()
                    );
                    self.warn(&file, 0, 0, message);
                }
            }
        }
    }

    fn follow_folder(&mut self, root: &Application) -> Result<()> {
        root.check()?;
        let source = &root.source;
        if !self.identity.owns(&source.repo_url) {
            return Err(root.error_at(
                &source.repo_url,
                format!(
                    "`{}` is another repository",
                    display(&without_credentials(&source.repo_url))
                ),
            ));
        }
        if !self.identity.is_worktree(&source.target_revision) {
            return Err(root.error_at(
                &source.target_revision,
                format!(
                    "its children are read from the working tree, not from revision `{}`",
                    display(&source.target_revision)
                ),
            ));
        }
        let path = super::tree::join("", &source.path)?;
        let followed = (root.folder.clone(), self.tree.real_path(&path)?);
        if !self.followed.insert(followed) {
            return Ok(());
        }
        if self.tree.entry(&path)? != Entry::Directory {
            return Err(root.error_at(
                &source.path,
                format!("{}: app path does not exist", display(&source.path)),
            ));
        }
        refuse_left_out(self.tree, &path)?;
        let n_before = self.inventory.apps.len();
        let options = source.directory.clone().unwrap_or_default();
        self.children((&path, &root.folder), "", &options, 0)?;
        let children = self.inventory.apps.split_off(n_before);
        for child in children {
            if self.is_root(&child) {
                self.follow(&child);
                self.inventory.roots.push(child);
            } else {
                self.inventory.apps.push(child);
            }
        }
        Ok(())
    }

    fn children(
        &mut self,
        (root, home): (&str, &str),
        below: &str,
        options: &application::Directory,
        depth: usize,
    ) -> Result<()> {
        let here = super::tree::join(root, below)?;
        for (name, entry) in self.tree.list(&here)? {
            let relative = super::tree::join(below, &name)?;
            let path = super::tree::join(&here, &name)?;
            match entry {
                Entry::Directory if options.recurse && depth < MAX_DEPTH && !is_hidden(&name) => {
                    self.children((root, home), &relative, options, depth + 1)?;
                }
                Entry::File if super::glob::is_kustomization(&name) => {
                    return Err(Error::config(
                        "children made by a kustomization are not supported yet, only plain files",
                    )
                    .unsupported()
                    .at(path, 0, 0));
                }
                Entry::File if is_manifest(&name) && is_wanted(options, &relative) => {
                    // Outside `clusters/` they go where their app of apps goes.
                    let folder = match folder_of(&path) {
                        "" => home.to_owned(),
                        own => own.to_owned(),
                    };
                    self.file(&path, &folder);
                }
                Entry::Missing if !is_hidden(&name) => {
                    if let Some(error) = self.tree.unreadable(&path) {
                        return Err(error);
                    }
                }
                Entry::Directory | Entry::File | Entry::Missing => {}
            }
        }
        Ok(())
    }

    /// Whether an Application's source is a folder of Applications that is read anyhow or was followed before.
    fn is_root(&self, app: &Application) -> bool {
        if !self.identity.owns(&app.source.repo_url) || app.source.path.is_empty() {
            return false;
        }
        let Ok(path) = super::tree::join("", &app.source.path) else {
            return false;
        };
        path == CLUSTERS
            || path == "bootstrap"
            || path.starts_with("clusters/")
            || path.starts_with("bootstrap/")
            || self.followed.contains(&(app.folder.clone(), path))
    }

    fn sort_out_roots(&mut self) {
        let apps = std::mem::take(&mut self.inventory.apps);
        for app in apps {
            if self.is_root(&app) {
                self.inventory.roots.push(app);
            } else {
                self.inventory.apps.push(app);
            }
        }
    }

    fn warn(&mut self, file: &str, line: u32, column: u32, message: String) {
        self.inventory.warnings.push(Warning {
            message,
            location: Location {
                file: file.to_owned(),
                line,
                column,
            },
        });
    }

    /// What git has here declares apps that nobody sees now.
    fn fail_if_lost(&mut self, path: &str, folder: &str) {
        match self.tree.lost_at(path) {
            Ok(None) => {}
            Ok(Some(lost)) => self.fail(folder, lost.error()),
            Err(error) => self.fail(folder, error),
        }
    }

    fn fail(&mut self, folder: &str, error: Error) {
        let error = if error.reason() == Reason::Render {
            error.because(Reason::Config)
        } else {
            error
        };
        self.inventory.failures.push(Failure {
            folder: folder.to_owned(),
            error,
        });
    }
}

/// Without a part of the declarations no answer is whole: which apps there are, and which of them want an object, is not known.
fn refuse_left_out(tree: &dyn FileTree, path: &str) -> Result<()> {
    let left_out = tree.left_out(path)?;
    let mut declaring = left_out
        .iter()
        .filter(|lost| lost.path.ends_with('/') || is_manifest(name_of(&lost.path)));
    match declaring.next() {
        None => Ok(()),
        Some(lost) => {
            let n_more = declaring.count();
            let error = lost.error().because(Reason::Config);
            Err(match n_more {
                0 => error,
                n => error.context(format!(
                    "declarations of apps are missing, this one and {n} more"
                )),
            })
        }
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The cluster folder a path stands in; empty outside `clusters/<name>/`.
fn folder_of(path: &str) -> &str {
    path.strip_prefix("clusters/")
        .and_then(|rest| rest.split_once('/'))
        .map_or("", |(folder, _)| folder)
}

pub(super) fn parse(tree: &dyn FileTree, path: &str) -> Result<yaml::Parsed> {
    let bytes = tree.read(path)?;
    yaml::parse(&bytes, path, &Limits::default())
}

fn declared(node: &Node, file: &str, folder: &str) -> Declared {
    let reader = Reader::new(file);
    let name = node
        .get("metadata")
        .and_then(|metadata| metadata.get("name"))
        .and_then(Node::text)
        .unwrap_or_default();
    Declared {
        name: name.to_owned(),
        folder: folder.to_owned(),
        value: reader.json(node).unwrap_or_default(),
        location: Location {
            file: file.to_owned(),
            line: node.line,
            column: node.column,
        },
    }
}

fn place(path: &str) -> Location {
    Location {
        file: path.to_owned(),
        line: 0,
        column: 0,
    }
}

pub(super) fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
}

/// How to reach the cluster, and the values that templates have there.
fn is_for_the_cluster(name: &str) -> bool {
    matches!(name, "cluster.yaml" | "values.yaml")
}

pub(super) fn is_manifest(name: &str) -> bool {
    !is_hidden(name)
        && [".yaml", ".yml", ".json"]
            .iter()
            .any(|extension| name.ends_with(extension))
}

/// Applications by name, for callers that ask by name only.
pub fn by_name(apps: &[Application]) -> BTreeMap<&str, Vec<&Application>> {
    let mut map: BTreeMap<&str, Vec<&Application>> = BTreeMap::new();
    for app in apps {
        map.entry(&app.name).or_default().push(app);
    }
    map
}

#[cfg(test)]
#[path = "inventory_tests.rs"]
mod tests;
