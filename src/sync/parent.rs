//! The parent of an app's ApplySet (KEP-3659) in the cluster: what may have been applied where, so that nothing applied is ever
//! unfindable. Its format and the refusals are `plan::record`'s.
//!
//! Widened before the first apply, narrowed only after the last successful prune.

use super::AppRef;
use super::repeat::judge;
use crate::cluster::{ApplyOptions, Basis, Cluster, Deleted, Preconditions, Propagation, Seen};
use crate::error::Result;
use crate::object::Object;
use crate::plan::applyset::Scope;
use crate::plan::ownership::{NO_APPLY, own_mark};
pub use crate::plan::record::{Content, Deployed, Phase, Renamed, Trust};
use crate::plan::record::{Read, Refusal};
use crate::plan::seal::SealKey;

/// The parent as it stands in the cluster.
#[derive(Debug, Clone)]
pub struct Parent {
    pub content: Content,
    pub trust: Trust,
    /// What is called otherwise by now; the next write says so.
    pub renamed: Vec<Renamed>,
    /// Whose it was, where it is taken over in this run.
    pub taken_from: Option<String>,
    pub object: Object,
}

impl Parent {
    /// What somebody spoilt, if so: the scope cannot be trusted to be whole, so nothing is pruned by it.
    pub fn damage(&self) -> Option<&str> {
        match &self.trust {
            Trust::Damaged(why) => Some(why),
            Trust::Whole | Trust::Unchecked | Trust::Restored(_) => None,
        }
    }

    /// Whether it says what the next write would say of whose it is.
    pub fn is_current(&self) -> bool {
        let is_good = matches!(self.trust, Trust::Whole | Trust::Unchecked);
        is_good && self.renamed.is_empty() && self.taken_from.is_none()
    }

    /// What the next write changes of whose it is, for people.
    pub fn changes(&self) -> Vec<String> {
        let renamed = self.renamed.iter().map(Renamed::describe);
        let taken = self.taken_from.iter().map(|from| {
            format!("taken over from {from}; nothing is pruned in the run that takes it over")
        });
        let restored = match &self.trust {
            Trust::Restored(why) => Some(format!(
                "the record is not as it was left ({why}); the history completes it"
            )),
            Trust::Whole | Trust::Unchecked | Trust::Damaged(_) => None,
        };
        renamed.chain(taken).chain(restored).collect()
    }
}

/// Reads the parent of `app`; refuses another tool's, another repository's and another app's unless `adopt`.
pub async fn read(cluster: &Cluster, app: &AppRef, adopt: bool) -> Result<Option<Parent>> {
    let resource = super::history::resource();
    let found = cluster
        .get(&resource, &app.records_namespace, &app.record_name())
        .await?;
    let Some(object) = found else { return Ok(None) };
    match app.parent().read(&object) {
        Read::Ours {
            content,
            renamed,
            trust,
        } => Ok(Some(Parent {
            content,
            trust,
            renamed,
            taken_from: None,
            object,
        })),
        Read::Refused { refusal, scope } if adopt => Ok(Some(taken_over(&refusal, scope, object))),
        Read::Refused { refusal, .. } => Err(refusal
            .error(&app.parent())
            .context(format!("app `{}`", app.display()))),
    }
}

fn taken_over(refusal: &Refusal, scope: Scope, object: Object) -> Parent {
    Parent {
        content: Content {
            scope,
            key: SealKey::read(&object),
            ..Content::default()
        },
        trust: Trust::Whole,
        renamed: Vec::new(),
        taken_from: Some(refusal.from()),
        object,
    }
}

/// Writes the parent with exactly this content. `before` is the parent as it was read or written last: one that another run wrote since is
/// left as it is, with reason `conflict`.
pub async fn write(
    cluster: &Cluster,
    app: &AppRef,
    content: &Content,
    before: Option<&Parent>,
) -> Result<Parent> {
    let uid = before.map_or("", |before| before.object.uid());
    let own = before.map_or(NO_APPLY, |before| own_mark(&before.object));
    let parent = app.parent().object(content, uid);
    let options = ApplyOptions {
        force: true,
        ..ApplyOptions::default()
    };
    let judge =
        |found: Option<&Object>, maybe_done| Ok(judge(&parent, Some(own), found, maybe_done));
    let basis = Basis {
        seen: before.map(|before| Seen::of(&before.object)),
        judge: &judge,
    };
    let object = cluster
        .apply_by(&super::history::resource(), &parent, options, &basis)
        .await
        .map_err(|failure| {
            failure.error().clone().context(format!(
                "failed to write the parent record of app `{}`",
                app.display()
            ))
        })?;
    Ok(Parent {
        content: content.clone(),
        trust: Trust::Whole,
        renamed: Vec::new(),
        taken_from: None,
        object,
    })
}

/// Removes the parent: the last record to go.
pub async fn delete(cluster: &Cluster, parent: &Parent) -> Result<Deleted> {
    let preconditions = Preconditions {
        uid: parent.object.uid().to_owned(),
        resource_version: parent.object.resource_version().to_owned(),
    };
    let resource = super::history::resource();
    cluster
        .delete(
            &resource,
            &parent.object.key(),
            &preconditions,
            Propagation::Background,
        )
        .await
}
