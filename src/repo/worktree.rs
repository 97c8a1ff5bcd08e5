//! The files of the working tree, reached from an open handle of the root and never by a path outside it.
//!
//! Each path is opened beneath the root with no symlink in it; where there is one, it is walked one component at a time with
//! every folder held open, so that nothing can be swapped for a link between looking and opening. `.git` does not exist
//! here. What was read is remembered: [`WorkTree::verify_unchanged`] says whether it still is as it was.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::git::{Git, Tracked};
use super::lost::{How, Lost};
use super::tree::{Entry, FileTree};
use crate::error::{Error, Result};
use crate::object::display::display;

/// Symlinks that one path may go through.
const MAX_LINKS: usize = 10;

/// Bytes of one file. The YAML loader's own limit is the same.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// Bytes of file content kept in memory, so that a base read by a hundred overlays is read once.
const CACHE_BYTES: usize = 48 << 20;

/// What tells one state of a file or folder from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: i64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    #[expect(
        clippy::unnecessary_cast,
        reason = "the fields have other widths on other systems"
    )]
    fn of(stat: &Stat) -> Self {
        Self {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
            size: stat.st_size as i64,
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            changed: (stat.st_ctime as i64, stat.st_ctime_nsec as i64),
        }
    }
}

#[derive(Default)]
struct Seen {
    /// By path as it was asked for; `None` where nothing stood.
    stamps: BTreeMap<String, Option<Stamp>>,
    files: BTreeMap<String, Arc<[u8]>>,
    cached_bytes: usize,
}

/// The working tree of a repository, or any folder.
pub struct WorkTree {
    root: OwnedFd,
    path: PathBuf,
    seen: Mutex<Seen>,
    /// What knows which absence is an accident.
    git: Option<Git>,
}

impl std::fmt::Debug for WorkTree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WorkTree({})", self.path.display())
    }
}

/// What was found at the end of a path.
struct Opened {
    handle: OwnedFd,
    stat: Stat,
    /// Where it really is.
    path: String,
}

enum Failure {
    Missing,
    Other(Error),
}

impl WorkTree {
    pub fn open(root: &Path) -> Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = fs::open(root, flags, Mode::empty())
            .map_err(|error| Error::io(format!("cannot open `{}`: {error}", root.display())))?;
        Ok(Self {
            root: handle,
            path: root.to_owned(),
            seen: Mutex::default(),
            git: None,
        })
    }

    /// The same with the git repository that it is checked out from.
    #[must_use]
    pub fn checked_out_from(self, git: Option<Git>) -> Self {
        Self { git, ..self }
    }

    pub fn root(&self) -> &Path {
        &self.path
    }

    /// Forgets what was read: the next reads see the files as they are then.
    pub fn refresh(&self) {
        *self.seen() = Seen::default();
    }

    /// An error of reason `render` when anything that was read is not as it was when it was read.
    ///
    /// The caller renders once more after [`WorkTree::refresh`], then gives up.
    pub fn verify_unchanged(&self) -> Result<()> {
        let stamps = self.seen().stamps.clone();
        for (path, before) in stamps {
            let now = match self.walk(&path, Want::Handle) {
                Ok(opened) => Some(Stamp::of(&opened.stat)),
                Err(Failure::Missing) => None,
                Err(Failure::Other(error)) => return Err(error),
            };
            if now != before {
                return Err(Error::render(format!(
                    "`{}` changed while the repository was read",
                    display(&path)
                ))
                .hint("run again when nothing writes to the working tree"));
            }
        }
        Ok(())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // The maps are whole after a panic elsewhere: each change is one insert.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, path: &str, stamp: Option<Stamp>) {
        // The first look counts: a later one would hide a change in between.
        self.seen().stamps.entry(path.to_owned()).or_insert(stamp);
    }

    fn look(&self, path: &str, want: Want) -> Result<Option<Opened>> {
        match self.walk(path, want) {
            Ok(opened) => {
                self.remember(path, Some(Stamp::of(&opened.stat)));
                Ok(Some(opened))
            }
            Err(Failure::Missing) => {
                self.remember(path, None);
                Ok(None)
            }
            Err(Failure::Other(error)) => Err(error),
        }
    }

    fn walk(&self, path: &str, want: Want) -> std::result::Result<Opened, Failure> {
        let path = super::tree::join("", path).map_err(Failure::Other)?;
        if is_git(&path) {
            return Err(Failure::Missing);
        }
        if let Some(opened) = self.open_direct(&path, want)? {
            return Ok(opened);
        }
        self.open_stepwise(&path, want)
    }

    /// One system call for the usual path without symlinks; `None` where the long way must be gone.
    #[cfg(target_os = "linux")]
    fn open_direct(&self, path: &str, want: Want) -> std::result::Result<Option<Opened>, Failure> {
        let beneath = fs::ResolveFlags::BENEATH
            | fs::ResolveFlags::NO_SYMLINKS
            | fs::ResolveFlags::NO_MAGICLINKS;
        let target = if path.is_empty() { "." } else { path };
        match fs::openat2(&self.root, target, want.flags(), Mode::empty(), beneath) {
            Ok(handle) => opened(handle, path).map(Some),
            // A symlink, an old kernel, or a sandbox that knows no openat2.
            Err(Errno::LOOP | Errno::NOSYS | Errno::PERM | Errno::XDEV | Errno::AGAIN) => Ok(None),
            Err(errno) => Err(failure(path, errno)),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn open_direct(&self, _: &str, _: Want) -> std::result::Result<Option<Opened>, Failure> {
        Ok(None)
    }

    /// Walks component by component; links are read and walked from the folder they stand in.
    fn open_stepwise(&self, path: &str, want: Want) -> std::result::Result<Opened, Failure> {
        let mut walk = Walk {
            folders: Vec::new(),
            names: Vec::new(),
            left: path
                .split('/')
                .rev()
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
                .collect(),
            n_links: 0,
            asked: path,
            is_all: self.path == Path::new("/"),
        };
        loop {
            let Some(name) = walk.left.pop() else {
                // The path ended on a folder that is open already.
                let folder = walk.folders.last().unwrap_or(&self.root);
                let handle = fs::openat(folder, ".", Want::Handle.flags(), Mode::empty())
                    .map_err(|errno| failure(path, errno))?;
                return opened(handle, &walk.names.join("/"));
            };
            match name.as_str() {
                "" | "." => continue,
                ".." => {
                    walk.up()?;
                    continue;
                }
                _ => {}
            }
            let here = walk.names.join("/");
            if is_git(&super::tree::join(&here, &name).map_err(Failure::Other)?) {
                return Err(Failure::Missing);
            }
            let folder = walk.folders.last().unwrap_or(&self.root);
            let stat = fs::statat(folder, &name, AtFlags::SYMLINK_NOFOLLOW)
                .map_err(|errno| failure(path, errno))?;
            if FileType::from_raw_mode(stat.st_mode) == FileType::Symlink {
                let target = fs::readlinkat(folder, &name, Vec::new())
                    .map_err(|errno| failure(path, errno))?;
                walk.follow(&target.to_string_lossy())?;
                continue;
            }
            let is_last = walk.left.is_empty();
            let flags = if is_last {
                want.flags()
            } else {
                Want::Handle.flags() | OFlags::DIRECTORY
            };
            let handle = fs::openat(folder, &name, flags | OFlags::NOFOLLOW, Mode::empty())
                .map_err(|errno| failure(path, errno))?;
            walk.names.push(name);
            if is_last {
                return opened(handle, &walk.names.join("/"));
            }
            walk.folders.push(handle);
        }
    }
}

/// A path on its way through symlinks.
struct Walk<'a> {
    /// Open folders below the root, and their names.
    folders: Vec<OwnedFd>,
    names: Vec<String>,
    /// Components still to go, the next one last.
    left: Vec<String>,
    n_links: usize,
    asked: &'a str,
    /// The root is the whole file system, which no link leaves.
    is_all: bool,
}

impl Walk<'_> {
    fn up(&mut self) -> std::result::Result<(), Failure> {
        self.folders.pop();
        let above = self.names.pop().map(drop);
        above.ok_or_else(|| Failure::Other(self.escapes()))
    }

    fn follow(&mut self, target: &str) -> std::result::Result<(), Failure> {
        self.n_links += 1;
        if self.n_links > MAX_LINKS {
            return Err(Failure::Other(Error::render(format!(
                "`{}` goes through more than {MAX_LINKS} symlinks",
                display(self.asked)
            ))));
        }
        if target.starts_with('/') {
            if !self.is_all {
                return Err(Failure::Other(self.escapes()));
            }
            self.folders.clear();
            self.names.clear();
        }
        self.left.extend(
            target
                .split('/')
                .rev()
                .filter(|s| !s.is_empty())
                .map(str::to_owned),
        );
        Ok(())
    }

    fn escapes(&self) -> Error {
        Error::render(format!(
            "symlink `{}` leaves the repository",
            display(self.asked)
        ))
    }
}

#[derive(Clone, Copy)]
enum Want {
    /// To look at only.
    Handle,
    /// To read bytes or names from.
    Content,
}

impl Want {
    fn flags(self) -> OFlags {
        match self {
            #[cfg(target_os = "linux")]
            Self::Handle => OFlags::PATH | OFlags::CLOEXEC,
            #[cfg(not(target_os = "linux"))]
            Self::Handle => OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC,
            // NONBLOCK: a pipe put in place of a file must not hang the run.
            Self::Content => OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC,
        }
    }
}

/// Whether any component is `.git`, in the spelling of any file system.
fn is_git(path: &str) -> bool {
    path.split('/')
        .any(|part| part.eq_ignore_ascii_case(".git"))
}

fn opened(handle: OwnedFd, path: &str) -> std::result::Result<Opened, Failure> {
    let stat = fs::fstat(&handle).map_err(|errno| failure(path, errno))?;
    Ok(Opened {
        handle,
        stat,
        path: path.to_owned(),
    })
}

fn failure(path: &str, errno: Errno) -> Failure {
    match errno {
        Errno::NOENT | Errno::NOTDIR => Failure::Missing,
        errno => Failure::Other(Error::io(format!(
            "cannot open `{}`: {errno}",
            display(path)
        ))),
    }
}

fn kind_of(stat: &Stat) -> Entry {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Entry::File,
        FileType::Directory => Entry::Directory,
        // Pipes, sockets and devices are no part of a repository.
        _ => Entry::Missing,
    }
}

impl WorkTree {
    /// What stands at a path where there is neither a file nor a folder; `None` where nothing does.
    fn odd(&self, path: &str) -> Option<&'static str> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        if is_git(path) {
            return None;
        }
        let folder = self.walk(folder, Want::Handle).ok()?;
        let stat = fs::statat(&folder.handle, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        Some(match FileType::from_raw_mode(stat.st_mode) {
            FileType::Symlink => "a link that leads nowhere",
            _ => "neither a file nor a folder",
        })
    }

    /// The bytes of a file as they are now.
    fn content(&self, path: &str) -> Result<Arc<[u8]>> {
        let opened = self.look(path, Want::Content)?.ok_or_else(|| {
            Error::render(format!(
                "no file `{}` in the {}",
                display(path),
                self.describe()
            ))
        })?;
        match kind_of(&opened.stat) {
            Entry::File => {}
            Entry::Directory => {
                return Err(Error::render(format!("`{}` is a directory", display(path))));
            }
            Entry::Missing => {
                return Err(Error::render(format!(
                    "`{}` is not a regular file",
                    display(path)
                )));
            }
        }
        super::tree::no_stand_in(read_whole(opened, path)?.into(), path)
    }
}

impl FileTree for WorkTree {
    fn entry(&self, path: &str) -> Result<Entry> {
        Ok(self
            .look(path, Want::Handle)?
            .map_or(Entry::Missing, |opened| kind_of(&opened.stat)))
    }

    fn unreadable(&self, path: &str) -> Option<Error> {
        match self.entry(path) {
            Ok(Entry::File | Entry::Directory) => None,
            Ok(Entry::Missing) => self
                .odd(path)
                .map(|what| Error::render(format!("`{}` is {what}", display(path)))),
            Err(error) => Some(error),
        }
    }

    fn read(&self, path: &str) -> Result<Arc<[u8]>> {
        if let Some(bytes) = self.seen().files.get(path) {
            return Ok(Arc::clone(bytes));
        }
        let bytes = self.content(path)?;
        let mut seen = self.seen();
        if seen.cached_bytes + bytes.len() <= CACHE_BYTES {
            seen.cached_bytes += bytes.len();
            seen.files.insert(path.to_owned(), Arc::clone(&bytes));
        }
        Ok(bytes)
    }

    /// A folder of plain manifests is read by one app: 10,000 objects are 5 MB that nobody asks for again.
    fn read_once(&self, path: &str) -> Result<Arc<[u8]>> {
        if let Some(bytes) = self.seen().files.get(path) {
            return Ok(Arc::clone(bytes));
        }
        self.content(path)
    }

    fn list(&self, path: &str) -> Result<Vec<(String, Entry)>> {
        let opened = self.look(path, Want::Content)?.ok_or_else(|| {
            Error::render(format!(
                "no directory `{}` in the {}",
                display(path),
                self.describe()
            ))
        })?;
        if kind_of(&opened.stat) != Entry::Directory {
            return Err(Error::render(format!(
                "`{}` is not a directory",
                display(path)
            )));
        }
        let unreadable =
            |errno: Errno| Error::io(format!("cannot list `{}`: {errno}", display(path)));
        let mut names = Vec::new();
        for item in fs::Dir::read_from(&opened.handle).map_err(unreadable)? {
            let item = item.map_err(unreadable)?;
            let Ok(name) = item.file_name().to_str() else {
                continue; // No path of a repository can name it.
            };
            if name == "." || name == ".." || is_git(name) {
                continue;
            }
            let entry = match item.file_type() {
                FileType::RegularFile => Entry::File,
                FileType::Directory => Entry::Directory,
                // Links, and file systems that do not tell: look.
                FileType::Symlink | FileType::Unknown => self
                    .entry(&super::tree::join(path, name)?)
                    .unwrap_or(Entry::Missing),
                _ => Entry::Missing,
            };
            names.push((name.to_owned(), entry));
        }
        names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(names)
    }

    fn real_path(&self, path: &str) -> Result<String> {
        Ok(match self.look(path, Want::Handle)? {
            Some(opened) => opened.path,
            None => super::tree::join("", path)?,
        })
    }

    fn lost_at(&self, path: &str) -> Result<Option<Lost>> {
        let how = match self.look(path, Want::Handle) {
            Ok(Some(opened)) => match kind_of(&opened.stat) {
                Entry::File => self.is_emptied(path)?.then_some(How::Emptied),
                Entry::Directory => self.how_folder_is_lost(path, &opened.path)?,
                Entry::Missing => self.how_nothing_is_left(path)?,
            },
            // A link that leads out of the repository is told where it is followed.
            Ok(None) | Err(_) => self.how_nothing_is_left(path)?,
        };
        let path = path.to_owned();
        Ok(how.map(|how| Lost { path, how }))
    }

    fn left_out(&self, path: &str) -> Result<Vec<Lost>> {
        let Some(git) = &self.git else {
            return Ok(Vec::new());
        };
        let mut lost = Vec::new();
        for path in git.left_out(path)? {
            // What is here in spite of it is read.
            if path.ends_with('/') || self.look(&path, Want::Handle)?.is_none() {
                let how = How::LeftOut;
                lost.push(Lost { path, how });
            }
        }
        Ok(lost)
    }

    fn describe(&self) -> String {
        "working tree".to_owned()
    }
}

/// How git's index and what stands in the working tree go together.
impl WorkTree {
    fn is_emptied(&self, path: &str) -> Result<bool> {
        let Some(git) = &self.git else {
            return Ok(false);
        };
        let bytes = self.content(path)?;
        Ok(bytes.trim_ascii().is_empty() && git.has_other_content(path, &bytes)?)
    }

    fn how_folder_is_lost(&self, path: &str, real: &str) -> Result<Option<How>> {
        let Some(git) = &self.git else {
            return Ok(None);
        };
        let is_link = super::tree::join("", path)? != real;
        Ok(match git.tracked(path)? {
            Some(Tracked::Submodule) => self.list(path)?.is_empty().then_some(How::Submodule),
            Some(Tracked::File | Tracked::Folder) => is_link.then_some(How::Replaced),
            Some(Tracked::Link) | None => None,
        })
    }

    /// There is no file or folder at the path once links are followed.
    fn how_nothing_is_left(&self, path: &str) -> Result<Option<How>> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let here = match self.walk(folder, Want::Handle) {
            Ok(folder) => fs::statat(&folder.handle, name, AtFlags::SYMLINK_NOFOLLOW).ok(),
            Err(_) => None,
        };
        let Some(stat) = here else {
            let git = self.git.as_ref();
            let left_out = git.map_or(Ok(Vec::new()), |git| git.left_out(path))?;
            return Ok((!left_out.is_empty()).then_some(How::LeftOut));
        };
        let tracked = self.git.as_ref().map(|git| git.tracked(path)).transpose()?;
        let is_link = FileType::from_raw_mode(stat.st_mode) == FileType::Symlink;
        Ok(match tracked.flatten() {
            Some(Tracked::File | Tracked::Folder | Tracked::Submodule) => Some(How::Replaced),
            Some(Tracked::Link) | None => {
                // One that leads out of the repository is told where it is followed.
                (is_link && self.entry(path).is_ok()).then_some(How::Dangling)
            }
        })
    }
}

fn read_whole(opened: Opened, path: &str) -> Result<Vec<u8>> {
    let too_large = || {
        Error::render(format!(
            "`{}` is larger than {} MiB",
            display(path),
            MAX_FILE_BYTES >> 20
        ))
    };
    let size = u64::try_from(opened.stat.st_size).unwrap_or_default();
    if size > MAX_FILE_BYTES {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
    std::fs::File::from(opened.handle)
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::io(format!("cannot read `{}`: {error}", display(path))))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(too_large());
    }
    Ok(bytes)
}

#[cfg(test)]
#[path = "worktree_tests.rs"]
mod tests;
