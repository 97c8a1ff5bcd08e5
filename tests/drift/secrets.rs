//! Secret values, tokens and keys: in no output, in no form, at no level of verbosity.

use super::plane;
use crate::support::scene::config_map;
use crate::support::{Finished, Scene};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};

/// A word that stands nowhere else, and the forms in which it could slip out.
struct Canary(&'static str);

impl Canary {
    fn forms(&self) -> Vec<String> {
        // Base64 of a part of a longer text differs by where the part starts.
        let shifted = (0..3).map(|n| {
            let text = BASE64_STANDARD.encode(format!("{}{}", "\0".repeat(n), self.0));
            text[4..text.len() - 4].to_string()
        });
        let hex: String = self.0.bytes().map(|byte| format!("{byte:02x}")).collect();
        shifted
            .chain([
                self.0.to_string(),
                hex,
                self.0.to_uppercase(),
                self.0.chars().rev().collect(),
            ])
            .collect()
    }

    #[track_caller]
    fn expect_silent(&self, what: &str, answer: &Finished) {
        for form in self.forms() {
            for (stream, text) in [("stdout", &answer.stdout), ("stderr", &answer.stderr)] {
                if let Some(at) = text.find(&form) {
                    let around: String = text[at.saturating_sub(200)..].chars().take(400).collect();
                    panic!("{what}: `{form}` of `{}` on {stream}: {around}", self.0);
                }
            }
        }
    }
}

const OLD: Canary = Canary("kestrelOldFeather77");
const NEW: Canary = Canary("kestrelNewFeather88");
const BAD: Canary = Canary("kestrelBadFeather99");

fn secrets(canary: &Canary) -> Vec<Value> {
    let docker = json!({"auths": {"registry.example": {"auth": BASE64_STANDARD.encode(format!("me:{}", canary.0))}}});
    vec![
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "data"}, "data": {"token": BASE64_STANDARD.encode(canary.0)}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "text"}, "stringData": {"password": canary.0}}),
        json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "docker"}, "type": "kubernetes.io/dockerconfigjson",
            "data": {".dockerconfigjson": BASE64_STANDARD.encode(docker.to_string())},
        }),
    ]
}

#[test]
fn a_masked_value_tells_equal_from_different_and_nothing_else() {
    let scene = Scene::new(plane(), "secret-mask", &secrets(&OLD));
    scene.synced(&[]);
    for secret in secrets(&NEW) {
        scene.put(&secret);
    }
    let masks = |diff: &crate::support::scene::Diff| -> (String, String) {
        let change = &diff.resource("Secret", "data")["changes"][0];
        assert_eq!(change["path"], "data.token");
        (
            change["live"].as_str().unwrap().to_string(),
            change["desired"].as_str().unwrap().to_string(),
        )
    };
    let (live, desired) = masks(&scene.diff(&[]));
    for mask in [&live, &desired] {
        assert!(
            mask.starts_with("<masked ") && mask.ends_with('>') && mask.len() == 17,
            "{mask}"
        );
    }
    assert_ne!(live, desired);
    let (again, _) = masks(&scene.diff(&[]));
    assert_ne!(live, again, "the key is of one run");
}

/// The server quotes what it could not read: the error of a Secret must not.
#[test]
fn the_error_of_an_invalid_secret_does_not_show_its_value() {
    let wrong: [Value; 3] = [
        json!({"stringData": {"pin": {"nested": BAD.0}}}),
        json!({"data": {"token": BAD.0.to_string() + "!"}}),
        json!({"type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson": BAD.0}}),
    ];
    for more in wrong {
        let mut secret =
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "wrong"}});
        for (name, value) in more.as_object().unwrap() {
            secret[name] = value.clone();
        }
        let scene = Scene::new(plane(), "secret-wrong", &[secret, config_map("one", "1")]);
        for output in [&[][..], &["-o", "json"], &["-vvv"]] {
            let answer = scene
                .pushboat(&[&["app", "sync", scene.namespace.as_str(), "--yes"], output].concat())
                .env("RUST_LOG", "trace")
                .run()
                .expect_code(1);
            BAD.expect_silent(&format!("{more} {output:?}"), &answer);
            assert!(
                (answer.stdout.clone() + &answer.stderr).contains("wrong"),
                "it is named: {answer:?}"
            );
        }
        BAD.expect_silent("diff", &scene.app("diff", &["--exact", "-o", "json"]));
        assert!(scene.exists("configmaps/one"));
    }
}

#[test]
fn only_secrets_of_the_cluster_hold_what_was_deployed() {
    let scene = Scene::new(plane(), "secret-rest", &secrets(&OLD));
    scene.synced(&[]);
    let leases = scene.plane.get(&format!(
        "/apis/coordination.k8s.io/v1/namespaces/{}/leases",
        scene.namespace
    ));
    let maps = scene.live("configmaps");
    let parent = scene.live(&format!("secrets/{}", scene.record()));
    for (what, value) in [("leases", leases), ("configmaps", maps), ("parent", parent)] {
        let answer = Finished {
            code: 0,
            stdout: value.to_string(),
            stderr: String::new(),
        };
        OLD.expect_silent(what, &answer);
    }
}

#[test]
fn a_token_of_the_kubeconfig_is_shown_nowhere() {
    let scene = Scene::new(plane(), "secret-token", &[config_map("one", "1")]);
    let account = scene.path("serviceaccounts");
    scene
        .plane
        .create(&account, &json!({"metadata": {"name": "robot"}}));
    let token = scene
        .plane
        .kubectl(&["-n", &scene.namespace, "create", "token", "robot"]);
    let proxy = crate::support::Faultline::before(plane());
    let scene = scene.through(proxy.kubeconfig_with_token(token.trim()));
    let answer = scene
        .pushboat(&["app", "diff", &scene.namespace, "-vvv"])
        .env("RUST_LOG", "trace")
        .run()
        .expect_code(2);
    let signature = token.trim().rsplit('.').next().unwrap();
    for text in [&answer.stdout, &answer.stderr] {
        assert!(
            !text.contains(signature) && !text.contains(&token[..token.len() / 2]),
            "{text}"
        );
    }
}
