//! The register of Träger and schools, as `register import` leaves it.

use super::{Store, journal};
use crate::clock::Moment;
use crate::lists::{SchuleZeile, TraegerZeile};
use anyhow::Result;
use form::Traegernummer;
use rusqlite::params;
use serde::Serialize;

/// How many Träger and schools the register holds.
#[derive(Debug, Serialize)]
pub struct Register {
    pub traeger: usize,
    pub schulen: usize,
    /// Träger that are no longer on the list but stay because of their Meldungen.
    pub ausgeschieden: u32,
}

impl Store {
    /// Replaces the register by the given lists, whole. Whoever has left loses addresses and sessions; its row stays,
    /// marked, if it has Meldungen.
    pub fn replace_register(
        &mut self,
        traeger: &[TraegerZeile],
        schulen: &[SchuleZeile],
        now: Moment,
    ) -> Result<Register> {
        let transaction = self.write()?;
        transaction.execute("UPDATE traeger SET ausgeschieden = 1", [])?;
        transaction.execute_batch("CREATE TEMP TABLE benannt (traeger TEXT, email TEXT)")?;
        transaction.execute("DELETE FROM schule", [])?;
        for zeile in traeger {
            transaction.execute(
                "INSERT INTO traeger (nummer, name, bezirksregierung, rechtsform, gueltig_ab, gueltig_bis, nachfolger)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (nummer) DO UPDATE SET name = ?2, bezirksregierung = ?3, rechtsform = ?4,
                     gueltig_ab = ?5, gueltig_bis = ?6, nachfolger = ?7, ausgeschieden = 0",
                params![
                    zeile.nummer.as_str(),
                    zeile.name,
                    zeile.bezirksregierung,
                    zeile.rechtsform,
                    zeile.gueltig_ab.map(|day| day.to_string()),
                    zeile.gueltig_bis.map(|day| day.to_string()),
                    zeile.nachfolger.as_ref().map(Traegernummer::as_str)
                ],
            )?;
            for email in &zeile.emails {
                transaction.execute(
                    "INSERT INTO benannt (traeger, email) VALUES (?, ?)",
                    params![zeile.nummer.as_str(), email],
                )?;
            }
        }
        for zeile in schulen {
            transaction.execute(
                "INSERT INTO schule (nummer, traeger, kurzbezeichnung, schulform, aufnahmejahr) VALUES (?, ?, ?, ?, ?)",
                params![
                    zeile.nummer.as_str(),
                    zeile.traeger.as_str(),
                    zeile.kurzbezeichnung,
                    zeile.schulform,
                    zeile.aufnahmejahr
                ],
            )?;
        }
        // Only what is gone is deleted: triggers end the sessions of its Träger.
        transaction.execute_batch(
            "DELETE FROM adresse WHERE (traeger, email) NOT IN (SELECT traeger, email FROM benannt);
             INSERT OR IGNORE INTO adresse (traeger, email) SELECT traeger, email FROM benannt;
             DROP TABLE benannt;
             DELETE FROM traeger WHERE ausgeschieden AND nummer NOT IN (SELECT traeger FROM meldung);",
        )?;
        let left: u32 =
            transaction.query_row("SELECT count(*) FROM traeger WHERE ausgeschieden", [], |row| row.get(0))?;
        let register = Register {
            traeger: traeger.len(),
            schulen: schulen.len(),
            ausgeschieden: left,
        };
        journal::append(&transaction, now, "register", &register)?;
        transaction.commit()?;
        Ok(register)
    }

    /// The addresses of a Träger that are not blocked, in lower case; none where there is no such Träger.
    pub fn emails(&self, nummer: &str) -> Result<Vec<String>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT email FROM adresse WHERE traeger = ? AND NOT gesperrt")?;
        let emails = statement
            .query_map([nummer], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(emails)
    }

    /// The name of a Träger in the register.
    pub fn traeger_name(&self, nummer: &str) -> Result<String> {
        Ok(self
            .connection
            .query_row("SELECT name FROM traeger WHERE nummer = ?", [nummer], |row| row.get(0))?)
    }
}
