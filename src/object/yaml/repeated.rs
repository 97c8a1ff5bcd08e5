//! Keys that stand twice in one mapping.

use std::collections::HashMap;

use super::Node;

/// Maps up to this size are checked pair by pair, which is faster than hashing.
const SMALL_MAP: usize = 12;

/// Each scalar key that has stood before, with the first of its name. `<<` may stand as often as it likes.
pub(super) fn repeated(entries: &[(Node, Node)]) -> Vec<(&Node, &Node)> {
    if entries.len() <= SMALL_MAP && !is_any_repeated(entries) {
        return Vec::new();
    }
    let mut first: HashMap<&str, &Node> = HashMap::with_capacity(entries.len());
    let mut repeated = Vec::new();
    for (key, _) in entries {
        match key.text() {
            None | Some("<<") => {}
            Some(text) => match first.get(text) {
                Some(before) => repeated.push((*before, key)),
                None => {
                    first.insert(text, key);
                }
            },
        }
    }
    repeated
}

fn is_any_repeated(entries: &[(Node, Node)]) -> bool {
    (1..entries.len()).any(|n| {
        let key = entries[n].0.text();
        key.is_some() && entries[..n].iter().any(|(other, _)| other.text() == key)
    })
}
