//! An error as documents and tables show it.

use serde::Serialize;

use crate::error::{Error, Location};
use crate::exit::Exit;
use crate::object::display::display;
use crate::ui::{Label, Screen};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorView {
    /// One word of the fixed list.
    pub reason: String,
    pub message: String,
    pub hints: Vec<String>,
    pub location: Option<LocationView>,
    /// What the error alone leads to.
    #[serde(skip)]
    pub exit: Exit,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LocationView {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

impl From<&Error> for ErrorView {
    fn from(error: &Error) -> Self {
        Self {
            reason: error.reason().as_str().to_owned(),
            message: error.message(),
            hints: error.hints().to_vec(),
            location: error.location().map(LocationView::from),
            exit: error.exit(),
        }
    }
}

impl ErrorView {
    /// One line: the place, then the message.
    pub fn line(&self) -> String {
        match &self.location {
            Some(location) => format!("{}: {}", location.place(), self.message),
            None => self.message.clone(),
        }
    }

    /// Lines below the thing that failed: reason and message, then the hints.
    pub(super) fn indented(&self, screen: &Screen) -> String {
        self.indented_by("  ", screen)
    }

    pub(super) fn indented_by(&self, indent: &str, screen: &Screen) -> String {
        let reason = screen.paint(Label::Bad, &display(&self.reason));
        let mut text = format!("{indent}{reason}: {}\n", display(&self.line()));
        for hint in &self.hints {
            text.push_str(&format!("{indent}hint: {}\n", display(hint)));
        }
        text
    }

    /// Lines below a table, where the apps must be named again.
    pub(super) fn under(&self, apps: &[String], screen: &Screen) -> String {
        let apps = screen.paint(Label::Heading, &display(&apps.join(", ")));
        format!("\n{apps}\n{}", self.indented(screen))
    }
}

impl LocationView {
    /// `clusters/dev/web.yaml:3`.
    pub fn place(&self) -> String {
        match self.line {
            0 => self.file.clone(),
            line => format!("{}:{line}", self.file),
        }
    }
}

impl From<&Location> for LocationView {
    fn from(location: &Location) -> Self {
        Self {
            file: location.file.clone(),
            line: location.line,
            column: location.column,
        }
    }
}
