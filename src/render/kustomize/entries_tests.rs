//! Entries that are empty, odd or written otherwise than one would, through the whole build.

use super::build_tests::built;
use crate::error::Result;

/// One object `W` under a kustomization.
fn simple(kustomization: &str) -> Result<String> {
    built(&format!(
        "=== app/kustomization.yaml\n{kustomization}\n=== app/r.yaml\nkind: W\nmetadata: {{name: w}}\n"
    ))
}

const SIMPLE: &str = "kind: W\nmetadata:\n  name: w\n";

#[test]
fn empty_maps_and_lists_are_no_objects_and_no_patches() {
    for empty in [
        "{}",
        "[]",
        "{}\n---\n[]",
        "kind: List\nitems: [{}, null, []]",
    ] {
        let text = built(&format!(
            "=== app/kustomization.yaml\nresources: [r.yaml, e.yaml]\npatches: [{{path: e.yaml, target: {{kind: W}}}}]\n\
             === app/r.yaml\nkind: W\nmetadata: {{name: w}}\n=== app/e.yaml\n{empty}\n"
        ));
        assert_eq!(text.expect(empty), SIMPLE, "{empty}");
    }
}

#[test]
fn entries_that_say_nothing_are_no_transformers() {
    for field in ["transformers", "generators", "validators"] {
        let text = simple(&format!("resources: [r.yaml]\n{field}: [null, '']"));
        assert_eq!(text.expect(field), SIMPLE, "{field}");
    }
    assert_eq!(simple("metadata: {name: x}").expect("not empty"), "");
}

#[test]
fn a_config_map_has_no_type() {
    let error = simple("configMapGenerator: [{name: c, type: Opaque}]").expect_err("refused");
    assert!(
        error.to_string().contains("unknown field `type`"),
        "{error}"
    );
    let secret =
        simple("secretGenerator: [{name: s, type: x, options: {disableNameSuffixHash: true}}]");
    assert!(secret.expect("builds").contains("type: x"));
}

#[test]
fn transformers_as_objects_take_numbers_for_text_and_names_need_their_fields() {
    let annotated = |value: &str| {
        let text = simple(&format!(
            "resources: [r.yaml]\ntransformers:\n- |-\n  apiVersion: builtin\n  kind: AnnotationsTransformer\n  \
             metadata: {{name: x}}\n  annotations: {{a: {value}}}\n  fieldSpecs: [{{path: metadata/annotations, create: true}}]"
        ));
        let text = text.expect(value);
        text.lines().nth(3).unwrap_or_default().trim().to_owned()
    };
    for (value, expected) in [
        ("1", "\"1\""),
        ("true", "\"true\""),
        ("1.50", "\"1.5\""),
        ("0x10", "\"16\""),
        ("0644", "\"420\""),
        ("1e30", "\"1e+30\""),
        ("yes", "\"yes\""),
        ("2020-01-01", "\"2020-01-01T00:00:00Z\""),
    ] {
        assert_eq!(annotated(value), format!("a: {expected}"), "{value}");
    }
    let nameless = simple(
        "resources: [r.yaml]\ntransformers:\n- |-\n  apiVersion: builtin\n  kind: PrefixTransformer\n  metadata: {name: x}\n  prefix: p-",
    );
    let error = nameless.expect_err("refused").to_string();
    assert!(error.contains("fieldSpecs"), "{error}");
}

#[test]
fn a_variable_with_a_namespace_finds_nothing_of_a_kind_that_has_none() {
    let with = |namespace: &str| {
        built(&format!(
            "=== app/kustomization.yaml\nresources: [r.yaml]\nvars: [{{name: X, objref: {{apiVersion: v1, kind: Namespace, name: w{namespace}}}}}]\n\
             === app/r.yaml\napiVersion: v1\nkind: Namespace\nmetadata: {{name: w}}\n---\n\
             apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: c, args: [$(X)]}}]}}\n"
        ))
    };
    assert!(with("").expect("builds").contains("- w\n"));
    assert!(with(", namespace: default").is_err());
}

#[test]
fn local_objects_go_unless_another_has_their_id_to_the_letter() {
    let with = |namespace: &str| {
        built(&format!(
            "=== app/kustomization.yaml\nresources: [r.yaml]\npatches: [{{target: {{kind: ClusterRole}}, patch: '- {{op: replace, path: /metadata/name, value: one}}'}}]\n\
             === app/r.yaml\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n\
             metadata: {{name: a{namespace}, annotations: {{config.kubernetes.io/local-config: 'true'}}}}\n---\n\
             apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: b}}\n"
        ))
    };
    let text = with(", namespace: somewhere").expect("the local one goes");
    assert_eq!(text.matches("name: one").count(), 1, "{text}");
    assert!(with("").is_err(), "it stays, and two are too many");
}

#[test]
fn a_patch_that_selects_changes_all_that_have_the_name_of_a_selected_object_by_then() {
    let error = built(
        "=== app/kustomization.yaml\nresources: [r.yaml]\npatches:\n\
         - {target: {kind: W}, patch: '- {op: replace, path: /metadata/name, value: one}'}\n\
         - {target: {kind: W, name: a}, patch: '{kind: W, metadata: {name: two}}', options: {allowNameChange: true}}\n\
         === app/r.yaml\nkind: W\nmetadata: {name: a}\n---\nkind: W\nmetadata: {name: b}\n",
    );
    let error = error.expect_err("both become `two`").to_string();
    assert!(
        error.contains("already registered id: W.[noVer].[noGrp]/two"),
        "{error}"
    );
}
