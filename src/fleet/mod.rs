//! One question to many targets: bounded, isolated, in order.
//!
//! A target that fails, hangs or panics costs its own answer and nothing else. Knows nothing of what is asked.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::error::{Error, Result};

/// Runs `ask` on every item, at most `parallelism` at once, and returns the answers in the order of the items.
///
/// Each runs as a task of its own, so that decoding and comparing use all cores; a panic becomes an error of reason `internal`.
/// Dropping the returned future stops them all.
pub async fn each<T, R, F, Fut>(items: Vec<T>, parallelism: usize, ask: F) -> Vec<Result<R>>
where
    T: Send + 'static,
    R: Send + 'static,
    F: Fn(T) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<R>> + Send + 'static,
{
    let slots = Arc::new(Semaphore::new(parallelism.max(1)));
    let mut tasks = JoinSet::new();
    let mut answers: Vec<Option<Result<R>>> = Vec::new();
    answers.resize_with(items.len(), || None);
    for (n, item) in items.into_iter().enumerate() {
        let (slots, ask) = (slots.clone(), ask.clone());
        tasks.spawn(async move {
            let _slot = slots.acquire_owned().await;
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
    async fn a_panic_costs_its_own_answer_only() {
        let answers = each(vec![1, 2, 3], 2, |n| async move {
            assert!(n != 2, "two is broken");
            Ok(n * 10)
        })
        .await;
        assert_eq!(answers[0].as_ref().ok(), Some(&10));
        assert!(answers[1].is_err());
        assert_eq!(answers[2].as_ref().ok(), Some(&30));
    }
}
