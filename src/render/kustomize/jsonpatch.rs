//! JSON patches (RFC 6902) with the habits of kustomize's engine.

use serde_json::Value;

use super::budget::{Budget, value_size};
use super::fields::{self, Fields};
use super::node::NodeExt;
use super::typed;
use crate::error::{Error, Result};
use crate::object::yaml::{Dialect, Limits, Node, parse, to_json};

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Add,
    Remove,
    Replace,
    Move,
    Copy,
    Test,
}

/// One operation of a patch.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    pub action: Action,
    pub path: Vec<String>,
    /// Where `move` and `copy` take the value from.
    pub from: Vec<String>,
    pub value: Value,
    /// The path as written, for messages.
    pub shown: String,
}

/// Reads the text of a patch. None when it is no list of operations. What starts as a JSON list must be JSON.
pub fn read(text: &str, file: &str) -> Result<Option<Vec<Operation>>> {
    if text.starts_with('[') {
        return read_json(text, file).map(Some);
    }
    let parsed = parse(text.as_bytes(), file, &Limits::default())?;
    let [document] = parsed.documents.as_slice() else {
        return Ok(None);
    };
    let Some(items) = document.items() else {
        return Ok(None);
    };
    let operations: Result<Vec<Operation>> =
        items.iter().map(|item| operation(item, file)).collect();
    operations.map(Some)
}

fn read_json(text: &str, file: &str) -> Result<Vec<Operation>> {
    let items: Vec<Value> = serde_json::from_str(text).map_err(|error| {
        Error::render(format!(
            "a JSON patch that starts with `[` must be JSON: {error}"
        ))
        .hint("write it as a YAML list with `- `, or quote every key and text")
        .at(file, 0, 0)
    })?;
    items
        .iter()
        .map(|item| operation(&typed::from_value(item, 1), file))
        .collect()
}

fn operation(node: &Node, file: &str) -> Result<Operation> {
    if !node.is_map() {
        return Err(Error::render("a JSON patch operation must be a map").at(
            file,
            node.line,
            node.column,
        ));
    }
    let mut fields = Fields::lenient(node, "patch", file)?;
    let word = match fields.node("op") {
        Some(node) => fields::text(node, "op", file)?,
        None => String::new(),
    };
    let action = match word.as_str() {
        "add" => Action::Add,
        "remove" => Action::Remove,
        "replace" => Action::Replace,
        "move" => Action::Move,
        "copy" => Action::Copy,
        "test" => Action::Test,
        _ => {
            return Err(Error::render("unexpected JSON patch operation")
                .hint("`op` is add, remove, replace, move, copy or test")
                .at(file, node.line, node.column));
        }
    };
    let shown = fields.text("path")?;
    let mut value = match node.get("value") {
        Some(value) => to_json(value, file, Dialect::Kubectl)?,
        None => Value::Null,
    };
    typed::round_numbers(&mut value);
    Ok(Operation {
        action,
        path: split(&shown),
        from: split(&fields.text("from")?),
        value,
        shown,
    })
}

/// The segments of a pointer. Whatever stands before the first slash is lost.
fn split(pointer: &str) -> Vec<String> {
    pointer
        .split('/')
        .skip(1)
        .map(|part| part.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// Applies the operations in order; the first that fails ends it.
pub fn apply(object: &mut Value, operations: &[Operation], budget: &Budget) -> Result<()> {
    for operation in operations {
        budget.copy(value_size(copied(object, operation)))?;
        let shown = &operation.shown;
        one(object, operation).map_err(|why| {
            let action = format!("{:?}", operation.action).to_lowercase();
            Error::render(format!("JSON patch `{action}` of `{shown}`: {why}"))
        })?;
    }
    Ok(())
}

/// Whether operations replace or remove the value at a path, or one that it stands in.
pub fn writes_over(operations: &[Operation], path: &[&str]) -> bool {
    let holds =
        |outer: &[String]| outer.iter().zip(path).filter(|(a, b)| a == b).count() == outer.len();
    operations.iter().any(|operation| match operation.action {
        Action::Test => false,
        Action::Move => holds(&operation.path) || holds(&operation.from),
        Action::Add | Action::Remove | Action::Replace | Action::Copy => holds(&operation.path),
    })
}

/// What an operation makes a copy of.
fn copied<'a>(object: &'a Value, operation: &'a Operation) -> &'a Value {
    match operation.action {
        Action::Copy => find(object, &operation.from).unwrap_or(&Value::Null),
        Action::Add | Action::Replace => &operation.value,
        Action::Remove | Action::Move | Action::Test => &Value::Null,
    }
}

type Outcome<T> = std::result::Result<T, String>;

fn one(object: &mut Value, operation: &Operation) -> Outcome<()> {
    match operation.action {
        Action::Add => add(object, &operation.path, operation.value.clone()),
        Action::Remove => remove(object, &operation.path).map(drop),
        Action::Replace => replace(object, &operation.path, operation.value.clone()),
        Action::Move => {
            let value = remove(object, &operation.from)?;
            add(object, &operation.path, value)
        }
        Action::Copy => {
            let value = find(object, &operation.from)
                .ok_or("the source is missing")?
                .clone();
            add(object, &operation.path, value)
        }
        Action::Test => {
            let is_equal = match find(object, &operation.path) {
                Some(value) => same(value, &operation.value),
                None if parent_exists(object, &operation.path) => operation.value.is_null(),
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
        return Err("the whole object cannot be changed".to_owned());
    };
    let parent = find_mut(object, parents).ok_or("the parent is missing")?;
    Ok((parent, last))
}

fn add(object: &mut Value, path: &[String], value: Value) -> Outcome<()> {
    if path.is_empty() {
        *object = value;
        return Ok(());
    }
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
        *object = value;
        return Ok(());
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
        let operations = read(patch, "p.yaml").expect("reads").expect("operations");
        let mut object = object;
        let done = apply(&mut object, &operations, &Budget::default()).is_ok();
        assert_eq!(done.then_some(object), expected, "{patch}");
    }

    #[test]
    fn what_starts_with_a_bracket_is_json_and_not_yaml() {
        let patch = r#"[{"op": "add", "path": "/a", "value": "\ud83d\ude00"}]"#;
        check(json!({}), patch, Some(json!({"a": "\u{1f600}"})));
        assert!(read("[{op: add, path: /a, value: 1}]", "p.yaml").is_err());
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
        check(json!({}), "- {op: copy, from: /a, path: /b}", None);
    }
}
