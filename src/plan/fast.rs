//! The answer that costs no request: is a live object exactly what an apply of the desired one would leave?
//!
//! It walks pushboat's own entry in `managedFields` beside the desired and the live object. An apply changes nothing when every
//! field it would set has that value already, in that order, and there is no field that it would give up. Whatever is not
//! certain makes the object a suspect, which costs one dry-run; "in sync" is never a guess.

use base64::Engine;
use serde_json::{Map, Value};

use super::handover::{holds_last_applied, needs_history};
use super::ownership::{self, Element, FieldSet, element};
use super::typed::{self, Place};
use crate::object::Object;

/// The fast answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fast {
    InSync,
    /// As an apply would leave it, unless an apply of the past had set what a person holds now: only the history knows.
    Open,
    Suspect(Why),
}

/// Why an object needs the exact answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// Being deleted.
    Terminating,
    /// No apply of pushboat stands in `managedFields`: created by others, or the entry was stripped.
    NotApplied,
    /// `managedFields` is in a form or version that this program does not read.
    Odd,
    /// A live value is another one.
    Value,
    /// A desired field is not owned.
    NotOwned,
    /// An owned field is not desired any more.
    NotDesired,
    /// List items are missing, doubled or in another order.
    Items,
    /// A person's tool holds a field that `kubectl apply` had set and git does not have.
    LastApplied,
}

impl Why {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Terminating => "terminating",
            Self::NotApplied => "not-applied",
            Self::Odd => "odd-managed-fields",
            Self::Value => "value",
            Self::NotOwned => "not-owned",
            Self::NotDesired => "not-desired",
            Self::Items => "items",
            Self::LastApplied => "last-applied",
        }
    }
}

/// Compares without a request.
pub fn fast(desired: &Object, live: &Object) -> Fast {
    match compare(desired, live) {
        Ok(()) if holds_last_applied(desired, live) => Fast::Suspect(Why::LastApplied),
        Ok(()) if needs_history(desired, live) => Fast::Open,
        Ok(()) => Fast::InSync,
        Err(why) => Fast::Suspect(why),
    }
}

type Compared = Result<(), Why>;

fn compare(desired: &Object, live: &Object) -> Compared {
    let own = own_fields(desired, live)?;
    let mut walk = Walk {
        is_typed: typed::is_typed(desired),
        key: String::new(),
    };
    let (Value::Object(desired_map), Value::Object(live_map)) = (&desired.value, &live.value)
    else {
        return Err(Why::Odd);
    };
    let mut n_matched = 0;
    for (name, value) in desired_map {
        match name.as_str() {
            // Part of the address, not of the content; the caller paired the two by it.
            "apiVersion" | "kind" => {}
            // Written by controllers; whether an apply may set it, only discovery tells.
            "status" => {}
            "metadata" => n_matched += walk.metadata(own, value, live_map.get(name))?,
            "data" | "stringData" if crate::object::mask::is_secret(&desired.value) => {}
            _ => n_matched += walk.field(own, name, value, live_map.get(name), Place::default())?,
        }
    }
    if crate::object::mask::is_secret(&desired.value) {
        n_matched += walk.secret(own, desired_map, live_map)?;
    }
    let is_counted =
        |key: &str| key != "." && (key != "f:status" || !desired_map.contains_key("status"));
    let n_owned = own.keys().filter(|key| is_counted(key)).count();
    if n_matched == n_owned {
        Ok(())
    } else {
        Err(Why::NotDesired)
    }
}

/// The fields of pushboat's one apply entry, if the live object is one that can be answered at all.
fn own_fields<'a>(desired: &Object, live: &'a Object) -> Result<&'a FieldSet, Why> {
    if live.value.pointer("/metadata/deletionTimestamp").is_some() {
        return Err(Why::Terminating);
    }
    let mut own = ownership::entries(live).filter(ownership::Entry::is_own_apply);
    let entry = own.next().ok_or(Why::NotApplied)?;
    let is_other_version =
        entry.api_version != desired.api_version() || live.api_version() != desired.api_version();
    // Two entries: applied at two versions, and the older one may hold fields under other names.
    if own.next().is_some() || is_other_version {
        return Err(Why::Odd);
    }
    Ok(entry.fields)
}

struct Walk {
    is_typed: bool,
    /// Reused, so that looking up `f:name` allocates nothing.
    key: String,
}

impl Walk {
    fn subset<'a>(&mut self, set: &'a FieldSet, name: &str) -> Option<&'a FieldSet> {
        self.key.clear();
        self.key.push_str("f:");
        self.key.push_str(name);
        set.get(&self.key).and_then(Value::as_object)
    }

    /// One field of a map. Returns how many children of `set` it answers for: one, or none for a field that needs no owner.
    fn field(
        &mut self,
        set: &FieldSet,
        name: &str,
        desired: &Value,
        live: Option<&Value>,
        parent: Place<'_>,
    ) -> Result<usize, Why> {
        let place = parent.child(name);
        match self.subset(set, name) {
            Some(below) => self.value(below, desired, live, place).map(|()| 1),
            // The server records no owner for an empty list and leaves the list out.
            None if self.is_typed && live.is_none() && is_empty_list(desired) => Ok(0),
            None => Err(Why::NotOwned),
        }
    }

    fn value(
        &mut self,
        set: &FieldSet,
        desired: &Value,
        live: Option<&Value>,
        place: Place<'_>,
    ) -> Compared {
        if ownership::is_leaf(set) {
            return self.whole(desired, live, place);
        }
        match (desired, live) {
            (Value::Object(desired), Some(Value::Object(live))) => {
                self.map(set, desired, live, place)
            }
            (Value::Array(desired), Some(Value::Array(live))) => {
                self.list(set, desired, live, place)
            }
            _ => Err(Why::Value),
        }
    }

    /// A value owned as one: a scalar, an atomic list or map, an empty map.
    fn whole(&self, desired: &Value, live: Option<&Value>, place: Place<'_>) -> Compared {
        let is_equal = live == Some(desired)
            || (self.is_typed && typed::is_stored_as(desired, live, place))
            || (is_empty_map(desired) && live.is_none() && is_metadata_map(place));
        if is_equal { Ok(()) } else { Err(Why::Value) }
    }

    fn map(
        &mut self,
        set: &FieldSet,
        desired: &Map<String, Value>,
        live: &Map<String, Value>,
        place: Place<'_>,
    ) -> Compared {
        let mut n_matched = 0;
        for (name, value) in desired {
            n_matched += self.field(set, name, value, live.get(name), place)?;
        }
        let n_owned = set.keys().filter(|key| *key != ".").count();
        if n_matched == n_owned {
            Ok(())
        } else {
            Err(Why::NotDesired)
        }
    }

    fn metadata(
        &mut self,
        own: &FieldSet,
        desired: &Value,
        live: Option<&Value>,
    ) -> Result<usize, Why> {
        let (Value::Object(desired), Some(Value::Object(live))) = (desired, live) else {
            return Err(Why::Odd);
        };
        let empty = Map::new();
        let set = self.subset(own, "metadata");
        let set_or_empty = set.unwrap_or(&empty);
        let mut n_matched = 0;
        for (name, value) in desired {
            match name.as_str() {
                // No manager ever owns these; the caller paired the objects by the first two.
                "name" | "namespace" | "creationTimestamp" => {}
                _ => {
                    let place = Place::default().child("metadata");
                    n_matched += self.field(set_or_empty, name, value, live.get(name), place)?;
                }
            }
        }
        if n_matched != set_or_empty.keys().filter(|key| *key != ".").count() {
            return Err(Why::NotDesired);
        }
        Ok(usize::from(set.is_some()))
    }

    fn list(
        &mut self,
        set: &FieldSet,
        desired: &[Value],
        live: &[Value],
        place: Place<'_>,
    ) -> Compared {
        let mut items = Vec::with_capacity(set.len());
        for (key, below) in set {
            match element(key).ok_or(Why::Odd)? {
                Element::Own => continue,
                id @ (Element::Keys(_) | Element::Value(_)) => {
                    items.push((id, below.as_object().ok_or(Why::Odd)?, false));
                }
                Element::Field(_) | Element::Index(_) => return Err(Why::Odd),
            }
        }
        if items.len() != desired.len() {
            return Err(if items.len() > desired.len() {
                Why::NotDesired
            } else {
                Why::NotOwned
            });
        }
        let mut rest = live.iter();
        for item in desired {
            let (id, below, is_used) = items
                .iter_mut()
                .find(|(id, _, is_used)| !is_used && is_item(id, item))
                .ok_or(Why::NotOwned)?;
            *is_used = true;
            // An apply puts its items into its own order, so they must stand in it already. Others may stand between.
            let live_item = rest.find(|live| is_item(id, live)).ok_or(Why::Items)?;
            match (item, live_item) {
                (Value::Object(desired), Value::Object(live)) if !ownership::is_leaf(below) => {
                    self.map(below, desired, live, place)?;
                }
                _ => self.whole(item, Some(live_item), place)?,
            }
        }
        // More live items than ours: none of them may carry a key of ours a second time.
        let is_doubled =
            |live: &&Value| items.iter().filter(|(id, ..)| is_item(id, live)).count() > 0;
        if live.len() > desired.len() && live.iter().filter(is_doubled).count() != desired.len() {
            return Err(Why::Items);
        }
        Ok(())
    }

    /// `data` and `stringData` of a Secret as the one map that the server makes of them.
    ///
    /// A key stands under the field that it was applied in, so either owner will do; its value is in the live `data`.
    fn secret(
        &mut self,
        own: &FieldSet,
        desired: &Map<String, Value>,
        live: &Map<String, Value>,
    ) -> Result<usize, Why> {
        let map = |object: &'_ Map<String, Value>, name: &str| match object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map.clone())),
            Some(_) => Err(Why::Value),
        };
        if desired.get("stringData").is_none_or(Value::is_null) && !own.contains_key("f:stringData")
        {
            return match desired.get("data") {
                Some(value) => self.field(own, "data", value, live.get("data"), Place::default()),
                None => Ok(0),
            };
        }
        let wanted = folded(map(desired, "data")?, map(desired, "stringData")?)?;
        let live_data = map(live, "data")?.unwrap_or_default();
        let sets = ["f:data", "f:stringData"].map(|name| own.get(name).and_then(Value::as_object));
        for key in sets
            .iter()
            .flatten()
            .flat_map(|set| set.keys())
            .filter(|key| *key != ".")
        {
            if !key
                .strip_prefix("f:")
                .is_some_and(|key| wanted.contains_key(key))
            {
                return Err(Why::NotDesired);
            }
        }
        for (key, value) in &wanted {
            self.key.clear();
            self.key.push_str("f:");
            self.key.push_str(key);
            if !sets.iter().flatten().any(|set| set.contains_key(&self.key)) {
                return Err(Why::NotOwned);
            }
            if live_data.get(key) != Some(value) {
                return Err(Why::Value);
            }
        }
        Ok(sets.iter().flatten().count())
    }
}

/// `stringData` over `data`, encoded as the server stores it.
fn folded(
    data: Option<Map<String, Value>>,
    string_data: Option<Map<String, Value>>,
) -> Result<Map<String, Value>, Why> {
    let mut folded = data.unwrap_or_default();
    for (key, value) in string_data.unwrap_or_default() {
        let text = value.as_str().ok_or(Why::Value)?;
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        folded.insert(key, Value::String(encoded));
    }
    Ok(folded)
}

/// Writes `stringData` of a Secret into `data`, where the server would put it.
///
/// Applied so, a key that git drops is removed: as an owner of `stringData`, which the server never stores, an apply gives up
/// nothing. Anything but texts is left for the server to refuse.
pub fn fold_string_data(object: &mut Object) {
    if !crate::object::mask::is_secret(&object.value) {
        return;
    }
    let Some(map) = object.value.as_object_mut() else {
        return;
    };
    let (data, string_data) = (map.get("data"), map.get("stringData"));
    let Some(Value::Object(string_data)) = string_data else {
        return;
    };
    let data = match data {
        Some(Value::Object(data)) => Some(data.clone()),
        None | Some(Value::Null) => None,
        Some(_) => return,
    };
    if let Ok(folded) = folded(data, Some(string_data.clone())) {
        map.remove("stringData");
        if !folded.is_empty() {
            map.insert("data".to_owned(), Value::Object(folded));
        }
    }
}

/// Whether `item` is the list item that `id` names. The one key with a default in built-in kinds is a port's protocol.
pub(super) fn is_item(id: &Element<'_>, item: &Value) -> bool {
    match id {
        Element::Keys(keys) => keys.iter().all(|(key, value)| match item.get(key) {
            Some(found) => found == value,
            None => item.is_object() && key == "protocol" && value == "TCP",
        }),
        Element::Value(value) => item == value,
        _ => false,
    }
}

fn is_empty_list(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

fn is_empty_map(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty)
}

/// The maps of `metadata` itself, which have one type in every kind.
fn is_metadata_map(place: Place<'_>) -> bool {
    (place.grand, place.parent) == ("", "metadata")
        && matches!(place.field, "labels" | "annotations")
}

#[cfg(test)]
#[path = "fast_tests.rs"]
mod tests;
