//! Whether git confirms a history entry. Whoever may write Secrets in an app's namespace may write its parent and its history, so they
//! cannot vouch for each other.
//!
//! The entry's commit is rendered, with the app as it was declared there and as it is declared now, and compared with what was stored.

use std::sync::Arc;

use super::pipeline::{self, Target};
use crate::cli::context::Context;
use crate::error::{Error, Reason, Result};
use crate::object::Object;
use crate::object::display::display;
use crate::plan::confirm::{Difference, differences, widening};
use crate::repo::checkout::{At, WORKTREE};
use crate::repo::git::short;
use crate::report::{Doubt, LiveValues, ResourceDiff, ResourceInput};
use crate::sync::history::Info;
use crate::sync::prepare::{Prepared, as_applied};

/// How many objects an error names; the difference shows them all.
const NAMED: usize = 10;

/// Whether entries that git does not confirm are deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    Git,
    /// `--trust-records`.
    Records,
}

/// What git says of an entry.
enum Standing {
    Confirmed,
    Doubted {
        why: String,
        /// What the objects are compared with, where anything could be rendered.
        beside: Option<(String, Vec<Object>)>,
    },
}

/// Lets an entry through that git confirms; shows how any other differs, and refuses it unless the records are trusted.
pub(super) async fn check(
    context: &Arc<Context>,
    target: &Target,
    info: &Info,
    prepared: &Prepared,
    trust: Trust,
) -> Result<()> {
    let (why, beside) = match standing(context, target, info, prepared).await? {
        Standing::Confirmed => return Ok(()),
        Standing::Doubted { why, beside } => (why, beside),
    };
    let headline = format!(
        "history entry {} of `{}` is not confirmed by git: {why}",
        info.id,
        target.display()
    );
    let (beside, git) = beside.unwrap_or_else(|| ("nothing".to_owned(), Vec::new()));
    let found = differences(&git, &prepared.desired);
    let doubt = Doubt {
        headline,
        beside,
        rights: found.iter().filter_map(Difference::widening).collect(),
        differences: found
            .iter()
            .filter_map(|found| view(context, found))
            .collect(),
    };
    context.ui().plan(&doubt.text(&context.ui().err_screen()));
    match trust {
        Trust::Records => Ok(()),
        Trust::Git => Err(refusal(&doubt, &found)),
    }
}

fn refusal(doubt: &Doubt, found: &[Difference<'_>]) -> Error {
    let mut error = Error::new(Reason::Guard, doubt.headline.clone());
    for line in &doubt.rights {
        error = error.hint(format!("rights grow: {line}"));
    }
    for object in found.iter().filter_map(Difference::object).take(NAMED) {
        error = error.hint(format!("`{}` differs from {}", object.key(), doubt.beside));
    }
    error.hint("whoever may write Secrets in that namespace could have written it; `--trust-records` deploys it all the same")
}

/// Whose rights grow by what would be written, compared with what runs now.
pub(super) fn growing_rights(prepared: &Prepared) -> Vec<String> {
    let resources = prepared.comparison.resources.iter();
    let grown = resources.filter_map(|resource| {
        let desired = prepared.desired.get(resource.desired?)?;
        match (&resource.live, &resource.sides) {
            (None, _) => widening(None, desired),
            (Some(_), Some(sides)) => widening(Some(&sides.0), desired),
            // In sync.
            (Some(_), None) => None,
        }
    });
    grown.collect()
}

fn view(context: &Context, difference: &Difference<'_>) -> Option<ResourceDiff> {
    let object = difference.object()?;
    let key = object.key();
    let changes = difference.changes();
    let input = ResourceInput {
        gvk: object.gvk(),
        namespace: key.namespace,
        name: key.name,
        status: difference.status(),
        requires_prune: false,
        action: None,
        taken_from: Vec::new(),
        changes: &changes,
        live: difference.git.map(|object| &object.value),
        desired: difference.recorded.map(|object| &object.value),
        error: None,
        values: LiveValues::Shown,
    };
    Some(ResourceDiff::new(context.masker(), input))
}

/// Renders and compares on the blocking pool.
async fn standing(
    context: &Arc<Context>,
    target: &Target,
    info: &Info,
    prepared: &Prepared,
) -> Result<Standing> {
    let asking = Asking {
        context: context.clone(),
        target: target.clone(),
        revision: info.revision.clone(),
        is_dirty: info.dirty,
    };
    let (app, discovery) = (prepared.app.clone(), prepared.discovery.clone());
    let recorded = prepared.desired.clone();
    let asked = tokio::task::spawn_blocking(move || {
        let settle = |target: &Target, objects: Vec<Object>| -> Result<Vec<Object>> {
            let mut objects = pipeline::settled(&discovery, target, objects)?;
            as_applied(&app, &mut objects);
            Ok(objects)
        };
        asking.standing(&recorded, &settle)
    });
    asked
        .await
        .map_err(|_| Error::internal("a bug in pushboat stopped the comparison with git"))?
}

struct Asking {
    context: Arc<Context>,
    target: Target,
    revision: String,
    is_dirty: bool,
}

type Settle<'a> = &'a dyn Fn(&Target, Vec<Object>) -> Result<Vec<Object>>;

impl Asking {
    fn standing(&self, recorded: &[Object], settle: Settle<'_>) -> Result<Standing> {
        let sides = match self.at_commit(settle) {
            Ok(sides) => sides,
            Err(why) => return Ok(self.beside_now(settle, why)),
        };
        let is_same = |git: &&Vec<Object>| differences(git, recorded).is_empty();
        let commit = short(&self.revision).to_owned();
        if sides.iter().any(|git| is_same(&git)) {
            if self.is_merged()? {
                return Ok(Standing::Confirmed);
            }
            return Ok(self.beside_now(settle, format!("commit {commit} is neither in what is checked out nor in a branch or tag of this clone")));
        }
        let beside = sides
            .into_iter()
            .next()
            .map(|git| (format!("commit {commit}"), git));
        let why = match self.is_dirty {
            true => format!(
                "it was deployed from a working tree with changes that commit {commit} does not have"
            ),
            false => format!("commit {commit} renders to something else"),
        };
        Ok(Standing::Doubted { why, beside })
    }

    /// Better than nothing: compared with what the repository holds now.
    fn beside_now(&self, settle: Settle<'_>, why: String) -> Standing {
        let now = self.render(&self.target, settle).ok();
        let beside = now.map(|git| ("what the repository holds now".to_owned(), git));
        Standing::Doubted { why, beside }
    }

    /// The entry's commit, rendered with the app as declared there and as declared now; or why it cannot be.
    fn at_commit(&self, settle: Settle<'_>) -> std::result::Result<Vec<Vec<Object>>, String> {
        let revision = &self.revision;
        if revision == WORKTREE {
            return Err("it was deployed from a folder that no commit describes".to_owned());
        }
        if revision.len() < 40 || !revision.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(format!("`{}` is no commit", display(revision)));
        }
        let now = Target {
            at: At::Revision(revision.clone()),
            ..self.target.clone()
        };
        let then = self.is_own().then(|| {
            let repository = self.context.repository().ok()?;
            repository.declared_at(revision, &now).ok()?
        });
        let targets = then.flatten().into_iter().chain([now]);
        let mut sides = Vec::new();
        let mut failure = String::new();
        for target in targets {
            match self.render(&target, settle) {
                Ok(objects) => sides.push(objects),
                Err(error) => failure = error.message(),
            }
        }
        if sides.is_empty() {
            Err(failure)
        } else {
            Ok(sides)
        }
    }

    fn is_own(&self) -> bool {
        let repository = self.context.repository();
        let url = &self.target.app.source.repo_url;
        repository.is_ok_and(|repository| repository.checkout().identity().owns(url))
    }

    fn render(&self, target: &Target, settle: Settle<'_>) -> Result<Vec<Object>> {
        let rendered = self.context.repository()?.render(target)?;
        settle(target, rendered.objects)
    }

    /// A commit that nobody merged confirms nothing: who may open a pull request may bring any content into this clone.
    fn is_merged(&self) -> Result<bool> {
        let repository = self.context.repository()?;
        let checkout = repository.checkout();
        Ok(!self.is_own() || checkout.is_merged(&self.revision, &self.target.app)?)
    }
}
