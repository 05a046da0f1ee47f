//! `handler meldung list`: everybody who is expected, as a table, as data, as a workbook, as addresses.

use super::super::table::Table;
use super::super::{Outcome, say, write_new};
use crate::bericht::tabelle::{Art, Spalte, Tabelle, Wert};
use crate::bericht::{csv, xlsx};
use crate::clock::Moment;
use crate::store::{AlteAngabe, Stand, Store};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

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
    /// Schreibt die Liste als Arbeitsmappe in eine neue Datei
    #[arg(long, value_name = "DATEI", conflicts_with_all = ["json", "adressen"])]
    xlsx: Option<PathBuf>,
    /// Gibt die E-Mail-Adressen derer aus, die noch melden müssen, für eine Erinnerung
    #[arg(long)]
    adressen: bool,
}

impl List {
    pub(super) fn run(self, store: &Store) -> Result<Outcome> {
        let runde = super::super::runde::find(store, &self.runde)?;
        let staende = store.staende(&self.runde)?;
        if self.adressen {
            return addresses(store, &staende, self.json);
        }
        let ausserhalb = store.ausserhalb(&self.runde)?;
        let alte_angaben = store.alte_angaben(&runde)?;
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
            write_new(path, &xlsx::of_table(&tabelle(&shown)?)?)?;
            say(format_args!("{} ist geschrieben.", path.display()))?;
        } else {
            print(&tabelle(&shown)?)?;
        }
        say(summary(&staende, &ausserhalb, &alte_angaben))?;
        Ok(Outcome::Done)
    }
}

/// Where everybody stands, for the terminal and for a workbook.
fn tabelle(staende: &[&Stand]) -> Result<Tabelle> {
    let spalten = [
        ("Nr.", Art::Text),
        ("Träger", Art::Text),
        ("Schulen", Art::Zahl),
        ("Stand", Art::Text),
        ("Eingang", Art::Tag),
        ("Frist bis", Art::Tag),
        ("Versuche", Art::Zahl),
        ("Bestätigung", Art::Tag),
        ("Vorgangsnummer", Art::Text),
    ];
    Ok(Tabelle {
        id: "stand".to_owned(),
        title: "Stand".to_owned(),
        spalten: spalten.map(|(title, art)| Spalte::new(title, title, art)).into(),
        zeilen: staende.iter().map(|stand| zeile(stand)).collect::<Result<_>>()?,
        summe: None,
    })
}

fn zeile(stand: &Stand) -> Result<Vec<Wert>> {
    let eingegangen = stand.eingegangen.as_deref().map(Moment::parse).transpose()?;
    Ok(vec![
        Wert::Text(stand.traeger.clone()),
        Wert::Text(stand.name.clone()),
        Wert::Zahl(stand.schulen.into()),
        Wert::Text(in_words(stand)),
        eingegangen.map_or(Wert::Leer, |moment| Wert::Tag(moment.day())),
        day(stand.verlaengert_bis.as_deref())?,
        if stand.versuche == 0 {
            Wert::Leer
        } else {
            Wert::Zahl(stand.versuche.into())
        },
        match (&stand.bestaetigung, &stand.nummer) {
            (None, Some(_)) => Wert::Text("fehlt".to_owned()),
            (bestaetigung, _) => day(bestaetigung.as_deref())?,
        },
        stand.nummer.clone().map_or(Wert::Leer, Wert::Text),
    ])
}

fn day(iso: Option<&str>) -> Result<Wert> {
    Ok(match iso {
        Some(iso) => Wert::Tag(iso.parse()?),
        None => Wert::Leer,
    })
}

fn print(tabelle: &Tabelle) -> Result<()> {
    let text = |wert: &Wert| match wert {
        Wert::Tag(day) => day.to_string(),
        other => other.text(),
    };
    Table {
        heads: tabelle.spalten.iter().map(|spalte| spalte.title.as_str()).collect(),
        rows: tabelle
            .zeilen
            .iter()
            .map(|zeile| zeile.iter().map(text).collect())
            .collect(),
        gives_way: 1,
        dispensable: &[8, 2],
    }
    .print()
}

fn in_words(stand: &Stand) -> String {
    let word = match stand.stand {
        "verspaetet" => "verspätet",
        other => other,
    };
    if let Some(others) = stand.durch_andere() {
        format!("{word}, {others}")
    } else if !stand.ohne_zeile.is_empty() {
        format!("{word}, neu zu melden")
    } else if stand.eingereicht && stand.stand == "eingegangen" {
        // By the office, in time.
        "eingereicht".to_owned()
    } else {
        word.to_owned()
    }
}

fn summary(staende: &[Stand], ausserhalb: &[Stand], alte_angaben: &[AlteAngabe]) -> String {
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
    for stand in staende.iter().filter(|stand| !stand.ohne_zeile.is_empty()) {
        lines.push(format!(
            "{} von Träger {} hat keine Zeile für {}. Der Träger muss neu melden.",
            stand.nummer.as_deref().unwrap_or_default(),
            stand.traeger,
            stand.ohne_zeile.join(", ")
        ));
    }
    let stray = |alt: &&AlteAngabe| ausserhalb.iter().all(|stray| stray.traeger != alt.traeger);
    for alt in alte_angaben.iter().filter(stray) {
        let (nummer, traeger) = (&alt.nummer, &alt.traeger);
        lines.push(format!("{nummer} von Träger {traeger} beruht auf überholten Angaben."));
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

/// Whoever has to report and has not, with every address that is not blocked.
fn addresses(store: &Store, staende: &[Stand], as_data: bool) -> Result<Outcome> {
    let missing = staende
        .iter()
        .filter(|stand| stand.schulen > 0 && (stand.nummer.is_none() || !stand.ohne_zeile.is_empty()));
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
    let spalten = [
        ("E-Mail", Art::Text),
        ("Traegernummer", Art::Text),
        ("Traeger", Art::Text),
        ("Frist_bis", Art::Tag),
    ];
    let line = |(email, stand): &(String, &Stand)| {
        let (nummer, name) = (stand.traeger.clone(), stand.name.clone());
        let frist = day(stand.verlaengert_bis.as_deref())?;
        Ok(vec![
            Wert::Text(email.clone()),
            Wert::Text(nummer),
            Wert::Text(name),
            frist,
        ])
    };
    let list = csv::for_excel(&Tabelle {
        id: "erinnerung".to_owned(),
        title: "Erinnerung".to_owned(),
        spalten: spalten.map(|(title, art)| Spalte::new(title, title, art)).into(),
        zeilen: found.iter().map(line).collect::<Result<_>>()?,
        summe: None,
    })?;
    say(String::from_utf8(list)?.trim_end())?;
    if !without.is_empty() {
        eprintln!("Ohne E-Mail-Adresse, bitte anrufen: {}.", without.join(", "));
    }
    Ok(Outcome::Done)
}
