//! The connections to one server that are open: one request at a time on each, and what each has shown of its cluster.
//!
//! It opens none; `transport` does.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;
use tokio::sync::oneshot;

/// An idle connection is not used again after this long: something on the way may have forgotten it.
const IDLE: Duration = Duration::from_secs(60);

/// A connection that carries one request at a time. Dropping it closes it.
pub struct Connection {
    pub sender: SendRequest<Full<Bytes>>,
    /// It has carried a request before, so the server may have closed it meanwhile.
    pub is_reused: bool,
    /// The generation of the proof that it leads to the right cluster.
    pub proof: Option<u64>,
    idle_since: Instant,
}

impl Connection {
    pub fn new(sender: SendRequest<Full<Bytes>>) -> Self {
        Self {
            sender,
            is_reused: false,
            proof: None,
            idle_since: Instant::now(),
        }
    }

    fn is_usable(&self) -> bool {
        self.sender.is_ready() && self.idle_since.elapsed() < IDLE
    }
}

/// Connections that wait for a request, and requests that wait for a connection.
#[derive(Default)]
pub struct Pool(Mutex<State>);

#[derive(Default)]
struct State {
    idle: Vec<Connection>,
    waiting: VecDeque<oneshot::Sender<Connection>>,
}

/// A connection now, or the next that comes back.
pub enum Taken {
    Now(Connection),
    Later(oneshot::Receiver<Connection>),
}

impl Pool {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that was used last, and for a write one that has shown its cluster already, where there is one.
    pub fn take(&self, proof: Option<u64>) -> Taken {
        let mut state = self.state();
        state.idle.retain(Connection::is_usable);
        let is_proved = |connection: &Connection| connection.proof == proof;
        let last = state.idle.len().checked_sub(1);
        let proved = proof.and_then(|_| state.idle.iter().rposition(is_proved));
        if let Some(at) = proved.or(last) {
            return Taken::Now(state.idle.remove(at));
        }
        let (sender, receiver) = oneshot::channel();
        state.waiting.push_back(sender);
        Taken::Later(receiver)
    }

    /// Gives a connection to the first that waits, else keeps it.
    pub fn put(&self, mut connection: Connection) {
        connection.is_reused = true;
        connection.idle_since = Instant::now();
        let mut state = self.state();
        while let Some(waiting) = state.waiting.pop_front() {
            match waiting.send(connection) {
                Ok(()) => return,
                Err(back) => connection = back,
            }
        }
        state.idle.push(connection);
    }
}
