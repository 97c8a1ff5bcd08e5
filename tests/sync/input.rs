//! Input that is missing by accident: the rest is applied, nothing is deleted, and the answer names the file. What a person deleted goes.

use super::plane;
use crate::support::scene::{config_map, reasons};
use crate::support::{Repo, Scene};
use serde_json::Value;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

/// An app of `keep`, right in its folder, and `victim`, which stands in `sub/victim.yaml` below it.
struct Input {
    scene: Scene<'static>,
}

impl Input {
    fn new(name: &str) -> Self {
        let scene = Scene::new(plane(), name, &[config_map("keep", "1")]);
        let input = Self { scene };
        input.write("sub/victim.yaml", &config_map("victim", "1").to_string());
        input.scene.repo.commit("victim");
        input
    }

    /// The path of a file of the app, below the repository.
    fn at(&self, file: &str) -> String {
        format!("apps/{}/{file}", self.scene.namespace)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.scene.repo.path().join(self.at(file))
    }

    fn write(&self, file: &str, text: &str) {
        self.scene.repo.write(&self.at(file), text);
    }

    fn git(&self, args: &[&str]) {
        self.scene.repo.git(args);
    }

    /// A sync that prunes applies the rest, deletes nothing and names `file`; a diff leaves the question open.
    #[track_caller]
    fn expect_accident(&self, more: &[&str], file: &str) {
        let scene = &self.scene;
        scene.mark();
        let answer = scene.sync(&[&["--prune", "-o", "json"], more].concat());
        assert_eq!(answer.code, 2, "{answer:?}");
        assert!(reasons(&answer.json()).contains("render"), "{answer:?}");
        assert!(answer.stdout.contains(&self.at(file)), "{answer:?}");
        assert!(scene.exists("configmaps/victim"), "{answer:?}");
        assert!(!scene.changes().iter().any(|c| c.starts_with("delete")));
        let diff = scene.app("diff", &[&["-o", "json"], more].concat());
        assert_eq!(diff.code, 2, "{diff:?}");
        assert!(diff.stdout.contains(&self.at(file)), "{diff:?}");
        assert_eq!(scene.sync(more).code, 2, "also without a prune");
    }

    /// `break_it` loses the victim's file.
    #[track_caller]
    fn check(name: &str, file: &str, break_it: impl FnOnce(&Self)) {
        let input = Self::new(name);
        input.scene.synced(&[]);
        break_it(&input);
        input.scene.put(&config_map("keep", "2"));
        input.expect_accident(&[], file);
        let keep = input.scene.live("configmaps/keep");
        assert_eq!(keep["data"]["key"], "2", "the rest is applied");
    }
}

fn library() -> Repo {
    Repo::new(&[("victim.yaml", &config_map("victim", "1").to_string())])
}

fn add_submodule(input: &Input, library: &Repo) {
    std::fs::remove_dir_all(input.path("sub")).unwrap();
    input.scene.repo.commit("without");
    let (from, to) = (library.path().to_str().unwrap(), input.at("sub"));
    let allow = ["-c", "protocol.file.allow=always"];
    input.git(&[&allow[..], &["submodule", "--quiet", "add", from, &to]].concat());
    input.scene.repo.commit("submodule");
}

#[test]
fn a_submodule_that_is_not_checked_out_is_an_accident() {
    let library = library();
    let input = Input::new("input-submodule");
    add_submodule(&input, &library);
    input.scene.synced(&[]);
    assert!(input.scene.exists("configmaps/victim"));
    // No commit holds the files of a submodule.
    input.expect_accident(&["--revision", "HEAD"], "sub");
    input.git(&["submodule", "deinit", "--force", &input.at("sub")]);
    input.expect_accident(&[], "sub");
}

#[test]
fn a_link_that_leads_nowhere_is_an_accident() {
    let input = Input::new("input-dangling");
    input
        .scene
        .repo
        .write("shared/victim.yaml", &config_map("victim", "1").to_string());
    std::fs::remove_file(input.path("sub/victim.yaml")).unwrap();
    symlink("../../../shared/victim.yaml", input.path("sub/victim.yaml")).unwrap();
    input.scene.repo.commit("link");
    input.scene.synced(&[]);
    input.scene.repo.remove("shared/victim.yaml");
    input.expect_accident(&[], "sub/victim.yaml");
    input.scene.repo.commit("gone");
    input.expect_accident(&["--revision", "HEAD"], "sub/victim.yaml");
}

#[test]
fn a_folder_that_became_a_link_is_an_accident() {
    let replace = |target: &'static str| {
        move |input: &Input| {
            std::fs::rename(input.path("sub"), input.scene.repo.path().join("elsewhere")).unwrap();
            symlink(target, input.path("sub")).unwrap();
        }
    };
    Input::check("input-linked", "sub", replace("../../elsewhere"));
    Input::check("input-linked", "sub", replace("../../nowhere"));
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_an_accident() {
    Input::check("input-sparse", "sub/victim.yaml", |input| {
        let not = format!("!/{}/", input.at("sub"));
        input.git(&["sparse-checkout", "set", "--no-cone", "/*", &not]);
    });
    Input::check("input-cone", "sub", |input| {
        let folder = input.at("more");
        input.git(&[
            "sparse-checkout",
            "set",
            "--cone",
            "--sparse-index",
            "clusters",
            &folder,
        ]);
    });
    Input::check("input-skipped", "sub/victim.yaml", |input| {
        let file = input.at("sub/victim.yaml");
        input.git(&["update-index", "--skip-worktree", &file]);
        input.scene.repo.remove(&file);
    });
}

#[test]
fn a_file_that_lost_its_content_or_its_kind_is_an_accident() {
    let file = "sub/victim.yaml";
    for text in [
        "",
        "\n",
        "apiVersion: v1\nkimd: ConfigMap\nmetadata: {name: victim}\n",
        "apiVersion: v1\nkind:\nmetadata: {name: victim}\n",
        "metadata: {name: victim}\ndata: {key: '1'}\n",
        "# first\n---\napiVersion: v1\ndata: {key: '1'}\n---\nreplicas: 1\n",
    ] {
        Input::check("input-content", file, |input| input.write(file, text));
    }
    let mixed = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: other}\n---\napiVersion: v1\nkimd: ConfigMap\nmetadata: {name: victim}\n";
    Input::check("input-mixed", file, |input| input.write(file, mixed));
}

type Deletion = (&'static str, fn(&Input));

#[test]
fn what_a_person_deleted_goes() {
    let delete: [Deletion; 4] = [
        ("input-file", |input| {
            std::fs::remove_file(input.path("sub/victim.yaml")).unwrap()
        }),
        ("input-folder", |input| {
            std::fs::remove_dir_all(input.path("sub")).unwrap()
        }),
        ("input-comments", |input| {
            input.write("sub/victim.yaml", "# nothing any more\n")
        }),
        ("input-staged", |input| {
            input.write("sub/victim.yaml", "");
            input.git(&["add", "--all"]);
        }),
    ];
    for (name, delete) in delete {
        let input = Input::new(name);
        input.scene.synced(&[]);
        delete(&input);
        input.write("values.yaml", "replicas: 1\n");
        assert_eq!(input.scene.diff(&[]).status("ConfigMap", "victim"), "Extra");
        input.scene.synced(&["--prune"]);
        assert!(!input.scene.exists("configmaps/victim"), "{name}");
    }
}

/// Where the app has nothing that could be taken for surplus, the answer is good, and the file is told.
#[test]
fn without_extras_it_is_a_warning_unless_a_prune_is_asked_for() {
    let input = Input::new("input-warning");
    input.scene.synced(&[]);
    let file = input.at("sub/new.yaml");
    symlink("nowhere.yaml", input.path("sub/new.yaml")).unwrap();
    let warned = |answer: crate::support::Finished| {
        let answer = answer.expect_code(0);
        assert!(answer.stderr.contains(&file), "{answer:?}");
    };
    warned(input.scene.app("diff", &[]));
    warned(input.scene.sync(&[]));
    warned(input.scene.app("list", &[]));
    input.scene.mark();
    let answer = input.scene.sync(&["--prune", "-o", "json"]).expect_code(2);
    assert!(reasons(&answer.json()).contains("render"), "{answer:?}");
    assert_eq!(input.scene.writes().len(), 0, "nothing to do");
    input
        .scene
        .declare(&serde_json::json!({"automated": {"prune": true}}));
    input.scene.sync(&[]).expect_code(2);
}

#[test]
fn what_the_options_pass_over_is_missed_by_nobody() {
    let scene = Scene::new(plane(), "input-excluded", &[config_map("keep", "1")]);
    let input = Input { scene };
    input.write("docs/readme.md", "text\n");
    input.write("sub/victim.yaml", &config_map("victim", "1").to_string());
    let application = format!("clusters/test/{}.yaml", input.scene.namespace);
    let text = std::fs::read_to_string(input.scene.repo.path().join(&application)).unwrap();
    let mut value: Value = serde_json::from_str(&text).unwrap();
    value["spec"]["source"]["directory"]["exclude"] = "sub/*".into();
    input.scene.repo.write(&application, &value.to_string());
    input.scene.repo.commit("excluded");
    let not = [
        format!("!/{}/", input.at("sub")),
        format!("!/{}/", input.at("docs")),
    ];
    input.git(&[
        "sparse-checkout",
        "set",
        "--no-cone",
        "/*",
        &not[0],
        &not[1],
    ]);
    input.scene.synced(&["--prune"]);
    let answer = input.scene.app("diff", &[]).expect_code(0);
    assert!(!answer.stderr.contains("warning"), "{answer:?}");
}

/// An app of which a sparse checkout leaves everything out says so.
#[test]
fn a_folder_that_a_sparse_checkout_leaves_out_is_told() {
    let input = Input::new("input-nothing");
    input.git(&[
        "sparse-checkout",
        "set",
        "--cone",
        "--sparse-index",
        "clusters",
    ]);
    let answer = input.scene.app("manifests", &[]).expect_code(2);
    assert!(
        answer.said().contains("left out by the sparse checkout"),
        "{answer:?}"
    );
    input.scene.sync(&["--prune"]).expect_code(2);
}

/// Which apps there are, and what they want, is not known then.
#[test]
fn a_declaration_that_a_sparse_checkout_leaves_out_fails_the_run() {
    let input = Input::new("input-declared");
    input
        .scene
        .repo
        .write("clusters/other/app.yaml", "kind: Application\n");
    input.scene.repo.commit("other");
    input.git(&[
        "sparse-checkout",
        "set",
        "--no-cone",
        "/*",
        "!/clusters/other/",
    ]);
    for verb in ["diff", "list", "get"] {
        let answer = input.scene.app(verb, &[]).expect_code(2);
        assert!(
            answer.said().contains("clusters/other/app.yaml"),
            "{answer:?}"
        );
    }
    input.scene.sync(&[]).expect_code(2);
    assert!(!input.scene.exists("configmaps/keep"));
}

/// A kustomization is built whole or not at all.
#[test]
fn a_kustomization_that_lost_a_file_is_not_built() {
    let scene = Scene::new(plane(), "input-kustomize", &[]);
    let input = Input { scene };
    let declare = format!("clusters/test/{}.yaml", input.scene.namespace);
    input
        .scene
        .repo
        .replace(&declare, "\"recurse\": true", "\"recurse\": false");
    input.write(
        "kustomization.yaml",
        "resources: [keep.yaml, victim.yaml]\nnamePrefix: my-\n",
    );
    for name in ["keep", "victim"] {
        input.write(&format!("{name}.yaml"), &config_map(name, "1").to_string());
    }
    input.scene.repo.commit("kustomization");
    input.scene.synced(&[]);
    let expect = |file: &str| {
        input.scene.mark();
        let answer = input.scene.sync(&["--prune", "-o", "json"]).expect_code(2);
        assert!(reasons(&answer.json()).contains("render"), "{answer:?}");
        assert!(answer.stdout.contains(&input.at(file)), "{answer:?}");
        assert_eq!(input.scene.writes().len(), 0);
    };
    input.write("victim.yaml", "");
    expect("victim.yaml");
    input.git(&["checkout", "--", "."]);
    let file = input.at("kustomization.yaml");
    input.git(&["update-index", "--skip-worktree", &file]);
    input.scene.repo.remove(&file);
    expect("kustomization.yaml");
    symlink("nowhere", input.path("kustomization.yaml")).unwrap();
    expect("kustomization.yaml");
}
