//! Any text as a template: an answer or an error with a place, within the time that `-timeout` allows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pushboat::render::template::TemplateTree;
use pushboat::repo::application::{Application, Plugin};
use pushboat::repo::tree::{FileTree, MemoryTree};

fuzz_target!(|data: &[u8]| {
    let mut tree = MemoryTree::default();
    tree.insert(
        "app/values.yaml",
        "name: web\nports: [80, 443]\nlabels: {tier: front}\n",
    );
    tree.insert("app/part.tera", "{{ name }}");
    tree.insert("app/x.yaml.tera", data);
    let app = Application::default();
    let templates = TemplateTree::new(&tree, &app, &Plugin::default(), "app", "dev", "worktree")
        .expect("the values are good");
    if let Err(error) = templates.read("app/x.yaml") {
        assert!(error.location().is_some(), "{error}");
    }
});
