//! Whether what a sync would deploy is what the user looks at, and newer than what is deployed.
//!
//! git answers here; what follows from it is decided in `plan::lineage`.

use std::sync::Arc;

use super::pipeline::{Ready, Target};
use crate::cli::context::Context;
use crate::error::{Error, Reason, Result};
use crate::object::Lineage;
use crate::object::display::display;
use crate::plan::lineage::Older;
use crate::repo::checkout::WORKTREE;
use crate::repo::git::short;
use crate::sync::admission::Ancestry;

/// A branch that stands behind the checked-out commit is stale, or not what the user looks at: neither is deployed in its place.
pub(super) fn refuse_overlooked(context: &Context, target: &Target, ready: &Ready) -> Result<()> {
    let repository = context.repository()?;
    let Some(beside) = &ready.rendered.beside else {
        return Ok(());
    };
    if !repository.checkout().overlooks(beside) {
        return Ok(());
    }
    let (name, declared) = (target.display(), display(&beside.declared));
    let message = format!(
        "app `{name}` follows `{declared}`, which is commit {} here; {} contains it and would not be deployed",
        short(&beside.commit),
        beside.tree()
    );
    Err(Error::new(Reason::Guard, message)
        .hint(format!("bring `{declared}` up to date (`git fetch origin {declared}:{declared}`) or check it out"))
        .hint(format!("or say what is meant: `--worktree`, `--revision HEAD` or `--revision {declared}`")))
}

/// Of apps of this repository: commits of others are not fetched with their history.
pub(super) fn ancestry(
    context: &Context,
    target: &Target,
    ready: &Ready,
    older: Older,
) -> Result<Ancestry> {
    let repository = context.repository()?;
    let is_own = repository
        .checkout()
        .identity()
        .owns(&target.app.source.repo_url);
    if !is_own {
        return Ok(Ancestry::any());
    }
    let next = ready.rendered.revision.clone();
    Ok(Ancestry {
        older,
        lineage: Arc::new(move |deployed| match deployed {
            // Nothing is known of it.
            WORKTREE => Lineage::Newer,
            deployed => repository.checkout().lineage(deployed, &next),
        }),
    })
}
