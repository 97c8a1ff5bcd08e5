//! The field tables that kustomize has built in.

use std::sync::{Arc, LazyLock};

use super::config::{NameReference, Tables};
use super::fieldspec::{FieldSpec, Specs};
use crate::object::Gvk;

/// A type as `group/version/kind`, any part empty, and the fields of it. `+` in front of a path: it is made.
type Rows = &'static [(&'static str, &'static [&'static str])];

/// The built-in tables, made once.
pub fn tables() -> Arc<Tables> {
    static TABLES: LazyLock<Arc<Tables>> = LazyLock::new(|| Arc::new(build()));
    TABLES.clone()
}

fn build() -> Tables {
    Tables {
        name_prefix: specs(&[("//", &["metadata/name"])]),
        name_suffix: specs(&[("//", &["metadata/name"])]),
        namespace: specs(NAMESPACE),
        common_labels: common_labels(),
        labels: Specs::default(),
        template_labels: template_labels(),
        claim_template_labels: specs(&[("apps//StatefulSet", &[CLAIM_LABELS])]),
        common_annotations: specs(ANNOTATIONS),
        name_references: super::defaults_names::name_references(),
        var_references: super::defaults_names::var_references(),
        images: specs(IMAGES),
        replicas: specs(REPLICAS),
    }
}

/// Reads `group/version/kind`.
pub(super) fn gvk(text: &str) -> Gvk {
    let mut parts = text.rsplitn(3, '/');
    let kind = parts.next().unwrap_or_default().to_owned();
    let version = parts.next().unwrap_or_default().to_owned();
    let group = parts.next().unwrap_or_default().to_owned();
    Gvk {
        group,
        version,
        kind,
    }
}

fn row(of: &str, path: &str) -> FieldSpec {
    match path.strip_prefix('+') {
        Some(path) => FieldSpec::new(gvk(of), path, true),
        None => FieldSpec::new(gvk(of), path, false),
    }
}

fn specs(rows: Rows) -> Specs {
    sorted(
        rows.iter()
            .flat_map(|(of, paths)| paths.iter().map(|path| row(of, path)))
            .collect(),
    )
}

pub(super) fn sorted(rows: Vec<FieldSpec>) -> Specs {
    let mut specs = Specs(rows);
    specs.0.sort_by_cached_key(|spec| {
        (
            super::sort::legacy_rank(&spec.gvk.kind),
            super::id::sort_text(&spec.gvk),
        )
    });
    specs
}

const NAMESPACE: Rows = &[
    ("/v1/Namespace", &["+metadata/name"]),
    (
        "apiregistration.k8s.io//APIService",
        &["+spec/service/namespace"],
    ),
    (
        "apiextensions.k8s.io//CustomResourceDefinition",
        &["spec/conversion/webhook/clientConfig/service/namespace"],
    ),
];

const IMAGES: Rows = &[(
    "//",
    &[
        "+spec/containers[]/image",
        "+spec/initContainers[]/image",
        "+spec/volumes[]/image/reference",
        "+spec/template/spec/containers[]/image",
        "+spec/template/spec/initContainers[]/image",
        "+spec/template/spec/volumes[]/image/reference",
        "+spec/jobTemplate/spec/template/spec/volumes[]/image/reference",
    ],
)];

const REPLICAS: Rows = &[
    ("//Deployment", &["+spec/replicas"]),
    ("//ReplicationController", &["+spec/replicas"]),
    ("//ReplicaSet", &["+spec/replicas"]),
    ("//StatefulSet", &["+spec/replicas"]),
];

const TEMPLATE_ANNOTATIONS: &str = "+spec/template/metadata/annotations";

const ANNOTATIONS: Rows = &[
    ("//", &["+metadata/annotations"]),
    ("/v1/ReplicationController", &[TEMPLATE_ANNOTATIONS]),
    ("//Deployment", &[TEMPLATE_ANNOTATIONS]),
    ("//ReplicaSet", &[TEMPLATE_ANNOTATIONS]),
    ("//DaemonSet", &[TEMPLATE_ANNOTATIONS]),
    ("//StatefulSet", &[TEMPLATE_ANNOTATIONS]),
    ("batch//Job", &[TEMPLATE_ANNOTATIONS]),
    (
        "batch//CronJob",
        &[
            "+spec/jobTemplate/metadata/annotations",
            "+spec/jobTemplate/spec/template/metadata/annotations",
        ],
    ),
];

const CLAIM_LABELS: &str = "+spec/volumeClaimTemplates[]/metadata/labels";
const TEMPLATE_LABELS: &str = "+spec/template/metadata/labels";

const TEMPLATES: Rows = &[
    ("/v1/ReplicationController", &[TEMPLATE_LABELS]),
    ("//Deployment", &[TEMPLATE_LABELS]),
    ("//ReplicaSet", &[TEMPLATE_LABELS]),
    ("//DaemonSet", &[TEMPLATE_LABELS]),
    ("apps//StatefulSet", &[TEMPLATE_LABELS]),
    ("batch//Job", &[TEMPLATE_LABELS]),
    (
        "batch//CronJob",
        &[
            "+spec/jobTemplate/metadata/labels",
            "+spec/jobTemplate/spec/template/metadata/labels",
        ],
    ),
];

const SELECTORS: Rows = &[
    ("/v1/Service", &["+spec/selector"]),
    ("/v1/ReplicationController", &["+spec/selector"]),
    ("//Deployment", &["+spec/selector/matchLabels"]),
    ("//ReplicaSet", &["+spec/selector/matchLabels"]),
    ("//DaemonSet", &["+spec/selector/matchLabels"]),
    (
        "apps//StatefulSet",
        &["+spec/selector/matchLabels", CLAIM_LABELS],
    ),
    ("batch//Job", &["spec/selector/matchLabels"]),
    (
        "batch//CronJob",
        &["spec/jobTemplate/spec/selector/matchLabels"],
    ),
    (
        "policy//PodDisruptionBudget",
        &["spec/selector/matchLabels"],
    ),
    (
        "networking.k8s.io//NetworkPolicy",
        &[
            "spec/podSelector/matchLabels",
            "spec/ingress/from/podSelector/matchLabels",
            "spec/egress/to/podSelector/matchLabels",
        ],
    ),
];

fn template_labels() -> Specs {
    let mut rows = vec![row("//", "+metadata/labels")];
    rows.extend(specs(TEMPLATES).0);
    sorted(rows)
}

fn common_labels() -> Specs {
    const AFFINITY: &str = "spec/template/spec/affinity";
    let mut rows = template_labels().0;
    rows.extend(specs(SELECTORS).0);
    for of in ["apps//Deployment", "apps//StatefulSet"] {
        for affinity in ["podAffinity", "podAntiAffinity"] {
            rows.push(row(
                of,
                &format!(
                    "{AFFINITY}/{affinity}/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels"
                ),
            ));
            rows.push(row(
                of,
                &format!("{AFFINITY}/{affinity}/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels"),
            ));
        }
        rows.push(row(
            of,
            "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels",
        ));
    }
    sorted(rows)
}

/// One row of the name table.
pub(super) fn reference(of: &str, referrers: Vec<FieldSpec>) -> NameReference {
    NameReference {
        gvk: gvk(of),
        referrers: sorted(referrers),
    }
}
