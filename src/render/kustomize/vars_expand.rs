//! Putting the values of variables in their places.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::Value;

use super::accumulate::Accumulator;
use super::budget::{self, Budget};
use super::config::Tables;
use super::emit;
use super::fieldspec::{Make, walk};
use super::node::{self, NodeExt};
use super::path;
use super::typed;
use super::vars::BoundVar;
use crate::error::{Error, Result};
use crate::object::yaml::{Node, NodeKind, Style, plain_tag};

/// Replaces `$(NAME)` in the fields that may hold variables.
pub fn apply(acc: &mut Accumulator, tables: &Tables) -> Result<()> {
    let mut values = HashMap::with_capacity(acc.vars.len());
    for var in std::mem::take(&mut acc.vars) {
        let value = value_of(acc, &var)?;
        values.insert(var.var.name, value);
    }
    let budget = Budget::default();
    for resource in acc.set.items_mut() {
        let gvk = resource.id.gvk.clone();
        for spec in tables.var_references.of(&gvk) {
            resource.edit(|object| {
                walk(object, spec, Make::Nothing, &mut |field| {
                    expand(field, &values, &budget)
                })
            })?;
        }
        resource.refresh();
    }
    Ok(())
}

fn value_of(acc: &Accumulator, var: &BoundVar) -> Result<Node> {
    let unknown = || {
        let name = &var.var.name;
        Error::render(format!(
            "var '{name}' cannot be mapped to a field in the set of known resources"
        ))
        .at(var.location.file.clone(), var.location.line, 0)
    };
    let name = &var.var.name;
    let mut items = acc.set.items().iter();
    let resource = items.find(|resource| resource.vars.contains(name));
    let object = &resource.ok_or_else(unknown)?.node;
    let parts = path::split(&bracketed(&var.var.field_path));
    let value = path::find(object, &parts).ok().flatten();
    value.cloned().and_then(as_go_reads_it).ok_or_else(|| {
        let path = &var.var.field_path;
        unknown().context(format!(
            "field specified in var '{}' not found: `{path}`",
            var.var.name
        ))
    })
}

/// Numbers are read once more, in decimal and nothing else: `0644` is 644, `.5` is 0.5, `0x1F` is no number. A null is its
/// spelling.
fn as_go_reads_it(value: Node) -> Option<Node> {
    let Some(text) = value.text() else {
        return Some(value);
    };
    if is_untyped(&value) {
        return Some(node::string(text));
    }
    Some(match typed::to_value(&value) {
        Ok(Value::Number(_)) if plain_tag(text) == "!!float" => {
            node::typed("float", text.parse::<f64>().ok()?.to_string())
        }
        Ok(Value::Number(_)) => node::typed("int", text.parse::<i64>().ok()?.to_string()),
        Ok(Value::Bool(flag)) => node::typed("bool", flag.to_string()),
        // What is no number and no boolean is the text that was written, dates too.
        Ok(_) | Err(_) => node::string(text),
    })
}

/// A value inside of a text.
fn in_text(value: &Node) -> Option<Cow<'_, str>> {
    let text = value.text()?;
    let is_float = value
        .tag
        .as_ref()
        .is_some_and(|tag| *tag == node::tag("float"));
    let float = text.parse().ok().filter(|_| is_float);
    Some(match float {
        Some(float) => emit::float_text(float).into(),
        None => text.into(),
    })
}

/// `a.b[1].c` as the path `a.b.1.c`.
fn bracketed(path: &str) -> String {
    path.replace('[', ".").replace(']', "")
}

fn expand(field: &mut Node, values: &HashMap<String, Node>, budget: &Budget) -> Result<()> {
    match &mut field.kind {
        NodeKind::Sequence(items) => items.iter_mut().try_for_each(|item| {
            if !is_text(item) {
                return Err(Error::render(
                    "a list that may hold variables has an item that is no text",
                ));
            }
            expand(item, values, budget)
        }),
        NodeKind::Mapping(entries) => {
            for (key, value) in entries.iter_mut() {
                if !is_text(key) {
                    return Err(Error::render("a map key is no text"));
                }
                if value.is_scalar() {
                    expand(value, values, budget)?;
                }
            }
            Ok(())
        }
        NodeKind::Scalar(scalar) => {
            let is_made = field.line == 0 && scalar.style == Style::Plain && field.tag.is_none();
            if is_made && !scalar.text.contains('$') {
                // What was made and has no type yet becomes text here.
                scalar.style = Style::DoubleQuoted;
            }
            if !scalar.text.contains('$') || !is_text(field) {
                return Ok(());
            }
            let text = field.text().unwrap_or_default().to_owned();
            let (line, column) = (field.line, field.column);
            let mut new = expanded(field, &text, values);
            budget.copy(budget::size(&new).saturating_sub(text.len()))?;
            (new.line, new.column) = (line, column);
            *field = new;
            Ok(())
        }
    }
}

/// Whether a scalar was made and has no type yet.
fn is_untyped(node: &Node) -> bool {
    node.line == 0 && node.tag.is_none() && node.is_scalar()
}

/// Whether a scalar is a text, or was made and has no type yet.
fn is_text(node: &Node) -> bool {
    // A date becomes another text, so it was none.
    let is_text =
        matches!(typed::to_value(node), Ok(Value::String(text)) if node.text() == Some(&text));
    is_untyped(node) || is_text
}

/// The text with its variables replaced. One variable alone keeps its type.
fn expanded(field: &Node, text: &str, values: &HashMap<String, Node>) -> Node {
    let alone = text
        .strip_prefix("$(")
        .and_then(|rest| rest.strip_suffix(')'));
    if let Some(value) = alone
        .and_then(|name| values.get(name))
        .filter(|value| value.is_scalar())
    {
        return value.clone();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) =
            rest.strip_prefix('(').and_then(|rest| rest.split_once(')'))
        {
            match values.get(name).and_then(in_text) {
                Some(value) => out.push_str(&value),
                None => out.push_str(&format!("$({name})")),
            }
            rest = after;
        } else {
            out.push('$');
        }
    }
    out.push_str(rest);
    let mut new = field.clone();
    new.set_text(out);
    if let NodeKind::Scalar(scalar) = &mut new.kind
        && scalar.style == Style::Plain
    {
        scalar.style = Style::DoubleQuoted;
    }
    new
}
