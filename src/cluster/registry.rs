//! pushboat's own kubeconfig: where `cluster add` keeps the credentials it made, with mode 0600, beside the user's own files.
//!
//! It is an ordinary kubeconfig, so kubectl reads it too. Nothing else of pushboat is ever written to the user's folder, and
//! nothing secret anywhere else.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::kubeconfig::{Kubeconfig, Resolved};
use super::secret::Secret;
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
    pub token: Secret,
}

/// What the registry knows of a cluster, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub name: String,
    pub server: String,
    /// The user's context that it was added from; it has the rights to remove what was made.
    pub added_from: Option<String>,
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
        let contexts = entries(&document, "contexts");
        Ok(contexts
            .iter()
            .filter_map(|context| {
                let name = context.get("name")?.as_str()?;
                let added_from = context
                    .pointer("/context/extensions")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .find(|extension| {
                        extension.get("name").and_then(Value::as_str) == Some(ADDED_FROM)
                    })
                    .and_then(|extension| extension.pointer("/extension/context")?.as_str())
                    .map(str::to_owned);
                let server = entries(&document, "clusters")
                    .iter()
                    .find(|cluster| cluster.get("name").and_then(Value::as_str) == Some(name))
                    .and_then(|cluster| cluster.pointer("/cluster/server")?.as_str())
                    .unwrap_or_default()
                    .to_owned();
                Some(Registered {
                    name: name.to_owned(),
                    server,
                    added_from,
                })
            })
            .collect())
    }

    /// Adds a cluster or replaces the one of the same name, everything else kept.
    pub fn add(&self, entry: &Entry) -> Result<()> {
        let cluster = cluster_entry(&entry.source)?;
        self.change(|document| {
            let name = &entry.name;
            let extension =
                json!([{"name": ADDED_FROM, "extension": {"context": entry.source.context}}]);
            put(document, "clusters", name, "cluster", cluster.clone());
            put(
                document,
                "users",
                name,
                "user",
                json!({"token": entry.token.expose()}),
            );
            put(
                document,
                "contexts",
                name,
                "context",
                json!({"cluster": name, "user": name, "extensions": extension}),
            );
            true
        })
        .map(|_| ())
    }

    /// Removes a cluster; `false` when it was not there.
    pub fn remove(&self, name: &str) -> Result<bool> {
        if !self.path.exists() {
            return Ok(false);
        }
        self.change(|document| {
            ["contexts", "clusters", "users"]
                .map(|list| take(document, list, name))
                .contains(&true)
        })
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

    /// Changes the file under a lock, all or nothing.
    fn change(&self, change: impl FnOnce(&mut Value) -> bool) -> Result<bool> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| self.failed("make the folder of", &error))?;
        let lock_path = self.path.with_extension("lock");
        let lock = std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&lock_path)
            .map_err(|error| self.failed("lock", &error))?;
        rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive)
            .map_err(|error| self.failed("lock", &error.into()))?;
        let mut document = self.read()?;
        let has_changed = change(&mut document);
        if has_changed {
            self.write(folder, &document)?;
        }
        Ok(has_changed)
    }

    fn write(&self, folder: &Path, document: &Value) -> Result<()> {
        let text = serde_yaml::to_string(document).map_err(|_| {
            Error::internal("pushboat's own kubeconfig could not be written as YAML")
        })?;
        let temporary = folder.join(format!(".kubeconfig-{}", std::process::id()));
        // One that a killed run left behind may be removed: the lock is ours.
        let _ = std::fs::remove_file(&temporary);
        let written = std::fs::OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&temporary)
            .and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.sync_all()
            })
            .and_then(|()| std::fs::rename(&temporary, &self.path));
        written.map_err(|error| {
            let _ = std::fs::remove_file(&temporary);
            self.failed("write", &error)
        })
    }

    fn failed(&self, verb: &str, error: &std::io::Error) -> Error {
        let path = self.path.to_string_lossy();
        Error::io(format!("cannot {verb} `{}`: {error}", display(&path)))
    }
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
            token: Secret::new("hunter2"),
        }
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
