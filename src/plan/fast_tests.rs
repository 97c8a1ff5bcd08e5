//! Examples of the fast answer; the law that ties it to the exact one is in `model_tests.rs`.

use serde_json::json;

use super::*;

fn object(kind: &str, content: Value) -> Value {
    let mut object = content;
    object["apiVersion"] = json!(if kind == "Deployment" {
        "apps/v1"
    } else {
        "v1"
    });
    object["kind"] = json!(kind);
    object
}

fn check(kind: &str, desired: Value, live: Value, own: Value, expected: Fast) {
    let desired = Object::new(object(kind, desired));
    let mut live = object(kind, live);
    if !live["metadata"].is_object() {
        live["metadata"] = json!({});
    }
    live["metadata"]["managedFields"] = json!([{"manager": "pushboat", "operation": "Apply",
        "apiVersion": live["apiVersion"], "fieldsType": "FieldsV1", "fieldsV1": own}]);
    assert_eq!(fast(&desired, &Object::new(live)), expected);
}

const VALUE: Fast = Fast::Suspect(Why::Value);

#[test]
fn what_others_add_is_no_drift() {
    check(
        "ConfigMap",
        json!({"data": {"a": "1"}}),
        json!({"data": {"a": "1", "b": "2"}}),
        json!({"f:data": {"f:a": {}}}),
        Fast::InSync,
    );
}

#[test]
fn a_changed_value_is_a_suspect() {
    let own = json!({"f:data": {"f:a": {}}});
    check(
        "ConfigMap",
        json!({"data": {"a": "1"}}),
        json!({"data": {"a": "2"}}),
        own.clone(),
        VALUE,
    );
    check(
        "ConfigMap",
        json!({"data": {"a": "1"}}),
        json!({"data": {}}),
        own,
        VALUE,
    );
}

#[test]
fn a_field_that_git_dropped_or_added_is_a_suspect() {
    let own = json!({"f:data": {"f:a": {}}});
    let live = json!({"data": {"a": "1", "b": "2"}});
    check(
        "ConfigMap",
        json!({"data": {}}),
        live.clone(),
        own.clone(),
        Fast::Suspect(Why::NotDesired),
    );
    check(
        "ConfigMap",
        json!({}),
        live.clone(),
        own.clone(),
        Fast::Suspect(Why::NotDesired),
    );
    check(
        "ConfigMap",
        json!({"data": {"a": "1", "b": "2"}}),
        live,
        own,
        Fast::Suspect(Why::NotOwned),
    );
}

fn ports(ports: Value) -> Value {
    json!({"spec": {"ports": ports}})
}

#[test]
fn items_are_matched_by_their_keys_and_must_keep_their_order() {
    let own = json!({"f:spec": {"f:ports": {
        "k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}},
        "k:{\"port\":81,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}}}}});
    let desired = ports(json!([{"port": 80}, {"port": 81}]));
    let item = |port: u16| json!({"port": port, "protocol": "TCP", "targetPort": port});
    let cases = [
        (json!([item(80), item(81)]), Fast::InSync),
        (json!([item(80), item(99), item(81)]), Fast::InSync),
        (json!([item(81), item(80)]), Fast::Suspect(Why::Items)),
        (json!([item(80)]), Fast::Suspect(Why::Items)),
        (
            json!([item(80), item(81), item(80)]),
            Fast::Suspect(Why::Items),
        ),
    ];
    for (live, expected) in cases {
        check(
            "Service",
            desired.clone(),
            ports(live),
            own.clone(),
            expected,
        );
    }
}

#[test]
fn an_atomic_list_is_compared_whole() {
    let own = json!({"f:spec": {"f:externalIPs": {}}});
    let spec = |ips: Value| json!({"spec": {"externalIPs": ips}});
    check(
        "Service",
        spec(json!(["a"])),
        spec(json!(["a"])),
        own.clone(),
        Fast::InSync,
    );
    check(
        "Service",
        spec(json!(["a"])),
        spec(json!(["a", "b"])),
        own,
        VALUE,
    );
}

#[test]
fn a_quantity_that_the_server_rewrote_is_no_drift() {
    let own = json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"c\"}": {".": {}, "f:name": {},
        "f:resources": {"f:limits": {"f:cpu": {}}}}}}}}});
    let with = |cpu: &str| json!({"spec": {"template": {"spec": {"containers": [{"name": "c", "resources": {"limits": {"cpu": cpu}}}]}}}});
    check(
        "Deployment",
        with("1000m"),
        with("1"),
        own.clone(),
        Fast::InSync,
    );
    check("Deployment", with("1000m"), with("2"), own, VALUE);
}

#[test]
fn zero_values_that_the_server_drops_are_no_drift() {
    let own = json!({"f:metadata": {"f:annotations": {}}, "f:spec": {"f:paused": {}, "f:template": {"f:spec": {"f:tolerations": {}}}}});
    let desired = json!({"metadata": {"annotations": {}, "creationTimestamp": null},
        "spec": {"paused": false, "template": {"spec": {"tolerations": [], "initContainers": []}}}});
    let live = json!({"spec": {"template": {"spec": {}}}});
    check("Deployment", desired, live, own, Fast::InSync);
}

#[test]
fn string_data_is_compared_as_the_data_it_becomes() {
    let desired = json!({"stringData": {"a": "hello"}});
    for owner in ["f:stringData", "f:data"] {
        let own = json!({owner: {"f:a": {}}});
        check(
            "Secret",
            desired.clone(),
            json!({"data": {"a": "aGVsbG8="}}),
            own.clone(),
            Fast::InSync,
        );
        check(
            "Secret",
            desired.clone(),
            json!({"data": {"a": "aGVsbG8h"}}),
            own.clone(),
            VALUE,
        );
        check("Secret", desired.clone(), json!({}), own.clone(), VALUE);
        check(
            "Secret",
            json!({"data": {}}),
            json!({"data": {"a": "aGVsbG8="}}),
            own,
            Fast::Suspect(Why::NotDesired),
        );
    }
}

#[test]
fn folding_string_data_leaves_what_the_server_would_store() {
    let mut secret = Object::new(object(
        "Secret",
        json!({"data": {"a": "eA==", "b": "eQ=="}, "stringData": {"a": "hello"}}),
    ));
    fold_string_data(&mut secret);
    assert_eq!(secret.value["data"], json!({"a": "aGVsbG8=", "b": "eQ=="}));
    assert!(secret.value.get("stringData").is_none());
}

#[test]
fn what_cannot_be_read_is_a_suspect() {
    let desired = Object::new(object("ConfigMap", json!({"data": {"a": "1"}})));
    let live = |metadata: Value| {
        Object::new(object(
            "ConfigMap",
            json!({"metadata": metadata, "data": {"a": "1"}}),
        ))
    };
    let entry = |fields: Value| json!({"manager": "pushboat", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": fields});
    let good = json!({"f:data": {"f:a": {}}});
    let cases = [
        (json!({}), Why::NotApplied),
        (json!({"managedFields": []}), Why::NotApplied),
        (json!({"managedFields": "x"}), Why::NotApplied),
        (
            json!({"managedFields": [entry(good.clone())], "deletionTimestamp": "t"}),
            Why::Terminating,
        ),
        (
            json!({"managedFields": [entry(good.clone()), entry(good)]}),
            Why::Odd,
        ),
        (
            json!({"managedFields": [entry(json!({"f:data": {"z:a": {}}}))]}),
            Why::NotOwned,
        ),
        (
            json!({"managedFields": [entry(json!({"f:data": 1}))]}),
            Why::NotOwned,
        ),
    ];
    for (metadata, why) in cases {
        assert_eq!(fast(&desired, &live(metadata)), Fast::Suspect(why));
    }
}
