//! A temporary folder for one run of helm, for nobody else to read, gone when the run is over.
//!
//! Only plain files and folders are made in it, under names that were checked part by part.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::process::Running;
use crate::error::{Error, Result};
use crate::object::display::display;
use crate::render::kustomize::ChartFile;

/// Folders that helm is told to keep things in; empty at every start.
pub(super) const FOLDERS: [(&str, &str); 6] = [
    ("HOME", "home"),
    ("HELM_CACHE_HOME", "cache"),
    ("HELM_CONFIG_HOME", "config"),
    ("HELM_DATA_HOME", "data"),
    ("HELM_PLUGINS", "plugins"),
    ("TMPDIR", "tmp"),
];

/// The folder.
pub(super) struct Workspace {
    root: PathBuf,
    running: Arc<Running>,
}

impl Workspace {
    /// Makes the folder below `temporary`.
    pub(super) fn new(temporary: &Path, running: &Arc<Running>) -> Result<Self> {
        let mut bytes = [0; 16];
        rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty())
            .map_err(|error| Error::io(format!("the machine gives no random bytes: {error}")))?;
        let name: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let workspace = Self {
            root: temporary.join(format!("pushboat-helm-{name}")),
            running: running.clone(),
        };
        running.folder(&workspace.root)?;
        workspace.folder("")?;
        for (_, folder) in FOLDERS {
            workspace.folder(folder)?;
        }
        Ok(workspace)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Writes a chart and gives its path below the root.
    pub(super) fn chart(&self, name: &str, files: &[ChartFile]) -> Result<String> {
        let folder = format!("chart/{name}");
        self.nested(&folder)?;
        for file in files {
            let path = format!("{folder}/{}", file.path);
            if let Some((parent, _)) = path.rsplit_once('/') {
                self.nested(parent)?;
            }
            self.write(&path, &file.content)?;
        }
        Ok(format!("./{folder}"))
    }

    /// Writes values files and gives their paths below the root, in their order.
    pub(super) fn values(&self, values: &[Arc<[u8]>]) -> Result<Vec<String>> {
        self.folder("values")?;
        let write = |(n, content): (usize, &Arc<[u8]>)| {
            let path = format!("values/{n}.yaml");
            self.write(&path, content)?;
            Ok(path)
        };
        values.iter().enumerate().map(write).collect()
    }

    /// Makes a folder and those above it, but never the root again once it was removed.
    fn nested(&self, path: &str) -> Result<()> {
        checked(path)?;
        let ends = path.match_indices('/').map(|(at, _)| at);
        for end in ends.chain([path.len()]) {
            let full = self.root.join(&path[..end]);
            match DirBuilder::new().mode(0o700).create(&full) {
                Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                    return Err(failed(&full, &error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    fn folder(&self, path: &str) -> Result<()> {
        let full = self.root.join(path);
        DirBuilder::new()
            .mode(0o700)
            .create(&full)
            .map_err(|error| failed(&full, &error))
    }

    fn write(&self, path: &str, content: &[u8]) -> Result<()> {
        checked(path)?;
        let full = self.root.join(path);
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&full)
            .and_then(|mut file| file.write_all(content))
            .map_err(|error| failed(&full, &error))
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        remove(&self.root);
        self.running.forget_folder(&self.root);
    }
}

/// Removes a folder as well as that goes. What a program left unreadable is made readable first.
pub(super) fn remove(folder: &Path) {
    if std::fs::remove_dir_all(folder).is_err() && folder.is_dir() {
        open_up(folder, 0);
        if let Err(error) = std::fs::remove_dir_all(folder) {
            tracing::warn!(target: "pushboat", "{} was not removed: {error}", folder.display());
        }
    }
}

fn open_up(folder: &Path, depth: usize) {
    use std::os::unix::fs::PermissionsExt as _;
    if depth > 64 {
        return;
    }
    let _ = std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700));
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open_up(&entry.path(), depth + 1);
        }
    }
}

/// Refuses a path of which a part could lead anywhere else.
fn checked(path: &str) -> Result<()> {
    let is_bad = |part: &str| matches!(part, "" | "." | "..") || part.contains(['\0', '\\']);
    if path.split('/').any(is_bad) {
        let path = display(path);
        return Err(Error::render(format!("`{path}` is no path inside a chart")));
    }
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::io(format!("failed to write `{}`: {error}", path.display()))
        .hint("charts are copied into a temporary folder: `TMPDIR` chooses where")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn file(path: &str) -> ChartFile {
        ChartFile {
            path: path.to_owned(),
            content: b"x".to_vec().into(),
        }
    }

    #[test]
    fn it_is_private_and_goes() {
        let temporary = tempfile::tempdir().expect("a folder");
        let running = Arc::default();
        let workspace = Workspace::new(temporary.path(), &running).expect("made");
        let root = workspace.root().to_owned();
        let mode = std::fs::metadata(&root)
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
        workspace
            .chart("c", &[file("Chart.yaml"), file("templates/a.yaml")])
            .expect("written");
        assert!(root.join("chart/c/templates/a.yaml").is_file());
        let shut = root.join("tmp/shut");
        std::fs::create_dir(&shut).expect("made");
        std::fs::write(shut.join("x"), "").expect("written");
        std::fs::set_permissions(&shut, std::fs::Permissions::from_mode(0o000)).expect("set");
        drop(workspace);
        assert!(!root.exists());
    }

    #[test]
    fn no_path_leads_out() {
        let temporary = tempfile::tempdir().expect("a folder");
        let running = Arc::default();
        let workspace = Workspace::new(temporary.path(), &running).expect("made");
        for path in ["../x", "/x", "a//b", "a/../../x", "a/.", "a\0b", ""] {
            assert!(workspace.chart("c", &[file(path)]).is_err(), "{path:?}");
        }
        let twice = [file("a"), file("a")];
        assert!(workspace.chart("d", &twice).is_err());
    }
}
