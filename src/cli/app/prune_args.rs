//! What a sync, a rollback or a delete may delete.

use crate::plan::prune::{Guards, Limit};

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
    #[arg(long, value_name = "KIND/NAME")]
    confirm_prune: Vec<String>,
}

impl PruneArgs {
    /// Whether to prune, by flag or by what the Application declares.
    pub(crate) fn is_wanted(&self, declared: bool) -> bool {
        !self.no_prune && (self.prune || declared)
    }

    /// The guards, with the limit of the repository's settings where no flag gives one.
    pub(crate) fn guards(&self, max_prune: Option<u32>) -> Guards {
        let settings = || max_prune.map_or(Limit::Usual, |n| Limit::Count(n as usize));
        Guards {
            allow_empty: self.allow_empty,
            limit: self.max_prune.unwrap_or_else(settings),
            confirmed: self.confirm_prune.iter().cloned().collect(),
        }
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
    #[arg(long, value_name = "KIND/NAME")]
    confirm_prune: Vec<String>,
}

impl ConfirmArgs {
    pub(crate) fn guards(&self) -> Guards {
        Guards {
            allow_empty: true,
            limit: Limit::Percent(100),
            confirmed: self.confirm_prune.iter().cloned().collect(),
        }
    }
}
