//! Every Application of the corpus is read without panic, and refused only for what is known not to be supported.

use std::path::{Path, PathBuf};

use super::inventory;
use super::remote::Identity;
use super::tree::MemoryTree;

fn corpus() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let given = std::env::var_os("PUSHBOAT_CORPUS").map(PathBuf::from);
    let near = [
        root.join("../shared/corpus"),
        root.join("../../shared/corpus"),
    ];
    given.into_iter().chain(near).find(|folder| folder.is_dir())
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for item in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = item.path();
        let is_link = item.file_type().is_ok_and(|kind| kind.is_symlink());
        if path.is_dir() && !is_link {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") && path.is_file() {
            found.push(path);
        }
    }
}

/// Reads each file as if it stood in a cluster's folder; gives the apps read and the problems met.
fn read_all(name: &str) -> Option<(usize, Vec<String>)> {
    let Some(corpus) = corpus() else {
        eprintln!("skipped");
        return None;
    };
    let mut found = Vec::new();
    files(&corpus.join(name), &mut found);
    let (mut n_apps, mut problems) = (0, Vec::new());
    for path in found {
        let bytes = std::fs::read(&path).expect("readable");
        let tree: MemoryTree = [("clusters/dev/app.yaml", bytes)].into_iter().collect();
        let inventory = inventory::read(&tree, &Identity::default()).expect("reads");
        n_apps += inventory.apps.len();
        for app in &inventory.apps {
            problems.extend(
                app.problems()
                    .iter()
                    .map(|p| format!("{}: {p}", path.display())),
            );
        }
    }
    Some((n_apps, problems))
}

#[test]
fn recorded_applications_are_read() {
    for name in ["argo-render", "argo-sync", "argo-diff"] {
        let Some((n_apps, problems)) = read_all(name) else {
            return;
        };
        assert!(n_apps > 0, "{name}");
        // What else is refused was refused by Argo CD too.
        for problem in problems
            .iter()
            .filter(|text| !text.contains("not supported yet"))
        {
            let case = problem
                .split("/application.yaml")
                .next()
                .unwrap_or_default();
            let case = std::fs::read_to_string(format!("{case}/case.json")).expect("a case");
            assert!(!case.contains(r#""expect": "ok""#), "{problem}");
        }
    }
}

#[test]
fn real_files_are_read_without_panic() {
    read_all("real");
}
