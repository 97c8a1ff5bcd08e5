//! What a sync, a rollback or a deletion did: one value for all three, because all three write and delete objects of an app.

use serde::Serialize;

use super::diff::Sync;
use super::document::Report;
use super::error_view::ErrorView;
use super::labels::{self, object};
use super::words::{self, Word};
use crate::exit::Exit;
use crate::health;
use crate::object::display::display;
use crate::ui::{Label, Screen};

/// How one app came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum SyncResult {
    Succeeded,
    Failed,
    Interrupted,
    /// Nothing was tried: no answer to the question that was asked.
    Skipped,
}

impl SyncResult {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Interrupted => "Interrupted",
            Self::Skipped => "Skipped",
        }
    }
}

/// What became of one object. With `--dry-run`: what would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Outcome {
    Created,
    Configured,
    /// Deleted and created anew.
    Replaced,
    Unchanged,
    Pruned,
    /// No longer desired and left in place.
    Kept,
    Failed,
    /// Not tried, because something before it failed.
    Skipped,
}

impl Word for Outcome {
    fn word(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Configured => "configured",
            Self::Replaced => "replaced",
            Self::Unchanged => "unchanged",
            Self::Pruned => "pruned",
            Self::Kept => "kept",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

impl Outcome {
    pub const ALL: [Self; 8] = [
        Self::Created,
        Self::Configured,
        Self::Replaced,
        Self::Unchanged,
        Self::Pruned,
        Self::Kept,
        Self::Failed,
        Self::Skipped,
    ];

    fn label(self) -> Label {
        match self {
            Self::Created => Label::Added,
            Self::Configured => Label::Changed,
            Self::Unchanged | Self::Skipped => Label::Dim,
            Self::Pruned | Self::Replaced => Label::Removed,
            Self::Kept => Label::Attention,
            Self::Failed => Label::Bad,
        }
    }
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncReport {
    /// `sync`, `rollback`, `delete`.
    pub operation: String,
    pub dry_run: bool,
    #[serde(skip)]
    pub summary: SyncSummary,
    pub apps: Vec<AppSync>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SyncSummary {
    pub apps: usize,
    pub succeeded: usize,
    pub failed: usize,
    pub created: usize,
    pub configured: usize,
    pub replaced: usize,
    pub unchanged: usize,
    pub pruned: usize,
    pub kept: usize,
    pub failed_objects: usize,
    pub skipped_objects: usize,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppSync {
    pub cluster: String,
    pub name: String,
    pub namespace: String,
    pub revision: String,
    pub dirty: bool,
    /// What is checked out, where the app's `targetRevision` means something else.
    pub notice: Option<String>,
    pub result: SyncResult,
    /// Drift after the sync, where it was asked.
    pub sync: Option<Sync>,
    #[serde(serialize_with = "words::option")]
    pub health: Option<health::Status>,
    /// The entry that this run left in the history.
    pub history_id: Option<u64>,
    pub message: String,
    pub error: Option<ErrorView>,
    pub warnings: Vec<String>,
    pub resources: Vec<ResourceSync>,
    pub duration_seconds: f64,
    pub requests: u64,
    pub retries: u64,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceSync {
    pub group: String,
    pub kind: String,
    pub namespace: String,
    pub name: String,
    pub outcome: Outcome,
    /// `PreSync`, `Sync`, `PostSync`, `SyncFail`; empty where phases do not matter.
    pub phase: String,
    pub wave: i64,
    #[serde(serialize_with = "words::option")]
    pub health: Option<health::Status>,
    /// What the object's health says, or why it was kept.
    pub message: String,
    pub error: Option<ErrorView>,
    /// From the write until healthy; `null` when it was not waited for.
    pub healthy_after_seconds: Option<f64>,
}

impl SyncReport {
    /// Apps come in order of cluster and name.
    pub fn new(operation: &str, dry_run: bool, mut apps: Vec<AppSync>) -> Self {
        apps.sort_by(|a, b| (&a.cluster, &a.name).cmp(&(&b.cluster, &b.name)));
        let of = |outcome| apps.iter().map(|app| app.count(outcome)).sum();
        let succeeded = apps
            .iter()
            .filter(|app| app.result == SyncResult::Succeeded)
            .count();
        Self {
            operation: operation.to_owned(),
            dry_run,
            summary: SyncSummary {
                apps: apps.len(),
                succeeded,
                failed: apps.len() - succeeded,
                created: of(Outcome::Created),
                configured: of(Outcome::Configured),
                replaced: of(Outcome::Replaced),
                unchanged: of(Outcome::Unchanged),
                pruned: of(Outcome::Pruned),
                kept: of(Outcome::Kept),
                failed_objects: of(Outcome::Failed),
                skipped_objects: of(Outcome::Skipped),
            },
            apps,
        }
    }

    fn print(&self, wide: bool, screen: &Screen) -> String {
        let mut text: String = self
            .apps
            .iter()
            .map(|app| app.print(wide, screen))
            .collect();
        if self.apps.len() > 1 {
            let summary = &self.summary;
            text.push_str(&format!(
                "\n{}: {} succeeded, {} failed\n",
                labels::count(summary.apps, "app"),
                summary.succeeded,
                summary.failed
            ));
        }
        if self.dry_run {
            text.push_str("dry run: nothing was written\n");
        }
        text
    }
}

impl AppSync {
    pub fn count(&self, outcome: Outcome) -> usize {
        self.resources
            .iter()
            .filter(|r| r.outcome == outcome)
            .count()
    }

    fn exit(&self) -> Exit {
        let own = match self.result {
            SyncResult::Succeeded => Exit::Ok,
            SyncResult::Failed => Exit::No,
            SyncResult::Interrupted => Exit::Interrupted,
            SyncResult::Skipped => Exit::Unanswered,
        };
        match (&self.error, self.result) {
            // A refusal is an answer: only the error knows whether the question was left open.
            (Some(error), SyncResult::Skipped) => error.exit,
            (Some(error), _) => own.worst(error.exit),
            (None, _) => own,
        }
    }

    fn print(&self, wide: bool, screen: &Screen) -> String {
        let mut text = self.headline(screen);
        if let Some(error) = &self.error {
            text.push_str(&error.indented(screen));
        }
        if let Some(notice) = &self.notice {
            text.push_str(&format!("  note: {}\n", display(notice)));
        }
        if !self.message.is_empty() {
            text.push_str(&format!("  {}\n", display(&self.message)));
        }
        for warning in &self.warnings {
            let head = screen.paint(Label::Attention, "warning:");
            text.push_str(&format!("  {head} {}\n", display(warning)));
        }
        // What did not change is counted above and listed only on request.
        for resource in &self.resources {
            if wide || resource.outcome != Outcome::Unchanged {
                text.push_str(&resource.print(screen));
            }
        }
        text
    }

    /// `dev/web  Succeeded (2 created, 1 pruned) Healthy  in 4s`.
    fn headline(&self, screen: &Screen) -> String {
        let label = match self.result {
            SyncResult::Succeeded => Label::Good,
            SyncResult::Failed | SyncResult::Interrupted | SyncResult::Skipped => Label::Bad,
        };
        let name = format!("{}/{}", display(&self.cluster), display(&self.name));
        let mut line = format!(
            "{}  {}",
            screen.paint(Label::Heading, &name),
            screen.paint(label, self.result.as_str())
        );
        let counts: Vec<String> = Outcome::ALL
            .into_iter()
            .map(|outcome| (self.count(outcome), outcome))
            .filter(|(n, _)| *n > 0)
            .map(|(n, outcome)| format!("{n} {}", outcome.word()))
            .collect();
        if !counts.is_empty() {
            line.push_str(&format!(" ({})", counts.join(", ")));
        }
        if let Some(health) = self.health {
            line.push_str(&format!(
                "  {}",
                screen.paint(labels::of_health(health), health.as_str())
            ));
        }
        // An app at which nothing was begun took no time of its own.
        if self.duration_seconds > 0.0 {
            let mut rest = format!("in {}", labels::precise(self.duration_seconds));
            if self.retries > 0 {
                rest.push_str(&format!(", {}", labels::count_retries(self.retries)));
            }
            line.push_str(&format!("  {}", screen.paint(Label::Dim, &rest)));
        }
        line.push('\n');
        line
    }
}

impl ResourceSync {
    fn print(&self, screen: &Screen) -> String {
        let name = object(&self.group, &self.kind, &self.namespace, &self.name);
        let mut line = format!(
            "  {} {}",
            screen.paint(
                self.outcome.label(),
                &format!("{:<10}", self.outcome.word())
            ),
            display(&name)
        );
        if let Some(health) = self
            .health
            .filter(|health| *health != health::Status::Healthy)
        {
            line.push_str(&format!(
                "  {}",
                screen.paint(labels::of_health(health), health.as_str())
            ));
        }
        if !self.message.is_empty() {
            line.push_str(&format!(": {}", display(&self.message)));
        }
        line.push('\n');
        if let Some(error) = &self.error {
            line.push_str(&error.indented_by("    ", screen));
        }
        line
    }
}

impl Report for SyncReport {
    const KIND: &'static str = "SyncReport";

    fn text(&self, screen: &Screen) -> String {
        self.print(false, screen)
    }

    fn wide(&self, screen: &Screen) -> String {
        self.print(true, screen)
    }

    /// The objects that changed.
    fn names(&self) -> Vec<String> {
        let changed = |resource: &&ResourceSync| match resource.outcome {
            Outcome::Created | Outcome::Configured | Outcome::Replaced | Outcome::Pruned => true,
            Outcome::Unchanged | Outcome::Kept | Outcome::Failed | Outcome::Skipped => false,
        };
        let resources = self.apps.iter().flat_map(|app| &app.resources);
        let key = |resource: &ResourceSync| crate::object::Key {
            group: resource.group.clone(),
            kind: resource.kind.clone(),
            namespace: resource.namespace.clone(),
            name: resource.name.clone(),
        };
        resources
            .filter(changed)
            .map(|resource| key(resource).to_string())
            .collect()
    }

    fn exit(&self) -> Exit {
        self.apps.iter().map(AppSync::exit).collect()
    }

    fn counts(&self) -> Vec<(&'static str, usize)> {
        let summary = &self.summary;
        vec![
            ("apps", summary.apps),
            ("succeeded", summary.succeeded),
            ("failed", summary.failed),
            ("created", summary.created),
            ("configured", summary.configured),
            ("replaced", summary.replaced),
            ("unchanged", summary.unchanged),
            ("pruned", summary.pruned),
            ("kept", summary.kept),
            ("failedObjects", summary.failed_objects),
            ("skippedObjects", summary.skipped_objects),
        ]
    }
}
