//! What arguments mean.

use super::*;
use crate::repo::cluster::{KnownContext, known};
use crate::repo::inventory;
use crate::repo::remote::Identity;
use crate::repo::tree::MemoryTree;

fn app(name: &str, rest: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {name}\n  labels: {{team: {name}-team, tier: web}}\nspec:\n  source: {{path: a}}\n{rest}"
    )
}

fn world() -> (Inventory, KnownClusters) {
    let twice = format!("{}---\n{}", app("twin", ""), app("twin", ""));
    let files = [
        ("clusters/dev/shop.yaml", app("shop", "  project: retail\n")),
        ("clusters/dev/pay.yaml", app("pay", "")),
        ("clusters/prod/shop.yaml", app("shop", "")),
        ("clusters/prod/pay-api.yaml", app("pay-api", "")),
        (
            "clusters/prod/odd.yaml",
            app("odd", "  destination: {name: nowhere}\n"),
        ),
        ("clusters/lab/twin.yaml", twice),
        ("clusters/lab/broken.yaml", "a: [".to_owned()),
        ("clusters/lost.yaml", app("lost", "")),
    ];
    let tree: MemoryTree = files.into_iter().collect();
    let inventory = inventory::read(&tree, &Identity::default()).expect("reads");
    let context = KnownContext {
        name: "kind".into(),
        server: "https://127.0.0.1:6443".into(),
        origin: "own".into(),
    };
    let known = known(&inventory.folders, &[context], &[]);
    (inventory, known)
}

fn choice(arguments: &str) -> Choice {
    let mut choice = Choice::default();
    for word in arguments.split_whitespace() {
        match word.split_once(':') {
            Some(("cluster", value)) => choice.clusters.push(value.into()),
            Some(("label", value)) => choice.selector = Some(value.into()),
            Some(("project", value)) => choice.projects.push(value.into()),
            Some(("to", value)) => choice.destination = Some(value.into()),
            _ if word == "--all" => choice.all = true,
            _ => choice.names.push(word.into()),
        }
    }
    choice
}

fn check(arguments: &str, expected: &[&str]) {
    let (inventory, known) = world();
    let found = select(&inventory, &known, &choice(arguments)).expect(arguments);
    let shown: Vec<String> = found
        .targets
        .iter()
        .map(|target| {
            format!(
                "{}{}",
                target.id(),
                if target.problem.is_some() { "!" } else { "" }
            )
        })
        .collect();
    assert_eq!(shown, expected, "{arguments}");
}

fn check_error(arguments: &str, expected: &[&str]) {
    let (inventory, known) = world();
    let error = select(&inventory, &known, &choice(arguments)).expect_err(arguments);
    for part in expected {
        assert!(
            error.report().contains(part),
            "{arguments}: {}",
            error.report()
        );
    }
}

#[test]
fn names_globs_labels_projects_and_clusters_select() {
    check("pay", &["dev/pay"]);
    check("dev/shop", &["dev/shop"]);
    check("*/shop", &["dev/shop", "prod/shop"]);
    check("pay*", &["dev/pay", "prod/pay-api"]);
    check("shop cluster:prod", &["prod/shop"]);
    check("--all cluster:d*", &["lost!", "dev/pay", "dev/shop"]);
    check("label:team=pay-team", &["dev/pay"]);
    check("project:retail", &["dev/shop"]);
    check("pay dev/shop dev/pay", &["dev/pay", "dev/shop"]);
    check(
        "--all cluster:prod",
        &["lost!", "prod/odd!", "prod/pay-api", "prod/shop"],
    );
}

#[test]
fn a_cluster_given_by_hand_only_filters() {
    check("*/shop cluster:prod", &["prod/shop"]);
    check("pay cluster:dev cluster:prod", &["dev/pay"]);
    check("lost cluster:prod", &["lost!"]);
    for (arguments, expected) in [
        (
            "dev/shop cluster:prod",
            "`dev/shop` goes to cluster `dev`, which `--cluster prod` leaves out",
        ),
        ("pay cluster:prod", "`pay` goes to cluster `dev`"),
        ("shop dev/pay cluster:p*", "`dev/pay` goes to cluster `dev`"),
        ("dev/* cluster:prod", "which `--cluster prod` leaves out"),
        ("odd cluster:dev", "`odd` goes to cluster `prod`"),
    ] {
        check_error(
            arguments,
            &[expected, "only filters", "--override-destination"],
        );
    }
}

#[test]
fn only_an_overridden_destination_sends_one_app_elsewhere() {
    check("pay to:prod", &["prod/pay"]);
    check("odd to:kind", &["kind/odd"]);
    check("pay to:dev", &["dev/pay"]);
    let (inventory, known) = world();
    let found = select(&inventory, &known, &choice("dev/pay to:prod")).expect("selects");
    let from = |n: usize| found.targets[n].declared_for.as_deref();
    assert_eq!((found.targets.len(), from(0)), (1, Some("dev")));
    check_error(
        "dev/shop to:prod",
        &["cluster `prod` has an app `shop` of its own: clusters/prod/shop.yaml:1:1"],
    );
    check_error("*/shop to:lab", &["takes one app, and 2 are selected"]);
    check_error("pay to:nowhere", &["no cluster named `nowhere`"]);
}

#[test]
fn an_empty_selector_selects_nothing() {
    let (inventory, known) = world();
    for text in ["", "  "] {
        let choice = Choice {
            selector: Some(text.into()),
            ..Choice::default()
        };
        let error = select(&inventory, &known, &choice).expect_err("empty");
        assert_eq!(error.reason(), crate::error::Reason::Usage);
    }
}

#[test]
fn an_app_that_cannot_be_used_is_selected_with_its_problem() {
    check(
        "--all",
        &[
            "lost!",
            "dev/pay",
            "dev/shop",
            "lab/twin!",
            "lab/twin!",
            "prod/odd!",
            "prod/pay-api",
            "prod/shop",
        ],
    );
    let (inventory, known) = world();
    let found = select(&inventory, &known, &choice("--all")).expect("selects");
    assert_eq!(found.failures.len(), 1);
    let twin = found
        .targets
        .iter()
        .find(|target| target.app.name == "twin")
        .expect("twin");
    let error = twin.check().expect_err("twice").message();
    assert!(error.contains("declared 2 times for cluster `lab`: clusters/lab/twin.yaml:1:1, clusters/lab/twin.yaml:9:1"), "{error}");
    let dev = select(&inventory, &known, &choice("--all cluster:dev")).expect("selects");
    assert!(dev.failures.is_empty());
}

#[test]
fn what_is_not_clear_is_said_with_the_ways_out() {
    check_error(
        "shop",
        &[
            "app `shop` is on 2 clusters",
            "`dev/shop`, `prod/shop`",
            "`*/shop`",
        ],
    );
    check_error("shpo", &["no app is called `shpo`", "did you mean `shop`?"]);
    check_error("zz*", &["no app matches `zz*`", "broken.yaml"]);
    check_error(
        "shop cluster:prd",
        &["no cluster named `prd`", "did you mean `prod`?"],
    );
    check_error("--all cluster:x*", &["no cluster matches `x*`"]);
    check_error("", &["no app was asked for"]);
    check_error("label:=", &["is invalid"]);
}
