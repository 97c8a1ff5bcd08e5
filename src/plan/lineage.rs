//! How what is about to be deployed stands to what was deployed before: forward, back, or nobody knows.

use crate::error::{Error, Reason};
use crate::object::Lineage;
use crate::object::display::display;

/// Whether an older commit may replace a newer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Older {
    /// Nobody said so.
    Refused,
    /// `--allow-older`, or a rollback, which is meant to go back.
    Allowed,
}

/// What becomes of a deployment.
#[derive(Debug, Clone)]
pub enum Course {
    Go,
    /// Go, and say this.
    Warn(String),
    Stop(Error),
}

/// Decides by the commit that was deployed last and the one to come.
pub fn course(deployed: &str, next: &str, lineage: &Lineage, older: Older) -> Course {
    let (deployed, next) = (display(short(deployed)), display(short(next)));
    match (lineage, older) {
        (_, Older::Allowed) | (Lineage::Same | Lineage::Newer, _) => Course::Go,
        (Lineage::Older, Older::Refused) => {
            let message = format!(
                "commit {deployed} is deployed, which contains {next}: this would go back to an older commit"
            );
            let error = Error::new(Reason::Guard, message)
                .hint("another run may have been faster: `git pull`, then sync again")
                .hint("go back with `pushboat app rollback` or `git revert`, or deploy the older commit on purpose with `--allow-older`");
            Course::Stop(error)
        }
        (Lineage::Apart, Older::Refused) => Course::Warn(format!(
            "commit {deployed} is deployed, and {next} does not contain it: what was deployed may be lost"
        )),
        (Lineage::Unknown(why), Older::Refused) => Course::Warn(format!(
            "whether {next} is newer than the deployed {deployed} is not known: {why}"
        )),
    }
}

fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_older_commit_that_nobody_allowed_stops() {
        let unknown = || Lineage::Unknown("this is a shallow clone".to_owned());
        for (lineage, older, expected) in [
            (Lineage::Same, Older::Refused, "go"),
            (Lineage::Newer, Older::Refused, "go"),
            (Lineage::Older, Older::Refused, "stop"),
            (Lineage::Older, Older::Allowed, "go"),
            (Lineage::Apart, Older::Refused, "warn"),
            (Lineage::Apart, Older::Allowed, "go"),
            (unknown(), Older::Refused, "warn"),
            (unknown(), Older::Allowed, "go"),
        ] {
            let course = course(&"a".repeat(40), &"b".repeat(40), &lineage, older);
            let (word, text) = match course {
                Course::Go => ("go", "aaaaaaa bbbbbbb".to_owned()),
                Course::Warn(text) => ("warn", text),
                Course::Stop(error) => {
                    assert_eq!(error.reason(), Reason::Guard);
                    ("stop", error.report())
                }
            };
            assert_eq!(word, expected, "{lineage:?} {older:?}");
            assert!(
                text.contains("aaaaaaa") && text.contains("bbbbbbb"),
                "{text}"
            );
        }
    }
}
