//! Resource text to objects: document separators, merge keys, lists of objects, and what an object must have.

use std::borrow::Cow;

use super::node::{NodeExt, is_null_text};
use super::typed;
use crate::error::{Error, Result};
use crate::object::yaml::{Limits, Node, NodeKind, Style, parse_first};

/// How deep lists of objects may nest.
const MAX_LISTS: usize = 20;

/// What was read of a text.
#[derive(Debug, Clone, Default)]
pub struct Objects {
    pub nodes: Vec<Node>,
    /// Where the text holds more than is read: the real program drops it without a word.
    pub dropped: Vec<Error>,
}

/// Reads the objects of a resource file. An empty file has none.
pub fn objects(text: &[u8], file: &str) -> Result<Objects> {
    let Objects { nodes, dropped } = documents(text, file)?;
    let documents = nodes;
    let is_alone = documents.len() == 1;
    let mut objects = Vec::with_capacity(documents.len());
    let mut from_lists = Vec::new();
    for document in documents {
        expand(document, is_alone, file, &mut objects, &mut from_lists, 0)?;
    }
    objects.append(&mut from_lists);
    for object in &objects {
        check_object(object, file)?;
    }
    let nodes = objects;
    Ok(Objects { nodes, dropped })
}

/// Says that a text holds more than is read.
pub fn more_follows(file: &str, line: u32) -> Error {
    Error::render("what follows is not read, as in kustomize: a document ends before it")
        .hint("separate documents by lines `---`")
        .at(file, line, 0)
}

/// Reads the documents of a resource text: anchors and merge keys expanded, empty documents left out.
fn documents(text: &[u8], file: &str) -> Result<Objects> {
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = text {
        // Separators are looked for in UTF-8, so UTF-16 has one document.
        let mut read = Objects::default();
        read.add(text, 1, file)?;
        return Ok(read);
    }
    let text = std::str::from_utf8(text)
        .map_err(|_| Error::render("the file is not UTF-8 text").at(file, 0, 0))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text: Cow<'_, str> = if text.contains('\r') {
        text.replace("\r\n", "\n").into()
    } else {
        text.into()
    };
    let mut read = Objects::default();
    for (line, part) in split(&text, file)? {
        read.add(part.as_bytes(), line, file)?;
    }
    Ok(read)
}

impl Objects {
    /// Adds the document of a part that begins in `line`.
    fn add(&mut self, part: &[u8], line: u32, file: &str) -> Result<()> {
        let first = parse_first(part, file, &Limits::default())
            .map_err(|error| shift(error, file, line))?;
        let above = line.saturating_sub(1);
        let rest = first.rest.map(|rest| more_follows(file, rest + above));
        self.dropped.extend(rest);
        if let Some(mut document) = first.document {
            shift_lines(&mut document, above);
            merge_keys(&mut document, file)?;
            self.nodes.push(document);
        }
        Ok(())
    }
}

/// Splits at lines that start with `---`, textually. Gives each part with the line it begins in.
fn split<'a>(text: &'a str, file: &str) -> Result<Vec<(u32, &'a str)>> {
    let mut parts = Vec::new();
    let (mut start, mut start_line) = (0, 1);
    let mut at = 0;
    for (n, line) in text.split_inclusive('\n').enumerate() {
        let number = u32::try_from(n + 1).unwrap_or(u32::MAX);
        if let Some(rest) = line.strip_prefix("---") {
            let rest = rest.trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                // What follows is not repeated: it may be all of a Secret, where lines end as on an old Mac.
                let message = "invalid document separator: text behind `---`";
                return Err(Error::render(message).at(file, number, 1));
            }
            parts.push((start_line, &text[start..at]));
            start = at + line.len();
            start_line = number + 1;
        }
        at += line.len();
    }
    parts.push((start_line, &text[start..]));
    parts.retain(|(_, part)| !part.trim().is_empty());
    Ok(parts)
}

/// Moves the place of an error from its part to the file.
fn shift(error: Error, file: &str, line: u32) -> Error {
    let Some(place) = error.location().cloned() else {
        return error.at(file, line, 0);
    };
    let (reason, hints) = (error.reason(), error.hints().to_vec());
    let moved = Error::new(reason, error.message()).at(
        file,
        place.line + line.saturating_sub(1),
        place.column,
    );
    hints.into_iter().fold(moved, Error::hint)
}

fn shift_lines(node: &mut Node, by: u32) {
    if by == 0 {
        return;
    }
    node.line += by;
    match &mut node.kind {
        NodeKind::Scalar(_) => {}
        NodeKind::Sequence(items) => items.iter_mut().for_each(|item| shift_lines(item, by)),
        NodeKind::Mapping(entries) => {
            for (key, value) in entries {
                shift_lines(key, by);
                shift_lines(value, by);
            }
        }
    }
}

/// Puts the entries of `<<` into the map it stands in. Keys that are there win, of several maps the earlier.
pub fn merge_keys(node: &mut Node, file: &str) -> Result<()> {
    match &mut node.kind {
        NodeKind::Scalar(_) => Ok(()),
        NodeKind::Sequence(items) => items.iter_mut().try_for_each(|item| merge_keys(item, file)),
        NodeKind::Mapping(entries) => {
            for (key, value) in entries.iter_mut() {
                // A tag nobody knows is dropped on the way.
                key.tag
                    .take_if(|tag| !tag.starts_with("tag:yaml.org,2002:"));
                merge_keys(value, file)?;
            }
            if !entries.iter().any(|(key, _)| key.text() == Some("<<")) {
                return Ok(());
            }
            let all = std::mem::take(entries);
            let (merges, own): (Vec<_>, Vec<_>) = all
                .into_iter()
                .partition(|(key, _)| key.text() == Some("<<"));
            *entries = own;
            let is_merge = |key: &Node| {
                let is_quoted =
                    matches!(&key.kind, NodeKind::Scalar(scalar) if scalar.style != Style::Plain);
                !is_quoted || key.tag.is_some()
            };
            if let Some((again, _)) = merges.iter().filter(|(key, _)| is_merge(key)).nth(1) {
                let error = Error::render("duplicate merge key `<<`")
                    .hint("name several maps in one list: `<<: [*a, *b]`");
                return Err(error.at(file, again.line, again.column));
            }
            for (key, value) in merges {
                if !is_merge(&key) {
                    continue;
                }
                let maps = match value.kind {
                    NodeKind::Sequence(items) => items,
                    NodeKind::Mapping(_) | NodeKind::Scalar(_) => vec![value],
                };
                for map in maps {
                    let NodeKind::Mapping(merged) = map.kind else {
                        let message = "invalid map merge: `<<` takes a map or a list of maps";
                        return Err(Error::render(message).at(file, key.line, key.column));
                    };
                    for (key, value) in merged {
                        if !entries.iter().any(|(own, _)| own.text() == key.text()) {
                            entries.push((key, value));
                        }
                    }
                }
            }
            Ok(())
        }
    }
}

/// Puts a document, or the items of a list of objects, where they belong.
fn expand(
    document: Node,
    is_alone: bool,
    file: &str,
    objects: &mut Vec<Node>,
    from_lists: &mut Vec<Node>,
    depth: usize,
) -> Result<()> {
    if depth > MAX_LISTS {
        return Err(Error::render("lists of objects nest too deep").at(file, document.line, 0));
    }
    // To the real program `{}` and `[]` say as little as nothing does.
    if document.is_empty_value() {
        return Ok(());
    }
    let kind = document.text_at(&["kind"]).to_owned();
    let has_items = kind.ends_with("List") && document.get("items").is_some();
    if !has_items {
        let to = if depth == 0 { objects } else { from_lists };
        to.push(document);
        return Ok(());
    }
    let line = document.line;
    let items = match document.get("items") {
        Some(items) if items.is_null() => Vec::new(),
        Some(items) => items.items().cloned().ok_or_else(|| {
            Error::render(format!("`items` of a `{kind}` is not a list")).at(
                file,
                items.line,
                items.column,
            )
        })?,
        None => Vec::new(),
    };
    let stays = is_alone && depth == 0 && matches!(kind.as_str(), "List" | "ResourceList");
    for mut item in items {
        if item.line == 0 {
            item.line = line;
        }
        if stays {
            expand(item, false, file, objects, from_lists, 0)?;
        } else {
            let typed = typed_item(item, file)?;
            expand(typed, false, file, objects, from_lists, depth + 1)?;
        }
    }
    Ok(())
}

/// Items of a list pass through JSON: their scalars have types from here on.
fn typed_item(item: Node, file: &str) -> Result<Node> {
    let (line, column) = (item.line, item.column);
    let value = typed::to_value(&item).map_err(|error| error.at(file, line, column))?;
    let mut item = typed::from_value(&value, line.max(1));
    (item.line, item.column) = (line, column);
    Ok(item)
}

/// An object needs a kind and, unless it is a list, a name.
fn check_object(object: &Node, file: &str) -> Result<()> {
    let fail = |message: String| Err(Error::render(message).at(file, object.line, object.column));
    if !object.is_map() {
        return fail("missing Resource metadata: the document is no object".to_owned());
    }
    if object
        .get("metadata")
        .is_some_and(|node| !node.is_map() && !node.is_null())
    {
        return fail("`metadata` is not a map".to_owned());
    }
    let kind = object.text_at(&["kind"]);
    if kind.is_empty() {
        return fail("missing kind in object".to_owned());
    }
    let name = object.at(&["metadata", "name"]).and_then(Node::text);
    let has_name = name.is_some_and(|name| !is_null_text(name));
    if !has_name && !kind.ends_with("List") {
        return fail(format!("missing metadata.name in object of kind `{kind}`"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Result<Vec<String>> {
        let read = objects(text.as_bytes(), "r.yaml")?;
        Ok(read
            .nodes
            .iter()
            .map(|object| object.text_at(&["metadata", "name"]).to_owned())
            .collect())
    }

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(names(text).expect("reads"), expected);
    }

    #[test]
    fn empty_documents_vanish() {
        check("", &[]);
        check(
            "# nothing\n---\n---\nkind: A\nmetadata: {name: a}\n---",
            &["a"],
        );
        check(
            "kind: A\r\nmetadata: {name: a}\r\n--- # next\r\nkind: B\r\nmetadata: {name: b}\r\n",
            &["a", "b"],
        );
    }

    #[test]
    fn a_separator_with_content_is_refused_with_its_line() {
        let error = names("kind: A\n--- kind: B\n").expect_err("refused");
        assert_eq!(error.location().map(|place| place.line), Some(2));
    }

    #[test]
    fn items_of_a_list_beside_others_come_last() {
        let list = "kind: FooList\nitems:\n- {kind: Foo, metadata: {name: x}}\n";
        check(
            &format!("{list}---\nkind: A\nmetadata: {{name: a}}\n"),
            &["a", "x"],
        );
        check("kind: List\nitems: []\n", &[]);
    }

    #[test]
    fn an_object_needs_kind_and_name() {
        assert!(names("metadata: {name: a}").is_err());
        assert!(names("kind: A").is_err());
        assert!(names("- a").is_err());
    }

    #[test]
    fn merge_keys_give_way_to_own_keys() {
        let text = "kind: A\nmetadata: &m {name: a, x: 1}\nspec: {<<: *m, name: own}\n";
        let objects = objects(text.as_bytes(), "r.yaml").expect("reads").nodes;
        assert_eq!(objects[0].text_at(&["spec", "name"]), "own");
        assert_eq!(objects[0].text_at(&["spec", "x"]), "1");
    }

    #[track_caller]
    fn check_rest(text: &[u8], names: &[&str], line: Option<u32>) {
        let read = objects(text, "r.yaml").expect("reads");
        let found: Vec<&str> = read
            .nodes
            .iter()
            .map(|it| it.text_at(&["metadata", "name"]))
            .collect();
        assert_eq!(found, names);
        let told = read.dropped.first().and_then(Error::location);
        assert_eq!(told.map(|at| at.line), line);
    }

    #[test]
    fn what_follows_the_end_of_a_document_is_told_and_not_read() {
        let a = "kind: A\nmetadata: {name: a}\n";
        check_rest(format!("{a}...\n").as_bytes(), &["a"], None);
        check_rest(format!("{a}...\n# end\n").as_bytes(), &["a"], None);
        check_rest(format!("{a}...\nkind: B\n").as_bytes(), &["a"], Some(4));
        check_rest(format!("{a}...\n}} not YAML\n").as_bytes(), &["a"], Some(4));
        check_rest(
            format!("{a}---\n{a}...\nx: y\n---\n{a}").as_bytes(),
            &["a"; 3],
            Some(7),
        );
        let json = "{\"kind\": \"A\", \"metadata\": {\"name\": \"a\"}}\n";
        check_rest(format!("{json}{json}").as_bytes(), &["a"], Some(2));
    }

    #[test]
    fn a_file_in_utf_16_has_one_document() {
        let text = "kind: A\r\nmetadata: {name: ä}\r\n---\r\nkind: B\r\n";
        let units = || std::iter::once(0xfeff).chain(text.encode_utf16());
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        check_rest(&little, &["ä"], Some(3));
        check_rest(&big, &["ä"], Some(3));
        assert!(objects(&big[..big.len() - 1], "r.yaml").is_err());
    }

    #[test]
    fn one_merge_key_names_all_maps() {
        let maps = "kind: A\nmetadata: {name: a}\nx: &x {p: 1}\ny: &y {q: 2}\n";
        check(&format!("{maps}z: {{<<: [*x, *y]}}\n"), &["a"]);
        assert!(names(&format!("{maps}z:\n  <<: *x\n  <<: *y\n")).is_err());
    }
}
