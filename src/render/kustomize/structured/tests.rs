//! Texts before and after a change, as the real program writes them.

use super::*;
use crate::render::kustomize::path::{Create, split};
use crate::render::kustomize::visit::visit;

/// The text after `value` was written to `path`, or nothing if that failed or found nothing.
fn set(text: &str, path: &str, value: &str, create: Create) -> Option<String> {
    let mut scalar = Node::quoted(text);
    let structured = open(&scalar)?;
    let n = edit(&mut scalar, structured, |root| {
        visit(root, &split(path), create, &mut |item| {
            match &mut item.kind {
                Kind::Scalar { text, .. } => value.clone_into(text),
                _ => *item = Item::of(&Node::plain(value)),
            }
            Ok(())
        })
    });
    let n = n.ok().filter(|n| *n > 0)?;
    assert!(n > 0);
    scalar.text().map(str::to_owned)
}

#[track_caller]
fn check(text: &str, path: &str, value: &str, expected: &str) {
    assert_eq!(
        set(text, path, value, Create::Nothing).as_deref(),
        Some(expected)
    );
}

/// A text that only loses its last line break.
#[track_caller]
fn same(text: &str, path: &str) {
    check(&format!("{text}\n"), path, "v", text);
}

#[test]
fn comments_stay_above_behind_and_below() {
    same(
        "# head\na: # line\n  # of b\n  b: v # one\n  # below b\n# of c\nc: [1, 2] # x\n# end",
        "a.b",
    );
    same("# of all\n\n# of a\na: v\n\n# last", "a");
    same("a:\n- # x\n  b: v\n- c # y\n# below", "a.0.b");
}

#[test]
fn a_foot_is_followed_by_an_empty_line_and_other_empty_lines_go() {
    check(
        "a: 1\n# foot\n\n\nb: 2\n\n\nc: 3",
        "a",
        "v",
        "a: !!int v\n# foot\n\nb: 2\nc: 3",
    );
    check(
        "l:\n  - x\n # out\n\na: 1",
        "l.0",
        "v",
        "l:\n- v\n# out\n\na: 1",
    );
}

#[test]
fn indentation_becomes_two_blanks_and_lists_stand_at_their_key() {
    check(
        "a:\n    - b: x\n      c:\n          - 1\n    -   - 2",
        "a.0.b",
        "v",
        "a:\n- b: v\n  c:\n  - 1\n- - 2",
    );
}

#[test]
fn flows_stay_flows() {
    check(
        "a: [1,  {b: x}, # c\n  [ ]]\nd: {e : f}",
        "a.1.b",
        "v",
        "a: [1, {b: v} # c\n, []]\nd: {e: f}",
    );
    check("# no JSON\n{a: x}", "a", "v", "# no JSON\n{a: v}");
}

#[test]
fn anchors_aliases_and_merges_stay() {
    check(
        "a: &x\n  b: 1\nc: *x\nd:\n  <<: *x",
        "a.b",
        "2",
        "a: &x\n  b: 2\nc: *x\nd:\n  !!merge <<: *x",
    );
    check("a: &x 1\nb: *x", "b", "2", "a: &x 1\nb: 2");
    assert_eq!(set("a: *unknown", "a", "v", Create::Nothing), None);
}

#[test]
fn scalars_keep_their_style_as_far_as_the_new_text_allows() {
    check("a: 'x'", "a", "it's", "a: 'it''s'");
    check("a: 'x'", "a", "tab\t", "a: \"tab\\t\"");
    check("a: x", "a", "true", "a: \"true\"");
    check("a: x", "a", "one\ntwo", "a: |-\n  one\n  two");
    check("a: 1", "a", "x", "a: !!int x");
    check("a: |\n  x", "a", " y\n\n", "a: |2+\n   y");
    check(
        "a: >\n  x\n  y\n\n  z\nb: 1",
        "b",
        "2",
        "a: >\n  x y\n\n  z\n\nb: 2",
    );
    check(
        "a: \"\\x41é🙂\"\nb: x",
        "b",
        "v",
        "a: \"Aé\\U0001F642\"\nb: v",
    );
}

#[test]
fn long_lines_are_not_folded_and_split_texts_are_joined() {
    let long = "word ".repeat(60);
    same(&format!("a: v\nb: {}", long.trim_end()), "a");
    check(
        "a: x\nb: one\n  two\nc: 'p\n\n  q'",
        "a",
        "v",
        "a: v\nb: one two\nc: 'p\n\n  q'",
    );
}

#[test]
fn tags_stay_and_needless_ones_go() {
    same(
        "a: v\nb: !!str 5\nc: !foo x\nd: !!binary aGk=\ne: !<x:y> z",
        "a",
    );
    check("a: x\nb: ! 5", "a", "v", "a: v\nb: 5");
}

#[test]
fn only_the_first_document_is_left_and_its_marks_go() {
    check("---\na: x\n---\nb: [", "a", "v", "a: v");
    check("%YAML 1.1\n---\na: x\n...\n", "a", "v", "a: v");
}

#[test]
fn line_breaks_become_plain_ones() {
    check(
        "a: x # c\r\nb: |\r\n  y\r\n",
        "a",
        "v",
        "a: v # c\nb: |\n  y",
    );
}

#[test]
fn odd_keys_stay() {
    same("? [x, y]\n: 1\na: v\n\"q\": 2\n5: 3\n'': 4", "a");
    check("? a\n: x", "a", "v", "a: v");
}

#[test]
fn what_is_made_stands_at_the_end() {
    let make = |text: &str, path: &str| set(text, path, "v", Create::Scalar);
    let made = |text: &str, path: &str, expected: &str| {
        assert_eq!(make(text, path).as_deref(), Some(expected));
    };
    made(
        "a: 1 # x\n# foot\n",
        "b.c",
        "a: 1 # x\nb:\n  c: v\n\n# foot",
    );
    made("a: []", "a.[n=x].b", "a: [{n: x, b: v}]");
    made("a: 1", "b.[n=x].c", "a: 1\nb:\n- n: x\n  c: v");
    // What goes into a null, or into a text within the text, is lost without a word.
    made("a: null", "a.b", "a: null");
    made("a: 'b: 1'", "a.b", "a: 'b: 1'");
    assert_eq!(make("a:\nb: 1", "a.b"), None);
    assert_eq!(make("# nothing", "a"), None);
    assert_eq!(make("", "a"), None);
}

#[test]
fn patterns_see_comments() {
    let text = "- n: web # x\n  v: 1\n- n: web\n  v: 2";
    check(
        text,
        "[n=^web$].v",
        "3",
        "- n: web # x\n  v: 1\n- n: web\n  v: 3",
    );
}

#[test]
fn what_begins_like_json_becomes_json() {
    check("{b: 1, a: [x, ]}", "b", "2", r#"{"a":["x"],"b":2}"#);
    check(
        "{\n  \"a\": {\"b\": [1, {}], \"c\": \"<\\\"\"}\n}",
        "a.b.0",
        "2",
        "{\n  \"a\": {\n    \"b\": [\n      2,\n      {}\n    ],\n    \"c\": \"\\u003c\\\"\"\n  }\n}",
    );
    // A key that is no text fits no JSON: the text stays as it was.
    assert_eq!(set("{1: x, a: y}", "a", "v", Create::Nothing), None);
}

#[test]
fn deep_and_long_texts_are_refused_or_read_in_good_time() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(open(&Node::quoted(deep)).is_none());
    assert!(open(&Node::quoted("- ".repeat(100_000))).is_none());
    for piece in [
        "# c\n",
        "# c\n\n",
        " # c\n",
        "a: 1\n# c\n\n",
        "- # c\n",
        " ",
        "\n",
        "a: b # c\r\n",
        "'",
        "&a ",
    ] {
        let text = format!("x: 1\n{}", piece.repeat(50_000));
        if let Some(structured) = open(&Node::quoted(text)) {
            assert!(structured.text().is_ok());
        }
    }
}

#[test]
fn as_deep_as_a_file_may_be_is_deep_enough_for_a_text() {
    let flow = format!("a: x\nb: {}{}", "[".repeat(98), "]".repeat(98));
    same(&flow.replace("a: x", "a: v"), "a");
    let mut block = "a: v\nb:".to_owned();
    for depth in 1..98 {
        block += &format!("\n{}k:", "  ".repeat(depth));
    }
    same(&block, "a");
}

#[test]
fn a_long_tag_cannot_be_asked_for_again_and_again() {
    let text = format!(
        "%TAG !e! !{}\n---\n{}",
        "x".repeat(100_000),
        "- !e!y z\n".repeat(10_000)
    );
    assert!(open(&Node::quoted(text)).is_none());
}
