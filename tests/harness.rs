//! The tests' own machinery is tested too: a harness that lies makes every other test worthless.

use crate::support::{ControlPlane, Part, Repo, finish, pushboat, shell};
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

#[test]
fn the_audit_log_has_the_body_of_a_write_and_who_sent_it() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace("audit");
    plane.kubectl_apply(&format!(
        "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: settings, namespace: {namespace}}}, data: {{color: blue}}}}"
    ));
    let events = plane.audit();
    let ours: Vec<_> = events
        .iter()
        .filter(|e| e.namespace == namespace && e.is_write())
        .collect();
    let patch = ours.iter().find(|e| e.resource == "configmaps").unwrap();
    assert_eq!(
        (patch.verb.as_str(), patch.code, patch.name.as_str()),
        ("patch", 201, "settings")
    );
    assert_eq!(patch.body["data"], json!({"color": "blue"}));
    assert!(
        patch.agent.starts_with("kubectl/") && patch.user == "admin",
        "{patch:?}"
    );
}

#[test]
fn a_user_without_rights_is_refused() {
    let plane = ControlPlane::shared();
    let config = plane.kubeconfig_for("nobody", "guests");
    let config = config.to_str().unwrap();
    let answer = plane.try_kubectl(&["--kubeconfig", config, "get", "secrets"], "");
    assert_eq!(answer.code, 1);
    assert!(
        answer.stderr.contains("\"nobody\" cannot list"),
        "{}",
        answer.stderr
    );
}

#[test]
fn a_full_plane_makes_a_deployment_ready() {
    let plane = ControlPlane::shared_full();
    let namespace = plane.namespace("full");
    let template = json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}});
    let spec =
        json!({"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template});
    let object = json!({"metadata": {"name": "web"}, "spec": spec});
    plane.create(
        &format!("/apis/apps/v1/namespaces/{namespace}/deployments"),
        &object,
    );
    plane.kubectl(&[
        "-n",
        &namespace,
        "rollout",
        "status",
        "deployment/web",
        "--timeout=60s",
    ]);
}

#[test]
fn a_stopped_api_server_comes_back_with_its_data() {
    let mut plane = ControlPlane::bare();
    let namespace = plane.namespace("kept");
    plane.stop_part(Part::ApiServer);
    assert!(plane.request("GET", "/readyz", None).is_err());
    plane.restart_part(Part::ApiServer);
    plane.get(&format!("/api/v1/namespaces/{namespace}"));
}

/// The process that starts the plane is this test binary itself, in the role of `a_plane_for_a_process_that_is_killed`.
#[test]
fn nothing_outlives_a_killed_test_process() {
    let own = std::env::current_exe().unwrap();
    let note = tempfile::NamedTempFile::new().unwrap();
    let mut command = Command::new(own);
    command
        .args(["--exact", "harness::a_plane_for_a_process_that_is_killed"])
        .env(NOTE, note.path());
    let killed = finish(&mut command, "", Duration::from_secs(120));
    assert_eq!(killed.code, 128 + 9, "{killed:?}");
    let text = std::fs::read_to_string(note.path()).unwrap();
    let (dir, pids) = text.split_once('\n').unwrap();
    for pid in pids.split_whitespace() {
        crate::support::eventually("the servers are gone", || {
            (!std::path::Path::new("/proc").join(pid).exists()).then_some(())
        });
    }
    crate::support::eventually("their folder is gone", || {
        (!std::path::Path::new(dir).exists()).then_some(())
    });
}

const NOTE: &str = "HARNESS_NOTE";

#[test]
fn a_plane_for_a_process_that_is_killed() {
    let Some(note) = std::env::var_os(NOTE) else {
        return;
    }; // only with a parent that waits for the end
    let plane = ControlPlane::bare();
    let kubeconfig = plane.kubeconfig();
    let dir = kubeconfig.parent().unwrap();
    let pids: Vec<_> = plane.pids().iter().map(ToString::to_string).collect();
    std::fs::write(note, format!("{}\n{}", dir.display(), pids.join(" "))).unwrap();
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)
        .unwrap();
}

#[test]
fn a_repository_remembers_what_was_committed() {
    let repo = Repo::new(&[("a/b.yaml", "one: 1\n")]);
    repo.replace("a/b.yaml", "1", "2");
    let second = repo.commit("second");
    assert_eq!(repo.git(&["show", "HEAD~1:a/b.yaml"]), "one: 1\n");
    assert_eq!(repo.git(&["rev-parse", "main"]).trim(), second);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
}

#[test]
fn pushboat_runs_with_nothing_of_this_machine_in_its_environment() {
    let answer = pushboat(&["--version"]).run();
    assert_eq!(answer.code, 0, "{answer:?}");
}

/// Runs the top of the demo's script, with this appended in place of what it does.
fn demo(then: &str) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/demo/demo.sh");
    let text = std::fs::read_to_string(&script).unwrap();
    let (functions, _) = text.split_once("\ncase ${1:-} in").unwrap();
    let stubs = "build() { :; }; start_clusters() { export KUBECONFIG=$1/kubeconfig; }; make_repository() { mkdir -p \"$1\"; }";
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("testdata/demo");
    std::fs::create_dir_all(&here).unwrap();
    std::fs::write(
        here.join("part.sh"),
        format!("{functions}\n{stubs}\n{then}"),
    )
    .unwrap();
    shell("bash testdata/demo/part.sh")
        .dir(folder.path())
        .env("PUSHBOAT_CLUSTER", "prod")
        .env("PUSHBOAT_CONFIG_DIR", "/home/somebody/.config/pushboat")
        .run()
        .expect_code(0)
        .stdout
}

#[test]
fn the_demo_uses_no_setting_and_no_cluster_of_the_user() {
    let told = demo(
        "state=$PWD; prepare \"$state/kept\"; env | grep ^PUSHBOAT_ | sed \"s|$state||\" | sort",
    );
    assert_eq!(
        told,
        "PUSHBOAT_CACHE_DIR=/kept/cache\nPUSHBOAT_CONFIG_DIR=/kept/config\n"
    );
}

#[test]
fn no_test_runs_pushboat_in_the_developers_environment() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = std::process::Command::new("grep")
        .args([
            "-rl",
            concat!("CARGO_BIN_EXE_", "pushboat"),
            "tests",
            "benches",
        ])
        .current_dir(root)
        .output()
        .unwrap();
    let mut files: Vec<_> = std::str::from_utf8(&listed.stdout)
        .unwrap()
        .lines()
        .collect();
    files.sort_unstable();
    let allowed = [
        "benches/side_by_side/process.rs",
        "benches/side_by_side/table.rs",
        "tests/support/pushboat.rs",
    ];
    assert_eq!(
        files, allowed,
        "elsewhere `pushboat` and `shell` of the support do it"
    );
}
