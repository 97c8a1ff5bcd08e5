//! How many requests of one cluster are in flight: halved when the server asks to slow down, grown back with good answers.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Good answers in a row for each slot that comes back.
const GOOD_PER_SLOT: usize = 20;

/// The concurrency limit of one cluster.
#[derive(Debug, Clone)]
pub struct Limiter {
    slots: Arc<Semaphore>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    /// Slots that exist, those in use included.
    n_slots: usize,
    /// What `n_slots` should become; slots beyond it vanish when they are given back.
    target: usize,
    max: usize,
    n_good: usize,
}

/// A slot; dropped when the request has ended.
pub struct Slot {
    permit: Option<OwnedSemaphorePermit>,
    limiter: Limiter,
}

impl Limiter {
    pub fn new(max: usize) -> Self {
        let max = max.max(1);
        Self {
            slots: Arc::new(Semaphore::new(max)),
            state: Arc::new(Mutex::new(State {
                n_slots: max,
                target: max,
                max,
                n_good: 0,
            })),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // A panic while the lock was held cannot have left the numbers half-changed in a harmful way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a free slot, first come first served.
    pub async fn slot(&self) -> Slot {
        let permit = self.slots.clone().acquire_owned().await.ok();
        Slot {
            permit,
            limiter: self.clone(),
        }
    }

    /// The server asked to slow down.
    pub fn halve(&self) {
        let mut state = self.state();
        state.target = (state.target / 2).max(1);
        state.n_good = 0;
        while state.n_slots > state.target && self.slots.forget_permits(1) == 1 {
            state.n_slots -= 1;
        }
    }

    /// A request was answered well.
    pub fn good(&self) {
        let mut state = self.state();
        if state.target == state.max {
            return;
        }
        state.n_good += 1;
        if state.n_good >= GOOD_PER_SLOT {
            state.n_good = 0;
            state.target += 1;
            if state.n_slots < state.target {
                state.n_slots += 1;
                self.slots.add_permits(1);
            }
        }
    }

    /// How many requests may be in flight now.
    #[cfg(test)]
    pub fn target(&self) -> usize {
        self.state().target
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Some(permit) = self.permit.take() else {
            return;
        };
        let mut state = self.limiter.state();
        if state.n_slots > state.target {
            state.n_slots -= 1;
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn halves_and_grows_back_by_one_per_twenty_good_answers() {
        let limiter = Limiter::new(8);
        let held = limiter.slot().await;
        limiter.halve();
        assert_eq!(limiter.target(), 4);
        assert_eq!(limiter.slots.available_permits(), 3);
        drop(held);
        assert_eq!(limiter.slots.available_permits(), 4);
        for _ in 0..20 {
            limiter.good();
        }
        assert_eq!(limiter.slots.available_permits(), 5);
        for _ in 0..400 {
            limiter.good();
        }
        assert_eq!(limiter.slots.available_permits(), 8);
    }

    #[tokio::test]
    async fn slots_in_use_vanish_when_they_come_back() {
        let limiter = Limiter::new(4);
        let slots = [
            limiter.slot().await,
            limiter.slot().await,
            limiter.slot().await,
        ];
        limiter.halve();
        limiter.halve();
        drop(slots);
        assert_eq!(limiter.slots.available_permits(), 1);
    }
}
