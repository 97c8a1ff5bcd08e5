//! Where the repository is, and its settings.

use super::*;
use crate::repo::tree::MemoryTree;

fn folder(paths: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("temp dir");
    for path in paths {
        let full = folder.path().join(path);
        if path.ends_with('/') {
            std::fs::create_dir_all(full).expect("mkdir");
        } else {
            std::fs::create_dir_all(full.parent().expect("parent")).expect("mkdir");
            std::fs::write(full, "").expect("write");
        }
    }
    folder
}

fn check(paths: &[&str], start: &str, root: &str, found_by: FoundBy) {
    let folder = folder(paths);
    let base = folder.path().canonicalize().expect("path");
    let layout = find(&base.join(start)).expect(start);
    assert_eq!(
        (layout.root, layout.found_by),
        (base.join(root), found_by),
        "{start}"
    );
}

#[test]
fn the_first_mark_on_the_way_up_is_the_root() {
    check(
        &["r/pushboat.yaml", "r/a/b/"],
        "r/a/b",
        "r",
        FoundBy::SettingsFile,
    );
    check(
        &["r/clusters/", "r/apps/x/", "r/.git/"],
        "r/apps/x",
        "r",
        FoundBy::ClustersAndApps,
    );
    check(
        &["r/.git/", "r/clusters/", "r/x/"],
        "r/x",
        "r",
        FoundBy::GitRoot,
    );
    check(&["r/.git", "r/x/"], "r/x", "r", FoundBy::GitRoot);
    check(
        &["r/.git/", "r/sub/clusters/", "r/sub/apps/"],
        "r/sub",
        "r/sub",
        FoundBy::ClustersAndApps,
    );
}

#[test]
fn without_a_mark_the_error_says_what_to_do() {
    let folder = folder(&["x/"]);
    let error = find(&folder.path().join("x")).expect_err("no mark");
    assert!(
        error.report().contains("no gitops repository at"),
        "{}",
        error.report()
    );
    assert!(error.report().contains("--repo DIR"));
    let given = find_given(&folder.path().join("x")).expect("given");
    assert_eq!(given.found_by, FoundBy::Given);
    assert!(find(&folder.path().join("nowhere")).is_err());
}

fn settings(text: &str) -> Result<Settings> {
    let tree: MemoryTree = [(SETTINGS_FILE, text)].into_iter().collect();
    read_settings(&tree)
}

#[test]
fn every_setting_has_a_default() {
    assert_eq!(
        read_settings(&MemoryTree::default()).expect("absent"),
        Settings::default()
    );
    assert_eq!(settings("").expect("empty"), Settings::default());
    assert_eq!(
        settings("# nothing\n").expect("comment"),
        Settings::default()
    );
    let all = settings(
        "repoID: 'abcdef0123'\nrecordsNamespace: records\nforceConflicts: true\nmaxPrune: 5\n",
    );
    assert_eq!(
        all.expect("all"),
        Settings {
            repo_id: Some("abcdef0123".into()),
            records_namespace: Some("records".into()),
            force_conflicts: true,
            max_prune: Some(5)
        }
    );
}

#[test]
fn a_setting_that_is_wrong_is_refused_with_its_place() {
    for (text, expected) in [
        (
            "recordsNamspace: x",
            "pushboat.yaml:1:1: unknown field `recordsNamspace`",
        ),
        (
            "maxPrune: many",
            "pushboat.yaml:1:11: `maxPrune` must be a whole number",
        ),
        (
            "maxPrune: -1",
            "pushboat.yaml:1:11: `maxPrune` must be 0 or more",
        ),
        (
            "repoID: x",
            "pushboat.yaml:1:9: `repoID` must be 8 to 63 letters",
        ),
        (
            "recordsNamespace: A/B",
            "pushboat.yaml:1:19: `recordsNamespace` is not a namespace's name",
        ),
        ("- a", "pushboat.yaml:1:1: "),
        ("a: 1\n---\nb: 1\n", "pushboat.yaml:3:1: only one document"),
    ] {
        let error = settings(text).expect_err(text).to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}
