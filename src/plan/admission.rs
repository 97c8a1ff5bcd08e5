//! Admission that may change what is written: which kinds, and since when. Pure.
//!
//! An object that pushboat applied since then went through it, so what it is now is what admission makes of it. An older one may be
//! changed at the next write, which only the server's own dry run shows. What a webhook's own program decides today and decided otherwise
//! yesterday nobody can see.

use serde_json::Value;

use super::ownership::{self, Element, FieldSet, element};
use crate::object::Object;

/// What stands between a write and the store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mutators {
    known: Vec<Mutator>,
    /// They could not be read, so that every object may be changed.
    pub is_open: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Mutator {
    rules: Vec<Rule>,
    /// When it was last changed, as the server writes times.
    since: String,
}

/// The kinds that one rule is about: `*` is all.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    groups: Vec<String>,
    resources: Vec<String>,
}

impl Mutators {
    /// Takes a MutatingAdmissionPolicy. `bindings` put policies in force: one that has none does nothing.
    pub fn add_policy(&mut self, policy: &Object, bindings: &[Object]) {
        let is_its = |binding: &&Object| {
            let name = binding.value.pointer("/spec/policyName");
            name.and_then(Value::as_str) == Some(policy.name())
        };
        let in_force = bindings.iter().filter(is_its).map(changed_at).max();
        let Some(bound) = in_force else { return };
        let rules = policy.value.pointer("/spec/matchConstraints/resourceRules");
        self.known.push(Mutator {
            rules: list(rules).filter_map(rule).collect(),
            since: bound.max(changed_at(policy)),
        });
    }

    /// Takes a MutatingWebhookConfiguration.
    pub fn add_webhooks(&mut self, configuration: &Object) {
        let webhooks = list(configuration.value.get("webhooks"));
        let rules = webhooks.flat_map(|webhook| list(webhook.get("rules")));
        self.known.push(Mutator {
            rules: rules.filter_map(rule).collect(),
            since: changed_at(configuration),
        });
    }

    /// Whether nothing changes what is written.
    pub fn are_none(&self) -> bool {
        !self.is_open && self.known.is_empty()
    }

    /// Whether a write of this object may come out otherwise than the one before it. `resource` is the plural of its kind.
    pub fn may_change(&self, group: &str, resource: &str, live: &Object) -> bool {
        if self.is_open {
            return true;
        }
        let of_kind = self.known.iter().filter(|mutator| {
            let mut rules = mutator.rules.iter();
            rules.any(|rule| rule.is_about(group, resource))
        });
        // Times have whole seconds: within one nobody knows which came first.
        of_kind
            .map(|mutator| &mutator.since)
            .any(|since| applied_at(live).is_none_or(|applied| applied <= since.as_str()))
    }
}

impl Rule {
    fn is_about(&self, group: &str, resource: &str) -> bool {
        let has = |list: &[String], name: &str| list.iter().any(|it| it == "*" || it == name);
        has(&self.groups, group) && (has(&self.resources, resource) || has(&self.resources, "*/*"))
    }
}

/// A rule about updates; others have nothing to do with objects that are there.
fn rule(value: &Value) -> Option<Rule> {
    let texts = |name: &str| {
        let texts = list(value.get(name)).filter_map(Value::as_str);
        texts.map(str::to_owned).collect::<Vec<_>>()
    };
    let operations = texts("operations");
    let is_update = operations.iter().any(|it| it == "*" || it == "UPDATE");
    is_update.then(|| Rule {
        groups: texts("apiGroups"),
        resources: texts("resources"),
    })
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// When pushboat's own apply last changed something.
fn applied_at(live: &Object) -> Option<&str> {
    let own = ownership::entries(live).find(ownership::Entry::is_own_apply)?;
    (!own.time.is_empty()).then_some(own.time)
}

/// When somebody last changed more of it than its certificate, which is renewed all the time and decides nothing.
fn changed_at(object: &Object) -> String {
    let entries = ownership::entries(object).filter(|entry| has_content(entry.fields));
    let newest = entries.map(|entry| entry.time).max();
    let created = object.value.pointer("/metadata/creationTimestamp");
    let created = created.and_then(Value::as_str).unwrap_or_default();
    newest
        .map_or(created, |newest| newest.max(created))
        .to_owned()
}

fn has_content(set: &FieldSet) -> bool {
    set.iter().any(|(key, below)| match element(key) {
        Some(Element::Own) => false,
        Some(Element::Field("caBundle")) => false,
        _ => below
            .as_object()
            .is_none_or(|below| below.is_empty() || has_content(below)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(manager: &str, operation: &str, time: &str, fields: Value) -> Value {
        json!({"manager": manager, "operation": operation, "time": time, "fieldsType": "FieldsV1", "fieldsV1": fields})
    }

    fn object(kind: &str, content: Value, entries: Value) -> Object {
        let mut object = content;
        object["kind"] = json!(kind);
        object["metadata"] = json!({"name": "p", "creationTimestamp": "2026-01-01T00:00:00Z", "managedFields": entries});
        Object::new(object)
    }

    fn rules(groups: Value, resources: Value, operations: Value) -> Value {
        json!([{"apiGroups": groups, "resources": resources, "operations": operations}])
    }

    fn webhooks(rules: Value, entries: Value) -> Mutators {
        let mut mutators = Mutators::default();
        let content = json!({"webhooks": [{"rules": rules}]});
        mutators.add_webhooks(&object("MutatingWebhookConfiguration", content, entries));
        mutators
    }

    fn applied(time: &str) -> Object {
        object(
            "ConfigMap",
            json!({}),
            json!([entry("pushboat", "Apply", time, json!({}))]),
        )
    }

    const EARLY: &str = "2025-12-31T00:00:00Z";
    const LATE: &str = "2026-01-02T00:00:00Z";

    #[test]
    fn only_what_was_applied_before_it_is_open() {
        let all = rules(json!(["*"]), json!(["*/*"]), json!(["UPDATE"]));
        let mutators = webhooks(all, json!([]));
        let may = |live: &Object| mutators.may_change("", "configmaps", live);
        assert!(may(&applied(EARLY)) && !may(&applied(LATE)));
        assert!(may(&applied("2026-01-01T00:00:00Z")), "within one second");
        assert!(may(&object("ConfigMap", json!({}), json!([]))));
        assert!(!Mutators::default().may_change("", "configmaps", &applied(EARLY)));
    }

    #[test]
    fn a_rule_is_about_its_own_kinds_and_about_updates() {
        let is =
            |rules| webhooks(rules, json!([])).may_change("apps", "deployments", &applied(EARLY));
        assert!(is(rules(
            json!(["apps"]),
            json!(["deployments"]),
            json!(["*"])
        )));
        assert!(!is(rules(json!([""]), json!(["*"]), json!(["*"]))));
        assert!(!is(rules(
            json!(["apps"]),
            json!(["deployments/scale"]),
            json!(["*"])
        )));
        assert!(!is(rules(json!(["apps"]), json!(["*"]), json!(["CREATE"]))));
    }

    #[test]
    fn a_renewed_certificate_is_no_change() {
        let all = || rules(json!(["*"]), json!(["*"]), json!(["*"]));
        let bundle =
            json!({"f:webhooks": {"k:{\"name\":\"a\"}": {"f:clientConfig": {"f:caBundle": {}}}}});
        let of = |fields: Value| {
            let late = entry("injector", "Update", "2026-02-01T00:00:00Z", fields);
            webhooks(all(), json!([late])).may_change("", "configmaps", &applied(LATE))
        };
        assert!(!of(bundle));
        assert!(of(
            json!({"f:webhooks": {"k:{\"name\":\"a\"}": {"f:rules": {}}}})
        ));
    }

    #[test]
    fn a_policy_counts_from_the_day_it_was_bound() {
        let all = rules(json!([""]), json!(["configmaps"]), json!(["*"]));
        let policy = object(
            "MutatingAdmissionPolicy",
            json!({"spec": {"matchConstraints": {"resourceRules": all}}}),
            json!([]),
        );
        let set = json!({"f:spec": {"f:policyName": {}}});
        let binding = |name: &str| {
            let entries = json!([entry(
                "kubectl",
                "Update",
                "2026-03-01T00:00:00Z",
                set.clone()
            )]);
            object(
                "MutatingAdmissionPolicyBinding",
                json!({"spec": {"policyName": name}}),
                entries,
            )
        };
        for (name, is_open) in [("p", true), ("other", false)] {
            let mut mutators = Mutators::default();
            mutators.add_policy(&policy, &[binding(name)]);
            assert_eq!(
                mutators.may_change("", "configmaps", &applied(LATE)),
                is_open,
                "{name}"
            );
        }
    }
}
