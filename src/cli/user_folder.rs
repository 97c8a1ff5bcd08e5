//! The user's configuration folder: where it is, and reading a file of it; which kubeconfigs there are.
//!
//! What stands in the files is `config`'s and `fetch::allow`'s business.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::env::Env;
use super::process;
use crate::error::{Error, Result};
use crate::object::display::display;
use crate::ui::Ui;

/// What stands in the folder.
const FILES: [&str; 3] = ["config.yaml", "kubeconfig", "remotes.yaml"];

/// The folder, looked for once.
#[derive(Default)]
pub(crate) struct UserFolder(OnceLock<Option<PathBuf>>);

impl UserFolder {
    /// A default folder that this user may not read, or not every file of, as of a container that runs under any number, counts as absent;
    /// one that was asked for does not.
    pub(crate) fn path(&self, env: &Env, ui: &Ui) -> Option<&Path> {
        let find = || {
            let folder = env.config_directory()?;
            let is_default = !env.has_own_config_directory();
            if is_default && is_kept_from_us(ui, &folder, "PUSHBOAT_CONFIG_DIR") {
                return None;
            }
            Some(folder)
        };
        self.0.get_or_init(find).as_deref()
    }

    /// What a file of the folder says, if it is there. `parse` takes its text and its name for messages.
    pub(crate) fn read<T: Default>(
        &self,
        env: &Env,
        ui: &Ui,
        name: &str,
        parse: impl FnOnce(&[u8], &str) -> Result<T>,
    ) -> Result<T> {
        let Some(folder) = self.path(env, ui) else {
            return Ok(T::default());
        };
        let file = folder.join(name);
        let name = file.display().to_string();
        match std::fs::read(&file) {
            Ok(text) => parse(&text, &name),
            // A link to a file that is gone is not the absence of a file.
            Err(error)
                if error.kind() == std::io::ErrorKind::NotFound
                    && file.symlink_metadata().is_err() =>
            {
                Ok(T::default())
            }
            Err(error) => Err(Error::io(format!("cannot read `{name}`: {error}"))),
        }
    }
}

/// The kubeconfigs of the environment, without a default one in another user's home.
pub(crate) fn kubeconfigs(env: &Env, ui: &Ui) -> Result<Vec<PathBuf>> {
    let mut files = env.kubeconfig_files()?;
    if env.get("KUBECONFIG").is_none() {
        files.retain(|file| !is_kept_from_us(ui, file, "KUBECONFIG"));
    }
    Ok(files)
}

/// Whether this user may not read a folder, any of its files that pushboat knows, or a file: says so, and which variable names another.
fn is_kept_from_us(ui: &Ui, path: &Path, variable: &str) -> bool {
    let mut files = FILES.iter().map(|name| path.join(name));
    let is_forbidden =
        process::is_forbidden(path) || files.any(|file| process::is_forbidden(&file));
    if is_forbidden {
        let shown = display(&path.to_string_lossy()).into_owned();
        ui.warn(&format!(
            "`{shown}` may not be read and counts as absent; `{variable}` names another"
        ));
    }
    is_forbidden
}
