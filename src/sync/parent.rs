//! The parent of an app's ApplySet (KEP-3659) in the cluster: what may have been applied where, so that nothing applied is ever
//! unfindable. Its format and the refusals are `plan::applyset`'s.
//!
//! Widened before the first apply, narrowed only after the last successful prune.

use super::AppRef;
use crate::cluster::{ApplyOptions, Cluster, Deleted, Preconditions, Propagation};
use crate::error::Result;
use crate::object::Object;
use crate::plan::applyset::{Read, Scope};

/// Whether the last sync came to its end.
const PHASE: &str = "pushboat.dev/phase";
/// When the last run began that wrote members: with it no two runs leave the same record, so a comparison made before one is known to
/// be out of date.
const SINCE: &str = "pushboat.dev/since";

/// The commit that was deployed last, in full or in part.
const REVISION: &str = "pushboat.dev/revision";
/// Behind it where the working tree had changes that are in no commit.
const DIRTY: &str = "-dirty";

/// What a parent says was deployed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployed {
    /// A commit, or a word where there was none.
    pub revision: String,
    pub dirty: bool,
}

impl Deployed {
    fn read(object: &Object) -> Option<Self> {
        let text = object.annotation(REVISION)?;
        let revision = text.strip_suffix(DIRTY);
        Some(Self {
            revision: revision.unwrap_or(text).to_owned(),
            dirty: revision.is_some(),
        })
    }

    fn text(&self) -> String {
        let dirty = if self.dirty { DIRTY } else { "" };
        format!("{}{dirty}", self.revision)
    }
}

/// How far the sync that last wrote the parent came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Widened; objects may be applied or not.
    InProgress,
    /// Everything in scope is a member that is still desired, or was kept on purpose.
    Done,
}

impl Phase {
    fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Done => "Done",
        }
    }
}

/// The parent as it stands in the cluster.
#[derive(Debug, Clone)]
pub struct Parent {
    pub scope: Scope,
    pub phase: Phase,
    /// Absent where an older version wrote the parent.
    pub deployed: Option<Deployed>,
    /// What somebody spoilt, if so: the scope cannot be trusted to be whole, so nothing is pruned by it.
    pub damage: Option<String>,
    pub object: Object,
}

/// Reads the parent of `app`; refuses another tool's, another repository's and another app's unless `adopt`.
pub async fn read(cluster: &Cluster, app: &AppRef, adopt: bool) -> Result<Option<Parent>> {
    let found = cluster
        .get(
            &super::history::resource(),
            &app.records_namespace,
            &app.record_name(),
        )
        .await?;
    let Some(object) = found else { return Ok(None) };
    let phase = match object.annotation(PHASE) {
        Some("Done") => Phase::Done,
        _ => Phase::InProgress,
    };
    let (scope, damage) = match app.parent().read(&object) {
        Read::Ours(scope) => (scope, None),
        Read::Damaged { why, scope } => (scope, Some(why)),
        Read::Refused(_) if adopt => (Scope::default(), Some("it was somebody else's".to_owned())),
        Read::Refused(refusal) => {
            return Err(refusal
                .error(&app.parent())
                .context(format!("app `{}`", app.display())));
        }
    };
    Ok(Some(Parent {
        scope,
        phase,
        deployed: Deployed::read(&object),
        damage,
        object,
    }))
}

/// Writes the parent with exactly this scope; `since` is when the run began, `deployed` what it deploys.
pub async fn write(
    cluster: &Cluster,
    app: &AppRef,
    scope: &Scope,
    phase: Phase,
    since: &str,
    deployed: Option<&Deployed>,
) -> Result<Parent> {
    let mut parent = app.parent().object(scope);
    parent.set_label("app.kubernetes.io/managed-by", "pushboat");
    parent.set_annotation(PHASE, phase.as_str());
    parent.set_annotation(SINCE, since);
    if let Some(deployed) = deployed {
        parent.set_annotation(REVISION, &deployed.text());
    }
    let options = ApplyOptions {
        force: true,
        ..ApplyOptions::default()
    };
    let object = cluster
        .apply(&super::history::resource(), &parent, options)
        .await
        .map_err(|failure| {
            failure.error().clone().context(format!(
                "failed to write the parent record of app `{}`",
                app.display()
            ))
        })?;
    Ok(Parent {
        scope: scope.clone(),
        phase,
        deployed: deployed.cloned(),
        damage: None,
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
