//! Puts together the claims on one server: what was read, what could not be, and which doubts can be asked away.
//!
//! How anything is found out is behind [`World`]: the commands ask git and clusters, a model in the tests answers from memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::claims::Purpose;
use crate::error::{Error, Result};
use crate::object::Key;
use crate::plan::claims::{Claimant, Claims, Holder, Reach, Unread};
use crate::repo::declared::{Declaration, Place, Unreadable, What};
use crate::repo::target::Target as Declared;

/// What may be read to find out what an app wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Access {
    /// The files of this repository.
    Local,
    /// Also what the user allowed: other repositories, charts.
    Everything,
}

/// Whom the gathering asks.
pub(super) trait World {
    /// What an app wants on the server.
    async fn keys(&self, app: &Arc<Declared>, access: Access) -> Result<Vec<Key>>;

    /// The namespaces that the app's record in the cluster names.
    async fn recorded(&self, app: &Declared) -> Result<BTreeSet<String>>;

    /// Whether the cluster of that name is this server.
    async fn is_this_server(&self, cluster: &str) -> Result<bool>;

    /// The id of the app's set.
    fn set(&self, app: &Declared) -> String;
}

/// An app of the run that was answered.
pub(super) struct Answered {
    pub(super) app: Arc<Claimant>,
    pub(super) set: String,
    pub(super) keys: Vec<Key>,
    /// A file of the app that cannot be read, if there is one: it may want more than it claims.
    pub(super) lost: Option<Error>,
}

/// What the claims on one server are put together from.
pub(super) struct Gathering<'a, W> {
    pub(super) world: W,
    pub(super) purpose: &'a Purpose,
    pub(super) declared: &'a [Declaration],
    pub(super) selected: &'a BTreeSet<Claimant>,
    pub(super) answered: Vec<Answered>,
    /// Objects that are deleted unless somebody wants them.
    pub(super) stakes: BTreeSet<Key>,
    /// Sets of others that objects to be written belong to.
    pub(super) sets: BTreeSet<String>,
}

impl<W: World> Gathering<'_, W> {
    pub(super) async fn claims(mut self) -> Claims {
        let mut claims = Claims::default();
        let answered = std::mem::take(&mut self.answered);
        let done: BTreeSet<Claimant> = answered.iter().map(|it| (*it.app).clone()).collect();
        for Answered {
            app,
            set,
            keys,
            lost,
        } in answered
        {
            let why = lost.map(|error| unread(&app.to_string(), &error));
            if !matches!(self.purpose, Purpose::Leave { .. }) {
                claims.add(&app, keys);
                self.add_unread(&mut claims, &app, Reach::Server, why.as_ref());
            }
            if self.sets.contains(&set) {
                claims.add_holder(set, Holder { app, blocked: why });
            }
        }
        let mut doubtful: BTreeMap<&str, (Vec<&Arc<Declared>>, Vec<&Unreadable>)> = BTreeMap::new();
        for declaration in self.declared {
            match (&declaration.place, &declaration.what) {
                (_, What::App(app)) if self.is_settled(&done, app) => {}
                (Place::Here, What::App(app)) => self.add(&mut claims, app).await,
                (Place::Here | Place::Anywhere(_), What::Unreadable(what)) => {
                    self.add_unreadable(&mut claims, what);
                }
                (Place::Anywhere(why), What::App(app)) => {
                    let why = format!("where that app goes is not known: {why}");
                    let keys = self.keys(app).await;
                    self.add_doubtful(&mut claims, app, keys, &why);
                }
                (Place::MayBe(cluster), What::App(app)) => {
                    doubtful.entry(cluster).or_default().0.push(app);
                }
                (Place::MayBe(cluster), What::Unreadable(what)) => {
                    doubtful.entry(cluster).or_default().1.push(what);
                }
            }
        }
        for (cluster, (apps, files)) in doubtful {
            self.add_cluster(&mut claims, cluster, &apps, &files).await;
        }
        claims
    }

    /// An app that was answered has its claims already; one that leaves has none.
    fn is_settled(&self, done: &BTreeSet<Claimant>, app: &Declared) -> bool {
        let app = claimant(app);
        let leaves = matches!(self.purpose, Purpose::Leave { .. }) && self.selected.contains(&app);
        leaves || done.contains(&app)
    }

    /// An app of this server that was not answered.
    async fn add(&self, claims: &mut Claims, app: &Arc<Declared>) {
        let name = Arc::new(claimant(app));
        let blocked = match self.keys(app).await {
            Ok(keys) => {
                claims.add(&name, keys);
                None
            }
            Err(error) => {
                let why = unread(&app.shown(), &error);
                let reach = self.reach(app, &error).await;
                self.add_unread(claims, &name, reach, Some(&why));
                Some(why)
            }
        };
        if self.sets.is_empty() {
            return;
        }
        let set = self.world.set(app);
        if self.sets.contains(&set) {
            // A set of that name may be another repository's.
            let recorded = self.world.recorded(app).await;
            let blocked = blocked.or_else(|| recorded.err().map(|error| error.to_string()));
            claims.add_holder(set, Holder { app: name, blocked });
        }
    }

    /// What an app wants here. Other repositories and charts are read only where something is at stake.
    async fn keys(&self, app: &Arc<Declared>) -> Result<Vec<Key>> {
        match self.world.keys(app, Access::Local).await {
            Err(_) if !self.stakes.is_empty() => self.world.keys(app, Access::Everything).await,
            keys => keys,
        }
    }

    /// What pushboat does not support yet it has never deployed in this form, so only the places that the app is known to use count.
    async fn reach(&self, app: &Declared, error: &Error) -> Reach {
        let namespace = &app.app.destination.namespace;
        if !error.is_unsupported() || namespace.is_empty() {
            return Reach::Server;
        }
        let own = Reach::Namespaces(BTreeSet::from([namespace.value.clone()]));
        if self.stakes.iter().all(|key| own.covers(key)) {
            return own;
        }
        match self.world.recorded(app).await {
            Ok(mut namespaces) => {
                namespaces.insert(namespace.value.clone());
                Reach::Namespaces(namespaces)
            }
            Err(_) => Reach::Server,
        }
    }

    fn add_unread(
        &self,
        claims: &mut Claims,
        app: &Arc<Claimant>,
        reach: Reach,
        why: Option<&String>,
    ) {
        if let Some(why) = why.filter(|_| !self.is_ignored(app)) {
            claims.add_unread(Unread {
                app: Some(Arc::clone(app)),
                reach,
                why: why.clone(),
            });
        }
    }

    fn add_unreadable(&self, claims: &mut Claims, what: &Unreadable) {
        let ignored = self.purpose.ignored();
        if what.names.iter().any(|name| ignored.contains(name)) {
            return;
        }
        let name = what.names.first().map_or("", String::as_str);
        claims.add_unread(Unread {
            app: None,
            reach: match &what.namespace {
                Some(namespace) => Reach::Namespaces(BTreeSet::from([namespace.clone()])),
                None => Reach::Server,
            },
            why: format!(
                "an app may want it: {}; mend it, or pass `--ignore-unreadable {name}`",
                what.why
            ),
        });
    }

    fn is_ignored(&self, app: &Claimant) -> bool {
        let ignored = self.purpose.ignored();
        ignored.contains(&app.to_string()) || ignored.contains(&app.app)
    }

    /// What an app wants that may be meant for here.
    fn add_doubtful(&self, claims: &mut Claims, app: &Declared, keys: Result<Vec<Key>>, why: &str) {
        let name = Arc::new(claimant(app));
        match keys {
            Ok(_) if self.is_ignored(&name) => {}
            Ok(keys) => claims.add_doubtful(&name, keys, why),
            Err(error) => {
                let why = unread(&app.shown(), &error);
                self.add_unread(claims, &name, Reach::Server, Some(&why));
            }
        }
    }

    /// What is declared for a cluster that may be this very server: it is asked if an object at stake may be wanted
    /// there, or belong to an app of it.
    async fn add_cluster(
        &self,
        claims: &mut Claims,
        cluster: &str,
        apps: &[&Arc<Declared>],
        files: &[&Unreadable],
    ) {
        let why = format!(
            "cluster `{cluster}` may be the same server (record its `kubeSystemUID` in clusters/{cluster}/cluster.yaml)"
        );
        let holds = !self.sets.is_empty()
            && apps
                .iter()
                .any(|app| self.sets.contains(&self.world.set(app)));
        if self.stakes.is_empty() && !holds {
            // What turns up later is kept: nobody asked.
            return claims.add_unread(Unread {
                app: None,
                reach: Reach::Server,
                why: format!("an app of another cluster may want it: {why}"),
            });
        }
        let mut touches = holds || !files.is_empty();
        let mut wanted = Vec::new();
        for app in apps {
            let keys = self.keys(app).await;
            touches |= match &keys {
                Ok(keys) => keys.iter().any(|key| self.stakes.contains(key)),
                Err(_) => true,
            };
            wanted.push((*app, keys));
        }
        let is_here = match touches {
            true => self.world.is_this_server(cluster).await.map(Some),
            false => Ok(None),
        };
        let why = match &is_here {
            Err(error) => format!("{why}, and it could not be asked: {error}"),
            Ok(_) => why,
        };
        if let Ok(Some(false)) = is_here {
            return;
        }
        for what in files {
            self.add_unreadable(claims, what);
        }
        for (app, keys) in wanted {
            match is_here {
                Ok(Some(true)) => self.add(claims, app).await,
                Ok(_) | Err(_) => self.add_doubtful(claims, app, keys, &why),
            }
        }
    }
}

fn claimant(app: &Declared) -> Claimant {
    Claimant::new(&app.cluster, &app.app.name)
}

fn unread(app: &str, error: &Error) -> String {
    let hint = error.hints().first();
    let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!(
        "app `{app}` cannot be read in full and may want it; mend it, or pass `--ignore-unreadable {app}`: {error}{hint}"
    )
}

#[cfg(test)]
#[path = "survey_tests.rs"]
mod tests;
