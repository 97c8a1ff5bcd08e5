//! Escapes, links, changes while reading.

use std::os::unix::fs::symlink;

use super::*;

/// A folder with `repo/` in it, and a secret beside the repo.
fn world() -> (tempfile::TempDir, WorkTree) {
    let folder = tempfile::tempdir().expect("temp dir");
    let root = folder.path().join("repo");
    for dir in ["repo/apps/base", "repo/.git", "repo/other", "outside"] {
        std::fs::create_dir_all(folder.path().join(dir)).expect("mkdir");
    }
    for (file, text) in [
        ("repo/apps/base/a.yaml", "a: 1\n"),
        ("repo/.git/config", "secret\n"),
        ("repo/other/b.yaml", "b: 2\n"),
        ("outside/canary", "canary\n"),
    ] {
        std::fs::write(folder.path().join(file), text).expect("write");
    }
    let tree = WorkTree::open(&root).expect("opens");
    (folder, tree)
}

fn link(folder: &tempfile::TempDir, target: &str, name: &str) {
    symlink(target, folder.path().join("repo").join(name)).expect("link");
}

#[test]
fn reads_files_and_follows_links_that_stay_inside() {
    let (folder, tree) = world();
    link(&folder, "apps/base", "shortcut");
    link(&folder, "../../other/b.yaml", "apps/base/c.yaml");
    assert_eq!(&*tree.read("apps/base/a.yaml").expect("read"), b"a: 1\n");
    assert_eq!(&*tree.read("shortcut/a.yaml").expect("read"), b"a: 1\n");
    assert_eq!(&*tree.read("shortcut/c.yaml").expect("read"), b"b: 2\n");
    assert_eq!(
        tree.real_path("shortcut/c.yaml").expect("path"),
        "other/b.yaml"
    );
    assert_eq!(tree.entry("shortcut").expect("entry"), Entry::Directory);
    assert_eq!(
        tree.list("shortcut").expect("list"),
        [
            ("a.yaml".to_owned(), Entry::File),
            ("c.yaml".to_owned(), Entry::File)
        ]
    );
}

#[test]
fn nothing_outside_the_root_can_be_reached() {
    let (folder, tree) = world();
    let absolute = folder.path().join("outside").to_string_lossy().into_owned();
    link(&folder, "../outside/canary", "relative");
    link(&folder, &format!("{absolute}/canary"), "absolute");
    link(&folder, "../outside", "folder");
    link(&folder, "..", "up");
    link(&folder, "relative", "chain");
    link(&folder, "../../outside/canary", "apps/deep");
    for path in [
        "relative",
        "absolute",
        "folder/canary",
        "up/outside/canary",
        "chain",
        "apps/deep",
        "../outside/canary",
        "apps/../../outside/canary",
        "folder",
    ] {
        assert!(tree.read(path).is_err(), "{path} was read");
        assert!(tree.list(path).is_err(), "{path} was listed");
    }
    let listed = tree.list("").expect("list");
    assert!(listed.contains(&("relative".to_owned(), Entry::Missing)));
    let error = tree.read("relative").expect_err("escapes");
    assert_eq!(error.message(), "symlink `relative` leaves the repository");
}

#[test]
fn git_folders_do_not_exist() {
    let (folder, tree) = world();
    link(&folder, ".git/config", "config");
    link(&folder, ".git", "innocent");
    for path in [
        ".git/config",
        ".GIT/config",
        "apps/../.git/config",
        "config",
        "innocent/config",
    ] {
        assert!(tree.read(path).is_err(), "{path}");
        assert_eq!(tree.entry(path).expect("entry"), Entry::Missing, "{path}");
    }
    assert!(
        tree.list("")
            .expect("list")
            .iter()
            .all(|(name, _)| name != ".git")
    );
}

#[test]
fn ten_links_are_followed_and_no_more() {
    let (folder, tree) = world();
    link(&folder, "other/b.yaml", "l1");
    for n in 2..=11 {
        link(&folder, &format!("l{}", n - 1), &format!("l{n}"));
    }
    link(&folder, "loop", "loop");
    assert!(tree.read("l10").is_ok());
    assert!(tree.read("l11").is_err());
    assert!(tree.read("loop").is_err());
    assert_eq!(tree.entry("dangling").expect("entry"), Entry::Missing);
}

#[test]
fn a_pipe_or_an_oversized_file_is_refused_without_hanging() {
    let (folder, tree) = world();
    let pipe = folder.path().join("repo/pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        FileType::Fifo,
        Mode::RUSR | Mode::WUSR,
        0,
    )
    .expect("mkfifo");
    assert!(tree.read("pipe").is_err());
    let large = std::fs::File::create(folder.path().join("repo/large")).expect("create");
    large.set_len(MAX_FILE_BYTES + 1).expect("grow");
    let error = tree.read("large").expect_err("too large");
    assert_eq!(error.message(), "`large` is larger than 16 MiB");
}

#[test]
fn a_change_while_reading_is_noticed() {
    let (folder, tree) = world();
    let file = folder.path().join("repo/apps/base/a.yaml");
    tree.read("apps/base/a.yaml").expect("read");
    tree.entry("apps/kustomization.yaml").expect("entry");
    tree.verify_unchanged().expect("nothing changed");

    std::fs::write(&file, "a: 2\n").expect("write");
    assert!(tree.verify_unchanged().is_err());
    assert_eq!(&*tree.read("apps/base/a.yaml").expect("read"), b"a: 1\n");
    tree.refresh();
    assert_eq!(&*tree.read("apps/base/a.yaml").expect("read"), b"a: 2\n");
    tree.verify_unchanged().expect("fresh");

    tree.entry("apps/kustomization.yaml").expect("entry");
    std::fs::write(folder.path().join("repo/apps/kustomization.yaml"), "").expect("write");
    assert!(tree.verify_unchanged().is_err(), "a file appeared");

    tree.refresh();
    tree.list("apps/base").expect("list");
    std::fs::write(folder.path().join("repo/apps/base/new.yaml"), "").expect("write");
    assert!(tree.verify_unchanged().is_err(), "a listing changed");
}
