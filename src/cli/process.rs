//! What the machine says about this process and its neighbours.

use std::path::Path;

use crate::error::{Error, Result};
use crate::object::hex::hex;
use crate::sync::lease::{Process, Processes};

/// Thirty-two random bytes.
pub(crate) fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    let filled = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty());
    match filled {
        Ok(32) => Ok(bytes),
        Ok(_) => Err(Error::internal("the machine gave too few random bytes")),
        Err(error) => Err(Error::io(format!(
            "the machine gives no random bytes: {error}"
        ))),
    }
}

/// A random `repoID` for a repository that needs one. It begins with a letter, as YAML may read digits alone as a number.
pub(crate) fn fresh_repo_id() -> Result<String> {
    Ok(format!("repo-{}", hex(&random()?[..12])))
}

/// Columns of the terminal on stdout or stderr; 0 when there is none.
pub(crate) fn terminal_width() -> usize {
    let of = |size: rustix::io::Result<rustix::termios::Winsize>| {
        size.ok().map(|size| usize::from(size.ws_col))
    };
    of(rustix::termios::tcgetwinsize(std::io::stdout()))
        .or_else(|| of(rustix::termios::tcgetwinsize(std::io::stderr())))
        .unwrap_or(0)
}

pub(crate) fn host() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

/// Names one boot of this machine; empty where the system has no such thing, and then nobody is taken for dead by it.
pub(crate) fn boot_id() -> String {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    // Containers share the kernel's boot id but not its process numbers.
    let namespace =
        std::fs::read_link("/proc/self/ns/pid").map(|link| link.to_string_lossy().into_owned());
    match (text.trim(), namespace) {
        ("", _) => String::new(),
        (id, Ok(namespace)) => format!("{id}/{}", namespace.trim_start_matches("pid:")),
        (id, Err(_)) => id.to_owned(),
    }
}

/// Clock ticks between boot and the start of a process that still runs.
pub(crate) fn start_time(pid: u32) -> Option<u64> {
    match look(pid) {
        Process::Running(since) => Some(since),
        Process::Hidden | Process::Gone => None,
    }
}

/// What `/proc/<pid>/stat` says. Where it may not be seen (`hidepid`), a signal tells whether the process is there.
fn look(pid: u32) -> Process {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return if is_gone(pid) {
            Process::Gone
        } else {
            Process::Hidden
        };
    };
    // The command's name stands in brackets and may hold anything; the rest follows the last one.
    let Some((_, rest)) = stat.rsplit_once(')') else {
        return Process::Hidden;
    };
    let mut fields = rest.split_whitespace();
    match fields.next() {
        Some("Z" | "X") => Process::Gone,
        // Field 22 of the file.
        _ => match fields.nth(18).and_then(|since| since.parse().ok()) {
            Some(since) => Process::Running(since),
            None => Process::Hidden,
        },
    }
}

/// Only "no such process" says so: one that may not be signalled is there.
fn is_gone(pid: u32) -> bool {
    let pid = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    pid.is_none_or(|pid| rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
}

/// The processes of this machine.
pub(crate) struct Local;

impl Processes for Local {
    fn look(&self, pid: u32) -> Process {
        look(pid)
    }
}

/// Whether this user may not even look at a path.
pub(crate) fn is_forbidden(path: &Path) -> bool {
    let found = match path.is_dir() {
        true => std::fs::read_dir(path).map(|_| ()),
        false => std::fs::File::open(path).map(|_| ()),
    };
    found.is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_alive_and_an_impossible_one_is_not() {
        assert!(start_time(std::process::id()).is_some());
        assert_eq!(look(u32::MAX), Process::Gone);
        assert!(is_gone(2_147_483_647) && !is_gone(std::process::id()));
    }
}
