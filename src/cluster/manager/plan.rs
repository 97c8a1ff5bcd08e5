//! What `cluster add` would write in a cluster, doing it, and taking it back when a later step fails.

use serde_json::Value;

use super::account::{
    ACCOUNT_ANNOTATION, LABEL, ManagerOptions, TOKEN_NAME, is_ours, objects, token_secret,
};
use super::remove::{Removed, remove_one, rights};
use super::token::{Token, token};
use crate::cluster::api::{ApiResource, Cluster};
use crate::error::{During, Error, Reason, Result};
use crate::object::display::display;
use crate::object::{Key, Object};

/// What happens to one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Create,
    /// It is ours and differs.
    Update,
    /// It is ours and as it should be.
    Keep,
    /// A right that the account had and is not to have any more.
    Delete,
}

/// One object of the account.
#[derive(Debug, Clone)]
pub struct Step {
    pub resource: ApiResource,
    pub object: Object,
    pub action: Action,
}

impl Step {
    pub fn key(&self) -> Key {
        self.object.key()
    }
}

/// What `cluster add` would do, in order.
#[derive(Debug, Clone)]
pub struct ManagerPlan {
    pub steps: Vec<Step>,
    pub options: ManagerOptions,
    /// The Secret of the token.
    token: String,
}

impl ManagerPlan {
    /// The Secret of the token: `namespace/name`.
    pub fn token(&self) -> String {
        format!("{}/{}", self.options.namespace, self.token)
    }
}

/// How far a plan was carried out.
#[derive(Debug, Default)]
pub struct Begun {
    /// Steps whose request was sent, whatever became of it.
    n_steps: usize,
}

fn foreign(object: &Object) -> Error {
    Error::new(
        Reason::Guard,
        format!(
            "`{}` is in the cluster already and not made by pushboat (it has no label `{LABEL}=pushboat`)",
            display(&object.key().to_string())
        ),
    )
    .hint("rename or remove it, or use `--no-manager` to go with the kubeconfig's own credentials")
}

/// Whether the parts that we decide are as they should be.
fn is_same(live: &Object, wanted: &Object) -> bool {
    ["rules", "roleRef", "subjects", "type"]
        .iter()
        .all(|field| {
            wanted
                .value
                .get(field)
                .is_none_or(|wanted| live.value.get(field) == Some(wanted))
        })
        && live.annotation(ACCOUNT_ANNOTATION) == wanted.annotation(ACCOUNT_ANNOTATION)
}

/// The live object with what we decide in it, so that a replacement keeps what others added.
fn merged(mut live: Object, wanted: &Object) -> Object {
    if let (Value::Object(live), Value::Object(wanted)) = (&mut live.value, &wanted.value) {
        for field in ["rules", "roleRef", "subjects"] {
            if let Some(value) = wanted.get(field) {
                live.insert(field.to_owned(), value.clone());
            }
        }
    }
    live
}

/// Compares the account's objects with the cluster. Writes nothing; refuses objects of others. `suffix` makes the name of a new token's
/// Secret unique.
pub async fn plan(
    cluster: &Cluster,
    options: &ManagerOptions,
    suffix: &str,
) -> Result<ManagerPlan> {
    let mut steps = Vec::new();
    for (resource, wanted) in objects(options) {
        steps.push(compared(cluster, resource, wanted).await?);
    }
    // What the account may do already and is not to: less than before was asked for.
    let wanted: Vec<Key> = steps.iter().map(Step::key).collect();
    for (resource, live) in rights(cluster, options).await?.found {
        if !wanted.contains(&live.key()) {
            steps.push(Step {
                resource,
                object: live,
                action: Action::Delete,
            });
        }
    }
    let known = known_token(cluster, options).await?;
    let token = match &known {
        Some(step) => step.object.name().to_owned(),
        None => format!("{TOKEN_NAME}-{suffix}"),
    };
    steps.push(known.unwrap_or_else(|| Step {
        resource: ApiResource::secret(),
        object: token_secret(options, &token),
        action: Action::Create,
    }));
    Ok(ManagerPlan {
        steps,
        options: options.clone(),
        token,
    })
}

async fn compared(cluster: &Cluster, resource: ApiResource, wanted: Object) -> Result<Step> {
    let live = cluster
        .get(&resource, wanted.namespace(), wanted.name())
        .await?;
    let (action, object) = match live {
        None => (Action::Create, wanted),
        Some(live) if !is_ours(&live) => return Err(foreign(&live)),
        Some(live) if is_same(&live, &wanted) => (Action::Keep, wanted),
        Some(live) => (Action::Update, merged(live, &wanted)),
    };
    Ok(Step {
        resource,
        object,
        action,
    })
}

/// The token that this registration has already, where it is still there and of the kind asked for.
async fn known_token(cluster: &Cluster, options: &ManagerOptions) -> Result<Option<Step>> {
    let Some(name) = &options.token else {
        return Ok(None);
    };
    let wanted = token_secret(options, name);
    let step = compared(cluster, ApiResource::secret(), wanted).await?;
    Ok(Some(step).filter(|step| step.action == Action::Keep))
}

/// Makes what the plan says and returns the account's token. `begun` says how far it came, also when it is cut off.
pub async fn execute(cluster: &Cluster, plan: &ManagerPlan, begun: &mut Begun) -> Result<Token> {
    for step in &plan.steps {
        begun.n_steps += 1;
        let is_done = match step.action {
            Action::Keep => true,
            Action::Create => cluster
                .create(&step.resource, &step.object)
                .await?
                .is_some(),
            Action::Update => cluster
                .replace(&step.resource, &step.object)
                .await?
                .is_some(),
            Action::Delete => {
                let mut removed = Removed::default();
                let object = step.object.clone();
                remove_one(cluster, &step.resource, object, &mut removed).await?;
                removed.foreign.is_empty()
            }
        };
        if !is_done {
            let key = step.key().to_string();
            let text = format!("`{}` changed between the plan and now", display(&key));
            return Err(Error::new(Reason::Conflict, text)
                .hint("run `pushboat cluster add` again")
                .during(During::Write));
        }
    }
    token(cluster, &plan.options, &plan.token).await
}

/// Takes back what a plan that failed has made, the token first. Returns what of it stays, with the reason.
pub async fn undo(cluster: &Cluster, plan: &ManagerPlan, begun: &Begun) -> Vec<(Key, Error)> {
    let mut stays = Vec::new();
    let made = plan.steps.iter().take(begun.n_steps).rev();
    for step in made.filter(|step| step.action == Action::Create) {
        let key = step.key();
        let undone = async {
            let live = cluster
                .get(&step.resource, &key.namespace, &key.name)
                .await?;
            let Some(live) = live else { return Ok(()) };
            let mut removed = Removed::default();
            remove_one(cluster, &step.resource, live, &mut removed).await
        };
        if let Err(error) = undone.await {
            stays.push((key, error));
        }
    }
    stays
}
