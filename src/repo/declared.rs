//! Everything that a repository declares for one server, whatever a command selects: its apps, and what may declare more of them but
//! cannot be read. Pure.
//!
//! It renders nothing: what the apps want is found out by the commands.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::application::Application;
use super::cluster::{KnownCluster, KnownClusters, normalise_server, resolve};
use super::inventory::{Declared, Failure, Inventory};
use super::reader::Spanned;
use super::select;
use super::servers::{Same, same};
use super::target::Target;

/// Something declared that may want objects on the server.
#[derive(Debug, Clone)]
pub struct Declaration {
    pub place: Place,
    pub what: What,
}

/// How sure it is that the declaration is for the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Here,
    /// This cluster may be the same server: it would have to be asked.
    MayBe(String),
    /// Nobody can be asked, for this reason.
    Anywhere(String),
}

#[derive(Debug, Clone)]
pub enum What {
    App(Arc<Target>),
    Unreadable(Unreadable),
}

/// A declaration whose apps are unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// What a person may call it: a path, or a name.
    pub names: Vec<String>,
    /// The one namespace that its apps go to, where that much is known.
    pub namespace: Option<String>,
    /// What it is and why it cannot be read.
    pub why: String,
}

/// An app, and why it is not known where it goes, if so.
#[derive(Debug, Clone)]
pub struct App {
    target: Arc<Target>,
    stray: Option<String>,
}

/// Every app that is declared.
pub fn apps(inventory: &Inventory, known: &KnownClusters) -> Vec<App> {
    let targets = select::everything(inventory, known).into_iter();
    let apps = targets.map(|target| App {
        stray: resolve(&target.app, known)
            .err()
            .map(|error| error.to_string()),
        target: Arc::new(target),
    });
    apps.collect()
}

/// What is declared for the server that these clusters stand for. `read` gives the text of a file that could not be parsed, where there is one.
pub fn on_server_of(
    server: &[KnownCluster],
    apps: &[App],
    inventory: &Inventory,
    known: &KnownClusters,
    read: &dyn Fn(&str) -> Option<String>,
) -> Vec<Declaration> {
    let places = known.clusters.iter().map(|other| {
        let place = place(server, other);
        (other.name.as_str(), place)
    });
    let here = Here {
        server,
        known,
        places: places.collect(),
    };
    let apps = apps.iter().filter_map(|app| {
        let place = match &app.stray {
            None => here.place(&app.target.cluster)?,
            Some(why) => Place::Anywhere(why.clone()),
        };
        let what = What::App(Arc::clone(&app.target));
        Some(Declaration { place, what })
    });
    let sets = inventory.appsets.iter().filter_map(|set| here.set(set));
    let files = inventory.failures.iter();
    let files = files.filter_map(|failure| here.file(failure, read));
    apps.chain(sets).chain(files).collect()
}

/// Where another cluster stands to the server; `None` when it is another one.
fn place(server: &[KnownCluster], other: &KnownCluster) -> Option<Place> {
    let mut answers = server.iter().map(|cluster| same(cluster, other));
    if answers.clone().any(|answer| answer == Same::Yes) {
        Some(Place::Here)
    } else if answers.any(|answer| answer == Same::No) {
        None
    } else {
        Some(Place::MayBe(other.name.clone()))
    }
}

struct Here<'a> {
    server: &'a [KnownCluster],
    known: &'a KnownClusters,
    places: BTreeMap<&'a str, Option<Place>>,
}

impl Here<'_> {
    fn place(&self, name: &str) -> Option<Place> {
        let unknown = || {
            let other = KnownCluster {
                name: name.to_owned(),
                ..KnownCluster::default()
            };
            place(self.server, &other)
        };
        self.places.get(name).cloned().unwrap_or_else(unknown)
    }

    fn app(&self, app: &Application) -> Option<Place> {
        match resolve(app, self.known) {
            Ok(cluster) => self.place(&cluster),
            Err(error) => Some(Place::Anywhere(error.to_string())),
        }
    }

    fn set(&self, set: &Declared) -> Option<Declaration> {
        let text = |key: &str| {
            let destination = set.value.pointer("/spec/template/spec/destination");
            let text = destination.and_then(|destination| destination.get(key)?.as_str());
            text.unwrap_or_default().to_owned()
        };
        let is_open = |text: &str| text.contains("{{");
        let spanned = |value| Spanned {
            value,
            ..Spanned::default()
        };
        let (name, server, namespace) = (text("name"), text("server"), text("namespace"));
        let place = if is_open(&name) || is_open(&server) {
            Place::Here
        } else {
            self.app(&placed(&set.folder, spanned(name), spanned(server)))?
        };
        let what = What::Unreadable(Unreadable {
            names: vec![set.name.clone(), set.location.file.clone()],
            namespace: Some(namespace).filter(|text| !text.is_empty() && !is_open(text)),
            why: format!(
                "ApplicationSet `{}` ({}) is not supported yet",
                crate::object::display::display(&set.name),
                set.location
            ),
        });
        Some(Declaration { place, what })
    }

    /// A file is for the cluster of its folder and for every cluster that its text names; one without either is for all.
    fn file(
        &self,
        failure: &Failure,
        read: &dyn Fn(&str) -> Option<String>,
    ) -> Option<Declaration> {
        let file = failure.error.location().map(|at| at.file.clone());
        let text = file.as_deref().and_then(read);
        let place = match text {
            Some(text) if !failure.folder.is_empty() => {
                let named = self.known.clusters.iter();
                let named = named.filter(|cluster| names(&text, cluster));
                let named = named.map(|cluster| cluster.name.as_str());
                let places = named.chain([failure.folder.as_str()]);
                let places: Vec<Place> = places.filter_map(|name| self.place(name)).collect();
                let here = places.iter().find(|place| **place == Place::Here);
                here.or(places.first())?.clone()
            }
            Some(_) | None => Place::Here,
        };
        let what = What::Unreadable(Unreadable {
            names: file.into_iter().collect(),
            namespace: None,
            why: format!(
                "a file that may declare apps cannot be read: {}",
                failure.error
            ),
        });
        Some(Declaration { place, what })
    }
}

/// An app of which only the destination matters.
fn placed(folder: &str, name: Spanned<String>, server: Spanned<String>) -> Application {
    let mut app = Application::default();
    app.folder = folder.to_owned();
    app.destination.name = name;
    app.destination.server = server;
    app
}

/// Whether a text holds a cluster's name as a word, or one of its addresses.
fn names(text: &str, cluster: &KnownCluster) -> bool {
    let is_apart = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'));
    let aliases = cluster.file.iter().flat_map(|file| &file.aliases);
    let mut addresses = aliases
        .map(|alias| alias.value.as_str())
        .chain(cluster.server.as_deref());
    let lower = text.to_lowercase();
    let host = |address: &str| {
        let address = normalise_server(address);
        let host = address.split_once("://").map(|(_, host)| host.to_owned());
        host.unwrap_or_else(|| address.into_owned())
    };
    text.split(is_apart).any(|word| word == cluster.name)
        || addresses.any(|address| lower.contains(&host(address)))
}

#[cfg(test)]
#[path = "declared_tests.rs"]
mod tests;
