//! Files of OpenAPI definitions, for `crds` and `openapi`: how they are read, and whether they are what they should be.
//!
//! The real program reads them into Go's types, and refuses a file with one wrong part; so does this.

use serde_json::{Map, Value};

use crate::error::{Error, Result as Outcome};
use crate::object::yaml::{Dialect, Limits, Node, parse, to_json};

/// A file's content with the places of its parts; nothing where there is no document.
pub fn read(content: &[u8], file: &str) -> Outcome<Option<(Node, Value)>> {
    if content.starts_with(b"{") {
        let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(content);
        is_json.map_err(|error| not_json(&error, file))?;
    }
    let mut parsed = parse(content, file, &Limits::default())?;
    if parsed.documents.is_empty() {
        return Ok(None);
    }
    let node = parsed.documents.swap_remove(0);
    let value = to_json(&node, file, Dialect::Kubectl)?;
    Ok(Some((node, value)))
}

fn not_json(error: &serde_json::Error, file: &str) -> Error {
    let place = |n: usize| u32::try_from(n).unwrap_or_default();
    Error::render(format!(
        "a file that starts with `{{` must be JSON: {error}"
    ))
    .at(file, place(error.line()), place(error.column()))
}

/// A part that is not what it should be.
pub struct Wrong {
    /// JSON pointer below the definition.
    pub pointer: String,
    pub message: String,
}

impl Wrong {
    /// As an error at its place in a file.
    pub fn at(&self, what: &str, node: &Node, file: &str) -> Error {
        located(
            format!("{what}: {}", self.message),
            &self.pointer,
            node,
            file,
        )
    }
}

/// An error at the place that a JSON pointer leads to.
pub fn located(message: String, pointer: &str, node: &Node, file: &str) -> Error {
    let place = node.locate(pointer, file);
    Error::render(message).at(place.file, place.line, place.column)
}

/// A key as a step of a JSON pointer.
pub fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// What a part of a schema must be.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    Texts,
    TextOrTexts,
    Flag,
    Number,
    Integer,
    List,
    Map,
    Schema,
    Schemas,
    SchemaOrSchemas,
    SchemaOrFlag,
    SchemaByName,
}

/// The parts of a schema whose shape is checked; others may be anything.
const PARTS: &[(&str, Shape)] = &[
    ("id", Shape::Text),
    ("description", Shape::Text),
    ("type", Shape::TextOrTexts),
    ("nullable", Shape::Flag),
    ("format", Shape::Text),
    ("title", Shape::Text),
    ("maximum", Shape::Number),
    ("exclusiveMaximum", Shape::Flag),
    ("minimum", Shape::Number),
    ("exclusiveMinimum", Shape::Flag),
    ("maxLength", Shape::Integer),
    ("minLength", Shape::Integer),
    ("pattern", Shape::Text),
    ("maxItems", Shape::Integer),
    ("minItems", Shape::Integer),
    ("uniqueItems", Shape::Flag),
    ("multipleOf", Shape::Number),
    ("enum", Shape::List),
    ("maxProperties", Shape::Integer),
    ("minProperties", Shape::Integer),
    ("required", Shape::Texts),
    ("items", Shape::SchemaOrSchemas),
    ("allOf", Shape::Schemas),
    ("oneOf", Shape::Schemas),
    ("anyOf", Shape::Schemas),
    ("not", Shape::Schema),
    ("properties", Shape::SchemaByName),
    ("additionalProperties", Shape::SchemaOrFlag),
    ("patternProperties", Shape::SchemaByName),
    ("additionalItems", Shape::SchemaOrFlag),
    ("definitions", Shape::SchemaByName),
    ("discriminator", Shape::Text),
    ("readOnly", Shape::Flag),
    ("externalDocs", Shape::Map),
];

/// The schema of a definition, checked; nothing where there is none. Go finds `schema` and `SCHEMA` too.
pub fn schema_of(definition: &Value) -> Result<Option<&Map<String, Value>>, Wrong> {
    let fields = match definition {
        Value::Null => return Ok(None),
        Value::Object(fields) => fields,
        _ => return Err(wrong("", "a map with `Schema`")),
    };
    let mut found = None;
    for (key, value) in fields {
        let pointer = format!("/{}", escaped(key));
        if key.eq_ignore_ascii_case("schema") {
            check(value, Shape::Schema, &pointer)?;
            found = value.as_object().or(found);
        } else if key.eq_ignore_ascii_case("dependencies") {
            check(value, Shape::Texts, &pointer)?;
        }
    }
    Ok(found)
}

/// Checks a whole OpenAPI document.
pub fn document(document: &Value) -> Result<(), Wrong> {
    for (key, shape) in [
        ("", Shape::Map),
        ("/swagger", Shape::Text),
        ("/info", Shape::Map),
        ("/definitions", Shape::SchemaByName),
        ("/paths", Shape::Map),
    ] {
        if let Some(part) = document.pointer(key) {
            check(part, shape, key)?;
        }
    }
    Ok(())
}

/// `expected` is missing where the pointer leads.
pub fn wrong(pointer: &str, expected: &str) -> Wrong {
    let at = pointer.trim_start_matches('/');
    Wrong {
        pointer: pointer.to_owned(),
        message: if at.is_empty() {
            format!("{expected} was expected")
        } else {
            format!("`{}` must be {expected}", at.replace('/', "."))
        },
    }
}

fn check(value: &Value, shape: Shape, pointer: &str) -> Result<(), Wrong> {
    let (is_it, expected) = match shape {
        // Null is nothing, wherever it stands.
        _ if value.is_null() => return Ok(()),
        Shape::Text => (value.is_string(), "a text"),
        Shape::Flag => (value.is_boolean(), "true or false"),
        Shape::Number => (value.is_number(), "a number"),
        Shape::Integer => (value.is_i64(), "a whole number"),
        Shape::List => (value.is_array(), "a list"),
        Shape::Map => (value.is_object(), "a map"),
        Shape::TextOrTexts if value.is_string() => return Ok(()),
        Shape::SchemaOrFlag if value.is_boolean() => return Ok(()),
        Shape::Texts | Shape::TextOrTexts => return each(value, Shape::Text, pointer),
        Shape::SchemaOrSchemas if value.is_array() => return each(value, Shape::Schema, pointer),
        Shape::Schemas => return each(value, Shape::Schema, pointer),
        Shape::SchemaByName => return by_name(value, pointer),
        Shape::Schema | Shape::SchemaOrSchemas | Shape::SchemaOrFlag => {
            return schema(value, pointer);
        }
    };
    if is_it {
        Ok(())
    } else {
        Err(wrong(pointer, expected))
    }
}

fn each(value: &Value, shape: Shape, pointer: &str) -> Result<(), Wrong> {
    let items = value.as_array().ok_or_else(|| wrong(pointer, "a list"))?;
    items
        .iter()
        .enumerate()
        .try_for_each(|(n, item)| check(item, shape, &format!("{pointer}/{n}")))
}

fn by_name(value: &Value, pointer: &str) -> Result<(), Wrong> {
    let fields = value.as_object().ok_or_else(|| wrong(pointer, "a map"))?;
    fields.iter().try_for_each(|(name, value)| {
        check(
            value,
            Shape::Schema,
            &format!("{pointer}/{}", escaped(name)),
        )
    })
}

fn schema(value: &Value, pointer: &str) -> Result<(), Wrong> {
    let parts = value.as_object().ok_or_else(|| wrong(pointer, "a map"))?;
    PARTS
        .iter()
        .try_for_each(|(key, shape)| match parts.get(*key) {
            Some(part) => check(part, *shape, &format!("{pointer}/{key}")),
            None => Ok(()),
        })
}
