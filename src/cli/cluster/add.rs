//! `pushboat cluster add`: registers a cluster, with an account of its own.

use std::path::PathBuf;
use std::sync::Arc;

use crate::cli::context::Context;
use crate::cluster::Cluster;
use crate::cluster::manager::{self, Action, ClusterFileContent, ManagerOptions, ManagerPlan};
use crate::cluster::registry::{Entry, Registry};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::object::display::display;
use crate::ui::prompt::Question;

/// Register the cluster of a kubeconfig context
///
/// Creates a ServiceAccount with a token in kube-system, a ClusterRole and a binding, as Argo CD does, keeps the token in pushboat's own
/// kubeconfig (mode 0600), and writes `clusters/<NAME>/cluster.yaml` with the address and the cluster's identity, never a secret.
/// Everything is shown before it is made.
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::CLUSTER_ADD)]
pub(crate) struct Args {
    /// The kubeconfig context to reach it by
    #[arg(value_name = "CONTEXT")]
    from: String,

    /// What to call the cluster; default: the context's name
    #[arg(long)]
    name: Option<String>,

    /// Create nothing in the cluster: use the context's own credentials
    #[arg(long)]
    no_manager: bool,

    /// Rights in these namespaces only, instead of the whole cluster; repeatable
    #[arg(long, value_name = "NAMESPACE")]
    namespace: Vec<String>,

    /// Do not ask
    #[arg(short = 'y', long)]
    yes: bool,
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    let name = args.name.clone().unwrap_or_else(|| args.from.clone());
    if !crate::repo::names::is_dns_subdomain(&name) {
        return Err(Error::usage(format!(
            "`{}` cannot be the name of a cluster",
            display(&name)
        ))
        .hint("give a name of lower-case letters, digits, `-` and `.` with `--name`"));
    }
    let repository = context.repository()?;
    let cluster = Cluster::connect(&context.connect_options(&name, &args.from)?).await?;
    let uid = cluster.identity().await?;
    let options = ManagerOptions {
        only_namespaces: args.namespace.clone(),
        ..ManagerOptions::default()
    };
    let plan = match args.no_manager {
        true => None,
        false => Some(manager::plan(&cluster, &options).await?),
    };
    let file = repository
        .layout()
        .root
        .join("clusters")
        .join(&name)
        .join("cluster.yaml");
    show_plan(context, &cluster, plan.as_ref(), &args.namespace, &file);
    let question = Question::yes_or_no(format!("add cluster `{name}`?"));
    if !args.yes && !context.ask(question).await? {
        context.ui().status("nothing was changed");
        return Ok(Exit::No);
    }
    let used = match &plan {
        Some(plan) => {
            create(context, &cluster, plan, &options, &name, &args.from).await?;
            name.clone()
        }
        None => args.from.clone(),
    };
    let content = ClusterFileContent {
        context: used,
        server: cluster.server().to_owned(),
        kube_system_uid: uid,
    };
    write_file(&file, &content)?;
    context
        .ui()
        .text(&format!("cluster `{name}` added: {}\n", cluster.server()));
    context
        .ui()
        .status(&format!("wrote {}; commit it", file.display()));
    Ok(Exit::Ok)
}

/// What is about to be made and granted, told also where nobody is asked.
fn show_plan(
    context: &Context,
    cluster: &Cluster,
    plan: Option<&ManagerPlan>,
    namespaces: &[String],
    file: &std::path::Path,
) {
    let mut text = format!(
        "In cluster {} (context `{}`):\n",
        cluster.server(),
        display(cluster.context())
    );
    for step in plan.iter().flat_map(|plan| &plan.steps) {
        let verb = match step.action {
            Action::Create => "create",
            Action::Update => "update",
            Action::Keep => "keep  ",
        };
        text.push_str(&format!("  {verb} {}\n", step.key()));
    }
    let whole = "every right on every resource of every API group";
    let granted = match (plan, namespaces) {
        (None, _) => "nothing is created: the context's own credentials are used".to_owned(),
        (Some(_), []) => format!("grant  {whole}, in the whole cluster"),
        (Some(_), names) => format!("grant  {whole}, in the namespaces {}", names.join(", ")),
    };
    text.push_str(&format!("  {}\n", display(&granted)));
    text.push_str(&format!("On this machine:\n  write {}\n", file.display()));
    context.ui().plan(&text);
}

/// Makes the account, stores its token, and asks the cluster who we are with it. A token that does not work is not kept.
async fn create(
    context: &Context,
    cluster: &Cluster,
    plan: &ManagerPlan,
    options: &ManagerOptions,
    name: &str,
    from: &str,
) -> Result<()> {
    let token = manager::execute(cluster, plan).await?;
    let source = context.kubeconfigs()?.user.resolve(from)?;
    let registry = Registry::new(context.own_kubeconfig()?);
    registry.add(&Entry {
        name: name.to_owned(),
        source,
        token,
    })?;
    let mut connect = context.connect_options(name, name)?;
    connect.kubeconfig = Arc::new(registry.kubeconfig()?);
    let verified =
        async { manager::verify(&Cluster::connect(&connect).await?, options).await }.await;
    if let Err(error) = verified {
        registry.remove(name)?;
        return Err(error.context(format!("the new account of cluster `{name}` does not work")));
    }
    Ok(())
}

fn write_file(file: &std::path::Path, content: &ClusterFileContent) -> Result<()> {
    let failed =
        |error: std::io::Error| Error::io(format!("failed to write `{}`: {error}", file.display()));
    let existing = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(failed(error)),
    };
    let text = content.text(&existing).ok_or_else(|| {
        Error::config(format!(
            "`{}` is written in a way that cannot be edited",
            file.display()
        ))
        .hint("write it with one `key: value` a line")
    })?;
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    // Written beside and moved, so that no half file is ever read.
    let mut beside: PathBuf = file.to_owned();
    beside.set_extension("yaml.new");
    std::fs::write(&beside, text)
        .and_then(|()| std::fs::rename(&beside, file))
        .map_err(failed)
}
