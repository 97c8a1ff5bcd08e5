//! Whether what is about to be written may be written at all: not what a rollback took away, not after somebody else's release.
//!
//! The decisions are those of `plan::rollback` and `plan::lineage`; here the records are read for them.

use std::sync::Arc;

use super::history::{Entry, Info, Outcome};
use super::parent::Parent;
use super::run::{Run, Source};
use crate::error::{Error, Reason, Result};
use crate::object::Lineage;
use crate::plan::lineage::{self, Course, Older};
use crate::plan::rollback::{self, Attempt, Held, Reach};

/// The history as decisions read it.
pub fn attempts(entries: &[Entry]) -> Vec<Attempt> {
    entries.iter().map(|entry| attempt(&entry.info)).collect()
}

fn attempt(info: &Info) -> Attempt {
    Attempt {
        id: info.id,
        content: info.digest.clone(),
        reach: reach(info),
        back_to: info.rollback_of,
        held: match info.applied {
            Some(_) => Held::Recorded(info.held.clone()),
            None => Held::LeftBehind(info.rolled_back_digest.clone()),
        },
    }
}

/// Versions that recorded only the result closed an entry as failed without a failed object when waiting or pruning failed.
pub fn reach(info: &Info) -> Reach {
    let is_whole = match (info.applied, info.result) {
        (Some(applied), _) => applied,
        (None, Outcome::Succeeded) => true,
        (None, Outcome::Failed) => info.failed == 0,
        (None, Outcome::InProgress | Outcome::Interrupted) => false,
    };
    match is_whole {
        true => Reach::Whole,
        false => Reach::Partial,
    }
}

/// An entry whose objects were all applied.
pub(super) fn is_applied(mut info: Info) -> Info {
    info.applied = Some(true);
    info.held = rollback::held_after(info.held, info.rollback_of);
    info
}

/// How what is about to be deployed stands to a commit that was deployed before it; who asks has no git.
#[derive(Clone)]
pub struct Ancestry {
    pub older: Older,
    pub lineage: Arc<dyn Fn(&str) -> Lineage + Send + Sync>,
}

impl std::fmt::Debug for Ancestry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ancestry({:?})", self.older)
    }
}

impl Ancestry {
    /// Of what is meant to go back, or has no commits to compare.
    pub fn any() -> Self {
        Self {
            older: Older::Allowed,
            lineage: Arc::new(|_| Lineage::Newer),
        }
    }
}

/// Whether a source may follow what the parent says was deployed last.
pub fn course(parent: Option<&Parent>, source: &Source) -> Course {
    let deployed = parent.and_then(|parent| parent.content.deployed.as_ref());
    match deployed {
        Some(deployed) if deployed.revision != source.revision => {
            let lineage = (source.ancestry.lineage)(&deployed.revision);
            let (deployed, next) = (&deployed.revision, &source.revision);
            lineage::course(deployed, next, &lineage, source.ancestry.older)
        }
        Some(_) | None => Course::Go,
    }
}

/// Whether the newest entry says already that this content was deployed whole.
pub(super) fn is_said(entries: &[Entry], source: &Source) -> bool {
    let newest = entries.last().map(|entry| attempt(&entry.info));
    newest.is_some_and(|newest| newest.reach == Reach::Whole && newest.content == source.digest)
}

/// Stops what would go back to an older commit, a sync that would bring back what a rollback took away, and a rollback that was chosen
/// by a history that has grown since.
pub(super) fn admit(parent: Option<&Parent>, entries: &[Entry], run: &Run<'_>) -> Result<()> {
    match course(parent, run.source) {
        Course::Go => {}
        Course::Warn(text) => run.events.warning(&text),
        Course::Stop(error) => return Err(error),
    }
    match &run.source.rollback {
        Some(_) => refuse_overtaken(entries, run.source),
        None if run.options.undo_rollback => Ok(()),
        None => refuse_rolled_back(entries, run.source),
    }
}

fn refuse_rolled_back(entries: &[Entry], source: &Source) -> Result<()> {
    if !rollback::held(&attempts(entries)).contains(&source.digest) {
        return Ok(());
    }
    let mut rollbacks = entries.iter().rev();
    let last = rollbacks.find(|entry| entry.info.rollback_of.is_some());
    let (by, at) = last.map_or(("somebody", "some time"), |entry| {
        (entry.info.by.as_str(), entry.info.started_at.as_str())
    });
    let message = format!("what the repository holds was rolled back by {by} at {at}");
    Err(Error::new(Reason::Guard, message)
        .hint("revert or fix it in git (`git revert`), or bring it back on purpose with `--undo-rollback`"))
}

/// A try of the same rollback is no release that was overlooked.
fn refuse_overtaken(entries: &[Entry], source: &Source) -> Result<()> {
    let Some(rollback) = &source.rollback else {
        return Ok(());
    };
    let mut since = entries
        .iter()
        .filter(|entry| entry.info.id > rollback.newest);
    let other = since.find(|entry| entry.info.rollback_of != Some(rollback.to));
    match other {
        None => Ok(()),
        Some(entry) => {
            let message = format!(
                "entry {} was written by {} since this rollback was chosen",
                entry.info.id, entry.info.by
            );
            let hint = "look at `pushboat app history` and roll back again";
            Err(Error::new(Reason::Guard, message).hint(hint))
        }
    }
}
