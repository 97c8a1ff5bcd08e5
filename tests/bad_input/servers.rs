//! Servers that are down, silent, refusing or lying: every command ends in time, says which, and never mistakes it for drift.

use super::{expect_unanswered, plane};
use crate::support::faultline::{Action, Answer, Phase, Rule, Verb};
use crate::support::scene::{config_map, reasons};
use crate::support::{Faultline, Scene};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A synced app seen through a proxy without rules.
fn proxied(name: &str) -> (Scene<'static>, Faultline) {
    let objects: Vec<_> = (0..6)
        .map(|n| config_map(&format!("map-{n}"), "x"))
        .collect();
    let scene = Scene::new(plane(), name, &objects);
    scene.synced(&[]);
    let proxy = Faultline::before(plane());
    let kubeconfig = proxy.kubeconfig();
    (scene.through(kubeconfig), proxy)
}

/// Asks for drift and for a pruning sync of an app from which one object was taken: both must end in time with this
/// reason, and nothing may have been deleted.
#[track_caller]
fn expect_told(scene: &Scene, reason: &str, words: &[&str], limit: Duration) {
    scene.mark();
    let timeout = format!("{}s", limit.as_secs());
    let start = Instant::now();
    let answer = scene.app("diff", &["-o", "json", "--timeout", &timeout]);
    assert!(
        start.elapsed() < limit + Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    let document = answer.json();
    for resource in document["apps"][0]["resources"]
        .as_array()
        .into_iter()
        .flatten()
    {
        assert!(
            !matches!(resource["status"].as_str(), Some("Missing" | "Extra")),
            "{resource}"
        );
    }
    assert_ne!(document["apps"][0]["sync"], "Synced", "{document}");
    expect_unanswered(answer, reason, words);
    let answer = scene.app(
        "sync",
        &["--yes", "--prune", "-o", "json", "--timeout", &timeout],
    );
    assert!(matches!(answer.code, 1 | 2), "{answer:?}");
    assert!(
        !scene
            .changes()
            .iter()
            .any(|change| change.starts_with("delete")),
        "{:?}",
        scene.changes()
    );
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A kubeconfig for a port where the test decides who listens.
fn kubeconfig_to(port: u16) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "clusters": [{"name": "test", "cluster": {"server": format!("https://127.0.0.1:{port}")}}],
        "users": [{"name": "test", "user": {"token": "tokenCanary4711"}}],
    });
    std::fs::write(file.path(), text.to_string()).unwrap();
    file
}

#[test]
fn a_server_that_does_not_listen_is_unreachable_within_its_time() {
    let scene = Scene::new(plane(), "server-down", &[config_map("one", "1")]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let config = kubeconfig_to(port);
    let start = Instant::now();
    let answer = scene.app_with(config.path(), &["-o", "json"]);
    assert!(start.elapsed() < seconds(5), "{:?}", start.elapsed());
    expect_unanswered(
        answer,
        "unreachable",
        &[&format!("127.0.0.1:{port}"), "refused"],
    );
}

/// What is wrong with a cluster is found once: ten apps take the time of one, and ask no more than one does.
#[test]
fn a_cluster_that_cannot_be_used_costs_its_time_once_for_all_apps() {
    let repo = |n_apps: usize| {
        let repo = crate::support::Repo::new(&[
            ("pushboat.yaml", "repoID: ten-apps-one-cluster\n"),
            ("apps/one/one.yaml", &config_map("one", "1").to_string()),
        ]);
        for n in 0..n_apps {
            let app = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": format!("app-{n}")},
                "spec": {"project": "default", "source": {"repoURL": "", "path": "apps/one"}, "destination": {"namespace": format!("ns-{n}")}}});
            repo.write(&format!("clusters/test/{n}.yaml"), &app.to_string());
        }
        repo
    };
    let diff = |n_apps: usize, kubeconfig: &std::path::Path| {
        let start = Instant::now();
        let repo = repo(n_apps);
        let run = crate::support::pushboat(&["app", "diff", "--all", "-o", "json"]);
        let answer = run.dir(repo.path()).kubeconfig(kubeconfig).run();
        assert_eq!(answer.json()["summary"]["unknown"], n_apps, "{answer:?}");
        start.elapsed()
    };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let refusing = kubeconfig_to(port);
    let (one, ten) = (diff(1, refusing.path()), diff(10, refusing.path()));
    assert!(
        ten < one.mul_f64(1.3) + Duration::from_millis(500),
        "{one:?} {ten:?}"
    );
    let proxy = Faultline::before(plane());
    let no = Answer::status(401, "Unauthorized", "Unauthorized");
    proxy.rule(Rule::any().answer(no));
    diff(1, &proxy.kubeconfig());
    let n_one = proxy.journal().len();
    proxy.clear_journal();
    diff(10, &proxy.kubeconfig());
    assert!(
        proxy.journal().len() <= n_one,
        "{} {n_one}",
        proxy.journal().len()
    );
}

#[test]
fn a_server_that_accepts_and_stays_silent_is_given_up_in_time() {
    let scene = Scene::new(plane(), "server-silent", &[config_map("one", "1")]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = kubeconfig_to(listener.local_addr().unwrap().port());
    let start = Instant::now();
    let answer = scene.app_with(config.path(), &["-o", "json"]);
    assert!(start.elapsed() < seconds(45), "{:?}", start.elapsed());
    expect_unanswered(answer, "unreachable", &["127.0.0.1"]);
    let start = Instant::now();
    let answer = scene
        .app_with(config.path(), &["-o", "json", "--timeout", "2s"])
        .expect_code(2);
    assert!(start.elapsed() < seconds(5), "{:?}", start.elapsed());
    assert!(!(answer.stdout + &answer.stderr).contains("tokenCanary"));
}

#[test]
fn a_handshake_that_is_late_once_is_tried_again() {
    let (scene, proxy) = proxied("server-handshake");
    proxy.stay_silent(1);
    assert_eq!(scene.diff(&[]).sync(), "Synced");
}

#[test]
fn unknown_credentials_are_unauthorized() {
    let (scene, proxy) = proxied("server-401");
    proxy.rule(Rule::any().answer(Answer::status(401, "Unauthorized", "Unauthorized")));
    expect_told(&scene, "unauthorized", &["test"], seconds(20));
}

#[test]
fn credentials_that_are_lost_in_the_middle_leave_a_list_of_what_was_done() {
    let (scene, proxy) = proxied("server-401-mid");
    for n in 0..6 {
        scene.put(&config_map(&format!("map-{n}"), "new"));
    }
    proxy.rule(
        Rule::write()
            .path("/configmaps/")
            .from(4)
            .answer(Answer::status(401, "Unauthorized", "Unauthorized")),
    );
    scene.mark();
    let answer = scene.sync(&["-o", "json"]);
    assert!(matches!(answer.code, 1 | 2), "{answer:?}");
    assert!(
        reasons(&answer.json()).contains("unauthorized"),
        "{answer:?}"
    );
    assert_eq!(scene.changes().len(), 3);
    assert!(
        answer.stdout.contains("onfigured"),
        "what was applied is listed: {answer:?}"
    );
    proxy.heal();
    scene.synced(&[]);
    scene.expect_clean();
}

#[test]
fn a_list_that_is_forbidden_leaves_the_kind_unknown() {
    let (scene, proxy) = proxied("server-403");
    let no = Answer::status(
        403,
        "Forbidden",
        "configmaps is forbidden: User \"robot\" cannot list resource",
    );
    proxy.rule(Rule::on(&[Verb::List]).path("/configmaps$").answer(no));
    expect_told(&scene, "forbidden", &["ConfigMap"], seconds(20));
    let diff = scene.diff(&[]);
    assert!(
        diff.resources().iter().all(|r| r["status"] == "Unknown"),
        "{}",
        diff.app
    );
}

#[test]
fn a_dry_run_that_is_forbidden_leaves_an_answer_that_says_it_is_not_exact() {
    let (scene, proxy) = proxied("server-403-dry");
    scene.put(&config_map("map-1", "new"));
    let no = Answer::status(
        403,
        "Forbidden",
        "configmaps is forbidden: User \"robot\" cannot patch resource",
    );
    proxy.rule(Rule::on(&[Verb::Patch]).dry_run(true).answer(no));
    let diff = scene.diff(&[]);
    assert_eq!(
        diff.status("ConfigMap", "map-1"),
        "Modified",
        "{}",
        diff.app
    );
    assert_eq!(diff.status("ConfigMap", "map-2"), "InSync");
    assert!(diff.app.to_string().contains("dry-run"), "{}", diff.app);
}

#[test]
fn a_write_that_is_forbidden_is_named_and_the_others_go_on() {
    let (scene, proxy) = proxied("server-403-write");
    scene.put(&config_map("map-1", "new"));
    scene.put(&config_map("map-2", "new"));
    let no = Answer::status(
        403,
        "Forbidden",
        "configmaps \"map-1\" is forbidden: User \"robot\" cannot patch resource",
    );
    proxy.rule(Rule::write().path("/configmaps/map-1$").answer(no));
    let answer = scene.sync(&["-o", "json"]).expect_code(1);
    assert!(reasons(&answer.json()).contains("forbidden"), "{answer:?}");
    assert_eq!(scene.live("configmaps/map-2")["data"]["key"], "new");
}

#[test]
fn a_busy_server_is_given_the_time_that_it_asks_for() {
    let (scene, proxy) = proxied("server-429");
    let busy = Answer::new(
        429,
        "text/plain",
        "Too many requests, please try again later.\n",
    )
    .header("Retry-After", "1");
    proxy.rule(Rule::any().first(3).answer(busy));
    let start = Instant::now();
    assert_eq!(scene.diff(&[]).sync(), "Synced");
    assert!(start.elapsed() >= seconds(1), "{:?}", start.elapsed());
}

#[test]
fn a_server_that_stays_busy_is_given_up_at_the_time_limit() {
    let (scene, proxy) = proxied("server-429-ever");
    proxy.rule(
        Rule::any()
            .answer(Answer::status(429, "TooManyRequests", "later").header("Retry-After", "3600")),
    );
    let start = Instant::now();
    let answer = scene
        .app("diff", &["-o", "json", "--timeout", "4s"])
        .expect_code(2);
    assert!(start.elapsed() < seconds(7), "{:?}", start.elapsed());
    let found = reasons(&answer.json());
    assert!(
        found.contains("timeout") || found.contains("unreachable"),
        "{found:?}"
    );
}

#[test]
fn a_server_with_a_broken_store_is_told_in_its_own_words() {
    let (scene, proxy) = proxied("server-500");
    let broken = Answer::status(
        500,
        "InternalError",
        "etcdserver: mvcc: database space exceeded",
    );
    proxy.rule(Rule::any().path("/configmaps").answer(broken));
    let answer = scene
        .app("diff", &["-o", "json", "--timeout", "15s"])
        .expect_code(2);
    assert!(
        answer.stdout.contains("database space exceeded"),
        "{answer:?}"
    );
    assert_eq!(answer.json()["apps"][0]["sync"], "Unknown");
}

#[test]
fn a_redirect_is_not_followed() {
    let (scene, proxy) = proxied("server-302");
    let away = Answer::new(302, "text/html", "gone")
        .header("Location", "https://evil.example/steal?token=canaryQuery");
    proxy.rule(Rule::any().answer(away));
    expect_told(&scene, "config", &["evil.example"], seconds(20));
    let answer = scene.app("diff", &[]);
    assert!(!(answer.stdout + &answer.stderr).contains("canaryQuery"));
}

/// Something that is not an API server must not look like an empty cluster.
#[test]
fn a_404_from_something_else_is_neither_missing_nor_a_reason_to_prune() {
    for (name, body, kind) in [
        (
            "server-404-html",
            "<html><body>404 page not found</body></html>",
            "text/html",
        ),
        ("server-404-text", "404 page not found\n", "text/plain"),
        ("server-404-json", "{}", "application/json"),
    ] {
        for path in ["/configmaps", "^/apis?(/|$)"] {
            let (scene, proxy) = proxied(name);
            scene.take(&config_map("map-0", "x"));
            proxy.rule(Rule::any().path(path).answer(Answer::new(404, kind, body)));
            scene.mark();
            let answer = scene
                .app("diff", &["-o", "json", "--timeout", "20s"])
                .expect_code(2);
            let document = answer.json();
            assert!(
                !document.to_string().contains("\"Missing\""),
                "{name} {path}: {document}"
            );
            assert!(
                !document.to_string().contains("\"Extra\"") || path != "/configmaps",
                "{name} {path}: {document}"
            );
            scene.sync(&["--prune", "--timeout", "20s"]);
            assert!(
                !scene
                    .changes()
                    .iter()
                    .any(|change| change.starts_with("delete")),
                "{name} {path}"
            );
        }
    }
}

/// Bodies that a LIST of ConfigMaps never has, by what is wrong with them.
fn wrong_lists() -> Vec<(&'static str, Vec<u8>)> {
    let list = |kind: &str| {
        json!({"kind": kind, "apiVersion": "v1", "metadata": {}, "items": []})
            .to_string()
            .into()
    };
    let deep = |n: usize| {
        format!(
            "{{\"kind\":\"ConfigMapList\",\"items\":{}{}}}",
            "[".repeat(n),
            "]".repeat(n)
        )
    };
    vec![
        ("html", b"<html>welcome to a page that is longer than any line of a terminal, so that its end does not show in any message whatever is done to make it fit, with a canary</html>".to_vec()),
        (
            "bad utf-8",
            b"{\"kind\":\"ConfigMapList\",\"items\":[{\"metadata\":{\"name\":\"\xff\xfe\"}}]}"
                .to_vec(),
        ),
        ("another kind", list("PodList")),
        (
            "a status",
            json!({"kind": "Status", "apiVersion": "v1", "status": "Success"})
                .to_string()
                .into(),
        ),
        ("deep", deep(500).into()),
        (
            "cut",
            b"{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\",\"items\":[".to_vec(),
        ),
        ("cut secret", b"{\"kind\":\"SecretList\",\"items\":[{\"data\":{\"a\":\"canary".to_vec()),
        ("nothing", Vec::new()),
    ]
}

#[test]
fn a_200_that_is_not_the_list_that_was_asked_for_is_refused() {
    for (what, body) in wrong_lists() {
        let (scene, proxy) = proxied("server-200");
        scene.take(&config_map("map-0", "x"));
        proxy.rule(
            Rule::on(&[Verb::List])
                .path("/configmaps")
                .answer(Answer::new(200, "application/json", body)),
        );
        scene.mark();
        let answer = scene
            .app("diff", &["-o", "json", "--timeout", "5s"])
            .expect_code(2);
        assert_ne!(answer.json()["apps"][0]["sync"], "Synced", "{what}");
        assert!(
            !answer.stdout.contains("canary"),
            "{what}: a body is not printed: {answer:?}"
        );
        scene.sync(&["--prune", "--timeout", "5s"]);
        assert!(
            !scene
                .changes()
                .iter()
                .any(|change| change.starts_with("delete")),
            "{what}"
        );
    }
}

/// Items of another namespace than the one asked for are a lie, whoever tells it.
#[test]
fn a_list_with_objects_of_another_namespace_deletes_nothing() {
    let (scene, proxy) = proxied("server-namespace");
    let victim = Scene::new(plane(), "server-victim", &[config_map("precious", "x")]);
    victim.synced(&[]);
    let (id, theirs) = (scene.id(), victim.live("configmaps/precious"));
    proxy.rule(
        Rule::on(&[Verb::List])
            .path(&format!("/{}/configmaps", scene.namespace))
            .edit(move |answer| {
                let mut list: Value = serde_json::from_slice(&answer.body).unwrap();
                let mut lie = theirs.clone();
                lie["metadata"]["labels"]["applyset.kubernetes.io/part-of"] = json!(id);
                list["items"].as_array_mut().unwrap().push(lie);
                Answer {
                    body: list.to_string().into(),
                    ..answer
                }
            }),
    );
    scene.sync(&["--prune", "--timeout", "15s"]);
    assert!(victim.exists("configmaps/precious"));
}

#[test]
fn an_answer_that_is_cut_anywhere_is_never_taken_for_a_whole_one() {
    let (scene, proxy) = proxied("server-cut");
    let full = serde_json::to_string(&scene.live("configmaps"))
        .unwrap()
        .len();
    for part in 0..10 {
        proxy.heal();
        proxy.rule(
            Rule::on(&[Verb::List])
                .path("/configmaps")
                .first(1)
                .act(Action::Truncate(full * part / 10)),
        );
        let diff = scene.diff(&[]);
        assert_eq!(
            (diff.sync(), diff.resources().len()),
            ("Synced", 6),
            "cut at {part} tenths"
        );
    }
    proxy.heal();
    proxy.rule(
        Rule::on(&[Verb::List])
            .path("/configmaps")
            .act(Action::Truncate(full / 2)),
    );
    let answer = scene
        .app("diff", &["-o", "json", "--timeout", "6s"])
        .expect_code(2);
    assert_ne!(answer.json()["apps"][0]["sync"], "Synced");
}

#[test]
fn a_connection_that_is_closed_after_each_answer_is_not_noticed() {
    let (scene, proxy) = proxied("server-close");
    proxy.rule(Rule::any().act(Action::CloseAfterAnswer));
    for n in 0..6 {
        scene.put(&config_map(&format!("map-{n}"), "new"));
    }
    scene.synced(&[]);
    assert_eq!(scene.diff(&[]).sync(), "Synced");
}

/// Each write of a sync in turn loses its answer: it is repeated, and everything is there once.
#[test]
fn a_write_whose_answer_is_lost_is_repeated() {
    let (scene, proxy) = proxied("server-lost");
    let mut n = 0;
    loop {
        n += 1;
        proxy.heal();
        proxy.clear_journal();
        proxy.rule(Rule::write().nth(n).act(Action::DropAfterForward));
        let value = format!("round-{n}");
        scene.put(&config_map("map-0", &value));
        scene.put(&config_map("map-1", &value));
        if n % 2 == 0 {
            scene.put(&config_map("extra", "x"));
        } else if n > 1 {
            scene.take(&config_map("extra", "x"));
        }
        scene.synced(&["--prune"]);
        let journal = proxy.journal();
        let direct = Scene::live(&scene, "configmaps/map-0");
        assert_eq!(direct["data"]["key"], json!(value));
        assert_eq!(scene.exists("configmaps/extra"), n % 2 == 0);
        if !journal.iter().any(|entry| entry.harmed) {
            break;
        }
    }
    assert!(n > 8, "{n}");
    let history = scene.app("history", &[]).expect_code(0).stdout;
    assert!(
        !history.contains("Failed") && !history.contains("Interrupted"),
        "{history}"
    );
}

#[test]
fn an_apply_that_lands_after_its_504_changes_nothing_of_the_outcome() {
    let (scene, proxy) = proxied("server-504");
    scene.put(&config_map("map-3", "new"));
    let late = Answer::status(
        504,
        "Timeout",
        "request did not complete within the allotted timeout",
    );
    proxy.rule(
        Rule::write()
            .path("/configmaps/map-3$")
            .first(1)
            .act(Action::AnswerThenForward(late, seconds(2))),
    );
    scene.synced(&[]);
    std::thread::sleep(seconds(3)); // until the late write has landed
    assert_eq!(scene.live("configmaps/map-3")["data"]["key"], "new");
    proxy.heal();
    scene.expect_clean();
}

#[test]
fn a_list_whose_token_expires_starts_again() {
    let objects: Vec<_> = (0..520)
        .map(|n| config_map(&format!("map-{n:03}"), "x"))
        .collect();
    let scene = Scene::new(plane(), "server-410", &objects);
    scene.synced(&[]);
    let proxy = Faultline::before(plane());
    let gone = Answer::status(410, "Expired", "The provided continue parameter is too old");
    proxy.rule(
        Rule::on(&[Verb::List])
            .query("continue=")
            .first(1)
            .answer(gone.clone()),
    );
    let scene = scene.through(proxy.kubeconfig());
    let diff = scene.diff(&[]);
    assert_eq!((diff.sync(), diff.resources().len()), ("Synced", 520));
    proxy.heal();
    proxy.rule(Rule::on(&[Verb::List]).query("continue=").answer(gone));
    let answer = scene.app("diff", &["-o", "json"]);
    expect_unanswered(answer, "partial-list", &["ConfigMap"]);
}

#[test]
fn a_webhook_that_fails_is_named_after_its_retries() {
    let (scene, proxy) = proxied("server-webhook");
    scene.put(&config_map("map-1", "new"));
    let failing = Answer::status(
        500,
        "InternalError",
        "Internal error occurred: failed calling webhook \"check.example.com\": failed to call webhook: Post \"https://hook\": context deadline exceeded",
    );
    proxy.rule(Rule::write().path("/configmaps/map-1$").answer(failing));
    let start = Instant::now();
    let answer = scene.sync(&["-o", "json"]).expect_code(1);
    assert!(start.elapsed() < seconds(40), "{:?}", start.elapsed());
    assert!(reasons(&answer.json()).contains("webhook"), "{answer:?}");
    assert!(answer.stdout.contains("check.example.com"), "{answer:?}");
}

/// A process that reads the object after its delete was sent, then somebody recreates it: not our object any more.
#[test]
fn hooks_between_two_requests_reach_the_real_server() {
    let (scene, proxy) = proxied("server-hook");
    let namespace = scene.namespace.clone();
    proxy.rule(Rule::on(&[Verb::List]).path("/configmaps").first(1).hook(
        Phase::BeforeForward,
        move |_| {
            plane().kubectl(&["-n", &namespace, "delete", "configmap", "map-5"]);
        },
    ));
    assert_eq!(scene.diff(&[]).status("ConfigMap", "map-5"), "Missing");
}

/// Who stops a run still gets what was answered by then, and is told of the rest.
#[test]
fn a_run_that_is_stopped_says_what_it_knows() {
    let scene = Scene::new(plane(), "server-stopped", &[config_map("one", "1")]);
    scene.synced(&[]);
    let repo = &scene.repo;
    repo.write("apps/dead/one.yaml", &config_map("two", "2").to_string());
    let app = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "dead"},
        "spec": {"project": "default", "source": {"repoURL": "", "path": "apps/dead"}, "destination": {"namespace": "dead"}}});
    repo.write("clusters/dead/dead.yaml", &app.to_string());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = kubeconfig_to(listener.local_addr().unwrap().port());
    let text = std::fs::read_to_string(silent.path()).unwrap();
    let silent_too = text.replace("\"test\"", "\"dead\"");
    let both = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(both.path(), silent_too).unwrap();
    let list = format!(
        "{}:{}",
        plane().kubeconfig().display(),
        both.path().display()
    );
    for command in ["diff", "sync"] {
        let start = Instant::now();
        let mut args = vec!["app", command, "--all", "-o", "json"];
        args.extend((command == "sync").then_some("--yes"));
        let run = scene.pushboat(&args).env("KUBECONFIG", &list).start();
        std::thread::sleep(Duration::from_secs(2));
        run.signal(Signal::TERM);
        let answer = run.wait();
        assert_eq!(answer.code, 130, "{answer:?}");
        assert!(
            start.elapsed() < seconds(7),
            "{command}: {:?}",
            start.elapsed()
        );
        let document = answer.json();
        assert_eq!(document["summary"]["complete"], false, "{command}");
        let app = |name: &str| {
            let apps = document["apps"].as_array().unwrap();
            apps.iter().find(|app| app["name"] == name).unwrap().clone()
        };
        assert_eq!(app("dead")["error"]["reason"], "interrupted", "{document}");
        if command == "diff" {
            assert_eq!(app(&scene.namespace)["sync"], "Synced", "{document}");
        }
    }
}
