//! P08: under any fault of reading, nothing is called in sync that is not.
//!
//! A quiet run says how each object stands. Runs with random faults may say `Unknown`, and must end with 2 then; what they say otherwise
//! must be the same.

use super::{Random, plane};
use crate::support::faultline::{Action, Answer, Rule, Verb};
use crate::support::scene::{Diff, config_map, definition, deployment};
use crate::support::{Faultline, Scene};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Runs in the suite, and where long runs are asked for.
const N_RUNS: (u64, u64) = (30, 1000);

type Standing = BTreeMap<String, String>;

fn standing(diff: &Diff) -> Standing {
    let text = |resource: &Value, field: &str| resource[field].as_str().unwrap().to_owned();
    diff.resources()
        .iter()
        .map(|r| (text(r, "kind") + "/" + &text(r, "name"), text(r, "status")))
        .collect()
}

/// An app in which something of each status stands, over several kinds and namespaces.
fn scene() -> Scene<'static> {
    let other = plane().namespace("reads-other");
    let group = "reads.example.com";
    plane().kubectl_apply(&definition("gears", "Gear", group).to_string());
    plane().kubectl(&[
        "wait",
        "--for=condition=Established",
        &format!("crd/gears.{group}"),
    ]);
    crate::support::eventually("the kind is served", || {
        plane()
            .kinds_served(group, "v1")
            .contains("Gear")
            .then_some(())
    });
    let gear = |name: &str| json!({"apiVersion": format!("{group}/v1"), "kind": "Gear", "metadata": {"name": name}, "spec": {"size": 2}});
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key"}, "stringData": {"a": "b"}});
    let mut away = config_map("away", "1");
    away["metadata"]["namespace"] = json!(other);
    let mut objects: Vec<_> = (0..6)
        .map(|n| config_map(&format!("map-{n}"), "1"))
        .collect();
    objects.extend([
        secret,
        away,
        gear("one"),
        gear("two"),
        deployment("web", "web:1", 1),
    ]);
    let scene = Scene::new(plane(), "reads", &objects);
    scene.synced(&[]);
    let edit = json!({"data": {"key": "edited"}});
    scene.edit("configmap", "map-0", "kubectl-edit", &edit);
    scene
        .plane
        .kubectl(&["-n", &scene.namespace, "delete", "configmap", "map-1"]);
    scene.take(&config_map("map-2", "1"));
    scene.take(&gear("two"));
    scene.edit(
        "deployment",
        "web",
        "kubectl-edit",
        &json!({"spec": {"replicas": 3}}),
    );
    scene
}

/// Some harm to one of the next requests, or to all of a kind.
fn fault(random: &mut Random) -> (String, Rule) {
    let status = |code: u16, reason: &str| Action::Answer(Answer::status(code, reason, "no"));
    let page = |code: u16, text: &'static str| Action::Answer(Answer::new(code, "text/html", text));
    let (what, action) = match random.below(16) {
        0 => ("403", status(403, "Forbidden")),
        1 => ("401", status(401, "Unauthorized")),
        2 => ("404 of a Status", status(404, "NotFound")),
        3 => ("404 page", page(404, "<html>not here</html>")),
        4 => ("410", status(410, "Expired")),
        5 => (
            "429",
            Action::Answer(
                Answer::status(429, "TooManyRequests", "wait").header("Retry-After", "1"),
            ),
        ),
        6 => ("500", status(500, "InternalError")),
        7 => ("503 page", page(503, "<html>later</html>")),
        8 => ("200 page", page(200, "<html>welcome</html>")),
        9 => (
            "another kind",
            Action::Answer(Answer::new(
                200,
                "application/json",
                r#"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}"#,
            )),
        ),
        10 => ("dropped before", Action::DropBeforeForward),
        11 => ("dropped after", Action::DropAfterForward),
        12 => ("cut", Action::Truncate(random.below(3000))),
        13 => ("stalled", Action::Stall(random.below(3000))),
        14 => ("late", Action::DelayAnswer(Duration::from_millis(300))),
        _ => (
            "no content",
            Action::Answer(Answer::new(200, "application/json", "")),
        ),
    };
    let (aim, rule) = match random.below(8) {
        0 => ("lists", Rule::on(&[Verb::List])),
        1 => ("gets", Rule::on(&[Verb::Get])),
        2 => ("discovery", Rule::on(&[Verb::Discover])),
        3 => ("dry runs", Rule::on(&[Verb::Patch])),
        4 => ("secrets", Rule::any().path("/secrets")),
        5 => ("gears", Rule::any().path("/gears")),
        6 => ("configmaps", Rule::any().path("/configmaps")),
        _ => ("anything", Rule::any()),
    };
    let (turn, rule) = match random.below(4) {
        0 => ("all".to_owned(), rule),
        1 => ("the first two".to_owned(), rule.first(2)),
        _ => {
            let n = 1 + random.below(6);
            (format!("number {n}"), rule.nth(n))
        }
    };
    (format!("{what} for {aim}, {turn}"), rule.act(action))
}

/// One run under one to three faults. What it says must be as in the quiet run, or Unknown.
fn check(scene: &Scene<'_>, quiet: &Standing, seed: u64) -> Result<bool, String> {
    let mut random = Random(seed);
    let proxy = Faultline::before(plane());
    let mut told = Vec::new();
    for _ in 0..=random.below(3) {
        let (what, rule) = fault(&mut random);
        told.push(what);
        proxy.rule(rule);
    }
    let answer = scene.app_with(&proxy.kubeconfig(), &["-o", "json", "--timeout", "3s"]);
    let wrong = |why: &str| {
        Err(format!(
            "seed {seed} ({}): {why}: {answer:?}",
            told.join("; ")
        ))
    };
    if answer.stderr.contains("panicked") || !matches!(answer.code, 1 | 2) {
        return wrong("neither drift nor unanswered");
    }
    let document = answer.json();
    let Some(app) = document["apps"].get(0) else {
        return if answer.code == 2 {
            Ok(false)
        } else {
            wrong("no app")
        };
    };
    let diff = Diff {
        app: app.clone(),
        code: answer.code,
    };
    if diff.sync() == "Synced" {
        return wrong("called in sync");
    }
    let said = standing(&diff);
    let is_whole = diff.sync() == "OutOfSync";
    if is_whole && (said != *quiet || diff.code != 1) {
        return wrong("a whole answer that is another one");
    }
    let other = said
        .iter()
        .find(|(key, status)| status.as_str() != "Unknown" && quiet.get(*key) != Some(status));
    match other {
        Some((key, status)) => wrong(&format!("{key} is called {status}")),
        None if !is_whole && diff.code != 2 => wrong("an open question that does not end with 2"),
        None => Ok(is_whole),
    }
}

#[test]
fn nothing_is_called_in_sync_that_could_not_be_read() {
    let scene = scene();
    let quiet = scene.diff(&[]);
    assert_eq!(
        (quiet.code, quiet.sync()),
        (1, "OutOfSync"),
        "{}",
        quiet.app
    );
    let quiet = standing(&quiet);
    for status in ["InSync", "Modified", "Missing", "Extra"] {
        assert!(quiet.values().any(|it| it == status), "{status}: {quiet:?}");
    }
    let n_runs = if crate::support::is_long() {
        N_RUNS.1
    } else {
        N_RUNS.0
    };
    let answers: Vec<_> = (0..n_runs)
        .map(|seed| check(&scene, &quiet, seed))
        .collect();
    let n_whole = answers.iter().filter(|answer| **answer == Ok(true)).count();
    let wrong: Vec<String> = answers.into_iter().filter_map(Result::err).collect();
    eprintln!(
        "{n_runs} runs, {n_whole} whole answers, {} wrong",
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
