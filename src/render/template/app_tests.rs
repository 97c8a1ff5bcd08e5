//! Whole apps with templates, through the renderers of plain directories and of kustomize.

use std::path::Path;
use std::sync::Arc;

use expect_test::{Expect, expect};

use crate::error::Result;
use crate::render::app::{Desired, Shared, Tool, desired_from};
use crate::repo::checkout::Revision;
use crate::repo::inventory;
use crate::repo::remote::Identity;
use crate::repo::tree::{FileTree, MemoryTree};
use crate::repo::worktree::WorkTree;

fn render(tree: Arc<dyn FileTree>, cluster: &str) -> Result<Desired> {
    let inventory = inventory::read(&*tree, &Identity::default()).expect("reads");
    assert!(inventory.warnings.is_empty(), "{:?}", inventory.warnings);
    let app = inventory
        .apps
        .iter()
        .find(|app| app.folder == cluster)
        .expect("an app");
    app.check()?;
    desired_from(
        app,
        cluster,
        &Revision {
            tree,
            id: "worktree".into(),
            is_dirty: false,
            beside: None,
        },
        &Shared::default(),
    )
}

fn check_sample(cluster: &str, expected: &Expect) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/repos/templates");
    let desired =
        render(Arc::new(WorkTree::open(&root).expect("opens")), cluster).expect("renders");
    assert_eq!(desired.tool, Tool::Kustomize);
    let texts: Vec<String> = desired
        .objects
        .iter()
        .map(|object| serde_yaml::to_string(&object.value).expect("prints"))
        .collect();
    expected.assert_eq(&texts.join("---\n"));
}

#[test]
fn the_sample_on_dev_has_the_values_beside_it() {
    check_sample(
        "dev",
        &expect![[r#"
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          labels:
            app: web
            cluster: dev
          name: web
          namespace: shop
        spec:
          replicas: 1
          selector:
            matchLabels:
              app: web
          template:
            metadata:
              labels:
                app: web
                cluster: dev
            spec:
              containers:
              - image: registry.example.com/shop/web:1.0.4
                name: web
                ports:
                - containerPort: 80
                  name: http
    "#]],
    );
}

#[test]
fn the_sample_on_prod_differs_by_cluster_values_and_parameters() {
    check_sample(
        "prod",
        &expect![[r#"
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          labels:
            app: web
            cluster: prod
            tier: front
          name: web
          namespace: shop
        spec:
          replicas: 4
          selector:
            matchLabels:
              app: web
          template:
            metadata:
              labels:
                app: web
                cluster: prod
                tier: front
            spec:
              containers:
              - image: registry.example.com/shop/web:1.1.0
                name: web
                ports:
                - containerPort: 80
                  name: http
    "#]],
    );
}

fn render_files(source: &str, files: &[(&str, &str)]) -> Result<Desired> {
    let app = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: shop}}\nspec:\n  source: {source}\n"
    );
    let mut tree: MemoryTree = files
        .iter()
        .map(|(path, text)| (*path, text.as_bytes()))
        .collect();
    tree.insert("clusters/dev/shop.yaml", app);
    render(Arc::new(tree), "dev")
}

const PLUGIN: &str = "{path: a, plugin: {name: tera, parameters: [{name: title, string: web}]}}";
const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ title }}\n";

#[test]
fn a_directory_shows_rendered_templates_and_no_values() {
    let files = [
        ("a/x.yaml.tera", CONFIG),
        ("a/values.yaml", "title: other\n"),
        ("a/part.tera", "{{ oops }}"),
    ];
    let desired = render_files(PLUGIN, &files).expect("renders");
    assert_eq!(desired.tool, Tool::Directory);
    assert_eq!(desired.warnings, []);
    let [object] = &desired.objects[..] else {
        panic!("{:?}", desired.objects)
    };
    assert_eq!(object.name(), "web");
    assert_eq!(
        object.origin.as_ref().expect("an origin").to_string(),
        "a/x.yaml.tera"
    );
}

#[test]
fn without_the_plugin_a_template_is_just_a_file() {
    let desired = render_files("{path: a}", &[("a/x.yaml.tera", CONFIG)]).expect("renders");
    assert!(desired.objects.is_empty());
}

#[test]
fn a_kustomization_lists_a_template_by_either_name() {
    for name in ["x.yaml", "x.yaml.tera"] {
        let kustomization = format!("namePrefix: my-\nresources: [{name}]\n");
        let files = [
            ("a/x.yaml.tera", CONFIG),
            ("a/kustomization.yaml", &kustomization),
        ];
        let desired = render_files(PLUGIN, &files)
            .unwrap_or_else(|error| panic!("{name}: {}", error.report()));
        assert_eq!(desired.objects[0].name(), "my-web", "{name}");
    }
    let files = [
        ("a/x.yaml.tera", CONFIG),
        (
            "a/kustomization.yaml.tera",
            "namePrefix: {{ title }}-\nresources: [x.yaml]\n",
        ),
    ];
    assert_eq!(
        render_files(PLUGIN, &files).expect("renders").objects[0].name(),
        "web-web"
    );
}

#[test]
fn what_is_wrong_with_the_rendered_text_is_told_at_the_template() {
    let error = render_files(
        PLUGIN,
        &[("a/x.yaml.tera", "{% set a = 1 %}a: 1\n  b: 2\n")],
    )
    .expect_err("no YAML");
    assert!(
        error.to_string().starts_with("a/x.yaml.tera: line "),
        "{error}"
    );
    assert!(error.message().contains("of the rendered text"), "{error}");
    let error =
        render_files(PLUGIN, &[("a/x.yaml.tera", "\na: {{ oops }}\n")]).expect_err("undefined");
    assert_eq!(
        error.to_string(),
        "a/x.yaml.tera:2:7: `oops` is not defined"
    );
}

#[test]
fn other_plugins_and_odd_parameters_are_refused_by_name() {
    let check = |plugin: &str, expected: &str| {
        let error = render_files(&format!("{{path: a, {plugin}}}"), &[("a/x.yaml", "")])
            .expect_err(expected);
        assert!(error.message().contains(expected), "{error}");
        assert_eq!(error.location().map(|place| place.line), Some(5), "{error}");
    };
    check(
        "plugin: {name: cdk8s}",
        "`spec.source.plugin` `cdk8s` is not supported",
    );
    check(
        "plugin: {env: [{name: A, value: b}]}",
        "`spec.source.plugin.name` is missing",
    );
    check(
        "plugin: {name: tera}, directory: {recurse: true}",
        "multiple application sources defined: Directory,Plugin",
    );
    check(
        "plugin: {name: tera, parameters: [{name: a}]}",
        "must have one of `string`, `array` and `map`",
    );
    check(
        "plugin: {name: tera, parameters: [{name: a, string: b, array: [c]}]}",
        "must have one of",
    );
    check(
        "plugin: {name: tera, parameters: [{name: a..b, string: c}]}",
        "must be the name of a value",
    );
    check(
        "plugin: {name: tera, values: {}}",
        "unknown field `spec.source.plugin.values`",
    );
    assert!(render_files("{path: a, plugin: {}}", &[("a/x.yaml", "")]).is_ok());
}
