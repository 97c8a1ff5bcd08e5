//! Runs the collected cases of Argo CD's kinds and prints how many agree.

use std::collections::BTreeMap;

use super::*;
use crate::object::corpus_tests::{corpus, sorted};

/// Cases recorded for the rule alone: these objects are being deleted, which in Argo CD too comes before any rule.
const DELETED: [&str; 2] = [
    "kafka.strimzi.io_KafkaConnect/02-healthy.json",
    "kafka.strimzi.io_KafkaConnector/02-healthy.json",
];

#[test]
fn agrees_with_the_collected_cases() {
    let Some(corpus) = corpus("health") else {
        eprintln!("skipped: no corpus");
        return;
    };
    let mut wrong = BTreeMap::new();
    let mut counts: BTreeMap<bool, (usize, usize)> = BTreeMap::new();
    let files = sorted(&corpus)
        .into_iter()
        .flat_map(|folder| sorted(&folder));
    for file in files.filter(|path| path.extension().is_some_and(|end| end == "json")) {
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
