//! An Argo CD `Application` as pushboat reads it: every field it honours, with its place.
//!
//! A field that is not honoured is a problem of the Application, by name and place, never silently dropped. Reading one
//! Application never fails: [`Application::check`] is asked when the app is.

use std::collections::BTreeMap;

use serde_json::Value;

use super::reader::{Fields, Reader, Spanned, spanned};
use crate::error::{Error, Location, Result};
use crate::object::display::display;
use crate::object::yaml::Node;

/// API group of Argo CD's own kinds.
pub const GROUP: &str = "argoproj.io";

/// One app as declared.
#[derive(Debug, Clone, Default)]
pub struct Application {
    pub name: String,
    /// Namespace of the Application itself, `metadata.namespace`; empty when it has none.
    pub namespace: String,
    /// The cluster folder it stands in, empty outside `clusters/`.
    pub folder: String,
    /// The file it stands in.
    pub file: String,
    pub line: u32,
    pub column: u32,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    pub finalizers: Vec<String>,
    pub project: String,
    pub source: Source,
    pub destination: Destination,
    pub policy: SyncPolicy,
    pub revision_history_limit: u32,
    /// The document as read, for showing it and for applying it as an object.
    pub raw: Value,
    problems: Vec<Error>,
}

/// Where the manifests are.
#[derive(Debug, Clone, Default)]
pub struct Source {
    pub repo_url: Spanned<String>,
    pub path: Spanned<String>,
    pub target_revision: Spanned<String>,
    pub directory: Option<Directory>,
    pub kustomize: Option<KustomizeOptions>,
    pub plugin: Option<Plugin>,
}

/// `source.plugin` with the name `tera`, the one there is: manifests are templates.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plugin {
    pub parameters: Vec<Parameter>,
    pub env: BTreeMap<String, String>,
}

/// `source.plugin.parameters[]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parameter {
    pub name: Spanned<String>,
    /// Text, a list of texts or a map of texts.
    pub value: Value,
}

/// `source.directory`: options of plain manifests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directory {
    pub recurse: bool,
    pub include: String,
    pub exclude: String,
}

/// `source.kustomize`: edits on top of the file in git, in the order in which Argo CD makes them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KustomizeOptions {
    pub name_prefix: String,
    pub name_suffix: String,
    /// `[<old>=]<new>[:tag][@digest]`.
    pub images: Vec<String>,
    pub replicas: Vec<Replicas>,
    pub common_labels: BTreeMap<String, String>,
    pub force_common_labels: bool,
    pub label_without_selector: bool,
    pub label_include_templates: bool,
    pub common_annotations: BTreeMap<String, String>,
    pub force_common_annotations: bool,
    pub common_annotations_envsubst: bool,
    pub namespace: String,
    /// Entries for the file's `patches`, as they would stand there.
    pub patches: Vec<Value>,
    pub components: Vec<String>,
    pub ignore_missing_components: bool,
}

/// `source.kustomize.replicas[]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Replicas {
    pub name: String,
    pub count: i64,
}

/// Where the objects go.
#[derive(Debug, Clone, Default)]
pub struct Destination {
    pub name: Spanned<String>,
    pub server: Spanned<String>,
    pub namespace: Spanned<String>,
}

/// `spec.syncPolicy`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncPolicy {
    /// Argo CD would sync by itself; pushboat shows it and syncs when told to.
    pub automated: Option<Automated>,
    pub options: SyncOptions,
    pub retry: Option<Retry>,
}

/// `spec.syncPolicy.automated`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Automated {
    pub enabled: bool,
    pub prune: bool,
    pub self_heal: bool,
    pub allow_empty: bool,
}

/// `spec.syncPolicy.retry`; durations as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retry {
    pub limit: i64,
    pub duration: String,
    pub factor: i64,
    pub max_duration: String,
}

/// `spec.syncPolicy.syncOptions[]`, the ones with an effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncOptions {
    pub create_namespace: bool,
    /// False keeps everything that is no longer desired.
    pub prune: bool,
    pub prune_last: bool,
    pub fail_on_shared_resource: bool,
    /// Objects are written over as a whole.
    pub replace: bool,
    /// Objects with an immutable field that changes are deleted and created anew.
    pub force: bool,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            create_namespace: false,
            prune: true,
            prune_last: false,
            fail_on_shared_resource: false,
            replace: false,
            force: false,
        }
    }
}

impl Destination {
    /// Whether it names no cluster of its own: it is empty, or Argo CD's word for the cluster it runs in.
    pub fn is_local(&self) -> bool {
        (self.name.is_empty() || self.name.value == super::cluster::IN_CLUSTER_NAME)
            && (self.server.is_empty()
                || super::cluster::normalise_server(&self.server)
                    == super::cluster::IN_CLUSTER_SERVER)
    }
}

impl Application {
    /// The first thing that keeps this app from being used as declared; the others are hints of it.
    pub fn check(&self) -> Result<()> {
        super::layout::first(self.problems.clone()).map_err(|error| {
            error.context(format!(
                "app `{}` cannot be used as declared",
                self.shown_name()
            ))
        })
    }

    pub fn problems(&self) -> &[Error] {
        &self.problems
    }

    pub fn location(&self) -> Location {
        Location {
            file: self.file.clone(),
            line: self.line,
            column: self.column,
        }
    }

    /// An error that points at `place` in this app's file, or at the app where the field is absent.
    pub fn error_at<T>(&self, place: &Spanned<T>, message: impl Into<String>) -> Error {
        let (line, column) = if place.line > 0 {
            (place.line, place.column)
        } else {
            (self.line, self.column)
        };
        Error::config(message).at(&self.file, line, column)
    }

    /// The name, safe to print.
    pub fn shown_name(&self) -> String {
        if self.name.is_empty() {
            "(no name)".to_owned()
        } else {
            display(&self.name).into_owned()
        }
    }
}

/// The kind of a document of Argo CD's group; `None` for all others.
pub fn kind_of(node: &Node) -> Option<&str> {
    let api_version = node.get("apiVersion")?.text()?;
    let group = api_version.split_once('/')?.0;
    (group == GROUP).then(|| node.get("kind")?.text()).flatten()
}

/// Reads one Application. `folder` is the cluster folder the file stands in, empty outside `clusters/`.
pub fn read(node: &Node, file: &str, folder: &str) -> Application {
    let reader = Reader::new(file);
    let mut app = Application {
        folder: folder.to_owned(),
        file: file.to_owned(),
        line: node.line,
        column: node.column,
        project: "default".to_owned(),
        revision_history_limit: 10,
        raw: reader.json(node).unwrap_or_default(),
        ..Application::default()
    };
    if let Some(mut fields) = reader.fields("", node) {
        if let Some(version) = fields.take("apiVersion")
            && version.text() != Some("argoproj.io/v1alpha1")
        {
            reader.problem(version, "only `argoproj.io/v1alpha1` is known");
        }
        metadata(&reader, &mut fields, &mut app);
        match fields.map("spec") {
            Some(spec_fields) => spec(&reader, spec_fields, &mut app),
            None => reader.problem(node, "`spec` is missing"),
        }
        // `status` and `operation` are what a server wrote; an exported Application carries them.
        fields.accept(&["kind", "status", "operation"]);
        fields.finish(&[], &["metadata", "spec"]);
    }
    app.problems = reader.into_problems();
    app
}

fn metadata(reader: &Reader<'_>, fields: &mut Fields<'_>, app: &mut Application) {
    let node = fields.node;
    let Some(mut metadata) = fields.map("metadata") else {
        reader.problem(node, "`metadata.name` is missing");
        return;
    };
    match metadata.text("name") {
        Some(name) => {
            if !super::names::is_dns_subdomain(&name) {
                reader.push(
                    Error::config(format!(
                        "`metadata.name` is not a valid name: `{}`",
                        display(&name)
                    ))
                    .hint("lower-case letters, digits, `-` and `.`, at most 253"),
                    metadata.node.get("name").unwrap_or(node),
                );
            }
            app.name = name.value;
        }
        None => reader.problem(metadata.node, "`metadata.name` is missing"),
    }
    app.namespace = text_or_empty(&mut metadata, "namespace").value;
    app.labels = metadata.text_map("labels");
    app.annotations = metadata.text_map("annotations");
    app.finalizers = values(metadata.texts("finalizers"));
    // Everything else there is written by a server.
}

fn spec(reader: &Reader<'_>, mut fields: Fields<'_>, app: &mut Application) {
    if let Some(project) = fields.text("project").filter(|text| !text.is_empty()) {
        app.project = project.value;
    }
    let node = fields.node;
    let several = fields
        .node
        .get("sources")
        .is_some_and(|sources| !super::reader::is_empty(sources));
    match fields.map("source") {
        Some(source_fields) => app.source = source(reader, source_fields, several),
        None if several || node.get("sourceHydrator").is_some() => {}
        None => reader.problem(
            node,
            "`spec.source.repoURL` and either `spec.source.path` or `spec.source.chart` are required",
        ),
    }
    app.destination = destination(reader, &mut fields);
    if let Some(policy_fields) = fields.map("syncPolicy") {
        app.policy = sync_policy(reader, policy_fields);
    }
    if let Some(limit) = fields.integer("revisionHistoryLimit") {
        match u32::try_from(limit.value) {
            Ok(limit) => app.revision_history_limit = limit,
            Err(_) => reader.problem(
                node.get("revisionHistoryLimit").unwrap_or(node),
                "`spec.revisionHistoryLimit` must be 0 or more",
            ),
        }
    }
    fields.accept(&["info"]);
    fields.finish(
        &["sources", "sourceHydrator", "ignoreDifferences"],
        &[
            "project",
            "source",
            "destination",
            "syncPolicy",
            "revisionHistoryLimit",
            "info",
        ],
    );
}

fn source(reader: &Reader<'_>, mut fields: Fields<'_>, several: bool) -> Source {
    let has_path = fields.node.get("path").is_some();
    let has_chart = fields.node.get("chart").is_some();
    let source = Source {
        repo_url: text_or_empty(&mut fields, "repoURL"),
        path: text_or_empty(&mut fields, "path"),
        target_revision: text_or_empty(&mut fields, "targetRevision"),
        directory: fields.map("directory").map(directory),
        kustomize: fields
            .map("kustomize")
            .map(|options| super::kustomize_options::read(reader, options)),
        plugin: fields
            .map("plugin")
            .and_then(|options| super::plugin::read(reader, options)),
    };
    // An empty `repoURL` means this repository, which Argo CD does not know; `path` is needed all the same.
    if !several && !has_path && !has_chart {
        reader.problem(
            fields.node,
            "`spec.source.repoURL` and either `spec.source.path` or `spec.source.chart` are required",
        );
    }
    explicit_tools(reader, fields.node, &source);
    fields.accept(&["name", "ref"]);
    fields.finish(
        &["chart", "helm", "tagPrefix"],
        &[
            "repoURL",
            "path",
            "targetRevision",
            "directory",
            "kustomize",
            "plugin",
            "name",
            "ref",
        ],
    );
    source
}

/// One source names one tool, as in Argo CD.
fn explicit_tools(reader: &Reader<'_>, node: &Node, source: &Source) {
    let is_kustomize = source
        .kustomize
        .as_ref()
        .is_some_and(|k| *k != KustomizeOptions::default());
    let is_directory = source
        .directory
        .as_ref()
        .is_some_and(|d| *d != Directory::default());
    let tools = [
        ("Kustomize", is_kustomize),
        ("Directory", is_directory),
        ("Plugin", source.plugin.is_some()),
    ];
    let named: Vec<&str> = tools
        .iter()
        .filter(|(_, is_set)| *is_set)
        .map(|(name, _)| *name)
        .collect();
    if named.len() > 1 {
        reader.problem(
            node,
            format!("multiple application sources defined: {}", named.join(",")),
        );
    }
}

fn directory(mut fields: Fields<'_>) -> Directory {
    let directory = Directory {
        recurse: fields.flag("recurse").unwrap_or_default(),
        include: text_or_empty(&mut fields, "include").value,
        exclude: text_or_empty(&mut fields, "exclude").value,
    };
    fields.finish(
        &["jsonnet", "disableExtensionFilter"],
        &["recurse", "include", "exclude"],
    );
    directory
}

fn destination(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Destination {
    let Some(mut fields) = fields.map("destination") else {
        // The cluster of the folder, and no namespace.
        return Destination::default();
    };
    let destination = Destination {
        name: text_or_empty(&mut fields, "name"),
        server: text_or_empty(&mut fields, "server"),
        namespace: text_or_empty(&mut fields, "namespace"),
    };
    if !destination.name.is_empty() && !destination.server.is_empty() {
        reader.problem(
            fields.node,
            format!(
                "application destination can't have both name and server defined: {} {}",
                display(&destination.name),
                display(&destination.server)
            ),
        );
    }
    if !destination.namespace.is_empty() && !super::names::is_dns_label(&destination.namespace) {
        reader.problem(
            fields.node.get("namespace").unwrap_or(fields.node),
            format!(
                "`spec.destination.namespace` is not a namespace's name: `{}`",
                display(&destination.namespace)
            ),
        );
    }
    fields.finish(&[], &["name", "server", "namespace"]);
    destination
}

fn sync_policy(reader: &Reader<'_>, mut fields: Fields<'_>) -> SyncPolicy {
    let mut policy = SyncPolicy {
        automated: fields.map("automated").map(automated),
        retry: fields.map("retry").map(retry),
        ..SyncPolicy::default()
    };
    for (name, node) in fields.items("syncOptions") {
        let Some(text) = node.text() else {
            reader.problem(node, format!("`{name}` must be text"));
            continue;
        };
        if let Err(error) = sync_option(&mut policy.options, text) {
            reader.push(error, node);
        }
    }
    fields.finish(
        &["managedNamespaceMetadata"],
        &["automated", "retry", "syncOptions"],
    );
    policy
}

fn automated(mut fields: Fields<'_>) -> Automated {
    let automated = Automated {
        enabled: fields.flag("enabled").unwrap_or(true),
        prune: fields.flag("prune").unwrap_or_default(),
        self_heal: fields.flag("selfHeal").unwrap_or_default(),
        allow_empty: fields.flag("allowEmpty").unwrap_or_default(),
    };
    fields.finish(&[], &["enabled", "prune", "selfHeal", "allowEmpty"]);
    automated
}

fn retry(mut fields: Fields<'_>) -> Retry {
    let mut retry = Retry {
        limit: fields.integer("limit").map_or(0, |limit| limit.value),
        duration: "5s".to_owned(),
        factor: 2,
        max_duration: "3m".to_owned(),
    };
    if let Some(mut backoff) = fields.map("backoff") {
        if let Some(text) = backoff.text("duration") {
            retry.duration = text.value;
        }
        if let Some(factor) = backoff.integer("factor") {
            retry.factor = factor.value;
        }
        if let Some(text) = backoff.text("maxDuration") {
            retry.max_duration = text.value;
        }
        backoff.finish(&[], &["duration", "factor", "maxDuration"]);
    }
    fields.accept(&["refresh"]);
    fields.finish(&[], &["limit", "backoff", "refresh"]);
    retry
}

/// Every key of a sync option that Argo CD knows.
const SYNC_OPTION_KEYS: [&str; 14] = [
    "ApplyOutOfSyncOnly",
    "ClientSideApplyMigration",
    "CreateNamespace",
    "Delete",
    "FailOnSharedResource",
    "Force",
    "Prune",
    "PruneLast",
    "PrunePropagationPolicy",
    "Replace",
    "RespectIgnoreDifferences",
    "ServerSideApply",
    "SkipDryRunOnMissingResource",
    "Validate",
];

/// Takes one `Key=value`; the error says why it cannot be honoured.
fn sync_option(options: &mut SyncOptions, text: &str) -> Result<()> {
    let known = match text {
        "CreateNamespace=true" => {
            options.create_namespace = true;
            true
        }
        "Prune=false" => {
            options.prune = false;
            true
        }
        "PruneLast=true" => {
            options.prune_last = true;
            true
        }
        "FailOnSharedResource=true" => {
            options.fail_on_shared_resource = true;
            true
        }
        "Replace=true" | "Replace=false" => {
            options.replace = text == "Replace=true";
            true
        }
        "Force=true" | "Force=false" => {
            options.force = text == "Force=true";
            true
        }
        // What pushboat does anyway, or the default spelled out.
        "ServerSideApply=true"
        | "ApplyOutOfSyncOnly=true"
        | "ApplyOutOfSyncOnly=false"
        | "SkipDryRunOnMissingResource=true"
        | "SkipDryRunOnMissingResource=false"
        | "ClientSideApplyMigration=true"
        | "Validate=true"
        | "CreateNamespace=false"
        | "Prune=true"
        | "PruneLast=false"
        | "PrunePropagationPolicy=foreground"
        | "Delete=true"
        | "FailOnSharedResource=false"
        | "RespectIgnoreDifferences=false" => true,
        // Without ignored differences, which are refused themselves, it has nothing to respect.
        "RespectIgnoreDifferences=true" => true,
        // pushboat has server-side apply only; Argo CD gives this value no meaning on an app either.
        "ServerSideApply=false" => true,
        _ => false,
    };
    if known {
        return Ok(());
    }
    let key = text.split('=').next().unwrap_or_default();
    Err(if SYNC_OPTION_KEYS.contains(&key) {
        Error::config(format!(
            "sync option `{}` is not supported yet",
            display(text)
        ))
        .unsupported()
    } else {
        Error::config(format!("unknown sync option `{}`", display(text)))
    })
}

pub(crate) fn text_or_empty(fields: &mut Fields<'_>, key: &str) -> Spanned<String> {
    let place = fields.node.get(key).unwrap_or(fields.node);
    fields
        .text(key)
        .unwrap_or_else(|| spanned(place, String::new()))
}

pub(crate) fn values(texts: Vec<Spanned<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}
