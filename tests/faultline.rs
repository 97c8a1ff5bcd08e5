//! The fault-injecting proxy before a real API server: each fault is what it says, and nothing happens without a rule.

use crate::support::api::{exchange, send, trusting};
use crate::support::faultline::{Action, Answer, Phase, Rule, Verb, Victim};
use crate::support::{Authority, ControlPlane, Faultline, eventually};
use rustls::ClientConfig;
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A proxy before the shared plane, a namespace, and a client of the proxy.
struct Scene {
    plane: &'static ControlPlane,
    faultline: Faultline,
    tls: Arc<ClientConfig>,
    namespace: String,
}

impl Scene {
    fn new(name: &str) -> Self {
        let plane = ControlPlane::shared();
        let faultline = Faultline::before(plane);
        let tls = trusting(faultline.authority(), None);
        Self {
            plane,
            faultline,
            tls,
            namespace: plane.namespace(name),
        }
    }

    /// The path of the ConfigMaps of this test's namespace.
    fn configmaps(&self) -> String {
        format!("/api/v1/namespaces/{}/configmaps", self.namespace)
    }

    fn create(&self, name: &str) -> std::io::Result<(u16, String)> {
        let body = json!({"metadata": {"name": name}}).to_string();
        let line = format!("POST {}", self.configmaps());
        send(
            &self.tls,
            self.faultline.port(),
            &line,
            &[("Content-Type", "application/json")],
            &body,
        )
    }

    fn get(&self, path: &str) -> std::io::Result<(u16, String)> {
        send(
            &self.tls,
            self.faultline.port(),
            &format!("GET {path}"),
            &[],
            "",
        )
    }

    /// Asks for `/version` and returns what came and how the connection ended.
    fn version(&self) -> (String, Option<ErrorKind>) {
        let request = "GET /version HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
        let (answer, end) = exchange(
            &self.tls,
            self.faultline.port(),
            request,
            Duration::from_secs(2),
        );
        (answer, end.err().map(|error| error.kind()))
    }

    /// Asks the server itself whether a ConfigMap is there.
    fn exists(&self, name: &str) -> bool {
        let path = format!("{}/{name}", self.configmaps());
        self.plane.request("GET", &path, None).unwrap().0 == 200
    }
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

#[test]
fn without_a_rule_everything_arrives_and_is_written_down() {
    let scene = Scene::new("plain");
    assert_eq!(scene.create("one").unwrap().0, 201);
    let (status, list) = scene
        .get(&format!("{}?limit=1", scene.configmaps()))
        .unwrap();
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(
        (status, &list["items"][0]["metadata"]["name"]),
        (200, &json!("one"))
    );
    let journal = scene.faultline.journal();
    let short: Vec<_> = journal
        .iter()
        .map(|e| (e.verb, e.query.as_str(), e.status, e.harmed))
        .collect();
    assert_eq!(
        short,
        [
            (Verb::Create, "", Some(201), false),
            (Verb::List, "limit=1", Some(200), false)
        ]
    );
    assert_eq!(
        journal[0].body,
        json!({"metadata": {"name": "one"}}).to_string()
    );
}

#[test]
fn a_token_is_passed_on_and_the_proxy_adds_no_right_to_it() {
    let scene = Scene::new("token");
    let account = format!("/api/v1/namespaces/{}/serviceaccounts", scene.namespace);
    scene
        .plane
        .create(&account, &json!({"metadata": {"name": "robot"}}));
    let token = scene
        .plane
        .kubectl(&["-n", &scene.namespace, "create", "token", "robot"]);
    let config = scene.faultline.kubeconfig_with_token(token.trim());
    let config = config.to_str().unwrap();
    let answer = scene
        .plane
        .try_kubectl(&["--kubeconfig", config, "get", "secrets"], "");
    assert!(answer.stderr.contains(":robot\" cannot list"), "{answer:?}");
}

#[test]
fn kubectl_works_through_the_proxy_and_a_watch_streams() {
    let scene = Scene::new("watch");
    let config = scene.faultline.kubeconfig();
    let mut watch = Command::new(crate::support::program("kubectl"))
        .args([
            "get",
            "configmaps",
            "--watch-only",
            "-o",
            "name",
            "-n",
            &scene.namespace,
        ])
        .env("KUBECONFIG", config)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    eventually("the watch has begun", || {
        scene
            .faultline
            .journal()
            .iter()
            .any(|e| e.verb == Verb::Watch && e.status.is_some())
            .then_some(())
    });
    scene.create("seen").unwrap();
    let mut line = String::new();
    let stdout = watch.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
    watch.kill().unwrap();
    watch.wait().unwrap();
    assert_eq!(line.trim(), "configmap/seen");
}

#[test]
fn a_request_dropped_before_the_server_leaves_no_trace_there() {
    let scene = Scene::new("before");
    scene
        .faultline
        .rule(Rule::write().nth(1).act(Action::DropBeforeForward));
    assert_eq!(
        scene.create("one").unwrap_err().kind(),
        ErrorKind::ConnectionReset
    );
    assert!(!scene.exists("one"));
    assert_eq!(scene.create("one").unwrap().0, 201);
    assert_eq!(scene.faultline.journal()[0].status, None);
}

#[test]
fn a_request_dropped_after_the_server_has_happened_all_the_same() {
    let scene = Scene::new("after");
    scene
        .faultline
        .rule(Rule::write().nth(1).act(Action::DropAfterForward));
    assert_eq!(
        scene.create("one").unwrap_err().kind(),
        ErrorKind::ConnectionReset
    );
    assert!(scene.exists("one"));
}

#[test]
fn a_body_is_cut_at_exactly_the_byte_that_was_asked_for() {
    let scene = Scene::new("cut");
    let (whole, end) = scene.version();
    assert_eq!(end, None);
    for n in [0, 1, 17, body(&whole).len() - 1] {
        scene.faultline.heal();
        scene
            .faultline
            .rule(Rule::any().path("^/version$").act(Action::Truncate(n)));
        let (cut, end) = scene.version();
        assert!(cut.starts_with("HTTP/1.1 200"), "{cut}");
        assert_eq!(body(&cut), &body(&whole)[..n]);
        assert_eq!(end, Some(ErrorKind::UnexpectedEof));
    }
}

#[test]
fn a_stalled_body_sends_its_bytes_and_then_nothing() {
    let scene = Scene::new("stall");
    scene
        .faultline
        .rule(Rule::any().path("^/version$").act(Action::Stall(5)));
    let (answer, end) = scene.version();
    assert_eq!(body(&answer).len(), 5);
    assert_eq!(
        end,
        Some(ErrorKind::WouldBlock),
        "the client gave up waiting"
    );
}

#[test]
fn a_silent_connection_never_shakes_hands_and_the_next_one_does() {
    let scene = Scene::new("silent");
    scene.faultline.stay_silent(1);
    assert_eq!(scene.version().1, Some(ErrorKind::WouldBlock));
    assert_eq!(scene.version().1, None);
    assert_eq!(scene.faultline.connections(), 2);
}

#[test]
fn an_answer_in_the_servers_place_has_status_headers_and_body() {
    let scene = Scene::new("instead");
    let html = Answer::new(503, "text/html", "<h1>sorry</h1>").header("Retry-After", "7");
    scene
        .faultline
        .rule(Rule::on(&[Verb::Discover]).first(1).answer(html));
    let (answer, _) = scene.version();
    let lower = answer.to_lowercase();
    assert!(
        lower.starts_with("http/1.1 503") && lower.contains("retry-after: 7"),
        "{answer}"
    );
    assert_eq!(body(&answer), "<h1>sorry</h1>");
    assert!(scene.version().0.starts_with("HTTP/1.1 200"));
}

#[test]
fn a_write_may_land_after_its_504() {
    let scene = Scene::new("late");
    let timeout = Answer::status(504, "Timeout", "request did not complete");
    let late = Action::AnswerThenForward(timeout, Duration::from_millis(300));
    scene.faultline.rule(Rule::on(&[Verb::Create]).act(late));
    assert_eq!(scene.create("one").unwrap().0, 504);
    assert!(!scene.exists("one"));
    eventually("the write lands", || scene.exists("one").then_some(()));
}

#[test]
fn the_servers_answer_can_be_edited() {
    let scene = Scene::new("edit");
    scene.faultline.rule(
        Rule::on(&[Verb::List])
            .path("/configmaps$")
            .edit(|mut answer| {
                answer.body = String::from_utf8_lossy(&answer.body)
                    .replace("ConfigMapList", "PodList")
                    .into();
                answer
            }),
    );
    let list: Value = serde_json::from_str(&scene.get(&scene.configmaps()).unwrap().1).unwrap();
    assert_eq!(list["kind"], "PodList");
}

#[test]
fn a_delay_comes_before_the_request_or_after_the_answer() {
    let scene = Scene::new("delay");
    let time = Duration::from_millis(150);
    scene.faultline.rule(
        Rule::any()
            .act(Action::Delay(time))
            .act(Action::DelayAnswer(time)),
    );
    let start = Instant::now();
    assert_eq!(scene.version().1, None);
    assert!(start.elapsed() >= 2 * time, "{:?}", start.elapsed());
}

#[test]
fn a_connection_closes_after_its_answer_without_a_warning() {
    let scene = Scene::new("close");
    scene
        .faultline
        .rule(Rule::any().act(Action::CloseAfterAnswer));
    let request = "GET /version HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    let (answer, end) = exchange(
        &scene.tls,
        scene.faultline.port(),
        request,
        Duration::from_secs(10),
    );
    assert!(
        end.is_ok() && body(&answer).ends_with('}'),
        "{end:?} {answer}"
    );
    assert!(!answer.to_lowercase().contains("connection:"), "{answer}");
}

#[test]
fn rules_choose_by_verb_path_dry_run_and_number() {
    let scene = Scene::new("choose");
    let refuse = |rule: Rule| rule.answer(Answer::status(500, "InternalError", "no"));
    scene
        .faultline
        .rule(refuse(Rule::write().path("/configmaps$").nth(2)));
    let dry = |name: &str| {
        let body = json!({"metadata": {"name": name}}).to_string();
        let line = format!("POST {}?dryRun=All", scene.configmaps());
        let json = [("Content-Type", "application/json")];
        send(&scene.tls, scene.faultline.port(), &line, &json, &body)
            .unwrap()
            .0
    };
    let codes = [
        scene.create("one").unwrap().0,
        dry("two"),
        dry("two"),
        scene.create("two").unwrap().0,
        scene.create("two").unwrap().0,
    ];
    assert_eq!(codes, [201, 201, 201, 500, 201]);
}

#[test]
fn hooks_run_at_their_moment() {
    let scene = Arc::new(Scene::new("hooks"));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = |phase: Phase| {
        let (scene, seen) = (Arc::downgrade(&scene), Arc::clone(&seen));
        Rule::on(&[Verb::Create]).hook(phase, move |_| {
            let there = scene.upgrade().is_some_and(|scene| scene.exists("one"));
            seen.lock().unwrap().push((phase, there));
        })
    };
    for phase in [Phase::BeforeForward, Phase::AfterAnswer, Phase::AfterRelay] {
        scene.faultline.rule(note(phase));
    }
    scene.create("one").unwrap();
    let all = eventually("all hooks have run", || {
        let seen = seen.lock().unwrap().clone();
        (seen.len() == 3).then_some(seen)
    });
    assert_eq!(
        all,
        [
            (Phase::BeforeForward, false),
            (Phase::AfterAnswer, true),
            (Phase::AfterRelay, true)
        ]
    );
}

#[test]
fn a_process_is_killed_before_its_request_reaches_the_server_or_after() {
    for (phase, lands) in [
        (Phase::BeforeForward, false),
        (Phase::AfterAnswer, true),
        (Phase::AfterRelay, true),
    ] {
        let scene = Scene::new("kill");
        let victim: Victim = Arc::new(AtomicU32::new(0));
        scene.faultline.rule(Rule::write().kill(phase, &victim));
        let mut client = Command::new(crate::support::program("kubectl"))
            .args(["create", "configmap", "one", "-n", &scene.namespace])
            .env("KUBECONFIG", scene.faultline.kubeconfig())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        victim.store(client.id(), Ordering::SeqCst);
        let status = client.wait().unwrap();
        assert!(
            phase == Phase::AfterRelay || !status.success(),
            "{phase:?} {status}"
        );
        assert_eq!(scene.exists("one"), lands, "{phase:?}");
    }
}

#[test]
fn a_stopped_proxy_leaves_nobody_waiting() {
    let scene = Scene::new("stopped");
    scene.faultline.rule(Rule::any().act(Action::Stall(0)));
    let (tls, port) = (Arc::clone(&scene.tls), scene.faultline.port());
    let client = std::thread::spawn(move || send(&tls, port, "GET /version", &[], ""));
    eventually("the request is in", || {
        (!scene.faultline.journal().is_empty()).then_some(())
    });
    drop(scene.faultline);
    assert!(client.join().unwrap().is_err());
}

#[test]
fn a_proxy_shows_the_certificate_it_was_given() {
    let plane = ControlPlane::shared();
    let authority = Authority::new("faultline");
    let elsewhere = authority.server(&["elsewhere.example.com"]);
    let faultline = Faultline::with(plane, authority, &elsewhere);
    let tls = trusting(faultline.authority(), None);
    let error = send(&tls, faultline.port(), "GET /version", &[], "").unwrap_err();
    assert!(error.to_string().contains("not valid for name"), "{error}");
    assert!(faultline.journal().is_empty());
}
