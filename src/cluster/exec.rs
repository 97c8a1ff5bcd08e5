//! Exec credential plugins: each is run once for all clusters that share it, with a time limit, and never shown.
//!
//! Its standard output is parsed and dropped. What it says on standard error may hold credentials: it goes to the terminal, or where
//! there is none to the log of `-v`, and never into a message, a document or a report.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::process::Stdio;
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;

use super::contexts::Resolved;
use super::credential::bearer;
use super::kubeconfig::{EnvVar, ExecEntry, InteractiveMode};
use super::secret::Secret;
use super::tls::{self, Identity};
use crate::error::{Error, Reason, Result};
use crate::object::display::display;

/// A plugin that needs longer is stuck.
const LIMIT: Duration = Duration::from_secs(60);
/// Credentials are renewed this long before they end.
const EARLY: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);
/// Nobody's credentials are larger.
const MAX_OUTPUT: u64 = 1 << 20;

/// What a plugin gave.
pub struct Credential {
    pub header: Option<HeaderValue>,
    pub identity: Option<Identity>,
    pub expiry: Option<jiff::Timestamp>,
    /// Counts the runs of this plugin.
    pub number: u64,
}

/// One plugin with its arguments, shared by all clusters that name the same.
pub struct Plugin {
    entry: ExecEntry,
    user_name: String,
    info: String,
    interactive: bool,
    limit: Duration,
    last: Mutex<Option<Arc<Credential>>>,
}

type Plugins = std::sync::Mutex<HashMap<(ExecEntry, String), Arc<Plugin>>>;

/// The plugin for an entry: the same one for the same program, arguments, environment and, where it asks for it, cluster.
pub fn plugin(entry: &ExecEntry, resolved: &Resolved, interactive: bool) -> Result<Arc<Plugin>> {
    static PLUGINS: OnceLock<Plugins> = OnceLock::new();
    let plugin = Plugin::new(entry, resolved, interactive)?;
    let mut plugins = PLUGINS
        .get_or_init(Plugins::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let key = (entry.clone(), plugin.info.clone());
    Ok(plugins
        .entry(key)
        .or_insert_with(|| Arc::new(plugin))
        .clone())
}

impl Plugin {
    fn new(entry: &ExecEntry, resolved: &Resolved, interactive: bool) -> Result<Self> {
        let user = display(&resolved.user_name).into_owned();
        let supported = [
            "client.authentication.k8s.io/v1",
            "client.authentication.k8s.io/v1beta1",
        ];
        if !supported.contains(&entry.api_version.as_str()) {
            return Err(Error::config(format!(
                "the exec plugin of user `{user}` has apiVersion `{}`",
                display(&entry.api_version)
            ))
            .hint(format!("use one of {}", supported.join(", "))));
        }
        if entry.command.is_empty() {
            return Err(Error::config(format!(
                "the exec plugin of user `{user}` names no command"
            )));
        }
        let mode = entry
            .interactive_mode
            .unwrap_or(InteractiveMode::IfAvailable);
        if mode == InteractiveMode::Always && !interactive {
            return Err(Error::config(format!(
                "the exec plugin of user `{user}` always needs a terminal, and there is none for it"
            ))
            .hint("run the command for this cluster alone on a terminal first"));
        }
        let interactive = interactive && mode != InteractiveMode::Never;
        Ok(Self {
            entry: entry.clone(),
            user_name: user,
            info: exec_info(entry, resolved, interactive)?,
            interactive,
            limit: LIMIT,
            last: Mutex::new(None),
        })
    }

    /// Credentials that are good for a while; runs the plugin where there are none. Only one run at a time.
    pub async fn credential(&self) -> Result<Arc<Credential>> {
        let mut last = self.last.lock().await;
        if let Some(credential) = &*last
            && credential
                .expiry
                .is_none_or(|expiry| expiry.duration_since(jiff::Timestamp::now()) > EARLY)
        {
            return Ok(credential.clone());
        }
        self.renew(&mut last).await
    }

    /// Runs the plugin again after a 401, unless somebody did since `used` was current.
    pub async fn refresh(&self, used: Option<&HeaderValue>) -> Result<()> {
        let mut last = self.last.lock().await;
        let is_stale = last
            .as_ref()
            .is_none_or(|credential| credential.header.as_ref() == used);
        if is_stale {
            self.renew(&mut last).await?;
        }
        Ok(())
    }

    /// The end of the credentials last given; runs nothing.
    pub async fn known_expiry(&self) -> Option<jiff::Timestamp> {
        self.last.lock().await.as_ref()?.expiry
    }

    async fn renew(&self, last: &mut Option<Arc<Credential>>) -> Result<Arc<Credential>> {
        let number = last.as_ref().map_or(1, |credential| credential.number + 1);
        let output = self.run().await?;
        let credential = Arc::new(self.read(&output, number)?);
        *last = Some(credential.clone());
        Ok(credential)
    }

    /// The error when the command's own time ended before the plugin did.
    pub fn too_late(&self) -> Error {
        self.error("did not end within `--timeout`")
            .hint("run the plugin by hand to see what it waits for, or give the command more time")
    }

    fn error(&self, what: impl std::fmt::Display) -> Error {
        Error::new(
            Reason::Unauthorized,
            format!(
                "the exec plugin `{}` of user `{}` {what}",
                display(&self.entry.command),
                self.user_name
            ),
        )
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.entry.command);
        command
            .args(&self.entry.args)
            .env("KUBERNETES_EXEC_INFO", &self.info)
            .stdin(if self.interactive {
                Stdio::inherit()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .stderr(if self.interactive || std::io::stderr().is_terminal() {
                Stdio::inherit()
            } else {
                Stdio::piped()
            })
            .kill_on_drop(true);
        for EnvVar { name, value } in &self.entry.env {
            command.env(name, value.expose());
        }
        if !self.interactive {
            // A group of its own, so that its children end with it. A plugin that reads the terminal must stay in ours.
            command.process_group(0);
        }
        command
    }

    async fn run(&self) -> Result<Vec<u8>> {
        let mut child = self.command().spawn().map_err(|error| {
            let error = match error.kind() {
                std::io::ErrorKind::NotFound => self.error("was not found"),
                _ => self.error(format!("could not be started: {error}")),
            };
            match self.entry.install_hint.trim() {
                "" => error,
                hint => error.hint(display(hint).into_owned()),
            }
        })?;
        let group = Group::of(&child, self.interactive);
        let name = display(&self.entry.command);
        let (output, status) =
            match tokio::time::timeout(self.limit, collect(&mut child, &name)).await {
                Ok(result) => {
                    result.map_err(|error| self.error(format!("could not be read: {error}")))?
                }
                Err(_) => {
                    group.kill();
                    let _ = child.kill().await;
                    return Err(self.error(format!(
                        "did not end within {} s and was stopped",
                        self.limit.as_secs()
                    )));
                }
            };
        if !status.success() {
            let code = status.code().map_or_else(
                || "was ended by a signal".to_owned(),
                |code| format!("failed with code {code}"),
            );
            return Err(self
                .error(code)
                .hint("`-v` shows what it says; it may hold credentials"));
        }
        Ok(output)
    }

    fn read(&self, output: &[u8], number: u64) -> Result<Credential> {
        // The parser's words would quote the output, which holds the token.
        let credential: ExecCredential = serde_json::from_slice(output)
            .map_err(|_| self.error("did not print an ExecCredential"))?;
        if credential.kind != "ExecCredential" || credential.api_version != self.entry.api_version {
            return Err(self.error(format!(
                "printed something other than an ExecCredential of {}",
                self.entry.api_version
            )));
        }
        let status = credential
            .status
            .ok_or_else(|| self.error("printed an ExecCredential without status"))?;
        let header = status
            .token
            .filter(|token| !token.is_empty())
            .map(|token| bearer(&token))
            .transpose()?;
        let identity = match (status.client_certificate_data, status.client_key_data) {
            (Some(certificate), Some(key)) => Some(Identity { certificate, key }),
            _ => None,
        };
        if header.is_none() && identity.is_none() {
            return Err(self.error("gave neither a token nor a client certificate"));
        }
        let expiry = status
            .expiration_timestamp
            .map(|text| {
                text.parse::<jiff::Timestamp>()
                    .map_err(|_| self.error("gave an expirationTimestamp that is not a time"))
            })
            .transpose()?;
        Ok(Credential {
            header,
            identity,
            expiry,
            number,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential {
    kind: String,
    api_version: String,
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: Option<Secret>,
    client_certificate_data: Option<String>,
    client_key_data: Option<Secret>,
    expiration_timestamp: Option<String>,
}

/// The process group of a plugin.
struct Group(Option<rustix::process::Pid>);

impl Group {
    fn of(child: &Child, is_ours: bool) -> Self {
        Self(
            child
                .id()
                .filter(|_| !is_ours)
                .and_then(|id| i32::try_from(id).ok())
                .and_then(rustix::process::Pid::from_raw),
        )
    }

    fn kill(&self) {
        if let Some(pid) = self.0 {
            // It may have ended by itself meanwhile.
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for Group {
    /// Nothing that the plugin started may outlive it, also when the command is interrupted.
    fn drop(&mut self) {
        self.kill();
    }
}

type Collected = (Vec<u8>, std::process::ExitStatus);

async fn collect(child: &mut Child, name: &str) -> std::io::Result<Collected> {
    let mut output = Vec::new();
    let stdout = child.stdout.take();
    let stderr = child.stderr.take();
    let read_output = async {
        match stdout {
            Some(stdout) => stdout.take(MAX_OUTPUT).read_to_end(&mut output).await,
            None => Ok(0),
        }
    };
    let read_errors = async {
        let Some(stderr) = stderr else {
            return std::io::Result::Ok(());
        };
        let mut lines = BufReader::new(stderr.take(MAX_OUTPUT)).split(b'\n');
        while let Some(line) = lines.next_segment().await? {
            let line = String::from_utf8_lossy(&line);
            tracing::info!(target: "pushboat", "{name}: {}", display(line.trim_end()));
        }
        Ok(())
    };
    let (read, read_too) = futures::join!(read_output, read_errors);
    read?;
    read_too?;
    let status = child.wait().await?;
    Ok((output, status))
}

fn exec_info(entry: &ExecEntry, resolved: &Resolved, interactive: bool) -> Result<String> {
    let mut spec = json!({ "interactive": interactive });
    if entry.provide_cluster_info {
        let cluster = &resolved.cluster;
        let mut info = json!({ "server": cluster.server });
        if let Some(name) = &cluster.tls_server_name {
            info["tls-server-name"] = json!(name);
        }
        if cluster.insecure_skip_tls_verify == Some(true) {
            info["insecure-skip-tls-verify"] = json!(true);
        }
        if let Some(data) = tls::authority_data(cluster)? {
            info["certificate-authority-data"] = json!(data);
        }
        if let Some(url) = &cluster.proxy_url {
            info["proxy-url"] = json!(url);
        }
        let config = cluster
            .extensions
            .iter()
            .flatten()
            .find(|extension| extension.name == "client.authentication.k8s.io/exec");
        if let Some(config) = config {
            info["config"] = config.extension.clone();
        }
        spec["cluster"] = info;
    }
    let info = json!({"apiVersion": entry.api_version, "kind": "ExecCredential", "spec": spec});
    Ok(info.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(command: &str, args: &[&str]) -> Resolved {
        let entry = ExecEntry {
            api_version: "client.authentication.k8s.io/v1".to_owned(),
            command: command.to_owned(),
            args: args.iter().map(|&arg| arg.to_owned()).collect(),
            ..ExecEntry::default()
        };
        Resolved {
            context: "dev".to_owned(),
            cluster_name: "c".to_owned(),
            user_name: "u".to_owned(),
            cluster: Default::default(),
            user: super::super::kubeconfig::UserEntry {
                exec: Some(entry),
                ..Default::default()
            },
            namespace: None,
            file: Default::default(),
        }
    }

    fn shell(script: &str) -> Resolved {
        resolved("/bin/sh", &["-c", script])
    }

    fn get(resolved: &Resolved) -> Arc<Plugin> {
        let entry = resolved.user.exec.as_ref().expect("made above");
        plugin(entry, resolved, false).expect("a valid entry")
    }

    const GOOD: &str = r#"echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"hunter2"}}'"#;

    #[tokio::test]
    async fn runs_once_for_all_clusters_that_share_it_and_again_after_a_401() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let count = folder.path().join("count");
        let resolved = shell(&format!("echo x >> {}; {GOOD}", count.display()));
        let runs = || {
            std::fs::read_to_string(&count)
                .expect("written by the plugin")
                .lines()
                .count()
        };
        let plugins: Vec<_> = (0..50).map(|_| get(&resolved)).collect();
        futures::future::join_all(plugins.iter().map(|plugin| plugin.credential())).await;
        assert_eq!(runs(), 1);
        let used = plugins[0]
            .credential()
            .await
            .expect("a token")
            .header
            .clone();
        for plugin in &plugins {
            plugin.refresh(used.as_ref()).await.expect("a token");
        }
        assert!(
            runs() <= 51,
            "the token is the same, so each 401 asks again"
        );
    }

    #[tokio::test]
    async fn a_failing_plugin_is_named_and_its_token_is_not_shown() {
        let script =
            "echo hunter2-token; echo eyJhbGciOiJSUzI1NiIsImtpZCI6 please log in >&2; exit 3";
        let plugin = get(&shell(script));
        let error = plugin.credential().await.err().expect("it fails");
        assert_eq!(
            error.message(),
            "the exec plugin `/bin/sh` of user `u` failed with code 3"
        );
        let plugin = get(&shell("echo hunter2-token"));
        let error = plugin.credential().await.err().expect("garbage");
        assert!(!error.message().contains("hunter2"), "{error}");
    }

    #[tokio::test]
    async fn a_stuck_plugin_ends_with_its_children() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("pid");
        let resolved = shell(&format!("sleep 300 & echo $! > {}; wait", file.display()));
        let entry = resolved.user.exec.as_ref().expect("made above");
        let mut plugin = Plugin::new(entry, &resolved, false).expect("a valid entry");
        plugin.limit = Duration::from_millis(500);
        let error = plugin.credential().await.err().expect("it is stuck");
        assert!(error.message().contains("did not end within"), "{error}");
        let pid = std::fs::read_to_string(&file).expect("written by the plugin");
        let stat =
            || std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        for _ in 0..100 {
            if stat().is_empty() || stat().contains(") Z ") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the child is still there: {}", stat());
    }

    #[tokio::test]
    async fn a_missing_program_names_user_and_install_hint() {
        let mut resolved = resolved("no-such-program-here", &[]);
        if let Some(entry) = &mut resolved.user.exec {
            entry.install_hint = "install it".to_owned();
        }
        let error = get(&resolved).credential().await.err().expect("not there");
        assert_eq!(
            error.report(),
            "error: the exec plugin `no-such-program-here` of user `u` was not found\nhint: install it"
        );
    }
}
