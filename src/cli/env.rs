//! The only reader of the environment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use crate::cluster::ProxyEnv;
use crate::error::{Error, Result};
use crate::object::display::display;

/// Every variable of ours; any other `PUSHBOAT_*` is an error, because a misspelt setting must not pass in silence.
pub(crate) const SETTINGS: [&str; 20] = [
    "PUSHBOAT_REPO",
    "PUSHBOAT_CLUSTER",
    "PUSHBOAT_CLUSTERS_FROM",
    "PUSHBOAT_CONTEXT",
    "PUSHBOAT_KUBECONFIG",
    "PUSHBOAT_OUTPUT",
    "PUSHBOAT_COLOR",
    "PUSHBOAT_NO_COLOR",
    "PUSHBOAT_QUIET",
    "PUSHBOAT_VERBOSE",
    "PUSHBOAT_PARALLELISM",
    "PUSHBOAT_TIMEOUT",
    "PUSHBOAT_AS",
    "PUSHBOAT_AS_GROUP",
    "PUSHBOAT_ALLOW_ADDRESS",
    "PUSHBOAT_ALLOW_REMOTE",
    "PUSHBOAT_CACHE_DIR",
    "PUSHBOAT_CONFIG_DIR",
    "PUSHBOAT_ENABLE_HELM",
    "PUSHBOAT_HELM_COMMAND",
];

/// How an answer looks and what is told beside it: empty is the same as not set, as with `NO_COLOR`. Any other setting that is set
/// but empty is a mistyped variable of a pipeline, and would mean another cluster, user or app than the one that was thought of.
const MAY_BE_EMPTY: [&str; 5] = [
    "PUSHBOAT_OUTPUT",
    "PUSHBOAT_COLOR",
    "PUSHBOAT_NO_COLOR",
    "PUSHBOAT_QUIET",
    "PUSHBOAT_VERBOSE",
];

/// Variables of others that decide which cluster is asked, and how.
const OTHERS: [&str; 12] = [
    "KUBECONFIG",
    "HOME",
    "USERPROFILE",
    "XDG_CONFIG_HOME",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// Where CI systems say who started a run: GitHub, Gitea and Forgejo, GitLab, Jenkins, Buildkite, CircleCI, Bitbucket, Azure
/// Pipelines, Drone, Woodpecker, TeamCity, Codefresh.
const CI_ACTORS: [&str; 12] = [
    "GITHUB_ACTOR",
    "GITEA_ACTOR",
    "GITLAB_USER_LOGIN",
    "BUILD_USER_ID",
    "BUILDKITE_BUILD_CREATOR",
    "CIRCLE_USERNAME",
    "BITBUCKET_STEP_TRIGGERER_UUID",
    "BUILD_REQUESTEDFOR",
    "DRONE_BUILD_TRIGGER",
    "CI_PIPELINE_AUTHOR",
    "TEAMCITY_BUILD_TRIGGEREDBY_USERNAME",
    "CF_BUILD_INITIATOR",
];

/// What the process was started with, read once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Env {
    variables: BTreeMap<String, String>,
    pub(crate) directory: PathBuf,
    pub(crate) stdin_is_terminal: bool,
    pub(crate) stdout_is_terminal: bool,
    pub(crate) stderr_is_terminal: bool,
}

impl Env {
    pub(crate) fn read() -> Result<Self> {
        let variables = variables(std::env::vars_os())?;
        let directory = std::env::current_dir()
            .map_err(|error| Error::io(format!("the working directory cannot be read: {error}")))?;
        Ok(Self {
            variables,
            directory,
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
        })
    }

    /// A variable that is set and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Whether this runs where nobody watches. CI systems set `CI` to `true`, some to a name of their own.
    pub(crate) fn in_ci(&self) -> bool {
        let off = ["0", "false", "no", "off"];
        self.get("CI")
            .is_some_and(|text| !off.iter().any(|off| text.eq_ignore_ascii_case(off)))
    }

    pub(crate) fn home(&self) -> Option<PathBuf> {
        self.get("HOME")
            .or_else(|| self.get("USERPROFILE"))
            .map(PathBuf::from)
    }

    /// Where temporary folders go.
    pub(crate) fn temporary(&self) -> PathBuf {
        PathBuf::from(self.get("TMPDIR").unwrap_or("/tmp"))
    }

    /// Where pushboat keeps its own kubeconfig.
    pub(crate) fn config_directory(&self) -> Option<PathBuf> {
        if let Some(directory) = self.get("PUSHBOAT_CONFIG_DIR") {
            return Some(PathBuf::from(directory));
        }
        let base = self
            .get("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(self.home()?.join(".config")))?;
        Some(base.join("pushboat"))
    }

    /// Whether that folder was asked for.
    pub(crate) fn has_own_config_directory(&self) -> bool {
        self.get("PUSHBOAT_CONFIG_DIR").is_some()
    }

    /// Where what was fetched is kept.
    pub(crate) fn cache_directory(&self) -> Option<PathBuf> {
        if let Some(directory) = self.get("PUSHBOAT_CACHE_DIR") {
            return Some(PathBuf::from(directory));
        }
        let base = self
            .get("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(self.home()?.join(".cache")))?;
        Some(base.join("pushboat"))
    }

    /// The files that `KUBECONFIG` lists, else the one in the home directory.
    pub(crate) fn kubeconfig_files(&self) -> Result<Vec<PathBuf>> {
        match self.get("KUBECONFIG") {
            Some(list) => {
                let is_there = |path: &str| self.directory.join(path).exists();
                refuse_content("KUBECONFIG", list, is_there)?;
                Ok(std::env::split_paths(list)
                    .filter(|path| !path.as_os_str().is_empty())
                    .collect())
            }
            None => Ok(self
                .home()
                .map(|home| home.join(".kube").join("config"))
                .into_iter()
                .collect()),
        }
    }

    /// The one file that `--kubeconfig` or its variable names.
    pub(crate) fn kubeconfig_file(&self, file: &Path) -> Result<PathBuf> {
        let path = self.directory.join(file);
        refuse_content("--kubeconfig", &file.to_string_lossy(), |_| path.exists())?;
        Ok(path)
    }

    /// The proxies that are set.
    pub(crate) fn proxies(&self) -> ProxyEnv {
        ProxyEnv {
            https_proxy: self.proxy("HTTPS_PROXY"),
            http_proxy: self.proxy("HTTP_PROXY"),
            all_proxy: self.proxy("ALL_PROXY"),
            no_proxy: self.proxy("NO_PROXY"),
        }
    }

    /// A proxy setting; the spelling in lower case goes first, as with curl.
    fn proxy(&self, name: &str) -> Option<String> {
        self.get(&name.to_ascii_lowercase())
            .or_else(|| self.get(name))
            .map(str::to_owned)
    }

    /// Who runs this. In a pipeline that is the person the CI system names: its own account is the same for everybody.
    pub(crate) fn user(&self) -> String {
        let actor = CI_ACTORS.iter().find_map(|name| self.get(name));
        actor
            .or_else(|| self.get("USER"))
            .or_else(|| self.get("LOGNAME"))
            .or_else(|| self.get("USERNAME"))
            .unwrap_or("unknown")
            .to_owned()
    }
}

/// The variables that are text, by name. One that matters and is no text, or is set but empty, is an error: dropped in silence it
/// would leave a default in its place.
fn variables(
    given: impl Iterator<Item = (OsString, OsString)>,
) -> Result<BTreeMap<String, String>> {
    let mut variables = BTreeMap::new();
    for (name, value) in given {
        let name = name.to_string_lossy().into_owned();
        let is_ours = name.starts_with("PUSHBOAT_");
        if is_ours && !SETTINGS.contains(&name.as_str()) {
            return Err(Error::usage(format!(
                "environment variable `{}` is not a setting of pushboat",
                display(&name)
            ))
            .hint(format!("known are {}", SETTINGS.join(", "))));
        }
        match value.into_string() {
            Ok(text) if is_ours && text.trim().is_empty() && !may_be_empty(&name) => {
                return Err(Error::usage(format!("`{name}` is set but empty"))
                    .hint("give it a value, or unset it"));
            }
            Ok(text) => {
                variables.insert(name, text);
            }
            Err(_) if is_ours || OTHERS.contains(&name.as_str()) => {
                return Err(Error::usage(format!(
                    "the value of `{name}` is not UTF-8 text"
                )));
            }
            Err(_) => {}
        }
    }
    Ok(variables)
}

/// Refuses what cannot be a path and may be a credential, in words that do not repeat it: a pipeline's variable often holds a whole
/// kubeconfig, and the pipeline hides the variable from its log as a whole only, not in parts.
fn refuse_content(name: &str, value: &str, is_there: impl Fn(&str) -> bool) -> Result<()> {
    const LONGEST_NAME: usize = 255;
    const LONGEST: usize = 1024;
    let is_doubtful = |part: &str| {
        let is_long = part.len() > LONGEST || part.split('/').any(|it| it.len() > LONGEST_NAME);
        is_long || part.contains("token") || part.contains("-data")
    };
    let is_content = value.contains(['\n', '\r', '{'])
        || value
            .split(':')
            .any(|part| is_doubtful(part) && !is_there(part));
    if !is_content || is_there(value) {
        return Ok(());
    }
    Err(Error::config(format!(
        "{name} holds the content of a kubeconfig, not a path"
    ))
    .hint("write it to a file that only you can read, and give that file's path"))
}

fn may_be_empty(name: &str) -> bool {
    MAY_BE_EMPTY.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

    fn check(name: &str, value: &[u8], expected: &str) {
        let pair = (name.into(), OsString::from_vec(value.to_vec()));
        let told = match variables([pair].into_iter()) {
            Ok(variables) => variables.values().cloned().collect(),
            Err(error) => error.message(),
        };
        assert_eq!(told, expected, "{name}");
    }

    #[test]
    fn in_a_pipeline_the_user_is_who_started_it() {
        let user = |given: &[(&str, &str)]| {
            let pairs = given.iter().map(|(a, b)| ((*a).into(), (*b).into()));
            let variables = variables(pairs).expect("all are text");
            let env = Env {
                variables,
                ..Env::default()
            };
            env.user()
        };
        assert_eq!(user(&[]), "unknown");
        assert_eq!(user(&[("USER", "kim")]), "kim");
        for name in CI_ACTORS {
            assert_eq!(user(&[("USER", "runner"), (name, "kim")]), "kim", "{name}");
            assert_eq!(user(&[("USER", "runner"), (name, "")]), "runner", "{name}");
        }
    }

    #[test]
    fn the_content_of_a_kubeconfig_is_refused_and_never_repeated() {
        let refused = |value: &str| {
            let answer = refuse_content("KUBECONFIG", value, |path| path == "/etc/token-data/conf");
            let text = answer.err().map(|error| error.report());
            assert!(
                !text.iter().any(|text| text.contains("kestrel")),
                "{text:?}"
            );
            text.is_some()
        };
        let contents = [
            "apiVersion: v1\nusers:\n- user: {token: kestrel77}\n".to_owned(),
            r#"{"kind":"Config","users":[{"user":{"password":"kestrel77"}}]}"#.to_owned(),
            "apiVersion: v1 users: user: token: kestrel77".to_owned(),
            "client-key-data: kestrel77".to_owned(),
            "kestrel77".repeat(200),
            format!("/home/me/{}", "kestrel77".repeat(40)),
        ];
        for content in contents {
            assert!(refused(&content), "{content}");
        }
        let paths = [
            "/home/me/.kube/config",
            "a:b",
            "",
            "/etc/token-data/conf",
            "/none:/etc/token-data/conf",
        ];
        for path in paths {
            assert!(!refused(path), "{path}");
        }
    }

    #[test]
    fn what_is_empty_or_no_text_is_never_taken_for_not_set() {
        check("PUSHBOAT_CLUSTER", b"one", "one");
        check(
            "PUSHBOAT_CLUSTER",
            b"",
            "`PUSHBOAT_CLUSTER` is set but empty",
        );
        check("PUSHBOAT_AS", b" ", "`PUSHBOAT_AS` is set but empty");
        check("PUSHBOAT_QUIET", b"", "");
        let no_text = |name: &str| format!("the value of `{name}` is not UTF-8 text");
        for name in ["PUSHBOAT_CONTEXT", "KUBECONFIG", "HOME", "no_proxy"] {
            check(name, b"a\xff", &no_text(name));
        }
        check("PATH", b"a\xff", "");
        check(
            "PUSHBOAT_CLUSTR",
            b"x",
            "environment variable `PUSHBOAT_CLUSTR` is not a setting of pushboat",
        );
    }
}
