//! The matrix of faults and steps: each fault, once or for good, at each request that drift and sync are made of.
//!
//! A cell is one command under one fault. It must end in time, without a panic, with an exit code and a reason of the documented list; a
//! fault that goes away by itself must not be noticed at all. Nothing that the plan did not hold is deleted, and one more run without the
//! fault ends in sync.

use crate::support::faultline::{Action, Answer, Rule, Verb};
use crate::support::scene::{config_map, reasons};
use crate::support::{ControlPlane, Faultline, Finished, Scene, is_long};
use std::time::{Duration, Instant};

/// The reasons that scripts may rely on.
const REASONS: [&str; 25] = [
    "usage",
    "config",
    "render",
    "unreachable",
    "unauthorized",
    "forbidden",
    "wrong-cluster",
    "discovery",
    "partial-list",
    "conflict",
    "invalid",
    "immutable",
    "too-large",
    "quota",
    "webhook",
    "terminating",
    "timeout",
    "unhealthy",
    "guard",
    "locked",
    "lock-lost",
    "interrupted",
    "io",
    "internal",
    "project",
];
/// What a command under a fault that stays is given.
const TIMEOUT: Duration = Duration::from_secs(4);
/// And how much longer it may take.
const GRACE: Duration = Duration::from_secs(4);
/// In the suite every so many cells one is run.
const SHARE: usize = 9;

/// One step of a command: the requests that belong to it.
struct Step {
    name: &'static str,
    verbs: &'static [Verb],
    path: &'static str,
    dry_run: Option<bool>,
    command: Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    Diff,
    Sync,
}

const STEPS: [Step; 15] = [
    step("discovery", &[Verb::Discover], "^/apis?$", Command::Diff),
    step("parent", &[Verb::Get], "/secrets/pushboat", Command::Diff),
    step("list", &[Verb::List], "/configmaps$", Command::Diff),
    step("get", &[Verb::Get], "/configmaps/", Command::Diff),
    Step {
        dry_run: Some(true),
        ..step("dry run", &[Verb::Patch], "/configmaps/", Command::Diff)
    },
    step(
        "discovery of a sync",
        &[Verb::Discover],
        "^/apis?$",
        Command::Sync,
    ),
    step(
        "list of a sync",
        &[Verb::List],
        "/configmaps$",
        Command::Sync,
    ),
    step("history", &[Verb::List], "/secrets$", Command::Sync),
    step("lock read", &[Verb::Get], "/leases/", Command::Sync),
    step(
        "lock",
        &[Verb::Create, Verb::Update, Verb::Patch],
        "/leases",
        Command::Sync,
    ),
    written(
        "parent written",
        "/secrets/pushboat\\.[^/]*[a-z0-9]-[0-9]+$",
    ),
    written("history written", "/secrets/pushboat\\..*v[0-9]+$"),
    written("apply", "/configmaps/"),
    step("delete", &[Verb::Delete], "/configmaps/", Command::Sync),
    step("any write", &Verb::WRITES, "", Command::Sync),
];

const fn step(
    name: &'static str,
    verbs: &'static [Verb],
    path: &'static str,
    command: Command,
) -> Step {
    Step {
        name,
        verbs,
        path,
        dry_run: None,
        command,
    }
}

const fn written(name: &'static str, path: &'static str) -> Step {
    Step {
        dry_run: Some(false),
        ..step(
            name,
            &[Verb::Patch, Verb::Create, Verb::Update],
            path,
            Command::Sync,
        )
    }
}

impl Step {
    fn rule(&self) -> Rule {
        let rule = Rule::on(self.verbs).path(self.path);
        match self.dry_run {
            Some(dry_run) => rule.dry_run(dry_run),
            None => rule,
        }
    }
}

/// Whether a fault goes away by itself, so that nobody need notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stay {
    Once,
    ForGood,
}

struct Fault {
    name: &'static str,
    stay: Stay,
    action: fn() -> Action,
}

fn answer(status: u16, content_type: &str, body: &str) -> Action {
    Action::Answer(Answer::new(status, content_type, body.to_owned()))
}

fn status(code: u16, reason: &str, message: &str) -> Action {
    Action::Answer(Answer::status(code, reason, message))
}

const fn once(name: &'static str, action: fn() -> Action) -> Fault {
    Fault {
        name,
        stay: Stay::Once,
        action,
    }
}

const fn for_good(name: &'static str, action: fn() -> Action) -> Fault {
    Fault {
        name,
        stay: Stay::ForGood,
        action,
    }
}

const FAULTS: [Fault; 22] = [
    once("reset before the server sees it", || {
        Action::DropBeforeForward
    }),
    once("reset after the server has done it", || {
        Action::DropAfterForward
    }),
    once("cut in the body", || Action::Truncate(40)),
    once("empty body", || Action::Truncate(0)),
    once("late", || Action::Delay(Duration::from_millis(300))),
    once("answer late", || {
        Action::DelayAnswer(Duration::from_millis(300))
    }),
    once("closed after the answer", || Action::CloseAfterAnswer),
    once("429", || {
        Action::Answer(
            Answer::status(429, "TooManyRequests", "slow down").header("Retry-After", "1"),
        )
    }),
    once("429 of a server that shuts down", || {
        Action::Answer(
            Answer::new(429, "text/plain", "Too many requests").header("Retry-After", "1"),
        )
    }),
    once("503 of a load balancer", || {
        answer(503, "text/html", "<html>no upstream</html>")
    }),
    once("etcd has no leader", || {
        status(500, "InternalError", "etcdserver: no leader")
    }),
    once("504 and done all the same", || {
        Action::AnswerThenForward(
            Answer::status(504, "Timeout", "request did not complete in time"),
            Duration::from_millis(200),
        )
    }),
    for_good("401", || status(401, "Unauthorized", "Unauthorized")),
    for_good("403", || {
        status(403, "Forbidden", "is forbidden: User cannot do this")
    }),
    for_good("404 of no API server", || {
        answer(404, "text/html", "<h1>not found</h1>")
    }),
    for_good("200 with a page", || {
        answer(200, "text/html", "<html>log in</html>")
    }),
    for_good("200 with another object", || {
        answer(
            200,
            "application/json",
            "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"x\"}}",
        )
    }),
    for_good("200 with an empty object", || {
        answer(200, "application/json", "{}")
    }),
    for_good("redirect", || {
        Action::Answer(
            Answer::new(307, "text/plain", "").header("Location", "https://127.0.0.1:1/?token=x"),
        )
    }),
    for_good("500", || status(500, "InternalError", "something broke")),
    for_good("503", || answer(503, "text/html", "<html>down</html>")),
    for_good("reset", || Action::DropBeforeForward),
];

/// An app in which every step of a sync happens: one object to change, one to create, one to delete, some that stay.
struct Lab {
    scene: Scene<'static>,
    proxy: Faultline,
    round: std::cell::Cell<usize>,
}

impl Lab {
    fn new() -> Self {
        let plane = ControlPlane::shared();
        let stays: Vec<_> = (0..4)
            .map(|n| config_map(&format!("stays-{n}"), "x"))
            .collect();
        let lab = Self {
            scene: Scene::new(plane, "faults", &stays),
            proxy: Faultline::before(plane),
            round: std::cell::Cell::new(0),
        };
        lab.scene.put(&config_map("gone-0", "x"));
        lab.scene.synced(&["--prune"]);
        lab
    }

    /// Makes work for the next command. Returns the one object that may be deleted.
    fn next(&self) -> String {
        let round = self.round.get();
        self.round.set(round + 1);
        let gone = format!("gone-{round}");
        self.scene.take(&config_map(&gone, "x"));
        self.scene
            .put(&config_map(&format!("gone-{}", round + 1), "x"));
        self.scene.put(&config_map("stays-0", &round.to_string()));
        gone
    }

    fn under(&self, step: &Step, fault: &Fault) -> Finished {
        let rule = match fault.stay {
            Stay::Once => step.rule().first(1),
            Stay::ForGood => step.rule(),
        };
        self.proxy.rule(rule.act((fault.action)()));
        let timeout = match fault.stay {
            Stay::Once => "30s".to_owned(),
            Stay::ForGood => format!("{}s", TIMEOUT.as_secs()),
        };
        let more = match step.command {
            Command::Diff => vec!["app", "diff", &self.scene.namespace],
            Command::Sync => vec!["app", "sync", &self.scene.namespace, "--yes", "--prune"],
        };
        let args = [&more[..], &["-o", "json", "--timeout", &timeout]].concat();
        let answer = self
            .scene
            .pushboat(&args)
            .kubeconfig(self.proxy.kubeconfig())
            .run();
        self.proxy.heal();
        answer
    }

    /// One cell: the command under the fault, then one without.
    fn cell(&self, step: &Step, fault: &Fault) {
        let what = format!("{} at {}", fault.name, step.name);
        let gone = self.next();
        self.scene.mark();
        let start = Instant::now();
        let answer = self.under(step, fault);
        let took = start.elapsed();
        check_answer(step, fault, &answer, &what);
        if fault.stay == Stay::ForGood {
            assert!(took < TIMEOUT + GRACE, "{what}: {took:?}");
        }
        // A request of the cell before may be forwarded this late; it changes nothing any more.
        let late = format!(
            "delete configmaps/gone-{}",
            self.round.get().saturating_sub(2)
        );
        let deleted = format!("delete configmaps/{gone}");
        for change in self.scene.changes() {
            let is_planned = change == deleted || change == late;
            assert!(
                !change.starts_with("delete") || is_planned,
                "{what}: {change}"
            );
        }
        let answer = self.scene.sync(&["--prune"]);
        assert_eq!(answer.code, 0, "{what}, then without: {answer:?}");
        assert_eq!(self.scene.diff(&[]).sync(), "Synced", "{what}");
        assert!(!self.scene.exists(&format!("configmaps/{gone}")), "{what}");
    }
}

#[track_caller]
fn check_answer(step: &Step, fault: &Fault, answer: &Finished, what: &str) {
    let all = format!("{}{}", answer.stdout, answer.stderr);
    for word in ["panicked", "RUST_BACKTRACE", "token=x"] {
        assert!(!all.contains(word), "{what}: {word}: {all}");
    }
    let document = answer.json();
    match (fault.stay, step.command) {
        (Stay::Once, Command::Sync) => assert_eq!(answer.code, 0, "{what}: {all}"),
        (Stay::Once, Command::Diff) => assert_eq!(answer.code, 1, "{what}: {all}"),
        (Stay::ForGood, _) => assert!(matches!(answer.code, 0..=2), "{what}: {all}"),
    }
    for reason in reasons(&document) {
        assert!(REASONS.contains(&reason.as_str()), "{what}: {reason}");
    }
    if answer.code == 2 {
        assert!(
            !reasons(&document).is_empty(),
            "{what}: no reason in {document}"
        );
    }
    let resources = document["apps"][0]["resources"].as_array();
    let objects = resources.into_iter().flatten();
    let is_wrong = |r: &&serde_json::Value| {
        let stays = r["name"]
            .as_str()
            .is_some_and(|name| name.starts_with("stays"));
        stays && matches!(r["status"].as_str(), Some("Missing" | "Extra"))
    };
    let wrong: Vec<_> = objects.filter(is_wrong).collect();
    assert!(wrong.is_empty(), "{what}: {wrong:?}");
}

#[test]
fn every_fault_at_every_step_is_told_or_not_noticed_and_loses_nothing() {
    let lab = Lab::new();
    let cells = STEPS
        .iter()
        .flat_map(|step| FAULTS.iter().map(move |fault| (step, fault)));
    let share = if is_long() { 1 } else { SHARE };
    let mut n_cells = 0;
    for (step, fault) in cells.step_by(share) {
        lab.cell(step, fault);
        n_cells += 1;
    }
    eprintln!(
        "{n_cells} cells of {} faults and {} steps",
        FAULTS.len(),
        STEPS.len()
    );
}
