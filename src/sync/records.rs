//! What is recorded of an app: its parent, and where that is gone or spoilt what the history says instead.
//!
//! It reads only. Where nothing is wrong with the parent, it is one GET.

use super::AppRef;
use super::history::{self, History};
use super::parent::{self, Content, Parent, Trust};
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
    /// What could not be read: what is not known may hold members.
    pub unread: Vec<Error>,
}

/// Reads the records of `app`; refuses those of others unless `adopt`.
pub async fn read(cluster: &Cluster, app: &AppRef, adopt: bool) -> Result<Records> {
    let parent = parent::read(cluster, app, adopt).await?;
    let mut records = Records {
        parent,
        unread: Vec::new(),
    };
    let is_doubtful = match &records.parent {
        None => true,
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
