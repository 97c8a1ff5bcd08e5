//! The only way to make a path below an API server: every part is checked, then percent-encoded.
//!
//! It knows no server and sends nothing. A part that could change the meaning of the path is refused, never repaired.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::ApiResource;
use crate::error::{Error, Result};
use crate::object::display::display;

/// The longest name that any API server accepts.
const MAX_NAME: usize = 253;

/// A checked path with its query, as it stands in a request line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiPath {
    path: String,
    query: Vec<(&'static str, String)>,
}

impl ApiPath {
    /// The collection of a kind, in one namespace or in all of them.
    pub fn collection(resource: &ApiResource, namespace: Option<&str>) -> Result<Self> {
        let mut path = root(resource)?;
        if let Some(namespace) = namespace.filter(|_| resource.namespaced) {
            check_label("namespace", namespace)?;
            path.push_str("/namespaces/");
            path.push_str(&encode(namespace));
        }
        check_plural(&resource.plural)?;
        path.push('/');
        path.push_str(&encode(&resource.plural));
        Ok(Self::of(path))
    }

    /// One object. `namespace` must be given for a namespaced kind and is left out for any other.
    pub fn object(resource: &ApiResource, namespace: &str, name: &str) -> Result<Self> {
        if resource.namespaced && namespace.is_empty() {
            return Err(Error::internal(format!(
                "a {} needs a namespace",
                display(&resource.gvk.kind)
            )));
        }
        let mut path = Self::collection(resource, resource.namespaced.then_some(namespace))?;
        check_segment("name", name)?;
        path.path.push('/');
        path.path.push_str(&encode(name));
        Ok(path)
    }

    /// A subresource of an object, by a name that the program knows.
    pub fn subresource(mut self, name: &'static str) -> Self {
        self.path.push('/');
        self.path.push_str(name);
        self
    }

    /// Any path below the server's root, as it is documented: `/version`, `/readyz`.
    pub fn raw(path: &str) -> Result<Self> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let is_safe = |c: char| c.is_ascii_graphic() && !matches!(c, '#' | '\\' | '"' | '<' | '>');
        let has_dots = path.split('/').any(|part| {
            matches!(
                part.to_ascii_lowercase().replace("%2e", ".").as_str(),
                "." | ".."
            )
        });
        let slashes = path.contains("//") || path.to_ascii_lowercase().contains("%2f");
        if !path.starts_with('/')
            || has_dots
            || slashes
            || !path.chars().chain(query.chars()).all(is_safe)
        {
            return Err(Error::usage(format!(
                "`{}` is not a path below an API server",
                display(path)
            )));
        }
        let mut path = path.to_owned();
        if !query.is_empty() {
            path.push('?');
            path.push_str(query);
        }
        Ok(Self::of(path))
    }

    fn of(path: String) -> Self {
        Self {
            path,
            query: Vec::new(),
        }
    }

    #[must_use]
    pub fn query(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.query.push((key, value.into()));
        self
    }

    /// Whether the server is asked to change nothing for good.
    pub fn is_dry_run(&self) -> bool {
        self.query.iter().any(|(key, _)| *key == "dryRun")
    }

    /// The path alone, for messages and logs: no query, so no continue token or selector.
    pub fn shown(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// Path and query, encoded.
    pub fn to_request_target(&self) -> String {
        let mut target = self.path.clone();
        for (key, value) in &self.query {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str(key);
            target.push('=');
            target.push_str(&encode(value));
        }
        target
    }
}

fn root(resource: &ApiResource) -> Result<String> {
    let gvk = &resource.gvk;
    check_version(&gvk.version)?;
    if gvk.group.is_empty() {
        return Ok(format!("/api/{}", encode(&gvk.version)));
    }
    check_group(&gvk.group)?;
    Ok(format!(
        "/apis/{}/{}",
        encode(&gvk.group),
        encode(&gvk.version)
    ))
}

/// What RFC 3986 calls unreserved stands as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Percent-encodes everything but unreserved characters.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

fn refuse(what: &str, text: &str, rule: &str) -> Error {
    Error::new(
        crate::error::Reason::Invalid,
        format!("{what} `{}` is not valid: {rule}", display(&cut(text))),
    )
}

fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}

/// The API server's own rule for names: one path segment. RBAC names such as `system:node` may hold colons.
fn check_segment(what: &str, text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(refuse(what, text, "it is empty"));
    }
    if text.len() > MAX_NAME {
        return Err(refuse(what, text, "it is longer than 253 bytes"));
    }
    if matches!(text, "." | "..") || text.contains(['/', '%']) {
        return Err(refuse(
            what,
            text,
            "it may not be `.` or `..` or hold `/` or `%`",
        ));
    }
    if text.chars().any(|c| !c.is_ascii_graphic()) || text.contains(['?', '#', '\\']) {
        return Err(refuse(
            what,
            text,
            "it holds a character no object name may hold",
        ));
    }
    Ok(())
}

/// A DNS label: namespaces.
fn check_label(what: &str, text: &str) -> Result<()> {
    let ok = (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-');
    if ok {
        Ok(())
    } else {
        Err(refuse(
            what,
            text,
            "it must be 1 to 63 lower-case letters, digits and `-`, with `-` not at an end",
        ))
    }
}

/// A DNS subdomain: API groups.
fn check_group(text: &str) -> Result<()> {
    if text.len() <= MAX_NAME && text.split('.').all(|part| check_label("", part).is_ok()) {
        Ok(())
    } else {
        Err(refuse("API group", text, "it must be a DNS name"))
    }
}

fn check_version(text: &str) -> Result<()> {
    let ok = (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if ok {
        Ok(())
    } else {
        Err(refuse(
            "API version",
            text,
            "it must be like `v1` or `v1beta1`",
        ))
    }
}

fn check_plural(text: &str) -> Result<()> {
    let ok = (1..=MAX_NAME).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'));
    if ok {
        Ok(())
    } else {
        Err(refuse("resource", text, "it must be a lower-case plural"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(api_version: &str, kind: &str, plural: &str, namespaced: bool) -> ApiResource {
        ApiResource::known(api_version, kind, plural, namespaced)
    }

    fn config_map() -> ApiResource {
        resource("v1", "ConfigMap", "configmaps", true)
    }

    fn check(path: Result<ApiPath>, expected: &str) {
        assert_eq!(path.expect("a valid path").to_request_target(), expected);
    }

    #[test]
    fn makes_the_paths_of_core_and_group_kinds() {
        check(
            ApiPath::object(&config_map(), "shop", "web"),
            "/api/v1/namespaces/shop/configmaps/web",
        );
        let role = resource(
            "rbac.authorization.k8s.io/v1",
            "ClusterRole",
            "clusterroles",
            false,
        );
        check(
            ApiPath::object(&role, "", "system:node"),
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode",
        );
        check(
            ApiPath::collection(&config_map(), None),
            "/api/v1/configmaps",
        );
    }

    #[test]
    fn encodes_query_values() {
        let path = ApiPath::collection(&config_map(), Some("a"))
            .map(|path| path.query("labelSelector", "a=b,c in (d)"));
        check(
            path,
            "/api/v1/namespaces/a/configmaps?labelSelector=a%3Db%2Cc%20in%20%28d%29",
        );
    }

    #[test]
    fn refuses_names_that_could_change_the_path() {
        for name in [
            "",
            ".",
            "..",
            "a/b",
            "a%2fb",
            "a?x=1",
            "a#b",
            "a\\b",
            "a b",
            "a\nb",
            "é",
            "\u{0}",
            "../../secrets/x",
            "a/../../x",
        ] {
            assert!(
                ApiPath::object(&config_map(), "ns", name).is_err(),
                "{name:?}"
            );
        }
        for namespace in ["", "A", "a/b", "-a", "a-", "..", "a.b", &"a".repeat(64)] {
            assert!(
                ApiPath::object(&config_map(), namespace, "x").is_err(),
                "{namespace:?}"
            );
        }
        let bad = resource("../v1", "ConfigMap", "configmaps", true);
        assert!(ApiPath::collection(&bad, None).is_err());
        let bad = resource("v1", "ConfigMap", "configmaps/x", true);
        assert!(ApiPath::collection(&bad, None).is_err());
    }

    #[test]
    fn takes_documented_raw_paths_only() {
        check(ApiPath::raw("/readyz?verbose"), "/readyz?verbose");
        for path in [
            "version",
            "//x",
            "/a/../b",
            "/a/%2e%2E/b",
            "/a b",
            "/a%2Fb",
            "/a#b",
        ] {
            assert!(ApiPath::raw(path).is_err(), "{path:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_name_never_adds_a_segment(name in ".{0,40}") {
            if let Ok(path) = ApiPath::object(&config_map(), "ns", &name) {
                let target = path.to_request_target();
                proptest::prop_assert_eq!(target.matches('/').count(), 6);
                proptest::prop_assert!(!target.contains(['?', '#', ' ']));
            }
        }
    }
}
