//! One question to many targets: bounded, isolated, in order.
//!
//! A target that fails, hangs or panics costs its own answer and nothing else. Knows nothing of what is asked.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::error::{Error, Result};

/// Runs `ask` on every item and returns the answers in the order of the items.
///
/// At most `parallelism` run at once, shared evenly between the groups that `group` names (clusters), though each has one place at
/// least: the places of a group that is slow are never those of another.
///
/// Each runs as a task of its own, so that decoding and comparing use all cores; a panic becomes an error of reason `internal`.
/// Dropping the returned future stops them all.
pub async fn each<T, R, F, Fut>(
    items: Vec<T>,
    parallelism: usize,
    group: impl Fn(&T) -> &str,
    ask: F,
) -> Vec<Result<R>>
where
    T: Send + 'static,
    R: Send + 'static,
    F: Fn(T) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<R>> + Send + 'static,
{
    let mut groups: HashMap<String, Arc<Semaphore>> = HashMap::new();
    for item in &items {
        groups
            .entry(group(item).to_owned())
            .or_insert_with(|| Arc::new(Semaphore::new(0)));
    }
    let places = parallelism.div_ceil(groups.len().max(1)).max(1);
    for slots in groups.values_mut() {
        *slots = Arc::new(Semaphore::new(places));
    }
    let mut tasks = JoinSet::new();
    let mut answers: Vec<Option<Result<R>>> = Vec::new();
    answers.resize_with(items.len(), || None);
    for (n, item) in items.into_iter().enumerate() {
        let (slots, ask) = (groups.get(group(&item)).cloned(), ask.clone());
        tasks.spawn(async move {
            let _slot = match slots {
                Some(slots) => slots.acquire_owned().await.ok(),
                None => None,
            };
            (n, ask(item).await)
        });
    }
    while let Some(joined) = tasks.join_next().await {
        if let Ok((n, answer)) = joined {
            answers[n] = Some(answer);
        }
    }
    let panicked = || {
        Err(Error::internal("a bug in pushboat stopped this answer")
            .hint("please report it with the command you ran"))
    };
    answers
        .into_iter()
        .map(|answer| answer.unwrap_or_else(panicked))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_group_that_hangs_holds_no_place_of_another() {
        let items = vec!["slow", "slow", "slow", "quick"];
        let started = std::time::Instant::now();
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let ask = move |name: &'static str| {
            let sender = sender.clone();
            async move {
                if name == "slow" {
                    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                }
                let _ = sender.send(name);
                Ok(())
            }
        };
        each(items, 2, |name| name, ask).await;
        assert_eq!(receiver.recv().await, Some("quick"));
        assert!(
            started.elapsed() >= std::time::Duration::from_millis(600),
            "one place each"
        );
    }

    #[tokio::test]
    async fn a_panic_costs_its_own_answer_only() {
        let answers = each(
            vec![1, 2, 3],
            2,
            |_| "",
            |n| async move {
                assert!(n != 2, "two is broken");
                Ok(n * 10)
            },
        )
        .await;
        assert_eq!(answers[0].as_ref().ok(), Some(&10));
        assert!(answers[1].is_err());
        assert_eq!(answers[2].as_ref().ok(), Some(&30));
    }
}
