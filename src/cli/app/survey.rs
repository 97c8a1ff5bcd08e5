//! Puts together the claims on one server: what was read, what could not be, and which doubts can be asked away.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::claims::{Own, Purpose, Survey, claimant};
use super::pipeline::{self, Target};
use crate::cli::context::Context;
use crate::cli::repository::{Access, Repository};
use crate::cluster::{Cluster, Discovery};
use crate::error::{Error, Result};
use crate::object::{Gvk, Key};
use crate::plan::claims::{Claimant, Claims, Holder, Reach, Unread};
use crate::repo::declared::{Declaration, Place, Unreadable, What};
use crate::repo::target::Target as Declared;
use crate::sync::parent;

/// What the claims on one server are put together from.
pub(super) struct Gathering<'a> {
    context: &'a Context,
    survey: &'a Survey,
    repository: Arc<Repository>,
    declared: &'a [Declaration],
    /// The answers of selected apps on this server.
    owns: &'a [(&'a Target, &'a Own)],
    answered: BTreeSet<Claimant>,
    cluster: &'a Cluster,
    discovery: &'a Discovery,
    /// Objects that are deleted unless somebody wants them.
    stakes: BTreeSet<&'a Key>,
    /// Sets of others that objects to be written belong to.
    sets: BTreeSet<&'a str>,
}

impl<'a> Gathering<'a> {
    /// `None` when no app of the server was answered, so that nobody asks.
    pub(super) fn new(
        context: &'a Context,
        survey: &'a Survey,
        declared: &'a [Declaration],
        owns: &'a [(&'a Target, &'a Own)],
    ) -> Option<Self> {
        let (_, first) = owns.first()?;
        let answers = owns.iter().map(|(_, own)| *own);
        let sets = answers.clone().flat_map(|own| &own.sets);
        Some(Self {
            context,
            survey,
            repository: context.repository().ok()?,
            declared,
            owns,
            answered: owns.iter().map(|(target, _)| claimant(target)).collect(),
            cluster: &first.cluster,
            discovery: &first.discovery,
            sets: sets.map(String::as_str).collect(),
            stakes: match survey.purpose {
                Purpose::Show => BTreeSet::new(),
                Purpose::Delete { .. } | Purpose::Leave { .. } => {
                    answers.flat_map(|own| &own.extras).collect()
                }
            },
        })
    }

    pub(super) async fn claims(&self) -> Claims {
        let mut claims = Claims::default();
        let is_alone = self.survey.is_one();
        for (target, own) in self.owns {
            let app = Arc::new(claimant(target));
            if !is_alone && !matches!(self.survey.purpose, Purpose::Leave { .. }) {
                claims.add(&app, own.claims.iter().map(|(key, _)| key.clone()));
                self.add_lost(&mut claims, &app, own.lost.as_ref());
            }
            self.add_holder(&mut claims, target, &app, None).await;
        }
        let mut doubtful: BTreeMap<&str, Vec<&Arc<Declared>>> = BTreeMap::new();
        let mut unread: BTreeMap<&str, Vec<&Unreadable>> = BTreeMap::new();
        for declaration in self.declared {
            match (&declaration.place, &declaration.what) {
                (Place::Here, What::App(app)) => self.add(&mut claims, app).await,
                (Place::Here | Place::Anywhere(_), What::Unreadable(what)) => {
                    self.add_unreadable(&mut claims, what);
                }
                (Place::Anywhere(why), What::App(app)) => {
                    self.add_stray(&mut claims, app, why).await;
                }
                (Place::MayBe(cluster), What::App(app)) => {
                    doubtful.entry(cluster).or_default().push(app);
                }
                (Place::MayBe(cluster), What::Unreadable(what)) => {
                    unread.entry(cluster).or_default().push(what);
                }
            }
        }
        let clusters: BTreeSet<&str> = doubtful.keys().chain(unread.keys()).copied().collect();
        for cluster in clusters {
            let apps = doubtful.remove(cluster).unwrap_or_default();
            let files = unread.remove(cluster).unwrap_or_default();
            self.add_doubtful(&mut claims, cluster, &apps, &files).await;
        }
        claims
    }

    /// What a file that cannot be read keeps back.
    fn add_lost(&self, claims: &mut Claims, app: &Arc<Claimant>, lost: Option<&Error>) {
        let Some(error) = lost else { return };
        if self.is_ignored(&[app.to_string(), app.app.clone()]) {
            return;
        }
        claims.add_unread(Unread {
            app: Some(Arc::clone(app)),
            reach: Reach::Server,
            why: format!(
                "app `{app}` cannot be read in full and may want it; mend it, or pass `--ignore-unreadable {app}`: {error}"
            ),
        });
    }

    /// An app of this server. One that was answered has its claims already; one that leaves has none.
    async fn add(&self, claims: &mut Claims, app: &Arc<Declared>) {
        let claimant = Arc::new(Claimant::new(&app.cluster, &app.app.name));
        let leaves =
            matches!(self.survey.purpose, Purpose::Leave { .. }) && self.survey.is_selected(app);
        if self.answered.contains(&claimant) || leaves {
            return;
        }
        let blocked = match self.keys(app).await {
            Ok(keys) => {
                claims.add(&claimant, keys);
                None
            }
            Err(error) => {
                let why = self.unread_app(app, &error);
                if !self.is_ignored(&[app.id(), app.app.name.clone()]) {
                    let reach = self.reach(app, &error).await;
                    claims.add_unread(Unread {
                        app: Some(Arc::clone(&claimant)),
                        reach,
                        why: why.clone(),
                    });
                }
                Some(why)
            }
        };
        if !self.sets.is_empty() {
            let target = self.repository.target(app);
            self.add_holder(claims, &target, &claimant, blocked).await;
        }
    }

    /// What an app wants here. Other repositories and charts are read only where something is at stake.
    async fn keys(&self, app: &Arc<Declared>) -> Result<Vec<Key>> {
        let read = self.survey.read(self.context, app, Access::Local).await;
        let read = match (&*read, self.stakes.is_empty()) {
            (Err(_), false) => {
                self.survey
                    .read(self.context, app, Access::Everything)
                    .await
            }
            _ => read,
        };
        let served = |gvk: &Gvk| {
            let served = self.discovery.get(gvk);
            let served = served.or_else(|| self.discovery.preferred(&gvk.group, &gvk.kind));
            served.map(|resource| resource.namespaced)
        };
        let names = read.as_ref().as_ref().map_err(Clone::clone)?;
        names.keys(&served, &app.app.destination.namespace)
    }

    fn unread_app(&self, app: &Arc<Declared>, error: &Error) -> String {
        format!(
            "app `{}` cannot be read and may want it; mend it, or pass `--ignore-unreadable {}`: {error}",
            app.shown(),
            app.shown()
        )
    }

    /// What pushboat does not support yet it has never deployed in this form, so only the places that the app is known to use count.
    async fn reach(&self, app: &Arc<Declared>, error: &Error) -> Reach {
        let namespace = &app.app.destination.namespace;
        if !error.is_unsupported() || namespace.is_empty() {
            return Reach::Server;
        }
        let mut namespaces = BTreeSet::from([namespace.value.clone()]);
        if self
            .stakes
            .iter()
            .all(|key| namespaces.contains(&key.namespace))
        {
            return Reach::Namespaces(namespaces);
        }
        let target = self.repository.target(app);
        let reference = pipeline::app_ref(&self.repository, &target);
        match parent::read(self.cluster, &reference, false).await {
            Ok(None) => Reach::Namespaces(namespaces),
            Ok(Some(parent)) if parent.damage.is_none() => {
                namespaces.extend(parent.scope.namespaces);
                Reach::Namespaces(namespaces)
            }
            Ok(Some(_)) | Err(_) => Reach::Server,
        }
    }

    fn add_unreadable(&self, claims: &mut Claims, what: &Unreadable) {
        if self.is_ignored(&what.names) {
            return;
        }
        let name = what.names.first().map_or("", String::as_str);
        let namespace = what.namespace.iter().cloned();
        claims.add_unread(Unread {
            app: None,
            reach: match what.namespace {
                Some(_) => Reach::Namespaces(namespace.collect()),
                None => Reach::Server,
            },
            why: format!(
                "an app may want it: {}; mend it, or pass `--ignore-unreadable {name}`",
                what.why
            ),
        });
    }

    fn is_ignored(&self, names: &[String]) -> bool {
        match &self.survey.purpose {
            Purpose::Show => false,
            Purpose::Delete { ignored } | Purpose::Leave { ignored } => {
                names.iter().any(|name| ignored.contains(name))
            }
        }
    }

    /// An app of which nobody knows where it goes: what it wants may be meant for here.
    async fn add_stray(&self, claims: &mut Claims, app: &Arc<Declared>, why: &str) {
        let is_ignored = self.is_ignored(&[app.id(), app.app.name.clone()]);
        if self.survey.is_selected(app) || is_ignored || self.stakes.is_empty() {
            return;
        }
        let claimant = Arc::new(Claimant::new(&app.cluster, &app.app.name));
        let why = format!("where that app goes is not known: {why}");
        match self.keys(app).await {
            Ok(keys) => claims.add_doubtful(&claimant, keys, &why),
            Err(error) => claims.add_unread(Unread {
                app: Some(claimant),
                reach: Reach::Server,
                why: self.unread_app(app, &error),
            }),
        }
    }

    /// What is declared for a cluster that may be this very server: it is asked if an object at stake may be wanted there.
    async fn add_doubtful(
        &self,
        claims: &mut Claims,
        cluster: &str,
        apps: &[&Arc<Declared>],
        files: &[&Unreadable],
    ) {
        let why = format!(
            "cluster `{cluster}` may be the same server (record its `kubeSystemUID` in clusters/{cluster}/cluster.yaml)"
        );
        if self.stakes.is_empty() {
            // What turns up later is kept: nobody asked.
            return claims.add_unread(Unread {
                app: None,
                reach: Reach::Server,
                why: format!("an app of another cluster may want it: {why}"),
            });
        }
        let mut touches = !files.is_empty();
        let mut wanted = Vec::new();
        for app in apps {
            let keys = self.keys(app).await;
            touches |= match &keys {
                Ok(keys) => keys.iter().any(|key| self.stakes.contains(key)),
                Err(_) => true,
            };
            wanted.push((*app, keys));
        }
        let is_here = if touches {
            self.is_this_server(cluster).await
        } else {
            Ok(false)
        };
        for what in files {
            if !matches!(is_here, Ok(false)) {
                self.add_unreadable(claims, what);
            }
        }
        for (app, keys) in wanted {
            let claimant = Arc::new(Claimant::new(&app.cluster, &app.app.name));
            match (&is_here, keys) {
                (Ok(true), _) => self.add(claims, app).await,
                (Ok(false), _) if touches => {}
                (Ok(false), Ok(keys)) => claims.add_doubtful(&claimant, keys, &why),
                (Err(error), Ok(keys)) => {
                    claims.add_doubtful(
                        &claimant,
                        keys,
                        &format!("{why}, and it could not be asked: {error}"),
                    );
                }
                (Err(_) | Ok(false), Err(error)) => {
                    claims.add_unread(Unread {
                        app: Some(claimant),
                        reach: Reach::Server,
                        why: self.unread_app(app, &error),
                    });
                }
            }
        }
    }

    /// Asks both servers who they are.
    async fn is_this_server(&self, cluster: &str) -> Result<bool> {
        let known = self.repository.known(cluster);
        let other = async { self.context.connect(&known).await?.identity().await };
        let (own, other) = tokio::join!(self.cluster.identity(), other);
        Ok(own? == other?)
    }

    /// An app whose set holds an object that is about to be written.
    async fn add_holder(
        &self,
        claims: &mut Claims,
        target: &Target,
        app: &Arc<Claimant>,
        blocked: Option<String>,
    ) {
        let reference = pipeline::app_ref(&self.repository, target);
        let set = reference.applyset_id();
        if !self.sets.contains(set.as_str()) {
            return;
        }
        let is_answered = self.answered.contains(&**app);
        let blocked = match (blocked, is_answered) {
            (Some(blocked), _) => Some(blocked),
            (None, true) => None,
            // A set of that name may be another repository's.
            (None, false) => {
                let read = parent::read(self.cluster, &reference, false).await;
                read.err().map(|error| error.to_string())
            }
        };
        let app = Arc::clone(app);
        claims.add_holder(set, Holder { app, blocked });
    }
}
