//! Any bytes through the YAML loader and to values by both dialects: an answer, or an error with a place in the text. A value
//! that was read prints as JSON that reads back the same, and as YAML that reads back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pushboat::error::Error;
use pushboat::object::Object;
use pushboat::object::yaml::{Dialect, Limits, parse, to_json};
use pushboat::render::kustomize::Built;
use pushboat_fuzz::{check_read_back, let_the_scanner_panic};
use serde_json::Value;

/// No input of a few thousand bytes may become more.
const MOST: usize = 64 << 20;

fuzz_target!(init: let_the_scanner_panic(), |data: &[u8]| {
    let parsed = match parse(data, "input.yaml", &Limits::default()) {
        Ok(parsed) => parsed,
        Err(error) => return check_place(&error, data),
    };
    for node in &parsed.documents {
        for dialect in [Dialect::Kubectl, Dialect::Kustomize] {
            match to_json(node, "input.yaml", dialect) {
                Ok(value) => check_value(value),
                Err(error) => check_place(&error, data),
            }
        }
    }
});

fn check_place(error: &Error, data: &[u8]) {
    let place = error.location().expect("an error has a place");
    assert_eq!(place.file, "input.yaml");
    // Three kinds of line end, and the line behind the last.
    let lines = data.len() + 1;
    assert!(place.line as usize <= lines, "{place} of {lines}");
}

fn check_value(value: Value) {
    let text = serde_json::to_string(&value).expect("prints");
    assert!(text.len() <= MOST, "{} bytes came out", text.len());
    let again: Value = serde_json::from_str(&text).expect("reads back");
    assert_eq!(value, again);
    // What YAML cannot write is refused before it is printed.
    let is_printable = !text.contains(['\u{7f}', '\u{fffe}', '\u{ffff}']);
    if is_printable && !value.is_null() && text.len() < 1 << 20 {
        let built = Built {
            objects: vec![Object::new(value)],
            ..Built::default()
        };
        check_read_back(&built, &built.to_yaml());
    }
}
