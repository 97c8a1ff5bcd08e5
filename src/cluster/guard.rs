//! What must hold for writes to go out: asked before every attempt, and heard while one is under way.

use futures::future::BoxFuture;

use crate::error::{Error, Result};

/// The right to write, such as a lock that may be lost.
pub trait Guard: Send + Sync {
    /// Makes sure that a write may start, asking the server if need be; else why not.
    fn check(&self) -> BoxFuture<'_, Result<()>>;

    /// Whether a write may start at this moment. Sends nothing.
    fn holds(&self) -> bool;

    /// Returns when writes under way must be given up, and why.
    fn ended(&self) -> BoxFuture<'_, Error>;
}
