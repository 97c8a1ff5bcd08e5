//! Who else says that a live object is theirs: tools that deploy, by the marks they leave, other sets, and whoever wrote the object.
//!
//! A mark that git itself declares says nothing, and neither do any of an object that pushboat applied for this app: then it is ours, and
//! the marks are what a former owner left. What follows from an owner is decided elsewhere.

use super::ownership::{self, entries, is_applied_by_pushboat};
use crate::object::path::FieldPath;
use crate::object::{Object, labels};

/// What kind of owner it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerKind {
    /// A tool that deploys and will again: Helm, Flux, kapp, kluctl.
    Tool,
    /// An app of Argo CD.
    ArgoApp,
    /// Another ApplySet, be it of another app or of another tool.
    Set,
    /// A field manager that wrote the object.
    Manager,
}

impl OwnerKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::ArgoApp => "argocd-app",
            Self::Set => "applyset",
            Self::Manager => "manager",
        }
    }
}

/// Whose an object is, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    pub kind: OwnerKind,
    pub name: String,
    /// RFC 3339: when the mark or the fields were written, else when the object was made.
    pub since: String,
}

impl Owner {
    /// As a sentence names it.
    pub fn describe(&self) -> String {
        let name = &self.name;
        match self.kind {
            OwnerKind::Tool => name.clone(),
            OwnerKind::ArgoApp => format!("Argo CD app `{name}`"),
            OwnerKind::Set => format!("another app or tool (ApplySet `{name}`)"),
            OwnerKind::Manager if name.is_empty() => "somebody unknown".to_owned(),
            OwnerKind::Manager => format!("`{name}`"),
        }
    }
}

/// Where a mark stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Label,
    Annotation,
}

impl Place {
    fn of<'a>(self, object: &'a Object, key: &str) -> Option<&'a str> {
        match self {
            Self::Label => object.label(key),
            Self::Annotation => object.annotation(key),
        }
    }

    fn path(self, key: &str) -> FieldPath {
        let field = match self {
            Self::Label => "labels",
            Self::Annotation => "annotations",
        };
        FieldPath::default()
            .field("metadata")
            .field(field)
            .field(key)
    }
}

/// The marks by which tools find what is theirs: what the owner is called, and the keys of its name and of its namespace.
///
/// `app.kubernetes.io/managed-by` and `app.kubernetes.io/instance` are no such marks: they stand in manifests of all kinds.
const MARKS: [(&str, Place, &str, Option<&str>); 5] = [
    (
        "Helm release",
        Place::Annotation,
        "meta.helm.sh/release-name",
        Some("meta.helm.sh/release-namespace"),
    ),
    (
        "Flux Kustomization",
        Place::Label,
        "kustomize.toolkit.fluxcd.io/name",
        Some("kustomize.toolkit.fluxcd.io/namespace"),
    ),
    (
        "Flux HelmRelease",
        Place::Label,
        "helm.toolkit.fluxcd.io/name",
        Some("helm.toolkit.fluxcd.io/namespace"),
    ),
    ("kapp app", Place::Label, "kapp.k14s.io/app", None),
    (
        "kluctl deployment",
        Place::Label,
        "kluctl.io/discriminator",
        None,
    ),
];

const TRACKING_ID: &str = "argocd.argoproj.io/tracking-id";

/// Everybody whose object a sync would take over, tools first; nobody where it is ours. `own` is the id of the app's own ApplySet,
/// `set` the one that the object belongs to, empty where none is to be believed.
pub fn owners(desired: &Object, live: &Object, own: &str, set: &str) -> Vec<Owner> {
    let is_other_set = !set.is_empty() && set != own;
    // Where nobody is written down as an owner of any field, the label alone says whose it is.
    let is_unwritten = set == own && entries(live).next().is_none();
    if !is_other_set && (is_applied_by_pushboat(live) || is_unwritten) {
        return Vec::new();
    }
    let mut owners: Vec<Owner> = MARKS
        .iter()
        .filter_map(|(what, place, name, namespace)| {
            let text = mark(desired, live, *place, name)?;
            let namespace = namespace.and_then(|key| place.of(live, key));
            let text = match namespace {
                Some(namespace) => format!("{what} `{namespace}/{text}`"),
                None => format!("{what} `{text}`"),
            };
            Some(owner(OwnerKind::Tool, text, live, &place.path(name)))
        })
        .collect();
    let tracking = mark(desired, live, Place::Annotation, TRACKING_ID);
    if let Some(app) = tracking.and_then(|id| tracked_by(id, live)) {
        let path = Place::Annotation.path(TRACKING_ID);
        owners.push(owner(OwnerKind::ArgoApp, app.to_owned(), live, &path));
    }
    if is_other_set {
        let path = Place::Label.path(labels::APPLYSET_PART_OF);
        owners.push(owner(OwnerKind::Set, set.to_owned(), live, &path));
    }
    if owners.is_empty() {
        owners = managers(live);
    }
    owners
}

/// A mark's value, unless git has that key itself.
fn mark<'a>(desired: &Object, live: &'a Object, place: Place, key: &str) -> Option<&'a str> {
    match place.of(desired, key) {
        Some(_) => None,
        None => place.of(live, key).filter(|text| !text.is_empty()),
    }
}

fn owner(kind: OwnerKind, name: String, live: &Object, mark: &FieldPath) -> Owner {
    let since = ownership::last_writer(live, mark).map(|writer| writer.time);
    Owner {
        kind,
        name,
        since: since.unwrap_or_else(|| created(live)),
    }
}

/// The app in `APP:GROUP/KIND:NAMESPACE/NAME`, where the rest is this very object: a copy of an object copies the annotation too.
fn tracked_by<'a>(id: &'a str, live: &Object) -> Option<&'a str> {
    let mut parts = id.splitn(3, ':');
    let (app, kind, name) = (parts.next()?, parts.next()?, parts.next()?);
    let key = live.key();
    let is_kind = kind.split_once('/') == Some((key.group.as_str(), key.kind.as_str()));
    let is_name = name
        .split_once('/')
        .is_some_and(|(_, name)| name == key.name);
    (is_kind && is_name && !app.is_empty()).then_some(app)
}

/// Those who wrote the object itself, each once, the newest first.
fn managers(live: &Object) -> Vec<Owner> {
    let mut found: Vec<Owner> = Vec::new();
    let others = entries(live)
        .filter(|entry| entry.manager != labels::MANAGER && entry.subresource.is_empty());
    for entry in others {
        if found.iter().all(|owner| owner.name != entry.manager) {
            found.push(Owner {
                kind: OwnerKind::Manager,
                name: entry.manager.to_owned(),
                since: entry.time.to_owned(),
            });
        }
    }
    found.sort_by(|a, b| b.since.cmp(&a.since));
    if found.is_empty() && entries(live).next().is_none() {
        found.push(Owner {
            kind: OwnerKind::Manager,
            name: String::new(),
            since: created(live),
        });
    }
    found
}

fn created(live: &Object) -> String {
    let time = live.value.pointer("/metadata/creationTimestamp");
    time.and_then(serde_json::Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn live(metadata: Value) -> Object {
        let mut object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop",
            "creationTimestamp": "2026-01-01T00:00:00Z"}});
        if let (Some(object), Value::Object(more)) = (object["metadata"].as_object_mut(), metadata)
        {
            object.extend(more);
        }
        Object::new(object)
    }

    fn shown(desired: &Object, live: &Object) -> Vec<String> {
        let owners = owners(
            desired,
            live,
            "own",
            live.label(labels::APPLYSET_PART_OF).unwrap_or_default(),
        );
        let owners = owners.iter();
        owners
            .map(|owner| format!("{} since {}", owner.describe(), owner.since))
            .collect()
    }

    fn check(metadata: Value, expected: &[&str]) {
        assert_eq!(shown(&live(json!({})), &live(metadata)), expected);
    }

    #[test]
    fn tools_are_known_by_the_marks_they_leave() {
        let helm = json!({"annotations": {"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop"},
            "labels": {"app.kubernetes.io/managed-by": "Helm"},
            "managedFields": [{"manager": "helm", "operation": "Update", "time": "2026-02-02T00:00:00Z", "fieldsType": "FieldsV1",
                "fieldsV1": {"f:metadata": {"f:annotations": {"f:meta.helm.sh/release-name": {}}}}}]});
        check(
            helm,
            &["Helm release `shop/web` since 2026-02-02T00:00:00Z"],
        );
        let flux = json!({"labels": {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}});
        check(
            flux,
            &["Flux Kustomization `flux-system/apps` since 2026-01-01T00:00:00Z"],
        );
        check(
            json!({"labels": {"kapp.k14s.io/app": "17"}}),
            &["kapp app `17` since 2026-01-01T00:00:00Z"],
        );
        check(
            json!({"labels": {"kluctl.io/discriminator": "d"}}),
            &["kluctl deployment `d` since 2026-01-01T00:00:00Z"],
        );
    }

    #[test]
    fn what_stands_in_manifests_of_all_kinds_is_no_mark() {
        let common = json!({"labels": {"app.kubernetes.io/instance": "other", "app.kubernetes.io/managed-by": "Helm"}});
        check(common, &["somebody unknown since 2026-01-01T00:00:00Z"]);
        let mark = json!({"labels": {"kapp.k14s.io/app": "17"}});
        let own = shown(&live(mark.clone()), &live(mark));
        assert_eq!(
            own,
            ["somebody unknown since 2026-01-01T00:00:00Z"],
            "git declares it"
        );
    }

    #[test]
    fn a_tracking_id_names_an_app_only_on_the_object_it_was_written_for() {
        let id = |id: &str| json!({"annotations": {TRACKING_ID: id}});
        check(
            id("argocd_shop:apps/Deployment:shop/web"),
            &["Argo CD app `argocd_shop` since 2026-01-01T00:00:00Z"],
        );
        for copied in [
            "shop:apps/Deployment:shop/other",
            "shop:/ConfigMap:shop/web",
            "shop",
            "",
        ] {
            check(id(copied), &["somebody unknown since 2026-01-01T00:00:00Z"]);
        }
    }

    #[test]
    fn an_object_that_we_applied_has_no_other_owner() {
        let entry = |manager: &str, operation: &str, fields: Value| json!({"manager": manager, "operation": operation, "time": "2026-02-02T00:00:00Z", "fieldsType": "FieldsV1", "fieldsV1": fields});
        let label =
            json!({"f:metadata": {"f:labels": {format!("f:{}", labels::APPLYSET_PART_OF): {}}}});
        let of = |set: &str| {
            json!({"labels": {labels::APPLYSET_PART_OF: set, "kapp.k14s.io/app": "17"},
            "managedFields": [entry("pushboat", "Apply", label.clone())]})
        };
        check(of("own"), &[]);
        check(
            of("theirs"),
            &[
                "kapp app `17` since 2026-01-01T00:00:00Z",
                "another app or tool (ApplySet `theirs`) since 2026-01-01T00:00:00Z",
            ],
        );
        let managers = json!({"managedFields": [entry(
            "kubectl-client-side-apply",
            "Update",
            json!({})
        )]});
        check(
            managers,
            &["`kubectl-client-side-apply` since 2026-02-02T00:00:00Z"],
        );
    }
}
