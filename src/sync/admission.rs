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
use crate::plan::seal::SealKey;

/// The history as decisions read it, with every digest as the key of the record makes it.
pub fn attempts(entries: &[Entry], key: Option<&SealKey>) -> Vec<Attempt> {
    let entries = entries.iter();
    entries.map(|entry| attempt(&entry.info, key)).collect()
}

fn sealed(digest: &str, key: Option<&SealKey>) -> String {
    key.map_or_else(|| digest.to_owned(), |key| key.seal(digest))
}

fn attempt(info: &Info, key: Option<&SealKey>) -> Attempt {
    let sealed = |digest: &String| sealed(digest, key);
    Attempt {
        id: info.id,
        content: sealed(&info.digest),
        reach: reach(info),
        back_to: info.rollback_of,
        held: match info.applied {
            Some(_) => Held::Recorded(info.held.iter().map(sealed).collect()),
            None => Held::LeftBehind(info.rolled_back_digest.as_ref().map(sealed)),
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
pub(super) fn is_said(parent: Option<&Parent>, entries: &[Entry], source: &Source) -> bool {
    let key = key_of(parent);
    let newest = entries.last().map(|entry| attempt(&entry.info, key));
    newest.is_some_and(|newest| {
        newest.reach == Reach::Whole && newest.content == sealed(&source.digest, key)
    })
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
        None => refuse_rolled_back(parent, entries, run.source),
    }
}

fn key_of(parent: Option<&Parent>) -> Option<&SealKey> {
    parent.and_then(|parent| parent.content.key.as_ref())
}

fn refuse_rolled_back(parent: Option<&Parent>, entries: &[Entry], source: &Source) -> Result<()> {
    let key = key_of(parent).unwrap_or(&source.fresh_key);
    let held = rollback::held(&attempts(entries, Some(key)));
    if !held.contains(&key.seal(&source.digest)) {
        return match held.iter().any(|digest| key.is_foreign(digest)) {
            false => Ok(()),
            true => Err(Error::new(
                Reason::Guard,
                "whether what the repository holds was rolled back is not known: the record lost the key of its history",
            )
            .hint("look at `pushboat app history`; `--undo-rollback` deploys it on purpose")),
        };
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A digest that an earlier version wrote without a key, of what was rolled back and of what is held.
    #[test]
    fn digests_without_a_key_are_compared_with_those_that_have_one() {
        let info = |more: serde_json::Value| {
            let mut info = json!({
                "id": 1, "revision": "1a2b3c4", "dirty": false, "path": "apps/shop", "by": "me@here", "startedAt": "2026-01-01T00:00:00Z",
                "result": "Succeeded", "objects": 1, "parts": 1, "tool": "pushboat/v0.1.0", "digest": "00ff",
            });
            let (Some(all), Some(more)) = (info.as_object_mut(), more.as_object()) else {
                unreachable!("both are maps");
            };
            all.extend(more.clone());
            serde_json::from_value::<Info>(info).expect("an entry")
        };
        let key = SealKey::new([7; 32]);
        let old = attempt(&info(json!({"rolledBackDigest": "00aa"})), Some(&key));
        assert_eq!(old.content, key.seal("00ff"));
        assert_eq!(old.held, Held::LeftBehind(Some(key.seal("00aa"))));
        let new = attempt(
            &info(
                json!({"digest": key.seal("00ff"), "applied": true, "held": ["00aa", key.seal("00bb")]}),
            ),
            Some(&key),
        );
        assert_eq!(new.content, old.content);
        assert_eq!(
            new.held,
            Held::Recorded([key.seal("00aa"), key.seal("00bb")].into())
        );
        assert_eq!(
            attempt(&info(json!({})), None).content,
            "00ff",
            "as it stands"
        );
    }
}
