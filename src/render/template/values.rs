//! The variables of an app's templates: its `values.yaml`, under the cluster's, under the Application's parameters, and `app`.

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::object::display::display;
use crate::object::yaml::{self, Dialect, Limits};
use crate::repo::application::{Application, Plugin};
use crate::repo::tree::{Entry, FileTree, join};

/// The name of a values file, in an app's path and in a cluster's folder.
pub(super) const FILE: &str = "values.yaml";
/// The variable that pushboat gives.
pub(super) const APP: &str = "app";

/// Reads and merges the variables of `app`, lowest first.
pub(super) fn values(
    app: &Application,
    plugin: &Plugin,
    tree: &dyn FileTree,
    path: &str,
    cluster: &str,
    revision: &str,
) -> Result<Map<String, Value>> {
    let mut values = Map::new();
    for file in files(path, cluster) {
        if tree.entry(&file)? == Entry::File {
            merge(&mut values, read(tree, &file)?);
        }
        // Without them the same templates make something else.
        if let Some(lost) = tree.lost_at(&file)? {
            return Err(lost.error());
        }
    }
    for parameter in &plugin.parameters {
        let placed = place(&parameter.name, parameter.value.clone());
        if parameter.name.split('.').next() == Some(APP) {
            return Err(app.error_at(
                &parameter.name,
                format!("`{APP}` is given by pushboat: give the parameter another name"),
            ));
        }
        merge(&mut values, placed);
    }
    values.insert(
        APP.to_owned(),
        json!({
            "name": app.name,
            "namespace": app.destination.namespace.value,
            "project": app.project,
            "cluster": cluster,
            "revision": revision,
            "env": plugin.env,
        }),
    );
    Ok(values)
}

/// Where values may stand, lowest first.
pub(super) fn files(path: &str, cluster: &str) -> Vec<String> {
    let mut files = vec![join(path, FILE)];
    // A cluster's name may come from a kubeconfig: it is not always a folder's.
    if !cluster.is_empty() && !cluster.contains('/') && cluster != "." && cluster != ".." {
        files.push(join("clusters", &format!("{cluster}/{FILE}")));
    }
    files.into_iter().flatten().collect()
}

fn read(tree: &dyn FileTree, file: &str) -> Result<Map<String, Value>> {
    let parsed = yaml::parse(&tree.read(file)?, file, &Limits::default())?;
    if let Some(warning) = parsed.warnings.first() {
        return Err(Error::render(warning.message.clone()).at(file, warning.line, warning.column));
    }
    let [node] = &parsed.documents[..] else {
        return match parsed.documents.get(1) {
            Some(second) => Err(Error::render("a values file holds one document").at(
                file,
                second.line,
                second.column,
            )),
            None => Ok(Map::new()),
        };
    };
    match yaml::to_json(node, file, Dialect::Kubectl)? {
        Value::Object(map) if map.contains_key(APP) => {
            let place = node.get(APP).unwrap_or(node);
            Err(Error::render(format!(
                "`{APP}` is given by pushboat: give the value another name"
            ))
            .at(file, place.line, place.column))
        }
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        _ => Err(Error::render("a values file holds names and values").at(
            file,
            node.line,
            node.column,
        )),
    }
}

/// `a.b` is the value `b` within `a`.
fn place(name: &str, value: Value) -> Map<String, Value> {
    match name.split_once('.') {
        Some((outer, inner)) => {
            Map::from_iter([(outer.to_owned(), Value::Object(place(inner, value)))])
        }
        None => Map::from_iter([(name.to_owned(), value)]),
    }
}

/// Maps are merged key by key; everything else is replaced.
fn merge(under: &mut Map<String, Value>, over: Map<String, Value>) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(Value::Object(under)), Value::Object(over)) => merge(under, over),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

/// The values as the engine takes them.
pub(super) fn context(values: &Map<String, Value>) -> Result<tera::Context> {
    tera::Context::from_serialize(values).map_err(|error| {
        Error::render(format!(
            "the values cannot be used: {}",
            display(&error.to_string())
        ))
    })
}

#[cfg(test)]
#[path = "values_tests.rs"]
mod tests;
