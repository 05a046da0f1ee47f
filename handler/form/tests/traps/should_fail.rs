//! Odd, and told at its place what to do.

use crate::common::{codes, codes_of, examined, filled, hints, schulen, vordruck};
use crate::{ANGABEN, BOOK, DECKBLATT, SCHULEN, antrag, antrag_examined, antrag_form, antrag_workbook, bare};
use expect_test::{Expect, expect};
use form::testing::Typed::{Nothing, Number, Text};
use form::testing::{Typed, edit, fill};
use form::{Unreadable, write};

fn check(workbook: &[u8], expected: Expect) {
    expected.assert_eq(&hints(workbook));
}

/// What is said about one cell of the sheet „Schulen“.
fn cell(name: &str, typed: Typed<'_>) -> String {
    codes(&schulen(&[(name, typed)]))
}

/// What is said about one line of the sheet „Angaben“.
fn angabe(cell: &str, typed: Typed<'_>) -> String {
    codes_of(&antrag(&[(cell, typed)], &[]))
}

#[test]
fn every_error_of_excel_has_its_german_name() {
    for (error, german) in [
        ("#REF!", "#BEZUG!"),
        ("#N/A", "#NV"),
        ("#DIV/0!", "#DIV/0!"),
        ("#VALUE!", "#WERT!"),
        ("#NAME?", "#NAME?"),
        ("#NUM!", "#ZAHL!"),
        ("#NULL!", "#NULL!"),
        ("#SPILL!", "#ÜBERLAUF!"),
        ("#TOMORROW!", "#UNKNOWN!"),
    ] {
        let workbook = edit(&schulen(&[("H5", Number("4711"))]), SCHULEN, |xml| {
            let start = xml.find("<c r=\"H5\"").expect("the cell");
            let end = start + xml[start..].find("</c>").expect("its end") + 4;
            format!("{}<c r=\"H5\" t=\"e\"><v>{error}</v></c>{}", &xml[..start], &xml[end..])
        });
        let found = examined(&workbook).findings;
        assert_eq!((found[0].code.as_str(), found[0].read.as_str()), ("V9", german));
    }
}

#[test]
fn fractions_and_amounts_are_no_whole_number() {
    for typed in [Number("5.5"), Text("5,5"), Text("fünf"), Number("1E+300")] {
        assert_eq!(angabe("B4", typed), "V2 Angaben B4\n", "{typed:?}");
    }
}

#[test]
fn a_copied_sheet_does_not_count_for_the_sheet_that_was_renamed() {
    let copied = edit(&filled(), BOOK, |xml| xml.replace("\"Schulen\"", "\"Schulen (2)\""));
    assert_eq!(codes(&copied), "S1 Schulen\n");
}

#[test]
fn a_sheet_that_was_emptied_is_missing_as_a_whole() {
    for (sheet, name) in [(DECKBLATT, "Deckblatt"), (SCHULEN, "Schulen")] {
        let emptied = edit(&filled(), sheet, |xml| {
            let start = xml.find("<sheetData>").expect("cells");
            let end = xml.find("</sheetData>").expect("their end");
            let note = "<sheetData><row r=\"9\"><c r=\"B9\"><v>7</v></c></row>";
            format!("{}{note}{}", &xml[..start], &xml[end..])
        });
        assert_eq!(codes(&emptied), format!("S1 {name}\n"));
    }
}

#[test]
fn what_stands_below_a_missing_header_is_no_stray_entry() {
    // Without the ids, a column is known by its header alone.
    let ids: Vec<String> = ('A'..='S').map(|column| format!("{column}3")).collect();
    let mut cells: Vec<(&str, Typed<'_>)> = ids.iter().map(|name| (name.as_str(), Nothing)).collect();
    cells.push(("H4", Text("Ausgaben")));
    assert_eq!(codes(&schulen(&cells)), "S2 Schulen\n");
}

#[test]
fn amounts_with_two_readings_are_asked_back() {
    for text in ["1.234", "5.000", "€ 5.000", "1,234", "5,000"] {
        assert_eq!(cell("H5", Text(text)), "V2 Schulen H5\n", "{text}");
        let found = examined(&schulen(&[("H5", Text(text))])).findings;
        let full = text.replace(['.', ',', '€', ' '], "");
        assert!(
            found[0].fix.contains(&format!("bei vollen Euro {full},00")),
            "{}",
            found[0].fix
        );
    }
}

#[test]
fn decimals_that_cannot_be_thousands_are_decimals() {
    for text in ["0.125", "0,125", "1234.567", "1234,567"] {
        assert_eq!(cell("H5", Text(text)), "V4 Schulen H5\n", "{text}");
    }
}

#[test]
fn texts_that_only_begin_like_a_day_are_no_day() {
    for text in [
        "04/012022",
        "31.12.2025 bis 31.1.2026",
        "31.12.2025, etwa",
        "31.12.25",
        "Ende 2025",
        "31.2.2025",
    ] {
        assert_eq!(angabe("B5", Text(text)), "V2 Angaben B5\n", "{text}");
    }
}

#[test]
fn a_bare_number_that_is_no_day_near_the_berichtszeitraum_is_asked_back() {
    for number in ["2026", "31122026", "20251231", "12.5", "0", "-1"] {
        let bare = edit(&antrag_workbook(), ANGABEN, |xml| bare(&xml, "B5", number));
        let examination = antrag_examined(&bare);
        assert_eq!(codes_of(&examination), "V2 Angaben B5\n", "{number}");
        assert_eq!(examination.findings[0].read, number.replace('.', ","));
        // In the Korrekturfassung it is no day either.
        let korrektur = write(&antrag_form(), &vordruck(), &examination.eintraege).expect("a workbook");
        assert_eq!(antrag_examined(&korrektur).findings[0].read, number.replace('.', ","));
    }
}

#[test]
fn hidden_columns_and_sheets_are_mentioned() {
    let hidden = edit(&schulen(&[("I6", Nothing)]), SCHULEN, |xml| {
        let start = xml.find("<cols>").expect("columns");
        let end = xml.find("</cols>").expect("their end");
        format!(
            "{}<cols><col min=\"9\" max=\"10\" hidden=\"1\"/>{}",
            &xml[..start],
            &xml[end..]
        )
    });
    check(
        &hidden,
        expect![[r#"
        Blatt „Schulen“, Zelle I6 (davon Honorare/Personal), Duisburg, GG Zwei: Die Zelle ist leer. Erwartet wird ein Betrag. Die Spalte ist ausgeblendet, blenden Sie sie zuerst ein. Tragen Sie den Betrag ein, auch wenn er null ist. [V1]
    "#]],
    );
    let hidden = edit(&fill(&filled(), "Deckblatt", &[("B14", Nothing)]), BOOK, |xml| {
        xml.replace("name=\"Deckblatt\"", "name=\"Deckblatt\" state=\"hidden\"")
    });
    check(
        &hidden,
        expect![[r#"
        Blatt „Deckblatt“, Zelle B14 (Mittel zweckentsprechend verwendet): Die Zelle ist leer. Erwartet wird „ja“ oder „nein“. Das Blatt ist ausgeblendet, blenden Sie es zuerst ein. Wählen Sie „ja“ oder „nein“ aus der Liste. [V1]
    "#]],
    );
}

#[test]
fn merged_cells_to_fill_are_mentioned() {
    let workbook = edit(&schulen(&[("H6", Nothing), ("H7", Nothing)]), SCHULEN, |xml| {
        let merged = "<mergeCells count=\"1\"><mergeCell ref=\"H5:H7\"/></mergeCells>";
        xml.replace("</sheetData>", &format!("</sheetData>{merged}"))
    });
    check(
        &workbook,
        expect![[r#"
        Blatt „Schulen“, Zellen H6, H7 (Verausgabtes Chancenbudget): Die Zellen sind leer. Erwartet wird ein Betrag. Hier sind Zellen mit Zelle H5 verbunden, heben Sie die Verbindung zuerst auf. Tragen Sie den Betrag ein, auch wenn er null ist. [V1]
    "#]],
    );
}

#[test]
fn a_word_far_below_is_no_school() {
    check(
        &schulen(&[("B300", Text("Stand: Mai"))]),
        expect![[r#"
            Blatt „Schulen“, Zelle B300: Eingetragen ist „Stand: Mai“. Der Eintrag steht außerhalb des Formulars und wird nicht übernommen. Gehört er zur Meldung, tragen Sie ihn in die passende Zelle ein. [S7]
        "#]],
    );
}

#[test]
fn many_hints_of_one_kind_begin_with_one_about_them_all() {
    let names: Vec<String> = (5..8)
        .flat_map(|row| "HIJKLM".chars().map(move |column| format!("{column}{row}")))
        .collect();
    let texts: Vec<String> = (1..=names.len()).map(|n| format!("{n} Tsd.")).collect();
    let cells: Vec<(&str, Typed<'_>)> = names
        .iter()
        .map(String::as_str)
        .zip(texts.iter().map(|text| Text(text)))
        .collect();
    let found = examined(&schulen(&cells)).findings;
    assert_eq!(found.len(), 19);
    expect!["Blatt „Schulen“: 18 Hinweise dieser Liste sagen dasselbe: Erwartet wird ein Betrag als Zahl. Sie betreffen „Verausgabtes Chancenbudget“, „davon Honorare/Personal“, „davon Dienstleistungen Dritter“, „davon Sachmittel/Lizenzen“, „davon Fortbildung“, „davon außerschulische Lernorte/Fahrten“. Sehen Sie sich zuerst einen davon an, meist lassen sich die übrigen auf dieselbe Weise erledigen. [S9]"].assert_eq(&found[0].to_string());
    // Fifteen are a list that people read.
    let found = examined(&schulen(&cells[..15])).findings;
    assert!(found.iter().all(|finding| finding.code == "V2"), "{found:?}");
}

#[test]
fn the_form_of_another_kind_is_named() {
    let other = write(&antrag_form(), &vordruck(), &form::Eintraege::default());
    check(
        &other.expect("a workbook"),
        expect![[r#"
            Datei: Hochgeladen haben Sie ein anderes Formular (antrag). Erwartet wird das Formular „Bericht zum Chancenbudget“ aus dem Berichtstool. Laden Sie Ihr Formular im Berichtstool neu herunter und übertragen Sie Ihre Angaben. [S1]
        "#]],
    );
}

#[test]
fn a_form_without_a_single_entry_is_no_report() {
    assert_eq!(codes_of(&antrag(&[], &[])), "S10\n");
    assert!(antrag(&[], &[]).rows.is_none());
}

/// What a file is taken for that is no workbook.
fn refusal(upload: &[u8]) -> Unreadable {
    form::examine(&antrag_form(), &vordruck(), upload)
        .map(|_| "an examination")
        .expect_err("unreadable")
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn the_file_that_excel_lays_beside_an_open_workbook_is_named() {
    let name = "Müller";
    let mut lock = vec![6, b'M', 0xFC];
    lock.extend(b"ller");
    lock.resize(55, b' ');
    lock.extend([6, 0]);
    lock.extend(utf16(name));
    lock.extend(utf16(&" ".repeat(54 - 6)));
    assert_eq!(lock.len(), 165);
    assert_eq!(refusal(&lock), Unreadable::LockFile);
    // A table of 165 characters is none, whatever it begins with.
    let table = format!("100091;12,50\n{}", "7".repeat(152));
    assert_eq!(refusal(table.as_bytes()), Unreadable::Text);
}

#[test]
fn tables_that_are_texts_and_pages_are_named() {
    let unicode = [vec![0xFF, 0xFE], utf16("Schulnummer\tVerausgabt\r\n")].concat();
    assert_eq!(refusal(&unicode), Unreadable::Text);
    for page in [
        "<table><tr><td>1</td></tr></table>",
        "<?xml version=\"1.0\"?>\n<html xmlns=\"x\">",
        "<!-- x --><HTML>",
    ] {
        assert_eq!(refusal(page.as_bytes()), Unreadable::WebPage, "{page}");
    }
    assert_eq!(
        refusal(b"<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook/>"),
        Unreadable::Text
    );
}

#[test]
fn a_word_document_of_the_old_kind_is_no_old_workbook() {
    let old = |stream: &str| {
        let head: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
        [head, &[0; 600], &utf16(stream)].concat()
    };
    assert_eq!(refusal(&old("WordDocument")), Unreadable::OtherOffice);
    assert_eq!(refusal(&old("Book")), Unreadable::OldXls);
}

#[test]
fn lines_below_the_last_one_of_a_sheet_are_not_lost() {
    let below = [
        ("A11", Text("Zu viel")),
        ("B11", Number("7")),
        ("A12", Text("Auch")),
        ("B12", Number("8")),
    ];
    let examination = antrag(&[("B4", Number("1"))], &below);
    expect!["Blatt „Posten“, Zelle A11: Eingetragen ist „Zu viel“. Erwartet wird kein Eintrag unterhalb von Zeile 10, dort endet das Formular. Verschieben Sie die Angaben in eine freie Zeile oder löschen Sie sie. Das gilt auch für eine weitere Zeile darunter. Reichen die Zeilen nicht aus, wenden Sie sich an die Stelle auf der Seite „Kontakt“. [S11]"].assert_eq(&examination.findings[0].to_string());
    assert_eq!(examination.findings.len(), 1);
    // A lone word is no line.
    let examination = antrag(&[("B4", Number("1"))], &[("A14", Text("Stand: Mai"))]);
    assert_eq!(codes_of(&examination), "S7 Posten A14 hinweis\n");
}
