//! `configMapGenerator` and `secretGenerator`: objects made from literals, files and env files.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::fields::Fields;
use super::load::Loader;
use super::node::{self, NodeExt};
use super::resource::{Behavior, Resource};
use super::typed;
use crate::error::{Error, Result, ResultExt};
use crate::object::yaml::Node;

/// Base64 in generated Secrets is broken into lines of this many characters.
const BASE64_LINE: usize = 70;

/// Labels, annotations and switches for generated objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GeneratorOptions {
    pub labels: Vec<(String, String)>,
    pub annotations: Vec<(String, String)>,
    pub disable_hash: bool,
    pub immutable: bool,
}

impl GeneratorOptions {
    pub fn read(node: &Node, file: &str) -> Result<Self> {
        let mut fields = Fields::strict(node, "generatorOptions", file)?;
        let options = Self {
            labels: fields.pairs("labels")?,
            annotations: fields.pairs("annotations")?,
            disable_hash: fields.flag("disableNameSuffixHash")?,
            immutable: fields.flag("immutable")?,
        };
        fields.finish()?;
        Ok(options)
    }

    /// Fills in what the file says for all its generators.
    fn with_defaults(mut self, defaults: &Self) -> Self {
        fill(&mut self.labels, &defaults.labels);
        fill(&mut self.annotations, &defaults.annotations);
        self.disable_hash |= defaults.disable_hash;
        self.immutable |= defaults.immutable;
        self
    }
}

fn fill(pairs: &mut Vec<(String, String)>, defaults: &[(String, String)]) {
    let known: HashSet<String> = pairs.iter().map(|(key, _)| key.clone()).collect();
    let more = defaults.iter().filter(|(key, _)| !known.contains(key));
    pairs.extend(more.cloned());
}

/// One entry of `configMapGenerator` or `secretGenerator`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GeneratorArgs {
    pub name: String,
    pub namespace: String,
    pub behavior: Behavior,
    pub literals: Vec<String>,
    pub files: Vec<String>,
    pub envs: Vec<String>,
    /// The type of a Secret.
    pub secret_type: String,
    pub options: GeneratorOptions,
    pub line: u32,
}

impl GeneratorArgs {
    pub fn read(node: &Node, name: &str, file: &str) -> Result<Self> {
        let mut fields = Fields::strict(node, name, file)?;
        let mut args = Self::take(&mut fields, file)?;
        if name == "secretGenerator" {
            args.secret_type = fields.text("type")?;
        }
        fields.finish()?;
        Ok(Self {
            line: node.line,
            ..args
        })
    }

    /// Takes the fields of an entry out of a map that may hold others.
    pub fn take(fields: &mut Fields<'_>, file: &str) -> Result<Self> {
        let mut args = Self {
            name: fields.text("name")?,
            namespace: fields.text("namespace")?,
            behavior: Behavior::parse(&fields.text("behavior")?),
            literals: fields.texts("literals")?,
            files: fields.texts("files")?,
            envs: fields.texts("envs")?,
            ..Self::default()
        };
        let env = fields.text("env")?;
        if !env.is_empty() {
            args.envs.push(env);
        }
        if let Some(node) = fields.node("options") {
            args.options = GeneratorOptions::read(node, file)?;
        }
        Ok(args)
    }
}

/// Whether a generator makes ConfigMaps or Secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    ConfigMap,
    Secret,
}

/// The generated object, and whether it wants a hash in its name.
pub fn generate(
    kind: Kind,
    args: &GeneratorArgs,
    defaults: &GeneratorOptions,
    loader: &Loader<'_>,
    root: &str,
) -> Result<(Node, bool)> {
    if args.name.is_empty() {
        return Err(Error::render(match kind {
            Kind::ConfigMap => "a configmap must have a name",
            Kind::Secret => "a secret must have a name",
        }));
    }
    let options = args.options.clone().with_defaults(defaults);
    let pairs = load_pairs(args, loader, root)?;
    let mut object = node::empty_map();
    object.set("apiVersion", Node::plain("v1"));
    object.set(
        "kind",
        Node::plain(match kind {
            Kind::ConfigMap => "ConfigMap",
            Kind::Secret => "Secret",
        }),
    );
    object.set("metadata", metadata(args, &options));
    match kind {
        Kind::ConfigMap => config_map_data(&mut object, pairs),
        Kind::Secret => {
            let secret_type = if args.secret_type.is_empty() {
                "Opaque"
            } else {
                &args.secret_type
            };
            object.set("type", node::string(secret_type));
            let mut data = node::empty_map();
            push_all(
                &mut data,
                pairs.into_iter().map(|(key, value)| (key, base64(&value))),
            );
            object.set("data", data);
        }
    }
    if options.immutable {
        object.set("immutable", node::typed("bool", "true"));
    }
    Ok((object, !options.disable_hash))
}

fn metadata(args: &GeneratorArgs, options: &GeneratorOptions) -> Node {
    let mut metadata = node::empty_map();
    metadata.set("name", node::string(args.name.clone()));
    if !args.namespace.is_empty() {
        metadata.set("namespace", node::string(args.namespace.clone()));
    }
    for (field, pairs) in [
        ("labels", &options.labels),
        ("annotations", &options.annotations),
    ] {
        if !pairs.is_empty() {
            let mut map = node::empty_map();
            push_all(&mut map, pairs.iter().cloned());
            metadata.set(field, map);
        }
    }
    metadata
}

fn push_all(map: &mut Node, pairs: impl IntoIterator<Item = (String, String)>) {
    if let Some(entries) = map.entries_mut() {
        entries.extend(
            pairs
                .into_iter()
                .map(|(key, value)| (Node::plain(key), node::string(value))),
        );
    }
}

fn config_map_data(object: &mut Node, pairs: Vec<(String, Vec<u8>)>) {
    let (mut data, mut binary) = (Vec::new(), Vec::new());
    for (key, value) in pairs {
        match String::from_utf8(value) {
            Ok(text) => data.push((key, text)),
            Err(error) => binary.push((key, base64(error.as_bytes()))),
        }
    }
    for (field, pairs) in [("data", data), ("binaryData", binary)] {
        if !pairs.is_empty() {
            let mut map = node::empty_map();
            push_all(&mut map, pairs);
            object.set(field, map);
        }
    }
}

/// Base64; long ones are broken into lines, the last one ended too.
pub fn base64(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    if text.len() <= BASE64_LINE {
        return text;
    }
    let mut lines = String::with_capacity(text.len() + text.len() / BASE64_LINE + 1);
    for line in text.as_bytes().chunks(BASE64_LINE) {
        lines.push_str(std::str::from_utf8(line).unwrap_or_default());
        lines.push('\n');
    }
    lines
}

/// Keys and values in their order: env files, literals, files.
fn load_pairs(
    args: &GeneratorArgs,
    loader: &Loader<'_>,
    root: &str,
) -> Result<Vec<(String, Vec<u8>)>> {
    let mut pairs: Vec<(String, Vec<u8>)> = Vec::new();
    for file in &args.envs {
        let (_, content) = loader.read(root, file)?;
        loader.budget.generated(content.len())?;
        let dropped = env_pairs(&content, file, &mut pairs)?;
        loader.dropped.add(dropped.as_slice());
    }
    for (n, literal) in args.literals.iter().enumerate() {
        let pair = literal_pair(literal);
        pairs.push(pair.context(|| format!("literal {}", n + 1))?);
    }
    for file in &args.files {
        let (key, path) = file_pair(file)?;
        let (_, content) = loader.read(root, path)?;
        loader.budget.generated(content.len())?;
        pairs.push((key.to_owned(), content.to_vec()));
    }
    let mut seen = HashSet::with_capacity(pairs.len());
    for (key, _) in &pairs {
        if !seen.insert(key) {
            let name = &args.name;
            return Err(Error::render(format!(
                "generator `{name}` illegally repeats the key `{key}`"
            )));
        }
    }
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(pairs)
}

fn literal_pair(literal: &str) -> Result<(String, Vec<u8>)> {
    let pair = literal.split_once('=').filter(|(key, _)| !key.is_empty());
    let Some((key, value)) = pair else {
        // Without a `=` nothing tells a key from a secret.
        return Err(Error::render("invalid literal source, expected key=value"));
    };
    let unquoted = ['"', '\'']
        .into_iter()
        .find_map(|quote| {
            let inner = value.strip_prefix(quote)?;
            inner.strip_suffix(quote)
        })
        .unwrap_or(value);
    Ok((key.to_owned(), unquoted.as_bytes().to_vec()))
}

/// Key and path of a file source.
fn file_pair(source: &str) -> Result<(&str, &str)> {
    let fail = |why: &str| Err(Error::render(format!("file source `{source}`: {why}")));
    match source.matches('=').count() {
        0 => Ok((source.rsplit('/').next().unwrap_or(source), source)),
        1 => match source.split_once('=') {
            Some(("", _)) => fail("missing key name for file path"),
            Some((_, "")) => fail("missing file path for key name"),
            Some(pair) => Ok(pair),
            None => fail("no key"),
        },
        // More than one `=` is rather a literal that stands in the wrong list.
        _ => Err(Error::render(
            "a file source has more than one `=`: key names or file paths cannot contain '='",
        )
        .hint("key=value pairs belong into `literals`")),
    }
}

/// The real program stops at a line that is longer than this, without a word.
const ENV_LINE: usize = 64 << 10;

/// Says where the rest of the file is not read, if so.
fn env_pairs(
    content: &[u8],
    file: &str,
    pairs: &mut Vec<(String, Vec<u8>)>,
) -> Result<Option<Error>> {
    let text = std::str::from_utf8(content)
        .map_err(|_| Error::render("the env file is not UTF-8 text").at(file, 0, 0))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (n, line) in text.split('\n').enumerate() {
        if line.len() >= ENV_LINE {
            let message =
                "a line of 64 KiB or more: it and what follows are not read, as in kustomize";
            let at = u32::try_from(n + 1).unwrap_or(u32::MAX);
            return Ok(Some(Error::render(message).at(file, at, 0)));
        }
        let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        // A line without a key says nothing.
        if key.is_empty() {
            continue;
        }
        pairs.push((key.to_owned(), value.as_bytes().to_vec()));
    }
    Ok(None)
}

/// Puts a generated object in the place of the one that has its name. With `merge` the old data stays under the new keys.
pub fn onto(mut new: Resource, old: &Resource, merge: bool) -> Result<Resource> {
    let mut metadata = node::empty_map();
    // Written anew: what looks like a number is one then.
    metadata.set("name", Node::plain(old.node.text_at(&["metadata", "name"])));
    if let Some(namespace) = old.node.at(&["metadata", "namespace"]) {
        metadata.set("namespace", namespace.clone());
    }
    for field in ["labels", "annotations"] {
        let merged = merged_map(
            old.node.at(&["metadata", field]),
            new.node.at(&["metadata", field]),
            false,
        );
        if let Some(merged) = merged {
            metadata.set(field, merged);
        }
    }
    new.node.set("metadata", metadata);
    if merge {
        let is_secret = new.id.gvk.kind == "Secret";
        let old_data = if is_secret {
            with_string_data(&old.node)
        } else {
            old.node.get("data").cloned()
        };
        let data = merged_map(old_data.as_ref(), new.node.get("data"), true);
        set_or_remove(&mut new.node, "data", data);
        let (old_binary, new_binary) = (old.node.get("binaryData"), new.node.get("binaryData"));
        let binary = merged_map(old_binary, new_binary, true);
        set_or_remove(&mut new.node, "binaryData", binary);
    }
    new.needs_hash &= old.needs_hash;
    new.behavior = old.behavior;
    new.is_annotated = old.is_annotated;
    new.from_helm |= old.from_helm;
    new.history.clone_from(&old.history);
    new.prefixes.clone_from(&old.prefixes);
    new.suffixes.clone_from(&old.suffixes);
    if merge {
        new.source = old.source.clone();
    }
    new.transformations.clone_from(&old.transformations);
    new.vars.clone_from(&old.vars);
    new.location = old.location.clone();
    new.refresh();
    Ok(new)
}

fn set_or_remove(object: &mut Node, field: &str, value: Option<Node>) {
    match value {
        Some(value) => object.set(field, value),
        None => {
            object.remove(field);
        }
    }
}

/// The entries of both maps as text, the new ones winning.
fn merged_map(old: Option<&Node>, new: Option<&Node>, null_is_empty: bool) -> Option<Node> {
    let mut maps = [old, new]
        .into_iter()
        .flatten()
        .filter(|node| node.entries().is_some_and(|entries| !entries.is_empty()));
    let mut merged = maps.next()?.clone();
    for (key, value) in maps.flat_map(|map| map.entries().into_iter().flatten()) {
        merged.set(key.text().unwrap_or_default(), value.clone());
    }
    typed::texts(&mut merged, null_is_empty);
    Some(merged)
}

/// The data of a Secret, its `stringData` encoded into it.
fn with_string_data(secret: &Node) -> Option<Node> {
    let Some(plain) = secret.get("stringData").and_then(NodeExt::entries) else {
        return secret.get("data").cloned();
    };
    let mut data = secret
        .get("data")
        .filter(|data| data.is_map())
        .cloned()
        .unwrap_or_else(node::empty_map);
    for (key, value) in plain {
        let text = value.text().unwrap_or_default();
        data.set(
            key.text().unwrap_or_default(),
            node::string(base64(text.as_bytes())),
        );
    }
    Some(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_lose_one_pair_of_quotes() {
        let check = |literal: &str, value: &str| {
            assert_eq!(
                literal_pair(literal).expect("valid").1,
                value.as_bytes(),
                "{literal}"
            );
        };
        check("a=b=c", "b=c");
        check("a='b'", "b");
        check("a=\"'b'\"", "'b'");
        check("a='b\"", "'b\"");
        assert!(literal_pair("=b").is_err());
        assert!(literal_pair("a").is_err());
    }

    #[test]
    fn env_files_keep_what_follows_the_first_equals_sign() {
        let mut pairs = Vec::new();
        env_pairs(b"  A=1 \r\n# no\n\nexport D\nB=\"x\"", "e", &mut pairs).expect("reads");
        let expected: Vec<(String, Vec<u8>)> = [("A", "1 "), ("export D", ""), ("B", "\"x\"")]
            .map(|(key, value)| (key.to_owned(), value.as_bytes().to_vec()))
            .to_vec();
        assert_eq!(pairs, expected);
    }

    #[test]
    fn an_env_file_ends_at_a_line_that_is_too_long() {
        let mut pairs = Vec::new();
        let long = "x".repeat(ENV_LINE - 2);
        let text = format!("=1\nA={long}\nB=x{long}\nC=1");
        let dropped = env_pairs(text.as_bytes(), "e", &mut pairs).expect("reads");
        assert!(pairs.is_empty());
        assert_eq!(
            dropped.and_then(|it| it.location().map(|at| at.line)),
            Some(2)
        );
        let text = text.replace("A=x", "A=");
        let dropped = env_pairs(text.as_bytes(), "e", &mut pairs).expect("reads");
        assert_eq!(pairs.len(), 1);
        assert_eq!(
            dropped.and_then(|it| it.location().map(|at| at.line)),
            Some(3)
        );
    }

    #[test]
    fn long_base64_is_broken_into_lines() {
        assert_eq!(base64(b"b"), "Yg==");
        let lines = base64(&[0; 60]);
        assert_eq!(lines.lines().map(str::len).collect::<Vec<_>>(), [70, 10]);
        assert!(lines.ends_with('\n'));
    }
}
