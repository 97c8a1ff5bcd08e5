//! Which apps on which clusters a command means. Pure.
//!
//! An app that cannot be used is selected with its problem: it is answered with an error and hides no other.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::application::Application;
use super::cluster::{KnownCluster, KnownClusters, resolve};
use super::inventory::{Failure, Inventory};
use super::selector::Selector;
use super::target::Target;
use super::{glob, near};
use crate::error::{Error, Result};
use crate::object::display::display;

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Names, globs, or `CLUSTER/APP` with globs in either part.
    pub names: Vec<String>,
    pub all: bool,
    pub selector: Option<String>,
    pub projects: Vec<String>,
    /// `--cluster`: names or globs; empty means all.
    pub clusters: Vec<String>,
    /// `--override-destination`: where the one selected app goes instead.
    pub destination: Option<String>,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// By cluster and name.
    pub targets: Vec<Target>,
    /// Files that might declare more apps of the selected clusters; empty when apps were asked for by exact names.
    pub failures: Vec<Failure>,
}

/// Selects from everything that is declared.
pub fn select(inventory: &Inventory, known: &KnownClusters, choice: &Choice) -> Result<Selection> {
    if choice.names.is_empty()
        && !choice.all
        && choice.selector.is_none()
        && choice.projects.is_empty()
    {
        return Err(Error::usage("no app was asked for")
            .hint("give names or globs, or `--all`, or `-l SELECTOR`, or `--project NAME`"));
    }
    let selector = choice
        .selector
        .as_deref()
        .map(Selector::parse)
        .transpose()?;
    if selector.as_ref().is_some_and(Selector::is_empty) {
        return Err(
            Error::usage("an empty selector selects no app").hint("`--all` selects every app")
        );
    }
    check_clusters(inventory, known, choice)?;
    let all = targets(inventory, known);
    let chosen: Vec<&Target> = all
        .iter()
        .filter(|target| is_on_cluster(target, choice))
        .filter(|target| is_of_project(target, choice))
        .filter(|target| {
            selector
                .as_ref()
                .is_none_or(|s| s.matches(&target.app.labels))
        })
        .collect();
    if choice.names.is_empty() && chosen.is_empty() && !choice.all {
        return Err(Error::usage("no app matches").hint(unread(inventory)));
    }
    let is_open = choice.names.is_empty() || choice.names.iter().any(|name| glob::is_glob(name));
    let mut targets = if choice.names.is_empty() {
        chosen.into_iter().cloned().collect()
    } else {
        named(&all, &chosen, choice).map_err(|error| error.hint(unread(inventory)))?
    };
    if let Some(cluster) = &choice.destination {
        redirect(&mut targets, &all, known.given(cluster)?)?;
    }
    targets.sort_by(|a, b| (&a.cluster, &a.app.name).cmp(&(&b.cluster, &b.app.name)));
    Ok(Selection {
        targets,
        failures: if is_open {
            failures(inventory, choice)
        } else {
            Vec::new()
        },
    })
}

/// The targets that the names mean; each name must mean something.
fn named(all: &[Target], chosen: &[&Target], choice: &Choice) -> Result<Vec<Target>> {
    let mut is_picked = vec![false; chosen.len()];
    for name in &choice.names {
        pick(chosen, &mut is_picked, name)
            .map_err(|error| left_out(all, choice, name).unwrap_or(error))?;
    }
    let picked = chosen
        .iter()
        .zip(is_picked)
        .filter(|(_, is_picked)| *is_picked);
    Ok(picked.map(|(target, _)| (*target).clone()).collect())
}

/// Why a name means nothing where it does mean an app that `--cluster` leaves out.
fn left_out(all: &[Target], choice: &Choice, name: &str) -> Option<Error> {
    let target = all
        .iter()
        .find(|target| is_meant(target, name) && !is_on_cluster(target, choice))?;
    let error = Error::usage(format!(
        "`{}` goes to cluster `{}`, which `--cluster {}` leaves out",
        display(name),
        display(&target.cluster),
        display(&choice.clusters.join(","))
    ))
    .hint("`--cluster` (or `PUSHBOAT_CLUSTER`) only filters: leave it out, or name a cluster that it selects");
    Some(error.hint(
        "`--override-destination CLUSTER` sends one app to another cluster than its file says",
    ))
}

/// Sends the one selected app to a cluster that its file does not name.
fn redirect(targets: &mut [Target], all: &[Target], to: &KnownCluster) -> Result<()> {
    let [target] = targets else {
        return Err(Error::usage(format!(
            "`--override-destination` takes one app, and {} are selected",
            targets.len()
        )));
    };
    if target.cluster == to.name {
        return Ok(());
    }
    let own = all
        .iter()
        .find(|other| other.cluster == to.name && other.app.name == target.app.name);
    if let Some(own) = own {
        return Err(Error::usage(format!(
            "cluster `{}` has an app `{}` of its own: {}",
            display(&to.name),
            target.app.shown_name(),
            own.app.location()
        ))
        .hint("another app under that name would take over its objects and records"));
    }
    target.declared_for = Some(std::mem::replace(&mut target.cluster, to.name.clone()));
    target.problem = target.app.check().err();
    Ok(())
}

fn is_of_project(target: &Target, choice: &Choice) -> bool {
    let project = &target.app.project;
    choice.projects.is_empty()
        || choice
            .projects
            .iter()
            .any(|wanted| glob::matches(wanted, project))
}

/// Every app that is declared, with its cluster and its problem.
pub fn everything(inventory: &Inventory, known: &KnownClusters) -> Vec<Target> {
    targets(inventory, known)
}

/// Every app with its cluster, sorted; two of one name on one cluster are a problem of both.
fn targets(inventory: &Inventory, known: &KnownClusters) -> Vec<Target> {
    let mut targets: Vec<Target> = inventory
        .apps
        .iter()
        .map(|app| target(app, known))
        .collect();
    targets.sort_by(|a, b| {
        (&a.cluster, &a.app.name, a.app.location()).cmp(&(
            &b.cluster,
            &b.app.name,
            b.app.location(),
        ))
    });
    let mut places: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for target in &targets {
        let key = (target.cluster.clone(), target.app.name.clone());
        places
            .entry(key)
            .or_default()
            .push(target.app.location().to_string());
    }
    for target in &mut targets {
        let key = (target.cluster.clone(), target.app.name.clone());
        let Some(places) = places.get(&key).filter(|places| places.len() > 1) else {
            continue;
        };
        let error = Error::config(format!(
            "app `{}` is declared {} times for cluster `{}`: {}",
            target.app.shown_name(),
            places.len(),
            display(&target.cluster),
            places.join(", ")
        ))
        .hint("names are unique on a cluster: rename or remove one");
        target.problem.get_or_insert(error);
    }
    for target in &mut targets {
        if let Some(error) = unusable(inventory, &target.cluster) {
            target.problem.get_or_insert(error);
        }
    }
    targets
}

/// Why a cluster cannot be used: its file says something that cannot be read, be it who the cluster is or what a change of it takes.
fn unusable(inventory: &Inventory, cluster: &str) -> Option<Error> {
    let file = format!("clusters/{cluster}/cluster.yaml");
    let mut errors = inventory.failures.iter().map(|failure| &failure.error);
    errors
        .find(|error| error.location().is_some_and(|at| at.file == file))
        .cloned()
}

fn target(app: &Application, known: &KnownClusters) -> Target {
    let (cluster, unresolved) = match resolve(app, known) {
        Ok(cluster) => (cluster, None),
        Err(error) => (app.folder.clone(), Some(error)),
    };
    let problem = app.check().err().or(unresolved);
    Target {
        cluster,
        declared_for: None,
        app: Arc::new(app.clone()),
        problem,
    }
}

fn check_clusters(inventory: &Inventory, known: &KnownClusters, choice: &Choice) -> Result<()> {
    for cluster in &choice.clusters {
        if !glob::is_glob(cluster) {
            known.given(cluster)?;
        } else if !known.names().any(|name| glob::matches(cluster, name)) {
            let error = Error::usage(format!("no cluster matches `{}`", display(cluster)));
            let names: Vec<&str> = inventory.folders.iter().map(|f| f.name.as_str()).collect();
            return Err(error.hint(format!("known clusters: {}", list(names))));
        }
    }
    Ok(())
}

/// Whether `--cluster` selects it. One that no cluster could be found for may be meant by any.
fn is_on_cluster(target: &Target, choice: &Choice) -> bool {
    choice.clusters.is_empty()
        || target.cluster.is_empty()
        || choice
            .clusters
            .iter()
            .any(|cluster| glob::matches(cluster, &target.cluster))
}

/// `CLUSTER/APP` or `APP`, taken apart.
fn parts(name: &str) -> (Option<&str>, &str) {
    match name.split_once('/') {
        Some((cluster, app)) => (Some(cluster), app),
        None => (None, name),
    }
}

fn is_meant(target: &Target, name: &str) -> bool {
    let (cluster, app) = parts(name);
    glob::matches(app, &target.app.name)
        && cluster.is_none_or(|cluster| glob::matches(cluster, &target.cluster))
}

/// Marks what `name` means; an exact name must mean one app.
fn pick(targets: &[&Target], is_picked: &mut [bool], name: &str) -> Result<()> {
    let (_, app) = parts(name);
    let hits: Vec<usize> = (0..targets.len())
        .filter(|n| is_meant(targets[*n], name))
        .collect();
    let places: std::collections::BTreeSet<String> =
        hits.iter().map(|n| targets[*n].id()).collect();
    if hits.is_empty() {
        return Err(nothing(targets, name, app));
    }
    if !glob::is_glob(name) && places.len() > 1 {
        return Err(Error::usage(format!(
            "app `{}` is on {} clusters",
            display(name),
            places.len()
        ))
        .hint(format!(
            "say which: {}",
            list(places.iter().map(String::as_str).collect())
        ))
        .hint(format!("or all of them: `*/{}`", display(app))));
    }
    hits.into_iter().for_each(|n| is_picked[n] = true);
    Ok(())
}

fn nothing(targets: &[&Target], name: &str, app: &str) -> Error {
    let word = if glob::is_glob(name) {
        "matches"
    } else {
        "is called"
    };
    let error = Error::usage(format!("no app {word} `{}`", display(name)));
    let near = near::near(app, targets.iter().map(|target| target.app.name.as_str()));
    if !near.is_empty() {
        return error.hint(format!("did you mean {}?", list(near)));
    }
    let names: std::collections::BTreeSet<&str> = targets
        .iter()
        .map(|target| target.app.name.as_str())
        .collect();
    if names.is_empty() {
        return error.hint("no app is declared here: Applications stand in `clusters/<name>/`");
    }
    error.hint(format!("apps: {}", list(names.into_iter().collect())))
}

fn failures(inventory: &Inventory, choice: &Choice) -> Vec<Failure> {
    let concerns = |failure: &&Failure| {
        failure.folder.is_empty()
            || choice.clusters.is_empty()
            || choice
                .clusters
                .iter()
                .any(|cluster| glob::matches(cluster, &failure.folder))
    };
    inventory
        .failures
        .iter()
        .filter(concerns)
        .cloned()
        .collect()
}

/// What else may be why nothing was found.
fn unread(inventory: &Inventory) -> String {
    match (inventory.failures.first(), inventory.unsupported()) {
        (Some(failure), _) => format!(
            "{} could not be read, the first: {}",
            match inventory.failures.len() {
                1 => "a file".to_owned(),
                n => format!("{n} files"),
            },
            failure.error
        ),
        (None, Some(unsupported)) => unsupported,
        (None, None) => "`pushboat app list` shows every app".to_owned(),
    }
}

fn list(mut names: Vec<&str>) -> String {
    let n_more = names.len().saturating_sub(10);
    names.truncate(10);
    let mut text: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", display(name)))
        .collect();
    if n_more > 0 {
        text.push(format!("{n_more} more"));
    }
    text.join(", ")
}

#[cfg(test)]
#[path = "select_tests.rs"]
mod tests;
