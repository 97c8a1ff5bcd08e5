//! Values copied from object to object: `replacements` and `vars`.

use super::layer::Layer;
use super::objects::{Known, api_version, has_template, is_cluster_scoped};

const OPTIONS: &[&str] = &[
    "{create: true}",
    "{create: true}",
    "{create: true}",
    "{delimiter: '-', index: 0, create: true}",
    "{delimiter: '/', index: 1, create: true}",
    "{delimiter: ':', index: -1, create: true}",
    "{delimiter: ':', index: 9, create: true}",
    "{}",
];

impl Layer<'_> {
    pub fn replacements(&mut self) {
        if !self.chance(35) {
            return;
        }
        self.line("replacements:");
        for n in 0..=self.case.random.below(2) {
            let replacement = self.replacement();
            if self.chance(20) {
                let content = if self.chance(50) {
                    format!("- {}", replacement.trim_start())
                } else {
                    replacement.replace("\n  ", "\n")
                };
                self.add(&format!("copy{n}.yaml"), content + "\n");
                self.line(&format!("- path: copy{n}.yaml"));
            } else {
                self.line(&format!("- {replacement}"));
            }
        }
    }

    /// A replacement whose lines after the first are indented by two.
    pub fn replacement(&mut self) -> String {
        let source = self.source();
        let mut text = format!("{source}\n  targets:");
        for _ in 0..=self.case.random.below(2) {
            let target = self.target();
            let select = match self.case.random.below(6) {
                0 => format!("{{name: {}}}", target.name),
                1 => format!("{{kind: {}, name: '.*{}.*'}}", target.kind, target.name),
                2 => format!("{{kind: {}, labelSelector: tier}}", target.kind),
                _ => format!("{{kind: {}}}", target.kind),
            };
            let reject = self.pick(&[
                "",
                "",
                "",
                "\n    reject: [{name: db}]",
                "\n    reject: [{kind: Widget, name: web}, {labelSelector: tier=back}]",
            ]);
            let paths = self.field_paths(&target);
            let mut options = self.pick(OPTIONS);
            if self.chance(85) {
                options = "{create: true}";
            }
            text.push_str(&format!(
                "\n  - select: {select}{reject}\n    fieldPaths: [{paths}]\n    options: {options}"
            ));
        }
        text
    }

    fn source(&mut self) -> String {
        if self.chance(15) {
            let value = self.pick(&["fixed", "a-b", "x/y"]);
            return format!("sourceValue: {value}");
        }
        let source = self.target();
        let namespace = if source.namespace.is_empty() || self.chance(50) {
            String::new()
        } else {
            format!(", namespace: {}", source.namespace)
        };
        let field = match source.kind.as_str() {
            "Widget" => self.pick(&[
                ", fieldPath: spec.ref",
                ", fieldPath: 'spec.list.[name=b].value'",
                ", fieldPath: spec.k0",
                ", fieldPath: 'spec.list.[name=b].value', options: {delimiter: '-', index: 1}",
                ", fieldPath: 'spec.numbers.-'",
            ]),
            "ConfigMap" => self.pick(&[
                "",
                "",
                "",
                ", fieldPath: data.k0",
                ", options: {delimiter: '-', index: 0}",
            ]),
            "Service" => self.pick(&["", ", fieldPath: 'spec.ports.0.port'"]),
            kind if has_template(kind) => self.pick(&[
                "",
                ", fieldPath: 'spec.template.spec.containers.[name=c0].image'",
                ", fieldPath: 'spec.template.spec.containers.[name=c0].image', options: {delimiter: ':', index: 0}",
                ", fieldPath: 'spec.template.spec.containers.0.name'",
            ]),
            _ => self.pick(&["", "", ", fieldPath: apiVersion", ", fieldPath: kind"]),
        };
        format!(
            "source: {{kind: {}, name: {}{namespace}{field}}}",
            source.kind, source.name
        )
    }

    fn field_paths(&mut self, target: &Known) -> String {
        let of_kind: &[&str] = match target.kind.as_str() {
            "Widget" => &[
                "spec.k0",
                "spec.new.deep.0",
                "spec.list.*.value",
                "'spec.list.[name=a].value'",
                "'spec.list.[name=new].value'",
                "spec.numbers.1",
                "'spec.numbers.[=2]'",
                "spec.selector",
                "spec.ref",
                "'spec.refs.*.name'",
            ],
            "ConfigMap" => &[
                "data.k0",
                "data.yaml.a.b",
                "data.yaml.l.0",
                "data.yaml.a.new",
                "data.json.a.b",
                "data.json.l.0",
                "data.json",
                "data.new",
                "'data.[x.y]'",
            ],
            kind if has_template(kind) => &[
                "'spec.template.spec.containers.[name=c0].image'",
                "spec.template.spec.containers.*.image",
                "'spec.template.spec.containers.*.env.[name=A].value'",
                "spec.revisionHistoryLimit",
                "'spec.template.spec.containers.[image=nginx].name'",
                "spec.template.metadata.annotations.copied",
            ],
            "Service" => &["spec.ports.0.port", "spec.ports.*.name", "spec.type"],
            _ => &[],
        };
        let path = if of_kind.is_empty() || self.chance(25) {
            self.pick(&[
                "metadata.labels.copied",
                "'metadata.annotations.[a/b.c]'",
                "metadata.annotations.note",
                "metadata.annotations.a\\.b",
                "metadata.name",
                "metadata.labels.tier",
            ])
        } else {
            self.pick(of_kind)
        };
        if self.chance(10) {
            format!("{path}, metadata.labels.second")
        } else {
            path.to_owned()
        }
    }

    /// Variables `ONE` and `TWO`: objects name them whether they are defined or not.
    pub fn vars(&mut self) {
        if self.case.vars >= 2 || !self.chance(30) {
            return;
        }
        self.line("vars:");
        for _ in 0..=self.case.random.below(2) {
            let name = match self.case.vars {
                0 => "ONE",
                1 => "TWO",
                _ => return,
            };
            self.case.vars += 1;
            let Some(target) = self.target_of(|kind| !is_cluster_scoped(kind)) else {
                return;
            };
            let path = match target.kind.as_str() {
                "Widget" => self.pick(&[
                    "spec.numbers[1]",
                    "spec.ref",
                    "spec.k0",
                    "spec.list[1].value",
                ]),
                "Service" => self.pick(&["metadata.name", "spec.ports[0].port"]),
                "ConfigMap" => self.pick(&["metadata.name", "metadata.name", "data.k0"]),
                kind if has_template(kind) => self.pick(&[
                    "metadata.name",
                    "spec.template.spec.containers[0].image",
                    "spec.template.spec.containers[0].name",
                ]),
                _ => self.pick(&["metadata.name", "metadata.name", "kind", "apiVersion"]),
            };
            let version = if self.chance(99) {
                format!("apiVersion: {}, ", api_version(&target.kind))
            } else {
                String::new()
            };
            let namespace = if target.namespace.is_empty() || self.chance(30) {
                String::new()
            } else {
                format!(", namespace: {}", target.namespace)
            };
            self.line(&format!(
                "- name: {name}\n  objref: {{{version}kind: {}, name: {}{namespace}}}\n  fieldref: {{fieldPath: '{path}'}}",
                target.kind, target.name
            ));
        }
    }
}
