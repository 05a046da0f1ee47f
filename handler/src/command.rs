//! The office's commands: each a thin face over functions that tests call.

mod formular;
mod meldung;
mod register;
mod runde;
mod serve;

use crate::clock::Clock;
use crate::config::Config;
use crate::store::Store;
use anyhow::Result;
use clap::{Parser, Subcommand};
use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Nimmt Meldungen der Schulträger entgegen, prüft sie und legt sie in einer SQLite-Datei ab.
#[derive(Parser)]
#[command(name = "handler", version, about)]
pub struct Cli {
    /// Die Konfiguration; Pfade darin gelten von ihrem Ordner aus
    #[arg(long, global = true, default_value = "handler.toml", value_name = "DATEI")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Startet den Dienst
    Serve(serve::Serve),
    /// Verzeichnis der Träger und Schulen
    #[command(subcommand)]
    Register(register::Register),
    /// Berichtsrunden
    #[command(subcommand)]
    Runde(runde::Runde),
    /// Formulare schreiben und prüfen
    #[command(subcommand)]
    Formular(formular::Formular),
    /// Eingegangene Meldungen
    #[command(subcommand)]
    Meldung(meldung::Meldung),
}

/// How a command ended, apart from not being able to run at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// The answer is no: findings, refused lists.
    No,
    /// A file could not be read.
    CouldNot,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        ExitCode::from(match outcome {
            Outcome::Done => 0,
            Outcome::No => 1,
            Outcome::CouldNot => 2,
        })
    }
}

impl Cli {
    pub fn run(self) -> Result<Outcome> {
        let clock = Clock::System;
        match self.command {
            Command::Serve(serve) => serve.run(&self.config, clock),
            Command::Register(register) => register.run(&mut open(&self.config)?.1, clock.now()),
            Command::Runde(runde) => runde.run(&mut open(&self.config)?.1, clock.now()),
            Command::Formular(formular) => {
                let (config, store) = open(&self.config)?;
                formular.run(&store, config.limits.sandbox)
            }
            Command::Meldung(meldung) => meldung.run(&open(&self.config)?.1),
        }
    }
}

/// Prints a line. Whoever reads only the first lines (`| head`) has seen enough.
fn say(line: impl Display) -> Result<()> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

fn open(config: &Path) -> Result<(Config, Store)> {
    let config = Config::read(config)?;
    let store = Store::open(&config.database)?;
    Ok((config, store))
}
