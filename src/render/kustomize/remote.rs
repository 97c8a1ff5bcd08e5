//! Entries that name another repository or a file behind an address: which part is the repository, which the path in it. Pure.
//!
//! The forms are those of the real program, queries included; whether one may be fetched is not decided here.

use std::time::Duration;

use super::load::is_inline;
use crate::error::{Error, Result};
use crate::repo::foreign::Wanted;
use crate::repo::remote::without_credentials;
use crate::repo::tree::join;

/// Stands between Azure's projects and their repositories.
const AZURE: &str = "_git/";

/// What an entry of `resources` may be beside a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A path of this tree.
    Local,
    /// A file behind an address; where that fails, a repository.
    Address,
    Repository,
}

/// A directory of another repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteRoot {
    pub wanted: Wanted,
    pub path: String,
}

/// Tells by its text what an entry is.
pub fn form(entry: &str) -> Form {
    if entry.starts_with('/') {
        return Form::Local;
    }
    let lower = entry.to_ascii_lowercase();
    let says_git = ["git::", "ssh://", "file://"];
    let github = ["github.com/", "github.com:"];
    let on_github = github.iter().find_map(|start| lower.strip_prefix(start));
    if says_git.iter().any(|start| lower.starts_with(start))
        || on_github.is_some_and(names_repository)
        || is_scp(&lower)
    {
        return Form::Repository;
    }
    match strip_web_scheme(&lower) {
        None => Form::Local,
        Some(rest) => {
            let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
            let marks = [".git/", AZURE, "//"];
            let is_marked =
                place.ends_with(".git") || marks.iter().any(|mark| place.contains(mark));
            let has_ref = query
                .split('&')
                .any(|pair| pair.starts_with("ref=") || pair.starts_with("version="));
            if is_marked || has_ref {
                Form::Repository
            } else {
                Form::Address
            }
        }
    }
}

/// Whether an entry may be another repository.
pub fn is_remote(entry: &str) -> bool {
    form(entry) != Form::Local
}

/// Whether an entry is an address that a file may be read from.
pub fn is_address(entry: &str) -> bool {
    strip_web_scheme(&entry.to_ascii_lowercase()).is_some()
}

fn strip_web_scheme(lower: &str) -> Option<&str> {
    lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"))
}

/// A path with too few parts for a repository is a folder's.
fn names_repository(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    path.contains('/') || path.contains(".git")
}

/// `user@host:path`.
fn is_scp(text: &str) -> bool {
    !text.contains("://")
        && text.split_once(':').is_some_and(|(host, path)| {
            names_repository(path)
                && host.split_once('@').is_some_and(|(user, host)| {
                    !user.is_empty() && !host.is_empty() && !host.contains('/')
                })
        })
}

/// The warning about an entry that means another commit tomorrow.
pub fn moving(entry: &str, revision: &str, commit: &str) -> String {
    let what = if revision.is_empty() {
        "names no revision".to_owned()
    } else {
        format!("names the branch `{revision}`")
    };
    let shown = without_credentials(entry);
    format!(
        "`{shown}` {what}: it is {commit} now and may be another commit in the next run; pin it with `?ref={commit}`"
    )
}

impl RemoteRoot {
    /// Reads an entry.
    pub fn parse(entry: &str) -> Result<Self> {
        let wrong = |why: &str| {
            let shown = match is_inline(entry) {
                true => "an inline text".to_owned(),
                false => format!("`{}`", without_credentials(entry)),
            };
            Error::render(format!("{shown} names no git repository: {why}"))
        };
        let text = entry.strip_prefix("git::").unwrap_or(entry);
        let (place, query) = text.split_once('?').unwrap_or((text, ""));
        let (host, rest) = split_host(place).map_err(|why| wrong(&why))?;
        let (repo, path) =
            split_path(rest).ok_or_else(|| wrong("it has no repository after its host"))?;
        if repo.is_empty() {
            return Err(wrong("it has no repository after its host"));
        }
        let path = path.trim_start_matches('/');
        let path = join("", path.trim_end_matches('/'))
            .map_err(|_| wrong("its path leaves the repository"))?;
        let mut wanted = Wanted {
            url: format!("{host}{repo}"),
            revision: String::new(),
            may_be_constraint: false,
            timeout: None,
        };
        read_query(query, &mut wanted);
        Ok(Self { wanted, path })
    }
}

/// Scheme and host with the `/` after them, and the rest. GitHub is always spelt the same way.
fn split_host(place: &str) -> std::result::Result<(String, &str), String> {
    let lower = place.to_ascii_lowercase();
    let bare = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("ssh://"))
        .unwrap_or(&lower);
    let bare = bare.strip_prefix("git@").unwrap_or(bare);
    if bare.starts_with("github.com/") || bare.starts_with("github.com:") {
        let rest = &place[place.len() - bare.len() + "github.com/".len()..];
        return if lower.starts_with("ssh://") || lower.starts_with("git@") {
            let shown = rest.trim_start_matches('/');
            Err(format!(
                "no ssh is started for it; write `https://github.com/{shown}`"
            ))
        } else {
            Ok(("https://github.com/".to_owned(), rest))
        };
    }
    if is_scp(&lower) || lower.starts_with("ssh://") {
        return Err("no ssh is started for it; write its `https://` address".to_owned());
    }
    let Some((scheme, rest)) = place.split_once("://") else {
        return Err("it has no scheme".to_owned());
    };
    if !scheme.eq_ignore_ascii_case("https") {
        return Err(format!(
            "`{scheme}` is not used; write its `https://` address"
        ));
    }
    let end = rest.find('/').map_or(rest.len(), |slash| slash + 1);
    let (host, rest) = rest.split_at(end);
    Ok((format!("https://{host}"), rest))
}

/// The repository, and the path in it.
fn split_path(rest: &str) -> Option<(&str, &str)> {
    if let Some(at) = rest.find(AZURE) {
        let from = at + AZURE.len();
        let end = rest[from..]
            .find('/')
            .map_or(rest.len(), |slash| from + slash);
        return Some((&rest[..end], &rest[end..]));
    }
    if let Some(at) = rest.find("//") {
        return Some((&rest[..at], &rest[at + 2..]));
    }
    if let Some(at) = rest.find(".git") {
        return Some(rest.split_at(at + ".git".len()));
    }
    let first = rest.find('/')?;
    let end = rest[first + 1..]
        .find('/')
        .map_or(rest.len(), |slash| first + 1 + slash);
    Some((&rest[..end], &rest[end..]))
}

fn read_query(query: &str, wanted: &mut Wanted) {
    let values = |name: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, value)| *key == name && !value.is_empty())
            .map(|(_, value)| unescape(value))
    };
    wanted.revision = values("ref")
        .or_else(|| values("version"))
        .unwrap_or_default();
    wanted.timeout = values("timeout").and_then(|text| timeout(&text));
}

/// Whole seconds, or numbers with units such as `1m30s`; what cannot be read counts as not said.
fn timeout(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<u64>() {
        return (seconds > 0).then(|| Duration::from_secs(seconds));
    }
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..number_end].parse().ok()?;
        rest = &rest[number_end..];
        let unit_end = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        let seconds = match &rest[..unit_end] {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            _ => return None,
        };
        total += Duration::try_from_secs_f64(number * seconds).ok()?;
        rest = &rest[unit_end..];
    }
    (!total.is_zero()).then_some(total)
}

/// `%2F` and `+` as a query writes them; what is no escape stays as it is.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let code = code.and_then(|two| u8::from_str_radix(two, 16).ok());
        match (byte, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = &after[2..];
                continue;
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(byte),
        }
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(entry: &str, url: &str, path: &str, revision: &str) {
        let root = RemoteRoot::parse(entry).expect(entry);
        assert_eq!(
            (
                root.wanted.url.as_str(),
                root.path.as_str(),
                root.wanted.revision.as_str()
            ),
            (url, path, revision),
            "{entry}"
        );
    }

    #[test]
    fn the_repository_ends_where_the_real_program_ends_it() {
        let hub = "https://github.com/acme/x";
        check("github.com/acme/x", hub, "", "");
        check("GitHub.com:acme/x", hub, "", "");
        check("https://github.com/acme/x/a/b?ref=v1", hub, "a/b", "v1");
        check(
            "https://github.com/acme/x//a/b/?ref=v1&timeout=90s",
            hub,
            "a/b",
            "v1",
        );
        check("git::https://github.com/acme/x//a", hub, "a", "");
        check(
            "https://github.com/acme/x.git/a?version=v2",
            "https://github.com/acme/x.git",
            "a",
            "v2",
        );
        check(
            "https://git.corp/team/sub/x//a?ref=feature%2Fy",
            "https://git.corp/team/sub/x",
            "a",
            "feature/y",
        );
        check(
            "https://dev.azure.com/org/p/_git/x/a?ref=main",
            "https://dev.azure.com/org/p/_git/x",
            "a",
            "main",
        );
        check(
            "https://git.corp:8443/team/x",
            "https://git.corp:8443/team/x",
            "",
            "",
        );
    }

    #[test]
    fn what_needs_a_program_or_leaves_the_repository_is_refused() {
        for entry in [
            "git@github.com:acme/x",
            "ssh://git@github.com/acme/x",
            "file:///srv/x",
            "http://git.corp/a/b",
            "git::ssh://git.corp/a/b",
            "https://github.com/acme",
            "https://github.com/acme/x//../../etc",
            "https://github.com",
            "https://github.com/",
        ] {
            assert!(RemoteRoot::parse(entry).is_err(), "{entry}");
        }
        let error = RemoteRoot::parse("git@github.com:acme/x").expect_err("refused");
        assert!(
            error.message().contains("https://github.com/acme/x"),
            "{error}"
        );
    }

    #[test]
    fn an_entry_is_told_by_its_text() {
        for (entry, expected) in [
            ("base", Form::Local),
            ("../base", Form::Local),
            ("/github.com/x", Form::Local),
            ("github.company/x", Form::Local),
            ("https://example.com/a/b/deploy.yaml", Form::Address),
            ("https://example.com/a/b", Form::Address),
            ("https://example.com/a/b?ref=v1", Form::Repository),
            ("https://example.com/a/b.git", Form::Repository),
            ("https://example.com/a/b//c", Form::Repository),
            ("github.com/acme/x", Form::Repository),
            ("git@example.com:acme/x", Form::Repository),
            ("ssh://example.com/acme/x", Form::Repository),
        ] {
            assert_eq!(form(entry), expected, "{entry}");
        }
    }

    #[test]
    fn times_are_seconds_or_carry_units() {
        assert_eq!(timeout("61"), Some(Duration::from_secs(61)));
        assert_eq!(timeout("1m30s"), Some(Duration::from_secs(90)));
        for odd in ["0", "", "-5", "5x", "m"] {
            assert_eq!(timeout(odd), None, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_no_path_climbs(entry in "(https://|github.com/|git::)?[a-z.:/@?=%_&]{0,30}") {
            let _ = form(&entry);
            if let Ok(root) = RemoteRoot::parse(&entry) {
                prop_assert!(!root.path.split('/').any(|part| part == ".."));
                prop_assert!(root.wanted.url.starts_with("https://"));
            }
        }
    }
}
