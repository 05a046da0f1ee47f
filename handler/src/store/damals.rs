//! A Runde as it was at an entry of the journal: what was adjusted since is taken back, the latest first.

use super::anpassung::frozen;
use super::runde::{self, Runde};
use crate::abgleich::Verzeichnis;
use anyhow::{Context, Result};
use jiff::civil::Date;
use rusqlite::{Connection, params};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a Runde expected of whom.
pub(super) struct Damals {
    pub runde: Runde,
    pub verzeichnis: Verzeichnis,
    /// The last days of those that had more time.
    pub fristen: BTreeMap<String, Date>,
}

impl Damals {
    pub fn of(connection: &Connection, kennung: &str, nr: i64) -> Result<Damals> {
        let mut runde = runde::runde(connection, kennung)?.context("Die Berichtsrunde gibt es nicht")?;
        let mut verzeichnis = frozen(connection, kennung)?;
        let since = "j.nr > ?2 AND j.art IN ('runde_update', 'zuweisung')";
        for record in records(connection, since, kennung, nr)?.into_iter().rev() {
            verzeichnis
                .take_back(&serde_json::from_value::<Vec<_>>(record["unterschiede"].clone())?)
                .context("Ein Eintrag des Journals lässt sich nicht zurückverfolgen")?;
            if let Some(before) = record["definition_vorher"].as_str() {
                before.clone_into(&mut runde.definition);
            }
        }
        let mut fristen = BTreeMap::new();
        for record in records(connection, "j.nr <= ?2 AND j.art = 'frist'", kennung, nr)? {
            let traeger = record["traeger"].as_str().unwrap_or_default().to_owned();
            match record["bis"].as_str() {
                Some(bis) => fristen.insert(traeger, bis.parse()?),
                // The general one holds again.
                None => fristen.remove(&traeger),
            };
        }
        Ok(Damals {
            runde,
            verzeichnis,
            fristen,
        })
    }
}

/// Records about a Runde, of the entries that a condition on the journal wants, in its order.
fn records(connection: &Connection, wanted: &str, runde: &str, nr: i64) -> Result<Vec<Value>> {
    let sql = format!(
        "SELECT r.record FROM journal AS j JOIN journal_record AS r ON r.nr = j.nr
         WHERE {wanted} AND json_extract(r.record, '$.runde') = ?1 ORDER BY j.nr"
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params![runde, nr])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(serde_json::from_str(&row.get::<_, String>(0)?)?);
    }
    Ok(found)
}
