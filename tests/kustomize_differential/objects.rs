//! Objects that refer to one another, with scalars that readers and writers disagree about.

use std::fmt::Write as _;

use super::random::Random;

pub const NAMES: &[&str] = &["web", "api", "db", "cfg", "sec"];
pub const NAMESPACES: &[&str] = &["default", "ns1", "ns2"];
pub const KINDS: &[&str] = &[
    "Deployment",
    "Deployment",
    "StatefulSet",
    "StatefulSet",
    "DaemonSet",
    "CronJob",
    "Service",
    "Service",
    "ConfigMap",
    "ConfigMap",
    "Secret",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "RoleBinding",
    "ClusterRole",
    "ClusterRoleBinding",
    "Ingress",
    "HorizontalPodAutoscaler",
    "Widget",
    "Widget",
    "Namespace",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "Job",
    "Pod",
    "ReplicaSet",
    "ReplicationController",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "APIService",
    "CustomResourceDefinition",
    "PriorityClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
];
/// Scalars that readers and writers disagree about.
const SCALARS: &[&str] = &[
    "plain",
    "\"yes\"",
    "yes",
    "0644",
    "1.0",
    "1e3",
    "2020-01-01",
    "'1:30'",
    "null",
    "~",
    "true",
    "\"\"",
    "'a: b'",
    "-1",
    "\"with \\\"quotes\\\"\"",
    "a very long text that goes on and on until it has to be folded because it is longer than the width",
    "12345678901234567890",
    "|\n        two\n        lines",
    "'it''s'",
    "'#no'",
    "0x1F",
    ".5",
    "'trailing '",
    "\"tab\\there\"",
    "é",
    "n",
    "$(ONE)",
    "'a-b-c'",
    "\"x$(ONE)/$(TWO)$$(ONE)\"",
    "'{\"a\": {\"b\": 1, \"l\": [1, 2]}, \"c\": \"x-y\"}'",
    "|\n        a:\n          b: 1\n        l:\n        - one # first\n        - two",
];
/// Texts that hold `a.b` and the list `l`.
const YAMLS: &[&str] = &[
    "|\n    a:\n      b: 1\n    l:\n    - one\n    - two",
    "|-\n    l: \n      - 'one'\n      - {x: \"y\"}\n    a: {b: ~, c: [1, 2]}",
    "\"a: {b: text}\\nl: [x]\\n\"",
    "|\n    # head\n    a:\n      b: true # line\n\n    # list\n    l:\n    # first\n    - one\n    # foot",
];
const JSONS: &[&str] = &[
    "'{\"a\": {\"b\": 1, \"l\": [1, 2]}, \"l\": [\"x\"]}'",
    "|\n    {\n      \"l\": [1.0, {\"x\": null}],\n      \"a\": {\"b\": \"<text>\"}\n    }",
];
const IMAGES: &[&str] = &[
    "nginx",
    "nginx:1.25",
    "reg.io:5000/team/app:v1",
    "busybox@sha256:abc",
    "redis:7@sha256:def",
];

pub fn api_version(kind: &str) -> &'static str {
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => "apps/v1",
        "CronJob" | "Job" => "batch/v1",
        "Role" | "RoleBinding" | "ClusterRole" | "ClusterRoleBinding" => {
            "rbac.authorization.k8s.io/v1"
        }
        "Ingress" | "NetworkPolicy" => "networking.k8s.io/v1",
        "HorizontalPodAutoscaler" => "autoscaling/v2",
        "PodDisruptionBudget" => "policy/v1",
        "StorageClass" => "storage.k8s.io/v1",
        "PriorityClass" => "scheduling.k8s.io/v1",
        "APIService" => "apiregistration.k8s.io/v1",
        "CustomResourceDefinition" => "apiextensions.k8s.io/v1",
        "ValidatingWebhookConfiguration"
        | "MutatingWebhookConfiguration"
        | "ValidatingAdmissionPolicy"
        | "ValidatingAdmissionPolicyBinding" => "admissionregistration.k8s.io/v1",
        "Widget" => "example.com/v1",
        _ => "v1",
    }
}

/// A variable without a namespace does not find them.
pub fn is_cluster_scoped(kind: &str) -> bool {
    kind.starts_with("Cluster")
        || kind.starts_with("Persistent")
        || kind.contains("Webhook")
        || kind.contains("Admission")
        || matches!(
            kind,
            "Namespace"
                | "StorageClass"
                | "APIService"
                | "CustomResourceDefinition"
                | "PriorityClass"
        )
}

/// Kinds whose pods stand at `spec/template`.
pub fn has_template(kind: &str) -> bool {
    matches!(
        kind,
        "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "ReplicaSet" | "ReplicationController"
    )
}

fn container(random: &mut Random, n: usize, indent: &str) -> String {
    let mut text = format!(
        "{indent}- name: c{n}\n{indent}  image: {}\n",
        random.pick(IMAGES)
    );
    if random.chance(40) {
        let (config, secret) = (random.pick(NAMES), random.pick(NAMES));
        let value = random.pick(&["\"1\"", "$(ONE)", "one-$(TWO)", "1", "a-b"]);
        let _ = write!(
            text,
            "{indent}  env:\n{indent}  - name: A\n{indent}    value: {value}\n{indent}  - name: B\n{indent}    valueFrom: {{configMapKeyRef: {{name: {config}, key: k}}}}\n{indent}  envFrom:\n{indent}  - secretRef: {{name: {secret}}}\n"
        );
    }
    if random.chance(30) {
        let _ = write!(
            text,
            "{indent}  ports:\n{indent}  - containerPort: 80\n{indent}  - {{containerPort: 53, protocol: UDP, name: dns}}\n"
        );
    }
    if random.chance(20) {
        let _ = writeln!(
            text,
            "{indent}  args: [--x, $(ONE), '--y=$(TWO)']\n{indent}  volumeMounts: [{{name: v, mountPath: /a}}, {{name: s, mountPath: /$(ONE)}}]"
        );
    }
    text
}

fn pod_spec(random: &mut Random, indent: &str) -> String {
    let mut text = format!("{indent}containers:\n");
    for n in 0..=random.below(2) {
        text.push_str(&container(random, n, indent));
    }
    if random.chance(15) {
        let _ = writeln!(text, "{indent}initContainers:");
        text.push_str(&container(random, 8, indent));
    }
    if random.chance(40) {
        let (config, secret, claim) = (random.pick(NAMES), random.pick(NAMES), random.pick(NAMES));
        let _ = write!(
            text,
            "{indent}volumes:\n{indent}- name: v\n{indent}  configMap: {{name: {config}}}\n{indent}- name: s\n{indent}  secret: {{secretName: {secret}}}\n{indent}- name: p\n{indent}  persistentVolumeClaim: {{claimName: {claim}}}\n{indent}- name: all\n{indent}  projected: {{sources: [{{configMap: {{name: {secret}}}}}, {{secret: {{name: {claim}}}}}]}}\n"
        );
    }
    if random.chance(40) {
        let _ = writeln!(text, "{indent}serviceAccountName: {}", random.pick(NAMES));
    }
    if random.chance(15) {
        let _ = writeln!(
            text,
            "{indent}priorityClassName: {}\n{indent}imagePullSecrets: [{{name: {}}}]",
            random.pick(NAMES),
            random.pick(NAMES)
        );
    }
    if random.chance(12) {
        let _ = writeln!(
            text,
            "{indent}topologySpreadConstraints: [{{topologyKey: z, whenUnsatisfiable: DoNotSchedule, labelSelector: {{matchLabels: {{app: web}}}}}}]\n{indent}affinity: {{podAntiAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: [{{topologyKey: z, labelSelector: {{matchLabels: {{app: web}}}}}}]}}}}"
        );
    }
    text
}

fn workload(random: &mut Random, kind: &str, name: &str) -> String {
    let selector = match kind {
        "ReplicationController" => format!("{{app: {name}}}"),
        _ => format!("{{matchLabels: {{app: {name}}}}}"),
    };
    let mut text = String::from("spec:\n");
    if kind != "Job" || random.chance(30) {
        let _ = writeln!(text, "  selector: {selector}");
    }
    if random.chance(30) {
        let _ = writeln!(text, "  replicas: {}", random.pick(&["1", "null", "\"2\""]));
    }
    if kind == "StatefulSet" {
        let _ = writeln!(text, "  serviceName: {}", random.pick(NAMES));
        if random.chance(40) {
            let _ = writeln!(
                text,
                "  volumeClaimTemplates:\n  - metadata: {{name: data}}\n    spec: {{storageClassName: {}}}\n  - metadata: {{name: more, labels: {{app: x}}}}",
                random.pick(NAMES)
            );
        }
    }
    let labels = match random.below(6) {
        0 => String::new(),
        1 => "    metadata:\n".to_owned(),
        _ => format!("    metadata:\n      labels: {{app: {name}}}\n"),
    };
    let _ = write!(
        text,
        "  template:\n{labels}    spec:\n{}",
        pod_spec(random, "      ")
    );
    text
}

fn binding(random: &mut Random, kind: &str, name: &str) -> String {
    let role = if kind == "RoleBinding" && random.chance(50) {
        "Role"
    } else {
        "ClusterRole"
    };
    let mut text = format!(
        "roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {role}, name: {name}}}\nsubjects:\n"
    );
    for _ in 0..=random.below(2) {
        let namespace = random.pick(&[
            "",
            ", namespace: default",
            ", namespace: ns1",
            ", namespace: ns2",
        ]);
        let account = random.pick(&["default", "web", "api", "db"]);
        let kind = random.pick(&["ServiceAccount", "ServiceAccount", "ServiceAccount", "User"]);
        let _ = writeln!(text, "- {{kind: {kind}, name: {account}{namespace}}}");
    }
    text
}

fn service_reference(random: &mut Random) -> String {
    let namespace = random.pick(&["", ", namespace: default", ", namespace: ns1"]);
    format!("{{name: {}{namespace}, path: /x}}", random.pick(NAMES))
}

fn ingress(random: &mut Random, name: &str) -> String {
    let backend = match random.below(4) {
        0 => format!("{{serviceName: {}, servicePort: 80}}", random.pick(NAMES)),
        _ => format!(
            "{{service: {{name: {}, port: {{number: 80}}}}}}",
            random.pick(NAMES)
        ),
    };
    let extra = match random.below(4) {
        0 => format!(
            "  defaultBackend: {{service: {{name: {}, port: {{number: 1}}}}}}\n",
            random.pick(NAMES)
        ),
        1 => "  ingressClassName: web\n".to_owned(),
        _ => String::new(),
    };
    format!(
        "spec:\n{extra}  tls:\n  - secretName: {name}\n    hosts: [$(ONE).x]\n  rules:\n  - host: $(TWO)\n    http:\n      paths:\n      - path: /\n        backend: {backend}\n"
    )
}

fn data(random: &mut Random, kind: &str) -> String {
    let field = if kind == "Widget" { "spec" } else { "data" };
    let mut text = format!("{field}:\n");
    for n in 0..=random.below(3) {
        let _ = writeln!(text, "  k{n}: {}", random.pick(SCALARS));
    }
    if kind == "Widget" {
        // What `configurations` and `crds` of this test know.
        let (a, b, c) = (random.pick(NAMES), random.pick(NAMES), random.pick(NAMES));
        let _ = writeln!(
            text,
            "  ref: {a}\n  refs: [{{name: {b}}}, {{name: {c}, namespace: ns1}}]\n  text: {b}\n  selector: {{app: {c}}}\n  image: nginx:1\n  list: [{{name: a, value: 1}}, {{name: b, value: x-y}}, {{name: ab}}]\n  numbers: [1, 2]"
        );
    }
    if kind == "ConfigMap" {
        // What replacements find their way into.
        let (yaml, json) = (random.pick(YAMLS), random.pick(JSONS));
        let _ = writeln!(text, "  yaml: {yaml}\n  json: {json}");
    }
    if kind == "ConfigMap" && random.chance(10) {
        text.push_str("binaryData: {b: aGk=}\n");
    }
    if kind == "ConfigMap" && random.chance(10) {
        text.push_str("immutable: true\n");
    }
    text
}

fn secret(random: &mut Random) -> String {
    match random.below(4) {
        0 => "type: t\nstringData: {a: plain, n: 1}\n".to_owned(),
        1 => "data: {a: Yg==}\nstringData: {b: \"long text long text long text long text long text long text\"}\n".to_owned(),
        2 => "type: Opaque\n".to_owned(),
        _ => "type: Opaque\ndata: {a: Yg==}\n".to_owned(),
    }
}

fn body(random: &mut Random, kind: &str) -> String {
    let name = random.pick(NAMES);
    match kind {
        "CronJob" => format!(
            "spec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n{}",
            pod_spec(random, "          ")
        ),
        "Pod" => format!("spec:\n{}", pod_spec(random, "  ")),
        "Service" => format!(
            "spec:\n  selector: {{app: {name}}}\n  ports:\n  - port: {}\n  - {{port: 53, protocol: UDP, name: dns, targetPort: 5}}\n",
            random.pick(&["80", "80", "$(ONE)"])
        ),
        "ConfigMap" | "Widget" => data(random, kind),
        "Secret" => secret(random),
        "ServiceAccount" => match random.below(3) {
            0 => format!("imagePullSecrets: [{{name: {name}}}]\nsecrets: [{{name: {name}}}]\n"),
            _ => String::new(),
        },
        "Role" | "ClusterRole" => format!(
            "rules:\n- apiGroups: ['']\n  resources: [secrets]\n  resourceNames: [{name}, {}]\n  verbs: [get]\n",
            random.pick(NAMES)
        ),
        "RoleBinding" | "ClusterRoleBinding" => binding(random, kind, name),
        "Ingress" => ingress(random, name),
        "HorizontalPodAutoscaler" => format!(
            "spec:\n  scaleTargetRef: {{kind: {}, name: {name}}}\n  metrics: [{{type: A}}]\n",
            random.pick(&["Deployment", "StatefulSet"])
        ),
        "NetworkPolicy" => format!(
            "spec:\n  podSelector: {{matchLabels: {{app: {name}}}}}\n  ingress: [{{from: [{{podSelector: {{matchLabels: {{app: {name}}}}}}}, {{podSelector: {{}}}}]}}]\n"
        ),
        "PodDisruptionBudget" => {
            format!("spec:\n  minAvailable: 1\n  selector: {{matchLabels: {{app: {name}}}}}\n")
        }
        kind if has_template(kind) => workload(random, kind, name),
        _ => odd_body(random, kind, name),
    }
}

/// Kinds that are cluster-scoped, or refer to such.
fn odd_body(random: &mut Random, kind: &str, name: &str) -> String {
    match kind {
        "PersistentVolumeClaim" => format!(
            "spec: {{storageClassName: {name}, volumeName: {}}}\n",
            random.pick(NAMES)
        ),
        "PersistentVolume" => format!(
            "spec: {{storageClassName: {name}, nfs: {{server: $(TWO)}}, azureFile: {{secretName: {name}}}}}\n"
        ),
        "StorageClass" => format!("parameters: {{secretName: {name}, adminSecretName: x}}\n"),
        "PriorityClass" => "value: 10\n".to_owned(),
        "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" => format!(
            "webhooks:\n- name: a.b.c\n  clientConfig: {{service: {}}}\n- name: d.e.f\n  clientConfig: {{service: {}}}\n",
            service_reference(random),
            service_reference(random)
        ),
        "APIService" => match random.below(3) {
            0 => "spec: {group: g}\n".to_owned(),
            _ => format!("spec: {{service: {}}}\n", service_reference(random)),
        },
        "CustomResourceDefinition" => match random.below(2) {
            0 => "spec: {group: example.com, names: {kind: Widget}}\n".to_owned(),
            _ => format!(
                "spec: {{conversion: {{webhook: {{clientConfig: {{service: {}}}}}}}}}\n",
                service_reference(random)
            ),
        },
        "ValidatingAdmissionPolicyBinding" => format!("spec: {{policyName: {name}}}\n"),
        _ => String::new(),
    }
}

/// An object that can be named: its kind, name and namespace as written.
#[derive(Clone, PartialEq)]
pub struct Known {
    pub kind: String,
    pub name: String,
    pub namespace: String,
}

/// The text of an object, and how it is found.
pub fn object(random: &mut Random, kind: &str, name: &str) -> (Known, String) {
    let mut text = format!(
        "apiVersion: {}\nkind: {kind}\nmetadata:\n  name: {name}\n",
        api_version(kind)
    );
    let mut namespace = "";
    if random.chance(20) {
        namespace = random.pick(NAMESPACES);
        let _ = writeln!(text, "  namespace: {namespace}");
    }
    if random.chance(30) {
        let _ = writeln!(
            text,
            "  labels: {{app: {name}, tier: {}}}",
            random.pick(&["front", "\"1\"", "back", "$(ONE)"])
        );
    }
    if random.chance(25) {
        let _ = writeln!(
            text,
            "  annotations:\n    note: {}",
            random.pick(&["a", "a-b", "\"yes\"", "null", "x-$(ONE)", "p/q/r"])
        );
        if kind == "Ingress" {
            let _ = writeln!(text, "    nginx.ingress.kubernetes.io/auth-secret: sec");
        }
        if random.chance(6) {
            let _ = writeln!(
                text,
                "    config.kubernetes.io/local-config: \"{}\"",
                random.pick(&["true", "false", ""])
            );
        }
    }
    let known = Known {
        kind: kind.to_owned(),
        name: name.to_owned(),
        namespace: namespace.to_owned(),
    };
    (known, text + &body(random, kind))
}
