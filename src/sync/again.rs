//! What is decided again because the cluster moved on before the lock was ours.
//!
//! A comparison is made before the lock is taken. Whoever held the lock since may have written, adopted or deleted; then everything is
//! decided anew: the parent with its refusals, the comparison, what to prune, and for a rollback its target. It writes nothing.

use futures::future::BoxFuture;

use super::intent::Intent;
use super::lease::Lock;
use super::moving::Former;
use super::parent::Parent;
use super::prepare::{Depth, Prepared};
use super::records;
use super::run::Options;
use crate::error::{Error, Reason, Result};

/// Whoever may agree to a plan.
pub trait Confirm: Send + Sync {
    /// Whether a plan may be carried out that deletes or replaces what the plan before did not show.
    fn confirm<'a>(
        &'a self,
        prepared: &'a Prepared,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<bool>>;
}

/// Reads the parent with the lock, and decides everything again where it is not as it was, or where somebody held the lock meanwhile.
pub(super) async fn settle(
    prepared: &mut Prepared,
    options: &Options,
    confirm: &dyn Confirm,
    lock: Lock,
) -> Result<()> {
    let (cluster, app) = (&prepared.cluster, &prepared.app);
    let records = records::read(cluster, app, options.adopt, &prepared.lookups).await?;
    let former = |former: &[Former]| -> Vec<String> {
        let versions = former.iter().map(|it| it.parent.object.resource_version());
        versions.map(str::to_owned).collect()
    };
    let is_same = version(records.parent.as_ref()) == version(prepared.parent.as_ref())
        && former(&records.former) == former(&prepared.former);
    if lock == Lock::Free && is_same {
        return Ok(());
    }
    let shown = Intent::of(prepared, options);
    prepared.discovery = prepared.cluster.refresh_discovery().await?;
    prepared.set_records(records);
    prepared.compare(Depth::default()).await;
    agreed(prepared, options, confirm, &shown).await
}

/// Asks about a plan that deletes or replaces more than what was shown.
pub async fn agreed(
    prepared: &Prepared,
    options: &Options,
    confirm: &dyn Confirm,
    shown: &Intent,
) -> Result<()> {
    let exceeds = Intent::of(prepared, options).exceeds(shown);
    if !exceeds || confirm.confirm(prepared, options).await? {
        return Ok(());
    }
    let text = format!(
        "app `{}` changed meanwhile, and the new plan was not confirmed: nothing was written",
        prepared.app.display()
    );
    Err(Error::new(Reason::Guard, text))
}

fn version(parent: Option<&Parent>) -> Option<&str> {
    parent.map(|parent| parent.object.resource_version())
}
