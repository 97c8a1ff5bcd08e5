//! Apps of small repositories to objects.

use std::sync::Arc;

use super::*;
use crate::repo::inventory;
use crate::repo::remote::Identity;
use crate::repo::tree::MemoryTree;
use serde_json::Value;

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n";

fn app(source: &str) -> Application {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: shop}}\nspec:\n  source: {source}\n"
    );
    let tree: MemoryTree = [("clusters/dev/shop.yaml", text)].into_iter().collect();
    let mut inventory = inventory::read(&tree, &Identity::default()).expect("reads");
    inventory.apps.remove(0)
}

fn render(source: &str, files: &[(&str, &str)]) -> Result<Desired> {
    let tree: MemoryTree = files
        .iter()
        .map(|(path, text)| (*path, text.as_bytes()))
        .collect();
    let app = app(source);
    app.check()?;
    desired_from(
        &app,
        "dev",
        &Revision {
            tree: Arc::new(tree),
            id: "worktree".into(),
            is_dirty: false,
            beside: None,
        },
        &Shared::default(),
    )
}

fn check_error(source: &str, files: &[(&str, &str)], place: &str, expected: &str) {
    let error = render(source, files).expect_err(expected);
    assert!(error.message().contains(expected), "{error}");
    assert!(error.to_string().starts_with(place), "{error}");
    assert_eq!(error.exit(), crate::exit::Exit::Unanswered);
}

#[test]
fn a_folder_of_manifests_is_rendered() {
    let desired = render("{path: apps/shop}", &[("apps/shop/web.yaml", CONFIG)]).expect("renders");
    assert_eq!(desired.tool, Tool::Directory);
    assert_eq!(desired.objects.len(), 1);
    assert_eq!(desired.objects[0].name(), "web");
}

#[test]
fn paths_that_cannot_be_rendered_are_named_as_argo_cd_does() {
    let files = [("apps/shop/web.yaml", CONFIG)];
    for (path, expected) in [
        ("/apps", "/apps: app path is absolute"),
        ("../x", "../x: app path outside root"),
        ("nowhere", "nowhere: app path does not exist"),
        (
            "apps/shop/web.yaml",
            "apps/shop/web.yaml: app path is not a directory",
        ),
    ] {
        check_error(
            &format!("{{path: {path}}}"),
            &files,
            "clusters/dev/shop.yaml:5:18: ",
            expected,
        );
    }
}

#[test]
fn the_tool_is_chosen_as_argo_cd_chooses_it() {
    let choose = |source: &str, names: &[&str]| {
        let tree: MemoryTree = names.iter().map(|name| (format!("a/{name}"), "")).collect();
        tool(&app(source), &tree, "a")
            .map(Tool::as_str)
            .map_err(|error| error.to_string())
    };
    let path = "{path: a}";
    assert_eq!(choose(path, &["x.yaml"]), Ok("Directory"));
    assert_eq!(choose(path, &["kustomization.yml"]), Ok("Kustomize"));
    assert_eq!(choose(path, &["Kustomization"]), Ok("Kustomize"));
    assert_eq!(choose(path, &["sub/kustomization.yaml"]), Ok("Directory"));
    assert_eq!(
        choose(path, &["Chart.yaml", "kustomization.yaml"]),
        Ok("Kustomize")
    );
    assert_eq!(
        choose(
            "{path: a, directory: {recurse: true}}",
            &["kustomization.yaml"]
        ),
        Ok("Directory")
    );
    assert_eq!(
        choose("{path: a, kustomize: {namePrefix: x}}", &["x.yaml"]),
        Ok("Kustomize")
    );
    assert_eq!(
        choose("{path: a, kustomize: {}}", &["x.yaml"]),
        Ok("Directory")
    );
    assert_eq!(
        choose(path, &["Chart.yaml"]),
        Err("a/Chart.yaml:1: app `shop` is a Helm chart, which is not supported yet".into())
    );
    assert!(choose(path, &["kustomization.yaml", "my-Chart.yaml"]).is_err());
}

#[test]
fn hooks_overrides_and_names_are_refused_with_their_place() {
    let with = |annotation: &str| format!("{CONFIG}  annotations: {{{annotation}}}\n");
    for (annotation, expected) in [
        (
            "argocd.argoproj.io/hook: PreSync",
            "ConfigMap `web` is a hook (`argocd.argoproj.io/hook: PreSync`)",
        ),
        (
            "argocd.argoproj.io/hook: Skip",
            "hooks are not supported yet",
        ),
        ("helm.sh/hook: post-install", "hooks are not supported yet"),
    ] {
        check_error(
            "{path: a}",
            &[("a/x.yaml", &with(annotation))],
            "a/x.yaml:1:1: ",
            expected,
        );
    }
    assert!(
        render(
            "{path: a}",
            &[("a/x.yaml", &with("helm.sh/hook: crd-install"))]
        )
        .is_ok()
    );
    let hostile = CONFIG.replace("name: web", "name: ../../kube-system");
    check_error(
        "{path: a}",
        &[("a/x.yaml", &hostile)],
        "a/x.yaml:1:1: ",
        "has an invalid name",
    );
    let files = [
        ("a/x.yaml", CONFIG),
        ("a/.argocd-source-shop.yaml", "kustomize: {}\n"),
    ];
    check_error(
        "{path: a}",
        &files,
        "a/.argocd-source-shop.yaml:1: ",
        "overrides the source",
    );
}

fn object(text: &str, line: u32) -> Object {
    let value: Value = serde_yaml::from_str(text).expect("parses");
    Object::with_origin(
        value,
        Location {
            file: "a.yaml".into(),
            line,
            column: 1,
        },
    )
}

fn scope(gvk: &Gvk) -> Option<bool> {
    match gvk.kind.as_str() {
        "ConfigMap" => Some(true),
        "Namespace" => Some(false),
        _ => None,
    }
}

fn settled(texts: &[&str], namespace: &str) -> Result<Vec<String>> {
    let objects = (1..)
        .zip(texts)
        .map(|(line, text)| object(text, line))
        .collect();
    let settled = settle(objects, &scope, namespace)?;
    Ok(settled
        .iter()
        .map(|object| object.key().to_string())
        .collect())
}

#[test]
fn every_object_gets_the_namespace_it_goes_to() {
    let config = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}";
    let other = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: other}}";
    let namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: n, namespace: wrong}}";
    let crd = "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: d, namespace: x}, spec: {group: g.io, scope: Cluster, names: {kind: Wide}}}";
    let wide = "{apiVersion: g.io/v1, kind: Wide, metadata: {name: w, namespace: wrong}}";
    let unknown = "{apiVersion: h.io/v1, kind: Unknown, metadata: {name: u}}";
    assert_eq!(
        settled(&[config, other, namespace, wide, crd, unknown], "shop").expect("settles"),
        [
            "ConfigMap/shop/a",
            "ConfigMap/other/a",
            "Namespace/n",
            "Wide.g.io/w",
            "CustomResourceDefinition.apiextensions.k8s.io/x/d",
            "Unknown.h.io/shop/u"
        ]
    );
    let error = settled(&[other, config], "").expect_err("no namespace");
    assert_eq!(
        error.to_string(),
        "a.yaml:2:1: Namespace for a v1 ConfigMap is missing"
    );
}

#[test]
fn an_object_that_stands_twice_is_an_error_with_both_places() {
    let config = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}";
    let same = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}";
    let error = settled(&[config, same], "shop").expect_err("twice");
    assert_eq!(
        error.to_string(),
        "a.yaml:2:1: `ConfigMap/shop/a` stands twice: a.yaml:1:1 and a.yaml:2:1"
    );
    let new = "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a}}";
    let old = "{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: a}}";
    assert!(
        settled(&[new, old], "shop").is_err(),
        "two versions of one object"
    );
}

/// Objects may stand in what kustomize drops, so it counts as a file that could not be read: that holds prunes back.
#[test]
fn what_kustomize_drops_counts_as_unreadable() {
    let rest = format!("{CONFIG}...\n{CONFIG}");
    let files = [
        ("app/kustomization.yaml", "resources: [r.yaml]\n"),
        ("app/r.yaml", &rest),
    ];
    let desired = render("{repoURL: '', path: app}", &files).expect("renders");
    let places: Vec<&str> = desired
        .unreadable
        .iter()
        .filter_map(|error| error.location().map(|place| &*place.file))
        .collect();
    assert_eq!((places, desired.objects.len()), (vec!["app/r.yaml"], 1));
}

/// What Argo CD's annotations ask for and nobody does is named, with the place of the object.
#[test]
fn options_without_effect_are_told() {
    let annotations = "  annotations: {argocd.argoproj.io/sync-wave: ' 2', argocd.argoproj.io/sync-options: 'Prune=false,Validate=false'}\n";
    let file = format!("{CONFIG}{annotations}");
    let desired = render("{repoURL: '', path: app}", &[("app/web.yaml", &file)]).expect("renders");
    let told: Vec<String> = desired
        .warnings
        .iter()
        .map(|warning| format!("{} {}", warning.location, warning.message))
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].starts_with("app/web.yaml:1") && told[0].contains("`Validate=false`"),
        "{told:?}"
    );
    assert!(
        told[1].contains("the sync wave ` 2`") && told[1].contains("counts as 0"),
        "{told:?}"
    );
}
