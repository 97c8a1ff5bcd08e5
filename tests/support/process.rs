//! Child processes: servers that never outlive the test process, and programs that are run to their end.

use super::wait::within;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

/// Starts `"$@"` and ends it when its own standard input closes, which the kernel sees to even when the test process is
/// killed. A line on the input ends only the program; without one the plane's folder goes too.
const KEEPER: &str = r#"
log=$1 dir=$2; shift 2
exec 3<&0
"$@" </dev/null >>"$log" 2>&1 3<&- &
child=$!
echo "$child"
exec >/dev/null
(
    read -r word <&3 || word=gone
    [ -e "$log.exit" ] || kill -9 "$child"
    [ "$word" = gone ]
) &
keeper=$!
wait "$child"
echo "$?" >"$log.exit"
wait "$keeper" && rm -rf "$dir"
"#;

/// A server that ends when this value is dropped or the test process is gone.
pub(crate) struct Server {
    keeper: Child,
    leash: Option<ChildStdin>,
    pid: Pid,
    log: PathBuf,
}

impl Server {
    /// Starts a program in `dir`; `dir/NAME.log` receives what it prints.
    pub(crate) fn start(dir: &Path, program: &Path, args: &[String]) -> Self {
        let name = program.file_name().unwrap().to_str().unwrap();
        let log = dir.join(format!("{name}.log"));
        let _ = std::fs::remove_file(exit_file(&log)); // of an earlier life
        let mut keeper = Command::new("/bin/sh")
            .args(["-c", KEEPER, "keeper"])
            .args([&log, dir, program])
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", dir)
            .current_dir(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0) // Ctrl-C must reach the test process alone, else the keeper dies before its server
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let pid = line.trim().parse().ok().and_then(Pid::from_raw).unwrap();
        let leash = keeper.stdin.take();
        Self {
            keeper,
            leash,
            pid,
            log,
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// Tells whether the program has ended by itself.
    pub(crate) fn has_ended(&self) -> bool {
        exit_file(&self.log).exists()
    }

    /// Returns the last lines that the program printed.
    pub(crate) fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    /// Kills the program and waits until it is gone; its folder stays.
    pub(crate) fn stop(mut self) {
        if let Some(mut leash) = self.leash.take() {
            leash.write_all(b"stop\n").unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.leash.take());
        let _ = self.keeper.wait();
    }
}

fn exit_file(log: &Path) -> PathBuf {
    log.with_extension("log.exit")
}

/// How a program ended and what it printed.
#[derive(Debug, Clone)]
pub(crate) struct Finished {
    /// The exit code, or 128 plus the signal, as a shell has it.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    /// Checks the exit code; a failure shows both streams.
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert!(
            self.code == code,
            "exit code {}, expected {code}\n--- stdout\n{}\n--- stderr\n{}",
            self.code,
            self.stdout,
            self.stderr
        );
        self
    }

    /// Everything that a person would read, both streams.
    pub(crate) fn said(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }

    /// Reads standard output as one JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!(
                "stdout is not JSON: {error}\n{}\n--- stderr\n{}",
                self.stdout, self.stderr
            )
        })
    }
}

/// Runs a program to its end with `input` on its standard input.
///
/// # Panics
/// When it takes longer than `limit`; it is killed first.
#[track_caller]
pub(crate) fn finish(command: &mut Command, input: &str, limit: Duration) -> Finished {
    start(command, input).finish(limit)
}

/// A program on its way.
pub(crate) struct Started {
    child: Child,
    what: String,
    stdout: thread::JoinHandle<String>,
    stderr: thread::JoinHandle<String>,
}

pub(crate) fn start(command: &mut Command, input: &str) -> Started {
    let what = format!("{command:?}");
    let mut child = command
        .stdin(if input.is_empty() {
            Stdio::null()
        } else {
            Stdio::piped()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("failed to start {what}: {error}"));
    let stdout = collect(child.stdout.take().unwrap());
    let stderr = collect(child.stderr.take().unwrap());
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(input.as_bytes()); // a program may well not read to the end
    }
    Started {
        child,
        what,
        stdout,
        stderr,
    }
}

impl Started {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.pid(), signal);
    }

    #[track_caller]
    pub(crate) fn finish(mut self, limit: Duration) -> Finished {
        let status = within(limit, || self.child.try_wait().unwrap());
        if status.is_none() {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
        let stdout = self.stdout.join().unwrap();
        let stderr = self.stderr.join().unwrap();
        let Some(status) = status else {
            panic!(
                "{} took longer than {limit:?}\n{stdout}\n{stderr}",
                self.what
            );
        };
        Finished {
            code: code(status),
            stdout,
            stderr,
        }
    }
}

/// Sends a signal to a process that may already be gone.
pub(crate) fn kill(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).unwrap();
    let _ = kill_process(pid, signal);
}

fn code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

fn collect(mut from: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
