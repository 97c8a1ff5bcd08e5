//! Whether a kind that discovery does not list may still have objects in the store.
//!
//! Pure: it judges what the definitions and the APIServices say. Asking for them is `sync::absence`'s.

use serde_json::Value;

use super::applyset::GroupKind;
use crate::object::Object;

/// A CustomResourceDefinition, as far as the question goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    pub name: String,
    pub kind: GroupKind,
    /// The versions it says are served.
    pub served: Vec<String>,
    pub is_deleting: bool,
}

impl Definition {
    pub fn of(object: &Object) -> Self {
        let text = |pointer| text(object, pointer);
        let versions = object.value.pointer("/spec/versions");
        let served = versions
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(|version| version["served"] == true)
            .filter_map(|version| Some(version["name"].as_str()?.to_owned()));
        Self {
            name: object.name().to_owned(),
            kind: GroupKind::new(&text("/spec/group"), &text("/spec/names/kind")),
            served: served.collect(),
            is_deleting: object
                .value
                .pointer("/metadata/deletionTimestamp")
                .is_some_and(Value::is_string),
        }
    }
}

/// An APIService that does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable {
    pub name: String,
    pub group: String,
    pub why: String,
}

impl Unavailable {
    /// The APIService, unless its condition says that it is available.
    pub fn of(object: &Object) -> Option<Self> {
        let conditions = object.value.pointer("/status/conditions");
        let available = conditions
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .find(|condition| condition["type"] == "Available");
        if available.is_some_and(|condition| condition["status"] == "True") {
            return None;
        }
        let why = available.and_then(|condition| condition["message"].as_str());
        Some(Self {
            name: object.name().to_owned(),
            group: text(object, "/spec/group"),
            why: why.unwrap_or("it has not answered yet").to_owned(),
        })
    }
}

fn text(object: &Object, pointer: &str) -> String {
    let value = object.value.pointer(pointer).and_then(Value::as_str);
    value.unwrap_or_default().to_owned()
}

/// Why a kind that is not listed cannot be called gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// Its definition is there, so its objects are stored.
    Defined(Definition),
    /// Another API server may serve it, and does not answer.
    Unavailable(Unavailable),
}

impl Doubt {
    pub fn describe(&self) -> String {
        match self {
            Self::Defined(Definition {
                name,
                served,
                is_deleting,
                ..
            }) => {
                let state = match (is_deleting, served.is_empty()) {
                    (true, _) => "is being deleted",
                    (false, true) => "serves no version of it",
                    (false, false) => "is there, but not served yet",
                };
                format!("CustomResourceDefinition `{name}` {state}: its objects are still stored")
            }
            Self::Unavailable(Unavailable { name, why, .. }) => {
                format!("APIService `{name}` is not available: {why}")
            }
        }
    }

    pub fn hint(&self) -> String {
        match self {
            Self::Defined(definition) if definition.is_deleting => {
                "wait until the definition is gone, then run again".to_owned()
            }
            Self::Defined(definition) if definition.served.is_empty() => format!(
                "serve a version of it again (`spec.versions[].served` of `{}`), then run again",
                definition.name
            ),
            Self::Defined(_) => "run again when its kind is served".to_owned(),
            Self::Unavailable(service) => format!(
                "bring the server behind it back, or delete the APIService `{}` if it is not needed any more",
                service.name
            ),
        }
    }
}

/// What speaks against calling `kind` gone, once discovery lacks it: a definition, or an API server that does not answer.
pub fn doubt(
    kind: &GroupKind,
    definitions: &[Definition],
    unavailable: &[Unavailable],
) -> Option<Doubt> {
    let defined = definitions.iter().find(|it| it.kind == *kind).cloned();
    let silent = || unavailable.iter().find(|it| it.group == kind.group);
    defined
        .map(Doubt::Defined)
        .or_else(|| silent().cloned().map(Doubt::Unavailable))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn widget() -> GroupKind {
        GroupKind::new("example.com", "Widget")
    }

    fn definition(served: bool, deleted: Option<&str>) -> Object {
        Object::new(json!({
            "metadata": {"name": "widgets.example.com", "deletionTimestamp": deleted},
            "spec": {"group": "example.com", "names": {"kind": "Widget"}, "versions": [{"name": "v1", "served": served}]},
        }))
    }

    fn service(status: &str) -> Object {
        Object::new(json!({
            "metadata": {"name": "v1.example.com"},
            "spec": {"group": "example.com"},
            "status": {"conditions": [{"type": "Available", "status": status, "message": "no endpoints"}]},
        }))
    }

    fn check(kind: &GroupKind, definitions: &[Object], services: &[Object], expected: &str) {
        let definitions: Vec<_> = definitions.iter().map(Definition::of).collect();
        let services: Vec<_> = services.iter().filter_map(Unavailable::of).collect();
        let doubt = doubt(kind, &definitions, &services);
        let said = doubt.map_or_else(|| "gone".to_owned(), |doubt| doubt.describe());
        assert_eq!(said, expected);
    }

    #[test]
    fn a_kind_that_nobody_defines_and_no_silent_server_may_have_is_gone() {
        check(&widget(), &[], &[service("True")], "gone");
        let gadget = GroupKind::new("example.com", "Gadget");
        check(&gadget, &[definition(true, None)], &[], "gone");
        let other = GroupKind::new("example.org", "Widget");
        check(
            &other,
            &[definition(true, None)],
            &[service("False")],
            "gone",
        );
    }

    #[test]
    fn a_definition_that_serves_nothing_keeps_its_objects() {
        let stored = "CustomResourceDefinition `widgets.example.com` serves no version of it: its objects are still stored";
        check(&widget(), &[definition(false, None)], &[], stored);
        let going = "CustomResourceDefinition `widgets.example.com` is being deleted: its objects are still stored";
        let deleted = definition(true, Some("2026-01-01T00:00:00Z"));
        check(&widget(), &[deleted], &[], going);
        let late = "CustomResourceDefinition `widgets.example.com` is there, but not served yet: its objects are still stored";
        check(&widget(), &[definition(true, None)], &[], late);
    }

    #[test]
    fn a_server_that_does_not_answer_may_have_the_kind() {
        let silent = "APIService `v1.example.com` is not available: no endpoints";
        check(&widget(), &[], &[service("False")], silent);
        let new = Object::new(json!({"metadata": {"name": "a"}, "spec": {"group": "example.com"}}));
        let unheard = "APIService `a` is not available: it has not answered yet";
        check(&widget(), &[], &[new], unheard);
    }
}
