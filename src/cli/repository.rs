//! The repository as commands use it: opened once, read once, rendered from in parallel.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::app::rendering::Rendering;
use super::app::{Access, Target};
use super::args::{GlobalArgs, SelectArgs};
use super::context::Context;
use crate::cluster::Kubeconfig;
use crate::error::{Error, Result};
use crate::object::Object;
use crate::render::app::{self, Options, Shared};
use crate::render::scope::Names;
use crate::repo::application::Application;
use crate::repo::checkout::{At, Beside, Checkout};
use crate::repo::cluster::{KnownCluster, KnownClusters, KnownContext, known};
use crate::repo::declared::{self, Declaration};
use crate::repo::destinations::Destinations;
use crate::repo::git::short;
use crate::repo::inventory::{self, Inventory, Warning};
use crate::repo::layout::{self, Layout, Settings};
use crate::repo::record_id::RecordId;
use crate::repo::secrets::with_secrets;
use crate::repo::select::{Choice, select};
use crate::repo::target as declared_target;
use crate::repo::tree::FileTree;
use crate::report::Shown;

/// A gitops repository on disk.
pub(crate) struct Repository {
    layout: Layout,
    settings: Settings,
    id: RecordId,
    inventory: Inventory,
    clusters: KnownClusters,
    checkout: Checkout,
    shared: Shared,
    declared: OnceLock<Vec<declared::App>>,
    destinations: OnceLock<Destinations>,
    /// Of the apps that were asked for.
    pub(crate) rendering: Rendering,
    /// For renders that read the files of this repository only.
    local: Shared,
    /// What was rendered and not told yet, and what was.
    rendered: Mutex<(BTreeSet<String>, BTreeSet<String>)>,
}

/// The apps selected, each with what keeps it from being answered, and the files that might declare more.
pub(crate) type Selected = (Vec<(Target, Option<Error>)>, Vec<Error>);

/// What an app should be.
pub(crate) struct Rendered {
    pub(crate) objects: Vec<Object>,
    /// A commit, or `worktree`.
    pub(crate) revision: String,
    pub(crate) dirty: bool,
    /// What is checked out, where that is not what was rendered.
    pub(crate) beside: Option<Beside>,
    pub(crate) warnings: Vec<Warning>,
    /// What may hold objects of the app and cannot be read.
    pub(crate) unreadable: Vec<Error>,
}

impl Rendered {
    /// The same as answers say it.
    pub(crate) fn shown(&self) -> Shown {
        Shown {
            revision: self.revision.clone(),
            dirty: self.dirty,
            notice: self.beside.as_ref().map(Beside::text),
        }
    }
}

impl Repository {
    pub(crate) fn open(context: &Context) -> Result<Self> {
        let layout = match context.given_repo() {
            Some(folder) => layout::find_given(&context.directory().join(folder))?,
            None => layout::find(context.directory())?,
        };
        let checkout = Checkout::open(&layout)?;
        let foreign = context.foreign()?;
        let tree = &**checkout.worktree();
        let settings = layout::read_settings(tree)?;
        let inventory = inventory::read(tree, checkout.identity())?;
        let kubeconfigs = context.kubeconfigs()?;
        let secrets = context.clusters_from_secrets().iter();
        let secrets: Vec<KnownContext> = secrets
            .map(|secret| KnownContext {
                name: secret.name.clone(),
                server: secret.server.clone(),
                origin: secret.origin.clone(),
            })
            .collect();
        let (clusters, passed_over) = with_secrets(
            known(
                &inventory.folders,
                &contexts(&kubeconfigs.own),
                &contexts(&kubeconfigs.user),
            ),
            &contexts(&kubeconfigs.all),
            &secrets,
        );
        passed_over.iter().for_each(|line| context.ui().warn(line));
        let folder = layout.root.file_name().unwrap_or_default();
        let id = RecordId::of(&settings, checkout.identity(), &folder.to_string_lossy());
        Ok(Self {
            layout,
            settings,
            id,
            inventory,
            clusters,
            checkout,
            shared: Shared::new(foreign, context.charts()),
            declared: OnceLock::new(),
            destinations: OnceLock::new(),
            rendering: Rendering::default(),
            local: Shared::default(),
            rendered: Mutex::default(),
        })
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What records in clusters call this repository.
    pub(crate) fn id(&self) -> &RecordId {
        &self.id
    }

    pub(crate) fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    pub(crate) fn clusters(&self) -> &KnownClusters {
        &self.clusters
    }

    /// What was odd but kept nothing from working.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let warnings = self.inventory.warnings.iter();
        warnings
            .map(|warning| format!("{}: {}", warning.location, warning.message))
            .chain(self.inventory.unsupported())
            .collect()
    }

    /// The apps that the arguments select, each with what already keeps it from being answered. A file that could not be read leaves the
    /// apps it declares unknown: that is told too, as a failure of its cluster.
    pub(crate) fn select(&self, args: &SelectArgs, global: &GlobalArgs) -> Result<Selected> {
        let choice = Choice {
            names: args.apps.clone(),
            all: args.all,
            selector: args.selector.clone(),
            projects: args.project.clone(),
            clusters: global.cluster.clone(),
            destination: args.destination.override_destination.clone(),
        };
        let selection = select(&self.inventory, &self.clusters, &choice)?;
        if let (Some(failure), true) = (selection.failures.first(), selection.targets.is_empty()) {
            return Err(failure.error.clone());
        }
        if selection.targets.is_empty() && args.selector.is_none() && args.project.is_empty() {
            return Err(self.nothing_found(global));
        }
        let mut targets: Vec<(Target, Option<Error>)> = Vec::new();
        for found in selection.targets {
            let problem = found.check().err();
            let target = Target {
                at: args.at(),
                ..self.target(&found)
            };
            targets.push((target, problem));
        }
        Ok((
            targets,
            selection
                .failures
                .into_iter()
                .map(|failure| failure.error)
                .collect(),
        ))
    }

    /// A pipeline in a wrong folder must not look green.
    fn nothing_found(&self, global: &GlobalArgs) -> Error {
        let root = self.layout.root.display();
        let message = match global.cluster.as_slice() {
            [] => format!("no app is declared in `{root}`"),
            clusters => format!("no app of `{root}` goes to `{}`", clusters.join("`, `")),
        };
        let error = Error::usage(message).hint(
            "Applications stand in `clusters/<name>/`; `--repo DIR` names another repository",
        );
        match self.inventory.unsupported() {
            Some(unsupported) => error.hint(unsupported),
            None => error,
        }
    }

    /// What is declared for the server that these clusters stand for, whatever is selected.
    pub(crate) fn declared_for(&self, server: &[KnownCluster]) -> Vec<Declaration> {
        let apps = || declared::apps(&self.inventory, &self.clusters);
        let apps = self.declared.get_or_init(apps);
        let read = |file: &str| {
            let bytes = self.checkout.worktree().read(file).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        };
        declared::on_server_of(server, apps, &self.inventory, &self.clusters, &read)
    }

    /// A declared app as commands work on it.
    pub(crate) fn target(&self, declared: &declared_target::Target) -> Target {
        Target {
            cluster: self.known(&declared.cluster),
            declared_for: declared.declared_for.clone(),
            app: Arc::clone(&declared.app),
            at: At::Declared,
        }
    }

    pub(crate) fn known(&self, cluster: &str) -> KnownCluster {
        let unknown = || KnownCluster {
            name: cluster.to_owned(),
            ..KnownCluster::default()
        };
        self.clusters.get(cluster).cloned().unwrap_or_else(unknown)
    }

    /// What a declared app wants, by name alone.
    pub(crate) fn names(
        &self,
        target: &declared_target::Target,
        access: Access,
        at: At,
    ) -> Result<Names> {
        let options = Options {
            at,
            cluster: target.cluster.clone(),
        };
        let shared = match access {
            Access::Local => &self.local,
            Access::Everything => &self.shared,
        };
        let desired = app::desired(&target.app, &self.checkout, shared, &options)?;
        Ok(Names::of(
            &desired.objects,
            desired.unreadable.into_iter().next(),
        ))
    }

    fn destinations(&self) -> &Destinations {
        self.destinations.get_or_init(|| {
            let records = self.settings.records_namespace.as_deref();
            Destinations::of(&self.inventory.apps, &self.clusters, records)
        })
    }

    /// The clusters but this one that an app of this name goes to.
    pub(crate) fn folders_with(&self, app: &str, cluster: &str) -> BTreeSet<String> {
        let clusters = self.destinations().clusters_of(app);
        let others = clusters.filter(|other| *other != cluster);
        others.map(str::to_owned).collect()
    }

    /// The namespaces of the apps that go to a cluster, and the one for records: where those may be.
    pub(crate) fn places(&self, cluster: &str) -> Arc<BTreeSet<String>> {
        self.destinations().namespaces_on(cluster)
    }

    /// The clusters that have a folder.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        self.inventory
            .folders
            .iter()
            .map(|folder| folder.name.as_str())
    }

    /// Whether an app of this name goes to the cluster, or may: a file that cannot be read may declare it.
    pub(crate) fn may_declare(&self, app: &str, cluster: &str) -> bool {
        let is_unread = |folder: &str| folder.is_empty() || folder == cluster;
        let mut failures = self.inventory.failures.iter();
        failures.any(|failure| is_unread(&failure.folder))
            || self.apps_of(cluster).any(|name| name == app)
    }

    /// The names of the apps that go to a cluster.
    pub(crate) fn apps_of(&self, cluster: &str) -> impl Iterator<Item = &str> {
        self.destinations().apps_on(cluster)
    }

    /// Files that failed to be read, for commands over everything.
    pub(crate) fn failures(&self) -> impl Iterator<Item = &Error> {
        self.inventory.failures.iter().map(|failure| &failure.error)
    }

    pub(crate) fn render(&self, target: &Target) -> Result<Rendered> {
        let options = Options {
            at: target.at.clone(),
            cluster: target.cluster.name.clone(),
        };
        let desired = app::desired(&target.app, &self.checkout, &self.shared, &options)?;
        let dirty = if desired.is_dirty { ", dirty" } else { "" };
        let mut rendered = self.rendered.lock().unwrap_or_else(PoisonError::into_inner);
        rendered
            .0
            .insert(format!("{}{dirty}", short(&desired.revision)));
        drop(rendered);
        Ok(Rendered {
            objects: desired.objects,
            revision: desired.revision,
            dirty: desired.is_dirty,
            beside: desired.beside,
            warnings: desired.warnings,
            unreadable: desired.unreadable,
        })
    }

    /// An app as it was declared at a commit of this repository; `None` where it was not.
    pub(crate) fn declared_at(&self, commit: &str, target: &Target) -> Result<Option<Target>> {
        let tree = self.checkout.revision(commit)?;
        let mut apps = inventory::read(&*tree, self.checkout.identity())?.apps;
        let is_it =
            |app: &Application| app.name == target.app.name && app.folder == target.app.folder;
        let found = apps.iter().position(is_it).map(|n| apps.swap_remove(n));
        Ok(found.map(|app| Target {
            app: Arc::new(app),
            ..target.clone()
        }))
    }

    pub(crate) fn checkout(&self) -> &Checkout {
        &self.checkout
    }

    /// Which revisions were rendered since this was asked last, for people; nothing where all are told.
    pub(crate) fn newly_rendered(&self) -> Option<String> {
        let mut rendered = self.rendered.lock().unwrap_or_else(PoisonError::into_inner);
        let (new, told) = &mut *rendered;
        let new: Vec<String> = std::mem::take(new).difference(told).cloned().collect();
        told.extend(new.iter().cloned());
        match new.as_slice() {
            [] => None,
            few if few.len() <= 5 => Some(format!("rendered from {}", few.join(" and from "))),
            many => Some(format!("rendered from {} revisions", many.len())),
        }
    }

    /// Forgets what was read, to read it again.
    pub(crate) fn refresh(&self) {
        self.checkout.worktree().refresh();
        self.shared.clear();
        self.local.clear();
    }

    /// Whether the files that were read are still as they were.
    pub(crate) fn verify_unchanged(&self) -> Result<()> {
        self.checkout.worktree().verify_unchanged()
    }
}

/// The contexts of a kubeconfig, as far as they say which cluster is meant.
pub(crate) fn contexts(kubeconfig: &Kubeconfig) -> Vec<KnownContext> {
    let contexts = kubeconfig.contexts().into_iter();
    contexts
        .map(|found| KnownContext {
            name: found.name,
            server: found.server.unwrap_or_default(),
            origin: found.file.display().to_string(),
        })
        .collect()
}
