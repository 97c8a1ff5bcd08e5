//! The objects of the account that `cluster add` makes, by the rights it is to have. Pure.

use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cluster::api::ApiResource;
use crate::object::Object;
use crate::object::hex::hex;

/// The account with rights in the whole cluster, and the beginning of every other account's name.
pub const NAME: &str = "pushboat-manager";
/// The token's Secret of accounts made by 0.1.0, and the beginning of the name of every other one.
pub const TOKEN_NAME: &str = "pushboat-manager-token";
pub(super) const LABEL: &str = "app.kubernetes.io/managed-by";
pub(super) const OWNER: &str = "pushboat";
pub(super) const ACCOUNT_ANNOTATION: &str = "kubernetes.io/service-account.name";
/// Which registration a token was made for, so that one can be removed and the others stay.
pub(super) const REGISTRATION: &str = "pushboat.dev/registration";
/// Who made that registration: `user@host`.
pub(super) const BY: &str = "pushboat.dev/by";
/// The longest name of an object.
const MAX_NAME: usize = 253;
/// The token controller is quick where it runs.
const TOKEN_PATIENCE: Duration = Duration::from_secs(10);

/// How long a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lifetime {
    /// Until its Secret is removed, as with `argocd cluster add`.
    #[default]
    Lasting,
    /// For this long; a command that finds less than a third of it left asks for the next one.
    Expiring(Duration),
}

/// What the account may do, whose registration it is, and its token.
#[derive(Debug, Clone)]
pub struct ManagerOptions {
    pub account: String,
    /// Where account and token live.
    pub namespace: String,
    /// Rights in these namespaces only; empty gives rights in the whole cluster.
    pub only_namespaces: Vec<String>,
    /// Whether an account of a few namespaces may also read the one namespace by which clusters are told apart.
    pub reads_identity: bool,
    /// The name under which the cluster is registered.
    pub registration: String,
    /// `user@host`.
    pub by: String,
    /// The Secret of the token that this registration has already.
    pub token: Option<String>,
    pub lifetime: Lifetime,
    pub token_patience: Duration,
}

impl Default for ManagerOptions {
    fn default() -> Self {
        Self {
            account: NAME.to_owned(),
            namespace: "kube-system".to_owned(),
            only_namespaces: Vec::new(),
            reads_identity: true,
            registration: String::new(),
            by: String::new(),
            token: None,
            lifetime: Lifetime::Lasting,
            token_patience: TOKEN_PATIENCE,
        }
    }
}

impl ManagerOptions {
    /// What the server calls the account.
    pub fn user_name(&self) -> String {
        format!("system:serviceaccount:{}:{}", self.namespace, self.account)
    }
}

/// The account of a registration with rights in a few namespaces. It is not the one with rights everywhere, which another
/// registration may use.
pub fn limited_account(registration: &str) -> String {
    let name = format!("{NAME}-{registration}");
    if name.len() <= MAX_NAME {
        return name;
    }
    let digest = hex(&Sha256::digest(registration));
    format!("{NAME}-{}", &digest[..32])
}

pub(super) fn account() -> ApiResource {
    ApiResource::known("v1", "ServiceAccount", "serviceaccounts", true)
}

pub(super) fn rbac(kind: &str, plural: &str, namespaced: bool) -> ApiResource {
    ApiResource::known("rbac.authorization.k8s.io/v1", kind, plural, namespaced)
}

fn object(
    resource: &ApiResource,
    options: &ManagerOptions,
    namespace: &str,
    content: Value,
) -> Object {
    let mut value = json!({
        "apiVersion": resource.gvk.api_version(),
        "kind": resource.gvk.kind,
        "metadata": {"name": options.account, "labels": {LABEL: OWNER}},
    });
    if resource.namespaced {
        value["metadata"]["namespace"] = json!(namespace);
    }
    if let (Value::Object(value), Value::Object(content)) = (&mut value, content) {
        value.extend(content);
    }
    Object::new(value)
}

/// The Secret that holds a token, or that a token is bound to: with it the token goes.
pub(super) fn token_secret(options: &ManagerOptions, name: &str) -> Object {
    let kind = match options.lifetime {
        Lifetime::Lasting => "kubernetes.io/service-account-token",
        Lifetime::Expiring(_) => "Opaque",
    };
    let mut secret = object(
        &ApiResource::secret(),
        options,
        &options.namespace,
        json!({"type": kind}),
    );
    secret.value["metadata"]["name"] = json!(name);
    secret.set_annotation(ACCOUNT_ANNOTATION, &options.account);
    if !options.registration.is_empty() {
        secret.set_annotation(REGISTRATION, &options.registration);
        secret.set_annotation(BY, &options.by);
    }
    secret
}

/// A role with these rules and its binding to the account; in a namespace, or for the whole cluster.
fn grant(
    options: &ManagerOptions,
    namespace: Option<&str>,
    rules: &Value,
) -> [(ApiResource, Object); 2] {
    let (role, binding) = match namespace {
        Some(_) => (
            rbac("Role", "roles", true),
            rbac("RoleBinding", "rolebindings", true),
        ),
        None => (
            rbac("ClusterRole", "clusterroles", false),
            rbac("ClusterRoleBinding", "clusterrolebindings", false),
        ),
    };
    let place = namespace.unwrap_or_default();
    let subjects = json!([{"kind": "ServiceAccount", "name": options.account, "namespace": options.namespace}]);
    let reference = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": role.gvk.kind, "name": options.account});
    let content = json!({"roleRef": reference, "subjects": subjects});
    let granted = object(&role, options, place, json!({"rules": rules}));
    let bound = object(&binding, options, place, content);
    [(role, granted), (binding, bound)]
}

/// The objects of the account without its token, in the order they are made.
pub(super) fn objects(options: &ManagerOptions) -> Vec<(ApiResource, Object)> {
    let everything = json!({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]});
    let mut made = vec![(
        account(),
        object(&account(), options, &options.namespace, json!({})),
    )];
    if options.only_namespaces.is_empty() {
        let rules = json!([everything, {"nonResourceURLs": ["*"], "verbs": ["*"]}]);
        made.extend(grant(options, None, &rules));
        return made;
    }
    if options.reads_identity {
        let rules = json!([{"apiGroups": [""], "resources": ["namespaces"], "resourceNames": ["kube-system"], "verbs": ["get"]}]);
        made.extend(grant(options, None, &rules));
    }
    for namespace in &options.only_namespaces {
        made.extend(grant(options, Some(namespace), &json!([everything])));
    }
    if !options.only_namespaces.contains(&options.namespace) {
        // Its own next token.
        let rules = json!([{"apiGroups": [""], "resources": ["serviceaccounts/token"], "resourceNames": [options.account], "verbs": ["create"]}]);
        made.extend(grant(options, Some(&options.namespace), &rules));
    }
    made
}

pub(super) fn is_ours(live: &Object) -> bool {
    live.label(LABEL) == Some(OWNER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(options: &ManagerOptions, expected: &[&str]) {
        let keys: Vec<_> = objects(options)
            .iter()
            .map(|(_, object)| {
                object
                    .key()
                    .to_string()
                    .replace(".rbac.authorization.k8s.io", "")
            })
            .collect();
        assert_eq!(keys, expected);
        for (_, object) in objects(options) {
            assert!(is_ours(&object), "{object:?}");
        }
    }

    #[test]
    fn an_account_is_made_of_few_objects() {
        check(
            &ManagerOptions::default(),
            &[
                "ServiceAccount/kube-system/pushboat-manager",
                "ClusterRole/pushboat-manager",
                "ClusterRoleBinding/pushboat-manager",
            ],
        );
    }

    #[test]
    fn an_account_of_one_namespace_may_also_read_who_the_cluster_is_and_renew_its_token() {
        let limited = ManagerOptions {
            account: limited_account("prod"),
            only_namespaces: vec!["shop".to_owned()],
            ..ManagerOptions::default()
        };
        check(
            &limited,
            &[
                "ServiceAccount/kube-system/pushboat-manager-prod",
                "ClusterRole/pushboat-manager-prod",
                "ClusterRoleBinding/pushboat-manager-prod",
                "Role/shop/pushboat-manager-prod",
                "RoleBinding/shop/pushboat-manager-prod",
                "Role/kube-system/pushboat-manager-prod",
                "RoleBinding/kube-system/pushboat-manager-prod",
            ],
        );
    }

    #[test]
    fn an_account_made_without_cluster_rights_stays_in_its_namespace() {
        let inside = ManagerOptions {
            namespace: "shop".to_owned(),
            only_namespaces: vec!["shop".to_owned()],
            reads_identity: false,
            ..ManagerOptions::default()
        };
        check(
            &inside,
            &[
                "ServiceAccount/shop/pushboat-manager",
                "Role/shop/pushboat-manager",
                "RoleBinding/shop/pushboat-manager",
            ],
        );
    }

    #[test]
    fn names_of_accounts_stay_short_enough() {
        assert_eq!(limited_account("prod"), "pushboat-manager-prod");
        let (a, b) = ("a".repeat(253), "a".repeat(252) + "b");
        assert!(limited_account(&a).len() <= MAX_NAME);
        assert_ne!(limited_account(&a), limited_account(&b));
    }
}
