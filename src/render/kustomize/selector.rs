//! Which objects a patch or a replacement is for: patterns on names and types, and label selectors.

use super::fields::Fields;
use super::id::Id;
use super::resource::Resource;
use crate::error::{Error, Result};
use crate::object::yaml::Node;
use crate::render::re2;
use crate::repo::selector::Selector as Conditions;

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
            labels: conditions(&self.labels)?,
            annotations: conditions(&self.annotations)?,
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
    labels: Conditions,
    annotations: Conditions,
}

/// An anchored regular expression; plain words are compared as such.
#[derive(Debug)]
enum Pattern {
    Word(String),
    Regex(re2::Pattern),
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
    re2::Pattern::anchored(text).map(|regex| Some(Pattern::Regex(regex)))
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
        hold(&self.labels, resource.labels()) && hold(&self.annotations, resource.annotations())
    }

    pub fn has_label_conditions(&self) -> bool {
        !self.labels.is_empty() || !self.annotations.is_empty()
    }
}

fn conditions(text: &str) -> Result<Conditions> {
    // The words for the command line's own selectors do not fit here.
    Conditions::parse(text)
        .map_err(|_| Error::render(format!("unable to parse the selector `{text}`")))
}

fn hold(conditions: &Conditions, map: Option<&Node>) -> bool {
    conditions.matches_by(|key| {
        let value = map.and_then(|map| map.get(key));
        value.map(|value| value.text().unwrap_or_default())
    })
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
        let conditions = conditions(selector).expect("selector");
        assert_eq!(hold(&conditions, Some(&labels)), holds, "{selector}");
    }

    #[test]
    fn label_selectors_follow_kubernetes() {
        check("app=web", true);
        check("app==web,tier!=back", true);
        check("app in (web, api),!gone", true);
        check("app notin (web)", false);
        check("app", true);
        check("gone", false);
        assert!(conditions("a b c").is_err());
    }

    #[test]
    fn names_are_anchored_patterns() {
        let pattern = pattern("web|api").expect("compiles").expect("pattern");
        assert!(pattern.fits("web"));
        assert!(!pattern.fits("web2"));
    }
}
