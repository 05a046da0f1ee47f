//! The journal: append-only and hash-chained, so that a loss or a change shows.

use crate::clock::Moment;
use anyhow::Result;
use rusqlite::{OptionalExtension, Transaction, params};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Appends an entry within the transaction of what it records. The record holds no e-mail address and no file name.
/// Gives the entry's number. The chain is SHA-256 over the chain before and the record's hash, both as hexadecimal text.
pub(super) fn append<T: Serialize>(transaction: &Transaction<'_>, now: Moment, art: &str, record: &T) -> Result<i64> {
    let record = canonical(record)?;
    let record_hash = hex(&Sha256::digest(record.as_bytes()));
    let last: Option<(i64, String)> = transaction
        .query_row("SELECT nr, kette FROM journal ORDER BY nr DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let (nr, before) = last.map_or((1, String::new()), |(nr, kette)| (nr + 1, kette));
    let kette = hex(&Sha256::new()
        .chain_update(&before)
        .chain_update(&record_hash)
        .finalize());
    transaction.execute(
        "INSERT INTO journal (nr, zeit, art, record_hash, kette) VALUES (?, ?, ?, ?, ?)",
        params![nr, now.iso(), art, record_hash, kette],
    )?;
    transaction.execute(
        "INSERT INTO journal_record (nr, record) VALUES (?, ?)",
        params![nr, record],
    )?;
    Ok(nr)
}

/// JSON with sorted keys and no blanks, so that the same record has the same hash anywhere.
fn canonical<T: Serialize>(record: &T) -> Result<String> {
    // serde_json's own map is sorted by key.
    Ok(serde_json::to_string(&serde_json::to_value(record)?)?)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The SHA-256 of some bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
