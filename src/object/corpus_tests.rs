//! Where collected cases are, for the tests of all parts that compare with them. They are not in the repository.

use std::path::{Path, PathBuf};

/// The folder of this name among the collected cases, if they are on this machine.
pub(crate) fn corpus(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let given = std::env::var_os("PUSHBOAT_CORPUS").map(PathBuf::from);
    let near = [
        root.join("../shared/corpus"),
        root.join("../../shared/corpus"),
    ];
    given
        .into_iter()
        .chain(near)
        .map(|path| path.join(name))
        .find(|path| path.is_dir())
}

/// What stands in a folder, in the order of names.
pub(crate) fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    paths
}
