//! Schemas from an OpenAPI document that a kustomization brings along.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::ListMerge;
use crate::object::Gvk;

/// How many references may lead from one to the next.
const MAX_REFERENCES: usize = 20;

/// A full OpenAPI document.
#[derive(Debug, Clone, Default)]
pub struct OpenApiDocument {
    definitions: Map<String, Value>,
    by_gvk: HashMap<Gvk, String>,
}

impl OpenApiDocument {
    pub fn new(document: &Value) -> Self {
        let definitions = document
            .get("definitions")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let mut by_gvk = HashMap::new();
        for (name, definition) in &definitions {
            let types = definition
                .get("x-kubernetes-group-version-kind")
                .and_then(Value::as_array);
            for gvk in types.into_iter().flatten() {
                let text = |key: &str| {
                    gvk.get(key)
                        .and_then(Value::as_str)
                        .unwrap_or_default()
                        .to_owned()
                };
                let gvk = Gvk {
                    group: text("group"),
                    version: text("version"),
                    kind: text("kind"),
                };
                by_gvk.insert(gvk, name.clone());
            }
        }
        Self {
            definitions,
            by_gvk,
        }
    }

    /// The schema of a type.
    pub fn of(&self, gvk: &Gvk) -> Option<Place<'_>> {
        let schema = self.definitions.get(self.by_gvk.get(gvk)?)?;
        Some(Place {
            schema,
            document: self,
        })
    }

    fn resolve<'a>(&'a self, mut schema: &'a Value) -> Option<&'a Value> {
        for _ in 0..MAX_REFERENCES {
            let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
                return Some(schema);
            };
            let name = reference.rsplit('/').next()?;
            schema = self.definitions.get(name)?;
        }
        None
    }
}

/// A place in a document's schema.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    schema: &'a Value,
    document: &'a OpenApiDocument,
}

impl<'a> Place<'a> {
    fn at(self, schema: &'a Value) -> Self {
        Self { schema, ..self }
    }

    pub fn field(self, name: &str) -> Option<Self> {
        let schema = self.document.resolve(self.schema)?;
        if let Some(field) = schema.get("properties").and_then(|all| all.get(name)) {
            return Some(self.at(field));
        }
        schema
            .get("additionalProperties")
            .filter(|schema| schema.is_object())
            .map(|schema| self.at(schema))
    }

    pub fn items(self) -> Option<Self> {
        let schema = self.document.resolve(self.schema)?;
        schema.get("items").map(|items| self.at(items))
    }

    pub fn list(self) -> ListMerge<'a> {
        let Some(schema) = self.document.resolve(self.schema) else {
            return ListMerge::Replace;
        };
        let text = |key: &str| {
            self.schema
                .get(key)
                .or_else(|| schema.get(key))
                .and_then(Value::as_str)
        };
        let merges = text("x-kubernetes-patch-strategy")
            .is_some_and(|strategy| strategy.split(',').any(|word| word == "merge"));
        let keys: Vec<&str> = self
            .schema
            .get("x-kubernetes-list-map-keys")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if !merges {
            return ListMerge::Replace;
        }
        if !keys.is_empty() {
            return ListMerge::Keys(keys);
        }
        match text("x-kubernetes-patch-merge-key") {
            Some(key) => ListMerge::Keys(vec![key]),
            None => ListMerge::Set,
        }
    }
}
