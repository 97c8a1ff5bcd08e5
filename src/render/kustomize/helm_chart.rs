//! What a kustomization says about charts: `helmCharts`, `helmGlobals` and the old `helmChartInflationGenerator`, strictly read.
//!
//! It finds no chart and runs nothing; that is [`super::charts`]'s.

use serde_json::{Map, Value};

use super::fields::Fields;
use super::typed;
use crate::error::{Error, Result};
use crate::object::yaml::{Dialect, Node, to_json};

/// How `valuesInline` and the values file come together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ValuesMerge {
    /// What stands inline wins.
    #[default]
    Override,
    /// The file wins.
    Merge,
    /// The file is not read.
    Replace,
}

/// One entry of `helmCharts`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HelmChart {
    pub name: String,
    pub version: String,
    /// Where the chart is pulled from when it is not in the tree.
    pub repo: String,
    pub release_name: String,
    pub namespace: String,
    pub name_template: String,
    /// Takes the place of the chart's own `values.yaml`.
    pub values_file: String,
    pub additional_values_files: Vec<String>,
    pub values_inline: Map<String, Value>,
    pub values_merge: ValuesMerge,
    pub api_versions: Vec<String>,
    pub kube_version: String,
    pub include_crds: bool,
    pub skip_hooks: bool,
    pub skip_tests: bool,
    pub debug: bool,
    pub devel: bool,
    pub line: u32,
}

/// `helmGlobals`. Where helm keeps its configuration is read and has no effect: each run has a folder of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HelmGlobals {
    /// The folder of the charts; empty is `charts`.
    pub chart_home: String,
}

/// Everything a kustomization says about charts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HelmCharts {
    pub charts: Vec<HelmChart>,
    pub globals: HelmGlobals,
    /// Whether `helmChartInflationGenerator` was used.
    pub is_old: bool,
}

impl HelmCharts {
    /// Reads the three fields of a kustomization.
    pub fn read(fields: &mut Fields<'_>, file: &str) -> Result<Self> {
        let mut this = Self::default();
        for node in fields.list("helmCharts")? {
            let mut entry = Fields::strict(node, "helmCharts", file)?;
            let inline = match entry.node("valuesInline") {
                Some(values) => to_json(values, file, Dialect::Kubectl)
                    .and_then(|json| inline(json, values, file))?,
                None => Map::new(),
            };
            let chart = HelmChart::take(&mut entry, inline, node.line, file)?;
            entry.finish()?;
            this.charts.push(chart);
        }
        let mut old_home = String::new();
        for node in fields.list("helmChartInflationGenerator")? {
            let (chart, home) = old(node, file)?;
            this.is_old = true;
            this.charts.push(chart);
            if !home.is_empty() {
                old_home = home;
            }
        }
        // The old entries say it for the file only where `helmGlobals` says nothing at all.
        match fields.node("helmGlobals") {
            Some(node) => {
                let mut globals = Fields::strict(node, "helmGlobals", file)?;
                this.globals = HelmGlobals::take(&mut globals)?;
                globals.finish()?;
            }
            None => this.globals.chart_home = old_home,
        }
        Ok(this)
    }
}

impl HelmGlobals {
    /// Takes the fields out of a map that may hold others.
    pub fn take(fields: &mut Fields<'_>) -> Result<Self> {
        fields.text("configHome")?;
        Ok(Self {
            chart_home: fields.text("chartHome")?,
        })
    }
}

impl HelmChart {
    /// Reads the object form, in which other fields are ignored and values are typed as in any object.
    pub fn of_plugin(node: &Node, file: &str) -> Result<(Self, HelmGlobals)> {
        let mut fields = Fields::lenient(node, "HelmChartInflationGenerator", file)?;
        let inline = match fields.node("valuesInline") {
            Some(values) => typed::to_value(values).and_then(|json| inline(json, values, file))?,
            None => Map::new(),
        };
        let chart = Self::take(&mut fields, inline, node.line, file)?;
        Ok((chart, HelmGlobals::take(&mut fields)?))
    }

    fn take(
        fields: &mut Fields<'_>,
        values_inline: Map<String, Value>,
        line: u32,
        file: &str,
    ) -> Result<Self> {
        Ok(Self {
            name: fields.text("name")?,
            version: fields.text("version")?,
            repo: fields.text("repo")?,
            release_name: fields.text("releaseName")?,
            namespace: fields.text("namespace")?,
            name_template: fields.text("nameTemplate")?,
            values_file: fields.text("valuesFile")?,
            additional_values_files: fields.texts("additionalValuesFiles")?,
            values_inline,
            values_merge: values_merge(&fields.text("valuesMerge")?, line, file)?,
            api_versions: fields.texts("apiVersions")?,
            kube_version: fields.text("kubeVersion")?,
            include_crds: fields.flag("includeCRDs")?,
            skip_hooks: fields.flag("skipHooks")?,
            skip_tests: fields.flag("skipTests")?,
            debug: fields.flag("debug")?,
            devel: fields.flag("devel")?,
            line,
        })
    }
}

/// An entry of the old field: its chart and its `chartHome`. What the real program reads and drops is read and dropped.
fn old(node: &Node, file: &str) -> Result<(HelmChart, String)> {
    let mut fields = Fields::strict(node, "helmChartInflationGenerator", file)?;
    let inline = match fields.node("valuesLocal") {
        Some(values) => {
            to_json(values, file, Dialect::Kubectl).and_then(|json| inline(json, values, file))?
        }
        None => Map::new(),
    };
    let chart = HelmChart {
        name: fields.text("chartName")?,
        version: fields.text("chartVersion")?,
        repo: fields.text("chartRepoUrl")?,
        release_name: fields.text("releaseName")?,
        values_file: fields.text("values")?,
        values_inline: inline,
        values_merge: values_merge(&fields.text("valuesMerge")?, node.line, file)?,
        line: node.line,
        ..HelmChart::default()
    };
    let home = fields.text("chartHome")?;
    for dropped in ["chartRepoName", "helmBin", "helmHome", "releaseNamespace"] {
        fields.text(dropped)?;
    }
    fields.texts("extraArgs")?;
    fields.finish()?;
    Ok((chart, home))
}

fn inline(json: Value, node: &Node, file: &str) -> Result<Map<String, Value>> {
    match json {
        Value::Object(map) => Ok(map),
        _ => Err(Error::render("`valuesInline` must be a map").at(file, node.line, node.column)),
    }
}

fn values_merge(word: &str, line: u32, file: &str) -> Result<ValuesMerge> {
    match word {
        "" | "override" => Ok(ValuesMerge::Override),
        "merge" => Ok(ValuesMerge::Merge),
        "replace" => Ok(ValuesMerge::Replace),
        _ => Err(
            Error::render("valuesMerge must be one of [merge override replace]").at(file, line, 0),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::kustomize::kustomization::Kustomization;

    fn read(text: &str) -> Result<HelmCharts> {
        Kustomization::parse(text.as_bytes(), "kustomization.yaml").map(|file| file.helm)
    }

    #[test]
    fn every_field_is_read_in_any_case() {
        let text = "helmGlobals: {chartHome: ../c, configHome: /x}\nhelmCharts:\n- name: a\n  VERSION: 1.2.3\n  repo: https://r\n  releaseName: r\n  namespace: prod\n  nameTemplate: t\n  valuesFile: v.yaml\n  additionalValuesFiles: [w.yaml]\n  valuesInline: {a: {b: yes}}\n  valuesMerge: merge\n  apiVersions: [a/v1]\n  kubeVersion: '1.30'\n  includeCRDs: true\n  skipHooks: true\n  skipTests: true\n  debug: true\n  devel: true\n";
        let helm = read(text).expect("reads");
        assert_eq!(helm.globals.chart_home, "../c");
        let chart = &helm.charts[0];
        assert_eq!((chart.line, chart.version.as_str()), (3, "1.2.3"));
        assert_eq!(chart.values_inline["a"]["b"], true);
        assert_eq!(chart.values_merge, ValuesMerge::Merge);
        assert!(chart.include_crds && chart.skip_hooks && chart.skip_tests);
        assert!(chart.debug && chart.devel);
    }

    #[test]
    fn unknown_fields_and_wrong_types_are_refused_with_their_line() {
        for text in [
            "helmCharts:\n- name: a\n  digest: x\n",
            "helmCharts:\n- name: a\n  version: 1.2\n",
            "helmCharts:\n- name: a\n  valuesInline: [a]\n",
            "helmCharts:\n- name: a\n  includeCRDs: 'true'\n",
        ] {
            let error = read(text).expect_err("refused");
            assert_eq!(error.location().map(|place| place.line), Some(3), "{text}");
        }
        assert!(read("helmCharts:\n- name: a\n  valuesMerge: deep\n").is_err());
        assert!(read("helmGlobals: {home: x}\n").is_err());
    }

    #[test]
    fn old_entries_become_charts_and_give_way_to_globals() {
        let old = "helmChartInflationGenerator:\n- chartName: a\n  chartVersion: '1'\n  chartHome: x\n  values: v.yaml\n  valuesLocal: {a: 1}\n  valuesMerge: replace\n  releaseNamespace: prod\n  extraArgs: [--foo]\n";
        let helm = read(old).expect("reads");
        assert_eq!(helm.globals.chart_home, "x");
        assert_eq!(helm.charts[0].values_merge, ValuesMerge::Replace);
        assert_eq!(helm.charts[0].namespace, "");
        let both = format!("{old}helmGlobals: {{configHome: else}}\n");
        assert_eq!(read(&both).expect("reads").globals.chart_home, "");
    }
}
