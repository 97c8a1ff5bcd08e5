//! Whose live values an answer may show. A pull request can declare any object: what it does not own, it must not read either.

use super::pipeline::Target;
use crate::cli::context::Context;
use crate::repo::project::{self, Destination};
use crate::report::LiveValues;
use crate::sync::compare::Resource;
use crate::sync::prepare::Prepared;

/// What may be shown of the live object: all of one that carries this app's label, that is in its destination namespace, or that a
/// file of its AppProject names.
pub(super) fn of(
    context: &Context,
    target: &Target,
    prepared: &Prepared,
    resource: &Resource,
) -> LiveValues {
    let Some(live) = &resource.live else {
        return LiveValues::Shown;
    };
    let is_own = *live.set == *prepared.app.applyset_id();
    let key = &resource.key;
    let is_here = !key.namespace.is_empty() && key.namespace == prepared.app.namespace;
    if is_own || is_here || is_named(context, target, resource) {
        LiveValues::Shown
    } else {
        LiveValues::Masked
    }
}

/// Takes out what the statuses of somebody else's objects say.
pub(super) fn hide_statuses(context: &Context, target: &Target, prepared: &mut Prepared) {
    let says = |resource: &Resource| {
        let health = resource.live.as_ref().and_then(|live| live.health.as_ref());
        health.is_some_and(|health| !health.message.is_empty())
    };
    let resources = prepared.comparison.resources.iter().enumerate();
    let hidden: Vec<usize> = resources
        .filter(|(_, resource)| says(resource))
        .filter(|(_, resource)| of(context, target, prepared, resource) == LiveValues::Masked)
        .map(|(n, _)| n)
        .collect();
    for n in hidden {
        let live = prepared.comparison.resources[n].live.as_mut();
        if let Some(health) = live.and_then(|live| live.health.as_mut()) {
            health.message.clear();
        }
    }
}

fn is_named(context: &Context, target: &Target, resource: &Resource) -> bool {
    let Ok(repository) = context.repository() else {
        return false;
    };
    let declared = &target.app.destination;
    let to = Destination {
        project: &target.app.project,
        names: [&target.cluster.name, &declared.name.value],
        servers: [
            target.cluster.server.as_deref().unwrap_or_default(),
            &declared.server.value,
        ],
    };
    project::names(&repository.inventory().projects, &to, &resource.key)
}
