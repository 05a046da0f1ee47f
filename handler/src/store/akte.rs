//! Everything about one Träger, for whoever audits it.

use super::{Meldung, Runde, Store, tables};
use anyhow::Result;
use form::{Form, Schule};
use rusqlite::{OptionalExtension, params};

/// One Träger's Runden, Meldungen and entries.
pub struct Akte {
    pub nummer: String,
    pub name: String,
    pub runden: Vec<AkteRunde>,
    /// The whole journal: without records it says nothing about anybody, and a chain is proved whole.
    pub journal: Vec<JournalZeile>,
    /// Records of this Träger's Meldungen, of acts about it, and of its Runden.
    pub eintraege: Vec<Eintrag>,
}

pub struct AkteRunde {
    pub runde: Runde,
    pub form: Form,
    /// What the form was prefilled with.
    pub schulen: Vec<Schule>,
    pub meldungen: Vec<AkteMeldung>,
    /// A later last day for this Träger, and why.
    pub frist: Option<(String, String)>,
}

pub struct AkteMeldung {
    pub meldung: Meldung,
    pub gilt: bool,
    pub mappe: Vec<u8>,
    /// Filed by the office, and why.
    pub einreichung: Option<String>,
    /// Withdrawn: when and why.
    pub ruecknahme: Option<(String, String)>,
    /// The day on which the signed paper came.
    pub unterschrift: Option<String>,
    /// Rows of each sheet, in the order of the form.
    pub zeilen: Vec<Vec<Vec<Option<form::Value>>>>,
}

pub struct JournalZeile {
    pub nr: i64,
    pub zeit: String,
    pub art: String,
    pub record_hash: String,
    pub kette: String,
}

pub struct Eintrag {
    pub nr: i64,
    pub zeit: String,
    pub art: String,
    pub record: String,
}

impl Store {
    /// `None` where nobody has ever heard of the Träger.
    pub fn akte(&self, traeger: &str) -> Result<Option<Akte>> {
        let _state = self.connection.unchecked_transaction()?;
        let name: Option<String> = self
            .connection
            .query_row(
                "SELECT name FROM traeger WHERE nummer = ?1 UNION ALL SELECT name FROM runde_traeger WHERE nummer = ?1 LIMIT 1",
                [traeger],
                |row| row.get(0),
            )
            .optional()?;
        let Some(name) = name else { return Ok(None) };
        let mut statement = self.connection.prepare(
            "SELECT kennung FROM runde WHERE EXISTS (SELECT 1 FROM runde_schule WHERE runde = kennung AND meldet = ?1)
                 OR EXISTS (SELECT 1 FROM meldung WHERE runde = kennung AND traeger = ?1) ORDER BY von, kennung",
        )?;
        let kennungen: Vec<String> = statement
            .query_map([traeger], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut runden = Vec::new();
        for runde in kennungen.iter().filter_map(|kennung| self.runde(kennung).transpose()) {
            runden.push(self.akte_runde(runde?, traeger)?);
        }
        Ok(Some(Akte {
            nummer: traeger.to_owned(),
            name,
            runden,
            journal: self.journal()?,
            eintraege: self.eintraege_of(traeger)?,
        }))
    }

    fn akte_runde(&self, runde: Runde, traeger: &str) -> Result<AkteRunde> {
        let form = runde.form()?;
        let schulen = self.vordruck(&runde, traeger)?.map(|vordruck| vordruck.schulen);
        let one = |sql: &str, nummer: &str| -> Result<Option<(String, String)>> {
            let found = self
                .connection
                .query_row(sql, [nummer], |row| Ok((row.get(0)?, row.get(1)?)));
            Ok(found.optional()?)
        };
        let mut meldungen = Vec::new();
        for meldung in self.meldungen_of(&runde.kennung, traeger)? {
            let nummer = meldung.nummer.as_str();
            let mut zeilen = Vec::new();
            for sheet in &form.sheets {
                let rows = tables::rows_of(&self.connection, &form, sheet, nummer)?;
                let values = |row: Vec<_>| {
                    let fields = sheet.fields.iter().zip(row);
                    fields.map(|(field, stored)| tables::value_of(field, stored)).collect()
                };
                zeilen.push(rows.into_iter().map(values).collect());
            }
            meldungen.push(AkteMeldung {
                gilt: self.connection.query_row(
                    "SELECT EXISTS (SELECT 1 FROM meldung_gueltig WHERE nummer = ?)",
                    [nummer],
                    |row| row.get(0),
                )?,
                mappe: self
                    .connection
                    .query_row("SELECT mappe FROM meldung WHERE nummer = ?", [nummer], |row| row.get(0))?,
                einreichung: one("SELECT grund, '' FROM einreichung WHERE meldung = ?", nummer)?
                    .map(|(grund, _)| grund),
                ruecknahme: one("SELECT zeit, grund FROM ruecknahme WHERE meldung = ?", nummer)?,
                unterschrift: one("SELECT eingang, '' FROM unterschrift WHERE meldung = ?", nummer)?
                    .map(|(tag, _)| tag),
                zeilen,
                meldung,
            });
        }
        let frist = self
            .connection
            .query_row(
                "SELECT bis, grund FROM frist WHERE runde = ? AND traeger = ?",
                params![runde.kennung, traeger],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        Ok(AkteRunde {
            runde,
            form,
            schulen: schulen.unwrap_or_default(),
            meldungen,
            frist,
        })
    }

    fn journal(&self) -> Result<Vec<JournalZeile>> {
        let mut statement = self
            .connection
            .prepare("SELECT nr, zeit, art, record_hash, kette FROM journal ORDER BY nr")?;
        let zeilen = statement.query_map([], |row| {
            Ok(JournalZeile {
                nr: row.get(0)?,
                zeit: row.get(1)?,
                art: row.get(2)?,
                record_hash: row.get(3)?,
                kette: row.get(4)?,
            })
        })?;
        Ok(zeilen.collect::<Result<_, _>>()?)
    }

    /// What is recorded of the Träger's Meldungen, of acts about it or about one of them, and of the Runden that it is in.
    fn eintraege_of(&self, traeger: &str) -> Result<Vec<Eintrag>> {
        let mut statement = self.connection.prepare(
            "SELECT j.nr, j.zeit, j.art, r.record FROM journal AS j JOIN journal_record AS r ON r.nr = j.nr
             WHERE json_extract(r.record, '$.traeger') = ?1
                OR EXISTS (SELECT 1 FROM meldung WHERE traeger = ?1
                           AND nummer IN (json_extract(r.record, '$.nummer'), json_extract(r.record, '$.meldung')))
                OR (j.art LIKE 'runde%' AND EXISTS (SELECT 1 FROM runde_schule WHERE meldet = ?1
                           AND runde IN (json_extract(r.record, '$.runde'), json_extract(r.record, '$.runde.kennung'))))
             ORDER BY j.nr",
        )?;
        let eintraege = statement.query_map([traeger], |row| {
            Ok(Eintrag {
                nr: row.get(0)?,
                zeit: row.get(1)?,
                art: row.get(2)?,
                record: row.get(3)?,
            })
        })?;
        Ok(eintraege.collect::<Result<_, _>>()?)
    }
}
