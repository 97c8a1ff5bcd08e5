//! Which app on which cluster the records are about.

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
}

impl AppRef {
    /// `cluster/name`, as messages and arguments write it.
    pub fn display(&self) -> String {
        format!("{}/{}", self.cluster, self.name)
    }

    /// The name shared by the parent Secret and the Lease.
    pub fn record_name(&self) -> String {
        crate::plan::applyset::parent_name(&self.name)
    }

    /// The ApplySet id, which every member carries as a label.
    pub fn applyset_id(&self) -> String {
        crate::plan::applyset::id(&self.record_name(), &self.records_namespace)
    }
}
