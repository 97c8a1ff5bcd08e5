//! Tells when no app that was asked for is being rendered, so that what only its claims need is read then: two renderings at once would
//! hold both in memory.

use tokio::sync::watch;

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
