//! The parent of an app's set as pushboat keeps it: whose it is, how far the last run came, and whether somebody changed it since.
//!
//! The format is ApplySet's; what is added are annotations of our own, which other tools leave alone. Reading and writing it is the
//! sync's.

use std::collections::BTreeSet;

use serde_json::json;
use sha2::{Digest, Sha256};

use super::applyset::{self, Scope};
use super::ownership;
use super::seal::{self, SealKey};
use crate::error::{Error, Reason};
use crate::object::hex::hex;
use crate::object::{Key, Object, labels};

/// Whose set it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    pub app: String,
    /// The repository's normalised remote, or its random id.
    pub repo: String,
    /// The folder under `clusters/`.
    pub cluster: String,
}

/// Where an app's parent stands and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    pub namespace: String,
    pub owner: Owner,
    /// Names that the repository had before.
    pub former_repos: Vec<String>,
    /// The other cluster folders of the repository that declare an app of this name.
    pub declared_in: BTreeSet<String>,
}

/// How far the run that last wrote the parent came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Widened; objects may be applied or not.
    #[default]
    InProgress,
    /// Everything in scope is a member that is still desired, or was kept on purpose.
    Done,
}

impl Phase {
    fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Done => "Done",
        }
    }
}

/// Behind the commit where the working tree had changes that are in no commit.
const DIRTY: &str = "-dirty";

/// What a parent says was deployed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployed {
    /// A commit, or a word where there was none.
    pub revision: String,
    pub dirty: bool,
}

impl Deployed {
    fn parse(text: &str) -> Self {
        let revision = text.strip_suffix(DIRTY);
        Self {
            revision: revision.unwrap_or(text).to_owned(),
            dirty: revision.is_some(),
        }
    }

    fn text(&self) -> String {
        let dirty = if self.dirty { DIRTY } else { "" };
        format!("{}{dirty}", self.revision)
    }
}

/// What a parent says beside whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Content {
    pub scope: Scope,
    pub phase: Phase,
    /// When the run began that wrote it: no two runs leave the same record.
    pub since: String,
    /// Other namespaces in which the app has a parent, as long as it moves from one to another.
    pub also_in: BTreeSet<String>,
    /// What was deployed last, in full or in part; absent where an older version wrote the parent.
    pub deployed: Option<Deployed>,
    /// What the digests in the history are keyed with; absent where an older version wrote the parent.
    pub key: Option<SealKey>,
}

/// What the repository is called now, where the record still has another name for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    pub what: &'static str,
    pub from: String,
    pub to: String,
}

impl Renamed {
    /// `folder f08 -> f11`.
    pub fn describe(&self) -> String {
        format!("{} {} -> {}", self.what, self.from, self.to)
    }
}

/// How far the scope of a live parent can be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    Whole,
    /// Written by a version that had no check value.
    Unchecked,
    /// Written by pushboat once, and put back by somebody: it may be older than what was applied since.
    Restored(String),
    /// Changed by somebody: the scope may be too small.
    Damaged(String),
}

/// What a live parent says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    Ours {
        content: Content,
        renamed: Vec<Renamed>,
        trust: Trust,
    },
    /// Somebody else's: nothing is written. The scope is what it says, where it is of the same format.
    Refused { refusal: Refusal, scope: Scope },
}

impl Parent {
    pub fn name(&self) -> String {
        applyset::record_name(&self.owner.app)
    }

    pub fn id(&self) -> String {
        applyset::id(&self.name(), &self.namespace)
    }

    pub fn key(&self) -> Key {
        Key {
            group: String::new(),
            kind: "Secret".to_owned(),
            namespace: self.namespace.clone(),
            name: self.name(),
        }
    }

    /// The object to apply so that the parent says `content`. `uid` is that of the live one; empty where there is none yet.
    pub fn object(&self, content: &Content, uid: &str) -> Object {
        let mut object = Object::new(json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": self.name(),
                "namespace": self.namespace,
                "labels": {
                    labels::APPLYSET_ID: self.id(),
                    "app.kubernetes.io/managed-by": labels::MANAGER,
                },
                "annotations": {
                    labels::APPLYSET_TOOLING: applyset::tooling(),
                    labels::APPLYSET_GROUP_KINDS: content.scope.kinds_text(),
                    labels::APPLYSET_NAMESPACES: content.scope.namespaces_text(),
                    labels::APP: self.owner.app,
                    labels::REPO: self.owner.repo,
                    labels::CLUSTER: self.owner.cluster,
                    labels::PHASE: content.phase.as_str(),
                    labels::SINCE: content.since,
                },
            },
        }));
        if !content.also_in.is_empty() {
            let places: Vec<&str> = content.also_in.iter().map(String::as_str).collect();
            object.set_annotation(labels::ALSO_IN, &places.join(","));
        }
        if let Some(deployed) = &content.deployed {
            object.set_annotation(labels::DEPLOYED, &deployed.text());
        }
        if let Some(key) = &content.key {
            object.value["data"] = json!({seal::FIELD: key.text()});
        }
        let check = format!("1:{uid}:{}", digest(&object, uid));
        object.set_annotation(labels::CHECK, &check);
        object
    }

    /// Reads the live parent.
    pub fn read(&self, live: &Object) -> Read {
        let text = |name: &str| live.annotation(name).unwrap_or_default();
        let scope = match live.annotation(labels::APPLYSET_GROUP_KINDS) {
            Some(kinds) => Scope::parse(kinds, text(labels::APPLYSET_NAMESPACES)),
            None => Err(format!(
                "the annotation `{}` is missing",
                labels::APPLYSET_GROUP_KINDS
            )),
        };
        let renamed = match self.renamed(live) {
            Ok(renamed) => renamed,
            Err(refusal) => {
                let scope = scope.unwrap_or_default();
                return Read::Refused { refusal, scope };
            }
        };
        let phase = match live.annotation(labels::PHASE) {
            Some("Done") => Phase::Done,
            Some(_) | None => Phase::InProgress,
        };
        let trust = match &scope {
            Err(why) => Trust::Damaged(why.clone()),
            Ok(_) => self.trust(live, phase),
        };
        let also_in = text(labels::ALSO_IN).split(',').map(str::trim);
        let content = Content {
            scope: scope.unwrap_or_default(),
            phase,
            since: text(labels::SINCE).to_owned(),
            deployed: live.annotation(labels::DEPLOYED).map(Deployed::parse),
            key: SealKey::read(live),
            also_in: also_in
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect(),
        };
        Read::Ours {
            content,
            renamed,
            trust,
        }
    }

    /// What is not as it was called when the record was written; or why it is not ours.
    fn renamed(&self, live: &Object) -> Result<Vec<Renamed>, Refusal> {
        let text = |name: &str| live.annotation(name).unwrap_or_default();
        let Some(tool) = live.annotation(labels::APPLYSET_TOOLING) else {
            return Err(Refusal::NoTool);
        };
        if applyset::tool_name(tool) != labels::MANAGER {
            return Err(Refusal::OtherTool {
                tool: tool.to_owned(),
            });
        }
        let Owner { app, repo, cluster } = &self.owner;
        let mut renamed = Vec::new();
        for (what, found, ours) in [
            ("app", text(labels::APP), app),
            ("repository", text(labels::REPO), repo),
            ("folder", text(labels::CLUSTER), cluster),
        ] {
            if found == ours {
                continue;
            }
            match what {
                "repository" if self.former_repos.iter().any(|former| former == found) => {}
                "folder" if self.declared_in.contains(found) => {
                    return Err(Refusal::DeclaredTwice {
                        folder: found.to_owned(),
                    });
                }
                "folder" if !found.is_empty() => {}
                _ => {
                    return Err(Refusal::OtherOwner {
                        what,
                        found: found.to_owned(),
                        ours: ours.clone(),
                    });
                }
            }
            renamed.push(Renamed {
                what,
                from: found.to_owned(),
                to: ours.clone(),
            });
        }
        Ok(renamed)
    }

    fn trust(&self, live: &Object, phase: Phase) -> Trust {
        match live.label(labels::APPLYSET_ID) {
            Some(id) if id == self.id() => {}
            Some(_) => return Trust::Damaged("the id is that of another object".to_owned()),
            None => {
                let why = format!("the label `{}` is missing", labels::APPLYSET_ID);
                return Trust::Damaged(why);
            }
        }
        let Some(check) = live.annotation(labels::CHECK) else {
            return unchecked(live);
        };
        let (uid, found) = match check.splitn(3, ':').collect::<Vec<_>>()[..] {
            ["1", uid, found] => (uid, found),
            // Of a version that checks otherwise.
            [_, _, _] => return Trust::Unchecked,
            _ => {
                return Trust::Damaged(format!(
                    "the annotation `{}` is no check value",
                    labels::CHECK
                ));
            }
        };
        if found != digest(live, uid) {
            return Trust::Damaged("its check value does not fit what it says".to_owned());
        }
        if let Some(writer) = foreign_writer(live, labels::CHECK) {
            return Trust::Restored(format!("`{writer}` put it back"));
        }
        let is_this_object = uid == live.uid() || (uid.is_empty() && phase == Phase::InProgress);
        if !is_this_object {
            return Trust::Restored("it was deleted and made again".to_owned());
        }
        Trust::Whole
    }
}

/// A record without a check value was written before there were any, unless somebody wrote over it since.
fn unchecked(live: &Object) -> Trust {
    let scope = [labels::APPLYSET_GROUP_KINDS, labels::APPLYSET_NAMESPACES];
    let writer = scope.iter().find_map(|name| foreign_writer(live, name));
    let is_applied = ownership::entries(live).any(|entry| entry.is_own_apply());
    match writer.filter(|_| is_applied) {
        Some(writer) => Trust::Damaged(format!("`{writer}` wrote its scope")),
        None => Trust::Unchecked,
    }
}

/// Another manager that owns this annotation: whoever writes it last owns it alone, if it was pushboat.
fn foreign_writer(live: &Object, annotation: &str) -> Option<String> {
    let field = format!("f:{annotation}");
    let owns = |fields: &ownership::FieldSet| {
        let annotations = fields.get("f:metadata")?.get("f:annotations")?;
        annotations.get(&field).map(|_| ())
    };
    let mut others = ownership::entries(live).filter(|entry| !entry.is_own_apply());
    others
        .find(|entry| owns(entry.fields).is_some())
        .map(|entry| entry.manager.to_owned())
}

/// What the check value is made of: everything by which members are found. Whose the record is has rules of its own.
fn digest(object: &Object, uid: &str) -> String {
    let mut hasher = Sha256::new();
    let mut add = |text: &str| {
        hasher.update(text.as_bytes());
        hasher.update(b"\n");
    };
    add(object.label(labels::APPLYSET_ID).unwrap_or_default());
    for name in [
        labels::APPLYSET_GROUP_KINDS,
        labels::APPLYSET_NAMESPACES,
        labels::ALSO_IN,
        labels::PHASE,
        labels::SINCE,
    ] {
        add(object.annotation(name).unwrap_or_default());
    }
    add(uid);
    hex(&hasher.finalize()[..12])
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
    /// Two folders of this repository stand for this server, and both declare the app.
    DeclaredTwice {
        folder: String,
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
            Self::DeclaredTwice { folder } => {
                let Owner { app, cluster, .. } = &parent.owner;
                error(format!(
                    "the cluster folders `{folder}` and `{cluster}` are one server, and both declare app `{app}`"
                ))
                .hint(format!("remove the app, or the folder, `{folder}` or `{cluster}`"))
            }
        }
    }

    /// Whom it is taken over from.
    pub fn from(&self) -> String {
        match self {
            Self::NoTool => "nobody: it was no record".to_owned(),
            Self::OtherTool { tool } => format!("`{tool}`"),
            Self::OtherOwner { what, found, .. } => format!("{what} `{found}`"),
            Self::DeclaredTwice { folder } => format!("folder `{folder}`"),
        }
    }
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
