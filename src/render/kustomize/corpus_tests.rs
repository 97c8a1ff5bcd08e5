//! The recorded cases of the real program, run in this process. Skipped with a word where they are not there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{BuildOptions, LoadRestrictor, Reorder, SourceOverrides, build};
use crate::object::yaml::{Dialect, Limits, parse, to_json};
use crate::repo::tree::MemoryTree;

/// Cases that cannot pass, and why.
const KNOWN: &[(&str, &str)] = &[
    (
        "filter.merge2.merge_primitive_items.01",
        "the merge strategy stands in a comment of the patch; comments are not read",
    ),
    (
        "filter.replacementinline.replacement_yaml_flow_style_kyaml_field.01",
        "YAML inside a value is written again with lists and maps in block style",
    ),
    (
        "probe.sort.options-custom-firstonly",
        "core and other Namespaces are ordered in circles; the outcome depends on the sort algorithm",
    ),
];

/// Where the corpora are: `PUSHBOAT_CORPUS`, or beside the repository.
fn corpus() -> Option<PathBuf> {
    if let Some(set) = std::env::var_os("PUSHBOAT_CORPUS") {
        return Some(set.into());
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["../shared/corpus", "../../shared/corpus"]
        .iter()
        .map(|relative| here.join(relative))
        .find(|path| path.is_dir())
}

fn tree_of(root: &Path) -> MemoryTree {
    let mut tree = MemoryTree::default();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).expect("a directory of the case") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(content) = std::fs::read(&path) {
                let relative = path.strip_prefix(root).expect("below the root");
                tree.insert(&relative.to_string_lossy(), content);
            }
        }
    }
    tree
}

fn data(text: &str) -> Option<Vec<Value>> {
    let parsed = parse(text.as_bytes(), "", &Limits::default()).ok()?;
    parsed
        .documents
        .iter()
        .map(|node| to_json(node, "", Dialect::Kubectl).ok())
        .collect()
}

#[derive(Debug, Default)]
struct Tally {
    ok: usize,
    data_equal: usize,
    byte_equal: usize,
    errors: usize,
    errors_matched: usize,
    failed: BTreeMap<String, String>,
}

fn options_of(options: &Value) -> BuildOptions<'_> {
    let option = |key: &str| options[key].as_str().unwrap_or_default();
    BuildOptions {
        load_restrictor: match option("load_restrictor") {
            "LoadRestrictionsNone" => LoadRestrictor::None,
            _ => LoadRestrictor::RootOnly,
        },
        reorder: match option("reorder") {
            "none" => Reorder::None,
            "legacy" => Reorder::Legacy,
            _ => Reorder::Unspecified,
        },
        managed_by_label: options["enable_managedby_label"].as_bool().unwrap_or(false),
        ..BuildOptions::default()
    }
}

fn run(case: &Path, tally: &mut Tally) {
    let name = case
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let text = std::fs::read_to_string(case.join("case.json")).expect("case.json");
    let described: Value = serde_json::from_str(&text).expect("JSON");
    let options = options_of(&described["options"]);
    // The case's own root has room above it, as on a disk.
    let tree = tree_of(&case.join("input"));
    let built = build(
        &tree,
        described["path"].as_str().unwrap_or_default(),
        &options,
    );
    if described["expect"] == "error" {
        tally.errors += 1;
        let either = described.get("quirk").is_some();
        match built {
            Err(_) => tally.errors_matched += 1,
            Ok(_) if either => tally.errors_matched += 1,
            Ok(_) => {
                tally
                    .failed
                    .insert(name, format!("should fail: {}", described["error"]));
            }
        }
        return;
    }
    tally.ok += 1;
    let expected = std::fs::read_to_string(case.join("expected.yaml")).expect("expected.yaml");
    match built {
        Err(error) => {
            tally.failed.insert(name, format!("ERROR {error}"));
        }
        Ok(built) => {
            // The label speaks of the version of the tool.
            let unversioned = |text: &str| text.replace("kustomize-v5.8.3", "kustomize-(devel)");
            let text = unversioned(&built.to_yaml());
            let expected = unversioned(&expected);
            if text == expected {
                tally.byte_equal += 1;
                tally.data_equal += 1;
            } else if data(&text).is_some() && data(&text) == data(&expected) {
                tally.data_equal += 1;
                tally
                    .failed
                    .insert(name, format!("BYTES\n{}", difference(&expected, &text)));
            } else {
                tally
                    .failed
                    .insert(name, format!("DATA\n{}", difference(&expected, &text)));
            }
        }
    }
}

fn difference(expected: &str, text: &str) -> String {
    similar::TextDiff::from_lines(expected, text)
        .unified_diff()
        .context_radius(2)
        .to_string()
}

#[test]
fn recorded_cases_come_out_as_the_real_program_gave_them() {
    let Some(corpus) = corpus()
        .map(|path| path.join("kustomize"))
        .filter(|path| path.is_dir())
    else {
        println!("skipped: no corpus");
        return;
    };
    let only = std::env::var("PUSHBOAT_CASE").unwrap_or_default();
    let mut cases: Vec<PathBuf> = std::fs::read_dir(&corpus)
        .expect("the corpus")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.join("case.json").is_file())
        .filter(|path| path.to_string_lossy().contains(&only))
        .collect();
    cases.sort();
    let mut tally = Tally::default();
    for case in &cases {
        run(case, &mut tally);
    }
    for (name, why) in &tally.failed {
        println!("== {name}: {why}");
    }
    println!(
        "{} cases: {} ok, {} data-equal, {} byte-equal; {} errors, {} matched",
        cases.len(),
        tally.ok,
        tally.data_equal,
        tally.byte_equal,
        tally.errors,
        tally.errors_matched
    );
    let unknown: Vec<&String> = tally
        .failed
        .keys()
        .filter(|name| !KNOWN.iter().any(|(known, _)| name == known))
        .collect();
    assert!(
        unknown.is_empty(),
        "{} cases differ: {unknown:?}",
        unknown.len()
    );
}

/// The options of a recorded Application, its environment variables put in.
fn overrides_of(application: &Value, name: &str) -> Option<SourceOverrides> {
    let options = application["spec"]["source"].get("kustomize")?;
    let text = |key: &str| options[key].as_str().unwrap_or_default().to_owned();
    let flag = |key: &str| options[key].as_bool().unwrap_or(false);
    let texts = |key: &str| -> Vec<String> {
        let items = options[key].as_array().cloned().unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect()
    };
    let pairs = |key: &str| -> BTreeMap<String, String> {
        let map = options[key].as_object().cloned().unwrap_or_default();
        map.iter()
            .map(|(key, value)| {
                let value = value.as_str().unwrap_or_default();
                (key.clone(), value.replace("${ARGOCD_APP_NAME}", name))
            })
            .collect()
    };
    let replicas = options["replicas"].as_array().cloned().unwrap_or_default();
    Some(SourceOverrides {
        name_prefix: text("namePrefix"),
        name_suffix: text("nameSuffix"),
        namespace: text("namespace"),
        images: texts("images"),
        replicas: replicas
            .iter()
            .map(|replica| {
                let count = &replica["count"];
                let count = count.as_i64().or_else(|| count.as_str()?.parse().ok());
                (
                    replica["name"].as_str().unwrap_or_default().to_owned(),
                    count.unwrap_or(-1),
                )
            })
            .collect(),
        common_labels: pairs("commonLabels"),
        force_common_labels: flag("forceCommonLabels"),
        label_without_selector: flag("labelWithoutSelector"),
        label_include_templates: flag("labelIncludeTemplates"),
        common_annotations: pairs("commonAnnotations"),
        force_common_annotations: flag("forceCommonAnnotations"),
        patches: options["patches"].as_array().cloned().unwrap_or_default(),
        components: texts("components"),
        ignore_missing_components: flag("ignoreMissingComponents"),
    })
}

/// The objects without Argo CD's tracking annotation.
fn untracked(mut objects: Vec<Value>) -> Vec<Value> {
    for object in &mut objects {
        let Some(metadata) = object["metadata"].as_object_mut() else {
            continue;
        };
        let is_empty = metadata.get_mut("annotations").is_some_and(|annotations| {
            let map = annotations.as_object_mut().expect("annotations");
            map.remove("argocd.argoproj.io/tracking-id");
            map.is_empty()
        });
        if is_empty {
            metadata.remove("annotations");
        }
    }
    objects
}

/// Cases whose outcome is decided elsewhere: which tool renders, and the type of a replica count.
const NOT_OURS: &[&str] = &["kz-explicit-on-dir", "kz-replicas-bad"];

#[test]
fn options_of_an_application_come_out_as_argo_cd_gave_them() {
    let Some(corpus) = corpus()
        .map(|path| path.join("argo-render"))
        .filter(|path| path.is_dir())
    else {
        println!("skipped: no corpus");
        return;
    };
    let mut n = 0;
    for entry in std::fs::read_dir(&corpus).expect("the corpus") {
        let case = entry.expect("an entry").path();
        let name = case
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if !name.starts_with("kz-") || NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        let read =
            |file: &str| std::fs::read_to_string(case.join(file)).expect("a file of the case");
        let application = data(&read("application.yaml")).expect("YAML").remove(0);
        let described: Value = serde_json::from_str(&read("case.json")).expect("JSON");
        let overrides = overrides_of(&application, &name);
        let options = BuildOptions {
            overrides: overrides.as_ref(),
            ..BuildOptions::default()
        };
        let path = application["spec"]["source"]["path"]
            .as_str()
            .unwrap_or_default();
        let built = build(&tree_of(&case.join("repo")), path, &options);
        n += 1;
        match (built, described["expect"].as_str()) {
            (Ok(built), Some("ok")) => {
                let expected: Vec<Value> =
                    serde_json::from_str(&read("expected.json")).expect("JSON");
                let built = built
                    .objects
                    .into_iter()
                    .map(|object| object.value)
                    .collect();
                assert_eq!(untracked(built), untracked(expected), "{name}");
            }
            (Err(_), Some("error")) => {}
            (Ok(_), _) => panic!("{name} should fail: {}", described["error"]),
            (Err(error), _) => panic!("{name}: {error}"),
        }
    }
    println!("{n} cases of Argo CD");
}
