//! Whether a cluster answers, and as whom: what `cluster list` shows for each, within a limit of its own.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::api::Cluster;
use super::connect::ConnectOptions;
use super::credential::CredentialKind;
use super::manager::who_am_i;
use crate::error::{Error, Reason, Result};
use crate::object::display::display;

/// What asking one cluster came to. Facts that were learnt before a failure are kept.
#[derive(Debug, Clone)]
pub struct Probe {
    pub name: String,
    /// Empty when the context is unknown.
    pub server: String,
    /// `v1.36.3`; empty when the server did not say.
    pub version: String,
    /// Who the server says we are.
    pub user: Option<String>,
    pub kube_system_uid: Option<String>,
    /// Time of one request over an open connection.
    pub latency: Option<Duration>,
    pub credential: Option<CredentialKind>,
    pub expires: Option<jiff::Timestamp>,
    /// What must be said about the connection.
    pub notes: Vec<String>,
    /// Why it is not usable.
    pub error: Option<Error>,
}

/// Asks a cluster for its version, who we are and which cluster it is, within `limit`. A server that is not there is not waited for.
pub async fn probe(options: &ConnectOptions, limit: Duration) -> Probe {
    let mut probe = Probe {
        name: options.name.clone(),
        server: String::new(),
        version: String::new(),
        user: None,
        kube_system_uid: None,
        latency: None,
        credential: None,
        expires: None,
        notes: Vec::new(),
        error: None,
    };
    let deadline = Instant::now() + limit;
    let mut options = options.clone();
    options.deadline = Some(
        options
            .deadline
            .map_or(deadline, |earlier| earlier.min(deadline)),
    );
    options.timeouts.patience = Duration::ZERO;
    let expected = options.recorded.uid.take();
    let asked = async {
        let cluster = Cluster::connect(&options).await?;
        cluster.server().clone_into(&mut probe.server);
        probe.credential = Some(cluster.credential_kind());
        probe.notes = cluster.notes().to_vec();
        let result = ask(&cluster, expected.as_deref(), &mut probe).await;
        probe.expires = cluster.credential_expiry().await;
        result
    };
    // The plugin of a credential is not under the request's deadline.
    probe.error = match tokio::time::timeout(limit + Duration::from_millis(500), asked).await {
        Ok(result) => result.err(),
        Err(_) => Some(Error::new(
            Reason::Timeout,
            format!(
                "`{}` did not answer within {} s",
                display(&options.name),
                limit.as_secs()
            ),
        )),
    };
    probe
}

async fn ask(cluster: &Cluster, expected: Option<&str>, probe: &mut Probe) -> Result<()> {
    let version = cluster.get_path("/version").await?;
    let version = version
        .get("gitVersion")
        .and_then(Value::as_str)
        .unwrap_or_default();
    probe.version = display(&version.chars().take(60).collect::<String>()).into_owned();
    let start = Instant::now();
    probe.user = who_am_i(cluster).await?;
    probe.latency = Some(start.elapsed());
    if probe.user.as_deref() == Some("system:anonymous") {
        return Err(Error::new(
            Reason::Unauthorized,
            format!(
                "`{}` does not know us: the kubeconfig's user has no credentials that it accepts",
                display(cluster.name())
            ),
        ));
    }
    match (cluster.identity().await, expected) {
        (Ok(found), Some(expected)) if found != expected => {
            probe.kube_system_uid = Some(found);
            cluster.check_identity(expected).await
        }
        (Ok(found), _) => {
            probe.kube_system_uid = Some(found);
            Ok(())
        }
        (Err(error), Some(_)) => Err(error),
        // Without a recorded UID nothing depends on it.
        (Err(error), None) if error.reason() == Reason::Forbidden => Ok(()),
        (Err(error), None) => Err(error),
    }
}
