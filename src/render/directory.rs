//! A folder of plain manifests to objects, by Argo CD's rules for a directory source.
//!
//! It chooses the files; what one file holds is [`super::manifest`]'s part.

use super::manifest::{self, Rendered, Warning};
use crate::error::{Error, Location, Result};
use crate::object::yaml::Limits;
use crate::repo::application::Directory;
use crate::repo::glob;
use crate::repo::tree::{Entry, FileTree, join};

/// Bytes of all files of one application together.
const SOURCE_BYTES: usize = 64 << 20;
/// Folders within folders.
const FOLDER_DEPTH: usize = 64;

/// Renders the manifests of the folder `path`. Without `recurse` only the files right in it.
///
/// Files come in the order of a walk: each folder's entries by name.
pub fn render(
    tree: &dyn FileTree,
    path: &str,
    options: &Directory,
    limits: &Limits,
) -> Result<Rendered> {
    let path = join("", path)?;
    match tree.entry(&path)? {
        Entry::Directory => {}
        Entry::File => {
            return Err(
                Error::render(format!("`{path}` is a file, not a directory"))
                    .hint("name the folder that holds the manifests"),
            );
        }
        Entry::Missing => {
            let tree = tree.describe();
            return Err(Error::render(format!(
                "no directory `{path}` in the {tree}"
            )));
        }
    }
    let mut walk = Walk {
        tree,
        root: &path,
        options,
        limits,
        bytes_left: SOURCE_BYTES,
        rendered: Rendered::default(),
    };
    walk.folder("", 0)?;
    Ok(walk.rendered)
}

struct Walk<'a> {
    tree: &'a dyn FileTree,
    root: &'a str,
    options: &'a Directory,
    limits: &'a Limits,
    bytes_left: usize,
    rendered: Rendered,
}

impl Walk<'_> {
    /// Reads the folder `below` the root.
    fn folder(&mut self, below: &str, depth: usize) -> Result<()> {
        let here = join(self.root, below)?;
        let real = self.tree.real_path(&here)?;
        for (name, entry) in self.tree.list(&here)? {
            let relative = join(below, &name)?;
            let path = join(&here, &name)?;
            match entry {
                Entry::Directory => {
                    let is_link = self.tree.real_path(&path)? != join(&real, &name)?;
                    if !self.options.recurse || is_link {
                        continue;
                    }
                    if depth == FOLDER_DEPTH {
                        let message = format!("folders nest deeper than {FOLDER_DEPTH}");
                        return Err(Error::render(message).at(path, 0, 0));
                    }
                    self.folder(&relative, depth + 1)?;
                }
                Entry::File if self.is_wanted(&name, &relative) => self.file(&path)?,
                Entry::Missing if self.is_wanted(&name, &relative) => self.dangling(&path)?,
                Entry::File | Entry::Missing => {}
            }
        }
        Ok(())
    }

    fn is_wanted(&self, name: &str, relative: &str) -> bool {
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let Directory {
            include, exclude, ..
        } = self.options;
        matches!(extension, "yaml" | "yml" | "json" | "jsonnet")
            && (exclude.is_empty() || !glob::matches(exclude, relative))
            && (include.is_empty() || glob::matches(include, relative))
    }

    fn file(&mut self, path: &str) -> Result<()> {
        let text = self.tree.read_once(path)?;
        self.bytes_left = self.bytes_left.checked_sub(text.len()).ok_or_else(|| {
            Error::render(format!(
                "the manifests of `{}` exceed {SOURCE_BYTES} bytes",
                self.root
            ))
            .at(path, 0, 0)
        })?;
        if manifest::is_skipped(&text) {
            return Ok(());
        }
        if path.ends_with(".jsonnet") {
            return Err(Error::render("Jsonnet is not supported")
                .at(path, 0, 0)
                .hint("commit what it renders, or leave it out with `directory.exclude`"));
        }
        if path.ends_with(".json") {
            return manifest::read_json(&text, path, self.limits, &mut self.rendered);
        }
        manifest::read_yaml(&text, path, self.limits, &mut self.rendered)
    }

    /// A link to nothing is passed over; one that leaves the repository is an error.
    fn dangling(&mut self, path: &str) -> Result<()> {
        self.tree.entry(path)?;
        self.rendered.warnings.push(Warning {
            message: "passed over, a link to nothing".to_owned(),
            location: Location {
                file: path.to_owned(),
                line: 0,
                column: 0,
            },
        });
        Ok(())
    }
}

#[cfg(test)]
#[path = "directory_tests.rs"]
mod tests;
