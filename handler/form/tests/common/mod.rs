//! The real form with a small Träger, filled as the test says.
#![allow(dead_code)] // Each test file uses its part of it.

use form::testing::{self, Typed, fill};
use form::{Eintraege, Examination, Form, Spot, Vordruck, examine, write};
use std::borrow::Cow;

pub const DEFINITION: &str =
    include_str!("../../../../content/startchancen-nrw/formularschrank/chancenbudget/formular.toml");

pub fn form() -> Form {
    Form::parse(DEFINITION).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// Three schools with 10.000, 20.000 and 30.000 euros.
pub fn vordruck() -> Vordruck {
    testing::vordruck(&["Duisburg, GG Eins", "Duisburg, GG Zwei", "Duisburg, KG Drei"])
}

/// The workbook as it is handed out.
pub fn empty() -> Vec<u8> {
    write(&form(), &vordruck(), &Eintraege::default()).expect("a workbook")
}

/// Everything filled in, nothing to complain about: each school spent half of its money on Personal.
pub fn filled() -> Vec<u8> {
    let yes = Typed::Text("ja");
    let workbook = fill(&empty(), "Deckblatt", &[("B14", yes), ("B15", yes), ("B16", yes)]);
    let mut cells: Vec<(String, Typed<'_>)> = Vec::new();
    for (row, half) in [(5, "5000"), (6, "10000"), (7, "15000")] {
        for (column, typed) in [
            ("H", Typed::Number(half)),
            ("I", Typed::Number(half)),
            ("J", Typed::Number("0")),
            ("K", Typed::Number("0")),
            ("L", Typed::Number("0")),
            ("M", Typed::Number("0")),
            ("N", Typed::Number("0")),
            ("O", Typed::Text("B1 – Deutsch, Lesen, Schreiben")),
            ("R", Typed::Text("R2")),
        ] {
            cells.push((format!("{column}{row}"), typed));
        }
    }
    let cells: Vec<(&str, Typed<'_>)> = cells.iter().map(|(name, typed)| (name.as_str(), *typed)).collect();
    fill(&workbook, "Schulen", &cells)
}

pub fn examined(workbook: &[u8]) -> Examination {
    examined_twice(&form(), workbook)
}

/// The examination of a workbook, once it is sure that the kept copy gives the same one.
#[track_caller]
pub fn examined_twice(form: &Form, workbook: &[u8]) -> Examination {
    let first = examine(form, &vordruck(), workbook).expect("readable");
    let again = examine(form, &vordruck(), &first.repacked).expect("readable");
    assert_eq!(again.findings, first.findings, "of the kept copy");
    assert_eq!(again.rows, first.rows, "of the kept copy");
    assert_eq!(again.eintraege.notes, first.eintraege.notes, "of the kept copy");
    assert_eq!(shown(&again), shown(&first), "of the kept copy");
    assert!(again.repacked == first.repacked, "the copy of the kept copy differs");
    first
}

/// What was typed, as people see it.
fn shown(examination: &Examination) -> Vec<(&Spot, Cow<'_, str>)> {
    let cells = examination.eintraege.cells.iter();
    cells.map(|(spot, cell)| (spot, cell.shown())).collect()
}

/// All hints of a workbook, a line each.
pub fn hints(workbook: &[u8]) -> String {
    examined(workbook)
        .findings
        .iter()
        .map(|finding| format!("{finding}\n"))
        .collect()
}

/// The filled form with other values in some cells of the sheet „Schulen“.
pub fn schulen(cells: &[(&str, Typed<'_>)]) -> Vec<u8> {
    fill(&filled(), "Schulen", cells)
}

/// The filled form with other values in some cells of the sheet „Deckblatt“.
pub fn deckblatt(cells: &[(&str, Typed<'_>)]) -> Vec<u8> {
    fill(&filled(), "Deckblatt", cells)
}

/// Codes and places only: `V2 Schulen H5, H6`; other severities than `fehler` are named.
pub fn codes(workbook: &[u8]) -> String {
    codes_of(&examined(workbook))
}

pub fn codes_of(examination: &Examination) -> String {
    let line = |finding: &form::Finding| {
        let severity = match finding.severity {
            form::Severity::Fehler => "",
            form::Severity::Bestaetigen => " bestaetigen",
            form::Severity::Hinweis => " hinweis",
        };
        let words = [
            finding.code.as_str(),
            &finding.place.sheet,
            &finding.place.cells.join(", "),
        ];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        format!("{}{severity}\n", words.join(" "))
    };
    examination.findings.iter().map(line).collect()
}
