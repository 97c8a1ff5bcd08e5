//! Objects that are nobody's business: of every kind that an app of this test has, some of them marked as if they were pushboat's. No
//! command changes or deletes one, whatever it does to the app's own objects of the same kinds.

use crate::support::scene::MEMBER;
use crate::support::{ControlPlane, Options, Scene};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many copies of each namespaced kind stand in each of two namespaces, and of each kind of the whole cluster.
const COPIES: usize = 9;
const CLUSTER_COPIES: usize = 6;

/// Small objects of all kinds that can stand alone; each field is one that its kind requires.
fn namespaced() -> Vec<Value> {
    let pod = json!({"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}});
    let job = json!({"template": {"metadata": {}, "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}});
    let selector = json!({"matchLabels": {"a": "b"}});
    let workload = json!({"selector": selector, "template": pod});
    let stateful = json!({"selector": selector, "serviceName": "s", "template": pod});
    let scaled = json!({"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}, "maxReplicas": 2});
    let subject =
        json!([{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "nobody"}]);
    let reference =
        json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "none"});
    let backend = json!({"service": {"name": "s", "port": {"number": 80}}});
    vec![
        json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"}}),
        json!({"apiVersion": "v1", "kind": "Secret", "data": {"a": "Yg=="}}),
        json!({"apiVersion": "v1", "kind": "ServiceAccount"}),
        json!({"apiVersion": "v1", "kind": "Service", "spec": {"clusterIP": "None", "ports": [{"port": 80}]}}),
        json!({"apiVersion": "v1", "kind": "Endpoints", "subsets": [{"addresses": [{"ip": "10.1.1.1"}], "ports": [{"port": 80}]}]}),
        json!({"apiVersion": "v1", "kind": "LimitRange", "spec": {"limits": [{"type": "Pod", "max": {"cpu": "9"}}]}}),
        json!({"apiVersion": "v1", "kind": "ResourceQuota", "spec": {"hard": {"count/nothings.example.com": "1"}}}),
        json!({"apiVersion": "v1", "kind": "PodTemplate", "template": pod}),
        json!({"apiVersion": "v1", "kind": "ReplicationController", "spec": {"selector": {"a": "b"}, "template": pod}}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": workload}),
        json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "spec": workload}),
        json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "spec": workload}),
        json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "spec": stateful}),
        json!({"apiVersion": "apps/v1", "kind": "ControllerRevision", "revision": 1, "data": {"a": "b"}}),
        json!({"apiVersion": "batch/v1", "kind": "Job", "spec": job}),
        json!({"apiVersion": "batch/v1", "kind": "CronJob", "spec": {"schedule": "0 0 * * *", "jobTemplate": {"spec": job}}}),
        json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "spec": scaled}),
        json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "spec": {"minAvailable": 1, "selector": selector}}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "spec": {"defaultBackend": backend}}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": {"podSelector": {}}}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": []}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "subjects": subject, "roleRef": reference}),
        json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "spec": {}}),
        json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4", "endpoints": [{"addresses": ["10.1.1.1"]}], "ports": []}),
        json!({"apiVersion": "storage.k8s.io/v1", "kind": "CSIStorageCapacity", "storageClassName": "none", "capacity": "1Gi"}),
    ]
}

fn cluster_wide() -> Vec<Value> {
    let subject =
        json!([{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "nobody"}]);
    let reference =
        json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "none"});
    let handled = json!([{"apiGroups": ["none.example.com"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["nothings"]}]);
    let policy = json!({"failurePolicy": "Ignore", "matchConstraints": {"resourceRules": handled}, "validations": [{"expression": "true"}]});
    vec![
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "rules": []}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "subjects": subject, "roleRef": reference}),
        json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "value": 1}),
        json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": "none.example.com"}),
        json!({"apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "spec": {}}),
        json!({"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "handler": "none"}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "spec": {"controller": "none.example.com/c"}}),
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "webhooks": []}),
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "webhooks": []}),
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "spec": policy}),
        json!({"apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "PriorityLevelConfiguration", "spec": {"type": "Limited", "limited": {"nominalConcurrencyShares": 1, "limitResponse": {"type": "Reject"}}}}),
    ]
}

fn named(object: &Value, namespace: Option<&str>, name: &str) -> Value {
    let mut object = object.clone();
    object["metadata"] = json!({"name": name});
    if let Some(namespace) = namespace {
        object["metadata"]["namespace"] = json!(namespace);
    }
    object
}

/// Marks that somebody may have put on an object of theirs.
fn marked(mut object: Value, copy: usize, scene: &Scene) -> Value {
    let other = "applyset-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-v1";
    match copy % 6 {
        0 => object["metadata"]["labels"] = json!({MEMBER: other}),
        1 => object["metadata"]["labels"] = json!({MEMBER: scene.id()}),
        2 => object["metadata"]["labels"] = json!({"app.kubernetes.io/managed-by": "pushboat"}),
        3 => object["metadata"]["labels"] = json!({"app.kubernetes.io/instance": scene.namespace}),
        4 => {
            let id = format!("{}:/ConfigMap:{}/x", scene.namespace, scene.namespace);
            object["metadata"]["annotations"] = json!({"argocd.argoproj.io/tracking-id": id});
        }
        _ => {}
    }
    object
}

fn decoys(scene: &Scene, other: &str) -> Vec<Value> {
    let mut decoys = Vec::new();
    for object in namespaced() {
        for namespace in [scene.namespace.as_str(), other] {
            for copy in 0..COPIES {
                let name = format!("decoy-{copy}");
                decoys.push(marked(named(&object, Some(namespace), &name), copy, scene));
            }
        }
    }
    for object in cluster_wide() {
        for copy in 0..CLUSTER_COPIES {
            let name = format!("decoy-{copy}.{}", scene.namespace);
            decoys.push(marked(named(&object, None, &name), copy, scene));
        }
    }
    decoys
}

/// Kind, namespace and name of every decoy, with uid and version, which any write would change.
fn state(scene: &Scene, other: &str) -> BTreeMap<String, String> {
    let mut kinds: Vec<String> = namespaced()
        .iter()
        .chain(&cluster_wide())
        .map(|object| {
            let kind = object["kind"].as_str().unwrap().to_lowercase();
            match object["apiVersion"].as_str().unwrap().split_once('/') {
                Some((group, version)) => format!("{kind}.{version}.{group}"),
                None => kind,
            }
        })
        .collect();
    kinds.sort();
    let template = "{range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name} {.metadata.uid} {.metadata.resourceVersion}{\"\\n\"}{end}";
    let output = format!("jsonpath={template}");
    let args = ["get", &kinds.join(","), "--all-namespaces", "-o", &output];
    let text = scene.plane.kubectl(&args);
    let is_ours = |line: &&str| {
        line.contains("decoy-") && (line.contains(&scene.namespace) || line.contains(other))
    };
    text.lines()
        .filter(is_ours)
        .filter_map(|line| {
            let (key, version) = line.split_once(' ').and_then(|(kind, rest)| {
                let (name, version) = rest.split_once(' ')?;
                Some((format!("{kind} {name}"), version.to_owned()))
            })?;
            Some((key, version))
        })
        .collect()
}

/// The app's own objects: one of each kind, so that every kind is in its scope.
fn own(scene: &Scene) -> Vec<Value> {
    let own = |object: &Value| named(object, None, "own");
    let wide = |object: &Value| named(object, None, &format!("own.{}", scene.namespace));
    let mut objects: Vec<Value> = namespaced().iter().map(own).collect();
    objects.extend(cluster_wide().iter().map(wide));
    objects
}

#[test]
fn no_command_touches_an_object_that_pushboat_did_not_apply() {
    // Nobody else writes to what stands here.
    let plane = ControlPlane::start(Options::default());
    let scene = Scene::new(&plane, "decoys", &[]);
    let other = plane.namespace("decoys-other");
    let made = decoys(&scene, &other);
    let list = json!({"apiVersion": "v1", "kind": "List", "items": made}).to_string();
    plane
        .try_kubectl(&["create", "-f", "-"], &list)
        .expect_code(0);
    let before = state(&scene, &other);
    assert_eq!(before.len(), made.len());
    let check = |what: &str| {
        let after = state(&scene, &other);
        for (key, version) in &before {
            assert_eq!(after.get(key), Some(version), "{what}: {key}");
        }
    };
    let objects = own(&scene);
    objects.iter().for_each(|object| scene.put(object));
    let expect = |what: &str, args: &[&str], codes: &[i32]| {
        let answer = scene.app(what, args);
        assert!(codes.contains(&answer.code), "{what} {args:?}: {answer:?}");
        check(&format!("{what} {args:?}"));
    };
    // With 1, as those with the app's own label are told to be left over; nobody asks for a prune here.
    expect("sync", &["--yes"], &[1]);
    expect("diff", &["--exact"], &[0, 1, 2]);
    play(&scene, &objects, &expect);
    let n_deletes = check_deletions(&plane);
    assert!(n_deletes >= objects.len(), "{n_deletes}");
    eprintln!(
        "{} decoys of {} kinds untouched by {n_deletes} deletions with preconditions",
        before.len(),
        objects.len(),
    );
}

/// Runs a command, with the exit codes that it may have, and looks at the decoys.
type Expect<'a> = dyn Fn(&str, &[&str], &[i32]) + 'a;

/// Everything that may delete: prunes of a half and of all, a rollback, and the app's end.
fn play(scene: &Scene, objects: &[Value], expect: &Expect<'_>) {
    let (first, second) = objects.split_at(objects.len() / 2);
    let all = ["--max-prune", "100%"];
    let prune = |more: &[&'static str]| [&["--yes", "--prune"], more, &all[..]].concat();
    first.iter().for_each(|object| scene.take(object));
    expect("sync", &prune(&[]), &[0, 1]);
    expect("rollback", &["--yes", "--trust-records"], &[0, 1, 2]);
    expect(
        "sync",
        &prune(&["--undo-rollback", "--force-conflicts"]),
        &[0, 1],
    );
    second.iter().for_each(|object| scene.take(object));
    expect("sync", &prune(&["--allow-empty"]), &[0, 1]);
    second.iter().for_each(|object| scene.put(object));
    expect("sync", &["--yes"], &[0, 1]);
    expect("delete", &["--yes"], &[0, 1]);
}

/// Every deletion that pushboat asked for names the uid and the version that it was decided for.
#[track_caller]
fn check_deletions(plane: &ControlPlane) -> usize {
    let mut deletes = plane.audit();
    deletes.retain(|event| event.verb == "delete" && event.agent.starts_with("pushboat"));
    for event in &deletes {
        let held = &event.body["preconditions"];
        let is_held = held["uid"].is_string() && held["resourceVersion"].is_string();
        assert!(is_held, "{event:?}");
    }
    deletes.len()
}
