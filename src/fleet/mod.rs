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
/// least: a slow group never takes the places of another. What a group no longer needs is lent to those that still wait.
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
    let mut places = Places::new(parallelism, items.iter().map(&group));
    let mut tasks = JoinSet::new();
    let mut answers: Vec<Option<Result<R>>> = Vec::new();
    answers.resize_with(items.len(), || None);
    for (n, item) in items.into_iter().enumerate() {
        let (slots, ask) = (places.slots(n), ask.clone());
        tasks.spawn(async move {
            let _slot = slots.acquire_owned().await.ok();
            (n, ask(item).await)
        });
    }
    while let Some(joined) = tasks.join_next().await {
        if let Ok((n, answer)) = joined {
            answers[n] = Some(answer);
            places.done(n);
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

/// Who may ask at the same time.
struct Places {
    parallelism: usize,
    groups: Vec<Group>,
    /// The group of each item.
    of: Vec<usize>,
}

/// The items of one cluster.
struct Group {
    slots: Arc<Semaphore>,
    places: usize,
    /// Items that have no answer yet.
    left: usize,
}

impl Places {
    /// An equal share for each group, and one place at least.
    fn new<'a>(parallelism: usize, names: impl Iterator<Item = &'a str>) -> Self {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut left: Vec<usize> = Vec::new();
        let mut of = Vec::new();
        for name in names {
            let number = *numbers.entry(name).or_insert(left.len());
            if number == left.len() {
                left.push(0);
            }
            left[number] += 1;
            of.push(number);
        }
        let places = parallelism.div_ceil(left.len().max(1)).max(1);
        let groups = left.into_iter().map(|left| Group {
            slots: Arc::new(Semaphore::new(places)),
            places,
            left,
        });
        Self {
            parallelism,
            groups: groups.collect(),
            of,
        }
    }

    fn slots(&self, item: usize) -> Arc<Semaphore> {
        self.groups[self.of[item]].slots.clone()
    }

    /// An item has its answer: places that its group no longer needs are lent to groups that wait, in turns.
    fn done(&mut self, item: usize) {
        self.groups[self.of[item]].left -= 1;
        let needed = self.groups.iter().map(|group| group.places.min(group.left));
        let mut spare = self.parallelism.saturating_sub(needed.sum());
        loop {
            let before = spare;
            let waiting = self.groups.iter_mut();
            for group in waiting
                .filter(|group| group.left > group.places)
                .take(spare)
            {
                group.places += 1;
                group.slots.add_permits(1);
                spare -= 1;
            }
            if spare == before || spare == 0 {
                return;
            }
        }
    }
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
        let elapsed = started.elapsed();
        assert!(
            elapsed >= std::time::Duration::from_millis(400),
            "one place each, and the place of the quick one when it is done: {elapsed:?}"
        );
    }

    #[test]
    fn places_that_one_group_no_longer_needs_are_lent_to_the_others() {
        let names = ["a", "a", "b", "b", "b", "b", "c", "c", "c"];
        let mut places = Places::new(3, names.into_iter());
        let of = |places: &Places| -> Vec<usize> {
            places.groups.iter().map(|group| group.places).collect()
        };
        assert_eq!(of(&places), [1, 1, 1]);
        places.done(0);
        assert_eq!(of(&places), [1, 1, 1], "the other item of a needs it");
        places.done(1);
        assert_eq!(of(&places), [1, 2, 1]);
        (6..9).for_each(|item| places.done(item));
        assert_eq!(of(&places), [1, 3, 1]);
        (2..6).for_each(|item| places.done(item));
        assert_eq!(of(&places), [1, 3, 1], "nobody waits any more");
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
