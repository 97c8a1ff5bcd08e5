//! Live objects to health, by Argo CD's rules. Pure.
//!
//! Built-in kinds follow Argo CD's compiled checks, well-known custom resources its shipped ones. One thing is ours: a custom
//! resource without a rule of its own is judged by the conditions `Ready`, `Reconciling` and `Stalled` where it has them, while
//! Argo CD gives it no health at all. So a gate waits for it, and an app that Argo CD calls Healthy may be Progressing here.

mod batch;
mod conditions;
mod custom;
mod extension;
mod failure;
mod network;
mod pod;
mod storage;
mod summary;
mod view;
mod workload;

pub use failure::final_failure;
pub use summary::{is_counted, worst};

use crate::object::Object;
use view::View;

/// Argo CD's six states, best first: the worst of an app's objects is the app's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    Healthy,
    Suspended,
    Progressing,
    Missing,
    Degraded,
    Unknown,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "Healthy",
            Self::Suspended => "Suspended",
            Self::Progressing => "Progressing",
            Self::Missing => "Missing",
            Self::Degraded => "Degraded",
            Self::Unknown => "Unknown",
        }
    }

    /// Whether time alone may make it healthy: what is suspended stays so until somebody says otherwise.
    pub fn is_waited_for(self) -> bool {
        match self {
            Self::Healthy | Self::Suspended => false,
            Self::Progressing | Self::Missing | Self::Degraded | Self::Unknown => true,
        }
    }
}

/// A state and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    pub status: Status,
    pub message: String,
}

impl Health {
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    fn healthy() -> Self {
        Self::new(Status::Healthy, "")
    }

    fn progressing(message: impl Into<String>) -> Self {
        Self::new(Status::Progressing, message)
    }

    fn degraded(message: impl Into<String>) -> Self {
        Self::new(Status::Degraded, message)
    }

    fn suspended(message: impl Into<String>) -> Self {
        Self::new(Status::Suspended, message)
    }

    fn unknown(message: impl Into<String>) -> Self {
        Self::new(Status::Unknown, message)
    }
}

/// Keeps a hook until its outcome was read.
const HOOK_FINALIZER: &str = "argocd.argoproj.io/hook-finalizer";

/// The health of one live object; `None` for kinds that have none (they never delay and never count).
pub fn health(object: &Object) -> Option<Health> {
    let view = View::new(object);
    if let Some(how) = object.deletion()
        && !view.has_finalizer(HOOK_FINALIZER)
    {
        return Some(Health::progressing(how));
    }
    match builtin(&view) {
        Rule::Health(health) => Some(health),
        Rule::None => None,
        Rule::NotBuiltin => custom::health(&view),
    }
}

enum Rule {
    Health(Health),
    /// A built-in kind without health.
    None,
    NotBuiltin,
}

fn builtin(view: &View<'_>) -> Rule {
    let health = match (view.group(), view.kind()) {
        ("apps", "Deployment") => workload::deployment(view),
        ("apps", "StatefulSet") => workload::stateful_set(view),
        ("apps", "DaemonSet") => workload::daemon_set(view),
        ("apps", "ReplicaSet") => workload::replica_set(view),
        ("batch", "Job") => batch::job(view),
        ("batch", "CronJob") => batch::cron_job(view),
        ("", "Pod") => pod::pod(view),
        ("", "PersistentVolumeClaim") => storage::claim(view),
        ("", "Service") => network::service(view),
        ("networking.k8s.io" | "extensions", "Ingress") => network::ingress(view),
        ("autoscaling", "HorizontalPodAutoscaler") => workload::autoscaler(view),
        ("policy", "PodDisruptionBudget") => workload::disruption_budget(view),
        ("apiregistration.k8s.io", "APIService") => extension::api_service(view),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => extension::definition(view),
        (group, _) if is_builtin_group(group) => return Rule::None,
        _ => return Rule::NotBuiltin,
    };
    Rule::Health(health)
}

/// Groups that only the API server itself serves: those without a dot, and those it has under `k8s.io`.
fn is_builtin_group(group: &str) -> bool {
    !group.contains('.')
        || matches!(
            group,
            "networking.k8s.io"
                | "rbac.authorization.k8s.io"
                | "storage.k8s.io"
                | "scheduling.k8s.io"
                | "coordination.k8s.io"
                | "discovery.k8s.io"
                | "node.k8s.io"
                | "admissionregistration.k8s.io"
                | "apiregistration.k8s.io"
                | "apiextensions.k8s.io"
                | "certificates.k8s.io"
                | "events.k8s.io"
                | "flowcontrol.apiserver.k8s.io"
                | "authentication.k8s.io"
                | "authorization.k8s.io"
                | "resource.k8s.io"
                | "storagemigration.k8s.io"
                | "internal.apiserver.k8s.io"
        )
}

#[cfg(test)]
mod corpus_tests;
#[cfg(test)]
mod tests;
