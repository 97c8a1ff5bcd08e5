//! One run of a program: no input, a cleared environment, a deadline for it and everything it starts, and capped output.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::workspace::{FOLDERS, Workspace};
use crate::error::{Error, Reason, Result};

/// More words than this help nobody.
const MAX_STDERR: usize = 1 << 20;
/// How often a program that closed its streams is asked whether it ended.
const POLL: Duration = Duration::from_millis(5);

/// What bounds a run.
pub(super) struct Limits<'a> {
    /// `PATH`, for programs that are scripts.
    pub(super) path: &'a str,
    pub(super) deadline: Duration,
    pub(super) max_output: usize,
}

/// What a run gave.
pub(super) struct Output {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    status: ExitStatus,
}

impl Output {
    pub(super) fn is_success(&self) -> bool {
        self.status.success()
    }

    /// How it ended, in words.
    pub(super) fn ended(&self) -> String {
        match (self.status.code(), self.status.signal()) {
            (Some(code), _) => format!("exit code {code}"),
            (None, Some(signal)) => format!("ended by signal {signal}"),
            (None, None) => "ended".to_owned(),
        }
    }
}

/// What would be left behind if this process stopped now.
#[derive(Debug, Default)]
pub(super) struct Running(Mutex<Left>);

#[derive(Debug, Default)]
struct Left {
    groups: Vec<Pid>,
    folders: Vec<PathBuf>,
    is_stopped: bool,
}

impl Running {
    fn left<T>(&self, with: impl FnOnce(&mut Left) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes a folder that is about to be made.
    pub(super) fn folder(&self, folder: &Path) -> Result<()> {
        self.left(|left| {
            if left.is_stopped {
                return Err(interrupted());
            }
            left.folders.push(folder.to_owned());
            Ok(())
        })
    }

    pub(super) fn forget_folder(&self, folder: &Path) {
        self.left(|left| left.folders.retain(|other| other != folder));
    }

    /// Kills every group and removes every folder. Nothing is started afterwards.
    pub(super) fn stop(&self) {
        let folders = self.left(|left| {
            left.is_stopped = true;
            left.groups.drain(..).for_each(kill);
            std::mem::take(&mut left.folders)
        });
        folders
            .iter()
            .for_each(|folder| super::workspace::remove(folder));
    }
}

fn interrupted() -> Error {
    Error::new(Reason::Interrupted, "interrupted before helm was run")
}

/// A process group that does not outlive this value.
struct Group<'a> {
    pid: Option<Pid>,
    running: &'a Running,
}

impl Drop for Group<'_> {
    fn drop(&mut self) {
        if let Some(pid) = self.pid {
            kill(pid);
            self.running
                .left(|left| left.groups.retain(|other| *other != pid));
        }
    }
}

fn kill(pid: Pid) {
    // It may have ended by itself meanwhile.
    let _ = kill_process_group(pid, Signal::KILL);
}

/// Runs a program in a workspace.
pub(super) fn run(
    program: &Path,
    arguments: &[OsString],
    workspace: &Workspace,
    limits: &Limits<'_>,
    running: &Running,
) -> Result<Output> {
    let end = Instant::now() + limits.deadline;
    let mut child = spawn(program, arguments, workspace, limits, running)?;
    let group = Group {
        pid: Pid::from_raw(i32::try_from(child.id()).unwrap_or_default()),
        running,
    };
    let outcome = collect(&mut child, limits, end);
    // The whole group goes before the child is waited for, so that its number cannot be somebody else's by then.
    drop(group);
    let status = child.wait();
    let (stdout, stderr) = outcome.map_err(|problem| problem.error(program, limits))?;
    let status = status.map_err(|error| {
        Error::io(format!(
            "failed to wait for `{}`: {error}",
            program.display()
        ))
    })?;
    Ok(Output {
        stdout,
        stderr,
        status,
    })
}

fn spawn(
    program: &Path,
    arguments: &[OsString],
    workspace: &Workspace,
    limits: &Limits<'_>,
    running: &Running,
) -> Result<Child> {
    let root = workspace.root();
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(root)
        .env_clear()
        .env("PATH", limits.path)
        .env("KUBECONFIG", "/dev/null")
        .env("HELM_NO_PLUGINS", "1")
        .envs(FOLDERS.map(|(variable, folder)| (variable, root.join(folder))))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    // Under the lock, so that nothing starts after a stop.
    running.left(|left| {
        if left.is_stopped {
            return Err(interrupted());
        }
        let child = command.spawn().map_err(|error| {
            Error::io(format!("failed to start `{}`: {error}", program.display()))
                .hint("`--helm-command PATH` names another helm")
        })?;
        left.groups
            .extend(Pid::from_raw(i32::try_from(child.id()).unwrap_or_default()));
        limit(&child);
        Ok(child)
    })
}

/// Bounds what the program may use of the machine. Helm needs a fraction of it.
#[cfg(target_os = "linux")]
fn limit(child: &Child) {
    use rustix::process::{Resource, Rlimit, prlimit};
    const MEMORY: u64 = 1 << 30;
    const FILE: u64 = 256 << 20;
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap_or_default());
    for (resource, most) in [
        (Resource::Data, MEMORY),
        (Resource::Fsize, FILE),
        (Resource::Core, 0),
    ] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        // Where the user's own limit is lower, it stays.
        let _ = prlimit(pid, resource, limit);
    }
}

#[cfg(not(target_os = "linux"))]
fn limit(_: &Child) {}

/// Why a run has no result.
enum Problem {
    Late,
    TooLong,
    Unreadable(std::io::Error),
}

impl Problem {
    fn error(self, program: &Path, limits: &Limits<'_>) -> Error {
        let program = program.display();
        match self {
            Self::Late => Error::new(
                Reason::Timeout,
                format!(
                    "`{program}` did not end within {} s and was stopped",
                    limits.deadline.as_secs_f32()
                ),
            ),
            Self::TooLong => Error::render(format!(
                "`{program}` printed more than {} bytes and was stopped",
                limits.max_output
            )),
            Self::Unreadable(error) => Error::io(format!(
                "what `{program}` printed could not be read: {error}"
            )),
        }
    }
}

/// One of the two streams, read to its end.
enum Stream {
    Out(std::io::Result<Vec<u8>>),
    Err(std::io::Result<Vec<u8>>),
}

/// Both streams to their ends and the child to its own, or the first problem.
fn collect(
    child: &mut Child,
    limits: &Limits<'_>,
    end: Instant,
) -> std::result::Result<(Vec<u8>, Vec<u8>), Problem> {
    let receiver = readers(child, limits.max_output);
    let (mut stdout, mut stderr) = (None, None);
    while stdout.is_none() || stderr.is_none() {
        match receiver.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(Stream::Out(Ok(bytes))) if bytes.len() > limits.max_output => {
                return Err(Problem::TooLong);
            }
            Ok(Stream::Out(Ok(bytes))) => stdout = Some(bytes),
            Ok(Stream::Err(Ok(bytes))) => stderr = Some(bytes),
            Ok(Stream::Out(Err(error)) | Stream::Err(Err(error))) => {
                return Err(Problem::Unreadable(error));
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                return Err(Problem::Late);
            }
        }
    }
    while !has_ended(child).map_err(Problem::Unreadable)? {
        if Instant::now() >= end {
            return Err(Problem::Late);
        }
        std::thread::sleep(POLL);
    }
    Ok((stdout.unwrap_or_default(), stderr.unwrap_or_default()))
}

/// Whether the child ended. It is not waited for yet: until then its number is nobody else's.
fn has_ended(child: &Child) -> std::io::Result<bool> {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let Some(pid) = Pid::from_raw(i32::try_from(child.id()).unwrap_or_default()) else {
        return Ok(true);
    };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(pid), options)?.is_some())
}

/// Reads both streams at once. Nobody waits for these threads: a stream that something keeps open beyond the deadline must not
/// hold the run.
fn readers(child: &mut Child, max_output: usize) -> Receiver<Stream> {
    let (sender, receiver) = channel();
    let other = sender.clone();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    std::thread::spawn(move || sender.send(Stream::Out(read(stdout, max_output + 1, false))));
    std::thread::spawn(move || other.send(Stream::Err(read(stderr, MAX_STDERR, true))));
    receiver
}

/// Up to `most` bytes; of what may be drained the rest is read and dropped, so that its writer is not held up.
fn read(stream: Option<impl Read>, most: usize, is_drained: bool) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        stream.by_ref().take(most as u64).read_to_end(&mut bytes)?;
        if is_drained {
            std::io::copy(&mut stream, &mut std::io::sink())?;
        }
    }
    Ok(bytes)
}
