//! Drift: reads what runs, compares it with what is desired, and asks the server only about suspects.
//!
//! One LIST a kind and namespace; each object is compared as its page arrives and dropped when it is in sync, so memory does not grow
//! with the cluster. What could not be read is `Unknown`, never anything else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::{FutureExt, StreamExt};

use super::absence::{Unserved, unserved};
pub use super::compared::{Drift, Live, Mark, Resource, created};
pub(super) use super::compared::{extra, live, resource, without_secrets};
use super::handover::applied_before;
use super::listing::{Index, Job, namespace_of, place, run_job};
use super::overlap::overlap;
pub use super::request::Request;
use super::suspect::ask;
use crate::cluster::ApiResource;
use crate::error::{Error, Reason};
use crate::object::{Gvk, Key, Object};
use crate::plan::applyset::{GroupKind, Scope};
use crate::plan::prune::is_aside;
use crate::plan::{ResourceStatus, needs_history};

/// How many requests of one app are under way at once; the cluster's own limit holds above it.
const IN_FLIGHT: usize = 32;
/// Up to this many absent objects of one kind and namespace are asked for by name instead of by another LIST.
const FEW: usize = 4;
/// From this many namespaces on, a kind's members are listed cluster-wide in one request.
const MANY_NAMESPACES: usize = 5;

/// The answer for one app.
#[derive(Debug, Default)]
pub struct Comparison {
    /// In the order of the desired objects, then extras by key.
    pub resources: Vec<Resource>,
    /// Members that are no longer desired, whole, for the prune decision; also those that are nobody's drift.
    pub extras: Vec<Object>,
    /// How many live objects carry the app's label.
    pub n_members: usize,
    /// Parts of the scope that could not be read to the end: nothing there may be deleted.
    pub unread: Vec<Error>,
}

impl Comparison {
    /// How many members somebody has to do something about, as git does not have them any more.
    pub fn n_surplus(&self) -> usize {
        let resources = self.resources.iter();
        let surplus = resources.filter(|resource| {
            resource.status == ResourceStatus::Extra && resource.drift == Drift::Counted
        });
        surplus.count()
    }
}

/// Compares an app with its cluster.
pub async fn compare(request: &Request<'_>) -> Comparison {
    let mut work = Work::new(request);
    work.list_members().await;
    work.list_former_members().await;
    work.find_unlabelled().await;
    work.ask_about_suspects().await;
    work.finish()
}

/// What earlier applies set, of the objects where that matters.
#[derive(Default)]
pub(super) struct Before {
    pub(super) objects: BTreeMap<Key, Vec<Object>>,
    /// Where it matters and could not be read.
    pub(super) unread: BTreeSet<Key>,
    pub(super) why: String,
}

/// What is known of one desired object so far.
enum State {
    /// Not seen in any list yet.
    Unseen,
    InSync(Live),
    Suspect(Live, Box<Object>),
    Done(Box<Resource>),
}

struct Work<'a> {
    request: &'a Request<'a>,
    states: Vec<State>,
    /// Desired objects by kind; within it by namespace and name.
    by_gvk: BTreeMap<Gvk, Arc<Index>>,
    extras: BTreeMap<Key, Object>,
    n_members: usize,
    unread: Vec<Error>,
}

impl<'a> Work<'a> {
    fn new(request: &'a Request<'a>) -> Self {
        let mut work = Self {
            request,
            states: Vec::with_capacity(request.desired.len()),
            by_gvk: BTreeMap::new(),
            extras: BTreeMap::new(),
            n_members: 0,
            unread: Vec::new(),
        };
        let mut at = String::new();
        for (n, object) in request.desired.iter().enumerate() {
            let gvk = object.gvk();
            let state = match unserved(request.discovery, request.doubts, request.desired, object) {
                None => {
                    place(&mut at, object);
                    let index = Arc::make_mut(work.by_gvk.entry(gvk).or_default());
                    index.insert(at.as_str().into(), n);
                    State::Unseen
                }
                Some(Unserved::Missing) => {
                    State::Done(Box::new(resource(object, n, ResourceStatus::Missing)))
                }
                Some(Unserved::Unknown(error)) => {
                    let mut unknown = resource(object, n, ResourceStatus::Unknown);
                    unknown.error = Some(error);
                    State::Done(Box::new(unknown))
                }
            };
            work.states.push(state);
        }
        work
    }

    /// Lists the members of the recorded scope and of the desired kinds, by label.
    async fn list_members(&mut self) {
        let Some(recorded) = self.request.recorded else {
            return;
        };
        let mut namespaces_by_gvk: BTreeMap<Gvk, (ApiResource, BTreeSet<Option<String>>)> =
            BTreeMap::new();
        for (gvk, index) in &self.by_gvk {
            if let Some(resource) = self.request.discovery.get(gvk) {
                let namespaces = index
                    .keys()
                    .map(|place| scope_of(resource, namespace_of(place)))
                    .collect();
                namespaces_by_gvk.insert(gvk.clone(), (resource.clone(), namespaces));
            }
        }
        for (resource, scope) in self.recorded_places(recorded, &self.recorded_namespaces()) {
            namespaces_by_gvk
                .entry(resource.gvk.clone())
                .or_insert((resource, BTreeSet::new()))
                .1
                .extend(scope);
        }
        let mut jobs = Vec::new();
        for (gvk, (resource, namespaces)) in namespaces_by_gvk {
            let index = self.by_gvk.get(&gvk).cloned().unwrap_or_default();
            let everywhere = namespaces.len() >= MANY_NAMESPACES;
            let namespaces = if everywhere {
                BTreeSet::from([None])
            } else {
                namespaces
            };
            jobs.extend(namespaces.into_iter().map(|namespace| Job {
                resource: resource.clone(),
                namespace,
                labelled: true,
                set: self.request.set.clone(),
                index: index.clone(),
            }));
        }
        self.run(jobs).await;
    }

    /// How a recorded kind is listed; nothing where it is gone, or counts as unread.
    fn listable(&mut self, recorded: &GroupKind) -> Option<ApiResource> {
        let GroupKind { group, kind } = recorded;
        let silent = self.request.discovery.broken_groups.get(group);
        if let Some(why) = silent.filter(|_| !self.request.assumed_gone.contains(recorded)) {
            let message = format!(
                "cannot read `{kind}` of the API group `{group}`, which does not answer: {why}"
            );
            self.unread.push(Error::new(Reason::Discovery, message).hint(format!(
                "bring its server back; if you know that nothing of the kind is left, pass `--assume-gone {recorded}`"
            )));
            return None;
        }
        let resource = self.recorded_resource(group, kind);
        if resource.is_none() {
            // A kind that is gone took its objects along; one that may come back did not.
            let doubt = self.request.doubts.get(recorded);
            self.unread.extend(doubt.cloned());
        }
        resource
    }

    /// Lists what carries the label of a set that the app had in another namespace.
    async fn list_former_members(&mut self) {
        let mut jobs = Vec::new();
        for former in self.request.former {
            let set: Arc<str> = former.app.applyset_id().into();
            let scope = &former.parent.content.scope;
            let own = former.app.records_namespace.clone();
            let namespaces: BTreeSet<String> =
                scope.namespaces.iter().cloned().chain([own]).collect();
            for (resource, places) in self.recorded_places(scope, &namespaces) {
                let index = self.by_gvk.get(&resource.gvk).cloned().unwrap_or_default();
                jobs.extend(places.into_iter().map(|namespace| Job {
                    resource: resource.clone(),
                    namespace,
                    labelled: true,
                    set: set.clone(),
                    index: index.clone(),
                }));
            }
        }
        self.run(jobs).await;
    }

    /// Where each kind of a recorded scope is to be listed.
    fn recorded_places(
        &mut self,
        recorded: &Scope,
        namespaces: &BTreeSet<String>,
    ) -> Vec<(ApiResource, BTreeSet<Option<String>>)> {
        let mut places = Vec::new();
        for kind in &recorded.group_kinds {
            let Some(resource) = self.listable(kind) else {
                continue;
            };
            let scope = if resource.namespaced {
                namespaces.iter().cloned().map(Some).collect()
            } else {
                BTreeSet::from([None])
            };
            places.push((resource, scope));
        }
        places
    }

    /// The namespaces in which members may be.
    fn recorded_namespaces(&self) -> BTreeSet<String> {
        let Some(recorded) = self.request.recorded else {
            return BTreeSet::new();
        };
        let own = self.request.app.records_namespace.clone();
        recorded.namespaces.iter().cloned().chain([own]).collect()
    }

    /// The version at which a recorded kind is listed: the desired one where there is one.
    fn recorded_resource(&self, group: &str, kind: &str) -> Option<ApiResource> {
        let desired = self
            .by_gvk
            .keys()
            .find(|gvk| gvk.group == group && gvk.kind == kind);
        desired
            .and_then(|gvk| self.request.discovery.get(gvk))
            .or_else(|| self.request.discovery.preferred(group, kind))
            .cloned()
    }

    /// Looks for desired objects that no member list showed: new ones, or ones that lost the label.
    async fn find_unlabelled(&mut self) {
        let mut absent: BTreeMap<(Gvk, Option<String>), Vec<usize>> = BTreeMap::new();
        for (n, state) in self.states.iter().enumerate() {
            let object = &self.request.desired[n];
            let gvk = object.gvk();
            if let (State::Unseen, Some(resource)) = (state, self.request.discovery.get(&gvk)) {
                absent
                    .entry((gvk, scope_of(resource, object.namespace())))
                    .or_default()
                    .push(n);
            }
        }
        let mut jobs = Vec::new();
        let mut gets = Vec::new();
        for ((gvk, namespace), indexes) in absent {
            let Some(resource) = self.request.discovery.get(&gvk).cloned() else {
                continue;
            };
            let is_few = indexes.len() <= FEW;
            if is_few {
                gets.extend(indexes.iter().map(|n| (resource.clone(), *n)));
            }
            // What is recorded must be listed from then on: where that is forbidden nothing may be applied.
            if !is_few || self.request.recorded.is_none() {
                let mut at = String::new();
                let wanted = |n: &usize| {
                    place(&mut at, &self.request.desired[*n]);
                    (at.as_str().into(), *n)
                };
                let index = Arc::new(indexes.iter().map(wanted).collect());
                jobs.push(Job {
                    resource,
                    namespace,
                    labelled: is_few,
                    set: self.request.set.clone(),
                    index,
                });
            }
        }
        self.run(jobs).await;
        gets.retain(|(_, n)| matches!(self.states[*n], State::Unseen));
        self.get_each(gets).await;
    }

    async fn run(&mut self, jobs: Vec<Job>) {
        let request = self.request;
        let lists = jobs.into_iter().map(|job| run_job(request, job).boxed());
        let mut answers = overlap(lists.collect(), IN_FLIGHT);
        let mut fallbacks = Vec::new();
        while let Some((job, answer)) = answers.next().await {
            match answer {
                Ok(found) => {
                    self.n_members += found.n_members;
                    self.extras.extend(
                        found
                            .extras
                            .into_iter()
                            .map(|object| (object.key(), object)),
                    );
                    for (n, live, object) in found.matched {
                        self.states[n] = match object {
                            None => State::InSync(live),
                            Some(object) => State::Suspect(live, object),
                        };
                    }
                }
                // Not every account may list cluster-wide.
                Err(error)
                    if error.reason() == Reason::Forbidden
                        && job.namespace.is_none()
                        && job.resource.namespaced =>
                {
                    fallbacks.push(job);
                }
                Err(error) => self.fail(&job, &error),
            }
        }
        drop(answers);
        for job in fallbacks {
            Box::pin(self.run(self.by_namespace(&job))).await;
        }
    }

    /// One labelled job per namespace of the scope, where a cluster-wide one was refused.
    fn by_namespace(&self, job: &Job) -> Vec<Job> {
        let mut namespaces: BTreeSet<String> = job
            .index
            .keys()
            .map(|place| namespace_of(place).to_owned())
            .collect();
        namespaces.extend(self.recorded_namespaces());
        for former in self.request.former {
            namespaces.insert(former.app.records_namespace.clone());
            namespaces.extend(former.parent.content.scope.namespaces.iter().cloned());
        }
        namespaces
            .into_iter()
            .map(|namespace| Job {
                resource: job.resource.clone(),
                namespace: Some(namespace),
                labelled: job.labelled,
                set: job.set.clone(),
                index: job.index.clone(),
            })
            .collect()
    }

    fn fail(&mut self, job: &Job, error: &Error) {
        let place = job
            .namespace
            .as_ref()
            .map(|namespace| format!(" in namespace `{namespace}`"))
            .unwrap_or_default();
        // A conversion webhook may quote what is stored.
        let error = error
            .clone()
            .map_texts(|text| self.request.redactor.words(text))
            .context(format!("cannot read `{}`{place}", job.resource.gvk.kind));
        let mut is_desired_here = false;
        for (place, n) in job.index.iter() {
            let is_here = job
                .namespace
                .as_ref()
                .is_none_or(|listed| listed == namespace_of(place));
            is_desired_here |= is_here;
            if is_here && matches!(self.states[*n], State::Unseen) {
                self.states[*n] = unknown(&self.request.desired[*n], *n, error.clone());
            }
        }
        if error.reason() != Reason::Forbidden || is_desired_here {
            self.unread.push(error);
            return;
        }
        // Only the record leads here. It may name a kind of which nothing was ever applied, but only a person can know that.
        let Gvk { group, kind, .. } = &job.resource.gvk;
        let kind = GroupKind::new(group, kind);
        if !self.request.assumed_gone.contains(&kind) {
            self.unread.push(error.hint(format!(
                "let the account `list` this kind, or sync once with one that may; if you know that the app has nothing of it there, pass `--assume-gone {kind}`"
            )));
        }
    }

    async fn get_each(&mut self, gets: Vec<(ApiResource, usize)>) {
        let request = self.request;
        let gets = gets.into_iter().map(|(resource, n)| {
            let desired = &request.desired[n];
            async move {
                (
                    n,
                    request
                        .cluster
                        .get(&resource, desired.namespace(), desired.name())
                        .await,
                )
            }
            .boxed()
        });
        let mut answers = overlap(gets.collect(), IN_FLIGHT);
        while let Some((n, answer)) = answers.next().await {
            match answer {
                Ok(None) => {}
                Ok(Some(object)) => {
                    let live = live(&object, &request.set);
                    self.states[n] = if request.is_surely_in_sync(n, &object) {
                        State::InSync(live)
                    } else {
                        State::Suspect(live, Box::new(object))
                    };
                }
                Err(error) => {
                    let error = error.map_texts(|text| request.redactor.words(text));
                    self.states[n] = unknown(&request.desired[n], n, error.clone());
                    self.unread.push(error);
                }
            }
        }
    }

    async fn ask_about_suspects(&mut self) {
        let request = self.request;
        let suspects: Vec<(usize, Live, Box<Object>)> = self
            .states
            .iter_mut()
            .enumerate()
            .filter_map(|(n, state)| match std::mem::replace(state, State::Unseen) {
                State::Suspect(live, object) => Some((n, live, object)),
                other => {
                    *state = other;
                    None
                }
            })
            .collect();
        // What a Secret holds until now may be quoted too.
        suspects
            .iter()
            .for_each(|(_, _, object)| request.redactor.learn(&object.value));
        let before = self.applied_before(&suspects).await;
        let before = &before;
        let questions = suspects.into_iter().map(|(n, live, object)| {
            async move { (n, ask(request, n, live, *object, before).await) }.boxed()
        });
        let mut answers = overlap(questions.collect(), IN_FLIGHT);
        while let Some((n, mut resource)) = answers.next().await {
            // The server quotes what it refuses, and that may be a secret.
            resource.error = resource
                .error
                .map(|error| request.redactor.error(&resource.key, error));
            self.states[n] = State::Done(Box::new(resource));
        }
    }

    /// What the history says of those suspects of which only it can tell what an apply had set.
    async fn applied_before(&self, suspects: &[(usize, Live, Box<Object>)]) -> Before {
        let request = self.request;
        let keys: BTreeSet<Key> = suspects
            .iter()
            .filter(|(n, _, object)| needs_history(&request.desired[*n], object))
            .map(|(_, _, object)| object.key())
            .collect();
        if keys.is_empty() || request.recorded.is_none() {
            return Before::default();
        }
        match applied_before(request.cluster, request.app, &keys).await {
            Ok(objects) => Before {
                objects,
                ..Before::default()
            },
            Err(error) => Before {
                unread: keys,
                why: error.to_string(),
                ..Before::default()
            },
        }
    }

    fn finish(self) -> Comparison {
        let desired = self.request.desired;
        // As large as the answer that is made now.
        drop(self.by_gvk);
        let mut resources: Vec<Resource> = self
            .states
            .into_iter()
            .enumerate()
            .map(|(n, state)| match state {
                State::Done(resource) => *resource,
                State::Unseen | State::Suspect(..) => {
                    resource(&desired[n], n, ResourceStatus::Missing)
                }
                State::InSync(live) => Resource {
                    live: Some(live),
                    ..resource(&desired[n], n, ResourceStatus::InSync)
                },
            })
            .collect();
        let (extras, n_twice) = surplus(self.extras, desired, &resources);
        let shown = extras.iter().filter(|object| !is_aside(object));
        resources.extend(shown.map(|object| extra(object, &self.request.set)));
        for live in resources.iter_mut().filter_map(|it| it.live.as_mut()) {
            if let Some(health) = &mut live.health {
                without_secrets(self.request.redactor, health);
            }
        }
        Comparison {
            resources,
            extras,
            n_members: self.n_members - n_twice,
            unread: self.unread,
        }
    }
}

/// The members that are not desired, and how many of them were found once more: an object that is served under two groups is one,
/// by whichever of them it was found.
fn surplus(
    found: BTreeMap<Key, Object>,
    desired: &[Object],
    resources: &[Resource],
) -> (Vec<Object>, usize) {
    if found.is_empty() {
        return (Vec::new(), 0);
    }
    let keys = desired.iter().map(Object::key);
    let wanted: BTreeSet<Key> = keys.filter(|key| found.contains_key(key)).collect();
    let live = resources
        .iter()
        .filter_map(|resource| resource.live.as_ref());
    let mut uids: BTreeSet<String> = live.map(|live| live.uid.clone()).collect();
    let found = found.into_iter().filter(|(key, _)| !wanted.contains(key));
    let (extras, twice): (Vec<Object>, Vec<Object>) = found
        .map(|(_, object)| object)
        .partition(|object| object.uid().is_empty() || uids.insert(object.uid().to_owned()));
    (extras, twice.len())
}

fn scope_of(resource: &ApiResource, namespace: &str) -> Option<String> {
    resource.namespaced.then(|| namespace.to_owned())
}

fn unknown(object: &Object, n: usize, error: Error) -> State {
    State::Done(Box::new(Resource {
        error: Some(error),
        ..resource(object, n, ResourceStatus::Unknown)
    }))
}
