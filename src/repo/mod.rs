//! Files and git to apps, clusters and targets.

pub mod tree;
