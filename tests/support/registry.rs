//! A real registry of the OCI distribution project, over TLS on a free port of this machine.

use super::api;
use super::certificate::{Authority, Identity};
use super::control_plane::free_port;
use super::process::Server;
use super::programs::program;
use super::wait::eventually;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use rcgen::{KeyPair, PKCS_ED25519, SigningKey};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// Who may read.
pub(crate) enum Access<'a> {
    Everybody,
    /// The user `reader` with the password `open-sesame`.
    Password,
    /// Whoever brings a token of the service at this address, signed with this key.
    Token(&'a str, &'a TokenKey),
}

/// `open-sesame`, as htpasswd keeps it.
const PASSWORDS: &str = "reader:$2b$04$Bgn/fTf5D4ZAHSssMIPR8uGgBMAO5jRQeR1pzoETmCfqKHRmH/1He\n";

/// A running registry. What was pushed stays when the access changes.
pub(crate) struct Registry {
    dir: PathBuf,
    port: u16,
    authority: Authority,
    server: Option<Server>,
}

impl Registry {
    pub(crate) fn start() -> Self {
        // The folder goes with the server, see `Server`.
        let dir = tempfile::Builder::new()
            .prefix("pushboat-registry-")
            .tempdir()
            .unwrap()
            .keep();
        let authority = Authority::new("registry");
        let identity = authority.server(&["127.0.0.1"]);
        let mut registry = Self {
            dir,
            port: 0,
            authority,
            server: None,
        };
        registry.write("authority.pem", &registry.authority.pem);
        registry.write("tls.crt", &identity.certificate);
        registry.write("tls.key", &identity.key);
        registry.write("passwords", PASSWORDS);
        registry.open_to(&Access::Everybody);
        registry
    }

    /// Starts it anew for those who may read now.
    pub(crate) fn open_to(&mut self, access: &Access<'_>) {
        self.server.take().into_iter().for_each(Server::stop);
        let mut config = json!({
            "version": "0.1",
            "log": {"level": "warn", "accesslog": {"disabled": true}},
            "storage": {"filesystem": {"rootdirectory": self.path("storage")}},
            "http": {"tls": {"certificate": self.path("tls.crt"), "key": self.path("tls.key")}},
        });
        match access {
            Access::Everybody => {}
            Access::Password => {
                config["auth"] =
                    json!({"htpasswd": {"realm": "tests", "path": self.path("passwords")}});
            }
            Access::Token(realm, key) => {
                self.write("keys.json", &key.public().to_string());
                config["auth"] = json!({"token": {
                    "realm": realm, "service": "tests", "issuer": "tests",
                    "jwks": self.path("keys.json"), "signingalgorithms": ["EdDSA"],
                }});
            }
        }
        // Another program may take the port first: then on another one.
        let is_ready = |registry: &Self| {
            let tls = api::trusting(&registry.authority, None::<&Identity>);
            api::send(&tls, registry.port, "GET /v2/", &[], "").is_ok()
        };
        for _ in 0..5 {
            self.port = free_port();
            config["http"]["addr"] = json!(format!("127.0.0.1:{}", self.port));
            self.write("config.yml", &config.to_string());
            let args = ["serve".to_owned(), self.path("config.yml")];
            let server = Server::start(&self.dir, &program("registry"), &args);
            let started = eventually("the registry answers", || {
                (is_ready(self) || server.has_ended()).then(|| !server.has_ended())
            });
            if started {
                self.server = Some(server);
                return;
            }
            eprintln!("starting the registry once more\n{}", server.last_words());
            server.stop();
        }
        panic!("the registry did not start");
    }

    /// Pushes a packed chart with the real helm, as `charts/NAME`.
    pub(crate) fn push(&self, packed: &Path) {
        let pushed = Command::new(program("helm"))
            .arg("push")
            .arg(packed)
            .arg(self.url("charts"))
            .env("HOME", &self.dir)
            .env("SSL_CERT_FILE", self.authority())
            .output()
            .unwrap();
        assert!(pushed.status.success(), "{pushed:?}");
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("oci://127.0.0.1:{}/{path}", self.port)
    }

    /// The address to allow.
    pub(crate) fn place(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}/{path}", self.port)
    }

    /// The file with the certificate that clients must trust.
    pub(crate) fn authority(&self) -> String {
        self.path("authority.pem")
    }

    /// The folder in which the registry keeps what was pushed.
    pub(crate) fn storage(&self) -> PathBuf {
        self.dir.join("storage/docker/registry/v2")
    }

    fn path(&self, name: &str) -> String {
        self.dir.join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.dir.join(name), text).unwrap();
    }
}

/// A key that signs tokens.
pub(crate) struct TokenKey(KeyPair);

impl TokenKey {
    pub(crate) fn new() -> Self {
        Self(KeyPair::generate_for(&PKCS_ED25519).unwrap())
    }

    /// The set of keys that a registry is given.
    fn public(&self) -> Value {
        let x = BASE64_URL_SAFE_NO_PAD.encode(self.0.public_key_raw());
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "tests", "alg": "EdDSA", "use": "sig", "x": x}]})
    }

    /// A token to pull from one repository.
    pub(crate) fn token(&self, repository: &str) -> String {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": "tests"});
        let claims = json!({
            "iss": "tests", "aud": "tests", "sub": "", "jti": "1",
            "iat": now, "nbf": now - 60, "exp": now + 600,
            "access": [{"type": "repository", "name": repository, "actions": ["pull"]}],
        });
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&header), part(&claims));
        let signature = self.0.sign(text.as_bytes()).unwrap();
        format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}
