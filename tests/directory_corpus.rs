//! Folders of plain manifests: what Argo CD answered for each recorded case, and what pushboat answers.

use std::path::{Path, PathBuf};

use pushboat::object::yaml::{self, Dialect, Limits};
use pushboat::render::directory;
use pushboat::repo::application::Directory;
use pushboat::repo::tree::MemoryTree;
use serde_json::Value;

/// Where pushboat differs on purpose, or a case asks for more than a folder of manifests.
const DIFFERENCES: &[(&str, &str)] = &[
    (
        "dir-bad-revision",
        "choosing a revision comes before rendering",
    ),
    ("dir-tag", "choosing a revision comes before rendering"),
    (
        "dir-tag-prefix",
        "choosing a revision comes before rendering",
    ),
    (
        "dir-symlink-out",
        "the recording lost its link; links are tested where trees are read",
    ),
    ("jsonnet-basic", "Jsonnet is refused by name"),
    ("jsonnet-error", "Jsonnet is refused by name"),
    ("jsonnet-libs", "Jsonnet is refused by name"),
    ("jsonnet-list", "Jsonnet is refused by name"),
    ("jsonnet-number", "Jsonnet is refused by name"),
    ("jsonnet-vars", "Jsonnet is refused by name"),
    ("set-jsonnet-off", "a setting of an Argo CD instance"),
    ("set-kustomize-off", "a setting of an Argo CD instance"),
    (
        "override-switches-tool",
        "`.argocd-source.yaml` is not read",
    ),
    ("track-unknown", "a setting of an Argo CD instance"),
];

#[test]
fn folders_render_as_argo_cd_renders_them() {
    let Some(corpus) = corpus("argo-render") else {
        crate::support::skipped("no corpus");
        return;
    };
    let mut cases: Vec<PathBuf> = entries(&corpus);
    cases.retain(|case| case.join("case.json").is_file() && needs_only_a_folder(case));
    let mut failures = Vec::new();
    let mut n_compared = 0;
    for case in &cases {
        let name = case.file_name().unwrap().to_str().unwrap();
        if DIFFERENCES.iter().any(|(known, _)| *known == name) {
            continue;
        }
        n_compared += 1;
        if let Err(difference) = compare(case) {
            failures.push(format!("{name}: {difference}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(n_compared >= 28, "only {n_compared} cases compared");
}

fn compare(case: &Path) -> Result<(), String> {
    let recorded: Value =
        serde_json::from_slice(&std::fs::read(case.join("case.json")).unwrap()).unwrap();
    let source = source(case);
    let text = |pointer: &str| {
        source
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let options = Directory {
        recurse: source.pointer("/directory/recurse") == Some(&Value::Bool(true)),
        include: text("/directory/include"),
        exclude: text("/directory/exclude"),
    };
    let tree = tree(&case.join("repo"));
    let answer = directory::render(&tree, &text("/path"), &options, &Limits::default());
    match (recorded["expect"].as_str(), answer) {
        (Some("ok"), Ok(rendered)) => {
            let expected: Vec<Value> =
                serde_json::from_slice(&std::fs::read(case.join("expected.json")).unwrap())
                    .unwrap();
            let ours: Vec<Value> = rendered.objects.into_iter().map(|o| o.value).collect();
            let (ours, expected) = (plain(ours), plain(expected));
            if ours == expected {
                return Ok(());
            }
            Err(format!("ours {ours:?}\nexpected {expected:?}"))
        }
        (Some("error"), Err(error)) => {
            let has_place = error.location().is_some() || error.message().contains('`');
            has_place
                .then_some(())
                .ok_or_else(|| format!("no place in: {error}"))
        }
        (expected, Ok(_)) => Err(format!("rendered, but the recording says {expected:?}")),
        (expected, Err(error)) => Err(format!("{error}, but the recording says {expected:?}")),
    }
}

/// Objects without Argo CD's own marks and without maps that mean the same as none.
fn plain(mut objects: Vec<Value>) -> Vec<Value> {
    const MARKS: [&str; 3] = [
        "argocd.argoproj.io/tracking-id",
        "argocd.argoproj.io/installation-id",
        "app.kubernetes.io/instance",
    ];
    for object in &mut objects {
        let Some(Value::Object(metadata)) = object.get_mut("metadata") else {
            continue;
        };
        for field in ["annotations", "labels"] {
            if let Some(Value::Object(entries)) = metadata.get_mut(field) {
                entries.retain(|key, _| !MARKS.contains(&key.as_str()));
            }
            let is_empty = match metadata.get(field) {
                Some(Value::Object(entries)) => entries.is_empty(),
                Some(Value::Null) => true,
                _ => false,
            };
            if is_empty {
                metadata.remove(field);
            }
        }
        if metadata.is_empty() {
            object.as_object_mut().unwrap().remove("metadata");
        }
    }
    objects
}

fn source(case: &Path) -> Value {
    let text = std::fs::read(case.join("application.yaml")).unwrap();
    let parsed = yaml::parse(&text, "application.yaml", &Limits::default()).unwrap();
    let app = yaml::to_json(&parsed.documents[0], "application.yaml", Dialect::Kubectl).unwrap();
    app.pointer("/spec/source").cloned().unwrap_or_default()
}

fn needs_only_a_folder(case: &Path) -> bool {
    let name = case.file_name().unwrap().to_str().unwrap();
    let recorded: Value =
        serde_json::from_slice(&std::fs::read(case.join("case.json")).unwrap()).unwrap();
    let is_single = source(case).get("repoURL").is_some();
    is_single && (name.starts_with("dir-") || recorded["source_type"] == "Directory")
}

/// The files below `root`, in memory.
fn tree(root: &Path) -> MemoryTree {
    let mut tree = MemoryTree::default();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                tree.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    tree
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// A recorded corpus: beside the repository, or where `PUSHBOAT_CORPUS` says.
fn corpus(name: &str) -> Option<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let set = std::env::var_os("PUSHBOAT_CORPUS").map(PathBuf::from);
    set.into_iter()
        .chain([
            manifest.join("../shared/corpus"),
            manifest.join("../../shared/corpus"),
        ])
        .map(|root| root.join(name))
        .find(|folder| folder.is_dir())
}
