//! The real form with as many schools as are wanted, filled without fault; and the real register.
#![allow(dead_code)] // Each bench and test uses its part of it.

use anyhow::{Context, Result};
use form::{Cell, Cent, Eintraege, Form, Runde, Schule, Schulnummer, Traeger, Traegernummer, Vordruck};
use std::collections::BTreeMap;

pub const DEFINITION: &str =
    include_str!("../../../content/startchancen-nrw/formularschrank/chancenbudget/formular.toml");
const SCHULEN: &str = include_str!("../../demo/schulen.csv");

/// The schools of the Träger that has most of them.
pub const LARGEST: usize = 76;

pub fn form() -> Result<Form> {
    Form::parse(DEFINITION).map_err(|problems| anyhow::anyhow!("{problems:?}"))
}

fn schule(nummer: &str, name: &str, schulform: &str) -> Result<Schule> {
    Ok(Schule {
        nummer: Schulnummer::parse(nummer).context("a Schulnummer")?,
        kurzbezeichnung: name.to_owned(),
        schulform: schulform.to_owned(),
        aufnahmejahr: "2024/25".to_owned(),
        traeger: String::new(),
        zugewiesen: Cent(4_510_000),
        uebertrag: Cent(0),
        letztes_mal: BTreeMap::new(),
    })
}

fn of_traeger(nummer: &str, schulen: Vec<Schule>) -> Result<Vordruck> {
    Ok(Vordruck {
        runde: Runde {
            kennung: "cb-2026".to_owned(),
            von: "2026-01-01".parse()?,
            bis: "2026-12-31".parse()?,
            eroeffnet: "2026-11-01T09:00:00Z".parse()?,
            beispiel: false,
        },
        traeger: Traeger {
            nummer: Traegernummer::parse(nummer).context("a Schulträgernummer")?,
            name: "Stadt Beispiel".to_owned(),
            bezirksregierung: "1".to_owned(),
        },
        schulen,
    })
}

/// A Träger with so many schools.
pub fn vordruck(schools: usize) -> Result<Vordruck> {
    let schulen = (0..schools).map(|n| {
        schule(
            &format!("{:06}", 100_000 + n),
            &format!("Beispiel, GG Nummer {n}"),
            "02",
        )
    });
    of_traeger("10054", schulen.collect::<Result<_>>()?)
}

/// Every Träger of the real list.
pub fn register() -> Result<Vec<Vordruck>> {
    let mut alle: BTreeMap<&str, Vec<Schule>> = BTreeMap::new();
    for line in SCHULEN.trim_start_matches('\u{feff}').lines().skip(1) {
        let [traeger, nummer, name, schulform, ..] = line.split(';').collect::<Vec<_>>()[..] else {
            continue;
        };
        alle.entry(traeger).or_default().push(schule(nummer, name, schulform)?);
    }
    alle.into_iter()
        .map(|(nummer, schulen)| of_traeger(nummer, schulen))
        .collect()
}

/// What a diligent Träger types.
pub fn filled(vordruck: &Vordruck) -> Eintraege {
    let mut eintraege = Eintraege::default();
    for field in ["zweck_bestaetigt", "vollstaendig_bestaetigt", "belege_liegen_vor"] {
        eintraege.put("deckblatt", 0, field, Cell::Text("ja".to_owned()));
    }
    for line in 0..vordruck.schulen.len() {
        let spent = 20_000.5 + (line % 1_000) as f64;
        let mut put = |field, cell| {
            eintraege.put("schulen", line, field, cell);
        };
        put("verausgabt", Cell::Number(spent));
        put("davon_personal", Cell::Number(spent - 1_500.5));
        put("davon_sachmittel", Cell::Number(1_500.5));
        for field in [
            "davon_dienstleistungen",
            "davon_fortbildung",
            "davon_lernorte",
            "davon_sonstiges",
        ] {
            put(field, Cell::Number(0.0));
        }
        put("schwerpunkt", Cell::Text("B1 – Deutsch, Lesen, Schreiben".to_owned()));
        put("schwerpunkt_2", Cell::Text("B2 – Mathematik".to_owned()));
        put("rest_grund", Cell::Text("R2 – Die Vergabe dauert noch".to_owned()));
        put(
            "anmerkung",
            Cell::Text(format!("Lernpaten und Material, Bericht {line}")),
        );
    }
    eintraege
}
