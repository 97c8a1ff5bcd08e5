//! Rendered or live objects: what `app manifests` answers. Secrets are masked.

use serde::Serialize;
use serde_json::Value;

use super::document::{self, Report};
use super::error_view::ErrorView;
use super::shown::Shown;
use crate::exit::Exit;
use crate::object::Object;
use crate::object::display::display;
use crate::object::mask::{Masker, is_secret};
use crate::object::redact::Redactor;
use crate::ui::Screen;

#[derive(Clone, Serialize)]
pub struct Manifests {
    pub apps: Vec<AppManifests>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppManifests {
    pub cluster: String,
    pub name: String,
    pub revision: String,
    pub dirty: bool,
    /// What is checked out, where the app's `targetRevision` means something else.
    pub notice: Option<String>,
    pub error: Option<ErrorView>,
    objects: Vec<Value>,
    #[serde(skip)]
    keys: Vec<String>,
    #[serde(skip)]
    n_masked: usize,
}

impl AppManifests {
    /// Keeps masked copies of `objects`, in their order.
    pub fn new(
        masker: &Masker,
        (cluster, name): (String, String),
        shown: Shown,
        objects: &[Object],
    ) -> Self {
        let redactor = Redactor::of(masker, objects.iter().map(|object| &object.value));
        let masked = |object: &Object| {
            let mut shown = masker.refusable(&object.value);
            redactor.annotations(&mut shown);
            shown
        };
        let shown_objects: Vec<Value> = objects.iter().map(masked).collect();
        Self {
            cluster,
            name,
            revision: shown.revision,
            dirty: shown.dirty,
            notice: shown.notice,
            error: None,
            n_masked: shown_objects
                .iter()
                .zip(objects)
                .filter(|(shown, object)| is_secret(shown) && **shown != object.value)
                .count(),
            objects: shown_objects,
            keys: objects
                .iter()
                .map(|object| object.key().to_string())
                .collect(),
        }
    }

    /// An app that could not be rendered or read.
    pub fn failed(cluster: String, name: String, error: ErrorView) -> Self {
        Self {
            cluster,
            name,
            revision: String::new(),
            dirty: false,
            notice: None,
            error: Some(error),
            objects: Vec::new(),
            keys: Vec::new(),
            n_masked: 0,
        }
    }
}

impl Manifests {
    /// How many Secrets are not shown as they are.
    pub fn n_masked(&self) -> usize {
        self.apps.iter().map(|app| app.n_masked).sum()
    }
}

impl Report for Manifests {
    const KIND: &'static str = "Manifests";

    /// YAML documents, each after `---`; an app that failed is a comment.
    fn text(&self, _: &Screen) -> String {
        let mut text = String::new();
        for app in &self.apps {
            if let Some(error) = &app.error {
                let line = format!("{}/{}: {}", app.cluster, app.name, error.line());
                text.push_str(&format!("# error: {}\n", display(&line)));
                for hint in &error.hints {
                    let hint = display(hint);
                    text.push_str(&format!("# hint: {hint}\n"));
                }
            }
            for object in &app.objects {
                text.push_str("---\n");
                text.push_str(&document::yaml_of(object).unwrap_or_default());
            }
        }
        text
    }

    /// A comment of the YAML.
    fn remark(&self, line: String) -> String {
        match line.as_str() {
            "" => line,
            said => format!("# {said}"),
        }
    }

    fn names(&self) -> Vec<String> {
        self.apps.iter().flat_map(|app| app.keys.clone()).collect()
    }

    fn exit(&self) -> Exit {
        let errors = self.apps.iter().filter_map(|app| app.error.as_ref());
        errors.map(|error| error.exit).collect()
    }
}
