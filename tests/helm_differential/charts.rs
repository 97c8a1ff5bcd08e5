//! The charts that the cases use: `=== PATH` before each file.

/// Charts below `top/charts`, and one of them below `charts` and `base/charts` too.
pub(super) const CHARTS: &str = r#"
=== top/charts/app/Chart.yaml
apiVersion: v2
name: app
version: 0.1.0
appVersion: "1.2"
=== top/charts/app/values.yaml
# what the chart thinks
replicas: 1
image: {repository: nginx, tag: "1"}
list: [a, b]
extra: {deep: {own: true}}
=== top/charts/app/templates/_helpers.tpl
{{- define "app.name" -}}{{ .Release.Name }}-app{{- end }}
=== top/charts/app/templates/all.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "app.name" . }}
  namespace: {{ .Release.Namespace }}
  labels: {helm.sh/chart: "{{ .Chart.Name }}-{{ .Chart.Version }}"}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: x}}
  template:
    metadata: {labels: {app: x}}
    spec:
      containers:
      - name: c
        image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "app.name" . }}
spec:
  ports: [{port: 80}]
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "app.name" . }}
  namespace: {{ .Release.Namespace }}
  annotations: {}
data:
  values: {{ toJson .Values | quote }}
  kube: {{ .Capabilities.KubeVersion.Version }}
  has: {{ .Capabilities.APIVersions.Has "example.com/v1" | quote }}
  service: {{ .Release.Service }}
---
apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}-fixed, namespace: fixed}
stringData: {a: b}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: {{ .Release.Name }}-binding}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: default, namespace: {{ .Release.Namespace }}}]
=== top/charts/app/templates/hooks.yaml
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-hook
  annotations: {"helm.sh/hook": pre-install}
spec: {template: {spec: {containers: [{name: c, image: busybox}], restartPolicy: Never}}}
---
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  annotations: {"helm.sh/hook": test}
spec: {containers: [{name: c, image: busybox}]}
=== top/charts/app/templates/NOTES.txt
Thank you for installing {{ .Chart.Name }}.
=== top/charts/app/crds/crd.yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
=== base/charts/app/Chart.yaml
apiVersion: v2
name: app
version: 0.1.0
=== base/charts/app/values.yaml
replicas: 1
=== base/charts/app/templates/all.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-app, namespace: {{ .Release.Namespace }}}
data: {n: "{{ .Values.replicas }}"}
---
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}-app}
=== charts/app/Chart.yaml
apiVersion: v2
name: app
version: 0.1.0
=== charts/app/values.yaml
replicas: 1
=== charts/app/templates/all.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}-app, namespace: {{ .Release.Namespace }}}
spec: {replicas: {{ .Values.replicas }}}
=== top/charts/bare/Chart.yaml
apiVersion: v2
name: bare
version: 0.1.0
=== top/charts/bare/templates/c.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: bare}
=== top/charts/parent/Chart.yaml
apiVersion: v2
name: parent
version: 0.1.0
dependencies:
- {name: child, version: 0.1.0, condition: child.enabled}
=== top/charts/parent/values.yaml
global: {shared: shared}
child: {enabled: true, own: 1}
=== top/charts/parent/templates/c.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-parent}
data: {file: {{ .Files.Get "data/x.txt" | quote }}, n: "{{ len (.Files.Glob "data/**") }}"}
=== top/charts/parent/data/x.txt
content
=== top/charts/parent/data/skipped.txt
content
=== top/charts/parent/.helmignore
data/skipped.txt
=== top/charts/parent/charts/child/Chart.yaml
apiVersion: v2
name: child
version: 0.1.0
=== top/charts/parent/charts/child/values.yaml
own: 0
=== top/charts/parent/charts/child/templates/c.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-child}
data: {global: {{ .Values.global.shared }}, own: "{{ .Values.own }}"}
=== top/charts/nosy/Chart.yaml
apiVersion: v2
name: nosy
version: 0.1.0
=== top/charts/nosy/values.yaml
{}
=== top/charts/nosy/templates/c.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: nosy}
data:
  pods: {{ lookup "v1" "Pod" "" "" | toJson | squote }}
  host: {{ getHostByName "example.invalid" | quote }}
=== top/charts/lists/Chart.yaml
apiVersion: v2
name: lists
version: 0.1.0
=== top/charts/lists/values.yaml
{}
=== top/charts/lists/templates/c.yaml
apiVersion: v1
kind: ConfigMapList
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: from-list}, data: {a: "1"}}
=== top/charts/lists/templates/d.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: other, annotations: {config.kubernetes.io/local-config: "true"}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: third, annotations: null, labels: {}}
=== top/charts/empty/Chart.yaml
apiVersion: v2
name: empty
version: 0.1.0
=== top/charts/empty/values.yaml
{}
=== top/charts/empty/templates/c.yaml
{{- if .Values.on }}
a: b
{{- end }}
=== top/charts/broken/Chart.yaml
apiVersion: v2
name: broken
version: 0.1.0
=== top/charts/broken/values.yaml
{}
=== top/charts/broken/templates/c.yaml
{{ fail "not like this" }}
=== top/charts/needy/Chart.yaml
apiVersion: v2
name: needy
version: 0.1.0
dependencies: [{name: child, version: 0.1.0, repository: "https://charts.invalid"}]
=== top/charts/needy/values.yaml
{}
=== top/charts/twice/Chart.yaml
apiVersion: v2
name: twice
version: 0.1.0
=== top/charts/twice/values.yaml
{}
=== top/charts/twice/templates/c.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
"#;
