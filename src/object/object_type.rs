//! One Kubernetes object as data, with the place it came from.

use serde_json::{Map, Value};

use super::display::display;
use super::{Gvk, Key};
use crate::error::Location;

/// Where a rendered object stands in the repository: the document's first line.
pub type Origin = Location;

/// One Kubernetes object. The content is kept as JSON, whole and lossless.
#[derive(Clone, PartialEq)]
pub struct Object {
    pub value: Value,
    pub origin: Option<Origin>,
}

impl std::fmt::Debug for Object {
    /// Prints the key only: the content may be a Secret's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Object({} {})", self.api_version(), self.key())
    }
}

impl Object {
    pub fn new(value: Value) -> Self {
        Self {
            value,
            origin: None,
        }
    }

    pub fn with_origin(value: Value, origin: Origin) -> Self {
        Self {
            value,
            origin: Some(origin),
        }
    }

    fn text<'a>(&'a self, path: &[&str]) -> &'a str {
        path.iter()
            .try_fold(&self.value, |value, key| value.get(key))
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    pub fn api_version(&self) -> &str {
        self.text(&["apiVersion"])
    }

    pub fn kind(&self) -> &str {
        self.text(&["kind"])
    }

    pub fn name(&self) -> &str {
        self.text(&["metadata", "name"])
    }

    /// Empty when the object has none.
    pub fn namespace(&self) -> &str {
        self.text(&["metadata", "namespace"])
    }

    pub fn uid(&self) -> &str {
        self.text(&["metadata", "uid"])
    }

    pub fn resource_version(&self) -> &str {
        self.text(&["metadata", "resourceVersion"])
    }

    pub fn gvk(&self) -> Gvk {
        Gvk::new(self.api_version(), self.kind())
    }

    pub fn key(&self) -> Key {
        let gvk = self.gvk();
        Key {
            group: gvk.group,
            kind: gvk.kind,
            namespace: self.namespace().to_owned(),
            name: self.name().to_owned(),
        }
    }

    pub fn label(&self, key: &str) -> Option<&str> {
        self.value.pointer("/metadata/labels")?.get(key)?.as_str()
    }

    /// How an object that is being deleted says so, with what holds it; nothing where it is not.
    pub fn deletion(&self) -> Option<String> {
        self.value.pointer("/metadata/deletionTimestamp")?;
        let finalizers = self.value.pointer("/metadata/finalizers");
        let finalizers = finalizers.and_then(Value::as_array).into_iter().flatten();
        let names: Vec<String> = finalizers
            .filter_map(|name| Some(format!("`{}`", display(name.as_str()?))))
            .collect();
        Some(match (names.as_slice(), self.content_left()) {
            ([], None) => "is being deleted".to_owned(),
            ([], Some(why)) => format!("is being deleted: {}", display(why)),
            ([one], _) => format!("is being deleted, held by the finalizer {one}"),
            _ => format!(
                "is being deleted, held by the finalizers {}",
                names.join(", ")
            ),
        })
    }

    /// What a Namespace that is being deleted says of the objects that hold it.
    fn content_left(&self) -> Option<&str> {
        let conditions = self.value.pointer("/status/conditions")?.as_array()?;
        let said = |kind: &str| {
            let mut conditions = conditions.iter();
            let is_it = |it: &&Value| it["type"] == kind && it["status"] == "True";
            conditions.find(is_it)?.get("message")?.as_str()
        };
        said("NamespaceFinalizersRemaining").or_else(|| said("NamespaceContentRemaining"))
    }

    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.value
            .pointer("/metadata/annotations")?
            .get(key)?
            .as_str()
    }

    pub fn set_label(&mut self, key: &str, value: &str) {
        self.metadata_map("labels")
            .insert(key.to_owned(), Value::from(value));
    }

    pub fn set_annotation(&mut self, key: &str, value: &str) {
        self.metadata_map("annotations")
            .insert(key.to_owned(), Value::from(value));
    }

    pub fn set_namespace(&mut self, namespace: &str) {
        let metadata = child_map(&mut self.value, "metadata");
        if namespace.is_empty() {
            metadata.remove("namespace");
        } else {
            metadata.insert("namespace".to_owned(), Value::from(namespace));
        }
    }

    fn metadata_map(&mut self, name: &str) -> &mut Map<String, Value> {
        child_map(&mut self.value, "metadata");
        child_map(&mut self.value["metadata"], name)
    }
}

/// The map under `name`, made if it is absent or something else.
fn child_map<'a>(value: &'a mut Value, name: &str) -> &'a mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    let Value::Object(parent) = value else {
        unreachable!("made an object above")
    };
    let child = parent
        .entry(name)
        .or_insert_with(|| Value::Object(Map::new()));
    if !child.is_object() {
        *child = Value::Object(Map::new());
    }
    match child {
        Value::Object(map) => map,
        _ => unreachable!("made an object above"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(content: Value, expected: Option<&str>) {
        let mut object = content;
        object["kind"] = json!("A");
        assert_eq!(Object::new(object).deletion().as_deref(), expected);
    }

    #[test]
    fn what_is_being_deleted_names_what_holds_it() {
        let metadata = |finalizers: Value| json!({"metadata": {"deletionTimestamp": "t", "finalizers": finalizers}});
        check(json!({"metadata": {"finalizers": ["a/b"]}}), None);
        check(metadata(json!([])), Some("is being deleted"));
        check(
            metadata(json!(["a/b"])),
            Some("is being deleted, held by the finalizer `a/b`"),
        );
        check(
            metadata(json!(["a/b", "c"])),
            Some("is being deleted, held by the finalizers `a/b`, `c`"),
        );
        let mut namespace = metadata(Value::Null);
        namespace["status"] = json!({"conditions": [
            {"type": "NamespaceFinalizersRemaining", "status": "True", "message": "finalizers remaining: x in 1 resource instances"}]});
        check(
            namespace,
            Some("is being deleted: finalizers remaining: x in 1 resource instances"),
        );
    }
}
