//! Which state has which meaning on screen, and the small words that several reports share.

use jiff::Timestamp;

use crate::health::Status;
use crate::object::display::display;
use crate::plan::ResourceStatus;
pub use crate::ui::duration::{duration, precise};
pub use crate::ui::progress::health_label as of_health;
use crate::ui::{Label, Screen};

use super::diff::Sync;
use super::error_view::ErrorView;
use super::words;

pub fn of_sync(sync: Sync) -> Label {
    match sync {
        Sync::Synced => Label::Good,
        Sync::OutOfSync => Label::Attention,
        Sync::Unknown => Label::Bad,
    }
}

pub fn of_status(status: ResourceStatus) -> Label {
    match status {
        ResourceStatus::InSync => Label::Good,
        ResourceStatus::Modified => Label::Changed,
        ResourceStatus::Missing => Label::Added,
        ResourceStatus::Extra => Label::Removed,
        ResourceStatus::Unknown => Label::Bad,
    }
}

/// A table's cell: the status, or a dash.
pub fn status_cell(status: Option<ResourceStatus>) -> (Label, String) {
    (
        status.map_or(Label::Dim, of_status),
        words::shown(status).to_owned(),
    )
}

/// A table's cell: the health, or a dash.
pub fn health_cell(health: Option<Status>) -> (Label, String) {
    (
        health.map_or(Label::Dim, of_health),
        words::shown(health).to_owned(),
    )
}

/// The sign before an object: what a sync would do to it.
pub fn sign(status: ResourceStatus) -> &'static str {
    match status {
        ResourceStatus::InSync => "=",
        ResourceStatus::Modified => "~",
        ResourceStatus::Missing => "+",
        ResourceStatus::Extra => "-",
        ResourceStatus::Unknown => "?",
    }
}

/// `1 app`, `2 apps`.
pub fn count(n: usize, one: &str) -> String {
    format!("{n} {one}{}", if n == 1 { "" } else { "s" })
}

pub fn count_retries(n: u64) -> String {
    format!("{n} {}", if n == 1 { "retry" } else { "retries" })
}

/// `group/Kind namespace/name`, without the parts that are empty.
pub fn object(group: &str, kind: &str, namespace: &str, name: &str) -> String {
    let mut text = String::new();
    for (part, end) in [(group, "/"), (kind, " "), (namespace, "/"), (name, "")] {
        if !part.is_empty() {
            text.push_str(part);
            text.push_str(end);
        }
    }
    text
}

/// The first seven characters of a commit; other words (`worktree`) whole.
pub fn short_revision(revision: &str) -> &str {
    let is_commit = revision.len() >= 40 && revision.bytes().all(|b| b.is_ascii_hexdigit());
    if is_commit { &revision[..7] } else { revision }
}

/// `cluster/app` on a line of its own.
fn app_heading(cluster: &str, app: &str, screen: &Screen) -> String {
    let name = format!("{}/{}", display(cluster), display(app));
    format!("{}\n", screen.paint(Label::Heading, &name))
}

/// The parts of a report that has one table an app: its name where that is not clear, why there is none or not all of it, and the table,
/// where there is something in it.
pub fn sections<A>(
    apps: &[A],
    screen: &Screen,
    head: impl Fn(&A) -> (&str, &str, Option<&ErrorView>),
    table: impl Fn(&A) -> String,
) -> String {
    let mut text = String::new();
    for app in apps {
        let (cluster, name, error) = head(app);
        if apps.len() > 1 || error.is_some() {
            text.push_str(&app_heading(cluster, name, screen));
        }
        match error {
            Some(error) => {
                text.push_str(&error.indented(screen));
                // A table's first line is its head.
                let table = table(app);
                if table.lines().count() > 1 {
                    text.push_str(&table);
                }
            }
            None => text.push_str(&table(app)),
        }
    }
    text
}

/// `Name:     value` lines, without those that have nothing to say.
pub fn fields(lines: Vec<(&'static str, Label, String)>, screen: &Screen) -> String {
    let said = lines.into_iter().filter(|(_, _, value)| !value.is_empty());
    said.map(|(name, label, value)| {
        let value = screen.paint(label, &display(&value));
        format!("{:<20}{value}\n", format!("{name}:"))
    })
    .collect()
}

/// How long ago, in the largest two units that matter; the time as it is where it cannot be read.
pub fn age(time: &str, now: Timestamp) -> String {
    match time.parse::<Timestamp>() {
        Ok(time) => duration(now.duration_since(time).as_secs().max(0)),
        Err(_) => time.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_leave_out_what_is_empty() {
        assert_eq!(
            object("apps", "Deployment", "shop", "web"),
            "apps/Deployment shop/web"
        );
        assert_eq!(object("", "Node", "", "n0"), "Node n0");
    }
}
