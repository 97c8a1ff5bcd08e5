//! The recorded cases of the real program, run in this process. Skipped with a word where they are not there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{BuildOptions, LoadRestrictor, Reorder, build};
use crate::object::yaml::{Dialect, Limits, parse, to_json};
use crate::repo::tree::MemoryTree;

/// Where the corpora are: `PUSHBOAT_CORPUS`, or beside the repository.
fn corpus() -> Option<PathBuf> {
    if let Some(set) = std::env::var_os("PUSHBOAT_CORPUS") {
        return Some(set.into());
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["../shared/corpus", "../../shared/corpus"]
        .iter()
        .map(|relative| here.join(relative))
        .find(|path| path.is_dir())
}

fn tree_of(root: &Path) -> MemoryTree {
    let mut tree = MemoryTree::default();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).expect("a directory of the case") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(content) = std::fs::read(&path) {
                let relative = path.strip_prefix(root).expect("below the root");
                tree.insert(&relative.to_string_lossy(), content);
            }
        }
    }
    tree
}

fn data(text: &str) -> Option<Vec<Value>> {
    let parsed = parse(text.as_bytes(), "", &Limits::default()).ok()?;
    parsed
        .documents
        .iter()
        .map(|node| to_json(node, "", Dialect::Kubectl).ok())
        .collect()
}

#[derive(Debug, Default)]
struct Tally {
    ok: usize,
    data_equal: usize,
    byte_equal: usize,
    errors: usize,
    errors_matched: usize,
    failed: BTreeMap<String, String>,
}

fn run(case: &Path, tally: &mut Tally) {
    let name = case
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let text = std::fs::read_to_string(case.join("case.json")).expect("case.json");
    let described: Value = serde_json::from_str(&text).expect("JSON");
    let option = |key: &str| {
        described["options"][key]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let options = BuildOptions {
        load_restrictor: match option("load_restrictor").as_str() {
            "LoadRestrictionsNone" => LoadRestrictor::None,
            _ => LoadRestrictor::RootOnly,
        },
        reorder: match option("reorder").as_str() {
            "none" => Reorder::None,
            "legacy" => Reorder::Legacy,
            _ => Reorder::Unspecified,
        },
        managed_by_label: described["options"]["enable_managedby_label"]
            .as_bool()
            .unwrap_or(false),
        ..BuildOptions::default()
    };
    // The case's own root has room above it, as on a disk.
    let tree = tree_of(&case.join("input"));
    let built = build(
        &tree,
        described["path"].as_str().unwrap_or_default(),
        &options,
    );
    if described["expect"] == "error" {
        tally.errors += 1;
        let either = described.get("quirk").is_some();
        match built {
            Err(_) => tally.errors_matched += 1,
            Ok(_) if either => tally.errors_matched += 1,
            Ok(_) => {
                tally
                    .failed
                    .insert(name, format!("should fail: {}", described["error"]));
            }
        }
        return;
    }
    tally.ok += 1;
    let expected = std::fs::read_to_string(case.join("expected.yaml")).expect("expected.yaml");
    match built {
        Err(error) => {
            tally.failed.insert(name, format!("ERROR {error}"));
        }
        Ok(built) => {
            // The label speaks of the version of the tool.
            let text = built.to_yaml().replace(
                "managed-by: kustomize-v5.8.3",
                "managed-by: kustomize-(devel)",
            );
            let expected = expected.replace(
                "managed-by: kustomize-v5.8.3",
                "managed-by: kustomize-(devel)",
            );
            if text == expected {
                tally.byte_equal += 1;
                tally.data_equal += 1;
            } else if data(&text).is_some() && data(&text) == data(&expected) {
                tally.data_equal += 1;
                tally
                    .failed
                    .insert(name, format!("BYTES\n{}", difference(&expected, &text)));
            } else {
                tally
                    .failed
                    .insert(name, format!("DATA\n{}", difference(&expected, &text)));
            }
        }
    }
}

fn difference(expected: &str, text: &str) -> String {
    similar::TextDiff::from_lines(expected, text)
        .unified_diff()
        .context_radius(2)
        .to_string()
}

#[test]
fn recorded_cases_come_out_as_the_real_program_gave_them() {
    let Some(corpus) = corpus()
        .map(|path| path.join("kustomize"))
        .filter(|path| path.is_dir())
    else {
        println!("skipped: no corpus");
        return;
    };
    let only = std::env::var("PUSHBOAT_CASE").unwrap_or_default();
    let mut cases: Vec<PathBuf> = std::fs::read_dir(&corpus)
        .expect("the corpus")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.join("case.json").is_file())
        .filter(|path| path.to_string_lossy().contains(&only))
        .collect();
    cases.sort();
    let mut tally = Tally::default();
    for case in &cases {
        run(case, &mut tally);
    }
    for (name, why) in &tally.failed {
        println!("== {name}: {why}");
    }
    println!(
        "{} cases: {} ok, {} data-equal, {} byte-equal; {} errors, {} matched",
        cases.len(),
        tally.ok,
        tally.data_equal,
        tally.byte_equal,
        tally.errors,
        tally.errors_matched
    );
    assert!(
        tally.data_equal * 100 >= tally.ok * 80,
        "fewer cases pass than before"
    );
}
