//! The one terminal: data on stdout; status, hints and warnings on stderr.
//!
//! Data is buffered and written at the end or when much has come together. A reader of stdout that has gone away ends
//! the output quietly and changes nothing else: a sync goes on, and the exit code stays what the command says.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use jiff::Timestamp;

use super::safe;
use super::style::{Color, Label, Screen};
use crate::error::{Error, Result};

/// Above this much waiting data is handed on, so that a large document does not pile up in memory.
const FLUSH_BYTES: usize = 64 * 1024;

/// What is known about the terminal, found out by the caller.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    pub color: Color,
    /// `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// Silences status and hints; warnings and errors stay.
    pub quiet: bool,
    pub stdout_is_terminal: bool,
    pub stderr_is_terminal: bool,
    /// Whether a question can be answered.
    pub stdin_is_terminal: bool,
    /// `CI` says that nobody watches, whatever kind of terminal there is.
    pub in_ci: bool,
    /// A question that is not answered by then is not answered.
    pub answer_by: Option<Instant>,
    /// Columns of the terminal; 0 when unknown.
    pub width: usize,
    pub now: Timestamp,
}

impl Options {
    /// As in a pipe: no terminal, no colour, no width.
    pub fn piped(now: Timestamp) -> Self {
        Self {
            color: Color::Auto,
            no_color: false,
            quiet: false,
            stdout_is_terminal: false,
            stderr_is_terminal: false,
            stdin_is_terminal: false,
            in_ci: false,
            answer_by: None,
            width: 0,
            now,
        }
    }
}

/// A handle on the terminal. Clones write to the same streams.
#[derive(Clone)]
pub struct Ui {
    options: Options,
    streams: Arc<Mutex<Streams>>,
}

struct Streams {
    stdout: Box<dyn Write + Send>,
    stderr: Box<dyn Write + Send>,
    waiting: Vec<u8>,
    failure: Option<io::Error>,
    warned: BTreeSet<String>,
    /// Runs a write to stderr with the progress lines out of the way.
    around: Option<Around>,
}

/// Hides progress lines, runs the write, shows them again.
pub type Around = Arc<dyn Fn(&mut dyn FnMut()) + Send + Sync>;

impl Ui {
    pub fn new(
        stdout: Box<dyn Write + Send>,
        stderr: Box<dyn Write + Send>,
        options: Options,
    ) -> Self {
        Self {
            options,
            streams: Arc::new(Mutex::new(Streams {
                stdout,
                stderr,
                waiting: Vec::new(),
                failure: None,
                warned: BTreeSet::new(),
                around: None,
            })),
        }
    }

    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What text on stdout is written for.
    pub fn screen(&self) -> Screen {
        self.screen_on(self.options.stdout_is_terminal)
    }

    /// What text on stderr is written for.
    pub fn err_screen(&self) -> Screen {
        self.screen_on(self.options.stderr_is_terminal)
    }

    fn screen_on(&self, is_terminal: bool) -> Screen {
        let Options { color, width, .. } = self.options;
        Screen {
            color: color.applies(is_terminal, self.options.no_color),
            width: if is_terminal { width } else { 0 },
            now: self.options.now,
        }
    }

    /// Part of the answer, byte for byte: documents and rendered manifests.
    pub fn data(&self, text: &str) {
        let mut streams = self.lock();
        streams.waiting.extend_from_slice(text.as_bytes());
        if streams.waiting.len() >= FLUSH_BYTES {
            streams.flush();
        }
    }

    /// Part of the answer that people read: CI commands inside it are broken.
    pub fn text(&self, text: &str) {
        self.data(&safe::lines(text));
    }

    /// What is going on. Silent with `--quiet`.
    pub fn status(&self, text: &str) {
        if !self.options.quiet {
            self.err_lines(text, Label::Plain, "");
        }
    }

    /// What tells status lines from where no terminal is known.
    pub fn teller(&self) -> impl Fn(&str) + Send + Sync + 'static {
        let ui = self.clone();
        move |text| ui.status(text)
    }

    /// A status line of ours whose parts are safe already and may be coloured.
    pub(super) fn status_painted(&self, line: &str) {
        if !self.options.quiet {
            self.err_block(&format!("{line}\n"));
        }
    }

    /// What is about to be asked about: the question makes no sense without it, so it is never silent.
    pub fn plan(&self, text: &str) {
        self.err_block(&safe::lines(text));
    }

    /// A question, at whose end the answer is typed.
    pub(super) fn prompt(&self, text: &str) {
        self.err_block(text);
    }

    /// What to do next. Silent with `--quiet`.
    pub fn hint(&self, text: &str) {
        if !self.options.quiet {
            self.err_lines(text, Label::Heading, "hint: ");
        }
    }

    /// Never silent, each text once.
    pub fn warn(&self, text: &str) {
        if self.lock().warned.insert(text.to_owned()) {
            self.err_lines(text, Label::Attention, "warning: ");
        }
    }

    /// A failure with its causes and hints.
    pub fn error(&self, error: &Error) {
        let report = error.report();
        let text = report.strip_prefix("error: ").unwrap_or(&report);
        self.err_lines(text, Label::Bad, "error: ");
    }

    /// Hands everything on. `Err` only when stdout could not take it for another reason than a reader that went away.
    pub fn finish(&self) -> Result<()> {
        let mut streams = self.lock();
        streams.flush();
        let _ = streams.stderr.flush();
        match streams.failure.take() {
            None => Ok(()),
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Some(error) => Err(Error::io(format!("failed to write to stdout: {error}"))),
        }
    }

    pub(super) fn set_around(&self, around: Option<Around>) {
        self.lock().around = around;
    }

    /// Each line of `text` on stderr, made safe; `head` before the first one.
    fn err_lines(&self, text: &str, label: Label, head: &str) {
        let screen = self.err_screen();
        let mut block = screen.paint(label, head);
        for (n, line) in text.trim_end_matches('\n').split('\n').enumerate() {
            if n > 0 {
                block.push('\n');
            }
            block.push_str(&safe::text(line));
        }
        block.push('\n');
        self.err_block(&block);
    }

    fn err_block(&self, block: &str) {
        let around = self.lock().around.clone();
        let mut write = || self.lock().write_err(block);
        match around {
            Some(around) => around(&mut write),
            None => write(),
        }
    }

    /// A panic in another thread while it wrote leaves nothing half-done that matters here.
    fn lock(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Streams {
    fn flush(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        if self.failure.is_some() {
            return;
        }
        let written = self.stdout.write_all(&waiting);
        if let Err(error) = written.and_then(|()| self.stdout.flush()) {
            self.failure = Some(error);
        }
    }

    /// Nobody can be told that stderr is closed.
    fn write_err(&mut self, block: &str) {
        let _ = self.stderr.write_all(block.as_bytes());
        let _ = self.stderr.flush();
    }
}

impl Drop for Streams {
    fn drop(&mut self) {
        self.flush();
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A stream that a test can read afterwards.
    #[derive(Clone, Default)]
    pub struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Buffer {
        pub fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("no test panics while writing").clone())
                .expect("we write UTF-8")
        }
    }

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0
                .lock()
                .expect("no test panics while writing")
                .extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Failing(io::ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    /// A piped terminal and what it printed: stdout, stderr.
    pub fn piped(change: impl FnOnce(&mut Options)) -> (Ui, Buffer, Buffer) {
        let (stdout, stderr) = (Buffer::default(), Buffer::default());
        let mut options = Options::piped(Timestamp::UNIX_EPOCH);
        change(&mut options);
        let ui = Ui::new(Box::new(stdout.clone()), Box::new(stderr.clone()), options);
        (ui, stdout, stderr)
    }

    #[test]
    fn the_answer_and_the_conversation_take_different_streams() {
        let (ui, stdout, stderr) = piped(|_| ());
        ui.data("answer\n");
        ui.status("working");
        ui.hint("try `x`");
        ui.finish().expect("buffers take everything");
        assert_eq!(stdout.text(), "answer\n");
        assert_eq!(stderr.text(), "working\nhint: try `x`\n");
    }

    #[test]
    fn quiet_silences_status_and_hints_but_no_warning() {
        let (ui, _, stderr) = piped(|options| options.quiet = true);
        ui.status("working");
        ui.hint("try");
        ui.warn("odd");
        ui.error(&Error::usage("no such app").hint("list them"));
        assert_eq!(
            stderr.text(),
            "warning: odd\nerror: no such app\nhint: list them\n"
        );
    }

    #[test]
    fn a_warning_is_said_once() {
        let (ui, _, stderr) = piped(|_| ());
        ui.warn("odd");
        ui.clone().warn("odd");
        assert_eq!(stderr.text(), "warning: odd\n");
    }

    #[test]
    fn outside_text_on_stderr_cannot_command_a_terminal_or_a_runner() {
        let (ui, _, stderr) = piped(|_| ());
        ui.status("::error::x\n\u{1b}[2J");
        assert_eq!(stderr.text(), "\\x3a:error::x\n\\x1b[2J\n");
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let gone = || Box::new(Failing(io::ErrorKind::BrokenPipe));
        let ui = Ui::new(gone(), gone(), Options::piped(Timestamp::UNIX_EPOCH));
        ui.data("answer");
        ui.status("working");
        ui.finish().expect("a closed pipe ends quietly");
    }

    #[test]
    fn a_full_disk_is_a_failure() {
        let full = || Box::new(Failing(io::ErrorKind::StorageFull));
        let ui = Ui::new(full(), full(), Options::piped(Timestamp::UNIX_EPOCH));
        ui.data("answer");
        assert!(ui.finish().is_err());
    }

    #[test]
    fn colour_on_a_pipe_needs_to_be_asked_for() {
        let (ui, ..) = piped(|_| ());
        assert!(!ui.screen().color);
        let (ui, ..) = piped(|options| options.color = Color::Always);
        assert!(ui.screen().color);
    }
}
