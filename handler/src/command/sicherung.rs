//! `handler backup` and `handler verify`: a copy that is proved, and the proof itself.

use super::{Outcome, counted, open, progress, say, vorgangsnummer};
use crate::clock::Moment;
use crate::store::{Papier, Pruefung, Store};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Args)]
#[command(after_help = "Beispiel:\n  handler backup /sicherung/meldungen-2027-03-31.sqlite")]
pub(super) struct Backup {
    /// Die neue Datei; eine vorhandene wird nie ersetzt
    #[arg(value_name = "DATEI")]
    file: PathBuf,
}

#[derive(Args)]
#[command(
    after_help = "Beispiele:\n  handler verify\n  handler verify /sicherung/meldungen-2027-03-31.sqlite\n  handler verify --eingang CB-2026-7K3M-9QXA 3f2a…"
)]
pub(super) struct Verify {
    /// Eine Sicherung; ohne Angabe die Datenbank der Konfiguration
    #[arg(value_name = "DATEI")]
    file: Option<PathBuf>,
    /// Vorgangsnummer und Kettenwert einer Eingangsbestätigung
    #[arg(long, num_args = 2, value_names = ["NUMMER", "KETTE"])]
    eingang: Option<Vec<String>>,
    /// Gibt das Ergebnis als JSON aus
    #[arg(long)]
    json: bool,
}

impl Backup {
    pub(super) fn run(self, store: &Store) -> Result<Outcome> {
        let pruefung = store.backup(&self.file, &mut progress("Die Kopie wird geprüft"))?;
        if !pruefung.maengel.is_empty() {
            pruefung.maengel.iter().for_each(|mangel| eprintln!("{mangel}"));
            eprintln!("Es ist keine Sicherung entstanden. Prüfen Sie die Datenbank mit „handler verify“.");
            return Ok(Outcome::No);
        }
        say(format_args!(
            "{} ist geschrieben und geprüft: {}, {} im Journal.",
            self.file.display(),
            counted(pruefung.meldungen, "Meldung", "Meldungen"),
            counted(pruefung.eintraege, "Eintrag", "Einträge")
        ))?;
        say(format_args!("Letzter Kettenwert: {}", pruefung.kette))?;
        Ok(Outcome::Done)
    }
}

impl Verify {
    pub(super) fn run(self, config: &Path, rolle: &str) -> Result<Outcome> {
        let store = match &self.file {
            Some(file) => Store::open_to_read(file)?,
            None => open(config, rolle)?.1,
        };
        let pruefung = store.pruefen(&mut progress("Das Journal wird geprüft"))?;
        let papier = match self.eingang.as_deref() {
            Some([nummer, kette]) => Some(store.papier(&vorgangsnummer(nummer)?, kette)?),
            _ => None,
        };
        let paper_holds = matches!(papier, None | Some(Papier::Belegt { .. } | Papier::Geloescht { .. }));
        if self.json {
            let paper = papier
                .as_ref()
                .map(|papier| json!({ "belegt": paper_holds, "text": sentence(papier) }));
            say(format_args!(
                "{}",
                serde_json::to_string_pretty(&json!({
                    "eintraege": pruefung.eintraege,
                    "geloescht": pruefung.geloescht,
                    "meldungen": pruefung.meldungen,
                    "kette": pruefung.kette,
                    "maengel": pruefung.maengel,
                    "eingang": paper,
                }))?
            ))?;
        } else {
            report(&pruefung)?;
            if let Some(papier) = &papier {
                say(sentence(papier))?;
            }
        }
        Ok(if pruefung.maengel.is_empty() && paper_holds {
            Outcome::Done
        } else {
            Outcome::No
        })
    }
}

fn report(pruefung: &Pruefung) -> Result<()> {
    for mangel in &pruefung.maengel {
        say(mangel)?;
    }
    if !pruefung.maengel.is_empty() {
        return say("Die Datenbank ist nicht in Ordnung. Verändern Sie nichts und heben Sie die letzte Sicherung auf.");
    }
    say(format_args!(
        "Alles in Ordnung: {} im Journal, {} mit Arbeitsmappe und Zeilen.",
        counted(pruefung.eintraege, "Eintrag", "Einträge"),
        counted(pruefung.meldungen, "Meldung", "Meldungen")
    ))?;
    if pruefung.geloescht > 0 {
        say(format_args!(
            "Zu {} Einträgen ist der Inhalt nach dem Löschkonzept gelöscht; die Kette ist auch dort lückenlos.",
            pruefung.geloescht
        ))?;
    }
    say(format_args!("Letzter Kettenwert: {}", pruefung.kette))
}

fn sentence(papier: &Papier) -> String {
    let time = |zeit: &str| Moment::parse(zeit).map_or_else(|_| zeit.to_owned(), Moment::text);
    match papier {
        Papier::Belegt { nr, zeit } => format!(
            "Das Papier stimmt: Der Kettenwert ist der Eintrag {nr} vom {}, und er gehört zu dieser Meldung.",
            time(zeit)
        ),
        Papier::Geloescht { nr, zeit } => format!(
            "Der Kettenwert des Papiers ist der Eintrag {nr} vom {}, eine Meldung. Ihr Inhalt ist nach dem Löschkonzept gelöscht; welche Vorgangsnummer sie hatte, lässt sich nicht mehr vergleichen.",
            time(zeit)
        ),
        Papier::AndereMeldung { nr } => format!(
            "Das Papier stimmt nicht: Der Kettenwert steht im Journal (Eintrag {nr}), gehört aber nicht zu dieser Vorgangsnummer."
        ),
        Papier::Unbekannt => {
            "Das Papier stimmt nicht mit dem Journal überein: Der Kettenwert steht nicht darin. Vergleichen Sie ihn Zeichen für Zeichen.".to_owned()
        }
    }
}
