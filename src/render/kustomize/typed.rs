//! Nodes to JSON and back: the point where kustomize gives plain scalars their types.

use serde_json::{Map, Number, Value};

use super::emit;
use super::node::{self, NodeExt};
use super::structured;
use crate::error::{Error, Result};
use crate::object::yaml::{Dialect, Node, NodeKind, Scalar, Style, plain_tag, resolve};

/// Turns an object's content into JSON as kustomize does on output. A repeated key is an error, and so is a key that is
/// not text below the top level.
pub fn to_value(node: &Node) -> Result<Value> {
    value(node, true)
}

fn value(node: &Node, is_top: bool) -> Result<Value> {
    match &node.kind {
        NodeKind::Scalar(scalar) => scalar_value(scalar, node),
        NodeKind::Sequence(items) => items.iter().map(|item| value(item, false)).collect(),
        NodeKind::Mapping(entries) => {
            let mut map = Map::new();
            for (key, child) in entries {
                let key_text = key_text(key, is_top)?;
                if map.contains_key(key_text) {
                    return Err(repeated(entries, key_text, key));
                }
                map.insert(key_text.to_owned(), value(child, false)?);
            }
            if node.tag.as_deref() == Some("tag:yaml.org,2002:set") {
                // The members of a set have no values; the real program writes them as empty text.
                map.values_mut()
                    .filter(|value| value.is_null())
                    .for_each(|value| *value = "".into());
            }
            Ok(Value::Object(map))
        }
    }
}

fn scalar_value(scalar: &Scalar, node: &Node) -> Result<Value> {
    if scalar.style == Style::Folded {
        let text = structured::written_and_read(&scalar.text)?;
        let (style, tag) = (scalar.style, node.tag.as_deref());
        let read = resolve(&Scalar { text, style }, tag, Dialect::Kustomize);
        return read.map_err(|message| in_line(node, &message));
    }
    if scalar.style == Style::Literal && scalar.text.starts_with('\t') {
        // Written without its indent, the tab would stand where the reader looks for one.
        structured::written_and_read(&scalar.text)?;
    }
    if scalar.style != Style::Plain && node.tag.is_none() {
        return Ok(Value::String(scalar.text.clone()));
    }
    resolve(scalar, node.tag.as_deref(), Dialect::Kustomize)
        .map_err(|message| in_line(node, &message))
}

/// Names the line of a node that was read; one that was made has none.
fn in_line(node: &Node, message: &str) -> Error {
    match node.line {
        0 => Error::render(message),
        line => Error::render(format!("line {line}: {message}")),
    }
}

fn key_text(key: &Node, is_top: bool) -> Result<&str> {
    let NodeKind::Scalar(scalar) = &key.kind else {
        return Err(in_line(key, "a map key is a list or a map"));
    };
    let is_plain = scalar.style == Style::Plain || key.tag.is_some();
    if is_plain && !is_top && !is_word(&scalar.text) {
        let resolved = resolve(scalar, key.tag.as_deref(), Dialect::Kustomize);
        // A date is a time to the real program, which is no text either.
        if !matches!(&resolved, Ok(Value::String(text)) if *text == scalar.text) {
            let text = &scalar.text;
            let hint = match key.line {
                0 => "quotes do not help here: they are lost when labels, annotations or generated data are written, as in kustomize; use another key".to_owned(),
                _ => format!("write it as `\"{text}\"`"),
            };
            return Err(in_line(key, &format!("map key `{text}` is not text")).hint(hint));
        }
    }
    Ok(&scalar.text)
}

/// A plain text that cannot be anything but a string, by its first letter.
fn is_word(text: &str) -> bool {
    text.as_bytes().first().is_some_and(|b| {
        b.is_ascii_alphabetic() && !matches!(b, b't' | b'T' | b'f' | b'F' | b'n' | b'N')
    })
}

fn repeated(entries: &[(Node, Node)], key_text: &str, again: &Node) -> Error {
    let first = entries
        .iter()
        .find(|(key, _)| key.text() == Some(key_text))
        .map_or(0, |(key, _)| key.line);
    in_line(
        again,
        &format!("map key `{key_text}` is already defined at line {first}"),
    )
}

/// JSON as nodes of the types it has, in the styles they would be printed in, all said to stand in `line`. A key `<<` is the
/// merge key again: the real program prints it without quotes and reads it back.
pub fn from_value(value: &Value, line: u32) -> Node {
    let mut node = match value {
        Value::Null => Node::plain("null"),
        Value::Bool(flag) => Node::plain(flag.to_string()),
        Value::Number(number) => Node::plain(emit::number_text(number)),
        Value::String(text) if emit::is_plain(text) => Node::plain(text.clone()),
        Value::String(text) => node::string(text.clone()),
        Value::Array(items) => Node::new(NodeKind::Sequence(
            items.iter().map(|item| from_value(item, line)).collect(),
        )),
        Value::Object(map) => Node::new(NodeKind::Mapping(
            map.iter()
                .map(|(key, value)| {
                    let key = match key.as_str() {
                        "<<" => Node::plain("<<"),
                        key => node::string(key),
                    };
                    (key, from_value(value, line))
                })
                .collect(),
        )),
    };
    node.line = line;
    node
}

/// Integers that a 64-bit float cannot hold are rounded to one, as JSON patching does to every number of an object.
pub fn round_numbers(value: &mut Value) {
    /// The first integer whose successor is not a float.
    const EXACT: u64 = 1 << 53;
    match value {
        Value::Number(number) => {
            let is_large = number.as_i64().map(i64::unsigned_abs).or(number.as_u64());
            if is_large.is_some_and(|n| n > EXACT)
                && let Some(float) = number.as_f64()
            {
                *number = rounded(float).unwrap_or_else(|| number.clone());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(round_numbers),
        Value::Object(map) => map.values_mut().for_each(round_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// A whole float as an integer, where it fits a signed one.
fn rounded(float: f64) -> Option<Number> {
    // The shortest digits that are this float, filled up with zeros.
    let digits = float.to_string();
    match digits.parse::<i64>() {
        Ok(integer) => Some(integer.into()),
        Err(_) => Number::from_f64(float),
    }
}

/// `metadata.annotations` as the output holds it: every value as text, none where there is none left.
pub fn annotations_as_text(object: &mut Node) {
    let Some(metadata) = object.entry_or("metadata", node::empty_map) else {
        return;
    };
    let Some(annotations) = metadata.get_mut("annotations") else {
        return;
    };
    if annotations.is_empty_value() || annotations.is_scalar() {
        metadata.remove("annotations");
        return;
    }
    texts(annotations, false);
}

/// Makes every value of a map text, as the real program does whenever it takes a map of texts out of an object and puts it
/// back. Lists and maps become the empty text, nulls too if that is wanted, else their spelling.
pub fn texts(map: &mut Node, null_is_empty: bool) {
    for (key, value) in map.entries_mut().into_iter().flatten() {
        let text = match value.text() {
            Some(_) if null_is_empty && value.is_null() => String::new(),
            text => text.unwrap_or_default().to_owned(),
        };
        *value = node::string(text);
        // The quotes of the keys are lost: `"1"` is a number then, and refused on output.
        if let NodeKind::Scalar(scalar) = &mut key.kind {
            if scalar.style != Style::Plain {
                (key.line, key.column) = (0, 0);
            }
            scalar.style = Style::Plain;
            key.tag = None;
        }
    }
}

/// The tag that holds a scalar to the type it has now; none for text between quotes.
pub fn tag_of(node: &Node) -> Option<String> {
    let NodeKind::Scalar(scalar) = &node.kind else {
        return None;
    };
    if node.tag.is_some() {
        return node.tag.clone();
    }
    // A node that was made has no type until it is printed.
    if scalar.style != Style::Plain || node.line == 0 {
        return None;
    }
    let name = plain_tag(&scalar.text).trim_start_matches('!');
    Some(node::tag(name))
}

/// Replaces a scalar's text while its type stays: text put into a number fails when it is none.
pub fn write_text(field: &mut Node, text: String) {
    let tag = tag_of(field);
    field.set_text(text);
    field.tag = tag;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::yaml::{Limits, parse};

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let read = parse(text.as_bytes(), "r.yaml", &Limits::default()).expect("parses");
        let value = to_value(&read.documents[0]).ok();
        let text = value.as_ref().and_then(|value| value["k"].as_str());
        assert_eq!(text, expected);
    }

    #[test]
    fn a_folded_text_is_written_and_read_once() {
        check("k: >\n  a\n    b\n  c\n", Some("a\n\n  b\nc\n"));
        check("k: >-\n  a\n  - b\n\n  c\n", Some("a - b\nc"));
        check("k: >+\n  a\n\n", Some("a\n\n\n"));
        check("k: >\n  a\n  \tb\n  c\n", Some("a\n\n\tb\nc\n"));
        // A text that begins with an indented line, or has a blank before a break, comes back as it was.
        check("k: >2\n    a\n  b\n   c\n", Some("  a\nb\n c\n"));
        check("k: >\n  a\n    b \n  c\n", Some("a\n  b \nc\n"));
        check("k: >2-\n  \tt\n  n\n", None);
        check("k: |\n  a\n    b\n", Some("a\n  b\n"));
    }

    #[test]
    fn a_block_that_begins_with_a_tab_cannot_be_read_back() {
        check("k: |2\n  \ta\n  b\n", None);
        check("k: |2\n  \ta \n  b\n", Some("\ta \nb\n"));
        check("k: \"\\ta\\nb\"\n", Some("\ta\nb"));
    }
}
