//! Finds an address in every table there is, whatever it is called.

use super::Store;
use anyhow::Result;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value, json};

/// A table in which an address stands, and the rows that hold it.
#[derive(Debug)]
pub struct Fund {
    pub tabelle: String,
    pub zeilen: Vec<Map<String, Value>>,
}

/// A Träger that has named an address.
#[derive(Debug)]
pub struct Benennung {
    pub nummer: String,
    pub name: String,
    pub gesperrt: bool,
    /// Sessions of the Träger; with which address they began is not kept.
    pub sitzungen: u32,
}

impl Store {
    /// Every row of every table that holds an address in any column, however its letters are written.
    pub fn funde(&self, email: &str) -> Result<Vec<Fund>> {
        let mut tables: Vec<(String, Vec<String>)> = Vec::new();
        for (table, column) in self.columns(|_| true)? {
            match tables.last_mut() {
                Some((last, columns)) if *last == table => columns.push(column),
                _ => tables.push((table, vec![column])),
            }
        }
        let mut funde = Vec::new();
        for (tabelle, columns) in tables {
            let holds: Vec<String> = columns
                .iter()
                .map(|column| format!("instr(lower(CAST(\"{column}\" AS TEXT)), lower(?1))"))
                .collect();
            let sql = format!("SELECT * FROM \"{tabelle}\" WHERE {}", holds.join(" OR "));
            let mut statement = self.connection.prepare(&sql)?;
            let mut rows = statement.query([email])?;
            let mut zeilen = Vec::new();
            while let Some(row) = rows.next()? {
                let mut zeile = Map::new();
                for (n, column) in columns.iter().enumerate() {
                    zeile.insert(column.clone(), as_json(row.get_ref(n)?));
                }
                zeilen.push(zeile);
            }
            if !zeilen.is_empty() {
                funde.push(Fund { tabelle, zeilen });
            }
        }
        Ok(funde)
    }

    /// Who has named an address.
    pub fn benennungen(&self, email: &str) -> Result<Vec<Benennung>> {
        let mut statement = self.connection.prepare(
            "SELECT t.nummer, t.name, a.gesperrt, (SELECT count(*) FROM sitzung WHERE traeger = t.nummer)
             FROM adresse AS a JOIN traeger AS t ON t.nummer = a.traeger WHERE lower(a.email) = lower(?) ORDER BY t.nummer",
        )?;
        let benennungen = statement.query_map([email], |row| {
            Ok(Benennung {
                nummer: row.get(0)?,
                name: row.get(1)?,
                gesperrt: row.get(2)?,
                sitzungen: row.get(3)?,
            })
        })?;
        Ok(benennungen.collect::<Result<_, _>>()?)
    }
}

/// Bytes are told by their length: hashes and workbooks are no answer to anybody.
fn as_json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => json!(number),
        ValueRef::Real(number) => json!(number),
        ValueRef::Text(text) => json!(String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => json!(format!("{} Byte", bytes.len())),
    }
}
