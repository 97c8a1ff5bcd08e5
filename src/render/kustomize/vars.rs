//! `vars`: `$(NAME)` in a known set of fields, replaced by a field of another object.

use super::accumulate::Accumulator;
use super::config::Tables;
use super::fields::Fields;
use super::id::Id;
use crate::error::{Error, Location, Result};
use crate::object::Gvk;
use crate::object::yaml::Node;

/// One entry of `vars`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Var {
    pub name: String,
    pub object: Id,
    pub field_path: String,
    pub line: u32,
}

/// A variable that was met on the way up, with the file it stands in. Its object carries the name too, whatever that is called
/// later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundVar {
    pub var: Var,
    pub location: Location,
}

impl Var {
    pub fn read(node: &Node, file: &str) -> Result<Self> {
        let mut fields = Fields::strict(node, "vars", file)?;
        let mut var = Self {
            name: fields.text("name")?,
            line: node.line,
            ..Self::default()
        };
        if let Some(object) = fields.node("objref") {
            var.object = object_reference(object, file)?;
        }
        if let Some(field) = fields.node("fieldref") {
            let mut field = Fields::strict(field, "fieldref", file)?;
            var.field_path = field.text("fieldPath")?;
            field.finish()?;
        }
        if var.field_path.is_empty() {
            "metadata.name".clone_into(&mut var.field_path);
        }
        fields.finish()?;
        Ok(var)
    }
}

fn object_reference(node: &Node, file: &str) -> Result<Id> {
    let mut fields = Fields::strict(node, "objref", file)?;
    let api_version = fields.text("apiVersion")?;
    let kind = fields.text("kind")?;
    let mut gvk = Gvk::new(&api_version, &kind);
    let (group, version) = (fields.text("group")?, fields.text("version")?);
    if !group.is_empty() {
        gvk.group = group;
    }
    if !version.is_empty() {
        gvk.version = version;
    }
    let id = Id {
        gvk,
        name: fields.text("name")?,
        namespace: fields.text("namespace")?,
        is_cluster_wide: false,
    };
    fields.finish()?;
    Ok(id)
}

/// Adds variables from an inner layer; a name may stand only once in the whole build.
pub fn absorb(vars: &mut Vec<BoundVar>, more: Vec<BoundVar>) -> Result<()> {
    for var in more {
        if let Some(known) = vars.iter().find(|known| known.var.name == var.var.name) {
            let message = format!(
                "var '{}' already encountered in {}",
                var.var.name, known.location
            );
            return Err(Error::render(message).at(var.location.file, var.location.line, 0));
        }
        vars.push(var);
    }
    Ok(())
}

/// Adds a layer's variables and looks up the objects they speak of, as far as they are there now.
pub fn bind(acc: &mut Accumulator, vars: &[Var], file: &str) -> Result<()> {
    let new = vars
        .iter()
        .map(|var| BoundVar {
            var: var.clone(),
            location: Location {
                file: file.to_owned(),
                line: var.line,
                column: 0,
            },
        })
        .collect();
    absorb(&mut acc.vars, new)?;
    for var in vars {
        let wanted = &var.object;
        // Without a namespace any is meant, and none; with one only it, even of a kind that has none.
        let fits = |namespace: &str| wanted.namespace.is_empty() || namespace == wanted.namespace;
        let items = acc.set.items().iter().enumerate();
        let mut found = items.filter(|(_, resource)| resource.had_id_in(wanted, fits));
        let Some((position, resource)) = found.next() else {
            continue;
        };
        if let Some((_, other)) = found.next() {
            let message = format!(
                "found multiple resId matches for var '{}': unable to disambiguate `{}` and `{}`",
                var.name, resource.id, other.id
            );
            return Err(Error::render(message).at(file, var.line, 0));
        }
        acc.set.item_mut(position).vars.push(var.name.clone());
    }
    Ok(())
}

/// Replaces the variables everywhere.
pub fn substitute(acc: &mut Accumulator, tables: &Tables) -> Result<()> {
    if acc.vars.is_empty() {
        return Ok(());
    }
    super::vars_expand::apply(acc, tables)
}
