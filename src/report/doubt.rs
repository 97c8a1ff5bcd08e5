//! A history entry that git does not confirm: how they differ, object by object, Secrets masked, and whose rights would grow.

use super::ResourceDiff;
use super::diff_text::one_change;
use super::labels::{self, object};
use crate::object::display::display;
use crate::plan::ResourceStatus;
use crate::ui::{Label, Screen};

/// What is known of the entry.
#[derive(Debug, Clone)]
pub struct Doubt {
    /// Which entry, and why git does not confirm it.
    pub headline: String,
    /// What the objects are compared with.
    pub beside: String,
    /// Whose rights would grow, and how.
    pub rights: Vec<String>,
    pub differences: Vec<ResourceDiff>,
}

impl Doubt {
    pub fn text(&self, screen: &Screen) -> String {
        let mut text = format!(
            "{}\n",
            screen.paint(Label::Attention, &display(&self.headline))
        );
        for line in &self.rights {
            let head = screen.paint(Label::Bad, "RIGHTS GROW:");
            text.push_str(&format!("{head} {}\n", display(line)));
        }
        if !self.differences.is_empty() {
            text.push_str(&format!("compared with {}:\n", display(&self.beside)));
        }
        for difference in &self.differences {
            text.push_str(&one(difference, screen));
        }
        text
    }
}

fn one(difference: &ResourceDiff, screen: &Screen) -> String {
    let status = difference.status;
    let name = object(
        &difference.group,
        &difference.kind,
        &difference.namespace,
        &difference.name,
    );
    let words = match status {
        ResourceStatus::Missing => "  only in the entry",
        ResourceStatus::Extra => "  not in the entry",
        ResourceStatus::InSync | ResourceStatus::Modified | ResourceStatus::Unknown => "",
    };
    let sign = screen.paint(labels::of_status(status), labels::sign(status));
    let words = screen.paint(Label::Dim, words);
    let changes = difference.changes.iter();
    let changes: String = changes.map(|change| one_change(change, screen)).collect();
    format!("{sign} {}{words}\n{changes}", display(&name))
}
