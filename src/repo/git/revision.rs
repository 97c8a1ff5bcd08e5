//! Revisions as Argo CD resolves them: a full id, HEAD, a version constraint over tags, a ref, a short id, an expression.

use gix::ObjectId;
use gix::bstr::ByteSlice;

use super::why;
use crate::error::{Error, Result};
use crate::object::display::display;
use crate::repo::semver::{Constraint, Version};

/// Finds the commit that `revision` means.
pub fn resolve(repo: &gix::Repository, revision: &str) -> Result<ObjectId> {
    let revision = revision.trim();
    let revision = if revision.is_empty() {
        "HEAD"
    } else {
        revision
    };
    if is_hex(revision, 40..=40) {
        return full_id(repo, revision);
    }
    if let Some(constraint) = Constraint::parse(revision)
        && let Some(tag) = highest_tag(repo, &constraint)?
    {
        return peel(repo, &format!("refs/tags/{tag}")).ok_or_else(|| unresolved(repo, revision));
    }
    // A full name, then a tag, then a branch, then the remote's branch that has no local one.
    let names = [
        revision.to_owned(),
        format!("refs/tags/{revision}"),
        format!("refs/heads/{revision}"),
        format!("refs/remotes/origin/{revision}"),
        format!("refs/remotes/{revision}"),
    ];
    for name in &names {
        if let Some(id) = by_reference(repo, name) {
            return Ok(id);
        }
    }
    if is_hex(revision, 7..=39) || revision.contains(['~', '^']) || revision == "@" {
        return peel(repo, revision).ok_or_else(|| unresolved(repo, revision));
    }
    Err(unresolved(repo, revision))
}

fn full_id(repo: &gix::Repository, revision: &str) -> Result<ObjectId> {
    let id = ObjectId::from_hex(revision.as_bytes())
        .map_err(|_| Error::config(format!("`{}` is no commit id", display(revision))))?;
    if !repo.has_object(id) {
        return Err(unresolved(repo, revision));
    }
    peel(repo, revision).ok_or_else(|| unresolved(repo, revision))
}

fn by_reference(repo: &gix::Repository, name: &str) -> Option<ObjectId> {
    let mut reference = repo.try_find_reference(name).ok()??;
    // Only the exact name: gix would look in other places too.
    if reference.name().as_bstr() != name.as_bytes().as_bstr() {
        return None;
    }
    let id = reference.peel_to_id().ok()?.detach();
    commit_of(repo, id)
}

fn peel(repo: &gix::Repository, spec: &str) -> Option<ObjectId> {
    let id = repo.rev_parse_single(spec).ok()?.detach();
    commit_of(repo, id)
}

fn commit_of(repo: &gix::Repository, id: ObjectId) -> Option<ObjectId> {
    let object = repo.find_object(id).ok()?;
    Some(object.peel_to_commit().ok()?.id)
}

fn highest_tag(repo: &gix::Repository, constraint: &Constraint) -> Result<Option<String>> {
    let unreadable =
        |error: gix::Error| Error::config(format!("cannot read the tags: {}", why(&error)));
    let references = repo.references().map_err(unreadable)?;
    let mut best: Option<(Version, String)> = None;
    for tag in references.tags().map_err(unreadable)? {
        let Ok(tag) = tag else { continue };
        let name = tag.name().shorten().to_str_lossy().into_owned();
        let Some(version) = Version::parse(&name) else {
            continue;
        };
        if constraint.matches(&version) && best.as_ref().is_none_or(|(top, _)| *top < version) {
            best = Some((version, name));
        }
    }
    Ok(best.map(|(_, name)| name))
}

fn unresolved(repo: &gix::Repository, revision: &str) -> Error {
    let error = Error::config(format!(
        "unable to resolve '{}' to a commit SHA",
        display(revision)
    ));
    if repo.is_shallow().unwrap_or_default() {
        error.hint("this is a shallow clone: `git fetch --unshallow --tags` brings the rest")
    } else {
        error.hint(format!(
            "`git fetch --tags origin` brings what is new; `git rev-parse {}` must know it",
            display(revision)
        ))
    }
}

fn is_hex(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}
