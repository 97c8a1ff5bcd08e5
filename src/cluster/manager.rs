//! The account that pushboat works with in a cluster: what `cluster add` would make, making it, proving it, renewing its token
//! and removing it again.
//!
//! Everything is labelled. An object of the same name without the label is somebody else's: it is neither used nor changed nor
//! removed. The plan is a value, to be shown before anything is written.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::api::{ApiResource, Cluster, Deleted, ListOptions, Preconditions, Propagation};
use super::secret::Secret;
use crate::error::{During, Error, Reason, Result};
use crate::object::display::display;
use crate::object::{Key, Object};

/// The account's name, and that of its role and binding.
pub const NAME: &str = "pushboat-manager";
/// The first token's Secret; later ones have a suffix.
pub const TOKEN_NAME: &str = "pushboat-manager-token";
const LABEL: &str = "app.kubernetes.io/managed-by";
const OWNER: &str = "pushboat";
const ACCOUNT_ANNOTATION: &str = "kubernetes.io/service-account.name";
/// The token controller is quick where it runs; Argo CD waits as long.
const TOKEN_PATIENCE: Duration = Duration::from_secs(30);
const TOKEN_POLL: Duration = Duration::from_millis(500);

/// How much the account may do.
#[derive(Debug, Clone)]
pub struct ManagerOptions {
    /// Where account and token live.
    pub namespace: String,
    /// Rights in these namespaces only; empty gives rights in the whole cluster.
    pub only_namespaces: Vec<String>,
    pub token_patience: Duration,
}

impl Default for ManagerOptions {
    fn default() -> Self {
        Self {
            namespace: "kube-system".to_owned(),
            only_namespaces: Vec::new(),
            token_patience: TOKEN_PATIENCE,
        }
    }
}

/// What happens to one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Create,
    /// It is ours and differs.
    Update,
    /// It is ours and as it should be.
    Keep,
}

/// One object of the account.
#[derive(Debug, Clone)]
pub struct Step {
    pub resource: ApiResource,
    pub object: Object,
    pub action: Action,
}

impl Step {
    pub fn key(&self) -> Key {
        self.object.key()
    }
}

/// What `cluster add` would do, in order.
#[derive(Debug, Clone)]
pub struct ManagerPlan {
    pub steps: Vec<Step>,
    options: ManagerOptions,
}

/// What was removed and what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed {
    pub removed: Vec<Key>,
    /// Of the same name, but not ours.
    pub foreign: Vec<Key>,
    /// Marked, but held by a finalizer.
    pub pending: Vec<Key>,
}

fn account() -> ApiResource {
    ApiResource::known("v1", "ServiceAccount", "serviceaccounts", true)
}

fn rbac(kind: &str, plural: &str, namespaced: bool) -> ApiResource {
    ApiResource::known("rbac.authorization.k8s.io/v1", kind, plural, namespaced)
}

fn object(resource: &ApiResource, namespace: &str, name: &str, content: Value) -> Object {
    let mut value = json!({
        "apiVersion": resource.gvk.api_version(),
        "kind": resource.gvk.kind,
        "metadata": {"name": name, "labels": {LABEL: OWNER}},
    });
    if resource.namespaced {
        value["metadata"]["namespace"] = json!(namespace);
    }
    if let (Value::Object(value), Value::Object(content)) = (&mut value, content) {
        value.extend(content);
    }
    Object::new(value)
}

fn token_secret(options: &ManagerOptions, name: &str) -> Object {
    let mut secret = object(
        &ApiResource::secret(),
        &options.namespace,
        name,
        json!({"type": "kubernetes.io/service-account-token"}),
    );
    secret.set_annotation(ACCOUNT_ANNOTATION, NAME);
    secret
}

/// The objects of the account, in the order they are made. Pure.
fn objects(options: &ManagerOptions) -> Vec<(ApiResource, Object)> {
    let subject = json!([{"kind": "ServiceAccount", "name": NAME, "namespace": options.namespace}]);
    let reference =
        |kind: &str| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": NAME});
    let everything = json!({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]});
    let mut made = vec![(
        account(),
        object(&account(), &options.namespace, NAME, json!({})),
    )];
    if options.only_namespaces.is_empty() {
        let role = rbac("ClusterRole", "clusterroles", false);
        let binding = rbac("ClusterRoleBinding", "clusterrolebindings", false);
        let rules = json!({"rules": [everything, {"nonResourceURLs": ["*"], "verbs": ["*"]}]});
        made.push((role.clone(), object(&role, "", NAME, rules)));
        let content = json!({"roleRef": reference("ClusterRole"), "subjects": subject});
        made.push((binding.clone(), object(&binding, "", NAME, content)));
    }
    for namespace in &options.only_namespaces {
        let role = rbac("Role", "roles", true);
        let binding = rbac("RoleBinding", "rolebindings", true);
        made.push((
            role.clone(),
            object(&role, namespace, NAME, json!({"rules": [everything]})),
        ));
        let content = json!({"roleRef": reference("Role"), "subjects": subject});
        made.push((binding.clone(), object(&binding, namespace, NAME, content)));
    }
    made.push((ApiResource::secret(), token_secret(options, TOKEN_NAME)));
    made
}

fn is_ours(live: &Object) -> bool {
    live.label(LABEL) == Some(OWNER)
}

/// Whether the parts that we decide are as they should be.
fn is_same(live: &Object, wanted: &Object) -> bool {
    ["rules", "roleRef", "subjects", "type"]
        .iter()
        .all(|field| {
            wanted
                .value
                .get(field)
                .is_none_or(|wanted| live.value.get(field) == Some(wanted))
        })
        && live.annotation(ACCOUNT_ANNOTATION) == wanted.annotation(ACCOUNT_ANNOTATION)
}

fn foreign(object: &Object) -> Error {
    Error::new(
        Reason::Guard,
        format!(
            "`{}` is in the cluster already and not made by pushboat (it has no label `{LABEL}={OWNER}`)",
            display(&object.key().to_string())
        ),
    )
    .hint("rename or remove it, or use `--no-manager` to go with the kubeconfig's own credentials")
}

/// Compares the account's objects with the cluster. Writes nothing; refuses objects of others.
pub async fn plan(cluster: &Cluster, options: &ManagerOptions) -> Result<ManagerPlan> {
    let mut steps = Vec::new();
    for (resource, wanted) in objects(options) {
        let live = cluster
            .get(&resource, wanted.namespace(), wanted.name())
            .await?;
        let (action, object) = match live {
            None => (Action::Create, wanted),
            Some(live) if !is_ours(&live) => return Err(foreign(&live)),
            Some(live) if is_same(&live, &wanted) => (Action::Keep, wanted),
            Some(live) => (Action::Update, merged(live, &wanted)),
        };
        steps.push(Step {
            resource,
            object,
            action,
        });
    }
    Ok(ManagerPlan {
        steps,
        options: options.clone(),
    })
}

/// The live object with what we decide in it, so that a replacement keeps what others added.
fn merged(mut live: Object, wanted: &Object) -> Object {
    if let (Value::Object(live), Value::Object(wanted)) = (&mut live.value, &wanted.value) {
        for field in ["rules", "roleRef", "subjects", "type"] {
            if let Some(value) = wanted.get(field) {
                live.insert(field.to_owned(), value.clone());
            }
        }
    }
    if let Some(name) = wanted.annotation(ACCOUNT_ANNOTATION) {
        live.set_annotation(ACCOUNT_ANNOTATION, name);
    }
    live
}

/// Makes what the plan says and returns the account's token. A run that was cut off is taken up by the next one.
pub async fn execute(cluster: &Cluster, plan: &ManagerPlan) -> Result<Secret> {
    for step in &plan.steps {
        let key = step.key();
        let done = match step.action {
            Action::Keep => continue,
            Action::Create => cluster.create(&step.resource, &step.object).await?,
            Action::Update => cluster.replace(&step.resource, &step.object).await?,
        };
        if done.is_none() {
            return Err(Error::new(
                Reason::Conflict,
                format!(
                    "`{}` changed between the plan and now",
                    display(&key.to_string())
                ),
            )
            .hint("run `pushboat cluster add` again")
            .during(During::Write));
        }
    }
    token(cluster, &plan.options, TOKEN_NAME).await
}

/// Waits until the cluster has filled the token Secret.
async fn token(cluster: &Cluster, options: &ManagerOptions, name: &str) -> Result<Secret> {
    let start = std::time::Instant::now();
    loop {
        let secret = cluster
            .get(&ApiResource::secret(), &options.namespace, name)
            .await?;
        let data = secret
            .as_ref()
            .and_then(|secret| secret.value.pointer("/data/token")?.as_str());
        if let Some(data) = data.filter(|data| !data.is_empty()) {
            return STANDARD
                .decode(data)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .map(Secret::new)
                .ok_or_else(|| {
                    Error::internal("the token in the cluster's Secret is not a token")
                });
        }
        if start.elapsed() >= options.token_patience {
            return Err(Error::new(
                Reason::Timeout,
                format!(
                    "the cluster put no token into Secret `{}/{name}` within {} s",
                    display(&options.namespace),
                    options.token_patience.as_secs()
                ),
            )
            .during(During::Write)
            .hint("its kube-controller-manager fills such Secrets: see that it runs, then run the command again")
            .hint("or use `--no-manager` to go with the kubeconfig's own credentials"));
        }
        tokio::time::sleep(TOKEN_POLL).await;
    }
}

/// Asks the server who we are; `None` where it cannot say (before Kubernetes 1.28).
pub async fn who_am_i(cluster: &Cluster) -> Result<Option<String>> {
    let resource = ApiResource::known(
        "authentication.k8s.io/v1",
        "SelfSubjectReview",
        "selfsubjectreviews",
        false,
    );
    let question = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    match cluster.review(&resource, &question).await {
        Ok(answer) => Ok(answer
            .pointer("/status/userInfo/username")
            .and_then(Value::as_str)
            .map(str::to_owned)),
        Err(error) if matches!(error.reason(), Reason::Discovery | Reason::Invalid) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the account is called by the server.
pub fn user_name(options: &ManagerOptions) -> String {
    format!("system:serviceaccount:{}:{NAME}", options.namespace)
}

/// Proves that a connection with the new token acts as the account. A fresh token may take a moment to be known.
pub async fn verify(cluster: &Cluster, options: &ManagerOptions) -> Result<()> {
    let expected = user_name(options);
    match who_am_i(cluster).await? {
        Some(name) if name != expected => Err(Error::new(
            Reason::Unauthorized,
            format!(
                "the new token acts as `{}`, not as `{expected}`",
                display(&name)
            ),
        )),
        Some(_) | None => Ok(()),
    }
}

/// Makes a second token beside the first. When it is verified and stored, [`drop_other_tokens`] removes the old ones.
pub async fn new_token(
    cluster: &Cluster,
    options: &ManagerOptions,
    suffix: &str,
) -> Result<(String, Secret)> {
    let name = format!("{TOKEN_NAME}-{suffix}");
    let secret = token_secret(options, &name);
    if cluster
        .create(&ApiResource::secret(), &secret)
        .await?
        .is_none()
    {
        return Err(foreign(&secret));
    }
    let token = token(cluster, options, &name).await?;
    Ok((name, token))
}

/// Removes the account's tokens, but the one named `keep`.
pub async fn drop_other_tokens(
    cluster: &Cluster,
    options: &ManagerOptions,
    keep: &str,
) -> Result<Removed> {
    let mut removed = Removed::default();
    for secret in tokens(cluster, options).await? {
        if secret.name() != keep {
            remove_one(cluster, &ApiResource::secret(), secret, &mut removed).await?;
        }
    }
    Ok(removed)
}

/// The account's token Secrets that are labelled as ours, without their content.
async fn tokens(cluster: &Cluster, options: &ManagerOptions) -> Result<Vec<Object>> {
    let list = ListOptions {
        namespace: Some(options.namespace.clone()),
        label_selector: Some(format!("{LABEL}={OWNER}")),
        field_selector: Some("type=kubernetes.io/service-account-token".to_owned()),
        metadata_only: true,
    };
    let is_the_accounts = |secret: &Object| secret.annotation(ACCOUNT_ANNOTATION) == Some(NAME);
    cluster
        .list_all(&ApiResource::secret(), &list, |secret| {
            is_the_accounts(&secret).then_some(secret)
        })
        .await
}

/// Removes what `cluster add` made: tokens first, so that no credential outlives the rest, then binding, role and account.
///
/// `cluster` must be a connection of somebody else than the account itself, which would lose its rights half-way.
pub async fn remove(cluster: &Cluster, options: &ManagerOptions) -> Result<Removed> {
    if who_am_i(cluster).await?.as_deref() == Some(user_name(options).as_str()) {
        return Err(Error::usage(format!("`{NAME}` cannot remove itself"))
            .hint("give `--context` with a context of your own that may delete cluster roles"));
    }
    let mut removed = Removed::default();
    for secret in tokens(cluster, options).await? {
        remove_one(cluster, &ApiResource::secret(), secret, &mut removed).await?;
    }
    let mut made = objects(options);
    made.reverse();
    for (resource, wanted) in made {
        if let Some(live) = cluster
            .get(&resource, wanted.namespace(), wanted.name())
            .await?
        {
            remove_one(cluster, &resource, live, &mut removed).await?;
        }
    }
    Ok(removed)
}

async fn remove_one(
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

/// What `clusters/<name>/cluster.yaml` should hold after `cluster add`: never a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterFileContent {
    pub context: String,
    pub server: String,
    pub kube_system_uid: String,
}

impl ClusterFileContent {
    /// The file's text. Lines of an existing file that say something else are kept, comments too; `None` when the existing file is
    /// written in a way that cannot be edited line by line.
    pub fn text(&self, existing: &str) -> Option<String> {
        let wanted = [
            ("context", &self.context),
            ("server", &self.server),
            ("kubeSystemUID", &self.kube_system_uid),
        ];
        let mut lines: Vec<String> = existing.lines().map(str::to_owned).collect();
        if lines
            .iter()
            .any(|line| line.starts_with(['{', '[', '"', '\'']))
        {
            return None;
        }
        for (key, value) in wanted {
            let line = format!("{key}: {}", quoted(value));
            match lines
                .iter_mut()
                .find(|line| line.split(':').next() == Some(key))
            {
                Some(known) => *known = line,
                None => lines.push(line),
            }
        }
        Some(lines.join("\n") + "\n")
    }
}

/// A YAML scalar: plain where that is safe, else between quotes.
fn quoted(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '/' | ':' | '@'))
        && !text.ends_with(':')
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
        );
    if plain {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(options: &ManagerOptions, expected: &str) {
        let keys: Vec<_> = objects(options)
            .iter()
            .map(|(_, object)| object.key().to_string())
            .collect();
        assert_eq!(keys.join(" "), expected);
        for (_, object) in objects(options) {
            assert!(is_ours(&object), "{object:?}");
        }
    }

    #[test]
    fn an_account_is_made_of_few_objects() {
        check(
            &ManagerOptions::default(),
            "ServiceAccount/kube-system/pushboat-manager ClusterRole.rbac.authorization.k8s.io/pushboat-manager \
             ClusterRoleBinding.rbac.authorization.k8s.io/pushboat-manager Secret/kube-system/pushboat-manager-token",
        );
        let limited = ManagerOptions {
            only_namespaces: vec!["shop".to_owned()],
            ..ManagerOptions::default()
        };
        check(
            &limited,
            "ServiceAccount/kube-system/pushboat-manager Role.rbac.authorization.k8s.io/shop/pushboat-manager \
             RoleBinding.rbac.authorization.k8s.io/shop/pushboat-manager Secret/kube-system/pushboat-manager-token",
        );
    }

    #[test]
    fn a_cluster_file_keeps_what_people_wrote() {
        let content = ClusterFileContent {
            context: "prod".to_owned(),
            server: "https://a:6443".to_owned(),
            kube_system_uid: "1e3-4".to_owned(),
        };
        let existing = "# production\ncontext: old\nlabels:\n  env: prod\n";
        assert_eq!(
            content.text(existing).as_deref(),
            Some(
                "# production\ncontext: prod\nlabels:\n  env: prod\nserver: https://a:6443\nkubeSystemUID: \"1e3-4\"\n"
            )
        );
        assert_eq!(content.text("{context: x}"), None);
    }
}
