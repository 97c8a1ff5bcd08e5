//! Which objects a release takes from other apps, so that a rollback of that release does not delete them: they were there before it.
//! Pure.

use std::collections::BTreeMap;

use super::entries::History;
use super::moving;
use super::prepare::Prepared;

/// Objects by the text of their key, each with whom it was taken from.
pub type TakenOver = BTreeMap<String, String>;

/// Stands for every object, where there were too many to list or nobody can read which.
const ANY: &str = "*";

/// What the list may take of the 256 KiB that the annotations of a Secret may have in all.
const MAX_BYTES: usize = 64 << 10;

/// What a sync of this comparison takes from other sets. What is refused in the end is not taken, and is no member then.
pub(super) fn taken_by(prepared: &Prepared) -> TakenOver {
    let own = moving::sets(prepared);
    let asking = prepared.app.claimant();
    let resources = prepared.comparison.resources.iter();
    let taken = resources.filter_map(|resource| {
        resource.desired?;
        let set = &resource.live.as_ref()?.set;
        let from = match prepared.claims.holder(set) {
            _ if set.is_empty() || own.contains(&**set) => return None,
            Some(holder) => format!("app `{}`", holder.app.named_for(&asking)),
            None => format!("another app or tool (ApplySet `{set}`)"),
        };
        Some((resource.key.to_string(), from))
    });
    bounded(taken.collect())
}

fn bounded(taken: TakenOver) -> TakenOver {
    let bytes: usize = taken
        .iter()
        .map(|(key, from)| key.len() + from.len() + 8)
        .sum();
    if bytes <= MAX_BYTES {
        return taken;
    }
    TakenOver::from([(ANY.to_owned(), "another app".to_owned())])
}

/// What the entries after this one took. An entry that cannot be read may have taken anything.
pub fn since(history: &History, id: u64) -> TakenOver {
    let newer = history.entries.iter().filter(|entry| entry.info.id > id);
    let mut taken: TakenOver = newer
        .flat_map(|entry| entry.info.took_over.clone())
        .collect();
    let mut unreadable = history.unreadable.iter();
    if unreadable.any(|entry| entry.id.is_none_or(|other| other > id)) {
        let from = "another app, for all that can be read of the history";
        taken.insert(ANY.to_owned(), from.to_owned());
    }
    taken
}

/// Whom an object was taken from.
pub(super) fn taken_from<'a>(taken: &'a TakenOver, key: &crate::object::Key) -> Option<&'a str> {
    let from = taken.get(&key.to_string()).or_else(|| taken.get(ANY))?;
    Some(from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Key;

    fn key(name: &str) -> Key {
        Key {
            kind: "ConfigMap".to_owned(),
            name: name.to_owned(),
            ..Key::default()
        }
    }

    #[test]
    fn a_list_that_is_too_long_for_its_annotation_stands_for_everything() {
        let taken = |n: usize| -> TakenOver {
            let keys = (0..n).map(|n| (key(&format!("object-{n}")).to_string(), "app `a`".into()));
            bounded(keys.collect())
        };
        let few = taken(3);
        assert_eq!(taken_from(&few, &key("object-2")), Some("app `a`"));
        assert_eq!(taken_from(&few, &key("object-3")), None);
        let many = taken(5000);
        assert_eq!(many.len(), 1);
        assert_eq!(taken_from(&many, &key("whatever")), Some("another app"));
    }
}
