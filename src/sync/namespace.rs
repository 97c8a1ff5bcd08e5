//! The namespace that an app's lock and records live in: it is made before anything else.

use super::prepare::Prepared;
use super::run::Run;
use crate::cluster::{ApiResource, ApplyOptions};
use crate::error::{Error, Result};
use crate::object::Object;

/// Makes the destination namespace before anything else, because the lock and the records live in it. It is applied bare: if the app
/// contains it, it becomes a member in its turn. A dry run only tries it. Returns what was not there.
pub(super) async fn ensure_namespace(prepared: &Prepared, run: &Run<'_>) -> Result<Option<Object>> {
    let Some(namespace) = missing_namespace(prepared, run).await? else {
        return Ok(None);
    };
    let options = ApplyOptions {
        dry_run: run.options.dry_run,
        ..ApplyOptions::default()
    };
    let resource = ApiResource::namespace();
    let made = prepared.cluster.apply(&resource, &namespace, options).await;
    match made {
        Ok(_) => Ok(Some(namespace)),
        Err(failure) => {
            let what = format!("failed to create namespace `{}`", namespace.name());
            Err(failure.error().clone().context(what))
        }
    }
}

/// The destination namespace that a sync makes; nothing where it is there, an error where it may not be made.
async fn missing_namespace(prepared: &Prepared, run: &Run<'_>) -> Result<Option<Object>> {
    if prepared.parent.is_some() {
        return Ok(None);
    }
    let name = &prepared.app.records_namespace;
    let resource = ApiResource::namespace();
    if prepared.cluster.get(&resource, "", name).await?.is_some() {
        return Ok(None);
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
    Ok(Some(Object::new(
        serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}),
    )))
}
