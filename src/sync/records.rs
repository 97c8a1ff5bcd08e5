//! What is recorded of an app: its parent, where that is gone or spoilt what the history says instead, and where the app moved from
//! another namespace the parent there.
//!
//! It reads only. Where the parent is where it should be and nothing is wrong with it, it is one GET.

use std::collections::BTreeSet;

use super::AppRef;
use super::events::Events;
use super::history::{self, History};
use super::lookup::Lookups;
use super::moving::Former;
use super::parent::{self, Content, Parent, Trust};
use super::prepare::{Depth, Prepared};
use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::object::Object;
use crate::plan::applyset::Scope;

/// How many deployments tell where members may be, where none of them has recorded it.
const DEPLOYMENTS: usize = 3;

/// What was found of an app.
#[derive(Debug, Default)]
pub struct Records {
    pub parent: Option<Parent>,
    /// Parents of the same app in other namespaces: it moved from there, and may still have members by them.
    pub former: Vec<Former>,
    /// What a reader should know of how it was looked for.
    pub notes: Vec<String>,
    /// What could not be read: what is not known may hold members.
    pub unread: Vec<Error>,
}

/// Reads the records of `app`; refuses those of others unless `adopt`.
pub async fn read(
    cluster: &Cluster,
    app: &AppRef,
    adopt: bool,
    lookups: &Lookups,
) -> Result<Records> {
    let mut records = Records {
        parent: parent::read(cluster, app, adopt).await?,
        ..Records::default()
    };
    find_former(cluster, app, lookups, &mut records).await;
    let is_doubtful = match &records.parent {
        // What is not here is elsewhere.
        None => records.former.is_empty(),
        Some(parent) => match parent.trust {
            Trust::Whole | Trust::Unchecked => false,
            Trust::Restored(_) | Trust::Damaged(_) => true,
        },
    };
    if is_doubtful && let Err(error) = widen(cluster, app, &mut records).await {
        let what = format!("cannot read the history of app `{}`", app.display());
        records.unread.push(error.context(what));
    }
    Ok(records)
}

/// The history of an app, in the other places too where nothing is recorded in its own yet.
pub async fn history(cluster: &Cluster, app: &AppRef, lookups: &Lookups) -> Result<History> {
    let own = history::list(cluster, app).await?;
    if !own.entries.is_empty() || !own.unreadable.is_empty() {
        return Ok(own);
    }
    let found = lookups.find(cluster, app).await?;
    for place in found.places_of(app) {
        let there = history::list(cluster, &app.at(&place)).await?;
        if !there.entries.is_empty() {
            return Ok(there);
        }
    }
    Ok(own)
}

/// Looks for parents of the same app in other places. One that is where it should be names them; one that was written before parents
/// did so, and one that is not there, are looked for.
async fn find_former(cluster: &Cluster, app: &AppRef, lookups: &Lookups, records: &mut Records) {
    let parent = records.parent.as_ref();
    let mut places = parent.map_or_else(BTreeSet::new, |parent| parent.content.also_in.clone());
    if parent.is_none_or(|parent| parent.trust == Trust::Unchecked) {
        match lookups.find(cluster, app).await {
            Ok(found) => {
                places.extend(found.places_of(app));
                let note = found.note(app).filter(|_| parent.is_none());
                records.notes.extend(note);
            }
            Err(error) => records.unread.push(error),
        }
    }
    let mut seen = BTreeSet::from([app.records_namespace.clone()]);
    while let Some(place) = places.pop_first() {
        if !seen.insert(place.clone()) {
            continue;
        }
        let there = app.at(&place);
        match parent::read(cluster, &there, false).await {
            Ok(None) => {}
            Ok(Some(parent)) => {
                places.extend(parent.content.also_in.iter().cloned());
                records.former.push(Former { app: there, parent });
            }
            Err(error) => records.unread.push(error),
        }
    }
}

/// Where a parent is gone or not as it was written, the history knows where members may be.
async fn widen(cluster: &Cluster, app: &AppRef, records: &mut Records) -> Result<()> {
    let history = history::list(cluster, app).await?;
    let recorded = scope_of(cluster, app, &history, &mut records.unread).await;
    match (&mut records.parent, recorded) {
        (None, None) => {}
        (None, Some(scope)) => records.parent = Some(lost(scope)),
        (Some(parent), Some(scope)) => parent.content.scope = parent.content.scope.widened(&scope),
        (Some(parent), None) => {
            if let Trust::Restored(why) = &parent.trust {
                parent.trust = Trust::Damaged(format!("{why}, and there is no history to go by"));
            }
        }
    }
    Ok(())
}

/// What stands in for a parent that is gone while its history is not.
fn lost(scope: Scope) -> Parent {
    Parent {
        content: Content {
            scope,
            ..Content::default()
        },
        trust: Trust::Damaged("it is gone, and its history is not".to_owned()),
        renamed: Vec::new(),
        taken_from: None,
        object: Object::new(serde_json::Value::Null),
    }
}

/// Where members may be by the history: as its newest entry has recorded it, else where the newest deployments put objects.
async fn scope_of(
    cluster: &Cluster,
    app: &AppRef,
    history: &History,
    unread: &mut Vec<Error>,
) -> Option<Scope> {
    let mut found: Option<Scope> = None;
    for entry in history.entries.iter().rev().take(DEPLOYMENTS) {
        if let Some(scope) = entry.info.recorded_scope() {
            return Some(found.unwrap_or_default().widened(&scope));
        }
        let objects = history::manifests(cluster, app, entry).await;
        match objects {
            Ok(objects) => {
                let scope = app.scope_of(&objects);
                found = Some(found.unwrap_or_default().widened(&scope));
            }
            Err(error) => unread.push(error),
        }
    }
    found
}

/// Lets the newest entry widen the scope: a parent that was put back may be well-formed and say less than what was applied since. Where
/// it does, the members are listed again.
pub(super) async fn complete(prepared: &mut Prepared, events: &Events, history: &History) {
    let Some(parent) = &mut prepared.parent else {
        return;
    };
    if parent.damage().is_some() {
        events.warning("the parent record is gone or was changed; it is written anew from the history, and nothing is pruned");
    }
    let newest = history.entries.last();
    let Some(scope) = newest.and_then(|entry| entry.info.recorded_scope()) else {
        return;
    };
    let scope = parent.content.scope.widened(&scope);
    if scope != parent.content.scope {
        parent.content.scope = scope;
        prepared.compare(Depth::default()).await;
    }
}
