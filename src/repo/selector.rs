//! Label selectors in Kubernetes' syntax, of the command line and of kustomizations. Pure.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::object::display::display;

/// All requirements of a selector; none match everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector {
    requirements: Vec<Requirement>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    In(Vec<String>),
    /// Holds for labels that are absent, too.
    NotIn(Vec<String>),
    Exists,
    Absent,
    /// Of values that are whole numbers.
    Above(i64),
    Below(i64),
}

impl Selector {
    /// Reads `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a>1`, `a<1`, `a`, `!a`, with commas between.
    pub fn parse(text: &str) -> Result<Self> {
        let invalid = |why: &str| {
            Error::usage(format!("selector `{}` is invalid: {why}", display(text)))
                .hint("for example `-l team=payments,tier in (web,api),!legacy`")
        };
        let mut requirements = Vec::new();
        if text.trim().is_empty() {
            return Ok(Self { requirements });
        }
        for part in split(text).ok_or_else(|| invalid("a bracket is not closed"))? {
            requirements.push(requirement(part.trim()).map_err(|why| invalid(&why))?);
        }
        Ok(Self { requirements })
    }

    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.matches_by(|key| labels.get(key).map(String::as_str))
    }

    /// Whether it holds for labels that are looked up by `value_of`.
    pub fn matches_by<'a>(&self, value_of: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.requirements.iter().all(|requirement| {
            let value = value_of(&requirement.key);
            let number = || value.and_then(|value| value.parse::<i64>().ok());
            let is_one_of = |values: &[String], value: &str| values.iter().any(|v| v == value);
            match &requirement.test {
                Test::In(values) => value.is_some_and(|value| is_one_of(values, value)),
                Test::NotIn(values) => value.is_none_or(|value| !is_one_of(values, value)),
                Test::Exists => value.is_some(),
                Test::Absent => value.is_none(),
                Test::Above(least) => number().is_some_and(|number| number > *least),
                Test::Below(most) => number().is_some_and(|number| number < *most),
            }
        })
    }

    /// One without conditions.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }
}

/// Splits at the commas outside brackets; `None` when brackets do not pair up.
fn split(text: &str) -> Option<Vec<&str>> {
    let (mut parts, mut from, mut is_inside) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        match c {
            '(' if is_inside => return None,
            '(' => is_inside = true,
            ')' if !is_inside => return None,
            ')' => is_inside = false,
            ',' if !is_inside => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    (!is_inside).then_some(parts)
}

fn requirement(text: &str) -> std::result::Result<Requirement, String> {
    let (key, test) = if let Some((head, rest)) = text.split_once('(') {
        set(head, rest)?
    } else if let Some((key, value)) = text.split_once("!=") {
        (key, Test::NotIn(vec![value.trim().to_owned()]))
    } else if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        (key, Test::In(vec![value.trim().to_owned()]))
    } else if let Some((key, value)) = text.split_once('>') {
        (key, Test::Above(whole(value)?))
    } else if let Some((key, value)) = text.split_once('<') {
        (key, Test::Below(whole(value)?))
    } else if let Some(key) = text.strip_prefix('!') {
        (key, Test::Absent)
    } else {
        (text, Test::Exists)
    };
    let key = key.trim();
    if !is_key(key) {
        return Err(format!("`{}` is not a label's key", display(key)));
    }
    let (Test::In(values) | Test::NotIn(values)) = &test else {
        return Ok(Requirement {
            key: key.to_owned(),
            test,
        });
    };
    match values.iter().find(|value| !is_value(value)) {
        Some(value) => Err(format!("`{}` is not a label's value", display(value))),
        None => Ok(Requirement {
            key: key.to_owned(),
            test,
        }),
    }
}

fn whole(text: &str) -> std::result::Result<i64, String> {
    let text = text.trim();
    text.parse()
        .map_err(|_| format!("`{}` is no whole number", display(text)))
}

fn set<'a>(head: &'a str, rest: &str) -> std::result::Result<(&'a str, Test), String> {
    let inside = rest
        .trim()
        .strip_suffix(')')
        .ok_or("something stands after the bracket")?;
    let values: Vec<String> = inside
        .split(',')
        .map(|value| value.trim().to_owned())
        .collect();
    let (key, word) = head
        .trim()
        .rsplit_once(char::is_whitespace)
        .ok_or("before a bracket stand a key and `in` or `notin`")?;
    match word {
        "in" => Ok((key, Test::In(values))),
        "notin" => Ok((key, Test::NotIn(values))),
        _ => Err(format!("`{}` is neither `in` nor `notin`", display(word))),
    }
}

fn is_key(text: &str) -> bool {
    let name = match text.split_once('/') {
        Some((prefix, _)) if !super::names::is_dns_subdomain(prefix) => return false,
        Some((_, name)) => name,
        None => text,
    };
    !name.is_empty() && is_value(name)
}

fn is_value(text: &str) -> bool {
    let is_edge = |b: &u8| b.is_ascii_alphanumeric();
    text.len() <= 63
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && text.as_bytes().first().is_none_or(is_edge)
        && text.as_bytes().last().is_none_or(is_edge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    fn check(selector: &str, expected: bool) {
        let labels = labels(&[("team", "pay"), ("tier", "web"), ("a.b/c", "")]);
        let parsed = Selector::parse(selector).expect(selector);
        assert_eq!(parsed.matches(&labels), expected, "{selector}");
    }

    #[test]
    fn every_form_matches_as_in_kubernetes() {
        for selector in [
            "",
            "team=pay",
            "team==pay",
            "team!=other",
            "absent!=x",
            "tier in (api, web)",
            "tier notin (api)",
            "absent notin (x)",
            "team",
            "!absent",
            "a.b/c=",
            "team=pay,tier=web",
            " team = pay , !absent ",
            "a.b/c in ()",
        ] {
            check(selector, true);
        }
        for selector in [
            "team=other",
            "absent=x",
            "team!=pay",
            "tier in (api)",
            "tier notin (web,api)",
            "absent",
            "!team",
            "team=pay,tier=api",
        ] {
            check(selector, false);
        }
    }

    #[test]
    fn what_is_no_selector_is_refused() {
        for selector in [
            "a in b",
            "a in (b",
            "a)b",
            "=b",
            "a=b,,c=d",
            "a=b c",
            "-a=b",
            "a within (b)",
            "(b)",
            "a>b",
            "a=b)",
            "a in (b) c",
            "UPPER.case/x=y",
            "a=\u{1b}",
        ] {
            assert!(Selector::parse(selector).is_err(), "{selector}");
        }
    }

    proptest! {
        #[test]
        fn notin_is_the_opposite_of_in(value in "[a-c]", a in "[a-c]", b in "[a-c]") {
            let labels = labels(&[("k", &value)]);
            let is = Selector::parse(&format!("k in ({a},{b})")).expect("parses").matches(&labels);
            let is_not = Selector::parse(&format!("k notin ({a},{b})")).expect("parses").matches(&labels);
            prop_assert_ne!(is, is_not);
        }

        #[test]
        fn nothing_panics(text in "[a-c=!,() inot/.-]{0,30}") {
            let _ = Selector::parse(&text);
        }
    }
}
