//! Reads `spec.source.plugin` of an Application. There is one plugin, `tera`; all others are programs on someone's server.

use serde_json::Value;

use super::application::{Parameter, Plugin};
use super::reader::{Fields, Reader, is_null};
use crate::error::Error;
use crate::object::display::display;
use crate::object::yaml::Node;

/// The one plugin there is.
pub(crate) const PLUGIN: &str = "tera";

/// Reads the plugin; what cannot be honoured is a problem by name.
pub(crate) fn read(reader: &Reader<'_>, mut fields: Fields<'_>) -> Option<Plugin> {
    let node = fields.node;
    if super::reader::is_empty(node) {
        return None;
    }
    match fields.text("name") {
        Some(name) if *name == PLUGIN => {}
        Some(name) => {
            let error = Error::config(format!(
                "`spec.source.plugin` `{}` is not supported",
                display(&name)
            ))
            .hint(format!(
                "the only plugin is `{PLUGIN}`, for templates; commit what others render"
            ));
            reader.push(error, node.get("name").unwrap_or(node));
            return None;
        }
        None => {
            reader.problem(node, "`spec.source.plugin.name` is missing");
            return None;
        }
    }
    let parameters = fields.items("parameters");
    let parameters = parameters
        .iter()
        .filter_map(|(name, node)| parameter(reader, name, node))
        .collect();
    let env = fields.items("env");
    let env = env
        .iter()
        .filter_map(|(name, node)| variable(reader, name, node))
        .collect();
    fields.finish(&[], &["name", "parameters", "env"]);
    Some(Plugin { parameters, env })
}

fn parameter(reader: &Reader<'_>, path: &str, node: &Node) -> Option<Parameter> {
    let mut fields = reader.fields(path, node)?;
    let Some(name) = fields.text("name").filter(|name| is_path(name)) else {
        reader.problem(
            node,
            format!("`{path}.name` must be the name of a value, such as `replicas` or `image.tag`"),
        );
        return None;
    };
    let mut given = Vec::new();
    let is_given = |key: &str| node.get(key).is_some_and(|value| !is_null(value));
    if is_given("string") {
        given.extend(fields.text("string").map(|text| Value::String(text.value)));
    }
    if is_given("array") {
        given.push(
            fields
                .texts("array")
                .into_iter()
                .map(|text| text.value)
                .collect(),
        );
    }
    if is_given("map") {
        let map = fields.text_map("map");
        given.push(
            map.into_iter()
                .map(|(key, value)| (key, Value::String(value)))
                .collect(),
        );
    }
    fields.accept(&["string", "array", "map"]);
    fields.finish(&[], &["name", "string", "array", "map"]);
    if given.len() != 1 {
        reader.problem(
            node,
            format!("`{path}` must have one of `string`, `array` and `map`"),
        );
        return None;
    }
    given.pop().map(|value| Parameter { name, value })
}

/// Names with dots between them.
fn is_path(name: &str) -> bool {
    !name.is_empty() && name.split('.').all(|part| !part.is_empty())
}

fn variable(reader: &Reader<'_>, path: &str, node: &Node) -> Option<(String, String)> {
    let mut fields = reader.fields(path, node)?;
    let (name, value) = (fields.text("name"), fields.text("value"));
    fields.finish(&[], &["name", "value"]);
    match (name, value) {
        (Some(name), Some(value)) => Some((name.value, value.value)),
        _ => {
            reader.problem(node, format!("`{path}` must have `name` and `value`"));
            None
        }
    }
}
