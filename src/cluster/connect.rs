//! From a context to a connection: address, proxy, trust, credentials, limits, and the proof that it is the right cluster.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Instant;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::sync::{Mutex as AsyncMutex, OnceCell};

use super::api::{Cluster, Inner};
use super::contexts::Resolved;
use super::credential::Credentials;
use super::endpoint::{Allowed, Recorded, endpoint};
use super::identity::Identity;
use super::kubeconfig::Kubeconfig;
use super::limit::Limiter;
use super::proxy::{self, ProxyEnv};
use super::send::{Lane, Line, Sender};
use super::stop::Stop;
use super::teller::Teller;
use super::tls;
use super::transport::{Timeouts, Transport};
use crate::error::{Error, Reason, Result};
use crate::object::display::display;

/// Requests in flight to one cluster, unless said otherwise. More does not make one API server faster.
pub const DEFAULT_CONCURRENCY: usize = 16;

/// How a cluster is reached. Everything is given; nothing is looked up in the environment.
#[derive(Debug, Clone, Default)]
pub struct ConnectOptions {
    /// What pushboat calls the cluster.
    pub name: String,
    /// The context, by name. Never an implicit current one.
    pub context: String,
    pub kubeconfig: Arc<Kubeconfig>,
    /// What the repository says of it.
    pub recorded: Recorded,
    /// What of that the user allows where the context says something else.
    pub allowed: Allowed,
    /// Writes are to come: ask for the UID before anything else, so that what is read and what is written is one cluster's.
    pub identify: bool,
    pub impersonate_user: Option<String>,
    pub impersonate_groups: Vec<String>,
    pub proxy_env: ProxyEnv,
    /// There is a terminal and only one cluster: a plugin may ask there.
    pub interactive: bool,
    pub timeouts: Timeouts,
    /// The command's own time limit.
    pub deadline: Option<Instant>,
    /// Is told at once what is waited for.
    pub teller: Teller,
    pub stop: Stop,
    /// Requests in flight; 0 is [`DEFAULT_CONCURRENCY`].
    pub concurrency: usize,
}

impl std::fmt::Debug for ProxyEnv {
    /// A proxy's address may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProxyEnv(..)")
    }
}

/// A server's address, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub scheme: String,
    /// Lower case, without brackets.
    pub host: String,
    pub port: u16,
    /// Without a slash at its end.
    pub prefix: String,
}

impl Address {
    /// Reads `https://host[:port][/prefix]`. Scheme, host and default port are normalised.
    pub fn parse(url: &str) -> Result<Self> {
        let bad = |why: &str| {
            let shown = url.rsplit('@').next().unwrap_or_default();
            Error::config(format!("the server address `{}` {why}", display(shown)))
        };
        let (scheme, rest) = match url.trim().split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            None => ("https".to_owned(), url.trim()),
        };
        let default_port = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => return Err(bad("is neither https nor http")),
        };
        if rest.contains(['?', '#', '@', '\\']) || !rest.chars().all(|c| c.is_ascii_graphic()) {
            return Err(bad("holds characters that an address may not hold"));
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) =
            proxy::split_host_port(authority).ok_or_else(|| bad("has a port that is no number"))?;
        if host.is_empty() {
            return Err(bad("has no host"));
        }
        let path = path.trim_end_matches('/');
        Ok(Self {
            scheme,
            host: host.trim_end_matches('.').to_ascii_lowercase(),
            port: port.unwrap_or(default_port),
            prefix: if path.is_empty() {
                String::new()
            } else {
                format!("/{path}")
            },
        })
    }

    /// `https://host:port`, the port always written out.
    pub fn origin(&self) -> String {
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        format!("{}://{host}:{}", self.scheme, self.port)
    }
}

impl Cluster {
    /// Prepares a connection. Nothing is sent, unless a UID is expected: then `kube-system` is read first, and a server with
    /// another UID is refused with `wrong-cluster`; unless writes are to come: then the first UID seen counts. Every connection that is to carry a write is asked again.
    pub async fn connect(options: &ConnectOptions) -> Result<Self> {
        let cluster = Self::prepare(options).map_err(|error| {
            error.context(format!("cannot connect to `{}`", display(&options.name)))
        })?;
        if let Some(expected) = &options.recorded.uid {
            match cluster.check_identity(expected).await {
                // Usable all the same, and told.
                Err(error) if error.reason() == Reason::Forbidden => cluster.is_unproved(),
                checked => checked?,
            }
        } else if options.identify {
            match cluster.identity().await {
                Err(error) if matches!(error.reason(), Reason::Forbidden | Reason::Discovery) => {
                    cluster.is_unproved();
                }
                asked => drop(asked?),
            }
        }
        Ok(cluster)
    }

    fn prepare(options: &ConnectOptions) -> Result<Self> {
        let resolved = options.kubeconfig.resolve(&options.context)?;
        let (address, resolved) = endpoint(
            &options.name,
            &resolved,
            &options.recorded,
            &options.allowed,
        )?;
        check_pinned(options, &resolved, &address)?;
        let mut notes = Vec::new();
        if resolved.cluster.insecure_skip_tls_verify == Some(true) && address.scheme == "https" {
            notes.push(format!(
                "TLS verification of `{}` is off, as the kubeconfig says (insecure-skip-tls-verify)",
                display(&options.name)
            ));
        }
        let sender = sender(options, &resolved, &address)?;
        let server = format!("{}{}", address.origin(), address.prefix);
        let inner = Inner {
            name: options.name.clone(),
            context: options.context.clone(),
            server,
            notes,
            identity: OnceCell::new(),
            discovery: AsyncMutex::new(None),
            asked_when_ready: OnceCell::new(),
        };
        Ok(Self::of(inner, sender))
    }

    pub(super) async fn check_identity(&self, expected: &str) -> Result<()> {
        let found = self.identity().await?;
        if found == expected {
            return Ok(());
        }
        Err(Error::new(
            Reason::WrongCluster,
            format!(
                "`{}` at `{}` is another cluster than the one recorded: its kube-system has the UID `{}`, recorded is `{}`",
                display(self.name()),
                display(self.server()),
                display(&found),
                display(expected)
            ),
        )
        .hint("if the cluster was rebuilt on purpose, register it again with `pushboat cluster add --replace`"))
    }
}

/// Where authorities are recorded, a connection that cannot be held against them is not made.
fn check_pinned(options: &ConnectOptions, resolved: &Resolved, address: &Address) -> Result<()> {
    if options.recorded.authorities.is_empty() {
        return Ok(());
    }
    let why = if address.scheme != "https" {
        "is reached without TLS"
    } else if resolved.cluster.insecure_skip_tls_verify == Some(true) {
        "is not verified (insecure-skip-tls-verify)"
    } else {
        return Ok(());
    };
    Err(Error::new(
        Reason::WrongCluster,
        format!(
            "`{}` {why}, and {} records its authorities",
            display(&options.name),
            display(&options.recorded.file)
        ),
    )
    .hint("put the authority's certificate into `certificate-authority-data` of the kubeconfig's cluster"))
}

fn sender(options: &ConnectOptions, resolved: &Resolved, address: &Address) -> Result<Sender> {
    let credentials = Credentials::new(resolved, options.interactive)?;
    let proxy = proxy::resolve(
        resolved.cluster.proxy_url.as_deref(),
        &options.proxy_env,
        &address.scheme,
        &address.host,
        address.port,
    )?;
    let entry = resolved.cluster.clone();
    let (timeouts, pins) = (options.timeouts, options.recorded.authorities.clone());
    let build = move |identity: Option<&tls::Identity>| {
        let tls = tls::client_config(&entry, &pins, identity)?;
        Transport::new(
            tls,
            entry.tls_server_name.as_deref(),
            proxy.as_ref(),
            timeouts,
        )
    };
    let transport = build(credentials.identity())?;
    let is_near = proxy::is_loopback(&address.host);
    let line = Line {
        origin: address.origin(),
        prefix: address.prefix.clone(),
        headers: impersonation(options, resolved)?,
        compress: !is_near && resolved.cluster.disable_compression != Some(true),
        timeouts,
        deadline: options.deadline,
        limiter: Limiter::new(match options.concurrency {
            0 => DEFAULT_CONCURRENCY,
            n => n,
        }),
        transport: RwLock::new((0, transport)),
        rebuild: Box::new(move |identity| build(Some(identity))),
        credentials,
        identity: Identity::new(options.recorded.uid.clone()),
        answered: AtomicBool::new(false),
        teller: options.teller.clone(),
        stop: options.stop.clone(),
        requests: AtomicU64::new(0),
        retries: AtomicU64::new(0),
        warnings: Mutex::new(BTreeSet::new()),
    };
    Ok(Sender {
        line: Arc::new(line),
        guard: None,
        lane: Lane::Ordinary,
    })
}

/// The impersonation headers: `--as` and `--as-group` replace the kubeconfig's own.
fn impersonation(options: &ConnectOptions, resolved: &Resolved) -> Result<HeaderMap> {
    let user = &resolved.user;
    let mut headers = HeaderMap::new();
    let value = |text: &str, what: &str| {
        HeaderValue::from_str(text).map_err(|_| {
            Error::usage(format!(
                "the {what} to act as holds characters that cannot be sent"
            ))
        })
    };
    let is_given = options.impersonate_user.is_some();
    if !is_given && !options.impersonate_groups.is_empty() {
        return Err(Error::usage("groups to act as need a user to act as")
            .hint("give --as together with --as-group"));
    }
    let name = options
        .impersonate_user
        .as_ref()
        .or(user.impersonate.as_ref());
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return Ok(headers);
    };
    headers.insert("impersonate-user", value(name, "user")?);
    let groups = if is_given {
        &options.impersonate_groups
    } else {
        user.impersonate_groups
            .as_ref()
            .unwrap_or(&options.impersonate_groups)
    };
    for group in groups {
        headers.append("impersonate-group", value(group, "group")?);
    }
    if is_given {
        return Ok(headers);
    }
    if let Some(uid) = &user.impersonate_uid {
        headers.insert("impersonate-uid", value(uid, "UID")?);
    }
    for (key, values) in user.impersonate_extra.iter().flatten() {
        let name = format!(
            "impersonate-extra-{}",
            super::url::encode(&key.to_ascii_lowercase())
        );
        let name = HeaderName::try_from(name)
            .map_err(|_| Error::config("`as-user-extra` holds a key that cannot be sent"))?;
        for text in values {
            headers.append(name.clone(), value(text, "extra value")?);
        }
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: &str) {
        let shown = match Address::parse(url) {
            Ok(address) => format!("{}{}", address.origin(), address.prefix),
            Err(error) => error.message(),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn normalises_addresses() {
        check("HTTPS://API.Example.com/", "https://api.example.com:443");
        check(
            "https://a:6443/k8s/clusters/c-1/",
            "https://a:6443/k8s/clusters/c-1",
        );
        check("https://[fd00::1]:6443", "https://[fd00::1]:6443");
        check("a:6443", "https://a:6443");
        check(
            "ftp://a",
            "the server address `ftp://a` is neither https nor http",
        );
        check(
            "https://user:hunter2@a",
            "the server address `a` holds characters that an address may not hold",
        );
    }
}
