//! A lock that was taken from its holder: what `app unlock` answers.

use serde::Serialize;

use super::document::Report;
use super::error_view::ErrorView;
use crate::exit::Exit;
use crate::object::display::display;
use crate::ui::{Label, Screen};

#[derive(Debug, Clone, Serialize)]
pub struct UnlockReport {
    pub apps: Vec<AppUnlock>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppUnlock {
    pub cluster: String,
    pub name: String,
    /// From whom it was taken; `null` where nobody held it.
    pub holder: Option<String>,
    pub since: Option<String>,
    pub reason: String,
    /// When the next run gets the lock: by then the holder has noticed.
    pub free_after_seconds: u64,
    pub error: Option<ErrorView>,
}

impl AppUnlock {
    fn print(&self, screen: &Screen) -> String {
        let name = format!("{}/{}", display(&self.cluster), display(&self.name));
        let name = screen.paint(Label::Heading, &name);
        if let Some(error) = &self.error {
            return format!("{name}\n{}", error.indented(screen));
        }
        let Some(holder) = &self.holder else {
            return format!("{name}  nobody holds its lock\n");
        };
        let free = match self.free_after_seconds {
            0 => "it is free".to_owned(),
            n => format!("it is free in {n}s, when its holder has noticed"),
        };
        format!(
            "{name}  the lock was taken from {}; {free}\n",
            display(holder)
        )
    }
}

impl Report for UnlockReport {
    const KIND: &'static str = "UnlockReport";

    fn text(&self, screen: &Screen) -> String {
        self.apps.iter().map(|app| app.print(screen)).collect()
    }

    /// The apps whose lock was taken from somebody.
    fn names(&self) -> Vec<String> {
        let taken = self
            .apps
            .iter()
            .filter(|app| app.holder.is_some() && app.error.is_none());
        taken
            .map(|app| format!("{}/{}", app.cluster, app.name))
            .collect()
    }

    fn exit(&self) -> Exit {
        let errors = self.apps.iter().filter_map(|app| app.error.as_ref());
        errors.map(|error| error.exit).collect()
    }
}
