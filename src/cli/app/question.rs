//! What a person is asked before anything is written: what changes where, how much of it is replaced or deleted, and whether to
//! go on.
//!
//! The plan that is shown above the question is `show`'s. Nothing is asked where nothing changes.

use std::collections::{BTreeMap, BTreeSet};

use super::execute::Job;
use super::pipeline::Target;
use super::sync::HowArgs;
use crate::cli::context::Context;
use crate::error::{Error, Result};
use crate::repo::cluster::{Confirm, KnownCluster};
use crate::report::count;
use crate::sync::intent::Intent;
use crate::ui::prompt::{Answer, Question};

/// How many objects change on one cluster, and of how many apps.
#[derive(Debug, Default)]
struct Counts {
    apps: usize,
    written: usize,
    replaced: usize,
    deleted: usize,
    confirm: Confirm,
    records: usize,
    /// The cluster that the app's file says, where `--override-destination` sends it to this one.
    declared_for: Option<String>,
}

/// What changes, by cluster. Clusters of which nothing changes are not in it.
#[derive(Debug, Default)]
pub(super) struct Changes(BTreeMap<String, Counts>);

/// What was agreed to beforehand.
#[derive(Debug, Clone, Default)]
pub(super) struct Consent {
    pub(super) yes: bool,
    /// Clusters that were confirmed by name.
    pub(super) names: BTreeSet<String>,
}

/// What still has to be agreed to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Missing {
    yes: bool,
    names: Vec<String>,
}

impl Consent {
    /// Whether this cluster still wants its name.
    pub(super) fn wants_name(&self, cluster: &KnownCluster) -> bool {
        cluster.confirm() == Confirm::Name && !self.names.contains(&cluster.name)
    }

    /// Says which names confirm no cluster of the run.
    pub(super) fn warn_of_idle<'a>(
        &self,
        context: &Context,
        clusters: impl Iterator<Item = &'a KnownCluster>,
    ) {
        let clusters: BTreeSet<&str> = clusters.map(|cluster| cluster.name.as_str()).collect();
        for name in &self.names {
            if !clusters.contains(name.as_str()) {
                let text = format!(
                    "`--confirm {name}` confirms nothing: no cluster of that name is selected"
                );
                context.ui().warn(&text);
            }
        }
    }

    /// Refuses to change clusters that want their name and were not given it, where nobody is asked.
    pub(super) fn refuse(
        &self,
        how: &HowArgs,
        jobs: Vec<(Target, Result<Job>)>,
    ) -> Vec<(Target, Result<Job>)> {
        let refused = jobs.into_iter().map(|(target, job)| {
            let is_refused = |job: &Job| {
                !how.dry_run && self.wants_name(&target.cluster) && job.intent().n_changes() > 0
            };
            let job = match job {
                Ok(job) if is_refused(&job) => Err(unconfirmed(&target.cluster)),
                job => job,
            };
            (target, job)
        });
        refused.collect()
    }
}

/// Why a cluster is not changed that was not confirmed by name.
pub(super) fn unconfirmed(cluster: &KnownCluster) -> Error {
    let name = &cluster.name;
    let message = format!(
        "cluster `{name}` is changed only when it is confirmed by name, and `--yes` is not enough"
    );
    Error::usage(message).hint(format!("add `--confirm {name}`"))
}

impl Missing {
    pub(super) fn is_empty(&self) -> bool {
        !self.yes && self.names.is_empty()
    }

    /// Adds what this cluster still wants before it is changed.
    pub(super) fn want(&mut self, cluster: &KnownCluster, consent: &Consent) {
        self.add(&cluster.name, cluster.confirm(), consent);
    }

    fn add(&mut self, cluster: &str, confirm: Confirm, consent: &Consent) {
        match confirm {
            _ if consent.names.contains(cluster) => {}
            Confirm::Yes => self.yes |= !consent.yes,
            Confirm::Name if self.names.iter().any(|name| name == cluster) => {}
            Confirm::Name => self.names.push(cluster.to_owned()),
        }
    }

    /// The flags that would have answered.
    fn flags(&self) -> String {
        let yes = self.yes.then(|| "--yes".to_owned());
        let names = self.names.iter().map(|name| format!("--confirm {name}"));
        let flags: Vec<String> = yes.into_iter().chain(names).collect();
        flags.join(" ")
    }
}

impl Changes {
    pub(super) fn of(jobs: &[(Target, Result<Job>)]) -> Self {
        let mut changes = Self::default();
        for (target, job) in jobs {
            if let Ok(job) = job {
                changes.add(&target.cluster, &job.intent());
                if let Some(counts) = changes.0.get_mut(&target.cluster.name) {
                    counts.declared_for.clone_from(&target.declared_for);
                }
            }
        }
        changes
    }

    /// What has to be agreed to before these changes are made.
    pub(super) fn missing(&self, consent: &Consent) -> Missing {
        let mut missing = Missing::default();
        for (cluster, counts) in &self.0 {
            missing.add(cluster, counts.confirm, consent);
        }
        missing
    }

    pub(super) fn add(&mut self, cluster: &KnownCluster, intent: &Intent) {
        if intent.n_changes() == 0 && intent.records.is_empty() {
            return;
        }
        let counts = self.0.entry(cluster.name.clone()).or_default();
        counts.confirm = cluster.confirm();
        counts.apps += 1;
        counts.written += intent.written.len();
        counts.replaced += intent.replaced.len();
        counts.deleted += intent.deleted.len();
        counts.records += usize::from(!intent.records.is_empty());
    }

    /// `sync 4 objects of 2 apps on dev (1 written), prod (2 written, 1 deleted)?`
    fn question(&self, operation: &str) -> String {
        let sum = |of: fn(&Counts) -> usize| self.0.values().map(of).sum::<usize>();
        let clusters: Vec<String> = self
            .0
            .iter()
            .map(|(cluster, counts)| format!("{cluster} ({})", counts.describe()))
            .collect();
        format!(
            "{operation} {} of {} on {}?",
            count(sum(Counts::objects), "object"),
            count(sum(|counts| counts.apps), "app"),
            clusters.join(", ")
        )
    }
}

impl Counts {
    fn objects(&self) -> usize {
        self.written + self.replaced + self.deleted
    }

    fn describe(&self) -> String {
        let records = match self.records {
            1 => "record changed",
            _ => "records changed",
        };
        let counts = [
            (self.written, "written"),
            (self.replaced, "replaced"),
            (self.deleted, "deleted"),
            (self.records, records),
        ];
        let counts = counts.iter().filter(|(n, _)| *n > 0);
        let counts = counts.map(|(n, what)| format!("{n} {what}"));
        let declared = self.declared_for.iter().filter(|name| !name.is_empty());
        let declared = declared.map(|name| format!("instead of {name}"));
        counts.chain(declared).collect::<Vec<_>>().join(", ")
    }
}

/// Whether to go on with what was shown: one yes for all, and the name of each cluster that wants it.
pub(super) async fn ask(
    context: &Context,
    operation: &str,
    changes: &Changes,
    missing: &Missing,
) -> Result<bool> {
    ask_text(context, &changes.question(operation), missing).await
}

/// The same with a text of the caller's.
pub(super) async fn ask_text(context: &Context, text: &str, missing: &Missing) -> Result<bool> {
    let flag = missing.flags();
    if missing.yes {
        let question = Question {
            text: text.to_owned(),
            answer: Answer::Yes,
            flag: flag.clone(),
        };
        if !context.ask(question).await? {
            return Ok(false);
        }
    }
    for name in &missing.names {
        let text = if missing.yes {
            format!("type `{name}` to change that cluster too")
        } else {
            format!("{text} Type `{name}` to go on")
        };
        let question = Question {
            text,
            answer: Answer::Name(name.clone()),
            flag: flag.clone(),
        };
        if !context.ask(question).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Key;
    use crate::repo::cluster::ClusterFile;

    fn intent(written: usize, replaced: usize, deleted: usize) -> Intent {
        let keys = |n: usize| {
            let names = (0..n).map(|n| n.to_string());
            let key = |name| Key {
                name,
                ..Key::default()
            };
            names.map(key).collect()
        };
        Intent {
            written: keys(written),
            replaced: keys(replaced),
            deleted: keys(deleted),
            records: Vec::new(),
        }
    }

    fn check(changed: &[(&str, Intent)], expected: &str) {
        let mut changes = Changes::default();
        for (name, intent) in changed {
            changes.add(&cluster(name, Confirm::Yes), intent);
        }
        assert_eq!(changes.question("sync"), expected);
    }

    fn cluster(name: &str, confirm: Confirm) -> KnownCluster {
        let file = ClusterFile {
            confirm,
            ..ClusterFile::default()
        };
        KnownCluster {
            name: name.to_owned(),
            file: Some(file),
            ..KnownCluster::default()
        }
    }

    #[test]
    fn a_cluster_that_wants_its_name_is_not_content_with_a_yes() {
        let mut changes = Changes::default();
        changes.add(&cluster("dev", Confirm::Yes), &intent(1, 0, 0));
        changes.add(&cluster("prod", Confirm::Name), &intent(1, 0, 0));
        changes.add(&cluster("quiet", Confirm::Name), &intent(0, 0, 0));
        let missing = |yes, names: &[&str]| {
            let consent = Consent {
                yes,
                names: names.iter().map(|name| (*name).to_owned()).collect(),
            };
            changes.missing(&consent).flags()
        };
        assert_eq!(missing(false, &[]), "--yes --confirm prod");
        assert_eq!(missing(true, &[]), "--confirm prod");
        assert_eq!(missing(false, &["prod"]), "--yes");
        assert_eq!(missing(true, &["prod"]), "");
        assert_eq!(missing(false, &["prod", "dev"]), "");
    }

    #[test]
    fn a_record_that_changes_is_asked_about_too() {
        let mut moved = intent(0, 0, 0);
        moved.records = vec!["folder f08 -> f11".to_owned()];
        check(
            &[("f11", moved)],
            "sync 0 objects of 1 app on f11 (1 record changed)?",
        );
    }

    #[test]
    fn the_question_names_the_clusters_that_change_and_counts_what_goes() {
        check(
            &[("dev", intent(1, 0, 0)), ("prod", intent(0, 0, 0))],
            "sync 1 object of 1 app on dev (1 written)?",
        );
        check(
            &[
                ("prod", intent(0, 1, 1)),
                ("dev", intent(2, 0, 0)),
                ("prod", intent(1, 0, 2)),
            ],
            "sync 7 objects of 3 apps on dev (2 written), prod (1 written, 1 replaced, 3 deleted)?",
        );
    }
}
