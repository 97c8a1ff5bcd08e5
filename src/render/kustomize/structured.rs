//! Values inside values: a scalar whose text is itself YAML or JSON.

use serde_json::Value;

use super::hash::write_json;
use super::node::NodeExt;
use super::typed;
use crate::error::Result;
use crate::object::yaml::{Limits, Node, parse};

/// The structure behind a scalar's text.
pub struct Structured {
    pub node: Node,
    form: Form,
}

enum Form {
    CompactJson,
    IndentedJson,
    Yaml,
}

/// Opens a scalar whose text is a map or a list.
pub fn open(scalar: &Node) -> Option<Structured> {
    let text = scalar.text()?;
    if let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str::<Value>(text) {
        let form = if text.contains('\n') && text.contains("  ") {
            Form::IndentedJson
        } else {
            Form::CompactJson
        };
        return Some(Structured {
            node: typed::from_value(&value),
            form,
        });
    }
    let parsed = parse(text.as_bytes(), "", &Limits::default()).ok()?;
    let [node] = parsed.documents.as_slice() else {
        return None;
    };
    (!node.is_scalar()).then(|| Structured {
        node: node.clone(),
        form: Form::Yaml,
    })
}

/// Runs a change on the structure and writes it back if the change found something.
pub fn edit(scalar: &mut Node, change: impl FnOnce(&mut Node) -> Result<usize>) -> Result<usize> {
    let Some(mut structured) = open(scalar) else {
        return Ok(0);
    };
    let n = change(&mut structured.node)?;
    if n > 0 {
        let text = structured.text()?;
        scalar.set_text(text);
    }
    Ok(n)
}

impl Structured {
    fn text(&self) -> Result<String> {
        let mut out = String::new();
        match self.form {
            Form::CompactJson => write_json(&typed::to_value(&self.node)?, &mut out),
            Form::IndentedJson => {
                let value = typed::to_value(&self.node)?;
                out = serde_json::to_string_pretty(&value).unwrap_or_default();
            }
            Form::Yaml => {
                out = super::emit::nodes(&self.node);
                out.truncate(out.trim_end_matches('\n').len());
            }
        }
        Ok(out)
    }
}
