//! Values to YAML text, byte for byte as kustomize prints them: sorted keys, two blanks, lists at the indent of their key.

pub mod marks;
mod order;
mod scalar;
mod words;

use serde_json::{Number, Value};

pub use scalar::is_plain;
pub use words::is_not_a_string;

/// Keys longer than this many bytes are written with `? ` on a line of their own.
const LONGEST_SIMPLE_KEY: usize = 128;

/// Appends one document to `out`.
pub fn document(value: &Value, out: &mut String) {
    let mut writer = Writer {
        out: std::mem::take(out),
    };
    writer.block(value, 0);
    writer.out.push('\n');
    *out = writer.out;
}

/// Text in the making.
struct Writer {
    out: String,
}

impl Writer {
    fn column(&self) -> usize {
        let line = self.out.rfind('\n').map_or(0, |at| at + 1);
        self.out[line..].chars().count()
    }

    fn pad(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn new_line(&mut self, indent: usize) {
        self.out.push('\n');
        self.pad(indent);
    }

    fn extend(&mut self, c: Option<char>) {
        self.out.extend(c);
    }

    /// Writes a value where the writer stands; further lines stand at `indent`.
    fn block(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(true) => self.out.push_str("true"),
            Value::Bool(false) => self.out.push_str("false"),
            Value::Number(number) => self.out.push_str(&number_text(number)),
            Value::String(text) => self.text(text, indent + 2, false),
            Value::Array(items) if items.is_empty() => self.out.push_str("[]"),
            Value::Object(map) if map.is_empty() => self.out.push_str("{}"),
            Value::Array(items) => {
                for (n, item) in items.iter().enumerate() {
                    if n > 0 {
                        self.new_line(indent);
                    }
                    self.out.push_str("- ");
                    // A map or list in a list starts on the line of its dash, two columns in.
                    let deeper = if item.is_object() || item.is_array() {
                        indent + 2
                    } else {
                        indent
                    };
                    self.block(item, deeper);
                }
            }
            Value::Object(map) => self.map(map, indent),
        }
    }

    fn map(&mut self, map: &serde_json::Map<String, Value>, indent: usize) {
        let entries = order::sort(
            map.iter()
                .map(|(key, value)| (key.as_str(), value))
                .collect(),
        );
        for (n, (key, value)) in entries.into_iter().enumerate() {
            if n > 0 {
                self.new_line(indent);
            }
            let is_simple = key.len() <= LONGEST_SIMPLE_KEY && !key.contains('\n');
            if is_simple {
                self.text(key, indent, true);
            } else {
                self.out.push_str("? ");
                self.text(key, indent + 2, false);
                self.new_line(indent);
            }
            self.out.push(':');
            self.value_of_key(value, indent, is_simple);
        }
    }

    fn value_of_key(&mut self, value: &Value, indent: usize, is_simple: bool) {
        match value {
            Value::Object(map) if !map.is_empty() && is_simple => {
                self.new_line(indent + 2);
                self.block(value, indent + 2);
            }
            Value::Array(items) if !items.is_empty() && is_simple => {
                self.new_line(indent);
                self.block(value, indent);
            }
            Value::Object(_) | Value::Array(_) => {
                self.out.push(' ');
                self.block(value, indent + 2);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                self.out.push(' ');
                self.block(value, indent);
            }
        }
    }
}

/// A number as YAML: whole ones in decimal, others in their shortest form, with an exponent from a million on.
pub fn number_text(number: &Number) -> String {
    if number.is_i64() || number.is_u64() {
        return number.to_string();
    }
    match number.as_f64() {
        Some(float) => float_text(float),
        None => number.to_string(),
    }
}

/// A float in its shortest form, with an exponent from a million on.
pub fn float_text(float: f64) -> String {
    let scientific = format!("{float:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return format!("{float}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::yaml::{Dialect, Limits, parse, to_json};
    use proptest::prelude::*;
    use serde_json::json;

    fn check(value: Value, expected: &str) {
        let mut out = String::new();
        document(&value, &mut out);
        assert_eq!(out, expected);
    }

    #[test]
    fn lists_stand_at_the_indent_of_their_key() {
        check(
            json!({"b": [{"x": 1, "y": [[1, 2], []]}, "t"], "a": {"c": {}}}),
            "a:\n  c: {}\nb:\n- x: 1\n  \"y\":\n  - - 1\n    - 2\n  - []\n- t\n",
        );
    }

    #[test]
    fn floats_are_short_and_get_an_exponent_from_a_million_on() {
        check(
            json!([0.5, 123456.5, 1234567.5, 0.00001, 1e20, 0.0001]),
            "- 0.5\n- 123456.5\n- 1.2345675e+06\n- 1e-05\n- 1e+20\n- 0.0001\n",
        );
    }

    #[test]
    fn texts_with_lines_are_blocks() {
        check(
            json!({"k": {"a": "x\ny\n", "b": "x\ny", "c": "x\n\n", "d": "\nx", "e": "x \ny"}}),
            "k:\n  a: |\n    x\n    y\n  b: |-\n    x\n    y\n  c: |+\n    x\n\n  d: |2-\n\n    x\n  e: \"x \\ny\"\n",
        );
    }

    #[test]
    fn texts_that_look_like_structure_are_quoted() {
        check(
            json!([
                "- a",
                "it's",
                "'",
                "a: b",
                "a:b",
                "yes",
                "a\tb",
                "trailing ",
                ""
            ]),
            "- '- a'\n- it's\n- ''''\n- 'a: b'\n- a:b\n- \"yes\"\n- \"a\\tb\"\n- 'trailing '\n- \"\"\n",
        );
    }

    #[test]
    fn next_line_characters_fold_with_the_blanks_around_them() {
        check(
            json!([
                "c ends \u{85}",
                "c\u{85}",
                "c \u{85} d",
                "\u{85}c",
                "a\u{85}  ",
                "c\u{85}\u{85} d"
            ]),
            "- 'c ends '\n- 'c '\n- c d\n- ' c'\n- 'a '\n- |-\n  c\n  d\n",
        );
    }

    #[test]
    fn long_texts_fold_after_column_80() {
        let words = "word ".repeat(20);
        let first = "word ".repeat(16);
        check(
            json!({"k": words.trim_end()}),
            &format!("k: {}\n  word word word word\n", first.trim_end()),
        );
    }

    #[test]
    fn a_key_that_would_merge_is_quoted() {
        check(json!({"<<": {"a": "<<"}}), "\"<<\":\n  a: <<\n");
    }

    #[test]
    fn a_long_text_that_cannot_be_folded_takes_no_longer_than_one_that_can() {
        let text = "a  ".repeat(200_000) + "b";
        check(json!({"k": text}), &format!("k: {text}\n"));
    }

    #[test]
    fn a_long_key_stands_on_its_own_line() {
        let key = "k".repeat(129);
        check(json!({key.clone(): "v"}), &format!("? {key}\n: v\n"));
    }

    /// Texts of all that means something to YAML, and long ones of words.
    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ -~\n\té]{0,12}",
            "([a-c-]{1,9}[ \n]{1,2}){0,30}",
            "[-+0-9.:_exoTZ~]{0,8}",
        ]
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any_text().prop_map(Value::String),
            any::<i64>().prop_map(Value::from),
            any::<bool>().prop_map(Value::Bool),
            Just(Value::Null),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                proptest::collection::btree_map(any_text(), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn what_is_written_reads_back_the_same(value in any_value()) {
            let value = json!({"k": value});
            let mut out = String::new();
            document(&value, &mut out);
            let read = parse(out.as_bytes(), "r.yaml", &Limits::default()).expect("YAML");
            for dialect in [Dialect::Kubectl, Dialect::Kustomize] {
                let again = to_json(&read.documents[0], "r.yaml", dialect).expect("values");
                prop_assert_eq!(&again, &value, "{}", out);
            }
        }
    }
}
