//! One manifest file to objects, as Argo CD reads a file of a plain directory.
//!
//! A document that is no Kubernetes object is passed over in a file that does not look like a manifest; there it is an
//! error. Stricter than Argo CD in one thing: a file that is no YAML at all is always an error, never silence.

use serde_json::Value;

use crate::error::{Error, Location, Result};
use crate::object::Object;
use crate::object::yaml::{self, Dialect, Limits, Node, NodeKind};

/// Something odd that does not stop a render.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub message: String,
    pub location: Location,
}

/// Objects in the order of their files, and what was odd about them.
#[derive(Debug, Clone, Default)]
pub struct Rendered {
    pub objects: Vec<Object>,
    pub warnings: Vec<Warning>,
    /// What may hold objects and cannot be read. The others are good, but what is missing among them is not proved to be gone.
    pub unreadable: Vec<Error>,
}

/// A file that holds this anywhere is passed over.
const SKIP_MARK: &[u8] = b"+argocd:skip-file-rendering";

/// Whether a file asks not to be rendered.
pub fn is_skipped(text: &[u8]) -> bool {
    contains(text, SKIP_MARK)
}

/// Reads the objects of a YAML file into `rendered`.
pub fn read_yaml(text: &[u8], file: &str, limits: &Limits, rendered: &mut Rendered) -> Result<()> {
    let text = &*yaml::with_final_newline(text);
    let parsed = match yaml::parse(text, file, limits) {
        Ok(parsed) => parsed,
        // JSON in a YAML file may use escapes that YAML lacks.
        Err(_) if is_json_object(text) => return read_json(text, file, limits, rendered),
        Err(error) => return Err(error),
    };
    for warning in parsed.warnings {
        rendered.warnings.push(Warning {
            message: warning.message,
            location: place(file, warning.line, warning.column),
        });
    }
    let is_manifest = || {
        [&b"apiVersion:"[..], b"kind:", b"metadata:"]
            .iter()
            .all(|word| contains(text, word))
    };
    for node in &parsed.documents {
        match not_an_object(node) {
            None => {
                let value = yaml::to_json(node, file, Dialect::Kubectl)?;
                expand(
                    value,
                    Some(node),
                    place(file, node.line, node.column),
                    rendered,
                )?;
            }
            Some(reason) if is_meant_as_one(node) => {
                rendered
                    .unreadable
                    .push(misspelt(reason).at(file, node.line, node.column));
            }
            Some(reason) if is_manifest() => {
                return Err(Error::render(format!("no Kubernetes object: {reason}"))
                    .at(file, node.line, node.column)
                    .hint("give it a `kind`, or move it to a file of its own without manifests"));
            }
            Some(reason) => rendered.warnings.push(Warning {
                message: format!("passed over, no Kubernetes object: {reason}"),
                location: place(file, node.line, node.column),
            }),
        }
    }
    Ok(())
}

fn is_json_object(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(b"{")
        && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
}

/// Reads the one object of a JSON file into `rendered`.
pub fn read_json(text: &[u8], file: &str, limits: &Limits, rendered: &mut Rendered) -> Result<()> {
    if text.len() > limits.file_bytes {
        let (is, most) = (text.len(), limits.file_bytes);
        let message = format!("the file has {is} bytes, more than the {most} allowed");
        return Err(Error::render(message).at(file, 0, 0));
    }
    let mut value: Value = serde_json::from_slice(text).map_err(|error| {
        let at = |number| u32::try_from(number).unwrap_or(u32::MAX);
        let text = error.to_string();
        let what = text.split(" at line ").next().unwrap_or_default();
        let error_at = Error::render(format!("not valid JSON: {what}"));
        error_at.at(file, at(error.line()), at(error.column()))
    })?;
    canonical(&mut value);
    let what = match &value {
        Value::Object(map) if kind(map.get("kind")).is_some() => {
            // JSON is YAML as far as places are concerned; without them the objects still render.
            let parsed = yaml::parse(text, file, limits).unwrap_or_default();
            let node = parsed.documents.first();
            let (line, column) = node.map_or((1, 1), |node| (node.line, node.column));
            return expand(value, node, place(file, line, column), rendered);
        }
        Value::Object(map) if map.contains_key("apiVersion") || map.contains_key("metadata") => {
            rendered
                .unreadable
                .push(misspelt("`kind` is missing").at(file, 1, 1));
            return Ok(());
        }
        Value::Object(_) => "`kind` is missing",
        Value::Array(_) => "it is a list",
        _ => "it is a single value",
    };
    Err(Error::render(format!("no Kubernetes object: {what}")).at(file, 1, 1))
}

/// Adds an object, or the items of a list. Only the outer list is opened.
fn expand(
    value: Value,
    node: Option<&Node>,
    origin: Location,
    rendered: &mut Rendered,
) -> Result<()> {
    let is_list = kind(value.get("kind")).is_some_and(|kind| kind.ends_with("List"));
    let Value::Object(mut map) = value else {
        return Ok(());
    };
    match map.remove("items") {
        Some(Value::Array(items)) if is_list => {
            for (n, item) in items.into_iter().enumerate() {
                let item_node = node.and_then(|node| node.pointer(&format!("/items/{n}")));
                let place = item_node.map_or_else(
                    || origin.clone(),
                    |node| place(&origin.file, node.line, node.column),
                );
                if kind(item.get("kind")).is_none() {
                    let message =
                        format!("item {n} of the list is no Kubernetes object: `kind` is missing");
                    return Err(error(message, &place));
                }
                add(item, item_node, place, rendered)?;
            }
            Ok(())
        }
        // A list without items holds nothing, unless it has a life of its own.
        Some(Value::Null)
            if is_list && !map.contains_key("spec") && !map.contains_key("status") =>
        {
            Ok(())
        }
        Some(items) => {
            map.insert("items".to_owned(), items);
            add(Value::Object(map), node, origin, rendered)
        }
        None => add(Value::Object(map), node, origin, rendered),
    }
}

fn add(value: Value, node: Option<&Node>, origin: Location, rendered: &mut Rendered) -> Result<()> {
    let at = |pointer: &str| match node {
        Some(node) => node.locate(pointer, &origin.file),
        None => origin.clone(),
    };
    match value.get("metadata") {
        None | Some(Value::Null | Value::Object(_)) => {}
        Some(_) => return Err(error("`metadata` is no map", &at("/metadata"))),
    }
    for field in ["labels", "annotations"] {
        let pointer = format!("/metadata/{field}");
        let entries = match value.pointer(&pointer) {
            None | Some(Value::Null) => continue,
            Some(Value::Object(entries)) => entries,
            Some(_) => {
                return Err(error(
                    format!("`metadata.{field}` is no map"),
                    &at(&pointer),
                ));
            }
        };
        if let Some((key, value)) = entries.iter().find(|(_, value)| !value.is_string()) {
            let escaped = key.replace('~', "~0").replace('/', "~1");
            let message = format!(
                "`metadata.{field}['{key}']` is not text but {}",
                type_name(value)
            );
            return Err(
                error(message, &at(&format!("{pointer}/{escaped}"))).hint("put it in quotes")
            );
        }
    }
    rendered.objects.push(Object::with_origin(value, origin));
    Ok(())
}

/// Whether a document without a usable kind was written as an object all the same.
pub(crate) fn is_meant_as_one(node: &Node) -> bool {
    node.get("apiVersion").is_some() || node.get("metadata").is_some()
}

fn misspelt(reason: &str) -> Error {
    Error::render(format!("no Kubernetes object: {reason}"))
        .hint("write its `kind`; remove the document if its object is to go")
}

/// Why a document is no Kubernetes object, if it is none.
fn not_an_object(node: &Node) -> Option<&'static str> {
    match &node.kind {
        NodeKind::Scalar(_) => Some("it is a single value"),
        NodeKind::Sequence(_) => Some("it is a list"),
        NodeKind::Mapping(entries) => {
            // `<<` may bring the kind in.
            let is_merged = entries.iter().any(|(key, _)| key.text() == Some("<<"));
            let kind = node.get("kind").and_then(|kind| match &kind.kind {
                NodeKind::Scalar(scalar) => {
                    yaml::resolve(scalar, kind.tag.as_deref(), Dialect::Kubectl).ok()
                }
                NodeKind::Sequence(_) | NodeKind::Mapping(_) => None,
            });
            match kind {
                Some(Value::String(kind)) if !kind.is_empty() => None,
                None if is_merged => None,
                Some(Value::Null | Value::String(_)) | None => Some("`kind` is missing"),
                Some(_) => Some("`kind` is not text"),
            }
        }
    }
}

/// Numbers as they are after a detour over the cluster: whole ones as integers, those beyond 63 bits rounded as floats.
fn canonical(value: &mut Value) {
    match value {
        Value::Number(number) if !number.is_i64() => {
            let float = number.as_f64().unwrap_or_default();
            if let Ok(rounded) = yaml::float_number(float) {
                *number = rounded;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(canonical),
        Value::Object(map) => map.values_mut().for_each(canonical),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn kind(value: Option<&Value>) -> Option<&str> {
    value?.as_str().filter(|kind| !kind.is_empty())
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

fn error(message: impl Into<String>, at: &Location) -> Error {
    Error::render(message).at(at.file.clone(), at.line, at.column)
}

fn place(file: &str, line: u32, column: u32) -> Location {
    Location {
        file: file.to_owned(),
        line,
        column,
    }
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    let first = word[0];
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == first) {
        rest = &rest[at..];
        if rest.starts_with(word) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}
