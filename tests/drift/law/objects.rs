//! An app of many kinds, for edits to be made to: built-in ones with defaults, quantities and keyed lists, and custom ones whose status
//! is content like any other.

use serde_json::{Value, json};

/// The objects of the app in this namespace. What has no namespace is named after it.
pub(super) fn objects(namespace: &str) -> Vec<Value> {
    let text = [WORKLOADS, NETWORK, CONFIG, RIGHTS, CUSTOM].join("\n---\n");
    let text = text.replace("NAMESPACE", namespace);
    let mut objects: Vec<Value> = serde_yaml_documents(&text);
    for n in 0..4 {
        let mut object = super::config_map(&format!("plain-{n}"), &format!("value {n}"));
        object["data"]["other"] = json!("x");
        objects.push(object);
    }
    objects
}

fn serde_yaml_documents(text: &str) -> Vec<Value> {
    use serde::Deserialize;
    serde_yaml::Deserializer::from_str(text)
        .map(|document| Value::deserialize(document).unwrap())
        .collect()
}

const WORKLOADS: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {team: shop}, annotations: {note: "hello world"}}
spec:
  replicas: 3
  revisionHistoryLimit: 4
  selector: {matchLabels: {app: web}}
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 30%, maxUnavailable: 0}}
  template:
    metadata: {labels: {app: web}}
    spec:
      securityContext: {}
      containers:
        - name: main
          image: registry.example/web:1.4
          args: ["--listen", ":8080"]
          ports: [{name: http, containerPort: 8080}, {name: admin, containerPort: 9090, protocol: TCP}]
          env:
            - {name: MODE, value: production}
            - {name: EMPTY, value: ""}
            - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
          resources: {requests: {cpu: 100m, memory: 1024Mi}, limits: {cpu: "0.5", memory: 2Gi}}
          readinessProbe: {httpGet: {path: /ready, port: http}, periodSeconds: 5}
          volumeMounts: [{name: config, mountPath: /etc/web, readOnly: true}, {name: tmp, mountPath: /tmp}]
        - name: sidecar
          image: registry.example/sidecar:2
      volumes:
        - {name: config, configMap: {name: plain-0}}
        - {name: tmp, emptyDir: {sizeLimit: 64Mi}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: small}
spec:
  selector: {matchLabels: {app: small}}
  template:
    metadata: {labels: {app: small}}
    spec: {containers: [{name: main, image: "small:1"}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec:
  serviceName: store
  replicas: 2
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      containers: [{name: main, image: "store:1", volumeMounts: [{name: data, mountPath: /data}]}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      tolerations: [{key: dedicated, operator: Exists, effect: NoSchedule}]
      containers: [{name: main, image: "agent:1", securityContext: {readOnlyRootFilesystem: true}}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: "0 3 * * *"
  suspend: false
  jobTemplate:
    spec:
      template:
        spec: {restartPolicy: Never, containers: [{name: main, image: "nightly:1"}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  suspend: true
  backoffLimit: 2
  template:
    spec: {restartPolicy: Never, containers: [{name: main, image: "once:1"}]}
---
apiVersion: v1
kind: PodTemplate
metadata: {name: mould}
template:
  metadata: {labels: {app: mould}}
  spec: {containers: [{name: main, image: "mould:1", resources: {requests: {cpu: 1500m}}}]}
---
apiVersion: v1
kind: ReplicationController
metadata: {name: old}
spec:
  replicas: 1
  selector: {app: old}
  template:
    metadata: {labels: {app: old}}
    spec: {containers: [{name: main, image: "old:1"}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: small}
spec:
  minReplicas: 1
  maxReplicas: 4
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: small}
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}
    - {type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 1000Mi}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 50%, selector: {matchLabels: {app: web}}}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: NAMESPACE-high}
value: 1000
description: for the web
"#;

const NETWORK: &str = r#"
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports:
    - {name: http, port: 80, targetPort: http}
    - {name: admin, port: 9090, targetPort: 9090, protocol: TCP}
    - {name: dns, port: 80, targetPort: 53, protocol: UDP}
---
apiVersion: v1
kind: Service
metadata: {name: store}
spec: {clusterIP: None, selector: {app: store}, ports: [{port: 5432}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, annotations: {nginx.ingress.kubernetes.io/rewrite-target: /}}
spec:
  rules:
    - host: web.example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}
          - {path: /admin, pathType: Exact, backend: {service: {name: web, port: {number: 9090}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress]
  ingress:
    - from: [{podSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]
      ports: [{port: 8080}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: external, labels: {kubernetes.io/service-name: external}}
addressType: IPv4
endpoints: [{addresses: [192.0.2.1], conditions: {ready: true}}]
ports: [{name: http, port: 80}]
"#;

const CONFIG: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata: {name: files}
data:
  a.conf: |
    one = 1
    two = 2
  b.c-d: text
binaryData: {blob: AAEC}
---
apiVersion: v1
kind: Secret
metadata: {name: plain}
data: {user: YWRtaW4=, token: c2VjcmV0LXRva2Vu}
---
apiVersion: v1
kind: Secret
metadata: {name: written}
type: Opaque
stringData: {password: correct horse battery staple}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], storageClassName: slow, resources: {requests: {storage: 1024Mi}}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: limits}
spec: {limits: [{type: PersistentVolumeClaim, max: {storage: 1Ti}, min: {storage: 1Mi}}]}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: quota}
spec: {hard: {requests.cpu: "1000", count/configmaps: 10k}}
"#;

const RIGHTS: &str = r#"
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
automountServiceAccountToken: false
imagePullSecrets: [{name: plain}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules:
  - {apiGroups: [""], resources: [configmaps, secrets], verbs: [get, list]}
  - {apiGroups: [apps], resources: [deployments], verbs: [get], resourceNames: [web]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: web, namespace: NAMESPACE}, {kind: User, name: anna}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: NAMESPACE-reader}
rules: [{nonResourceURLs: [/metrics], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: NAMESPACE-reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: NAMESPACE-reader}
subjects: [{kind: Group, name: readers}]
"#;

const CUSTOM: &str = r#"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: vessels.NAMESPACE.example.com}
spec:
  group: NAMESPACE.example.com
  scope: Namespaced
  names: {plural: vessels, singular: vessel, kind: Vessel, listKind: VesselList}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            status: {type: object, x-kubernetes-preserve-unknown-fields: true}
            spec:
              type: object
              properties:
                size: {type: integer, default: 1}
                load: {type: number}
                color: {type: string, default: grey}
                limit: {x-kubernetes-int-or-string: true}
                flags: {type: array, items: {type: string}, x-kubernetes-list-type: set}
                crew: {type: array, items: {type: string}}
                route: {type: object, additionalProperties: {type: string}, x-kubernetes-map-type: atomic}
                notes: {type: object, additionalProperties: {type: string}}
                anything: {type: object, x-kubernetes-preserve-unknown-fields: true}
                holds:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [deck, side]
                  items:
                    type: object
                    required: [deck]
                    properties:
                      deck: {type: integer}
                      side: {type: string, default: port}
                      cargo: {type: string}
                      tags: {type: array, items: {type: string}, x-kubernetes-list-type: set}
---
apiVersion: NAMESPACE.example.com/v1
kind: Vessel
metadata: {name: full}
spec:
  size: 4
  load: 2.5
  color: red
  limit: 10%
  flags: [b, a]
  crew: [anna, ben, anna]
  route: {from: here, to: there}
  notes: {one: "1", two: ""}
  anything: {deep: {list: [1, {a: null}, "x"], empty: {}, none: []}}
  holds:
    - {deck: 1, side: port, cargo: tea, tags: [x, w]}
    - {deck: 1, side: starboard}
    - {deck: 2, cargo: silk}
status: {berth: 7, seen: {by: anna}}
---
apiVersion: NAMESPACE.example.com/v1
kind: Vessel
metadata: {name: bare}
spec: {}
---
apiVersion: NAMESPACE.example.com/v1
kind: Vessel
metadata: {name: empty}
spec: {flags: [], crew: [], notes: {}, route: {}, holds: [], limit: 5}
---
apiVersion: NAMESPACE.example.com/v1
kind: Vessel
metadata: {name: loaded, labels: {kind: loaded}, annotations: {"a.b/c": "d", note: "true"}}
spec:
  limit: 7
  load: 3
  holds: [{deck: 9, tags: [z]}]
  anything: {"a.b/c": {"x'y": 1}}
"#;
