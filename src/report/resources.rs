//! The objects of apps, one row each: what `app resources` answers, and the lower half of `app get`.

use serde::Serialize;

use super::document::Report;
use super::error_view::ErrorView;
use super::labels;
use super::shown::Shown;
use super::words;
use crate::exit::Exit;
use crate::health;
use crate::plan::ResourceStatus;
use crate::ui::{Label, Screen, Table};

/// One object and how it does.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceRow {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub namespace: String,
    pub name: String,
    /// `null` when the drift was not asked for.
    #[serde(serialize_with = "words::option")]
    pub status: Option<ResourceStatus>,
    /// `null` for kinds that have no health.
    #[serde(serialize_with = "words::option")]
    pub health: Option<health::Status>,
    pub message: String,
    /// Hook phase, empty for ordinary objects.
    pub hook: String,
    pub wave: i64,
}

impl ResourceRow {
    /// `Deployment.apps/shop/web`, as keys print.
    pub fn key(&self) -> String {
        crate::object::Key {
            group: self.group.clone(),
            kind: self.kind.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
        .to_string()
    }
}

/// The table `GROUP KIND NAMESPACE NAME STATUS HEALTH MESSAGE`; wide adds hook and wave before the message.
pub(super) fn table(rows: &[ResourceRow], wide: bool, screen: &Screen) -> String {
    let mut head = vec!["GROUP", "KIND", "NAMESPACE", "NAME", "STATUS", "HEALTH"];
    if wide {
        head.extend(["HOOK", "WAVE"]);
    }
    head.push("MESSAGE");
    let mut table = Table::new(&head);
    for row in rows {
        let plain = |text: &str| (Label::Plain, text.to_owned());
        let mut cells = vec![
            plain(&row.group),
            plain(&row.kind),
            plain(&row.namespace),
            plain(&row.name),
            labels::status_cell(row.status),
            labels::health_cell(row.health),
        ];
        if wide {
            cells.extend([plain(&row.hook), plain(&row.wave.to_string())]);
        }
        cells.push(plain(&row.message));
        table.row(cells);
    }
    table.render(screen)
}

/// The objects of some apps.
#[derive(Debug, Clone, Serialize)]
pub struct ResourceList {
    pub apps: Vec<AppResources>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppResources {
    pub cluster: String,
    pub name: String,
    #[serde(flatten)]
    pub shown: Shown,
    pub error: Option<ErrorView>,
    pub resources: Vec<ResourceRow>,
}

impl ResourceList {
    fn print(&self, wide: bool, screen: &Screen) -> String {
        labels::sections(
            &self.apps,
            screen,
            |app| (&app.cluster, &app.name, app.error.as_ref()),
            |app| table(&app.resources, wide, screen),
        )
    }
}

impl Report for ResourceList {
    const KIND: &'static str = "ResourceList";

    fn text(&self, screen: &Screen) -> String {
        self.print(false, screen)
    }

    fn wide(&self, screen: &Screen) -> String {
        self.print(true, screen)
    }

    fn names(&self) -> Vec<String> {
        let rows = self.apps.iter().flat_map(|app| &app.resources);
        rows.map(ResourceRow::key).collect()
    }

    /// Drift is no failure of a list; an object that could not be read is.
    fn exit(&self) -> Exit {
        self.apps
            .iter()
            .map(|app| match &app.error {
                Some(error) => error.exit,
                None => unread(&app.resources),
            })
            .collect()
    }
}

/// Unanswered when one of the objects could not be read.
pub(super) fn unread(rows: &[ResourceRow]) -> Exit {
    let is_unread = |row: &ResourceRow| row.status == Some(ResourceStatus::Unknown);
    if rows.iter().any(is_unread) {
        Exit::Unanswered
    } else {
        Exit::Ok
    }
}
