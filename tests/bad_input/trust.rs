//! What a repository says of a cluster sends no credential elsewhere, and nothing of it is lost in silence.

use super::fleet::{Fleet, read};
use super::{diff, expect_unanswered, here, plane, repo};
use crate::support::{Authority, Faultline, Finished};
use base64::prelude::{BASE64_STANDARD, Engine};
use pushboat::cluster::{Kubeconfig, authority_digests};
use serde_json::{Value, json};
use std::os::unix::fs::symlink;

const FILE: &str = "clusters/one/cluster.yaml";

/// A server with a certificate of the plane's own authority, as any node of the cluster may have one.
fn impostor() -> Faultline {
    let identity = plane().authority().server(&["127.0.0.1", "other.example"]);
    Faultline::with(plane(), Authority::new("unused"), &identity)
}

fn ask(fleet: &Fleet, more: &[&str]) -> Finished {
    let args = [&["app", "diff", "one/web", "-o", "json"], more].concat();
    fleet.pushboat(&args).run()
}

/// The one digest of a kubeconfig's authority.
fn digest(config: &Value) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), config.to_string()).unwrap();
    let kubeconfig = Kubeconfig::load_one(file.path()).unwrap();
    let context = kubeconfig.contexts().remove(0).name;
    let mut digests = authority_digests(&kubeconfig.resolve(&context).unwrap()).unwrap();
    assert_eq!(digests.len(), 1);
    digests.remove(0)
}

#[test]
fn credentials_go_where_the_kubeconfig_says() {
    let (fleet, impostor) = (
        Fleet::new("lure", &[("one", read(plane().kubeconfig()))]),
        impostor(),
    );
    let server = impostor.server();
    let proxy = format!("http://127.0.0.1:{}", impostor.port());
    for (key, value) in [
        ("server", &*server),
        ("proxyUrl", &proxy),
        ("tlsServerName", "other.example"),
    ] {
        fleet.repo.write(FILE, &json!({key: value}).to_string());
        let own = plane().server();
        let own = if key == "server" {
            &*own
        } else {
            "none in context"
        };
        let allow = format!("--allow-address one={value}");
        expect_unanswered(ask(&fleet, &[]), "config", &[key, value, own, FILE, &allow]);
    }
    let both = json!({"server": server, "tlsServerName": "other.example"});
    fleet.repo.write(FILE, &both.to_string());
    let one = format!("one={server}");
    expect_unanswered(
        ask(&fleet, &["--allow-address", &one]),
        "config",
        &["`tlsServerName` is `other.example`"],
    );
    assert_eq!(impostor.connections(), 0);
}

#[test]
fn what_the_user_allows_for_a_cluster_is_used() {
    let (fleet, near) = (
        Fleet::new("allow", &[("one", read(plane().kubeconfig()))]),
        impostor(),
    );
    fleet
        .repo
        .write(FILE, &json!({"server": near.server()}).to_string());
    let allowed = format!("one={}", near.server());
    ask(&fleet, &["--allow-address", &allowed]).expect_code(1);
    assert!(!near.journal().is_empty());
    let elsewhere = format!("two={}", near.server());
    expect_unanswered(
        ask(&fleet, &["--allow-address", &elsewhere]),
        "config",
        &[FILE],
    );

    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".config/pushboat");
    std::fs::create_dir_all(&folder).unwrap();
    let config = json!({"clusters": {"one": {"server": near.server()}}});
    std::fs::write(folder.join("config.yaml"), config.to_string()).unwrap();
    near.clear_journal();
    let args = ["app", "diff", "one/web"];
    fleet.pushboat(&args).home(home.path()).run().expect_code(1);
    assert!(!near.journal().is_empty());
}

#[test]
fn a_server_with_another_authority_gets_no_credential() {
    let faultline = Faultline::before(plane());
    let mut config = read(faultline.kubeconfig());
    let (own, planes) = (digest(&config), digest(&read(plane().kubeconfig())));
    let fleet = Fleet::new("pinned", &[("one", config.clone())]);
    let record = |digests: &[&str]| {
        fleet
            .repo
            .write(FILE, &json!({"authorities": digests}).to_string());
    };
    record(&[&planes]);
    expect_unanswered(ask(&fleet, &[]), "wrong-cluster", &[&own, "authorities"]);
    assert_eq!(faultline.connections(), 0);
    // A kubeconfig that trusts both still trusts only the recorded one for this cluster.
    let bundle = format!("{}{}", faultline.authority().pem, plane().authority().pem);
    let data = BASE64_STANDARD.encode(bundle);
    config["clusters"][0]["cluster"]["certificate-authority-data"] = json!(data);
    let fleet = Fleet::new("bundle", &[("one", config)]);
    let record = |digests: &[&str]| {
        fleet
            .repo
            .write(FILE, &json!({"authorities": digests}).to_string());
    };
    record(&[&planes]);
    let words = ["signed by an authority that the repository does not record"];
    expect_unanswered(ask(&fleet, &[]), "wrong-cluster", &words);
    assert!(faultline.connections() > 0 && faultline.journal().is_empty());
    record(&[&planes, &own]);
    ask(&fleet, &[]).expect_code(1);
    record(&["sha256:12"]);
    expect_unanswered(ask(&fleet, &[]), "config", &["authorities[0]", FILE]);
}

#[test]
fn adding_a_cluster_records_who_vouches_for_it() {
    let fleet = Fleet::new("added", &[("one", read(plane().kubeconfig()))]);
    let add = ["cluster", "add", "one", "--no-manager", "--yes"];
    fleet.pushboat(&add).run().expect_code(0);
    let text = std::fs::read_to_string(fleet.repo.path().join(FILE)).unwrap();
    let expected = format!("authorities: [\"{}\"]", digest(&read(plane().kubeconfig())));
    assert!(text.contains(&expected), "{text}");
    fleet.pushboat(&["cluster", "list"]).run().expect_code(0);
    ask(&fleet, &[]).expect_code(1);
}

#[test]
fn a_link_that_leads_nowhere_or_out_is_never_taken_for_absent() {
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(outside.path(), "{}\n").unwrap();
    for path in [
        "clusters/test/cluster.yaml",
        "pushboat.yaml",
        "clusters/test/more.yaml",
        "clusters/test/team",
        "clusters/more.yaml",
        "bootstrap/root-app.yaml",
    ] {
        for target in ["../nowhere.yaml", outside.path().to_str().unwrap()] {
            let repo = repo(&[]);
            let link = repo.path().join(path);
            std::fs::create_dir_all(link.parent().unwrap()).unwrap();
            let _ = std::fs::remove_file(&link);
            symlink(target, &link).unwrap();
            let args = ["app", "diff", "--all", "-o", "json"];
            let all = crate::support::pushboat(&args)
                .dir(repo.path())
                .kubeconfig(plane().kubeconfig())
                .run()
                .expect_code(2);
            assert!(all.stderr.contains(path), "{path} {target}: {all:?}");
        }
    }
    // Without it nobody knows which cluster is meant, so the app is not answered for, however it is named.
    for what in ["link", "folder"] {
        let repo = repo(&[(
            "clusters/test/web.yaml",
            &super::application("web", &here()),
        )]);
        let file = repo.path().join("clusters/test/cluster.yaml");
        match what {
            "link" => symlink("../nowhere.yaml", &file).unwrap(),
            _ => std::fs::create_dir(&file).unwrap(),
        }
        expect_unanswered(
            diff(&repo, "web"),
            "config",
            &["clusters/test/cluster.yaml"],
        );
    }
}
