//! Files and git to apps, clusters and targets.

pub mod application;
pub mod checkout;
mod children;
pub mod cluster;
pub mod declared;
pub mod destinations;
pub mod foreign;
pub mod git;
pub mod glob;
pub mod inventory;
mod kustomize_options;
pub mod layout;
pub mod lost;
pub mod names;
pub mod near;
mod plugin;
pub mod project;
pub(crate) mod reader;
pub mod record_id;
pub mod remote;
pub mod secrets;
pub mod select;
pub mod selector;
pub mod semver;
pub mod servers;
pub mod target;
pub mod tree;
pub mod worktree;
pub(crate) mod write;

pub use reader::Spanned;

#[cfg(test)]
mod corpus_tests;
