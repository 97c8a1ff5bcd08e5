//! `images`: new names, tags and digests for container images.

use crate::render::re2::Pattern;

use super::budget::Budget;
use super::fields::Fields;
use super::fieldspec::{Make, Specs, walk};
use super::node::NodeExt;
use super::set::ResourceSet;
use crate::error::{Error, Result};
use crate::object::yaml::{Node, NodeKind};

/// One entry of `images`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Image {
    pub name: String,
    pub new_name: String,
    pub new_tag: String,
    pub tag_suffix: String,
    pub digest: String,
}

impl Image {
    pub fn read(node: &Node, file: &str, is_strict: bool) -> Result<Self> {
        let mut fields = if is_strict {
            Fields::strict(node, "images", file)?
        } else {
            Fields::lenient(node, "images", file)?
        };
        let image = Self {
            name: fields.text("name")?,
            new_name: fields.text("newName")?,
            new_tag: fields.text("newTag")?,
            tag_suffix: fields.text("tagSuffix")?,
            digest: fields.text("digest")?,
        };
        fields.finish()?;
        Ok(image)
    }

    /// What values must fit. None when the name is no pattern.
    fn matcher(&self) -> Option<Matcher<'_>> {
        let is_plain =
            |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/' | b':' | b'.');
        if self.name.bytes().all(is_plain) {
            return Some(Matcher::Plain(&self.name));
        }
        self.pattern().map(Matcher::Regex)
    }

    /// The pattern that values must fit: the name is part of it as it stands. None when it is no pattern.
    fn pattern(&self) -> Option<Pattern> {
        let name = &self.name;
        Pattern::new(&format!(
            "^{name}(:[a-zA-Z0-9_.{{}}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{{}}-]*)?$"
        ))
        .ok()
    }

    /// The image that takes the place of `value`.
    fn replace(&self, value: &str) -> String {
        let (name, mut tag, mut digest) = split(value);
        let name = if self.new_name.is_empty() {
            name
        } else {
            &self.new_name
        };
        let suffixed;
        match (self.new_tag.is_empty(), self.digest.is_empty()) {
            (false, false) => (tag, digest) = (&self.new_tag, &self.digest),
            (false, true) => (tag, digest) = (&self.new_tag, ""),
            (true, false) => (tag, digest) = ("", &self.digest),
            (true, true) if !self.tag_suffix.is_empty() => {
                suffixed = format!("{tag}{}", self.tag_suffix);
                (tag, digest) = (&suffixed, "");
            }
            (true, true) => {}
        }
        let mut image = name.to_owned();
        for (mark, part) in [(':', tag), ('@', digest)] {
            if !part.is_empty() {
                image.push(mark);
                image.push_str(part);
            }
        }
        image
    }
}

/// Tells which values an entry is for. Compiling a pattern costs more than a small overlay, and few names are patterns.
enum Matcher<'a> {
    /// A name with nothing special in it but dots, which stand for any character.
    Plain(&'a str),
    Regex(Pattern),
}

impl Matcher<'_> {
    fn fits(&self, value: &str) -> bool {
        match self {
            Self::Regex(regex) => regex.is_match(value),
            Self::Plain(name) => {
                let (start, rest) = match value.as_bytes().split_at_checked(name.len()) {
                    Some(halves) => halves,
                    None => return false,
                };
                let is_name = name.bytes().zip(start).all(|(wanted, &b)| {
                    wanted == b || (wanted == b'.' && b != b'\n' && b.is_ascii())
                });
                is_name && is_tag_and_digest(rest)
            }
        }
    }
}

/// `(:TAG)?(@ALGORITHM:HEX)?` as the pattern has it.
fn is_tag_and_digest(rest: &[u8]) -> bool {
    let is_word =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'{' | b'}' | b'-');
    let rest = match rest.strip_prefix(b":") {
        Some(tag) => {
            let end = tag.iter().position(|b| !is_word(b)).unwrap_or(tag.len());
            &tag[end..]
        }
        None => rest,
    };
    let Some(digest) = rest.strip_prefix(b"@") else {
        return rest.is_empty();
    };
    let Some(colon) = digest.iter().position(|b| *b == b':') else {
        return false;
    };
    let is_algorithm = digest[..colon]
        .split(|b| matches!(b, b'.' | b'+' | b'_' | b'-'))
        .all(|part| !part.is_empty() && part.iter().all(u8::is_ascii_alphanumeric));
    is_algorithm && digest[colon + 1..].iter().all(is_word)
}

/// Name, tag and digest of an image. A port of the registry is no tag.
pub fn split(image: &str) -> (&str, &str, &str) {
    let start = image.find('/').unwrap_or(0);
    let rest = &image[start..];
    let (before, digest) = match rest.find('@') {
        Some(at) => (start + at, &rest[at + 1..]),
        None => (image.len(), ""),
    };
    let named = &image[..before];
    match named[start..].find(':') {
        Some(at) => (&named[..start + at], &named[start + at + 1..], digest),
        None => (named, "", digest),
    }
}

/// Replaces the image wherever it stands.
pub fn apply(
    set: &mut ResourceSet,
    image: &Image,
    specs: &Specs,
    containers: bool,
    budget: &Budget,
) -> Result<()> {
    let Some(matcher) = image.matcher() else {
        return Ok(());
    };
    let replace = |field: &mut Node| {
        let Some(text) = field.text() else {
            return Err(Error::render("an `image` that is no text"));
        };
        if !field.is_null() && matcher.fits(text) {
            let replaced = image.replace(text);
            budget.spread(replaced.len().saturating_sub(text.len()), 1)?;
            field.set_text(replaced);
        }
        Ok(())
    };
    for resource in set.items_mut() {
        if resource.id.gvk.kind == "CustomResourceDefinition" {
            continue;
        }
        let gvk = resource.id.gvk.clone();
        resource.edit(|object| {
            if containers {
                in_containers(object, &replace)?;
            }
            specs
                .of(&gvk)
                .try_for_each(|spec| walk(object, spec, Make::Nothing, &mut |field| replace(field)))
        })?;
    }
    Ok(())
}

/// Visits `image` in the items of every list called `containers` or `initContainers`.
fn in_containers(node: &mut Node, replace: &dyn Fn(&mut Node) -> Result<()>) -> Result<()> {
    match &mut node.kind {
        NodeKind::Scalar(_) => Ok(()),
        NodeKind::Sequence(items) => items
            .iter_mut()
            .try_for_each(|item| in_containers(item, replace)),
        NodeKind::Mapping(entries) => {
            for (key, value) in entries {
                if matches!(key.text(), Some("containers" | "initContainers")) {
                    for item in value.items_mut().into_iter().flatten() {
                        if let Some(image) = item.get_mut("image") {
                            replace(image)?;
                        }
                    }
                }
                in_containers(value, replace)?;
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(image: Image, value: &str, expected: &str) {
        assert_eq!(image.replace(value), expected);
    }

    fn image(new_name: &str, new_tag: &str, digest: &str) -> Image {
        Image {
            name: "nginx".to_owned(),
            new_name: new_name.to_owned(),
            new_tag: new_tag.to_owned(),
            digest: digest.to_owned(),
            ..Image::default()
        }
    }

    #[test]
    fn a_tag_drops_the_digest_and_a_digest_drops_the_tag() {
        check(image("", "2", ""), "nginx:1@sha256:aa", "nginx:2");
        check(image("", "", "sha256:bb"), "nginx:1", "nginx@sha256:bb");
        check(image("", "2", "sha256:bb"), "nginx", "nginx:2@sha256:bb");
        check(image("my", "", ""), "nginx:1@sha256:aa", "my:1@sha256:aa");
    }

    #[test]
    fn the_port_of_a_registry_is_no_tag() {
        assert_eq!(split("reg:5000/a/b:1"), ("reg:5000/a/b", "1", ""));
        assert_eq!(split("reg:5000/a/b"), ("reg:5000/a/b", "", ""));
    }

    #[test]
    fn the_name_is_an_anchored_pattern() {
        let matches = |name: &str, value: &str| {
            let image = Image {
                name: name.to_owned(),
                ..Image::default()
            };
            image
                .pattern()
                .is_some_and(|pattern| pattern.is_match(value))
        };
        assert!(matches("nginx", "nginx:1"));
        assert!(!matches("nginx", "docker.io/nginx"));
        assert!(matches(".*nginx", "reg:5000/x/nginx"));
        assert!(!matches("(", "("));
    }

    #[test]
    fn a_plain_name_matches_without_a_pattern_as_it_would_with_one() {
        let values = [
            "nginx",
            "nginx:1",
            "nginx:",
            "nginx@sha256:ab",
            "nginx:1@sha256:ab",
            "nginx@sha256",
            "nginx@a..b:c",
            "nginx:1:2",
            "nginxx",
            "ngin",
            "a/nginx",
            "nginx:{T}",
            "reg.io/a:1",
            "regxio/a",
            "nginx@a+b:",
            "nginx:1@",
        ];
        for name in ["nginx", "reg.io/a", "nginx:1"] {
            let image = Image {
                name: name.to_owned(),
                ..Image::default()
            };
            let pattern = image.pattern().expect("a pattern");
            for value in values {
                assert_eq!(
                    Matcher::Plain(name).fits(value),
                    pattern.is_match(value),
                    "{name} {value}"
                );
            }
        }
    }
}
