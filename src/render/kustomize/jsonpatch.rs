//! JSON patches (RFC 6902) with the habits of kustomize's engine.

use serde_json::Value;

use super::budget::{Budget, value_size};
use super::text::more_follows;
use super::typed;
use crate::error::{Error, Result};
use crate::object::yaml::{Dialect, Limits, parse_first, to_json};

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Add,
    Remove,
    Replace,
    Move,
    Copy,
    Test,
    /// Found out when it is run: a patch that is for no object may say anything.
    Unknown,
}

/// One operation of a patch.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    pub action: Action,
    /// Missing where it is no text.
    pub path: Option<Pointer>,
    /// Where `move` and `copy` take the value from.
    pub from: Option<Pointer>,
    pub value: Value,
}

/// Where a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// The text up to the first slash is lost; without a slash it is the object itself, which only few operations take.
    parts: Vec<String>,
    /// As written, for messages.
    shown: String,
}

/// A patch as it was read.
#[derive(Debug, Default)]
pub struct Patch {
    pub operations: Vec<Operation>,
    /// Where its file holds more than is read.
    pub dropped: Option<Error>,
}

/// Reads a patch. None when it is no list. What starts as a JSON list must be JSON, anything else is YAML, of which the first document is
/// read.
pub fn read(text: &[u8], file: &str) -> Result<Option<Patch>> {
    if text.starts_with(b"[") {
        let items = read_json(text, file)?;
        let operations = items.iter().map(|item| operation(item, file));
        return Ok(Some(Patch {
            operations: operations.collect::<Result<_>>()?,
            dropped: None,
        }));
    }
    let first = parse_first(text, file, &Limits::default())?;
    let Some(document) = first.document else {
        return Ok(None);
    };
    let Value::Array(items) = to_json(&document, file, Dialect::Kubectl)? else {
        return Ok(None);
    };
    let operations = items.iter().map(|item| operation(item, file));
    Ok(Some(Patch {
        operations: operations.collect::<Result<_>>()?,
        dropped: first.rest.map(|line| more_follows(file, line)),
    }))
}

fn read_json(text: &[u8], file: &str) -> Result<Vec<Value>> {
    serde_json::from_str(&lossy(text)).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Error::render("a JSON patch that starts with `[` must be JSON")
            .hint("write it as a YAML list with `- `, or quote every key and text")
            .at(file, place(line), place(column))
    })
}

fn place(number: usize) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

/// Text with U+FFFD for each byte that is none, as Go's JSON reader takes it.
fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

fn operation(item: &Value, file: &str) -> Result<Operation> {
    let no_fields = serde_json::Map::new();
    let fields = match item {
        Value::Object(fields) => fields,
        Value::Null => &no_fields,
        _ => {
            let error = Error::render("a JSON patch operation must be a map");
            return Err(error.at(file, 0, 0));
        }
    };
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let mut value = fields.get("value").cloned().unwrap_or_default();
    typed::round_numbers(&mut value);
    Ok(Operation {
        action: match text("op") {
            Some("add") => Action::Add,
            Some("remove") => Action::Remove,
            Some("replace") => Action::Replace,
            Some("move") => Action::Move,
            Some("copy") => Action::Copy,
            Some("test") => Action::Test,
            Some(_) | None => Action::Unknown,
        },
        path: text("path").map(Pointer::new),
        from: text("from").map(Pointer::new),
        value,
    })
}

impl Pointer {
    fn new(pointer: &str) -> Self {
        let parts = pointer.split('/').skip(1);
        Self {
            parts: parts
                .map(|part| part.replace("~1", "/").replace("~0", "~"))
                .collect(),
            shown: pointer.to_owned(),
        }
    }
}

/// Applies the operations in order; the first that fails ends it.
pub fn apply(object: &mut Value, operations: &[Operation], budget: &Budget) -> Result<()> {
    for operation in operations {
        budget.copy(value_size(copied(object, operation)))?;
        one(object, operation).map_err(|why| {
            let action = format!("{:?}", operation.action).to_lowercase();
            let path = operation.path.as_ref().map_or("", |path| &path.shown);
            Error::render(format!("JSON patch `{action}` of `{path}`: {why}"))
        })?;
    }
    Ok(())
}

/// Whether operations replace or remove the value at a path, or one that it stands in.
pub fn writes_over(operations: &[Operation], path: &[&str]) -> bool {
    let holds = |outer: &Option<Pointer>| {
        outer.as_ref().is_some_and(|Pointer { parts, .. }| {
            parts.iter().zip(path).filter(|(a, b)| a == b).count() == parts.len()
        })
    };
    operations.iter().any(|operation| match operation.action {
        Action::Test | Action::Unknown => false,
        Action::Move => holds(&operation.path) || holds(&operation.from),
        Action::Add | Action::Remove | Action::Replace | Action::Copy => holds(&operation.path),
    })
}

/// What an operation makes a copy of.
fn copied<'a>(object: &'a Value, operation: &'a Operation) -> &'a Value {
    match operation.action {
        Action::Copy => {
            let from = operation.from.as_ref();
            from.and_then(|from| find(object, &from.parts))
                .unwrap_or(&Value::Null)
        }
        Action::Add | Action::Replace => &operation.value,
        Action::Remove | Action::Move | Action::Test | Action::Unknown => &Value::Null,
    }
}

type Outcome<T> = std::result::Result<T, String>;

fn one(object: &mut Value, operation: &Operation) -> Outcome<()> {
    let parts = |pointer: &'static str, of: &'_ Option<Pointer>| match of {
        Some(of) => Ok(of.parts.clone()),
        None => Err(format!("it has no `{pointer}`")),
    };
    let path = parts("path", &operation.path)?;
    let from = || parts("from", &operation.from);
    match operation.action {
        Action::Unknown => {
            Err("its `op` is none of add, remove, replace, move, copy, test".to_owned())
        }
        Action::Add => add(object, &path, operation.value.clone()),
        Action::Remove => remove(object, &path).map(drop),
        Action::Replace => replace(object, &path, operation.value.clone()),
        Action::Move => {
            let value = remove(object, &from()?)?;
            add(object, &path, value)
        }
        Action::Copy => {
            let value = member(object, &from()?)?.cloned();
            add(object, &path, value.unwrap_or_default())
        }
        Action::Test => {
            let is_equal = match find(object, &path) {
                Some(value) => same(value, &operation.value),
                None if parent_exists(object, &path) => operation.value.is_null(),
                None => false,
            };
            if is_equal {
                Ok(())
            } else {
                Err("test failed".to_owned())
            }
        }
    }
}

/// A value that is to be copied: a member that is missing is a null, as to the real engine.
fn member<'a>(object: &'a Value, path: &[String]) -> Outcome<Option<&'a Value>> {
    match (find(object, path), path) {
        (_, []) => Err(WHOLE.to_owned()),
        (Some(value), _) => Ok(Some(value)),
        (None, _) if parent_exists(object, path) => Ok(None),
        (None, _) => Err("the source is missing".to_owned()),
    }
}

const WHOLE: &str = "the whole object cannot be changed";

fn parent_exists(object: &Value, path: &[String]) -> bool {
    path.split_last()
        .is_some_and(|(_, parent)| find(object, parent).is_some_and(Value::is_object))
}

/// Numbers are equal by value.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

fn find<'a>(object: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(object, |value, key| match value {
        Value::Object(map) => map.get(key),
        Value::Array(items) => items.get(existing(key, items.len()).ok()?),
        _ => None,
    })
}

fn find_mut<'a>(object: &'a mut Value, path: &[String]) -> Option<&'a mut Value> {
    path.iter().try_fold(object, |value, key| match value {
        Value::Object(map) => map.get_mut(key),
        Value::Array(items) => {
            let index = existing(key, items.len()).ok()?;
            items.get_mut(index)
        }
        _ => None,
    })
}

/// The index of an item that is there; a negative one counts from the end.
fn existing(key: &str, len: usize) -> Outcome<usize> {
    let invalid = || format!("invalid index `{key}`");
    let index: i64 = key.parse().map_err(|_| invalid())?;
    let len_signed = i64::try_from(len).map_err(|_| invalid())?;
    let index = if index < 0 { index + len_signed } else { index };
    usize::try_from(index)
        .ok()
        .filter(|index| *index < len)
        .ok_or_else(invalid)
}

fn parent<'a, 'p>(object: &'a mut Value, path: &'p [String]) -> Outcome<(&'a mut Value, &'p str)> {
    let Some((last, parents)) = path.split_last() else {
        return Err(WHOLE.to_owned());
    };
    let parent = find_mut(object, parents).ok_or("the parent is missing")?;
    Ok((parent, last))
}

fn add(object: &mut Value, path: &[String], value: Value) -> Outcome<()> {
    match parent(object, path)? {
        (Value::Object(map), key) => {
            map.insert(key.to_owned(), value);
            Ok(())
        }
        (Value::Array(items), "-") => {
            items.push(value);
            Ok(())
        }
        (Value::Array(items), key) => {
            // One more than there are: the place behind the last.
            let index = existing(key, items.len() + 1)?;
            items.insert(index, value);
            Ok(())
        }
        _ => Err("the parent is neither a map nor a list".to_owned()),
    }
}

fn remove(object: &mut Value, path: &[String]) -> Outcome<Value> {
    match parent(object, path)? {
        (Value::Object(map), key) => map.remove(key).ok_or_else(|| "it is missing".to_owned()),
        (Value::Array(items), key) => {
            let index = existing(key, items.len())?;
            Ok(items.remove(index))
        }
        _ => Err("the parent is neither a map nor a list".to_owned()),
    }
}

fn replace(object: &mut Value, path: &[String], value: Value) -> Outcome<()> {
    if path.is_empty() {
        return match value {
            Value::Object(_) | Value::Array(_) => {
                *object = value;
                Ok(())
            }
            _ => Err("only a map or a list can take the place of an object".to_owned()),
        };
    }
    match parent(object, path)? {
        (Value::Object(map), key) => {
            // A missing member is added: so does the real engine.
            map.insert(key.to_owned(), value);
            Ok(())
        }
        (Value::Array(items), key) => {
            let index = existing(key, items.len())?;
            items[index] = value;
            Ok(())
        }
        _ => Err("the parent is neither a map nor a list".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(object: Value, patch: &str, expected: Option<Value>) {
        let patch = read(patch.as_bytes(), "p.yaml")
            .expect("reads")
            .expect("a patch");
        let mut object = object;
        let done = apply(&mut object, &patch.operations, &Budget::default()).is_ok();
        assert_eq!(done.then_some(object), expected, "{patch:?}");
    }

    #[test]
    fn what_starts_with_a_bracket_is_json_and_not_yaml() {
        let patch = r#"[{"op": "add", "path": "/a", "value": "\ud83d\ude00"}]"#;
        check(json!({}), patch, Some(json!({"a": "\u{1f600}"})));
        assert!(read(b"[{op: add, path: /a, value: 1}]", "p.yaml").is_err());
        check(
            json!({}),
            "\n[{op: add, path: /a, value: 1}]",
            Some(json!({"a": 1})),
        );
    }

    #[test]
    fn lists_take_positions_from_both_ends() {
        let list = || json!({"a": [1, 2]});
        check(
            list(),
            "- {op: add, path: /a/0, value: 0}",
            Some(json!({"a": [0, 1, 2]})),
        );
        check(
            list(),
            "- {op: add, path: /a/-, value: 3}",
            Some(json!({"a": [1, 2, 3]})),
        );
        check(
            list(),
            "- {op: add, path: /a/-1, value: 3}",
            Some(json!({"a": [1, 2, 3]})),
        );
        check(list(), "- {op: add, path: /a/3, value: 3}", None);
        check(
            list(),
            "- {op: remove, path: /a/-1}",
            Some(json!({"a": [1]})),
        );
        check(list(), "- {op: remove, path: /a/-}", None);
    }

    #[test]
    fn replacing_a_missing_member_adds_it() {
        check(
            json!({}),
            "- {op: replace, path: /a, value: yes}",
            Some(json!({"a": true})),
        );
        check(
            json!({"a": []}),
            "- {op: replace, path: /a/0, value: 1}",
            None,
        );
        check(json!({}), "- {op: remove, path: /a}", None);
    }

    #[test]
    fn test_compares_numbers_by_value() {
        check(
            json!({"a": 1}),
            "- {op: test, path: /a, value: 1.0}",
            Some(json!({"a": 1})),
        );
        check(json!({"a": 1}), "- {op: test, path: /a, value: '1'}", None);
        check(
            json!({}),
            "- {op: test, path: /a, value: null}",
            Some(json!({})),
        );
    }

    #[test]
    fn pointers_are_unescaped() {
        check(
            json!({}),
            "- {op: add, path: /a~1b~0, value: 1}",
            Some(json!({"a/b~": 1})),
        );
        check(
            json!({}),
            "- {op: add, path: spec/a, value: 1}",
            Some(json!({"a": 1})),
        );
    }

    #[test]
    fn moves_and_copies_need_a_source() {
        check(
            json!({"a": 1}),
            "- {op: move, from: /a, path: /b}",
            Some(json!({"b": 1})),
        );
        check(
            json!({"a": 1}),
            "- {op: copy, from: /a, path: /b}",
            Some(json!({"a": 1, "b": 1})),
        );
        check(json!({}), "- {op: move, from: /a, path: /b}", None);
        check(json!({}), "- {op: copy, path: /b}", None);
        check(json!({"a": 1}), "- {op: copy, from: '', path: /b}", None);
        // A member that is missing is a null to the real engine.
        check(
            json!({}),
            "- {op: copy, from: /a, path: /b}",
            Some(json!({"b": null})),
        );
        check(json!({}), "- {op: copy, from: /a/c, path: /b}", None);
    }

    #[test]
    fn the_whole_object_is_only_replaced() {
        check(
            json!({"a": 1}),
            "- {op: add, path: '', value: {b: 1}}",
            None,
        );
        check(json!({"a": 1}), "- {op: remove, path: ''}", None);
        check(json!({"a": 1}), "- {op: add, path: a, value: 1}", None);
        check(
            json!({"a": 1}),
            "- {op: replace, path: '', value: {b: 1}}",
            Some(json!({"b": 1})),
        );
        check(json!({"a": 1}), "- {op: replace, path: '', value: 1}", None);
    }

    #[test]
    fn operations_may_share_fields_and_are_written_as_the_rfc_has_them() {
        check(
            json!({}),
            "- &b {op: add, path: /x, value: 1}\n- {<<: *b, path: /y}\n",
            Some(json!({"x": 1, "y": 1})),
        );
        check(json!({}), r#"[{"OP": "add", "path": "/x"}]"#, None);
        check(json!({}), "- {op: nix, path: /x}", None);
        check(json!({}), "- {op: add, path: 1}", None);
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced_in_json() {
        let patch = b"[{\"op\":\"add\",\"path\":\"/x\",\"value\":\"a\xe2\x82b\"}]";
        let read = read(patch, "p.json").expect("reads").expect("a patch");
        assert_eq!(read.operations[0].value, json!("a\u{fffd}\u{fffd}b"));
    }

    #[test]
    fn of_several_documents_the_first_is_read_and_the_next_is_told() {
        let text = b"- {op: remove, path: /a}\n---\n- {op: remove, path: /b}\n";
        let read = read(text, "p.yaml").expect("reads").expect("a patch");
        assert_eq!(read.operations.len(), 1);
        let dropped = read.dropped.expect("more");
        assert_eq!(dropped.location().map(|at| at.line), Some(2));
    }
}
