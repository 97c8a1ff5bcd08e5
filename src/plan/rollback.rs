//! Which release a rollback goes back to, and which content is held after it.
//!
//! It reads no record and knows no objects: an attempt is what the history says of one sync or rollback, and a content is its digest.

use std::collections::BTreeSet;

/// A content, by the digest of its objects.
pub type Content = String;

/// One sync or rollback that wrote something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub id: u64,
    pub content: Content,
    pub reach: Reach,
    /// The attempt whose content it brought back, where it was a rollback.
    pub back_to: Option<u64>,
    pub held: Held,
}

/// How far an attempt came with its objects; waiting and pruning come after that and do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Every object was applied.
    Whole,
    /// Some may not have been.
    Partial,
}

/// What an attempt says of the contents that no sync may bring back unasked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// All that are held as long as it is the newest attempt.
    Recorded(BTreeSet<Content>),
    /// It was written by a version that recorded only what a rollback left behind.
    LeftBehind(Option<Content>),
}

/// What a rollback that names no attempt makes of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The newest: what a rollback leaves behind.
    Newest,
    /// Where a rollback goes.
    Target,
    /// Where it would go were the target not there.
    Earlier,
    /// Its content is what runs now.
    Same,
    /// Not all of its objects were applied.
    Partial,
    /// The rollback of this id left it behind.
    RolledBack(u64),
}

impl Verdict {
    /// The words that stand in tables and documents.
    pub fn text(self) -> String {
        match self {
            Self::Newest => "newest".to_owned(),
            Self::Target => "rollback goes here".to_owned(),
            Self::Earlier => "earlier".to_owned(),
            Self::Same => "same as the newest".to_owned(),
            Self::Partial => "not all objects were applied".to_owned(),
            Self::RolledBack(by) => format!("rolled back by {by}"),
        }
    }
}

/// A verdict for each attempt. They stand oldest first, as everywhere here.
///
/// The target is the newest attempt before the newest one whose objects were all applied. What a rollback left behind is passed over, and
/// so is what runs already.
pub fn verdicts(attempts: &[Attempt]) -> Vec<Verdict> {
    let mut has_target = false;
    let mut verdicts: Vec<Verdict> = attempts
        .iter()
        .rev()
        .enumerate()
        .map(|(n, attempt)| {
            let verdict = match n {
                0 => Verdict::Newest,
                _ => judge(attempts, attempt),
            };
            match (verdict, has_target) {
                (Verdict::Target, true) => Verdict::Earlier,
                _ => {
                    has_target |= verdict == Verdict::Target;
                    verdict
                }
            }
        })
        .collect();
    verdicts.reverse();
    verdicts
}

/// As if no newer attempt were the target.
fn judge(attempts: &[Attempt], attempt: &Attempt) -> Verdict {
    let runs = attempts
        .last()
        .filter(|newest| newest.reach == Reach::Whole)
        .map(|newest| &newest.content);
    if let Some(by) = left_behind_by(attempts, attempt.id) {
        Verdict::RolledBack(by)
    } else if attempt.reach == Reach::Partial {
        Verdict::Partial
    } else if runs == Some(&attempt.content) {
        Verdict::Same
    } else {
        Verdict::Target
    }
}

/// The rollback that went from this attempt, or from a later one, to an earlier one.
fn left_behind_by(attempts: &[Attempt], id: u64) -> Option<u64> {
    let rollbacks = attempts.iter().rev();
    let mut passing = rollbacks.filter(|rollback| {
        let back_to = rollback.back_to;
        back_to.is_some_and(|target| target < id) && id < rollback.id
    });
    passing.next().map(|rollback| rollback.id)
}

/// The contents that no sync may bring back unasked.
pub fn held(attempts: &[Attempt]) -> BTreeSet<Content> {
    for attempt in attempts.iter().rev() {
        match &attempt.held {
            Held::Recorded(held) => return held.clone(),
            Held::LeftBehind(Some(content)) => return BTreeSet::from([content.clone()]),
            Held::LeftBehind(None) if attempt.reach == Reach::Whole => break,
            Held::LeftBehind(None) => {}
        }
    }
    BTreeSet::new()
}

/// What is held from the first write of an attempt on: a rollback adds what it leaves behind, and nobody holds what is being deployed.
pub fn held_from(
    attempts: &[Attempt],
    content: &Content,
    back_to: Option<u64>,
) -> BTreeSet<Content> {
    let mut held = held(attempts);
    if back_to.is_some() {
        held.extend(live(attempts));
    }
    held.remove(content);
    held
}

/// What stays held after all objects were applied: a sync of other content is the change that the hold waited for.
pub fn held_after(held: BTreeSet<Content>, back_to: Option<u64>) -> BTreeSet<Content> {
    match back_to {
        Some(_) => held,
        None => BTreeSet::new(),
    }
}

/// What is live, or half live: an attempt that came to no end lies over those before it.
fn live(attempts: &[Attempt]) -> impl Iterator<Item = Content> + '_ {
    let newest_whole = attempts
        .iter()
        .rposition(|attempt| attempt.reach == Reach::Whole)
        .unwrap_or_default();
    attempts[newest_whole..]
        .iter()
        .map(|attempt| attempt.content.clone())
}

#[cfg(test)]
#[path = "rollback_tests.rs"]
mod tests;
