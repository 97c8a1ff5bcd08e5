//! What helm said when it failed, made fit to show: our folders taken out, secrets masked, escapes written out, and not too much.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::workspace::Workspace;
use crate::object::display::display;
use crate::object::mask::Masker;
use crate::object::redact::{Redactor, closing_quote};
use crate::object::yaml::{Dialect, Limits, parse, to_json};

/// The end is where helm says what is wrong.
const MAX_LINES: usize = 12;
const MAX_LINE: usize = 1_000;

/// Parts of a key's name that make its value a secret.
const SECRET_WORDS: [&str; 9] = [
    "pass",
    "secret",
    "token",
    "credential",
    "private",
    "apikey",
    "api_key",
    "accesskey",
    "auth",
];

/// A value whose key tells nothing is taken out of the words from this length on: shorter ones stand in too many innocent words.
const LONG_VALUE: usize = 8;

/// The words on lines of their own, each after a line break; empty when there are none.
pub(super) fn shown(
    stderr: &[u8],
    workspace: &Workspace,
    values: &[Arc<[u8]>],
    masker: &Masker,
) -> String {
    let text = String::from_utf8_lossy(stderr);
    let root = workspace.root().to_string_lossy();
    let text = text.replace(&format!("{root}/chart/"), "");
    let text = redactor(values, masker).text(&text.replace(&*root, ""));
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect();
    let skipped = lines.len().saturating_sub(MAX_LINES);
    lines[skipped..]
        .iter()
        .map(|line| {
            let line: String = line.chars().take(MAX_LINE).collect();
            format!("\n  {}", display(&hide_tokens(&hide_quoted(&line))))
        })
        .collect()
}

/// Knows the secrets among the values.
fn redactor(values: &[Arc<[u8]>], masker: &Masker) -> Redactor {
    let mut secrets = Map::new();
    for content in values {
        let Ok(parsed) = parse(content, "values", &Limits::default()) else {
            continue;
        };
        for node in &parsed.documents {
            if let Ok(value) = to_json(node, "values", Dialect::Kubectl) {
                collect(&value, false, &mut secrets);
            }
        }
    }
    let redactor = Redactor::new(masker);
    redactor.learn(&json!({"apiVersion": "v1", "kind": "Secret", "stringData": secrets}));
    redactor
}

fn collect(value: &Value, is_secret: bool, secrets: &mut Map<String, Value>) {
    match value {
        Value::Object(map) => {
            for (key, below) in map {
                let name = key.to_ascii_lowercase();
                let names_secret = SECRET_WORDS.iter().any(|word| name.contains(word));
                collect(below, is_secret || names_secret, secrets);
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect(item, is_secret, secrets)),
        Value::String(text) if is_secret || text.len() >= LONG_VALUE => {
            secrets.insert(secrets.len().to_string(), text.as_str().into());
        }
        Value::Number(number) if is_secret => {
            secrets.insert(secrets.len().to_string(), number.to_string().into());
        }
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

/// Helm and the libraries below it quote values, of which some stand in no values file: of what is between quotes or backquotes only
/// names of files and of templates are kept, and of what cannot be iterated over nothing.
fn hide_quoted(line: &str) -> String {
    const NAMED: [&str; 7] = [
        "include ",
        "template ",
        "template: ",
        "define ",
        "function ",
        "chart ",
        "no template ",
    ];
    let ends = [".yaml", ".yml", ".tpl", ".txt", ".json", ".tgz"];
    let line = match line.split_once("range can't iterate over ") {
        Some((head, _)) => format!("{head}range can't iterate over <hidden>"),
        None => line.to_owned(),
    };
    let mut shown = String::with_capacity(line.len());
    let mut rest = line.as_str();
    while let Some(at) = rest.find(['"', '`', '\'']) {
        let quote = rest.as_bytes()[at] as char;
        let before = &rest[..at];
        let is_inside = quote == '\'' && before.ends_with(char::is_alphanumeric);
        let end = match quote {
            '"' => closing_quote(&rest[at + 1..]),
            _ => rest[at + 1..].find(quote),
        };
        let Some(end) = end.filter(|_| !is_inside) else {
            shown.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        };
        let quoted = &rest[at + 1..at + 1 + end];
        let is_name = !quoted.contains(char::is_whitespace)
            && (NAMED.iter().any(|word| before.ends_with(word))
                || ends.iter().any(|end| quoted.ends_with(end)));
        shown.push_str(&rest[..=at]);
        shown.push_str(if is_name { quoted } else { "<hidden>" });
        shown.push(quote);
        rest = &rest[at + end + 2..];
    }
    shown.push_str(rest);
    shown
}

/// Long words of letters and digits without any of a path's or an expression's marks could be tokens.
fn hide_tokens(line: &str) -> String {
    const LONG: usize = 24;
    line.split(' ')
        .map(|word| {
            let bare = word.trim_matches(|c: char| c.is_ascii_punctuation());
            let has = |test: fn(&char) -> bool| bare.chars().any(|c| test(&c));
            let is_long = bare.len() >= LONG && !bare.contains(['.', '/', '<', ':', '(', '{']);
            let is_mixed = has(char::is_ascii_digit) && has(char::is_ascii_alphabetic);
            if (is_long && is_mixed) || bare.starts_with("eyJ") {
                "<hidden>"
            } else {
                word
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_the_values_are_masked_and_tokens_hidden() {
        let temporary = tempfile::tempdir().expect("a folder");
        let workspace = Workspace::new(temporary.path(), &Arc::default()).expect("made");
        let root = workspace.root().display();
        let values: Arc<[u8]> =
            b"db: {password: hunter2-long, auth: {user: admiral}}\nimage: nginx\n"
                .to_vec()
                .into();
        let stderr = format!(
            "level=warn\n\nError: {root}/chart/c/templates/a.yaml: hunter2-long admiral nginx \x1b[31m ghp0123456789abcdefghijklmn\n"
        );
        let text = shown(
            stderr.as_bytes(),
            &workspace,
            &[values],
            &Masker::new([7; 32]),
        );
        assert!(
            !text.contains("hunter2") && !text.contains("admiral"),
            "{text}"
        );
        assert!(text.contains("c/templates/a.yaml: "), "{text}");
        assert!(text.ends_with("nginx \\x1b[31m <hidden>"), "{text}");
    }
}
