//! Schemas from an OpenAPI document that a kustomization brings along.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::ListMerge;
use crate::object::Gvk;
use crate::render::kustomize::definition::{self, Wrong, escaped, wrong};

/// How many references may lead from one to the next.
const MAX_REFERENCES: usize = 20;

/// Which types a definition or a path is about.
const TYPES: &str = "x-kubernetes-group-version-kind";

/// A full OpenAPI document.
#[derive(Debug, Clone, Default)]
pub struct OpenApiDocument {
    definitions: Map<String, Value>,
    by_gvk: HashMap<Gvk, String>,
    /// Types that only paths without a namespace lead to.
    cluster_scoped: HashSet<Gvk>,
}

impl OpenApiDocument {
    /// Reads a document, and says which part of it is not as it should be.
    pub fn new(document: &Value) -> Result<Self, Wrong> {
        definition::document(document)?;
        let definitions = document
            .get("definitions")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let mut by_gvk = HashMap::new();
        for (name, definition) in &definitions {
            let types = definition.get(TYPES).and_then(Value::as_array);
            for (n, gvk) in types.into_iter().flatten().enumerate() {
                let pointer = || format!("/definitions/{}/{TYPES}/{n}", escaped(name));
                if let Some(gvk) = type_of(gvk, pointer)? {
                    by_gvk.insert(gvk, name.clone());
                }
            }
        }
        Ok(Self {
            definitions,
            by_gvk,
            cluster_scoped: cluster_scoped(document)?,
        })
    }

    /// Whether the document's paths say that objects of a type have no namespace.
    pub fn is_cluster_scoped(&self, gvk: &Gvk) -> bool {
        self.cluster_scoped.contains(gvk)
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

/// The type that an extension names; nothing for what is no map.
fn type_of(value: &Value, pointer: impl Fn() -> String) -> Result<Option<Gvk>, Wrong> {
    let Some(map) = value.as_object() else {
        return Ok(None);
    };
    let text = |key: &str| map.get(key).and_then(Value::as_str).map(str::to_owned);
    let needed = |key: &str| {
        text(key).ok_or_else(|| wrong(&pointer(), &format!("a map with the text `{key}`")))
    };
    Ok(Some(Gvk {
        group: text("group").unwrap_or_default(),
        version: needed("version")?,
        kind: needed("kind")?,
    }))
}

/// One path in a namespace is enough for a type to have one.
fn cluster_scoped(document: &Value) -> Result<HashSet<Gvk>, Wrong> {
    let (mut namespaced, mut all) = (HashSet::new(), HashSet::new());
    let paths = document.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten() {
        let Some(value) = item.pointer(&format!("/get/{TYPES}")) else {
            continue;
        };
        let pointer = || format!("/paths/{}/get/{TYPES}", escaped(path));
        let Some(gvk) = type_of(value, pointer)? else {
            continue;
        };
        if path.contains("namespaces/{namespace}") {
            namespaced.insert(gvk.clone());
        }
        all.insert(gvk);
    }
    Ok(all.difference(&namespaced).cloned().collect())
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

#[cfg(test)]
mod tests {
    use crate::error::Result;
    use crate::render::kustomize::build_tests::built;

    /// A `W` and a `V` in the namespace `here`, built with this schema; what is left of their metadata.
    fn placed(schema: &str, more: &str) -> Result<String> {
        let text = built(&format!(
            "=== app/kustomization.yaml\nresources: [r.yaml]\nnamespace: here\nopenapi: {{path: s.json}}\n{more}\n=== app/s.json\n{schema}\n\
             === app/r.yaml\napiVersion: x.io/v1\nkind: W\nmetadata: {{name: w}}\n---\napiVersion: x.io/v1\nkind: V\nmetadata: {{name: v}}\n"
        ))?;
        let lines = text.lines().filter(|line| line.starts_with("  "));
        Ok(lines.map(str::trim).collect::<Vec<_>>().join(", "))
    }

    fn path(path: &str, kind: &str) -> String {
        format!(
            r#""{path}": {{"get": {{"x-kubernetes-group-version-kind": {{"group": "x.io", "version": "v1", "kind": "{kind}"}}}}}}"#
        )
    }

    #[test]
    fn a_kind_that_only_paths_without_a_namespace_lead_to_has_none() {
        let paths = [
            path("/apis/x.io/v1/ws/{name}", "W"),
            path("/apis/x.io/v1/vs", "V"),
            path("/apis/x.io/v1/namespaces/{namespace}/vs", "V"),
        ]
        .join(", ");
        let schema = format!(r#"{{"paths": {{{paths}}}}}"#);
        assert_eq!(
            placed(&schema, "").expect("builds"),
            "name: v, namespace: here, name: w"
        );
        let patch = "patches: [{patch: '{apiVersion: x.io/v1, kind: W, metadata: {name: w, namespace: other}, spec: {a: b}}'}]";
        let text = placed(&schema, patch).expect("finds it in any namespace");
        assert_eq!(text, "name: v, namespace: here, name: w, a: b");
        let unknown = placed("{}", "").expect("builds");
        assert_eq!(
            unknown,
            "name: v, namespace: here, name: w, namespace: here"
        );
    }

    #[test]
    fn what_is_no_openapi_document_is_told_with_its_place() {
        let check = |schema: &str, place: &str, words: &str| {
            let error = placed(schema, "").expect_err(schema).to_string();
            assert!(error.contains(place) && error.contains(words), "{error}");
        };
        check("[]", "app/s.json:1:1", "a map was expected");
        check("{a: b}", "app/s.json:1:2", "must be JSON");
        check(
            "definitions:\n  a: b",
            "app/s.json:2:6",
            "`definitions.a` must be a map",
        );
        check("paths: 1", "app/s.json:1:8", "`paths` must be a map");
        check(
            r#"{"definitions": {"a": {"x-kubernetes-group-version-kind": [{"version": "v1"}]}}}"#,
            "app/s.json:1:60",
            "the text `kind`",
        );
    }
}
