//! Tells when no app that was asked for is being rendered, so that what only its claims need is read then: two renderings at once would
//! hold both in memory.

use std::time::Instant;

use tokio::sync::watch;

use crate::error::{During, Error, Reason, Result};

/// Runs what reads or renders files where it holds nothing up, and waits for it no longer than the command may take. What is late goes on
/// until the process ends; nobody asks for it any more.
pub(crate) async fn on_time<T: Send + 'static>(
    answer_by: Option<Instant>,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let running = tokio::task::spawn_blocking(work);
    let done = match answer_by {
        None => running.await,
        Some(end) => tokio::time::timeout_at(end.into(), running)
            .await
            .map_err(|_| {
                Error::new(
                    Reason::Timeout,
                    "rendering took longer than `--timeout` allows",
                )
                .during(During::Read)
                .hint("a longer `--timeout`, or an app of fewer or smaller files")
            })?,
    };
    done.map_err(|_| Error::internal("a bug in pushboat stopped the rendering"))?
}

/// The renderings of a run.
pub(crate) struct Rendering(watch::Sender<State>);

#[derive(Debug, Default)]
struct State {
    is_begun: bool,
    is_over: bool,
    n_running: usize,
}

/// A rendering, until it is dropped.
pub(crate) struct Running<'a>(&'a Rendering);

impl Rendering {
    pub(crate) fn begin(&self) -> Running<'_> {
        self.0.send_modify(|state| {
            state.is_begun = true;
            state.n_running += 1;
        });
        Running(self)
    }

    /// Nothing will be rendered any more.
    pub(crate) fn end(&self) {
        self.0.send_modify(|state| state.is_over = true);
    }

    /// Returns when renderings have begun and none is running, or when there will be none.
    pub(crate) async fn quiet(&self) {
        let is_quiet = |state: &State| state.is_over || (state.is_begun && state.n_running == 0);
        // The sender is `self`, so the channel stays open.
        let _ = self.0.subscribe().wait_for(is_quiet).await;
    }
}

impl Default for Rendering {
    fn default() -> Self {
        Self(watch::Sender::new(State::default()))
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.0.send_modify(|state| state.n_running -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_late_is_not_waited_for() {
        let (begun, end) = std::sync::mpsc::channel::<()>();
        let now = Some(Instant::now());
        let late = on_time(now, move || Ok(end.recv().is_ok())).await;
        let error = late.expect_err("the time is over");
        assert_eq!(error.reason(), Reason::Timeout);
        assert_eq!(error.exit(), crate::exit::Exit::Unanswered);
        drop(begun);
        assert!(on_time(None, || Ok(true)).await.expect("no limit"));
    }
    use futures::FutureExt;

    #[test]
    fn it_is_quiet_between_renderings_and_after_the_last() {
        let rendering = Rendering::default();
        let is_quiet = || rendering.quiet().now_or_never().is_some();
        assert!(!is_quiet());
        let (one, two) = (rendering.begin(), rendering.begin());
        drop(one);
        assert!(!is_quiet());
        drop(two);
        assert!(is_quiet());
        let _three = rendering.begin();
        assert!(!is_quiet());
        rendering.end();
        assert!(is_quiet());
    }
}
