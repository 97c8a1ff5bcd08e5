//! `generators`, `transformers` and `validators`: built-in ones given as objects. Programs and containers are not run.

use std::sync::Arc;

use super::accumulate::{Accumulator, Layer, Read, Walker, at_entry};
use super::fields::Fields;
use super::generators::{self, GeneratorArgs, GeneratorOptions, Kind};
use super::kustomization::Item;
use super::node::{self, NodeExt};
use super::resource::{Instance, Resource, Source};
use super::set::ResourceSet;
use super::{charts, text, typed};
use crate::error::{Error, Location, Result};
use crate::object::yaml::Node;

/// A plugin's configuration and where it stands.
pub struct Plugin {
    pub resource: Resource,
    pub instance: Arc<Instance>,
    pub file: String,
}

impl Plugin {
    pub fn kind(&self) -> &str {
        &self.resource.id.gvk.kind
    }

    pub fn node(&self) -> &Node {
        &self.resource.node
    }

    fn blame(&self, error: Error) -> Error {
        let kind = self.kind();
        let name = &self.resource.id.name;
        error.context(format!("plugin `{kind}` `{name}`")).at(
            self.file.clone(),
            self.resource.location.line,
            0,
        )
    }
}

/// Runs `generators`.
pub fn generate(
    walker: &mut Walker<'_>,
    acc: &mut Accumulator,
    layer: &Layer<'_>,
    items: &[Item],
) -> Result<()> {
    for plugin in load_all(walker, layer, items, "generators")? {
        make(walker, layer, &plugin)
            .and_then(|made| made.into_iter().try_for_each(|made| acc.set.absorb(made)))
            .map_err(|error| plugin.blame(error))?;
    }
    Ok(())
}

fn make(walker: &mut Walker<'_>, layer: &Layer<'_>, plugin: &Plugin) -> Result<Vec<Resource>> {
    let kind = match plugin.kind() {
        "ConfigMapGenerator" => Kind::ConfigMap,
        "SecretGenerator" => Kind::Secret,
        "IAMPolicyGenerator" => {
            let account = iam_account(plugin)?;
            return Ok(vec![generated(plugin, account)]);
        }
        "HelmChartInflationGenerator" => {
            return charts::of_plugin(
                walker,
                layer,
                plugin.node(),
                &plugin.instance,
                &plugin.resource.location,
            );
        }
        other => return Err(unknown(other)),
    };
    let mut fields = Fields::lenient(plugin.node(), "generator", &plugin.file)?;
    let mut args = GeneratorArgs::take(&mut fields, &plugin.file)?;
    args.secret_type = fields.text("type")?;
    if !fields.text("env")?.is_empty() {
        // Only the field of a kustomization knows the old name of `envs`.
        args.envs.pop();
    }
    if args.name.is_empty() {
        args.name.clone_from(&plugin.resource.id.name);
    }
    if args.namespace.is_empty() {
        args.namespace.clone_from(&plugin.resource.id.namespace);
    }
    let (node, needs_hash) = generators::generate(
        kind,
        &args,
        &GeneratorOptions::default(),
        &walker.loader,
        layer.root,
    )?;
    let mut made = generated(plugin, node);
    made.needs_hash = needs_hash;
    made.behavior = args.behavior;
    Ok(vec![made])
}

fn generated(plugin: &Plugin, node: Node) -> Resource {
    let source = Source::Generated(plugin.instance.clone());
    Resource::new(node, source, plugin.resource.location.clone())
}

/// A ServiceAccount bound to one of Google's.
fn iam_account(plugin: &Plugin) -> Result<Node> {
    let config = plugin.node();
    if config.text_at(&["cloud"]) != "gke" {
        return Err(Error::render("`cloud` must be `gke`"));
    }
    let account = config.text_at(&["serviceAccount", "name"]);
    let project = config.text_at(&["serviceAccount", "projectId"]);
    let mut annotations = node::empty_map();
    annotations.set(
        "iam.gke.io/gcp-service-account",
        node::string(format!("{account}@{project}.iam.gserviceaccount.com")),
    );
    let mut metadata = node::empty_map();
    metadata.set("annotations", annotations);
    metadata.set(
        "name",
        node::string(config.text_at(&["kubernetesService", "name"])),
    );
    let namespace = config.text_at(&["kubernetesService", "namespace"]);
    if !namespace.is_empty() {
        metadata.set("namespace", node::string(namespace));
    }
    let mut object = node::empty_map();
    object.set("apiVersion", Node::plain("v1"));
    object.set("kind", Node::plain("ServiceAccount"));
    object.set("metadata", metadata);
    Ok(object)
}

/// Runs `transformers`.
pub fn transform(
    walker: &mut Walker<'_>,
    acc: &mut Accumulator,
    layer: &Layer<'_>,
    items: &[Item],
    field: &str,
) -> Result<()> {
    for plugin in load_all(walker, layer, items, field)? {
        super::transformers::run(walker, &mut acc.set, layer, &plugin)
            .map_err(|error| plugin.blame(error))?;
        if field == "transformers" {
            walker.note(&mut acc.set, &plugin.instance);
        }
        acc.set.drop_empty();
    }
    Ok(())
}

/// Runs `validators`: transformers that may change nothing.
pub fn validate(
    walker: &mut Walker<'_>,
    acc: &mut Accumulator,
    layer: &Layer<'_>,
    items: &[Item],
) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let is_marked = |object: &Node| object.at(&["metadata", "labels", MARK]).is_some();
    let was_marked = acc.set.items().iter().any(|item| is_marked(&item.node));
    let before: Vec<Node> = acc
        .set
        .items()
        .iter()
        .map(|resource| resource.node.clone())
        .collect();
    transform(walker, acc, layer, items, "validators")?;
    acc.set.check_ids()?;
    let after = acc.set.items();
    let is_same = !was_marked
        && before.len() == after.len()
        && before
            .iter()
            .zip(after)
            .all(|(before, after)| *before == without_mark(&after.node));
    if is_same {
        Ok(())
    } else {
        Err(
            Error::render("validator shouldn't modify the resource map").at(
                layer.file.file.clone(),
                0,
                0,
            ),
        )
    }
}

/// The label a validator may leave.
const MARK: &str = "validated-by";

/// The content without the mark. The real program writes all labels anew when it takes the mark off, and compares nodes, not
/// text: only labels that transformers made, in the order of their names, are the same afterwards.
fn without_mark(object: &Node) -> Node {
    let mut object = object.clone();
    let Some(metadata) = object.get_mut("metadata") else {
        return object;
    };
    let Some(labels) = metadata.get_mut("labels").filter(|labels| labels.line == 0) else {
        return object;
    };
    let Some(labels) = labels.entries_mut() else {
        return object;
    };
    let mut others = labels.clone();
    others.retain(|(key, _)| key.text() != Some(MARK));
    let as_written_anew = others
        .iter()
        .all(|(key, value)| key.line == 0 && value.line == 0)
        && others.is_sorted_by_key(|(key, _)| key.text());
    if as_written_anew && others.is_empty() {
        metadata.remove("labels");
    } else if as_written_anew {
        *labels = others;
    }
    object
}

pub fn unknown(kind: &str) -> Error {
    Error::render(format!("unable to load builtin {kind}"))
}

/// Reads the configurations of a list of plugins.
fn load_all(
    walker: &mut Walker<'_>,
    layer: &Layer<'_>,
    items: &[Item],
    field: &str,
) -> Result<Vec<Plugin>> {
    let mut set = ResourceSet::default();
    let mut plugins = Vec::new();
    // Those that stand in the field itself come first, as in the real program.
    let said = items.iter().filter(|item| !item.text.is_empty());
    let (inline, named): (Vec<_>, Vec<_>) = said.partition(|item| is_inline(item));
    for item in inline.into_iter().chain(named) {
        let loaded = load_one(walker, layer, item)
            .map_err(|error| at_entry(error, layer.file, field, item))?;
        for (resource, file) in loaded {
            set.append(resource.clone())
                .map_err(|error| at_entry(error, layer.file, field, item))?;
            let plugin = checked(walker, resource, file)
                .map_err(|error| at_entry(error, layer.file, field, item))?;
            plugins.push(plugin);
        }
    }
    Ok(plugins)
}

fn checked(walker: &Walker<'_>, mut resource: Resource, file: String) -> Result<Plugin> {
    let api_version = resource.id.gvk.api_version();
    if api_version != "builtin" {
        let id = &resource.id;
        return Err(
            Error::render(format!("external plugins disabled; unable to load external plugin '{id}'"))
                .hint("only the built-in generators and transformers run here; programs and containers do not"),
        );
    }
    // It was read as an object and is read again as a configuration: `yes` is a text by then.
    let content = typed::to_value(&resource.node).map_err(|error| resource.blame(error))?;
    resource.node = typed::from_value(&content, resource.node.line.max(1));
    let instance = Instance {
        configured_in: walker.view.of(&file),
        api_version,
        kind: resource.id.gvk.kind.clone(),
        name: resource.id.name.clone(),
        namespace: resource.id.namespace.clone(),
    };
    Ok(Plugin {
        resource,
        instance: Arc::new(instance),
        file,
    })
}

fn is_inline(item: &Item) -> bool {
    item.text.contains('\n') || item.text.contains(": ")
}

/// Inline text, a file, or a directory that is built.
fn load_one(
    walker: &mut Walker<'_>,
    layer: &Layer<'_>,
    item: &Item,
) -> Result<Vec<(Resource, String)>> {
    let file = &layer.file.file;
    if is_inline(item) {
        let read = text::objects(item.text.as_bytes(), file)?;
        walker.loader.dropped.add(&read.dropped);
        let mut resources = walker.resources(&read.nodes, file);
        for resource in &mut resources {
            resource.location = Location {
                file: file.clone(),
                line: item.line,
                column: 0,
            };
        }
        return Ok(resources
            .into_iter()
            .map(|resource| (resource, file.clone()))
            .collect());
    }
    match walker.read(layer, &item.text)? {
        Read::File(path, nodes) => {
            let resources = walker.resources(&nodes.nodes, &path);
            Ok(resources
                .into_iter()
                .map(|resource| (resource, path.clone()))
                .collect())
        }
        Read::Layer(inner) => {
            let resources = inner.set.into_items();
            Ok(resources
                .into_iter()
                .map(|resource| {
                    let file = resource.location.file.clone();
                    (resource, file)
                })
                .collect())
        }
    }
}
