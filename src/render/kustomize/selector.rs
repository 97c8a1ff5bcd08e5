//! Which objects a patch or a replacement is for: patterns on names and types, and label selectors.

use regex::Regex;

use super::fields::Fields;
use super::id::Id;
use super::resource::Resource;
use crate::error::{Error, Result};
use crate::object::yaml::Node;

/// A selector as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub name: String,
    pub namespace: String,
    pub labels: String,
    pub annotations: String,
}

impl Selector {
    pub fn read(node: &Node, name: &str, file: &str, is_strict: bool) -> Result<Self> {
        let mut fields = if is_strict {
            Fields::strict(node, name, file)?
        } else {
            Fields::lenient(node, name, file)?
        };
        let selector = Self {
            group: fields.text("group")?,
            version: fields.text("version")?,
            kind: fields.text("kind")?,
            name: fields.text("name")?,
            namespace: fields.text("namespace")?,
            labels: fields.text("labelSelector")?,
            annotations: fields.text("annotationSelector")?,
        };
        fields.finish()?;
        Ok(selector)
    }

    pub fn compile(&self) -> Result<Matcher> {
        Ok(Matcher {
            group: pattern(&self.group)?,
            version: pattern(&self.version)?,
            kind: pattern(&self.kind)?,
            name: pattern(&self.name)?,
            namespace: pattern(&self.namespace)?,
            labels: requirements(&self.labels)?,
            annotations: requirements(&self.annotations)?,
        })
    }
}

/// A selector ready for use.
#[derive(Debug)]
pub struct Matcher {
    group: Option<Pattern>,
    version: Option<Pattern>,
    kind: Option<Pattern>,
    name: Option<Pattern>,
    namespace: Option<Pattern>,
    labels: Vec<Requirement>,
    annotations: Vec<Requirement>,
}

/// An anchored regular expression; plain words are compared as such.
#[derive(Debug)]
enum Pattern {
    Word(String),
    Regex(Regex),
}

impl Pattern {
    fn fits(&self, text: &str) -> bool {
        match self {
            // A dot stands for any character.
            Self::Word(word) => {
                word.len() == text.len()
                    && word.bytes().zip(text.bytes()).all(|(wanted, b)| {
                        wanted == b || (wanted == b'.' && b != b'\n' && b.is_ascii())
                    })
            }
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

fn fits(pattern: Option<&Pattern>, text: &str) -> bool {
    pattern.is_none_or(|pattern| pattern.fits(text))
}

/// An empty text is no pattern: it fits anything.
fn pattern(text: &str) -> Result<Option<Pattern>> {
    if text.is_empty() {
        return Ok(None);
    }
    if text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/' | b':' | b'.'))
    {
        return Ok(Some(Pattern::Word(text.to_owned())));
    }
    // Both are RE2 dialects.
    match Regex::new(&format!("^(?:{text})$")) {
        Ok(regex) => Ok(Some(Pattern::Regex(regex))),
        Err(_) => Err(Error::render(format!("`{text}` is no regular expression"))),
    }
}

impl Matcher {
    /// Whether a patch with this target is for the object: its present type, its first or its present name and namespace.
    pub fn fits_target(&self, resource: &Resource) -> bool {
        let gvk = &resource.id.gvk;
        fits(self.group.as_ref(), &gvk.group)
            && fits(self.version.as_ref(), &gvk.version)
            && fits(self.kind.as_ref(), &gvk.kind)
            && (fits(self.name.as_ref(), resource.original_name())
                || fits(self.name.as_ref(), resource.name()))
            && (fits(self.namespace.as_ref(), resource.original_namespace())
                || fits(self.namespace.as_ref(), resource.id.effective_namespace()))
            && self.fits_labels(resource)
    }

    /// Whether all of type, name and namespace fit one and the same id.
    pub fn fits_id(&self, id: &Id) -> bool {
        fits(self.group.as_ref(), &id.gvk.group)
            && fits(self.version.as_ref(), &id.gvk.version)
            && fits(self.kind.as_ref(), &id.gvk.kind)
            && fits(self.name.as_ref(), &id.name)
            && fits(self.namespace.as_ref(), &id.namespace)
    }

    pub fn fits_labels(&self, resource: &Resource) -> bool {
        all_hold(&self.labels, resource.labels())
            && all_hold(&self.annotations, resource.annotations())
    }

    pub fn has_label_conditions(&self) -> bool {
        !self.labels.is_empty() || !self.annotations.is_empty()
    }
}

/// One condition of a label selector.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Exists,
    Missing,
    In(Vec<String>),
    NotIn(Vec<String>),
    Above(i64),
    Below(i64),
}

fn all_hold(requirements: &[Requirement], map: Option<&Node>) -> bool {
    requirements.iter().all(|requirement| {
        let value = map
            .and_then(|map| map.get(&requirement.key))
            .map(|value| value.text().unwrap_or_default());
        match (&requirement.test, value) {
            (Test::Exists, value) => value.is_some(),
            (Test::Missing, value) => value.is_none(),
            (Test::In(values), value) => {
                value.is_some_and(|value| values.iter().any(|v| v == value))
            }
            (Test::NotIn(values), value) => {
                value.is_none_or(|value| values.iter().all(|v| v != value))
            }
            (Test::Above(least), value) => value
                .and_then(|v| v.parse().ok())
                .is_some_and(|v: i64| v > *least),
            (Test::Below(most), value) => value
                .and_then(|v| v.parse().ok())
                .is_some_and(|v: i64| v < *most),
        }
    })
}

/// Splits at commas outside of parentheses and reads each condition.
fn requirements(text: &str) -> Result<Vec<Requirement>> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let mut depth = 0_usize;
    text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .map(|part| {
        requirement(part.trim())
            .ok_or_else(|| Error::render(format!("unable to parse the selector `{text}`")))
    })
    .collect()
}

fn requirement(text: &str) -> Option<Requirement> {
    let made = |key: &str, test: Test| {
        let key = key.trim();
        is_key(key).then(|| Requirement {
            key: key.to_owned(),
            test,
        })
    };
    if let Some(key) = text.strip_prefix('!') {
        return made(key, Test::Missing);
    }
    if let Some((head, values)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        let values = values.split(',').map(|value| value.trim().to_owned());
        let (key, word) = head.trim().rsplit_once(char::is_whitespace)?;
        return match word {
            "in" => made(key, Test::In(values.collect())),
            "notin" => made(key, Test::NotIn(values.collect())),
            _ => None,
        };
    }
    if let Some((key, value)) = text.split_once("!=") {
        return is_value(value).then(|| made(key, Test::NotIn(vec![value.trim().to_owned()])))?;
    }
    if let Some((key, value)) = text.split_once('=') {
        let value = value.strip_prefix('=').unwrap_or(value);
        return is_value(value).then(|| made(key, Test::In(vec![value.trim().to_owned()])))?;
    }
    if let Some((key, value)) = text.split_once('>') {
        return made(key, Test::Above(value.trim().parse().ok()?));
    }
    if let Some((key, value)) = text.split_once('<') {
        return made(key, Test::Below(value.trim().parse().ok()?));
    }
    made(text, Test::Exists)
}

fn is_key(key: &str) -> bool {
    let name = key.rsplit('/').next().unwrap_or_default();
    !name.is_empty()
        && name.len() <= 63
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'))
}

fn is_value(value: &str) -> bool {
    let value = value.trim();
    value.len() <= 63
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::yaml::{Limits, parse};

    fn check(selector: &str, holds: bool) {
        let labels = parse(b"app: web\ntier: front\n", "r.yaml", &Limits::default())
            .expect("parses")
            .documents
            .remove(0);
        let requirements = requirements(selector).expect("selector");
        assert_eq!(all_hold(&requirements, Some(&labels)), holds, "{selector}");
    }

    #[test]
    fn label_selectors_follow_kubernetes() {
        check("app=web", true);
        check("app==web,tier!=back", true);
        check("app in (web, api),!gone", true);
        check("app notin (web)", false);
        check("app", true);
        check("gone", false);
        assert!(requirements("a b c").is_err());
    }

    #[test]
    fn names_are_anchored_patterns() {
        let pattern = pattern("web|api").expect("compiles").expect("pattern");
        assert!(pattern.fits("web"));
        assert!(!pattern.fits("web2"));
    }
}
