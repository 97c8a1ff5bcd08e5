//! Objects that the server will not take, in every way it has to say so.

use super::plane;
use crate::support::faultline::{Answer, Phase, Rule, Verb};
use crate::support::scene::{config_map, definition, deployment, reasons};
use crate::support::{Faultline, Scene};
use serde_json::{Value, json};

/// A ConfigMap that can never be changed again.
fn frozen(value: &str) -> Value {
    let mut object = config_map("frozen", value);
    object["immutable"] = json!(true);
    object
}

fn relabelled() -> Value {
    let mut object = deployment("web", "web:1", 1);
    object["spec"]["selector"]["matchLabels"] = json!({"app": "other"});
    object["spec"]["template"]["metadata"]["labels"] = json!({"app": "other"});
    object
}

#[test]
fn a_field_that_may_not_change_is_named_and_nothing_is_replaced_unasked() {
    for (old, new, field, place) in [
        (frozen("1"), frozen("2"), "data", "configmaps/frozen"),
        (
            deployment("web", "web:1", 1),
            relabelled(),
            "spec.selector",
            "apps/v1/deployments/web",
        ),
    ] {
        let scene = Scene::new(plane(), "trouble-fixed", &[old, config_map("one", "1")]);
        scene.synced(&[]);
        let before = scene.live(place);
        scene.put(&new);
        scene.put(&config_map("one", "2"));
        let diff = scene.diff(&[]);
        assert_eq!(diff.code, 1, "{}", diff.app);
        let answer = scene.sync(&["-o", "json"]).expect_code(1);
        assert!(reasons(&answer.json()).contains("immutable"), "{answer:?}");
        assert!(answer.stdout.contains(field), "{answer:?}");
        assert_eq!(
            scene.live(place)["metadata"]["uid"],
            before["metadata"]["uid"]
        );
        assert_eq!(
            scene.live("configmaps/one")["data"]["key"],
            "2",
            "the others go on"
        );
    }
}

#[test]
fn an_object_that_asks_for_it_is_replaced_on_that_error_alone() {
    let ask = |mut object: Value| {
        object["metadata"]["annotations"] =
            json!({"argocd.argoproj.io/sync-options": "Force=true"});
        object
    };
    let scene = Scene::new(plane(), "trouble-replace", &[ask(frozen("1"))]);
    scene.synced(&[]);
    let before = scene.live("configmaps/frozen");
    scene.put(&ask(frozen("2")));
    scene.synced(&[]);
    let after = scene.live("configmaps/frozen");
    assert_eq!(after["data"]["key"], "2");
    assert_ne!(after["metadata"]["uid"], before["metadata"]["uid"]);
    let writes = scene.writes();
    let delete = writes
        .iter()
        .find(|e| e.verb == "delete" && e.name == "frozen")
        .unwrap();
    assert_eq!(
        delete.body["preconditions"]["uid"],
        before["metadata"]["uid"]
    );

    // Another 422 than that of an immutable field deletes nothing.
    let mut invalid = ask(frozen("2"));
    invalid["data"] = json!({"not a key": "x"});
    scene.put(&invalid);
    scene.mark();
    scene.sync(&[]).expect_code(1);
    assert!(
        !scene.changes().iter().any(|c| c.starts_with("delete")),
        "{:?}",
        scene.changes()
    );
}

/// No namespace controller runs here: a deleted namespace stays as it is, terminating.
#[test]
fn a_terminating_namespace_is_told_and_the_rest_goes_on() {
    let dying = plane().namespace("trouble-dying");
    plane().kubectl(&["delete", "namespace", &dying, "--wait=false"]);
    let mut lost = config_map("lost", "x");
    lost["metadata"]["namespace"] = json!(dying);
    let scene = Scene::new(plane(), "trouble-alive", &[lost, config_map("fine", "1")]);
    let answer = scene.sync(&["-o", "json"]).expect_code(1);
    assert!(
        reasons(&answer.json()).contains("terminating"),
        "{answer:?}"
    );
    assert!(scene.exists("configmaps/fine"));
    let events = plane().audit_from(0);
    let n_tries = events
        .iter()
        .filter(|e| e.namespace == dying && e.name == "lost" && e.is_write())
        .count();
    assert!(n_tries <= 4, "{n_tries} tries");
}

#[test]
fn an_app_whose_own_namespace_terminates_fails_soon_and_clearly() {
    let scene = Scene::new(plane(), "trouble-own", &[config_map("one", "1")]);
    plane().kubectl(&["delete", "namespace", &scene.namespace, "--wait=false"]);
    let answer = scene.sync(&["-o", "json"]).expect_code(1);
    assert!(
        reasons(&answer.json()).contains("terminating"),
        "{answer:?}"
    );
}

#[test]
fn a_namespace_that_is_not_there_yet_makes_its_objects_missing() {
    let mut away = config_map("away", "x");
    away["metadata"]["namespace"] = json!("trouble-not-there");
    let namespace =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "trouble-not-there"}});
    let scene = Scene::new(plane(), "trouble-new-ns", &[away, namespace]);
    let diff = scene.diff(&["--exact"]);
    assert_eq!(
        (diff.code, diff.status("ConfigMap", "away")),
        (1, "Missing"),
        "{}",
        diff.app
    );
    scene.synced(&[]);
    scene.expect_clean();
}

/// Objects that vanish or are recreated between the comparison and the write are applied anew.
#[test]
fn an_object_that_vanishes_before_its_write_is_created_again() {
    let scene = Scene::new(
        plane(),
        "trouble-vanish",
        &[config_map("one", "1"), config_map("two", "1")],
    );
    scene.synced(&[]);
    scene.put(&config_map("one", "2"));
    let proxy = Faultline::before(plane());
    let namespace = scene.namespace.clone();
    proxy.rule(Rule::write().path("configmaps/one$").first(1).hook(
        Phase::BeforeForward,
        move |_| {
            plane().kubectl(&["-n", &namespace, "delete", "configmap", "one"]);
        },
    ));
    let scene = scene.through(proxy.kubeconfig());
    scene.synced(&[]);
    assert_eq!(scene.live("configmaps/one")["data"]["key"], "2");
    scene.expect_clean();
}

/// A server goes on with the old schema for a moment after it has taken a definition's new one.
#[test]
fn an_object_by_the_schema_of_the_same_sync_is_tried_until_the_server_knows_it() {
    let group = "new-schema.example.com";
    let ship = |spec: Value| json!({"apiVersion": format!("{group}/v1"), "kind": "Ship", "metadata": {"name": "ferry"}, "spec": spec});
    let mut ships = definition("ships", "Ship", group);
    let objects = [ships.clone(), ship(json!({"color": "red"}))];
    let scene = Scene::new(plane(), "trouble-schema", &objects);
    scene.synced(&[]);
    let proxy = Faultline::before(plane());
    let text = "failed to create typed patch object (ferry; Kind=Ship): .spec.knots: field not declared in schema";
    let applies = || Rule::write().path("/ships/ferry$");
    proxy.rule(applies().first(2).answer(Answer::status(500, "", text)));
    let scene = scene.through(proxy.kubeconfig());
    let place = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties";
    ships.pointer_mut(place).unwrap()["knots"] = json!({"type": "integer"});
    scene.put(&ships);
    scene.put(&ship(json!({"color": "red", "knots": 20})));
    scene.synced(&[]);
    let live = scene.live(&format!("{group}/v1/ships/ferry"));
    assert_eq!(live["spec"]["knots"], 20);

    // With no definition of this sync there is nothing to wait for.
    proxy.clear_journal();
    scene.put(&ship(json!({"color": "red", "sails": 3})));
    let answer = scene.sync(&[]).expect_code(1);
    assert!(answer.said().contains("sails"), "{answer:?}");
    let journal = proxy.journal();
    let tried = journal
        .iter()
        .filter(|e| e.is_write() && e.path.ends_with("/ships/ferry"));
    assert_eq!(tried.filter(|e| !e.is_dry_run()).count(), 1, "{journal:?}");
}

#[test]
fn an_object_that_is_being_deleted_is_waited_for_and_made_anew() {
    let mut held = config_map("held", "1");
    held["metadata"]["finalizers"] = json!(["example.com/held"]);
    let scene = Scene::new(
        plane(),
        "trouble-deleting",
        &[held.clone(), config_map("two", "1")],
    );
    scene.synced(&[]);
    let before = scene.live("configmaps/held");
    scene.plane.kubectl(&[
        "-n",
        &scene.namespace,
        "delete",
        "configmap",
        "held",
        "--wait=false",
    ]);
    held["data"]["key"] = json!("2");
    scene.put(&held);
    let running = scene
        .pushboat(&["app", "sync", &scene.namespace, "--yes"])
        .start();
    std::thread::sleep(std::time::Duration::from_secs(1)); // the sync meets the object while it is going
    scene.edit(
        "configmap",
        "held",
        "finalizer",
        &json!({"metadata": {"finalizers": null}}),
    );
    running.wait().expect_code(0);
    let after = scene.live("configmaps/held");
    assert_eq!(after["data"]["key"], "2");
    assert_ne!(after["metadata"]["uid"], before["metadata"]["uid"]);
}

/// A policy of the cluster refuses some objects: it is named with its words, and it is not retried.
#[test]
fn a_policy_that_refuses_an_object_is_named() {
    let scene = Scene::new(
        plane(),
        "trouble-policy",
        &[config_map("one", "1"), config_map("refused", "x")],
    );
    let name = format!("no-refused-{}", scene.namespace);
    let policy = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": scene.namespace}},
                "resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["configmaps"]}],
            },
            "validations": [{"expression": "object.metadata.name != 'refused'", "message": "the harbour master says no"}],
        },
    });
    let binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": name},
        "spec": {"policyName": name, "validationActions": ["Deny"]},
    });
    scene.plane.kubectl_apply(&policy.to_string());
    scene.plane.kubectl_apply(&binding.to_string());
    crate::support::eventually("the policy acts", || {
        let probe = config_map("refused", "probe");
        let (status, _) = plane()
            .request(
                "POST",
                &(scene.path("configmaps") + "?dryRun=All"),
                Some(&probe),
            )
            .unwrap();
        (status == 422 || status == 403).then_some(())
    });
    scene.mark();
    let answer = scene.sync(&["-o", "json"]).expect_code(1);
    assert!(
        answer.stdout.contains("the harbour master says no"),
        "{answer:?}"
    );
    let found = reasons(&answer.json());
    assert!(
        found.contains("webhook") || found.contains("invalid"),
        "{found:?}"
    );
    assert!(scene.exists("configmaps/one"));
    let n_tries = scene
        .events()
        .iter()
        .filter(|e| e.name == "refused" && e.is_write() && !e.is_dry_run())
        .count();
    assert_eq!(n_tries, 1);
}

#[test]
fn a_quota_that_is_used_up_says_what_is_used() {
    let scene = Scene::new(plane(), "trouble-quota", &[config_map("one", "1")]);
    let quota = json!({"metadata": {"name": "small"}, "spec": {"hard": {"count/configmaps": "0"}}});
    scene.plane.create(&scene.path("resourcequotas"), &quota);
    let used =
        json!({"status": {"hard": {"count/configmaps": "0"}, "used": {"count/configmaps": "0"}}})
            .to_string();
    scene.plane.kubectl(&[
        "-n",
        &scene.namespace,
        "patch",
        "resourcequota",
        "small",
        "--subresource=status",
        "--type=merge",
        "-p",
        &used,
    ]);
    crate::support::eventually("the quota acts", || {
        let probe = config_map("probe", "x");
        let (status, _) = plane()
            .request(
                "POST",
                &(scene.path("configmaps") + "?dryRun=All"),
                Some(&probe),
            )
            .unwrap();
        (status == 403).then_some(())
    });
    let answer = scene.sync(&["-o", "json"]).expect_code(1);
    assert!(reasons(&answer.json()).contains("quota"), "{answer:?}");
    assert!(answer.stdout.contains("count/configmaps"), "{answer:?}");
}

#[test]
fn a_version_that_is_not_served_names_those_that_are() {
    let old = json!({
        "apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget", "metadata": {"name": "old"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"a": "b"}}},
    });
    let scene = Scene::new(plane(), "trouble-version", &[old, config_map("one", "1")]);
    let answer = scene.app("diff", &["-o", "json"]).expect_code(2);
    assert!(
        answer.stdout.contains("policy/v1")
            && answer.stdout.contains("poddisruptionbudget-old.yaml"),
        "{answer:?}"
    );
    assert_eq!(answer.json()["apps"][0]["sync"], "Unknown");
}

/// Duplicate keys in a live list: a server-side apply cannot be tried, and nothing of it crashes.
#[test]
fn a_live_object_with_a_repeated_key_in_a_list_is_told_and_costs_only_itself() {
    let scene = Scene::new(
        plane(),
        "trouble-twice",
        &[deployment("web", "web:1", 1), config_map("one", "1")],
    );
    scene.synced(&[]);
    let twice = json!([{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]);
    let mut live = scene.live("apps/v1/deployments/web");
    live["spec"]["template"]["spec"]["containers"][0]["env"] = twice;
    let (status, body) = scene
        .plane
        .request(
            "PUT",
            &scene.path("apps/v1/deployments/web?fieldManager=careless"),
            Some(&live),
        )
        .unwrap();
    assert_eq!(status, 200, "{body}");
    scene.put(&deployment("web", "web:2", 1));
    scene.put(&config_map("one", "2"));
    let diff = scene.diff(&[]);
    assert_ne!(diff.status("Deployment", "web"), "InSync", "{}", diff.app);
    let answer = scene.sync(&[]);
    assert!(!answer.stderr.contains("panicked"), "{answer:?}");
    assert_eq!(
        scene.live("configmaps/one")["data"]["key"],
        "2",
        "{answer:?}"
    );
}

#[test]
fn managed_fields_that_somebody_emptied_mean_the_exact_way() {
    let scene = Scene::new(
        plane(),
        "trouble-stripped",
        &[config_map("one", "1"), config_map("two", "2")],
    );
    scene.synced(&[]);
    scene.edit(
        "configmap",
        "one",
        "cleaner",
        &json!({"metadata": {"managedFields": [{}]}}),
    );
    let live = scene.live("configmaps/one");
    assert!(live["metadata"].get("managedFields").is_none(), "{live}");
    scene.put(&config_map("one", "new"));
    assert_eq!(scene.diff(&[]).status("ConfigMap", "one"), "Modified");
    scene.synced(&[]);
    scene.expect_clean();
}

#[test]
fn a_write_that_meets_a_plain_conflict_is_tried_again() {
    let scene = Scene::new(plane(), "trouble-conflict", &[config_map("one", "1")]);
    let proxy = Faultline::before(plane());
    let busy = crate::support::faultline::Answer::status(
        409,
        "Conflict",
        "the object has been modified; please apply your changes to the latest version",
    );
    proxy.rule(
        Rule::on(&[Verb::Patch])
            .path("configmaps/one$")
            .dry_run(false)
            .first(2)
            .answer(busy),
    );
    let scene = scene.through(proxy.kubeconfig());
    scene.synced(&[]);
    assert!(scene.exists("configmaps/one"));
}
