//! The one question pushboat asks: yes or no.

use dialoguer::Confirm;
use dialoguer::console::Term;

use super::safe;
use super::terminal::Ui;
use crate::error::{Error, Reason, Result};

/// Asks `question` and returns the answer; no answer is a no.
///
/// Where nobody can answer, nothing is asked: the error names `flag`, which answers yes beforehand.
pub fn confirm(ui: &Ui, question: &str, flag: &str) -> Result<bool> {
    let options = ui.options();
    if !options.stdin_is_terminal || !options.stderr_is_terminal {
        return Err(
            Error::usage(format!("cannot ask without a terminal: {question}"))
                .hint(format!("add `{flag}` to go on without being asked")),
        );
    }
    Confirm::new()
        .with_prompt(safe::text(question))
        .default(false)
        .interact_on_opt(&Term::stderr())
        .map(|answer| answer.unwrap_or(false))
        .map_err(|dialoguer::Error::IO(error)| match error.kind() {
            std::io::ErrorKind::Interrupted => {
                Error::new(Reason::Interrupted, "interrupted while asking")
            }
            _ => Error::io(format!("failed to read the answer: {error}")),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;
    use crate::ui::terminal::tests::piped;

    #[test]
    fn without_a_terminal_the_error_names_the_flag() {
        let (ui, ..) = piped(|_| ());
        let error = confirm(&ui, "sync 3 apps?", "--yes").expect_err("nobody can answer");
        assert_eq!(error.exit(), Exit::Unanswered);
        assert!(error.report().contains("`--yes`"));
    }
}
