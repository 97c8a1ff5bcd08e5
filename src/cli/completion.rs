//! `pushboat completion`: shell completions.

use std::io::Write;

use clap_complete::Shell;

use crate::error::Result;
use crate::exit::Exit;

/// Print the completion script of a shell
#[derive(Debug, clap::Args)]
#[command(after_help = super::help::COMPLETION)]
pub(crate) struct Args {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> Result<Exit> {
    // A reader that went away needs no script.
    let _ = std::io::stdout().write_all(&script(args.shell));
    Ok(Exit::Ok)
}

fn script(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut super::command(), "pushboat", &mut script);
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The committed scripts are what the program prints; `make completions` writes them.
    #[test]
    fn the_committed_completions_are_current() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
        for (shell, file) in [
            (Shell::Bash, "pushboat.bash"),
            (Shell::Zsh, "_pushboat"),
            (Shell::Fish, "pushboat.fish"),
            (Shell::PowerShell, "_pushboat.ps1"),
            (Shell::Elvish, "pushboat.elv"),
        ] {
            let committed = std::fs::read(folder.join(file)).unwrap_or_default();
            assert!(
                committed == script(shell),
                "completions/{file} is stale: run `make completions`"
            );
        }
    }
}
