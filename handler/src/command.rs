//! The office's commands: each a thin face over functions that tests call.

mod register;
mod runde;

mod formular;
mod meldung;

mod serve;

mod ask;
mod handbuch;
mod table;

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
    /// In welcher Funktion Sie handeln; steht im Journal. Bitte keinen Namen
    #[arg(long, global = true, default_value = "Geschäftsstelle", value_name = "FUNKTION", value_parser = grund)]
    rolle: String,
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
    /// Gibt die Ergänzungen für eine Shell aus
    #[command(after_help = "Beispiel:
  handler completions bash > /etc/bash_completion.d/handler")]
    Completions {
        /// bash, zsh, fish, elvish oder powershell
        shell: clap_complete::Shell,
    },
    /// Schreibt die Handbuchseiten (man)
    #[command(after_help = "Beispiel:
  handler man --out /usr/local/share/man/man1")]
    Man {
        /// Ordner für die Seiten
        #[arg(long, value_name = "ORDNER")]
        out: PathBuf,
    },
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
        let open = || open(&self.config, &self.rolle);
        match self.command {
            Command::Serve(serve) => serve.run(&self.config, clock),
            Command::Register(register) => register.run(&mut open()?.1, clock.now()),
            Command::Runde(runde) => {
                let (config, mut store) = open()?;
                runde.run(&mut store, &config, clock.now())
            }
            Command::Formular(formular) => {
                let (config, store) = open()?;
                formular.run(&store, config.limits.sandbox)
            }
            Command::Meldung(meldung) => {
                let (config, mut store) = open()?;
                meldung.run(&mut store, &config, clock.now())
            }
            Command::Completions { shell } => handbuch::completions(shell),
            Command::Man { out } => handbuch::man(&out),
        }
    }
}

/// Something to read: no reason is empty.
fn grund(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err("hier muss etwas stehen"),
        text => Ok(text.to_owned()),
    }
}

/// Prints a line. Whoever reads only the first lines (`| head`) has seen enough.
fn say(line: impl Display) -> Result<()> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

fn open(config: &Path, rolle: &str) -> Result<(Config, Store)> {
    let config = Config::read(config)?;
    let mut store = Store::open(&config.database)?;
    rolle.clone_into(&mut store.rolle);
    Ok((config, store))
}
