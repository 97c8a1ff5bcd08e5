//! Charts through the built program: allowed by the user alone, from every kind of tree, from chart repositories, and with repositories
//! that mean harm.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::{GitServer, Page, Pushboat, Repo, program, pushboat};

mod registry;

const CHART: &str = "apiVersion: v2\nname: app\nversion: 0.1.0\n";
const TEMPLATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-app\n  namespace: {{ .Release.Namespace }}\ndata:\n  text: {{ .Values.text | quote }}\n";
const KUSTOMIZATION: &str = "helmCharts: [{name: app, releaseName: rel}]\n";
const APPLICATION: &str = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: shop\nspec:\n  project: default\n  source:\n    path: app\n  destination:\n    name: dev\n    namespace: team\n";

/// A repository with a chart in `app`.
fn with_chart(kustomization: &str) -> Repo {
    Repo::new(&[
        ("app/kustomization.yaml", kustomization),
        ("app/charts/app/Chart.yaml", CHART),
        ("app/charts/app/values.yaml", "text: first\n"),
        ("app/charts/app/templates/c.yaml", TEMPLATE),
        ("clusters/dev/shop.yaml", APPLICATION),
    ])
}

/// `pushboat ARGS… --enable-helm` with a temporary folder of its own.
fn allowed(repo: &Path, temporary: &Path, args: &[&str]) -> Pushboat {
    let mut all = args.to_vec();
    all.push("--enable-helm");
    pushboat(&all)
        .dir(repo)
        .env("TMPDIR", temporary.to_str().unwrap())
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn only_the_user_can_allow_it() {
    let repo = with_chart(KUSTOMIZATION);
    repo.write("pushboat.yaml", "enableHelm: true\n");
    let done = pushboat(&["render", "app"]).dir(repo.path()).run();
    assert_eq!(done.code, 2);
    std::fs::remove_file(repo.path().join("pushboat.yaml")).unwrap();
    let refused = pushboat(&["render", "app"]).dir(repo.path()).run();
    assert_eq!(refused.code, 2);
    for words in [
        "app/kustomization.yaml:1: `helmCharts` entry `app`",
        "must specify --enable-helm",
        "hint: allow it with `--enable-helm`",
    ] {
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    let by_variable = |value: &str| {
        pushboat(&["render", "app"])
            .dir(repo.path())
            .env("PUSHBOAT_ENABLE_HELM", value)
            .run()
    };
    assert_eq!(by_variable("0").code, 2);
    assert_eq!(by_variable("maybe").code, 2);
    assert!(by_variable("1").expect_code(0).stdout.contains("rel-app"));
    let elsewhere = pushboat(&["render", "app", "--enable-helm"])
        .dir(repo.path())
        .env("PUSHBOAT_HELM_COMMAND", "./helm")
        .run();
    assert!(
        elsewhere.stderr.contains("there is no `./helm`"),
        "{}",
        elsewhere.stderr
    );
}

#[test]
fn apps_render_charts_from_the_working_tree_and_from_revisions() {
    let repo = with_chart(KUSTOMIZATION);
    repo.write("app/charts/app/values.yaml", "text: second\n");
    let temporary = tempfile::tempdir().unwrap();
    let manifests = |args: &[&str]| {
        let mut all = vec!["app", "manifests", "shop"];
        all.extend(args);
        allowed(repo.path(), temporary.path(), &all)
            .run()
            .expect_code(0)
            .stdout
    };
    assert!(manifests(&[]).contains("text: second"));
    assert!(manifests(&["--revision", "HEAD"]).contains("text: first"));
    assert!(is_empty(temporary.path()));
    let refused = pushboat(&["app", "manifests", "shop"])
        .dir(repo.path())
        .run();
    assert_eq!(refused.code, 2);
    let told = refused.stdout + &refused.stderr;
    assert!(told.contains("must specify --enable-helm"), "{told}");
}

#[test]
fn values_may_come_out_of_a_template() {
    let repo = with_chart("helmCharts: [{name: app, releaseName: rel, valuesFile: mine.yaml}]\n");
    repo.write("app/mine.yaml.tera", "text: on {{ app.cluster }}\n");
    let with_plugin = APPLICATION.replace(
        "    path: app\n",
        "    path: app\n    plugin: {name: tera}\n",
    );
    repo.write("clusters/dev/shop.yaml", &with_plugin);
    let temporary = tempfile::tempdir().unwrap();
    let done = allowed(repo.path(), temporary.path(), &["app", "manifests", "shop"])
        .run()
        .expect_code(0);
    assert!(done.stdout.contains("text: on dev"), "{}", done.stdout);
}

/// Spoils a repository with a chart and renders it; that must fail with these words and leave nothing.
#[track_caller]
fn spoilt(spoil: impl FnOnce(&Repo), words: &str) {
    let temporary = tempfile::tempdir().unwrap();
    let repo = with_chart(KUSTOMIZATION);
    spoil(&repo);
    let done = allowed(repo.path(), temporary.path(), &["render", "app"]).run();
    assert_eq!(done.code, 2, "{}{}", done.stdout, done.stderr);
    assert!(done.stderr.contains(words), "{}", done.stderr);
    assert!(!done.stderr.contains("CANARY"), "{}", done.stderr);
    assert!(is_empty(temporary.path()));
}

#[test]
fn no_link_brings_anything_from_outside_into_a_chart() {
    let outside = tempfile::tempdir().unwrap();
    let canary = outside.path().join("canary.yaml");
    std::fs::write(&canary, "text: CANARY\n").unwrap();
    let links = [
        (canary.as_path(), "values.yaml", ""),
        (&canary, "templates/d.yaml", ""),
        (outside.path(), "files", ""),
        (Path::new("/etc"), "files", ""),
        (Path::new("/proc/self/environ"), "env.txt", ""),
        (Path::new("../../../../../../../etc/passwd"), "p.txt", ""),
        (Path::new("nowhere"), "gone.txt", "leads nowhere"),
        (Path::new("."), "loop", ""),
    ];
    for (to, name, words) in links {
        let link = |repo: &Repo| {
            let at = repo.path().join("app/charts/app").join(name);
            let _ = std::fs::remove_file(&at);
            symlink(to, at).unwrap();
        };
        spoilt(link, words);
    }
}

#[test]
fn no_field_leads_out_or_becomes_a_flag() {
    let texts = [
        (
            "helmGlobals: {chartHome: ../../..}\nhelmCharts: [{name: app}]\n",
            "leaves the repository",
        ),
        (
            "helmGlobals: {chartHome: /etc}\nhelmCharts: [{name: app}]\n",
            "is absolute",
        ),
        (
            "helmCharts: [{name: ../charts/app}]\n",
            "is no name of a chart",
        ),
        ("helmCharts: [{name: ..}]\n", "is no name of a chart"),
        (
            "helmCharts: [{name: app, version: ../x, repo: 'https://a'}]\n",
            "is no version of a chart",
        ),
        (
            "helmCharts: [{name: app, valuesFile: /etc/passwd}]\n",
            "no file",
        ),
        (
            "helmCharts: [{name: app, valuesFile: ../../../etc/passwd}]\n",
            "leaves the repository",
        ),
        (
            "helmCharts: [{name: app, valuesFile: 'file:///etc/passwd'}]\n",
            "",
        ),
        (
            "helmCharts: [{name: app, valuesFile: 'https://127.0.0.1:1/x'}]\n",
            "have not allowed it",
        ),
        (
            "helmCharts: [{name: app, additionalValuesFiles: [../x.yaml]}]\n",
            "",
        ),
        (
            "helmCharts: [{name: app, nameTemplate: '{{ getHostByName \"a\" }}'}]\n",
            "must not resolve names",
        ),
        (
            "helmCharts: [{name: app, releaseName: '--post-renderer=/bin/sh'}]\n",
            "must not start with `-`",
        ),
        (
            "helmCharts: [{name: other, repo: 'https://127.0.0.1:1/charts'}]\n",
            "--allow-remote",
        ),
        (
            "helmCharts: [{name: other, repo: 'oci://127.0.0.1:1/charts'}]\n",
            "--allow-remote https://127.0.0.1:1/charts/",
        ),
        ("helmCharts: [{name: other, repo: 'file:///etc'}]\n", ""),
    ];
    for (text, words) in texts {
        spoilt(|repo| repo.write("app/kustomization.yaml", text), words);
    }
}

#[test]
fn links_inside_the_repository_are_followed() {
    let repo = with_chart(KUSTOMIZATION);
    repo.write("shared/values.yaml", "text: shared\n");
    let values = repo.path().join("app/charts/app/values.yaml");
    std::fs::remove_file(&values).unwrap();
    symlink("../../values.yaml", &values).unwrap();
    repo.write("app/values.yaml", "text: linked\n");
    let temporary = tempfile::tempdir().unwrap();
    let done = allowed(repo.path(), temporary.path(), &["render", "app"])
        .run()
        .expect_code(0);
    assert!(done.stdout.contains("text: linked"), "{}", done.stdout);
}

/// A packed chart in a folder: the file.
fn packed(folder: &Path, version: &str, text: &str) -> PathBuf {
    let chart = folder.join("app");
    std::fs::create_dir_all(chart.join("templates")).unwrap();
    std::fs::write(chart.join("Chart.yaml"), CHART.replace("0.1.0", version)).unwrap();
    std::fs::write(chart.join("values.yaml"), format!("text: {text}\n")).unwrap();
    std::fs::write(chart.join("templates/c.yaml"), TEMPLATE).unwrap();
    let packed = Command::new(program("helm"))
        .args(["package", "app"])
        .current_dir(folder)
        .env("HOME", folder)
        .output()
        .unwrap();
    assert!(packed.status.success(), "{packed:?}");
    folder.join(format!("app-{version}.tgz"))
}

/// A packed chart on a server, and the address of its repository.
fn served(server: &GitServer, folder: &Path, version: &str, text: &str) -> String {
    let file = packed(folder, version, text);
    let page = Page {
        body: std::fs::read(&file).unwrap(),
        ..Page::text("")
    };
    let name = file.file_name().unwrap().to_str().unwrap();
    server.page(&format!("charts/{name}"), page);
    server.url("charts")
}

/// What the real kustomize builds, and what it says of errors.
fn kustomize(repo: &Repo, authority: &str) -> (String, String) {
    let real = Command::new(program("kustomize"))
        .args(["build", "--enable-helm", "--helm-command"])
        .arg(program("helm"))
        .arg(repo.path().join("app"))
        .env("SSL_CERT_FILE", authority)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&real.stdout), text(&real.stderr))
}

/// A server with three versions of a chart, and the address of the chart repository.
fn repository(folder: &Path) -> (GitServer, String) {
    let server = GitServer::start();
    let mut index = "apiVersion: v1\nentries:\n  app:\n".to_owned();
    for (version, text) in [("1.0.0", "one"), ("1.2.0", "two"), ("2.0.0-rc.1", "three")] {
        served(&server, folder, version, text);
        index.push_str(&format!(
            "  - {{name: app, version: {version}, urls: [app-{version}.tgz]}}\n"
        ));
    }
    server.page("charts/index.yaml", Page::text(&index));
    let url = server.url("charts");
    (server, url)
}

#[test]
fn charts_come_from_allowed_repositories_as_kustomize_pulls_them() {
    let folder = tempfile::tempdir().unwrap();
    let (server, url) = repository(folder.path());
    let temporary = tempfile::tempdir().unwrap();
    for (entry, expected, moves) in [
        ("version: 1.0.0", "text: one", false),
        ("version: ^1.0.0", "text: two", true),
        ("version: '1.0'", "text: one", true),
        ("devel: false", "text: two", true),
        ("devel: true", "text: three", true),
        (
            "version: 1.2.0, valuesInline: {text: mine}",
            "text: mine",
            false,
        ),
    ] {
        let kustomization =
            format!("helmCharts: [{{name: app, releaseName: rel, repo: '{url}', {entry}}}]\n");
        let repo = Repo::new(&[("app/kustomization.yaml", &kustomization)]);
        let done = allowed(
            repo.path(),
            temporary.path(),
            &["render", "app", "--allow-remote", &server.url("charts/")],
        )
        .env("SSL_CERT_FILE", server.authority())
        .run()
        .expect_code(0);
        assert!(done.stdout.contains(expected), "{entry}: {}", done.stdout);
        let is_told = done.stderr.contains("pin it with `version`");
        assert_eq!(is_told, moves, "{}", done.stderr);
        assert!(!repo.path().join("app/charts").exists());
        assert!(is_empty(temporary.path()));
        let (real, errors) = kustomize(&repo, server.authority());
        assert_eq!(real, done.stdout, "{entry}: {errors}");
    }
}

#[test]
fn a_chart_repository_that_is_not_allowed_is_not_asked() {
    let folder = tempfile::tempdir().unwrap();
    let (server, url) = repository(folder.path());
    let kustomization = format!("helmCharts: [{{name: app, repo: '{url}'}}]\n");
    let repo = Repo::new(&[("app/kustomization.yaml", &kustomization)]);
    let refused = allowed(repo.path(), folder.path(), &["render", "app"]).run();
    assert_eq!(refused.code, 2);
    for words in ["have not allowed it", "keep the chart in this repository"] {
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    assert!(server.asked().is_empty());
}

#[test]
fn an_archive_other_than_the_index_says_and_an_address_elsewhere_are_refused() {
    let server = GitServer::start();
    let folder = tempfile::tempdir().unwrap();
    let url = served(&server, folder.path(), "1.0.0", "one");
    let temporary = tempfile::tempdir().unwrap();
    for (entry, words) in [
        ("urls: [app-1.0.0.tgz], digest: abc", "its digest differs"),
        (
            "urls: ['https://127.0.0.2:1/app-1.0.0.tgz']",
            "have not allowed it",
        ),
        ("urls: ['file:///etc/passwd']", ""),
        ("urls: ['../secret/app.tgz']", ""),
        ("urls: []", "names no address"),
    ] {
        let index = format!("entries: {{app: [{{version: 1.0.0, {entry}}}]}}\n");
        server.page("charts/index.yaml", Page::text(&index));
        server.page("secret/app.tgz", Page::text("secret"));
        server.asked();
        let kustomization = format!("helmCharts: [{{name: app, version: 1.0.0, repo: '{url}'}}]\n");
        let repo = Repo::new(&[("app/kustomization.yaml", &kustomization)]);
        let done = allowed(
            repo.path(),
            temporary.path(),
            &["render", "app", "--allow-remote", &server.url("charts/")],
        )
        .env("SSL_CERT_FILE", server.authority())
        .run();
        assert_eq!(done.code, 2, "{entry}: {}", done.stdout);
        assert!(done.stderr.contains(words), "{entry}: {}", done.stderr);
        let asked = server.asked();
        assert!(
            asked.iter().all(|asked| asked.path.starts_with("/charts/")),
            "{asked:?}"
        );
    }
}

#[test]
fn a_signal_ends_helm_and_removes_its_folder() {
    let repo = with_chart(KUSTOMIZATION);
    let folder = tempfile::tempdir().unwrap();
    let temporary = folder.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let log = folder.path().join("log");
    let script = folder.path().join("helm");
    let text = format!(
        "#!/bin/sh\nif [ \"$1\" = version ]; then echo v4.3; exit; fi\necho $$ > '{}'\nsleep 300\n",
        log.display()
    );
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    for args in [["render", "app"].as_slice(), &["app", "manifests", "shop"]] {
        let _ = std::fs::remove_file(&log);
        let mut args = args.to_vec();
        args.extend(["--helm-command", script.to_str().unwrap()]);
        let running = allowed(repo.path(), &temporary, &args).start();
        let end = Instant::now() + Duration::from_secs(20);
        while std::fs::read_to_string(&log).unwrap_or_default().is_empty() {
            assert!(Instant::now() < end, "helm was not run");
            std::thread::sleep(Duration::from_millis(10));
        }
        running.signal(Signal::TERM);
        assert_eq!(running.wait().code, 130);
        let pid = std::fs::read_to_string(&log).unwrap();
        let stat = format!("/proc/{}/stat", pid.trim());
        let has_ended = || {
            let stat = std::fs::read_to_string(&stat).unwrap_or_default();
            stat.is_empty() || stat.contains(") Z ")
        };
        while !has_ended() {
            assert!(Instant::now() < end, "helm still runs");
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(is_empty(&temporary));
    }
}
