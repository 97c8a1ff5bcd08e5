//! What records in clusters call this repository, so that no other repository's records are taken for its own. Pure.

use super::layout::{SETTINGS_FILE, Settings};
use super::remote::Identity;
use crate::error::{Error, Result};

/// The repository's name in records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordId {
    name: String,
    former: Vec<String>,
    /// Whether it is this repository's alone, so that records may be written under it.
    is_own: bool,
}

impl RecordId {
    /// The normalised remote; without one the `repoID` of the settings; without that the folder's name, which another repository may have
    /// too: it is good enough to read by.
    pub fn of(settings: &Settings, identity: &Identity, folder: &str) -> Self {
        let by_folder = format!("folder/{folder}");
        let given = settings.repo_id.clone();
        let mut names: Vec<String> = identity.remotes.first().cloned().into_iter().collect();
        names.extend(given);
        let is_own = !names.is_empty();
        names.push(by_folder);
        Self {
            name: names.remove(0),
            former: names,
            is_own,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it was called before it got a remote or a `repoID`: its records may still say so.
    pub fn former(&self) -> &[String] {
        &self.former
    }

    pub fn is_own(&self) -> bool {
        self.is_own
    }

    /// Fails where nothing may be written. `fresh` is a random word to name the repository by.
    pub fn check_writable(&self, fresh: impl FnOnce() -> Result<String>) -> Result<()> {
        if self.is_own {
            return Ok(());
        }
        let message = "nothing is written: this repository has no name of its own for its records in clusters, as it has neither a git \
                       remote nor a `repoID`, and another one in a folder of this name would be taken for it";
        Err(Error::config(message)
            .hint(format!(
                "add the line `repoID: {}` to `{SETTINGS_FILE}`",
                fresh()?
            ))
            .hint("or add the remote: `git remote add origin URL`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(repo_id: Option<&str>, remotes: &[&str]) -> RecordId {
        let settings = Settings {
            repo_id: repo_id.map(str::to_owned),
            ..Settings::default()
        };
        let identity = Identity {
            remotes: remotes.iter().map(|text| (*text).to_owned()).collect(),
            ..Identity::default()
        };
        RecordId::of(&settings, &identity, "gitops")
    }

    #[test]
    fn a_remote_goes_before_an_id_and_the_folder_is_the_last_resort() {
        let all = id(Some("repo-12345678"), &["git.example/a", "git.example/b"]);
        assert_eq!(all.name(), "git.example/a");
        assert_eq!(all.former(), ["repo-12345678", "folder/gitops"]);
        let named = id(Some("repo-12345678"), &[]);
        assert_eq!(named.name(), "repo-12345678");
        assert_eq!(named.former(), ["folder/gitops"]);
        assert!(all.is_own() && named.is_own());
    }

    #[test]
    fn without_either_it_is_read_by_the_folders_name_and_nothing_is_written() {
        let nameless = id(None, &[]);
        assert_eq!(
            (nameless.name(), nameless.is_own()),
            ("folder/gitops", false)
        );
        let error = nameless
            .check_writable(|| Ok("repo-5c1e".to_owned()))
            .expect_err("it has no name of its own");
        assert_eq!(error.exit(), crate::exit::Exit::Unanswered);
        assert!(error.hints()[0].contains("`repoID: repo-5c1e`"));
        let named = id(Some("repo-12345678"), &[]);
        assert!(named.check_writable(|| Ok(String::new())).is_ok());
    }
}
