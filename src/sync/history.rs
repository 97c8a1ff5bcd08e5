//! What was deployed: one Secret a revision, with who, when, from where, the result and the rendered manifests.
//!
//! Only Secrets hold manifests, because manifests hold secrets. What a listing needs stands in one annotation, so that it is
//! read without the manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::AppRef;
pub use super::entries::{Entry, History, Unreadable};
use super::entries::{carried_name, first_name, merged, part_name};
use super::taken_over::TakenOver;
use crate::cluster::{ApiResource, ApplyOptions, Cluster, ListOptions, Preconditions, Propagation};
use crate::error::{Error, Reason, Result};
use crate::object::{Object, labels};
use crate::plan::applyset::Scope;

/// Label that ties a history Secret to its app's ApplySet.
const SET: &str = "pushboat.dev/set";
/// Label of the parts after the first.
const PART: &str = "pushboat.dev/part";
pub(super) const INFO: &str = "pushboat.dev/info";
const MANIFESTS: &str = "manifests.json.gz";
/// Bytes of compressed manifests in one Secret: base64 of it stays below the 1 MiB that a Secret may hold.
const PART_BYTES: usize = 700 << 10;
/// How many names are tried for a new entry.
const NAMES: u64 = 20;
/// How much a history entry may unpack to.
const UNPACKED_BYTES: u64 = 256 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    InProgress,
    Succeeded,
    Failed,
    /// Found `InProgress` by a later sync that held the lock: its process died.
    Interrupted,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Interrupted => "Interrupted",
        }
    }
}

/// What is known of one deployment, without its manifests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Info {
    pub id: u64,
    /// Git commit, or `worktree`.
    pub revision: String,
    pub dirty: bool,
    pub path: String,
    /// `user@host`.
    pub by: String,
    pub started_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    pub result: Outcome,
    #[serde(default)]
    pub created: usize,
    #[serde(default)]
    pub configured: usize,
    #[serde(default)]
    pub pruned: usize,
    #[serde(default)]
    pub failed: usize,
    pub objects: usize,
    /// The entry that was deployed again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_of: Option<u64>,
    /// Whether every object was applied, whatever became of waiting and pruning. Versions before this field wrote only the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied: Option<bool>,
    /// Digests that no sync may bring back unasked as long as this is the newest entry: what rollbacks left behind.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub held: BTreeSet<String>,
    /// The same as those versions wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled_back_digest: Option<String>,
    /// Objects that were taken from other apps: a rollback of this entry leaves them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub took_over: TakenOver,
    /// Of the rendered objects.
    pub digest: String,
    /// Where members may be once this deployment is over, so that no parent that was cut or put back can hide them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeText>,
    /// How many Secrets hold the manifests.
    pub parts: usize,
    pub tool: String,
}

impl Info {
    /// Where members may be, if it was recorded.
    pub fn recorded_scope(&self) -> Option<Scope> {
        let scope = self.scope.as_ref()?;
        Scope::parse(&scope.kinds, &scope.namespaces).ok()
    }
}

/// A scope as the parent's annotations have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeText {
    pub kinds: String,
    pub namespaces: String,
}

impl From<&Scope> for ScopeText {
    fn from(scope: &Scope) -> Self {
        Self {
            kinds: scope.kinds_text(),
            namespaces: scope.namespaces_text(),
        }
    }
}

pub(crate) fn resource() -> ApiResource {
    ApiResource::secret()
}

/// A digest of rendered objects that is equal exactly when they are.
pub fn digest(objects: &[Object]) -> String {
    let mut hasher = Sha256::new();
    for object in objects {
        hasher.update(object.value.to_string().as_bytes());
        hasher.update(b"\n");
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// All that is recorded of an app's deployments, without the manifests.
pub async fn list(cluster: &Cluster, app: &AppRef) -> Result<History> {
    let first_parts = format!("{SET}={},!{PART}", app.applyset_id());
    let secrets = list_secrets(cluster, app, &first_parts).await?;
    Ok(History::read(secrets))
}

async fn list_secrets(cluster: &Cluster, app: &AppRef, selector: &str) -> Result<Vec<Object>> {
    let options = ListOptions {
        namespace: Some(app.records_namespace.clone()),
        label_selector: Some(selector.to_owned()),
        metadata_only: true,
        ..ListOptions::default()
    };
    cluster.list_all(&resource(), &options, Some).await
}

/// Writes a new entry, `InProgress`, with its manifests. The caller holds the lock and has set `info.id` to the next id.
pub async fn begin(
    cluster: &Cluster,
    app: &AppRef,
    mut info: Info,
    objects: &[Object],
) -> Result<Entry> {
    let packed = pack(objects)?;
    let parts: Vec<&[u8]> = packed.chunks(PART_BYTES).collect();
    info.parts = parts.len().max(1);
    let content = parts.first().copied().unwrap_or_default();
    let entry = create(cluster, app, info, content).await?;
    for (n, part) in parts.iter().enumerate().skip(1) {
        apply(cluster, &secret(app, &entry.info, n, part)).await?;
    }
    Ok(entry)
}

/// Creates the first Secret of an entry. A name that is taken, by a Secret that nobody finds by its label, is passed over.
async fn create(cluster: &Cluster, app: &AppRef, mut info: Info, content: &[u8]) -> Result<Entry> {
    for _ in 0..NAMES {
        let wanted = secret(app, &info, 0, content);
        let created = cluster.create(&resource(), &wanted).await;
        let created = created.map_err(|error| failed_to_write(error, &wanted))?;
        if let Some(secret) = created {
            return Ok(Entry { info, secret });
        }
        info.id += 1;
    }
    let message = format!(
        "Secrets with the names of the next {NAMES} history entries of app `{}` are there already",
        app.display()
    );
    Err(Error::new(Reason::Guard, message).hint(format!(
        "they lack the label `{SET}`: restore it, or delete them"
    )))
}

fn failed_to_write(error: Error, secret: &Object) -> Error {
    error.context(format!(
        "failed to write the history entry `{}`",
        secret.name()
    ))
}

async fn apply(cluster: &Cluster, secret: &Object) -> Result<Object> {
    let options = ApplyOptions {
        force: true,
        ..ApplyOptions::default()
    };
    cluster
        .apply(&resource(), secret, options)
        .await
        .map_err(|failure| failed_to_write(failure.error().clone(), secret))
}

/// Replaces what is known of an entry; the manifests stay.
pub async fn update(cluster: &Cluster, app: &AppRef, entry: &Entry, info: Info) -> Result<Entry> {
    for _ in 0..3 {
        let found = cluster
            .get(&resource(), &app.records_namespace, entry.secret.name())
            .await?;
        let Some(mut secret) = found else { break };
        let text = merged(secret.annotation(INFO).unwrap_or_default(), &info);
        secret.set_annotation(INFO, &text);
        if let Some(secret) = cluster.replace(&resource(), &secret).await? {
            return Ok(Entry { info, secret });
        }
    }
    Err(Error::internal(format!(
        "the history entry {} of app `{}` vanished or keeps changing",
        info.id,
        app.display()
    )))
}

/// The objects that an entry deployed.
pub async fn manifests(cluster: &Cluster, app: &AppRef, entry: &Entry) -> Result<Vec<Object>> {
    let mut packed = Vec::new();
    for n in 0..entry.info.parts {
        let name = part_name(entry.secret.name(), n);
        let secret = cluster
            .get(&resource(), entry.secret.namespace(), &name)
            .await?;
        let part = secret.as_ref().and_then(|secret| {
            secret
                .value
                .pointer(&format!("/data/{MANIFESTS}"))?
                .as_str()
        });
        let part = part
            .and_then(|part| BASE64.decode(part).ok())
            .ok_or_else(|| {
                Error::internal(format!(
                    "history entry {} of app `{}` is incomplete: no `{name}`",
                    entry.info.id,
                    app.display()
                ))
                .hint("roll back to another entry: `pushboat app history` lists them")
            })?;
        packed.extend(part);
    }
    unpack(&packed).map_err(|error| {
        error.context(format!(
            "failed to read history entry {} of app `{}`",
            entry.info.id,
            app.display()
        ))
    })
}

/// Removes the oldest entries beyond `keep`. What cannot be read stays.
pub async fn trim(cluster: &Cluster, app: &AppRef, keep: usize) -> Result<()> {
    let entries = list(cluster, app).await?.entries;
    let n_old = entries.len().saturating_sub(keep);
    for entry in entries.iter().take(n_old) {
        remove(cluster, app, entry).await?;
    }
    Ok(())
}

/// Removes every record of past deployments, as `app delete` does at its end.
pub async fn remove_all(cluster: &Cluster, app: &AppRef) -> Result<()> {
    for secret in list_secrets(cluster, app, &format!("{SET}={}", app.applyset_id())).await? {
        delete_secret(cluster, &secret).await?;
    }
    Ok(())
}

/// Copies the history of the app at `from` to where `to` has its own, which has `known` already. Parts go first, so that an entry that is
/// there is whole.
pub async fn copy(cluster: &Cluster, from: &AppRef, to: &AppRef, known: &History) -> Result<()> {
    let mut secrets = list_secrets(cluster, from, &format!("{SET}={}", from.applyset_id())).await?;
    secrets.sort_by_key(|secret| secret.label(PART).is_none());
    for found in secrets {
        let Some(name) = carried_name(to, found.name()) else {
            continue;
        };
        if known.has(&name) {
            continue;
        }
        let whole = cluster
            .get(&resource(), found.namespace(), found.name())
            .await?;
        let Some(mut secret) = whole else { continue };
        let metadata = &secret.value["metadata"];
        let carried = json!({
            "name": name,
            "namespace": to.records_namespace,
            "labels": metadata["labels"],
            "annotations": metadata["annotations"],
        });
        secret.value["metadata"] = carried;
        secret.set_label(SET, &to.applyset_id());
        let created = cluster.create(&resource(), &secret).await;
        created.map_err(|error| failed_to_write(error, &secret))?;
    }
    Ok(())
}

async fn remove(cluster: &Cluster, app: &AppRef, entry: &Entry) -> Result<()> {
    // The parts go first: an entry without its parts says that it is incomplete, a part without its entry is found by nobody.
    for n in 1..entry.info.parts {
        let name = part_name(entry.secret.name(), n);
        if let Some(part) = cluster
            .get(&resource(), &app.records_namespace, &name)
            .await?
        {
            delete_secret(cluster, &part).await?;
        }
    }
    delete_secret(cluster, &entry.secret).await
}

async fn delete_secret(cluster: &Cluster, secret: &Object) -> Result<()> {
    let preconditions = Preconditions {
        uid: secret.uid().to_owned(),
        resource_version: secret.resource_version().to_owned(),
    };
    let mut key = secret.key();
    key.group = String::new();
    key.kind = "Secret".to_owned();
    cluster
        .delete(&resource(), &key, &preconditions, Propagation::Background)
        .await
        .map(|_| ())
}

fn info_text(info: &Info) -> String {
    serde_json::to_string(info).unwrap_or_default()
}

fn secret(app: &AppRef, info: &Info, part: usize, content: &[u8]) -> Object {
    let mut secret = Object::new(json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "type": labels::REVISION_TYPE,
        "metadata": {
            "name": part_name(&first_name(app, info.id), part),
            "namespace": app.records_namespace,
            "labels": {"app.kubernetes.io/managed-by": "pushboat", SET: app.applyset_id()},
        },
        "data": {MANIFESTS: BASE64.encode(content)},
    }));
    if part == 0 {
        secret.set_annotation(INFO, &info_text(info));
        secret.set_annotation(labels::APP, &app.name);
    } else {
        secret.set_label(PART, &part.to_string());
    }
    secret
}

fn pack(objects: &[Object]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let write = |encoder: &mut flate2::write::GzEncoder<Vec<u8>>| -> std::io::Result<()> {
        for object in objects {
            serde_json::to_writer(&mut *encoder, &object.value)?;
            encoder.write_all(b"\n")?;
        }
        Ok(())
    };
    write(&mut encoder)
        .and_then(|()| encoder.finish())
        .map_err(|error| Error::internal(format!("failed to compress manifests: {error}")))
}

fn unpack(packed: &[u8]) -> Result<Vec<Object>> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed)
        .take(UNPACKED_BYTES)
        .read_to_string(&mut text)
        .map_err(|error| Error::internal(format!("failed to unpack manifests: {error}")))?;
    text.lines()
        .map(|line| {
            serde_json::from_str::<Value>(line)
                .map(Object::new)
                .map_err(|_| Error::internal("stored manifests are not JSON"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_unpacks_equal() {
        let objects = vec![
            Object::new(json!({"kind": "A", "n": 1.5})),
            Object::new(json!({"kind": "B", "text": "ä\n"})),
        ];
        let packed = pack(&objects).expect("packs");
        assert_eq!(unpack(&packed).expect("unpacks"), objects);
    }

    #[test]
    fn the_digest_tells_objects_apart() {
        let one = [Object::new(json!({"a": 1}))];
        let other = [Object::new(json!({"a": 2}))];
        assert_eq!(digest(&one), digest(&one));
        assert_ne!(digest(&one), digest(&other));
    }
}
