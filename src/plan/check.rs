//! What every plan must satisfy, whatever it was made from. Every test that makes a plan runs it through here.
//!
//! Written from the rules, not from the code that plans: it shares no helper with it.

use std::collections::BTreeSet;

use super::order::Step;
use super::prune::{Evidence, Guards, Limit, PrunePlan};
use crate::object::{Key, Object};

/// Checks the steps of an apply over `objects`. `Err` says which rule is broken.
pub fn steps(objects: &[Object], steps: &[Step]) -> Result<(), String> {
    let order: Vec<usize> = steps.iter().flat_map(Step::objects).collect();
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if sorted != (0..objects.len()).collect::<Vec<_>>() {
        return Err(format!(
            "not every object stands in exactly one step: {order:?}"
        ));
    }
    if !steps
        .windows(2)
        .all(|pair| (pair[0].wave, pair[0].stage) < (pair[1].wave, pair[1].stage))
    {
        return Err("steps are not in the order of their waves and stages".to_owned());
    }
    if steps.iter().any(|step| {
        step.batches.is_empty() || step.batches.iter().any(|batch| batch.objects.is_empty())
    }) {
        return Err("a step or a batch is empty".to_owned());
    }
    let step_of = |n: usize| steps.iter().position(|step| step.objects().any(|m| m == n));
    for (n, needed) in objects.iter().enumerate() {
        for (m, object) in objects.iter().enumerate() {
            if n != m && needs(object, needed) && step_of(n) >= step_of(m) {
                return Err(format!("{object:?} is not after {needed:?}"));
            }
        }
    }
    Ok(())
}

/// Whether `object` cannot be applied before `other` is there.
fn needs(object: &Object, other: &Object) -> bool {
    let text = |pointer: &str| {
        other
            .value
            .pointer(pointer)
            .and_then(|value| value.as_str())
    };
    match (other.api_version(), other.kind()) {
        ("v1", "Namespace") => object.namespace() == other.name(),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition") => {
            let gvk = object.gvk();
            text("/spec/group") == Some(&gvk.group) && text("/spec/names/kind") == Some(&gvk.kind)
        }
        _ => false,
    }
}

/// Checks a decision to prune.
pub fn prune(
    plan: &PrunePlan,
    members: &[Object],
    evidence: &Evidence,
    guards: &Guards,
) -> Result<(), String> {
    let rule = |holds: bool, text: &str| if holds { Ok(()) } else { Err(text.to_owned()) };
    rule(
        plan.refused.is_none() || plan.delete.is_empty(),
        "a guard refused and something is deleted",
    )?;
    let is_unclear =
        !evidence.errors.is_empty() || (evidence.desired.is_empty() && !guards.allow_empty);
    rule(
        !is_unclear || plan.delete.is_empty(),
        "something is deleted in a scope with errors, or by an empty app",
    )?;
    let limit = match guards.limit.user {
        Limit::Usual => std::cmp::max(10, members.len() * 30 / 100),
        Limit::Count(n) => n,
        Limit::Percent(percent) => members.len() * percent as usize / 100,
    };
    let limit = guards.limit.repository.map_or(limit, |n| limit.min(n));
    rule(
        evidence.desired.is_empty() || plan.delete.len() <= limit,
        "more is deleted than the limit",
    )?;
    let mut seen = BTreeSet::new();
    for candidate in &plan.delete {
        let key = &candidate.key;
        rule(seen.insert(key.clone()), "something is deleted twice")?;
        rule(
            !evidence.desired.contains(key),
            "something desired is deleted",
        )?;
        rule(!evidence.records.contains(key), "a record is deleted")?;
        rule(
            !evidence.not_surplus.contains_key(key),
            "another app's object is deleted",
        )?;
        rule(
            !candidate.uid.is_empty() && !candidate.resource_version.is_empty(),
            "a deletion has no precondition",
        )?;
        let is_member = members
            .iter()
            .any(|member| member.key() == *key && member.uid() == candidate.uid);
        rule(is_member, "something that is no member is deleted")?;
        let is_own = members
            .iter()
            .any(|member| member.key() == *key && is_labelled_by_an_apply(member));
        rule(is_own, "something is deleted whose label is not our own")?;
        rule(
            !is_protected(key) || is_named(guards, key),
            "a protected kind is deleted without its name",
        )?;
    }
    Ok(())
}

fn is_labelled_by_an_apply(member: &Object) -> bool {
    let entries = member.value.pointer("/metadata/managedFields");
    let label = "/fieldsV1/f:metadata/f:labels/f:applyset.kubernetes.io~1part-of";
    let mut entries = entries
        .and_then(|list| list.as_array())
        .into_iter()
        .flatten();
    entries.any(|entry| {
        entry["manager"] == "pushboat"
            && entry["operation"] == "Apply"
            && entry.pointer(label).is_some()
    })
}

fn is_protected(key: &Key) -> bool {
    [
        "Namespace",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "CustomResourceDefinition",
    ]
    .contains(&key.kind.as_str())
        && (key.group.is_empty() || key.group == "apiextensions.k8s.io")
}

fn is_named(guards: &Guards, key: &Key) -> bool {
    guards.confirmed.iter().any(|text| {
        let (kind, rest) = text.split_once('/').unwrap_or((text, ""));
        kind.split('.').next() == Some(&key.kind) && rest.rsplit('/').next() == Some(&key.name)
    })
}
