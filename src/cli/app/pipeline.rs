//! The path every app command takes: select, render, connect, settle, prepare.

use std::future::Future;
use std::sync::Arc;

use super::claims::{self, Keep, Own, Purpose, Survey, View};
use super::rendering::on_time;
use super::{orphans, sight};
use crate::cli::args::SelectArgs;
use crate::cli::context::Context;
use crate::cli::process;
use crate::cli::repository::{Rendered, Repository};
use crate::cluster::{Cluster, Discovery};
use crate::error::{Error, Reason, Result};
use crate::fleet;
use crate::object::display::display;
use crate::object::{Gvk, Object, labels, options};
use crate::plan::Mutations;
use crate::render::app::settle;
use crate::repo::application::Application;
use crate::repo::checkout::At;
use crate::repo::cluster::KnownCluster;
use crate::report::Format;
use crate::sync::AppRef;
use crate::sync::absence::are_known;
use crate::sync::prepare::{self, Prepared, prepare};

/// One app on one cluster.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) cluster: KnownCluster,
    /// The cluster that its file says, where `--override-destination` sends it to another one.
    pub(crate) declared_for: Option<String>,
    pub(crate) app: Arc<Application>,
    /// Which files stand for it.
    pub(crate) at: At,
}

impl Target {
    pub(crate) fn namespace(&self) -> String {
        self.app.destination.namespace.value.clone()
    }

    /// What is asked for: the `targetRevision`, or what stands in for it.
    pub(crate) fn target_revision(&self) -> String {
        match &self.at {
            At::Revision(given) => given.clone(),
            At::Declared | At::Tree => self.app.source.target_revision.value.clone(),
        }
    }

    pub(crate) fn display(&self) -> String {
        format!("{}/{}", self.place(), self.app.name)
    }

    /// The cluster, for questions: also the one that the app's file says, where it is sent elsewhere.
    pub(crate) fn place(&self) -> String {
        match &self.declared_for {
            Some(declared) if !declared.is_empty() => {
                format!("{} (not {declared})", self.cluster.name)
            }
            Some(_) | None => self.cluster.name.clone(),
        }
    }

    /// What plans and results say of an app that is sent to another cluster than its file says.
    pub(crate) fn redirected(&self) -> Option<String> {
        let says = match self.declared_for.as_deref()? {
            "" => "no cluster".to_owned(),
            declared => format!("`{}`", display(declared)),
        };
        Some(format!(
            "app `{}` goes to cluster `{}` by `--override-destination`; its file says {says}",
            display(&self.app.name),
            display(&self.cluster.name)
        ))
    }
}

/// An app that was rendered and compared.
pub(crate) struct Ready {
    pub(crate) rendered: Rendered,
    pub(crate) prepared: Prepared,
}

/// Selects apps and asks the same of each, all at once under `--parallelism`; one that fails costs its own answer only.
pub(crate) async fn each<R, F, Fut>(
    context: &Arc<Context>,
    select: &SelectArgs,
    ask: F,
) -> Result<Vec<(Target, Result<R>)>>
where
    R: Send + 'static,
    F: Fn(Arc<Context>, Target) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<R>> + Send + 'static,
{
    let targets = selected(context, select)?;
    each_of(context, targets, context.parallelism(), ask).await
}

/// As [`each`], for targets that are selected already.
pub(crate) async fn each_of<R, F, Fut>(
    context: &Arc<Context>,
    targets: Vec<(Target, Option<Error>)>,
    parallelism: usize,
    ask: F,
) -> Result<Vec<(Target, Result<R>)>>
where
    R: Send + 'static,
    F: Fn(Arc<Context>, Target) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<R>> + Send + 'static,
{
    consistent(context, async || {
        Ok(ask_all(context, &targets, parallelism, ask.clone()).await)
    })
    .await
}

/// As [`each_of`], with what other apps of the repository on the same servers want.
pub(crate) async fn each_with_claims<R, F, Fut>(
    context: &Arc<Context>,
    targets: Vec<(Target, Option<Error>)>,
    parallelism: usize,
    purpose: Purpose,
    ask: F,
) -> Result<Vec<(Target, Result<(R, View)>)>>
where
    R: Send + 'static,
    F: Fn(Arc<Context>, Target, Keep) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<(R, Own)>> + Send + 'static,
{
    consistent(context, async || {
        let survey = Survey::begin(context, &targets, purpose.clone())?;
        let (keep, ask) = (survey.keep(), ask.clone());
        let ask = move |context, target| ask(context, target, keep);
        let repository = context.repository()?;
        let answers = async {
            let answers = ask_all(context, &targets, parallelism, ask).await;
            repository.rendering.end();
            answers
        };
        let others = async {
            repository.rendering.quiet().await;
            survey.read_ahead(context).await;
        };
        let (answers, ()) = tokio::join!(answers, others);
        let claims = survey.finish(context, &answers).await;
        Ok(claims::views(answers, &claims))
    })
    .await
}

/// Asks once more when files changed while they were read: that gives no state that ever was. Then it is an error.
async fn consistent<A>(context: &Context, mut ask: impl AsyncFnMut() -> Result<A>) -> Result<A> {
    let mut answers = ask().await?;
    let repository = context.repository()?;
    if repository.verify_unchanged().is_err() {
        context
            .ui()
            .status("files changed while they were read; reading them again");
        repository.refresh();
        answers = ask().await?;
        repository.verify_unchanged()?;
    }
    // Documents say it for each app.
    if matches!(context.format(), Format::Text | Format::Wide)
        && let Some(told) = repository.newly_rendered()
    {
        context.ui().status(&told);
    }
    Ok(answers)
}

async fn ask_all<R, F, Fut>(
    context: &Arc<Context>,
    targets: &[(Target, Option<Error>)],
    parallelism: usize,
    ask: F,
) -> Vec<(Target, Result<R>)>
where
    R: Send + 'static,
    F: Fn(Arc<Context>, Target) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<R>> + Send + 'static,
{
    let shared = context.clone();
    let answers = fleet::each(
        targets.to_vec(),
        parallelism,
        |(target, _)| &target.cluster.name,
        move |(target, problem)| {
            let (context, ask) = (shared.clone(), ask.clone());
            async move {
                let interrupt = context.interruption().clone();
                match problem {
                    Some(error) => Err(error),
                    None => tokio::select! {
                        biased;
                        answer = ask(context, target) => answer,
                        () = interrupt.wait() => Err(interrupted()),
                    },
                }
            }
        },
    )
    .await;
    let targets = targets.iter().map(|(target, _)| target.clone());
    targets.zip(answers).collect()
}

fn interrupted() -> Error {
    Error::new(Reason::Interrupted, "interrupted before it was answered")
}

/// The apps that the arguments select, each with what already keeps it from being answered.
pub(crate) fn selected(
    context: &Context,
    select: &SelectArgs,
) -> Result<Vec<(Target, Option<Error>)>> {
    let repository = context.repository()?;
    repository
        .warnings()
        .iter()
        .for_each(|warning| context.ui().warn(warning));
    let (targets, failures) = repository.select(select, context.global())?;
    context.check_context(
        targets
            .iter()
            .map(|(target, _)| target.cluster.name.as_str()),
    )?;
    for error in &failures {
        context.fail(error);
    }
    for set in &repository.inventory().appsets {
        context.leave_out(&set.unsupported());
    }
    for said in targets.iter().filter_map(|(target, _)| target.redirected()) {
        context.ui().warn(&said);
    }
    Ok(targets)
}

/// Fails where records would be written for a repository that has no name of its own. A dry run writes none.
pub(crate) fn check_writable(context: &Context, dry_run: bool) -> Result<()> {
    if dry_run {
        return Ok(());
    }
    let repository = context.repository()?;
    repository.id().check_writable(process::fresh_repo_id)
}

/// The app and its records, as the repository and the cluster know them.
pub(crate) fn app_ref(repository: &Repository, target: &Target) -> AppRef {
    let namespace = target.namespace();
    let records = match (&repository.settings().records_namespace, namespace.as_str()) {
        (Some(records), _) => records.clone(),
        (None, "") => "default".to_owned(),
        (None, own) => own.to_owned(),
    };
    AppRef {
        cluster: target.cluster.name.clone(),
        name: target.app.name.clone(),
        namespace,
        records_namespace: records,
        repo: repository.id().name().to_owned(),
        former_repos: repository.id().former().to_vec(),
        places: repository.places(&target.cluster.name),
        declared_in: repository.folders_with(&target.app.name, &target.cluster.name),
    }
}

/// Renders an app and compares it with its cluster. Rendering and connecting overlap.
pub(crate) async fn ready(
    context: &Arc<Context>,
    target: &Target,
    options: prepare::Options<'_>,
) -> Result<Ready> {
    let repository = context.repository()?;
    let (rendered, cluster) =
        tokio::join!(render(context, target), context.connect(&target.cluster));
    let (mut rendered, cluster) = (rendered?, cluster?);
    let objects = std::mem::take(&mut rendered.objects);
    let options = prepare::Options {
        unreadable: &rendered.unreadable,
        ..options
    };
    let mut prepared = compare(&repository, &cluster, target, objects, options).await?;
    // What is not known to be free is not taken: that is said where it is refused.
    let free_sets = orphans::free_sets(context, target, &prepared).await;
    prepared.free_sets = free_sets.unwrap_or_default();
    sight::hide_statuses(context, target, &mut prepared);
    if prepared.comparison.extras.is_empty() {
        warn_of_unreadable(context, &rendered);
    }
    Ok(Ready { rendered, prepared })
}

/// Compares objects, rendered now or taken from the history, with the app's cluster.
pub(crate) async fn compare(
    repository: &Repository,
    cluster: &Cluster,
    target: &Target,
    objects: Vec<Object>,
    options: prepare::Options<'_>,
) -> Result<Prepared> {
    // A server that has just started may list fewer kinds than it has.
    let does = |discovery: &Discovery| are_known(discovery, &objects);
    let discovery = cluster.discovery_where(does).await?;
    let desired = settled(&discovery, target, objects)?;
    let options = prepare::Options {
        mutations: mutations(&target.app),
        ..options
    };
    prepare(
        cluster,
        discovery.clone(),
        app_ref(repository, target),
        desired,
        options,
    )
    .await
}

/// Whether what admission adds to an app's objects is drift, by its compare options.
fn mutations(app: &Application) -> Mutations {
    let list = app.annotations.get(labels::ARGO_COMPARE_OPTIONS);
    match options::has_compare_option(list.map(String::as_str), options::INCLUDE_MUTATIONS) {
        true => Mutations::Counted,
        false => Mutations::Ignored,
    }
}

/// Gives every object its namespace, by what the cluster serves.
pub(crate) fn settled(
    discovery: &Discovery,
    target: &Target,
    objects: Vec<Object>,
) -> Result<Vec<Object>> {
    let scope = |gvk: &Gvk| {
        let served = discovery
            .get(gvk)
            .or_else(|| discovery.preferred(&gvk.group, &gvk.kind));
        served.map(|resource| resource.namespaced)
    };
    settle(objects, &scope, &target.namespace())
}

/// Renders on the blocking pool: a large app must not hold up the network of others.
pub(crate) async fn render(context: &Context, target: &Target) -> Result<Rendered> {
    let (repository, of) = (context.repository()?, target.clone());
    let counted = Arc::clone(&repository);
    let running = counted.rendering.begin();
    let rendered = on_time(context.answer_by(), move || repository.render(&of)).await?;
    drop(running);
    if let Some(notice) = rendered.shown().notice {
        context
            .ui()
            .warn(&format!("{notice}; `--worktree` shows the working tree"));
    }
    for warning in &rendered.warnings {
        context
            .ui()
            .warn(&format!("{}: {}", warning.location, warning.message));
    }
    Ok(rendered)
}

/// Tells what an app's files do not say, where nothing depends on it.
pub(crate) fn warn_of_unreadable(context: &Context, rendered: &Rendered) {
    for error in &rendered.unreadable {
        context.ui().warn(&error.to_string());
    }
}
