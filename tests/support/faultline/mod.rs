//! `faultline`: a TLS proxy between pushboat and a real API server that does harm where a test says so.
//!
//! Without a rule it changes nothing. It speaks HTTP/1.1 on both sides, passes watches through as they come, and keeps a
//! journal of every request, also of those that the server never saw. It does not proxy exec or port-forward.

mod body;
mod relay;
mod request;
mod rule;
mod wire;

pub(crate) use request::{Entry, Verb};
pub(crate) use rule::{Action, Answer, Phase, Rule, Victim};

use super::api;
use super::certificate::{Authority, Identity};
use super::control_plane::{ControlPlane, kubeconfig};
use relay::{State, Upstream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// A running proxy; it ends when this value is dropped.
pub(crate) struct Faultline {
    name: String,
    port: u16,
    authority: Authority,
    state: Arc<State>,
    dir: TempDir,
    runtime: Option<Runtime>,
}

impl Faultline {
    /// Puts a proxy before a control plane.
    pub(crate) fn before(plane: &ControlPlane) -> Self {
        let authority = Authority::new("faultline");
        let identity = authority.server(&["127.0.0.1", "localhost"]);
        Self::with(plane, authority, &identity)
    }

    /// Puts a proxy before a control plane that shows this certificate, be it as wrong as it may.
    pub(crate) fn with(plane: &ControlPlane, authority: Authority, identity: &Identity) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let upstream = Upstream {
            port: plane.port(),
            as_admin: api::trusting(plane.authority(), Some(plane.admin())),
            as_bearer: api::trusting(plane.authority(), None),
        };
        let state = Arc::new(State::new(upstream));
        let port = runtime.block_on(relay::listen(Arc::clone(&state), identity));
        let dir = tempfile::Builder::new()
            .prefix("pushboat-faultline-")
            .tempdir()
            .unwrap();
        Self {
            name: plane.name().into(),
            port,
            authority,
            state,
            dir,
            runtime: Some(runtime),
        }
    }

    /// Adds a rule. All rules that match a request act on it, in the order they were added.
    pub(crate) fn rule(&self, rule: Rule) -> &Self {
        self.state.rules.lock().unwrap().push(Arc::new(rule));
        self
    }

    /// Forgets all rules.
    pub(crate) fn heal(&self) {
        self.state.rules.lock().unwrap().clear();
        self.state.silent.store(0, Ordering::SeqCst);
    }

    /// Accepts the next connections and says nothing on them, not even the TLS handshake.
    pub(crate) fn stay_silent(&self, connections: usize) {
        self.state.silent.store(connections, Ordering::SeqCst);
    }

    /// Returns every request so far, in the order of their coming.
    pub(crate) fn journal(&self) -> Vec<Entry> {
        self.state.journal.lock().unwrap().clone()
    }

    /// Forgets the requests so far.
    pub(crate) fn clear_journal(&self) {
        self.state.journal.lock().unwrap().clear();
    }

    /// Returns how many connections came in so far.
    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn server(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// A kubeconfig that leads here. Its user has a certificate, which nobody looks at: the proxy acts as the plane's
    /// administrator. (Without any credentials kubectl would ask for a name.)
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        let user = self.authority.user("admin", "faultline");
        self.write("kubeconfig", user.as_kubeconfig_user())
    }

    /// A kubeconfig that leads here with a bearer token, which the proxy passes on and adds no right to.
    pub(crate) fn kubeconfig_with_token(&self, token: &str) -> PathBuf {
        self.write("kubeconfig-token", serde_json::json!({"token": token}))
    }

    fn write(&self, name: &str, user: serde_json::Value) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(
            &path,
            kubeconfig(&self.name, &self.server(), &self.authority, user),
        )
        .unwrap();
        path
    }
}

impl Drop for Faultline {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background(); // stalled connections would keep it for ever
        }
    }
}
