//! What must be true before a write goes out, at every attempt: it is decided for the object that is there, the run may still write, and
//! the connection leads to the cluster that was read.

use crate::support::faultline::{Action, Answer, Phase, Rule, Verb};
use crate::support::scene::{config_map, reasons};
use crate::support::{ControlPlane, Faultline, Scene};
use futures::FutureExt;
use futures::future::BoxFuture;
use pushboat::cluster::{
    ApiResource, ApplyFailure, ApplyOptions, Basis, Cluster, ConnectOptions, Guard, Kubeconfig,
    Seen, Verdict,
};
use pushboat::error::{Error, Reason};
use pushboat::object::Object;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A namespace behind a proxy, and a connection to it.
struct Wire {
    plane: &'static ControlPlane,
    proxy: Faultline,
    namespace: String,
    runtime: Runtime,
    cluster: Cluster,
}

impl Wire {
    fn new(name: &str) -> Self {
        let plane = ControlPlane::shared();
        let proxy = Faultline::before(plane);
        let runtime = Runtime::new().unwrap();
        let kubeconfig = Kubeconfig::load_one(&proxy.kubeconfig()).unwrap();
        let options = ConnectOptions {
            name: "dev".into(),
            context: kubeconfig.contexts().remove(0).name,
            kubeconfig: Arc::new(kubeconfig),
            ..ConnectOptions::default()
        };
        Self {
            plane,
            proxy,
            namespace: plane.namespace(name),
            cluster: runtime.block_on(Cluster::connect(&options)).unwrap(),
            runtime,
        }
    }

    fn object(&self, value: &str) -> Object {
        let mut object = config_map("one", value);
        object["metadata"]["namespace"] = json!(self.namespace);
        Object::new(object)
    }

    fn live(&self) -> Option<Value> {
        let path = format!("/api/v1/namespaces/{}/configmaps/one", self.namespace);
        let (status, body) = self.plane.request("GET", &path, None).unwrap();
        (status == 200).then(|| serde_json::from_str(&body).unwrap())
    }

    /// Writes it as somebody else does, without the proxy.
    fn edit(&self, value: &str) {
        let path = format!(
            "/api/v1/namespaces/{}/configmaps/one?fieldManager=someone",
            self.namespace
        );
        let patch = json!({"data": {"other": value}});
        let kind = "application/merge-patch+json";
        let (status, body) = self
            .plane
            .request_as("PATCH", &path, kind, Some(&patch))
            .unwrap();
        assert_eq!(status, 200, "{body}");
    }

    fn try_apply(&self, value: &str) -> Result<Object, ApplyFailure> {
        let (resource, object) = (config_maps(), self.object(value));
        let options = ApplyOptions::default();
        let apply = self.cluster.apply(&resource, &object, options);
        self.runtime.block_on(apply)
    }

    fn apply(&self, value: &str) -> Object {
        self.try_apply(value).unwrap()
    }

    /// Applies over what was seen, and counts how often the decision was asked for again.
    fn apply_over(
        &self,
        value: &str,
        seen: Option<Seen>,
        verdict: Verdict,
    ) -> (Result<Object, ApplyFailure>, usize) {
        let asked = AtomicUsize::new(0);
        let judge = |_: Option<&Object>, _: bool| {
            asked.fetch_add(1, Ordering::SeqCst);
            Ok(verdict)
        };
        let basis = Basis {
            seen,
            judge: &judge,
        };
        let (resource, object) = (config_maps(), self.object(value));
        let options = ApplyOptions::default();
        let apply = self.cluster.apply_by(&resource, &object, options, &basis);
        (self.runtime.block_on(apply), asked.load(Ordering::SeqCst))
    }

    fn n_patches(&self) -> usize {
        let journal = self.proxy.journal();
        journal.iter().filter(|e| e.verb == Verb::Patch).count()
    }
}

fn config_maps() -> ApiResource {
    ApiResource::known("v1", "ConfigMap", "configmaps", true)
}

fn key(live: Option<Value>) -> Value {
    live.map_or(Value::Null, |live| live["data"]["key"].clone())
}

#[test]
fn an_apply_to_what_was_read_needs_no_second_look() {
    let wire = Wire::new("basis-same");
    let seen = Seen::of(&wire.apply("old"));
    let (applied, asked) = wire.apply_over("new", Some(seen), Verdict::Changed);
    assert_eq!(asked, 0);
    let applied = applied.unwrap();
    assert_eq!(applied.value["data"]["key"], "new");
    let entry = &applied.value["metadata"]["managedFields"][0]["fieldsV1"];
    assert!(entry["f:metadata"].get("f:uid").is_none(), "{entry}");
}

#[test]
fn an_object_that_changed_since_is_judged_anew() {
    let wire = Wire::new("basis-changed");
    let seen = Seen::of(&wire.apply("old"));
    wire.edit("x");
    let (applied, asked) = wire.apply_over("new", Some(seen.clone()), Verdict::Changed);
    assert!(
        matches!(applied, Err(ApplyFailure::Changed { .. })),
        "{applied:?}"
    );
    assert_eq!((asked, key(wire.live())), (1, json!("old")));
    let (applied, asked) = wire.apply_over("new", Some(seen), Verdict::Apply);
    assert_eq!(asked, 1, "{applied:?}");
    assert_eq!(key(wire.live()), "new");
}

#[test]
fn an_object_that_was_made_anew_or_is_gone_is_judged_anew() {
    let wire = Wire::new("basis-uid");
    let mut seen = Seen::of(&wire.apply("old"));
    seen.uid = "11111111-2222-3333-4444-555555555555".into();
    let (applied, asked) = wire.apply_over("new", Some(seen.clone()), Verdict::Changed);
    assert!(
        matches!(applied, Err(ApplyFailure::Changed { .. })),
        "{applied:?}"
    );
    assert_eq!((asked, key(wire.live())), (1, json!("old")));
    wire.plane
        .kubectl(&["-n", &wire.namespace, "delete", "configmap", "one"]);
    let (applied, asked) = wire.apply_over("new", Some(seen.clone()), Verdict::Changed);
    assert!(
        matches!(applied, Err(ApplyFailure::Changed { .. })),
        "{applied:?}"
    );
    assert_eq!((asked, wire.live()), (1, None));
    let (applied, _) = wire.apply_over("new", Some(seen), Verdict::Apply);
    assert_eq!(applied.unwrap().value["data"]["key"], "new");
}

#[test]
fn a_repeated_apply_reads_what_was_absent_again() {
    let wire = Wire::new("basis-absent");
    let busy = Answer::status(429, "TooManyRequests", "busy").header("Retry-After", "0");
    wire.proxy
        .rule(Rule::on(&[Verb::Patch]).first(2).answer(busy));
    let (applied, asked) = wire.apply_over("new", None, Verdict::Apply);
    assert_eq!((applied.is_ok(), asked), (true, 2));
}

/// A right to write that ends at the nth question, or after a time.
struct Right {
    asked: AtomicUsize,
    lasts: usize,
    ends_after: Duration,
}

fn lost() -> Error {
    Error::new(Reason::LockLost, "the right is gone")
}

impl Guard for Right {
    fn check(&self) -> BoxFuture<'_, Result<(), Error>> {
        let n = self.asked.fetch_add(1, Ordering::SeqCst);
        futures::future::ready(if n < self.lasts { Ok(()) } else { Err(lost()) }).boxed()
    }

    fn holds(&self) -> bool {
        true
    }

    fn ended(&self) -> BoxFuture<'_, Error> {
        async {
            tokio::time::sleep(self.ends_after).await;
            lost()
        }
        .boxed()
    }
}

#[test]
fn every_attempt_of_a_write_asks_whether_the_run_may_still_write() {
    let mut wire = Wire::new("guard-attempts");
    wire.apply("old");
    wire.proxy.clear_journal();
    let busy = Answer::status(429, "TooManyRequests", "busy").header("Retry-After", "0");
    wire.proxy
        .rule(Rule::on(&[Verb::Patch]).first(2).answer(busy));
    wire.cluster = wire.cluster.guarded(Arc::new(Right {
        asked: AtomicUsize::new(0),
        lasts: 2,
        ends_after: Duration::from_secs(60),
    }));
    let failure = wire.try_apply("new").unwrap_err();
    assert_eq!(failure.error().reason(), Reason::LockLost);
    assert_eq!((wire.n_patches(), key(wire.live())), (2, json!("old")));
}

#[test]
fn a_write_under_way_is_given_up_with_the_right_to_write() {
    let mut wire = Wire::new("guard-ended");
    wire.apply("old");
    let slow = Action::Delay(Duration::from_secs(30));
    wire.proxy.rule(Rule::on(&[Verb::Patch]).act(slow));
    wire.cluster = wire.cluster.guarded(Arc::new(Right {
        asked: AtomicUsize::new(0),
        lasts: 9,
        ends_after: Duration::from_millis(300),
    }));
    let start = Instant::now();
    let failure = wire.try_apply("new").unwrap_err();
    assert_eq!(failure.error().reason(), Reason::LockLost);
    assert!(start.elapsed() < Duration::from_secs(5));
}

/// An address that leads to one server, and at some moment to another; what is open is cut then.
#[derive(Clone)]
struct Address {
    port: u16,
    target: Arc<AtomicU16>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Address {
    fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = Self {
            port: listener.local_addr().unwrap().port(),
            target: Arc::new(AtomicU16::new(port)),
            open: Arc::default(),
        };
        let own = address.clone();
        std::thread::spawn(move || {
            listener
                .incoming()
                .flatten()
                .for_each(|client| own.relay(client))
        });
        address
    }

    fn relay(&self, client: TcpStream) {
        let Ok(server) = TcpStream::connect(("127.0.0.1", self.target.load(Ordering::SeqCst)))
        else {
            return;
        };
        for stream in [&client, &server] {
            stream.set_nodelay(true).unwrap();
            self.open.lock().unwrap().push(stream.try_clone().unwrap());
        }
        for (from, to) in [
            (client.try_clone().unwrap(), server.try_clone().unwrap()),
            (server, client),
        ] {
            std::thread::spawn(move || pass(from, to));
        }
    }

    fn move_to(&self, port: u16) {
        self.target.store(port, Ordering::SeqCst);
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 16 << 10];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

/// The kubeconfig of a proxy that is reached through another port.
fn through(proxy: &Faultline, port: u16, dir: &Path) -> PathBuf {
    let text = std::fs::read_to_string(proxy.kubeconfig()).unwrap();
    let path = dir.join("kubeconfig");
    let server = format!("https://127.0.0.1:{port}");
    std::fs::write(&path, text.replace(&proxy.server(), &server)).unwrap();
    path
}

/// Two clusters that trust one authority, and an app that runs in both. The address moves to the other one at the nth request.
fn swapped(n: usize) -> (i32, String) {
    let (right, wrong) = (ControlPlane::shared(), ControlPlane::shared_full());
    let objects = [config_map("a", "x"), config_map("b", "x")];
    let scene = Scene::new(right, "swap", &objects);
    let name = scene.namespace.clone();
    let namespace = json!({"metadata": {"name": name}});
    wrong.create("/api/v1/namespaces", &namespace);
    let other = Scene::at(wrong, &name, &objects);
    for scene in [&scene, &other] {
        scene.synced(&[]);
    }
    scene.put(&config_map("a", "y"));
    scene.put(&config_map("c", "new"));
    scene.take(&config_map("b", "x"));
    let here = Faultline::before(right);
    let identity = here.authority().server(&["127.0.0.1", "localhost"]);
    let there = Faultline::with(wrong, crate::support::Authority::new("other"), &identity);
    let address = Address::to(here.port());
    let dir = TempDir::new().unwrap();
    let kubeconfig = through(&here, address.port, dir.path());
    let (moving, port) = (address.clone(), there.port());
    here.rule(
        Rule::any()
            .nth(n)
            .hook(Phase::BeforeForward, move |_| moving.move_to(port)),
    );
    other.mark();
    let args = ["app", "sync", &name, "--yes", "--prune", "-o", "json"];
    let answer = scene.pushboat(&args).kubeconfig(&kubeconfig).run();
    let wrong: Vec<_> = other
        .writes()
        .iter()
        .map(|e| format!("{} {}", e.verb, e.uri))
        .collect();
    assert!(
        wrong.is_empty(),
        "moved at request {n}: {wrong:?}\n{answer:?}"
    );
    (answer.code, answer.stdout)
}

#[test]
fn nothing_is_written_to_a_cluster_that_an_address_moved_to() {
    // A run takes some 25 requests; a short test takes a few moments of it.
    let n_swaps = if crate::support::is_long() { 100 } else { 8 };
    let mut told = 0;
    for swap in 0..n_swaps {
        let (code, document) = swapped(2 + swap * 3 % 23);
        let reasons = reasons(&serde_json::from_str(&document).unwrap());
        told += usize::from(code != 0 && reasons.contains("wrong-cluster"));
    }
    eprintln!("{n_swaps} moves, {told} told as another cluster, 0 writes to it");
    assert!(told * 4 > n_swaps, "{told} of {n_swaps}");
}
