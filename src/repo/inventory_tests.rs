//! Reading a whole repository from memory.

use super::*;
use crate::repo::tree::MemoryTree;

fn app(name: &str, rest: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {name}\nspec:\n  project: default\n  source:\n    repoURL: https://github.com/acme/gitops\n    path: apps/{name}\n{rest}"
    )
}

fn identity() -> Identity {
    Identity {
        remotes: vec!["github.com/acme/gitops".into()],
        branch: Some("main".into()),
    }
}

fn inventory(files: &[(&str, &str)]) -> Inventory {
    let tree: MemoryTree = files
        .iter()
        .map(|(path, text)| (*path, text.as_bytes()))
        .collect();
    read(&tree, &identity()).expect("reads")
}

fn names(inventory: &Inventory) -> Vec<String> {
    inventory
        .apps
        .iter()
        .map(|app| format!("{}/{}", app.folder, app.name))
        .collect()
}

#[test]
fn reads_every_application_of_every_cluster_folder() {
    let two = format!("{}---\n{}", app("b", ""), app("c", ""));
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: argoproj.io/v1alpha1\n  kind: Application\n  metadata: {name: d}\n  spec: {source: {path: apps/d}}\n";
    let inventory = inventory(&[
        ("clusters/dev/a.yaml", &app("a", "")),
        ("clusters/dev/deep/er/two.yml", &two),
        ("clusters/prod/list.yaml", list),
        ("clusters/prod/cluster.yaml", "context: prod-eu\n"),
        (
            "clusters/prod/project.json",
            r#"{"apiVersion":"argoproj.io/v1alpha1","kind":"AppProject","metadata":{"name":"shop"}}"#,
        ),
        ("clusters/prod/README.md", "# not read"),
    ]);
    assert_eq!(names(&inventory), ["dev/a", "dev/b", "dev/c", "prod/d"]);
    assert_eq!(inventory.projects[0].name, "shop");
    assert!(inventory.failures.is_empty(), "{:?}", inventory.failures);
    assert!(inventory.warnings.is_empty(), "{:?}", inventory.warnings);
    assert_eq!(
        inventory.folders[1]
            .file
            .as_ref()
            .and_then(|f| f.context.as_deref()),
        Some("prod-eu")
    );
    let d = &inventory.apps[3];
    assert_eq!(d.location().to_string(), "clusters/prod/list.yaml:4:3");
    assert!(d.check().is_ok());
}

#[test]
fn a_broken_file_is_its_folders_failure_only() {
    let inventory = inventory(&[
        ("clusters/dev/a.yaml", &app("a", "")),
        ("clusters/prod/broken.yaml", "a: [\n"),
        ("clusters/prod/b.yaml", &app("b", "")),
    ]);
    assert_eq!(names(&inventory), ["dev/a", "prod/b"]);
    assert_eq!(inventory.failures.len(), 1);
    assert_eq!(inventory.failures[0].folder, "prod");
    assert_eq!(inventory.failures[0].error.reason(), Reason::Config);
    assert!(
        inventory.failures[0]
            .error
            .to_string()
            .starts_with("clusters/prod/broken.yaml:")
    );
}

#[test]
fn what_is_not_ours_is_ignored_with_a_word() {
    let inventory = inventory(&[(
        "clusters/dev/x.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n---\napiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: fleet}\n",
    )]);
    assert_eq!(
        inventory.warnings[0].message,
        "kind `ConfigMap` is not read here and ignored"
    );
    let word = inventory.unsupported().expect("one");
    assert!(
        word.starts_with(
            "1 ApplicationSet is not supported yet, the first is `fleet` in clusters/dev/x.yaml:5"
        ),
        "{word}"
    );
}

#[test]
fn the_root_app_is_followed_and_no_file_counts_twice() {
    let root = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: root}\nspec:\n  source: {repoURL: 'git@github.com:acme/gitops.git', path: argocd, directory: {recurse: true, exclude: '*skip*'}}\n";
    let again = root.replace("name: root", "name: again");
    let clusters = root
        .replace("name: root", "name: all")
        .replace("path: argocd", "path: clusters/dev");
    let inventory = inventory(&[
        ("bootstrap/root-app.yaml", root),
        ("argocd/one.yaml", &app("one", "")),
        ("argocd/sub/two.yaml", &app("two", "")),
        ("argocd/skip.yaml", &app("skip", "")),
        ("argocd/again.yaml", &again),
        ("argocd/clusters.yaml", &clusters),
        ("clusters/dev/a.yaml", &app("a", "")),
    ]);
    assert_eq!(names(&inventory), ["dev/a", "/one", "/two"]);
    let roots: Vec<&str> = inventory
        .roots
        .iter()
        .map(|app| app.name.as_str())
        .collect();
    assert_eq!(roots, ["again", "all", "root"]);
    assert!(inventory.failures.is_empty(), "{:?}", inventory.failures);
}

#[test]
fn a_root_app_that_cannot_be_followed_is_a_failure() {
    for (source, expected) in [
        (
            "{repoURL: 'https://github.com/acme/other', path: argocd}",
            "is another repository",
        ),
        (
            "{path: argocd, targetRevision: v1}",
            "not from revision `v1`",
        ),
        ("{path: nowhere}", "app path does not exist"),
    ] {
        let root = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: root}}\nspec:\n  source: {source}\n"
        );
        let inventory = inventory(&[
            ("bootstrap/root-app.yaml", &root),
            ("argocd/a.yaml", &app("a", "")),
        ]);
        let error = inventory.failures[0].error.report();
        assert!(error.contains(expected), "{error}");
        assert!(error.contains("bootstrap/root-app.yaml:5"), "{error}");
    }
}

/// An Application of `folder` whose source is `path`, on the folder's cluster.
fn of_apps(name: &str, path: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec:\n  source: {{repoURL: '', path: {path}}}\n"
    )
}

#[test]
fn an_app_of_apps_is_followed_wherever_it_stands() {
    let inventory = inventory(&[
        ("clusters/dev/root.yaml", &of_apps("root", "teams/blue")),
        ("clusters/prod/root.yaml", &of_apps("root", "teams/blue")),
        ("teams/blue/one.yaml", &app("one", "")),
        ("teams/blue/nested.yaml", &of_apps("nested", "teams/green")),
        ("teams/green/two.yaml", &app("two", "")),
        ("teams/green/loop.yaml", &of_apps("loop", "teams/blue")),
    ]);
    let mut found = names(&inventory);
    found.sort();
    assert_eq!(found, ["dev/one", "dev/two", "prod/one", "prod/two"]);
    assert_eq!(inventory.roots.len(), 6);
    assert!(inventory.failures.is_empty(), "{:?}", inventory.failures);
}

#[test]
fn applications_that_are_not_followed_are_told() {
    let pinned = of_apps("root", "teams").replace("path: teams", "path: teams, targetRevision: v1");
    let plain = of_apps("root", "teams");
    let one = app("one", "");
    let config_map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n";
    for (root, beside, why) in [
        (&plain, ("teams/x.yaml", config_map), "other objects, too"),
        (
            &plain,
            ("teams/kustomization.yaml", "resources: [one.yaml]\n"),
            "made by a kustomization",
        ),
        (&pinned, ("teams/readme.md", ""), "another revision"),
    ] {
        let inventory = inventory(&[
            ("clusters/dev/root.yaml", root),
            ("teams/one.yaml", &one),
            beside,
        ]);
        assert_eq!(names(&inventory), ["dev/root"], "{why}");
        let told = &inventory.warnings[0];
        assert_eq!(told.location.file, "teams/one.yaml", "{why}");
        assert!(told.message.contains(why), "{}", told.message);
    }
}

fn problems(rest: &str) -> Vec<String> {
    let inventory = inventory(&[("clusters/dev/a.yaml", &app("a", rest))]);
    inventory.apps[0]
        .problems()
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// What stands in the file from line 10 on, and what is said about it.
const REFUSED: &[(&str, &str)] = &[
    (
        "    helm: {releaseName: x}\n",
        "10:5: `spec.source.helm` is not supported yet",
    ),
    (
        "    chart: x\n",
        "10:5: `spec.source.chart` is not supported yet",
    ),
    (
        "    plugin: {name: x}\n",
        "10:20: `spec.source.plugin` `x` is not supported",
    ),
    (
        "    directory: {jsonnet: {libs: [x]}}\n",
        "10:17: `spec.source.directory.jsonnet` is not supported yet",
    ),
    (
        "    kustomize: {version: v5}\n",
        "10:17: `spec.source.kustomize.version` is not supported yet",
    ),
    (
        "  sources: [{path: x}]\n",
        "10:3: `spec.sources` is not supported yet",
    ),
    (
        "  ignoreDifferences: [{kind: x}]\n",
        "10:3: `spec.ignoreDifferences` is not supported yet",
    ),
    (
        "  syncPolicy: {managedNamespaceMetadata: {labels: {a: b}}}\n",
        "10:16: `spec.syncPolicy.managedNamespaceMetadata` is not supported yet",
    ),
    (
        "  syncPolicy: {syncOptions: [Validate=false]}\n",
        "10:30: sync option `Validate=false` is not supported yet",
    ),
    (
        "  syncPolicy: {syncOptions: [CreateNamespaces=true]}\n",
        "10:30: unknown sync option `CreateNamespaces=true`",
    ),
    (
        "  destinatoin: {name: x}\n",
        "10:3: unknown field `spec.destinatoin`",
    ),
    (
        "  destination: {name: x, server: z}\n",
        "10:16: application destination can't have both name and server defined: x z",
    ),
    (
        "  revisionHistoryLimit: -1\n",
        "10:25: `spec.revisionHistoryLimit` must be 0 or more",
    ),
    (
        "    targetRevision: 1.0\n",
        "10:21: `spec.source.targetRevision` must be text, it is a number (put it in quotes)",
    ),
];

#[test]
fn a_field_that_is_not_honoured_is_refused_by_name_and_place() {
    for (rest, expected) in REFUSED {
        assert_eq!(
            problems(rest),
            [format!("clusters/dev/a.yaml:{expected}")],
            "{rest}"
        );
    }
}

#[test]
fn what_has_no_effect_here_is_accepted() {
    for rest in [
        "  syncPolicy: {automated: {prune: true, selfHeal: true}, retry: {limit: 5, backoff: {duration: 5s, factor: 2, maxDuration: 3m}}}\n",
        "  syncPolicy: {syncOptions: [CreateNamespace=true, ServerSideApply=true, Prune=false, ApplyOutOfSyncOnly=true]}\n",
        "  info: [{name: url, value: x}]\n",
        "    helm: {}\n",
        "  ignoreDifferences: []\n",
        "    kustomize: {images: [a=b:1], replicas: [{name: web, count: '3'}], commonLabels: {a: b}, patches: [{target: {kind: X}, patch: y}]}\n",
        "    directory: {recurse: true, include: '*.yaml'}\nstatus: {}\n",
    ] {
        assert_eq!(problems(rest), Vec::<String>::new(), "{rest}");
    }
}

#[test]
fn options_are_kept() {
    let inventory = inventory(&[(
        "clusters/dev/a.yaml",
        &app(
            "a",
            "  syncPolicy: {automated: {prune: true}, syncOptions: [CreateNamespace=true, Prune=false]}\n  revisionHistoryLimit: 3\n",
        ),
    )]);
    let app = &inventory.apps[0];
    assert_eq!(app.revision_history_limit, 3);
    assert_eq!(
        app.policy
            .automated
            .map(|a| (a.enabled, a.prune, a.self_heal)),
        Some((true, true, false))
    );
    assert!(app.policy.options.create_namespace && !app.policy.options.prune);
}
