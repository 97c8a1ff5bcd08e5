//! Takes fields out of entries as servers write them.

use super::*;

fn entry(manager: &str, time: &str, fields: Value) -> Value {
    json!({"manager": manager, "operation": "Update", "apiVersion": "v1", "time": time,
        "fieldsType": "FieldsV1", "fieldsV1": fields})
}

fn own(time: &str, fields: Value) -> Value {
    let mut own = entry(labels::MANAGER, time, fields);
    own["operation"] = json!("Apply");
    own
}

fn object(content: Value) -> Object {
    let mut value = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}});
    for (name, part) in content.as_object().unwrap() {
        value[name] = part.clone();
    }
    Object::new(value)
}

fn live(entries: Value) -> Object {
    object(json!({"metadata": {"name": "x", "resourceVersion": "7", "managedFields": entries}}))
}

fn decide(desired: Value, live: &Object, earlier: &[Value]) -> Option<Handover> {
    let earlier = Earlier {
        objects: earlier.iter().cloned().map(object).collect(),
        entry: None,
    };
    handover(&object(desired), live, &earlier, &BTreeSet::new())
}

/// Manager and fields of every entry of the outcome.
fn outcome(decided: Option<Handover>) -> Vec<(String, Value)> {
    let entries = decided.expect("something is handed over").managed_fields;
    let pair = |entry: &Value| {
        let manager = entry["manager"].as_str().unwrap().to_owned();
        (manager, entry["fieldsV1"].clone())
    };
    entries.iter().map(pair).collect()
}

const EARLY: &str = "2026-01-01T00:00:00Z";
const LATE: &str = "2026-01-02T00:00:00Z";

#[test]
fn exactly_what_the_manifest_sets_is_taken() {
    let theirs = json!({"f:data": {".": {}, "f:a": {}, "f:mine": {}}});
    let live = live(json!([entry("kubectl-create", EARLY, theirs)]));
    let decided = decide(json!({"data": {"a": "1"}}), &live, &[]);
    assert_eq!(
        outcome(decided),
        [
            (labels::MANAGER.to_owned(), json!({"f:data": {"f:a": {}}})),
            (
                "kubectl-create".to_owned(),
                json!({"f:data": {".": {}, "f:mine": {}}})
            ),
        ]
    );
}

#[test]
fn the_patch_holds_only_for_the_version_that_was_seen() {
    let live = live(json!([entry(
        "kubectl-edit",
        EARLY,
        json!({"f:data": {"f:a": {}}})
    )]));
    let patch = decide(json!({"data": {"a": "1"}}), &live, &[])
        .unwrap()
        .patch();
    assert_eq!(
        patch[0],
        json!({"op": "test", "path": "/metadata/resourceVersion", "value": "7"})
    );
    assert_eq!(patch[1]["path"], "/metadata/managedFields");
}

#[test]
fn controllers_subresources_and_other_appliers_keep_theirs() {
    let fields = json!({"f:spec": {"f:replicas": {}}});
    let mut scale = entry("kubectl", LATE, fields.clone());
    scale["subresource"] = json!("scale");
    let mut applier = entry("kubectl", LATE, fields.clone());
    applier["operation"] = json!("Apply");
    let list = json!([
        own(EARLY, fields.clone()),
        scale,
        applier,
        entry("some-operator", LATE, fields)
    ]);
    assert_eq!(
        decide(json!({"spec": {"replicas": 1}}), &live(list), &[]),
        None
    );
}

#[test]
fn a_tool_that_deploys_keeps_what_it_wants_otherwise() {
    let theirs = json!({"f:data": {".": {}, "f:a": {}, "f:b": {}}});
    let mut live = live(json!([entry("argocd-controller", EARLY, theirs)]));
    live.value["data"] = json!({"a": "1", "b": "1"});
    let decided = decide(json!({"data": {"a": "1", "b": "2"}}), &live, &[]);
    assert_eq!(
        outcome(decided),
        [
            (labels::MANAGER.to_owned(), json!({"f:data": {"f:a": {}}})),
            (
                "argocd-controller".to_owned(),
                json!({"f:data": {".": {}, "f:b": {}}})
            ),
        ]
    );
}

#[test]
fn a_restart_stays_with_whoever_asked_for_it() {
    let annotations =
        |set: Value| json!({"f:spec": {"f:template": {"f:metadata": {"f:annotations": set}}}});
    let theirs = annotations(json!({".": {}, format!("f:{}", labels::RESTARTED_AT): {}}));
    let live = live(json!([
        own(EARLY, json!({"f:spec": {"f:x": {}}})),
        entry("kubectl-rollout", LATE, theirs)
    ]));
    let desired = object(json!({"spec": {"x": 1}}));
    assert!(!needs_history(&desired, &live));
    let before =
        json!({"spec": {"template": {"metadata": {"annotations": {labels::RESTARTED_AT: "t"}}}}});
    assert_eq!(decide(json!({"spec": {"x": 1}}), &live, &[before]), None);
}

#[test]
fn an_item_that_git_dropped_goes_with_everything_in_it() {
    let item = |name: &str, below: Value| (format!("k:{{\"name\":\"{name}\"}}"), below);
    let theirs = json!({"f:spec": {"f:containers": Map::from_iter([
        item("a", json!({".": {}, "f:name": {}, "f:image": {}, "f:imagePullPolicy": {}})),
        item("b", json!({".": {}, "f:name": {}, "f:image": {}, "f:imagePullPolicy": {}})),
        item("c", json!({".": {}, "f:name": {}})),
    ])}});
    let live = live(json!([entry("kubectl-client-side-apply", EARLY, theirs)]));
    let container = |name: &str| json!({"name": name, "image": "i"});
    let before = json!({"spec": {"containers": [container("a"), container("b")]}});
    let decided = decide(
        json!({"spec": {"containers": [container("a")]}}),
        &live,
        &[before],
    );
    let expected = json!({"f:spec": {"f:containers": Map::from_iter([
        item("a", json!({".": {}, "f:imagePullPolicy": {}})),
        item("c", json!({".": {}, "f:name": {}})),
    ])}});
    let outcome = outcome(decided);
    assert_eq!(outcome[1].1, expected);
    let taken = &outcome[0].1["f:spec"]["f:containers"]["k:{\"name\":\"b\"}"];
    assert_eq!(
        *taken,
        json!({".": {}, "f:name": {}, "f:image": {}, "f:imagePullPolicy": {}})
    );
}

#[test]
fn what_the_server_put_beside_a_dropped_field_is_taken_only_when_it_is_a_default() {
    let probe = json!({".": {}, "f:failureThreshold": {}, "f:periodSeconds": {},
        "f:httpGet": {".": {}, "f:port": {}, "f:scheme": {}}});
    let theirs = json!({"f:spec": {"f:livenessProbe": probe}});
    let live = live(json!([entry("helm", EARLY, theirs.clone())]));
    let before = Earlier {
        objects: vec![object(
            json!({"spec": {"livenessProbe": {"httpGet": {"port": 80}}}}),
        )],
        entry: None,
    };
    let desired = object(json!({"spec": {}}));
    let decided = handover(&desired, &live, &before, &BTreeSet::new()).unwrap();
    let shown: Vec<String> = decided.leftovers.iter().map(ToString::to_string).collect();
    let probe = "spec.livenessProbe";
    assert_eq!(
        shown,
        [
            format!("{probe}.failureThreshold"),
            format!("{probe}.httpGet.scheme"),
            format!("{probe}.periodSeconds"),
        ]
    );
    let all = decided.leftovers.into_iter().collect();
    let decided = handover(&desired, &live, &before, &all);
    assert_eq!(outcome(decided), [(labels::MANAGER.to_owned(), theirs)]);
}

#[test]
fn leftovers_are_told_also_where_nothing_else_changes_hands() {
    let fields = |grpc: Value| json!({"f:spec": {"f:probe": {"f:grpc": grpc}}});
    let live = live(json!([
        own(LATE, fields(json!({"f:port": {}}))),
        entry("kubectl-create", EARLY, fields(json!({"f:service": {}}))),
    ]));
    let decided = decide(json!({"spec": {"probe": {"tcp": 1}}}), &live, &[]).unwrap();
    assert!(!decided.changes(&live));
    assert_eq!(decided.leftovers.len(), 1);
}

#[test]
fn what_only_a_person_set_stays_theirs_and_counts_as_open_when_it_is_newer() {
    let theirs = |time: &str| {
        let fields = json!({"f:metadata": {"f:annotations": {"f:note": {}}}});
        live(json!([
            own("2026-01-01T12:00:00Z", json!({"f:data": {"f:a": {}}})),
            entry("kubectl-annotate", time, fields)
        ]))
    };
    let desired = object(json!({"data": {"a": "1"}}));
    assert!(needs_history(&desired, &theirs(LATE)));
    assert!(!needs_history(&desired, &theirs(EARLY)));
    assert_eq!(
        decide(json!({"data": {"a": "1"}}), &theirs(LATE), &[]),
        None
    );
    let before = json!({"metadata": {"name": "x", "annotations": {"note": "of git"}}});
    assert!(decide(json!({"data": {"a": "1"}}), &theirs(LATE), &[before]).is_some());
}

#[test]
fn what_kubectl_applied_is_known_from_its_own_annotation() {
    let annotation = format!("f:{}", labels::LAST_APPLIED);
    let fields = json!({"f:data": {".": {}, "f:a": {}, "f:b": {}}, "f:metadata": {"f:annotations": {".": {}, annotation: {}}}});
    let mut live = live(json!([
        own(LATE, json!({"f:data": {"f:a": {}}})),
        entry("kubectl-client-side-apply", EARLY, fields)
    ]));
    let desired = object(json!({"data": {"a": "1"}}));
    assert!(!holds_last_applied(&desired, &live));
    let applied = |data: Value| {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "annotations": {}}, "data": data}).to_string()
    };
    live.set_annotation(labels::LAST_APPLIED, &applied(json!({"a": "1"})));
    assert!(!holds_last_applied(&desired, &live));
    live.set_annotation(labels::LAST_APPLIED, &applied(json!({"a": "1", "b": "2"})));
    assert!(holds_last_applied(&desired, &live));
}

#[test]
fn without_any_entry_the_member_label_is_held_so_that_nobody_else_gets_all() {
    let live = live(json!([]));
    let label = format!("f:{}", labels::APPLYSET_PART_OF);
    assert_eq!(
        outcome(decide(json!({"data": {"a": "1"}}), &live, &[])),
        [(
            labels::MANAGER.to_owned(),
            json!({"f:metadata": {"f:labels": {label: {}}}})
        )]
    );
}

#[test]
fn entries_of_another_version_lose_what_git_sets_and_keep_the_rest() {
    let mut theirs = entry(
        "kubectl-create",
        EARLY,
        json!({"f:spec": {"f:a": {}, "f:old": {}}}),
    );
    theirs["apiVersion"] = json!("v2");
    let live = live(json!([own(EARLY, json!({"f:spec": {"f:a": {}}})), theirs]));
    let decided = decide(
        json!({"spec": {"a": 1}}),
        &live,
        &[json!({"spec": {"old": 1}})],
    );
    assert_eq!(outcome(decided)[1].1, json!({"f:spec": {"f:old": {}}}));
}
