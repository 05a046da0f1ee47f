//! `handler runde`: opening a Berichtsrunde freezes everything that it rests on.

use super::{Outcome, register, say};
use crate::clock::Moment;
use crate::lists;
use crate::store::{NeueRunde, RundeFehler, Store};
use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum};
use form::Form;
use form::day_text;
use jiff::civil::Date;
use std::path::PathBuf;

#[derive(Subcommand)]
pub(super) enum Runde {
    /// Öffnet eine Berichtsrunde
    Open(Box<Open>),
}

#[derive(Args)]
pub(super) struct Open {
    /// Kurzname aus a-z, 0-9 und Bindestrich, zum Beispiel cb-2026
    kennung: String,
    /// Das Formular: formular.toml
    #[arg(long, value_name = "DATEI")]
    formular: PathBuf,
    /// Beginn des Berichtszeitraums
    #[arg(long, value_name = "TAG")]
    von: Date,
    /// Ende des Berichtszeitraums
    #[arg(long, value_name = "TAG")]
    bis: Date,
    /// Erster Tag zum Hochladen [heute]
    #[arg(long, value_name = "TAG")]
    ab: Option<Date>,
    /// Letzter Tag zum Hochladen
    #[arg(long, value_name = "TAG")]
    frist: Date,
    /// Was nach der Frist geschieht
    #[arg(long, value_enum, default_value = "annehmen")]
    nach_frist: NachFrist,
    /// Übernimmt die Spalte Uebertrag
    #[arg(long)]
    uebertrag: bool,
    /// CSV mit Schulnummer;Zugewiesen;Uebertrag und wahlweise Meldet
    #[arg(long, value_name = "DATEI")]
    zuweisungen: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NachFrist {
    /// Angenommen und als verspätet gekennzeichnet
    Annehmen,
    Ablehnen,
}

impl Runde {
    pub(super) fn run(self, store: &mut Store, now: Moment) -> Result<Outcome> {
        let Runde::Open(open) = self;
        open.run(store, now)
    }
}

impl Open {
    fn run(self, store: &mut Store, now: Moment) -> Result<Outcome> {
        if let Err(complaint) = self.check(now) {
            eprintln!("{complaint}");
            return Ok(Outcome::No);
        }
        let definition = std::fs::read_to_string(&self.formular)
            .with_context(|| format!("{} lässt sich nicht lesen", self.formular.display()))?;
        let form = match Form::parse(&definition) {
            Ok(form) => form,
            Err(problems) => {
                for problem in problems {
                    eprintln!(
                        "{}:{}:{}: {} {}",
                        self.formular.display(),
                        problem.line,
                        problem.column,
                        problem.message,
                        problem.remedy
                    );
                }
                return Ok(Outcome::No);
            }
        };
        let Some(zuweisungen) = register::read(&self.zuweisungen, lists::zuweisungen)? else {
            return Ok(Outcome::No);
        };
        let neu = NeueRunde {
            kennung: self.kennung,
            von: self.von,
            bis: self.bis,
            ab: self.ab.unwrap_or(now.day()),
            frist: self.frist,
            nach_frist_ablehnen: self.nach_frist == NachFrist::Ablehnen,
            uebertrag: self.uebertrag,
            beispiel: false,
        };
        match store.open_runde(&neu, &definition, &form, &zuweisungen.rows, now)? {
            Ok(()) => {
                let expected = store.staende(&neu.kennung)?.len();
                say(format_args!(
                    "Die Berichtsrunde {} ist eingerichtet: {} Schulen, {expected} Träger melden.",
                    neu.kennung,
                    zuweisungen.rows.len()
                ))?;
                say(format_args!(
                    "Hochgeladen wird vom {} bis zum {}.",
                    day_text(neu.ab),
                    day_text(neu.frist)
                ))?;
                Ok(Outcome::Done)
            }
            Err(fehler) => {
                eprintln!("{}", sentence(&fehler));
                Ok(Outcome::No)
            }
        }
    }

    fn check(&self, now: Moment) -> Result<(), &'static str> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if self.kennung.is_empty() || self.kennung.len() > 32 || !self.kennung.bytes().all(plain) {
            return Err("Die Kennung besteht aus höchstens 32 Zeichen: a-z, 0-9 und Bindestrich.");
        }
        if self.bis < self.von {
            return Err("Der Berichtszeitraum endet, bevor er beginnt. Prüfen Sie --von und --bis.");
        }
        if self.frist < self.ab.unwrap_or(now.day()) {
            return Err(
                "Die Frist endet, bevor hochgeladen werden kann. Prüfen Sie --frist und --ab (ohne Angabe: heute).",
            );
        }
        Ok(())
    }
}

fn sentence(fehler: &RundeFehler) -> String {
    match fehler {
        RundeFehler::Exists => "Diese Berichtsrunde gibt es schon. Wählen Sie eine andere Kennung.".to_owned(),
        RundeFehler::UnknownSchulen(nummern) => {
            format!(
                "Diese Schulen stehen nicht im Verzeichnis: {}. Lesen Sie zuerst das Verzeichnis ein oder berichtigen Sie die Zuweisungen.",
                nummern.join(", ")
            )
        }
        RundeFehler::UnknownTraeger(nummern) => {
            format!(
                "Diese Träger aus der Spalte Meldet stehen nicht im Verzeichnis: {}. Berichtigen Sie die Zuweisungen.",
                nummern.join(", ")
            )
        }
    }
}
