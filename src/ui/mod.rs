//! Bytes on the terminal: streams, width, colour, tables, progress, questions.
//!
//! It knows no report and takes no decision. What decides how it behaves (terminal or not, colour, width, quiet) is passed in
//! as values: nothing here reads the environment.

pub mod duration;
pub mod progress;
pub mod prompt;
pub mod safe;
pub mod style;
pub mod table;
pub mod terminal;

pub use progress::Progress;
pub use style::{Color, Label, Screen};
pub use table::Table;
pub use terminal::{Options, Ui};
