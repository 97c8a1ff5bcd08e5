//! `pushboat doctor`: whether everything a run needs is there.

use std::sync::Arc;

use super::cluster::{ask, selected};
use super::context::Context;
use super::process;
use crate::cluster::registry::Registry;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::fleet;
use crate::report::{Check, CheckResult, Doctor};

/// Check the machine, the repository and the clusters
#[derive(Debug, clap::Args)]
#[command(after_help = super::help::DOCTOR)]
pub(crate) struct Args {}

pub(crate) async fn run(context: &Arc<Context>, _: &Args) -> Result<Exit> {
    let mut checks = vec![kubeconfigs(context), trust(), registry(context)];
    match context.repository() {
        Err(error) => checks.push(failed("repository", &error)),
        Ok(repository) => {
            let inventory = repository.inventory();
            let text = format!(
                "{} with {} apps on {} clusters, called `{}` in cluster records",
                repository.layout().root.display(),
                inventory.apps.len(),
                repository.clusters().clusters.len(),
                repository.id().name()
            );
            checks.push(ok("repository", text));
            checks.extend(
                repository
                    .failures()
                    .map(|error| failed("repository", error)),
            );
            checks.extend(
                repository
                    .warnings()
                    .into_iter()
                    .map(|text| warning("repository", text, "")),
            );
            if let Err(error) = repository.id().check_writable(process::fresh_repo_id) {
                let hint = error.hints().join("; ");
                checks.push(warning("repository", error.message(), &hint));
            }
            match selected(context, repository.clusters()) {
                Ok(known) => checks.extend(clusters(context, &known).await),
                Err(error) => checks.push(failed("clusters", &error)),
            }
        }
    }
    context.show(&Doctor {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        checks,
    })
}

async fn clusters(
    context: &Arc<Context>,
    known: &[crate::repo::cluster::KnownCluster],
) -> Vec<Check> {
    let shared = context.clone();
    let answers = fleet::each(
        known.to_vec(),
        known.len(),
        |known| &known.name,
        move |known| {
            let context = shared.clone();
            async move { ask(&context, &known).await }
        },
    )
    .await;
    let check = |(known, answer): (
        &crate::repo::cluster::KnownCluster,
        Result<crate::cluster::probe::Probe>,
    )| {
        let name = format!("cluster {}", known.name);
        let probe = match answer {
            Ok(probe) => probe,
            Err(error) => return failed(&name, &error),
        };
        if let Some(error) = &probe.error {
            return failed(&name, error);
        }
        let recorded = known
            .file
            .as_ref()
            .and_then(|file| file.kube_system_uid.as_ref());
        let text = format!(
            "{} {} as {}",
            probe.server,
            probe.version,
            probe.user.unwrap_or_default()
        );
        match recorded {
            Some(_) => ok(&name, text),
            None => warning(
                &name,
                text,
                "record which cluster it is: `pushboat cluster add` writes its UID into cluster.yaml",
            ),
        }
    };
    known.iter().zip(answers).map(check).collect()
}

fn kubeconfigs(context: &Context) -> Check {
    match context.kubeconfigs() {
        Err(error) => failed("kubeconfig", &error),
        Ok(kubeconfigs) => {
            let files: Vec<String> = kubeconfigs
                .all
                .files()
                .map(|file| file.display().to_string())
                .collect();
            let n_contexts = kubeconfigs.all.contexts().len();
            match n_contexts {
                0 => warning(
                    "kubeconfig",
                    "no context is known".to_owned(),
                    "set `KUBECONFIG`, or run `pushboat cluster add`",
                ),
                n => ok(
                    "kubeconfig",
                    format!("{n} contexts from {}", files.join(", ")),
                ),
            }
        }
    }
}

fn trust() -> Check {
    ok(
        "trust",
        "TLS by rustls with ring; each kubeconfig's own authority decides, else the system's store"
            .to_owned(),
    )
}

fn registry(context: &Context) -> Check {
    match context.own_kubeconfig() {
        Err(error) => failed("registry", &error),
        Ok(path) => match Registry::new(path.clone()).warning() {
            Some(text) => warning("registry", text, ""),
            None => ok("registry", path.display().to_string()),
        },
    }
}

fn ok(name: &str, message: String) -> Check {
    Check {
        name: name.to_owned(),
        result: CheckResult::Ok,
        message,
        hint: String::new(),
    }
}

fn warning(name: &str, message: String, hint: &str) -> Check {
    Check {
        name: name.to_owned(),
        result: CheckResult::Warning,
        message,
        hint: hint.to_owned(),
    }
}

fn failed(name: &str, error: &Error) -> Check {
    Check {
        name: name.to_owned(),
        result: CheckResult::Failed,
        message: error.to_string(),
        hint: error.hints().join("; "),
    }
}
