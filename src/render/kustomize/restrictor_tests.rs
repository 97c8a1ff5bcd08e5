//! The load restrictor over everything that a kustomization can name: a link inside its folder to a file beside it gives nothing of that
//! file, whichever field names the link.

use std::path::Path;

use super::{BuildOptions, LoadRestrictor, build};
use crate::error::Result;
use crate::repo::worktree::WorkTree;

/// What stands outside of the folder. No message and no output may hold it.
const CANARY: &str = "canary-9c1f";

/// A field that reads a file, and what that file would have to hold to be of use.
const CARRIERS: [(&str, &str, &str); 13] = [
    (
        "resources",
        "resources: [link]",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: canary-9c1f}}",
    ),
    (
        "patches",
        "resources: [own.yaml]\npatches: [{path: link}]",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: own}, data: {k: canary-9c1f}}",
    ),
    (
        "patchesStrategicMerge",
        "resources: [own.yaml]\npatchesStrategicMerge: [link]",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: own}, data: {k: canary-9c1f}}",
    ),
    (
        "patchesJson6902",
        "resources: [own.yaml]\npatchesJson6902: [{path: link, target: {version: v1, kind: ConfigMap, name: own}}]",
        "- {op: add, path: /data, value: {k: canary-9c1f}}",
    ),
    (
        "files of a generator",
        "configMapGenerator: [{name: made, files: [link]}]",
        CANARY,
    ),
    (
        "env files",
        "configMapGenerator: [{name: made, envs: [link]}]",
        "K=canary-9c1f",
    ),
    (
        "files of a Secret generator",
        "secretGenerator: [{name: made, files: [link]}]",
        CANARY,
    ),
    (
        "replacements",
        "resources: [own.yaml]\nreplacements: [{path: link}]",
        "{sourceValue: canary-9c1f, targets: [{select: {name: own}, fieldPaths: [data.k]}]}",
    ),
    (
        "transformers",
        "resources: [own.yaml]\ntransformers: [link]",
        "{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: p}, prefix: canary-9c1f-, fieldSpecs: [{path: metadata/name}]}",
    ),
    (
        "generators",
        "generators: [link]",
        "{apiVersion: builtin, kind: ConfigMapGenerator, metadata: {name: canary-9c1f}, literals: [a=b]}",
    ),
    (
        "configurations",
        "resources: [own.yaml]\nconfigurations: [link]",
        "{namePrefix: [{path: canary-9c1f}]}",
    ),
    (
        "crds",
        "resources: [own.yaml]\ncrds: [link]",
        "{\"canary-9c1f\": {}}",
    ),
    (
        "openapi",
        "resources: [own.yaml]\nopenapi: {path: link}",
        "{\"definitions\": {\"canary-9c1f\": {}}}",
    ),
];

const OWN: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: own}, data: {k: v}}";

fn write(root: &Path, path: &str, content: &str) {
    let file = root.join(path);
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("writable");
    std::fs::write(file, content).expect("writable");
}

fn link(root: &Path, path: &str, target: &str) {
    std::os::unix::fs::symlink(target, root.join(path)).expect("writable");
}

fn built(root: &Path, restrictor: LoadRestrictor) -> Result<String> {
    let tree = WorkTree::open(root).expect("opens");
    let options = BuildOptions {
        load_restrictor: restrictor,
        ..BuildOptions::default()
    };
    build(&tree, "app", &options).map(|built| built.to_yaml())
}

#[test]
fn no_field_reads_a_linked_file_outside_of_its_folder() {
    for (carrier, kustomization, content) in CARRIERS {
        let root = tempfile::tempdir().expect("a folder");
        write(root.path(), "app/kustomization.yaml", kustomization);
        write(root.path(), "app/own.yaml", OWN);
        write(root.path(), "beside/secret", content);
        link(root.path(), "app/link", "../beside/secret");
        let error = built(root.path(), LoadRestrictor::RootOnly).expect_err(carrier);
        let report = error.report();
        assert!(!report.contains(CANARY), "{carrier}: {report}");
        assert!(report.contains("beside/secret"), "{carrier}: {report}");
        // The same file is of use where the user lifts the restriction, so the field really reads it.
        built(root.path(), LoadRestrictor::None).expect(carrier);
    }
}

/// The kustomization of a folder, which is a link to one beside it.
fn linked_kustomization(name: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    write(
        root.path(),
        "beside/kustomization.yaml",
        "resources: [own.yaml]\nnamePrefix: canary-9c1f-\n",
    );
    write(root.path(), "app/own.yaml", OWN);
    link(
        root.path(),
        &format!("app/{name}"),
        "../beside/kustomization.yaml",
    );
    root
}

#[test]
fn a_kustomization_that_is_a_link_out_of_its_folder_is_not_seen() {
    for name in super::FILE_NAMES {
        let root = linked_kustomization(name);
        let error = built(root.path(), LoadRestrictor::RootOnly).expect_err("hidden");
        let report = error.report();
        assert!(report.contains("unable to find one of"), "{report}");
        assert!(report.contains("is a link to"), "{report}");
        built(root.path(), LoadRestrictor::None).expect("lifted");
    }
}

#[test]
fn one_beside_a_forbidden_link_is_the_only_one() {
    let root = linked_kustomization("kustomization.yml");
    write(
        root.path(),
        "app/kustomization.yaml",
        "resources: [own.yaml]\n",
    );
    let text = built(root.path(), LoadRestrictor::RootOnly).expect("builds");
    assert!(!text.contains(CANARY), "{text}");
}

#[test]
fn bases_and_components_are_held_to_their_own_folders() {
    for field in ["resources", "components"] {
        let root = tempfile::tempdir().expect("a folder");
        let kind = match field {
            "components" => "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
            _ => "",
        };
        write(
            root.path(),
            "app/kustomization.yaml",
            &format!("{field}: [../base]\n"),
        );
        write(
            root.path(),
            "base/kustomization.yaml",
            &format!("{kind}configMapGenerator: [{{name: made, files: [link]}}]\n"),
        );
        write(root.path(), "beside/secret", CANARY);
        link(root.path(), "base/link", "../beside/secret");
        let report = built(root.path(), LoadRestrictor::RootOnly)
            .expect_err(field)
            .report();
        assert!(report.contains("security;"), "{field}: {report}");
        assert!(!report.contains(CANARY), "{field}: {report}");
    }
}

#[test]
fn a_link_that_stays_in_the_folder_is_followed() {
    let root = tempfile::tempdir().expect("a folder");
    write(
        root.path(),
        "app/files/real.yaml",
        "resources: [own.yaml]\n",
    );
    write(root.path(), "app/own.yaml", OWN);
    link(root.path(), "app/kustomization.yaml", "files/real.yaml");
    built(root.path(), LoadRestrictor::RootOnly).expect("builds");
}
