//! The account's token: waiting for the one that the cluster fills in, asking for one that expires, proving and renewing it.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::account::{ACCOUNT_ANNOTATION, LABEL, Lifetime, ManagerOptions, OWNER, TOKEN_NAME};
use super::account::{account, token_secret};
use super::remove::{Removed, is_of_registration, remove_one};
use crate::cluster::api::{ApiResource, Cluster, ListOptions};
use crate::cluster::secret::Secret;
use crate::error::{Error, Reason, Result};
use crate::object::Object;
use crate::object::display::display;

const TOKEN_POLL: Duration = Duration::from_millis(500);
/// What is asked for where a cluster fills no token Secrets. Servers shorten it to what they allow.
const FALLBACK: Duration = Duration::from_secs(365 * 24 * 3600);

/// A token and how long it is good for.
#[derive(Debug, Clone)]
pub struct Token {
    pub secret: Secret,
    /// The Secret it is stored in or bound to.
    pub name: String,
    /// Set for a token that expires.
    pub expiry: Option<Expiry>,
}

/// When a token ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    pub at: jiff::Timestamp,
    /// What was asked for, to be asked for again.
    pub asked: Duration,
    /// What the server gave.
    pub given: Duration,
}

impl Expiry {
    /// Whether less than a third of the time is left.
    pub fn is_near(&self, now: jiff::Timestamp) -> bool {
        let left = self.at.duration_since(now);
        left.as_secs_f64() < self.given.as_secs_f64() / 3.0
    }
}

/// The token of a Secret that was just made or is known.
pub(super) async fn token(
    cluster: &Cluster,
    options: &ManagerOptions,
    name: &str,
) -> Result<Token> {
    let filled = match options.lifetime {
        Lifetime::Lasting => filled(cluster, options, name).await?,
        Lifetime::Expiring(time) => return request(cluster, options, name, time).await,
    };
    match filled {
        Some(secret) => Ok(Token {
            secret,
            name: name.to_owned(),
            expiry: None,
        }),
        None => request(cluster, options, name, FALLBACK)
            .await
            .map_err(|error| {
                let place = format!("{}/{name}", options.namespace);
                error
                    .context(format!(
                        "the cluster put no token into Secret `{}` within {} s, and gives none on request",
                        display(&place),
                        options.token_patience.as_secs()
                    ))
                    .hint("its kube-controller-manager fills such Secrets: see that it runs, then run the command again")
                    .hint("or use `--no-manager` to go with the kubeconfig's own credentials")
            }),
    }
}

/// Waits until the cluster has filled the token Secret; `None` where it does not.
async fn filled(cluster: &Cluster, options: &ManagerOptions, name: &str) -> Result<Option<Secret>> {
    let start = std::time::Instant::now();
    loop {
        let secret = cluster
            .get(&ApiResource::secret(), &options.namespace, name)
            .await?;
        let data = secret
            .as_ref()
            .and_then(|secret| secret.value.pointer("/data/token")?.as_str());
        if let Some(data) = data.filter(|data| !data.is_empty()) {
            let token = STANDARD.decode(data).ok();
            let token = token.and_then(|bytes| String::from_utf8(bytes).ok());
            return token.map(|token| Some(Secret::new(token))).ok_or_else(|| {
                Error::internal("the token in the cluster's Secret is not a token")
            });
        }
        if start.elapsed() >= options.token_patience {
            return Ok(None);
        }
        tokio::time::sleep(TOKEN_POLL).await;
    }
}

/// Asks for a token that is bound to a Secret, so that it ends with it.
///
/// See <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/>.
pub async fn request(
    cluster: &Cluster,
    options: &ManagerOptions,
    name: &str,
    time: Duration,
) -> Result<Token> {
    let secret = cluster
        .get(&ApiResource::secret(), &options.namespace, name)
        .await?;
    let uid = secret.as_ref().map(Object::uid).ok_or_else(|| {
        let place = format!("{}/{name}", options.namespace);
        Error::new(
            Reason::Unauthorized,
            format!("Secret `{}` of the token is gone", display(&place)),
        )
        .hint("register the cluster again: `pushboat cluster add`")
    })?;
    let question = json!({
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {
            "expirationSeconds": time.as_secs(),
            "boundObjectRef": {"apiVersion": "v1", "kind": "Secret", "name": name, "uid": uid},
        },
    });
    let answer = cluster
        .request_token(&account(), &options.namespace, &options.account, &question)
        .await?;
    let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str);
    let at = text("/status/expirationTimestamp").and_then(|time| time.parse().ok());
    let (Some(token), Some(at)) = (text("/status/token"), at) else {
        return Err(Error::internal("the server's answer holds no token"));
    };
    let given = answer
        .pointer("/spec/expirationSeconds")
        .and_then(Value::as_u64)
        .map_or(time, Duration::from_secs);
    Ok(Token {
        secret: Secret::new(token.to_owned()),
        name: name.to_owned(),
        expiry: Some(Expiry {
            at,
            asked: time,
            given,
        }),
    })
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

/// Whether we may create objects of a kind, by the server's own word.
pub async fn may_create(cluster: &Cluster, group: &str, plural: &str) -> Result<bool> {
    let resource = ApiResource::known(
        "authorization.k8s.io/v1",
        "SelfSubjectAccessReview",
        "selfsubjectaccessreviews",
        false,
    );
    let question = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {"verb": "create", "group": group, "resource": plural}},
    });
    let answer = cluster.review(&resource, &question).await?;
    Ok(answer.pointer("/status/allowed").and_then(Value::as_bool) == Some(true))
}

/// Proves that a connection with the new token acts as the account.
pub async fn verify(cluster: &Cluster, options: &ManagerOptions) -> Result<()> {
    let expected = options.user_name();
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

/// Makes a token beside those that are there. When it is verified and stored, [`drop_other_tokens`] removes the old ones.
pub async fn new_token(cluster: &Cluster, options: &ManagerOptions, suffix: &str) -> Result<Token> {
    let name = format!("{TOKEN_NAME}-{suffix}");
    let secret = token_secret(options, &name);
    let made = cluster.create(&ApiResource::secret(), &secret).await?;
    if made.is_none() {
        let text = format!("Secret `{}` is in the cluster already", display(&name));
        return Err(Error::new(Reason::Conflict, text).hint("run the command again"));
    }
    token(cluster, options, &name).await
}

/// Removes the registration's tokens, but the one named `keep`.
pub async fn drop_other_tokens(
    cluster: &Cluster,
    options: &ManagerOptions,
    keep: &str,
) -> Result<Removed> {
    let mut removed = Removed::default();
    for secret in tokens(cluster, options).await? {
        if secret.name() != keep && is_of_registration(&secret, options) {
            remove_one(cluster, &ApiResource::secret(), secret, &mut removed).await?;
        }
    }
    Ok(removed)
}

/// The account's token Secrets that are labelled as ours, without their content.
pub(super) async fn tokens(cluster: &Cluster, options: &ManagerOptions) -> Result<Vec<Object>> {
    let list = ListOptions {
        namespace: Some(options.namespace.clone()),
        label_selector: Some(format!("{LABEL}={OWNER}")),
        field_selector: None,
        metadata_only: true,
    };
    let is_the_accounts =
        |secret: &Object| secret.annotation(ACCOUNT_ANNOTATION) == Some(&options.account);
    cluster
        .list_all(&ApiResource::secret(), &list, |secret| {
            is_the_accounts(&secret).then_some(secret)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_in_the_last_third_of_its_time() {
        let at: jiff::Timestamp = "2026-01-01T03:00:00Z".parse().expect("a time");
        let hours = |n: u64| Duration::from_secs(n * 3600);
        let expiry = Expiry {
            at,
            asked: hours(24),
            given: hours(3),
        };
        let is_near = |time: &str| expiry.is_near(time.parse().expect("a time"));
        assert!(!is_near("2026-01-01T00:00:00Z"));
        assert!(!is_near("2026-01-01T01:59:00Z"));
        assert!(is_near("2026-01-01T02:01:00Z"));
        assert!(is_near("2026-01-01T05:00:00Z"), "over");
    }
}
