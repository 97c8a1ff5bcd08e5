//! A whole kustomization: the input is up to six files, a zero byte between them; what was built prints as YAML that parses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pushboat::object::yaml::{Limits, parse};
use pushboat::render::kustomize::{BuildOptions, build};
use pushboat::repo::tree::MemoryTree;

/// The only names there are, so that the fuzzer need not learn paths.
const NAMES: [&str; 6] = [
    "app/kustomization.yaml",
    "app/a.yaml",
    "app/b.yaml",
    "app/c.env",
    "base/kustomization.yaml",
    "base/a.yaml",
];

fuzz_target!(|data: &[u8]| {
    let mut tree = MemoryTree::default();
    // A byte that no YAML file may hold stands between the files.
    for (name, content) in NAMES.iter().zip(data.split(|byte| *byte == 0)) {
        tree.insert(name, content);
    }
    if let Ok(built) = build(&tree, "app", &BuildOptions::default()) {
        let text = built.to_yaml();
        if let Err(error) = parse(text.as_bytes(), "output.yaml", &Limits::default()) {
            panic!("the output does not parse: {error}\n{text}");
        }
    }
});
