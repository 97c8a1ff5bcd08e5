//! What an object may lose to an update: whether it is written over as a whole, and whether it may be deleted and created anew.
//!
//! Both are asked for by sync options, on the object or for the whole app. Whether a field is immutable is the server's word.

use super::prune::is_precious;
use crate::object::options::flag;
use crate::object::{Key, Object};

/// What is asked for all objects of an app: by its Application or on the command line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rewriting {
    /// `Replace=true`: an object is written over as a whole instead of applied field by field.
    pub replace: bool,
    /// `Force=true`: an object with an immutable field that changes is deleted and created anew.
    pub force: bool,
}

/// Whether an object whose immutable field changes may be deleted and created anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recreation {
    Allowed,
    /// `Force=true` would allow it.
    NotAsked,
    /// It takes data or other objects along, so nothing allows it.
    Never,
}

impl Recreation {
    pub fn of(object: &Object, app: Rewriting) -> Self {
        let key = object.key();
        if is_precious(&key) {
            return Self::Never;
        }
        // A binding holds nothing but who may do what, and `kubectl auth reconcile` replaces it too.
        let default = app.force || is_binding(&key);
        if flag(object, "Force").unwrap_or(default) {
            Self::Allowed
        } else {
            Self::NotAsked
        }
    }
}

/// Whether an object is written over as a whole.
pub fn is_written_over(object: &Object, app: Rewriting) -> bool {
    flag(object, "Replace").unwrap_or(app.replace)
}

/// The only immutable field of a binding is its `roleRef`.
fn is_binding(key: &Key) -> bool {
    key.group == "rbac.authorization.k8s.io"
        && matches!(key.kind.as_str(), "RoleBinding" | "ClusterRoleBinding")
}

/// A field that a refusal names, that the live object has and the manifest does not set: the server kept it, and a write over the whole
/// object would drop it.
pub fn leftover(refusal: &str, desired: &Object, live: &Object) -> Option<String> {
    let is_path = |text: &&str| {
        text.contains('.') && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
    };
    let has = |object: &Object, path: &str| {
        let mut names = path.split('.');
        let found = names.try_fold(&object.value, |value, name| value.get(name));
        found.is_some_and(|value| !value.is_null())
    };
    let words = refusal.split_whitespace();
    let mut paths = words
        .filter_map(|word| word.strip_suffix(':'))
        .filter(is_path);
    let path = paths.find(|path| has(live, path) && !has(desired, path))?;
    Some(path.to_owned())
}

/// The live object with the content of `desired`, for a write over the whole of it.
///
/// Finalizers and owners stay: whoever set them still has to do with the object. So does a `status`, which a kind without a
/// subresource for it would lose.
pub fn written_over(desired: &Object, live: &Object) -> Object {
    let mut value = desired.value.clone();
    if let (Some(object), Some(status)) = (value.as_object_mut(), live.value.get("status")) {
        object.entry("status").or_insert_with(|| status.clone());
    }
    if let Some(metadata) = value
        .get_mut("metadata")
        .and_then(serde_json::Value::as_object_mut)
    {
        for field in ["finalizers", "ownerReferences"] {
            let kept = live.value.get("metadata").and_then(|live| live.get(field));
            if let (Some(kept), false) = (kept, metadata.contains_key(field)) {
                metadata.insert(field.to_owned(), kept.clone());
            }
        }
        metadata.insert("uid".to_owned(), live.uid().into());
        let version = live.resource_version().into();
        metadata.insert("resourceVersion".to_owned(), version);
    }
    Object::new(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::labels;
    use serde_json::json;

    fn object(api_version: &str, kind: &str, options: &str) -> Object {
        Object::new(json!({"apiVersion": api_version, "kind": kind,
            "metadata": {"name": "a", "annotations": {labels::ARGO_SYNC_OPTIONS: options}}}))
    }

    fn recreation(api_version: &str, kind: &str, options: &str, force: bool) -> Recreation {
        let app = Rewriting {
            replace: true,
            force,
        };
        Recreation::of(&object(api_version, kind, options), app)
    }

    #[test]
    fn only_force_deletes_and_never_what_holds_data() {
        let job = |options, force| recreation("batch/v1", "Job", options, force);
        assert_eq!(job("Prune=false, Force=true", false), Recreation::Allowed);
        assert_eq!(job("", true), Recreation::Allowed);
        assert_eq!(job("Replace=true", false), Recreation::NotAsked);
        assert_eq!(job("Force=false", true), Recreation::NotAsked);
        for (api_version, kind) in [
            ("v1", "PersistentVolumeClaim"),
            ("v1", "PersistentVolume"),
            ("v1", "Namespace"),
            ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        ] {
            let never = recreation(api_version, kind, "Force=true,Replace=true", true);
            assert_eq!(never, Recreation::Never, "{kind}");
        }
    }

    #[test]
    fn a_binding_is_replaced_unasked_unless_it_says_no() {
        let binding = |options| {
            recreation(
                "rbac.authorization.k8s.io/v1",
                "RoleBinding",
                options,
                false,
            )
        };
        assert_eq!(binding(""), Recreation::Allowed);
        assert_eq!(binding("Force=false"), Recreation::NotAsked);
    }

    #[test]
    fn an_object_decides_over_its_app_whether_it_is_written_over() {
        let is = |options, replace| {
            let app = Rewriting {
                replace,
                force: false,
            };
            is_written_over(&object("v1", "ConfigMap", options), app)
        };
        assert!(is("Replace=true", false) && is("", true));
        assert!(!is("Replace=false", true) && !is("Force=true", false));
    }

    #[test]
    fn a_field_that_stands_in_the_way_is_one_that_only_the_server_has() {
        let live = Object::new(
            json!({"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}),
        );
        let desired = Object::new(json!({"spec": {"strategy": {"type": "Recreate"}}}));
        let of = |text: &str| leftover(text, &desired, &live);
        let refusal = "cannot apply `Deployment.apps/a/web`: spec.strategy.rollingUpdate: Forbidden: may not be specified";
        assert_eq!(of(refusal).as_deref(), Some("spec.strategy.rollingUpdate"));
        assert_eq!(of("spec.strategy.type: Invalid value"), None);
        assert_eq!(of("spec.other.field: Forbidden: no"), None);
    }

    #[test]
    fn finalizers_owners_and_status_stay_when_an_object_is_written_over() {
        let desired =
            Object::new(json!({"kind": "A", "metadata": {"name": "a"}, "spec": {"b": 1}}));
        let live = Object::new(
            json!({"kind": "A", "metadata": {"name": "a", "uid": "u", "resourceVersion": "7",
            "finalizers": ["x/y"], "labels": {"theirs": "1"}}, "spec": {"c": 2}, "status": {"d": 3}}),
        );
        let expected = json!({"kind": "A", "metadata": {"name": "a", "uid": "u", "resourceVersion": "7",
            "finalizers": ["x/y"]}, "spec": {"b": 1}, "status": {"d": 3}});
        assert_eq!(written_over(&desired, &live).value, expected);
    }
}
