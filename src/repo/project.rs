//! What an AppProject file allows by name: the namespaces and kinds that it spells out, without any glob.
//!
//! It enforces nothing. It answers whose live values an answer about an app may show.

use serde_json::Value;

use super::glob;
use super::inventory::Declared;
use crate::object::Key;

/// Where an app goes, in the words that a project may use.
#[derive(Debug)]
pub struct Destination<'a> {
    pub project: &'a str,
    /// The cluster's name here, and the one in the app's file.
    pub names: [&'a str; 2],
    /// The server's address as it is known here, and as the app's file has it.
    pub servers: [&'a str; 2],
}

/// Whether a file of the app's project spells out the place of the object: its namespace, or where it has none its kind.
pub fn names(projects: &[Declared], to: &Destination<'_>, key: &Key) -> bool {
    let of_app = |declared: &&Declared| declared.name == to.project;
    let mut specs = projects.iter().filter(of_app);
    specs.any(|declared| {
        let spec = &declared.value["spec"];
        if key.namespace.is_empty() {
            any(&spec["clusterResourceWhitelist"], |entry| {
                names_kind(entry, key)
            }) && !any(&spec["clusterResourceBlacklist"], |entry| {
                covers(entry, key)
            })
        } else {
            let kinds = &spec["namespaceResourceWhitelist"];
            any(&spec["destinations"], |entry| {
                names_namespace(entry, to, key)
            }) && !any(&spec["destinations"], |entry| denies_namespace(entry, key))
                && (kinds.is_null() || any(kinds, |entry| covers(entry, key)))
                && !any(&spec["namespaceResourceBlacklist"], |entry| {
                    covers(entry, key)
                })
        }
    })
}

fn any(list: &Value, is_so: impl Fn(&Value) -> bool) -> bool {
    list.as_array().is_some_and(|items| items.iter().any(is_so))
}

fn text<'a>(entry: &'a Value, field: &str) -> &'a str {
    entry[field].as_str().unwrap_or_default()
}

fn names_namespace(entry: &Value, to: &Destination<'_>, key: &Key) -> bool {
    let fits = |field: &str, known: [&str; 2]| {
        let pattern = text(entry, field);
        !pattern.is_empty() && known.iter().any(|known| glob::matches(pattern, known))
    };
    text(entry, "namespace") == key.namespace
        && (fits("name", to.names) || fits("server", to.servers))
}

fn denies_namespace(entry: &Value, key: &Key) -> bool {
    let denied = text(entry, "namespace").strip_prefix('!');
    denied.is_some_and(|pattern| glob::matches(pattern, &key.namespace))
}

/// Whether an entry spells out the kind, and the name if it has one.
fn names_kind(entry: &Value, key: &Key) -> bool {
    let name = text(entry, "name");
    text(entry, "group") == key.group
        && text(entry, "kind") == key.kind
        && (name.is_empty() || glob::matches(name, &key.name))
}

fn covers(entry: &Value, key: &Key) -> bool {
    glob::matches(text(entry, "group"), &key.group) && glob::matches(text(entry, "kind"), &key.kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Location;
    use serde_json::json;

    fn check(spec: Value, namespace: &str, kind: &str, expected: bool) {
        let declared = Declared {
            name: "shop".to_owned(),
            folder: String::new(),
            value: json!({"kind": "AppProject", "metadata": {"name": "shop"}, "spec": spec}),
            location: Location {
                file: "p.yaml".to_owned(),
                line: 1,
                column: 1,
            },
        };
        let key = Key {
            group: String::new(),
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: "a".to_owned(),
        };
        let to = |project| Destination {
            project,
            names: ["prod", "prod"],
            servers: ["https://prod:6443", "https://prod:6443"],
        };
        let declared = [declared];
        assert_eq!(names(&declared, &to("shop"), &key), expected, "{spec}");
        assert!(!names(&declared, &to("default"), &key), "another project");
    }

    #[test]
    fn only_what_a_project_spells_out_is_named() {
        let at = |server: &str, namespace: &str| json!({"destinations": [{"server": server, "namespace": namespace}]});
        check(
            at("https://prod:6443", "payments"),
            "payments",
            "Secret",
            true,
        );
        check(at("*", "payments"), "payments", "Secret", true);
        check(
            at("https://other:6443", "payments"),
            "payments",
            "Secret",
            false,
        );
        check(at("*", "*"), "payments", "Secret", false);
        check(at("*", "pay*"), "payments", "Secret", false);
        check(
            json!({"destinations": [{"name": "prod", "namespace": "payments"}]}),
            "payments",
            "Secret",
            true,
        );
        check(
            json!({"destinations": [{"name": "test", "namespace": "payments"}]}),
            "payments",
            "Secret",
            false,
        );
        check(
            json!({"destinations": [{"name": "*", "namespace": "payments"}, {"name": "*", "namespace": "!pay*"}]}),
            "payments",
            "Secret",
            false,
        );
        let listed = json!({"destinations": [{"name": "*", "namespace": "payments"}], "namespaceResourceWhitelist": [{"group": "", "kind": "ConfigMap"}]});
        check(listed.clone(), "payments", "Secret", false);
        check(listed, "payments", "ConfigMap", true);
        let barred = json!({"destinations": [{"name": "*", "namespace": "payments"}], "namespaceResourceBlacklist": [{"group": "*", "kind": "Sec*"}]});
        check(barred, "payments", "Secret", false);
        check(
            json!({"clusterResourceWhitelist": [{"group": "*", "kind": "*"}]}),
            "",
            "Namespace",
            false,
        );
        check(
            json!({"clusterResourceWhitelist": [{"group": "", "kind": "Namespace"}]}),
            "",
            "Namespace",
            true,
        );
        check(
            json!({"clusterResourceWhitelist": [{"group": "", "kind": "Namespace", "name": "b"}]}),
            "",
            "Namespace",
            false,
        );
        check(json!({}), "payments", "Secret", false);
    }
}
