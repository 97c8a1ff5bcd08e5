//! Values inside values: a scalar whose text is itself YAML or JSON.
//!
//! The real program reads the first document of the text with its comments and styles, changes it and writes it anew: what is
//! written is `write`'s business, comments are found in `comments`, and `read` puts both together. A text that begins like
//! JSON becomes JSON.

mod comments;
mod item;
mod read;
mod scalar;
mod walk;
mod write;

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::hash::write_json;
use super::typed::write_text;
use crate::error::{Error, Result};
use crate::object::yaml::{Dialect, Limits, Node, NodeKind, Style, parse, to_json};

pub use item::{Item, Kind};

use item::{Document, Mapping, Tag};
use read::Text;

/// The structure behind a scalar's text.
pub struct Structured {
    document: Document,
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
    let Text::Document(document) = read::read(text)? else {
        return None;
    };
    let document = *document;
    let form = match text.trim_start().as_bytes().first() {
        Some(b'{' | b'[') if text.contains('\n') && text.contains("  ") => Form::IndentedJson,
        Some(b'{' | b'[') => Form::CompactJson,
        _ => Form::Yaml,
    };
    Some(Structured { document, form })
}

/// Runs a change on the structure behind a scalar and writes it back if the change found something.
pub fn edit(
    scalar: &mut Node,
    mut structured: Structured,
    change: impl FnOnce(&mut Item) -> Result<usize>,
) -> Result<usize> {
    let n = change(&mut structured.document.root)?;
    if n > 0 {
        write_text(scalar, structured.text()?);
    }
    Ok(n)
}

impl Structured {
    fn text(&self) -> Result<String> {
        let text = write::document(&self.document);
        if matches!(self.form, Form::Yaml) {
            return Ok(text.trim().to_owned());
        }
        let mut json = String::new();
        write_json(&value(&text)?, &mut json);
        match self.form {
            Form::IndentedJson => Ok(indented(&json)),
            Form::CompactJson | Form::Yaml => Ok(json),
        }
    }
}

/// The text as JSON. No key may be other than text, not even at the top.
fn value(text: &str) -> Result<Value> {
    let parsed = parse(text.as_bytes(), "", &Limits::default())?;
    let list = Node::new(NodeKind::Sequence(parsed.documents));
    match to_json(&list, "", Dialect::Kustomize)? {
        Value::Array(values) => values.into_iter().next(),
        _ => None,
    }
    .ok_or_else(|| Error::render("a text without a document"))
}

/// JSON without blanks, with a line for every member.
fn indented(json: &str) -> String {
    let mut out = String::with_capacity(2 * json.len());
    let mut depth = 0;
    let (mut in_text, mut is_escaped, mut is_open) = (false, false, false);
    let new_line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    for c in json.chars() {
        if in_text {
            out.push(c);
            in_text = is_escaped || c != '"';
            is_escaped = !is_escaped && c == '\\';
            continue;
        }
        let closes = matches!(c, '}' | ']');
        if closes {
            depth -= 1;
        }
        if is_open != closes {
            new_line(&mut out, depth);
        }
        is_open = false;
        out.push(c);
        match c {
            '{' | '[' => {
                depth += 1;
                is_open = true;
            }
            ',' => new_line(&mut out, depth),
            ':' => out.push(' '),
            '"' => in_text = true,
            _ => {}
        }
    }
    out
}

/// A path leads into a text that holds no document.
pub fn no_structure() -> Error {
    Error::render("wrong node kind: a text that is no YAML has no fields")
}

/// A folded text as it comes back after it was written: a line break is doubled before a line that is indented further. The real program
/// writes and reads every object once on its way out (<https://github.com/kubernetes-sigs/kustomize/issues/4201>).
///
/// An error where it cannot be read back, as of a text that begins with a tab.
pub fn written_and_read(text: &str) -> Result<String> {
    let (kind, style) = (text.to_owned(), Style::Folded);
    let value = Item::new(Kind::Scalar { text: kind, style }, Tag::Read("!!str"));
    let (entries, is_flow) = (vec![(Item::scalar("key"), value)], false);
    let map = Item::new(Kind::Mapping(Mapping { entries, is_flow }), Tag::Open);
    let read = parse(write::item(&map).as_bytes(), "", &Limits::default());
    let value = match &read {
        Ok(read) => read.documents.first().and_then(|map| map.get("key")),
        Err(_) => None,
    };
    let text = value.and_then(Node::text).map(str::to_owned);
    text.ok_or_else(|| {
        Error::render("a block of text (`>` or `|`) that kustomize cannot read back: write it between double quotes")
    })
}

/// A node's text as the real program would write it by itself.
pub fn shown(node: &Node) -> String {
    write::item(&Item::of(node)).trim().to_owned()
}
