//! Clusters that a management cluster's Secrets name, beside those that the user and the repository know. Pure.
//!
//! Whoever may write a Secret there must not thereby change where an app goes: contexts and `cluster.yaml` win, and no Secret stands
//! for the cluster of a folder's own address.

use std::collections::BTreeMap;

use super::cluster::{
    IN_CLUSTER_NAME, IN_CLUSTER_SERVER, KnownCluster, KnownClusters, KnownContext, normalise_server,
};
use crate::error::Error;
use crate::object::display::display;

/// The clusters with those of Secrets, and a line for each Secret that is passed over. `contexts` are those of all kubeconfigs.
pub fn with_secrets(
    mut known: KnownClusters,
    contexts: &[KnownContext],
    secrets: &[KnownContext],
) -> (KnownClusters, Vec<String>) {
    let mut lines = Vec::new();
    let mut by_name: BTreeMap<&str, Vec<&KnownContext>> = BTreeMap::new();
    for secret in secrets {
        if secret.name == IN_CLUSTER_NAME || normalise_server(&secret.server) == IN_CLUSTER_SERVER {
            lines.push(passed_over(
                secret,
                "it stands for the management cluster itself, which its context reaches",
            ));
        } else {
            by_name.entry(&secret.name).or_default().push(secret);
        }
    }
    for (name, secrets) in by_name {
        let context = contexts.iter().find(|context| context.name == name);
        let here = known
            .clusters
            .iter_mut()
            .filter(|cluster| cluster.context == name);
        let mut here: Vec<&mut KnownCluster> = here.collect();
        if let Some(context) = context {
            let why = format!("the context of {} wins", display(&context.origin));
            lines.extend(secrets.iter().map(|secret| passed_over(secret, &why)));
            if here.is_empty() && known.get(name).is_none() {
                known.clusters.push(KnownCluster {
                    name: name.to_owned(),
                    context: name.to_owned(),
                    server: Some(context.server.clone()),
                    origin: context.origin.clone(),
                    ..KnownCluster::default()
                });
            }
        } else if here.is_empty() {
            match known.get(name) {
                Some(cluster) => {
                    let why = format!("{} names another context", display(&cluster.origin));
                    lines.extend(secrets.iter().map(|secret| passed_over(secret, &why)));
                }
                None => known.clusters.push(reached_by(
                    &secrets,
                    KnownCluster {
                        name: name.to_owned(),
                        context: name.to_owned(),
                        origin: secrets[0].origin.clone(),
                        ..KnownCluster::default()
                    },
                )),
            }
        } else {
            for cluster in &mut here {
                **cluster = reached_by(&secrets, cluster.clone());
            }
        }
    }
    known.clusters.sort_by(|a, b| a.name.cmp(&b.name));
    (known, lines)
}

/// The cluster, reached by the one Secret of its name; two are an error.
fn reached_by(secrets: &[&KnownContext], cluster: KnownCluster) -> KnownCluster {
    let problem =
        match secrets {
            [_] => None,
            several => {
                let origins: Vec<String> = several
                    .iter()
                    .map(|s| display(&s.origin).into_owned())
                    .collect();
                let error = Error::config(format!(
                    "cluster `{}` is {} Secrets: {}",
                    display(&cluster.name),
                    several.len(),
                    origins.join(", ")
                ));
                Some(error.hint(
                    "which of them is meant must not be guessed: rename or remove all but one",
                ))
            }
        };
    KnownCluster {
        server: cluster
            .server
            .or_else(|| secrets.first().map(|secret| secret.server.clone())),
        secret: secrets.first().map(|secret| secret.origin.clone()),
        problem: cluster.problem.or(problem),
        ..cluster
    }
}

fn passed_over(secret: &KnownContext, why: &str) -> String {
    format!(
        "{}, a cluster called `{}`, is passed over: {why}",
        display(&secret.origin),
        display(&secret.name)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::cluster::{ClusterFolder, known};

    fn context(name: &str, server: &str, origin: &str) -> KnownContext {
        KnownContext {
            name: name.into(),
            server: server.into(),
            origin: origin.into(),
        }
    }

    /// Folders `prod`, which has a context, and `lab`, which has none.
    fn check(secrets: &[KnownContext], name: &str) -> (Option<KnownCluster>, Vec<String>) {
        let folder = |name: &str| ClusterFolder {
            name: name.into(),
            ..ClusterFolder::default()
        };
        let contexts = [
            context("prod", "https://prod", "conf"),
            context("eu", "https://eu", "conf"),
        ];
        let known = known(&[folder("prod"), folder("lab")], &[], &contexts);
        let (found, lines) = with_secrets(known, &contexts, secrets);
        (found.get(name).cloned(), lines)
    }

    #[test]
    fn the_users_contexts_win_and_a_line_says_so() {
        for name in ["prod", "eu"] {
            let secret = context(name, "https://evil", "Secret team/x");
            let (cluster, lines) = check(&[secret], name);
            let cluster = cluster.expect("known by its context");
            assert_eq!(cluster.secret, None, "{name}");
            assert_eq!(cluster.server, Some(format!("https://{name}")));
            assert!(
                lines[0].starts_with("Secret team/x, a cluster"),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn a_secret_reaches_what_no_context_does() {
        for name in ["lab", "new"] {
            let (cluster, lines) =
                check(&[context(name, "https://lab", "Secret argocd/lab")], name);
            let cluster = cluster.expect("known");
            assert_eq!(cluster.secret.as_deref(), Some("Secret argocd/lab"));
            assert_eq!(cluster.server.as_deref(), Some("https://lab"));
            assert!(lines.is_empty() && cluster.problem.is_none(), "{lines:?}");
        }
    }

    #[test]
    fn two_secrets_of_one_name_are_an_error_that_names_both() {
        let two = [
            context("new", "https://a", "Secret argocd/a"),
            context("new", "https://b", "Secret argocd/b"),
        ];
        let problem = check(&two, "new").0.and_then(|cluster| cluster.problem);
        let problem = problem.expect("a problem").message();
        assert_eq!(
            problem,
            "cluster `new` is 2 Secrets: Secret argocd/a, Secret argocd/b"
        );
    }

    #[test]
    fn no_secret_takes_the_apps_of_a_folder() {
        for secret in [
            context(
                "x",
                "https://kubernetes.default.svc:443/",
                "Secret argocd/x",
            ),
            context("in-cluster", "https://evil", "Secret argocd/x"),
        ] {
            let name = secret.name.clone();
            let (cluster, lines) = check(&[secret], &name);
            assert!(cluster.is_none() && lines.len() == 1, "{lines:?}");
        }
    }
}
