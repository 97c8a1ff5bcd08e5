//! Whether an apply may be repeated over an object that is not as it was compared: pure.
//!
//! Whoever else applies for this app would need the lock; where one did, its own entry in `managedFields` tells, and this run stops.

use super::compare::Live;
use crate::cluster::{Seen, Verdict};
use crate::error::{Error, Reason};
use crate::object::{Object, labels};
use crate::plan::ownership::{NO_APPLY, own_mark};
use crate::plan::{Fast, Why, fast};

/// The version that the comparison saw.
pub(super) fn seen(live: &Live) -> Seen {
    Seen {
        uid: live.uid.clone(),
        resource_version: match &live.mark {
            Some(mark) => mark.resource_version.clone(),
            None => live.resource_version.clone(),
        },
    }
}

/// Judges an object as it is now. `own` is the mark of pushboat's entry when the apply was decided, where it is known; `maybe_done` says
/// that an earlier attempt of it may have been done.
pub(super) fn judge(
    desired: &Object,
    own: Option<u64>,
    found: Option<&Object>,
    maybe_done: bool,
) -> Verdict {
    let Some(found) = found else {
        return Verdict::Apply;
    };
    let now = own_mark(found);
    if now == NO_APPLY || own.is_none_or(|own| own == now) {
        return Verdict::Apply;
    }
    if !maybe_done {
        return Verdict::Changed;
    }
    match fast(desired, found) {
        Fast::InSync | Fast::Open => Verdict::Done,
        // Another set of fields was never what this apply left.
        Fast::Suspect(Why::NotOwned | Why::NotDesired | Why::NotApplied) => Verdict::Changed,
        // Servers write some values otherwise than they were sent; with the lock held it was ours.
        Fast::Suspect(Why::Value | Why::Items | Why::Odd | Why::Terminating | Why::LastApplied) => {
            Verdict::Apply
        }
    }
}

/// Why an object that went to another set since it was compared is left alone.
pub(super) fn changed_hands(
    desired: &Object,
    live: Option<&Live>,
    found: Option<&Object>,
) -> Option<Error> {
    let set = found?.label(labels::APPLYSET_PART_OF)?;
    let before = live.map_or("", |live| &live.set);
    if set.is_empty() || set == before || Some(set) == desired.label(labels::APPLYSET_PART_OF) {
        return None;
    }
    let text = format!(
        "`{}` went to another app or tool meanwhile (ApplySet `{set}`)",
        desired.key()
    );
    Some(Error::new(Reason::Guard, text).hint("compare again: `pushboat app diff`"))
}

/// Somebody applied for this app without its lock, or with it while this run believed to hold it.
pub(super) fn overtaken(desired: &Object) -> Error {
    let text = format!(
        "`{}` was applied by another run of pushboat meanwhile: it is not written over",
        desired.key()
    );
    Error::new(Reason::LockLost, text)
        .hint("run the sync again: it compares anew and goes on from there")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn desired(value: &str) -> Object {
        Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "a", "namespace": "n"}, "data": {"key": value}}))
    }

    /// The object as an apply by pushboat leaves it.
    fn applied(value: &str, time: &str, fields: &Value) -> Object {
        let mut object = desired(value);
        object.value["metadata"]["managedFields"] = json!([{
            "manager": "pushboat", "operation": "Apply", "apiVersion": "v1", "time": time,
            "fieldsType": "FieldsV1", "fieldsV1": fields,
        }]);
        object
    }

    fn check(before: &Object, found: Option<&Object>, maybe_done: bool, expected: Verdict) {
        let verdict = judge(&desired("new"), Some(own_mark(before)), found, maybe_done);
        assert_eq!(verdict, expected);
    }

    #[test]
    fn only_pushboats_own_entry_stops_a_repeated_apply() {
        let fields = json!({"f:data": {"f:key": {}}});
        let before = applied("old", "2026-01-01T00:00:00Z", &fields);
        let mut others = before.clone();
        others.value["data"]["more"] = json!("x");
        check(&before, None, false, Verdict::Apply);
        check(&before, Some(&others), false, Verdict::Apply);
        check(&before, Some(&desired("old")), false, Verdict::Apply);
        let overtaken = applied("theirs", "2026-01-01T00:01:00Z", &fields);
        check(&before, Some(&overtaken), false, Verdict::Changed);
        let same_second = applied(
            "old",
            "2026-01-01T00:00:00Z",
            &json!({"f:data": {"f:b": {}}}),
        );
        check(&before, Some(&same_second), false, Verdict::Changed);
    }

    #[test]
    fn what_an_earlier_attempt_left_is_known_again() {
        let before = desired("old");
        let ours = json!({"f:data": {"f:key": {}}});
        let done = applied("new", "2026-01-01T00:01:00Z", &ours);
        check(&before, Some(&done), true, Verdict::Done);
        let mutated = applied("new, by a webhook", "2026-01-01T00:01:00Z", &ours);
        check(&before, Some(&mutated), true, Verdict::Apply);
        let theirs = json!({"f:data": {"f:key": {}, "f:more": {}}});
        let mut other = applied("new", "2026-01-01T00:01:00Z", &theirs);
        other.value["data"]["more"] = json!("x");
        check(&before, Some(&other), true, Verdict::Changed);
    }
}
