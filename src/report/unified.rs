//! Drift as unified YAML diffs, one an object, live on the left and desired on the right.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::diff::{DiffReport, ResourceDiff};
use super::diff_text::{headline, masked, remark};
use super::labels::object;
use crate::object::display::display;
use crate::object::labels::LAST_APPLIED;
use crate::object::path::Step;
use crate::plan::exact::BOOKKEEPING;
use crate::plan::{Change, ResourceStatus};
use crate::ui::{Label, Screen};

/// Unchanged lines around a change.
const CONTEXT_LINES: usize = 3;

pub fn text(report: &DiffReport, screen: &Screen) -> String {
    let mut text = String::new();
    for app in &report.apps {
        let drifted = app
            .resources
            .iter()
            .filter(|r| r.status != ResourceStatus::InSync);
        if report.apps.len() > 1 || app.error.is_some() {
            text.push_str(&headline(app, screen));
        }
        if let Some(error) = &app.error {
            text.push_str(&error.indented(screen));
        }
        for resource in drifted {
            text.push_str(&one_resource(resource, screen));
        }
    }
    text.push_str(&summary(report));
    text
}

fn summary(report: &DiffReport) -> String {
    let of = |status| {
        report
            .apps
            .iter()
            .map(|app| app.count(status))
            .sum::<usize>()
    };
    let mut line = format!(
        "{} missing, {} modified, {} extra",
        of(ResourceStatus::Missing),
        of(ResourceStatus::Modified),
        of(ResourceStatus::Extra)
    );
    match of(ResourceStatus::Unknown) {
        0 => {}
        n => line.push_str(&format!(", {n} unknown")),
    }
    line.push('\n');
    line
}

fn one_resource(resource: &ResourceDiff, screen: &Screen) -> String {
    let name = object(
        &resource.group,
        &resource.kind,
        &resource.namespace,
        &resource.name,
    );
    let head = format!("===== {} ======", display(&name));
    let remark = match resource.status {
        ResourceStatus::Extra | ResourceStatus::Modified => remark(resource, screen),
        ResourceStatus::Missing | ResourceStatus::Unknown | ResourceStatus::InSync => String::new(),
    };
    let mut text = format!("{}{remark}\n", screen.paint(Label::Heading, &head));
    text.push_str(&masked(resource, screen));
    if let Some(error) = &resource.error {
        text.push_str(&error.indented(screen));
    }
    let (live, desired) = resource.sides();
    if resource.error.is_some() && live.is_none() {
        return text;
    }
    let (live, desired) = (yaml(live), yaml(desired));
    let diff = TextDiff::from_lines(&live, &desired);
    for (n, hunk) in diff
        .unified_diff()
        .context_radius(CONTEXT_LINES)
        .iter_hunks()
        .enumerate()
    {
        if n == 0 {
            text.push_str("--- live\n+++ desired\n");
        }
        text.push_str(&screen.paint(Label::Dim, &hunk.header().to_string()));
        text.push('\n');
        for change in hunk.iter_changes() {
            let (sign, label) = match change.tag() {
                ChangeTag::Delete => ("-", Label::Removed),
                ChangeTag::Insert => ("+", Label::Added),
                ChangeTag::Equal => (" ", Label::Plain),
            };
            let line = change.value().trim_end_matches('\n');
            text.push_str(&screen.paint(label, &format!("{sign}{}", display(line))));
            text.push('\n');
        }
    }
    text
}

/// Nothing for an absent object.
fn yaml(object: Option<&Value>) -> String {
    object
        .and_then(|object| serde_yaml::to_string(object).ok())
        .unwrap_or_default()
}

/// The object without what the server alone writes and what no repository asks for. `status` is content where a change is in it.
pub fn without_noise(mut object: Value, changes: &[Change]) -> Value {
    let is_in_status = |change: &Change| matches!(change.path.0.first(), Some(Step::Field(name)) if name == "status");
    let Some(map) = object.as_object_mut() else {
        return object;
    };
    if !changes.iter().any(is_in_status) {
        map.remove("status");
    }
    if let Some(metadata) = map.get_mut("metadata").and_then(Value::as_object_mut) {
        for field in BOOKKEEPING {
            metadata.remove(field);
        }
        if let Some(annotations) = metadata
            .get_mut("annotations")
            .and_then(Value::as_object_mut)
        {
            annotations.remove(LAST_APPLIED);
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
    }
    object
}
