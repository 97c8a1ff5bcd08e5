//! The built-in tables of fields that hold names of other objects, and of fields that variables may stand in.

use super::config::NameReference;
use super::defaults::{gvk, reference, sorted};
use super::fieldspec::{FieldSpec, Specs};

/// Kinds with a pod inside, and where it is.
const PODS: &[(&str, &str)] = &[
    ("//Deployment", "spec/template/spec"),
    ("//ReplicaSet", "spec/template/spec"),
    ("//DaemonSet", "spec/template/spec"),
    ("//StatefulSet", "spec/template/spec"),
    ("//Job", "spec/template/spec"),
    ("//CronJob", "spec/jobTemplate/spec/template/spec"),
];

const RBAC: &str = "rbac.authorization.k8s.io";

fn spec(of: &str, path: &str) -> FieldSpec {
    FieldSpec::new(gvk(of), path, false)
}

/// The same fields below the pod of each kind.
fn in_pods(kinds: &[(&str, &str)], fields: &[&str]) -> Vec<FieldSpec> {
    kinds
        .iter()
        .flat_map(|(of, pod)| {
            fields
                .iter()
                .map(move |field| spec(of, &format!("{pod}/{field}")))
        })
        .collect()
}

fn rows(rows: &[(&str, &str)]) -> Vec<FieldSpec> {
    rows.iter().map(|(of, path)| spec(of, path)).collect()
}

/// The eight kinds whose pods may name ConfigMaps and Secrets.
fn config_pods() -> Vec<(&'static str, &'static str)> {
    let mut kinds = vec![("/v1/Pod", "spec"), ("//PodTemplate", "template/spec")];
    kinds.extend(PODS);
    kinds
}

/// The seven kinds whose pods may name accounts, claims and priorities.
fn account_pods() -> Vec<(&'static str, &'static str)> {
    let mut kinds = vec![
        ("//Pod", "spec"),
        ("//ReplicationController", "spec/template/spec"),
    ];
    kinds.extend(PODS.iter().filter(|(of, _)| *of != "//ReplicaSet"));
    kinds
}

/// Which fields hold names of which types.
pub(super) fn name_references() -> Vec<NameReference> {
    let mut references = vec![
        reference("/v1/ConfigMap", config_map()),
        reference("/v1/Secret", secret()),
        reference("/v1/Service", service()),
        reference(
            &format!("{RBAC}//Role"),
            rows(&[(&format!("{RBAC}//RoleBinding"), "roleRef/name")]),
        ),
        reference(
            &format!("{RBAC}//ClusterRole"),
            rows(&[
                (&format!("{RBAC}//RoleBinding"), "roleRef/name"),
                (&format!("{RBAC}//ClusterRoleBinding"), "roleRef/name"),
            ]),
        ),
        reference("/v1/ServiceAccount", service_account()),
        reference(
            "admissionregistration.k8s.io//ValidatingAdmissionPolicy",
            rows(&[(
                "admissionregistration.k8s.io//ValidatingAdmissionPolicyBinding",
                "spec/policyName",
            )]),
        ),
    ];
    references.extend(storage());
    for kind in [
        "Deployment",
        "ReplicationController",
        "ReplicaSet",
        "StatefulSet",
    ] {
        references.push(reference(
            &format!("//{kind}"),
            rows(&[("//HorizontalPodAutoscaler", "spec/scaleTargetRef/name")]),
        ));
    }
    super::config::sort_references(&mut references);
    references
}

/// Claims, volumes and storage classes, and the priorities of pods.
fn storage() -> [NameReference; 4] {
    [
        reference(
            "/v1/PersistentVolumeClaim",
            in_pods(
                &account_pods(),
                &["volumes/persistentVolumeClaim/claimName"],
            ),
        ),
        reference(
            "scheduling.k8s.io/v1/PriorityClass",
            in_pods(&account_pods(), &["priorityClassName"]),
        ),
        reference(
            "/v1/PersistentVolume",
            rows(&[
                ("//PersistentVolumeClaim", "spec/volumeName"),
                (&format!("{RBAC}//ClusterRole"), "rules/resourceNames"),
            ]),
        ),
        reference(
            "storage.k8s.io/v1/StorageClass",
            rows(&[
                ("//PersistentVolume", "spec/storageClassName"),
                ("//PersistentVolumeClaim", "spec/storageClassName"),
                (
                    "//StatefulSet",
                    "spec/volumeClaimTemplates/spec/storageClassName",
                ),
            ]),
        ),
    ]
}

fn config_map() -> Vec<FieldSpec> {
    let mut specs = in_pods(
        &config_pods(),
        &[
            "volumes/configMap/name",
            "containers/env/valueFrom/configMapKeyRef/name",
            "initContainers/env/valueFrom/configMapKeyRef/name",
            "containers/envFrom/configMapRef/name",
            "initContainers/envFrom/configMapRef/name",
            "volumes/projected/sources/configMap/name",
        ],
    );
    specs.extend(rows(&[
        ("//Node", "spec/configSource/configMap"),
        (&format!("{RBAC}//Role"), "rules/resourceNames"),
        (&format!("{RBAC}//ClusterRole"), "rules/resourceNames"),
        (
            "//Ingress",
            r"metadata/annotations/nginx.ingress.kubernetes.io\/fastcgi-params-configmap",
        ),
    ]));
    specs
}

fn secret() -> Vec<FieldSpec> {
    let mut specs = in_pods(
        &config_pods(),
        &[
            "volumes/secret/secretName",
            "containers/env/valueFrom/secretKeyRef/name",
            "initContainers/env/valueFrom/secretKeyRef/name",
            "containers/envFrom/secretRef/name",
            "initContainers/envFrom/secretRef/name",
            "imagePullSecrets/name",
            "volumes/projected/sources/secret/name",
        ],
    );
    specs.extend(rows(&[
        ("//Ingress", "spec/tls/secretName"),
        (
            "//Ingress",
            r"metadata/annotations/ingress.kubernetes.io\/auth-secret",
        ),
        (
            "//Ingress",
            r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-secret",
        ),
        (
            "//Ingress",
            r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-tls-secret",
        ),
        ("//ServiceAccount", "imagePullSecrets/name"),
        ("//StorageClass", "parameters/secretName"),
        ("//StorageClass", "parameters/adminSecretName"),
        ("//StorageClass", "parameters/userSecretName"),
        ("//StorageClass", "parameters/secretRef"),
        (&format!("{RBAC}//Role"), "rules/resourceNames"),
        (&format!("{RBAC}//ClusterRole"), "rules/resourceNames"),
        (
            "serving.knative.dev/v1/Service",
            "spec/template/spec/containers/env/valueFrom/secretKeyRef/name",
        ),
        ("//PersistentVolume", "spec/azureFile/secretName"),
    ]));
    specs
}

fn service() -> Vec<FieldSpec> {
    rows(&[
        ("apps//StatefulSet", "spec/serviceName"),
        ("//Ingress", "spec/rules/http/paths/backend/serviceName"),
        ("//Ingress", "spec/backend/serviceName"),
        ("//Ingress", "spec/rules/http/paths/backend/service/name"),
        ("//Ingress", "spec/defaultBackend/service/name"),
        ("apiregistration.k8s.io//APIService", "spec/service/name"),
        (
            "admissionregistration.k8s.io//ValidatingWebhookConfiguration",
            "webhooks/clientConfig/service",
        ),
        (
            "admissionregistration.k8s.io//MutatingWebhookConfiguration",
            "webhooks/clientConfig/service",
        ),
    ])
}

fn service_account() -> Vec<FieldSpec> {
    let mut specs = in_pods(&account_pods(), &["serviceAccountName"]);
    specs.extend(rows(&[
        (&format!("{RBAC}//RoleBinding"), "subjects"),
        (&format!("{RBAC}//ClusterRoleBinding"), "subjects"),
    ]));
    specs
}

/// Where `$(NAME)` is replaced.
pub(super) fn var_references() -> Specs {
    let mut kinds = vec![("//Pod", "spec")];
    kinds.extend(PODS);
    let mut specs = in_pods(
        &kinds,
        &[
            "containers/args",
            "containers/command",
            "containers/env/value",
            "containers/volumeMounts/mountPath",
            "initContainers/args",
            "initContainers/command",
            "initContainers/env/value",
            "initContainers/volumeMounts/mountPath",
        ],
    );
    specs.extend(
        kinds
            .iter()
            .filter(|(of, _)| !matches!(*of, "//StatefulSet" | "//CronJob"))
            .map(|(of, pod)| spec(of, &format!("{pod}/volumes/nfs/server"))),
    );
    specs.extend(rows(&[
        ("//StatefulSet", "spec/volumeClaimTemplates/spec/nfs/server"),
        (
            "//CronJob",
            "spec/jobTemplate/spec/template/volumes/nfs/server",
        ),
        ("//Deployment", "spec/template/metadata/annotations"),
        ("//Ingress", "spec/rules/host"),
        ("//Ingress", "spec/tls/hosts"),
        ("//Ingress", "spec/tls/secretName"),
        ("//Service", "spec/ports/port"),
        ("//Service", "spec/ports/targetPort"),
        ("//PersistentVolume", "spec/nfs/server"),
        ("//", "metadata/labels"),
        ("//", "metadata/annotations"),
    ]));
    sorted(specs)
}
