//! Reading files for a build: the load restrictor, the cache of what was parsed, and where a kustomization file is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::kustomization::Kustomization;
use super::text;
use crate::error::{Error, Result};
use crate::object::yaml::Node;
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
    objects: Mutex<HashMap<String, Arc<Vec<Node>>>>,
    kustomizations: Mutex<HashMap<String, Arc<Kustomization>>>,
}

impl Cache {
    fn objects(
        &self,
        path: &str,
        read: impl FnOnce() -> Result<Vec<Node>>,
    ) -> Result<Arc<Vec<Node>>> {
        cached(&self.objects, path, read)
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

/// Reads files of one build.
pub struct Loader<'a> {
    pub tree: &'a dyn FileTree,
    pub restrictor: LoadRestrictor,
    pub cache: &'a Cache,
}

impl Loader<'_> {
    /// The path of a data file that a kustomization in `root` names, checked against the restrictor.
    pub fn locate(&self, root: &str, file: &str) -> Result<String> {
        if is_url(file) {
            return Err(remote(file));
        }
        if file.is_empty() {
            return Err(Error::render("an empty file name"));
        }
        let path = join(root, file)?;
        match self.tree.entry(&path)? {
            Entry::File => {}
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
        if self.restrictor == LoadRestrictor::RootOnly {
            let real = self.tree.real_path(&path)?;
            let real_root = self.tree.real_path(root)?;
            if !is_below(&real, &real_root) {
                return Err(Error::render(format!(
                    "security; file '{real}' is not in or below '{real_root}'"
                )));
            }
        }
        Ok(path)
    }

    /// The bytes of a data file.
    pub fn read(&self, root: &str, file: &str) -> Result<Arc<[u8]>> {
        let path = self.locate(root, file)?;
        self.tree.read(&path)
    }

    /// The objects of a resource file, and its path.
    pub fn objects(&self, root: &str, file: &str) -> Result<(String, Arc<Vec<Node>>)> {
        let path = self.locate(root, file)?;
        let objects = self.cache.objects(&path, || {
            let content = self.tree.read(&path)?;
            text::objects(&content, &path)
        })?;
        Ok((path, objects))
    }

    /// The kustomization file of a directory.
    pub fn kustomization(&self, root: &str) -> Result<Arc<Kustomization>> {
        self.cache.kustomization(root, || {
            let path = self.kustomization_file(root)?;
            let content = self.tree.read(&path)?;
            Kustomization::parse(&content, &path)
        })
    }

    /// The one kustomization file of a directory.
    pub fn kustomization_file(&self, root: &str) -> Result<String> {
        let mut found = Vec::new();
        for name in FILE_NAMES {
            let path = join(root, name)?;
            if self.tree.entry(&path)? == Entry::File {
                found.push(path);
            }
        }
        let shown = if root.is_empty() { "." } else { root };
        if found.len() > 1 {
            let message = format!("Found multiple kustomization files under: {shown}");
            return Err(Error::render(message).hint(format!("keep one of {}", found.join(", "))));
        }
        found.pop().ok_or_else(|| {
            Error::render(format!(
                "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{shown}'"
            ))
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

fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// Whether an entry names another repository.
pub fn is_remote(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if lower.starts_with('/') {
        return false;
    }
    let lower = lower.strip_prefix("git::").unwrap_or(&lower);
    [
        "ssh://",
        "https://",
        "http://",
        "file://",
        "github.com/",
        "github.com:",
    ]
    .iter()
    .any(|start| lower.starts_with(start))
        || is_scp(lower)
}

/// `user@host:path`.
fn is_scp(text: &str) -> bool {
    text.split_once(':').is_some_and(|(host, path)| {
        !path.is_empty()
            && host.split_once('@').is_some_and(|(user, host)| {
                !user.is_empty() && !host.is_empty() && !host.contains('/')
            })
    })
}

/// The refusal of what is not in the repository.
pub fn remote(entry: &str) -> Error {
    Error::render(format!(
        "`{entry}` is remote; only files of this repository are read"
    ))
    .hint("copy it into the repository, or render this app with the `kustomize` program")
}
