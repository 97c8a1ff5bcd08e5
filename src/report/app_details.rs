//! One app in full: what `app get` answers.

use serde::Serialize;

use super::diff::Sync;
use super::document::Report;
use super::error_view::{ErrorView, LocationView};
use super::history::HistoryRow;
use super::labels;
use super::resources::{self, ResourceRow};
use super::words;
use crate::exit::Exit;
use crate::health;
use crate::ui::{Label, Screen, Table};

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppDetails {
    pub cluster: String,
    pub server: String,
    pub name: String,
    pub namespace: String,
    pub project: String,
    /// Where the Application stands in the repository.
    pub location: Option<LocationView>,
    pub sources: Vec<SourceView>,
    /// The commit rendered, or `worktree`.
    pub revision: String,
    pub dirty: bool,
    /// What is checked out, where the app's `targetRevision` means something else.
    pub notice: Option<String>,
    /// `Manual`, `Automated`, `Automated (Prune)`.
    pub sync_policy: String,
    pub sync: Option<Sync>,
    #[serde(serialize_with = "words::option")]
    pub health: Option<health::Status>,
    pub health_message: String,
    /// The newest entry of the history.
    pub last_sync: Option<HistoryRow>,
    /// Who syncs the app right now.
    pub lock: Option<LockView>,
    pub conditions: Vec<Condition>,
    pub error: Option<ErrorView>,
    pub resources: Vec<ResourceRow>,
}

#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceView {
    pub repo: String,
    pub target_revision: String,
    pub path: String,
    pub chart: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LockView {
    pub holder: String,
    pub since: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    #[serde(rename = "type")]
    pub kind: String,
    pub message: String,
    pub last_transition: String,
}

impl AppDetails {
    fn print(&self, wide: bool, screen: &Screen) -> String {
        let mut text = labels::fields(self.lines(screen), screen);
        if let Some(error) = &self.error {
            text.push('\n');
            text.push_str(&error.indented(screen));
        }
        if !self.conditions.is_empty() {
            let mut table = Table::new(&["CONDITION", "LAST TRANSITION", "MESSAGE"]);
            for condition in &self.conditions {
                table.row(vec![
                    (Label::Bad, condition.kind.clone()),
                    (Label::Plain, condition.last_transition.clone()),
                    (Label::Plain, condition.message.clone()),
                ]);
            }
            text.push('\n');
            text.push_str(&table.render(screen));
        }
        if !self.resources.is_empty() {
            text.push('\n');
            text.push_str(&resources::table(&self.resources, wide, screen));
        }
        text
    }

    fn lines(&self, screen: &Screen) -> Vec<(&'static str, Label, String)> {
        let plain = |name, value: String| (name, Label::Plain, value);
        let mut lines = vec![
            ("Name", Label::Heading, self.name.clone()),
            plain("Project", self.project.clone()),
            plain("Cluster", self.cluster.clone()),
            plain("Server", self.server.clone()),
            plain("Namespace", self.namespace.clone()),
            plain(
                "Declared in",
                self.location
                    .as_ref()
                    .map(LocationView::place)
                    .unwrap_or_default(),
            ),
        ];
        for source in &self.sources {
            lines.push(plain("Source", source.line()));
        }
        lines.push(plain("Sync Policy", self.sync_policy.clone()));
        if let Some(sync) = self.sync {
            lines.push(("Sync Status", labels::of_sync(sync), self.sync_line(sync)));
        }
        if let Some(health) = self.health {
            let value = match self.health_message.as_str() {
                "" => health.as_str().to_owned(),
                message => format!("{} ({message})", health.as_str()),
            };
            lines.push(("Health Status", labels::of_health(health), value));
        }
        if let Some(last) = &self.last_sync {
            lines.push(plain("Last Sync", last.line(screen)));
        }
        if let Some(lock) = &self.lock {
            let since = labels::age(&lock.since, screen.now);
            let value = format!("by {}, for {since}", lock.holder);
            lines.push(("Syncing", Label::Attention, value));
        }
        lines
    }

    /// `OutOfSync from main (1a2b3c4)`, `Synced to worktree, dirty`.
    fn sync_line(&self, sync: Sync) -> String {
        let word = match sync {
            Sync::Synced => "to",
            Sync::OutOfSync | Sync::Unknown => "from",
        };
        let revision = labels::short_revision(&self.revision);
        let target = self
            .sources
            .first()
            .map_or("", |source| source.target_revision.as_str());
        let mut line = match target {
            "" => format!("{} {word} {revision}", sync.as_str()),
            target => format!("{} {word} {target} ({revision})", sync.as_str()),
        };
        if self.dirty {
            line.push_str(", dirty");
        }
        line
    }
}

impl SourceView {
    fn line(&self) -> String {
        let what = match self.chart.as_str() {
            "" => self.path.clone(),
            chart => format!("chart {chart}"),
        };
        let parts = [self.repo.as_str(), what.as_str(), &self.target_revision];
        let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        said.join("  ")
    }
}

impl Report for AppDetails {
    const KIND: &'static str = "AppDetails";

    fn text(&self, screen: &Screen) -> String {
        self.print(false, screen)
    }

    fn wide(&self, screen: &Screen) -> String {
        self.print(true, screen)
    }

    fn names(&self) -> Vec<String> {
        vec![format!("{}/{}", self.cluster, self.name)]
    }

    /// Looking at an app that drifted is no failure; not being able to look is.
    fn exit(&self) -> Exit {
        match &self.error {
            Some(error) => error.exit,
            None if self.sync == Some(Sync::Unknown) => Exit::Unanswered,
            None => resources::unread(&self.resources),
        }
    }
}
