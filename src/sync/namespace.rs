//! The namespace that an app's lock and records live in: it is made before anything else.

use super::prepare::Prepared;
use super::run::Run;
use crate::cluster::{ApiResource, ApplyOptions};
use crate::error::{Error, Result};
use crate::object::Object;

/// Makes the destination namespace before anything else, because the lock and the records live in it. It is applied bare: if the app
/// contains it, it becomes a member in its turn.
pub(super) async fn ensure_namespace(prepared: &Prepared, run: &Run<'_>) -> Result<()> {
    if prepared.parent.is_some() {
        return Ok(());
    }
    let name = &prepared.app.records_namespace;
    let resource = ApiResource::namespace();
    if prepared.cluster.get(&resource, "", name).await?.is_some() {
        return Ok(());
    }
    let in_app = prepared
        .desired
        .iter()
        .any(|object| object.kind() == "Namespace" && object.name() == name);
    if !run.options.create_namespace && !in_app {
        let message = format!(
            "namespace `{name}` does not exist in cluster `{}`",
            prepared.app.cluster
        );
        return Err(
            Error::config(message).hint("set the sync option `CreateNamespace=true`, or create it")
        );
    }
    let namespace = Object::new(
        serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}),
    );
    let made = prepared
        .cluster
        .apply(&resource, &namespace, ApplyOptions::default())
        .await;
    made.map(|_| ()).map_err(|failure| {
        failure
            .error()
            .clone()
            .context(format!("failed to create namespace `{name}`"))
    })
}
