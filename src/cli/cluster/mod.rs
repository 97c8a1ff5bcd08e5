//! `pushboat cluster`: registering clusters, and asking all of them how they are.

mod account;
mod add;
mod get;
mod known;
mod list;
mod rm;

use std::sync::Arc;

pub(crate) use list::{ask, selected};

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

impl Command {
    /// Whether an interrupt must wait until what was begun is finished or taken back.
    pub(crate) fn writes(&self) -> bool {
        match self {
            Self::Add(_) | Self::Rm(_) => true,
            Self::List(_) | Self::Get(_) => false,
        }
    }
}

pub(crate) async fn run(context: &Arc<Context>, command: Command) -> Result<Exit> {
    match command {
        Command::Add(args) => add::run(context, args).await,
        Command::List(args) => list::run(context, args).await,
        Command::Get(args) => get::run(context, args).await,
        Command::Rm(args) => rm::run(context, args).await,
    }
}
