//! One attempt of one request: connect, TLS, send, read the whole body, each with its own deadline.
//!
//! It repeats nothing, follows no redirect and understands no body; `send` does the rest.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::HOST;
use http::{HeaderMap, HeaderValue, Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tower::Service;

use super::pool::{Connection, Pool, Taken};
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
    /// The same: nobody listens at the address.
    Refused(String),
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
            | Self::Refused(words)
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
    connector: Connector,
    pool: Arc<Pool>,
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
        let pool = Arc::default();
        Ok(Self {
            connector,
            pool,
            timeouts,
        })
    }

    /// An open connection to the address: an idle one, else a new one or one that comes back before that is open. A `proof` is what a
    /// connection should have shown, where one of the idle ones has.
    pub async fn connection(
        &self,
        address: &Uri,
        proof: Option<u64>,
    ) -> std::result::Result<Connection, Fault> {
        let mut back = match self.pool.take(proof) {
            Taken::Now(connection) => return Ok(connection),
            Taken::Later(back) => back,
        };
        let (sender, mut opened) = oneshot::channel();
        let (connector, pool, address) =
            (self.connector.clone(), self.pool.clone(), address.clone());
        tokio::spawn(async move {
            // A connection that nobody waits for any more is there for the next.
            if let Err(Ok(unused)) = sender.send(open(connector, address).await) {
                pool.put(unused);
            }
        });
        tokio::select! {
            Ok(connection) = &mut back => Ok(connection),
            opened = &mut opened => {
                back.close();
                if let Ok(unused) = back.try_recv() {
                    self.pool.put(unused);
                }
                opened.unwrap_or_else(|_| Err(Fault::NeverSent("the connection was given up".to_owned())))
            }
        }
    }

    /// Gives a connection back whose answer was read to its end.
    pub fn give_back(&self, mut connection: Connection) {
        if connection.sender.is_ready() {
            self.pool.put(connection);
            return;
        }
        let pool = self.pool.clone();
        tokio::spawn(async move {
            if connection.sender.ready().await.is_ok() {
                pool.put(connection);
            }
        });
    }

    /// Sends the request once and reads the answer to its end.
    pub async fn exchange(
        &self,
        connection: &mut Connection,
        request: Request<Full<Bytes>>,
        first_byte: Duration,
    ) -> std::result::Result<Answer, Fault> {
        let exchange = self.run(connection, to_origin_form(request), first_byte);
        match timeout(self.timeouts.attempt, exchange).await {
            Ok(result) => result,
            Err(_) => Err(Fault::Late("it took too long".to_owned())),
        }
    }

    async fn run(
        &self,
        connection: &mut Connection,
        request: Request<Full<Bytes>>,
        first_byte: Duration,
    ) -> std::result::Result<Answer, Fault> {
        let closed = || Fault::NeverSent("the connection was closed before the request".to_owned());
        connection.sender.ready().await.map_err(|_| closed())?;
        let response = match timeout(first_byte, connection.sender.try_send_request(request)).await
        {
            Ok(Ok(response)) => response,
            Ok(Err(mut error)) => {
                return Err(match error.take_message() {
                    Some(_) => closed(),
                    None => fault(error.error()),
                });
            }
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

/// Whether the machine answered and nobody listens there. The words are those of the connector's error, whose kind is lost on the way.
fn is_refused(words: &str) -> bool {
    words.contains("Connection refused")
}

/// Opens a connection and starts what drives it.
async fn open(connector: Connector, address: Uri) -> std::result::Result<Connection, Fault> {
    let stream = connector
        .connect(address)
        .await
        .map_err(|failed| match failed {
            ConnectFault::Step(words) if is_refused(&words) => Fault::Refused(words),
            ConnectFault::Step(words) => Fault::NeverSent(words),
            ConnectFault::Untrusted(why) => Fault::Untrusted(why),
        })?;
    let (sender, connection) = http1::Builder::new()
        // The default lets each connection's buffer grow to 400 KB: 3 MB for the lists of one app.
        .max_buf_size(64 * 1024)
        .handshake(stream)
        .await
        .map_err(|error| Fault::NeverSent(error.to_string()))?;
    // What goes wrong with it is told to the request that it carries.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(Connection::new(sender))
}

/// The request as a server wants it: the path alone in its first line, the address in a header.
fn to_origin_form(mut request: Request<Full<Bytes>>) -> Request<Full<Bytes>> {
    let uri = request.uri();
    let default_port = match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    };
    let host = match (uri.host(), uri.port_u16()) {
        (Some(host), Some(port)) if port != default_port => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    };
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    if let (Ok(host), Ok(target)) = (HeaderValue::try_from(host), target.parse()) {
        request.headers_mut().insert(HOST, host);
        *request.uri_mut() = target;
    }
    request
}

/// Sorts a request that failed once it was on its way: the server can have seen it, unless it does not trust us or we it.
fn fault(error: &hyper::Error) -> Fault {
    if error.is_canceled() {
        return Fault::NeverSent("the connection was closed before the request".to_owned());
    }
    let mut source: Option<&(dyn StdError + 'static)> = Some(error);
    let mut words = error.to_string();
    while let Some(inner) = source {
        words = inner.to_string();
        // With TLS 1.3 the server judges our certificate after the handshake.
        if let Some(why) = inner
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .and_then(|inner| inner.downcast_ref::<rustls::Error>())
            .and_then(untrusted)
        {
            return Fault::Untrusted(why);
        }
        source = inner.source();
    }
    Fault::Lost(words)
}

/// A failed connection attempt.
#[derive(Debug)]
enum ConnectFault {
    Step(String),
    Untrusted(Untrusted),
}

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
