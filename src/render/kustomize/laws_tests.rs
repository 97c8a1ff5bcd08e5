//! Laws that hold for any object and any patch.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::budget::Budget;
use super::smp::{Schema, merge};
use super::{emit, jsonpatch, typed};
use crate::object::yaml::{Dialect, Limits, parse, to_json};

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~\n]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            map_of(inner),
        ]
    })
}

fn map_of(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[a-z]{1,3}", inner, 0..4)
        .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>()))
}

fn merged(object: &Value, patch: &Value) -> Option<Value> {
    let node = merge(
        typed::from_value(object, 1),
        &typed::from_value(patch, 1),
        Schema::Unknown,
    );
    node.ok()?
        .map(|node| typed::to_value(&node).expect("types"))
}

proptest! {
    #[test]
    fn a_patch_merged_twice_is_a_patch_merged_once(object in map_of(value()), patch in map_of(value())) {
        if let Some(once) = merged(&object, &patch) {
            prop_assert_eq!(merged(&once, &patch), Some(once));
        }
    }

    #[test]
    fn an_object_merged_into_itself_stays(object in map_of(value())) {
        prop_assert_eq!(merged(&object, &object), Some(object));
    }

    #[test]
    fn what_is_added_can_be_removed(object in map_of(value()), added in value()) {
        let patch = json!([{"op": "add", "path": "/NEW", "value": added}, {"op": "remove", "path": "/NEW"}]);
        let operations = jsonpatch::read(patch.to_string().as_bytes(), "p.json").expect("reads").expect("a patch").operations;
        let mut after = object.clone();
        jsonpatch::apply(&mut after, &operations, &Budget::default()).expect("applies");
        prop_assert_eq!(after, object);
    }

    #[test]
    fn what_is_written_reads_back_the_same(object in map_of(value())) {
        let mut text = String::new();
        emit::document(&object, &mut text);
        let parsed = parse(text.as_bytes(), "out.yaml", &Limits::default()).expect("parses");
        let back = to_json(&parsed.documents[0], "out.yaml", Dialect::Kubectl).expect("types");
        prop_assert_eq!(back, object, "{}", text);
    }
}
