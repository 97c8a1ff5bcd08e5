//! From the engine's values to the report's.

use super::pipeline::Target;
use super::sight;
use crate::cli::context::Context;
use crate::error::{Error, Reason};
use crate::health::{Status, is_counted, worst};
use crate::object::options::wave_number;
use crate::plan::ResourceStatus;
use crate::plan::owners::{Owner, OwnerKind};
use crate::plan::replacement::is_written_over;
use crate::repo::application::Application;
use crate::report::{
    Action, AppDiff, ErrorView, LiveValues, OwnerView, ResourceDiff, ResourceInput, ResourceRow,
    Sync,
};
use crate::sync::compare::{Drift, Resource};
use crate::sync::foreign::refusal;
use crate::sync::prepare::Prepared;
use crate::sync::prune::{Fate, fates};
use crate::sync::replace;
use crate::sync::run::Options;

/// An app's drift as the report has it, and what a sync with these options does about it; `source` is the revision and whether the
/// tree is dirty.
pub(super) fn drift(
    context: &Context,
    target: &Target,
    source: (String, bool),
    prepared: &Prepared,
    options: &Options,
) -> AppDiff {
    AppDiff {
        cluster: target.cluster.name.clone(),
        name: target.app.name.clone(),
        namespace: prepared.app.namespace.clone(),
        revision: source.0,
        dirty: source.1,
        notice: None,
        sync: sync(prepared),
        error: prepared.comparison.unread.first().map(ErrorView::from),
        resources: resources(
            &Asked {
                context,
                target,
                prepared,
            },
            options,
        ),
        exact: false,
        notes: target
            .redirected()
            .into_iter()
            .chain(notes(prepared, 1))
            .collect(),
    }
}

/// An app that could not be compared.
pub(super) fn failed(target: &Target, error: &Error) -> AppDiff {
    AppDiff::failed(
        target.cluster.name.clone(),
        target.app.name.clone(),
        target.namespace(),
        error,
    )
}

/// What an answer is about.
struct Asked<'a> {
    context: &'a Context,
    target: &'a Target,
    prepared: &'a Prepared,
}

/// Every object of an app with its changes, masked.
fn resources(asked: &Asked<'_>, options: &Options) -> Vec<ResourceDiff> {
    let prepared = asked.prepared;
    let resources = prepared.comparison.resources.iter();
    let fates = fates(prepared, options);
    resources
        .map(|resource| match fates.get(&resource.key) {
            Some(fate) => diff(asked, resource, Some(action(fate, resource.drift))),
            None => changed(asked, resource, options),
        })
        .collect()
}

fn action(fate: &Fate, drift: Drift) -> (Action, String) {
    match (fate, drift) {
        (Fate::Deleted, _) => (Action::Delete, String::new()),
        (Fate::Kept { why }, _) => (Action::Keep, why.clone()),
        (Fate::Left, Drift::Counted) => (Action::Keep, String::new()),
        (Fate::Left, Drift::Ignored) => (
            Action::Keep,
            "no drift by its `IgnoreExtraneous`".to_owned(),
        ),
    }
}

/// A desired object. One whose change the server refuses is replaced where that is allowed, else it says what would allow it.
fn changed(asked: &Asked<'_>, resource: &Resource, options: &Options) -> ResourceDiff {
    let prepared = asked.prepared;
    if let Some(error) = refusal(prepared, resource, options) {
        let refused = Resource {
            error: Some(error),
            ..resource.clone()
        };
        let action = (Action::Refuse, String::new());
        return diff(asked, &refused, Some(action));
    }
    let desired = resource.desired.and_then(|n| prepared.desired.get(n));
    let (Some(desired), Some(error)) = (desired, &resource.error) else {
        return diff(asked, resource, None);
    };
    if resource.status != ResourceStatus::Modified {
        return diff(asked, resource, None);
    }
    if error.reason() != Reason::Immutable {
        let is_written_over = is_written_over(desired, options.rewriting);
        let action = match is_written_over {
            true => (
                Action::Update,
                format!("written over as a whole: {}", error.message()),
            ),
            false => (Action::Refuse, String::new()),
        };
        let shown = Resource {
            error: resource.error.clone().filter(|_| !is_written_over),
            ..resource.clone()
        };
        return diff(asked, &shown, Some(action));
    }
    if replace::is_due(resource, desired, options.rewriting) {
        let replaced = Resource {
            error: None,
            ..resource.clone()
        };
        let action = (Action::Replace, error.message());
        return diff(asked, &replaced, Some(action));
    }
    let refused = Resource {
        error: Some(replace::advise(error.clone(), desired, options.rewriting)),
        ..resource.clone()
    };
    let action = (Action::Refuse, String::new());
    diff(asked, &refused, Some(action))
}

fn diff(asked: &Asked<'_>, resource: &Resource, action: Option<(Action, String)>) -> ResourceDiff {
    let prepared = asked.prepared;
    let values = sight::of(asked.context, asked.target, prepared, resource);
    let desired = resource.desired.and_then(|n| prepared.desired.get(n));
    let (live, predicted) = match &resource.sides {
        // What the server made of the apply holds live values too.
        Some(sides) if values == LiveValues::Masked => {
            (Some(&sides.0.value), desired.map(|object| &object.value))
        }
        Some(sides) => (Some(&sides.0.value), Some(&sides.1.value)),
        None if resource.status == ResourceStatus::Missing => {
            (None, desired.map(|object| &object.value))
        }
        None => (None, None),
    };
    ResourceDiff::new(
        asked.context.masker(),
        ResourceInput {
            gvk: resource.gvk(),
            namespace: resource.key.namespace.clone(),
            name: resource.key.name.clone(),
            status: resource.status,
            requires_prune: resource.status == ResourceStatus::Extra,
            action,
            taken_from: taken_from(prepared, resource),
            changes: &resource.changes,
            live,
            desired: predicted,
            error: resource.error.as_ref(),
            values,
        },
    )
}

/// Whose an object is that a sync takes over.
fn taken_from(prepared: &Prepared, resource: &Resource) -> Vec<OwnerView> {
    let asking = prepared.app.claimant();
    let owners = resource.taken_from.iter();
    let view = |owner: &Owner| {
        let holder = match owner.kind {
            OwnerKind::Set => prepared.claims.holder(&owner.name),
            OwnerKind::Tool | OwnerKind::ArgoApp | OwnerKind::Manager => None,
        };
        let app = holder.map(|holder| holder.app.named_for(&asking));
        OwnerView {
            kind: app.as_ref().map_or(owner.kind.as_str(), |_| "app"),
            shown: app
                .as_ref()
                .map_or_else(|| owner.describe(), |app| format!("app `{app}`")),
            name: app.map_or_else(|| owner.name.clone(), |app| app.to_string()),
            since: owner.since.clone(),
        }
    };
    if resource.status == ResourceStatus::InSync {
        return Vec::new();
    }
    owners.map(view).collect()
}

/// What a reader should know beside the changes, without the first `n_told` of what could not be read.
pub(super) fn notes(prepared: &Prepared, n_told: usize) -> Vec<String> {
    let resources = prepared.comparison.resources.iter();
    let inexact = resources.filter_map(|resource| {
        let why = resource.not_exact.as_ref()?;
        Some(format!(
            "the answer for `{}` is not exact: {why}",
            resource.key
        ))
    });
    let unread = prepared.comparison.unread.iter().skip(n_told).map(told);
    let records = prepared.record_notes().into_iter();
    records
        .chain(dying(prepared))
        .chain(inexact)
        .chain(disowned(prepared))
        .chain(unread)
        .chain(unreadable(prepared))
        .collect()
}

/// Objects that are being deleted, and what holds them.
pub(super) fn dying(prepared: &Prepared) -> impl Iterator<Item = String> + '_ {
    let resources = prepared.comparison.resources.iter();
    resources.filter_map(|resource| {
        let deletion = resource.live.as_ref()?.deletion.as_ref()?;
        Some(format!("`{}` {deletion}", resource.key))
    })
}

/// A word about objects that are as desired and still are written by the next sync.
fn disowned(prepared: &Prepared) -> Option<String> {
    let resources = prepared.comparison.resources.iter();
    let disowned: Vec<_> = resources.filter(|it| it.is_disowned()).collect();
    let first = &disowned.first()?.key;
    let more = match disowned.len() {
        1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    Some(format!(
        "nothing tells any more that pushboat applied `{first}`{more}; the next sync writes them once, without a change"
    ))
}

/// Files that could not be read, where nothing depends on them.
fn unreadable(prepared: &Prepared) -> impl Iterator<Item = String> + '_ {
    let is_counted = !prepared.comparison.extras.is_empty();
    let errors = prepared.unreadable.iter().filter(move |_| !is_counted);
    errors.map(told)
}

/// An error on one line, with what to do about it.
fn told(error: &crate::error::Error) -> String {
    match error.hints() {
        [] => error.to_string(),
        hints => format!("{error} (hint: {})", hints.join("; ")),
    }
}

/// Short words for a list.
pub(super) fn conditions(prepared: &Prepared) -> Vec<String> {
    let is_inexact = prepared
        .comparison
        .resources
        .iter()
        .any(|resource| resource.not_exact.is_some());
    let has_error = |status| {
        let mut resources = prepared.comparison.resources.iter();
        resources.any(|resource| resource.status == status && resource.error.is_some())
    };
    let is_unread = !prepared.comparison.unread.is_empty() || has_error(ResourceStatus::Unknown);
    let words = [
        (is_unread, "ComparisonError"),
        (has_error(ResourceStatus::Modified), "Refused"),
        (is_inexact, "NotExact"),
    ];
    words
        .into_iter()
        .filter(|(is_so, _)| *is_so)
        .map(|(_, word)| word.to_owned())
        .collect()
}

/// Why the question is open, where it is: what could not be read.
pub(super) fn unread(prepared: &Prepared) -> Option<ErrorView> {
    let resources = prepared.comparison.resources.iter();
    let mut unknown = resources.filter(|resource| resource.status == ResourceStatus::Unknown);
    let error = prepared.comparison.unread.first();
    error
        .or_else(|| unknown.find_map(|resource| resource.error.as_ref()))
        .map(ErrorView::from)
}

/// Whether the app is in sync. A scope that could not be read leaves the question open.
pub(super) fn sync(prepared: &Prepared) -> Sync {
    let sync = Sync::of(
        prepared
            .comparison
            .resources
            .iter()
            .filter(|resource| resource.drift == Drift::Counted)
            .map(|resource| resource.status),
    );
    if prepared.comparison.unread.is_empty() {
        sync
    } else {
        Sync::Unknown
    }
}

/// The app's health: the worst of its desired objects that count; `Missing` when none is there (Argo CD's rule).
pub(super) fn health(prepared: &Prepared) -> Status {
    let desired: Vec<&Resource> = prepared
        .comparison
        .resources
        .iter()
        .filter(|resource| resource.desired.is_some())
        .collect();
    if !desired.is_empty() && desired.iter().all(|resource| resource.live.is_none()) {
        return Status::Missing;
    }
    let counted = desired
        .iter()
        .filter(|resource| {
            let object = resource.desired.and_then(|n| prepared.desired.get(n));
            object.is_some_and(is_counted)
        })
        .filter_map(|resource| Some((&resource.key, resource.live.as_ref()?.health.as_ref()?)));
    worst(counted).status
}

/// The rows of a table of objects.
pub(super) fn rows(prepared: &Prepared) -> Vec<ResourceRow> {
    prepared
        .comparison
        .resources
        .iter()
        .map(|resource| row(prepared, resource))
        .collect()
}

fn row(prepared: &Prepared, resource: &Resource) -> ResourceRow {
    let health = resource.live.as_ref().and_then(|live| live.health.clone());
    let desired = resource.desired.and_then(|n| prepared.desired.get(n));
    ResourceRow {
        group: resource.key.group.clone(),
        version: resource.version.clone(),
        kind: resource.key.kind.clone(),
        namespace: resource.key.namespace.clone(),
        name: resource.key.name.clone(),
        status: Some(resource.status),
        message: match (&resource.error, &health) {
            (Some(error), _) => error.message(),
            (None, Some(health)) => health.message.clone(),
            (None, None) => String::new(),
        },
        health: health.map(|health| health.status),
        hook: String::new(),
        wave: desired.map_or(0, |object| i64::from(wave_number(object))),
    }
}

/// `Manual`, `Auto` or `Auto-Prune`, as Argo CD's list says it.
pub(super) fn policy(app: &Application) -> &'static str {
    match &app.policy.automated {
        Some(automated) if automated.enabled && automated.prune => "Auto-Prune",
        Some(automated) if automated.enabled => "Auto",
        Some(_) | None => "Manual",
    }
}
