//! Whether what git's own reader is about to open are ordinary files of ordinary sizes: a pipe in their place would hold a run for good, and
//! a huge one would fill the memory.
//!
//! It looks and opens nothing. What the files say is gix's business.

use std::path::Path;

use crate::error::{Error, Result};
use crate::object::display::display;

/// Bytes of a file of settings: `config`, `HEAD`, a reference, an ignore file.
const SETTINGS: u64 = 16 << 20;
/// Bytes of `index` and `packed-refs`: those of a million files or references are about 100 MB.
const LISTS: u64 = 256 << 20;
/// Files and folders below `.git` that are looked at; a packed clone has a few hundred.
const MAX_ENTRIES: usize = 1_000_000;

/// Files at the top of a git folder that are read, with the most that they may hold.
const FILES: [(&str, u64); 12] = [
    ("HEAD", SETTINGS),
    ("config", SETTINGS),
    ("config.worktree", SETTINGS),
    ("commondir", SETTINGS),
    ("gitdir", SETTINGS),
    ("shallow", LISTS),
    ("packed-refs", LISTS),
    ("index", LISTS),
    ("info/exclude", SETTINGS),
    ("info/attributes", SETTINGS),
    ("info/sparse-checkout", SETTINGS),
    ("objects/info/alternates", SETTINGS),
];

/// Looks at a folder's `.git`, which may be a file that says where the real one is.
pub fn check(work_dir: &Path) -> Result<()> {
    let git = work_dir.join(".git");
    if !git.is_dir() {
        return check_file(&git, SETTINGS);
    }
    check_folder(&git)
}

/// Looks at the folder that a `.git` file or `commondir` led to, once it is known.
pub fn check_folder(git: &Path) -> Result<()> {
    for (name, most) in FILES {
        check_file(&git.join(name), most)?;
    }
    let mut n_left = MAX_ENTRIES;
    check_below(&git.join("refs"), SETTINGS, &mut n_left)?;
    check_below(&git.join("objects"), u64::MAX, &mut n_left)
}

/// A file that may be absent.
pub fn check_file(path: &Path, most: u64) -> Result<()> {
    let Ok(metadata) = path.metadata() else {
        return Ok(()); // Absent, or told by who opens it.
    };
    let refuse = |what: String| {
        Err(
            Error::config(format!("`{}` {what}", display(&path.to_string_lossy())))
                .hint("`git fsck` may say more; a fresh clone has none of it"),
        )
    };
    if !metadata.is_file() {
        return match metadata.is_dir() {
            // Reading it fails at once.
            true => Ok(()),
            false => refuse("is neither a file nor a folder".to_owned()),
        };
    }
    match metadata.len() > most {
        true => refuse(format!("is larger than {} MiB", most >> 20)),
        false => Ok(()),
    }
}

/// A file that rules of ignoring are read from.
pub fn check_ignore(folder: &Path) -> Result<()> {
    check_file(&folder.join(".gitignore"), SETTINGS)
}

/// Everything below a folder, as far as names tell; only what is neither file nor folder, or may be too large, is looked at.
fn check_below(folder: &Path, most: u64, n_left: &mut usize) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries.flatten() {
        *n_left = n_left.checked_sub(1).ok_or_else(|| {
            Error::config(format!(
                "the git repository has more than {MAX_ENTRIES} loose files below `.git`"
            ))
            .hint("`git gc` packs them")
        })?;
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => check_below(&entry.path(), most, n_left)?,
            Ok(kind) if kind.is_file() && most == u64::MAX => {}
            Ok(_) | Err(_) => check_file(&entry.path(), most)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pipe(path: &Path) {
        let made = std::process::Command::new("mkfifo").arg(path).status();
        assert!(made.expect("mkfifo runs").success());
    }

    #[test]
    fn pipes_and_huge_files_are_refused_without_being_opened() {
        for name in [
            "HEAD",
            "config",
            "index",
            "refs/heads/main",
            "objects/ab/cd",
            "objects/pack/p.idx",
        ] {
            let root = tempfile::tempdir().expect("a folder");
            let at = root.path().join(".git").join(name);
            std::fs::create_dir_all(at.parent().expect("a folder")).expect("made");
            pipe(&at);
            let error = check(root.path()).expect_err(name).message();
            assert!(error.ends_with("is neither a file nor a folder"), "{error}");
            std::fs::remove_file(&at).expect("removed");
            std::fs::write(&at, "").expect("written");
            check(root.path()).expect(name);
            if !name.starts_with("objects") {
                let file = std::fs::File::options()
                    .write(true)
                    .open(&at)
                    .expect("open");
                file.set_len(LISTS + 1).expect("sparse");
                check(root.path()).expect_err(name);
            }
        }
    }

    #[test]
    fn a_pipe_in_place_of_git_or_of_an_ignore_file_is_refused() {
        let root = tempfile::tempdir().expect("a folder");
        check(root.path()).expect("no git at all");
        check_ignore(root.path()).expect("nothing is ignored");
        pipe(&root.path().join(".git"));
        pipe(&root.path().join(".gitignore"));
        check(root.path()).expect_err("a pipe");
        check_ignore(root.path()).expect_err("a pipe");
    }
}
