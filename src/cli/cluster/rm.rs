//! `pushboat cluster rm`: forgets a cluster, and takes back the account it was given.

use std::sync::Arc;

use super::{account, list};
use crate::cli::context::Context;
use crate::cluster::manager::{self, ManagerOptions, Removed, Tokens};
use crate::cluster::registry::{Registered, Registry};
use crate::cluster::{Cluster, ConnectOptions};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::repo::cluster::normalise_server;
use crate::ui::prompt::Question;

/// Forget a cluster and remove the account that `cluster add` made in it
///
/// Removes the token with the rights of the context it was added from, or of `--context`; then, when no other registration has a token of
/// the account, the account and all its rights; then the entry in pushboat's kubeconfig. What apps deployed stays, and so does the folder in
/// the repository. With `--context` it also cleans up after a `cluster add` that failed.
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
    list::check_named(context, &args.name)?;
    let registry = Registry::new(context.own_kubeconfig()?);
    let all = registry.list()?;
    let registered = all.iter().find(|registered| registered.name == args.name);
    if registered.is_none() && context.global().context.is_none() {
        let text = format!(
            "no cluster `{}` was added with `pushboat cluster add`",
            args.name
        );
        return Err(Error::usage(text)
            .hint("a cluster that only the repository names goes with its folder under `clusters/`")
            .hint("to remove what a failed `cluster add` left in a cluster, name your context for it with `--context`"));
    }
    let question = Question::yes_or_no(question(&args, registered));
    if !args.yes && !context.ask(question).await? {
        context.ui().status("nothing was changed");
        return Ok(Exit::No);
    }
    if !args.keep_account {
        let removed = remove_account(context, &args.name, registered, &all).await;
        let removed = removed.map_err(|error| {
            error.hint("if the cluster is gone, forget it with `--keep-account`")
        })?;
        tell(context, &removed);
    }
    registry.remove(&args.name)?;
    context
        .ui()
        .text(&format!("cluster `{}` removed\n", args.name));
    Ok(Exit::Ok)
}

fn question(args: &Args, registered: Option<&Registered>) -> String {
    let what = match (args.keep_account, registered) {
        (_, None) => "what a `cluster add` left in the cluster",
        (true, Some(_)) => "its entry in pushboat's kubeconfig",
        (false, Some(_)) => "its account and its entry in pushboat's kubeconfig",
    };
    let server = registered.map_or("not registered", |registered| registered.server.as_str());
    format!("remove cluster `{}` ({server}): {what}?", args.name)
}

async fn remove_account(
    context: &Context,
    name: &str,
    registered: Option<&Registered>,
    all: &[Registered],
) -> Result<Removed> {
    let cluster = Cluster::connect(&as_user(context, name, registered)?).await?;
    let by = context.who();
    if let Some(registered) = registered {
        let options = account::of(registered, &by);
        return manager::remove(&cluster, &options, account::tokens(registered, all)).await;
    }
    // Nothing is known of it but its name: both accounts that it may have had.
    let mut removed = Removed::default();
    for account in [manager::limited_account(name), manager::NAME.to_owned()] {
        let options = ManagerOptions {
            account,
            registration: name.to_owned(),
            by: by.clone(),
            ..ManagerOptions::default()
        };
        removed.merge(manager::remove(&cluster, &options, Tokens::OfRegistration).await?);
    }
    Ok(removed)
}

/// A connection with the rights of the user: the account cannot remove itself.
fn as_user(
    context: &Context,
    name: &str,
    registered: Option<&Registered>,
) -> Result<ConnectOptions> {
    let given = context.global().context.as_deref();
    let added_from = registered.and_then(|registered| registered.added_from.as_deref());
    let mut options = context.connect_options(name, given.or(added_from).unwrap_or(name))?;
    options.kubeconfig = context.kubeconfigs()?.user.clone();
    registered.map_or(Ok(()), |registered| check_same_server(&options, registered))?;
    Ok(options)
}

/// Tells what was removed and what stays.
pub(super) fn tell(context: &Context, removed: &Removed) {
    let ui = context.ui();
    for key in &removed.removed {
        ui.status(&format!("removed {key}"));
    }
    for key in removed.foreign.iter().chain(&removed.pending) {
        ui.warn(&format!(
            "{key} was left: it is not pushboat's, or is still being deleted"
        ));
    }
    if !removed.shared_with.is_empty() {
        ui.warn(&format!(
            "the account and its rights stay, as other registrations have a token of it: {}",
            removed.shared_with.join(", ")
        ));
    }
    if let Some(why) = &removed.unsearched {
        ui.warn(&format!(
            "roles and bindings in other namespaces were not looked for: {why}"
        ));
    }
}

/// The context that the cluster was added from may be another cluster by now.
fn check_same_server(options: &ConnectOptions, registered: &Registered) -> Result<()> {
    let found = options.kubeconfig.resolve(&options.context)?;
    let server = found.cluster.server.unwrap_or_default();
    if normalise_server(&server) == normalise_server(&registered.server) {
        return Ok(());
    }
    Err(Error::config(format!(
        "cluster `{}` was added as `{}`, and its context `{}` leads to `{}` now",
        registered.name, registered.server, options.context, server
    ))
    .hint("give a kubeconfig where the context is that cluster, or leave the account with `--keep-account`"))
}
