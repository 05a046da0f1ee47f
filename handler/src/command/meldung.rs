//! `handler meldung`: what has come in, what is missing, and what the office notes on it.

mod liste;

use super::{Outcome, ask, grund, say, vorgangsnummer, write_new};
use crate::child::{self, Examiner};
use crate::clock::Moment;
use crate::config::Config;
use crate::einreichung::{self, Eingereicht, Einreichung};
use crate::rejection::Rejection;
use crate::store::{Meldung as Stored, Store};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use form::day_text;
use jiff::civil::Date;
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(super) enum Meldung {
    /// Zeigt, wer gemeldet hat und wer noch fehlt
    #[command(after_help = "Beispiele:
  handler meldung list --runde cb-2026
  handler meldung list --runde cb-2026 --fehlt --adressen > erinnerung.csv
  handler meldung list --runde cb-2026 --xlsx stand.xlsx")]
    List(liste::List),
    /// Zeigt eine Meldung
    #[command(after_help = "Beispiel:
  handler meldung show CB-2026-7K3M-9QXA")]
    Show {
        /// Vorgangsnummer
        #[arg(value_parser = vorgangsnummer)]
        nummer: String,
        /// Gibt die Meldung als JSON aus
        #[arg(long)]
        json: bool,
    },
    /// Schreibt die gespeicherte Arbeitsmappe einer Meldung
    #[command(after_help = "Beispiel:
  handler meldung file CB-2026-7K3M-9QXA --out meldung.xlsx

Die gespeicherte Arbeitsmappe enthält die Werte der hochgeladenen Datei, aber weder Formeln noch Kommentare oder \
Namen von Bearbeitern.")]
    File {
        /// Vorgangsnummer
        #[arg(value_parser = vorgangsnummer)]
        nummer: String,
        /// Eine neue Datei für die Arbeitsmappe
        #[arg(long, value_name = "DATEI")]
        out: PathBuf,
    },
    /// Zeigt, woran die Dateien eines Trägers gescheitert sind: Codes und Zellen, keine Inhalte
    #[command(after_help = "Beispiel:
  handler meldung versuche 10054")]
    Versuche {
        /// Schulträgernummer
        #[arg(value_name = "NUMMER")]
        traeger: String,
        /// Gibt die Liste als JSON aus
        #[arg(long)]
        json: bool,
    },
    /// Reicht eine Datei für einen Träger ein, der selbst nicht hochladen kann
    #[command(after_help = "Beispiel:
  handler meldung einreichen duisburg.xlsx --traeger 10054 --runde cb-2026 \\
      --grund \"Rathaus ohne Internet, Datei per Post\" --eingang 2027-03-30

Geprüft wird wie beim Hochladen. Im Journal und auf der Eingangsbestätigung steht, dass die Geschäftsstelle eingereicht hat.")]
    Einreichen(Einreichen),
    /// Nimmt eine Meldung zurück; eine ältere gilt dadurch nicht wieder
    #[command(after_help = "Beispiel:
  handler meldung zuruecknehmen CB-2026-7K3M-9QXA \\
      --grund \"Irrtümlich die Zahlen des Vorjahres gemeldet\"")]
    Zuruecknehmen {
        /// Vorgangsnummer
        #[arg(value_parser = vorgangsnummer)]
        nummer: String,
        /// Steht auf der Eingangsbestätigung; bitte keine Namen
        #[arg(long, value_name = "TEXT", value_parser = grund)]
        grund: String,
        /// Fragt nicht nach
        #[arg(long)]
        ja: bool,
    },
    /// Vermerkt, wann die unterschriebene Bestätigung auf Papier angekommen ist
    #[command(after_help = "Beispiel:
  handler meldung bestaetigt CB-2026-7K3M-9QXA --eingang 2027-02-14")]
    Bestaetigt {
        /// Vorgangsnummer
        #[arg(value_parser = vorgangsnummer)]
        nummer: String,
        /// Tag, an dem das Papier ankam
        #[arg(long, value_name = "TAG")]
        eingang: Date,
    },
}

#[derive(Args)]
pub(super) struct Einreichen {
    /// Die ausgefüllte Arbeitsmappe
    #[arg(value_name = "DATEI")]
    file: PathBuf,
    /// Schulträgernummer
    #[arg(long, value_name = "NUMMER")]
    traeger: String,
    /// Kennung der Berichtsrunde
    #[arg(long, value_name = "KENNUNG")]
    runde: String,
    /// Warum die Geschäftsstelle einreicht; bitte keine Namen
    #[arg(long, value_name = "TEXT", value_parser = grund)]
    grund: String,
    /// Der Tag, an dem die Datei bei der Geschäftsstelle ankam; nach ihm richtet sich die Frist [sonst: heute]
    #[arg(long, value_name = "TAG")]
    eingang: Option<Date>,
    /// Der Grund aus dem Formular, mit dem der Träger auffällige Angaben bestätigt hat, zum Beispiel G1
    #[arg(long, value_name = "CODE")]
    bestaetigt_mit: Option<String>,
}

impl Meldung {
    pub(super) fn run(self, store: &mut Store, config: &Config, now: Moment) -> Result<Outcome> {
        match self {
            Meldung::List(list) => list.run(store),
            Meldung::Show { nummer, json } => show(store, &nummer, json),
            Meldung::File { nummer, out } => {
                let mappe = store.mappe(&nummer)?;
                let mappe = mappe.with_context(|| unknown(&nummer))?;
                write_new(&out, &mappe)?;
                say(format_args!("{} ist geschrieben.", out.display()))?;
                Ok(Outcome::Done)
            }
            Meldung::Versuche { traeger, json } => {
                let versuche = store.versuche(&traeger)?;
                if json {
                    say(serde_json::to_string_pretty(&versuche)?)?;
                } else {
                    super::register::print_versuche(&versuche, usize::MAX)?;
                }
                Ok(Outcome::Done)
            }
            Meldung::Einreichen(einreichen) => einreichen.run(store, config, now),
            Meldung::Zuruecknehmen { nummer, grund, ja } => withdraw(store, &nummer, &grund, ja, now),
            Meldung::Bestaetigt { nummer, eingang } => note_paper(store, &nummer, eingang, now),
        }
    }
}

fn unknown(nummer: &str) -> String {
    format!("Eine Meldung {nummer} gibt es nicht. Die Nummern zeigen „meldung list“ und „register show“")
}

fn find(store: &Store, nummer: &str) -> Result<Stored> {
    store.meldung(nummer)?.with_context(|| unknown(nummer))
}

/// A Meldung in one line.
pub(super) fn sentence(meldung: &Stored) -> String {
    let mut parts = vec![format!(
        "{}, eingegangen {}",
        meldung.nummer,
        meldung.eingegangen.text()
    )];
    if meldung.verspaetet {
        parts.push("nach der Frist".to_owned());
    }
    if meldung.einreichung.is_some() {
        parts.push("von der Geschäftsstelle eingereicht".to_owned());
    }
    parts.push(match (&meldung.ruecknahme, &meldung.ersetzt_durch, meldung.gilt) {
        (Some(ruecknahme), _, _) => format!("zurückgenommen ({})", ruecknahme.grund),
        (None, Some(nummer), _) => format!("ersetzt durch {nummer}"),
        (None, None, true) => "gilt".to_owned(),
        (None, None, false) => "ersetzt, gilt nicht mehr".to_owned(),
    });
    match meldung.unterschrift {
        Some(day) => parts.push(format!("Bestätigung da seit {}", day_text(day))),
        None if meldung.gilt => parts.push("Bestätigung fehlt".to_owned()),
        None => {}
    }
    parts.join(", ")
}

pub(super) fn as_json(meldung: &Stored) -> Value {
    json!({
        "nummer": meldung.nummer,
        "runde": meldung.runde,
        "traeger": meldung.traeger,
        "eingegangen": meldung.eingegangen.iso(),
        "verspaetet": meldung.verspaetet,
        "gilt": meldung.gilt,
        "ersetzt_durch": meldung.ersetzt_durch,
        "zurueckgenommen": meldung.ruecknahme.as_ref().map(|ruecknahme| ruecknahme.zeit.iso()),
        "zuruecknahme_grund": meldung.ruecknahme.as_ref().map(|ruecknahme| &ruecknahme.grund),
        "bestaetigung": meldung.unterschrift,
        "einreichung": meldung.einreichung,
        "sha256": meldung.upload_sha256,
        "kette": meldung.kette,
        "beleg": meldung.beleg,
    })
}

fn show(store: &Store, nummer: &str, as_data: bool) -> Result<Outcome> {
    let meldung = find(store, nummer)?;
    if as_data {
        say(serde_json::to_string_pretty(&as_json(&meldung))?)?;
        return Ok(Outcome::Done);
    }
    let name = store
        .name_in_runde(&meldung.runde, &meldung.traeger)?
        .unwrap_or_default();
    say(sentence(&meldung))?;
    say(format_args!(
        "Träger {} {name}, Berichtsrunde {}",
        meldung.traeger, meldung.runde
    ))?;
    let beleg = &meldung.beleg;
    say(format_args!("Schulen: {}", beleg.schulen))?;
    for summe in &beleg.summen {
        say(format_args!("{}: {}", summe.label, summe.cent))?;
    }
    if !beleg.aenderung.is_empty() {
        say(format_args!("Gegenüber der vorigen Fassung: {}", beleg.aenderung))?;
    }
    for angabe in &beleg.bestaetigt {
        say(format_args!(
            "Bestätigt ({}) {}: {}",
            angabe.code, angabe.stelle, angabe.grund
        ))?;
    }
    for hinweis in &beleg.hinweise {
        say(format_args!("Hinweis ({}) {}", hinweis.code, hinweis.stelle))?;
    }
    if let Some(grund) = &meldung.einreichung {
        say(format_args!("Eingereicht von der Geschäftsstelle: {grund}"))?;
    }
    say(format_args!("Prüfsumme der Datei: {}", meldung.upload_sha256))?;
    say(format_args!("Kettenwert: {}", meldung.kette))?;
    Ok(Outcome::Done)
}

impl Einreichen {
    fn run(self, store: &mut Store, config: &Config, now: Moment) -> Result<Outcome> {
        let upload =
            std::fs::read(&self.file).with_context(|| format!("{} lässt sich nicht lesen", self.file.display()))?;
        // The same answers as `formular check` gives where there is nothing to report.
        super::formular::find(store, &self.runde, &self.traeger)?;
        if let Some(eingang) = self.eingang.filter(|eingang| *eingang > now.day()) {
            eprintln!("Der {} liegt in der Zukunft. {}", day_text(eingang), ask::NOTHING_DONE);
            return Ok(Outcome::No);
        }
        let einreichung = Einreichung {
            runde: &self.runde,
            traeger: &self.traeger,
            upload: &upload,
            grund: &self.grund,
            eingang: self.eingang,
            bestaetigt: self.bestaetigt_mit.as_deref(),
            ankuendigen: config.mail.is_some(),
        };
        let examiner = Examiner::new(child::own_program(), 1, config.limits.sandbox);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        match runtime.block_on(einreichung::einreichen(store, &examiner, &einreichung, now)) {
            Ok(Eingereicht::New(nummer)) => {
                say(format_args!("Die Meldung ist eingereicht. Vorgangsnummer: {nummer}"))?;
                say(format_args!(
                    "Kommt die unterschriebene Bestätigung an: handler meldung bestaetigt {nummer} --eingang TAG"
                ))?;
                Ok(Outcome::Done)
            }
            Ok(Eingereicht::Already(nummer)) => {
                say(format_args!("Genau diese Datei gilt schon. Vorgangsnummer: {nummer}"))?;
                Ok(Outcome::Done)
            }
            Ok(Eingereicht::Findings(befunde)) => {
                for finding in &befunde {
                    say(finding)?;
                }
                let errors = befunde.iter().any(|finding| finding.severity == form::Severity::Fehler);
                say("Die Meldung ist nicht eingereicht.")?;
                if errors {
                    say(format_args!(
                        "Das neue Formular mit den Angaben und den Hinweisen darin schreibt:\n  handler formular check {} --traeger {} --runde {} --korrektur korrektur.xlsx",
                        self.file.display(),
                        self.traeger,
                        self.runde
                    ))?;
                } else {
                    say("Hat der Träger die Angaben bestätigt, nennen Sie mit --bestaetigt-mit den Grund.")?;
                }
                Ok(Outcome::No)
            }
            Ok(Eingereicht::UnknownGrund(known)) => {
                eprintln!("Diesen Grund hat das Formular nicht. Es gibt: {}.", known.join(", "));
                Ok(Outcome::No)
            }
            Err(Rejection::Internal(error) | Rejection::StoreFailed(error)) => Err(error),
            Err(rejection @ (Rejection::Unreadable(_) | Rejection::Exhausted(_))) => {
                let page = rejection.page();
                eprintln!("{} {}", page.text, page.abhilfe);
                Ok(Outcome::CouldNot)
            }
            Err(rejection) => {
                eprintln!("{} Die Meldung ist nicht eingereicht.", rejection.page().text);
                Ok(Outcome::No)
            }
        }
    }
}

fn withdraw(store: &mut Store, nummer: &str, grund: &str, ja: bool, now: Moment) -> Result<Outcome> {
    let meldung = find(store, nummer)?;
    if !meldung.gilt {
        eprintln!(
            "Die Meldung {nummer} gilt nicht: {}. Geändert ist nichts.",
            sentence(&meldung)
        );
        return Ok(Outcome::No);
    }
    let name = store
        .name_in_runde(&meldung.runde, &meldung.traeger)?
        .unwrap_or_default();
    let question = format!(
        "Die Meldung {nummer} ({name}, {}) wird zurückgenommen; das lässt sich nicht rückgängig machen. Zurücknehmen?",
        meldung.runde
    );
    if !ask::confirmed(&question, ja)? {
        say(ask::NOTHING_DONE)?;
        return Ok(Outcome::No);
    }
    if !store.withdraw(nummer, grund, now)? {
        eprintln!("Die Meldung {nummer} wurde soeben ersetzt. Geändert ist nichts.");
        return Ok(Outcome::No);
    }
    let runde = super::runde::find(store, &meldung.runde)?;
    let kennung = &runde.kennung;
    let now_missing = match store.vordruck(&runde, &meldung.traeger)? {
        None => format!("{name} hat in der Berichtsrunde {kennung} nichts mehr zu melden und fehlt darin nicht."),
        Some(_) if runde.geschlossen => format!(
            "{name} fehlt damit in der Berichtsrunde {kennung}. Sie ist geschlossen; eine neue Meldung kann nicht eingehen."
        ),
        Some(_) => format!("{name} fehlt damit in der Berichtsrunde {kennung}, bis eine neue Meldung eingeht."),
    };
    say(format_args!("Die Meldung {nummer} ist zurückgenommen. {now_missing}"))?;
    Ok(Outcome::Done)
}

fn note_paper(store: &mut Store, nummer: &str, eingang: Date, now: Moment) -> Result<Outcome> {
    let meldung = find(store, nummer)?;
    let complaint = if !meldung.gilt {
        Some(match &meldung.ersetzt_durch {
            Some(counts) => format!("Die Meldung {nummer} ist ersetzt. Die Bestätigung muss zu {counts} gehören."),
            None => format!("Die Meldung {nummer} gilt nicht mehr."),
        })
    } else if eingang > now.day() {
        Some(format!("Der {} liegt in der Zukunft.", day_text(eingang)))
    } else if eingang < meldung.eingegangen.day() {
        Some(format!(
            "Am {} gab es die Meldung noch nicht; sie ging am {} ein.",
            day_text(eingang),
            day_text(meldung.eingegangen.day())
        ))
    } else {
        None
    };
    if let Some(complaint) = complaint {
        eprintln!("{complaint} Geändert ist nichts.");
        return Ok(Outcome::No);
    }
    if !store.note_unterschrift(nummer, eingang, now)? {
        bail!("Die Meldung {nummer} wurde soeben ersetzt. Geändert ist nichts");
    }
    say(format_args!(
        "Vermerkt: Die Bestätigung zu {nummer} kam am {}.",
        day_text(eingang)
    ))?;
    Ok(Outcome::Done)
}
