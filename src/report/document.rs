//! Output forms that every report has: text, wide text, JSON, YAML, names.
//!
//! A document is safe to print anywhere: what a terminal or a CI runner could take for a command is written with the
//! escapes of JSON, which a parser reads back as the same value.

use std::collections::BTreeSet;
use std::str::FromStr;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::error_view::ErrorView;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::object::display::is_unsafe;
use crate::ui::{Screen, Ui, safe};

/// Version of every document. A new major version means that readers must change.
pub const SCHEMA_VERSION: &str = "pushboat.dev/v1";

/// The form asked for with `-o`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    #[default]
    Text,
    Wide,
    Json,
    Yaml,
    Name,
}

impl Format {
    pub const NAMES: [&'static str; 5] = ["text", "wide", "json", "yaml", "name"];

    /// Whether people read it, so that progress may be shown beside it.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Wide)
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "text" => Ok(Self::Text),
            "wide" => Ok(Self::Wide),
            "json" => Ok(Self::Json),
            "yaml" => Ok(Self::Yaml),
            "name" => Ok(Self::Name),
            other => Err(Error::usage(format!("unknown output format `{other}`"))
                .hint(format!("use one of {}", Self::NAMES.join(", ")))),
        }
    }
}

/// The result of one command.
pub trait Report: Serialize {
    /// `kind` of the document.
    const KIND: &'static str;

    /// What people read.
    fn text(&self, screen: &Screen) -> String;

    /// More columns, where there are more.
    fn wide(&self, screen: &Screen) -> String {
        self.text(screen)
    }

    /// One name a line.
    fn names(&self) -> Vec<String>;

    /// How the command ends by this result.
    fn exit(&self) -> Exit;

    /// A line of text that is no part of the answer, for readers that are programs.
    fn remark(&self, line: String) -> String {
        line
    }

    /// What the document's `summary` counts, in camel case.
    fn counts(&self) -> Vec<(&'static str, usize)> {
        Vec::new()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a, R> {
    schema_version: &'static str,
    kind: &'static str,
    summary: Summary,
    /// What could not be read and belongs to none of the report's rows.
    errors: Vec<Unread<'a>>,
    #[serde(flatten)]
    report: &'a R,
}

/// One entry of `errors`.
#[derive(Serialize)]
struct Unread<'a> {
    /// The file that could not be read, if it is one.
    file: Option<&'a str>,
    #[serde(flatten)]
    error: &'a ErrorView,
}

/// Counts, and whether everything that was asked for was answered: a pipe loses the exit code.
struct Summary {
    counts: Vec<(&'static str, usize)>,
    is_complete: bool,
}

impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.counts.len() + 1))?;
        for (name, count) in &self.counts {
            map.serialize_entry(name, count)?;
        }
        map.serialize_entry("complete", &self.is_complete)?;
        map.end()
    }
}

fn document<'a, R: Report>(report: &'a R, errors: &'a [ErrorView]) -> Document<'a, R> {
    let is_answered = match report.exit() {
        Exit::Ok | Exit::No => true,
        Exit::Unanswered | Exit::Interrupted => false,
    };
    Document {
        schema_version: SCHEMA_VERSION,
        kind: R::KIND,
        summary: Summary {
            counts: report.counts(),
            is_complete: is_answered && errors.is_empty(),
        },
        errors: errors.iter().map(unread).collect(),
        report,
    }
}

fn unread(error: &ErrorView) -> Unread<'_> {
    let location = error.location.as_ref();
    Unread {
        file: location.map(|location| location.file.as_str()),
        error,
    }
}

/// Puts `report` on stdout in the form asked for, with what could not be read beside it.
pub fn show<R: Report>(ui: &Ui, report: &R, errors: &[ErrorView], format: Format) -> Result<()> {
    ui.data(&print(report, errors, format, &ui.screen())?);
    Ok(())
}

/// A line for people; what the errors are was told where they were met.
fn incomplete(errors: &[ErrorView]) -> String {
    let files: BTreeSet<&str> = errors
        .iter()
        .filter_map(|error| error.location.as_ref())
        .map(|location| location.file.as_str())
        .collect();
    match (files.len(), errors.len()) {
        (_, 0) => String::new(),
        (0, 1) => "1 question could not be answered\n".to_owned(),
        (0, n) => format!("{n} questions could not be answered\n"),
        (1, _) => "1 file could not be read\n".to_owned(),
        (n, _) => format!("{n} files could not be read\n"),
    }
}

/// `report` in the form asked for, safe to print.
pub fn print<R: Report>(
    report: &R,
    errors: &[ErrorView],
    format: Format,
    screen: &Screen,
) -> Result<String> {
    match format {
        Format::Text => Ok(safe::lines(
            &(report.text(screen) + &report.remark(incomplete(errors))),
        )),
        // Who asks for everything gets it whole, however wide the terminal is.
        Format::Wide => {
            let screen = Screen {
                width: 0,
                ..*screen
            };
            Ok(safe::lines(
                &(report.wide(&screen) + &report.remark(incomplete(errors))),
            ))
        }
        Format::Json => json(report, errors),
        Format::Yaml => yaml(report, errors),
        Format::Name => {
            let names = report.names();
            let lines = names.iter().map(|name| format!("{}\n", safe::text(name)));
            Ok(lines.collect())
        }
    }
}

fn json<R: Report>(report: &R, errors: &[ErrorView]) -> Result<String> {
    let mut text = serde_json::to_string_pretty(&document(report, errors))
        .map_err(|error| Error::internal(format!("failed to write JSON: {error}")))?;
    text.push('\n');
    Ok(escaped(&text, Syntax::Json))
}

/// Block scalars have no escapes, so a text that needs any is written as a JSON string, which YAML reads as well.
fn yaml<R: Report>(report: &R, errors: &[ErrorView]) -> Result<String> {
    yaml_of(&document(report, errors))
}

/// Any value as YAML that is safe to print.
pub(super) fn yaml_of(value: &impl Serialize) -> Result<String> {
    let failed = |error: String| Error::internal(format!("failed to write YAML: {error}"));
    let mut document = serde_yaml::to_value(value).map_err(|e| failed(e.to_string()))?;
    let mut texts = Vec::new();
    hold_out(&mut document, &mut texts);
    let yaml = serde_yaml::to_string(&document).map_err(|e| failed(e.to_string()))?;
    Ok(put_back(&yaml, &texts))
}

/// Stands in YAML for a text that is put in later. Private use characters: no text that holds one stays in the document.
const HELD_OUT: char = '\u{f8f1}';

fn hold_out(value: &mut serde_yaml::Value, texts: &mut Vec<String>) {
    use serde_yaml::Value as Yaml;
    match value {
        Yaml::String(text) if needs_escapes(text) => {
            let place = format!("{HELD_OUT}{}{HELD_OUT}", texts.len());
            texts.push(std::mem::replace(text, place));
        }
        Yaml::Sequence(items) => items.iter_mut().for_each(|item| hold_out(item, texts)),
        Yaml::Mapping(map) => {
            let old = std::mem::take(map);
            for (mut key, mut value) in old {
                hold_out(&mut key, texts);
                hold_out(&mut value, texts);
                map.insert(key, value);
            }
        }
        Yaml::Tagged(tagged) => hold_out(&mut tagged.value, texts),
        Yaml::Null | Yaml::Bool(_) | Yaml::Number(_) | Yaml::String(_) => {}
    }
}

fn needs_escapes(text: &str) -> bool {
    let is_odd = |c: char| c == HELD_OUT || (is_unsafe(c) && c != '\n');
    text.chars().any(is_odd) || text.trim_start().starts_with("::") || safe::lines(text) != text
}

fn put_back(yaml: &str, texts: &[String]) -> String {
    let mut parts = yaml.split(HELD_OUT);
    let mut document = parts.next().unwrap_or_default().to_owned();
    // Places and what follows them take turns.
    while let Some(place) = parts.next() {
        let text = place.parse().ok().and_then(|n: usize| texts.get(n));
        let quoted = Value::String(text.cloned().unwrap_or_default()).to_string();
        document.push_str(&escaped(&quoted, Syntax::Yaml));
        document.push_str(parts.next().unwrap_or_default());
    }
    document
}

/// Whose escapes are written: they differ beyond the basic plane, where YAML knows no surrogates.
#[derive(Debug, Clone, Copy)]
enum Syntax {
    Json,
    Yaml,
}

fn push_escape(text: &mut String, c: char, syntax: Syntax) {
    match syntax {
        Syntax::Yaml if c as u32 > 0xffff => text.push_str(&format!("\\U{:08x}", c as u32)),
        Syntax::Json | Syntax::Yaml => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
}

/// JSON text with every character escaped that could be mistaken for something else. Such characters stand only in strings.
fn escaped(json: &str, syntax: Syntax) -> String {
    let mut text = String::with_capacity(json.len());
    for line in json.split_inclusive('\n') {
        // A string that starts with `::` is behind its quotation mark, yet a reader may print it alone.
        for (at, c) in line.char_indices() {
            let is_command = matches!(c, '#' | 's' | 't') && safe::is_command(line, at, usize::MAX)
                || c == ':' && line[at..].starts_with("::") && line[..at].ends_with('"');
            if is_command || c == HELD_OUT || (is_unsafe(c) && c != '\n') {
                push_escape(&mut text, c, syntax);
            } else {
                text.push(c);
            }
        }
    }
    text
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[derive(Serialize)]
    struct Sample {
        value: Value,
    }

    impl Report for Sample {
        const KIND: &'static str = "Sample";

        fn text(&self, _: &Screen) -> String {
            String::new()
        }

        fn names(&self) -> Vec<String> {
            vec![self.value.to_string()]
        }

        fn exit(&self) -> Exit {
            Exit::Ok
        }
    }

    fn both(value: Value) -> (String, String) {
        let sample = Sample { value };
        (
            json(&sample, &[]).expect("a value is JSON"),
            yaml(&sample, &[]).expect("a value is YAML"),
        )
    }

    /// The laws of any output: no control character but line ends, and nothing a runner obeys.
    pub fn assert_safe(text: &str) {
        for line in text.lines() {
            assert!(!line.chars().any(is_unsafe), "{line:?}");
        }
        assert_eq!(safe::lines(text), text);
    }

    #[test]
    fn a_document_starts_with_its_version_and_kind() {
        let (json, yaml) = both(json!({"a": 1}));
        assert!(
            json.starts_with(
                "{\n  \"schemaVersion\": \"pushboat.dev/v1\",\n  \"kind\": \"Sample\""
            )
        );
        let start = "schemaVersion: pushboat.dev/v1\nkind: Sample\nsummary:\n  complete: true\nerrors: []\nvalue:\n";
        assert!(yaml.starts_with(start), "{yaml}");
    }

    #[test]
    fn what_could_not_be_read_stands_in_every_form() {
        let sample = Sample { value: json!(1) };
        let file = |name: &str| ErrorView::from(&Error::config("broken").at(name, 3, 1));
        let errors = [file("a.yaml"), file("a.yaml"), file("b.yaml")];
        let screen = Screen::plain(jiff::Timestamp::UNIX_EPOCH);
        let text = print(&sample, &errors, Format::Text, &screen).expect("prints");
        assert!(text.ends_with("2 files could not be read\n"), "{text}");
        let one = ErrorView::from(&Error::config("no place"));
        let text = print(&sample, &[one], Format::Wide, &screen).expect("prints");
        assert!(
            text.ends_with("1 question could not be answered\n"),
            "{text}"
        );
        let json = json(&sample, &errors).expect("prints");
        let document: Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(document["summary"], json!({"complete": false}));
        assert_eq!(document["errors"][2]["file"], "b.yaml");
        assert_eq!(document["errors"][2]["location"]["file"], "b.yaml");
        assert_eq!(document["errors"][2]["reason"], "config");
    }

    #[test]
    fn documents_carry_no_commands_and_lose_nothing() {
        let value = json!({"a": "x\n::error::y\n##vso[z]\u{1b}[2J\u{202e}\u{e0001}", "##[group]b": "::c",
            "d": "section_start:1:x", "e": "line\nline\n", "f": "\u{f8f1}0\u{f8f1}"});
        let (json, yaml) = both(value.clone());
        assert_safe(&json);
        assert_safe(&yaml);
        let read: Value = serde_json::from_str(&json).expect("we write JSON");
        assert_eq!(read["value"], value);
        let read: Value = serde_yaml::from_str(&yaml).expect("we write YAML");
        assert_eq!(read["value"], value);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_survives_and_stays_safe(text in r"(\PC|[:# \n\[\x00-\x1f\x7f-\u{a0}\u{2028}-\u{202e}]|::|##vso\[|section_end:){0,20}") {
            let (json, yaml) = both(json!({text.clone(): [text.clone()]}));
            assert_safe(&json);
            assert_safe(&yaml);
            let read: Value = serde_json::from_str(&json).expect("we write JSON");
            prop_assert_eq!(&read["value"][&text][0], &Value::from(text.clone()));
            let read: Value = serde_yaml::from_str(&yaml).expect("we write YAML");
            prop_assert_eq!(&read["value"][&text][0], &Value::from(text));
        }
    }
}
