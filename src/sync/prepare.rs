//! From rendered objects to a comparison: reads the parent, labels the members, compares.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::AppRef;
use super::absence::{self, Doubts};
use super::compare::{Comparison, Request, compare};
use super::lookup::Lookups;
use super::moving::Former;
use super::parent::Parent;
use super::records::{self, Records};
use super::taken_over::TakenOver;
use crate::cluster::{Cluster, Discovery};
use crate::error::{Error, Reason, Result};
use crate::object::Object;
use crate::object::mask::Masker;
use crate::object::redact::Redactor;
use crate::plan::admission::Mutators;
use crate::plan::applyset::{GroupKind, Scope, mark};
use crate::plan::claims::Claims;
use crate::plan::{Mutations, ResourceStatus, fold_string_data};

/// An app, what it should be, and how its cluster differs: everything a report or a sync starts from.
pub struct Prepared {
    pub app: AppRef,
    pub cluster: Cluster,
    pub discovery: Arc<Discovery>,
    /// With namespaces settled and the member label set.
    pub desired: Vec<Object>,
    pub parent: Option<Parent>,
    /// Parents of the same app in other namespaces.
    pub former: Vec<Former>,
    /// What of the records could not be read, and what a reader should know of them.
    pub records_unread: Vec<Error>,
    pub records_notes: Vec<String>,
    /// Sets of apps that no file declares any more: what this app wants of them is handed over.
    pub free_sets: BTreeSet<String>,
    pub lookups: Arc<Lookups>,
    /// Whether what admission adds is drift of this app.
    pub mutations: Mutations,
    /// The admission that may have come after an object was applied.
    pub mutators: Arc<Mutators>,
    pub comparison: Comparison,
    /// Recorded kinds that discovery lacks and that may not be gone: their objects could not be looked for.
    pub doubts: Doubts,
    /// Kinds of which a person says that nothing is left where they cannot be read.
    pub assumed_gone: BTreeSet<GroupKind>,
    /// Files of the app that could not be read: what is not desired may stand in them, so they count as unread where there are extras.
    pub unreadable: Vec<Error>,
    /// What the apps of the repository want on this server: what another one wants is never pruned by this one.
    pub claims: Arc<Claims>,
    /// What newer releases took from other apps: a rollback does not delete it.
    pub taken_over: TakenOver,
    /// Takes secrets out of what servers say of the desired objects.
    pub redactor: Arc<Redactor>,
}

/// How to prepare.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Of the run, for what errors may hold.
    pub masker: &'a Masker,
    /// Ask the server about every object, not only about suspects.
    pub exact: bool,
    pub mutations: Mutations,
    /// Take over a parent record of somebody else.
    pub adopt: bool,
    /// Keep both sides of what differs, for a unified diff.
    pub keep_live: bool,
    /// Kinds of which nothing is left where they cannot be read, by a person's word.
    pub assumed_gone: &'a BTreeSet<GroupKind>,
    /// Files of the app that could not be read.
    pub unreadable: &'a [Error],
    pub lookups: &'a Arc<Lookups>,
}

/// Compares settled objects with the cluster.
pub async fn prepare(
    cluster: &Cluster,
    discovery: Arc<Discovery>,
    app: AppRef,
    mut desired: Vec<Object>,
    options: Options<'_>,
) -> Result<Prepared> {
    as_applied(&app, &mut desired);
    let redactor = Arc::new(Redactor::of(
        options.masker,
        desired.iter().map(|object| &object.value),
    ));
    let (records, mutators) = tokio::join!(
        records::read(cluster, &app, options.adopt, options.lookups),
        options.lookups.mutators(cluster, &discovery, &app)
    );
    let records = records?;
    let mut prepared = Prepared {
        app,
        cluster: cluster.clone(),
        discovery,
        desired,
        parent: records.parent,
        former: records.former,
        records_unread: records.unread,
        records_notes: records.notes,
        free_sets: BTreeSet::new(),
        lookups: options.lookups.clone(),
        mutations: options.mutations,
        mutators,
        comparison: Comparison::default(),
        doubts: Doubts::new(),
        assumed_gone: options.assumed_gone.clone(),
        unreadable: options.unreadable.to_vec(),
        claims: Arc::default(),
        taken_over: TakenOver::new(),
        redactor,
    };
    let depth = Depth {
        exact: options.exact,
        keep_live: options.keep_live,
    };
    prepared.compare(depth).await;
    Ok(prepared)
}

/// Makes settled objects what is applied, compared and recorded.
pub fn as_applied(app: &AppRef, objects: &mut [Object]) {
    let id = app.applyset_id();
    for object in objects {
        // The server keeps no `stringData`: folded, it is compared and owned as what it becomes.
        fold_string_data(object);
        mark(object, &id);
    }
}

/// How closely to compare, beyond what every comparison does.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Depth {
    exact: bool,
    keep_live: bool,
}

impl Prepared {
    /// Gives back the desired objects that are in sync: a report shows those as they run, and of 10,000 objects the desired ones
    /// are two thirds of the memory. Nothing of them stays, so that the system gets the memory back.
    pub fn release_desired(&mut self) {
        for resource in &self.comparison.resources {
            let desired = resource.desired.and_then(|n| self.desired.get_mut(n));
            let is_in_sync = resource.status == ResourceStatus::InSync;
            if let (Some(object), true) = (desired, is_in_sync) {
                *object = Object::new(serde_json::Value::Null);
            }
        }
    }

    /// Takes what was read anew.
    pub(super) fn set_records(&mut self, records: Records) {
        self.parent = records.parent;
        self.former = records.former;
        self.records_unread = records.unread;
        self.records_notes = records.notes;
    }

    /// Where nothing is recorded in the app's own place but in one that it moved from, that one is taken for its own: a delete makes no
    /// new place.
    pub async fn settle_where_recorded(&mut self) {
        if self.parent.is_none() && !self.former.is_empty() {
            let Former { app, parent } = self.former.remove(0);
            (self.app, self.parent) = (app, Some(parent));
            self.compare(Depth::default()).await;
        }
    }

    /// What a sync changes in the records beside the objects, for people.
    pub fn record_changes(&self) -> Vec<String> {
        let parent = self.parent.as_ref();
        let known = parent.map(|parent| &parent.content.also_in);
        let here = &self.app.records_namespace;
        let places = self.former.iter().map(|it| &it.app.records_namespace);
        let new = places.filter(|place| known.is_none_or(|known| !known.contains(*place)));
        let moved = new.map(|place| format!("records: namespace {place} -> {here}"));
        let changes = parent.map(Parent::changes).unwrap_or_default();
        changes.into_iter().chain(moved).collect()
    }

    /// What a reader should know of the records.
    pub fn record_notes(&self) -> Vec<String> {
        let here = &self.app.records_namespace;
        let former = self.former.iter().map(|it| {
            format!(
                "this app moved from namespace `{}` to `{here}`: what it left there is its own",
                it.app.records_namespace
            )
        });
        let notes = self.records_notes.iter().cloned();
        let changes = self.record_changes().into_iter();
        changes.chain(former).chain(notes).collect()
    }

    /// Compares with the cluster by what the parent says now. A parent that somebody changed may hide members or name those of others:
    /// then the scope counts as unread, and nothing is pruned.
    pub(super) async fn compare(&mut self, depth: Depth) {
        self.find_missing_kinds().await;
        self.comparison = compare(&Request {
            cluster: &self.cluster,
            discovery: &self.discovery,
            app: &self.app,
            set: self.app.applyset_id().into(),
            desired: &self.desired,
            former: &self.former,
            recorded: self.parent.as_ref().map(|parent| &parent.content.scope),
            doubts: &self.doubts,
            assumed_gone: &self.assumed_gone,
            exact: depth.exact,
            mutations: self.mutations,
            mutators: &self.mutators,
            keep_live: depth.keep_live,
            redactor: &self.redactor,
        })
        .await;
        if !self.comparison.extras.is_empty() {
            let unreadable = self.unreadable.iter().cloned();
            self.comparison.unread.extend(unreadable);
        }
        self.comparison
            .unread
            .extend(self.records_unread.iter().cloned());
        if let Some(why) = self.parent.as_ref().and_then(Parent::damage) {
            let message = format!(
                "the record of app `{}` was changed by somebody: {why}",
                self.app.display()
            );
            self.comparison.unread.push(
                Error::new(Reason::Guard, message)
                    .hint("the next sync writes it anew and prunes nothing"),
            );
        }
    }

    /// What could not be read, in the cluster and in the repository. A prune that found nothing to delete did not see all that is desired.
    pub(super) fn take_unread(&mut self, options: &super::run::Options) -> Vec<Error> {
        let mut unread = std::mem::take(&mut self.comparison.unread);
        if options.prune && self.comparison.extras.is_empty() {
            unread.append(&mut self.unreadable);
        }
        unread
    }

    /// A recorded kind that discovery lacks may be gone, or be back in a moment.
    async fn find_missing_kinds(&mut self) {
        self.doubts.clear();
        let former = self.former.iter().map(|former| &former.parent);
        let parents = self.parent.iter().chain(former);
        let recorded = parents.fold(Scope::default(), |all, parent| {
            all.widened(&parent.content.scope)
        });
        let missing = absence::missing(&recorded, &self.discovery, &self.assumed_gone);
        if missing.is_empty() {
            return;
        }
        let found = absence::find_out(&self.cluster, &missing).await;
        self.doubts = found.doubts;
        if let Some(discovery) = found.discovery {
            self.discovery = discovery;
        }
    }
}
