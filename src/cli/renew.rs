//! Tokens that expire: any command that connects with one asks for the next while there is time.

use super::context::Context;
use crate::cluster::Cluster;
use crate::cluster::manager::{self, ManagerOptions};
use crate::cluster::registry::{Registered, Registry};
use crate::error::{Error, Reason, Result};
use crate::object::display::display;

/// The registration behind a context of pushboat's own kubeconfig, where its token expires.
pub(crate) fn expiring(context: &Context, name: &str) -> Result<Option<Registered>> {
    let is_own = context.kubeconfigs()?.own.resolve(name).is_ok();
    if !is_own {
        return Ok(None);
    }
    let registry = Registry::new(context.own_kubeconfig()?);
    let known = registry.list()?.into_iter().find(|old| old.name == name);
    Ok(known.filter(|known| known.expiry.is_some()))
}

/// Refuses a token that has ended: the server would only say that it does not know us.
pub(crate) fn check(context: &Context, registered: &Registered) -> Result<()> {
    match &registered.expiry {
        Some(expiry) if expiry.at <= context.now() => {
            let name = display(&registered.name);
            let text = format!("the token of cluster `{name}` expired at {}", expiry.at);
            Err(Error::new(Reason::Unauthorized, text).hint(format!(
                "register it again: `pushboat cluster add {} --name {name}`",
                display(registered.added_from.as_deref().unwrap_or("CONTEXT"))
            )))
        }
        Some(_) | None => Ok(()),
    }
}

/// Asks for the next token when less than a third of the time is left, and keeps it. This run goes on with the one it has.
pub(crate) async fn renew(context: &Context, registered: &Registered, cluster: &Cluster) {
    let (Some(expiry), Some(account), Some(token)) =
        (&registered.expiry, &registered.account, &registered.token)
    else {
        return;
    };
    if !expiry.is_near(context.now()) {
        return;
    }
    let options = ManagerOptions {
        account: account.name.clone(),
        namespace: account.namespace.clone(),
        ..ManagerOptions::default()
    };
    let kept = async {
        let next = manager::request(cluster, &options, token, expiry.asked).await?;
        Registry::new(context.own_kubeconfig()?).renew(&registered.name, &next)
    };
    if let Err(error) = kept.await {
        context.ui().warn(&format!(
            "the token of cluster `{}` expires at {} and could not be renewed: {error}",
            display(&registered.name),
            expiry.at
        ));
    }
}
