//! `handler meldung list`: everybody who is expected, as a table, as data, as a workbook, as addresses.

use super::super::table::Table;
use super::super::{Outcome, say};
use crate::clock::Moment;
use crate::store::{Stand, Store};
use anyhow::{Context, Result};
use clap::Args;
use form::day_text;
use jiff::civil::Date;
use rust_xlsxwriter::{Format, Workbook};
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(in crate::command) struct List {
    /// Kennung der Berichtsrunde
    #[arg(long, value_name = "KENNUNG")]
    runde: String,
    /// Zeigt nur, wer noch fehlt
    #[arg(long)]
    fehlt: bool,
    /// Gibt die Liste als JSON aus
    #[arg(long)]
    json: bool,
    /// Schreibt die Liste als Arbeitsmappe
    #[arg(long, value_name = "DATEI", conflicts_with_all = ["json", "adressen"])]
    xlsx: Option<PathBuf>,
    /// Gibt die E-Mail-Adressen derer aus, die noch melden müssen, für eine Erinnerung
    #[arg(long)]
    adressen: bool,
}

impl List {
    pub(super) fn run(self, store: &Store) -> Result<Outcome> {
        super::super::runde::find(store, &self.runde)?;
        let staende = store.staende(&self.runde)?;
        if self.adressen {
            return addresses(store, &staende, self.json);
        }
        let ausserhalb = store.ausserhalb(&self.runde)?;
        let wanted = |stand: &&Stand| !self.fehlt || stand.stand == "fehlt";
        let shown: Vec<&Stand> = staende.iter().filter(wanted).collect();
        if self.json {
            // Whoever still has a school, which another reports for, is among the others.
            let strays = ausserhalb.iter().filter(wanted);
            let strays = strays.filter(|stray| staende.iter().all(|stand| stand.traeger != stray.traeger));
            let shown: Vec<&Stand> = shown.into_iter().chain(strays).collect();
            say(serde_json::to_string_pretty(&shown)?)?;
            return Ok(Outcome::Done);
        }
        if let Some(path) = &self.xlsx {
            write_workbook(&shown, path)?;
            say(format_args!("{} ist geschrieben.", path.display()))?;
        } else {
            table(&shown)?.print()?;
        }
        say(summary(&staende, &ausserhalb))?;
        Ok(Outcome::Done)
    }
}

const HEADS: [&str; 9] = [
    "Nr.",
    "Träger",
    "Schulen",
    "Stand",
    "Eingang",
    "Frist bis",
    "Versuche",
    "Bestätigung",
    "Vorgangsnummer",
];

fn table(staende: &[&Stand]) -> Result<Table> {
    let rows = staende.iter().map(|stand| cells(stand)).collect::<Result<_>>()?;
    Ok(Table {
        heads: HEADS.to_vec(),
        rows,
        gives_way: 1,
        dispensable: &[8, 2],
    })
}

fn cells(stand: &Stand) -> Result<Vec<String>> {
    let eingegangen = stand.eingegangen.as_deref().map(Moment::parse).transpose()?;
    let nothing_or = |count: u32| if count == 0 { String::new() } else { count.to_string() };
    Ok(vec![
        stand.traeger.clone(),
        stand.name.clone(),
        stand.schulen.to_string(),
        in_words(stand),
        eingegangen.map(|moment| moment.day().to_string()).unwrap_or_default(),
        stand.verlaengert_bis.clone().unwrap_or_default(),
        nothing_or(stand.versuche),
        match (&stand.bestaetigung, &stand.nummer) {
            (Some(day), _) => day.clone(),
            (None, Some(_)) => "fehlt".to_owned(),
            (None, None) => String::new(),
        },
        stand.nummer.clone().unwrap_or_default(),
    ])
}

fn in_words(stand: &Stand) -> String {
    let word = match stand.stand {
        "verspaetet" => "verspätet",
        other => other,
    };
    if stand.schulen == 0 {
        format!("{word}, meldet {}", stand.gemeldet_durch.join(", "))
    } else if stand.eingereicht && stand.stand == "eingegangen" {
        // By the office, in time.
        "eingereicht".to_owned()
    } else {
        word.to_owned()
    }
}

fn summary(staende: &[Stand], ausserhalb: &[Stand]) -> String {
    let count = |wanted: &str| staende.iter().filter(|stand| stand.stand == wanted).count();
    let confirmed = staende
        .iter()
        .filter(|stand| stand.nummer.is_some() && stand.bestaetigung.is_none());
    let mut lines = Vec::new();
    match confirmed.count() {
        0 => {}
        n => lines.push(format!("Meldung da, Bestätigung fehlt: {n}.")),
    }
    match staende.iter().filter(|stand| stand.verlaengert_bis.is_some()).count() {
        0 => {}
        n => lines.push(format!("Frist verlängert: {n}.")),
    }
    match staende
        .iter()
        .filter(|stand| stand.stand == "fehlt" && stand.versuche > 0)
        .count()
    {
        0 => {}
        n => lines.push(format!("Noch keine Meldung, aber schon versucht: {n}.")),
    }
    for stray in ausserhalb {
        let nummer = stray.nummer.as_deref().unwrap_or_default();
        lines.push(format!(
            "{nummer} von Träger {} gilt noch, aber für die Schulen darin meldet jetzt ein anderer. Nehmen Sie sie vor dem Bericht zurück.",
            stray.traeger
        ));
    }
    lines.push(format!(
        "Erwartet: {}. Eingegangen: {}, davon verspätet: {}. Es fehlen: {}.",
        staende.len(),
        count("eingegangen") + count("verspaetet"),
        count("verspaetet"),
        count("fehlt")
    ));
    format!("\n{}", lines.join("\n"))
}

fn write_workbook(staende: &[&Stand], path: &Path) -> Result<()> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Stand")?;
    let head = Format::new().set_bold();
    for (column, name) in (0u16..).zip(HEADS) {
        sheet.write_with_format(0, column, name, &head)?;
    }
    for (row, stand) in (1u32..).zip(staende) {
        for (column, cell) in (0u16..).zip(cells(stand)?) {
            match (column, cell.parse::<u32>()) {
                (2 | 6, Ok(number)) => sheet.write(row, column, number)?,
                // A number of a Träger is no number to calculate with.
                _ => sheet.write_string(row, column, cell)?,
            };
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofit();
    let bytes = workbook.save_to_buffer()?;
    std::fs::write(path, bytes).with_context(|| format!("{} lässt sich nicht schreiben", path.display()))
}

/// Whoever has to report and has not, with every address that is not blocked.
fn addresses(store: &Store, staende: &[Stand], as_data: bool) -> Result<Outcome> {
    let missing = staende
        .iter()
        .filter(|stand| stand.schulen > 0 && stand.nummer.is_none());
    let mut without = Vec::new();
    let mut found = Vec::new();
    for stand in missing {
        let emails = store.emails(&stand.traeger)?;
        if emails.is_empty() {
            without.push(format!("{} {}", stand.traeger, stand.name));
        }
        found.extend(emails.into_iter().map(|email| (email, stand)));
    }
    if as_data {
        let list: Vec<_> = found
            .iter()
            .map(|(email, stand)| json!({ "email": email, "traeger": stand.traeger, "name": stand.name, "verlaengert_bis": stand.verlaengert_bis }))
            .collect();
        say(serde_json::to_string_pretty(&list)?)?;
        return Ok(Outcome::Done);
    }
    say("E-Mail;Traegernummer;Traeger;Frist_bis")?;
    for (email, stand) in &found {
        let frist = stand.verlaengert_bis.as_deref().map(str::parse::<Date>).transpose()?;
        let name = stand.name.replace(['"', ';'], " ");
        say(format_args!(
            "{email};{};{name};{}",
            stand.traeger,
            frist.map(day_text).unwrap_or_default()
        ))?;
    }
    if !without.is_empty() {
        eprintln!("Ohne E-Mail-Adresse, bitte anrufen: {}.", without.join(", "));
    }
    Ok(Outcome::Done)
}
