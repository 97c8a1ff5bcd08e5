//! `crds`: name references and other field specs from OpenAPI definitions of custom types.
//!
//! A file maps the names of types to `{Schema, Dependencies}`, as Go's OpenAPI generator writes it. A type with `apiVersion`, `kind` and
//! `metadata` is an object; from there the real program follows each `$ref`, which must be a type's name to the letter.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::config::{NameReference, Tables};
use super::definition;
use super::fieldspec::{FieldSpec, Specs};
use super::load::Loader;
use crate::error::{Error, Result};
use crate::object::Gvk;
use crate::object::yaml::Node;

/// How many fields the types of a file may have, each counted wherever it is used.
const MAX_FIELDS: usize = 100_000;

/// Reads one file of definitions.
pub fn read(loader: &Loader<'_>, root: &str, path: &str) -> Result<Tables> {
    let (at, content) = loader.read(root, path)?;
    let Some((document, value)) = definition::read(&content, &at)? else {
        return Ok(Tables::default());
    };
    let mut types = Types {
        file: &at,
        document: &document,
        properties: BTreeMap::new(),
        tables: Tables::default(),
        fields_left: MAX_FIELDS,
    };
    types.learn(&value)?;
    types.scan_objects()
}

struct Types<'a> {
    file: &'a str,
    document: &'a Node,
    /// The fields of each type by its name.
    properties: BTreeMap<&'a str, &'a Map<String, Value>>,
    tables: Tables,
    fields_left: usize,
}

impl<'a> Types<'a> {
    fn error(&self, pointer: &str, message: String) -> Error {
        definition::located(message, pointer, self.document, self.file)
    }

    fn learn(&mut self, value: &'a Value) -> Result<()> {
        let types = match value {
            Value::Null => return Ok(()),
            Value::Object(types) => types,
            _ => {
                let message = "a map of type definitions was expected".to_owned();
                return Err(self.error("", message));
            }
        };
        for (name, definition) in types {
            let pointer = format!("/{}", definition::escaped(name));
            let wrong = |mut wrong: definition::Wrong| {
                wrong.pointer.insert_str(0, &pointer);
                let what = format!("`{name}` is no type definition");
                let error = wrong.at(&what, self.document, self.file);
                if types.contains_key("kind") {
                    error.hint("a CustomResourceDefinition belongs in `resources`; `crds` takes its OpenAPI definitions")
                } else {
                    error
                }
            };
            let schema = definition::schema_of(definition).map_err(wrong)?;
            if let Some(properties) =
                schema.and_then(|schema| schema.get("properties")?.as_object())
            {
                self.properties.insert(name, properties);
            }
        }
        Ok(())
    }

    fn scan_objects(mut self) -> Result<Tables> {
        let objects: Vec<&str> = self
            .properties
            .iter()
            .filter(|(_, fields)| {
                let has = |field: &&str| fields.contains_key(*field);
                ["apiVersion", "kind", "metadata"].iter().all(has)
            })
            .map(|(name, _)| *name)
            .collect();
        for name in objects {
            let gvk = Gvk {
                kind: name.rsplit('.').next().unwrap_or_default().to_owned(),
                ..Gvk::default()
            };
            self.scan(name, &mut Vec::new(), "", &gvk)?;
        }
        Ok(self.tables)
    }

    /// Takes what the fields of a type say; `outer` are the types it stands in.
    fn scan(
        &mut self,
        name: &'a str,
        outer: &mut Vec<&'a str>,
        prefix: &str,
        gvk: &Gvk,
    ) -> Result<()> {
        let Some(fields) = self.properties.get(name).copied() else {
            return Ok(());
        };
        if outer.contains(&name) {
            let message = format!("the type `{name}` holds itself: following it would never end");
            return Err(self.error(&format!("/{}", definition::escaped(name)), message));
        }
        outer.push(name);
        for (field, schema) in fields {
            self.fields_left = self.fields_left.checked_sub(1).ok_or_else(|| {
                let message = format!(
                    "the types have more than {MAX_FIELDS} fields, each counted wherever it is used"
                );
                self.error("", message)
            })?;
            let path = if prefix.is_empty() {
                field.clone()
            } else {
                format!("{prefix}/{field}")
            };
            self.field(schema, &path, gvk);
            if let Some(inner) = schema.get("$ref").and_then(Value::as_str) {
                self.scan(inner, outer, &path, gvk)?;
            }
        }
        outer.pop();
        Ok(())
    }

    fn field(&mut self, schema: &Value, path: &str, gvk: &Gvk) {
        // Only a text counts, whatever it says.
        let text = |key: &str| schema.get(key).and_then(Value::as_str);
        let spec = |path: &str| FieldSpec::new(gvk.clone(), path, false);
        let tables = &mut self.tables;
        for (key, specs) in [
            ("x-kubernetes-annotation", &mut tables.common_annotations),
            ("x-kubernetes-label-selector", &mut tables.common_labels),
            ("x-kubernetes-identity", &mut tables.name_prefix),
        ] {
            if text(key).is_some() {
                specs.0.push(spec(path));
            }
        }
        let version = text("x-kubernetes-object-ref-api-version");
        if let (Some(version), Some(kind)) = (version, text("x-kubernetes-object-ref-kind")) {
            let key = text("x-kubernetes-object-ref-name-key").unwrap_or("name");
            tables.name_references.push(NameReference {
                // A version alone, never a group: `apps/v1` is the version of nothing.
                gvk: Gvk {
                    version: version.to_owned(),
                    kind: kind.to_owned(),
                    ..Gvk::default()
                },
                referrers: Specs(vec![spec(&format!("{path}/{key}"))]),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::build_tests::built;
    use crate::error::Result;

    /// `spec` of an object of kind `My` under a prefix and a label, where these definitions are `crds`.
    fn spec_with(crds: &str) -> Result<String> {
        let text = built(&format!(
            "=== app/kustomization.yaml\nresources: [r.yaml]\ncrds: [crd]\nnamePrefix: p-\ncommonLabels: {{l: v}}\n\
             === app/crd\n{crds}\n\
             === app/r.yaml\napiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\n---\n\
             apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: r}}\n---\n\
             apiVersion: x.io/v1\nkind: My\nmetadata: {{name: m}}\nspec: {{id: i, pick: {{k: v}}, role: {{name: r}}, secret: {{name: s}}}}\n"
        ))?;
        let (_, spec) = text.rsplit_once("\nspec:").unwrap_or_default();
        Ok(spec.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The same with these fields in the type behind `spec`, by this reference to it.
    fn spec_of(reference: &str, fields: &str) -> String {
        spec_with(&format!(
            r##"{{"a/b.My": {{"Schema": {{"properties": {{"apiVersion": {{}}, "kind": {{}}, "metadata": {{}}, "spec": {{"$ref": "{reference}"}}}}}}}},
                "a/b.Spec": {{"schema": {{"properties": {{{fields}}}}}}}}}"##
        ))
        .expect("builds")
    }

    fn refers(field: &str, version: &str, kind: &str) -> String {
        format!(
            r#""{field}": {{"x-kubernetes-object-ref-api-version": "{version}", "x-kubernetes-object-ref-kind": "{kind}"}}"#
        )
    }

    const UNTOUCHED: &str = "id: i pick: k: v role: name: r secret: name: s";

    #[test]
    fn a_reference_names_its_type_to_the_letter() {
        let secret = refers("secret", "v1", "Secret");
        let followed = UNTOUCHED.replace("name: s", "name: p-s");
        assert_eq!(spec_of("a/b.Spec", &secret), followed);
        for other in ["b.Spec", "#/definitions/a/b.Spec", ""] {
            assert_eq!(spec_of(other, &secret), UNTOUCHED, "{other}");
        }
    }

    #[test]
    fn the_version_of_a_reference_is_a_version_and_no_group() {
        let group = "rbac.authorization.k8s.io/v1";
        assert_eq!(
            spec_of("a/b.Spec", &refers("role", group, "Role")),
            UNTOUCHED
        );
        let followed = UNTOUCHED.replace("name: r", "name: p-r");
        for version in ["v1", ""] {
            assert_eq!(
                spec_of("a/b.Spec", &refers("role", version, "Role")),
                followed,
                "{version}"
            );
        }
    }

    #[test]
    fn a_mark_is_a_text_whatever_it_says() {
        let marked = |mark: &str| {
            spec_of(
                "a/b.Spec",
                &format!(
                    r#""id": {{"x-kubernetes-identity": {mark}}}, "pick": {{"x-kubernetes-label-selector": {mark}}}"#
                ),
            )
        };
        let all = UNTOUCHED
            .replace("id: i", "id: p-i")
            .replace("k: v", "k: v l: v");
        assert_eq!(marked(r#""""#), all);
        assert_eq!(marked(r#""no""#), all);
        assert_eq!(marked("true"), UNTOUCHED);
    }

    #[test]
    fn what_is_no_definition_is_told_with_its_place() {
        let check = |crds: &str, place: &str, words: &str| {
            let error = spec_with(crds).expect_err(crds).to_string();
            assert!(error.contains(place) && error.contains(words), "{error}");
        };
        check("[]", "app/crd:1", "a map of type definitions");
        check("{a: b}", "app/crd:1:2", "must be JSON");
        check("{}\n---\n{}", "app/crd:2:1", "must be JSON");
        check("a: b", "app/crd:1:4", "`a` is no type definition");
        check(
            "kind: CustomResourceDefinition",
            "app/crd:1:7",
            "`kind` is no type definition",
        );
        check(
            "a/b:\n  Schema:\n    type: 1",
            "app/crd:3:11",
            "`Schema.type`",
        );
        check(
            "a:\n  Schema:\n    properties:\n      b: {minimum: x}",
            "app/crd:4:20",
            "`Schema.properties.b.minimum` must be a number",
        );
        check("a:\n  Dependencies: x", "app/crd:2:17", "`Dependencies`");
    }

    #[test]
    fn types_that_hold_themselves_or_too_much_come_to_an_end() {
        let object =
            "a: {Schema: {properties: {apiVersion: {}, kind: {}, metadata: {}, x: {$ref: t0}}}}\n";
        let error = spec_with(&format!(
            "{object}t0: {{Schema: {{properties: {{y: {{$ref: a}}}}}}}}"
        ));
        let error = error.expect_err("a circle").to_string();
        assert!(
            error.contains("app/crd:1:4") && error.contains("`a` holds itself"),
            "{error}"
        );
        let doubled: String = (0..40)
            .map(|n| {
                format!(
                    "t{n}: {{Schema: {{properties: {{y: {{$ref: t{m}}}, z: {{$ref: t{m}}}}}}}}}\n",
                    m = n + 1
                )
            })
            .collect();
        let error = spec_with(&(object.to_owned() + &doubled))
            .expect_err("2^40 fields")
            .to_string();
        assert!(error.contains("more than 100000 fields"), "{error}");
    }
}
