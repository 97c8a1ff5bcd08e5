//! `pushboat man`: the manual page, one section a command. Used to make `completions/pushboat.1`.

use std::io::Write;

use crate::error::{Error, Result};
use crate::exit::Exit;

/// Print the manual page
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> Result<Exit> {
    let _ = std::io::stdout().write_all(&page()?);
    Ok(Exit::Ok)
}

fn page() -> Result<Vec<u8>> {
    let mut page = Vec::new();
    let failed =
        |error: std::io::Error| Error::io(format!("failed to write the manual page: {error}"));
    // `--version` carries the build; the page must not change with it.
    let mut command = super::command().version(env!("CARGO_PKG_VERSION"));
    command.build();
    clap_mangen::Man::new(command.clone())
        .date("")
        .render(&mut page)
        .map_err(failed)?;
    for group in command
        .get_subcommands()
        .filter(|command| !command.is_hide_set() && command.get_name() != "help")
    {
        section(group, &mut page).map_err(failed)?;
        for command in group
            .get_subcommands()
            .filter(|command| command.get_name() != "help")
        {
            section(command, &mut page).map_err(failed)?;
        }
    }
    Ok(page)
}

fn section(command: &clap::Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    let name = command
        .get_bin_name()
        .unwrap_or_else(|| command.get_name())
        .to_uppercase();
    writeln!(page, ".SH \"{name}\"")?;
    let man = clap_mangen::Man::new(command.clone());
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    man.render_extra_section(page)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_manual_page_is_current() {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("completions/pushboat.1");
        let committed = std::fs::read(file).unwrap_or_default();
        let page = super::page().expect("the page is written");
        assert!(
            committed == page,
            "completions/pushboat.1 is stale: run `make completions`"
        );
    }
}
