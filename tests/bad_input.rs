//! Whatever is wrong, the answer is the right exit code, a reason for scripts, a message that says where and what to do,
//! and never a crash.

mod contexts;
mod destination;
mod fleet;
mod secrets;
mod servers;
mod trust;

use crate::support::scene::{config_map, definition, reasons};
use crate::support::{ControlPlane, Finished, Repo, Scene, pushboat, shell};
use serde_json::{Value, json};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, Instant};

fn plane() -> &'static ControlPlane {
    ControlPlane::shared()
}

/// A failure that could not answer: exit 2, this reason in the document, these words, and nothing that looks like a crash.
#[track_caller]
fn expect_unanswered(answer: Finished, reason: &str, words: &[&str]) {
    let answer = answer.expect_code(2);
    assert!(!answer.stderr.contains("panicked"), "{answer:?}");
    let found = if answer.stdout.is_empty() {
        [].into()
    } else {
        reasons(&answer.json())
    };
    assert!(
        found.contains(reason),
        "no reason `{reason}` in {found:?}: {answer:?}"
    );
    for word in words {
        assert!(
            answer.stdout.contains(word) || answer.stderr.contains(word),
            "no `{word}`: {answer:?}"
        );
    }
}

/// `app diff NAME -o json` in this repository, with the shared plane's kubeconfig.
fn diff(repo: &Repo, app: &str) -> Finished {
    pushboat(&["app", "diff", app, "-o", "json"])
        .dir(repo.path())
        .kubeconfig(plane().kubeconfig())
        .run()
}

fn application(name: &str, destination: &Value) -> String {
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": name},
        "spec": {"project": "default", "source": {"repoURL": "", "path": "apps/web"}, "destination": destination},
    })
    .to_string()
}

fn here() -> Value {
    json!({"server": "https://kubernetes.default.svc", "namespace": "default"})
}

const ONE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata:\n  key: value\n";

/// A repository of one app, for one thing to be wrong in.
fn repo(files: &[(&str, &str)]) -> Repo {
    let repo = Repo::new(&[
        ("pushboat.yaml", ""),
        ("clusters/test/web.yaml", &application("web", &here())),
        ("apps/web/one.yaml", ONE),
    ]);
    repo.git(&[
        "remote",
        "add",
        "origin",
        "https://git.example/bad/input.git",
    ]);
    for (path, text) in files {
        repo.write(path, text);
    }
    repo
}

#[test]
fn a_folder_that_is_no_repository_is_told() {
    let answer = pushboat(&["app", "diff", "--all", "-o", "json"])
        .kubeconfig(plane().kubeconfig())
        .run();
    expect_unanswered(answer, "config", &["--repo"]);
}

#[test]
fn a_repo_option_that_leads_nowhere_is_told() {
    let answer = pushboat(&[
        "app",
        "diff",
        "--all",
        "-o",
        "json",
        "--repo",
        "/nonexistent/repo",
    ])
    .run();
    let answer = answer.expect_code(2);
    assert!(
        (answer.stdout.clone() + &answer.stderr).contains("/nonexistent/repo"),
        "{answer:?}"
    );
}

#[test]
fn what_is_not_yaml_is_told_with_its_line() {
    let repo = repo(&[("apps/web/two.yaml", "kind: ConfigMap\nmetadata: {name: [\n")]);
    expect_unanswered(diff(&repo, "web"), "render", &["apps/web/two.yaml"]);
}

/// What the broken file declares is unknown, so the answer for everything is not whole; the apps that are known are answered.
#[test]
fn an_application_file_that_is_not_yaml_is_told_with_its_line() {
    let repo = repo(&[("clusters/test/other.yaml", "a: b\nkind: 'Applic\n")]);
    let answer = pushboat(&["app", "diff", "--all", "-o", "json"])
        .dir(repo.path())
        .kubeconfig(plane().kubeconfig())
        .run()
        .expect_code(2);
    assert!(
        answer.said().contains("clusters/test/other.yaml:3"),
        "{answer:?}"
    );
    assert_eq!(answer.json()["apps"][0]["sync"], "OutOfSync");
}

#[test]
fn an_application_that_goes_to_no_known_cluster_names_the_candidates_and_the_place() {
    let to = json!({"name": "prod-eu", "namespace": "default"});
    let repo = repo(&[("clusters/test/web.yaml", &application("web", &to))]);
    expect_unanswered(
        diff(&repo, "web"),
        "config",
        &["prod-eu", "clusters/test/web.yaml", "test"],
    );
}

#[test]
fn an_application_that_could_go_to_two_clusters_is_refused_with_both_names() {
    let server = "https://10.9.8.7:6443";
    let cluster = format!("{{\"server\": \"{server}\"}}");
    let to = json!({"server": server, "namespace": "default"});
    let repo = repo(&[
        ("clusters/east/cluster.yaml", &cluster),
        ("clusters/west/cluster.yaml", &cluster),
        ("clusters/test/web.yaml", &application("web", &to)),
    ]);
    expect_unanswered(diff(&repo, "web"), "config", &["east", "west"]);
}

#[test]
fn two_applications_of_one_name_on_one_cluster_are_refused_with_both_places() {
    let repo = repo(&[("clusters/test/again.yaml", &application("web", &here()))]);
    expect_unanswered(
        diff(&repo, "web"),
        "config",
        &["clusters/test/again.yaml", "clusters/test/web.yaml"],
    );
}

#[test]
fn an_application_field_that_is_not_honoured_is_refused_by_name() {
    let text = application("web", &here())
        .replace("\"path\"", "\"plugin\": {\"name\": \"mine\"}, \"path\"");
    let repo = repo(&[("clusters/test/web.yaml", &text)]);
    expect_unanswered(
        diff(&repo, "web"),
        "config",
        &["plugin", "clusters/test/web.yaml"],
    );
}

#[test]
fn a_context_that_is_gone_is_named_and_no_other_is_used() {
    let repo = repo(&[("clusters/prod/web.yaml", &application("shop", &here()))]);
    expect_unanswered(diff(&repo, "shop"), "config", &["prod"]);
    let mark = plane().audit_end();
    let answer = pushboat(&["app", "diff", "web", "--context", "nowhere", "-o", "json"])
        .dir(repo.path())
        .kubeconfig(plane().kubeconfig())
        .run();
    expect_unanswered(answer, "config", &["nowhere"]);
    let asked = plane()
        .audit_from(mark)
        .into_iter()
        .any(|e| e.uri.contains("pushboat.shop"));
    assert!(!asked, "the current context is never a substitute");
}

#[test]
fn a_kubeconfig_that_is_broken_is_told_with_its_name() {
    let repo = repo(&[]);
    for text in [
        "{{{",
        "clusters: 5\n",
        "apiVersion: v1\nkind: Config\ncontexts:\n- name: test\n  context: {cluster: gone, user: gone}\n",
        "\u{0}\u{1}",
    ] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let answer = pushboat(&["app", "diff", "web", "-o", "json"])
            .dir(repo.path())
            .kubeconfig(file.path())
            .run();
        let name = file
            .path()
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .to_string();
        expect_unanswered(answer, "config", &[&name]);
    }
}

#[test]
fn a_kubeconfig_that_is_empty_or_absent_has_no_context_of_that_name() {
    let repo = repo(&[]);
    let empty = tempfile::NamedTempFile::new().unwrap();
    for path in [
        empty.path().to_str().unwrap(),
        "/nonexistent/kubeconfig",
        "/dev/null",
        "",
    ] {
        let answer = pushboat(&["app", "diff", "web", "-o", "json"])
            .dir(repo.path())
            .env("KUBECONFIG", path)
            .run();
        expect_unanswered(answer, "config", &["test"]);
    }
}

#[test]
fn an_entry_of_a_kubeconfig_list_that_is_missing_is_skipped() {
    let scene = Scene::new(plane(), "bad-list", &[config_map("one", "1")]);
    let list = format!(
        "/nonexistent/one:{}:/nonexistent/two",
        plane().kubeconfig().display()
    );
    scene
        .pushboat(&["app", "diff", &scene.namespace])
        .env("KUBECONFIG", &list)
        .run()
        .expect_code(1);
}

#[test]
fn a_path_or_a_link_that_leads_out_of_the_repository_is_refused() {
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(outside.path(), ONE.replace("value", "canaryOutside1234")).unwrap();
    let escaping = application("web", &here()).replace("apps/web", "../../etc");
    let by_path = repo(&[("clusters/test/web.yaml", &escaping)]);
    let by_link = repo(&[]);
    symlink(outside.path(), by_link.path().join("apps/web/link.yaml")).unwrap();
    let by_base = repo(&[(
        "apps/web/kustomization.yaml",
        "resources: [../../../../etc]\n",
    )]);
    let by_file = repo(&[(
        "apps/web/kustomization.yaml",
        "configMapGenerator: [{name: a, files: [../../../../etc/passwd]}]\n",
    )]);
    for repo in [by_path, by_link, by_base, by_file] {
        let answer = diff(&repo, "web").expect_code(2);
        let said = answer.stdout.clone() + &answer.stderr;
        assert!(
            !said.contains("canaryOutside1234") && !said.contains("root:x"),
            "{said}"
        );
        let found = reasons(&answer.json());
        assert!(
            found.contains("render") || found.contains("config"),
            "{said}"
        );
    }
}

#[test]
fn a_name_with_terminal_escapes_reaches_no_terminal() {
    let evil = "evil\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}x";
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": evil}, "data": {"a": "b"}});
    let wild = application("web", &json!({"name": evil}));
    let in_object = repo(&[("apps/web/evil.yaml", &object.to_string())]);
    let in_cluster = repo(&[("clusters/test/web.yaml", &wild)]);
    let in_kind = repo(&[(
        "apps/web/evil.yaml",
        &object.to_string().replace("ConfigMap", "Con\u{1b}[5mfig"),
    )]);
    for repo in [in_object, in_cluster, in_kind] {
        for args in [
            &["app", "diff", "web"][..],
            &["app", "diff", "web", "-o", "json"],
            &["app", "sync", "web", "--yes"],
            &["app", "manifests", "web"],
            &["app", "list"],
        ] {
            let answer = pushboat(args)
                .dir(repo.path())
                .kubeconfig(plane().kubeconfig())
                .run();
            for text in [&answer.stdout, &answer.stderr] {
                let is_bad = |c: char| {
                    (c.is_control() && !matches!(c, '\n' | '\t'))
                        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
                };
                assert!(!text.chars().any(is_bad), "{args:?}: {text:?}");
            }
        }
    }
}

/// A name must not leave its place in the address of the API.
#[test]
fn a_name_that_is_no_name_is_refused_and_never_sent() {
    for name in [
        "../../secrets/other",
        "a?fieldManager=x",
        "a/status",
        "..",
        "a b",
        "a%2fb",
        "",
    ] {
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "b"}});
        let repo = repo(&[("apps/web/evil.yaml", &object.to_string())]);
        let mark = plane().audit_end();
        let answer = pushboat(&["app", "sync", "web", "--yes", "-o", "json"])
            .dir(repo.path())
            .kubeconfig(plane().kubeconfig())
            .run();
        assert!(matches!(answer.code, 1 | 2), "{name}: {answer:?}");
        assert!(
            (answer.stdout.clone() + &answer.stderr).contains("evil.yaml"),
            "{name}: {answer:?}"
        );
        let events = plane().audit_from(mark);
        let evil = events.iter().find(|e| {
            e.agent.starts_with("pushboat")
                && e.is_write()
                && !name.is_empty()
                && e.uri.contains(name)
        });
        assert!(evil.is_none(), "{name}: {evil:?}");
    }
}

/// Two definitions want the same names: the second one is never served.
#[test]
fn a_definition_that_never_becomes_established_says_why() {
    let group = "clash.example.com";
    let first = Scene::new(
        plane(),
        "bad-crd-first",
        &[definition("clashes", "Clash", group)],
    );
    first.synced(&[]);
    let mut second = definition("clashings", "Clash", group);
    second["spec"]["names"]["singular"] = json!("clash");
    second["spec"]["names"]["listKind"] = json!("ClashList");
    let object =
        json!({"apiVersion": format!("{group}/v1"), "kind": "Clash", "metadata": {"name": "one"}});
    let scene = Scene::new(
        plane(),
        "bad-crd",
        &[second, object, config_map("one", "1")],
    );
    let start = Instant::now();
    let answer = scene.sync(&["--timeout", "8s", "-o", "json"]);
    assert_ne!(answer.code, 0, "{answer:?}");
    assert!(start.elapsed() < Duration::from_secs(40));
    let said = answer.stdout.clone() + &answer.stderr;
    assert!(said.contains(&format!("clashings.{group}")), "{answer:?}");
    assert!(!said.contains("panicked"), "{answer:?}");
}

#[test]
fn an_object_without_a_name_is_told_with_its_place() {
    for text in [
        "apiVersion: v1\nkind: ConfigMap\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {labels: {a: b}}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 5}\n",
    ] {
        let repo = repo(&[("apps/web/two.yaml", text)]);
        expect_unanswered(diff(&repo, "web"), "render", &["apps/web/two.yaml"]);
    }
}

#[test]
fn the_same_object_twice_is_refused_with_both_places() {
    let repo = repo(&[("apps/web/two.yaml", ONE)]);
    expect_unanswered(
        diff(&repo, "web"),
        "render",
        &["apps/web/one.yaml", "apps/web/two.yaml"],
    );
}

#[test]
fn a_kind_that_nobody_serves_is_named_with_its_place() {
    let repo = repo(&[(
        "apps/web/two.yaml",
        "apiVersion: nobody.example.com/v1\nkind: Nothing\nmetadata: {name: x}\n",
    )]);
    let answer = diff(&repo, "web").expect_code(2);
    assert!(
        answer.stdout.contains("nobody.example.com/v1")
            && answer.stdout.contains("apps/web/two.yaml"),
        "{answer:?}"
    );
}

#[test]
fn a_reader_that_goes_away_ends_the_program_quietly() {
    let objects: Vec<_> = (0..300)
        .map(|n| config_map(&format!("map-{n}"), &"x".repeat(2000)))
        .collect();
    let scene = Scene::new(plane(), "bad-pipe", &objects);
    let script = format!(
        "\"$0\" app manifests {} | head -1; echo ${{PIPESTATUS[0]}}",
        scene.namespace
    );
    let answer = shell(&script)
        .dir(scene.repo.path())
        .kubeconfig(plane().kubeconfig())
        .run();
    assert!(
        !answer.stderr.contains("panicked") && !answer.stderr.contains("Broken pipe"),
        "{answer:?}"
    );
}

#[test]
fn closed_streams_change_neither_what_is_done_nor_the_exit_code() {
    let scene = Scene::new(plane(), "bad-closed", &[config_map("one", "1")]);
    for (streams, value) in [
        (">&-", "1"),
        ("2>&-", "2"),
        (">&- 2>&-", "3"),
        (">/dev/full", "4"),
    ] {
        scene.put(&config_map("one", value));
        let script = format!("\"$0\" app sync {} --yes {streams}", scene.namespace);
        let answer = shell(&script)
            .dir(scene.repo.path())
            .kubeconfig(plane().kubeconfig())
            .run();
        assert_eq!(
            scene.live("configmaps/one")["data"]["key"],
            value,
            "{streams}: {answer:?}"
        );
        assert!(
            streams == ">/dev/full" || answer.code == 0,
            "{streams}: {answer:?}"
        );
        assert!(!answer.stderr.contains("panicked"), "{streams}: {answer:?}");
    }
}

#[test]
fn a_home_that_cannot_be_written_and_few_file_descriptors_do_not_matter() {
    let scene = Scene::new(plane(), "bad-home", &[config_map("one", "1")]);
    let script = format!("ulimit -n 40; \"$0\" app sync {} --yes", scene.namespace);
    shell(&script)
        .dir(scene.repo.path())
        .without("HOME")
        .env("XDG_CACHE_HOME", "/proc/nothing")
        .env("TMPDIR", "/proc/nothing")
        .kubeconfig(plane().kubeconfig())
        .run()
        .expect_code(0);
    assert!(scene.exists("configmaps/one"));
}

/// A container that runs under any number has somebody else's home.
#[test]
fn a_home_of_another_user_counts_as_empty_and_is_told_once() {
    use std::os::unix::fs::PermissionsExt;
    let allow = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    };
    let kustomization = "resources: [one.yaml]\n";
    let repo = repo(&[("apps/web/kustomization.yaml", kustomization)]);
    let home = tempfile::tempdir().unwrap();
    allow(home.path(), 0o755);
    allow(repo.path(), 0o755);
    let (config, kube) = (
        home.path().join(".config/pushboat"),
        home.path().join(".kube"),
    );
    std::fs::create_dir_all(&config).unwrap();
    std::fs::create_dir_all(&kube).unwrap();
    std::fs::write(config.join("config.yaml"), "").unwrap();
    std::fs::write(kube.join("config"), "").unwrap();
    // Nothing is forbidden to root.
    let user = match rustix::process::geteuid().is_root() {
        true => "setpriv --reuid=12345 --regid=12345 --clear-groups",
        false => "exec",
    };
    let run = |command: &str| {
        let call = shell(&format!("{user} \"$0\" {command}")).dir(repo.path());
        call.home(home.path()).run()
    };
    let n_told = |finished: &Finished| finished.stderr.matches("counts as absent").count();
    for (folder, file) in [(0o000, 0o644), (0o755, 0o000)] {
        allow(&config.join("config.yaml"), file);
        allow(&kube.join("config"), file);
        allow(&config, folder);
        allow(&kube, folder);
        let rendered = run("render apps/web").expect_code(0);
        assert_eq!(n_told(&rendered), 1, "{rendered:?}");
        let listed = run("cluster list");
        assert_eq!((listed.code, n_told(&listed)), (2, 2), "{listed:?}");
        assert!(listed.stdout.contains("no context `test`"), "{listed:?}");
        allow(&config, 0o755);
        allow(&kube, 0o755);
    }
    allow(&config, 0o000);
    let named = format!("PUSHBOAT_CONFIG_DIR={} {user}", config.display());
    let asked = shell(&format!("{named} \"$0\" render apps/web")).dir(repo.path());
    let asked = asked.home(home.path()).run();
    allow(&config, 0o755);
    assert_eq!((asked.code, n_told(&asked)), (2, 0), "{asked:?}");
}

/// A pipe loses the exit code, so the answer itself says that it is not whole.
#[test]
fn what_could_not_be_read_makes_every_answer_incomplete() {
    let whole = repo(&[]);
    let marker = "kind: Application\n<<<<<<< HEAD\nmetadata: {name: a}\n=======\n";
    let broken = repo(&[("clusters/test/more.yaml", marker)]);
    let set = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "metadata": {"name": "many"},
        "spec": {"generators": [], "template": {"metadata": {"name": "x"}, "spec": {}}}});
    let sets = repo(&[("clusters/test/more.yaml", &set.to_string())]);
    for command in [
        &["app", "diff", "--all"][..],
        &["app", "list"],
        &["app", "sync", "--all", "--dry-run"],
        &["app", "resources", "--all"],
        &["app", "manifests", "--all"],
    ] {
        let run = |repo: &Repo, more: &[&str]| {
            let line = [command, more].concat();
            let run = pushboat(&line).dir(repo.path());
            run.kubeconfig(plane().kubeconfig()).run()
        };
        let document = |repo: &Repo| {
            let answer = run(repo, &["-o", "json"]);
            (answer.json(), answer.code)
        };
        let (answer, _) = document(&whole);
        assert_eq!(answer["summary"]["complete"], true, "{command:?}: {answer}");
        assert_eq!(answer["errors"], json!([]), "{command:?}");
        let (answer, code) = document(&broken);
        assert_eq!(code, 2, "{command:?}");
        assert_eq!(answer["summary"]["complete"], false, "{command:?}");
        let error = &answer["errors"][0];
        assert_eq!(
            error["location"]["file"], "clusters/test/more.yaml",
            "{answer}"
        );
        assert_eq!(error["reason"], "config", "{answer}");
        let (answer, _) = document(&sets);
        assert_eq!(answer["summary"]["complete"], false, "{command:?}");
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("ApplicationSet `many`"), "{message}");
        if command[1] != "manifests" {
            let text = run(&broken, &[]).expect_code(2).stdout;
            assert!(
                text.ends_with("1 file could not be read\n"),
                "{command:?}: {text}"
            );
        }
    }
}
