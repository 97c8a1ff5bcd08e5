//! The one error type of the library: what failed, why by a fixed list of reasons, and what to do next.
//!
//! A module that branches on a failure has an enum of its own; what reaches the user is always an [`Error`].
//! It prints nothing and knows no terminal: [`Error::report`] gives the lines, the edge prints them.

use std::fmt;

use crate::exit::Exit;

/// Result of everything in the library that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something failed, as scripts read it in `-o json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    Usage,
    Config,
    Render,
    Unreachable,
    Unauthorized,
    Forbidden,
    WrongCluster,
    Discovery,
    PartialList,
    Conflict,
    Invalid,
    Immutable,
    TooLarge,
    Quota,
    Webhook,
    Terminating,
    Timeout,
    Unhealthy,
    Guard,
    Locked,
    LockLost,
    Interrupted,
    Io,
    Internal,
}

impl Reason {
    /// The word that stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Config => "config",
            Self::Render => "render",
            Self::Unreachable => "unreachable",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::WrongCluster => "wrong-cluster",
            Self::Discovery => "discovery",
            Self::PartialList => "partial-list",
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
            Self::Immutable => "immutable",
            Self::TooLarge => "too-large",
            Self::Quota => "quota",
            Self::Webhook => "webhook",
            Self::Terminating => "terminating",
            Self::Timeout => "timeout",
            Self::Unhealthy => "unhealthy",
            Self::Guard => "guard",
            Self::Locked => "locked",
            Self::LockLost => "lock-lost",
            Self::Interrupted => "interrupted",
            Self::Io => "io",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What was being done when it failed. A forbidden or late *read* leaves a question open, the same on a *write* is a no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum During {
    #[default]
    Read,
    Write,
}

/// Where in the repository the cause stands. Lines and columns count from 1; 0 is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    /// Path relative to the repository root, `/`-separated.
    pub file: String,
    pub line: u32,
    pub column: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if self.column > 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        Ok(())
    }
}

/// A failure on its way to the user.
///
/// The message says what failed on what, in lower case and without a full stop; causes go from the outermost in.
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    reason: Reason,
    during: During,
    /// Outermost first.
    messages: Vec<String>,
    hints: Vec<String>,
    location: Option<Location>,
    is_unsupported: bool,
}

impl Error {
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            reason,
            during: During::Read,
            messages: vec![message.into()],
            hints: Vec::new(),
            location: None,
            is_unsupported: false,
        }))
    }

    /// Marks what pushboat does not do yet: no change of the input but leaving it out would help.
    #[must_use]
    pub fn unsupported(mut self) -> Self {
        self.0.is_unsupported = true;
        self
    }

    pub fn is_unsupported(&self) -> bool {
        self.0.is_unsupported
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Reason::Usage, message)
    }

    pub fn config(message: impl Into<String>) -> Self {
        Self::new(Reason::Config, message)
    }

    pub fn render(message: impl Into<String>) -> Self {
        Self::new(Reason::Render, message)
    }

    pub fn io(message: impl Into<String>) -> Self {
        Self::new(Reason::Io, message)
    }

    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Reason::Internal, message)
    }

    /// Adds what was being attempted, outside the causes known so far.
    #[must_use]
    pub fn context(mut self, message: impl Into<String>) -> Self {
        self.0.messages.insert(0, message.into());
        self
    }

    /// Adds the next step that would help: one sentence, with the command where there is one.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hints.push(hint.into());
        self
    }

    /// Says where in the repository the cause stands, unless an inner step already said it more exactly.
    #[must_use]
    pub fn at(mut self, file: impl Into<String>, line: u32, column: u32) -> Self {
        if self.0.location.is_none() {
            self.0.location = Some(Location {
                file: file.into(),
                line,
                column,
            });
        }
        self
    }

    /// Replaces the place, where an outer step knows a better one.
    #[must_use]
    pub fn moved(mut self, to: Location) -> Self {
        self.0.location = Some(to);
        self
    }

    #[must_use]
    pub fn during(mut self, during: During) -> Self {
        self.0.during = during;
        self
    }

    /// Replaces the reason, where an outer step knows better what the failure means.
    #[must_use]
    pub fn because(mut self, reason: Reason) -> Self {
        self.0.reason = reason;
        self
    }

    /// The same with every message and hint rewritten: how secrets are taken out.
    #[must_use]
    pub fn map_texts(mut self, rewrite: impl Fn(&str) -> String) -> Self {
        for text in self.0.messages.iter_mut().chain(&mut self.0.hints) {
            *text = rewrite(text);
        }
        self
    }

    pub fn reason(&self) -> Reason {
        self.0.reason
    }

    pub fn location(&self) -> Option<&Location> {
        self.0.location.as_ref()
    }

    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }

    /// All messages on one line, outermost first.
    pub fn message(&self) -> String {
        self.0.messages.join(": ")
    }

    /// The exit code this failure leads to by itself (the list in `docs/exit-codes.md`).
    pub fn exit(&self) -> Exit {
        use Reason as R;
        match (self.0.reason, self.0.during) {
            (R::Interrupted, _) => Exit::Interrupted,
            (
                R::Usage
                | R::Config
                | R::Render
                | R::Unreachable
                | R::Unauthorized
                | R::WrongCluster
                | R::Discovery
                | R::PartialList
                | R::Io
                | R::Internal,
                _,
            )
            | (R::Forbidden | R::Timeout, During::Read) => Exit::Unanswered,
            (
                R::Forbidden
                | R::Timeout
                | R::Conflict
                | R::Invalid
                | R::Immutable
                | R::TooLarge
                | R::Quota
                | R::Webhook
                | R::Terminating
                | R::Unhealthy
                | R::Guard
                | R::Locked
                | R::LockLost,
                _,
            ) => Exit::No,
        }
    }

    /// The lines a person reads: the error, its causes, its place, its hints.
    pub fn report(&self) -> String {
        let mut text = String::from("error: ");
        if let Some(location) = &self.0.location {
            text.push_str(&format!("{location}: "));
        }
        for (n, message) in self.0.messages.iter().enumerate() {
            if n > 0 {
                text.push_str("\n  caused by: ");
            }
            text.push_str(message);
        }
        for hint in &self.0.hints {
            text.push_str("\nhint: ");
            text.push_str(hint);
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.0.location {
            write!(f, "{location}: ")?;
        }
        f.write_str(&self.message())
    }
}

impl std::error::Error for Error {}

/// Adds context to any result of the library.
pub trait ResultExt<T> {
    fn context(self, message: impl FnOnce() -> String) -> Result<T>;
    fn hint(self, hint: impl FnOnce() -> String) -> Result<T>;
}

impl<T> ResultExt<T> for Result<T> {
    fn context(self, message: impl FnOnce() -> String) -> Self {
        self.map_err(|error| error.context(message()))
    }

    fn hint(self, hint: impl FnOnce() -> String) -> Self {
        self.map_err(|error| error.hint(hint()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_place_causes_and_hints() {
        let error = Error::config("no context `prod-eu`")
            .at("clusters/eu/cluster.yaml", 3, 5)
            .context("failed to connect to cluster `eu`")
            .hint("pick one of `prod-us`, `staging`");
        assert_eq!(
            error.report(),
            "error: clusters/eu/cluster.yaml:3:5: failed to connect to cluster `eu`\n  \
             caused by: no context `prod-eu`\n\
             hint: pick one of `prod-us`, `staging`"
        );
    }

    #[test]
    fn a_forbidden_write_is_a_no_and_a_forbidden_read_leaves_the_question_open() {
        let error = Error::new(Reason::Forbidden, "may not");
        assert_eq!(error.exit(), Exit::Unanswered);
        assert_eq!(error.during(During::Write).exit(), Exit::No);
    }
}
