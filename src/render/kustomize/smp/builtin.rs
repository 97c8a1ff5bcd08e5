//! The merge keys of Kubernetes' own types, as frozen in kustomize at Kubernetes 1.21.

use super::ListMerge;
use crate::object::Gvk;

/// A place in a built-in type where lists below may be merged by key. A list and its items share one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Any known object without merged lists of its own besides its metadata.
    Object,
    Pod,
    PodTemplate,
    Workload,
    CronJob,
    Service,
    ServiceAccount,
    WebhookConfiguration,
    CsiNode,
    Node,
    /// Objects whose status has conditions by type.
    Conditioned,
    Meta,
    PodSpec,
    Template,
    WorkloadSpec,
    CronJobSpec,
    JobTemplate,
    ServiceSpec,
    CsiNodeSpec,
    NodeSpec,
    Status,
    Containers,
    EphemeralContainers,
    Volumes,
    Ephemeral,
    ClaimTemplate,
    /// A list of maps with no lists to merge below.
    Keyed(&'static [&'static str]),
    Set,
}

/// The type of a known `apiVersion` and kind.
pub fn of(gvk: &Gvk) -> Option<Type> {
    let kind = gvk.kind.as_str();
    match (gvk.group.as_str(), gvk.version.as_str()) {
        ("", "v1") => core(kind),
        ("apps", "v1") => match kind {
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => Some(Type::Workload),
            "ControllerRevision" => Some(Type::Object),
            _ => None,
        },
        ("batch", "v1") => match kind {
            "Job" => Some(Type::Workload),
            "CronJob" => Some(Type::CronJob),
            _ => None,
        },
        ("batch", "v1beta1") => (kind == "CronJob").then_some(Type::CronJob),
        ("admissionregistration.k8s.io", "v1" | "v1beta1") => matches!(
            kind,
            "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration"
        )
        .then_some(Type::WebhookConfiguration),
        ("storage.k8s.io", "v1" | "v1beta1") => match kind {
            "CSINode" => Some(Type::CsiNode),
            "StorageClass" | "VolumeAttachment" | "CSIDriver" | "CSIStorageCapacity" => {
                Some(Type::Object)
            }
            _ => None,
        },
        ("policy", "v1" | "v1beta1") => match kind {
            "PodDisruptionBudget" => Some(Type::Conditioned),
            "PodSecurityPolicy" | "Eviction" => Some(Type::Object),
            _ => None,
        },
        (group, version) => is_plain(group, version, kind).then_some(Type::Conditioned),
    }
}

fn core(kind: &str) -> Option<Type> {
    Some(match kind {
        "Pod" => Type::Pod,
        "PodTemplate" => Type::PodTemplate,
        "ReplicationController" => Type::Workload,
        "Service" => Type::Service,
        "ServiceAccount" => Type::ServiceAccount,
        "Node" => Type::Node,
        "Namespace" | "PersistentVolumeClaim" => Type::Conditioned,
        "ConfigMap" | "Secret" | "Endpoints" | "Event" | "LimitRange" | "PersistentVolume"
        | "ResourceQuota" | "Binding" | "ComponentStatus" => Type::Object,
        _ => return None,
    })
}

/// Types that hold nothing to merge but their metadata and status.
fn is_plain(group: &str, version: &str, kind: &str) -> bool {
    match (group, version) {
        ("networking.k8s.io", "v1") => matches!(kind, "Ingress" | "IngressClass" | "NetworkPolicy"),
        ("networking.k8s.io", "v1beta1") => matches!(kind, "Ingress" | "IngressClass"),
        ("extensions", "v1beta1") => kind == "Ingress",
        ("rbac.authorization.k8s.io", "v1" | "v1alpha1" | "v1beta1") => {
            matches!(
                kind,
                "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding"
            )
        }
        ("autoscaling", "v1" | "v2beta1" | "v2beta2") => kind == "HorizontalPodAutoscaler",
        ("apiextensions.k8s.io", "v1" | "v1beta1") => kind == "CustomResourceDefinition",
        ("apiregistration.k8s.io", "v1" | "v1beta1") => kind == "APIService",
        ("certificates.k8s.io", "v1" | "v1beta1") => kind == "CertificateSigningRequest",
        ("coordination.k8s.io", "v1" | "v1beta1") => kind == "Lease",
        ("discovery.k8s.io", "v1" | "v1beta1") => kind == "EndpointSlice",
        ("events.k8s.io", "v1" | "v1beta1") => kind == "Event",
        ("flowcontrol.apiserver.k8s.io", "v1beta1") => {
            matches!(kind, "FlowSchema" | "PriorityLevelConfiguration")
        }
        ("node.k8s.io", "v1" | "v1beta1" | "v1alpha1") => kind == "RuntimeClass",
        ("scheduling.k8s.io", "v1" | "v1beta1" | "v1alpha1") => kind == "PriorityClass",
        ("internal.apiserver.k8s.io", "v1alpha1") => kind == "StorageVersion",
        ("storage.k8s.io", "v1alpha1") => matches!(kind, "CSIStorageCapacity" | "VolumeAttachment"),
        _ => false,
    }
}

const NAME: &[&str] = &["name"];
const TYPE: &[&str] = &["type"];

impl Type {
    /// The type of a field; none where nothing below is merged by key.
    pub fn field(self, name: &str) -> Option<Self> {
        match self {
            Self::Object
            | Self::Pod
            | Self::PodTemplate
            | Self::Workload
            | Self::CronJob
            | Self::Service
            | Self::ServiceAccount
            | Self::WebhookConfiguration
            | Self::CsiNode
            | Self::Node
            | Self::Conditioned => self.field_of_object(name),
            Self::PodSpec => pod_spec(name),
            Self::Containers | Self::EphemeralContainers => self.field_of_container(name),
            Self::Meta => match name {
                "ownerReferences" => Some(Self::Keyed(&["uid"])),
                "finalizers" => Some(Self::Set),
                _ => None,
            },
            Self::Template => match name {
                "metadata" => Some(Self::Meta),
                "spec" => Some(Self::PodSpec),
                _ => None,
            },
            Self::WorkloadSpec => (name == "template").then_some(Self::Template),
            Self::CronJobSpec => (name == "jobTemplate").then_some(Self::JobTemplate),
            Self::JobTemplate => match name {
                "metadata" => Some(Self::Meta),
                "spec" => Some(Self::WorkloadSpec),
                _ => None,
            },
            Self::ServiceSpec => (name == "ports").then_some(Self::Keyed(&["port", "protocol"])),
            Self::CsiNodeSpec => (name == "drivers").then_some(Self::Keyed(NAME)),
            Self::NodeSpec => (name == "podCIDRs").then_some(Self::Set),
            Self::Status => match name {
                "conditions" => Some(Self::Keyed(TYPE)),
                "podIPs" => Some(Self::Keyed(&["ip"])),
                "addresses" => Some(Self::Keyed(TYPE)),
                _ => None,
            },
            Self::Volumes => (name == "ephemeral").then_some(Self::Ephemeral),
            Self::Ephemeral => (name == "volumeClaimTemplate").then_some(Self::ClaimTemplate),
            Self::ClaimTemplate => (name == "metadata").then_some(Self::Meta),
            Self::Keyed(_) | Self::Set => None,
        }
    }

    fn field_of_object(self, name: &str) -> Option<Self> {
        match (self, name) {
            (_, "metadata") => Some(Self::Meta),
            (Self::Object, _) => None,
            (_, "status") => Some(Self::Status),
            (Self::Pod, "spec") => Some(Self::PodSpec),
            (Self::PodTemplate, "template") => Some(Self::Template),
            (Self::Workload, "spec") => Some(Self::WorkloadSpec),
            (Self::CronJob, "spec") => Some(Self::CronJobSpec),
            (Self::Service, "spec") => Some(Self::ServiceSpec),
            (Self::ServiceAccount, "secrets") => Some(Self::Keyed(NAME)),
            (Self::WebhookConfiguration, "webhooks") => Some(Self::Keyed(NAME)),
            (Self::CsiNode, "spec") => Some(Self::CsiNodeSpec),
            (Self::Node, "spec") => Some(Self::NodeSpec),
            _ => None,
        }
    }

    fn field_of_container(self, name: &str) -> Option<Self> {
        match (self, name) {
            (_, "env") => Some(Self::Keyed(NAME)),
            (_, "volumeMounts") => Some(Self::Keyed(&["mountPath"])),
            (_, "volumeDevices") => Some(Self::Keyed(&["devicePath"])),
            (Self::Containers, "ports") => Some(Self::Keyed(&["containerPort", "protocol"])),
            _ => None,
        }
    }

    /// How a list of this type is merged.
    pub fn list(self) -> ListMerge<'static> {
        match self {
            Self::Containers | Self::EphemeralContainers | Self::Volumes => {
                ListMerge::Keys(NAME.to_vec())
            }
            Self::Keyed(keys) => ListMerge::Keys(keys.to_vec()),
            Self::Set => ListMerge::Set,
            _ => ListMerge::Replace,
        }
    }
}

fn pod_spec(name: &str) -> Option<Type> {
    match name {
        "containers" | "initContainers" => Some(Type::Containers),
        "ephemeralContainers" => Some(Type::EphemeralContainers),
        "volumes" => Some(Type::Volumes),
        "imagePullSecrets" => Some(Type::Keyed(NAME)),
        "hostAliases" => Some(Type::Keyed(&["ip"])),
        "topologySpreadConstraints" => Some(Type::Keyed(&["topologyKey", "whenUnsatisfiable"])),
        _ => None,
    }
}
