//! Requests of one app that overlap, a bounded number at once.

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::{BufferUnordered, Iter};

/// A stream of answers in the order in which they come. The futures are boxed, because the compiler cannot see that borrowing ones may
/// move between threads otherwise.
pub(super) type Overlapping<'a, T> = BufferUnordered<Iter<std::vec::IntoIter<BoxFuture<'a, T>>>>;

/// Runs `requests`, at most `limit` at once.
pub(super) fn overlap<'a, T>(requests: Vec<BoxFuture<'a, T>>, limit: usize) -> Overlapping<'a, T> {
    futures::stream::iter(requests).buffer_unordered(limit)
}
