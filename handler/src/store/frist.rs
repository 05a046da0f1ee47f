//! More time for one Träger in a Runde.

use super::{Store, journal};
use crate::clock::Moment;
use anyhow::Result;
use jiff::civil::Date;
use rusqlite::params;
use serde::Serialize;

/// A later last day for one Träger.
#[derive(Debug, Serialize)]
pub struct Frist {
    pub traeger: String,
    pub name: String,
    pub bis: String,
    pub grund: String,
}

impl Store {
    /// Gives one Träger more time; the last word holds.
    pub fn verlaengern(&mut self, kennung: &str, traeger: &str, bis: Date, grund: &str, now: Moment) -> Result<()> {
        let rolle = self.rolle.clone();
        let transaction = self.write()?;
        transaction.execute(
            "INSERT INTO frist (runde, traeger, bis, grund) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (runde, traeger) DO UPDATE SET bis = ?3, grund = ?4",
            params![kennung, traeger, bis.to_string(), grund],
        )?;
        let record =
            serde_json::json!({ "rolle": rolle, "runde": kennung, "traeger": traeger, "bis": bis, "grund": grund });
        journal::append(&transaction, now, "frist", &record)?;
        transaction.commit()?;
        Ok(())
    }

    /// Takes back what one Träger was given; the last day of all holds again. False where it has no other.
    pub fn frist_aufheben(&mut self, kennung: &str, traeger: &str, grund: &str, now: Moment) -> Result<bool> {
        let rolle = self.rolle.clone();
        let transaction = self.write()?;
        let sql = "DELETE FROM frist WHERE runde = ? AND traeger = ?";
        if transaction.execute(sql, [kennung, traeger])? == 0 {
            return Ok(false);
        }
        let record =
            serde_json::json!({ "rolle": rolle, "runde": kennung, "traeger": traeger, "bis": null, "grund": grund });
        journal::append(&transaction, now, "frist", &record)?;
        transaction.commit()?;
        Ok(true)
    }

    /// Who has more time in a Runde.
    pub fn fristen(&self, runde: &str) -> Result<Vec<Frist>> {
        let mut statement = self.connection.prepare(
            "SELECT f.traeger, coalesce(t.name, ''), f.bis, f.grund
             FROM frist AS f LEFT JOIN runde_traeger AS t ON t.runde = f.runde AND t.nummer = f.traeger
             WHERE f.runde = ? ORDER BY f.bis, f.traeger",
        )?;
        let fristen = statement.query_map([runde], |row| {
            Ok(Frist {
                traeger: row.get(0)?,
                name: row.get(1)?,
                bis: row.get(2)?,
                grund: row.get(3)?,
            })
        })?;
        Ok(fristen.collect::<Result<_, _>>()?)
    }
}
