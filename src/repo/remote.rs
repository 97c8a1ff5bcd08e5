//! Git remotes under one spelling, so that the same repository is recognised however it is written. Pure.

/// `github.com/acme/gitops` for each of `git@GitHub.com:acme/gitops.git`, `ssh://git@github.com/acme/gitops`,
/// `https://user@github.com:443/acme/gitops/`; an absolute path for local ones. `None` when it is no address at all.
///
/// User names and passwords are dropped: the result may be printed and recorded. The case of the path is kept.
pub fn normalise(url: &str) -> Option<String> {
    let url = url.trim();
    if url.is_empty() || url.chars().any(char::is_control) {
        return None;
    }
    let (host, path) = match url.split_once("://") {
        Some((scheme, rest)) => {
            let scheme = scheme.to_ascii_lowercase();
            let scheme = scheme.strip_prefix("git+").unwrap_or(&scheme);
            if scheme == "file" {
                return local(rest);
            }
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            (host(authority, default_port(scheme)), path)
        }
        None if url.starts_with('/') => return local(url),
        // The scp form `user@host:path`; a bracket keeps an IPv6 address together.
        None => match scp(url) {
            Some((authority, path)) => (host(authority, ""), path),
            None => {
                let (authority, path) = url.split_once('/')?;
                (host(authority, "443"), path)
            }
        },
    };
    let path = trim(path);
    let is_host = !host.is_empty() && !host.contains(char::is_whitespace);
    (is_host && !path.is_empty()).then(|| format!("{host}/{path}"))
}

/// What may be shown of an address that somebody wrote a password into.
pub fn without_credentials(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            match rest[..end].rfind('@') {
                Some(at) => format!("{scheme}://***{}", &rest[at..]),
                None => url.to_owned(),
            }
        }
        None => url.to_owned(),
    }
}

fn scp(url: &str) -> Option<(&str, &str)> {
    let from = url.rfind(']').map_or(0, |bracket| bracket + 1);
    let colon = from + url[from..].find(':')?;
    let authority = &url[..colon];
    (!authority.contains('/')).then(|| (authority, &url[colon + 1..]))
}

fn local(path: &str) -> Option<String> {
    let path = path.strip_prefix("localhost").unwrap_or(path);
    let trimmed = trim(path);
    (!trimmed.is_empty()).then(|| format!("/{trimmed}"))
}

fn trim(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let parts = path.split('/').map(str::trim);
    let mut parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    if let Some(last) = parts.last_mut() {
        *last = last.trim_end_matches(".git").trim_end();
    }
    // Azure DevOps and local clones may end on `/.git`, which leaves an empty part.
    parts.retain(|part| !part.is_empty());
    parts.join("/")
}

fn host(authority: &str, default_port: &str) -> String {
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.to_ascii_lowercase();
    match host.rsplit_once(':') {
        Some((name, port)) if port.is_empty() || port == default_port => name.to_owned(),
        _ => host,
    }
}

fn default_port(scheme: &str) -> &'static str {
    match scheme {
        "https" => "443",
        "http" => "80",
        "ssh" => "22",
        "git" => "9418",
        _ => "",
    }
}

/// What this repository is called and what is checked out, as Applications refer to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// Normalised remotes, `origin` first.
    pub remotes: Vec<String>,
    /// The checked-out branch; `None` when detached or without git.
    pub branch: Option<String>,
}

impl Identity {
    /// Whether an Application's `repoURL` means this repository: one of its remotes, or empty.
    pub fn owns(&self, repo_url: &str) -> bool {
        repo_url.trim().is_empty()
            || normalise(repo_url).is_some_and(|url| self.remotes.contains(&url))
    }

    /// Whether a `targetRevision` means the working tree as it is.
    pub fn is_worktree(&self, target_revision: &str) -> bool {
        let revision = target_revision.trim();
        let revision = revision.strip_prefix("refs/heads/").unwrap_or(revision);
        revision.is_empty() || revision == "HEAD" || self.branch.as_deref() == Some(revision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(urls: &[&str], expected: &str) {
        for url in urls {
            assert_eq!(normalise(url).as_deref(), Some(expected), "{url}");
        }
    }

    #[test]
    fn one_repository_has_one_spelling() {
        check(
            &[
                "git@GitHub.com:acme/gitops.git",
                "git@github.com:/acme/gitops",
                "ssh://git@github.com:22/acme/gitops.git/",
                "https://GITHUB.com/acme/gitops",
                "https://user:token@github.com:443/acme/gitops.git",
                "git+ssh://git@github.com/acme/gitops",
                "HTTPS://github.com//acme/gitops/",
                "github.com/acme/gitops",
            ],
            "github.com/acme/gitops",
        );
        check(&["https://git.corp:8443/a/b.git"], "git.corp:8443/a/b");
        check(&["ssh://git@[::1]:22/a/b", "git@[::1]:a/b"], "[::1]/a/b");
        check(
            &[
                "/srv/git/x.git",
                "file:///srv/git/x",
                "file://localhost/srv/git/x.git/",
            ],
            "/srv/git/x",
        );
    }

    #[test]
    fn different_repositories_stay_different() {
        let name = |url| normalise(url).expect("a repository");
        assert_ne!(
            name("https://github.com/acme/a"),
            name("https://github.com/acme/b")
        );
        assert_ne!(
            name("https://github.com/acme/A"),
            name("https://github.com/acme/a")
        );
        assert_ne!(name("https://h:1/a/b"), name("https://h:2/a/b"));
        assert_eq!(normalise("just-a-word"), None);
        assert_eq!(normalise(""), None);
    }

    #[test]
    fn the_checked_out_branch_is_the_working_tree() {
        let identity = Identity {
            remotes: vec!["github.com/acme/gitops".into()],
            branch: Some("main".into()),
        };
        for revision in ["", "HEAD", "main", "refs/heads/main"] {
            assert!(identity.is_worktree(revision), "{revision}");
        }
        assert!(!identity.is_worktree("v1.0.0"));
        assert!(!Identity::default().is_worktree("main"));
        assert!(identity.owns("git@github.com:acme/gitops.git"));
        assert!(identity.owns(""));
        assert!(!identity.owns("https://github.com/acme/other"));
    }

    proptest! {
        #[test]
        fn every_spelling_of_an_address_is_one(host in "[a-z]{1,8}\\.[a-z]{2,3}", path in "[A-Za-z0-9_-]{1,8}(/[A-Za-z0-9_-]{1,8}){1,3}") {
            let expected = Some(format!("{host}/{path}"));
            for url in [
                format!("https://{host}/{path}.git"),
                format!("ssh://git@{}:22/{path}/", host.to_uppercase()),
                format!("git@{host}:{path}.git"),
                format!("{host}/{path}"),
            ] {
                prop_assert_eq!(normalise(&url), expected.clone(), "{}", url);
            }
        }

        #[test]
        fn nothing_panics(url in "\\PC{0,40}") {
            let _ = normalise(&url);
        }

        #[test]
        fn credentials_never_survive(user in "[a-z]{1,8}", token in "[A-Z0-9]{8,20}") {
            let url = format!("https://{user}:{token}@git.example.com/acme/x.git");
            prop_assert_eq!(normalise(&url), Some("git.example.com/acme/x".to_owned()));
        }
    }
}
