//! Folders of manifests as a caller sees them.

use super::render;
use crate::object::yaml::Limits;
use crate::repo::application::Directory;
use crate::repo::tree::MemoryTree;

const OBJECT: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

/// Renders the folder `app`: kinds, names and places of the objects and all warnings, or the error.
fn rendered(files: &[(&str, &str)], options: &Directory) -> String {
    let tree: MemoryTree = files.iter().map(|(path, text)| (path, *text)).collect();
    match render(&tree, "app", options, &Limits::default()) {
        Err(error) => format!("error: {error}"),
        Ok(rendered) => {
            let objects = rendered.objects.iter().map(|object| {
                let origin = object.origin.clone().expect("a place");
                format!("{}/{} {origin}", object.kind(), object.name())
            });
            let warnings = rendered
                .warnings
                .iter()
                .map(|warning| format!("warning: {}: {}", warning.location, warning.message));
            objects.chain(warnings).collect::<Vec<_>>().join("\n")
        }
    }
}

fn check(files: &[(&str, &str)], expected: &str) {
    assert_eq!(rendered(files, &Directory::default()), expected);
}

fn choose(options: Directory, expected: &[&str]) {
    let files = [
        ("app/a.yaml", OBJECT),
        ("app/b.yml", OBJECT),
        ("app/c.txt", OBJECT),
        ("app/sub/d.yaml", OBJECT),
    ];
    let expected: Vec<String> = expected
        .iter()
        .map(|file| format!("ConfigMap/a app/{file}:1:1"))
        .collect();
    assert_eq!(rendered(&files, &options), expected.join("\n"));
}

#[test]
fn reads_manifests_of_the_folder_and_below_it_only_when_told() {
    choose(Directory::default(), &["a.yaml", "b.yml"]);
    let recurse = Directory {
        recurse: true,
        ..Directory::default()
    };
    choose(recurse, &["a.yaml", "b.yml", "sub/d.yaml"]);
}

#[test]
fn exclude_wins_over_include_and_a_star_crosses_folders() {
    let options = |include: &str, exclude: &str| Directory {
        recurse: true,
        include: include.to_owned(),
        exclude: exclude.to_owned(),
    };
    choose(options("*.yaml", ""), &["a.yaml", "sub/d.yaml"]);
    choose(options("{a.yaml,*d*}", "*d.yaml"), &["a.yaml"]);
    choose(options("", "sub/*"), &["a.yaml", "b.yml"]);
    choose(options("*.txt", ""), &[]);
}

#[test]
fn names_the_place_of_each_object() {
    let text = format!("# first\n{OBJECT}---\n---\n\n{OBJECT}");
    check(
        &[("app/a.yaml", &text)],
        "ConfigMap/a app/a.yaml:2:1\nConfigMap/a app/a.yaml:8:1",
    );
}

#[test]
fn opens_the_outer_list_only() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- {kind: A, metadata: {name: a}}\n- kind: BList\n  items: []\n";
    check(
        &[("app/a.yaml", text)],
        "A/a app/a.yaml:4:3\nBList/ app/a.yaml:5:3",
    );
    let nothing = "kind: AList\nitems:\n";
    check(&[("app/a.yaml", nothing)], "");
    let bare = "kind: AList\nitems: [{metadata: {name: a}}]\n";
    check(
        &[("app/a.yaml", bare)],
        "error: app/a.yaml:2:9: item 0 of the list is no Kubernetes object: `kind` is missing",
    );
}

#[test]
fn passes_over_what_is_no_object_and_says_so() {
    check(
        &[
            ("app/values.yaml", "replicas: 1\n"),
            ("app/z.yaml", "- 1\n"),
        ],
        "warning: app/values.yaml:1:1: passed over, no Kubernetes object: `kind` is missing\n\
         warning: app/z.yaml:1:1: passed over, no Kubernetes object: it is a list",
    );
}

#[test]
fn refuses_a_stray_document_among_objects() {
    let text = format!("{OBJECT}---\nreplicas: 1\n");
    check(
        &[("app/a.yaml", &text)],
        "error: app/a.yaml:5:1: no Kubernetes object: `kind` is missing",
    );
}

#[test]
fn refuses_a_file_that_is_no_yaml_even_where_argo_cd_is_silent() {
    check(
        &[("app/a.yaml", "a: b: c\n")],
        "error: app/a.yaml:1:5: not valid YAML: mapping values are not allowed in this context",
    );
}

#[test]
fn passes_over_a_file_that_asks_for_it() {
    let text = "# +argocd:skip-file-rendering\na: b: c\n";
    check(&[("app/a.yaml", text)], "");
}

#[test]
fn reads_json_strictly() {
    let object = "\n{\"kind\": \"A\", \"metadata\": {\"name\": \"\\ud83d\\ude00\"}}";
    check(&[("app/a.json", object)], "A/😀 app/a.json:1:1");
    for (text, error) in [
        ("[]", "app/a.json:1:1: no Kubernetes object: it is a list"),
        (
            "{}",
            "app/a.json:1:1: no Kubernetes object: `kind` is missing",
        ),
        ("{,", "app/a.json:1:2: not valid JSON: key must be a string"),
        (
            "{\"kind\": \"A\"} {}",
            "app/a.json:1:15: not valid JSON: trailing characters",
        ),
    ] {
        check(&[("app/a.json", text)], &format!("error: {error}"));
    }
}

#[test]
fn refuses_labels_and_annotations_that_are_no_text() {
    let text = "kind: A\nmetadata:\n  annotations:\n    a/b: yes\n";
    check(
        &[("app/a.yaml", text)],
        "error: app/a.yaml:4:10: `metadata.annotations['a/b']` is not text but a boolean",
    );
    check(
        &[("app/a.yaml", "kind: A\nmetadata: {labels: null}\n")],
        "A/ app/a.yaml:1:1",
    );
}

#[test]
fn refuses_jsonnet_by_name_unless_it_is_excluded() {
    let files = [("app/a.jsonnet", "{}")];
    check(&files, "error: app/a.jsonnet: Jsonnet is not supported");
    let options = Directory {
        exclude: "*.jsonnet".to_owned(),
        ..Directory::default()
    };
    assert_eq!(rendered(&files, &options), "");
}

#[test]
fn a_missing_folder_is_an_error_that_names_it() {
    check(
        &[("b.yaml", "")],
        "error: no directory `app` in the tree in memory",
    );
    check(&[("app", "")], "error: `app` is a file, not a directory");
}

#[test]
fn kind_may_come_from_a_merge() {
    let text = "x: &x {kind: A}\n<<: *x\nmetadata: {name: a}\n";
    check(&[("app/a.yaml", text)], "A/a app/a.yaml:1:1");
}
