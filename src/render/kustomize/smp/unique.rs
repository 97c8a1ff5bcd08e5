//! What the real program makes of items in a target's keyed list that have the same key, or none.

use std::collections::{HashMap, HashSet};

use super::merge::has_key;
use crate::object::yaml::Node;
use crate::render::kustomize::node::NodeExt;

/// The items that are left.
pub struct Collapsed {
    pub items: Vec<Node>,
    /// Keys that stood twice: a patch of such an item has no effect.
    pub repeated: HashSet<String>,
}

/// Of several keys those that any item has; a list without any `protocol` is merged by port alone.
pub fn keys_in_use<'a, 'b>(
    keys: &[&'a str],
    items: impl Iterator<Item = &'b Node> + Clone,
) -> Vec<&'a str> {
    let used: Vec<&str> = keys
        .iter()
        .filter(|key| items.clone().any(|item| has_key(item, key)))
        .copied()
        .collect();
    if used.is_empty() { keys.to_vec() } else { used }
}

/// Keeps one item a key.
pub fn collapse(items: Vec<Node>, keys: &[&str]) -> Collapsed {
    match keys {
        [key] => by_one_key(items, key),
        _ => Collapsed {
            items: by_keys(items, keys),
            repeated: HashSet::new(),
        },
    }
}

/// Of several items with one key the last one stays, at the place of the first. Items without the key push all others out.
fn by_one_key(items: Vec<Node>, key: &str) -> Collapsed {
    let mut unique: Vec<Node> = Vec::with_capacity(items.len());
    let mut repeated = HashSet::new();
    let mut seen: HashMap<String, usize> = HashMap::with_capacity(items.len());
    let mut nameless = Vec::new();
    for item in items {
        if !has_key(&item, key) {
            nameless.push(item);
            continue;
        }
        let name = item.text_at(&[key]).to_owned();
        match seen.get(&name) {
            Some(&at) => {
                repeated.insert(name);
                unique[at] = item;
            }
            None => {
                seen.insert(name, unique.len());
                unique.push(item);
            }
        }
    }
    Collapsed {
        items: if nameless.is_empty() {
            unique
        } else {
            nameless
        },
        repeated,
    }
}

/// An item goes where a later one has some of its keys, with the same values, and no others.
fn by_keys(items: Vec<Node>, keys: &[&str]) -> Vec<Node> {
    let mut seen: HashSet<Vec<Option<String>>> = HashSet::new();
    let mut unique: Vec<Node> = Vec::with_capacity(items.len());
    for item in items.into_iter().rev() {
        let own: Vec<Option<String>> = keys
            .iter()
            .map(|key| has_key(&item, key).then(|| item.text_at(&[key]).to_owned()))
            .collect();
        if own.iter().all(Option::is_none) {
            continue;
        }
        if !subsets(&own).iter().any(|subset| seen.contains(subset)) {
            seen.insert(own);
            unique.push(item);
        }
    }
    unique.reverse();
    unique
}

/// Every choice of the keys that are there. Lists have two keys, rarely three.
fn subsets(own: &[Option<String>]) -> Vec<Vec<Option<String>>> {
    let mut all = vec![Vec::new()];
    for key in own.iter().take(8) {
        let with = all
            .clone()
            .into_iter()
            .map(|mut subset: Vec<Option<String>>| {
                subset.push(key.clone());
                subset
            });
        let with: Vec<_> = with.collect();
        for subset in &mut all {
            subset.push(None);
        }
        if key.is_some() {
            all.extend(with);
        }
    }
    all.retain(|subset| subset.iter().any(Option::is_some));
    all
}
