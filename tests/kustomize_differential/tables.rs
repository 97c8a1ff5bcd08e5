//! What changes the field tables: `configurations`, `crds` and `openapi`.

use super::layer::Layer;

const ROWS: &[&str] = &[
    "nameReference:\n- kind: ConfigMap\n  version: v1\n  fieldSpecs:\n  - {path: spec/ref, kind: Widget}\n  - {path: spec/refs/name, group: example.com, kind: Widget}",
    "nameReference:\n- kind: Secret\n  fieldSpecs: [{path: spec/refs, kind: Widget}]",
    "nameReference:\n- kind: Widget\n  group: example.com\n  fieldSpecs: [{path: spec/ref, kind: Widget}, {path: data/k0, kind: ConfigMap}, {path: spec/scaleTargetRef/name, kind: HorizontalPodAutoscaler}]",
    "namePrefix:\n- {path: metadata/name, kind: Deployment}",
    "namePrefix:\n- {path: spec/text, kind: Widget}\n- {path: metadata/name}",
    "nameSuffix:\n- {path: spec/text, group: example.com, kind: Widget}",
    "namespace:\n- {path: spec/namespace, kind: Widget, create: true}",
    "namespace:\n- {path: metadata/namespace, kind: ClusterRole, create: true}\n- {path: subjects/namespace, kind: RoleBinding, create: true}",
    "commonLabels:\n- {path: spec/selector, kind: Widget, create: true}",
    "commonLabels:\n- {path: metadata/labels, kind: Widget, create: true}",
    "labels:\n- {path: spec/made/labels, kind: Widget, create: true}",
    "templateLabels:\n- {path: spec/selector, kind: Widget, create: true}",
    "volumeClaimTemplateLabels:\n- {path: spec/selector, kind: Widget}",
    "commonAnnotations:\n- {path: spec/annotations, kind: Widget, create: true}",
    "varReference:\n- {path: spec, kind: Widget}",
    "varReference:\n- {path: spec/k0, kind: Widget}\n- {path: data, kind: ConfigMap}\n- {path: data/k0, kind: ConfigMap}",
    "images:\n- {path: spec/image, kind: Widget}",
    "images:\n- {path: 'spec/list[]/value', kind: Widget, create: true}",
    "replicas:\n- {path: spec/size, kind: Widget, create: true}",
    "replicas:\n- {path: spec/replicas, kind: DaemonSet}",
];

/// An OpenAPI map of the kind that controllers were once published with.
const CRD: &str = r##"{
  "com.example.v1.Widget": {"Schema": {"properties": {
    "apiVersion": {"type": "string"}, "kind": {"type": "string"},
    "metadata": {"$ref": "k8s.io/apimachinery/pkg/apis/meta/v1.ObjectMeta"},
    "spec": {"$ref": "github.com/example/v1.WidgetSpec"}}}},
  "github.com/example/v1.WidgetSpec": {"schema": {"properties": {
    "refs": {"x-kubernetes-object-ref-api-version": "v1", "x-kubernetes-object-ref-kind": "Service"},
    "selector": {"x-kubernetes-label-selector": ""},
    "text": {"x-kubernetes-identity": ""},
    "made": {"x-kubernetes-annotation": ""}}}}
}
"##;

/// A schema in which the lists of a widget have a key, and pods have none.
const SCHEMA: &str = r##"{"definitions": {
  "com.example.v1.Widget": {
    "x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v1", "kind": "Widget"}],
    "properties": {"spec": {"$ref": "#/definitions/com.example.v1.WidgetSpec"}}},
  "com.example.v1.WidgetSpec": {"properties": {
    "list": {"type": "array", "items": {"type": "object"}, "x-kubernetes-patch-merge-key": "name", "x-kubernetes-patch-strategy": "merge"},
    "refs": {"type": "array", "items": {"type": "object"}, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}}}
}}
"##;

impl Layer<'_> {
    pub fn tables(&mut self) {
        if self.chance(25) {
            let mut files = String::new();
            for n in 0..=self.case.random.below(2) {
                let mut rows = vec![self.case.random.below(ROWS.len())];
                let second = self.case.random.below(ROWS.len());
                let field = |n: usize| ROWS[n].split(':').next();
                if field(second) != field(rows[0]) {
                    rows.push(second);
                }
                let text: Vec<&str> = rows.into_iter().map(|row| ROWS[row]).collect();
                self.add(&format!("table{n}.yaml"), text.join("\n") + "\n");
                files.push_str(&format!("\n- table{n}.yaml"));
            }
            self.line(&format!("configurations:{files}"));
        }
        if self.chance(8) {
            self.add("crd.json", CRD);
            self.line("crds: [crd.json]");
        }
        // The layer that is built decides for all; what an inner one says counts only sometimes.
        if self.path == "top" && self.chance(12) {
            if self.chance(20) {
                self.line("openapi: {version: v1.21.2}");
            } else {
                self.add("schema.json", SCHEMA);
                self.line("openapi: {path: schema.json}");
            }
        }
    }
}
