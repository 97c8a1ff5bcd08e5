//! Charts inside a kustomization: finds their files and values in the tree and takes what helm makes of them as objects.
//!
//! Running helm is not done here: [`Charts`] is asked, and where the user gave none, charts are refused.

use std::fmt::Debug;
use std::sync::Arc;

use super::accumulate::{Layer, Walker};
use super::chart_pull::Pulled;
use super::helm_chart::{HelmChart, HelmGlobals};
use super::node::NodeExt;
use super::resource::{Instance, Resource, Source};
use super::{chart_pull, chart_values, text};
use crate::error::{Error, Location, Result};
use crate::object::display::display;
use crate::object::yaml::{Limits, Node, parse};
use crate::repo::remote::without_credentials;
use crate::repo::tree::{Entry, FileTree, join};

/// A chart with more files than this is none.
pub(super) const MAX_FILES: usize = 10_000;
/// What helm itself takes at most.
pub(super) const MAX_BYTES: usize = 100 << 20;
/// How deep folders of a chart may nest; links can make a tree endless.
const MAX_DEPTH: usize = 32;

/// A file of a chart: its path inside the chart and its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartFile {
    pub path: String,
    pub content: Arc<[u8]>,
}

/// What is to be made of a chart.
#[derive(Debug)]
pub struct ChartRequest<'a> {
    /// The options; its values and files are those below, not the ones it names.
    pub chart: &'a HelmChart,
    pub namespace: &'a str,
    pub files: &'a [ChartFile],
    /// In the order in which they are laid on each other.
    pub values: &'a [Arc<[u8]>],
}

/// Makes manifests of charts, for the user allowed it.
pub trait Charts: Send + Sync + Debug {
    /// The manifests, as `helm template` prints them.
    fn template(&self, request: &ChartRequest<'_>) -> Result<Arc<[u8]>>;
}

/// Where a chart was found.
pub(super) enum Found {
    /// In the tree, in this folder.
    Here(String, Vec<ChartFile>),
    Fetched(Arc<Pulled>),
}

impl Found {
    fn files(&self) -> &[ChartFile] {
        match self {
            Self::Here(_, files) => files,
            Self::Fetched(pulled) => &pulled.files,
        }
    }
}

/// Inflates the charts of a layer's `helmCharts`, each into the set of objects before the next.
pub fn generate(
    walker: &mut Walker<'_>,
    set: &mut super::set::ResourceSet,
    layer: &Layer<'_>,
) -> Result<()> {
    let file = layer.file;
    for chart in &file.helm.charts {
        let mut made = || {
            let namespace = match chart.namespace.as_str() {
                "" => walker.chart_namespace.clone(),
                namespace => namespace.to_owned(),
            };
            let instance = walker.instance(&file.file, "HelmChartInflationGenerator");
            let location = Location {
                file: walker.view.shown(&file.file),
                line: chart.line,
                column: 0,
            };
            let made = inflate(walker, layer, chart, &file.helm.globals, &namespace)?;
            Ok(resources(walker, &made, &instance, &location))
        };
        made()
            .and_then(|made| {
                made.into_iter()
                    .try_for_each(|resource| set.absorb(resource))
            })
            .map_err(|error: Error| {
                let name = display(&chart.name);
                error.context(format!("`helmCharts` entry `{name}`")).at(
                    file.file.clone(),
                    chart.line,
                    0,
                )
            })?;
    }
    Ok(())
}

/// The objects of a chart given as an object of `generators`.
pub fn of_plugin(
    walker: &mut Walker<'_>,
    layer: &Layer<'_>,
    node: &Node,
    instance: &Arc<Instance>,
    location: &Location,
) -> Result<Vec<Resource>> {
    let (chart, globals) = HelmChart::of_plugin(node, &location.file)?;
    let namespace = chart.namespace.clone();
    let made = inflate(walker, layer, &chart, &globals, &namespace)?;
    Ok(resources(walker, &made, instance, location))
}

/// Nodes that helm made as resources, with the mark that keeps the namespace transformer off.
fn resources(
    walker: &Walker<'_>,
    nodes: &[Node],
    instance: &Arc<Instance>,
    location: &Location,
) -> Vec<Resource> {
    let mut resources = walker.resources(nodes, &location.file);
    for resource in &mut resources {
        resource.from_helm = true;
        resource.source = Source::Generated(instance.clone());
        resource.location = location.clone();
    }
    resources
}

fn inflate(
    walker: &mut Walker<'_>,
    layer: &Layer<'_>,
    chart: &HelmChart,
    globals: &HelmGlobals,
    namespace: &str,
) -> Result<Vec<Node>> {
    let Some(charts) = walker.charts else {
        return Err(Error::render(
            "must specify --enable-helm: charts are inflated by the helm program",
        )
        .hint("allow it with `--enable-helm` or `PUSHBOAT_ENABLE_HELM=1`; the repository cannot"));
    };
    check_name("name", &chart.name)?;
    check_name("version", &chart.version)?;
    if chart.name.is_empty() {
        return Err(Error::render("chart name cannot be empty"));
    }
    let found = find(walker, layer.root, chart, globals)?;
    let values = chart_values::files(walker, layer.root, chart, &found)?;
    let request = ChartRequest {
        chart,
        namespace,
        files: found.files(),
        values: &values,
    };
    let output = charts.template(&request)?;
    let name = display(&chart.name);
    let read = text::objects(&output, "the chart's output").map_err(|error| {
        let line = error.location().map_or(0, |place| place.line);
        let (reason, hints) = (error.reason(), error.hints().to_vec());
        let message = format!(
            "line {line} of what chart `{name}` gives: {}",
            error.message()
        );
        hints
            .into_iter()
            .fold(Error::new(reason, message), Error::hint)
    })?;
    walker.loader.dropped.add(&read.dropped);
    Ok(read.nodes)
}

/// Both become parts of a path.
fn check_name(field: &str, text: &str) -> Result<()> {
    let is_bad = text.starts_with(['-', '.'])
        || text.contains(['/', '\\'])
        || text.chars().any(crate::object::display::is_unsafe);
    if is_bad {
        let text = display(text);
        return Err(Error::render(format!(
            "`{field}: {text}` is no {field} of a chart: it starts with `-` or `.`, or holds `/` or invisible characters"
        )));
    }
    Ok(())
}

/// The chart's files: from the tree, else from where `repo` says.
fn find(
    walker: &mut Walker<'_>,
    root: &str,
    chart: &HelmChart,
    globals: &HelmGlobals,
) -> Result<Found> {
    let tree = walker.loader.tree;
    let home = match globals.chart_home.as_str() {
        "" => "charts",
        home if home.starts_with('/') => {
            return Err(Error::render(format!(
                "chartHome `{}` is absolute: only charts of this repository are read",
                display(home)
            )));
        }
        home => home,
    };
    let home = join(root, home)?;
    let (name, version) = (&chart.name, &chart.version);
    let is_versioned = !version.is_empty() && !chart.repo.is_empty();
    let first = if is_versioned {
        join(&home, &format!("{name}-{version}/{name}"))?
    } else {
        join(&home, name)?
    };
    if tree.entry(&first)? == Entry::Directory {
        return here(tree, first);
    }
    if is_versioned {
        let plain = join(&home, name)?;
        if tree.entry(&plain)? == Entry::Directory && has_version(tree, &plain, version) {
            return here(tree, plain);
        }
    }
    if chart.repo.is_empty() {
        let first = display(&first).into_owned();
        return Err(Error::render(format!(
            "no repo specified for pull, no chart found at `{first}`"
        ))
        .hint("`helmGlobals.chartHome` names the folder of the charts, `charts` unless set"));
    }
    fetched(walker, chart).map_err(|error| {
        error.hint(format!(
            "keep the chart in this repository: `helm pull --untar` it to `{}`",
            display(&first)
        ))
    })
}

/// The chart from where its `repo` is, once for all that name it alike.
fn fetched(walker: &mut Walker<'_>, chart: &HelmChart) -> Result<Found> {
    let key = format!(
        "{}\n{}\n{}\n{}",
        chart.repo, chart.name, chart.version, chart.devel
    );
    let loader = &walker.loader;
    let pulled = loader
        .cache
        .chart(&key, || chart_pull::pull(loader.foreign, chart))?;
    if pulled.moves {
        walker.warnings.push(format!(
            "chart `{}` of `{}` is {} now and may be another version in the next run; pin it with `version`",
            display(&chart.name),
            display(&without_credentials(&chart.repo)),
            display(&pulled.version)
        ));
    }
    Ok(Found::Fetched(pulled))
}

fn here(tree: &dyn FileTree, path: String) -> Result<Found> {
    let mut files = Vec::new();
    let mut bytes = 0;
    read_below(tree, &path, "", 0, &mut files, &mut bytes)?;
    // A chart without one of its files makes other manifests.
    if let Some(lost) = tree.left_out(&path)?.first() {
        return Err(lost.error());
    }
    Ok(Found::Here(path, files))
}

/// Whether the chart in a folder says that it has this version.
fn has_version(tree: &dyn FileTree, folder: &str, version: &str) -> bool {
    let read = || {
        let path = join(folder, "Chart.yaml").ok()?;
        let content = tree.read(&path).ok()?;
        let parsed = parse(&content, &path, &Limits::default()).ok()?;
        let said = parsed.documents.first()?.text_at(&["version"]).to_owned();
        Some(said.trim_start_matches('v') == version.trim_start_matches('v'))
    };
    read().unwrap_or_default()
}

/// Gathers the files below `folder`. Links were followed by the tree; one that leads out of it, or nowhere, is an error.
fn read_below(
    tree: &dyn FileTree,
    folder: &str,
    inside: &str,
    depth: usize,
    files: &mut Vec<ChartFile>,
    bytes: &mut usize,
) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(
            Error::render(format!("the chart's folders nest deeper than {MAX_DEPTH}")).at(
                display(folder),
                0,
                0,
            ),
        );
    }
    let names = tree.list(folder)?;
    if names.is_empty()
        && let Some(lost) = tree.lost_at(folder)?
    {
        return Err(lost.error());
    }
    for (name, entry) in names {
        let path = if folder.is_empty() {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        let inside = if inside.is_empty() {
            name
        } else {
            format!("{inside}/{name}")
        };
        match entry {
            Entry::Directory => read_below(tree, &path, &inside, depth + 1, files, bytes)?,
            Entry::File => {
                let content = tree.read_once(&path)?;
                *bytes += content.len();
                if files.len() >= MAX_FILES || *bytes > MAX_BYTES {
                    return Err(Error::render(format!(
                        "the chart has more than {MAX_FILES} files or {} MiB",
                        MAX_BYTES >> 20
                    ))
                    .at(display(&path), 0, 0));
                }
                files.push(ChartFile {
                    path: inside,
                    content,
                });
            }
            Entry::Missing => {
                // Says so itself where the link leaves the root.
                tree.entry(&path)?;
                return Err(Error::render("a link in the chart leads nowhere").at(
                    display(&path),
                    0,
                    0,
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "charts_tests.rs"]
mod tests;
