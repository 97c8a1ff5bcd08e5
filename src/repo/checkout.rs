//! The repository as one run sees it: the working tree, and any revision an app asks for, each read once.
//!
//! It decides which files an app is rendered from; what is made of them is decided in `render`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::application::Application;
use super::foreign::{Foreign, Wanted};
use super::git::{Git, GitTree, Head, short};
use super::layout::Layout;
use super::remote::Identity;
use super::tree::FileTree;
use super::worktree::WorkTree;
use crate::error::{Error, Result};
use crate::object::Lineage;
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
    lineages: Mutex<BTreeMap<(String, String), Lineage>>,
}

impl std::fmt::Debug for Checkout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Checkout({:?})", self.worktree)
    }
}

/// Which files stand for an app of this repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum At {
    /// Those that its `targetRevision` means.
    #[default]
    Declared,
    /// `--revision`: these, for apps of other repositories too.
    Revision(String),
    /// `--worktree`: the working tree, whatever the `targetRevision`.
    Tree,
}

/// The files that an app is rendered from.
#[derive(Clone)]
pub struct Revision {
    pub tree: Arc<dyn FileTree>,
    /// A full commit id, or [`WORKTREE`] without git or before the first commit.
    pub id: String,
    /// The working tree differs from the commit.
    pub is_dirty: bool,
    /// What is checked out, where the app's `targetRevision` means something else.
    pub beside: Option<Beside>,
}

/// The working tree that is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// The `targetRevision`, and the commit that it means here.
    pub declared: String,
    pub commit: String,
    pub head: Head,
    pub is_dirty: bool,
}

impl Beside {
    /// `rendered from `main` (1a2b3c4), not from the working tree at 9f8e7d6 (branch `feature`)`.
    pub fn text(&self) -> String {
        let (declared, commit) = (display(&self.declared), short(&self.commit));
        format!(
            "rendered from `{declared}` ({commit}), not from {}",
            self.tree()
        )
    }

    /// `the working tree at 9f8e7d6 (detached, dirty)`.
    pub fn tree(&self) -> String {
        let at = self.head.commit.as_deref().map_or("no commit", short);
        let place = match &self.head.branch {
            Some(branch) => format!("branch `{}`", display(branch)),
            None => "detached".to_owned(),
        };
        let dirty = if self.is_dirty { ", dirty" } else { "" };
        format!("the working tree at {at} ({place}{dirty})")
    }
}

impl Checkout {
    pub fn open(layout: &Layout) -> Result<Self> {
        let git = Git::open(&layout.root)?;
        let worktree = WorkTree::open(&layout.root)?.checked_out_from(git.clone());
        let (head, identity) = match &git {
            Some(git) => (git.head()?, git.identity()?),
            None => (Head::default(), Identity::default()),
        };
        Ok(Self {
            worktree: Arc::new(worktree),
            git,
            head,
            identity,
            is_dirty: OnceLock::new(),
            revisions: Mutex::default(),
            lineages: Mutex::default(),
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

    /// The files of an app. Those of another repository are asked of `foreign`.
    pub fn revision_of(
        &self,
        app: &Application,
        at: &At,
        foreign: &dyn Foreign,
    ) -> Result<Revision> {
        let source = &app.source;
        let declared = &source.target_revision;
        if !self.identity.owns(&source.repo_url) {
            return self.foreign_revision(app, at, foreign);
        }
        match at {
            At::Tree => self.working(),
            At::Declared if self.identity.is_worktree(declared) => self.working(),
            At::Revision(given) => self.committed(given, None),
            At::Declared => {
                let found = self.committed(declared, Some(declared));
                found.map_err(|error| error.at(&app.file, declared.line, declared.column))
            }
        }
    }

    fn working(&self) -> Result<Revision> {
        let commit = self.head.commit.clone();
        Ok(Revision {
            tree: Arc::clone(&self.worktree) as Arc<dyn FileTree>,
            id: commit.unwrap_or_else(|| WORKTREE.to_owned()),
            is_dirty: self.is_dirty()?,
            beside: None,
        })
    }

    fn committed(&self, revision: &str, declared: Option<&str>) -> Result<Revision> {
        let tree = self.revision(revision)?;
        let id = tree.commit().to_owned();
        let beside = match declared {
            Some(declared) => self.beside(declared, &id)?,
            None => None,
        };
        Ok(Revision {
            tree,
            id,
            is_dirty: false,
            beside,
        })
    }

    /// What is checked out, unless it is just that commit.
    fn beside(&self, declared: &str, commit: &str) -> Result<Option<Beside>> {
        let is_dirty = self.is_dirty()?;
        let is_same = self.head.commit.as_deref() == Some(commit) && !is_dirty;
        Ok((!is_same).then(|| Beside {
            declared: declared.to_owned(),
            commit: commit.to_owned(),
            head: self.head.clone(),
            is_dirty,
        }))
    }

    /// Whether an app follows a branch that stands behind the checked-out commit: what the user looks at is not what would be deployed.
    pub fn overlooks(&self, beside: &Beside) -> bool {
        let is_branch = |git: &Git| git.is_branch(&beside.declared);
        let is_behind = |head: &str| self.lineage(head, &beside.commit) == Lineage::Older;
        self.git.as_ref().is_some_and(is_branch)
            && beside.head.commit.as_deref().is_some_and(is_behind)
    }

    /// How the commit `new` stands to the commit `old`; each pair is looked for once.
    pub fn lineage(&self, old: &str, new: &str) -> Lineage {
        let Some(git) = &self.git else {
            return Lineage::Unknown("this folder is not in a git repository".to_owned());
        };
        let mut known = self.lineages.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = (old.to_owned(), new.to_owned());
        let find = || git.lineage(old, new);
        known.entry(pair).or_insert_with(find).clone()
    }

    /// Whether a commit is part of what this clone has checked out, of a branch or tag of its own, or of what an app follows.
    pub fn is_merged(&self, commit: &str, app: &Application) -> Result<bool> {
        let Some(git) = &self.git else {
            return Ok(false);
        };
        let followed = git.resolve(&app.source.target_revision).ok();
        git.is_merged(commit, followed.as_slice())
    }

    fn foreign_revision(
        &self,
        app: &Application,
        at: &At,
        foreign: &dyn Foreign,
    ) -> Result<Revision> {
        let source = &app.source;
        let revision = match at {
            At::Declared | At::Tree => &source.target_revision,
            At::Revision(given) => given,
        };
        let wanted = Wanted {
            url: source.repo_url.trim().to_owned(),
            revision: revision.trim().to_owned(),
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
            beside: None,
        })
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
