//! Whether what a record holds is what git has: object by object, and whether it widens anybody's rights.
//!
//! It renders and reads nothing; both sides come settled the same way.

use std::collections::BTreeMap;

use serde_json::Value;

use super::exact;
use super::{Change, ResourceStatus};
use crate::object::display::display;
use crate::object::{Key, Object};

/// One object that the record and git do not agree on.
#[derive(Debug, Clone, Copy)]
pub struct Difference<'a> {
    /// As git has it; absent where only the record has it.
    pub git: Option<&'a Object>,
    pub recorded: Option<&'a Object>,
}

impl Difference<'_> {
    pub fn object(&self) -> Option<&Object> {
        self.recorded.or(self.git)
    }

    /// Seen from git: what deploying the record would make of it.
    pub fn status(&self) -> ResourceStatus {
        match (self.git, self.recorded) {
            (None, _) => ResourceStatus::Missing,
            (Some(_), None) => ResourceStatus::Extra,
            (Some(_), Some(_)) => ResourceStatus::Modified,
        }
    }

    pub fn changes(&self) -> Vec<Change> {
        match (self.git, self.recorded) {
            (Some(git), Some(recorded)) => exact::differences(git, recorded),
            _ => Vec::new(),
        }
    }

    /// Whose rights grow by it, and how.
    pub fn widening(&self) -> Option<String> {
        widening(self.git, self.recorded?)
    }
}

/// What the record has that git has not, and the reverse, in the order of the record.
pub fn differences<'a>(git: &'a [Object], recorded: &'a [Object]) -> Vec<Difference<'a>> {
    let mut left: BTreeMap<Key, &Object> =
        git.iter().map(|object| (object.key(), object)).collect();
    let mut found = Vec::new();
    for object in recorded {
        let git = left.remove(&object.key());
        if git.is_none_or(|git| git.value != object.value) {
            let recorded = Some(object);
            found.push(Difference { git, recorded });
        }
    }
    let only_git = left.into_values().map(|git| Difference {
        git: Some(git),
        recorded: None,
    });
    found.extend(only_git);
    found
}

/// What somebody may do after `after` and could not by `before`, for objects that give rights; the first thing found.
pub fn widening(before: Option<&Object>, after: &Object) -> Option<String> {
    let key = after.key();
    if key.group != "rbac.authorization.k8s.io" {
        return None;
    }
    let given = match key.kind.as_str() {
        "Role" | "ClusterRole" => new_rule(before, after).or_else(|| new_aggregate(before, after)),
        "RoleBinding" | "ClusterRoleBinding" => new_subject(before, after),
        _ => None,
    }?;
    Some(format!("{}/{} {given}", key.kind, display(&key.name)))
}

fn list<'a>(object: &'a Object, field: &str) -> &'a [Value] {
    let list = object.value.get(field).and_then(Value::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}

/// The first item of a list that was not there before.
fn first_new<'a>(before: Option<&Object>, after: &'a Object, field: &str) -> Option<&'a Value> {
    let known = before.map(|before| list(before, field)).unwrap_or_default();
    list(after, field).iter().find(|item| !known.contains(item))
}

fn new_rule(before: Option<&Object>, after: &Object) -> Option<String> {
    let rule = first_new(before, after, "rules")?;
    let words = |field: &str| -> String {
        let items = rule.get(field).and_then(Value::as_array);
        let items = items.into_iter().flatten().filter_map(Value::as_str);
        items.collect::<Vec<_>>().join(", ")
    };
    let (on, verbs) = match words("resources") {
        resources if resources.is_empty() => (words("nonResourceURLs"), words("verbs")),
        resources => (resources, words("verbs")),
    };
    Some(format!("allows {} on {}", display(&verbs), display(&on)))
}

/// Labels by which other roles gather this one, or the selectors by which it gathers others.
fn new_aggregate(before: Option<&Object>, after: &Object) -> Option<String> {
    let labels = after
        .value
        .pointer("/metadata/labels")
        .and_then(Value::as_object);
    let mut names = labels.into_iter().flat_map(|labels| labels.keys());
    let label = names.find(|name| {
        name.starts_with("rbac.authorization.k8s.io/aggregate-to-")
            && before.is_none_or(|before| before.label(name) != after.label(name))
    });
    if let Some(label) = label {
        return Some(format!(
            "becomes part of other roles by the label {}",
            display(label)
        ));
    }
    let rule = after.value.get("aggregationRule")?;
    let is_known = before.is_some_and(|before| before.value.get("aggregationRule") == Some(rule));
    (!is_known).then(|| "gathers the rules of other roles".to_owned())
}

fn new_subject(before: Option<&Object>, after: &Object) -> Option<String> {
    let text = |value: &Value, pointer: &str| -> String {
        let text = value.pointer(pointer).and_then(Value::as_str);
        display(text.unwrap_or_default()).into_owned()
    };
    let role = |object: &Object| {
        (
            text(&object.value, "/roleRef/kind"),
            text(&object.value, "/roleRef/name"),
        )
    };
    // Another role gives every subject new rights.
    let same_role = before.filter(|before| role(before) == role(after));
    let subject = first_new(same_role, after, "subjects")?;
    let (kind, name) = role(after);
    let namespace = match text(subject, "/namespace") {
        namespace if namespace.is_empty() => namespace,
        namespace => format!("{namespace}/"),
    };
    Some(format!(
        "gives {kind}/{name} to {} {namespace}{}",
        text(subject, "/kind"),
        text(subject, "/name")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(kind: &str, name: &str, more: Value) -> Object {
        let mut value = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name},
        });
        for (field, content) in more.as_object().expect("fields") {
            value[field] = content.clone();
        }
        Object::new(value)
    }

    fn binding(role: &str, subjects: &[&str]) -> Object {
        let subject =
            |name: &&str| json!({"kind": "ServiceAccount", "namespace": "ci", "name": name});
        let subjects: Vec<Value> = subjects.iter().map(subject).collect();
        object(
            "ClusterRoleBinding",
            "b",
            json!({"roleRef": {"kind": "ClusterRole", "name": role}, "subjects": subjects}),
        )
    }

    fn role(rules: &[(&str, &str)]) -> Object {
        let rule = |(verb, on): &(&str, &str)| json!({"apiGroups": [""], "verbs": [verb], "resources": [on]});
        let rules: Vec<Value> = rules.iter().map(rule).collect();
        object("ClusterRole", "r", json!({"rules": rules}))
    }

    #[test]
    fn objects_are_told_apart_by_key_and_by_value() {
        let git = [role(&[("get", "pods")]), binding("view", &["a"])];
        let recorded = [
            binding("edit", &["a"]),
            object("ClusterRole", "new", json!({})),
        ];
        let found = differences(&git, &recorded);
        let found: Vec<(&str, ResourceStatus)> = found
            .iter()
            .map(|found| (found.object().expect("one").name(), found.status()))
            .collect();
        use ResourceStatus::{Extra, Missing, Modified};
        let (a, b) = (
            (recorded[0].name(), Modified),
            (recorded[1].name(), Missing),
        );
        assert_eq!(found, [a, b, (git[0].name(), Extra)]);
        assert!(
            differences(&git, &[git[1].clone(), git[0].clone()]).is_empty(),
            "the order does not matter"
        );
    }

    #[test]
    fn new_rights_are_told_and_fewer_are_not() {
        let check = |before: Option<&Object>, after: &Object, expected: Option<&str>| {
            assert_eq!(widening(before, after).as_deref(), expected);
        };
        let one = binding("view", &["a"]);
        check(Some(&one), &one, None);
        check(
            None,
            &one,
            Some("ClusterRoleBinding/b gives ClusterRole/view to ServiceAccount ci/a"),
        );
        check(
            Some(&one),
            &binding("view", &["a", "b"]),
            Some("ClusterRoleBinding/b gives ClusterRole/view to ServiceAccount ci/b"),
        );
        check(
            Some(&one),
            &binding("cluster-admin", &["a"]),
            Some("ClusterRoleBinding/b gives ClusterRole/cluster-admin to ServiceAccount ci/a"),
        );
        check(Some(&binding("view", &["a", "b"])), &one, None);
        let narrow = role(&[("get", "pods")]);
        let wide = role(&[("get", "pods"), ("*", "secrets")]);
        check(
            Some(&narrow),
            &wide,
            Some("ClusterRole/r allows * on secrets"),
        );
        check(Some(&wide), &narrow, None);
        let label = |value: &str| {
            object(
                "ClusterRole",
                "r",
                json!({"metadata": {"name": "r", "labels": {"rbac.authorization.k8s.io/aggregate-to-admin": value}}}),
            )
        };
        check(Some(&label("true")), &label("true"), None);
        let told = "ClusterRole/r becomes part of other roles by the label rbac.authorization.k8s.io/aggregate-to-admin";
        check(Some(&narrow), &label("true"), Some(told));
        let map = Object::new(
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "rules": [1]}),
        );
        check(None, &map, None);
    }
}
