//! Any text as a template: an answer or an error with a place, within the time that `-timeout` allows. Two trees give the same
//! text, and no template writes more than its budget.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pushboat::error::Result;
use pushboat::render::template::TemplateTree;
use pushboat::repo::application::{Application, Plugin};
use pushboat::repo::tree::{FileTree, MemoryTree};

/// As much as one rendered file may hold, and the little that follows the last check.
const MOST: usize = (16 << 20) + 4096;

fn render(tree: &MemoryTree) -> Result<Vec<u8>> {
    let app = Application::default();
    let templates = TemplateTree::new(tree, &app, &Plugin::default(), "app", "dev", "worktree")
        .expect("the values are good");
    Ok(templates.read("app/x.yaml")?.to_vec())
}

fuzz_target!(|data: &[u8]| {
    let mut tree = MemoryTree::default();
    tree.insert(
        "app/values.yaml",
        "name: web\nports: [80, 443]\nlabels: {tier: front}\nempty: \"\"\nnested: {a: {b: [1, {c: d}]}}\n",
    );
    tree.insert("app/part.tera", "{{ name }}");
    tree.insert("app/x.yaml.tera", data);
    match render(&tree) {
        Ok(text) => {
            assert!(text.len() <= MOST, "{} bytes came out", text.len());
            // Only the deadline could make a difference, and it is far off for a short answer.
            if text.len() < 1 << 16 {
                assert_eq!(text, render(&tree).expect("renders again"));
            }
        }
        Err(error) => assert!(error.location().is_some(), "{error}"),
    }
});
