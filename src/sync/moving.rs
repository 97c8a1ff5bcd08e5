//! An app whose records stood in another namespace: they are tied together, the history is carried over, and what is left behind goes
//! once nothing belongs to it any more.
//!
//! The old parent is told of the new one before anything else is written, and the new one of the old: whichever commit is synced next,
//! from whichever of the two, finds both. So a run may die between any two requests.

use std::collections::BTreeSet;

use super::AppRef;
use super::history;
use super::interrupt::Interrupt;
use super::lease::{self, Held, Lock, Locker};
use super::parent::{self, Parent};
use super::prepare::Prepared;
use crate::cluster::Cluster;
use crate::error::Result;
use crate::object::{Key, labels};

/// A parent of the same app in another namespace.
#[derive(Debug, Clone)]
pub struct Former {
    /// The app as its records there know it.
    pub app: AppRef,
    pub parent: Parent,
}

impl Former {
    fn place(&self) -> &str {
        &self.app.records_namespace
    }
}

/// The namespaces with other parents of the app.
pub fn places(prepared: &Prepared) -> BTreeSet<String> {
    let former = prepared.former.iter();
    former.map(|former| former.place().to_owned()).collect()
}

/// Takes the locks of the other places too: a sync of an older commit knows only those.
pub(super) async fn lock(
    prepared: &Prepared,
    locker: &Locker,
    interrupt: &Interrupt,
    tell: &(dyn Fn(&str, &str) + Send + Sync),
) -> Result<(Vec<Held>, Lock)> {
    let mut all = Vec::new();
    let mut worst = Lock::Free;
    for former in &prepared.former {
        match lease::acquire(&prepared.cluster, &former.app, locker, interrupt, tell).await {
            Ok((held, lock)) => {
                all.push(held);
                if lock == Lock::Busy {
                    worst = lock;
                }
            }
            Err(error) => {
                release(&all).await;
                return Err(error.context(format!(
                    "the app has records in namespace `{}` too",
                    former.place()
                )));
            }
        }
    }
    Ok((all, worst))
}

/// Gives those locks back; one that cannot be given back expires.
pub(super) async fn release(locks: &[Held]) {
    for held in locks {
        let _ = held.release().await;
    }
}

/// Tells the other parents of the one that is about to be written.
pub(super) async fn link(prepared: &Prepared) -> Result<()> {
    let here = &prepared.app.records_namespace;
    for Former { app, parent } in &prepared.former {
        if parent.content.also_in.contains(here) {
            continue;
        }
        let mut content = parent.content.clone();
        content.also_in.insert(here.clone());
        parent::write(&prepared.cluster, app, &content, Some(parent)).await?;
    }
    Ok(())
}

/// Copies what is recorded of deployments in the other places, under the ids it has there.
pub(super) async fn carry_over(prepared: &Prepared) -> Result<()> {
    if prepared.former.is_empty() {
        return Ok(());
    }
    let (cluster, here) = (&prepared.cluster, &prepared.app);
    for Former { app, .. } in &prepared.former {
        let known = history::list(cluster, here).await?;
        history::copy(cluster, app, here, &known).await?;
    }
    Ok(())
}

/// Removes the records of places where no member is left; returns the places that stay.
pub(super) async fn finish(
    prepared: &Prepared,
    left: &BTreeSet<String>,
) -> Result<BTreeSet<String>> {
    let mut stay = BTreeSet::new();
    for Former { app, .. } in &prepared.former {
        if left.contains(&app.applyset_id()) {
            stay.insert(app.records_namespace.clone());
        } else {
            remove(&prepared.cluster, app).await?;
        }
    }
    Ok(stay)
}

/// Removes what is recorded in one place, the parent last.
pub(super) async fn remove(cluster: &Cluster, app: &AppRef) -> Result<()> {
    history::remove_all(cluster, app).await?;
    if let Some(parent) = parent::read(cluster, app, false).await? {
        parent::delete(cluster, &parent).await?;
    }
    Ok(())
}

/// The sets that objects of this app may carry: its own, and those of the places it moved from.
pub fn sets(prepared: &Prepared) -> BTreeSet<String> {
    let former = prepared
        .former
        .iter()
        .map(|former| former.app.applyset_id());
    former.chain([prepared.app.applyset_id()]).collect()
}

/// The sets of extras that stay after a run that deleted `deleted`.
pub(super) fn sets_left(
    prepared: &Prepared,
    is_deleted: impl Fn(&Key) -> bool,
) -> BTreeSet<String> {
    let extras = prepared.comparison.extras.iter();
    let left = extras.filter(|object| !is_deleted(&object.key()));
    left.filter_map(|object| object.label(labels::APPLYSET_PART_OF))
        .map(str::to_owned)
        .collect()
}
