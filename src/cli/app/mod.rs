//! `pushboat app`: what is declared, what runs, how they differ, and making them equal.

mod again;
mod assume_args;
mod claims;
mod delete;
mod diff;
mod execute;
mod get;
mod history;
mod list;
mod manifests;
mod older;
mod orphans;
mod pipeline;
mod prune_args;
mod question;
pub(crate) mod rendering;
mod resources;
mod retry;
mod rollback;
mod show;
mod sight;
mod survey;
mod sync;
mod tree;
mod trust;
mod unlock;
mod wait;

use std::sync::Arc;

pub(crate) use pipeline::Target;
pub(crate) use survey::Access;

use super::context::Context;
use crate::error::Result;
use crate::exit::Exit;

/// Compare apps with their clusters, sync them, roll them back
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    List(list::Args),
    Get(get::Args),
    Manifests(manifests::Args),
    Resources(resources::Args),
    Tree(tree::Args),
    Diff(diff::Args),
    Sync(sync::Args),
    Wait(wait::Args),
    History(history::Args),
    Rollback(rollback::Args),
    Delete(delete::Args),
    Unlock(unlock::Args),
}

impl Command {
    /// Whether it writes to clusters, so that an interrupt lets it end properly.
    pub(crate) fn writes(&self) -> bool {
        matches!(
            self,
            Self::Sync(_) | Self::Rollback(_) | Self::Delete(_) | Self::Unlock(_)
        )
    }
}

pub(crate) async fn run(context: &Arc<Context>, command: Command) -> Result<Exit> {
    if command.writes() {
        context.will_write();
    }
    match command {
        Command::List(args) => list::run(context, args).await,
        Command::Get(args) => get::run(context, args).await,
        Command::Manifests(args) => manifests::run(context, args).await,
        Command::Resources(args) => resources::run(context, args).await,
        Command::Tree(args) => tree::run(context, args).await,
        Command::Diff(args) => diff::run(context, args).await,
        Command::Sync(args) => sync::run(context, args).await,
        Command::Wait(args) => wait::run(context, args).await,
        Command::History(args) => history::run(context, args).await,
        Command::Rollback(args) => rollback::run(context, args).await,
        Command::Delete(args) => delete::run(context, args).await,
        Command::Unlock(args) => unlock::run(context, args).await,
    }
}
