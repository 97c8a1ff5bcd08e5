//! What lies outside this repository, as those who read files see it: the files of another repository, one file behind an
//! address, or an artifact in a registry. Whether and how it is fetched is decided in `fetch`.

use std::sync::Arc;
use std::time::Duration;

use super::remote::without_credentials;
use super::tree::FileTree;
use crate::error::{Error, Location, Result};

/// Another repository at a revision.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// What `git clone` would be given.
    pub url: String,
    /// A branch, a tag or a full commit id; empty is the default branch.
    pub revision: String,
    /// The revision may be a version constraint over tags, as in an Application.
    pub may_be_constraint: bool,
    /// How long it may take; not said: as long as usual.
    pub timeout: Option<Duration>,
}

/// The files of another repository at one commit.
#[derive(Clone)]
pub struct ForeignTree {
    pub tree: Arc<dyn FileTree>,
    /// The full id.
    pub commit: String,
    /// The revision means another commit tomorrow: it is a branch.
    pub moves: bool,
}

/// Reads what the user allowed to be read. Safe to use from many threads; the same question has one answer in a run.
pub trait Foreign: Send + Sync {
    /// The files of a repository.
    fn repository(&self, wanted: &Wanted) -> Result<ForeignTree>;

    /// The bytes behind an address.
    fn file(&self, url: &str) -> Result<Arc<[u8]>>;

    /// The tags of a repository in a registry, `oci://HOST/PATH`.
    fn tags(&self, url: &str) -> Result<Arc<[String]>>;

    /// The content of an artifact in a registry.
    fn artifact(&self, wanted: &Artifact) -> Result<Arc<[u8]>>;
}

/// One layer of what a tag of a registry's repository means.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Artifact {
    /// `oci://HOST/PATH`.
    pub url: String,
    pub tag: String,
    /// The media type that the artifact's configuration must have.
    pub config: &'static str,
    /// The media types that the layer may have, the best first.
    pub layers: &'static [&'static str],
}

/// Allows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Foreign for Nothing {
    fn repository(&self, wanted: &Wanted) -> Result<ForeignTree> {
        Err(refused(&wanted.url))
    }

    fn file(&self, url: &str) -> Result<Arc<[u8]>> {
        Err(refused(url))
    }

    fn tags(&self, url: &str) -> Result<Arc<[String]>> {
        Err(refused(url))
    }

    fn artifact(&self, wanted: &Artifact) -> Result<Arc<[u8]>> {
        Err(refused(&wanted.url))
    }
}

/// A file of another repository as a person finds it there; an address stays as it is.
pub fn shown(url: &str, file: &str) -> String {
    if file.contains("://") {
        without_credentials(file)
    } else {
        format!("{}//{file}", without_credentials(url))
    }
}

/// An error about a file of another repository, told where a person finds that file.
pub fn told_at(url: &str, error: Error) -> Error {
    match error.location().cloned() {
        Some(place) => {
            let file = shown(url, &place.file);
            error.moved(Location { file, ..place })
        }
        None => error,
    }
}

fn refused(url: &str) -> Error {
    let url = without_credentials(url);
    Error::render(format!(
        "`{url}` is remote; only files of this repository are read"
    ))
}
