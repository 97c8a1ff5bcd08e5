//! Which helm is run: what the user named, else the one in `PATH`, of a version that is known to work.

use std::path::{Path, PathBuf};

use super::Settings;
use super::process::Output;
use crate::error::{Error, Result};
use crate::object::display::display;

/// Major versions whose `template` command has the flags that are used.
const MAJORS: [&str; 2] = ["3", "4"];

/// The program's full path.
pub(super) fn find(settings: &Settings) -> Result<PathBuf> {
    let named = settings.command.clone().unwrap_or_else(|| "helm".into());
    let is_bare = named.components().count() == 1 && !named.is_absolute();
    let found = if is_bare {
        // A relative entry would let the folder that pushboat happens to run in bring the program.
        std::env::split_paths(&settings.path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(&named))
            .find(|path| is_program(path))
    } else {
        Some(settings.directory.join(&named)).filter(|path| is_program(path))
    };
    found.ok_or_else(|| {
        let place = if is_bare { " in `PATH`" } else { "" };
        Error::config(format!(
            "charts need the helm program, and there is no `{}`{place}",
            named.display()
        ))
        .hint("install Helm 3 or 4, or name it with `--helm-command PATH`")
    })
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path)
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// Refuses what is no helm, or one that nobody has tried.
pub(super) fn check_version(program: &Path, output: &Output) -> Result<()> {
    let text = String::from_utf8_lossy(&output.stdout);
    let program = program.display();
    let hint = "install Helm 3 or 4, or name it with `--helm-command PATH`";
    if !output.is_success() {
        return Err(
            Error::config(format!("`{program} version` failed ({})", output.ended())).hint(hint),
        );
    }
    match version(&text) {
        Some(version) if MAJORS.contains(&version.split('.').next().unwrap_or_default()) => Ok(()),
        Some(version) => Err(Error::config(format!(
            "`{program}` is helm {version}; only 3 and 4 work"
        ))
        .hint(hint)),
        None => {
            let said: String = text.trim().chars().take(80).collect();
            Err(Error::config(format!(
                "`{program}` is no helm: it says `{}`",
                display(&said)
            ))
            .hint(hint))
        }
    }
}

/// The first thing in a text that looks like a version, without its `v`.
fn version(text: &str) -> Option<String> {
    let is_part = |c: char| c.is_ascii_digit() || c == '.';
    text.split(|c: char| !is_part(c))
        .map(|word| word.trim_matches('.'))
        .find(|word| word.contains('.') && word.split('.').all(|part| !part.is_empty()))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_found_in_what_helm_says() {
        let check = |text, expected: Option<&str>| assert_eq!(version(text).as_deref(), expected);
        check("v4.3\n", Some("4.3"));
        check("v3.14.2+gc309b6f\n", Some("3.14.2"));
        check("Client: v2.17.0+ga690bad", Some("2.17.0"));
        check("Python 3", None);
        check("", None);
    }
}
