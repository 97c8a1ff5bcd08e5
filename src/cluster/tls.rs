//! Trust and client certificates: a rustls configuration from a kubeconfig's entries.
//!
//! Verification is off only where the kubeconfig itself says so. Where a repository records authorities, no other one is trusted.

use std::sync::{Arc, Once};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kube::client::ConfigExt;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};

use super::contexts::Resolved;
use super::kubeconfig::{ClusterEntry, UserEntry};
use super::secret::Secret;
use super::x509;
use crate::error::{Error, Reason, Result};
use crate::object::display::display;
use crate::object::hex::hex;

/// A client certificate with its key, both PEM.
#[derive(Clone)]
pub struct Identity {
    pub certificate: String,
    pub key: Secret,
}

/// Installs the one crypto provider of the process; safe to call again.
pub fn install_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error only says that one is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// The TLS set-up for a server, and whether it trusts recorded authorities only.
#[derive(Clone)]
pub struct Trust {
    pub config: Arc<rustls::ClientConfig>,
    pub is_pinned: bool,
}

/// The TLS set-up for a server. `pins` are the digests of the only authorities to trust, all where there are none; `identity` replaces
/// the user's own certificate (from an exec plugin).
pub fn client_config(
    cluster: &ClusterEntry,
    pins: &[String],
    identity: Option<&Identity>,
) -> Result<Trust> {
    install_provider();
    check_consistent(cluster)?;
    let mut config = kube::Config::new(http::Uri::from_static("https://unused.invalid"));
    config.root_cert = match pins {
        [] => authorities(cluster)?,
        pins => Some(pinned(cluster, pins)?),
    };
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify == Some(true);
    if let Some(identity) = identity {
        check_version(&identity.certificate)?;
        config.auth_info.client_certificate_data = Some(STANDARD.encode(&identity.certificate));
        config.auth_info.client_key_data = Some(STANDARD.encode(identity.key.expose()).into());
    }
    let mut client = config.rustls_client_config().map_err(|error| {
        Error::config(format!(
            "cannot set up TLS: {}",
            display(&error.to_string())
        ))
    })?;
    client.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Trust {
        config: Arc::new(client),
        is_pinned: !pins.is_empty(),
    })
}

/// kubectl refuses the same: nobody can tell which of the two was meant.
fn check_consistent(cluster: &ClusterEntry) -> Result<()> {
    let has_authority =
        cluster.certificate_authority.is_some() || cluster.certificate_authority_data.is_some();
    if cluster.insecure_skip_tls_verify == Some(true) && has_authority {
        return Err(Error::config(
            "the kubeconfig's cluster has a certificate authority and `insecure-skip-tls-verify` at once",
        )
        .hint("remove one of the two"));
    }
    Ok(())
}

/// The text of the authority's certificates, whichever way the entry holds them, for programs that need it.
pub fn authority_data(cluster: &ClusterEntry) -> Result<Option<String>> {
    match (
        &cluster.certificate_authority_data,
        &cluster.certificate_authority,
    ) {
        (Some(data), _) => Ok(Some(data.clone())),
        (None, Some(file)) => {
            let pem = read(file, "certificate authority")?;
            Ok(Some(STANDARD.encode(pem)))
        }
        (None, None) => Ok(None),
    }
}

/// Those of the kubeconfig's authorities that are recorded. With none of them no connection is made, so no credential is sent.
fn pinned(cluster: &ClusterEntry, pins: &[String]) -> Result<Vec<Vec<u8>>> {
    let found = authorities(cluster)?.unwrap_or_default();
    let (trusted, others): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|certificate| digest(certificate).is_some_and(|digest| pins.contains(&digest)));
    if !trusted.is_empty() {
        return Ok(trusted);
    }
    let others: Vec<String> = others.iter().filter_map(|der| digest(der)).collect();
    Err(Error::new(
        Reason::WrongCluster,
        match others.as_slice() {
            [] => "the kubeconfig's cluster has no authority of its own, and the repository records which it must be".to_owned(),
            others => format!(
                "the authority of the kubeconfig's cluster is not one that the repository records: it is {}",
                others.join(", ")
            ),
        },
    )
    .hint("if the authority was renewed on purpose, change `authorities` in the cluster's `cluster.yaml`, or run `pushboat cluster add` again"))
}

/// `sha256:` and the digest of a certificate's public key, as `kubeadm token create --print-join-command` prints it.
fn digest(certificate: &[u8]) -> Option<String> {
    let key = x509::public_key(certificate)?;
    Some(format!("sha256:{}", hex(&Sha256::digest(key))))
}

/// The digests of a context's authorities, to be recorded; none where the system's store decides or nothing is verified.
pub fn authority_digests(resolved: &Resolved) -> Result<Vec<String>> {
    if resolved.cluster.insecure_skip_tls_verify == Some(true) {
        return Ok(Vec::new());
    }
    let found = authorities(&resolved.cluster)?.unwrap_or_default();
    let mut digests: Vec<String> = found.iter().filter_map(|der| digest(der)).collect();
    digests.sort_unstable();
    digests.dedup();
    Ok(digests)
}

/// The certificates of `certificate-authority-data` or `certificate-authority`; `None` leaves it to the system's store.
fn authorities(cluster: &ClusterEntry) -> Result<Option<Vec<Vec<u8>>>> {
    let data = cluster.certificate_authority_data.as_deref();
    let file = cluster.certificate_authority.as_deref();
    let (pem, source) = match (data.filter(|data| !data.is_empty()), file) {
        (Some(data), _) => (
            decode(data, "certificate-authority-data")?,
            "certificate-authority-data".to_owned(),
        ),
        (None, Some(file)) => (
            read(file, "certificate authority")?,
            display(file).into_owned(),
        ),
        (None, None) => return Ok(None),
    };
    let certificates: Vec<Vec<u8>> = CertificateDer::pem_slice_iter(&pem)
        .map(|certificate| certificate.map(|certificate| certificate.to_vec()))
        .collect::<std::result::Result<_, _>>()
        .map_err(|_| Error::config(format!("`{source}` is not a PEM certificate")))?;
    if certificates.is_empty() {
        return Err(Error::config(format!("`{source}` holds no certificate")));
    }
    Ok(Some(certificates))
}

/// The client certificate of a user entry, if it has one.
pub fn identity(user: &UserEntry) -> Result<Option<Identity>> {
    let text = |bytes: Vec<u8>, what: &str| {
        String::from_utf8(bytes).map_err(|_| Error::config(format!("{what} is not PEM text")))
    };
    let certificate = match (&user.client_certificate_data, &user.client_certificate) {
        (Some(data), _) if !data.is_empty() => decode(data, "client-certificate-data")?,
        (_, Some(file)) => read(file, "client certificate")?,
        _ => return Ok(None),
    };
    let key = match (&user.client_key_data, &user.client_key) {
        (Some(data), _) if !data.is_empty() => decode(data.expose(), "client-key-data")?,
        (_, Some(file)) => read(file, "client key")?,
        _ => {
            return Err(Error::config(
                "there is a client certificate but no client key",
            ));
        }
    };
    Ok(Some(Identity {
        certificate: text(certificate, "the client certificate")?,
        key: Secret::new(text(key, "the client key")?),
    }))
}

/// Until when the client certificate is valid.
pub fn expiry(identity: &Identity) -> Option<jiff::Timestamp> {
    let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes()).ok()?;
    x509::facts(&certificate).map(|facts| facts.not_after)
}

/// A server only says "Unauthorized" of a certificate whose time is over, or has not come. `whose` goes into the message.
pub fn check_validity(identity: &Identity, whose: &str, now: jiff::Timestamp) -> Result<()> {
    let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes());
    let Some(facts) = certificate.ok().and_then(|der| x509::facts(&der)) else {
        return Ok(());
    };
    let wrong = if now > facts.not_after {
        Error::new(
            Reason::Unauthorized,
            format!(
                "the client certificate {whose} expired on {}",
                facts.not_after
            ),
        )
        .hint("log in again, or have it issued again")
    } else if now < facts.not_before {
        Error::new(
            Reason::Unauthorized,
            format!(
                "the client certificate {whose} is valid from {} on",
                facts.not_before
            ),
        )
        .hint("check the clock of this machine")
    } else {
        return Ok(());
    };
    Err(wrong)
}

/// rustls takes no X.509 v1 certificate and its own words do not say so.
fn check_version(pem: &str) -> Result<()> {
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes())
        .map_err(|_| Error::config("the client certificate is not a PEM certificate"))?;
    match x509::facts(&certificate) {
        Some(facts) if facts.version < 3 => Err(Error::config(
            "the client certificate is X.509 version 1, which cannot be used",
        )
        .hint(
            "issue it again with an extension, such as `extendedKeyUsage=clientAuth`, which makes it version 3",
        )),
        Some(_) | None => Ok(()),
    }
}

fn decode(data: &str, what: &str) -> Result<Vec<u8>> {
    let compact: String = data.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD
        .decode(compact)
        .map_err(|_| Error::config(format!("{what} is not base64")))
}

fn read(path: &str, what: &str) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| {
        Error::config(format!(
            "cannot read the {what} `{}`: {error}",
            display(path)
        ))
    })
}

/// The reason inside a failed handshake, when it is about the server's certificate.
pub fn untrusted(error: &rustls::Error) -> Option<Untrusted> {
    use rustls::{CertificateError as C, Error as E};
    match error {
        E::InvalidCertificate(error) => Some(match error {
            // An authority of the same name with another key shows as a bad signature.
            C::UnknownIssuer | C::BadSignature => Untrusted::UnknownIssuer,
            C::NotValidForName | C::NotValidForNameContext { .. } => {
                Untrusted::WrongName(error.to_string())
            }
            C::Expired => Untrusted::Expired(None),
            C::ExpiredContext { time, not_after } => {
                Untrusted::Expired(Some(time.as_secs().saturating_sub(not_after.as_secs())))
            }
            C::NotValidYet => Untrusted::NotYetValid(None),
            C::NotValidYetContext { time, not_before } => {
                Untrusted::NotYetValid(Some(not_before.as_secs().saturating_sub(time.as_secs())))
            }
            other => Untrusted::Other(other.to_string()),
        }),
        E::AlertReceived(alert) => Some(Untrusted::Alert(format!("{alert:?}"))),
        E::PeerIncompatible(_)
        | E::InvalidMessage(_)
        | E::PeerMisbehaved(_)
        | E::NoCertificatesPresented => Some(Untrusted::Other(error.to_string())),
        _ => None,
    }
}

/// Why a server is not trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Untrusted {
    UnknownIssuer,
    /// Its authority is not one that the repository records.
    OtherAuthority,
    WrongName(String),
    /// Seconds since it expired.
    Expired(Option<u64>),
    /// Seconds until it is valid.
    NotYetValid(Option<u64>),
    /// The server ended the handshake: it may not like our certificate.
    Alert(String),
    Other(String),
}

impl Untrusted {
    /// The error for the user. It never suggests to skip verification.
    pub fn error(&self, server: &str) -> Error {
        const DAY: u64 = 24 * 60 * 60;
        let server = display(server);
        let clock = "compare this machine's clock with the server's";
        match self {
            Self::UnknownIssuer => Error::config(format!(
                "the certificate of `{server}` is signed by an authority that is not trusted"
            ))
            .hint("put the authority's certificate into `certificate-authority-data` of the kubeconfig's cluster"),
            Self::OtherAuthority => Error::new(
                Reason::WrongCluster,
                format!("the certificate of `{server}` is signed by an authority that the repository does not record"),
            )
            .hint("if the authority was renewed on purpose, change `authorities` in the cluster's `cluster.yaml`, or run `pushboat cluster add` again"),
            Self::WrongName(words) => Error::config(format!(
                "the certificate of `{server}` is for another name: {}",
                display(words)
            ))
            .hint("set `tls-server-name` of the kubeconfig's cluster to a name the certificate holds"),
            Self::Expired(ago) => {
                let error = Error::config(format!("the certificate of `{server}` has expired"));
                if ago.is_some_and(|ago| ago < DAY) { error.hint(clock) } else { error }
            }
            Self::NotYetValid(ahead) => {
                let error = Error::config(format!("the certificate of `{server}` is not valid yet"));
                if ahead.is_none_or(|ahead| ahead < DAY) { error.hint(clock) } else { error }
            }
            Self::Alert(words) => Error::config(format!(
                "`{server}` ended the TLS handshake: {}",
                display(words)
            ))
            .hint("the server may refuse the client certificate; check its authority and its end"),
            Self::Other(words) => Error::config(format!(
                "TLS with `{server}` failed: {}",
                display(words)
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(from: i32, to: i32) -> Identity {
        let mut params = rcgen::CertificateParams::new(vec!["a".to_owned()]).expect("valid name");
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(to, 1, 1);
        let key = rcgen::KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Identity {
            certificate: certificate.pem(),
            key: Secret::new(""),
        }
    }

    #[test]
    fn a_certificate_out_of_its_time_is_told_with_the_date() {
        let now: jiff::Timestamp = "2026-06-01T00:00:00Z".parse().expect("a time");
        let said = |from, to| {
            let checked = check_validity(&identity(from, to), "of user `u`", now);
            checked.err().map(|error| error.to_string())
        };
        assert_eq!(said(2020, 2030), None);
        let over = "the client certificate of user `u` expired on 2025-01-01T00:00:00Z";
        assert_eq!(said(2020, 2025).as_deref(), Some(over));
        let early = "the client certificate of user `u` is valid from 2027-01-01T00:00:00Z on";
        assert_eq!(said(2027, 2030).as_deref(), Some(early));
    }

    #[test]
    fn an_authority_beside_no_verification_is_refused() {
        let cluster = ClusterEntry {
            insecure_skip_tls_verify: Some(true),
            certificate_authority_data: Some("eA==".to_owned()),
            ..ClusterEntry::default()
        };
        let error = client_config(&cluster, &[], None).err().expect("refused");
        assert!(error.to_string().contains("at once"), "{error}");
    }

    #[test]
    fn plugins_get_the_authority_of_a_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("ca.crt");
        std::fs::write(&path, "x").expect("a file");
        let cluster = ClusterEntry {
            certificate_authority: Some(path.to_string_lossy().into_owned()),
            ..ClusterEntry::default()
        };
        assert_eq!(
            authority_data(&cluster).expect("read").as_deref(),
            Some("eA==")
        );
    }
}
