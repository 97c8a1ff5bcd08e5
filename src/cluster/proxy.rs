//! Which proxy a server is reached through, decided here alone: the kubeconfig's own, else the environment's by scheme,
//! with `NO_PROXY` matched against the server, and never for this machine.

use std::net::IpAddr;

use crate::error::{Error, Result};
use crate::object::display::display;

/// The proxy variables of the environment, read at the edge. Empty texts are as good as none.
#[derive(Clone, Default)]
pub struct ProxyEnv {
    pub https_proxy: Option<String>,
    pub http_proxy: Option<String>,
    pub all_proxy: Option<String>,
    pub no_proxy: Option<String>,
}

/// A proxy that can be used, with its credentials apart.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    pub kind: ProxyKind,
    pub host: String,
    pub port: u16,
    pub user: Option<(String, super::secret::Secret)>,
    /// Where it was named, for messages.
    pub source: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyKind {
    Http,
    /// The proxy is told the name and looks it up itself, as client-go does.
    Socks5,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Display for Proxy {
    /// Without user and password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = match self.kind {
            ProxyKind::Http => "http",
            ProxyKind::Socks5 => "socks5",
        };
        write!(
            f,
            "{scheme}://{}:{} (from {})",
            self.host, self.port, self.source
        )
    }
}

/// The proxy for `scheme://host:port`.
pub fn resolve(
    explicit: Option<&str>,
    env: &ProxyEnv,
    scheme: &str,
    host: &str,
    port: u16,
) -> Result<Option<Proxy>> {
    if let Some(url) = explicit.filter(|url| !url.is_empty()) {
        return parse(url, "proxy-url").map(Some);
    }
    if is_loopback(host) || no_proxy(env.no_proxy.as_deref().unwrap_or_default(), host, port) {
        return Ok(None);
    }
    let by_scheme = if scheme == "https" {
        (env.https_proxy.as_deref(), "HTTPS_PROXY")
    } else {
        (env.http_proxy.as_deref(), "HTTP_PROXY")
    };
    let candidates = [by_scheme, (env.all_proxy.as_deref(), "ALL_PROXY")];
    candidates
        .into_iter()
        .find_map(|(url, source)| url.filter(|url| !url.is_empty()).map(|url| (url, source)))
        .map(|(url, source)| parse(url, source))
        .transpose()
}

fn parse(url: &str, source: &'static str) -> Result<Proxy> {
    // A password in the address must not show in the error.
    let bad = |why: &str| Error::config(format!("the proxy in {source} cannot be used: {why}"));
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let (kind, default_port) = match scheme.to_ascii_lowercase().as_str() {
        "http" => (ProxyKind::Http, 80),
        "socks5" | "socks5h" => (ProxyKind::Socks5, 1080),
        other => {
            return Err(bad(&format!("its scheme is `{}`", display(other)))
                .hint("use http://host:port or socks5://host:port"));
        }
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (user, host_port) = match authority.rsplit_once('@') {
        Some((user, host_port)) => (Some(user), host_port),
        None => (None, authority),
    };
    let (host, port) = split_host_port(host_port).ok_or_else(|| bad("its port is not a number"))?;
    if host.is_empty() {
        return Err(bad("it has no host"));
    }
    let user = user.map(|user| {
        let (name, password) = user.split_once(':').unwrap_or((user, ""));
        (decode(name), super::secret::Secret::new(decode(password)))
    });
    Ok(Proxy {
        kind,
        host,
        port: port.unwrap_or(default_port),
        user,
        source,
    })
}

/// `host`, `host:port`, `[v6]` or `[v6]:port`. `None` when the port is no number.
pub fn split_host_port(text: &str) -> Option<(String, Option<u16>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((host.to_owned(), Some(port.parse().ok()?))),
            None => rest.is_empty().then(|| (host.to_owned(), None)),
        };
    }
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => {
            Some((host.to_owned(), Some(port.parse().ok()?)))
        }
        _ => Some((text.to_owned(), None)),
    }
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut n = 0;
    while let Some(&byte) = bytes.get(n) {
        let hex = bytes
            .get(n + 1..n + 3)
            .filter(|hex| byte == b'%' && hex.iter().all(u8::is_ascii_hexdigit))
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match hex {
            Some(value) => {
                decoded.push(value);
                n += 3;
            }
            None => {
                decoded.push(byte);
                n += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Whether `host` is this machine.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| match address {
            IpAddr::V4(address) => address.is_loopback(),
            IpAddr::V6(address) => {
                address.is_loopback()
                    || address
                        .to_ipv4_mapped()
                        .is_some_and(|address| address.is_loopback())
            }
        })
}

/// Whether a `NO_PROXY` list holds the target: `*`, names with their subdomains, `.suffix`, addresses, CIDRs, each with a port or without.
fn no_proxy(list: &str, host: &str, port: u16) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let address = host.parse::<IpAddr>().ok();
    list.split([',', ' '])
        .map(|entry| entry.trim().to_ascii_lowercase())
        .filter(|entry| !entry.is_empty())
        .any(|entry| {
            if entry == "*" {
                return true;
            }
            if let Some((network, bits)) = entry.split_once('/') {
                return address.is_some_and(|address| in_network(address, network, bits));
            }
            let Some((name, entry_port)) = split_host_port(&entry) else {
                return false;
            };
            if entry_port.is_some_and(|entry_port| entry_port != port) {
                return false;
            }
            if let (Some(address), Ok(named)) = (address, name.parse::<IpAddr>()) {
                return address == named;
            }
            let name = name.trim_start_matches("*.").trim_end_matches('.');
            match name.strip_prefix('.') {
                Some(suffix) => host.ends_with(&format!(".{suffix}")),
                None => host == name || host.ends_with(&format!(".{name}")),
            }
        })
}

fn in_network(address: IpAddr, network: &str, bits: &str) -> bool {
    let Ok(bits) = bits.parse::<u32>() else {
        return false;
    };
    match (address, network.parse::<IpAddr>()) {
        (IpAddr::V4(address), Ok(IpAddr::V4(network))) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            u32::from(address) & mask == u32::from(network) & mask
        }
        (IpAddr::V6(address), Ok(IpAddr::V6(network))) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            u128::from(address) & mask == u128::from(network) & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(explicit: Option<&str>, no: &str, scheme: &str, host: &str, expected: &str) {
        let env = ProxyEnv {
            https_proxy: Some("http://user:pass@secure:3128".to_owned()),
            http_proxy: Some("plain:3128".to_owned()),
            all_proxy: Some("socks5://all".to_owned()),
            no_proxy: Some(no.to_owned()),
        };
        let shown = match resolve(explicit, &env, scheme, host, 6443) {
            Ok(Some(proxy)) => proxy.to_string(),
            Ok(None) => "direct".to_owned(),
            Err(error) => error.message(),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn the_kubeconfig_wins_then_the_scheme_decides() {
        let secure = "http://secure:3128 (from HTTPS_PROXY)";
        check(None, "", "https", "api.prod", secure);
        check(
            None,
            "",
            "http",
            "api.prod",
            "http://plain:3128 (from HTTP_PROXY)",
        );
        check(
            Some("socks5://jump:1081"),
            "*",
            "https",
            "127.0.0.1",
            "socks5://jump:1081 (from proxy-url)",
        );
    }

    #[test]
    fn this_machine_is_never_proxied_by_the_environment() {
        for host in [
            "localhost",
            "127.0.0.1",
            "127.8.0.1",
            "::1",
            "::ffff:127.0.0.1",
        ] {
            check(None, "", "https", host, "direct");
        }
    }

    #[test]
    fn no_proxy_is_matched_against_the_server() {
        let secure = "http://secure:3128 (from HTTPS_PROXY)";
        for (no, host) in [
            ("*", "api.prod"),
            ("prod", "api.prod"),
            (".prod", "api.prod"),
            ("*.prod", "api.prod"),
            ("x, api.prod:6443", "API.prod"),
            ("10.0.0.0/8", "10.1.2.3"),
            ("fd00::/8", "fd00::1"),
            ("10.1.2.3", "10.1.2.3"),
        ] {
            check(None, no, "https", host, "direct");
        }
        for (no, host) in [
            ("rod", "api.prod"),
            ("api.prod:443", "api.prod"),
            (".api.prod", "api.prod"),
            ("10.0.0.0/8", "11.1.2.3"),
            ("10.0.0.0/99", "10.1.2.3"),
            ("secure", "api.prod"),
        ] {
            check(None, no, "https", host, secure);
        }
    }

    #[test]
    fn a_proxy_of_another_scheme_is_refused_without_its_password() {
        check(
            Some("ftp://u:hunter2@x"),
            "",
            "https",
            "a",
            "the proxy in proxy-url cannot be used: its scheme is `ftp`",
        );
    }
}
