//! The repository as one run sees it: the working tree, and any revision an app asks for, each read once.
//!
//! It decides which files an app is rendered from; what is made of them is decided in `render`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::application::Application;
use super::foreign::{Foreign, Wanted};
use super::git::{Git, GitTree, Head};
use super::layout::Layout;
use super::remote::Identity;
use super::tree::FileTree;
use super::worktree::WorkTree;
use crate::error::{Error, Result};
use crate::object::display::display;

/// What the revision is called where there is no commit to name.
pub const WORKTREE: &str = "worktree";

/// An open repository.
pub struct Checkout {
    worktree: Arc<WorkTree>,
    git: Option<Git>,
    head: Head,
    identity: Identity,
    is_dirty: OnceLock<Result<bool>>,
    revisions: Mutex<BTreeMap<String, Result<Arc<GitTree>>>>,
}

impl std::fmt::Debug for Checkout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Checkout({:?})", self.worktree)
    }
}

/// The files that an app is rendered from.
#[derive(Clone)]
pub struct Revision {
    pub tree: Arc<dyn FileTree>,
    /// A full commit id, or [`WORKTREE`] without git or before the first commit.
    pub id: String,
    /// The working tree differs from the commit.
    pub is_dirty: bool,
}

impl Checkout {
    pub fn open(layout: &Layout) -> Result<Self> {
        let worktree = Arc::new(WorkTree::open(&layout.root)?);
        let git = Git::open(&layout.root)?;
        let (head, identity) = match &git {
            Some(git) => (git.head()?, git.identity()?),
            None => (Head::default(), Identity::default()),
        };
        Ok(Self {
            worktree,
            git,
            head,
            identity,
            is_dirty: OnceLock::new(),
            revisions: Mutex::default(),
        })
    }

    pub fn worktree(&self) -> &Arc<WorkTree> {
        &self.worktree
    }

    pub fn git(&self) -> Option<&Git> {
        self.git.as_ref()
    }

    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Whether the working tree differs from HEAD; false without git. Asked once.
    pub fn is_dirty(&self) -> Result<bool> {
        let ask = || self.git.as_ref().map_or(Ok(false), Git::is_dirty);
        self.is_dirty.get_or_init(ask).clone()
    }

    /// The files of an app: its `targetRevision`, or `given` (`--revision`) in its place.
    ///
    /// Those of another repository are asked of `foreign`.
    pub fn revision_of(
        &self,
        app: &Application,
        given: Option<&str>,
        foreign: &dyn Foreign,
    ) -> Result<Revision> {
        let source = &app.source;
        if !self.identity.owns(&source.repo_url) {
            return self.foreign_revision(app, given, foreign);
        }
        let revision = given.unwrap_or(&source.target_revision);
        if self.is_worktree(revision, given.is_some()) {
            return Ok(Revision {
                tree: Arc::clone(&self.worktree) as Arc<dyn FileTree>,
                id: self
                    .head
                    .commit
                    .clone()
                    .unwrap_or_else(|| WORKTREE.to_owned()),
                is_dirty: self.is_dirty()?,
            });
        }
        let tree = self.revision(revision).map_err(|error| match given {
            Some(_) => error,
            None => error.at(
                &app.file,
                source.target_revision.line,
                source.target_revision.column,
            ),
        })?;
        Ok(Revision {
            id: tree.commit().to_owned(),
            tree,
            is_dirty: false,
        })
    }

    fn foreign_revision(
        &self,
        app: &Application,
        given: Option<&str>,
        foreign: &dyn Foreign,
    ) -> Result<Revision> {
        let source = &app.source;
        let wanted = Wanted {
            url: source.repo_url.trim().to_owned(),
            revision: given.unwrap_or(&source.target_revision).trim().to_owned(),
            may_be_constraint: true,
            timeout: None,
        };
        let found = foreign.repository(&wanted).map_err(|error| {
            let remotes = match self.identity.remotes.as_slice() {
                [] => "this repository has no remote".to_owned(),
                remotes => format!("this repository is `{}`", display(&remotes.join("`, `"))),
            };
            let url = &source.repo_url;
            error
                .context(format!(
                    "app `{}` comes from another repository, `{}`",
                    app.shown_name(),
                    display(&shown_url(url))
                ))
                .at(&app.file, url.line, url.column)
                .hint(format!("{remotes}; leave `repoURL` out to mean this one"))
        })?;
        Ok(Revision {
            tree: found.tree,
            id: found.commit,
            is_dirty: false,
        })
    }

    /// A `targetRevision` of `HEAD` or the checked-out branch is the working tree; `--revision` always is what was committed.
    fn is_worktree(&self, revision: &str, is_given: bool) -> bool {
        !is_given && self.identity.is_worktree(revision)
    }

    /// The files of a revision; opened once.
    pub fn revision(&self, revision: &str) -> Result<Arc<GitTree>> {
        let Some(git) = &self.git else {
            return Err(Error::config(format!(
                "revision `{}` cannot be read: this folder is not in a git repository",
                display(revision)
            )));
        };
        // Held while opening, so that a hundred apps of one tag open it once.
        let mut revisions = self
            .revisions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        revisions
            .entry(revision.to_owned())
            .or_insert_with(|| git.tree(revision).map(Arc::new))
            .clone()
    }
}

/// The address without what may be a password.
fn shown_url(url: &str) -> String {
    super::remote::normalise(url).unwrap_or_else(|| super::remote::without_credentials(url))
}
