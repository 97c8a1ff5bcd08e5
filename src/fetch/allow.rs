//! Which addresses the user allowed, and the credentials for them: `--allow-remote`, and `remotes.yaml` in the configuration
//! folder. What a repository says can add nothing. Pure.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use super::address::{Address, of_registry};
use crate::error::{Error, Reason, Result};
use crate::object::display::display;
use crate::object::yaml::{self, Limits};
use crate::repo::layout::first;
use crate::repo::reader::{Fields, Reader};
use crate::repo::remote::without_credentials;

/// One allowed beginning of addresses.
#[derive(Debug, Clone)]
struct Allowed {
    at: Address,
    /// The host may be on a private network.
    private_network: bool,
    login: Option<Login>,
}

/// Where the credentials of a place are: a file that is read when they are needed, so that the list holds no secret.
#[derive(Debug, Clone)]
pub struct Login {
    pub username: String,
    pub password_file: PathBuf,
}

/// What the user allowed; nothing by default.
#[derive(Debug, Clone, Default)]
pub struct AllowList(Vec<Allowed>);

impl AllowList {
    /// Reads `remotes.yaml`.
    pub fn parse(text: &[u8], file: &str) -> Result<Self> {
        let parsed = yaml::parse(text, file, &Limits::default())
            .map_err(|error| error.because(Reason::Config))?;
        let Some(document) = parsed.documents.first() else {
            return Ok(Self::default());
        };
        let reader = Reader::new(file);
        let mut list = Vec::new();
        if let Some(mut fields) = reader.fields("", document) {
            for (path, node) in fields.items("remotes") {
                if let Some(entry) = reader.fields(&path, node) {
                    match read_entry(entry) {
                        Ok(allowed) => list.push(allowed),
                        Err(error) => reader.push(error, node),
                    }
                }
            }
            fields.finish(&[], &["remotes"]);
        }
        first(reader.into_problems())?;
        Ok(Self(list))
    }

    /// Adds one beginning of addresses, as `--allow-remote` gives it.
    pub fn allow(&mut self, url: &str) -> Result<()> {
        let at = beginning(url).map_err(|error| error.because(Reason::Usage))?;
        self.0.push(Allowed {
            at,
            private_network: false,
            login: None,
        });
        Ok(())
    }

    /// The address, if it is one that may be asked for.
    pub fn check(&self, url: &str) -> Result<Address> {
        let address = Address::parse(url).map_err(|error| error.because(Reason::Render))?;
        if self.find(&address).is_some() {
            return Ok(address);
        }
        let place = place_of(&address);
        Err(Error::render(format!(
            "`{}` is remote, and you have not allowed it",
            display(&without_credentials(url))
        ))
        .hint(format!(
            "copy it into the repository; or allow it with `--allow-remote {place}`, or under `remotes` in `remotes.yaml` of your configuration folder"
        )))
    }

    /// The credentials of an address. Of several entries the longest counts.
    pub fn login(&self, address: &Address) -> Option<&Login> {
        self.0
            .iter()
            .filter(|allowed| allowed.covers(address))
            .filter(|allowed| allowed.login.is_some())
            .max_by_key(|allowed| allowed.at.path.len())
            .and_then(|allowed| allowed.login.as_ref())
    }

    /// Whether the host of an address may have this number.
    pub fn may_connect(&self, host: &str, port: u16, ip: IpAddr) -> bool {
        is_public(ip)
            || self.0.iter().any(|allowed| {
                let is_place = allowed.at.host == host && allowed.at.port == port;
                // A number written out by the user is meant.
                is_place && (allowed.private_network || allowed.at.ip().is_some())
            })
    }

    fn find(&self, address: &Address) -> Option<&Allowed> {
        self.0.iter().find(|allowed| allowed.covers(address))
    }
}

impl Allowed {
    /// Whether an address is this one or below it; `x.git` is the same place as `x`.
    fn covers(&self, address: &Address) -> bool {
        let own = self.at.path.trim_end_matches('/');
        let is_below = |rest: &str| {
            let rest = rest.strip_prefix(".git").unwrap_or(rest);
            rest.is_empty() || rest.starts_with('/')
        };
        self.at.host == address.host
            && self.at.port == address.port
            && address.path.strip_prefix(own).is_some_and(is_below)
    }
}

fn beginning(url: &str) -> Result<Address> {
    let address = Address::parse(&of_registry(url))?;
    if address.query.is_empty() {
        Ok(address)
    } else {
        Err(Error::config(format!(
            "`{address}` has a query; allow an address without"
        )))
    }
}

fn read_entry(mut fields: Fields<'_>) -> Result<Allowed> {
    let text = |text: Option<crate::repo::reader::Spanned<String>>| {
        text.map(|text| text.value).unwrap_or_default()
    };
    let url = text(fields.text("url"));
    let private_network = fields.flag("privateNetwork").unwrap_or_default();
    let username = text(fields.text("username"));
    let password_file = text(fields.text("passwordFile"));
    fields.finish(&[], &["url", "privateNetwork", "username", "passwordFile"]);
    let at = beginning(&url)?;
    let login = match (username.as_str(), password_file.as_str()) {
        ("", "") => None,
        (_, "") => return Err(Error::config("`username` goes with `passwordFile`")),
        (_, file) if !file.starts_with('/') => {
            return Err(Error::config("`passwordFile` must be an absolute path"));
        }
        (name, file) => Some(Login {
            // What forges take beside a token.
            username: if name.is_empty() {
                "x-access-token"
            } else {
                name
            }
            .to_owned(),
            password_file: file.into(),
        }),
    };
    Ok(Allowed {
        at,
        private_network,
        login,
    })
}

/// What would be sensible to allow: the owner's part of a forge, else the host.
fn place_of(address: &Address) -> String {
    let owner = address.path.split('/').nth(1).unwrap_or_default();
    let has_more = address.path.split('/').nth(2).is_some();
    if has_more {
        format!("{}/{owner}/", address.origin())
    } else {
        format!("{}/", address.origin())
    }
}

/// Whether an address number is of the public internet.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            let is_shared = a == 100 && (64..128).contains(&b);
            let is_reserved =
                a == 0 || a >= 240 || (a, b, c) == (192, 0, 0) || (a == 198 && (b & 0xfe) == 18);
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_documentation()
                || is_shared
                || is_reserved)
        }
        IpAddr::V6(ip) => match embedded_v4(ip) {
            Some(v4) => is_public(v4.into()),
            None => {
                let first = ip.segments()[0];
                // Only 2000::/3 is handed out; documentation has a piece of it.
                (first & 0xe000) == 0x2000 && ip.segments()[..2] != [0x2001, 0x0db8]
            }
        },
    }
}

/// The IPv4 address that an IPv6 one stands for: mapped, or through a translator (RFC 6052, 3056).
fn embedded_v4(ip: std::net::Ipv6Addr) -> Option<std::net::Ipv4Addr> {
    let s = ip.segments();
    let v4 =
        |high: u16, low: u16| std::net::Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(v4(high, low))
        }
        [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

impl fmt::Display for AllowList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places: Vec<String> = self
            .0
            .iter()
            .map(|allowed| allowed.at.to_string())
            .collect();
        f.write_str(&places.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> AllowList {
        let mut list = AllowList::default();
        for entry in entries {
            list.allow(entry).expect("an entry");
        }
        list
    }

    #[test]
    fn an_entry_covers_itself_and_what_is_below() {
        let list = list(&[
            "https://github.com/acme",
            "https://git.corp:8443/x/y.git",
            "oci://ghcr.io/acme/",
        ]);
        for url in [
            "https://github.com/acme/x",
            "https://GitHub.com/acme/x.git/info/refs",
            "https://github.com/acme",
            "https://git.corp:8443/x/y.git/git-upload-pack",
            "https://ghcr.io/acme/charts/app",
        ] {
            assert!(list.check(url).is_ok(), "{url}");
        }
        for url in [
            "https://github.com/acme-evil/x",
            "https://github.com/",
            "https://github.com.evil.org/acme/x",
            "https://github.com:444/acme/x",
            "https://git.corp/x/y.git",
            "https://github.com/acme/../evil/x",
            "https://github.com@evil.org/acme/x",
        ] {
            assert!(list.check(url).is_err(), "{url}");
        }
    }

    #[test]
    fn nothing_is_allowed_unless_said_and_the_hint_says_how() {
        let error = AllowList::default()
            .check("https://github.com/acme/x//base?ref=v1")
            .expect_err("refused");
        assert!(
            error
                .report()
                .contains("--allow-remote https://github.com/acme/"),
            "{}",
            error.report()
        );
    }

    #[test]
    fn private_numbers_need_to_be_meant() {
        let private = [
            "127.0.0.1",
            "10.0.0.1",
            "169.254.169.254",
            "192.168.1.1",
            "172.16.0.1",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::1",
            "::",
        ];
        let ip = |text: &str| text.parse::<IpAddr>().expect("a number");
        let names = list(&["https://git.corp/"]);
        for number in private {
            assert!(!names.may_connect("git.corp", 443, ip(number)), "{number}");
        }
        assert!(names.may_connect("git.corp", 443, ip("140.82.121.4")));
        assert!(names.may_connect("git.corp", 443, ip("2606:50c0:8000::153")));
        let number = list(&["https://127.0.0.1:8443/"]);
        assert!(number.may_connect("127.0.0.1", 8443, ip("127.0.0.1")));
        assert!(!number.may_connect("127.0.0.1", 443, ip("127.0.0.1")));
        let said = AllowList::parse(
            b"remotes: [{url: 'https://git.corp/', privateNetwork: true}]",
            "remotes.yaml",
        )
        .expect("reads");
        assert!(said.may_connect("git.corp", 443, ip("10.0.0.1")));
        assert!(!said.may_connect("other.corp", 443, ip("10.0.0.1")));
    }

    #[test]
    fn credentials_belong_to_the_longest_entry_of_their_place() {
        let text = "remotes:\n- {url: 'https://git.corp/', passwordFile: /run/all}\n- {url: 'https://git.corp/acme', username: bot, passwordFile: /run/acme}\n";
        let list = AllowList::parse(text.as_bytes(), "remotes.yaml").expect("reads");
        let login = |url| {
            let address = Address::parse(url).expect("an address");
            list.login(&address)
                .map(|login| format!("{} {}", login.username, login.password_file.display()))
        };
        assert_eq!(
            login("https://git.corp/acme/x").as_deref(),
            Some("bot /run/acme")
        );
        assert_eq!(
            login("https://git.corp/other/x").as_deref(),
            Some("x-access-token /run/all")
        );
        assert_eq!(login("https://git.corp:444/acme/x"), None);
    }

    #[test]
    fn what_is_wrong_in_the_file_is_told_with_its_line() {
        let error = AllowList::parse(
            b"remotes:\n- {url: 'https://a/', pasword: x}\n- {url: 'http://b/'}\n",
            "remotes.yaml",
        )
        .expect_err("refused");
        let report = error.report();
        assert!(
            report.contains("remotes.yaml:2") && report.contains("HTTPS"),
            "{report}"
        );
    }
}
