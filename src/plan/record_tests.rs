use super::*;

fn parent() -> Parent {
    Parent {
        namespace: "default".into(),
        owner: Owner {
            app: "shop".into(),
            repo: "github.com/a/b".into(),
            cluster: "dev".into(),
        },
        former_repos: vec!["folder/b".into()],
        declared_in: BTreeSet::from(["prod".to_owned()]),
    }
}

fn content(kinds: &str, phase: Phase) -> Content {
    Content {
        scope: Scope::parse(kinds, "b,a").expect("well-formed"),
        phase,
        since: "2026-01-01T00:00:00.000001Z".into(),
        also_in: BTreeSet::from(["old".to_owned()]),
        deployed: Some(Deployed {
            revision: "1a2b3c4".into(),
            dirty: true,
        }),
        key: Some(SealKey::new([7; 32])),
    }
}

/// A record as the server has it after pushboat wrote it.
fn live(kinds: &str) -> Object {
    let mut live = parent().object(&content(kinds, Phase::Done), "u-1");
    live.value["metadata"]["uid"] = json!("u-1");
    owned_by(
        &mut live,
        "pushboat",
        "Apply",
        &[labels::CHECK, labels::APPLYSET_GROUP_KINDS],
    );
    live
}

fn owned_by(live: &mut Object, manager: &str, operation: &str, annotations: &[&str]) {
    let fields: serde_json::Map<String, serde_json::Value> = annotations
        .iter()
        .map(|name| (format!("f:{name}"), json!({})))
        .collect();
    let entry = json!({"manager": manager, "operation": operation, "fieldsType": "FieldsV1",
        "fieldsV1": {"f:metadata": {"f:annotations": fields}}});
    let entries = &mut live.value["metadata"]["managedFields"];
    match entries.as_array_mut() {
        Some(entries) => entries.push(entry),
        None => *entries = json!([entry]),
    }
}

fn edit(live: &mut Object, annotation: &str, value: Option<&str>) {
    match value {
        Some(value) => live.set_annotation(annotation, value),
        None => {
            let annotations = live.value["metadata"]["annotations"].as_object_mut();
            annotations.map(|map| map.remove(annotation));
        }
    }
}

fn shown(live: &Object) -> String {
    match parent().read(live) {
        Read::Refused { refusal, .. } => refusal.error(&parent()).message(),
        Read::Ours { trust, renamed, .. } => {
            let trust = match trust {
                Trust::Whole => "whole".to_owned(),
                Trust::Unchecked => "unchecked".to_owned(),
                Trust::Restored(why) => format!("restored: {why}"),
                Trust::Damaged(why) => format!("damaged: {why}"),
            };
            let renamed = renamed.iter().map(Renamed::describe);
            [trust]
                .into_iter()
                .chain(renamed)
                .collect::<Vec<_>>()
                .join(", ")
        }
    }
}

#[track_caller]
fn check(annotation: &str, value: Option<&str>, expected: &str) {
    let mut live = live("ConfigMap,Secret");
    edit(&mut live, annotation, value);
    assert_eq!(shown(&live), expected);
}

#[test]
fn a_written_parent_reads_back() {
    let kinds = "ConfigMap,Deployment.apps,Widget.example.com";
    let live = live(kinds);
    assert_eq!(live.annotation(labels::APPLYSET_GROUP_KINDS), Some(kinds));
    assert_eq!(live.annotation(labels::APPLYSET_NAMESPACES), Some("a,b"));
    let expected = Read::Ours {
        content: content(kinds, Phase::Done),
        renamed: Vec::new(),
        trust: Trust::Whole,
    };
    assert_eq!(parent().read(&live), expected);
}

#[test]
fn other_tools_and_owners_are_refused() {
    check(labels::APPLYSET_TOOLING, Some("pushboat/99.0.0"), "whole");
    let tool = "`Secret/default/pushboat.shop` is the ApplySet of another tool, `kubectl/v1.36`";
    check(labels::APPLYSET_TOOLING, Some("kubectl/v1.36"), tool);
    let none = "`Secret/default/pushboat.shop` exists and is no record of pushboat";
    check(labels::APPLYSET_TOOLING, None, none);
    let other = "`Secret/default/pushboat.shop` belongs to another repository, `github.com/x/y`; this one is `github.com/a/b`";
    check(labels::REPO, Some("github.com/x/y"), other);
    let other = "`Secret/default/pushboat.shop` belongs to another folder, ``; this one is `dev`";
    check(labels::CLUSTER, None, other);
}

#[test]
fn a_new_name_for_the_same_thing_is_no_other_owner() {
    let repo = "whole, repository folder/b -> github.com/a/b";
    check(labels::REPO, Some("folder/b"), repo);
    check(labels::CLUSTER, Some("f08"), "whole, folder f08 -> dev");
    let twice = "the cluster folders `prod` and `dev` are one server, and both declare app `shop`";
    check(labels::CLUSTER, Some("prod"), twice);
    let mut twice = live("ConfigMap");
    edit(&mut twice, labels::CLUSTER, Some("prod"));
    let Read::Refused { refusal, .. } = parent().read(&twice) else {
        panic!("two folders declare it");
    };
    assert!(!refusal.error(&parent()).report().contains("--adopt"));
}

#[test]
fn an_edited_parent_is_damaged() {
    let missing =
        "damaged: the annotation `applyset.kubernetes.io/contains-group-kinds` is missing";
    check(labels::APPLYSET_GROUP_KINDS, None, missing);
    check(
        labels::APPLYSET_GROUP_KINDS,
        Some("ConfigMap,<x>"),
        "damaged: `<x>` is no kind",
    );
    check(
        labels::APPLYSET_NAMESPACES,
        Some("A b"),
        "damaged: `A b` is no namespace",
    );
    let changed = "damaged: its check value does not fit what it says";
    check(labels::APPLYSET_GROUP_KINDS, Some("ConfigMap"), changed);
    check(labels::APPLYSET_NAMESPACES, Some("a"), changed);
    check(labels::APPLYSET_NAMESPACES, None, changed);
    check(labels::ALSO_IN, None, changed);
    check(
        labels::CHECK,
        Some("x"),
        "damaged: the annotation `pushboat.dev/check` is no check value",
    );
    check(labels::CHECK, Some("2:a:b"), "unchecked");
    let mut object = live("ConfigMap");
    object.set_label(labels::APPLYSET_ID, "applyset-x-v1");
    assert_eq!(shown(&object), "damaged: the id is that of another object");
}

#[test]
fn what_was_put_back_may_be_older_than_what_was_applied_since() {
    let mut again = live("ConfigMap");
    again.value["metadata"]["uid"] = json!("u-2");
    assert_eq!(shown(&again), "restored: it was deleted and made again");
    let mut replaced = live("ConfigMap");
    owned_by(&mut replaced, "kubectl-replace", "Update", &[labels::CHECK]);
    assert_eq!(shown(&replaced), "restored: `kubectl-replace` put it back");
    let mut labelled = live("ConfigMap");
    owned_by(
        &mut labelled,
        "kubectl-annotate",
        "Update",
        &["example.com/note"],
    );
    assert_eq!(shown(&labelled), "whole");
}

#[test]
fn a_first_write_does_not_know_the_uid_yet() {
    let mut first = parent().object(&content("ConfigMap", Phase::InProgress), "");
    first.value["metadata"]["uid"] = json!("u-1");
    assert_eq!(shown(&first), "whole");
    let mut done = parent().object(&content("ConfigMap", Phase::Done), "");
    done.value["metadata"]["uid"] = json!("u-1");
    assert_eq!(shown(&done), "restored: it was deleted and made again");
}

#[test]
fn a_record_from_before_the_check_value_is_accepted_until_somebody_writes_its_scope() {
    let mut first_version = live("ConfigMap");
    edit(&mut first_version, labels::CHECK, None);
    assert_eq!(shown(&first_version), "unchecked");
    owned_by(
        &mut first_version,
        "kubectl-edit",
        "Update",
        &[labels::APPLYSET_GROUP_KINDS],
    );
    assert_eq!(
        shown(&first_version),
        "damaged: `kubectl-edit` wrote its scope"
    );
}
