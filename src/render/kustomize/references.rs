//! Name references: a field that holds an object's earlier name gets its final one.

use std::collections::{HashMap, HashSet};

use super::config::Tables;
use super::fieldspec::{FieldSpec, Make, selects, walk};
use super::id::CLUSTER_SCOPED;
use super::node::{self, NodeExt};
use super::resource::Resource;
use super::set::ResourceSet;
use crate::error::{Error, Result};
use crate::object::Gvk;
use crate::object::yaml::Node;

/// What is known of an object that may be referred to.
struct Candidate {
    gvk: Gvk,
    name: String,
    place: Place,
    original_namespace: String,
    /// Earlier names with the kind they had.
    previous: Vec<(String, String)>,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

/// Objects by every name they had.
struct Index {
    candidates: Vec<Candidate>,
    by_name: HashMap<String, Vec<usize>>,
    /// Where the objects are that were never renamed, each place once.
    unmoved: HashSet<Place>,
}

/// A namespace as it is written, and as it counts.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Place {
    namespace: String,
    effective: String,
}

impl Place {
    fn of(resource: &Resource) -> Self {
        Self {
            namespace: resource.id.namespace.clone(),
            effective: resource.id.effective_namespace().to_owned(),
        }
    }

    fn is_cluster_scoped(&self) -> bool {
        self.effective == CLUSTER_SCOPED
    }
}

impl Index {
    fn new(set: &ResourceSet) -> Self {
        let mut candidates = Vec::new();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        let mut unmoved = HashSet::new();
        for resource in set.items() {
            if resource.history.is_empty() {
                unmoved.insert(Place::of(resource));
                continue;
            }
            let mut previous: Vec<(String, String)> = Vec::new();
            for earlier in &resource.history {
                let pair = (earlier.name.clone(), earlier.kind.clone());
                if !previous.iter().any(|(name, _)| *name == pair.0) {
                    by_name
                        .entry(pair.0.clone())
                        .or_default()
                        .push(candidates.len());
                }
                if !previous.contains(&pair) {
                    previous.push(pair);
                }
            }
            candidates.push(Candidate {
                gvk: resource.id.gvk.clone(),
                name: resource.id.name.clone(),
                place: Place::of(resource),
                original_namespace: resource.original_namespace().to_owned(),
                previous,
                prefixes: resource.prefixes.clone(),
                suffixes: resource.suffixes.clone(),
            });
        }
        Self {
            candidates,
            by_name,
            unmoved,
        }
    }
}

impl Candidate {
    /// Whether an id it had fits a type.
    fn was(&self, wanted: &Gvk) -> bool {
        let mut gvk = self.gvk.clone();
        self.previous.iter().any(|(_, kind)| {
            gvk.kind.clone_from(kind);
            selects(wanted, &gvk)
        })
    }
}

/// Rewrites the references of every object.
pub fn apply(set: &mut ResourceSet, tables: &Tables) -> Result<()> {
    let index = Index::new(set);
    let rows = Rows::new(tables);
    for resource in set.items_mut() {
        let mut gvk = resource.id.gvk.clone();
        resource.original_kind().clone_into(&mut gvk.kind);
        let rows = rows.of(&gvk);
        if rows.is_empty() {
            continue;
        }
        let referrer = Referrer::new(resource)?;
        for (target, spec) in rows {
            if !spec.selects(&gvk) {
                continue;
            }
            let find = Find {
                index: &index,
                referrer: &referrer,
                target,
                spec,
            };
            resource
                .edit(|object| walk(object, spec, Make::Nothing, &mut |field| find.field(field)))?;
        }
        resource.refresh();
    }
    Ok(())
}

/// The rows of the name table by the kind of the referrer.
struct Rows<'a> {
    by_kind: HashMap<&'a str, Vec<(usize, &'a Gvk, &'a FieldSpec)>>,
}

impl<'a> Rows<'a> {
    fn new(tables: &'a Tables) -> Self {
        let mut by_kind: HashMap<&str, Vec<_>> = HashMap::new();
        let mut n = 0;
        for reference in &tables.name_references {
            for spec in &reference.referrers.0 {
                by_kind
                    .entry(spec.gvk.kind.as_str())
                    .or_default()
                    .push((n, &reference.gvk, spec));
                n += 1;
            }
        }
        Self { by_kind }
    }

    fn of(&self, gvk: &Gvk) -> Vec<(&'a Gvk, &'a FieldSpec)> {
        let mut rows: Vec<_> = [gvk.kind.as_str(), ""]
            .iter()
            .filter_map(|kind| self.by_kind.get(kind))
            .flatten()
            .collect();
        rows.sort_by_key(|(n, _, _)| *n);
        rows.into_iter()
            .map(|(_, target, spec)| (*target, *spec))
            .collect()
    }
}

/// The object whose fields are looked at.
struct Referrer {
    effective_namespace: String,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
    /// Of a role binding: the type its `roleRef` names.
    role: Option<Gvk>,
    /// Of a role binding: the namespaces of its service accounts.
    account_namespaces: Vec<String>,
}

impl Referrer {
    fn new(resource: &Resource) -> Result<Self> {
        let mut account_namespaces = Vec::new();
        if resource.id.gvk.kind == "RoleBinding" {
            let subjects = resource.node.get("subjects").and_then(NodeExt::items);
            for subject in subjects.into_iter().flatten() {
                let namespace = subject.get("namespace");
                if subject.text_at(&["kind"]) != "ServiceAccount" {
                    continue;
                }
                if namespace.is_some_and(NodeExt::is_null) {
                    return Err(resource.blame(Error::render("a subject's namespace is null")));
                }
                let namespace = namespace.and_then(Node::text).unwrap_or_default();
                if !namespace.is_empty() {
                    account_namespaces.push(namespace.to_owned());
                }
            }
        }
        let role = resource.node.get("roleRef").map(|role| Gvk {
            group: role.text_at(&["apiGroup"]).to_owned(),
            version: String::new(),
            kind: role.text_at(&["kind"]).to_owned(),
        });
        Ok(Self {
            effective_namespace: resource.id.effective_namespace().to_owned(),
            prefixes: resource.prefixes.clone(),
            suffixes: resource.suffixes.clone(),
            role,
            account_namespaces,
        })
    }

    fn is_cluster_scoped(&self) -> bool {
        self.effective_namespace == CLUSTER_SCOPED
    }

    fn sees(&self, place: &Place) -> bool {
        self.is_cluster_scoped()
            || place.is_cluster_scoped()
            || place.effective == self.effective_namespace
            // As written: one that is not set is not the one called `default` here.
            || self.account_namespaces.contains(&place.namespace)
    }
}

/// When it does not matter which of several objects is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Same {
    Name,
    /// Name and namespace.
    Place,
}

/// One search: from a field of the referrer to objects of a type.
struct Find<'a> {
    index: &'a Index,
    referrer: &'a Referrer,
    target: &'a Gvk,
    spec: &'a FieldSpec,
}

impl Find<'_> {
    fn field(&self, field: &mut Node) -> Result<()> {
        if field.is_null() {
            return Ok(());
        }
        if field.is_map() {
            return self.map(field);
        }
        if let Some(items) = field.items_mut() {
            return items.iter_mut().try_for_each(|item| {
                if item.items().is_some() {
                    let what = "a list in a list is neither a name nor a map with one";
                    return Err(Error::render(what));
                }
                self.field(item)
            });
        }
        let value = field.text().unwrap_or_default().to_owned();
        if let Some(found) = self.find(&value, Same::Name, |_| true)?
            && found.name != value
        {
            field.set_text(found.name.clone());
        }
        Ok(())
    }

    /// A map with `name` and perhaps `namespace`.
    fn map(&self, field: &mut Node) -> Result<()> {
        let Some(name) = field.get("name") else {
            return Err(Error::render("path config error; no 'name' field in node"));
        };
        // What is no text is the name of nothing.
        let name = name.text().unwrap_or_default().to_owned();
        let namespace = match field.get("namespace") {
            Some(node) if !node.is_null() => node.text().unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        let found = if namespace.is_empty() {
            self.find(&name, Same::Place, |_| true)?
        } else {
            let by_original = |candidate: &Candidate| candidate.original_namespace == namespace;
            // Any object that was in it decides, even one that nothing refers to.
            let is_there =
                |place: &Place| place.effective == namespace && self.referrer.sees(place);
            let was_there = |candidate: &Candidate| {
                self.referrer.sees(&candidate.place) && by_original(candidate)
            };
            if self.index.candidates.iter().any(was_there)
                || self.index.unmoved.iter().any(is_there)
            {
                self.find(&name, Same::Place, by_original)?
            } else {
                self.find(&name, Same::Place, |candidate| {
                    candidate.place.effective == namespace
                })?
            }
        };
        let Some(found) = found else {
            return Ok(());
        };
        if found.name != name
            && let Some(node) = field.get_mut("name")
        {
            node.set_text(found.name.clone());
        }
        let namespace = &found.place.namespace;
        if !namespace.is_empty() {
            match field.get_mut("namespace") {
                Some(node) => node.set_text(namespace.clone()),
                None => field.set("namespace", node::string(namespace.clone())),
            }
        }
        Ok(())
    }

    /// The one object that had this name, if it can be told.
    fn find(
        &self,
        name: &str,
        same: Same,
        fits: impl Fn(&Candidate) -> bool,
    ) -> Result<Option<&Candidate>> {
        let Some(positions) = self.index.by_name.get(name) else {
            return Ok(None);
        };
        let found: Vec<&Candidate> = positions
            .iter()
            .map(|&position| &self.index.candidates[position])
            .filter(|candidate| {
                self.referrer.sees(&candidate.place) && fits(candidate) && self.is_meant(candidate)
            })
            .collect();
        if found.len() <= 1 {
            return Ok(found.first().copied());
        }
        self.by_affixes(name, same, found)
    }

    fn is_meant(&self, candidate: &Candidate) -> bool {
        let is_role = self.spec.path.ends_with("roleRef/name");
        candidate.was(self.target)
            && (!is_role
                || self
                    .referrer
                    .role
                    .as_ref()
                    .is_none_or(|role| candidate.was(role)))
            && (candidate.place.effective == self.referrer.effective_namespace
                || self.referrer.is_cluster_scoped()
                || candidate.place.is_cluster_scoped()
                || candidate.gvk.kind == "ServiceAccount")
    }

    /// Of several, those that got the same prefixes and suffixes as the referrer.
    fn by_affixes<'a>(
        &self,
        name: &str,
        same: Same,
        mut found: Vec<&'a Candidate>,
    ) -> Result<Option<&'a Candidate>> {
        for allow_empty in [true, false] {
            found.retain(|candidate| {
                compatible(&candidate.prefixes, &self.referrer.prefixes, allow_empty)
                    && compatible(&candidate.suffixes, &self.referrer.suffixes, allow_empty)
            });
            if found.len() <= 1 {
                return Ok(found.first().copied());
            }
        }
        let first = found[0];
        let is_same = |other: &&Candidate| {
            other.name == first.name
                && (same == Same::Name || other.place.namespace == first.place.namespace)
        };
        if found.iter().all(is_same) {
            return Ok(Some(first));
        }
        let names: Vec<String> = found
            .iter()
            .map(|candidate| format!("{}/{}", candidate.gvk.kind, candidate.name))
            .collect();
        Err(Error::render(format!(
            "found multiple possible referrals of `{}` for the name `{name}`: {}",
            self.spec.path,
            names.join(", ")
        )))
    }
}

/// Whether one list is a tail of the other.
fn compatible(a: &[String], b: &[String], allow_empty: bool) -> bool {
    if allow_empty && (a.is_empty() || b.is_empty()) {
        return true;
    }
    if !allow_empty && a.is_empty() != b.is_empty() {
        return false;
    }
    a.ends_with(b) || b.ends_with(a)
}
