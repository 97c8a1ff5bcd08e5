//! Desired and live objects to decisions: what differs, who wrote it, what a sync does and in which order.
//!
//! Pure: no network, no files, no clock. Everything here is a value that a test compares without a cluster.

pub mod absence;
pub mod admission;
pub mod applyset;
pub mod change;
pub mod check;
pub mod claims;
pub mod confirm;
pub mod exact;
pub mod fast;
pub mod handover;
pub mod lineage;
pub mod order;
pub mod owners;
pub mod ownership;
pub mod predict;
pub mod prune;
mod quantity;
pub mod record;
pub mod replacement;
pub mod rollback;
pub mod seal;
pub mod takeover;
mod typed;

pub use change::{Cause, Change, Mutations, Op, ResourceStatus, Writer};
pub use exact::changes;
pub use fast::{Fast, Why, fast, fold_string_data};
pub use handover::{Earlier, Handover, handover, needs_history};
pub use order::{Step, Wave, deletions, stages};
pub use predict::{given_up, local_prediction};

#[cfg(test)]
mod model_tests;

#[cfg(test)]
mod corpus_tests;
