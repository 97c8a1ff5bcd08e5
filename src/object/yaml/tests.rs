//! The loader as its callers see it.

use proptest::prelude::*;
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
fn blanks_at_the_end_of_a_file_count_where_they_are_indented_further_than_the_block() {
    for (text, expected) in [
        ("k: |\n  a\n    ", r#"{"k":"a\n  "}"#),
        ("k: |\n  a\n  ", r#"{"k":"a\n"}"#),
        ("k: |\n  a\n ", r#"{"k":"a\n"}"#),
        ("k: |+\n  a\n    ", r#"{"k":"a\n  "}"#),
        ("k: |+\n  a\n  ", r#"{"k":"a\n"}"#),
        ("k: |+\n  a\n\n  ", r#"{"k":"a\n\n"}"#),
        ("k: |-\n  a\n    ", r#"{"k":"a\n  "}"#),
        ("k: |-\n  a\n  ", r#"{"k":"a"}"#),
        ("k: >\n  a\n    ", r#"{"k":"a\n  "}"#),
        ("k: >+\n  a\n  ", r#"{"k":"a\n"}"#),
        ("k: |+\n  ", r#"{"k":""}"#),
        ("k: |\n  ", r#"{"k":""}"#),
        ("k: 'a'\n  ", r#"{"k":"a"}"#),
        ("k: a\n  ", r#"{"k":"a"}"#),
        ("k:\n- a\n  ", r#"{"k":["a"]}"#),
        ("k: a\n# c\n  ", r#"{"k":"a"}"#),
    ] {
        assert_eq!(jsons(text, Dialect::Kustomize), expected, "{text:?}");
    }
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
    check_error("a: *x\n", "file.yaml:1:4: unknown anchor");
    check_error("a: &x [*x]\n", "file.yaml:1:8: an anchor contains itself");
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

/// Files that are small to write and huge to read: refused at once, whatever the reason given.
#[test]
fn refuses_bombs() {
    let laughs: String = (1..40)
        .map(|n| {
            format!(
                "a{n}: &a{n} [{}]\n",
                vec![format!("*a{}", n - 1); 10].join(",")
            )
        })
        .collect();
    let merges: String = (1..60)
        .map(|n| format!("a{n}: &a{n} {{<<: [*a{0}, *a{0}, *a{0}]}}\n", n - 1))
        .collect();
    let open_anchors: String = (0..90).map(|n| format!("&a{n} [")).collect();
    let bombs = [
        format!("a0: &a0 [x, x]\n{laughs}"),
        format!("a0: &a0 {{k: v}}\n{merges}"),
        format!(
            "a: &a {}\nb: [{}]",
            "x".repeat(1 << 20),
            "*a, ".repeat(1000)
        ),
        format!(
            "{open_anchors}{}{}\n# *",
            "x,".repeat(20_000),
            "]".repeat(90)
        ),
        format!(
            "%TAG !e! {}\n--- [{}]\n",
            "x".repeat(10_000),
            "!e!a b, ".repeat(2000)
        ),
        format!("{}--- a", "%TAG !a! b\n".repeat(101)),
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        (0..300).map(|n| format!("{}a:\n", " ".repeat(n))).collect(),
        "---\na\n".repeat(10_001),
        format!("[{}]", "a,".repeat(1_500_001)),
        format!("a: {}", "x".repeat(16 << 20)),
    ];
    for bomb in &bombs {
        let start = bomb.chars().take(40).collect::<String>();
        let result = parse(bomb.as_bytes(), "file.yaml", &Limits::default());
        assert!(result.is_err(), "{start}");
    }
}

#[test]
fn chained_aliases_count_their_depth() {
    let chain: String = (1..90)
        .map(|n| format!("a{n}: &a{n} [[[*a{}]]]\n", n - 1))
        .collect();
    let text = format!("a0: &a0 1\n{chain}");
    check_error(
        text,
        "file.yaml:85:14: an alias nests deeper than 250 levels",
    );
}

/// Text that is nearly YAML, and bytes that are nothing.
fn anything() -> impl Strategy<Value = Vec<u8>> {
    let piece = "[a-c0-9]|[-?:,\\[\\]{}#&*!|>'\"%@`=~]|[-?:] |\\n {0,3}|---\\n|\\.\\.\\.\\n|<<: |&x |\\*x|!!(str|int|set) |![a,%41]|\\\\[nxu/]|\\t|\\r|\u{85}|\u{feff}|é";
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..60),
        proptest::collection::vec(proptest::string::string_regex(piece).expect("valid"), 0..40)
            .prop_map(|pieces| pieces.concat().into_bytes()),
    ]
}

proptest! {
    #[test]
    fn nothing_makes_it_panic_and_every_error_has_a_place(bytes in anything()) {
        match parse(&bytes, "file.yaml", &Limits::default()) {
            Err(error) => prop_assert!(error.location().is_some_and(|at| at.line > 0 && at.column > 0)),
            Ok(parsed) => for document in &parsed.documents {
                for dialect in [Dialect::Kubectl, Dialect::Kustomize] {
                    let _ = to_json(document, "file.yaml", dialect);
                }
            }
        }
    }

    /// JSON is YAML: what is written as JSON is read back the same, in both dialects.
    #[test]
    fn reads_json_as_json(
        map in proptest::collection::btree_map("[a-zé \\\\\"\n:#-]{0,6}", "\\PC{0,12}", 0..5),
        numbers in proptest::collection::vec(any::<i64>(), 0..4),
    ) {
        let value = json!({"map": map, "numbers": numbers, "more": [null, true, 1.5]});
        let parsed = load(&value.to_string());
        for dialect in [Dialect::Kubectl, Dialect::Kustomize] {
            prop_assert_eq!(&to_json(&parsed.documents[0], "file.yaml", dialect).expect("JSON"), &value);
        }
    }

    /// A file is the same with CRLF, and in UTF-16.
    #[test]
    fn line_ends_and_encodings_change_nothing(bytes in anything()) {
        let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
        if text.contains(['\r', '\u{85}', '\u{feff}']) {
            return Ok(());
        }
        let read = |bytes: &[u8]| {
            let parsed = parse(bytes, "file.yaml", &Limits::default());
            parsed.map(|parsed| parsed.documents).map_err(|error| error.to_string())
        };
        let plain = read(text.as_bytes());
        let utf16: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        prop_assert_eq!(&read(&utf16), &plain);
        prop_assert_eq!(&read(text.replace('\n', "\r\n").as_bytes()), &plain);
    }
}

#[test]
fn a_file_may_begin_with_any_character() {
    // Their first byte is that of a byte order mark.
    for text in ["\u{ff21}: b", "\u{f000}: b", "\u{fefe}: b"] {
        let parsed = parse(text.as_bytes(), "a.yaml", &Limits::default()).expect("parses");
        assert_eq!(parsed.documents.len(), 1);
    }
}
