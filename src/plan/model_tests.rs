//! The law of the fast answer, held against a small model of server-side apply: where it says "in sync", an apply changes nothing.
//!
//! The model knows one kind: `spec.a` (a scalar), `spec.m` (a map), `spec.items` (a list keyed by `name`), `spec.tags` (a set),
//! `spec.args` (an atomic list) and `spec.sel` (an atomic map). It works on flat paths and shares nothing with the code it checks.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::exact::differences;
use super::{Cause, Fast, Mutations, changes, fast, local_prediction};
use crate::object::Object;

/// A place as the segments of `fieldsV1`: `f:spec`, `k:{"name":"a"}`, `v:"p"`.
type Path = Vec<String>;

/// One state of the object: its leaves, and the items of its two ordered lists.
#[derive(Debug, Clone, Default, PartialEq)]
struct State {
    leaves: BTreeMap<Path, Value>,
    items: Vec<String>,
    tags: Vec<String>,
}

/// What a user writes.
#[derive(Debug, Clone, Default)]
struct Content {
    a: Option<u8>,
    m: BTreeMap<String, u8>,
    items: Vec<(String, Option<u8>)>,
    tags: Vec<String>,
    args: Option<Vec<u8>>,
    sel: Option<BTreeMap<String, u8>>,
}

fn path(parts: &[&str]) -> Path {
    std::iter::once("f:spec")
        .chain(parts.iter().copied())
        .map(str::to_owned)
        .collect()
}

fn item_segment(name: &str) -> String {
    format!("k:{}", json!({"name": name}))
}

fn tag_segment(tag: &str) -> String {
    format!("v:{}", json!(tag))
}

impl Content {
    fn state(&self) -> State {
        let mut state = State::default();
        let mut put = |parts: &[&str], value: Value| {
            state.leaves.insert(path(parts), value);
        };
        if let Some(a) = self.a {
            put(&["f:a"], json!(a));
        }
        for (key, value) in &self.m {
            put(&["f:m", &format!("f:{key}")], json!(value));
        }
        for (name, image) in &self.items {
            let segment = item_segment(name);
            put(&["f:items", &segment], Value::Null);
            put(&["f:items", &segment, "f:name"], json!(name));
            if let Some(image) = image {
                put(&["f:items", &segment, "f:image"], json!(image));
            }
        }
        for tag in &self.tags {
            put(&["f:tags", &tag_segment(tag)], json!(tag));
        }
        if let Some(args) = &self.args {
            put(&["f:args"], json!(args));
        }
        if let Some(sel) = &self.sel {
            put(&["f:sel"], json!(sel));
        }
        state.items = self.items.iter().map(|(name, _)| name.clone()).collect();
        state.tags = self.tags.clone();
        state
    }
}

/// The object with its managers.
#[derive(Debug, Clone, Default)]
struct Server {
    live: State,
    sets: BTreeMap<(&'static str, &'static str), BTreeSet<Path>>,
}

impl Server {
    /// A forced server-side apply.
    fn apply(&mut self, manager: &'static str, config: &State) {
        let config_set: BTreeSet<Path> = config.leaves.keys().cloned().collect();
        let before = self.sets.remove(&(manager, "Apply")).unwrap_or_default();
        for (path, value) in &config.leaves {
            if self.live.leaves.get(path) != Some(value) {
                self.sets.values_mut().for_each(|set| _ = set.remove(path));
            }
            self.live.leaves.insert(path.clone(), value.clone());
        }
        let others: BTreeSet<Path> = self.sets.values().flatten().cloned().collect();
        for path in before.difference(&config_set) {
            // The key of an item stays as long as the item does.
            let held = match path.split_last() {
                Some((last, item)) if last == "f:name" => item,
                _ => path.as_slice(),
            };
            let is_held = others
                .iter()
                .chain(&config_set)
                .any(|other| other.starts_with(held));
            if !is_held {
                // With an item goes all that is in it.
                self.live.leaves.retain(|leaf, _| !leaf.starts_with(path));
            }
        }
        self.sets.insert((manager, "Apply"), config_set);
        self.live.items = merged(&self.live.items, &config.items, |name| {
            self.live
                .leaves
                .contains_key(&path(&["f:items", &item_segment(name)]))
        });
        self.live.tags = merged(&self.live.tags, &config.tags, |tag| {
            self.live
                .leaves
                .contains_key(&path(&["f:tags", &tag_segment(tag)]))
        });
    }

    /// An ordinary update to `new`: who changes a leaf owns it, and nobody else does any more.
    fn update(&mut self, manager: &'static str, new: State) {
        let paths: BTreeSet<Path> = self
            .live
            .leaves
            .keys()
            .chain(new.leaves.keys())
            .cloned()
            .collect();
        for path in paths {
            if self.live.leaves.get(&path) == new.leaves.get(&path) {
                continue;
            }
            self.sets.values_mut().for_each(|set| _ = set.remove(&path));
            if new.leaves.contains_key(&path) {
                self.sets
                    .entry((manager, "Update"))
                    .or_default()
                    .insert(path);
            }
        }
        self.live = new;
    }

    fn object(&self) -> Object {
        let entries: Vec<Value> = self
            .sets
            .iter()
            .map(|((manager, operation), set)| {
                json!({"manager": manager, "operation": operation, "apiVersion": "example.com/v1",
                    "time": "2026-01-01T00:00:00Z", "fieldsType": "FieldsV1", "fieldsV1": fields(set)})
            })
            .collect();
        let mut object = object(&self.live);
        object.value["metadata"]["managedFields"] = json!(entries);
        object
    }
}

/// Our items in our order, with those of others between them where they stood; what is gone is left out.
fn merged(live: &[String], ours: &[String], is_there: impl Fn(&String) -> bool) -> Vec<String> {
    let mut merged: Vec<String> = Vec::new();
    let (mut rest_live, mut rest_ours) = (live, ours);
    loop {
        match (rest_live.split_first(), rest_ours.split_first()) {
            (Some((l, more_live)), Some((o, more_ours))) if l == o => {
                merged.push(l.clone());
                (rest_live, rest_ours) = (more_live, more_ours);
            }
            (Some((l, more)), _) if !ours.contains(l) => {
                merged.push(l.clone());
                rest_live = more;
            }
            (Some((l, more)), _) if merged.contains(l) => rest_live = more,
            (_, Some((o, more))) => {
                merged.push(o.clone());
                rest_ours = more;
            }
            _ => break,
        }
    }
    merged.retain(is_there);
    merged
}

/// The set as `fieldsV1`.
fn fields(set: &BTreeSet<Path>) -> Value {
    fn put(at: &mut Map<String, Value>, path: &[String]) {
        let Some((first, rest)) = path.split_first() else {
            return;
        };
        let below = at.entry(first.clone()).or_insert_with(|| json!({}));
        let Value::Object(below) = below else { return };
        put(below, rest);
    }
    fn mark(at: &mut Map<String, Value>, path: &[String]) {
        match path.split_first() {
            None => drop(at.insert(".".to_owned(), json!({}))),
            Some((first, rest)) => {
                if let Some(Value::Object(below)) = at.get_mut(first) {
                    mark(below, rest);
                }
            }
        }
    }
    let mut root = Map::new();
    for path in set {
        put(&mut root, path);
    }
    // The set is sorted, so an item stands before what is in it: mark it once it has something in it.
    for path in set.iter().filter(|path| {
        set.iter()
            .any(|other| other.len() > path.len() && other.starts_with(path))
    }) {
        mark(&mut root, path);
    }
    Value::Object(root)
}

fn object(state: &State) -> Object {
    let leaf = |parts: &[&str]| state.leaves.get(&path(parts)).cloned();
    let mut spec = Map::new();
    for name in ["a", "args", "sel"] {
        spec.extend(leaf(&[&format!("f:{name}")]).map(|value| (name.to_owned(), value)));
    }
    let m: Map<String, Value> = state
        .leaves
        .iter()
        .filter(|(path, _)| path.get(1).map(String::as_str) == Some("f:m"))
        .map(|(path, value)| (path[2][2..].to_owned(), value.clone()))
        .collect();
    let item = |name: &String| {
        let mut item = Map::new();
        for field in ["name", "image"] {
            let value = leaf(&["f:items", &item_segment(name), &format!("f:{field}")]);
            item.extend(value.map(|value| (field.to_owned(), value)));
        }
        Value::Object(item)
    };
    let items: Vec<Value> = state.items.iter().map(item).collect();
    for (name, value, is_empty) in [
        ("m", json!(m), m.is_empty()),
        ("items", json!(items), items.is_empty()),
        ("tags", json!(state.tags), state.tags.is_empty()),
    ] {
        if !is_empty {
            spec.insert(name.to_owned(), value);
        }
    }
    let mut object =
        json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}});
    if !spec.is_empty() {
        object["spec"] = Value::Object(spec);
    }
    Object::new(object)
}

fn any_content() -> impl Strategy<Value = Content> {
    let names = Just(["x", "y", "z"].map(str::to_owned).to_vec()).prop_shuffle();
    let items = (
        names.clone(),
        0..4usize,
        prop::collection::vec(prop::option::of(0..2u8), 3),
    );
    (
        prop::option::of(0..2u8),
        prop::collection::btree_map("[xyz]", 0..2u8, 0..3),
        items.prop_map(|(names, n, images)| names.into_iter().zip(images).take(n).collect()),
        (names, 0..4usize).prop_map(|(names, n)| names.into_iter().take(n).collect()),
        prop::option::of(prop::collection::vec(0..2u8, 1..3)),
        prop::option::of(prop::collection::btree_map("[xy]", 0..2u8, 1..3)),
    )
        .prop_map(|(a, m, items, tags, args, sel)| Content {
            a,
            m,
            items,
            tags,
            args,
            sel,
        })
}

/// One part of `from` in place of that of `content`: edits of one place at a time.
fn with_part(mut content: Content, part: u8, from: &Content) -> Content {
    let from = from.clone();
    match part {
        0 => content.a = from.a,
        1 => content.m = from.m,
        2 => content.items = from.items,
        3 => content.tags = from.tags,
        4 => content.args = from.args,
        _ => content.sel = from.sel,
    }
    content
}

/// The live state with one part taken from another.
fn with_state_part(live: &State, part: u8, from: &State) -> State {
    let name = ["f:a", "f:m", "f:items", "f:tags", "f:args", "f:sel"][part as usize % 6];
    let is_part = |path: &Path| path.get(1).map(String::as_str) == Some(name);
    let mut state = live.clone();
    state.leaves.retain(|path, _| !is_part(path));
    state.leaves.extend(
        from.leaves
            .iter()
            .filter(|(path, _)| is_part(path))
            .map(|(path, value)| (path.clone(), value.clone())),
    );
    match name {
        "f:items" => state.items = from.items.clone(),
        "f:tags" => state.tags = from.tags.clone(),
        _ => {}
    }
    state
}

#[derive(Debug, Clone)]
enum Edit {
    /// Somebody updates a part of the live object.
    Update(u8, Content),
    /// Somebody applies what they want.
    Apply(Content),
    /// Git changes a part of what is desired.
    Desire(u8, Content),
}

/// What a policy writes into every object, whoever owns it: the scalar, and keys of the map.
fn any_admission() -> impl Strategy<Value = BTreeMap<Path, Value>> {
    let scalar = prop::option::of(0..2u8);
    let map = prop::collection::btree_map("[xyz]", 0..2u8, 0..3);
    (scalar, map).prop_map(|(a, m)| {
        let content = Content {
            a,
            m,
            ..Content::default()
        };
        content.state().leaves
    })
}

fn any_edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (0..6u8, any_content()).prop_map(|(part, content)| Edit::Update(part, content)),
        any_content().prop_map(Edit::Apply),
        (0..6u8, any_content()).prop_map(|(part, content)| Edit::Desire(part, content)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_sync_means_that_an_apply_changes_nothing(
        first in any_content(),
        before in prop::option::of(any_content()),
        edits in prop::collection::vec(any_edit(), 0..4),
        admission in any_admission(),
    ) {
        let mut server = Server::default();
        if let Some(before) = before {
            server.apply("other", &before.state());
        }
        let mut desired = first;
        server.apply("pushboat", &desired.state());
        for edit in &edits {
            match edit {
                Edit::Update(part, content) => {
                    let new = with_state_part(&server.live, *part, &content.state());
                    server.update("kubectl-edit", new);
                }
                Edit::Apply(content) => server.apply("other", &content.state()),
                Edit::Desire(part, content) => desired = with_part(desired, *part, content),
            }
        }
        let mut predicted = server.clone();
        predicted.apply("pushboat", &desired.state());
        let (live, wanted) = (server.object(), object(&desired.state()));
        let exact = changes(&wanted, (&live, &live), &predicted.object());
        prop_assert!(exact.iter().all(|change| change.cause == Cause::Git), "{exact:?}");
        prop_assert_eq!(exact.is_empty(), live.value.get("spec") == predicted.object().value.get("spec"));
        let (local, predicted) = (local_prediction(&wanted, &live), predicted.object());
        prop_assert_eq!(local.value.get("spec"), predicted.value.get("spec"), "{} {}", live.value, wanted.value);
        let answer = fast(&wanted, &live);
        if answer == Fast::InSync {
            prop_assert!(exact.is_empty(), "{exact:?} {} {}", live.value, wanted.value);
            // Admission that came since: what it adds is no drift, what it makes of a field that git sets is.
            let set = desired.state().leaves;
            let is_changed = |(path, value): (&Path, &Value)| set.get(path).is_some_and(|git| git != value);
            let mut admitted = server.clone();
            admitted.live.leaves.extend(admission.clone());
            let with = changes(&wanted, (&live, &live), &admitted.object());
            let is_drift = admission.iter().any(is_changed);
            prop_assert_eq!(Mutations::Ignored.are_drift(&with), is_drift, "{:?} {} {:?}", with, live.value, admission);
            prop_assert_eq!(Mutations::Counted.are_drift(&with), !with.is_empty());
        }
        if edits.is_empty() {
            prop_assert_eq!(answer, Fast::InSync, "{} {}", live.value, wanted.value);
        }
    }

    #[test]
    fn an_object_does_not_differ_from_itself(content in any_content()) {
        let mut server = Server::default();
        server.apply("pushboat", &content.state());
        prop_assert!(differences(&server.object(), &server.object()).is_empty());
    }

    /// Nothing in `managedFields` makes the reader panic or answer "in sync" for another value.
    #[test]
    fn odd_managed_fields_are_never_in_sync_with_another_value(
        keys in prop::collection::vec("(f:|k:|v:|i:|\\.|z)[a-c\"{}:0-9]{0,6}", 0..5),
        depth in 0..3usize,
    ) {
        let mut set = json!({});
        for _ in 0..=depth {
            set = Value::Object(keys.iter().map(|key| (key.clone(), set.clone())).collect());
        }
        let entry = json!([{"manager": "pushboat", "operation": "Apply", "apiVersion": "example.com/v1",
            "fieldsType": "FieldsV1", "fieldsV1": set}]);
        let live = Object::new(json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"managedFields": entry},
            "a": {"b": [1, {"c": 1}]}, "b": 1, "c": [1]}));
        let desired = Object::new(json!({"apiVersion": "example.com/v1", "kind": "Widget", "a": {"b": [1, {"c": 2}]}, "b": 2, "c": [2]}));
        prop_assert_ne!(fast(&desired, &live), Fast::InSync);
    }
}
