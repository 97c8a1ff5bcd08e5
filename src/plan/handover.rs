//! Which fields of people's tools an apply takes along, so that pushboat alone owns them.
//!
//! Two owners of one field keep it alive: what git drops later would stay, as the tool that made the object still holds it. So
//! people's entries in `managedFields` lose the fields that the manifest sets, and those that an earlier apply had set and git
//! dropped; pushboat's own entry gets them, and the next apply keeps the former and gives up the latter. Fields that only a
//! person set stay theirs, and entries of controllers, of subresources and of other appliers are never touched.
//!
//! It sends nothing, and knows no schema: people's own field sets tell which lists are keyed.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::fast::is_item;
use super::ownership::{self, Element, Entry, FieldSet, element};
use super::takeover::{self, Takes};
use crate::object::path::{FieldPath, KeyValue, Step};
use crate::object::{Object, labels};

/// What is known of the applies before this one.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    /// What pushboat's history and `kubectl apply` say was applied, newest first.
    pub objects: Vec<Object>,
    /// pushboat's entry as an apply of the newest of them would make it, where the live object has none.
    pub entry: Option<Value>,
}

/// `managedFields` as they are to be before the apply.
#[derive(Debug, Clone, PartialEq)]
pub struct Handover {
    /// The version of the object that this was decided for.
    pub resource_version: String,
    pub managed_fields: Vec<Value>,
    /// What people's entries still hold inside of something that git gave up. What the server would put there anyway holds
    /// nothing up if it is taken, too; only the server knows that.
    pub leftovers: Vec<FieldPath>,
}

impl Handover {
    /// The JSON patch: it changes nothing but `managedFields`, and only of the version that was seen.
    pub fn patch(&self) -> Value {
        json!([
            {"op": "test", "path": "/metadata/resourceVersion", "value": self.resource_version},
            {"op": "add", "path": "/metadata/managedFields", "value": self.managed_fields},
        ])
    }

    /// Whether any owner changes.
    pub fn changes(&self, live: &Object) -> bool {
        !listed(live).eq(self.managed_fields.iter())
    }

    /// The object as it is once that patch is done.
    pub fn done(&self, live: &Object) -> Object {
        let mut held = live.clone();
        if let Some(Value::Object(metadata)) = held.value.get_mut("metadata") {
            metadata.insert("managedFields".to_owned(), json!(self.managed_fields));
        }
        held
    }
}

/// Decides what to take; nothing where nobody else holds what pushboat sets or gives up. `defaults` are those leftovers that the server would
/// put there by itself.
pub fn handover(
    desired: &Object,
    live: &Object,
    earlier: &Earlier,
    defaults: &BTreeSet<FieldPath>,
) -> Option<Handover> {
    let last_applied = last_applied(live);
    let applied: Vec<&Value> = earlier
        .objects
        .iter()
        .chain(&last_applied)
        .map(|object| &object.value)
        .collect();
    let mut own = Own::of(desired, live, earlier);
    let mut others = Vec::new();
    let mut split = Split::new(defaults);
    for value in listed(live) {
        let entry = match ownership::entry(value) {
            Some(entry) if entry.is_own_apply() => continue,
            Some(entry) if is_takeable(&entry) => entry,
            Some(_) | None => {
                others.push(value.clone());
                continue;
            }
        };
        let mut at = At::of(&desired.value);
        at.live = Some(&live.value);
        split.takes = takeover::takes(entry.manager);
        // What stands under the names of another version cannot be given up by pushboat's entry.
        let is_same_version = entry.api_version == own.api_version;
        if is_same_version {
            at.earlier.clone_from(&applied);
            at.own = Some(&own.before);
        }
        let (taken, rest) = split.children(entry.fields, &at);
        if is_same_version {
            union(&mut own.fields, taken);
        }
        if !rest.is_empty() {
            let mut left = value.clone();
            left["fieldsV1"] = Value::Object(rest);
            others.push(left);
        }
    }
    let decided = Handover {
        resource_version: live.resource_version().to_owned(),
        managed_fields: own.listed(others),
        leftovers: split.leftovers,
    };
    (decided.changes(live) || !decided.leftovers.is_empty()).then_some(decided)
}

/// Whether only the history can tell if an apply had set something that a person's entry holds: they wrote after pushboat did.
pub fn needs_history(desired: &Object, live: &Object) -> bool {
    let own = ownership::entries(live).find(Entry::is_own_apply);
    let Some(own) = own else { return true };
    people(live)
        // RFC 3339 in UTC with seconds: what was written within one second may have come before or after.
        .filter(|entry| entry.time >= own.time)
        .any(|entry| holds_more(entry.fields, desired))
}

/// Whether people's entries hold a field that `kubectl apply` had set and git does not have.
pub fn holds_last_applied(desired: &Object, live: &Object) -> bool {
    let more: Vec<Entry<'_>> = people(live)
        .filter(|entry| holds_more(entry.fields, desired))
        .collect();
    if more.is_empty() {
        return false;
    }
    let Some(last) = last_applied(live) else {
        return false;
    };
    let nothing = BTreeSet::new();
    more.iter().any(|entry| {
        let mut split = Split::new(&nothing);
        let at = At {
            earlier: vec![&last.value],
            ..At::of(&desired.value)
        };
        let (taken, _) = split.children(entry.fields, &at);
        holds_more(&taken, desired)
    })
}

/// Whether a set holds a field that the manifest does not set, apart from those that are never touched.
fn holds_more(set: &FieldSet, desired: &Object) -> bool {
    let nothing = BTreeSet::new();
    let (_, rest) = Split::new(&nothing).children(set, &At::of(&desired.value));
    has_field(&rest)
}

fn has_field(set: &FieldSet) -> bool {
    set.iter().any(|(key, below)| {
        let is_kept = matches!(element(key), Some(Element::Field(name)) if is_kept(name));
        let below = below.as_object();
        key != "." && !is_kept && below.is_none_or(|below| below.is_empty() || has_field(below))
    })
}

/// Fields that nobody takes: a restart that somebody asked for is no content.
fn is_kept(name: &str) -> bool {
    matches!(name, labels::RESTARTED_AT | labels::LAST_APPLIED)
}

fn is_takeable(entry: &Entry<'_>) -> bool {
    entry.operation == "Update"
        && entry.subresource.is_empty()
        && takeover::takes(entry.manager) != Takes::Nothing
}

fn people(live: &Object) -> impl Iterator<Item = Entry<'_>> {
    ownership::entries(live).filter(is_takeable)
}

fn listed(live: &Object) -> impl Iterator<Item = &Value> {
    let list = live.value.pointer("/metadata/managedFields");
    list.and_then(Value::as_array).into_iter().flatten()
}

/// What `kubectl apply` says it applied last; `stringData` as the server stores it.
fn last_applied(live: &Object) -> Option<Object> {
    let text = live.annotation(labels::LAST_APPLIED)?;
    let mut last = Object::new(serde_json::from_str(text).ok()?);
    super::fast::fold_string_data(&mut last);
    Some(last)
}

/// pushboat's own entry, before and after.
struct Own {
    /// Without `fieldsV1`.
    entry: Value,
    api_version: String,
    before: FieldSet,
    fields: FieldSet,
}

impl Own {
    fn of(desired: &Object, live: &Object, earlier: &Earlier) -> Self {
        let found = listed(live)
            .find(|value| ownership::entry(value).is_some_and(|entry| entry.is_own_apply()))
            .or(earlier.entry.as_ref());
        if let Some((value, entry)) =
            found.and_then(|value| Some((value, ownership::entry(value)?)))
        {
            return Self {
                entry: value.clone(),
                api_version: entry.api_version.to_owned(),
                before: entry.fields.clone(),
                fields: entry.fields.clone(),
            };
        }
        let theirs: Vec<Entry<'_>> = people(live).collect();
        let model = theirs
            .iter()
            .find(|entry| entry.api_version == desired.api_version())
            .or(theirs.first());
        let api_version = model.map_or(desired.api_version(), |entry| entry.api_version);
        let mut entry = json!({
            "manager": labels::MANAGER,
            "operation": "Apply",
            "apiVersion": api_version,
            "fieldsType": "FieldsV1",
        });
        if let Some(model) = model.filter(|model| !model.time.is_empty()) {
            entry["time"] = model.time.into();
        }
        Self {
            entry,
            api_version: api_version.to_owned(),
            before: FieldSet::new(),
            fields: FieldSet::new(),
        }
    }

    /// The whole list, with this entry among the others.
    fn listed(mut self, others: Vec<Value>) -> Vec<Value> {
        if self.fields.is_empty() && others.is_empty() {
            // With no entry at all, the server would give every field to `before-first-apply` at the first apply.
            self.fields = member_label();
        }
        if self.fields.is_empty() {
            return others;
        }
        self.entry["fieldsV1"] = Value::Object(self.fields);
        std::iter::once(self.entry).chain(others).collect()
    }
}

/// The set that holds the member label alone.
fn member_label() -> FieldSet {
    let label = format!("f:{}", labels::APPLYSET_PART_OF);
    let set = json!({"f:metadata": {"f:labels": {label: {}}}});
    match set {
        Value::Object(set) => set,
        _ => FieldSet::new(),
    }
}

/// What stands at one place.
struct At<'a> {
    /// In the manifest.
    desired: Option<&'a Value>,
    /// In the cluster, where that matters.
    live: Option<&'a Value>,
    /// In what was applied earlier.
    earlier: Vec<&'a Value>,
    /// In pushboat's own entry.
    own: Option<&'a FieldSet>,
    /// Part of a list item that goes as a whole.
    is_gone: bool,
    is_in_given_up: bool,
}

impl<'a> At<'a> {
    fn of(desired: &'a Value) -> Self {
        Self {
            desired: Some(desired),
            live: None,
            earlier: Vec::new(),
            own: None,
            is_gone: false,
            is_in_given_up: false,
        }
    }

    /// An apply had set this or something below it, and git does not have it any more.
    fn is_given_up(&self) -> bool {
        self.is_gone || (self.desired.is_none() && (self.own.is_some() || !self.earlier.is_empty()))
    }

    fn is_applied(&self) -> bool {
        self.desired.is_some() || self.is_given_up()
    }

    /// One step deeper; nothing for what this version does not know.
    fn child(&self, key: &str) -> Option<(Step, Self)> {
        let element = element(key)?;
        let step = step_of(&element)?;
        let find = |value: &'a Value| found(value, &element);
        let desired = self.desired.and_then(find);
        let live = self.live.and_then(find);
        let earlier: Vec<&Value> = self.earlier.iter().copied().filter_map(find).collect();
        let own = self.own.and_then(|set| ownership::child(set, &step));
        let is_lost_item = matches!(element, Element::Keys(_))
            && desired.is_none()
            && (own.is_some() || !earlier.is_empty());
        let child = Self {
            desired,
            live,
            earlier,
            own,
            is_gone: self.is_gone || is_lost_item,
            is_in_given_up: self.is_in_given_up || self.is_given_up(),
        };
        Some((step, child))
    }
}

fn step_of(element: &Element<'_>) -> Option<Step> {
    match element {
        Element::Field(name) => Some(Step::Field((*name).to_owned())),
        Element::Keys(keys) => Some(Step::Item(
            keys.iter()
                .map(|(key, value)| (key.clone(), KeyValue::of(value)))
                .collect(),
        )),
        Element::Value(value) => Some(Step::Value(KeyValue::of(value))),
        Element::Own | Element::Index(_) => None,
    }
}

/// The part of `value` that an element names, if it has one. Null sets nothing.
fn found<'a>(value: &'a Value, element: &Element<'_>) -> Option<&'a Value> {
    match element {
        Element::Field(name) => value.get(name).filter(|value| !value.is_null()),
        Element::Keys(_) | Element::Value(_) => {
            value.as_array()?.iter().find(|item| is_item(element, item))
        }
        Element::Own | Element::Index(_) => None,
    }
}

/// Parts a field set in what is taken and what stays.
struct Split<'a> {
    takes: Takes,
    defaults: &'a BTreeSet<FieldPath>,
    path: FieldPath,
    leftovers: Vec<FieldPath>,
}

impl<'a> Split<'a> {
    fn new(defaults: &'a BTreeSet<FieldPath>) -> Self {
        Self {
            takes: Takes::All,
            defaults,
            path: FieldPath::default(),
            leftovers: Vec::new(),
        }
    }

    /// What is taken of the fields below a place, and what stays; the place itself is not looked at.
    fn children(&mut self, set: &FieldSet, at: &At<'_>) -> (FieldSet, FieldSet) {
        let (mut taken, mut rest) = (FieldSet::new(), FieldSet::new());
        for (key, below) in set.iter().filter(|(key, _)| *key != ".") {
            let (Some((step, child)), Some(below)) = (at.child(key), below.as_object()) else {
                rest.insert(key.clone(), below.clone());
                continue;
            };
            if matches!(&step, Step::Field(name) if is_kept(name)) {
                rest.insert(key.clone(), Value::Object(below.clone()));
                continue;
            }
            self.path.0.push(step);
            let (below_taken, below_rest) = self.place(below, &child);
            self.path.0.pop();
            taken.extend(below_taken.map(|set| (key.clone(), Value::Object(set))));
            rest.extend(below_rest.map(|set| (key.clone(), Value::Object(set))));
        }
        (taken, rest)
    }

    /// The same with the place itself. An empty set holds the place; no set holds nothing.
    fn place(&mut self, set: &FieldSet, at: &At<'_>) -> (Option<FieldSet>, Option<FieldSet>) {
        let is_member = set.is_empty() || set.contains_key(".");
        let (taken, rest) = self.children(set, at);
        // A map or an item of which something stays is held by that anyway.
        let is_taken = rest.is_empty()
            && ((at.is_applied() && self.is_free(set, at))
                || self.defaults.contains(&self.path)
                || (at.is_in_given_up && !set.is_empty()));
        if set.is_empty() && !is_taken && at.is_in_given_up {
            self.leftovers.push(self.path.clone());
        }
        (
            node(is_member && is_taken, taken),
            node(is_member && !is_taken, rest),
        )
    }

    /// Whether a place may be taken from this manager without overruling it.
    fn is_free(&self, set: &FieldSet, at: &At<'_>) -> bool {
        match self.takes {
            Takes::All => true,
            Takes::Agreed => !set.is_empty() || at.desired.is_none() || at.desired == at.live,
            Takes::Nothing => false,
        }
    }
}

fn node(is_member: bool, mut below: FieldSet) -> Option<FieldSet> {
    match (is_member, below.is_empty()) {
        (false, true) => None,
        (true, true) | (false, false) => Some(below),
        (true, false) => {
            below.insert(".".to_owned(), Value::Object(Map::new()));
            Some(below)
        }
    }
}

/// Adds `more` to a set.
fn union(set: &mut FieldSet, more: FieldSet) {
    for (key, more) in more {
        let same = set.keys().find(|known| is_same_key(known, &key)).cloned();
        let key = same.unwrap_or(key);
        match (set.get_mut(&key), more) {
            (Some(Value::Object(below)), Value::Object(more)) => join(below, more),
            (_, more) => drop(set.insert(key, more)),
        }
    }
}

fn join(below: &mut FieldSet, more: FieldSet) {
    let is_member = |set: &FieldSet| set.is_empty() || set.contains_key(".");
    let is_held = is_member(below) || is_member(&more);
    union(below, more);
    if is_held && !below.is_empty() {
        below.insert(".".to_owned(), Value::Object(Map::new()));
    }
}

/// Two entries may write the keys of one list item in another order.
fn is_same_key(one: &str, other: &str) -> bool {
    one == other
        || (one.starts_with("k:") && other.starts_with("k:") && element(one) == element(other))
}

#[cfg(test)]
#[path = "handover_tests.rs"]
mod tests;
