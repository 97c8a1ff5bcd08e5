//! The wire: kubeconfig to live objects, and changes back. The only user of a Kubernetes client.
//!
//! Everything that is said to an API server goes through [`Cluster`], which owns addresses, credentials, retries and
//! deadlines. Objects are JSON values, whole and lossless.

mod api;
mod attempt;
mod basis;
mod connect;
mod contexts;
mod credential;
mod discovery;
mod endpoint;
mod exec;
mod failure;
mod guard;
mod gzip;
mod identity;
pub mod kubeconfig;
mod limit;
mod list;
pub mod management;
pub mod manager;
mod object_calls;
mod pool;
pub mod probe;
mod proxy;
pub mod registry;
mod retry;
mod secret;
mod send;
mod status;
mod stop;
mod teller;
mod tls;
mod transport;
mod url;
mod x509;

pub use api::{
    ApiResource, ApplyFailure, ApplyOptions, Cluster, Deleted, Discovery, FieldConflict,
    ListOptions, Listed, Preconditions, Propagation, Stats, StatusPart,
};
pub use basis::{Basis, Judge, Seen, Verdict};
pub use connect::{Address, ConnectOptions, DEFAULT_CONCURRENCY};
pub use contexts::Resolved;
pub use credential::CredentialKind;
pub use endpoint::{Allowed, Recorded};
pub use guard::Guard;
pub use kubeconfig::Kubeconfig;
pub use proxy::ProxyEnv;
pub use secret::Secret;
pub use stop::Stop;
pub use teller::Teller;
pub use tls::{authority_digests, install_provider};
pub use transport::Timeouts;
