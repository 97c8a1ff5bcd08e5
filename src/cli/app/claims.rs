//! Objects that two apps of one cluster want: each would undo what the other does, so neither is answered for.
//!
//! Only the apps of the same run are known here. What an app that was not selected holds is seen in the cluster, by its ApplySet.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::pipeline::Target;
use crate::error::{Error, Location};
use crate::object::Key;
use crate::sync::prepare::{Prepared, Wanted};

/// An object that an app wants, and where its repository has it.
pub(super) type Claim = (Key, Option<Location>);

/// What each app of a run wants.
#[derive(Debug, Default)]
pub(super) struct Claims {
    by_cluster: BTreeMap<String, Arc<Wanted>>,
}

/// What an app claims.
pub(super) fn of(prepared: &Prepared) -> Vec<Claim> {
    let resources = prepared.comparison.resources.iter();
    resources
        .filter_map(|resource| {
            let desired = prepared.desired.get(resource.desired?)?;
            Some((resource.key.clone(), desired.origin.clone()))
        })
        .collect()
}

impl Claims {
    pub(super) fn add(&mut self, target: &Target, claims: &[Claim]) {
        self.insert(&target.cluster.name, &target.app.name, claims);
    }

    /// What the apps of the target's cluster want. Shared, as a copy for each app would grow with the square of their number.
    pub(super) fn on_cluster_of(&self, target: &Target) -> Arc<Wanted> {
        let here = self.by_cluster.get(&target.cluster.name);
        here.cloned().unwrap_or_default()
    }

    /// Why the target cannot be answered for: the first of its objects that another app wants too.
    pub(super) fn refuse(&self, target: &Target, claims: &[Claim]) -> Option<Error> {
        self.shared(&target.cluster.name, &target.app.name, claims)
    }

    fn insert(&mut self, cluster: &str, app: &str, claims: &[Claim]) {
        let here = self.by_cluster.entry(cluster.to_owned()).or_default();
        let here = Arc::make_mut(here);
        let app: Arc<str> = app.into();
        for (key, _) in claims {
            let apps = here
                .entry(key.clone())
                .or_insert_with(|| Vec::with_capacity(1));
            apps.push(app.clone());
        }
    }

    fn shared(&self, cluster: &str, app: &str, claims: &[Claim]) -> Option<Error> {
        let here = self.by_cluster.get(cluster)?;
        let (key, other, origin) = claims.iter().find_map(|(key, origin)| {
            let other = here.get(key)?.iter().find(|other| other.as_ref() != app)?;
            Some((key, other, origin))
        })?;
        let error = Error::config(format!("`{key}` is also in app `{cluster}/{other}`"));
        let error = match origin {
            Some(origin) => error.at(origin.file.clone(), origin.line, origin.column),
            None => error,
        };
        Some(error.hint("an object belongs to one app: remove it from the other one"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(name: &str) -> Claim {
        let key = Key {
            group: String::new(),
            kind: "ConfigMap".to_owned(),
            namespace: "shop".to_owned(),
            name: name.to_owned(),
        };
        let origin = Location {
            file: format!("{name}.yaml"),
            line: 3,
            column: 1,
        };
        (key, Some(origin))
    }

    #[test]
    fn an_object_of_two_apps_of_one_cluster_is_told_with_its_place_and_the_other_app() {
        let (one, two) = ([claim("a"), claim("b")], [claim("b")]);
        let mut claims = Claims::default();
        claims.insert("prod", "one", &one);
        assert!(claims.shared("prod", "one", &one).is_none(), "alone");
        claims.insert("prod", "two", &two);
        claims.insert("test", "two", &one);
        let text = |cluster: &str, app: &str, own: &[Claim]| {
            let error = claims.shared(cluster, app, own);
            error.map(|error| error.to_string()).unwrap_or_default()
        };
        let told = "b.yaml:3:1: `ConfigMap/shop/b` is also in app ";
        assert_eq!(text("prod", "one", &one), format!("{told}`prod/two`"));
        assert_eq!(text("prod", "two", &two), format!("{told}`prod/one`"));
        assert_eq!(text("test", "two", &one), "", "another cluster");
    }
}
