//! A folder of plain manifests to objects, by Argo CD's rules for a directory source.
//!
//! It chooses the files; what one file holds is [`super::manifest`]'s part.

use super::manifest::{self, Rendered};
use crate::error::{Error, Reason, Result};
use crate::object::yaml::Limits;
use crate::repo::application::Directory;
use crate::repo::glob;
use crate::repo::lost::How;
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
    if tree.real_path(&path)? != path {
        walk.count_lost(&path, "")?;
    }
    walk.folder("", 0)?;
    walk.left_out()?;
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
        let names = match self.tree.list(&here) {
            Err(error) if depth > 0 && error.reason() == Reason::Io => {
                self.unreadable(error);
                return Ok(());
            }
            names => names?,
        };
        if names.is_empty() {
            self.count_lost(&here, below)?;
        }
        for (name, entry) in names {
            let relative = join(below, &name)?;
            let path = join(&here, &name)?;
            match entry {
                Entry::Directory => {
                    let is_link = self.tree.real_path(&path)? != join(&real, &name)?;
                    if is_link {
                        self.count_lost(&path, &relative)?;
                    }
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
                Entry::Missing => {
                    if self.is_wanted(&name, &relative) {
                        // Says so itself where a link leaves the repository.
                        self.tree.entry(&path)?;
                    }
                    self.count_lost(&path, &relative)?;
                }
                Entry::File => {}
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
        let text = match self.tree.read_once(path) {
            Err(error) if error.reason() == Reason::Io => {
                self.unreadable(error.at(path, 0, 0));
                return Ok(());
            }
            text => text?,
        };
        if text.trim_ascii().is_empty()
            && let Some(lost) = self.tree.lost_at(path)?
        {
            self.unreadable(lost.error());
            return Ok(());
        }
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

    fn unreadable(&mut self, error: Error) {
        self.rendered.unreadable.push(error.because(Reason::Render));
    }

    /// Counts what git has at a path where nothing can be read, if there could be manifests in it.
    fn count_lost(&mut self, path: &str, relative: &str) -> Result<()> {
        if let Some(lost) = self.tree.lost_at(path)?
            && self.may_hold(relative, lost.how)
        {
            self.unreadable(lost.error());
        }
        Ok(())
    }

    /// Counts what a sparse checkout leaves out. Nothing of it stands in any folder.
    fn left_out(&mut self) -> Result<()> {
        for lost in self.tree.left_out(self.root)? {
            let below = match self.root {
                "" => Some(lost.path.as_str()),
                root => lost.path.strip_prefix(root),
            };
            // A folder that is left out may lie around the root.
            let relative = below.unwrap_or("").trim_start_matches('/').to_owned();
            let name = relative.rsplit('/').next().unwrap_or(&relative);
            let is_wanted = match name {
                "" => self.may_hold(&relative, How::Submodule),
                name => self.is_in_reach(&relative) && self.is_wanted(name, &relative),
            };
            if is_wanted {
                self.unreadable(lost.error());
            }
        }
        Ok(())
    }

    fn is_in_reach(&self, relative: &str) -> bool {
        self.options.recurse || !relative.contains('/')
    }

    /// Whether what is lost may hold manifests that the options choose.
    fn may_hold(&self, relative: &str, how: How) -> bool {
        let name = relative.rsplit('/').next().unwrap_or(relative);
        match how {
            How::Emptied | How::Dangling | How::LeftOut => {
                self.is_in_reach(relative) && self.is_wanted(name, relative)
            }
            How::Submodule | How::Replaced if relative.is_empty() => true,
            How::Replaced if self.is_wanted(name, relative) => self.is_in_reach(relative),
            How::Submodule | How::Replaced => {
                self.options.recurse && self.may_choose_below(relative)
            }
        }
    }

    /// Whether a file that nobody can name stands below a folder and is chosen. An `include` is believed to choose it unless it begins
    /// with another folder.
    fn may_choose_below(&self, folder: &str) -> bool {
        let folder = folder.trim_end_matches('/');
        let unknown = ["~.yaml", "~.yml", "~.json"].map(|name| format!("{folder}/{name}"));
        let Directory {
            include, exclude, ..
        } = self.options;
        let is_excluded =
            !exclude.is_empty() && unknown.iter().all(|path| glob::matches(exclude, path));
        let start: String = include
            .chars()
            .take_while(|c| !"*?[{\\".contains(*c))
            .collect();
        let below = format!("{folder}/");
        let is_elsewhere =
            !include.is_empty() && !start.starts_with(&below) && !below.starts_with(&start);
        !is_excluded && !is_elsewhere
    }
}

#[cfg(test)]
#[path = "directory_tests.rs"]
mod tests;
