//! The health of an app from that of its objects.

use super::{Health, Status};
use crate::object::{Key, Object, labels};

const IGNORE: &str = "argocd.argoproj.io/ignore-healthcheck";

/// How many objects a message names.
const N_NAMED: usize = 3;

/// Whether an object counts for its app: not a hook, not told to be ignored.
pub fn is_counted(object: &Object) -> bool {
    object.annotation(labels::ARGO_HOOK).is_none() && object.annotation(IGNORE) != Some("true")
}

/// The worst health of the objects given; Healthy when there are none. The message names those that are worst.
///
/// A child Application that is Missing or Unknown does not count; an app of which *nothing* is live is the caller's to call Missing.
pub fn worst<'a>(objects: impl IntoIterator<Item = (&'a Key, &'a Health)>) -> Health {
    let is_counted = |key: &Key, health: &Health| {
        let is_child = (key.group.as_str(), key.kind.as_str()) == ("argoproj.io", "Application");
        !is_child || !matches!(health.status, Status::Missing | Status::Unknown)
    };
    let mut worst = Status::Healthy;
    let mut names: Vec<String> = Vec::new();
    for (key, health) in objects {
        if !is_counted(key, health) || health.status < worst {
            continue;
        }
        if health.status > worst {
            worst = health.status;
            names.clear();
        }
        names.push(key.to_string());
    }
    if worst == Status::Healthy {
        return Health::healthy();
    }
    names.sort_unstable();
    let n_more = names.len().saturating_sub(N_NAMED);
    names.truncate(N_NAMED);
    let more = if n_more > 0 {
        format!(" and {n_more} more")
    } else {
        String::new()
    };
    Health::new(worst, format!("caused by {}{more}", names.join(", ")))
}
