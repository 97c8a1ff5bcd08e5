//! Words the user types to calls of the library.
//!
//! One file a command. Each holds its arguments, whose comments are its help, and one `run` that chooses, calls and shows.

mod app;
mod args;
mod charts;
mod cluster;
mod completion;
mod config;
mod context;
mod doctor;
mod env;
mod help;
mod logging;
mod man;
mod process;
mod render;
mod renew;
mod repository;
mod signals;
mod unread;
mod user_folder;
mod values;

use std::ffi::OsString;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use self::app::rendering::on_time;
use crate::error::{Error, Result};
use crate::exit::Exit;
use args::GlobalArgs;
use context::Context;
use env::Env;

/// What Argo CD gives from a server, from the command line
///
/// pushboat reads a gitops repository, renders every app natively, compares it with what runs in each cluster, and pushes the
/// difference with server-side apply. Nothing runs in the cluster, and nothing is kept outside git and the cluster.
#[derive(Debug, Parser)]
#[command(name = "pushboat", version, about, max_term_width = 100, after_help = help::TOP)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(subcommand)]
    App(app::Command),
    #[command(subcommand)]
    Cluster(cluster::Command),
    Render(render::Args),
    Doctor(doctor::Args),
    Completion(completion::Args),
    #[command(hide = true)]
    Man(man::Args),
}

/// The whole command tree, for completions, manuals and tests.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the program with these arguments, the first being its name.
pub fn main(arguments: Vec<OsString>) -> Exit {
    let matches = match matches(arguments) {
        Ok(matches) => matches,
        Err(error) => return usage(&error),
    };
    quiet_panics();
    let cli =
        Cli::from_arg_matches(&matches).context("arguments that were accepted could not be read");
    cli.and_then(start)
        .unwrap_or_else(|error| context::last_words(&error))
}

fn matches(arguments: Vec<OsString>) -> std::result::Result<clap::ArgMatches, clap::Error> {
    let mut command = command();
    values::check_text(&mut command, &arguments)?;
    let matches = command.try_get_matches_from_mut(arguments)?;
    values::check_given(&mut command, &matches)?;
    Ok(matches)
}

/// Help and version go to stdout and are no failure; everything else clap says is usage.
fn usage(error: &clap::Error) -> Exit {
    let _ = error.print();
    match error.kind() {
        clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::DisplayVersion => Exit::Ok,
        _ => Exit::Unanswered,
    }
}

fn start(cli: Cli) -> anyhow::Result<Exit> {
    let Cli {
        mut global,
        command,
    } = cli;
    // These two need nothing of the machine, and shells run them at every start.
    match command {
        Command::Completion(args) => return Ok(completion::run(&args)?),
        Command::Man(args) => return Ok(man::run(&args)?),
        _ => {}
    }
    let env = Env::read()?;
    global.fill(&env)?;
    logging::init(global.verbose, env.stderr_is_terminal && !global.no_color);
    let context = Arc::new(Context::new(env, global)?);
    let exit = match command {
        // Where a program may run, an interrupt must end it too; so must a time limit.
        Command::Render(args) if context.charts().is_none() && context.answer_by().is_none() => {
            render::run(&context, &args)
        }
        command => on_runtime(&context, command),
    };
    Ok(context.finish(exit)?)
}

/// A panic is a bug, isolated where it happens and told as an error of its app; the trace is for `-v`.
fn quiet_panics() {
    std::panic::set_hook(Box::new(
        |panic| tracing::info!(target: "pushboat", "panic: {panic}"),
    ));
}

/// Of each thread; it is taken when it is used.
const STACK_BYTES: usize = 16 << 20;

fn on_runtime(context: &Arc<Context>, command: Command) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // Layers of kustomizations stand on the stack, too.
        .thread_stack_size(STACK_BYTES)
        .build()
        .map_err(|error| Error::io(format!("failed to start: {error}")))?;
    let grace = command.grace();
    let exit = runtime.block_on(signals::until_interrupted(
        context.clone(),
        grace,
        dispatch(context.clone(), command),
    ));
    // Requests that nobody waits for any more must not hold the process.
    runtime.shutdown_background();
    exit
}

async fn dispatch(context: Arc<Context>, command: Command) -> Result<Exit> {
    let command = match command {
        Command::Render(args) => {
            let answer_by = context.answer_by();
            return on_time(answer_by, move || render::run(&context, &args)).await;
        }
        command => command,
    };
    context.read_management().await?;
    match command {
        Command::App(command) => app::run(&context, command).await,
        Command::Cluster(command) => cluster::run(&context, command).await,
        Command::Doctor(args) => doctor::run(&context, &args).await,
        Command::Render(_) | Command::Completion(_) | Command::Man(_) => Ok(Exit::Ok),
    }
}

impl Command {
    /// Whether an interrupt waits for running writes and the records after them.
    fn grace(&self) -> signals::Grace {
        match self {
            Self::App(command) if command.writes() => signals::Grace::Writes,
            Self::Cluster(command) if command.writes() => signals::Grace::Writes,
            _ => signals::Grace::None,
        }
    }
}
