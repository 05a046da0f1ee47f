//! Our workbooks keep what ECMA-376 and Excel's limits ask, so that no program repairs or refuses them.

#[path = "../common/mod.rs"]
mod common;
mod package;
mod rules;

use common::{empty, examined, filled, form, schulen, vordruck};
use form::testing::{Typed, edit, fill};
use form::{Eintraege, Form, beispiel, examine, write};
use rules::complaints;

const ALL_KINDS: &str = include_str!("../common/alle_arten.toml");
const BOOK: &str = "xl/workbook.xml";
const SCHULEN: &str = "xl/worksheets/sheet3.xml";

#[track_caller]
fn is_sound(workbook: &[u8]) {
    assert_eq!(complaints(workbook), Vec::<String>::new());
}

#[test]
fn blank_and_filled_forms_are_sound() {
    is_sound(&empty());
    let all_kinds = Form::parse(ALL_KINDS).expect("a form");
    is_sound(&write(&all_kinds, &vordruck(), &Eintraege::default()).expect("a workbook"));
    for form in [form(), all_kinds] {
        let made = beispiel(&form, "2026-11-22".parse().expect("a day")).expect("workbooks");
        let made = made.expect("a day in the calendar");
        is_sound(&made.muster);
        made.ausgefuellt.iter().for_each(|workbook| is_sound(workbook));
    }
}

#[test]
fn a_korrekturfassung_is_sound() {
    let faulty = schulen(&[
        ("H5", Typed::Text("ca. 12.000 € & <mehr>")),
        ("I6", Typed::Number("-3")),
        ("O7", Typed::Text("Lesen und so")),
        ("S5", Typed::Text("=1+1")),
        ("S6", Typed::Text("Zeile eins\nZeile zwei ")),
        ("Z99", Typed::Text("Notiz")),
    ]);
    is_sound(&write(&form(), &vordruck(), &examined(&faulty).eintraege).expect("a workbook"));
    let all_kinds = Form::parse(ALL_KINDS).expect("a form");
    let workbook = write(&all_kinds, &vordruck(), &Eintraege::default()).expect("a workbook");
    let workbook = fill(&workbook, "Weitere Zeilen", &[("A5", Typed::Text("Etwas"))]);
    let examination = examine(&all_kinds, &vordruck(), &workbook).expect("readable");
    assert!(!examination.findings.is_empty());
    is_sound(&write(&all_kinds, &vordruck(), &examination.eintraege).expect("a workbook"));
}

/// What is complained about when one text of a part is replaced by another.
#[track_caller]
fn broken(part: &str, old: &str, new: &str) -> String {
    let workbook = edit(&filled(), part, |xml| {
        assert!(xml.contains(old), "no {old} in {xml}");
        xml.replacen(old, new, 1)
    });
    complaints(&workbook).join("\n")
}

#[test]
fn each_rule_notices_what_breaks_it() {
    let styles = "xl/styles.xml";
    let rels = "xl/_rels/workbook.xml.rels";
    for (part, old, new, expected) in [
        (
            SCHULEN,
            "<sheetData>",
            "<pageMargins/><sheetData>",
            "sheetData stands after pageMargins",
        ),
        (SCHULEN, "<row r=\"6\"", "<row r=\"5\"", "row 5 after 5"),
        (SCHULEN, "<c r=\"B5\"", "<c r=\"A5\"", "cell A5 in row 5"),
        (
            SCHULEN,
            "promptTitle=\"",
            "promptTitle=\"Ein Titel, der viel zu lang für Excel ist",
            "promptTitle of",
        ),
        (SCHULEN, "dxfId=\"", "dxfId=\"9", "no format 9"),
        (
            SCHULEN,
            "</row>",
            "<c r=\"ZZ1\" t=\"s\"><v>99999</v></c></row>",
            "ZZ1 holds",
        ),
        (SCHULEN, "</worksheet>", "", "it ends early"),
        (
            BOOK,
            "name=\"Schulen\"",
            "name=\"DECKBLATT\"",
            "sheet name „DECKBLATT“ comes twice",
        ),
        (
            BOOK,
            "name=\"Schulen\"",
            "name=\"a/b\"",
            "Excel takes no sheet name „a/b“",
        ),
        (
            BOOK,
            "name=\"formular_schulen_verausgabt\"",
            "name=\"R2 D2\"",
            "„R2 D2“ is no defined name",
        ),
        (
            BOOK,
            "name=\"formular_schulen_verausgabt\"",
            "name=\"AB12\"",
            "„AB12“ is no defined name",
        ),
        (BOOK, "'Schulen'!$H$5", "'Schule'!$H$5", "refers to 'Schule'!"),
        (styles, "<fonts count=\"", "<fonts count=\"9", "fonts count"),
        ("xl/sharedStrings.xml", "uniqueCount=\"", "uniqueCount=\"9", "strings ("),
        (
            "[Content_Types].xml",
            "/xl/styles.xml",
            "/xl/stile.xml",
            "a content type for /xl/stile.xml",
        ),
        (rels, "styles.xml", "stile.xml", "which is not there"),
        (rels, "Id=\"rId1\"", "Id=\"rId2\"", "id „rId2“ comes twice"),
    ] {
        let found = broken(part, old, new);
        assert!(found.contains(expected), "{part}: {new}: {found}");
    }
}
