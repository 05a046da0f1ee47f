//! What shells and `man` know of the commands, made from the commands themselves.

use super::{Cli, Outcome, say};
use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;
use std::path::Path;

pub(super) fn completions(shell: Shell) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "handler", &mut script);
    say(String::from_utf8(script)?)?;
    Ok(Outcome::Done)
}

/// One page for each command.
pub(super) fn man(folder: &Path) -> Result<Outcome> {
    let failed = || format!("In {} lässt sich nicht schreiben", folder.display());
    std::fs::create_dir_all(folder).with_context(failed)?;
    clap_mangen::generate_to(Cli::command(), folder).with_context(failed)?;
    say(format_args!("Die Handbuchseiten liegen in {}.", folder.display()))?;
    Ok(Outcome::Done)
}
