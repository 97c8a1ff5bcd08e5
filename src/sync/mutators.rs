//! Which admission may change what is written to a cluster, asked once a cluster and run.
//!
//! What it says is decided in `plan::admission`. Where the account may not read it, nothing is known of it, and nothing is said.

use crate::cluster::{Cluster, Discovery, ListOptions};
use crate::error::{Reason, Result};
use crate::object::Object;
use crate::plan::admission::Mutators;

const GROUP: &str = "admissionregistration.k8s.io";

/// Reads what may change objects of this cluster. What cannot be read leaves every object open, unless it is forbidden.
pub(super) async fn mutators(cluster: &Cluster, discovery: &Discovery) -> Mutators {
    let (policies, webhooks) = tokio::join!(
        policies(cluster, discovery),
        list(cluster, discovery, "MutatingWebhookConfiguration")
    );
    let mut mutators = Mutators::default();
    match policies {
        Ok((policies, bindings)) => {
            for policy in &policies {
                mutators.add_policy(policy, &bindings);
            }
        }
        Err(error) => mutators.is_open |= error.reason() != Reason::Forbidden,
    }
    match webhooks {
        Ok(webhooks) => webhooks.iter().for_each(|it| mutators.add_webhooks(it)),
        Err(error) => mutators.is_open |= error.reason() != Reason::Forbidden,
    }
    mutators
}

/// Policies and what binds them. Without a binding none is in force, and none is read.
async fn policies(cluster: &Cluster, discovery: &Discovery) -> Result<(Vec<Object>, Vec<Object>)> {
    let bindings = list(cluster, discovery, "MutatingAdmissionPolicyBinding").await?;
    let policies = match bindings.is_empty() {
        true => Vec::new(),
        false => list(cluster, discovery, "MutatingAdmissionPolicy").await?,
    };
    Ok((policies, bindings))
}

async fn list(cluster: &Cluster, discovery: &Discovery, kind: &str) -> Result<Vec<Object>> {
    let Some(resource) = discovery.preferred(GROUP, kind) else {
        return Ok(Vec::new());
    };
    cluster
        .list_all(resource, &ListOptions::default(), Some)
        .await
}
