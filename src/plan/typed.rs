//! What the API server does to fields of built-in kinds when it stores them: quantities, dropped zero values, static defaults.
//!
//! Each table holds only what is certain for every version of the kind. What is missing here costs one dry-run, what is wrong
//! here would hide drift; so custom resources, and built-in kinds that carry free JSON, have none of it.

use serde_json::Value;

use super::quantity;
use crate::object::Object;

/// The names of the innermost fields around a value; list items do not count as a level.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place<'a> {
    pub grand: &'a str,
    pub parent: &'a str,
    pub field: &'a str,
}

impl<'a> Place<'a> {
    pub fn child(self, field: &'a str) -> Self {
        Self {
            grand: self.parent,
            parent: self.field,
            field,
        }
    }
}

/// Groups whose kinds are compiled into the API server and decode into types without free JSON. `discovery.k8s.io` is left out: it has pointers under
/// names that are plain elsewhere.
const GROUPS: [&str; 13] = [
    "",
    "apps",
    "batch",
    "autoscaling",
    "policy",
    "networking.k8s.io",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
    "scheduling.k8s.io",
    "coordination.k8s.io",
    "node.k8s.io",
    "admissionregistration.k8s.io",
    "certificates.k8s.io",
];

/// Whether the tables here hold for the object.
pub fn is_typed(object: &Object) -> bool {
    let group = object
        .api_version()
        .split_once('/')
        .map_or("", |(group, _)| group);
    GROUPS.contains(&group) && object.kind() != "ControllerRevision"
}

/// Whether the server, given `desired`, stores exactly `live` (absent: `None`) in a built-in kind. `false` when it is not certain.
pub fn is_stored_as(desired: &Value, live: Option<&Value>, place: Place<'_>) -> bool {
    // Some empty lists are read back as null rather than left out.
    let Some(live) = live.filter(|live| !live.is_null()) else {
        return is_dropped(desired, place);
    };
    if desired == live {
        return true;
    }
    match (desired, live) {
        (Value::Object(desired), Value::Object(live)) => {
            desired
                .iter()
                .all(|(key, value)| is_stored_as(value, live.get(key), place.child(key)))
                && live.iter().all(|(key, value)| {
                    desired.contains_key(key) || is_default(value, desired, place, key)
                })
        }
        (Value::Array(desired), Value::Array(live)) => {
            desired.len() == live.len()
                && desired
                    .iter()
                    .zip(live)
                    .all(|(desired, live)| is_stored_as(desired, Some(live), place))
        }
        (_, Value::String(text)) => {
            is_quantity(place) && quantity::canonical(desired).as_ref() == Some(text)
        }
        _ => false,
    }
}

/// What the server makes of `desired` where it stores `live` now, as far as that is certain: its own way of writing, and its defaults in
/// what is owned as one.
pub fn stored(desired: &Value, live: &Value, place: Place<'_>) -> Value {
    if is_stored_as(desired, Some(live), place) {
        return live.clone();
    }
    match (desired, live) {
        (Value::Object(desired), Value::Object(live)) => {
            let set = desired.iter().map(|(key, value)| {
                let found = live.get(key);
                let stored = found.map(|found| stored(value, found, place.child(key)));
                (key.clone(), stored.unwrap_or_else(|| value.clone()))
            });
            let defaults = live.iter().filter(|(key, value)| {
                !desired.contains_key(*key) && is_default(value, desired, place, key)
            });
            let defaults = defaults.map(|(key, value)| (key.clone(), value.clone()));
            set.chain(defaults).collect()
        }
        (Value::Array(desired), Value::Array(live)) => {
            let items = desired.iter().enumerate();
            let item = |(n, value): (usize, &Value)| match live.get(n) {
                Some(found) => stored(value, found, place),
                None => value.clone(),
            };
            items.map(item).collect()
        }
        _ => desired.clone(),
    }
}

/// Whether the server leaves the field out when it is given this value.
///
/// Null always; an empty list always, as lists are slices and empty ones are omitted; other zero values only in fields that are
/// no pointers, or `false` and "unset" would be two things.
pub fn is_dropped(desired: &Value, place: Place<'_>) -> bool {
    match desired {
        // In a map of the user's, null becomes the empty value under its key.
        Value::Null => !is_free_map(place.parent),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => {
            map.is_empty() && MAPS.contains(&place.field) && !is_free_map(place.parent)
        }
        Value::Bool(flag) => {
            let is_plain = BOOLS.contains(&place.field)
                || (place.parent, place.field) == ("volumeMounts", "readOnly");
            !flag && is_plain && !is_free_map(place.parent)
        }
        Value::Number(number) => {
            number.as_i64() == Some(0)
                && NUMBERS.contains(&place.field)
                && !is_free_map(place.parent)
        }
        Value::String(text) => {
            text.is_empty() && TEXTS.contains(&place.field) && !is_free_map(place.parent)
        }
    }
}

/// Maps with keys of the user's choice: an empty text in them is kept.
pub fn is_free_map(name: &str) -> bool {
    matches!(
        name,
        "labels"
            | "annotations"
            | "data"
            | "binaryData"
            | "stringData"
            | "matchLabels"
            | "nodeSelector"
            | "selector"
            | "parameters"
            | "volumeAttributes"
            | "options"
            | "limits"
            | "requests"
            | "hard"
            | "capacity"
    )
}

/// Go maps with `omitempty`.
const MAPS: [&str; 8] = [
    "labels",
    "annotations",
    "matchLabels",
    "nodeSelector",
    "data",
    "binaryData",
    "limits",
    "requests",
];
/// Plain booleans with `omitempty`.
const BOOLS: [&str; 8] = [
    "hostNetwork",
    "hostPID",
    "hostIPC",
    "paused",
    "stdin",
    "stdinOnce",
    "tty",
    "publishNotReadyAddresses",
];
/// Plain integers with `omitempty`.
const NUMBERS: [&str; 2] = ["initialDelaySeconds", "minReadySeconds"];
/// Plain strings with `omitempty`.
const TEXTS: [&str; 12] = [
    "value",
    "subPath",
    "subPathExpr",
    "serviceAccountName",
    "serviceAccount",
    "nodeName",
    "priorityClassName",
    "hostname",
    "subdomain",
    "workingDir",
    "loadBalancerIP",
    "externalName",
];

/// Whether the field at `place` is a quantity in the built-in kinds.
fn is_quantity(place: Place<'_>) -> bool {
    matches!(
        (place.grand, place.parent, place.field),
        ("resources", "limits" | "requests", _)
            | ("spec", "hard" | "capacity" | "overhead", _)
            | (
                "limits",
                "max" | "min" | "default" | "defaultRequest" | "maxLimitRequestRatio",
                _
            )
            | (_, "emptyDir", "sizeLimit")
            | (_, "resourceFieldRef", "divisor")
            | (
                "resource" | "pods" | "object" | "external" | "containerResource",
                "target",
                "averageValue" | "value",
            )
    )
}

/// Whether `live`, which the repository does not set inside a value owned as one, is what the server always puts there.
fn is_default(
    live: &Value,
    desired: &serde_json::Map<String, Value>,
    place: Place<'_>,
    key: &str,
) -> bool {
    let is_text = |text: &str| live.as_str() == Some(text);
    match (place.parent, place.field, key) {
        (_, "fieldRef", "apiVersion") => is_text("v1"),
        (_, "resourceFieldRef", "divisor") => is_text("0"),
        (_, "serviceAccountToken", "expirationSeconds") => live.as_i64() == Some(3600),
        // NetworkPolicy rules; Service and container ports are keyed and never come here.
        ("ingress" | "egress", "ports", "protocol") => is_text("TCP"),
        (_, "roleRef", "apiGroup") => is_text("rbac.authorization.k8s.io"),
        (_, "subjects", "apiGroup") => {
            let kind = desired.get("kind").and_then(Value::as_str);
            matches!(kind, Some("User" | "Group")) && is_text("rbac.authorization.k8s.io")
        }
        ("webhooks", "rules", "scope") => is_text("*"),
        ("spec", "volumeClaimTemplates", "apiVersion") => is_text("v1"),
        ("spec", "volumeClaimTemplates", "kind") => is_text("PersistentVolumeClaim"),
        ("spec", "volumeClaimTemplates", "status") => {
            *live == serde_json::json!({"phase": "Pending"})
        }
        ("volumeClaimTemplates", "spec", "volumeMode") => is_text("Filesystem"),
        ("volumeClaimTemplates", "metadata", "creationTimestamp") => live.is_null(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(path: [&str; 3], desired: Value, live: Option<Value>, expected: bool) {
        let place = path
            .iter()
            .fold(Place::default(), |place, name| place.child(name));
        assert_eq!(
            is_stored_as(&desired, live.as_ref(), place),
            expected,
            "{path:?} {desired} {live:?}"
        );
    }

    #[test]
    fn quantities_are_compared_only_where_the_server_has_them() {
        check(
            ["resources", "limits", "cpu"],
            json!("1000m"),
            Some(json!("1")),
            true,
        );
        check(
            ["resources", "limits", "cpu"],
            json!("1"),
            Some(json!("1000m")),
            false,
        );
        check(
            ["", "data", "sizeLimit"],
            json!("1000m"),
            Some(json!("1")),
            false,
        );
    }

    #[test]
    fn a_false_pointer_is_not_dropped() {
        check(
            ["", "spec", "automountServiceAccountToken"],
            json!(false),
            None,
            false,
        );
        check(["", "spec", "hostNetwork"], json!(false), None, true);
        check(["", "spec", "hostNetwork"], json!(true), None, false);
    }

    #[test]
    fn an_empty_text_in_a_map_of_the_users_is_kept() {
        check(["", "data", "value"], json!(""), None, false);
        check(["", "env", "value"], json!(""), None, true);
    }

    #[test]
    fn defaults_of_a_claim_template_stay_when_the_rest_changes() {
        let place = Place::default().child("spec").child("volumeClaimTemplates");
        let template = |storage: &str| json!({"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": storage}}}});
        let live = |storage: &str| {
            let mut live = template(storage);
            live["apiVersion"] = json!("v1");
            live["kind"] = json!("PersistentVolumeClaim");
            live["metadata"]["creationTimestamp"] = Value::Null;
            live["spec"]["volumeMode"] = json!("Filesystem");
            live["status"] = json!({"phase": "Pending"});
            json!([live])
        };
        let stored = |storage: &str| stored(&json!([template(storage)]), &live("1Gi"), place);
        assert_eq!(stored("2Gi"), live("2Gi"));
        assert_eq!(stored("1024Mi"), live("1Gi"));
    }

    #[test]
    fn static_defaults_inside_wholes_are_known() {
        let live = json!([{"from": [], "ports": [{"port": 80, "protocol": "TCP"}]}]);
        check(
            ["", "spec", "ingress"],
            json!([{"from": [], "ports": [{"port": 80}]}]),
            Some(live),
            true,
        );
        let live = json!([{"ports": [{"port": 80, "protocol": "UDP"}]}]);
        check(
            ["", "spec", "ingress"],
            json!([{"ports": [{"port": 80}]}]),
            Some(live),
            false,
        );
    }
}
