//! `crds`: name references and other field specs from OpenAPI definitions of custom types.

use std::collections::BTreeMap;

use serde_json::Value;

use super::config::{NameReference, Tables};
use super::fieldspec::{FieldSpec, Specs};
use super::load::Loader;
use crate::error::{Error, Result};
use crate::object::Gvk;
use crate::object::yaml::{Dialect, Limits, parse, to_json};

/// How deep definitions may nest.
const MAX_DEPTH: usize = 30;

/// Reads one file of definitions.
pub fn read(loader: &Loader<'_>, root: &str, path: &str) -> Result<Tables> {
    let (at, content) = loader.read(root, path)?;
    let parsed = parse(&content, &at, &Limits::default())?;
    let Some(document) = parsed.documents.first() else {
        return Ok(Tables::default());
    };
    let value = to_json(document, &at, Dialect::Kubectl)?;
    let Some(types) = value.as_object() else {
        return Err(Error::render("a map of type definitions was expected").at(
            at,
            document.line,
            0,
        ));
    };
    let types: BTreeMap<&str, &Value> = types
        .iter()
        .map(|(name, value)| (name.as_str(), value))
        .collect();
    let mut tables = Tables::default();
    for (name, definition) in &types {
        let properties = properties(definition);
        let is_object = ["apiVersion", "kind", "metadata"]
            .iter()
            .all(|field| properties.is_some_and(|all| all.get(*field).is_some()));
        if is_object {
            let gvk = Gvk {
                kind: name.rsplit('.').next().unwrap_or_default().to_owned(),
                ..Gvk::default()
            };
            scan(name, "", &gvk, &types, &mut tables, 0);
        }
    }
    Ok(tables)
}

fn properties(definition: &Value) -> Option<&Value> {
    let schema = definition.get("Schema").unwrap_or(definition);
    schema.get("properties")
}

fn scan(
    name: &str,
    prefix: &str,
    gvk: &Gvk,
    types: &BTreeMap<&str, &Value>,
    tables: &mut Tables,
    depth: usize,
) {
    let fields = types
        .get(name)
        .and_then(|definition| properties(definition))
        .and_then(Value::as_object);
    if depth > MAX_DEPTH {
        return;
    }
    for (field, schema) in fields.into_iter().flatten() {
        let path = if prefix.is_empty() {
            field.clone()
        } else {
            format!("{prefix}/{field}")
        };
        let has = |key: &str| schema.get(key).is_some();
        let spec = |path: &str| FieldSpec::new(gvk.clone(), path, false);
        if has("x-kubernetes-annotation") {
            tables.common_annotations.0.push(spec(&path));
        }
        if has("x-kubernetes-label-selector") {
            tables.common_labels.0.push(spec(&path));
        }
        if has("x-kubernetes-identity") {
            tables.name_prefix.0.push(spec(&path));
        }
        let text = |key: &str| schema.get(key).and_then(Value::as_str);
        let reference = (
            text("x-kubernetes-object-ref-api-version"),
            text("x-kubernetes-object-ref-kind"),
        );
        if let (Some(api_version), Some(kind)) = reference {
            let key = text("x-kubernetes-object-ref-name-key").unwrap_or("name");
            let target = Gvk::new(api_version, kind);
            tables.name_references.push(NameReference {
                gvk: target,
                referrers: Specs(vec![spec(&format!("{path}/{key}"))]),
            });
        }
        if let Some(inner) = text("$ref").filter(|inner| *inner != name) {
            let inner = inner.rsplit('/').next().unwrap_or_default();
            scan(inner, &path, gvk, types, tables, depth + 1);
        }
    }
}
