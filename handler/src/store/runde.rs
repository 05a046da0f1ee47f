//! Berichtsrunden, each with its frozen copy of Träger, schools, allocations and form.

use super::{Store, journal, tables};
use crate::clock::Moment;
use anyhow::{Context, Result};
use form::{Cent, Form, Schule, Schulnummer, Traeger, Traegernummer, Vordruck};
use jiff::civil::Date;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use serde::Serialize;
use std::collections::BTreeMap;

/// What `runde open` asks for.
#[derive(Debug, Serialize)]
pub struct NeueRunde {
    pub kennung: String,
    pub von: Date,
    pub bis: Date,
    pub ab: Date,
    /// The last day in time.
    pub frist: Date,
    pub nach_frist_ablehnen: bool,
    /// Amounts carried over from the Runde before.
    pub uebertrag: bool,
    /// The allocations are made up.
    pub beispiel: bool,
}

/// One school's money in a Runde.
#[derive(Debug, Clone, Serialize)]
pub struct Zuweisung {
    pub schulnummer: Schulnummer,
    pub zugewiesen: Cent,
    pub uebertrag: Cent,
    /// The Träger that reports for this school, where it is not its own.
    pub meldet: Option<Traegernummer>,
}

/// Why a Runde cannot be opened.
#[derive(Debug)]
pub enum RundeFehler {
    Exists,
    UnknownSchulen(Vec<String>),
    UnknownTraeger(Vec<String>),
}

/// A Runde as it was frozen.
#[derive(Debug, Clone)]
pub struct Runde {
    pub kennung: String,
    pub definition: String,
    pub von: Date,
    pub bis: Date,
    pub ab: Date,
    pub frist: Date,
    pub nach_frist_ablehnen: bool,
    pub beispiel: bool,
    pub eroeffnet: Moment,
    pub geschlossen: bool,
}

impl Runde {
    /// The frozen form.
    pub fn form(&self) -> Result<Form> {
        Form::parse(&self.definition).map_err(|problems| {
            anyhow::anyhow!(
                "Das Formular der Runde {} lässt sich nicht lesen: {problems:?}",
                self.kennung
            )
        })
    }

    fn of_row(row: &Row<'_>) -> rusqlite::Result<Result<Runde>> {
        let text = |name: &str| row.get::<_, String>(name);
        let (von, bis, ab, frist, eroeffnet) = (
            text("von")?,
            text("bis")?,
            text("ab")?,
            text("frist")?,
            text("eroeffnet")?,
        );
        let (kennung, definition) = (text("kennung")?, text("definition")?);
        let (nach_frist_ablehnen, beispiel) = (row.get("nach_frist_ablehnen")?, row.get("beispiel")?);
        let geschlossen = row.get::<_, Option<String>>("geschlossen")?.is_some();
        Ok((|| {
            Ok(Runde {
                kennung,
                definition,
                von: von.parse()?,
                bis: bis.parse()?,
                ab: ab.parse()?,
                frist: frist.parse()?,
                nach_frist_ablehnen,
                beispiel,
                eroeffnet: Moment::parse(&eroeffnet)?,
                geschlossen,
            })
        })())
    }
}

impl Store {
    /// Opens a Runde: copies everything that its workbooks, checks and reports will ever read.
    pub fn open_runde(
        &mut self,
        neu: &NeueRunde,
        definition: &str,
        form: &Form,
        zuweisungen: &[Zuweisung],
        now: Moment,
    ) -> Result<Result<(), RundeFehler>> {
        let transaction = self.write()?;
        if transaction
            .query_row("SELECT 1 FROM runde WHERE kennung = ?", [&neu.kennung], |_| Ok(()))
            .optional()?
            .is_some()
        {
            return Ok(Err(RundeFehler::Exists));
        }
        let before = last_amounts(&transaction, form, neu)?;
        transaction.execute(
            "INSERT INTO runde (kennung, formular, definition, von, bis, ab, frist, nach_frist_ablehnen, beispiel, eroeffnet)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                neu.kennung,
                form.kennung,
                definition,
                neu.von.to_string(),
                neu.bis.to_string(),
                neu.ab.to_string(),
                neu.frist.to_string(),
                neu.nach_frist_ablehnen,
                neu.beispiel,
                now.iso()
            ],
        )?;
        if let Err(fehler) = freeze_schulen(&transaction, neu, zuweisungen, &before)? {
            return Ok(Err(fehler));
        }
        transaction.execute(
            "INSERT INTO runde_traeger (runde, nummer, name, bezirksregierung, rechtsform)
             SELECT ?1, nummer, name, bezirksregierung, rechtsform FROM traeger
             WHERE nummer IN (SELECT meldet FROM runde_schule WHERE runde = ?1 UNION SELECT traeger FROM runde_schule WHERE runde = ?1)",
            [&neu.kennung],
        )?;
        tables::create(&transaction, form)?;
        let record = serde_json::json!({
            "runde": neu,
            "formular": form.kennung,
            "definition_sha256": journal::sha256(definition.as_bytes()),
            "zuweisungen": zuweisungen,
        });
        journal::append(&transaction, now, "runde_open", &record)?;
        transaction.commit()?;
        Ok(Ok(()))
    }

    pub fn runde(&self, kennung: &str) -> Result<Option<Runde>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT * FROM runde WHERE kennung = ?")?;
        statement.query_row([kennung], Runde::of_row).optional()?.transpose()
    }

    /// A Runde and what one Träger's form is prefilled with in it; `None` where there is no such Runde or nothing to report.
    pub fn runde_of(&self, kennung: &str, traeger: &str) -> Result<Option<(Runde, Vordruck)>> {
        let Some(runde) = self.runde(kennung)? else {
            return Ok(None);
        };
        let vordruck = self.vordruck(&runde, traeger)?;
        Ok(vordruck.map(|vordruck| (runde, vordruck)))
    }

    /// All Runden in which a Träger has a school to report for, the latest first.
    pub fn runden_of(&self, traeger: &str) -> Result<Vec<Runde>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT * FROM runde WHERE EXISTS (SELECT 1 FROM runde_schule WHERE runde = kennung AND meldet = ?) ORDER BY ab DESC, kennung",
        )?;
        let runden = statement.query_map([traeger], Runde::of_row)?;
        runden.map(|runde| runde?).collect()
    }

    /// What one Träger's form is prefilled with; `None` where it has nothing to report.
    pub fn vordruck(&self, runde: &Runde, traeger: &str) -> Result<Option<Vordruck>> {
        let own = self
            .connection
            .query_row(
                "SELECT name, bezirksregierung FROM runde_traeger WHERE runde = ? AND nummer = ?",
                [runde.kennung.as_str(), traeger],
                |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
            )
            .optional()?;
        let Some((name, bezirksregierung)) = own else {
            return Ok(None);
        };
        let schulen = self.schulen_of(runde, traeger)?;
        if schulen.is_empty() {
            return Ok(None);
        }
        let nummer =
            Traegernummer::parse(traeger).context("Die Schulträgernummer in der Datenbank hat nicht fünf Ziffern")?;
        Ok(Some(Vordruck {
            runde: form::Runde {
                kennung: runde.kennung.clone(),
                von: runde.von,
                bis: runde.bis,
                eroeffnet: runde.eroeffnet.0,
                beispiel: runde.beispiel,
            },
            traeger: Traeger {
                nummer,
                name,
                bezirksregierung,
            },
            schulen,
        }))
    }

    fn schulen_of(&self, runde: &Runde, traeger: &str) -> Result<Vec<Schule>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT s.nummer, s.kurzbezeichnung, s.schulform, s.aufnahmejahr, s.zugewiesen_cent, s.uebertrag_cent, s.letztes_mal,
                    CASE WHEN s.traeger = s.meldet THEN '' ELSE t.name END
             FROM runde_schule AS s JOIN runde_traeger AS t ON t.runde = s.runde AND t.nummer = s.traeger
             WHERE s.runde = ? AND s.meldet = ? ORDER BY s.traeger <> s.meldet, s.kurzbezeichnung, s.nummer",
        )?;
        let mut rows = statement.query([runde.kennung.as_str(), traeger])?;
        let mut schulen = Vec::new();
        while let Some(row) = rows.next()? {
            let nummer: String = row.get(0)?;
            let letztes_mal: String = row.get(6)?;
            schulen.push(Schule {
                nummer: Schulnummer::parse(&nummer)
                    .context("Eine Schulnummer in der Datenbank hat nicht sechs Ziffern")?,
                kurzbezeichnung: row.get(1)?,
                schulform: row.get(2)?,
                aufnahmejahr: row.get(3)?,
                traeger: row.get(7)?,
                zugewiesen: Cent(row.get(4)?),
                uebertrag: Cent(row.get(5)?),
                letztes_mal: serde_json::from_str(&letztes_mal)?,
            });
        }
        Ok(schulen)
    }
}

/// Amounts by school and field, as they counted in the Runde before.
pub(super) type LastAmounts = BTreeMap<String, BTreeMap<String, Cent>>;

/// The Runde before is the last one of the same form that ended before this one begins.
fn last_amounts(transaction: &Transaction<'_>, form: &Form, neu: &NeueRunde) -> Result<LastAmounts> {
    let before: Option<String> = transaction
        .query_row(
            "SELECT kennung FROM runde WHERE formular = ? AND bis < ? ORDER BY bis DESC, kennung DESC LIMIT 1",
            params![form.kennung, neu.von.to_string()],
            |row| row.get(0),
        )
        .optional()?;
    match before {
        Some(before) => tables::amounts_by_school(transaction, form, &before),
        None => Ok(LastAmounts::new()),
    }
}

fn freeze_schulen(
    transaction: &Transaction<'_>,
    neu: &NeueRunde,
    zuweisungen: &[Zuweisung],
    before: &LastAmounts,
) -> Result<Result<(), RundeFehler>> {
    let (mut unknown_schulen, mut unknown_traeger) = (Vec::new(), Vec::new());
    for zuweisung in zuweisungen {
        if let Some(meldet) = &zuweisung.meldet
            && transaction
                .query_row("SELECT 1 FROM traeger WHERE nummer = ?", [meldet.as_str()], |_| Ok(()))
                .optional()?
                .is_none()
        {
            unknown_traeger.push(meldet.to_string());
        }
        let letztes_mal = before.get(zuweisung.schulnummer.as_str()).cloned().unwrap_or_default();
        let uebertrag = if neu.uebertrag { zuweisung.uebertrag } else { Cent(0) };
        let frozen = transaction.execute(
            "INSERT INTO runde_schule (runde, nummer, traeger, meldet, kurzbezeichnung, schulform, aufnahmejahr, zugewiesen_cent, uebertrag_cent, letztes_mal)
             SELECT ?1, nummer, traeger, coalesce(?2, traeger), kurzbezeichnung, schulform, aufnahmejahr, ?3, ?4, ?5 FROM schule WHERE nummer = ?6",
            params![
                neu.kennung,
                zuweisung.meldet.as_ref().map(Traegernummer::as_str),
                zuweisung.zugewiesen.0,
                uebertrag.0,
                serde_json::to_string(&letztes_mal)?,
                zuweisung.schulnummer.as_str()
            ],
        )?;
        if frozen == 0 {
            unknown_schulen.push(zuweisung.schulnummer.to_string());
        }
    }
    Ok(match (unknown_schulen.is_empty(), unknown_traeger.is_empty()) {
        (false, _) => Err(RundeFehler::UnknownSchulen(unknown_schulen)),
        (true, false) => Err(RundeFehler::UnknownTraeger(unknown_traeger)),
        (true, true) => Ok(()),
    })
}
