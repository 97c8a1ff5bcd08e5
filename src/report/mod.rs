//! Results to text and documents: one value a command, which every output form reads.
//!
//! The types here are what users see, apart from the inner types: an inner rename never changes JSON. Values are masked when
//! they are put in, so no output form can print a secret. Nothing here prints: [`show`] hands text to the terminal.

pub mod diff;
mod diff_text;
pub mod document;
pub mod error_view;
mod labels;
pub mod mask;
mod unified;

pub use diff::{AppDiff, DiffFormat, DiffReport, ResourceDiff, ResourceInput, Sync};
pub use document::{Format, Report, show};
pub use error_view::ErrorView;
