//! Servers and repositories that mean harm, and addresses that nobody allowed: nothing is asked, sent, run or read beyond what was allowed.

use super::{DEPLOYMENT, downstream, render, upstream};
use crate::support::{Asked, GitServer, Page, Repo, pushboat};
use base64::prelude::{BASE64_STANDARD, Engine};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// Renders an app with this one entry; it must fail and say so.
#[track_caller]
fn refused(server: &GitServer, entry: &str, texts: &[&str]) {
    let repo = downstream(&format!("resources: ['{entry}']\n"));
    let done = render(server, repo.path()).run();
    assert_eq!(done.code, 2, "{entry}: {}", done.stdout);
    for text in texts {
        assert!(
            done.stderr.contains(text),
            "{entry}: no {text:?} in\n{}",
            done.stderr
        );
    }
}

#[test]
fn nothing_is_asked_that_was_not_allowed() {
    let (server, upstream) = (GitServer::start(), upstream());
    let url = server.repo("team/x", upstream.path());
    let port = server.port;
    let entries = [
        url.clone(),
        format!("{url}//base?ref=main"),
        server.url("files/x.yaml"),
        format!("https://localhost:{port}/team/x//base?ref=main"),
        format!("https://127.0.0.1:{port}/team2/x//base?ref=main"),
        format!("https://user:pass@127.0.0.1:{port}/team/x//base"),
        format!("https://127.0.0.1:{port}/team/../team2/x//base?ref=main"),
        format!("http://127.0.0.1:{port}/team/x//base"),
        format!("ssh://git@127.0.0.1:{port}/team/x//base"),
        format!("git@127.0.0.1:{port}/team/x"),
        format!("file://{}", upstream.path().display()),
        format!("git::file://{}", upstream.path().display()),
        format!("ext::sh -c 'touch {}/owned'", upstream.path().display()).replace('\'', ""),
        "https://169.254.169.254/latest/meta-data/x.yaml".to_owned(),
        format!("https://2130706433:{port}/team/x//base"),
        format!("https://0x7f000001:{port}/team/x//base"),
        format!("https://[::ffff:127.0.0.1]:{port}/team/x//base"),
    ];
    for (n, entry) in entries.iter().enumerate() {
        // The first three would be allowed by the address that is allowed in the others.
        let allowed = if n < 3 {
            "https://127.0.0.1:1/".to_owned()
        } else {
            server.url("team")
        };
        let repo = downstream(&format!("resources: ['{entry}']\n"));
        let done = pushboat(&["render", "app", "--allow-remote", &allowed])
            .dir(repo.path())
            .env("SSL_CERT_FILE", server.authority())
            .run();
        assert_eq!(done.code, 2, "{entry}: {}", done.stdout);
        assert!(!done.stderr.contains("pass@"), "{}", done.stderr);
    }
    assert!(server.asked().is_empty());
    assert!(!upstream.path().join("owned").exists());
}

#[test]
fn a_name_on_a_private_network_needs_to_be_meant() {
    let (server, upstream) = (GitServer::start(), upstream());
    server.repo("x", upstream.path());
    let by_name = format!("https://localhost:{}/", server.port);
    let repo = downstream(&format!("resources: ['{by_name}x//base?ref=main']\n"));
    let home = tempfile::tempdir().unwrap();
    let call = |home: &Path, args: &[&str]| {
        let mut all = vec!["render", "app"];
        all.extend(args);
        pushboat(&all)
            .dir(repo.path())
            .home(home)
            .env("SSL_CERT_FILE", server.authority())
            .run()
    };
    let done = call(home.path(), &["--allow-remote", &by_name]);
    assert!(
        done.code == 2 && done.stderr.contains("private network"),
        "{}",
        done.stderr
    );
    assert!(
        done.stderr.contains("privateNetwork: true"),
        "{}",
        done.stderr
    );
    assert!(server.asked().is_empty());
    let file = home.path().join(".config/pushboat/remotes.yaml");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(
        &file,
        format!("remotes:\n- url: {by_name}\n  privateNetwork: true\n"),
    )
    .unwrap();
    call(home.path(), &[]).expect_code(0);
    std::fs::write(&file, "remotes:\n- url: http://x/\n").unwrap();
    let done = call(home.path(), &[]);
    assert!(
        done.code == 2 && done.stderr.contains("remotes.yaml:2"),
        "{}",
        done.stderr
    );
}

#[test]
fn a_redirect_leads_only_to_what_is_allowed() {
    let (server, other, upstream) = (GitServer::start(), GitServer::start(), upstream());
    other.repo("x", upstream.path());
    server.repo("new/x", upstream.path());
    let info = |name: &str| format!("{name}/info/refs?service=git-upload-pack");
    server.page(&info("old/x"), Page::redirect(&server.url(&info("new/x"))));
    let repo = downstream(&format!(
        "resources: ['{}//base?ref=main']\n",
        server.url("old/x")
    ));
    render(&server, repo.path()).run().expect_code(0);
    other.asked();
    for (name, to) in [
        ("a", other.url(&info("x"))),
        ("b", format!("http://127.0.0.1:{}/x", server.port)),
        ("c", "file:///etc/passwd".to_owned()),
        (
            "d",
            format!("https://localhost:{}/new/x/info/refs", server.port),
        ),
        ("e", server.url(&info("e"))),
        ("f", "//evil.example/x".to_owned()),
    ] {
        server.page(&info(name), Page::redirect(&to));
        refused(
            &server,
            &format!("{}//base?ref=main", server.url(name)),
            &["redirect"],
        );
        server.page(&format!("{name}.yaml"), Page::redirect(&to));
        refused(&server, &server.url(&format!("{name}.yaml")), &[]);
    }
    assert!(other.asked().is_empty());
}

/// Two servers; the user's list has a password for `mine/` of the first, and allows the rest of both.
struct Credentials {
    server: GitServer,
    other: GitServer,
    home: tempfile::TempDir,
    _upstream: Repo,
}

impl Credentials {
    fn new() -> Self {
        let (server, other) = (GitServer::start(), GitServer::start());
        let upstream = upstream();
        server.repo("mine/x", upstream.path());
        other.repo("x", upstream.path());
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".config/pushboat");
        std::fs::create_dir_all(&folder).unwrap();
        let password = home.path().join("token");
        std::fs::write(&password, "hunter2-hunter2\n").unwrap();
        let list = format!(
            "remotes:\n- {{url: '{}', passwordFile: {}}}\n- {{url: '{}'}}\n- {{url: '{}'}}\n",
            server.url("mine/"),
            password.display(),
            server.url(""),
            other.url("")
        );
        std::fs::write(folder.join("remotes.yaml"), list).unwrap();
        // Both servers' certificates must be trusted.
        let pems = [server.authority(), other.authority()];
        let pems = pems.map(|file| std::fs::read_to_string(file).unwrap());
        std::fs::write(home.path().join("both.pem"), pems.concat()).unwrap();
        Self {
            server,
            other,
            home,
            _upstream: upstream,
        }
    }

    fn render(&self, entry: &str) -> crate::support::Finished {
        let repo = downstream(&format!("resources: ['{entry}']\n"));
        let trusted = self.home.path().join("both.pem");
        pushboat(&["render", "app", "-vv"])
            .dir(repo.path())
            .home(self.home.path())
            .env("SSL_CERT_FILE", trusted.to_str().unwrap())
            .run()
    }
}

#[test]
fn credentials_go_to_their_place_and_no_further() {
    let all = Credentials::new();
    let pair = BASE64_STANDARD.encode("x-access-token:hunter2-hunter2");
    let expected = format!("Basic {pair}");
    all.server.require(&expected);
    let entry = format!("{}//base?ref=main", all.server.url("mine/x"));
    let done = all.render(&entry).expect_code(0);
    assert!(!done.stderr.contains("hunter2") && !done.stderr.contains(&pair));
    let asked = all.server.asked();
    assert!(
        asked
            .iter()
            .all(|asked| asked.headers.get("authorization") == Some(&expected))
    );
    // Another place of the same server, and another server behind a redirect, get nothing.
    let is_bare = |asked: &Asked| !asked.headers.contains_key("authorization");
    all.server.page("else.yaml", Page::text(DEPLOYMENT));
    all.render(&all.server.url("else.yaml")).expect_code(0);
    assert!(all.server.asked().iter().all(is_bare));
    let away = all.other.page("away.yaml", Page::text(DEPLOYMENT));
    let from = all.server.page("mine/away.yaml", Page::redirect(&away));
    all.render(&from).expect_code(0);
    assert!(!all.server.asked().iter().any(is_bare));
    let asked = all.other.asked();
    assert!(asked.len() == 1 && is_bare(&asked[0]), "{asked:?}");
}

#[test]
fn credentials_that_are_refused_are_not_shown() {
    let all = Credentials::new();
    all.server.require("Basic other");
    let entry = format!("{}//base?ref=main", all.server.url("mine/x"));
    let done = all.render(&entry);
    assert!(
        done.code == 2 && done.stderr.contains("answers 401"),
        "{}",
        done.stderr
    );
    assert!(!done.stderr.contains("hunter2"), "{}", done.stderr);
    std::fs::remove_file(all.home.path().join("token")).unwrap();
    let done = all.render(&entry);
    assert!(
        done.code == 2 && done.stderr.contains("passwordFile"),
        "{}",
        done.stderr
    );
}

#[test]
fn a_server_that_is_slow_endless_or_talks_rubbish_ends_in_an_error() {
    let (server, upstream) = (GitServer::start(), upstream());
    server.repo("x", upstream.path());
    let slow = Page {
        after: Duration::from_secs(20),
        ..Page::text("")
    };
    server.page("slow/x/info/refs?service=git-upload-pack", slow);
    let started = Instant::now();
    refused(
        &server,
        &format!("{}//base?ref=main&timeout=1s", server.url("slow/x")),
        &["too long"],
    );
    assert!(started.elapsed() < Duration::from_secs(10));
    let page = Page {
        body: vec![b'#'; 33 << 20],
        ..Page::text("")
    };
    server.page("huge.yaml", page);
    refused(&server, &server.url("huge.yaml"), &["larger than 32 MiB"]);
    let rubbish = |body: &[u8]| Page {
        headers: vec![(
            "Content-Type".into(),
            "application/x-git-upload-pack-advertisement".into(),
        )],
        body: body.to_vec(),
        ..Page::text("")
    };
    for (n, body) in [
        &b""[..],
        b"0000",
        b"ffff",
        b"zzzz",
        b"001e# service=git-upload-pack\n0000000eversion 2\n0000",
        b"\x00\xff\xfe",
        b"0005\n0003",
    ]
    .iter()
    .enumerate()
    {
        server.page(
            &format!("r{n}/x/info/refs?service=git-upload-pack"),
            rubbish(body),
        );
        refused(
            &server,
            &format!("{}//base?ref=main", server.url(&format!("r{n}/x"))),
            &["failed to fetch"],
        );
    }
}

#[test]
fn a_repository_cannot_reach_out_of_itself() {
    let (server, secret) = (GitServer::start(), tempfile::tempdir().unwrap());
    std::fs::write(secret.path().join("canary.yaml"), DEPLOYMENT).unwrap();
    let upstream = Repo::new(&[
        ("abs/kustomization.yaml", "resources: [link.yaml]\n"),
        ("out/kustomization.yaml", "resources: [link.yaml]\n"),
        ("sub/kustomization.yaml", "resources: [../module/x.yaml]\n"),
        (".gitattributes", "* filter=evil\n"),
        (
            ".gitmodules",
            "[submodule \"m\"]\n\tpath = module\n\turl = ext::sh -c touch% /tmp/owned\n",
        ),
        ("fine/kustomization.yaml", "resources: [deploy.yaml]\n"),
        ("fine/deploy.yaml", DEPLOYMENT),
    ]);
    std::os::unix::fs::symlink(
        secret.path().join("canary.yaml"),
        upstream.path().join("abs/link.yaml"),
    )
    .unwrap();
    std::os::unix::fs::symlink(
        "../../../../../../../../etc/hostname",
        upstream.path().join("out/link.yaml"),
    )
    .unwrap();
    upstream.commit("links");
    let head = upstream.git(&["rev-parse", "HEAD"]);
    upstream.git(&[
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("160000,{},module", head.trim()),
    ]);
    upstream.git(&["commit", "--quiet", "--message", "module"]);
    let url = server.repo("x", upstream.path());
    for (name, text) in [("abs", "symlink"), ("out", "symlink"), ("sub", "submodule")] {
        refused(&server, &format!("{url}//{name}?ref=main"), &[text]);
    }
    let repo = downstream(&format!("resources: ['{url}//fine?ref=main']\n"));
    render(&server, repo.path()).run().expect_code(0);
}

#[test]
fn no_program_is_started() {
    let (server, upstream) = (GitServer::start(), upstream());
    let url = server.repo("x", upstream.path());
    server.require("Basic nobody-has-it");
    let repo = downstream(&format!("resources: ['{url}//base?ref=main']\n"));
    let fakes = tempfile::tempdir().unwrap();
    let log = fakes.path().join("log");
    for name in [
        "git",
        "ssh",
        "sh",
        "git-credential-store",
        "git-upload-pack",
        "pinentry",
        "askpass",
    ] {
        let file = fakes.path().join(name);
        std::fs::write(
            &file,
            format!("#!/bin/sh\necho {name} >> {}\n", log.display()),
        )
        .unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let home = tempfile::tempdir().unwrap();
    let config = "[credential]\n\thelper = store\n[core]\n\taskPass = askpass\n\tsshCommand = ssh\n[include]\n\tpath = /nonexistent\n[url \"https://evil.example/\"]\n\tinsteadOf = https://\n";
    std::fs::write(home.path().join(".gitconfig"), config).unwrap();
    let askpass = fakes.path().join("askpass");
    let done = render(&server, repo.path())
        .home(home.path())
        .env("PATH", fakes.path().to_str().unwrap())
        .env("GIT_ASKPASS", askpass.to_str().unwrap())
        .env("GIT_SSH", "ssh")
        .env(
            "GIT_CONFIG_GLOBAL",
            home.path().join(".gitconfig").to_str().unwrap(),
        )
        .run();
    assert!(
        done.code == 2 && done.stderr.contains("answers 401"),
        "{}",
        done.stderr
    );
    assert!(!log.exists(), "{}", std::fs::read_to_string(&log).unwrap());
}

#[test]
fn an_interrupt_does_not_wait_for_a_server() {
    let server = GitServer::start();
    let slow = Page {
        after: Duration::from_secs(60),
        ..Page::text("")
    };
    server.page("x/info/refs?service=git-upload-pack", slow);
    let repo = downstream(&format!("resources: ['{}//base']\n", server.url("x")));
    let app = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  project: default\n  destination: {namespace: web}\n  source: {path: app}\n";
    repo.write("clusters/dev/applications.yaml", app);
    for args in [&["render", "app"][..], &["app", "manifests", "web"]] {
        let mut args = args.to_vec();
        let url = server.url("");
        args.extend(["--allow-remote", &url]);
        let run = pushboat(&args)
            .dir(repo.path())
            .env("SSL_CERT_FILE", server.authority())
            .start();
        std::thread::sleep(Duration::from_secs(2));
        let signalled = Instant::now();
        run.signal(rustix::process::Signal::INT);
        let done = run.wait();
        assert!(signalled.elapsed() < Duration::from_secs(30), "{args:?}");
        assert_eq!(done.code, 130, "{args:?}: {}", done.stderr);
    }
}
