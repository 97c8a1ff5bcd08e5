//! One layer after the other: resources, generators, components and transformers in their order.

use std::sync::Arc;

use super::charts::{self, Charts};
use super::config::{Additions, Tables};
use super::definition;
use super::generators::{self, Kind};
use super::kustomization::{BuildMetadata, Item, Kustomization, OpenApi, Role};
use super::load::{self, LoadRestrictor, Loader};
use super::metadata::{Remote, Viewpoint};
use super::node::NodeExt;
use super::remote::{self, Form, RemoteRoot};
use super::resource::{Instance, Resource, Source};
use super::set::ResourceSet;
use super::smp::{OpenApiDocument, Schemas};
use super::text::Objects;
use super::vars::{self, BoundVar};
use super::{images, patches, plugins, replacements, replicas, typed};
use crate::error::{Error, Location, Result};
use crate::object::yaml::{Limits, Node, parse};
use crate::repo::foreign::{self, Wanted};
use crate::repo::remote::without_credentials;
use crate::repo::tree::{Entry, join};

/// How many layers may stand on each other.
const MAX_LAYERS: usize = 250;
/// How many repositories may.
const MAX_REMOTES: usize = 8;

/// What has been gathered so far.
#[derive(Debug, Default)]
pub struct Accumulator {
    pub set: ResourceSet,
    pub additions: Additions,
    pub vars: Vec<BoundVar>,
}

/// A build on its way through the layers.
pub struct Walker<'a> {
    pub loader: Loader<'a>,
    pub charts: Option<&'a dyn Charts>,
    /// The namespace of the innermost layer at work that has any: charts get it, other objects do not.
    pub chart_namespace: String,
    pub metadata: BuildMetadata,
    pub view: Viewpoint,
    /// The other repositories that are being built, the outermost first.
    pub remotes: Vec<RemoteRoot>,
    pub schemas: Option<Schemas>,
    pub warnings: Vec<String>,
}

/// What an entry holds.
pub enum Read {
    /// The path or address of a file, and its objects.
    File(String, Arc<Objects>),
    Layer(Accumulator),
}

/// A layer at work: its directory, its file, and the directories it was reached through.
pub struct Layer<'a> {
    pub root: &'a str,
    pub file: &'a Kustomization,
    pub chain: &'a [String],
}

impl Walker<'_> {
    /// Runs all steps of one layer on what was gathered before.
    pub fn run(&mut self, acc: &mut Accumulator, layer: &Layer<'_>) -> Result<()> {
        let outer = self.chart_namespace.clone();
        if !layer.file.namespace.is_empty() {
            self.chart_namespace.clone_from(&layer.file.namespace);
        }
        let done = match self.loader.budget.layer() {
            Ok(()) => self.steps(acc, layer),
            Err(error) => Err(error),
        };
        self.chart_namespace = outer;
        done.map_err(|error| error.at(layer.file.file.clone(), 0, 0))
    }

    fn steps(&mut self, acc: &mut Accumulator, layer: &Layer<'_>) -> Result<()> {
        let file = layer.file;
        self.warnings.extend(file.warnings.iter().cloned());
        self.set_schema(file.open_api.as_ref(), layer.root)?;
        for entry in &file.resources {
            self.resource(acc, layer, entry)
                .map_err(|error| at_entry(error, file, "resources", entry))?;
        }
        self.configure(acc, layer)?;
        self.generate(acc, layer)?;
        for entry in &file.components {
            self.component(acc, layer, entry)
                .map_err(|error| at_entry(error, file, "components", entry))?;
        }
        let tables = acc.additions.tables();
        self.transform(acc, layer, &tables)?;
        plugins::transform(self, acc, layer, &file.transformers, "transformers")?;
        plugins::validate(self, acc, layer, &file.validators)?;
        vars::bind(acc, &file.vars, &file.file)
    }

    fn set_schema(&mut self, open_api: Option<&OpenApi>, root: &str) -> Result<()> {
        let Some(open_api) = open_api.filter(|_| self.schemas.is_none()) else {
            return Ok(());
        };
        let custom = match (&open_api.path, open_api.version.as_deref()) {
            (None, None | Some("" | "v1.21.2")) => None,
            (None, Some(version)) => {
                return Err(Error::render(format!(
                    "`openapi.version`: the specified OpenAPI version `{version}` is not built in"
                )));
            }
            (Some(path), None) => Some(Arc::new(self.schema(root, path)?)),
            (Some(_), Some(_)) => {
                return Err(Error::render("`openapi`: cannot set both path and version"));
            }
        };
        self.schemas = Some(Schemas { custom });
        Ok(())
    }

    fn schema(&self, root: &str, path: &str) -> Result<OpenApiDocument> {
        let (at, content) = self.loader.read(root, path)?;
        if content.is_empty() {
            return Err(Error::render("the schema is empty").at(at, 0, 0));
        }
        let Some((node, value)) = definition::read(&content, &at)? else {
            return Ok(OpenApiDocument::default());
        };
        OpenApiDocument::new(&value)
            .map_err(|wrong| wrong.at("not an OpenAPI document", &node, &at))
    }

    /// One entry of `resources`.
    fn resource(&mut self, acc: &mut Accumulator, layer: &Layer<'_>, entry: &Item) -> Result<()> {
        match self.read(layer, &entry.text)? {
            Read::File(path, read) => {
                let mut resources = self.resources(&read.nodes, &path);
                for resource in &mut resources {
                    resource.is_annotated = self.metadata.any();
                }
                acc.set.append_all(resources)
            }
            Read::Layer(inner) => {
                acc.set.append_all(inner.set.into_items())?;
                acc.additions.extend(&inner.additions)?;
                vars::absorb(&mut acc.vars, inner.vars)
            }
        }
    }

    /// Reads an entry that may be a file, or a directory with a layer of its own.
    pub fn read(&mut self, layer: &Layer<'_>, entry: &str) -> Result<Read> {
        let form = remote::form(entry);
        if form != Form::Repository {
            let as_file = match self.loader.objects(layer.root, entry) {
                Ok((path, read)) => return Ok(Read::File(path, read)),
                Err(error) => error,
            };
            let may_be_layer = match form {
                Form::Local => {
                    let at = join(layer.root, entry)?;
                    !entry.is_empty() && self.loader.tree.entry(&at)? == Entry::Directory
                }
                Form::Address | Form::Repository => RemoteRoot::parse(entry).is_ok(),
            };
            if !may_be_layer {
                return Err(as_file);
            }
            if form == Form::Address {
                let inner = self.inner(layer, entry, Role::Kustomization);
                return inner.map(Read::Layer).map_err(|_| as_file);
            }
        }
        self.inner(layer, entry, Role::Kustomization)
            .map(Read::Layer)
    }

    /// Builds another directory from nothing.
    pub fn inner(&mut self, layer: &Layer<'_>, entry: &str, role: Role) -> Result<Accumulator> {
        let mut acc = Accumulator::default();
        self.onto(&mut acc, layer, entry, role)?;
        Ok(acc)
    }

    /// Builds another directory on top of what was gathered.
    fn onto(
        &mut self,
        acc: &mut Accumulator,
        layer: &Layer<'_>,
        entry: &str,
        role: Role,
    ) -> Result<()> {
        if remote::form(entry) != Form::Local {
            return self.onto_remote(acc, entry, role);
        }
        let root = self.new_root(layer, entry)?;
        self.enter(acc, root, layer.chain, role)
    }

    /// Runs the layer in the directory `root`.
    fn enter(
        &mut self,
        acc: &mut Accumulator,
        root: String,
        chain: &[String],
        role: Role,
    ) -> Result<()> {
        let file = self.loader.kustomization(&root)?;
        match (file.role, role) {
            (Role::Component, Role::Kustomization) => {
                return Err(Error::render(format!(
                    "expected kind != 'Component' for path '{root}'; list it in `components`"
                )));
            }
            (Role::Kustomization, Role::Component) => {
                return Err(Error::render(format!(
                    "expected kind 'Component' for path '{root}'"
                )));
            }
            (Role::Kustomization, Role::Kustomization) | (Role::Component, Role::Component) => {}
        }
        let mut chain = chain.to_vec();
        chain.push(root.clone());
        let inner = Layer {
            root: &root,
            file: &file,
            chain: &chain,
        };
        self.run(acc, &inner)
    }

    /// Runs a layer of another repository, whose files are all that it sees.
    fn onto_remote(&mut self, acc: &mut Accumulator, entry: &str, role: Role) -> Result<()> {
        let remote = RemoteRoot::parse(entry)?;
        if self.remotes.contains(&remote) {
            return Err(Error::render(format!(
                "cycle detected: `{}` is reached from itself",
                without_credentials(entry)
            )));
        }
        if self.remotes.len() >= MAX_REMOTES {
            return Err(Error::render(format!(
                "more than {MAX_REMOTES} repositories stand on each other"
            )));
        }
        let found = self.loader.foreign.repository(&remote.wanted)?;
        let Wanted { url, revision, .. } = &remote.wanted;
        if found.moves {
            let warning = remote::moving(entry, revision, &found.commit);
            self.warnings.push(warning);
        }
        let cache = self.loader.cache.of(url, &found.commit);
        let mut remotes = self.remotes.clone();
        remotes.push(remote.clone());
        let mut walker = Walker {
            loader: Loader {
                tree: &*found.tree,
                restrictor: LoadRestrictor::RootOnly,
                cache: &cache,
                foreign: self.loader.foreign,
                budget: self.loader.budget.clone(),
                dropped: self.loader.dropped.clone(),
            },
            charts: self.charts,
            chart_namespace: self.chart_namespace.clone(),
            metadata: self.metadata,
            view: Viewpoint {
                top: String::new(),
                remote: Some(Arc::new(Remote {
                    repo: url.clone(),
                    revision: revision.clone(),
                })),
            },
            remotes,
            schemas: self.schemas.take(),
            warnings: Vec::new(),
        };
        let done = walker.enter_at(acc, &remote.path, role);
        self.schemas = walker.schemas;
        self.warnings.extend(walker.warnings);
        done.map_err(|error| foreign::told_at(url, error))
    }

    fn enter_at(&mut self, acc: &mut Accumulator, path: &str, role: Role) -> Result<()> {
        if self.loader.tree.entry(path)? != Entry::Directory {
            return Err(Error::render(format!(
                "'{path}' must build at directory: not a directory of the {}",
                self.loader.tree.describe()
            )));
        }
        let root = self.loader.tree.real_path(path)?;
        self.enter(acc, root, &[], role)
    }

    fn new_root(&self, layer: &Layer<'_>, entry: &str) -> Result<String> {
        let fail = |message: String| Err(Error::render(message));
        if entry.is_empty() {
            return fail("new root cannot be empty".to_owned());
        }
        if load::is_inline(entry) {
            return fail("an inline text in the place of a directory".to_owned());
        }
        let shown = without_credentials(entry);
        if entry.starts_with('/') {
            return fail(format!("new root '{shown}' cannot be absolute"));
        }
        if entry
            .split('/')
            .any(|part| part.contains("..") && part != "..")
        {
            return fail(format!(
                "new root '{shown}' is ambiguous: a part of it contains `..`"
            ));
        }
        let root = join(layer.root, entry)?;
        if self.loader.tree.entry(&root)? != Entry::Directory {
            return fail(format!(
                "'{shown}' must build at directory: not a directory"
            ));
        }
        let root = self.loader.tree.real_path(&root)?;
        if let Some(visited) = layer
            .chain
            .iter()
            .find(|visited| load::is_below(visited, &root))
        {
            return fail(format!(
                "cycle detected: candidate root '{root}' contains visited root '{visited}'"
            ));
        }
        if layer.chain.len() > MAX_LAYERS {
            return fail(format!("more than {MAX_LAYERS} layers stand on each other"));
        }
        Ok(root)
    }

    fn component(&mut self, acc: &mut Accumulator, layer: &Layer<'_>, entry: &Item) -> Result<()> {
        self.onto(acc, layer, &entry.text, Role::Component)?;
        acc.set.check_ids()?;
        // What a component worked on is merged as an inner layer's is, row by row: that can drop rows.
        let tables = std::mem::take(&mut acc.additions);
        acc.additions.extend(&tables)
    }

    fn configure(&self, acc: &mut Accumulator, layer: &Layer<'_>) -> Result<()> {
        let mut files = Vec::new();
        for entry in &layer.file.configurations {
            let tables = self
                .configuration(layer.root, &entry.text)
                .map_err(|error| at_entry(error, layer.file, "configurations", entry))?;
            files.push(tables);
        }
        for entry in &layer.file.crds {
            let tables = super::crds::read(&self.loader, layer.root, &entry.text)
                .map_err(|error| at_entry(error, layer.file, "crds", entry))?;
            files.push(tables);
        }
        acc.additions.add_layer(files)
    }

    fn configuration(&self, root: &str, path: &str) -> Result<Tables> {
        let (at, content) = self.loader.read(root, path)?;
        let parsed = parse(&content, &at, &Limits::default())?;
        match parsed.documents.first() {
            Some(node) => Tables::read(node, &at),
            None => Ok(Tables::default()),
        }
    }

    fn generate(&mut self, acc: &mut Accumulator, layer: &Layer<'_>) -> Result<()> {
        let file = layer.file;
        let entries = file
            .config_maps
            .iter()
            .map(|args| (Kind::ConfigMap, "configMapGenerator", args))
            .chain(
                file.secrets
                    .iter()
                    .map(|args| (Kind::Secret, "secretGenerator", args)),
            );
        for (kind, field, args) in entries {
            let mut made = || {
                let (node, needs_hash) = generators::generate(
                    kind,
                    args,
                    &file.generator_options,
                    &self.loader,
                    layer.root,
                )?;
                let plugin = match kind {
                    Kind::ConfigMap => "ConfigMapGenerator",
                    Kind::Secret => "SecretGenerator",
                };
                let source = Source::Generated(self.instance(&file.file, plugin));
                let location = Location {
                    file: self.view.shown(&file.file),
                    line: args.line,
                    column: 0,
                };
                let mut resource = Resource::new(node, source, location);
                resource.needs_hash = needs_hash;
                resource.behavior = args.behavior;
                acc.set.absorb(resource)
            };
            made().map_err(|error| {
                let name = &args.name;
                error.context(format!("`{field}` entry `{name}`")).at(
                    file.file.clone(),
                    args.line,
                    0,
                )
            })?;
        }
        charts::generate(self, &mut acc.set, layer)?;
        plugins::generate(self, acc, layer, &file.generators)
    }

    /// A built-in generator or transformer of a file, as `buildMetadata` names it.
    pub fn instance(&self, file: &str, kind: &str) -> Arc<Instance> {
        Arc::new(Instance {
            configured_in: self.view.of(file),
            api_version: "builtin".to_owned(),
            kind: kind.to_owned(),
            name: String::new(),
            namespace: String::new(),
        })
    }

    /// Notes on every object that a transformer ran over it.
    pub fn note(&self, set: &mut ResourceSet, instance: &Arc<Instance>) {
        if self.metadata.any() {
            for resource in set.items_mut() {
                if resource.source == Source::Unknown {
                    resource.source = Source::Generated(instance.clone());
                    resource.is_annotated = true;
                } else if self.metadata.transformers {
                    resource.transformations.push(instance.clone());
                }
                // The real program keeps this note in an annotation, and makes all of them text on the way.
                if let Some(annotations) = annotations_of(&mut resource.node) {
                    typed::texts(annotations, false);
                }
            }
        }
    }

    /// The built-in transformers in their fixed order.
    fn transform(
        &mut self,
        acc: &mut Accumulator,
        layer: &Layer<'_>,
        tables: &Tables,
    ) -> Result<()> {
        let set = &mut acc.set;
        self.patch(set, layer)?;
        self.rename(set, layer, tables)?;
        self.label(set, layer, tables)?;
        let (file, root) = (layer.file, layer.root);
        for patch in &file.patches_json6902 {
            patches::apply_json6902(set, patch, &self.loader, root, &file.file)
                .map_err(|error| in_field(error, file, "patchesJson6902", patch.line))?;
            self.done(set, file, "PatchJson6902Transformer");
        }
        for replica in &file.replicas {
            replicas::apply(set, replica, &tables.replicas)
                .map_err(|error| in_field(error, file, "replicas", 0))?;
            self.done(set, file, "ReplicaCountTransformer");
        }
        for image in &file.images {
            images::apply(set, image, &tables.images, true, &self.loader.budget)
                .map_err(|error| in_field(error, file, "images", 0))?;
            self.done(set, file, "ImageTagTransformer");
        }
        if !file.replacements.is_empty() {
            replacements::apply(set, &file.replacements, &self.loader, root, &file.file)
                .map_err(|error| in_field(error, file, "replacements", 0))?;
            self.done(set, file, "ReplacementTransformer");
        }
        Ok(())
    }

    pub(super) fn done(&self, set: &mut ResourceSet, file: &Kustomization, kind: &str) {
        if self.metadata.any() {
            let instance = self.instance(&file.file, kind);
            self.note(set, &instance);
        }
        set.drop_empty();
    }

    fn patch(&mut self, set: &mut ResourceSet, layer: &Layer<'_>) -> Result<()> {
        let (file, root) = (layer.file, layer.root);
        let schemas = self.schemas.clone().unwrap_or_default();
        if !file.patches_strategic_merge.is_empty() {
            patches::apply_strategic_merge(
                set,
                &file.patches_strategic_merge,
                &self.loader,
                root,
                &file.file,
                &schemas,
            )
            .map_err(|error| in_field(error, file, "patchesStrategicMerge", 0))?;
            self.done(set, file, "PatchStrategicMergeTransformer");
        }
        for patch in &file.patches {
            patches::apply(set, patch, &self.loader, root, &file.file, &schemas)
                .map_err(|error| in_field(error, file, "patches", patch.line))?;
            self.done(set, file, "PatchTransformer");
        }
        Ok(())
    }
}

fn annotations_of(object: &mut Node) -> Option<&mut Node> {
    object.get_mut("metadata")?.get_mut("annotations")
}

/// Says in which field of which file an error came up.
pub fn in_field(error: Error, file: &Kustomization, field: &str, line: u32) -> Error {
    error
        .context(format!("`{field}` of {}", file.file))
        .at(file.file.clone(), line, 0)
}

/// Says at which entry of a list an error came up.
pub fn at_entry(error: Error, file: &Kustomization, field: &str, entry: &Item) -> Error {
    let shown = match load::is_inline(&entry.text) {
        true => "with an inline text".to_owned(),
        false => format!("`{}`", without_credentials(&entry.text)),
    };
    error
        .context(format!("`{field}` entry {shown} of {}", file.file))
        .at(file.file.clone(), entry.line, 0)
}
