//! What manifests hold that belongs to the server or its controllers: it is left out, because an apply of it is refused, or takes from
//! its owner what the owner puts back.
//!
//! Manifests get it by `kubectl get -o yaml`, or from examples. Pure.

use serde_json::{Map, Value};

use crate::object::Object;

/// Fields of `metadata` that only a server writes (<https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>).
const METADATA: [&str; 8] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// Takes it out, and names what held something.
pub fn strip(object: &mut Object) -> Vec<String> {
    let mut told = Vec::new();
    let group = object.gvk().group;
    let kind = object.kind().to_owned();
    if let Some(metadata) = map_at(&mut object.value, "/metadata") {
        for field in METADATA {
            // Generators of manifests write `creationTimestamp: null`.
            if metadata.remove(field).is_some_and(|value| !value.is_null()) {
                told.push(format!("metadata.{field}"));
            }
        }
    }
    match (group.as_str(), kind.as_str()) {
        ("rbac.authorization.k8s.io", "ClusterRole") => told.extend(aggregated(&mut object.value)),
        ("admissionregistration.k8s.io", _) => {
            let webhooks = object
                .value
                .get_mut("webhooks")
                .and_then(Value::as_array_mut);
            for webhook in webhooks.into_iter().flatten() {
                empty_bundle(webhook, "/clientConfig");
            }
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            empty_bundle(&mut object.value, "/spec/conversion/webhook/clientConfig");
        }
        ("apiregistration.k8s.io", "APIService") => empty_bundle(&mut object.value, "/spec"),
        _ => {}
    }
    told
}

/// The control plane fills the rules of an aggregated role by force
/// (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles>).
fn aggregated(role: &mut Value) -> Option<String> {
    let role = role.as_object_mut()?;
    role.get("aggregationRule").filter(|rule| !rule.is_null())?;
    let rules = role.remove("rules")?;
    let is_empty = rules.as_array().is_none_or(Vec::is_empty);
    (!is_empty).then(|| "rules (beside an `aggregationRule`)".to_owned())
}

/// A bundle without content waits for its injector; some write a line break into it.
fn empty_bundle(value: &mut Value, at: &str) {
    let Some(config) = map_at(value, at) else {
        return;
    };
    let is_empty = match config.get("caBundle") {
        Some(Value::String(text)) => matches!(text.as_str(), "" | "Cg==" | "Cgo=" | "IA=="),
        Some(Value::Null) => true,
        Some(_) | None => false,
    };
    if is_empty {
        config.remove("caBundle");
    }
}

fn map_at<'a>(value: &'a mut Value, pointer: &str) -> Option<&'a mut Map<String, Value>> {
    value.pointer_mut(pointer)?.as_object_mut()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(object: Value, told: &[&str], expected: Value) {
        let mut object = Object::new(object);
        assert_eq!(strip(&mut object), told);
        assert_eq!(object.value, expected);
    }

    #[test]
    fn what_a_server_writes_is_left_out_and_named() {
        check(
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "resourceVersion": "1", "uid": "u",
                "managedFields": [], "generation": 2, "selfLink": "/x", "creationTimestamp": null, "labels": {"uid": "x"}}}),
            &[
                "metadata.generation",
                "metadata.managedFields",
                "metadata.resourceVersion",
                "metadata.selfLink",
                "metadata.uid",
            ],
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": {"uid": "x"}}}),
        );
        check(
            json!({"apiVersion": "v1", "kind": "A", "metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"}}),
            &["metadata.creationTimestamp"],
            json!({"apiVersion": "v1", "kind": "A", "metadata": {}}),
        );
    }

    #[test]
    fn rules_of_an_aggregated_role_are_the_control_planes() {
        let role = |rules: Value, rule: Value| json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "rules": rules, "aggregationRule": rule});
        let rule = json!({"clusterRoleSelectors": []});
        let mut without = role(json!([]), rule.clone());
        without.as_object_mut().and_then(|map| map.remove("rules"));
        check(role(json!([]), rule.clone()), &[], without.clone());
        check(
            role(json!([{"verbs": ["get"]}]), rule),
            &["rules (beside an `aggregationRule`)"],
            without,
        );
        let plain = role(json!([{"verbs": ["get"]}]), Value::Null);
        check(plain.clone(), &[], plain);
    }

    #[test]
    fn an_empty_bundle_is_its_injectors() {
        let hook = |config: Value| json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "webhooks": [{"clientConfig": config}]});
        check(
            hook(json!({"caBundle": "", "url": "u"})),
            &[],
            hook(json!({"url": "u"})),
        );
        check(hook(json!({"caBundle": "Cg=="})), &[], hook(json!({})));
        let full = hook(json!({"caBundle": "eA=="}));
        check(full.clone(), &[], full);
        check(
            json!({"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "spec": {"caBundle": null}}),
            &[],
            json!({"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "spec": {}}),
        );
        check(
            json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                "spec": {"conversion": {"webhook": {"clientConfig": {"caBundle": ""}}}}}),
            &[],
            json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                "spec": {"conversion": {"webhook": {"clientConfig": {}}}}}),
        );
    }
}
