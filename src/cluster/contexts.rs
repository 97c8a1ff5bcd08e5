//! What a context stands for: its server and its user, over all kubeconfig files of a run.
//!
//! It never picks a context by itself. Where kubectl takes the first of two entries of one name, a context that needs one of them is
//! refused: which cluster it means must not depend on the order of files.

use std::path::{Path, PathBuf};

use super::connect::Address;
use super::kubeconfig::{
    ClusterEntry, ContextEntry, Document, File, Kubeconfig, Named, UserEntry, absolute_cluster,
    absolute_user,
};
use crate::error::{Error, Result};
use crate::object::display::display;

/// What a context stands for, with all paths absolute.
#[derive(Debug, Clone)]
pub struct Resolved {
    pub context: String,
    /// The `clusters` and `users` entry it names.
    pub cluster_name: String,
    pub user_name: String,
    pub cluster: ClusterEntry,
    pub user: UserEntry,
    pub namespace: Option<String>,
    /// The file the context stands in.
    pub file: PathBuf,
}

/// A context by name, for lists and completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextSummary {
    pub name: String,
    /// The server's address, when the file has it.
    pub server: Option<String>,
    pub file: PathBuf,
}

impl Kubeconfig {
    /// All contexts, each name once. The server is the one that the context's own file says, where that file has the entry: whether
    /// another file disagrees is told when the context is used.
    pub fn contexts(&self) -> Vec<ContextSummary> {
        let mut contexts: Vec<ContextSummary> = Vec::new();
        for list in &self.lists {
            for (file, named) in list.iter().flat_map(contexts_of) {
                if contexts.iter().any(|context| context.name == named.name) {
                    continue;
                }
                let cluster = named.entry.as_ref().map(|entry| entry.cluster.as_str());
                let here = std::slice::from_ref(file);
                let server = cluster
                    .and_then(|name| {
                        let found = entries(here, |document| &document.clusters, name);
                        let all = entries(list, |document| &document.clusters, name);
                        found.into_iter().chain(all).next()
                    })
                    .and_then(|(_, cluster)| cluster.server.clone());
                contexts.push(ContextSummary {
                    name: named.name.clone(),
                    server,
                    file: file.path.clone(),
                });
            }
        }
        contexts
    }

    /// What the context `name` stands for: one server and one user, whichever file is read first.
    pub fn resolve(&self, name: &str) -> Result<Resolved> {
        let mut found: Option<Resolved> = None;
        for list in &self.lists {
            let Some(other) = resolve_in(list, name)? else {
                continue;
            };
            match &found {
                None => found = Some(other),
                // The user may differ: `cluster add` makes an account of its own for a context.
                Some(first) => same_server(first, &other)?,
            }
        }
        found.ok_or_else(|| self.no_context(name))
    }

    fn no_context(&self, name: &str) -> Error {
        let known: Vec<String> = self
            .contexts()
            .iter()
            .take(12)
            .map(|context| format!("`{}`", display(&context.name)))
            .collect();
        let error = Error::config(format!("no context `{}` in the kubeconfig", display(name)));
        if known.is_empty() {
            let files: Vec<String> = self.files().map(shown).collect();
            return error.hint(if files.is_empty() {
                "no kubeconfig was found: set KUBECONFIG or give --kubeconfig".to_owned()
            } else {
                format!("{} hold no context at all", files.join(", "))
            });
        }
        error.hint(format!("pick one of {}", known.join(", ")))
    }
}

fn contexts_of(file: &File) -> impl Iterator<Item = (&File, &Named<ContextEntry>)> {
    let contexts = file.document.contexts.iter();
    contexts.map(move |named| (file, named))
}

/// Every entry of this name, with its file.
fn entries<'a, T>(
    files: &'a [File],
    list: impl Fn(&'a Document) -> &'a Vec<Named<T>>,
    name: &str,
) -> Vec<(&'a File, &'a T)> {
    let mut found = Vec::new();
    for file in files {
        let named = list(&file.document)
            .iter()
            .filter(|named| named.name == name);
        found.extend(named.filter_map(|named| Some((file, named.entry.as_ref()?))));
    }
    found
}

fn resolve_in(files: &[File], name: &str) -> Result<Option<Resolved>> {
    let contexts = entries(files, |document| &document.contexts, name);
    let Some((file, context)) = contexts.first().copied() else {
        return Ok(None);
    };
    let mut clusters = Vec::new();
    let mut users = Vec::new();
    for (file, context) in &contexts {
        let named = entries(files, |document| &document.clusters, &context.cluster);
        if named.is_empty() {
            return Err(missing(name, "cluster", &context.cluster, file));
        }
        clusters.extend(named.into_iter().map(|(file, cluster)| {
            let cluster = absolute_cluster(cluster.clone(), &file.path);
            (file, context.cluster.as_str(), cluster)
        }));
        if context.user.is_empty() {
            users.push((*file, "", UserEntry::default()));
            continue;
        }
        let named = entries(files, |document| &document.users, &context.user);
        if named.is_empty() {
            return Err(missing(name, "user", &context.user, file));
        }
        users.extend(named.into_iter().map(|(file, user)| {
            let user = absolute_user(user.clone(), &file.path);
            (file, context.user.as_str(), user)
        }));
    }
    Ok(Some(Resolved {
        context: name.to_owned(),
        cluster_name: context.cluster.clone(),
        user_name: context.user.clone(),
        cluster: only(name, "cluster", clusters, is_same_cluster)?,
        user: only(name, "user", users, |a, b| a == b)?,
        namespace: context.namespace.clone(),
        file: file.path.clone(),
    }))
}

fn missing(context: &str, what: &str, entry: &str, file: &File) -> Error {
    Error::config(format!(
        "context `{}` names the {what} `{}`, which no kubeconfig has",
        display(context),
        display(entry)
    ))
    .at(file.path.to_string_lossy(), 0, 0)
}

/// The first entry, when all say the same.
fn only<T>(
    context: &str,
    what: &str,
    found: Vec<(&File, &str, T)>,
    is_same: impl Fn(&T, &T) -> bool,
) -> Result<T> {
    let mut found = found.into_iter();
    let Some((first_file, first_name, first)) = found.next() else {
        return Err(Error::internal("a context without entries"));
    };
    match found.find(|(_, _, other)| !is_same(&first, other)) {
        None => Ok(first),
        Some((file, name, _)) => Err(Error::config(format!(
            "context `{}` is not clear: its {what} is `{}` of {} or `{}` of {}, which differ",
            display(context),
            display(first_name),
            shown(&first_file.path),
            display(name),
            shown(&file.path)
        ))
        .hint("kubectl would take the first: give the entries names of their own, or read one file alone with `--kubeconfig FILE`")),
    }
}

fn same_server(first: &Resolved, other: &Resolved) -> Result<()> {
    if is_same_address(&first.cluster, &other.cluster) {
        return Ok(());
    }
    let server = |resolved: &Resolved| {
        let server = resolved.cluster.server.as_deref().unwrap_or_default();
        format!("`{}` in {}", display(server), shown(&resolved.file))
    };
    let name = display(&first.context);
    Err(Error::config(format!(
        "context `{name}` is two servers: {} and {}",
        server(first),
        server(other)
    ))
    .hint(format!(
        "rename the second with `kubectl config rename-context`, or forget the first with `pushboat cluster rm {name}`"
    )))
}

fn is_same_address(a: &ClusterEntry, b: &ClusterEntry) -> bool {
    let address = |entry: &ClusterEntry| {
        let server = entry.server.as_deref().unwrap_or_default();
        Address::parse(server).map_err(|_| server.to_owned())
    };
    address(a) == address(b)
}

/// Whether two entries lead to one server in one way. What only helps plugins or saves bytes does not matter.
fn is_same_cluster(a: &ClusterEntry, b: &ClusterEntry) -> bool {
    let texts = |entry: &ClusterEntry| {
        [
            &entry.certificate_authority,
            &entry.certificate_authority_data,
            &entry.proxy_url,
            &entry.tls_server_name,
        ]
        .map(|text| text.clone().unwrap_or_default())
    };
    let is_insecure = |entry: &ClusterEntry| entry.insecure_skip_tls_verify == Some(true);
    is_same_address(a, b) && texts(a) == texts(b) && is_insecure(a) == is_insecure(b)
}

fn shown(path: &Path) -> String {
    display(&path.to_string_lossy()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADMIN: &str = "contexts: [{name: NAME, context: {cluster: kubernetes, user: kubernetes-admin}}]\n\
        clusters: [{name: kubernetes, cluster: {server: 'https://NAME:6443', extensions: [{name: NAME}]}}]\n\
        users: [{name: kubernetes-admin, user: {token: 'of NAME'}}]\n";

    /// A list of files, read as one `KUBECONFIG`.
    fn list(files: &[(&str, &str)]) -> Kubeconfig {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let paths: Vec<PathBuf> = files
            .iter()
            .map(|(name, text)| {
                let path = folder.path().join(name);
                std::fs::write(&path, text).expect("a file in a temporary folder");
                path
            })
            .collect();
        Kubeconfig::load(&paths).expect("readable")
    }

    fn admin(name: &str) -> String {
        ADMIN.replace("NAME", name)
    }

    #[track_caller]
    fn check_error(kubeconfig: &Kubeconfig, context: &str, words: &[&str]) {
        let error = kubeconfig.resolve(context).expect_err("not clear");
        for word in words {
            assert!(error.report().contains(word), "{}", error.report());
        }
        assert_eq!(error.reason(), crate::error::Reason::Config);
    }

    #[test]
    fn an_unknown_context_names_the_known_ones() {
        let kubeconfig = list(&[("x", &admin("dev"))]);
        let error = kubeconfig.resolve("prod").expect_err("no such context");
        assert_eq!(
            error.report(),
            "error: no context `prod` in the kubeconfig\nhint: pick one of `dev`"
        );
    }

    #[test]
    fn entries_of_one_name_that_differ_between_files_are_refused_where_they_are_used() {
        let other = admin("lab").replace("kubernetes", "k");
        let kubeconfig = list(&[("a", &admin("dev")), ("b", &admin("prod")), ("c", &other)]);
        for context in ["dev", "prod"] {
            check_error(&kubeconfig, context, &["`kubernetes`", "/a ", "/b"]);
        }
        assert!(kubeconfig.resolve("lab").is_ok(), "nothing of it is shared");
        let servers: Vec<_> = kubeconfig
            .contexts()
            .into_iter()
            .filter_map(|context| context.server)
            .collect();
        assert_eq!(
            servers,
            ["https://dev:6443", "https://prod:6443", "https://lab:6443"]
        );
    }

    #[test]
    fn a_user_that_differs_is_refused_as_well_and_its_secret_is_not_shown() {
        let second = admin("prod").replace("https://prod", "https://dev");
        let kubeconfig = list(&[("a", &admin("dev")), ("b", &second)]);
        check_error(&kubeconfig, "dev", &["its user is `kubernetes-admin`"]);
        let error = kubeconfig.resolve("dev").expect_err("two users").report();
        assert!(!error.contains("of dev"), "{error}");
    }

    #[test]
    fn equal_entries_are_fine() {
        let again = admin("dev").replace("https://dev:6443", "HTTPS://DEV:6443/");
        let kubeconfig = list(&[("a", &admin("dev")), ("b", &again)]);
        assert!(kubeconfig.resolve("dev").is_ok());
    }

    #[test]
    fn a_context_of_two_files_must_mean_the_same() {
        let other = admin("dev")
            .replace("kubernetes", "k")
            .replace("https://dev", "https://x");
        let kubeconfig = list(&[("a", &admin("dev")), ("b", &other)]);
        check_error(&kubeconfig, "dev", &["`kubernetes` of", "or `k` of"]);
    }

    #[test]
    fn pushboats_own_context_and_the_users_must_have_one_server() {
        let own = admin("dev").replace("of dev", "of the account");
        let mut both = list(&[("own", &own)]);
        both.append(list(&[("user", &admin("dev"))]));
        let token = both.resolve("dev").expect("one server").user.token;
        let token = token.map(|token| token.expose().to_owned());
        assert_eq!(token.as_deref(), Some("of the account"));

        let mut apart = list(&[("own", &own)]);
        let moved = admin("dev").replace("https://dev", "https://other");
        apart.append(list(&[("user", &moved)]));
        check_error(
            &apart,
            "dev",
            &[
                "`https://dev:6443` in",
                "/own",
                "`https://other:6443` in",
                "/user",
                "cluster rm dev",
            ],
        );
    }

    #[test]
    fn no_entry_of_one_list_is_looked_for_in_another() {
        let mut both = list(&[("own", &admin("dev"))]);
        let bare = "contexts: [{name: x, context: {cluster: kubernetes, user: kubernetes-admin}}]";
        both.append(list(&[("user", bare)]));
        check_error(
            &both,
            "x",
            &["names the cluster `kubernetes`, which no kubeconfig has"],
        );
    }
}
