//! The wish to stop, as far as requests heed it: nobody waits long to try again.

use std::time::Duration;

use tokio::sync::watch;

/// Shorter pauses are waited out: they may be all that is between a record and its end.
const SHORT: Duration = Duration::from_secs(1);

/// Never by default.
#[derive(Debug, Clone, Default)]
pub struct Stop(Option<watch::Receiver<bool>>);

impl Stop {
    pub fn when(receiver: watch::Receiver<bool>) -> Self {
        Self(Some(receiver))
    }

    /// Sleeps, unless it is to stop: then returns `false`.
    pub async fn sleep(&self, time: Duration) -> bool {
        let Some(mut receiver) = self.0.clone().filter(|_| time >= SHORT) else {
            tokio::time::sleep(time).await;
            return true;
        };
        let stopped = async {
            if receiver.wait_for(|stop| *stop).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = tokio::time::sleep(time) => true,
            () = stopped => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_long_pause_ends_when_somebody_wants_to_stop_and_a_short_one_by_itself() {
        let (sender, receiver) = watch::channel(false);
        let stop = Stop::when(receiver);
        assert!(stop.sleep(Duration::from_millis(1)).await);
        sender.send_replace(true);
        assert!(stop.sleep(Duration::from_millis(1)).await);
        assert!(!stop.sleep(Duration::from_secs(3600)).await);
        assert!(Stop::default().sleep(Duration::from_millis(1)).await);
    }
}
