//! SIGINT and SIGTERM: reads stop at once, writes get five seconds, a second signal ends everything. What was answered by then is shown.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::context::Context;
use crate::error::Result;
use crate::exit::Exit;

/// How long running writes and their records may take after the first signal.
const WRITES: Duration = Duration::from_secs(5);
/// How long an answer to questions may take to be shown: they are given up at once.
const READS: Duration = Duration::from_secs(2);

/// What an interrupt waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grace {
    /// Nothing but the answer to what was asked by then.
    None,
    /// The engine stops by itself: requests under way end, the history is closed, the lock is given back.
    Writes,
}

/// Runs a command until it ends or somebody wants it to stop.
pub(crate) async fn until_interrupted(
    context: Arc<Context>,
    grace: Grace,
    command: impl Future<Output = Result<Exit>>,
) -> Result<Exit> {
    tokio::pin!(command);
    tokio::select! {
        result = &mut command => return result,
        () = signal() => {}
    }
    context.interrupt();
    let limit = match grace {
        Grace::None => READS,
        Grace::Writes => {
            let ui = context.ui();
            ui.warn("stopping: requests under way end first; once more stops at once");
            WRITES
        }
    };
    tokio::select! {
        result = &mut command => result.map(|exit| exit.worst(Exit::Interrupted)),
        () = signal() => Ok(Exit::Interrupted),
        () = tokio::time::sleep(limit) => {
            if grace == Grace::Writes {
                context.ui().warn("requests under way did not end within 5 s; what they did is found by the next run");
            }
            Ok(Exit::Interrupted)
        }
    }
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
