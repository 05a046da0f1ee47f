//! What a report is made from: the Meldungen that counted at a point of the journal.

use super::damals::Damals;
use super::{Store, Summe, tables};
use crate::bericht::{Gemeldet, Gueltig, Journalstand, Stoff, Zurueckgezogen};
use crate::clock::Moment;
use anyhow::Result;
use form::{Cent, Form};
use rusqlite::{OptionalExtension, params};
use std::collections::BTreeMap;

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
    /// come meanwhile are in all of it or in nothing.
    pub fn stoff(&mut self, runde: &str, stand: Journalstand) -> Result<Stoff> {
        let transaction = self.connection.transaction()?;
        let Damals {
            runde,
            verzeichnis,
            fristen,
        } = Damals::of(&transaction, runde, stand.nr)?;
        let form = runde.form()?;
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
                zeilen,
            };
            gueltige.insert(traeger, gueltig);
        }
        drop(rows);
        drop(statement);
        let mut statement =
            transaction.prepare("SELECT count(*) FROM meldung WHERE runde = ? AND traeger = ? AND journal_nr <= ?")?;
        let mut schulen_of: BTreeMap<&str, usize> = BTreeMap::new();
        for schule in verzeichnis.schulen.values() {
            *schulen_of.entry(schule.feld("meldet")).or_default() += 1;
        }
        let mut expected = Vec::new();
        for (nummer, traeger) in &verzeichnis.traeger {
            if let Some(&schulen) = schulen_of.get(nummer.as_str()) {
                expected.push(Gemeldet {
                    gueltig: gueltige.remove(nummer),
                    nummer: nummer.clone(),
                    name: traeger.feld("Name").to_owned(),
                    schulen,
                    fassungen: statement.query_row(params![runde.kennung, nummer, stand.nr], |row| row.get(0))?,
                });
            }
        }
        drop(statement);
        let mut statement = transaction.prepare(
            "SELECT r.meldung, m.traeger, r.zeit, r.grund FROM ruecknahme AS r JOIN meldung AS m ON m.nummer = r.meldung
             WHERE m.runde = ?1 AND r.journal_nr <= ?2 ORDER BY r.journal_nr",
        )?;
        let zurueckgezogen: Vec<Zurueckgezogen> = statement
            .query_map(params![runde.kennung, stand.nr], |row| {
                let traeger: String = row.get(1)?;
                let known = verzeichnis.traeger.get(&traeger);
                Ok(Zurueckgezogen {
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
        Ok(Stoff {
            runde,
            form,
            stand,
            erwartet: expected,
            ausserhalb: gueltige
                .into_iter()
                .map(|(traeger, gueltig)| format!("{} (Träger {traeger})", gueltig.nummer))
                .collect(),
            zurueckgezogen,
            gegenrechnung,
        })
    }
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
