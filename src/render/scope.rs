//! The namespace that an object gets, and what an app wants by name alone.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::object::{Gvk, Key, Object};

/// Kinds that CustomResourceDefinitions among the same objects define, with whether they are namespaced.
#[derive(Debug, Clone, Default)]
pub struct Scopes(BTreeMap<(String, String), bool>);

impl Scopes {
    pub fn of(objects: &[Object]) -> Self {
        let text = |object: &Object, path: &str| {
            let value = object.value.pointer(path).and_then(Value::as_str);
            value.map(str::to_owned)
        };
        let crds = objects
            .iter()
            .filter(|object| object.kind() == "CustomResourceDefinition");
        let scopes = crds.filter_map(|object| {
            let group = text(object, "/spec/group")?;
            let kind = text(object, "/spec/names/kind")?;
            let scope = text(object, "/spec/scope")?;
            Some(((group, kind), scope != "Cluster"))
        });
        Self(scopes.collect())
    }

    /// The namespace that an object ends in, empty for a cluster-scoped one; `None` when it needs one and has none.
    ///
    /// `served` says whether the cluster serves a kind namespaced. A kind it does not know is read from a definition among the
    /// objects, else taken as namespaced.
    pub fn namespace<'a>(
        &self,
        gvk: &Gvk,
        own: &'a str,
        served: &dyn Fn(&Gvk) -> Option<bool>,
        destination: &'a str,
    ) -> Option<&'a str> {
        let by_crd = || {
            let key = (gvk.group.as_str().into(), gvk.kind.as_str().into());
            self.0.get(&key).copied()
        };
        let is_namespaced = served(gvk).or_else(by_crd).unwrap_or(true);
        match (is_namespaced, own, destination) {
            (false, _, _) => Some(""),
            (true, "", "") => None,
            (true, "", destination) => Some(destination),
            (true, own, _) => Some(own),
        }
    }
}

/// What an app wants by name: enough for claims, and small beside the objects.
#[derive(Debug, Clone, Default)]
pub struct Names {
    objects: Vec<(Gvk, String, String)>,
    scopes: Scopes,
    /// A file of the app that cannot be read, if there is one: more may be wanted than what is named.
    lost: Option<Error>,
}

impl Names {
    pub fn of(objects: &[Object], lost: Option<Error>) -> Self {
        let name = |object: &Object| {
            let (namespace, name) = (object.namespace().to_owned(), object.name().to_owned());
            (object.gvk(), namespace, name)
        };
        Self {
            objects: objects.iter().map(name).collect(),
            scopes: Scopes::of(objects),
            lost,
        }
    }

    /// The keys on a server that serves these kinds; an error where they are not all.
    pub fn keys(
        &self,
        served: &dyn Fn(&Gvk) -> Option<bool>,
        destination: &str,
    ) -> Result<Vec<Key>> {
        if let Some(error) = &self.lost {
            return Err(error.clone());
        }
        let keys = self.objects.iter().map(|(gvk, own, name)| {
            let namespace = self.scopes.namespace(gvk, own, served, destination);
            let namespace = namespace.ok_or_else(|| {
                Error::config(format!("the namespace of {} `{name}` is missing", gvk.kind))
            })?;
            Ok(Key {
                group: gvk.group.clone(),
                kind: gvk.kind.clone(),
                namespace: namespace.to_owned(),
                name: name.clone(),
            })
        });
        keys.collect()
    }
}
