//! What the program says where no cluster is needed, run as it is built, in an environment with nothing in it.
//!
//! `docs/cli.md` is the help of every command; `testdata/golden/cli/` holds sessions: what was called, how it ended, and what
//! it said on each stream. `make golden` accepts what is printed now.

use crate::support::{Finished, Repo, finish, pushboat, shell};
use expect_test::expect_file;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// The sample repository with the remote that its Applications name.
fn sample() -> Repo {
    let repo = Repo::sample("sample");
    repo.git(&[
        "remote",
        "add",
        "origin",
        "https://git.example.com/shop/gitops.git",
    ]);
    repo
}

/// Runs a call written as one line.
fn call(dir: &Path, line: &str) -> Finished {
    let args: Vec<_> = line.split_whitespace().collect();
    pushboat(&args).dir(dir).run()
}

/// Compares a session with its file: each call with its exit code and both streams.
fn session(name: &str, dir: &Path, calls: &[&str]) {
    let mut text = String::new();
    for line in calls {
        let ended = call(dir, line);
        let _ = writeln!(
            text,
            "$ pushboat {line}\n[exit code {}]\n{}",
            ended.code, ended.stdout
        );
        for told in ended.stderr.lines() {
            let _ = writeln!(text, "stderr: {told}");
        }
        text.push('\n');
    }
    let text = text.replace(dir.to_str().unwrap(), "<folder>");
    let mask = regex::Regex::new("<masked [0-9a-f]{8}>").unwrap(); // its key is random
    let text = mask.replace_all(&text, "<masked TAG>");
    expect_file![root().join(format!("testdata/golden/cli/{name}.txt"))].assert_eq(&text);
}

/// The names of the commands that a help text lists.
fn commands(help: &str) -> Vec<String> {
    let listed = help
        .split("\nCommands:\n")
        .nth(1)
        .and_then(|rest| rest.split("\n\n").next());
    let names = listed
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

fn reference(path: &str, into: &mut String) {
    let folder = tempfile::tempdir().unwrap();
    let help = call(folder.path(), &format!("{path} --help"))
        .expect_code(0)
        .stdout;
    let title = format!("pushboat {path}");
    let _ = writeln!(
        into,
        "\n## {}\n\n```text\n{}\n```",
        title.trim(),
        help.trim_end()
    );
    for name in commands(&help) {
        reference(format!("{path} {name}").trim(), into);
    }
}

#[test]
fn the_reference_is_the_help_of_every_command() {
    let mut text = "# The command line\n\nWhat `--help` prints, for every command. Written by `make golden`, not by hand.\n".to_owned();
    reference("", &mut text);
    expect_file![root().join("docs/cli.md")].assert_eq(&text);
}

#[test]
fn every_command_has_a_page_and_every_page_names_its_flags() {
    let text = std::fs::read_to_string(root().join("docs/cli.md")).unwrap();
    let index = std::fs::read_to_string(root().join("docs/commands/README.md")).unwrap();
    let mut missing = Vec::new();
    for section in text.split("\n## pushboat ").skip(1) {
        let (name, help) = section.split_once('\n').unwrap();
        if help.contains("\nCommands:\n") {
            continue;
        }
        let page = format!("{}.md", name.replace(' ', "-"));
        if !index.contains(&format!("]({page})")) {
            missing.push(format!("docs/commands/README.md has no {page}"));
        }
        let body =
            std::fs::read_to_string(root().join("docs/commands").join(&page)).unwrap_or_default();
        let own = help.split("\nGlobal options:\n").next().unwrap();
        let flags = own
            .split_whitespace()
            .map(|word| word.trim_matches(['`', ',', ';', '.', ')', '(']));
        for flag in flags.filter(|word| word.starts_with("--") && *word != "--help") {
            let flag = flag.split('=').next().unwrap();
            if !body.contains(flag) {
                missing.push(format!("docs/commands/{page} has no `{flag}`"));
            }
        }
    }
    missing.dedup();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn wrong_usage_says_what_would_be_right() {
    let repo = sample();
    let calls = [
        "--version",
        "nonsense",
        "app snyc",
        "app get",
        "app rollback",
        "app diff",
        "app diff nonsense",
        "app diff shp",
        "app diff shop --cluster x*",
        "app get shop",
        "--timeout soon app list",
        "app list --output nonsense",
        "app sync --all --max-prune many",
        "completion tcsh",
        "cluster get nonsense",
        "render apps/nonsense",
        "render apps",
    ];
    session("usage", repo.path(), &calls);
}

#[test]
fn a_folder_without_a_repository_is_told() {
    let folder = tempfile::tempdir().unwrap();
    session(
        "no-repository",
        folder.path(),
        &["app list", "app diff --all", "--repo nowhere app list"],
    );
}

#[test]
fn a_misspelt_setting_is_no_setting() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name, value| {
        pushboat(&["app", "list"])
            .dir(folder.path())
            .env(name, value)
            .run()
            .expect_code(2)
    };
    let ended = run("PUSHBOAT_TIMEUOT", "5s");
    assert!(
        ended
            .stderr
            .contains("`PUSHBOAT_TIMEUOT` is not a setting of pushboat"),
        "{}",
        ended.stderr
    );
    let ended = run("PUSHBOAT_TIMEOUT", "soon");
    assert!(
        ended
            .stderr
            .contains("`PUSHBOAT_TIMEOUT=soon` is no valid setting"),
        "{}",
        ended.stderr
    );
    // Completions run at the start of every shell and must not mind.
    pushboat(&["completion", "bash"])
        .env("PUSHBOAT_TIMEUOT", "5s")
        .run()
        .expect_code(0);
}

#[test]
fn settings_work_as_flags_do_and_flags_outrank_them() {
    let repo = sample();
    let list = |args: &[&str]| {
        let args = [&["app", "list"], args].concat();
        let call = pushboat(&args).dir(repo.path());
        call.env("PUSHBOAT_OUTPUT", "name")
            .env("PUSHBOAT_CLUSTER", "prod,staging")
            .run()
            .expect_code(0)
            .stdout
    };
    assert_eq!(
        list(&[]),
        "prod/monitoring\nprod/shop\nstaging/monitoring\nstaging/shop\n"
    );
    assert_eq!(list(&["--cluster", "dev"]), "dev/monitoring\ndev/shop\n");
}

#[test]
fn the_sample_renders() {
    let repo = sample();
    let calls = [
        "render apps/overlays/dev",
        "render apps/overlays/staging",
        "render apps/overlays/prod",
        "render apps/overlays/dev -o json",
        "render apps/overlays/dev -o name",
    ];
    session("render", repo.path(), &calls);
}

#[test]
fn apps_are_named_and_rendered_without_a_cluster() {
    let repo = sample();
    let calls = [
        "app list -o name",
        "app list -o name sho* --cluster prod --cluster dev",
        "app list -o name --project other",
        "app manifests prod/shop -o name",
        "app manifests dev/monitoring",
    ];
    session("apps", repo.path(), &calls);
    let ended = call(repo.path(), "app manifests --all -o json").expect_code(0);
    let document = ended.json();
    assert_eq!(document["schemaVersion"], "pushboat.dev/v1");
    assert_eq!(document["apps"].as_array().unwrap().len(), 6);
    for secret in ["correct-horse", "Y29ycmVjdC1ob3JzZS"] {
        assert!(!ended.stdout.contains(secret), "Secrets are masked");
    }
    assert_eq!(ended.stderr, "");
}

#[test]
fn clusters_that_nobody_can_reach_are_answered_for() {
    let repo = sample();
    let calls = [
        "app list --cluster dev",
        "app diff --all --cluster dev -o json",
        "app sync dev/shop --yes",
        "cluster list",
        "cluster list -o name",
        "cluster get dev",
        "cluster add nonsense",
    ];
    session("no-cluster", repo.path(), &calls);
}

#[test]
fn a_shell_can_read_its_completions() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let script = call(folder.path(), &format!("completion {shell}"))
            .expect_code(0)
            .stdout;
        assert!(
            script.contains("pushboat") && script.contains("rollback"),
            "{shell}"
        );
    }
    let file = folder.path().join("pushboat.bash");
    std::fs::write(&file, call(folder.path(), "completion bash").stdout).unwrap();
    let mut bash = Command::new("bash");
    bash.arg("-c")
        .arg("source \"$1\" && complete -p pushboat")
        .arg("bash")
        .arg(&file);
    finish(&mut bash, "", Duration::from_secs(10)).expect_code(0);
}

#[test]
fn a_reader_that_goes_away_ends_nothing_in_anger() {
    let repo = sample();
    for line in [
        "app manifests --all -o json",
        "render apps/overlays/prod",
        "render apps/overlays/dev -o json",
        "render apps/overlays/dev -o name",
        "app list --help",
        "completion bash",
    ] {
        let script = format!("\"$0\" {line} | head -n 1; echo \"code ${{PIPESTATUS[0]}}\"");
        let ended = shell(&script).dir(repo.path()).run();
        assert!(
            ended.stdout.ends_with("code 0\n"),
            "{line}: {}",
            ended.stdout
        );
        assert_eq!(ended.stderr, "", "{line}");
    }
}

#[test]
fn a_folder_in_no_repository_renders_the_same_from_everywhere() {
    let here = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = here.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("base/kustomization.yaml", "resources: [a.yaml]\n");
    write(
        "base/a.yaml",
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n",
    );
    write(
        "over/kustomization.yaml",
        "resources: [../base]\nlabels: [{pairs: {a: b}}]\n",
    );
    let root = here.path();
    let over = root.join("over");
    let render = |path: &str, dir: &std::path::Path| {
        let done = pushboat(&["render", path]).dir(dir).run().expect_code(0);
        assert_eq!(done.stderr, "");
        done.stdout
    };
    let told = render(over.to_str().unwrap(), std::path::Path::new("/"));
    assert!(told.contains("a: b"), "{told}");
    assert_eq!(render("over", root), told);
    assert_eq!(render(".", &over), told);
    assert_eq!(render("../over", &root.join("base")), told);
    // The load restrictor holds, and a place is told whole.
    write("over/kustomization.yaml", "resources: [../base/a.yaml]\n");
    let refused = pushboat(&["render"]).dir(&over).run().expect_code(2);
    let place = format!("{}:1", over.join("kustomization.yaml").display());
    assert!(refused.stderr.contains(&place), "{}", refused.stderr);
}

#[test]
fn a_repository_without_apps_is_no_green_answer() {
    let repo = Repo::new(&[
        ("pushboat.yaml", ""),
        ("clusters/dev/readme.txt", "none yet"),
    ]);
    let calls = [
        "app list",
        "app list -o name",
        "app list --cluster dev",
        "app diff --all",
        "app sync --all --yes",
        "app wait --all",
        "app resources --all",
        "app tree --all",
        "app manifests --all",
        "app delete --all --yes",
        "app get --all",
        "app history --all",
    ];
    for line in calls {
        let ended = call(repo.path(), line).expect_code(2);
        let said = ended.said();
        let expected = if line.contains("--cluster") {
            "goes to `dev`"
        } else {
            "no app is declared in"
        };
        assert!(
            said.contains(expected) && said.contains("clusters/<name>/"),
            "{line}: {said}"
        );
    }
}

/// A pipe keeps neither stderr nor the exit code, so stdout says that there may be more apps than it answers for.
#[test]
fn what_cannot_be_read_is_in_the_answer() {
    let app = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\n\
        spec: {project: default, source: {repoURL: '', path: apps/shop}, destination: {namespace: shop}}\n";
    let conflict = format!("<<<<<<< ours\n{app}=======\n>>>>>>> theirs\n");
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: many}\n";
    for (fault, content) in [("conflict", conflict.as_str()), ("set", set)] {
        let repo = Repo::new(&[
            ("pushboat.yaml", ""),
            ("clusters/one/shop.yaml", app),
            ("clusters/one/apps.yaml", content),
            (
                "apps/shop/cm.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\n",
            ),
        ]);
        for command in [
            "list",
            "diff",
            "manifests",
            "resources",
            "tree",
            "history",
            "sync --yes",
        ] {
            let line = format!("app {command} --all");
            let line = line.replace("list --all", "list");
            // Sets are not supported yet, and what there is besides them is an answer.
            let is_answered = fault == "set" && command == "manifests";
            let code = if is_answered { 0 } else { 2 };
            let ended = call(repo.path(), &format!("{line} -o json")).expect_code(code);
            let document = ended.json();
            let errors = document["errors"].as_array().unwrap();
            let file = errors
                .iter()
                .find(|it| it["file"] == "clusters/one/apps.yaml");
            let file = file.unwrap_or_else(|| panic!("{fault}: {line}: {document}"));
            assert_eq!(file["reason"], "config", "{fault}: {line}");
            assert_ne!(file["message"], "", "{fault}: {line}");
            assert_eq!(document["summary"]["complete"], false, "{fault}: {line}");
            let told = "1 file could not be read";
            let ended = call(repo.path(), &line).expect_code(code);
            // A sync that does not begin has no answer to write it below.
            let is_told = ended.stdout.contains(told) || command.starts_with("sync");
            assert!(is_told, "{fault}: {line}: {}", ended.stdout);
            let is_told = ended.stderr.contains("clusters/one/apps.yaml");
            assert!(is_told, "{fault}: {line}: {}", ended.stderr);
        }
    }
    let repo = sample();
    let document = call(repo.path(), "app manifests --all -o json")
        .expect_code(0)
        .json();
    assert_eq!(document["summary"]["complete"], true);
    assert_eq!(document["errors"], serde_json::json!([]));
}

#[test]
fn manifests_are_read_also_where_nobody_knows_the_cluster() {
    let app = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\n\
        spec: {project: default, source: {repoURL: '', path: apps/shop}, destination: {name: far, namespace: shop}}\n";
    let repo = Repo::new(&[
        ("pushboat.yaml", ""),
        ("clusters/one/shop.yaml", app),
        (
            "apps/shop/cm.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\n",
        ),
    ]);
    let ended = call(repo.path(), "app manifests shop").expect_code(0);
    assert!(ended.stdout.contains("kind: ConfigMap"), "{}", ended.stdout);
    let ended = call(repo.path(), "app diff shop").expect_code(2);
    assert!(ended.said().contains("far"), "{}", ended.said());
}
