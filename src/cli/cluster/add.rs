//! `pushboat cluster add`: registers a cluster, with an account of its own.
//!
//! What can fail on this machine is done before the first write to the cluster; what fails later is taken back.

use std::sync::Arc;
use std::time::Duration;

use super::account;
use super::known::{self, Found};
use super::list;
use crate::cli::args::parse_duration;
use crate::cli::context::Context;
use crate::cluster::manager::{
    self, Action, Begun, ClusterFileContent, Lifetime, ManagerOptions, ManagerPlan, Token,
};
use crate::cluster::registry::{self, Entry, Registered, Registry};
use crate::cluster::{Cluster, ConnectOptions, authority_digests};
use crate::error::{Error, Reason, Result};
use crate::exit::Exit;
use crate::object::display::display;
use crate::object::hex::hex;
use crate::repo::write::Draft;
use crate::ui::prompt::Question;

/// The shortest token that API servers give.
const SHORTEST: Duration = Duration::from_secs(600);

/// Register the cluster of a kubeconfig context
///
/// Creates a ServiceAccount with a token in kube-system, a ClusterRole and a binding, as Argo CD does, keeps the token in pushboat's own
/// kubeconfig (mode 0600), and writes `clusters/<NAME>/cluster.yaml` with the address and the cluster's identity, never a secret.
/// Everything is shown before it is made, and taken back when a later step fails.
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
    #[arg(long, conflicts_with_all = ["namespace", "token_duration"])]
    no_manager: bool,

    /// Rights in these namespaces only, instead of the whole cluster; repeatable
    #[arg(long, value_name = "NAMESPACE")]
    namespace: Vec<String>,

    /// A token that expires after this long and is renewed by any command, instead of one that never expires
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    token_duration: Option<Duration>,

    /// Put this cluster in the place of another one that has the name
    #[arg(long)]
    replace: bool,

    /// Do not ask
    #[arg(short = 'y', long)]
    yes: bool,
}

/// What is about to be registered.
struct Adding<'a> {
    context: &'a Context,
    cluster: Cluster,
    /// Digests of its authorities.
    authorities: Vec<String>,
    name: String,
    /// The user's context.
    from: &'a str,
    registry: Registry,
    /// What is registered under the name so far.
    before: Option<Registered>,
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    let name = name(&args)?;
    list::check_named(context, &name)?;
    let repository = context.repository()?;
    let connect = from_user(context, &name, &args.from)?;
    let authorities = authority_digests(&connect.kubeconfig.resolve(&args.from)?)?;
    let cluster = Cluster::connect(&connect).await?;
    let registry = Registry::new(context.own_kubeconfig()?);
    let before = registry.list()?.into_iter().find(|old| old.name == name);
    let uid = identity(context, &cluster).await?;
    let found = Found {
        name: &name,
        server: cluster.server(),
        uid: uid.as_deref(),
    };
    let replaced = known::replaced(&repository, before.as_ref(), &found, args.replace)?;
    let adding = Adding {
        context,
        cluster,
        authorities,
        name,
        from: &args.from,
        registry,
        before: before.filter(|_| replaced.is_none()),
    };
    let plan = match args.no_manager {
        true => None,
        false => Some(adding.plan(&args).await?),
    };
    let path = format!("clusters/{}/cluster.yaml", adding.name);
    adding.show(plan.as_ref(), replaced.as_deref(), &path);
    let question = Question::yes_or_no(format!("add cluster `{}`?", adding.name));
    if !args.yes && !context.ask(question).await? {
        context.ui().status("nothing was changed");
        return Ok(Exit::No);
    }
    let draft = Draft::begin(&repository.layout().root, &path, &suffix()?)?;
    let text = adding.file(&args, uid, &draft, &path)?;
    match &plan {
        Some(plan) => adding.create(plan, draft, &text).await?,
        None => draft.commit(&text)?,
    }
    let server = adding.cluster.server();
    let ui = context.ui();
    ui.text(&format!("cluster `{}` added: {server}\n", adding.name));
    ui.status(&format!("wrote {path}; commit it"));
    Ok(Exit::Ok)
}

/// What to call the cluster. Everything that can be said of the arguments alone is said here.
fn name(args: &Args) -> Result<String> {
    let name = args.name.as_ref().unwrap_or(&args.from);
    if !crate::repo::names::is_dns_subdomain(name) {
        let text = format!("`{}` cannot be the name of a cluster", display(name));
        return Err(Error::usage(text)
            .hint("give a name of lower-case letters, digits, `-` and `.` with `--name`"));
    }
    if args.token_duration.is_some_and(|time| time < SHORTEST) {
        return Err(Error::usage(
            "`--token-duration` must be 10m or more: API servers give no shorter tokens",
        ));
    }
    let wrong = args
        .namespace
        .iter()
        .find(|name| !crate::repo::names::is_dns_label(name));
    match wrong {
        Some(name) => Err(Error::usage(format!(
            "`{}` cannot be the name of a namespace",
            display(name)
        ))),
        None => Ok(name.clone()),
    }
}

/// How to reach the cluster with the user's own rights. A context of pushboat's own kubeconfig is the account that was made before.
fn from_user(context: &Context, name: &str, from: &str) -> Result<ConnectOptions> {
    let mut options = context.connect_options(name, from)?;
    let user = &context.kubeconfigs()?.user;
    if user.resolve(from).is_ok() {
        options.kubeconfig = user.clone();
    }
    Ok(options)
}

/// Which cluster it is; `None` where the account may not ask.
async fn identity(context: &Context, cluster: &Cluster) -> Result<Option<String>> {
    match cluster.identity().await {
        Err(error) if error.reason() == Reason::Forbidden => {
            context.ui().warn("this account may not read Namespace `kube-system`: its UID is not recorded, so that another cluster at this address will not be noticed by it");
            Ok(None)
        }
        uid => uid.map(Some),
    }
}

/// Makes names unique.
fn suffix() -> Result<String> {
    Ok(hex(&crate::cli::process::random()?[..5]))
}

impl Adding<'_> {
    async fn plan(&self, args: &Args) -> Result<ManagerPlan> {
        let by = self.context.who();
        let mut options = ManagerOptions {
            registration: self.name.clone(),
            by: by.clone(),
            lifetime: match args.token_duration {
                Some(time) => Lifetime::Expiring(time),
                None => Lifetime::Lasting,
            },
            ..ManagerOptions::default()
        };
        if let Some(first) = args.namespace.first() {
            options.account = manager::limited_account(&self.name);
            options.only_namespaces = args.namespace.clone();
            // Somebody whose rights end at a namespace makes an account inside of it.
            let group = "rbac.authorization.k8s.io";
            if !manager::may_create(&self.cluster, group, "clusterroles").await? {
                options.namespace.clone_from(first);
                options.reads_identity = false;
            }
        }
        let before = self.before.as_ref().map(|old| account::of(old, &by));
        if let Some(before) = before.filter(|before| account::is_same(before, &options)) {
            options.token = before.token;
        }
        manager::plan(&self.cluster, &options, &suffix()?)
            .await
            .map_err(|error| match error.reason() {
                Reason::Forbidden => error.hint("use `--namespace` to make an account for some namespaces, or `--no-manager` to go with the context's own credentials"),
                _ => error,
            })
    }

    /// What the file of the cluster is to hold.
    fn file(&self, args: &Args, uid: Option<String>, draft: &Draft, path: &str) -> Result<String> {
        let content = ClusterFileContent {
            context: match args.no_manager {
                false => self.name.clone(),
                true => args.from.clone(),
            },
            server: self.cluster.server().to_owned(),
            kube_system_uid: uid,
            authorities: self.authorities.clone(),
        };
        let existing = draft.existing.as_deref().unwrap_or_default();
        content.text(existing).ok_or_else(|| {
            Error::config(format!(
                "`{path}` is written in a way that cannot be edited"
            ))
            .hint("write it with one `key: value` a line")
        })
    }

    fn show(&self, plan: Option<&ManagerPlan>, replaced: Option<&str>, path: &str) {
        let (server, context) = (self.cluster.server(), display(self.cluster.context()));
        let mut text = format!("In cluster {server} (context `{context}`):\n");
        for step in plan.iter().flat_map(|plan| &plan.steps) {
            let verb = match step.action {
                Action::Create => "create",
                Action::Update => "update",
                Action::Keep => "keep  ",
                Action::Delete => "delete",
            };
            text.push_str(&format!("  {verb} {}\n", step.key()));
        }
        for line in plan.iter().flat_map(|plan| account::grants(&plan.options)) {
            text.push_str(&format!("  {line}\n"));
        }
        if let Some(old) = plan.and_then(|plan| self.left_behind(plan)) {
            text.push_str(&format!(
                "  then remove the token of account `{}/{}`, and the account if nobody else has one\n",
                display(&old.namespace),
                display(&old.account)
            ));
        }
        if plan.is_none() {
            text.push_str("  nothing is created: the context's own credentials are used\n");
        }
        text.push_str(&format!("On this machine:\n  write {path}\n"));
        if plan.is_some() {
            let own = self.registry.path().display();
            text.push_str(&format!("  write {own}, with the token\n"));
        }
        if let Some(line) = replaced {
            text.push_str(&format!("This replaces another cluster:\n  {line}\n"));
        }
        self.context.ui().plan(&text);
    }

    /// The account of the registration before, where it is another one.
    fn left_behind(&self, plan: &ManagerPlan) -> Option<ManagerOptions> {
        let before = account::of(self.before.as_ref()?, &plan.options.by);
        (!account::is_same(&before, &plan.options)).then_some(before)
    }

    /// Makes the account, proves its token, and stores it. What was made goes again when a step fails.
    async fn create(&self, plan: &ManagerPlan, draft: Draft, text: &str) -> Result<()> {
        let source = self.context.kubeconfigs()?.user.resolve(self.from)?;
        let change = self.registry.begin()?;
        let mut begun = Begun::default();
        let made = tokio::select! {
            made = self.proved(plan, &source, &mut begun) => made,
            () = self.context.interruption().wait() => {
                Err(Error::new(Reason::Interrupted, "interrupted while the account was made"))
            }
        };
        let stored = made.and_then(|entry| {
            change.store(&entry)?;
            draft.commit(text).map(|()| entry)
        });
        match stored {
            Ok(entry) => self.tidy(plan, &entry.token).await,
            Err(error) => Err(self.undone(plan, &begun, error).await),
        }
    }

    async fn proved(
        &self,
        plan: &ManagerPlan,
        source: &crate::cluster::Resolved,
        begun: &mut Begun,
    ) -> Result<Entry> {
        let token = manager::execute(&self.cluster, plan, begun).await?;
        if let (Lifetime::Lasting, Some(expiry)) = (plan.options.lifetime, &token.expiry) {
            self.context.ui().warn(&format!(
                "this cluster fills no token Secrets: the token expires at {}, and any command renews it when less than a third of its time is left",
                expiry.at
            ));
        }
        let entry = Entry {
            name: self.name.clone(),
            source: source.clone(),
            account: account::stored(&plan.options),
            token,
        };
        let mut connect = self.context.connect_options(&self.name, &self.name)?;
        connect.kubeconfig = Arc::new(registry::kubeconfig_of(&entry)?);
        connect.impersonate_user = None;
        connect.impersonate_groups.clear();
        let as_account = Cluster::connect(&connect).await?;
        let verified = manager::verify(&as_account, &plan.options).await;
        verified.map_err(|error| {
            error.context(format!(
                "the new account of cluster `{}` does not work",
                self.name
            ))
        })?;
        Ok(entry)
    }

    /// Removes what the registration before leaves behind: nothing of it may outlive it.
    async fn tidy(&self, plan: &ManagerPlan, token: &Token) -> Result<()> {
        let before = self.before.as_ref().and_then(|before| before.token.clone());
        if before.is_some() && self.left_behind(plan).is_none() {
            let old = ManagerOptions {
                token: before,
                ..plan.options.clone()
            };
            let dropped = manager::drop_other_tokens(&self.cluster, &old, &token.name).await?;
            super::rm::tell(self.context, &dropped);
        }
        if let Some(old) = self.left_behind(plan) {
            let tokens = match &self.before {
                Some(before) => account::tokens(before, &self.registry.list()?),
                None => manager::Tokens::Keep,
            };
            let removed = manager::remove(&self.cluster, &old, tokens).await?;
            super::rm::tell(self.context, &removed);
        }
        Ok(())
    }

    async fn undone(&self, plan: &ManagerPlan, begun: &Begun, error: Error) -> Error {
        let stays = manager::undo(&self.cluster, plan, begun).await;
        let mut error = error.context(format!("cluster `{}` was not added", self.name));
        if stays.is_empty() {
            return error.hint("what was made in the cluster for it was removed again");
        }
        for (key, why) in stays {
            error = error.hint(format!(
                "`{}` stays in the cluster: {why}",
                display(&key.to_string())
            ));
        }
        error.hint(format!(
            "remove it with `pushboat cluster rm {} --context {}`",
            self.name, self.from
        ))
    }
}
