//! The office's commands: each a thin face over functions that tests call.

mod ask;
mod auskunft;
mod bericht;
mod formular;
mod handbuch;
mod loeschen;
mod meldung;
mod protokolldateien;
mod pruefakte;
mod register;
mod runde;
mod serve;
mod sicherung;
mod sprache;
mod table;

use crate::child;
use crate::clock::Clock;
use crate::config::Config;
use crate::lists;
use crate::sandbox::Sandbox;
use crate::store::{self, Store};
use crate::zugang::{plain_email, plain_number};
use anyhow::{Context, Result, bail, ensure};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::convert::Infallible;
use std::ffi::OsStr;
use std::fmt::Display;
use std::fs::File;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Nimmt Meldungen der Schulträger entgegen, prüft sie und legt sie in einer SQLite-Datei ab.
#[derive(Parser)]
#[command(
    name = "handler",
    version,
    about,
    after_help = "Der Weg einer Berichtsrunde:
  handler register import   Träger und Schulen einlesen
  handler runde open        Runde öffnen; dann melden die Träger
  handler meldung list      sehen, wer gemeldet hat und wer fehlt
  handler runde close       Runde schließen
  handler bericht write     Meldungen zusammenführen
  handler backup            sichern, am besten jeden Tag

Was ein Befehl braucht, mit Beispielen: handler runde open --help
Wie ein Befehl endet: 0 erledigt, 1 die Antwort ist nein, 2 ließ sich nicht ausführen."
)]
struct Cli {
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
    /// Berichte über eine Runde
    #[command(subcommand)]
    Bericht(bericht::Bericht),
    /// Schreibt alles über einen Träger zusammen, mit dem Beweis der Kette
    Pruefakte(pruefakte::Pruefakte),
    /// Schreibt einen Brief und Daten: alles, was über eine E-Mail-Adresse gespeichert ist
    Auskunft(auskunft::Auskunft),
    /// Führt das Löschkonzept aus
    Loeschen(loeschen::Loeschen),
    /// Sichert die Datenbank im laufenden Betrieb und prüft die Kopie
    Backup(sicherung::Backup),
    /// Prüft Journal, Arbeitsmappen und Zeilen, oder ein Papier gegen das Journal
    Verify(sicherung::Verify),
    /// Gibt die Ergänzungen für eine Shell aus
    #[command(after_help = "Beispiel:
  handler completions bash > /etc/bash_completion.d/handler")]
    Completions {
        /// Die Shell
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

/// Does what the command line asks for; a child examines an upload before anything else.
pub fn start(clock: &Clock) -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments
        .next()
        .is_some_and(|argument| argument == child::CHILD_ARGUMENT)
    {
        let lived = match arguments.next().as_deref().and_then(OsStr::to_str) {
            Some(child::PROBE_ARGUMENT) => child::run_probe(),
            sandbox => child::run_child(Sandbox::of_argument(sandbox)),
        };
        return report(lived.map(|()| Outcome::Done));
    }
    let command = command();
    let typed = command.clone().try_get_matches();
    match typed.and_then(|typed| Cli::from_arg_matches(&typed)) {
        Ok(cli) => report(cli.run(clock)),
        Err(error) => sprache::answer(&error, &command),
    }
}

/// The command line as people, shells and `man` know it.
fn command() -> clap::Command {
    sprache::german(Cli::command())
}

fn report(result: Result<Outcome>) -> ExitCode {
    match result {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            eprintln!("{}", sprache::in_words(&store::in_words(error)));
            Outcome::CouldNot.into()
        }
    }
}

impl Cli {
    fn run(self, clock: &Clock) -> Result<Outcome> {
        let open = || open(&self.config, &self.rolle);
        match self.command {
            Command::Serve(serve) => serve.run(&self.config, clock.clone()),
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
            Command::Bericht(bericht) => {
                let (config, mut store) = open()?;
                bericht.run(&config, &mut store)
            }
            Command::Pruefakte(pruefakte) => {
                let (config, store) = open()?;
                pruefakte.run(&config, &store)
            }
            Command::Auskunft(auskunft) => {
                let (config, store) = open()?;
                auskunft.run(&config, &store, clock.now())
            }
            Command::Loeschen(loeschen) => {
                let (config, mut store) = open()?;
                loeschen.run(&config, &mut store, clock.now())
            }
            Command::Backup(backup) => backup.run(&open()?.1),
            Command::Verify(verify) => verify.run(&self.config, &self.rolle),
        }
    }
}

/// Something to read that may stay in the journal for ever: no reason is empty, and none holds an e-mail address.
fn grund(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err("hier muss etwas stehen"),
        text if form::names_an_email(&plain_email(text)) => {
            Err("im Journal bleibt der Text für immer. Schreiben Sie ihn ohne E-Mail-Adresse")
        }
        text => Ok(text.to_owned()),
    }
}

/// An address in the form in which it is kept.
fn email(text: &str) -> Result<String, &'static str> {
    let email = plain_email(text);
    if lists::is_address(&email) {
        Ok(email)
    } else {
        Err("das ist keine E-Mail-Adresse")
    }
}

/// A Vorgangsnummer as it is kept, however it was typed.
fn vorgangsnummer(text: &str) -> Result<String, Infallible> {
    Ok(plain_number(text).to_uppercase())
}

/// A number with its noun.
fn counted<N: Display + PartialEq + From<u8>>(count: N, one: &str, many: &str) -> String {
    let noun = if count == N::from(1) { one } else { many };
    format!("{count} {noun}")
}

/// A list of names that still fits a screen.
fn few(names: &[String]) -> String {
    const MOST: usize = 10;
    let shown = names.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} und {more} weitere"),
    }
}

/// Prints a line. Whoever reads only the first lines (`| head`) has seen enough.
fn say(line: impl Display) -> Result<()> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Says on a terminal how far long work has come; elsewhere nothing.
fn progress(what: &'static str) -> impl FnMut(i64, i64) {
    let terminal = std::io::stderr().is_terminal();
    let mut shown = -1;
    move |done: i64, all: i64| {
        let percent = 100 * done / all.max(1);
        if terminal && percent != shown {
            shown = percent;
            let end = if done >= all { "\r\x1b[K" } else { "" };
            eprint!("\r{what}: {percent} %{end}");
        }
    }
}

/// Writes a file that a command was asked for; never replaces what lies there.
fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    if path.symlink_metadata().is_ok() {
        bail!("{} gibt es schon; nennen Sie eine neue Datei", path.display());
    }
    let created = File::create_new(path).and_then(|mut file| file.write_all(bytes));
    created.with_context(|| format!("{} lässt sich nicht schreiben", path.display()))
}

/// Has a new folder filled, which only the owner may read. It gets its name when all of it is there, and never replaces or mixes with
/// what lies there.
fn fill_folder(out: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let not = || format!("Der Ordner {} lässt sich nicht anlegen", out.display());
    if out.is_dir() && std::fs::read_dir(out).with_context(not)?.next().is_some() {
        bail!("Der Ordner {} ist nicht leer; nennen Sie einen neuen", out.display());
    }
    let beside = match out.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(beside).with_context(not)?;
    let folder = tempfile::Builder::new()
        .prefix(".neu-")
        .tempdir_in(beside)
        .with_context(not)?;
    fill(folder.path())?;
    std::fs::rename(folder.path(), out).with_context(not)?;
    // It has moved: there is nothing left to remove.
    let _ = folder.keep();
    Ok(())
}

fn open(config: &Path, rolle: &str) -> Result<(Config, Store)> {
    ensure!(
        config.exists(),
        "Die Konfiguration {} gibt es nicht. Wechseln Sie in ihren Ordner, oder nennen Sie sie mit --config DATEI",
        config.display()
    );
    let config = Config::read(config)?;
    let mut store = Store::open(&config.database)?;
    rolle.clone_into(&mut store.rolle);
    Ok((config, store))
}
