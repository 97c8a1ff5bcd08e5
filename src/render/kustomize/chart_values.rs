//! The values of a chart inside a kustomization: which files, and what stands inline merged into the first.

use std::sync::Arc;

use serde_json::Value;

use super::accumulate::Walker;
use super::charts::Found;
use super::helm_chart::{HelmChart, ValuesMerge};
use super::load::is_below;
use super::node::NodeExt;
use super::smp::{self, Schema};
use super::{emit, typed};
use crate::error::{Error, Result};
use crate::object::display::display;
use crate::object::yaml::{Limits, Node, parse};
use crate::repo::tree::join;

/// The values files as helm gets them: the chart's own or another, with what stands inline, then the additional ones.
pub(super) fn files(
    walker: &mut Walker<'_>,
    root: &str,
    chart: &HelmChart,
    found: &Found,
) -> Result<Vec<Arc<[u8]>>> {
    let inline = &chart.values_inline;
    let first = if !inline.is_empty() && chart.values_merge == ValuesMerge::Replace {
        written(&Value::Object(inline.clone()))
    } else {
        let (content, path) = values_file(walker, root, chart, found)?;
        if inline.is_empty() {
            content
        } else {
            merged(&content, &path, chart, &mut walker.warnings)?
        }
    };
    let mut values = vec![first];
    for file in &chart.additional_values_files {
        let (_, content) = walker
            .loader
            .read(root, file)
            .map_err(|error| error.context("could not load additionalValuesFile"))?;
        values.push(content);
    }
    Ok(values)
}

/// The content of the values file and what to call it.
fn values_file(
    walker: &Walker<'_>,
    root: &str,
    chart: &HelmChart,
    found: &Found,
) -> Result<(Arc<[u8]>, String)> {
    if !chart.values_file.is_empty() {
        let (path, content) = walker
            .loader
            .read(root, &chart.values_file)
            .map_err(|error| error.context("could not load valuesFile"))?;
        return Ok((content, path));
    }
    match found {
        Found::Here(folder, _) => {
            let path = join(folder, "values.yaml")?;
            let content = walker.loader.read(root, &format!("/{path}"));
            let (path, content) = content.map_err(|error| {
                let error = error.context("could not load the chart's values.yaml");
                if is_below(folder, root) {
                    error
                } else {
                    error.hint(
                        "name a `valuesFile` beside the kustomization, or lift the load restrictor",
                    )
                }
            })?;
            Ok((content, path))
        }
        Found::Fetched(pulled) => {
            let own = pulled.files.iter().find(|file| file.path == "values.yaml");
            let own = own.ok_or_else(|| Error::render("the chart has no values.yaml"))?;
            Ok((own.content.clone(), own.path.clone()))
        }
    }
}

/// The values of the file and the inline ones as one text. A null on the winning side takes the key away.
fn merged(
    content: &[u8],
    path: &str,
    chart: &HelmChart,
    warnings: &mut Vec<String>,
) -> Result<Arc<[u8]>> {
    let parsed = parse(content, path, &Limits::default())
        .map_err(|error| error.context("could not parse the values file"))?;
    let Some(mut in_file) = parsed.documents.into_iter().next() else {
        return Err(
            Error::render("the values file is empty, which nothing can be merged with")
                .at(path, 0, 0)
                .hint("write `{}` into it"),
        );
    };
    // On its way through JSON every number becomes a 64-bit float.
    let mut inline = Value::Object(chart.values_inline.clone());
    typed::round_numbers(&mut inline);
    let mut inline = typed::from_value(&inline, 1);
    if drop_aliases(&mut in_file, Some(&mut inline), chart.values_merge, path)? {
        warnings.push(format!(
            "{}: what stands behind an alias is lost where `valuesInline` comes in, as in kustomize",
            display(path)
        ));
    }
    let both = match chart.values_merge {
        ValuesMerge::Merge => smp::merge(inline, &in_file, Schema::Unknown),
        ValuesMerge::Override | ValuesMerge::Replace => {
            smp::merge(in_file, &inline, Schema::Unknown)
        }
    };
    let both = both
        .map_err(|error| error.context(format!("could not merge values with `{path}`")))?
        .unwrap_or_else(super::node::empty_map);
    typed::to_value(&both)
        .map(|value| written(&value))
        .map_err(|error| error.at(path, 0, 0))
}

/// Drops the fields of maps that hold an alias, as the real program's merge does, and on the way what stands inline in their
/// place. Says whether there were any.
fn drop_aliases(
    in_file: &mut Node,
    mut inline: Option<&mut Node>,
    merge: ValuesMerge,
    path: &str,
) -> Result<bool> {
    let Some(entries) = in_file.entries_mut() else {
        return Ok(false);
    };
    let mut lost = Vec::new();
    let mut has_lost = false;
    for (n, (key, value)) in entries.iter_mut().enumerate() {
        let name = key.text().unwrap_or_default();
        // The copy of what an alias stands for keeps its place, which is before the key's.
        if (value.line, value.column) < (key.line, key.column) {
            let other = inline
                .as_deref_mut()
                .and_then(|inline| inline.get_mut(name));
            if merge == ValuesMerge::Merge && other.is_some_and(|other| !other.is_null()) {
                let message = format!("could not merge values: `{}` is an alias", display(name));
                return Err(Error::render(message).at(path, key.line, key.column));
            }
            if let Some(inline) = inline.as_deref_mut() {
                inline.remove(name);
            }
            lost.push(n);
        } else {
            let below = inline
                .as_deref_mut()
                .and_then(|inline| inline.get_mut(name));
            has_lost |= drop_aliases(value, below, merge, path)?;
        }
    }
    for n in lost.iter().rev() {
        entries.remove(*n);
    }
    Ok(has_lost || !lost.is_empty())
}

fn written(value: &Value) -> Arc<[u8]> {
    let mut text = String::new();
    emit::document(value, &mut text);
    text.into_bytes().into()
}
