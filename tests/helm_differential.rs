//! Charts inside kustomizations through pushboat and through the real `kustomize build --enable-helm`, both with the real helm:
//! the same bytes, or an error from both.
//!
//! Every case is a few files in one text, `=== PATH` before each; `top` is built.

use std::path::Path;
use std::process::Command;

use pushboat::error::Error;
use pushboat::helm::{Helm, Settings};
use pushboat::object::mask::Masker;
use pushboat::render::kustomize::{BuildOptions, LoadRestrictor, build};
use pushboat::repo::worktree::WorkTree;

use crate::support::program;

mod charts;
mod random;

use charts::CHARTS;

/// The bytes of both, or the errors of both.
#[derive(Debug)]
enum Alike {
    Built(String),
    Refused { kustomize: String, ours: Error },
}

fn real(root: &Path, restrictor: LoadRestrictor) -> Result<String, String> {
    let mut command = Command::new(program("kustomize"));
    command
        .args(["build", "--enable-helm", "--helm-command"])
        .arg(program("helm"));
    if restrictor == LoadRestrictor::None {
        command.args(["--load-restrictor", "LoadRestrictionsNone"]);
    }
    let output = command.arg(root.join("top")).output().unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn helm(temporary: &Path) -> Helm {
    let settings = Settings {
        command: Some(program("helm")),
        temporary: temporary.to_owned(),
        ..Settings::default()
    };
    Helm::new(settings, Masker::new([7; 32]))
}

/// Writes the files of a case and the charts that every case has.
fn write(root: &Path, case: &str) {
    for text in [CHARTS, case] {
        for part in text.split("=== ").skip(1) {
            let (path, content) = part.split_once('\n').unwrap();
            let path = root.join(path.trim());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
    }
}

#[track_caller]
fn compare_with(case: &str, restrictor: LoadRestrictor) -> Alike {
    let folder = tempfile::tempdir().unwrap();
    let (root, temporary) = (folder.path().join("repo"), folder.path().join("tmp"));
    std::fs::create_dir(&temporary).unwrap();
    write(&root, case);
    let expected = real(&root, restrictor);
    let charts = helm(&temporary);
    let options = BuildOptions {
        load_restrictor: restrictor,
        charts: Some(&charts),
        ..BuildOptions::default()
    };
    let ours = build(&WorkTree::open(&root).unwrap(), "top", &options);
    let left = std::fs::read_dir(&temporary).unwrap().count();
    assert_eq!(left, 0, "temporary folders are left");
    match (expected, ours) {
        (Ok(expected), Ok(ours)) => {
            // The label names the release of kustomize that everything else is equal to.
            let expected = expected.replace("kustomize-v5.8.2", "kustomize-v5.8.3");
            let ours = ours.to_yaml();
            let diff = similar::TextDiff::from_lines(&expected, &ours);
            assert!(
                expected == ours,
                "{case}\n{}",
                diff.unified_diff().header("kustomize", "pushboat")
            );
            Alike::Built(ours)
        }
        (Err(kustomize), Err(ours)) => Alike::Refused { kustomize, ours },
        (Ok(_), Err(error)) => panic!("only pushboat refuses: {}\n{case}", error.report()),
        (Err(error), Ok(_)) => panic!("only kustomize refuses: {error}\n{case}"),
    }
}

/// Builds a case with both and expects these words in the common result.
#[track_caller]
fn built(case: &str, words: &[&str]) {
    match compare_with(case, LoadRestrictor::RootOnly) {
        Alike::Built(text) => {
            for word in words {
                assert!(text.contains(word), "no `{word}` in\n{text}");
            }
        }
        Alike::Refused { kustomize, ours } => {
            panic!("both refuse:\n{kustomize}\n{}\n{case}", ours.report())
        }
    }
}

/// Expects both to refuse, with these words in our message.
#[track_caller]
fn refused(case: &str, words: &str) {
    match compare_with(case, LoadRestrictor::RootOnly) {
        Alike::Built(text) => panic!("both build\n{text}"),
        Alike::Refused { ours, .. } => {
            let report = ours.report();
            assert!(report.contains(words), "no `{words}` in\n{report}");
        }
    }
}

/// A kustomization with one entry of `helmCharts`, whose fields are given in flow style.
fn entry(fields: &str) -> String {
    format!(
        "=== top/kustomization.yaml\nhelmGlobals: {{chartHome: charts}}\nhelmCharts:\n- {{name: app, {fields}}}\n"
    )
}

#[test]
fn a_chart_alone() {
    built(
        &entry("releaseName: rel"),
        &["name: rel-app", "replicas: 1"],
    );
    built(&entry(""), &["name: release-name-app"]);
    built(
        "=== top/kustomization.yaml\nhelmCharts: [{name: app, releaseName: a}, {name: app, releaseName: b}]\n",
        &["name: a-app", "name: b-app"],
    );
}

#[test]
fn values_come_together_as_kustomize_puts_them() {
    let files = "=== top/mine.yaml\nreplicas: 7\nimage: {tag: '2'}\nlist: [x]\nflag: yes\nwhen: 2020-01-01\noct: 0644\nbig: 12345678901234567890\n=== top/more.yaml\nimage: {tag: '3'}\nextra: {deep: {er: 1}}\n";
    let cases = [
        "valuesFile: mine.yaml",
        "additionalValuesFiles: [more.yaml]",
        "valuesFile: mine.yaml, additionalValuesFiles: [more.yaml, mine.yaml]",
        "valuesInline: {replicas: 3}",
        "valuesInline: {replicas: 3, image: {tag: '9'}, list: [q], extra: {deep: {a: 1}}}",
        "valuesInline: {replicas: 3, image: {tag: '9'}, extra: {deep: {a: 1}}}, valuesMerge: override",
        "valuesInline: {replicas: 3, image: {tag: '9'}, extra: {deep: {a: 1}}}, valuesMerge: merge",
        "valuesInline: {replicas: 3, image: {tag: '9'}, extra: {deep: {a: 1}}}, valuesMerge: replace",
        "valuesInline: {replicas: 3}, valuesFile: mine.yaml",
        "valuesInline: {replicas: 3}, valuesFile: mine.yaml, valuesMerge: merge",
        "valuesInline: {replicas: 3}, valuesFile: mine.yaml, valuesMerge: replace",
        "valuesInline: {image: null}",
        "valuesInline: {image: {tag: null}}, valuesMerge: merge",
        "valuesInline: {image: {tag: null, other: 1}}",
        "valuesInline: {list: null, extra: {}}, valuesMerge: override",
        "valuesInline: {list: [], extra: {deep: {}}}, valuesMerge: override",
        "valuesInline: {}",
        "valuesInline: {flag: yes, n: 1.0, e: 1e3, big: 12345678901234567890, when: 2020-01-01, oct: 0644, hex: 0x1F, inf: .5}",
        "valuesInline: {text: 'yes', num: '1', nul: 'null', multi: \"a\\nb\", odd: \"a: b # c\", uni: \"é\\u0001\"}",
        "valuesInline: {extra: {1: a, true: b}}, valuesMerge: replace",
        "valuesInline: {replicas: 2}, additionalValuesFiles: [more.yaml]",
    ];
    for case in cases {
        built(
            &(entry(&format!("releaseName: rel, {case}")) + files),
            &["values: "],
        );
    }
}

#[test]
fn values_files_keep_their_scalars_through_a_merge() {
    let case = |values: &str, inline: &str| {
        format!(
            "{}=== top/v.yaml\n{values}",
            entry(&format!(
                "releaseName: r, valuesFile: v.yaml, valuesInline: {inline}"
            ))
        )
    };
    for values in [
        "a: yes\nb: 2020-01-01\nc: 0644\nd: 0o17\ne: 1_000\nf: ~\ng: 1e3\ni: 'yes'\n",
        "base: &b {a: 1, b: 2}\nuse: *b\n",
        "base: &b\n  a: 1\n  in: &s x\nuse:\n  <<: *b\n  more: *s\n  list: [*s, y]\n",
        "base: &b {a: 1, b: 2}\nzz: *b\n",
        "a: |\n  two\n  lines\nb: >\n  folded\n  text\n# end\n",
        "a: 1\n---\nb: 2\n",
        "# only this\nx: {}\ny: []\nz: null\n",
        "list: [{name: a, v: 1}, {name: b}]\n",
    ] {
        built(&case(values, "{zz: 1}"), &["values: "]);
    }
    built(
        &case("list: [{name: a, v: 1}]\n", "{list: [{name: b}]}"),
        &[],
    );
    refused(&case("", "{a: 1}"), "the values file is empty");
    refused(&case("# nothing\n", "{a: 1}"), "the values file is empty");
    refused(&case("a: {b: 1}\n", "{a: [x]}"), "could not merge");
    refused(&case("a: .inf\n", "{b: 1}"), "infinite");
    refused(&case("a: 1\na: 2\n", "{b: 1}"), "already");
}

#[test]
fn options_of_helm() {
    built(
        &entry("releaseName: r, includeCRDs: true"),
        &["CustomResourceDefinition"],
    );
    built(&entry("releaseName: r, skipTests: true"), &["pre-install"]);
    built(&entry("releaseName: r, skipHooks: true"), &[]);
    built(
        &entry("releaseName: r, nameTemplate: 'x'").replace("releaseName: r, ", ""),
        &["name: x-app"],
    );
    built(
        &entry("nameTemplate: '{{ lower \"ABC\" }}-y'"),
        &["name: abc-y-app"],
    );
    refused(&entry("releaseName: r, nameTemplate: x"), "name-template");
    built(
        &entry("releaseName: r, kubeVersion: '1.28.3'"),
        &["kube: v1.28.3"],
    );
    built(
        &entry("releaseName: r, apiVersions: [example.com/v1, b/v1]"),
        &["has: \"true\""],
    );
    built(
        &entry("releaseName: r, apiVersions: ['b/v1,example.com/v1']"),
        &["has: \"true\""],
    );
    built(&entry("releaseName: r, debug: true, devel: true"), &[]);
    refused(
        &entry("releaseName: 'UPPER_case'"),
        "could not render chart `app`",
    );
    refused(&entry("releaseName: r, kubeVersion: 'x.y'"), "kube");
}

#[test]
fn the_namespace_reaches_helm_and_no_transformer_moves_its_objects() {
    let base = "=== base/kustomization.yaml\nresources: [r.yaml]\nhelmGlobals: {chartHome: charts}\nhelmCharts: [{name: app, releaseName: rel}]\n=== base/r.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain, namespace: was}\n";
    let own = base.replace("releaseName: rel", "releaseName: rel, namespace: own");
    let of_layer = base.replace("resources:", "namespace: layer\nresources:");
    for base in [base, &own, &of_layer] {
        for top in [
            "resources: [../base]\n",
            "namespace: outer\nresources: [../base]\n",
            "namespace: outer\nresources: [../middle]\n",
            "namespace: outer\nresources: [../named]\n",
            "resources: [../named]\n",
            "namespace: outer\nresources: [../other]\ncomponents: [../part]\n",
        ] {
            built(
                &format!(
                    "{base}=== top/kustomization.yaml\n{top}=== middle/kustomization.yaml\nresources: [../base]\nnamePrefix: m-\n=== named/kustomization.yaml\nnamespace: between\nresources: [../base]\n=== other/kustomization.yaml\nresources: [r.yaml]\n=== other/r.yaml\napiVersion: v1\nkind: Namespace\nmetadata: {{name: x}}\n=== part/kustomization.yaml\napiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nhelmGlobals: {{chartHome: ../charts}}\nhelmCharts: [{{name: app, releaseName: c, valuesFile: v.yaml}}]\n=== part/v.yaml\nreplicas: 4\n"
                ),
                &["app"],
            );
        }
    }
    built(
        "=== top/kustomization.yaml\nnamespace: team\nhelmCharts: [{name: app, releaseName: rel}]\n",
        &["namespace: team", "namespace: fixed"],
    );
}

#[test]
fn what_follows_works_on_charts_too() {
    let top = |rest: &str| {
        format!("=== top/kustomization.yaml\nhelmCharts: [{{name: app, releaseName: rel}}]\n{rest}")
    };
    for rest in [
        "namePrefix: p-\nnameSuffix: -s\n",
        "labels: [{pairs: {team: a}, includeSelectors: true}]\ncommonAnnotations: {x: 'y'}\n",
        "images: [{name: nginx, newTag: '9'}]\nreplicas: [{name: rel-app, count: 5}]\n",
        "patches: [{patch: '[{\"op\": \"add\", \"path\": \"/metadata/annotations/x\", \"value\": \"b\"}]', target: {kind: ConfigMap}}]\n",
        "patches: [{patch: '[{\"op\": \"add\", \"path\": \"/metadata/annotations/x\", \"value\": \"b\"}]', target: {kind: Service}}]\nnamespace: team\n",
        "patches: [{patch: '[{\"op\": \"remove\", \"path\": \"/metadata/annotations\"}]', target: {kind: Service}}]\nnamespace: team\n",
        "patchesJson6902: [{patch: '[{\"op\": \"add\", \"path\": \"/metadata/annotations/x\", \"value\": \"b\"}]', target: {version: v1, kind: Service, name: rel-app}}]\n",
        "patches: [{patch: \"{apiVersion: apps/v1, kind: Deployment, metadata: {name: rel-app}, spec: {replicas: 9}}\"}]\n",
        "configMapGenerator: [{name: c, literals: [a=b]}]\nsecretGenerator: [{name: s, literals: [a=b]}]\n",
        "buildMetadata: [originAnnotations, transformerAnnotations, managedByLabel]\nnamePrefix: p-\nnamespace: team\n",
        "sortOptions: {order: fifo}\n",
        "namespace: team\npatches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: rel-app, annotations: null}}'}]\n",
        "namespace: team\npatches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: rel-app, annotations: {$patch: replace, a: b}}}'}]\n",
        "namespace: team\npatches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: x, annotations: null}}', target: {kind: Service}}]\n",
        "namespace: team\npatches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: x, annotations: {a: null}}}', target: {kind: Service}}]\n",
        "replacements: [{source: {kind: Service, name: rel-app, fieldPath: spec.ports.0.port}, targets: [{select: {kind: ConfigMap, name: rel-app}, fieldPaths: [data.port], options: {create: true}}]}]\n",
        "transformers: [\"{apiVersion: builtin, kind: NamespaceTransformer, metadata: {name: x, namespace: moved}, fieldSpecs: [{path: metadata/namespace, create: true}]}\"]\n",
    ] {
        built(&top(rest), &["rel-app"]);
    }
    // Generators of the same layer run before charts.
    refused(
        &top(
            "configMapGenerator: [{name: rel-app, namespace: default, behavior: merge, literals: [a=b]}]\n",
        ),
        "does not exist; cannot merge or replace",
    );
    // A generator of an outer layer merges into what a chart gave, which stays the chart's.
    built(
        &format!(
            "{}=== top/kustomization.yaml\nnamespace: team\nresources: [../base]\nconfigMapGenerator: [{{name: rel-app, namespace: team, behavior: merge, literals: [a=b]}}]\n",
            top("")
                .replace("=== top/", "=== base/")
                .replace("releaseName: rel", "releaseName: rel, namespace: team")
        ),
        &["a: b"],
    );
}

#[test]
fn the_object_form_in_generators() {
    let object = |fields: &str| {
        format!(
            "=== top/kustomization.yaml\nnamespace: team\nbuildMetadata: [originAnnotations]\ngenerators: [chart.yaml]\n=== top/chart.yaml\napiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {{name: any}}\nname: app\n{fields}"
        )
    };
    built(&object("releaseName: rel\n"), &["name: rel-app"]);
    built(
        &object("releaseName: rel\nnamespace: own\nincludeCRDs: true\n"),
        &["namespace: own"],
    );
    built(
        &object(
            "releaseName: rel\nchartHome: charts\nvaluesInline:\n  flag: yes\n  text: 'yes'\n  replicas: 3\n  when: 2020-01-01\nunknownField: 1\n",
        ),
        &["replicas: 3"],
    );
    built(
        "=== top/kustomization.yaml\ngenerators:\n- |-\n  apiVersion: builtin\n  kind: HelmChartInflationGenerator\n  metadata: {name: any}\n  name: app\n  releaseName: inline\n",
        &["name: inline-app"],
    );
}

#[test]
fn the_old_field() {
    built(
        "=== top/kustomization.yaml\nhelmChartInflationGenerator:\n- chartName: app\n  releaseName: old\n  values: v.yaml\n  valuesLocal: {image: {repository: nginx, tag: 'x'}}\n  valuesMerge: replace\n  releaseNamespace: ignored\n  extraArgs: [--no-hooks]\nhelmCharts: [{name: app, releaseName: new}]\n=== top/v.yaml\nreplicas: 6\n",
        &["name: old-app", "image: nginx:x", "name: new-app"],
    );
    built(
        "=== top/kustomization.yaml\nhelmChartInflationGenerator:\n- {chartName: app, releaseName: old, chartHome: else}\n=== top/else/app/Chart.yaml\napiVersion: v2\nname: app\nversion: 9.9.9\n=== top/else/app/values.yaml\na: 1\n=== top/else/app/templates/c.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: elsewhere}\n",
        &["elsewhere"],
    );
}

#[test]
fn where_charts_are_looked_for() {
    let vendored = "=== top/charts/app-0.1.0/app/Chart.yaml\napiVersion: v2\nname: app\nversion: 0.1.0\n=== top/charts/app-0.1.0/app/values.yaml\na: 1\n=== top/charts/app-0.1.0/app/templates/c.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: vendored}\n";
    built(
        &(entry("version: 0.1.0, repo: 'https://charts.invalid', releaseName: r") + vendored),
        &["name: vendored"],
    );
    built(
        &(entry("version: 0.1.0, releaseName: r") + vendored),
        &["name: r-app"],
    );
    built(
        &(entry("repo: 'https://charts.invalid', releaseName: r") + vendored),
        &["name: r-app"],
    );
    refused(
        &entry("releaseName: r").replace("name: app", "name: missing"),
        "no repo specified for pull, no chart found at `top/charts/missing`",
    );
    refused(
        &entry("releaseName: r").replace("name: app", "name: ''"),
        "chart name cannot be empty",
    );
    // The chart may stand anywhere, its values file only below the kustomization unless that is lifted.
    let above = "=== top/kustomization.yaml\nhelmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: app, releaseName: r}]\n";
    refused(above, "security; file");
    assert!(matches!(
        compare_with(above, LoadRestrictor::None),
        Alike::Built(_)
    ));
    let own = above.replace("releaseName: r", "releaseName: r, valuesFile: v.yaml");
    built(&(own + "=== top/v.yaml\nreplicas: 2\n"), &["replicas: 2"]);
    refused(
        &entry("releaseName: r, valuesFile: ../charts/app/values.yaml"),
        "security; file",
    );
    refused(
        &entry("releaseName: r, valuesFile: none.yaml"),
        "no file `none.yaml`",
    );
    refused(
        &entry("releaseName: r, additionalValuesFiles: [../charts/app/values.yaml]"),
        "security; file",
    );
    refused(
        &entry("releaseName: r").replace("name: app", "name: bare"),
        "could not load the chart's values.yaml",
    );
}

#[test]
fn other_charts() {
    let chart = |name: &str, rest: &str| {
        format!(
            "=== top/kustomization.yaml\nnamespace: team\nhelmCharts: [{{name: {name}, releaseName: r{rest}}}]\n"
        )
    };
    built(&chart("parent", ""), &["name: r-child", "global: shared"]);
    built(
        &chart("parent", ", valuesInline: {child: {enabled: false}}"),
        &[],
    );
    built(&chart("nosy", ""), &["pods: '{}'", "host: \"\""]);
    built(&chart("lists", ""), &["name: from-list"]);
    built(&chart("empty", ""), &[]);
    refused(&chart("broken", ""), "could not render chart `broken`");
    refused(&chart("needy", ""), "could not render chart `needy`");
    refused(&chart("twice", ""), "id");
}

/// What an `openapi` file says of a kind holds for a chart's objects as well.
#[test]
fn a_schema_says_which_kinds_of_a_chart_have_no_namespace() {
    let case = |scope: &str, openapi: &str| {
        let path = format!("/apis/example.com/v1/{scope}gizmos/{{name}}");
        let gizmo = r#"{"group":"example.com","version":"v1","kind":"Gizmo"}"#;
        format!(
            r#"=== top/kustomization.yaml
{openapi}
helmCharts: [{{name: gizmos, releaseName: r}}]
=== top/charts/gizmos/Chart.yaml
{{apiVersion: v2, name: gizmos, version: 0.1.0}}
=== top/charts/gizmos/values.yaml
x: 1
=== top/charts/gizmos/templates/all.yaml
apiVersion: example.com/v1
kind: Gizmo
metadata: {{name: one, namespace: a}}
---
apiVersion: example.com/v1
kind: Gizmo
metadata: {{name: one, namespace: b}}
=== top/schema.json
{{"definitions": {{"gizmo": {{"type": "object", "x-kubernetes-group-version-kind": [{gizmo}]}}}},
 "paths": {{"{path}": {{"get": {{"x-kubernetes-action": "get", "x-kubernetes-group-version-kind": {gizmo}}}}}}}}}
"#
        )
    };
    built(&case("", ""), &["namespace: b"]);
    built(
        &case("namespaces/{namespace}/", "openapi: {path: schema.json}"),
        &["namespace: b"],
    );
    refused(&case("", "openapi: {path: schema.json}"), "id");
}
