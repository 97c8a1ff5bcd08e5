//! Membership of an app's objects, in the format of KEP-3659 (ApplySet), which kubectl and others read too.
//!
//! Values and text only: reading and writing the parent is the sync's. What pushboat adds to the format are three annotations
//! that say which repository, cluster folder and app the set belongs to.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::error::{Error, Reason};
use crate::object::hex::hex;
use crate::object::{Key, Object, labels};

/// The longest name that an object may have.
const MAX_NAME: usize = 253;

/// Name of the records of an app: `pushboat.<app>`, shortened with a digest where that would be too long for a name.
pub fn record_name(app: &str) -> String {
    let name = format!("{}.{app}", labels::MANAGER);
    if name.len() <= MAX_NAME {
        return name;
    }
    let digest = hex(&Sha256::digest(app.as_bytes())[..8]);
    let mut end = MAX_NAME - digest.len() - 1;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    // A name may not have a dot and a dash side by side.
    let head = name[..end].trim_end_matches(['.', '-']);
    format!("{head}-{digest}")
}

/// The id of the set whose parent is the Secret `name` in `namespace`.
pub fn id(name: &str, namespace: &str) -> String {
    let digest = Sha256::digest(format!("{name}.{namespace}.Secret."));
    let encoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest);
    format!("applyset-{encoded}-v1")
}

/// Group and kind, written `Kind.group`, or `Kind` alone for the core group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKind {
    pub kind: String,
    pub group: String,
}

impl GroupKind {
    pub fn new(group: &str, kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            group: group.to_owned(),
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let (kind, group) = text.split_once('.').unwrap_or((text, ""));
        let is_word = |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let is_valid = !kind.is_empty() && is_word(kind) && group.split('.').all(is_word);
        is_valid.then(|| Self::new(group, kind))
    }
}

impl fmt::Display for GroupKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if self.group.is_empty() {
            Ok(())
        } else {
            write!(f, ".{}", self.group)
        }
    }
}

/// Where members may be: the kinds, and the namespaces beside the parent's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    pub group_kinds: BTreeSet<GroupKind>,
    pub namespaces: BTreeSet<String>,
}

impl Scope {
    /// The smallest scope that holds all `keys`, for a parent in `parent_namespace`.
    pub fn of<'a>(keys: impl IntoIterator<Item = &'a Key>, parent_namespace: &str) -> Self {
        let mut scope = Self::default();
        for key in keys {
            scope
                .group_kinds
                .insert(GroupKind::new(&key.group, &key.kind));
            if !key.namespace.is_empty() && key.namespace != parent_namespace {
                scope.namespaces.insert(key.namespace.clone());
            }
        }
        scope
    }

    /// Both scopes together: what the parent says before the first apply.
    #[must_use]
    pub fn widened(&self, other: &Self) -> Self {
        Self {
            group_kinds: self
                .group_kinds
                .union(&other.group_kinds)
                .cloned()
                .collect(),
            namespaces: self.namespaces.union(&other.namespaces).cloned().collect(),
        }
    }

    fn parse(group_kinds: &str, namespaces: &str) -> Result<Self, String> {
        let mut scope = Self::default();
        for text in words(group_kinds) {
            let group_kind =
                GroupKind::parse(text).ok_or_else(|| format!("`{text}` is no kind"))?;
            scope.group_kinds.insert(group_kind);
        }
        for text in words(namespaces) {
            if !text
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            {
                return Err(format!("`{text}` is no namespace"));
            }
            scope.namespaces.insert(text.to_owned());
        }
        Ok(scope)
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
}

fn joined<T: ToString>(items: &BTreeSet<T>) -> String {
    let mut texts: Vec<String> = items.iter().map(T::to_string).collect();
    texts.sort_unstable();
    texts.join(",")
}

/// Whose set it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    pub app: String,
    /// The repository's normalised remote, or its random id.
    pub repo: String,
    /// The folder under `clusters/`.
    pub cluster: String,
}

/// The parent of one app's set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    pub namespace: String,
    pub owner: Owner,
    /// Names that the repository had before.
    pub former_repos: Vec<String>,
}

impl Parent {
    pub fn name(&self) -> String {
        record_name(&self.owner.app)
    }

    pub fn id(&self) -> String {
        id(&self.name(), &self.namespace)
    }

    pub fn key(&self) -> Key {
        Key {
            group: String::new(),
            kind: "Secret".to_owned(),
            namespace: self.namespace.clone(),
            name: self.name(),
        }
    }

    /// The object to apply so that the parent says `scope`.
    pub fn object(&self, scope: &Scope) -> Object {
        Object::new(json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": self.name(),
                "namespace": self.namespace,
                "labels": {labels::APPLYSET_ID: self.id()},
                "annotations": {
                    labels::APPLYSET_TOOLING: tooling(),
                    labels::APPLYSET_GROUP_KINDS: joined(&scope.group_kinds),
                    labels::APPLYSET_NAMESPACES: joined(&scope.namespaces),
                    labels::APP: self.owner.app,
                    labels::REPO: self.owner.repo,
                    labels::CLUSTER: self.owner.cluster,
                },
            },
        }))
    }

    /// Reads the live parent.
    pub fn read(&self, live: &Object) -> Read {
        if let Err(refusal) = self.refuse(live) {
            return Read::Refused(refusal);
        }
        let text = |name: &str| live.annotation(name);
        let scope = match (
            text(labels::APPLYSET_GROUP_KINDS),
            text(labels::APPLYSET_NAMESPACES),
        ) {
            (Some(group_kinds), namespaces) => {
                Scope::parse(group_kinds, namespaces.unwrap_or_default())
            }
            (None, _) => Err(format!(
                "the annotation `{}` is missing",
                labels::APPLYSET_GROUP_KINDS
            )),
        };
        let id = live.label(labels::APPLYSET_ID);
        let why = match (&scope, id) {
            (Err(why), _) => why.clone(),
            (Ok(_), None) => format!("the label `{}` is missing", labels::APPLYSET_ID),
            (Ok(_), Some(id)) if id != self.id() => "the id is that of another object".to_owned(),
            (Ok(_), Some(_)) => return Read::Ours(scope.unwrap_or_default()),
        };
        Read::Damaged {
            why,
            scope: scope.unwrap_or_default(),
        }
    }

    fn refuse(&self, live: &Object) -> Result<(), Refusal> {
        let tool = live.annotation(labels::APPLYSET_TOOLING);
        let Some(tool) = tool else {
            return Err(Refusal::NoTool);
        };
        if tool_name(tool) != labels::MANAGER {
            return Err(Refusal::OtherTool {
                tool: tool.to_owned(),
            });
        }
        let owner = &self.owner;
        for (what, annotation, ours) in [
            ("app", labels::APP, &owner.app),
            ("repository", labels::REPO, &owner.repo),
            ("cluster folder", labels::CLUSTER, &owner.cluster),
        ] {
            let found = live.annotation(annotation).unwrap_or_default();
            let was_ours =
                annotation == labels::REPO && self.former_repos.iter().any(|repo| repo == found);
            if found != ours && !was_ours {
                return Err(Refusal::OtherOwner {
                    what,
                    found: found.to_owned(),
                    ours: ours.clone(),
                });
            }
        }
        Ok(())
    }
}

/// What a live parent says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// Ours and whole.
    Ours(Scope),
    /// Ours, but edited: nothing is pruned in this run, and the record is written anew from what is found by label.
    Damaged { why: String, scope: Scope },
    /// Somebody else's: nothing is written.
    Refused(Refusal),
}

/// Why a parent is not ours to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No tool is named: an ordinary Secret, or one whose annotations were stripped.
    NoTool,
    OtherTool {
        tool: String,
    },
    OtherOwner {
        what: &'static str,
        found: String,
        ours: String,
    },
}

impl Refusal {
    pub fn error(&self, parent: &Parent) -> Error {
        let name = format!("`{}`", parent.key());
        let adopt = "pass `--adopt` to take it over";
        let error = |text: String| Error::new(Reason::Guard, text);
        match self {
            Self::NoTool => error(format!("{name} exists and is no record of pushboat"))
                .hint(format!("rename or remove it, or {adopt}")),
            Self::OtherTool { tool } => {
                error(format!("{name} is the ApplySet of another tool, `{tool}`"))
                    .hint(format!("let that tool go on managing it, or {adopt}"))
            }
            Self::OtherOwner { what, found, ours } => {
                let message =
                    format!("{name} belongs to another {what}, `{found}`; this one is `{ours}`");
                error(message).hint(format!(
                    "give one of the two apps another name or namespace, or {adopt}"
                ))
            }
        }
    }
}

/// What the tooling annotation says of this program.
pub fn tooling() -> String {
    format!("{}/{}", labels::MANAGER, env!("CARGO_PKG_VERSION"))
}

/// `pushboat` of `pushboat/1.2.3`.
pub fn tool_name(tooling: &str) -> &str {
    tooling.split_once('/').map_or(tooling, |(name, _)| name)
}

/// Marks an object as a member.
pub fn mark(object: &mut Object, id: &str) {
    object.set_label(labels::APPLYSET_PART_OF, id);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parent() -> Parent {
        let owner = Owner {
            app: "shop".into(),
            repo: "github.com/a/b".into(),
            cluster: "dev".into(),
        };
        Parent {
            namespace: "default".into(),
            owner,
            former_repos: vec!["folder/b".into()],
        }
    }

    fn scope(group_kinds: &[(&str, &str)], namespaces: &[&str]) -> Scope {
        Scope {
            group_kinds: group_kinds
                .iter()
                .map(|(group, kind)| GroupKind::new(group, kind))
                .collect(),
            namespaces: namespaces.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    #[test]
    fn the_id_is_the_one_that_kubectl_computes() {
        // Written by `kubectl apply --applyset=secret/pushboat.shop -n default`.
        assert_eq!(
            parent().id(),
            "applyset-fDMb7XLpB-A_6pbhsG6PneLAMgGiUbdeE9z-DF2-ly4-v1"
        );
    }

    #[test]
    fn a_written_parent_reads_back() {
        let scope = scope(
            &[
                ("apps", "Deployment"),
                ("", "ConfigMap"),
                ("example.com", "Widget"),
            ],
            &["b", "a"],
        );
        let object = parent().object(&scope);
        assert_eq!(
            object.annotation(labels::APPLYSET_GROUP_KINDS),
            Some("ConfigMap,Deployment.apps,Widget.example.com")
        );
        assert_eq!(object.annotation(labels::APPLYSET_NAMESPACES), Some("a,b"));
        assert_eq!(parent().read(&object), Read::Ours(scope));
    }

    fn check(annotation: &str, value: Option<&str>, expected: &str) {
        let mut object = parent().object(&scope(&[("", "ConfigMap")], &[]));
        match value {
            Some(value) => object.set_annotation(annotation, value),
            None => {
                let annotations = object.value["metadata"]["annotations"].as_object_mut();
                annotations.map(|map| map.remove(annotation));
            }
        }
        let shown = match parent().read(&object) {
            Read::Ours(_) => "ours".to_owned(),
            Read::Damaged { why, .. } => format!("damaged: {why}"),
            Read::Refused(refusal) => refusal.error(&parent()).message(),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn other_tools_and_owners_are_refused() {
        check(labels::APPLYSET_TOOLING, Some("pushboat/99.0.0"), "ours");
        check(labels::REPO, Some("folder/b"), "ours");
        check(
            labels::APPLYSET_TOOLING,
            Some("kubectl/v1.36"),
            "`Secret/default/pushboat.shop` is the ApplySet of another tool, `kubectl/v1.36`",
        );
        check(
            labels::APPLYSET_TOOLING,
            None,
            "`Secret/default/pushboat.shop` exists and is no record of pushboat",
        );
        check(
            labels::REPO,
            Some("github.com/x/y"),
            "`Secret/default/pushboat.shop` belongs to another repository, `github.com/x/y`; this one is `github.com/a/b`",
        );
        check(
            labels::CLUSTER,
            None,
            "`Secret/default/pushboat.shop` belongs to another cluster folder, ``; this one is `dev`",
        );
    }

    #[test]
    fn an_edited_parent_is_damaged() {
        check(
            labels::APPLYSET_GROUP_KINDS,
            None,
            "damaged: the annotation `applyset.kubernetes.io/contains-group-kinds` is missing",
        );
        check(
            labels::APPLYSET_GROUP_KINDS,
            Some("ConfigMap,<x>"),
            "damaged: `<x>` is no kind",
        );
        check(
            labels::APPLYSET_NAMESPACES,
            Some("A b"),
            "damaged: `A b` is no namespace",
        );
        let mut object = parent().object(&Scope::default());
        object.set_label(labels::APPLYSET_ID, "applyset-x-v1");
        assert!(matches!(parent().read(&object), Read::Damaged { .. }));
    }

    #[test]
    fn widening_never_loses_and_the_parents_namespace_is_not_listed() {
        let key = |namespace: &str| Key {
            namespace: namespace.into(),
            ..parent().key()
        };
        let new = Scope::of(&[key("default"), key("b"), key("")], "default");
        assert_eq!(new, scope(&[("", "Secret")], &["b"]));
        let both = new.widened(&scope(&[("", "ConfigMap")], &["a"]));
        assert_eq!(
            both,
            scope(&[("", "Secret"), ("", "ConfigMap")], &["a", "b"])
        );
    }

    #[test]
    fn long_app_names_stay_apart_and_short_enough() {
        let (a, b) = ("a".repeat(252) + "a", "a".repeat(252) + "b");
        assert!(record_name(&a).len() <= MAX_NAME && record_name(&a) != record_name(&b));
        assert_eq!(record_name("shop"), "pushboat.shop");
    }
}
