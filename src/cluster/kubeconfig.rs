//! Kubeconfig files: what stands in them, and reading each once. What a context stands for is found by `contexts`.
//!
//! It never reads the environment and runs no plugin. Paths inside a file are relative to it.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::secret::Secret;
use crate::error::{Error, Result};
use crate::object::display::display;

/// A kubeconfig larger than this is not one.
const MAX_BYTES: u64 = 16 << 20;

/// How to reach a server, as a kubeconfig's `clusters` entry says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct ClusterEntry {
    pub server: Option<String>,
    pub insecure_skip_tls_verify: Option<bool>,
    pub certificate_authority: Option<String>,
    pub certificate_authority_data: Option<String>,
    pub proxy_url: Option<String>,
    pub disable_compression: Option<bool>,
    pub tls_server_name: Option<String>,
    pub extensions: Option<Vec<Extension>>,
}

/// Free data for plugins.
#[derive(Debug, Clone, Deserialize)]
pub struct Extension {
    pub name: String,
    #[serde(default)]
    pub extension: Value,
}

/// Who one is, as a kubeconfig's `users` entry says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct UserEntry {
    pub username: Option<String>,
    pub password: Option<Secret>,
    pub token: Option<Secret>,
    #[serde(alias = "tokenFile")]
    pub token_file: Option<String>,
    pub client_certificate: Option<String>,
    pub client_certificate_data: Option<String>,
    pub client_key: Option<String>,
    pub client_key_data: Option<Secret>,
    #[serde(rename = "as")]
    pub impersonate: Option<String>,
    #[serde(rename = "as-uid")]
    pub impersonate_uid: Option<String>,
    #[serde(rename = "as-groups")]
    pub impersonate_groups: Option<Vec<String>>,
    #[serde(rename = "as-user-extra")]
    pub impersonate_extra: Option<std::collections::BTreeMap<String, Vec<String>>>,
    pub auth_provider: Option<AuthProvider>,
    pub exec: Option<ExecEntry>,
}

/// A provider that kubectl no longer has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AuthProvider {
    #[serde(default)]
    pub name: String,
}

/// A program that prints credentials.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ExecEntry {
    #[serde(deserialize_with = "null_as_default")]
    pub api_version: String,
    #[serde(deserialize_with = "null_as_default")]
    pub command: String,
    #[serde(deserialize_with = "null_as_default")]
    pub args: Vec<String>,
    #[serde(deserialize_with = "null_as_default")]
    pub env: Vec<EnvVar>,
    #[serde(deserialize_with = "null_as_default")]
    pub install_hint: String,
    pub interactive_mode: Option<InteractiveMode>,
    #[serde(deserialize_with = "null_as_default")]
    pub provide_cluster_info: bool,
}

/// A variable for a plugin; its value may be a password.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub struct EnvVar {
    pub name: String,
    #[serde(default, deserialize_with = "null_as_default")]
    pub value: Secret,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum InteractiveMode {
    Never,
    IfAvailable,
    Always,
}

fn null_as_default<'de, D, T>(deserializer: D) -> std::result::Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct ContextEntry {
    #[serde(default, deserialize_with = "null_as_default")]
    pub(super) cluster: String,
    #[serde(default, deserialize_with = "null_as_default")]
    pub(super) user: String,
    #[serde(default)]
    pub(super) namespace: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Named<T> {
    pub(super) name: String,
    #[serde(alias = "cluster", alias = "user", alias = "context")]
    pub(super) entry: Option<T>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Document {
    kind: Option<String>,
    current_context: Option<String>,
    #[serde(deserialize_with = "null_as_default")]
    pub(super) clusters: Vec<Named<ClusterEntry>>,
    #[serde(deserialize_with = "null_as_default")]
    pub(super) users: Vec<Named<UserEntry>>,
    #[serde(deserialize_with = "null_as_default")]
    pub(super) contexts: Vec<Named<ContextEntry>>,
}

impl Document {
    /// An empty text is no value, as for kubectl. An empty token stays: a person meant to give one.
    fn unset_empty(&mut self) {
        let unset = |text: &mut Option<String>| *text = text.take().filter(|it| !it.is_empty());
        for cluster in self.clusters.iter_mut().filter_map(|it| it.entry.as_mut()) {
            let texts = [
                &mut cluster.server,
                &mut cluster.certificate_authority,
                &mut cluster.certificate_authority_data,
                &mut cluster.proxy_url,
                &mut cluster.tls_server_name,
            ];
            texts.into_iter().for_each(unset);
        }
        for user in self.users.iter_mut().filter_map(|it| it.entry.as_mut()) {
            let texts = [
                &mut user.username,
                &mut user.client_certificate,
                &mut user.client_certificate_data,
                &mut user.client_key,
                &mut user.impersonate,
                &mut user.impersonate_uid,
            ];
            texts.into_iter().for_each(unset);
        }
        for context in self.contexts.iter_mut().filter_map(|it| it.entry.as_mut()) {
            unset(&mut context.namespace);
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) document: Document,
}

/// All kubeconfig files of a run, each read once.
#[derive(Debug, Clone, Default)]
pub struct Kubeconfig {
    /// Each a list of files whose entries belong together, as those of one `KUBECONFIG` do.
    pub(super) lists: Vec<Vec<File>>,
    notes: Vec<String>,
}

impl Kubeconfig {
    /// Reads the files of a `KUBECONFIG` list; one that is not there is skipped with a note, as kubectl does.
    pub fn load(paths: &[PathBuf]) -> Result<Self> {
        let mut kubeconfig = Self::default();
        for path in paths.iter().filter(|path| !path.as_os_str().is_empty()) {
            if kubeconfig.files().any(|known| known == path) {
                continue;
            }
            match read(path)? {
                Some(bytes) => kubeconfig.add(path, &bytes)?,
                None => kubeconfig.notes.push(format!(
                    "kubeconfig `{}` is not there and was skipped",
                    display(&path.to_string_lossy())
                )),
            }
        }
        Ok(kubeconfig)
    }

    /// Reads one file that was asked for by name and must be there.
    pub fn load_one(path: &Path) -> Result<Self> {
        let bytes = read(path)?.ok_or_else(|| {
            Error::config(format!(
                "no kubeconfig `{}`",
                display(&path.to_string_lossy())
            ))
        })?;
        let mut kubeconfig = Self::default();
        kubeconfig.add(path, &bytes)?;
        Ok(kubeconfig)
    }

    /// Reads a kubeconfig that came from a cluster or a repository: it may neither run programs, nor read files, nor switch
    /// verification off. `name` is what messages call it.
    pub fn restricted(bytes: &[u8], name: &str) -> Result<Self> {
        let kubeconfig = Self::parse(bytes, name)?;
        for file in kubeconfig.lists.iter().flatten() {
            refuse_powers(&file.document).map_err(|error| error.at(name, 0, 0))?;
        }
        Ok(kubeconfig)
    }

    /// A kubeconfig in memory, of pushboat's own making.
    pub(super) fn parse(bytes: &[u8], name: &str) -> Result<Self> {
        let mut kubeconfig = Self::default();
        kubeconfig.add(Path::new(name), bytes)?;
        Ok(kubeconfig)
    }

    /// Adds the contexts of `other` after those known already. No entry of one is looked for in the other.
    pub fn append(&mut self, other: Self) {
        for mut list in other.lists {
            list.retain(|file| !self.files().any(|known| known == file.path));
            self.lists.push(list);
        }
        self.notes.extend(other.notes);
    }

    fn add(&mut self, path: &Path, bytes: &[u8]) -> Result<()> {
        let document = parse(bytes, &path.to_string_lossy())?;
        if self.lists.is_empty() {
            self.lists.push(Vec::new());
        }
        self.lists[0].push(File {
            path: path.to_owned(),
            document,
        });
        Ok(())
    }

    /// Files that were skipped and the like, each one sentence.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.lists.iter().flatten().map(|file| file.path.as_path())
    }

    /// The first `current-context` of the files. Only a caller that was asked for exactly one cluster may use it.
    pub fn current_context(&self) -> Option<&str> {
        self.lists
            .iter()
            .flatten()
            .filter_map(|file| file.document.current_context.as_deref())
            .find(|context| !context.is_empty())
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    let shown = display(&path.to_string_lossy()).into_owned();
    let failed =
        |error: std::io::Error| Error::config(format!("cannot read kubeconfig `{shown}`: {error}"));
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if meta.is_dir() {
        return Err(Error::config(format!(
            "kubeconfig `{shown}` is a directory"
        )));
    }
    if meta.len() > MAX_BYTES {
        return Err(Error::config(format!(
            "kubeconfig `{shown}` is larger than 16 MiB"
        )));
    }
    std::fs::read(path).map(Some).map_err(failed)
}

fn parse(bytes: &[u8], path: &str) -> Result<Document> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Error::config("the kubeconfig is not UTF-8 text").at(path, 0, 0))?;
    let text = text.trim_start_matches('\u{feff}');
    let broken = |error: serde_yaml::Error| {
        let (line, column) = error
            .location()
            .map_or((0, 0), |place| (place.line(), place.column()));
        // The parser's words may quote a token, so only their beginning up to a quoted value is kept.
        Error::config(format!(
            "not a valid kubeconfig: {}",
            display(&safe_words(&error.to_string()))
        ))
        .at(
            path,
            u32::try_from(line).unwrap_or(0),
            u32::try_from(column).unwrap_or(0),
        )
    };
    let mut documents = serde_yaml::Deserializer::from_str(text);
    let Some(first) = documents.next() else {
        return Ok(Document::default());
    };
    let document = match text.contains("<<") {
        // As kubectl's parser does it; an error has no place then.
        true => serde_yaml::Value::deserialize(first).and_then(|mut value| {
            value.apply_merge()?;
            serde_yaml::from_value::<Option<Document>>(value)
        }),
        false => Option::<Document>::deserialize(first),
    };
    let mut document = document.map_err(broken)?.unwrap_or_default();
    document.unset_empty();
    match document.kind.as_deref() {
        None | Some("Config" | "") => Ok(document),
        Some(kind) => Err(Error::config(format!(
            "not a kubeconfig: its kind is `{}`",
            display(kind)
        ))
        .at(path, 0, 0)),
    }
}

/// The parser's message without any value it quotes.
fn safe_words(message: &str) -> String {
    let cut = message
        .find("string \"")
        .or_else(|| message.find('"'))
        .unwrap_or(message.len());
    message
        .chars()
        .take(message[..cut].chars().count().min(160))
        .collect()
}

fn absolute(path: Option<String>, file: &Path) -> Option<String> {
    path.filter(|path| !path.is_empty()).map(|path| {
        file.parent()
            .map_or_else(|| PathBuf::from(&path), |parent| parent.join(&path))
            .to_string_lossy()
            .into_owned()
    })
}

pub(super) fn absolute_cluster(cluster: ClusterEntry, file: &Path) -> ClusterEntry {
    ClusterEntry {
        certificate_authority: absolute(cluster.certificate_authority, file),
        ..cluster
    }
}

pub(super) fn absolute_user(user: UserEntry, file: &Path) -> UserEntry {
    UserEntry {
        token_file: absolute(user.token_file, file),
        client_certificate: absolute(user.client_certificate, file),
        client_key: absolute(user.client_key, file),
        exec: user.exec.map(|mut exec| {
            // A bare name is looked up in PATH; a name with a separator is relative to the file, as in kubectl.
            if exec.command.contains(['/', '\\']) {
                exec.command = absolute(Some(exec.command), file).unwrap_or_default();
            }
            exec
        }),
        ..user
    }
}

fn refuse_powers(document: &Document) -> Result<()> {
    let refused = |what: &str| {
        Error::config(format!(
            "this kubeconfig comes from outside and may not use {what}"
        ))
        .hint("only inline data is taken: certificate-authority-data, client-certificate-data, client-key-data, token")
    };
    for cluster in document
        .clusters
        .iter()
        .filter_map(|named| named.entry.as_ref())
    {
        if cluster.certificate_authority.is_some() {
            return Err(refused("a certificate-authority file"));
        }
        if cluster.insecure_skip_tls_verify == Some(true) {
            return Err(refused("insecure-skip-tls-verify"));
        }
    }
    for user in document
        .users
        .iter()
        .filter_map(|named| named.entry.as_ref())
    {
        let powers = [
            (user.exec.is_some(), "exec plugins"),
            (user.auth_provider.is_some(), "auth providers"),
            (user.token_file.is_some(), "token files"),
            (user.client_certificate.is_some(), "certificate files"),
            (user.client_key.is_some(), "key files"),
        ];
        if let Some((_, what)) = powers.iter().find(|(used, _)| *used) {
            return Err(refused(what));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "
apiVersion: v1
kind: Config
current-context: dev
contexts: [{name: dev, context: {cluster: c, user: u, namespace: shop}}]
clusters: [{name: c, cluster: {server: 'https://a:6443', certificate-authority: ca.crt}}]
users: [{name: u, user: {tokenFile: token, exec: {command: bin/get-token, args: null}}}]
";

    fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file in a temporary folder");
        path
    }

    #[test]
    fn paths_are_relative_to_their_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = write(folder.path(), "config", ONE);
        let resolved = Kubeconfig::load(&[path])
            .and_then(|kubeconfig| kubeconfig.resolve("dev"))
            .expect("a context");
        let inside = |name: &str| Some(folder.path().join(name).to_string_lossy().into_owned());
        assert_eq!(resolved.cluster.certificate_authority, inside("ca.crt"));
        assert_eq!(resolved.user.token_file, inside("token"));
        let command = resolved.user.exec.map(|exec| exec.command);
        assert_eq!(command, inside("bin/get-token"));
        assert_eq!(resolved.namespace.as_deref(), Some("shop"));
    }

    #[test]
    fn merge_keys_merge_and_empty_texts_are_no_values() {
        let text = "
x-ca: &ca {certificate-authority-data: eA==, proxy-url: 'http://p'}
x-user: &u {username: a, password: b}
contexts: [{name: dev, context: {cluster: c, user: u, namespace: ''}}]
clusters: [{name: c, cluster: {<<: *ca, server: 'https://a', proxy-url: '', tls-server-name: ''}}]
users: [{name: u, user: {<<: *u, client-certificate: '', token: ''}}]
";
        let resolved = Kubeconfig::parse(text.as_bytes(), "k")
            .and_then(|kubeconfig| kubeconfig.resolve("dev"))
            .expect("a context");
        let cluster = resolved.cluster;
        assert_eq!(cluster.certificate_authority_data.as_deref(), Some("eA=="));
        assert_eq!((cluster.proxy_url, cluster.tls_server_name), (None, None));
        assert_eq!(resolved.user.username.as_deref(), Some("a"));
        assert_eq!(
            (resolved.user.client_certificate, resolved.namespace),
            (None, None)
        );
        let broken = Kubeconfig::parse(b"clusters: [{name: c, cluster: {<<: 1}}]", "k");
        assert!(broken.is_err());
    }

    #[test]
    fn a_null_is_no_value_and_json_is_a_kubeconfig_too() {
        let entries = "\"users\": [{\"name\": \"u\", \"user\": {\"exec\": {\"apiVersion\": \"v1\", \"command\": \"a\",
              \"installHint\": null, \"args\": null, \"env\": [{\"name\": \"A\", \"value\": null}], \"interactiveMode\": null}}}],
            \"clusters\": [{\"name\": \"c\", \"cluster\": {\"server\": \"https://a\", \"extensions\": null, \"unknown\": 1,
              \"insecure-skip-tls-verify\": null}}],
            \"contexts\": [{\"name\": \"dev\", \"context\": {\"cluster\": \"c\", \"user\": \"u\", \"namespace\": null}},
              {\"name\": \"anonymous\", \"context\": {\"cluster\": \"c\", \"user\": null}}], \"preferences\": {}";
        // The second way to read is the one of merge keys.
        for more in ["", ", \"x\": \"<<\""] {
            let text = format!("{{{entries}{more}}}");
            let kubeconfig = Kubeconfig::parse(text.as_bytes(), "k").expect(more);
            let exec = kubeconfig.resolve("dev").expect("a context").user.exec;
            let exec = exec.expect("a plugin");
            assert_eq!((exec.install_hint.as_str(), exec.args.len()), ("", 0));
            assert_eq!(exec.env[0].value.expose(), "");
            let anonymous = kubeconfig.resolve("anonymous").expect("a context");
            assert_eq!(anonymous.user, UserEntry::default());
        }
    }

    #[test]
    fn a_missing_file_of_a_list_is_noted() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let missing = folder.path().join("gone");
        let there = write(folder.path(), "there", ONE);
        let kubeconfig = Kubeconfig::load(&[missing, there]).expect("one file");
        assert_eq!(kubeconfig.notes().len(), 1);
        assert!(kubeconfig.resolve("dev").is_ok());
    }

    #[test]
    fn errors_name_file_and_line_and_never_quote_a_value() {
        let text = "users:\n- name: u\n  user: hunter2\n";
        let error = parse(text.as_bytes(), "conf").expect_err("a text is no user");
        assert!(error.to_string().starts_with("conf:3:"), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_kubeconfig_from_outside_has_no_powers() {
        for line in [
            "users: [{name: u, user: {exec: {command: sh}}}]",
            "users: [{name: u, user: {tokenFile: /etc/passwd}}]",
            "users: [{name: u, user: {client-key: /etc/passwd}}]",
            "users: [{name: u, user: {auth-provider: {name: gcp}}}]",
            "clusters: [{name: c, cluster: {server: 'https://a', certificate-authority: /x}}]",
            "clusters: [{name: c, cluster: {server: 'https://a', insecure-skip-tls-verify: true}}]",
        ] {
            assert!(
                Kubeconfig::restricted(line.as_bytes(), "secret x").is_err(),
                "{line}"
            );
        }
        let inline = "users: [{name: u, user: {token: abc}}]";
        assert!(Kubeconfig::restricted(inline.as_bytes(), "secret x").is_ok());
    }

    #[test]
    fn debug_shows_no_secret() {
        let text = "users: [{name: u, user: {token: hunter2, password: hunter2, client-key-data: hunter2, \
                    exec: {command: a, env: [{name: A, value: hunter2}]}}}]";
        let mut kubeconfig = Kubeconfig::default();
        kubeconfig
            .add(Path::new("x"), text.as_bytes())
            .expect("valid");
        assert!(!format!("{kubeconfig:?}").contains("hunter2"));
    }
}
