//! `replacements`: values copied from fields of one object into fields of others.

use super::budget;
use super::fields::Fields;
use super::id::Id;
use super::load::Loader;
use super::node::NodeExt;
use super::path::{self, Create};
use super::resource::Resource;
use super::selector::{Matcher, Selector};
use super::set::ResourceSet;
use super::structured::{self, Item, Kind};
use super::typed::write_text;
use super::visit::visit;
use crate::error::{Error, Result};
use crate::object::Gvk;
use crate::object::yaml::{Limits, Node, parse};

const DEFAULT_PATH: &str = "metadata.name";

/// One entry of `replacements`: inline, or a file that holds one or many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplacementEntry {
    Inline(Box<Replacement>),
    Path(String),
}

/// Where a value comes from and where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Replacement {
    pub source: Option<SourceField>,
    pub source_value: Option<String>,
    pub targets: Vec<Target>,
}

/// The field a value is read from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceField {
    pub id: Selector,
    pub field_path: String,
    pub options: Options,
}

/// How a value is taken apart or put together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    pub delimiter: String,
    pub index: i64,
    pub create: bool,
}

/// The fields a value goes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    pub select: Option<Selector>,
    pub reject: Vec<Selector>,
    pub field_paths: Vec<String>,
    pub options: Options,
}

impl ReplacementEntry {
    pub fn read(node: &Node, file: &str, is_strict: bool) -> Result<Self> {
        let path = node.text_at(&["path"]);
        if path.is_empty() {
            return Replacement::read(node, file, is_strict)
                .map(|inline| Self::Inline(Box::new(inline)));
        }
        if node.get("source").is_some() || node.get("targets").is_some() {
            let message = "cannot specify both path and inline replacement";
            return Err(Error::render(message).at(file, node.line, node.column));
        }
        Ok(Self::Path(path.to_owned()))
    }
}

fn open<'a>(node: &'a Node, name: &'a str, file: &'a str, is_strict: bool) -> Result<Fields<'a>> {
    if is_strict {
        Fields::strict(node, name, file)
    } else {
        Fields::lenient(node, name, file)
    }
}

impl Replacement {
    pub fn read(node: &Node, file: &str, is_strict: bool) -> Result<Self> {
        let mut fields = open(node, "replacements", file, is_strict)?;
        let mut replacement = Self::default();
        if let Some(source) = fields.node("source") {
            replacement.source = Some(SourceField::read(source, file, is_strict)?);
        }
        if fields.node("sourceValue").is_some() {
            replacement.source_value = Some(fields.text("sourceValue")?);
        }
        for target in fields.list("targets")? {
            replacement
                .targets
                .push(Target::read(target, file, is_strict)?);
        }
        fields.finish()?;
        Ok(replacement)
    }
}

impl SourceField {
    fn read(node: &Node, file: &str, is_strict: bool) -> Result<Self> {
        let mut fields = open(node, "source", file, is_strict)?;
        let id = Selector {
            group: fields.text("group")?,
            version: fields.text("version")?,
            kind: fields.text("kind")?,
            name: fields.text("name")?,
            namespace: fields.text("namespace")?,
            ..Selector::default()
        };
        let field_path = fields.text("fieldPath")?;
        let options = Options::read(fields.node("options"), file, is_strict)?;
        fields.finish()?;
        Ok(Self {
            id,
            field_path,
            options,
        })
    }
}

impl Options {
    fn read(node: Option<&Node>, file: &str, is_strict: bool) -> Result<Self> {
        let Some(node) = node else {
            return Ok(Self::default());
        };
        let mut fields = open(node, "options", file, is_strict)?;
        let options = Self {
            delimiter: fields.text("delimiter")?,
            index: fields.integer("index")?.unwrap_or_default(),
            create: fields.flag("create")?,
        };
        fields.text("encoding")?;
        fields.finish()?;
        Ok(options)
    }
}

impl Target {
    fn read(node: &Node, file: &str, is_strict: bool) -> Result<Self> {
        let mut fields = open(node, "targets", file, is_strict)?;
        let mut target = Self::default();
        if let Some(select) = fields.node("select") {
            target.select = Some(Selector::read(select, "select", file, is_strict)?);
        }
        for reject in fields.list("reject")? {
            target
                .reject
                .push(Selector::read(reject, "reject", file, is_strict)?);
        }
        target.field_paths = fields.texts("fieldPaths")?;
        target.options = Options::read(fields.node("options"), file, is_strict)?;
        fields.finish()?;
        Ok(target)
    }
}

/// Runs the replacements in order.
pub fn apply(
    set: &mut ResourceSet,
    entries: &[ReplacementEntry],
    loader: &Loader<'_>,
    root: &str,
    file: &str,
) -> Result<()> {
    for entry in entries {
        match entry {
            ReplacementEntry::Inline(replacement) => {
                one(set, replacement, loader).map_err(|error| error.at(file, 0, 0))?
            }
            ReplacementEntry::Path(path) => {
                let (at, content) = loader.read(root, path)?;
                for replacement in from_file(&content, &at)? {
                    one(set, &replacement, loader).map_err(|error| error.at(at.clone(), 0, 0))?;
                }
            }
        }
    }
    Ok(())
}

/// A file holds one replacement or a list of them.
fn from_file(content: &[u8], at: &str) -> Result<Vec<Replacement>> {
    let parsed = parse(content, at, &Limits::default())?;
    let Some(document) = parsed.documents.first() else {
        return Ok(Vec::new());
    };
    match document.items() {
        Some(items) => items
            .iter()
            .map(|item| Replacement::read(item, at, true))
            .collect(),
        None => Ok(vec![Replacement::read(document, at, true)?]),
    }
}

fn one(set: &mut ResourceSet, replacement: &Replacement, loader: &Loader<'_>) -> Result<()> {
    let mut value = match (&replacement.source, &replacement.source_value) {
        (Some(_), Some(_)) => {
            return Err(Error::render(
                "`source` and `sourceValue` cannot both be set",
            ));
        }
        (None, None) => {
            return Err(Error::render(
                "replacements must specify a source and at least one target",
            ));
        }
        (None, Some(text)) => SourceValue::fixed(Node::plain(text.clone())),
        (Some(source), None) => SourceValue::of(set, source)?,
    };
    if replacement.targets.is_empty() {
        return Err(Error::render(
            "replacements must specify a source and at least one target",
        ));
    }
    for target in &replacement.targets {
        copy_to(set, &mut value, target, loader)?;
    }
    Ok(())
}

/// A value on its way to its targets. One that is a whole field follows that field: a target may be the field itself.
struct SourceValue {
    value: Node,
    field: Option<(usize, Vec<String>)>,
}

impl SourceValue {
    fn fixed(value: Node) -> Self {
        Self { value, field: None }
    }

    /// The value at the source's field.
    fn of(set: &ResourceSet, source: &SourceField) -> Result<Self> {
        let mut found = set
            .items()
            .iter()
            .enumerate()
            .filter(|(_, resource)| is_source(resource, &source.id));
        let shown = shown(&source.id);
        let Some((position, resource)) = found.next() else {
            return Err(Error::render(format!(
                "nothing selected by {shown}:{}",
                source.field_path
            )));
        };
        if let Some((_, other)) = found.next() {
            return Err(Error::render(format!(
                "multiple matches for selector {shown}: `{}` and `{}`",
                resource.id, other.id
            )));
        }
        let field_path = if source.field_path.is_empty() {
            DEFAULT_PATH
        } else {
            &source.field_path
        };
        let parts = path::split(field_path);
        let value = path::find(&resource.node, &parts).map_err(|error| resource.blame(error))?;
        let Some(value) = value.filter(|value| !value.is_empty_value()) else {
            let error = Error::render(format!(
                "fieldPath `{field_path}` is missing for replacement source {shown}"
            ));
            return Err(resource.blame(error));
        };
        if source.options.delimiter.is_empty() {
            let field = Some((position, parts));
            let value = value.clone();
            return Ok(Self { value, field });
        }
        part_of(value.clone(), &source.options).map(Self::fixed)
    }

    /// Where the field stands now, if it is in this object.
    fn address(&self, position: usize, object: &Node) -> Option<*const Node> {
        let (of, parts) = self.field.as_ref()?;
        if *of != position {
            return None;
        }
        let field = path::find(object, parts).ok().flatten()?;
        Some(std::ptr::from_ref(field))
    }

    /// Reads the field again after something was written to its object.
    fn refresh(&mut self, position: usize, object: &Node) {
        if let Some((of, parts)) = &self.field
            && *of == position
            && let Ok(Some(value)) = path::find(object, parts)
        {
            self.value = value.clone();
        }
    }
}

fn shown(id: &Selector) -> String {
    format!(
        "{}.{}.{}/{}.{}",
        id.kind, id.version, id.group, id.name, id.namespace
    )
}

/// The part of a scalar that delimiter and index pick.
fn part_of(value: Node, options: &Options) -> Result<Node> {
    if options.delimiter.is_empty() {
        return Ok(value);
    }
    let Some(text) = value.text() else {
        return Err(Error::render(
            "delimiter option can only be used with scalar nodes",
        ));
    };
    let parts: Vec<&str> = text.split(options.delimiter.as_str()).collect();
    let part = usize::try_from(options.index)
        .ok()
        .and_then(|index| parts.get(index));
    let Some(part) = part else {
        return Err(Error::render(format!(
            "options.index {} is out of bounds: the value has {} parts",
            options.index,
            parts.len()
        )));
    };
    Ok(Node::plain(*part))
}

/// Sources are named exactly: now or before.
fn is_source(resource: &Resource, wanted: &Selector) -> bool {
    let is = |wanted: &str, text: &str| wanted.is_empty() || wanted == text;
    let gvk = &resource.id.gvk;
    if !is(&wanted.group, &gvk.group) || !is(&wanted.version, &gvk.version) {
        return false;
    }
    let fits = |kind: &str, name: &str, namespace: &str| {
        is(&wanted.kind, kind) && is(&wanted.name, name) && is(&wanted.namespace, namespace)
    };
    // To the real program nothing is cluster-scoped here.
    let namespace = match resource.id.namespace.as_str() {
        "" => "default",
        namespace => namespace,
    };
    fits(&gvk.kind, &resource.id.name, namespace)
        || resource
            .history
            .iter()
            .any(|previous| fits(&previous.kind, &previous.name, &previous.namespace))
}

struct Rejection {
    matcher: Matcher,
    has_id: bool,
}

fn copy_to(
    set: &mut ResourceSet,
    value: &mut SourceValue,
    target: &Target,
    loader: &Loader<'_>,
) -> Result<()> {
    let Some(select) = &target.select else {
        return Err(Error::render("target must specify resources to select"));
    };
    let matcher = select.compile()?;
    let rejections: Vec<Rejection> = target
        .reject
        .iter()
        .map(Rejection::new)
        .collect::<Result<_>>()?;
    let default = [DEFAULT_PATH.to_owned()];
    let field_paths = if target.field_paths.is_empty() {
        &default[..]
    } else {
        &target.field_paths
    };
    let paths: Vec<(&String, Vec<String>)> = field_paths
        .iter()
        .map(|field_path| (field_path, path::split(field_path)))
        .collect();
    for (position, resource) in set.items_mut().iter_mut().enumerate() {
        if !matcher.fits_labels(resource) {
            continue;
        }
        let ids = ids_of(resource);
        let is_rejected = |rejection: &Rejection| rejection.hits(resource, &ids);
        if rejections.iter().any(is_rejected) || !ids.iter().any(|id| matcher.fits_id(id)) {
            continue;
        }
        for (field_path, parts) in &paths {
            let source = value.address(position, &resource.node);
            let mut put = Put {
                value: &mut value.value,
                source,
                options: &target.options,
                loader,
            };
            resource.edit(|object| put.at(object, field_path, parts))?;
            value.refresh(position, &resource.node);
        }
        resource.refresh();
    }
    Ok(())
}

impl Rejection {
    fn new(selector: &Selector) -> Result<Self> {
        let parts = [
            &selector.group,
            &selector.version,
            &selector.kind,
            &selector.name,
            &selector.namespace,
        ];
        Ok(Self {
            matcher: selector.compile()?,
            has_id: parts.iter().any(|part| !part.is_empty()),
        })
    }

    fn hits(&self, resource: &Resource, ids: &[Id]) -> bool {
        let by_labels = self.matcher.has_label_conditions() && self.matcher.fits_labels(resource);
        by_labels || (self.has_id && ids.iter().any(|id| self.matcher.fits_id(id)))
    }
}

/// The present id with its namespace as written, and the previous ones.
fn ids_of(resource: &Resource) -> Vec<Id> {
    let gvk = &resource.id.gvk;
    let previous = resource.history.iter().map(|previous| Id {
        gvk: Gvk {
            kind: previous.kind.clone(),
            ..gvk.clone()
        },
        name: previous.name.clone(),
        namespace: previous.namespace.clone(),
        is_cluster_wide: resource.id.is_cluster_wide,
    });
    std::iter::once(resource.id.clone())
        .chain(previous)
        .collect()
}

/// One writing of a value to a path.
struct Put<'a> {
    value: &'a mut Node,
    /// The field that the value was read from, if it is in this object.
    source: Option<*const Node>,
    options: &'a Options,
    loader: &'a Loader<'a>,
}

impl Put<'_> {
    fn at(&mut self, object: &mut Node, field_path: &str, parts: &[String]) -> Result<()> {
        let create = if self.options.create {
            Create::like(self.value)
        } else {
            Create::Nothing
        };
        let n = match self.in_text(object, parts, create) {
            Some(n) => n,
            None => visit(object, parts, create, &mut |field| self.set(field))
                .map_err(|error| error.context(format!("field `{field_path}`")))?,
        };
        if n == 0 {
            return Err(Error::render(format!(
                "unable to find field \"{field_path}\" in replacement target"
            )));
        }
        Ok(())
    }

    /// How many values of a text got the value; `None` where there is no such text, or the path finds nothing in it.
    fn in_text(&mut self, object: &mut Node, parts: &[String], create: Create) -> Option<usize> {
        let (scalar, inner, rest) = find_text(object, parts)?;
        let change = |inner: &mut Item| visit(inner, rest, create, &mut |it| self.set_in_text(it));
        let n = structured::edit(scalar, inner, change).ok()?;
        (n > 0).then_some(n)
    }

    /// Writes the value into a text; a scalar keeps its looks, and its type as far as that can be.
    fn set_in_text(&mut self, item: &mut Item) -> Result<()> {
        self.loader.budget.copy(budget::size(self.value))?;
        let new = if self.options.delimiter.is_empty() {
            self.value.text().unwrap_or_default().to_owned()
        } else {
            let text = joined(item.text(), self.value, self.options)?;
            self.loader.budget.copy(text.len())?;
            text
        };
        match &mut item.kind {
            Kind::Scalar { text, .. } => *text = new,
            Kind::Sequence { .. } | Kind::Mapping(_) | Kind::Alias(_) => {
                *item = Item::of(self.value);
            }
        }
        Ok(())
    }

    /// Writes the value; a scalar keeps the type it had.
    fn set(&mut self, field: &mut Node) -> Result<()> {
        self.loader.budget.copy(budget::size(self.value))?;
        if !self.options.delimiter.is_empty() {
            let text = joined(field.text(), self.value, self.options)?;
            self.loader.budget.copy(text.len())?;
            write_text(field, text);
        } else if field.is_scalar() {
            write_text(field, self.value.text().unwrap_or_default().to_owned());
        } else {
            let (line, column) = (field.line, field.column);
            *field = self.value.clone();
            (field.line, field.column) = (line, column);
        }
        if self.source == Some(std::ptr::from_ref(field)) {
            *self.value = field.clone();
        }
        Ok(())
    }
}

/// A scalar in the middle of a path, what its text holds, and what of the path is left for that.
type InText<'a, 'p> = (&'a mut Node, structured::Structured, &'p [String]);

fn find_text<'a, 'p>(object: &'a mut Node, parts: &'p [String]) -> Option<InText<'a, 'p>> {
    for n in 1..parts.len() {
        let Ok(Some(found)) = path::find(object, &parts[..n]) else {
            continue;
        };
        if !found.is_scalar() {
            continue;
        }
        let Some(inner) = structured::open(found) else {
            continue;
        };
        let scalar = path::find_mut(object, &parts[..n]).ok()??;
        return Some((scalar, inner, &parts[n..]));
    }
    None
}

fn joined(field: Option<&str>, value: &Node, options: &Options) -> Result<String> {
    let Some(old) = field else {
        return Err(Error::render(
            "delimiter option can only be used with scalar nodes",
        ));
    };
    // A list or a map has no text, and nobody is told.
    let new = value.text().unwrap_or_default();
    let mut parts: Vec<&str> = old.split(options.delimiter.as_str()).collect();
    match usize::try_from(options.index) {
        Err(_) => parts.insert(0, new),
        Ok(index) => match parts.get_mut(index) {
            Some(part) => *part = new,
            None => parts.push(new),
        },
    }
    Ok(parts.join(&options.delimiter))
}
