//! A real control plane in a folder of its own: etcd and an API server, with `full` also the controllers, the scheduler
//! and kwok's fake node, so that workloads become ready.

use super::api;
use super::audit::{self, Event};
use super::certificate::{Authority, Identity, signing_key};
use super::process::{Finished, Server, finish};
use super::programs::{program, stages};
use super::wait::within;
use base64::prelude::{BASE64_STANDARD, Engine};
use rustix::process::Signal;
use rustls::ClientConfig;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// What a control plane is made of besides its API server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Etcd,
    ApiServer,
}

/// How a control plane should be. The default is bare: an API server and nothing that acts by itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// The context in the kubeconfig; `test` when empty.
    pub(crate) name: String,
    /// With controllers, a scheduler and a node.
    pub(crate) full: bool,
    /// More arguments for the API server.
    pub(crate) api_server: Vec<String>,
    /// More arguments for etcd.
    pub(crate) etcd: Vec<String>,
}

/// A running control plane; dropping it stops it and removes its folder.
pub(crate) struct ControlPlane {
    options: Options,
    dir: PathBuf,
    etcd_port: u16,
    port: u16,
    authority: Authority,
    admin: Identity,
    tls: Arc<ClientConfig>,
    controllers: Vec<Server>,
    api_server: Option<Server>,
    etcd: Option<Server>,
}

impl ControlPlane {
    /// Starts etcd and an API server.
    pub(crate) fn bare() -> Self {
        Self::start(Options::default())
    }

    /// Starts a control plane whose Deployments, StatefulSets and Jobs come to life.
    pub(crate) fn full() -> Self {
        Self::start(Options {
            full: true,
            ..Options::default()
        })
    }

    /// Returns the bare control plane that all tests share, each in namespaces of its own. It ends with the process.
    pub(crate) fn shared() -> &'static Self {
        static PLANE: OnceLock<ControlPlane> = OnceLock::new();
        PLANE.get_or_init(Self::bare)
    }

    /// Returns the full control plane that all tests share.
    pub(crate) fn shared_full() -> &'static Self {
        static PLANE: OnceLock<ControlPlane> = OnceLock::new();
        PLANE.get_or_init(Self::full)
    }

    pub(crate) fn start(mut options: Options) -> Self {
        if options.name.is_empty() {
            options.name = "test".into();
        }
        // The folder goes with the last of the servers, see `Server`.
        let dir = tempfile::Builder::new()
            .prefix("pushboat-plane-")
            .tempdir()
            .unwrap()
            .keep();
        let authority = Authority::new("control plane");
        let admin = authority.user("admin", "system:masters");
        let tls = api::trusting(&authority, Some(&admin));
        let (etcd_port, port) = (free_port(), free_port());
        let mut plane = Self {
            options,
            dir,
            etcd_port,
            port,
            authority,
            admin,
            tls,
            controllers: Vec::new(),
            api_server: None,
            etcd: None,
        };
        plane.write_files();
        plane.start_servers();
        if plane.options.full {
            plane.start_controllers();
        }
        plane
    }

    fn write_files(&self) {
        let server = self.authority.server(&[
            "127.0.0.1",
            "10.0.0.1",
            "localhost",
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
        ]);
        let (private, public) = signing_key();
        self.write("ca.crt", &self.authority.pem);
        self.write("tls.crt", &server.certificate);
        self.write("tls.key", &server.key);
        self.write("sa.key", &private);
        self.write("sa.pub", &public);
        self.write("audit-policy.yaml", audit::POLICY);
        self.write("kubeconfig", &self.kubeconfig_of(&self.admin));
    }

    /// Another program may take a free port before ours does: then both servers start again on other ports.
    fn start_servers(&mut self) {
        for _ in 0..5 {
            self.start_part(Part::Etcd);
            self.start_part(Part::ApiServer);
            if self.is_ready_within(Duration::from_secs(60)) {
                return;
            }
            let ended = self.api_server.as_ref().is_some_and(Server::has_ended);
            assert!(
                ended,
                "the API server did not become ready\n{}",
                self.last_words()
            );
            eprintln!(
                "starting the control plane once more\n{}",
                self.last_words()
            );
            self.stop_part(Part::ApiServer);
            self.stop_part(Part::Etcd);
            (self.etcd_port, self.port) = (free_port(), free_port());
            self.write_files();
        }
        panic!("the control plane did not start");
    }

    fn is_ready_within(&self, limit: Duration) -> bool {
        let ended = || self.api_server.as_ref().is_some_and(Server::has_ended);
        within(limit, || match self.request("GET", "/readyz", None) {
            Ok((200, _)) => Some(true),
            _ if ended() => Some(false),
            _ => None,
        })
        .unwrap_or(false)
    }

    fn last_words(&self) -> String {
        let words =
            |server: &Option<Server>| server.as_ref().map(Server::last_words).unwrap_or_default();
        format!(
            "--- kube-apiserver\n{}\n--- etcd\n{}",
            words(&self.api_server),
            words(&self.etcd)
        )
    }

    fn start_part(&mut self, part: Part) {
        match part {
            Part::Etcd => {
                let args = self.etcd_args();
                self.etcd = Some(Server::start(&self.dir, &program("etcd"), &args));
            }
            Part::ApiServer => {
                let args = self.api_server_args();
                self.api_server = Some(Server::start(&self.dir, &program("kube-apiserver"), &args));
            }
        }
    }

    /// Kills one server and waits until it is gone.
    pub(crate) fn stop_part(&mut self, part: Part) {
        let server = match part {
            Part::Etcd => self.etcd.take(),
            Part::ApiServer => self.api_server.take(),
        };
        server.into_iter().for_each(Server::stop);
    }

    /// Starts a stopped server again on its old port, and waits until the API server is ready.
    pub(crate) fn restart_part(&mut self, part: Part) {
        self.start_part(part);
        let ready = self.is_ready_within(Duration::from_secs(60));
        assert!(ready, "not ready after a restart\n{}", self.last_words());
    }

    /// Sends a signal to one server, such as `Signal::STOP`.
    pub(crate) fn signal(&self, part: Part, signal: Signal) {
        let server = match part {
            Part::Etcd => &self.etcd,
            Part::ApiServer => &self.api_server,
        };
        server.as_ref().unwrap().signal(signal);
    }

    fn etcd_args(&self) -> Vec<String> {
        let client = format!("http://127.0.0.1:{}", self.etcd_port);
        let mut args = vec![
            format!("--data-dir={}", self.path("etcd").display()),
            "--unsafe-no-fsync".into(),
            format!("--listen-client-urls={client}"),
            format!("--advertise-client-urls={client}"),
            "--listen-peer-urls=http://127.0.0.1:0".into(),
        ];
        args.extend(self.options.etcd.iter().cloned());
        args
    }

    fn api_server_args(&self) -> Vec<String> {
        let file = |name: &str| self.path(name).display().to_string();
        let mut args = vec![
            format!("--etcd-servers=http://127.0.0.1:{}", self.etcd_port),
            "--bind-address=127.0.0.1".into(),
            "--advertise-address=127.0.0.1".into(),
            format!("--secure-port={}", self.port),
            format!("--cert-dir={}", self.dir.display()),
            format!("--tls-cert-file={}", file("tls.crt")),
            format!("--tls-private-key-file={}", file("tls.key")),
            format!("--client-ca-file={}", file("ca.crt")),
            "--service-account-issuer=https://kubernetes.default.svc".into(),
            format!("--service-account-key-file={}", file("sa.pub")),
            format!("--service-account-signing-key-file={}", file("sa.key")),
            "--authorization-mode=RBAC".into(),
            "--service-cluster-ip-range=10.0.0.0/16".into(),
            "--allow-privileged".into(),
            format!("--audit-policy-file={}", file("audit-policy.yaml")),
            format!("--audit-log-path={}", file("audit.log")),
            // Written before the answer is complete: who has the answer finds the event.
            "--audit-log-mode=blocking".into(),
            "--audit-log-maxsize=4000".into(), // megabytes: a log that is rotated would lose its beginning
        ];
        if !self.options.full {
            // Nobody makes service accounts here, and without this no Pod could be created.
            args.push("--disable-admission-plugins=ServiceAccount".into());
        }
        args.extend(self.options.api_server.iter().cloned());
        args
    }

    fn start_controllers(&mut self) {
        let config = format!("--kubeconfig={}", self.kubeconfig().display());
        let own = |more: &[String]| [std::slice::from_ref(&config), more].concat();
        let shared = ["--leader-elect=false".into(), "--secure-port=0".into()];
        let manager = [
            "--controllers=*,-nodeipam,-node-route-controller,-service-lb-controller".into(),
            // A loaded machine may delay the fake node's heartbeat; its pods must not become unready for that.
            "--node-monitor-grace-period=24h".into(),
            format!(
                "--service-account-private-key-file={}",
                self.path("sa.key").display()
            ),
            format!("--root-ca-file={}", self.path("ca.crt").display()),
        ];
        let stages = stages()
            .into_iter()
            .map(|file| format!("--config={}", file.display()));
        let kwok: Vec<_> = std::iter::once("--manage-all-nodes=true".into())
            .chain(stages)
            .collect();
        let servers = [
            (
                "kube-controller-manager",
                own(&[&shared[..], &manager[..]].concat()),
            ),
            ("kube-scheduler", own(&shared)),
            ("kwok", own(&kwok)),
        ];
        for (name, args) in servers {
            self.controllers
                .push(Server::start(&self.dir, &program(name), &args));
        }
        self.create("/api/v1/nodes", &node());
        let account = "/api/v1/namespaces/default/serviceaccounts/default";
        let ready = || matches!(self.request("GET", account, None), Ok((200, _))).then_some(());
        let words = || {
            self.controllers
                .iter()
                .map(Server::last_words)
                .collect::<Vec<_>>()
                .join("\n")
        };
        assert!(
            within(Duration::from_secs(60), ready).is_some(),
            "no controllers\n{}",
            words()
        );
    }

    /// The context's name, and so the cluster's.
    pub(crate) fn name(&self) -> &str {
        &self.options.name
    }

    /// The server's address.
    pub(crate) fn server(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    pub(crate) fn admin(&self) -> &Identity {
        &self.admin
    }

    /// A kubeconfig with all rights; everything is in the one file.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.path("kubeconfig")
    }

    /// Writes a kubeconfig for a user with no rights but those that the test grants.
    pub(crate) fn kubeconfig_for(&self, user: &str, group: &str) -> PathBuf {
        let identity = self.authority.user(user, group);
        let name = format!("kubeconfig-{user}");
        self.write(&name, &self.kubeconfig_of(&identity));
        self.path(&name)
    }

    fn kubeconfig_of(&self, user: &Identity) -> String {
        kubeconfig(
            self.name(),
            &self.server(),
            &self.authority,
            user.as_kubeconfig_user(),
        )
    }

    /// Makes a namespace that no other test has.
    pub(crate) fn namespace(&self, prefix: &str) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{prefix}-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        self.create("/api/v1/namespaces", &json!({"metadata": {"name": name}}));
        name
    }

    /// Runs kubectl and returns what it prints.
    ///
    /// # Panics
    /// When kubectl fails.
    #[track_caller]
    pub(crate) fn kubectl(&self, args: &[&str]) -> String {
        self.try_kubectl(args, "").expect_code(0).stdout
    }

    /// Applies a manifest with kubectl, on the server's side, as `kubectl`.
    #[track_caller]
    pub(crate) fn kubectl_apply(&self, manifest: &str) -> String {
        self.try_kubectl(&["apply", "--server-side", "-f", "-"], manifest)
            .expect_code(0)
            .stdout
    }

    /// Runs kubectl with `input` on its standard input, whatever comes of it.
    #[track_caller]
    pub(crate) fn try_kubectl(&self, args: &[&str], input: &str) -> Finished {
        self.try_kubectl_with(args, input, &[])
    }

    /// The same with more in its environment.
    #[track_caller]
    pub(crate) fn try_kubectl_with(
        &self,
        args: &[&str],
        input: &str,
        environment: &[(&str, &str)],
    ) -> Finished {
        let mut command = Command::new(program("kubectl"));
        command
            .env_clear()
            .envs(environment.iter().copied())
            .env("HOME", &self.dir)
            .env("KUBECONFIG", self.kubeconfig())
            .args(args);
        finish(&mut command, input, Duration::from_secs(120))
    }

    /// Reads one object by its path in the API.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, body) = self.request("GET", path, None).unwrap();
        assert!(status == 200, "GET {path}: {status} {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Creates one object at the path of its collection.
    #[track_caller]
    pub(crate) fn create(&self, path: &str, object: &Value) -> Value {
        let (status, body) = self.request("POST", path, Some(object)).unwrap();
        assert!(status == 201, "POST {path}: {status} {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Sends one request with all rights; returns status and body. A patch is a server-side apply.
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> std::io::Result<(u16, String)> {
        let kind = match method {
            "PATCH" => "application/apply-patch+yaml",
            _ => "application/json",
        };
        self.request_as(method, path, kind, body)
    }

    /// The same with another content type, for the other kinds of patch.
    pub(crate) fn request_as(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: Option<&Value>,
    ) -> std::io::Result<(u16, String)> {
        let body = body.map(ToString::to_string).unwrap_or_default();
        api::send(
            &self.tls,
            self.port,
            &format!("{method} {path}"),
            &[("Content-Type", content_type)],
            &body,
        )
    }

    /// The kinds of one version of a group that discovery has now.
    pub(crate) fn kinds_served(&self, group: &str, version: &str) -> BTreeSet<String> {
        let accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
        let headers = [("Accept", accept)];
        let (status, body) = api::send(&self.tls, self.port, "GET /apis", &headers, "").unwrap();
        assert!(status == 200, "GET /apis: {status} {body}");
        let groups: Value = serde_json::from_str(&body).unwrap();
        let of = |list: &Value, field: &str, name: &str| {
            let mut items = list.as_array().into_iter().flatten();
            items
                .find(|item| item.pointer(field).is_some_and(|value| value == name))
                .cloned()
        };
        let resources = of(&groups["items"], "/metadata/name", group)
            .and_then(|group| of(&group["versions"], "/version", version))
            .map(|version| version["resources"].clone());
        let kinds = resources.iter().filter_map(Value::as_array).flatten();
        kinds
            .filter_map(|resource| resource["responseKind"]["kind"].as_str())
            .map(str::to_string)
            .collect()
    }

    /// The processes that this plane is made of.
    pub(crate) fn pids(&self) -> Vec<u32> {
        let servers = self
            .api_server
            .iter()
            .chain(&self.etcd)
            .chain(&self.controllers);
        servers.map(Server::pid).collect()
    }

    /// Reads what the API server was asked so far, oldest first.
    pub(crate) fn audit(&self) -> Vec<Event> {
        self.audit_from(0)
    }

    /// Where the audit log ends now, for reading on from there.
    pub(crate) fn audit_end(&self) -> u64 {
        std::fs::metadata(self.path("audit.log")).map_or(0, |log| log.len())
    }

    /// Reads what the API server was asked after this end of the log.
    pub(crate) fn audit_from(&self, end: u64) -> Vec<Event> {
        audit::read(&self.path("audit.log"), end)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }
}

/// Returns a kubeconfig with one context, everything inside.
pub(crate) fn kubeconfig(name: &str, server: &str, authority: &Authority, user: Value) -> String {
    let data = BASE64_STANDARD.encode(&authority.pem);
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "clusters": [{"name": name, "cluster": {"server": server, "certificate-authority-data": data}}],
        "users": [{"name": name, "user": user}],
    })
    .to_string()
}

/// A port below the range from which the kernel gives ports to clients, so that no connection of a test can take it.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let own = std::process::id().wrapping_mul(61);
    for _ in 0..10_000 {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(20_000 + own.wrapping_add(step) % 12_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between 20000 and 32000");
}

fn node() -> Value {
    let room = json!({"cpu": "1000", "memory": "1000Gi", "pods": "10000"});
    json!({
        "metadata": {"name": "node-0", "annotations": {"kwok.x-k8s.io/node": "fake"}},
        "status": {"allocatable": room, "capacity": room},
    })
}
