//! Which cluster an Application goes to.

use proptest::prelude::*;

use super::*;
use crate::repo::application;

fn node(text: &str) -> Node {
    crate::object::yaml::parse(text.as_bytes(), "f.yaml", &Default::default())
        .expect("parses")
        .documents
        .remove(0)
}

fn app(destination: &str, folder: &str) -> Application {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: shop}}\nspec:\n  source: {{path: a}}\n  destination: {destination}\n"
    );
    application::read(&node(&text), "clusters/dev/shop.yaml", folder)
}

fn context(name: &str, server: &str) -> KnownContext {
    KnownContext {
        name: name.into(),
        server: server.into(),
        origin: "~/.kube/config".into(),
    }
}

fn folder(name: &str, file: Option<&str>) -> ClusterFolder {
    ClusterFolder {
        name: name.into(),
        file: file.map(|text| {
            let path = format!("clusters/{name}/cluster.yaml");
            let (file, problems) = read_file(&node(text), &path);
            assert!(problems.is_empty(), "{problems:?}");
            file
        }),
        problem: None,
    }
}

fn world() -> KnownClusters {
    known(
        &[
            folder("dev", None),
            folder(
                "prod",
                Some("{context: prod-eu, aliases: ['https://old.prod:6443/']}"),
            ),
            folder("stage", Some("server: https://Stage.example.com:443/")),
        ],
        &[context("lab", "https://lab:6443")],
        &[
            context("dev", "https://dev:6443"),
            context("prod-eu", "https://prod:6443"),
            context("unrelated", "https://unrelated:6443"),
        ],
    )
}

fn check(destination: &str, expected: &str) {
    let found = resolve(&app(destination, "dev"), &world());
    assert_eq!(found.expect("resolves"), expected, "{destination}");
}

fn check_error(destination: &str, folder: &str, expected: &str) -> String {
    let error = resolve(&app(destination, folder), &world()).expect_err("no cluster");
    let report = error.report();
    assert!(report.contains(expected), "{report}");
    assert!(report.contains("clusters/dev/shop.yaml:"), "{report}");
    report
}

#[test]
fn resolves_in_the_documented_order() {
    check("{name: prod}", "prod");
    check("{name: lab}", "lab");
    check("{server: 'HTTPS://PROD:6443/'}", "prod");
    check("{server: 'https://stage.example.com'}", "stage");
    check("{server: 'https://lab:6443'}", "lab");
    check("{server: 'https://kubernetes.default.svc'}", "dev");
    check("{server: 'https://kubernetes.default.svc:443/'}", "dev");
    check("{name: in-cluster}", "dev");
    check("{namespace: x}", "dev");
    check("{server: 'https://old.prod:6443'}", "prod");
}

#[test]
fn says_what_is_wrong_and_where() {
    let report = check_error(
        "{name: prd}",
        "dev",
        "there are no clusters with this name: prd",
    );
    assert!(report.contains("did you mean `prod`?"), "{report}");
    check_error(
        "{server: 'https://nowhere'}",
        "dev",
        "`prod` (https://prod:6443)",
    );
    check_error("{}", "", "does not stand in a cluster's folder");
    check_error("{server: 'https://kubernetes.default.svc'}", "", "`stage`");
    check_error(
        "{server: 'https://unrelated:6443'}",
        "dev",
        "no known cluster's",
    );
}

#[test]
fn two_clusters_with_one_server_are_an_error() {
    let clusters = known(
        &[
            folder("a", Some("server: https://x")),
            folder("b", Some("server: https://x/")),
        ],
        &[],
        &[],
    );
    let error = resolve(&app("{server: 'https://x'}", "a"), &clusters).expect_err("two");
    assert!(
        error
            .message()
            .contains("2 clusters have: `a` (clusters/a/cluster.yaml), `b`"),
        "{error}"
    );
}

#[test]
fn a_context_that_a_folder_names_is_no_second_cluster() {
    let clusters = known(
        &[folder("prod", Some("context: prod-eu"))],
        &[context("prod-eu", "https://prod:6443")],
        &[],
    );
    assert_eq!(clusters.names().collect::<Vec<_>>(), ["prod"]);
    assert_eq!(
        clusters.clusters[0].server.as_deref(),
        Some("https://prod:6443")
    );
}

#[test]
fn credentials_in_a_cluster_file_are_refused() {
    for text in [
        "token: abc",
        "bearerToken: abc",
        "clientKeyData: abc",
        "client-key-data: abc",
        "password: abc",
        "kubeconfig: abc",
        "server: https://admin:hunter2@prod",
        "proxyUrl: http://me:pw@proxy:3128",
    ] {
        let (_, problems) = read_file(&node(text), "clusters/x/cluster.yaml");
        assert_eq!(problems.len(), 1, "{text}: {problems:?}");
        let report = problems[0].report();
        assert!(
            report.contains("must never stand in a repository"),
            "{report}"
        );
        assert!(
            !report.contains("hunter2") && !report.contains("abc"),
            "{report}"
        );
    }
    let (_, problems) = read_file(&node("contxt: x"), "clusters/x/cluster.yaml");
    assert!(
        problems[0].report().contains("did you mean `context`?"),
        "{problems:?}"
    );
}

proptest! {
    #[test]
    fn normalising_a_server_twice_is_once(server in "\\PC{0,40}") {
        let once = normalise_server(&server);
        prop_assert_eq!(normalise_server(&once), once.clone());
    }

    /// White space keeps an address from being taken as it is.
    #[test]
    fn an_address_that_is_taken_as_it_is_would_come_out_the_same(server in "https://[a-z]{0,3}(:4?443)?[A-Za-z0-9/.:]{0,6}") {
        let other = format!(" {server}");
        prop_assert_eq!(normalise_server(&server), normalise_server(&other));
    }

    #[test]
    fn port_case_and_slash_do_not_matter(host in "[a-z]{1,8}(\\.[a-z]{1,4})?") {
        let expected = format!("https://{host}");
        let other = format!("HTTPS://{}:443/", host.to_uppercase());
        prop_assert_eq!(normalise_server(&other), expected);
    }
}
