//! Odd, and nothing to complain about.

use crate::common::{codes_of, deckblatt, examined, filled, schulen};
use crate::{ANGABEN, BOOK, DECKBLATT, SCHULEN, antrag, antrag_examined, antrag_workbook, bare, with_1904};
use form::testing::Typed::{Formula, Nothing, Number, Text};
use form::testing::{Typed, edit, fill};
use form::{Cent, Row, Value};

/// Nothing is found and the rows are those of the filled form.
#[track_caller]
pub fn is_read_as_before(workbook: &[u8]) {
    let examination = examined(workbook);
    assert_eq!(codes_of(&examination), "");
    assert_eq!(examination.rows, examined(&filled()).rows);
}

/// The line of the first school.
#[track_caller]
fn first_school(workbook: &[u8]) -> Row {
    let examination = examined(workbook);
    assert_eq!(codes_of(&examination), "");
    examination.rows.expect("rows")["schulen"][0].clone()
}

/// What one line of the sheet „Angaben“ came to.
#[track_caller]
fn angabe(cell: &str, typed: Typed<'_>, field: &str) -> Option<Value> {
    let examination = antrag(&[(cell, typed)], &[]);
    assert_eq!(codes_of(&examination), "", "{typed:?}");
    examination.rows.expect("rows")["angaben"][0].get(field).cloned()
}

// Numbers.

#[test]
fn amounts_typed_as_text_are_exact_to_the_cent() {
    for (text, cent) in [
        ("5.000,00", 500_000),
        ("5000,00 €", 500_000),
        ("5 000,00", 500_000),
        ("5\u{a0}000,00\u{a0}€", 500_000),
        ("5.000,00 Euro", 500_000),
        ("+5000", 500_000),
        ("5'000,00", 500_000),
        ("'5000", 500_000),
    ] {
        let examination = examined(&schulen(&[("H5", Text(text))]));
        assert_eq!(codes_of(&examination), "", "{text}");
        let rows = examination.rows.expect("rows");
        assert_eq!(rows["schulen"][0].money("verausgabt"), Some(Cent(cent)), "{text}");
    }
}

#[test]
fn float_noise_in_sums_is_no_difference() {
    let row = first_school(&schulen(&[
        ("H5", Number("0.30000000000000004")),
        ("I5", Number("0.1")),
        ("J5", Number("0.2")),
    ]));
    assert_eq!(row.money("verausgabt"), Some(Cent(30)));
}

#[test]
fn whole_numbers_with_a_decimal_or_float_noise_are_whole() {
    for typed in [
        Number("5"),
        Number("5.0"),
        Text("5.0"),
        Text("5,00"),
        Text(" 5\u{a0}"),
        Number("4.9999999999999991"),
        Formula("2+3", Some("5.0000000000000009")),
    ] {
        assert_eq!(angabe("B4", typed, "anzahl"), Some(Value::Integer(5)), "{typed:?}");
    }
}

#[test]
fn a_schulnummer_that_lost_its_leading_zero_gets_it_back() {
    for typed in [
        Number("12345"),
        Text("12345"),
        Text("012345"),
        Text("12345.0"),
        Number("12345.0"),
    ] {
        assert_eq!(
            angabe("B6", typed, "schule"),
            Some(Value::Text("012345".to_owned())),
            "{typed:?}"
        );
    }
}

#[test]
fn days_are_read_as_text_and_with_a_time_of_day() {
    let day = "2025-12-31".parse().map(Value::Date).ok();
    for text in [
        "31.12.2025",
        "2025-12-31",
        "31.12.2025 00:00:00",
        "31.12.2025 14:30",
        "2025-12-31T00:00:00Z",
        "\u{a0}31.12.2025 ",
        "31. 12. 2025",
        "31. Dezember 2025",
    ] {
        assert_eq!(angabe("B5", Text(text), "beginn"), day, "{text}");
    }
}

/// The serial numbers in B7 and B8, changed.
fn serials(change: impl Fn(&str, f64) -> String) -> Vec<u8> {
    edit(&filled(), DECKBLATT, |xml| {
        ["46023", "46387"].iter().fold(xml, |xml, serial| {
            let value = format!("<v>{serial}</v>");
            assert!(xml.contains(&value), "no {serial} in {xml}");
            xml.replace(&value, &change("v", serial.parse().expect("a number")))
        })
    })
}

#[test]
fn a_time_of_day_behind_a_serial_number_does_not_change_the_day() {
    is_read_as_before(&serials(|v, serial| format!("<{v}>{}</{v}>", serial + 0.75)));
}

#[test]
fn a_workbook_whose_days_count_from_1904_has_the_same_days() {
    let shifted = serials(|v, serial| format!("<{v}>{}</{v}>", serial - 1462.0));
    is_read_as_before(&edit(&shifted, BOOK, |xml| with_1904(&xml, true)));
}

#[test]
fn a_bare_number_where_a_day_belongs_is_that_day() {
    for (date1904, serial) in [(false, 46_022), (false, 49_000), (true, 46_022 - 1_462)] {
        let bare = edit(&antrag_workbook(), ANGABEN, |xml| bare(&xml, "B5", &serial.to_string()));
        let bare = edit(&bare, BOOK, |xml| with_1904(&xml, date1904));
        let examination = antrag_examined(&bare);
        assert_eq!(codes_of(&examination), "", "{serial}");
        let day = match serial {
            49_000 => "2034-02-25",
            _ => "2025-12-31",
        };
        let beginn = examination.rows.expect("rows")["angaben"][0].text("beginn");
        let day: jiff::civil::Date = day.parse().expect("a day");
        assert_eq!(beginn, Some(form::date_text(day)));
    }
}

// Texts.

#[test]
fn choices_survive_blanks_signs_that_nobody_sees_and_decomposed_letters() {
    let grund = |text: &str| first_school(&schulen(&[("O5", Text(text))])).text("schwerpunkt");
    for text in [
        "\u{a0}B2 – Mathematik ",
        "B2 \u{2013}\u{200b} Mathematik",
        "b2\u{2003}–\u{202f}MATHEMATIK",
        "\u{feff}mathematik",
        "B2",
        "Mathematik\u{ad}",
        "B2 – Mathematik\n",
        "B2 – Mathematik_x000D_\n",
    ] {
        assert_eq!(grund(text).as_deref(), Some("B2"), "{text:?}");
    }
    let decomposed = "Ausstattung mit Lern- und Fo\u{308}rdermaterial";
    assert_eq!(grund(decomposed).as_deref(), Some("B8"));
}

#[test]
fn line_breaks_of_every_kind_stay_line_breaks() {
    for text in [
        "Eins\nZwei",
        "Eins\r\nZwei",
        "Eins_x000D_\nZwei",
        "Eins_x000D_Zwei",
        "Eins_x000B_Zwei",
        "Eins\u{2028}Zwei",
    ] {
        let row = first_school(&schulen(&[("S5", Text(text))]));
        assert_eq!(row.text("anmerkung").as_deref(), Some("Eins\nZwei"), "{text:?}");
    }
}

#[test]
fn a_formula_in_a_cell_to_fill_counts_by_its_result() {
    let row = first_school(&schulen(&[
        ("H5", Formula("I5*1", Some("5000"))),
        ("I5", Formula("10000/2", Some("5E3"))),
    ]));
    assert_eq!(row.money("davon_personal"), Some(Cent(500_000)));
}

#[test]
fn totals_are_worked_out_here_whatever_their_cells_hold() {
    for total in [
        Number("0"),
        Text("viel"),
        Formula("SUM(Z1:Z9)", Some("1")),
        Formula("1", None),
        Nothing,
    ] {
        is_read_as_before(&deckblatt(&[("B10", total), ("B11", total), ("B12", total)]));
        is_read_as_before(&schulen(&[("Q5", total), ("Q6", total)]));
    }
}

// Rows, columns, sheets.

#[test]
fn hidden_rows_columns_and_sheets_are_read() {
    let hidden = edit(&filled(), SCHULEN, |xml| {
        let xml = xml.replace("<row r=\"6\"", "<row r=\"6\" hidden=\"1\"");
        let start = xml.find("<cols>").expect("columns");
        let end = xml.find("</cols>").expect("their end");
        format!(
            "{}<cols><col min=\"1\" max=\"19\" hidden=\"1\"/>{}",
            &xml[..start],
            &xml[end..]
        )
    });
    is_read_as_before(&edit(&hidden, BOOK, |xml| {
        xml.replace("name=\"Deckblatt\"", "name=\"Deckblatt\" state=\"hidden\"")
    }));
}

#[test]
fn a_copy_that_differs_by_a_blank_in_its_name_does_not_count() {
    let copy = "<sheet name=\"Schulen \" sheetId=\"99\" r:id=\"rId1\"/>";
    is_read_as_before(&edit(&filled(), BOOK, |xml| {
        xml.replace("<sheets>", &format!("<sheets>{copy}"))
    }));
}

#[test]
fn formats_down_to_the_last_rows_are_no_entries() {
    let rows: String = (100..20_000)
        .map(|row| format!("<row r=\"{row}\"><c r=\"H{row}\" s=\"1\"/><c r=\"I{row}\" s=\"1\"/></row>"))
        .collect();
    let last = "<row r=\"1048576\"><c r=\"XFD1048576\" s=\"1\"/></row>";
    is_read_as_before(&edit(&filled(), SCHULEN, |xml| {
        xml.replace("</sheetData>", &format!("{rows}{last}</sheetData>"))
    }));
}

#[test]
fn empty_lines_between_filled_ones_are_left_out() {
    let examination = antrag(
        &[("B4", Number("2"))],
        &[
            ("A5", Text("Lesen")),
            ("B5", Number("10")),
            ("A8", Text("Rechnen")),
            ("B8", Number("20")),
        ],
    );
    assert_eq!(codes_of(&examination), "");
    let rows = examination.rows.expect("rows");
    let posten: Vec<_> = rows["posten"].iter().map(|row| row.text("zweck")).collect();
    assert_eq!(posten, [Some("Lesen".to_owned()), Some("Rechnen".to_owned())]);
}

#[test]
fn merged_cells_with_all_they_need_do_no_harm() {
    is_read_as_before(&edit(&filled(), SCHULEN, |xml| {
        let merged = "<mergeCells count=\"1\"><mergeCell ref=\"U8:X9\"/></mergeCells>";
        xml.replace("</sheetData>", &format!("</sheetData>{merged}"))
    }));
}

#[test]
fn a_second_examination_finds_what_the_first_found() {
    let workbook = fill(
        &schulen(&[("H5", Text("?"))]),
        "Schulen",
        &[("I4", Text("Honorare")), ("I3", Nothing)],
    );
    assert_eq!(examined(&workbook).findings, examined(&workbook).findings);
}
