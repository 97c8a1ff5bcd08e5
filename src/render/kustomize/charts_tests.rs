//! Charts with somebody in helm's place who tells what was asked.

use std::sync::{Arc, Mutex};

use super::{ChartRequest, Charts};
use crate::error::Result;
use crate::render::kustomize::{BuildOptions, build};
use crate::repo::tree::MemoryTree;

/// Gives one object, and keeps what it was asked.
#[derive(Debug, Default)]
struct Asked(Mutex<Vec<String>>);

impl Charts for Asked {
    fn template(&self, request: &ChartRequest<'_>) -> Result<Arc<[u8]>> {
        let files: Vec<&str> = request.files.iter().map(|file| &*file.path).collect();
        let values: Vec<_> = request
            .values
            .iter()
            .map(|values| String::from_utf8_lossy(values).trim_end().to_owned())
            .collect();
        let mut asked = self.0.lock().expect("no panic");
        asked.push(format!(
            "{} in `{}`: {} with {}",
            request.chart.release_name,
            request.namespace,
            files.join(" "),
            values.join(" | ")
        ));
        let name = asked.len();
        let text =
            format!("kind: A\napiVersion: v1\nmetadata: {{name: a{name}, namespace: own}}\n");
        Ok(text.into_bytes().into())
    }
}

/// What was asked, and the output.
fn built(files: &[(&str, &str)]) -> (Vec<String>, String) {
    let chart = [
        ("base/charts/c/Chart.yaml", "name: c\nversion: 1.0.0\n"),
        ("base/charts/c/values.yaml", "a: 1\n"),
        ("base/charts/c/templates/x/y.yaml", ""),
    ];
    let tree: MemoryTree = chart.iter().chain(files).copied().collect();
    let asked = Asked::default();
    let options = BuildOptions {
        charts: Some(&asked),
        ..BuildOptions::default()
    };
    let text = match build(&tree, "top", &options) {
        Ok(built) => built.to_yaml(),
        Err(error) => error.report(),
    };
    (asked.0.into_inner().expect("no panic"), text)
}

#[test]
fn helm_gets_the_files_the_values_and_the_nearest_namespace() {
    let (asked, text) = built(&[
        (
            "base/kustomization.yaml",
            "helmCharts: [{name: c, releaseName: r, valuesInline: {b: 2}, additionalValuesFiles: [m.yaml]}]\n",
        ),
        ("base/m.yaml", "c: 3\n"),
        (
            "middle/kustomization.yaml",
            "namespace: near\nresources: [../base]\n",
        ),
        (
            "top/kustomization.yaml",
            "namespace: far\nresources: [../middle]\n",
        ),
    ]);
    assert_eq!(
        asked,
        ["r in `near`: Chart.yaml templates/x/y.yaml values.yaml with a: 1\nb: 2 | c: 3"]
    );
    assert!(text.contains("namespace: own"), "{text}");
}

#[test]
fn a_vendored_chart_of_the_right_version_needs_no_repository() {
    let top = |version: &str| {
        let text = format!(
            "helmGlobals: {{chartHome: charts}}\nhelmCharts: [{{name: c, releaseName: r, repo: 'https://x', version: {version}}}]\n"
        );
        built(&[
            ("base/kustomization.yaml", &text),
            ("top/kustomization.yaml", "resources: [../base]\n"),
        ])
    };
    assert_eq!(top("1.0.0").0.len(), 1);
    let (asked, text) = top("1.0.1");
    assert!(asked.is_empty());
    assert!(text.contains("`base/charts/c-1.0.1/c`"), "{text}");
}

#[test]
fn values_behind_an_alias_are_told_to_be_lost() {
    let tree: MemoryTree = [
        ("charts/c/Chart.yaml", "name: c\n"),
        ("charts/c/values.yaml", "a: &a {x: 1}\nb: *a\n"),
        (
            "kustomization.yaml",
            "helmCharts: [{name: c, valuesInline: {z: 1}}]\n",
        ),
    ]
    .into_iter()
    .collect();
    let asked = Asked::default();
    let options = BuildOptions {
        charts: Some(&asked),
        ..BuildOptions::default()
    };
    let built = build(&tree, "", &options).expect("builds");
    assert_eq!(
        built.warnings,
        [
            "charts/c/values.yaml: what stands behind an alias is lost where `valuesInline` comes in, as in kustomize"
        ]
    );
    let asked = asked.0.into_inner().expect("no panic");
    assert!(asked[0].ends_with("with a:\n  x: 1\nz: 1"), "{asked:?}");
}

#[test]
fn a_patch_may_add_the_first_annotation() {
    let tree: MemoryTree = [
        ("r.yaml", "kind: A\napiVersion: v1\nmetadata: {name: a}\n"),
        ("kustomization.yaml", "resources: [r.yaml]\npatches: [{patch: '[{\"op\": \"add\", \"path\": \"/metadata/annotations/x\", \"value\": \"y\"}]', target: {kind: A}}]\n"),
    ]
    .into_iter()
    .collect();
    let built = build(&tree, "", &BuildOptions::default()).expect("builds");
    assert!(
        built.to_yaml().contains("    x: \"y\"\n"),
        "{}",
        built.to_yaml()
    );
}
