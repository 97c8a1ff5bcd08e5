//! The real program builds the same from the same servers.

use super::{COMPONENT, DEPLOYMENT, downstream, render, upstream};
use crate::support::{GitServer, Page, finish, program, pushboat};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What `kustomize build` prints.
fn kustomize(server: &GitServer, folder: &Path, root: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(program("kustomize"));
    command
        .args(["build", root])
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.path())
        .env("GIT_SSL_CAINFO", server.authority())
        .env("SSL_CERT_FILE", server.authority());
    finish(&mut command, "", Duration::from_secs(120))
        .expect_code(0)
        .stdout
}

#[test]
fn bases_components_and_files_are_as_the_real_program_has_them() {
    let (server, upstream) = (GitServer::start(), upstream());
    let commit = upstream.git(&["rev-parse", "HEAD"]);
    let commit = commit.trim();
    upstream.git(&["tag", "v1"]);
    let url = server.repo("team/x", upstream.path());
    upstream.write(
        "far/kustomization.yaml",
        &format!("namePrefix: far-\nresources: ['{url}//blue?ref=v1']\n"),
    );
    upstream.write(
        "meta/kustomization.yaml",
        "resources: [../base]\nconfigMapGenerator: [{name: m, literals: [b=2]}]\nnamePrefix: m-\n",
    );
    upstream.commit("more");
    let deploy = server.page("files/deploy.yaml", Page::text(DEPLOYMENT));
    let patch = server.page(
        "files/patch.yaml",
        Page::text(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n",
        ),
    );
    let data = server.page("files/data.txt", Page::text("hello\n"));
    let all = "buildMetadata: [originAnnotations, transformerAnnotations]\n";
    let cases = [
        format!("namePrefix: p-\nresources: ['{url}//base?ref={commit}']\n"),
        format!("resources: ['{url}/blue?ref=main']\ncomponents: ['{url}//part?ref=v1']\n"),
        format!("bases: ['{url}//far?ref=main']\nnamespace: team\n"),
        format!("{all}resources: ['{url}//blue?ref=v1']\nnamePrefix: p-\n"),
        format!("{all}resources: ['{url}//meta?ref=main', own.yaml]\n"),
        format!("{all}resources: ['{url}//meta']\n"),
        format!("resources: ['{deploy}']\npatches: [{{path: '{patch}'}}]\n"),
        format!(
            "resources: ['{deploy}']\nconfigMapGenerator: [{{name: c, files: ['f.txt={data}'], envs: []}}]\n"
        ),
        format!("resources: ['{url}.git//base?ref=main&timeout=90s']\n"),
        format!("resources: ['{url}//base?version=v1']\n"),
    ];
    for case in cases {
        let repo = downstream(&case);
        repo.write(
            "app/own.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\n",
        );
        let expected = kustomize(&server, repo.path(), "app");
        let ours = render(&server, repo.path()).run().expect_code(0).stdout;
        assert_eq!(ours, expected, "{case}");
    }
}

#[test]
fn a_folder_of_another_repository_can_be_rendered_itself() {
    let (server, upstream) = (GitServer::start(), upstream());
    upstream.write("part/kustomization.yaml", COMPONENT);
    upstream.write(
        "top/kustomization.yaml",
        "buildMetadata: [originAnnotations]\nresources: [../blue]\n",
    );
    upstream.commit("top");
    let url = server.repo("team/x", upstream.path());
    let here = tempfile::tempdir().unwrap();
    let entry = format!("{url}//top?ref=main");
    let ours = pushboat(&["render", &entry, "--allow-remote", &url])
        .dir(here.path())
        .env("SSL_CERT_FILE", server.authority())
        .run()
        .expect_code(0);
    assert_eq!(ours.stdout, kustomize(&server, here.path(), &entry));
}
