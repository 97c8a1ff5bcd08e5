//! Writing one file of the repository: whole or not at all, and never through a link.
//!
//! Every folder on the way is opened without following links, as `worktree` reads, so that what a repository contains cannot turn a
//! write elsewhere. Everything that can fail is done before the caller writes anything of its own: the folders are made, the file beside
//! is created exclusively, and what stands there is read.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::error::{Error, Result};
use crate::object::display::display;

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);
/// What is read of a file that is to be edited.
const MAX_BYTES: u64 = 1 << 20;

/// A file that is about to be written. Dropping it leaves everything as it was.
#[derive(Debug)]
pub struct Draft {
    /// The folder of the file, and those above it, the root first.
    folders: Vec<OwnedFd>,
    /// Names of the folders that were made for it, by their index in `folders`.
    made: Vec<(usize, String)>,
    name: String,
    /// The file beside it that becomes it.
    beside: String,
    file: Option<std::fs::File>,
    shown: String,
    /// What stands there now.
    pub existing: Option<String>,
}

impl Draft {
    /// Prepares to write `path` below `root`. `unique` names the file beside it.
    pub fn begin(root: &Path, path: &str, unique: &str) -> Result<Self> {
        let folder = fs::open(root, FOLDER.difference(OFlags::NOFOLLOW), Mode::empty())
            .map_err(|errno| failed(&root.display().to_string(), errno))?;
        let (parents, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut draft = Self {
            folders: vec![folder],
            made: Vec::new(),
            name: name.to_owned(),
            beside: format!(".{name}.{unique}"),
            file: None,
            shown: path.to_owned(),
            existing: None,
        };
        for part in parents.split('/').filter(|part| !part.is_empty()) {
            draft.enter(part)?;
        }
        draft.existing = draft.read()?;
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o644);
        let file = fs::openat(draft.folder()?, &draft.beside, flags, mode)
            .map_err(|errno| failed(&draft.shown, errno))?;
        draft.file = Some(file.into());
        Ok(draft)
    }

    fn folder(&self) -> Result<&OwnedFd> {
        self.folders
            .last()
            .ok_or_else(|| Error::internal("a file without a folder"))
    }

    fn enter(&mut self, name: &str) -> Result<()> {
        let above = self.folder()?;
        let is_made = match fs::mkdirat(above, name, Mode::from_raw_mode(0o755)) {
            Ok(()) => true,
            Err(Errno::EXIST) => false,
            Err(errno) => return Err(failed(&self.shown, errno)),
        };
        let folder = fs::openat(above, name, FOLDER, Mode::empty()).map_err(|errno| match errno {
            Errno::LOOP | Errno::NOTDIR => link(&self.shown, name),
            errno => failed(&self.shown, errno),
        });
        if is_made {
            self.made.push((self.folders.len() - 1, name.to_owned()));
        }
        self.folders.push(folder?);
        Ok(())
    }

    fn read(&self) -> Result<Option<String>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let handle = match fs::openat(self.folder()?, &self.name, flags, Mode::empty()) {
            Ok(handle) => handle,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(link(&self.shown, &self.name)),
            Err(errno) => return Err(failed(&self.shown, errno)),
        };
        let stat = fs::fstat(&handle).map_err(|errno| failed(&self.shown, errno))?;
        let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        if !is_file || u64::try_from(stat.st_size).is_ok_and(|size| size > MAX_BYTES) {
            let text = format!(
                "`{}` is not a regular file of a usual size",
                display(&self.shown)
            );
            return Err(Error::config(text));
        }
        let mut text = String::new();
        std::fs::File::from(handle)
            .take(MAX_BYTES)
            .read_to_string(&mut text)
            .map_err(|error| {
                Error::io(format!(
                    "failed to read `{}`: {error}",
                    display(&self.shown)
                ))
            })?;
        Ok(Some(text))
    }

    /// Puts the text in place.
    pub fn commit(mut self, text: &str) -> Result<()> {
        let Some(mut file) = self.file.take() else {
            return Ok(());
        };
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(|error| {
                Error::io(format!(
                    "failed to write `{}`: {error}",
                    display(&self.shown)
                ))
            })
            .inspect_err(|_| self.forget())?;
        let folder = self.folder()?;
        let moved = fs::renameat(folder, &self.beside, folder, &self.name)
            .map_err(|errno| failed(&self.shown, errno));
        moved.inspect_err(|_| self.forget())?;
        self.made.clear();
        Ok(())
    }

    fn forget(&self) {
        if let Some(folder) = self.folders.last() {
            let _ = fs::unlinkat(folder, &self.beside, AtFlags::empty());
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            self.forget();
        }
        // Only what this run made goes, and only while it is empty.
        for (above, name) in self.made.iter().rev() {
            if let Some(above) = self.folders.get(*above) {
                let _ = fs::unlinkat(above, name, AtFlags::REMOVEDIR);
            }
        }
    }
}

fn failed(path: &str, errno: Errno) -> Error {
    Error::io(format!("failed to write `{}`: {errno}", display(path)))
}

fn link(path: &str, part: &str) -> Error {
    let text = format!(
        "`{}` is not written: `{}` on the way to it is a link",
        display(path),
        display(part)
    );
    Error::config(text).hint(
        "a repository could send the write anywhere by a link: replace it by a real file or folder",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        entries
            .map(|entry| {
                let name = entry.expect("an entry").file_name();
                name.to_string_lossy().into_owned()
            })
            .collect()
    }

    fn begin(root: &Path) -> Result<Draft> {
        Draft::begin(root, "clusters/prod/cluster.yaml", "new")
    }

    #[test]
    fn a_file_appears_whole_with_its_folders() {
        let root = tempfile::tempdir().expect("a folder");
        begin(root.path())
            .and_then(|draft| draft.commit("a: 1\n"))
            .expect("written");
        let again = begin(root.path()).expect("begins");
        assert_eq!(again.existing.as_deref(), Some("a: 1\n"));
        again.commit("a: 2\n").expect("written");
        let folder = root.path().join("clusters/prod");
        assert_eq!(names(&folder), ["cluster.yaml"]);
        let text = std::fs::read_to_string(folder.join("cluster.yaml"));
        assert_eq!(text.expect("a file"), "a: 2\n");
    }

    #[test]
    fn a_draft_that_is_dropped_leaves_nothing() {
        let root = tempfile::tempdir().expect("a folder");
        drop(begin(root.path()).expect("begins"));
        assert!(names(root.path()).is_empty());
        std::fs::create_dir_all(root.path().join("clusters/dev")).expect("writable");
        drop(begin(root.path()).expect("begins"));
        assert_eq!(names(&root.path().join("clusters")), ["dev"]);
    }

    #[test]
    fn no_link_leads_a_write_elsewhere() {
        let outside = tempfile::tempdir().expect("a folder");
        let target = outside.path().join("profile");
        std::fs::write(&target, "mine").expect("writable");
        let links: [(&str, &Path); 4] = [
            ("clusters", outside.path()),
            ("clusters/prod", outside.path()),
            ("clusters/prod/cluster.yaml", &target),
            ("clusters/prod/.cluster.yaml.new", &target),
        ];
        for (link, to) in links {
            let root = tempfile::tempdir().expect("a folder");
            let link = root.path().join(link);
            std::fs::create_dir_all(link.parent().expect("a folder")).expect("writable");
            symlink(to, &link).expect("writable");
            let error = begin(root.path()).expect_err("refused");
            assert!(error.report().contains("cluster.yaml"), "{error}");
            assert_eq!(std::fs::read_to_string(&target).expect("a file"), "mine");
            assert_eq!(names(outside.path()), ["profile"], "{}", link.display());
        }
    }
}
