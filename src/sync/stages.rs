//! The objects of a sync, step by step: what is written in which order, and what must be true before the next step.
//!
//! It writes no records; those stand around it, in `run`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{FutureExt, StreamExt};

use super::absence::{defines, look_again};
use super::apply::{Applied, Policy, apply};
use super::compare::{Mark, Resource};
use super::foreign::refusal;
use super::handover::hand_over;
use super::lease::Held;
use super::overlap::overlap;
use super::prepare::Prepared;
use super::run::{Run, Step, Synced, waiting};
use super::wait::wait_healthy;
use crate::cluster::{ApiResource, Discovery};
use crate::error::{Error, Reason, Result};
use crate::object::{Gvk, Key, Object};
use crate::plan::{ResourceStatus, Wave, stages};

/// Applies under way at once for one app; the cluster's own limit holds above it. 8 to 32 are equally fast on a local API server.
const IN_FLIGHT: usize = 32;
pub(super) const DEFINITION: &str = "CustomResourceDefinition";
/// How long a CustomResourceDefinition may take to become established and served.
const ESTABLISHED_WITHIN: Duration = Duration::from_secs(30);
/// How long a server may refuse objects by the schema that a definition had before this sync.
const NEW_SCHEMA_WITHIN: Duration = Duration::from_secs(10);
/// How long a wave may take to become healthy before the next one, unless a time limit was given.
const WAVE_HEALTHY_WITHIN: Duration = Duration::from_secs(300);

/// Applies stage after stage; within a stage all at once. A failure does not hide the others, but no later wave starts after it, and none
/// before the one before it is healthy.
pub(super) async fn apply_stages(
    prepared: &mut Prepared,
    run: &Run<'_>,
    held: Option<&Held>,
    synced: &mut Synced,
) {
    let mut before: Option<Wave> = None;
    let mut applied: Vec<usize> = Vec::new();
    let mut is_stopped = false;
    for step in stages(&prepared.desired) {
        if before.is_some_and(|wave| wave != step.wave) {
            is_stopped |= !synced.all_applied();
            if !is_stopped {
                await_wave(prepared, run, synced, &applied).await;
            }
        }
        before = Some(step.wave);
        let objects: Vec<usize> = step.objects().collect();
        // The comparison stands in the order of the desired objects.
        let resources = &prepared.comparison.resources;
        let resources: Vec<&Resource> = objects.iter().filter_map(|n| resources.get(*n)).collect();
        if is_stopped || synced.error.is_some() {
            let skipped = resources
                .iter()
                .map(|resource| (resource.key.clone(), Step::Skipped));
            synced.steps.extend(skipped);
            continue;
        }
        if let Some(discovery) = apply_step(prepared, run, held, &resources, synced).await {
            prepared.discovery = discovery;
        }
        applied.extend(objects);
    }
}

/// Waits until what earlier waves applied is healthy, as Argo CD does between waves.
async fn await_wave(prepared: &Prepared, run: &Run<'_>, synced: &mut Synced, applied: &[usize]) {
    let objects = applied.iter().filter_map(|n| prepared.desired.get(*n));
    let limit = run.options.wait.unwrap_or(WAVE_HEALTHY_WITHIN);
    let waited = wait_healthy(&waiting(prepared, run, limit), objects).await;
    if let Some(error) = waited.failure {
        synced
            .error
            .get_or_insert(error.context("the next wave was not started"));
    }
}

/// One step: what is not in sync is applied, definitions are waited for. Returns the kinds served since then, where there are new ones.
async fn apply_step(
    prepared: &Prepared,
    run: &Run<'_>,
    held: Option<&Held>,
    resources: &[&Resource],
    synced: &mut Synced,
) -> Option<Arc<Discovery>> {
    let policy = Policy {
        force_conflicts: run.options.force_conflicts,
        adopt: run.options.adopt,
        dry_run: false,
        rewriting: run.options.rewriting,
    };
    let (todo, done): (Vec<&Resource>, Vec<&Resource>) = resources
        .iter()
        .partition(|resource| resource.needs_write());
    let in_sync = done
        .iter()
        .map(|resource| (resource.key.clone(), Step::InSync));
    synced.steps.extend(in_sync);
    apply_all(prepared, run, held, &todo, policy, synced).await;
    // Also those that were there already: the process that applied them may have died before they were served.
    let crds: Vec<&Object> = resources
        .iter()
        .filter_map(|resource| prepared.desired.get(resource.desired?))
        .filter(|object| object.kind() == DEFINITION)
        .filter(|crd| !is_served(&prepared.discovery, crd))
        .collect();
    if crds.is_empty() || synced.error.is_some() {
        return None;
    }
    if let Err((names, error)) = establish(prepared, run, &crds).await {
        if error.reason() == Reason::Interrupted {
            synced.error.get_or_insert(error);
            return None;
        }
        for (key, step) in &mut synced.steps {
            if names.contains(&key.name) && !matches!(step, Step::Failed(_)) {
                run.events.failed(key, &error);
                *step = Step::Failed(error.clone());
            }
        }
    }
    prepared.cluster.discovery().await.ok()
}

pub(super) async fn apply_all(
    prepared: &Prepared,
    run: &Run<'_>,
    held: Option<&Held>,
    todo: &[&Resource],
    policy: Policy,
    synced: &mut Synced,
) {
    let applying = Applying {
        prepared,
        run,
        held,
        policy,
        changed: changed_definitions(prepared, synced),
    };
    let applies = todo
        .iter()
        .map(|resource| apply_one(&applying, resource).boxed());
    let mut steps = overlap(applies.collect(), IN_FLIGHT);
    while let Some((key, step)) = steps.next().await {
        match &step {
            Step::Applied(applied) => run.events.applied(&key, *applied),
            Step::Failed(error) => {
                if matches!(error.reason(), Reason::LockLost | Reason::Interrupted) {
                    synced.error.get_or_insert_with(|| error.clone());
                }
                run.events.failed(&key, error);
            }
            Step::InSync | Step::Skipped => {}
        }
        synced.steps.push((key, step));
    }
}

/// What the applies of one step share.
struct Applying<'a> {
    prepared: &'a Prepared,
    run: &'a Run<'a>,
    held: Option<&'a Held>,
    policy: Policy,
    /// The definitions that this sync has written.
    changed: Vec<&'a Object>,
}

/// The CustomResourceDefinitions that an earlier step of this sync has written.
fn changed_definitions<'a>(prepared: &'a Prepared, synced: &Synced) -> Vec<&'a Object> {
    let is_written = |step: &Step| match step {
        Step::Applied(applied) => *applied != Applied::Unchanged,
        Step::InSync | Step::Skipped | Step::Failed(_) => false,
    };
    let steps = synced.steps.iter();
    let written: BTreeSet<&str> = steps
        .filter(|(key, step)| key.kind == DEFINITION && is_written(step))
        .map(|(key, _)| key.name.as_str())
        .collect();
    let objects = prepared.desired.iter();
    objects
        .filter(|object| object.kind() == DEFINITION && written.contains(object.name()))
        .collect()
}

async fn apply_one(applying: &Applying<'_>, resource: &Resource) -> (Key, Step) {
    let step = try_apply(applying, resource).await;
    (resource.key.clone(), step.unwrap_or_else(Step::Failed))
}

async fn try_apply(applying: &Applying<'_>, resource: &Resource) -> Result<Step> {
    let Applying {
        prepared,
        run,
        held,
        ..
    } = *applying;
    if run.interrupt.is_set() {
        let text = "interrupted before it was applied";
        return Err(Error::new(Reason::Interrupted, text));
    }
    ensure(held).await?;
    let Some(object) = resource.desired.and_then(|n| prepared.desired.get(n)) else {
        return Ok(Step::Skipped);
    };
    let looked_again = look_again(prepared, resource).await?;
    let resource = looked_again.as_ref().unwrap_or(resource);
    if let Some(error) = refusal(prepared, resource, run.options) {
        return Err(error);
    }
    let Some(api) = prepared.discovery.get(&resource.gvk()) else {
        return Err(resource.error.clone().unwrap_or_else(|| {
            Error::config(format!(
                "{} is not served by cluster `{}`",
                resource.gvk(),
                prepared.app.cluster
            ))
        }));
    };
    if let (ResourceStatus::Unknown, None, Some(error)) =
        (resource.status, &resource.live, &resource.error)
    {
        // It could not be read: what is not known is not written over.
        return Err(error.clone());
    }
    let applied = take_and_apply(applying, resource, api, object).await;
    applied.map(Step::Applied).map_err(|error| {
        let error = with_hints(error, resource.error.as_ref());
        let error = match &object.origin {
            Some(origin) => error.at(origin.file.clone(), origin.line, origin.column),
            None => error,
        };
        prepared
            .redactor
            .error(&resource.key, error.during(crate::error::During::Write))
    })
}

/// A refusal that the comparison met already, with what it found that would help.
fn with_hints(error: Error, compared: Option<&Error>) -> Error {
    match compared {
        Some(compared) if compared.reason() == error.reason() && error.hints().is_empty() => {
            let hints = compared.hints().iter();
            hints.fold(error, |error, hint| error.hint(hint.clone()))
        }
        Some(_) | None => error,
    }
}

/// Takes over what others own of an object that is there, then applies it.
async fn take_and_apply(
    applying: &Applying<'_>,
    resource: &Resource,
    api: &ApiResource,
    object: &Object,
) -> Result<Applied> {
    let is_deleting = resource
        .live
        .as_ref()
        .is_some_and(|live| live.deletion.is_some());
    let Some(planned) = resource.handover.as_ref().filter(|_| !is_deleting) else {
        return apply_by_new_schema(applying, resource, api, object).await;
    };
    if applying.policy.dry_run {
        return match apply_by_new_schema(applying, resource, api, object).await {
            // Only after the handover can the server try what is in the way now.
            Err(error) if error.reason() == Reason::Invalid && resource.not_exact.is_some() => {
                Ok(Applied::Configured)
            }
            tried => tried,
        };
    }
    let cluster = &applying.prepared.cluster;
    let after = hand_over(cluster, api, object, planned, applying.held).await?;
    let mut resource = resource.clone();
    if let Some(live) = &mut resource.live {
        live.mark = after.as_ref().map(Mark::of);
    }
    apply_by_new_schema(applying, &resource, api, object).await
}

/// Applies an object. One that its kind's definition allows only since this very sync may be refused at first: the server goes on
/// with the old schema for a moment, and nothing tells when it has the new one.
async fn apply_by_new_schema(
    applying: &Applying<'_>,
    resource: &Resource,
    api: &ApiResource,
    object: &Object,
) -> Result<Applied> {
    let cluster = &applying.prepared.cluster;
    let (policy, interrupt) = (applying.policy, applying.run.interrupt);
    let gvk = resource.gvk();
    let is_new = applying.changed.iter().any(|crd| defines(crd, &gvk));
    let deadline = Instant::now() + NEW_SCHEMA_WITHIN;
    let mut pause = Duration::from_millis(50);
    loop {
        match apply(cluster, api, object, resource, policy, interrupt).await {
            Err(error) if is_new && error.reason() == Reason::Invalid && policy.dry_run => {
                return Ok(untried(applying, resource));
            }
            Err(error)
                if is_new && error.reason() == Reason::Invalid && Instant::now() < deadline =>
            {
                if !interrupt.sleep(pause).await {
                    return Err(error);
                }
                ensure(applying.held).await?;
            }
            done => return done,
        }
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}

/// What a dry run says of an object that its definition may allow once this sync has changed it: only the sync itself can find out.
fn untried(applying: &Applying<'_>, resource: &Resource) -> Applied {
    applying.run.events.warning(&format!(
        "`{}` could not be tried: the server refuses it by the definition that this sync changes",
        resource.key
    ));
    match resource.live {
        Some(_) => Applied::Configured,
        None => Applied::Created,
    }
}

/// Waits until CustomResourceDefinitions are established and their kinds served; else the names of those that are not.
async fn establish(
    prepared: &Prepared,
    run: &Run<'_>,
    crds: &[&Object],
) -> std::result::Result<(), (Vec<String>, Error)> {
    let deadline = Instant::now() + ESTABLISHED_WITHIN;
    let mut pause = Duration::from_millis(20);
    loop {
        let discovery = prepared
            .cluster
            .refresh_discovery()
            .await
            .map_err(|error| (Vec::new(), error))?;
        let unserved: Vec<String> = crds
            .iter()
            .filter(|crd| !is_served(&discovery, crd))
            .map(|crd| crd.name().to_owned())
            .collect();
        let Some(first) = unserved.first() else {
            return Ok(());
        };
        if Instant::now() >= deadline {
            let why = condition(prepared, first).await;
            let message = format!(
                "CustomResourceDefinition `{}` is not served after {}s{why}",
                unserved.join("`, `"),
                ESTABLISHED_WITHIN.as_secs()
            );
            let error = Error::new(Reason::Timeout, message).during(crate::error::During::Write);
            return Err((unserved, error));
        }
        if !run.interrupt.sleep(pause).await {
            let text = "interrupted while waiting for a CustomResourceDefinition";
            return Err((unserved, Error::new(Reason::Interrupted, text)));
        }
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}

/// Whether the server serves every version that a definition says it does.
///
/// Under its own plural: two definitions may want the same kind, and only one gets it.
fn is_served(discovery: &Discovery, crd: &Object) -> bool {
    let plural = crd
        .value
        .pointer("/spec/names/plural")
        .and_then(|plural| plural.as_str());
    served_versions(crd).iter().all(|gvk| {
        discovery
            .get(gvk)
            .is_some_and(|resource| Some(resource.plural.as_str()) == plural)
    })
}

pub(super) fn served_versions(crd: &Object) -> Vec<Gvk> {
    let text = |pointer: &str| {
        crd.value
            .pointer(pointer)
            .and_then(|value| value.as_str())
            .unwrap_or_default()
    };
    let (group, kind) = (text("/spec/group"), text("/spec/names/kind"));
    let versions = crd
        .value
        .pointer("/spec/versions")
        .and_then(|list| list.as_array());
    let served = versions
        .into_iter()
        .flatten()
        .filter(|version| version["served"] == true);
    served
        .filter_map(|version| version["name"].as_str())
        .map(|version| Gvk::new(&format!("{group}/{version}"), kind))
        .filter(|gvk| defines(crd, gvk))
        .collect()
}

/// What the server says of a definition that is not established.
async fn condition(prepared: &Prepared, name: &str) -> String {
    let gvk = Gvk::new("apiextensions.k8s.io/v1", DEFINITION);
    let Some(resource) = prepared.discovery.get(&gvk) else {
        return String::new();
    };
    let Ok(Some(crd)) = prepared.cluster.get(resource, "", name).await else {
        return String::new();
    };
    let conditions = crd
        .value
        .pointer("/status/conditions")
        .and_then(|list| list.as_array());
    let failed = conditions.into_iter().flatten().find(|condition| {
        condition["status"] == "False"
            && matches!(
                condition["type"].as_str(),
                Some("Established" | "NamesAccepted")
            )
    });
    failed
        .and_then(|condition| condition["message"].as_str())
        .map(|text| format!(": {text}"))
        .unwrap_or_default()
}

pub(super) async fn ensure(held: Option<&Held>) -> Result<()> {
    match held {
        Some(held) => held.ensure().await,
        None => Ok(()),
    }
}
