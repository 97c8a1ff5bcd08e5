//! The built-in generators and transformers, given as objects.

use super::layer::Layer;
use super::patches::indented;

/// Transformers that need nothing of their layer.
const TRANSFORMERS: &[&str] = &[
    "kind: AnnotationsTransformer\nmetadata: {name: NAME}\nannotations: {via: object, count: \"2\"}\nfieldSpecs: [{path: metadata/annotations, create: true}]",
    "kind: LabelTransformer\nmetadata: {name: NAME}\nlabels: {via: object}\nfieldSpecs: [{path: metadata/labels, create: true}, {path: spec/selector, kind: Widget}]",
    "kind: PrefixTransformer\nmetadata: {name: NAME}\nprefix: t-\nfieldSpecs: [{path: metadata/name}]",
    "kind: PrefixTransformer\nmetadata: {name: NAME}\nprefix: t-\nfieldSpecs: [{path: metadata/name, kind: ConfigMap}, {path: spec/text, kind: Widget}]",
    "kind: SuffixTransformer\nmetadata: {name: NAME}\nsuffix: -u\nfieldSpecs: [{path: metadata/name, kind: Service}]",
    "kind: PrefixSuffixTransformer\nmetadata: {name: NAME}\nprefix: a-\nsuffix: -b\nfieldSpecs: [{path: metadata/name}]",
    "kind: NamespaceTransformer\nmetadata: {name: NAME, namespace: moved}\nfieldSpecs: [{path: metadata/name, kind: Namespace, create: true}]",
    "kind: NamespaceTransformer\nmetadata: {name: NAME, namespace: filled}\nunsetOnly: true",
    "kind: NamespaceTransformer\nmetadata: {name: NAME, namespace: bound}\nsetRoleBindingSubjects: allServiceAccounts\nfieldSpecs: [{path: metadata/namespace, create: true}]",
    "kind: NamespaceTransformer\nmetadata: {name: NAME, namespace: ns1}\nsetRoleBindingSubjects: none",
    "kind: ImageTagTransformer\nmetadata: {name: NAME}\nimageTag: {name: nginx, newTag: v9}\nfieldSpecs: [{path: spec/image, kind: Widget}]",
    "kind: HashTransformer\nmetadata: {name: NAME}",
    "kind: ValueAddTransformer\nmetadata: {name: NAME}\nvalue: added\ntargets: [{fieldPath: metadata/annotations/added}]",
    "kind: ValueAddTransformer\nmetadata: {name: NAME}\nvalue: part\ntargets: [{selector: {kind: Widget}, fieldPath: metadata/annotations/note, filePathPosition: 2}]",
    "kind: ValueAddTransformer\nmetadata: {name: NAME}\nvalue: spaced\ntargets: [{selector: {kind: ConfigMap}, fieldPath: metadata/namespace}]",
    "kind: ValueAddTransformer\nmetadata: {name: NAME}\ntargets: [{selector: {kind: Service, name: 'w.*'}, fieldPath: spec/dir}]",
];

impl Layer<'_> {
    pub fn plugins(&mut self) {
        if self.chance(15) {
            self.line("transformers:");
            for n in 0..=self.case.random.below(2) {
                let config = self.transformer(n);
                self.entry(&format!("t{n}"), &config);
            }
        }
        if self.chance(7) {
            let config = self.generator();
            self.line("generators:");
            self.entry("g", &config);
        }
        if self.chance(1) {
            let config = self.pick(&[
                "kind: LabelTransformer\nmetadata: {name: v}\nlabels: {other: me}\nfieldSpecs: [{path: metadata/labels, create: true}]",
                "kind: ImageTagTransformer\nmetadata: {name: v}\nimageTag: {name: none, newTag: x}",
            ]);
            self.line("validators:");
            self.entry("v", &format!("apiVersion: builtin\n{config}"));
        }
    }

    /// One entry: inline or a file.
    fn entry(&mut self, name: &str, config: &str) {
        if self.chance(50) {
            self.line(&format!("- |\n{}", indented(config, "  ")));
        } else {
            self.add(&format!("{name}.yaml"), format!("{config}\n"));
            self.line(&format!("- {name}.yaml"));
        }
    }

    fn transformer(&mut self, n: usize) -> String {
        let target = self.target();
        let name = format!("x{n}");
        if self.chance(2) {
            return format!(
                "apiVersion: builtin\nkind: NoSuchTransformer\nmetadata: {{name: {name}}}"
            );
        }
        let config = match self.case.random.below(9) {
            0 => {
                let change = indented(&self.change(&target), "  ");
                format!(
                    "kind: PatchTransformer\nmetadata: {{name: {name}}}\ntarget: {{kind: {}}}\npatch: |\n{change}",
                    target.kind
                )
            }
            1 => {
                let operations = indented(&self.operations(&target), "  ");
                format!(
                    "kind: PatchTransformer\nmetadata: {{name: {name}}}\ntarget: {{kind: {}, name: {}}}\npatch: |\n{operations}",
                    target.kind, target.name
                )
            }
            2 => {
                let change = indented(&self.change(&target), "  ");
                format!(
                    "kind: PatchStrategicMergeTransformer\nmetadata: {{name: {name}}}\npatches: |\n{change}"
                )
            }
            3 => {
                let operations = indented(&self.operations(&target), "  ");
                format!(
                    "kind: PatchJson6902Transformer\nmetadata: {{name: {name}}}\ntarget: {{kind: {}, name: {}}}\njsonOp: |\n{operations}",
                    target.kind, target.name
                )
            }
            4 => {
                let replacement = self.replacement();
                format!(
                    "kind: ReplacementTransformer\nmetadata: {{name: {name}}}\nreplacements:\n- {replacement}"
                )
            }
            5 => format!(
                "kind: ReplicaCountTransformer\nmetadata: {{name: {name}}}\nreplica: {{name: {}, count: 7}}\nfieldSpecs: [{{path: spec/replicas, create: true, kind: {}}}]",
                target.name, target.kind
            ),
            _ => self.pick(TRANSFORMERS).replace("NAME", &name),
        };
        format!("apiVersion: builtin\n{config}")
    }

    fn generator(&mut self) -> String {
        if self.chance(25) {
            return "apiVersion: builtin\nkind: IAMPolicyGenerator\nmetadata: {name: iam}\ncloud: gke\nkubernetesService: {namespace: ns1, name: account}\nserviceAccount: {name: sa, projectId: project}".to_owned();
        }
        let kind = self.pick(&["ConfigMap", "Secret"]);
        let fields = self.generated(kind);
        let inner = fields
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        let fields = inner.unwrap_or(&fields);
        // The entry's fields stand beside those of the object: `{kind: .., name: ..}` is one flow map.
        format!("{{apiVersion: builtin, kind: {kind}Generator, metadata: {{name: gen}}, {fields}}}")
    }
}
