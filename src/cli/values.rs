//! What no argument may be: empty, or not UTF-8 text.
//!
//! In a pipeline both come from a variable that was mistyped or never set. Taken for "not given", an empty `--cluster` would mean
//! every cluster, and an empty `--as` the administrator. What a value means is not looked at here.

use std::ffi::{OsStr, OsString};

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

/// Refuses arguments that are no text.
pub(super) fn check_text(command: &mut Command, arguments: &[OsString]) -> Result<(), clap::Error> {
    match arguments
        .iter()
        .find(|argument| argument.to_str().is_none())
    {
        Some(argument) => Err(command.error(
            ErrorKind::InvalidUtf8,
            format!(
                "the argument `{}` is not UTF-8 text",
                argument.to_string_lossy().escape_debug()
            ),
        )),
        None => Ok(()),
    }
}

/// Refuses a value on the command line that is empty or only blanks.
pub(super) fn check_given(command: &mut Command, matches: &ArgMatches) -> Result<(), clap::Error> {
    let arguments = command.get_arguments();
    let empty = arguments.filter(|argument| {
        let id = argument.get_id().as_str();
        let is_given = matches.value_source(id) == Some(ValueSource::CommandLine);
        is_given && has_blank(matches, id)
    });
    let names: Vec<String> = empty.map(ToString::to_string).collect();
    if let Some(name) = names.first() {
        let message = format!("an empty value was given for `{name}`");
        return Err(command.error(ErrorKind::InvalidValue, message));
    }
    match matches.subcommand() {
        Some((name, matches)) => match command.find_subcommand_mut(name) {
            Some(command) => check_given(command, matches),
            None => Ok(()),
        },
        None => Ok(()),
    }
}

fn has_blank(matches: &ArgMatches, id: &str) -> bool {
    let is_blank = |value: &OsStr| value.to_string_lossy().trim().is_empty();
    matches
        .try_get_raw(id)
        .ok()
        .flatten()
        .is_some_and(|mut values| values.any(is_blank))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

    fn check(arguments: &[&str], expected: &str) {
        let arguments = [&["pushboat"], arguments].concat();
        let matches = crate::cli::matches(arguments.iter().map(OsString::from).collect());
        let told = matches
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(
            told.contains(expected) && told.is_empty() == expected.is_empty(),
            "{arguments:?}: {told}"
        );
    }

    #[test]
    fn no_value_may_be_empty() {
        check(&["app", "list", "--cluster", "one"], "");
        check(&["app", "sync", "web", "--yes", "--cascade"][..4], "");
        for (arguments, name) in [
            (&["app", "list", "--cluster", ""][..], "--cluster"),
            (&["--cluster=", "app", "list"], "--cluster"),
            (
                &["app", "list", "--cluster", "a", "--cluster", ""],
                "--cluster",
            ),
            (&["app", "sync", "web", "--as", ""], "--as"),
            (
                &["app", "sync", "web", "--as", "a", "--as-group", ""],
                "--as-group",
            ),
            (&["app", "sync", "web", "--context", " "], "--context"),
            (&["app", "sync", "-l", " "], "--selector"),
            (&["app", "sync", "--project", ""], "--project"),
            (&["app", "diff", "web", "--revision", ""], "--revision"),
            (&["app", "list", "--repo", ""], "--repo"),
            (&["app", "list", "--kubeconfig", "\t"], "--kubeconfig"),
            (&["app", "list", "--clusters-from", ""], "--clusters-from"),
            (
                &["app", "sync", "web", "--confirm-prune", ""],
                "--confirm-prune",
            ),
            (
                &["app", "delete", "web", "--confirm-prune", ""],
                "--confirm-prune",
            ),
            (&["app", "sync", ""], "[APP]"),
            (&["app", "rollback", " "], "<APP>"),
            (
                &["cluster", "add", "kind", "--namespace", ""],
                "--namespace",
            ),
            (&["cluster", "get", ""], "<NAME>"),
        ] {
            check(arguments, name);
        }
    }

    #[test]
    fn no_argument_may_be_other_than_text() {
        let mut command = crate::cli::command();
        let odd = OsString::from_vec(b"--cluster=a\xff".to_vec());
        let error = check_text(&mut command, &["pushboat".into(), odd]).expect_err("no text");
        assert!(error.to_string().contains("is not UTF-8 text"), "{error}");
    }
}
