//! Templates in the Tera language, for apps that ask for them (`spec.source.plugin.name: tera`).
//!
//! [`TemplateTree`] shows a tree of files in which each `x.yaml.tera` is the `x.yaml` it renders to, so that the renderers
//! know nothing of templates. A template sees its values and the other `*.tera` files of its folder, and nothing else; what it
//! may do is bounded, so that every template ends.

mod budget;
mod engine;
mod functions;
mod guard;
mod scan;
mod values;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use crate::error::{Error, Location, Result};
use crate::repo::application::{Application, Plugin};
use crate::repo::lost::Lost;
use crate::repo::tree::{Entry, FileTree, join};
use budget::Budget;
const EXTENSION: &str = ".tera";

/// A tree in which templates are what they render to.
pub struct TemplateTree<'a> {
    inner: &'a dyn FileTree,
    context: tera::Context,
    /// The variables, for hints.
    names: Vec<String>,
    /// The files with the values, which are no manifests.
    values: Vec<String>,
    /// The texts among the values, longest first: an error must not repeat them.
    texts: Vec<String>,
    budget: Arc<Budget>,
    rendered: Mutex<BTreeMap<String, Result<Arc<[u8]>>>>,
}

/// `x.yaml` for `x.yaml.tera`; `None` for all other names.
fn rendered_name(name: &str) -> Option<&str> {
    let rest = name.strip_suffix(EXTENSION)?;
    let extensions = [".yaml", ".yml", ".json"];
    let is_named = |stem: &str| !stem.is_empty() && !stem.ends_with('/');
    extensions
        .iter()
        .any(|extension| rest.strip_suffix(extension).is_some_and(is_named))
        .then_some(rest)
}

impl<'a> TemplateTree<'a> {
    /// The tree of `app`, whose files are below `path`, for `cluster`.
    pub fn new(
        inner: &'a dyn FileTree,
        app: &Application,
        plugin: &Plugin,
        path: &str,
        cluster: &str,
        revision: &str,
    ) -> Result<Self> {
        let map = values::values(app, plugin, inner, path, cluster, revision)?;
        Ok(Self {
            inner,
            context: values::context(&map)?,
            names: map.keys().cloned().collect(),
            values: values::files(path, cluster),
            texts: texts(&map),
            budget: Arc::default(),
            rendered: Mutex::default(),
        })
    }

    /// The template that the file `path` of this tree is rendered from.
    pub fn template_of(&self, path: &str) -> Option<String> {
        if rendered_name(path).is_some() {
            return Some(path.to_owned());
        }
        let template = format!("{path}{EXTENSION}");
        rendered_name(&template)?;
        (self.inner.entry(&template).ok()? == Entry::File).then_some(template)
    }

    /// The place that a person can go to, for a place in rendered text: its lines stand in no file.
    fn origin(&self, place: &Location) -> Option<Location> {
        self.is_rendered(place).then(|| {
            let file = self
                .template_of(&place.file)
                .unwrap_or_else(|| place.file.clone());
            Location {
                file,
                line: 0,
                column: 0,
            }
        })
    }

    /// The places of objects and warnings, likewise.
    pub fn settle(&self, place: &mut Location) {
        if let Some(origin) = self.origin(place) {
            *place = origin;
        }
    }

    /// An error about rendered text, told at its template.
    pub fn explain(&self, error: Error) -> Error {
        let Some(place) = error.location().cloned() else {
            return error;
        };
        let Some(origin) = self.origin(&place) else {
            return error;
        };
        let error = error.moved(origin);
        match place.line {
            0 => error,
            line => error.context(format!("line {line} of the rendered text")),
        }
    }

    /// Whether `place` is in text that was rendered. What is wrong with a template itself has the template's own line.
    fn is_rendered(&self, place: &Location) -> bool {
        let rendered = self.rendered.lock().unwrap_or_else(PoisonError::into_inner);
        self.template_of(&place.file)
            .is_some_and(|template| matches!(rendered.get(&template), Some(Ok(_))))
    }

    fn render(&self, template: &str) -> Result<Arc<[u8]>> {
        let known =
            |rendered: &BTreeMap<String, Result<Arc<[u8]>>>| rendered.get(template).cloned();
        if let Some(known) = known(&self.rendered.lock().unwrap_or_else(PoisonError::into_inner)) {
            return known;
        }
        let (folder, name) = template.rsplit_once('/').unwrap_or(("", template));
        let text = engine::render(
            self.inner,
            folder,
            name,
            &self.context,
            &self.names,
            &self.budget,
        )
        .map(Arc::from)
        .map_err(|error| error.map_texts(|text| self.without_values(text)));
        self.rendered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(template.to_owned(), text.clone());
        text
    }

    /// What a template says with `throw` may hold a value.
    fn without_values(&self, text: &str) -> String {
        let values = self.texts.iter();
        values.fold(text.to_owned(), |text, value| text.replace(value, "…"))
    }

    fn is_values(&self, path: &str) -> bool {
        self.values.iter().any(|file| file == path)
    }
}

/// The texts in values that are long enough to mean something, those of the app itself left out.
fn texts(values: &Map<String, Value>) -> Vec<String> {
    const LONG: usize = 8;
    fn collect(value: &Value, texts: &mut Vec<String>) {
        match value {
            Value::String(text) if text.len() >= LONG => texts.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
            Value::Object(map) => map.values().for_each(|item| collect(item, texts)),
            Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {}
        }
    }
    let mut texts = Vec::new();
    let given = values.iter().filter(|(name, _)| *name != values::APP);
    given.for_each(|(_, value)| collect(value, &mut texts));
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    texts
}

impl FileTree for TemplateTree<'_> {
    fn entry(&self, path: &str) -> Result<Entry> {
        match self.inner.entry(path)? {
            Entry::Missing if self.template_of(path).is_some() => Ok(Entry::File),
            entry => Ok(entry),
        }
    }

    fn read(&self, path: &str) -> Result<Arc<[u8]>> {
        let Some(template) = self.template_of(path) else {
            return self.inner.read(path);
        };
        if template != path && self.inner.entry(path)? == Entry::File {
            return Err(Error::render(format!(
                "`{path}` stands beside a template of the same name"
            ))
            .at(template, 0, 0)
            .hint("keep one of the two"));
        }
        self.render(&template)
    }

    fn list(&self, path: &str) -> Result<Vec<(String, Entry)>> {
        let mut names: BTreeMap<String, Entry> = BTreeMap::new();
        for (name, entry) in self.inner.list(path)? {
            if entry == Entry::File && self.is_values(&join(path, &name)?) {
                continue;
            }
            match rendered_name(&name) {
                Some(rendered) => {
                    names.insert(rendered.to_owned(), entry);
                }
                None => {
                    names.entry(name).or_insert(entry);
                }
            }
        }
        Ok(names.into_iter().collect())
    }

    fn real_path(&self, path: &str) -> Result<String> {
        let Some(template) = self.template_of(path) else {
            return self.inner.real_path(path);
        };
        let real = self.inner.real_path(&template)?;
        Ok(match rendered_name(&real) {
            Some(rendered) if template != path => rendered.to_owned(),
            Some(_) | None => real,
        })
    }

    fn lost_at(&self, path: &str) -> Result<Option<Lost>> {
        let template = self.template_of(path);
        self.inner.lost_at(template.as_deref().unwrap_or(path))
    }

    fn left_out(&self, path: &str) -> Result<Vec<Lost>> {
        let mut lost = self.inner.left_out(path)?;
        for Lost { path, .. } in &mut lost {
            if let Some(rendered) = rendered_name(path) {
                *path = rendered.to_owned();
            }
        }
        Ok(lost)
    }

    fn describe(&self) -> String {
        self.inner.describe()
    }
}

#[cfg(test)]
mod app_tests;
#[cfg(test)]
mod tests;
