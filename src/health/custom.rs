//! Well-known custom resources, by Argo CD's shipped checks; all others by the usual conditions.

use super::view::{Condition, View};
use super::{Health, Status, conditions};

/// The health of a custom resource, if anything is known about it.
pub fn health(view: &View<'_>) -> Option<Health> {
    // Since Argo CD 1.8 a child Application does not hold back its parent.
    if view.group() == "argoproj.io" && matches!(view.kind(), "Application" | "AppProject") {
        return None;
    }
    known(view).or_else(|| conditions::usual(view))
}

/// Whether the kind has a rule of its own.
#[cfg(test)]
pub fn has_rule(view: &View<'_>) -> bool {
    known(view).is_some()
}

fn known(view: &View<'_>) -> Option<Health> {
    let health = match (view.group(), view.kind()) {
        ("argoproj.io", kind) => return argo(view, kind),
        ("cert-manager.io", "Certificate") => certificate(view),
        ("cert-manager.io", "Issuer" | "ClusterIssuer")
        | (
            "external-secrets.io",
            "ExternalSecret" | "SecretStore" | "ClusterSecretStore" | "PushSecret",
        )
        | ("karpenter.sh", "NodePool" | "NodeClaim")
        | ("karpenter.k8s.aws", "EC2NodeClass") => conditions::ready(view),
        ("bitnami.com", "SealedSecret") => conditions::decided_by(view, "Synced"),
        ("kustomize.toolkit.fluxcd.io", "Kustomization")
        | ("image.toolkit.fluxcd.io", "ImageUpdateAutomation") => flux(view, |_| true),
        ("source.toolkit.fluxcd.io", _) if view.text("/spec/type") == "oci" => Health::healthy(),
        (
            "source.toolkit.fluxcd.io",
            "GitRepository" | "OCIRepository" | "HelmRepository" | "HelmChart" | "Bucket",
        ) => flux(view, |view| is_true(view, "ArtifactInStorage")),
        ("helm.toolkit.fluxcd.io", "HelmRelease") => helm_release(view),
        ("keda.sh", "ScaledObject") => scaled(view, &["False"], true),
        ("keda.sh", "ScaledJob") => scaled(view, &["False", "Unknown"], false),
        ("snapshot.storage.k8s.io", "VolumeSnapshot") => snapshot(view),
        ("gateway.networking.k8s.io", "Gateway") => gateway(view),
        ("gateway.networking.k8s.io", "GatewayClass") => gateway_class(view),
        ("gateway.networking.k8s.io", "HTTPRoute" | "GRPCRoute") => route(view),
        ("monitoring.coreos.com", "Prometheus") => prometheus(view),
        ("rabbitmq.com", "RabbitmqCluster") => rabbitmq(view),
        ("kafka.strimzi.io", kind) => strimzi(view, kind),
        ("flagger.app", "Canary") => match view.text("/status/phase") {
            "Failed" => Health::degraded("the analysis failed"),
            "Progressing" | "Finalising" | "Promoting" => {
                Health::progressing("the analysis is running")
            }
            "Succeeded" | "Initialized" => Health::healthy(),
            other => Health::unknown(format!("unknown phase `{other}`")),
        },
        ("cluster.x-k8s.io", kind @ ("Machine" | "MachineDeployment" | "MachinePool")) => {
            machine(view, kind)
        }
        (group, _) if group.ends_with(".services.k8s.aws") => aws(view),
        ("acid.zalan.do", "postgresql") => match view.text("/status/PostgresClusterStatus") {
            "Running" => Health::healthy(),
            "Creating" | "Updating" | "" => Health::progressing("waits for the cluster"),
            other => Health::degraded(other),
        },
        _ => return None,
    };
    Some(health)
}

fn is(view: &View<'_>, kind: &str, status: &str) -> bool {
    view.condition(kind)
        .is_some_and(|condition| condition.status == status)
}

fn is_true(view: &View<'_>, kind: &str) -> bool {
    is(view, kind, "True")
}

/// Why a condition is as it is; empty where it is absent.
fn why<'a>(view: &View<'a>, kind: &str) -> &'a str {
    view.condition(kind).map_or("", |condition| condition.why())
}

fn argo(view: &View<'_>, kind: &str) -> Option<Health> {
    let phase = view.text("/status/phase");
    let message = view.text("/status/message");
    let health = match kind {
        "Workflow" => match phase {
            "" | "Pending" | "Running" => Health::progressing(message),
            "Succeeded" => Health::healthy(),
            "Failed" | "Error" => Health::degraded(message),
            other => Health::unknown(format!("unknown phase `{other}`")),
        },
        "AnalysisRun" | "Experiment" => match phase {
            "" | "Pending" | "Running" => Health::progressing(message),
            "Successful" => Health::healthy(),
            "Failed" | "Error" => Health::degraded(message),
            other => Health::unknown(format!("phase `{other}`")),
        },
        "ApplicationSet" => application_set(view),
        "CronWorkflow" => match view
            .conditions()
            .find(|c| matches!(c.kind, "SpecError" | "SubmissionError") && c.is_true())
        {
            Some(error) => Health::degraded(error.why()),
            None => Health::healthy(),
        },
        "EventBus" => conditions::decided_by(view, "Deployed"),
        _ => return None,
    };
    Some(health)
}

fn application_set(view: &View<'_>) -> Health {
    if is_true(view, "ErrorOccurred") {
        return Health::degraded(why(view, "ErrorOccurred"));
    }
    if is(view, "ResourcesUpToDate", "False") {
        return Health::degraded(why(view, "ResourcesUpToDate"));
    }
    if is_true(view, "RolloutProgressing") || !is_true(view, "ResourcesUpToDate") {
        return Health::progressing("its applications are not up to date");
    }
    Health::healthy()
}

fn certificate(view: &View<'_>) -> Health {
    match view.condition("Issuing").filter(Condition::is_true) {
        Some(issuing) => Health::progressing(issuing.why()),
        None => conditions::ready(view),
    }
}

fn flux(view: &View<'_>, is_complete: impl Fn(&View<'_>) -> bool) -> Health {
    flux_by(view, |view| is_true(view, "Ready") && is_complete(view))
}

/// What all kinds of Flux share; `is_good` tells healthy from degraded once the controller is done.
fn flux_by(view: &View<'_>, is_good: impl Fn(&View<'_>) -> bool) -> Health {
    if view.flag("/spec/suspend") {
        return Health::suspended("is suspended");
    }
    if view.list("/status/conditions").is_empty() {
        return Health::progressing("waits for the controller");
    }
    if is(view, "Ready", "Unknown") && is_true(view, "Reconciling") {
        return Health::progressing(why(view, "Reconciling"));
    }
    if is_good(view) {
        Health::healthy()
    } else {
        Health::degraded(why(view, "Ready"))
    }
}

/// Differs from Argo CD on purpose: a release whose `Ready`, `Released` and `TestSuccess` are all True is Healthy here. Argo CD
/// counts the three and wants exactly two.
fn helm_release(view: &View<'_>) -> Health {
    flux_by(view, |view| {
        let n_good = ["Ready", "Released", "TestSuccess"]
            .iter()
            .filter(|kind| is_true(view, kind))
            .count();
        n_good >= 2
    })
}

fn scaled(view: &View<'_>, bad: &[&str], has_fallback: bool) -> Health {
    let ready = view.condition("Ready");
    if ready.is_some_and(|ready| bad.contains(&ready.status))
        || (has_fallback && is_true(view, "Fallback"))
    {
        return Health::degraded(why(view, "Ready"));
    }
    if !is_true(view, "Ready") {
        return Health::progressing("waits for condition `Ready`");
    }
    if is_true(view, "Paused") {
        Health::suspended(why(view, "Paused"))
    } else {
        Health::healthy()
    }
}

fn snapshot(view: &View<'_>) -> Health {
    if view.flag("/status/readyToUse") {
        Health::healthy()
    } else if view.at("/status/error").is_some() {
        Health::degraded(view.text("/status/error/message"))
    } else {
        Health::progressing("waits to be ready to use")
    }
}

/// What one set of conditions of the Gateway API says: bad, not there yet, or good.
fn programmed<'a>(
    conditions: impl Iterator<Item = Condition<'a>>,
    is_required: bool,
) -> Option<Health> {
    let all: Vec<Condition<'a>> = conditions.collect();
    let bad = |condition: &&Condition<'a>| {
        matches!(condition.kind, "ResolvedRefs" | "Accepted") && condition.is_false()
    };
    if let Some(condition) = all.iter().find(bad) {
        return Some(Health::degraded(condition.why()));
    }
    match all.iter().find(|condition| condition.kind == "Programmed") {
        Some(condition) if !condition.is_true() => Some(Health::progressing(condition.why())),
        None if is_required && !all.is_empty() => {
            Some(Health::progressing("is not programmed yet"))
        }
        _ => None,
    }
}

fn gateway(view: &View<'_>) -> Health {
    let listeners = view.list("/status/listeners");
    let sets = std::iter::once("/status/conditions")
        .flat_map(|pointer| view.list(pointer))
        .count()
        + listeners.len();
    if sets == 0 {
        return Health::progressing("waits for its status");
    }
    let own = programmed(view.conditions(), false);
    let of_listener = |listener: &'_ serde_json::Value| {
        let conditions = listener
            .get("conditions")
            .and_then(serde_json::Value::as_array);
        programmed(conditions.into_iter().flatten().map(Condition::new), false)
    };
    own.or_else(|| listeners.iter().find_map(of_listener))
        .unwrap_or_else(Health::healthy)
}

fn gateway_class(view: &View<'_>) -> Health {
    match view.condition("Accepted") {
        Some(accepted)
            if accepted
                .observed_generation
                .is_some_and(|seen| !view.is_generation(seen)) =>
        {
            Health::progressing("waits for the controller to see the newest spec")
        }
        Some(_) => match conditions::decided_by(view, "Accepted") {
            health if health.status == Status::Healthy => Health::healthy(),
            health => health,
        },
        None => Health::progressing("waits to be accepted"),
    }
}

fn route(view: &View<'_>) -> Health {
    let mut n_current = 0;
    for parent in view.list("/status/parents") {
        let list = parent
            .get("conditions")
            .and_then(serde_json::Value::as_array);
        let all: Vec<Condition<'_>> = list.into_iter().flatten().map(Condition::new).collect();
        let is_current = |condition: &Condition<'_>| {
            condition
                .observed_generation
                .is_none_or(|seen| view.is_generation(seen))
        };
        if all.is_empty() || !all.iter().all(is_current) {
            continue;
        }
        n_current += 1;
        if let Some(health) = programmed(all.into_iter(), false) {
            return health;
        }
    }
    if n_current > 0 {
        Health::healthy()
    } else {
        Health::progressing("waits for its parents")
    }
}

fn prometheus(view: &View<'_>) -> Health {
    match view.condition("Available") {
        Some(available) if available.is_true() => Health::healthy(),
        Some(available) if available.reason == "SomePodsNotReady" => {
            Health::progressing(available.why())
        }
        Some(available) => Health::degraded(available.why()),
        None => Health::progressing("waits to be available"),
    }
}

fn rabbitmq(view: &View<'_>) -> Health {
    if is(view, "ReconcileSuccess", "False") {
        return Health::degraded(why(view, "ReconcileSuccess"));
    }
    if is_true(view, "ClusterAvailable") && is_true(view, "AllReplicasReady") {
        return Health::healthy();
    }
    Health::progressing("waits for all replicas")
}

/// A Kafka that is being created is not ready either, and that is no failure.
fn strimzi(view: &View<'_>, kind: &str) -> Health {
    let is_starting = |condition: &Condition<'_>| kind == "Kafka" && condition.reason == "Creating";
    match view.condition("NotReady").filter(Condition::is_true) {
        Some(condition) if !is_starting(&condition) => Health::degraded(condition.why()),
        _ if is_true(view, "Ready") => Health::healthy(),
        _ => Health::progressing("waits for condition `Ready`"),
    }
}

fn machine(view: &View<'_>, kind: &str) -> Health {
    if kind == "MachineDeployment" && view.flag("/spec/paused") {
        return Health::suspended("is paused");
    }
    match (kind, view.text("/status/phase")) {
        (_, "Running") | ("MachinePool", "Scaling") => Health::healthy(),
        (_, "Failed") | ("MachinePool", "Unknown") => {
            Health::degraded(view.text("/status/failureMessage"))
        }
        (_, phase) => Health::progressing(phase),
    }
}

fn aws(view: &View<'_>) -> Health {
    if is_true(view, "ACK.Terminal") {
        return Health::degraded(why(view, "ACK.Terminal"));
    }
    if is_true(view, "Ready") {
        Health::healthy()
    } else {
        Health::progressing(why(view, "Ready"))
    }
}
