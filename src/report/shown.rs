//! What an answer is about: which revision was rendered, and whether that is what is checked out.

use serde::Serialize;

/// The files that an app was rendered from; nothing where it was not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Shown {
    /// A commit, or `worktree`; empty where nothing was rendered.
    pub revision: String,
    /// The working tree has changes that are in no commit.
    pub dirty: bool,
    /// What is checked out, where the app's `targetRevision` means something else.
    pub notice: Option<String>,
}
