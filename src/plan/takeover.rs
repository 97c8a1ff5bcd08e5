//! Whose fields pushboat takes back without being told to.
//!
//! A conflict names the manager that holds a field. What a person did by hand is drift, and a sync undoes it, as Argo CD's
//! self-heal does. What another program keeps writing is a fight that nobody wins: the sync stops and names the program.

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
