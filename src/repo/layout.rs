//! Finds the repository on disk and reads its settings, `pushboat.yaml`.
//!
//! Looks at names only: what the files under `clusters/` mean is read by `inventory`.

use std::path::{Path, PathBuf};

use crate::error::{Error, Reason, Result};
use crate::object::yaml::{self, Limits};

use super::reader::Reader;
use super::tree::{Entry, FileTree};

/// The optional settings file in the root.
pub const SETTINGS_FILE: &str = "pushboat.yaml";

/// Where a repository is, and why it was taken for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Absolute, symlinks resolved.
    pub root: PathBuf,
    pub found_by: FoundBy,
}

/// What made a folder the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    SettingsFile,
    ClustersAndApps,
    GitRoot,
    /// `--repo` named a folder that has none of the marks.
    Given,
}

/// Finds the repository `start` stands in: walks up to the first folder with a mark, or to the git root.
pub fn find(start: &Path) -> Result<Layout> {
    let start = absolute(start)?;
    for folder in start.ancestors() {
        if let Some(found_by) = mark(folder) {
            return Ok(Layout {
                root: folder.to_owned(),
                found_by,
            });
        }
    }
    Err(Error::config(format!(
        "no gitops repository at `{}` or above it",
        start.display()
    ))
    .hint(format!(
        "run inside a folder with `{SETTINGS_FILE}`, or with both `clusters/` and `apps/`, or in a git repository; or give `--repo DIR`"
    )))
}

/// Takes the folder that `--repo` names: the repository it stands in, else the folder itself.
pub fn find_given(folder: &Path) -> Result<Layout> {
    let root = absolute(folder)?;
    Ok(find(&root).unwrap_or(Layout {
        root,
        found_by: FoundBy::Given,
    }))
}

fn absolute(folder: &Path) -> Result<PathBuf> {
    let path = std::fs::canonicalize(folder).map_err(|error| {
        Error::io(format!(
            "cannot open folder `{}`: {error}",
            folder.display()
        ))
    })?;
    if path.is_dir() {
        Ok(path)
    } else {
        Err(Error::usage(format!(
            "`{}` is not a folder",
            folder.display()
        )))
    }
}

fn mark(folder: &Path) -> Option<FoundBy> {
    // Also a link that leads nowhere: taken for absent, another folder above would be the repository.
    if folder.join(SETTINGS_FILE).symlink_metadata().is_ok() {
        Some(FoundBy::SettingsFile)
    } else if folder.join("clusters").is_dir() && folder.join("apps").is_dir() {
        Some(FoundBy::ClustersAndApps)
    } else if folder.join(".git").exists() {
        // A folder in a normal clone, a file in a linked worktree or a submodule.
        Some(FoundBy::GitRoot)
    } else {
        None
    }
}

/// `pushboat.yaml`. Every key has a default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// Names this repository in cluster records where it has no remote.
    pub repo_id: Option<String>,
    /// Where records go when an app's destination namespace may not hold them.
    pub records_namespace: Option<String>,
    /// Takes fields from other controllers too, as `--force-conflicts` does.
    pub force_conflicts: bool,
    /// How many objects one sync may delete, as `--max-prune`.
    pub max_prune: Option<u32>,
}

const SETTINGS: [&str; 4] = ["repoID", "recordsNamespace", "forceConflicts", "maxPrune"];

/// Reads the settings; all defaults when there is no file.
pub fn read_settings(tree: &dyn FileTree) -> Result<Settings> {
    if !is_file(tree, SETTINGS_FILE)? {
        return match tree.lost_at(SETTINGS_FILE)? {
            None => Ok(Settings::default()),
            Some(lost) => Err(lost.error().because(Reason::Config)),
        };
    }
    let bytes = tree.read(SETTINGS_FILE)?;
    let parsed = yaml::parse(&bytes, SETTINGS_FILE, &Limits::default())
        .map_err(|error| error.because(Reason::Config))?;
    let Some(document) = parsed.documents.first() else {
        return Ok(Settings::default());
    };
    let reader = Reader::new(SETTINGS_FILE);
    if let Some(second) = parsed.documents.get(1) {
        reader.problem(second, "only one document may stand in this file");
    }
    let mut settings = Settings::default();
    if let Some(mut fields) = reader.fields("", document) {
        if let Some(id) = fields.text("repoID") {
            if is_repo_id(&id) {
                settings.repo_id = Some(id.value);
            } else {
                reader.problem(
                    document.get("repoID").unwrap_or(document),
                    "`repoID` must be 8 to 63 letters, digits, `-`, `_` or `.`",
                );
            }
        }
        settings.records_namespace = fields.text("recordsNamespace").map(|text| {
            if !super::names::is_dns_label(&text) {
                reader.problem(
                    document.get("recordsNamespace").unwrap_or(document),
                    "`recordsNamespace` is not a namespace's name",
                );
            }
            text.value
        });
        settings.force_conflicts = fields.flag("forceConflicts").unwrap_or_default();
        settings.max_prune = fields.integer("maxPrune").and_then(|count| {
            let value = u32::try_from(count.value).ok();
            if value.is_none() {
                reader.problem(
                    document.get("maxPrune").unwrap_or(document),
                    "`maxPrune` must be 0 or more",
                );
            }
            value
        });
        fields.finish(&[], &SETTINGS);
    }
    first(reader.into_problems())?;
    Ok(settings)
}

/// Whether a file stands at a path. What stands there and cannot be read is an error, never an absence.
pub(crate) fn is_file(tree: &dyn FileTree, path: &str) -> Result<bool> {
    if let Some(error) = tree.unreadable(path) {
        return Err(error.because(Reason::Config));
    }
    match tree.entry(path)? {
        Entry::File => Ok(true),
        Entry::Missing => Ok(false),
        Entry::Directory => {
            Err(Error::config("a folder stands where a file is expected").at(path, 0, 0))
        }
    }
}

/// The first problem as the error, the others as hints of it. One that can be mended comes before what is not supported.
pub(crate) fn first(mut problems: Vec<Error>) -> Result<()> {
    problems.sort_by_key(Error::is_unsupported);
    let mut problems = problems.into_iter();
    let Some(error) = problems.next() else {
        return Ok(());
    };
    Err(problems.fold(error, |error, also| error.hint(format!("also: {also}"))))
}

fn is_repo_id(text: &str) -> bool {
    (8..=63).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && text.as_bytes()[0].is_ascii_alphanumeric()
        && text.as_bytes()[text.len() - 1].is_ascii_alphanumeric()
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
