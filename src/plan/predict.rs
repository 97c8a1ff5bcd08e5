//! What an apply would leave, worked out here: for a server that cannot dry-run (a namespace that is not there yet, a webhook that
//! refuses dry-runs).
//!
//! It is not exact. The schema is known only as far as field sets show it, and what defaulting and admission would do is not known
//! at all; whoever shows a difference found this way says so.

use serde_json::{Map, Value};

use super::exact::ListKind;
use super::fast::fold_string_data;
use super::ownership::{self, Element, FieldSet, element};
use super::typed::{self, Place};
use crate::object::Object;
use crate::object::path::Step;

/// The live object with the desired fields in it, and without those that pushboat alone owned and that are not desired any more.
pub fn local_prediction(desired: &Object, live: &Object) -> Object {
    let mut predicted = given_up(desired, live.clone(), live);
    let mut desired = desired.clone();
    fold_string_data(&mut desired);
    let merge = Merge {
        is_typed: typed::is_typed(&desired),
    };
    if let (Value::Object(predicted), Value::Object(mut wanted)) =
        (&mut predicted.value, desired.value)
    {
        wanted.remove("status");
        merge.map(predicted, &wanted, &Sets::of(live), Place::default());
    }
    predicted
}

/// `predicted` without what pushboat alone owns and git does not have, where the owners are those of `held`.
///
/// A server does the same when it applies. `predicted` may come from a dry run that knew of more owners.
pub fn given_up(desired: &Object, mut predicted: Object, held: &Object) -> Object {
    let mut desired = desired.clone();
    fold_string_data(&mut desired);
    if let (Value::Object(predicted), Value::Object(desired)) =
        (&mut predicted.value, &desired.value)
    {
        give_up(predicted, desired, &Sets::of(held));
    }
    predicted
}

/// The parts of the field sets that stand at one place.
struct Sets<'a> {
    own: Vec<&'a FieldSet>,
    others: Vec<&'a FieldSet>,
}

impl<'a> Sets<'a> {
    fn of(held: &'a Object) -> Self {
        let (own, others): (Vec<_>, Vec<_>) =
            ownership::entries(held).partition(ownership::Entry::is_own_apply);
        Self {
            own: own.iter().map(|entry| entry.fields).collect(),
            others: others.iter().map(|entry| entry.fields).collect(),
        }
    }

    fn below(&self, step: &Step) -> Self {
        let part = |sets: &[&'a FieldSet]| {
            sets.iter()
                .filter_map(|set| ownership::child(set, step))
                .collect()
        };
        Self {
            own: part(&self.own),
            others: part(&self.others),
        }
    }

    fn is_held_by_others(&self) -> bool {
        !self.others.is_empty()
    }

    fn all(&self) -> Vec<&'a FieldSet> {
        self.own.iter().chain(&self.others).copied().collect()
    }
}

/// Takes out of a map what is not desired any more, at every depth.
fn give_up(live: &mut Map<String, Value>, desired: &Map<String, Value>, sets: &Sets<'_>) {
    let is_set = |name: &str| desired.get(name).is_some_and(|value| !value.is_null());
    for name in not_desired(sets, is_set) {
        let below = sets.below(&Step::Field(name.to_owned()));
        if live
            .get_mut(name)
            .is_some_and(|value| is_emptied(value, name, &below))
        {
            live.remove(name);
        }
    }
    for (name, desired) in desired {
        let below = sets.below(&Step::Field(name.clone()));
        match (live.get_mut(name), desired) {
            (Some(Value::Object(live)), Value::Object(desired)) => give_up(live, desired, &below),
            (Some(Value::Array(live)), Value::Array(desired)) => {
                give_up_items(live, desired, &below);
            }
            _ => {}
        }
    }
}

fn give_up_items(live: &mut Vec<Value>, desired: &[Value], sets: &Sets<'_>) {
    let kind = ListKind::of(&sets.all());
    let (Some(live_ids), Some(desired_ids)) = (kind.ids(live), kind.ids(desired)) else {
        return;
    };
    let mut ids = live_ids.iter();
    live.retain_mut(|item| {
        let Some(id) = ids.next() else { return true };
        let below = sets.below(id);
        let wanted = desired_ids.iter().position(|other| other == id);
        match (wanted.and_then(|n| desired.get(n)), item) {
            (None, item) => stays(item, id, &below),
            (Some(Value::Object(desired)), Value::Object(item)) => {
                give_up(item, desired, &below);
                true
            }
            (Some(_), _) => true,
        }
    });
}

/// Puts what is desired into what is there.
struct Merge {
    is_typed: bool,
}

impl Merge {
    fn map(
        &self,
        live: &mut Map<String, Value>,
        desired: &Map<String, Value>,
        sets: &Sets<'_>,
        place: Place<'_>,
    ) {
        for (name, value) in desired {
            let place = place.child(name);
            if self.is_typed && typed::is_stored_as(value, live.get(name), place) {
                continue;
            }
            let below = sets.below(&Step::Field(name.clone()));
            match live.get_mut(name) {
                Some(found) => self.value(found, value, &below, place),
                None => {
                    live.insert(name.clone(), value.clone());
                }
            }
        }
    }

    fn value(&self, live: &mut Value, desired: &Value, sets: &Sets<'_>, place: Place<'_>) {
        // Owned as one, so replaced as one.
        let all = sets.all();
        let is_whole = !all.is_empty() && all.iter().all(|set| ownership::is_leaf(set));
        match (live, desired) {
            (Value::Object(live), Value::Object(desired)) if !is_whole || desired.is_empty() => {
                self.map(live, desired, sets, place);
            }
            (Value::Array(live), Value::Array(desired)) => self.list(live, desired, sets, place),
            (live, desired) => *live = self.stored(desired, live, place),
        }
    }

    /// What the server makes of a value that is replaced as one.
    fn stored(&self, desired: &Value, live: &Value, place: Place<'_>) -> Value {
        match self.is_typed {
            true => typed::stored(desired, live, place),
            false => desired.clone(),
        }
    }

    fn list(&self, live: &mut Vec<Value>, desired: &[Value], sets: &Sets<'_>, place: Place<'_>) {
        let kind = ListKind::of(&sets.all());
        let (Some(live_ids), Some(desired_ids)) = (kind.ids(live), kind.ids(desired)) else {
            let desired = Value::from(desired);
            let stored = self.stored(&desired, &Value::from(std::mem::take(live)), place);
            if let Value::Array(items) = stored {
                *live = items;
            }
            return;
        };
        let found: Vec<(Step, Value)> = live_ids.into_iter().zip(live.drain(..)).collect();
        let wanted = desired_ids.iter().zip(desired).map(|(id, item)| {
            let stood = found.iter().find(|(other, _)| other == id);
            let mut merged = stood.map_or_else(|| item.clone(), |(_, value)| value.clone());
            if let (Value::Object(merged), Value::Object(item)) = (&mut merged, item) {
                self.map(merged, item, &sets.below(id), place);
            }
            (id.clone(), merged)
        });
        let wanted: Vec<(Step, Value)> = wanted.collect();
        live.extend(interleaved(found, wanted));
    }
}

/// Our items in our order, with those of others between them where they stood.
fn interleaved(live: Vec<(Step, Value)>, ours: Vec<(Step, Value)>) -> Vec<Value> {
    let mut merged = Vec::new();
    let mut n_taken = 0;
    let position = |id: &Step| ours.iter().position(|(other, _)| other == id);
    for (id, value) in live {
        match position(&id) {
            None => merged.push(value),
            // All of ours up to this one; none if it was put before already.
            Some(n) => {
                let taken = ours
                    .iter()
                    .take(n + 1)
                    .skip(n_taken)
                    .map(|(_, value)| value.clone());
                merged.extend(taken);
                n_taken = n_taken.max(n + 1);
            }
        }
    }
    merged.extend(ours.iter().skip(n_taken).map(|(_, value)| value.clone()));
    merged
}

/// Fields of pushboat that are not desired any more.
fn not_desired<'a>(sets: &Sets<'a>, is_desired: impl Fn(&str) -> bool) -> Vec<&'a str> {
    let keys = sets.own.iter().flat_map(|set| set.keys());
    let fields = keys.filter_map(|key| match element(key) {
        Some(Element::Field(name)) => Some(name),
        _ => None,
    });
    fields.filter(|name| !is_desired(name)).collect()
}

/// Whether a list item that is not desired stays, without what pushboat alone owned in it.
fn stays(item: &mut Value, id: &Step, sets: &Sets<'_>) -> bool {
    if sets.own.is_empty() || !sets.is_held_by_others() {
        return sets.own.is_empty();
    }
    let before = item.clone();
    is_emptied(item, "", sets);
    // The key stays as long as the item does, whoever owned it.
    if let (Step::Item(keys), Value::Object(item)) = (id, item) {
        for (name, _) in keys {
            let value = before.get(name).cloned();
            item.extend(value.map(|value| (name.clone(), value)));
        }
    }
    true
}

/// Takes out of the field `name` what pushboat alone owns; whether the field itself goes with it.
fn is_emptied(value: &mut Value, name: &str, sets: &Sets<'_>) -> bool {
    let is_held = sets.is_held_by_others();
    // In a map with keys of the user's choice the server puts nothing beside them.
    let is_free = typed::is_free_map(name) && value.is_object();
    if !is_held && !is_free {
        return true;
    }
    if is_held && sets.own.iter().any(|set| ownership::is_leaf(set)) {
        return false;
    }
    match value {
        Value::Object(map) => {
            for name in not_desired(sets, |_| false) {
                let below = sets.below(&Step::Field(name.to_owned()));
                if map
                    .get_mut(name)
                    .is_some_and(|value| is_emptied(value, name, &below))
                {
                    map.remove(name);
                }
            }
            map.is_empty()
        }
        Value::Array(items) => {
            if let Some(ids) = ListKind::of(&sets.all()).ids(items) {
                let mut ids = ids.iter();
                items.retain_mut(|item| {
                    ids.next().is_none_or(|id| stays(item, id, &sets.below(id)))
                });
            }
            items.is_empty()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sets_what_is_desired_and_gives_up_what_is_not() {
        let own = json!({"f:data": {"f:old": {}, "f:both": {}, "f:kept": {}}});
        let other = json!({"f:data": {"f:both": {}, "f:theirs": {}}});
        let entry = |manager: &str, fields: Value| json!({"manager": manager, "operation": "Apply", "fieldsType": "FieldsV1", "fieldsV1": fields});
        let live = Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"managedFields": [entry("pushboat", own), entry("other", other)]},
            "data": {"old": "1", "both": "1", "kept": "1", "theirs": "1"}}));
        let desired = Object::new(
            json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"kept": "2", "new": "1"}}),
        );
        let predicted = local_prediction(&desired, &live);
        assert_eq!(
            predicted.value["data"],
            json!({"both": "1", "kept": "2", "theirs": "1", "new": "1"})
        );
    }
}
