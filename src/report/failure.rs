//! A command that could not answer at all, as a document.

use serde::Serialize;

use super::document::Report;
use super::error_view::ErrorView;
use crate::error::Error;
use crate::exit::Exit;
use crate::ui::Screen;

/// What stands on stdout with `-o json` when there is no answer.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    pub error: ErrorView,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            error: ErrorView::from(error),
        }
    }
}

impl Report for Failure {
    const KIND: &'static str = "Failure";

    fn text(&self, _: &Screen) -> String {
        String::new()
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    fn exit(&self) -> Exit {
        self.error.exit
    }
}
