//! HTTPS requests to allowed addresses: redirects, numbers, sizes and times are bounded, credentials stay with their host.

use std::io::{self, Read};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::{Response, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body};

use super::address::Address;
use super::allow::{AllowList, Login};
use crate::error::{Error, Reason, Result};
use crate::object::display::display;

/// As many as a renamed repository behind a load balancer needs.
const MAX_REDIRECTS: usize = 3;
/// A server that is there answers a connection within this.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A password file is one line.
const PASSWORD_BYTES: u64 = 64 << 10;

/// How addresses are reached: what the environment says, or nothing.
#[derive(Clone, Default)]
pub struct Proxy {
    /// `http://` or `socks5://`.
    pub url: Option<String>,
    /// Hosts, and with their subdomains, that are reached without it.
    pub except: Vec<String>,
}

/// A client for allowed addresses only.
pub struct Https {
    agent: Agent,
    allow: Arc<AllowList>,
}

/// One header's name and value.
pub type Header = (String, String);

/// An answer of the 200s.
pub struct Answer {
    /// What was asked in the end.
    pub address: Address,
    pub headers: Vec<Header>,
    pub body: Box<dyn Read + Send + Sync>,
}

/// What a server says to one who asks as somebody.
pub enum Reply {
    Answer(Answer),
    /// It wants other credentials: its `WWW-Authenticate`.
    Challenge(String),
}

impl Answer {
    /// The whole body.
    pub fn bytes(mut self) -> Result<Arc<[u8]>> {
        let mut bytes = Vec::new();
        match self.body.read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes.into()),
            Err(error) => Err(Error::new(
                Reason::Unreachable,
                format!("the answer broke off: {error}"),
            )),
        }
    }
}

impl Https {
    pub fn new(allow: Arc<AllowList>, proxy: &Proxy) -> Result<Self> {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .https_only(true)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(proxy.build()?)
            .user_agent(concat!("pushboat/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .build();
        let resolver = Guarded {
            allow: Arc::clone(&allow),
            inner: DefaultResolver::default(),
        };
        let agent = Agent::with_parts(config, DefaultConnector::default(), resolver);
        Ok(Self { agent, allow })
    }

    /// Asks for an address, with at most `limit` bytes of answer.
    pub fn get(
        &self,
        address: &Address,
        headers: &[Header],
        limit: u64,
        deadline: Instant,
    ) -> Result<Answer> {
        let (address, response) = self.follow(address, headers, None, deadline)?;
        answer(address, response, limit)
    }

    /// The same with an `Authorization` that takes the place of what the user's list has for the server, and goes nowhere else.
    pub fn get_as(
        &self,
        authorization: Option<&Header>,
        address: &Address,
        headers: &[Header],
        limit: u64,
        deadline: Instant,
    ) -> Result<Reply> {
        let (address, response) = self.follow(address, headers, authorization, deadline)?;
        let challenge = response.headers().get("www-authenticate");
        match challenge.and_then(|challenge| challenge.to_str().ok()) {
            Some(challenge) if response.status() == 401 => {
                Ok(Reply::Challenge(challenge.to_owned()))
            }
            _ => answer(address, response, limit).map(Reply::Answer),
        }
    }

    /// Asks, and follows redirects to where the user allowed it.
    fn follow(
        &self,
        first: &Address,
        headers: &[Header],
        authorization: Option<&Header>,
        deadline: Instant,
    ) -> Result<(Address, Response<Body>)> {
        let mut address = first.clone();
        for _ in 0..=MAX_REDIRECTS {
            let mut request = self.agent.get(address.to_string());
            let authorization = match authorization {
                Some(own) if address.origin() == first.origin() => Some(own.clone()),
                _ => self.authorization(&address)?,
            };
            for (name, value) in headers.iter().chain(&authorization) {
                request = request.header(name, value);
            }
            let left = left(deadline)?;
            let response = request
                .config()
                .timeout_global(Some(left))
                .build()
                .call()
                .map_err(|error| failure(&error))?;
            if !response.status().is_redirection() {
                return Ok((address, response));
            }
            let location = response
                .headers()
                .get("location")
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default();
            let next = address
                .redirected(location)
                .and_then(|next| self.allow.check(&next.to_string()));
            address = next.map_err(|error| {
                error.context(format!("`{}` redirects elsewhere", address.origin()))
            })?;
        }
        Err(Error::new(
            Reason::Unreachable,
            format!("more than {MAX_REDIRECTS} redirects, the last one to `{address}`"),
        ))
    }

    /// Sends `body` to an address. A redirect is an error: the body was meant for this server.
    pub fn post(
        &self,
        address: &Address,
        headers: &[Header],
        body: &[u8],
        limit: u64,
        deadline: Instant,
    ) -> Result<Answer> {
        self.allow.check(&address.to_string())?;
        let mut request = self.agent.post(address.to_string());
        for (name, value) in headers.iter().chain(&self.authorization(address)?) {
            request = request.header(name, value);
        }
        let response = request
            .config()
            .timeout_global(Some(left(deadline)?))
            .build()
            .send(body)
            .map_err(|error| failure(&error))?;
        answer(address.clone(), response, limit)
    }

    /// The header with the credentials of an address, if it has some. They are chosen by the address that is asked, so that a
    /// redirect to another place takes none along.
    pub fn authorization(&self, address: &Address) -> Result<Option<Header>> {
        let Some(login) = self.allow.login(address) else {
            return Ok(None);
        };
        let password = password(login)?;
        let pair = format!("{}:{password}", login.username);
        let text = {
            use base64::Engine;
            base64::engine::general_purpose::STANDARD.encode(pair)
        };
        Ok(Some(authorization(format!("Basic {text}"))))
    }

    /// Whether the user allowed an address.
    pub fn check(&self, url: &str) -> Result<Address> {
        self.allow.check(url)
    }
}

/// The header that says who asks.
pub fn authorization(credentials: String) -> Header {
    ("Authorization".to_owned(), credentials)
}

impl Proxy {
    fn build(&self) -> Result<Option<ureq::Proxy>> {
        let Some(url) = &self.url else {
            return Ok(None);
        };
        // The address may hold a password: it is not shown.
        let wrong = |_| Error::config("the proxy that the environment names has no valid address");
        let proxy = ureq::Proxy::new(url).map_err(wrong)?;
        let mut builder = ureq::Proxy::builder(proxy.protocol())
            .host(proxy.host())
            .port(proxy.port());
        if let Some(username) = proxy.username() {
            builder = builder.username(username);
        }
        if let Some(password) = proxy.password() {
            builder = builder.password(password);
        }
        for host in &self.except {
            let host = host.trim().trim_start_matches('.');
            builder = builder.no_proxy(host).no_proxy(&format!(".{host}"));
        }
        builder.build().map(Some).map_err(wrong)
    }
}

fn password(login: &Login) -> Result<String> {
    let file = &login.password_file;
    let read = || {
        let mut text = String::new();
        std::fs::File::open(file)?
            .take(PASSWORD_BYTES)
            .read_to_string(&mut text)?;
        Ok::<_, io::Error>(text.trim().to_owned())
    };
    read().map_err(|error| {
        Error::config(format!("cannot read `{}`: {error}", file.display()))
            .hint("`remotes.yaml` names it as `passwordFile`")
    })
}

fn left(deadline: Instant) -> Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        Err(Error::new(Reason::Timeout, "it took too long"))
    } else {
        Ok(left)
    }
}

fn answer(address: Address, response: Response<Body>, limit: u64) -> Result<Answer> {
    let status = response.status();
    if !status.is_success() {
        return Err(refusal(&address, status.as_u16()));
    }
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    Ok(Answer {
        address,
        headers,
        body: Box::new(Limited {
            inner: response.into_body().into_reader(),
            left: limit,
            limit,
        }),
    })
}

/// Why a status that is none of the 200s is no answer.
pub fn refusal(address: &Address, status: u16) -> Error {
    let (reason, hint) = match status {
        401 | 403 => (
            Reason::Unauthorized,
            Some("give `passwordFile` for it in `remotes.yaml` of your configuration folder"),
        ),
        404 | 410 => (
            Reason::Render,
            Some("some servers say so of a private repository when no credentials are given"),
        ),
        _ => (Reason::Unreachable, None),
    };
    let error = Error::new(reason, format!("`{}` answers {status}", address.origin()));
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

fn failure(error: &ureq::Error) -> Error {
    match error {
        ureq::Error::Timeout(what) => Error::new(Reason::Timeout, format!("it took too long: {what}")),
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Error::config(error.to_string()).hint(
                "allow its host with `privateNetwork: true` in `remotes.yaml` of your configuration folder, if it is meant",
            )
        }
        other => Error::new(Reason::Unreachable, display(&other.to_string()).into_owned()),
    }
}

/// Looks names up and passes on only the numbers that the user's list admits.
#[derive(Debug)]
struct Guarded {
    allow: Arc<AllowList>,
    inner: DefaultResolver,
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let is_proxy = config
            .proxy()
            .is_some_and(|proxy| proxy.uri().authority() == uri.authority());
        if is_proxy {
            return Ok(found);
        }
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let port = uri.port_u16().unwrap_or(443);
        let mut admitted = self.empty();
        let is_admitted = |at: &&SocketAddr| self.allow.may_connect(&host, port, at.ip());
        found
            .iter()
            .filter(is_admitted)
            .for_each(|at| admitted.push(*at));
        if admitted.is_empty() {
            let what = format!("`{host}` is on a private network");
            return Err(ureq::Error::Io(io::Error::new(
                io::ErrorKind::PermissionDenied,
                what,
            )));
        }
        Ok(admitted)
    }
}

/// A body that may not grow beyond its limit.
struct Limited<R> {
    inner: R,
    left: u64,
    limit: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(n as u64).ok_or_else(|| {
            io::Error::other(format!("it is larger than {} MiB", self.limit >> 20))
        })?;
        Ok(n)
    }
}
