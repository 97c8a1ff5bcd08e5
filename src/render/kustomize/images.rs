//! `images`: new names, tags and digests for container images.

use regex::Regex;

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

    /// The pattern that values must fit: the name is part of it as it stands. None when it is no pattern.
    fn pattern(&self) -> Option<Regex> {
        let name = &self.name;
        Regex::new(&format!(
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
pub fn apply(set: &mut ResourceSet, image: &Image, specs: &Specs, containers: bool) -> Result<()> {
    let Some(pattern) = image.pattern() else {
        return Ok(());
    };
    let replace = |field: &mut Node| {
        let Some(text) = field.text() else {
            return Err(Error::render("an `image` that is no text"));
        };
        if !field.is_null() && pattern.is_match(text) {
            let replaced = image.replace(text);
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
}
