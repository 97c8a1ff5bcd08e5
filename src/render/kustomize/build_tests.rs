//! Small overlays through the whole build, each for one habit of the real program, whose output they carry.

use super::{BuildOptions, build};
use crate::error::Result;
use crate::repo::tree::MemoryTree;

/// Builds `app` of files; a line `=== NAME` begins each.
pub(super) fn built(files: &str) -> Result<String> {
    let tree: MemoryTree = files
        .split("=== ")
        .skip(1)
        .filter_map(|file| file.split_once('\n'))
        .collect();
    build(&tree, "app", &BuildOptions::default()).map(|built| built.to_yaml())
}

/// One object `W` with this `spec`, under a kustomization.
fn spec_under(kustomization: &str, spec: &str) -> Result<String> {
    let text = built(&format!(
        "=== app/kustomization.yaml\nresources: [r.yaml]\n{kustomization}\n=== app/r.yaml\napiVersion: v1\nkind: W\nmetadata: {{name: w}}\nspec: {spec}\n"
    ))?;
    let (_, spec) = text.split_once("spec:").unwrap_or_default();
    Ok(spec.to_owned())
}

fn check(kustomization: &str, spec: &str, expected: &str) {
    let text = spec_under(kustomization, spec).expect("builds");
    assert_eq!(text, expected, "{kustomization}");
}

#[test]
fn a_merge_key_that_a_json_patch_adds_merges() {
    check(
        "patches:\n- target: {kind: W}\n  patch: '- {op: add, path: \"/spec/<<\", value: {a: 1, b: 2}}'",
        "{b: 3}",
        "\n  a: 1\n  b: 3\n",
    );
}

const DEPLOYMENT_UNDER_LABELS: &str = "=== base/kustomization.yaml\nresources: [r.yaml]\ncommonLabels: {app: x}\n=== base/r.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n";

/// How often a label came out: it stands at the object, in the selector and at the pods.
fn label_count(top: &str, label: &str) -> usize {
    let files =
        format!("{DEPLOYMENT_UNDER_LABELS}=== app/kustomization.yaml\nresources: [../base]\n{top}");
    let text = built(&files).expect("builds");
    text.matches(label).count()
}

#[test]
fn a_label_that_stands_in_three_places_is_one_value_to_patches_labels_and_replacements() {
    let patch = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, labels: {app: new}}}";
    for top in [
        format!("patches: [{{patch: '{patch}'}}]\n"),
        format!("patches: [{{patch: '{patch}', target: {{}}}}]\n"),
        "labels: [{pairs: {app: new}}]\n".to_owned(),
        "namePrefix: p-\nreplacements: [{sourceValue: new, targets: [{select: {}, fieldPaths: [metadata.labels.app]}]}]\n".to_owned(),
    ] {
        assert_eq!(label_count(&top, "app: new"), 3, "{top}");
    }
}

#[test]
fn a_json_patch_ends_the_sharing_of_a_label() {
    let patch = "patches: [{target: {}, patch: '- {op: replace, path: /metadata/labels/app, value: new}'}]\n";
    assert_eq!(label_count(patch, "app: new"), 1);
}

#[test]
fn of_two_writes_to_a_shared_label_the_last_counts() {
    let patch = "patches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: d, labels: {app: first}}\n    spec: {template: {metadata: {labels: {app: x}}}}\n";
    assert_eq!(label_count(patch, "app: x"), 3);
}

#[test]
fn patches_strategic_merge_makes_labels_and_annotations_text() {
    let text = built("=== app/kustomization.yaml\nresources: [r.yaml]\npatchesStrategicMerge: [p.yaml]\n=== app/r.yaml\nkind: W\nmetadata: {name: w, labels: {a: b}}\n=== app/p.yaml\nkind: W\nmetadata: {name: w, labels: {a: null}, annotations: {n: null}}\n")
        .expect("builds");
    assert!(text.contains("labels:\n    a: \"null\""), "{text}");
    assert!(text.contains("annotations:\n    \"n\": \"null\""), "{text}");
}

#[test]
fn a_permission_to_rename_makes_the_annotations_of_a_patch_text() {
    let text = built("=== app/kustomization.yaml\nresources: [r.yaml]\npatches: [{path: p.yaml, options: {allowNameChange: true}}]\n=== app/r.yaml\nkind: W\nmetadata: {name: w, labels: {a: b}}\n=== app/p.yaml\nkind: W\nmetadata: {name: w, labels: {a: null}, annotations: {x: null}}\n")
        .expect("builds");
    assert!(text.contains("x: \"null\""), "{text}");
    assert!(text.contains("labels: {}"), "{text}");
}

#[test]
fn a_count_between_quotes_stays_between_quotes() {
    let replicas = |written: &str| {
        let files = format!(
            "=== app/kustomization.yaml\nresources: [r.yaml]\nreplicas: [{{name: d, count: 3}}]\n=== app/r.yaml\nkind: Deployment\nmetadata: {{name: d}}\nspec: {{replicas: {written}}}\n"
        );
        let text = built(&files).ok()?;
        Some(text.split_once("replicas: ")?.1.trim().to_owned())
    };
    assert_eq!(replicas("'2'").as_deref(), Some("\"3\""));
    assert_eq!(replicas("2").as_deref(), Some("3"));
    assert_eq!(replicas("null").as_deref(), Some("3"));
    assert_eq!(replicas("[2]"), None);
}

#[test]
fn a_kind_that_is_not_known_is_merged_by_the_kind_of_the_patch() {
    let text = built("=== app/kustomization.yaml\nresources: [r.yaml]\npatches: [{path: p.yaml, target: {kind: Gadget}}]\n=== app/r.yaml\napiVersion: apps/v1\nkind: Gadget\nmetadata: {name: g}\nspec: {template: {spec: {containers: [{name: a}, {name: b}]}}}\n=== app/p.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {template: {spec: {containers: [{name: b, image: i}]}}}\n")
        .expect("builds");
    assert!(text.contains("- name: a"), "{text}");
}

#[test]
fn a_generator_object_does_not_know_the_old_field_env() {
    let text = built("=== app/kustomization.yaml\ngenerators: ['{apiVersion: builtin, kind: ConfigMapGenerator, metadata: {name: c}, env: e.env, literals: [a=b]}']\n=== app/e.env\nX=1\n")
        .expect("builds");
    assert!(text.contains("a: b") && !text.contains("X:"), "{text}");
}

#[test]
fn only_the_top_layer_asks_what_its_sort_options_mean() {
    let layer = "sortOptions: {order: fifo, legacySortOptions: {orderFirst: [W]}}\n";
    let files = |top: &str, base: &str| {
        format!(
            "=== app/kustomization.yaml\nresources: [../base]\n{top}=== base/kustomization.yaml\nresources: [r.yaml]\n{base}=== base/r.yaml\nkind: W\nmetadata: {{name: w}}\n"
        )
    };
    assert!(built(&files("", layer)).is_ok());
    assert!(built(&files(layer, "")).is_err());
}

#[test]
fn a_variable_names_the_version_of_its_object() {
    let files = |reference: &str| {
        format!(
            "=== app/kustomization.yaml\nresources: [r.yaml]\nvars: [{{name: V, objref: {{{reference} kind: W, name: w}}}}]\n=== app/r.yaml\napiVersion: v1\nkind: W\nmetadata: {{name: w, labels: {{a: $(V)}}}}\n"
        )
    };
    assert!(built(&files("apiVersion: v1,")).is_ok_and(|text| text.contains("a: w")));
    assert!(built(&files("")).is_err());
}

#[test]
fn a_new_list_of_the_patch_is_merged_into_itself_if_its_parent_is_new_too() {
    let containers = |spec: &str, containers: &str| {
        let text = built(&format!(
            "=== app/kustomization.yaml\nresources: [r.yaml]\npatches: [{{path: p.yaml}}]\n=== app/r.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d}}\n{spec}\n=== app/p.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d}}\nspec: {{template: {{spec: {{containers: {containers}}}}}}}\n"
        ))
        .expect("builds");
        text.split_once("    spec:")
            .map(|(_, spec)| spec.trim().to_owned())
    };
    let there = "spec: {template: {spec: {a: b}}}";
    let delete = "[{name: c, $patch: delete}]";
    assert_eq!(containers("", delete).as_deref(), Some("containers: []"));
    assert_eq!(
        containers(there, delete).as_deref(),
        Some("a: b\n      containers: []")
    );
    assert_eq!(containers("", "[{$patch: delete}]").as_deref(), Some("{}"));
    assert_eq!(
        containers(there, "[{$patch: delete}]").as_deref(),
        Some("a: b\n      containers:\n      - $patch: delete")
    );
    assert_eq!(
        containers("", "[{image: x}]").as_deref(),
        Some("containers:\n      - image: x")
    );
}

#[test]
fn a_patch_that_selects_writes_down_that_there_is_no_version() {
    let with = |field: &str| {
        built(&format!(
            "=== app/kustomization.yaml\nresources: [r.yaml]\n{field}\n=== app/r.yaml\nkind: W\nmetadata: {{name: w}}\n=== app/p.yaml\nkind: W\nmetadata: {{name: w}}\nx: z\n"
        ))
        .expect("builds")
    };
    let is_null = |field: &str| with(field).starts_with("apiVersion: null\n");
    assert!(is_null("patches: [{path: p.yaml, target: {}}]"));
    assert!(is_null("patchesStrategicMerge: [p.yaml]"));
    assert!(!is_null("patches: [{path: p.yaml}]"));
}

#[test]
fn a_validator_may_leave_its_mark_only_beside_labels_that_transformers_made() {
    let with = |labels: &str, fields: &str| {
        built(&format!(
            "=== app/kustomization.yaml\nresources: [r.yaml]\n{fields}validators: ['{{apiVersion: builtin, kind: LabelTransformer, metadata: {{name: v}}, labels: {{validated-by: me}}, fieldSpecs: [{{path: metadata/labels, create: true}}]}}']\n=== app/r.yaml\nkind: W\nmetadata: {{name: w{labels}}}\n"
        ))
    };
    assert!(with("", "").is_ok());
    assert!(with(", labels: {}", "").is_err());
    assert!(with(", labels: {a: b}", "").is_err());
    assert!(with("", "commonLabels: {c: d, b: e}\n").is_ok());
    let unsorted = "labels: [{pairs: {c: d}}, {pairs: {b: e}}]\n";
    assert!(with("", unsorted).is_err());
}

#[test]
fn a_value_added_as_namespace_moves_the_selected_objects_and_their_accounts() {
    let text = built("=== app/kustomization.yaml\nresources: [r.yaml]\ntransformers: ['{apiVersion: builtin, kind: ValueAddTransformer, metadata: {name: v}, value: nn, targets: [{selector: {kind: RoleBinding}, fieldPath: metadata/namespace}]}']\n=== app/r.yaml\nkind: RoleBinding\nmetadata: {name: b}\nsubjects: [{name: default}]\n---\nkind: W\nmetadata: {name: w}\n")
        .expect("builds");
    assert_eq!(text.matches("namespace: nn").count(), 2, "{text}");
}

#[test]
fn a_list_that_may_hold_variables_holds_text_only() {
    let with = |argument: &str| {
        built(&format!(
            "=== app/kustomization.yaml\nresources: [r.yaml]\nvars: [{{name: V, objref: {{apiVersion: v1, kind: Pod, name: p}}}}]\n=== app/r.yaml\napiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{args: [{argument}, $(V)]}}]}}\n"
        ))
    };
    assert!(with("'1'").is_ok());
    for argument in ["1", "null", "true", "2020-01-01"] {
        assert!(with(argument).is_err(), "{argument}");
    }
}

#[test]
fn a_value_follows_the_field_it_was_read_from() {
    check(
        "replacements:\n- source: {kind: W, fieldPath: 'spec.l.[n=a].v'}\n  targets: [{select: {kind: W}, fieldPaths: [spec.l.*.v], options: {delimiter: ':', index: 9, create: true}}]",
        "{l: [{n: a, v: x}, {n: b}]}",
        "\n  l:\n  - \"n\": a\n    v: x:x\n  - \"n\": b\n    v: :x:x\n",
    );
}

#[test]
fn a_value_written_into_a_null_is_lost() {
    let replace = "replacements: [{sourceValue: v, targets: [{select: {}, fieldPaths: [spec.a.b], options: {create: true}}]}]";
    check(replace, "{a: null}", "\n  a: null\n");
    check(replace, "{}", "\n  a:\n    b: v\n");
    assert!(spec_under(replace, "{a: }").is_err());
    assert!(spec_under(replace, "{a: []}").is_err());
}

#[test]
fn a_value_inside_a_yaml_text_keeps_the_type_it_had_by_a_tag() {
    let replace =
        "replacements: [{sourceValue: v, targets: [{select: {}, fieldPaths: [spec.a.b]}]}]";
    check(replace, "{a: 'b: 1'}", "\n  a: 'b: !!int v'\n");
    // In JSON there is no way to say so, and nothing is said at all.
    check(replace, "{a: '{\"b\": 1}'}", "\n  a: '{\"b\": 1}'\n");
}

#[test]
fn copies_of_copies_come_to_an_end() {
    let copies = "{op: copy, from: /spec, path: /spec/a}, {op: copy, from: /spec, path: /spec/b}, ";
    let patch = format!(
        "patches: [{{target: {{}}, patch: \"- {}\"}}]",
        copies
            .repeat(20)
            .trim_end_matches(", ")
            .replace("}, {", "}\\n- {")
    );
    assert!(spec_under(&patch, "{x: y}").is_err());
    let one = "- {source: {kind: W, fieldPath: spec}, targets: [{select: {}, fieldPaths: [spec.NEW], options: {create: true}}]}\n";
    let replacements: String = (0..40)
        .map(|n| one.replace("NEW", &format!("f{n}")))
        .collect();
    assert!(spec_under(&format!("replacements:\n{replacements}"), "{x: y}").is_err());
    let doubled = "- {source: {kind: W, fieldPath: spec.x}, targets: [{select: {}, fieldPaths: [spec.x], options: {delimiter: '/', index: 9}}]}\n";
    assert!(spec_under(&format!("replacements:\n{}", doubled.repeat(40)), "{x: y}").is_err());
}

#[test]
fn layers_that_reach_one_another_by_many_ways_come_to_an_end() {
    let mut files = String::from("=== app/kustomization.yaml\nresources: [../l0, ../l0]\n");
    for n in 0..40 {
        let next = n + 1;
        files.push_str(&format!(
            "=== l{n}/kustomization.yaml\nresources: [../l{next}, ../l{next}]\n"
        ));
    }
    files.push_str("=== l40/kustomization.yaml\nresources: []\n");
    let error = built(&files).expect_err("refused");
    assert!(error.message().contains("layers run"), "{error}");
}

/// The name tables look into every object, also where nothing was renamed.
#[test]
fn fields_on_the_way_to_a_name_are_maps_and_lists() {
    let build = |spec: &str| {
        built(&format!(
            "=== app/kustomization.yaml\nresources: [r.yaml]\n=== app/r.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{template: {{spec: {{{spec}}}}}}}\n"
        ))
    };
    for spec in [
        "containers: text",
        "containers: [a]",
        "containers: [{env: 5}]",
        "imagePullSecrets: [{name: {a: b}}]",
        "volumes: {configMap: {name: [[x]]}}",
        "serviceAccountName: {}",
        "serviceAccountName: [{x: null}]",
    ] {
        let error = build(spec).expect_err(spec);
        let place = error.location().map(|place| place.file.as_str());
        assert_eq!(place, Some("app/r.yaml"), "{spec}");
    }
    for spec in [
        "containers: null",
        "containers: [null]",
        "containers: [[{env: [{name: x}]}]]",
        "serviceAccountName: {name: {a: b}}",
        "serviceAccountName: {name: [x], namespace: {a: b}}",
        "serviceAccountName: [null, x]",
    ] {
        assert!(build(spec).is_ok(), "{spec}");
    }
}

#[test]
fn every_error_names_a_file() {
    let error = built("=== app/kustomization.yaml\nresources: []\nopenapi: {version: v9}\n")
        .expect_err("refused");
    assert_eq!(
        error.location().map(|place| place.file.as_str()),
        Some("app/kustomization.yaml")
    );
}

#[test]
fn to_the_source_of_a_replacement_everything_has_a_namespace() {
    let text = built("=== app/kustomization.yaml\nresources: [r.yaml]\nreplacements: [{source: {kind: Namespace, namespace: default}, targets: [{select: {kind: W}, fieldPaths: [x]}]}]\n=== app/r.yaml\napiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n---\nkind: W\nmetadata: {name: w}\nx: y\n")
        .expect("builds");
    assert!(text.contains("x: \"n\""), "{text}");
}

#[test]
fn a_secret_merged_of_nothing_and_nothing_has_no_data() {
    let text = built("=== app/kustomization.yaml\nresources: [../base]\nsecretGenerator: [{name: s, behavior: merge}]\n=== base/kustomization.yaml\nsecretGenerator: [{name: s}]\n")
        .expect("builds");
    assert!(!text.contains("\ndata"), "{text}");
}

#[test]
fn a_patch_that_selects_may_not_give_two_objects_one_name() {
    let patched = built(
        "=== app/kustomization.yaml\nconfigMapGenerator: [{name: a, literals: [x=y]}, {name: b}]\npatches: [{patch: '{kind: ConfigMap, metadata: {name: c}}', target: {}, options: {allowNameChange: true}}]\n",
    );
    assert!(patched.is_err());
}

#[test]
fn a_name_that_was_put_together_has_no_type_of_its_own() {
    let text = built("=== app/kustomization.yaml\nresources: [../base]\nreplacements: [{sourceValue: '5', targets: [{select: {}}]}]\n=== base/kustomization.yaml\nresources: [r.yaml]\nnameSuffix: -s\n=== base/r.yaml\nkind: W\nmetadata: {name: w}\n")
        .expect("builds");
    assert!(text.contains("name: 5\n"), "{text}");
}

#[test]
fn a_namespace_is_text_even_if_it_looks_like_a_number() {
    let text = built("=== app/kustomization.yaml\nresources: [r.yaml]\nnamespace: '123'\n=== app/r.yaml\nkind: W\nmetadata: {name: w, namespace: old}\n")
        .expect("builds");
    assert!(text.contains("namespace: \"123\""), "{text}");
}

#[test]
fn transformers_that_stand_in_the_field_run_before_those_in_files() {
    let text = built("=== app/kustomization.yaml\nresources: [r.yaml]\ntransformers:\n- t.yaml\n- '{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: a}, prefix: a-, fieldSpecs: [{path: metadata/name}]}'\n=== app/t.yaml\napiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: b}\nprefix: yes\nfieldSpecs: [{path: metadata/name}]\n=== app/r.yaml\nkind: W\nmetadata: {name: w}\n")
        .expect("builds");
    assert!(text.contains("name: yesa-w"), "{text}");
}

#[test]
fn a_value_between_quotes_stays_between_quotes_when_it_is_patched() {
    let patch = |value: &str| {
        format!(
            "patches: [{{patch: '{{apiVersion: v1, kind: W, metadata: {{name: w}}, spec: {{a: {value}}}}}'}}]"
        )
    };
    check(&patch("4"), "{a: \"2\"}", "\n  a: \"4\"\n");
    check(&patch("\"4\""), "{a: 2}", "\n  a: \"4\"\n");
    check(&patch("4"), "{a: x}", "\n  a: 4\n");
}

#[test]
fn a_variable_that_is_a_date_is_the_text_that_was_written() {
    let text = built("=== app/kustomization.yaml\nresources: [r.yaml]\nvars: [{name: V, objref: {apiVersion: v1, kind: W, name: w}, fieldref: {fieldPath: spec}}]\n=== app/r.yaml\napiVersion: v1\nkind: W\nmetadata: {name: w, labels: {a: $(V)}}\nspec: 2020-01-01\n")
        .expect("builds");
    assert!(text.contains("a: \"2020-01-01\""), "{text}");
}

#[test]
fn numbers_that_variables_carry_are_printed_as_go_does() {
    let carried = |written: &str| {
        let files = format!(
            "=== app/kustomization.yaml\nresources: [r.yaml]\nvars: [{{name: V, objref: {{kind: W, name: w, apiVersion: v1}}, fieldref: {{fieldPath: spec.v}}}}]\n=== app/r.yaml\napiVersion: v1\nkind: W\nmetadata: {{name: w, annotations: {{a: x-$(V)}}}}\nspec: {{v: {written}}}\n"
        );
        let text = built(&files).ok()?;
        let (_, rest) = text.split_once("a: x-")?;
        rest.lines().next().map(str::to_owned)
    };
    for (written, expected) in [
        (".5", "0.5"),
        ("1e3", "1000"),
        ("1e30", "1e+30"),
        ("1234567.5", "1.2345675e+06"),
        ("1.50", "1.5"),
        ("0644", "644"),
        ("True", "true"),
        ("~", "~"),
    ] {
        assert_eq!(carried(written).as_deref(), Some(expected), "{written}");
    }
    assert_eq!(carried("0x1F"), None);
    assert_eq!(carried("1_000"), None);
}

#[test]
fn a_patch_that_drops_all_annotations_makes_a_generated_name_final() {
    let built_with = |annotations: &str| {
        built(&format!("=== base/kustomization.yaml\nresources: [d.yaml]\nconfigMapGenerator: [{{name: c, literals: [a=b], options: {{annotations: {{x: z}}}}}}]\n=== base/d.yaml\napiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{volumes: [{{name: v, configMap: {{name: c}}}}]}}\n=== app/kustomization.yaml\nresources: [../base]\npatches: [{{patch: '{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c, annotations: {annotations}}}}}'}}]\nnamePrefix: p-\n"))
            .expect("builds")
    };
    assert_eq!(built_with("null").matches("name: p-c\n").count(), 2);
    assert_eq!(built_with("{x: null}").matches("name: p-c-").count(), 2);
}

#[test]
fn a_patch_that_drops_all_annotations_counts_as_the_origin_of_the_object() {
    let text = built("=== app/kustomization.yaml\nresources: [r.yaml]\nbuildMetadata: [originAnnotations]\npatches: [{target: {kind: W}, patch: '- {op: remove, path: /metadata/annotations}'}]\nnamePrefix: p-\n=== app/r.yaml\nkind: W\nmetadata: {name: w}\n")
        .expect("builds");
    assert!(text.contains("kind: PatchTransformer\n"), "{text}");
    assert!(!text.contains("path: r.yaml"), "{text}");
}

#[test]
fn a_copied_number_becomes_text_when_its_object_is_patched() {
    let copied = |patches: &str| {
        let text = built(&format!("=== base/kustomization.yaml\nresources: [r.yaml]\nreplacements: [{{source: {{kind: S, fieldPath: spec.port}}, targets: [{{select: {{kind: W}}, fieldPaths: [spec.copy], options: {{create: true}}}}]}}]\n=== base/r.yaml\nkind: S\nmetadata: {{name: s}}\nspec: {{port: 80}}\n---\nkind: W\nmetadata: {{name: w}}\nspec: {{}}\n=== app/kustomization.yaml\nresources: [../base]\n{patches}"))
            .expect("builds");
        text.split_once("copy: ")
            .and_then(|(_, rest)| rest.lines().next().map(str::to_owned))
    };
    assert_eq!(copied("").as_deref(), Some("80"));
    let patch = "patches: [{patch: '{kind: W, metadata: {name: w}, spec: {more: 1}}'}]\n";
    assert_eq!(copied(patch).as_deref(), Some("\"80\""));
}

#[test]
fn a_name_put_together_after_a_json_patch_has_no_type_either() {
    let text = built("=== app/kustomization.yaml\nresources: [r.yaml]\npatches: [{target: {kind: W}, patch: '- {op: add, path: /spec/x, value: 1}'}]\nnameSuffix: -s\nreplacements: [{source: {kind: W, fieldPath: spec.port}, targets: [{select: {kind: W}}]}]\n=== app/r.yaml\nkind: W\nmetadata: {name: w}\nspec: {port: 80}\n")
        .expect("builds");
    assert!(text.contains("name: 80\n"), "{text}");
}

#[test]
fn an_object_that_lost_its_name_is_no_output() {
    let error = built("=== app/kustomization.yaml\nresources: [r.yaml]\nreplacements: [{sourceValue: '', targets: [{select: {kind: W}}]}]\n=== app/r.yaml\nkind: W\nmetadata: {name: w}\n")
        .expect_err("refused");
    assert!(
        error.message().contains("metadata.name is missing"),
        "{error}"
    );
}

#[test]
fn an_object_that_never_moved_decides_which_namespace_a_reference_means() {
    let reference = |annotations: &str| {
        let text = built(&format!("=== app/kustomization.yaml\nresources: [../base]\ncomponents: [../part]\npatches: [{{patch: '{{kind: Role, metadata: {{name: web, annotations: {annotations}}}}}'}}]\n=== base/kustomization.yaml\nresources: [r.yaml]\n=== base/r.yaml\nkind: Role\nmetadata: {{name: web}}\n=== part/kustomization.yaml\nkind: Component\nresources: [r.yaml]\nnamePrefix: p-\nnamespace: ns1\n=== part/r.yaml\napiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {{name: cfg}}\nwebhooks: [{{clientConfig: {{service: {{name: db, namespace: ns1}}}}}}]\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: db}}\n"))
            .expect("builds");
        let (_, rest) = text.split_once("service:\n      name: ")?;
        rest.lines().next().map(str::to_owned)
    };
    assert_eq!(reference("{only: this}").as_deref(), Some("p-db"));
    let replaced = "{$patch: replace, only: this}";
    assert_eq!(reference(replaced).as_deref(), Some("db"));
}

#[test]
fn a_value_is_added_to_the_spelling_of_a_null() {
    let added = |note: &str| {
        let text = built(&format!("=== app/kustomization.yaml\nresources: [r.yaml]\ntransformers: [t.yaml]\n=== app/r.yaml\nkind: W\nmetadata: {{name: w, annotations: {{note: {note}}}}}\n=== app/t.yaml\napiVersion: builtin\nkind: ValueAddTransformer\nmetadata: {{name: t}}\nvalue: x\ntargets: [{{fieldPath: metadata/annotations/note, filePathPosition: 2}}]\n"))
            .expect("builds");
        text.split_once("note: ")
            .and_then(|(_, rest)| rest.lines().next().map(str::to_owned))
    };
    assert_eq!(added("null").as_deref(), Some("null/x"));
    assert_eq!(added("a").as_deref(), Some("a/x"));
}

#[test]
fn an_error_does_not_tell_the_value_it_is_about() {
    for (kustomization, value) in [
        ("", "!!int hunter2"),
        (
            "replacements: [{source: {kind: Secret, fieldPath: stringData.p, options: {delimiter: /, index: 9}}, targets: [{select: {}}]}]\n",
            "hunter2/x",
        ),
    ] {
        let error = built(&format!("=== app/kustomization.yaml\nresources: [r.yaml]\n{kustomization}=== app/r.yaml\napiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData: {{p: {value}}}\n"))
            .expect_err("refused");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn a_name_that_a_patch_leaves_alone_has_no_type_of_its_own() {
    let text = built("=== app/kustomization.yaml\nresources: [../base]\nnamePrefix: '1'\npatches: [{patch: '{kind: W, metadata: {name: w, labels: {a: b}}}'}]\n=== base/kustomization.yaml\nresources: [r.yaml]\nnamePrefix: x\nreplacements: [{source: {kind: W, fieldPath: spec.a}, targets: [{select: {kind: W}}]}]\n=== base/r.yaml\nkind: W\nmetadata: {name: w}\nspec: {a: 2}\n")
        .expect("builds");
    assert!(text.contains("name: 12\n"), "{text}");
}

#[test]
fn a_patch_that_wants_to_replace_an_object_leaves_all_of_it() {
    let text = built("=== app/kustomization.yaml\nresources: [r.yaml]\npatches: [{patch: '{kind: W, metadata: {name: w}, $patch: replace}'}]\n=== app/r.yaml\nkind: W\nmetadata:\n  name: w\nspec:\n")
        .expect("builds");
    assert!(text.contains("spec: null\n"), "{text}");
}

#[test]
fn a_local_object_with_the_name_of_another_is_in_its_way() {
    let built = built(
        "=== app/kustomization.yaml\nresources: [r.yaml]\nreplacements: [{sourceValue: x, targets: [{select: {kind: W}}]}]\n=== app/r.yaml\nkind: W\nmetadata: {name: a}\n---\nkind: W\nmetadata: {name: b, annotations: {config.kubernetes.io/local-config: \"true\"}}\n",
    );
    assert!(built.is_err());
}

#[test]
fn a_large_number_is_copied_as_the_float_that_patching_made_of_it() {
    let text = built("=== app/kustomization.yaml\nresources: [r.yaml]\npatches: [{target: {kind: W}, patch: '- {op: add, path: /x, value: 1}'}]\nreplacements: [{source: {kind: W, fieldPath: spec.a}, targets: [{select: {kind: W}, fieldPaths: [metadata.labels.b], options: {create: true, delimiter: /, index: 1}}]}]\n=== app/r.yaml\nkind: W\nmetadata: {name: w}\nspec: {a: 12345678901234567890}\n")
        .expect("builds");
    assert!(text.contains("a: 12345678901234567000\n"), "{text}");
    assert!(text.contains("b: /1.2345678901234567e+19\n"), "{text}");
}

#[test]
fn a_name_that_a_patch_gives_to_what_it_selects_has_no_type_of_its_own() {
    let text = built("=== app/kustomization.yaml\nresources: [r.yaml]\npatches: [{patch: '{kind: W, metadata: {name: new}}', target: {kind: W}, options: {allowNameChange: true}}]\nreplacements: [{source: {kind: W, fieldPath: spec.a}, targets: [{select: {kind: W}}]}]\n=== app/r.yaml\nkind: W\nmetadata: {name: w}\nspec: {a: 2}\n")
        .expect("builds");
    assert!(text.contains("name: 2\n"), "{text}");
}

#[test]
fn a_generated_object_has_annotations_to_remove_unless_it_replaced_another() {
    let patch = "patchesJson6902: [{target: {name: c}, patch: '- {op: remove, path: /metadata/annotations}'}]\n";
    let with = |generator: &str| {
        built(&format!(
            "=== app/kustomization.yaml\nconfigMapGenerator: [{{name: c, options: {{disableNameSuffixHash: true}}, literals: [a=b]{generator}\n{patch}=== app/r.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\n"
        ))
    };
    assert!(with("}]").is_ok());
    assert!(with(", behavior: replace}]\nresources: [r.yaml]").is_err());
}

const DEPLOYMENT: &str =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {replicas: 3}\n";

#[track_caller]
fn check_patched(patch: &str, expected: Option<&str>) {
    let files = format!(
        "=== app/kustomization.yaml\nresources: [r.yaml]\npatches: [{{path: p.yaml}}]\n=== app/r.yaml\n{DEPLOYMENT}=== app/p.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d}}\n{patch}\n"
    );
    let built = built(&files).ok();
    let spec = built.as_ref().and_then(|text| text.split_once("spec:"));
    assert_eq!(spec.map(|(_, spec)| spec), expected, "{patch}");
}

#[test]
fn of_a_key_that_a_patch_repeats_the_first_counts_where_it_is_merged() {
    check_patched(
        "spec: {replicas: 1, replicas: 2}",
        Some("\n  replicas: 1\n"),
    );
    check_patched(
        "spec: {new: {a: 1}, new: {b: 2}}",
        Some("\n  new:\n    a: 1\n  replicas: 3\n"),
    );
    check_patched("spec: {replicas: null, replicas: 2}", Some(" {}\n"));
    // A map that is new as a whole keeps both, and that is no YAML.
    check_patched("spec: {new: {a: 1, a: 2}}", None);
    check_patched("spec: {new: {a: 1, a: null}}", None);
    check_patched(
        "spec: {new: {a: null, a: 1}}",
        Some("\n  new:\n    a: 1\n  replicas: 3\n"),
    );
}

#[test]
fn a_folded_text_that_is_merged_into_a_plain_one_is_not_folded_any_more() {
    let text = ">-\n    a\n     b";
    check_patched(
        &format!("spec:\n  replicas: {text}"),
        Some("\n  replicas: |-\n    a\n     b\n"),
    );
    check_patched(
        &format!("spec:\n  new: {text}"),
        Some("\n  new: |-\n    a\n\n     b\n  replicas: 3\n"),
    );
}

#[test]
fn a_kind_in_both_lists_of_an_order_comes_last() {
    let files = "=== app/kustomization.yaml\nresources: [r.yaml]\nsortOptions: {order: legacy, legacySortOptions: {orderFirst: [Secret, Foo], orderLast: [Secret]}}\n=== app/r.yaml\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\n---\napiVersion: v1\nkind: Foo\nmetadata: {name: f}\n---\napiVersion: v1\nkind: Bar\nmetadata: {name: b}\n";
    let text = built(files).expect("builds");
    let kinds: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("kind: "))
        .collect();
    assert_eq!(kinds, ["Foo", "Bar", "Secret"]);
}

#[test]
fn rare_names_and_numbers_are_read_as_the_real_program_does() {
    check(
        "",
        "{a: 0o-1, b: 0b-1, c: 0o17}",
        "\n  a: -1\n  b: -1\n  c: 15\n",
    );
    // A path of a field has no blanks, and a name like `git@host:path` with one part is a folder's.
    check(
        "namePrefix: p-\nconfigurations: [c.yaml]\n=== app/c.yaml\nnamePrefix: [{path: \"spec/ a\", create: true}]",
        "{}",
        "\n  a: p-\n",
    );
    let folder = "=== app/kustomization.yaml\nresources: ['u@h:p', github.com/]\n=== app/u@h:p/kustomization.yaml\nresources: [x.yaml]\n=== app/u@h:p/x.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n=== app/github.com/kustomization.yaml\nnamePrefix: x\n";
    built(folder).expect("builds");
}

#[test]
fn what_the_real_program_cannot_write_or_change_is_refused() {
    assert!(spec_under("", "{a: \"\\x80\"}").is_err());
    assert!(spec_under("", "{a: \"\\N\"}").is_ok());
    let binding = "=== app/kustomization.yaml\nresources: [r.yaml]\nnamespace: n\n=== app/r.yaml\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b}\nsubjects: [text]\n";
    assert!(built(binding).is_err());
    let hashed = "=== app/kustomization.yaml\nresources: [r.yaml]\n=== app/r.yaml\napiVersion: batch/v1\nkind: Job\nmetadata: {name: j, annotations: {internal.config.kubernetes.io/needsHashSuffix: enabled}}\n";
    assert!(built(hashed).expect_err("refused").is_unsupported());
}

#[test]
fn what_files_hold_beyond_what_is_read_is_told_once() {
    let tree: MemoryTree = [
        ("app/kustomization.yaml", "resources: [r.yaml, ../b]\n"),
        (
            "app/r.yaml",
            "apiVersion: v1\nkind: W\nmetadata: {name: w}\n...\nrest: 1\n",
        ),
        (
            "b/kustomization.yaml",
            "resources: [x.yaml]\npatches: [{path: p.yaml, target: {}}]\n",
        ),
        ("b/x.yaml", "apiVersion: v1\nkind: W\nmetadata: {name: x}\n"),
        (
            "b/p.yaml",
            "- {op: add, path: /a, value: 1}\n---\n- {op: add, path: /b, value: 1}\n",
        ),
    ]
    .into_iter()
    .collect();
    let built = build(&tree, "app", &BuildOptions::default()).expect("builds");
    let told = built
        .dropped
        .iter()
        .filter_map(crate::error::Error::location);
    let told: Vec<String> = told.map(|at| format!("{}:{}", at.file, at.line)).collect();
    assert_eq!(told, ["app/r.yaml:5", "b/p.yaml:2"]);
}

/// 300 objects under lines of the top kustomization.
fn many_under(top: &str) -> Result<String> {
    let mut files =
        format!("=== app/kustomization.yaml\nresources: [r.yaml]\n{top}\n=== app/r.yaml\n");
    for n in 0..300 {
        files.push_str(&format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{n}}}\n---\n"
        ));
    }
    built(&files)
}

#[test]
fn what_multiplies_with_the_objects_is_refused_before_it_is_made() {
    let long = "x".repeat(100_000);
    let pairs: String = (0..10_000).map(|n| format!("k{n}: v, ")).collect();
    for top in [
        format!("namePrefix: {long}"),
        format!("nameSuffix: {long}"),
        format!("namespace: {long}"),
        format!("commonLabels: {{{pairs}}}"),
        format!("commonAnnotations: {{a: {long}}}"),
        format!("labels: [{{pairs: {{{pairs}}}}}]"),
    ] {
        let error = many_under(&top).expect_err("it multiplies");
        assert!(
            error.message().contains("add more than"),
            "{}",
            error.message()
        );
        let at = error.location().map(|at| at.file.clone());
        assert_eq!(at.as_deref(), Some("app/kustomization.yaml"));
    }
    many_under("namePrefix: p-\nnamespace: shop\ncommonLabels: {a: b, c: d}")
        .expect("an honest one");
}

#[test]
fn the_content_of_generators_has_a_limit() {
    let content = "x".repeat(300_000);
    let with = |n: usize| {
        let entries: String = (0..n)
            .map(|n| format!("- {{name: c{n}, files: [f.txt]}}\n"))
            .collect();
        built(&format!(
            "=== app/kustomization.yaml\nconfigMapGenerator:\n{entries}=== app/f.txt\n{content}"
        ))
    };
    with(3).expect("an honest one");
    let error = with(4).expect_err("too much").message();
    assert!(
        error.contains("the generators of one build hold more than"),
        "{error}"
    );
}
