//! pushboat's own kubeconfig: where `cluster add` keeps the credentials it made, with mode 0600, beside the user's own files.
//!
//! It is an ordinary kubeconfig, so kubectl reads it too. Nothing else of pushboat is ever written to the user's folder, and
//! nothing secret anywhere else. What must be known to renew or remove an account stands in an extension of its context.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::contexts::Resolved;
use super::kubeconfig::Kubeconfig;
use super::manager::{Expiry, Token};
use crate::error::{Error, Result};
use crate::object::display::display;

/// The extension of a context that says which context it was added from.
const ADDED_FROM: &str = "pushboat.dev/added-from";

/// The registry's file. Its path comes from the edge; the file need not be there.
#[derive(Debug, Clone)]
pub struct Registry {
    path: PathBuf,
}

/// What `cluster add` stores.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The cluster's name, and so the context's.
    pub name: String,
    /// How the server is reached, from the context that it was added from.
    pub source: Resolved,
    pub account: Account,
    pub token: Token,
}

/// A ServiceAccount, and the namespaces that its rights are limited to; none for the whole cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub namespace: String,
    pub name: String,
    pub only_namespaces: Vec<String>,
}

/// What the registry knows of a cluster, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub name: String,
    pub server: String,
    /// The user's context that it was added from; it has the rights to remove what was made.
    pub added_from: Option<String>,
    /// `None` in entries of 0.1.0, which knew one account.
    pub account: Option<Account>,
    /// The Secret that the token is stored in or bound to; `None` in entries of 0.1.0.
    pub token: Option<String>,
    pub expiry: Option<Expiry>,
}

impl Registry {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The registry as a kubeconfig, to be read beside the user's own; empty when there is no file yet.
    pub fn kubeconfig(&self) -> Result<Kubeconfig> {
        if self.path.exists() {
            Kubeconfig::load_one(&self.path)
        } else {
            Ok(Kubeconfig::default())
        }
    }

    /// A sentence to warn with when others can read the file.
    pub fn warning(&self) -> Option<String> {
        let mode = std::fs::metadata(&self.path).ok()?.permissions().mode();
        (mode & 0o077 != 0).then(|| {
            let path = self.path.to_string_lossy();
            format!(
                "`{}` can be read by others: run `chmod 600` on it",
                display(&path)
            )
        })
    }

    /// The clusters in it, by name.
    pub fn list(&self) -> Result<Vec<Registered>> {
        let document = self.read()?;
        let contexts = entries(&document, "contexts").iter();
        Ok(contexts
            .filter_map(|context| registered(&document, context))
            .collect())
    }

    /// Takes the registry for a change to come: makes its folder, locks it, and proves that it can be written. The lock is held until the
    /// change is made or dropped.
    pub fn begin(&self) -> Result<Change<'_>> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| self.failed("make the folder of", &error))?;
        let lock = std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(self.path.with_extension("lock"))
            .map_err(|error| self.failed("lock", &error))?;
        rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive)
            .map_err(|error| self.failed("lock", &error.into()))?;
        let temporary = folder.join(format!(".kubeconfig-{}", std::process::id()));
        // One that a killed run left behind may be removed: the lock is ours.
        let _ = std::fs::remove_file(&temporary);
        let file = std::fs::OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&temporary)
            .map_err(|error| self.failed("write", &error))?;
        let change = Change {
            registry: self,
            _lock: lock,
            file,
            temporary,
        };
        self.read()?;
        Ok(change)
    }

    /// Adds a cluster or replaces the one of the same name, everything else kept.
    pub fn add(&self, entry: &Entry) -> Result<()> {
        self.begin()?.store(entry)
    }

    /// Keeps the next token of a cluster. One that was removed meanwhile stays removed.
    pub fn renew(&self, name: &str, token: &Token) -> Result<()> {
        let change = self.begin()?;
        let mut document = self.read()?;
        let mut known = None;
        for context in list_of(&mut document, "contexts").into_iter().flatten() {
            if is_named(context, name) {
                put_expiry(context, token);
                known = context
                    .pointer("/context/user")
                    .and_then(Value::as_str)
                    .map(str::to_owned);
            }
        }
        let Some(user) = known else { return Ok(()) };
        let content = json!({"token": token.secret.expose()});
        put(&mut document, "users", &user, "user", content);
        change.commit(&document)
    }

    /// Removes a cluster; `false` when it was not there.
    pub fn remove(&self, name: &str) -> Result<bool> {
        if !self.path.exists() {
            return Ok(false);
        }
        let change = self.begin()?;
        let mut document = self.read()?;
        let is_known =
            ["contexts", "clusters", "users"].map(|list| take(&mut document, list, name));
        if !is_known.contains(&true) {
            return Ok(false);
        }
        change.commit(&document).map(|()| true)
    }

    fn read(&self) -> Result<Value> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(self.failed("read", &error)),
        };
        if text.trim().is_empty() {
            return Ok(json!({"apiVersion": "v1", "kind": "Config"}));
        }
        // The parser's words may quote a token.
        let document: Value = serde_yaml::from_str(&text).map_err(|error| {
            let line = error.location().map_or(0, |place| place.line());
            Error::config("pushboat's own kubeconfig is not valid YAML").at(
                self.path.to_string_lossy(),
                u32::try_from(line).unwrap_or(0),
                0,
            )
        })?;
        if document.is_object() {
            Ok(document)
        } else {
            Err(
                Error::config("pushboat's own kubeconfig is not a kubeconfig").at(
                    self.path.to_string_lossy(),
                    0,
                    0,
                ),
            )
        }
    }

    fn failed(&self, verb: &str, error: &std::io::Error) -> Error {
        let path = self.path.to_string_lossy();
        Error::io(format!("cannot {verb} `{}`: {error}", display(&path)))
    }
}

/// A change that is prepared: the registry is locked, and the file that becomes it exists.
#[derive(Debug)]
pub struct Change<'a> {
    registry: &'a Registry,
    _lock: std::fs::File,
    file: std::fs::File,
    temporary: PathBuf,
}

impl Change<'_> {
    /// Adds a cluster or replaces the one of the same name, everything else kept.
    pub fn store(self, entry: &Entry) -> Result<()> {
        let mut document = self.registry.read()?;
        insert(&mut document, entry)?;
        self.commit(&document)
    }

    fn commit(mut self, document: &Value) -> Result<()> {
        let text = serde_yaml::to_string(document).map_err(|_| {
            Error::internal("pushboat's own kubeconfig could not be written as YAML")
        })?;
        self.file
            .write_all(text.as_bytes())
            .and_then(|()| self.file.sync_all())
            .and_then(|()| std::fs::rename(&self.temporary, &self.registry.path))
            .map_err(|error| self.registry.failed("write", &error))
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        // Gone already when the change was made.
        let _ = std::fs::remove_file(&self.temporary);
    }
}

/// A kubeconfig of one entry alone, to try it before it is stored.
pub fn kubeconfig_of(entry: &Entry) -> Result<Kubeconfig> {
    let mut document = json!({"apiVersion": "v1", "kind": "Config"});
    insert(&mut document, entry)?;
    Kubeconfig::parse(document.to_string().as_bytes(), "the new account")
}

fn insert(document: &mut Value, entry: &Entry) -> Result<()> {
    let cluster = cluster_entry(&entry.source)?;
    let name = &entry.name;
    let account = &entry.account;
    let extension = json!([{"name": ADDED_FROM, "extension": {
        "context": entry.source.context,
        "account": {"namespace": account.namespace, "name": account.name, "onlyNamespaces": account.only_namespaces},
    }}]);
    let user = json!({"token": entry.token.secret.expose()});
    let mut context =
        json!({"name": name, "context": {"cluster": name, "user": name, "extensions": extension}});
    put_expiry(&mut context, &entry.token);
    put(document, "clusters", name, "cluster", cluster);
    put(document, "users", name, "user", user);
    put(
        document,
        "contexts",
        name,
        "context",
        context["context"].take(),
    );
    Ok(())
}

/// Writes down which Secret a token belongs to and when it ends.
fn put_expiry(context: &mut Value, token: &Token) {
    let extensions = context
        .pointer_mut("/context/extensions")
        .and_then(Value::as_array_mut);
    let ours = extensions
        .into_iter()
        .flatten()
        .find(|extension| is_named(extension, ADDED_FROM));
    let Some(Value::Object(extension)) = ours.and_then(|ours| ours.get_mut("extension")) else {
        return;
    };
    let mut content = json!({"secret": token.name});
    if let Some(expiry) = &token.expiry {
        content["expires"] = json!(expiry.at.to_string());
        content["asked"] = json!(expiry.asked.as_secs());
        content["given"] = json!(expiry.given.as_secs());
    }
    extension.insert("token".to_owned(), content);
}

fn registered(document: &Value, context: &Value) -> Option<Registered> {
    let name = context.get("name")?.as_str()?;
    let extensions = context
        .pointer("/context/extensions")
        .and_then(Value::as_array);
    let ours = extensions
        .into_iter()
        .flatten()
        .find(|extension| is_named(extension, ADDED_FROM))
        .and_then(|extension| extension.get("extension"));
    let text = |pointer: &str| Some(ours?.pointer(pointer)?.as_str()?.to_owned());
    let cluster = entries(document, "clusters")
        .iter()
        .find(|cluster| is_named(cluster, name));
    let server = cluster.and_then(|cluster| cluster.pointer("/cluster/server")?.as_str());
    Some(Registered {
        name: name.to_owned(),
        server: server.unwrap_or_default().to_owned(),
        added_from: text("/context"),
        account: ours.and_then(account),
        token: text("/token/secret"),
        expiry: ours.and_then(expiry),
    })
}

fn account(extension: &Value) -> Option<Account> {
    let text = |key: &str| {
        Some(
            extension
                .pointer(&format!("/account/{key}"))?
                .as_str()?
                .to_owned(),
        )
    };
    let names = extension
        .pointer("/account/onlyNamespaces")
        .and_then(Value::as_array);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    Some(Account {
        namespace: text("namespace")?,
        name: text("name")?,
        only_namespaces: names.map(str::to_owned).collect(),
    })
}

fn expiry(extension: &Value) -> Option<Expiry> {
    let seconds = |key: &str| {
        let value = extension.pointer(&format!("/token/{key}"))?.as_u64()?;
        Some(Duration::from_secs(value))
    };
    Some(Expiry {
        at: extension
            .pointer("/token/expires")?
            .as_str()?
            .parse()
            .ok()?,
        asked: seconds("asked")?,
        given: seconds("given")?,
    })
}

/// How the server is reached, with the authority inline, so that the registry stands alone.
fn cluster_entry(source: &Resolved) -> Result<Value> {
    let cluster = &source.cluster;
    let mut entry = Map::new();
    entry.insert("server".to_owned(), json!(cluster.server));
    let authority = match (
        &cluster.certificate_authority_data,
        &cluster.certificate_authority,
    ) {
        (Some(data), _) if !data.is_empty() => Some(data.clone()),
        (_, Some(file)) => {
            let bytes = std::fs::read(file).map_err(|error| {
                Error::config(format!(
                    "cannot read the certificate authority `{}`: {error}",
                    display(file)
                ))
            })?;
            Some(STANDARD.encode(bytes))
        }
        _ => None,
    };
    let optional = [
        ("certificate-authority-data", authority.map(Value::from)),
        (
            "tls-server-name",
            cluster.tls_server_name.clone().map(Value::from),
        ),
        ("proxy-url", cluster.proxy_url.clone().map(Value::from)),
        (
            "disable-compression",
            cluster.disable_compression.map(Value::from),
        ),
        (
            "insecure-skip-tls-verify",
            cluster.insecure_skip_tls_verify.map(Value::from),
        ),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            entry.insert(key.to_owned(), value);
        }
    }
    Ok(Value::Object(entry))
}

fn entries<'a>(document: &'a Value, list: &str) -> &'a [Value] {
    document
        .get(list)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn list_of<'a>(document: &'a mut Value, list: &str) -> Option<&'a mut Vec<Value>> {
    let map = document.as_object_mut()?;
    let value = map.entry(list).or_insert_with(|| json!([]));
    if !value.is_array() {
        *value = json!([]);
    }
    value.as_array_mut()
}

fn is_named(entry: &Value, name: &str) -> bool {
    entry.get("name").and_then(Value::as_str) == Some(name)
}

fn put(document: &mut Value, list: &str, name: &str, key: &str, content: Value) {
    take(document, list, name);
    if let Some(entries) = list_of(document, list) {
        entries.push(json!({"name": name, key: content}));
    }
}

fn take(document: &mut Value, list: &str, name: &str) -> bool {
    let Some(entries) = list_of(document, list) else {
        return false;
    };
    let before = entries.len();
    entries.retain(|entry| !is_named(entry, name));
    entries.len() < before
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Secret;

    fn entry(name: &str, folder: &Path) -> Entry {
        let config = folder.join("admin");
        std::fs::write(folder.join("ca.crt"), "authority").expect("a temporary folder");
        std::fs::write(
            &config,
            "contexts: [{name: admin, context: {cluster: c, user: u}}]\n\
             clusters: [{name: c, cluster: {server: 'https://a:6443', certificate-authority: ca.crt}}]\n\
             users: [{name: u, user: {}}]\n",
        )
        .expect("a temporary folder");
        Entry {
            name: name.to_owned(),
            source: Kubeconfig::load_one(&config)
                .and_then(|kubeconfig| kubeconfig.resolve("admin"))
                .expect("a context"),
            account: Account {
                namespace: "kube-system".to_owned(),
                name: "pushboat-manager".to_owned(),
                only_namespaces: vec!["shop".to_owned()],
            },
            token: token("hunter2"),
        }
    }

    fn token(text: &str) -> Token {
        Token {
            secret: Secret::new(text),
            name: "pushboat-manager-token-1".to_owned(),
            expiry: Some(Expiry {
                at: "2026-01-01T00:00:00Z".parse().expect("a time"),
                asked: Duration::from_secs(7200),
                given: Duration::from_secs(3600),
            }),
        }
    }

    #[test]
    fn what_is_known_of_an_account_and_its_token_comes_back() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let registry = Registry::new(folder.path().join("kubeconfig"));
        let entry = entry("prod", folder.path());
        registry.add(&entry).expect("written");
        let known = registry.list().expect("readable").remove(0);
        assert_eq!(known.account.as_ref(), Some(&entry.account));
        assert_eq!(known.token.as_ref(), Some(&entry.token.name));
        assert_eq!(known.expiry, entry.token.expiry);
        registry.renew("prod", &token("next")).expect("renewed");
        registry.renew("gone", &token("lost")).expect("no one");
        let text = std::fs::read_to_string(registry.path()).expect("a file");
        assert!(text.contains("next") && !text.contains("hunter2") && !text.contains("lost"));
        assert_eq!(registry.list().expect("readable"), [known]);
    }

    #[test]
    fn a_change_that_is_dropped_changes_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let registry = Registry::new(folder.path().join("own/kubeconfig"));
        drop(registry.begin().expect("begins"));
        let left = std::fs::read_dir(folder.path().join("own")).expect("a folder");
        assert_eq!(left.count(), 1, "the lock");
    }

    #[test]
    fn keeps_a_cluster_with_mode_0600_and_gives_it_back_as_a_kubeconfig() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let registry = Registry::new(folder.path().join("pushboat/kubeconfig"));
        registry
            .add(&entry("prod", folder.path()))
            .expect("written");
        registry.add(&entry("dev", folder.path())).expect("written");
        registry
            .add(&entry("prod", folder.path()))
            .expect("replaced");
        let mode = std::fs::metadata(registry.path())
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(registry.warning(), None);
        let names: Vec<_> = registry
            .list()
            .expect("readable")
            .into_iter()
            .map(|known| known.name)
            .collect();
        assert_eq!(names, ["dev", "prod"]);
        let resolved = registry
            .kubeconfig()
            .and_then(|kubeconfig| kubeconfig.resolve("prod"))
            .expect("a context");
        assert_eq!(
            resolved.cluster.certificate_authority_data,
            Some(STANDARD.encode("authority"))
        );
        assert_eq!(resolved.user.token, Some(Secret::new("hunter2")));
        let added_from = registry
            .list()
            .expect("readable")
            .pop()
            .and_then(|known| known.added_from);
        assert_eq!(added_from.as_deref(), Some("admin"));
    }

    #[test]
    fn removes_only_what_was_named_and_leaves_no_temporary_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let registry = Registry::new(folder.path().join("pushboat/kubeconfig"));
        assert_eq!(registry.remove("prod").ok(), Some(false));
        registry
            .add(&entry("prod", folder.path()))
            .expect("written");
        registry.add(&entry("dev", folder.path())).expect("written");
        assert_eq!(registry.remove("prod").ok(), Some(true));
        assert_eq!(registry.remove("prod").ok(), Some(false));
        let text = std::fs::read_to_string(registry.path()).expect("a file");
        assert_eq!(text.matches("hunter2").count(), 1);
        let files = std::fs::read_dir(folder.path().join("pushboat"))
            .expect("a folder")
            .count();
        assert_eq!(files, 2, "the kubeconfig and its lock");
    }

    #[test]
    fn a_broken_file_is_never_overwritten_and_not_quoted() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("kubeconfig");
        std::fs::write(&path, "users: [{token: hunter2").expect("a temporary folder");
        let registry = Registry::new(path.clone());
        let error = registry
            .add(&entry("dev", folder.path()))
            .expect_err("broken");
        assert!(!error.report().contains("hunter2"), "{error}");
        assert_eq!(
            std::fs::read_to_string(path).ok().as_deref(),
            Some("users: [{token: hunter2")
        );
    }
}
