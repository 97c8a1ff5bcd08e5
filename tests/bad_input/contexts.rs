//! A context that does not say which cluster it is is refused, whichever file is read first.

use super::fleet::{Fleet, at_port, read, renamed};
use super::{expect_unanswered, plane};
use crate::support::Finished;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A kubeconfig in `folder`.
fn file(folder: &Path, name: &str, config: &Value) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, config.to_string()).unwrap();
    path
}

/// Both files named, and nothing written.
#[track_caller]
fn expect_refused(fleet: &Fleet, answer: Finished, files: &[&Path]) {
    let files: Vec<_> = files.iter().map(|path| path.to_str().unwrap()).collect();
    expect_unanswered(answer, "config", &files);
    fleet.expect_untouched();
}

#[test]
fn pushboats_own_context_of_another_server_does_not_win_over_the_users() {
    let fleet = Fleet::new("own-context", &[("dev", at_port(1))]);
    let home = tempfile::tempdir().unwrap();
    let registered = renamed(&read(plane().kubeconfig()), "dev");
    let own = file(home.path(), ".config/pushboat/kubeconfig", &registered);
    let sync = |args: &[&str]| {
        let args = [&["app", "sync", "dev/web", "--yes", "-o", "json"], args].concat();
        fleet.pushboat(&args).home(home.path()).run()
    };
    let users = fleet.kubeconfig.path();
    expect_refused(&fleet, sync(&[]), &[&own, users]);
    expect_refused(&fleet, sync(&["--context", "dev"]), &[&own, users]);
    // The account that was made there is not looked for in the user's cluster of that name.
    let remove = fleet.pushboat(&["cluster", "rm", "dev", "--yes", "-o", "json"]);
    expect_unanswered(
        remove.home(home.path()).run(),
        "config",
        &["--keep-account"],
    );
    // One server under one name is what `cluster add` leaves.
    std::fs::write(users, registered.to_string()).unwrap();
    sync(&[]).expect_code(0);
}

#[test]
fn entries_of_one_name_in_two_files_are_refused_where_they_are_used() {
    let fleet = Fleet::new("two-files", &[("dev", at_port(1)), ("prod", at_port(2))]);
    let folder = tempfile::tempdir().unwrap();
    // As kubeadm names them, on every cluster that it makes.
    let admin = |name: &str, config: &Value| {
        let mut config = config.clone();
        config["contexts"][0] =
            json!({"name": name, "context": {"cluster": "kubernetes", "user": "kubernetes-admin"}});
        config["clusters"][0]["name"] = json!("kubernetes");
        config["users"][0]["name"] = json!("kubernetes-admin");
        file(folder.path(), name, &config)
    };
    let prod = admin("prod", &read(plane().kubeconfig()));
    let dev = admin("dev", &at_port(1));
    let lab = file(
        folder.path(),
        "lab",
        &renamed(&read(plane().kubeconfig()), "lab"),
    );
    let list = |files: &[&Path]| std::env::join_paths(files).unwrap();
    for app in ["dev/web", "prod/web"] {
        for files in [[&*prod, &dev, &lab], [&dev, &prod, &lab]] {
            let sync = fleet.pushboat(&["app", "sync", app, "--yes", "-o", "json"]);
            let answer = sync.env("KUBECONFIG", list(&files)).run();
            expect_refused(&fleet, answer, &[&prod, &dev]);
        }
    }
    fleet.move_app("dev", "lab");
    fleet.repo.remove("clusters/prod/web.yaml");
    let sync = fleet.pushboat(&["app", "sync", "lab/web", "--yes"]);
    let sync = sync.env("KUBECONFIG", list(&[&prod, &dev, &lab]));
    sync.run().expect_code(0);
}

#[test]
fn two_names_of_one_cluster_are_told() {
    let config = read(plane().kubeconfig());
    let fleet = Fleet::new("one-uid", &[("dev", config.clone()), ("prod", config)]);
    let told = "`dev` and `prod` are one cluster";
    let answer = fleet.pushboat(&["cluster", "list"]).run().expect_code(0);
    assert!(answer.stderr.contains(told), "{answer:?}");
    let answer = fleet.pushboat(&["cluster", "list", "-o", "json"]).run();
    let document = answer.expect_code(0).json();
    let warning = document["warnings"][0].as_str().unwrap();
    assert!(warning.starts_with(told), "{warning}");
    let uid = |n: usize| document["clusters"][n]["uid"].as_str().unwrap();
    assert!(uid(0) == uid(1) && uid(0).len() > 8, "{document}");
}
