//! `spec.syncPolicy.retry`: a sync that failed is tried again, as often and as far apart as the Application says.

use std::time::Duration;

use crate::cli::args::parse_duration;
use crate::exit::Exit;
use crate::object::mask::Masker;
use crate::repo::application::Retry;
use crate::sync::again::agreed;
use crate::sync::intent::Intent;
use crate::sync::prepare::{self, Prepared, prepare};
use crate::sync::run::{self, Run, Synced};

/// Argo CD's defaults.
const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(180);
const FACTOR: u32 = 2;

/// Runs a sync, and again after a failure while the policy allows it. An interrupt, a guard and a lost lock are not failures to retry.
pub(super) async fn run(
    prepared: Prepared,
    run: &Run<'_>,
    policy: Option<&Retry>,
    masker: &Masker,
) -> Synced {
    let Some(policy) = policy.filter(|policy| policy.limit != 0 && !run.options.dry_run) else {
        return run::run(prepared, run).await;
    };
    let (app, cluster) = (prepared.app.clone(), prepared.cluster.clone());
    let (assumed_gone, mutations) = (prepared.assumed_gone.clone(), prepared.mutations);
    let unreadable = prepared.unreadable.clone();
    let lookups = prepared.lookups.clone();
    let (desired, claims) = (prepared.desired.clone(), prepared.claims.clone());
    let (taken_over, free_sets) = (prepared.taken_over.clone(), prepared.free_sets.clone());
    let shown = Intent::of(&prepared, run.options);
    let mut next = prepared;
    let mut n_retries = 0;
    loop {
        let synced = run::run(next, run).await;
        let is_last = policy.limit > 0 && n_retries >= policy.limit;
        if synced.exit() != Exit::No || is_last || synced.is_held_back() {
            return synced;
        }
        n_retries += 1;
        let pause = pause(policy, n_retries);
        run.events.warning(&format!(
            "the sync failed; try {n_retries} follows in {}s",
            pause.as_secs()
        ));
        if !run.interrupt.sleep(pause).await {
            return synced;
        }
        let options = prepare::Options {
            masker,
            exact: false,
            mutations,
            adopt: run.options.adopt,
            keep_live: false,
            assumed_gone: &assumed_gone,
            unreadable: &unreadable,
            lookups: &lookups,
        };
        let Ok(discovery) = cluster.refresh_discovery().await else {
            return synced;
        };
        match prepare(&cluster, discovery, app.clone(), desired.clone(), options).await {
            Ok(prepared) => {
                next = Prepared {
                    claims: claims.clone(),
                    taken_over: taken_over.clone(),
                    free_sets: free_sets.clone(),
                    ..prepared
                }
            }
            Err(_) => return synced,
        }
        if agreed(&next, run.options, run.confirm, &shown)
            .await
            .is_err()
        {
            return synced;
        }
    }
}

fn pause(policy: &Retry, n: i64) -> Duration {
    let time = |text: &str, default| parse_duration(text).unwrap_or(default);
    let first = time(&policy.duration, FIRST);
    let longest = match time(&policy.max_duration, LONGEST) {
        Duration::ZERO => Duration::MAX,
        longest => longest,
    };
    let factor = u32::try_from(policy.factor)
        .ok()
        .filter(|factor| *factor > 0)
        .unwrap_or(FACTOR);
    let times = u32::try_from(n - 1).unwrap_or(u32::MAX);
    factor
        .checked_pow(times)
        .and_then(|times| first.checked_mul(times))
        .unwrap_or(longest)
        .min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest() {
        let policy = Retry {
            limit: 5,
            duration: "5s".into(),
            factor: 2,
            max_duration: "30s".into(),
        };
        let seconds: Vec<u64> = (1..=5).map(|n| pause(&policy, n).as_secs()).collect();
        assert_eq!(seconds, [5, 10, 20, 30, 30]);
    }
}
