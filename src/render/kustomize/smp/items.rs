//! Lists whose items have keys, and sets of scalars, merged in the steps of the real program.
//!
//! It collects the values that the keys have in both lists, merges what has one value on both sides, and puts the list together anew by
//! replacing whatever has that value. With items that each have a key of their own this is what anyone expects, and there is a short way
//! for them. Items without a key, with one twice, or that are no maps fall through the gaps between the steps, each in its own way: an item
//! may push all others out. Only the same steps give the same list.

use std::collections::{HashMap, HashSet};

use super::Schema;
use super::merge::{DIRECTIVE, Lists, added, same_kind, value};
use crate::error::{Error, Result};
use crate::object::yaml::Node;
use crate::render::kustomize::node::NodeExt;
use crate::render::kustomize::{budget, emit};

/// How large a list may be in which items stand several times: each patch may double them.
const MAX_COPIES: usize = 1 << 20;

/// What is merged into a list.
pub enum Patch<'a> {
    /// Nothing: the list is put together anew all the same.
    Nothing,
    /// The list itself, because there was none before.
    Itself,
    Items(Vec<&'a Node>),
}

/// Merges the items of two lists; a list without keys is a set of scalars.
pub fn merge(
    own: Vec<Node>,
    patch: &Patch<'_>,
    keys: &[&str],
    schema: Schema<'_>,
) -> Result<Vec<Node>> {
    if let [key] = keys
        && has_plain_names(&own, patch, key)
    {
        return by_name(own, patch, key, schema);
    }
    let keys = if keys.is_empty() { &[""] } else { keys };
    let mut steps = Steps {
        own: (0..own.len()).collect(),
        patch: Vec::new(),
        nodes: own,
    };
    match patch {
        Patch::Nothing => {}
        Patch::Itself => steps.patch.clone_from(&steps.own),
        Patch::Items(items) => {
            for item in items {
                steps.patch.push(steps.nodes.len());
                steps.nodes.push((*item).clone());
            }
        }
    }
    steps.run(keys, schema)
}

/// Whether all items are maps that have this key, and no two of a list the same.
fn has_plain_names(own: &[Node], patch: &Patch<'_>, key: &str) -> bool {
    fn are_plain<'a>(items: impl ExactSizeIterator<Item = &'a Node>, key: &str) -> bool {
        let mut seen = HashSet::with_capacity(items.len());
        items.into_iter().all(|item| {
            let name = item.text_at(&[key]);
            !name.is_empty() && seen.insert(name)
        })
    }
    are_plain(own.iter(), key)
        && match patch {
            Patch::Nothing => true,
            Patch::Itself => !own.iter().any(replaces),
            Patch::Items(items) => {
                are_plain(items.iter().copied(), key) && !items.iter().copied().any(replaces)
            }
        }
}

fn replaces(item: &Node) -> bool {
    item.text_at(&[DIRECTIVE]) == "replace"
}

/// The patch's items first, each merged with its match, then the other items of the target.
fn by_name(own: Vec<Node>, patch: &Patch<'_>, key: &str, schema: Schema<'_>) -> Result<Vec<Node>> {
    let mut merged = Vec::with_capacity(own.len());
    let changes = match patch {
        Patch::Nothing => &[][..],
        Patch::Items(items) => items,
        Patch::Itself => {
            for item in &own {
                merged.extend(added(item, schema, Lists::Merged)?);
            }
            return Ok(merged);
        }
    };
    let position: HashMap<String, usize> = own
        .iter()
        .enumerate()
        .map(|(n, item)| (item.text_at(&[key]).to_owned(), n))
        .collect();
    let mut own: Vec<Option<Node>> = own.into_iter().map(Some).collect();
    for &change in changes {
        let matching = position.get(change.text_at(&[key]));
        merged.extend(match matching.and_then(|&n| own[n].take()) {
            Some(item) => value(Some(item), Some(change), schema)?,
            None => added(change, schema, Lists::Merged)?,
        });
    }
    for item in own.into_iter().flatten() {
        merged.extend(value(Some(item), None, schema)?);
    }
    Ok(merged)
}

/// Both lists, as indexes of nodes: a node that is in two lists changes in both.
struct Steps {
    nodes: Vec<Node>,
    own: Vec<usize>,
    patch: Vec<usize>,
}

/// What an item has under a key: nothing for a null, and for what is no scalar. No key is the item itself.
fn value_of(item: &Node, key: &str) -> String {
    if key.is_empty() {
        return item.text().unwrap_or_default().to_owned();
    }
    item.text_at(&[key]).to_owned()
}

/// What stands under a key of an item, null or not. No key is the item itself.
fn under<'a>(item: &'a Node, key: &str) -> Option<&'a Node> {
    if key.is_empty() {
        Some(item)
    } else {
        item.get(key)
    }
}

/// Which of the keys any of the values has; all where there is none.
fn in_use(n_keys: usize, all: &[Vec<String>]) -> Vec<usize> {
    let is_used = |n: &usize| all.iter().any(|values| !values[*n].is_empty());
    let used: Vec<usize> = (0..n_keys).filter(is_used).collect();
    if used.is_empty() {
        (0..n_keys).collect()
    } else {
        used
    }
}

fn chosen<T: Clone>(of: &[T], places: &[usize]) -> Vec<T> {
    places.iter().map(|n| of[*n].clone()).collect()
}

/// Values of several keys that are equal where both have one become the same.
fn unify(all: &mut [Vec<String>]) {
    for i in 0..all.len() {
        let one = all[i].clone();
        for j in 0..all.len() {
            if let Some(both) = unified(&one, &all[j]) {
                all[i].clone_from(&both);
                all[j] = both;
            }
        }
    }
}

fn unified(one: &[String], other: &[String]) -> Option<Vec<String>> {
    let mut any = false;
    let pairs = one.iter().zip(other).map(|(a, b)| {
        any |= a == b;
        (a == b || a.is_empty() || b.is_empty()).then(|| if a.is_empty() { b } else { a }.clone())
    });
    let both: Option<Vec<String>> = pairs.collect();
    both.filter(|_| any)
}

impl Steps {
    fn run(mut self, keys: &[&str], schema: Schema<'_>) -> Result<Vec<Node>> {
        let mut all: Vec<Vec<String>> = Vec::new();
        let mut seen = HashSet::new();
        for &at in self.patch.iter().chain(&self.own) {
            let item = &self.nodes[at];
            let values: Vec<String> = keys.iter().map(|key| value_of(item, key)).collect();
            if seen.insert(values.clone()) {
                all.push(values);
            }
        }
        if keys.len() > 1 {
            unify(&mut all);
        }
        let used = in_use(keys.len(), &all);
        let used_keys = chosen(keys, &used);
        let mut merged = Vec::new();
        for values in &all {
            let values = chosen(values, &used);
            let own_used = in_use(values.len(), std::slice::from_ref(&values));
            let (match_keys, match_values) =
                (chosen(&used_keys, &own_used), chosen(&values, &own_used));
            let own = self.find(&self.own, &match_keys, &match_values);
            let change = self.find(&self.patch, &match_keys, &match_values);
            match self.merge(own, change, schema)? {
                None => self.own = self.with(&self.own, None, &used_keys, &values)?,
                Some(at) => {
                    self.name(at, &used_keys, &values);
                    merged = self.with(&merged, Some(at), &used_keys, &values)?;
                }
            }
        }
        for &at in &self.own {
            merged = self.appended(merged, at, &used_keys)?;
        }
        if merged.len() > self.nodes.len() {
            let size: usize = merged.iter().map(|at| budget::size(&self.nodes[*at])).sum();
            if size > MAX_COPIES {
                return Err(Error::render(format!(
                    "items without one of the keys `{}` are copied with each patch, and there are too many by now",
                    keys.join("`, `")
                )));
            }
        }
        Ok(merged.iter().map(|at| self.nodes[*at].clone()).collect())
    }

    /// The first item with these values.
    fn find(&self, list: &[usize], keys: &[&str], values: &[String]) -> Option<usize> {
        let has = |item: &Node| {
            keys.iter().zip(values).all(|(key, value)| {
                under(item, key).is_some_and(|found| found.text().unwrap_or_default() == value)
            })
        };
        list.iter().copied().find(|at| has(&self.nodes[*at]))
    }

    /// Merges two items in place and says where the result is; nothing where nothing is left.
    fn merge(
        &mut self,
        own: Option<usize>,
        change: Option<usize>,
        schema: Schema<'_>,
    ) -> Result<Option<usize>> {
        let own = own.filter(|at| !self.nodes[*at].is_null());
        let (at, merged) = match (own, change) {
            (None, None) => return Ok(None),
            (Some(own), None) => (own, value(Some(self.nodes[own].clone()), None, schema)?),
            (own, Some(change)) => {
                let patch = self.nodes[change].clone();
                // Once it was read a directive is gone, from all lists that the item is in.
                self.nodes[change].remove(DIRECTIVE);
                let target = own
                    .filter(|own| *own != change)
                    .map(|own| (own, &self.nodes[own]));
                match target {
                    Some((own, target)) if target.is_map() && !replaces(&patch) => {
                        (own, value(Some(target.clone()), Some(&patch), schema)?)
                    }
                    Some((_, target)) if !target.is_map() => {
                        same_kind(target, &patch)?;
                        (change, Some(patch))
                    }
                    Some(_) | None => (change, added(&patch, schema, Lists::Merged)?),
                }
            }
        };
        Ok(match merged {
            Some(node) if !is_nothing(&node) => {
                self.nodes[at] = node;
                Some(at)
            }
            Some(_) | None => None,
        })
    }

    /// Writes the values into an item that has not all of the keys.
    fn name(&mut self, at: usize, keys: &[&str], values: &[String]) {
        for (key, value) in keys.iter().zip(values) {
            let item = &mut self.nodes[at];
            if item.is_map() && item.get(key).is_none() && !value.is_empty() {
                let value = if emit::is_not_a_string(value) {
                    Node::quoted(value)
                } else {
                    Node::plain(value)
                };
                item.set(key, value);
            }
        }
    }

    /// A list in which an item stands for all that have these values, or in which these are gone.
    fn with(
        &self,
        list: &[usize],
        item: Option<usize>,
        keys: &[&str],
        values: &[String],
    ) -> Result<Vec<usize>> {
        let wants_map =
            !keys[0].is_empty() && values.first().is_some_and(|value| !value.is_empty());
        let mut new = Vec::with_capacity(list.len() + 1);
        let mut is_found = false;
        for &at in list {
            let known = &self.nodes[at];
            if is_nothing(known) {
                continue;
            }
            if wants_map && !known.is_map() {
                new.push(at);
            } else if matches(known, keys, values)? {
                is_found = true;
                new.extend(item);
            } else if !values.is_empty() {
                new.push(at);
            }
        }
        if !is_found {
            new.extend(item.filter(|at| !self.nodes[*at].is_null()));
        }
        Ok(new)
    }

    /// Puts an item of the target behind the merged ones, or in the place of the one that it is.
    fn appended(&self, mut list: Vec<usize>, at: usize, keys: &[&str]) -> Result<Vec<usize>> {
        let item = &self.nodes[at];
        if keys[0].is_empty() {
            return self.with(&list, Some(at), keys, &[value_of(item, "")]);
        }
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            if !item.is_map() && !item.is_null() {
                return Err(misfit(item, key));
            }
            match item.get(key) {
                Some(value) => values.push(value.text().unwrap_or_default().to_owned()),
                None => list.push(at),
            }
        }
        if keys.len() > 1 {
            list = self.with(&list, None, keys, &values)?;
        }
        self.with(&list, Some(at), keys, &values)
    }
}

/// Whether an item has all of these values; an empty one is any.
fn matches(item: &Node, keys: &[&str], values: &[String]) -> Result<bool> {
    let mut is_match = false;
    for (n, key) in keys.iter().enumerate() {
        if let Some(value) = values.get(n) {
            if key.is_empty() != item.is_scalar() || !key.is_empty() && !item.is_map() {
                return Err(misfit(item, key));
            }
            is_match = under(item, key).is_some_and(|found| {
                !key.is_empty() && value.is_empty() || found.text().unwrap_or_default() == value
            });
        }
        if !is_match {
            return Ok(false);
        }
    }
    Ok(is_match)
}

/// A null or an empty map: no item.
pub(super) fn is_nothing(item: &Node) -> bool {
    item.is_null() || item.entries().is_some_and(Vec::is_empty)
}

fn misfit(item: &Node, key: &str) -> Error {
    let place = if item.line > 0 {
        format!(" (line {})", item.line)
    } else {
        String::new()
    };
    Error::render(if key.is_empty() {
        format!("an item of a set is no scalar{place}")
    } else {
        format!("an item of a list that is merged by `{key}` is no map{place}")
    })
}

#[cfg(test)]
mod tests {
    use crate::render::kustomize::build_tests::built;

    /// What the list under `path` of an object becomes by a patch, in flow style; nothing where the build fails.
    fn merged(kind: &str, around: &str, list: &str, patch: &str) -> Option<String> {
        let object = |list: &str| format!("{kind}\n{}\n", around.replace("LIST", list));
        let text = built(&format!(
            "=== app/kustomization.yaml\nresources: [r.yaml]\npatches: [{{path: p.yaml}}]\n=== app/r.yaml\n{}=== app/p.yaml\n{}",
            object(list),
            object(patch)
        ));
        let value: serde_json::Value = serde_yaml::from_str(&text.ok()?).ok()?;
        let pointer = if around.contains("ports") {
            "/spec/template/spec/containers/0/ports"
        } else if around.contains("finalizers") {
            "/metadata/finalizers"
        } else {
            "/spec/template/spec/containers"
        };
        value.pointer(pointer).map(ToString::to_string)
    }

    fn check(kind: &str, around: &str, cases: &[(&str, &str, Option<&str>)]) {
        for (list, patch, expected) in cases {
            let found = merged(kind, around, list, patch);
            assert_eq!(found.as_deref(), *expected, "{list} <- {patch}");
        }
    }

    const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}";

    #[test]
    fn items_without_a_name_of_their_own_go_the_way_the_real_program_sends_them() {
        check(
            DEPLOYMENT,
            "spec: {template: {spec: {containers: LIST}}}",
            &[
                ("[{image: z}]", "[{name: a}]", Some(r#"[{"image":"z"}]"#)),
                ("[{name: a}]", "[{image: z}]", Some("[]")),
                ("[{name: a}]", "[{name: null, image: y}]", Some("[]")),
                (
                    "[{name: a}, {image: z}]",
                    "[{name: b}]",
                    Some(r#"[{"image":"z"}]"#),
                ),
                (
                    "[null, {name: b}]",
                    "[{name: a}]",
                    Some(r#"[{"name":"a"}]"#),
                ),
                (
                    "[{name: {x: y}}]",
                    "[{name: a}]",
                    Some(r#"[{"name":{"x":"y"}}]"#),
                ),
                ("[{name: a}]", "[{name: b}, x]", Some(r#"[{"name":"b"}]"#)),
                ("[x]", "[{name: b}]", None),
            ],
        );
    }

    #[test]
    fn of_items_with_one_name_one_is_left() {
        check(
            DEPLOYMENT,
            "spec: {template: {spec: {containers: LIST}}}",
            &[
                (
                    "[{name: a, image: x}, {name: a, image: y}]",
                    "[{name: a, image: z}]",
                    Some(r#"[{"image":"y","name":"a"}]"#),
                ),
                (
                    "[{name: a, image: x}]",
                    "[{name: a, image: y}, {name: a, image: z}]",
                    Some(r#"[{"image":"y","name":"a"}]"#),
                ),
            ],
        );
    }

    #[test]
    fn a_directive_counts_only_in_the_first_item_that_has_one_and_alone() {
        check(
            DEPLOYMENT,
            "spec: {template: {spec: {containers: LIST}}}",
            &[
                (
                    "[{name: a}]",
                    "[{name: a, $patch: delete}, {$patch: replace}]",
                    Some("[]"),
                ),
                (
                    "[{name: a}]",
                    "[{$patch: replace}, {name: b}, {}]",
                    Some(r#"[{"name":"b"}]"#),
                ),
                (
                    "[{name: a, image: x}]",
                    "[{name: a, image: y, $patch: replace}]",
                    Some(r#"[{"image":"x","name":"a"}]"#),
                ),
            ],
        );
    }

    #[test]
    fn of_several_keys_those_count_that_some_item_has() {
        check(
            DEPLOYMENT,
            "spec: {template: {spec: {containers: [{name: a, ports: LIST}]}}}",
            &[
                (
                    "[{protocol: UDP}]",
                    "[{containerPort: 80}]",
                    Some(
                        r#"[{"containerPort":80},{"protocol":"UDP"},{"protocol":"UDP"},{"protocol":"UDP"}]"#,
                    ),
                ),
                (
                    "[{containerPort: 80}]",
                    "[{containerPort: 80, protocol: UDP}]",
                    Some(r#"[{"containerPort":80}]"#),
                ),
                (
                    "[{containerPort: 80, protocol: TCP}, {containerPort: 80, protocol: UDP}]",
                    "[{containerPort: 80, name: x}]",
                    Some(
                        r#"[{"containerPort":80,"protocol":"TCP"},{"containerPort":80,"protocol":"UDP"}]"#,
                    ),
                ),
                (
                    "[{containerPort: 80, protocol: TCP}]",
                    "[{containerPort: 80, protocol: TCP, name: x}, {containerPort: 81, protocol: TCP}]",
                    Some(
                        r#"[{"containerPort":81,"protocol":"TCP"},{"containerPort":80,"name":"x","protocol":"TCP"}]"#,
                    ),
                ),
                (
                    "[{containerPort: 80, protocol: null}]",
                    "[{containerPort: 80, protocol: TCP}]",
                    Some(
                        r#"[{"containerPort":80,"protocol":"TCP"},{"containerPort":80,"protocol":null}]"#,
                    ),
                ),
                (
                    "[{containerPort: 80}]",
                    "[{name: x}]",
                    Some(r#"[{"containerPort":80}]"#),
                ),
                ("[x]", "[{containerPort: 80}]", None),
            ],
        );
    }

    #[test]
    fn copies_of_items_without_a_key_come_to_an_end() {
        let patch = "- {patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {template: {spec: {containers: [{name: a, ports: [{containerPort: 80}]}]}}}}'}\n";
        let error = built(&format!(
            "=== app/kustomization.yaml\nresources: [r.yaml]\npatches:\n{}=== app/r.yaml\n{DEPLOYMENT}\n\
             spec: {{template: {{spec: {{containers: [{{name: a, ports: [{{protocol: UDP}}]}}]}}}}}}\n",
            patch.repeat(60)
        ));
        let error = error.expect_err("2^60 items").to_string();
        assert!(error.contains("are copied with each patch"), "{error}");
    }

    #[test]
    fn a_set_keeps_each_scalar_once_and_the_one_that_was_there() {
        check(
            "apiVersion: v1\nkind: Pod",
            "metadata: {name: d, finalizers: LIST}",
            &[
                ("[a, b]", "[b, c]", Some(r#"["b","c","a"]"#)),
                ("[1]", "['1']", Some("[1]")),
                ("[a, null, a]", "[c]", Some(r#"["c","a"]"#)),
                ("[a]", "[{$patch: replace}, b]", Some(r#"["b"]"#)),
                ("[a]", "[{b: c}]", None),
                ("[[x]]", "[[x]]", None),
            ],
        );
    }
}
