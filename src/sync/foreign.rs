//! Objects that are somebody else's: which of them a sync leaves alone, and what it says of those that it takes over.
//!
//! Pure: who the owners are was read by the comparison, and what other apps of the repository want by the claims.

use super::compare::Resource;
use super::moving;
use super::prepare::Prepared;
use super::run::Options;
use crate::error::{Error, Reason};
use crate::object::options::flag;
use crate::plan::claims::Taking;
use crate::plan::owners::{Owner, OwnerKind};

/// How an app stands to Argo CD.
#[derive(Debug, Clone, Default)]
pub struct Sharing {
    /// An object that Argo CD tracks for another app is refused, as `FailOnSharedResource=true` says.
    pub is_refused: bool,
    /// What Argo CD calls this very app.
    pub argo_names: Vec<String>,
}

/// Why a sync leaves this object alone, if it does: another app or tool would write it to and fro.
pub fn refusal(prepared: &Prepared, resource: &Resource, options: &Options) -> Option<Error> {
    if options.adopt || resource.desired.is_none() {
        return None;
    }
    of_another_set(prepared, resource).or_else(|| of_a_tool(prepared, resource, options))
}

fn of_a_tool(prepared: &Prepared, resource: &Resource, options: &Options) -> Option<Error> {
    let desired = resource.desired.and_then(|n| prepared.desired.get(n));
    // What an object says of itself outranks its app.
    let said = desired.and_then(|object| flag(object, "FailOnSharedResource"));
    let is_refused = said.unwrap_or(options.sharing.is_refused);
    let owner = resource.taken_from.iter().find(|owner| match owner.kind {
        OwnerKind::Tool => true,
        OwnerKind::ArgoApp => is_refused && is_other(owner, options),
        OwnerKind::Set | OwnerKind::Manager => false,
    })?;
    let text = format!("`{}` belongs to {}", resource.key, owner.describe());
    let hint = "let that tool let go of it first, or take it over with `--adopt`";
    Some(Error::new(Reason::Guard, text).hint(hint))
}

/// An object that another app or tool keeps as its own is not taken unasked: both would write it to and fro. From an app of the same
/// repository that does not want it any more it is taken: so objects move.
fn of_another_set(prepared: &Prepared, resource: &Resource) -> Option<Error> {
    let set = &resource.live.as_ref()?.set;
    let is_free = set.is_empty() || prepared.free_sets.contains(&**set);
    if is_free || moving::sets(prepared).contains(&**set) {
        return None;
    }
    let asking = prepared.app.claimant();
    let (whose, hint) = match prepared.claims.taking(&resource.key, set, &asking) {
        Taking::Free => return None,
        Taking::Held { app, why } => (
            format!("app `{app}`: {why}"),
            "remove it from that app first, or take it over with `--adopt`",
        ),
        Taking::Foreign => (
            format!("another app or tool (ApplySet `{set}`)"),
            "remove it from the other one first, or take it over with `--adopt`",
        ),
    };
    let text = format!("`{}` belongs to {whose}", resource.key);
    Some(Error::new(Reason::Guard, text).hint(hint))
}

/// What there is to say of objects that Argo CD tracks for another app and that are taken over all the same.
pub fn warnings(prepared: &Prepared, options: &Options) -> Vec<String> {
    let mut warnings = Vec::new();
    for resource in &prepared.comparison.resources {
        let owners = resource.taken_from.iter();
        let mut apps =
            owners.filter(|owner| owner.kind == OwnerKind::ArgoApp && is_other(owner, options));
        if let (Some(owner), None) = (apps.next(), refusal(prepared, resource, options)) {
            warnings.push(format!(
                "`{}` is taken over from {}, which takes it back where it still runs",
                resource.key,
                owner.describe()
            ));
        }
    }
    warnings
}

fn is_other(owner: &Owner, options: &Options) -> bool {
    !options.sharing.argo_names.contains(&owner.name)
}
