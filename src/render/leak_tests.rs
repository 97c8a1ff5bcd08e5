//! Texts of files that may hold a Secret, each wrong in its own way: the error names the place and the reason, never the text.

use crate::error::Error;
use crate::object::yaml::Limits;
use crate::render::directory;
use crate::render::kustomize::{BuildOptions, build};
use crate::repo::application::{Application, Directory, Plugin};
use crate::repo::tree::{FileTree, MemoryTree};

const CANARY: &str = "kestrelFeather77";

/// Files of a folder; `@` stands for the canary.
fn tree(files: &[(&str, &str)]) -> MemoryTree {
    let file = |(path, text): &(&str, &str)| {
        (
            format!("app/{path}"),
            text.replace('@', CANARY).replace("(at)", "@"),
        )
    };
    files.iter().map(file).collect()
}

#[track_caller]
fn expect_silent(what: &str, error: Option<Error>) {
    let error = error.unwrap_or_else(|| panic!("{what}: no error"));
    let told = format!("{} {:?}", error.report(), error.hints());
    for piece in [CANARY, "kestrel", "Feather"] {
        assert!(!told.contains(piece), "{what}: {told}");
    }
    assert!(error.location().is_some(), "{what} has no place: {told}");
}

const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {p: @}\n";

/// What is wrong, a kustomization, and the other file of its folder.
const KUSTOMIZATIONS: &[(&str, &str, &str)] = &[
    (
        "a literal without `=`",
        "secretGenerator: [{name: s, literals: ['@']}]\n",
        "",
    ),
    (
        "a literal with an empty key",
        "secretGenerator: [{name: s, literals: ['=@']}]\n",
        "",
    ),
    (
        "a literal among the files",
        "secretGenerator: [{name: s, files: ['a=b=@']}]\n",
        "",
    ),
    (
        "an inline patch that is no YAML",
        "resources: [r.yaml]\npatches: [{patch: 'stringData: {p: @'}]\n",
        SECRET,
    ),
    (
        "an inline patch that is no object",
        "resources: [r.yaml]\npatches: [{patch: '@'}]\n",
        SECRET,
    ),
    (
        "an inline JSON patch without a target",
        "resources: [r.yaml]\npatches: [{patch: '[{\"op\": \"add\", \"path\": \"/stringData/p\", \"value\": \"@\"}]'}]\n",
        SECRET,
    ),
    (
        "a JSON patch that is no JSON",
        "resources: [r.yaml]\npatches: [{target: {kind: Secret}, patch: '[{\"op\": \"add\", \"value\": @}]'}]\n",
        SECRET,
    ),
    (
        "a JSON patch with another operation",
        "resources: [r.yaml]\npatches: [{target: {kind: Secret}, patch: '[{\"op\": \"@\", \"path\": \"/stringData/p\"}]'}]\n",
        SECRET,
    ),
    (
        "a test of a JSON patch",
        "resources: [r.yaml]\npatches: [{target: {kind: Secret}, patch: '[{\"op\": \"test\", \"path\": \"/stringData/p\", \"value\": \"@x\"}]'}]\n",
        SECRET,
    ),
    (
        "a strategic patch with another directive",
        "resources: [r.yaml]\npatches: [{patch: '{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {$patch: @}}'}]\n",
        SECRET,
    ),
    (
        "a patch for nothing",
        "resources: [r.yaml]\npatches: [{patch: '{apiVersion: v1, kind: Secret, metadata: {name: other}, stringData: {p: @}}'}]\n",
        SECRET,
    ),
    (
        "an anchor that is none",
        "resources: [r.yaml]\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  p: *@\n",
    ),
    (
        "an anchor within itself",
        "resources: [r.yaml]\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: &@ {p: *@}\n",
    ),
    (
        "a tag that does not fit",
        "resources: [r.yaml]\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {p: !!int @}\n",
    ),
    (
        "a quote that is not closed",
        "resources: [r.yaml]\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  p: \"@\n",
    ),
    (
        "lines that are not indented",
        "resources: [r.yaml]\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  p: |\n@\n@\n",
    ),
    (
        "a value that is quoted in part",
        "resources: [r.yaml]\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  p: '@' @\n",
    ),
    (
        "a replacement beyond the parts",
        "resources: [r.yaml]\nreplacements: [{source: {kind: Secret, fieldPath: stringData.p, options: {delimiter: /, index: 9}}, targets: [{select: {}}]}]\n",
        SECRET,
    ),
    (
        "an inline patch of the old kind",
        "resources: [r.yaml]\npatchesStrategicMerge:\n- |-\n  kind: Secret\n  stringData: {p: @\n",
        SECRET,
    ),
    (
        "an old inline patch that is a text",
        "resources: [r.yaml]\npatchesStrategicMerge: ['{p: @']\n",
        SECRET,
    ),
    (
        "an inline JSON patch of the old kind",
        "resources: [r.yaml]\npatchesJson6902: [{target: {version: v1, kind: Secret, name: s}, patch: '[{\"op\": @}]'}]\n",
        SECRET,
    ),
    (
        "an inline resource",
        "resources:\n- |-\n  kind: Secret\n  stringData: {p: @}\n",
        SECRET,
    ),
    (
        "an inline component",
        "components: ['kind: Secret, p: @']\n",
        SECRET,
    ),
    (
        "an inline generator",
        "generators:\n- |-\n  kind: Secret\n  stringData: {p: @\n",
        SECRET,
    ),
    (
        "an inline text as a file",
        "secretGenerator: [{name: s, files: ['kind: @']}]\n",
        SECRET,
    ),
    (
        "an inline text as a patch file",
        "resources: [r.yaml]\npatches: [{path: 'kind: Secret, p: @'}]\n",
        SECRET,
    ),
    (
        "a password in an address",
        "resources: ['https://me:@(at)git.example/a/b?ref=x']\n",
        "",
    ),
    (
        "a password in the address of a file",
        "resources: ['https://me:@(at)git.example/a.yaml']\n",
        "",
    ),
];

#[test]
fn a_kustomization_that_does_not_build_tells_no_value() {
    for &(what, kustomization, other) in KUSTOMIZATIONS {
        let tree = tree(&[("kustomization.yaml", kustomization), ("r.yaml", other)]);
        expect_silent(what, build(&tree, "app", &BuildOptions::default()).err());
    }
}

#[test]
fn a_file_of_a_directory_that_cannot_be_read_tells_no_value() {
    let cases = [
        (
            "an anchor that is none",
            "s.yaml",
            "kind: Secret\napiVersion: v1\nmetadata: {name: s}\nstringData: {p: *@}\n",
        ),
        (
            "broken JSON",
            "s.json",
            "{\"kind\": \"Secret\", \"stringData\": {\"p\": @}}",
        ),
        (
            "JSON with more behind it",
            "s.json",
            "{\"kind\": \"Secret\", \"stringData\": {\"p\": \"@\"}} @",
        ),
        (
            "a conflict marker",
            "s.yaml",
            "kind: Secret\napiVersion: v1\n<<<<<<< HEAD\nstringData: {p: @}\n=======\nstringData: {p: @x}\n>>>>>>> @\n",
        ),
        (
            "text in the place of a map",
            "s.yaml",
            "kind: Secret\napiVersion: v1\nmetadata: '@'\n",
        ),
        (
            "annotations that are no map",
            "s.yaml",
            "kind: Secret\napiVersion: v1\nmetadata: {name: s, annotations: '@'}\n",
        ),
        (
            "a merge of what is no map",
            "s.yaml",
            "kind: Secret\napiVersion: v1\nmetadata: {name: s}\nstringData: {<<: '@'}\n",
        ),
    ];
    for (what, name, text) in cases {
        let tree = tree(&[(name, text)]);
        let rendered = directory::render(&tree, "app", &Directory::default(), &Limits::default());
        let error = match rendered {
            Err(error) => Some(error),
            Ok(mut rendered) => rendered.unreadable.pop(),
        };
        expect_silent(what, error);
    }
}

#[test]
fn a_template_that_fails_tells_none_of_its_values() {
    for template in [
        "{{ password | int }}",
        "{{ password | float }}",
        "{{ password + 1 }}",
        "{{ password.a.b }}",
        "{{ 1 is containing(password) }}",
        "{{ password | no_such_filter(a='@') }}",
        "{{ '@' '@' }}",
        "{% if '@' %}",
        "{{ -password }}",
        "{{ throw(message='bad: ' ~ password) }}",
        "{{ 'a' | int(base=password) }}",
        "{% for a in password['@'] %}{{ a.b }}{% endfor %}",
    ] {
        let values = ("values.yaml", "password: '@'\n");
        let tree = tree(&[("x.yaml.tera", template), values]);
        let app = Application::default();
        let plugin = Plugin::default();
        let templates =
            super::template::TemplateTree::new(&tree, &app, &plugin, "app", "dev", "worktree")
                .expect("the values are good");
        expect_silent(template, templates.read("app/x.yaml").err());
    }
}
