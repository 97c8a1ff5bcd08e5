//! Any bytes through the YAML loader and to values by both dialects: an answer or an error, never a crash, and a value
//! that was read prints as JSON that reads back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pushboat::object::yaml::{Dialect, Limits, parse, to_json};

fuzz_target!(|data: &[u8]| {
    let Ok(parsed) = parse(data, "input.yaml", &Limits::default()) else {
        return;
    };
    for node in &parsed.documents {
        for dialect in [Dialect::Kubectl, Dialect::Kustomize] {
            let Ok(value) = to_json(node, "input.yaml", dialect) else {
                continue;
            };
            let text = serde_json::to_string(&value).expect("prints");
            let again: serde_json::Value = serde_json::from_str(&text).expect("reads back");
            assert_eq!(value, again);
        }
    }
});
