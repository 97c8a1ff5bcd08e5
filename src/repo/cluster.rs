//! Which clusters are known, and which of them an Application goes to. Pure: kubeconfigs come in as plain data.
//!
//! It connects to nothing and never falls back to a current context.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::application::Application;
use super::near;
use super::reader::{Fields, Reader, Spanned};
use crate::error::{Error, Result};
use crate::object::display::display;
use crate::object::yaml::Node;

/// How Argo CD calls the cluster it runs in.
pub const IN_CLUSTER_SERVER: &str = "https://kubernetes.default.svc";
pub const IN_CLUSTER_NAME: &str = "in-cluster";

/// `clusters/<name>/cluster.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClusterFile {
    /// Path of the file in the repository.
    pub file: String,
    pub context: Option<String>,
    pub server: Option<Spanned<String>>,
    pub proxy_url: Option<String>,
    pub tls_server_name: Option<String>,
    pub labels: BTreeMap<String, String>,
    /// Other addresses that Applications may give for this cluster.
    pub aliases: Vec<Spanned<String>>,
    /// UID of the `kube-system` namespace: a server that answers with another one is another cluster.
    pub kube_system_uid: Option<String>,
    /// Digests of the authorities' public keys, `sha256:<hex>`: a server with another authority gets no credential.
    pub authorities: Vec<String>,
    /// What it takes to change this cluster.
    pub confirm: Confirm,
}

/// `confirm` in `cluster.yaml`: what is asked of a person before a cluster is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Confirm {
    /// A yes.
    #[default]
    Yes,
    /// The cluster's name.
    Name,
}

/// A folder below `clusters/`.
#[derive(Debug, Clone, Default)]
pub struct ClusterFolder {
    pub name: String,
    pub file: Option<ClusterFile>,
    /// Why its `cluster.yaml` cannot be used. Without it nobody knows which cluster is meant.
    pub problem: Option<Error>,
}

/// A context of a kubeconfig, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownContext {
    pub name: String,
    pub server: String,
    /// The kubeconfig it comes from, for messages.
    pub origin: String,
}

/// A cluster that pushboat can name.
#[derive(Debug, Clone, Default)]
pub struct KnownCluster {
    pub name: String,
    /// The kubeconfig context to reach it by. It may be absent from every kubeconfig: connecting says so.
    pub context: String,
    /// The server's address where it is known without connecting.
    pub server: Option<String>,
    /// Its folder's file, where there is one.
    pub file: Option<ClusterFile>,
    /// Where it is known from, for messages.
    pub origin: String,
    /// The Secret of a management cluster that it is reached by, where no kubeconfig has its context.
    pub secret: Option<String>,
    /// Why it cannot be connected to.
    pub problem: Option<Error>,
}

/// All clusters that pushboat can name, by name.
#[derive(Debug, Clone, Default)]
pub struct KnownClusters {
    pub clusters: Vec<KnownCluster>,
}

/// Keys that people put beside an address in other tools' files and that must never be in a repository.
const SECRET_KEYS: [&str; 14] = [
    "token",
    "bearerToken",
    "password",
    "username",
    "secret",
    "clientKey",
    "clientKeyData",
    "client-key",
    "client-key-data",
    "clientCertificateData",
    "client-certificate-data",
    "kubeconfig",
    "auth",
    "credentials",
];

const KEYS: [&str; 9] = [
    "context",
    "server",
    "proxyUrl",
    "tlsServerName",
    "labels",
    "aliases",
    "kubeSystemUID",
    "confirm",
    "authorities",
];

/// Reads `cluster.yaml`; the problems say what in it cannot be used.
pub fn read_file(node: &Node, file: &str) -> (ClusterFile, Vec<Error>) {
    let reader = Reader::new(file);
    let mut cluster = ClusterFile {
        file: file.to_owned(),
        ..ClusterFile::default()
    };
    if let Some(mut fields) = reader.fields("", node) {
        let secrets: Vec<(&str, &Node)> = fields
            .keys()
            .filter(|(key, _)| is_secret_key(key))
            .collect();
        for (key, key_node) in secrets {
            reader.push(
                Error::config(format!(
                    "`{}` looks like a credential, which must never stand in a repository",
                    display(key)
                ))
                .hint("remove it from the file and from history; `pushboat cluster add` keeps credentials in the user's own kubeconfig"),
                key_node,
            );
            fields.accept(&[key]);
        }
        cluster.context = fields.text("context").map(|text| text.value);
        cluster.server = fields.text("server");
        cluster.proxy_url = fields.text("proxyUrl").map(|text| text.value);
        cluster.tls_server_name = fields.text("tlsServerName").map(|text| text.value);
        cluster.labels = fields.text_map("labels");
        cluster.aliases = fields.texts("aliases");
        cluster.kube_system_uid = fields.text("kubeSystemUID").map(|text| text.value);
        match fields.text("confirm").map(|text| text.value).as_deref() {
            None => {}
            Some("name") => cluster.confirm = Confirm::Name,
            Some(other) => reader.problem(
                node.get("confirm").unwrap_or(node),
                format!("`confirm` is `name` or absent, not `{}`", display(other)),
            ),
        }
        cluster.authorities = authorities(&reader, &mut fields);
        let urls = [
            (
                "server",
                cluster.server.as_ref().map(|server| server.value.as_str()),
            ),
            ("proxyUrl", cluster.proxy_url.as_deref()),
        ];
        for (key, url) in urls {
            if url.is_some_and(has_credentials) {
                reader.problem(
                    node.get(key).unwrap_or(node),
                    format!("`{key}` holds a user name or password, which must never stand in a repository"),
                );
            }
        }
        fields.finish(&[], &KEYS);
    }
    (cluster, reader.into_problems())
}

fn authorities(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Vec<String> {
    let is_digest = |text: &str| {
        text.strip_prefix("sha256:")
            .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let mut digests = Vec::new();
    for (name, node) in fields.items("authorities") {
        match node.text().filter(|text| is_digest(text)) {
            Some(digest) => digests.push(digest.to_ascii_lowercase()),
            None => reader.problem(
                node,
                format!("`{name}` must be `sha256:` and 64 hexadecimal digits"),
            ),
        }
    }
    digests
}

fn is_secret_key(key: &str) -> bool {
    let folded = key.to_ascii_lowercase();
    SECRET_KEYS
        .iter()
        .any(|secret| secret.eq_ignore_ascii_case(key))
        || [
            "token", "password", "secret", "private", "key-data", "keydata",
        ]
        .iter()
        .any(|part| folded.contains(part))
}

fn has_credentials(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#'])
        .next()
        .unwrap_or_default()
        .contains('@')
}

/// Puts the known clusters together: the folders, then the contexts of pushboat's own kubeconfig.
///
/// `contexts` are those of `KUBECONFIG`: they make a folder reachable but no cluster known by themselves.
pub fn known(
    folders: &[ClusterFolder],
    own: &[KnownContext],
    contexts: &[KnownContext],
) -> KnownClusters {
    let find = |name: &str| {
        own.iter()
            .chain(contexts)
            .find(|context| context.name == name)
    };
    let mut clusters: Vec<KnownCluster> = folders
        .iter()
        .map(|folder| {
            let file = folder.file.as_ref();
            let context = file
                .and_then(|file| file.context.clone())
                .unwrap_or_else(|| folder.name.clone());
            let server = file
                .and_then(|file| file.server.as_ref().map(|server| server.value.clone()))
                .or_else(|| find(&context).map(|found| found.server.clone()));
            KnownCluster {
                name: folder.name.clone(),
                server,
                origin: file.map_or_else(
                    || format!("clusters/{}", folder.name),
                    |file| file.file.clone(),
                ),
                context,
                file: folder.file.clone(),
                secret: None,
                problem: folder.problem.clone(),
            }
        })
        .collect();
    for context in own {
        let is_known = clusters
            .iter()
            .any(|cluster| cluster.name == context.name || cluster.context == context.name);
        if !is_known {
            clusters.push(KnownCluster {
                name: context.name.clone(),
                context: context.name.clone(),
                server: Some(context.server.clone()),
                file: None,
                origin: context.origin.clone(),
                secret: None,
                problem: None,
            });
        }
    }
    clusters.sort_by(|a, b| a.name.cmp(&b.name));
    KnownClusters { clusters }
}

impl KnownCluster {
    /// What it takes to change this cluster.
    pub fn confirm(&self) -> Confirm {
        self.file.as_ref().map_or(Confirm::Yes, |file| file.confirm)
    }

    /// Whether a context with this server may stand for the cluster: it is the cluster's address or one of its aliases, or none is known.
    pub fn check_context(&self, context: &KnownContext) -> Result<()> {
        let reached = normalise_server(&context.server);
        let aliases = self.file.iter().flat_map(|file| &file.aliases);
        let aliases = aliases.map(|alias| alias.value.as_str());
        let Some(server) = self.server.as_deref().filter(|server| !server.is_empty()) else {
            return Ok(());
        };
        if aliases
            .chain([server])
            .any(|known| normalise_server(known) == reached)
        {
            return Ok(());
        }
        Err(Error::config(format!(
            "context `{}` ({}) reaches `{}`, but cluster `{}` ({}) is at `{}`",
            display(&context.name),
            display(&context.origin),
            display(&context.server),
            display(&self.name),
            display(&self.origin),
            display(server)
        ))
        .hint("`--context` says how a cluster is reached, not which: give one of that cluster, or list the address under `aliases` in its cluster.yaml")
        .hint("`--override-destination CLUSTER` sends one app to another cluster than its file says"))
    }
}

impl KnownClusters {
    pub fn get(&self, name: &str) -> Option<&KnownCluster> {
        self.clusters.iter().find(|cluster| cluster.name == name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.clusters.iter().map(|cluster| cluster.name.as_str())
    }

    /// The cluster that `--cluster NAME` means, or an error with the names that are near.
    pub fn given(&self, name: &str) -> Result<&KnownCluster> {
        self.get(name).ok_or_else(|| {
            let error = Error::usage(format!("no cluster named `{}` is known", display(name)));
            error.hint(self.candidates(name))
        })
    }

    fn candidates(&self, name: &str) -> String {
        let near = near::near(name, self.names());
        if !near.is_empty() {
            return format!("did you mean {}?", quoted(&near));
        }
        let mut names: Vec<&str> = self.names().collect();
        if names.is_empty() {
            return "no cluster is known: make a folder `clusters/<name>` or run `pushboat cluster add CONTEXT`".to_owned();
        }
        let n_more = names.len().saturating_sub(20);
        names.truncate(20);
        let more = if n_more > 0 {
            format!(" and {n_more} more")
        } else {
            String::new()
        };
        format!("known clusters: {}{more}", quoted(&names))
    }
}

/// The cluster an Application goes to. First match wins: `destination.name`, `destination.server`, the cluster of its folder
/// (for an empty destination or Argo CD's own address), an alias. Nothing on the command line changes it.
pub fn resolve(app: &Application, known: &KnownClusters) -> Result<String> {
    let destination = &app.destination;
    if !destination.name.is_empty() {
        return by_name(app, known);
    }
    if destination.server.is_empty() {
        return by_folder(app, known, "has no `spec.destination.name` or `.server`");
    }
    let server = normalise_server(&destination.server);
    let is_here = |cluster: &&KnownCluster| {
        let known = cluster.server.as_deref();
        known.is_some_and(|known| normalise_server(known) == server)
    };
    // What a Secret says of an address counts last: whoever may write one must not draw apps to it.
    let is_own = |cluster: &&KnownCluster| cluster.secret.is_none() || cluster.file.is_some();
    let own = known.clusters.iter().filter(is_here).filter(is_own);
    if let Some(name) = only(app, own.collect())? {
        return Ok(name);
    }
    if server == IN_CLUSTER_SERVER {
        return by_folder(app, known, "goes to `https://kubernetes.default.svc`");
    }
    let aliased = known.clusters.iter().filter(|cluster| {
        let aliases = cluster.file.iter().flat_map(|file| &file.aliases);
        aliases
            .into_iter()
            .any(|alias| normalise_server(alias) == server)
    });
    if let Some(name) = only(app, aliased.collect())? {
        return Ok(name);
    }
    let of_secrets = known.clusters.iter().filter(is_here);
    only(app, of_secrets.collect())?.ok_or_else(|| {
        app.error_at(
            &destination.server,
            format!(
                "app `{}` goes to server `{}`, which is no known cluster's",
                app.shown_name(),
                display(&destination.server)
            ),
        )
        .hint(servers(known))
        .hint("add the address to `aliases` in a `clusters/<name>/cluster.yaml`, or correct `spec.destination`")
    })
}

fn by_name(app: &Application, known: &KnownClusters) -> Result<String> {
    let name = &app.destination.name;
    if known.get(name).is_some() {
        return Ok(name.value.clone());
    }
    if **name == IN_CLUSTER_NAME {
        return by_folder(app, known, "goes to `in-cluster`");
    }
    Err(app
        .error_at(
            name,
            format!(
                "app `{}`: there are no clusters with this name: {}",
                app.shown_name(),
                display(name)
            ),
        )
        .hint(known.candidates(name)))
}

fn by_folder(app: &Application, known: &KnownClusters, why: &str) -> Result<String> {
    if !app.folder.is_empty() {
        return Ok(app.folder.clone());
    }
    Err(app
        .error_at(
            if app.destination.server.line > 0 {
                &app.destination.server
            } else {
                &app.destination.name
            },
            format!(
                "app `{}` {why} and does not stand in a cluster's folder",
                app.shown_name()
            ),
        )
        .hint(known.candidates(""))
        .hint("set `spec.destination.name`, or move the file to `clusters/<name>/`"))
}

fn only(app: &Application, matches: Vec<&KnownCluster>) -> Result<Option<String>> {
    match matches.as_slice() {
        [] => Ok(None),
        [cluster] => Ok(Some(cluster.name.clone())),
        several => {
            let places: Vec<String> = several
                .iter()
                .map(|cluster| {
                    format!(
                        "`{}` ({})",
                        display(&cluster.name),
                        display(&cluster.origin)
                    )
                })
                .collect();
            Err(app
                .error_at(
                    &app.destination.server,
                    format!(
                        "app `{}` goes to server `{}`, which {} clusters have: {}",
                        app.shown_name(),
                        display(&app.destination.server),
                        several.len(),
                        places.join(", ")
                    ),
                )
                .hint("name one of them in `spec.destination.name`, without `server`"))
        }
    }
}

fn servers(known: &KnownClusters) -> String {
    let mut lines: Vec<String> = known
        .clusters
        .iter()
        .filter_map(|cluster| {
            let server = cluster.server.as_deref()?;
            Some(format!(
                "`{}` ({})",
                display(&cluster.name),
                display(server)
            ))
        })
        .collect();
    lines.truncate(20);
    if lines.is_empty() {
        return "no known cluster has a known server".to_owned();
    }
    format!("known servers: {}", lines.join(", "))
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", display(name)))
        .collect();
    names.join(", ")
}

/// One spelling for an API server's address: scheme and host in lower case, no default port, no trailing slash.
pub fn normalise_server(server: &str) -> Cow<'_, str> {
    if is_normal(server) {
        return Cow::Borrowed(server);
    }
    let server: String = server.chars().filter(|c| !c.is_whitespace()).collect();
    let (scheme, rest) = match server.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        // As kubectl does for an address without a scheme.
        None => ("https".to_owned(), server.as_str()),
    };
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let mut authority = authority.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => "",
    };
    if !default_port.is_empty() {
        while let Some(host) = authority.strip_suffix(default_port) {
            authority = host.to_owned();
        }
    }
    Cow::Owned(format!(
        "{scheme}://{authority}{}",
        path.trim_end_matches('/')
    ))
}

/// Nearly every address is: it is looked at once for each app and cluster.
fn is_normal(server: &str) -> bool {
    let Some(rest) = server.strip_prefix("https://") else {
        return false;
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase();
    rest.bytes().all(is_plain) && !authority.ends_with(":443") && !rest.ends_with('/')
}

#[cfg(test)]
#[path = "cluster_tests.rs"]
mod tests;
