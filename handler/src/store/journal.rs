//! The journal: append-only and hash-chained, so that a loss or a change shows.

use crate::clock::Moment;
use anyhow::Result;
use rusqlite::{OptionalExtension, Transaction, params};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Appends an entry within the transaction of what it records. The record holds no e-mail address and no file name.
/// Time and kind are in it, so that the chain holds them too. Gives the entry's number. The chain is SHA-256 over the chain before and the record's hash, both as hexadecimal text.
pub(super) fn append<T: Serialize>(transaction: &Transaction<'_>, now: Moment, art: &str, record: &T) -> Result<i64> {
    let mut record = serde_json::to_value(record)?;
    if let Value::Object(fields) = &mut record {
        fields.insert("zeit".to_owned(), now.iso().into());
        fields.insert("art".to_owned(), art.into());
    }
    let record = canonical(&record)?;
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
    Ok(serde_json::to_string(&sorted(serde_json::to_value(record)?))?)
}

/// Objects with their keys in order, whatever order serde_json was built to keep.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let in_order: BTreeMap<String, Value> =
                fields.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(in_order.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The SHA-256 of some bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_the_same_whatever_order_its_fields_came_in() {
        let one = serde_json::json!({ "b": [{ "d": 1, "c": null }], "a": "ä" });
        let other = serde_json::json!({ "a": "ä", "b": [{ "c": null, "d": 1 }] });
        assert_eq!(
            canonical(&one).expect("JSON"),
            "{\"a\":\"ä\",\"b\":[{\"c\":null,\"d\":1}]}"
        );
        assert_eq!(canonical(&one).expect("JSON"), canonical(&other).expect("JSON"));
    }
}
