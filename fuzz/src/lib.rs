//! What must hold of every build, whatever went in. It finds nothing by itself: the targets bring the input.

use pushboat::error::{Error, Result};
use pushboat::object::yaml::{Dialect, Limits, parse, to_json};
use pushboat::render::kustomize::{BuildOptions, Built, Cache, build};
use pushboat::repo::tree::MemoryTree;
use serde_json::Value;

/// No input of a few thousand bytes may become more than this: what does was made by copies of copies.
const MOST_OUTPUT: usize = 64 << 20;
/// Beyond it the output is not read back: that takes longer than the build.
const MOST_READ_BACK: usize = 1 << 20;

/// The scanner's panics are caught and become errors; all others end the run. To be called once, before the first input.
pub fn let_the_scanner_panic() {
    let abort = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let is_scanner = info
            .location()
            .is_some_and(|location| location.file().contains("libyaml-safer"));
        if !is_scanner {
            abort(info);
        }
    }));
}

/// Builds `app` of the tree twice, with and without a cache, and checks what came out.
pub fn check_build(tree: &MemoryTree) {
    let first = build(tree, "app", &BuildOptions::default());
    let cache = Cache::default();
    let options = BuildOptions {
        cache: Some(&cache),
        ..BuildOptions::default()
    };
    let again = build(tree, "app", &options);
    match (&first, &again) {
        (Ok(first), Ok(again)) => check_output(first, again),
        (Err(first), Err(again)) => check_error(first, again),
        (first, again) => panic!("one build answers, one does not: {first:?}\n{again:?}"),
    }
}

fn check_output(first: &Built, again: &Built) {
    let text = first.to_yaml();
    assert!(text.len() <= MOST_OUTPUT, "{} bytes came out", text.len());
    assert_eq!(text, again.to_yaml(), "two builds differ");
    for object in &first.objects {
        let origin = object.origin.as_ref();
        assert!(
            origin.is_some_and(|origin| !origin.file.is_empty()),
            "an object of no file: {}",
            object.value
        );
    }
    if text.len() <= MOST_READ_BACK {
        check_read_back(first, &text);
    }
}

/// What is printed reads back as objects that print the same.
pub fn check_read_back(built: &Built, text: &str) {
    // To kustomize's reader the first is no key, even in quotes; the others it prints as they are and reads as line ends.
    if text.contains("\"<<\":") || text.contains(['\u{85}', '\u{2028}', '\u{2029}']) {
        return;
    }
    let limits = Limits::default();
    let parsed = match parse(text.as_bytes(), "output.yaml", &limits) {
        Ok(parsed) => parsed,
        // What aliases and patches made may be deeper than a file may be.
        Err(error) if error.message().contains("nested deeper") => return,
        Err(error) => panic!("the output does not parse: {error}\n{text}"),
    };
    assert!(parsed.warnings.is_empty(), "{:?}\n{text}", parsed.warnings);
    let values: Result<Vec<_>> = parsed
        .documents
        .iter()
        .map(|node| to_json(node, "output.yaml", Dialect::Kustomize))
        .collect();
    let values = values.unwrap_or_else(|error| panic!("the output has no types: {error}\n{text}"));
    assert_eq!(values.len(), built.objects.len(), "documents\n{text}");
    for (object, again) in built.objects.iter().zip(&values) {
        assert!(
            is_same(&object.value, again),
            "it reads back as something else:\n{text}\n{again}"
        );
    }
}

/// Equal as data: the order of keys is not always one order, and whole numbers lose their point.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        // A next-line character is folded.
        (Value::String(a), Value::String(b)) => a == b || a.replace('\u{85}', " ") == *b,
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let find = |key: &String| b.get(key).or_else(|| b.get(&key.replace('\u{85}', " ")));
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| find(key).is_some_and(|b| is_same(a, b)))
        }
        _ => a == b,
    }
}

fn check_error(first: &Error, again: &Error) {
    assert_eq!(
        first.report(),
        again.report(),
        "two builds fail differently"
    );
    check_place(first);
}

/// An error that names no file leaves its reader to search the whole repository.
pub fn check_place(error: &Error) {
    let is_named = error
        .location()
        .is_some_and(|location| !location.file.is_empty());
    let report = error.report();
    assert!(
        is_named || report.contains("app"),
        "no file named: {report}"
    );
    assert!(
        report.len() < 64 << 10,
        "{} bytes of complaint",
        report.len()
    );
}
