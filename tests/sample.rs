//! The sample repository that the demo shows: every workload in it comes to life on a local cluster.

use crate::support::{ControlPlane, Repo, finish, program};
use std::process::Command;
use std::time::Duration;

fn build(repo: &Repo, overlay: &str) -> String {
    let mut kustomize = Command::new(program("kustomize"));
    kustomize
        .args(["build", &format!("apps/overlays/{overlay}")])
        .current_dir(repo.path());
    finish(&mut kustomize, "", Duration::from_secs(60))
        .expect_code(0)
        .stdout
}

#[test]
fn every_workload_of_the_sample_becomes_ready() {
    let plane = ControlPlane::shared_full();
    let repo = Repo::sample("sample");
    for namespace in ["shop", "monitoring"] {
        plane.kubectl(&["create", "namespace", namespace]);
    }
    for overlay in ["dev", "staging", "prod"] {
        plane.kubectl_apply(&build(&repo, overlay)); // each has a prefix of its own, so one cluster holds all three
    }
    let monitoring = repo.path().join("apps/monitoring");
    plane.kubectl(&[
        "apply",
        "--server-side",
        "-n",
        "monitoring",
        "-f",
        monitoring.to_str().unwrap(),
    ]);
    for namespace in ["shop", "monitoring"] {
        for workload in plane
            .kubectl(&["-n", namespace, "get", "deploy,sts,ds", "-o", "name"])
            .lines()
        {
            plane.kubectl(&[
                "-n",
                namespace,
                "rollout",
                "status",
                workload,
                "--timeout=60s",
            ]);
        }
    }
    let wait = [
        "-n",
        "monitoring",
        "wait",
        "--for=condition=Complete",
        "job/import-dashboards",
        "--timeout=60s",
    ];
    plane.kubectl(&wait);
}

#[test]
fn the_overlays_of_the_sample_differ_in_what_they_say() {
    let repo = Repo::sample("sample");
    for (overlay, image, replicas) in [
        ("dev", "1.2.0-rc.1", 1),
        ("staging", "1.1.0", 2),
        ("prod", "1.0.4", 4),
    ] {
        let text = build(&repo, overlay);
        for expected in [
            format!("name: {overlay}-web\n"),
            format!("name: {overlay}-web-config-"),
            format!("image: registry.example.com/shop/web:{image}\n"),
            format!("replicas: {replicas}\n"),
        ] {
            assert!(text.contains(&expected), "{overlay} has no {expected:?}");
        }
    }
}
