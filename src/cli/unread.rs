//! What the documents of a run are incomplete without: each once.

use std::sync::{Mutex, PoisonError};

use crate::error::Error;
use crate::report::ErrorView;

#[derive(Default)]
pub(crate) struct Unread(Mutex<Vec<ErrorView>>);

impl Unread {
    pub(crate) fn add(&self, error: &Error) {
        let view = ErrorView::from(error);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains(&view) {
            all.push(view);
        }
    }

    pub(crate) fn all(&self) -> Vec<ErrorView> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.clone()
    }
}
