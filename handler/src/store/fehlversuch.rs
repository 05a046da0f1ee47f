//! Failed logins: counted under keyed hashes, so that no address and no number stands in the database because of them.

use super::Store;
use crate::clock::Moment;
use anyhow::{Context, Result};
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{OptionalExtension, params};
use sha2::Sha256;
use std::time::Duration;

/// Failed logins count for a quarter of an hour and are forgotten after a day.
const COUNTING_SECONDS: i64 = 15 * 60;
pub(crate) const FORGET_SECONDS: i64 = 24 * 60 * 60;
/// So many rows are kept; a flood from countless addresses loses the oldest.
const MOST_ROWS: i64 = 200_000;

/// Under what an attempt is counted.
pub struct Schluessel {
    /// What came from one network address, each with the failures it may have.
    pub from_here: Vec<(String, u32)>,
    /// What came from anywhere. Too many slow everybody down and shut nobody out.
    pub from_anywhere: Vec<String>,
}

impl Store {
    /// Seconds until a login may be tried again, if any of the keys has failed too often.
    pub fn seconds_to_wait(&self, keys: &Schluessel, now: Moment) -> Result<Option<u64>> {
        let mut wait = None;
        for (key, limit) in &keys.from_here {
            // The attempt that must grow old before there is room again.
            let oldest: Option<i64> = self
                .connection
                .query_row(
                    "SELECT zeit FROM fehlversuch WHERE schluessel = ? AND zeit > ? ORDER BY zeit DESC LIMIT 1 OFFSET ?",
                    params![self.keyed(key.as_bytes())?, now.seconds() - COUNTING_SECONDS, limit.saturating_sub(1)],
                    |row| row.get(0),
                )
                .optional()?;
            if let Some(oldest) = oldest {
                wait = wait.max(Some((oldest + COUNTING_SECONDS - now.seconds()).max(1) as u64));
            }
        }
        Ok(wait)
    }

    /// How long an attempt is held up, because many failed from elsewhere for the same address or number.
    pub fn pause(&self, keys: &Schluessel, now: Moment) -> Result<Duration> {
        let mut longest = Duration::ZERO;
        for key in &keys.from_anywhere {
            let failures: u32 = self.connection.query_row(
                "SELECT count(*) FROM (SELECT 1 FROM fehlversuch WHERE schluessel = ? AND zeit > ? LIMIT 100)",
                params![self.keyed(key.as_bytes())?, now.seconds() - COUNTING_SECONDS],
                |row| row.get(0),
            )?;
            longest = longest.max(pause_after(failures));
        }
        Ok(longest)
    }

    /// Remembers a failed login under each key.
    pub fn count_failure(&mut self, keys: &Schluessel, now: Moment) -> Result<()> {
        let hashes = self.hashes(keys)?;
        let transaction = self.write()?;
        for hash in hashes {
            transaction.execute(
                "INSERT INTO fehlversuch (schluessel, zeit) VALUES (?, ?)",
                params![hash, now.seconds()],
            )?;
        }
        transaction.execute(
            "DELETE FROM fehlversuch WHERE rowid <= (SELECT max(rowid) FROM fehlversuch) - ?",
            [MOST_ROWS],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Takes back what was counted at some time, because the login went through after all.
    pub fn forgive(&mut self, keys: &Schluessel, counted: i64) -> Result<()> {
        let hashes = self.hashes(keys)?;
        let transaction = self.write()?;
        for hash in hashes {
            transaction.execute(
                "DELETE FROM fehlversuch WHERE rowid = (SELECT rowid FROM fehlversuch WHERE schluessel = ? AND zeit = ? LIMIT 1)",
                params![hash, counted],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn hashes(&self, keys: &Schluessel) -> Result<Vec<Vec<u8>>> {
        let here = keys.from_here.iter().map(|(key, _)| key);
        here.chain(&keys.from_anywhere)
            .map(|key| self.keyed(key.as_bytes()))
            .collect()
    }

    /// The HMAC of something that must not be read from the database, with a key of this database's own.
    pub(super) fn keyed(&self, secret_text: &[u8]) -> Result<Vec<u8>> {
        let key: Option<Vec<u8>> = self
            .connection
            .prepare_cached("SELECT wert FROM geheimnis WHERE name = 'anmeldung'")?
            .query_row([], |row| row.get(0))
            .optional()?;
        let key = match key {
            Some(key) => key,
            None => self.fresh_key()?,
        };
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).context("HMAC nimmt Schlüssel jeder Länge")?;
        mac.update(secret_text);
        Ok(mac.finalize().into_bytes().to_vec())
    }

    fn fresh_key(&self) -> Result<Vec<u8>> {
        let mut fresh = vec![0; 32];
        getrandom::fill(&mut fresh)
            .map_err(|error| anyhow::anyhow!("Das Betriebssystem gibt keinen Zufall her: {error}"))?;
        self.connection.execute(
            "INSERT OR IGNORE INTO geheimnis (name, wert) VALUES ('anmeldung', ?)",
            [fresh],
        )?;
        Ok(self
            .connection
            .query_row("SELECT wert FROM geheimnis WHERE name = 'anmeldung'", [], |row| {
                row.get(0)
            })?)
    }
}

/// Nothing for the first twenty; then a tenth of a second that doubles with every ten more, up to four seconds.
fn pause_after(failures: u32) -> Duration {
    match failures.checked_sub(20) {
        None => Duration::ZERO,
        Some(more) => Duration::from_millis((100_u64 << (more / 10).min(16)).min(4000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_from_everywhere_cost_time_and_never_more_than_a_breath() {
        let milliseconds = |failures| pause_after(failures).as_millis();
        assert_eq!(milliseconds(19), 0);
        assert_eq!(milliseconds(20), 100);
        assert_eq!(milliseconds(45), 400);
        assert_eq!(milliseconds(u32::MAX), 4000);
    }
}
