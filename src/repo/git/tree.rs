//! The files of one commit, read from the object database with no checkout.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gix::ObjectId;
use gix::objs::tree::{EntryKind, EntryMode};

use super::{short, why};
use crate::error::{Error, Result};
use crate::object::display::display;
use crate::repo::lost::{How, Lost};
use crate::repo::tree::{Entry, FileTree, join, no_stand_in};

/// Symlinks that one path may go through.
const MAX_LINKS: usize = 10;
/// Bytes of one file, checked before it is decoded.
const MAX_FILE_BYTES: u64 = 16 << 20;
/// Bytes of a tree object; beyond it a folder has hundreds of thousands of entries.
const MAX_TREE_BYTES: u64 = 32 << 20;
/// Bytes of file content kept in memory.
const CACHE_BYTES: usize = 48 << 20;

type Items = Arc<Vec<Item>>;

#[derive(Debug, Clone)]
struct Item {
    name: String,
    mode: EntryMode,
    id: ObjectId,
}

#[derive(Default)]
struct Cache {
    trees: HashMap<ObjectId, Items>,
    blobs: HashMap<ObjectId, Arc<[u8]>>,
    bytes: usize,
}

/// One commit as a [`FileTree`].
pub struct GitTree {
    repo: Mutex<gix::Repository>,
    cache: Mutex<Cache>,
    root: ObjectId,
    commit: String,
}

impl std::fmt::Debug for GitTree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GitTree({})", short(&self.commit))
    }
}

/// What a path leads to.
struct Found {
    mode: EntryMode,
    id: ObjectId,
    path: String,
}

impl GitTree {
    /// The tree of `commit` below `prefix`.
    pub(crate) fn open(repo: gix::Repository, commit: ObjectId, prefix: &str) -> Result<Self> {
        let root = repo
            .find_commit(commit)
            .and_then(|commit| commit.tree_id().map(gix::Id::detach))
            .map_err(|error| missing(&commit.to_string(), commit, &why(&error)))?;
        let mut tree = Self {
            repo: Mutex::new(repo),
            cache: Mutex::default(),
            root,
            commit: commit.to_string(),
        };
        if !prefix.is_empty() {
            let found = tree.find(prefix)?.filter(|found| found.mode.is_tree());
            tree.root = found
                .ok_or_else(|| {
                    Error::config(format!(
                        "no directory `{}` in the {}",
                        display(prefix),
                        tree.describe()
                    ))
                })?
                .id;
        }
        Ok(tree)
    }

    /// The full commit id.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn object(&self, id: ObjectId, path: &str, limit: u64) -> Result<Vec<u8>> {
        let repo = self.repo.lock().unwrap_or_else(PoisonError::into_inner);
        let lost = |error: gix::Error| missing(path, id, &why(&error));
        let size = repo.find_header(id).map_err(lost)?.size();
        if size > limit {
            return Err(Error::render(format!(
                "`{}` is larger than {} MiB",
                display(path),
                limit >> 20
            )));
        }
        Ok(repo.find_object(id).map_err(lost)?.detach().data)
    }

    fn items(&self, id: ObjectId, path: &str) -> Result<Items> {
        if let Some(items) = self.cache().trees.get(&id) {
            return Ok(Arc::clone(items));
        }
        let data = self.object(id, path, MAX_TREE_BYTES)?;
        let tree = gix::objs::TreeRef::from_bytes(&data, id.kind()).map_err(|_| {
            Error::render(format!("the git tree of `{}` is damaged", display(path)))
        })?;
        let items: Items = Arc::new(
            tree.entries
                .iter()
                .filter_map(|entry| {
                    // A name that is not UTF-8 or would act as a path cannot be asked for.
                    let name = std::str::from_utf8(entry.filename).ok()?;
                    let is_plain = !name.contains('/')
                        && !matches!(name, "" | "." | "..")
                        && !name.eq_ignore_ascii_case(".git");
                    is_plain.then(|| Item {
                        name: name.to_owned(),
                        mode: entry.mode,
                        id: entry.oid.to_owned(),
                    })
                })
                .collect(),
        );
        self.cache().trees.insert(id, Arc::clone(&items));
        Ok(items)
    }

    fn blob(&self, id: ObjectId, path: &str) -> Result<Arc<[u8]>> {
        if let Some(bytes) = self.cache().blobs.get(&id) {
            return Ok(Arc::clone(bytes));
        }
        let bytes: Arc<[u8]> = self.object(id, path, MAX_FILE_BYTES)?.into();
        let mut cache = self.cache();
        if cache.bytes + bytes.len() <= CACHE_BYTES {
            cache.bytes += bytes.len();
            cache.blobs.insert(id, Arc::clone(&bytes));
        }
        Ok(bytes)
    }

    /// Where a link points to, unless it is one too many or leaves the tree.
    fn link_target(&self, item: &Item, asked: &str, n_links: usize) -> Result<String> {
        if n_links > MAX_LINKS {
            return Err(Error::render(format!(
                "`{}` goes through more than {MAX_LINKS} symlinks",
                display(asked)
            )));
        }
        let target = self.blob(item.id, asked)?;
        if target.starts_with(b"/") {
            return Err(escapes(asked));
        }
        Ok(String::from_utf8_lossy(&target).into_owned())
    }

    /// Follows `path` with its symlinks; `None` when nothing is there.
    fn find(&self, path: &str) -> Result<Option<Found>> {
        let asked = join("", path)?;
        let mut trees = vec![self.root];
        let mut names: Vec<String> = Vec::new();
        let mut left: Vec<String> = parts(&asked);
        let mut n_links = 0;
        while let Some(name) = left.pop() {
            if name == ".." {
                if names.pop().is_none() {
                    return Err(escapes(&asked));
                }
                trees.pop();
                continue;
            }
            let here = names.join("/");
            let items = self.items(*trees.last().unwrap_or(&self.root), &here)?;
            let Some(item) = items.iter().find(|item| item.name == name) else {
                return Ok(None);
            };
            match item.mode.kind() {
                EntryKind::Link => {
                    n_links += 1;
                    let target = self.link_target(item, &asked, n_links)?;
                    left.extend(parts(&target));
                    continue;
                }
                EntryKind::Commit => {
                    return Err(Error::render(format!(
                        "`{}` is a git submodule: its files are not in this repository",
                        display(&join(&here, &name)?)
                    )));
                }
                EntryKind::Tree => {
                    trees.push(item.id);
                    names.push(name);
                }
                EntryKind::Blob | EntryKind::BlobExecutable => {
                    names.push(name);
                    if !left.is_empty() {
                        return Ok(None);
                    }
                    return Ok(Some(Found {
                        mode: item.mode,
                        id: item.id,
                        path: names.join("/"),
                    }));
                }
            }
        }
        Ok(Some(Found {
            mode: EntryKind::Tree.into(),
            id: *trees.last().unwrap_or(&self.root),
            path: names.join("/"),
        }))
    }
}

impl FileTree for GitTree {
    fn entry(&self, path: &str) -> Result<Entry> {
        Ok(match self.find(path)? {
            None => Entry::Missing,
            Some(found) if found.mode.is_tree() => Entry::Directory,
            Some(_) => Entry::File,
        })
    }

    fn read(&self, path: &str) -> Result<Arc<[u8]>> {
        let found = self.find(path)?.ok_or_else(|| {
            Error::render(format!(
                "no file `{}` in the {}",
                display(path),
                self.describe()
            ))
        })?;
        if found.mode.is_tree() {
            return Err(Error::render(format!("`{}` is a directory", display(path))));
        }
        no_stand_in(self.blob(found.id, path)?, path)
    }

    fn list(&self, path: &str) -> Result<Vec<(String, Entry)>> {
        let found = self
            .find(path)?
            .filter(|found| found.mode.is_tree())
            .ok_or_else(|| {
                Error::render(format!(
                    "no directory `{}` in the {}",
                    display(path),
                    self.describe()
                ))
            })?;
        let mut names: Vec<(String, Entry)> = Vec::new();
        for item in self.items(found.id, path)?.iter() {
            let entry = match item.mode.kind() {
                EntryKind::Tree => Entry::Directory,
                EntryKind::Blob | EntryKind::BlobExecutable => Entry::File,
                EntryKind::Link => self
                    .entry(&join(&found.path, &item.name)?)
                    .unwrap_or(Entry::Missing),
                EntryKind::Commit => Entry::Missing,
            };
            names.push((item.name.clone(), entry));
        }
        names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(names)
    }

    fn real_path(&self, path: &str) -> Result<String> {
        match self.find(path)? {
            Some(found) => Ok(found.path),
            None => join("", path),
        }
    }

    fn lost_at(&self, path: &str) -> Result<Option<Lost>> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Some(folder) = self.find(folder)?.filter(|found| found.mode.is_tree()) else {
            return Ok(None);
        };
        let items = self.items(folder.id, path)?;
        let Some(item) = items.iter().find(|item| item.name == name) else {
            return Ok(None);
        };
        let how = match item.mode.kind() {
            EntryKind::Commit => Some(How::Submodule),
            EntryKind::Link if matches!(self.find(path), Ok(None)) => Some(How::Dangling),
            _ => None,
        };
        let path = path.to_owned();
        Ok(how.map(|how| Lost { path, how }))
    }

    fn describe(&self) -> String {
        format!("revision {}", short(&self.commit))
    }
}

/// The components of a path, the first one last.
fn parts(path: &str) -> Vec<String> {
    path.split('/')
        .rev()
        .filter(|part| !part.is_empty() && *part != ".")
        .map(str::to_owned)
        .collect()
}

fn escapes(path: &str) -> Error {
    Error::render(format!("symlink `{}` leaves the repository", display(path)))
}

fn missing(path: &str, id: ObjectId, why: &str) -> Error {
    Error::render(format!(
        "git object {id} of `{}` cannot be read: {why}",
        display(path)
    ))
    .hint("the clone may be shallow, partial or damaged: `git fetch --refetch` brings every object")
}
