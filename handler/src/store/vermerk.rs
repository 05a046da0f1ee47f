//! What the office notes on a Meldung: that it is withdrawn, that the signed paper has come.

use super::{Store, journal};
use crate::clock::Moment;
use anyhow::Result;
use jiff::civil::Date;
use rusqlite::{OptionalExtension, params};
use serde_json::json;

/// A Meldung was withdrawn. Nothing older becomes valid by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruecknahme {
    pub zeit: Moment,
    pub grund: String,
}

/// The day on which the signed paper came.
pub type Unterschrift = Date;

impl Store {
    /// Withdraws the version that counts. False where this one does not count.
    pub fn withdraw(&mut self, nummer: &str, grund: &str, now: Moment) -> Result<bool> {
        let rolle = self.rolle.clone();
        let transaction = self.write()?;
        let counts = transaction
            .query_row("SELECT 1 FROM meldung_gueltig WHERE nummer = ?", [nummer], |_| Ok(()))
            .optional()?;
        if counts.is_none() {
            return Ok(false);
        }
        let record = json!({ "rolle": rolle, "nummer": nummer, "grund": grund });
        let journal_nr = journal::append(&transaction, now, "ruecknahme", &record)?;
        transaction.execute(
            "INSERT INTO ruecknahme (meldung, zeit, grund, journal_nr) VALUES (?, ?, ?, ?)",
            params![nummer, now.iso(), grund, journal_nr],
        )?;
        transaction.commit()?;
        Ok(true)
    }

    /// Notes the day on which the signed paper came; the last word holds. False where this version does not count.
    pub fn note_unterschrift(&mut self, nummer: &str, eingang: Date, now: Moment) -> Result<bool> {
        let rolle = self.rolle.clone();
        let transaction = self.write()?;
        let counts = transaction
            .query_row("SELECT 1 FROM meldung_gueltig WHERE nummer = ?", [nummer], |_| Ok(()))
            .optional()?;
        if counts.is_none() {
            return Ok(false);
        }
        let record = json!({ "rolle": rolle, "nummer": nummer, "eingang": eingang });
        let journal_nr = journal::append(&transaction, now, "unterschrift", &record)?;
        transaction.execute(
            "INSERT INTO unterschrift (meldung, eingang, journal_nr) VALUES (?1, ?2, ?3)
             ON CONFLICT (meldung) DO UPDATE SET eingang = ?2, journal_nr = ?3",
            params![nummer, eingang.to_string(), journal_nr],
        )?;
        transaction.commit()?;
        Ok(true)
    }

    /// The stored workbook of a Meldung.
    pub fn mappe(&self, nummer: &str) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT mappe FROM meldung WHERE nummer = ?";
        Ok(self.connection.query_row(sql, [nummer], |row| row.get(0)).optional()?)
    }
}
