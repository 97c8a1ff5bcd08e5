//! Kustomize bases in other repositories and files behind addresses: real git servers over HTTPS on this machine.

use crate::support::{GitServer, Pushboat, Repo, pushboat};
use std::path::Path;

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n      - image: nginx\n        name: web\n";

/// A repository with a base, a component and an overlay of the base.
fn upstream() -> Repo {
    Repo::new(&[
        (
            "base/kustomization.yaml",
            "resources: [deploy.yaml]\nconfigMapGenerator:\n- {name: settings, literals: [a=1]}\n",
        ),
        ("base/deploy.yaml", DEPLOYMENT),
        (
            "blue/kustomization.yaml",
            "nameSuffix: -blue\nresources: [../base]\n",
        ),
        (
            "part/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nlabels: [{pairs: {part: 'yes'}}]\n",
        ),
        ("bad/kustomization.yaml", "resources: [none.yaml]\n"),
        ("up/kustomization.yaml", "resources: [../../base]\n"),
    ])
}

/// `pushboat render app` in a repository with this kustomization, with the server allowed.
fn render(server: &GitServer, kustomization: &str) -> Pushboat {
    let repo = Repo::new(&[("app/kustomization.yaml", kustomization)]);
    let call = render_in(server, repo.path());
    // The folder must outlive the call: it is small, and /tmp is cleared.
    std::mem::forget(repo);
    call
}

fn render_in(server: &GitServer, folder: &Path) -> Pushboat {
    pushboat(&["render", "app", "--allow-remote", &server.url("")])
        .dir(folder)
        .env("SSL_CERT_FILE", server.authority())
}

#[test]
fn a_base_of_another_repository_is_built_at_its_commit() {
    let (server, upstream) = (GitServer::start(), upstream());
    let commit = upstream.git(&["rev-parse", "HEAD"]);
    let url = server.repo("team/x", upstream.path());
    for entry in [
        format!("{url}//base?ref={}", commit.trim()),
        format!("{url}/base?ref=main"),
        format!("{url}//base"),
    ] {
        let done = render(&server, &format!("namePrefix: p-\nresources:\n- {entry}\n"))
            .run()
            .expect_code(0);
        assert!(
            done.stdout.contains("name: p-web") && done.stdout.contains("name: p-settings-"),
            "{}",
            done.stdout
        );
        let is_pinned = entry.contains(commit.trim());
        assert_eq!(
            done.stderr.contains("pin it with"),
            !is_pinned,
            "{}",
            done.stderr
        );
    }
}
