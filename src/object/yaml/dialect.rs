//! Nodes as JSON, as kubectl or kustomize would read them.

use serde_json::{Map, Value};

use super::repeated::repeated;
use super::scalar::{Typed, typed};
use super::{Node, NodeKind, Scalar, Style};
use crate::error::{Error, Result};

/// Which reader's rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// kubectl, Argo CD and `kustomization.yaml` (`sigs.k8s.io/yaml`): YAML 1.1 booleans and numbers, timestamps stay text.
    Kubectl,
    /// What kustomize reads as a resource (go-yaml v3): `yes` stays text, `0644` is 420, dates are timestamps.
    Kustomize,
}

/// The JSON value of a plain scalar; quoted ones are always text.
pub fn resolve(
    scalar: &Scalar,
    tag: Option<&str>,
    dialect: Dialect,
) -> std::result::Result<Value, String> {
    typed(scalar, tag, dialect)?.into_value(dialect)
}

/// Turns a document into JSON. `<<` merges. Of a repeated key kubectl takes the last, kustomize refuses it.
///
/// Keys that are not text: kubectl makes them text by their value (`012` is `10`), kustomize by their spelling, and at the
/// top level only.
pub fn to_json(node: &Node, file: &str, dialect: Dialect) -> Result<Value> {
    Converter { file, dialect }.value(node, Level::Top)
}

struct Converter<'a> {
    file: &'a str,
    dialect: Dialect,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Top,
    Inner,
}

impl Converter<'_> {
    fn value(&self, node: &Node, level: Level) -> Result<Value> {
        match &node.kind {
            NodeKind::Scalar(scalar) => resolve(scalar, node.tag.as_deref(), self.dialect)
                .map_err(|message| self.error(message, node)),
            NodeKind::Sequence(items) => {
                // Collecting results cannot see the length and makes room for four: 2 % of the memory of 10,000 objects.
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(self.value(item, Level::Inner)?);
                }
                Ok(Value::Array(values))
            }
            NodeKind::Mapping(entries) => {
                let mut map = Map::new();
                self.fill(&mut map, entries, level)?;
                Ok(Value::Object(map))
            }
        }
    }

    fn fill(
        &self,
        map: &mut Map<String, Value>,
        entries: &[(Node, Node)],
        level: Level,
    ) -> Result<()> {
        // The newer reader lets a map's own keys win wherever `<<` stands; in the older one the later wins.
        if self.dialect == Dialect::Kustomize {
            self.refuse_repeated(entries)?;
            if let Some((again, _)) = entries.iter().filter(|(key, _)| is_merge(key)).nth(1) {
                return Err(self.error("`<<` stands twice", again));
            }
            for (_, value) in entries.iter().filter(|(key, _)| is_merge(key)) {
                self.merge(map, value, level)?;
            }
        }
        for (key, value) in entries {
            // To kustomize the merge key is no key even in quotes.
            if self.dialect == Dialect::Kustomize && key.text() == Some("<<") {
                continue;
            }
            if is_merge(key) {
                if self.dialect == Dialect::Kubectl {
                    self.merge(map, value, level)?;
                }
                continue;
            }
            let key = self.key(key, level)?;
            map.insert(key, self.value(value, Level::Inner)?);
        }
        Ok(())
    }

    /// Adds the entries of the map, or of the maps from last to first, so that earlier ones win.
    fn merge(&self, map: &mut Map<String, Value>, value: &Node, level: Level) -> Result<()> {
        match &value.kind {
            NodeKind::Mapping(entries) => self.fill(map, entries, level),
            NodeKind::Sequence(items) => {
                for item in items.iter().rev() {
                    let NodeKind::Mapping(entries) = &item.kind else {
                        return Err(self.error("`<<` can merge only maps", item));
                    };
                    self.fill(map, entries, level)?;
                }
                Ok(())
            }
            NodeKind::Scalar(_) => Err(self.error("`<<` can merge only maps", value)),
        }
    }

    fn key(&self, key: &Node, level: Level) -> Result<String> {
        let NodeKind::Scalar(scalar) = &key.kind else {
            return Err(self.error("a key that is a list or a map", key));
        };
        if scalar.style != Style::Plain && key.tag.is_none() {
            return Ok(scalar.text.clone());
        }
        let value = typed(scalar, key.tag.as_deref(), self.dialect)
            .map_err(|message| self.error(message, key))?;
        match (self.dialect, &value) {
            (_, Typed::Text(_)) | (Dialect::Kubectl, _) => value
                .into_key()
                .map_err(|message| self.error(message, key).hint("quote the key")),
            (Dialect::Kustomize, value) if level == Level::Top && *value != Typed::Null => {
                Ok(scalar.text.clone())
            }
            (Dialect::Kustomize, _) => {
                let message = format!("the key `{}` is not text", scalar.text);
                Err(self.error(message, key).hint("quote the key"))
            }
        }
    }

    fn refuse_repeated(&self, entries: &[(Node, Node)]) -> Result<()> {
        match repeated(entries).first() {
            None => Ok(()),
            Some((first, again)) => {
                let text = again.text().unwrap_or_default();
                let message = format!("key `{text}` stands twice, first in line {}", first.line);
                Err(self.error(message, again))
            }
        }
    }

    fn error(&self, message: impl Into<String>, node: &Node) -> Error {
        Error::render(message).at(self.file, node.line, node.column)
    }
}

/// Whether a key is the merge key, which must stand unquoted.
fn is_merge(key: &Node) -> bool {
    match (&key.kind, key.tag.as_deref()) {
        (NodeKind::Scalar(scalar), tag) if scalar.text == "<<" => match tag {
            None => scalar.style == Style::Plain,
            Some(tag) => tag == "!" || tag == "tag:yaml.org,2002:merge",
        },
        _ => false,
    }
}
