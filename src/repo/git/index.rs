//! What the index says of single paths: asked only where the working tree shows nothing that can be used.

use gix::bstr::ByteSlice;
use gix::index::entry::{Flags, Mode, Stage};

use super::{Git, why};
use crate::error::{Error, Result};

/// What the index has at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tracked {
    File,
    Link,
    Submodule,
    /// Files below it.
    Folder,
}

impl Git {
    /// Read once: gix keeps it as long as the file is the same.
    fn index(&self) -> Result<gix::worktree::Index> {
        let index = self.repo.to_thread_local().index_or_empty();
        index.map_err(|error| Error::config(format!("cannot read git's index: {}", why(&error))))
    }

    fn full(&self, path: &str) -> String {
        match self.prefix.as_str() {
            "" => path.to_owned(),
            prefix => format!("{prefix}/{path}"),
        }
    }

    pub fn tracked(&self, path: &str) -> Result<Option<Tracked>> {
        let (index, path) = (self.index()?, self.full(path));
        if let Some(entry) = index.entry_by_path(path.as_bytes().as_bstr()) {
            return Ok(Some(match entry.mode {
                Mode::COMMIT => Tracked::Submodule,
                Mode::SYMLINK => Tracked::Link,
                _ => Tracked::File,
            }));
        }
        let below = format!("{path}/");
        let below = index.prefixed_entries(below.as_bytes().as_bstr());
        Ok(below
            .is_some_and(|entries| !entries.is_empty())
            .then_some(Tracked::Folder))
    }

    /// Whether the index has this file with other bytes.
    pub fn has_other_content(&self, path: &str, bytes: &[u8]) -> Result<bool> {
        let (index, path) = (self.index()?, self.full(path));
        let Some(entry) = index.entry_by_path(path.as_bytes().as_bstr()) else {
            return Ok(false);
        };
        let hash = gix::objs::compute_hash(entry.id.kind(), gix::objs::Kind::Blob, bytes);
        let is_file = matches!(entry.mode, Mode::FILE | Mode::FILE_EXECUTABLE);
        Ok(is_file && hash.is_ok_and(|hash| hash != entry.id))
    }

    /// The paths at or below `folder` that the checkout is told to leave out. A folder left out as a whole may be one path that ends in `/`.
    pub fn left_out(&self, folder: &str) -> Result<Vec<String>> {
        let (index, folder) = (self.index()?, self.full(folder));
        let prefix = match folder.trim_end_matches('/') {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        let own = match self.prefix.as_str() {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        // A sparse index may have one entry for a folder with all that is around.
        let all = if index.is_sparse() {
            index.entries()
        } else {
            &[]
        };
        let around = all.iter().filter(|entry| {
            entry.mode == Mode::DIR && prefix.as_bytes().starts_with(entry.path(&index))
        });
        let below = index.prefixed_entries(prefix.as_bytes().as_bstr());
        let exact = index.entry_by_path(folder.as_bytes().as_bstr());
        let entries = below.unwrap_or_default().iter().chain(exact).chain(around);
        let left_out = entries.filter(|entry| {
            entry.flags.contains(Flags::SKIP_WORKTREE) && entry.stage() == Stage::Unconflicted
        });
        let mut paths: Vec<String> = left_out
            .filter_map(|entry| {
                let path = entry.path(&index).to_str().ok()?;
                Some(path.strip_prefix(&own).unwrap_or("").to_owned())
            })
            .collect();
        paths.sort_unstable();
        paths.dedup();
        Ok(paths)
    }
}
