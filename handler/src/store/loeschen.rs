//! Carries out the deletion concept, and leaves the journal a chain that can be proved.

use super::pruefen::LOESCHUNG;
use super::{Store, journal};
use crate::clock::Moment;
use crate::protokoll::frist::{EREIGNISSE_KLASSE, GEKUERZT_KLASSE, ZUGRIFFE_KLASSE};
use anyhow::{Context, Result};
use form::loeschkonzept::{Ausfuehrung, Ende, Frist, Klasse, Loeschkonzept, Unit};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use rusqlite::{Transaction, params};
use serde::Serialize;

/// The instruction that ends the programme.
#[derive(Debug, Clone, Serialize)]
pub struct Anweisung {
    pub tag: jiff::civil::Date,
    /// What ordered it: a function and a reference, no person's name.
    pub grund: String,
}

/// What became of one Löschklasse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Schritt {
    pub klasse: String,
    pub anzahl: u64,
}

/// Classes that end by an event, which somebody has to declare.
const PROGRAMMENDE: [&str; 3] = ["zugangsdaten", "meldungen_dateien", "meldungen_inhalte"];
/// Files beside the database; `command` deletes them.
pub const PROTOKOLLE: [&str; 3] = [EREIGNISSE_KLASSE, ZUGRIFFE_KLASSE, GEKUERZT_KLASSE];

/// Before when a period must have begun to be over.
fn cutoff(frist: Frist, now: Moment) -> Result<Moment> {
    let count = i64::from(frist.count);
    let span: Span = match frist.unit {
        Unit::Minute => count.minutes(),
        Unit::Stunde => count.hours(),
        Unit::Tag => count.days(),
        Unit::Woche => count.weeks(),
        Unit::Monat => count.months(),
        Unit::Jahr => count.years(),
    };
    let berlin = TimeZone::get("Europe/Berlin").context("Die Zeitzone fehlt")?;
    let before = now.0.to_zoned(berlin).checked_sub(span);
    Ok(Moment(
        before.context("Eine Frist im Löschkonzept ist zu lang")?.timestamp(),
    ))
}

/// How a class with a period is deleted: a statement with the moment before which it began, in seconds.
fn statement(klasse: &str) -> Option<&'static str> {
    Some(match klasse {
        "wartende_uploads" => {
            "DELETE FROM wartend WHERE sitzung IN (SELECT token_hash FROM sitzung WHERE begonnen < ?)"
        }
        "sitzung_untaetig" => "DELETE FROM sitzung WHERE zuletzt < ?",
        "sitzung_hoechstens" => "DELETE FROM sitzung WHERE begonnen < ?",
        "anmeldeversuche" => "DELETE FROM fehlversuch WHERE zeit < ?",
        "anmeldecode" => "DELETE FROM anmeldecode WHERE angefordert < ?",
        "ausgehende_mails" => "DELETE FROM ausgang WHERE eingestellt < ?",
        "versuche" => "DELETE FROM versuch WHERE unixepoch(zeit) < ?",
        _ => return None,
    })
}

/// Classes that this program should delete and does not know how to.
pub fn unbekannte(konzept: &Loeschkonzept) -> Vec<&Klasse> {
    let known = |klasse: &Klasse| match klasse.ende {
        Ende::Frist(_) => statement(&klasse.id).is_some() || PROTOKOLLE.contains(&klasse.id.as_str()),
        Ende::Ereignis(_) => PROGRAMMENDE.contains(&klasse.id.as_str()),
    };
    let ours = konzept.klassen.iter().filter(|k| k.ausfuehrung == Ausfuehrung::Handler);
    ours.filter(|klasse| !known(klasse)).collect()
}

impl Store {
    /// Deletes what has outlived its period, and at the end of the programme everything but the journal. With `dry_run`
    /// it only counts. What was deleted is in the journal.
    pub fn loeschen(
        &mut self,
        konzept: &Loeschkonzept,
        ende: Option<&Anweisung>,
        dry_run: bool,
        now: Moment,
    ) -> Result<Vec<Schritt>> {
        let rolle = self.rolle.clone();
        let transaction = self.write()?;
        transaction.execute_batch("PRAGMA defer_foreign_keys = ON")?;
        let waiting = count(&transaction, "wartend")?;
        let mut schritte = Vec::new();
        for klasse in &konzept.klassen {
            if let (Ende::Frist(frist), Some(sql)) = (&klasse.ende, statement(&klasse.id)) {
                let deleted = transaction.execute(sql, [cutoff(*frist, now)?.seconds()])?;
                schritte.push(Schritt {
                    klasse: klasse.id.clone(),
                    anzahl: deleted as u64,
                });
            }
        }
        // An upload that waits goes with its session, too.
        let gone = waiting - count(&transaction, "wartend")?;
        if let Some(schritt) = schritte.iter_mut().find(|schritt| schritt.klasse == "wartende_uploads") {
            schritt.anzahl = gone;
        }
        let mut eintraege: Vec<[i64; 2]> = Vec::new();
        if ende.is_some() {
            let last: i64 = transaction.query_row("SELECT coalesce(max(nr), 0) FROM journal", [], |row| row.get(0))?;
            eintraege.push([1, last]);
            schritte.extend(end_programme(&transaction)?);
        }
        if dry_run {
            transaction.rollback()?;
            return Ok(schritte);
        }
        if ende.is_some() || schritte.iter().any(|schritt| schritt.anzahl > 0) {
            let record = serde_json::json!({
                "rolle": rolle,
                "heute": now.day(),
                "anweisung": ende,
                "klassen": schritte,
                "eintraege": eintraege,
            });
            journal::append(&transaction, now, LOESCHUNG, &record)?;
        }
        transaction.commit()?;
        Ok(schritte)
    }

    /// Deletes an address wherever it identifies somebody: register, logins that wait for a code, mails that wait.
    /// Counts rows; with `dry_run` nothing else happens.
    pub fn adresse_loeschen(&mut self, email: &str, dry_run: bool, now: Moment) -> Result<u64> {
        let places = self.columns(|column| column == "email" || column == "empfaenger")?;
        let rolle = self.rolle.clone();
        let transaction = self.write()?;
        let mut deleted = 0;
        // The register comes last: its own deletion ends sessions and takes what waits with it.
        for (table, column) in places
            .iter()
            .filter(|(table, _)| table != "adresse")
            .chain(places.iter().filter(|(table, _)| table == "adresse"))
        {
            let sql = format!("DELETE FROM \"{table}\" WHERE lower(\"{column}\") = lower(?)");
            deleted += transaction.execute(&sql, [email])? as u64;
        }
        if dry_run {
            transaction.rollback()?;
            return Ok(deleted);
        }
        if deleted > 0 {
            let record = serde_json::json!({ "rolle": rolle, "adressen": 1, "zeilen": deleted, "eintraege": [] });
            journal::append(&transaction, now, LOESCHUNG, &record)?;
        }
        transaction.commit()?;
        Ok(deleted)
    }

    /// Writes the file anew without a trace of what was deleted, and empties the log before it. False where somebody
    /// still reads an older state, which keeps it in the log.
    pub fn spuren_beseitigen(&self) -> Result<bool> {
        self.connection.execute_batch("VACUUM")?;
        let busy: i64 = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        Ok(busy == 0)
    }

    /// Table and column of every column that is wanted by its name.
    pub(super) fn columns(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<(String, String)>> {
        let mut statement = self.connection.prepare(
            "SELECT t.name, c.name FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.name, c.cid",
        )?;
        let all: Vec<(String, String)> = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        Ok(all.into_iter().filter(|(_, column)| wanted(column)).collect())
    }
}

fn count(transaction: &Transaction<'_>, table: &str) -> Result<u64> {
    let sql = format!("SELECT count(*) FROM \"{table}\"");
    Ok(transaction.query_row(&sql, [], |row| row.get::<_, i64>(0))? as u64)
}

/// Empties every table but the journal. Its records go too; their hashes and the chain stay.
fn end_programme(transaction: &Transaction<'_>) -> Result<Vec<Schritt>> {
    let mut statement = transaction.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'journal' ORDER BY name",
    )?;
    let tables: Vec<String> = statement
        .query_map(params![], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let (addresses, files) = (count(transaction, "adresse")?, count(transaction, "meldung")?);
    let mut contents = 0;
    for table in &tables {
        if table != "adresse" && table != "meldung" {
            contents += count(transaction, table)?;
        }
    }
    for table in &tables {
        transaction.execute(&format!("DELETE FROM \"{table}\""), [])?;
    }
    let counted = PROGRAMMENDE.into_iter().zip([addresses, files, contents]);
    Ok(counted
        .map(|(klasse, anzahl)| Schritt {
            klasse: klasse.to_owned(),
            anzahl,
        })
        .collect())
}
