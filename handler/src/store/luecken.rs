//! What a Runde leaves out because nothing was said about it: schools without an allocation, amounts not reported.

use super::{Runde, Store, runde};
use anyhow::Result;
use rusqlite::params;

/// What nobody refuses and somebody ought to know.
#[derive(Debug)]
pub struct Luecken {
    /// Schools of the register for which the Runde has no allocation.
    pub schulen: Vec<String>,
    /// Träger that have only such schools, so that nobody waits for them.
    pub traeger: Vec<String>,
}

impl Store {
    pub fn luecken(&self, runde: &str) -> Result<Luecken> {
        let named = |sql: &str| -> Result<Vec<String>> {
            let mut statement = self.connection.prepare(sql)?;
            let names = statement.query_map([runde], |row| row.get(0))?;
            Ok(names.collect::<Result<_, _>>()?)
        };
        Ok(Luecken {
            schulen: named(
                "SELECT nummer || ' ' || kurzbezeichnung FROM schule
                 WHERE nummer NOT IN (SELECT nummer FROM runde_schule WHERE runde = ?) ORDER BY nummer",
            )?,
            traeger: named(
                "SELECT nummer || ' ' || name FROM traeger AS t
                 WHERE EXISTS (SELECT 1 FROM schule WHERE traeger = t.nummer)
                   AND NOT EXISTS (SELECT 1 FROM schule AS s JOIN runde_schule AS r ON r.nummer = s.nummer
                                   WHERE s.traeger = t.nummer AND r.runde = ?)
                 ORDER BY nummer",
            )?,
        })
    }

    /// Of these schools, those that were in the Runde before and for which no Meldung of it counts.
    pub fn ohne_letzte_meldung(&self, runde: &Runde, schulen: &[&str]) -> Result<usize> {
        let formular = runde.form()?.kennung;
        let Some(before) = runde::runde_before(&self.connection, &formular, runde.von)? else {
            return Ok(0);
        };
        let mut statement = self.connection.prepare(
            "SELECT EXISTS (SELECT 1 FROM runde_schule WHERE runde = ?1 AND nummer = ?3 AND letztes_mal = '{}')
                AND EXISTS (SELECT 1 FROM runde_schule WHERE runde = ?2 AND nummer = ?3)",
        )?;
        let mut missing = 0;
        for schule in schulen {
            if statement.query_row(params![runde.kennung, before, schule], |row| row.get(0))? {
                missing += 1;
            }
        }
        Ok(missing)
    }
}
