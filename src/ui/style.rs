//! Which meaning has which colour, and what the screen is like. Everything else names meanings only.

use std::str::FromStr;

use jiff::Timestamp;

use crate::error::Error;

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Label {
    Plain,
    /// A title or a name that a reader looks for.
    Heading,
    Good,
    Bad,
    /// Worth a look, or still moving.
    Attention,
    Added,
    Removed,
    Changed,
    /// Said in passing.
    Dim,
}

impl Label {
    /// The one table from meanings to terminal colours.
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Heading => Some("1"),
            Self::Good | Self::Added => Some("32"),
            Self::Bad | Self::Removed => Some("31"),
            Self::Attention | Self::Changed => Some("33"),
            Self::Dim => Some("2"),
        }
    }
}

/// What `--color` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    /// Whether a stream is coloured. `always` said by hand outranks `NO_COLOR`.
    pub fn applies(self, is_terminal: bool, no_color: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => is_terminal && !no_color,
        }
    }
}

impl FromStr for Color {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "auto" => Ok(Self::Auto),
            "always" => Ok(Self::Always),
            "never" => Ok(Self::Never),
            other => Err(Error::usage(format!("unknown colour mode `{other}`"))
                .hint("use one of `auto`, `always`, `never`")),
        }
    }
}

/// What text is written for: its colours, its width and the time that ages count from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    pub color: bool,
    /// In columns; 0 is without limit.
    pub width: usize,
    pub now: Timestamp,
}

impl Screen {
    /// No colour and no limit.
    pub fn plain(now: Timestamp) -> Self {
        Self {
            color: false,
            width: 0,
            now,
        }
    }

    /// `text` in the colour of its meaning.
    pub fn paint(&self, label: Label, text: &str) -> String {
        match label.code() {
            Some(code) if self.color && !text.is_empty() => {
                format!("\u{1b}[{code}m{text}\u{1b}[0m")
            }
            _ => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_needs_a_terminal_unless_asked_for() {
        assert!(Color::Auto.applies(true, false));
        assert!(!Color::Auto.applies(false, false));
        assert!(!Color::Auto.applies(true, true));
        assert!(Color::Always.applies(false, true));
        assert!(!Color::Never.applies(true, false));
    }

    #[test]
    fn paints_only_on_a_coloured_screen() {
        let mut screen = Screen::plain(Timestamp::UNIX_EPOCH);
        assert_eq!(screen.paint(Label::Bad, "x"), "x");
        screen.color = true;
        assert_eq!(screen.paint(Label::Bad, "x"), "\u{1b}[31mx\u{1b}[0m");
        assert_eq!(screen.paint(Label::Plain, "x"), "x");
    }
}
