//! What the apps of the repository want on the servers of a run: read while the clusters are asked, put together when they have answered.
//!
//! The decision who wants an object is `plan::claims`'. Here is found out what it needs to know, no more than that: another repository, a
//! chart or another cluster is asked only where an object is about to be deleted that may be wanted there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt;

use super::pipeline::{self, Target};
use super::rendering::on_time;
use super::survey::{Access, Answered, Gathering, World};
use crate::cli::context::Context;
use crate::cli::repository::Repository;
use crate::cluster::{Cluster, Discovery};
use crate::error::{Error, Location, Reason, Result};
use crate::object::{Gvk, Key};
use crate::plan::ResourceStatus;
use crate::plan::claims::{Claimant, Claims};
use crate::plan::prune::Kept;
use crate::render::scope::Names;
use crate::repo::checkout::At;
use crate::repo::cluster::KnownCluster;
use crate::repo::declared::{Declaration, Place, What};
use crate::repo::servers;
use crate::repo::target::Target as Declared;
use crate::sync::parent;
use crate::sync::prepare::Prepared;

/// What a command does with the claims.
#[derive(Debug, Clone)]
pub(crate) enum Purpose {
    /// Tells of objects that two apps want.
    Show,
    /// Deletes what nobody wants. What these names cannot be read to want counts as unwanted.
    Delete { ignored: BTreeSet<String> },
    /// The same, where the selected apps themselves want nothing any more.
    Leave { ignored: BTreeSet<String> },
}

/// What is kept of an app's answer for the claims.
pub(crate) struct Own {
    pub(super) claims: Vec<Claim>,
    /// Members that are not desired.
    pub(super) extras: BTreeSet<Key>,
    /// Sets of others that objects to be written belong to.
    pub(super) sets: BTreeSet<String>,
    /// A file of the app that cannot be read, if there is one: it may want more than it claims.
    pub(super) lost: Option<Error>,
    pub(super) cluster: Cluster,
    pub(super) discovery: Arc<Discovery>,
}

/// An object that an app wants, and where its repository has it.
pub(super) type Claim = (Key, Option<Location>);

/// Whether anybody is there to share with; an app alone may have many objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Names,
    Nothing,
}

impl Purpose {
    pub(super) fn ignored(&self) -> &BTreeSet<String> {
        static NOTHING: BTreeSet<String> = BTreeSet::new();
        match self {
            Self::Show => &NOTHING,
            Self::Delete { ignored } | Self::Leave { ignored } => ignored,
        }
    }
}

impl Own {
    pub(crate) fn of(prepared: &Prepared, keep: Keep) -> Self {
        let resources = &prepared.comparison.resources;
        let claims = resources.iter().filter_map(|resource| {
            let desired = prepared.desired.get(resource.desired?)?;
            Some((resource.key.clone(), desired.origin.clone()))
        });
        let own = prepared.app.applyset_id();
        let sets = resources.iter().filter_map(|resource| {
            let set = &resource.live.as_ref()?.set;
            let is_foreign = resource.desired.is_some()
                && resource.status != ResourceStatus::InSync
                && !set.is_empty()
                && **set != *own;
            is_foreign.then(|| set.to_string())
        });
        Self {
            sets: sets.collect(),
            lost: prepared.unreadable.first().cloned(),
            claims: match keep {
                Keep::Names => {
                    let mut names = Vec::with_capacity(prepared.desired.len());
                    names.extend(claims);
                    names
                }
                Keep::Nothing => Vec::new(),
            },
            extras: prepared.comparison.extras.iter().map(|o| o.key()).collect(),
            cluster: prepared.cluster.clone(),
            discovery: Arc::clone(&prepared.discovery),
        }
    }
}

/// What the claims are to one app.
pub(crate) struct View {
    pub(crate) claims: Arc<Claims>,
    own: Vec<Claim>,
    asking: Claimant,
}

/// An object that another app wants too.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) key: Key,
    pub(crate) other: Arc<Claimant>,
    origin: Option<Location>,
}

impl Shared {
    /// An object that two apps want would be written to and fro, so neither is answered for.
    pub(crate) fn error(&self) -> Error {
        let error = Error::config(self.to_string());
        let error = match &self.origin {
            Some(origin) => error.at(origin.file.clone(), origin.line, origin.column),
            None => error,
        };
        error.hint("an object belongs to one app: remove it from the other one")
    }
}

impl std::fmt::Display for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` is also in app `{}`", self.key, self.other)
    }
}

impl View {
    /// The objects of the app that other apps want too.
    pub(crate) fn shared(&self) -> impl Iterator<Item = Shared> + '_ {
        self.own.iter().filter_map(|(key, origin)| {
            let other = self.claims.sharer(key, &self.asking)?;
            Some(Shared {
                key: key.clone(),
                other: Arc::clone(other),
                origin: origin.clone(),
            })
        })
    }

    /// Why a sync of the app keeps an object that it does not want, if another app is the reason.
    pub(crate) fn why_kept(&self, key: &Key) -> Option<String> {
        let kept = Kept::by_claim(&self.claims, key, &self.asking)?;
        Some(kept.describe())
    }

    /// Why the app cannot be answered for, if so.
    pub(crate) fn refusal(&self) -> Option<Error> {
        Some(self.shared().next()?.error())
    }
}

/// What an app wants, or why that is not known.
pub(super) type Read = Arc<Result<Names>>;

/// Everything declared for the servers of a run, read as far as needed.
pub(super) struct Survey {
    pub(super) purpose: Purpose,
    servers: Vec<Server>,
    /// By app, and by source where another app of the same source wants the same.
    reads: Mutex<BTreeMap<(String, Access), Read>>,
    selected: BTreeSet<Claimant>,
    /// Which files stand for the apps that are not selected: `--worktree` is about all of them, `--revision` about those selected.
    at: At,
}

/// A server of the run.
struct Server {
    /// The cluster folders of the run that stand for it.
    clusters: BTreeSet<String>,
    declared: Vec<Declaration>,
}

impl Survey {
    pub(super) fn begin(
        context: &Context,
        targets: &[(Target, Option<Error>)],
        purpose: Purpose,
    ) -> Result<Self> {
        let repository = context.repository()?;
        let clusters = targets.iter().map(|(target, _)| &target.cluster);
        let clusters: BTreeMap<&str, &KnownCluster> =
            clusters.map(|it| (it.name.as_str(), it)).collect();
        let groups = servers::groups(clusters.into_values().cloned()).into_iter();
        let servers = groups.map(|group| Server {
            declared: repository.declared_for(&group),
            clusters: group.into_iter().map(|cluster| cluster.name).collect(),
        });
        Ok(Self {
            purpose,
            at: match targets.first().map(|(target, _)| &target.at) {
                Some(At::Tree) => At::Tree,
                Some(At::Declared | At::Revision(_)) | None => At::Declared,
            },
            servers: servers.collect(),
            reads: Mutex::default(),
            selected: targets.iter().map(|(target, _)| claimant(target)).collect(),
        })
    }

    /// Whether another app may want what one of the run wants.
    pub(super) fn keep(&self) -> Keep {
        let mut declared = self.servers.iter().flat_map(|server| &server.declared);
        let is_alone = self.is_one()
            && declared.all(|declaration| {
                matches!(&declaration.what, What::App(target) if self.is_selected(target))
            });
        if is_alone { Keep::Nothing } else { Keep::Names }
    }

    pub(super) fn is_selected(&self, target: &Declared) -> bool {
        let app = Claimant::new(&target.cluster, &target.app.name);
        self.selected.contains(&app)
    }

    /// Whether the run is about one app: then nobody asks what that one wants.
    pub(super) fn is_one(&self) -> bool {
        self.selected.len() < 2
    }

    /// Reads what the apps want that are not selected but go to the same servers. Half the cores: the run itself needs the others.
    pub(super) async fn read_ahead(&self, context: &Context) {
        let declared = self.servers.iter().flat_map(|server| &server.declared);
        let others =
            declared.filter_map(
                |declaration| match (&declaration.place, &declaration.what) {
                    (Place::Here, What::App(target)) if !self.is_selected(target) => Some(target),
                    _ => None,
                },
            );
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let reads = others.map(|target| self.read(context, target, Access::Local));
        futures::stream::iter(reads)
            .buffer_unordered(cores.div_ceil(2))
            .for_each(|_| std::future::ready(()))
            .await;
    }

    /// What an app wants, read once.
    pub(super) async fn read(
        &self,
        context: &Context,
        target: &Arc<Declared>,
        access: Access,
    ) -> Read {
        let app = format!("{} {}", target.cluster, target.app.location());
        let own = (app, access);
        let source = source(target).map(|source| (source, access));
        let reads = || self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |place: &(String, Access)| reads().get(place).cloned();
        if let Some(read) = known(&own).or_else(|| known(source.as_ref()?)) {
            return read;
        }
        let read = Arc::new(names(context, target, access, self.at.clone()).await);
        // An error names the app.
        match (source, &*read) {
            (Some(source), Ok(_)) => reads().insert(source, Arc::clone(&read)),
            _ => reads().insert(own, Arc::clone(&read)),
        };
        read
    }

    /// `None` when no app of the server was answered, so that nobody asks.
    fn gathering<'a>(
        &'a self,
        context: &'a Context,
        declared: &'a [Declaration],
        owns: &[(&'a Target, &'a Own)],
    ) -> Option<Gathering<'a, Asked<'a>>> {
        let (_, first) = owns.first()?;
        let world = Asked {
            context,
            survey: self,
            repository: context.repository().ok()?,
            cluster: &first.cluster,
            discovery: &first.discovery,
        };
        let answers = owns.iter().map(|(_, own)| *own);
        let answered = owns.iter().map(|(target, own)| Answered {
            app: Arc::new(claimant(target)),
            set: pipeline::app_ref(&world.repository, target).applyset_id(),
            lost: own.lost.clone(),
            // Nobody asks what the only app of a run wants.
            keys: match self.is_one() {
                true => Vec::new(),
                false => own.claims.iter().map(|(key, _)| key.clone()).collect(),
            },
        });
        Some(Gathering {
            answered: answered.collect(),
            world,
            purpose: &self.purpose,
            declared,
            selected: &self.selected,
            sets: answers.clone().flat_map(|own| own.sets.clone()).collect(),
            stakes: match self.purpose {
                Purpose::Show => BTreeSet::new(),
                Purpose::Delete { .. } | Purpose::Leave { .. } => {
                    answers.flat_map(|own| own.extras.clone()).collect()
                }
            },
        })
    }

    /// The claims on the servers of the run, by cluster.
    pub(super) async fn finish<R>(
        &self,
        context: &Context,
        answers: &[(Target, Result<(R, Own)>)],
    ) -> BTreeMap<String, Arc<Claims>> {
        let gather = self.servers.iter().map(|server| async move {
            let owns = answers.iter().filter_map(|(target, answer)| {
                let own = &answer.as_ref().ok()?.1;
                let is_here = server.clusters.contains(&target.cluster.name);
                is_here.then_some((target, own))
            });
            let owns: Vec<(&Target, &Own)> = owns.collect();
            let gathering = self.gathering(context, &server.declared, &owns)?;
            let claims = Arc::new(gathering.claims().await);
            let clusters = server.clusters.iter();
            let claims = clusters.map(|cluster| (cluster.clone(), Arc::clone(&claims)));
            Some(claims.collect::<Vec<_>>())
        });
        let claims = futures::future::join_all(gather).await;
        claims.into_iter().flatten().flatten().collect()
    }
}

/// The repository and a cluster, asked for real.
struct Asked<'a> {
    context: &'a Context,
    survey: &'a Survey,
    repository: Arc<Repository>,
    cluster: &'a Cluster,
    discovery: &'a Discovery,
}

impl World for Asked<'_> {
    async fn keys(&self, app: &Arc<Declared>, access: Access) -> Result<Vec<Key>> {
        let read = self.survey.read(self.context, app, access).await;
        let names = read.as_ref().as_ref().map_err(Clone::clone)?;
        let served = |gvk: &Gvk| {
            let served = self.discovery.get(gvk);
            let served = served.or_else(|| self.discovery.preferred(&gvk.group, &gvk.kind));
            served.map(|resource| resource.namespaced)
        };
        names.keys(&served, &app.app.destination.namespace)
    }

    async fn recorded(&self, app: &Declared) -> Result<BTreeSet<String>> {
        let target = self.repository.target(app);
        let reference = pipeline::app_ref(&self.repository, &target);
        match parent::read(self.cluster, &reference, false).await? {
            None => Ok(BTreeSet::new()),
            Some(parent) if parent.is_current() => Ok(parent.content.scope.namespaces),
            Some(_) => Err(Error::new(
                Reason::Guard,
                "its record was changed by somebody",
            )),
        }
    }

    async fn is_this_server(&self, cluster: &str) -> Result<bool> {
        let known = self.repository.known(cluster);
        let other = async { self.context.connect(&known).await?.identity().await };
        let (own, other) = tokio::join!(self.cluster.identity(), other);
        Ok(own? == other?)
    }

    fn set(&self, app: &Declared) -> String {
        let target = self.repository.target(app);
        pipeline::app_ref(&self.repository, &target).applyset_id()
    }
}

/// What decides what an app wants, where its name and cluster do not.
fn source(target: &Declared) -> Option<String> {
    let source = &target.app.source;
    source.plugin.is_none().then(|| {
        format!(
            "{} {} {} {:?} {:?}",
            *source.repo_url,
            *source.path,
            *source.target_revision,
            source.directory,
            source.kustomize
        )
    })
}

async fn names(context: &Context, target: &Arc<Declared>, access: Access, at: At) -> Result<Names> {
    let (repository, target) = (context.repository()?, Arc::clone(target));
    on_time(context.answer_by(), move || {
        repository.names(&target, access, at)
    })
    .await
}

pub(super) fn claimant(target: &Target) -> Claimant {
    Claimant::new(&target.cluster.name, &target.app.name)
}

/// Gives each answer its view of the claims.
pub(super) fn views<R>(
    answers: Vec<(Target, Result<(R, Own)>)>,
    claims: &BTreeMap<String, Arc<Claims>>,
) -> Vec<(Target, Result<(R, View)>)> {
    let view = |target: &Target, own: Own| View {
        claims: claims
            .get(&target.cluster.name)
            .cloned()
            .unwrap_or_default(),
        own: own.claims,
        asking: claimant(target),
    };
    let answers = answers.into_iter().map(|(target, answer)| {
        let answer = answer.map(|(answer, own)| (answer, view(&target, own)));
        (target, answer)
    });
    answers.collect()
}
