//! What shells and `man` know of the commands, made from the commands themselves.

use super::{Outcome, command, say};
use anyhow::{Context, Result};
use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use std::path::Path;

pub(super) fn completions(shell: Shell) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "handler", &mut script);
    say(String::from_utf8(script)?)?;
    Ok(Outcome::Done)
}

/// One page for each command.
pub(super) fn man(folder: &Path) -> Result<Outcome> {
    let failed = || format!("In {} lässt sich nicht schreiben", folder.display());
    std::fs::create_dir_all(folder).with_context(failed)?;
    write_pages(&command(), folder).with_context(failed)?;
    say(format_args!("Die Handbuchseiten liegen in {}.", folder.display()))?;
    Ok(Outcome::Done)
}

fn write_pages(command: &Command, folder: &Path) -> Result<()> {
    let page = Man::new(command.clone());
    let mut roff = Vec::new();
    page.render(&mut roff)?;
    let mut text = String::from_utf8(roff)?;
    for (english, german) in HEADINGS {
        text = text.replace(&format!(".SH {english}\n"), &format!(".SH {german}\n"));
    }
    std::fs::write(folder.join(page.get_filename()), text)?;
    command
        .get_subcommands()
        .try_for_each(|below| write_pages(below, folder))
}

/// What stands above a page's parts, where it is not ours to say. NAME is read by `apropos`.
const HEADINGS: [(&str, &str); 4] = [
    ("SYNOPSIS", "AUFRUF"),
    ("DESCRIPTION", "BESCHREIBUNG"),
    ("Befehle", "BEFEHLE"),
    ("EXTRA", "BEISPIELE"),
];
