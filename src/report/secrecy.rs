//! No secret in any output: random canaries in every place that may hold one, looked for in every form and encoding.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::document::print;
use super::document::tests::assert_safe;
use super::samples::{change, masker, path};
use super::*;
use crate::error::{Error, Reason};
use crate::object::labels::LAST_APPLIED;
use crate::object::redact::Redactor;
use crate::object::{Gvk, Key, Object};
use crate::plan::{Cause, Change, Op, ResourceStatus};
use crate::ui::Screen;

/// The ways a value travels.
fn encodings(secret: &str) -> Vec<String> {
    let base64 = STANDARD.encode(secret);
    let twice = STANDARD.encode(&base64);
    let json = Value::from(secret).to_string();
    vec![
        secret.to_owned(),
        base64.trim_end_matches('=').to_owned(),
        secret.bytes().map(|b| format!("%{b:02X}")).collect(),
        secret.bytes().map(|b| format!("{b:02x}")).collect(),
        json.trim_matches('"').to_owned(),
        twice.chars().rev().collect(),
    ]
}

fn secret_key() -> Key {
    Key {
        group: String::new(),
        kind: "Secret".into(),
        namespace: "shop".into(),
        name: "login".into(),
    }
}

/// A Secret with the canary everywhere.
fn secret(canary: &str) -> Value {
    let copy = json!({"kind": "Secret", "data": {"p": STANDARD.encode(canary)}, "stringData": {"p": canary}});
    json!({"apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "login", "namespace": "shop", "annotations": {
            LAST_APPLIED: copy.to_string(), "example.com/copy": copy.to_string()}},
        "data": {"p": STANDARD.encode(canary), "not-base64": canary, "list": [canary]},
        "stringData": {"p": canary}})
}

fn changes(old: &Value, new: &Value) -> Vec<Change> {
    let mut changes: Vec<Change> = ["data", "stringData", "metadata"]
        .into_iter()
        .map(|field| change(&[field], Some(old[field].clone()), Some(new[field].clone())))
        .collect();
    let password = |value: &Value| Some(value["data"]["p"].clone());
    changes.push(change(&["data", "p"], password(old), password(new)));
    let plain = |value: &Value| Some(value["stringData"]["p"].clone());
    changes.push(change(&["stringData", "p"], plain(old), None));
    changes.push(change(&["data", "p", "deeper"], plain(old), plain(new)));
    for annotation in [LAST_APPLIED, "example.com/copy"] {
        let at = |value: &Value| Some(value["metadata"]["annotations"][annotation].clone());
        changes.push(change(
            &["metadata", "annotations", annotation],
            at(old),
            at(new),
        ));
    }
    changes.push(Change {
        path: path(&[]),
        op: Op::Replace,
        live: Some(old.clone()),
        desired: Some(new.clone()),
        cause: Cause::Git,
        last_writer: None,
    });
    changes
}

/// What a server says when it refuses a Secret.
fn refusals(canary: &str) -> Vec<Error> {
    let base64 = STANDARD.encode(canary);
    let quoted = Value::from(canary).to_string();
    let start: String = canary.chars().take(6).collect();
    [
        format!("Secret \"login\" is invalid: data[p]: Invalid value: {quoted}: too long"),
        format!("illegal base64 data at input byte 4, error found in #10 byte of ...|{start}"),
        format!("unable to parse {canary} and {base64}"),
        format!(
            "header Basic {} refused",
            STANDARD.encode(format!("user:{canary}"))
        ),
    ]
    .into_iter()
    .chain(
        encodings(canary)
            .into_iter()
            .map(|form| format!("cannot read {form} here")),
    )
    .map(|message| Error::new(Reason::Invalid, message.clone()).hint(message))
    .collect()
}

fn diffs(old: &Value, new: &Value, error: Option<&Error>) -> Vec<DiffReport> {
    let changes = changes(old, new);
    let resource = |status, live, desired| {
        ResourceDiff::new(
            &masker(),
            ResourceInput {
                gvk: Gvk::new("v1", "Secret"),
                namespace: "shop".into(),
                name: "login".into(),
                status,
                requires_prune: false,
                action: None,
                taken_from: Vec::new(),
                changes: &changes,
                live,
                desired,
                error,
                values: LiveValues::Shown,
            },
        )
    };
    let resources = vec![
        resource(ResourceStatus::Modified, Some(old), Some(new)),
        resource(ResourceStatus::Modified, None, None),
        resource(ResourceStatus::Missing, None, Some(new)),
        resource(ResourceStatus::Extra, Some(old), None),
    ];
    let app = AppDiff::new(
        "dev".into(),
        "shop".into(),
        "shop".into(),
        "worktree".into(),
        false,
        resources,
    );
    [DiffFormat::Path, DiffFormat::Unified]
        .map(|format| DiffReport::new(vec![app.clone()], format))
        .into()
}

/// Every form of a report, and what `{:?}` would print of a diff.
fn forms<R: Report>(report: &R) -> String {
    let screen = Screen::plain(Timestamp::UNIX_EPOCH);
    [
        Format::Text,
        Format::Wide,
        Format::Json,
        Format::Yaml,
        Format::Name,
    ]
    .into_iter()
    .map(|format| {
        let text = print(report, &[], format, &screen).expect("every report prints");
        assert_safe(&text);
        text
    })
    .collect()
}

fn all_output(old: &str, new: &str) -> String {
    let (live, desired) = (secret(old), secret(new));
    let redactor = Redactor::of(&masker(), [&live, &desired]);
    let other = Key {
        kind: "ConfigMap".into(),
        ..secret_key()
    };
    let mut text = String::new();
    let refusals = refusals(old);
    for error in std::iter::once(None).chain(refusals.iter().take(3).map(Some)) {
        for report in diffs(&live, &desired, error) {
            text.push_str(&forms(&report));
            text.push_str(&format!("{report:?}"));
        }
    }
    text.push_str(&forms(&Manifests {
        apps: vec![AppManifests::new(
            &masker(),
            ("dev".into(), "shop".into()),
            crate::report::Shown::default(),
            &[Object::new(live), Object::new(desired)],
        )],
    }));
    for error in refusals {
        let view = ErrorView::from(&redactor.error(&secret_key(), error.clone()));
        text.push_str(&serde_json::to_string(&view).expect("an error is JSON"));
        // Excerpts cannot be known outside of errors about the Secret itself.
        if !error.message().contains("...|") {
            let view = ErrorView::from(&redactor.error(&other, error));
            text.push_str(&serde_json::to_string(&view).expect("an error is JSON"));
        }
    }
    text
}

fn assert_secret(text: &str, canary: &str) {
    for form in encodings(canary) {
        assert!(
            !text.contains(&form),
            "`{form}` of {canary:?} is in the output"
        );
    }
    let start: String = canary.chars().take(6).collect();
    assert!(
        !text.contains(&format!("...|{start}")),
        "an excerpt of {canary:?} is in the output"
    );
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 16,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_form_of_any_report_holds_a_secret(
        old in "canary[a-zA-Z0-9 \"\\\\'é/+<&%]{4,24}x",
        new in "kanari[a-zA-Z0-9 \"\\\\'é/+<&%]{4,24}y",
    ) {
        let text = all_output(&old, &new);
        assert_secret(&text, &old);
        assert_secret(&text, &new);
    }
}

#[test]
fn equal_values_have_equal_tags_and_others_differ() {
    let same = diffs(&secret("correct horse"), &secret("correct horse"), None);
    let view = &same[0].apps[0].resources[0].changes[3];
    assert_eq!(view.live, view.desired);
    let other = diffs(&secret("correct horse"), &secret("battery staple"), None);
    let view = &other[0].apps[0].resources[0].changes[3];
    assert_ne!(view.live, view.desired);
}

#[test]
fn what_is_no_secret_stays_readable() {
    let redactor = Redactor::new(&masker());
    redactor.learn(
        &json!({"apiVersion": "v1", "kind": "Secret", "stringData": {"a": "true", "b": ""}}),
    );
    redactor.learn(&json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "settings"}}));
    assert_eq!(redactor.text("true settings"), "true settings");
}
