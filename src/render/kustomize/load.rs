//! Reading files for a build: the load restrictor, the cache of what was parsed, and where a kustomization file is.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use super::budget::Budget;
use super::chart_pull::Pulled;
use super::kustomization::Kustomization;
use super::remote;
use super::text::{self, Objects};
use crate::error::{Error, Result};
use crate::repo::foreign::Foreign;
use crate::repo::tree::{Entry, FileTree, join};

/// The names a kustomization file may have.
pub const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Which files a kustomization may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LoadRestrictor {
    /// Those in or below its own directory.
    #[default]
    RootOnly,
    /// Any of the tree.
    None,
}

/// What was read and parsed, shared between builds over one tree. Safe to use from many threads.
#[derive(Debug, Default)]
pub struct Cache {
    objects: Mutex<HashMap<String, Arc<Objects>>>,
    kustomizations: Mutex<HashMap<String, Arc<Kustomization>>>,
    /// Of other repositories, by address and commit.
    remotes: Mutex<HashMap<String, Arc<Self>>>,
    charts: Mutex<HashMap<String, Arc<Pulled>>>,
}

impl Cache {
    fn objects(&self, path: &str, read: impl FnOnce() -> Result<Objects>) -> Result<Arc<Objects>> {
        cached(&self.objects, path, read)
    }

    /// The cache of another repository's commit.
    pub fn of(&self, url: &str, commit: &str) -> Arc<Self> {
        let mut remotes = self.remotes.lock().unwrap_or_else(PoisonError::into_inner);
        remotes
            .entry(format!("{url} {commit}"))
            .or_default()
            .clone()
    }

    /// A chart from elsewhere.
    pub fn chart(&self, key: &str, read: impl FnOnce() -> Result<Pulled>) -> Result<Arc<Pulled>> {
        cached(&self.charts, key, read)
    }

    fn kustomization(
        &self,
        path: &str,
        read: impl FnOnce() -> Result<Kustomization>,
    ) -> Result<Arc<Kustomization>> {
        cached(&self.kustomizations, path, read)
    }
}

/// Two threads may both read a file that neither found; the first result stays.
fn cached<T>(
    map: &Mutex<HashMap<String, Arc<T>>>,
    path: &str,
    read: impl FnOnce() -> Result<T>,
) -> Result<Arc<T>> {
    let lock = || map.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = lock().get(path) {
        return Ok(found.clone());
    }
    let value = Arc::new(read()?);
    Ok(lock().entry(path.to_owned()).or_insert(value).clone())
}

/// Whether an entry is rather a text than a path or an address. It may be a Secret, so no message repeats it.
pub fn is_inline(entry: &str) -> bool {
    entry.contains(['\n', '{']) || entry.contains(": ")
}

/// Reads files of one build.
pub struct Loader<'a> {
    pub tree: &'a dyn FileTree,
    pub restrictor: LoadRestrictor,
    pub cache: &'a Cache,
    /// What lies outside the tree.
    pub foreign: &'a dyn Foreign,
    pub budget: Rc<Budget>,
    pub dropped: Rc<Dropped>,
}

/// Where files of a build hold more than is read.
#[derive(Debug, Default)]
pub struct Dropped(RefCell<Vec<Error>>);

impl Dropped {
    /// One place counts once, however often it is read.
    pub fn add(&self, places: &[Error]) {
        let mut all = self.0.borrow_mut();
        for place in places {
            if !all.iter().any(|known| known.location() == place.location()) {
                all.push(place.clone());
            }
        }
    }

    pub fn take(&self) -> Vec<Error> {
        self.0.take()
    }
}

impl Loader<'_> {
    /// The path of a data file that a kustomization in `root` names, checked against the restrictor.
    fn locate(&self, root: &str, file: &str) -> Result<String> {
        if file.is_empty() {
            return Err(Error::render("an empty file name"));
        }
        let inline = || Error::render("an inline text in the place of a file name");
        let path = join(root, file).map_err(|error| match is_inline(file) {
            true => inline(),
            false => error,
        })?;
        match self.tree.entry(&path)? {
            Entry::File => {}
            Entry::Missing if is_inline(file) => return Err(inline()),
            Entry::Directory => {
                return Err(Error::render(format!(
                    "`{file}` is a directory, not a file"
                )));
            }
            Entry::Missing => {
                return Err(
                    Error::render(format!("no file `{file}`")).hint(format!("looked for `{path}`"))
                );
            }
        }
        match self.outside(root, &path)? {
            None => Ok(path),
            Some((real, real_root)) => Err(Error::render(format!(
                "security; file '{real}' is not in or below '{real_root}'"
            ))),
        }
    }

    /// Where a file that the restrictor forbids really is, and the directory that it may not leave.
    fn outside(&self, root: &str, path: &str) -> Result<Option<(String, String)>> {
        if self.restrictor == LoadRestrictor::None {
            return Ok(None);
        }
        let real = self.tree.real_path(path)?;
        let real_root = self.tree.real_path(root)?;
        Ok((!is_below(&real, &real_root)).then_some((real, real_root)))
    }

    /// A data file: its path or address, and its bytes.
    pub fn read(&self, root: &str, file: &str) -> Result<(String, Arc<[u8]>)> {
        if remote::is_address(file) {
            return Ok((file.to_owned(), self.foreign.file(file)?));
        }
        let path = self.locate(root, file)?;
        let content = self.tree.read(&path)?;
        Ok((path, content))
    }

    /// The objects of a resource file, and its path.
    pub fn objects(&self, root: &str, file: &str) -> Result<(String, Arc<Objects>)> {
        let path = if remote::is_address(file) {
            file.to_owned()
        } else {
            self.locate(root, file)?
        };
        let objects = self.cache.objects(&path, || {
            let content = if remote::is_address(&path) {
                self.foreign.file(&path)?
            } else {
                self.resource(&path)?
            };
            text::objects(&content, &path)
        })?;
        self.dropped.add(&objects.dropped);
        Ok((path, objects))
    }

    /// The bytes of a resource file. One that is empty by accident would take its objects out of the build without a word.
    fn resource(&self, path: &str) -> Result<Arc<[u8]>> {
        let content = self.tree.read(path)?;
        if content.trim_ascii().is_empty()
            && let Some(lost) = self.tree.lost_at(path)?
        {
            return Err(lost.error());
        }
        Ok(content)
    }

    /// The kustomization file of a directory.
    pub fn kustomization(&self, root: &str) -> Result<Arc<Kustomization>> {
        self.cache.kustomization(root, || {
            let path = self.kustomization_file(root)?;
            let content = self.tree.read(&path)?;
            Kustomization::parse(&content, &path)
        })
    }

    /// The one kustomization file of a directory. A link to a file outside of it is none, as for kustomize.
    pub fn kustomization_file(&self, root: &str) -> Result<String> {
        let mut found = Vec::new();
        let mut forbidden = None;
        for name in FILE_NAMES {
            let path = join(root, name)?;
            if self.tree.entry(&path)? != Entry::File {
                continue;
            }
            match self.outside(root, &path)? {
                None => found.push(path),
                Some((real, _)) => forbidden = Some((path, real)),
            }
        }
        let shown = if root.is_empty() { "." } else { root };
        if found.len() > 1 {
            let message = format!("Found multiple kustomization files under: {shown}");
            return Err(Error::render(message).hint(format!("keep one of {}", found.join(", "))));
        }
        found.pop().ok_or_else(|| {
            let error = Error::render(format!(
                "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{shown}'"
            ));
            match forbidden {
                None => error,
                Some((path, real)) => error.hint(format!("`{path}` is a link to `{real}`, outside of its directory")),
            }
        })
    }
}

/// Whether `path` is `root` or below it.
pub fn is_below(path: &str, root: &str) -> bool {
    root.is_empty()
        || path == root
        || path
            .strip_prefix(root)
            .is_some_and(|rest| rest.starts_with('/'))
}
