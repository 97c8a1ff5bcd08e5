//! What was deployed when and by whom: what `app history` answers.

use serde::Serialize;

use super::document::Report;
use super::error_view::ErrorView;
use super::labels;
use crate::exit::Exit;
use crate::ui::{Label, Screen, Table};

#[derive(Debug, Clone, Serialize)]
pub struct HistoryList {
    pub apps: Vec<AppHistory>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppHistory {
    pub cluster: String,
    pub name: String,
    pub error: Option<ErrorView>,
    /// Newest first.
    pub revisions: Vec<HistoryRow>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryRow {
    pub id: u64,
    /// RFC 3339.
    pub time: String,
    pub who: String,
    /// A commit, or `worktree`.
    pub revision: String,
    pub dirty: bool,
    /// `Succeeded`, `Failed`, `InProgress`, `Interrupted`; `Unreadable` where this version does not know the entry's words.
    pub result: String,
    #[serde(rename = "objectCount")]
    pub n_objects: usize,
    #[serde(rename = "changedCount")]
    pub n_changed: usize,
    /// Set when this was a rollback: the revision it went back to.
    pub rollback_to: Option<u64>,
    /// Every object was applied, whatever became of waiting and pruning.
    pub applied: bool,
    /// What a rollback that names no entry makes of it.
    pub verdict: String,
    pub message: String,
}

impl HistoryRow {
    /// `Succeeded 3m12s ago by ann (1a2b3c4)`.
    pub(super) fn line(&self, screen: &Screen) -> String {
        let age = labels::age(&self.time, screen.now);
        let revision = labels::short_revision(&self.revision);
        format!("{} {age} ago by {} ({revision})", self.result, self.who)
    }

    fn verdict_cell(&self) -> (Label, String) {
        (Label::Plain, self.verdict.clone())
    }

    fn cells(&self, wide: bool) -> [(Label, String); 8] {
        let plain = |text: String| (Label::Plain, text);
        let label = match self.result.as_str() {
            "Succeeded" => Label::Good,
            "InProgress" => Label::Attention,
            _ => Label::Bad,
        };
        let mut revision = match wide {
            true => self.revision.clone(),
            false => labels::short_revision(&self.revision).to_owned(),
        };
        if self.dirty {
            revision.push_str(", dirty");
        }
        let message = match self.rollback_to {
            Some(id) if self.message.is_empty() => format!("rollback to {id}"),
            Some(id) => format!("rollback to {id}: {}", self.message),
            None => self.message.clone(),
        };
        [
            (Label::Heading, self.id.to_string()),
            plain(self.time.clone()),
            plain(revision),
            (label, self.result.clone()),
            plain(format!("{}/{}", self.n_changed, self.n_objects)),
            plain(self.who.clone()),
            self.verdict_cell(),
            plain(message),
        ]
    }
}

/// What a rollback chooses from, for people.
pub fn candidates(rows: &[HistoryRow], screen: &Screen) -> String {
    let mut table = Table::new(&["ID", "DATE", "REVISION", "RESULT", "VERDICT"]);
    for row in rows {
        let [id, date, revision, result, ..] = row.cells(false);
        table.row(vec![id, date, revision, result, row.verdict_cell()]);
    }
    table.render(screen)
}

fn table(rows: &[HistoryRow], wide: bool, screen: &Screen) -> String {
    let mut table = Table::new(&[
        "ID", "DATE", "REVISION", "RESULT", "CHANGED", "BY", "VERDICT", "MESSAGE",
    ]);
    for row in rows {
        table.row(row.cells(wide).into());
    }
    table.render(screen)
}

impl HistoryList {
    fn print(&self, wide: bool, screen: &Screen) -> String {
        labels::sections(
            &self.apps,
            screen,
            |app| (&app.cluster, &app.name, app.error.as_ref()),
            |app| table(&app.revisions, wide, screen),
        )
    }
}

impl Report for HistoryList {
    const KIND: &'static str = "HistoryList";

    fn text(&self, screen: &Screen) -> String {
        self.print(false, screen)
    }

    fn wide(&self, screen: &Screen) -> String {
        self.print(true, screen)
    }

    /// The ids, as `app rollback` takes them.
    fn names(&self) -> Vec<String> {
        let rows = self.apps.iter().flat_map(|app| &app.revisions);
        rows.map(|row| row.id.to_string()).collect()
    }

    fn exit(&self) -> Exit {
        let errors = self.apps.iter().filter_map(|app| app.error.as_ref());
        errors.map(|error| error.exit).collect()
    }
}
