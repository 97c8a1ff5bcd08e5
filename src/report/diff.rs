//! Drift as a value: what `app diff` answers, and the one document that pipelines rely on.
//!
//! The text forms are in `diff_text` and `unified`.

use std::str::FromStr;

use serde::Serialize;
use serde_json::Value;

use super::document::Report;
use super::error_view::ErrorView;
use super::{diff_text, unified, words};
use crate::error::Error;
use crate::exit::Exit;
use crate::object::mask::Masker;
use crate::object::redact::Redactor;
use crate::object::{Gvk, Key};
use crate::plan::{Change, Op, ResourceStatus, Writer};
use crate::ui::Screen;

/// Whether an app's cluster is as the repository wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Sync {
    Synced,
    OutOfSync,
    /// The question could not be answered, at least for one object.
    Unknown,
}

impl Sync {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Synced => "Synced",
            Self::OutOfSync => "OutOfSync",
            Self::Unknown => "Unknown",
        }
    }

    /// An app's answer from its objects': one that could not be read leaves the app's question open.
    pub fn of(statuses: impl IntoIterator<Item = ResourceStatus>) -> Self {
        statuses
            .into_iter()
            .fold(Self::Synced, |sync, status| match (sync, status) {
                (Self::Unknown, _) | (_, ResourceStatus::Unknown) => Self::Unknown,
                (sync, ResourceStatus::InSync) => sync,
                (_, ResourceStatus::Modified | ResourceStatus::Missing | ResourceStatus::Extra) => {
                    Self::OutOfSync
                }
            })
    }

    pub fn exit(self) -> Exit {
        match self {
            Self::Synced => Exit::Ok,
            Self::OutOfSync => Exit::No,
            Self::Unknown => Exit::Unanswered,
        }
    }
}

/// What a sync does with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Action {
    Nothing,
    Create,
    Update,
    /// Deleted and created anew, as a field of it cannot be changed.
    Replace,
    /// A sync fails at it, for the reason that stands beside it.
    Refuse,
    Delete,
    /// No longer desired and left in place.
    Keep,
}

impl Action {
    /// What follows from the status alone.
    fn of(status: ResourceStatus) -> Self {
        match status {
            ResourceStatus::Missing => Self::Create,
            ResourceStatus::Modified => Self::Update,
            ResourceStatus::Extra => Self::Keep,
            ResourceStatus::InSync | ResourceStatus::Unknown => Self::Nothing,
        }
    }
}

/// How the text form shows a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DiffFormat {
    /// One line a field.
    #[default]
    Path,
    /// One unified YAML diff an object.
    Unified,
}

impl FromStr for DiffFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "path" => Ok(Self::Path),
            "unified" => Ok(Self::Unified),
            other => Err(Error::usage(format!("unknown diff format `{other}`"))
                .hint("use one of `path`, `unified`")),
        }
    }
}

/// The drift of some apps.
#[derive(Debug, Clone, Serialize)]
pub struct DiffReport {
    #[serde(skip)]
    pub summary: Summary,
    pub apps: Vec<AppDiff>,
    #[serde(skip)]
    pub format: DiffFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    pub apps: usize,
    pub in_sync: usize,
    pub out_of_sync: usize,
    pub unknown: usize,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppDiff {
    pub cluster: String,
    pub name: String,
    /// Where the app goes, not where its Application stands.
    pub namespace: String,
    /// A commit, or `worktree`.
    pub revision: String,
    /// The working tree has changes that are in no commit.
    pub dirty: bool,
    /// What is checked out, where the app's `targetRevision` means something else.
    pub notice: Option<String>,
    pub sync: Sync,
    pub error: Option<ErrorView>,
    pub resources: Vec<ResourceDiff>,
    /// Every object was compared by the server itself (`--exact`), none by ownership records alone.
    pub exact: bool,
    /// What the reader should know and no field says: rules that match nothing, webhooks without dry-run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceDiff {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub namespace: String,
    pub name: String,
    #[serde(serialize_with = "words::word")]
    pub status: ResourceStatus,
    /// A sync leaves it in place unless `--prune` says otherwise.
    pub requires_prune: bool,
    /// What a sync does with it, by the options that hold.
    pub action: Action,
    /// Why it is kept or replaced, where that has a reason of its own.
    pub action_reason: String,
    /// Whose the object is, where a sync takes it over.
    pub taken_from: Vec<OwnerView>,
    pub changes: Vec<ChangeView>,
    /// The live values are masked: the object is neither this app's, nor in its namespace, nor named by its AppProject.
    pub live_masked: bool,
    /// Why the status is `Unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorView>,
    /// Both sides whole, masked and without what the server alone writes.
    #[serde(skip)]
    live: Option<Value>,
    #[serde(skip)]
    desired: Option<Value>,
}

impl std::fmt::Debug for ResourceDiff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "ResourceDiff({} {}/{} {})",
            self.kind,
            self.namespace,
            self.name,
            self.status.as_str()
        )
    }
}

#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeView {
    pub path: String,
    pub op: &'static str,
    pub live: Value,
    pub desired: Value,
    /// `git`, or `server` for what comes along with the write: an address or a port that is assigned, a default, admission.
    pub cause: &'static str,
    pub last_writer: Option<WriterView>,
}

/// Whose an object is, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerView {
    /// `tool`, `argocd-app`, `app`, `applyset` or `manager`.
    pub kind: &'static str,
    pub name: String,
    pub since: String,
    /// As a sentence names it.
    #[serde(skip)]
    pub shown: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WriterView {
    pub manager: String,
    pub operation: String,
    pub time: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subresource: String,
}

/// What a [`ResourceDiff`] is made of. The values are as they are; the report keeps masked copies only.
pub struct ResourceInput<'a> {
    pub gvk: Gvk,
    pub namespace: String,
    pub name: String,
    pub status: ResourceStatus,
    pub requires_prune: bool,
    /// What a sync does with it and why, where that is more than the status says.
    pub action: Option<(Action, String)>,
    pub taken_from: Vec<OwnerView>,
    pub changes: &'a [Change],
    /// For the unified form: the live object and what it would be after a sync. Neither is needed for the others.
    pub live: Option<&'a Value>,
    pub desired: Option<&'a Value>,
    pub error: Option<&'a Error>,
    /// What may be shown of the live object, in whatever form.
    pub values: LiveValues,
}

/// Whether the values of a live object may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveValues {
    Shown,
    /// It is somebody else's, and declared here.
    Masked,
}

impl ResourceDiff {
    pub fn new(masker: &Masker, input: ResourceInput<'_>) -> Self {
        let live_values = input.values;
        let in_secret = input.gvk.group.is_empty() && input.gvk.kind == "Secret";
        let redactor = redactor(masker, in_secret, &input);
        let side = |object: &Value| {
            let mut shown = unified::without_noise(masker.object(object), input.changes);
            redactor.annotations(&mut shown);
            shown
        };
        let change = |change: &Change| {
            let mut view = ChangeView::new(masker, in_secret, change);
            if view.path.starts_with("metadata") || view.path.is_empty() {
                redactor.value(&mut view.live);
                redactor.value(&mut view.desired);
            }
            if live_values == LiveValues::Masked {
                view.live = masker.whole(&view.live);
            }
            view
        };
        let live_side = |object: &Value| match live_values {
            LiveValues::Shown => side(object),
            LiveValues::Masked => unified::without_noise(masker.stranger(object), input.changes),
        };
        let key = Key {
            group: input.gvk.group.clone(),
            kind: input.gvk.kind.clone(),
            namespace: input.namespace.clone(),
            name: input.name.clone(),
        };
        let error = input.error.map(|error| match live_values {
            LiveValues::Shown => redactor.error(&key, error.clone()),
            LiveValues::Masked => redactor.quotations(error.clone()),
        });
        let error = error.as_ref().map(ErrorView::from);
        let by_status = || (Action::of(input.status), String::new());
        let (action, action_reason) = input.action.unwrap_or_else(by_status);
        Self {
            action,
            action_reason,
            taken_from: input.taken_from,
            changes: input.changes.iter().map(change).collect(),
            live: input.live.map(live_side),
            live_masked: live_values == LiveValues::Masked,
            desired: input.desired.map(side),
            error,
            group: input.gvk.group,
            version: input.gvk.version,
            kind: input.gvk.kind,
            namespace: input.namespace,
            name: input.name,
            status: input.status,
            requires_prune: input.requires_prune,
        }
    }

    pub(super) fn sides(&self) -> (Option<&Value>, Option<&Value>) {
        (self.live.as_ref(), self.desired.as_ref())
    }
}

/// Knows the object's own secrets; nothing for other kinds.
fn redactor(masker: &Masker, in_secret: bool, input: &ResourceInput<'_>) -> Redactor {
    let redactor = Redactor::new(masker);
    if in_secret {
        for object in [input.live, input.desired].into_iter().flatten() {
            redactor.learn(object);
        }
        for change in input.changes {
            for value in [&change.live, &change.desired].into_iter().flatten() {
                redactor.learn_at(&change.path, value);
            }
        }
    }
    redactor
}

impl ChangeView {
    fn new(masker: &Masker, in_secret: bool, change: &Change) -> Self {
        let shown = |value: &Option<Value>| {
            value.as_ref().map_or(Value::Null, |value| {
                masker.value_at(in_secret, &change.path, value)
            })
        };
        Self {
            path: change.path.to_string(),
            op: match change.op {
                Op::Add => "add",
                Op::Remove => "remove",
                Op::Replace => "replace",
            },
            live: shown(&change.live),
            desired: shown(&change.desired),
            cause: change.cause.as_str(),
            last_writer: change.last_writer.as_ref().map(WriterView::from),
        }
    }
}

impl From<&Writer> for WriterView {
    fn from(writer: &Writer) -> Self {
        Self {
            manager: writer.manager.clone(),
            operation: writer.operation.clone(),
            time: writer.time.clone(),
            subresource: writer.subresource.clone(),
        }
    }
}

impl AppDiff {
    /// An app that was looked at: its answer is that of its objects.
    pub fn new(
        cluster: String,
        name: String,
        namespace: String,
        revision: String,
        dirty: bool,
        resources: Vec<ResourceDiff>,
    ) -> Self {
        Self {
            cluster,
            name,
            namespace,
            revision,
            dirty,
            notice: None,
            sync: Sync::of(resources.iter().map(|resource| resource.status)),
            error: None,
            resources,
            exact: false,
            notes: Vec::new(),
        }
    }

    /// An app that could not be looked at.
    pub fn failed(cluster: String, name: String, namespace: String, error: &Error) -> Self {
        let empty = Self::new(cluster, name, namespace, String::new(), false, Vec::new());
        Self {
            sync: Sync::Unknown,
            error: Some(ErrorView::from(error)),
            ..empty
        }
    }

    /// How many objects have this status.
    pub fn count(&self, status: ResourceStatus) -> usize {
        self.resources.iter().filter(|r| r.status == status).count()
    }

    fn exit(&self) -> Exit {
        match &self.error {
            // Whatever went wrong, the question of drift was not answered.
            Some(error) => error.exit.worst(Exit::Unanswered),
            None => self.sync.exit(),
        }
    }
}

impl DiffReport {
    /// Apps come in order of cluster and name; objects stay in the order given.
    pub fn new(mut apps: Vec<AppDiff>, format: DiffFormat) -> Self {
        apps.sort_by(|a, b| (&a.cluster, &a.name).cmp(&(&b.cluster, &b.name)));
        let of = |sync| apps.iter().filter(|app| app.sync == sync).count();
        Self {
            summary: Summary {
                apps: apps.len(),
                in_sync: of(Sync::Synced),
                out_of_sync: of(Sync::OutOfSync),
                unknown: of(Sync::Unknown),
            },
            apps,
            format,
        }
    }
}

impl Report for DiffReport {
    const KIND: &'static str = "DiffReport";

    fn text(&self, screen: &Screen) -> String {
        match self.format {
            DiffFormat::Path => diff_text::text(self, screen),
            DiffFormat::Unified => unified::text(self, screen),
        }
    }

    /// The apps that are not in sync.
    fn names(&self) -> Vec<String> {
        let apps = self.apps.iter().filter(|app| app.sync != Sync::Synced);
        apps.map(|app| format!("{}/{}", app.cluster, app.name))
            .collect()
    }

    fn exit(&self) -> Exit {
        self.apps.iter().map(AppDiff::exit).collect()
    }

    fn counts(&self) -> Vec<(&'static str, usize)> {
        let summary = &self.summary;
        vec![
            ("apps", summary.apps),
            ("inSync", summary.in_sync),
            ("outOfSync", summary.out_of_sync),
            ("unknown", summary.unknown),
        ]
    }
}
