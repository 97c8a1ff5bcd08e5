//! Runs the built program in an environment where nothing of the developer's machine shows through.

use super::process::{Finished, Started, start};
use super::programs::bin;
use super::terminal::OnTerminal;
use rustix::process::Signal;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// A call of pushboat, not yet made.
pub(crate) struct Pushboat {
    command: Command,
    input: String,
    limit: Duration,
    home: TempDir,
}

/// Prepares `pushboat ARGS…` with an empty home, no kubeconfig and no terminal.
pub(crate) fn pushboat(args: &[&str]) -> Pushboat {
    prepare(env!("CARGO_BIN_EXE_pushboat"), args)
}

/// Prepares a script of bash in the same environment; `"$0"` is pushboat.
pub(crate) fn shell(script: &str) -> Pushboat {
    prepare("bash", &["-c", script, env!("CARGO_BIN_EXE_pushboat")])
}

fn prepare(program: &str, args: &[&str]) -> Pushboat {
    let home = tempfile::Builder::new()
        .prefix("pushboat-home-")
        .tempdir()
        .unwrap();
    let mut path = OsString::from(bin());
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut command = Command::new(program);
    command
        .args(args)
        .env_clear()
        .env("PATH", path)
        .env("HOME", home.path())
        .env("TZ", "UTC")
        .current_dir(home.path());
    Pushboat {
        command,
        input: String::new(),
        limit: Duration::from_secs(120),
        home,
    }
}

impl Pushboat {
    /// In this folder, usually a `Repo`.
    pub(crate) fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    pub(crate) fn kubeconfig(self, path: impl AsRef<Path>) -> Self {
        self.env("KUBECONFIG", path.as_ref())
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// One more argument, which need not be text.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Without this variable.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// With another home than an empty one, for calls that should find what an earlier one left.
    pub(crate) fn home(self, home: &Path) -> Self {
        self.env("HOME", home)
    }

    pub(crate) fn input(mut self, text: &str) -> Self {
        text.clone_into(&mut self.input);
        self
    }

    /// Kills it and fails the test after this long; two minutes when nothing is said.
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs it to its end.
    #[track_caller]
    pub(crate) fn run(self) -> Finished {
        self.start().wait()
    }

    /// Starts it on a terminal, where it may ask. What was given as input is typed before it starts.
    pub(crate) fn on_terminal(mut self) -> OnTerminal {
        self.command.env("NO_COLOR", "1");
        OnTerminal::start(&mut self.command, &self.input, self.limit, self.home)
    }

    /// Starts it, for tests that do something meanwhile.
    pub(crate) fn start(mut self) -> Running {
        Running {
            started: start(&mut self.command, &self.input),
            limit: self.limit,
            _home: self.home,
        }
    }
}

/// pushboat on its way.
pub(crate) struct Running {
    started: Started,
    limit: Duration,
    _home: TempDir,
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.started.pid()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        self.started.signal(signal);
    }

    #[track_caller]
    pub(crate) fn wait(self) -> Finished {
        self.started.finish(self.limit)
    }
}
