//! The loader as its callers see it.

use serde_json::json;

use super::{Dialect, Limits, Parsed, parse, to_json};

fn load(text: &str) -> Parsed {
    parse(text.as_bytes(), "file.yaml", &Limits::default()).expect("valid YAML")
}

/// All documents as JSON text, one a line.
fn jsons(text: &str, dialect: Dialect) -> String {
    let lines: Vec<String> = load(text)
        .documents
        .iter()
        .map(|document| match to_json(document, "file.yaml", dialect) {
            Ok(value) => value.to_string(),
            Err(error) => error.to_string(),
        })
        .collect();
    lines.join("\n")
}

fn check(text: &str, kubectl: &str) {
    assert_eq!(jsons(text, Dialect::Kubectl), kubectl, "{text}");
}

fn check_error(text: impl AsRef<[u8]>, error: &str) {
    let result = parse(text.as_ref(), "file.yaml", &Limits::default());
    assert_eq!(result.expect_err("refused").to_string(), error);
}

#[test]
fn reads_documents_and_drops_empty_ones() {
    check(
        "# only a comment\n---\na: 1\n---\n---\nnull\n--- # text\nb: 2\n...\n",
        "{\"a\":1}\n{\"b\":2}",
    );
    check("", "");
    check(
        "\u{feff}a: 1\r\nb: |\r\n  x\r\n  y\r\n",
        r#"{"a":1,"b":"x\ny\n"}"#,
    );
}

#[test]
fn knows_where_a_node_stands() {
    let parsed = load("a: 1\nb:\n  - c: é x\n    d: 2\n");
    let item = parsed.documents[0].get("b").expect("b");
    let super::NodeKind::Sequence(items) = &item.kind else {
        panic!("a list")
    };
    let d = items[0].get("d").expect("d");
    assert_eq!((d.line, d.column), (4, 8));
}

#[test]
fn expands_aliases_and_merges() {
    check(
        "a: &x [1, {b: 2}]\nc: *x\n",
        r#"{"a":[1,{"b":2}],"c":[1,{"b":2}]}"#,
    );
    check(
        "a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}\n",
        r#"{"a":{"k":1,"l":2},"b":{"k":3,"l":2}}"#,
    );
    let later = "a: &x {k: 1}\nb: {k: 3, <<: *x}\n";
    check(later, r#"{"a":{"k":1},"b":{"k":1}}"#);
    assert_eq!(
        jsons(later, Dialect::Kustomize),
        r#"{"a":{"k":1},"b":{"k":3}}"#
    );
}

#[test]
fn refuses_what_is_no_yaml_with_its_place() {
    check_error(
        "a: [!x, 1]\n",
        "file.yaml:1:4: not valid YAML: it cannot be read on from here",
    );
    check_error(
        "a: 1\n\u{feff}b: 1\n",
        "file.yaml:2:1: a byte order mark inside the file",
    );
    check_error(
        "a: 1\nb: [1,\nc: 2\n",
        "file.yaml:4:1: not valid YAML: did not find expected ',' or ']' while parsing a flow sequence that begins in line 2",
    );
    check_error("a: *x\n", "file.yaml:1:4: unknown anchor `x`");
    check_error("a: &x [*x]\n", "file.yaml:1:8: anchor `x` contains itself");
    check_error(b"a: 1\nb: \xff\n", "file.yaml:2:4: invalid UTF-8");
    check_error(
        "a: 1\nbcd: \u{1}\n",
        "file.yaml:2:6: control character U+0001 is not allowed",
    );
}

#[test]
fn needs_no_newline_at_the_end_and_adds_none() {
    for (text, value) in [
        ("a: |\n  x", "x"),
        ("a: |+\n  x", "x"),
        ("a: |-\n  x", "x"),
        ("a: |\n  x\n", "x\n"),
        ("a: |\n  x\n  ", "x\n"),
        ("a: |+\n  x\n\n", "x\n\n"),
        ("a: >\n  x\n  y", "x y"),
        ("a: |", ""),
        ("a: |\n  x\n# end", "x\n"),
        ("a: \"x\"", "x"),
        ("a: x", "x"),
    ] {
        let parsed = load(text);
        let node = parsed.documents[0].get("a").expect("a");
        assert_eq!(node.text(), Some(value), "{text:?}");
    }
}

#[test]
fn reads_utf16_with_a_mark() {
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend("a: é😀\n".encode_utf16().flat_map(u16::to_le_bytes));
    let parsed = parse(&bytes, "file.yaml", &Limits::default()).expect("valid");
    let value = to_json(&parsed.documents[0], "file.yaml", Dialect::Kubectl).expect("valid");
    assert_eq!(value, json!({"a": "é😀"}));
    check_error([0xff, 0xfe, 0x00, 0xd8], "file.yaml:1:1: invalid UTF-16");
}

#[test]
fn warns_of_a_repeated_key_with_both_lines() {
    let parsed = load("a: 1\nb: 2\na: 3\n");
    assert_eq!(
        parsed.warnings[0].message,
        "key `a` stands twice, in lines 1 and 3: the last one counts"
    );
    assert_eq!(parsed.warnings.len(), 1);
    check("a: 1\nb: 2\na: 3\n", r#"{"a":3,"b":2}"#);
}
