//! One sync of an app at a time, and what happens when it is stopped or dies.

use super::plane;
use crate::support::faultline::{Action, Answer, Phase, Rule, Verb};
use crate::support::scene::{config_map, reasons};
use crate::support::{Event, Faultline, Scene, eventually};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

fn maps(n: usize, value: &str) -> Vec<Value> {
    (0..n)
        .map(|n| config_map(&format!("map-{n:02}"), value))
        .collect()
}

fn lease(scene: &Scene) -> Option<Value> {
    let path = scene.path(&format!("coordination.k8s.io/v1/leases/{}", scene.record()));
    let (status, body) = scene.plane.request("GET", &path, None).unwrap();
    (status == 200).then(|| serde_json::from_str(&body).unwrap())
}

fn holder(scene: &Scene) -> String {
    let lease = lease(scene).unwrap_or_default();
    lease["spec"]["holderIdentity"]
        .as_str()
        .unwrap_or_default()
        .to_string()
}

/// A scene through a proxy at which every write of a ConfigMap takes this long.
fn slow(name: &str, n: usize, delay: Duration) -> (Scene<'static>, Faultline) {
    let scene = Scene::new(plane(), name, &maps(n, "x"));
    let proxy = Faultline::before(plane());
    proxy.rule(Rule::write().path("/configmaps/").act(Action::Delay(delay)));
    let kubeconfig = proxy.kubeconfig();
    (scene.through(kubeconfig), proxy)
}

#[test]
fn a_second_sync_waits_for_the_first() {
    let (scene, _proxy) = slow("lock-wait", 3, Duration::from_millis(1500));
    let first = scene
        .pushboat(&["app", "sync", &scene.namespace, "--yes"])
        .start();
    eventually("the first holds the lock", || {
        (!holder(&scene).is_empty()).then_some(())
    });
    scene.synced(&[]);
    first.wait().expect_code(0);
    assert_eq!(holder(&scene), "");
    let n_applies = scene.changes().len();
    assert_eq!(n_applies, 3, "the second found nothing left to do");
}

#[test]
fn a_second_sync_that_may_not_wait_says_who_holds_the_lock_and_since_when() {
    let (scene, _proxy) = slow("lock-fail", 3, Duration::from_secs(3));
    let first = scene
        .pushboat(&["app", "sync", &scene.namespace, "--yes"])
        .start();
    eventually("the first holds the lock", || {
        (!holder(&scene).is_empty()).then_some(())
    });
    let answer = scene
        .sync(&["--lock-timeout", "0s", "-o", "json"])
        .expect_code(1);
    assert!(reasons(&answer.json()).contains("locked"), "{answer:?}");
    let since = lease(&scene).unwrap()["spec"]["acquireTime"]
        .as_str()
        .unwrap()[..16]
        .to_string();
    assert!(answer.stdout.contains(&since), "{answer:?}");
    assert!(
        answer.stdout.contains(&first.pid().to_string()),
        "{answer:?}"
    );
    first.wait().expect_code(0);
}

#[test]
fn the_lock_of_a_dead_process_of_this_machine_is_taken_at_once() {
    let (scene, proxy) = slow("lock-dead", 3, Duration::from_secs(20));
    let first = scene
        .pushboat(&["app", "sync", &scene.namespace, "--yes"])
        .start();
    eventually("the first holds the lock", || {
        (!holder(&scene).is_empty()).then_some(())
    });
    first.signal(Signal::KILL);
    assert_eq!(first.wait().code, 128 + 9);
    assert_ne!(holder(&scene), "");
    proxy.heal();
    let start = Instant::now();
    scene.synced(&[]);
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
    scene.expect_clean();
}

#[test]
fn the_lock_of_another_machine_is_not_taken_before_it_was_seen_unrenewed_for_its_time() {
    let scene = Scene::new(plane(), "lock-elsewhere", &maps(1, "x"));
    let theirs = json!({
        "metadata": {"name": scene.record()},
        "spec": {
            "holderIdentity": "anna@elsewhere 11111111-2222-3333-4444-555555555555 4711 99",
            "leaseDurationSeconds": 6,
            // Long ago by the wall clock, which has no say.
            "acquireTime": "2001-01-01T00:00:00.000000Z", "renewTime": "2001-01-01T00:00:00.000000Z",
        },
    });
    scene
        .plane
        .create(&scene.path("coordination.k8s.io/v1/leases"), &theirs);
    scene.mark();
    // The command's own time ends the waiting too, and the answer is the same.
    for (flag, limit) in [("--lock-timeout", "0s"), ("--timeout", "4s")] {
        let answer = scene.sync(&[flag, limit, "-o", "json"]).expect_code(1);
        assert!(answer.stdout.contains("anna@elsewhere"), "{answer:?}");
        assert!(reasons(&answer.json()).contains("locked"), "{answer:?}");
    }
    assert_eq!(scene.writes().len(), 0);
    let start = Instant::now();
    scene.synced(&["--lock-timeout", "30s"]);
    assert!(
        start.elapsed() > Duration::from_secs(5),
        "taken over too early: {:?}",
        start.elapsed()
    );
}

#[test]
fn an_interrupted_sync_stops_between_writes_gives_the_lock_back_and_can_be_run_again() {
    for signal in [Signal::INT, Signal::TERM] {
        let (scene, proxy) = slow("lock-ctrl-c", 60, Duration::from_millis(400));
        let (send, receive) = channel();
        proxy.rule(
            Rule::write()
                .path("/configmaps/")
                .nth(5)
                .hook(Phase::BeforeForward, move |_| send.send(()).unwrap()),
        );
        let first = scene
            .pushboat(&["app", "sync", &scene.namespace, "--yes"])
            .start();
        receive.recv_timeout(Duration::from_secs(60)).unwrap();
        first.signal(signal);
        let start = Instant::now();
        let answer = first.wait().expect_code(130);
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{:?}",
            start.elapsed()
        );
        let n_applied = scene.changes().len();
        assert!((1..60).contains(&n_applied), "{n_applied}");
        assert_eq!(holder(&scene), "", "{answer:?}");
        proxy.heal();
        scene.synced(&[]);
        scene.expect_clean();
        let history = scene.app("history", &[]).expect_code(0).stdout;
        assert!(
            history.contains("Interrupted") && history.contains("Succeeded"),
            "{history}"
        );
    }
}

#[test]
fn an_interrupted_sync_says_so_in_its_document() {
    let (scene, proxy) = slow("lock-json", 60, Duration::from_millis(400));
    let (send, receive) = channel();
    proxy.rule(
        Rule::write()
            .path("/configmaps/")
            .nth(3)
            .hook(Phase::BeforeForward, move |_| send.send(()).unwrap()),
    );
    let first = scene
        .pushboat(&["app", "sync", &scene.namespace, "--yes", "-o", "json"])
        .start();
    receive.recv_timeout(Duration::from_secs(60)).unwrap();
    first.signal(Signal::INT);
    let answer = first.wait().expect_code(130);
    assert!(
        reasons(&answer.json()).contains("interrupted"),
        "{answer:?}"
    );
}

#[test]
fn a_second_ctrl_c_ends_at_once() {
    let (scene, proxy) = slow("lock-twice", 4, Duration::from_secs(30));
    let first = scene
        .pushboat(&["app", "sync", &scene.namespace, "--yes"])
        .start();
    eventually("a write is under way", || {
        proxy
            .journal()
            .iter()
            .any(|e| e.is_write() && e.path.contains("/configmaps/"))
            .then_some(())
    });
    first.signal(Signal::INT);
    std::thread::sleep(Duration::from_millis(300)); // two signals at the same instant are one
    let start = Instant::now();
    first.signal(Signal::INT);
    first.wait().expect_code(130);
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn without_the_right_to_hold_the_lock_nothing_is_written_unless_asked_for() {
    let scene = Scene::new(plane(), "lock-forbidden", &maps(2, "x"));
    let proxy = Faultline::before(plane());
    let no = Answer::status(403, "Forbidden", "leases is forbidden");
    proxy.rule(Rule::any().path("/leases").answer(no));
    let scene = scene.through(proxy.kubeconfig());
    let answer = scene.sync(&["-o", "json"]);
    assert_ne!(answer.code, 0);
    assert!(reasons(&answer.json()).contains("forbidden"), "{answer:?}");
    assert_eq!(scene.writes().len(), 0);
    scene.synced(&["--no-lock"]);
    assert_eq!(scene.changes().len(), 2);
}

/// Holds the lock as a process of another machine would, until `free`.
fn hold(scene: &Scene) {
    let theirs = json!({
        "metadata": {"name": scene.record()},
        "spec": {
            "holderIdentity": "anna@elsewhere 11111111-2222-3333-4444-555555555555 4711 99",
            "leaseDurationSeconds": 60,
            "acquireTime": "2026-01-01T00:00:00.000000Z", "renewTime": "2026-01-01T00:00:00.000000Z",
        },
    });
    let leases = scene.path("coordination.k8s.io/v1/leases");
    if lease(scene).is_some() {
        let spec = json!({"spec": theirs["spec"]});
        scene.edit("lease", &scene.record(), "elsewhere", &spec);
    } else {
        scene.plane.create(&leases, &theirs);
    }
}

pub(super) fn free(scene: &Scene) {
    let nobody = json!({"spec": {"holderIdentity": ""}});
    scene.edit("lease", &scene.record(), "elsewhere", &nobody);
}

/// Starts a command that has to wait for the lock, and returns when it waits.
fn waiting(scene: &Scene, args: &[&str]) -> crate::support::Running {
    waiting_in(scene, scene.repo.path(), args)
}

/// The same in another clone.
pub(super) fn waiting_in(
    scene: &Scene,
    place: &std::path::Path,
    args: &[&str],
) -> crate::support::Running {
    hold(scene);
    scene.mark();
    let running = scene.pushboat(args).dir(place).start();
    eventually("the lock is waited for", || {
        let polls = |e: &&Event| e.resource == "leases" && e.verb == "get";
        (scene.events().iter().filter(polls).count() > 1).then_some(())
    });
    running
}

#[test]
fn what_was_adopted_while_the_lock_was_waited_for_is_not_taken_back() {
    let scene = Scene::new(plane(), "lock-adopted", &maps(2, "x"));
    scene.synced(&[]);
    scene.put(&config_map("map-00", "y"));
    let running = waiting(
        &scene,
        &["app", "sync", &scene.namespace, "--yes", "-o", "json"],
    );
    let theirs =
        json!({"metadata": {"annotations": {"pushboat.dev/repo": "git.example/teams/other"}}});
    scene.edit("secret", &scene.record(), "pushboat", &theirs);
    free(&scene);
    let answer = running.wait().expect_code(1);
    assert!(reasons(&answer.json()).contains("guard"), "{answer:?}");
    assert_eq!(scene.changes().len(), 0, "{:?}", scene.changes());
    let parent = scene.live(&format!("secrets/{}", scene.record()));
    let repo = &parent["metadata"]["annotations"]["pushboat.dev/repo"];
    assert_eq!(repo, "git.example/teams/other");
}

#[test]
fn what_changed_while_the_lock_was_waited_for_is_compared_again() {
    let scene = Scene::new(plane(), "lock-stale", &maps(3, "x"));
    scene.synced(&[]);
    scene.put(&config_map("map-00", "y"));
    let running = waiting(&scene, &["app", "sync", &scene.namespace, "--yes"]);
    let theirs = json!({"data": {"key": "z"}});
    scene.edit("configmap", "map-01", "kubectl-edit", &theirs);
    scene
        .plane
        .kubectl(&["-n", &scene.namespace, "delete", "configmap", "map-02"]);
    free(&scene);
    running.wait().expect_code(0);
    let changed: std::collections::BTreeSet<String> = scene.changes().into_iter().collect();
    assert_eq!(changed.len(), 3, "{changed:?}");
    scene.expect_clean();
}

#[test]
fn a_prune_that_the_first_plan_did_not_hold_is_shown_before_it_is_done() {
    let scene = Scene::new(plane(), "lock-prune", &maps(4, "x"));
    scene.synced(&[]);
    scene.take(&config_map("map-00", "x"));
    let sync = ["app", "sync", &scene.namespace, "--yes", "--prune"];
    let running = waiting(&scene, &sync);
    // A member that another run has added meanwhile, by a commit that this run does not have.
    let mut added = scene.live("configmaps/map-01");
    added["metadata"] = json!({"name": "map-new", "labels": added["metadata"]["labels"]});
    let path = scene.path("configmaps/map-new?fieldManager=pushboat&force=true");
    added.as_object_mut().unwrap().remove("status");
    let (status, body) = scene.plane.request("PATCH", &path, Some(&added)).unwrap();
    assert!(status < 300, "{body}");
    free(&scene);
    let answer = running.wait().expect_code(0);
    assert!(answer.stderr.contains("map-new"), "{answer:?}");
    assert!(!scene.exists("configmaps/map-new") && !scene.exists("configmaps/map-00"));
}

#[test]
fn a_delete_that_waited_for_a_sync_takes_what_the_sync_added() {
    let (scene, proxy) = slow("lock-delete", 2, Duration::from_millis(700));
    proxy.heal();
    scene.synced(&[]);
    (2..6).for_each(|n| scene.put(&config_map(&format!("map-0{n}"), "x")));
    proxy.rule(
        Rule::write()
            .path("/configmaps/map-0[2-5]")
            .act(Action::Delay(Duration::from_millis(1500))),
    );
    let first = scene
        .pushboat(&["app", "sync", &scene.namespace, "--yes"])
        .start();
    eventually("the sync holds the lock", || {
        (!holder(&scene).is_empty()).then_some(())
    });
    let answer = scene.app("delete", &["--yes"]).expect_code(0);
    first.wait().expect_code(0);
    for n in 0..6 {
        assert!(
            !scene.exists(&format!("configmaps/map-0{n}")),
            "{n} {answer:?}"
        );
    }
    assert!(
        answer.stderr.contains("map-05"),
        "the plan grew: {answer:?}"
    );
    assert!(lease(&scene).is_none() && !scene.exists(&format!("secrets/{}", scene.record())));
}

#[test]
fn a_run_in_between_that_failed_like_the_one_before_is_noticed() {
    let objects = [maps(2, "x"), vec![crate::support::scene::rejected("bad")]].concat();
    let scene = Scene::new(plane(), "lock-between", &objects);
    scene.sync(&[]).expect_code(1);
    let versions = || {
        let parent = scene.live(&format!("secrets/{}", scene.record()));
        parent["metadata"]["resourceVersion"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let before = versions();
    scene.sync(&[]).expect_code(1);
    assert_ne!(before, versions(), "each run leaves a trace in the record");
}

#[test]
fn ctrl_c_while_waiting_for_the_lock_ends_at_once() {
    let scene = Scene::new(plane(), "lock-wait-ctrl-c", &maps(1, "x"));
    for verb in ["sync", "delete"] {
        let running = waiting(
            &scene,
            &["app", verb, &scene.namespace, "--yes", "-o", "json"],
        );
        let start = Instant::now();
        running.signal(Signal::INT);
        let answer = running.wait().expect_code(130);
        assert!(
            start.elapsed() < Duration::from_secs(2),
            "{:?}",
            start.elapsed()
        );
        assert!(
            reasons(&answer.json()).contains("interrupted"),
            "{answer:?}"
        );
        free(&scene);
        scene.synced(&[]);
    }
}

#[test]
fn a_lease_that_somebody_annotated_is_given_back_all_the_same() {
    let scene = Scene::new(plane(), "lock-annotated", &maps(1, "x"));
    let proxy = Faultline::before(plane());
    let (record, namespace) = (scene.record(), scene.namespace.clone());
    proxy.rule(
        Rule::write()
            .path("/configmaps/")
            .hook(Phase::BeforeForward, move |_| {
                plane().kubectl(&["-n", &namespace, "annotate", "lease", &record, "note=x"]);
            }),
    );
    let scene = scene.through(proxy.kubeconfig());
    let answer = scene.sync(&[]).expect_code(0);
    assert_eq!(holder(&scene), "", "{answer:?}");
}

#[test]
fn a_retry_does_not_write_over_what_another_run_applied() {
    let scene = Scene::new(plane(), "lock-overtaken", &maps(1, "x"));
    scene.synced(&[]);
    scene.put(&config_map("map-00", "old commit"));
    let proxy = Faultline::before(plane());
    let busy = Answer::status(429, "TooManyRequests", "busy").header("Retry-After", "1");
    let mut theirs = config_map("map-00", "new commit");
    theirs["metadata"]["labels"] = json!({"applyset.kubernetes.io/part-of": scene.id()});
    let path = scene.path("configmaps/map-00?fieldManager=pushboat&force=true");
    let overtake = move |_: &_| {
        let (status, body) = plane().request("PATCH", &path, Some(&theirs)).unwrap();
        assert_eq!(status, 200, "{body}");
    };
    proxy.rule(Rule::write().path("/configmaps/").first(2).answer(busy));
    proxy.rule(
        Rule::write()
            .path("/configmaps/")
            .nth(2)
            .hook(Phase::BeforeForward, overtake),
    );
    let scene = scene.through(proxy.kubeconfig());
    let answer = scene.sync(&["-o", "json"]).expect_code(1);
    assert!(reasons(&answer.json()).contains("lock-lost"), "{answer:?}");
    assert_eq!(scene.live("configmaps/map-00")["data"]["key"], "new commit");
}

#[test]
fn a_write_whose_answer_was_lost_is_known_again() {
    let scene = Scene::new(plane(), "lock-known", &maps(2, "x"));
    scene.synced(&[]);
    scene.put(&config_map("map-00", "y"));
    scene.put(&config_map("map-02", "new"));
    let proxy = Faultline::before(plane());
    proxy.rule(
        Rule::write()
            .path("/configmaps/map-00")
            .nth(1)
            .act(Action::DropAfterForward),
    );
    proxy.rule(
        Rule::write()
            .path("/configmaps/map-02")
            .nth(1)
            .act(Action::DropAfterForward),
    );
    let scene = scene.through(proxy.kubeconfig());
    scene.synced(&[]);
    scene.expect_clean();
}

/// Every write of this app, in the order of the server's log, with when it began.
fn writes_with_times(scene: &Scene) -> Vec<(jiff::Timestamp, Event)> {
    let writes = scene.writes().into_iter();
    let timed = writes.map(|event| {
        let time = event.raw["requestReceivedTimestamp"].as_str().unwrap();
        (time.parse().unwrap(), event)
    });
    timed.collect()
}

/// A sync whose lease is not renewed any more from the nth renewal on, while its writes are slow: returns how many of its writes came
/// when another machine may have taken the lock.
fn late_writes(name: &str, slow: Duration, nth: usize) -> usize {
    let waves = (0..60).map(|n| {
        let mut map = config_map(&format!("map-{n:02}"), "x");
        map["metadata"]["annotations"] = json!({"argocd.argoproj.io/sync-wave": n.to_string()});
        map
    });
    let scene = Scene::new(plane(), name, &waves.collect::<Vec<_>>());
    let proxy = Faultline::before(plane());
    proxy.rule(Rule::write().path("/configmaps/").act(Action::Delay(slow)));
    let renewals = Rule::on(&[Verb::Update]).path("/leases/").from(nth);
    proxy.rule(renewals.act(Action::DropBeforeForward));
    let scene = scene.through(proxy.kubeconfig());
    let answer = scene.sync(&["-o", "json"]).expect_code(1);
    assert!(reasons(&answer.json()).contains("lock-lost"), "{answer:?}");
    let writes = writes_with_times(&scene);
    let is_lease = |(_, event): &&(jiff::Timestamp, Event)| event.resource == "leases";
    let renewed = writes
        .iter()
        .filter(is_lease)
        .map(|(time, _)| *time)
        .max()
        .unwrap();
    let late = |(time, _): &&(jiff::Timestamp, Event)| {
        time.duration_since(renewed) >= jiff::SignedDuration::from_secs(30)
    };
    writes.iter().filter(late).count()
}

#[test]
fn no_write_comes_after_the_lease_may_be_anothers() {
    // A lease lives 30 s, so each run takes about that long: they run side by side.
    let n_runs: u64 = if crate::support::is_long() { 200 } else { 1 };
    let side_by_side = 20;
    for batch in (0..n_runs).collect::<Vec<_>>().chunks(side_by_side) {
        let start = |n: &u64| {
            let (slow, nth) = (Duration::from_millis(1500 + n * 371 % 8000), 1 + n % 2);
            std::thread::spawn(move || late_writes("lock-late", slow, nth as usize))
        };
        let runs: Vec<_> = batch.iter().map(start).collect();
        let late: usize = runs.into_iter().map(|run| run.join().unwrap()).sum();
        assert_eq!(late, 0);
    }
    eprintln!("{n_runs} runs that lost their lease, 0 writes after it");
}

/// `app unlock` of the scene's app.
fn unlock(scene: &Scene, more: &[&str]) -> crate::support::Finished {
    scene.app("unlock", &[&["--reason", "the job hangs"], more].concat())
}

#[test]
fn a_lock_is_taken_from_a_holder_that_hangs_and_the_lease_says_by_whom_and_why() {
    let scene = Scene::new(plane(), "lock-unlock", &maps(1, "x"));
    let nobody = unlock(&scene, &["-o", "json"]).expect_code(0).json();
    assert_eq!(nobody["apps"][0]["holder"], Value::Null);
    hold(&scene);
    let refused = unlock(&scene, &[]).expect_code(2);
    assert!(refused.stderr.contains("--yes"), "{refused:?}");
    scene.app("unlock", &["--yes"]).expect_code(2);
    let answer = unlock(&scene, &["--yes", "-o", "json"]).expect_code(0);
    assert!(answer.stderr.contains("anna@elsewhere"), "{answer:?}");
    let app = &answer.json()["apps"][0];
    assert_eq!(app["freeAfterSeconds"], 30);
    assert_eq!(app["holder"], "anna@elsewhere (process 4711)");
    let lease = lease(&scene).unwrap();
    let note =
        |name: &str| lease["metadata"]["annotations"][format!("pushboat.dev/{name}")].clone();
    assert_eq!(note("unlock-reason"), "the job hangs");
    assert!(
        note("unlocked-from")
            .as_str()
            .unwrap()
            .starts_with("anna@elsewhere")
    );
    // Its former holder may be at work for a moment: the next one waits.
    let locked = scene.sync(&["--lock-timeout", "0s"]).expect_code(1);
    assert!(locked.said().contains("unlocked by"), "{locked:?}");
}

#[test]
fn a_running_holder_of_this_machine_is_named_as_such_and_stops() {
    let (scene, proxy) = slow("lock-unlock-live", 60, Duration::from_millis(900));
    let first = scene
        .pushboat(&["app", "sync", &scene.namespace, "--yes", "-o", "json"])
        .start();
    eventually("the first holds the lock", || {
        (!holder(&scene).is_empty()).then_some(())
    });
    let answer = unlock(&scene, &["--yes"]).expect_code(0);
    assert!(answer.stderr.contains("runs on this machine"), "{answer:?}");
    proxy.heal();
    proxy.rule(
        Rule::write()
            .path("/configmaps/")
            .act(Action::Delay(Duration::from_secs(3))),
    );
    let stopped = first.wait();
    assert!(
        stopped.code == 0 || reasons(&stopped.json()).contains("lock-lost"),
        "{stopped:?}"
    );
    assert!(
        holder(&scene).starts_with("unlocked by"),
        "{}",
        holder(&scene)
    );
}
