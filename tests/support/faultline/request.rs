//! What a request to an API server is about, and the journal's entry for it.

use hyper::body::Bytes;
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method};
use std::time::Instant;

/// What a request does, in Kubernetes' words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Verb {
    Get,
    List,
    Watch,
    Create,
    Update,
    Patch,
    Delete,
    DeleteCollection,
    /// `/api`, `/apis`, `/version` and the lists of kinds below them.
    Discover,
}

impl Verb {
    /// Every verb that may change something.
    pub(crate) const WRITES: [Self; 5] = [
        Self::Create,
        Self::Update,
        Self::Patch,
        Self::Delete,
        Self::DeleteCollection,
    ];
}

/// One request, whatever became of it.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Counts from 0 in the order of coming.
    pub(crate) index: usize,
    pub(crate) at: Instant,
    pub(crate) verb: Verb,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// What the client was told; nothing when it was told nothing.
    pub(crate) status: Option<u16>,
    /// Whether a rule acted on it.
    pub(crate) harmed: bool,
}

impl Entry {
    pub(super) fn new(parts: &Parts, body: Bytes) -> Self {
        let path = parts.uri.path().to_string();
        let query = parts.uri.query().unwrap_or_default().to_string();
        Self {
            index: 0,
            at: Instant::now(),
            verb: verb(&parts.method, &path, &query),
            method: parts.method.clone(),
            path,
            query,
            headers: parts.headers.clone(),
            body,
            status: None,
            harmed: false,
        }
    }

    pub(crate) fn is_dry_run(&self) -> bool {
        has(&self.query, "dryRun")
    }

    /// Whether this request may change something for good.
    pub(crate) fn is_write(&self) -> bool {
        Verb::WRITES.contains(&self.verb) && !self.is_dry_run()
    }

    /// Whether the answer has no end of its own.
    pub(super) fn is_endless(&self) -> bool {
        self.verb == Verb::Watch || has(&self.query, "follow")
    }
}

fn has(query: &str, name: &str) -> bool {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .any(|(key, value)| key == name && !matches!(value, "" | "0" | "false"))
}

fn verb(method: &Method, path: &str, query: &str) -> Verb {
    let names_one = match object_path(path) {
        None if *method == Method::GET => return Verb::Discover,
        None => false,
        Some(segments) => segments % 2 == 0,
    };
    match *method {
        Method::POST => Verb::Create,
        Method::PUT => Verb::Update,
        Method::PATCH => Verb::Patch,
        Method::DELETE if names_one => Verb::Delete,
        Method::DELETE => Verb::DeleteCollection,
        _ if has(query, "watch") => Verb::Watch,
        _ if names_one => Verb::Get,
        _ => Verb::List,
    }
}

/// Counts the segments below the version, without the namespace and without a subresource: odd is a collection, even
/// is one object. Nothing where the path names no kind.
fn object_path(path: &str) -> Option<usize> {
    let segments: Vec<_> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let below = match *segments.first()? {
        "api" => segments.get(2..)?,
        "apis" => segments.get(3..)?,
        _ => return None,
    };
    match below {
        [] => None,
        ["namespaces", _] => Some(2),
        ["namespaces", _, rest @ ..] if !matches!(rest, ["finalize" | "status"]) => {
            Some(rest.len().min(2))
        }
        rest => Some(rest.len().min(2)),
    }
}

#[test]
fn a_request_has_the_verb_that_rbac_would_ask_for() {
    let check = |method: Method, uri: &str, expected: Verb| {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        assert_eq!(verb(&method, path, query), expected, "{method} {uri}");
    };
    check(Method::GET, "/version", Verb::Discover);
    check(Method::GET, "/apis/apps/v1", Verb::Discover);
    check(Method::GET, "/api/v1/namespaces", Verb::List);
    check(Method::GET, "/api/v1/namespaces/kube-system", Verb::Get);
    check(
        Method::GET,
        "/api/v1/namespaces/a/pods?limit=500",
        Verb::List,
    );
    check(
        Method::GET,
        "/api/v1/namespaces/a/pods?watch=true",
        Verb::Watch,
    );
    check(
        Method::GET,
        "/apis/apps/v1/namespaces/a/deployments/web/scale",
        Verb::Get,
    );
    check(
        Method::GET,
        "/apis/rbac.authorization.k8s.io/v1/clusterroles/admin",
        Verb::Get,
    );
    check(Method::POST, "/api/v1/namespaces", Verb::Create);
    check(
        Method::PATCH,
        "/api/v1/namespaces/a/configmaps/c?dryRun=All",
        Verb::Patch,
    );
    check(
        Method::DELETE,
        "/api/v1/namespaces/a/configmaps/c",
        Verb::Delete,
    );
    check(
        Method::DELETE,
        "/api/v1/namespaces/a/configmaps",
        Verb::DeleteCollection,
    );
}
