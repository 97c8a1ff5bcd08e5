//! Deployments and Services of random parts, each of which the server surrounds with defaults.

use super::Random;
use serde_json::{Map, Value, json};

/// The kind of an object is in its name, so that a name is enough to find it.
pub(super) fn is_deployment(name: &str) -> bool {
    !name.ends_with(['0', '5'])
}

/// An object of random parts.
pub(super) fn object(name: &str, random: &mut Random) -> Value {
    if is_deployment(name) {
        deployment(name, random)
    } else {
        service(name, random)
    }
}

/// Each of the parts by chance, with one of its values.
fn parts(random: &mut Random, parts: Vec<(&str, Vec<Value>)>) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, values) in parts {
        let n = random.below(values.len() + 1);
        map.extend(
            values
                .into_iter()
                .nth(n)
                .map(|value| (name.to_owned(), value)),
        );
    }
    map
}

fn service(name: &str, random: &mut Random) -> Value {
    let port = |name: &str, port: u16| json!({"name": name, "port": port});
    let mut spec = parts(
        random,
        vec![
            ("sessionAffinity", vec![json!("ClientIP"), json!("None")]),
            (
                "externalIPs",
                vec![json!(["192.0.2.1"]), json!(["192.0.2.2", "192.0.2.1"])],
            ),
            ("publishNotReadyAddresses", vec![json!(true)]),
        ],
    );
    let ports = [
        json!([port("a", 80)]),
        json!([port("a", 81), port("b", 82)]),
        json!([{"name": "a", "port": 80, "protocol": "UDP"}, port("b", 80)]),
    ];
    spec.insert("ports".into(), ports[random.below(ports.len())].clone());
    spec.insert("selector".into(), json!({"app": name}));
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec})
}

fn http(path: &str) -> Value {
    json!({"httpGet": {"path": path, "port": 80}})
}

fn environments() -> Vec<Value> {
    let value = |name: &str, value: &str| json!({"name": name, "value": value});
    let field = |name: &str| json!({"name": name, "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}});
    vec![
        json!([value("A", "x")]),
        json!([field("A"), value("B", "x")]),
        json!([value("B", "y"), value("A", "x")]),
        json!([field("B")]),
    ]
}

fn container(random: &mut Random) -> Map<String, Value> {
    let one = json!({"containerPort": 80});
    let two = [
        json!({"containerPort": 81, "name": "web"}),
        json!({"containerPort": 82, "protocol": "UDP"}),
    ];
    let requests = json!({"requests": {"cpu": "1"}});
    let limits = json!({"limits": {"memory": "1Gi"}, "requests": {"cpu": "2"}});
    let exec = json!({"exec": {"command": ["true"]}, "periodSeconds": 3});
    let mut container = parts(
        random,
        vec![
            ("env", environments()),
            ("livenessProbe", vec![http("/"), http("/live"), exec]),
            (
                "readinessProbe",
                vec![
                    json!({"tcpSocket": {"port": 80}}),
                    json!({"grpc": {"port": 90}}),
                ],
            ),
            (
                "lifecycle",
                vec![
                    json!({"preStop": http("/stop")}),
                    json!({"preStop": {"sleep": {"seconds": 3}}}),
                ],
            ),
            ("ports", vec![json!([one]), json!(two)]),
            ("args", vec![json!(["a", "b"]), json!(["b"])]),
            ("resources", vec![requests, limits]),
            (
                "securityContext",
                vec![
                    json!({"runAsUser": 1}),
                    json!({"capabilities": {"drop": ["ALL"]}}),
                ],
            ),
        ],
    );
    container.insert("name".into(), json!("main"));
    container.insert("image".into(), json!("web:1"));
    container
}

fn volumes() -> Vec<Value> {
    let secret = json!({"secretName": "s", "items": [{"key": "a", "path": "b"}]});
    let projected = json!({"sources": [{"configMap": {"name": "files"}}]});
    vec![
        json!([{"name": "files", "configMap": {"name": "files"}}]),
        json!([{"name": "files", "emptyDir": {}}]),
        json!([{"name": "files", "secret": secret}, {"name": "more", "hostPath": {"path": "/x"}}]),
        json!([{"name": "files", "projected": projected}]),
    ]
}

fn pod(name: &str, random: &mut Random) -> Map<String, Value> {
    let spread = |when: &str| {
        json!([{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": when,
            "labelSelector": {"matchLabels": {"app": name}}}])
    };
    let init = |name: &str| json!({"name": name, "image": "init:1"});
    let mut pod = parts(
        random,
        vec![
            (
                "topologySpreadConstraints",
                vec![spread("DoNotSchedule"), spread("ScheduleAnyway")],
            ),
            (
                "nodeSelector",
                vec![json!({"a": "b"}), json!({"a": "c", "d": "e"})],
            ),
            (
                "tolerations",
                vec![json!([{"key": "a", "operator": "Exists"}])],
            ),
            (
                "securityContext",
                vec![json!({"fsGroup": 1}), json!({"runAsNonRoot": true})],
            ),
            (
                "initContainers",
                vec![json!([init("i")]), json!([init("j"), init("i")])],
            ),
            (
                "hostAliases",
                vec![json!([{"ip": "192.0.2.1", "hostnames": ["a"]}])],
            ),
            ("volumes", volumes()),
        ],
    );
    let mut main = container(random);
    if pod.contains_key("volumes") {
        let path = ["/a", "/b"][random.below(2)];
        main.insert(
            "volumeMounts".into(),
            json!([{"name": "files", "mountPath": path}]),
        );
    }
    let mut containers = vec![Value::Object(main)];
    if random.below(3) == 0 {
        let side = json!({"name": "side", "image": "side:1", "livenessProbe": http("/")});
        containers.insert(random.below(2), side);
    }
    pod.insert("containers".into(), json!(containers));
    pod
}

fn deployment(name: &str, random: &mut Random) -> Value {
    let labels = json!({"app": name});
    let mut spec = parts(
        random,
        vec![
            ("minReadySeconds", vec![json!(3)]),
            ("revisionHistoryLimit", vec![json!(3)]),
            ("progressDeadlineSeconds", vec![json!(60)]),
        ],
    );
    let pod = pod(name, random);
    spec.insert("replicas".into(), json!(1));
    spec.insert("selector".into(), json!({"matchLabels": labels}));
    spec.insert(
        "template".into(),
        json!({"metadata": {"labels": labels}, "spec": pod}),
    );
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec})
}
