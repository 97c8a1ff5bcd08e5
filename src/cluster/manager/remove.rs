//! Taking back what `cluster add` gave: one registration's token, and with the last token the account and every right it has.

use super::account::{
    BY, LABEL, ManagerOptions, OWNER, REGISTRATION, account, is_ours, objects, rbac,
};
use super::token::{tokens, who_am_i};
use crate::cluster::api::{ApiResource, Cluster, Deleted, ListOptions, Preconditions, Propagation};
use crate::error::{During, Error, Reason, Result};
use crate::object::display::display;
use crate::object::{Key, Object};

/// What was removed and what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed {
    pub removed: Vec<Key>,
    /// Of the same name, but not ours.
    pub foreign: Vec<Key>,
    /// Marked, but held by a finalizer.
    pub pending: Vec<Key>,
    /// Whose tokens the account still has, so that it stays: `prod of anna@laptop`.
    pub shared_with: Vec<String>,
    /// Namespaces that could not be searched for rights, where the whole cluster could not either.
    pub unsearched: Option<String>,
}

impl Removed {
    /// Adds what was removed elsewhere.
    pub fn merge(&mut self, other: Self) {
        self.removed.extend(other.removed);
        self.foreign.extend(other.foreign);
        self.pending.extend(other.pending);
        self.shared_with.extend(other.shared_with);
        self.unsearched = self.unsearched.take().or(other.unsearched);
    }
}

/// Roles and bindings of the account that are there, whatever it is meant to have.
pub(super) struct Rights {
    pub(super) found: Vec<(ApiResource, Object)>,
    /// Why not all namespaces were searched.
    pub(super) unsearched: Option<String>,
}

/// Finds every role and binding of the account, bindings first.
pub(super) async fn rights(cluster: &Cluster, options: &ManagerOptions) -> Result<Rights> {
    let kinds = [
        rbac("ClusterRoleBinding", "clusterrolebindings", false),
        rbac("RoleBinding", "rolebindings", true),
        rbac("ClusterRole", "clusterroles", false),
        rbac("Role", "roles", true),
    ];
    let mut rights = Rights {
        found: Vec::new(),
        unsearched: None,
    };
    for resource in kinds {
        let everywhere = named(cluster, options, &resource, None).await;
        let found = match everywhere {
            Err(error) if error.reason() == Reason::Forbidden => {
                rights.unsearched = Some(error.message());
                in_own_namespaces(cluster, options, &resource).await?
            }
            found => found?,
        };
        rights
            .found
            .extend(found.into_iter().map(|object| (resource.clone(), object)));
    }
    Ok(rights)
}

/// Where an account of a few namespaces is looked for by somebody who may not list all.
async fn in_own_namespaces(
    cluster: &Cluster,
    options: &ManagerOptions,
    resource: &ApiResource,
) -> Result<Vec<Object>> {
    let mut found = Vec::new();
    if !resource.namespaced {
        return Ok(found);
    }
    let mut namespaces = options.only_namespaces.clone();
    namespaces.push(options.namespace.clone());
    namespaces.sort_unstable();
    namespaces.dedup();
    for namespace in namespaces {
        match named(cluster, options, resource, Some(namespace)).await {
            Err(error) if error.reason() == Reason::Forbidden => {}
            here => found.extend(here?),
        }
    }
    Ok(found)
}

async fn named(
    cluster: &Cluster,
    options: &ManagerOptions,
    resource: &ApiResource,
    namespace: Option<String>,
) -> Result<Vec<Object>> {
    let list = ListOptions {
        namespace,
        label_selector: Some(format!("{LABEL}={OWNER}")),
        field_selector: Some(format!("metadata.name={}", options.account)),
        metadata_only: false,
    };
    cluster
        .list_all(resource, &list, |object| {
            is_of(&object, options).then_some(object)
        })
        .await
}

/// Whether a role or binding is this account's: two accounts of one name may live in two namespaces.
fn is_of(object: &Object, options: &ManagerOptions) -> bool {
    let subjects = object
        .value
        .get("subjects")
        .and_then(|list| list.as_array());
    let is_subject = |subject: &serde_json::Value| {
        subject["kind"] == "ServiceAccount"
            && subject["name"] == options.account.as_str()
            && subject["namespace"] == options.namespace.as_str()
    };
    match subjects {
        Some(subjects) => subjects.iter().any(is_subject),
        // A role has none; its binding of the same name tells.
        None => true,
    }
}

/// Which tokens go with a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tokens {
    /// The one that the registration stores, or those made for its name by the same user where it stores none.
    OfRegistration,
    /// Nothing: another registration of this machine uses the same one.
    Keep,
}

/// Removes what `cluster add` made for a registration: tokens first, so that no credential outlives the rest; then, when no other
/// registration has a token of the account, bindings, roles and account.
///
/// `cluster` must be a connection of somebody else than the account itself, which would lose its rights half-way.
pub async fn remove(cluster: &Cluster, options: &ManagerOptions, which: Tokens) -> Result<Removed> {
    if who_am_i(cluster).await?.as_deref() == Some(options.user_name().as_str()) {
        return Err(
            Error::usage(format!("`{}` cannot remove itself", options.account)).hint(
                "give `--context` with a context of your own that may delete roles and bindings",
            ),
        );
    }
    let mut removed = Removed::default();
    for secret in tokens(cluster, options).await? {
        match which {
            Tokens::OfRegistration if is_of_registration(&secret, options) => {
                remove_one(cluster, &ApiResource::secret(), secret, &mut removed).await?;
            }
            Tokens::OfRegistration | Tokens::Keep => removed.shared_with.push(user_of(&secret)),
        }
    }
    if removed.shared_with.is_empty() {
        remove_account(cluster, options, &mut removed).await?;
    }
    Ok(removed)
}

/// Whether a token is the registration's: the one it stores; where none is stored, those made for its name by the same user, and
/// those of 0.1.0, which had one token for all.
pub(super) fn is_of_registration(secret: &Object, options: &ManagerOptions) -> bool {
    match (&options.token, secret.annotation(REGISTRATION)) {
        (Some(token), _) => token == secret.name(),
        (None, Some(registration)) => {
            registration == options.registration && secret.annotation(BY) == Some(&options.by)
        }
        (None, None) => true,
    }
}

fn user_of(secret: &Object) -> String {
    match (secret.annotation(REGISTRATION), secret.annotation(BY)) {
        (Some(registration), Some(by)) => format!("`{}` of {}", display(registration), display(by)),
        (_, _) => format!("Secret `{}`", display(secret.name())),
    }
}

async fn remove_account(
    cluster: &Cluster,
    options: &ManagerOptions,
    removed: &mut Removed,
) -> Result<()> {
    let rights = rights(cluster, options).await?;
    removed.unsearched = rights.unsearched;
    let accounts = objects(options);
    for (resource, live) in rights.found {
        remove_one(cluster, &resource, live, removed).await?;
    }
    // Others' objects of these names are told, not passed over.
    for (resource, wanted) in accounts.into_iter().rev() {
        let live = cluster
            .get(&resource, wanted.namespace(), wanted.name())
            .await;
        match live {
            // Somebody whose rights end at a namespace made nothing outside of it.
            Err(error) if error.reason() == Reason::Forbidden && resource != account() => {}
            live => {
                if let Some(live) = live?
                    && (resource == account() || !is_ours(&live))
                {
                    remove_one(cluster, &resource, live, removed).await?;
                }
            }
        }
    }
    Ok(())
}

pub(super) async fn remove_one(
    cluster: &Cluster,
    resource: &ApiResource,
    mut live: Object,
    removed: &mut Removed,
) -> Result<()> {
    let key = live.key();
    for _ in 0..3 {
        if !is_ours(&live) {
            removed.foreign.push(key);
            return Ok(());
        }
        let preconditions = Preconditions {
            uid: live.uid().to_owned(),
            resource_version: live.resource_version().to_owned(),
        };
        match cluster
            .delete(resource, &key, &preconditions, Propagation::Background)
            .await?
        {
            Deleted::Gone => {
                removed.removed.push(key);
                return Ok(());
            }
            Deleted::Pending => {
                removed.pending.push(key);
                return Ok(());
            }
            Deleted::Changed => match cluster.get(resource, &key.namespace, &key.name).await? {
                Some(again) => live = again,
                None => {
                    removed.removed.push(key);
                    return Ok(());
                }
            },
        }
    }
    Err(Error::new(
        Reason::Conflict,
        format!(
            "`{}` keeps changing and was not removed",
            display(&key.to_string())
        ),
    )
    .during(During::Write))
}
