//! Which members of an app's set are deleted, which are kept, and when nothing may be deleted at all.
//!
//! The decision is a value. The deletion itself, with uid and resourceVersion, is the sync's, which also takes care of what only
//! it knows: that all applies were good and that its lock is fresh.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::claims::{Claimant, Claims, Verdict};
use super::ownership;
use crate::object::options::{self, Choice};
use crate::object::{Key, Object, labels};

/// How many members one run may delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Limit {
    /// 10, or 30 % of the members where that is more.
    #[default]
    Usual,
    Count(usize),
    Percent(u32),
}

/// Where a limit comes from decides what it may do: whoever runs the command may raise it, a repository may only lower it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// What the user says, else the usual.
    pub user: Limit,
    /// `maxPrune` of the repository, where no flag says otherwise.
    pub repository: Option<usize>,
}

impl From<Limit> for Limits {
    fn from(user: Limit) -> Self {
        Self {
            user,
            repository: None,
        }
    }
}

impl Limits {
    pub fn of(self, n_members: usize) -> usize {
        let user = self.user.of(n_members);
        self.repository.map_or(user, |lowered| lowered.min(user))
    }

    /// What to tell where the repository asks for more than it may.
    pub fn not_honoured(self, n_members: usize) -> Option<String> {
        let user = self.user.of(n_members);
        let asked = self.repository.filter(|asked| *asked > user)?;
        Some(format!(
            "`maxPrune: {asked}` of pushboat.yaml is not honoured beyond {user}: a repository may only lower the limit; raise it with `--max-prune {asked}`, or with `maxPrune` in `config.yaml` of your configuration folder"
        ))
    }
}

impl Limit {
    pub fn of(self, n_members: usize) -> usize {
        let share = |percent: u32| n_members.saturating_mul(percent as usize) / 100;
        match self {
            Self::Usual => share(30).max(10),
            Self::Count(n) => n,
            Self::Percent(percent) => share(percent),
        }
    }

    /// Reads `--max-prune`: `25` or `50%`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_suffix('%') {
            Some(percent) => percent
                .parse()
                .ok()
                .filter(|n| *n <= 100)
                .map(Self::Percent),
            None => text.parse().ok().map(Self::Count),
        }
    }
}

/// Why anything is deleted at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Occasion {
    /// It left git.
    #[default]
    LeftGit,
    /// The whole app goes.
    AppGone,
}

/// What the Application says of members that do not speak for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unsaid {
    #[default]
    Pruned,
    /// `Prune=false`.
    Kept,
}

/// What the user allows.
#[derive(Debug, Clone, Default)]
pub struct Guards {
    pub occasion: Occasion,
    pub unsaid: Unsaid,
    /// Deleting all members of an app that renders to nothing.
    pub allow_empty: bool,
    pub limit: Limits,
    /// Objects confirmed by name: `Kind/name`, `Kind/namespace/name`, with `Kind.group` where the kind has a group.
    pub confirmed: BTreeSet<String>,
}

impl Guards {
    fn is_confirmed(&self, key: &Key) -> bool {
        !self.confirmed_for(key).is_empty()
    }

    /// The names among the confirmed ones that mean this object.
    pub fn confirmed_for(&self, key: &Key) -> Vec<String> {
        let short = format!("{}/{}", key.kind, key.name);
        let bare = Key {
            group: String::new(),
            ..key.clone()
        };
        let full = Key {
            namespace: String::new(),
            ..key.clone()
        };
        let names = [key.to_string(), bare.to_string(), full.to_string(), short];
        let confirmed = names.into_iter();
        confirmed
            .filter(|name| self.confirmed.contains(name))
            .collect()
    }
}

/// What this run knows about the app.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// The id of the app's set.
    pub id: String,
    /// Sets that the app had in other namespaces: their members are its own.
    pub former_ids: BTreeSet<String>,
    pub desired: BTreeSet<Key>,
    /// Members that are not surplus although this app does not want them, and why.
    pub not_surplus: BTreeMap<Key, Kept>,
    /// Every error of reading, expanding, rendering or listing in the app's scope: one is enough to delete nothing.
    pub errors: Vec<String>,
    /// API groups whose discovery is stale or failed.
    pub stale_groups: BTreeSet<String>,
    /// Records of pushboat itself, never members.
    pub records: BTreeSet<Key>,
    /// Where only the undesired members are given: how many carry the label in all, and the uids of the desired ones.
    pub n_members: usize,
    pub desired_uids: BTreeSet<String>,
}

/// One object to delete, with what the request insists on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub key: Key,
    pub uid: String,
    pub resource_version: String,
    pub why: Because,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// The repository does not have it any more.
    NotDesired,
    /// The app renders to nothing, and that was allowed.
    NothingDesired,
}

/// Why a member that is not desired stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// The label is not that of this set.
    NotMember,
    /// Not applied by pushboat: the label alone proves nothing, as it can be copied.
    NotApplied,
    /// pushboat applied it, and its label is somebody else's: it may be a member of another app that was relabelled.
    Relabelled,
    /// Another object owns it and takes it along.
    Owned {
        owner: String,
    },
    /// An annotation says so.
    Annotation {
        text: String,
    },
    /// The Application says so of everything that says nothing itself.
    AppKeeps,
    /// Runs by the policy of hooks.
    Hook,
    /// A Namespace, PersistentVolume, PersistentVolumeClaim or CustomResourceDefinition, or an object with `Prune=confirm`.
    NotConfirmed,
    DesiredElsewhere {
        app: String,
    },
    /// Another app may want it: nobody could find out, for this reason.
    MayBeDesired {
        why: String,
    },
    /// The release that a rollback leaves behind took it over from this app.
    TakenOver {
        from: String,
    },
    StaleGroup {
        group: String,
    },
    /// The same object is desired under another group of the API.
    SameObject,
    /// Somebody deletes it already.
    Terminating {
        how: String,
    },
    /// It came without uid or resourceVersion.
    NoIdentity,
}

impl Kept {
    /// Why an object is not surplus although `asking` does not want it.
    pub fn by_claim(claims: &Claims, key: &Key, asking: &Claimant) -> Option<Self> {
        match claims.verdict(key, asking) {
            Verdict::Nobody => None,
            Verdict::Perhaps { why } => Some(Self::MayBeDesired { why }),
            Verdict::Wanted { by } => Some(Self::DesiredElsewhere {
                app: by.named_for(asking),
            }),
        }
    }

    /// Whether it would go if a person said or mended something.
    pub fn is_open(&self) -> bool {
        match self {
            Self::NotConfirmed | Self::MayBeDesired { .. } | Self::TakenOver { .. } => true,
            Self::NotMember
            | Self::NotApplied
            | Self::Relabelled
            | Self::Owned { .. }
            | Self::Annotation { .. }
            | Self::AppKeeps
            | Self::Hook
            | Self::DesiredElsewhere { .. }
            | Self::StaleGroup { .. }
            | Self::SameObject
            | Self::Terminating { .. }
            | Self::NoIdentity => false,
        }
    }

    pub fn describe(&self) -> String {
        match self {
            Self::NotMember => "its label is not that of this app".to_owned(),
            Self::NotApplied => "pushboat did not apply it".to_owned(),
            Self::Relabelled => "somebody else set its member label".to_owned(),
            Self::Owned { owner } => format!("`{owner}` owns it"),
            Self::Annotation { text } => format!("it carries `{text}`"),
            Self::AppKeeps => "the Application has the sync option `Prune=false`".to_owned(),
            Self::Hook => "it is a hook".to_owned(),
            Self::NotConfirmed => "its deletion is not confirmed by name".to_owned(),
            Self::DesiredElsewhere { app } => format!("app `{app}` wants it"),
            Self::MayBeDesired { why } => why.clone(),
            Self::TakenOver { from } => {
                format!("it was taken over from {from}, so a rollback does not delete it")
            }
            Self::StaleGroup { group } => format!("the API group `{group}` cannot be read in full"),
            Self::SameObject => "it is desired under another API group".to_owned(),
            Self::Terminating { how } => format!("it {how}"),
            Self::NoIdentity => "the server sent no uid or resourceVersion".to_owned(),
        }
    }
}

/// Why nothing is deleted although something could be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// Something went wrong in the scope.
    Errors(Vec<String>),
    /// Nothing is desired.
    Empty,
    TooMany {
        limit: usize,
        n_members: usize,
    },
}

impl Guard {
    pub fn describe(&self, n: usize) -> String {
        match self {
            Self::Errors(errors) => {
                let first = errors.first().map_or("", String::as_str);
                format!("nothing is pruned, as the app could not be read without an error: {first}")
            }
            Self::Empty => {
                format!("the app renders to nothing, and all {n} objects would be deleted")
            }
            Self::TooMany { limit, n_members } => {
                format!("{n} of {n_members} objects would be deleted, more than {limit}")
            }
        }
    }

    pub fn hint(&self, n: usize) -> String {
        match self {
            Self::Errors(_) => "correct the error first; nothing else prunes".to_owned(),
            Self::Empty => "pass `--allow-empty` if that is meant".to_owned(),
            Self::TooMany { .. } => {
                format!("look at `pushboat app diff`, then pass `--max-prune {n}` if that is meant")
            }
        }
    }
}

/// What a guard holds back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub guard: Guard,
    pub candidates: Vec<Candidate>,
}

/// What becomes of the members that are not desired.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PrunePlan {
    /// To delete, in the order of keys; empty when a guard refused.
    pub delete: Vec<Candidate>,
    pub kept: Vec<(Key, Kept)>,
    pub refused: Option<Refused>,
}

/// Decides what to prune of `members`, the objects that carry the label of the set (metadata is enough).
pub fn plan(members: &[Object], evidence: &Evidence, guards: &Guards) -> PrunePlan {
    let desired_uids: BTreeSet<&str> = members
        .iter()
        .filter(|member| evidence.desired.contains(&member.key()))
        .map(Object::uid)
        .chain(evidence.desired_uids.iter().map(String::as_str))
        .collect();
    let mut plan = PrunePlan::default();
    let mut candidates: BTreeMap<Key, Candidate> = BTreeMap::new();
    for member in members {
        let key = member.key();
        if evidence.desired.contains(&key) || evidence.records.contains(&key) {
            continue;
        }
        match kept(member, &key, evidence, guards, &desired_uids) {
            Some(why) => plan.kept.push((key, why)),
            None => {
                candidates.insert(key.clone(), candidate(member, key, evidence));
            }
        }
    }
    plan.kept.sort_by(|a, b| a.0.cmp(&b.0));
    let candidates: Vec<Candidate> = candidates.into_values().collect();
    match guard(
        candidates.len(),
        members.len().max(evidence.n_members),
        evidence,
        guards,
    ) {
        Some(guard) => plan.refused = Some(Refused { guard, candidates }),
        None => plan.delete = candidates,
    }
    plan
}

fn candidate(member: &Object, key: Key, evidence: &Evidence) -> Candidate {
    Candidate {
        key,
        uid: member.uid().to_owned(),
        resource_version: member.resource_version().to_owned(),
        why: if evidence.desired.is_empty() {
            Because::NothingDesired
        } else {
            Because::NotDesired
        },
    }
}

fn guard(n: usize, n_members: usize, evidence: &Evidence, guards: &Guards) -> Option<Guard> {
    let limit = guards.limit.of(n_members);
    if n == 0 {
        None
    } else if !evidence.errors.is_empty() {
        Some(Guard::Errors(evidence.errors.clone()))
    } else if evidence.desired.is_empty() {
        // Emptying a set is allowed as a whole, so the limit does not count again.
        (!guards.allow_empty).then_some(Guard::Empty)
    } else {
        (n > limit).then_some(Guard::TooMany { limit, n_members })
    }
}

fn kept(
    member: &Object,
    key: &Key,
    evidence: &Evidence,
    guards: &Guards,
    desired_uids: &BTreeSet<&str>,
) -> Option<Kept> {
    let set = member.label(labels::APPLYSET_PART_OF).unwrap_or_default();
    if set != evidence.id && !evidence.former_ids.contains(set) {
        return Some(Kept::NotMember);
    }
    if member.uid().is_empty() || member.resource_version().is_empty() {
        return Some(Kept::NoIdentity);
    }
    if desired_uids.contains(member.uid()) {
        return Some(Kept::SameObject);
    }
    if let Some(why) = evidence.not_surplus.get(key) {
        return Some(why.clone());
    }
    if evidence.stale_groups.contains(&key.group) {
        return Some(Kept::StaleGroup {
            group: key.group.clone(),
        });
    }
    if !ownership::is_applied_by_pushboat(member) {
        return Some(Kept::NotApplied);
    }
    if !ownership::owns_membership(member) {
        return Some(Kept::Relabelled);
    }
    if let Some(owner) = owner(member) {
        return Some(Kept::Owned { owner });
    }
    if let Some(how) = member.deletion() {
        return Some(Kept::Terminating { how });
    }
    if is_hook(member) {
        return Some(Kept::Hook);
    }
    kept_by_options(member, guards).or_else(|| {
        let needs_name = is_precious(key) || is_to_confirm(member, guards.occasion);
        (needs_name && !guards.is_confirmed(key)).then_some(Kept::NotConfirmed)
    })
}

/// Whether a member that is not desired is another object's affair, so that nobody has to do anything about it: it is owned, or a hook
/// that ran. A hook that is only skipped stands there like any other object.
pub fn is_aside(member: &Object) -> bool {
    let is_skipped = member.annotation(labels::ARGO_HOOK).map(str::trim) == Some("Skip");
    owner(member).is_some() || (is_hook(member) && !is_skipped)
}

fn is_hook(member: &Object) -> bool {
    let helm = member.annotation(labels::HELM_HOOK);
    member.annotation(labels::ARGO_HOOK).is_some() || helm.is_some_and(|hook| hook != "crd-install")
}

fn is_to_confirm(member: &Object, occasion: Occasion) -> bool {
    let is_asked = |choice| choice == Some(Choice::Confirm);
    match occasion {
        Occasion::LeftGit => is_asked(options::prune(member)),
        Occasion::AppGone => is_asked(options::prune(member)) || is_asked(options::delete(member)),
    }
}

fn kept_by_options(member: &Object, guards: &Guards) -> Option<Kept> {
    let by = |annotation: &str, option: &str| {
        let text = format!("{annotation}: {option}");
        Some(Kept::Annotation { text })
    };
    let policy = member.annotation(labels::HELM_RESOURCE_POLICY);
    let prune = options::prune(member);
    match (guards.occasion, prune, options::delete(member)) {
        (_, Some(Choice::No), _) => by(labels::ARGO_SYNC_OPTIONS, "Prune=false"),
        (Occasion::AppGone, _, Some(Choice::No)) => by(labels::ARGO_SYNC_OPTIONS, "Delete=false"),
        _ if policy.map(str::trim) == Some("keep") => by(labels::HELM_RESOURCE_POLICY, "keep"),
        (Occasion::LeftGit, None, _) if guards.unsaid == Unsaid::Kept => Some(Kept::AppKeeps),
        _ => None,
    }
}

/// Kinds whose deletion takes data or other people's objects with it.
pub fn is_precious(key: &Key) -> bool {
    matches!(
        (key.group.as_str(), key.kind.as_str()),
        (
            "",
            "Namespace" | "PersistentVolume" | "PersistentVolumeClaim"
        ) | ("apiextensions.k8s.io", "CustomResourceDefinition")
    )
}

/// `Kind/name` of what owns the object: its controller, where it has one.
fn owner(member: &Object) -> Option<String> {
    let owners = member.value.pointer("/metadata/ownerReferences")?;
    let owners = owners.as_array()?;
    let is_controller =
        |owner: &&Value| owner.get("controller").and_then(Value::as_bool) == Some(true);
    let owner = owners.iter().find(is_controller).or(owners.first())?;
    let text = |key: &str| owner.get(key).and_then(Value::as_str).unwrap_or_default();
    Some(format!("{}/{}", text("kind"), text("name")))
}

#[cfg(test)]
#[path = "prune_tests.rs"]
mod tests;
