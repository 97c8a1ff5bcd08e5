//! `pushboat app get`: one app in full.

use std::sync::Arc;

use super::claims::{Own, Purpose, View};
use super::pipeline::{self, Ready, Target};
use super::{history, show};
use crate::cli::args::SelectArgs;
use crate::cli::context::Context;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::health::Health;
use crate::repo::remote::without_credentials;
use crate::report::{AppDetails, Condition, ErrorView, LocationView, LockView, SourceView};
use crate::sync::lease;

/// Show one app: where it comes from, where it goes, and each of its objects
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::APP_GET)]
pub(crate) struct Args {
    #[command(flatten)]
    select: SelectArgs,
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    let targets = pipeline::selected(context, &args.select)?;
    if targets.len() > 1 {
        let names: Vec<String> = targets.iter().map(|(target, _)| target.display()).collect();
        return Err(Error::usage(format!(
            "`app get` shows one app, and {} are selected",
            targets.len()
        ))
        .hint(format!("pick one of {}", names.join(", "))));
    }
    let ask = |context: Arc<Context>, target: Target, keep| async move {
        let ready = pipeline::ready(&context, &target, context.preparing()).await?;
        let mut details = details(&target, &ready);
        add_records(&mut details, &ready).await?;
        Ok((details, Own::of(&ready.prepared, keep)))
    };
    let answers = pipeline::each_with_claims(context, targets, 1, Purpose::Show, ask).await?;
    let mut exit = Exit::Ok;
    for (target, answer) in answers {
        let details = match answer {
            Ok((details, view)) => with_shared(details, &view),
            Err(error) => failed(&target, &error),
        };
        exit = exit.worst(context.show(&details)?);
    }
    Ok(exit)
}

/// The newest deployment and the lock.
async fn add_records(details: &mut AppDetails, ready: &Ready) -> Result<()> {
    let (cluster, app) = (&ready.prepared.cluster, &ready.prepared.app);
    if ready.prepared.parent.is_none() {
        return Ok(());
    }
    let (recorded, lock) = tokio::join!(
        crate::sync::records::history(cluster, app, &ready.prepared.lookups),
        lease::holder(cluster, app)
    );
    details.last_sync = history::rows(&recorded?).into_iter().next();
    details.lock = lock?.map(|(holder, since)| LockView { holder, since });
    Ok(())
}

fn details(target: &Target, ready: &Ready) -> AppDetails {
    let health = show::health(&ready.prepared);
    let mut worst = ready
        .prepared
        .comparison
        .resources
        .iter()
        .filter_map(|resource| {
            let health: &Health = resource.live.as_ref()?.health.as_ref()?;
            Some((health, &resource.key))
        });
    let worst = worst.find(|(found, _)| found.status == health && !found.message.is_empty());
    AppDetails {
        server: ready.prepared.cluster.server().to_owned(),
        revision: ready.rendered.revision.clone(),
        dirty: ready.rendered.dirty,
        notice: ready.rendered.shown().notice,
        sync: Some(show::sync(&ready.prepared)),
        health: Some(health),
        health_message: match worst {
            Some((found, key)) if health != crate::health::Status::Healthy => {
                format!("{key}: {}", found.message)
            }
            _ => String::new(),
        },
        conditions: show::notes(&ready.prepared, 0)
            .into_iter()
            .map(|message| Condition {
                kind: "ComparisonWarning".to_owned(),
                message,
                last_transition: String::new(),
            })
            .collect(),
        resources: show::rows(&ready.prepared),
        ..declared(target)
    }
}

fn with_shared(mut details: AppDetails, view: &View) -> AppDetails {
    let conditions = view.shared().map(|shared| Condition {
        kind: "SharedResource".to_owned(),
        message: shared.to_string(),
        last_transition: String::new(),
    });
    details.conditions.extend(conditions);
    details
}

fn failed(target: &Target, error: &Error) -> AppDetails {
    AppDetails {
        error: Some(ErrorView::from(error)),
        ..declared(target)
    }
}

/// What the repository alone says.
fn declared(target: &Target) -> AppDetails {
    let app = &target.app;
    AppDetails {
        cluster: target.cluster.name.clone(),
        server: target.cluster.server.clone().unwrap_or_default(),
        name: app.name.clone(),
        namespace: target.namespace(),
        project: app.project.clone(),
        location: Some(LocationView {
            file: app.file.clone(),
            line: app.line,
            column: app.column,
        }),
        sources: vec![SourceView {
            repo: without_credentials(&app.source.repo_url),
            target_revision: target.target_revision(),
            path: app.source.path.value.clone(),
            chart: String::new(),
        }],
        revision: String::new(),
        dirty: false,
        notice: None,
        sync_policy: match show::policy(app) {
            "Auto-Prune" => "Automated (Prune)",
            "Auto" => "Automated",
            _ => "Manual",
        }
        .to_owned(),
        sync: None,
        health: None,
        health_message: String::new(),
        last_sync: None,
        lock: None,
        conditions: Vec::new(),
        error: None,
        resources: Vec::new(),
    }
}
