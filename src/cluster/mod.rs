//! The wire: kubeconfig to live objects, and changes back. The only user of a Kubernetes client.
//!
//! Everything that is said to an API server goes through [`Cluster`], which owns addresses, credentials, retries and
//! deadlines. Objects are JSON values, whole and lossless.

mod api;

pub use api::{
    ApiResource, ApplyFailure, ApplyOptions, Cluster, Deleted, Discovery, FieldConflict,
    ListOptions, Listed, Preconditions, Propagation, Stats,
};
