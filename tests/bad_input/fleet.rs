//! Many clusters, some of them broken: each costs its own answer and its own time, and no other's.

use super::plane;
use crate::support::faultline::{Action, Answer, Rule};
use crate::support::scene::config_map;
use crate::support::{Faultline, Pushboat, Repo, pushboat};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// One app on several clusters, each with a context of its name.
pub(super) struct Fleet {
    pub(super) repo: Repo,
    pub(super) namespace: String,
    /// Where the audit log was before anything was called.
    pub(super) mark: u64,
    pub(super) kubeconfig: tempfile::NamedTempFile,
}

impl Fleet {
    pub(super) fn new(name: &str, clusters: &[(&str, Value)]) -> Self {
        let namespace = plane().namespace(name);
        let object = config_map("one", "1").to_string();
        let repo = Repo::new(&[("pushboat.yaml", ""), ("apps/web/one.yaml", &object)]);
        repo.git(&["remote", "add", "origin", "https://git.example/fleet.git"]);
        let application = json!({
            "apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "web"},
            "spec": {
                "source": {"repoURL": "", "path": "apps/web"},
                "destination": {"server": "https://kubernetes.default.svc", "namespace": namespace},
            },
        });
        let configs: Vec<Value> = clusters
            .iter()
            .map(|(name, config)| {
                repo.write(
                    &format!("clusters/{name}/web.yaml"),
                    &application.to_string(),
                );
                renamed(config, name)
            })
            .collect();
        let kubeconfig = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(kubeconfig.path(), merged(&configs).to_string()).unwrap();
        Self {
            repo,
            namespace,
            mark: plane().audit_end(),
            kubeconfig,
        }
    }

    /// Moves the app's file to the folder of another cluster.
    pub(super) fn move_app(&self, from: &str, to: &str) {
        let path = |cluster: &str| format!("clusters/{cluster}/web.yaml");
        let text = std::fs::read_to_string(self.repo.path().join(path(from))).unwrap();
        self.repo.remove(&path(from));
        self.repo.write(&path(to), &text);
    }

    /// Nothing was written to the namespace of the apps.
    #[track_caller]
    pub(super) fn expect_untouched(&self) {
        let events = plane().audit_from(self.mark);
        let written = events
            .iter()
            .find(|event| event.is_write() && event.uri.contains(&self.namespace));
        assert!(written.is_none(), "{written:?}");
    }

    pub(super) fn pushboat(&self, args: &[&str]) -> Pushboat {
        pushboat(args)
            .dir(self.repo.path())
            .kubeconfig(self.kubeconfig.path())
    }
}

pub(super) fn read(kubeconfig: PathBuf) -> Value {
    serde_json::from_str(&std::fs::read_to_string(kubeconfig).unwrap()).unwrap()
}

/// The shared plane's kubeconfig, leading to another port.
pub(super) fn at_port(port: u16) -> Value {
    let mut config = read(plane().kubeconfig());
    config["clusters"][0]["cluster"]["server"] = json!(format!("https://127.0.0.1:{port}"));
    config
}

/// The same server by another address: folders with one address would be one server, and their apps would share objects.
fn by_name(path: PathBuf) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str(&text.replace("127.0.0.1", "localhost")).unwrap()
}

fn port(listener: &TcpListener) -> u16 {
    listener.local_addr().unwrap().port()
}

pub(super) fn renamed(config: &Value, name: &str) -> Value {
    let mut config = config.clone();
    for list in ["contexts", "clusters", "users"] {
        config[list][0]["name"] = json!(name);
    }
    config["contexts"][0]["context"] = json!({"cluster": name, "user": name});
    config
}

fn merged(configs: &[Value]) -> Value {
    let all = |list: &str| -> Vec<Value> {
        configs
            .iter()
            .map(|config| config[list][0].clone())
            .collect()
    };
    json!({"apiVersion": "v1", "kind": "Config", "contexts": all("contexts"), "clusters": all("clusters"), "users": all("users")})
}

#[test]
fn a_dead_a_slow_and_a_refusing_cluster_cost_only_their_own_answers() {
    let (slow, refusing) = (Faultline::before(plane()), Faultline::before(plane()));
    slow.rule(Rule::any().act(Action::Delay(Duration::from_millis(300))));
    refusing.rule(Rule::any().answer(Answer::status(403, "Forbidden", "no")));
    let closed = port(&TcpListener::bind("127.0.0.1:0").unwrap());
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let fleet = Fleet::new(
        "fleet",
        &[
            ("fine-a", read(plane().kubeconfig())),
            ("fine-b", by_name(plane().kubeconfig())),
            ("slow", read(slow.kubeconfig())),
            ("refusing", read(refusing.kubeconfig())),
            ("dead", at_port(closed)),
            ("hole", at_port(port(&silent))),
        ],
    );
    let start = Instant::now();
    let diff = ["app", "diff", "--all", "--timeout", "8s"];
    let answer = fleet.pushboat(&[&diff[..], &["-o", "json"]].concat()).run();
    assert!(start.elapsed() < Duration::from_secs(12), "{answer:?}");
    let document = answer.expect_code(2).json();
    for app in document["apps"].as_array().unwrap() {
        let name = app["cluster"].as_str().unwrap();
        let is_fine = matches!(name, "fine-a" | "fine-b" | "slow");
        let expected = if is_fine { "OutOfSync" } else { "Unknown" };
        assert_eq!(app["sync"], expected, "{name}: {app}");
        assert_eq!(
            app["error"]["reason"].is_string(),
            !is_fine,
            "{name}: {app}"
        );
    }
    let summary = json!({"apps": 6, "inSync": 0, "outOfSync": 3, "unknown": 3, "complete": false});
    assert_eq!(document["summary"], summary);
    // A person reads the same: which clusters were not looked at.
    let text = fleet.pushboat(&diff).run().expect_code(2);
    let said = text.stdout + &text.stderr;
    for name in ["dead", "hole", "refusing"] {
        assert!(said.contains(name), "{name}: {said}");
    }
}

#[test]
fn a_cluster_that_hangs_keeps_no_other_from_being_written_to() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let fleet = Fleet::new(
        "fleet-write",
        &[
            ("fine", read(plane().kubeconfig())),
            ("hole", at_port(port(&silent))),
        ],
    );
    let sync = ["app", "sync", "--all", "--yes", "--timeout", "6s"];
    let answer = fleet.pushboat(&[&sync[..], &["-o", "json"]].concat()).run();
    let document = answer.expect_code(2).json();
    let result = |cluster: &str| {
        let apps = document["apps"].as_array().unwrap();
        let app = apps.iter().find(|app| app["cluster"] == cluster).unwrap();
        app["result"].clone()
    };
    assert_eq!(result("fine"), "Succeeded", "{document}");
    assert_ne!(result("hole"), "Succeeded", "{document}");
}
