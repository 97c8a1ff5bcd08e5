//! Waits until an app is healthy: polls its members by label, tells each transition, and stops at once when something cannot recover.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::AppRef;
use super::compared::without_secrets;
use super::events::Events;
use super::interrupt::Interrupt;
use crate::cluster::{ApiResource, Cluster, Discovery, ListOptions};
use crate::error::{Error, Reason, Result};
use crate::health::{self, Health, Status};
use crate::object::redact::Redactor;
use crate::object::{Key, Object, labels};

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long to wait and what may stop it.
pub struct Waiting<'a> {
    pub cluster: &'a Cluster,
    pub discovery: &'a Discovery,
    pub app: &'a AppRef,
    pub limit: Duration,
    pub events: &'a Events,
    pub interrupt: &'a Interrupt,
    pub redactor: &'a Redactor,
}

/// How a wait ended.
#[derive(Debug, Default)]
pub struct Waited {
    pub health: BTreeMap<Key, Health>,
    /// `None` when everything became healthy, or is suspended and waits for a person.
    pub failure: Option<Error>,
}

impl Waited {
    /// The worst of all objects; `Healthy` when none has health.
    pub fn status(&self) -> Status {
        health::worst(&self.health).status
    }
}

/// One LIST and the desired objects it must show.
struct Group {
    resource: ApiResource,
    namespace: Option<String>,
    wanted: BTreeSet<Key>,
}

/// Waits for all of `desired` that have health.
pub async fn wait_healthy(
    waiting: &Waiting<'_>,
    desired: impl IntoIterator<Item = &Object>,
) -> Waited {
    let mut waited = Waited::default();
    waited.failure = match groups(waiting.discovery, desired) {
        Ok(groups) => wait(waiting, groups, &mut waited.health).await.err(),
        Err(error) => Some(error),
    };
    waited
}

async fn wait(
    waiting: &Waiting<'_>,
    mut groups: Vec<Group>,
    health: &mut BTreeMap<Key, Health>,
) -> Result<()> {
    let started = Instant::now();
    let mut pause = FIRST_PAUSE;
    let mut stuck_before = BTreeSet::new();
    loop {
        let mut stuck_now = BTreeSet::new();
        let mut open = Vec::new();
        for group in groups {
            match look(waiting, &group, health).await {
                Ok(stuck) => stuck_now.extend(stuck),
                // The command's time limit may cut the last request short: the answer is what was seen until then.
                Err(error) if error.reason() == Reason::Timeout && !health.is_empty() => {
                    let text = format!("not healthy after {}s", started.elapsed().as_secs());
                    return Err(unhealthy(health, text));
                }
                Err(error) => return Err(error),
            }
            if group.wanted.iter().any(|key| is_open(health, key)) {
                open.push(group);
            }
        }
        groups = open;
        if groups.is_empty() {
            return Ok(());
        }
        // What looks final must look so twice: a controller may be about to act on a change just written.
        if let Some(key) = stuck_now.intersection(&stuck_before).next() {
            return Err(unhealthy(health, format!("`{key}` cannot become healthy")));
        }
        stuck_before = stuck_now;
        if started.elapsed() >= waiting.limit {
            let text = format!("not healthy after {}s", waiting.limit.as_secs());
            return Err(unhealthy(health, text));
        }
        let left = waiting.limit.saturating_sub(started.elapsed());
        let n_open = health.keys().filter(|key| is_open(health, key)).count();
        waiting.events.waiting_for(n_open);
        if !waiting.interrupt.sleep(pause.min(left)).await {
            let text = "interrupted while waiting for health";
            return Err(Error::new(Reason::Interrupted, text));
        }
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

fn is_open(health: &BTreeMap<Key, Health>, key: &Key) -> bool {
    health
        .get(key)
        .is_some_and(|health| health.status.is_waited_for())
}

fn unhealthy(health: &BTreeMap<Key, Health>, what: String) -> Error {
    let mut open: Vec<String> = health
        .iter()
        .filter(|(_, health)| health.status.is_waited_for())
        .map(|(key, health)| match health.message.as_str() {
            "" => format!("`{key}` is {}", health.status.as_str()),
            message => format!("`{key}` is {} ({message})", health.status.as_str()),
        })
        .collect();
    let n_more = open.len().saturating_sub(5);
    open.truncate(5);
    let more = if n_more > 0 {
        format!(" and {n_more} more")
    } else {
        String::new()
    };
    Error::new(
        Reason::Unhealthy,
        format!("{what}: {}{more}", open.join(", ")),
    )
}

/// An object whose kind is not served cannot be called healthy.
fn groups<'a>(
    discovery: &Discovery,
    desired: impl IntoIterator<Item = &'a Object>,
) -> Result<Vec<Group>> {
    let mut groups: BTreeMap<(ApiResource, Option<String>), BTreeSet<Key>> = BTreeMap::new();
    for object in desired
        .into_iter()
        .filter(|object| health::is_counted(object))
    {
        let Some(resource) = discovery.get(&object.gvk()) else {
            let message = format!(
                "the health of `{}` is not known: its kind is not served",
                object.key()
            );
            return Err(Error::new(Reason::Discovery, message));
        };
        let namespace = resource.namespaced.then(|| object.namespace().to_owned());
        groups
            .entry((resource.clone(), namespace))
            .or_default()
            .insert(object.key());
    }
    let groups = groups
        .into_iter()
        .map(|((resource, namespace), wanted)| Group {
            resource,
            namespace,
            wanted,
        })
        .collect();
    Ok(groups)
}

/// Reads one group; returns what looks as if it could not recover by itself.
async fn look(
    waiting: &Waiting<'_>,
    group: &Group,
    known: &mut BTreeMap<Key, Health>,
) -> Result<Vec<Key>> {
    let options = ListOptions {
        namespace: group.namespace.clone(),
        label_selector: Some(format!(
            "{}={}",
            labels::APPLYSET_PART_OF,
            waiting.app.applyset_id()
        )),
        ..ListOptions::default()
    };
    let judged = |object: Object| {
        let key = object.key();
        group.wanted.contains(&key).then(|| {
            let is_final = health::final_failure(&object).is_some();
            (key, (health::health(&object), is_final))
        })
    };
    let seen = waiting
        .cluster
        .list_all(&group.resource, &options, judged)
        .await?;
    let mut seen: BTreeMap<Key, (Option<Health>, bool)> = seen.into_iter().collect();
    let mut stuck = Vec::new();
    for key in &group.wanted {
        let (health, is_final) = seen.remove(key).unwrap_or_else(|| {
            (
                Some(Health {
                    status: Status::Missing,
                    message: "not in the cluster".to_owned(),
                }),
                false,
            )
        });
        let Some(mut health) = health else { continue };
        without_secrets(waiting.redactor, &mut health);
        if is_final && health.status.is_waited_for() {
            stuck.push(key.clone());
        }
        let before = known.insert(key.clone(), health.clone());
        if before.as_ref() != Some(&health) {
            waiting
                .events
                .health_changed(key, before.map(|health| health.status), &health);
        }
    }
    Ok(stuck)
}
