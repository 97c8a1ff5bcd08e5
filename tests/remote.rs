//! Kustomize bases in other repositories and files behind addresses: real git servers over HTTPS on this machine.

mod hostile;
mod same;

use crate::support::{GitServer, Pushboat, Repo, pushboat};
use std::path::Path;

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n      - image: nginx\n        name: web\n";
const COMPONENT: &str = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nlabels: [{pairs: {part: 'yes'}}]\n";

/// A repository with a base, an overlay of it, a component and some that fail.
fn upstream() -> Repo {
    Repo::new(&[
        (
            "base/kustomization.yaml",
            "resources: [deploy.yaml]\nconfigMapGenerator:\n- {name: settings, literals: [a=1]}\n",
        ),
        ("base/deploy.yaml", DEPLOYMENT),
        (
            "blue/kustomization.yaml",
            "nameSuffix: -blue\nresources: [../base]\n",
        ),
        ("part/kustomization.yaml", COMPONENT),
        ("bad/kustomization.yaml", "resources:\n- none.yaml\n"),
        ("up/kustomization.yaml", "resources: [../../base]\n"),
    ])
}

/// A repository whose `app` is this kustomization.
fn downstream(kustomization: &str) -> Repo {
    Repo::new(&[("app/kustomization.yaml", kustomization)])
}

/// `pushboat render app`, with everything on the server allowed.
fn render(server: &GitServer, folder: &Path) -> Pushboat {
    pushboat(&["render", "app", "--allow-remote", &server.url("")])
        .dir(folder)
        .env("SSL_CERT_FILE", server.authority())
}

#[test]
fn a_cache_that_others_may_write_to_is_not_used() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (server, upstream) = (GitServer::start(), upstream());
    let url = server.repo("x", upstream.path());
    let repo = downstream(&format!("resources: ['{url}//base?ref=v1']\n"));
    let elsewhere = tempfile::tempdir().unwrap();
    let check = |expected: &str, prepare: &dyn Fn(&Path)| {
        let home = tempfile::tempdir().unwrap();
        let cache = home.path().join(".cache/pushboat");
        std::fs::create_dir_all(&cache).unwrap();
        prepare(&cache);
        let done = render(&server, repo.path()).home(home.path()).run();
        assert_eq!(done.code, 2, "{expected}");
        assert!(done.stderr.contains(expected), "{}", done.stderr);
        assert!(
            done.stderr.contains("PUSHBOAT_CACHE_DIR"),
            "{}",
            done.stderr
        );
    };
    check("other users may write to it", &|cache| {
        std::fs::set_permissions(cache, std::fs::Permissions::from_mode(0o777)).unwrap();
    });
    check("it is no folder", &|cache| {
        symlink(elsewhere.path(), cache.join("git")).unwrap();
    });
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn a_revision_that_may_move_is_told_and_asked_for_again() {
    let (server, upstream) = (GitServer::start(), upstream());
    let url = server.repo("x", upstream.path());
    let home = tempfile::tempdir().unwrap();
    for (entry, moves) in [
        (format!("{url}//base?ref=main"), true),
        (format!("{url}//base"), true),
        (format!("{url}//base?ref=v1"), false),
    ] {
        upstream.git(&["tag", "--force", "--annotate", "-m", "one", "v1"]);
        let repo = downstream(&format!("resources: ['{entry}']\n"));
        let done = render(&server, repo.path())
            .home(home.path())
            .run()
            .expect_code(0);
        assert_eq!(
            done.stderr.contains("pin it with `?ref="),
            moves,
            "{}",
            done.stderr
        );
        upstream.replace("base/deploy.yaml", "nginx", "nginx-next");
        upstream.commit("next");
        upstream.git(&["tag", "--force", "--annotate", "-m", "two", "v1"]);
        let done = render(&server, repo.path())
            .home(home.path())
            .run()
            .expect_code(0);
        assert!(
            done.stdout.contains("nginx-next"),
            "{entry}: {}",
            done.stdout
        );
        upstream.replace("base/deploy.yaml", "nginx-next", "nginx");
        upstream.commit("back");
    }
}

#[test]
fn a_commit_is_fetched_once_and_then_read_with_no_server() {
    let (server, upstream) = (GitServer::start(), upstream());
    let commit = upstream.git(&["rev-parse", "HEAD"]);
    let url = server.repo("x", upstream.path());
    let home = tempfile::tempdir().unwrap();
    let repo = downstream(&format!(
        "resources: ['{url}//base?ref={}']\n",
        commit.trim()
    ));
    let first = render(&server, repo.path())
        .home(home.path())
        .run()
        .expect_code(0);
    assert!(!server.asked().is_empty());
    let second = render(&server, repo.path())
        .home(home.path())
        .run()
        .expect_code(0);
    assert_eq!((server.asked().len(), &second.stdout), (0, &first.stdout));
    // A cache that somebody spoilt is told by its place, one that was deleted is made anew.
    let cache = home.path().join(".cache/pushboat/git");
    let mut places = std::fs::read_dir(&cache)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let place = places.find(|path| path.is_dir()).unwrap();
    std::fs::remove_dir_all(place.join("objects")).unwrap();
    let spoilt = render(&server, repo.path()).home(home.path()).run();
    assert!(
        spoilt.code == 2 && spoilt.stderr.contains("may be deleted"),
        "{}",
        spoilt.stderr
    );
    std::fs::remove_dir_all(&cache).unwrap();
    render(&server, repo.path())
        .home(home.path())
        .run()
        .expect_code(0);
}

#[test]
fn many_overlays_and_many_runs_on_one_base_do_not_hinder_each_other() {
    let (server, upstream) = (GitServer::start(), upstream());
    let url = server.repo("x", upstream.path());
    let home = tempfile::tempdir().unwrap();
    let entries: String = (0..5).map(|n| format!("- o{n}\n")).collect();
    let repo = downstream(&format!("resources:\n{entries}"));
    for n in 0..5 {
        let text = format!("namePrefix: o{n}-\nresources: ['{url}//base?ref=main']\n");
        repo.write(&format!("app/o{n}/kustomization.yaml"), &text);
    }
    let runs: Vec<_> = (0..4)
        .map(|_| render(&server, repo.path()).home(home.path()).start())
        .collect();
    let outputs: Vec<String> = runs
        .into_iter()
        .map(|run| run.wait().expect_code(0).stdout)
        .collect();
    assert!(
        outputs
            .iter()
            .all(|output| output == &outputs[0] && output.contains("name: o4-web"))
    );
    // One question for the revision and at most one pack a run: the five overlays ask once.
    let asked = server.asked();
    let questions = asked
        .iter()
        .filter(|asked| asked.path.contains("info/refs"))
        .count();
    assert_eq!(questions, 4, "{asked:?}");
}

#[test]
fn what_is_wrong_there_is_told_with_its_place_there() {
    let (server, upstream) = (GitServer::start(), upstream());
    let url = server.repo("x", upstream.path());
    let check = |entry: &str, texts: &[&str]| {
        let repo = downstream(&format!("resources:\n- '{entry}'\n"));
        let done = render(&server, repo.path()).run();
        assert_eq!(done.code, 2, "{}", done.stderr);
        assert!(done.stdout.is_empty());
        for text in texts {
            assert!(
                done.stderr.contains(text),
                "{entry}: no {text:?} in\n{}",
                done.stderr
            );
        }
    };
    check(
        &format!("{url}//bad?ref=main"),
        &["x//bad/kustomization.yaml:2", "no file `none.yaml`"],
    );
    check(
        &format!("{url}//up?ref=main"),
        &["x//up/kustomization.yaml"],
    );
    check(
        &format!("{url}//none?ref=main"),
        &["'none' must build at directory", "app/kustomization.yaml:2"],
    );
    check(
        &format!("{url}//base?ref=nope"),
        &["no branch or tag `nope`"],
    );
    check(
        &format!("{url}//base?ref={}", "0".repeat(40)),
        &["app/kustomization.yaml:2"],
    );
    check(
        &format!("{url}//base?ref=--upload-pack=id"),
        &["no branch, tag or commit"],
    );
    check(
        &format!("{url}//part?ref=main"),
        &["list it in `components`"],
    );
    check(
        &server.url("no/such//base?ref=main"),
        &["answers 404", "private repository"],
    );
    upstream.write(
        "loop/kustomization.yaml",
        &format!("resources: ['{url}//loop?ref=main']\n"),
    );
    upstream.commit("loop");
    check(&format!("{url}//loop?ref=main"), &["cycle detected"]);
}

/// Applications from the repository at `url`, as name, revision and path.
fn applications(url: &str, apps: &[(&str, &str, &str)]) -> String {
    let one = |(name, revision, path): &(&str, &str, &str)| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec:\n  project: default\n  destination: {{namespace: web}}\n  source: {{repoURL: '{url}', path: {path}, targetRevision: '{revision}'}}\n---\n"
        )
    };
    apps.iter().map(one).collect()
}

/// The image each app's Deployment has, or why it has none.
fn images(report: &str) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(report).unwrap();
    let image = |app: &serde_json::Value| {
        let image = "/spec/template/spec/containers/0/image";
        let mut objects = app["objects"].as_array().into_iter().flatten();
        let found = objects.find_map(|object| object.pointer(image)?.as_str());
        let found = found.or_else(|| app["error"]["message"].as_str());
        format!(
            "{}: {}",
            app["name"].as_str().unwrap(),
            found.unwrap_or_default()
        )
    };
    report["apps"]
        .as_array()
        .unwrap()
        .iter()
        .map(image)
        .collect()
}

#[test]
fn an_application_may_come_from_another_repository() {
    let (server, upstream) = (GitServer::start(), upstream());
    let url = server.repo("team/x", upstream.path());
    for version in ["v1.0.0", "v1.2.0", "v2.0.0"] {
        let text = DEPLOYMENT.replace("nginx", &format!("nginx:{version}"));
        upstream.write("base/deploy.yaml", &text);
        upstream.commit(version);
        upstream.git(&["tag", version]);
    }
    let commit = upstream.git(&["rev-parse", "v1.2.0"]);
    let repo = downstream("resources: []\n");
    let apps = [
        ("bad", "main", "bad"),
        ("branch", "main", "base"),
        ("commit", commit.trim(), "base"),
        ("newest", "1.x", "base"),
        ("range", ">=1.0 <2", "base"),
        ("tag", "v1.0.0", "base"),
    ];
    repo.write(
        "clusters/dev/applications.yaml",
        &applications(&format!("{url}.git"), &apps),
    );
    let call = |args: &[&str]| {
        let trusting = pushboat(args).env("SSL_CERT_FILE", server.authority());
        trusting.dir(repo.path()).run()
    };
    let team = server.url("team");
    let done = call(&[
        "app",
        "manifests",
        "--all",
        "--allow-remote",
        &team,
        "-o",
        "json",
    ]);
    assert_eq!(done.code, 2, "{}", done.stderr);
    let images = images(&done.stdout);
    assert!(images[0].contains("no file `none.yaml`"), "{}", images[0]);
    assert_eq!(
        images[1..],
        [
            "branch: nginx:v2.0.0",
            "commit: nginx:v1.2.0",
            "newest: nginx:v1.2.0",
            "range: nginx:v1.2.0",
            "tag: nginx:v1.0.0"
        ]
    );
    let place = "team/x.git//bad/kustomization.yaml";
    assert!(done.stdout.contains(place), "{}", done.stdout);
    let done = call(&["app", "manifests", "tag"]);
    let text = format!("{}{}", done.stdout, done.stderr);
    assert_eq!(done.code, 2, "{text}");
    assert!(text.contains("--allow-remote"), "{text}");
    assert!(text.contains("leave `repoURL` out"), "{text}");
}
