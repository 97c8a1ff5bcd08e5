//! The order of the output: as accumulated, or by kind.

use std::cmp::Ordering;

use super::id::Id;
use super::merge_sort;
use super::resource::Resource;
use super::set::ResourceSet;

/// Kinds that come first in the legacy order.
const FIRST: &[&str] = &[
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

/// Kinds that come last in the legacy order.
const LAST: &[&str] = &[
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// How the result is ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// As accumulated.
    Fifo,
    /// By kind, with these kinds first and last.
    Legacy {
        first: Vec<String>,
        last: Vec<String>,
    },
}

impl Order {
    pub fn legacy() -> Self {
        let owned = |kinds: &[&str]| kinds.iter().map(|&kind| kind.to_owned()).collect();
        Self::Legacy {
            first: owned(FIRST),
            last: owned(LAST),
        }
    }
}

/// Where a kind stands in the built-in legacy order: negative for the first ones, positive for the last ones.
pub fn legacy_rank(kind: &str) -> i64 {
    rank_in(kind, FIRST, LAST)
}

/// Orders the objects.
pub fn sort(set: &mut ResourceSet, order: &Order) {
    let Order::Legacy { first, last } = order else {
        return;
    };
    let first: Vec<&str> = first.iter().map(String::as_str).collect();
    let last: Vec<&str> = last.iter().map(String::as_str).collect();
    let rank_of = |kind: &str| rank_in(kind, &first, &last);
    let keyed: Vec<(Key, Resource)> = std::mem::take(set.items_mut())
        .into_iter()
        .map(|resource| {
            (
                Key::of(&resource.id, rank_of(&resource.id.gvk.kind)),
                resource,
            )
        })
        .collect();
    let keyed = merge_sort::sort(keyed, &|a, b| a.0.compare(&b.0).is_lt());
    *set.items_mut() = keyed.into_iter().map(|(_, resource)| resource).collect();
}

fn rank_in(kind: &str, first: &[&str], last: &[&str]) -> i64 {
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX / 2);
    // Of several places the last one counts, and `orderLast` before `orderFirst`.
    if let Some(n) = last.iter().rposition(|known| *known == kind) {
        number(n) + 1
    } else if let Some(n) = first.iter().rposition(|known| *known == kind) {
        number(n) - number(first.len())
    } else {
        0
    }
}

struct Key {
    rank: i64,
    is_namespace: bool,
    is_core: bool,
    gvk: String,
    full: String,
}

impl Key {
    fn of(id: &Id, rank: i64) -> Self {
        let or = |text: &'_ str, none: &'static str| -> String {
            if text.is_empty() {
                none.to_owned()
            } else {
                text.to_owned()
            }
        };
        let group = or(&id.gvk.group, "~G");
        let version = or(&id.gvk.version, "~V");
        let kind = or(&id.gvk.kind, "~K");
        Self {
            rank,
            is_namespace: id.gvk.kind == "Namespace",
            is_core: id.gvk.group.is_empty(),
            full: format!(
                "{kind}.{version}.{group}|{}|{}",
                or(&id.namespace, "~X"),
                or(&id.name, "~N")
            ),
            gvk: format!("{group}_{version}_{kind}"),
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        let by_gvk = self.gvk.cmp(&other.gvk);
        // Core namespaces come before those of other groups.
        let is_reversed = self.is_namespace && other.is_namespace && self.is_core != other.is_core;
        self.rank
            .cmp(&other.rank)
            .then(if is_reversed {
                by_gvk.reverse()
            } else {
                by_gvk
            })
            .then_with(|| self.full.cmp(&other.full))
    }
}
