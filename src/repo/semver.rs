//! Versions and version constraints as Argo CD reads them in a `targetRevision`. Pure.
//!
//! What parses as a version is a pin, never a constraint: `v1.2.3`, `1.2`, even `1` are looked up literally.

use std::cmp::Ordering;

/// A version, read leniently: a leading `v`, and one to three numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    numbers: [u64; 3],
    /// Dot-separated; empty for a release.
    pre: String,
}

impl Version {
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let text = text.split('+').next().unwrap_or_default();
        let (numbers, pre) = match text.split_once('-') {
            Some((numbers, pre)) if !pre.is_empty() => (numbers, pre),
            Some(_) => return None,
            None => (text, ""),
        };
        let is_pre = pre
            .split('.')
            .all(|part| part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        let parts: Vec<&str> = numbers.split('.').collect();
        if parts.len() > 3 || !is_pre {
            return None;
        }
        let mut version = Self {
            numbers: [0; 3],
            pre: pre.to_owned(),
        };
        for (n, part) in parts.iter().enumerate() {
            let is_number = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            version.numbers[n] = is_number.then(|| part.parse().ok())??;
        }
        Some(version)
    }

    pub fn is_prerelease(&self) -> bool {
        !self.pre.is_empty()
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| {
            match (self.pre.is_empty(), other.pre.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_pre(&self.pre, &other.pre),
            }
        })
    }
}

fn compare_pre(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(x), Some(y)) => match (x.parse::<u64>(), y.parse::<u64>()) {
                (Ok(x), Ok(y)) => x.cmp(&y),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => x.cmp(y),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// `1.x`, `1.2.*`, `>=1.2 <2`, `~1.4`, `^1.2`, `1.2 - 1.4`, `*`, with `||` between alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    alternatives: Vec<Vec<Bound>>,
    has_pre: bool,
}

/// One comparison, with the versions it stands for unfolded: from (inclusive), to (exclusive).
#[derive(Debug, Clone, PartialEq, Eq)]
enum Bound {
    Range(Option<Version>, Option<Version>),
    AtMost(Version),
    Above(Version),
    Exactly(Version),
    Not(Box<Self>),
}

impl Constraint {
    /// `None` for what is a version, and for what is no constraint.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() || Version::parse(text).is_some() {
            return None;
        }
        let alternatives = text
            .split("||")
            .map(all_of)
            .collect::<Option<Vec<Vec<Bound>>>>()?;
        // A hyphen between letters is a pre-release; between spaces it is a range.
        let has_pre = text.split([' ', ',', '|']).any(|word| {
            Version::parse(word.trim_start_matches(['=', '!', '>', '<', '~', '^']))
                .is_some_and(|version| !version.pre.is_empty())
        });
        Some(Self {
            alternatives,
            has_pre,
        })
    }

    pub fn matches(&self, version: &Version) -> bool {
        (version.pre.is_empty() || self.has_pre)
            && self
                .alternatives
                .iter()
                .any(|bounds| bounds.iter().all(|bound| bound.holds(version)))
    }
}

impl Bound {
    fn holds(&self, version: &Version) -> bool {
        match self {
            Self::Range(from, to) => {
                from.as_ref().is_none_or(|from| from <= version)
                    && to.as_ref().is_none_or(|to| version < to)
            }
            Self::AtMost(top) => version <= top,
            Self::Above(bottom) => version > bottom,
            Self::Exactly(only) => version == only,
            Self::Not(bound) => !bound.holds(version),
        }
    }
}

fn all_of(text: &str) -> Option<Vec<Bound>> {
    if let Some((from, to)) = text.split_once(" - ") {
        let (from, to) = (Partial::parse(from.trim())?, Partial::parse(to.trim())?);
        let mut bounds = vec![Bound::Range(Some(from.first()), None)];
        bounds.push(to.at_most());
        return Some(bounds);
    }
    // An operator may stand apart from its version.
    let mut joined = String::new();
    for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
        if !joined.is_empty() && !joined.ends_with(['=', '>', '<', '~', '^', '!']) {
            joined.push(' ');
        }
        joined.push_str(word);
    }
    let bounds: Option<Vec<Bound>> = joined.split(' ').map(bound).collect();
    bounds.filter(|bounds| !bounds.is_empty())
}

fn bound(word: &str) -> Option<Bound> {
    let split = word.find(|c: char| !matches!(c, '=' | '!' | '>' | '<' | '~' | '^'))?;
    let (operator, text) = word.split_at(split);
    let partial = Partial::parse(text)?;
    Some(match operator {
        "" | "=" => partial.equal(),
        "!=" => Bound::Not(Box::new(partial.equal())),
        ">=" | "=>" => Bound::Range(Some(partial.first()), None),
        "<" => Bound::Range(None, Some(partial.first())),
        "<=" | "=<" => partial.at_most(),
        ">" => match partial.known {
            3 => Bound::Above(partial.first()),
            _ => Bound::Range(Some(partial.next()?), None),
        },
        "~" | "~>" => {
            let to = partial.next_at(partial.known.min(2));
            Bound::Range(Some(partial.first()), to)
        }
        "^" => {
            let significant = partial.numbers.iter().position(|number| *number > 0);
            let level = significant.map_or(partial.known, |n| (n + 1).min(partial.known.max(1)));
            Bound::Range(Some(partial.first()), partial.next_at(level))
        }
        _ => return None,
    })
}

/// A version of which only the first `known` numbers are given.
struct Partial {
    numbers: [u64; 3],
    known: usize,
    pre: String,
}

impl Partial {
    fn parse(text: &str) -> Option<Self> {
        if let Some(version) = Version::parse(text) {
            let core = text.split(['-', '+']).next().unwrap_or_default();
            return Some(Self {
                numbers: version.numbers,
                known: core.split('.').count(),
                pre: version.pre,
            });
        }
        let mut partial = Self {
            numbers: [0; 3],
            known: 0,
            pre: String::new(),
        };
        let parts: Vec<&str> = text.strip_prefix('v').unwrap_or(text).split('.').collect();
        if parts.len() > 3 {
            return None;
        }
        let mut is_open = false;
        for (n, part) in parts.iter().enumerate() {
            match *part {
                "x" | "X" | "*" => is_open = true,
                number if !is_open => {
                    partial.numbers[n] = number.parse().ok()?;
                    partial.known = n + 1;
                }
                _ => return None,
            }
        }
        Some(partial)
    }

    fn first(&self) -> Version {
        Version {
            numbers: self.numbers,
            pre: self.pre.clone(),
        }
    }

    /// The first version after all that the given numbers stand for.
    fn next(&self) -> Option<Version> {
        self.next_at(self.known)
    }

    fn next_at(&self, level: usize) -> Option<Version> {
        let position = level.checked_sub(1)?;
        let mut numbers = [0; 3];
        numbers[..position].copy_from_slice(&self.numbers[..position]);
        numbers[position] = self.numbers[position].saturating_add(1);
        Some(Version {
            numbers,
            pre: String::new(),
        })
    }

    fn equal(&self) -> Bound {
        match self.known {
            3 => Bound::Exactly(self.first()),
            _ => Bound::Range(Some(self.first()), self.next()),
        }
    }

    fn at_most(&self) -> Bound {
        match self.known {
            3 => Bound::AtMost(self.first()),
            _ => Bound::Range(None, self.next()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(constraint: &str, yes: &[&str], no: &[&str]) {
        let parsed = Constraint::parse(constraint).expect(constraint);
        for (texts, expected) in [(yes, true), (no, false)] {
            for text in texts {
                let version = Version::parse(text).expect(text);
                assert_eq!(
                    parsed.matches(&version),
                    expected,
                    "{constraint} and {text}"
                );
            }
        }
    }

    #[test]
    fn constraints_match_what_they_say() {
        check(
            "1.x",
            &["1.0.0", "v1.9.3"],
            &["2.0.0", "0.9.0", "1.2.3-rc1"],
        );
        check("1.2.*", &["1.2.0", "1.2.9"], &["1.3.0"]);
        check(">=1.2 <2", &["1.2.0", "1.9.9"], &["2.0.0", "1.1.9"]);
        check(">= 1.2, < 2", &["1.2.0"], &["2.0.0"]);
        check("~1.4", &["1.4.9"], &["1.5.0"]);
        check("~1.4.2", &["1.4.2", "1.4.9"], &["1.4.1", "1.5.0"]);
        check("^1.4.2", &["1.9.0"], &["2.0.0", "1.4.1"]);
        check("^0.2.3", &["0.2.9"], &["0.3.0"]);
        check("*", &["0.0.1", "9.9.9"], &["1.0.0-rc1"]);
        check("1.2 - 1.4", &["1.2.0", "1.4.7"], &["1.5.0", "1.1.0"]);
        check("<1 || >2", &["0.9.0", "3.0.0"], &["1.5.0", "2.4.0"]);
        check(">=1.0.0-rc.1", &["1.0.0-rc.2", "1.0.0"], &["1.0.0-alpha"]);
        check("!=1.2.3", &["1.2.4"], &["1.2.3"]);
    }

    #[test]
    fn a_version_is_a_pin_and_a_word_is_none() {
        for text in [
            "v1.2.3",
            "1.2",
            "1",
            "main",
            "",
            "release/1.x",
            "HEAD",
            "feature-x",
        ] {
            assert_eq!(Constraint::parse(text), None, "{text}");
        }
    }

    #[test]
    fn releases_come_after_their_candidates() {
        let order = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-rc.2",
            "1.0.0-rc.10",
            "1.0.0",
            "1.0.1",
        ];
        let versions: Vec<Version> = order
            .iter()
            .filter_map(|text| Version::parse(text))
            .collect();
        assert_eq!(versions.len(), order.len());
        assert!(versions.is_sorted());
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "[v0-9.xX*<>=~^!| ,a-c+-]{0,24}") {
            let _ = (Version::parse(&text), Constraint::parse(&text));
        }
    }
}
