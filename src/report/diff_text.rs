//! Drift by path: a headline an app, a line an object, a line a field.

use serde_json::Value;

use super::diff::{Action, AppDiff, ChangeView, DiffReport, OwnerView, ResourceDiff, WriterView};
use super::labels::{self, object};
use crate::object::display::display;
use crate::plan::{Cause, ResourceStatus};
use crate::ui::table::cut;
use crate::ui::{Label, Screen};

/// Characters of a value shown; JSON has it whole.
const LONGEST_VALUE: usize = 120;

/// Statuses in the order a reader wants them.
pub(super) const ORDER: [ResourceStatus; 4] = [
    ResourceStatus::Unknown,
    ResourceStatus::Missing,
    ResourceStatus::Modified,
    ResourceStatus::Extra,
];

pub fn text(report: &DiffReport, screen: &Screen) -> String {
    let apps: Vec<String> = report.apps.iter().map(|app| one_app(app, screen)).collect();
    let mut text = String::new();
    for (n, app) in apps.iter().enumerate() {
        // A blank line sets off what has lines of its own.
        if n > 0 && (app.lines().count() > 1 || apps[n - 1].lines().count() > 1) {
            text.push('\n');
        }
        text.push_str(app);
    }
    if report.apps.len() > 1 {
        text.push_str(&format!("\n{}\n", totals(report)));
    }
    text
}

/// `3 apps: 1 in sync, 1 out of sync, 1 unknown`.
fn totals(report: &DiffReport) -> String {
    let summary = &report.summary;
    format!(
        "{}: {} in sync, {} out of sync, {} unknown",
        labels::count(summary.apps, "app"),
        summary.in_sync,
        summary.out_of_sync,
        summary.unknown
    )
}

fn one_app(app: &AppDiff, screen: &Screen) -> String {
    let mut text = headline(app, screen);
    if let Some(error) = &app.error {
        text.push_str(&error.indented(screen));
    }
    for note in app.notice.iter().chain(&app.notes) {
        text.push_str(&format!("  note: {}\n", display(note)));
    }
    for resource in &app.resources {
        text.push_str(&one_resource(resource, screen));
    }
    text
}

/// `dev/guestbook  OutOfSync (1 missing, 2 modified)  worktree, dirty`.
pub(super) fn headline(app: &AppDiff, screen: &Screen) -> String {
    let counts: Vec<String> = ORDER
        .into_iter()
        .map(|status| (app.count(status), status))
        .filter(|(n, _)| *n > 0)
        .map(|(n, status)| format!("{n} {}", status.as_str().to_lowercase()))
        .collect();
    let name = format!("{}/{}", display(&app.cluster), display(&app.name));
    let mut line = format!(
        "{}  {}",
        screen.paint(Label::Heading, &name),
        screen.paint(labels::of_sync(app.sync), app.sync.as_str())
    );
    if !counts.is_empty() {
        line.push_str(&format!(" ({})", counts.join(", ")));
    }
    let mut source = display(labels::short_revision(&app.revision)).into_owned();
    if app.dirty {
        source.push_str(", dirty");
    }
    if app.exact {
        source.push_str(", exact");
    }
    if !source.is_empty() {
        line.push_str(&format!(
            "  {}",
            screen.paint(Label::Dim, source.trim_start_matches(", "))
        ));
    }
    line.push('\n');
    line
}

fn one_resource(resource: &ResourceDiff, screen: &Screen) -> String {
    if resource.status == ResourceStatus::InSync {
        return String::new();
    }
    let name = object(
        &resource.group,
        &resource.kind,
        &resource.namespace,
        &resource.name,
    );
    let sign = screen.paint(
        labels::of_status(resource.status),
        labels::sign(resource.status),
    );
    let mut text = format!("{sign} {}{}\n", display(&name), remark(resource, screen));
    if let Some(error) = &resource.error {
        text.push_str(&error.indented_by("    ", screen));
    }
    for owner in &resource.taken_from {
        if resource.action != Action::Refuse {
            text.push_str(&taken_from(owner, screen));
        }
    }
    text.push_str(&masked(resource, screen));
    // Every field of a missing object is missing; the unified form has it whole.
    if resource.status == ResourceStatus::Modified {
        for change in &resource.changes {
            text.push_str(&one_change(change, screen));
        }
    }
    text
}

/// A word about live values that are not shown.
pub(super) fn masked(resource: &ResourceDiff, screen: &Screen) -> String {
    if !resource.live_masked || resource.status == ResourceStatus::InSync {
        return String::new();
    }
    let words = "live values are masked: the object is not this app's, not in its namespace, and its AppProject does not name it";
    format!("    {}\n", screen.paint(Label::Attention, words))
}

/// `    taken over from Helm release `shop/web`, since 2026-01-01T00:00:00Z`.
fn taken_from(owner: &OwnerView, screen: &Screen) -> String {
    let since = match owner.since.as_str() {
        "" => String::new(),
        since => format!(", since {since}"),
    };
    let words = format!("taken over from {}{since}", owner.shown);
    format!("    {}\n", screen.paint(Label::Attention, &display(&words)))
}

pub(super) fn remark(resource: &ResourceDiff, screen: &Screen) -> String {
    let words = match (resource.status, resource.action) {
        (_, Action::Replace) => {
            return screen.paint(
                Label::Removed,
                "  will be replaced: deleted and created anew",
            );
        }
        (_, Action::Delete) => return screen.paint(Label::Removed, "  will be deleted"),
        (ResourceStatus::Extra, _) if !resource.action_reason.is_empty() => {
            &format!("  kept: {}", display(&resource.action_reason))
        }
        (ResourceStatus::Extra, _) if resource.requires_prune => "  extra, stays unless pruned",
        (ResourceStatus::Extra, _) => "  extra",
        (ResourceStatus::Missing, _) => "  missing",
        (ResourceStatus::Unknown, _) => "  could not be read",
        (ResourceStatus::InSync | ResourceStatus::Modified, _) => "",
    };
    screen.paint(Label::Dim, words)
}

/// `    spec.replicas: 5 → 3   (kubectl-edit, Update, 2026-01-01T00:00:00Z)`.
pub(super) fn one_change(change: &ChangeView, screen: &Screen) -> String {
    let live = match change.op {
        "add" => "(absent)".to_owned(),
        _ => value(&change.live),
    };
    let desired = match change.op {
        "remove" => "(absent)".to_owned(),
        _ => value(&change.desired),
    };
    let mut remark = change.last_writer.as_ref().map(writer).unwrap_or_default();
    if change.cause == Cause::Server.as_str() {
        remark.push_str("   by the server");
    }
    format!(
        "    {}: {} → {}{}\n",
        display(&change.path),
        screen.paint(Label::Removed, &live),
        screen.paint(Label::Added, &desired),
        screen.paint(Label::Dim, &remark)
    )
}

fn value(value: &Value) -> String {
    let text = match value {
        Value::String(text) if is_plain(text) => text.clone(),
        other => other.to_string(),
    };
    cut(&display(&text), LONGEST_VALUE)
}

/// Whether a text may stand without quotation marks and still be known from a number, a list or nothing.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.trim() == text
        && !text.contains([',', '"', '→'])
        && !text.starts_with(['{', '[', '('])
        && serde_json::from_str::<Value>(text).is_err()
}

fn writer(writer: &WriterView) -> String {
    let manager = match writer.subresource.as_str() {
        "" => writer.manager.clone(),
        subresource => format!("{} on {subresource}", writer.manager),
    };
    let parts = [manager.as_str(), &writer.operation, &writer.time];
    let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("   ({})", display(&said.join(", ")))
}
