//! Who owns which field of a live object, by its `metadata.managedFields`.
//!
//! `fieldsV1` is walked as it stands: no tree of its own is built, since a drift check reads it once. It decides nothing about drift.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value};

use super::change::Writer;
use crate::object::path::{FieldPath, KeyValue, Step};
use crate::object::{Object, labels};

/// A set of fields as the server writes it: `f:name`, `k:{…}`, `v:…`, `i:0` and `.` for the place itself.
pub type FieldSet = Map<String, Value>;

/// The member label in a field set.
const MEMBER: &str = "f:applyset.kubernetes.io/part-of";

/// One manager's entry.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    pub manager: &'a str,
    /// `Apply` or `Update`.
    pub operation: &'a str,
    /// Empty for the main resource.
    pub subresource: &'a str,
    pub time: &'a str,
    pub api_version: &'a str,
    pub fields: &'a FieldSet,
}

impl Entry<'_> {
    /// Whether this is pushboat's own server-side apply to the main resource.
    pub fn is_own_apply(&self) -> bool {
        self.manager == labels::MANAGER && self.operation == "Apply" && self.subresource.is_empty()
    }

    pub fn writer(&self) -> Writer {
        Writer {
            manager: self.manager.to_owned(),
            operation: self.operation.to_owned(),
            subresource: self.subresource.to_owned(),
            time: self.time.to_owned(),
        }
    }
}

/// All entries that can be read; entries of another format are left out.
pub fn entries(live: &Object) -> impl Iterator<Item = Entry<'_>> {
    let list = live
        .value
        .get("metadata")
        .and_then(|metadata| metadata.get("managedFields"));
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(entry)
}

/// Reads one entry.
pub fn entry(value: &Value) -> Option<Entry<'_>> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    if text("fieldsType") != "FieldsV1" {
        return None;
    }
    Some(Entry {
        manager: text("manager"),
        operation: text("operation"),
        subresource: text("subresource"),
        time: text("time"),
        api_version: text("apiVersion"),
        fields: value.get("fieldsV1")?.as_object()?,
    })
}

/// Whether pushboat applied this object itself.
pub fn is_applied_by_pushboat(live: &Object) -> bool {
    entries(live).any(|entry| entry.is_own_apply())
}

/// Where the member label stands.
pub fn membership() -> FieldPath {
    FieldPath::default()
        .field("metadata")
        .field("labels")
        .field(labels::APPLYSET_PART_OF)
}

/// Whether the member label is pushboat's own, by an apply: what every deletion insists on. A label can be copied, and whoever
/// writes another one takes the field away from pushboat's entry.
pub fn owns_membership(live: &Object) -> bool {
    // Asked of every object that is read, so without a path.
    let is_held = |fields: &FieldSet| {
        let labels = fields.get("f:metadata").and_then(|set| set.get("f:labels"));
        labels.is_some_and(|set| set.get(MEMBER).is_some())
    };
    entries(live).any(|entry| entry.is_own_apply() && is_held(entry.fields))
}

/// A number that changes whenever pushboat's own apply changes something; [`NO_APPLY`] where it never applied the object. It means
/// something only within one run.
pub fn own_mark(live: &Object) -> u64 {
    let Some(entry) = entries(live).find(Entry::is_own_apply) else {
        return NO_APPLY;
    };
    let mut hasher = DefaultHasher::new();
    (entry.time, entry.api_version).hash(&mut hasher);
    Value::Object(entry.fields.clone())
        .to_string()
        .hash(&mut hasher);
    hasher.finish().max(NO_APPLY + 1)
}

/// The mark of an object that pushboat did not apply.
pub const NO_APPLY: u64 = 0;

/// One key of a field set, read.
#[derive(Debug, Clone, PartialEq)]
pub enum Element<'a> {
    /// `.`: the place itself.
    Own,
    Field(&'a str),
    Keys(Map<String, Value>),
    Value(Value),
    Index(usize),
}

/// Reads one key of a field set; `None` for what this version does not know.
pub fn element(key: &str) -> Option<Element<'_>> {
    if key == "." {
        return Some(Element::Own);
    }
    let (kind, rest) = key.split_once(':')?;
    match kind {
        "f" => Some(Element::Field(rest)),
        "k" => serde_json::from_str(rest).ok().map(Element::Keys),
        "v" => serde_json::from_str(rest).ok().map(Element::Value),
        "i" => rest.parse().ok().map(Element::Index),
        _ => None,
    }
}

/// Whether the set ends here: the whole value below is owned as one.
pub fn is_leaf(set: &FieldSet) -> bool {
    set.keys().all(|key| key == ".")
}

/// The subset below one step, if the set goes on there.
pub fn child<'a>(set: &'a FieldSet, step: &Step) -> Option<&'a FieldSet> {
    let found = match step {
        Step::Field(name) => set.get(&format!("f:{name}")),
        Step::Index(index) => set.get(&format!("i:{index}")),
        Step::Item(keys) => set.iter().find_map(|(key, below)| match element(key)? {
            Element::Keys(map) => is_same_item(&map, keys).then_some(below),
            _ => None,
        }),
        Step::Value(value) => set.iter().find_map(|(key, below)| match element(key)? {
            Element::Value(owned) => (KeyValue::of(&owned) == *value).then_some(below),
            _ => None,
        }),
    };
    found.and_then(Value::as_object)
}

fn is_same_item(map: &Map<String, Value>, keys: &[(String, KeyValue)]) -> bool {
    map.len() == keys.len()
        && keys
            .iter()
            .all(|(key, value)| map.get(key).is_some_and(|v| KeyValue::of(v) == *value))
}

/// Whether the set says something about the value at `path`: the place itself, something below it, or a whole that it is part of.
pub fn holds(set: &FieldSet, path: &FieldPath) -> bool {
    let mut at = set;
    for (n, step) in path.0.iter().enumerate() {
        match child(at, step) {
            Some(below) => at = below,
            // The set ended above: an atomic list or map is owned as one, and so is all that is in it.
            None => return n > 0 && at.is_empty(),
        }
    }
    true
}

/// Who, other than pushboat, wrote the value at `path` last.
///
/// A field that somebody removed has no owner any more, nor has a default of the server: `None`.
pub fn last_writer(live: &Object, path: &FieldPath) -> Option<Writer> {
    entries(live)
        .filter(|entry| entry.manager != labels::MANAGER && holds(entry.fields, path))
        // RFC 3339 in UTC with seconds, as the server writes it, sorts as text.
        .max_by_key(|entry| entry.time)
        .map(|entry| entry.writer())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn live(entries: Value) -> Object {
        Object::new(json!({"metadata": {"managedFields": entries}}))
    }

    fn owned(manager: &str, time: &str, fields: Value) -> Value {
        json!({"manager": manager, "operation": "Update", "time": time, "fieldsType": "FieldsV1", "fieldsV1": fields})
    }

    fn check(fields: Value, path: &FieldPath, expected: bool) {
        let object = live(json!([owned("m", "2026-01-01T00:00:00Z", fields)]));
        assert_eq!(last_writer(&object, path).is_some(), expected);
    }

    fn spec(name: &str) -> FieldPath {
        FieldPath::default().field("spec").field(name)
    }

    #[test]
    fn the_newest_other_writer_is_named() {
        let object = live(json!([
            owned(
                "old",
                "2026-01-01T00:00:00Z",
                json!({"f:spec": {"f:replicas": {}}})
            ),
            owned(
                "new",
                "2026-01-02T00:00:00Z",
                json!({"f:spec": {"f:replicas": {}}})
            ),
            owned(
                "pushboat",
                "2026-01-03T00:00:00Z",
                json!({"f:spec": {"f:replicas": {}}})
            ),
            owned(
                "other",
                "2026-01-04T00:00:00Z",
                json!({"f:spec": {"f:paused": {}}})
            ),
        ]));
        let writer = last_writer(&object, &spec("replicas")).map(|writer| writer.manager);
        assert_eq!(writer.as_deref(), Some("new"));
    }

    #[test]
    fn the_member_label_is_found_where_its_path_says() {
        assert_eq!(MEMBER.strip_prefix("f:"), Some(labels::APPLYSET_PART_OF));
        let of = |manager: &str, operation: &str| {
            let set = json!({"f:metadata": {"f:labels": {MEMBER: {}}}});
            let mut entry = owned(manager, "2026-01-01T00:00:00Z", set);
            entry["operation"] = json!(operation);
            live(json!([entry]))
        };
        assert!(owns_membership(&of("pushboat", "Apply")));
        assert!(!owns_membership(&of("pushboat", "Update")));
        assert!(!owns_membership(&of("kubectl-label", "Update")));
    }

    #[test]
    fn an_owner_of_an_atomic_whole_owns_what_is_in_it() {
        let path = spec("tolerations").child(Step::Index(0)).field("key");
        check(json!({"f:spec": {"f:tolerations": {}}}), &path, true);
    }

    #[test]
    fn an_owner_of_something_below_owns_the_whole_subtree() {
        check(
            json!({"f:spec": {"f:template": {"f:x": {}}}}),
            &spec("template"),
            true,
        );
    }

    #[test]
    fn a_neighbour_is_no_owner() {
        check(
            json!({"f:spec": {".": {}, "f:paused": {}}}),
            &spec("replicas"),
            false,
        );
        check(json!({}), &spec("replicas"), false);
    }

    #[test]
    fn an_item_is_found_by_its_keys_in_any_order() {
        let item = Step::Item(vec![
            ("protocol".into(), KeyValue::Text("TCP".into())),
            ("port".into(), KeyValue::Json("80".into())),
        ]);
        let path = spec("ports").child(item).field("name");
        let set = json!({"f:spec": {"f:ports": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {"f:name": {}}}}});
        check(set, &path, true);
    }
}
