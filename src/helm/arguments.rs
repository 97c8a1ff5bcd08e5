//! The arguments of `helm template`, from typed options. Nothing a repository says can become a flag of its own.
//!
//! Every value is glued to its flag with `=`, what stands alone follows `--`, and values that look like a flag are refused on
//! top of that.

use std::ffi::OsString;

use crate::error::{Error, Result};
use crate::object::display::{display, is_unsafe};
use crate::render::kustomize::ChartRequest;

/// Refuses texts that are no valid value of any option.
pub(super) fn check(request: &ChartRequest<'_>) -> Result<()> {
    let chart = request.chart;
    let one = [
        ("name", &*chart.name),
        ("version", &chart.version),
        ("repo", &chart.repo),
        ("releaseName", &chart.release_name),
        ("namespace", request.namespace),
        ("kubeVersion", &chart.kube_version),
    ];
    let versions = chart
        .api_versions
        .iter()
        .map(|version| ("apiVersions", version.as_str()));
    for (field, text) in one.into_iter().chain(versions) {
        let why = if text.starts_with('-') {
            "must not start with `-`"
        } else if text.chars().any(is_unsafe) {
            "must not hold invisible characters"
        } else {
            continue;
        };
        return Err(Error::render(format!("`{field}: {}` {why}", display(text))));
    }
    check_name_template(&chart.name_template)
}

/// The template of a release's name is run by helm with all of its functions, of which one asks a name server.
fn check_name_template(template: &str) -> Result<()> {
    let why = if template.starts_with('-') {
        "must not start with `-`"
    } else if template.contains('\0') {
        "must not hold NUL"
    } else if template.contains("getHostByName") {
        "must not resolve names: `getHostByName` is not allowed"
    } else {
        return Ok(());
    };
    let template = display(template);
    Err(Error::render(format!("`nameTemplate: {template}` {why}")))
}

/// The arguments of the program. `chart` and `values` are paths that we chose.
pub(super) fn template(
    request: &ChartRequest<'_>,
    chart: &str,
    values: &[String],
) -> Vec<OsString> {
    let options = request.chart;
    let mut arguments = vec!["template".to_owned()];
    let mut with = |flag: &str, text: &str| {
        if !text.is_empty() {
            arguments.push(format!("--{flag}={text}"));
        }
    };
    with("namespace", request.namespace);
    with("name-template", &options.name_template);
    values.iter().for_each(|path| with("values", path));
    for version in &options.api_versions {
        with("api-versions", version);
    }
    with("kube-version", &options.kube_version);
    let switches = [
        ("generate-name", options.release_name.is_empty()),
        ("include-crds", options.include_crds),
        ("skip-tests", options.skip_tests),
        ("no-hooks", options.skip_hooks),
        ("debug", options.debug),
        ("devel", options.devel),
    ];
    let on = switches.into_iter().filter(|(_, is_on)| *is_on);
    arguments.extend(on.map(|(flag, _)| format!("--{flag}")));
    arguments.push("--".to_owned());
    if !options.release_name.is_empty() {
        arguments.push(options.release_name.clone());
    }
    arguments.push(chart.to_owned());
    arguments.into_iter().map(OsString::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::kustomize::HelmChart;

    fn request(chart: &HelmChart) -> ChartRequest<'_> {
        ChartRequest {
            chart,
            namespace: &chart.namespace,
            files: &[],
            values: &[],
        }
    }

    #[test]
    fn options_become_flags_and_names_follow_the_dashes() {
        let chart = HelmChart {
            name: "c".to_owned(),
            release_name: "r".to_owned(),
            namespace: "n".to_owned(),
            api_versions: vec!["a/v1".to_owned(), "b/v1".to_owned()],
            kube_version: "1.30".to_owned(),
            include_crds: true,
            skip_tests: true,
            ..HelmChart::default()
        };
        let arguments = template(&request(&chart), "./chart/c", &["values/0.yaml".to_owned()]);
        let arguments: Vec<_> = arguments
            .iter()
            .map(|text| text.to_str().unwrap())
            .collect();
        assert_eq!(
            arguments.join(" "),
            "template --namespace=n --values=values/0.yaml --api-versions=a/v1 --api-versions=b/v1 --kube-version=1.30 --include-crds --skip-tests -- r ./chart/c"
        );
    }

    #[test]
    fn without_a_release_name_helm_makes_one() {
        let chart = HelmChart {
            name: "c".to_owned(),
            name_template: "x-{{ 1 }}".to_owned(),
            skip_hooks: true,
            ..HelmChart::default()
        };
        let arguments = template(&request(&chart), "./chart/c", &[]);
        let arguments: Vec<_> = arguments
            .iter()
            .map(|text| text.to_str().unwrap())
            .collect();
        assert_eq!(
            arguments,
            [
                "template",
                "--name-template=x-{{ 1 }}",
                "--generate-name",
                "--no-hooks",
                "--",
                "./chart/c"
            ]
        );
    }

    #[test]
    fn texts_that_look_like_flags_are_refused() {
        let set: [fn(&mut HelmChart, String); 8] = [
            |chart, text| chart.name = text,
            |chart, text| chart.version = text,
            |chart, text| chart.repo = text,
            |chart, text| chart.release_name = text,
            |chart, text| chart.namespace = text,
            |chart, text| chart.kube_version = text,
            |chart, text| chart.name_template = text,
            |chart, text| chart.api_versions = vec!["a/v1".to_owned(), text],
        ];
        for set in set {
            for text in ["-f", "--post-renderer=sh", "a\0b"] {
                let mut chart = HelmChart::default();
                set(&mut chart, text.to_owned());
                assert!(check(&request(&chart)).is_err(), "{text:?}");
            }
            let mut chart = HelmChart::default();
            set(&mut chart, "a-b".to_owned());
            assert!(check(&request(&chart)).is_ok());
        }
    }

    #[test]
    fn names_are_not_resolved() {
        let chart = HelmChart {
            name_template: "{{ getHostByName \"a\" }}".to_owned(),
            ..HelmChart::default()
        };
        assert!(check(&request(&chart)).is_err());
    }
}
