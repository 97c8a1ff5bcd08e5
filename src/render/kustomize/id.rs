//! What an object is called inside a build: group, version, kind, name and namespace, and which kinds have no namespace.

use std::fmt;

use crate::object::Gvk;

/// Stands for the namespace of a kind that has none.
pub const CLUSTER_SCOPED: &str = "_non_namespaceable_";

/// Group, version, kind, name and the namespace as it is written (empty when it is not).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Id {
    pub gvk: Gvk,
    pub name: String,
    pub namespace: String,
    /// A schema of the kustomization's own says that the kind has no namespace.
    pub is_cluster_wide: bool,
}

impl Id {
    pub fn is_cluster_scoped(&self) -> bool {
        self.is_cluster_wide || is_cluster_scoped(&self.gvk)
    }

    /// The namespace that counts when ids are compared: unset and `default` are one.
    pub fn effective_namespace(&self) -> &str {
        if self.is_cluster_scoped() {
            CLUSTER_SCOPED
        } else if self.namespace.is_empty() {
            "default"
        } else {
            &self.namespace
        }
    }

    /// The same object, as far as a build can tell.
    pub fn is_same(&self, other: &Self) -> bool {
        self.gvk == other.gvk
            && self.name == other.name
            && self.effective_namespace() == other.effective_namespace()
    }

    /// A number that is equal for ids that are the same object.
    pub fn digest(&self) -> u64 {
        digest(
            &self.gvk,
            &self.gvk.kind,
            &self.name,
            self.effective_namespace(),
        )
    }
}

/// The digest of an id given in parts; `kind` may be an earlier one than `gvk`'s.
pub fn digest(gvk: &Gvk, kind: &str, name: &str, effective_namespace: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    (&gvk.group, &gvk.version, kind, name, effective_namespace).hash(&mut hasher);
    hasher.finish()
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or = |text: &'_ str, none: &'static str| -> String {
            if text.is_empty() {
                none.to_owned()
            } else {
                text.to_owned()
            }
        };
        write!(
            f,
            "{}.{}.{}/{}.{}",
            or(&self.gvk.kind, "[noKind]"),
            or(&self.gvk.version, "[noVer]"),
            or(&self.gvk.group, "[noGrp]"),
            or(&self.name, "[noName]"),
            or(&self.namespace, "[noNs]")
        )
    }
}

/// Whether kustomize knows this type to live outside namespaces. Its table was frozen at Kubernetes 1.21;
/// every type it does not know counts as namespaced.
pub fn is_cluster_scoped(gvk: &Gvk) -> bool {
    let kind = gvk.kind.as_str();
    match (gvk.group.as_str(), gvk.version.as_str()) {
        ("", "v1") => matches!(
            kind,
            "ComponentStatus" | "Namespace" | "Node" | "NodeProxyOptions" | "PersistentVolume"
        ),
        ("admissionregistration.k8s.io", version @ ("v1" | "v1beta1")) => {
            matches!(
                kind,
                "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration"
            ) || (version == "v1"
                && matches!(
                    kind,
                    "ValidatingAdmissionPolicy" | "ValidatingAdmissionPolicyBinding"
                ))
        }
        ("apiextensions.k8s.io", "v1" | "v1beta1") => kind == "CustomResourceDefinition",
        ("apiregistration.k8s.io", "v1" | "v1beta1") => kind == "APIService",
        ("certificates.k8s.io", "v1" | "v1beta1") => kind == "CertificateSigningRequest",
        ("flowcontrol.apiserver.k8s.io", "v1beta1") => {
            matches!(kind, "FlowSchema" | "PriorityLevelConfiguration")
        }
        ("networking.k8s.io", "v1" | "v1beta1") => kind == "IngressClass",
        ("node.k8s.io", "v1" | "v1beta1") => kind == "RuntimeClass",
        ("policy", "v1beta1") => kind == "PodSecurityPolicy",
        ("rbac.authorization.k8s.io", "v1" | "v1beta1") => {
            matches!(kind, "ClusterRole" | "ClusterRoleBinding")
        }
        ("scheduling.k8s.io", "v1" | "v1beta1") => kind == "PriorityClass",
        ("storage.k8s.io", "v1" | "v1beta1") => matches!(
            kind,
            "CSIDriver" | "CSINode" | "StorageClass" | "VolumeAttachment"
        ),
        _ => false,
    }
}

/// `GROUP_VERSION_KIND` with a mark for each empty part, the order that field specs and objects are sorted by.
pub fn sort_text(gvk: &Gvk) -> String {
    let or = |text: &'_ str, none: &'static str| -> String {
        if text.is_empty() {
            none.to_owned()
        } else {
            text.to_owned()
        }
    };
    format!(
        "{}_{}_{}",
        or(&gvk.group, "~G"),
        or(&gvk.version, "~V"),
        or(&gvk.kind, "~K")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(api_version: &str, kind: &str, name: &str, namespace: &str) -> Id {
        Id {
            gvk: Gvk::new(api_version, kind),
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            is_cluster_wide: false,
        }
    }

    #[test]
    fn an_unset_namespace_is_the_default_one() {
        let unset = id("v1", "ConfigMap", "a", "");
        let default = id("v1", "ConfigMap", "a", "default");
        assert!(unset.is_same(&default));
        assert_eq!(unset.digest(), default.digest());
        assert!(!unset.is_same(&id("v1", "ConfigMap", "a", "other")));
    }

    #[test]
    fn a_namespace_does_not_tell_cluster_scoped_objects_apart() {
        assert!(id("v1", "Node", "a", "x").is_same(&id("v1", "Node", "a", "")));
    }

    #[test]
    fn unknown_types_count_as_namespaced() {
        assert!(!is_cluster_scoped(&Gvk::new(
            "gateway.networking.k8s.io/v1",
            "GatewayClass"
        )));
    }

    #[test]
    fn empty_parts_are_spelled_out() {
        assert_eq!(
            id("", "ConfigMap", "a", "").to_string(),
            "ConfigMap.[noVer].[noGrp]/a.[noNs]"
        );
    }
}
