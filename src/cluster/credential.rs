//! Who we are to one server: the `Authorization` header and the client certificate, renewed when they end.
//!
//! Nothing here can be printed. The exec plugin itself is in `exec`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use http::HeaderValue;
use tokio::sync::Mutex;

use super::contexts::Resolved;
use super::exec::{self, Plugin};
use super::kubeconfig::UserEntry;
use super::secret::Secret;
use super::tls::{self, Identity};
use crate::error::{Error, Reason, Result};
use crate::object::display::display;

/// A token file is read again after this long; the kubelet renews projected tokens in place.
const FILE_AGE: Duration = Duration::from_secs(60);

/// What kind of credential a cluster is reached with, for `cluster list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    None,
    Basic,
    Token,
    TokenFile,
    ClientCertificate,
    Exec,
}

impl CredentialKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic => "basic",
            Self::Token => "token",
            Self::TokenFile => "token file",
            Self::ClientCertificate => "client certificate",
            Self::Exec => "exec plugin",
        }
    }
}

enum Source {
    /// Only the client certificate, if there is one.
    None,
    Fixed(HeaderValue),
    File {
        path: PathBuf,
        last: Mutex<Option<(HeaderValue, Instant)>>,
        /// The entry's `token`, for as long as the file cannot be read.
        instead: Option<HeaderValue>,
    },
    Exec(Arc<Plugin>),
}

/// The credentials of one connection.
pub struct Credentials {
    source: Source,
    identity: Option<Identity>,
    kind: CredentialKind,
    expiry: Option<jiff::Timestamp>,
}

/// What a request carries, and what a new connection shows.
pub struct Current {
    pub header: Option<HeaderValue>,
    /// A certificate that came from a plugin, with a number that changes when it does.
    pub identity: Option<(u64, Identity)>,
}

impl Credentials {
    /// `interactive`: a plugin may ask on the terminal.
    pub fn new(resolved: &Resolved, interactive: bool) -> Result<Self> {
        let user = &resolved.user;
        if let Some(provider) = &user.auth_provider {
            return Err(Error::config(format!(
                "user `{}` uses the auth provider `{}`, which kubectl no longer has either",
                display(&resolved.user_name),
                display(&provider.name)
            ))
            .hint("write the user entry anew with an exec plugin"));
        }
        let identity = tls::identity(user)?;
        let (source, kind) = source(resolved, interactive, identity.is_some())?;
        if let (Some(identity), CredentialKind::ClientCertificate) = (&identity, kind) {
            let user = format!("of user `{}`", display(&resolved.user_name));
            tls::check_validity(identity, &user, jiff::Timestamp::now())?;
        }
        let expiry = match (kind, &user.token) {
            (CredentialKind::Token, Some(token)) => jwt_expiry(token),
            (CredentialKind::ClientCertificate, _) => identity.as_ref().and_then(tls::expiry),
            _ => None,
        };
        Ok(Self {
            source,
            identity,
            kind,
            expiry,
        })
    }

    pub fn kind(&self) -> CredentialKind {
        self.kind
    }

    /// The end of the credential, where the credential itself says so.
    pub async fn expiry(&self) -> Option<jiff::Timestamp> {
        match &self.source {
            Source::Exec(plugin) => plugin.known_expiry().await,
            Source::None | Source::Fixed(_) | Source::File { .. } => self.expiry,
        }
    }

    /// The client certificate of the kubeconfig itself.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// What to send now. Runs the plugin or reads the file where that is due.
    pub async fn current(&self) -> Result<Current> {
        let header = match &self.source {
            Source::None => None,
            Source::Fixed(header) => Some(header.clone()),
            Source::File {
                path,
                last,
                instead,
            } => {
                let read = read_file(path, last, FILE_AGE).await;
                Some(read.or_else(|error| instead.clone().ok_or(error))?)
            }
            Source::Exec(plugin) => {
                let credential = plugin.credential().await?;
                return Ok(Current {
                    header: credential.header.clone(),
                    identity: credential
                        .identity
                        .clone()
                        .map(|identity| (credential.number, identity)),
                });
            }
        };
        Ok(Current {
            header,
            identity: None,
        })
    }

    /// The error when the command's time ended before there were credentials; `None` where no program is waited for.
    pub fn too_late(&self) -> Option<Error> {
        match &self.source {
            Source::Exec(plugin) => Some(plugin.too_late()),
            Source::None | Source::Fixed(_) | Source::File { .. } => None,
        }
    }

    /// Gets new credentials after a 401. `used` is what the refused request carried, so that only the first of many
    /// requests that were refused together runs the plugin again.
    pub async fn refresh(&self, used: Option<&HeaderValue>) -> Result<()> {
        match &self.source {
            Source::None | Source::Fixed(_) => Ok(()),
            Source::File {
                path,
                last,
                instead,
            } => match read_file(path, last, Duration::ZERO).await {
                Err(error) if instead.is_none() => Err(error),
                Ok(_) | Err(_) => Ok(()),
            },
            Source::Exec(plugin) => plugin.refresh(used).await,
        }
    }
}

fn source(
    resolved: &Resolved,
    interactive: bool,
    has_identity: bool,
) -> Result<(Source, CredentialKind)> {
    let user: &UserEntry = &resolved.user;
    let token = user.token.as_ref().filter(|token| !token.is_empty());
    let file = user.token_file.as_ref().filter(|path| !path.is_empty());
    if let (Some(token), None) = (token, file) {
        return Ok((Source::Fixed(bearer(token)?), CredentialKind::Token));
    }
    if let Some(path) = file {
        // Of both, the file has the newer token, as for kubectl; the other is sent until the file can be read.
        let source = Source::File {
            path: path.into(),
            last: Mutex::new(None),
            instead: token.map(bearer).transpose()?,
        };
        return Ok((source, CredentialKind::TokenFile));
    }
    if let Some(name) = user.username.as_ref().filter(|name| !name.is_empty()) {
        let password = user.password.clone().unwrap_or_default();
        return Ok((
            Source::Fixed(basic(name, &password)?),
            CredentialKind::Basic,
        ));
    }
    if let Some(entry) = &user.exec {
        let plugin = exec::plugin(entry, resolved, interactive)?;
        return Ok((Source::Exec(plugin), CredentialKind::Exec));
    }
    if has_identity {
        return Ok((Source::None, CredentialKind::ClientCertificate));
    }
    // Without a word it would be asked as `system:anonymous`.
    if user.token.is_some() || user.token_file.is_some() {
        let name = display(&resolved.user_name);
        let message = format!("user `{name}` has an empty token and no other credential");
        return Err(Error::config(message).hint(
            "write the token into the kubeconfig, or name the file that holds it in `tokenFile`",
        ));
    }
    Ok((Source::None, CredentialKind::None))
}

async fn read_file(
    path: &PathBuf,
    last: &Mutex<Option<(HeaderValue, Instant)>>,
    max_age: Duration,
) -> Result<HeaderValue> {
    let mut last = last.lock().await;
    if let Some((header, read_at)) = &*last
        && read_at.elapsed() < max_age
    {
        return Ok(header.clone());
    }
    match std::fs::read_to_string(path) {
        Ok(text) => {
            if text.trim().is_empty() {
                let path = display(&path.to_string_lossy()).into_owned();
                let message = format!("the token file `{path}` is empty");
                return Err(
                    Error::config(message).hint("log in again, or wait until the token is written")
                );
            }
            let header = bearer(&Secret::new(text.trim()))?;
            *last = Some((header.clone(), Instant::now()));
            Ok(header)
        }
        Err(error) => Err(Error::config(format!(
            "cannot read the token file `{}`: {error}",
            display(&path.to_string_lossy())
        ))),
    }
}

/// `Authorization: Bearer …`, marked so that nothing prints it.
pub fn bearer(token: &Secret) -> Result<HeaderValue> {
    sensitive(&format!("Bearer {}", token.expose()), "token")
}

/// `Basic …`, for servers and proxies.
pub fn basic(user: &str, password: &Secret) -> Result<HeaderValue> {
    let pair = format!("{user}:{}", password.expose());
    let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
    sensitive(&format!("Basic {encoded}"), "user name or password")
}

fn sensitive(text: &str, what: &str) -> Result<HeaderValue> {
    let mut header = HeaderValue::from_str(text).map_err(|_| {
        Error::new(
            Reason::Config,
            format!("the {what} holds characters that cannot be sent"),
        )
    })?;
    header.set_sensitive(true);
    Ok(header)
}

/// The `exp` claim of a token that is a JWT. Its signature is the server's matter.
pub fn jwt_expiry(token: &Secret) -> Option<jiff::Timestamp> {
    let claims = token.expose().split('.').nth(1)?;
    let json = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(claims.trim_end_matches('='))
        .ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&json).ok()?;
    jiff::Timestamp::from_second(claims.get("exp")?.as_i64()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_end_of_a_jwt_and_of_nothing_else() {
        let claims =
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(r#"{"exp":1893456000}"#);
        let token = Secret::new(format!("aaa.{claims}.ccc"));
        let expiry = jwt_expiry(&token).map(|end| end.to_string());
        assert_eq!(expiry.as_deref(), Some("2030-01-01T00:00:00Z"));
        assert_eq!(jwt_expiry(&Secret::new("opaque")), None);
    }

    fn user(entry: UserEntry) -> Resolved {
        Resolved {
            context: "c".to_owned(),
            cluster_name: "c".to_owned(),
            user_name: "u".to_owned(),
            cluster: crate::cluster::kubeconfig::ClusterEntry::default(),
            user: entry,
            namespace: None,
            file: PathBuf::new(),
        }
    }

    #[tokio::test]
    async fn an_empty_token_is_not_asked_with() {
        let refused = |entry: UserEntry| match Credentials::new(&user(entry), false) {
            Err(error) => error.to_string(),
            Ok(_) => String::new(),
        };
        let empty = UserEntry {
            token: Some(Secret::new("")),
            ..UserEntry::default()
        };
        assert!(refused(empty.clone()).contains("empty token"));
        let no_file = UserEntry {
            token_file: Some(String::new()),
            ..UserEntry::default()
        };
        assert!(refused(no_file).contains("empty token"));
        let named = UserEntry {
            username: Some("a".to_owned()),
            ..empty
        };
        assert_eq!(refused(named), "");
        assert_eq!(refused(UserEntry::default()), "");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("token");
        std::fs::write(&path, " \n").expect("a file");
        let file = UserEntry {
            token_file: Some(path.to_string_lossy().into_owned()),
            ..UserEntry::default()
        };
        let credentials = Credentials::new(&user(file), false).expect("a file");
        let error = credentials.current().await.err().expect("nothing in it");
        assert!(error.to_string().contains("is empty"), "{error}");
    }

    #[tokio::test]
    async fn of_a_token_and_its_file_the_file_is_newer() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("token");
        let both = || UserEntry {
            token: Some(Secret::new("old")),
            token_file: Some(path.to_string_lossy().into_owned()),
            ..UserEntry::default()
        };
        let sent = async || {
            let credentials = Credentials::new(&user(both()), false).expect("a token");
            let header = credentials.current().await.expect("a token").header;
            header.expect("a header").to_str().map(str::to_owned).ok()
        };
        assert_eq!(sent().await.as_deref(), Some("Bearer old"));
        std::fs::write(&path, "").expect("a file");
        assert_eq!(sent().await.as_deref(), Some("Bearer old"));
        std::fs::write(&path, "new\n").expect("a file");
        assert_eq!(sent().await.as_deref(), Some("Bearer new"));
    }

    #[test]
    fn a_certificate_out_of_its_time_matters_where_nothing_else_is_shown() {
        let mut params = rcgen::CertificateParams::new(vec!["a".to_owned()]).expect("valid name");
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        let key = rcgen::KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        let entry = |token: Option<Secret>| UserEntry {
            token,
            client_certificate_data: Some(encode(&pem)),
            client_key_data: Some(Secret::new(encode(&key.serialize_pem()))),
            ..UserEntry::default()
        };
        let error = Credentials::new(&user(entry(None)), false).err();
        let error = error.expect("nothing else is shown").to_string();
        assert!(error.contains("expired on 2020-01-01"), "{error}");
        assert!(Credentials::new(&user(entry(Some(Secret::new("a")))), false).is_ok());
    }

    #[test]
    fn headers_do_not_print() {
        let header = bearer(&Secret::new("hunter2")).expect("a valid header");
        assert_eq!(format!("{header:?}"), "Sensitive");
        let error = bearer(&Secret::new("hunter2\n")).expect_err("a line break");
        assert!(!error.to_string().contains("hunter2"));
    }
}
