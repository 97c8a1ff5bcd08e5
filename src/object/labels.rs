//! Every label, annotation, field manager and record name that pushboat writes or reads.

/// Field manager of every write.
pub const MANAGER: &str = "pushboat";

/// ApplySet membership (KEP-3659).
pub const APPLYSET_PART_OF: &str = "applyset.kubernetes.io/part-of";
pub const APPLYSET_ID: &str = "applyset.kubernetes.io/id";
pub const APPLYSET_TOOLING: &str = "applyset.kubernetes.io/tooling";
pub const APPLYSET_GROUP_KINDS: &str = "applyset.kubernetes.io/contains-group-kinds";
pub const APPLYSET_NAMESPACES: &str = "applyset.kubernetes.io/additional-namespaces";

/// On the parent: which repository, cluster folder and app this set belongs to.
pub const REPO: &str = "pushboat.dev/repo";
pub const CLUSTER: &str = "pushboat.dev/cluster";
pub const APP: &str = "pushboat.dev/app";
/// On the parent: how far the last run came, when it began, and what tells whether somebody changed the record since.
pub const PHASE: &str = "pushboat.dev/phase";
pub const SINCE: &str = "pushboat.dev/since";
/// On the parent: the commit that was deployed last, in full or in part.
pub const DEPLOYED: &str = "pushboat.dev/revision";
pub const CHECK: &str = "pushboat.dev/check";
/// On the parent: other namespaces with a parent of this app, as long as it moves.
pub const ALSO_IN: &str = "pushboat.dev/also-in";

/// Type of a history Secret.
pub const REVISION_TYPE: &str = "pushboat.dev/revision";

/// Argo CD's options on objects, comma-separated.
pub const ARGO_SYNC_OPTIONS: &str = "argocd.argoproj.io/sync-options";
pub const ARGO_COMPARE_OPTIONS: &str = "argocd.argoproj.io/compare-options";
pub const ARGO_HOOK: &str = "argocd.argoproj.io/hook";
pub const ARGO_SYNC_WAVE: &str = "argocd.argoproj.io/sync-wave";
/// Helm's, which stand in for Argo CD's own where those are not given.
pub const HELM_HOOK: &str = "helm.sh/hook";
pub const HELM_HOOK_WEIGHT: &str = "helm.sh/hook-weight";
pub const HELM_RESOURCE_POLICY: &str = "helm.sh/resource-policy";

/// What `kubectl apply` applied last, as JSON.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Written into pod templates by `kubectl rollout restart`.
pub const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";
