//! Patches of all three fields and both forms, by name and by selector.

use super::layer::Layer;
use super::objects::{Known, api_version, has_template};

/// Changes to an object called NAME; NS is its namespace, if it has one.
const CHANGES: &[&str] = &[
    "metadata: {name: NAME, NSlabels: {patched: 'true', tier: null}}",
    "metadata: {name: NAME, NSlabels: {x: y}}",
    "metadata: {name: NAME, NSannotations: {note: null, more: \"1\", b: 'yes'}}",
    "metadata: {name: NAME, NSlabels: {}, annotations: {}, finalizers: [a, b]}",
    "metadata: {name: NAME, NSfinalizers: [b, a, 1, b, null, '1']}",
    "metadata: {name: NAME, NSfinalizers: [{$patch: replace}, c]}",
    "metadata: {name: NAME, NSannotations: null}",
    "metadata: {name: NAME, NSannotations: {$patch: replace, only: this}}",
    "metadata: {name: NAME, NS}\n$patch: delete",
    "metadata: {name: NAME, NS}\n$patch: replace\nspec: {new: 1}",
];
/// For kinds with pods.
const POD_CHANGES: &[&str] = &[
    "spec: {replicas: 4, extra: {a: {b: null}}}",
    "spec: {template: {spec: {containers: [{name: c1, image: other}, {name: c9, image: last}]}}}",
    "spec: {template: {spec: {containers: [{name: c0, env: [{name: A, value: x}, {name: Z, value: z}]}]}}}",
    "spec: {template: {spec: {containers: [{name: c0, $patch: delete}]}}}",
    "spec: {template: {spec: {volumes: [{name: v, $patch: delete}, {name: w, emptyDir: {}}]}}}",
    "spec: {template: {spec: {containers: [{name: c0, ports: [{containerPort: 80, name: x}, {containerPort: 53, protocol: UDP, name: y}]}]}}}",
    "spec: {template: {spec: {containers: [{name: c0, ports: [{containerPort: 80, protocol: TCP}, {containerPort: 53, protocol: UDP, $patch: delete}]}]}}}",
    "spec: {template: {spec: {containers: [{$patch: replace}, {name: only, image: nginx}]}}}",
    "spec: {template: {spec: {containers: [{name: c0, env: [{name: A, value: null}, {name: B, $patch: delete}], volumeMounts: [{mountPath: /a, name: w}], args: [z]}]}}}",
    "spec: {template: {metadata: {labels: {p: q}, annotations: {count: 1}}, spec: {serviceAccountName: api, tolerations: [{key: k}], volumes: [{name: v, configMap: null, emptyDir: {}}]}}}",
    "spec: {template: {spec: {$patch: replace, containers: [{name: z, image: redis}]}}}",
    "spec: {selector: {$patch: delete}, template: {spec: {initContainers: [{name: c8, image: i}, {name: c7, image: nginx}]}}}",
    "spec: {template: {spec: {topologySpreadConstraints: [{topologyKey: z, whenUnsatisfiable: DoNotSchedule, maxSkew: 2}, {topologyKey: y}], imagePullSecrets: [{name: sec}]}}}",
    "spec: {volumeClaimTemplates: [{metadata: {name: data}}]}",
    // Lists as they should not be.
    "spec: {template: {spec: {containers: [{image: nameless}, {name: c0, image: named}]}}}",
    "spec: {template: {spec: {containers: [{name: c0, env: [{name: A, value: one}, {name: A, value: two}, {name: null, value: z}]}]}}}",
    "spec: {template: {spec: {containers: [{name: c0, image: r, $patch: replace}, {$patch: merge}, {}, null]}}}",
    "spec: {template: {spec: {containers: [{name: c0, ports: [{containerPort: 80, protocol: null}, {protocol: UDP}, {name: x}]}, text]}}}",
    "spec: {template: {spec: {imagePullSecrets: [{name: {a: b}}], tolerations: [a]}}}",
];
const SERVICE_CHANGES: &[&str] = &[
    "spec: {ports: [{port: 80, name: http}, {port: 443}]}",
    "spec: {ports: [{port: 53, protocol: UDP, $patch: delete}], selector: {app: null, b: c}}",
    "spec: {ports: [{port: 53, protocol: TCP, name: tcp}], type: NodePort}",
    "spec: {ports: [{protocol: TCP}, {port: 80, protocol: TCP}, {port: 80, targetPort: 1}]}",
    "spec: {ports: [{$patch: replace}, {port: 1}, {$patch: replace}]}",
];
const WIDGET_CHANGES: &[&str] = &[
    "spec: {list: [{name: a, value: 2}], k0: changed, k1: null}",
    "spec: {refs: [], numbers: [3], new: {deep: {er: [1, {a: b}]}}}",
    "spec: {$patch: replace, ref: web}",
    "spec: null",
];
const DATA_CHANGES: &[&str] = &[
    "data: {k0: changed, new: yes, k1: null}",
    "data: {k0: null, k1: null, k2: null}",
    "data: null",
    "data: {a: 'Yg==', z: x}",
];
const BINDING_CHANGES: &[&str] = &[
    "subjects: [{kind: ServiceAccount, name: default, namespace: ns2}]",
    "roleRef: {name: api}",
];

/// JSON patches that fit every object.
const OPERATIONS: &[&str] = &[
    "[{op: add, path: /metadata/labels, value: {patched: \"true\"}}]",
    "[{op: add, path: /metadata/annotations, value: {count: \"1\"}}]",
    "[{op: test, path: /kind, value: KIND}, {op: add, path: /y, value: null}]",
    "[{op: add, path: /x, value: yes}]",
    "[{op: add, path: /metadata/annotations/added, value: x}]",
    "[{op: remove, path: /metadata/annotations}]",
    "[{op: add, path: /spec, value: {a: [1, 2], b: 1.0, c: 9007199254740993}}, {op: add, path: /spec/a/0, value: 0644}, {op: remove, path: /spec/a/-1}]",
    "[{op: copy, from: /metadata/name, path: /copied}, {op: move, from: /copied, path: /metadata/~1x~0}]",
    "[{op: replace, path: /metadata/name, value: renamed}]",
    "[{op: replace, path: /metadata/namespace, value: ns2}]",
    "[{op: add, path: /metadata/namespace, value: prod}]",
];
const POD_OPERATIONS: &[&str] = &[
    "[{op: replace, path: /spec/replicas, value: 5}]",
    "[{op: add, path: /spec/template/spec/containers/-, value: {name: new, image: nginx}}]",
    "[{op: replace, path: /spec/template/spec/containers/0/image, value: 1.0}]",
    "[{op: add, path: /spec/template/spec/containers/0/env, value: [{name: A, value: \"2020-01-01\"}]}]",
    "[{op: remove, path: /spec/selector}]",
];

const BY: &[&str] = &[
    "kind: KIND, name: NAME",
    "kind: KIND, name: NAME",
    "kind: KIND, name: 'N.*|NAME'",
    "kind: KIND, labelSelector: tier=front",
    "kind: KIND, labelSelector: 'tier in (front, back),!gone'",
    "kind: KIND, annotationSelector: note!=a",
    "name: NAME",
    "kind: KIND, namespace: default",
    "kind: KIND, namespace: 'ns.*'",
    "version: v1, kind: 'Dep.*|State.*'",
    "group: apps|batch",
    "kind: KIND",
];

impl Layer<'_> {
    pub fn patches(&mut self) {
        if self.chance(50) {
            self.line("patches:");
            for n in 0..=self.case.random.below(3) {
                self.patch(n);
            }
        }
        if self.chance(12) {
            self.line("patchesStrategicMerge:");
            let target = self.target();
            let change = self.change(&target);
            if self.chance(50) {
                self.add("psm.yaml", change);
                self.line("- psm.yaml");
            } else {
                self.line(&format!("- |\n{}", indented(&change, "  ")));
            }
        }
        if self.chance(12) {
            let target = self.target();
            let operations = self.operations(&target);
            self.line("patchesJson6902:");
            let by = format!(
                "kind: {}, name: '{}'",
                target.kind,
                self.either_name(&target)
            );
            if self.chance(50) {
                self.add("p6902.yaml", operations);
                self.line(&format!("- target: {{{by}}}\n  path: p6902.yaml"));
            } else {
                self.line(&format!(
                    "- target: {{{by}}}\n  patch: |\n{}",
                    indented(&operations, "    ")
                ));
            }
        }
    }

    fn either_name(&mut self, target: &Known) -> String {
        match self.case.random.below(3) {
            0 => format!("p-{}", target.name),
            1 => format!(".*{}", target.name),
            _ => target.name.clone(),
        }
    }

    /// A JSON patch, as YAML or as JSON.
    pub fn operations(&mut self, target: &Known) -> String {
        let text = if has_template(&target.kind) && self.chance(60) {
            self.pick(POD_OPERATIONS)
        } else {
            self.pick(OPERATIONS)
        };
        let text = text.replace("KIND", &target.kind);
        match self.case.random.below(100) {
            // YAML in brackets is refused: what starts with one must be JSON. So is a patch that changes nothing.
            0 => text,
            1 => "[]".to_owned(),
            2..8 => "[{\"op\": \"add\", \"path\": \"/metadata/labels\", \"value\": {\"j\": \"\\u00e9\"}}]".to_owned(),
            _ => as_block(&text),
        }
    }

    fn selector(&mut self, target: &Known) -> String {
        let by = self.pick(BY);
        by.replace("KIND", &target.kind)
            .replace("NAME", &target.name)
    }

    /// A strategic merge patch for a target.
    pub fn change(&mut self, target: &Known) -> String {
        let changes = match target.kind.as_str() {
            kind if has_template(kind) => POD_CHANGES,
            "Service" => SERVICE_CHANGES,
            "Widget" => WIDGET_CHANGES,
            "ConfigMap" | "Secret" => DATA_CHANGES,
            "RoleBinding" | "ClusterRoleBinding" => BINDING_CHANGES,
            _ => CHANGES,
        };
        let namespace = if target.namespace.is_empty() {
            String::new()
        } else {
            format!("namespace: {}, ", target.namespace)
        };
        let change = if changes.len() == CHANGES.len() || self.chance(30) {
            // Deleting is for seldom: little is left to compare afterwards.
            let n = if self.chance(15) {
                CHANGES.len()
            } else {
                CHANGES.len() - 2
            };
            CHANGES[self.case.random.below(n)].to_owned()
        } else {
            format!("metadata: {{name: NAME, NS}}\n{}", self.pick(changes))
        };
        let change = change
            .replace("NAME", &target.name)
            .replace("NS", &namespace);
        format!(
            "apiVersion: {}\nkind: {}\n{change}\n",
            api_version(&target.kind),
            target.kind
        )
    }

    fn patch(&mut self, n: usize) {
        let target = self.target();
        if self.chance(40) {
            let by = self.selector(&target);
            let operations = self.operations(&target);
            if self.chance(30) {
                self.add(&format!("op{n}.yaml"), operations);
                self.line(&format!("- target: {{{by}}}\n  path: op{n}.yaml"));
            } else {
                self.line(&format!(
                    "- target: {{{by}}}\n  patch: |\n{}",
                    indented(&operations, "    ")
                ));
            }
            return;
        }
        let mut change = self.change(&target);
        // What a generator makes is not hashed the same as another kind.
        let is_hashed = matches!(target.kind.as_str(), "ConfigMap" | "Secret");
        let options = self.pick(if is_hashed {
            &["", "\n  options: {allowNameChange: true}"]
        } else {
            &[
                "",
                "",
                "",
                "",
                "\n  options: {allowNameChange: true}",
                "\n  options: {allowKindChange: true}",
                "\n  options: {allowNameChange: true, allowKindChange: true}",
            ]
        });
        let mut by = String::new();
        if self.chance(45) {
            let selector = if options.contains("allowKindChange") {
                format!("kind: {}", target.kind)
            } else {
                self.selector(&target)
            };
            by = format!("\n  target: {{{selector}}}");
            if self.chance(40) {
                // With a target, the patch's own name and kind count for nothing, or for the change.
                change = change.replacen(&format!("name: {}", target.name), "name: other", 1);
            }
            if options.contains("allowKindChange") && self.chance(50) {
                change = change.replacen(&format!("kind: {}", target.kind), "kind: Gadget", 1);
            }
        }
        if self.chance(35) {
            self.line(&format!(
                "- patch: |\n{}{by}{options}",
                indented(&change, "    ")
            ));
        } else {
            self.add(&format!("p{n}.yaml"), change);
            self.line(&format!("- path: p{n}.yaml{by}{options}"));
        }
    }
}

/// `[{..}, {..}]` with a line each.
fn as_block(operations: &str) -> String {
    let inner = operations.trim_start_matches('[').trim_end_matches(']');
    format!("- {}", inner.replace("}, {op", "}\n- {op"))
}

pub fn indented(text: &str, indent: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("{indent}{line}")).collect();
    lines.join("\n")
}
