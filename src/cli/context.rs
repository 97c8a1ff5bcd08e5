//! What commands share, built once: settings, terminal, clock, kubeconfigs, connections.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use tokio::sync::{OnceCell, watch};

use super::args::{Color, GlobalArgs, Output};
use super::config::{self, UserConfig};
use super::env::Env;
use super::process;
use super::repository::{Repository, contexts};
use super::unread::Unread;
use super::user_folder::{self, UserFolder};
use crate::cluster::management::{self, FromSecret};
use crate::cluster::{Cluster, ConnectOptions, Kubeconfig, Recorded, Stop, Teller};
use crate::error::{Error, Reason, Result};
use crate::exit::Exit;
use crate::fetch::{AllowList, Fetcher, Proxy};
use crate::helm::Helm;
use crate::object::display::display;
use crate::object::mask::Masker;
use crate::plan::Mutations;
use crate::plan::applyset::GroupKind;
use crate::render::kustomize::Charts;
use crate::repo::cluster::{ClusterFile, KnownCluster};
use crate::report::{Failure, Format, Report, show};
use crate::sync::event::Event;
use crate::sync::interrupt::Interrupt;
use crate::sync::lease::{Holder, Locker};
use crate::sync::lookup::Lookups;
use crate::sync::{Clock, SystemClock, prepare};
use crate::ui::progress::Progress;
use crate::ui::prompt::{Question, ask};
use crate::ui::{self, Ui};

/// What is kept of a `--timeout` for the records at the end of a sync.
const RECORDS_WITHIN: Duration = Duration::from_secs(2);

/// Apps worked on at once unless said otherwise.
const PARALLELISM: usize = 16;
/// How long a sync waits for another one of the same app.
const LOCK_WAIT: Duration = Duration::from_secs(60);

/// What no `--assume-gone` says.
static NOTHING_GONE: BTreeSet<GroupKind> = BTreeSet::new();

/// Where Argo CD keeps its cluster Secrets.
const ARGOCD: &str = "argocd";

type Connection = Arc<OnceCell<Result<Cluster>>>;

/// Everything a command needs beside its own arguments.
pub(crate) struct Context {
    env: Env,
    global: GlobalArgs,
    ui: Ui,
    clock: Arc<dyn Clock>,
    masker: Masker,
    interrupt: Interrupt,
    interrupter: watch::Sender<bool>,
    started: Instant,
    kubeconfigs: OnceLock<Result<Kubeconfigs>>,
    user_config: OnceLock<Result<UserConfig>>,
    user_folder: UserFolder,
    repository: OnceLock<Result<Arc<Repository>>>,
    /// Clusters of a management cluster, read before the repository is.
    from_secrets: OnceLock<Vec<FromSecret>>,
    connections: Mutex<BTreeMap<String, Connection>>,
    /// The records that clusters hold, where they are looked for.
    lookups: Arc<Lookups>,
    /// What inflates charts, where the user allowed it.
    helm: Option<Arc<Helm>>,
    /// The worst of what was told on the way and stands in no report.
    failed: Mutex<Exit>,
    /// What documents are incomplete without.
    unread: Unread,
    /// Lockers made so far.
    n_locks: AtomicU32,
    asking: tokio::sync::Mutex<()>,
    /// The command is one that writes to clusters.
    is_writing: AtomicBool,
}

/// The kubeconfigs of the user: pushboat's own, and those of `KUBECONFIG`.
#[derive(Clone)]
pub(crate) struct Kubeconfigs {
    /// What `cluster add` wrote.
    pub(crate) own: Arc<Kubeconfig>,
    /// What the user has anyway.
    pub(crate) user: Arc<Kubeconfig>,
    /// Own contexts first.
    pub(crate) all: Arc<Kubeconfig>,
}

impl Context {
    pub(crate) fn new(env: Env, global: GlobalArgs) -> Result<Self> {
        let clock = SystemClock;
        let started = Instant::now();
        let options = ui::Options {
            color: match (global.color, global.no_color) {
                (Some(Color::Always), _) => ui::Color::Always,
                (Some(Color::Never), _) | (_, true) => ui::Color::Never,
                (Some(Color::Auto) | None, false) => ui::Color::Auto,
            },
            no_color: global.no_color,
            quiet: global.quiet,
            stdout_is_terminal: env.stdout_is_terminal,
            stderr_is_terminal: env.stderr_is_terminal,
            stdin_is_terminal: env.stdin_is_terminal,
            in_ci: env.in_ci(),
            answer_by: global.timeout.map(|timeout| started + timeout),
            width: process::terminal_width(),
            now: clock.now(),
        };
        let ui = Ui::new(
            Box::new(std::io::stdout()),
            Box::new(std::io::stderr()),
            options,
        );
        let (interrupter, interrupt) = Interrupt::channel();
        let masker = Masker::new(process::random()?);
        let helm = global
            .enable_helm
            .then(|| super::charts::helm(&env, &global, &masker, started));
        Ok(Self {
            env,
            global,
            ui,
            clock: Arc::new(clock),
            masker,
            interrupt,
            interrupter,
            started,
            kubeconfigs: OnceLock::new(),
            user_config: OnceLock::new(),
            user_folder: UserFolder::default(),
            repository: OnceLock::new(),
            from_secrets: OnceLock::new(),
            connections: Mutex::default(),
            lookups: Arc::default(),
            helm,
            failed: Mutex::default(),
            unread: Unread::default(),
            n_locks: AtomicU32::default(),
            asking: tokio::sync::Mutex::default(),
            is_writing: AtomicBool::default(),
        })
    }

    pub(crate) fn ui(&self) -> &Ui {
        &self.ui
    }

    pub(crate) fn global(&self) -> &GlobalArgs {
        &self.global
    }

    pub(crate) fn masker(&self) -> &Masker {
        &self.masker
    }

    /// What makes manifests of charts; none unless the user allowed it.
    pub(crate) fn charts(&self) -> Option<Arc<dyn Charts>> {
        let helm = self.helm.clone()?;
        Some(helm)
    }

    pub(crate) fn interrupt(&self) {
        let _ = self.interrupter.send(true);
    }

    /// From here on connections are made for writes too.
    pub(crate) fn will_write(&self) {
        self.is_writing.store(true, Ordering::Relaxed);
    }

    pub(crate) fn interruption(&self) -> &Interrupt {
        &self.interrupt
    }

    /// Asks the person at the terminal, on a thread of its own, so that an interrupt is still heard.
    pub(crate) async fn ask(&self, question: Question) -> Result<bool> {
        let ui = self.ui.clone();
        let asked = tokio::task::spawn_blocking(move || ask(&ui, &question));
        tokio::select! {
            answer = asked => {
                answer.map_err(|_| Error::internal("a bug in pushboat stopped the question"))?
            }
            () = self.interrupt.wait() => {
                Err(Error::new(Reason::Interrupted, "interrupted while asking"))
            }
        }
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.env.directory
    }

    pub(crate) fn given_repo(&self) -> Option<&Path> {
        self.global.repo.as_deref()
    }

    /// What reads other repositories: what the command line and the user's `remotes.yaml` allow.
    pub(crate) fn foreign(&self) -> Result<Arc<Fetcher>> {
        let mut allow = self.allowed_remotes()?;
        for url in &self.global.allow_remote {
            allow.allow(url)?;
        }
        let proxies = self.env.proxies();
        let except = proxies.no_proxy.unwrap_or_default();
        let proxy = Proxy {
            url: proxies.https_proxy.or(proxies.all_proxy),
            except: except.split(',').map(str::to_owned).collect(),
        };
        let cache = self.env.cache_directory();
        Ok(Arc::new(Fetcher::new(allow, proxy, cache)))
    }

    fn allowed_remotes(&self) -> Result<AllowList> {
        self.user_folder
            .read(&self.env, &self.ui, "remotes.yaml", AllowList::parse)
    }

    /// What the command line and the user's `config.yaml` allow.
    pub(crate) fn user_config(&self) -> Result<&UserConfig> {
        let read = || {
            let folder = &self.user_folder;
            let mut config = folder.read(&self.env, &self.ui, config::FILE, UserConfig::parse)?;
            for allowed in &self.global.allow_address {
                config.allow(allowed)?;
            }
            Ok(config)
        };
        self.user_config
            .get_or_init(read)
            .as_ref()
            .map_err(Error::clone)
    }

    pub(crate) fn parallelism(&self) -> usize {
        self.global.parallelism.unwrap_or(PARALLELISM).max(1)
    }

    /// When waiting must end if a `--timeout` was given: records come after it, and need their share of the time.
    pub(crate) fn last_wait(&self) -> Option<Instant> {
        let timeout = self.global.timeout?;
        Some(self.started + timeout.saturating_sub((timeout / 4).min(RECORDS_WITHIN)))
    }

    /// When the command must have answered, if a `--timeout` was given.
    pub(crate) fn answer_by(&self) -> Option<Instant> {
        self.global.timeout.map(|timeout| self.started + timeout)
    }

    /// The `--timeout` of the command, or what the command thinks fit.
    pub(crate) fn timeout_or(&self, default: Duration) -> Duration {
        self.global.timeout.unwrap_or(default)
    }

    pub(crate) fn format(&self) -> Format {
        match self.global.output {
            None | Some(Output::Text) => Format::Text,
            Some(Output::Wide) => Format::Wide,
            Some(Output::Json) => Format::Json,
            Some(Output::Yaml) => Format::Yaml,
            Some(Output::Name) => Format::Name,
        }
    }

    /// Tells a failure that keeps the rest from nothing; the command ends no better than it.
    pub(crate) fn fail(&self, error: &Error) {
        self.ui.error(error);
        self.leave_out(error);
        if let Ok(mut failed) = self.failed.lock() {
            *failed = failed.worst(error.exit());
        }
    }

    /// Notes what documents are incomplete without. It is told elsewhere.
    pub(crate) fn leave_out(&self, error: &Error) {
        self.unread.add(error);
    }

    pub(crate) fn lookups(&self) -> &Lookups {
        &self.lookups
    }

    /// How comparisons are made unless a command says otherwise.
    pub(crate) fn preparing(&self) -> prepare::Options<'_> {
        prepare::Options {
            masker: &self.masker,
            exact: false,
            mutations: Mutations::default(),
            adopt: false,
            keep_live: false,
            assumed_gone: &NOTHING_GONE,
            unreadable: &[],
            lookups: &self.lookups,
        }
    }

    /// Shows a report and ends as it says.
    pub(crate) fn show<R: Report>(&self, report: &R) -> Result<Exit> {
        show(&self.ui, report, &self.unread.all(), self.format())?;
        Ok(report.exit())
    }

    /// Hands everything to the streams; what could not be written is the command's failure.
    pub(crate) fn finish(&self, result: Result<Exit>) -> Result<Exit> {
        // After an interrupt some may still run.
        if let Some(helm) = &self.helm {
            helm.stop();
        }
        let exit = result.unwrap_or_else(|error| {
            self.ui.error(&error);
            if matches!(self.format(), Format::Json | Format::Yaml) {
                // Without any answer its error is what could not be read.
                self.leave_out(&error);
                let _ = self.show(&Failure::from(&error));
            }
            error.exit()
        });
        let exit = exit.worst(self.failed.lock().map(|failed| *failed).unwrap_or_default());
        match self.ui.finish() {
            Ok(()) => Ok(exit),
            Err(error) => Ok(exit.worst(error.exit())),
        }
    }

    pub(crate) fn repository(&self) -> Result<Arc<Repository>> {
        self.repository
            .get_or_init(|| Repository::open(self).map(Arc::new))
            .clone()
    }

    pub(crate) fn own_kubeconfig(&self) -> Result<PathBuf> {
        let directory = self.user_folder.path(&self.env, &self.ui).ok_or_else(|| {
            Error::config("there is no home directory to keep clusters in")
                .hint("set `PUSHBOAT_CONFIG_DIR`")
        })?;
        Ok(directory.join("kubeconfig"))
    }

    pub(crate) fn kubeconfigs(&self) -> Result<&Kubeconfigs> {
        self.kubeconfigs
            .get_or_init(|| self.read_kubeconfigs())
            .as_ref()
            .map_err(Clone::clone)
    }

    fn read_kubeconfigs(&self) -> Result<Kubeconfigs> {
        let own_path = self.own_kubeconfig().ok();
        let user = match &self.global.kubeconfig {
            Some(file) => Kubeconfig::load_one(&self.env.kubeconfig_file(file)?)?,
            None => {
                let mut files = user_folder::kubeconfigs(&self.env, &self.ui)?;
                // Who lists pushboat's own file for kubectl has it in one place, not in two that disagree.
                if let (Some(own), true) = (&own_path, files.len() > 1) {
                    files.retain(|file| file != own);
                }
                Kubeconfig::load(&files)?
            }
        };
        if self.env.get("KUBECONFIG").is_some() || self.global.kubeconfig.is_some() {
            user.notes().iter().for_each(|note| self.ui.status(note));
        }
        let own = Kubeconfig::load(own_path.as_slice())?;
        let mut all = own.clone();
        all.append(user.clone());
        Ok(Kubeconfigs {
            own: Arc::new(own),
            user: Arc::new(user),
            all: Arc::new(all),
        })
    }

    /// How to reach a cluster by a context, without anything a repository says.
    pub(crate) fn connect_options(&self, name: &str, context: &str) -> Result<ConnectOptions> {
        Ok(ConnectOptions {
            name: name.to_owned(),
            context: context.to_owned(),
            kubeconfig: self.kubeconfigs()?.all.clone(),
            impersonate_user: self.global.as_user.clone(),
            impersonate_groups: self.global.as_group.clone(),
            proxy_env: self.env.proxies(),
            deadline: self.answer_by(),
            identify: self.is_writing.load(Ordering::Relaxed),
            teller: Teller::by(self.ui.teller()),
            stop: Stop::when(self.interrupt.receiver()),
            ..ConnectOptions::default()
        })
    }

    /// Reads the clusters that `--clusters-from` names. A Secret that cannot be used costs its cluster only.
    pub(crate) async fn read_management(&self) -> Result<()> {
        let mut clusters = Vec::new();
        for from in &self.global.clusters_from {
            let contexts = self.kubeconfigs()?.all.contexts();
            let is_context = contexts.iter().any(|context| context.name == *from);
            let (context, namespace) = management_of(from, is_context)?;
            let cluster = Cluster::connect(&self.connect_options(context, context)?).await?;
            let found = management::clusters(&cluster, namespace).await?;
            found.problems.iter().for_each(|error| self.fail(error));
            clusters.extend(found.clusters);
        }
        let _ = self.from_secrets.set(clusters);
        Ok(())
    }

    /// What [`Context::read_management`] found.
    pub(crate) fn clusters_from_secrets(&self) -> &[FromSecret] {
        self.from_secrets.get().map_or(&[], Vec::as_slice)
    }

    /// The one connection to a known cluster; a failure is remembered too, so that it is told once per app and costs its time once.
    pub(crate) async fn connect(&self, known: &KnownCluster) -> Result<Cluster> {
        let connection = match self.connections.lock() {
            Ok(mut connections) => connections.entry(known.name.clone()).or_default().clone(),
            Err(_) => Connection::default(),
        };
        connection.get_or_init(|| self.open(known)).await.clone()
    }

    async fn open(&self, known: &KnownCluster) -> Result<Cluster> {
        let options = self.options_for(known)?;
        let expiring = super::renew::expiring(self, &options.context)?;
        if let Some(registered) = &expiring {
            super::renew::check(self, registered)?;
        }
        let cluster = Cluster::connect(&options).await?;
        cluster.notes().iter().for_each(|note| self.ui.warn(note));
        if let Some(registered) = &expiring {
            super::renew::renew(self, registered, &cluster).await;
        }
        Ok(cluster)
    }

    /// How to reach a known cluster, by everything the repository says.
    pub(crate) fn options_for(&self, known: &KnownCluster) -> Result<ConnectOptions> {
        if let Some(problem) = &known.problem {
            return Err(problem.clone());
        }
        let given = self.global.context.as_deref();
        let recorded = known.file.as_ref().map(recorded).unwrap_or_default();
        let allowed = self.user_config()?.allowed(&known.name);
        let server = recorded.server.as_deref();
        if let Some(given) = given.filter(|_| !server.is_some_and(|s| allowed.has_server(s))) {
            let contexts = contexts(&self.kubeconfigs()?.all);
            let found = contexts.iter().find(|context| context.name == given);
            found.map_or(Ok(()), |context| known.check_context(context))?;
        }
        let context = given.unwrap_or(&known.context);
        let mut options = ConnectOptions {
            recorded,
            allowed,
            ..self.connect_options(&known.name, context)?
        };
        let secret = self
            .clusters_from_secrets()
            .iter()
            .find(|secret| known.secret.as_ref() == Some(&secret.origin));
        if let Some(secret) = secret.filter(|_| given.is_none()) {
            options.context.clone_from(&secret.context);
            options.kubeconfig = secret.kubeconfig.clone();
        }
        Ok(options)
    }

    /// The turn to show something and ask about it, for apps that run side by side.
    pub(crate) async fn one_question(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.asking.lock().await
    }

    /// One context given by hand can stand for one cluster only.
    pub(crate) fn check_context<'a>(&self, clusters: impl Iterator<Item = &'a str>) -> Result<()> {
        let clusters: BTreeSet<&str> = clusters.collect();
        match &self.global.context {
            Some(context) if clusters.len() > 1 => Err(Error::usage(format!(
                "`--context {context}` was given, and {} clusters are selected",
                clusters.len()
            ))
            .hint("select one cluster with `--cluster NAME`")),
            Some(_) | None => Ok(()),
        }
    }

    /// What shows how far a run is; silent where stdout carries a document.
    pub(crate) fn progress(&self) -> Telling {
        let started = self.started;
        let elapsed = Arc::new(move || started.elapsed());
        Telling(Arc::new(Progress::new(
            &self.ui,
            self.format().is_text(),
            elapsed,
        )))
    }

    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// Who runs this: `user@host`.
    pub(crate) fn who(&self) -> String {
        format!("{}@{}", self.env.user(), process::host())
    }

    /// Who this process is, for locks and histories.
    pub(crate) fn locker(&self, wait: Option<Duration>) -> Locker {
        Locker {
            holder: Holder {
                user: self.env.user(),
                host: process::host(),
                boot_id: process::boot_id(),
                pid: std::process::id(),
                start_time: process::start_time(std::process::id()).unwrap_or_default(),
                number: self.n_locks.fetch_add(1, Ordering::Relaxed),
            },
            processes: Arc::new(process::Local),
            clock: self.clock.clone(),
            wait: wait.unwrap_or(LOCK_WAIT),
            until: self.last_wait(),
        }
    }
}

/// `CONTEXT/NAMESPACE` taken apart; a context's name may hold a slash itself.
fn management_of(from: &str, is_context: bool) -> Result<(&str, &str)> {
    let (context, namespace) = match from.rsplit_once('/').filter(|_| !is_context) {
        Some(parts) => parts,
        None => (from, ARGOCD),
    };
    if context.trim().is_empty() || !crate::repo::names::is_dns_label(namespace) {
        return Err(Error::usage(format!(
            "`--clusters-from {}` does not name a context and a namespace",
            display(from)
        ))
        .hint("write it like `--clusters-from mgmt` or `--clusters-from mgmt/argocd`"));
    }
    Ok((context, namespace))
}

/// What a connection needs of `cluster.yaml`.
fn recorded(file: &ClusterFile) -> Recorded {
    Recorded {
        file: file.file.clone(),
        server: file.server.as_ref().map(|server| server.value.clone()),
        aliases: file
            .aliases
            .iter()
            .map(|alias| alias.value.clone())
            .collect(),
        proxy_url: file.proxy_url.clone(),
        tls_server_name: file.tls_server_name.clone(),
        authorities: file.authorities.clone(),
        uid: file.kube_system_uid.clone(),
    }
}

/// Progress that many apps tell at once.
pub(crate) struct Telling(Arc<Progress>);

impl Telling {
    pub(crate) fn sink(&self) -> Arc<dyn Fn(Event) + Send + Sync> {
        let progress = self.0.clone();
        Arc::new(move |event| progress.event(&event))
    }

    pub(crate) fn finish(&self) {
        self.0.finish();
    }
}

/// Tells an error from before there was a terminal to tell it with.
pub(crate) fn last_words(error: &anyhow::Error) -> Exit {
    let ours = error.downcast_ref::<Error>().cloned();
    let error = &ours.unwrap_or_else(|| Error::internal(format!("{error:#}")));
    let options = ui::Options::piped(SystemClock.now());
    let ui = Ui::new(
        Box::new(std::io::stdout()),
        Box::new(std::io::stderr()),
        options,
    );
    ui.error(error);
    let _ = ui.finish();
    error.exit()
}
