//! In which order objects are applied and deleted.
//!
//! A sync is a list of [`Step`]s, done one after another; what stands in one step may be sent at once, kind by kind. Phases and
//! hooks only fill the first fields of [`Wave`]; they need no other shape.

use std::collections::BTreeMap;

use crate::object::Object;
use crate::object::options::wave_number;

/// The phases of a sync, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Phase {
    PreSync,
    #[default]
    Sync,
    PostSync,
    SyncFail,
}

/// When something is due: earlier waves come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Wave {
    pub phase: Phase,
    pub number: i32,
}

/// What has to be true before the next step of the same wave may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// CRDs, which must be established before their objects are known.
    Definitions,
    /// Namespaces, which must be there before anything can live in them.
    Namespaces,
    /// All other objects.
    Objects,
}

/// Objects of one kind, in the order of their names: indexes into the list that was ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub objects: Vec<usize>,
}

/// One step: its batches are started in order, and the next step waits for this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub wave: Wave,
    pub stage: Stage,
    pub batches: Vec<Batch>,
}

impl Step {
    pub fn objects(&self) -> impl Iterator<Item = usize> + '_ {
        self.batches
            .iter()
            .flat_map(|batch| batch.objects.iter().copied())
    }
}

/// The usual order of kinds. The kind alone counts, whatever its group, as users of Argo CD know it.
const KINDS: [&str; 35] = [
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
];

/// A kind's place in the usual order; unlisted kinds share the last one.
pub fn rank(kind: &str) -> usize {
    KINDS
        .iter()
        .position(|listed| *listed == kind)
        .unwrap_or(KINDS.len())
}

fn stage(object: &Object) -> Stage {
    match (object.gvk().group.as_str(), object.kind()) {
        ("apiextensions.k8s.io", "CustomResourceDefinition") => Stage::Definitions,
        ("", "Namespace") => Stage::Namespaces,
        _ => Stage::Objects,
    }
}

/// The waves of plain objects: their own, except that a CRD or Namespace is never later than the first object that needs it.
pub fn waves(objects: &[Object]) -> Vec<Wave> {
    let mut waves: Vec<Wave> = objects
        .iter()
        .map(|object| Wave {
            phase: Phase::Sync,
            number: wave_number(object),
        })
        .collect();
    let mut first_in_namespace = BTreeMap::new();
    let mut first_of_kind = BTreeMap::new();
    for (object, wave) in objects.iter().zip(&waves) {
        let earliest = |first: &mut Wave| *first = (*first).min(*wave);
        if !object.namespace().is_empty() {
            first_in_namespace
                .entry(object.namespace())
                .and_modify(earliest)
                .or_insert(*wave);
        }
        let gvk = object.gvk();
        first_of_kind
            .entry((gvk.group, gvk.kind))
            .and_modify(earliest)
            .or_insert(*wave);
    }
    for (object, wave) in objects.iter().zip(&mut waves) {
        let needed = match stage(object) {
            Stage::Namespaces => first_in_namespace.get(object.name()),
            Stage::Definitions => first_of_kind.get(&defined_kind(object)),
            Stage::Objects => None,
        };
        *wave = needed.map_or(*wave, |needed| (*wave).min(*needed));
    }
    waves
}

/// Group and kind that a CRD defines.
fn defined_kind(definition: &Object) -> (String, String) {
    let text = |pointer: &str| {
        definition
            .value
            .pointer(pointer)
            .and_then(|v| v.as_str())
            .unwrap_or_default()
            .to_owned()
    };
    (text("/spec/group"), text("/spec/names/kind"))
}

/// The steps that apply `objects`: by wave, in each wave definitions, then namespaces, then the rest in the usual order of kinds.
pub fn stages(objects: &[Object]) -> Vec<Step> {
    steps(objects, &waves(objects))
}

/// As [`stages`], with the waves given (same length): where phases and hooks are known.
pub fn steps(objects: &[Object], waves: &[Wave]) -> Vec<Step> {
    let place = |n: usize| {
        let object = &objects[n];
        let by_kind = (
            rank(object.kind()),
            object.name(),
            object.kind(),
            object.namespace(),
        );
        (waves[n], stage(object), by_kind)
    };
    let mut order: Vec<usize> = (0..objects.len().min(waves.len())).collect();
    order.sort_by(|a, b| place(*a).cmp(&place(*b)));
    let mut steps: Vec<Step> = Vec::new();
    let mut last_kind = None;
    for n in order {
        let (wave, stage, _) = place(n);
        let object = &objects[n];
        let is_new_step = steps
            .last()
            .is_none_or(|step| (step.wave, step.stage) != (wave, stage));
        if is_new_step {
            steps.push(Step {
                wave,
                stage,
                batches: Vec::new(),
            });
        }
        let kind = (object.api_version(), object.kind());
        if let Some(step) = steps.last_mut() {
            match step.batches.last_mut() {
                Some(batch) if !is_new_step && last_kind == Some(kind) => batch.objects.push(n),
                _ => step.batches.push(Batch { objects: vec![n] }),
            }
        }
        last_kind = Some(kind);
    }
    steps
}

/// The order of deletion: that of applying, backwards.
pub fn deletions(objects: &[Object]) -> Vec<Step> {
    let mut steps = stages(objects);
    steps.reverse();
    for step in &mut steps {
        step.batches.reverse();
        for batch in &mut step.batches {
            batch.objects.reverse();
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// `Kind/name` or `Kind/name@wave`, in namespace `ns` where it is no Namespace or CRD.
    fn object(text: &str) -> Object {
        let (address, wave) = text.split_once('@').unwrap_or((text, "0"));
        let (kind, name) = address.split_once('/').expect("Kind/name");
        let api_version = match kind {
            "CustomResourceDefinition" => "apiextensions.k8s.io/v1",
            "Widget" => "example.com/v1",
            _ => "v1",
        };
        let mut object = Object::new(
            json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name},
            "spec": {"group": "example.com", "names": {"kind": "Widget"}}}),
        );
        object.set_annotation(crate::object::labels::ARGO_SYNC_WAVE, wave);
        if !matches!(kind, "Namespace" | "CustomResourceDefinition") {
            object.set_namespace("ns");
        }
        object
    }

    fn shown(steps: &[Step], objects: &[Object]) -> String {
        let batch = |batch: &Batch| {
            let names: Vec<String> = batch
                .objects
                .iter()
                .map(|n| format!("{}/{}", objects[*n].kind(), objects[*n].name()))
                .collect();
            names.join(" ")
        };
        let step = |step: &Step| {
            step.batches
                .iter()
                .map(batch)
                .collect::<Vec<_>>()
                .join(", ")
        };
        steps.iter().map(step).collect::<Vec<_>>().join(" | ")
    }

    fn check(given: &[&str], expected: &str) {
        let objects: Vec<Object> = given.iter().map(|text| object(text)).collect();
        let steps = stages(&objects);
        assert_eq!(crate::plan::check::steps(&objects, &steps), Ok(()));
        assert_eq!(shown(&steps, &objects), expected);
    }

    proptest::proptest! {
        #[test]
        fn every_order_keeps_the_rules(
            given in proptest::collection::vec("(Namespace/ns|CustomResourceDefinition/d|Widget/w|Secret/s|Deployment/d)@-?[0-3]", 0..12),
        ) {
            let objects: Vec<Object> = given.iter().map(|text| object(text)).collect();
            proptest::prop_assert_eq!(crate::plan::check::steps(&objects, &stages(&objects)), Ok(()));
        }
    }

    #[test]
    fn definitions_then_namespaces_then_the_usual_order() {
        check(
            &[
                "Deployment/b",
                "Widget/w",
                "Service/s",
                "Deployment/a",
                "Namespace/ns",
                "ConfigMap/c",
                "CustomResourceDefinition/d",
            ],
            "CustomResourceDefinition/d | Namespace/ns | ConfigMap/c, Service/s, Deployment/a Deployment/b, Widget/w",
        );
    }

    #[test]
    fn waves_come_first_and_unreadable_ones_are_zero() {
        check(
            &["ConfigMap/late@1", "Deployment/early@-1", "Secret/odd@x"],
            "Deployment/early | Secret/odd | ConfigMap/late",
        );
    }

    #[test]
    fn what_others_need_is_lifted_to_their_wave() {
        check(
            &[
                "Namespace/ns@5",
                "CustomResourceDefinition/d@7",
                "Widget/w@-2",
            ],
            "CustomResourceDefinition/d | Namespace/ns | Widget/w",
        );
    }

    #[test]
    fn deletion_goes_backwards() {
        let objects: Vec<Object> = ["Namespace/ns", "ConfigMap/a", "ConfigMap/b", "Deployment/c"]
            .iter()
            .map(|t| object(t))
            .collect();
        assert_eq!(
            shown(&deletions(&objects), &objects),
            "Deployment/c, ConfigMap/b ConfigMap/a | Namespace/ns"
        );
    }
}
