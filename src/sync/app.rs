//! Which app on which cluster the records are about.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::object::{Key, Object};
use crate::plan::applyset::{self, Scope};
use crate::plan::claims::Claimant;
use crate::plan::record::{Owner, Parent};

/// An app as its records in the cluster name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRef {
    /// The name pushboat knows the cluster by, and the folder under `clusters/`.
    pub cluster: String,
    pub name: String,
    /// Where objects without a namespace go; may be empty for an app of cluster-scoped objects.
    pub namespace: String,
    /// Where parent, history and lease live.
    pub records_namespace: String,
    /// The repository's identity: its normalised remote, or the random id of `pushboat.yaml`.
    pub repo: String,
    /// What the repository was called before: its records may still say so.
    pub former_repos: Vec<String>,
    /// The other cluster folders of the repository that declare an app of this name.
    pub declared_in: BTreeSet<String>,
    /// The namespaces of the repository's apps on this cluster: where records are looked for if they may not be everywhere.
    pub places: Arc<BTreeSet<String>>,
}

impl AppRef {
    /// The app as claims name it.
    pub fn claimant(&self) -> Claimant {
        Claimant::new(&self.cluster, &self.name)
    }

    /// `cluster/name`, as messages and arguments write it.
    pub fn display(&self) -> String {
        format!("{}/{}", self.cluster, self.name)
    }

    /// The same app with its records in another namespace.
    #[must_use]
    pub fn at(&self, records_namespace: &str) -> Self {
        Self {
            records_namespace: records_namespace.to_owned(),
            ..self.clone()
        }
    }

    /// The parent of the app's ApplySet.
    pub fn parent(&self) -> Parent {
        let owner = Owner {
            app: self.name.clone(),
            repo: self.repo.clone(),
            cluster: self.cluster.clone(),
        };
        Parent {
            namespace: self.records_namespace.clone(),
            owner,
            former_repos: self.former_repos.clone(),
            declared_in: self.declared_in.clone(),
        }
    }

    /// The name shared by the parent Secret and the Lease.
    pub fn record_name(&self) -> String {
        applyset::record_name(&self.name)
    }

    /// The ApplySet id, which every member carries as a label.
    pub fn applyset_id(&self) -> String {
        applyset::id(&self.record_name(), &self.records_namespace)
    }

    /// The smallest scope that holds these objects.
    pub fn scope_of<'a>(&self, objects: impl IntoIterator<Item = &'a Object>) -> Scope {
        let keys: Vec<Key> = objects.into_iter().map(Object::key).collect();
        Scope::of(&keys, &self.records_namespace)
    }
}
