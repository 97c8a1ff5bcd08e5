//! Where a connection goes: address, proxy and server name. Pure.
//!
//! Credentials of a kubeconfig go where that kubeconfig says. What a repository says instead is refused, unless the user allowed it
//! for this cluster; a certificate of the same authority proves nothing, as many servers may have one. Who the server is in the end is
//! proved by `tls`.

use super::connect::Address;
use super::contexts::Resolved;
use crate::error::{Error, Result};
use crate::object::display::display;

/// What a repository says of a cluster, in its `cluster.yaml`.
#[derive(Debug, Clone, Default)]
pub struct Recorded {
    /// The file, for messages.
    pub file: String,
    pub server: Option<String>,
    /// Other addresses of the same server.
    pub aliases: Vec<String>,
    pub proxy_url: Option<String>,
    pub tls_server_name: Option<String>,
    /// Digests of the authorities' public keys, `sha256:<hex>`; a server with another authority gets no credential.
    pub authorities: Vec<String>,
    /// UID of `kube-system`; a server with another one gets no write.
    pub uid: Option<String>,
}

/// What the user allows the repository to say of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed {
    pub servers: Vec<String>,
    pub proxy_urls: Vec<String>,
    pub tls_server_names: Vec<String>,
}

impl Allowed {
    pub fn has_server(&self, server: &str) -> bool {
        let server = address(server);
        self.servers
            .iter()
            .any(|allowed| address(allowed) == server)
    }
}

/// One spelling of an address; a text that is none stays as it is.
fn address(text: &str) -> std::result::Result<Address, String> {
    Address::parse(text).map_err(|_| text.to_owned())
}

/// Where the connection goes: the context's entry, with what the user allowed in its place.
pub(super) fn endpoint(
    name: &str,
    resolved: &Resolved,
    recorded: &Recorded,
    allowed: &Allowed,
) -> Result<(Address, Resolved)> {
    let mut resolved = resolved.clone();
    let said = Said {
        name,
        resolved: &resolved.clone(),
        file: &recorded.file,
    };
    let known = said.server()?;
    let address = match given(recorded.server.as_ref()) {
        None => known,
        Some(server) => {
            let asked = Address::parse(server)?;
            let is_alias = |alias: &String| self::address(alias).as_ref() == Ok(&known);
            if asked == known || recorded.aliases.iter().any(is_alias) {
                known
            } else if !allowed.has_server(server) {
                return Err(said.refuse("server", server, resolved.cluster.server.as_ref()).hint(
                    "where both are the same server, list the kubeconfig's address under `aliases`",
                ));
            } else if asked.scheme != "https" && known.scheme == "https" {
                return Err(Error::config(format!(
                    "`{}` would get the credentials of context `{}` without TLS",
                    display(server),
                    display(&resolved.context)
                )));
            } else {
                resolved.cluster.server = Some(server.to_owned());
                asked
            }
        }
    };
    let entry = &mut resolved.cluster;
    if let Some(url) = given(recorded.proxy_url.as_ref()) {
        let own = given(entry.proxy_url.as_ref());
        if own != Some(url) && !allowed.proxy_urls.iter().any(|allowed| allowed == url) {
            return Err(said.refuse("proxyUrl", url, entry.proxy_url.as_ref()));
        }
        entry.proxy_url = Some(url.to_owned());
    }
    if let Some(host) = given(recorded.tls_server_name.as_ref()) {
        let is_same = |other: &str| other.eq_ignore_ascii_case(host);
        let own = given(entry.tls_server_name.as_ref());
        if !own.is_some_and(is_same) && !allowed.tls_server_names.iter().any(|name| is_same(name)) {
            return Err(said.refuse("tlsServerName", host, entry.tls_server_name.as_ref()));
        }
        entry.tls_server_name = Some(host.to_owned());
    }
    Ok((address, resolved))
}

fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

/// Who says what, for messages.
struct Said<'a> {
    name: &'a str,
    resolved: &'a Resolved,
    file: &'a str,
}

impl Said<'_> {
    fn server(&self) -> Result<Address> {
        let resolved = self.resolved;
        let Some(server) = given(resolved.cluster.server.as_ref()) else {
            return Err(Error::config(format!(
                "cluster `{}` of context `{}` has no server",
                display(&resolved.cluster_name),
                display(&resolved.context)
            ))
            .at(resolved.file.to_string_lossy(), 0, 0));
        };
        Address::parse(server)
    }

    fn refuse(&self, key: &str, asked: &str, own: Option<&String>) -> Error {
        let asked = without_login(asked);
        let own = match given(own) {
            Some(own) => format!("`{}`", display(&without_login(own))),
            None => "none".to_owned(),
        };
        Error::config(format!(
            "`{key}` is `{}` in {}, and {own} in context `{}` of {}, whose credentials would go there",
            display(&asked),
            display(self.file),
            display(&self.resolved.context),
            display(&self.resolved.file.to_string_lossy())
        ))
        .hint(format!(
            "correct one of them; or allow it with `--allow-address {}={}`, or as `{key}` under `clusters.{}` in `config.yaml` of your configuration folder",
            display(self.name),
            display(&asked),
            display(self.name)
        ))
    }
}

/// An address without the user name and password that may stand in it.
fn without_login(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => match rest.rsplit_once('@') {
            Some((_, host)) => format!("{scheme}://{host}"),
            None => url.to_owned(),
        },
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Kubeconfig;

    fn resolved(cluster: &str) -> Resolved {
        let text = format!(
            "contexts: [{{name: x, context: {{cluster: c}}}}]\nclusters: [{{name: c, cluster: {cluster}}}]"
        );
        Kubeconfig::restricted(text.as_bytes(), "conf")
            .and_then(|kubeconfig| kubeconfig.resolve("x"))
            .expect("a context")
    }

    const OWN: &str = "{server: 'https://a:6443', certificate-authority-data: eA==}";

    fn recorded(key: &str, value: &str) -> Recorded {
        let value = Some(value.to_owned());
        let mut recorded = Recorded {
            file: "clusters/prod/cluster.yaml".to_owned(),
            ..Recorded::default()
        };
        match key {
            "server" => recorded.server = value,
            "proxyUrl" => recorded.proxy_url = value,
            _ => recorded.tls_server_name = value,
        }
        recorded
    }

    fn allowing(value: &str) -> Allowed {
        Allowed {
            servers: vec![value.to_owned()],
            proxy_urls: vec![value.to_owned()],
            tls_server_names: vec![value.to_owned()],
        }
    }

    #[test]
    fn what_the_repository_says_instead_of_the_kubeconfig_needs_the_users_word() {
        for (key, value, own) in [
            ("server", "https://evil:6443", "`https://a:6443`"),
            ("server", "http://a:6443", "`https://a:6443`"),
            ("proxyUrl", "socks5://evil:1080", "none"),
            ("tlsServerName", "evil.example", "none"),
        ] {
            let (entry, said) = (resolved(OWN), recorded(key, value));
            let none = Allowed::default();
            let error = endpoint("prod", &entry, &said, &none).expect_err(value);
            let report = error.report();
            for word in [
                &format!("`{key}` is `{value}` in clusters/prod/cluster.yaml"),
                &format!("{own} in context `x` of conf"),
                &format!("--allow-address prod={value}"),
                "config.yaml",
            ] {
                assert!(report.contains(word), "no {word}: {report}");
            }
            let allowed = endpoint("prod", &entry, &said, &allowing(value));
            assert_eq!(allowed.is_ok(), value != "http://a:6443", "{value}");
        }
    }

    #[test]
    fn what_is_allowed_takes_the_place_of_the_kubeconfigs() {
        let said = recorded("server", "https://other");
        let found = endpoint(
            "prod",
            &resolved(OWN),
            &said,
            &allowing("HTTPS://Other:443/"),
        );
        let (address, entry) = found.expect("allowed");
        assert_eq!(address.origin(), "https://other:443");
        assert_eq!(entry.cluster.server.as_deref(), Some("https://other"));
    }

    #[test]
    fn what_says_the_same_needs_no_word() {
        let own = "{server: 'https://a:6443', proxy-url: 'http://p:1', tls-server-name: b}";
        for (key, value) in [
            ("server", "HTTPS://A:6443/"),
            ("server", ""),
            ("proxyUrl", "http://p:1"),
            ("tlsServerName", "B"),
        ] {
            let found = endpoint(
                "prod",
                &resolved(own),
                &recorded(key, value),
                &Allowed::default(),
            );
            let (address, _) = found.expect(value);
            assert_eq!(address.origin(), "https://a:6443");
        }
    }

    #[test]
    fn an_alias_makes_the_kubeconfigs_address_good_and_nothing_else() {
        let mut said = recorded("server", "https://public");
        said.aliases = vec!["https://A:6443".to_owned()];
        let found = endpoint("prod", &resolved(OWN), &said, &Allowed::default());
        assert_eq!(found.expect("an alias").0.origin(), "https://a:6443");
    }

    #[test]
    fn a_password_of_a_proxy_is_not_shown() {
        let own = "{server: 'https://a', proxy-url: 'http://user:hunter2@p:1'}";
        let said = recorded("proxyUrl", "http://q:1");
        let error =
            endpoint("prod", &resolved(own), &said, &Allowed::default()).expect_err("other");
        assert!(!error.report().contains("hunter2"), "{}", error.report());
    }
}
