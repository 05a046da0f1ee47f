//! Does each cell hold what it should?

use crate::common::{codes, deckblatt, examined, filled, form, hints, schulen, vordruck};
use crate::{cell, check};
use expect_test::expect;
use form::testing::Typed::{Formula, Nothing, Number, Text};
use form::testing::{edit, part};
use form::write;

#[test]
fn blanks_are_named_and_blank_signs_are_blanks() {
    assert_eq!(cell("H5", Nothing), "V1 Schulen H5\n");
    assert_eq!(cell("H5", Text(" \u{a0}\u{200b}")), "V1 Schulen H5\n");
    assert_eq!(codes(&deckblatt(&[("B14", Nothing)])), "V1 Deckblatt B14\n");
}

#[test]
fn amounts_are_read_however_they_were_typed() {
    for typed in [
        Number("5000"),
        Number("5E3"),
        Number("5000.000000000001"),
        Text("5.000,00 €"),
        Text("5000"),
        Text("5 000,00\u{202f}EUR"),
        Text("5.000,-"),
        Formula("2500+2500", Some("5000")),
    ] {
        assert_eq!(cell("H5", typed), "", "{typed:?}");
    }
}

#[test]
fn amounts_that_nobody_can_be_sure_of_are_asked_back() {
    check(
        &schulen(&[("H5", Text("5.000"))]),
        expect![[r#"
            Blatt „Schulen“, Zelle H5 (Verausgabtes Chancenbudget), Duisburg, GG Eins: Eingetragen ist „5.000“. Erwartet wird ein Betrag, der sich nur auf eine Weise lesen lässt. Geben Sie bei vollen Euro 5000,00 ein, sonst den Betrag mit Komma und zwei Nachkommastellen. [V2]
        "#]],
    );
    for text in ["k.A.", "ca. 5.000 €", "5000 (geschätzt)", "5 Tsd.", "01.05.2026"] {
        assert_eq!(cell("H5", Text(text)), "V2 Schulen H5\n", "{text}");
    }
}

#[test]
fn too_many_decimals_and_negative_amounts_are_named() {
    assert_eq!(cell("H5", Number("5000.005")), "V4 Schulen H5\n");
    assert_eq!(cell("H5", Text("5000,123")), "V4 Schulen H5\n");
    check(
        &schulen(&[("H5", Number("-0.01"))]),
        expect![[r#"
            Blatt „Schulen“, Zelle H5 (Verausgabtes Chancenbudget), Duisburg, GG Eins: Eingetragen ist „-0,01 €“. Erwartet wird ein Betrag von mindestens 0,00 €. Geben Sie 0,00 € oder mehr ein. [V3]
        "#]],
    );
}

#[test]
fn amounts_beyond_all_measure_do_no_harm() {
    let huge = Number("1E+300");
    assert_eq!(cell("H5", Number("1E+300")), "V2 Schulen H5\n");
    let workbook = schulen(&[("H5", huge), ("H6", huge), ("H7", Text("9999999999999999999"))]);
    let examination = examined(&workbook);
    write(&form(), &vordruck(), &examination.eintraege).expect("a Korrekturfassung");
}

#[test]
fn a_date_in_a_cell_for_amounts_is_shown_as_people_see_it() {
    let style = part(&filled(), "xl/worksheets/sheet2.xml");
    let style = style
        .split("<c r=\"B7\" s=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a date's style");
    let dated = edit(&filled(), "xl/worksheets/sheet3.xml", |xml| {
        let start = xml.find("<c r=\"H5\"").expect("H5");
        let end = start + xml[start..].find("</c>").expect("its end") + 4;
        format!(
            "{}<c r=\"H5\" s=\"{style}\"><v>46143</v></c>{}",
            &xml[..start],
            &xml[end..]
        )
    });
    let found = examined(&dated).findings;
    assert_eq!((found[0].code.as_str(), found[0].read.as_str()), ("V2", "01.05.2026"));
}

#[test]
fn choices_are_taken_by_code_or_label_and_nothing_else() {
    for text in [
        "B1",
        "b1",
        "Deutsch, Lesen, Schreiben",
        "B1 - Deutsch, Lesen, Schreiben",
        "B1–deutsch,lesen,schreiben",
        "B1 \u{2011} Deutsch, Lesen, Schreiben",
        "B1: Deutsch, Lesen, Schreiben",
        "B1 Deutsch, Lesen, Schreiben",
        "„B1“",
        "(B1)",
        "B1 –",
    ] {
        assert_eq!(cell("O5", Text(text)), "", "{text}");
    }
    for text in ["B9", "B1/B2", "Deutsch", ".", "–"] {
        assert_eq!(cell("O5", Text(text)), "V16 Schulen O5\n", "{text}");
    }
    assert_eq!(cell("O5", Text("B1, B2")), "V16 Schulen O5\n");
}

#[test]
fn yes_and_no_are_taken_as_people_write_them() {
    for yes in ["ja", "Ja ", "J", "x"] {
        assert_eq!(codes(&deckblatt(&[("B15", Text(yes))])), "", "{yes}");
    }
    check(
        &deckblatt(&[("B16", Text("teilweise"))]),
        expect![[r#"
            Blatt „Deckblatt“, Zelle B16 (Belege liegen vor): Eingetragen ist „teilweise“. Erwartet wird „ja“ oder „nein“. Wählen Sie „ja“ oder „nein“ aus der Liste. [V16]
        "#]],
    );
}

#[test]
fn error_values_are_called_as_excel_calls_them_and_only_in_input_cells() {
    let with_error = |name: &str, error: &str| {
        edit(&filled(), "xl/worksheets/sheet3.xml", |xml| {
            let start = xml.find(&format!("<c r=\"{name}\"")).expect("the cell");
            let end = start + xml[start..].find("</c>").expect("its end") + 4;
            format!(
                "{}<c r=\"{name}\" t=\"e\"><f>A1</f><v>{error}</v></c>{}",
                &xml[..start],
                &xml[end..]
            )
        })
    };
    check(
        &with_error("H5", "#REF!"),
        expect![[r#"
            Blatt „Schulen“, Zelle H5 (Verausgabtes Chancenbudget), Duisburg, GG Eins: Eingetragen ist „#BEZUG!“. Erwartet wird ein Wert, hier steht die Fehlermeldung einer Formel. Ersetzen Sie die Formel durch den Wert. [V9]
        "#]],
    );
    let newer = examined(&with_error("H5", "#SPILL!")).findings;
    assert_eq!((newer[0].code.as_str(), newer[0].read.as_str()), ("V9", "#ÜBERLAUF!"));
    assert_eq!(codes(&with_error("Q5", "#REF!")), "");
}

#[test]
fn a_text_that_looks_like_an_error_is_a_text() {
    assert_eq!(cell("S5", Text("#Lesen!")), "");
}

#[test]
fn formulas_without_a_result_say_what_to_do() {
    check(
        &schulen(&[("H5", Formula("1+1", None))]),
        expect![[r#"
            Blatt „Schulen“, Zelle H5 (Verausgabtes Chancenbudget), Duisburg, GG Eins: Eingetragen ist „=…“. Erwartet wird ein Wert, hier steht eine Formel, deren Ergebnis in der Datei fehlt. Öffnen Sie die Datei in Excel, speichern Sie sie einmal und laden Sie sie erneut hoch. Oder ersetzen Sie die Formel durch den Wert. [V10]
        "#]],
    );
    // Sums are worked out here, whatever their cells hold.
    assert_eq!(cell("Q5", Formula("F5-H5", None)), "");
    assert_eq!(cell("Q5", Formula("F5-H5", Some("0"))), "");
}

#[test]
fn a_long_note_is_counted() {
    let long = "ä".repeat(251);
    let found = examined(&schulen(&[("S5", Text(&long))])).findings;
    assert_eq!(
        (found[0].code.as_str(), found[0].expected.as_str()),
        ("V17", "ein Text mit höchstens 250 Zeichen, es sind 251")
    );
    assert_eq!(cell("S5", Text(&long[2..])), "");
}

#[test]
fn a_hidden_row_is_mentioned() {
    let hidden = edit(&schulen(&[("H6", Nothing)]), "xl/worksheets/sheet3.xml", |xml| {
        xml.replace("<row r=\"6\"", "<row r=\"6\" hidden=\"1\"")
    });
    assert!(
        hints(&hidden).contains("Die Zeile ist ausgeblendet oder weggefiltert. Blenden Sie sie zuerst ein"),
        "{}",
        hints(&hidden)
    );
}
