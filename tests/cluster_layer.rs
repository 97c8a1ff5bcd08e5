//! The cluster layer against a real API server, directly and through the fault-injecting proxy: lists are whole or an error,
//! writes happen once, and nothing secret is ever said.

use crate::support::faultline::{Action, Answer, Rule, Verb};
use crate::support::{Authority, ControlPlane, Faultline};
use pushboat::cluster::{
    ApiResource, ApplyFailure, ApplyOptions, Cluster, ConnectOptions, Deleted, Kubeconfig,
    ListOptions, Preconditions, Propagation, Timeouts,
};
use pushboat::error::{Error, Reason};
use pushboat::object::Object;
use rcgen::{CertificateParams, date_time_ymd};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// A proxy before the shared plane, a namespace of its own, and a connection through the proxy.
struct Scene {
    plane: &'static ControlPlane,
    faultline: Faultline,
    namespace: String,
    runtime: Runtime,
    cluster: Cluster,
}

fn options(kubeconfig: &Path, timeouts: Timeouts) -> ConnectOptions {
    let kubeconfig = Kubeconfig::load_one(kubeconfig).unwrap();
    let context = kubeconfig.contexts().remove(0).name;
    ConnectOptions {
        name: "dev".into(),
        context,
        kubeconfig: Arc::new(kubeconfig),
        timeouts,
        ..ConnectOptions::default()
    }
}

/// Deadlines short enough for a test; their order is that of the real ones.
fn quick() -> Timeouts {
    Timeouts {
        connect: Duration::from_millis(500),
        tls: Duration::from_millis(500),
        first_byte_read: Duration::from_secs(2),
        first_byte_write: Duration::from_secs(2),
        silence: Duration::from_millis(500),
        attempt: Duration::from_secs(5),
        patience: Duration::from_secs(2),
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

impl Scene {
    fn new(name: &str) -> Self {
        Self::with(name, Timeouts::default())
    }

    fn with(name: &str, timeouts: Timeouts) -> Self {
        let plane = ControlPlane::shared();
        let faultline = Faultline::before(plane);
        let runtime = runtime();
        let cluster = runtime
            .block_on(Cluster::connect(&options(
                &faultline.kubeconfig(),
                timeouts,
            )))
            .unwrap();
        Self {
            plane,
            faultline,
            namespace: plane.namespace(name),
            runtime,
            cluster,
        }
    }

    fn config_map(&self, name: &str, value: &str) -> Object {
        Object::new(
            json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"key": value},
            "metadata": {"name": name, "namespace": self.namespace}}),
        )
    }

    fn fill(&self, n: usize) {
        for i in 0..n {
            let path = format!("/api/v1/namespaces/{}/configmaps", self.namespace);
            self.plane.create(
                &path,
                &json!({"metadata": {"name": format!("cm-{i:03}")}, "data": {"n": i.to_string()}}),
            );
        }
    }

    fn apply(&self, object: &Object) -> Result<Object, ApplyFailure> {
        let resource = config_maps();
        let apply = self
            .cluster
            .apply(&resource, object, ApplyOptions::default());
        self.runtime.block_on(apply)
    }

    fn get(&self, name: &str) -> Result<Option<Object>, Error> {
        self.runtime
            .block_on(self.cluster.get(&config_maps(), &self.namespace, name))
    }

    /// The names in the namespace, and how often the list began again.
    fn list(&self) -> Result<(Vec<String>, usize), Error> {
        list(&self.runtime, &self.cluster, &self.namespace)
    }

    /// What the server itself has.
    fn live(&self, name: &str) -> Option<Value> {
        let path = format!("/api/v1/namespaces/{}/configmaps/{name}", self.namespace);
        let (status, body) = self.plane.request("GET", &path, None).unwrap();
        (status == 200).then(|| serde_json::from_str(&body).unwrap())
    }

    fn delete(&self, live: &Object) -> Result<Deleted, Error> {
        let preconditions = Preconditions {
            uid: live.uid().into(),
            resource_version: live.resource_version().into(),
        };
        self.runtime.block_on(self.cluster.delete(
            &config_maps(),
            &live.key(),
            &preconditions,
            Propagation::Background,
        ))
    }
}

fn list(
    runtime: &Runtime,
    cluster: &Cluster,
    namespace: &str,
) -> Result<(Vec<String>, usize), Error> {
    let options = ListOptions {
        namespace: Some(namespace.into()),
        field_selector: Some("metadata.name!=kube-root-ca.crt".into()),
        ..ListOptions::default()
    };
    let names = std::sync::Mutex::new(Vec::new());
    let mut restarts = 0;
    let listed = runtime.block_on(cluster.list(
        &config_maps(),
        &options,
        &mut || {
            restarts += 1;
            names.lock().unwrap().clear();
        },
        &mut |item| names.lock().unwrap().push(item.name().to_owned()),
    ))?;
    let names = names.into_inner().unwrap();
    assert_eq!(listed.n_items, names.len());
    Ok((names, restarts))
}

fn config_maps() -> ApiResource {
    ApiResource::known("v1", "ConfigMap", "configmaps", true)
}

fn reason(failure: &ApplyFailure) -> Reason {
    failure.error().reason()
}

#[test]
fn discovery_get_apply_list_and_delete_work() {
    let scene = Scene::new("layer");
    let discovery = scene.runtime.block_on(scene.cluster.discovery()).unwrap();
    let deployment = discovery.preferred("apps", "Deployment").unwrap();
    assert_eq!(
        (deployment.plural.as_str(), deployment.namespaced),
        ("deployments", true)
    );
    assert!(discovery.broken_groups.is_empty());
    assert_eq!(scene.get("one").unwrap(), None);
    scene.apply(&scene.config_map("one", "a")).unwrap();
    let live = scene.apply(&scene.config_map("one", "b")).unwrap();
    assert_eq!(live.value["data"]["key"], "b");
    assert_eq!(
        live.value["metadata"]["managedFields"][0]["manager"],
        "pushboat"
    );
    assert_eq!(scene.list().unwrap(), (vec!["one".to_owned()], 0));
    assert_eq!(scene.delete(&live).unwrap(), Deleted::Gone);
    assert_eq!(scene.delete(&live).unwrap(), Deleted::Gone);
    assert_eq!(scene.live("one"), None);
}

#[test]
fn a_dry_run_writes_nothing() {
    let scene = Scene::new("dry");
    let options = ApplyOptions {
        dry_run: true,
        force: false,
    };
    let object = scene.config_map("one", "a");
    let resource = config_maps();
    let applied = scene.cluster.apply(&resource, &object, options);
    scene.runtime.block_on(applied).unwrap();
    assert_eq!(scene.live("one"), None);
}

#[test]
fn an_object_that_changed_or_is_another_one_is_not_deleted() {
    let scene = Scene::new("preconditions");
    let first = scene.apply(&scene.config_map("one", "a")).unwrap();
    scene.apply(&scene.config_map("one", "b")).unwrap();
    assert_eq!(scene.delete(&first).unwrap(), Deleted::Changed);
    assert_eq!(scene.cluster.stats().retries, 0);
    assert!(scene.live("one").is_some());
}

#[test]
fn refused_applies_are_sorted() {
    let scene = Scene::new("refused");
    let namespace = &scene.namespace;
    let mut elsewhere = scene.config_map("one", "a");
    elsewhere.set_namespace("no-such-namespace");
    let failure = scene.apply(&elsewhere).unwrap_err();
    assert!(
        matches!(failure, ApplyFailure::NamespaceMissing { .. }),
        "{failure:?}"
    );

    let mut unknown = scene.config_map("one", "a");
    unknown.value["specc"] = json!({"a": 1});
    let failure = scene.apply(&unknown).unwrap_err();
    assert_eq!(reason(&failure), Reason::Invalid, "{failure:?}");
    assert!(failure.error().message().contains("specc"), "{failure:?}");

    scene.plane.kubectl_apply(&format!(
        "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: held, namespace: {namespace}}}, data: {{key: theirs}}}}"
    ));
    let ApplyFailure::Conflict { conflicts, .. } =
        scene.apply(&scene.config_map("held", "ours")).unwrap_err()
    else {
        panic!("a conflict");
    };
    assert_eq!(conflicts.len(), 1);
    assert_eq!(
        (conflicts[0].manager.as_str(), conflicts[0].field.as_str()),
        ("kubectl", ".data.key")
    );

    let mut fixed = scene.config_map("fixed", "a");
    fixed.value["immutable"] = json!(true);
    scene.apply(&fixed).unwrap();
    fixed.value["data"]["key"] = json!("b");
    let failure = scene.apply(&fixed).unwrap_err();
    assert!(
        matches!(failure, ApplyFailure::Immutable { .. }),
        "{failure:?}"
    );

    let widget = ApiResource::known("example.com/v1", "Widget", "widgets", true);
    let object = Object::new(
        json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a", "namespace": namespace}}),
    );
    let apply = scene
        .cluster
        .apply(&widget, &object, ApplyOptions::default());
    let failure = scene.runtime.block_on(apply).unwrap_err();
    assert!(
        matches!(failure, ApplyFailure::NotServed { .. }),
        "{failure:?}"
    );

    let large = scene.config_map("large", &"x".repeat(1_600_000));
    let failure = scene.apply(&large).unwrap_err();
    assert_eq!(reason(&failure), Reason::TooLarge, "{failure:?}");
    let huge = scene.config_map("large", &"x".repeat(3_500_000));
    let failure = scene.apply(&huge).unwrap_err();
    assert_eq!(reason(&failure), Reason::TooLarge, "{failure:?}");
}

fn check_immutable(scene: &Scene, resource: &ApiResource, before: Value, after: Value) {
    let apply = |spec: Value| {
        let object = Object::new(
            json!({"apiVersion": resource.gvk.api_version(), "kind": resource.gvk.kind,
            "metadata": {"name": "web", "namespace": scene.namespace}, "spec": spec}),
        );
        let cluster = scene.cluster.clone();
        scene.runtime.block_on(async move {
            cluster
                .apply(resource, &object, ApplyOptions::default())
                .await
        })
    };
    apply(before).unwrap();
    let failure = apply(after).unwrap_err();
    assert!(
        matches!(failure, ApplyFailure::Immutable { .. }),
        "{resource:?}: {failure:?}"
    );
}

#[test]
fn fields_that_may_not_change_are_told_from_other_invalid_ones() {
    let scene = Scene::new("immutable");
    let pod = |label: &str| json!({"metadata": {"labels": {"app": label}}, "spec": {"containers": [{"name": "c", "image": "i"}], "restartPolicy": "Never"}});
    let check = |api: &str, kind: &str, plural: &str, before: Value, after: Value| {
        let resource = ApiResource::known(api, kind, plural, true);
        check_immutable(&scene, &resource, before, after);
    };
    let deployment = |label: &str| {
        let mut template = pod(label);
        template["spec"]["restartPolicy"] = json!("Always");
        json!({"selector": {"matchLabels": {"app": label}}, "template": template})
    };
    check(
        "apps/v1",
        "Deployment",
        "deployments",
        deployment("a"),
        deployment("b"),
    );
    check(
        "batch/v1",
        "Job",
        "jobs",
        json!({"template": pod("a")}),
        json!({"template": pod("b")}),
    );
    let service =
        |address: &str| json!({"clusterIP": address, "ports": [{"port": 80, "protocol": "TCP"}]});
    check(
        "v1",
        "Service",
        "services",
        service("10.0.77.1"),
        service("10.0.77.2"),
    );
    let claim = |class: &str| json!({"accessModes": ["ReadWriteOnce"], "storageClassName": class, "resources": {"requests": {"storage": "1Gi"}}});
    check(
        "v1",
        "PersistentVolumeClaim",
        "persistentvolumeclaims",
        claim("a"),
        claim("b"),
    );
    let set = |service: &str| {
        let mut spec = deployment("a");
        spec["serviceName"] = json!(service);
        spec
    };
    check("apps/v1", "StatefulSet", "statefulsets", set("a"), set("b"));
}

#[test]
fn the_value_of_an_invalid_secret_is_never_said() {
    let scene = Scene::new("secret");
    let canary = "hunter2-canary";
    for data in [
        json!({"data": {"key": canary}}),
        json!({"data": {"key": {"nested": canary}}}),
        json!({"stringData": {"key": [canary]}}),
        json!({"type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson": canary}}),
        json!({"type": "kubernetes.io/tls", "stringData": {"tls.crt": canary}}),
        json!({"stringData": {"a b": canary}}),
    ] {
        let mut value = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "one", "namespace": scene.namespace}});
        for (key, content) in data.as_object().unwrap() {
            value[key] = content.clone();
        }
        let object = Object::new(value);
        let secrets = ApiResource::secret();
        let apply = scene
            .cluster
            .apply(&secrets, &object, ApplyOptions::default());
        let failure = scene.runtime.block_on(apply).unwrap_err();
        let said = format!("{:?} {}", failure, failure.error().report());
        assert!(!said.contains("hunter2"), "{said}");
        assert!(!said.contains(&"hunter2-canary"[..10]), "{said}");
        assert_eq!(reason(&failure), Reason::Invalid, "{said}");
    }
}

#[test]
fn a_server_that_does_not_listen_is_unreachable_and_one_that_comes_back_is_waited_for() {
    let mut plane = ControlPlane::bare();
    let runtime = runtime();
    let timeouts = quick();
    let cluster = runtime
        .block_on(Cluster::connect(&options(&plane.kubeconfig(), timeouts)))
        .unwrap();
    plane.stop_part(crate::support::Part::ApiServer);
    let start = Instant::now();
    let error = runtime.block_on(cluster.identity()).unwrap_err();
    assert_eq!(error.reason(), Reason::Unreachable, "{error}");
    assert!(error.message().contains("refused"), "{error}");
    assert!(error.message().contains("127.0.0.1"), "{error}");
    assert!(
        (1..=4).contains(&start.elapsed().as_secs()),
        "{:?}",
        start.elapsed()
    );
    let patient = Timeouts {
        patience: Duration::from_secs(30),
        ..timeouts
    };
    let cluster = runtime
        .block_on(Cluster::connect(&options(&plane.kubeconfig(), patient)))
        .unwrap();
    plane.restart_part(crate::support::Part::ApiServer);
    // One that has answered in this run is waited for.
    runtime.block_on(cluster.get_path("/version")).unwrap();
    plane.stop_part(crate::support::Part::ApiServer);
    let asked = runtime.spawn(async move { cluster.get_path("/version").await });
    plane.restart_part(crate::support::Part::ApiServer);
    runtime.block_on(asked).unwrap().unwrap();
}

// A listener with a full queue drops what comes, as a dead route does.
#[test]
fn packets_that_vanish_end_in_unreachable() {
    let runtime = runtime();
    let (address, held) = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let mut held = Vec::new();
        for _ in 0..4 {
            let connect = tokio::net::TcpStream::connect(address);
            held.push(tokio::time::timeout(Duration::from_millis(100), connect).await);
        }
        (address, (listener, held))
    });
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("kubeconfig");
    let text = format!(
        "contexts: [{{name: x, context: {{cluster: c}}}}]\nclusters: [{{name: c, cluster: {{server: 'https://{address}'}}}}]"
    );
    std::fs::write(&path, text).unwrap();
    let start = Instant::now();
    let cluster = runtime
        .block_on(Cluster::connect(&options(&path, quick())))
        .unwrap();
    let error = runtime.block_on(cluster.identity()).unwrap_err();
    assert_eq!(error.reason(), Reason::Unreachable, "{error}");
    assert!(start.elapsed() < Duration::from_secs(5));
    drop(held);
}

#[test]
fn a_certificate_that_is_not_trusted_is_said_at_once_and_never_skipped() {
    let params = |name: &str, from: i32, until: i32| {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        params
    };
    let good = params("127.0.0.1", 2020, 2120);
    let other = Authority::new("other").sign(&good);
    check_certificate(Authority::new("a"), &other, "not trusted");
    let namesake = Authority::new("a").sign(&good);
    check_certificate(Authority::new("a"), &namesake, "not trusted");
    for (params, words) in [
        (params("example.com", 2020, 2120), "for another name"),
        (params("127.0.0.1", 2020, 2021), "has expired"),
        (params("127.0.0.1", 2110, 2120), "not valid yet"),
    ] {
        let authority = Authority::new("a");
        let identity = authority.sign(&params);
        check_certificate(authority, &identity, words);
    }
}

fn check_certificate(authority: Authority, identity: &crate::support::Identity, words: &str) {
    let runtime = runtime();
    let faultline = Faultline::with(ControlPlane::shared(), authority, identity);
    let options = options(&faultline.kubeconfig(), Timeouts::default());
    let cluster = runtime.block_on(Cluster::connect(&options)).unwrap();
    let error = runtime.block_on(cluster.identity()).unwrap_err();
    assert!(error.message().contains(words), "{error}");
    assert_eq!((error.reason(), error.exit().code()), (Reason::Config, 2));
    let report = error.report();
    assert!(
        !report.contains("skip") && !report.contains("insecure"),
        "{report}"
    );
    assert_eq!(cluster.stats().retries, 0);
    assert!(faultline.journal().is_empty());
}

#[test]
fn a_handshake_that_never_ends_is_tried_again() {
    let scene = Scene::with("handshake", quick());
    scene.faultline.stay_silent(1);
    let start = Instant::now();
    assert!(scene.runtime.block_on(scene.cluster.identity()).is_ok());
    assert!(start.elapsed() >= Duration::from_millis(500));
    assert_eq!(scene.cluster.stats().retries, 1);
    let scene = Scene::with("handshake", quick());
    scene.faultline.stay_silent(1000);
    let error = scene
        .runtime
        .block_on(scene.cluster.identity())
        .unwrap_err();
    assert_eq!(error.reason(), Reason::Unreachable, "{error}");
    assert!(error.message().contains("TLS handshake"), "{error}");
}

#[test]
fn connections_that_close_after_each_answer_are_invisible() {
    let scene = Scene::new("close");
    scene
        .faultline
        .rule(Rule::any().act(Action::CloseAfterAnswer));
    let applies = (0..200).map(|n| {
        let object = scene.config_map(&format!("cm-{n}"), "a");
        let cluster = scene.cluster.clone();
        async move {
            cluster
                .apply(&config_maps(), &object, ApplyOptions::default())
                .await
        }
    });
    for result in scene.runtime.block_on(futures::future::join_all(applies)) {
        result.unwrap();
    }
    assert_eq!(scene.list().unwrap().0.len(), 200);
}

#[test]
fn a_write_whose_answer_was_lost_happens_once() {
    let scene = Scene::new("lost");
    let lose = |verb| {
        scene.faultline.heal();
        scene
            .faultline
            .rule(Rule::on(&[verb]).nth(1).act(Action::DropAfterForward));
    };
    lose(Verb::Patch);
    let live = scene.apply(&scene.config_map("one", "a")).unwrap();
    assert_eq!(scene.live("one").unwrap()["metadata"]["uid"], live.uid());
    lose(Verb::Delete);
    assert_eq!(scene.delete(&live).unwrap(), Deleted::Gone);
    assert_eq!(scene.live("one"), None);

    lose(Verb::Create);
    let lease = |holder: &str| {
        Object::new(
            json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"name": "lock", "namespace": scene.namespace},
        "spec": {"holderIdentity": holder, "leaseDurationSeconds": 30}}),
        )
    };
    let leases = ApiResource::lease();
    let mine = scene
        .runtime
        .block_on(scene.cluster.create(&leases, &lease("me")))
        .unwrap();
    let mut mine = mine.expect("made by us, although the answer was lost");
    let posts = scene.faultline.journal();
    let posts = posts.iter().filter(|e| e.verb == Verb::Create).count();
    assert_eq!(posts, 1, "it was read back, not sent again");
    let other = scene
        .runtime
        .block_on(scene.cluster.create(&leases, &lease("you")))
        .unwrap();
    assert_eq!(other, None);

    lose(Verb::Update);
    mine.value["spec"]["leaseDurationSeconds"] = json!(31);
    let renewed = scene
        .runtime
        .block_on(scene.cluster.replace(&leases, &mine))
        .unwrap();
    assert_eq!(
        renewed.unwrap().value["spec"]["leaseDurationSeconds"],
        json!(31)
    );
    let stale = scene
        .runtime
        .block_on(scene.cluster.replace(&leases, &mine))
        .unwrap();
    assert_eq!(stale, None);
}

#[test]
fn a_create_that_never_arrived_is_sent_again() {
    let scene = Scene::new("arrive");
    scene.faultline.rule(
        Rule::on(&[Verb::Create])
            .nth(1)
            .act(Action::DropBeforeForward),
    );
    let object = scene.config_map("one", "a");
    let made = scene
        .runtime
        .block_on(scene.cluster.create(&config_maps(), &object))
        .unwrap();
    assert!(made.is_some());
}

#[test]
fn a_body_that_was_cut_is_never_taken_for_a_whole_one() {
    let scene = Scene::new("cut");
    scene.fill(12);
    let (whole, _) = scene.list().unwrap();
    assert_eq!(whole.len(), 12);
    let path = format!("/api/v1/namespaces/{}/configmaps", scene.namespace);
    let text = scene.plane.request("GET", &path, None).unwrap().1;
    let borders = text.match_indices("},{").map(|(n, _)| n + 1);
    let places: Vec<_> = (1..10)
        .map(|n| n * text.len() / 10)
        .chain(borders)
        .collect();
    for place in places {
        scene.faultline.heal();
        scene
            .faultline
            .rule(Rule::on(&[Verb::List]).nth(1).act(Action::Truncate(place)));
        assert_eq!(scene.list().unwrap().0, whole, "cut at {place}");
    }
    for (verb, place) in [(Verb::Patch, 40), (Verb::Get, 100)] {
        scene.faultline.heal();
        scene
            .faultline
            .rule(Rule::on(&[verb]).nth(1).act(Action::Truncate(place)));
        scene.apply(&scene.config_map("one", "a")).unwrap();
        assert!(scene.get("one").unwrap().is_some());
    }
    scene.faultline.heal();
    scene.faultline.rule(
        Rule::on(&[Verb::Discover])
            .nth(2)
            .act(Action::Truncate(5000)),
    );
    let discovery = scene.runtime.block_on(scene.cluster.discovery()).unwrap();
    assert!(discovery.preferred("apps", "Deployment").is_some());
}

// With an answer that says it is complete: only its JSON shows that it is not.
#[test]
fn a_short_body_with_a_good_length_is_asked_for_again() {
    let scene = Scene::new("short");
    scene.fill(3);
    scene
        .faultline
        .rule(Rule::on(&[Verb::List]).nth(1).edit(|mut answer| {
            let cut = answer.body.len() / 2;
            answer.body = answer.body.slice(..cut);
            answer
                .headers
                .retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
            answer
        }));
    assert_eq!(scene.list().unwrap().0.len(), 3);
    assert_eq!(scene.cluster.stats().retries, 1);
}

#[test]
fn a_body_that_stalls_is_asked_for_again() {
    let scene = Scene::with("stall", quick());
    scene.fill(3);
    for place in [0, 1, 400] {
        scene.faultline.heal();
        scene
            .faultline
            .rule(Rule::on(&[Verb::List]).nth(1).act(Action::Stall(place)));
        assert_eq!(scene.list().unwrap().0.len(), 3, "stalled at {place}");
    }
}

#[test]
fn a_server_that_says_wait_is_waited_for() {
    let scene = Scene::new("wait");
    let busy = |seconds: &str| {
        Answer::new(429, "text/plain", "Too many requests").header("Retry-After", seconds)
    };
    scene.faultline.rule(Rule::any().first(2).answer(busy("1")));
    let start = Instant::now();
    assert_eq!(scene.get("one").unwrap(), None);
    assert!(start.elapsed() >= Duration::from_secs(2));
    assert_eq!(scene.cluster.stats().retries, 2);
}

#[test]
fn the_page_of_a_load_balancer_is_unreachable_in_the_end() {
    let scene = Scene::with("balancer", quick());
    let page = format!("<html>\u{1b}[31m{}</html>", "sorry ".repeat(1000));
    scene
        .faultline
        .rule(Rule::any().answer(Answer::new(502, "text/html", page)));
    let error = scene.get("one").unwrap_err();
    assert_eq!(
        (error.reason(), error.exit().code()),
        (Reason::Unreachable, 2)
    );
    assert!(
        error.report().len() < 500 && !error.report().contains('\u{1b}'),
        "{error}"
    );
    scene.faultline.heal();
    let page = Answer::new(503, "text/html", "<html>");
    scene.faultline.rule(Rule::any().first(2).answer(page));
    assert_eq!(scene.get("one").unwrap(), None);
}

#[test]
fn a_redirect_is_named_and_not_followed() {
    let scene = Scene::new("redirect");
    let target = scene.faultline.server();
    for status in [301, 302, 303, 307, 308] {
        scene.faultline.heal();
        scene.faultline.clear_journal();
        let location = format!("{target}/elsewhere?token=hunter2");
        let answer = Answer::new(status, "text/html", "").header("Location", &location);
        scene.faultline.rule(Rule::any().answer(answer));
        let error = scene.get("one").unwrap_err();
        assert_eq!(error.reason(), Reason::Config, "{error}");
        assert!(
            error.message().contains("/elsewhere") && !error.report().contains("hunter2"),
            "{error}"
        );
        assert_eq!(scene.faultline.journal().len(), 1);
    }
}

#[test]
fn a_404_of_something_else_is_never_taken_for_an_absent_object() {
    let scene = Scene::new("foreign");
    scene.apply(&scene.config_map("one", "a")).unwrap();
    let other =
        json!({"kind": "Status", "reason": "NotFound", "code": 404, "details": {"name": "two"}});
    for answer in [
        Answer::new(404, "text/html", "<html>not found</html>"),
        Answer::new(404, "text/plain", "404 page not found\n"),
        Answer::new(404, "application/json", "{}"),
        Answer::new(404, "application/json", other.to_string()),
        Answer::status(
            404,
            "NotFound",
            "the server could not find the requested resource",
        ),
    ] {
        scene.faultline.heal();
        scene.faultline.rule(Rule::any().answer(answer));
        assert_eq!(scene.get("one").unwrap_err().exit().code(), 2);
        assert_eq!(scene.list().unwrap_err().exit().code(), 2);
        let error = scene
            .runtime
            .block_on(scene.cluster.refresh_discovery())
            .unwrap_err();
        assert_eq!(error.exit().code(), 2, "{error}");
        let failure = scene.apply(&scene.config_map("one", "b")).unwrap_err();
        assert!(!matches!(failure, ApplyFailure::NamespaceMissing { .. }));
        let gone = Object::new(scene.live("one").unwrap());
        assert!(scene.delete(&gone).is_err());
    }
}

#[test]
fn an_answer_that_is_not_what_was_asked_for_is_refused() {
    let scene = Scene::new("other");
    scene.fill(2);
    let item = |namespace: &str| json!({"metadata": {"name": "x", "namespace": namespace}});
    let list = |kind: &str, items: Value| {
        json!({"apiVersion": "v1", "kind": kind, "metadata": {}, "items": items}).to_string()
    };
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let own = item(&scene.namespace);
    let mut other_kind = own.clone();
    other_kind["kind"] = json!("Secret");
    let bodies = [
        "<html>canary</html>".to_owned(),
        list("PodList", json!([])),
        list("ConfigMapList", json!([item("canary")])),
        list("ConfigMapList", json!([other_kind])),
        list("ConfigMapList", json!([{"metadata": {}}])),
        list("ConfigMapList", json!(["canary"])),
        json!({"apiVersion": "v1", "kind": "ConfigMapList", "metadata": {}}).to_string(),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}}).to_string(),
        format!(r#"{{"apiVersion":"v1","kind":"ConfigMapList","metadata":{{}},"items":[{deep}]}}"#),
        "null".to_owned(),
    ];
    for body in bodies {
        scene.faultline.heal();
        let answer = Answer::new(200, "application/json", body.clone());
        scene.faultline.rule(Rule::any().answer(answer));
        let error = scene.list().unwrap_err();
        assert_eq!(error.exit().code(), 2, "{body}: {error}");
        assert!(scene.get("one").is_err(), "{body}");
    }
    scene.faultline.heal();
    let bytes = vec![b'{', b'"', 0xff, 0xfe, b'"', b'}'];
    scene
        .faultline
        .rule(Rule::any().answer(Answer::new(200, "application/json", bytes)));
    assert_eq!(scene.list().unwrap_err().exit().code(), 2);
}

#[test]
fn a_refused_credential_is_tried_once_more_and_then_said() {
    let scene = Scene::new("unauthorized");
    let refusal = || Answer::status(401, "Unauthorized", "Unauthorized");
    scene.faultline.rule(Rule::any().first(1).answer(refusal()));
    assert_eq!(scene.get("one").unwrap(), None);
    scene.faultline.heal();
    scene.faultline.clear_journal();
    scene.faultline.rule(Rule::any().answer(refusal()));
    let error = scene.get("one").unwrap_err();
    assert_eq!(
        (error.reason(), error.exit().code()),
        (Reason::Unauthorized, 2)
    );
    assert_eq!(scene.faultline.journal().len(), 2);
}

// With an exec plugin: its second token is a good one.
#[test]
fn a_plugin_is_asked_again_after_a_401() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace("plugin");
    let accounts = format!("/api/v1/namespaces/{namespace}/serviceaccounts");
    plane.create(&accounts, &json!({"metadata": {"name": "robot"}}));
    let token = plane.kubectl(&["-n", &namespace, "create", "token", "robot"]);
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("good"), token.trim()).unwrap();
    let script = r#"cd "$(dirname "$0")"; echo x >> runs
t=stale-token; [ "$(wc -l < runs)" -gt 1 ] && t=$(cat good)
echo "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"$t\"}}""#;
    std::fs::write(dir.path().join("plugin"), script).unwrap();
    let mut config: Value =
        serde_json::from_str(&std::fs::read_to_string(plane.kubeconfig()).unwrap()).unwrap();
    config["users"][0]["user"] = json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1",
        "command": "/bin/sh", "args": [dir.path().join("plugin")], "interactiveMode": "Never"}});
    let path = dir.path().join("kubeconfig");
    std::fs::write(&path, config.to_string()).unwrap();
    let runtime = runtime();
    let cluster = runtime
        .block_on(Cluster::connect(&options(&path, Timeouts::default())))
        .unwrap();
    let user = runtime
        .block_on(pushboat::cluster::manager::who_am_i(&cluster))
        .unwrap();
    assert_eq!(
        user,
        Some(format!("system:serviceaccount:{namespace}:robot"))
    );
    let runs = std::fs::read_to_string(dir.path().join("runs")).unwrap();
    assert_eq!(runs.lines().count(), 2);
}

#[test]
fn a_plugin_that_outlasts_the_time_limit_is_named_and_not_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let config = json!({
        "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}],
        "users": [{"name": "robot", "user": {"exec": {"apiVersion": "client.authentication.k8s.io/v1",
            "command": "/bin/sh", "args": ["-c", "sleep 60"], "interactiveMode": "Never"}}}],
        "contexts": [{"name": "only", "context": {"cluster": "c", "user": "robot"}}],
        "current-context": "only",
    });
    let path = dir.path().join("kubeconfig");
    std::fs::write(&path, config.to_string()).unwrap();
    let start = Instant::now();
    let options = ConnectOptions {
        deadline: Some(start + Duration::from_millis(300)),
        ..options(&path, Timeouts::default())
    };
    let runtime = runtime();
    let question = async {
        let cluster = Cluster::connect(&options).await?;
        cluster.get(&config_maps(), "default", "one").await
    };
    let error = runtime.block_on(question).unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(
        (error.reason(), error.exit().code()),
        (Reason::Unauthorized, 2),
        "{error}"
    );
    for word in ["`/bin/sh`", "`robot`", "`--timeout`"] {
        assert!(error.message().contains(word), "{error}");
    }
}

#[test]
fn what_is_forbidden_is_an_open_question_when_reading_and_a_no_when_writing() {
    let scene = Scene::new("forbidden");
    let kubeconfig = scene.plane.kubeconfig_for("nobody", "nobodies");
    let cluster = scene
        .runtime
        .block_on(Cluster::connect(&options(&kubeconfig, Timeouts::default())))
        .unwrap();
    let error = list(&scene.runtime, &cluster, &scene.namespace).unwrap_err();
    assert_eq!(
        (error.reason(), error.exit().code()),
        (Reason::Forbidden, 2),
        "{error}"
    );
    assert!(error.message().contains("nobody"), "{error}");
    let object = scene.config_map("one", "a");
    let apply = |dry_run| {
        let options = ApplyOptions {
            dry_run,
            force: false,
        };
        let resource = config_maps();
        let apply = cluster.apply(&resource, &object, options);
        scene.runtime.block_on(apply).unwrap_err().error().clone()
    };
    assert_eq!(
        (apply(false).reason(), apply(false).exit().code()),
        (Reason::Forbidden, 1)
    );
    assert_eq!(
        (apply(true).reason(), apply(true).exit().code()),
        (Reason::Forbidden, 2)
    );
    let create = scene
        .runtime
        .block_on(cluster.create(&config_maps(), &object));
    assert_eq!(create.unwrap_err().reason(), Reason::Forbidden);
}

#[test]
fn a_list_that_expires_begins_again_and_is_whole() {
    let scene = Scene::new("expired");
    scene.fill(1);
    let objects = (0..1100).map(|n| {
        let object = scene.config_map(&format!("cm-{n:04}"), "a");
        let cluster = scene.cluster.clone();
        async move {
            cluster
                .apply(&config_maps(), &object, ApplyOptions::default())
                .await
        }
    });
    for result in scene.runtime.block_on(futures::future::join_all(objects)) {
        result.unwrap();
    }
    let (quiet, _) = scene.list().unwrap();
    assert_eq!(quiet.len(), 1101);
    let gone = || Answer::status(410, "Expired", "The provided continue parameter is too old");
    let second_page = || Rule::on(&[Verb::List]).query("continue=");
    scene.faultline.rule(second_page().nth(2).answer(gone()));
    let (names, restarts) = scene.list().unwrap();
    assert_eq!((&names, restarts), (&quiet, 1));
    scene.faultline.heal();
    scene.faultline.rule(second_page().nth(2).answer(gone()));
    let options = ListOptions {
        namespace: Some(scene.namespace.clone()),
        ..ListOptions::default()
    };
    let resource = config_maps();
    let kept = scene.cluster.list_all(&resource, &options, |item| {
        let name = item.name().to_owned();
        name.starts_with("cm-").then_some(name)
    });
    let kept = scene.runtime.block_on(kept).unwrap();
    let wanted: Vec<_> = quiet
        .iter()
        .filter(|name| name.starts_with("cm-"))
        .collect();
    assert_eq!(kept.iter().collect::<Vec<_>>(), wanted, "each item once");
    scene.faultline.heal();
    scene.faultline.rule(second_page().answer(gone()));
    let error = scene.list().unwrap_err();
    assert_eq!(
        (error.reason(), error.exit().code()),
        (Reason::PartialList, 2)
    );
    let journal = scene.faultline.journal();
    assert!(
        journal
            .iter()
            .all(|entry| !entry.query.contains("resourceVersion=0"))
    );
}

#[test]
fn a_token_is_in_no_log_and_no_error() {
    use std::io::Write;
    use tracing_subscriber::fmt::MakeWriter;

    #[derive(Clone, Default)]
    struct Lines(Arc<std::sync::Mutex<Vec<u8>>>);
    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    impl<'a> MakeWriter<'a> for Lines {
        type Writer = Self;
        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    let plane = ControlPlane::shared();
    let faultline = Faultline::before(plane);
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(lines.clone())
        .finish();
    let canary = "canary-token-hunter2";
    let said = tracing::subscriber::with_default(subscriber, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let options = options(
            &faultline.kubeconfig_with_token(canary),
            Timeouts::default(),
        );
        let cluster = runtime.block_on(Cluster::connect(&options)).unwrap();
        let error = runtime.block_on(cluster.identity()).unwrap_err();
        format!("{options:?} {cluster:?} {}", error.report())
    });
    assert!(
        said.contains("Unauthorized") || said.contains("401"),
        "{said}"
    );
    let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("pushboat::request"), "{logged}");
    assert!(!said.contains(canary) && !logged.contains(canary));
    let sent = &faultline.journal()[0].headers["authorization"];
    assert_eq!(sent, &format!("Bearer {canary}"));
}

#[test]
fn another_cluster_than_the_recorded_one_gets_no_write() {
    let plane = ControlPlane::shared();
    let faultline = Faultline::before(plane);
    let runtime = runtime();
    let mut options = options(&faultline.kubeconfig(), Timeouts::default());
    options.recorded.uid = Some("0000".into());
    let error = runtime.block_on(Cluster::connect(&options)).unwrap_err();
    assert_eq!(
        (error.reason(), error.exit().code()),
        (Reason::WrongCluster, 2)
    );
    assert_eq!(faultline.journal().len(), 1);
    let uid = plane.get("/api/v1/namespaces/kube-system")["metadata"]["uid"].clone();
    options.recorded.uid = uid.as_str().map(str::to_owned);
    assert!(runtime.block_on(Cluster::connect(&options)).is_ok());
}

#[test]
fn impersonation_goes_with_every_request() {
    let scene = Scene::new("impersonate");
    let mut options = options(&scene.plane.kubeconfig(), Timeouts::default());
    options.impersonate_user = Some("alice".into());
    options.impersonate_groups = vec!["a".into(), "b".into()];
    let cluster = scene.runtime.block_on(Cluster::connect(&options)).unwrap();
    let user = scene
        .runtime
        .block_on(pushboat::cluster::manager::who_am_i(&cluster))
        .unwrap();
    assert_eq!(user.as_deref(), Some("alice"));
}

#[test]
fn a_time_limit_ends_everything() {
    let scene = Scene::new("limit");
    let mut options = options(&scene.faultline.kubeconfig(), Timeouts::default());
    options.deadline = Some(Instant::now() + Duration::from_secs(1));
    let cluster = scene.runtime.block_on(Cluster::connect(&options)).unwrap();
    scene
        .faultline
        .rule(Rule::any().act(Action::Delay(Duration::from_secs(20))));
    let start = Instant::now();
    let error = scene.runtime.block_on(cluster.identity()).unwrap_err();
    assert_eq!(error.reason(), Reason::Timeout, "{error}");
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn warnings_are_kept_once() {
    let scene = Scene::new("warnings");
    scene.faultline.rule(
        Rule::any().edit(|answer| answer.header("Warning", "299 - \"policy/v1beta1 is old\"")),
    );
    scene.get("one").unwrap();
    scene.get("two").unwrap();
    assert_eq!(scene.cluster.take_warnings(), ["policy/v1beta1 is old"]);
    assert!(scene.cluster.take_warnings().is_empty());
}

#[test]
fn metadata_alone_can_be_listed() {
    let scene = Scene::new("metadata");
    scene.fill(3);
    let options = ListOptions {
        namespace: Some(scene.namespace.clone()),
        metadata_only: true,
        ..ListOptions::default()
    };
    let mut items = Vec::new();
    scene
        .runtime
        .block_on(
            scene
                .cluster
                .list(&config_maps(), &options, &mut || {}, &mut |item| {
                    items.push(item)
                }),
        )
        .unwrap();
    assert!(items.iter().any(|item| item.name() == "cm-000"));
    assert!(
        items
            .iter()
            .all(|item| item.value.get("data").is_none() && item.kind() == "ConfigMap")
    );
}

/// A proxy on this machine that answers CONNECT in one way; it tunnels where the answer is 200.
async fn http_proxy(answer: &'static str) -> (u16, Arc<std::sync::Mutex<Vec<String>>>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let heads = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let heads = Arc::clone(&heads);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = client.read_u8().await else {
                        return;
                    };
                    head.push(byte);
                }
                let head = String::from_utf8(head).unwrap();
                let target = head.split(' ').nth(1).unwrap().to_owned();
                heads.lock().unwrap().push(head);
                let _ = client.write_all(answer.as_bytes()).await;
                if answer.contains(" 200 ")
                    && let Ok(mut server) = tokio::net::TcpStream::connect(target).await
                {
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                }
            });
        }
    });
    (port, seen)
}

#[test]
fn a_proxy_is_used_as_told_and_named_without_its_password_when_it_refuses() {
    let plane = ControlPlane::shared();
    let runtime = runtime();
    let through = |answer| {
        let (port, seen) = runtime.block_on(http_proxy(answer));
        let mut options = options(&plane.kubeconfig(), quick());
        let proxy = format!("http://user:hunter2@127.0.0.1:{port}");
        options.allowed.proxy_urls.push(proxy.clone());
        options.recorded.proxy_url = Some(proxy);
        let cluster = runtime.block_on(Cluster::connect(&options)).unwrap();
        (runtime.block_on(cluster.identity()), seen, port)
    };
    let (identity, seen, _) = through("HTTP/1.1 200 Connection established\r\n\r\n");
    identity.unwrap();
    let head = seen.lock().unwrap()[0].to_ascii_lowercase();
    assert!(
        head.starts_with(&format!("connect 127.0.0.1:{} ", plane.port())),
        "{head}"
    );
    assert!(head.contains("proxy-authorization: basic "), "{head}");
    for answer in [
        "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\n\r\n",
    ] {
        let (identity, _, port) = through(answer);
        let error = identity.unwrap_err();
        assert_eq!(error.reason(), Reason::Unreachable, "{error}");
        assert!(
            error.message().contains(&format!("127.0.0.1:{port}")),
            "{error}"
        );
        assert!(error.message().contains("proxy"), "{error}");
        assert!(!error.report().contains("hunter2"), "{error}");
    }
    let mut down = options(&plane.kubeconfig(), quick());
    let proxy = "socks5://127.0.0.1:1";
    down.allowed.proxy_urls.push(proxy.into());
    down.recorded.proxy_url = Some(proxy.into());
    let cluster = runtime.block_on(Cluster::connect(&down)).unwrap();
    let error = runtime.block_on(cluster.identity()).unwrap_err();
    assert!(
        error.message().contains("proxy socks5://127.0.0.1:1"),
        "{error}"
    );
}
