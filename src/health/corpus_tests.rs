//! Runs the collected cases of Argo CD's kinds and prints how many agree.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::*;

/// Cases recorded for the rule alone: these objects are being deleted, which in Argo CD too comes before any rule.
const DELETED: [&str; 2] = [
    "kafka.strimzi.io_KafkaConnect/02-healthy.json",
    "kafka.strimzi.io_KafkaConnector/02-healthy.json",
];

/// Where the collected cases are, if they are on this machine.
fn corpus() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let given = std::env::var_os("PUSHBOAT_CORPUS").map(PathBuf::from);
    given
        .into_iter()
        .chain([
            root.join("../shared/corpus"),
            root.join("../../shared/corpus"),
        ])
        .map(|path| path.join("health"))
        .find(|path| path.is_dir())
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    files
}

#[test]
fn agrees_with_the_collected_cases() {
    let Some(corpus) = corpus() else {
        eprintln!("skipped: no corpus");
        return;
    };
    let mut wrong = BTreeMap::new();
    let mut counts: BTreeMap<bool, (usize, usize)> = BTreeMap::new();
    let mut folders: Vec<PathBuf> = std::fs::read_dir(&corpus)
        .into_iter()
        .flatten()
        .filter_map(|e| Some(e.ok()?.path()))
        .collect();
    folders.sort();
    for file in folders.iter().flat_map(|folder| json_files(folder)) {
        let name = file
            .strip_prefix(&corpus)
            .unwrap_or(&file)
            .display()
            .to_string();
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let Ok(case) = serde_json::from_str::<serde_json::Value>(&text) else {
            continue;
        };
        let object = Object::new(case["object"].clone());
        let has_rule = {
            let view = View::new(&object);
            !matches!(builtin(&view), Rule::NotBuiltin) || custom::has_rule(&view)
        };
        let found = health(&object).map_or("none", |health| health.status.as_str());
        let is_right =
            case["status"] == found || (found == "Progressing" && DELETED.contains(&name.as_str()));
        let count = counts.entry(has_rule).or_default();
        count.0 += usize::from(is_right);
        count.1 += 1;
        if has_rule && !is_right {
            wrong.insert(name, format!("{found}, not {}", case["status"]));
        }
    }
    let (ruled, later) = (
        counts.get(&true).copied().unwrap_or_default(),
        counts.get(&false).copied().unwrap_or_default(),
    );
    eprintln!(
        "health: {} of {} cases of kinds with a rule; {} of {} others by the usual conditions",
        ruled.0, ruled.1, later.0, later.1
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}
