//! The shared vocabulary: objects and their keys, field paths, YAML, masking and safe display.
//!
//! Pure: nothing here reads a file, a clock or the network.

pub mod display;
pub mod hex;
pub mod key;
pub mod labels;
mod lineage;
pub mod mask;
mod object_type;
pub mod options;
pub mod path;
pub mod redact;
pub mod yaml;

pub use key::{Gvk, Key};
pub use lineage::Lineage;
pub use object_type::{Object, Origin};

#[cfg(test)]
pub(crate) mod corpus_tests;
