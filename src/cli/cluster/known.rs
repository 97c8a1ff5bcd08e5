//! What a name already stands for, and whether `cluster add` may put another cluster in its place.

use crate::cli::repository::Repository;
use crate::cluster::registry::Registered;
use crate::error::{Error, Reason, Result};
use crate::object::display::display;
use crate::repo::cluster::normalise_server;

/// The cluster that is being registered.
pub(super) struct Found<'a> {
    pub(super) name: &'a str,
    pub(super) server: &'a str,
    /// UID of its kube-system; `None` where it may not be read.
    pub(super) uid: Option<&'a str>,
}

/// A cluster that a name stands for already, as far as it is known.
#[derive(Debug, PartialEq, Eq)]
struct Known {
    server: Option<String>,
    uid: Option<String>,
    /// The file that says so.
    origin: String,
}

/// One line on what is replaced, or nothing where the name is new or the cluster the same. Another cluster is refused unless `replace`.
pub(super) fn replaced(
    repository: &Repository,
    registered: Option<&Registered>,
    found: &Found<'_>,
    replace: bool,
) -> Result<Option<String>> {
    refuse_unread(repository, found.name)?;
    let declared = repository.clusters().get(found.name).map(|known| Known {
        server: known.server.clone(),
        uid: known
            .file
            .as_ref()
            .and_then(|file| file.kube_system_uid.clone()),
        origin: known.origin.clone(),
    });
    let own = registered.map(|registered| Known {
        server: Some(registered.server.clone()),
        uid: None,
        origin: "pushboat's own kubeconfig".to_owned(),
    });
    let others: Vec<Known> = [declared, own]
        .into_iter()
        .flatten()
        .filter(|known| is_other(known, found))
        .collect();
    let Some(known) = others.first() else {
        return Ok(None);
    };
    let n_apps = repository.apps_of(found.name).count();
    let change = change(known, found, n_apps);
    if replace {
        return Ok(Some(change));
    }
    Err(
        Error::new(Reason::Guard, format!("another cluster has this name: {change}"))
            .hint("give the new one another name with `--name`, or put it in the place of the old one with `--replace`"),
    )
}

/// A file that could not be read may say anything.
fn refuse_unread(repository: &Repository, name: &str) -> Result<()> {
    let file = format!("clusters/{name}/cluster.yaml");
    let unread = repository
        .failures()
        .find(|error| error.location().is_some_and(|place| place.file == file));
    match unread {
        Some(error) => Err(error.clone()),
        None => Ok(()),
    }
}

fn is_other(known: &Known, found: &Found<'_>) -> bool {
    let is_other_server = known
        .server
        .as_deref()
        .is_some_and(|server| normalise_server(server) != normalise_server(found.server));
    let is_other_uid =
        matches!((&known.uid, found.uid), (Some(known), Some(found)) if known != found);
    is_other_server || is_other_uid
}

fn change(known: &Known, found: &Found<'_>, n_apps: usize) -> String {
    let describe = |server: Option<&str>, uid: Option<&str>| {
        let server = display(server.unwrap_or("an unknown address")).to_string();
        match uid {
            Some(uid) => format!("{server} (UID {})", display(uid)),
            None => server,
        }
    };
    let apps = match n_apps {
        0 => "no app goes there".to_owned(),
        1 => "1 app goes there".to_owned(),
        n => format!("{n} apps go there"),
    };
    format!(
        "`{}` is {} in {}, and would become {}; {apps}",
        display(found.name),
        describe(known.server.as_deref(), known.uid.as_deref()),
        display(&known.origin),
        describe(Some(found.server), found.uid),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(server: Option<&str>, uid: Option<&str>, expected: bool) {
        let known = Known {
            server: server.map(str::to_owned),
            uid: uid.map(str::to_owned),
            origin: String::new(),
        };
        let found = Found {
            name: "prod",
            server: "https://a:6443",
            uid: Some("1"),
        };
        assert_eq!(is_other(&known, &found), expected, "{known:?}");
    }

    #[test]
    fn another_address_or_another_uid_is_another_cluster() {
        check(None, None, false);
        check(Some("https://A:6443/"), None, false);
        check(Some("https://a:6443"), Some("1"), false);
        check(Some("https://b:6443"), None, true);
        check(Some("https://b:6443"), Some("1"), true);
        check(Some("https://a:6443"), Some("2"), true);
        check(None, Some("2"), true);
    }
}
