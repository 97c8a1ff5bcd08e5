//! Which account a registration has, and what it may do, in words.

use std::collections::BTreeSet;

use crate::cluster::manager::{self, Lifetime, ManagerOptions};
use crate::cluster::registry::{Account, Registered};
use crate::object::display::display;

/// The account of a cluster that was registered before. Entries of 0.1.0 know only the one name.
pub(super) fn of(registered: &Registered, by: &str) -> ManagerOptions {
    let usual = ManagerOptions::default();
    let account = registered.account.clone().unwrap_or(Account {
        namespace: usual.namespace,
        name: usual.account,
        only_namespaces: Vec::new(),
    });
    ManagerOptions {
        account: account.name,
        namespace: account.namespace,
        only_namespaces: account.only_namespaces,
        registration: registered.name.clone(),
        by: by.to_owned(),
        token: registered.token.clone(),
        lifetime: match registered.expiry {
            Some(expiry) => Lifetime::Expiring(expiry.asked),
            None => Lifetime::Lasting,
        },
        ..ManagerOptions::default()
    }
}

/// The part of an account that the registry keeps.
pub(super) fn stored(options: &ManagerOptions) -> Account {
    Account {
        namespace: options.namespace.clone(),
        name: options.account.clone(),
        only_namespaces: options.only_namespaces.clone(),
    }
}

/// Whether two registrations use one account.
pub(super) fn is_same(one: &ManagerOptions, other: &ManagerOptions) -> bool {
    (&one.namespace, &one.account) == (&other.namespace, &other.account)
}

/// Which tokens go with a registration: none where another entry of this machine's kubeconfig, written by 0.1.0, has the same one.
pub(super) fn tokens(registered: &Registered, all: &[Registered]) -> manager::Tokens {
    let shares = |other: &&Registered| {
        other.name != registered.name
            && other.server == registered.server
            && registered.token.is_none()
            && other.token.is_none()
    };
    match all.iter().find(shares) {
        Some(_) => manager::Tokens::Keep,
        None => manager::Tokens::OfRegistration,
    }
}

/// What an account may do, for whoever is asked to agree.
pub(super) fn grants(options: &ManagerOptions) -> [String; 2] {
    let account = format!("{}/{}", options.namespace, options.account);
    let account = display(&account);
    let names: BTreeSet<&String> = options.only_namespaces.iter().collect();
    let names: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", display(name)))
        .collect();
    let rights = match names.as_slice() {
        [] => format!(
            "account `{account}` may do everything in the whole cluster, as cluster-admin may"
        ),
        [name] => format!("account `{account}` may do everything in namespace {name}"),
        names => format!(
            "account `{account}` may do everything in namespaces {}",
            names.join(", ")
        ),
    };
    let identity = match (names.as_slice(), options.reads_identity) {
        ([], _) => "",
        (_, true) => ", and read Namespace `kube-system`, by which the cluster is recognised",
        (_, false) => ", and nothing elsewhere",
    };
    let token = match options.lifetime {
        Lifetime::Lasting => {
            "its token never expires; `--token-duration 24h` makes one that does".to_owned()
        }
        Lifetime::Expiring(time) => format!(
            "its token is good for {}; any command renews it when less than a third is left",
            crate::ui::duration::duration(i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
        ),
    };
    [format!("{rights}{identity}"), token]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registered(name: &str, server: &str, token: Option<&str>) -> Registered {
        Registered {
            name: name.to_owned(),
            server: server.to_owned(),
            added_from: None,
            account: None,
            token: token.map(str::to_owned),
            expiry: None,
        }
    }

    #[test]
    fn a_token_that_two_old_entries_share_stays_with_the_other() {
        let old = registered("a", "https://one", None);
        let check = |other: Registered, expected| {
            assert_eq!(tokens(&old, &[old.clone(), other]), expected);
        };
        check(registered("b", "https://one", None), manager::Tokens::Keep);
        check(
            registered("b", "https://two", None),
            manager::Tokens::OfRegistration,
        );
        check(
            registered("b", "https://one", Some("own")),
            manager::Tokens::OfRegistration,
        );
    }

    #[test]
    fn rights_are_said_in_words() {
        let [rights, token] = grants(&ManagerOptions::default());
        assert!(rights.ends_with("may do everything in the whole cluster, as cluster-admin may"));
        assert!(token.starts_with("its token never expires"));
        let limited = ManagerOptions {
            only_namespaces: vec!["shop".to_owned()],
            lifetime: Lifetime::Expiring(std::time::Duration::from_secs(7200)),
            ..ManagerOptions::default()
        };
        let [rights, token] = grants(&limited);
        assert!(
            rights.contains("everything in namespace `shop`, and read Namespace `kube-system`")
        );
        assert!(token.starts_with("its token is good for 2h"), "{token}");
    }
}
