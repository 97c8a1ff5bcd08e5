//! What a run writes down of itself before its first apply: the history entry, and the key of its digest.
//!
//! It writes nothing; `run` does.

use super::admission::attempts;
use super::clock::rfc3339;
use super::history::{Entry, Info, Outcome};
use super::prepare::Prepared;
use super::run::Run;
use super::taken_over::taken_by;
use crate::plan::rollback::held_from;
use crate::plan::seal::SealKey;

/// The key of the record, of the one that it moved from, or a new one.
pub(super) fn seal_key(prepared: &Prepared, run: &Run<'_>) -> SealKey {
    let former = prepared.former.iter().map(|former| &former.parent);
    let mut parents = prepared.parent.iter().chain(former);
    let key = parents.find_map(|parent| parent.content.key.clone());
    key.unwrap_or_else(|| run.source.fresh_key.clone())
}

/// What the entry says while the run is under way.
pub(super) fn info(
    prepared: &Prepared,
    run: &Run<'_>,
    entries: &[Entry],
    (id, key): (u64, &SealKey),
) -> Info {
    let digest = key.seal(&run.source.digest);
    let back_to = run.source.rollback.as_ref().map(|rollback| rollback.to);
    Info {
        id,
        revision: run.source.revision.clone(),
        dirty: run.source.dirty,
        path: run.source.path.clone(),
        by: format!("{}@{}", run.locker.holder.user, run.locker.holder.host),
        started_at: rfc3339(run.locker.clock.now()),
        finished_at: None,
        result: Outcome::InProgress,
        created: 0,
        configured: 0,
        pruned: 0,
        failed: 0,
        objects: prepared.desired.len(),
        rollback_of: back_to,
        applied: Some(false),
        held: held_from(&attempts(entries, Some(key)), &digest, back_to),
        rolled_back_digest: None,
        took_over: taken_by(prepared),
        digest,
        scope: None,
        parts: 1,
        tool: format!("pushboat/v{}", env!("CARGO_PKG_VERSION")),
    }
}
