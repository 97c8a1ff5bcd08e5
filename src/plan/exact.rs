//! The exact answer: how the live object differs from what an apply would make of it (the result of a dry-run).
//!
//! Which lists are keyed is read from the field sets of both sides, as only the server has the schema. It decides nothing
//! about what a project ignores: that is taken out of both sides before.

use serde_json::{Map, Value};

use super::change::{Cause, Change, Op};
use super::ownership::{self, Element, FieldSet, element};
use super::typed;
use crate::object::path::{FieldPath, KeyValue, Step};
use crate::object::{Object, labels};

/// Bookkeeping of the server in `metadata`, which no repository sets.
pub const BOOKKEEPING: [&str; 8] = [
    "managedFields",
    "resourceVersion",
    "uid",
    "generation",
    "creationTimestamp",
    "selfLink",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
];

/// What an apply of `desired` would change, in the order of the fields; empty when it would change nothing. `seen` is the live object,
/// `held` the same with the owners that it has when the apply is sent.
pub fn changes(
    desired: &Object,
    (seen, held): (&Object, &Object),
    predicted: &Object,
) -> Vec<Change> {
    // Before the apply and after it: what git sets may be owned as one only then.
    let own: Vec<&FieldSet> = [held, predicted]
        .into_iter()
        .flat_map(ownership::entries)
        .filter(ownership::Entry::is_own_apply)
        .map(|entry| entry.fields)
        .collect();
    // A controller may have written its status between the two.
    let status = match seen.resource_version() == predicted.resource_version() {
        true => Status::Compared,
        false => Status::Left,
    };
    let mut changes = between(seen, predicted, status);
    for change in &mut changes {
        let mut sets = own.iter();
        let is_ours = sets.any(|set| is_ours(&desired.value, Some(set), change))
            || is_ours(&desired.value, None, change);
        if !is_ours {
            change.cause = Cause::Server;
        }
    }
    changes
}

/// How two objects differ, whoever wants it so. What controllers write does not count.
pub fn differences(live: &Object, predicted: &Object) -> Vec<Change> {
    between(live, predicted, Status::Left)
}

fn between(live: &Object, predicted: &Object, status: Status) -> Vec<Change> {
    let sets: Vec<&FieldSet> = [live, predicted]
        .into_iter()
        .flat_map(|object| ownership::entries(object).map(|entry| entry.fields))
        .collect();
    let mut diff = Diff {
        is_typed: typed::is_typed(live),
        status,
        path: FieldPath::default(),
        changes: Vec::new(),
    };
    diff.value(Some(&live.value), Some(&predicted.value), &sets);
    for change in &mut diff.changes {
        change.last_writer = ownership::last_writer(live, &change.path);
    }
    diff.changes
}

/// Whether git sets the value that changes, or pushboat's own field set holds it.
fn is_ours(desired: &Value, own: Option<&FieldSet>, change: &Change) -> bool {
    let path = &change.path;
    let (mut at, mut set) = (Some(desired), own);
    for (n, step) in path.0.iter().enumerate() {
        let is_leaf = n > 0 && set.is_some_and(|set| set.is_empty());
        match at {
            // Owned as one, so all that is in it is; an empty one may be a whole that is emptied, and says nothing of what is put into it.
            Some(Value::Object(map)) if is_leaf => {
                return !map.is_empty() || change.op == Op::Remove;
            }
            Some(Value::Array(items)) if is_leaf => {
                return !items.is_empty() || change.op == Op::Remove;
            }
            Some(Value::Object(_) | Value::Array(_)) => {}
            Some(_) => return true,
            None if is_leaf => return true,
            None => {}
        }
        at = at.and_then(|value| below(value, step));
        set = set.and_then(|set| ownership::child(set, step));
    }
    let is_empty = |value: &Value| value.as_object().is_some_and(Map::is_empty);
    let is_nothing = is_metadata_map(&path.0) && at.is_some_and(is_empty);
    (at.is_some() && !is_nothing) || set.is_some()
}

/// The value one step further, if there is one.
fn below<'a>(value: &'a Value, step: &Step) -> Option<&'a Value> {
    match (step, value) {
        (Step::Field(name), Value::Object(map)) => map.get(name),
        (Step::Index(n), Value::Array(items)) => items.get(*n),
        (Step::Value(wanted), Value::Array(items)) => {
            items.iter().find(|item| KeyValue::of(item) == *wanted)
        }
        (Step::Item(keys), Value::Array(items)) => items.iter().find(|item| has_keys(item, keys)),
        _ => None,
    }
}

fn has_keys(item: &Value, keys: &[(String, KeyValue)]) -> bool {
    keys.iter().all(|(name, value)| match item.get(name) {
        // The one key with a default in built-in kinds.
        None => name == "protocol" && *value == KeyValue::Text("TCP".to_owned()),
        Some(found) => KeyValue::of(found) == *value,
    })
}

/// `metadata.labels` or `metadata.annotations`.
fn is_metadata_map(path: &[Step]) -> bool {
    matches!(path, [Step::Field(metadata), Step::Field(name)]
        if metadata == "metadata" && matches!(name.as_str(), "labels" | "annotations"))
}

/// Whether `status` is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// A dry run leaves it as it is, unless the kind has no subresource for it and git sets or drops it.
    Compared,
    Left,
}

struct Diff {
    is_typed: bool,
    status: Status,
    path: FieldPath,
    changes: Vec<Change>,
}

impl Diff {
    fn value(&mut self, live: Option<&Value>, desired: Option<&Value>, sets: &[&FieldSet]) {
        if live == desired || self.is_ignored() || self.is_same_nothing(live, desired) {
            return;
        }
        match (live, desired) {
            (Some(Value::Object(live)), Some(Value::Object(desired))) => {
                self.map(live, desired, sets)
            }
            (Some(Value::Array(live)), Some(Value::Array(desired))) => {
                self.list(live, desired, sets)
            }
            // A lost member label is told as itself, also where it was the only one.
            (None, Some(Value::Object(desired))) if self.is_labels() && has_label(desired) => {
                self.map(&Map::new(), desired, sets);
            }
            _ => self.push(live.cloned(), desired.cloned()),
        }
    }

    fn push(&mut self, live: Option<Value>, desired: Option<Value>) {
        let op = match (&live, &desired) {
            (None, _) => Op::Add,
            (_, None) => Op::Remove,
            _ => Op::Replace,
        };
        self.changes.push(Change {
            path: self.path.clone(),
            op,
            live,
            desired,
            cause: Cause::Git,
            last_writer: None,
        });
    }

    /// Runs `walk` one step deeper, with the part of each set that stands there.
    fn step(
        &mut self,
        step: Step,
        live: Option<&Value>,
        desired: Option<&Value>,
        sets: &[&FieldSet],
    ) {
        let below: Vec<&FieldSet> = sets
            .iter()
            .filter_map(|set| ownership::child(set, &step))
            .collect();
        self.path.0.push(step);
        self.value(live, desired, &below);
        self.path.0.pop();
    }

    fn map(&mut self, live: &Map<String, Value>, desired: &Map<String, Value>, sets: &[&FieldSet]) {
        let mut names: Vec<&String> = live.keys().chain(desired.keys()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            if live.get(name) != desired.get(name) {
                self.step(
                    Step::Field(name.clone()),
                    live.get(name),
                    desired.get(name),
                    sets,
                );
            }
        }
    }

    fn list(&mut self, live: &[Value], desired: &[Value], sets: &[&FieldSet]) {
        let kind = ListKind::of(sets);
        match (kind.ids(live), kind.ids(desired)) {
            (Some(live_ids), Some(desired_ids)) => {
                self.items(
                    live.iter().zip(&live_ids),
                    desired.iter().zip(&desired_ids),
                    sets,
                );
                self.order(&live_ids, &desired_ids);
            }
            _ if live.len() == desired.len() => {
                for (n, (live, desired)) in live.iter().zip(desired).enumerate() {
                    self.step(Step::Index(n), Some(live), Some(desired), sets);
                }
            }
            _ => self.push(Some(live.into()), Some(desired.into())),
        }
    }

    fn items<'a>(
        &mut self,
        live: impl Iterator<Item = (&'a Value, &'a Step)> + Clone,
        desired: impl Iterator<Item = (&'a Value, &'a Step)> + Clone,
        sets: &[&FieldSet],
    ) {
        let desired_by_id: std::collections::HashMap<_, _> =
            desired.clone().map(|(item, id)| (id, item)).collect();
        let live_by_id: std::collections::HashMap<_, _> =
            live.clone().map(|(item, id)| (id, item)).collect();
        for (item, id) in live {
            self.step(id.clone(), Some(item), desired_by_id.get(id).copied(), sets);
        }
        for (item, id) in desired.filter(|(_, id)| !live_by_id.contains_key(id)) {
            self.step(id.clone(), None, Some(item), sets);
        }
    }

    /// Items that both have, in another order: one change at the list, showing the keys only.
    fn order(&mut self, live: &[Step], desired: &[Step]) {
        let common = |ids: &[Step], others: &[Step]| -> Vec<Step> {
            let others: std::collections::HashSet<_> = others.iter().collect();
            ids.iter()
                .filter(|id| others.contains(id))
                .cloned()
                .collect()
        };
        let (live, desired) = (common(live, desired), common(desired, live));
        if live != desired {
            let shown = |ids: &[Step]| ids.iter().map(shown_id).collect::<Vec<_>>();
            self.push(Some(shown(&live).into()), Some(shown(&desired).into()));
        }
    }

    fn is_labels(&self) -> bool {
        matches!(self.path.0.as_slice(), [Step::Field(metadata), Step::Field(labels)]
            if metadata == "metadata" && labels == "labels")
    }

    fn is_ignored(&self) -> bool {
        let field = |n: usize| match self.path.0.get(n) {
            Some(Step::Field(name)) => Some(name.as_str()),
            _ => None,
        };
        match (self.path.0.len(), field(0), field(1)) {
            (1, Some("status"), _) => self.status == Status::Left,
            (2, Some("metadata"), Some(name)) => BOOKKEEPING.contains(&name),
            (3, Some("metadata"), Some("annotations")) => field(2) == Some(labels::LAST_APPLIED),
            _ => false,
        }
    }

    /// Differences that the server makes by encoding alone.
    fn is_same_nothing(&self, live: Option<&Value>, desired: Option<&Value>) -> bool {
        let is_null = |value: Option<&Value>| value.is_none_or(Value::is_null);
        let is_empty_list =
            |value: Option<&Value>| value.and_then(Value::as_array).is_some_and(Vec::is_empty);
        let is_empty_map =
            |value: Option<&Value>| value.and_then(Value::as_object).is_some_and(Map::is_empty);
        let is_in_free_map = match self.path.0.as_slice() {
            [.., Step::Field(parent), Step::Field(_)] => typed::is_free_map(parent),
            _ => false,
        };
        // A custom resource stores a null when it is created, and drops it at the next apply of the same.
        if !self.is_typed && is_null(live) && is_null(desired) {
            return true;
        }
        // An empty slice of a built-in kind is read back as null, or left out.
        if self.is_typed && !is_in_free_map {
            let is_nothing = |value| is_null(value) || is_empty_list(value);
            if is_nothing(live) && is_nothing(desired) {
                return true;
            }
        }
        let is_labels = is_metadata_map(&self.path.0);
        let is_nothing =
            |value| is_null(value) || is_empty_map(value) || is_only_last_applied(value);
        is_labels && is_nothing(live) && is_nothing(desired)
    }
}

fn is_only_last_applied(value: Option<&Value>) -> bool {
    value
        .and_then(Value::as_object)
        .is_some_and(|map| map.keys().all(|key| key == labels::LAST_APPLIED))
}

/// A list item's key as a value to show: `main`, or `{"containerPort":80,"protocol":"TCP"}` where it has several fields.
fn shown_id(id: &Step) -> Value {
    let value = |value: &KeyValue| match value {
        KeyValue::Text(text) => Value::from(text.as_str()),
        KeyValue::Json(json) => serde_json::from_str(json).unwrap_or(Value::Null),
    };
    match id {
        Step::Item(keys) => match keys.as_slice() {
            [(_, only)] => value(only),
            several => several
                .iter()
                .map(|(name, v)| (name.clone(), value(v)))
                .collect(),
        },
        Step::Value(v) => value(v),
        Step::Field(name) => Value::from(name.as_str()),
        Step::Index(n) => Value::from(*n),
    }
}

fn has_label(map: &Map<String, Value>) -> bool {
    map.contains_key(labels::APPLYSET_PART_OF)
}

/// How a list's items are told apart.
pub(super) enum ListKind {
    /// By position: an atomic list, or one that nobody's field set tells about.
    Atomic,
    Keyed(Vec<String>),
    Set,
}

impl ListKind {
    pub(super) fn of(sets: &[&FieldSet]) -> Self {
        for key in sets.iter().flat_map(|set| set.keys()) {
            match element(key) {
                Some(Element::Keys(keys)) => {
                    return Self::Keyed(keys.into_iter().map(|(key, _)| key).collect());
                }
                Some(Element::Value(_)) => return Self::Set,
                _ => {}
            }
        }
        Self::Atomic
    }

    /// The items' keys, if each item has one of its own.
    pub(super) fn ids(&self, items: &[Value]) -> Option<Vec<Step>> {
        let id = |item: &Value| match self {
            Self::Atomic => None,
            Self::Set => Some(Step::Value(KeyValue::of(item))),
            Self::Keyed(names) => {
                let map = item.as_object()?;
                // The one key with a default in built-in kinds; a desired item may leave it out.
                let value = |name: &str| match map.get(name) {
                    None if name == "protocol" => Some(KeyValue::Text("TCP".to_owned())),
                    found => found.map(KeyValue::of),
                };
                let keys = names.iter().map(|name| Some((name.clone(), value(name)?)));
                keys.collect::<Option<_>>().map(Step::Item)
            }
        };
        let ids: Vec<Step> = items.iter().map(id).collect::<Option<_>>()?;
        let n_distinct = ids.iter().collect::<std::collections::HashSet<_>>().len();
        (n_distinct == ids.len()).then_some(ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(content: Value, fields: Value) -> Object {
        let mut object = content;
        object["apiVersion"] = json!("apps/v1");
        object["kind"] = json!("Deployment");
        if !object["metadata"].is_object() {
            object["metadata"] = json!({});
        }
        object["metadata"]["managedFields"] = json!([{"manager": "kubectl-edit", "operation": "Update",
            "time": "2026-01-01T00:00:00Z", "fieldsType": "FieldsV1", "fieldsV1": fields}]);
        Object::new(object)
    }

    fn check(fields: Value, live: Value, predicted: Value, expected: &[&str]) {
        let shown: Vec<String> = differences(&object(live, fields), &object(predicted, json!({})))
            .iter()
            .map(|change| {
                let text =
                    |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
                let writer = change
                    .last_writer
                    .as_ref()
                    .map_or("", |writer| &writer.manager);
                format!(
                    "{} {} {} {writer}",
                    change.path,
                    text(&change.live),
                    text(&change.desired)
                )
                .trim_end()
                .to_owned()
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn names_the_field_the_values_and_the_writer() {
        check(
            json!({"f:spec": {"f:replicas": {}}}),
            json!({"spec": {"replicas": 5, "paused": true}}),
            json!({"spec": {"replicas": 1, "minReadySeconds": 3}}),
            &[
                "spec.minReadySeconds - 3",
                "spec.paused true -",
                "spec.replicas 5 1 kubectl-edit",
            ],
        );
    }

    #[test]
    fn a_lost_member_label_is_named_also_where_it_was_the_only_one() {
        let labels = json!({"metadata": {"labels": {labels::APPLYSET_PART_OF: "id"}}});
        check(
            json!({}),
            json!({}),
            labels,
            &["metadata.labels['applyset.kubernetes.io/part-of'] - \"id\""],
        );
    }

    #[test]
    fn bookkeeping_and_status_never_differ() {
        let metadata = |n: u8| json!({"resourceVersion": n, "generation": n, "uid": n, "annotations": {labels::LAST_APPLIED: n}});
        check(
            json!({}),
            json!({"metadata": metadata(1), "status": {"replicas": 1}}),
            json!({"metadata": metadata(2)}),
            &[],
        );
        check(json!({}), json!({"metadata": metadata(1)}), json!({}), &[]);
    }

    fn containers(containers: Value) -> Value {
        json!({"spec": {"containers": containers}})
    }

    #[test]
    fn keyed_items_are_named_by_their_key_and_a_reorder_is_one_change() {
        let set = json!({"f:spec": {"f:containers": {"k:{\"name\":\"a\"}": {".": {}}}}});
        let (a, b) = (
            json!({"name": "a", "image": "1"}),
            json!({"name": "b", "image": "1"}),
        );
        let a2 = json!({"name": "a", "image": "2"});
        check(
            set.clone(),
            containers(json!([a, b])),
            containers(json!([a2, b])),
            &["spec.containers[name=a].image \"1\" \"2\""],
        );
        check(
            set.clone(),
            containers(json!([a, b])),
            containers(json!([b, a])),
            &["spec.containers [\"a\",\"b\"] [\"b\",\"a\"] kubectl-edit"],
        );
        check(
            set,
            containers(json!([a, b])),
            containers(json!([a])),
            &["spec.containers[name=b] {\"image\":\"1\",\"name\":\"b\"} -"],
        );
    }

    #[test]
    fn doubled_keys_fall_back_to_positions() {
        let set = json!({"f:spec": {"f:containers": {"k:{\"name\":\"a\"}": {".": {}}}}});
        let list = |images: [u8; 2]| {
            containers(json!(
                images.map(|image| json!({"name": "a", "image": image}))
            ))
        };
        check(
            set,
            list([1, 2]),
            list([1, 3]),
            &["spec.containers[1].image 2 3"],
        );
    }

    #[test]
    fn a_null_and_nothing_are_the_same_in_every_kind() {
        let mut live = object(json!({"spec": {"a": null, "b": {"c": null}}}), json!({}));
        let mut predicted = object(json!({"spec": {"b": {}}}), json!({}));
        live.value["apiVersion"] = json!("example.com/v1");
        predicted.value["apiVersion"] = json!("example.com/v1");
        assert_eq!(differences(&live, &predicted), []);
    }

    #[test]
    fn a_list_that_the_server_reads_back_as_null_is_the_same() {
        check(json!({}), json!({"rules": null}), json!({"rules": []}), &[]);
        check(
            json!({}),
            json!({"rules": [1]}),
            json!({"rules": []}),
            &["rules [1] []"],
        );
    }

    /// Paths of what an apply of `desired` changes, those by the server alone in brackets. `own` is what pushboat owned before.
    fn causes(desired: Value, own: Value, live: Value, predicted: Value) -> Vec<String> {
        let mut live = object(live, own);
        live.value["metadata"]["managedFields"][0]["manager"] = json!(labels::MANAGER);
        live.value["metadata"]["managedFields"][0]["operation"] = json!("Apply");
        let desired = object(desired, json!({}));
        let changes = changes(&desired, (&live, &live), &object(predicted, json!({})));
        let shown = changes.iter().map(|change| match change.cause {
            Cause::Git => change.path.to_string(),
            Cause::Server => format!("[{}]", change.path),
        });
        shown.collect()
    }

    #[test]
    fn what_admission_adds_is_told_from_what_git_sets() {
        let labels = |labels: Value| json!({"metadata": {"labels": labels}});
        let own = json!({"f:metadata": {"f:labels": {"f:a": {}}}});
        let (git, added) = (json!({"a": "1"}), json!({"a": "1", "added": "x"}));
        let of = |live: &Value, predicted: &Value| {
            causes(
                labels(git.clone()),
                own.clone(),
                labels(live.clone()),
                labels(predicted.clone()),
            )
        };
        assert_eq!(of(&git, &added), ["[metadata.labels.added]"]);
        assert_eq!(of(&added, &git), ["[metadata.labels.added]"]);
        assert_eq!(of(&git, &json!({"a": "2"})), ["metadata.labels.a"]);
    }

    #[test]
    fn an_empty_map_in_git_says_nothing_of_what_is_put_into_it() {
        let desired = json!({"metadata": {"annotations": {}}, "spec": {"resources": {}}});
        let own = json!({"f:spec": {"f:resources": {}}});
        let live = json!({"spec": {"resources": {}}});
        let predicted = json!({"metadata": {"annotations": {"a": "b"}}, "spec": {"resources": {"limits": {"cpu": "1"}}}});
        let expected = ["[metadata.annotations]", "[spec.resources.limits]"];
        assert_eq!(causes(desired, own, live, predicted), expected);
    }

    #[test]
    fn an_empty_whole_in_git_empties_what_is_there() {
        let desired = json!({"spec": {"route": {}}});
        let own = json!({"f:spec": {"f:route": {}}});
        let live = json!({"spec": {"route": {"added": "yes"}}});
        assert_eq!(
            causes(desired.clone(), own, live, desired),
            ["spec.route.added"]
        );
    }

    #[test]
    fn what_is_owned_as_one_is_ours_whole() {
        let desired = json!({"spec": {"nodeSelector": {"a": "b"}}});
        let own = json!({"f:spec": {"f:nodeSelector": {}}});
        let predicted = json!({"spec": {"nodeSelector": {"a": "b", "c": "d"}}});
        assert_eq!(
            causes(desired.clone(), own, desired, predicted),
            ["spec.nodeSelector.c"]
        );
    }

    #[test]
    fn what_git_dropped_is_given_up_and_a_list_item_of_admission_is_not_ours() {
        let own = json!({"f:spec": {"f:replicas": {}, "f:containers": {"k:{\"name\":\"a\"}": {".": {}, "f:name": {}}}}});
        let desired = json!({"spec": {"containers": [{"name": "a"}]}});
        let live = json!({"spec": {"replicas": 3, "containers": [{"name": "a"}]}});
        let predicted =
            json!({"spec": {"replicas": 1, "containers": [{"name": "a"}, {"name": "sidecar"}]}});
        assert_eq!(
            causes(desired, own, live, predicted),
            ["[spec.containers[name=sidecar]]", "spec.replicas"]
        );
    }

    #[test]
    fn status_counts_where_an_apply_sets_or_drops_it() {
        let status = |n: u8| json!({"status": {"n": n}});
        let none = || json!({});
        assert_eq!(causes(none(), none(), status(1), status(2)), ["[status.n]"]);
        assert_eq!(
            causes(status(2), none(), status(1), status(2)),
            ["status.n"]
        );
        let own = json!({"f:status": {"f:n": {}}});
        assert_eq!(causes(none(), own, status(1), none()), ["status"]);
        let moved = json!({"metadata": {"resourceVersion": "2"}, "status": {"n": 2}});
        assert!(causes(none(), none(), status(1), moved).is_empty());
    }
}
