//! Whether an Application is an app of apps: its folder in this repository holds Applications and nothing else.
//!
//! Reads no more than it must: most folders hold none, and rendering reads them anyway. The children are read by `inventory`.

use super::application::{self, Application, Directory};
use super::inventory::{is_hidden, is_manifest, parse};
use super::remote::Identity;
use super::tree::{Entry, FileTree, join};
use crate::error::Result;
use crate::object::yaml::Node;

/// Files in which Applications are looked for; a folder of Applications shows itself in the first.
const MAX_LOOKED_AT: usize = 100;

/// Folders below each other.
const MAX_DEPTH: usize = 32;

/// What an Application's folder declares.
pub(super) enum Children {
    None,
    /// Applications, projects and sets only.
    Followed,
    /// Applications that stay objects of the app.
    NotFollowed {
        file: String,
        why: &'static str,
    },
}

/// What cannot be read is no child: rendering the app says so.
pub(super) fn look(tree: &dyn FileTree, identity: &Identity, app: &Application) -> Children {
    let source = &app.source;
    let is_ours = identity.owns(&source.repo_url) && source.plugin.is_none();
    if !is_ours || source.path.is_empty() || app.check().is_err() {
        return Children::None;
    }
    let Ok(root) = join("", &source.path) else {
        return Children::None;
    };
    let options = source.directory.clone().unwrap_or_default();
    let mut found = Found::default();
    if found.folder(tree, (&root, ""), &options, 0).is_err() {
        return Children::None;
    }
    let mut declaring = found.files.iter().take(MAX_LOOKED_AT);
    let Some(file) = declaring.find(|file| kinds(tree, file).0 > 0) else {
        return Children::None;
    };
    let why = if found.has_kustomization {
        "children made by a kustomization are not supported yet, only plain files"
    } else if !identity.is_worktree(&source.target_revision) {
        "its children are read from the working tree only, and its `targetRevision` is another revision"
    } else if found.files.iter().any(|file| kinds(tree, file).1 > 0) {
        "its folder holds other objects, too"
    } else {
        return Children::Followed;
    };
    Children::NotFollowed {
        file: file.clone(),
        why,
    }
}

#[derive(Default)]
struct Found {
    files: Vec<String>,
    has_kustomization: bool,
}

impl Found {
    fn folder(
        &mut self,
        tree: &dyn FileTree,
        (root, below): (&str, &str),
        options: &Directory,
        depth: usize,
    ) -> Result<()> {
        let here = join(root, below)?;
        if tree.entry(&here)? != Entry::Directory {
            return Ok(());
        }
        for (name, entry) in tree.list(&here)? {
            let relative = join(below, &name)?;
            match entry {
                Entry::Directory if options.recurse && depth < MAX_DEPTH && !is_hidden(&name) => {
                    self.folder(tree, (root, &relative), options, depth + 1)?;
                }
                Entry::File if super::glob::is_kustomization(&name) => {
                    self.has_kustomization = true;
                }
                Entry::File if is_manifest(&name) && is_wanted(options, &relative) => {
                    self.files.push(join(&here, &name)?);
                }
                Entry::Directory | Entry::File | Entry::Missing => {}
            }
        }
        Ok(())
    }
}

/// How many Applications and sets a file declares, and how many objects of other kinds than Argo CD's.
fn kinds(tree: &dyn FileTree, file: &str) -> (usize, usize) {
    let Ok(bytes) = tree.read_once(file) else {
        return (0, 1);
    };
    let names_argo = bytes.windows(11).any(|part| part == b"argoproj.io");
    if !names_argo {
        let is_empty = bytes.iter().all(u8::is_ascii_whitespace);
        return (0, usize::from(!is_empty));
    }
    let Ok(parsed) = parse(tree, file) else {
        return (0, 1);
    };
    let (mut n_apps, mut n_others) = (0, 0);
    for node in &parsed.documents {
        match application::kind_of(node) {
            Some("Application" | "ApplicationSet") => n_apps += 1,
            Some("AppProject") => {}
            Some(_) | None if is_nothing(node) => {}
            Some(_) | None => n_others += 1,
        }
    }
    (n_apps, n_others)
}

fn is_nothing(node: &Node) -> bool {
    super::reader::is_null(node)
}

/// Whether the options of a directory source take a file.
pub(super) fn is_wanted(options: &application::Directory, relative: &str) -> bool {
    let excluded = !options.exclude.is_empty() && super::glob::matches(&options.exclude, relative);
    let included = options.include.is_empty() || super::glob::matches(&options.include, relative);
    included && !excluded
}
