//! Secrets of a management cluster add clusters; they take no app from those that are known already.

use super::fleet::{Fleet, read};
use super::plane;
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::json;

/// A Secret by which Argo CD would know a cluster.
fn register(namespace: &str, secret: &str, name: &str, server: &str) {
    let encode = |text: &str| BASE64_STANDARD.encode(text);
    let object = json!({
        "metadata": {"name": secret, "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
        "data": {"name": encode(name), "server": encode(server), "config": encode("{}")},
    });
    plane().create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
}

#[test]
fn a_secret_takes_no_name_from_a_context_and_two_of_one_name_are_an_error() {
    let fleet = Fleet::new("secrets", &[("one", read(plane().kubeconfig()))]);
    let namespace = plane().namespace("management");
    register(&namespace, "a", "one", "https://127.0.0.1:1");
    register(&namespace, "b", "new", "https://127.0.0.1:1");
    register(&namespace, "c", "new", "https://127.0.0.1:2");
    register(&namespace, "d", "local", "https://kubernetes.default.svc");
    let from = format!("one/{namespace}");
    let diff = ["app", "diff", "one/web", "--clusters-from", &from];
    let answer = fleet.pushboat(&diff).run().expect_code(1);
    for secret in ["a", "d"] {
        let told = format!("Secret {namespace}/{secret} of `one`");
        assert!(answer.stderr.contains(&told), "{secret}: {answer:?}");
    }
    let list = ["cluster", "list", "--clusters-from", &from, "-o", "json"];
    let document = fleet.pushboat(&list).run().expect_code(2).json();
    let clusters = document["clusters"].as_array().unwrap();
    let names: Vec<_> = clusters.iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["new", "one"]);
    let error = clusters[0]["error"]["message"].as_str().unwrap();
    for secret in ["b", "c"] {
        let told = format!("Secret {namespace}/{secret} of `one`");
        assert!(error.contains(&told), "{error}");
    }
    assert_eq!(clusters[1]["status"], "Connected");
    let list = ["cluster", "list", "--clusters-from", "one/"];
    let answer = fleet.pushboat(&list).run().expect_code(2);
    assert!(
        answer.stderr.contains("a context and a namespace"),
        "{answer:?}"
    );
}
