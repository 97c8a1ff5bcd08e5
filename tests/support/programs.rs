//! Finds the Kubernetes programs that `make test` builds. Builds none itself.

use std::env;
use std::path::PathBuf;

/// Programs that a folder named by `KUBEBUILDER_ASSETS` may bring.
const ENVTEST: [&str; 3] = ["etcd", "kube-apiserver", "kubectl"];

/// Returns the path of one program of the control plane.
///
/// # Panics
/// When it has not been built; the message says how to.
pub(crate) fn program(name: &str) -> PathBuf {
    let path = candidates(name)
        .into_iter()
        .find(|path| path.is_file())
        .unwrap_or_else(|| home().join("bin").join(name));
    assert!(
        path.is_file(),
        "{} is not built: run `make test`",
        path.display()
    );
    path
}

/// Returns the stage files that tell kwok how nodes and pods come to life.
pub(crate) fn stages() -> Vec<PathBuf> {
    let dir = home().join("stages");
    let entries = std::fs::read_dir(&dir)
        .unwrap_or_else(|_| panic!("{} is not there: run `make test`", dir.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Returns the folder of the built programs, for a `PATH`.
pub(crate) fn bin() -> PathBuf {
    home().join("bin")
}

fn candidates(name: &str) -> Vec<PathBuf> {
    let assets = env::var_os("KUBEBUILDER_ASSETS").filter(|_| ENVTEST.contains(&name));
    assets
        .map(PathBuf::from)
        .into_iter()
        .chain([bin()])
        .map(|dir| dir.join(name))
        .collect()
}

/// The same rule as `testdata/controlplane/build.sh`.
fn home() -> PathBuf {
    let set = |name| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("CONTROLPLANE_HOME").unwrap_or_else(|| {
        set("XDG_CACHE_HOME")
            .or_else(|| Some(set("HOME")?.join(".cache")))
            .expect("HOME is set")
            .join("pushboat/controlplane")
    })
}
