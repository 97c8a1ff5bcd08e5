//! Questions to the person at the terminal: yes or no, or a name that must be typed.
//!
//! What is asked, and whether asking is needed at all, is the caller's.

use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Instant;

use dialoguer::console::Term;

use super::safe;
use super::terminal::Ui;
use crate::error::{During, Error, Reason, Result};

/// What counts as an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// `y` or `yes`; everything else is a no.
    Yes,
    /// This name, typed whole.
    Name(String),
}

/// One question, and the flag that answers it beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub text: String,
    pub answer: Answer,
    pub flag: String,
}

impl Question {
    /// A question that `--yes` answers too.
    pub fn yes_or_no(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            answer: Answer::Yes,
            flag: "--yes".to_owned(),
        }
    }
}

/// Asks and waits for a whole line; an empty one is a no.
///
/// Where nobody can answer, nothing is asked: the error names the flag that answers beforehand.
pub fn ask(ui: &Ui, question: &Question) -> Result<bool> {
    if let Some(why) = unanswerable(ui) {
        let message = format!("cannot ask {why}: {}", question.text);
        let hint = format!("add `{}` to go on without being asked", question.flag);
        return Err(Error::usage(message).hint(hint));
    }
    // What was typed before the question was there does not answer it.
    let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
    let hint = match &question.answer {
        Answer::Yes => " [y/N] ",
        Answer::Name(_) => ": ",
    };
    ui.prompt(&format!("{}{hint}", safe::text(&question.text)));
    let line = read_line(ui.options().answer_by)?;
    Ok(question.answer.is_given_by(&line))
}

impl Answer {
    fn is_given_by(&self, line: &str) -> bool {
        let line = line.trim();
        match self {
            Self::Yes => ["y", "yes"]
                .iter()
                .any(|yes| line.eq_ignore_ascii_case(yes)),
            Self::Name(name) => line == name,
        }
    }
}

/// Whether a question can be answered.
pub fn can_ask(ui: &Ui) -> bool {
    unanswerable(ui).is_none()
}

fn unanswerable(ui: &Ui) -> Option<&'static str> {
    let options = ui.options();
    if options.in_ci {
        Some("where `CI` is set")
    } else if !options.stdin_is_terminal || !options.stderr_is_terminal {
        Some("without a terminal")
    } else {
        None
    }
}

/// Reads on a thread of its own, which nothing can wake up: it ends with the process when nobody answers in time.
fn read_line(until: Option<Instant>) -> Result<String> {
    let (sender, answer) = mpsc::channel();
    std::thread::spawn(move || {
        let _ = sender.send(Term::stderr().read_line());
    });
    let answer = match until {
        None => answer.recv().map_err(|_| RecvTimeoutError::Disconnected),
        Some(until) => answer.recv_timeout(until.saturating_duration_since(Instant::now())),
    };
    match answer {
        Ok(read) => read.map_err(|error| Error::io(format!("failed to read the answer: {error}"))),
        Err(RecvTimeoutError::Timeout) => Err(Error::new(
            Reason::Timeout,
            "nobody answered within `--timeout`, and nothing was changed",
        )
        .during(During::Read)),
        Err(RecvTimeoutError::Disconnected) => {
            Err(Error::internal("a bug in pushboat stopped the question"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;
    use crate::ui::terminal::Options;
    use crate::ui::terminal::tests::piped;

    fn check(change: impl FnOnce(&mut Options), why: &str) {
        let (ui, ..) = piped(change);
        let question = Question::yes_or_no("sync 3 apps?");
        let error = ask(&ui, &question).expect_err("nobody can answer");
        assert_eq!(error.exit(), Exit::Unanswered);
        let report = error.report();
        assert!(
            report.contains("`--yes`") && report.contains(why),
            "{report}"
        );
    }

    #[test]
    fn where_nobody_can_answer_the_error_names_the_flag() {
        check(|_| (), "without a terminal");
        let watched = |options: &mut Options| {
            options.stdin_is_terminal = true;
            options.stderr_is_terminal = true;
            options.in_ci = true;
        };
        check(watched, "where `CI` is set");
    }

    #[test]
    fn only_a_whole_line_that_says_so_is_a_yes() {
        for line in ["y\n", "Y\n", " yes \n", "YES"] {
            assert!(Answer::Yes.is_given_by(line), "{line:?}");
        }
        for line in ["", "\n", "n\n", "yy\n", "y y\n", "no\n", "yesterday\n"] {
            assert!(!Answer::Yes.is_given_by(line), "{line:?}");
        }
        let name = Answer::Name("prod".to_owned());
        assert!(name.is_given_by("prod\n"));
        for line in ["y\n", "yes\n", "prod-eu\n", "PROD\n", "\n"] {
            assert!(!name.is_given_by(line), "{line:?}");
        }
    }
}
