//! What a sync, a rollback or a delete may delete.

use std::collections::BTreeSet;

use super::claims::Purpose;
use crate::cli::context::Context;
use crate::plan::prune::{Guards, Limit, Limits, Occasion};
use crate::sync::prepare::Prepared;
use crate::sync::run::Options;

#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Deleting")]
pub(crate) struct PruneArgs {
    /// Delete what pushboat applied and the repository no longer has; default: what the Application's `automated.prune` says
    #[arg(long, overrides_with = "no_prune")]
    prune: bool,

    /// Delete nothing, whatever the Application says
    #[arg(long)]
    no_prune: bool,

    /// Allow an app that renders to nothing to lose all its objects
    #[arg(long)]
    allow_empty: bool,

    /// Delete at most this many objects of an app, or this share of them; default: 10, or 30 % where that is more
    #[arg(long, value_name = "N|N%", value_parser = limit)]
    max_prune: Option<Limit>,

    /// Confirm the deletion of a Namespace, PersistentVolume, PersistentVolumeClaim or CustomResourceDefinition by name; repeatable
    #[arg(long, value_name = "KIND/NAME", value_parser = object_name)]
    confirm_prune: Vec<String>,

    #[command(flatten)]
    unreadable: UnreadableArgs,
}

/// What may be overlooked.
#[derive(Debug, Clone, Default, clap::Args)]
struct UnreadableArgs {
    /// Delete although this app, ApplicationSet or file cannot be read, and may want what is deleted; repeatable
    #[arg(long, value_name = "NAME")]
    ignore_unreadable: Vec<String>,
}

impl UnreadableArgs {
    fn names(&self) -> BTreeSet<String> {
        self.ignore_unreadable.iter().cloned().collect()
    }
}

impl PruneArgs {
    /// What the claims of other apps are gathered for.
    pub(super) fn purpose(&self) -> Purpose {
        Purpose::Delete {
            ignored: self.unreadable.names(),
        }
    }

    /// Whether to prune, by flag or by what the Application declares.
    pub(crate) fn is_wanted(&self, declared: bool) -> bool {
        !self.no_prune && (self.prune || declared)
    }

    /// The guards. A flag alone decides on the limit; without one the user's `config.yaml` does, and the repository may lower it.
    pub(crate) fn guards(&self, context: &Context) -> crate::error::Result<Guards> {
        let limit = match self.max_prune {
            Some(limit) => limit.into(),
            None => Limits {
                user: context.user_config()?.max_prune.unwrap_or_default(),
                repository: context
                    .repository()?
                    .settings()
                    .max_prune
                    .map(|n| n as usize),
            },
        };
        Ok(Guards {
            allow_empty: self.allow_empty,
            limit,
            confirmed: self.confirm_prune.iter().cloned().collect(),
            ..Guards::default()
        })
    }
}

/// `Kind/name` or `Kind/namespace/name`, with `Kind.group` where the kind has a group.
fn object_name(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split('/').collect();
    let is_kind = parts[0].starts_with(|c: char| c.is_ascii_uppercase());
    let is_whole = parts.iter().all(|part| !part.trim().is_empty());
    if is_kind && is_whole && matches!(parts.len(), 2 | 3) {
        Ok(text.to_owned())
    } else {
        Err("write it like `Namespace/shop` or `PersistentVolumeClaim/shop/data`".to_owned())
    }
}

fn limit(text: &str) -> Result<Limit, String> {
    Limit::parse(text)
        .ok_or_else(|| "neither a number nor a share: write it like `25` or `50%`".to_owned())
}

/// Confirmations alone, for `app delete`, where deleting is the point.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct ConfirmArgs {
    /// Confirm the deletion of a Namespace, PersistentVolume, PersistentVolumeClaim or CustomResourceDefinition by name; repeatable
    #[arg(long, value_name = "KIND/NAME", value_parser = object_name)]
    confirm_prune: Vec<String>,

    #[command(flatten)]
    unreadable: UnreadableArgs,
}

impl ConfirmArgs {
    /// What the claims of other apps are gathered for.
    pub(super) fn purpose(&self) -> Purpose {
        Purpose::Leave {
            ignored: self.unreadable.names(),
        }
    }

    pub(crate) fn guards(&self) -> Guards {
        Guards {
            occasion: Occasion::AppGone,
            allow_empty: true,
            limit: Limit::Percent(100).into(),
            confirmed: self.confirm_prune.iter().cloned().collect(),
            ..Guards::default()
        }
    }
}

/// The names that were given with `--confirm-prune`, and which of them name something that may go.
#[derive(Debug, Default)]
pub(super) struct Confirmations {
    given: BTreeSet<String>,
    used: BTreeSet<String>,
    /// Some app could not be asked what it has.
    is_open: bool,
}

impl Confirmations {
    /// Takes the answer of one app; none where it could not be asked.
    pub(super) fn add(&mut self, app: Option<(&Prepared, &Options)>) {
        let Some((prepared, options)) = app else {
            self.is_open = true;
            return;
        };
        self.given.extend(options.guards.confirmed.iter().cloned());
        if options.prune && !self.given.is_empty() {
            let extras = prepared.comparison.extras.iter();
            let used = extras.flat_map(|extra| options.guards.confirmed_for(&extra.key()));
            self.used.extend(used);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.given.extend(other.given);
        self.used.extend(other.used);
        self.is_open |= other.is_open;
    }

    /// Says which names confirm nothing, so that a misspelt one is not taken for a confirmation.
    pub(super) fn warn(&self, context: &Context) {
        if self.is_open {
            return;
        }
        for name in self.given.difference(&self.used) {
            context.ui().warn(&format!(
                "`--confirm-prune {name}` confirms nothing: no object of that name is to be deleted"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confirmation_is_a_kind_and_a_name() {
        for good in [
            "Namespace/shop",
            "PersistentVolumeClaim/shop/data",
            "CustomResourceDefinition.apiextensions.k8s.io/ships.example.com",
        ] {
            assert_eq!(object_name(good).as_deref(), Ok(good));
        }
        for wrong in [
            "garbage",
            "",
            "/",
            "Namespace/",
            "/shop",
            "namespace/shop",
            "A//b",
            "A/b/c/d",
        ] {
            assert!(object_name(wrong).is_err(), "{wrong}");
        }
    }
}
