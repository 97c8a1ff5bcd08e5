//! Clusters that a management cluster knows: Argo CD cluster Secrets, Cluster API and Crossplane kubeconfig Secrets.
//!
//! Whoever may write such a Secret must not thereby run programs or read files here: only inline data is taken, and no Secret
//! can switch verification off.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::api::{ApiResource, Cluster, ListOptions};
use super::kubeconfig::Kubeconfig;
use crate::error::{Error, Result};
use crate::object::Object;
use crate::object::display::display;

const ARGO_LABEL: &str = "argocd.argoproj.io/secret-type";
const CAPI_LABEL: &str = "cluster.x-k8s.io/cluster-name";
const CROSSPLANE_TYPE: &str = "connection.crossplane.io/v1alpha1";

/// A cluster from a Secret, ready to be connected to.
#[derive(Debug, Clone)]
pub struct FromSecret {
    pub name: String,
    /// The context to use of `kubeconfig`.
    pub context: String,
    pub server: String,
    pub kubeconfig: Arc<Kubeconfig>,
    /// Where it comes from, for messages: `Secret argocd/prod`.
    pub origin: String,
}

/// The clusters, and the Secrets that cannot be used.
#[derive(Debug, Default)]
pub struct Found {
    pub clusters: Vec<FromSecret>,
    pub problems: Vec<Error>,
}

/// Asks a management cluster which clusters it knows in one namespace.
pub async fn clusters(management: &Cluster, namespace: &str) -> Result<Found> {
    let label = |selector: &str| (Some(selector.to_owned()), None);
    let queries = [
        label("argocd.argoproj.io/secret-type=cluster"),
        label(CAPI_LABEL),
        (None, Some(format!("type={CROSSPLANE_TYPE}"))),
    ];
    let mut found = Found::default();
    for (label_selector, field_selector) in queries {
        let options = ListOptions {
            namespace: Some(namespace.to_owned()),
            label_selector,
            field_selector,
            metadata_only: false,
        };
        let secrets = management
            .list_all(&ApiResource::secret(), &options, Some)
            .await?;
        for secret in secrets {
            match read(&secret) {
                Ok(Some(mut cluster)) => {
                    cluster.origin = format!("{} of `{}`", cluster.origin, management.context());
                    found.clusters.push(cluster);
                }
                Ok(None) => {}
                Err(error) => found.problems.push(error),
            }
        }
    }
    found.clusters.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// The cluster a Secret describes; `None` when it describes none. Pure.
pub fn read(secret: &Object) -> Result<Option<FromSecret>> {
    let origin = format!("Secret {}/{}", secret.namespace(), secret.name());
    let fail = |error: Error| error.context(format!("cannot use {}", display(&origin)));
    let (name, kubeconfig) = if secret.label(ARGO_LABEL) == Some("cluster") {
        argo(secret).map_err(fail)?
    } else if let Some(name) = secret.label(CAPI_LABEL) {
        // A label alone must not give a Secret the name of another cluster.
        if secret.name().strip_suffix("-kubeconfig") != Some(name) {
            return Ok(None);
        }
        (name.to_owned(), data(secret, "value").map_err(fail)?)
    } else if secret.value.get("type").and_then(Value::as_str) == Some(CROSSPLANE_TYPE) {
        if data(secret, "kubeconfig").is_err() {
            return Ok(None);
        }
        let name = secret.name().trim_end_matches("-kubeconfig").to_owned();
        (name, data(secret, "kubeconfig").map_err(fail)?)
    } else {
        return Ok(None);
    };
    let kubeconfig = Kubeconfig::restricted(&kubeconfig, &origin).map_err(fail)?;
    let contexts = kubeconfig.contexts();
    let context = kubeconfig
        .current_context()
        .or(contexts.first().map(|context| context.name.as_str()))
        .ok_or_else(|| fail(Error::config("its kubeconfig has no context")))?
        .to_owned();
    let server = kubeconfig.resolve(&context).map_err(fail)?.cluster.server;
    Ok(Some(FromSecret {
        name,
        context,
        server: server.unwrap_or_default(),
        kubeconfig: Arc::new(kubeconfig),
        origin,
    }))
}

fn data(secret: &Object, key: &str) -> Result<Vec<u8>> {
    let text = secret
        .value
        .get("data")
        .and_then(|data| data.get(key)?.as_str())
        .ok_or_else(|| Error::config(format!("it has no `{key}`")))?;
    STANDARD
        .decode(text)
        .map_err(|_| Error::config(format!("its `{key}` is not base64")))
}

/// An Argo CD cluster Secret as a kubeconfig, so that both go through the same checks.
fn argo(secret: &Object) -> Result<(String, Vec<u8>)> {
    let text = |key: &str| {
        data(secret, key).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|_| Error::config(format!("its `{key}` is not text")))
        })
    };
    let server = text("server")?.trim_end_matches('/').to_owned();
    let name = text("name").unwrap_or_else(|_| server.clone());
    // The parser's words would quote the credentials.
    let config: Value = match secret.value.pointer("/data/config") {
        Some(_) => serde_json::from_slice(&data(secret, "config")?)
            .map_err(|_| Error::config("its `config` is not JSON"))?,
        None => json!({}),
    };
    for key in ["execProviderConfig", "awsAuthConfig"] {
        if config.get(key).is_some_and(|value| !value.is_null()) {
            return Err(
                Error::config(format!("its `{key}` would run a program")).hint(format!(
                    "make a context of your own for `{}` and name it in `clusters/<name>/cluster.yaml`",
                    display(&server)
                )),
            );
        }
    }
    let kubeconfig = kubeconfig_of(&name, &server, &config);
    Ok((name, kubeconfig.to_string().into_bytes()))
}

/// Copies the keys that are set, under the names that a kubeconfig has for them.
fn copy(from: Option<&Value>, keys: &[(&str, &str)]) -> Map<String, Value> {
    let pairs = keys.iter().filter_map(|(theirs, ours)| {
        let value = from?.get(theirs)?;
        let is_empty = value.is_null() || value.as_str() == Some("");
        (!is_empty).then(|| ((*ours).to_owned(), value.clone()))
    });
    pairs.collect()
}

/// Argo CD's `config` in a kubeconfig's words.
fn kubeconfig_of(name: &str, server: &str, config: &Value) -> Value {
    let tls = config.get("tlsClientConfig");
    // `ca` is no key of Argo CD, but of many guides that are followed by hand; some put it, or `caData`, one level too high.
    let mut cluster = Map::new();
    for (place, key) in [(Some(config), "ca"), (Some(config), "caData"), (tls, "ca")] {
        cluster.extend(copy(place, &[(key, "certificate-authority-data")]));
    }
    cluster.extend(copy(
        tls,
        &[
            ("insecure", "insecure-skip-tls-verify"),
            ("serverName", "tls-server-name"),
            ("caData", "certificate-authority-data"),
        ],
    ));
    cluster.extend(copy(
        Some(config),
        &[
            ("proxyUrl", "proxy-url"),
            ("disableCompression", "disable-compression"),
        ],
    ));
    cluster.insert("server".to_owned(), json!(server));
    let mut user = copy(
        tls,
        &[
            ("certData", "client-certificate-data"),
            ("keyData", "client-key-data"),
        ],
    );
    user.extend(copy(
        Some(config),
        &[
            ("bearerToken", "token"),
            ("username", "username"),
            ("password", "password"),
        ],
    ));
    json!({
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": user}],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argo_secret(config: &Value) -> Object {
        let encode = |text: &str| STANDARD.encode(text);
        Object::new(json!({"apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "cluster-a", "namespace": "argocd", "labels": {ARGO_LABEL: "cluster"}},
            "data": {"name": encode("prod"), "server": encode("https://a:6443/"), "config": encode(&config.to_string())}}))
    }

    fn kubeconfig_secret(labels: &Value, kind: &str, key: &str, user: &str) -> Object {
        let text = format!(
            "current-context: admin@x\ncontexts: [{{name: admin@x, context: {{cluster: x, user: u}}}}]\n\
             clusters: [{{name: x, cluster: {{server: 'https://x'}}}}]\nusers: [{{name: u, user: {user}}}]"
        );
        Object::new(json!({"apiVersion": "v1", "kind": "Secret", "type": kind,
            "metadata": {"name": "x-kubeconfig", "namespace": "n", "labels": labels},
            "data": {key: STANDARD.encode(text)}}))
    }

    #[test]
    fn an_argo_cluster_becomes_a_kubeconfig() {
        let secret = argo_secret(&json!({"bearerToken": "hunter2", "tlsClientConfig":
            {"insecure": false, "serverName": "b", "caData": "eA=="}, "proxyUrl": "http://p"}));
        let cluster = read(&secret).ok().flatten().expect("a cluster");
        assert_eq!(
            (cluster.name.as_str(), cluster.server.as_str()),
            ("prod", "https://a:6443")
        );
        let resolved = cluster
            .kubeconfig
            .resolve(&cluster.context)
            .expect("a context");
        assert_eq!(
            resolved
                .user
                .token
                .map(|token| token.expose().to_owned())
                .as_deref(),
            Some("hunter2")
        );
        assert_eq!(resolved.cluster.tls_server_name.as_deref(), Some("b"));
        assert!(!format!("{cluster:?}").contains("hunter2"));
    }

    #[test]
    fn the_authority_may_stand_under_the_name_that_guides_use() {
        for tls in [
            json!({"ca": "eA=="}),
            json!({"ca": "eQ==", "caData": "eA=="}),
            Value::Null,
        ] {
            let secret = match tls {
                Value::Null => argo_secret(&json!({"bearerToken": "t", "ca": "eA=="})),
                tls => argo_secret(&json!({"bearerToken": "t", "tlsClientConfig": tls})),
            };
            let cluster = read(&secret).ok().flatten().expect("a cluster");
            let resolved = cluster
                .kubeconfig
                .resolve(&cluster.context)
                .expect("a context");
            let data = resolved.cluster.certificate_authority_data;
            assert_eq!(data.as_deref(), Some("eA=="));
        }
    }

    #[test]
    fn a_secret_gets_no_powers() {
        for config in [
            json!({"execProviderConfig": {"command": "sh"}}),
            json!({"awsAuthConfig": {"clusterName": "x"}}),
            json!({"tlsClientConfig": {"insecure": true}}),
        ] {
            assert!(read(&argo_secret(&config)).is_err(), "{config}");
        }
        let labels = json!({CAPI_LABEL: "x"});
        let exec = kubeconfig_secret(
            &labels,
            "cluster.x-k8s.io/secret",
            "value",
            "{exec: {command: sh}}",
        );
        assert!(read(&exec).is_err());
    }

    #[test]
    fn kubeconfigs_of_cluster_api_and_crossplane_are_read() {
        let capi = kubeconfig_secret(
            &json!({CAPI_LABEL: "x"}),
            "cluster.x-k8s.io/secret",
            "value",
            "{token: a}",
        );
        let crossplane = kubeconfig_secret(&json!({}), CROSSPLANE_TYPE, "kubeconfig", "{token: a}");
        for secret in [capi, crossplane] {
            let cluster = read(&secret).ok().flatten().expect("a cluster");
            assert_eq!(
                (cluster.name.as_str(), cluster.context.as_str()),
                ("x", "admin@x")
            );
        }
        assert!(read(&Object::new(json!({"kind": "Secret"}))).is_ok_and(|found| found.is_none()));
    }
}
