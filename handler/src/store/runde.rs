//! Berichtsrunden, each with its frozen copy of Träger, schools, allocations and form.

use super::anpassung::{frozen, pruefwert};
use super::register::wirksam;
use super::{Store, journal, tables};
use crate::clock::Moment;
use anyhow::{Context, Result};
use form::{Cent, Form, Schule, Schulnummer, Traeger, Traegernummer, Vordruck};
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
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
    /// Where the list says nothing, what was left of the Runde before is carried over.
    pub uebertrag: Option<Cent>,
    /// The Träger that reports for this school, where it is not its own.
    pub meldet: Option<Traegernummer>,
}

/// Why a Runde cannot be opened.
#[derive(Debug)]
pub enum RundeFehler {
    Exists,
    UnknownSchulen(Vec<String>),
    UnknownTraeger(Vec<String>),
    /// What was left of the Runde before is asked for, and no form says what that is.
    NoRest,
    /// So many lines name an amount carried over, and nothing is to be carried over.
    UebertragNotAsked(usize),
}

/// A Runde as it was frozen.
#[derive(Debug, Clone)]
pub struct Runde {
    pub kennung: String,
    pub definition: String,
    pub von: Date,
    pub bis: Date,
    pub ab: Date,
    /// The last day in time; where the Runde was looked up for one Träger, with its extension.
    pub frist: Date,
    pub verlaengert: bool,
    pub nach_frist_ablehnen: bool,
    pub uebertrag: bool,
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

    /// What a form says of its Runde.
    pub(super) fn vordruck(&self) -> form::Runde {
        form::Runde {
            kennung: self.kennung.clone(),
            von: self.von,
            bis: self.bis,
            eroeffnet: self.eroeffnet.0,
            beispiel: self.beispiel,
        }
    }

    pub(super) fn of_row(row: &Row<'_>) -> rusqlite::Result<Result<Runde>> {
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
        let uebertrag = row.get("uebertrag")?;
        let verlaengert = row.get::<_, Option<String>>("verlaengert_bis")?;
        let geschlossen = row.get::<_, Option<String>>("geschlossen")?.is_some();
        Ok((|| {
            Ok(Runde {
                kennung,
                definition,
                von: von.parse()?,
                bis: bis.parse()?,
                ab: ab.parse()?,
                frist: verlaengert.as_ref().unwrap_or(&frist).parse()?,
                verlaengert: verlaengert.is_some(),
                nach_frist_ablehnen,
                uebertrag,
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
        let rolle = self.rolle.clone();
        let transaction = self.write()?;
        if transaction
            .query_row("SELECT 1 FROM runde WHERE kennung = ?", [&neu.kennung], |_| Ok(()))
            .optional()?
            .is_some()
        {
            return Ok(Err(RundeFehler::Exists));
        }
        // First, so that a column of a new field is there where the Runde before is asked for it.
        tables::create(&transaction, form)?;
        let before = last_amounts(&transaction, form, neu)?;
        transaction.execute(
            "INSERT INTO runde (kennung, formular, definition, von, bis, ab, frist, nach_frist_ablehnen, uebertrag, beispiel, eroeffnet)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                neu.kennung,
                form.kennung,
                definition,
                neu.von.to_string(),
                neu.bis.to_string(),
                neu.ab.to_string(),
                neu.frist.to_string(),
                neu.nach_frist_ablehnen,
                neu.uebertrag,
                neu.beispiel,
                now.iso()
            ],
        )?;
        if neu.uebertrag && zuweisungen.iter().any(|zuweisung| zuweisung.uebertrag.is_none()) && !tables::has_rest(form)
        {
            return Ok(Err(RundeFehler::NoRest));
        }
        let carried = |zuweisung: &&Zuweisung| zuweisung.uebertrag.is_some_and(|cent| cent != Cent(0));
        let named = zuweisungen.iter().filter(carried).count();
        if named > 0 && !neu.uebertrag {
            return Ok(Err(RundeFehler::UebertragNotAsked(named)));
        }
        let place = Place {
            runde: &neu.kennung,
            day: now.day(),
            uebertrag: neu.uebertrag,
        };
        if let Err(fehler) = freeze_schulen(&transaction, &place, zuweisungen, &before)? {
            return Ok(Err(fehler));
        }
        freeze_traeger(&transaction, &neu.kennung)?;
        let record = serde_json::json!({
            "rolle": rolle,
            "runde": neu,
            "formular": form.kennung,
            "definition_sha256": journal::sha256(definition.as_bytes()),
            "zuweisungen": zuweisungen,
            "verzeichnis_sha256": pruefwert(&frozen(&transaction, &neu.kennung)?)?,
        });
        journal::append(&transaction, now, "runde_open", &record)?;
        transaction.commit()?;
        Ok(Ok(()))
    }

    pub fn runde(&self, kennung: &str) -> Result<Option<Runde>> {
        runde(&self.connection, kennung)
    }

    /// All Runden, the latest first.
    pub fn runden(&self) -> Result<Vec<Runde>> {
        let mut statement = self
            .connection
            .prepare("SELECT *, NULL AS verlaengert_bis FROM runde ORDER BY ab DESC, kennung")?;
        let runden = statement.query_map([], Runde::of_row)?;
        runden.map(|runde| runde?).collect()
    }

    /// All that is carried over from the Runde before.
    pub fn uebertragen(&self, kennung: &str) -> Result<Cent> {
        let sql = "SELECT coalesce(sum(uebertrag_cent), 0) FROM runde_schule WHERE runde = ?";
        Ok(Cent(self.connection.query_row(sql, [kennung], |row| row.get(0))?))
    }

    /// Ends uploading for good. False where the Runde is closed already.
    pub fn close_runde(&mut self, kennung: &str, now: Moment) -> Result<bool> {
        let rolle = self.rolle.clone();
        let transaction = self.write()?;
        let closed = transaction.execute(
            "UPDATE runde SET geschlossen = ? WHERE kennung = ? AND geschlossen IS NULL",
            [now.iso().as_str(), kennung],
        )?;
        if closed == 0 {
            return Ok(false);
        }
        let record = serde_json::json!({ "rolle": rolle, "runde": kennung });
        journal::append(&transaction, now, "runde_close", &record)?;
        transaction.commit()?;
        Ok(true)
    }

    /// The name under which a Träger takes part in a Runde.
    pub fn name_in_runde(&self, runde: &str, traeger: &str) -> Result<Option<String>> {
        let sql = "SELECT name FROM runde_traeger WHERE runde = ? AND nummer = ?";
        Ok(self
            .connection
            .query_row(sql, [runde, traeger], |row| row.get(0))
            .optional()?)
    }

    /// A Runde with the last day that holds for one Träger.
    pub fn runde_fuer(&self, kennung: &str, traeger: &str) -> Result<Option<Runde>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT r.*, f.bis AS verlaengert_bis FROM runde AS r LEFT JOIN frist AS f ON f.runde = r.kennung AND f.traeger = ?
             WHERE r.kennung = ?",
        )?;
        let found = statement.query_row([traeger, kennung], Runde::of_row).optional()?;
        found.transpose()
    }

    /// A Runde and what one Träger's form is prefilled with in it; `None` where there is no such Runde or nothing to report.
    pub fn runde_of(&self, kennung: &str, traeger: &str) -> Result<Option<(Runde, Vordruck)>> {
        let Some(runde) = self.runde_fuer(kennung, traeger)? else {
            return Ok(None);
        };
        let vordruck = self.vordruck(&runde, traeger)?;
        Ok(vordruck.map(|vordruck| (runde, vordruck)))
    }

    /// All Runden in which a Träger has a school to report for or has reported, the latest first.
    pub fn runden_of(&self, traeger: &str) -> Result<Vec<Runde>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT r.*, f.bis AS verlaengert_bis FROM runde AS r LEFT JOIN frist AS f ON f.runde = r.kennung AND f.traeger = ?1
             WHERE EXISTS (SELECT 1 FROM runde_schule WHERE runde = r.kennung AND meldet = ?1)
                OR EXISTS (SELECT 1 FROM meldung WHERE runde = r.kennung AND traeger = ?1)
             ORDER BY r.ab DESC, r.kennung",
        )?;
        let runden = statement.query_map([traeger], Runde::of_row)?;
        runden.map(|runde| runde?).collect()
    }

    /// What one Träger's form is prefilled with; `None` where it has nothing to report.
    pub fn vordruck(&self, runde: &Runde, traeger: &str) -> Result<Option<Vordruck>> {
        vordruck(&self.connection, runde, traeger)
    }
}

pub(super) fn runde(connection: &Connection, kennung: &str) -> Result<Option<Runde>> {
    let mut statement = connection.prepare_cached("SELECT *, NULL AS verlaengert_bis FROM runde WHERE kennung = ?")?;
    statement.query_row([kennung], Runde::of_row).optional()?.transpose()
}

/// What one Träger's form is prefilled with; `None` where it has nothing to report.
pub(super) fn vordruck(connection: &Connection, runde: &Runde, traeger: &str) -> Result<Option<Vordruck>> {
    let own = connection
        .query_row(
            "SELECT name, bezirksregierung FROM runde_traeger WHERE runde = ? AND nummer = ?",
            [runde.kennung.as_str(), traeger],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
        )
        .optional()?;
    let Some((name, bezirksregierung)) = own else {
        return Ok(None);
    };
    let schulen = schulen_of(connection, runde, traeger)?;
    if schulen.is_empty() {
        return Ok(None);
    }
    let nummer =
        Traegernummer::parse(traeger).context("Die Schulträgernummer in der Datenbank hat nicht fünf Ziffern")?;
    Ok(Some(Vordruck {
        runde: runde.vordruck(),
        traeger: Traeger {
            nummer,
            name,
            bezirksregierung,
        },
        schulen,
    }))
}

fn schulen_of(connection: &Connection, runde: &Runde, traeger: &str) -> Result<Vec<Schule>> {
    // Left to itself, SQLite looks through every school of the Runde.
    let mut statement = connection.prepare_cached(
        "SELECT s.nummer, s.kurzbezeichnung, s.schulform, s.aufnahmejahr, s.zugewiesen_cent, s.uebertrag_cent, s.letztes_mal,
                CASE WHEN s.traeger = s.meldet THEN '' ELSE t.name END
         FROM runde_schule AS s INDEXED BY runde_schule_meldet
         JOIN runde_traeger AS t ON t.runde = s.runde AND t.nummer = s.traeger
         WHERE s.runde = ? AND s.meldet = ? ORDER BY s.traeger <> s.meldet, s.kurzbezeichnung, s.nummer",
    )?;
    let mut rows = statement.query([runde.kennung.as_str(), traeger])?;
    let mut schulen = Vec::new();
    while let Some(row) = rows.next()? {
        let nummer: String = row.get(0)?;
        let letztes_mal: String = row.get(6)?;
        schulen.push(Schule {
            nummer: Schulnummer::parse(&nummer).context("Eine Schulnummer in der Datenbank hat nicht sechs Ziffern")?,
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

/// Amounts by school and field, as they counted in the Runde before.
pub(super) type LastAmounts = BTreeMap<String, BTreeMap<String, Cent>>;

/// The Runde before is the last one of the same form that ended before this one begins.
fn last_amounts(transaction: &Transaction<'_>, form: &Form, neu: &NeueRunde) -> Result<LastAmounts> {
    amounts_before(transaction, form, neu.von)
}

/// The last Runde of a form that ended before a day.
pub(super) fn runde_before(connection: &Connection, formular: &str, von: Date) -> Result<Option<String>> {
    let sql = "SELECT kennung FROM runde WHERE formular = ? AND bis < ? ORDER BY bis DESC, kennung DESC LIMIT 1";
    Ok(connection
        .query_row(sql, params![formular, von.to_string()], |row| row.get(0))
        .optional()?)
}

/// What counted in the last Runde of a form that ended before a day.
pub(super) fn amounts_before(connection: &Connection, form: &Form, von: Date) -> Result<LastAmounts> {
    match runde_before(connection, &form.kennung, von)? {
        Some(before) => tables::amounts_by_school(connection, form, &before),
        None => Ok(LastAmounts::new()),
    }
}

/// Where schools are frozen.
pub(super) struct Place<'a> {
    pub runde: &'a str,
    /// On which it is judged who acts for a Träger that has ended.
    pub day: Date,
    pub uebertrag: bool,
}

/// Copies schools with their allocations from the register.
pub(super) fn freeze_schulen(
    transaction: &Transaction<'_>,
    place: &Place<'_>,
    zuweisungen: &[Zuweisung],
    before: &LastAmounts,
) -> Result<Result<(), RundeFehler>> {
    let (mut unknown_schulen, mut unknown_traeger) = (Vec::new(), Vec::new());
    for zuweisung in zuweisungen {
        if let Some(meldet) = &zuweisung.meldet
            && !is_traeger(transaction, meldet)?
        {
            unknown_traeger.push(meldet.to_string());
        }
        let sql = "SELECT traeger FROM schule WHERE nummer = ?";
        let owner: Option<String> = transaction
            .query_row(sql, [zuweisung.schulnummer.as_str()], |row| row.get(0))
            .optional()?;
        let Some(owner) = owner else {
            unknown_schulen.push(zuweisung.schulnummer.to_string());
            continue;
        };
        let owner = wirksam(transaction, &owner, place.day)?;
        let meldet = match &zuweisung.meldet {
            Some(meldet) => wirksam(transaction, meldet.as_str(), place.day)?,
            None => owner.clone(),
        };
        let last = before.get(zuweisung.schulnummer.as_str()).cloned().unwrap_or_default();
        let carried = || last.get(tables::REST).copied().unwrap_or(Cent(0));
        let uebertrag = if place.uebertrag {
            zuweisung.uebertrag.unwrap_or_else(carried)
        } else {
            Cent(0)
        };
        transaction.execute(
            "INSERT INTO runde_schule (runde, nummer, traeger, meldet, kurzbezeichnung, schulform, aufnahmejahr, zugewiesen_cent, uebertrag_cent, letztes_mal)
             SELECT ?1, nummer, ?2, ?3, kurzbezeichnung, schulform, aufnahmejahr, ?4, ?5, ?6 FROM schule WHERE nummer = ?7",
            params![
                place.runde,
                owner,
                meldet,
                zuweisung.zugewiesen.0,
                uebertrag.0,
                serde_json::to_string(&last)?,
                zuweisung.schulnummer.as_str()
            ],
        )?;
    }
    Ok(match (unknown_schulen.is_empty(), unknown_traeger.is_empty()) {
        (false, _) => Err(RundeFehler::UnknownSchulen(unknown_schulen)),
        (true, false) => Err(RundeFehler::UnknownTraeger(unknown_traeger)),
        (true, true) => Ok(()),
    })
}

pub(super) fn is_traeger(connection: &Connection, nummer: &Traegernummer) -> Result<bool> {
    let sql = "SELECT 1 FROM traeger WHERE nummer = ?";
    let found = connection.query_row(sql, [nummer.as_str()], |_| Ok(())).optional()?;
    Ok(found.is_some())
}

/// Copies the Träger that the frozen schools name, and not yet the Runde.
pub(super) fn freeze_traeger(transaction: &Transaction<'_>, runde: &str) -> Result<()> {
    transaction.execute(
        "INSERT OR IGNORE INTO runde_traeger (runde, nummer, name, bezirksregierung, rechtsform)
         SELECT ?1, nummer, name, bezirksregierung, rechtsform FROM traeger
         WHERE nummer IN (SELECT meldet FROM runde_schule WHERE runde = ?1 UNION SELECT traeger FROM runde_schule WHERE runde = ?1)",
        [runde],
    )?;
    Ok(())
}
