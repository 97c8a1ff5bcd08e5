//! Whose fields pushboat takes back without being told to.
//!
//! A conflict names the manager that holds a field. What a person did by hand is drift, and a sync undoes it, as Argo CD's
//! self-heal does. What another program keeps writing is a fight that nobody wins: the sync stops and names the program.

use super::ownership::{self, Entry};
use crate::object::{Object, labels};

/// What kind of writer a field manager is, by its name; the name is all that a conflict tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A person at a client: the field is taken back.
    Person,
    /// A tool that deploys, and will again: taken over only when told to.
    Deployer,
    /// Anything else: a controller that keeps writing.
    Controller,
}

/// Clients that people hold in their hands. Names are those of the user agent up to its first `/`, unless the client gives one.
const PERSONS: [&str; 12] = [
    // kubectl scale, label, annotate and others of older versions.
    "kubectl",
    // What the server calls the owner of all fields of an object that had no managedFields before its first apply.
    "before-first-apply",
    "k9s",
    "kui",
    "octant",
    // Desktop and web clients: Lens, Headlamp and the dashboard.
    "lens",
    "OpenLens",
    "node-fetch",
    "headlamp",
    "dashboard",
    "Mozilla",
    // Scripts by hand.
    "curl",
];

/// Tools that apply whole applications.
const DEPLOYERS: [&str; 12] = [
    "argocd-controller",
    "argocd-application-controller",
    "helm",
    "kustomize-controller",
    "helm-controller",
    "flux",
    "flux-client-side-apply",
    "fleetagent",
    "kapp",
    "kluctl",
    "terraform",
    "Terraform",
];

/// Tools that put an object there once and do not watch over it: what they wrote is handed over together with what people wrote.
/// Helm is one of them as long as it writes by ordinary updates.
const HANDED_OVER: [&str; 3] = ["helm", "velero-server", "velero"];

/// Tools that deploy by ordinary updates, from a place that may be the same repository: where both set a field alike, it goes over.
const DEPLOYS_BY_UPDATES: [&str; 6] = [
    "argocd-controller",
    "argocd-application-controller",
    "kapp",
    "kluctl",
    "terraform",
    "Terraform",
];

/// Sorts a field manager. `kubectl-edit`, `kubectl-client-side-apply`, `kubectl-rollout` and every other `kubectl-…` is a person.
///
/// `kubectl scale` writes as `kubectl` through the subresource `scale`, the autoscaler writes the same field as
/// `kube-controller-manager`: the first is undone, the second is not.
pub fn who(manager: &str) -> Who {
    if PERSONS.contains(&manager) || manager.starts_with("kubectl-") {
        Who::Person
    } else if DEPLOYERS.contains(&manager) {
        Who::Deployer
    } else {
        Who::Controller
    }
}

/// Whether a sync may force a conflict with this manager by default. An unknown name is a controller's.
pub fn may_take(manager: &str) -> bool {
    who(manager) == Who::Person
}

/// What pushboat takes out of a manager's updates at an apply, of the fields that the manifest sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    All,
    /// Only those that have the desired value already: another one is a conflict, and stays one.
    Agreed,
    Nothing,
}

/// What pushboat takes out of this manager's updates.
pub fn takes(manager: &str) -> Takes {
    // An object that pushboat wrote over as a whole has an update of its own.
    let is_own = manager == labels::MANAGER;
    if is_own || who(manager) == Who::Person || HANDED_OVER.contains(&manager) {
        Takes::All
    } else if DEPLOYS_BY_UPDATES.contains(&manager) {
        Takes::Agreed
    } else {
        Takes::Nothing
    }
}

/// Whose fields a sync takes where they stand in its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Persons,
    /// Also those of tools that deploy: the object is taken over from them.
    Deployers,
}

impl Reach {
    /// Whether a sync may force a conflict with this manager.
    pub fn holds(self, manager: &str) -> bool {
        match (who(manager), self) {
            (Who::Person, _) | (Who::Deployer, Self::Deployers) => true,
            (Who::Deployer, Self::Persons) | (Who::Controller, _) => false,
        }
    }
}

/// What to say after the name of a manager whose field was not taken.
pub fn hint(manager: &str) -> &'static str {
    match who(manager) {
        Who::Person => "sync again: this field may be taken back",
        Who::Deployer => {
            "stop that tool from managing the object, or pass `--force-conflicts` to take the field over"
        }
        Who::Controller => {
            "leave the field out of the repository if that controller is to keep it, or pass `--force-conflicts`"
        }
    }
}

/// Whether a person's edit put another member label on an object that pushboat applied.
///
/// A label that somebody applied is a claim: of another app, or of a tool that keeps sets of its own, as `kubectl apply` can.
pub fn is_relabelled_by_hand(live: &Object) -> bool {
    let label = ownership::membership();
    let mut owners = ownership::entries(live).filter(|it| ownership::holds(it.fields, &label));
    let is_edit = |entry: &Entry<'_>| {
        entry.operation == "Update"
            && who(entry.manager) == Who::Person
            && !matches!(
                entry.manager,
                "kubectl-client-side-apply" | "before-first-apply"
            )
    };
    let is_edited =
        owners.next().is_some_and(|first| is_edit(&first)) && owners.all(|it| is_edit(&it));
    is_edited && ownership::is_applied_by_pushboat(live)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn check(managers: &[&str], expected: Who) {
        for manager in managers {
            assert_eq!(who(manager), expected, "{manager}");
        }
    }

    #[test]
    fn people_are_told_from_programs() {
        check(
            &[
                "kubectl",
                "kubectl-edit",
                "kubectl-client-side-apply",
                "kubectl-patch",
                "before-first-apply",
            ],
            Who::Person,
        );
        check(
            &["argocd-controller", "helm", "kustomize-controller"],
            Who::Deployer,
        );
        check(
            &[
                "kube-controller-manager",
                "vpa-updater",
                "",
                "my-operator",
                "Kubectl",
                "kubectlx",
            ],
            Who::Controller,
        );
    }

    #[test]
    fn what_a_tool_wrote_once_is_handed_over_and_what_a_controller_keeps_is_not() {
        for manager in [
            "kubectl-create",
            "helm",
            "velero-server",
            "before-first-apply",
            "pushboat",
        ] {
            assert_eq!(takes(manager), Takes::All, "{manager}");
        }
        assert_eq!(takes("argocd-controller"), Takes::Agreed);
        for manager in [
            "kube-controller-manager",
            "helm-controller",
            "some-operator",
            "",
        ] {
            assert_eq!(takes(manager), Takes::Nothing, "{manager}");
        }
    }

    #[test]
    fn a_label_is_drift_only_where_a_person_edited_it() {
        let label = json!({"f:metadata": {"f:labels": {"f:applyset.kubernetes.io/part-of": {}}}});
        let entry = |manager: &str, operation: &str, fields: &Value| json!({"manager": manager, "operation": operation, "fieldsType": "FieldsV1", "fieldsV1": fields});
        let is_drift = |manager: &str, operation: &str| {
            let ours = entry("pushboat", "Apply", &json!({"f:data": {}}));
            let theirs = entry(manager, operation, &label);
            is_relabelled_by_hand(&Object::new(
                json!({"metadata": {"managedFields": [ours, theirs]}}),
            ))
        };
        assert!(is_drift("kubectl-label", "Update"));
        for (manager, operation) in [
            ("pushboat", "Apply"),
            ("kubectl", "Apply"),
            ("kubectl-client-side-apply", "Update"),
            ("some-operator", "Update"),
        ] {
            assert!(!is_drift(manager, operation), "{manager}");
        }
    }
}
