//! Charts out of a real registry: the same as the real kustomize has, with no more than the user allowed.

use super::{allowed, is_empty, kustomize, packed};
use crate::support::{Access, Finished, GitServer, Page, Registry, Repo, TokenKey, pushboat};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A registry with five versions of a chart.
fn registry(folder: &Path) -> Registry {
    let registry = Registry::start();
    for (version, text) in [
        ("1.0.0", "one"),
        ("1.2.0", "two"),
        ("1.3.0+build.7", "built"),
        ("1.3.0+build.8", "built later"),
        ("2.0.0-rc.1", "three"),
    ] {
        registry.push(&packed(folder, version, text));
    }
    registry
}

/// A repository whose one chart is in the registry.
fn repo(registry: &Registry, entry: &str) -> Repo {
    let repo = registry.url("charts");
    let kustomization =
        format!("helmCharts: [{{name: app, releaseName: rel, repo: '{repo}', {entry}}}]\n");
    Repo::new(&[("app/kustomization.yaml", &kustomization)])
}

#[test]
fn charts_come_from_allowed_registries_as_kustomize_pulls_them() {
    let folder = tempfile::tempdir().unwrap();
    let registry = registry(folder.path());
    let temporary = tempfile::tempdir().unwrap();
    for (entry, expected) in [
        ("version: 1.0.0", Ok(("text: one", false))),
        ("version: 1.3.0+build.7", Ok(("text: built", false))),
        ("version: ^1.0.0", Ok(("text: built\n", true))),
        ("version: ~1.2.0", Ok(("text: two", true))),
        ("devel: false", Ok(("text: built\n", true))),
        ("devel: true", Ok(("text: three", true))),
        ("version: '1.0'", Err("answers 404")),
        ("version: 9.9.9", Err("answers 404")),
        ("version: '>=3'", Err("no chart version found")),
        ("version: nonsense", Err("no chart version found")),
    ] {
        let repo = repo(&registry, entry);
        let place = registry.place("charts/");
        let args = ["render", "app", "--allow-remote", &place];
        let done = allowed(repo.path(), temporary.path(), &args)
            .env("SSL_CERT_FILE", registry.authority())
            .run();
        let (real, errors) = kustomize(&repo, &registry.authority());
        assert_eq!(done.stdout, real, "{entry}: {}\n{errors}", done.stderr);
        match expected {
            Ok((text, moves)) => {
                assert!(done.code == 0 && done.stdout.contains(text), "{done:?}");
                let is_told = done.stderr.contains("pin it with `version`");
                assert_eq!(is_told, moves, "{}", done.stderr);
            }
            Err(words) => assert!(done.code == 2 && done.stderr.contains(words), "{done:?}"),
        }
        assert!(is_empty(temporary.path()));
    }
}

#[test]
fn a_registry_that_is_not_allowed_is_not_asked() {
    let server = GitServer::start();
    let folder = tempfile::tempdir().unwrap();
    let url = server.url("team/charts").replace("https://", "oci://");
    let kustomization = format!("helmCharts: [{{name: app, repo: '{url}', version: 1.0.0}}]\n");
    let repo = Repo::new(&[("app/kustomization.yaml", &kustomization)]);
    for more in [&[][..], &["--allow-remote", &server.url("teams/")]] {
        let args = [&["render", "app"], more].concat();
        let done = allowed(repo.path(), folder.path(), &args).run();
        assert_eq!(done.code, 2);
        let hint = format!("--allow-remote {}", server.url("team/"));
        assert!(done.stderr.contains(&hint), "{}", done.stderr);
        assert!(done.stderr.contains("keep the chart in this repository"));
    }
    assert!(server.asked().is_empty());
}

/// Renders with what `remotes.yaml` allows, trusting both.
fn rendered(registry: &Registry, tokens: &GitServer, remotes: &str) -> Finished {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let trusted = read(&registry.authority()) + &read(tokens.authority());
    let trusted = file("trusted.pem", &trusted);
    let password = file("password", "open-sesame\n");
    std::fs::set_permissions(&password, std::fs::Permissions::from_mode(0o600)).unwrap();
    file("remotes.yaml", &remotes.replace("PASSWORD", &password));
    let repo = repo(registry, "version: 1.0.0");
    pushboat(&["render", "app", "--enable-helm"])
        .dir(repo.path())
        .env("SSL_CERT_FILE", &trusted)
        .env("PUSHBOAT_CONFIG_DIR", folder.path().to_str().unwrap())
        .run()
}

#[test]
fn a_password_goes_to_the_registry_it_stands_with() {
    let folder = tempfile::tempdir().unwrap();
    let mut registry = registry(folder.path());
    registry.open_to(&Access::Password);
    let tokens = GitServer::start();
    let place = registry.place("charts/");
    let without = rendered(
        &registry,
        &tokens,
        &format!("remotes: [{{url: '{place}'}}]\n"),
    );
    assert_eq!(without.code, 2);
    assert!(without.stderr.contains("answers 401"), "{}", without.stderr);
    assert!(
        without.stderr.contains("passwordFile"),
        "{}",
        without.stderr
    );
    let with = format!("remotes: [{{url: '{place}', username: reader, passwordFile: PASSWORD}}]\n");
    let with = rendered(&registry, &tokens, &with).expect_code(0);
    assert!(with.stdout.contains("text: one"), "{}", with.stdout);
}

#[test]
fn a_token_is_fetched_where_the_registry_says_if_that_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let mut registry = registry(folder.path());
    let (tokens, key) = (GitServer::start(), TokenKey::new());
    registry.open_to(&Access::Token(&tokens.url("auth/token"), &key));
    let answer = format!("{{\"access_token\":\"{}\"}}", key.token("charts/app"));
    let path = "auth/token?service=tests&scope=repository%3Acharts%2Fapp%3Apull";
    tokens.page(path, Page::text(&answer));
    let place = registry.place("charts/");

    let alone =
        format!("remotes: [{{url: '{place}', username: reader, passwordFile: PASSWORD}}]\n");
    let refused = rendered(&registry, &tokens, &alone);
    assert_eq!(refused.code, 2);
    for words in ["sends for a token elsewhere", &tokens.url("auth/")] {
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    assert!(tokens.asked().is_empty());

    // The registry's password stays with the registry, and the token too.
    let both = alone.replace("}]", &format!("}}, {{url: '{}'}}]", tokens.url("auth/")));
    let done = rendered(&registry, &tokens, &both).expect_code(0);
    assert!(done.stdout.contains("text: one"), "{}", done.stdout);
    let asked = tokens.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(asked[0].headers.get("authorization"), None, "{asked:?}");

    let named = both.replace("auth/'}", "auth/', username: me, passwordFile: PASSWORD}");
    rendered(&registry, &tokens, &named).expect_code(0);
    let expected = format!("Basic {}", BASE64_STANDARD.encode("me:open-sesame"));
    let asked = tokens.asked();
    assert_eq!(asked[0].headers.get("authorization"), Some(&expected));
}

#[test]
fn what_is_not_what_was_pushed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let registry = registry(folder.path());
    let tokens = GitServer::start();
    let allow = format!("remotes: [{{url: '{}'}}]\n", registry.place("charts/"));
    rendered(&registry, &tokens, &allow).expect_code(0);
    // Somebody changes the archives where the registry keeps them.
    let mut n_changed = 0;
    for place in walk(&registry.storage().join("blobs")) {
        let content = std::fs::read(&place).unwrap();
        if content.starts_with(&[0x1f, 0x8b]) {
            let mut content = content;
            *content.last_mut().unwrap() ^= 1;
            std::fs::write(&place, content).unwrap();
            n_changed += 1;
        }
    }
    assert_eq!(n_changed, 5);
    let done = rendered(&registry, &tokens, &allow);
    assert_eq!(done.code, 2);
    assert!(
        done.stderr.contains("the digest differs"),
        "{}",
        done.stderr
    );
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// What a server that means harm may answer when it is asked for a manifest, and what is said of it.
fn harm() -> Vec<(Page, &'static str)> {
    let helm = "application/vnd.cncf.helm.config.v1+json";
    let chart = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
    let blob = format!("sha256:{}", "0".repeat(64));
    let manifest = |config: &str, layer: &str, digest: &str| {
        let config = json!({"mediaType": config, "digest": "x"});
        let layers = [json!({"mediaType": layer, "digest": digest})];
        Page::text(&json!({"config": config, "layers": layers}).to_string())
    };
    let challenge = |realm: &str| Page {
        status: 401,
        headers: vec![(
            "WWW-Authenticate".into(),
            format!("Bearer realm=\"{realm}\""),
        )],
        ..Page::text("")
    };
    let nobody = Page {
        status: 401,
        ..Page::text("")
    };
    vec![
        (Page::text("{"), "not the manifest of a registry"),
        (manifest("image", chart, &blob), "is something else"),
        (
            manifest(helm, chart, "sha256:../../secret"),
            "is no SHA-256",
        ),
        (manifest(helm, chart, "md5:00"), "is no SHA-256"),
        (manifest(helm, chart, &blob), "answers 404"),
        (manifest(helm, "image", &blob), "has no layer"),
        (
            Page::redirect("https://127.0.0.2:1/x"),
            "redirects elsewhere",
        ),
        (
            challenge("https://127.0.0.2:1/token"),
            "sends for a token elsewhere",
        ),
        (challenge("http://127.0.0.1:1/token"), "is not HTTPS"),
        (challenge("file:///etc/passwd"), "is not HTTPS"),
        (challenge(""), "cannot be fetched"),
        (nobody, "answers 401"),
    ]
}

#[test]
fn answers_that_mean_harm_end_in_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for (page, words) in harm() {
        let server = GitServer::start();
        server.page("v2/charts/app/manifests/1.0.0", page);
        let url = server.url("charts").replace("https://", "oci://");
        let kustomization = format!("helmCharts: [{{name: app, repo: '{url}', version: 1.0.0}}]\n");
        let repo = Repo::new(&[("app/kustomization.yaml", &kustomization)]);
        let place = server.url("charts/");
        let args = ["render", "app", "--allow-remote", &place];
        let done = allowed(repo.path(), folder.path(), &args)
            .env("SSL_CERT_FILE", server.authority())
            .run();
        assert_eq!(done.code, 2, "{words}: {}", done.stdout);
        assert!(done.stderr.contains(words), "{words}: {}", done.stderr);
        let is_own = |path: &str| path.starts_with("/v2/charts/app/");
        assert!(server.asked().iter().all(|asked| is_own(&asked.path)));
    }
}
