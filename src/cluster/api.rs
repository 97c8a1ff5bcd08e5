//! What the rest of the program may ask of a cluster.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use serde_json::Value;
use tokio::sync::{Mutex, OnceCell};

use super::basis::Basis;
use super::credential::CredentialKind;
use super::guard::Guard;
use super::send::{Care, Lane, Sender};
use super::{discovery, identity, list, object_calls};
use crate::error::{Error, Reason, Result};
use crate::object::{Gvk, Key, Object};

/// One kind as the server serves it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApiResource {
    pub gvk: Gvk,
    pub plural: String,
    pub namespaced: bool,
    pub verbs: Vec<String>,
    pub status: StatusPart,
}

/// What `status` is to a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum StatusPart {
    /// A subresource: what is applied leaves it alone.
    #[default]
    Subresource,
    /// Content like any other.
    Content,
}

impl ApiResource {
    /// A kind that every server serves at this version; no discovery needed.
    pub fn known(api_version: &str, kind: &str, plural: &str, namespaced: bool) -> Self {
        Self {
            gvk: Gvk::new(api_version, kind),
            plural: plural.to_owned(),
            namespaced,
            verbs: Vec::new(),
            status: StatusPart::default(),
        }
    }

    pub fn namespace() -> Self {
        Self::known("v1", "Namespace", "namespaces", false)
    }

    pub fn secret() -> Self {
        Self::known("v1", "Secret", "secrets", true)
    }

    pub fn lease() -> Self {
        Self::known("coordination.k8s.io/v1", "Lease", "leases", true)
    }
}

/// The kinds a server serves, read once per run.
#[derive(Debug, Clone, Default)]
pub struct Discovery {
    /// All served versions of a (group, kind), the server's preferred one first.
    pub by_group_kind: BTreeMap<(String, String), Vec<ApiResource>>,
    /// Groups that could not be read or are stale, with the server's words: objects of these are `Unknown`.
    pub broken_groups: BTreeMap<String, String>,
}

impl Discovery {
    /// The resource for exactly this version.
    pub fn get(&self, gvk: &Gvk) -> Option<&ApiResource> {
        self.versions(&gvk.group, &gvk.kind)
            .iter()
            .find(|resource| resource.gvk.version == gvk.version)
    }

    /// All served versions, preferred first; empty when the kind is not served.
    pub fn versions(&self, group: &str, kind: &str) -> &[ApiResource] {
        self.by_group_kind
            .get(&(group.to_owned(), kind.to_owned()))
            .map_or(&[], Vec::as_slice)
    }

    /// The preferred version of a kind.
    pub fn preferred(&self, group: &str, kind: &str) -> Option<&ApiResource> {
        self.versions(group, kind).first()
    }
}

#[derive(Debug, Clone, Default)]
pub struct ListOptions {
    /// `None` lists all namespaces (or a cluster-scoped kind).
    pub namespace: Option<String>,
    pub label_selector: Option<String>,
    pub field_selector: Option<String>,
    /// Only metadata (`PartialObjectMetadata`): for prune listings, where no body is needed.
    pub metadata_only: bool,
}

/// A list that was read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub resource_version: String,
    pub n_items: usize,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct ApplyOptions {
    pub dry_run: bool,
    pub force: bool,
}

/// One field that another manager holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldConflict {
    pub manager: String,
    /// As the server wrote it: `.spec.replicas`.
    pub field: String,
}

/// Why an apply was refused, where the caller decides by it.
#[derive(Debug, Clone)]
pub enum ApplyFailure {
    /// Other managers hold these fields.
    Conflict {
        conflicts: Vec<FieldConflict>,
        error: Error,
    },
    /// The server refuses to change these fields.
    Immutable {
        error: Error,
    },
    /// The namespace is absent.
    NamespaceMissing {
        error: Error,
    },
    /// A webhook that does not support dry-run stood in the way; its name.
    DryRunUnsupported {
        webhook: String,
        error: Error,
    },
    /// The kind is not served (yet).
    NotServed {
        error: Error,
    },
    /// Somebody else decided otherwise about the object since it was read.
    Changed {
        error: Error,
    },
    Other {
        error: Error,
    },
}

impl ApplyFailure {
    pub fn error(&self) -> &Error {
        match self {
            Self::Conflict { error, .. }
            | Self::Immutable { error }
            | Self::NamespaceMissing { error }
            | Self::DryRunUnsupported { error, .. }
            | Self::NotServed { error }
            | Self::Changed { error }
            | Self::Other { error } => error,
        }
    }
}

/// What a DELETE or an update insists on.
#[derive(Debug, Clone, Default)]
pub struct Preconditions {
    pub uid: String,
    pub resource_version: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Propagation {
    #[default]
    Foreground,
    Background,
    Orphan,
}

/// What became of a DELETE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    /// Gone, or it was gone already.
    Gone,
    /// Marked; finalizers or the garbage collector are not done yet.
    Pending,
    /// The preconditions did not hold: the object changed or is another one now.
    Changed,
}

/// What a run cost, for `-v` and JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    pub requests: u64,
    pub retries: u64,
}

/// A connection to one cluster. Cheap to clone; all clones share connections, credentials and limits.
///
/// Made by [`Cluster::connect`].
#[derive(Clone)]
pub struct Cluster {
    inner: Arc<Inner>,
    sender: Sender,
}

/// What the clones share.
pub(super) struct Inner {
    pub name: String,
    pub context: String,
    pub server: String,
    pub notes: Vec<String>,
    pub identity: OnceCell<String>,
    /// A failure is found once, for all apps of the cluster.
    pub discovery: Mutex<Option<Result<Arc<Discovery>>>>,
    /// Set once a server that said it was ready has been asked for its kinds.
    pub asked_when_ready: OnceCell<()>,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cluster({} at {})", self.inner.name, self.inner.server)
    }
}

impl Cluster {
    pub(super) fn of(inner: Inner, sender: Sender) -> Self {
        Self {
            inner: Arc::new(inner),
            sender,
        }
    }

    /// The same cluster for a run that may lose the right to write: this is asked before every attempt of every write.
    pub fn guarded(&self, guard: Arc<dyn Guard>) -> Self {
        let sender = Sender {
            guard: Some(guard),
            ..self.sender.clone()
        };
        Self {
            sender,
            ..self.clone()
        }
    }

    /// The same cluster for requests that others depend on: they wait behind nothing.
    pub fn urgent(&self) -> Self {
        let sender = Sender {
            lane: Lane::Urgent,
            ..self.sender.clone()
        };
        Self {
            sender,
            ..self.clone()
        }
    }

    /// Tells once that the recorded UID cannot be checked.
    pub(super) fn is_unproved(&self) {
        self.sender.unproved();
    }

    /// The name pushboat knows the cluster by.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The kubeconfig's context it is reached through.
    pub fn context(&self) -> &str {
        &self.inner.context
    }

    /// The server's address.
    pub fn server(&self) -> &str {
        &self.inner.server
    }

    /// What must be said every time this cluster is used, such as that verification is off.
    pub fn notes(&self) -> &[String] {
        &self.inner.notes
    }

    /// The server's `Warning:` headers since the last call, each text once.
    pub fn take_warnings(&self) -> Vec<String> {
        let warnings = &self.sender.warnings;
        let mut warnings = warnings.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *warnings).into_iter().collect()
    }

    /// What kind of credential is used.
    pub fn credential_kind(&self) -> CredentialKind {
        self.sender.credentials.kind()
    }

    /// When the credential ends, where it says so itself.
    pub async fn credential_expiry(&self) -> Option<jiff::Timestamp> {
        self.sender.credentials.expiry().await
    }

    /// UID of the `kube-system` namespace: which cluster it really is. Asked once.
    pub async fn identity(&self) -> Result<String> {
        let ask = async {
            let (sender, resource) = (&self.sender, ApiResource::namespace());
            let care = Care::Identify;
            let namespace =
                object_calls::get_with(sender, &resource, "", identity::NAMESPACE, care).await?;
            match namespace
                .as_ref()
                .map(Object::uid)
                .filter(|uid| !uid.is_empty())
            {
                Some(uid) => Ok(uid.to_owned()),
                None => Err(Error::new(
                    Reason::Discovery,
                    format!("`{}` has no namespace kube-system", self.inner.server),
                )),
            }
        };
        self.inner.identity.get_or_try_init(|| ask).await.cloned()
    }

    /// The kinds served, or why they are not known; asked once, `refresh` asks again (after a CRD was applied).
    pub async fn discovery(&self) -> Result<Arc<Discovery>> {
        let mut known = self.inner.discovery.lock().await;
        if let Some(known) = &*known {
            return known.clone();
        }
        let found = discovery::discover(&self.sender).await.map(Arc::new);
        *known = Some(found.clone());
        found
    }

    /// The kinds served. Where they do not do, a server that says it is ready is asked once more; if that fails they are all there is.
    pub async fn discovery_where(
        &self,
        does: impl Fn(&Discovery) -> bool,
    ) -> Result<Arc<Discovery>> {
        let discovery = self.discovery().await?;
        if does(&discovery) {
            return Ok(discovery);
        }
        let ask = async { self.ready_discovery().await.map(|_| ()) };
        match self.inner.asked_when_ready.get_or_try_init(|| ask).await {
            Ok(()) => self.discovery().await,
            Err(_) => Ok(discovery),
        }
    }

    /// The kinds served by a server that says it is ready: one that has just started may answer with fewer.
    pub async fn ready_discovery(&self) -> Result<Arc<Discovery>> {
        self.get_path("/readyz").await?;
        self.refresh_discovery().await
    }

    pub async fn refresh_discovery(&self) -> Result<Arc<Discovery>> {
        let mut known = self.inner.discovery.lock().await;
        let discovery = Arc::new(discovery::discover(&self.sender).await?);
        *known = Some(Ok(discovery.clone()));
        Ok(discovery)
    }

    /// Reads a list page by page and gives each item to `on_item` (with `apiVersion` and `kind` filled in), dropping pages as it goes.
    /// Returns only when the list was read to its end; a restart after 410 calls `on_restart` first.
    pub async fn list(
        &self,
        resource: &ApiResource,
        options: &ListOptions,
        on_restart: &mut (dyn FnMut() + Send),
        on_item: &mut (dyn FnMut(Object) + Send),
    ) -> Result<Listed> {
        list::list(&self.sender, resource, options, on_restart, on_item).await
    }

    /// Reads a whole list and returns what `keep` makes of its items. What was kept before a restart is forgotten.
    pub async fn list_all<T: Send>(
        &self,
        resource: &ApiResource,
        options: &ListOptions,
        mut keep: impl FnMut(Object) -> Option<T> + Send,
    ) -> Result<Vec<T>> {
        // Both callbacks hold it, though never at once; a lock is what the compiler accepts across threads.
        let kept = std::sync::Mutex::new(Vec::new());
        let lock = || kept.lock().unwrap_or_else(PoisonError::into_inner);
        self.list(resource, options, &mut || lock().clear(), &mut |object| {
            lock().extend(keep(object));
        })
        .await?;
        Ok(kept.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// `None` only when the server itself says that this object is not there.
    pub async fn get(
        &self,
        resource: &ApiResource,
        namespace: &str,
        name: &str,
    ) -> Result<Option<Object>> {
        object_calls::get(&self.sender, resource, namespace, name).await
    }

    /// Server-side apply with manager `pushboat` and strict validation. Returns the object as the server now has it.
    pub async fn apply(
        &self,
        resource: &ApiResource,
        object: &Object,
        options: ApplyOptions,
    ) -> std::result::Result<Object, ApplyFailure> {
        object_calls::apply(&self.sender, resource, object, options, None).await
    }

    /// The same for an object that was read when the apply was decided: another one, or one that changed since, is judged anew before it
    /// is written to, and so is every repeated attempt.
    pub async fn apply_by(
        &self,
        resource: &ApiResource,
        object: &Object,
        options: ApplyOptions,
        basis: &Basis<'_>,
    ) -> std::result::Result<Object, ApplyFailure> {
        object_calls::apply(&self.sender, resource, object, options, Some(basis)).await
    }

    /// Creates an object that must not exist yet (Leases); after an unknown outcome it is read back by name. `Ok(None)`: it exists already.
    pub async fn create(&self, resource: &ApiResource, object: &Object) -> Result<Option<Object>> {
        object_calls::create(&self.sender, resource, object).await
    }

    /// Replaces an object under its `metadata.resourceVersion`. `Ok(None)`: it changed meanwhile (409) or is gone.
    pub async fn replace(&self, resource: &ApiResource, object: &Object) -> Result<Option<Object>> {
        self.replace_with(resource, object, ApplyOptions::default())
            .await
    }

    /// The same; of the options, only the dry run counts.
    pub async fn replace_with(
        &self,
        resource: &ApiResource,
        object: &Object,
        options: ApplyOptions,
    ) -> Result<Option<Object>> {
        object_calls::replace(&self.sender, resource, object, options).await
    }

    /// Sends a JSON patch that tests this `metadata.resourceVersion`. `Ok(None)`: the object changed meanwhile (the test failed) or is
    /// gone. Of the options, only the dry run counts.
    pub async fn patch(
        &self,
        resource: &ApiResource,
        key: &Key,
        resource_version: &str,
        patch: &Value,
        options: ApplyOptions,
    ) -> Result<Option<Object>> {
        let sender = &self.sender;
        object_calls::patch(sender, resource, key, resource_version, patch, options).await
    }

    /// Deletes under preconditions. A 404, also on a repeated request, is `Gone`.
    pub async fn delete(
        &self,
        resource: &ApiResource,
        key: &Key,
        preconditions: &Preconditions,
        propagation: Propagation,
    ) -> Result<Deleted> {
        object_calls::delete(&self.sender, resource, key, preconditions, propagation).await
    }

    /// Posts an object that asks a question and leaves nothing behind (SelfSubjectReview, SelfSubjectAccessReview).
    pub async fn review(&self, resource: &ApiResource, question: &Value) -> Result<Value> {
        object_calls::review(&self.sender, resource, question).await
    }

    /// Asks for a token of a ServiceAccount. A lost answer is asked for again: the lost token expires by itself.
    pub async fn request_token(
        &self,
        account: &ApiResource,
        namespace: &str,
        name: &str,
        question: &Value,
    ) -> Result<Value> {
        object_calls::request_token(&self.sender, account, namespace, name, question).await
    }

    /// Any GET below the server's root, for version, health, logs and events. Plain text comes as a JSON string.
    pub async fn get_path(&self, path: &str) -> Result<Value> {
        object_calls::get_path(&self.sender, path).await
    }

    pub fn stats(&self) -> Stats {
        self.sender.stats()
    }
}
