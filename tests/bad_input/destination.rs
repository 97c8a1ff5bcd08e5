//! Nothing on the command line or in the environment sends an app to another cluster than its file says, but the one option for it.

use super::fleet::{Fleet, at_port, read};
use super::{expect_unanswered, plane};
use crate::support::Finished;
use crate::support::scene::config_map;
use serde_json::Value;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

/// `web` on `one`, a real cluster, and on `two`; `tools` on `two` alone. Nothing listens where `two` should be.
fn fleet(name: &str) -> Fleet {
    let fleet = Fleet::new(
        name,
        &[("one", read(plane().kubeconfig())), ("two", at_port(1))],
    );
    let text = std::fs::read_to_string(fleet.repo.path().join("clusters/two/web.yaml")).unwrap();
    let tools = text
        .replace("\"name\":\"web\"", "\"name\":\"tools\"")
        .replace("apps/web", "apps/tools");
    fleet.repo.write("clusters/two/tools.yaml", &tools);
    let object = config_map("tool", "1").to_string();
    fleet.repo.write("apps/tools/tool.yaml", &object);
    fleet
}

/// Usage, with these words, and not one request.
#[track_caller]
fn expect_usage(fleet: &Fleet, answer: Finished, words: &[&str]) {
    let answer = answer.expect_code(2);
    for word in words {
        assert!(answer.stderr.contains(word), "no `{word}`: {answer:?}");
    }
    fleet.expect_untouched();
}

#[test]
fn a_cluster_given_by_hand_sends_no_app_elsewhere() {
    let fleet = fleet("filter");
    let tell = "leaves out";
    for args in [
        &["app", "sync", "tools", "--cluster", "one", "--yes"][..],
        &["app", "sync", "two/web", "--cluster", "one", "--yes"],
        &["app", "delete", "two/web", "--cluster", "one", "--yes"],
        &["app", "rollback", "two/web", "--cluster", "o*", "--yes"],
        &["app", "diff", "two/*", "--cluster", "one"],
        &["cluster", "get", "two", "--cluster", "one"],
        &["cluster", "rm", "two", "--cluster", "one", "--yes"],
    ] {
        expect_usage(&fleet, fleet.pushboat(args).run(), &[tell]);
    }
    let by_variable = fleet
        .pushboat(&["app", "sync", "two/web", "--yes"])
        .env("PUSHBOAT_CLUSTER", "one")
        .run();
    expect_usage(&fleet, by_variable, &[tell, "PUSHBOAT_CLUSTER"]);
}

#[test]
fn a_context_of_another_server_is_refused() {
    let fleet = fleet("context");
    let sync = [
        "app",
        "sync",
        "tools",
        "--context",
        "one",
        "--yes",
        "-o",
        "json",
    ];
    let words = ["context `one`", "cluster `two`", "https://127.0.0.1:1`"];
    expect_unanswered(fleet.pushboat(&sync).run(), "config", &words);
    fleet.expect_untouched();
    let listed = fleet
        .pushboat(&["cluster", "list", "--context", "one"])
        .run();
    expect_usage(&fleet, listed, &["2 clusters are selected"]);
}

#[test]
fn one_app_goes_elsewhere_when_told_so_and_every_answer_says_it() {
    let fleet = fleet("override");
    let told = "app `tools` goes to cluster `one` by `--override-destination`; its file says `two`";
    let to_one = |verb: &[&str]| -> Value {
        let args = [verb, &["--override-destination", "one", "-o", "json"]].concat();
        let answer = fleet.pushboat(&args).run();
        assert!(answer.stderr.contains(told), "{answer:?}");
        let app = answer.json()["apps"][0].clone();
        assert_eq!(app["cluster"], "one", "{app}");
        app
    };
    assert_eq!(to_one(&["app", "diff", "tools"])["notes"][0], told);
    let synced = to_one(&["app", "sync", "tools", "--yes"]);
    assert_eq!(
        (&synced["warnings"][0], &synced["result"]),
        (&told.into(), &"Succeeded".into())
    );
    let deleted = to_one(&["app", "delete", "two/tools", "--yes"]);
    assert_eq!(deleted["warnings"][0], told, "{deleted}");
    let own = [
        "app",
        "sync",
        "two/web",
        "--override-destination",
        "one",
        "--yes",
    ];
    let own = fleet.pushboat(&own).run().expect_code(2);
    assert!(
        own.stderr.contains("has an app `web` of its own"),
        "{own:?}"
    );
}

#[test]
fn a_value_that_is_empty_or_no_text_is_usage() {
    let fleet = fleet("empty");
    let sync = ["app", "sync", "--all", "--yes"];
    for (name, value) in [
        ("PUSHBOAT_CLUSTER", ""),
        ("PUSHBOAT_CLUSTER", "one,,two"),
        ("PUSHBOAT_AS", ""),
        ("PUSHBOAT_AS_GROUP", " "),
        ("PUSHBOAT_CONTEXT", ""),
        ("PUSHBOAT_REPO", ""),
        ("PUSHBOAT_KUBECONFIG", ""),
        ("PUSHBOAT_CLUSTERS_FROM", ""),
    ] {
        expect_usage(
            &fleet,
            fleet.pushboat(&sync).env(name, value).run(),
            &[name],
        );
    }
    for (flag, value) in [
        ("--cluster", ""),
        ("--as", ""),
        ("--context", " "),
        ("--repo", ""),
        ("--revision", ""),
        ("--confirm-prune", ""),
        ("--project", ""),
    ] {
        let args = [&sync[..], &[flag, value]].concat();
        expect_usage(&fleet, fleet.pushboat(&args).run(), &[flag]);
    }
    let selected = ["app", "sync", "-l", " ", "--yes"];
    expect_usage(&fleet, fleet.pushboat(&selected).run(), &["--selector"]);
    let odd = OsString::from_vec(b"on\xff".to_vec());
    let variable = fleet.pushboat(&sync).env("PUSHBOAT_CLUSTER", &odd).run();
    expect_usage(&fleet, variable, &["PUSHBOAT_CLUSTER", "UTF-8"]);
    let argument = fleet.pushboat(&sync).arg("--cluster").arg(&odd).run();
    expect_usage(&fleet, argument, &["UTF-8"]);
}
