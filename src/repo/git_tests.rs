//! Real repositories, made with the git program in temporary folders.

use std::os::unix::fs::symlink;
use std::process::Command;

use super::*;
use crate::repo::tree::{Entry, FileTree};

struct Repo {
    folder: tempfile::TempDir,
}

impl Repo {
    fn new() -> Self {
        let repo = Self {
            folder: tempfile::tempdir().expect("temp dir"),
        };
        repo.git(&["init", "-q", "-b", "main"]);
        repo.write("apps/base/a.yaml", "a: 1\n");
        repo.write("clusters/dev/app.yaml", "kind: x\n");
        repo.commit("first");
        repo
    }

    fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().expect("path")
    }

    fn git(&self, arguments: &[&str]) -> String {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let output = Command::new("git")
            .args(["-c", "protocol.file.allow=always"])
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs([
                ("GIT_AUTHOR_NAME", "a"),
                ("GIT_AUTHOR_EMAIL", "a@example.com"),
                ("GIT_COMMITTER_NAME", "a"),
                ("GIT_COMMITTER_EMAIL", "a@example.com"),
            ])
            .output()
            .expect("git runs");
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().expect("parent")).expect("mkdir");
        std::fs::write(path, text).expect("write");
    }

    fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn open(&self) -> Git {
        Git::open(&self.path())
            .expect("opens")
            .expect("a repository")
    }

    fn is_dirty(&self) -> bool {
        self.open().is_dirty().expect("answers")
    }
}

fn text(tree: &GitTree, path: &str) -> String {
    String::from_utf8_lossy(&tree.read(path).expect(path)).into_owned()
}

#[test]
fn a_plain_folder_has_no_git() {
    let folder = tempfile::tempdir().expect("temp dir");
    // The temporary folder itself must not lie in a repository.
    assert!(
        Git::open(&folder.path().canonicalize().expect("path"))
            .expect("opens")
            .is_none()
    );
}

#[test]
fn head_and_remotes_are_read() {
    let repo = Repo::new();
    let commit = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&[
        "remote",
        "add",
        "zeta",
        "https://user:token@example.com/z/z.git",
    ]);
    repo.git(&["remote", "add", "origin", "git@GitHub.com:acme/gitops.git"]);
    let git = repo.open();
    assert_eq!(
        git.head().expect("head"),
        Head {
            branch: Some("main".into()),
            commit: Some(commit.clone())
        }
    );
    let identity = git.identity().expect("identity");
    assert_eq!(
        identity.remotes,
        ["github.com/acme/gitops", "example.com/z/z"]
    );
    repo.git(&["checkout", "-q", "--detach"]);
    assert_eq!(repo.open().head().expect("head").branch, None);
}

#[test]
fn an_empty_repository_has_a_branch_and_no_commit() {
    let folder = tempfile::tempdir().expect("temp dir");
    let repo = Repo { folder };
    repo.git(&["init", "-q", "-b", "trunk"]);
    let git = repo.open();
    assert_eq!(git.head().expect("head").branch.as_deref(), Some("trunk"));
    assert_eq!(git.head().expect("head").commit, None);
    assert!(git.resolve("HEAD").is_err());
    assert!(!git.is_dirty().expect("answers"));
    repo.write("apps/x.yaml", "");
    assert!(repo.is_dirty());
}

#[test]
fn every_kind_of_revision_is_resolved() {
    let repo = Repo::new();
    let first = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["tag", "v1.0.0"]);
    repo.git(&["branch", "old"]);
    repo.write("apps/base/a.yaml", "a: 2\n");
    let second = repo.commit("second");
    repo.git(&["tag", "-a", "v1.10.0", "-m", "annotated"]);
    repo.git(&["tag", "v2.0.0-rc1"]);
    repo.git(&["tag", "not-a-version"]);
    repo.git(&["update-ref", "refs/remotes/origin/far", &first]);
    let git = repo.open();
    for (revision, expected) in [
        ("", &second),
        ("HEAD", &second),
        ("main", &second),
        ("refs/heads/old", &first),
        ("old", &first),
        ("v1.0.0", &first),
        ("v1.10.0", &second),
        ("refs/tags/v1.10.0", &second),
        ("1.x", &second),
        (">=1.0 <1.5", &first),
        ("HEAD~1", &first),
        ("main^", &first),
        ("far", &first),
        ("origin/far", &first),
        (first.as_str(), &first),
        (&first[..7], &first),
        (&first[..20], &first),
    ] {
        assert_eq!(
            git.resolve(revision).as_ref().ok(),
            Some(expected),
            "{revision}"
        );
    }
    for revision in [
        "nowhere",
        "3.x",
        "HEAD~9",
        "deadbeef",
        &"0".repeat(40),
        "-x",
        "..",
        "a b",
        "\u{1b}[31m",
    ] {
        let error = git.resolve(revision).expect_err(revision);
        assert!(
            error.message().starts_with("unable to resolve '"),
            "{error}"
        );
        assert!(!error.report().contains('\u{1b}'));
    }
}

#[test]
fn a_revision_is_read_without_touching_the_working_tree() {
    let repo = Repo::new();
    repo.write("apps/base/a.yaml", "a: 2\n");
    repo.commit("second");
    repo.write("apps/base/a.yaml", "a: 3\n");
    let tree = repo.open().tree("HEAD~1").expect("tree");
    assert_eq!(text(&tree, "apps/base/a.yaml"), "a: 1\n");
    assert_eq!(tree.entry("apps").expect("entry"), Entry::Directory);
    assert_eq!(tree.entry("nothing").expect("entry"), Entry::Missing);
    assert_eq!(
        tree.entry("apps/base/a.yaml/x").expect("entry"),
        Entry::Missing
    );
    assert_eq!(
        tree.list("apps/base").expect("list"),
        [("a.yaml".to_owned(), Entry::File)]
    );
    assert!(tree.describe().starts_with("revision "));
    assert!(tree.read("apps").is_err() && tree.list("apps/base/a.yaml").is_err());
    let on_disk = std::fs::read_to_string(repo.path().join("apps/base/a.yaml")).expect("read");
    assert_eq!(on_disk, "a: 3\n");
}

#[test]
fn links_in_a_revision_stay_inside_it() {
    let repo = Repo::new();
    let link = |target: &str, name: &str| symlink(target, repo.path().join(name)).expect("link");
    link("apps/base", "shortcut");
    link("../clusters/dev/app.yaml", "apps/app.yaml");
    link("../../etc/passwd", "out");
    link("/etc/passwd", "absolute");
    link("loop", "loop");
    link("gone", "dangling");
    link(".git/config", "config");
    repo.commit("links");
    let tree = repo.open().tree("HEAD").expect("tree");
    assert_eq!(text(&tree, "shortcut/a.yaml"), "a: 1\n");
    assert_eq!(text(&tree, "apps/app.yaml"), "kind: x\n");
    assert_eq!(
        tree.real_path("apps/app.yaml").expect("path"),
        "clusters/dev/app.yaml"
    );
    for path in ["out", "absolute", "loop"] {
        assert!(tree.entry(path).is_err(), "{path}");
    }
    assert_eq!(tree.entry("dangling").expect("entry"), Entry::Missing);
    assert_eq!(tree.entry("config").expect("entry"), Entry::Missing);
    assert!(
        tree.list("")
            .expect("list")
            .contains(&("out".to_owned(), Entry::Missing))
    );
}

#[test]
fn submodules_lfs_pointers_and_locked_files_are_named() {
    let repo = Repo::new();
    repo.write(
        "apps/big.yaml",
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    );
    repo.write("apps/locked.yaml", "\0GITCRYPT\0\u{1}kestrel77");
    let commit = repo.commit("lfs");
    repo.git(&[
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("160000,{commit},vendor"),
    ]);
    repo.git(&["commit", "-qm", "submodule"]);
    let tree = repo.open().tree("HEAD").expect("tree");
    let message = |path: &str| tree.read(path).expect_err(path).message();
    assert!(message("apps/big.yaml").contains("Git LFS pointer"));
    let locked = "`apps/locked.yaml` is locked by git-crypt: its content is not here";
    assert_eq!(message("apps/locked.yaml"), locked);
    let worktree = crate::repo::worktree::WorkTree::open(&repo.path()).expect("opens");
    let error = worktree.read("apps/locked.yaml").expect_err("locked");
    assert_eq!(error.message(), locked);
    assert!(message("vendor/x.yaml").contains("`vendor` is a git submodule"));
}

#[test]
fn a_root_below_the_git_root_sees_only_its_own_files() {
    let repo = Repo::new();
    repo.write("deploy/clusters/dev/x.yaml", "x: 1\n");
    symlink("../apps/base/a.yaml", repo.path().join("deploy/up.yaml")).expect("link");
    repo.commit("nested");
    let git = Git::open(&repo.path().join("deploy"))
        .expect("opens")
        .expect("git");
    let tree = git.tree("HEAD").expect("tree");
    assert_eq!(text(&tree, "clusters/dev/x.yaml"), "x: 1\n");
    assert!(tree.read("up.yaml").is_err());
    assert!(!git.is_dirty().expect("clean"));
    repo.write("apps/base/a.yaml", "changed\n");
    assert!(!git.is_dirty().expect("outside the root"));
    repo.write("deploy/apps/new.yaml", "");
    assert!(git.is_dirty().expect("inside the root"));
}

#[test]
fn what_is_no_file_or_has_another_size_is_dirty_without_being_read() {
    let repo = Repo::new();
    let file = repo.path().join("apps/base/a.yaml");
    let open = std::fs::File::options().write(true).open(&file);
    open.and_then(|file| file.set_len(64 << 30))
        .expect("sparse");
    let begun = std::time::Instant::now();
    assert!(repo.is_dirty(), "a huge file");
    std::fs::remove_file(&file).expect("removed");
    let made = Command::new("mkfifo").arg(&file).status();
    assert!(made.expect("mkfifo runs").success());
    assert!(repo.is_dirty(), "a pipe");
    std::fs::remove_file(&file).expect("removed");
    repo.write("apps/base/a.yaml", "a: 1\n");
    assert!(!repo.is_dirty(), "as it was");
    let ignore = repo.path().join("apps/.gitignore");
    let made = Command::new("mkfifo").arg(&ignore).status();
    assert!(made.expect("mkfifo runs").success());
    assert!(repo.is_dirty(), "rules that cannot be read");
    assert!(begun.elapsed() < std::time::Duration::from_secs(10));
}

#[test]
fn a_pipe_or_a_huge_file_below_git_is_an_error_and_no_hang() {
    let repo = Repo::new();
    let config = repo.path().join(".git/config");
    let open = std::fs::File::options().write(true).open(&config);
    open.and_then(|file| file.set_len(300 << 20))
        .expect("sparse");
    let error = Git::open(&repo.path()).expect_err("huge").message();
    assert!(
        error.ends_with(".git/config` is larger than 16 MiB"),
        "{error}"
    );
    std::fs::remove_file(&config).expect("removed");
    let made = Command::new("mkfifo").arg(&config).status();
    assert!(made.expect("mkfifo runs").success());
    Git::open(&repo.path()).expect_err("a pipe");
}

#[test]
fn dirty_is_what_rendering_could_see() {
    let repo = Repo::new();
    repo.write(".gitignore", "*.log\n/apps/ignored/\n");
    repo.commit("ignore");
    assert!(!repo.is_dirty(), "fresh");
    repo.write("notes.txt", "x");
    repo.write("apps/x.log", "x");
    repo.write("apps/ignored/x.yaml", "x");
    repo.write("apps/.x.swp", "x");
    assert!(!repo.is_dirty(), "nothing that could be rendered");

    repo.write("apps/new.yaml", "x");
    assert!(repo.is_dirty(), "untracked");
    repo.git(&["add", "apps/new.yaml"]);
    assert!(repo.is_dirty(), "staged");
    repo.commit("new");
    assert!(!repo.is_dirty(), "committed");

    repo.write("apps/base/a.yaml", "a: 9\n");
    assert!(repo.is_dirty(), "modified, same size");
    repo.git(&["checkout", "-q", "."]);
    assert!(!repo.is_dirty(), "restored");
    std::fs::remove_file(repo.path().join("apps/base/a.yaml")).expect("rm");
    assert!(repo.is_dirty(), "removed");
}

#[test]
fn nothing_in_the_repository_is_executed() {
    let repo = Repo::new();
    let canary = repo.path().join("canary");
    let touch = format!("touch {}", canary.display());
    for (key, value) in [
        ("filter.evil.clean", touch.as_str()),
        ("filter.evil.smudge", &touch),
        ("core.fsmonitor", &touch),
        ("core.pager", &touch),
        ("core.sshCommand", &touch),
        ("diff.external", &touch),
    ] {
        repo.git(&["config", key, value]);
    }
    repo.write(".git/info/attributes", "* filter=evil\n");
    repo.write("apps/base/a.yaml", "changed\n");
    let git = repo.open();
    assert!(git.is_dirty().expect("answers"));
    git.tree("HEAD")
        .expect("tree")
        .read("apps/base/a.yaml")
        .expect("read");
    git.identity().expect("identity");
    assert!(!canary.exists());
}

#[test]
fn a_linked_worktree_and_a_shallow_clone_work() {
    let repo = Repo::new();
    repo.write("apps/base/a.yaml", "a: 2\n");
    let second = repo.commit("second");
    let parent = tempfile::tempdir().expect("temp dir");
    let linked = parent.path().canonicalize().expect("path").join("linked");
    repo.git(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "side",
        &linked.to_string_lossy(),
    ]);
    let git = Git::open(&linked).expect("opens").expect("git");
    assert_eq!(git.head().expect("head").branch.as_deref(), Some("side"));
    assert!(!git.is_dirty().expect("clean"));

    let shallow = parent.path().canonicalize().expect("path").join("shallow");
    let url = format!("file://{}", repo.path().display());
    repo.git(&[
        "clone",
        "-q",
        "--depth",
        "1",
        &url,
        &shallow.to_string_lossy(),
    ]);
    let git = Git::open(&shallow).expect("opens").expect("git");
    assert_eq!(git.resolve("HEAD").expect("head"), second);
    let error = git.resolve("HEAD~1").expect_err("cut off");
    assert!(
        error.report().contains("shallow clone"),
        "{}",
        error.report()
    );
}

#[test]
fn a_missing_object_is_named() {
    let repo = Repo::new();
    let blob = repo.git(&["rev-parse", "HEAD:apps/base/a.yaml"]);
    let file = repo
        .path()
        .join(".git/objects")
        .join(&blob[..2])
        .join(&blob[2..]);
    std::fs::remove_file(file).expect("rm");
    let tree = repo.open().tree("HEAD").expect("tree");
    let message = tree.read("apps/base/a.yaml").expect_err("gone").message();
    assert!(
        message.starts_with(&format!(
            "git object {blob} of `apps/base/a.yaml` cannot be read"
        )),
        "{message}"
    );
}

#[test]
fn commits_are_older_newer_apart_or_not_known() {
    let repo = Repo::new();
    let first = repo.git(&["rev-parse", "HEAD"]);
    let second = {
        repo.write("apps/base/a.yaml", "a: 2\n");
        repo.commit("second")
    };
    repo.git(&["checkout", "-q", "-b", "side", &first]);
    repo.write("apps/base/a.yaml", "a: 3\n");
    let side = repo.commit("side");
    repo.git(&["merge", "-q", "-s", "ours", "-m", "merge", "main"]);
    let merge = repo.git(&["rev-parse", "HEAD"]);
    let git = repo.open();
    for (old, new, expected) in [
        (&first, &first, Lineage::Same),
        (&first, &second, Lineage::Newer),
        (&second, &first, Lineage::Older),
        (&second, &side, Lineage::Apart),
        (&second, &merge, Lineage::Newer),
        (&merge, &first, Lineage::Older),
    ] {
        assert_eq!(git.lineage(old, new), expected, "{old} {new}");
    }
    let unknown = |old: &str, new: &str, git: &Git| match git.lineage(old, new) {
        Lineage::Unknown(why) => why,
        other => panic!("{other:?}"),
    };
    assert!(unknown(&"0".repeat(40), &first, &git).contains("0000000"));
    assert!(unknown("worktree", &first, &git).contains("not in this clone"));
    // A shallow clone knows both tips and not what lies between.
    let folder = tempfile::tempdir().expect("temp dir");
    let clone = Repo { folder };
    let from = format!("file://{}", repo.path().display());
    clone.git(&["init", "-q", "-b", "main"]);
    for tip in [&side, &second] {
        clone.git(&["fetch", "-q", "--depth", "1", &from, tip]);
    }
    assert_eq!(
        unknown(&second, &side, &clone.open()),
        "this is a shallow clone"
    );
}

#[test]
fn merged_is_what_head_branches_and_tags_of_the_clone_contain() {
    let repo = Repo::new();
    let first = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["checkout", "-q", "-b", "pull"]);
    repo.write("apps/base/a.yaml", "a: 2\n");
    let pull = repo.commit("pull");
    repo.git(&["update-ref", "refs/remotes/origin/pull", &pull]);
    repo.git(&["checkout", "-q", "main"]);
    let merged =
        |commit: &str, more: &[String]| repo.open().is_merged(commit, more).expect("answers");
    assert!(
        merged(&first, &[]) && merged(&pull, &[]),
        "a branch of its own"
    );
    repo.git(&["branch", "-q", "-D", "pull"]);
    assert!(!merged(&pull, &[]), "only a branch of the remote");
    assert!(
        merged(&pull, std::slice::from_ref(&pull)),
        "what the app follows"
    );
    repo.git(&["tag", "-a", "v1", "-m", "one", &pull]);
    assert!(merged(&pull, &[]), "a tag");
    let git = repo.open();
    for (name, expected) in [
        ("main", true),
        ("refs/heads/main", true),
        ("pull", true),
        ("origin/pull", true),
        ("v1", false),
        ("HEAD~0", false),
        (first.as_str(), false),
        ("", false),
    ] {
        assert_eq!(git.is_branch(name), expected, "{name}");
    }
}

#[test]
fn only_commits_are_cut_short() {
    assert_eq!(short("0123456789abcdef"), "0123456");
    assert_eq!(short("worktree"), "worktree");
    assert_eq!(short("abc"), "abc");
}
