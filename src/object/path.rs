//! Paths of fields inside an object, written as JSONPath writes them.

use std::fmt;

use serde_json::Value;

/// One step into an object.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// A field of a map.
    Field(String),
    /// An item of a list by position.
    Index(usize),
    /// An item of a keyed list: its key fields and their values, in the order of the field set.
    Item(Vec<(String, KeyValue)>),
    /// An item of a set, by its value.
    Value(KeyValue),
}

/// A scalar that identifies a list item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyValue {
    Text(String),
    /// Any other scalar, as JSON text (`80`, `true`, `null`).
    Json(String),
}

impl KeyValue {
    pub fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text.clone()),
            other => Self::Json(other.to_string()),
        }
    }
}

impl fmt::Display for KeyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Json(text) => f.write_str(text),
        }
    }
}

/// A field's place: `spec.template.spec.containers[name=main].image`, `metadata.annotations['a.b/c']`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct FieldPath(pub Vec<Step>);

impl FieldPath {
    pub fn child(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    pub fn field(&self, name: &str) -> Self {
        self.child(Step::Field(name.to_owned()))
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, step) in self.0.iter().enumerate() {
            match step {
                Step::Field(name) if is_plain(name) => {
                    if n > 0 {
                        f.write_str(".")?;
                    }
                    f.write_str(name)?;
                }
                Step::Field(name) => {
                    write!(f, "['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"))?
                }
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Item(keys) => {
                    f.write_str("[")?;
                    for (n, (key, value)) in keys.iter().enumerate() {
                        if n > 0 {
                            f.write_str(",")?;
                        }
                        write!(f, "{key}={value}")?;
                    }
                    f.write_str("]")?;
                }
                Step::Value(value) => write!(f, "[={value}]")?,
            }
        }
        Ok(())
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '$')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_as_jsonpath_does() {
        let path = FieldPath::default()
            .field("metadata")
            .field("annotations")
            .field("a.b/c");
        assert_eq!(path.to_string(), "metadata.annotations['a.b/c']");
        let item = Step::Item(vec![("name".into(), KeyValue::Text("main".into()))]);
        let path = FieldPath::default()
            .field("spec")
            .field("containers")
            .child(item)
            .field("image");
        assert_eq!(path.to_string(), "spec.containers[name=main].image");
    }
}
