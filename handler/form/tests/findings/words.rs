//! How it is said.

use crate::check;
use crate::common::{self, codes_of, examined, filled, form, schulen, vordruck};
use expect_test::expect;
use form::testing::Typed::{Number, Text};
use form::testing::{edit, part};
use form::{Form, examine, write};

#[test]
fn equal_findings_of_one_column_are_one_hint() {
    check(
        &schulen(&[("I5", Text("?")), ("I6", Text("?")), ("I7", Text("k.A."))]),
        expect![[r#"
            Blatt „Schulen“, Zellen I5, I6 (davon Honorare/Personal): Eingetragen ist „?“. Erwartet wird ein Betrag als Zahl. Geben Sie nur die Zahl ein, zum Beispiel 12000,00. [V2]
            Blatt „Schulen“, Zelle I7 (davon Honorare/Personal), Duisburg, KG Drei: Eingetragen ist „k.A.“. Erwartet wird ein Betrag als Zahl. Geben Sie nur die Zahl ein, zum Beispiel 12000,00. [V2]
        "#]],
    );
}

#[test]
fn a_blank_is_all_that_is_said_about_its_cell() {
    // Two rules ask for this note: too much under Sonstiges, and one that the test adds.
    let twice = format!(
        "{}\n[[rule]]\nkind = \"required_if\"\nsheet = \"schulen\"\nfield = \"anmerkung\"\nwenn = \"verausgabt > 0\"\n",
        common::DEFINITION
    );
    let form = Form::parse(&twice).unwrap_or_else(|problems| panic!("{problems:?}"));
    let workbook = schulen(&[
        ("I5", Number("0")),
        ("N5", Number("5000")),
        ("S6", Text("x")),
        ("S7", Text("x")),
    ]);
    assert_eq!(
        codes_of(&examine(&form, &vordruck(), &workbook).expect("readable")),
        "V7 Schulen S5\n"
    );
}

#[test]
fn a_hint_for_every_cell_of_a_huge_form_ends_somewhere() {
    let mut rows = String::new();
    for row in 9..6_000 {
        rows.push_str(&format!(
            "<row r=\"{row}\"><c r=\"B{row}\"><v>{}</v></c></row>",
            200_000 + row
        ));
    }
    let huge = edit(&filled(), "xl/worksheets/sheet3.xml", |xml| {
        xml.replace("</sheetData>", &format!("{rows}</sheetData>"))
    });
    let found = examined(&huge).findings;
    assert_eq!(found.len(), 2_002);
    assert_eq!(
        found[2_001].fix.split('.').next(),
        Some("Es gibt 3991 weitere Hinweise")
    );
}

#[test]
fn the_korrekturfassung_holds_what_was_typed_and_marks_what_is_wrong() {
    let examination = examined(&schulen(&[("H5", Text("ca. 5.000 €")), ("F6", Number("1"))]));
    let korrektur = write(&form(), &vordruck(), &examination.eintraege).expect("a workbook");
    let again = examined(&korrektur);
    // The locked cell is right again; the typed one is as it was.
    assert_eq!(codes_of(&again), "V2 Schulen H5\n");
    let comments = part(&korrektur, "xl/comments1.xml");
    assert_eq!(comments.matches("<comment ").count(), 1);
    assert!(
        comments.contains("ref=\"H5\"") && comments.contains("Erwartet wird ein Betrag als Zahl."),
        "{comments}"
    );
}

#[test]
fn whatever_was_typed_fits_into_a_korrekturfassung() {
    let long = "x".repeat(40_000);
    let examination = examined(&schulen(&[
        ("S5", Text(&long)),
        ("H5", Text("=1+1")),
        ("O5", Text("\u{7}")),
    ]));
    let korrektur = write(&form(), &vordruck(), &examination.eintraege).expect("a workbook");
    assert!(
        !part(&korrektur, "xl/worksheets/sheet3.xml").contains("<f>1+1</f>"),
        "what was typed is never a formula"
    );
}
