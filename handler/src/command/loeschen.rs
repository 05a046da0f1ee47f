//! `handler loeschen`: executes the deletion concept and says what it has done.

use super::ask::{NOTHING_DONE, confirmed};
use super::protokolldateien::{Protokolldatei, protokolldateien};
use super::{Outcome, counted, email, grund, say};
use crate::clock::Moment;
use crate::config::Config;
use crate::protokoll::frist::{self, Aufbewahrung, Faellig, GEKUERZT_KLASSE, ZUGRIFFE_KLASSE};
use crate::store::Store;
use crate::store::loeschen::{Anweisung, PROTOKOLLE, Schritt, unbekannte};
use anyhow::{Context, Result, bail};
use clap::Args;
use form::loeschkonzept::{Ausfuehrung, Fall, Loeschkonzept};
use jiff::civil::Date;
use serde_json::json;

#[derive(Args)]
#[command(
    after_help = "Beispiele:\n  handler loeschen --dry-run\n  handler loeschen --ja                     (jede Nacht)\n  handler loeschen --adresse amt@stadt.example\n  handler loeschen --programmende 2034-07-31 --anweisung \"Erlass vom 1. August 2034, Az. 123\""
)]
pub(super) struct Loeschen {
    /// Zählt nur, was fällig ist
    #[arg(long)]
    dry_run: bool,
    /// Der Tag, an dem gerechnet wird; ohne Angabe jetzt
    #[arg(long, value_name = "TAG")]
    heute: Option<Date>,
    /// Löscht eine E-Mail-Adresse überall, statt die Fristen auszuführen
    #[arg(long, value_name = "EMAIL", value_parser = email, conflicts_with_all = ["programmende", "heute"])]
    adresse: Option<String>,
    /// Letzter Tag des Programms: danach werden Adressen, Dateien und Angaben gelöscht
    #[arg(long, value_name = "TAG", requires = "anweisung")]
    programmende: Option<Date>,
    /// Was das Löschen am Ende des Programms anordnet; keine Namen von Personen
    #[arg(long, value_name = "TEXT", requires = "programmende", value_parser = grund)]
    anweisung: Option<String>,
    /// Fragt nicht nach
    #[arg(long)]
    ja: bool,
    /// Gibt das Protokoll als JSON aus
    #[arg(long)]
    json: bool,
}

impl Loeschen {
    pub(super) fn run(self, config: &Config, store: &mut Store, now: Moment) -> Result<Outcome> {
        if let Some(email) = &self.adresse {
            return self.forget_address(email, config, store, now);
        }
        let now = match self.heute {
            Some(day) => Moment::start_of(day)?,
            None => now,
        };
        let konzept = read_konzept(config)?;
        let ende = match (self.programmende, &self.anweisung) {
            (Some(tag), Some(grund)) => Some(Anweisung {
                tag,
                grund: grund.clone(),
            }),
            _ => None,
        };
        if let Some(ende) = &ende
            && now.day() <= ende.tag
        {
            bail!(
                "Das Programm endet erst am {}; vorher wird nichts gelöscht",
                form::day_text(ende.tag)
            );
        }
        let logs = due_logs(config, &konzept, ende.is_some(), now)?;
        let planned = with_logs(store.loeschen(&konzept, ende.as_ref(), true, now)?, &konzept, &logs);
        let total: u64 = planned.iter().map(|schritt| schritt.anzahl).sum();
        if self.dry_run {
            self.report(&konzept, &planned, "fällig")?;
            return Ok(outcome(&konzept, self.json, true));
        }
        let records = counted(total, "Datensatz wird", "Datensätze werden");
        let question = match &ende {
            Some(_) => format!(
                "Das Programm ist zu Ende: {records} gelöscht, alle Meldungen und Adressen. Das lässt sich nicht rückgängig machen. Fortfahren?"
            ),
            None => format!("{records} gelöscht. Das lässt sich nicht rückgängig machen. Fortfahren?"),
        };
        // Nothing to delete is nothing to ask about; what an earlier run could not clear away goes now.
        if total > 0 && !confirmed(&question, self.ja)? {
            say(NOTHING_DONE)?;
            return Ok(Outcome::No);
        }
        let done = store.loeschen(&konzept, ende.as_ref(), false, now)?;
        for (log, faellig) in &logs {
            let done = match faellig {
                Faellig::Loeschen => std::fs::remove_file(&log.path).map_err(Into::into),
                Faellig::Kuerzen => frist::shorten(&log.path),
            };
            done.with_context(|| format!("{} lässt sich nicht löschen", log.path.display()))?;
        }
        let clean = store.spuren_beseitigen()?;
        self.report(&konzept, &with_logs(done, &konzept, &logs), "gelöscht")?;
        if !clean {
            blocked();
        }
        Ok(outcome(&konzept, self.json, clean))
    }

    fn report(&self, konzept: &Loeschkonzept, schritte: &[Schritt], word: &str) -> Result<()> {
        if self.json {
            return say(serde_json::to_string_pretty(
                &json!({ "protokoll": schritte, "was": word }),
            )?);
        }
        for schritt in schritte {
            let klasse = konzept.klasse(&schritt.klasse);
            let frist = klasse
                .map(|klasse| klasse.frist_text(Fall::Nominativ))
                .unwrap_or_default();
            say(format_args!(
                "{:20} {:>7} {word}  ({frist})",
                schritt.klasse, schritt.anzahl
            ))?;
        }
        for klasse in konzept
            .klassen
            .iter()
            .filter(|klasse| klasse.ausfuehrung == Ausfuehrung::Hand)
        {
            say(format_args!(
                "{:20} von Hand: {} ({})",
                klasse.id,
                klasse.was,
                klasse.frist_text(Fall::Nominativ)
            ))?;
        }
        Ok(())
    }

    fn forget_address(&self, email: &str, config: &Config, store: &mut Store, now: Moment) -> Result<Outcome> {
        let mut logs: Vec<Protokolldatei> = protokolldateien(config)?;
        logs.retain(|log| log.lines_with(email).is_ok_and(|lines| lines > 0));
        let rows = store.adresse_loeschen(email, true, now)?;
        if rows == 0 && logs.is_empty() {
            say("Diese Adresse steht in keiner Liste und in keinem Protokoll.")?;
            return rest(store, email, Outcome::Done);
        }
        let what = format!(
            "{} der Datenbank und Stellen in {}",
            counted(rows, "Zeile", "Zeilen"),
            counted(logs.len(), "Protokoll", "Protokollen")
        );
        if self.dry_run {
            say(format_args!("Zu löschen: {what}."))?;
            return Ok(Outcome::Done);
        }
        let question = "Die Adresse wird überall gelöscht; wer damit angemeldet ist, wird abgemeldet. Das lässt sich nicht rückgängig machen. Fortfahren?";
        if !confirmed(question, self.ja)? {
            say(NOTHING_DONE)?;
            return Ok(Outcome::No);
        }
        store.adresse_loeschen(email, false, now)?;
        for log in &logs {
            log.blot_out(email)?;
        }
        let clean = store.spuren_beseitigen()?;
        say(format_args!("Gelöscht: {what}."))?;
        say("In Sicherungskopien steht sie, bis deren Frist abläuft.")?;
        if !clean {
            blocked();
            return Ok(Outcome::No);
        }
        rest(store, email, Outcome::Done)
    }
}

/// What only people can judge: an address that somebody has written into a remark.
fn rest(store: &Store, email: &str, fine: Outcome) -> Result<Outcome> {
    let left = store.funde(email)?;
    if left.is_empty() {
        return Ok(fine);
    }
    let tables: Vec<&str> = left.iter().map(|fund| fund.tabelle.as_str()).collect();
    eprintln!(
        "Die Adresse steht noch im Text von: {}. Dorthin hat sie jemand geschrieben, in eine Meldung oder in einen Grund der Geschäftsstelle; was das Journal belegt, wird hier nicht geändert.",
        tables.join(", ")
    );
    Ok(Outcome::No)
}

fn blocked() {
    eprintln!(
        "Gelöscht ist alles, aber ein anderes Programm liest noch einen älteren Stand; bis es fertig ist, stehen Reste in der Datei mit der Endung -wal. Beenden Sie es und rufen Sie „handler loeschen“ noch einmal auf."
    );
}

fn outcome(konzept: &Loeschkonzept, json: bool, clean: bool) -> Outcome {
    let unknown = unbekannte(konzept);
    for klasse in unknown.iter().filter(|_| !json) {
        eprintln!(
            "Die Löschklasse „{}“ soll dieses Programm ausführen, kennt sie aber nicht. Sie bleibt unerledigt.",
            klasse.id
        );
    }
    if clean && unknown.is_empty() {
        Outcome::Done
    } else {
        Outcome::No
    }
}

pub(super) fn read_konzept(config: &Config) -> Result<Loeschkonzept> {
    let path = config.site.join("handler/loeschkonzept.toml");
    let source = std::fs::read_to_string(&path)
        .with_context(|| format!("{} fehlt. „generator build“ erzeugt es", path.display()))?;
    Loeschkonzept::parse(&source).map_err(|problems| anyhow::anyhow!("{} ist fehlerhaft: {problems:?}", path.display()))
}

/// Log files that have outlived their period, and those whose addresses have; all of them at the end of the programme.
fn due_logs(
    config: &Config,
    konzept: &Loeschkonzept,
    all: bool,
    now: Moment,
) -> Result<Vec<(Protokolldatei, Faellig)>> {
    let mut due = Vec::new();
    for log in protokolldateien(config)? {
        let Some(aufbewahrung) = Aufbewahrung::of(konzept, log.klasse) else {
            continue;
        };
        match aufbewahrung.faellig(log.tag, now.day())? {
            _ if all => due.push((log, Faellig::Loeschen)),
            Some(Faellig::Loeschen) => due.push((log, Faellig::Loeschen)),
            Some(Faellig::Kuerzen) if frist::has_whole_addresses(&log.path)? => due.push((log, Faellig::Kuerzen)),
            Some(Faellig::Kuerzen) | None => {}
        }
    }
    Ok(due)
}

/// A log whose addresses are shortened has lost what its own class is about; the rest goes with the other class.
fn with_logs(mut schritte: Vec<Schritt>, konzept: &Loeschkonzept, logs: &[(Protokolldatei, Faellig)]) -> Vec<Schritt> {
    let has_gekuerzt = konzept.klasse(GEKUERZT_KLASSE).is_some();
    let klasse_of = |(log, faellig): &(Protokolldatei, Faellig)| match faellig {
        Faellig::Loeschen if log.klasse == ZUGRIFFE_KLASSE && has_gekuerzt => GEKUERZT_KLASSE,
        _ => log.klasse,
    };
    for klasse in PROTOKOLLE.iter().filter(|klasse| konzept.klasse(klasse).is_some()) {
        schritte.push(Schritt {
            klasse: (*klasse).to_owned(),
            anzahl: logs.iter().filter(|log| klasse_of(log) == *klasse).count() as u64,
        });
    }
    schritte
}
