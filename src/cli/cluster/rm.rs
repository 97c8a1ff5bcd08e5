//! `pushboat cluster rm`: forgets a cluster, and takes back the account it was given.

use std::sync::Arc;

use crate::cli::context::Context;
use crate::cluster::Cluster;
use crate::cluster::manager::{self, ManagerOptions};
use crate::cluster::registry::Registry;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::ui::prompt::Question;

/// Forget a cluster and remove the account that `cluster add` made in it
///
/// Removes the account with the rights of the context it was added from, then the entry in pushboat's kubeconfig. What apps deployed stays,
/// and so does the folder in the repository.
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::CLUSTER_RM)]
pub(crate) struct Args {
    /// The cluster's name
    name: String,

    /// Leave the account in the cluster, as when the cluster is gone
    #[arg(long)]
    keep_account: bool,

    /// Do not ask
    #[arg(short = 'y', long)]
    yes: bool,
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    let registry = Registry::new(context.own_kubeconfig()?);
    let registered = registry
        .list()?
        .into_iter()
        .find(|registered| registered.name == args.name)
        .ok_or_else(|| {
            Error::usage(format!(
                "no cluster `{}` was added with `pushboat cluster add`",
                args.name
            ))
            .hint("a cluster that only the repository names goes with its folder under `clusters/`")
        })?;
    if !args.yes {
        let what = if args.keep_account {
            "its entry in pushboat's kubeconfig"
        } else {
            "its account and its entry in pushboat's kubeconfig"
        };
        let question = format!(
            "remove cluster `{}` ({}): {what}?",
            args.name, registered.server
        );
        if !context.ask(Question::yes_or_no(question)).await? {
            context.ui().status("nothing was changed");
            return Ok(Exit::No);
        }
    }
    if !args.keep_account {
        let from = registered.added_from.as_deref().unwrap_or(&args.name);
        let mut options = context.connect_options(&args.name, from)?;
        options.kubeconfig = context.kubeconfigs()?.user.clone();
        let removed = async {
            let cluster = Cluster::connect(&options).await?;
            manager::remove(&cluster, &ManagerOptions::default()).await
        };
        let removed = removed.await.map_err(|error| {
            error.hint("if the cluster is gone, forget it with `--keep-account`")
        })?;
        for key in &removed.removed {
            context.ui().status(&format!("removed {key}"));
        }
        for key in removed.foreign.iter().chain(&removed.pending) {
            context.ui().warn(&format!(
                "{key} was left: it is not pushboat's, or is still being deleted"
            ));
        }
    }
    registry.remove(&args.name)?;
    context
        .ui()
        .text(&format!("cluster `{}` removed\n", args.name));
    Ok(Exit::Ok)
}
