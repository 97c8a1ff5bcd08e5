//! The smallest HTTPS client that can talk to an API server: one request a connection, no retry, no cache.

use super::certificate::{Authority, Identity};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

/// How long a request waits for the next byte: longer than any test should.
const PATIENCE: Duration = Duration::from_secs(60);

/// Returns a TLS configuration that trusts `authority` and shows `identity`, where there is one.
pub(crate) fn trusting(authority: &Authority, identity: Option<&Identity>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    Arc::new(match identity {
        Some(identity) => builder
            .with_client_auth_cert(vec![identity.der.clone()], identity.key_der())
            .unwrap(),
        None => builder.with_no_client_auth(),
    })
}

/// Sends one request to a port of this machine; returns the status and the body.
pub(crate) fn send(
    tls: &Arc<ClientConfig>,
    port: u16,
    line: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<(u16, String)> {
    // HTTP/1.0: the server closes at the end of its answer and does not send it in chunks.
    let mut request = format!(
        "{line} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    let (answer, end) = exchange(tls, port, &(request + "\r\n" + body), PATIENCE);
    end?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    status
        .map(|status| (status, body.to_string()))
        .ok_or_else(|| io::Error::other(format!("no HTTP answer: {head}")))
}

/// Sends these bytes and reads until the connection ends or is quiet for `patience`; returns what came and how it ended.
pub(crate) fn exchange(
    tls: &Arc<ClientConfig>,
    port: u16,
    request: &str,
    patience: Duration,
) -> (String, io::Result<()>) {
    let mut answer = Vec::new();
    let end = exchange_into(&mut answer, tls, port, request, patience);
    (String::from_utf8_lossy(&answer).into_owned(), end)
}

fn exchange_into(
    answer: &mut Vec<u8>,
    tls: &Arc<ClientConfig>,
    port: u16,
    request: &str,
    patience: Duration,
) -> io::Result<()> {
    let tcp = TcpStream::connect(("127.0.0.1", port))?;
    tcp.set_read_timeout(Some(patience))?;
    let name = ServerName::try_from("127.0.0.1").map_err(io::Error::other)?;
    let connection = ClientConnection::new(Arc::clone(tls), name).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, tcp);
    stream.write_all(request.as_bytes())?;
    stream.read_to_end(answer).map(drop)
}
