//! Nodes to YAML text in their own order and style, for documents inside of values.

use crate::object::yaml::{Node, NodeKind, Style};
use crate::render::kustomize::typed;

/// Writes a document.
pub fn nodes(node: &Node) -> String {
    let mut out = String::new();
    block(node, 0, &mut out);
    out.push('\n');
    out
}

fn pad(indent: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

fn block(node: &Node, indent: usize, out: &mut String) {
    match &node.kind {
        NodeKind::Scalar(scalar) => {
            text(&scalar.text, scalar.style, node.tag.as_deref(), indent, out)
        }
        NodeKind::Sequence(items) if items.is_empty() => out.push_str("[]"),
        NodeKind::Mapping(entries) if entries.is_empty() => out.push_str("{}"),
        NodeKind::Sequence(items) => {
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    pad(indent, out);
                }
                out.push_str("- ");
                block(item, indent + 2, out);
            }
        }
        NodeKind::Mapping(entries) => {
            for (n, (key, value)) in entries.iter().enumerate() {
                if n > 0 {
                    pad(indent, out);
                }
                block(key, indent, out);
                out.push(':');
                match &value.kind {
                    NodeKind::Sequence(items) if !items.is_empty() => {
                        pad(indent, out);
                        block(value, indent, out);
                    }
                    NodeKind::Mapping(entries) if !entries.is_empty() => {
                        pad(indent + 2, out);
                        block(value, indent + 2, out);
                    }
                    NodeKind::Scalar(scalar)
                        if scalar.text.is_empty() && scalar.style == Style::Plain => {}
                    NodeKind::Scalar(_) | NodeKind::Sequence(_) | NodeKind::Mapping(_) => {
                        out.push(' ');
                        block(value, indent, out);
                    }
                }
            }
        }
    }
}

/// Whether a plain text has the type its tag says.
fn is_read_as(tag: &str, text: &str) -> bool {
    typed::tag_of(&Node {
        line: 1,
        ..Node::plain(text)
    })
    .as_deref()
        == Some(tag)
}

fn text(text: &str, style: Style, tag: Option<&str>, indent: usize, out: &mut String) {
    if let Some(tag) = tag {
        match tag.strip_prefix("tag:yaml.org,2002:") {
            // What a plain text is read as anyway needs no tag.
            Some("str" | "int" | "float" | "bool" | "null") if is_read_as(tag, text) => {}
            Some("str") => {}
            Some(name) => out.push_str(&format!("!!{name} ")),
            None => out.push_str(&format!("{tag} ")),
        }
    }
    match style {
        Style::SingleQuoted if !text.contains('\n') => {
            out.push('\'');
            out.push_str(&text.replace('\'', "''"));
            out.push('\'');
        }
        Style::Plain if !text.contains('\n') => out.push_str(text),
        Style::Literal | Style::Folded => {
            out.push('|');
            if !text.ends_with('\n') {
                out.push('-');
            }
            for line in text.lines() {
                if line.is_empty() {
                    out.push('\n');
                } else {
                    pad(indent + 2, out);
                    out.push_str(line);
                }
            }
        }
        Style::Plain | Style::SingleQuoted | Style::DoubleQuoted => {
            // JSON strings are YAML strings.
            out.push_str(&serde_json::Value::from(text).to_string());
        }
    }
}
