//! Desired and live objects to decisions: what differs, who wrote it, what a sync does and in which order.
//!
//! Pure: no network, no files, no clock. Everything here is a value that a test compares without a cluster.

pub mod change;

pub use change::{Change, Op, ResourceStatus, Writer};
