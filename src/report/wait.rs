//! Whether apps came to where they should be: what `app wait` answers.

use serde::Serialize;

use super::diff::Sync;
use super::document::Report;
use super::error_view::ErrorView;
use super::labels::{self, object};
use super::shown::Shown;
use super::words;
use crate::exit::Exit;
use crate::health;
use crate::object::display::display;
use crate::ui::{Label, Screen};

#[derive(Debug, Clone, Serialize)]
pub struct WaitReport {
    pub apps: Vec<AppWait>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppWait {
    pub cluster: String,
    pub name: String,
    #[serde(flatten)]
    pub shown: Shown,
    /// Everything that was waited for is true.
    pub reached: bool,
    pub sync: Option<Sync>,
    #[serde(serialize_with = "words::option")]
    pub health: Option<health::Status>,
    pub waited_seconds: f64,
    pub error: Option<ErrorView>,
    /// What was still missing at the end.
    pub waiting_for: Vec<Waiting>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    pub group: String,
    pub kind: String,
    pub namespace: String,
    pub name: String,
    #[serde(serialize_with = "words::option")]
    pub health: Option<health::Status>,
    /// The last condition or reason seen.
    pub message: String,
}

impl AppWait {
    fn exit(&self) -> Exit {
        match &self.error {
            Some(error) => error.exit,
            None if self.reached => Exit::Ok,
            None => Exit::No,
        }
    }

    fn print(&self, screen: &Screen) -> String {
        let mut words = Vec::new();
        if let Some(sync) = self.sync {
            words.push(screen.paint(labels::of_sync(sync), sync.as_str()));
        }
        if let Some(health) = self.health {
            words.push(screen.paint(labels::of_health(health), health.as_str()));
        }
        let name = format!("{}/{}", display(&self.cluster), display(&self.name));
        let waited = format!("after {}", labels::precise(self.waited_seconds));
        words.push(screen.paint(Label::Dim, &waited));
        let mut text = format!(
            "{}  {}\n",
            screen.paint(Label::Heading, &name),
            words.join("  ")
        );
        if let Some(error) = &self.error {
            text.push_str(&error.indented(screen));
        }
        for waiting in &self.waiting_for {
            let name = object(
                &waiting.group,
                &waiting.kind,
                &waiting.namespace,
                &waiting.name,
            );
            let label = waiting.health.map_or(Label::Dim, labels::of_health);
            let health = screen.paint(label, words::shown(waiting.health));
            text.push_str(&format!("  {}  {health}", display(&name)));
            if !waiting.message.is_empty() {
                text.push_str(&format!(": {}", display(&waiting.message)));
            }
            text.push('\n');
        }
        text
    }
}

impl Report for WaitReport {
    const KIND: &'static str = "WaitReport";

    fn text(&self, screen: &Screen) -> String {
        self.apps.iter().map(|app| app.print(screen)).collect()
    }

    /// The apps that did not get there.
    fn names(&self) -> Vec<String> {
        let late = self.apps.iter().filter(|app| !app.reached);
        late.map(|app| format!("{}/{}", app.cluster, app.name))
            .collect()
    }

    fn exit(&self) -> Exit {
        self.apps.iter().map(AppWait::exit).collect()
    }
}
