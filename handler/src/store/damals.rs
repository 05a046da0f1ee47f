//! A Runde as it was at an entry of the journal: what was adjusted since is taken back, the latest first.

use super::anpassung::frozen;
use super::runde::{self, Runde};
use crate::abgleich::{Eintrag, Verzeichnis};
use anyhow::{Context, Result};
use form::{Cent, Schule, Schulnummer, Traeger, Traegernummer, Vordruck};
use jiff::civil::Date;
use rusqlite::{Connection, params};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a Runde expected of whom.
pub(super) struct Damals {
    pub runde: Runde,
    pub verzeichnis: Verzeichnis,
    /// The last days of those that had more time.
    pub fristen: BTreeMap<String, Date>,
}

impl Damals {
    /// `None` where the Runde was opened later.
    pub fn of(connection: &Connection, kennung: &str, nr: i64) -> Result<Option<Damals>> {
        let later = "SELECT EXISTS (SELECT 1 FROM journal AS j JOIN journal_record AS r ON r.nr = j.nr
                     WHERE j.nr > ?2 AND j.art = 'runde_open' AND json_extract(r.record, '$.runde.kennung') = ?1)";
        if connection.query_row(later, params![kennung, nr], |row| row.get(0))? {
            return Ok(None);
        }
        let mut runde = runde::runde(connection, kennung)?.context("Die Berichtsrunde gibt es nicht")?;
        let mut verzeichnis = frozen(connection, kennung)?;
        let since = "j.nr > ?2 AND j.art IN ('runde_update', 'zuweisung')";
        for record in records(connection, since, kennung, nr)?.into_iter().rev() {
            verzeichnis
                .take_back(&serde_json::from_value::<Vec<_>>(record["unterschiede"].clone())?)
                .context("Ein Eintrag des Journals lässt sich nicht zurückverfolgen")?;
            if let Some(before) = record["definition_vorher"].as_str() {
                before.clone_into(&mut runde.definition);
            }
        }
        let mut fristen = BTreeMap::new();
        for record in records(connection, "j.nr <= ?2 AND j.art = 'frist'", kennung, nr)? {
            let traeger = record["traeger"].as_str().unwrap_or_default().to_owned();
            match record["bis"].as_str() {
                Some(bis) => fristen.insert(traeger, bis.parse()?),
                // The general one holds again.
                None => fristen.remove(&traeger),
            };
        }
        Ok(Some(Damals {
            runde,
            verzeichnis,
            fristen,
        }))
    }

    /// What one Träger's form was prefilled with; `None` where it had nothing to report.
    pub fn vordruck(&self, traeger: &str) -> Result<Option<Vordruck>> {
        let Some(own) = self.verzeichnis.traeger.get(traeger) else {
            return Ok(None);
        };
        let schulen = self.verzeichnis.schulen.iter();
        let mut schulen: Vec<_> = schulen.filter(|(_, schule)| schule.feld("meldet") == traeger).collect();
        schulen.sort_by_key(|(nummer, schule)| {
            let other = schule.feld("Träger") != traeger;
            (other, schule.feld("Kurzbezeichnung"), nummer.as_str())
        });
        if schulen.is_empty() {
            return Ok(None);
        }
        let schule = |(nummer, schule): (&String, &Eintrag)| {
            let owner = Some(schule.feld("Träger")).filter(|owner| *owner != traeger);
            let owner = owner.and_then(|owner| self.verzeichnis.traeger.get(owner));
            Ok(Schule {
                nummer: Schulnummer::parse(nummer).context("Eine Schulnummer hat nicht sechs Ziffern")?,
                kurzbezeichnung: schule.feld("Kurzbezeichnung").to_owned(),
                schulform: schule.feld("Schulform").to_owned(),
                aufnahmejahr: schule.feld("Aufnahmejahr").to_owned(),
                traeger: owner.map_or("", |owner| owner.feld("Name")).to_owned(),
                zugewiesen: cent(schule.feld("Zugewiesen"))?,
                uebertrag: cent(schule.feld("Übertrag"))?,
                letztes_mal: BTreeMap::new(),
            })
        };
        Ok(Some(Vordruck {
            runde: self.runde.vordruck(),
            traeger: Traeger {
                nummer: Traegernummer::parse(traeger).context("Eine Schulträgernummer hat nicht fünf Ziffern")?,
                name: own.feld("Name").to_owned(),
                bezirksregierung: own.feld("Bezirksregierung").to_owned(),
            },
            schulen: schulen.into_iter().map(schule).collect::<Result<_>>()?,
        }))
    }
}

/// An amount as the journal's differences write it: `12.345,67 €`.
fn cent(words: &str) -> Result<Cent> {
    let digits: String = words.chars().filter(|c| c.is_ascii_digit() || *c == '-').collect();
    Ok(Cent(
        digits.parse().with_context(|| format!("„{words}“ ist kein Betrag"))?,
    ))
}

/// Records about a Runde, of the entries that a condition on the journal wants, in its order.
fn records(connection: &Connection, wanted: &str, runde: &str, nr: i64) -> Result<Vec<Value>> {
    let sql = format!(
        "SELECT r.record FROM journal AS j JOIN journal_record AS r ON r.nr = j.nr
         WHERE {wanted} AND json_extract(r.record, '$.runde') = ?1 ORDER BY j.nr"
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params![runde, nr])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(serde_json::from_str(&row.get::<_, String>(0)?)?);
    }
    Ok(found)
}
