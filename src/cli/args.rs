//! Groups of arguments that several commands share.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::env::Env;
use crate::error::{Error, Result};
use crate::object::display::display;
use crate::repo::checkout::At;

/// How the answer is written
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people
    Text,
    /// For people, with more columns
    Wide,
    /// One stable JSON document
    Json,
    /// The same document as YAML
    Yaml,
    /// One name a line
    Name,
}

/// When colours are used
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// Options of every command. Each can also be set as `PUSHBOAT_<NAME>`.
#[derive(Debug, Clone, Args, Default)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// The gitops repository; default: found by walking up from the working directory
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,

    /// Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) cluster: Vec<String>,

    /// Reach the one selected cluster by this kubeconfig context
    #[arg(long, global = true, value_name = "CONTEXT")]
    pub(crate) context: Option<String>,

    /// Read this kubeconfig instead of `KUBECONFIG`
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,

    /// Also know the clusters whose Secrets this management cluster holds: Argo CD's, Cluster API's, Crossplane's; repeatable. Without
    /// a namespace `argocd` is read
    #[arg(long, global = true, value_name = "CONTEXT[/NAMESPACE]")]
    pub(crate) clusters_from: Vec<String>,

    /// Let a cluster's `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable
    #[arg(long, global = true, value_name = "CLUSTER=ADDRESS")]
    pub(crate) allow_address: Vec<String>,

    /// Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) allow_remote: Vec<String>,

    /// How the answer is written
    #[arg(short, long, global = true, value_enum, value_name = "FORMAT")]
    pub(crate) output: Option<Output>,

    /// When colours are used
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub(crate) color: Option<Color>,

    /// The same as `--color never`
    #[arg(long, global = true)]
    pub(crate) no_color: bool,

    /// Say nothing but the answer, warnings and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,

    /// Say more; twice for each request
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,

    /// How many apps are worked on at once, shared evenly between clusters, each of which has one place at least
    #[arg(long, global = true, value_name = "N")]
    pub(crate) parallelism: Option<usize>,

    /// Give up after this long, such as `90s` or `5m`
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) timeout: Option<Duration>,

    /// Impersonate this user
    #[arg(long = "as", global = true, value_name = "USER")]
    pub(crate) as_user: Option<String>,

    /// Impersonate this group; repeatable
    #[arg(long = "as-group", global = true, value_name = "GROUP")]
    pub(crate) as_group: Vec<String>,

    /// Let the helm program inflate the charts that a kustomization names; no repository can switch it on
    #[arg(long, global = true)]
    pub(crate) enable_helm: bool,

    /// The helm program, 3 or 4; default: `helm` in `PATH`
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) helm_command: Option<PathBuf>,
}

impl GlobalArgs {
    /// Fills what was not given as a flag from the environment.
    pub(crate) fn fill(&mut self, env: &Env) -> Result<()> {
        self.repo = self
            .repo
            .take()
            .or_else(|| env.get("PUSHBOAT_REPO").map(PathBuf::from));
        if self.cluster.is_empty() {
            self.cluster = list(env, "PUSHBOAT_CLUSTER")?;
        }
        self.context = self
            .context
            .take()
            .or_else(|| env.get("PUSHBOAT_CONTEXT").map(str::to_owned));
        self.kubeconfig = self
            .kubeconfig
            .take()
            .or_else(|| env.get("PUSHBOAT_KUBECONFIG").map(PathBuf::from));
        if self.clusters_from.is_empty() {
            self.clusters_from = list(env, "PUSHBOAT_CLUSTERS_FROM")?;
        }
        if self.allow_address.is_empty() {
            self.allow_address = list(env, "PUSHBOAT_ALLOW_ADDRESS")?;
        }
        if self.allow_remote.is_empty() {
            self.allow_remote = list(env, "PUSHBOAT_ALLOW_REMOTE")?;
        }
        self.output = or_parse(self.output, env, "PUSHBOAT_OUTPUT", |text| {
            Output::from_str(text, true)
        })?;
        self.color = or_parse(self.color, env, "PUSHBOAT_COLOR", |text| {
            Color::from_str(text, true)
        })?;
        self.no_color |= env.get("PUSHBOAT_NO_COLOR").is_some() || env.get("NO_COLOR").is_some();
        self.quiet |= env.get("PUSHBOAT_QUIET").is_some();
        if self.verbose == 0 {
            self.verbose = or_parse(None, env, "PUSHBOAT_VERBOSE", parse_number)?.unwrap_or(0);
        }
        self.parallelism = or_parse(self.parallelism, env, "PUSHBOAT_PARALLELISM", parse_number)?;
        self.timeout = or_parse(self.timeout, env, "PUSHBOAT_TIMEOUT", parse_duration)?;
        self.as_user = self
            .as_user
            .take()
            .or_else(|| env.get("PUSHBOAT_AS").map(str::to_owned));
        if self.as_group.is_empty() {
            self.as_group = list(env, "PUSHBOAT_AS_GROUP")?;
        }
        self.enable_helm = self.enable_helm
            || or_parse(None, env, "PUSHBOAT_ENABLE_HELM", parse_switch)?.unwrap_or(false);
        self.helm_command = self
            .helm_command
            .take()
            .or_else(|| env.get("PUSHBOAT_HELM_COMMAND").map(PathBuf::from));
        Ok(())
    }
}

/// A list with commas, no item of which may be empty.
fn list(env: &Env, name: &str) -> Result<Vec<String>> {
    let text = env.get(name).unwrap_or_default();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let items: Vec<String> = text.split(',').map(|item| item.trim().to_owned()).collect();
    if items.iter().any(String::is_empty) {
        return Err(Error::usage(format!(
            "`{name}={}` has an empty item",
            display(text)
        )));
    }
    Ok(items)
}

fn parse_number<N: std::str::FromStr>(text: &str) -> std::result::Result<N, String> {
    text.parse().map_err(|_| "not a whole number".to_owned())
}

/// What lets more happen is switched on by a word that says so, not by any word.
fn parse_switch(text: &str) -> std::result::Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("neither `true` nor `false`".to_owned()),
    }
}

fn or_parse<T>(
    given: Option<T>,
    env: &Env,
    name: &str,
    parse: impl Fn(&str) -> std::result::Result<T, String>,
) -> Result<Option<T>> {
    match (given, env.get(name)) {
        (Some(given), _) => Ok(Some(given)),
        (None, None) => Ok(None),
        (None, Some(text)) => parse(text)
            .map(Some)
            .map_err(|why| Error::usage(format!("`{name}={text}` is no valid setting: {why}"))),
    }
}

/// Reads `90`, `90s`, `5m`, `1h30m`, `500ms`; a bare number is seconds, 0 is no time at all.
pub(crate) fn parse_duration(text: &str) -> std::result::Result<Duration, String> {
    let wrong = || format!("`{text}` is not a time: write it like `90s`, `5m` or `1h30m`");
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok(Duration::from_secs(seconds));
    }
    let mut total = Duration::ZERO;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .filter(|n| *n > 0)
            .ok_or_else(wrong)?;
        let number: u64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let letters = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let millis: u64 = match &rest[..letters] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(wrong()),
        };
        total += Duration::from_millis(number.checked_mul(millis).ok_or_else(wrong)?);
        rest = &rest[letters..];
    }
    if text.trim().is_empty() {
        Err(wrong())
    } else {
        Ok(total)
    }
}

/// Which apps
#[derive(Debug, Clone, Args, Default)]
pub(crate) struct SelectArgs {
    /// Apps by name, with `*` and `?`; `CLUSTER/APP` where a name is not unique
    #[arg(value_name = "APP")]
    pub(crate) apps: Vec<String>,

    /// All apps of the selected clusters
    #[arg(long, conflicts_with = "apps")]
    pub(crate) all: bool,

    /// Apps whose labels match, such as `team=shop,tier!=db`
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub(crate) selector: Option<String>,

    /// Apps of this project; repeatable
    #[arg(long, value_name = "PROJECT")]
    pub(crate) project: Vec<String>,

    /// Render this git revision instead of each app's own
    #[arg(long, value_name = "REF", conflicts_with = "worktree")]
    pub(crate) revision: Option<String>,

    /// Render the working tree for every app of this repository, whatever its targetRevision
    #[arg(long)]
    pub(crate) worktree: bool,
    #[command(flatten)]
    pub(crate) destination: DestinationArgs,
}

/// Where an app goes
#[derive(Debug, Clone, Args, Default)]
pub(crate) struct DestinationArgs {
    /// Send the one selected app to this cluster instead of the one that its Application says
    #[arg(long, value_name = "CLUSTER")]
    pub(crate) override_destination: Option<String>,
}

impl SelectArgs {
    /// Which files stand for the apps.
    pub(crate) fn at(&self) -> At {
        match (&self.revision, self.worktree) {
            (Some(revision), _) => At::Revision(revision.clone()),
            (None, true) => At::Tree,
            (None, false) => At::Declared,
        }
    }

    /// For commands that mean everything when nothing is named.
    #[must_use]
    pub(crate) fn or_all(mut self) -> Self {
        self.all |= self.apps.is_empty();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_needs_a_word_that_says_on() {
        assert_eq!(parse_switch("1"), Ok(true));
        assert_eq!(parse_switch("False"), Ok(false));
        assert!(parse_switch("maybe").is_err());
    }

    #[test]
    fn reads_times_as_people_write_them() {
        assert_eq!(parse_duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        for wrong in ["", "m", "5x", "-5s", "5 m"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }
}
