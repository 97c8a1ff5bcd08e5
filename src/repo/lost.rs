//! What git has and a tree of files cannot give: an accident of the checkout. A file that somebody deleted is a decision, and is not here.

use crate::error::Error;
use crate::object::display::display;

/// A path with something behind it that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Below the root; a folder of which nothing is here ends in `/`.
    pub path: String,
    pub how: How,
}

/// What came between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// A submodule that is not checked out, or one of a commit, which holds none of its files.
    Submodule,
    /// A sparse checkout leaves it out.
    LeftOut,
    /// A link that leads nowhere.
    Dangling,
    /// Something else stands where git has a file or a folder, such as a link to another folder.
    Replaced,
    /// The file is empty, and git has content for it.
    Emptied,
}

impl Lost {
    /// Says what is lost and how it comes back, at its place.
    pub fn error(&self) -> Error {
        let path = display(self.path.trim_end_matches('/'));
        let (what, hint) = match self.how {
            How::Submodule => (
                "is a git submodule that is not checked out",
                format!(
                    "`git submodule update --init {path}` brings its files into the working tree"
                ),
            ),
            How::LeftOut => (
                "is left out by the sparse checkout",
                format!(
                    "`git sparse-checkout add` its folder, or `git sparse-checkout disable`; a skip-worktree bit alone goes with `git update-index --no-skip-worktree {path}`"
                ),
            ),
            How::Dangling => (
                "is a link to nothing",
                "bring back what it points to, or remove the link".to_owned(),
            ),
            How::Replaced => (
                "is not what git has there",
                format!(
                    "`git checkout -- {path}` brings it back; commit the change if it is meant"
                ),
            ),
            How::Emptied => (
                "is empty, and git has content for it",
                format!(
                    "`git checkout -- {path}` brings it back; remove the file if its objects are to go"
                ),
            ),
        };
        Error::render(format!("`{path}` {what}"))
            .at(self.path.trim_end_matches('/'), 0, 0)
            .hint(hint)
    }
}
