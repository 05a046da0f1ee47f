//! Changing what a Runde has frozen: after the register, after a new version of the form, or by a corrected allocation.

use super::register::wirksam;
use super::runde::{self, Place, Runde, RundeFehler, Zuweisung};
use super::{Store, journal, tables};
use crate::abgleich::{Eintraege, Eintrag, Unterschied, Verzeichnis};
use crate::clock::Moment;
use anyhow::{Context, Result};
use form::{Cent, Change, Form, Rows, Value, Vordruck};
use rusqlite::{Connection, Transaction, params};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeSet;

/// What a change to a Runde comes to, or would come to.
#[derive(Debug)]
pub struct Anpassung {
    pub unterschiede: Vec<Unterschied>,
    /// What a new version of the form means for the Runde.
    pub formular: Vec<Change>,
    /// Schools of the Runde that the register no longer has. They stay: their money is to be accounted for.
    pub entfallene_schulen: Vec<String>,
    /// Accepted Meldungen that do not say what the Runde says now.
    pub alte_angaben: Vec<AlteAngabe>,
}

impl Anpassung {
    pub fn is_empty(&self) -> bool {
        self.unterschiede.is_empty() && self.formular.is_empty()
    }
}

/// A Meldung that counts, and rests on figures that the Runde no longer has.
#[derive(Debug, Serialize)]
pub struct AlteAngabe {
    pub nummer: String,
    pub traeger: String,
    pub name: String,
}

/// What is known of a Runde as a whole.
struct Before {
    stand: Verzeichnis,
    /// What waits for confirmation, with the form that it was examined against.
    wartend: Vec<(String, String, Option<Vordruck>)>,
}

impl Store {
    /// Brings names, schools and who has them up to the register, and the form up to a new version. Nothing is kept
    /// unless `apply` says so.
    pub fn update_runde(
        &mut self,
        runde: &Runde,
        formular: Option<&(String, Form)>,
        apply: bool,
        now: Moment,
    ) -> Result<Anpassung> {
        let rolle = self.rolle.clone();
        let transaction = self.write()?;
        let before = Before::of(&transaction, runde)?;
        let entfallene_schulen = follow_register(&transaction, runde, now)?;
        let formular = formular.filter(|(definition, _)| *definition != runde.definition);
        let changes = match formular {
            Some((definition, form)) => {
                let changes = form::changes(&runde.form()?, form);
                transaction.execute(
                    "UPDATE runde SET definition = ? WHERE kennung = ?",
                    [definition, &runde.kennung],
                )?;
                tables::create(&transaction, form)?;
                // Even where only the way of writing it down has changed.
                if changes.is_empty() {
                    vec![Change {
                        sentence: "Die Datei ist anders geschrieben, sagt aber dasselbe.".to_owned(),
                        is_compatible: true,
                    }]
                } else {
                    changes
                }
            }
            None => Vec::new(),
        };
        let anpassung = before.settle(&transaction, runde, changes, entfallene_schulen)?;
        if apply && !anpassung.is_empty() {
            let sentences: Vec<&str> = anpassung
                .formular
                .iter()
                .map(|change| change.sentence.as_str())
                .collect();
            let record = json!({
                "rolle": rolle,
                "runde": runde.kennung,
                "unterschiede": anpassung.unterschiede,
                "formular": sentences,
                "definition_vorher": formular.map(|_| runde.definition.as_str()),
                "definition_sha256": formular.map(|(definition, _)| journal::sha256(definition.as_bytes())),
            });
            journal::append(&transaction, now, "runde_update", &record)?;
            transaction.commit()?;
        }
        Ok(anpassung)
    }

    /// Corrects allocations of a Runde, and adds schools that had none. Nothing is kept unless `apply` says so.
    pub fn correct_zuweisungen(
        &mut self,
        runde: &Runde,
        zuweisungen: &[Zuweisung],
        grund: &str,
        apply: bool,
        now: Moment,
    ) -> Result<Result<Anpassung, RundeFehler>> {
        let rolle = self.rolle.clone();
        let transaction = self.write()?;
        let before = Before::of(&transaction, runde)?;
        let mut added = Vec::new();
        let mut unknown = Vec::new();
        for zuweisung in zuweisungen {
            if let Some(meldet) = &zuweisung.meldet
                && !runde::is_traeger(&transaction, meldet)?
            {
                unknown.push(meldet.to_string());
                continue;
            }
            let uebertrag = zuweisung.uebertrag.filter(|_| runde.uebertrag);
            let meldet = zuweisung.meldet.as_ref();
            let meldet = meldet
                .map(|meldet| wirksam(&transaction, meldet.as_str(), now.day()))
                .transpose()?;
            let corrected = transaction.execute(
                "UPDATE runde_schule SET zugewiesen_cent = ?, uebertrag_cent = coalesce(?, uebertrag_cent), meldet = coalesce(?, meldet)
                 WHERE runde = ? AND nummer = ?",
                params![
                    zuweisung.zugewiesen.0,
                    uebertrag.map(|cent| cent.0),
                    meldet,
                    runde.kennung,
                    zuweisung.schulnummer.as_str()
                ],
            )?;
            if corrected == 0 {
                added.push(zuweisung.clone());
            }
        }
        if !unknown.is_empty() {
            return Ok(Err(RundeFehler::UnknownTraeger(unknown)));
        }
        let place = Place {
            runde: &runde.kennung,
            day: now.day(),
            uebertrag: runde.uebertrag,
        };
        let last = runde::amounts_before(&transaction, &runde.form()?, runde.von)?;
        if let Err(fehler) = runde::freeze_schulen(&transaction, &place, &added, &last)? {
            return Ok(Err(fehler));
        }
        runde::freeze_traeger(&transaction, &runde.kennung)?;
        let anpassung = before.settle(&transaction, runde, Vec::new(), Vec::new())?;
        if apply && !anpassung.is_empty() {
            let record = json!({
                "rolle": rolle,
                "runde": runde.kennung,
                "grund": grund,
                "unterschiede": anpassung.unterschiede,
            });
            journal::append(&transaction, now, "zuweisung", &record)?;
            transaction.commit()?;
        }
        Ok(Ok(anpassung))
    }

    /// Meldungen that count and do not say what their Runde says now.
    pub fn alte_angaben(&self, runde: &Runde) -> Result<Vec<AlteAngabe>> {
        alte_angaben(&self.connection, runde)
    }
}

impl Before {
    fn of(connection: &Connection, runde: &Runde) -> Result<Before> {
        let mut statement = connection.prepare(
            "SELECT w.id, s.traeger FROM wartend AS w JOIN sitzung AS s ON s.token_hash = w.sitzung WHERE w.runde = ?",
        )?;
        let waiting: Vec<(String, String)> = statement
            .query_map([&runde.kennung], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let wartend = waiting.into_iter().map(|(id, traeger)| {
            let vordruck = runde::vordruck(connection, runde, &traeger)?;
            Ok((id, traeger, vordruck))
        });
        Ok(Before {
            wartend: wartend.collect::<Result<_>>()?,
            stand: frozen(connection, &runde.kennung)?,
        })
    }

    /// What has changed. Whatever waits for confirmation against what was before can no longer be confirmed.
    fn settle(
        self,
        transaction: &Transaction<'_>,
        runde: &Runde,
        formular: Vec<Change>,
        entfallene_schulen: Vec<String>,
    ) -> Result<Anpassung> {
        for (id, traeger, vordruck) in &self.wartend {
            if !formular.is_empty() || runde::vordruck(transaction, runde, traeger)? != *vordruck {
                transaction.execute("DELETE FROM wartend WHERE id = ?", [id])?;
            }
        }
        let after = frozen(transaction, &runde.kennung)?;
        let now = runde::runde(transaction, &runde.kennung)?.context("Die Runde ist nicht mehr da")?;
        Ok(Anpassung {
            unterschiede: self.stand.unterschiede(&after),
            formular,
            entfallene_schulen,
            alte_angaben: alte_angaben(transaction, &now)?,
        })
    }
}

/// Copies from the register what has changed there. Gives the schools that it no longer has.
fn follow_register(transaction: &Transaction<'_>, runde: &Runde, now: Moment) -> Result<Vec<String>> {
    let mut statement = transaction.prepare(
        "SELECT r.nummer, r.traeger, r.meldet, r.kurzbezeichnung, s.traeger FROM runde_schule AS r LEFT JOIN schule AS s ON s.nummer = r.nummer
         WHERE r.runde = ? ORDER BY r.nummer",
    )?;
    let mut rows = statement.query([&runde.kennung])?;
    let mut gone = Vec::new();
    while let Some(row) = rows.next()? {
        let (nummer, traeger, meldet): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let Some(owner) = row.get::<_, Option<String>>(4)? else {
            gone.push(format!("{nummer} {}", row.get::<_, String>(3)?));
            continue;
        };
        let owner = wirksam(transaction, &owner, now.day())?;
        let reports = if meldet == traeger {
            owner.clone()
        } else {
            wirksam(transaction, &meldet, now.day())?
        };
        transaction.execute(
            "UPDATE runde_schule SET traeger = ?3, meldet = ?4, kurzbezeichnung = s.kurzbezeichnung, schulform = s.schulform, aufnahmejahr = s.aufnahmejahr
             FROM schule AS s WHERE runde = ?1 AND runde_schule.nummer = ?2 AND s.nummer = ?2",
            params![runde.kennung, nummer, owner, reports],
        )?;
    }
    runde::freeze_traeger(transaction, &runde.kennung)?;
    transaction.execute(
        "UPDATE runde_traeger SET name = t.name, bezirksregierung = t.bezirksregierung, rechtsform = t.rechtsform
         FROM traeger AS t WHERE runde = ? AND t.nummer = runde_traeger.nummer AND NOT t.ausgeschieden",
        [&runde.kennung],
    )?;
    Ok(gone)
}

/// What a Runde says of Träger and schools, amounts in words.
pub(super) fn frozen(connection: &Connection, runde: &str) -> Result<Verzeichnis> {
    let mut statement =
        connection.prepare("SELECT nummer, name, bezirksregierung, rechtsform FROM runde_traeger WHERE runde = ?")?;
    let text = |row: &rusqlite::Row<'_>, n| row.get::<_, String>(n);
    let traeger: Eintraege = statement
        .query_map([runde], |row| {
            let felder = vec![
                ("Name", text(row, 1)?),
                ("Bezirksregierung", text(row, 2)?),
                ("Rechtsform", text(row, 3)?),
            ];
            let name = text(row, 1)?;
            Ok((text(row, 0)?, Eintrag { name, felder }))
        })?
        .collect::<Result<_, _>>()?;
    let mut statement = connection.prepare(
        "SELECT nummer, kurzbezeichnung, traeger, meldet, schulform, aufnahmejahr, zugewiesen_cent, uebertrag_cent FROM runde_schule WHERE runde = ?",
    )?;
    let schulen: Eintraege = statement
        .query_map([runde], |row| {
            let felder = vec![
                ("Kurzbezeichnung", text(row, 1)?),
                ("Träger", text(row, 2)?),
                ("meldet", text(row, 3)?),
                ("Schulform", text(row, 4)?),
                ("Aufnahmejahr", text(row, 5)?),
                ("Zugewiesen", Cent(row.get(6)?).to_string()),
                ("Übertrag", Cent(row.get(7)?).to_string()),
            ];
            let name = text(row, 1)?;
            Ok((text(row, 0)?, Eintrag { name, felder }))
        })?
        .collect::<Result<_, _>>()?;
    Ok(Verzeichnis { traeger, schulen })
}

/// A digest of all that a Runde says of Träger and schools.
pub(super) fn pruefwert(verzeichnis: &Verzeichnis) -> Result<String> {
    let felder = |eintraege: &Eintraege| -> Vec<_> {
        let eintraege = eintraege.iter();
        eintraege
            .map(|(nummer, eintrag)| (nummer.clone(), eintrag.felder.clone()))
            .collect()
    };
    let all = [felder(&verzeichnis.traeger), felder(&verzeichnis.schulen)];
    Ok(journal::sha256(serde_json::to_string(&all)?.as_bytes()))
}

fn alte_angaben(connection: &Connection, runde: &Runde) -> Result<Vec<AlteAngabe>> {
    let form = runde.form()?;
    let mut statement = connection.prepare(
        "SELECT m.nummer, m.traeger, coalesce(t.name, ''), r.record FROM meldung_gueltig AS m JOIN journal_record AS r ON r.nr = m.journal_nr
         LEFT JOIN runde_traeger AS t ON t.runde = m.runde AND t.nummer = m.traeger
         WHERE m.runde = ? ORDER BY t.name, m.nummer",
    )?;
    let mut rows = statement.query([&runde.kennung])?;
    let mut old = Vec::new();
    while let Some(row) = rows.next()? {
        let traeger: String = row.get(1)?;
        let record: serde_json::Value = serde_json::from_str(&row.get::<_, String>(3)?)?;
        let said: Rows = serde_json::from_value(record["zeilen"].clone())?;
        let vordruck = runde::vordruck(connection, runde, &traeger)?;
        if vordruck.is_none_or(|vordruck| !rests_on(&form, &vordruck, &said)) {
            old.push(AlteAngabe {
                nummer: row.get(0)?,
                name: row.get(2)?,
                traeger,
            });
        }
    }
    Ok(old)
}

/// Whether rows hold what a form is prefilled with now.
pub(super) fn rests_on(form: &Form, vordruck: &Vordruck, rows: &Rows) -> bool {
    form.sheets.iter().all(|sheet| {
        let prefilled: Vec<_> = sheet
            .fields
            .iter()
            .filter_map(|field| Some((field, field.prefill?)))
            .collect();
        if prefilled.is_empty() {
            return true;
        }
        let lines = rows.get(&sheet.id).map(Vec::as_slice).unwrap_or_default();
        let expected: BTreeSet<String> = (0..vordruck.lines(sheet))
            .map(|line| {
                let values = prefilled.iter().map(|(_, prefill)| vordruck.prefill(*prefill, line));
                shown(values)
            })
            .collect();
        let said: BTreeSet<String> = lines
            .iter()
            .map(|row| shown(prefilled.iter().map(|(field, _)| row.get(&field.id).cloned())))
            .collect();
        lines.len() == vordruck.lines(sheet) && expected == said
    })
}

fn shown(values: impl Iterator<Item = Option<Value>>) -> String {
    let texts: Vec<String> = values
        .map(|value| value.map_or_else(String::new, |value| value.text()))
        .collect();
    texts.join("\u{1f}")
}
