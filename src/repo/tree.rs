//! One view of a repository's files, the same for the working tree, a git revision and a test.
//!
//! Paths are relative to the root, `/`-separated, without `.` or `..`; the root is the empty path. Nothing outside the root
//! can be reached: a symlink is followed only while it stays inside, at most ten links deep.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::lost::Lost;
use crate::error::{Error, Result};

/// What stands at a path, symlinks followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    File,
    Directory,
    Missing,
}

/// Read access to the files below one root.
pub trait FileTree: Send + Sync {
    /// What stands at `path`. A link that leaves the root is an error, a dangling one is `Missing`.
    fn entry(&self, path: &str) -> Result<Entry>;

    /// Why what stands at `path` cannot be read: a link that leads nowhere or out of the root, a pipe. `None` where it can, and where
    /// nothing stands: only then is [`Entry::Missing`] an absence.
    fn unreadable(&self, path: &str) -> Option<Error> {
        self.entry(path).err()
    }

    /// The bytes of a file. Missing files and directories are errors of reason `render` that name the path.
    fn read(&self, path: &str) -> Result<Arc<[u8]>>;

    /// As [`FileTree::read`], for a file that is not likely to be read again: nothing need be kept.
    fn read_once(&self, path: &str) -> Result<Arc<[u8]>> {
        self.read(path)
    }

    /// The names in a directory, sorted by bytes, with what each is (links followed; dangling or escaping ones as `Missing`).
    fn list(&self, path: &str) -> Result<Vec<(String, Entry)>>;

    /// Where `path` really is inside the root once symlinks are followed.
    fn real_path(&self, path: &str) -> Result<String> {
        Ok(path.to_owned())
    }

    /// What git has at `path` that this tree cannot give, if so. Nothing for what was deleted on purpose.
    fn lost_at(&self, _path: &str) -> Result<Option<Lost>> {
        Ok(None)
    }

    /// What a sparse checkout leaves out at or below `path`.
    fn left_out(&self, _path: &str) -> Result<Vec<Lost>> {
        Ok(Vec::new())
    }

    /// What to call this tree in messages: `working tree`, `revision 1a2b3c4`.
    fn describe(&self) -> String;
}

/// Joins `base` and `relative` and resolves `.` and `..`. An error when the result leaves the root.
pub fn join(base: &str, relative: &str) -> Result<String> {
    let mut parts: Vec<&str> = if relative.starts_with('/') {
        Vec::new()
    } else {
        split(base).collect()
    };
    for part in split(relative) {
        match part {
            "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return Err(Error::render(format!(
                        "path `{relative}` leaves the repository"
                    )));
                }
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

fn split(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

/// The content of a file, unless it is what stands in for it: the stand-in that Git LFS leaves where a file was not fetched, and a file that
/// git-crypt has not unlocked. Rendering either would apply it.
pub(crate) fn no_stand_in(bytes: Arc<[u8]>, path: &str) -> Result<Arc<[u8]>> {
    if bytes.starts_with(b"\0GITCRYPT") {
        return Err(Error::render(format!(
            "`{path}` is locked by git-crypt: its content is not here"
        ))
        .hint("`git-crypt unlock` brings it into the working tree; a revision cannot be read from git objects"));
    }
    if bytes.starts_with(b"version https://git-lfs.github.com/spec/") {
        return Err(Error::render(format!(
            "`{path}` is a Git LFS pointer: its content is not here"
        ))
        .hint("`git lfs pull` brings it into the working tree; a revision cannot be read from git objects"));
    }
    Ok(bytes)
}

/// A tree in memory, for tests and for rendered input.
#[derive(Debug, Clone, Default)]
pub struct MemoryTree {
    files: BTreeMap<String, Arc<[u8]>>,
}

impl MemoryTree {
    pub fn insert(&mut self, path: &str, content: impl Into<Vec<u8>>) {
        self.files.insert(path.to_owned(), content.into().into());
    }
}

impl<P: AsRef<str>, C: Into<Vec<u8>>> FromIterator<(P, C)> for MemoryTree {
    fn from_iter<I: IntoIterator<Item = (P, C)>>(files: I) -> Self {
        let mut tree = Self::default();
        for (path, content) in files {
            tree.insert(path.as_ref(), content);
        }
        tree
    }
}

impl FileTree for MemoryTree {
    fn entry(&self, path: &str) -> Result<Entry> {
        if self.files.contains_key(path) {
            return Ok(Entry::File);
        }
        let prefix = format!("{path}/");
        let is_directory =
            path.is_empty() || self.files.keys().any(|file| file.starts_with(&prefix));
        Ok(if is_directory {
            Entry::Directory
        } else {
            Entry::Missing
        })
    }

    fn read(&self, path: &str) -> Result<Arc<[u8]>> {
        self.files
            .get(path)
            .cloned()
            .ok_or_else(|| Error::render(format!("no file `{path}` in the {}", self.describe())))
    }

    fn list(&self, path: &str) -> Result<Vec<(String, Entry)>> {
        let prefix = if path.is_empty() {
            String::new()
        } else {
            format!("{path}/")
        };
        let mut names: BTreeMap<String, Entry> = BTreeMap::new();
        for file in self.files.keys() {
            if let Some(rest) = file.strip_prefix(&prefix) {
                match rest.split_once('/') {
                    Some((directory, _)) => names.insert(directory.to_owned(), Entry::Directory),
                    None => names.insert(rest.to_owned(), Entry::File),
                };
            }
        }
        Ok(names.into_iter().collect())
    }

    fn describe(&self) -> String {
        "tree in memory".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joining_never_leaves_the_root() {
        assert_eq!(
            join("apps/overlays/dev", "../../base").expect("inside"),
            "apps/base"
        );
        assert_eq!(
            join("apps", "/clusters/./dev").expect("inside"),
            "clusters/dev"
        );
        assert!(join("apps", "../../etc").is_err());
    }
}
