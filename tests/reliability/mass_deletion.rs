//! P07: whatever goes wrong with the input, nothing is deleted and the run does not succeed.
//!
//! Each case spoils a repository whose app was synced, and asks for a sync with `--prune`. The API server's audit log counts the deletes.

use super::plane;
use crate::support::Scene;
use crate::support::scene::config_map;
use serde_json::{Value, json};
use std::os::unix::fs::symlink;
use std::path::PathBuf;

/// More than the ten that may go without a question.
const N_OBJECTS: usize = 15;

struct World {
    scene: Scene<'static>,
}

impl World {
    fn new(name: &str) -> Self {
        let scene = Scene::new(plane(), name, &objects());
        let world = Self { scene };
        // A commit without the app's folder, for those who ask for it.
        world.scene.repo.git(&["tag", "with"]);
        world.scene.synced(&[]);
        world
    }

    fn at(&self, file: &str) -> String {
        format!("apps/{}/{file}", self.scene.namespace)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.scene.repo.path().join(self.at(file))
    }

    fn folder(&self) -> PathBuf {
        self.scene
            .repo
            .path()
            .join(format!("apps/{}", self.scene.namespace))
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder()).unwrap();
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    /// Writes the same into every file.
    fn fill(&self, text: impl AsRef<[u8]>) {
        for file in self.files() {
            std::fs::write(file, text.as_ref()).unwrap();
        }
    }

    /// Writes something else into each file.
    fn change(&self, change: impl Fn(Value) -> Value) {
        for file in self.files() {
            let value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
            std::fs::write(file, change(value).to_string()).unwrap();
        }
    }

    /// Removes all files but the first `n`.
    fn keep(&self, n: usize) {
        for file in self.files().into_iter().skip(n) {
            std::fs::remove_file(file).unwrap();
        }
    }

    fn write(&self, file: &str, text: &str) {
        self.scene.repo.write(&self.at(file), text);
    }

    /// One object leaves the repository, beside what is wrong.
    fn and_one_less(&self) {
        std::fs::remove_file(self.files().pop().unwrap()).unwrap();
    }

    fn application(&self, change: impl Fn(&mut Value)) {
        let file = self.declaration();
        let path = self.scene.repo.path().join(&file);
        let mut value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        change(&mut value);
        self.scene.repo.write(&file, &value.to_string());
    }

    fn declaration(&self) -> String {
        format!("clusters/test/{}.yaml", self.scene.namespace)
    }

    fn git(&self, args: &[&str]) {
        self.scene.repo.git(args);
    }

    /// Files and cluster as they were before a case.
    fn restore(&self) {
        let folder = self.folder();
        if folder.is_symlink() {
            std::fs::remove_file(&folder).unwrap();
        }
        let index = self.scene.repo.git(&["ls-files", "-v"]);
        for line in index.lines().filter(|line| line.starts_with('S')) {
            self.git(&["update-index", "--no-skip-worktree", &line[2..]]);
        }
        self.git(&["sparse-checkout", "disable"]);
        self.git(&["reset", "--quiet", "--hard", "with"]);
        self.git(&["clean", "--quiet", "-ffdx"]);
        let more = ["--prune", "--max-prune", "100", "--allow-empty", "--adopt"];
        // A record that somebody changed is written anew by one sync, and good for the next.
        if self.scene.sync(&more).code != 0 {
            self.scene.synced(&more);
        }
    }
}

fn objects() -> Vec<Value> {
    let name = |n| format!("map-{n:02}");
    (0..N_OBJECTS).map(|n| config_map(&name(n), "1")).collect()
}

type Case = (&'static str, fn(&World));

/// Files that are not what they were.
const FILES: &[Case] = &[
    ("the folder is gone", |w| {
        std::fs::remove_dir_all(w.folder()).unwrap()
    }),
    ("every file is gone", |w| w.keep(0)),
    ("all files but one are gone", |w| w.keep(1)),
    ("eleven files are gone", |w| w.keep(N_OBJECTS - 11)),
    ("every file is empty", |w| w.fill("")),
    ("every file is blank", |w| w.fill("\n \n")),
    ("every file is a comment", |w| w.fill("# later\n")),
    ("every file is a document mark", |w| w.fill("---\n---\n")),
    ("every file is null", |w| w.fill("null\n")),
    ("every kind is misspelt", |w| {
        w.change(|mut v| {
            v["kimd"] = v["kind"].take();
            v
        });
    }),
    ("every kind is missing", |w| {
        w.change(|mut v| {
            v.as_object_mut().unwrap().remove("kind");
            v
        });
    }),
    ("a file is cut in the middle", |w| {
        w.and_one_less();
        let text = std::fs::read(w.path("configmap-map-00.yaml")).unwrap();
        std::fs::write(w.path("configmap-map-00.yaml"), &text[..text.len() / 2]).unwrap();
    }),
    ("a file is binary", |w| {
        w.and_one_less();
        std::fs::write(w.path("configmap-map-00.yaml"), [0, 159, 146, 150, 0, 1]).unwrap();
    }),
    ("a file is no YAML", |w| {
        w.and_one_less();
        w.write("configmap-map-00.yaml", "a: [1\n");
    }),
    ("a file has conflict marks", |w| {
        w.and_one_less();
        w.write(
            "configmap-map-00.yaml",
            "<<<<<<< HEAD\nkind: A\n=======\nkind: B\n>>>>>>> other\n",
        );
    }),
    ("a file has tabs", |w| {
        w.and_one_less();
        w.write(
            "configmap-map-00.yaml",
            "kind: ConfigMap\nmetadata:\n\tname: a\n",
        );
    }),
    ("a file is too large", |w| {
        w.and_one_less();
        let file = std::fs::File::create(w.path("configmap-map-00.yaml")).unwrap();
        file.set_len(17 << 20).unwrap();
    }),
    ("a file is a bomb", |w| {
        w.and_one_less();
        let mut bomb = String::from("a0: &a0 [x]\n");
        for n in 1..20 {
            let item = format!("*a{}", n - 1);
            bomb += &format!("a{n}: &a{n} [{}]\n", vec![item; 9].join(", "));
        }
        w.write("configmap-map-00.yaml", &bomb);
    }),
    ("a file is a Git LFS pointer", |w| {
        w.and_one_less();
        w.write(
            "configmap-map-00.yaml",
            "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
        );
    }),
    ("an object stands twice", |w| {
        w.and_one_less();
        std::fs::copy(w.path("configmap-map-00.yaml"), w.path("again.yaml")).unwrap();
    }),
    ("an object has no name", |w| {
        w.and_one_less();
        w.write(
            "configmap-map-00.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n",
        );
    }),
    ("an object is refused by the server", |w| {
        w.and_one_less();
        let bad = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "map-00"}, "data": {"not a key": "x"}});
        w.write("configmap-map-00.yaml", &bad.to_string());
    }),
    ("a kind is not served", |w| {
        w.and_one_less();
        w.write(
            "other.yaml",
            "apiVersion: nobody.example.com/v1\nkind: Thing\nmetadata: {name: a}\n",
        );
    }),
    ("a hook is added", |w| {
        w.and_one_less();
        let mut hook = config_map("hook", "1");
        hook["metadata"]["annotations"] = json!({"argocd.argoproj.io/hook": "PreSync"});
        w.write("hook.yaml", &hook.to_string());
    }),
    ("a jsonnet file is added", |w| {
        w.and_one_less();
        w.write("more.jsonnet", "{}");
    }),
    ("a list has no items", |w| {
        w.fill("apiVersion: v1\nkind: List\nitems: []\n")
    }),
    ("a list has null for items", |w| {
        w.fill("apiVersion: v1\nkind: List\nitems:\n")
    }),
    ("a list has an item without a kind", |w| {
        w.and_one_less();
        w.write(
            "list.yaml",
            "apiVersion: v1\nkind: List\nitems: [{metadata: {name: a}}]\n",
        );
    }),
    ("every object has another name", |w| {
        w.change(|mut v| {
            let name = format!("new-{}", v["metadata"]["name"].as_str().unwrap());
            v["metadata"]["name"] = name.into();
            v
        });
    }),
    ("every object has another kind", |w| {
        w.change(|v| json!({"apiVersion": "v1", "kind": "Secret", "metadata": v["metadata"], "stringData": {"a": "b"}}));
    }),
];

/// Links, submodules and what a checkout leaves out.
const CHECKOUT: &[Case] = &[
    ("the folder is a link to nothing", |w| {
        std::fs::remove_dir_all(w.folder()).unwrap();
        symlink("nowhere", w.folder()).unwrap();
    }),
    ("the folder is a link to another folder", |w| {
        std::fs::remove_dir_all(w.folder()).unwrap();
        let one = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "map-00"}});
        w.scene.repo.write("elsewhere/one.yaml", &one.to_string());
        symlink("../elsewhere", w.folder()).unwrap();
    }),
    ("every file is a link to nothing", |w| {
        for file in w.files() {
            std::fs::remove_file(&file).unwrap();
            symlink("nowhere.yaml", file).unwrap();
        }
    }),
    ("a file is a link out of the repository", |w| {
        w.and_one_less();
        let file = w.path("configmap-map-00.yaml");
        std::fs::remove_file(&file).unwrap();
        symlink("/etc/hostname", file).unwrap();
    }),
    ("a file is a link to itself", |w| {
        w.and_one_less();
        let file = w.path("configmap-map-00.yaml");
        std::fs::remove_file(&file).unwrap();
        symlink("configmap-map-00.yaml", file).unwrap();
    }),
    ("a sparse checkout leaves the folder out", |w| {
        let not = format!("!/apps/{}/", w.scene.namespace);
        w.git(&["sparse-checkout", "set", "--no-cone", "/*", &not]);
    }),
    ("a sparse checkout leaves one file out", |w| {
        let not = format!("!/{}", w.at("configmap-map-07.yaml"));
        w.git(&["sparse-checkout", "set", "--no-cone", "/*", &not]);
    }),
    ("a cone leaves the declarations out", |w| {
        w.git(&["sparse-checkout", "set", "--cone", "apps"]);
    }),
    ("a file has the skip-worktree bit", |w| {
        let file = w.at("configmap-map-07.yaml");
        w.git(&["update-index", "--skip-worktree", &file]);
        w.scene.repo.remove(&file);
    }),
    ("the folder is a submodule that is not checked out", |w| {
        std::fs::remove_dir_all(w.folder()).unwrap();
        let head = w.scene.repo.git(&["rev-parse", "HEAD"]);
        let path = format!("apps/{}", w.scene.namespace);
        w.git(&["rm", "-r", "--quiet", "--cached", &path]);
        let entry = format!("160000,{},{path}", head.trim());
        w.git(&["update-index", "--add", "--cacheinfo", &entry]);
        std::fs::create_dir_all(w.folder()).unwrap();
    }),
];

/// The declaration of the app.
const DECLARATION: &[Case] = &[
    ("the path does not exist", |w| {
        w.application(|a| a["spec"]["source"]["path"] = "apps/nowhere".into())
    }),
    ("the path leaves the repository", |w| {
        w.application(|a| a["spec"]["source"]["path"] = "../..".into())
    }),
    ("the path is a file", |w| {
        let file = w.at("configmap-map-00.yaml");
        w.application(|a| a["spec"]["source"]["path"] = file.clone().into());
    }),
    ("the path is an empty folder", |w| {
        std::fs::create_dir_all(w.scene.repo.path().join("apps/empty")).unwrap();
        w.application(|a| a["spec"]["source"]["path"] = "apps/empty".into());
    }),
    ("nothing is included", |w| {
        w.application(|a| a["spec"]["source"]["directory"]["include"] = "none*".into())
    }),
    ("everything is excluded", |w| {
        w.application(|a| a["spec"]["source"]["directory"]["exclude"] = "*".into())
    }),
    ("the files went deeper than the app looks", |w| {
        for file in w.files() {
            let below = w.path("below");
            std::fs::create_dir_all(&below).unwrap();
            std::fs::rename(&file, below.join(file.file_name().unwrap())).unwrap();
        }
        w.application(|a| a["spec"]["source"]["directory"]["recurse"] = false.into());
    }),
    ("the revision does not exist", |w| {
        w.application(|a| a["spec"]["source"]["targetRevision"] = "v9.9.9".into())
    }),
    ("the destination is unknown", |w| {
        w.application(|a| a["spec"]["destination"]["server"] = "https://nowhere.example.com".into())
    }),
    ("the source is another repository", |w| {
        w.application(|a| {
            a["spec"]["source"]["repoURL"] = "https://git.example.com/other.git".into()
        })
    }),
    ("the source is a chart", |w| {
        w.application(|a| a["spec"]["source"]["chart"] = "web".into())
    }),
    ("the declaration is no YAML", |w| {
        w.scene.repo.write(&w.declaration(), "a: [1\n")
    }),
    ("the declaration is empty", |w| {
        w.scene.repo.write(&w.declaration(), "")
    }),
    ("the declaration is gone", |w| {
        w.scene.repo.remove(&w.declaration())
    }),
    ("the declaration has no kind", |w| {
        w.application(|a| a["kind"] = Value::Null)
    }),
    ("the declaration is a link to nothing", |w| {
        w.scene.repo.remove(&w.declaration());
        symlink("nowhere.yaml", w.scene.repo.path().join(w.declaration())).unwrap();
    }),
    ("the app is declared twice", |w| {
        let path = w.scene.repo.path();
        std::fs::copy(
            path.join(w.declaration()),
            path.join("clusters/test/again.yaml"),
        )
        .unwrap();
    }),
];

/// Kustomizations and templates.
const TOOLS: &[Case] = &[
    ("an empty kustomization appears", |w| {
        w.write("kustomization.yaml", "resources: []\n");
        w.application(|a| a["spec"]["source"]["directory"] = json!({}));
    }),
    ("a kustomization without content appears", |w| {
        w.write("kustomization.yaml", "");
        w.application(|a| a["spec"]["source"]["directory"] = json!({}));
    }),
    ("a kustomization misses a file", |w| {
        w.write(
            "kustomization.yaml",
            "resources: [configmap-map-00.yaml, gone.yaml]\n",
        );
        w.application(|a| a["spec"]["source"]["directory"] = json!({}));
    }),
    ("a kustomization misses its base", |w| {
        w.write("kustomization.yaml", "resources: [../gone]\n");
        w.application(|a| a["spec"]["source"]["directory"] = json!({}));
    }),
    ("a kustomization takes one file", |w| {
        w.write("kustomization.yaml", "resources: [configmap-map-00.yaml]\n");
        w.application(|a| a["spec"]["source"]["directory"] = json!({}));
    }),
    ("a kustomization is a link to nothing", |w| {
        w.and_one_less();
        symlink("nowhere", w.path("kustomization.yaml")).unwrap();
        w.application(|a| a["spec"]["source"]["directory"] = json!({}));
    }),
    ("a kustomization deletes what it has", |w| {
        w.write("kustomization.yaml", "resources: [configmap-map-00.yaml]\npatches: [{patch: '{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"map-00\"}, \"$patch\": \"delete\"}'}]\n");
        w.application(|a| a["spec"]["source"]["directory"] = json!({}));
    }),
    ("a template fails", |w| {
        w.and_one_less();
        w.write("more.yaml.tera", "kind: {{ nothing.like.this }}\n");
        w.application(|a| a["spec"]["source"]["plugin"] = json!({"name": "tera"}));
    }),
    ("an override of the source appears", |w| {
        w.and_one_less();
        w.write(".argocd-source.yaml", "path: elsewhere\n");
    }),
];

/// The record in the cluster.
const RECORD: &[Case] = &[
    ("the record lost its kinds", |w| {
        annotate(w, "applyset.kubernetes.io/contains-group-kinds-")
    }),
    ("the record has a wrong kind", |w| {
        annotate(w, "applyset.kubernetes.io/contains-group-kinds=<x>")
    }),
    ("the record is another tool's", |w| {
        annotate(w, "applyset.kubernetes.io/tooling=kubectl/v1.36")
    }),
    ("the record is another repository's", |w| {
        annotate(w, "pushboat.dev/repo=git.example.com/other")
    }),
];

fn annotate(w: &World, annotation: &str) {
    w.and_one_less();
    let record = w.scene.record();
    let args = ["annotate", "--overwrite", "secret", &record, annotation];
    plane().kubectl(&[&["-n", &w.scene.namespace], &args[..]].concat());
}

/// Runs cases one after the other in one world; each ends in failure, and no object is deleted by any.
#[track_caller]
fn check(name: &str, cases: &[Case]) {
    let world = World::new(name);
    let mut wrong = Vec::new();
    for (what, spoil) in cases {
        spoil(&world);
        world.scene.mark();
        let answer = world.scene.sync(&["--prune"]);
        let changes = world.scene.changes();
        let n_deletes = changes.iter().filter(|c| c.starts_with("delete")).count();
        if n_deletes > 0 || answer.code == 0 {
            wrong.push(format!("{what}: {n_deletes} deletes, {answer:?}"));
        }
        world.restore();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn no_spoilt_file_deletes_anything() {
    check("mass-files", FILES);
}

#[test]
fn no_odd_checkout_deletes_anything() {
    check("mass-checkout", CHECKOUT);
}

#[test]
fn no_spoilt_declaration_deletes_anything() {
    check("mass-declaration", DECLARATION);
}

#[test]
fn no_spoilt_build_deletes_anything() {
    check("mass-tools", TOOLS);
}

#[test]
fn no_spoilt_record_deletes_anything() {
    check("mass-record", RECORD);
}

#[test]
fn the_degenerate_inputs_are_more_than_forty() {
    let n: usize = [FILES, CHECKOUT, DECLARATION, TOOLS, RECORD]
        .iter()
        .map(|cases| cases.len())
        .sum();
    assert!(n >= 40, "{n}");
}
