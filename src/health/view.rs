//! Reads the fields of a live object that health rules look at; what is absent or of another type reads as empty.

use serde_json::Value;

use crate::object::Object;

/// An object as the rules see it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    object: &'a Object,
}

/// One of the object's conditions.
#[derive(Debug, Clone, Copy)]
pub struct Condition<'a> {
    pub kind: &'a str,
    /// `True`, `False` or `Unknown`.
    pub status: &'a str,
    pub reason: &'a str,
    pub message: &'a str,
    pub observed_generation: Option<i64>,
}

impl<'a> Condition<'a> {
    pub fn new(value: &'a Value) -> Self {
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        Self {
            kind: text("type"),
            status: text("status"),
            reason: text("reason"),
            message: text("message"),
            observed_generation: value.get("observedGeneration").and_then(Value::as_i64),
        }
    }

    pub fn is_true(&self) -> bool {
        self.status == "True"
    }

    pub fn is_false(&self) -> bool {
        self.status == "False"
    }

    /// Its message, or its reason where it has none.
    pub fn why(&self) -> &'a str {
        if self.message.is_empty() {
            self.reason
        } else {
            self.message
        }
    }
}

impl<'a> View<'a> {
    pub fn new(object: &'a Object) -> Self {
        Self { object }
    }

    pub fn group(&self) -> &'a str {
        self.object
            .api_version()
            .split_once('/')
            .map_or("", |(group, _)| group)
    }

    pub fn version(&self) -> &'a str {
        let api_version = self.object.api_version();
        api_version
            .split_once('/')
            .map_or(api_version, |(_, version)| version)
    }

    pub fn kind(&self) -> &'a str {
        self.object.kind()
    }

    /// A value by its JSON pointer.
    pub fn at(&self, pointer: &str) -> Option<&'a Value> {
        self.object
            .value
            .pointer(pointer)
            .filter(|value| !value.is_null())
    }

    pub fn text(&self, pointer: &str) -> &'a str {
        self.at(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn number(&self, pointer: &str) -> Option<i64> {
        let value = self.at(pointer)?;
        // Objects that passed through other languages carry whole numbers as floats or texts.
        value
            .as_i64()
            .or_else(|| value.as_f64().map(|float| float as i64))
            .or_else(|| value.as_str()?.parse().ok())
    }

    pub fn count(&self, pointer: &str) -> i64 {
        self.number(pointer).unwrap_or(0)
    }

    pub fn flag(&self, pointer: &str) -> bool {
        self.at(pointer).and_then(Value::as_bool).unwrap_or(false)
    }

    pub fn list(&self, pointer: &str) -> &'a [Value] {
        self.at(pointer)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    pub fn annotation(&self, name: &str) -> Option<&'a str> {
        self.object.annotation(name)
    }

    pub fn conditions(&self) -> impl Iterator<Item = Condition<'a>> + use<'a> {
        self.list("/status/conditions").iter().map(Condition::new)
    }

    pub fn condition(&self, kind: &str) -> Option<Condition<'a>> {
        self.conditions().find(|condition| condition.kind == kind)
    }

    pub fn generation(&self) -> i64 {
        self.count("/metadata/generation")
    }

    /// Whether `seen` is the newest generation; an object that has none is never behind.
    pub fn is_generation(&self, seen: i64) -> bool {
        self.number("/metadata/generation")
            .is_none_or(|newest| newest == seen)
    }

    /// Whether the controller has not seen the newest spec yet.
    pub fn is_stale(&self) -> bool {
        self.generation() > self.count("/status/observedGeneration")
    }

    pub fn is_terminating(&self) -> bool {
        self.at("/metadata/deletionTimestamp").is_some()
    }

    pub fn has_finalizer(&self, name: &str) -> bool {
        self.list("/metadata/finalizers")
            .iter()
            .any(|finalizer| finalizer == name)
    }
}
