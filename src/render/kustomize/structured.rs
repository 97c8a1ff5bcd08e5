//! Values inside values: a scalar whose text is itself YAML or JSON.

use serde_json::Value;

use super::hash::write_json;
use super::typed;
use crate::error::Result;
use crate::object::yaml::{Limits, Node, NodeKind, parse};

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

/// Opens a scalar whose text is YAML or JSON, as nearly every text is.
pub fn open(scalar: &Node) -> Option<Structured> {
    let text = scalar.text()?;
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        let form = if text.contains('\n') && text.contains("  ") {
            Form::IndentedJson
        } else {
            Form::CompactJson
        };
        return Some(Structured {
            node: typed::from_value(&value, 1),
            form,
        });
    }
    let parsed = parse(text.as_bytes(), "", &Limits::default()).ok()?;
    let node = parsed.documents.into_iter().next();
    Some(Structured {
        node: node.unwrap_or_else(|| Node::plain(text)),
        form: Form::Yaml,
    })
}

/// Runs a change on the structure behind a scalar and writes it back if the change found something.
pub fn edit(
    scalar: &mut Node,
    mut structured: Structured,
    change: impl FnOnce(&mut Node) -> Result<usize>,
) -> Result<usize> {
    let n = change(&mut structured.node)?;
    if n > 0
        && let NodeKind::Scalar(content) = &mut scalar.kind
    {
        // What can no longer be written as it was is left as it was, and nobody is told: so does the real program.
        if let Ok(text) = structured.text() {
            content.text = text;
        }
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
