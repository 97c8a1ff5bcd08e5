//! A strategic merge patch through a kustomization: the input is the object, a line `---`, the patch. The patch is applied by
//! its id and, in a build of its own, to every object there is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pushboat::repo::tree::MemoryTree;
use pushboat_fuzz::{check_build, let_the_scanner_panic};

const BY_ID: &str = "resources: [base.yaml]\npatches: [{path: patch.yaml}]\n";
const TO_ALL: &str = "resources: [base.yaml]\npatches: [{path: patch.yaml, target: {}}]\n";

fuzz_target!(init: let_the_scanner_panic(), |data: &[u8]| {
    let mark = b"\n---\n";
    let Some(at) = data.windows(mark.len()).position(|window| window == mark) else {
        return;
    };
    let mut tree = MemoryTree::default();
    tree.insert("app/base.yaml", &data[..=at]);
    tree.insert("app/patch.yaml", &data[at + mark.len()..]);
    for kustomization in [BY_ID, TO_ALL] {
        tree.insert("app/kustomization.yaml", kustomization);
        check_build(&tree);
    }
});
