//! Kubernetes' rules for names, checked before a name can reach a path of the API.

use crate::error::{Error, Result};
use crate::object::{Object, display::display};

/// RFC 1123 label: what a namespace may be called.
pub fn is_dns_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// RFC 1123 subdomain: what an Application and most objects may be called.
pub fn is_dns_subdomain(text: &str) -> bool {
    (1..=253).contains(&text.len())
        && text.split('.').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && !part.starts_with('-')
                && !part.ends_with('-')
        })
}

/// The loosest rule the API server has for names (RBAC uses it): one segment of a path, and nothing that acts in a URL.
///
/// The server also takes most other signs; names of what clusters really hold need none of the ones refused here.
pub fn is_path_segment(text: &str) -> bool {
    (1..=253).contains(&text.len())
        && text != "."
        && text != ".."
        && !text.chars().any(|c| {
            let is_blank = c.is_whitespace() && c != ' ';
            matches!(c, '/' | '%' | '?' | '#' | '\\') || c.is_control() || is_blank
        })
}

/// A kind: letters and digits, as Go type names are written.
pub fn is_kind(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
        && text.as_bytes()[0].is_ascii_alphabetic()
}

/// `v1`, or `group/version`.
pub fn is_api_version(text: &str) -> bool {
    match text.split_once('/') {
        Some((group, version)) => is_dns_subdomain(group) && is_dns_label(version),
        None => is_dns_label(text),
    }
}

/// Refuses an object whose kind, name or namespace no API server would take, or that could act in a URL.
pub fn check(object: &Object) -> Result<()> {
    let fault = if object.api_version().is_empty() {
        Some("`apiVersion` is missing".to_owned())
    } else if !is_api_version(object.api_version()) {
        Some(format!(
            "`apiVersion` is invalid: `{}`",
            display(object.api_version())
        ))
    } else if object.kind().is_empty() {
        Some("`kind` is missing".to_owned())
    } else if !is_kind(object.kind()) {
        Some(format!("`kind` is invalid: `{}`", display(object.kind())))
    } else if object.name().is_empty() && is_generated(object) {
        Some(format!(
            "{} has a `metadata.generateName` and no `metadata.name`: each sync would make another one",
            object.kind()
        ))
    } else if object.name().is_empty() {
        Some(format!("{} has no `metadata.name`", object.kind()))
    } else if !is_name_of(object) {
        Some(format!(
            "{} has an invalid name `{}`",
            object.kind(),
            display(object.name())
        ))
    } else if !object.namespace().is_empty() && !is_dns_label(object.namespace()) {
        Some(format!(
            "{} `{}` has an invalid namespace `{}`",
            object.kind(),
            display(object.name()),
            display(object.namespace())
        ))
    } else {
        None
    };
    let Some(message) = fault else {
        return Ok(());
    };
    let error = Error::render(message);
    Err(match &object.origin {
        Some(origin) => error.at(&origin.file, origin.line, origin.column),
        None => error,
    })
}

/// Only names of RBAC objects may hold blanks.
fn is_name_of(object: &Object) -> bool {
    let name = object.name();
    let may_hold_blanks = object.gvk().group == "rbac.authorization.k8s.io";
    is_path_segment(name) && (may_hold_blanks || !name.contains(' '))
}

fn is_generated(object: &Object) -> bool {
    let prefix = object.value.pointer("/metadata/generateName");
    prefix.is_some_and(|prefix| !prefix.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check_name(name: &str, namespace: &str) -> bool {
        check(&Object::new(
            json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": namespace}}),
        ))
        .is_ok()
    }

    #[test]
    fn takes_the_names_clusters_hold() {
        for name in ["web", "system:node-proxier", "v1.apps", "Admin@corp", "a_b"] {
            assert!(check_name(name, "shop"), "{name}");
        }
    }

    #[test]
    fn only_names_of_rbac_hold_blanks() {
        let object = |version: &str, kind: &str| {
            Object::new(
                json!({"apiVersion": version, "kind": kind, "metadata": {"name": "team admin"}}),
            )
        };
        assert!(check(&object("rbac.authorization.k8s.io/v1", "Role")).is_ok());
        assert!(check(&object("v1", "ConfigMap")).is_err());
    }

    #[test]
    fn refuses_names_that_would_act_in_a_url() {
        for name in [
            "", ".", "..", "a/b", "a%2fb", "a?b", "a#b", "a\nb", "a\tb", "a\\b",
        ] {
            assert!(!check_name(name, ""), "{name:?}");
        }
        for namespace in ["../kube-system", "Kube", "a.b", "-a"] {
            assert!(!check_name("web", namespace), "{namespace}");
        }
    }
}
