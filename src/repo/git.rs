//! The git repository around the working tree: head, remotes, revisions, dirty state. The only user of gix, with `git/` and `fetch`.
//!
//! Nothing of the repository's configuration is acted on beyond its remotes' addresses: no hook, filter, include or
//! environment variable has any effect and no program is ever run. That is also why a foreign owner is no trouble.
//! The working tree is never written.

mod ancestry;
mod dirty;
mod index;
mod ordinary;
mod revision;
mod tree;

use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice;

use super::remote::{Identity, normalise};
use crate::error::{Error, Result};
use crate::object::Lineage;
use crate::object::display::display;

pub use index::Tracked;
pub use tree::GitTree;

/// A git repository, opened for reading.
#[derive(Clone)]
pub struct Git {
    repo: gix::ThreadSafeRepository,
    /// The folder with `.git` in it.
    work_dir: PathBuf,
    /// Where the gitops repository's root lies below `work_dir`; empty when they are the same.
    prefix: String,
}

impl std::fmt::Debug for Git {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Git({})", self.work_dir.display())
    }
}

/// What is checked out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// `None` when detached.
    pub branch: Option<String>,
    /// The full commit id; `None` before the first commit.
    pub commit: Option<String>,
}

impl Git {
    /// Opens the git repository that `root` stands in; `None` when there is none.
    pub fn open(root: &Path) -> Result<Option<Self>> {
        let Some(work_dir) = root.ancestors().find(|folder| folder.join(".git").exists()) else {
            return Ok(None);
        };
        ordinary::check(work_dir)?;
        let prefix = root
            .strip_prefix(work_dir)
            .unwrap_or(Path::new(""))
            .to_str()
            .ok_or_else(|| Error::config(format!("`{}` is not UTF-8", root.display())))?;
        let options = gix::open::Options::isolated()
            .open_path_as_is(false)
            .with(gix::sec::Trust::Full);
        let repo = gix::ThreadSafeRepository::open_opts(work_dir, options).map_err(|error| {
            Error::config(format!(
                "cannot open the git repository `{}`: {}",
                work_dir.display(),
                why(&error)
            ))
            .hint(
                "`git fsck` may say more; without the `.git` folder the files are used as they are",
            )
        })?;
        // Those of a linked worktree are elsewhere.
        if !work_dir.join(".git").is_dir() {
            let opened = repo.to_thread_local();
            ordinary::check_folder(opened.git_dir())?;
            ordinary::check_folder(opened.common_dir())?;
        }
        Ok(Some(Self {
            repo,
            work_dir: work_dir.to_owned(),
            prefix: prefix.to_owned(),
        }))
    }

    pub fn head(&self) -> Result<Head> {
        let repo = self.repo.to_thread_local();
        let head = repo
            .head()
            .map_err(|error| Error::config(format!("cannot read HEAD: {}", why(&error))))?;
        let branch = head
            .referent_name()
            .map(|name| name.shorten().to_str_lossy().into_owned());
        Ok(Head {
            branch,
            commit: head.id().map(|id| id.detach().to_string()),
        })
    }

    /// How Applications may refer to this repository and to its working tree.
    pub fn identity(&self) -> Result<Identity> {
        let repo = self.repo.to_thread_local();
        let mut names: Vec<String> = repo
            .remote_names()
            .iter()
            .map(|name| name.to_str_lossy().into_owned())
            .collect();
        names.sort_by_key(|name| (name != "origin", name.clone()));
        let mut remotes: Vec<String> = Vec::new();
        for name in names {
            let Some(Ok(remote)) = repo.try_find_remote_without_url_rewrite(name.as_str()) else {
                continue;
            };
            for direction in [gix::remote::Direction::Fetch, gix::remote::Direction::Push] {
                let url = remote
                    .url(direction)
                    .and_then(|url| normalise(&url.to_bstring().to_str_lossy()));
                if let Some(url) = url
                    && !remotes.contains(&url)
                {
                    remotes.push(url);
                }
            }
        }
        Ok(Identity {
            remotes,
            branch: self.head()?.branch,
        })
    }

    /// Whether tracked files below the root differ from HEAD, or files that could be rendered are not tracked.
    pub fn is_dirty(&self) -> Result<bool> {
        dirty::is_dirty(self)
    }

    /// The commit that a `targetRevision` or `--revision` means.
    pub fn resolve(&self, revision: &str) -> Result<String> {
        revision::resolve(&self.repo.to_thread_local(), revision).map(|id| id.to_string())
    }

    /// How the commit `new` stands to the commit `old`.
    pub fn lineage(&self, old: &str, new: &str) -> Lineage {
        ancestry::lineage(&self.repo.to_thread_local(), old, new)
    }

    /// Whether HEAD, a branch or a tag of this clone, or one of `more`, is or contains a commit.
    pub fn is_merged(&self, commit: &str, more: &[String]) -> Result<bool> {
        ancestry::is_merged(&self.repo.to_thread_local(), commit, more)
    }

    /// Whether a revision names a branch, which means another commit tomorrow.
    pub fn is_branch(&self, revision: &str) -> bool {
        ancestry::is_branch(&self.repo.to_thread_local(), revision)
    }

    /// The files of a revision, without touching the working tree.
    pub fn tree(&self, revision: &str) -> Result<GitTree> {
        let repo = self.repo.to_thread_local();
        let commit = revision::resolve(&repo, revision)?;
        GitTree::open(repo, commit, &self.prefix)
    }
}

/// The seven characters by which people call a commit.
///
/// What is no commit, such as `worktree`, stays whole.
pub fn short(commit: &str) -> &str {
    match commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => commit.get(..7).unwrap_or(commit),
        false => commit,
    }
}

/// A gix error with its causes on one line, safe to print.
pub(crate) fn why(error: &gix::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    display(&text).into_owned()
}

#[cfg(test)]
#[path = "git_tests.rs"]
mod tests;
