//! What a Meldung changes against the version that counted so far, in words.

use super::meldung::{Beleg, Eingang, Summe};
use anyhow::Result;
use form::{Cent, Form, Prefill, Row, Rows, Sheet, SheetKind};
use rusqlite::{OptionalExtension, Transaction, params};
use serde::Deserialize;
use std::collections::BTreeMap;

/// „3 Schulen geändert; Summe verausgabtes Chancenbudget +12.400,00 €“, or nothing where no version counted before.
pub(super) fn against_what_counts(transaction: &Transaction<'_>, eingang: &Eingang<'_>) -> Result<String> {
    let before: Option<(String, String)> = transaction
        .query_row(
            "SELECT m.beleg, r.record FROM meldung_gueltig AS m JOIN journal_record AS r ON r.nr = m.journal_nr WHERE m.runde = ? AND m.traeger = ?",
            params![eingang.runde.kennung, eingang.traeger],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((beleg, record)) = before else {
        return Ok(String::new());
    };
    let beleg: Beleg = serde_json::from_str(&beleg)?;
    let record: Record = serde_json::from_str(&record)?;
    Ok(in_words(
        eingang.form,
        (&record.zeilen, &beleg.summen),
        (eingang.rows, &eingang.beleg.summen),
    ))
}

/// What is needed here of a Meldung's record in the journal.
#[derive(Deserialize)]
struct Record {
    zeilen: Rows,
}

fn in_words(form: &Form, before: (&Rows, &[Summe]), after: (&Rows, &[Summe])) -> String {
    let changed = |per_school: bool| -> usize {
        let sheets = form
            .sheets
            .iter()
            .filter(|sheet| (sheet.kind == SheetKind::PerSchool) == per_school);
        sheets
            .map(|sheet| differing_lines(sheet, lines(before.0, sheet), lines(after.0, sheet)))
            .sum()
    };
    let mut parts = vec![match (changed(true), changed(false)) {
        (0, 0) => "Die Angaben sind dieselben".to_owned(),
        (0, _) => "Geändert sind nur Angaben außerhalb der Liste der Schulen".to_owned(),
        (1, _) => "1 Schule geändert".to_owned(),
        (n, _) => format!("{n} Schulen geändert"),
    }];
    for new in after.1 {
        let old = before.1.iter().find(|old| old.label == new.label);
        let difference = Cent(new.cent.0 - old.map_or(0, |old| old.cent.0));
        if difference.0 != 0 {
            let sign = if difference.0 > 0 { "+" } else { "" };
            parts.push(format!("{} {sign}{difference}", new.label));
        }
    }
    parts.join("; ")
}

fn lines<'a>(rows: &'a Rows, sheet: &Sheet) -> &'a [Row] {
    rows.get(&sheet.id).map_or(&[], Vec::as_slice)
}

/// Lines that changed, came or went. A school is known by its number: one that left does not move the others.
fn differing_lines(sheet: &Sheet, before: &[Row], after: &[Row]) -> usize {
    let key = sheet
        .fields
        .iter()
        .find(|field| field.prefill == Some(Prefill::SchuleNummer));
    let by_key = |lines: &[Row]| -> BTreeMap<String, Row> {
        let lines = lines.iter().enumerate();
        lines
            .map(|(n, line)| match key.and_then(|field| line.get(&field.id)) {
                Some(nummer) => (nummer.text(), line.clone()),
                None => (format!("Zeile {n}"), line.clone()),
            })
            .collect()
    };
    let (before, after) = (by_key(before), by_key(after));
    let gone = before.keys().filter(|nummer| !after.contains_key(*nummer)).count();
    let new_or_changed = after.iter().filter(|(nummer, line)| before.get(*nummer) != Some(line));
    gone + new_or_changed.count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use form::Value;

    const DEFINITION: &str =
        include_str!("../../../content/startchancen-nrw/formularschrank/chancenbudget/formular.toml");

    fn schulen(amounts: &[(&str, i64)]) -> Rows {
        let line = |(nummer, cent): &(&str, i64)| {
            Row::new([
                ("schulnummer", Value::Text((*nummer).to_owned())),
                ("verausgabt", Value::Money(Cent(*cent))),
            ])
        };
        Rows::from([("schulen".to_owned(), amounts.iter().map(line).collect())])
    }

    fn sum(amounts: &[(&str, i64)]) -> Vec<Summe> {
        let cent = Cent(amounts.iter().map(|(_, cent)| cent).sum());
        let label = "verausgabt".to_owned();
        vec![Summe { label, cent }]
    }

    fn check(before: &[(&str, i64)], after: &[(&str, i64)], words: &str) {
        let form = Form::parse(DEFINITION).expect("the form");
        let (before, after) = ((schulen(before), sum(before)), (schulen(after), sum(after)));
        assert_eq!(in_words(&form, (&before.0, &before.1), (&after.0, &after.1)), words);
    }

    #[test]
    fn three_changed_schools_and_the_difference_are_named() {
        let before = [("100001", 100), ("100002", 200), ("100003", 300), ("100004", 400)];
        let after = [
            ("100001", 100),
            ("100002", 700_200),
            ("100003", 300_300),
            ("100004", 240_400),
        ];
        check(&before, &after, "3 Schulen geändert; verausgabt +12.400,00 €");
    }

    #[test]
    fn a_school_that_left_does_not_count_the_others_as_changed() {
        let before = [("100001", 100), ("100002", 200), ("100003", 300)];
        check(&before, &before[1..], "1 Schule geändert; verausgabt -1,00 €");
        check(&before[1..], &before, "1 Schule geändert; verausgabt +1,00 €");
    }

    #[test]
    fn the_same_figures_are_said_to_be_the_same() {
        let rows = [("100001", 100)];
        check(&rows, &rows, "Die Angaben sind dieselben");
    }
}
