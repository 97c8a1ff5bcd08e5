//! How two commits stand to each other, and which commits this clone's own branches and tags lead to.
//!
//! What cannot be known here, because a clone is shallow or lacks a commit, is said so and never guessed.

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;

use super::{short, why};
use crate::error::{Error, Result};
use crate::object::Lineage;
use crate::object::display::display;

/// Where a commit was looked for below others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Yes,
    No,
    /// The history ends where the clone does.
    Cut,
}

/// How `new` stands to `old`.
pub fn lineage(repo: &gix::Repository, old: &str, new: &str) -> Lineage {
    let known = |commit: &str| -> std::result::Result<ObjectId, Lineage> {
        let id = ObjectId::from_hex(commit.as_bytes()).ok();
        let id = id.filter(|id| repo.find_commit(*id).is_ok());
        id.ok_or_else(|| {
            Lineage::Unknown(format!(
                "commit {} is not in this clone",
                display(short(commit))
            ))
        })
    };
    if old == new {
        return Lineage::Same;
    }
    match known(old).and_then(|old| Ok((old, known(new)?))) {
        Ok((old, new)) => of_known(repo, old, new),
        Err(unknown) => unknown,
    }
}

fn of_known(repo: &gix::Repository, old: ObjectId, new: ObjectId) -> Lineage {
    let unreadable = |error: Error| Lineage::Unknown(error.message());
    let forward = find(repo, &[new], old);
    match forward {
        Ok(Found::Yes) => return Lineage::Newer,
        Ok(Found::No | Found::Cut) => {}
        Err(error) => return unreadable(error),
    }
    match (forward, find(repo, &[old], new)) {
        (_, Ok(Found::Yes)) => Lineage::Older,
        (Ok(Found::No), Ok(Found::No)) => Lineage::Apart,
        (_, Err(error)) => unreadable(error),
        _ => Lineage::Unknown("this is a shallow clone".to_owned()),
    }
}

/// Whether the checked-out commit, a branch or a tag of this clone, or one of `more`, is or contains `commit`. Branches of a remote that
/// nobody checked out do not count: whoever may open a pull request may push one.
pub fn is_merged(repo: &gix::Repository, commit: &str, more: &[String]) -> Result<bool> {
    let failed =
        |error: gix::Error| Error::config(format!("cannot read the refs: {}", why(&error)));
    let id = ObjectId::from_hex(commit.as_bytes())
        .map_err(|_| Error::config(format!("`{}` is no commit id", display(commit))))?;
    let named = more.iter().map(|id| ObjectId::from_hex(id.as_bytes()).ok());
    let head = repo.head_id().ok().map(gix::Id::detach);
    let mut tips: Vec<ObjectId> = named.chain([head]).flatten().collect();
    let references = repo.references().map_err(failed)?;
    let own = references.local_branches().map_err(failed)?;
    for reference in own.chain(references.tags().map_err(failed)?) {
        // A tag may name anything.
        let commit = reference.ok().and_then(|mut reference| {
            let object = reference.peel_to_id().ok()?.object().ok()?;
            object.peel_to_commit().ok()
        });
        tips.extend(commit.map(|commit| commit.id));
    }
    Ok(find(repo, &tips, id)? == Found::Yes)
}

/// Walks from the newest to the oldest, because what is looked for is mostly young.
fn find(repo: &gix::Repository, tips: &[ObjectId], wanted: ObjectId) -> Result<Found> {
    let failed = |error: gix::Error| {
        Error::config(format!(
            "cannot read the history of commits: {}",
            why(&error)
        ))
        .hint("the clone may be partial or damaged: `git fetch --refetch` brings every object")
    };
    let order = Sorting::ByCommitTime(CommitTimeOrder::NewestFirst);
    let walk = repo.rev_walk(tips.iter().copied()).sorting(order);
    for commit in walk.all().map_err(failed)? {
        if commit.map_err(failed)?.id == wanted {
            return Ok(Found::Yes);
        }
    }
    match repo.is_shallow() {
        Ok(false) => Ok(Found::No),
        Ok(true) | Err(_) => Ok(Found::Cut),
    }
}

/// Whether a name means what somebody may move: a branch, local or of a remote.
pub fn is_branch(repo: &gix::Repository, revision: &str) -> bool {
    let is_there = |name: &str| matches!(repo.try_find_reference(name), Ok(Some(found)) if found.name().as_bstr() == name.as_bytes().as_bstr());
    let revision = revision.trim();
    if revision.starts_with("refs/tags/") || is_there(&format!("refs/tags/{revision}")) {
        return false;
    }
    let names = ["", "refs/heads/", "refs/remotes/origin/", "refs/remotes/"];
    names
        .iter()
        .map(|prefix| format!("{prefix}{revision}"))
        .any(|name| name.starts_with("refs/") && is_there(&name))
}
