//! What a person is asked before anything is written: what changes where, how much of it is replaced or deleted, and whether to
//! go on.
//!
//! The plan that is shown above the question is `show`'s. Nothing is asked where nothing changes.

use std::collections::BTreeMap;

use super::execute::Job;
use super::pipeline::Target;
use crate::cli::context::Context;
use crate::error::Result;
use crate::report::count;
use crate::sync::intent::Intent;
use crate::ui::prompt::Question;

/// How many objects change on one cluster, and of how many apps.
#[derive(Debug, Default)]
struct Counts {
    apps: usize,
    written: usize,
    replaced: usize,
    deleted: usize,
}

/// What changes, by cluster. Clusters of which nothing changes are not in it.
#[derive(Debug, Default)]
pub(super) struct Changes(BTreeMap<String, Counts>);

impl Changes {
    pub(super) fn of(jobs: &[(Target, Result<Job>)]) -> Self {
        let mut changes = Self::default();
        for (target, job) in jobs {
            if let Ok(job) = job {
                changes.add(&target.cluster.name, &job.intent());
            }
        }
        changes
    }

    fn add(&mut self, cluster: &str, intent: &Intent) {
        if intent.n_changes() == 0 {
            return;
        }
        let counts = self.0.entry(cluster.to_owned()).or_default();
        counts.apps += 1;
        counts.written += intent.written.len();
        counts.replaced += intent.replaced.len();
        counts.deleted += intent.deleted.len();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
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
        let counts = [
            (self.written, "written"),
            (self.replaced, "replaced"),
            (self.deleted, "deleted"),
        ];
        let counts = counts.iter().filter(|(n, _)| *n > 0);
        let counts: Vec<String> = counts.map(|(n, what)| format!("{n} {what}")).collect();
        counts.join(", ")
    }
}

/// Whether to go on with what was shown.
pub(super) async fn ask(context: &Context, operation: &str, changes: &Changes) -> Result<bool> {
    let question = Question::yes_or_no(changes.question(operation));
    context.ask(question).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Key;

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
        }
    }

    fn check(changed: &[(&str, Intent)], expected: &str) {
        let mut changes = Changes::default();
        for (cluster, intent) in changed {
            changes.add(cluster, intent);
        }
        assert_eq!(changes.question("sync"), expected);
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
