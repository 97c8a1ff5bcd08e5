//! Keeps outside text from being read as a command: by a terminal, or by the CI system that reads our output.
//!
//! Terminal escapes are [`crate::object::display`]'s; here are the sequences that CI runners obey in a job's log. The first
//! character of such a sequence is written as an escape (`\x23#vso[`), so that a reader still sees what was there.

use std::borrow::Cow;

use crate::object::display::display;

/// Words that a runner obeys wherever they stand in a line.
const ANYWHERE: [&str; 3] = ["section_start:", "section_end:", "travis_fold:"];

/// One piece of outside text that may stand anywhere in a line: no control characters, no line ends, no CI command.
pub fn text(text: &str) -> Cow<'_, str> {
    match display(text) {
        Cow::Borrowed(safe) => defuse(safe),
        Cow::Owned(safe) => Cow::Owned(defuse(&safe).into_owned()),
    }
}

/// Whole output of ours, with colours and several lines: breaks CI commands, leaves the rest as it is.
pub fn lines(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        safe.push_str(&defuse(line));
    }
    safe
}

/// Breaks the CI commands in one line.
///
/// GitHub reads `::name::` at the start of a line after blanks, and `##[name]` anywhere; Azure `##vso[`, TeamCity
/// `##teamcity[`, GitLab `section_start:` and Travis `travis_fold:` anywhere.
fn defuse(line: &str) -> Cow<'_, str> {
    let start = text_start(line);
    if !line[start..].starts_with("::") && !line.contains("##") && !holds_word(line) {
        return Cow::Borrowed(line);
    }
    let mut safe = String::with_capacity(line.len() + 8);
    for (at, c) in line.char_indices() {
        if is_command(line, at, start) {
            safe.push_str(&format!("\\x{:02x}", c as u32));
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

fn holds_word(line: &str) -> bool {
    ANYWHERE.iter().any(|word| line.contains(word))
}

/// Whether a command starts at byte `at`; `start` is where the line's text begins.
pub(crate) fn is_command(line: &str, at: usize, start: usize) -> bool {
    let rest = &line[at..];
    if at == start && rest.starts_with("::") {
        return true;
    }
    if let Some(rest) = rest.strip_prefix("##") {
        let name = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
        return name.starts_with('[');
    }
    ANYWHERE.iter().any(|word| rest.starts_with(word))
}

/// Where the first character stands that is neither a blank nor part of a colour code.
fn text_start(line: &str) -> usize {
    let mut rest = line;
    loop {
        let trimmed = rest.trim_start();
        let Some(code) = trimmed.strip_prefix("\u{1b}[") else {
            return line.len() - trimmed.len();
        };
        rest = code.find('m').map_or("", |end| &code[end + 1..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        assert_eq!(lines(input), expected);
    }

    #[test]
    fn breaks_a_github_command_at_the_start_of_a_line_only() {
        check(
            "::error::x\n  ::warning::y\n",
            "\\x3a:error::x\n  \\x3a:warning::y\n",
        );
        check("a ::error:: b", "a ::error:: b");
        check("[::1]:443", "[::1]:443");
    }

    #[test]
    fn breaks_a_command_behind_a_colour() {
        check("\u{1b}[31m::error::x", "\u{1b}[31m\\x3a:error::x");
    }

    #[test]
    fn breaks_commands_that_work_anywhere() {
        check("a ##vso[task.x]", "a \\x23#vso[task.x]");
        check("a ##[group]", "a \\x23#[group]");
        check("a ##teamcity[x]", "a \\x23#teamcity[x]");
        check("a section_start:1:x", "a \\x73ection_start:1:x");
        check("## heading [x]", "## heading [x]");
    }

    #[test]
    fn a_piece_of_text_has_no_control_characters_and_no_commands() {
        assert_eq!(text("::a\n\u{1b}[0m"), "\\x3a:a\\n\\x1b[0m");
    }
}
