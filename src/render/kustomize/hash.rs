//! The hash in the names of generated objects.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::node::{self, NodeExt};
use super::resource::Resource;
use super::set::ResourceSet;
use super::typed;
use crate::error::{Error, Result};
use crate::object::hex::hex;
use crate::object::yaml::Node;

/// Adds the hash to every name that wants one.
pub fn apply(set: &mut ResourceSet) -> Result<()> {
    if !set.items().iter().any(|resource| resource.needs_hash) {
        return Ok(());
    }
    for resource in set.items_mut() {
        if resource.needs_hash {
            rename(resource)?;
        }
    }
    Ok(())
}

fn rename(resource: &mut Resource) -> Result<()> {
    let hash = hash(&resource.node).map_err(|error| resource.blame(error))?;
    resource.remember();
    let name = format!("{}-{hash}", resource.name());
    if let Some(metadata) = resource.node.get_mut("metadata") {
        match metadata.get_mut("name") {
            Some(field) => field.set_text(name),
            None => metadata.set("name", node::string(name)),
        }
    }
    resource.refresh();
    Ok(())
}

/// The ten characters that stand for an object's content. Metadata does not count.
pub fn hash(object: &Node) -> Result<String> {
    let content = match object.text_at(&["kind"]) {
        "ConfigMap" => {
            let mut content =
                json!({"kind": "ConfigMap", "name": "", "data": field(object, "data")?});
            if object.get("binaryData").is_some_and(NodeExt::is_map) {
                content["binaryData"] = field(object, "binaryData")?;
            }
            content
        }
        "Secret" => {
            let mut content = json!({
                "kind": "Secret", "name": "",
                "type": field(object, "type")?, "data": field(object, "data")?,
            });
            if object.get("stringData").is_some() {
                content["stringData"] = field(object, "stringData")?;
            }
            content
        }
        kind => {
            let message = format!("a hash in the name of a `{kind}` is not supported");
            return Err(Error::render(message).unsupported().hint(
                "kustomize makes it from the lines and columns of the file (kustomize#6230), so that it changes with every edit: remove the annotation `needsHashSuffix`",
            ));
        }
    };
    let mut json = String::new();
    write_json(&content, &mut json);
    Ok(encode(&json))
}

/// A field's value; the empty text where there is none.
fn field(object: &Node, name: &str) -> Result<Value> {
    match object.get(name) {
        Some(node) => typed::to_value(node),
        None => Ok(Value::from("")),
    }
}

fn encode(json: &str) -> String {
    hex(&Sha256::digest(json.as_bytes())[..5])
        .chars()
        .map(|c| match c {
            '0' => 'g',
            '1' => 'h',
            '3' => 'k',
            'a' => 'm',
            'e' => 't',
            c => c,
        })
        .collect()
}

/// JSON as Go writes it: keys sorted, `<`, `>`, `&` and the line separators escaped.
pub fn write_json(value: &Value, out: &mut String) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            let _ = write!(out, "{value}");
        }
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                write_json(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => write_map(map, out),
    }
}

fn write_map(map: &Map<String, Value>, out: &mut String) {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_by_key(|(key, _)| key.as_str());
    out.push('{');
    for (n, (key, value)) in entries.into_iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        write_text(key, out);
        out.push(':');
        write_json(value, out);
    }
    out.push('}');
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{0}'..='\u{1f}' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::yaml::{Limits, parse};

    fn check(text: &str, expected: &str) {
        let mut parsed = parse(text.as_bytes(), "r.yaml", &Limits::default()).expect("parses");
        assert_eq!(
            hash(&parsed.documents.remove(0)).expect("hashes"),
            expected,
            "{text}"
        );
    }

    #[test]
    fn hashes_are_those_of_kustomize() {
        check("{kind: ConfigMap}", "6ct58987ht");
        check("{kind: ConfigMap, data: {a: b}}", "4h2mbtbbt6");
        check("{kind: ConfigMap, data: {a: b, b: c}}", "d6g9c22788");
        check("{kind: ConfigMap, data: {a: 'é<>&'}}", "h5f2ft7c8d");
        check(
            "{kind: ConfigMap, binaryData: {bin.dat: '//4='}}",
            "8bfh529d7k",
        );
        check("{kind: Secret, type: Opaque, data: {}}", "46f8b28mk5");
        check(
            "{kind: Secret, type: Opaque, data: {a: Yg==}}",
            "k695gkmbtk",
        );
        check("{kind: Secret, type: foo, data: {a: Yg==}}", "6h4tbm8hb7");
    }

    #[test]
    fn metadata_does_not_count() {
        check(
            "{kind: ConfigMap, metadata: {name: x, labels: {a: b}}, data: {a: b}}",
            "4h2mbtbbt6",
        );
    }
}
