//! Uploads that did not become a Meldung at once: codes and cells of what was found, never what stood there.

use super::Store;
use crate::clock::Moment;
use anyhow::Result;
use form::Finding;
use rusqlite::params;
use serde::{Deserialize, Serialize};

/// An upload that did not become a Meldung at once.
#[derive(Debug, Serialize)]
pub struct Versuch {
    pub zeit: String,
    pub runde: String,
    pub traeger: String,
    /// `fehler`, `bestaetigen` or the word for what kind of file it was.
    pub ergebnis: String,
    pub befunde: Vec<VersuchBefund>,
}

/// What was found, and where.
#[derive(Debug, Serialize, Deserialize)]
pub struct VersuchBefund {
    pub code: String,
    pub blatt: String,
    pub zellen: Vec<String>,
}

impl From<&Finding> for VersuchBefund {
    fn from(finding: &Finding) -> VersuchBefund {
        VersuchBefund {
            code: finding.code.clone(),
            blatt: finding.place.sheet.clone(),
            zellen: finding.place.cells.clone(),
        }
    }
}

/// So many are kept of one Träger; whoever tries without end loses the oldest.
const MOST_PER_TRAEGER: i64 = 500;

impl Store {
    /// Remembers an attempt.
    pub fn keep_versuch(
        &mut self,
        runde: &str,
        traeger: &str,
        ergebnis: &str,
        befunde: &[Finding],
        now: Moment,
    ) -> Result<()> {
        let befunde: Vec<VersuchBefund> = befunde.iter().map(VersuchBefund::from).collect();
        let transaction = self.write()?;
        transaction.execute(
            "INSERT INTO versuch (zeit, runde, traeger, ergebnis, befunde) VALUES (?, ?, ?, ?, ?)",
            params![now.iso(), runde, traeger, ergebnis, serde_json::to_string(&befunde)?],
        )?;
        transaction.execute(
            "DELETE FROM versuch WHERE id <= (SELECT id FROM versuch WHERE traeger = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2) AND traeger = ?1",
            params![traeger, MOST_PER_TRAEGER],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// The attempts of a Träger, the latest first.
    pub fn versuche(&self, traeger: &str) -> Result<Vec<Versuch>> {
        let mut statement = self.connection.prepare(
            "SELECT zeit, runde, traeger, ergebnis, befunde FROM versuch WHERE traeger = ? ORDER BY id DESC",
        )?;
        let mut rows = statement.query([traeger])?;
        let mut versuche = Vec::new();
        while let Some(row) = rows.next()? {
            versuche.push(Versuch {
                zeit: row.get(0)?,
                runde: row.get(1)?,
                traeger: row.get(2)?,
                ergebnis: row.get(3)?,
                befunde: serde_json::from_str(&row.get::<_, String>(4)?)?,
            });
        }
        Ok(versuche)
    }
}
