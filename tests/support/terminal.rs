//! The built program on a terminal of its own, as a person has it: what it shows is read, and answers are typed.

use super::process::Finished;
use super::wait::within;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A program that runs on a terminal.
pub(crate) struct OnTerminal {
    child: Child,
    keyboard: File,
    screen: Arc<Mutex<Vec<u8>>>,
    reader: std::thread::JoinHandle<()>,
    limit: Duration,
    _home: tempfile::TempDir,
}

impl OnTerminal {
    /// Starts `command` with all three streams on a new terminal; `typed` is in its input before it starts.
    pub(crate) fn start(
        command: &mut Command,
        typed: &str,
        limit: Duration,
        home: tempfile::TempDir,
    ) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let terminal = OpenOptions::new()
            .read(true)
            .write(true)
            .open(name.to_str().unwrap())
            .unwrap();
        let mut keyboard = File::from(master);
        keyboard.write_all(typed.as_bytes()).unwrap();
        let stream = || terminal.try_clone().unwrap();
        let child = command
            .stdin(stream())
            .stdout(stream())
            .stderr(stream())
            .spawn()
            .unwrap();
        let screen = Arc::new(Mutex::new(Vec::new()));
        let (shown, mut from) = (screen.clone(), keyboard.try_clone().unwrap());
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // The last program that lets go of the terminal ends the reading with an error.
            while let Ok(n @ 1..) = from.read(&mut bytes) {
                shown.lock().unwrap().extend_from_slice(&bytes[..n]);
            }
        });
        // The command keeps its copies of the streams; the terminal must end with the program.
        drop(std::mem::replace(command, Command::new("true")));
        Self {
            child,
            keyboard,
            screen,
            reader,
            limit,
            _home: home,
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything that was shown so far.
    pub(crate) fn shown(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().unwrap()).replace("\r\n", "\n")
    }

    /// Waits until this is shown.
    #[track_caller]
    pub(crate) fn expect(&self, text: &str) {
        let is_shown = || self.shown().contains(text).then_some(());
        if within(self.limit, is_shown).is_none() {
            panic!("`{text}` was not shown:\n{}", self.shown());
        }
    }

    pub(crate) fn type_line(&mut self, line: &str) {
        self.keyboard
            .write_all(format!("{line}\n").as_bytes())
            .unwrap();
    }

    /// Waits for its end; what it showed is in `stdout`.
    #[track_caller]
    pub(crate) fn wait(mut self) -> Finished {
        let status = within(self.limit, || self.child.try_wait().unwrap());
        let Some(status) = status else {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
            panic!("it did not end within {:?}:\n{}", self.limit, self.shown());
        };
        self.reader.join().unwrap();
        let stdout = String::from_utf8_lossy(&self.screen.lock().unwrap()).replace("\r\n", "\n");
        Finished {
            code: status
                .code()
                .unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
            stdout,
            stderr: String::new(),
        }
    }
}
