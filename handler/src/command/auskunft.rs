//! `handler auskunft`: all that is held about an address, as a letter and as data.

use super::loeschen::read_konzept;
use super::protokolldateien::protokolldateien;
use super::{Outcome, counted, email, fill_folder, say};
use crate::clock::Moment;
use crate::config::Config;
use crate::pages::Pages;
use crate::store::{Benennung, Fund, Store};
use anyhow::{Context, Result};
use clap::Args;
use form::loeschkonzept::{Fall, Loeschkonzept};
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "Beispiel:\n  handler auskunft amt@stadt.example --out auskunft-2027-05-04")]
pub(super) struct Auskunft {
    /// Die Adresse, über die Auskunft verlangt wird
    #[arg(value_parser = email)]
    email: String,
    /// Ein neuer Ordner für auskunft.html (der Brief) und auskunft.json
    #[arg(long, value_name = "ORDNER")]
    out: PathBuf,
}

/// The classes that may concern whoever has named an address.
const KLASSEN: [&str; 8] = [
    "zugangsdaten",
    "anmeldecode",
    "ausgehende_mails",
    "anmeldeversuche",
    "sitzung_untaetig",
    "sitzung_hoechstens",
    "serverprotokoll",
    "ereignisprotokoll",
];

impl Auskunft {
    pub(super) fn run(self, config: &Config, store: &Store, now: Moment) -> Result<Outcome> {
        let email = &self.email;
        let konzept = read_konzept(config)?;
        let pages = Pages::open(&config.site, false)?;
        let (benennungen, funde) = (store.benennungen(email)?, store.funde(email)?);
        let mut protokolle = Vec::new();
        for log in protokolldateien(config)? {
            let lines = log.lines_with(email)?;
            if lines > 0 {
                let name = log.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                protokolle.push(json!({ "name": name, "zeilen": lines }));
            }
        }
        let view = view(email, config, &konzept, &benennungen, &funde, &protokolle, now);
        let rows = funde.iter().map(|fund| (fund.tabelle.clone(), json!(fund.zeilen)));
        let data = json!({
            "email": email,
            "erteilt": now.iso(),
            "datenbank": rows.collect::<serde_json::Map<String, Value>>(),
            "protokolle": protokolle,
            "loeschklassen": view["klassen"],
            "sicherungen": view["sicherungen"],
        });
        fill_folder(&self.out, |folder| {
            let save = |name: &str, text: String| {
                let path = folder.join(name);
                std::fs::write(&path, text).with_context(|| format!("{} lässt sich nicht schreiben", path.display()))
            };
            save("auskunft.html", pages.render("auskunft.html", &view)?)?;
            save("auskunft.json", serde_json::to_string_pretty(&data)?)
        })?;
        if funde.is_empty() && protokolle.is_empty() {
            say("Über diese Adresse ist nichts gespeichert; der Brief sagt das.")?;
        } else {
            let rows: usize = funde.iter().map(|fund| fund.zeilen.len()).sum();
            say(format_args!(
                "Gefunden: {} der Datenbank, {}.",
                counted(rows, "Zeile", "Zeilen"),
                counted(protokolle.len(), "Protokoll", "Protokolle")
            ))?;
        }
        say(format_args!(
            "{} ist geschrieben.",
            self.out.join("auskunft.html").display()
        ))?;
        Ok(Outcome::Done)
    }
}

/// The variables of `auskunft.html`.
fn view(
    email: &str,
    config: &Config,
    konzept: &Loeschkonzept,
    benennungen: &[Benennung],
    funde: &[Fund],
    protokolle: &[Value],
    now: Moment,
) -> Value {
    let klassen = KLASSEN.iter().filter_map(|id| konzept.klasse(id)).map(|klasse| {
        json!({
            "was": klasse.was,
            "wo": klasse.wo,
            "beginn": klasse.beginn,
            "frist": klasse.frist_text(Fall::Nominativ),
            "rechtsgrundlage": klasse.rechtsgrundlage,
        })
    });
    let traeger = benennungen.iter().map(|benennung| {
        json!({
            "nummer": benennung.nummer,
            "name": benennung.name,
            "gesperrt": benennung.gesperrt,
            "sitzungen": benennung.sitzungen,
        })
    });
    // Where an address is part of what somebody wrote, not of what we keep it for.
    let in_texts = funde
        .iter()
        .filter(|fund| !["adresse", "anmeldecode", "ausgang"].contains(&fund.tabelle.as_str()));
    let rows = |table: &str| {
        funde
            .iter()
            .find(|fund| fund.tabelle == table)
            .map_or(0, |fund| fund.zeilen.len())
    };
    json!({
        "email": email,
        "datum": form::day_text(now.day()),
        "website": config.public_url,
        "nichts": funde.is_empty() && protokolle.is_empty(),
        "traeger": traeger.collect::<Vec<_>>(),
        "anmeldungen": rows("anmeldecode"),
        "mails": rows("ausgang"),
        "texte": in_texts.map(|fund| json!({ "tabelle": fund.tabelle, "anzahl": fund.zeilen.len() })).collect::<Vec<_>>(),
        "protokolle": protokolle,
        "klassen": klassen.collect::<Vec<_>>(),
        "sicherungen": konzept.klasse("sicherungskopien").map(|klasse| klasse.frist_text(Fall::Nominativ)).unwrap_or_default(),
    })
}
