//! What a report is made from: the Meldungen that counted at a point of the journal.

use super::anpassung::rests_on;
use super::damals::Damals;
use super::stand::{Zaehlt, lagen};
use super::{Store, Summe, tables};
use crate::bericht::{Gemeldet, Gueltig, Journalstand, Schule, Stoff, Zurueckgenommen};
use crate::clock::Moment;
use anyhow::Result;
use form::{Cent, Form, Row, Rows, Sheet, Value};
use rusqlite::{OptionalExtension, params};
use std::collections::{BTreeMap, BTreeSet};

/// The Meldungen of the Runde ?1 that counted when the entry ?2 was the journal's last.
const GUELTIG: &str = "SELECT m.nummer, m.traeger, m.eingegangen, m.verspaetet, m.beleg FROM meldung AS m
    WHERE m.runde = ?1
      AND m.journal_nr = (SELECT max(journal_nr) FROM meldung WHERE runde = m.runde AND traeger = m.traeger AND journal_nr <= ?2)
      AND NOT EXISTS (SELECT 1 FROM ruecknahme WHERE meldung = m.nummer AND journal_nr <= ?2)";

impl Store {
    /// The journal's last entry, or the one with this chain value; `None` where there is none.
    pub fn journalstand(&self, kette: Option<&str>) -> Result<Option<Journalstand>> {
        let sql = match kette {
            Some(_) => "SELECT nr, kette, zeit FROM journal WHERE kette = ?",
            None => "SELECT nr, kette, zeit FROM journal WHERE ? IS NULL ORDER BY nr DESC LIMIT 1",
        };
        let found: Option<(i64, String, String)> = self
            .connection
            .query_row(sql, [kette], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        found
            .map(|(nr, kette, zeit)| {
                let zeit = Moment::parse(&zeit)?;
                Ok(Journalstand { nr, kette, zeit })
            })
            .transpose()
    }

    /// All that a report about a Runde says, as of an entry of the journal. In one transaction, so that uploads which
    /// come meanwhile are in all of it or in nothing. `None` where the Runde was opened later.
    pub fn stoff(&mut self, runde: &str, stand: Journalstand) -> Result<Option<Stoff>> {
        let transaction = self.connection.transaction()?;
        let Some(damals) = Damals::of(&transaction, runde, stand.nr)? else {
            return Ok(None);
        };
        let Damals {
            runde,
            verzeichnis,
            fristen,
        } = &damals;
        let form = runde.form()?;
        let reports_for = |traeger: &str| {
            let schulen = verzeichnis.schulen.iter();
            let schulen = schulen.filter(|(_, schule)| schule.feld("meldet") == traeger);
            schulen.map(|(nummer, _)| nummer.clone()).collect()
        };
        let mut alte_angaben = BTreeSet::new();
        let mut gueltige: BTreeMap<String, Gueltig> = BTreeMap::new();
        let mut statement = transaction.prepare(GUELTIG)?;
        let mut rows = statement.query(params![runde.kennung, stand.nr])?;
        while let Some(row) = rows.next()? {
            let (nummer, traeger): (String, String) = (row.get(0)?, row.get(1)?);
            let beleg: super::Beleg = serde_json::from_str(&row.get::<_, String>(4)?)?;
            let mut zeilen = BTreeMap::new();
            for sheet in &form.sheets {
                let rows = tables::rows_of(&transaction, &form, sheet, &nummer)?;
                let values = |row: Vec<_>| {
                    let fields = sheet.fields.iter().zip(row);
                    fields.map(|(field, stored)| tables::value_of(field, stored)).collect()
                };
                zeilen.insert(sheet.id.clone(), rows.into_iter().map(values).collect());
            }
            let vordruck = damals.vordruck(&traeger)?;
            if vordruck.is_none_or(|vordruck| !rests_on(&form, &vordruck, &by_id(&form, &zeilen))) {
                alte_angaben.insert(nummer.clone());
            }
            let eingegangen = Moment::parse(&row.get::<_, String>(2)?)?;
            // Late is who came after the day that held then, however it was when it came.
            let frist = *fristen.get(&traeger).unwrap_or(&runde.frist);
            let gueltig = Gueltig {
                nummer,
                eingegangen,
                verspaetet: row.get::<_, bool>(3)? && eingegangen.day() > frist,
                summen: beleg
                    .summen
                    .into_iter()
                    .map(|Summe { label, cent }| (label, cent))
                    .collect(),
                schulen: schulen_in(&form, &zeilen).unwrap_or_else(|| reports_for(&traeger)),
                zeilen,
            };
            gueltige.insert(traeger, gueltig);
        }
        drop(rows);
        drop(statement);
        let mut statement =
            transaction.prepare("SELECT count(*) FROM meldung WHERE runde = ? AND traeger = ? AND journal_nr <= ?")?;
        let schulen = verzeichnis.schulen.iter();
        let zustaendig =
            schulen.map(|(nummer, schule)| (nummer.as_str(), schule.feld("Träger"), schule.feld("meldet")));
        let zaehlen = gueltige.iter().map(|(traeger, gueltig)| {
            let zaehlt = Zaehlt {
                verspaetet: gueltig.verspaetet,
                schulen: gueltig.schulen.iter().map(String::as_str).collect(),
            };
            (traeger.as_str(), zaehlt)
        });
        let mut lagen = lagen(zustaendig, &zaehlen.collect());
        let mut expected = Vec::new();
        for (nummer, traeger) in &verzeichnis.traeger {
            if let Some(lage) = lagen.remove(nummer.as_str()) {
                expected.push(Gemeldet {
                    gueltig: if lage.schulen > 0 {
                        gueltige.remove(nummer)
                    } else {
                        None
                    },
                    nummer: nummer.clone(),
                    name: traeger.feld("Name").to_owned(),
                    lage,
                    fassungen: statement.query_row(params![runde.kennung, nummer, stand.nr], |row| row.get(0))?,
                });
            }
        }
        drop(statement);
        let mut statement = transaction.prepare(
            "SELECT r.meldung, m.traeger, r.zeit, r.grund FROM ruecknahme AS r JOIN meldung AS m ON m.nummer = r.meldung
             WHERE m.runde = ?1 AND r.journal_nr <= ?2 ORDER BY r.journal_nr",
        )?;
        let zurueckgenommen: Vec<Zurueckgenommen> = statement
            .query_map(params![runde.kennung, stand.nr], |row| {
                let traeger: String = row.get(1)?;
                let known = verzeichnis.traeger.get(&traeger);
                Ok(Zurueckgenommen {
                    nummer: row.get(0)?,
                    name: known.map(|known| known.feld("Name").to_owned()).unwrap_or_default(),
                    traeger,
                    zeit: row.get(2)?,
                    grund: row.get(3)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        drop(statement);
        let gegenrechnung = gegenrechnung(&transaction, &form, &runde.kennung, stand.nr)?;
        drop(transaction);
        let schulen = verzeichnis.schulen.iter().map(|(nummer, schule)| {
            let (name, meldet) = (schule.feld("Kurzbezeichnung"), schule.feld("meldet"));
            let schule = Schule {
                name: name.to_owned(),
                meldet: meldet.to_owned(),
            };
            (nummer.clone(), schule)
        });
        Ok(Some(Stoff {
            schulen: schulen.collect(),
            runde: damals.runde,
            form,
            stand,
            erwartet: expected,
            alte_angaben,
            ausserhalb: gueltige
                .into_iter()
                .map(|(traeger, gueltig)| format!("{} (Träger {traeger})", gueltig.nummer))
                .collect(),
            zurueckgenommen,
            gegenrechnung,
        }))
    }
}

/// Values by sheet, in the order of its fields.
type Zeilen = BTreeMap<String, Vec<Vec<Option<Value>>>>;

/// The schools that rows are about; `None` where the form does not ask for them.
fn schulen_in(form: &Form, zeilen: &Zeilen) -> Option<Vec<String>> {
    let (sheet, key) = tables::school_key(form)?;
    let column = sheet.fields.iter().position(|field| field.id == key.id)?;
    let rows = zeilen.get(&sheet.id).into_iter().flatten();
    Some(rows.filter_map(|row| Some(row.get(column)?.as_ref()?.text())).collect())
}

/// The rows with their fields' names.
fn by_id(form: &Form, zeilen: &Zeilen) -> Rows {
    let row = |sheet: &Sheet, values: &Vec<Option<Value>>| -> Row {
        let fields = sheet.fields.iter().zip(values);
        Row::new(fields.filter_map(|(field, value)| Some((field.id.clone(), value.clone()?))))
    };
    let sheets = form.sheets.iter().map(|sheet| {
        let rows = zeilen.get(&sheet.id).into_iter().flatten();
        (sheet.id.clone(), rows.map(|values| row(sheet, values)).collect())
    });
    sheets.collect()
}

/// Every amount of every sheet, added up by SQLite: what the report's own sums must come to.
fn gegenrechnung(
    connection: &rusqlite::Connection,
    form: &Form,
    runde: &str,
    nr: i64,
) -> Result<BTreeMap<(String, String), Cent>> {
    let mut sums = BTreeMap::new();
    for sheet in &form.sheets {
        for field in sheet.fields.iter().filter(|field| field.is_money()) {
            let sql = format!(
                "SELECT coalesce(sum(t.\"{}\"), 0) FROM \"{}\" AS t JOIN ({GUELTIG}) AS g ON g.nummer = t.meldung",
                field.column(),
                tables::table(form, sheet)
            );
            let cent = connection.query_row(&sql, params![runde, nr], |row| row.get(0))?;
            sums.insert((sheet.id.clone(), field.id.clone()), Cent(cent));
        }
    }
    Ok(sums)
}
