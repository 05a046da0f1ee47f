//! Typed tables made from a form's definition: `<kennung>_<sheet>`, and the view of the rows that count.

use super::runde;
use anyhow::Result;
use form::{Cent, Field, FieldKind, Form, Prefill, Rows, Sheet, SheetKind, Value};
use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, Transaction, params_from_iter};
use std::collections::{BTreeMap, BTreeSet};

/// Names come from checked ids (`a-z0-9_`), so that they can stand in a statement.
pub(super) fn table(form: &Form, sheet: &Sheet) -> String {
    format!("{}_{}", form.kennung, sheet.id)
}

/// Creates what is missing: tables, columns of fields that are new, views.
pub(super) fn create(transaction: &Transaction<'_>, form: &Form) -> Result<()> {
    for sheet in &form.sheets {
        let table = table(form, sheet);
        transaction.execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS \"{table}\" (
                 meldung TEXT NOT NULL REFERENCES meldung (nummer) ON DELETE CASCADE,
                 zeile INTEGER NOT NULL,
                 PRIMARY KEY (meldung, zeile)
             ) STRICT, WITHOUT ROWID;"
        ))?;
        let mut statement = transaction.prepare("SELECT name FROM pragma_table_info(?)")?;
        let known: Vec<String> = statement
            .query_map([&table], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for field in sheet.fields.iter().filter(|field| !known.contains(&field.column())) {
            transaction.execute_batch(&format!(
                "ALTER TABLE \"{table}\" ADD COLUMN \"{}\" {};",
                field.column(),
                column_type(field)
            ))?;
        }
        transaction.execute_batch(&format!(
            "DROP VIEW IF EXISTS \"{table}_gueltig\";
             CREATE VIEW \"{table}_gueltig\" AS
             SELECT m.runde, m.traeger AS meldet, t.* FROM \"{table}\" AS t JOIN meldung_gueltig AS m ON m.nummer = t.meldung;"
        ))?;
    }
    Ok(())
}

fn column_type(field: &Field) -> &'static str {
    match field.kind {
        FieldKind::Money | FieldKind::Computed(_) | FieldKind::Integer => "INTEGER",
        _ => "TEXT",
    }
}

/// Stores the rows of a Meldung.
pub(super) fn insert(transaction: &Transaction<'_>, form: &Form, nummer: &str, rows: &Rows) -> Result<()> {
    for sheet in &form.sheets {
        let columns: String = sheet
            .fields
            .iter()
            .map(|field| format!(", \"{}\"", field.column()))
            .collect();
        let marks = ", ?".repeat(sheet.fields.len());
        let mut statement = transaction.prepare(&format!(
            "INSERT INTO \"{}\" (meldung, zeile{columns}) VALUES (?, ?{marks})",
            table(form, sheet)
        ))?;
        for (line, row) in rows.get(&sheet.id).into_iter().flatten().enumerate() {
            let head = [SqlValue::Text(nummer.to_owned()), SqlValue::Integer(line as i64 + 1)];
            statement.execute(params_from_iter(head.into_iter().chain(sql_values(sheet, row))))?;
        }
    }
    Ok(())
}

/// A row as its table holds it, in the order of the fields.
pub(super) fn sql_values(sheet: &Sheet, row: &form::Row) -> Vec<SqlValue> {
    let fields = sheet.fields.iter();
    fields.map(|field| sql_value(row.get(&field.id))).collect()
}

/// The rows of a Meldung in one table, in the order of their lines and fields.
pub(super) fn rows_of(connection: &Connection, form: &Form, sheet: &Sheet, nummer: &str) -> Result<Vec<Vec<SqlValue>>> {
    let columns: Vec<String> = sheet
        .fields
        .iter()
        .map(|field| format!("\"{}\"", field.column()))
        .collect();
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {} FROM \"{}\" WHERE meldung = ? ORDER BY zeile",
        columns.join(", "),
        table(form, sheet)
    ))?;
    let rows = statement.query_map([nummer], |row| {
        (0..sheet.fields.len())
            .map(|n| row.get(n))
            .collect::<Result<Vec<SqlValue>, _>>()
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What a table holds, as a value of its field.
pub(super) fn value_of(field: &Field, stored: SqlValue) -> Option<Value> {
    match stored {
        SqlValue::Integer(cent) if field.is_money() => Some(Value::Money(Cent(cent))),
        SqlValue::Integer(number) => Some(Value::Integer(number)),
        SqlValue::Text(text) => Some(match field.kind {
            FieldKind::YesNo => Value::YesNo(text == "ja"),
            FieldKind::Date => text.parse().map_or(Value::Text(text), Value::Date),
            _ => Value::Text(text),
        }),
        _ => None,
    }
}

fn sql_value(value: Option<&Value>) -> SqlValue {
    match value {
        None => SqlValue::Null,
        Some(Value::Money(cent)) => SqlValue::Integer(cent.0),
        Some(Value::Integer(number)) => SqlValue::Integer(*number),
        Some(Value::Date(date)) => SqlValue::Text(date.to_string()),
        Some(other) => SqlValue::Text(other.text()),
    }
}

/// The computed field of a list of schools that says what is left to be carried over.
pub(super) const REST: &str = "rest";

/// Whether a form says what is left of a school's money.
pub(super) fn has_rest(form: &Form) -> bool {
    let mut sheets = form.sheets.iter().filter(|sheet| sheet.kind == SheetKind::PerSchool);
    sheets.any(|sheet| sheet.field(REST).is_some_and(|field| field.formula().is_some()))
}

/// The sheet that every Meldung fills a line of for each of its schools, and the field that says which school.
pub(super) fn school_key(form: &Form) -> Option<(&Sheet, &Field)> {
    let mut sheets = form.sheets.iter();
    sheets.find_map(|sheet| {
        let everywhere = sheet.kind == SheetKind::PerSchool && sheet.only_if.is_none();
        let mut fields = sheet.fields.iter().filter(|_| everywhere);
        Some((
            sheet,
            fields.find(|field| field.prefill == Some(Prefill::SchuleNummer))?,
        ))
    })
}

/// The schools in each Meldung that counts, by who reports. A form that does not ask for schools is about all of them.
pub(super) fn reported_schools(
    connection: &Connection,
    form: &Form,
    runde: &str,
) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let sql = match school_key(form) {
        Some((sheet, field)) => format!(
            "SELECT meldet, \"{}\" FROM \"{}_gueltig\" WHERE runde = ?",
            field.column(),
            table(form, sheet)
        ),
        None => "SELECT meldet, nummer FROM runde_schule WHERE runde = ?".to_owned(),
    };
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([runde])?;
    let mut schools: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        schools.entry(row.get(0)?).or_default().insert(row.get(1)?);
    }
    Ok(schools)
}

/// The amounts that count in a Runde, by Schulnummer and field id; what is left of them too.
pub(super) fn amounts_by_school(connection: &Connection, form: &Form, runde: &str) -> Result<runde::LastAmounts> {
    let mut amounts = BTreeMap::new();
    for sheet in form.sheets.iter().filter(|sheet| sheet.kind == SheetKind::PerSchool) {
        let Some(key) = sheet
            .fields
            .iter()
            .find(|field| field.prefill == Some(Prefill::SchuleNummer))
        else {
            continue;
        };
        let fields: Vec<&Field> = sheet
            .fields
            .iter()
            .filter(|field| {
                field.kind == FieldKind::Money && field.is_input() || field.id == REST && field.formula().is_some()
            })
            .collect();
        let columns: String = fields.iter().map(|field| format!(", \"{}\"", field.column())).collect();
        let sql = format!(
            "SELECT \"{}\"{columns} FROM \"{}_gueltig\" WHERE runde = ?",
            key.column(),
            table(form, sheet)
        );
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query([runde])?;
        while let Some(row) = rows.next()? {
            let of_school: &mut BTreeMap<String, Cent> = amounts.entry(row.get::<_, String>(0)?).or_default();
            for (n, field) in fields.iter().enumerate() {
                if let Some(cent) = row.get::<_, Option<i64>>(n + 1)? {
                    of_school.insert(field.id.clone(), Cent(cent));
                }
            }
        }
    }
    Ok(amounts)
}
