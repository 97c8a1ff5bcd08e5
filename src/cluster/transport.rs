//! One attempt of one request: connect, TLS, send, read the whole body, each with its own deadline.
//!
//! It repeats nothing, follows no redirect and understands no body; `send` does the rest.

use std::error::Error as StdError;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Uri};
use http_body_util::{BodyExt, Full};
use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower::Service;

use super::proxy::{Proxy, ProxyKind};
use super::retry::PATIENCE;
use super::tls::{Trust, Untrusted, untrusted};
use crate::error::{Error, Result};
use crate::object::display::display;

type BoxError = Box<dyn StdError + Send + Sync>;
type Tcp = TokioIo<TcpStream>;

/// How long each step may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Name lookup, TCP and proxy.
    pub connect: Duration,
    pub tls: Duration,
    /// From the request to the first byte of the answer.
    pub first_byte_read: Duration,
    /// The server's own limit for a request is 60 s.
    pub first_byte_write: Duration,
    /// Between two pieces of a body.
    pub silence: Duration,
    /// The whole attempt.
    pub attempt: Duration,
    /// How long a server that cannot be reached is waited for.
    pub patience: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            tls: Duration::from_secs(10),
            first_byte_read: Duration::from_secs(30),
            first_byte_write: Duration::from_secs(65),
            silence: Duration::from_secs(20),
            attempt: Duration::from_secs(120),
            patience: PATIENCE,
        }
    }
}

/// No body of an API server is larger; it is an attack or a mistake.
pub const MAX_BODY: usize = 256 << 20;

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// How an attempt failed without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Not a byte reached the server. The words say at which step.
    NeverSent(String),
    /// The server may have done it.
    Lost(String),
    /// The server took the request and was silent for too long; it may have done it.
    Late(String),
    /// Trying again cannot help.
    Untrusted(Untrusted),
    /// The body is larger than [`MAX_BODY`], or cannot be unpacked.
    BadBody(String),
}

impl Fault {
    /// What happened, for logs.
    pub fn words(&self) -> &str {
        match self {
            Self::NeverSent(words)
            | Self::Lost(words)
            | Self::Late(words)
            | Self::BadBody(words) => words,
            Self::Untrusted(_) => "the server is not trusted",
        }
    }
}

/// Connections to one server.
#[derive(Clone)]
pub struct Transport {
    client: Client<Connector, Full<Bytes>>,
    timeouts: Timeouts,
}

impl Transport {
    pub fn new(
        trust: Trust,
        server_name: Option<&str>,
        proxy: Option<&Proxy>,
        timeouts: Timeouts,
    ) -> Result<Self> {
        let server_name = server_name
            .map(|name| {
                ServerName::try_from(name.to_owned()).map_err(|_| {
                    Error::config(format!(
                        "tls-server-name `{}` is not a host name or an address",
                        display(name)
                    ))
                })
            })
            .transpose()?;
        let connector = Connector {
            route: Route::new(proxy, timeouts.connect)?,
            trust,
            server_name,
            timeouts,
        };
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(60))
            .pool_max_idle_per_host(64)
            // The default lets each connection's buffer grow to 400 KB: 3 MB for the lists of one app.
            .http1_max_buf_size(64 * 1024)
            .build(connector);
        Ok(Self { client, timeouts })
    }

    /// Sends the request once and reads the answer to its end.
    pub async fn attempt(
        &self,
        request: http::Request<Full<Bytes>>,
        first_byte: Duration,
        limit: Duration,
    ) -> std::result::Result<Answer, Fault> {
        match timeout(
            limit.min(self.timeouts.attempt),
            self.run(request, first_byte),
        )
        .await
        {
            Ok(result) => result,
            Err(_) => Err(Fault::Late("it took too long".to_owned())),
        }
    }

    async fn run(
        &self,
        request: http::Request<Full<Bytes>>,
        first_byte: Duration,
    ) -> std::result::Result<Answer, Fault> {
        let response = match timeout(first_byte, self.client.request(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(fault(&error)),
            Err(_) => {
                return Err(Fault::Late(format!(
                    "no answer within {} s",
                    first_byte.as_secs()
                )));
            }
        };
        let (parts, mut body) = response.into_parts();
        let mut bytes = BytesMut::new();
        loop {
            match timeout(self.timeouts.silence, body.frame()).await {
                Ok(None) => break,
                Ok(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        if bytes.len() + data.len() > MAX_BODY {
                            return Err(Fault::BadBody("it is larger than 256 MiB".to_owned()));
                        }
                        bytes.extend_from_slice(&data);
                    }
                }
                Ok(Some(Err(error))) => {
                    return Err(Fault::Lost(format!("the answer was cut off ({error})")));
                }
                Err(_) => {
                    return Err(Fault::Late(format!(
                        "the answer stopped for {} s",
                        self.timeouts.silence.as_secs()
                    )));
                }
            }
        }
        let body = super::gzip::unpack(&parts.headers, bytes.freeze())?;
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        })
    }
}

/// Sorts a failed request by whether the server can have seen it.
fn fault(error: &hyper_util::client::legacy::Error) -> Fault {
    let mut source: Option<&(dyn StdError + 'static)> = Some(error);
    let mut words = error.to_string();
    while let Some(inner) = source {
        words = inner.to_string();
        if let Some(connect) = inner.downcast_ref::<ConnectFault>() {
            return match connect {
                ConnectFault::Untrusted(why) => Fault::Untrusted(why.clone()),
                ConnectFault::Step(words) => Fault::NeverSent(words.clone()),
            };
        }
        // Once connected, TLS can still fail: with TLS 1.3 the server judges our certificate after the handshake.
        if let Some(why) = inner
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .and_then(|inner| inner.downcast_ref::<rustls::Error>())
            .and_then(untrusted)
        {
            return Fault::Untrusted(why);
        }
        if inner
            .downcast_ref::<hyper::Error>()
            .is_some_and(hyper::Error::is_canceled)
        {
            return Fault::NeverSent("the connection was closed before the request".to_owned());
        }
        source = inner.source();
    }
    if error.is_connect() {
        Fault::NeverSent(words)
    } else {
        Fault::Lost(words)
    }
}

/// A failed connection attempt.
#[derive(Debug)]
enum ConnectFault {
    Step(String),
    Untrusted(Untrusted),
}

impl std::fmt::Display for ConnectFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Step(words) => f.write_str(words),
            Self::Untrusted(why) => write!(f, "{why:?}"),
        }
    }
}

impl StdError for ConnectFault {}

/// The way to the server's TCP port.
#[derive(Clone)]
enum Route {
    Direct(HttpConnector),
    Http(Tunnel<HttpConnector>, String),
    Socks(SocksV5<HttpConnector>, String),
}

impl Route {
    fn new(proxy: Option<&Proxy>, connect: Duration) -> Result<Self> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(Duration::from_secs(30)));
        tcp.set_keepalive_interval(Some(Duration::from_secs(30)));
        tcp.set_connect_timeout(Some(connect));
        let Some(proxy) = proxy else {
            return Ok(Self::Direct(tcp));
        };
        let host = if proxy.host.contains(':') {
            format!("[{}]", proxy.host)
        } else {
            proxy.host.clone()
        };
        let address: Uri = format!("http://{host}:{}", proxy.port)
            .parse()
            .map_err(|_| Error::config(format!("the proxy {proxy} has no valid address")))?;
        Ok(match proxy.kind {
            ProxyKind::Http => {
                let mut tunnel = Tunnel::new(address, tcp);
                if let Some((user, password)) = &proxy.user {
                    tunnel = tunnel.with_auth(super::credential::basic(user, password)?);
                }
                Self::Http(tunnel, proxy.to_string())
            }
            ProxyKind::Socks5 => {
                let mut socks = SocksV5::new(address, tcp).local_dns(false);
                if let Some((user, password)) = &proxy.user {
                    socks = socks.with_auth(user.clone(), password.expose().to_owned());
                }
                Self::Socks(socks, proxy.to_string())
            }
        })
    }

    async fn connect(self, uri: Uri) -> std::result::Result<Tcp, String> {
        let proxied = |proxy: &str, error: BoxError| format!("proxy {proxy}: {}", chain(&*error));
        match self {
            Self::Direct(mut tcp) => tcp.call(uri).await.map_err(|error| {
                let words = chain(&error);
                if words.contains("dns error") {
                    format!("DNS: {words}")
                } else {
                    words
                }
            }),
            Self::Http(mut tunnel, name) => tunnel
                .call(uri)
                .await
                .map_err(|error| proxied(&name, error.into())),
            Self::Socks(mut socks, name) => socks
                .call(uri)
                .await
                .map_err(|error| proxied(&name, error.into())),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Direct(_) => String::new(),
            Self::Http(_, name) | Self::Socks(_, name) => format!("proxy {name}: "),
        }
    }
}

/// An error and its causes on one line, without saying the same twice.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let text = inner.to_string();
        if !words.contains(&text) {
            words.push_str(": ");
            words.push_str(&text);
        }
        source = inner.source();
    }
    words
}

/// Opens connections, each step under its deadline.
#[derive(Clone)]
struct Connector {
    route: Route,
    trust: Trust,
    server_name: Option<ServerName<'static>>,
    timeouts: Timeouts,
}

impl Connector {
    async fn connect(self, uri: Uri) -> std::result::Result<MaybeHttpsStream<Tcp>, ConnectFault> {
        let step = |words: String| ConnectFault::Step(words);
        let host = uri.host().unwrap_or_default().to_owned();
        let is_tls = uri.scheme_str() == Some("https");
        let via = self.route.name();
        let tcp = match timeout(self.timeouts.connect, self.route.connect(uri)).await {
            Ok(tcp) => tcp.map_err(step)?,
            Err(_) => {
                let seconds = self.timeouts.connect.as_secs();
                return Err(step(format!("{via}no connection within {seconds} s")));
            }
        };
        if !is_tls {
            return Ok(MaybeHttpsStream::Http(tcp));
        }
        let bare = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let name = match self.server_name {
            Some(name) => name,
            None => ServerName::try_from(bare)
                .map_err(|_| step(format!("`{}` is not a host name", display(&host))))?,
        };
        let connecting =
            tokio_rustls::TlsConnector::from(self.trust.config).connect(name, TokioIo::new(tcp));
        match timeout(self.timeouts.tls, connecting).await {
            Ok(Ok(stream)) => Ok(stream.into()),
            Ok(Err(error)) => Err(handshake_fault(&error, self.trust.is_pinned)),
            Err(_) => {
                let seconds = self.timeouts.tls.as_secs();
                Err(step(format!(
                    "the TLS handshake did not end within {seconds} s"
                )))
            }
        }
    }
}

fn handshake_fault(error: &std::io::Error, is_pinned: bool) -> ConnectFault {
    error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        .and_then(untrusted)
        .map_or_else(
            || ConnectFault::Step(format!("TLS: {error}")),
            |why| match why {
                Untrusted::UnknownIssuer if is_pinned => {
                    ConnectFault::Untrusted(Untrusted::OtherAuthority)
                }
                why => ConnectFault::Untrusted(why),
            },
        )
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<Tcp>;
    type Error = BoxError;
    type Future =
        Pin<Box<dyn Future<Output = std::result::Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::result::Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move { connector.connect(uri).await.map_err(BoxError::from) })
    }
}
