//! `handler pruefakte`: everything about one Träger, readable and provable without this program.

use super::{Outcome, counted, fill_folder, say};
use crate::bericht::csv;
use crate::bericht::tabelle::{Art, Spalte, Tabelle, Wert};
use crate::clock::Moment;
use crate::config::Config;
use crate::pages::{Pages, zeitraum};
use crate::store::{Akte, AkteMeldung, AkteRunde, Store, journal};
use anyhow::{Context, Result};
use clap::Args;
use form::day_text;
use jiff::civil::Date;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

/// Run by whoever wants to see for themselves; needs nothing but `sh` and `sha256sum`.
const BEWEIS: &str = include_str!("beweis.sh");
const LIESMICH: &str = include_str!("pruefakte.txt");

#[derive(Args)]
#[command(after_help = "Beispiel:\n  handler pruefakte 10054 --out pruefakte-10054")]
pub(super) struct Pruefakte {
    /// Schulträgernummer
    #[arg(value_name = "NUMMER")]
    traeger: String,
    /// Ein neuer Ordner
    #[arg(long, value_name = "ORDNER")]
    out: PathBuf,
}

impl Pruefakte {
    pub(super) fn run(self, config: &Config, store: &Store) -> Result<Outcome> {
        let Some(akte) = store.akte(&self.traeger)? else {
            eprintln!("Den Träger {} gibt es nicht.", self.traeger);
            return Ok(Outcome::No);
        };
        let pages = Pages::open(&config.site, false)?;
        let mut files = files(&akte)?;
        files.insert(
            "pruefakte.html".to_owned(),
            pages.render("pruefakte.html", &view(&akte))?.into_bytes(),
        );
        let mut sums = String::new();
        for (name, bytes) in &files {
            writeln!(sums, "{}  {name}", journal::sha256(bytes))?;
        }
        files.insert("pruefsummen.txt".to_owned(), sums.into_bytes());
        fill_folder(&self.out, |folder| {
            for (name, bytes) in &files {
                let path = folder.join(name);
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                std::fs::write(&path, bytes)
                    .with_context(|| format!("{} lässt sich nicht schreiben", path.display()))?;
            }
            Ok(())
        })?;
        let meldungen: usize = akte.runden.iter().map(|runde| runde.meldungen.len()).sum();
        say(format_args!(
            "{} ist geschrieben: {}, {}, {} des Journals. Beginnen Sie mit LIESMICH.txt.",
            self.out.join("pruefakte.html").display(),
            counted(akte.runden.len(), "Runde", "Runden"),
            counted(meldungen, "Meldung", "Meldungen"),
            counted(akte.eintraege.len(), "Eintrag", "Einträge")
        ))?;
        Ok(Outcome::Done)
    }
}

/// Every file of the folder but the page and the list of checksums.
fn files(akte: &Akte) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut put = |name: String, bytes: Vec<u8>| {
        files.insert(name, bytes);
    };
    put("LIESMICH.txt".to_owned(), LIESMICH.into());
    put("beweis.sh".to_owned(), BEWEIS.into());
    let mut lines = String::new();
    for zeile in &akte.journal {
        writeln!(
            lines,
            "{} {} {} {} {}",
            zeile.nr, zeile.zeit, zeile.art, zeile.record_hash, zeile.kette
        )?;
    }
    put("journal.txt".to_owned(), lines.into_bytes());
    for eintrag in &akte.eintraege {
        put(
            format!("eintraege/{}.json", eintrag.nr),
            eintrag.record.clone().into_bytes(),
        );
    }
    for AkteRunde {
        runde,
        form,
        meldungen,
        schulen,
        ..
    } in &akte.runden
    {
        let folder = &runde.kennung;
        put(format!("{folder}/formular.toml"), runde.definition.clone().into_bytes());
        put(
            format!("{folder}/zuweisungen.csv"),
            csv::for_excel(&zuweisungen(schulen))?,
        );
        for meldung in meldungen {
            let nummer = &meldung.meldung.nummer;
            put(format!("{folder}/{nummer}.xlsx"), meldung.mappe.clone());
            for (sheet, rows) in form.sheets.iter().zip(&meldung.zeilen) {
                let zeile = |row: &Vec<Option<form::Value>>| {
                    let fields = sheet.fields.iter().zip(row);
                    fields.map(|(field, value)| Wert::of(field, value.as_ref())).collect()
                };
                let tabelle = Tabelle {
                    id: sheet.id.clone(),
                    title: sheet.title.clone(),
                    spalten: sheet.fields.iter().map(Spalte::of).collect(),
                    zeilen: rows.iter().map(zeile).collect(),
                    summe: None,
                };
                put(format!("{folder}/{nummer}-{}.csv", sheet.id), csv::for_excel(&tabelle)?);
            }
        }
    }
    Ok(files)
}

fn zuweisungen(schulen: &[form::Schule]) -> Tabelle {
    let zeile = |schule: &form::Schule| {
        vec![
            Wert::Text(schule.nummer.to_string()),
            Wert::Text(schule.kurzbezeichnung.clone()),
            Wert::Text(schule.schulform.clone()),
            Wert::Text(schule.aufnahmejahr.clone()),
            Wert::Text(schule.traeger.clone()),
            Wert::Geld(schule.zugewiesen),
            Wert::Geld(schule.uebertrag),
        ]
    };
    Tabelle {
        id: "zuweisungen".to_owned(),
        title: "Zuweisungen".to_owned(),
        spalten: vec![
            Spalte::new("schulnummer", "Schulnummer", Art::Text),
            Spalte::new("kurzbezeichnung", "Kurzbezeichnung", Art::Text),
            Spalte::new("schulform", "Schulform", Art::Text),
            Spalte::new("aufnahmejahr", "Aufnahmejahr", Art::Text),
            Spalte::new("traeger", "Träger der Schule, wenn es ein anderer ist", Art::Text),
            Spalte::new("zugewiesen_cent", "Zugewiesen", Art::Geld),
            Spalte::new("uebertrag_cent", "Übertrag", Art::Geld),
        ],
        zeilen: schulen.iter().map(zeile).collect(),
        summe: None,
    }
}

/// The variables of `pruefakte.html`.
fn view(akte: &Akte) -> Value {
    let runden = akte.runden.iter().map(|of| {
        let frist = of.frist.as_ref().map(|(bis, grund)| json!({ "bis": day(bis), "grund": grund }));
        json!({
            "kennung": of.runde.kennung,
            "title": of.form.title,
            "fassung": of.form.version,
            "zeitraum": zeitraum(&of.runde),
            "frist": day_text(of.runde.frist),
            "verlaengert": frist,
            "schulen": of.schulen.len(),
            "definition_sha256": journal::sha256(of.runde.definition.as_bytes()),
            "blaetter": of.form.sheets.iter().map(|sheet| json!({ "id": sheet.id, "title": sheet.title })).collect::<Vec<_>>(),
            "meldungen": of.meldungen.iter().map(meldung_view).collect::<Vec<_>>(),
        })
    });
    let acts = akte.eintraege.iter().map(|eintrag| {
        let record: Value = serde_json::from_str(&eintrag.record).unwrap_or_default();
        json!({
            "nr": eintrag.nr,
            "zeit": time(&eintrag.zeit),
            "art": vorgang(&eintrag.art),
            "grund": record["grund"].as_str().unwrap_or_default(),
        })
    });
    let last = akte.journal.last();
    json!({
        "nummer": akte.nummer,
        "name": akte.name,
        "runden": runden.collect::<Vec<_>>(),
        "eintraege": acts.collect::<Vec<_>>(),
        "nr": last.map_or(0, |zeile| zeile.nr),
        "stand": last.map(|zeile| time(&zeile.zeit)).unwrap_or_default(),
        "kette": last.map(|zeile| zeile.kette.clone()).unwrap_or_default(),
    })
}

fn meldung_view(of: &AkteMeldung) -> Value {
    let meldung = &of.meldung;
    let beleg = &meldung.beleg;
    json!({
        "nummer": meldung.nummer,
        "eingegangen": meldung.eingegangen.text(),
        "verspaetet": meldung.verspaetet,
        "gilt": of.gilt,
        "einreichung": of.einreichung.clone().unwrap_or_default(),
        "ruecknahme": of.ruecknahme.as_ref().map(|(zeit, grund)| json!({ "zeit": time(zeit), "grund": grund })),
        "unterschrift": of.unterschrift.as_deref().map(day).unwrap_or_default(),
        "schulen": beleg.schulen,
        "summen": beleg.summen.iter().map(|summe| json!({ "label": summe.label, "wert": summe.cent.to_string() })).collect::<Vec<_>>(),
        "bestaetigt": beleg.bestaetigt,
        "hinweise": beleg.hinweise,
        "aenderung": beleg.aenderung,
        "upload_sha256": meldung.upload_sha256,
        "mappe_sha256": journal::sha256(&of.mappe),
        "kette": meldung.kette,
    })
}

/// What an entry is about, in words.
fn vorgang(art: &str) -> &str {
    match art {
        "meldung" => "Meldung eingegangen",
        "ruecknahme" => "Meldung zurückgenommen",
        "unterschrift" => "Bestätigung auf Papier eingegangen",
        "runde_open" => "Berichtsrunde eröffnet",
        "runde_update" => "Berichtsrunde an das Verzeichnis angepasst",
        "runde_close" => "Berichtsrunde geschlossen",
        "zuweisung" => "Zuweisungen berichtigt",
        "frist" => "Frist geändert",
        "adresse" => "E-Mail-Adresse eingetragen, gesperrt oder entfernt",
        other => other,
    }
}

fn time(iso: &str) -> String {
    Moment::parse(iso).map_or_else(|_| iso.to_owned(), Moment::text)
}

fn day(iso: &str) -> String {
    iso.parse::<Date>().map_or_else(|_| iso.to_owned(), day_text)
}
