//! Apps, one row each: what `app list` answers.

use serde::Serialize;

use super::diff::Sync;
use super::document::Report;
use super::error_view::ErrorView;
use super::labels;
use super::shown::Shown;
use super::words;
use crate::exit::Exit;
use crate::health;
use crate::ui::{Label, Screen, Table};

#[derive(Debug, Clone, Serialize)]
pub struct AppList {
    pub apps: Vec<AppRow>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppRow {
    pub cluster: String,
    pub name: String,
    pub namespace: String,
    pub project: String,
    /// `null` when no cluster was asked.
    pub sync: Option<Sync>,
    #[serde(serialize_with = "words::option")]
    pub health: Option<health::Status>,
    /// `Manual`, `Auto`, `Auto-Prune`.
    pub sync_policy: String,
    pub conditions: Vec<String>,
    pub repo: String,
    pub path: String,
    pub target_revision: String,
    #[serde(flatten)]
    pub shown: Shown,
    /// No file declares it any more: it is known by the record that it left in the cluster.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub orphaned: bool,
    pub error: Option<ErrorView>,
}

impl AppRow {
    fn cells(&self, wide: bool) -> Vec<(Label, String)> {
        let plain = |text: &str| (Label::Plain, text.to_owned());
        let mut conditions = self.conditions.clone();
        conditions.extend(self.error.as_ref().map(|error| error.reason.clone()));
        let conditions = match conditions.is_empty() {
            true => (Label::Dim, "<none>".to_owned()),
            false => (Label::Bad, conditions.join(",")),
        };
        let mut cells = vec![
            (Label::Heading, self.name.clone()),
            plain(&self.cluster),
            plain(&self.namespace),
            plain(&self.project),
            (
                self.sync.map_or(Label::Dim, labels::of_sync),
                self.sync.map_or("-", Sync::as_str).to_owned(),
            ),
            labels::health_cell(self.health),
            plain(&self.sync_policy),
            conditions,
        ];
        if wide {
            cells.extend([
                plain(&self.repo),
                plain(&self.path),
                plain(&self.target_revision),
            ]);
        }
        cells
    }
}

impl AppList {
    /// Apps come in order of cluster and name.
    pub fn new(mut apps: Vec<AppRow>) -> Self {
        apps.sort_by(|a, b| (&a.cluster, &a.name).cmp(&(&b.cluster, &b.name)));
        Self { apps }
    }

    fn print(&self, wide: bool, screen: &Screen) -> String {
        let mut head = vec![
            "NAME",
            "CLUSTER",
            "NAMESPACE",
            "PROJECT",
            "STATUS",
            "HEALTH",
            "SYNCPOLICY",
            "CONDITIONS",
        ];
        if wide {
            head.extend(["REPO", "PATH", "TARGET"]);
        }
        let mut table = Table::new(&head);
        for app in &self.apps {
            table.row(app.cells(wide));
        }
        let mut text = table.render(screen);
        for (error, apps) in self.errors() {
            text.push_str(&error.under(&apps, screen));
        }
        text
    }

    /// Each different error with the apps that have it: a cluster that is down says so once.
    fn errors(&self) -> Vec<(&ErrorView, Vec<String>)> {
        let mut errors: Vec<(&ErrorView, Vec<String>)> = Vec::new();
        for app in &self.apps {
            let Some(error) = &app.error else { continue };
            let name = format!("{}/{}", app.cluster, app.name);
            match errors.iter_mut().find(|(seen, _)| *seen == error) {
                Some((_, apps)) => apps.push(name),
                None => errors.push((error, vec![name])),
            }
        }
        errors
    }
}

impl Report for AppList {
    const KIND: &'static str = "AppList";

    fn text(&self, screen: &Screen) -> String {
        self.print(false, screen)
    }

    fn wide(&self, screen: &Screen) -> String {
        self.print(true, screen)
    }

    fn names(&self) -> Vec<String> {
        let name = |app: &AppRow| format!("{}/{}", app.cluster, app.name);
        self.apps.iter().map(name).collect()
    }

    /// A list is no question about drift or health: only what could not be read counts.
    fn exit(&self) -> Exit {
        let exit = |app: &AppRow| match (&app.error, app.sync) {
            // Whatever went wrong, the question was not answered.
            (Some(error), Some(Sync::Unknown)) => error.exit.worst(Exit::Unanswered),
            (Some(error), _) => error.exit,
            (None, Some(Sync::Unknown)) => Exit::Unanswered,
            (None, _) => Exit::Ok,
        };
        self.apps.iter().map(exit).collect()
    }
}
