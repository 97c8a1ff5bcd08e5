//! `pushboat cluster get`: one cluster in full.

use std::sync::Arc;

use super::list;
use crate::cli::context::Context;
use crate::error::Result;
use crate::exit::Exit;
use crate::report::ClusterDetails;

/// Show one cluster: where it is known from, whether it answers, and as whom
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::CLUSTER_GET)]
pub(crate) struct Args {
    /// The cluster's name
    name: String,
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    list::check_named(context, &args.name)?;
    let repository = context.repository()?;
    let known = repository.clusters().given(&args.name)?;
    let probe = list::ask(context, known).await?;
    let file = known.file.as_ref();
    let insecure = context
        .kubeconfigs()?
        .all
        .resolve(&known.context)
        .is_ok_and(|resolved| resolved.cluster.insecure_skip_tls_verify == Some(true));
    context.show(&ClusterDetails {
        row: list::row(&repository, known, &probe),
        labels: file.map(|file| file.labels.clone()).unwrap_or_default(),
        aliases: file
            .map(|file| {
                file.aliases
                    .iter()
                    .map(|alias| alias.value.clone())
                    .collect()
            })
            .unwrap_or_default(),
        proxy_url: file
            .and_then(|file| file.proxy_url.clone())
            .unwrap_or_default(),
        tls_server_name: file
            .and_then(|file| file.tls_server_name.clone())
            .unwrap_or_default(),
        insecure,
        recorded_uid: file
            .and_then(|file| file.kube_system_uid.clone())
            .unwrap_or_default(),
        live_uid: probe.kube_system_uid.clone().unwrap_or_default(),
        user: probe.user.clone().unwrap_or_default(),
        rights: Vec::new(),
        apps: repository.apps_of(&known.name).map(str::to_owned).collect(),
    })
}
