//! A whole kustomization: the input is up to eight files, a zero byte between them. Two builds give the same bytes, which read
//! back the same, or the same error, which names a file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pushboat::repo::tree::MemoryTree;
use pushboat_fuzz::{check_build, let_the_scanner_panic};

/// The only names there are, so that the fuzzer need not learn paths.
const NAMES: [&str; 8] = [
    "app/kustomization.yaml",
    "app/a.yaml",
    "app/b.yaml",
    "app/c.env",
    "base/kustomization.yaml",
    "base/a.yaml",
    "part/kustomization.yaml",
    "part/a.yaml",
];

fuzz_target!(init: let_the_scanner_panic(), |data: &[u8]| {
    let mut tree = MemoryTree::default();
    // A byte that no YAML file may hold stands between the files.
    for (name, content) in NAMES.iter().zip(data.split(|byte| *byte == 0)) {
        tree.insert(name, content);
    }
    check_build(&tree);
});
