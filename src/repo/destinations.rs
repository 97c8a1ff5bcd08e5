//! Where the apps of a repository go: each app is resolved once, then everything is a lookup. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::application::Application;
use super::cluster::{KnownClusters, resolve};

/// Where apps go, by name and by cluster.
#[derive(Debug, Default)]
pub struct Destinations {
    clusters: BTreeMap<String, BTreeSet<String>>,
    on: BTreeMap<String, OnCluster>,
}

/// What goes to one cluster.
#[derive(Debug, Default)]
struct OnCluster {
    apps: BTreeSet<String>,
    namespaces: Arc<BTreeSet<String>>,
}

impl Destinations {
    /// `records` is the namespace for the records of all apps, where the repository names one.
    pub fn of<'a>(
        apps: impl IntoIterator<Item = &'a Application>,
        known: &KnownClusters,
        records: Option<&str>,
    ) -> Self {
        let mut all = Self::default();
        for app in apps {
            let found = resolve(app, known);
            let cluster = found.as_ref().unwrap_or(&app.folder).clone();
            let clusters = all.clusters.entry(app.name.clone()).or_default();
            clusters.insert(cluster);
            let Ok(cluster) = found else { continue };
            let on = all.on.entry(cluster).or_default();
            on.apps.insert(app.name.clone());
            let namespaces = Arc::make_mut(&mut on.namespaces);
            namespaces.insert(match app.destination.namespace.as_str() {
                "" => "default".to_owned(),
                own => own.to_owned(),
            });
            namespaces.extend(records.map(str::to_owned));
        }
        all
    }

    /// The clusters that apps of a name go to; the folder of one whose cluster is not known.
    pub fn clusters_of(&self, app: &str) -> impl Iterator<Item = &str> {
        let clusters = self.clusters.get(app).into_iter().flatten();
        clusters.map(String::as_str)
    }

    /// The names of the apps that go to a cluster, sorted.
    pub fn apps_on(&self, cluster: &str) -> impl Iterator<Item = &str> {
        let on = self.on.get(cluster).into_iter();
        on.flat_map(|on| on.apps.iter().map(String::as_str))
    }

    /// The namespaces of the apps that go to a cluster, and the one for records: where those may be.
    pub fn namespaces_on(&self, cluster: &str) -> Arc<BTreeSet<String>> {
        let on = self.on.get(cluster);
        on.map(|on| Arc::clone(&on.namespaces)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::cluster::KnownCluster;

    fn app(folder: &str, name: &str, cluster: &str, namespace: &str) -> Application {
        let mut app = Application::default();
        app.folder = folder.to_owned();
        app.name = name.to_owned();
        app.destination.name.value = cluster.to_owned();
        app.destination.namespace.value = namespace.to_owned();
        app
    }

    #[test]
    fn an_app_without_a_known_cluster_counts_for_its_folder_and_for_no_cluster() {
        let known = KnownClusters {
            clusters: ["one", "two"]
                .map(|name| KnownCluster {
                    name: name.to_owned(),
                    ..KnownCluster::default()
                })
                .into(),
        };
        let apps = [
            app("one", "web", "two", "shop"),
            app("two", "web", "two", ""),
            app("one", "web", "none", "lost"),
            app("one", "db", "one", "data"),
        ];
        let all = Destinations::of(&apps, &known, Some("records"));
        assert!(all.clusters_of("web").eq(["one", "two"]));
        assert!(all.clusters_of("other").next().is_none());
        assert!(all.apps_on("two").eq(["web"]));
        assert!(all.apps_on("one").eq(["db"]));
        assert!(
            all.namespaces_on("two")
                .iter()
                .eq(["default", "records", "shop"])
        );
        assert!(all.namespaces_on("none").is_empty());
    }
}
