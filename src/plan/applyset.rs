//! Membership of an app's objects, in the format of KEP-3659 (ApplySet), which kubectl and others read too.
//!
//! Names, kinds and scopes as text. What pushboat itself adds to a parent is `record`'s.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine;
use sha2::{Digest, Sha256};

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

    /// The kinds as the annotation has them.
    pub fn kinds_text(&self) -> String {
        joined(&self.group_kinds)
    }

    /// The namespaces as the annotation has them.
    pub fn namespaces_text(&self) -> String {
        joined(&self.namespaces)
    }

    /// Reads what the two annotations say.
    pub fn parse(group_kinds: &str, namespaces: &str) -> Result<Self, String> {
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

    #[test]
    fn the_id_is_the_one_that_kubectl_computes() {
        // Written by `kubectl apply --applyset=secret/pushboat.shop -n default`.
        assert_eq!(
            id("pushboat.shop", "default"),
            "applyset-fDMb7XLpB-A_6pbhsG6PneLAMgGiUbdeE9z-DF2-ly4-v1"
        );
    }

    #[test]
    fn a_scope_reads_back_and_its_words_are_checked() {
        let kinds = "ConfigMap,Deployment.apps,Widget.example.com";
        let scope = Scope::parse(kinds, "a,b").expect("well-formed");
        assert_eq!(scope.kinds_text(), kinds);
        assert_eq!(scope.namespaces_text(), "a,b");
        let why = |kinds, namespaces| Scope::parse(kinds, namespaces).expect_err("not well-formed");
        assert_eq!(why("ConfigMap,<x>", ""), "`<x>` is no kind");
        assert_eq!(why("", "A b"), "`A b` is no namespace");
    }

    #[test]
    fn widening_never_loses_and_the_parents_namespace_is_not_listed() {
        let key = |namespace: &str| Key {
            group: String::new(),
            kind: "Secret".into(),
            namespace: namespace.into(),
            name: "x".into(),
        };
        let new = Scope::of(&[key("default"), key("b"), key("")], "default");
        assert_eq!(
            (new.kinds_text(), new.namespaces_text()),
            ("Secret".into(), "b".into())
        );
        let both = new.widened(&Scope::parse("ConfigMap", "a").expect("well-formed"));
        assert_eq!(both.kinds_text(), "ConfigMap,Secret");
        assert_eq!(both.namespaces_text(), "a,b");
    }

    #[test]
    fn long_app_names_stay_apart_and_short_enough() {
        let (a, b) = ("a".repeat(252) + "a", "a".repeat(252) + "b");
        assert!(record_name(&a).len() <= MAX_NAME && record_name(&a) != record_name(&b));
        assert_eq!(record_name("shop"), "pushboat.shop");
    }
}
