//! A strategic merge patch through a kustomization: the input is the object, a line `---`, the patch.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pushboat::object::yaml::{Limits, parse};
use pushboat::render::kustomize::{BuildOptions, build};
use pushboat::repo::tree::MemoryTree;

const KUSTOMIZATION: &str = "resources: [base.yaml]\npatches: [{path: patch.yaml}]\n";

fuzz_target!(|data: &[u8]| {
    let mark = b"\n---\n";
    let Some(at) = data.windows(mark.len()).position(|window| window == mark) else {
        return;
    };
    let mut tree = MemoryTree::default();
    tree.insert("app/kustomization.yaml", KUSTOMIZATION);
    tree.insert("app/base.yaml", &data[..=at]);
    tree.insert("app/patch.yaml", &data[at + mark.len()..]);
    if let Ok(built) = build(&tree, "app", &BuildOptions::default()) {
        let text = built.to_yaml();
        parse(text.as_bytes(), "output.yaml", &Limits::default()).expect("the output parses");
    }
});
