//! An error as documents and tables show it.

use serde::Serialize;

use super::mask::Redactor;
use crate::error::Error;
use crate::exit::Exit;

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
            location: error.location().map(|location| LocationView {
                file: location.file.clone(),
                line: location.line,
                column: location.column,
            }),
            exit: error.exit(),
        }
    }
}

impl ErrorView {
    /// The same without the secrets that `redactor` knows.
    #[must_use]
    pub fn redacted(mut self, redactor: &Redactor) -> Self {
        self.message = redactor.text(&self.message);
        for hint in &mut self.hints {
            *hint = redactor.text(hint);
        }
        self
    }

    /// The same for an error about a Secret, where the server may have quoted what nobody knew beforehand.
    #[must_use]
    pub fn about_secret(mut self, redactor: &Redactor) -> Self {
        self.message = redactor.text_about_secret(&self.message);
        self.redacted(redactor)
    }

    /// One line: the place, then the message.
    pub fn line(&self) -> String {
        match &self.location {
            Some(location) if location.line > 0 => {
                format!("{}:{}: {}", location.file, location.line, self.message)
            }
            Some(location) => format!("{}: {}", location.file, self.message),
            None => self.message.clone(),
        }
    }
}
