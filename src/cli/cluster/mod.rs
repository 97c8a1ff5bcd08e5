//! `pushboat cluster`: registering clusters, and asking all of them how they are.

mod add;
mod get;
mod list;
mod rm;

use std::sync::Arc;

pub(crate) use list::ask;

use super::context::Context;
use crate::error::Result;
use crate::exit::Exit;

/// Register clusters, test them, forget them
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Add(add::Args),
    List(list::Args),
    Get(get::Args),
    Rm(rm::Args),
}

pub(crate) async fn run(context: &Arc<Context>, command: Command) -> Result<Exit> {
    match command {
        Command::Add(args) => add::run(context, args).await,
        Command::List(args) => list::run(context, args).await,
        Command::Get(args) => get::run(context, args).await,
        Command::Rm(args) => rm::run(context, args).await,
    }
}
