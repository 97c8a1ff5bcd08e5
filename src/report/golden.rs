//! Every form of every report against `testdata/golden/report/`; `UPDATE_EXPECT=1 cargo test` accepts what is printed.

use std::path::Path;

use expect_test::expect_file;
use jiff::Timestamp;

use super::document::print;
use super::document::tests::assert_safe;
use super::samples;
use super::{DiffFormat, Format, Report};
use crate::exit::Exit;
use crate::ui::Screen;

/// Two hours after midnight of the first of January 2026, when everything in the samples happened.
fn screen() -> Screen {
    let now: Timestamp = "2026-01-01T02:00:00Z".parse().expect("a time");
    Screen {
        color: false,
        width: 120,
        now,
    }
}

/// Compares all forms of `report` with the files `<name>.<form>`.
fn check<R: Report>(name: &str, report: &R, exit: Exit) {
    assert_eq!(report.exit(), exit, "{name}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/golden/report");
    for (form, format) in [
        ("txt", Format::Text),
        ("wide.txt", Format::Wide),
        ("json", Format::Json),
        ("yaml", Format::Yaml),
        ("name.txt", Format::Name),
    ] {
        let text = print(report, &[], format, &screen()).expect("every report prints");
        assert_safe(&text);
        if format == Format::Wide
            && text == print(report, &[], Format::Text, &screen()).expect("it did above")
        {
            continue;
        }
        assert!(
            text.lines()
                .all(|line| line.trim_end() == line || line.starts_with([' ', '+', '-']))
        );
        expect_file![root.join(format!("{name}.{form}"))].assert_eq(&text);
    }
    let mut colored = screen();
    colored.color = true;
    let text = print(report, &[], Format::Text, &colored).expect("every report prints");
    // Codes are made visible, so that the file shows them.
    let text = text.replace('\u{1b}', "␛");
    expect_file![root.join(format!("{name}.color.txt"))].assert_eq(&text);
    let plain = print(report, &[], Format::Text, &screen()).expect("every report prints");
    assert_eq!(without_codes(&text), plain, "colours change nothing else");
}

fn without_codes(text: &str) -> String {
    let mut parts = text.split("␛[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
    }
    plain
}

#[test]
fn diff_by_path() {
    check("diff", &samples::diff(DiffFormat::Path), Exit::Unanswered);
    check(
        "diff-one",
        &samples::diff_of_one(DiffFormat::Path),
        Exit::No,
    );
}

#[test]
fn diff_unified() {
    check(
        "diff-unified",
        &samples::diff(DiffFormat::Unified),
        Exit::Unanswered,
    );
    check(
        "diff-unified-one",
        &samples::diff_of_one(DiffFormat::Unified),
        Exit::No,
    );
}

#[test]
fn apps() {
    check("app-list", &samples::app_list(), Exit::Unanswered);
    check("app-get", &samples::app_details(), Exit::Ok);
    check("app-resources", &samples::resource_list(), Exit::Unanswered);
    check("app-tree", &samples::tree(), Exit::Ok);
    check("app-history", &samples::history(), Exit::Ok);
    check("app-manifests", &samples::manifests(), Exit::Unanswered);
}

#[test]
fn writes() {
    check("app-sync", &samples::sync(), Exit::No);
    check("app-wait", &samples::wait(), Exit::No);
}

#[test]
fn clusters() {
    check("cluster-list", &samples::cluster_list(), Exit::Unanswered);
    check("cluster-get", &samples::cluster_details(), Exit::Ok);
    check("doctor", &samples::doctor(), Exit::No);
}
