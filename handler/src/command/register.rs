//! `handler register`: the lists of Träger and schools.

use super::{Outcome, say};
use crate::clock::Moment;
use crate::lists::{self, List, ListProblem};
use crate::store::Store;
use anyhow::{Context, Result};
use clap::Subcommand;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Register {
    /// Liest beide Listen ein und ersetzt das Verzeichnis
    Import {
        /// CSV mit Traegernummer;Traeger;Bezirksregierung;Rechtsform;E-Mail
        #[arg(long, value_name = "DATEI")]
        traeger: PathBuf,
        /// CSV mit Traegernummer;Schulnummer;Kurzbezeichnung;Schulform;Aufnahmejahr
        #[arg(long, value_name = "DATEI")]
        schulen: PathBuf,
        /// Prüft die Listen und ändert nichts
        #[arg(long)]
        dry_run: bool,
    },
}

impl Register {
    pub(super) fn run(self, store: &mut Store, now: Moment) -> Result<Outcome> {
        let Register::Import {
            traeger: traeger_path,
            schulen: schulen_path,
            dry_run,
        } = self;
        let Some(traeger) = read(&traeger_path, lists::traeger)? else {
            return Ok(Outcome::No);
        };
        let Some(schulen) = read(&schulen_path, |bytes| lists::schulen(bytes, &traeger.rows))? else {
            return Ok(Outcome::No);
        };
        if dry_run {
            say(format_args!(
                "Die Listen sind in Ordnung: {} Träger, {} Schulen. Geändert wurde nichts.",
                traeger.rows.len(),
                schulen.rows.len()
            ))?;
            return Ok(Outcome::Done);
        }
        let register = store.replace_register(&traeger.rows, &schulen.rows, now)?;
        say(format_args!(
            "Eingelesen: {} Träger, {} Schulen.",
            register.traeger, register.schulen
        ))?;
        if register.ausgeschieden > 0 {
            say(format_args!(
                "Nicht mehr auf der Liste, aber wegen früherer Meldungen behalten: {} Träger.",
                register.ausgeschieden
            ))?;
        }
        Ok(Outcome::Done)
    }
}

/// Reads a list, or prints all its problems.
pub(super) fn read<T>(
    path: &Path,
    parse: impl Fn(&[u8]) -> Result<List<T>, Vec<ListProblem>>,
) -> Result<Option<List<T>>> {
    let bytes = std::fs::read(path).with_context(|| format!("{} lässt sich nicht lesen", path.display()))?;
    match parse(&bytes) {
        Ok(list) => {
            if list.windows_1252 {
                eprintln!(
                    "{}: Die Datei ist in Windows-1252 gespeichert und wurde so gelesen. Besser ist UTF-8.",
                    path.display()
                );
            }
            Ok(Some(list))
        }
        Err(problems) => {
            for problem in &problems {
                eprintln!("{}: {problem}", path.display());
            }
            eprintln!("Nichts geändert: {} Stellen sind zu berichtigen.", problems.len());
            Ok(None)
        }
    }
}
