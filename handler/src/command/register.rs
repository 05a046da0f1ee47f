//! `handler register`: the lists of Träger and schools, and single addresses.

mod show;

pub(super) use show::print_versuche;

use super::{Outcome, counted, email, few, say};
use crate::abgleich::{Verzeichnis, zusammenfassung};
use crate::clock::Moment;
use crate::lists::{self, List, ListProblem};
use crate::store::{AdressAkt, Store};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Register {
    /// Liest beide Listen ein und ersetzt das Verzeichnis
    #[command(after_help = "Beispiele:
  handler register import --traeger traeger.csv --schulen schulen.csv --dry-run
  handler register import --traeger traeger.csv --schulen schulen.csv

Spalten der Träger, in beliebiger Reihenfolge:
  Traegernummer;Traeger;Bezirksregierung;Rechtsform;E-Mail
  wahlweise dazu: Gueltig_ab;Gueltig_bis;Nachfolger
Spalten der Schulen:
  Traegernummer;Schulnummer;Kurzbezeichnung;Schulform;Aufnahmejahr
Mehrere E-Mail-Adressen trennt ein Komma. Rechtsform: 1 öffentlich, 2 privat. Bezirksregierung: 1 Düsseldorf, 3 Köln, \
5 Münster, 7 Detmold, 9 Arnsberg.

Die Listen sind CSV-Dateien mit Semikolon, wie Excel sie speichert. Was sich ändert, wird gezeigt. \
Ist eine Zeile fehlerhaft, ändert sich nichts. Eröffnete Berichtsrunden bleiben, wie sie sind: siehe „runde update“.")]
    Import {
        /// CSV-Datei der Träger
        #[arg(long, value_name = "DATEI")]
        traeger: PathBuf,
        /// CSV-Datei der Schulen
        #[arg(long, value_name = "DATEI")]
        schulen: PathBuf,
        /// Prüft die Listen, zeigt die Unterschiede und ändert nichts
        #[arg(long)]
        dry_run: bool,
    },
    /// Zeigt alles zu einem Träger: Schulen, Adressen, Sitzungen, Meldungen, Versuche, Fristen
    #[command(after_help = "Beispiele:
  handler register show 10054
  handler register show duisburg")]
    Show {
        /// Schulträgernummer; zu einem Teil des Namens werden die Nummern genannt
        #[arg(value_name = "NUMMER")]
        traeger: String,
        /// Gibt alles als JSON aus
        #[arg(long)]
        json: bool,
    },
    /// Ergänzt, entfernt oder sperrt eine E-Mail-Adresse
    #[command(after_help = "Beispiele:
  handler register adresse 10054 --neu schulamt@stadt.example
  handler register adresse 10054 --sperren schulamt@stadt.example

Entfernen und Sperren beenden alle Sitzungen des Trägers. Eine gesperrte Adresse wird mit --neu wieder frei.")]
    Adresse(Adresse),
}

#[derive(Args)]
pub(super) struct Adresse {
    /// Schulträgernummer
    #[arg(value_name = "NUMMER")]
    traeger: String,
    #[command(flatten)]
    akt: Akt,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Akt {
    /// Ergänzt die Adresse oder gibt sie wieder frei
    #[arg(long, value_name = "EMAIL", value_parser = email)]
    neu: Option<String>,
    /// Entfernt die Adresse
    #[arg(long, value_name = "EMAIL", value_parser = email)]
    entfernen: Option<String>,
    /// Sperrt die Adresse: Anmelden geht mit ihr nicht mehr
    #[arg(long, value_name = "EMAIL", value_parser = email)]
    sperren: Option<String>,
}

impl Register {
    pub(super) fn run(self, store: &mut Store, now: Moment) -> Result<Outcome> {
        match self {
            Register::Import {
                traeger,
                schulen,
                dry_run,
            } => import(store, &traeger, &schulen, dry_run, now),
            Register::Show { traeger, json } => show::show(store, &traeger, json),
            Register::Adresse(adresse) => adresse.run(store, now),
        }
    }
}

fn import(store: &mut Store, traeger: &Path, schulen: &Path, dry_run: bool, now: Moment) -> Result<Outcome> {
    let traeger = read(traeger, lists::traeger)?;
    let known = traeger.as_ref().map(|list| list.rows.as_slice());
    let schulen = read(schulen, |bytes| lists::schulen(bytes, known))?;
    let (Some(traeger), Some(schulen)) = (traeger, schulen) else {
        return Ok(Outcome::No);
    };
    let (before, after) = (
        store.verzeichnis()?,
        Verzeichnis::of_lists(&traeger.rows, &schulen.rows),
    );
    // The first import is all new.
    if !before.is_empty() {
        let unterschiede = before.unterschiede(&after);
        for unterschied in &unterschiede {
            say(unterschied)?;
        }
        if unterschiede.is_empty() {
            say("Die Listen sagen dasselbe wie das Verzeichnis.")?;
        } else {
            say(format_args!("Unterschiede: {}.", zusammenfassung(&unterschiede)))?;
        }
    }
    remarks(&traeger.rows, &schulen.rows, now.day())?;
    if dry_run {
        say(format_args!(
            "Die Listen sind in Ordnung: {} Träger, {}. Geändert wurde nichts.",
            traeger.rows.len(),
            counted(schulen.rows.len(), "Schule", "Schulen")
        ))?;
        return Ok(Outcome::Done);
    }
    let register = store.replace_register(&traeger.rows, &schulen.rows, now)?;
    say(format_args!(
        "Eingelesen: {} Träger, {}.",
        register.traeger,
        counted(register.schulen, "Schule", "Schulen")
    ))?;
    if register.ausgeschieden > 0 {
        say(format_args!(
            "Nicht mehr auf der Liste, aber wegen früherer Meldungen behalten: {} Träger.",
            register.ausgeschieden
        ))?;
    }
    let runden = store.runden()?;
    if runden.is_empty() {
        say("Als Nächstes eine Berichtsrunde öffnen: handler runde open --help")?;
    }
    for runde in runden.iter().filter(|runde| !runde.geschlossen) {
        say(format_args!(
            "Die Berichtsrunde {0} bleibt, wie sie ist. Was dort anders ist, zeigt: handler runde update {0} --dry-run",
            runde.kennung
        ))?;
        let waited_for = store.staende(&runde.kennung)?;
        let gone: Vec<String> = waited_for
            .iter()
            .filter(|stand| stand.schulen > 0 && !after.traeger.contains_key(&stand.traeger))
            .map(|stand| format!("{} {}", stand.traeger, stand.name))
            .collect();
        if !gone.is_empty() {
            say(format_args!(
                "Hinweis: Diese Träger melden dort noch, stehen aber nicht mehr im Verzeichnis und können sich nicht anmelden: {}",
                few(&gone)
            ))?;
        }
    }
    Ok(Outcome::Done)
}

/// What is allowed and yet worth knowing.
fn remarks(traeger: &[lists::TraegerZeile], schulen: &[lists::SchuleZeile], today: Date) -> Result<()> {
    let report = |nummern: Vec<String>, what: &str| {
        if nummern.is_empty() {
            return Ok(());
        }
        say(format_args!("Hinweis: {what} {}", few(&nummern)))
    };
    let without = traeger.iter().filter(|zeile| zeile.emails.is_empty());
    report(
        without.map(|zeile| zeile.nummer.to_string()).collect(),
        "Ohne E-Mail-Adresse kann sich niemand anmelden:",
    )?;
    let has_schools = |zeile: &lists::TraegerZeile| schulen.iter().any(|schule| schule.traeger == zeile.nummer);
    let (mut ended, mut to_come) = (Vec::new(), Vec::new());
    for zeile in traeger.iter().filter(|zeile| has_schools(zeile)) {
        if zeile.nachfolger.is_none() && zeile.gueltig_bis.is_some_and(|bis| bis < today) {
            ended.push(zeile.nummer.to_string());
        }
        if zeile.gueltig_ab.is_some_and(|ab| ab > today) {
            to_come.push(zeile.nummer.to_string());
        }
    }
    report(
        ended,
        "Besteht nicht mehr und hat keinen Nachfolger, aber noch Schulen:",
    )?;
    report(to_come, "Besteht noch nicht, hat aber schon Schulen:")?;
    let idle = traeger
        .iter()
        .filter(|zeile| zeile.gueltig_bis.is_none() && !has_schools(zeile));
    report(
        idle.map(|zeile| zeile.nummer.to_string()).collect(),
        "Ohne Schule ist nichts zu melden:",
    )?;
    let mut owners: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for zeile in traeger {
        for email in &zeile.emails {
            owners.entry(email).or_default().push(zeile.nummer.to_string());
        }
    }
    let shared = owners.into_iter().filter(|(_, nummern)| nummern.len() > 1);
    report(
        shared
            .map(|(email, nummern)| format!("{email} ({})", nummern.join(", ")))
            .collect(),
        "Eine Adresse steht bei mehreren Trägern; angemeldet wird mit der jeweiligen Schulträgernummer:",
    )
}

impl Adresse {
    fn run(self, store: &mut Store, now: Moment) -> Result<Outcome> {
        if store.traeger_im_register(&self.traeger)?.is_none() {
            return Err(show::unknown(store, &self.traeger)?);
        }
        let (akt, email) = match (self.akt.neu, self.akt.entfernen, self.akt.sperren) {
            (Some(email), _, _) => (AdressAkt::Neu, email),
            (_, Some(email), _) => (AdressAkt::Entfernen, email),
            (_, _, Some(email)) => (AdressAkt::Sperren, email),
            _ => bail!("Es fehlt --neu, --entfernen oder --sperren"),
        };
        let changed = store.change_adresse(&self.traeger, &email, akt, now)?;
        let sentence = match (akt, changed) {
            (AdressAkt::Neu, true) => "Mit dieser Adresse kann sich der Träger jetzt anmelden.",
            (AdressAkt::Neu, false) => "Die Adresse steht schon beim Träger. Geändert ist nichts.",
            (AdressAkt::Entfernen, true) => "Die Adresse ist entfernt, offene Sitzungen des Trägers sind beendet.",
            (AdressAkt::Sperren, true) => "Die Adresse ist gesperrt, offene Sitzungen des Trägers sind beendet.",
            (AdressAkt::Entfernen, false) => "Diese Adresse steht nicht beim Träger. Geändert ist nichts.",
            (AdressAkt::Sperren, false) => {
                "Diese Adresse steht nicht beim Träger oder ist schon gesperrt. Geändert ist nichts."
            }
        };
        say(sentence)?;
        Ok(if changed { Outcome::Done } else { Outcome::No })
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
            if let Some(encoding) = list.saved_as {
                eprintln!(
                    "{}: Die Datei ist in {encoding} gespeichert und wurde so gelesen. Besser ist UTF-8.",
                    path.display()
                );
            }
            Ok(Some(list))
        }
        Err(problems) => {
            for problem in &problems {
                eprintln!("{}: {problem}", path.display());
            }
            let wrong = counted(problems.len(), "Stelle ist", "Stellen sind");
            eprintln!("Nichts geändert: {wrong} in {} zu berichtigen.", path.display());
            Ok(None)
        }
    }
}
