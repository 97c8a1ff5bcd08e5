//! An address that may be asked for: HTTPS, no credentials in it, and a path that says what it means. Pure.

use std::fmt;
use std::net::IpAddr;

use crate::error::{Error, Result};
use crate::object::display::display;
use crate::repo::remote::without_credentials;

/// A checked `https://` address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// In lower case; an IPv6 address with its brackets.
    pub host: String,
    pub port: u16,
    /// From the first `/`; never empty.
    pub path: String,
    /// With its `?`, or empty.
    pub query: String,
}

impl Address {
    pub fn parse(url: &str) -> Result<Self> {
        let wrong = |why: &str| {
            Error::config(format!(
                "`{}` cannot be fetched: {why}",
                display(&without_credentials(url))
            ))
        };
        let (scheme, rest) = url
            .split_once("://")
            .ok_or_else(|| wrong("it has no scheme"))?;
        if !scheme.eq_ignore_ascii_case("https") {
            return Err(wrong(&format!("`{}` is not HTTPS", display(scheme)))
                .hint("write its `https://` address: no other transport is used, and no program such as ssh is started"));
        }
        let is_plain = |c: char| {
            c.is_ascii_graphic()
                && !matches!(c, '\\' | '"' | '<' | '>' | '`' | '{' | '}' | '|' | '^')
        };
        if !rest.chars().all(is_plain) {
            return Err(wrong("it has characters that stand in no address"));
        }
        if rest.contains('#') {
            return Err(wrong("it has a fragment"));
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        if authority.contains('@') {
            return Err(wrong("it has credentials in it")
                .hint("put them into `remotes.yaml` of your configuration folder"));
        }
        let (host, port) =
            host_and_port(authority).ok_or_else(|| wrong("its host is not valid"))?;
        let (path, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
        let path = if path.is_empty() { "/" } else { path };
        if is_ambiguous(path) {
            return Err(wrong("its path is not plain: `.`, `..` or an encoded `/`"));
        }
        Ok(Self {
            host,
            port,
            path: path.to_owned(),
            query: query.to_owned(),
        })
    }

    /// The address that a redirect from this one names.
    pub fn redirected(&self, location: &str) -> Result<Self> {
        if location.contains("://") {
            Self::parse(location)
        } else if location.starts_with('/') && !location.starts_with("//") {
            Self::parse(&format!("{}{location}", self.origin()))
        } else {
            Err(Error::config(format!(
                "`{self}` redirects to `{}`, which is no full address",
                display(location)
            )))
        }
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        match self.port {
            443 => format!("https://{}", self.host),
            port => format!("https://{}:{port}", self.host),
        }
    }

    /// The host, when it is a number.
    pub fn ip(&self) -> Option<IpAddr> {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        bare.parse().ok()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.origin(), self.path, self.query)
    }
}

/// The `https://` address of a registry's `oci://HOST/PATH`; anything else as it is.
pub fn of_registry(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("oci") => format!("https://{rest}"),
        _ => url.to_owned(),
    }
}

fn host_and_port(authority: &str) -> Option<(String, u16)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (ip, port) = rest.split_once(']')?;
            ip.parse::<std::net::Ipv6Addr>().ok()?;
            (
                &authority[..ip.len() + 2],
                port.strip_prefix(':').unwrap_or(port),
            )
        }
        None => authority.split_once(':').unwrap_or((authority, "")),
    };
    let port = match port {
        "" => 443,
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
        _ => return None,
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
    };
    // Some resolvers read `0x7f.1` or `2130706433` as an IPv4 address: only the usual spelling passes for one.
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.starts_with("0x") || last.bytes().all(|b| b.is_ascii_digit());
    let is_fine = host.starts_with('[')
        || (is_name(&host) && (!is_number || host.parse::<std::net::Ipv4Addr>().is_ok()));
    (is_fine && port != 0).then_some((host, port))
}

/// Whether servers may take the path for another one.
fn is_ambiguous(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    ["%2e", "%2f", "%5c", "%25", "%00"]
        .iter()
        .any(|code| lower.contains(code))
        || path.split('/').any(|part| part == "." || part == "..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn refused(url: &str) {
        assert!(Address::parse(url).is_err(), "{url}");
    }

    #[test]
    fn an_address_is_read_into_its_parts() {
        let address =
            Address::parse("HTTPS://Git.Example.com:8443/acme/x.git?ref=v1").expect("reads");
        assert_eq!(
            address.to_string(),
            "https://git.example.com:8443/acme/x.git?ref=v1"
        );
        let address = Address::parse("https://github.com:443").expect("reads");
        assert_eq!(address.to_string(), "https://github.com/");
        assert!(
            Address::parse("https://[::1]:8443/x")
                .expect("reads")
                .ip()
                .is_some()
        );
    }

    #[test]
    fn only_https_is_an_address() {
        for scheme in ["http", "ssh", "git", "file", "ext", "ftp", ""] {
            refused(&format!("{scheme}://example.com/x"));
        }
        refused("ext::sh -c id");
        refused("git@github.com:acme/x");
        refused("/etc/passwd");
    }

    #[test]
    fn a_path_that_could_mean_another_is_refused() {
        for path in [
            "/a/../b",
            "/a/%2e%2e/b",
            "/a%2Fb",
            "/a\\b",
            "/./a",
            "/a%252e",
            "/a b",
            "/a\nb",
            "/a#b",
        ] {
            refused(&format!("https://example.com{path}"));
        }
    }

    #[test]
    fn a_host_has_one_spelling() {
        for host in [
            "",
            "a b",
            "exa[mple",
            "2130706433",
            "0x7f.0.0.1",
            "0x7f000001",
            "127.1",
            "user@host",
            "host:0",
            "host:99999",
            "host:8a",
            "[::1",
            "[zz]",
            "-",
            "ex\u{e4}mple.com",
        ] {
            if host != "-" {
                refused(&format!("https://{host}/x"));
            }
        }
    }

    #[test]
    fn credentials_are_refused_and_not_shown() {
        let error = Address::parse("https://user:hunter2@example.com/x").expect_err("refused");
        assert!(!error.report().contains("hunter2"), "{}", error.report());
        let error = Address::parse("http://user:hunter2@example.com/x").expect_err("refused");
        assert!(!error.report().contains("hunter2"), "{}", error.report());
    }

    #[test]
    fn a_redirect_is_read_against_where_it_came_from() {
        let from = Address::parse("https://example.com:8443/a/b").expect("reads");
        let to = |location| from.redirected(location).map(|to| to.to_string()).ok();
        assert_eq!(to("/c"), Some("https://example.com:8443/c".to_owned()));
        assert_eq!(
            to("https://other.org/c"),
            Some("https://other.org/c".to_owned())
        );
        for location in [
            "//other.org/c",
            "http://example.com/c",
            "c",
            "",
            "file:///etc/passwd",
        ] {
            assert_eq!(to(location), None, "{location}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_prints_as_what_reads_the_same(url in "https://[a-z0-9.\\-\\[\\]:@]{1,12}[a-z/.%?=&]{0,12}") {
            if let Ok(address) = Address::parse(&url) {
                prop_assert_eq!(Address::parse(&address.to_string()).ok(), Some(address));
            }
        }
    }
}
