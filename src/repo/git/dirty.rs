//! Whether the working tree differs from HEAD, as far as rendering could see it.
//!
//! Filters are never run: a file whose stat changed is dirty unless its bytes as they are have the hash in the index.
//! Untracked files count below `apps/`, `clusters/` and `bootstrap/` when git does not ignore them.

use std::io::Read as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use gix::bstr::{BStr, ByteSlice};
use gix::index::entry::{Flags, Mode, Stage};

use rustix::fs::OFlags;

use super::{Git, ordinary, why};
use crate::error::{Error, Result};

/// Folders in which a file that git does not know could be rendered.
const FOLDERS: [&str; 3] = ["apps", "bootstrap", "clusters"];

/// Files looked at for being untracked; beyond it the answer is "dirty" without looking further.
const MAX_FILES: usize = 200_000;

/// Bytes of a changed file that are compared with git's; a larger one counts as changed when its time is.
const MAX_READ: u64 = 64 << 20;

pub fn is_dirty(git: &Git) -> Result<bool> {
    let repo = git.repo.to_thread_local();
    let failed = |error: gix::Error| {
        Error::config(format!(
            "cannot compare the working tree with HEAD: {}",
            why(&error)
        ))
    };
    let index = repo.index_or_empty().map_err(failed)?;
    let prefix = if git.prefix.is_empty() {
        String::new()
    } else {
        format!("{}/", git.prefix)
    };
    if is_staged(&repo, &index, &prefix).map_err(failed)? {
        return Ok(true);
    }
    let options = repo.stat_options().map_err(failed)?;
    let entries = index
        .prefixed_entries(prefix.as_bytes().as_bstr())
        .unwrap_or_default();
    let is_modified = entries
        .iter()
        .any(|entry| is_modified(git, &index, entry, options, entry.path(&index)).unwrap_or(true));
    if is_modified {
        return Ok(true);
    }
    let mut above = Path::new(&git.prefix);
    loop {
        ordinary::check_ignore(&git.work_dir.join(above))?;
        match above.parent() {
            Some(parent) => above = parent,
            None => break,
        }
    }
    has_untracked(git, &repo, &index).map_err(failed)
}

/// Whether the index differs from HEAD below `prefix`.
fn is_staged(repo: &gix::Repository, index: &gix::index::File, prefix: &str) -> gix::Result<bool> {
    let head = repo.head_tree_id_or_empty()?.detach();
    let is_cached = index
        .tree()
        .is_some_and(|tree| tree.id == head && tree.num_entries.is_some());
    if is_cached
        && index
            .entries()
            .iter()
            .all(|entry| entry.stage() == Stage::Unconflicted)
    {
        return Ok(false);
    }
    let from_head = repo.index_from_tree(&head)?;
    let list = |state: &gix::index::File| -> Vec<(Vec<u8>, gix::ObjectId, Mode)> {
        state
            .prefixed_entries(prefix.as_bytes().as_bstr())
            .unwrap_or_default()
            .iter()
            .filter(|entry| !entry.flags.contains(Flags::INTENT_TO_ADD))
            .map(|entry| (entry.path(state).to_vec(), entry.id, entry.mode))
            .collect()
    };
    Ok(list(index) != list(&from_head))
}

fn is_modified(
    git: &Git,
    index: &gix::index::File,
    entry: &gix::index::Entry,
    options: gix::index::entry::stat::Options,
    path: &BStr,
) -> std::io::Result<bool> {
    if entry.mode == Mode::COMMIT
        || entry
            .flags
            .intersects(Flags::SKIP_WORKTREE | Flags::ASSUME_VALID)
    {
        return Ok(false);
    }
    let file = git
        .work_dir
        .join(Path::new(std::ffi::OsStr::from_bytes(path)));
    let metadata = match gix::index::fs::Metadata::from_path_no_follow(&file) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    let is_link = entry.mode == Mode::SYMLINK;
    if metadata.is_symlink() != is_link || !(is_link || metadata.is_file()) {
        return Ok(true);
    }
    let Ok(stat) = gix::index::entry::Stat::from_fs(&metadata) else {
        return Ok(true);
    };
    if entry.stat.matches(&stat, options) && !entry.stat.is_racy(index.timestamp(), options) {
        return Ok(false);
    }
    if !is_link && has_other_size(git, entry, metadata.len()) {
        return Ok(true);
    }
    let bytes = if is_link {
        std::fs::read_link(&file)?
            .into_os_string()
            .as_bytes()
            .to_vec()
    } else {
        match read_file(&file)? {
            Some(bytes) => bytes,
            None => return Ok(true),
        }
    };
    let hash = gix::objs::compute_hash(entry.id.kind(), gix::objs::Kind::Blob, &bytes);
    Ok(hash.map_or(true, |hash| hash != entry.id))
}

/// Whether git's own copy has another size than a file, which is found out without reading either.
fn has_other_size(git: &Git, entry: &gix::index::Entry, size: u64) -> bool {
    let repo = git.repo.to_thread_local();
    let header = repo.find_header(entry.id);
    size > MAX_READ || header.is_ok_and(|header| header.size() != size)
}

/// The bytes of an ordinary file; `None` where something else stands there by now.
fn read_file(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    // NONBLOCK: a pipe put in place of the file must not hang the run.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = std::fs::File::from(rustix::fs::open(path, flags, rustix::fs::Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(MAX_READ + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= MAX_READ).then_some(bytes))
}

fn has_untracked(git: &Git, repo: &gix::Repository, index: &gix::index::File) -> gix::Result<bool> {
    let source = gix::worktree::stack::state::ignore::Source::WorktreeThenIdMappingIfNotSkipped;
    let mut ignored = repo.excludes(index, None, source)?;
    let mut left: Vec<String> = FOLDERS
        .iter()
        .map(|folder| {
            if git.prefix.is_empty() {
                (*folder).to_owned()
            } else {
                format!("{}/{folder}", git.prefix)
            }
        })
        .collect();
    let mut n_files = 0;
    while let Some(folder) = left.pop() {
        let place = git.work_dir.join(&folder);
        let Ok(names) = std::fs::read_dir(&place) else {
            continue; // Absent, or not a folder.
        };
        // No rules can be read from it: what it would ignore counts.
        if ordinary::check_ignore(&place).is_err() {
            return Ok(true);
        }
        for item in names.flatten() {
            let name = item.file_name();
            // Editors' and systems' droppings are never rendered.
            let Some(name) = name
                .to_str()
                .filter(|name| !name.starts_with('.') && !name.ends_with('~'))
            else {
                continue;
            };
            let path = format!("{folder}/{name}");
            let is_folder = item.file_type().is_ok_and(|kind| kind.is_dir());
            if !is_folder && index.entry_by_path(path.as_bytes().as_bstr()).is_some() {
                continue;
            }
            n_files += 1;
            if n_files > MAX_FILES {
                return Ok(true);
            }
            let mode = if is_folder { Mode::DIR } else { Mode::FILE };
            if ignored.at_path(&path, Some(mode))?.is_excluded() {
                continue;
            }
            if !is_folder {
                return Ok(true);
            }
            left.push(path);
        }
    }
    Ok(false)
}
