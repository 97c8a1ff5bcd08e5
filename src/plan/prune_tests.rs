//! The rules of pruning, one case each, and the invariants over random cases.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::plan::check;

fn key(text: &str) -> Key {
    let (kind, name) = text.split_once('/').expect("Kind/name");
    let (kind, group) = kind.split_once('.').unwrap_or((kind, ""));
    Key {
        group: group.into(),
        kind: kind.into(),
        namespace: "ns".into(),
        name: name.into(),
    }
}

fn keys(texts: &[&str]) -> BTreeSet<Key> {
    texts.iter().map(|text| key(text)).collect()
}

fn member(text: &str) -> Object {
    let key = key(text);
    let api_version = if key.group.is_empty() {
        "v1".to_owned()
    } else {
        format!("{}/v1", key.group)
    };
    Object::new(
        json!({"apiVersion": api_version, "kind": key.kind, "metadata": {
        "name": key.name, "namespace": "ns", "uid": format!("uid-{text}"), "resourceVersion": "7",
        "labels": {labels::APPLYSET_PART_OF: "id"},
        "managedFields": [applied(json!({"f:metadata": {"f:labels": {MEMBER: {}}}}))]}}),
    )
}

/// The member label in a field set.
const MEMBER: &str = "f:applyset.kubernetes.io/part-of";

fn applied(fields: Value) -> Value {
    json!({"manager": "pushboat", "operation": "Apply", "fieldsType": "FieldsV1", "fieldsV1": fields})
}

fn evidence(desired: &[&str]) -> Evidence {
    Evidence {
        id: "id".into(),
        desired: keys(desired),
        ..Evidence::default()
    }
}

/// What is deleted, what is kept and why, and the guard, in one line.
fn shown(members: &[Object], evidence: &Evidence, guards: &Guards) -> String {
    let plan = plan(members, evidence, guards);
    assert_eq!(check::prune(&plan, members, evidence, guards), Ok(()));
    let short = |key: &Key| format!("{}/{}", key.kind, key.name);
    let mut words: Vec<String> = plan
        .delete
        .iter()
        .map(|c| format!("-{}", short(&c.key)))
        .collect();
    words.extend(
        plan.kept
            .iter()
            .map(|(key, why)| format!("{}: {}", short(key), why.describe())),
    );
    words.extend(
        plan.refused
            .map(|refused| refused.guard.describe(refused.candidates.len())),
    );
    words.join(", ")
}

fn check(member: Object, expected: &str) {
    assert_eq!(
        shown(
            &[member],
            &evidence(&["ConfigMap/other"]),
            &Guards::default()
        ),
        expected
    );
}

fn edited(text: &str, edit: impl FnOnce(&mut Object)) -> Object {
    let mut object = member(text);
    edit(&mut object);
    object
}

#[test]
fn a_member_that_is_not_desired_is_deleted_with_its_preconditions() {
    let plan = plan(
        &[member("ConfigMap/a")],
        &evidence(&["ConfigMap/b"]),
        &Guards::default(),
    );
    let expected = Candidate {
        key: key("ConfigMap/a"),
        uid: "uid-ConfigMap/a".into(),
        resource_version: "7".into(),
        why: Because::NotDesired,
    };
    assert_eq!(plan.delete, [expected]);
}

#[test]
fn what_pushboat_cannot_prove_it_applied_is_kept() {
    let copied = edited("ConfigMap/a", |object| {
        object.value["metadata"]["managedFields"] = json!([])
    });
    check(copied, "ConfigMap/a: pushboat did not apply it");
    let relabelled = edited("ConfigMap/a", |object| {
        object.value["metadata"]["managedFields"] =
            json!([applied(json!({"f:metadata": {"f:labels": {"f:app": {}}}}))])
    });
    check(
        relabelled,
        "ConfigMap/a: somebody else set its member label",
    );
    let other = edited("ConfigMap/a", |object| {
        object.set_label(labels::APPLYSET_PART_OF, "x")
    });
    check(other, "ConfigMap/a: its label is not that of this app");
    let bare = edited("ConfigMap/a", |object| {
        object.value["metadata"]["uid"] = json!(null)
    });
    check(
        bare,
        "ConfigMap/a: the server sent no uid or resourceVersion",
    );
}

#[test]
fn what_others_take_care_of_is_kept() {
    for owners in [
        json!([{"kind": "Job", "name": "j"}]),
        json!([{"kind": "Other", "name": "o"}, {"kind": "Job", "name": "j", "controller": true}]),
    ] {
        let owned = edited("Pod/a", |object| {
            object.value["metadata"]["ownerReferences"] = owners
        });
        assert!(is_aside(&owned));
        check(owned, "Pod/a: `Job/j` owns it");
    }
    let deleted = edited("Pod/a", |object| {
        object.value["metadata"]["deletionTimestamp"] = json!("t");
        object.value["metadata"]["finalizers"] = json!(["a/b"]);
    });
    check(
        deleted,
        "Pod/a: it is being deleted, held by the finalizer `a/b`",
    );
}

/// What ran at its time is no drift; what is only skipped stands there like any other object. None of them is deleted.
#[test]
fn hooks_are_kept_and_only_a_skipped_one_is_drift() {
    let hook = |key: &str, value: &str| edited("Job/a", |object| object.set_annotation(key, value));
    for (object, is_drift) in [
        (hook(labels::ARGO_HOOK, "PreSync"), false),
        (hook(labels::ARGO_HOOK, "Skip"), true),
        (hook(labels::HELM_HOOK, "pre-install"), false),
    ] {
        assert_eq!(is_aside(&object), !is_drift, "{object:?}");
        check(object, "Job/a: it is a hook");
    }
    let definition = hook(labels::HELM_HOOK, "crd-install");
    assert!(!is_aside(&definition));
    check(definition, "-Job/a");
}

/// What an object says of itself outranks its app, and `Delete` is about the end of the whole app.
#[test]
fn an_app_that_keeps_everything_is_overruled_by_its_objects() {
    let guards = |occasion, unsaid| Guards {
        occasion,
        unsaid,
        ..Guards::default()
    };
    let said = |text: &str, guards: &Guards| {
        let object = edited("Secret/a", |object| {
            object.set_annotation(labels::ARGO_SYNC_OPTIONS, text)
        });
        shown(&[object], &evidence(&["ConfigMap/other"]), guards)
    };
    let keeps = guards(Occasion::LeftGit, Unsaid::Kept);
    assert_eq!(
        said("", &keeps),
        "Secret/a: the Application has the sync option `Prune=false`"
    );
    assert_eq!(said("Prune=true", &keeps), "-Secret/a");
    let unconfirmed = "Secret/a: its deletion is not confirmed by name";
    assert_eq!(said("Prune=confirm", &keeps), unconfirmed);
    let gone = guards(Occasion::AppGone, Unsaid::Pruned);
    assert_eq!(said("Delete=true", &gone), "-Secret/a");
    assert_eq!(said("Delete=confirm", &gone), unconfirmed);
    assert_eq!(
        said("Delete=false", &gone),
        "Secret/a: it carries `argocd.argoproj.io/sync-options: Delete=false`"
    );
    assert_eq!(said("Delete=false", &Guards::default()), "-Secret/a");
}

#[test]
fn annotations_keep_an_object() {
    let options = |text: &str| {
        edited("Secret/a", |object| {
            object.set_annotation(labels::ARGO_SYNC_OPTIONS, text)
        })
    };
    check(
        options("Validate=false, Prune=false"),
        "Secret/a: it carries `argocd.argoproj.io/sync-options: Prune=false`",
    );
    check(
        options("Prune=confirm"),
        "Secret/a: its deletion is not confirmed by name",
    );
    check(options("prune=false"), "-Secret/a");
    let keep = edited("Secret/a", |object| {
        object.set_annotation(labels::HELM_RESOURCE_POLICY, "keep")
    });
    check(keep, "Secret/a: it carries `helm.sh/resource-policy: keep`");
}

#[test]
fn precious_kinds_need_their_name() {
    for kind in [
        "Namespace",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "CustomResourceDefinition.apiextensions.k8s.io",
    ] {
        let members = [member(&format!("{kind}/a"))];
        let short = kind.split('.').next().unwrap_or_default();
        let evidence = evidence(&["ConfigMap/b"]);
        let kept = format!("{short}/a: its deletion is not confirmed by name");
        assert_eq!(shown(&members, &evidence, &Guards::default()), kept);
        for (confirmed, is_deleted) in [
            (format!("{short}/a"), true),
            ("a".into(), false),
            (format!("{short}/b"), false),
        ] {
            let guards = Guards {
                confirmed: [confirmed].into(),
                ..Guards::default()
            };
            let expected = if is_deleted {
                format!("-{short}/a")
            } else {
                kept.clone()
            };
            assert_eq!(shown(&members, &evidence, &guards), expected);
        }
    }
}

#[test]
fn an_error_in_the_scope_deletes_nothing() {
    let evidence = Evidence {
        errors: vec!["no access to Secrets".into()],
        ..evidence(&["ConfigMap/b"])
    };
    let expected =
        "nothing is pruned, as the app could not be read without an error: no access to Secrets";
    assert_eq!(
        shown(&[member("ConfigMap/a")], &evidence, &Guards::default()),
        expected
    );
}

#[test]
fn an_empty_app_deletes_nothing_unless_allowed() {
    let members = [member("ConfigMap/a"), member("ConfigMap/b")];
    let expected = "the app renders to nothing, and all 2 objects would be deleted";
    assert_eq!(
        shown(&members, &evidence(&[]), &Guards::default()),
        expected
    );
    let guards = Guards {
        allow_empty: true,
        ..Guards::default()
    };
    assert_eq!(
        shown(&members, &evidence(&[]), &guards),
        "-ConfigMap/a, -ConfigMap/b"
    );
}

#[test]
fn too_many_deletions_are_refused() {
    let members: Vec<Object> = (0..20)
        .map(|n| member(&format!("ConfigMap/a{n}")))
        .collect();
    let desired: Vec<String> = (0..9).map(|n| format!("ConfigMap/a{n}")).collect();
    let evidence = evidence(&desired.iter().map(String::as_str).collect::<Vec<_>>());
    let refused = "11 of 20 objects would be deleted, more than 10";
    assert_eq!(shown(&members, &evidence, &Guards::default()), refused);
    for (limit, is_allowed) in [
        (Limit::Count(11), true),
        (Limit::Percent(50), false),
        (Limit::Percent(55), true),
        (Limit::Count(0), false),
    ] {
        let guards = Guards {
            limit: limit.into(),
            ..Guards::default()
        };
        assert_eq!(
            plan(&members, &evidence, &guards).delete.is_empty(),
            !is_allowed,
            "{limit:?}"
        );
    }
    assert_eq!(Limit::parse("50%"), Some(Limit::Percent(50)));
    assert_eq!(
        (Limit::parse("7"), Limit::parse("-1"), Limit::parse("101%")),
        (Some(Limit::Count(7)), None, None)
    );
}

fn wanted_by(app: &str) -> Kept {
    Kept::DesiredElsewhere {
        app: app.to_owned(),
    }
}

#[test]
fn what_another_app_wants_or_a_stale_group_hides_is_kept() {
    let others = BTreeMap::from([(key("ConfigMap/a"), wanted_by("shop"))]);
    let stale = BTreeSet::from(["example.com".to_owned()]);
    let evidence = Evidence {
        not_surplus: others,
        stale_groups: stale,
        ..evidence(&["ConfigMap/b"])
    };
    assert_eq!(
        shown(
            &[member("ConfigMap/a"), member("Widget.example.com/w")],
            &evidence,
            &Guards::default()
        ),
        "ConfigMap/a: app `shop` wants it, Widget/w: the API group `example.com` cannot be read in full"
    );
}

#[test]
fn one_object_under_two_groups_is_one_object() {
    let mut old = member("Ingress.extensions/i");
    old.value["metadata"]["uid"] = json!("uid-Ingress.networking.k8s.io/i");
    let members = [member("Ingress.networking.k8s.io/i"), old];
    let expected = "Ingress/i: it is desired under another API group";
    assert_eq!(
        shown(
            &members,
            &evidence(&["Ingress.networking.k8s.io/i"]),
            &Guards::default()
        ),
        expected
    );
}

fn any_member() -> impl Strategy<Value = Object> {
    let kind = prop::sample::select(vec![
        "ConfigMap",
        "Namespace",
        "PersistentVolumeClaim",
        "Deployment.apps",
    ]);
    (kind, 0..6u8, 0..8u8).prop_map(|(kind, n, flaw)| {
        edited(&format!("{kind}/a{n}"), |object| match flaw {
            0 => object.value["metadata"]["managedFields"] = json!([]),
            1 => object.value["metadata"]["uid"] = json!(""),
            2 => object.set_annotation(labels::ARGO_SYNC_OPTIONS, "Prune=false"),
            _ => {}
        })
    })
}

proptest! {
    #[test]
    fn every_plan_keeps_the_rules(
        members in prop::collection::vec(any_member(), 0..30),
        desired in prop::collection::vec(any_member(), 0..5),
        others in prop::collection::vec(any_member(), 0..3),
        limit in prop::option::of(0..20usize),
        allow_empty: bool,
        has_error in prop::bool::weighted(0.1),
        confirmed in prop::collection::btree_set("(Namespace|PersistentVolumeClaim)/a[0-5]", 0..4),
    ) {
        let evidence = Evidence {
            desired: desired.iter().map(Object::key).collect(),
            not_surplus: others.iter().map(|object| (object.key(), wanted_by("x"))).collect(),
            errors: if has_error { vec!["e".to_owned()] } else { Vec::new() },
            ..evidence(&[])
        };
        let guards = Guards { allow_empty, limit: limit.map_or(Limit::Usual, Limit::Count).into(), confirmed, ..Guards::default() };
        let plan = plan(&members, &evidence, &guards);
        prop_assert_eq!(check::prune(&plan, &members, &evidence, &guards), Ok(()));
    }
}

#[test]
fn a_repository_may_lower_the_limit_and_not_raise_it() {
    let check = |user, repository, n_members, expected, is_told| {
        let limits = Limits {
            user,
            repository: Some(repository),
        };
        let told = limits.not_honoured(n_members);
        assert_eq!((limits.of(n_members), told.is_some()), (expected, is_told));
    };
    check(Limit::Usual, 3, 20, 3, false);
    check(Limit::Usual, 0, 20, 0, false);
    check(Limit::Usual, 1000, 20, 10, true);
    check(Limit::Usual, 1000, 5000, 1000, false);
    check(Limit::Percent(50), 1000, 100, 50, true);
    check(Limit::Count(2000), 1000, 20, 1000, false);
}
