//! Renders one template with the others of its folder: loads what it names, checks, runs, and says where it failed.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use tera::{Context, ErrorKind, ReportError, Tera};

use super::budget::{Budget, OUTPUT_BYTES};
use super::functions::{UNDEFINED, register};
use super::guard::{Guarded, guard};
use crate::error::{Error, Result};
use crate::object::display::display;
use crate::repo::near;
use crate::repo::tree::{Entry, FileTree, join};

/// Bytes of one template.
const SOURCE_BYTES: usize = 256 << 10;
/// What reading a byte of a template costs.
const SOURCE_COST: u64 = 8;
/// Templates that one template may lead to.
const TEMPLATES: usize = 64;
/// The interpreter calls itself for each include and block.
const STACK: usize = 32 << 20;

/// A template and all that it includes or extends, by their names in the folder.
struct Folder<'a> {
    tree: &'a dyn FileTree,
    path: &'a str,
    templates: BTreeMap<String, Guarded>,
}

/// Renders the template `name` of the folder `path`.
pub(super) fn render(
    tree: &dyn FileTree,
    path: &str,
    name: &str,
    context: &Context,
    names: &[String],
    budget: &Arc<Budget>,
) -> Result<Vec<u8>> {
    let folder = Folder {
        tree,
        path,
        templates: BTreeMap::new(),
    };
    budget.start();
    let rendered = render_within(folder, name, context, names, budget);
    budget.stop();
    rendered
}

fn render_within(
    mut folder: Folder<'_>,
    name: &str,
    context: &Context,
    names: &[String],
    budget: &Arc<Budget>,
) -> Result<Vec<u8>> {
    folder.load(name, budget)?;
    let mut tera = Tera::new();
    tera.autoescape_on(Vec::<&str>::new());
    register(&mut tera, budget);
    let fail = |folder: &Folder<'_>, error: &tera::Error, is_guarded| {
        folder.error(name, error, is_guarded, names)
    };
    // As written first: its mistakes are told in the author's words.
    let mut plain = tera.clone();
    let sources = folder
        .templates
        .iter()
        .map(|(name, template)| (name.as_str(), template.original.as_str()));
    plain
        .add_raw_templates(sources)
        .map_err(|error| fail(&folder, &error, false))?;
    let sources = folder
        .templates
        .iter()
        .map(|(name, template)| (name.as_str(), template.source.as_str()));
    tera.add_raw_templates(sources)
        .map_err(|error| fail(&folder, &error, true))?;
    let mut output = Capped::default();
    let rendered = on_a_large_stack(|| tera.render_to(name, context, &mut output))?;
    if output.is_full {
        let message = format!("the rendered text exceeds {OUTPUT_BYTES} bytes");
        return Err(Error::render(message).at(folder.file(name), 0, 0));
    }
    rendered.map_err(|error| fail(&folder, &error, true))?;
    Ok(output.bytes)
}

/// The caller's thread may have little stack left.
fn on_a_large_stack<T: Send>(run: impl FnOnce() -> T + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("template".into())
            .stack_size(STACK)
            .spawn_scoped(scope, run);
        let thread =
            thread.map_err(|error| Error::io(format!("cannot start a thread: {error}")))?;
        thread
            .join()
            .map_err(|_| Error::internal("the template engine failed"))
    })
}

impl Folder<'_> {
    fn file(&self, name: &str) -> String {
        join(self.path, name).unwrap_or_else(|_| name.to_owned())
    }

    /// Reads a template and what it leads to.
    fn load(&mut self, first: &str, budget: &Budget) -> Result<()> {
        let mut left = vec![first.to_owned()];
        while let Some(name) = left.pop() {
            if self.templates.contains_key(&name) {
                continue;
            }
            let file = self.file(&name);
            if self.templates.len() == TEMPLATES {
                let message = format!("the template leads to more than {TEMPLATES} others");
                return Err(Error::render(message).at(self.file(first), 0, 0));
            }
            let bytes = self.tree.read(&file)?;
            if bytes.len() > SOURCE_BYTES {
                return Err(
                    Error::render(format!("the template exceeds {SOURCE_BYTES} bytes"))
                        .at(file, 0, 0),
                );
            }
            budget
                .charge(bytes.len() as u64 * SOURCE_COST)
                .map_err(|error| Error::render(sentence(&error.to_string())).at(&file, 0, 0))?;
            let text = std::str::from_utf8(&bytes).map_err(|error| {
                let line = bytes[..error.valid_up_to()]
                    .split(|byte| *byte == b'\n')
                    .count();
                Error::render("the template is not UTF-8").at(
                    &file,
                    u32::try_from(line).unwrap_or(0),
                    0,
                )
            })?;
            let guarded = guard(text).map_err(|wrong| {
                let written = Guarded {
                    original: text.to_owned(),
                    ..Guarded::default()
                };
                let (line, column) = written.place(wrong.offset);
                Error::render(wrong.message).at(&file, line, column)
            })?;
            for (other, offset) in &guarded.references {
                self.refer(&file, &guarded, other, *offset)?;
                left.push(other.clone());
            }
            self.templates.insert(name, guarded);
        }
        Ok(())
    }

    /// Checks the name of a template in an `include` or `extends`.
    fn refer(&self, file: &str, template: &Guarded, other: &str, offset: usize) -> Result<()> {
        let (line, column) = template.place(offset);
        let wrong = |message: String| Error::render(message).at(file, line, column);
        let shown = display(other);
        if other.contains(['/', '\\']) || !other.ends_with(".tera") {
            return Err(wrong(format!("`{shown}` is no template of this folder"))
                .hint("a template can use the `*.tera` files of its own folder, by name"));
        }
        if self.tree.entry(&self.file(other))? == Entry::File {
            return Ok(());
        }
        let error = wrong(format!("there is no template `{shown}` in this folder"));
        let names = self.tree.list(self.path)?;
        let templates = names
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| name.ends_with(".tera"));
        Err(match near::nearest(other, templates) {
            Some(name) => error.hint(format!("did you mean `{name}`?")),
            None => error,
        })
    }

    /// What the engine says, in our words and at the place in the text as written.
    fn error(&self, name: &str, error: &tera::Error, is_guarded: bool, names: &[String]) -> Error {
        match error.kind() {
            ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
                self.report(name, report, is_guarded, names)
            }
            ErrorKind::CircularInclude { tpl, .. } | ErrorKind::CircularExtend { tpl, .. } => {
                Error::render("templates include or extend one another in a circle").at(
                    self.file(tpl),
                    0,
                    0,
                )
            }
            _ => Error::render(engine_words(&error.to_string(), "")).at(self.file(name), 0, 0),
        }
    }

    fn report(
        &self,
        name: &str,
        report: &ReportError,
        is_guarded: bool,
        names: &[String],
    ) -> Error {
        let name = if self.templates.contains_key(report.filename()) {
            report.filename()
        } else {
            name
        };
        let Some(template) = self.templates.get(name) else {
            return Error::render(engine_words(report.message(), "")).at(self.file(name), 0, 0);
        };
        let range = &report.span().range;
        let original = |offset| {
            if is_guarded {
                template.original_offset(offset)
            } else {
                offset
            }
        };
        let start = original(range.start);
        let (line, column) = template.place(start);
        let error = if report.message().contains(UNDEFINED) {
            undefined(template.variable(start), names)
        } else {
            Error::render(engine_words(report.message(), &template.original))
        };
        error.at(self.file(name), line, column)
    }
}

fn undefined(text: &str, names: &[String]) -> Error {
    let error = Error::render(format!("`{}` is not defined", display(text)));
    let root = text.split(['.', '[', '?']).next().unwrap_or_default();
    if names.iter().any(|name| name == root) {
        return error.hint("`| default(value=…)` says what to use instead");
    }
    match near::nearest(root, names.iter().map(String::as_str)) {
        Some(name) => error.hint(format!("did you mean `{name}`?")),
        None => error.hint(
            "set it in `values.yaml` or in the Application's `spec.source.plugin.parameters`",
        ),
    }
}

/// A message of the engine as one of ours: its first sentence, in lower case.
fn sentence(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    let first = first
        .split(". Available ")
        .next()
        .unwrap_or_default()
        .trim_end_matches('.');
    let mut letters = first.chars();
    let start = letters
        .next()
        .map(|letter| letter.to_lowercase().to_string())
        .unwrap_or_default();
    display(&(start + letters.as_str())).into_owned()
}

/// A message of the engine without the values that it quotes: of what stands between quotes or backquotes only names that the template
/// itself uses are kept, and of numbers none.
fn engine_words(message: &str, template: &str) -> String {
    let said = sentence(message);
    if said.starts_with("unable to perform") {
        return "a calculation is not possible with these values".to_owned();
    }
    let code = code_of(template);
    let mut shown = String::with_capacity(said.len());
    let mut rest = said.as_str();
    while let Some(at) = rest.find(['`', '\'', '"']) {
        let quote = rest.as_bytes()[at] as char;
        // An apostrophe inside a word is no quotation mark.
        let is_inside = quote == '\'' && rest[..at].ends_with(char::is_alphanumeric);
        let Some(end) = rest[at + 1..].find(quote).filter(|_| !is_inside) else {
            shown.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        };
        let quoted = &rest[at + 1..at + 1 + end];
        shown.push_str(&rest[..=at]);
        shown.push_str(if is_word_of_code(quoted, &code) {
            quoted
        } else {
            "…"
        });
        shown.push(quote);
        rest = &rest[at + end + 2..];
    }
    shown.push_str(rest);
    shown
}

/// Types, keywords and signs of the language, and names that stand in code.
fn is_word_of_code(text: &str, code: &str) -> bool {
    const TYPES: [&str; 12] = [
        "string",
        "number",
        "integer",
        "float",
        "bool",
        "array",
        "map",
        "none",
        "undefined",
        "bytes",
        "f64",
        "i64",
    ];
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_sign = text.len() <= 3 && !text.contains(char::is_alphanumeric);
    let is_known = KEYWORDS.contains(&text) || TYPES.contains(&text.to_ascii_lowercase().as_str());
    let is_name = !text.is_empty()
        && text.split('.').all(|name| {
            code.split(|c| !is_part(c))
                .any(|word| word == name && !word.is_empty())
        });
    is_sign || is_known || is_name
}

/// Words that the engine expects somewhere, or that our own functions name.
const KEYWORDS: [&str; 24] = [
    "if",
    "elif",
    "else",
    "endif",
    "for",
    "endfor",
    "in",
    "not",
    "and",
    "or",
    "is",
    "block",
    "endblock",
    "set",
    "include",
    "extends",
    "filter",
    "endfilter",
    "| json",
    "range",
    "start",
    "end",
    "step_by",
    "from",
];

/// What stands in the expressions and statements of a template, texts in quotes left out.
fn code_of(template: &str) -> String {
    let mut code = String::new();
    let mut rest = template;
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        rest = &rest[start + 2..];
        let mut quote = None;
        let mut end = rest.len();
        for (at, c) in rest.char_indices() {
            match quote {
                Some(open) if c == open => quote = None,
                Some(_) => continue,
                None if "\"'`".contains(c) => quote = Some(c),
                None if rest[at..].starts_with("}}") || rest[at..].starts_with("%}") => {
                    end = at;
                    break;
                }
                None => code.push(c),
            }
        }
        code.push(' ');
        rest = &rest[end..];
    }
    code
}

/// Takes what a template writes, up to a limit.
#[derive(Debug, Default)]
struct Capped {
    bytes: Vec<u8>,
    is_full: bool,
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > OUTPUT_BYTES {
            self.is_full = true;
            return Err(io::Error::other("too large"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
